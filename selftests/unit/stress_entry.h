/* SPDX-License-Identifier: GPL-2.0-only */
/* Stress of fixed entries: STRESS_PRODUCERS, STRESS_CLASS, STRESS_POLICY. */
#include "stress.h"

#define WORDS 4U
#define BATCH 32U

static void stress_setup(struct stress *s, __u32 size)
{
	static const __u32 entries[] = { 4, 64, 4096 };
	struct pcring_geometry geo = {
		.entries = entries[size],
		.entry_size = WORDS * 8,
		.policy = STRESS_POLICY,
		.producers = STRESS_CLASS,
		.lag = entries[size] / 4,
		.start = (1ULL << 32) - 1000,
	};

	s->producers = STRESS_PRODUCERS;
	ring_make(&s->ring[0], &geo, 0);
}

static void item_make(__u64 *item, __u32 id, __u64 nr)
{
	__u32 k;

	item[0] = PCRING_FRONT(id << 24 | (nr & 0xffffff), nr >> 24);
	for (k = 1; k < WORDS; k++)
		item[k] = stress_hash(id, nr, k);
}

static void lock(struct stress *s)
{
	if (STRESS_CLASS != PCRING_PRODUCERS_SINGLE)
		pthread_spin_lock(&s->lock);
}

static void unlock(struct stress *s)
{
	if (STRESS_CLASS != PCRING_PRODUCERS_SINGLE)
		pthread_spin_unlock(&s->lock);
}

/* Some by push, some by reserve, stage and submit, some cancelled. */
static void stress_produce(struct stress *s, struct ring *r, struct tally *t,
			   __u32 id, __u64 *seed)
{
	__u32 n = 1 + unit_below(seed, BATCH), kind = unit_below(seed, 8), i, k;
	__u64 items[BATCH * WORDS], pos;
	int got;

	for (i = 0; i < n; i++)
		item_make(items + i * WORDS, id, t->accepted + i);
	lock(s);
	if (kind < 3)
		got = pcring_prod_push(&r->p, items, n, WORDS * 8);
	else
		got = pcring_prod_reserve(&r->p, n, &pos);
	if (!got && STRESS_POLICY == PCRING_POLICY_DROP_NEW) {
		pcring_prod_reject(&r->p, 1, PCRING_REASON_FULL, unit_now());
		t->rejected++;
		t->offered++;
	}
	unlock(s);
	if (got < 0)
		stress_wrong(t, "the producer's end says corrupt");
	if (got <= 0) {
		sched_yield();
		return;
	}
	if (kind < 3) {
		t->accepted += (__u32)got;
		t->offered += (__u32)got;
		return;
	}
	for (i = 0; i < (__u32)got; i++) {
		__u64 *entry = (__u64 *)pcring_prod_entry(&r->p, pos + i);

		for (k = 1; k < WORDS; k++)
			entry[k] = items[i * WORDS + k];
		if (i)
			pcring_prod_stage(&r->p, pos + i, items[i * WORDS]);
	}
	if (kind == 7) {
		pcring_prod_cancel(&r->p, pos, (__u32)got);
		if (STRESS_CLASS != PCRING_PRODUCERS_SINGLE) {
			t->cancelled += (__u32)got;
			t->offered += (__u32)got;
		}
		return;
	}
	pcring_prod_submit(&r->p, pos, (__u32)got, items[0]);
	t->accepted += (__u32)got;
	t->offered += (__u32)got;
}

/* One item or special entry, copied out. */
static void take(struct ring *r, struct tally *t, const __u64 *item)
{
	__u32 word = PCRING_FRONT_FIRST(item[0]);
	__u32 id = word >> 24;
	struct pcring_gap gap;
	__u64 want[WORDS];

	if (word & PCRING_ENTRY_SPECIAL) {
		__u64 before = r->c.seq;

		if (!pcring_cons_special(&r->c, item, &gap)) {
			t->discarded++;
			return;
		}
		if (gap.first != before)
			stress_wrong(t, "a gap at another place");
		if (!gap.count || gap.time_last < gap.time_first)
			stress_wrong(t, "a gap of nothing, or back in time");
		t->missing += gap.count;
		return;
	}
	if (id >= STRESS_PRODUCERS) {
		stress_wrong(t, "an item of nobody");
		return;
	}
	item_make(want, id, t->next[id]);
	if (memcmp(want, item, sizeof(want)))
		stress_wrong(t, "an item lost, doubled, torn or out of order");
	t->next[id]++;
	t->consumed++;
}

static void stress_consume(struct stress *s, struct tally *t, __u64 *seed)
{
	__u64 items[BATCH * WORDS];
	struct ring *r = &s->ring[0];

	while (!t->error) {
		bool over = stress_over(s);
		__u32 n = 1 + unit_below(seed, BATCH);
		int got = pcring_cons_pop(&r->c, items, n, WORDS * 8);
		int i;

		if (got < 0)
			stress_wrong(t, "the consumer's end says corrupt");
		for (i = 0; i < got; i++) {
			__u64 before = t->consumed;

			take(r, t, items + i * WORDS);
			pcring_cons_release(&r->c, 1,
					    (__u32)(t->consumed - before));
		}
		if (got > 0)
			continue;
		pcring_cons_publish(&r->c);
		if (over)
			break;
		sched_yield();
	}
	/* A producer must not wait for one that has given up. */
	__atomic_store_n(&s->stop, 1, __ATOMIC_RELEASE);
}

TEST_F(threads, every_item_once_in_order_and_every_loss_located)
{
	struct stress *s = self->s;
	const char *error = stress_run(s);
	struct ring *r = &s->ring[0];
	__u64 cancelled = 0, rejected = 0;
	__u32 i;

	ASSERT_EQ(NULL, error) TH_LOG("%s", error);
	for (i = 0; i < s->producers; i++) {
		EXPECT_EQ(s->tally[i].accepted, s->cons.next[i]);
		cancelled += s->tally[i].cancelled;
		rejected += s->tally[i].rejected;
	}
	EXPECT_LT(100, s->cons.consumed);
	EXPECT_EQ(stress_accepted(s), s->cons.consumed);
	EXPECT_EQ(cancelled, s->cons.discarded);
	EXPECT_EQ(rejected, s->cons.missing + r->p.loss.count);
	EXPECT_EQ(stress_offered(s), r->prod_page->counts.offered);
	EXPECT_EQ(stress_accepted(s) + cancelled,
		  r->prod_page->counts.accepted);
	EXPECT_EQ(rejected, r->prod_page->counts.rejected[PCRING_REASON_FULL]);
	EXPECT_EQ(s->cons.consumed, r->cons_page->counts.consumed);
	EXPECT_EQ(s->cons.discarded, r->cons_page->counts.discarded);
	EXPECT_EQ(0, pcring_cons_count(&r->c, NULL));
	EXPECT_EQ(r->prod_page->counts.gaps, r->cons_page->counts.gaps);
}

TEST_HARNESS_MAIN
