/* SPDX-License-Identifier: LGPL-2.1-only OR MIT */
/*
 * libpcring: producing into a ring, consuming from it, waiting on it.
 *
 * The inline path: pcring_ring_prod() and pcring_ring_cons() give the end that
 * the functions of <linux/pcring_entry.h> and <linux/pcring_record.h> work on.
 * Whoever uses them calls pcring_ring_wake() when they (or pcring_prod_notify(),
 * once a batch) return true, and does the waiting with the functions below.
 */
#ifndef PCRING_RING_H
#define PCRING_RING_H

#include <linux/pcring.h>
#include <linux/pcring_record.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

struct pcring_ring_impl;

/**
 * struct pcring_ring - handle of one end of a ring
 * @prod: the producer's end, NULL if this side consumes (or it has shards).
 * @cons: the consumer's end, NULL if this side produces (or it has shards).
 * @impl: the library's.
 */
struct pcring_ring {
	struct pcring_prod *prod;
	struct pcring_cons *cons;
	struct pcring_ring_impl *impl;
};

/**
 * pcring_ring_prod() - the producer's end, for the inline functions
 * @ring: the ring.
 *
 * Context: the end's thread.
 * Return: the end, the ring's; NULL: this side does not produce into it.
 */
static inline struct pcring_prod *
pcring_ring_prod(const struct pcring_ring *ring)
{
	return ring->prod;
}

/**
 * pcring_ring_cons() - the consumer's end, for the inline functions
 * @ring: the ring.
 *
 * Context: the end's thread.
 * Return: the end, the ring's; NULL: this side does not consume from it.
 */
static inline struct pcring_cons *
pcring_ring_cons(const struct pcring_ring *ring)
{
	return ring->cons;
}

/**
 * pcring_ring_desc() - what was granted
 * @ring: the ring.
 *
 * Context: any thread.
 * Return: the descriptor, the ctx's.
 */
const struct pcring_ring_desc *pcring_ring_desc(const struct pcring_ring *ring);

/**
 * pcring_ring_shard() - one shard of a PERCPU ring this side produces into
 * @ring: the ring.
 * @shard: 0 to desc.shards - 1, one for each writing thread.
 *
 * Context: any thread.
 * Return: the shard's own handle, the ctx's; NULL: there is no such shard.
 */
struct pcring_ring *pcring_ring_shard(struct pcring_ring *ring, __u32 shard);

/**
 * pcring_ring_handover() - the end's thread hands it to another one
 * @ring: the ring.
 *
 * Only needed with a library built with -DPCRING_DEBUG. The hand-over itself must
 * order the two threads, as pthread_create() or a mutex does.
 *
 * Context: the end's thread.
 */
void pcring_ring_handover(struct pcring_ring *ring);

/**
 * pcring_ring_wake() - wake the other end
 * @ring: the ring; its inline functions have said that the other end sleeps.
 *
 * Context: the end's thread.
 */
void pcring_ring_wake(struct pcring_ring *ring);

/**
 * pcring_ring_stats() - the balance sheet of a ring
 * @ring: the ring; of a PERCPU ring, all its shards.
 * @stats: written whole. Its flags and ring are the library's to fill in.
 *
 * offered = rejected + accepted; accepted = consumed + overwritten + discarded +
 * cancelled + in_ring. Exact when neither end is at work, or when the peer is
 * dead and the ring has been read until it said so.
 *
 * Context: the end's thread.
 * Return: 0; -EBADFD.
 */
int pcring_ring_stats(struct pcring_ring *ring, struct pcring_stats *stats);

/* ---- producing ------------------------------------------------------------ */

/**
 * pcring_ring_push() - copy entries into a fixed ring
 * @ring: the ring.
 * @items: @n entries of desc.entry_size bytes, aligned to 8; the caller's.
 * @n: 1 up.
 *
 * Context: the end's thread; SHARED: any.
 * Return: entries accepted. Fewer than @n: the ring is full; under DROP_NEW the
 * others were rejected and counted (0: all). -EAGAIN: none (BLOCK); -ECANCELED:
 * draining, or the consumer closed; -EOWNERDEAD: it died; -EBADFD; -EINVAL: not
 * a fixed ring this side produces into.
 */
int pcring_ring_push(struct pcring_ring *ring, const void *items, __u32 n);

/**
 * pcring_ring_push_wait() - the same, waiting for space
 * @ring: the ring, BLOCK.
 * @items: @n entries; the caller's.
 * @n: 1 up.
 * @timeout_ns: nanoseconds; 0: look once; PCRING_NO_TIMEOUT: for ever.
 *
 * What is not accepted has not been offered. A caller that gives it up says so
 * with pcring_ring_reject().
 *
 * Context: the end's thread; SHARED: any. May sleep.
 * Return: entries accepted, fewer than @n if something below came in between;
 * none: -ETIME, -EINTR, -ECANCELED, -EOWNERDEAD, -EBADFD, -EINVAL.
 */
int pcring_ring_push_wait(struct pcring_ring *ring, const void *items, __u32 n,
			  __u64 timeout_ns);

/**
 * pcring_ring_reject() - items that the program itself gives up
 * @ring: the ring.
 * @n: how many, 1 up.
 * @reason: enum pcring_reason: TIMEOUT, SIZE, NOBLOCK, IO or POLICY, as a rule.
 *
 * They are offered and rejected; the gap is written before the next item.
 *
 * Context: the end's thread; SHARED: any.
 * Return: 0; -EINVAL.
 */
int pcring_ring_reject(struct pcring_ring *ring, __u32 n, __u32 reason);

/**
 * pcring_ring_write() - copy one record into a ring of records
 * @ring: the ring, or a shard.
 * @data: @len bytes; the caller's.
 * @len: bytes of payload, 0 up.
 * @type: 0 to 191, the driver's.
 * @timeout_ns: BLOCK: nanoseconds to wait for space; 0: don't;
 *	PCRING_NO_TIMEOUT: for ever. Other policies never wait.
 *
 * Context: the end's thread; SHARED: any. May sleep (BLOCK).
 * Return: 1: accepted; 0: rejected and counted (DROP_NEW; OVERWRITE: the oldest
 * record was still being written); -EAGAIN, -ETIME: no space (BLOCK), nothing was
 * offered; -EMSGSIZE: larger than the ring, rejected and counted; -EINTR;
 * -ECANCELED; -EOWNERDEAD; -EBADFD; -EINVAL.
 */
int pcring_ring_write(struct pcring_ring *ring, const void *data, __u32 len,
		      __u32 type, __u64 timeout_ns);

/**
 * pcring_ring_reserve_record() - get room for a record, to write it in place
 * @ring: the ring, or a shard.
 * @len: bytes of payload, 0 up.
 * @type: 0 to 191.
 * @timeout_ns: as for pcring_ring_write().
 * @rec: written: the record; its payload is at pcring_record_data(), the
 *	caller's until it submits or cancels it.
 *
 * SINGLE: one at a time.
 *
 * Context: the end's thread; SHARED: any. May sleep (BLOCK).
 * Return: as pcring_ring_write().
 */
int pcring_ring_reserve_record(struct pcring_ring *ring, __u32 len, __u32 type,
			       __u64 timeout_ns, struct pcring_record **rec);

/**
 * pcring_ring_submit_record() - publish it
 * @ring: the ring it was reserved in.
 * @rec: not the caller's any more.
 * @more: SINGLE, BLOCK or DROP_NEW: a further record follows at once; publish
 *	and wake then.
 *
 * Context: the end's thread; SHARED: any.
 */
void pcring_ring_submit_record(struct pcring_ring *ring,
			       struct pcring_record *rec, bool more);

/**
 * pcring_ring_cancel_record() - give it back unwritten
 * @ring: the ring it was reserved in.
 * @rec: not the caller's any more.
 *
 * Context: the end's thread; SHARED: any.
 */
void pcring_ring_cancel_record(struct pcring_ring *ring,
			       struct pcring_record *rec);

/**
 * pcring_ring_wait_space() - wait until so much is free
 * @ring: the ring, or a shard; BLOCK.
 * @min: entries or bytes, 1 up; more than the ring has counts as all of it.
 * @timeout_ns: nanoseconds; 0: look once; PCRING_NO_TIMEOUT: for ever.
 *
 * Context: the end's thread; SHARED: any. May sleep.
 * Return: entries or bytes free; -ETIME, -EINTR, -ECANCELED, -EOWNERDEAD,
 * -EBADFD, -EINVAL.
 */
int pcring_ring_wait_space(struct pcring_ring *ring, __u32 min,
			   __u64 timeout_ns);

/* ---- consuming ------------------------------------------------------------ */

enum pcring_item_what {
	PCRING_ITEM_DATA = 0,
	PCRING_ITEM_GAP = 1,
};

/**
 * struct pcring_item - what pcring_ring_next() found
 * @what: PCRING_ITEM_DATA or _GAP.
 * @type: of a record: the driver's type.
 * @len: bytes at @data.
 * @reserved: zero.
 * @data: the entry or the payload; NULL with a gap. Of records under BLOCK and
 *	DROP_NEW in the ring, so the producer can still change it if it cheats.
 * @seq: sequence number, as this end counts; of a record, what it says itself.
 * @time: CLOCK_MONOTONIC, ns; 0: the ring has none.
 * @gap: with _GAP what was lost, where and why.
 */
struct pcring_item {
	__u32 what;
	__u32 type;
	__u32 len;
	__u32 reserved;
	const void *data;
	__u64 seq;
	__u64 time;
	struct pcring_gap gap;
};

/**
 * pcring_ring_pop() - copy entries out of a fixed ring
 * @ring: the ring.
 * @items: room for @n entries, aligned to 8; the caller's.
 * @n: 1 up.
 *
 * Each is read once and released. Gaps come as entries with PCRING_ENTRY_SPECIAL
 * set in their first word, in rings with entries large enough for one.
 *
 * Context: the end's thread.
 * Return: entries copied; -EAGAIN: none; -ECANCELED: none, and the producer has
 * closed; -EOWNERDEAD: none, and it died; -EBADFD; -EINVAL: not a fixed ring this
 * side consumes.
 */
int pcring_ring_pop(struct pcring_ring *ring, void *items, __u32 n);

/**
 * pcring_ring_next() - the next item or gap, of any ring but exchange rings
 * @ring: the ring; of a PERCPU ring the next one in time order.
 * @item: written; good until the next call on @ring that consumes.
 *
 * The one before it is released.
 *
 * Context: the end's thread.
 * Return: 1; -EAGAIN: none now; -ECANCELED: none, and the producer has closed;
 * -EOWNERDEAD: none, and it died; -EBADFD; -EINVAL; -ENOMEM.
 */
int pcring_ring_next(struct pcring_ring *ring, struct pcring_item *item);

/**
 * pcring_ring_done() - release what pcring_ring_next() gave, without a next one
 * @ring: the ring.
 *
 * Context: the end's thread.
 */
void pcring_ring_done(struct pcring_ring *ring);

/**
 * pcring_ring_each() - hand what is there to a function, a batch at a time
 * @ring: the ring.
 * @max: items and gaps at most, 0: what is there.
 * @each: called for each; a value other than 0 ends it.
 * @arg: handed to @each.
 *
 * Context: the end's thread; @each may not consume from @ring.
 * Return: items and gaps handed over, 1 up; what @each returned if it was
 * negative; none: as pcring_ring_next().
 */
int pcring_ring_each(struct pcring_ring *ring, __u32 max,
		     int (*each)(void *arg, const struct pcring_item *item),
		     void *arg);

/* ---- waiting -------------------------------------------------------------- */

/**
 * pcring_ring_wait() - wait until so much can be read
 * @ring: the ring.
 * @min: entries (records: bytes, headers included), 1 up; more than the ring has
 *	counts as all of it. Of a PERCPU ring 1.
 * @timeout_ns: nanoseconds; 0: look once; PCRING_NO_TIMEOUT: for ever.
 *
 * Looks for spin_ns, then sleeps; asleep it costs nothing, and the peer's death
 * ends it at once. With PCRING_SETUP_ENTER_ONLY it hands over what was pushed before
 * it sleeps (with a timeout of 0 too), unless it finds enough at its first look.
 *
 * Context: the end's thread. May sleep.
 * Return: entries or bytes there, fewer than @min only if the producer is gone or
 * has no space for more; -ETIME: not so much, perhaps less; -EINTR; -ECANCELED:
 * nothing there, and the producer has closed; -EOWNERDEAD: nothing there, and it
 * died; -EBADFD; -EINVAL.
 */
int pcring_ring_wait(struct pcring_ring *ring, __u32 min, __u64 timeout_ns);

/**
 * pcring_ring_fd() - an fd for the program's own event loop
 * @ring: the ring, or a shard.
 *
 * Readable (POLLIN) after the other end woke this one, which it does once for
 * each pcring_ring_arm(). The rule: arm; if that says 0, poll; when the fd is
 * readable disarm, then consume (or produce) until -EAGAIN; then arm again. Also
 * poll pcring_ctx_fd() for POLLRDHUP. Never read from the fd.
 *
 * Over /dev/pcring a ring has one if the ctx was opened with PCRING_WAIT_EVENTFD; it
 * may be found readable without a cause. Without that mode arm the rings and poll
 * pcring_ctx_fd() for POLLIN (POLLOUT, to produce).
 *
 * Context: any thread.
 * Return: the fd, the library's; -EOPNOTSUPP: the ctx waits by futex, or by ENTER.
 */
int pcring_ring_fd(const struct pcring_ring *ring);

/**
 * pcring_ring_arm() - ask for the fd to become readable
 * @ring: the ring.
 * @min: entries or bytes to be there (produced into: to be free), 1 up.
 *
 * Context: the end's thread.
 * Return: 0: armed, poll now; 1: there already, not armed; -EOPNOTSUPP,
 * -ECANCELED, -EOWNERDEAD, -EBADFD, -EINVAL: not armed.
 */
int pcring_ring_arm(struct pcring_ring *ring, __u32 min);

/**
 * pcring_ring_disarm() - the poll is over
 * @ring: the ring; armed or not.
 *
 * Context: the end's thread.
 */
void pcring_ring_disarm(struct pcring_ring *ring);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif /* PCRING_RING_H */
