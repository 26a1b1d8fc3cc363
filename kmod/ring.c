// SPDX-License-Identifier: GPL-2.0-only
/*
 * pcring: a ring: its pages, the kernel's end of it, and what it looks like from
 * the other end.
 */
#include <linux/eventfd.h>
#include <linux/slab.h>
#include "core.h"

static struct lock_class_key pcring_free_lock_key;

static u64 pcring_ring_data_bytes(const struct pcring_ring_desc *desc)
{
	if (pcring_kind_records(desc->kind))
		return desc->entries;
	return (u64)desc->entries * desc->entry_size;
}

/* Bytes of memory a ring takes, as the user is charged. */
u64 pcring_ring_bytes(const struct pcring_ring_desc *desc)
{
	return PAGE_ALIGN(PCRING_CONTROL_SIZE) * 2 +
	       PAGE_ALIGN(pcring_ring_data_bytes(desc));
}

/* The header's view of @desc, with the position that tests start at. */
void pcring_ring_geometry(const struct pcring_ring_desc *desc,
			  struct pcring_geometry *geo)
{
	memset(geo, 0, sizeof(*geo));
	geo->entries = desc->entries;
	geo->entry_size = desc->entry_size;
	geo->policy = desc->policy;
	geo->producers = desc->producers;
	geo->flags = desc->flags;
	geo->lag = desc->lag;
	geo->start = READ_ONCE(pcring_start);
	if (pcring_kind_records(desc->kind))
		geo->start &= ~(u64)(PCRING_RECORD_ALIGN - 1);
}

static int pcring_ring_alloc(struct pcring_ring *ring,
			     const struct pcring_ring_desc *desc)
{
	u64 control = PAGE_ALIGN(PCRING_CONTROL_SIZE);
	u64 data = pcring_ring_data_bytes(desc);
	bool records = pcring_kind_records(desc->kind);
	int err;

	err = pcring_area_create(&ring->prod_area,
				 control + (records ? 0 : data),
				 records ? data : 0);
	if (err)
		return err;
	err = pcring_area_create(&ring->cons_area, control, 0);
	if (err)
		return err;
	ring->prod_area.user_writes = !ring->kernel_produces;
	ring->cons_area.user_writes = ring->kernel_produces;
	ring->prod_area.offset = (u64)(2 * ring->index + 1)
				 << PCRING_AREA_SHIFT;
	ring->cons_area.offset = (u64)(2 * ring->index + 2)
				 << PCRING_AREA_SHIFT;
	return 0;
}

/* The kernel's end begins; in the user's page stands where it will. */
static void pcring_ring_init_ends(struct pcring_ring *ring,
				  const struct pcring_ring_desc *desc)
{
	struct pcring_prod_page *prod = pcring_ring_prod_page(ring);
	struct pcring_cons_page *cons = pcring_ring_cons_page(ring);
	void *data = ring->prod_area.addr + desc->data_offset;
	struct pcring_geometry geo;

	pcring_ring_geometry(desc, &geo);
	if (geo.entry_size && geo.start)
		pcring_ring_format(data, &geo);
	prod->prod = geo.start;
	prod->oldest = geo.start;
	prod->newest = geo.start;
	cons->cons = geo.start;
	cons->counts.position = geo.start;
	ring->start = geo.start;
	ring->pos = geo.start;
	if (ring->kernel_produces)
		pcring_prod_init(&ring->prod, prod, cons, data, &geo);
	else
		pcring_cons_init(&ring->cons, cons, prod, data, &geo);
}

static void pcring_ring_tell(struct pcring_ring *ring,
			     struct pcring_ring_desc *desc)
{
	desc->data_offset = PAGE_ALIGN(PCRING_CONTROL_SIZE);
	desc->lag = 1;
	if (desc->policy == PCRING_POLICY_BLOCK)
		desc->lag = max(desc->entries / 4, 1U);
	desc->prod_offset = ring->prod_area.offset;
	desc->prod_len = pcring_area_len(&ring->prod_area);
	desc->cons_offset = ring->cons_area.offset;
	desc->cons_len = pcring_area_len(&ring->cons_area);
	desc->xchg_offset = 0;
	desc->xchg_len = 0;
}

/**
 * pcring_ring_create() - make a ring
 * @ctx: whose.
 * @desc: checked; what was granted is written to it.
 * @pool: or NULL; the ctx holds it for as long as it has rings.
 * @index: its place in SETUP.
 *
 * Return: the ring, the caller's; ERR_PTR: -ENOMEM, -EINTR.
 */
struct pcring_ring *pcring_ring_create(struct pcring_ctx *ctx,
				       struct pcring_ring_desc *desc,
				       struct pcring_pool *pool, u32 index)
{
	struct pcring_ring *ring = kzalloc(sizeof(*ring), GFP_KERNEL_ACCOUNT);
	int err;

	if (!ring)
		return ERR_PTR(-ENOMEM);
	ring->ctx = ctx;
	ring->kind = desc->kind;
	ring->index = index;
	ring->kernel_produces = !pcring_kind_user_produces(desc->kind);
	ring->pool = pool;
	ring->poll_want = U32_MAX;
	raw_spin_lock_init(&ring->lock);
	/* Taken under that of the CQ whose producer waits for blocks. */
	if (ring->kind == PCRING_KIND_FREE)
		lockdep_set_class(&ring->lock, &pcring_free_lock_key);
	init_waitqueue_head(&ring->flow.wait);
	init_irq_work(&ring->irq_work, pcring_notify_irq);
	INIT_LIST_HEAD(&ring->pool_node);
	err = pcring_ring_alloc(ring, desc);
	if (err) {
		pcring_ring_destroy(ring);
		return ERR_PTR(err);
	}
	pcring_ring_tell(ring, desc);
	ring->desc = *desc;
	pcring_ring_init_ends(ring, desc);
	return ring;
}

/* Nobody uses it any more: no op, no mapping, no interrupt. */
void pcring_ring_destroy(struct pcring_ring *ring)
{
	struct eventfd_ctx *eventfd;

	irq_work_sync(&ring->irq_work);
	eventfd = rcu_dereference_protected(ring->eventfd, true);
	if (eventfd)
		eventfd_ctx_put(eventfd);
	pcring_flight_destroy(ring);
	pcring_area_destroy(&ring->prod_area);
	pcring_area_destroy(&ring->cons_area);
	kfree(ring);
}

/* The kernel's end says so; the caller then wakes the user's. */
void pcring_ring_end(struct pcring_ring *ring, u32 state)
{
	if (ring->kernel_produces)
		pcring_state_raise(&pcring_ring_prod_page(ring)->state, state);
	else
		pcring_state_raise(&pcring_ring_cons_page(ring)->state, state);
}

/**
 * pcring_ring_user_end() - the user's consumer's end, as the kernel can tell
 * @ring: a ring the kernel produces into.
 * @cons: written; for walking alone: nothing may be released with it.
 *
 * Its position is the user's own claim if it can be true, else the last valid one.
 */
void pcring_ring_user_end(const struct pcring_ring *ring,
			  struct pcring_cons *cons)
{
	const struct pcring_prod *prod = &ring->prod;
	u64 claim = READ_ONCE(pcring_ring_cons_page(ring)->counts.position);

	memset(cons, 0, sizeof(*cons));
	cons->peer = pcring_ring_prod_page(ring);
	cons->data = prod->data;
	cons->cons = READ_ONCE(prod->cons);
	if (claim - cons->cons <= READ_ONCE(ring->pos) - cons->cons)
		cons->cons = claim;
	cons->prod = cons->cons;
	cons->entries = prod->entries;
	cons->mask = prod->mask;
	cons->order = prod->order;
	cons->entry_size = prod->entry_size;
	cons->policy = prod->policy;
	cons->producers = prod->producers;
	cons->record_flags = prod->record_flags;
}

/* Items in the ring, by walking it. */
u64 pcring_ring_in_ring(const struct pcring_ring *ring)
{
	struct pcring_cons user;
	const struct pcring_cons *cons = &ring->cons;
	int items;

	if (ring->kernel_produces) {
		pcring_ring_user_end(ring, &user);
		cons = &user;
	}
	if (!pcring_kind_records(ring->kind))
		return pcring_cons_count(cons, NULL);
	items = pcring_record_count(cons);
	return items < 0 ? 0 : items;
}
