/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stress of records: STRESS_PRODUCERS, STRESS_CLASS, STRESS_POLICY, STRESS_FLAGS.
 *
 * Payload: {producer, number}, then hashed words, 0 to 30 of them.
 */
#include "stress.h"

#define MOST 32U /* words of payload */
#define PERCPU (STRESS_CLASS == PCRING_PRODUCERS_PERCPU)
#define LOSSY                                        \
	(STRESS_POLICY == PCRING_POLICY_OVERWRITE || \
	 STRESS_POLICY == PCRING_POLICY_LATEST)

static void stress_setup(struct stress *s, __u32 size)
{
	static const __u32 bytes[] = { 4096, 16384, 1 << 20 };
	struct pcring_geometry geo = {
		.entries = bytes[size],
		.policy = STRESS_POLICY,
		.producers = STRESS_CLASS,
		.flags = STRESS_FLAGS,
		.lag = bytes[size] / 4,
		.start = (1ULL << 32) - 1024,
	};
	__u32 i;

	s->producers = STRESS_PRODUCERS;
	s->rings = PERCPU ? STRESS_PRODUCERS : 1;
	for (i = 0; i < s->rings; i++)
		ring_make(&s->ring[i], &geo, 0);
}

static void stress_produce(struct stress *s, struct ring *r, struct tally *t,
			   __u32 id, __u64 *seed)
{
	__u32 words = 2 + unit_below(seed, MOST - 1), i;
	bool cancel = !unit_below(seed, 16), more = unit_below(seed, 3);
	struct pcring_record *rec;
	__u64 *to;
	int err;

	if (STRESS_CLASS == PCRING_PRODUCERS_SHARED)
		pthread_spin_lock(&s->lock);
	err = pcring_record_reserve(&r->p, words * 8, id, &rec);
	if (err && STRESS_POLICY != PCRING_POLICY_BLOCK) {
		pcring_prod_reject(&r->p, 1, PCRING_REASON_FULL, unit_now());
		t->rejected++;
		t->offered++;
	}
	if (STRESS_CLASS == PCRING_PRODUCERS_SHARED)
		pthread_spin_unlock(&s->lock);
	if (err) {
		if (err != -EAGAIN)
			stress_wrong(t, "the producer's end says corrupt");
		sched_yield();
		return;
	}
	to = (__u64 *)pcring_record_data(rec);
	to[0] = id;
	to[1] = t->accepted;
	for (i = 2; i < words; i++)
		to[i] = stress_hash(id, t->accepted, i);
	if (STRESS_CLASS == PCRING_PRODUCERS_SINGLE && words > 4)
		pcring_record_trim(&r->p, rec, words * 8 - 8);
	if (r->p.record_flags & PCRING_RECORD_F_TIME)
		pcring_record_stamp(&r->p, rec, unit_now);
	if (cancel) {
		pcring_record_cancel(&r->p, rec);
		if (STRESS_CLASS != PCRING_PRODUCERS_SINGLE) {
			t->cancelled++;
			t->offered++;
		}
		return;
	}
	pcring_record_submit(&r->p, rec, more);
	t->accepted++;
	t->offered++;
	/* Shards that are empty most of the time. */
	for (i = PERCPU && r->geo.entries == 16384 ? unit_below(seed, 3000) : 0;
	     i; i--)
		pcring_barrier();
}

/* What MORE kept back is published once the threads are gone. */
static void flush(struct stress *s)
{
	__u32 i;

	for (i = 0; i < s->rings; i++)
		pcring_prod_publish(&s->ring[i].p);
}

static void take_gap(struct ring *r, struct tally *t,
		     const struct pcring_record_view *view)
{
	struct pcring_gap gap;

	memcpy(&gap, view->data, sizeof(gap));
	if (view->len != sizeof(gap) || !gap.count)
		stress_wrong(t, "a gap of nothing");
	if (gap.first != (view->space ? r->c.seq : r->c.seq - gap.count))
		stress_wrong(t, "a gap at another place");
	t->missing += gap.count;
}

static void take_record(struct ring *r, struct tally *t,
			const struct pcring_record_view *view)
{
	const __u64 *from = (const __u64 *)view->data;
	__u32 i;

	if (PCRING_RECORD_TYPE(view->info) == PCRING_RECORD_GAP) {
		take_gap(r, t, view);
		return;
	}
	if (view->seq != r->c.seq)
		stress_wrong(t, "another record than the next, and no gap");
	if (view->info & PCRING_RECORD_F_DISCARD) {
		t->discarded++;
		return;
	}
	if (view->len < 16 || from[0] >= STRESS_PRODUCERS ||
	    from[0] != PCRING_RECORD_TYPE(view->info)) {
		stress_wrong(t, "a record of nobody");
		return;
	}
	if (LOSSY ? from[1] < t->next[from[0]] : from[1] != t->next[from[0]])
		stress_wrong(t, "a record lost, doubled or out of order");
	for (i = 2; i < view->len / 8; i++)
		if (from[i] != stress_hash(from[0], from[1], i))
			stress_wrong(t, "a torn record");
	t->next[from[0]] = from[1] + 1;
	t->consumed++;
}

/* One record of any shard: 1, 0 none, or an error. */
static int consume_one(struct stress *s, struct tally *t,
		       struct pcring_shard *shards, __u64 *last)
{
	struct pcring_record_view view = { 0 };
	__u64 buf[MOST + 8];
	__u32 which = 0;
	int ret;

	if (PERCPU) {
		ret = pcring_merge_peek(shards, s->rings, &which);
		if (ret != 1)
			return ret == -EAGAIN ? 0 : ret;
		/* What is no item comes at its place in its own shard. */
		if (shards[which].view.time &&
		    PCRING_RECORD_TYPE(shards[which].view.info) !=
			    PCRING_RECORD_GAP) {
			if (shards[which].time < *last)
				stress_wrong(t, "merged out of order");
			*last = shards[which].time;
		}
		take_record(&s->ring[which], t, &shards[which].view);
		pcring_merge_release(&shards[which]);
		return 1;
	}
	ret = LOSSY ? pcring_record_copy(&s->ring[0].c, &view, buf, sizeof(buf))
		    : pcring_record_peek(&s->ring[0].c, &view);
	if (ret != 1)
		return ret == -EAGAIN ? 0 : ret;
	take_record(&s->ring[0], t, &view);
	pcring_record_release(&s->ring[0].c, &view);
	return 1;
}

static void stress_consume(struct stress *s, struct tally *t, __u64 *seed)
{
	struct pcring_shard shards[MAX_PRODUCERS];
	__u64 last = 0;
	__u32 i;

	memset(shards, 0, sizeof(shards));
	for (i = 0; i < s->rings; i++)
		shards[i].cons = &s->ring[i].c;
	while (!t->error) {
		bool over = stress_over(s);
		int ret;

		if (over)
			flush(s);
		ret = consume_one(s, t, shards, &last);
		if (ret < 0)
			stress_wrong(t, "the consumer's end says corrupt");
		if (LOSSY && !unit_below(seed, 512))
			usleep(50); /* to be lapped */
		if (ret)
			continue;
		for (i = 0; i < s->rings; i++)
			pcring_cons_publish(&s->ring[i].c);
		if (over)
			break;
		sched_yield();
	}
	/* A producer must not wait for one that has given up. */
	__atomic_store_n(&s->stop, 1, __ATOMIC_RELEASE);
}

TEST_F(threads, every_record_whole_in_order_and_every_loss_located)
{
	struct stress *s = self->s;
	const char *error = stress_run(s);
	__u64 cancelled = 0, rejected = 0, pending = 0;
	__u32 i;

	ASSERT_EQ(NULL, error) TH_LOG("%s", error);
	for (i = 0; i < s->producers; i++) {
		if (!LOSSY)
			EXPECT_EQ(s->tally[i].accepted, s->cons.next[i]);
		cancelled += s->tally[i].cancelled;
		rejected += s->tally[i].rejected;
	}
	for (i = 0; i < s->rings; i++) {
		pending += s->ring[i].p.loss.count;
		EXPECT_EQ(0, pcring_record_count(&s->ring[i].c));
	}
	EXPECT_LT(100, s->cons.consumed);
	EXPECT_EQ(stress_offered(s), COUNT_SUM(s, prod_page, offered));
	EXPECT_EQ(stress_accepted(s) + cancelled,
		  COUNT_SUM(s, prod_page, accepted));
	EXPECT_EQ(rejected,
		  COUNT_SUM(s, prod_page, rejected[PCRING_REASON_FULL]));
	EXPECT_EQ(s->cons.consumed, COUNT_SUM(s, cons_page, consumed));
	EXPECT_EQ(s->cons.discarded, COUNT_SUM(s, cons_page, discarded));
	EXPECT_EQ(stress_accepted(s) + cancelled,
		  s->cons.consumed + s->cons.discarded +
			  COUNT_SUM(s, cons_page, overwritten));
	EXPECT_EQ(stress_offered(s), s->cons.consumed + s->cons.discarded +
					     s->cons.missing + pending);
	if (!LOSSY)
		EXPECT_EQ(cancelled, s->cons.discarded);
	TH_LOG("consumed %llu, missing %llu, torn %llu", s->cons.consumed,
	       s->cons.missing, COUNT_SUM(s, cons_page, torn));
}

TEST_HARNESS_MAIN
