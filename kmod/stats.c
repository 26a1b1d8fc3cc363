// SPDX-License-Identifier: GPL-2.0-only
/*
 * pcring: the balance sheets: of a ring, from both ends' counters and a walk; of a
 * device, from what its dead ctxs have left behind.
 */
#include <linux/nospec.h>
#include "core.h"

static void pcring_stats_cons(const struct pcring_cons_counts *counts,
			      struct pcring_stats *stats)
{
	/* V: the consumer's terms first, each once. */
	stats->consumed = pcring_load_acquire(&counts->consumed);
	stats->overwritten = pcring_load_acquire(&counts->overwritten);
	stats->discarded = pcring_load_acquire(&counts->discarded);
	stats->cancelled = pcring_load_acquire(&counts->cancelled);
	stats->stale = READ_ONCE(counts->stale);
	stats->wakes = READ_ONCE(counts->wakes);
	stats->sleeps = READ_ONCE(counts->sleeps);
}

static void pcring_stats_prod(const struct pcring_prod_counts *counts,
			      struct pcring_stats *stats)
{
	u32 i;

	stats->accepted = READ_ONCE(counts->accepted);
	for (i = 0; i < PCRING_NR_REASONS; i++)
		stats->rejected[i] = READ_ONCE(counts->rejected[i]);
	stats->offered = READ_ONCE(counts->offered);
	stats->overwritten += READ_ONCE(counts->overwritten);
	stats->cancelled += READ_ONCE(counts->cancelled);
	stats->gaps = READ_ONCE(counts->gaps);
	stats->wakes += READ_ONCE(counts->wakes);
	stats->sleeps += READ_ONCE(counts->sleeps);
	stats->high_water = READ_ONCE(counts->fills);
}

static void pcring_stats_ring(struct pcring_ring *ring,
			      struct pcring_stats *stats)
{
	pcring_stats_cons(&pcring_ring_cons_page(ring)->counts, stats);
	stats->in_ring = pcring_ring_in_ring(ring);
	/* What was cancelled here still lies there, and is not counted twice. */
	if (test_bit(PCRING_CTX_CANCELLED, &ring->ctx->flags) &&
	    !ring->kernel_produces && ring->kind != PCRING_KIND_FREE)
		stats->in_ring = 0;
	pcring_stats_prod(&pcring_ring_prod_page(ring)->counts, stats);
	if (ring->pool)
		pcring_pool_count(ring->pool, ring->ctx, &stats->blocks_user,
				  &stats->blocks_kernel);
}

static void pcring_stats_device(struct pcring_device *device,
				struct pcring_stats *stats)
{
	const struct pcring_totals *totals = &device->totals[array_index_nospec(
		stats->ring, PCRING_NR_KINDS)];

	mutex_lock(&device->totals_lock);
	stats->offered = totals->offered;
	memcpy(stats->rejected, totals->rejected, sizeof(stats->rejected));
	stats->accepted = totals->accepted;
	stats->consumed = totals->consumed;
	stats->discarded = totals->discarded;
	stats->cancelled = totals->cancelled;
	stats->gaps = totals->gaps;
	stats->stale = totals->stale;
	stats->wakes = totals->wakes;
	stats->sleeps = totals->sleeps;
	mutex_unlock(&device->totals_lock);
	stats->dying = READ_ONCE(device->dying);
}

/**
 * pcring_stats() - PCRING_IOC_STATS
 * @ctx: the ctx.
 * @stats: in and out.
 *
 * Return: 0; -EINVAL.
 */
int pcring_stats(struct pcring_ctx *ctx, struct pcring_stats *stats)
{
	u32 flags = stats->flags, size = stats->size, ring = stats->ring;
	u32 i;

	if (flags & ~PCRING_STATS_DEVICE)
		return pcring_ctx_refuse(ctx, -EINVAL,
					 "stats: flags %#x: unknown", flags);
	for (i = 0; i < ARRAY_SIZE(stats->reserved); i++)
		if (stats->reserved[i])
			return pcring_ctx_refuse(
				ctx, -EINVAL, "stats: reserved[%u]: not zero",
				i);
	if (flags & PCRING_STATS_DEVICE) {
		if (!ring || ring >= PCRING_NR_KINDS)
			return pcring_ctx_refuse(ctx, -EINVAL,
						 "stats: ring %u: not a kind",
						 ring);
	} else if (!pcring_ctx_is_set_up(ctx) || ring >= ctx->nr_rings) {
		return pcring_ctx_refuse(
			ctx, -EINVAL, "stats: ring %u: there are %u", ring,
			pcring_ctx_is_set_up(ctx) ? ctx->nr_rings : 0);
	}
	memset(stats, 0, sizeof(*stats));
	stats->size = size;
	stats->flags = flags;
	stats->ring = ring;
	stats->state = pcring_ctx_get_state(ctx);
	if (flags & PCRING_STATS_DEVICE)
		pcring_stats_device(ctx->device, stats);
	else
		pcring_stats_ring(
			ctx->rings[array_index_nospec(ring, ctx->nr_rings)],
			stats);
	return 0;
}

/* What the kernel's end has counted; of the user's claims nothing. */
static void pcring_fold_prod(const struct pcring_prod_counts *counts,
			     struct pcring_totals *totals)
{
	u32 i;

	totals->offered += counts->offered;
	for (i = 0; i < PCRING_NR_REASONS; i++)
		totals->rejected[i] += counts->rejected[i];
	totals->accepted += counts->accepted;
	totals->cancelled += counts->cancelled;
	/* Handed over: all that was accepted and not found unread at the end. */
	totals->consumed += counts->accepted - counts->cancelled;
	totals->gaps += counts->gaps;
	totals->wakes += counts->wakes;
	totals->sleeps += counts->sleeps;
}

static void pcring_fold_cons(const struct pcring_cons_counts *counts,
			     struct pcring_totals *totals)
{
	u64 taken = counts->consumed + counts->discarded + counts->cancelled;

	totals->offered += taken;
	totals->accepted += taken;
	totals->consumed += counts->consumed;
	totals->discarded += counts->discarded;
	totals->cancelled += counts->cancelled;
	totals->gaps += counts->gaps;
	totals->stale += counts->stale;
	totals->wakes += counts->wakes;
	totals->sleeps += counts->sleeps;
}

/* A ring has ended: into its device's totals. */
void pcring_stats_fold(struct pcring_ring *ring, struct pcring_totals *totals)
{
	if (ring->kernel_produces)
		pcring_fold_prod(&pcring_ring_prod_page(ring)->counts, totals);
	else
		pcring_fold_cons(&pcring_ring_cons_page(ring)->counts, totals);
}
