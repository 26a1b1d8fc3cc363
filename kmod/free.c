// SPDX-License-Identifier: GPL-2.0-only
/*
 * pcring: FREE rings. Read when a block is wanted, by whoever wants it, in whatever
 * context that is; so its consumer's end has a lock.
 */
#include "core.h"

/* Entries looked at with interrupts off at a time. */
#define PCRING_FREE_BATCH 32U
/* Batches that a producer looks at for one block. */
#define PCRING_FREE_BATCHES 8U

/**
 * struct pcring_freed - what came of a look at a FREE ring
 * @taken: entries.
 * @home: blocks that are free now.
 * @asked: the user's end has announced that it waits for space.
 */
struct pcring_freed {
	u32 taken;
	u32 home;
	bool asked;
};

/* Under the lock. 0; -EBADFD. */
static int __pcring_free_collect(struct pcring_ring *ring,
				 struct pcring_freed *freed)
{
	struct pcring_free entries[PCRING_FREE_BATCH];
	struct pcring_cons *cons = &ring->cons;
	int got = pcring_cons_pop(cons, entries, PCRING_FREE_BATCH,
				  sizeof(entries[0]));
	u32 items = 0;
	int i;

	if (got <= 0)
		return got;
	for (i = 0; i < got; i++) {
		if (entries[i].block & PCRING_ENTRY_SPECIAL)
			continue;
		items++;
		if (pcring_block_from_user(ring->pool, ring->ctx,
					   entries[i].block,
					   entries[i].generation, true))
			pcring_count(&cons->own->counts.stale, 1);
		else
			freed->home++;
	}
	freed->taken += got;
	/* All are consumed, also those refused: nothing else happens to them. */
	freed->asked |= pcring_cons_release(cons, got, items);
	freed->asked |= pcring_cons_publish(cons);
	return got;
}

/**
 * pcring_free_collect() - take what the user has given back
 * @ring: FREE.
 *
 * Until a block has come home, and PCRING_FREE_BATCHES batches at most: what stands
 * there may be garbage, and there may always be more of it.
 *
 * Context: any but NMI.
 * Return: true if any block came home.
 */
bool pcring_free_collect(struct pcring_ring *ring)
{
	u32 left = PCRING_FREE_BATCHES;
	struct pcring_freed freed = { 0 };
	unsigned long flags;
	int got;

	do {
		raw_spin_lock_irqsave(&ring->lock, flags);
		got = __pcring_free_collect(ring, &freed);
		raw_spin_unlock_irqrestore(&ring->lock, flags);
	} while (got > 0 && !freed.home && --left);
	if (got < 0)
		pcring_ctx_kill(ring->ctx, ring);
	pcring_ring_released(ring, freed.asked);
	if (freed.home)
		pcring_pool_kick(ring->pool);
	return freed.home;
}

/* Take what is there, a ringful at most. Process context, may sleep. */
void pcring_free_collect_all(struct pcring_ring *ring)
{
	u32 left = ring->desc.entries;

	while (left && !pcring_ctx_alive(ring->ctx) &&
	       pcring_cons_ready(&ring->cons, 1)) {
		pcring_free_collect(ring);
		left -= min(left, PCRING_FREE_BATCH);
		cond_resched();
	}
}

/* What a PUT named and the user did not hold is counted beside FREE's. */
void pcring_free_stale(struct pcring_ctx *ctx, const struct pcring_pool *pool)
{
	u32 i, nr = pcring_ctx_nr_rings(ctx);
	unsigned long flags;

	for (i = 0; i < nr; i++) {
		struct pcring_ring *ring = ctx->rings[i];

		if (ring->kind != PCRING_KIND_FREE || ring->pool != pool)
			continue;
		raw_spin_lock_irqsave(&ring->lock, flags);
		pcring_count(&ring->cons.own->counts.stale, 1);
		raw_spin_unlock_irqrestore(&ring->lock, flags);
		return;
	}
}

/* Announce that a block is waited for; true if there is an entry to look at. */
bool pcring_free_prepare_wait(struct pcring_ring *ring)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&ring->lock, flags);
	ring->waiters++;
	raw_spin_unlock_irqrestore(&ring->lock, flags);
	return pcring_free_rearm(ring);
}

/* The same of somebody who has announced it already: under a new number. */
bool pcring_free_rearm(struct pcring_ring *ring)
{
	unsigned long flags;
	bool asked, ready;

	raw_spin_lock_irqsave(&ring->lock, flags);
	asked = pcring_cons_publish(&ring->cons);
	pcring_cons_prepare_wait(&ring->cons, 1); /* H */
	pcring_count(&ring->cons.own->counts.sleeps, 1);
	ready = pcring_cons_ready(&ring->cons, 1);
	raw_spin_unlock_irqrestore(&ring->lock, flags);
	pcring_ring_released(ring, asked);
	return ready;
}

void pcring_free_finish_wait(struct pcring_ring *ring)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&ring->lock, flags);
	if (!--ring->waiters)
		pcring_cons_finish_wait(&ring->cons);
	raw_spin_unlock_irqrestore(&ring->lock, flags);
}
