// SPDX-License-Identifier: GPL-2.0-only
/* Shards read as one stream, in time order. */
#include "record_item.h"
#include <kselftest_harness.h>

#define SHARDS 3U

static __u64 the_time;

static __u64 the_clock(void)
{
	return the_time;
}

FIXTURE(merge)
{
	struct ring rings[SHARDS];
	struct pcring_shard shards[SHARDS];
	__u32 which;
};

START_VARIANTS(merge);

FIXTURE_SETUP(merge)
{
	struct pcring_geometry geo = {
		.entries = BYTES,
		.producers = PCRING_PRODUCERS_PERCPU,
		.lag = 1,
		.start = variant->start,
	};
	__u32 i;

	for (i = 0; i < SHARDS; i++) {
		ring_make(&self->rings[i], &geo, 1);
		memset(&self->shards[i], 0, sizeof(self->shards[i]));
		self->shards[i].cons = &self->rings[i].c;
	}
}

FIXTURE_TEARDOWN(merge)
{
	__u32 i;

	for (i = 0; i < SHARDS; i++)
		ring_free(&self->rings[i]);
}

static struct pcring_record *begin(struct ring *r)
{
	struct pcring_record *rec;

	if (pcring_record_reserve(&r->p, 8, 0, &rec))
		return NULL;
	return rec;
}

static void finish(struct ring *r, struct pcring_record *rec, __u64 time,
		   __u64 value)
{
	the_time = time;
	pcring_record_stamp(&r->p, rec, the_clock);
	*(__u64 *)pcring_record_data(rec) = value;
	pcring_record_submit(&r->p, rec, false);
}

static void put(struct ring *r, __u64 time, __u64 value)
{
	finish(r, begin(r), time, value);
}

#define PEEK() pcring_merge_peek(self->shards, SHARDS, &self->which)

#define ASSERT_NEXT(shard_, value_)                                           \
	do {                                                                  \
		ASSERT_EQ(1, PEEK());                                         \
		ASSERT_EQ((__u32)(shard_), self->which);                      \
		ASSERT_EQ(                                                    \
			(__u64)(value_),                                      \
			*(const __u64 *)self->shards[self->which].view.data); \
		pcring_merge_release(&self->shards[self->which]);             \
	} while (0)

TEST_F(merge, all_empty_is_none)
{
	EXPECT_EQ(0, PEEK());
	EXPECT_EQ(0, PEEK());
}

TEST_F(merge, the_earliest_of_all_shards_comes_first)
{
	put(&self->rings[2], 10, 100);
	put(&self->rings[0], 20, 200);
	put(&self->rings[1], 15, 150);
	put(&self->rings[1], 16, 160);
	put(&self->rings[2], 30, 300);
	ASSERT_NEXT(2, 100);
	ASSERT_NEXT(1, 150);
	ASSERT_NEXT(1, 160);
	ASSERT_NEXT(0, 200);
	ASSERT_NEXT(2, 300);
	EXPECT_EQ(0, PEEK());
}

TEST_F(merge, a_silent_shard_holds_nothing_up)
{
	put(&self->rings[1], 10, 1);
	ASSERT_NEXT(1, 1);
}

TEST_F(merge, an_unreleased_record_is_peeked_again)
{
	put(&self->rings[1], 10, 1);
	ASSERT_EQ(1, PEEK());
	ASSERT_EQ(1, PEEK());
	EXPECT_EQ(1, self->which);
	EXPECT_EQ(0, self->rings[1].cons_page->counts.consumed);
	put(&self->rings[0], 9, 0);
	ASSERT_NEXT(0, 0);
	ASSERT_NEXT(1, 1);
}

TEST_F(merge, a_record_being_written_holds_later_ones_back)
{
	struct pcring_record *rec = begin(&self->rings[0]);

	put(&self->rings[1], 20, 2);
	EXPECT_EQ(-EAGAIN, PEEK());
	EXPECT_EQ(0, self->which);
	finish(&self->rings[0], rec, 10, 1);
	ASSERT_NEXT(0, 1);
	ASSERT_NEXT(1, 2);
}

TEST_F(merge, a_record_being_written_alone_says_eagain)
{
	struct pcring_record *rec = begin(&self->rings[0]);

	EXPECT_EQ(-EAGAIN, PEEK());
	finish(&self->rings[0], rec, 10, 1);
	ASSERT_NEXT(0, 1);
}

TEST_F(merge, a_record_being_written_behind_an_earlier_one_holds_nothing_up)
{
	struct pcring_record *rec;

	put(&self->rings[0], 5, 1);
	rec = begin(&self->rings[0]);
	put(&self->rings[1], 20, 2);
	ASSERT_NEXT(0, 1);
	EXPECT_EQ(-EAGAIN, PEEK());
	finish(&self->rings[0], rec, 30, 3);
	ASSERT_NEXT(1, 2);
	ASSERT_NEXT(0, 3);
}

TEST_F(merge, a_shard_keeps_its_order_whatever_the_times)
{
	/* An interrupt's record, stamped before its predecessor. */
	struct pcring_record *first = begin(&self->rings[0]);

	put(&self->rings[0], 10, 2);
	finish(&self->rings[0], first, 12, 1);
	put(&self->rings[1], 11, 11);
	put(&self->rings[1], 13, 13);
	ASSERT_NEXT(1, 11);
	ASSERT_NEXT(0, 1);
	ASSERT_NEXT(0, 2); /* as late as its predecessor, 12 */
	ASSERT_NEXT(1, 13);
}

TEST_F(merge, a_record_stamped_before_its_predecessor_counts_as_late_as_it)
{
	struct pcring_record *first = begin(&self->rings[1]);

	put(&self->rings[1], 10, 2);
	finish(&self->rings[1], first, 12, 1);
	ASSERT_NEXT(1, 1);
	/* Both count as 12, and of equals the first shard's goes first. */
	put(&self->rings[0], 12, 3);
	ASSERT_NEXT(0, 3);
	ASSERT_NEXT(1, 2);
}

TEST_F(merge, a_cancelled_record_is_as_late_as_its_predecessor)
{
	struct pcring_record *rec;

	put(&self->rings[0], 10, 1);
	rec = begin(&self->rings[0]);
	pcring_record_cancel(&self->rings[0].p, rec);
	put(&self->rings[1], 9, 9);
	ASSERT_NEXT(1, 9);
	ASSERT_NEXT(0, 1);
	ASSERT_EQ(1, PEEK());
	EXPECT_TRUE(self->shards[0].view.info & PCRING_RECORD_F_DISCARD);
	pcring_merge_release(&self->shards[0]);
	EXPECT_EQ(1, self->rings[0].cons_page->counts.discarded);
	EXPECT_EQ(0, PEEK());
}

TEST_F(merge, an_earlier_record_that_appears_in_an_empty_shard_wins)
{
	put(&self->rings[2], 10, 2);
	ASSERT_EQ(1, PEEK());
	ASSERT_EQ(2, self->which);
	/*
	 * Impossible by O, N, D for a new stamp; the caller must see it anyway
	 * if it came before the release.
	 */
	put(&self->rings[1], 4, 1);
	ASSERT_NEXT(1, 1);
	ASSERT_NEXT(2, 2);
}

/* While the merger looks at one shard, a producer of another goes on. */
static struct ring *looked_at, *going_on;

static void look(int sig)
{
	(void)sig;
	mprotect(looked_at->areas[2].control, UNIT_PAGE, PROT_READ);
	put(going_on, 5, 1);
}

TEST_F(merge, an_empty_shard_is_looked_at_again_behind_the_record_of_another)
{
	struct sigaction action = { .sa_handler = look };

	put(&self->rings[1], 10, 2);
	going_on = &self->rings[0];
	looked_at = &self->rings[1];
	ASSERT_EQ(0, sigaction(SIGSEGV, &action, NULL));
	ASSERT_EQ(0,
		  mprotect(looked_at->areas[2].control, UNIT_PAGE, PROT_NONE));
	/* Shard 0 was found empty before it brought the earlier record. */
	ASSERT_NEXT(0, 1);
	ASSERT_NEXT(1, 2);
	EXPECT_EQ(0, PEEK());
}

TEST_F(merge, a_corrupt_shard_is_named)
{
	put(&self->rings[0], 10, 1);
	self->rings[2].prod_page->prod = variant->start + 4;
	EXPECT_EQ(-EBADFD, PEEK());
	EXPECT_EQ(2, self->which);
}

TEST_F(merge, random_shards_come_out_sorted_and_whole)
{
	__u64 seed = unit_seed(), start = seed, now = 1, last = 0;
	__u64 in[SHARDS] = { 0 }, out[SHARDS] = { 0 };
	__u32 step, i;
	int ret;

	for (step = 0; step < 20000; step++) {
		i = unit_below(&seed, SHARDS);
		if (unit_below(&seed, 2)) {
			struct pcring_record *rec = begin(&self->rings[i]);

			now += unit_below(&seed, 3);
			if (rec)
				finish(&self->rings[i], rec, now, in[i]++);
			continue;
		}
		ret = PEEK();
		ASSERT_LE(0, ret);
		if (!ret)
			continue;
		i = self->which;
		ASSERT_LE(last, self->shards[i].view.time)
		TH_LOG("PCRING_SEED=%llu", start);
		last = self->shards[i].view.time;
		ASSERT_EQ(out[i], *(const __u64 *)self->shards[i].view.data);
		out[i]++;
		pcring_merge_release(&self->shards[i]);
	}
	while (PEEK() == 1) {
		out[self->which]++;
		pcring_merge_release(&self->shards[self->which]);
	}
	for (i = 0; i < SHARDS; i++)
		EXPECT_EQ(in[i], out[i]);
}

TEST_HARNESS_MAIN
