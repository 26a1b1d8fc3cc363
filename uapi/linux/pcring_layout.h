/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * pcring: what stands in shared memory: entries, records, control pages.
 *
 * One half of the ABI; the other, the calls, is <linux/pcring.h>. Nothing here
 * depends on the module: the memfd transport shares it. How the words are read
 * and written is in <linux/pcring_ring.h>.
 */
#ifndef _UAPI_LINUX_PCRING_LAYOUT_H
#define _UAPI_LINUX_PCRING_LAYOUT_H

#include <linux/types.h>

/**
 * enum pcring_kind - what a ring carries, and which way
 * @PCRING_KIND_SQ: user to kernel, fixed entries (struct pcring_sqe).
 * @PCRING_KIND_CQ: kernel to user, fixed entries (struct pcring_cqe), or
 *	exchange words if the policy is OVERWRITE or LATEST.
 * @PCRING_KIND_FREE: user to kernel, blocks given back (struct pcring_free).
 * @PCRING_KIND_REC_OUT: kernel to user, records (struct pcring_record).
 * @PCRING_KIND_REC_IN: user to kernel, records.
 */
enum pcring_kind {
	PCRING_KIND_SQ = 1,
	PCRING_KIND_CQ = 2,
	PCRING_KIND_FREE = 3,
	PCRING_KIND_REC_OUT = 4,
	PCRING_KIND_REC_IN = 5,
};

/**
 * enum pcring_policy - what a producer does when the ring is full
 * @PCRING_POLICY_BLOCK: waits for space, or says -EAGAIN if it must not wait.
 * @PCRING_POLICY_DROP_NEW: rejects the new item, counts and locates it. Needs
 *	entries of at least 32 bytes, so that the gap fits into one.
 * @PCRING_POLICY_OVERWRITE: takes the oldest item's place. Kinds CQ and REC_OUT
 *	(REC_IN over memfd).
 * @PCRING_POLICY_LATEST: only the newest item matters. Kinds CQ and REC_OUT
 *	(REC_IN over memfd), producer class SINGLE.
 */
enum pcring_policy {
	PCRING_POLICY_BLOCK = 0,
	PCRING_POLICY_DROP_NEW = 1,
	PCRING_POLICY_OVERWRITE = 2,
	PCRING_POLICY_LATEST = 3,
};

/**
 * enum pcring_producers - how many contexts produce into one ring
 * @PCRING_PRODUCERS_SINGLE: one at a time; no lock, no atomic read-modify-write.
 * @PCRING_PRODUCERS_PERCPU: one shard a CPU (a thread over memfd), merged by the
 *	reader in time order; records only, and they carry a time.
 * @PCRING_PRODUCERS_SHARED: many; reserve in order under a lock, submit in any
 *	order.
 */
enum pcring_producers {
	PCRING_PRODUCERS_SINGLE = 0,
	PCRING_PRODUCERS_PERCPU = 1,
	PCRING_PRODUCERS_SHARED = 2,
};

/* Flags of a ring (struct pcring_ring_desc.flags). */
#define PCRING_RING_TIME (1U << 0) /* records carry a time (PERCPU: always) */
#define PCRING_RING_ALL PCRING_RING_TIME

/**
 * enum pcring_reason - why an item was lost
 * @PCRING_REASON_FULL: no space, and the policy or the context forbids waiting.
 * @PCRING_REASON_TIMEOUT: no space until the producer's timeout.
 * @PCRING_REASON_NMI: an NMI could not take the producers' lock.
 * @PCRING_REASON_SIZE: larger than the ring or the block holds.
 * @PCRING_REASON_NOBLOCK: the pool had no free block to fill.
 * @PCRING_REASON_IO: the driver's device, or the log's file, said no.
 * @PCRING_REASON_POLICY: a BPF policy said no.
 * @PCRING_REASON_BUSY: the oldest item was still being written.
 * @PCRING_REASON_OVERWRITTEN: accepted, then overwritten by newer items.
 * @PCRING_REASON_LATEST: accepted, then passed over for a newer one.
 * @PCRING_REASON_DEAD: accepted, then cancelled when an end of the ring died.
 * @PCRING_REASON_UNKNOWN: sequence numbers jumped and nobody said why.
 * @PCRING_NR_REASONS: size of the arrays indexed by a reason; unused ones are 0.
 */
enum pcring_reason {
	PCRING_REASON_FULL = 0,
	PCRING_REASON_TIMEOUT = 1,
	PCRING_REASON_NMI = 2,
	PCRING_REASON_SIZE = 3,
	PCRING_REASON_NOBLOCK = 4,
	PCRING_REASON_IO = 5,
	PCRING_REASON_POLICY = 6,
	PCRING_REASON_BUSY = 7,
	PCRING_REASON_OVERWRITTEN = 8,
	PCRING_REASON_LATEST = 9,
	PCRING_REASON_DEAD = 10,
	PCRING_REASON_UNKNOWN = 11,
	PCRING_NR_REASONS = 32,
};

/**
 * enum pcring_state - what one end of a ring says of itself
 * @PCRING_STATE_SETUP: not yet usable.
 * @PCRING_STATE_LIVE: produces or consumes.
 * @PCRING_STATE_DRAINING: takes nothing new, finishes what was submitted.
 * @PCRING_STATE_DEAD: closed, killed, or its peer corrupted an index.
 * @PCRING_STATE_UNPLUGGED: the device is gone; the pages stay.
 *
 * Only ever increases. An end publishes everything else before it says DEAD or
 * UNPLUGGED.
 */
enum pcring_state {
	PCRING_STATE_SETUP = 0,
	PCRING_STATE_LIVE = 1,
	PCRING_STATE_DRAINING = 2,
	PCRING_STATE_DEAD = 3,
	PCRING_STATE_UNPLUGGED = 4,
};

/*
 * ---- what stands in a ring ------------------------------------------------
 *
 * The first eight bytes of every fixed entry, its front, are its publication:
 * stored at once, loaded at once. Bits 31 and 30 of the first word belong to the
 * protocol, the other thirty and the second word to the entry.
 */
#define PCRING_ENTRY_PHASE (1U << 31) /* flips each lap: see pcring_ring.h */
#define PCRING_ENTRY_SPECIAL (1U << 30) /* no item: bits 0..7 say what */
#define PCRING_ENTRY_VALUE (PCRING_ENTRY_SPECIAL - 1U)

/* The front made of its two words, and the first word of a front. */
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define PCRING_FRONT(first, second) ((__u64)(first) << 32 | (__u32)(second))
#define PCRING_FRONT_FIRST(front) ((__u32)((front) >> 32))
#else
#define PCRING_FRONT(first, second) ((__u64)(second) << 32 | (__u32)(first))
#define PCRING_FRONT_FIRST(front) ((__u32)(front))
#endif

#define PCRING_SPECIAL_GAP 1U /* struct pcring_gap; bits 8..15 the reason */
#define PCRING_SPECIAL_DISCARD 2U /* reserved, then cancelled by its producer */
/* 3 to 255: not yet given; no item, no sequence number, passed over */
#define PCRING_SPECIAL_KIND(word) ((word)&0xffU)
#define PCRING_SPECIAL_REASON(word) (((word) >> 8) & 0xffU)

/* The smallest entry, and the smallest that can hold a gap. Bytes. */
#define PCRING_MIN_ENTRY_SIZE 8U
#define PCRING_GAP_ENTRY_SIZE 32U
#define PCRING_MAX_ENTRY_SIZE 1024U
/* Entries of a fixed ring, a power of two. */
#define PCRING_MIN_ENTRIES 2U
#define PCRING_MAX_ENTRIES (1U << 20)
/* Bytes of a record ring, a power of two and whole pages. */
#define PCRING_MIN_BYTES 4096U
#define PCRING_MAX_BYTES (1U << 30)
#define PCRING_MAX_RINGS 64U
#define PCRING_MAX_CHAIN 16U

#define PCRING_BLOCK_NONE 0xffffffffU
#define PCRING_MAX_BLOCKS (1U << 24)

/* struct pcring_sqe.ctl: bits 0..15 the driver's opcode, then flags. */
#define PCRING_SQE_OPCODE(ctl) ((ctl)&0xffffU)
#define PCRING_SQE_F_LINK \
	(1U << 16) /* the next SQE starts when this succeeds */
#define PCRING_SQE_F_BLOCK (1U << 17) /* block and generation are given */
#define PCRING_SQE_F_QUIET (1U << 18) /* no CQE if it succeeds */
#define PCRING_SQE_F_ALL \
	(PCRING_SQE_F_LINK | PCRING_SQE_F_BLOCK | PCRING_SQE_F_QUIET)

/**
 * struct pcring_sqe - one request, user to kernel
 * @ctl: opcode (bits 0..15, the driver's), PCRING_SQE_F_*,
 *	phase. Bits 19..29 are reserved, zero.
 * @block: index of the block handed over, 0 to blocks - 1; PCRING_BLOCK_NONE
 *	without F_BLOCK. From here until its CQE the kernel owns the block.
 * @generation: the block's generation as the user last got it; a wrong one makes
 *	res -ESTALE and moves nothing.
 * @offset: bytes from the block's start.
 * @len: bytes; @offset + @len may not exceed the block's size (-EINVAL).
 * @op_flags: the driver's.
 * @user_data: comes back in the CQE; the kernel never looks at it.
 * @args: the driver's.
 *
 * Written by the user; the kernel takes one private copy and looks at nothing
 * else. Rings may be set up with larger entries: what follows these 64 bytes is
 * the driver's.
 */
struct pcring_sqe {
	__u32 ctl;
	__u32 block;
	__u32 generation;
	__u32 offset;
	__u32 len;
	__u32 op_flags;
	__aligned_u64 user_data;
	__aligned_u64 args[4];
};

/* struct pcring_cqe.ctl */
#define PCRING_CQE_F_BLOCK (1U << 0) /* block now belongs to the user */
#define PCRING_CQE_F_MORE (1U << 1) /* a further CQE for this SQE follows */
#define PCRING_CQE_F_POST (1U << 2) /* answers no SQE: the device's own */

/**
 * struct pcring_cqe - one completion, kernel to user
 * @ctl: PCRING_CQE_F_*, phase; or a gap (struct pcring_gap).
 * @res: 0 or more: success, in units of the opcode (bytes, as a rule; of a block
 *	posted: the bytes filled). Negative: errno.
 * @user_data: of the SQE answered; 0 with F_POST.
 * @block: index of the block that changes hands, PCRING_BLOCK_NONE without
 *	F_BLOCK.
 * @generation: the block's new generation, to be named when it is given back.
 * @seq: sequence number of this item, counted by the producer from 0 for every
 *	item offered.
 *
 * Written by the kernel.
 */
struct pcring_cqe {
	__u32 ctl;
	__s32 res;
	__aligned_u64 user_data;
	__u32 block;
	__u32 generation;
	__aligned_u64 seq;
};

/**
 * struct pcring_free - a block given back, user to kernel
 * @block: index of the block, phase.
 * @generation: as it was got. A block the user does not hold, or holds under
 *	another generation, is refused, counted as stale, and moves nothing.
 *
 * Written by the user.
 */
struct pcring_free {
	__u32 block;
	__u32 generation;
};

/**
 * struct pcring_gap - items lost at this place of the stream
 * @ctl: as a fixed entry: SPECIAL | GAP | reason << 8, and the phase. As the
 *	payload of a record of type GAP: the same without the phase.
 * @count: items lost, 1 to 2^32 - 1; a longer gap is several.
 * @first: sequence number of the first one.
 * @time_first: CLOCK_MONOTONIC, ns, of the first loss; 0 if nobody knows.
 * @time_last: of the last.
 *
 * Written by the producer; the library makes the same for what a reader finds
 * overwritten.
 */
struct pcring_gap {
	__u32 ctl;
	__u32 count;
	__aligned_u64 first;
	__aligned_u64 time_first;
	__aligned_u64 time_last;
};

/* struct pcring_record.info: bits 0..7 the type, then flags. */
#define PCRING_RECORD_TYPE(info) ((info)&0xffU)
#define PCRING_RECORD_DATA 0U /* types 0 to 191 are the driver's */
#define PCRING_RECORD_MAX_TYPE 191U
/* 192 to 254: not yet given; no item, no sequence number, passed over */
#define PCRING_RECORD_GAP 255U /* payload: struct pcring_gap */
#define PCRING_RECORD_F_BUSY (1U << 31) /* reserved, not submitted */
#define PCRING_RECORD_F_DISCARD (1U << 30) /* cancelled by its producer */
#define PCRING_RECORD_F_TIME (1U << 29) /* a __u64 time precedes the payload */
#define PCRING_RECORD_F_INDEX (1U << 28) /* and a __u64 index, after the time */
#define PCRING_RECORD_RESERVED 0x0fffff00U /* bits that are zero */
#define PCRING_RECORD_ALIGN 8U

/**
 * struct pcring_record - what stands before each record
 * @len: bytes of payload, without this header, the time and the padding.
 * @info: type and PCRING_RECORD_F_*. Bits 8..27 are reserved, zero.
 * @seq: sequence number of the record; of a gap, that of the first item lost.
 *
 * With F_TIME a __u64 follows: CLOCK_MONOTONIC in ns, taken after the
 * reservation was published. With F_INDEX (in OVERWRITE and LATEST rings, always)
 * another: how many records were accepted before this one, so that a reader can
 * tell overwritten items from rejected ones. Then the payload, then zero to seven
 * bytes of padding. The data area is mapped twice in a row, so a record is
 * contiguous wherever it begins.
 *
 * Written by the producer.
 */
struct pcring_record {
	__u32 len;
	__u32 info;
	__aligned_u64 seq;
};

/* An exchange word: the block of one slot of an OVERWRITE or LATEST CQ. */
#define PCRING_XCHG_FULL (1ULL << 31)
#define PCRING_XCHG_BLOCK(word) ((__u32)(word) & (PCRING_MAX_BLOCKS - 1U))
#define PCRING_XCHG_POS(word) ((__u32)((word) >> 32))
#define PCRING_XCHG_EMPTY 0ULL

/**
 * struct pcring_block_info - what the kernel says of a block, beside it
 * @seq: sequence number of its content.
 * @time: CLOCK_MONOTONIC, ns, when the content was complete.
 * @len: bytes filled.
 * @generation: of the present hand-over.
 * @flags: reserved, 0.
 * @error: 0 or a negative errno of the device: content is damaged.
 * @driver: the driver's.
 *
 * Written by the kernel while it owns the block, read-only to the user; it does
 * not change while the user owns the block.
 */
struct pcring_block_info {
	__aligned_u64 seq;
	__aligned_u64 time;
	__u32 len;
	__u32 generation;
	__u32 flags;
	__s32 error;
	__aligned_u64 driver[4];
};

/*
 * ---- the shared pages -----------------------------------------------------
 *
 * One page for each end of a ring, written by that end and mapped read-only by
 * the other, for good. 128 bytes a word: two lines, because the neighbour line
 * is fetched along.
 */
#define PCRING_LINE 128U

/*
 * What a sleeper asks for: how much in the low half, and in the high half the
 * number of the sleep, so that the other end wakes it once.
 */
#define PCRING_WANT(amount, nr) ((__u64)(__u32)(nr) << 32 | (__u32)(amount))
#define PCRING_WANT_AMOUNT(want) ((__u32)(want))

/**
 * struct pcring_prod_counts - what the producer has counted
 * @offered: items that took a sequence number.
 * @accepted: items that became part of the ring (SINGLE: when submitted; SHARED
 *	and PERCPU: when reserved).
 * @rejected: offered items that did not, by enum pcring_reason.
 * @overwritten: items taken back unread (exchange rings alone: of records the
 *	reader counts it).
 * @cancelled: accepted items that no consumer will see, because an end died.
 * @gaps: gap entries or gap records written.
 * @wakes: times the consumer was woken.
 * @sleeps: times the producer waited for space.
 * @fills: most entries or bytes in the ring when the producer looked for space;
 *	it looks when what it knows of is too little.
 * @reserved: zero.
 *
 * Items, never bytes, unless said; monotone; written by the producer alone, each
 * at most once a batch, before the batch is published. At rest offered = accepted
 * + the sum of rejected.
 */
struct pcring_prod_counts {
	__aligned_u64 offered;
	__aligned_u64 accepted;
	__aligned_u64 rejected[32];
	__aligned_u64 overwritten;
	__aligned_u64 cancelled;
	__aligned_u64 gaps;
	__aligned_u64 wakes;
	__aligned_u64 sleeps;
	__aligned_u64 fills;
	__aligned_u64 reserved[8];
};

/**
 * struct pcring_cons_counts - what the consumer has counted
 * @position: exact position up to which entries or bytes were released; cons may
 *	lag behind it. For audits, and for whoever comes after a dead consumer.
 * @consumed: items read and released; stored after @position.
 * @discarded: items skipped because their producer had cancelled them.
 * @overwritten: records the reader found overwritten or passed over.
 * @cancelled: accepted items the consumer will never take (death of the
 *	producer with the item unfinished; drain deadline).
 * @stale: FREE entries refused: block not held, or another generation.
 * @gaps: gaps met.
 * @wakes: times the producer was woken.
 * @sleeps: times the consumer slept.
 * @spin_ns: time spent looking at an empty ring, ns.
 * @torn: reads thrown away because the producer overwrote them meanwhile.
 * @reserved: zero.
 *
 * Written by the consumer alone.
 */
struct pcring_cons_counts {
	__aligned_u64 position;
	__aligned_u64 consumed;
	__aligned_u64 discarded;
	__aligned_u64 overwritten;
	__aligned_u64 cancelled;
	__aligned_u64 stale;
	__aligned_u64 gaps;
	__aligned_u64 wakes;
	__aligned_u64 sleeps;
	__aligned_u64 spin_ns;
	__aligned_u64 torn;
	__aligned_u64 reserved[5];
};

/**
 * struct pcring_prod_page - the producer's control words
 * @prod: entries or bytes, free-running. Records: position up to which all is
 *	published (SHARED, PERCPU: reserved). Fixed entries: SINGLE: position up to
 *	which at least all is published; SHARED: up to which they are reserved.
 * @oldest: OVERWRITE and LATEST records: position of the oldest whole record.
 * @newest: LATEST records: position of the newest whole record.
 * @space_wanted: 0, or a PCRING_WANT(): the producer sleeps until so many
 *	entries or bytes are free.
 * @state: enum pcring_state.
 * @wake: incremented whenever the producer wakes the consumer; a futex word.
 * @counts: see there.
 */
struct pcring_prod_page {
	__aligned_u64 prod;
	__u8 pad0[120];
	__aligned_u64 oldest;
	__aligned_u64 newest;
	__u8 pad1[112];
	__aligned_u64 space_wanted;
	__u8 pad2[120];
	__u32 state;
	__u8 pad3[124];
	__u32 wake;
	__u8 pad4[124];
	struct pcring_prod_counts counts;
};

/**
 * struct pcring_cons_page - the consumer's control words
 * @cons: position up to which entries or bytes were released. Published at the
 *	latest after a quarter of the ring, and before the consumer sleeps.
 * @need_wakeup: 0, or a PCRING_WANT(): the consumer sleeps until so many entries
 *	or bytes can be read.
 * @state: enum pcring_state.
 * @wake: incremented whenever the consumer wakes the producer; a futex word.
 * @counts: see there.
 */
struct pcring_cons_page {
	__aligned_u64 cons;
	__u8 pad0[120];
	__aligned_u64 need_wakeup;
	__u8 pad1[120];
	__u32 state;
	__u8 pad2[124];
	__u32 wake;
	__u8 pad3[124];
	struct pcring_cons_counts counts;
};

/* Both control structs fit here; data follows at ring_desc.data_offset. */
#define PCRING_CONTROL_SIZE 4096U

#endif /* _UAPI_LINUX_PCRING_LAYOUT_H */
