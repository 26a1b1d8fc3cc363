// SPDX-License-Identifier: GPL-2.0-only
/*
 * pcring: a driver's producer that finds no space, or no block. It sleeps, or, where
 * it must not, it is stopped and resumed: hardware flow control.
 *
 * The other end announces nothing to us but calls ENTER when it has made space and
 * we had announced that we wait: pcring_flow_kick().
 */
#include <linux/hrtimer.h>
#include <linux/ktime.h>
#include <linux/sched/signal.h>
#include "core.h"

/* 0, or why the driver is to produce nothing more for @ctx. */
static int pcring_flow_alive(const struct pcring_ctx *ctx)
{
	int err;

	/* In start() the ctx is not LIVE yet, but it may produce. */
	if (likely(pcring_ctx_get_state(ctx) <= PCRING_STATE_LIVE))
		return 0;
	err = pcring_ctx_alive(ctx);
	return err == -EOWNERDEAD ? -ECANCELED : err;
}

/* 0, or why @ring's producer is to produce nothing. */
int pcring_flow_check(struct pcring_ring *ring)
{
	int err = pcring_flow_alive(ring->ctx);

	if (unlikely(err))
		return err;
	/* Acquire: the end is ours again. Pairs with pcring_flow_kick(). */
	if (unlikely(smp_load_acquire(&ring->flow.stopped)))
		return -EAGAIN;
	return 0;
}

/*
 * Announce, notify, look: 1: there is what is wanted; 0: there is not, sleep;
 * negative: the ctx has ended. The caller calls pcring_flow_finish() in any case.
 */
static int pcring_flow_announce(struct pcring_ring *ring, u32 want, bool look)
{
	struct pcring_pool *pool = ring->pool;
	bool freed;
	int space;

	/* For want of a block, too: who waits for many takes what there is. */
	pcring_prod_prepare_wait(&ring->prod, max(want, 1U)); /* J */
	pcring_count(&ring->prod.own->counts.sleeps, 1);
	pcring_ring_notify(ring);
	if (!want) {
		atomic_inc(&pool->starving);
		smp_mb__after_atomic(); /* pairs with pcring_pool_kick() */
		if (READ_ONCE(pool->free))
			return 1;
		freed = ring->free && pcring_free_prepare_wait(ring->free);
		return look && freed;
	}
	space = pcring_prod_space(&ring->prod, want);
	if (space < 0)
		return space;
	return space >= (int)want;
}

static void pcring_flow_finish(struct pcring_ring *ring, u32 want)
{
	pcring_prod_finish_wait(&ring->prod);
	if (want)
		return;
	if (ring->free)
		pcring_free_finish_wait(ring->free);
	atomic_dec(&ring->pool->starving);
}

static bool pcring_flow_sleep(ktime_t *expires)
{
	if (!expires) {
		schedule();
		return true;
	}
	/* 0: the time is over. */
	return schedule_hrtimeout(expires, HRTIMER_MODE_ABS) != 0;
}

/**
 * pcring_flow_wait() - sleep until there is space, or a block
 * @ring: a ring a driver produces into, BLOCK.
 * @want: entries or bytes; 0: a block.
 * @timeout_ns: nanoseconds, PCRING_NO_TIMEOUT: for ever.
 *
 * Context: the producer's; process, sleeps.
 * Return: 1; -ETIME, -EINTR, -ECANCELED, -ENODEV, -EBADFD.
 */
int pcring_flow_wait(struct pcring_ring *ring, u32 want, u64 timeout_ns)
{
	ktime_t until =
		ktime_add_safe(ktime_get(), min_t(u64, timeout_ns, KTIME_MAX));
	ktime_t *expires = timeout_ns == PCRING_NO_TIMEOUT ? NULL : &until;
	DEFINE_WAIT(wait);
	bool in_time = true;
	int ready;

	want = min(want, ring->desc.entries);
	do {
		prepare_to_wait(&ring->flow.wait, &wait, TASK_INTERRUPTIBLE);
		ready = pcring_flow_announce(ring, want, true);
		if (!ready)
			ready = pcring_flow_alive(ring->ctx);
		if (!ready && !in_time)
			ready = -ETIME;
		if (!ready && signal_pending(current))
			ready = -EINTR;
		if (!ready)
			in_time = pcring_flow_sleep(expires);
		pcring_flow_finish(ring, want);
	} while (!ready);
	finish_wait(&ring->flow.wait, &wait);
	if (ready == -EBADFD)
		pcring_ctx_kill(ring->ctx, ring);
	return ready;
}

/**
 * pcring_flow_stop() - no space for a producer that does not wait
 * @ring: a ring a driver produces into, BLOCK.
 * @want: entries or bytes; 0: a block.
 * @look: entries of the FREE ring are a reason to try again; else they are left to
 *	the pool's work.
 *
 * A driver without stop() is told -EAGAIN, and nothing is announced.
 *
 * Context: the producer's; any but NMI.
 * Return: 1: there is some now; -EAGAIN, -EBADFD.
 */
int pcring_flow_stop(struct pcring_ring *ring, u32 want, bool look)
{
	const struct pcring_ops *ops = ring->ctx->ops;
	unsigned long flags;
	int ready;

	want = min(want, ring->desc.entries);
	if (!ops->stop) {
		pcring_ring_notify(ring);
		return -EAGAIN;
	}
	/*
	 * stop() is called under the lock: resume() cannot overtake it, and a kick
	 * that comes between the look and the flag waits for the flag.
	 */
	raw_spin_lock_irqsave(&ring->lock, flags);
	ready = pcring_flow_announce(ring, want, look);
	if (ready) {
		pcring_flow_finish(ring, want);
	} else {
		ring->flow.want = want;
		WRITE_ONCE(ring->flow.stopped, true);
		ops->stop(ring);
		ready = -EAGAIN;
	}
	raw_spin_unlock_irqrestore(&ring->lock, flags);
	if (ready == -EBADFD)
		pcring_ctx_kill(ring->ctx, ring);
	if (!look)
		pcring_pool_kick(ring->pool);
	return ready;
}

/* The ring's ctx has ended: nobody kicks it any more, and it waits no more. */
void pcring_flow_end(struct pcring_ring *ring)
{
	if (!ring->pool)
		return;
	pcring_pool_detach(ring->pool, ring);
	if (ring->flow.stopped && !ring->flow.want)
		atomic_dec(&ring->pool->starving);
}

/*
 * Under ring->lock, stopped: may the producer go on? If not, what was announced is
 * announced anew: the user's end answers each number once, and has.
 */
static bool pcring_flow_ready(struct pcring_ring *ring)
{
	u32 want = ring->flow.want;

	if (!want)
		return READ_ONCE(ring->pool->free) ||
		       (ring->free && pcring_free_rearm(ring->free));
	if (pcring_prod_space(&ring->prod, want) >= (int)want)
		return true;
	pcring_prod_finish_wait(&ring->prod);
	pcring_prod_prepare_wait(&ring->prod, want); /* J */
	return pcring_prod_space(&ring->prod, want) >= (int)want;
}

/**
 * pcring_flow_kick() - the user may have made space, or given blocks back
 * @ring: a ring the kernel produces into.
 *
 * Context: process, may sleep.
 */
void pcring_flow_kick(struct pcring_ring *ring)
{
	struct pcring_ctx *ctx = ring->ctx;
	bool resume = false, stopped;
	unsigned long flags;

	wake_up(&ring->flow.wait);
	/* With the lock: pcring_flow_stop() may be about to say so. */
	raw_spin_lock_irqsave(&ring->lock, flags);
	stopped = ring->flow.stopped;
	raw_spin_unlock_irqrestore(&ring->lock, flags);
	if (!stopped)
		return;
	mutex_lock(&ctx->kick);
	raw_spin_lock_irqsave(&ring->lock, flags);
	if (ring->flow.stopped && !pcring_ctx_alive(ctx) &&
	    pcring_flow_ready(ring)) {
		pcring_flow_finish(ring, ring->flow.want);
		/* Pairs with the acquire in pcring_flow_check(). */
		smp_store_release(&ring->flow.stopped, false);
		resume = true;
	}
	raw_spin_unlock_irqrestore(&ring->lock, flags);
	if (resume)
		ctx->ops->resume(ring);
	mutex_unlock(&ctx->kick);
}
