// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "map.h"
#include "recring.h"

#define PAGE 4096U

void recring_create(struct recring *r, __u32 bytes)
{
	memset(r, 0, sizeof(*r));
	r->bytes = bytes;
	r->prod = map_pages(PAGE);
	r->cons = map_pages(PAGE);
	r->prod_page = map_pages(PCRING_CONTROL_SIZE);
	r->cons_page = map_pages(PCRING_CONTROL_SIZE);
	r->data = map_twice(bytes);
	r->lock = map_pages(PAGE);
}

void recring_destroy(struct recring *r)
{
	unmap_pages(r->prod, PAGE);
	unmap_pages(r->cons, PAGE);
	unmap_pages(r->prod_page, PCRING_CONTROL_SIZE);
	unmap_pages(r->cons_page, PCRING_CONTROL_SIZE);
	unmap_pages(r->data, 2 * (size_t)r->bytes);
	unmap_pages(r->lock, PAGE);
	memset(r, 0, sizeof(*r));
}

void recring_reset(struct recring *r, __u32 producers)
{
	const struct pcring_geometry geo = {
		.entries = r->bytes,
		.policy = PCRING_POLICY_BLOCK,
		.producers = producers,
		.lag = r->bytes / 4,
	};

	memset(r->prod_page, 0, PCRING_CONTROL_SIZE);
	memset(r->cons_page, 0, PCRING_CONTROL_SIZE);
	memset(r->data, 0, r->bytes);
	*r->lock = 0;
	pcring_prod_init(r->prod, r->prod_page, r->cons_page, r->data, &geo);
	pcring_cons_init(r->cons, r->cons_page, r->prod_page, r->data, &geo);
}
