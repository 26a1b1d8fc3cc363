// SPDX-License-Identifier: LGPL-2.1-only OR MIT
/*
 * libpcring: the balance sheet of a ring. No term is derived from the others: "in
 * ring" is counted by walking the ring.
 */
#include "pcring_impl.h"

/* A consumer's view of the ring, whichever end this is. */
static struct pcring_cons pcring_end_view(const struct pcring_ring_impl *end)
{
	const struct pcring_prod *p = &end->prod;
	struct pcring_cons walk;

	if (!end->produces) {
		walk = end->cons;
		walk.cons = pcring_load(&end->cons.own->counts.position);
		return walk;
	}
	memset(&walk, 0, sizeof(walk));
	walk.peer = p->own;
	walk.data = p->data;
	walk.cons = pcring_load(&p->peer->counts.position);
	walk.entries = p->entries;
	walk.mask = p->mask;
	walk.order = p->order;
	walk.entry_size = p->entry_size;
	walk.policy = p->policy;
	walk.producers = p->producers;
	walk.record_flags = p->record_flags;
	return walk;
}

static int pcring_stats_walk(struct pcring_ring_impl *end,
			     struct pcring_stats *stats, __u64 done)
{
	struct pcring_cons walk = pcring_end_view(end);
	__u32 discarded = 0;
	int items;

	if (end->settled)
		return 0;
	if (end->words) {
		stats->in_ring += pcring_xchg_count(
			end->words,
			end->produces ? end->prod.entries : end->cons.entries);
		return 0;
	}
	if (walk.entry_size) {
		stats->in_ring += pcring_cons_count(&walk, &discarded);
		stats->discarded += discarded;
		return 0;
	}
	if (walk.cons & (PCRING_RECORD_ALIGN - 1))
		return pcring_ctx_bad(end->ctx, "position");
	items = pcring_record_count(&walk);
	if (items < 0)
		return pcring_ctx_bad(end->ctx, "a record ring");
	stats->in_ring += (__u64)items;
	if (walk.record_flags & PCRING_RECORD_F_INDEX) {
		walk.index = done;
		stats->overwritten += pcring_record_missing(&walk);
	}
	return 0;
}

static int pcring_stats_end(struct pcring_ring_impl *end,
			    struct pcring_stats *stats)
{
	const struct pcring_cons_page *cons = end->produces ? end->prod.peer
							    : end->cons.own;
	const struct pcring_prod_page *prod = end->produces ? end->prod.own
							    : end->cons.peer;
	__u64 consumed = pcring_load_acquire(&cons->counts.consumed); /* V */
	__u64 discarded = pcring_load_acquire(&cons->counts.discarded);
	__u64 overwritten = pcring_load_acquire(&cons->counts.overwritten);
	__u64 cancelled = pcring_load_acquire(&cons->counts.cancelled);
	__u64 taken = consumed + overwritten + discarded + cancelled;
	__u64 high = pcring_load(&prod->counts.fills);
	__u32 i;

	stats->consumed += consumed;
	stats->discarded += discarded;
	stats->overwritten +=
		overwritten + pcring_load_acquire(&prod->counts.overwritten);
	stats->cancelled += cancelled + pcring_load(&prod->counts.cancelled);
	stats->stale += pcring_load(&cons->counts.stale);
	stats->wakes += pcring_load(&cons->counts.wakes) +
			pcring_load(&prod->counts.wakes);
	stats->sleeps += pcring_load(&cons->counts.sleeps) +
			 pcring_load(&prod->counts.sleeps);
	stats->gaps += pcring_load(&prod->counts.gaps);
	stats->accepted += pcring_load(&prod->counts.accepted);
	for (i = 0; i < PCRING_NR_REASONS; i++)
		stats->rejected[i] += pcring_load(&prod->counts.rejected[i]);
	stats->offered += pcring_load(&prod->counts.offered);
	/* A producer killed between two counters: offered, never decided. */
	if (end->lost_offers > 0)
		stats->rejected[PCRING_REASON_DEAD] += (__u64)end->lost_offers;
	else
		stats->offered += (__u64)-end->lost_offers;
	if (high > stats->high_water)
		stats->high_water = high;
	return pcring_stats_walk(end, stats, taken);
}

int pcring_shm_stats(struct pcring_ring_impl *ring, struct pcring_stats *stats)
{
	__u32 i;
	int err = 0;

	stats->state = pcring_ctx_state(ring->ctx);
	if (!ring->shards)
		err = pcring_stats_end(ring, stats);
	for (i = 0; !err && i < ring->nr_shards; i++)
		err = pcring_stats_end(&ring->shards[i], stats);
	if (ring->ctx->pool && ring->desc->pool_fd == PCRING_CTX_POOL)
		pcring_pool_stats(ring->ctx->pool, stats);
	return err;
}

int pcring_ring_stats(struct pcring_ring *handle, struct pcring_stats *stats)
{
	struct pcring_ring_impl *ring = handle->impl;

	memset(stats, 0, sizeof(*stats));
	stats->size = sizeof(*stats);
	stats->ring = (__u32)(ring->desc - ring->ctx->descs);
	return ring->ctx->via->stats(ring, stats);
}

const struct pcring_ring_desc *pcring_ring_desc(const struct pcring_ring *ring)
{
	return ring->impl->desc;
}

struct pcring_ring *pcring_ring_shard(struct pcring_ring *ring, __u32 shard)
{
	struct pcring_ring_impl *impl = ring->impl;

	if (!impl->produces || shard >= impl->nr_shards)
		return NULL;
	return &impl->shards[shard].ring;
}
