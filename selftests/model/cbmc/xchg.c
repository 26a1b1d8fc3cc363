// SPDX-License-Identifier: GPL-2.0-only
/* Exchange words, which both ends write: no index is believed. */
#include "hostile.h"
#include <linux/pcring_xchg.h>

#define SLOTS 4U
#define BLOCKS 6U

static struct pcring_prod_page prod_page;
static struct pcring_cons_page cons_page;
static __u64 words[SLOTS];
static __u64 mine[SLOTS];

static void geometry(struct pcring_geometry *geo)
{
	geo->entries = nondet_bool() ? SLOTS : 1;
	geo->entry_size = 8;
	geo->policy = geo->entries > 1 ? PCRING_POLICY_OVERWRITE
				       : PCRING_POLICY_LATEST;
	geo->producers = PCRING_PRODUCERS_SINGLE;
	geo->flags = 0;
	geo->lag = 1;
	geo->start = nondet_u64();
}

void post_takes_back_only_its_own_block(void)
{
	struct pcring_geometry geo;
	struct pcring_prod p;
	__u32 block = nondet_u32();
	__u32 back, slot;
	__u64 before, own;
	int err;

	geometry(&geo);
	pcring_prod_init(&p, &prod_page, &cons_page, NULL, &geo);
	assume(block < BLOCKS);
	hostile_page = words;
	slot = (__u32)p.prod & p.mask;
	own = nondet_bool() ? PCRING_XCHG_EMPTY
			    : pcring_xchg_word(p.prod - p.entries,
					       nondet_u32() % BLOCKS);
	mine[slot] = own;
	before = p.prod;
	err = pcring_xchg_post(&p, words, mine, block, &back);
	check(!err || err == -EBADFD);
	if (err) {
		check(p.prod == before && back == PCRING_BLOCK_NONE);
		return;
	}
	check(p.prod == before + 1);
	check(back == PCRING_BLOCK_NONE ||
	      (own != PCRING_XCHG_EMPTY && back == PCRING_XCHG_BLOCK(own)));
	check(back == PCRING_BLOCK_NONE || back < BLOCKS);
	check(PCRING_XCHG_BLOCK(mine[slot]) == block);
}

void claim_gives_a_block_of_the_pool_or_none(void)
{
	struct pcring_geometry geo;
	struct pcring_cons c;
	__u32 block = PCRING_BLOCK_NONE;
	__u64 before;
	int got;

	geometry(&geo);
	pcring_cons_init(&c, &cons_page, &prod_page, NULL, &geo);
	hostile_page = &prod_page;
	hostile_data = words;
	before = c.cons;
	got = pcring_xchg_claim(&c, words, BLOCKS, &block);
	check(got == 1 || got == 0 || got == -EAGAIN || got == -EBADFD);
	check(got == 1 ? block < BLOCKS : block == PCRING_BLOCK_NONE);
	if (got == 1)
		check(c.cons != before);
}

/* An honest pair: what is claimed or taken back is what was posted, once. */
void every_block_posted_is_claimed_or_taken_back(void)
{
	struct pcring_geometry geo;
	struct pcring_prod p;
	struct pcring_cons c;
	bool away[BLOCKS] = { false };
	__u32 step, block, back;

	geometry(&geo);
	geo.entries = nondet_bool() ? 2 : 1;
	pcring_prod_init(&p, &prod_page, &cons_page, NULL, &geo);
	pcring_cons_init(&c, &cons_page, &prod_page, NULL, &geo);
	for (step = 0; step < 4; step++) {
		block = step;
		if (nondet_bool()) {
			check(!pcring_xchg_post(&p, words, mine, block, &back));
			away[block] = true;
			if (back == PCRING_BLOCK_NONE)
				continue;
			check(back < step && away[back]);
			away[back] = false;
		} else if (pcring_xchg_claim(&c, words, BLOCKS, &block) == 1) {
			check(block < step && away[block]);
			away[block] = false;
		}
	}
	check(pcring_xchg_count(words, geo.entries) ==
	      (__u32)away[0] + away[1] + away[2] + away[3]);
}

void a_word_written_back_is_found_out_once_its_block_returned(void)
{
	struct pcring_geometry geo;
	struct pcring_prod p;
	__u32 back, slot;
	__u64 word;

	geometry(&geo);
	pcring_prod_init(&p, &prod_page, &cons_page, NULL, &geo);
	slot = (__u32)p.prod & p.mask;
	check(!pcring_xchg_post(&p, words, mine, 3, &back));
	check(!pcring_xchg_returned(words, mine, slot, 3));
	word = words[slot];
	words[slot] = PCRING_XCHG_EMPTY;
	check(pcring_xchg_returned(words, mine, slot, 3));
	words[slot] = word;
	p.prod += p.entries - 1;
	check(pcring_xchg_post(&p, words, mine, 4, &back) == -EBADFD);
	check(back == PCRING_BLOCK_NONE);
}
