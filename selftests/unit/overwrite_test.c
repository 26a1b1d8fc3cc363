// SPDX-License-Identifier: GPL-2.0-only
/* Records under OVERWRITE: the oldest give way, and the reader is told. */
#include "record_item.h"
#include <kselftest_harness.h>

FIXTURE(overwrite)
{
	struct ring single;
	struct ring shared;
	struct pcring_record_view view;
	struct pcring_gap gap;
	struct pcring_record *rec;
	__u64 buf[BYTES / 8];
};

START_VARIANTS(overwrite);

FIXTURE_SETUP(overwrite)
{
	struct pcring_geometry geo = {
		.entries = BYTES,
		.policy = PCRING_POLICY_OVERWRITE,
		.flags = PCRING_RING_TIME,
		.lag = 1,
		.start = variant->start,
	};

	ring_make(&self->single, &geo, 1);
	geo.producers = PCRING_PRODUCERS_SHARED;
	ring_make(&self->shared, &geo, 1);
}

FIXTURE_TEARDOWN(overwrite)
{
	ring_free(&self->single);
	ring_free(&self->shared);
}

#define COPY(r) \
	pcring_record_copy(&(r)->c, &self->view, self->buf, sizeof(self->buf))

#define ASSERT_RECORD(r, len_, nr_)                             \
	do {                                                    \
		ASSERT_EQ(1, COPY(r));                          \
		ASSERT_NE(PCRING_RECORD_GAP,                    \
			  PCRING_RECORD_TYPE(self->view.info)); \
		ASSERT_EQ((__u64)(nr_), self->view.seq);        \
		ASSERT_TRUE(record_is(&self->view, len_, nr_)); \
		pcring_record_release(&(r)->c, &self->view);    \
	} while (0)

#define ASSERT_GAP(r, first_, count_, reason_)                          \
	do {                                                            \
		ASSERT_EQ(1, COPY(r));                                  \
		ASSERT_EQ(PCRING_RECORD_GAP,                            \
			  PCRING_RECORD_TYPE(self->view.info));         \
		memcpy(&self->gap, self->view.data, sizeof(self->gap)); \
		ASSERT_EQ((__u64)(first_), self->gap.first);            \
		ASSERT_EQ((__u64)(first_), self->view.seq);             \
		ASSERT_EQ((__u32)(count_), self->gap.count);            \
		ASSERT_EQ((__u32)(reason_),                             \
			  PCRING_SPECIAL_REASON(self->gap.ctl));        \
		pcring_record_release(&(r)->c, &self->view);            \
	} while (0)

TEST_F(overwrite, unread_records_come_out_in_order)
{
	struct ring *rings[] = { &self->single, &self->shared };
	__u32 k, round;

	for (k = 0; k < 2; k++)
		for (round = 0; round < 100; round++) {
			ASSERT_EQ(0, record_put(rings[k], 100, 2, 2 * round,
						false));
			ASSERT_EQ(0, record_put(rings[k], 11, 2, 2 * round + 1,
						false));
			ASSERT_RECORD(rings[k], 100, 2 * round);
			ASSERT_EQ(2 * round, self->view.index);
			ASSERT_NE(0, self->view.time);
			ASSERT_RECORD(rings[k], 11, 2 * round + 1);
			ASSERT_EQ(0, COPY(rings[k]));
		}
}

TEST_F(overwrite, the_oldest_give_way_and_no_more_of_them_than_needed)
{
	struct ring *rings[] = { &self->single, &self->shared };
	__u32 k, extra, fit;
	__u64 nr, base, i;

	for (k = 0; k < 2; k++) {
		struct ring *r = rings[k];

		fit = BYTES / record_space(r, 96);
		nr = 0;
		for (extra = 1; extra < 3 * fit; extra += 5) {
			base = nr;
			for (i = 0; i < fit + extra; i++)
				ASSERT_EQ(0, record_put(r, 96, 0, nr++, false));
			ASSERT_EQ((int)fit, pcring_record_count(&r->c));
			ASSERT_GAP(r, base, extra, PCRING_REASON_OVERWRITTEN);
			for (i = base + extra; i < nr; i++)
				ASSERT_RECORD(r, 96, i);
			ASSERT_EQ(0, COPY(r));
			ASSERT_EQ(r->prod_page->counts.accepted,
				  r->cons_page->counts.consumed +
					  r->cons_page->counts.overwritten);
		}
	}
}

TEST_F(overwrite, a_reservation_alone_already_takes_the_place)
{
	struct ring *r = &self->single;
	__u32 fit = BYTES / record_space(r, 96);
	__u64 nr;

	for (nr = 0; nr < fit; nr++)
		ASSERT_EQ(0, record_put(r, 96, 0, nr, false));
	ASSERT_EQ(0, pcring_record_reserve(&r->p, 96, 0, &self->rec));
	memset(pcring_record_data(self->rec), 0xee, 96);
	EXPECT_EQ(r->p.oldest, r->prod_page->oldest);
	EXPECT_EQ(variant->start + record_space(r, 96), r->p.oldest);
	ASSERT_GAP(r, 0, 1, PCRING_REASON_OVERWRITTEN);
	ASSERT_RECORD(r, 96, 1);
}

TEST_F(overwrite, overwritten_and_rejected_are_told_apart)
{
	struct ring *r = &self->single;
	__u32 fit = BYTES / record_space(r, 96);
	__u64 nr = 0, i;

	ASSERT_EQ(0, record_put(r, 96, 0, nr++, false));
	pcring_prod_reject(&r->p, 3, PCRING_REASON_IO, 55);
	nr += 3;
	for (i = 0; i < fit - 1; i++)
		ASSERT_EQ(0, record_put(r, 96, 0, nr++, false));
	/* The first record gave way, its gap record may have. */
	while (COPY(r) == 1) {
		ASSERT_EQ(r->c.seq,
			  self->view.space
				  ? self->view.seq
				  : self->view.seq +
					    ((struct pcring_gap *)self->buf)
						    ->count);
		pcring_record_release(&r->c, &self->view);
	}
	EXPECT_EQ(nr, r->c.seq);
	EXPECT_EQ(nr - 3, r->c.index);
	EXPECT_EQ(nr - 3, r->cons_page->counts.consumed +
				  r->cons_page->counts.overwritten);
}

TEST_F(overwrite, a_gap_record_read_in_time_says_the_reason)
{
	struct ring *r = &self->single;

	ASSERT_EQ(0, record_put(r, 8, 0, 0, false));
	pcring_prod_reject(&r->p, 3, PCRING_REASON_IO, 55);
	ASSERT_EQ(0, record_put(r, 8, 0, 4, false));
	ASSERT_RECORD(r, 8, 0);
	ASSERT_GAP(r, 1, 3, PCRING_REASON_IO);
	EXPECT_EQ(55, self->gap.time_first);
	ASSERT_RECORD(r, 8, 4);
	EXPECT_EQ(0, r->cons_page->counts.overwritten);
}

TEST_F(overwrite, a_gap_record_that_was_overwritten_counts_no_accepted_item)
{
	struct ring *r = &self->single;
	__u32 each = record_space(r, 96);
	__u64 nr = 4, first;

	ASSERT_EQ(0, record_put(r, 96, 0, 0, false));
	ASSERT_RECORD(r, 96, 0);
	pcring_prod_reject(&r->p, 3, PCRING_REASON_IO, 55);
	first = variant->start + each;
	while ((__s64)(r->p.oldest - first) <= 0)
		ASSERT_EQ(0, record_put(r, 96, 0, nr++, false));
	/* Only the gap is gone: nobody knows why these three are missing. */
	ASSERT_GAP(r, 1, 3, PCRING_REASON_UNKNOWN);
	EXPECT_EQ(0, r->cons_page->counts.overwritten);
	ASSERT_RECORD(r, 96, 4);
}

TEST_F(overwrite, the_oldest_still_being_written_says_eagain)
{
	struct ring *r = &self->shared;
	__u64 nr = 1;
	int err;

	ASSERT_EQ(0, pcring_record_reserve(&r->p, 96, 0, &self->rec));
	do {
		err = record_put(r, 96, 0, nr++, false);
	} while (!err && nr < 1000);
	ASSERT_EQ(-EAGAIN, err);
	ASSERT_EQ(BYTES / record_space(r, 96), nr - 1);
	ASSERT_EQ(0, COPY(r));
	record_fill(pcring_record_data(self->rec), 96, 0);
	pcring_record_stamp(&r->p, self->rec, unit_now);
	pcring_record_submit(&r->p, self->rec, false);
	ASSERT_EQ(0, record_put(r, 96, 0, nr - 1, false));
	ASSERT_GAP(r, 0, 1, PCRING_REASON_OVERWRITTEN);
	ASSERT_RECORD(r, 96, 1);
}

TEST_F(overwrite, a_reader_that_was_lapped_often_finds_the_rest)
{
	struct ring *r = &self->single;
	__u32 fit = BYTES / record_space(r, 96);
	__u64 nr;

	for (nr = 0; nr < 1000; nr++)
		ASSERT_EQ(0, record_put(r, 96, 0, nr, false));
	ASSERT_GAP(r, 0, 1000 - fit, PCRING_REASON_OVERWRITTEN);
	for (nr = 1000 - fit; nr < 1000; nr++)
		ASSERT_RECORD(r, 96, nr);
	EXPECT_EQ(1000 - fit, r->cons_page->counts.overwritten);
}

TEST_F(overwrite, more_than_a_ring_kept_back_is_no_corruption)
{
	struct ring *r = &self->single;
	__u32 fit = BYTES / record_space(r, 96);
	__u64 nr;
	int ret;

	for (nr = 0; nr < 10; nr++)
		ASSERT_EQ(0, record_put(r, 96, 0, nr, false));
	ASSERT_RECORD(r, 96, 0);
	for (; nr < 10 + 2 * fit; nr++) {
		ASSERT_EQ(0, record_put(r, 96, 0, nr, true));
		if (nr < 10 + fit)
			continue; /* a slow reader */
		ret = COPY(r);
		ASSERT_LE(0, ret);
		if (ret == 1)
			pcring_record_release(&r->c, &self->view);
	}
	ASSERT_EQ(0, record_put(r, 96, 0, nr++, false));
	while (COPY(r) == 1)
		pcring_record_release(&r->c, &self->view);
	EXPECT_EQ(nr, r->c.seq);
	EXPECT_EQ(nr, r->cons_page->counts.consumed +
			      r->cons_page->counts.overwritten);
}

TEST_F(overwrite, oldest_lies_never_beyond_the_position_loaded_after_it)
{
	struct ring *r = &self->single;
	__u64 nr;

	/* Whatever is kept back: W stands behind C. */
	for (nr = 0; nr < 300; nr++) {
		ASSERT_EQ(0, record_put(r, 96, 0, nr, true));
		ASSERT_LE(0,
			  (__s64)(r->prod_page->prod - r->prod_page->oldest));
	}
	r->prod_page->prod = r->prod_page->oldest - 8;
	EXPECT_EQ(-EBADFD, COPY(r));
}

TEST_F(overwrite, a_buffer_too_small_says_emsgsize_and_how_long)
{
	struct ring *r = &self->single;

	ASSERT_EQ(0, record_put(r, 600, 0, 0, false));
	self->buf[8] = 0x5555;
	ASSERT_EQ(-EMSGSIZE,
		  pcring_record_copy(&r->c, &self->view, self->buf, 64));
	EXPECT_EQ(600, self->view.len);
	EXPECT_EQ(0x5555, self->buf[8]);
	ASSERT_RECORD(r, 600, 0);
}

TEST_F(overwrite, a_copy_overwritten_meanwhile_is_counted_as_torn)
{
	struct ring *r = &self->single;
	__u64 first = variant->start;

	ASSERT_EQ(0, record_put(r, 96, 0, 0, false));
	ASSERT_EQ(1, pcring_record_refresh(&r->c));
	/* The producer gives the record up between seek and check. */
	r->prod_page->oldest = first + 8;
	EXPECT_EQ(-EAGAIN, pcring_record_try_copy(&r->c, &self->view, self->buf,
						  sizeof(self->buf)));
	EXPECT_EQ(1, r->cons_page->counts.torn);
	r->prod_page->oldest = first;
	EXPECT_EQ(1, pcring_record_try_copy(&r->c, &self->view, self->buf,
					    sizeof(self->buf)));
	EXPECT_EQ(1, r->cons_page->counts.torn);
}

TEST_F(overwrite, pitfall_03_user_written_indices_believed)
{
	struct ring *r = &self->single;
	int ret;

	ASSERT_EQ(0, record_put(r, 96, 0, 0, false));
	r->prod_page->prod = variant->start + 4;
	EXPECT_EQ(-EBADFD, COPY(r));
	r->prod_page->prod = variant->start - 8;
	EXPECT_EQ(-EBADFD, COPY(r));
	r->prod_page->prod = r->p.prod;
	r->prod_page->oldest = variant->start + 4;
	EXPECT_EQ(-EBADFD, COPY(r));
	r->prod_page->oldest = variant->start + (1ULL << 62);
	ret = COPY(r);
	EXPECT_TRUE(ret == -EBADFD || ret == -EAGAIN || ret == 0);
}

TEST_F(overwrite, the_walk_refuses_positions_that_are_not_aligned)
{
	struct ring *r = &self->single;

	ASSERT_EQ(0, record_put(r, 96, 0, 0, false));
	ASSERT_EQ(0, record_put(r, 96, 0, 1, false));
	r->prod_page->oldest = variant->start + 4;
	EXPECT_EQ(-EBADFD, pcring_record_count(&r->c));
	r->prod_page->oldest = variant->start;
	r->prod_page->prod += 4;
	EXPECT_EQ(-EBADFD, pcring_record_count(&r->c));
	r->prod_page->prod -= 4;
	EXPECT_EQ(2, pcring_record_count(&r->c));
}

TEST_F(overwrite, missing_says_what_the_reader_has_not_noticed_yet)
{
	struct ring *r = &self->single;
	__u32 fit = BYTES / record_space(r, 96);
	__u64 nr;

	EXPECT_EQ(0, pcring_record_missing(&r->c));
	for (nr = 0; nr < 500; nr++) {
		ASSERT_EQ(0, record_put(r, 96, 0, nr, false));
		ASSERT_EQ(nr + 1, pcring_record_missing(&r->c) +
					  (__u64)pcring_record_count(&r->c));
	}
	EXPECT_EQ(500 - fit, pcring_record_missing(&r->c));
	ASSERT_GAP(r, 0, 500 - fit, PCRING_REASON_OVERWRITTEN);
	EXPECT_EQ(0, pcring_record_missing(&r->c));
}

TEST_F(overwrite, skip_dead_passes_over_the_busy_record_at_the_oldest)
{
	struct ring *r = &self->shared;
	__u32 fit = BYTES / record_space(r, 96);
	__u64 nr;

	for (nr = 0; nr < fit + 3; nr++)
		ASSERT_EQ(0, record_put(r, 96, 0, nr, false));
	ASSERT_FALSE(pcring_record_skip_dead(&r->c));
	ASSERT_EQ(0, r->cons_page->counts.cancelled);
	ASSERT_EQ(0, pcring_record_reserve(&r->p, 96, 0, &self->rec));
	while (COPY(r) == 1)
		pcring_record_release(&r->c, &self->view);
	ASSERT_TRUE(pcring_record_skip_dead(&r->c));
	ASSERT_FALSE(pcring_record_skip_dead(&r->c));
	EXPECT_EQ(r->prod_page->counts.accepted,
		  r->cons_page->counts.consumed +
			  r->cons_page->counts.overwritten +
			  r->cons_page->counts.cancelled);
}

TEST_F(overwrite, a_gap_beyond_all_measure_is_corruption)
{
	struct ring *r = &self->single;
	struct pcring_record *rec = pcring_record_at(&r->p, variant->start);

	ASSERT_EQ(0, record_put(r, 96, 0, 0, false));
	rec->seq = PCRING_MAX_GAP + 1;
	EXPECT_EQ(-EBADFD, COPY(r));
	rec->seq = 0;
	ASSERT_RECORD(r, 96, 0);
}

TEST_F(overwrite, pitfall_05_device_written_counts_believed)
{
	struct ring *r = &self->single;
	struct pcring_record *rec = pcring_record_at(&r->p, variant->start);
	__u64 *index = (__u64 *)(rec + 1) + 1;

	ASSERT_EQ(0, record_put(r, 96, 0, 0, false));
	rec->len = BYTES;
	EXPECT_EQ(-EBADFD, COPY(r));
	rec->len = 0xffffffff;
	EXPECT_EQ(-EBADFD, COPY(r));
	rec->len = 96;
	rec->info &= ~PCRING_RECORD_F_INDEX;
	EXPECT_EQ(-EBADFD, COPY(r));
	rec->info |= PCRING_RECORD_F_INDEX;
	*index = (__u64)-1; /* goes back */
	EXPECT_EQ(-EBADFD, COPY(r));
	*index = 5; /* more accepted than offered */
	EXPECT_EQ(-EBADFD, COPY(r));
	*index = 0;
	ASSERT_RECORD(r, 96, 0);
}

TEST_HARNESS_MAIN
