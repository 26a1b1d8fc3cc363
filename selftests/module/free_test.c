// SPDX-License-Identifier: GPL-2.0-only
/* Blocks given back: by a FREE ring and by PUT, rightly and wrongly. */
#include "module.h"
#include "kselftest_harness.h"

#define BLOCKS 8U

/* All but a few blocks are ours, and the converter waits for more. */
FIXTURE(free)
{
	struct rig rig;
	struct pcring_cqe held[BLOCKS];
	__u32 nr;
};

FIXTURE_SETUP(free)
{
	struct pcring_adc_config config = { .rate_hz = 0 };

	ASSERT_EQ(0, rig_adc_blocks(&self->rig, 16, BLOCKS, PCRING_POLICY_BLOCK,
				    &config));
	while (self->nr < BLOCKS) {
		ASSERT_EQ(0, rig_wait(&self->rig, 0, 1, patience()));
		ASSERT_EQ(1, rig_pop(&self->rig, 0, &self->held[self->nr], 1));
		self->nr++;
	}
}

FIXTURE_TEARDOWN(free)
{
	rig_close(&self->rig);
}

static __u64 stale(struct rig *rig)
{
	struct pcring_stats stats;
	__u64 sum = 0;
	__u32 i;

	/* Whichever ring it is told with. */
	for (i = 0; i < rig->nr; i++)
		if (!rig_stats(rig, i, &stats) && stats.stale > sum)
			sum = stats.stale;
	return sum;
}

/* Wait until so many refusals are counted: entries are taken when it suits. */
static __u64 stale_wait(struct rig *rig, __u64 want)
{
	__u64 seen = 0;
	int i;

	for (i = 0; i < 200; i++) {
		seen = stale(rig);
		if (seen >= want)
			break;
		sleep_ns(10 * MSEC);
	}
	return seen;
}

static __u64 blocks_user(struct rig *rig)
{
	struct pcring_stats stats;

	return rig_stats(rig, 0, &stats) ? ~0ULL : stats.blocks_user;
}

TEST_F(free, what_is_held_are_all_blocks_once)
{
	__u32 i, seen = 0;

	for (i = 0; i < BLOCKS; i++)
		seen |= 1U << self->held[i].block;
	EXPECT_EQ((1U << BLOCKS) - 1, seen);
	EXPECT_EQ(BLOCKS, blocks_user(&self->rig));
	EXPECT_EQ(-ETIME, rig_wait(&self->rig, 0, 1, 50 * MSEC));
}

TEST_F(free, a_block_given_back_is_filled_again_under_a_new_generation)
{
	struct pcring_cqe *first = &self->held[3], again;

	ASSERT_EQ(0, rig_free(&self->rig, 1, first->block, first->generation));
	ASSERT_EQ(0, rig_wait(&self->rig, 0, 1, patience()));
	ASSERT_EQ(1, rig_pop(&self->rig, 0, &again, 1));
	EXPECT_EQ(first->block, again.block);
	EXPECT_EQ(first->generation + 1, again.generation);
	EXPECT_EQ(BLOCKS, again.seq);
}

TEST_F(free, what_is_not_held_is_counted_and_moves_nothing)
{
	struct pcring_cqe *held = self->held;

	ASSERT_EQ(0, rig_free(&self->rig, 1, held[0].block,
			      held[0].generation + 1));
	ASSERT_EQ(0, rig_free(&self->rig, 1, held[0].block,
			      held[0].generation - 1));
	ASSERT_EQ(0, rig_free(&self->rig, 1, BLOCKS, 1));
	ASSERT_EQ(0, rig_free(&self->rig, 1, PCRING_ENTRY_VALUE, 1));
	EXPECT_EQ(4, stale_wait(&self->rig, 4));
	EXPECT_EQ(BLOCKS, blocks_user(&self->rig));
	EXPECT_EQ(-ETIME, rig_wait(&self->rig, 0, 1, 50 * MSEC));
	/* The right one goes all the same. */
	ASSERT_EQ(0,
		  rig_free(&self->rig, 1, held[0].block, held[0].generation));
	ASSERT_EQ(0, rig_wait(&self->rig, 0, 1, patience()));
	EXPECT_EQ(4, stale(&self->rig));
}

TEST_F(free, pitfall_23_given_back_twice_it_is_taken_once)
{
	struct pcring_cqe *held = self->held, again;
	int i;

	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, rig_free(&self->rig, 1, held[0].block,
				      held[0].generation));
	ASSERT_EQ(0, rig_wait(&self->rig, 0, 1, patience()));
	ASSERT_EQ(1, rig_pop(&self->rig, 0, &again, 1));
	EXPECT_EQ(held[0].block, again.block);
	EXPECT_EQ(1, stale_wait(&self->rig, 1));
	EXPECT_EQ(-ETIME, rig_wait(&self->rig, 0, 1, 50 * MSEC));
	/* Its second life is not ended by the entry of its first. */
	ASSERT_EQ(0,
		  rig_free(&self->rig, 1, held[0].block, held[0].generation));
	EXPECT_EQ(2, stale_wait(&self->rig, 2));
	EXPECT_EQ(-ETIME, rig_wait(&self->rig, 0, 1, 50 * MSEC));
}

TEST_F(free, a_special_entry_is_passed_over)
{
	struct pcring_cqe *held = self->held;

	ASSERT_EQ(0,
		  rig_free(&self->rig, 1, PCRING_ENTRY_SPECIAL | held[0].block,
			   held[0].generation));
	ASSERT_EQ(0,
		  rig_free(&self->rig, 1, held[1].block, held[1].generation));
	ASSERT_EQ(0, rig_wait(&self->rig, 0, 1, patience()));
	EXPECT_EQ(0, stale(&self->rig));
	EXPECT_EQ(BLOCKS, blocks_user(&self->rig));
}

/* ---- PUT ---------------------------------------------------------------------- */

static void held_all(const struct pcring_cqe *held, struct pcring_free *entries)
{
	__u32 i;

	for (i = 0; i < BLOCKS; i++)
		entries[i] = (struct pcring_free){ held[i].block,
						   held[i].generation };
}

TEST_F(free, put_gives_back_many_at_once)
{
	struct pcring_free entries[BLOCKS];
	struct pcring_cqe again[BLOCKS];
	__u32 done = 0, i;

	held_all(self->held, entries);
	EXPECT_EQ(0, rig_put(&self->rig, entries, BLOCKS, &done));
	EXPECT_EQ(BLOCKS, done);
	ASSERT_EQ(0, rig_wait(&self->rig, 0, BLOCKS, patience()));
	ASSERT_EQ(BLOCKS, (__u32)rig_pop(&self->rig, 0, again, BLOCKS));
	for (i = 0; i < BLOCKS; i++)
		EXPECT_EQ(2, again[i].generation);
	EXPECT_EQ(0, stale(&self->rig));
}

TEST_F(free, put_stops_at_the_first_that_is_not_held)
{
	struct pcring_free entries[BLOCKS];
	__u32 done = 99;

	held_all(self->held, entries);
	entries[3].generation++;
	EXPECT_REFUSED(ESTALE, "block", NULL, self->rig.fd,
		       rig_put(&self->rig, entries, BLOCKS, &done));
	EXPECT_EQ(3, done);
	EXPECT_EQ(1, stale(&self->rig));
	entries[3].generation--;
	EXPECT_EQ(0, rig_put(&self->rig, entries + 3, 1, &done));
	EXPECT_EQ(1, done);
	EXPECT_EQ(-ESTALE, rig_put(&self->rig, entries + 3, 1, &done));
	EXPECT_EQ(0, done);
}

TEST_F(free, put_of_a_block_twice_in_one_call_takes_it_once)
{
	struct pcring_free entries[2] = {
		{ self->held[0].block, self->held[0].generation },
		{ self->held[0].block, self->held[0].generation },
	};
	__u32 done = 99;

	EXPECT_EQ(-ESTALE, rig_put(&self->rig, entries, 2, &done));
	EXPECT_EQ(1, done);
}

TEST_F(free, put_refuses_what_it_cannot_understand)
{
	struct pcring_free entry = { self->held[0].block,
				     self->held[0].generation };
	struct pcring_put good = {
		.size = sizeof(good),
		.entries = (__u64)(unsigned long)&entry,
		.nr = 1,
		.pool_fd = self->rig.pool.fd,
	};
	struct pcring_put put = good;
	int fd = self->rig.fd;

	put.flags = 1;
	EXPECT_REFUSED(EINVAL, "flags", "1", fd,
		       call(fd, PCRING_IOC_PUT, &put));
	put = good;
	put.reserved = 1;
	EXPECT_REFUSED(EINVAL, "reserved", NULL, fd,
		       call(fd, PCRING_IOC_PUT, &put));
	put = good;
	put.nr = 0;
	EXPECT_REFUSED(EINVAL, "nr", "0", fd, call(fd, PCRING_IOC_PUT, &put));
	put.nr = PCRING_MAX_BLOCKS + 1;
	EXPECT_REFUSED(EINVAL, "nr", "16777217", fd,
		       call(fd, PCRING_IOC_PUT, &put));
	put = good;
	put.pool_fd = -1;
	EXPECT_REFUSED(EINVAL, "pool_fd", "-1", fd,
		       call(fd, PCRING_IOC_PUT, &put));
	put = good;
	put.entries = 16;
	EXPECT_EQ(-EFAULT, call(fd, PCRING_IOC_PUT, &put));
	put = good;
	put.size -= 8;
	EXPECT_REFUSED(EINVAL, "size", NULL, fd,
		       call(fd, PCRING_IOC_PUT, &put));
	entry.block |= PCRING_ENTRY_PHASE;
	EXPECT_NE(0, call(fd, PCRING_IOC_PUT, &good));
	EXPECT_EQ(BLOCKS, blocks_user(&self->rig));
}

/* PUT and FREE at once, of the same blocks: each is taken by one of them. */
static void *putter(void *arg)
{
	struct rig *rig = arg;
	unsigned int seed = 5;
	struct pcring_free entry;
	__u64 until = now_ns() + 2 * SEC;

	while (now_ns() < until) {
		entry.block = (__u32)rand_r(&seed) % BLOCKS;
		entry.generation = rig->pool.info[entry.block].generation;
		rig_put(rig, &entry, 1, NULL);
	}
	return NULL;
}

TEST_F(free, put_and_free_at_once_do_not_double_a_block)
{
	__u64 seq = BLOCKS, until = now_ns() + 2 * SEC;
	__u32 generation[BLOCKS] = { 0 };
	struct pcring_stats stats;
	struct item item;
	pthread_t thread;
	__u32 i;

	for (i = 0; i < BLOCKS; i++)
		generation[self->held[i].block] = self->held[i].generation;
	pthread_create(&thread, NULL, putter, &self->rig);
	for (i = 0; i < BLOCKS; i++)
		rig_free(&self->rig, 1, self->held[i].block,
			 self->held[i].generation);
	while (now_ns() < until) {
		int what = rig_next(&self->rig, 0, &item);

		if (what == NOTHING) {
			rig_wait(&self->rig, 0, 1, 10 * MSEC);
			continue;
		}
		ASSERT_EQ(ITEM, what);
		ASSERT_EQ(seq, item.cqe.seq);
		ASSERT_EQ(++generation[item.cqe.block], item.cqe.generation);
		seq++;
		rig_done(&self->rig, 0, &item);
		rig_free(&self->rig, 1, item.cqe.block, item.cqe.generation);
	}
	pthread_join(thread, NULL);
	ASSERT_EQ(0, rig_stats(&self->rig, 0, &stats));
	EXPECT_EQ(BLOCKS, stats.blocks_user + stats.blocks_kernel);
}

TEST_HARNESS_MAIN
