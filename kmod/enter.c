// SPDX-License-Identifier: GPL-2.0-only
/*
 * pcring: ENTER: hand over, wait, or both.
 */
#include <linux/hrtimer.h>
#include <linux/ktime.h>
#include <linux/nospec.h>
#include <linux/sched/signal.h>
#include "core.h"

/**
 * pcring_kick() - the program has done something we may be waiting for
 * @ctx: the ctx, set up.
 *
 * Context: process.
 */
void pcring_kick(struct pcring_ctx *ctx)
{
	u32 nr = pcring_ctx_nr_rings(ctx);
	bool consume = false;
	u32 i;

	for (i = 0; i < nr; i++) {
		struct pcring_ring *ring = ctx->rings[i];

		if (ring->kind == PCRING_KIND_FREE)
			pcring_free_collect_all(ring);
		else if (!ring->kernel_produces)
			consume = true;
	}
	/* After FREE was read. */
	for (i = 0; i < nr; i++)
		if (ctx->rings[i]->kernel_produces && !ctx->rings[i]->peer)
			pcring_flow_kick(ctx->rings[i]);
	if (consume)
		pcring_worker_queue(ctx);
}

static int pcring_enter_check(struct pcring_ctx *ctx,
			      const struct pcring_enter *enter)
{
	bool wait = enter->flags & PCRING_ENTER_WAIT;
	bool space = enter->flags & PCRING_ENTER_SPACE;
	const struct pcring_ring *ring;

	if (enter->flags & ~PCRING_ENTER_ALL)
		return pcring_ctx_refuse(ctx, -EINVAL,
					 "enter: flags %#x: unknown",
					 enter->flags);
	if (wait && space)
		return pcring_ctx_refuse(
			ctx, -EINVAL,
			"enter: flags %#x: WAIT and SPACE exclude each other",
			enter->flags);
	if (enter->reserved)
		return pcring_ctx_refuse(ctx, -EINVAL,
					 "enter: reserved %u: not zero",
					 enter->reserved);
	if (enter->ring >= ctx->nr_rings)
		return pcring_ctx_refuse(ctx, -EINVAL,
					 "enter: ring %u: there are %u",
					 enter->ring, ctx->nr_rings);
	ring = ctx->rings[array_index_nospec(enter->ring, ctx->nr_rings)];
	if ((wait && !ring->kernel_produces) ||
	    (space && ring->kernel_produces))
		return pcring_ctx_refuse(
			ctx, -EINVAL,
			"enter: ring %u: not the end the program waits at",
			enter->ring);
	if (space && ring->desc.policy != PCRING_POLICY_BLOCK)
		return pcring_ctx_refuse(
			ctx, -EINVAL,
			"enter: ring %u: nobody waits for space under policy %u",
			enter->ring, ring->desc.policy);
	return 0;
}

/* Entries or bytes that whoever waits at this ring waits for. */
static u32 pcring_ring_there(const struct pcring_ring *ring)
{
	return ring->kernel_produces ? pcring_ring_avail(ring)
				     : pcring_ring_space(ring);
}

/* Enough, or all that will come: the producer has no space for more. */
static bool pcring_wait_over(const struct pcring_ring *ring, u32 min)
{
	u32 there;

	if (!ring->kernel_produces)
		return pcring_ring_has_space(ring, min);
	there = pcring_ring_avail(ring);
	if (there >= min)
		return true;
	return there && pcring_load(&ring->prod.starved);
}

/* Announce, look, sleep; 1: it is there; 0: look again; negative: no more. */
static int pcring_wait_once(struct pcring_ring *ring, u32 min, ktime_t *expires)
{
	struct pcring_ctx *ctx = ring->ctx;
	int err;

	pcring_ring_arm_user(ring, min);
	if (pcring_wait_over(ring, min))
		return 1;
	err = pcring_ctx_told(ctx);
	if (err)
		return err;
	if (signal_pending(current))
		return -EINTR;
	if (!expires)
		schedule();
	else if (!schedule_hrtimeout(expires, HRTIMER_MODE_ABS))
		return pcring_wait_over(ring, min) ? 1 : -ETIME;
	return 0;
}

/**
 * pcring_wait() - sleep for the program's end of a ring
 * @ring: the ring.
 * @min: items (or free entries), bytes of records; 1 up.
 * @expires: CLOCK_MONOTONIC; NULL: for ever.
 * @once: only look.
 *
 * Return: 0; -ETIME; -EINTR; -ECANCELED, -EBADFD, -ENODEV: the ctx has ended, and
 * what is asked for is not there.
 */
int pcring_wait(struct pcring_ring *ring, u32 min, ktime_t *expires, bool once)
{
	DEFINE_WAIT(wait);
	int got;

	min = clamp(min, 1U, ring->desc.entries);
	if (once) {
		if (pcring_wait_over(ring, min))
			return 0;
		return pcring_ctx_told(ring->ctx) ?: -ETIME;
	}
	do {
		prepare_to_wait(&ring->ctx->wait, &wait, TASK_INTERRUPTIBLE);
		got = pcring_wait_once(ring, min, expires);
	} while (!got);
	finish_wait(&ring->ctx->wait, &wait);
	return got < 0 ? got : 0;
}

static int pcring_enter_wait(struct pcring_ctx *ctx, struct pcring_enter *enter)
{
	u32 index = array_index_nospec(enter->ring, ctx->nr_rings);
	struct pcring_ring *ring = ctx->rings[index];
	u64 ns = enter->timeout_ns;
	ktime_t expires = min_t(u64, ns, KTIME_MAX);
	int err;

	if (!(enter->flags & PCRING_ENTER_ABSTIME))
		expires = ktime_add_safe(ktime_get(), expires);
	err = pcring_wait(ring, enter->min,
			  ns == PCRING_NO_TIMEOUT ? NULL : &expires, !ns);
	enter->ready = pcring_ring_there(ring);
	return err;
}

static int pcring_enter_submit(struct pcring_ctx *ctx,
			       struct pcring_enter *enter)
{
	u32 left = min(enter->submit, PCRING_MAX_ENTRIES);
	int err = pcring_ctx_alive(ctx);
	u32 got;

	if (err)
		return err;
	/* In turns: others, a signal and the end of the ctx come in between. */
	do {
		if (mutex_lock_interruptible(&ctx->consume))
			return enter->taken ? 0 : -EINTR;
		got = pcring_consume(ctx, min(left, PCRING_TURN));
		pcring_consume_unlock(ctx);
		enter->taken += got;
		left -= min(left, got);
		cond_resched();
	} while (got && left && !signal_pending(current) &&
		 !pcring_ctx_alive(ctx));
	return 0;
}

/**
 * pcring_enter() - PCRING_IOC_ENTER
 * @ctx: the ctx, set up.
 * @enter: in and out; its out fields are written whatever is returned.
 *
 * Return: 0; -ETIME, -EINTR, -EBADFD, -ENODEV, -ECANCELED; -EINVAL; -EBUSY: the ctx
 * is read and written.
 */
int pcring_enter(struct pcring_ctx *ctx, struct pcring_enter *enter)
{
	int err;

	enter->taken = 0;
	enter->ready = 0;
	err = pcring_enter_check(ctx, enter);
	if (err)
		return err;
	if (enter->submit) {
		err = pcring_enter_submit(ctx, enter);
		if (err)
			return err;
	}
	pcring_kick(ctx);
	if (enter->flags & (PCRING_ENTER_WAIT | PCRING_ENTER_SPACE))
		return pcring_enter_wait(ctx, enter);
	return pcring_ctx_alive(ctx);
}
