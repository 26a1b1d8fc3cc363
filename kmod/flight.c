// SPDX-License-Identifier: GPL-2.0-only
/*
 * pcring: requests that a driver completes later. Each has a slot and an id that
 * says which use of the slot it is: completed twice, it is refused. Slots come in
 * chunks when they are first needed, so that who never defers pays nothing.
 */
#include <linux/export.h>
#include <linux/slab.h>
#include "core.h"

#define PCRING_CHUNK_SHIFT 6
#define PCRING_CHUNK ((u32)BIT(PCRING_CHUNK_SHIFT))

/* An id: 6 bits of the ring, 6 of the use, 20 of the slot. */
#define PCRING_ID_SLOT_BITS 20
#define PCRING_ID_USE_BITS 6
#define PCRING_ID_RING_SHIFT (PCRING_ID_SLOT_BITS + PCRING_ID_USE_BITS)
#define PCRING_NO_SLOT U32_MAX

/**
 * struct pcring_slot - one request in flight
 * @answer: what is known of its completion.
 * @next: the next free slot.
 * @use: how often it was used.
 * @busy: it is.
 */
struct pcring_slot {
	struct pcring_answer answer;
	u32 next;
	u8 use;
	bool busy;
};

/**
 * struct pcring_flight - those of a CQ; under its lock
 * @free: first free slot.
 * @nr_chunks: how many there are.
 * @chunks: of PCRING_CHUNK slots each.
 */
struct pcring_flight {
	u32 free;
	u32 nr_chunks;
	struct pcring_slot *chunks[];
};

int pcring_flight_create(struct pcring_ring *cq)
{
	u32 max = DIV_ROUND_UP(cq->desc.entries, PCRING_CHUNK);

	BUILD_BUG_ON(PCRING_MAX_ENTRIES > 1U << PCRING_ID_SLOT_BITS);
	BUILD_BUG_ON(PCRING_MAX_RINGS > 1U << (32 - PCRING_ID_RING_SHIFT));
	cq->flight = kvzalloc(struct_size(cq->flight, chunks, max),
			      GFP_KERNEL_ACCOUNT);
	if (!cq->flight)
		return -ENOMEM;
	cq->flight->free = PCRING_NO_SLOT;
	return 0;
}

void pcring_flight_destroy(struct pcring_ring *cq)
{
	struct pcring_flight *flight = cq->flight;
	u32 i;

	if (!flight)
		return;
	for (i = 0; i < flight->nr_chunks; i++)
		kfree(flight->chunks[i]);
	kvfree(flight);
}

static struct pcring_slot *pcring_slot(struct pcring_flight *flight, u32 slot)
{
	u32 chunk = slot >> PCRING_CHUNK_SHIFT;

	if (chunk >= flight->nr_chunks)
		return NULL;
	return &flight->chunks[chunk][slot & (PCRING_CHUNK - 1)];
}

/* One consumer at a time defers, so one chunk at a time is added. */
static int pcring_flight_grow(struct pcring_ring *cq)
{
	struct pcring_flight *flight = cq->flight;
	struct pcring_slot *chunk;
	unsigned long flags;
	u32 i;

	if (flight->free != PCRING_NO_SLOT)
		return 0;
	/* At most as many in flight as the CQ has entries. */
	if (WARN_ON_ONCE(flight->nr_chunks * PCRING_CHUNK >= cq->desc.entries))
		return -ENOMEM;
	chunk = kcalloc(PCRING_CHUNK, sizeof(*chunk), GFP_KERNEL_ACCOUNT);
	if (!chunk)
		return -ENOMEM;
	raw_spin_lock_irqsave(&cq->lock, flags);
	for (i = 0; i < PCRING_CHUNK; i++) {
		chunk[i].next = flight->free;
		flight->free = (flight->nr_chunks << PCRING_CHUNK_SHIFT) + i;
	}
	flight->chunks[flight->nr_chunks] = chunk;
	flight->nr_chunks++;
	raw_spin_unlock_irqrestore(&cq->lock, flags);
	return 0;
}

int pcring_req_defer(struct pcring_req *req)
{
	struct pcring_ring *cq = req->cq;
	struct pcring_slot *slot;
	unsigned long flags;
	int err;
	u32 nr;

	err = pcring_flight_grow(cq);
	if (err)
		return err;
	raw_spin_lock_irqsave(&cq->lock, flags);
	nr = cq->flight->free;
	slot = pcring_slot(cq->flight, nr);
	cq->flight->free = slot->next;
	slot->busy = true;
	slot->use++;
	slot->answer = (struct pcring_answer){
		.user_data = req->sqe->user_data,
		.ctl = req->sqe->ctl,
		.block = req->sqe->block,
		.generation = req->sqe->generation,
	};
	memcpy(slot->answer.driver, req->driver, sizeof(req->driver));
	req->id = cq->index << PCRING_ID_RING_SHIFT |
		  (slot->use & ((1U << PCRING_ID_USE_BITS) - 1))
			  << PCRING_ID_SLOT_BITS |
		  nr;
	raw_spin_unlock_irqrestore(&cq->lock, flags);
	return 0;
}
EXPORT_SYMBOL_GPL(pcring_req_defer);

/* Under the lock: end the use that @id names; false: there is no such. */
static bool pcring_slot_take(struct pcring_flight *flight, u32 id,
			     struct pcring_answer *answer)
{
	u32 nr = id & ((1U << PCRING_ID_SLOT_BITS) - 1);
	u32 use = id >> PCRING_ID_SLOT_BITS & ((1U << PCRING_ID_USE_BITS) - 1);
	struct pcring_slot *slot = pcring_slot(flight, nr);

	if (!slot || !slot->busy ||
	    (slot->use & ((1U << PCRING_ID_USE_BITS) - 1)) != use)
		return false;
	*answer = slot->answer;
	slot->busy = false;
	slot->next = flight->free;
	flight->free = nr;
	return true;
}

int pcring_req_complete(struct pcring_ctx *ctx, u32 id, s32 res)
{
	u32 index = id >> PCRING_ID_RING_SHIFT;
	struct pcring_answer answer;
	struct pcring_ring *cq;
	unsigned long flags;
	int err = -ESTALE;

	/* Who waits for the last request lets a grace period pass after it. */
	rcu_read_lock();
	if (index >= pcring_ctx_nr_rings(ctx) || !ctx->rings[index]->flight)
		goto out_unlock;
	cq = ctx->rings[index];
	raw_spin_lock_irqsave(&cq->lock, flags);
	if (pcring_slot_take(cq->flight, id, &answer))
		err = 0;
	raw_spin_unlock_irqrestore(&cq->lock, flags);
	if (!err) {
		answer.res = res;
		pcring_answer(cq, &answer, 1, 1);
	}
out_unlock:
	rcu_read_unlock();
	return err;
}
EXPORT_SYMBOL_GPL(pcring_req_complete);
