// SPDX-License-Identifier: GPL-2.0-only
/* Every loss is located: where, how many, why, when. */
#include "record_item.h"
#include <kselftest_harness.h>

#define ENTRIES 8U
#define SIZE 32U

FIXTURE(gap)
{
	struct ring single;
	struct ring shared;
	struct ring records;
	struct ring timed;
	struct ring small;
	struct pcring_gap gap;
	struct pcring_record_view view;
	__u64 item[4];
};

START_VARIANTS(gap);

FIXTURE_SETUP(gap)
{
	struct pcring_geometry geo = {
		.entries = ENTRIES,
		.entry_size = SIZE,
		.policy = PCRING_POLICY_DROP_NEW,
		.lag = 1,
		.start = variant->start,
	};

	ring_make(&self->single, &geo, 1);
	geo.producers = PCRING_PRODUCERS_SHARED;
	ring_make(&self->shared, &geo, 1);
	geo.producers = PCRING_PRODUCERS_SINGLE;
	geo.entry_size = 16;
	ring_make(&self->small, &geo, 1);
	geo.entry_size = 0;
	geo.entries = BYTES;
	ring_make(&self->records, &geo, 1);
	geo.producers = PCRING_PRODUCERS_PERCPU;
	ring_make(&self->timed, &geo, 1);
}

FIXTURE_TEARDOWN(gap)
{
	ring_free(&self->single);
	ring_free(&self->shared);
	ring_free(&self->small);
	ring_free(&self->records);
	ring_free(&self->timed);
}

static int push(struct ring *r, __u32 value)
{
	__u64 item[4] = { PCRING_FRONT(value, 0), 0, 0, 0 };

	return pcring_prod_push(&r->p, item, 1, r->geo.entry_size);
}

/* One popped and released: 1 an item of @value, 2 a gap, -1 anything else. */
static int pop(struct ring *r, __u32 value, struct pcring_gap *gap)
{
	__u64 item[4];
	__u32 word;

	if (pcring_cons_pop(&r->c, item, 1, r->geo.entry_size) != 1)
		return -1;
	word = PCRING_FRONT_FIRST(item[0]);
	if (!(word & PCRING_ENTRY_SPECIAL)) {
		pcring_cons_release(&r->c, 1, 1);
		return word == value ? 1 : -1;
	}
	if (!pcring_cons_special(&r->c, item, gap))
		return -1;
	pcring_cons_release(&r->c, 1, 0);
	return 2;
}

#define EXPECT_GAP(gap_, first_, count_, reason_, from_, to_)                 \
	do {                                                                  \
		const struct pcring_gap *g = (gap_);                          \
		EXPECT_EQ(PCRING_SPECIAL_GAP, PCRING_SPECIAL_KIND(g->ctl));   \
		EXPECT_EQ(                                                    \
			PCRING_ENTRY_SPECIAL,                                 \
			g->ctl &(PCRING_ENTRY_SPECIAL | PCRING_ENTRY_PHASE)); \
		EXPECT_EQ((__u32)(reason_), PCRING_SPECIAL_REASON(g->ctl));   \
		EXPECT_EQ((__u32)(count_), g->count);                         \
		EXPECT_EQ((__u64)(first_), g->first);                         \
		EXPECT_EQ((__u64)(from_), g->time_first);                     \
		EXPECT_EQ((__u64)(to_), g->time_last);                        \
	} while (0)

TEST_F(gap, stands_where_the_entries_are_missing)
{
	struct ring *rings[] = { &self->single, &self->shared };
	__u32 k, round;

	for (k = 0; k < 2; k++) {
		struct ring *r = rings[k];

		for (round = 0; round < 2 * ENTRIES; round++) {
			__u64 base = round * 6;

			ASSERT_EQ(1, push(r, 10));
			pcring_prod_reject(&r->p, 1, PCRING_REASON_FULL, 100);
			pcring_prod_reject(&r->p, 3, PCRING_REASON_NMI, 200);
			EXPECT_EQ(1, pcring_cons_count(&r->c, NULL));
			ASSERT_EQ(1, push(r, 11));
			/* The gap is no item. */
			EXPECT_EQ(2, pcring_cons_count(&r->c, NULL));
			ASSERT_EQ(1, pop(r, 10, &self->gap));
			ASSERT_EQ(2, pop(r, 0, &self->gap));
			EXPECT_GAP(&self->gap, base + 1, 4, PCRING_REASON_FULL,
				   100, 200);
			EXPECT_EQ(base + 5, r->c.seq);
			ASSERT_EQ(1, pop(r, 11, &self->gap));
			EXPECT_EQ(0, pcring_cons_peek(&r->c, 1));
		}
		EXPECT_EQ(round, r->prod_page->counts.gaps);
		EXPECT_EQ(round, r->cons_page->counts.gaps);
		EXPECT_EQ(round,
			  r->prod_page->counts.rejected[PCRING_REASON_FULL]);
		EXPECT_EQ(3 * round,
			  r->prod_page->counts.rejected[PCRING_REASON_NMI]);
		EXPECT_EQ(6 * round, r->prod_page->counts.offered);
		EXPECT_EQ(2 * round, r->prod_page->counts.accepted);
	}
}

TEST_F(gap, several_gaps_each_at_its_place)
{
	struct ring *r = &self->single;

	pcring_prod_reject(&r->p, 2, PCRING_REASON_NOBLOCK, 5);
	ASSERT_EQ(1, push(r, 2));
	pcring_prod_reject(&r->p, 1, PCRING_REASON_IO, 6);
	ASSERT_EQ(1, push(r, 4));
	ASSERT_EQ(1, push(r, 5));
	pcring_prod_reject(&r->p, 7, PCRING_REASON_POLICY, 7);
	ASSERT_EQ(1, push(r, 13));
	ASSERT_EQ(2, pop(r, 0, &self->gap));
	EXPECT_GAP(&self->gap, 0, 2, PCRING_REASON_NOBLOCK, 5, 5);
	ASSERT_EQ(1, pop(r, 2, &self->gap));
	ASSERT_EQ(2, pop(r, 0, &self->gap));
	EXPECT_GAP(&self->gap, 3, 1, PCRING_REASON_IO, 6, 6);
	ASSERT_EQ(1, pop(r, 4, &self->gap));
	ASSERT_EQ(1, pop(r, 5, &self->gap));
	ASSERT_EQ(2, pop(r, 0, &self->gap));
	EXPECT_GAP(&self->gap, 6, 7, PCRING_REASON_POLICY, 7, 7);
	EXPECT_EQ(13, r->c.seq);
	ASSERT_EQ(1, pop(r, 13, &self->gap));
}

TEST_F(gap, needs_an_entry_beside_its_item)
{
	struct ring *r = &self->single;
	__u64 pos;
	__u32 i;

	for (i = 0; i < ENTRIES; i++)
		ASSERT_EQ(1, push(r, i));
	pcring_prod_reject(&r->p, 1, PCRING_REASON_FULL, 1);
	ASSERT_EQ(0, push(r, 9));
	ASSERT_EQ(1, pop(r, 0, &self->gap));
	/* One free entry: none for the item behind the gap. */
	ASSERT_EQ(0, pcring_prod_reserve(&r->p, 1, &pos));
	EXPECT_EQ(0, r->prod_page->counts.gaps);
	ASSERT_EQ(1, pop(r, 1, &self->gap));
	ASSERT_EQ(1, pcring_prod_reserve(&r->p, 5, &pos));
	pcring_prod_submit(&r->p, pos, 1, PCRING_FRONT(9, 0));
	for (i = 2; i < ENTRIES; i++)
		ASSERT_EQ(1, pop(r, i, &self->gap));
	ASSERT_EQ(2, pop(r, 0, &self->gap));
	EXPECT_GAP(&self->gap, ENTRIES, 1, PCRING_REASON_FULL, 1, 1);
	ASSERT_EQ(1, pop(r, 9, &self->gap));
}

TEST_F(gap, survives_a_cancel_of_the_item_behind_it)
{
	struct ring *r = &self->single;
	__u64 pos;

	pcring_prod_reject(&r->p, 2, PCRING_REASON_SIZE, 3);
	ASSERT_EQ(1, pcring_prod_reserve(&r->p, 1, &pos));
	pcring_prod_cancel(&r->p, pos, 1);
	pcring_prod_reject(&r->p, 1, PCRING_REASON_IO, 4);
	ASSERT_EQ(1, push(r, 8));
	ASSERT_EQ(2, pop(r, 0, &self->gap));
	EXPECT_GAP(&self->gap, 0, 2, PCRING_REASON_SIZE, 3, 3);
	ASSERT_EQ(2, pop(r, 0, &self->gap));
	EXPECT_GAP(&self->gap, 2, 1, PCRING_REASON_IO, 4, 4);
	ASSERT_EQ(1, pop(r, 8, &self->gap));
}

TEST_F(gap, entries_too_small_for_one_are_only_counted)
{
	struct ring *r = &self->small;

	pcring_prod_reject(&r->p, 2, PCRING_REASON_FULL, 3);
	ASSERT_EQ(1, push(r, 8));
	ASSERT_EQ(1, pcring_cons_peek(&r->c, ENTRIES));
	ASSERT_EQ(1, pop(r, 8, &self->gap));
	EXPECT_EQ(0, pcring_cons_peek(&r->c, ENTRIES));
	EXPECT_EQ(0, r->prod_page->counts.gaps);
	EXPECT_EQ(2, r->prod_page->counts.rejected[PCRING_REASON_FULL]);
	EXPECT_EQ(3, r->prod_page->counts.offered);
	EXPECT_EQ(1, r->prod_page->counts.accepted);
}

TEST_F(gap, a_special_entry_too_small_for_a_gap_is_not_read_as_one)
{
	struct ring *r = &self->small;
	__u64 item[4] = { PCRING_FRONT(
		PCRING_ENTRY_SPECIAL | PCRING_SPECIAL_GAP, 1000) };

	memset(&self->gap, 0x11, sizeof(self->gap));
	EXPECT_FALSE(pcring_cons_special(&r->c, item, &self->gap));
	EXPECT_EQ(0x11111111, self->gap.ctl);
	EXPECT_EQ(0, r->cons_page->counts.gaps);
	EXPECT_EQ(0, r->c.seq);
}

TEST_F(gap, a_gap_longer_than_32_bits_is_several_in_their_place)
{
	struct ring *r = &self->single;
	__u64 lost = 2 * 0xffffffffULL + 5;

	pcring_prod_reject(&r->p, 0xffffffff, PCRING_REASON_FULL, 1);
	pcring_prod_reject(&r->p, 0xffffffff, PCRING_REASON_FULL, 2);
	pcring_prod_reject(&r->p, 5, PCRING_REASON_FULL, 3);
	ASSERT_EQ(1, push(r, 1));
	ASSERT_EQ(2, pop(r, 0, &self->gap));
	EXPECT_EQ(0, self->gap.first);
	EXPECT_EQ(0xffffffff, self->gap.count);
	ASSERT_EQ(2, pop(r, 0, &self->gap));
	EXPECT_EQ(0xffffffff, self->gap.first);
	EXPECT_EQ(0xffffffff, self->gap.count);
	ASSERT_EQ(2, pop(r, 0, &self->gap));
	EXPECT_EQ(0x1fffffffeULL, self->gap.first);
	EXPECT_EQ(5, self->gap.count);
	EXPECT_EQ(lost, r->c.seq);
	ASSERT_EQ(1, pop(r, 1, &self->gap));
}

/* ---- records ---------------------------------------------------------------- */

TEST_F(gap, stands_where_the_records_are_missing)
{
	struct ring *rings[] = { &self->records, &self->timed };
	struct pcring_gap gap;
	__u32 round, k;

	for (k = 0; k < 2; k++) {
		struct ring *r = rings[k];

		for (round = 0; round < 40; round++) {
			__u64 base = round * 6;

			ASSERT_EQ(0, record_put(r, 44, 1, 10, false));
			pcring_prod_reject(&r->p, 1, PCRING_REASON_TIMEOUT, 9);
			pcring_prod_reject(&r->p, 3, PCRING_REASON_FULL, 12);
			ASSERT_EQ(0, record_put(r, 44, 1, 11, false));
			ASSERT_EQ(2, pcring_record_count(&r->c));
			ASSERT_EQ(1, pcring_record_peek(&r->c, &self->view));
			ASSERT_EQ(base, self->view.seq);
			pcring_record_release(&r->c, &self->view);
			ASSERT_EQ(1, pcring_record_peek(&r->c, &self->view));
			ASSERT_EQ(PCRING_RECORD_GAP,
				  PCRING_RECORD_TYPE(self->view.info));
			ASSERT_EQ(sizeof(gap), self->view.len);
			ASSERT_EQ(base + 1, self->view.seq);
			ASSERT_EQ(k ? 9 : 0, self->view.time);
			memcpy(&gap, self->view.data, sizeof(gap));
			EXPECT_GAP(&gap, base + 1, 4, PCRING_REASON_TIMEOUT, 9,
				   12);
			pcring_record_release(&r->c, &self->view);
			ASSERT_EQ(base + 5, r->c.seq);
			ASSERT_EQ(1, pcring_record_peek(&r->c, &self->view));
			ASSERT_TRUE(record_is(&self->view, 44, 11));
			ASSERT_EQ(base + 5, self->view.seq);
			pcring_record_release(&r->c, &self->view);
		}
		EXPECT_EQ(round, r->cons_page->counts.gaps);
		EXPECT_EQ(2 * round, r->cons_page->counts.consumed);
	}
}

TEST_F(gap, waits_until_it_and_the_record_behind_it_fit)
{
	struct ring *r = &self->records;
	__u32 each = record_space(r, 112);
	__u32 fit = BYTES / each;
	__u64 nr;

	for (nr = 0; nr < fit; nr++)
		ASSERT_EQ(0, record_put(r, 112, 0, nr, false));
	pcring_prod_reject(&r->p, 1, PCRING_REASON_FULL, 1);
	ASSERT_EQ(1, pcring_record_peek(&r->c, &self->view));
	pcring_record_release(&r->c, &self->view);
	/* 128 bytes free; the gap takes 48. */
	ASSERT_EQ(-EAGAIN, record_put(r, 65, 0, nr, false));
	EXPECT_EQ(0, r->prod_page->counts.gaps);
	ASSERT_EQ(0, record_put(r, 64, 0, nr, false));
	EXPECT_EQ(1, r->prod_page->counts.gaps);
}

TEST_F(gap, a_record_gap_longer_than_32_bits_is_several_in_their_place)
{
	struct ring *r = &self->records;
	struct pcring_gap gap;

	pcring_prod_reject(&r->p, 0xffffffff, PCRING_REASON_FULL, 1);
	pcring_prod_reject(&r->p, 7, PCRING_REASON_FULL, 2);
	ASSERT_EQ(0, record_put(r, 8, 0, 1, false));
	ASSERT_EQ(1, pcring_record_peek(&r->c, &self->view));
	memcpy(&gap, self->view.data, sizeof(gap));
	EXPECT_EQ(0xffffffff, gap.count);
	pcring_record_release(&r->c, &self->view);
	ASSERT_EQ(1, pcring_record_peek(&r->c, &self->view));
	ASSERT_EQ(PCRING_RECORD_GAP, PCRING_RECORD_TYPE(self->view.info));
	memcpy(&gap, self->view.data, sizeof(gap));
	EXPECT_EQ(0xffffffff, gap.first);
	EXPECT_EQ(7, gap.count);
	pcring_record_release(&r->c, &self->view);
	ASSERT_EQ(1, pcring_record_peek(&r->c, &self->view));
	EXPECT_EQ(r->c.seq, self->view.seq);
}

TEST_HARNESS_MAIN
