// SPDX-License-Identifier: LGPL-2.1-only OR MIT
/*
 * libpcring: when the peer is gone: what is still there is read, what is not is
 * counted, and the books are closed once.
 */
#include "pcring_impl.h"

/* ---- how much is there ---------------------------------------------------- */

static int pcring_records_ready(struct pcring_ring_impl *ring)
{
	struct pcring_cons *c = &ring->cons;
	struct pcring_record_view view;
	const struct pcring_record *rec;
	__u64 avail, pos, oldest;
	int ready;

	if (!(c->record_flags & PCRING_RECORD_F_INDEX)) {
		ready = pcring_record_peek(c, &view);
		if (ready <= 0)
			return ready;
		avail = pcring_load_acquire(&c->peer->prod) - c->cons; /* D */
		return avail > c->entries ? -EBADFD : (int)avail;
	}
	avail = pcring_load_acquire(&c->peer->prod) - c->cons; /* D */
	if (!avail)
		return 0;
	oldest = pcring_load(&c->peer->oldest);
	pos = (__s64)(oldest - c->cons) > 0 ? oldest : c->cons;
	rec = (const struct pcring_record *)(c->data +
					     ((__u32)pos & c->mask & ~7U));
	/* Only a hint: it may be overwritten meanwhile. */
	if (pcring_load(&rec->info) & PCRING_RECORD_F_BUSY &&
	    c->producers != PCRING_PRODUCERS_SINGLE)
		return 0;
	return avail > c->entries ? (int)c->entries : (int)avail;
}

/* Entries or bytes that can be read, up to @want of them looked at. */
int pcring_ring_ready(struct pcring_ring_impl *ring, __u32 want)
{
	__u32 which;
	int ready;

	if (ring->ended)
		return 0;
	if (ring->words) {
		ready = (int)pcring_xchg_count(ring->words, ring->cons.entries);
	} else if (ring->merge) {
		ready = pcring_merge_peek(ring->merge, ring->nr_shards, &which);
		if (ready == -EAGAIN)
			ready = 0;
	} else if (ring->cons.entry_size) {
		ready = pcring_cons_peek(&ring->cons, want);
	} else {
		ready = pcring_records_ready(ring);
	}
	if (ready < 0)
		return pcring_ctx_bad(ring->ctx, "a ring waited on");
	return ready;
}

/* ---- a producer gone ------------------------------------------------------ */

/*
 * 0: it may still produce; -ECANCELED: it said it is done; -EOWNERDEAD; what else a
 * device's end means.
 */
int pcring_ring_gone(struct pcring_ring_impl *ring)
{
	bool gone = pcring_ctx_gone(ring->ctx);
	__u32 state = PCRING_STATE_UNPLUGGED;
	__u32 i;

	/* Of several ends the one that says least. */
	for (i = 0; i < pcring_nr_ends(ring); i++) {
		__u32 end = pcring_end_peer_state(pcring_end_nr(ring, i));

		if (end < state)
			state = end;
	}
	if (state > PCRING_STATE_LIVE)
		return ring->ctx->via->over(ring->ctx, state);
	return gone ? -EOWNERDEAD : 0;
}

/* Why a ring gives or takes nothing any more, in words. */
const char *pcring_over_text(int err)
{
	switch (err) {
	case -ECANCELED:
		return "ended";
	case -EOWNERDEAD:
		return "died";
	case -ENODEV:
		return "was unplugged";
	default:
		return "broke off";
	}
}

static bool pcring_ring_skip(struct pcring_ring_impl *ring)
{
	__u32 i;

	if (ring->words)
		return false;
	for (i = 0; i < pcring_nr_ends(ring); i++) {
		struct pcring_ring_impl *end = pcring_end_nr(ring, i);

		if (end->cons.producers == PCRING_PRODUCERS_SINGLE)
			continue;
		if (ring->merge && ring->merge[i].have)
			continue;
		if (end->cons.entry_size ? pcring_cons_skip_dead(&end->cons)
					 : pcring_record_skip_dead(&end->cons))
			return true;
	}
	return false;
}

static __u64 pcring_page_done(const struct pcring_cons_page *page)
{
	return pcring_load(&page->counts.consumed) +
	       pcring_load(&page->counts.discarded) +
	       pcring_load(&page->counts.overwritten) +
	       pcring_load(&page->counts.cancelled);
}

static __u64 pcring_page_taken_back(const struct pcring_prod_page *page)
{
	return pcring_load(&page->counts.overwritten) +
	       pcring_load(&page->counts.cancelled);
}

static __u64 pcring_page_rejected(const struct pcring_prod_page *page)
{
	__u64 sum = 0;
	__u32 i;

	for (i = 0; i < PCRING_NR_REASONS; i++)
		sum += pcring_load(&page->counts.rejected[i]);
	return sum;
}

/*
 * The producer is gone and all it published was read. What it counted as accepted
 * beyond that nobody will ever see.
 */
void pcring_ring_settle_cons(struct pcring_ring_impl *ring)
{
	__u32 i;

	if (ring->settled || !ring->ctx->via->settles)
		return;
	ring->settled = true;
	for (i = 0; i < pcring_nr_ends(ring); i++) {
		struct pcring_ring_impl *end = pcring_end_nr(ring, i);
		const struct pcring_prod_page *peer = end->cons.peer;
		__u64 accepted = pcring_load(&peer->counts.accepted);
		__u64 done = pcring_page_done(end->cons.own) +
			     pcring_page_taken_back(peer);

		end->settled = true;
		if ((__s64)(accepted - done) > 0)
			pcring_count_term(&end->cons.own->counts.cancelled,
					  accepted - done);
		/* Killed between two of its counters. */
		end->lost_offers =
			(__s64)(pcring_load(&peer->counts.offered) - accepted -
				pcring_page_rejected(peer));
	}
}

/*
 * Nothing was found. Let the producer have its space; then -EAGAIN, or why there
 * will never be more; 0: look once more.
 */
int pcring_ring_empty(struct pcring_ring_impl *ring)
{
	__u32 i;
	int over;

	for (i = 0; i < pcring_nr_ends(ring); i++) {
		struct pcring_ring_impl *end = pcring_end_nr(ring, i);

		if (pcring_cons_publish(&end->cons))
			pcring_end_wake(end);
	}
	if (pcring_unlikely(pcring_load(&ring->ctx->corrupt)))
		return pcring_ctx_bad(ring->ctx, "it");
	if (ring->ended)
		return pcring_fail(-ECANCELED, "ring: drained");
	if (!(++ring->empty % 1024))
		pcring_ctx_look(ring->ctx);
	over = pcring_ring_gone(ring);
	if (pcring_likely(!over))
		return -EAGAIN;
	if (!ring->looked) {
		ring->looked = true;
		return 0;
	}
	/* DRAINING is no death: what is being written will be finished. */
	if (ring->ctx->via->settles &&
	    (pcring_end_peer_state(pcring_end_nr(ring, 0)) >=
		     PCRING_STATE_DEAD ||
	     pcring_ctx_gone(ring->ctx))) {
		if (pcring_ring_skip(ring))
			return 0;
		pcring_ring_settle_cons(ring);
	}
	return pcring_fail(over, "ctx %u: the producer %s", ring->ctx->id,
			   pcring_over_text(over));
}

/*
 * Time is up: what is in a ring this side consumes is read as always, booked as
 * cancelled, and the ring is over. Return: items.
 */
__u64 pcring_ring_cancel_rest(struct pcring_ring_impl *ring)
{
	struct pcring_item item;
	__u64 items = 0;
	__u32 i;

	pcring_ring_done(&ring->ring);
	if (ring->words) {
		for (i = 0; i < ring->cons.entries; i++)
			if (pcring_exchange(&ring->words[i],
					    PCRING_XCHG_EMPTY) !=
			    PCRING_XCHG_EMPTY)
				items++;
		pcring_count_term(&ring->cons.own->counts.cancelled, items);
	} else {
		ring->cancelling = true;
		while (pcring_ring_next(&ring->ring, &item) > 0)
			items += item.what == PCRING_ITEM_DATA;
		pcring_ring_done(&ring->ring);
	}
	ring->ended = true;
	return items;
}

/* ---- a consumer gone ------------------------------------------------------ */

/* What was accepted and not read is cancelled. */
void pcring_ring_settle_prod(struct pcring_ring_impl *ring)
{
	struct pcring_prod *p = &ring->prod;
	__u64 accepted, done;

	if (!ring->ctx->via->settles)
		return;
	pcring_ring_lock(ring);
	if (!ring->settled) {
		ring->settled = true;
		done = pcring_page_done(p->peer) +
		       pcring_page_taken_back(p->own);
		accepted = pcring_load(&p->own->counts.accepted);
		if ((__s64)(accepted - done) > 0)
			pcring_count_term(&p->own->counts.cancelled,
					  accepted - done);
	}
	pcring_ring_unlock(ring);
}
