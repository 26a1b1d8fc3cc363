/* SPDX-License-Identifier: LGPL-2.1-only OR MIT */
/*
 * libpcring: rings between a program and a driver, between programs, between
 * threads.
 *
 * A ctx is a set of rings with one peer. The client opens it by name. Who serves it
 * is the kernel, at /dev/pcring/<name>, or a program over memfd: that one accepts
 * the ctx from its device and plays the kernel's part: it consumes SQ, FREE and
 * REC_IN, produces CQ and REC_OUT, and keeps the books of the pool's blocks. What a
 * client does with its ctx does not depend on who serves it.
 *
 * Errors are negative errno values; pcring_error() has the text, of a device the
 * kernel's own. Over a device every call that can say -EOWNERDEAD can also say
 * -ENODEV: unplugged, or -EBADFD: the kernel found a word of this side's that
 * cannot be right; in either case what was submitted before can still be read.
 *
 * Threads. An end of a ring belongs to one thread at a time, unless its producer
 * class is SHARED; each shard of a PERCPU ring is an end of its own. Different
 * rings of a ctx may be used by different threads, and each may wait in its own: over
 * a device too, where all of them sleep on the one fd. pcring_ctx_submit() is for
 * any thread. The blocks of a pool go to any thread, but through the FREE ring from
 * that ring's thread alone. Opening, draining and closing a ctx are for one thread,
 * with the others out of it. A child of fork() is a second thread on every end, and
 * leaves them to its parent.
 *
 * A library built with -DPCRING_DEBUG aborts with a message when a second thread
 * (or a child) turns up at an end, and when a ctx is drained or closed while others
 * wait in it.
 */
#ifndef PCRING_H
#define PCRING_H

#include <sys/types.h>
#include <linux/pcring.h>
#include <linux/pcring_entry.h>
#include <linux/pcring_record.h>
#include <linux/pcring_merge.h>
#include <linux/pcring_xchg.h>
#include <pcring/error.h>
#include <pcring/ring.h>
#include <pcring/block.h>
#include <pcring/size.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

struct pcring_device;
struct pcring_ctx;

/* pcring_ring_desc.pool_fd: the pool asked for in the same opts. */
#define PCRING_CTX_POOL (-2)

/**
 * enum pcring_wait_mode - how an end sleeps and is woken
 * @PCRING_WAIT_SOCKET: poll() on one end of a socket pair. The default: what
 *	one side does to its end cannot make the other side block. Over /dev/pcring:
 *	PCRING_IOC_ENTER; for an event loop there is pcring_ctx_fd(), and no fd a
 *	ring.
 * @PCRING_WAIT_FUTEX: FUTEX_WAITV on the peer's wake word; no fd to poll.
 *	Cheapest. Starts a watcher thread, blocked in poll(), at the first sleep.
 *	Over /dev/pcring: -EOPNOTSUPP.
 * @PCRING_WAIT_EVENTFD: poll() on an eventfd. Its blocking mode belongs to both
 *	processes: a hostile peer can make the one that wakes it block. Only
 *	between programs that trust each other; a device must allow it. Over
 *	/dev/pcring: one a ring, signalled by the kernel, which no one can block;
 *	the library's own waits go by ENTER all the same.
 */
enum pcring_wait_mode {
	PCRING_WAIT_SOCKET = 0,
	PCRING_WAIT_FUTEX = 1,
	PCRING_WAIT_EVENTFD = 2,
};

/**
 * struct pcring_ctx_opts - what a client asks for
 * @size: sizeof(struct pcring_ctx_opts).
 * @flags: none yet, 0.
 * @rings: in: the rings wanted; out: what was granted. See
 *	pcring_ring_desc_init().
 * @nr_rings: 1 to PCRING_MAX_RINGS.
 * @payload_size: bytes at @payload, 0 to 65536.
 * @payload: the driver's own parameters (CONFIGURE), NULL: none.
 * @block_size: bytes of a block wanted, 0: no pool; out: granted.
 * @blocks: blocks wanted; out: granted.
 * @pool_flags: PCRING_POOL_USER or 0; over /dev/pcring what the device takes.
 * @wait_mode: enum pcring_wait_mode.
 * @spin_ns: nanoseconds an end of this side looks before it sleeps. How long a
 *	device's worker looks is pcring_ring_desc.spin_us.
 * @timeout_ns: nanoseconds the opening may take; 0: five seconds. Over
 *	/dev/pcring it waits for nobody but a dying ctx of an exclusive device.
 * @setup_flags: over /dev/pcring PCRING_SETUP_DEDICATED, _AFFINITY, _ENTER_ONLY;
 *	else 0, as with all that follow.
 * @worker_cpu: with AFFINITY a CPU of the caller's allowed set, else 0.
 * @drain_ms: milliseconds the ctx may go on draining after it was closed; 0: the
 *	device's default.
 * @reserved: zero.
 * @features: in: PCRING_FEAT_* without which opening shall fail; out: granted.
 */
struct pcring_ctx_opts {
	__u32 size;
	__u32 flags;
	struct pcring_ring_desc *rings;
	__u32 nr_rings;
	__u32 payload_size;
	const void *payload;
	__u32 block_size;
	__u32 blocks;
	__u32 pool_flags;
	__u32 wait_mode;
	__u64 spin_ns;
	__u64 timeout_ns;
	__u32 setup_flags;
	__u32 worker_cpu;
	__u32 drain_ms;
	__u32 reserved;
	__u64 features;
};

/**
 * struct pcring_request - what a client asks a device for
 * @size: sizeof(struct pcring_request).
 * @nr_rings: descriptors at @rings.
 * @rings: the rings, already checked; the device may change @entries,
 *	@spin_us and @shards, everything is checked again.
 * @payload: the client's own parameters; the library's until accept returns.
 * @payload_size: bytes there.
 * @block_size: bytes of a block; may be changed.
 * @blocks: may be changed.
 * @pool_flags: PCRING_POOL_*.
 * @wait_mode: enum pcring_wait_mode.
 * @reserved: zero.
 * @pid: of the client as it connected, from SO_PEERCRED.
 * @uid: likewise.
 * @gid: likewise.
 * @text: in: empty; out: why it is refused, NUL terminated.
 */
struct pcring_request {
	__u32 size;
	__u32 nr_rings;
	struct pcring_ring_desc *rings;
	const void *payload;
	__u32 payload_size;
	__u32 block_size;
	__u32 blocks;
	__u32 pool_flags;
	__u32 wait_mode;
	__u32 reserved;
	pid_t pid;
	uid_t uid;
	gid_t gid;
	char text[160];
};

/**
 * struct pcring_device_opts - what a device grants
 * @size: sizeof(struct pcring_device_opts).
 * @flags: none yet, 0.
 * @kinds: bit (1 << kind) for each kind served, 0: all.
 * @wait_modes: bit (1 << mode) for each allowed, 0: SOCKET and FUTEX.
 * @max_entries: of a fixed ring; larger wishes are granted this. 0: the ABI's.
 * @max_bytes: of a record ring, likewise.
 * @max_pool_bytes: of a pool; more is refused with -ENOSPC. 0: 1 GiB.
 * @max_ring_bytes: of all rings of a ctx together, likewise. 0: 1 GiB.
 * @max_ctxs: open at once; one more is refused with -EBUSY. 0: 1024.
 * @spin_ns: nanoseconds the server's ends look before they sleep.
 * @reserved: zero.
 * @handshake_ns: nanoseconds a client may take to connect; 0: one second.
 * @accept: policy: look at the request, change or refuse it with a negative
 *	errno; NULL: takes all that is within the limits.
 * @arg: handed to @accept.
 */
struct pcring_device_opts {
	__u32 size;
	__u32 flags;
	__u32 kinds;
	__u32 wait_modes;
	__u32 max_entries;
	__u32 max_bytes;
	__u64 max_pool_bytes;
	__u64 max_ring_bytes;
	__u32 max_ctxs;
	__u32 reserved;
	__u64 spin_ns;
	__u64 handshake_ns;
	int (*accept)(void *arg, struct pcring_request *request);
	void *arg;
};

/* ---- the client ---------------------------------------------------------- */

/**
 * pcring_ring_desc_init() - a descriptor with everything at its default
 * @desc: written whole.
 * @kind: enum pcring_kind.
 * @entries: entries, or bytes of a record ring.
 *
 * BLOCK, SINGLE, the kind's own entry size, no pool. Change what differs.
 *
 * Context: any.
 */
static inline void pcring_ring_desc_init(struct pcring_ring_desc *desc,
					 __u32 kind, __u32 entries)
{
	memset(desc, 0, sizeof(*desc));
	desc->kind = kind;
	desc->entries = entries;
	desc->pool_fd = -1;
}

/**
 * pcring_ctx_open() - connect to a device and set its rings up
 * @name: path of a character device, "/dev/pcring/loop0", or of a program's
 *	socket, or '@' and a name in the abstract namespace. A name without '/' of
 *	which the current folder has nothing stands for /dev/pcring/<name>.
 * @opts: what is wanted; rings, block_size and blocks are written with what was
 *	granted. The caller's.
 * @ctx: written: the ctx, the caller's until pcring_ctx_close().
 *
 * Over /dev/pcring the steps are CONFIGURE with @opts->payload, POOL_CREATE, SETUP.
 *
 * Context: any thread; may sleep up to @opts->timeout_ns.
 * Return: 0; -EINVAL: malformed, here or at the server's end (pcring_error()
 * names the ring, the field and the value); -E2BIG: @opts is larger than known
 * and its tail not zero; -EOPNOTSUPP: a kind, wait mode or transport that is not
 * served; -ENOSPC: the pool is larger than the server grants; -EBUSY: it serves
 * as many as it may; -ETIME; -EOWNERDEAD: the server went away; -EBADFD: it broke
 * the protocol; -ENOTTY: a character device that is none of pcring's; what
 * socket(), connect(), open() and mmap() say; whatever the server's policy or the
 * device's driver says.
 */
int pcring_ctx_open(const char *name, struct pcring_ctx_opts *opts,
		    struct pcring_ctx **ctx);

/**
 * pcring_ctx_open_fd() - the same over a connected socket
 * @fd: a SOCK_SEQPACKET unix socket, the library's from here on, also if this
 *	fails.
 * @opts: as for pcring_ctx_open().
 * @ctx: as for pcring_ctx_open().
 *
 * Context: any thread; may sleep up to @opts->timeout_ns.
 * Return: as pcring_ctx_open().
 */
int pcring_ctx_open_fd(int fd, struct pcring_ctx_opts *opts,
		       struct pcring_ctx **ctx);

/**
 * pcring_ctx_pair() - both ends in this process, for threads
 * @device_opts: what the server's end grants, NULL: all.
 * @opts: what the client's end asks for, as for pcring_ctx_open().
 * @server: written: the server's end, the caller's.
 * @client: written: the client's end, the caller's.
 *
 * Context: any thread; does not wait for another one.
 * Return: as pcring_ctx_open().
 */
int pcring_ctx_pair(const struct pcring_device_opts *device_opts,
		    struct pcring_ctx_opts *opts, struct pcring_ctx **server,
		    struct pcring_ctx **client);

/* ---- the server ---------------------------------------------------------- */

/**
 * pcring_device_create() - be a device
 * @name: path for a socket (must not exist), or '@' and a name in the abstract
 *	namespace; NULL: only pcring_device_accept_fd().
 * @opts: limits and policy, the caller's; NULL: defaults.
 * @device: written: the device, the caller's until pcring_device_destroy().
 *
 * Context: any thread.
 * Return: 0; -EINVAL; -E2BIG; -ENAMETOOLONG; what socket(), bind() and listen()
 * say.
 */
int pcring_device_create(const char *name,
			 const struct pcring_device_opts *opts,
			 struct pcring_device **device);

/**
 * pcring_device_destroy() - accept no more
 * @device: or NULL. Its ctxs live on and are closed by their owner.
 *
 * A socket's path is removed.
 *
 * Context: any thread, with the others out of it.
 */
void pcring_device_destroy(struct pcring_device *device);

/**
 * pcring_device_fd() - readable when a client waits to be accepted
 * @device: the device.
 *
 * Context: any thread.
 * Return: the fd, the library's; -EINVAL: the device has no name.
 */
int pcring_device_fd(const struct pcring_device *device);

/**
 * pcring_device_accept() - wait for a client and set its ctx up
 * @device: the device.
 * @timeout_ns: nanoseconds to wait for a client; 0: look once;
 *	PCRING_NO_TIMEOUT: for ever.
 * @ctx: written: the ctx, the caller's until pcring_ctx_close().
 *
 * A client that is slow, refused or breaks the protocol costs handshake_ns at
 * most and is an error of this call alone: call it again.
 *
 * Context: one thread at a time; may sleep.
 * Return: 0; -ETIME: nobody came, or the client was too slow (then
 * pcring_error() says so); -EINTR; -EOWNERDEAD: it went away; -EINVAL, -EBUSY,
 * -ENOSPC, -EOPNOTSUPP, or what the policy said: it was refused; -EBADFD: it broke
 * the protocol.
 */
int pcring_device_accept(struct pcring_device *device, __u64 timeout_ns,
			 struct pcring_ctx **ctx);

/**
 * pcring_device_accept_fd() - the same over a socket that is already connected
 * @device: the device.
 * @fd: a SOCK_SEQPACKET unix socket, the library's from here on, also if this
 *	fails.
 * @ctx: as for pcring_device_accept().
 *
 * Context: any thread; may sleep up to handshake_ns.
 * Return: as pcring_device_accept().
 */
int pcring_device_accept_fd(struct pcring_device *device, int fd,
			    struct pcring_ctx **ctx);

/* ---- both ---------------------------------------------------------------- */

/**
 * pcring_ctx_close() - end a ctx
 * @ctx: or NULL; its rings and its pool go with it.
 *
 * The peer still reads what was submitted, then -ECANCELED. A device finishes it on
 * its own, for at most drain_ms: this returns at once.
 *
 * Context: any thread, with the others out of it.
 */
void pcring_ctx_close(struct pcring_ctx *ctx);

/**
 * pcring_ctx_drain() - no more, finish what is there
 * @ctx: the ctx.
 * @timeout_ns: nanoseconds; 0: look once; PCRING_NO_TIMEOUT: for ever.
 * @drain: NULL, or written: items the peer took during this call, and items
 *	cancelled.
 *
 * From here on both ends refuse to produce (-ECANCELED); what is in the rings can
 * still be read. Waits until the peer has taken what this end produced. When
 * time is up, what this end was to consume counts as cancelled, and its rings
 * give nothing any more. A device goes on by itself until it has answered what it
 * took, then is DEAD; when time is up it cancels what is left of what it was to
 * read. To wait without an end: fsync() of pcring_ctx_fd().
 *
 * Context: one thread, the others out of it; may sleep.
 * Return: 0; -ETIME: time was up, the rest is cancelled; -EINTR; -EOWNERDEAD,
 * -ECANCELED: the peer is gone, the rest is cancelled; -EBADFD.
 */
int pcring_ctx_drain(struct pcring_ctx *ctx, __u64 timeout_ns,
		     struct pcring_drain *drain);

/**
 * pcring_ctx_state() - how a ctx is, looking at its peer
 * @ctx: the ctx.
 *
 * Context: any thread.
 * Return: enum pcring_state: LIVE, DRAINING, DEAD, or UNPLUGGED: the device is gone.
 */
__u32 pcring_ctx_state(struct pcring_ctx *ctx);

/**
 * pcring_ctx_submit() - have the device take now, in this thread
 * @ctx: the ctx, of a device.
 * @max: entries and records at most; 0: only wake its worker.
 *
 * For PCRING_SETUP_ENTER_ONLY, where no worker does it. Such a ctx is handed over
 * to the device by whoever waits, too, in the same call into the kernel: a program
 * that pushes requests and waits for their answers needs no more than the waiting.
 * Records submitted with "more" are not there yet.
 *
 * Context: any thread; may sleep.
 * Return: taken, 0 up; -EOPNOTSUPP: over memfd the server takes by itself;
 * -EINTR; -ECANCELED; -EOWNERDEAD; -EBADFD.
 */
int pcring_ctx_submit(struct pcring_ctx *ctx, __u32 max);

/**
 * pcring_ctx_fd() - hangs up when the peer goes away
 * @ctx: the ctx.
 *
 * Wait for POLLRDHUP on it; never read from it. Over /dev/pcring it is the device's
 * fd, and hangs up with POLLHUP when the ctx is dead or unplugged. It can also be
 * polled for all rings at once, level-triggered: POLLIN: one that this side consumes
 * has what it was armed for (pcring_ring_arm(); unarmed: one item); POLLOUT: there is
 * space in one it produces into.
 *
 * Context: any thread.
 * Return: the fd, the library's.
 */
int pcring_ctx_fd(const struct pcring_ctx *ctx);

/**
 * pcring_ctx_id() - number of this ctx on its device
 * @ctx: the ctx.
 *
 * Context: any thread.
 * Return: the number, 1 up.
 */
__u32 pcring_ctx_id(const struct pcring_ctx *ctx);

/**
 * pcring_ctx_pid() - who the peer was when it connected
 * @ctx: the ctx.
 *
 * Context: any thread.
 * Return: its process id, 0 if it is in another pid namespace.
 */
pid_t pcring_ctx_pid(const struct pcring_ctx *ctx);

/**
 * pcring_ctx_payload() - the client's own parameters
 * @ctx: a server's ctx.
 * @size: written: bytes, 0 at a client's.
 *
 * Context: any thread.
 * Return: the payload, the ctx's; NULL: none.
 */
const void *pcring_ctx_payload(const struct pcring_ctx *ctx, __u32 *size);

/**
 * pcring_ctx_nr_rings() - how many rings
 * @ctx: the ctx.
 *
 * Context: any thread.
 * Return: rings, as in the descriptors.
 */
__u32 pcring_ctx_nr_rings(const struct pcring_ctx *ctx);

/**
 * pcring_ctx_ring() - one ring, by its place among the descriptors
 * @ctx: the ctx.
 * @index: 0 up.
 *
 * Context: any thread.
 * Return: the ring, the ctx's; NULL: there is no such ring.
 */
struct pcring_ring *pcring_ctx_ring(const struct pcring_ctx *ctx, __u32 index);

/**
 * pcring_ctx_find() - one ring, by kind and queue
 * @ctx: the ctx.
 * @kind: enum pcring_kind.
 * @queue: which of that kind, 0 up.
 *
 * Context: any thread.
 * Return: the ring, the ctx's; NULL: there is no such ring.
 */
struct pcring_ring *pcring_ctx_find(const struct pcring_ctx *ctx, __u32 kind,
				    __u32 queue);

/**
 * pcring_ctx_pool() - the pool asked for with the ctx
 * @ctx: the ctx.
 *
 * Context: any thread.
 * Return: the pool, the ctx's; NULL: none.
 */
struct pcring_pool *pcring_ctx_pool(const struct pcring_ctx *ctx);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif /* PCRING_H */
