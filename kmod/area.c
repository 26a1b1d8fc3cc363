// SPDX-License-Identifier: GPL-2.0-only
/*
 * pcring: pages that the kernel and a program share.
 *
 * They are ordinary pages, one at a time: O_DIRECT and the like take them, and each
 * lives for as long as anyone has a reference to it, whatever becomes of the ring.
 * Each is zero when it is allocated, and none is ever given to a second opener.
 */
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include "core.h"

static u32 pcring_area_mapped(const struct pcring_area *area)
{
	return area->nr + (area->nr - area->twice);
}

/* Bytes of address space it takes to map it. */
u64 pcring_area_len(const struct pcring_area *area)
{
	return (u64)pcring_area_mapped(area) << PAGE_SHIFT;
}

/* Bytes of memory that pcring_area_create() will take. */
u64 pcring_area_bytes(u64 once, u64 twice)
{
	return PAGE_ALIGN(once) + PAGE_ALIGN(twice);
}

static int pcring_area_fill(struct pcring_area *area, u32 nr)
{
	for (; area->nr < nr; area->nr++) {
		struct page *page;

		if (fatal_signal_pending(current))
			return -EINTR;
		page = alloc_page(PCRING_GFP | __GFP_ZERO);
		if (!page)
			return -ENOMEM;
		area->pages[area->nr] = page;
		cond_resched();
	}
	return 0;
}

/* In the kernel, the second time from the same list. */
static int pcring_area_vmap(struct pcring_area *area)
{
	u32 nr = pcring_area_mapped(area);
	struct page **list = area->pages;

	if (nr != area->nr) {
		list = kvmalloc_array(nr, sizeof(*list), PCRING_GFP);
		if (!list)
			return -ENOMEM;
		memcpy(list, area->pages, area->nr * sizeof(*list));
		memcpy(list + area->nr, area->pages + area->twice,
		       (nr - area->nr) * sizeof(*list));
	}
	area->addr = vmap(list, nr, VM_MAP, PAGE_KERNEL);
	if (list != area->pages)
		kvfree(list);
	return area->addr ? 0 : -ENOMEM;
}

/**
 * pcring_area_create() - allocate and map
 * @area: written whole.
 * @once: bytes, in whole pages.
 * @twice: bytes that follow and are mapped twice in a row, in whole pages.
 *
 * Return: 0; -ENOMEM; -EINTR: killed meanwhile.
 */
int pcring_area_create(struct pcring_area *area, u64 once, u64 twice)
{
	u64 nr = pcring_area_bytes(once, twice) >> PAGE_SHIFT;
	int err;

	memset(area, 0, sizeof(*area));
	if (nr > INT_MAX / 2)
		return -ENOMEM;
	area->pages = kvcalloc(nr, sizeof(*area->pages), PCRING_GFP);
	if (!area->pages)
		return -ENOMEM;
	err = pcring_area_fill(area, nr);
	area->twice = twice ? PAGE_ALIGN(once) >> PAGE_SHIFT : area->nr;
	if (!err)
		err = pcring_area_vmap(area);
	if (err) {
		area->twice = area->nr;
		pcring_area_destroy(area);
	}
	return err;
}

/* The kernel's mapping and references go; those of others stay. */
void pcring_area_destroy(struct pcring_area *area)
{
	u32 i;

	if (area->addr)
		vunmap(area->addr);
	for (i = 0; i < area->nr; i++) {
		put_page(area->pages[i]);
		cond_resched();
	}
	kvfree(area->pages);
	memset(area, 0, sizeof(*area));
}
