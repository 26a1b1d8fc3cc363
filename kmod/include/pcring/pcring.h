/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pcring: rings between a driver and userspace. The only header that a driver
 * includes.
 *
 * A driver registers a device with a table of ops and gets /dev/pcring/<name>.
 * Each open file is a ctx. The program configures it, sets its rings up, and from
 * then on the framework moves items:
 *
 *   SQ       ops->submit() is called for each request; its return value, or a
 *            later pcring_req_complete(), goes back through the CQ
 *   REC_IN   ops->record() is called for each record
 *   REC_OUT  the driver reserves and submits records, or writes them
 *   CQ       without an SQ: the driver takes blocks of the pool, fills and posts
 *            them
 *   FREE     read by the framework when a block is wanted
 *
 * The life of a ctx, as its driver sees it; ops marked * may be absent:
 *
 *   open* -> configure* ... -> setup* -> start* -> ... -> shutdown* -> release*
 *
 * After shutdown() has been called every call that produces says -ECANCELED; once
 * it has returned, the driver produces nothing any more. submit() and record() may
 * still be called until release(), for what had been submitted. release() comes
 * when the last of them has returned and the last deferred request was completed.
 * pcring_device_unregister() does all that for every ctx; when it returns no op is
 * running or will run.
 *
 * Rings under producer class SINGLE are produced into from one context at a time:
 * a thread, a timer, an interrupt; the driver sees to that.
 */
#ifndef _PCRING_PCRING_H
#define _PCRING_PCRING_H

#include <linux/bits.h>
#include <linux/types.h>
#include <linux/pcring.h>
#include <linux/pcring_record.h>

struct device;
struct module;
struct pcring_ctx;
struct pcring_device;
struct pcring_ring;

/**
 * struct pcring_block - a block in the hands of the driver
 * @index: which.
 * @generation: of this hand-over.
 * @data: its bytes, in the kernel's address space; contiguous there. The program
 *	can read and write them too, whoever owns the block.
 * @size: bytes it can hold.
 * @len: bytes filled.
 */
struct pcring_block {
	u32 index;
	u32 generation;
	void *data;
	u32 size;
	u32 len;
};

/**
 * struct pcring_req - a request of the program's
 * @sqe: the framework's copy: it does not change. What the ring's entries have
 *	beyond struct pcring_sqe follows it.
 * @sqe_size: bytes at @sqe.
 * @cq: the ring its completion goes to.
 * @block: with PCRING_SQE_F_BLOCK the block; its data begin at the request's
 *	offset, @block.size is what the block has from there, and @block.len is the
 *	request's len, all checked. Else data NULL.
 * @driver: written by submit(), zero at first: with F_BLOCK, what the program
 *	will find in the block's struct pcring_block_info. Of a deferred request
 *	what stands here when it is deferred.
 * @id: of a deferred request, for pcring_req_complete().
 */
struct pcring_req {
	const struct pcring_sqe *sqe;
	u32 sqe_size;
	struct pcring_ring *cq;
	struct pcring_block block;
	u64 driver[4];
	u32 id;
};

/**
 * struct pcring_input - a record of the program's
 * @data: the payload. It stands in shared memory: the program can change it at
 *	any time, so copy what you decide on.
 * @len: bytes of it; checked, and does not change.
 * @type: 0 to 191, the driver's.
 * @seq: sequence number, as the program says.
 * @time: CLOCK_MONOTONIC in ns, as the program says; 0: the ring has none.
 */
struct pcring_input {
	const void *data;
	u32 len;
	u32 type;
	u64 seq;
	u64 time;
};

#define PCRING_OPS_VERSION 1U

/* One ctx at a time: further opens wait for a dying one, else -EBUSY. */
#define PCRING_OPS_EXCLUSIVE BIT(0)

/**
 * struct pcring_ops - a driver
 * @version: PCRING_OPS_VERSION.
 * @flags: PCRING_OPS_*.
 * @owner: THIS_MODULE; held while a ctx is open or dying.
 * @driver: name of the driver, at most 31 characters.
 * @kinds: BIT(kind) for each kind it serves.
 * @policies: BIT(policy) for each policy it accepts in the rings it produces
 *	into.
 * @config_size: bytes of its CONFIGURE payload, 0: none.
 * @defaults: rings that a ctx gets if it is read or written without SETUP;
 *	NULL: read(2) and write(2) are -EOPNOTSUPP. A pool_fd of -2 stands for a
 *	pool of @default_blocks.
 * @nr_defaults: how many.
 * @default_block_size: bytes.
 * @default_blocks: how many, 0: no pool.
 * @open: optional: a ctx begins; pcring_ctx_set_priv().
 * @configure: @payload is a copy of @config_size bytes, what the program did not
 *	give zeroed; 0 or a negative errno, see pcring_ctx_refuse(). Before setup,
 *	perhaps several times, perhaps never.
 * @setup: optional: look at the rings asked for, already checked by themselves;
 *	refuse with a negative errno, or change @entries (a power of two again).
 * @start: optional: the rings are there; may begin to produce.
 * @shutdown: optional: stop producing. No call that produces is running or will
 *	be made by the driver when this returns. Once, if start() succeeded.
 * @release: optional: the last op of a ctx. If open() succeeded.
 * @submit: a request (needed with kind SQ). 0 or more, or a negative errno: the
 *	completion's res; -EIOCBQUEUED after pcring_req_defer().
 * @cancel: optional: complete deferred requests soon, with -ECANCELED as a rule:
 *	the drain's deadline has come. They are still waited for.
 * @record: a record (needed with kind REC_IN). 0: taken. -EAGAIN: not now, the
 *	same again after pcring_ctx_kick(). Other: lost, counted as cancelled.
 * @batch: optional: the last record() for now has returned.
 * @stop: optional: a producer under BLOCK that did not want to wait found no
 *	space (or no block): produce nothing more into @ring until resume().
 * @resume: needed with stop: there is space again.
 *
 * Context: stop() is called from the producer's own context with interrupts off and
 * a raw lock held: it takes note and returns. resume() is not running when
 * shutdown() is called, and will not run again.
 * submit(), record(), batch() are called by one thread at a time for each ctx: a
 * worker, or the program's own thread in ENTER. All but stop() may sleep.
 */
struct pcring_ops {
	u32 version;
	u32 flags;
	struct module *owner;
	const char *driver;
	u32 kinds;
	u32 policies;
	u32 config_size;
	u32 nr_defaults;
	const struct pcring_ring_desc *defaults;
	u32 default_block_size;
	u32 default_blocks;

	int (*open)(struct pcring_ctx *ctx);
	int (*configure)(struct pcring_ctx *ctx, const void *payload);
	int (*setup)(struct pcring_ctx *ctx, struct pcring_ring_desc *rings,
		     u32 nr_rings);
	int (*start)(struct pcring_ctx *ctx);
	void (*shutdown)(struct pcring_ctx *ctx);
	void (*release)(struct pcring_ctx *ctx);

	int (*submit)(struct pcring_ctx *ctx, struct pcring_req *req);
	void (*cancel)(struct pcring_ctx *ctx);
	int (*record)(struct pcring_ctx *ctx, struct pcring_ring *ring,
		      const struct pcring_input *input);
	void (*batch)(struct pcring_ctx *ctx);
	void (*stop)(struct pcring_ring *ring);
	void (*resume)(struct pcring_ring *ring);
};

/* ---- devices -------------------------------------------------------------- */

/**
 * pcring_device_register() - make /dev/pcring/<name>
 * @name: 1 to 31 characters, no '/' among them; copied.
 * @parent: the hardware's device, or NULL.
 * @ops: the driver; has to stay until pcring_device_unregister() returns.
 * @priv: the driver's, see pcring_ctx_device_priv().
 *
 * Context: process, may sleep. Ops may be called before this returns.
 * Return: the device, the driver's until it unregisters it; ERR_PTR: -EINVAL
 * (@ops or @name malformed; the kernel log says what), -EEXIST: the name is
 * taken, -ENOMEM, -ENOSPC: no minor number left.
 */
struct pcring_device *pcring_device_register(const char *name,
					     struct device *parent,
					     const struct pcring_ops *ops,
					     void *priv);

/**
 * pcring_device_unregister() - the hardware is gone
 * @device: not the driver's any more; NULL and ERR_PTR are ignored.
 *
 * Every ctx is unplugged: its program sees PCRING_STATE_UNPLUGGED, waiters get
 * -ENODEV, its pages stay while they are mapped. Waits until no op runs and every
 * deferred request was completed.
 *
 * Context: process, may sleep; not from an op.
 */
void pcring_device_unregister(struct pcring_device *device);

/**
 * pcring_device_dev() - for dev_err() and the like
 * @device: the device.
 *
 * Context: any.
 * Return: its struct device, the device's.
 */
struct device *pcring_device_dev(struct pcring_device *device);

/* ---- ctxs ----------------------------------------------------------------- */

/**
 * pcring_ctx_set_priv() - keep the driver's own data of a ctx
 * @ctx: the ctx.
 * @priv: the driver's.
 *
 * Context: any; as a rule in open().
 */
void pcring_ctx_set_priv(struct pcring_ctx *ctx, void *priv);

/**
 * pcring_ctx_priv() - the driver's own data of a ctx
 * @ctx: the ctx.
 *
 * Context: any.
 * Return: what pcring_ctx_set_priv() was given, NULL before.
 */
void *pcring_ctx_priv(const struct pcring_ctx *ctx);

/**
 * pcring_ctx_device_priv() - the driver's own data of the device
 * @ctx: the ctx.
 *
 * Context: any, until release() has returned.
 * Return: what pcring_device_register() was given.
 */
void *pcring_ctx_device_priv(const struct pcring_ctx *ctx);

/**
 * pcring_ctx_id() - number of a ctx on its device
 * @ctx: the ctx.
 *
 * Context: any.
 * Return: the number, 1 up, as in the ctx's pcring_setup.ctx_id.
 */
u32 pcring_ctx_id(const struct pcring_ctx *ctx);

/**
 * pcring_ctx_state() - how a ctx is
 * @ctx: the ctx.
 *
 * Context: any.
 * Return: enum pcring_state.
 */
u32 pcring_ctx_state(const struct pcring_ctx *ctx);

/**
 * pcring_ctx_ring() - one ring of a ctx
 * @ctx: the ctx, set up.
 * @kind: enum pcring_kind.
 * @queue: which of that kind, 0 up.
 *
 * Context: any, from start() to release().
 * Return: the ring, the ctx's; NULL: there is no such ring.
 */
struct pcring_ring *pcring_ctx_ring(struct pcring_ctx *ctx, u32 kind,
				    u32 queue);

/**
 * pcring_ctx_kick() - look at a ctx's requests and records again
 * @ctx: the ctx; the driver had said -EAGAIN to record().
 *
 * Context: any but NMI.
 */
void pcring_ctx_kick(struct pcring_ctx *ctx);

/**
 * pcring_ctx_refuse() - say why a call is refused
 * @ctx: the ctx, in open(), configure(), setup() or start().
 * @err: a negative errno.
 * @fmt: names the field and its value, no newline; printf-like.
 *
 * The program gets the text by PCRING_IOC_REFUSAL.
 *
 * Context: process.
 * Return: @err.
 */
__printf(3, 4) int pcring_ctx_refuse(struct pcring_ctx *ctx, int err,
				     const char *fmt, ...);

/* ---- rings ---------------------------------------------------------------- */

/**
 * pcring_ring_ctx() - whose ring it is
 * @ring: the ring.
 *
 * Context: any.
 * Return: its ctx.
 */
struct pcring_ctx *pcring_ring_ctx(const struct pcring_ring *ring);

/**
 * pcring_ring_desc() - what was granted
 * @ring: the ring.
 *
 * Context: any.
 * Return: its descriptor, the ring's.
 */
const struct pcring_ring_desc *pcring_ring_desc(const struct pcring_ring *ring);

/**
 * pcring_ring_seq() - the sequence number the next item offered will have
 * @ring: a ring the driver produces into.
 *
 * Context: the producer's.
 * Return: the number.
 */
u64 pcring_ring_seq(const struct pcring_ring *ring);

/**
 * pcring_ring_reserve_record() - get room for a record, to write it in place
 * @ring: REC_OUT.
 * @len: bytes of payload, 0 up.
 * @type: 0 to 191.
 * @timeout_ns: BLOCK: nanoseconds to wait for space; 0: don't (then stop() is
 *	called, if there is one); PCRING_NO_TIMEOUT: for ever. DROP_NEW never
 *	waits.
 * @rec: written: the record; its payload is at pcring_record_data(), the
 *	driver's until it submits or cancels it. One at a time.
 *
 * Context: the producer's. With a timeout: process, may sleep.
 * Return: 1: reserved; 0: rejected and counted (DROP_NEW); -EAGAIN, -ETIME: no
 * space (BLOCK), nothing was offered; -EMSGSIZE: larger than the ring, rejected
 * and counted; -EINTR; -ECANCELED: the ctx is draining or its program gone;
 * -ENODEV; -EBADFD: the program broke the protocol, the ctx is dead; -EINVAL: not
 * a ring of records, or a type above 191.
 */
int pcring_ring_reserve_record(struct pcring_ring *ring, u32 len, u32 type,
			       u64 timeout_ns, struct pcring_record **rec);

/**
 * pcring_ring_submit_record() - publish it
 * @ring: the ring it was reserved in.
 * @rec: not the driver's any more.
 * @more: a further record follows at once; publish and wake then.
 *
 * If the next reservation fails, what was kept back is published then.
 *
 * Context: the producer's; any but NMI.
 */
void pcring_ring_submit_record(struct pcring_ring *ring,
			       struct pcring_record *rec, bool more);

/**
 * pcring_ring_cancel_record() - give it back unwritten
 * @ring: the ring it was reserved in.
 * @rec: not the driver's any more.
 *
 * Context: the producer's; any but NMI.
 */
void pcring_ring_cancel_record(struct pcring_ring *ring,
			       struct pcring_record *rec);

/**
 * pcring_ring_write() - copy one record into a ring
 * @ring: REC_OUT.
 * @data: @len bytes; the caller's.
 * @len: bytes.
 * @type: 0 to 191.
 * @timeout_ns: as for pcring_ring_reserve_record().
 *
 * Context: as for pcring_ring_reserve_record().
 * Return: as for pcring_ring_reserve_record().
 */
int pcring_ring_write(struct pcring_ring *ring, const void *data, u32 len,
		      u32 type, u64 timeout_ns);

/**
 * pcring_ring_reject() - items that the driver itself gives up
 * @ring: a ring it produces into, not the CQ of an SQ.
 * @n: how many, 1 up.
 * @reason: enum pcring_reason: TIMEOUT, NOBLOCK or IO, as a rule.
 *
 * They are offered and rejected; the gap is written before the next item.
 *
 * Context: the producer's; any but NMI.
 * Return: 0; -EINVAL.
 */
int pcring_ring_reject(struct pcring_ring *ring, u32 n, u32 reason);

/* ---- blocks --------------------------------------------------------------- */

/**
 * pcring_ring_block_size() - bytes a block of a ring's pool can hold
 * @ring: the ring.
 *
 * Context: any.
 * Return: bytes; 0: it has no pool.
 */
u32 pcring_ring_block_size(const struct pcring_ring *ring);

/**
 * pcring_block_take() - get a free block to fill
 * @ring: CQ without an SQ, with a pool.
 * @timeout_ns: BLOCK: nanoseconds to wait for one; 0: don't (then stop() is
 *	called, if there is one); PCRING_NO_TIMEOUT: for ever. DROP_NEW never
 *	waits.
 * @block: written; the driver's until posted or put.
 *
 * Context: the producer's; any but NMI. With a timeout: process, may sleep.
 * Return: 0; -ENOSPC: the pool is exhausted (DROP_NEW: reject the item with
 * PCRING_REASON_NOBLOCK); -EAGAIN: likewise under BLOCK, and stop() was called if
 * there is one; -ETIME, -EINTR, -ECANCELED, -ENODEV, -EBADFD as above; -EINVAL: the
 * ring has no pool.
 */
int pcring_block_take(struct pcring_ring *ring, u64 timeout_ns,
		      struct pcring_block *block);

/**
 * pcring_block_post() - hand a filled block to the program
 * @ring: the ring it was taken for.
 * @block: its len is what was filled; the program's if this returns 1.
 * @driver: NULL, or four words for struct pcring_block_info.
 * @timeout_ns: as for pcring_block_take().
 *
 * Context: the producer's; any but NMI. With a timeout: process, may sleep.
 * Return: 1: posted; 0: rejected and counted (DROP_NEW), and the block is free
 * again; what follows leaves the block with the driver: -EAGAIN, -ETIME: no space
 * (BLOCK); -ESTALE: the driver does not hold it: posted twice; -EINTR,
 * -ECANCELED, -ENODEV, -EBADFD, -EINVAL.
 */
int pcring_block_post(struct pcring_ring *ring,
		      const struct pcring_block *block, const u64 *driver,
		      u64 timeout_ns);

/**
 * pcring_block_put() - give a block back unused
 * @ring: the ring it was taken for.
 * @block: not the driver's any more.
 *
 * Context: any but NMI, until release() has returned.
 * Return: 0; -ESTALE: the driver does not hold it.
 */
int pcring_block_put(struct pcring_ring *ring,
		     const struct pcring_block *block);

/* ---- requests ------------------------------------------------------------- */

/**
 * pcring_req_defer() - complete a request later
 * @req: the request, in submit().
 *
 * submit() then returns -EIOCBQUEUED. The driver keeps the ctx, @req->id and
 * what it needs of the request: @req itself is gone when submit() returns. Its
 * block stays the kernel's.
 *
 * Context: submit(), may sleep.
 * Return: 0, and @req->id is set; -ENOMEM.
 */
int pcring_req_defer(struct pcring_req *req);

/**
 * pcring_req_complete() - complete a deferred request
 * @ctx: its ctx.
 * @id: its id.
 * @res: 0 or more: success; negative: errno.
 *
 * Context: any but NMI; also before submit() has returned.
 * Return: 0; -ESTALE: there is no such request: completed twice.
 */
int pcring_req_complete(struct pcring_ctx *ctx, u32 id, s32 res);

#endif /* _PCRING_PCRING_H */
