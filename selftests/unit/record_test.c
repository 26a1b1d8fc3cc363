// SPDX-License-Identifier: GPL-2.0-only
/* Records under BLOCK and DROP_NEW: what reserve, submit, peek promise. */
#include "record_item.h"
#include <signal.h>
#include <kselftest_harness.h>

FIXTURE(record)
{
	struct ring single;
	struct ring shared;
	struct ring timed;
	struct pcring_record_view view;
	struct pcring_record *rec;
};

START_VARIANTS(record);

FIXTURE_SETUP(record)
{
	struct pcring_geometry geo = {
		.entries = BYTES,
		.lag = 1,
		.start = variant->start,
	};

	ring_make(&self->single, &geo, 1);
	geo.producers = PCRING_PRODUCERS_SHARED;
	ring_make(&self->shared, &geo, 1);
	geo.flags = PCRING_RING_TIME;
	ring_make(&self->timed, &geo, 1);
}

FIXTURE_TEARDOWN(record)
{
	ring_free(&self->single);
	ring_free(&self->shared);
	ring_free(&self->timed);
}

static int take(struct ring *r, __u32 len, __u64 nr)
{
	struct pcring_record_view view;

	if (pcring_record_peek(&r->c, &view) != 1)
		return 0;
	if (!record_is(&view, len, nr) || view.seq != nr)
		return 0;
	pcring_record_release(&r->c, &view);
	return 1;
}

TEST_F(record, a_new_ring_has_none)
{
	EXPECT_EQ(0, pcring_record_peek(&self->single.c, &self->view));
	EXPECT_EQ(0, pcring_record_count(&self->single.c));
}

TEST_F(record, any_length_is_contiguous_wherever_it_begins)
{
	struct ring *rings[] = { &self->single, &self->shared, &self->timed };
	__u32 len, k;
	__u64 nr;

	for (k = 0; k < 3; k++) {
		nr = 0;
		for (len = 0; len < 3000; len += 1 + len / 40) {
			ASSERT_EQ(0, record_put(rings[k], len, 3, nr, false));
			ASSERT_EQ(1, pcring_record_count(&rings[k]->c));
			ASSERT_EQ(1, pcring_record_peek(&rings[k]->c,
							&self->view));
			ASSERT_EQ(3, PCRING_RECORD_TYPE(self->view.info));
			ASSERT_EQ(record_space(rings[k], len),
				  self->view.space);
			ASSERT_TRUE(take(rings[k], len, nr));
			nr++;
		}
		EXPECT_EQ(nr, rings[k]->cons_page->counts.consumed);
		EXPECT_EQ(nr, rings[k]->prod_page->counts.accepted);
	}
}

TEST_F(record, space_is_header_extras_payload_rounded_to_eight)
{
	EXPECT_EQ(16, pcring_record_space(0, 0));
	EXPECT_EQ(24, pcring_record_space(1, 0));
	EXPECT_EQ(24, pcring_record_space(8, 0));
	EXPECT_EQ(32, pcring_record_space(9, 0));
	EXPECT_EQ(24, pcring_record_space(0, PCRING_RECORD_F_TIME));
	EXPECT_EQ(32, pcring_record_space(0, PCRING_RECORD_F_TIME |
						     PCRING_RECORD_F_INDEX));
	EXPECT_EQ(0x100000010ULL, pcring_record_space(0xffffffff, 0));
}

TEST_F(record, a_full_ring_says_eagain_and_holds_what_fits_to_the_byte)
{
	struct ring *r = &self->single;
	__u32 fit = BYTES / record_space(r, 48);
	__u64 nr;

	for (nr = 0; nr < fit; nr++)
		ASSERT_EQ(0, record_put(r, 48, 0, nr, false));
	ASSERT_EQ(-EAGAIN, record_put(r, 0, 0, nr, false));
	ASSERT_EQ((int)fit, pcring_record_count(&r->c));
	ASSERT_TRUE(take(r, 48, 0));
	ASSERT_EQ(-EAGAIN, record_put(r, 49, 0, nr, false));
	ASSERT_EQ(0, record_put(r, 48, 0, nr, false));
	for (nr = 1; nr <= fit; nr++)
		ASSERT_TRUE(take(r, 48, nr));
	ASSERT_EQ(0, pcring_record_peek(&r->c, &self->view));
}

TEST_F(record, larger_than_the_ring_with_a_gap_is_emsgsize)
{
	struct ring *r = &self->single;
	__u32 most = BYTES - record_space(r, sizeof(struct pcring_gap)) -
		     sizeof(struct pcring_record);

	EXPECT_EQ(-EMSGSIZE, record_put(r, 0xffffffff, 0, 0, false));
	EXPECT_EQ(-EMSGSIZE, record_put(r, most + 1, 0, 0, false));
	EXPECT_EQ(0, record_put(r, most, 0, 0, false));
	EXPECT_TRUE(take(r, most, 0));
}

TEST_F(record, more_publishes_nothing_until_the_last)
{
	struct ring *r = &self->single;

	ASSERT_EQ(0, record_put(r, 10, 0, 0, true));
	ASSERT_EQ(0, record_put(r, 20, 0, 1, true));
	ASSERT_EQ(0, pcring_record_peek(&r->c, &self->view));
	ASSERT_EQ(0, pcring_record_count(&r->c));
	ASSERT_EQ(0, record_put(r, 30, 0, 2, false));
	ASSERT_TRUE(take(r, 10, 0));
	ASSERT_TRUE(take(r, 20, 1));
	ASSERT_TRUE(take(r, 30, 2));
}

TEST_F(record, what_more_kept_back_is_published_when_the_ring_is_full)
{
	struct ring *r = &self->single;
	__u64 nr = 0, out;

	while (!record_put(r, 100, 0, nr, true))
		nr++;
	ASSERT_LT(30, nr);
	for (out = 0; out < nr; out++)
		ASSERT_TRUE(take(r, 100, out));
}

TEST_F(record, trim_gives_the_rest_back)
{
	struct ring *r = &self->single;

	ASSERT_EQ(0, pcring_record_reserve(&r->p, 1000, 0, &self->rec));
	record_fill(pcring_record_data(self->rec), 1000, 0);
	pcring_record_trim(&r->p, self->rec, 2000);
	pcring_record_trim(&r->p, self->rec, 5);
	pcring_record_submit(&r->p, self->rec, false);
	EXPECT_EQ(variant->start + 24, r->prod_page->prod);
	ASSERT_TRUE(take(r, 5, 0));
}

TEST_F(record, trim_of_a_shared_record_changes_nothing)
{
	struct ring *r = &self->shared;

	ASSERT_EQ(0, pcring_record_reserve(&r->p, 100, 0, &self->rec));
	record_fill(pcring_record_data(self->rec), 100, 0);
	pcring_record_trim(&r->p, self->rec, 5);
	pcring_record_submit(&r->p, self->rec, false);
	ASSERT_TRUE(take(r, 100, 0));
}

TEST_F(record, single_cancel_is_as_if_it_had_never_been)
{
	struct ring *r = &self->single;

	ASSERT_EQ(0, pcring_record_reserve(&r->p, 100, 0, &self->rec));
	pcring_record_cancel(&r->p, self->rec);
	EXPECT_EQ(0, r->prod_page->counts.offered);
	ASSERT_EQ(0, record_put(r, 8, 0, 0, false));
	ASSERT_TRUE(take(r, 8, 0));
	EXPECT_EQ(0, r->cons_page->counts.discarded);
}

TEST_F(record, shared_cancel_is_skipped_and_counted_as_discarded)
{
	struct ring *rings[] = { &self->shared, &self->timed };
	struct pcring_record *rec;
	__u32 k;

	for (k = 0; k < 2; k++) {
		struct ring *r = rings[k];

		ASSERT_EQ(0, pcring_record_reserve(&r->p, 100, 7, &rec));
		ASSERT_EQ(0, record_put(r, 8, 0, 1, false));
		pcring_record_cancel(&r->p, rec);
		ASSERT_EQ(1, pcring_record_count(&r->c));
		ASSERT_EQ(1, pcring_record_peek(&r->c, &self->view));
		ASSERT_TRUE(self->view.info & PCRING_RECORD_F_DISCARD);
		ASSERT_EQ(0, self->view.time);
		pcring_record_release(&r->c, &self->view);
		EXPECT_EQ(1, r->cons_page->counts.discarded);
		EXPECT_EQ(0, r->cons_page->counts.consumed);
		EXPECT_EQ(1, r->c.seq);
		ASSERT_TRUE(take(r, 8, 1));
		EXPECT_EQ(2, r->prod_page->counts.accepted);
	}
}

TEST_F(record, shared_submits_in_any_order_and_busy_holds_the_consumer)
{
	struct ring *r = &self->shared;
	struct pcring_record *a, *b;

	ASSERT_EQ(0, pcring_record_reserve(&r->p, 16, 0, &a));
	ASSERT_EQ(0, pcring_record_reserve(&r->p, 24, 0, &b));
	EXPECT_EQ(2, r->prod_page->counts.accepted);
	record_fill(pcring_record_data(b), 24, 1);
	pcring_record_submit(&r->p, b, false);
	EXPECT_EQ(0, pcring_record_peek(&r->c, &self->view));
	EXPECT_EQ(1, pcring_record_count(&r->c));
	record_fill(pcring_record_data(a), 16, 0);
	pcring_record_submit(&r->p, a, false);
	ASSERT_TRUE(take(r, 16, 0));
	ASSERT_TRUE(take(r, 24, 1));
}

TEST_F(record, a_time_precedes_the_payload_where_the_ring_has_times)
{
	struct ring *r = &self->timed;
	__u64 before = unit_now();

	ASSERT_EQ(0, record_put(r, 12, 0, 0, false));
	ASSERT_EQ(1, pcring_record_peek(&r->c, &self->view));
	EXPECT_LE(before, self->view.time);
	EXPECT_GE(unit_now(), self->view.time);
	ASSERT_TRUE(take(r, 12, 0));
	ASSERT_EQ(0, record_put(&self->single, 12, 0, 0, false));
	ASSERT_EQ(1, pcring_record_peek(&self->single.c, &self->view));
	EXPECT_EQ(0, self->view.time);
	EXPECT_EQ(0, self->view.index);
}

TEST_F(record, skip_dead_passes_over_busy_records_alone)
{
	struct ring *r = &self->shared;

	ASSERT_FALSE(pcring_record_skip_dead(&r->c));
	ASSERT_EQ(0, record_put(r, 8, 0, 0, false));
	ASSERT_EQ(0, pcring_record_reserve(&r->p, 100, 0, &self->rec));
	ASSERT_EQ(0, record_put(r, 8, 0, 2, false));
	ASSERT_EQ(0, pcring_record_reserve(&r->p, 0, 0, &self->rec));
	pcring_prod_end(&r->p, PCRING_STATE_DEAD);
	ASSERT_FALSE(pcring_record_skip_dead(&r->c));
	ASSERT_TRUE(take(r, 8, 0));
	ASSERT_EQ(0, pcring_record_peek(&r->c, &self->view));
	ASSERT_TRUE(pcring_record_skip_dead(&r->c));
	ASSERT_TRUE(take(r, 8, 2));
	ASSERT_TRUE(pcring_record_skip_dead(&r->c));
	ASSERT_FALSE(pcring_record_skip_dead(&r->c));
	EXPECT_EQ(2, r->cons_page->counts.cancelled);
	EXPECT_EQ(2, r->cons_page->counts.consumed);
	EXPECT_EQ(4, r->c.seq);
	EXPECT_EQ(r->prod_page->prod, r->cons_page->cons);
}

/* ---- a peer that lies ----------------------------------------------------- */

TEST_F(record, pitfall_03_user_written_indices_believed)
{
	const __u64 bad[] = { 4,	  BYTES + 8, 1ULL << 32,
			      1ULL << 62, 0 - 8ULL,  1ULL << 63 };
	__u32 i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct ring *r = &self->single;

		r->prod_page->prod = variant->start + bad[i];
		ASSERT_EQ(-EBADFD, pcring_record_peek(&r->c, &self->view));
		ASSERT_EQ(variant->start, r->c.cons);
		ASSERT_EQ(variant->start, r->c.prod);
	}
}

TEST_F(record, pitfall_05_device_written_counts_believed)
{
	struct ring *r = &self->single;
	struct pcring_record *rec =
		(struct pcring_record *)pcring_record_at(&r->p, variant->start);
	const __u32 bad[] = { 9, 17, 4096, 0x7fffffff, 0xffffffff, 0xfffffff0 };
	__u32 i;

	ASSERT_EQ(0, record_put(r, 8, 0, 0, false));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		rec->len = bad[i];
		ASSERT_EQ(-EBADFD, pcring_record_peek(&r->c, &self->view));
		ASSERT_EQ(-EBADFD, pcring_record_count(&r->c));
	}
	rec->len = 8;
	rec->info |= PCRING_RECORD_F_TIME;
	ASSERT_EQ(-EBADFD, pcring_record_peek(&r->c, &self->view));
	rec->info = PCRING_RECORD_F_INDEX;
	ASSERT_EQ(-EBADFD, pcring_record_peek(&r->c, &self->view));
	rec->info = 0;
	ASSERT_TRUE(take(r, 8, 0));
}

TEST_F(record, what_a_single_producer_never_writes_is_corruption)
{
	struct ring *r = &self->single;
	struct pcring_record *rec =
		(struct pcring_record *)pcring_record_at(&r->p, variant->start);
	const __u32 bad[] = { PCRING_RECORD_F_BUSY, PCRING_RECORD_F_DISCARD,
			      1U << 8, 1U << 27 };
	__u32 i;

	ASSERT_EQ(0, record_put(r, 8, 0, 0, false));
	for (i = 0; i < 4; i++) {
		rec->info = bad[i];
		ASSERT_EQ(-EBADFD, pcring_record_peek(&r->c, &self->view));
	}
	rec->info = 0;
	ASSERT_TRUE(take(r, 8, 0));
}

TEST_F(record, types_not_yet_given_are_passed_over_and_count_for_nothing)
{
	struct ring *r = &self->single;

	ASSERT_EQ(0, record_put(r, 8, 200, 0, false));
	EXPECT_EQ(0, pcring_record_count(&r->c));
	ASSERT_EQ(1, pcring_record_peek(&r->c, &self->view));
	pcring_record_release(&r->c, &self->view);
	EXPECT_EQ(0, r->cons_page->counts.consumed);
	EXPECT_EQ(0, r->c.seq);
	EXPECT_EQ(variant->start + 24, r->c.cons);
}

TEST_F(record, cancel_and_end_publish_what_more_kept_back)
{
	struct ring *r = &self->single;

	ASSERT_EQ(0, record_put(r, 8, 0, 0, true));
	ASSERT_EQ(0, pcring_record_reserve(&r->p, 8, 0, &self->rec));
	pcring_record_cancel(&r->p, self->rec);
	ASSERT_TRUE(take(r, 8, 0));
	ASSERT_EQ(0, record_put(r, 8, 0, 1, true));
	ASSERT_EQ(0, pcring_record_peek(&r->c, &self->view));
	pcring_prod_end(&r->p, PCRING_STATE_DEAD);
	ASSERT_TRUE(take(r, 8, 1));
}

TEST_F(record, pitfall_04_a_descriptor_read_twice)
{
	struct ring *r = &self->single;
	struct pcring_record *rec =
		(struct pcring_record *)pcring_record_at(&r->p, variant->start);

	ASSERT_EQ(0, record_put(r, 64, 0, 0, false));
	ASSERT_EQ(1, pcring_record_peek(&r->c, &self->view));
	rec->len = 0xffffff;
	rec->info = PCRING_RECORD_GAP | PCRING_RECORD_F_DISCARD;
	pcring_record_release(&r->c, &self->view);
	EXPECT_EQ(variant->start + 80, r->c.cons);
	EXPECT_EQ(1, r->cons_page->counts.consumed);
	EXPECT_EQ(0, r->cons_page->counts.gaps);
	EXPECT_EQ(0, r->cons_page->counts.discarded);
}

TEST_F(record, a_gap_record_too_short_for_a_gap_is_not_read_beyond)
{
	struct ring *r = &self->single;

	ASSERT_EQ(0, record_put(r, 8, PCRING_RECORD_GAP, 0, false));
	ASSERT_EQ(1, pcring_record_peek(&r->c, &self->view));
	pcring_record_release(&r->c, &self->view);
	EXPECT_EQ(0, r->c.seq);
	EXPECT_EQ(1, r->cons_page->counts.gaps);
}

/* ---- a producer that dies -------------------------------------------------- */

static void produce_until_killed(struct ring *r, int kind, int fd)
{
	struct pcring_record *rec;
	__u64 nr;

	for (nr = 0; nr < 3; nr++)
		record_put(r, 40, 0, nr, false);
	if (pcring_record_reserve(&r->p, 64, 0, &rec))
		_exit(1);
	record_fill(pcring_record_data(rec), 20, 99); /* half of it */
	if (kind == PCRING_PRODUCERS_SHARED)
		record_put(r, 40, 0, 4, false);
	if (write(fd, "r", 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

TEST_F(record, pitfall_22_a_record_half_written_by_a_dead_producer)
{
	struct ring *rings[] = { &self->single, &self->shared };
	__u64 nr;
	__u32 k;

	for (k = 0; k < 2; k++) {
		struct ring *r = rings[k];
		int kind = (int)r->geo.producers;
		int fds[2], status;
		char ready;
		pid_t pid;

		ASSERT_EQ(0, pipe(fds));
		pid = fork();
		ASSERT_LE(0, pid);
		if (!pid)
			produce_until_killed(r, kind, fds[1]);
		ASSERT_EQ(1, read(fds[0], &ready, 1));
		ASSERT_EQ(0, kill(pid, SIGKILL));
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		close(fds[0]);
		close(fds[1]);
		for (nr = 0; nr < 3; nr++)
			ASSERT_TRUE(take(r, 40, nr));
		/* What was not submitted is invisible. */
		ASSERT_EQ(0, pcring_record_peek(&r->c, &self->view));
		if (kind == PCRING_PRODUCERS_SHARED) {
			ASSERT_TRUE(pcring_record_skip_dead(&r->c));
			ASSERT_TRUE(take(r, 40, 4));
		}
		ASSERT_EQ(0, pcring_record_peek(&r->c, &self->view));
		ASSERT_FALSE(pcring_record_skip_dead(&r->c));
		EXPECT_EQ(r->prod_page->counts.accepted,
			  r->cons_page->counts.consumed +
				  r->cons_page->counts.cancelled);
	}
}

TEST_HARNESS_MAIN
