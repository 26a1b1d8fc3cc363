// SPDX-License-Identifier: GPL-2.0-only
/* Blocks under OVERWRITE and LATEST: each has one owner at any time. */
#include "unit.h"
#include <kselftest_harness.h>

#define SLOTS 4U
#define BLOCKS 16U

FIXTURE(xchg)
{
	struct ring ring;
	struct ring latest;
	__u64 words[SLOTS];
	__u64 mine[SLOTS];
	__u64 word;
	__u64 my;
	__u32 back;
	__u32 block;
};

START_VARIANTS(xchg);

FIXTURE_SETUP(xchg)
{
	struct pcring_geometry geo = {
		.entries = SLOTS,
		.entry_size = 8,
		.policy = PCRING_POLICY_OVERWRITE,
		.lag = 1,
		.start = variant->start,
	};

	ring_make(&self->ring, &geo, 1);
	geo.entries = 1;
	geo.policy = PCRING_POLICY_LATEST;
	ring_make(&self->latest, &geo, 1);
}

FIXTURE_TEARDOWN(xchg)
{
	ring_free(&self->ring);
	ring_free(&self->latest);
}

#define POST(block_)                                                     \
	pcring_xchg_post(&self->ring.p, self->words, self->mine, block_, \
			 &self->back)
#define CLAIM() \
	pcring_xchg_claim(&self->ring.c, self->words, BLOCKS, &self->block)
#define POST_LATEST(block_)                                               \
	pcring_xchg_post(&self->latest.p, &self->word, &self->my, block_, \
			 &self->back)
#define CLAIM_LATEST() \
	pcring_xchg_claim(&self->latest.c, &self->word, BLOCKS, &self->block)

TEST_F(xchg, nothing_posted_nothing_claimed)
{
	EXPECT_EQ(0, CLAIM());
	EXPECT_EQ(0, CLAIM_LATEST());
	EXPECT_EQ(0, pcring_xchg_count(self->words, SLOTS));
}

TEST_F(xchg, the_oldest_unread_is_claimed)
{
	__u32 round, i;

	for (round = 0; round < 20; round++) {
		for (i = 0; i < 3; i++) {
			ASSERT_EQ(0, POST(i));
			ASSERT_EQ(PCRING_BLOCK_NONE, self->back);
		}
		ASSERT_EQ(3, pcring_xchg_count(self->words, SLOTS));
		for (i = 0; i < 3; i++) {
			ASSERT_EQ(1, CLAIM());
			ASSERT_EQ(i, self->block);
		}
		ASSERT_EQ(0, CLAIM());
		ASSERT_EQ(variant->start + 3 * (round + 1),
			  self->ring.cons_page->cons);
		ASSERT_EQ(variant->start + 3 * (round + 1),
			  self->ring.cons_page->counts.position);
	}
	EXPECT_EQ(60, self->ring.prod_page->counts.accepted);
	EXPECT_EQ(60, self->ring.prod_page->counts.offered);
	EXPECT_EQ(60, self->ring.cons_page->counts.consumed);
	EXPECT_EQ(0, self->ring.prod_page->counts.overwritten);
}

TEST_F(xchg, the_oldest_unread_comes_back_when_its_place_is_taken)
{
	__u32 i;

	for (i = 0; i < SLOTS; i++)
		ASSERT_EQ(0, POST(i));
	for (i = 0; i < 10; i++) {
		ASSERT_EQ(0, POST((SLOTS + i) % BLOCKS));
		ASSERT_EQ(i, self->back);
	}
	EXPECT_EQ(10, self->ring.prod_page->counts.overwritten);
	for (i = 10; i < 10 + SLOTS; i++) {
		ASSERT_EQ(1, CLAIM());
		ASSERT_EQ(i, self->block);
	}
	EXPECT_EQ(0, CLAIM());
	EXPECT_EQ(SLOTS, self->ring.cons_page->counts.consumed);
}

TEST_F(xchg, latest_holds_one_block_the_newest)
{
	__u32 i;

	ASSERT_EQ(0, POST_LATEST(3));
	ASSERT_EQ(PCRING_BLOCK_NONE, self->back);
	for (i = 0; i < 20; i++) {
		ASSERT_EQ(0, POST_LATEST(i % 8));
		ASSERT_EQ(i ? (i - 1) % 8 : 3, self->back);
		ASSERT_EQ(1, pcring_xchg_count(&self->word, 1));
	}
	ASSERT_EQ(1, CLAIM_LATEST());
	EXPECT_EQ(3, self->block);
	EXPECT_EQ(0, CLAIM_LATEST());
	EXPECT_EQ(self->latest.p.prod, self->latest.c.cons);
	EXPECT_EQ(self->latest.p.prod, self->latest.cons_page->cons);
	EXPECT_EQ(20, self->latest.prod_page->counts.overwritten);
	EXPECT_EQ(21, self->latest.prod_page->counts.accepted);
	ASSERT_EQ(0, POST_LATEST(5));
	EXPECT_EQ(PCRING_BLOCK_NONE, self->back);
}

TEST_F(xchg, pitfall_23_aba_a_reused_slot_index_reaches_no_other_buffer)
{
	__u64 stale;

	/* The same block in the same slot one lap later is another word. */
	ASSERT_EQ(0, POST(7));
	stale = self->words[(__u32)variant->start & (SLOTS - 1)];
	ASSERT_EQ(0, POST(1));
	ASSERT_EQ(0, POST(2));
	ASSERT_EQ(0, POST(3));
	ASSERT_EQ(0, POST(7));
	EXPECT_EQ(7, self->back);
	EXPECT_NE(stale, self->words[(__u32)variant->start & (SLOTS - 1)]);
	/* A reader late by a lap takes nothing with the old word. */
	EXPECT_EQ(0, pcring_xchg_take(
			     &self->ring.c,
			     &self->words[(__u32)variant->start & (SLOTS - 1)],
			     stale, BLOCKS, &self->block));
	EXPECT_EQ(0, self->ring.cons_page->counts.consumed);
	ASSERT_EQ(1, CLAIM());
	EXPECT_EQ(1, self->block);
	/* The old word put back is corruption, not a second ownership. */
	self->words[(__u32)variant->start & (SLOTS - 1)] = stale;
	ASSERT_EQ(0, POST(1));
	ASSERT_EQ(0, POST(2));
	ASSERT_EQ(0, POST(3));
	EXPECT_EQ(-EBADFD, POST(7));
	EXPECT_EQ(PCRING_BLOCK_NONE, self->back);
}

TEST_F(xchg, pitfall_03_user_written_words_believed)
{
	const __u64 bad[] = { 1, PCRING_XCHG_FULL | 3, ~0ULL, 1ULL << 32,
			      PCRING_XCHG_FULL };
	__u32 slot = (__u32)variant->start & (SLOTS - 1);
	__u32 i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		self->word = bad[i];
		EXPECT_EQ(-EBADFD, POST_LATEST(0));
		EXPECT_EQ(PCRING_BLOCK_NONE, self->back);
		EXPECT_EQ(0, self->latest.prod_page->counts.overwritten);
	}
	/* The reader's side: a block that does not exist. */
	ASSERT_EQ(0, POST(BLOCKS));
	EXPECT_EQ(-EBADFD, CLAIM());
	EXPECT_EQ(0, self->ring.cons_page->counts.consumed);
	EXPECT_TRUE(self->words[slot] & PCRING_XCHG_FULL);
	self->ring.prod_page->prod = variant->start - 1;
	EXPECT_EQ(-EBADFD, CLAIM());
}

TEST_F(xchg, a_claim_does_not_loop_without_bound)
{
	int ret;

	/* prod far ahead, nothing in the slots. */
	self->ring.prod_page->prod = variant->start + (1ULL << 40);
	ret = CLAIM();
	EXPECT_TRUE(ret == 0 || ret == -EAGAIN || ret == -EBADFD);
}

TEST_F(xchg, a_slot_overwritten_since_the_position_was_read_is_passed_over)
{
	__u32 i;

	for (i = 0; i <= SLOTS; i++)
		ASSERT_EQ(0, POST(i));
	/* The exchange of the last post has been seen, not its position. */
	self->ring.prod_page->prod = variant->start + SLOTS;
	ASSERT_EQ(1, CLAIM());
	EXPECT_EQ(1, self->block);
	self->ring.prod_page->prod = variant->start + SLOTS + 1;
	for (i = 2; i <= SLOTS; i++) {
		ASSERT_EQ(1, CLAIM());
		EXPECT_EQ(i, self->block);
	}
	EXPECT_EQ(0, CLAIM());
}

TEST_F(xchg, a_claimed_block_comes_back_after_its_slot_was_used_again)
{
	__u32 slot = (__u32)variant->start & (SLOTS - 1);
	__u32 i;

	ASSERT_EQ(0, POST(6));
	ASSERT_EQ(1, CLAIM());
	for (i = 0; i < SLOTS; i++)
		ASSERT_EQ(0, POST(i));
	EXPECT_TRUE(pcring_xchg_returned(self->words, self->mine, slot, 6));
	/* The block that stands there now is not forgotten. */
	EXPECT_FALSE(
		pcring_xchg_returned(self->words, self->mine, slot, SLOTS - 1));
}

TEST_F(xchg, a_block_given_back_without_a_claim_is_refused)
{
	__u32 slot = (__u32)variant->start & (SLOTS - 1);

	ASSERT_EQ(0, POST(6));
	EXPECT_FALSE(pcring_xchg_returned(self->words, self->mine, slot, 6));
	ASSERT_EQ(1, CLAIM());
	EXPECT_TRUE(pcring_xchg_returned(self->words, self->mine, slot, 6));
	/* The old word written back is found out. */
	self->words[slot] = pcring_xchg_word(variant->start, 6);
	ASSERT_EQ(0, POST(1));
	ASSERT_EQ(0, POST(2));
	ASSERT_EQ(0, POST(3));
	EXPECT_EQ(-EBADFD, POST(4));
}

TEST_F(xchg, the_last_block_of_the_pool_is_a_block)
{
	ASSERT_EQ(0, POST(BLOCKS - 1));
	ASSERT_EQ(1, CLAIM());
	EXPECT_EQ(BLOCKS - 1, self->block);
	EXPECT_EQ(PCRING_MAX_BLOCKS - 1,
		  PCRING_XCHG_BLOCK(pcring_xchg_word(variant->start,
						     PCRING_MAX_BLOCKS - 1)));
	EXPECT_EQ((__u32)variant->start,
		  PCRING_XCHG_POS(pcring_xchg_word(variant->start,
						   PCRING_MAX_BLOCKS - 1)));
}

TEST_F(xchg, each_block_has_one_owner_in_a_random_history)
{
	/* 0 producer's, 1 in a slot, 2 the reader's. */
	__u32 owner[BLOCKS] = { 0 }, held = 0, i;
	__u64 seed = unit_seed(), start = seed;
	__u64 posted = 0, claimed = 0, taken_back = 0;
	int step, ret;

	for (step = 0; step < 100000; step++) {
		i = unit_below(&seed, BLOCKS);
		switch (unit_below(&seed, 3)) {
		case 0:
			if (owner[i])
				break;
			ASSERT_EQ(0, POST(i));
			owner[i] = 1;
			posted++;
			if (self->back == PCRING_BLOCK_NONE)
				break;
			ASSERT_EQ(1, owner[self->back])
			TH_LOG("PCRING_SEED=%llu", start);
			owner[self->back] = 0;
			taken_back++;
			break;
		case 1:
			if (held == BLOCKS - SLOTS - 1)
				break;
			ret = CLAIM();
			ASSERT_EQ(ret,
				  pcring_xchg_count(self->words, SLOTS) + ret >
					  0);
			if (!ret)
				break;
			ASSERT_EQ(1, owner[self->block]);
			owner[self->block] = 2;
			held++;
			claimed++;
			break;
		default:
			if (owner[i] == 2) {
				owner[i] = 0;
				held--;
			}
		}
		ASSERT_EQ(posted, self->ring.prod_page->counts.accepted);
		ASSERT_EQ(claimed, self->ring.cons_page->counts.consumed);
		ASSERT_EQ(taken_back, self->ring.prod_page->counts.overwritten);
		ASSERT_EQ(posted,
			  claimed + taken_back +
				  pcring_xchg_count(self->words, SLOTS));
	}
	EXPECT_LT(100, taken_back);
}

TEST_HARNESS_MAIN
