/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pcring: what the files of the module share. Drivers see <pcring/pcring.h>.
 *
 * Objects and who holds whom:
 *
 *   device   a driver's; its memory outlives it: each ctx and pool holds it
 *   ctx      an open file's; ends in pcring_ctx_end(), called by whoever is first
 *            of close and unregister; freed after close alone, because the file
 *            and its mappings go on using the pages
 *   ring     a ctx's, from SETUP until the ctx is freed
 *   pool     an fd of its own; held by that file and by each ctx that uses it
 *   worker   of a device and a CPU, or of one ctx; held by the ctxs it serves
 *   user     limits of a uid; held by its ctxs and pools
 *
 * Locks, outermost first:
 *
 *   ctx->lock        mutex: CONFIGURE, SETUP, DRAIN, end: what the ctx is
 *   ctx->consume     mutex: the consumer's ends of the rings that the user produces
 *                    into (not FREE), and the ops submit(), record(), batch()
 *   device->lock     mutex: list of ctxs, workers, gone; ops->open()
 *   pool->attach     mutex: rings that take blocks
 *   ctx->kick        mutex: ops->resume()
 *   ring->lock       raw, interrupts off: CQ of an SQ: its producer's end, the
 *                    requests in flight. FREE: its consumer's end, below the CQ
 *                    that takes its blocks. Others: the flow control words
 *   pool->lock       raw, interrupts off: owners, generations, free blocks
 *   worker->lock     raw, interrupts off: the ready list
 *
 * The producer's end of a ring under SINGLE that a driver produces into has no
 * lock: the driver sees to it (pcring/pcring.h).
 */
#ifndef _PCRING_CORE_H
#define _PCRING_CORE_H

#undef pr_fmt
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/irq_work.h>
#include <linux/kref.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/spinlock.h>
#include <linux/uidgid.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include <pcring/pcring.h>
#include <linux/pcring_ring.h>
#include <linux/pcring_entry.h>
#include <linux/pcring_record.h>

#include "compat/compat.h"

struct eventfd_ctx;

/* Bytes of a block, at most. */
#define PCRING_MAX_BLOCK_SIZE ((u32)BIT(30))
#define PCRING_NR_KINDS (PCRING_KIND_REC_IN + 1)

/* Where a ring's areas are mapped: one slot of 4 GiB each. */
#define PCRING_AREA_SHIFT 32

/* What a program chooses the size of: at its limit it is told, and nobody killed. */
#define PCRING_GFP (GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | __GFP_NOWARN)

/* SQEs and CQEs go through the ctx's own memory, so many bytes at a time. */
#define PCRING_BATCH_BYTES 1024U
#define PCRING_BATCH 16U

/* What a worker does for one ctx before it looks at the next: items. */
#define PCRING_TURN 256U

/* ---- module parameters, main.c ---- */

extern unsigned int pcring_max_spin_us;
extern unsigned int pcring_drain_ms;
extern unsigned int pcring_max_drain_ms;
extern unsigned int pcring_max_user_ctxs;
extern unsigned long pcring_max_user_bytes;
extern unsigned long long pcring_start;
extern struct workqueue_struct *pcring_wq;
extern struct workqueue_struct *pcring_kick_wq;

/* ---- users, user.c ---- */

struct pcring_user;

struct pcring_user *pcring_user_get(void);
void pcring_user_hold(struct pcring_user *user);
void pcring_user_put(struct pcring_user *user);
int pcring_user_add_ctx(struct pcring_user *user);
void pcring_user_del_ctx(struct pcring_user *user);
int pcring_user_charge(struct pcring_user *user, u64 bytes);
void pcring_user_uncharge(struct pcring_user *user, u64 bytes);

/* ---- areas of pages, area.c, mmap.c ---- */

/**
 * struct pcring_area - pages that the kernel and the user have both mapped
 * @pages: each once; this area's references.
 * @nr: how many.
 * @twice: from this page on they are mapped a second time, behind the first; @nr
 *	if none is.
 * @addr: where the kernel has them.
 * @offset: where in the file the user finds them, bytes.
 * @user_writes: the user may.
 */
struct pcring_area {
	struct page **pages;
	u32 nr;
	u32 twice;
	void *addr;
	u64 offset;
	bool user_writes;
};

int pcring_area_create(struct pcring_area *area, u64 once, u64 twice);
void pcring_area_destroy(struct pcring_area *area);
u64 pcring_area_len(const struct pcring_area *area);
u64 pcring_area_bytes(u64 once, u64 twice);
int pcring_area_mmap(struct pcring_area *area, struct vm_area_struct *vma);

/* ---- pools and blocks, pool.c, block.c ---- */

enum pcring_block_where {
	PCRING_BLOCK_FREE, /* the kernel's, in the pool's stack */
	PCRING_BLOCK_KERNEL, /* the kernel's, in a driver's or a request's hands */
	PCRING_BLOCK_USER, /* a ctx's */
};

/**
 * struct pcring_owner - whose a block is
 * @ctx: with PCRING_BLOCK_USER the ctx that may give it back, and with
 *	PCRING_BLOCK_KERNEL the one it is held for.
 * @generation: of the last hand-over to a user.
 * @where: enum pcring_block_where.
 */
struct pcring_owner {
	struct pcring_ctx *ctx;
	u32 generation;
	u8 where;
};

/**
 * struct pcring_pool - blocks
 * @ref: held by the file and by ctxs.
 * @device: for which it was made.
 * @user: who is charged.
 * @charged: bytes.
 * @area: the blocks.
 * @info_area: their struct pcring_block_info.
 * @block_size: bytes, whole pages.
 * @blocks: how many.
 * @lock: of @owners, @stack, @free.
 * @owners: one each.
 * @stack: free blocks, the last one freed on top.
 * @free: how many.
 * @starving: producers that wait for a block.
 * @attach: of @rings.
 * @rings: that take blocks, by ring->pool_node.
 * @kick_work: tells @rings of free blocks; holds the pool.
 */
struct pcring_pool {
	struct kref ref;
	struct pcring_device *device;
	struct pcring_user *user;
	u64 charged;
	struct pcring_area area;
	struct pcring_area info_area;
	u32 block_size;
	u32 blocks;
	raw_spinlock_t lock;
	struct pcring_owner *owners;
	u32 *stack;
	u32 free;
	atomic_t starving;
	struct mutex attach; /* see above */
	struct list_head rings;
	struct work_struct kick_work;
};

void pcring_pool_attach(struct pcring_pool *pool, struct pcring_ring *ring);
void pcring_pool_detach(struct pcring_pool *pool, struct pcring_ring *ring);
void pcring_pool_kick(struct pcring_pool *pool);
struct pcring_pool *pcring_pool_create(struct pcring_ctx *ctx, u32 flags,
				       u32 block_size, u32 blocks);
int pcring_pool_fd(struct pcring_pool *pool, struct file **file);
struct pcring_pool *pcring_pool_get_fd(int fd);
void pcring_pool_get(struct pcring_pool *pool);
void pcring_pool_put(struct pcring_pool *pool);
void pcring_pool_count(struct pcring_pool *pool, const struct pcring_ctx *ctx,
		       u64 *of_user, u64 *of_kernel);

int pcring_block_from_user(struct pcring_pool *pool, struct pcring_ctx *ctx,
			   u32 index, u32 generation, bool free);
int pcring_block_to_user(struct pcring_pool *pool, struct pcring_ctx *ctx,
			 u32 index, const struct pcring_block_info *info,
			 u32 *generation);
int pcring_block_to_free(struct pcring_pool *pool, struct pcring_ctx *ctx,
			 u32 index, u32 generation);
bool pcring_block_get(struct pcring_pool *pool, struct pcring_ctx *ctx,
		      struct pcring_block *block);
void pcring_block_home(struct pcring_pool *pool, struct pcring_ctx *ctx);
void *pcring_block_data(const struct pcring_pool *pool, u32 index);

/* ---- rings, ring.c ---- */

/**
 * struct pcring_flow - a producer of the driver's that waits for space or blocks
 * @wait: where it sleeps.
 * @stopped: ops->stop() was called: the end is the kicker's until it clears this
 *	(release; the producer acquires).
 * @want: entries or bytes the stopped producer needs; 0: a block.
 */
struct pcring_flow {
	wait_queue_head_t wait;
	bool stopped;
	u32 want;
};

struct pcring_flight;

/**
 * struct pcring_ring - one ring of a ctx
 * @ctx: its ctx.
 * @prod: the kernel's end, if it produces.
 * @cons: the kernel's end, if it consumes.
 * @kernel_produces: which.
 * @kind: enum pcring_kind.
 * @index: its place in SETUP.
 * @pos: position up to which the kernel has submitted, for whoever asks whether
 *	there is something to read.
 * @poll_want: entries or bytes at which a sleeper in the kernel is woken that
 *	acts for the user; U32_MAX: there is none.
 * @lock: see the top.
 * @pool: whose blocks it moves, or NULL.
 * @peer: SQ: its CQ. CQ: its SQ, NULL: the driver posts. REC_IN: NULL.
 * @free: CQ: the FREE ring of its pool, or NULL.
 * @flow: see there.
 * @in_flight: CQ: requests taken and not answered.
 * @blocked: CQ: an SQE waits for a credit; the worker is kicked when there is one.
 * @waiters: FREE: producers that have announced that they wait.
 * @start: position of the first item.
 * @armed: the kernel's consumer's end has announced that it sleeps.
 * @stuck: REC_IN: record() said -EAGAIN.
 * @flight: CQ: deferred requests.
 * @eventfd: signalled for the user's end.
 * @irq_work: wakes where the producer may not.
 * @asked: for @irq_work: the user's end had announced that it sleeps.
 * @pool_node: in pool->rings.
 * @prod_area: pages the producer writes.
 * @cons_area: pages the consumer writes.
 * @desc: what was granted.
 */
struct pcring_ring {
	struct pcring_ctx *ctx;
	union {
		struct pcring_prod prod;
		struct pcring_cons cons;
	};
	bool kernel_produces;
	u8 kind;
	u32 index;
	u64 pos;
	u32 poll_want;
	raw_spinlock_t lock;
	struct pcring_pool *pool;
	struct pcring_ring *peer;
	struct pcring_ring *free;
	struct pcring_flow flow;
	u32 in_flight;
	u32 waiters;
	u64 start;
	bool blocked;
	bool armed;
	bool stuck;
	struct pcring_flight *flight;
	struct eventfd_ctx __rcu *eventfd;
	struct irq_work irq_work;
	bool asked;
	struct list_head pool_node;
	struct pcring_area prod_area;
	struct pcring_area cons_area;
	struct pcring_ring_desc desc;
};

struct pcring_ring *pcring_ring_create(struct pcring_ctx *ctx,
				       struct pcring_ring_desc *desc,
				       struct pcring_pool *pool, u32 index);
void pcring_ring_destroy(struct pcring_ring *ring);
u64 pcring_ring_bytes(const struct pcring_ring_desc *desc);
void pcring_ring_end(struct pcring_ring *ring, u32 state);
u64 pcring_ring_in_ring(const struct pcring_ring *ring);
void pcring_ring_user_end(const struct pcring_ring *ring,
			  struct pcring_cons *cons);
void pcring_ring_geometry(const struct pcring_ring_desc *desc,
			  struct pcring_geometry *geo);

static inline bool pcring_kind_user_produces(u32 kind)
{
	return kind == PCRING_KIND_SQ || kind == PCRING_KIND_FREE ||
	       kind == PCRING_KIND_REC_IN;
}

static inline bool pcring_kind_records(u32 kind)
{
	return kind == PCRING_KIND_REC_OUT || kind == PCRING_KIND_REC_IN;
}

static inline struct pcring_prod_page *
pcring_ring_prod_page(const struct pcring_ring *ring)
{
	return ring->prod_area.addr;
}

static inline struct pcring_cons_page *
pcring_ring_cons_page(const struct pcring_ring *ring)
{
	return ring->cons_area.addr;
}

/* ---- waking, notify.c ---- */

u32 pcring_ring_avail(const struct pcring_ring *ring);
u32 pcring_ring_space(const struct pcring_ring *ring);
bool pcring_ring_has_space(const struct pcring_ring *ring, u32 want);
void pcring_ring_arm_user(struct pcring_ring *ring, u32 want);
void pcring_ring_notify(struct pcring_ring *ring);
void pcring_ring_released(struct pcring_ring *ring, bool asked);
void pcring_ring_wake_waiters(struct pcring_ring *ring);
void pcring_ring_wake_all(struct pcring_ring *ring);
void pcring_notify_irq(struct irq_work *work);
__poll_t pcring_ctx_poll(struct pcring_ctx *ctx);

/* ---- the driver's producers, policy.c, flow.c, free.c ---- */

/**
 * struct pcring_policy_rule - what is done when there is no space
 * @name: as people call it.
 * @full: @want entries or bytes, at least; 0: a block. 1: try again; 0: rejected
 *	and counted; negative: what the producer is told. NULL: not yet.
 */
struct pcring_policy_rule {
	const char *name;
	int (*full)(struct pcring_ring *ring, u32 want, u64 timeout_ns);
};

extern const struct pcring_policy_rule
	pcring_policies[PCRING_POLICY_LATEST + 1];

int pcring_flow_check(struct pcring_ring *ring);
int pcring_flow_wait(struct pcring_ring *ring, u32 want, u64 timeout_ns);
int pcring_flow_stop(struct pcring_ring *ring, u32 want, bool look);
void pcring_flow_kick(struct pcring_ring *ring);
void pcring_flow_end(struct pcring_ring *ring);

bool pcring_free_collect(struct pcring_ring *ring);
void pcring_free_collect_all(struct pcring_ring *ring);
void pcring_free_stale(struct pcring_ctx *ctx, const struct pcring_pool *pool);
bool pcring_free_prepare_wait(struct pcring_ring *ring);
bool pcring_free_rearm(struct pcring_ring *ring);
void pcring_free_finish_wait(struct pcring_ring *ring);

/* ---- ctxs, ctx.c, end.c ---- */

/* ctx->flags */
enum {
	PCRING_CTX_QUEUED, /* on its worker's ready list */
	PCRING_CTX_MISSED, /* a worker came while somebody else consumed */
	PCRING_CTX_ENTER_ONLY, /* no worker */
	PCRING_CTX_STARTED, /* ops->start() succeeded */
	PCRING_CTX_SHUTDOWN, /* ops->shutdown() was called */
	PCRING_CTX_CANCELLED, /* what was left counts as cancelled */
	PCRING_CTX_RELEASED, /* ops->release() was called */
	PCRING_CTX_CLOSED, /* the file and its mappings are gone */
};

struct pcring_rw;

/**
 * struct pcring_ctx - an open file
 * @ref: held by the file, by workers that look at it, by deferred requests.
 * @device: its device, held.
 * @ops: the device's.
 * @priv: the driver's.
 * @id: number on its device.
 * @pid: of whoever opened it.
 * @comm: likewise.
 * @node: in device->ctxs.
 * @user: who is charged.
 * @charged: bytes of its rings.
 * @lock: see the top.
 * @consume: see the top.
 * @kick: see the top.
 * @state: enum pcring_state; written by pcring_ctx_set_state() alone.
 * @told: the state its program was told last; behind @state while something is
 *	still to be published.
 * @error: why it is DEAD: -EBADFD, or 0.
 * @flags: PCRING_CTX_*.
 * @rings: in the order of SETUP; there if @nr_rings is not 0, which is stored with
 *	release once they are whole.
 * @nr_rings: how many.
 * @pools: created by this ctx or used by its rings, held; under @lock.
 * @worker: who consumes, or NULL.
 * @dedicated: it is this ctx's own.
 * @ready: in worker->ready.
 * @spin_until: the worker looks until then; ns.
 * @spin_ns: how long it looks.
 * @drain_ns: how long a dying ctx may drain.
 * @wait: the program: poll, ENTER, read, write, and those who wait for the end.
 * @rw: user's ends of a ctx that is read and written, or NULL.
 * @next_ring: the one that is looked at first, under @consume.
 * @batch: SQEs, under @consume.
 * @close_work: ends the ctx after close.
 * @refusal_lock: of @refusal.
 * @refusal: why the last call was refused.
 */
struct pcring_ctx {
	struct kref ref;
	struct pcring_device *device;
	const struct pcring_ops *ops;
	void *priv;
	u32 id;
	pid_t pid;
	char comm[TASK_COMM_LEN];
	struct list_head node;
	struct pcring_user *user;
	u64 charged;
	struct mutex lock; /* see above */
	struct mutex consume; /* see above */
	struct mutex kick; /* see above */
	u32 state;
	u32 told;
	int error;
	unsigned long flags;
	struct pcring_ring **rings;
	u32 nr_rings;
	struct xarray pools;
	struct pcring_worker *worker;
	bool dedicated;
	struct list_head ready;
	u64 spin_until;
	u64 spin_ns;
	u64 drain_ns;
	wait_queue_head_t wait;
	struct pcring_rw *rw;
	u32 next_ring;
	void *batch;
	struct work_struct close_work;
	spinlock_t refusal_lock; /* see above */
	struct pcring_refusal refusal;
};

struct pcring_ctx *pcring_ctx_create(struct pcring_device *device);
void pcring_ctx_put(struct pcring_ctx *ctx);
int pcring_ctx_alive(const struct pcring_ctx *ctx);
int pcring_ctx_hold_pool(struct pcring_ctx *ctx, struct pcring_pool *pool);
void pcring_ctx_drop_pool(struct pcring_ctx *ctx, struct pcring_pool *pool);
void pcring_ctx_kill(struct pcring_ctx *ctx, struct pcring_ring *ring);
int pcring_ctx_told(const struct pcring_ctx *ctx);
u32 pcring_state_raise(u32 *word, u32 state);
void pcring_ctx_set_state(struct pcring_ctx *ctx, u32 state);
void pcring_ctx_tell(struct pcring_ctx *ctx);

void pcring_ctx_unplug(struct pcring_ctx *ctx);
void pcring_ctx_close(struct pcring_ctx *ctx);
void pcring_ctx_close_work(struct work_struct *work);
void pcring_ctx_shutdown(struct pcring_ctx *ctx);
u64 pcring_ctx_finish(struct pcring_ctx *ctx, u32 state);

int pcring_drain_until(struct pcring_ctx *ctx, u64 timeout_ns, bool killable);
int pcring_drain(struct pcring_ctx *ctx, struct pcring_drain *drain);
int pcring_flush(struct pcring_ctx *ctx);
u32 pcring_ctx_in_flight(struct pcring_ctx *ctx);

/* The rings are whole if this is not 0. */
static inline u32 pcring_ctx_nr_rings(const struct pcring_ctx *ctx)
{
	return smp_load_acquire(&ctx->nr_rings); /* pairs with pcring_setup() */
}

/* Its user's ends are the kernel's. Pairs with pcring_rw_start(). */
static inline bool pcring_ctx_is_rw(const struct pcring_ctx *ctx)
{
	return smp_load_acquire(&ctx->rw); /* see above */
}

/*
 * Whoever comes from a call asks this before it looks at rings: until then SETUP
 * may still fail and take them away. Pairs with pcring_ctx_set_state().
 */
static inline bool pcring_ctx_is_set_up(const struct pcring_ctx *ctx)
{
	/* Pairs with pcring_ctx_set_state(). */
	return smp_load_acquire(&ctx->state) >= PCRING_STATE_LIVE &&
	       ctx->nr_rings;
}

static inline u32 pcring_ctx_get_state(const struct pcring_ctx *ctx)
{
	return READ_ONCE(ctx->state);
}

/* ---- consuming what the user produces, consume.c, submit.c, input.c ---- */

u32 pcring_consume(struct pcring_ctx *ctx, u32 max);
void pcring_consume_unlock(struct pcring_ctx *ctx);
bool pcring_consume_idle(struct pcring_ctx *ctx);
u64 pcring_consume_cancel(struct pcring_ctx *ctx);
int pcring_submit_some(struct pcring_ring *sq, u32 max);
bool pcring_submit_ready(struct pcring_ring *sq);
void pcring_submit_disarm(struct pcring_ring *sq);
int pcring_input_some(struct pcring_ring *ring, u32 max);
bool pcring_input_ready(struct pcring_ring *ring);

/**
 * struct pcring_answer - what becomes a completion
 * @user_data: of the SQE.
 * @driver: for the block's info.
 * @res: of the op.
 * @ctl: PCRING_SQE_F_BLOCK, _QUIET of the SQE.
 * @block: with F_BLOCK the block to hand back.
 * @generation: and under which it came.
 */
struct pcring_answer {
	u64 user_data;
	u64 driver[4];
	s32 res;
	u32 ctl;
	u32 block;
	u32 generation;
};

void pcring_cqe_write(struct pcring_prod *prod, u64 pos,
		      const struct pcring_cqe *cqe);
void pcring_answer(struct pcring_ring *cq, struct pcring_answer *answers, u32 n,
		   u32 requests);

int pcring_flight_create(struct pcring_ring *cq);
void pcring_flight_destroy(struct pcring_ring *cq);

/* ---- workers, worker.c ---- */

int pcring_worker_attach(struct pcring_ctx *ctx, int cpu, bool dedicated);
void pcring_worker_detach(struct pcring_ctx *ctx);
void pcring_worker_queue(struct pcring_ctx *ctx);

/* ---- calls, ioctl.c, setup.c, desc.c, enter.c, rw.c, stats.c ---- */

long pcring_ioctl(struct file *file, unsigned int cmd, unsigned long arg);
void pcring_info(struct pcring_ctx *ctx, struct pcring_info *info);
int pcring_configure(struct pcring_ctx *ctx,
		     const struct pcring_configure *configure);
int pcring_desc_check(struct pcring_ctx *ctx, struct pcring_ring_desc *descs,
		      u32 nr);
int pcring_setup_call(struct pcring_ctx *ctx, struct pcring_setup *setup,
		      void __user *user);
int pcring_setup_defaults(struct pcring_ctx *ctx);
int pcring_enter(struct pcring_ctx *ctx, struct pcring_enter *enter);
int pcring_wait(struct pcring_ring *ring, u32 min, ktime_t *expires, bool once);
void pcring_kick(struct pcring_ctx *ctx);
int pcring_stats(struct pcring_ctx *ctx, struct pcring_stats *stats);
ssize_t pcring_read(struct kiocb *iocb, struct iov_iter *to);
ssize_t pcring_write(struct kiocb *iocb, struct iov_iter *from);
struct pcring_rw *pcring_rw_create(void);
void pcring_rw_start(struct pcring_ctx *ctx, struct pcring_rw *rw);

/**
 * struct pcring_totals - what a device's ctxs have left behind, for one kind
 * @offered: items, as the terms that follow; see struct pcring_stats.
 * @rejected: by enum pcring_reason.
 * @accepted: of rings that the user produces into: what the kernel took.
 * @consumed: of rings that the user consumes: what the kernel handed over.
 * @discarded: reservations cancelled.
 * @cancelled: lost with an end.
 * @gaps: gaps written or met.
 * @stale: FREE entries refused.
 * @wakes: wakeups sent by the kernel.
 * @sleeps: sleeps of the kernel's end.
 */
struct pcring_totals {
	u64 offered;
	u64 rejected[PCRING_NR_REASONS];
	u64 accepted;
	u64 consumed;
	u64 discarded;
	u64 cancelled;
	u64 gaps;
	u64 stale;
	u64 wakes;
	u64 sleeps;
};

void pcring_stats_fold(struct pcring_ring *ring, struct pcring_totals *totals);

/* ---- devices, device.c, file.c, debugfs.c ---- */

/**
 * struct pcring_device - a driver's
 * @dev: holds this struct.
 * @cdev: what is opened.
 * @ops: the driver's.
 * @priv: the driver's.
 * @name: as registered.
 * @minor: its number.
 * @lock: see the top.
 * @ctxs: open and dying.
 * @open: how many are open.
 * @dying: how many are closed and not yet ended.
 * @last_id: of a ctx.
 * @gone: unregistered, or about to be.
 * @wait: for a ctx's end.
 * @workers: by CPU.
 * @totals_lock: of @totals; innermost.
 * @totals: of ctxs that have ended, by kind.
 * @debugfs: its folder.
 */
struct pcring_device {
	struct device dev;
	struct cdev cdev;
	const struct pcring_ops *ops;
	void *priv;
	char name[32];
	u32 minor;
	struct mutex lock; /* see above */
	struct list_head ctxs;
	u32 open;
	u32 dying;
	u32 last_id;
	bool gone;
	wait_queue_head_t wait;
	struct xarray workers;
	struct mutex totals_lock; /* see above */
	struct pcring_totals totals[PCRING_NR_KINDS];
	struct dentry *debugfs;
};

int pcring_device_init(void);
void pcring_device_exit(void);
extern const struct file_operations pcring_fops;
extern const struct file_operations pcring_pool_fops;
void pcring_debugfs_init(void);
void pcring_debugfs_exit(void);
void pcring_debugfs_add(struct pcring_device *device);
void pcring_debugfs_del(struct pcring_device *device);

#endif /* _PCRING_CORE_H */
