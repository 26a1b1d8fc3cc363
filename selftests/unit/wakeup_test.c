// SPDX-License-Identifier: GPL-2.0-only
/* Sleeping and waking, one step at a time; stress_sleep has the threads. */
#include "record_item.h"
#include <kselftest_harness.h>

#define ENTRIES 16U

FIXTURE(wakeup)
{
	struct ring ring;
	struct ring shared;
	struct ring records;
	struct ring drop;
};

START_VARIANTS(wakeup);

FIXTURE_SETUP(wakeup)
{
	struct pcring_geometry geo = {
		.entries = ENTRIES,
		.entry_size = 8,
		.lag = 1,
		.start = variant->start,
	};

	ring_make(&self->ring, &geo, 1);
	geo.producers = PCRING_PRODUCERS_SHARED;
	ring_make(&self->shared, &geo, 1);
	geo.producers = PCRING_PRODUCERS_SINGLE;
	geo.policy = PCRING_POLICY_DROP_NEW;
	ring_make(&self->drop, &geo, 1);
	geo.policy = PCRING_POLICY_BLOCK;
	geo.entries = BYTES;
	geo.entry_size = 0;
	ring_make(&self->records, &geo, 1);
}

FIXTURE_TEARDOWN(wakeup)
{
	ring_free(&self->ring);
	ring_free(&self->shared);
	ring_free(&self->records);
	ring_free(&self->drop);
}

static void push(struct ring *r, __u32 n)
{
	__u64 items[ENTRIES] = { 0 };

	pcring_prod_push(&r->p, items, n, 8);
}

TEST_F(wakeup, nobody_sleeps_nobody_is_woken)
{
	push(&self->ring, 3);
	EXPECT_FALSE(pcring_prod_notify(&self->ring.p));
	EXPECT_FALSE(pcring_cons_release(&self->ring.c, 1, 1));
	EXPECT_FALSE(pcring_cons_publish(&self->ring.c));
}

TEST_F(wakeup, a_sleeping_consumer_is_woken_once_for_each_sleep)
{
	struct ring *rings[] = { &self->ring, &self->shared };
	__u32 nr, k;

	for (k = 0; k < 2; k++)
		for (nr = 1; nr < 40; nr++) {
			struct ring *r = rings[k];

			pcring_cons_prepare_wait(&r->c, 1);
			ASSERT_EQ(PCRING_WANT(1, nr),
				  r->cons_page->need_wakeup);
			ASSERT_FALSE(pcring_prod_notify(&r->p));
			push(r, 1);
			ASSERT_TRUE(pcring_prod_notify(&r->p));
			ASSERT_FALSE(pcring_prod_notify(&r->p));
			push(r, 1);
			ASSERT_FALSE(pcring_prod_notify(&r->p));
			pcring_cons_finish_wait(&r->c);
			ASSERT_EQ(0, r->cons_page->need_wakeup);
			ASSERT_FALSE(pcring_prod_notify(&r->p));
			pcring_cons_release(&r->c, 2, 2);
		}
}

TEST_F(wakeup, a_consumer_is_woken_when_its_watermark_is_reached)
{
	struct ring *r = &self->ring;
	__u32 i;

	push(r, 2);
	pcring_cons_prepare_wait(&r->c, 5);
	for (i = 3; i < 5; i++) {
		push(r, 1);
		ASSERT_FALSE(pcring_prod_notify(&r->p));
	}
	push(r, 1);
	EXPECT_TRUE(pcring_prod_notify(&r->p));
}

TEST_F(wakeup, pitfall_14_a_watermark_above_the_ring_counts_as_all_of_it)
{
	struct ring *r = &self->ring;

	pcring_cons_prepare_wait(&r->c, 1000);
	EXPECT_EQ(PCRING_WANT(ENTRIES, 1), r->cons_page->need_wakeup);
	push(r, ENTRIES - 1);
	EXPECT_FALSE(pcring_prod_notify(&r->p));
	push(r, 1);
	EXPECT_TRUE(pcring_prod_notify(&r->p));
	pcring_cons_finish_wait(&r->c);
	/* A peer that asks for more than the ring is woken by a full one. */
	r->cons_page->need_wakeup = PCRING_WANT(~0U, 99);
	push(r, 1);
	EXPECT_TRUE(pcring_prod_notify(&r->p));
}

TEST_F(wakeup, pitfall_12_lost_wakeup_of_a_consumer_that_published_its_position)
{
	struct ring *r = &self->ring;

	/* What was consumed before must not count as there. */
	push(r, 5);
	pcring_cons_release(&r->c, 5, 5);
	pcring_cons_prepare_wait(&r->c, 1);
	EXPECT_FALSE(pcring_prod_notify(&r->p));
	push(r, 1);
	EXPECT_TRUE(pcring_prod_notify(&r->p));
}

TEST_F(wakeup, a_sleeping_producer_is_woken_once_when_its_space_is_there)
{
	struct ring *r = &self->ring;
	__u32 nr;

	for (nr = 1; nr < 40; nr++) {
		push(r, ENTRIES);
		pcring_prod_prepare_wait(&r->p, 3);
		ASSERT_EQ(PCRING_WANT(3, nr), r->prod_page->space_wanted);
		ASSERT_FALSE(pcring_cons_release(&r->c, 1, 1));
		ASSERT_FALSE(pcring_cons_release(&r->c, 1, 1));
		ASSERT_TRUE(pcring_cons_release(&r->c, 1, 1));
		ASSERT_FALSE(pcring_cons_release(&r->c, 1, 1));
		ASSERT_EQ(0, pcring_prod_refresh(&r->p));
		ASSERT_EQ(4, pcring_prod_space(&r->p, 3));
		pcring_prod_finish_wait(&r->p);
		ASSERT_EQ(0, r->prod_page->space_wanted);
		ASSERT_FALSE(
			pcring_cons_release(&r->c, ENTRIES - 4, ENTRIES - 4));
	}
}

TEST_F(wakeup, a_wish_for_more_space_than_the_ring_counts_as_all_of_it)
{
	struct ring *r = &self->ring;

	push(r, ENTRIES);
	pcring_prod_prepare_wait(&r->p, 1000);
	EXPECT_EQ(PCRING_WANT(ENTRIES, 1), r->prod_page->space_wanted);
	EXPECT_FALSE(pcring_cons_release(&r->c, ENTRIES - 1, ENTRIES - 1));
	EXPECT_TRUE(pcring_cons_release(&r->c, 1, 1));
}

TEST_F(wakeup, prepare_wait_publishes_what_was_kept_back)
{
	struct ring *r = &self->records;
	struct pcring_record_view view;

	ASSERT_EQ(0, record_put(r, 8, 0, 0, true));
	ASSERT_EQ(0, pcring_record_peek(&r->c, &view));
	pcring_prod_prepare_wait(&r->p, 1);
	EXPECT_EQ(1, pcring_record_peek(&r->c, &view));
}

TEST_F(wakeup, space_held_below_the_lag_wakes_when_it_is_published)
{
	struct pcring_geometry geo = self->ring.geo;
	struct ring r;

	geo.lag = 4;
	ring_make(&r, &geo, 1);
	push(&r, ENTRIES);
	pcring_prod_prepare_wait(&r.p, 1);
	EXPECT_FALSE(pcring_cons_release(&r.c, 3, 3));
	EXPECT_EQ(variant->start, r.cons_page->cons);
	EXPECT_TRUE(pcring_cons_publish(&r.c));
	EXPECT_EQ(variant->start + 3, r.cons_page->cons);
	EXPECT_FALSE(pcring_cons_publish(&r.c));
	ring_free(&r);
}

TEST_F(wakeup, records_are_counted_in_bytes)
{
	struct ring *r = &self->records;
	struct pcring_record_view view;

	pcring_cons_prepare_wait(&r->c, 80);
	ASSERT_EQ(0, record_put(r, 40, 0, 0, false));
	EXPECT_FALSE(pcring_prod_notify(&r->p));
	ASSERT_EQ(0, record_put(r, 8, 0, 0, false));
	EXPECT_TRUE(pcring_prod_notify(&r->p));
	pcring_prod_prepare_wait(&r->p, BYTES - 24);
	ASSERT_EQ(1, pcring_record_peek(&r->c, &view));
	EXPECT_TRUE(pcring_record_release(&r->c, &view));
}

TEST_F(wakeup, a_producer_that_never_sleeps_is_never_woken)
{
	struct ring *r = &self->drop;

	push(r, ENTRIES);
	r->prod_page->space_wanted = PCRING_WANT(1, 1);
	EXPECT_FALSE(pcring_cons_release(&r->c, 4, 4));
	EXPECT_EQ(variant->start + 4, r->cons_page->cons);
}

TEST_F(wakeup, a_consumer_above_its_watermark_is_woken_by_a_starved_producer)
{
	struct ring *r = &self->ring;

	push(r, 10);
	pcring_cons_prepare_wait(&r->c, 12);
	ASSERT_FALSE(pcring_cons_ready(&r->c, 12));
	ASSERT_FALSE(pcring_prod_notify(&r->p));
	/* Six entries are free; it wants eight. */
	pcring_prod_prepare_wait(&r->p, 8);
	EXPECT_TRUE(pcring_prod_notify(&r->p));
	EXPECT_TRUE(pcring_cons_ready(&r->c, 12));
	pcring_prod_finish_wait(&r->p);
	EXPECT_FALSE(pcring_cons_ready(&r->c, 12));
}

TEST_F(wakeup, a_consumer_is_woken_by_a_reservation_that_found_no_space)
{
	struct ring *r = &self->drop;
	__u64 pos;

	push(r, ENTRIES);
	r->cons_page->need_wakeup = PCRING_WANT(ENTRIES + 1, 1);
	ASSERT_FALSE(pcring_prod_notify(&r->p));
	ASSERT_EQ(0, pcring_prod_reserve(&r->p, 1, &pos));
	EXPECT_TRUE(pcring_prod_notify(&r->p));
	EXPECT_FALSE(pcring_prod_notify(&r->p));
}

TEST_F(wakeup, ready_says_what_is_there_or_corrupt)
{
	struct ring *r = &self->ring;
	struct ring *rec = &self->records;
	struct pcring_record_view view;

	EXPECT_FALSE(pcring_cons_ready(&r->c, 1));
	push(r, 3);
	EXPECT_TRUE(pcring_cons_ready(&r->c, 3));
	EXPECT_FALSE(pcring_cons_ready(&r->c, 4));
	push(r, ENTRIES - 3);
	EXPECT_TRUE(pcring_cons_ready(&r->c, 1000));
	pcring_cons_release(&r->c, ENTRIES, ENTRIES);
	r->prod_page->prod = r->c.cons + ENTRIES + 1;
	EXPECT_TRUE(pcring_cons_ready(&r->c, 8));
	EXPECT_FALSE(pcring_record_ready(&rec->c, 1));
	ASSERT_EQ(0, record_put(rec, 48, 0, 0, false));
	EXPECT_TRUE(pcring_record_ready(&rec->c, 64));
	EXPECT_FALSE(pcring_record_ready(&rec->c, 65));
	rec->prod_page->space_wanted = PCRING_WANT(1, 1);
	EXPECT_TRUE(pcring_record_ready(&rec->c, 65));
	ASSERT_EQ(1, pcring_record_peek(&rec->c, &view));
	pcring_record_release(&rec->c, &view);
	EXPECT_FALSE(pcring_record_ready(&rec->c, 1));
	rec->prod_page->prod += 4;
	EXPECT_TRUE(pcring_record_ready(&rec->c, 1));
}

TEST_F(wakeup, of_several_sleeping_producers_the_smallest_wish_counts)
{
	struct ring *r = &self->shared;

	push(r, ENTRIES);
	pcring_prod_prepare_wait(&r->p, 5);
	EXPECT_EQ(5, PCRING_WANT_AMOUNT(r->prod_page->space_wanted));
	pcring_prod_prepare_wait(&r->p, 2);
	EXPECT_EQ(2, PCRING_WANT_AMOUNT(r->prod_page->space_wanted));
	pcring_prod_prepare_wait(&r->p, 7);
	EXPECT_EQ(2, PCRING_WANT_AMOUNT(r->prod_page->space_wanted));
	pcring_prod_finish_wait(&r->p);
	pcring_prod_finish_wait(&r->p);
	EXPECT_NE(0, r->prod_page->space_wanted);
	pcring_prod_finish_wait(&r->p);
	EXPECT_EQ(0, r->prod_page->space_wanted);
	pcring_prod_prepare_wait(&r->p, 9);
	EXPECT_EQ(9, PCRING_WANT_AMOUNT(r->prod_page->space_wanted));
}

TEST_F(wakeup, a_producer_that_waits_is_starved_whatever_another_finds)
{
	struct ring *r = &self->shared;

	push(r, ENTRIES);
	pcring_cons_release(&r->c, 10, 10);
	pcring_cons_prepare_wait(&r->c, ENTRIES);
	ASSERT_FALSE(pcring_cons_ready(&r->c, ENTRIES));
	pcring_prod_prepare_wait(&r->p, 12);
	/* Another is faster, finds what it looks for, and leaves it at that. */
	push(r, 2);
	EXPECT_TRUE(pcring_prod_notify(&r->p));
	EXPECT_EQ(8, pcring_prod_space(&r->p, 12));
}

TEST_F(wakeup, a_watermark_holds_again_once_no_producer_waits)
{
	struct ring *r = &self->shared;

	push(r, ENTRIES);
	pcring_prod_prepare_wait(&r->p, 4);
	pcring_prod_prepare_wait(&r->p, 4);
	pcring_cons_release(&r->c, 10, 10);
	pcring_prod_finish_wait(&r->p);
	pcring_cons_prepare_wait(&r->c, 12);
	EXPECT_EQ(10, pcring_prod_space(&r->p, 4));
	pcring_prod_finish_wait(&r->p);
	push(r, 1);
	EXPECT_FALSE(pcring_prod_notify(&r->p));
	push(r, 5);
	EXPECT_TRUE(pcring_prod_notify(&r->p));
}

TEST_F(wakeup, need_counts_the_gap_that_will_stand_before_it)
{
	struct pcring_geometry geo = self->ring.geo;
	struct ring wide;

	EXPECT_EQ(3, pcring_prod_need(&self->ring.p, 3));
	pcring_prod_reject(&self->ring.p, 1, PCRING_REASON_FULL, 1);
	EXPECT_EQ(3, pcring_prod_need(&self->ring.p, 3));
	pcring_prod_reject(&self->records.p, 1, PCRING_REASON_FULL, 1);
	EXPECT_LE(64 + 48, pcring_prod_need(&self->records.p, 64));
	geo.entry_size = 32;
	ring_make(&wide, &geo, 1);
	EXPECT_EQ(3, pcring_prod_need(&wide.p, 3));
	pcring_prod_reject(&wide.p, 1, PCRING_REASON_FULL, 1);
	EXPECT_EQ(4, pcring_prod_need(&wide.p, 3));
	ring_free(&wide);
}

TEST_F(wakeup, a_sleeper_of_the_same_number_is_not_woken_twice)
{
	struct ring *r = &self->ring;

	pcring_cons_prepare_wait(&r->c, 1);
	push(r, 1);
	EXPECT_TRUE(pcring_prod_notify(&r->p));
	pcring_cons_finish_wait(&r->c);
	pcring_cons_prepare_wait(&r->c, 1);
	EXPECT_TRUE(pcring_prod_notify(&r->p));
}

TEST_F(wakeup, the_end_is_said_last_and_read_by_the_peer)
{
	struct ring *r = &self->ring;

	push(r, 2);
	pcring_prod_end(&r->p, PCRING_STATE_DEAD);
	EXPECT_EQ(PCRING_STATE_DEAD, pcring_cons_peer_state(&r->c));
	EXPECT_EQ(2, pcring_cons_peek(&r->c, 4));
	pcring_cons_end(&r->c, PCRING_STATE_DRAINING);
	EXPECT_EQ(PCRING_STATE_DRAINING, pcring_prod_peer_state(&r->p));
}

TEST_HARNESS_MAIN
