// SPDX-License-Identifier: GPL-2.0-only
/*
 * pcring: one consumer at a time of what a ctx's program produces: a worker, the
 * program's own thread in ENTER, a drain. Whoever lets go of ctx->consume has
 * announced that the rings are asleep and looked again, or has left them to the
 * worker.
 */
#include "core.h"

static bool pcring_ring_consumed(const struct pcring_ring *ring)
{
	return ring->kind == PCRING_KIND_SQ || ring->kind == PCRING_KIND_REC_IN;
}

static void pcring_ring_disarm(struct pcring_ring *ring)
{
	if (!ring->armed)
		return;
	ring->armed = false;
	pcring_cons_finish_wait(&ring->cons);
	if (ring->kind == PCRING_KIND_SQ)
		pcring_submit_disarm(ring);
}

/* Not while SETUP may still be undone, and not for the dead. */
static bool pcring_ctx_consumes(const struct pcring_ctx *ctx)
{
	u32 state = pcring_ctx_get_state(ctx);

	return state == PCRING_STATE_LIVE || state == PCRING_STATE_DRAINING;
}

static int pcring_ring_consume(struct pcring_ring *ring, u32 max)
{
	if (ring->kind == PCRING_KIND_SQ)
		return pcring_submit_some(ring, max);
	return pcring_input_some(ring, max);
}

/**
 * pcring_consume() - take some items of each ring
 * @ctx: the ctx.
 * @max: items in all.
 *
 * Context: ctx->consume held.
 * Return: items taken.
 */
u32 pcring_consume(struct pcring_ctx *ctx, u32 max)
{
	u32 nr = pcring_ctx_nr_rings(ctx);
	u32 i, done = 0;
	int got;

	for (i = 0; i < nr && done < max; i++) {
		struct pcring_ring *ring;

		if (!pcring_ctx_consumes(ctx))
			break;
		/* Each is the first once, so none starves the others. */
		ring = ctx->rings[(ctx->next_ring + i) % nr];
		if (!pcring_ring_consumed(ring))
			continue;
		pcring_ring_disarm(ring);
		got = pcring_ring_consume(ring, max - done);
		if (got < 0)
			pcring_ctx_kill(ctx, ring);
		else
			done += got;
		/* Whoever waits for space sees all there is. */
		pcring_ring_released(ring, pcring_cons_publish(&ring->cons));
	}
	ctx->next_ring++;
	return done;
}

/* Announce that the ring is asleep and look again: is there something to do? */
static bool pcring_ring_arm(struct pcring_ring *ring)
{
	if (!ring->armed) {
		ring->armed = true;
		pcring_cons_prepare_wait(&ring->cons, 1); /* H */
		pcring_count(&ring->cons.own->counts.sleeps, 1);
	}
	if (ring->kind == PCRING_KIND_SQ)
		return pcring_submit_ready(ring);
	return pcring_input_ready(ring);
}

/**
 * pcring_consume_idle() - announce that the ctx's rings are asleep
 * @ctx: the ctx.
 *
 * Context: ctx->consume held.
 * Return: true: there is nothing that could be done now.
 */
bool pcring_consume_idle(struct pcring_ctx *ctx)
{
	u32 nr = pcring_ctx_nr_rings(ctx);
	bool more = false;
	u32 i;

	if (!pcring_ctx_consumes(ctx))
		return true;
	for (i = 0; i < nr; i++)
		if (pcring_ring_consumed(ctx->rings[i]))
			more |= pcring_ring_arm(ctx->rings[i]);
	return !more;
}

/**
 * pcring_consume_unlock() - let go of ctx->consume
 * @ctx: the ctx.
 *
 * What is left is for its worker.
 */
void pcring_consume_unlock(struct pcring_ctx *ctx)
{
	bool idle = pcring_consume_idle(ctx);

	mutex_unlock(&ctx->consume);
	/* A worker that came meanwhile has left its mark before it tried again. */
	smp_mb();
	if (test_and_clear_bit(PCRING_CTX_MISSED, &ctx->flags) || !idle)
		pcring_worker_queue(ctx);
}

/**
 * pcring_consume_cancel() - what nobody will take any more
 * @ctx: the ctx, its consumers gone.
 *
 * Context: ctx->consume held.
 * Return: items that now count as cancelled.
 */
u64 pcring_consume_cancel(struct pcring_ctx *ctx)
{
	u32 nr = pcring_ctx_nr_rings(ctx);
	u64 all = 0;
	u32 i;

	for (i = 0; i < nr; i++) {
		struct pcring_ring *ring = ctx->rings[i];
		u64 items;

		if (!pcring_ring_consumed(ring))
			continue;
		items = pcring_ring_in_ring(ring);
		pcring_count_term(&ring->cons.own->counts.cancelled, items);
		all += items;
	}
	return all;
}
