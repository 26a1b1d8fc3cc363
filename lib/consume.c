// SPDX-License-Identifier: LGPL-2.1-only OR MIT
/*
 * libpcring: consuming.
 */
#include "pcring_impl.h"

#define PCRING_COPY_SIZE 4096U

static int pcring_pop_copy(struct pcring_cons *c, void *items, __u32 n)
{
	switch (c->entry_size) {
	case 8:
		return pcring_cons_pop(c, items, n, 8);
	case 16:
		return pcring_cons_pop(c, items, n, 16);
	case 32:
		return pcring_cons_pop(c, items, n, 32);
	case 64:
		return pcring_cons_pop(c, items, n, 64);
	default:
		return pcring_cons_pop(c, items, n, c->entry_size);
	}
}

/*
 * Account for @n entries just copied; cancelled ones are taken out. @items: of
 * those left, how many are no gaps. Return: entries left.
 */
static __u32 pcring_pop_sort(struct pcring_cons *c, unsigned char *entries,
			     __u32 n, __u32 *items)
{
	struct pcring_gap gap;
	__u32 i, left = 0;

	*items = 0;
	for (i = 0; i < n; i++) {
		unsigned char *entry = entries + (size_t)i * c->entry_size;
		__u32 word;

		memcpy(&word, entry, sizeof(word));
		if (pcring_unlikely(word & PCRING_ENTRY_SPECIAL)) {
			if (!pcring_cons_special(c, entry, &gap))
				continue;
		} else {
			(*items)++;
		}
		if (left != i)
			memcpy(entries + (size_t)left * c->entry_size, entry,
			       c->entry_size);
		left++;
	}
	return left;
}

/* Read and not to be had: cancelled, not consumed. Return: 0. */
static __u32 pcring_ring_book(struct pcring_cons *c, __u32 items)
{
	c->seq += items;
	c->index += items;
	pcring_count_term(&c->own->counts.cancelled, items);
	return 0;
}

int pcring_ring_pop(struct pcring_ring *handle, void *items, __u32 n)
{
	struct pcring_ring_impl *ring = handle->impl;
	struct pcring_cons *c = &ring->cons;
	__u32 left, data;
	int got, err;

	if (!ring->ring.cons || !c->entry_size || ring->words || !n)
		return pcring_fail(-EINVAL,
				   "ring: no fixed ring to pop %u from", n);
	pcring_end_check(ring);
	for (;;) {
		got = ring->ended ? 0 : pcring_pop_copy(c, items, n);
		if (got < 0)
			return pcring_ctx_bad(ring->ctx,
					      "prod of a fixed ring");
		if (!got) {
			err = pcring_ring_empty(ring);
			if (err)
				return err;
			continue;
		}
		left = pcring_pop_sort(c, items, (__u32)got, &data);
		if (pcring_unlikely(ring->cancelling))
			data = pcring_ring_book(c, data);
		if (pcring_cons_release(c, (__u32)got, data))
			pcring_end_wake(ring);
		if (left)
			return (int)left;
	}
}

/* ---- one at a time -------------------------------------------------------- */

static int pcring_next_room(struct pcring_ring_impl *ring, __u32 size)
{
	void *copy;

	if (ring->copy_size >= size)
		return 0;
	copy = realloc(ring->copy, size);
	if (!copy)
		return pcring_fail(-ENOMEM, "ring: a copy of %u bytes", size);
	ring->copy = copy;
	ring->copy_size = size;
	return 0;
}

static int pcring_next_fixed(struct pcring_ring_impl *ring,
			     struct pcring_item *item)
{
	__u64 seq = ring->cons.seq;
	__u32 word;
	int err;

	err = pcring_next_room(ring, PCRING_MAX_ENTRY_SIZE);
	if (!err)
		err = pcring_ring_pop(&ring->ring, ring->copy, 1);
	if (err < 0)
		return err;
	memcpy(&word, ring->copy, sizeof(word));
	if (word & PCRING_ENTRY_SPECIAL) {
		item->what = PCRING_ITEM_GAP;
		memcpy(&item->gap, ring->copy, sizeof(item->gap));
		item->seq = item->gap.first;
		return 1;
	}
	item->seq = seq;
	item->data = ring->copy;
	item->len = ring->cons.entry_size;
	return 1;
}

/* Of a ring of records, or its shards: look, without releasing. */
static int pcring_next_look(struct pcring_ring_impl *ring,
			    struct pcring_ring_impl **end)
{
	int ready = 0;

	*end = ring;
	if (ring->ended)
		return 0;
	if (ring->merge) {
		ready = pcring_merge_peek(ring->merge, ring->nr_shards,
					  &ring->which);
		if (ready < 0)
			return ready == -EAGAIN ? 0 : ready;
		*end = &ring->shards[ring->which];
		ring->view = ring->merge[ring->which].view;
		return ready;
	}
	if (!(ring->cons.record_flags & PCRING_RECORD_F_INDEX))
		return pcring_record_peek(&ring->cons, &ring->view);
	do {
		ready = pcring_next_room(ring, ready == -EMSGSIZE
						       ? ring->view.len
						       : PCRING_COPY_SIZE);
		if (ready)
			return ready;
		ready = pcring_record_copy(&ring->cons, &ring->view, ring->copy,
					   ring->copy_size);
	} while (ready == -EMSGSIZE && ring->view.len > ring->copy_size);
	return ready;
}

static void pcring_next_release(struct pcring_ring_impl *ring)
{
	struct pcring_ring_impl *end = ring;
	bool wake;

	ring->held = false;
	if (ring->merge) {
		end = &ring->shards[ring->which];
		ring->merge[ring->which].have = false;
	}
	if (pcring_unlikely(ring->cancelling) &&
	    PCRING_RECORD_TYPE(ring->view.info) <= PCRING_RECORD_MAX_TYPE &&
	    !(ring->view.info & PCRING_RECORD_F_DISCARD))
		wake = pcring_cons_release(&end->cons, ring->view.space,
					   pcring_ring_book(&end->cons, 1));
	else if (ring->merge)
		wake = pcring_merge_release(&ring->merge[ring->which]);
	else
		wake = pcring_record_release(&ring->cons, &ring->view);
	if (wake)
		pcring_end_wake(end);
}

static int pcring_item_gap(struct pcring_ring_impl *ring,
			   struct pcring_item *item)
{
	item->what = PCRING_ITEM_GAP;
	if (ring->view.len < sizeof(item->gap))
		return pcring_ctx_bad(ring->ctx, "a gap's length");
	memcpy(&item->gap, ring->view.data ? ring->view.data : ring->copy,
	       sizeof(item->gap));
	item->seq = item->gap.first;
	item->time = ring->view.time;
	return 1;
}

/* Sequence numbers jumped and nobody said why: say at least where. */
static int pcring_item_unknown(struct pcring_ring_impl *ring,
			       struct pcring_cons *c, struct pcring_item *item)
{
	__u64 count = ring->view.seq - c->seq;

	if (count > 0xffffffffU)
		count = 0xffffffffU;
	item->what = PCRING_ITEM_GAP;
	item->seq = c->seq;
	item->gap.ctl = PCRING_ENTRY_SPECIAL | PCRING_REASON_UNKNOWN << 8 |
			PCRING_SPECIAL_GAP;
	item->gap.count = (__u32)count;
	item->gap.first = c->seq;
	item->gap.time_last = ring->view.time;
	c->seq = ring->view.seq;
	pcring_count(&c->own->counts.gaps, 1);
	return 1;
}

static int pcring_next_record(struct pcring_ring_impl *ring,
			      struct pcring_item *item)
{
	const struct pcring_record_view *view = &ring->view;
	struct pcring_ring_impl *end;
	int ready;

	for (;;) {
		ready = pcring_next_look(ring, &end);
		if (ready == -EBADFD)
			return pcring_ctx_bad(ring->ctx, "a record ring");
		if (ready < 0)
			return ready;
		if (!ready) {
			ready = pcring_ring_empty(ring);
			if (ready)
				return ready;
			continue;
		}
		/* Made by the reader, about what was overwritten. */
		if (!view->space) {
			ring->view.data = ring->copy;
			return pcring_item_gap(ring, item);
		}
		if (PCRING_RECORD_TYPE(view->info) == PCRING_RECORD_GAP) {
			ring->held = true;
			return pcring_item_gap(ring, item);
		}
		if (!(view->info & PCRING_RECORD_F_DISCARD) &&
		    PCRING_RECORD_TYPE(view->info) <= PCRING_RECORD_MAX_TYPE)
			break;
		pcring_next_release(ring);
	}
	if ((__s64)(view->seq - end->cons.seq) > 0)
		return pcring_item_unknown(ring, &end->cons, item);
	ring->held = true;
	item->type = PCRING_RECORD_TYPE(view->info);
	item->data = view->data;
	item->len = view->len;
	item->seq = view->seq;
	item->time = view->time;
	return 1;
}

int pcring_ring_next(struct pcring_ring *handle, struct pcring_item *item)
{
	struct pcring_ring_impl *ring = handle->impl;

	memset(item, 0, sizeof(*item));
	if (ring->produces || ring->words)
		return pcring_fail(-EINVAL, "ring: nothing to read items from");
	pcring_end_check(ring);
	if (pcring_unlikely(pcring_load(&ring->ctx->corrupt)))
		return pcring_ctx_bad(ring->ctx, "it");
	if (ring->held)
		pcring_next_release(ring);
	if (ring->ring.cons && ring->cons.entry_size)
		return pcring_next_fixed(ring, item);
	return pcring_next_record(ring, item);
}

void pcring_ring_done(struct pcring_ring *handle)
{
	if (handle->impl->held)
		pcring_next_release(handle->impl);
}

int pcring_ring_each(struct pcring_ring *ring, __u32 max,
		     int (*each)(void *arg, const struct pcring_item *item),
		     void *arg)
{
	struct pcring_item item;
	int err, done = 0;

	for (;;) {
		err = pcring_ring_next(ring, &item);
		if (err < 0)
			return done ? done : err;
		done++;
		err = each(arg, &item);
		if (err || done == (int)max)
			break;
	}
	pcring_ring_done(ring);
	return err < 0 ? err : done;
}
