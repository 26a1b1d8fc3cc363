/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stress of exchange words: STRESS_POLICY.
 *
 * The content of a block is written plainly by whoever owns it, so the thread
 * sanitizer sees two owners at once, and the checks see a torn block.
 */
#include "stress.h"

#define BLOCKS 16U
#define HELD 3U
#define WORDS 16U

static __u64 block_data[BLOCKS][WORDS];
/* Blocks on their way home from the reader: 1 there, 0 not. */
static __u32 home[BLOCKS];
static __u64 mine[64];
static __u64 taken_back;

static void stress_setup(struct stress *s, __u32 size)
{
	static const __u32 slots[] = { 2, 4, 8 };
	struct pcring_geometry geo = {
		.entries = slots[size],
		.entry_size = 8,
		.policy = STRESS_POLICY,
		.lag = 1,
		.start = (1ULL << 32) - 100,
	};
	__u32 i;

	if (STRESS_POLICY == PCRING_POLICY_LATEST)
		geo.entries = 1;
	ring_make(&s->ring[0], &geo, 0);
	for (i = 0; i < BLOCKS; i++)
		home[i] = 1;
}

static void stress_produce(struct stress *s, struct ring *r, struct tally *t,
			   __u32 id, __u64 *seed)
{
	__u32 block = unit_below(seed, BLOCKS), back, i;

	if (!__atomic_load_n(&home[block], __ATOMIC_ACQUIRE))
		return;
	__atomic_store_n(&home[block], 0, __ATOMIC_RELAXED);
	block_data[block][0] = t->accepted;
	for (i = 1; i < WORDS; i++)
		block_data[block][i] = stress_hash(id, t->accepted, i);
	if (pcring_xchg_post(&r->p, s->words, mine, block, &back))
		stress_wrong(t, "the producer's end says corrupt");
	t->accepted++;
	t->offered++;
	if (back == PCRING_BLOCK_NONE)
		return;
	taken_back++;
	if (back >= BLOCKS)
		stress_wrong(t, "a block that does not exist came back");
	else if (__atomic_exchange_n(&home[back], 1, __ATOMIC_RELAXED))
		stress_wrong(t, "a block came back twice");
}

static void stress_consume(struct stress *s, struct tally *t, __u64 *seed)
{
	struct ring *r = &s->ring[0];
	__u32 held[HELD], have = 0, i;

	while (!t->error) {
		bool over = stress_over(s);
		__u32 block = 0;
		int ret = pcring_xchg_claim(&r->c, s->words, BLOCKS, &block);

		if (ret < 0 && ret != -EAGAIN)
			stress_wrong(t, "the consumer's end says corrupt");
		if (!ret && over)
			break;
		if (ret != 1) {
			sched_yield();
			continue;
		}
		if (__atomic_load_n(&home[block], __ATOMIC_RELAXED))
			stress_wrong(t, "a block with two owners");
		if (block_data[block][0] < t->next[0])
			stress_wrong(t, "a block doubled or out of order");
		t->next[0] = block_data[block][0] + 1;
		for (i = 1; i < WORDS; i++)
			if (block_data[block][i] !=
			    stress_hash(0, block_data[block][0], i))
				stress_wrong(t, "a torn block");
		t->consumed++;
		held[have++] = block;
		if (have < HELD && unit_below(seed, 4))
			continue;
		while (have)
			__atomic_store_n(&home[held[--have]], 1,
					 __ATOMIC_RELEASE);
	}
	__atomic_store_n(&s->stop, 1, __ATOMIC_RELEASE);
}

TEST_F(threads, every_block_whole_with_one_owner_and_counted)
{
	struct stress *s = self->s;
	const char *error = stress_run(s);
	struct ring *r = &s->ring[0];

	ASSERT_EQ(NULL, error) TH_LOG("%s", error);
	EXPECT_LT(100, s->cons.consumed);
	EXPECT_EQ(0, pcring_xchg_count(s->words, r->geo.entries));
	EXPECT_EQ(s->tally[0].accepted, s->cons.consumed + taken_back);
	EXPECT_EQ(s->tally[0].accepted, r->prod_page->counts.accepted);
	EXPECT_EQ(taken_back, r->prod_page->counts.overwritten);
	EXPECT_EQ(s->cons.consumed, r->cons_page->counts.consumed);
}

TEST_HARNESS_MAIN
