// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "map.h"
#include "ring.h"

#define PAGE 4096U

/* rte_ring's own head, and entries rounded up, fit in so much more. */
static size_t rte_room(size_t bytes)
{
	return bytes + 4 * PAGE;
}

void ring_create(struct ring *r, size_t bytes)
{
	memset(r, 0, sizeof(*r));
	r->bytes = bytes;
	r->prod = map_pages(PAGE);
	r->cons = map_pages(PAGE);
	r->prod_page = map_pages(PCRING_CONTROL_SIZE);
	r->cons_page = map_pages(PCRING_CONTROL_SIZE);
	r->data = map_pages(bytes);
	r->rte_bytes = rte_room(bytes);
	r->rte = map_pages(r->rte_bytes);
	r->ck = map_pages(PAGE);
	r->ck_data = map_pages(bytes);
}

void ring_destroy(struct ring *r)
{
	unmap_pages(r->prod, PAGE);
	unmap_pages(r->cons, PAGE);
	unmap_pages(r->prod_page, PCRING_CONTROL_SIZE);
	unmap_pages(r->cons_page, PCRING_CONTROL_SIZE);
	unmap_pages(r->data, r->bytes);
	unmap_pages(r->rte, r->rte_bytes);
	unmap_pages(r->ck, PAGE);
	unmap_pages(r->ck_data, r->bytes);
}

static void reset_pcring(struct ring *r, __u32 entries, __u32 size,
			 __u32 producers)
{
	const struct pcring_geometry geo = {
		.entries = entries,
		.entry_size = size,
		.policy = PCRING_POLICY_BLOCK,
		.producers = producers > 1 ? PCRING_PRODUCERS_SHARED
					   : PCRING_PRODUCERS_SINGLE,
		.lag = entries / 4,
	};

	memset(r->prod_page, 0, PCRING_CONTROL_SIZE);
	memset(r->cons_page, 0, PCRING_CONTROL_SIZE);
	memset(r->data, 0, (size_t)entries * size);
	pcring_ring_format(r->data, &geo);
	pcring_prod_init(r->prod, r->prod_page, r->cons_page, r->data, &geo);
	pcring_cons_init(r->cons, r->cons_page, r->prod_page, r->data, &geo);
}

static void reset_rte(struct ring *r, enum ring_which which, __u32 entries,
		      __u32 size, __u32 producers)
{
	unsigned int flags = RING_F_SC_DEQ;
	ssize_t need = rte_ring_get_memsize_elem(size, entries);

	if (need < 0 || (size_t)need > r->rte_bytes)
		bench_die("rte_ring of %u times %u bytes", entries, size);
	if (which == RING_RTE_RTS)
		flags |= RING_F_MP_RTS_ENQ;
	else if (which == RING_RTE_HTS)
		flags |= RING_F_MP_HTS_ENQ;
	else if (producers == 1)
		flags |= RING_F_SP_ENQ;
	memset(r->rte, 0, (size_t)need);
	if (rte_ring_init(r->rte, "bench", entries, flags))
		bench_die("rte_ring_init of %u entries", entries);
}

void ring_reset(struct ring *r, enum ring_which which, __u32 entries,
		__u32 size, __u32 producers)
{
	if ((size_t)entries * size > r->bytes)
		bench_die("a ring of %u times %u bytes does not fit", entries,
			  size);
	switch (which) {
	case RING_PCRING:
		reset_pcring(r, entries, size, producers);
		return;
	case RING_CK:
		memset(r->ck_data, 0, (size_t)entries * size);
		ck_ring_init(r->ck, entries);
		return;
	default:
		reset_rte(r, which, entries, size, producers);
		return;
	}
}
