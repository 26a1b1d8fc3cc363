// SPDX-License-Identifier: GPL-2.0-only
/*
 * pcring: no more, finish what is there: DRAIN, fsync(), and what a closed ctx does
 * before it dies.
 */
#include <linux/hrtimer.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/sched/signal.h>
#include "core.h"

/* How often a drain looks again if nobody wakes it: ms. */
#define PCRING_DRAIN_LOOK_MS 10

/* Requests that were taken and are not answered. */
u32 pcring_ctx_in_flight(struct pcring_ctx *ctx)
{
	u32 nr = pcring_ctx_nr_rings(ctx);
	u32 i, all = 0;

	for (i = 0; i < nr; i++) {
		struct pcring_ring *ring = ctx->rings[i];
		unsigned long flags;

		raw_spin_lock_irqsave(&ring->lock, flags);
		all += ring->in_flight;
		raw_spin_unlock_irqrestore(&ring->lock, flags);
	}
	return all;
}

/* Up to where each ring is to be consumed; what is submitted later is not waited for. */
struct pcring_marks {
	u64 to[PCRING_MAX_RINGS];
	bool all;
};

static bool pcring_ring_waited(const struct pcring_ring *ring)
{
	return ring->kind == PCRING_KIND_SQ || ring->kind == PCRING_KIND_REC_IN;
}

/* Under ctx->consume. */
static void pcring_marks_set(struct pcring_ctx *ctx, struct pcring_marks *marks)
{
	u32 nr = pcring_ctx_nr_rings(ctx);
	u32 i;

	for (i = 0; i < nr; i++) {
		struct pcring_ring *ring = ctx->rings[i];
		const struct pcring_prod_page *prod;
		int avail;

		if (!pcring_ring_waited(ring))
			continue;
		if (ring->kind == PCRING_KIND_SQ) {
			avail = pcring_cons_peek(&ring->cons,
						 ring->desc.entries);
			marks->to[i] = ring->cons.cons + max(avail, 0);
		} else {
			prod = pcring_ring_prod_page(ring);
			marks->to[i] = pcring_load_acquire(&prod->prod); /* D */
		}
	}
}

/* Under ctx->consume. Is there an item, whoever may take it? */
static bool pcring_ring_pending(struct pcring_ring *ring)
{
	if (ring->kind == PCRING_KIND_SQ)
		return pcring_cons_peek(&ring->cons, 1) > 0;
	return pcring_record_refresh(&ring->cons) > 0;
}

/* Under ctx->consume. */
static bool pcring_marks_reached(struct pcring_ctx *ctx,
				 const struct pcring_marks *marks)
{
	u32 nr = pcring_ctx_nr_rings(ctx);
	u32 i;

	for (i = 0; i < nr; i++) {
		struct pcring_ring *ring = ctx->rings[i];

		if (!pcring_ring_waited(ring))
			continue;
		if (marks->all && pcring_ring_pending(ring))
			return false;
		if (!marks->all && (s64)(marks->to[i] - ring->cons.cons) > 0)
			return false;
	}
	return !pcring_ctx_in_flight(ctx);
}

/* Sleep for a moment, or until somebody has moved something. */
static void pcring_drain_nap(struct pcring_ctx *ctx, bool killable)
{
	DEFINE_WAIT(wait);

	prepare_to_wait(&ctx->wait, &wait,
			killable ? TASK_KILLABLE : TASK_IDLE);
	schedule_timeout(msecs_to_jiffies(PCRING_DRAIN_LOOK_MS));
	finish_wait(&ctx->wait, &wait);
}

static int pcring_drain_to(struct pcring_ctx *ctx, struct pcring_marks *marks,
			   u64 timeout_ns, bool killable)
{
	u64 start = ktime_get_ns();
	bool reached;
	u32 done;

	for (;;) {
		mutex_lock(&ctx->consume);
		done = pcring_consume(ctx, PCRING_TURN);
		reached = pcring_marks_reached(ctx, marks);
		pcring_consume_unlock(ctx);
		if (reached)
			return 0;
		if (pcring_ctx_get_state(ctx) >= PCRING_STATE_DEAD)
			return pcring_ctx_alive(ctx);
		if (READ_ONCE(ctx->device->gone))
			return -ENODEV;
		if (timeout_ns != PCRING_NO_TIMEOUT &&
		    ktime_get_ns() - start >= timeout_ns)
			return -ETIME;
		if (killable && fatal_signal_pending(current))
			return -EINTR;
		if (!done)
			pcring_drain_nap(ctx, killable);
		cond_resched();
	}
}

/**
 * pcring_drain_until() - consume until nothing is left and nothing in flight
 * @ctx: the ctx.
 * @timeout_ns: nanoseconds, 0: what can be done at once; PCRING_NO_TIMEOUT.
 * @killable: a fatal signal ends it.
 *
 * Return: 0; -ETIME; -EINTR; -ENODEV; -EBADFD or -ECANCELED: dead.
 */
int pcring_drain_until(struct pcring_ctx *ctx, u64 timeout_ns, bool killable)
{
	struct pcring_marks marks = { .all = true };

	return pcring_drain_to(ctx, &marks, timeout_ns, killable);
}

/* What was submitted so far is consumed and answered; 0, -EINTR, -ENODEV, ... */
int pcring_flush(struct pcring_ctx *ctx)
{
	struct pcring_marks marks = { .all = false };

	mutex_lock(&ctx->consume);
	pcring_marks_set(ctx, &marks);
	mutex_unlock(&ctx->consume);
	return pcring_drain_to(ctx, &marks, PCRING_NO_TIMEOUT, true);
}

/* Items consumed and, if they were requests, answered. */
static u64 pcring_ctx_finished(struct pcring_ctx *ctx)
{
	u32 nr = pcring_ctx_nr_rings(ctx);
	u64 all = 0;
	u32 i;

	mutex_lock(&ctx->consume);
	for (i = 0; i < nr; i++)
		if (pcring_ring_waited(ctx->rings[i]))
			all += READ_ONCE(
				ctx->rings[i]->cons.own->counts.consumed);
	all -= pcring_ctx_in_flight(ctx);
	mutex_unlock(&ctx->consume);
	return all;
}

/**
 * pcring_drain() - PCRING_IOC_DRAIN
 * @ctx: the ctx, its lock held.
 * @drain: in and out.
 *
 * Return: 0; -ETIME: the rest is cancelled; -EINTR: killed, it goes on draining;
 * -EBADFD, -ECANCELED, -ENODEV.
 */
int pcring_drain(struct pcring_ctx *ctx, struct pcring_drain *drain)
{
	u64 before = pcring_ctx_finished(ctx);
	int err = pcring_ctx_alive(ctx);

	if (err && pcring_ctx_get_state(ctx) != PCRING_STATE_DRAINING)
		return err;
	pcring_ctx_set_state(ctx, PCRING_STATE_DRAINING);
	pcring_ctx_tell(ctx);
	pcring_ctx_shutdown(ctx);
	err = pcring_drain_until(ctx, drain->timeout_ns, true);
	drain->drained = pcring_ctx_finished(ctx) - before;
	if (err && err != -ETIME)
		return err;
	drain->cancelled = pcring_ctx_finish(ctx, PCRING_STATE_DEAD);
	return err;
}
