// SPDX-License-Identifier: GPL-2.0-only
/* Shards of records, a producer each, read as one stream in time order. */
#include <linux/ktime.h>
#include <linux/slab.h>

#include "ring_test.h"
#include "item.h"

#define SHARDS 3U

/**
 * struct shards - several rings and their one reader
 * @rings: they.
 * @shards: what merging knows of each.
 * @next: for each its next item.
 * @time: of the last record.
 */
struct shards {
	struct test_ring rings[SHARDS];
	struct pcring_shard shards[SHARDS];
	u64 next[SHARDS];
	u64 time;
};

static __u64 clock(void)
{
	return ktime_get_ns();
}

static int produce(struct test_thread *self)
{
	struct test_ring *r = self->arg;
	u64 random = test_seed + self->id, item = 0;

	while (item < test_items) {
		u32 len = test_below(&random, 64);
		struct pcring_record *rec;
		int err;

		preempt_disable();
		err = pcring_record_reserve(&r->p, len, 0, &rec);
		if (!err) {
			pcring_record_stamp(&r->p, rec, clock);
			payload_make(pcring_record_data(rec), len, self->id,
				     item++);
			pcring_record_submit(&r->p, rec, false);
		}
		preempt_enable();
		if (err && err != -EAGAIN)
			return err;
		if ((err || !test_below(&random, 4)) &&
		    test_team_idle(self->team))
			return -EINTR;
	}
	return 0;
}

static int take(struct shards *s, u32 which)
{
	struct pcring_shard *shard = &s->shards[which];
	const struct pcring_record_view *view = &shard->view;

	if (shard->time < s->time)
		return test_fail("shard %u: time %llu after %llu", which,
				 shard->time, s->time);
	s->time = shard->time;
	if (!payload_right(view->data, view->len, which, s->next[which]))
		return test_fail("shard %u: not its item %llu", which,
				 s->next[which]);
	s->next[which]++;
	pcring_merge_release(shard);
	return 0;
}

static int consume(struct test_thread *self)
{
	struct shards *s = self->arg;
	u64 left = (u64)test_items * SHARDS;

	while (left) {
		u32 which, i;
		int err = pcring_merge_peek(s->shards, SHARDS, &which);

		if (err > 0) {
			err = take(s, which);
			if (err)
				return err;
			left--;
			continue;
		}
		if (err && err != -EAGAIN)
			return err;
		for (i = 0; i < SHARDS; i++)
			pcring_cons_publish(&s->rings[i].c);
		if (test_team_idle(self->team))
			return -EINTR;
	}
	return 0;
}

static int in_time_order(u64 start)
{
	const struct pcring_geometry geo = {
		.entries = 4096,
		.producers = PCRING_PRODUCERS_PERCPU,
		.lag = 1024,
		.start = start,
	};
	struct test_team team;
	struct shards *s;
	u32 made = 0, i;
	int err = 0;

	s = kzalloc(sizeof(*s), GFP_KERNEL);
	if (!s)
		return -ENOMEM;
	test_team_init(&team);
	for (; made < SHARDS; made++) {
		err = test_ring_make(&s->rings[made], &geo);
		if (err)
			goto out_free_rings;
		s->shards[made].cons = &s->rings[made].c;
		test_team_add(&team, produce, &s->rings[made]);
	}
	test_team_add(&team, consume, s);
	err = test_team_run(&team);
	for (i = 0; i < SHARDS && !err; i++)
		err = test_ring_conserved(&s->rings[i], 0);
out_free_rings:
	while (made--)
		test_ring_free(&s->rings[made]);
	kfree(s);
	return err;
}

const struct test_case merge_cases[] = {
	{ "merge.shards_are_delivered_in_time_order", in_time_order }, {}
};
