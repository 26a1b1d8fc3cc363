/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * pcring: producer-consumer rings between kernel drivers and userspace.
 *
 * The calls: what a program hands to /dev/pcring/<name> and what it gets back.
 * What stands in the shared pages is in <linux/pcring_layout.h>, how it is read
 * and written in <linux/pcring_ring.h>; what it all means, and what either side
 * may rely on, in protocol.rst.
 *
 * Conventions, for every field below:
 *  - Integers are fixed width and in the machine's byte order.
 *  - A struct begins with its size as the caller knows it. A smaller struct is
 *    extended with zeroes; a larger one is taken if its tail is zero, and
 *    refused with -E2BIG if it is not.
 *  - Unknown flags and reserved fields that are not zero: -EINVAL.
 *  - "in" is written by the program before the call, "out" by the kernel before
 *    it returns. A field with neither word is "in".
 *  - Over the memfd transport "kernel" reads as "server" and "user" as "client".
 */
#ifndef _UAPI_LINUX_PCRING_H
#define _UAPI_LINUX_PCRING_H

#include <linux/types.h>
#include <linux/ioctl.h>
#include <linux/pcring_layout.h>

/* Raised when a field changes its meaning; features do not raise it. */
#define PCRING_ABI_VERSION 1U

/*
 * Features: struct pcring_info.features says what this kernel and device can
 * do, struct pcring_setup.features what this ctx was given.
 */
#define PCRING_FEAT_ZEROCOPY (1ULL << 0) /* no byte of a block is copied */
#define PCRING_FEAT_DMABUF (1ULL << 1) /* EXPORT_DMABUF works */
#define PCRING_FEAT_IMPORT (1ULL << 2) /* a pool over a dma-buf works */
#define PCRING_FEAT_URING_CMD (1ULL << 3) /* IORING_OP_URING_CMD works */
#define PCRING_FEAT_URING_CANCEL (1ULL << 4) /* and can be cancelled */
#define PCRING_FEAT_URING_MULTI (1ULL << 5) /* and waits more than once */
#define PCRING_FEAT_FIXED_BUF (1ULL << 6) /* blocks as fixed buffers */
#define PCRING_FEAT_SPLICE (1ULL << 7) /* splice(2) moves blocks */
#define PCRING_FEAT_POLICY_BPF (1ULL << 8) /* struct_ops policies */
#define PCRING_FEAT_HUGE (1ULL << 9) /* the pool is mapped by huge pages */
#define PCRING_FEAT_CHAIN (1ULL << 10) /* PCRING_SQE_F_LINK works */
#define PCRING_FEAT_PARTITION (1ULL << 11) /* partitioned rings work */

/*
 * ---- the calls ------------------------------------------------------------
 */

/**
 * struct pcring_info - PCRING_IOC_INFO: what this device is
 * @size: sizeof(struct pcring_info).
 * @version: out: PCRING_ABI_VERSION of the kernel.
 * @features: out: PCRING_FEAT_* that SETUP can grant.
 * @kinds: out: bit (1 << kind) for each kind the driver serves.
 * @policies: out: bit (1 << policy) for each policy it accepts.
 * @producers: out: bit (1 << class) for each producer class it has.
 * @config_size: out: bytes of the driver's CONFIGURE payload, 0: none.
 * @max_rings: out: ring descriptors a SETUP may carry.
 * @max_entries: out: entries a fixed ring may have.
 * @max_bytes: out: bytes a record ring may have.
 * @max_blocks: out: blocks a pool may have.
 * @max_block_size: out: bytes a block may have.
 * @block_align: out: bytes a block's size must be a multiple of.
 * @name: out: the device's name, NUL terminated.
 * @driver: out: the driver's name, NUL terminated.
 * @reserved: zero.
 */
struct pcring_info {
	__u32 size;
	__u32 version;
	__aligned_u64 features;
	__u32 kinds;
	__u32 policies;
	__u32 producers;
	__u32 config_size;
	__u32 max_rings;
	__u32 max_entries;
	__u32 max_bytes;
	__u32 max_blocks;
	__u32 max_block_size;
	__u32 block_align;
	char name[32];
	char driver[32];
	__aligned_u64 reserved[4];
};

/**
 * struct pcring_configure - PCRING_IOC_CONFIGURE: the driver's own parameters
 * @size: sizeof(struct pcring_configure).
 * @flags: none yet, 0.
 * @payload_size: bytes at @payload, 1 to 65536; extended or checked for a zero
 *	tail against the driver's own struct.
 * @reserved: zero.
 * @payload: address of the driver's struct.
 *
 * Before SETUP, as often as liked; after it -EBUSY.
 */
struct pcring_configure {
	__u32 size;
	__u32 flags;
	__u32 payload_size;
	__u32 reserved;
	__aligned_u64 payload;
};

#define PCRING_POOL_USER (1U << 0) /* all blocks belong to the user at first */
#define PCRING_POOL_IMPORT (1U << 1) /* over dmabuf_fd instead of new pages */
#define PCRING_POOL_CONTIG (1U << 2) /* each block physically contiguous */
#define PCRING_POOL_HUGE (1U << 3) /* map by huge pages if it can be had */
#define PCRING_POOL_ALL                                               \
	(PCRING_POOL_USER | PCRING_POOL_IMPORT | PCRING_POOL_CONTIG | \
	 PCRING_POOL_HUGE)

/* mmap offsets of a pool's fd: the blocks, and their pcring_block_info. */
#define PCRING_OFF_BLOCKS 0ULL
#define PCRING_OFF_BLOCK_INFO (1ULL << 40)

/**
 * struct pcring_pool_create - PCRING_IOC_POOL_CREATE: blocks, an fd of their own
 * @size: sizeof(struct pcring_pool_create).
 * @flags: PCRING_POOL_*.
 * @block_size: in: bytes a block wanted, 1 to info.max_block_size, at most 2^30;
 *	out: granted, rounded up to info.block_align.
 * @blocks: 1 to info.max_blocks; all blocks together at most 2^40 bytes.
 * @dmabuf_fd: with IMPORT the dma-buf to stand on, else -1.
 * @fd: out: the pool's file descriptor, close-on-exec.
 * @import_offset: with IMPORT bytes into the dma-buf, a multiple of a page.
 * @features: out: PCRING_FEAT_* this pool keeps or loses (ZEROCOPY).
 * @reserved: zero.
 */
struct pcring_pool_create {
	__u32 size;
	__u32 flags;
	__u32 block_size;
	__u32 blocks;
	__s32 dmabuf_fd;
	__s32 fd;
	__aligned_u64 import_offset;
	__aligned_u64 features;
	__aligned_u64 reserved[4];
};

/**
 * struct pcring_ring_desc - one ring of a SETUP
 * @kind: enum pcring_kind.
 * @flags: PCRING_RING_*.
 * @entries: fixed: in: entries wanted, out: granted, the next power of two.
 *	Records: bytes, likewise, at least a page.
 * @entry_size: fixed: bytes, a power of two: in: wanted, 0 for the kind's own
 *	struct; out: granted. Records: 0.
 * @policy: enum pcring_policy.
 * @producers: enum pcring_producers.
 * @shards: PERCPU: in: 0 for one a possible CPU; out: shards this descriptor
 *	stands for, each with areas of the lengths below, one after the other.
 *	Else 1 (0 is taken for 1).
 * @queue: which of several rings of a kind this is, 0 up, no holes.
 * @partition: partition served, 0 until rings can be partitioned.
 * @pool_fd: pool whose blocks this ring moves, -1: none.
 * @pool_held: LATEST and OVERWRITE: blocks the user wants to hold at once, 1 up.
 *	The pool needs that many + @entries + 1.
 * @spin_us: microseconds the worker looks before it sleeps; capped by the
 *	module's parameter.
 * @prod_quantum: entries (records: bytes) the producer adds at a time, at a
 *	fixed rate; 0: unknown.
 * @cons_quantum: entries the consumer takes at a time. With both given, a ring
 *	too small never to stall is refused with -EINVAL.
 * @data_offset: out: bytes from the start of the producer's area to the data.
 * @lag: out: entries or bytes the consumer may keep unpublished: space the
 *	producer may not see.
 * @prod_offset: out: mmap offset of the producer's area (control, data; of
 *	records the data twice).
 * @prod_len: out: bytes to map there.
 * @cons_offset: out: mmap offset of the consumer's area.
 * @cons_len: out: bytes to map there.
 * @xchg_offset: out: mmap offset of the exchange words, writable by both.
 * @xchg_len: out: bytes to map there, 0: none.
 * @reserved: zero.
 *
 * Of @prod and @cons one is the user's: mapped shared, readable and writable.
 * The other is mapped shared and read-only; asked for PROT_WRITE or MAP_PRIVATE
 * it says -EPERM, and mprotect() does not change that later.
 */
struct pcring_ring_desc {
	__u32 kind;
	__u32 flags;
	__u32 entries;
	__u32 entry_size;
	__u32 policy;
	__u32 producers;
	__u32 shards;
	__u32 queue;
	__u32 partition;
	__s32 pool_fd;
	__u32 pool_held;
	__u32 spin_us;
	__u32 prod_quantum;
	__u32 cons_quantum;
	__u32 data_offset;
	__u32 lag;
	__aligned_u64 prod_offset;
	__aligned_u64 prod_len;
	__aligned_u64 cons_offset;
	__aligned_u64 cons_len;
	__aligned_u64 xchg_offset;
	__aligned_u64 xchg_len;
	__aligned_u64 reserved[4];
};

#define PCRING_SETUP_DEDICATED (1U << 0) /* a worker of its own */
#define PCRING_SETUP_AFFINITY (1U << 1) /* worker_cpu is given */
#define PCRING_SETUP_ENTER_ONLY (1U << 2) /* no worker: ENTER consumes */
#define PCRING_SETUP_ALL                                  \
	(PCRING_SETUP_DEDICATED | PCRING_SETUP_AFFINITY | \
	 PCRING_SETUP_ENTER_ONLY)

/**
 * struct pcring_setup - PCRING_IOC_SETUP: the rings of this ctx, once
 * @size: sizeof(struct pcring_setup).
 * @flags: PCRING_SETUP_*.
 * @features: in: PCRING_FEAT_* without which it shall fail (-EOPNOTSUPP); out:
 *	granted.
 * @rings: address of an array of struct pcring_ring_desc, in and out.
 * @nr_rings: 1 to info.max_rings.
 * @ring_size: sizeof(struct pcring_ring_desc) as the caller knows it.
 * @drain_ms: milliseconds a dying ctx may go on draining; 0: the device's
 *	default, at most the module's cap.
 * @worker_cpu: with AFFINITY a CPU of the caller's allowed set, else 0.
 * @ctx_id: out: number of this ctx on its device, as in debugfs and tracing.
 * @reserved0: zero.
 * @reserved: zero.
 *
 * A second SETUP: -EBUSY. Nothing is resized later: open a new ctx behind a
 * drained one.
 */
struct pcring_setup {
	__u32 size;
	__u32 flags;
	__aligned_u64 features;
	__aligned_u64 rings;
	__u32 nr_rings;
	__u32 ring_size;
	__u32 drain_ms;
	__u32 worker_cpu;
	__u32 ctx_id;
	__u32 reserved0;
	__aligned_u64 reserved[4];
};

#define PCRING_ENTER_WAIT (1U << 0) /* wait for min items in ring */
#define PCRING_ENTER_SPACE (1U << 1) /* wait for min free entries in ring */
#define PCRING_ENTER_ABSTIME (1U << 2) /* timeout_ns is CLOCK_MONOTONIC */
#define PCRING_ENTER_ALL \
	(PCRING_ENTER_WAIT | PCRING_ENTER_SPACE | PCRING_ENTER_ABSTIME)
#define PCRING_NO_TIMEOUT (~0ULL)

/**
 * struct pcring_enter - PCRING_IOC_ENTER: hand over, wait, or both
 * @size: sizeof(struct pcring_enter).
 * @flags: PCRING_ENTER_*; WAIT and SPACE exclude each other.
 * @submit: entries of the user's rings the kernel shall take now, at most;
 *	0: only wake a worker that asked for it.
 * @ring: index of the ring waited on, in the order of SETUP.
 * @min: items (SPACE: entries or bytes) to wait for; more than the ring holds
 *	counts as all of it.
 * @reserved: zero.
 * @timeout_ns: nanoseconds from now, or a time with ABSTIME; 0: look once;
 *	PCRING_NO_TIMEOUT: for ever.
 * @taken: out: entries taken, also when the wait fails.
 * @ready: out: items (or free entries, bytes) there when it returned.
 *
 * Return: 0; -ETIME, -EINTR, -EBADFD, -ENODEV (unplugged), -EOWNERDEAD,
 * -ECANCELED (draining), -EINVAL.
 */
struct pcring_enter {
	__u32 size;
	__u32 flags;
	__u32 submit;
	__u32 ring;
	__u32 min;
	__u32 reserved;
	__aligned_u64 timeout_ns;
	__u32 taken;
	__u32 ready;
};

/**
 * struct pcring_put - PCRING_IOC_PUT: give blocks back without a FREE ring
 * @size: sizeof(struct pcring_put).
 * @flags: none yet, 0.
 * @entries: address of an array of struct pcring_free, phase bit clear.
 * @nr: 1 to PCRING_MAX_BLOCKS.
 * @pool_fd: which pool.
 * @done: out: blocks taken; the first that is not held stops it with -ESTALE.
 * @reserved: zero.
 */
struct pcring_put {
	__u32 size;
	__u32 flags;
	__aligned_u64 entries;
	__u32 nr;
	__s32 pool_fd;
	__u32 done;
	__u32 reserved;
};

/**
 * struct pcring_drain - PCRING_IOC_DRAIN: no more, finish what is there
 * @size: sizeof(struct pcring_drain).
 * @flags: none yet, 0.
 * @timeout_ns: nanoseconds; PCRING_NO_TIMEOUT: for ever (killable).
 * @drained: out: items finished by this call.
 * @cancelled: out: items counted as cancelled because time was up.
 *
 * Return: 0; -ETIME (the rest was cancelled), -EINTR, -EBADFD.
 */
struct pcring_drain {
	__u32 size;
	__u32 flags;
	__aligned_u64 timeout_ns;
	__aligned_u64 drained;
	__aligned_u64 cancelled;
};

#define PCRING_EVENTFD_SPACE (1U << 0) /* signalled for space, not for items */

/**
 * struct pcring_eventfd - PCRING_IOC_EVENTFD: signal an eventfd for a ring
 * @size: sizeof(struct pcring_eventfd).
 * @flags: PCRING_EVENTFD_*.
 * @ring: index of the ring, in the order of SETUP.
 * @fd: an eventfd; -1 takes it away again.
 *
 * It is signalled when the user's end has asked (need_wakeup, space_wanted) and
 * what it asked for is there.
 */
struct pcring_eventfd {
	__u32 size;
	__u32 flags;
	__u32 ring;
	__s32 fd;
};

#define PCRING_STATS_DEVICE \
	(1U << 0) /* the device's totals, dead ctxs included */

/**
 * struct pcring_stats - PCRING_IOC_STATS: the balance sheet of a ring
 * @size: sizeof(struct pcring_stats).
 * @flags: PCRING_STATS_*.
 * @ring: index of the ring, in the order of SETUP; with DEVICE the kind.
 * @state: out: enum pcring_state of the ctx.
 * @offered: out, as the terms that follow: items, see struct
 *	pcring_prod_counts and struct pcring_cons_counts.
 * @rejected: out: by enum pcring_reason.
 * @accepted: out.
 * @consumed: out.
 * @overwritten: out.
 * @discarded: out.
 * @cancelled: out.
 * @in_ring: out: items counted by walking the ring, derived from no other term.
 * @gaps: out: gap entries written.
 * @stale: out: FREE entries refused.
 * @wakes: out: wakeups sent by either end.
 * @sleeps: out: sleeps of either end.
 * @blocks_user: out: blocks the user owns.
 * @blocks_kernel: out: blocks the kernel owns.
 * @blocks_limbo: out: blocks on their way home, pages or fences still held.
 * @blocks_retired: out: blocks given up after the limit.
 * @high_water: out: most entries or bytes ever seen in the ring.
 * @dying: out: with DEVICE, ctxs still draining.
 * @reserved: zero.
 *
 * Exact at rest; otherwise as exact as its reading order (protocol.rst).
 */
struct pcring_stats {
	__u32 size;
	__u32 flags;
	__u32 ring;
	__u32 state;
	__aligned_u64 offered;
	__aligned_u64 rejected[32];
	__aligned_u64 accepted;
	__aligned_u64 consumed;
	__aligned_u64 overwritten;
	__aligned_u64 discarded;
	__aligned_u64 cancelled;
	__aligned_u64 in_ring;
	__aligned_u64 gaps;
	__aligned_u64 stale;
	__aligned_u64 wakes;
	__aligned_u64 sleeps;
	__aligned_u64 blocks_user;
	__aligned_u64 blocks_kernel;
	__aligned_u64 blocks_limbo;
	__aligned_u64 blocks_retired;
	__aligned_u64 high_water;
	__aligned_u64 dying;
	__aligned_u64 reserved[8];
};

/**
 * struct pcring_export_dmabuf - PCRING_IOC_EXPORT_DMABUF, on a pool's fd
 * @size: sizeof(struct pcring_export_dmabuf).
 * @flags: O_CLOEXEC, O_RDWR or O_RDONLY, as for open(2).
 * @first: first block.
 * @blocks: how many, 1 up; 0: all from @first.
 * @fd: out: the dma-buf.
 * @reserved: zero.
 */
struct pcring_export_dmabuf {
	__u32 size;
	__u32 flags;
	__u32 first;
	__u32 blocks;
	__s32 fd;
	__u32 reserved;
};

/**
 * struct pcring_refusal - PCRING_IOC_REFUSAL: why the last call was refused
 * @size: sizeof(struct pcring_refusal).
 * @error: out: errno of the last refused call on this file, negative; 0: none.
 * @text: out: names the ring, the field and the value, NUL terminated.
 *
 * For people, not for programs: the words may change. Of several threads that
 * are refused at once the last one's is kept. Allowed at any time.
 */
struct pcring_refusal {
	__u32 size;
	__s32 error;
	char text[152];
};

#define PCRING_IOC_MAGIC 0xDB
#define PCRING_IOC_INFO _IOWR(PCRING_IOC_MAGIC, 0x00, struct pcring_info)
#define PCRING_IOC_CONFIGURE \
	_IOW(PCRING_IOC_MAGIC, 0x01, struct pcring_configure)
#define PCRING_IOC_POOL_CREATE \
	_IOWR(PCRING_IOC_MAGIC, 0x02, struct pcring_pool_create)
#define PCRING_IOC_SETUP _IOWR(PCRING_IOC_MAGIC, 0x03, struct pcring_setup)
#define PCRING_IOC_ENTER _IOWR(PCRING_IOC_MAGIC, 0x04, struct pcring_enter)
#define PCRING_IOC_PUT _IOWR(PCRING_IOC_MAGIC, 0x05, struct pcring_put)
#define PCRING_IOC_DRAIN _IOWR(PCRING_IOC_MAGIC, 0x06, struct pcring_drain)
#define PCRING_IOC_EVENTFD _IOW(PCRING_IOC_MAGIC, 0x07, struct pcring_eventfd)
#define PCRING_IOC_STATS _IOWR(PCRING_IOC_MAGIC, 0x08, struct pcring_stats)
#define PCRING_IOC_EXPORT_DMABUF \
	_IOWR(PCRING_IOC_MAGIC, 0x09, struct pcring_export_dmabuf)
#define PCRING_IOC_REFUSAL _IOWR(PCRING_IOC_MAGIC, 0x0a, struct pcring_refusal)

/*
 * ---- the same over io_uring -----------------------------------------------
 *
 * sqe->cmd_op of an IORING_OP_URING_CMD, and its 16 bytes of arguments. The
 * CQE's res is what the call returns, or the count that is its "out".
 */
#define PCRING_CMD_ENTER 1U
#define PCRING_CMD_PUT 2U
#define PCRING_CMD_DRAIN 3U

/**
 * struct pcring_cmd_enter - arguments of PCRING_CMD_ENTER
 * @flags: PCRING_ENTER_WAIT, _SPACE or none; in none the workers are woken.
 * @ring: index of the ring.
 * @min: as pcring_enter.min.
 * @timeout_ns: as there; ABSTIME is not to be had.
 */
struct pcring_cmd_enter {
	__u16 flags;
	__u16 ring;
	__u32 min;
	__aligned_u64 timeout_ns;
};

/**
 * struct pcring_cmd_put - arguments of PCRING_CMD_PUT
 * @entries: address of an array of struct pcring_free, read before the command
 *	is queued.
 * @nr: 1 to 65535.
 * @flags: none yet, 0.
 * @pool_fd: which pool.
 */
struct pcring_cmd_put {
	__aligned_u64 entries;
	__u16 nr;
	__u16 flags;
	__s32 pool_fd;
};

/**
 * struct pcring_cmd_drain - arguments of PCRING_CMD_DRAIN
 * @timeout_ns: as pcring_drain.timeout_ns.
 * @flags: none yet, 0.
 * @reserved: zero.
 */
struct pcring_cmd_drain {
	__aligned_u64 timeout_ns;
	__u32 flags;
	__u32 reserved;
};

#endif /* _UAPI_LINUX_PCRING_H */
