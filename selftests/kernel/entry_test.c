// SPDX-License-Identifier: GPL-2.0-only
/* Fixed entries: one producer, several of them, and a ring that drops. */
#include <linux/ktime.h>

#include "ring_test.h"
#include "item.h"

#define ENTRIES 16U
#define BURST_MAX 12U

/* Entries their producers gave up, in this run. */
static atomic64_t cancelled;

static int single_produce(struct test_thread *self)
{
	struct test_ring *r = self->arg;
	u64 buf[BURST_MAX * ITEM_WORDS];
	u64 random = test_seed, item = 0;
	u32 size = r->geo.entry_size;

	while (item < test_items) {
		u32 n = 1 + test_below(&random, BURST_MAX);
		int got;
		u32 i;

		n = min_t(u64, n, test_items - item);
		for (i = 0; i < n; i++)
			item_make(buf + i * size / 8, size, 0, item + i);
		got = pcring_prod_push(&r->p, buf, n, size);
		if (got < 0)
			return got;
		item += got;
		if (!got && test_team_idle(self->team))
			return -EINTR;
	}
	return 0;
}

/**
 * struct stream - what a consumer has seen
 * @r: the ring.
 * @next: for each producer, its next item.
 * @items: all of them.
 * @dropped: items that gaps stood for.
 */
struct stream {
	struct test_ring *r;
	u64 next[TEST_THREADS + 1];
	u64 items;
	u64 dropped;
};

static int stream_special(struct stream *s, const u64 *entry)
{
	struct pcring_gap gap;

	if (!pcring_cons_special(&s->r->c, entry, &gap))
		return 0;
	if (gap.first != s->next[0] || !gap.count ||
	    gap.time_first > gap.time_last ||
	    PCRING_SPECIAL_REASON(gap.ctl) != PCRING_REASON_FULL)
		return test_fail("gap of %u at %llu instead of %llu", gap.count,
				 gap.first, s->next[0]);
	s->next[0] += gap.count;
	s->dropped += gap.count;
	return 0;
}

/* Up to @n entries; how many, or a negative errno. */
static int stream_take(struct stream *s, u32 n)
{
	u32 size = s->r->geo.entry_size, id, items = 0;
	u64 buf[BURST_MAX * ITEM_WORDS];
	int got, i, err;

	got = pcring_cons_pop(&s->r->c, buf, n, size);
	for (i = 0; i < got; i++) {
		const u64 *entry = buf + i * size / 8;

		if (PCRING_FRONT_FIRST(*entry) & PCRING_ENTRY_SPECIAL) {
			err = stream_special(s, entry);
			if (err)
				return err;
			continue;
		}
		id = item_producer(entry);
		if (id > TEST_THREADS ||
		    !item_right(entry, size, id, s->next[id]))
			return test_fail("producer %u: not its item %llu", id,
					 id > TEST_THREADS ? 0 : s->next[id]);
		s->next[id]++;
		items++;
	}
	s->items += items;
	if (got > 0)
		test_ring_wake_prod(s->r,
				    pcring_cons_release(&s->r->c, got, items));
	return got;
}

static int consume(struct test_thread *self)
{
	struct stream *s = self->arg;
	u64 random = test_seed + 1;
	u64 total = test_items;
	int got;

	if (s->r->geo.producers != PCRING_PRODUCERS_SINGLE)
		total *= TEST_THREADS;
	while (s->items + s->dropped < total) {
		got = stream_take(s, 1 + test_below(&random, BURST_MAX));
		if (got < 0)
			return got;
		if (got)
			continue;
		test_ring_wake_prod(s->r, pcring_cons_publish(&s->r->c));
		if (test_team_idle(self->team))
			return -EINTR;
	}
	return 0;
}

static int at_rest(struct stream *s)
{
	const struct pcring_cons_counts *c = &s->r->cons_page->counts;
	u64 discarded = atomic64_read(&cancelled);

	if (stream_take(s, 1) || pcring_cons_count(&s->r->c, NULL))
		return test_fail("more than was produced");
	if (c->discarded != discarded)
		return test_fail("discarded %llu, cancelled by producers %llu",
				 c->discarded, discarded);
	if (c->consumed != s->items)
		return test_fail("consumed %llu of %llu", c->consumed,
				 s->items);
	return test_ring_conserved(s->r, 0);
}

static int run(u64 start, const struct pcring_geometry *like,
	       int (*produce)(struct test_thread *), u32 producers)
{
	struct pcring_geometry geo = *like;
	struct stream s = {};
	struct test_team team;
	struct test_ring r;
	int err;

	geo.start = start;
	atomic64_set(&cancelled, 0);
	err = test_ring_make(&r, &geo);
	if (err)
		return err;
	s.r = &r;
	test_team_init(&team);
	while (producers--)
		test_team_add(&team, produce, &r);
	test_team_add(&team, consume, &s);
	err = test_team_run(&team);
	if (!err)
		err = at_rest(&s);
	test_ring_free(&r);
	return err;
}

static int single(u64 start, u32 size, u32 lag)
{
	const struct pcring_geometry geo = {
		.entries = ENTRIES,
		.entry_size = size,
		.lag = lag,
	};

	return run(start, &geo, single_produce, 1);
}

static int single_8(u64 start)
{
	return single(start, 8, 1);
}

static int single_16(u64 start)
{
	return single(start, 16, 4);
}

static int single_64(u64 start)
{
	return single(start, 64, 4);
}

/* ---- several producers ---------------------------------------------------- */

/**
 * struct source - one of several producers
 * @r: the ring.
 * @work: produces in an interrupt.
 * @id: which producer it is.
 * @next: its next item.
 * @random: state.
 * @err: of the interrupt.
 */
struct source {
	struct test_ring *r;
	struct irq_work work;
	u32 id;
	u64 next;
	u64 random;
	int err;
};

/* Write a reservation, one way or the other. */
static void source_fill(struct source *s, u64 pos, u32 n)
{
	struct pcring_prod *p = &s->r->p;
	u64 buf[4 * ITEM_WORDS];
	u32 words = s->r->geo.entry_size / 8;
	u32 i;

	for (i = 0; i < n; i++)
		item_make(buf + i * words, words * 8, s->id, s->next + i);
	if (s->next & 1) {
		pcring_prod_fill(p, pos, buf, n, words * 8);
		return;
	}
	for (i = 0; i < n; i++) {
		u64 *entry = pcring_prod_entry(p, pos + i);

		memcpy(entry + 1, buf + i * words + 1, (words - 1) * 8);
		if (i)
			pcring_prod_stage(p, pos + i, buf[i * words]);
	}
	pcring_prod_submit(p, pos, n, buf[0]);
}

/* From reservation to submission nothing else runs on this CPU but interrupts. */
static int source_put(struct source *s, u32 n)
{
	unsigned long flags;
	u64 pos;
	int got;

	preempt_disable();
	raw_spin_lock_irqsave(&s->r->lock, flags);
	got = pcring_prod_reserve(&s->r->p, n, &pos);
	raw_spin_unlock_irqrestore(&s->r->lock, flags);
	if (got > 0 && !test_below(&s->random, 16)) {
		pcring_prod_cancel(&s->r->p, pos, got);
		atomic64_add(got, &cancelled);
	} else if (got > 0) {
		source_fill(s, pos, got);
		s->next += got;
	}
	preempt_enable();
	return got;
}

static void source_irq(struct irq_work *work)
{
	struct source *s = container_of(work, struct source, work);
	int got = source_put(s, 1);

	if (got < 0)
		s->err = got;
}

static int shared_produce(struct test_thread *self)
{
	struct source s = {
		.r = self->arg,
		.id = self->id,
		.random = test_seed + self->id,
	};
	bool interrupts = !self->id;

	init_irq_work(&s.work, source_irq);
	while (s.next < test_items && !s.err) {
		u64 before = s.next;
		u32 n = 1 + test_below(&s.random, 4);

		if (interrupts) {
			irq_work_queue(&s.work);
			irq_work_sync(&s.work);
		} else {
			int got = source_put(
				&s, min_t(u64, n, test_items - s.next));

			if (got < 0)
				return got;
		}
		if (s.next == before && test_team_idle(self->team))
			return -EINTR;
	}
	return s.err;
}

static int shared(u64 start, u32 size)
{
	const struct pcring_geometry geo = {
		.entries = ENTRIES,
		.entry_size = size,
		.producers = PCRING_PRODUCERS_SHARED,
		.lag = 1,
	};
	int err = run(start, &geo, shared_produce, TEST_THREADS);

	return err ? err : test_expect(atomic64_read(&cancelled));
}

static int shared_8(u64 start)
{
	return shared(start, 8);
}

static int shared_32(u64 start)
{
	return shared(start, 32);
}

/* ---- dropping ------------------------------------------------------------- */

static int drop_produce(struct test_thread *self)
{
	struct test_ring *r = self->arg;
	u64 buf[ITEM_WORDS];
	u64 item = 0;
	int got;

	while (item < test_items) {
		item_make(buf, r->geo.entry_size, 0, item);
		got = pcring_prod_push(&r->p, buf, 1, r->geo.entry_size);
		if (got < 0)
			return got;
		if (!got) {
			if (test_team_idle(self->team))
				return -EINTR;
			/* The last one waits, so that its gap is written. */
			if (item == test_items - 1)
				continue;
			pcring_prod_reject(&r->p, 1, PCRING_REASON_FULL,
					   ktime_get_ns());
		}
		item++;
	}
	return 0;
}

static int drop_new(u64 start)
{
	const struct pcring_geometry geo = {
		.entries = 4,
		.entry_size = 32,
		.policy = PCRING_POLICY_DROP_NEW,
		.lag = 1,
	};

	return run(start, &geo, drop_produce, 1);
}

const struct test_case entry_cases[] = {
	{ "entry.single_8_bytes_arrive_in_order", single_8 },
	{ "entry.single_16_bytes_arrive_in_order", single_16 },
	{ "entry.single_64_bytes_arrive_in_order", single_64 },
	{ "entry.shared_8_bytes_arrive_in_order_of_each_producer", shared_8 },
	{ "entry.shared_32_bytes_arrive_in_order_of_each_producer", shared_32 },
	{ "entry.what_is_dropped_is_counted_and_located", drop_new },
	{}
};
