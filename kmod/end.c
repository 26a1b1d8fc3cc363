// SPDX-License-Identifier: GPL-2.0-only
/*
 * pcring: how a ctx ends.
 *
 *   close     the last file and mapping are gone: drain until the deadline, cancel
 *             the rest, give everything back. In a work: close() itself returns
 *   unplug    the device is gone: nothing is drained; the file, its pages, and what
 *             can still be read stay until it is closed
 *   DRAIN     as close, but the file stays open
 *
 * All three come through pcring_ctx_finish(); each of its steps happens once.
 */
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/wait.h>
#include "core.h"

/* The driver produces nothing more when this returns. ctx->lock held. */
void pcring_ctx_shutdown(struct pcring_ctx *ctx)
{
	if (!test_bit(PCRING_CTX_STARTED, &ctx->flags) ||
	    test_and_set_bit(PCRING_CTX_SHUTDOWN, &ctx->flags))
		return;
	/* Who resumes a producer has seen the state, or has returned. */
	mutex_lock(&ctx->kick);
	mutex_unlock(&ctx->kick);
	if (ctx->ops->shutdown)
		ctx->ops->shutdown(ctx);
}

/* Deferred requests: asked for, and waited for however long the driver takes. */
static void pcring_ctx_cancel_flight(struct pcring_ctx *ctx)
{
	DEFINE_WAIT(wait);

	if (pcring_ctx_in_flight(ctx) && ctx->ops->cancel)
		ctx->ops->cancel(ctx);
	for (;;) {
		prepare_to_wait(&ctx->wait, &wait, TASK_UNINTERRUPTIBLE);
		if (!pcring_ctx_in_flight(ctx))
			break;
		schedule_timeout(msecs_to_jiffies(10));
	}
	finish_wait(&ctx->wait, &wait);
	synchronize_rcu(); /* pcring_req_complete() has returned */
}

/**
 * pcring_ctx_finish() - the end of what a ctx does
 * @ctx: the ctx, its lock held, set up, and shut down.
 * @state: DEAD or UNPLUGGED.
 *
 * No op but release() is running or will be called when this returns.
 *
 * Return: items that now count as cancelled.
 */
u64 pcring_ctx_finish(struct pcring_ctx *ctx, u32 state)
{
	u64 cancelled = 0;

	pcring_ctx_set_state(ctx, state);
	pcring_worker_detach(ctx);
	/* Who consumes has looked at the state, or will before it goes on. */
	mutex_lock(&ctx->consume);
	if (!test_and_set_bit(PCRING_CTX_CANCELLED, &ctx->flags))
		cancelled = pcring_consume_cancel(ctx);
	mutex_unlock(&ctx->consume);
	pcring_ctx_cancel_flight(ctx);
	/* S: the last completion was published. */
	pcring_ctx_tell(ctx);
	return cancelled;
}

static void pcring_ctx_release(struct pcring_ctx *ctx)
{
	if (!test_and_set_bit(PCRING_CTX_RELEASED, &ctx->flags) &&
	    ctx->ops->release)
		ctx->ops->release(ctx);
}

/**
 * pcring_ctx_unplug() - its device is gone
 * @ctx: the ctx, a reference the caller's.
 *
 * Context: process, sleeps until the driver has let go of @ctx.
 */
void pcring_ctx_unplug(struct pcring_ctx *ctx)
{
	/* First, so that whoever holds the lock and waits gives up. */
	if (pcring_ctx_is_set_up(ctx))
		pcring_ctx_set_state(ctx, PCRING_STATE_UNPLUGGED);
	mutex_lock(&ctx->lock);
	pcring_ctx_set_state(ctx, PCRING_STATE_UNPLUGGED);
	if (ctx->nr_rings) {
		pcring_ctx_shutdown(ctx);
		pcring_ctx_finish(ctx, PCRING_STATE_UNPLUGGED);
	}
	pcring_ctx_tell(ctx);
	pcring_ctx_release(ctx);
	mutex_unlock(&ctx->lock);
	wake_up_all(&ctx->wait);
}

/* ---- close -------------------------------------------------------------------------- */

/*
 * What the program has not read, it never will. Where it stopped is its own claim:
 * never more than there were.
 */
static void pcring_ring_cancel_unread(struct pcring_ring *ring)
{
	struct pcring_prod_counts *counts = &ring->prod.own->counts;
	u64 left = counts->accepted - counts->cancelled;

	pcring_count(&counts->cancelled, min(pcring_ring_in_ring(ring), left));
}

static void pcring_ctx_cancel_unread(struct pcring_ctx *ctx)
{
	u32 i;

	for (i = 0; i < ctx->nr_rings; i++)
		if (ctx->rings[i]->kernel_produces)
			pcring_ring_cancel_unread(ctx->rings[i]);
}

static void pcring_ctx_leave_books(struct pcring_ctx *ctx)
{
	struct pcring_device *device = ctx->device;
	u32 i;

	mutex_lock(&device->totals_lock);
	for (i = 0; i < ctx->nr_rings; i++)
		pcring_stats_fold(ctx->rings[i],
				  &device->totals[ctx->rings[i]->kind]);
	mutex_unlock(&device->totals_lock);
}

static void pcring_ctx_leave_pools(struct pcring_ctx *ctx)
{
	struct pcring_pool *pool;
	unsigned long index;
	u32 i;

	for (i = 0; i < ctx->nr_rings; i++)
		pcring_flow_end(ctx->rings[i]);
	xa_for_each(&ctx->pools, index, pool) {
		xa_erase(&ctx->pools, index);
		pcring_block_home(pool, ctx);
		pcring_pool_kick(pool);
		pcring_pool_put(pool);
	}
}

static void pcring_ctx_die(struct pcring_ctx *ctx)
{
	if (ctx->nr_rings) {
		pcring_ctx_set_state(ctx, PCRING_STATE_DRAINING);
		pcring_ctx_shutdown(ctx);
		pcring_drain_until(ctx, ctx->drain_ns, false);
		pcring_ctx_finish(ctx, PCRING_STATE_DEAD);
		pcring_ctx_cancel_unread(ctx);
		pcring_ctx_leave_books(ctx);
	}
	pcring_ctx_release(ctx);
	pcring_ctx_leave_pools(ctx);
}

void pcring_ctx_close_work(struct work_struct *work)
{
	struct pcring_ctx *ctx =
		container_of(work, struct pcring_ctx, close_work);
	struct pcring_device *device = ctx->device;
	struct module *owner = ctx->ops->owner;

	mutex_lock(&ctx->lock);
	pcring_ctx_die(ctx);
	mutex_unlock(&ctx->lock);

	get_device(&device->dev);
	mutex_lock(&device->lock);
	list_del_init(&ctx->node);
	device->dying--;
	mutex_unlock(&device->lock);
	pcring_ctx_put(ctx);
	wake_up_all(&device->wait);
	put_device(&device->dev);
	module_put(owner);
	/* Last: the module's exit waits for this work to return. */
	module_put(THIS_MODULE);
}

/**
 * pcring_ctx_close() - the last file and mapping are gone
 * @ctx: the ctx; the file's reference is the work's from here on.
 */
void pcring_ctx_close(struct pcring_ctx *ctx)
{
	struct pcring_device *device = ctx->device;

	set_bit(PCRING_CTX_CLOSED, &ctx->flags);
	mutex_lock(&device->lock);
	device->open--;
	device->dying++;
	mutex_unlock(&device->lock);
	__module_get(THIS_MODULE);
	queue_work(pcring_wq, &ctx->close_work);
}
