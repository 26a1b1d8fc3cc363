// SPDX-License-Identifier: GPL-2.0-only
/* Fixed entries, one end at a time: what reserve, submit, peek promise. */
#include "unit.h"
#include <kselftest_harness.h>

#define ENTRIES 8U
#define SIZE 32U

/* An item of any size: a number in every word, its low thirty bits in front. */
static void item_fill(__u64 *item, __u32 size, __u64 nr)
{
	__u32 i;

	item[0] = PCRING_FRONT((__u32)nr & PCRING_ENTRY_VALUE, (__u32)~nr);
	for (i = 1; i < size / 8; i++)
		item[i] = nr * 31 + i;
}

static int item_is(const __u64 *item, __u32 size, __u64 nr)
{
	__u64 want[16];

	item_fill(want, size, nr);
	return !memcmp(item, want, size);
}

FIXTURE(entry)
{
	struct ring single;
	struct ring shared;
	__u64 item[16 * 64];
};

START_VARIANTS(entry);

FIXTURE_SETUP(entry)
{
	struct pcring_geometry geo = {
		.entries = ENTRIES,
		.entry_size = SIZE,
		.lag = 1,
		.start = variant->start,
	};

	ring_make(&self->single, &geo, 1);
	geo.producers = PCRING_PRODUCERS_SHARED;
	ring_make(&self->shared, &geo, 1);
}

FIXTURE_TEARDOWN(entry)
{
	EXPECT_TRUE(ring_intact(&self->single));
	EXPECT_TRUE(ring_intact(&self->shared));
	ring_free(&self->single);
	ring_free(&self->shared);
}

/* Push one; @return what push said. */
static int push_one(struct ring *r, __u64 nr)
{
	__u64 item[16];

	item_fill(item, r->geo.entry_size, nr);
	return pcring_prod_push(&r->p, item, 1, r->geo.entry_size);
}

/* Pop and release one; false: none, or another than @nr. */
static int pop_one(struct ring *r, __u64 nr)
{
	__u64 item[16];

	if (pcring_cons_pop(&r->c, item, 1, r->geo.entry_size) != 1)
		return 0;
	pcring_cons_release(&r->c, 1, 1);
	return item_is(item, r->geo.entry_size, nr);
}

TEST_F(entry, a_new_ring_is_empty_and_both_ends_live)
{
	struct ring *r = &self->single;

	EXPECT_EQ(0, pcring_cons_peek(&r->c, 1));
	EXPECT_EQ(0, pcring_cons_peek(&r->c, ENTRIES));
	EXPECT_EQ(0, pcring_cons_count(&r->c, NULL));
	EXPECT_EQ(PCRING_STATE_LIVE, pcring_prod_peer_state(&r->p));
	EXPECT_EQ(PCRING_STATE_LIVE, pcring_cons_peer_state(&r->c));
	EXPECT_EQ(variant->start, r->prod_page->prod);
	EXPECT_EQ(variant->start, r->cons_page->cons);
}

TEST_F(entry, what_is_submitted_comes_out_whole_and_in_order)
{
	struct ring *r = &self->single;
	__u64 nr;

	for (nr = 0; nr < 5 * ENTRIES; nr++) {
		ASSERT_EQ(1, push_one(r, nr));
		ASSERT_TRUE(pop_one(r, nr));
		ASSERT_EQ(0, pcring_cons_peek(&r->c, 1));
	}
	EXPECT_EQ(5 * ENTRIES, r->c.seq);
}

TEST_F(entry, reserve_takes_exactly_the_space_there_is)
{
	struct ring *r = &self->single;
	__u32 full, freed;
	__u64 nr = 0, out = 0, pos;
	__u32 i;

	for (full = 1; full <= ENTRIES; full++) {
		for (i = 0; i < full; i++)
			ASSERT_EQ(1, push_one(r, nr++));
		ASSERT_EQ((int)(ENTRIES - full),
			  pcring_prod_reserve(&r->p, ENTRIES + 1, &pos));
		if (full < ENTRIES)
			pcring_prod_cancel(&r->p, pos, ENTRIES - full);
		for (freed = 0; freed < full; freed++)
			ASSERT_TRUE(pop_one(r, out++));
	}
}

TEST_F(entry, a_full_ring_takes_none_and_loses_none)
{
	struct ring *r = &self->single;
	__u64 nr;

	for (nr = 0; nr < ENTRIES; nr++)
		ASSERT_EQ(1, push_one(r, nr));
	ASSERT_EQ(0, push_one(r, 99));
	for (nr = 0; nr < ENTRIES; nr++)
		ASSERT_TRUE(pop_one(r, nr));
	ASSERT_EQ(0, pcring_cons_peek(&r->c, 1));
}

TEST_F(entry, a_reservation_shows_only_when_submitted)
{
	struct ring *rings[] = { &self->single, &self->shared };
	__u64 front, pos;
	__u32 i, k;

	for (i = 0; i < 2; i++) {
		struct ring *r = rings[i];

		ASSERT_EQ(3, pcring_prod_reserve(&r->p, 3, &pos));
		for (k = 1; k < 3; k++)
			pcring_prod_stage(&r->p, pos + k,
					  PCRING_FRONT(k + 1, 0));
		EXPECT_EQ(0, pcring_cons_peek(&r->c, ENTRIES));
		EXPECT_EQ(0, pcring_cons_count(&r->c, NULL));
		pcring_prod_submit(&r->p, pos, 3, PCRING_FRONT(1, 0));
		EXPECT_EQ(3, pcring_cons_count(&r->c, NULL));
		ASSERT_EQ(3, pcring_cons_peek(&r->c, ENTRIES));
		for (k = 0; k < 3; k++) {
			front = pcring_cons_front(&r->c, r->c.cons + k);
			EXPECT_EQ(k + 1, PCRING_FRONT_FIRST(front) &
						 PCRING_ENTRY_VALUE);
		}
	}
}

TEST_F(entry, a_burst_wraps_wherever_it_begins)
{
	struct ring *r = &self->single;
	__u64 in[ENTRIES * SIZE / 8], nr = 0, out = 0;
	__u32 n, i, round;

	for (round = 0; round < 3 * ENTRIES; round++) {
		for (n = 1; n <= ENTRIES; n++) {
			for (i = 0; i < n; i++)
				item_fill(in + i * SIZE / 8, SIZE, nr + i);
			ASSERT_EQ((int)n, pcring_prod_push(&r->p, in, n, SIZE));
			ASSERT_EQ(n, pcring_cons_count(&r->c, NULL));
			nr += n;
			for (i = 0; i < n; i++)
				ASSERT_TRUE(pop_one(r, out++));
			ASSERT_EQ(0, pcring_cons_peek(&r->c, ENTRIES));
		}
		ASSERT_EQ(1, push_one(r, nr++));
		ASSERT_TRUE(pop_one(r, out++));
	}
}

TEST_F(entry, a_burst_of_eight_publishes_a_position_too)
{
	struct ring *r = &self->single;
	__u64 in[ENTRIES * SIZE / 8] = { 0 };

	ASSERT_EQ(7, pcring_prod_push(&r->p, in, 7, SIZE));
	EXPECT_EQ(variant->start, r->prod_page->prod);
	ASSERT_EQ(7, pcring_cons_pop(&r->c, self->item, 8, SIZE));
	pcring_cons_release(&r->c, 7, 7);
	ASSERT_EQ(8, pcring_prod_push(&r->p, in, 8, SIZE));
	EXPECT_EQ(variant->start + 15, r->prod_page->prod);
	EXPECT_EQ(8, pcring_cons_pop(&r->c, self->item, 8, SIZE));
}

TEST_F(entry, a_burst_is_popped_whole_by_position_and_by_phase)
{
	struct ring *rings[] = { &self->single, &self->shared };
	__u64 in[ENTRIES * SIZE / 8], nr = 0;
	__u32 round, i, k;

	for (k = 0; k < 2; k++) {
		struct ring *r = rings[k];

		for (round = 0; round < 3 * ENTRIES; round++) {
			for (i = 0; i < 8; i++)
				item_fill(in + i * SIZE / 8, SIZE, nr + i);
			ASSERT_EQ(8, pcring_prod_push(&r->p, in, 8, SIZE));
			memset(self->item, 0x77, sizeof(self->item));
			ASSERT_EQ(8, pcring_cons_peek(&r->c, 8));
			ASSERT_EQ(8,
				  pcring_cons_pop(&r->c, self->item,
						  round & 1 ? 8 : 100, SIZE));
			for (i = 0; i < 8; i++)
				ASSERT_TRUE(item_is(self->item + i * SIZE / 8,
						    SIZE, nr + i));
			ASSERT_EQ(0x7777777777777777ULL,
				  self->item[8 * SIZE / 8]);
			pcring_cons_release(&r->c, 8, 8);
			nr += 8;
			/* Shift the place by one, by phase alone. */
			ASSERT_EQ(1, push_one(r, nr));
			ASSERT_TRUE(pop_one(r, nr));
			nr++;
		}
	}
}

TEST_F(entry, a_position_behind_the_phases_hides_nothing)
{
	struct ring *r = &self->single;
	__u64 in[ENTRIES * SIZE / 8] = { 0 };
	__u64 nr;

	ASSERT_EQ(8, pcring_prod_push(&r->p, in, 8, SIZE));
	ASSERT_EQ(8, pcring_cons_pop(&r->c, self->item, 8, SIZE));
	pcring_cons_release(&r->c, 8, 8);
	for (nr = 0; nr < 5; nr++)
		ASSERT_EQ(1, push_one(r, nr));
	EXPECT_EQ(5, pcring_cons_peek(&r->c, 8));
	EXPECT_EQ(5, pcring_cons_pop(&r->c, self->item, 8, SIZE));
}

TEST_F(entry, cancel_after_stage_leaves_nothing_to_show)
{
	struct ring *r = &self->single;
	__u64 pos, again;
	__u32 i, round;

	for (round = 0; round < 2 * ENTRIES + 1; round++) {
		ASSERT_EQ(5, pcring_prod_reserve(&r->p, 5, &pos));
		for (i = 1; i < 5; i++)
			pcring_prod_stage(&r->p, pos + i, PCRING_FRONT(77, 77));
		pcring_prod_cancel(&r->p, pos, 5);
		ASSERT_EQ(0, pcring_cons_peek(&r->c, ENTRIES));
		ASSERT_EQ(1, pcring_prod_reserve(&r->p, 1, &again));
		ASSERT_EQ(pos, again);
		pcring_prod_submit(&r->p, again, 1, PCRING_FRONT(1, 2));
		ASSERT_EQ(1, pcring_cons_peek(&r->c, ENTRIES));
		ASSERT_EQ(1, pcring_cons_count(&r->c, NULL));
		pcring_cons_release(&r->c, 1, 1);
	}
	EXPECT_EQ(round, r->prod_page->counts.offered);
	EXPECT_EQ(round, r->prod_page->counts.accepted);
}

TEST_F(entry, shared_submits_in_any_order_and_is_read_in_order_of_reservation)
{
	struct ring *r = &self->shared;
	__u64 a, b, c;
	__u32 round;

	for (round = 0; round < 2 * ENTRIES + 1; round++) {
		ASSERT_EQ(1, pcring_prod_reserve(&r->p, 1, &a));
		ASSERT_EQ(2, pcring_prod_reserve(&r->p, 2, &b));
		ASSERT_EQ(1, pcring_prod_reserve(&r->p, 1, &c));
		EXPECT_EQ(variant->start + 4 * round + 4, r->prod_page->prod);
		pcring_prod_submit(&r->p, c, 1, PCRING_FRONT(4, 0));
		ASSERT_EQ(0, pcring_cons_peek(&r->c, 4));
		ASSERT_EQ(1, pcring_cons_count(&r->c, NULL));
		pcring_prod_submit(&r->p, a, 1, PCRING_FRONT(1, 0));
		ASSERT_EQ(1, pcring_cons_peek(&r->c, 4));
		pcring_prod_stage(&r->p, b + 1, PCRING_FRONT(3, 0));
		ASSERT_EQ(1, pcring_cons_peek(&r->c, 4));
		ASSERT_EQ(2, pcring_cons_count(&r->c, NULL));
		pcring_prod_submit(&r->p, b, 2, PCRING_FRONT(2, 0));
		ASSERT_EQ(4, pcring_cons_pop(&r->c, self->item, 4, SIZE));
		EXPECT_EQ(PCRING_FRONT(1, 0), self->item[0]);
		EXPECT_EQ(PCRING_FRONT(2, 0), self->item[SIZE / 8]);
		EXPECT_EQ(PCRING_FRONT(3, 0), self->item[2 * SIZE / 8]);
		EXPECT_EQ(PCRING_FRONT(4, 0), self->item[3 * SIZE / 8]);
		pcring_cons_release(&r->c, 4, 4);
	}
}

TEST_F(entry, shared_cancel_is_skipped_and_counted_as_discarded)
{
	struct ring *r = &self->shared;
	struct pcring_gap gap;
	__u32 discarded = 0;
	__u64 pos;
	__u32 i;

	ASSERT_EQ(1, push_one(r, 0));
	ASSERT_EQ(3, pcring_prod_reserve(&r->p, 3, &pos));
	pcring_prod_cancel(&r->p, pos, 3);
	ASSERT_EQ(1, push_one(r, 4));
	EXPECT_EQ(2, pcring_cons_count(&r->c, &discarded));
	EXPECT_EQ(3, discarded);
	ASSERT_TRUE(pop_one(r, 0));
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(1, pcring_cons_pop(&r->c, self->item, 1, SIZE));
		ASSERT_TRUE(PCRING_FRONT_FIRST(self->item[0]) &
			    PCRING_ENTRY_SPECIAL);
		ASSERT_FALSE(pcring_cons_special(&r->c, self->item, &gap));
		pcring_cons_release(&r->c, 1, 0);
	}
	ASSERT_TRUE(pop_one(r, 4));
	EXPECT_EQ(3, r->cons_page->counts.discarded);
	EXPECT_EQ(2, r->cons_page->counts.consumed);
	EXPECT_EQ(5, r->prod_page->counts.accepted);
	EXPECT_EQ(5, r->c.seq);
}

TEST_F(entry, holes_of_dead_shared_producers_are_passed_over_and_counted)
{
	struct ring *r = &self->shared;
	__u32 cancelled = 0, taken = 0;
	__u64 hole, last;

	ASSERT_EQ(2, pcring_prod_reserve(&r->p, 2, &hole));
	ASSERT_EQ(1, push_one(r, 2));
	ASSERT_EQ(2, pcring_prod_reserve(&r->p, 2, &last));
	ASSERT_EQ(0, pcring_cons_peek(&r->c, 1));
	pcring_prod_end(&r->p, PCRING_STATE_DEAD);
	ASSERT_EQ(PCRING_STATE_DEAD, pcring_cons_peer_state(&r->c));
	for (;;) {
		if (pcring_cons_peek(&r->c, 1) == 1) {
			ASSERT_TRUE(pop_one(r, 2));
			taken++;
		} else if (pcring_cons_skip_dead(&r->c)) {
			cancelled++;
		} else {
			break;
		}
	}
	EXPECT_EQ(1, taken);
	EXPECT_EQ(4, cancelled);
	EXPECT_EQ(4, r->cons_page->counts.cancelled);
	EXPECT_EQ(5, r->c.seq);
	EXPECT_EQ(variant->start + 5, r->cons_page->cons);
}

TEST_F(entry, skip_dead_passes_over_a_whole_ring_of_holes_and_no_more)
{
	struct ring *r = &self->shared;
	__u32 cancelled = 0;
	__u64 pos;

	ASSERT_EQ((int)ENTRIES, pcring_prod_reserve(&r->p, ENTRIES, &pos));
	while (cancelled <= ENTRIES && pcring_cons_skip_dead(&r->c))
		cancelled++;
	EXPECT_EQ(ENTRIES, cancelled);
	EXPECT_EQ(0, pcring_cons_peek(&r->c, ENTRIES));
	EXPECT_EQ(0, pcring_cons_count(&r->c, NULL));
	/* No more than the ring holds can have been reserved. */
	r->prod_page->prod = r->c.cons + ENTRIES + 1;
	EXPECT_FALSE(pcring_cons_skip_dead(&r->c));
	r->prod_page->prod = r->c.cons - 1;
	EXPECT_FALSE(pcring_cons_skip_dead(&r->c));
	r->prod_page->prod = r->c.cons + ENTRIES;
	EXPECT_TRUE(pcring_cons_skip_dead(&r->c));
}

TEST_F(entry, a_burst_staged_by_a_dead_shared_producer_stays_invisible)
{
	struct ring *r = &self->shared;
	__u64 pos;
	__u32 i;

	ASSERT_EQ(4, pcring_prod_reserve(&r->p, 4, &pos));
	for (i = 1; i < 4; i++)
		pcring_prod_stage(&r->p, pos + i, PCRING_FRONT(5, 5));
	for (i = 0; i < 4; i++) {
		ASSERT_EQ(0, pcring_cons_peek(&r->c, 1));
		ASSERT_TRUE(pcring_cons_skip_dead(&r->c));
	}
	EXPECT_EQ(0, r->cons_page->counts.consumed);
}

TEST_F(entry, space_is_seen_when_lag_is_reached_or_published)
{
	struct pcring_geometry geo = self->single.geo;
	struct ring r;
	__u64 nr = 0, out = 0, pos = 0;

	geo.lag = 3;
	ring_make(&r, &geo, 1);
	while (push_one(&r, nr) == 1)
		nr++;
	ASSERT_TRUE(pop_one(&r, out++));
	ASSERT_TRUE(pop_one(&r, out++));
	EXPECT_EQ(variant->start, r.cons_page->cons);
	EXPECT_EQ(variant->start + 2, r.cons_page->counts.position);
	EXPECT_EQ(0, pcring_prod_reserve(&r.p, 1, &pos));
	ASSERT_TRUE(pop_one(&r, out++));
	EXPECT_EQ(variant->start + 3, r.cons_page->cons);
	EXPECT_EQ(3, pcring_prod_reserve(&r.p, 5, &pos));
	pcring_prod_cancel(&r.p, pos, 3);
	ASSERT_TRUE(pop_one(&r, out++));
	EXPECT_FALSE(pcring_cons_publish(&r.c));
	EXPECT_EQ(variant->start + 4, r.cons_page->cons);
	EXPECT_EQ(4, pcring_prod_reserve(&r.p, 5, &pos));
	ring_free(&r);
}

TEST_F(entry, special_kinds_not_yet_given_count_for_nothing)
{
	struct ring *r = &self->single;
	struct pcring_gap gap;
	__u64 item[4] = { PCRING_FRONT(PCRING_ENTRY_SPECIAL | 77, 0) };

	EXPECT_FALSE(pcring_cons_special(&r->c, item, &gap));
	EXPECT_EQ(0, r->c.seq);
	EXPECT_EQ(0, r->cons_page->counts.discarded);
	EXPECT_EQ(0, r->cons_page->counts.gaps);
}

TEST_F(entry, a_long_burst_submitted_before_a_later_one_publishes_only_itself)
{
	struct pcring_geometry geo = self->single.geo;
	__u64 a = 0, b = 0;
	struct ring r;
	__u32 i;

	geo.entries = 32;
	ring_make(&r, &geo, 1);
	ASSERT_EQ(10, pcring_prod_reserve(&r.p, 10, &a));
	ASSERT_EQ(4, pcring_prod_reserve(&r.p, 4, &b));
	for (i = 1; i < 10; i++)
		pcring_prod_stage(&r.p, a + i, PCRING_FRONT(i, 0));
	pcring_prod_submit(&r.p, a, 10, PCRING_FRONT(0, 0));
	EXPECT_EQ(10, pcring_cons_peek(&r.c, 32));
	for (i = 1; i < 4; i++)
		pcring_prod_stage(&r.p, b + i, PCRING_FRONT(i, 0));
	EXPECT_EQ(10, pcring_cons_peek(&r.c, 32));
	pcring_prod_submit(&r.p, b, 4, PCRING_FRONT(0, 0));
	EXPECT_EQ(14, pcring_cons_peek(&r.c, 32));
	ring_free(&r);
}

TEST_F(entry, peek_sees_single_entries_behind_a_burst)
{
	struct pcring_geometry geo = self->single.geo;
	__u64 in[8 * SIZE / 8] = { 0 };
	struct ring r;

	geo.entries = 32;
	ring_make(&r, &geo, 1);
	ASSERT_EQ(8, pcring_prod_push(&r.p, in, 8, SIZE));
	ASSERT_EQ(1, push_one(&r, 8));
	ASSERT_EQ(1, push_one(&r, 9));
	EXPECT_EQ(10, pcring_cons_peek(&r.c, 20));
	EXPECT_EQ(9, pcring_cons_peek(&r.c, 9));
	ring_free(&r);
}

TEST_F(entry, pitfall_03_a_release_of_what_is_reserved_only_survives_a_cancel)
{
	struct ring *r = &self->single;
	__u64 pos = 0;

	ASSERT_EQ(3, pcring_prod_reserve(&r->p, 3, &pos));
	r->cons_page->cons = variant->start + 3;
	ASSERT_EQ(0, pcring_prod_refresh(&r->p));
	pcring_prod_cancel(&r->p, pos, 3);
	EXPECT_GE(ENTRIES, r->p.prod - r->p.cons);
	EXPECT_EQ(-EBADFD, pcring_prod_refresh(&r->p));
}

TEST(geometry_check_refuses_what_no_ring_can_be)
{
	const struct pcring_geometry good[] = {
		{ .entries = 1, .entry_size = 8, .lag = 1 },
		{ .entries = 1U << 20, .entry_size = 1024 },
		{ .entries = 4096, .start = 8, .lag = 1024 },
		{ .entries = 1U << 30, .flags = PCRING_RING_TIME },
	};
	const struct pcring_geometry bad[] = {
		{ .entries = 0, .entry_size = 8 },
		{ .entries = 3, .entry_size = 8 },
		{ .entries = 1U << 21, .entry_size = 8 },
		{ .entries = 8, .entry_size = 4 },
		{ .entries = 8, .entry_size = 24 },
		{ .entries = 8, .entry_size = 2048 },
		{ .entries = 8, .entry_size = 8, .policy = 4 },
		{ .entries = 8, .entry_size = 8, .producers = 3 },
		{ .entries = 8, .entry_size = 8, .flags = 2 },
		{ .entries = 8, .entry_size = 8, .lag = 3 },
		{ .entries = 2048 },
		{ .entries = 4096, .start = 4 },
		{ .entries = 1U << 31 },
	};
	__u32 i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		EXPECT_EQ(0, pcring_geometry_check(&good[i]));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		EXPECT_EQ(-EINVAL, pcring_geometry_check(&bad[i]))
	TH_LOG("bad[%u]", i);
}

TEST_F(entry, pitfall_03_user_written_indices_believed_cons)
{
	struct ring *rings[] = { &self->single, &self->shared };
	const __s64 bad[] = {
		-1, 5, 9, 1LL << 31, 1LL << 32, 1LL << 62, (__s64)(1ULL << 63)
	};
	__u64 nr, pos, prod;
	__u32 i, k;

	for (k = 0; k < 2; k++) {
		struct ring *r = rings[k];

		for (nr = 0; nr < 4; nr++)
			ASSERT_EQ(1, push_one(r, nr));
		prod = r->p.prod;
		for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
			r->cons_page->cons = variant->start + (__u64)bad[i];
			ASSERT_EQ(-EBADFD, pcring_prod_refresh(&r->p));
			ASSERT_EQ(-EBADFD, pcring_prod_reserve(&r->p, 5, &pos));
			ASSERT_EQ(-EBADFD, pcring_prod_space(&r->p, 5));
			ASSERT_EQ(prod, r->p.prod);
			ASSERT_EQ(variant->start, r->p.cons);
		}
		/* What is valid is taken all the same. */
		r->cons_page->cons = variant->start + 4;
		ASSERT_EQ(0, pcring_prod_refresh(&r->p));
		/* It may not go back. */
		r->cons_page->cons = variant->start + 3;
		ASSERT_EQ(-EBADFD, pcring_prod_refresh(&r->p));
	}
}

TEST_F(entry, pitfall_03_user_written_indices_believed_prod)
{
	struct ring *r = &self->single;
	const __u64 cons = r->c.cons;

	r->prod_page->prod = variant->start + ENTRIES + 1;
	EXPECT_EQ(-EBADFD, pcring_cons_peek(&r->c, 8));
	EXPECT_EQ(-EBADFD, pcring_cons_pop(&r->c, self->item, 8, SIZE));
	r->prod_page->prod = variant->start + (1ULL << 62);
	EXPECT_EQ(-EBADFD, pcring_cons_peek(&r->c, 8));
	r->prod_page->prod = variant->start + (1ULL << 32);
	EXPECT_EQ(-EBADFD, pcring_cons_pop(&r->c, self->item, 64, SIZE));
	EXPECT_EQ(cons, r->c.cons);
	r->prod_page->prod = variant->start + ENTRIES;
	EXPECT_EQ((int)ENTRIES, pcring_cons_pop(&r->c, self->item, 64, SIZE));
	r->prod_page->prod = variant->start - 1;
	EXPECT_EQ((int)ENTRIES, pcring_cons_peek(&r->c, ENTRIES));
}

TEST_F(entry, pitfall_15_unbounded_backlog_is_refused)
{
	struct ring *r = &self->single;
	__u32 taken = 0;
	__u32 i;

	for (i = 0; i < 1000000; i++)
		taken += (__u32)push_one(r, i);
	EXPECT_EQ(ENTRIES, taken);
	EXPECT_EQ(ENTRIES, pcring_cons_count(&r->c, NULL));
}

TEST_F(entry, pitfall_24_32_bit_counters_straddled_by_phase_and_mask)
{
	struct ring *r = &self->single;
	__u32 round;
	__u64 nr = 0;

	ASSERT_EQ(PCRING_ENTRY_PHASE, pcring_phase(0, r->p.order));
	ASSERT_EQ(0, pcring_phase(ENTRIES, r->p.order));
	for (round = 0; round < 64; round++) {
		__u64 pos = variant->start + round;

		ASSERT_EQ(pos, r->p.prod);
		ASSERT_NE(pcring_phase(pos, r->p.order),
			  pcring_phase(pos + ENTRIES, r->p.order));
		ASSERT_EQ((void *)(r->data + (pos % ENTRIES) * SIZE),
			  pcring_prod_entry(&r->p, pos));
		ASSERT_EQ(1, push_one(r, nr));
		ASSERT_TRUE(pop_one(r, nr++));
	}
}

TEST(entry_sizes_and_ring_sizes_all_carry_their_content)
{
	static __u64 in[16 * 256], out[16 * 256];
	__u32 order, size, n, i, round;

	for (order = 1; order <= 16; order++) {
		for (size = 8; size <= 128; size *= 2) {
			struct pcring_geometry geo = {
				.entries = 1U << order,
				.entry_size = size,
				.lag = 1,
				.start = (1ULL << 32) - (1U << order) / 2,
			};
			struct ring r;
			__u64 nr = 0;

			ring_make(&r, &geo, 1);
			ASSERT_EQ(order, r.p.order);
			n = geo.entries < 256 ? geo.entries : 256;
			for (round = 0; round < 6; round++) {
				for (i = 0; i < n; i++)
					item_fill(in + i * size / 8, size,
						  nr + i);
				ASSERT_EQ((int)n,
					  pcring_prod_push(&r.p, in, n, size));
				ASSERT_EQ((int)n,
					  pcring_cons_pop(&r.c, out, n, size));
				for (i = 0; i < n; i++)
					ASSERT_TRUE(item_is(out + i * size / 8,
							    size, nr + i));
				pcring_cons_release(&r.c, n, n);
				nr += n;
				ASSERT_EQ(1, push_one(&r, nr));
				ASSERT_TRUE(pop_one(&r, nr));
				nr++;
			}
			ASSERT_TRUE(ring_intact(&r));
			ring_free(&r);
		}
	}
}

TEST_HARNESS_MAIN
