// SPDX-License-Identifier: GPL-2.0-only
/*
 * Blocks through exchange words, and back through a FREE ring: each has one owner
 * at a time, and the reader's is never written.
 */
#include <linux/slab.h>

#include "ring_test.h"
#include "item.h"

#define BLOCK_BYTES 256U
#define SLOTS_MAX 4U
#define HELD 2U
#define BLOCKS_MAX (SLOTS_MAX + HELD + 1)

/**
 * struct pool - blocks and the way they go round
 * @ring: the ring whose slots are @words.
 * @back: FREE ring, reader to producer.
 * @words: exchange words, writable by both.
 * @mine: the producer's copies of them.
 * @content: of the blocks.
 * @item: of each block, which item it carries.
 * @blocks: how many there are.
 * @spare: the producer's blocks.
 * @nr_spare: how many.
 * @held: the reader's blocks, oldest first.
 * @nr_held: how many.
 * @next: the reader: items after this one are new.
 * @ended: the producer has posted its last.
 */
struct pool {
	struct test_ring ring;
	struct test_ring back;
	u64 words[SLOTS_MAX];
	u64 mine[SLOTS_MAX];
	u8 content[BLOCKS_MAX][BLOCK_BYTES];
	u64 item[BLOCKS_MAX];
	u32 blocks;
	u32 spare[BLOCKS_MAX];
	u32 nr_spare;
	u32 held[HELD];
	u32 nr_held;
	u64 next;
	bool ended;
};

/* Blocks the reader has given back. */
static int take_back(struct pool *pool)
{
	struct pcring_free back;
	int got = pcring_cons_pop(&pool->back.c, &back, 1, sizeof(back));

	if (got <= 0)
		return got;
	pcring_cons_release(&pool->back.c, 1, 1);
	if (back.block >= pool->blocks || pool->nr_spare == pool->blocks)
		return test_fail("block %u came back", back.block);
	pool->spare[pool->nr_spare++] = back.block;
	return got;
}

static int produce(struct test_thread *self)
{
	struct pool *pool = self->arg;
	u64 random = test_seed, item = 0;
	u32 block, back;
	int err;

	while (item < test_items) {
		do {
			err = take_back(pool);
		} while (err > 0);
		if (err)
			return err;
		/* The pool is large enough for one to be free, always. */
		if (!pool->nr_spare)
			return test_fail("no block to fill");
		block = pool->spare[--pool->nr_spare];
		payload_make(pool->content[block], BLOCK_BYTES, 0, item);
		pool->item[block] = item++;
		err = pcring_xchg_post(&pool->ring.p, pool->words, pool->mine,
				       block, &back);
		if (err)
			return err;
		if (back != PCRING_BLOCK_NONE)
			pool->spare[pool->nr_spare++] = back;
		if (!test_below(&random, 8) && test_team_idle(self->team))
			return -EINTR;
	}
	smp_store_release(&pool->ended, true); /* after the last post */
	return 0;
}

/* It was right when it was claimed, and must be for as long as it is held. */
static int give_back(struct pool *pool, struct test_team *team)
{
	struct pcring_free entry = { .block = pool->held[0] };
	int got;

	if (!payload_right(pool->content[entry.block], BLOCK_BYTES, 0,
			   pool->item[entry.block]))
		return test_fail("block %u was written while it was held",
				 entry.block);
	memmove(pool->held, pool->held + 1,
		--pool->nr_held * sizeof(pool->held[0]));
	do {
		got = pcring_prod_push(&pool->back.p, &entry, 1, sizeof(entry));
		if (!got && test_team_idle(team))
			return -EINTR;
	} while (!got);
	return got < 0 ? got : 0;
}

/* 1: a block; 0: none. */
static int claim(struct pool *pool)
{
	u32 block;
	int ready = pcring_xchg_claim(&pool->ring.c, pool->words, pool->blocks,
				      &block);

	if (ready <= 0)
		return ready == -EAGAIN ? 0 : ready;
	if (pool->item[block] < pool->next)
		return test_fail("item %llu after %llu", pool->item[block],
				 pool->next);
	pool->next = pool->item[block] + 1;
	if (!payload_right(pool->content[block], BLOCK_BYTES, 0,
			   pool->item[block]))
		return test_fail("block %u is torn", block);
	pool->held[pool->nr_held++] = block;
	return 1;
}

static int consume(struct test_thread *self)
{
	struct pool *pool = self->arg;
	u64 random = test_seed + 1;
	bool ended;
	int err;

	for (;;) {
		if (pool->nr_held == HELD ||
		    (pool->nr_held && test_below(&random, 2))) {
			err = give_back(pool, self->team);
			if (err)
				return err;
		}
		ended = smp_load_acquire(&pool->ended); /* before the claim */
		err = claim(pool);
		if (err < 0)
			return err;
		if (err)
			continue;
		if (ended)
			return 0;
		if (test_team_idle(self->team))
			return -EINTR;
	}
}

static int at_rest(struct pool *pool)
{
	u32 slots = pool->ring.geo.entries;

	if (pool->next != test_items)
		return test_fail("the newest is %llu, read up to %llu",
				 (u64)test_items, pool->next);
	return test_ring_conserved(&pool->ring,
				   pcring_xchg_count(pool->words, slots));
}

static int run(u64 start, u32 slots)
{
	const struct pcring_geometry geo = {
		.entries = slots,
		.entry_size = 8,
		.policy = slots > 1 ? PCRING_POLICY_OVERWRITE
				    : PCRING_POLICY_LATEST,
		.start = start,
	};
	const struct pcring_geometry back = {
		.entries = 8, /* all blocks there are */
		.entry_size = sizeof(struct pcring_free),
		.lag = 1,
		.start = start,
	};
	struct test_team team;
	struct pool *pool;
	int err;

	pool = kzalloc(sizeof(*pool), GFP_KERNEL);
	if (!pool)
		return -ENOMEM;
	pool->blocks = slots + HELD + 1;
	for (pool->nr_spare = 0; pool->nr_spare < pool->blocks;
	     pool->nr_spare++)
		pool->spare[pool->nr_spare] = pool->nr_spare;
	err = test_ring_make(&pool->ring, &geo);
	if (err)
		goto out_free_pool;
	err = test_ring_make(&pool->back, &back);
	if (err)
		goto out_free_ring;
	test_team_init(&team);
	test_team_add(&team, produce, pool);
	test_team_add(&team, consume, pool);
	err = test_team_run(&team);
	if (!err)
		err = at_rest(pool);
	test_ring_free(&pool->back);
out_free_ring:
	test_ring_free(&pool->ring);
out_free_pool:
	kfree(pool);
	return err;
}

static int overwrite(u64 start)
{
	return run(start, SLOTS_MAX);
}

static int latest(u64 start)
{
	return run(start, 1);
}

const struct test_case xchg_cases[] = {
	{ "xchg.overwrite_hands_each_block_to_one_owner", overwrite },
	{ "xchg.latest_hands_each_block_to_one_owner", latest },
	{}
};
