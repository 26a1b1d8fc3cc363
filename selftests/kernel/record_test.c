// SPDX-License-Identifier: GPL-2.0-only
/* Records: one producer with MORE and trim, several of them with BUSY. */
#include <linux/ktime.h>

#include "ring_test.h"
#include "item.h"

#define BYTES 4096U
#define LEN_MAX 200U

static atomic64_t cancelled;

static __u64 clock(void)
{
	return ktime_get_ns();
}

static int single_produce(struct test_thread *self)
{
	struct test_ring *r = self->arg;
	u64 random = test_seed, item = 0;

	while (item < test_items) {
		u32 len = test_below(&random, LEN_MAX);
		bool more = test_below(&random, 3);
		struct pcring_record *rec;
		int err;

		err = pcring_record_reserve(&r->p, len + 24, 0, &rec);
		if (err == -EAGAIN) {
			if (test_team_idle(self->team))
				return -EINTR;
			continue;
		}
		if (err)
			return err;
		if (!test_below(&random, 16)) {
			pcring_record_cancel(&r->p, rec);
			continue;
		}
		pcring_record_trim(&r->p, rec, len);
		payload_make(pcring_record_data(rec), len, 0, item);
		if (r->p.record_flags & PCRING_RECORD_F_TIME)
			pcring_record_stamp(&r->p, rec, clock);
		pcring_record_submit(&r->p, rec, more && item < test_items - 1);
		item++;
	}
	return 0;
}

/* Many: a record's type says who made it. */
static int shared_produce(struct test_thread *self)
{
	struct test_ring *r = self->arg;
	u64 random = test_seed + self->id, item = 0;

	while (item < test_items) {
		u32 len = test_below(&random, LEN_MAX);
		struct pcring_record *rec;
		unsigned long flags;
		int err;

		preempt_disable();
		raw_spin_lock_irqsave(&r->lock, flags);
		err = pcring_record_reserve(&r->p, len, self->id, &rec);
		raw_spin_unlock_irqrestore(&r->lock, flags);
		if (!err && !test_below(&random, 16)) {
			pcring_record_cancel(&r->p, rec);
			atomic64_inc(&cancelled);
		} else if (!err) {
			payload_make(pcring_record_data(rec), len, self->id,
				     item++);
			if (r->p.record_flags & PCRING_RECORD_F_TIME)
				pcring_record_stamp(&r->p, rec, clock);
			pcring_record_submit(&r->p, rec, false);
		}
		preempt_enable();
		if (err && err != -EAGAIN)
			return err;
		if (err && test_team_idle(self->team))
			return -EINTR;
	}
	return 0;
}

/**
 * struct stream - what a consumer has seen
 * @r: the ring.
 * @next: for each producer, its next item.
 * @seq: the next sequence number.
 * @items: how many records, cancelled ones apart.
 */
struct stream {
	struct test_ring *r;
	u64 next[TEST_THREADS];
	u64 seq;
	u64 items;
};

static int stream_check(struct stream *s, const struct pcring_record_view *view)
{
	u32 id = PCRING_RECORD_TYPE(view->info);

	if (view->seq != s->seq)
		return test_fail("sequence number %llu instead of %llu",
				 view->seq, s->seq);
	s->seq++;
	if (view->info & PCRING_RECORD_F_DISCARD)
		return 0;
	if (id >= TEST_THREADS ||
	    !payload_right(view->data, view->len, id, s->next[id]))
		return test_fail("producer %u, %u bytes: not its item", id,
				 view->len);
	if (!(view->info & PCRING_RECORD_F_TIME) != !view->time)
		return test_fail("time %llu", view->time);
	s->next[id]++;
	s->items++;
	return 0;
}

static int consume(struct test_thread *self)
{
	struct stream *s = self->arg;
	struct pcring_cons *c = &s->r->c;
	u64 total = test_items;
	int ready, err;

	if (s->r->geo.producers == PCRING_PRODUCERS_SHARED)
		total *= TEST_THREADS;
	while (s->items < total) {
		struct pcring_record_view view;

		ready = pcring_record_peek(c, &view);
		if (ready < 0)
			return ready;
		if (!ready) {
			pcring_cons_publish(c);
			if (test_team_idle(self->team))
				return -EINTR;
			continue;
		}
		err = stream_check(s, &view);
		if (err)
			return err;
		pcring_record_release(c, &view);
	}
	return 0;
}

static int at_rest(struct stream *s)
{
	u64 discarded = s->r->cons_page->counts.discarded;
	struct pcring_record_view view;

	/* The last ones may have been cancelled. */
	while (pcring_record_peek(&s->r->c, &view) > 0) {
		if (!(view.info & PCRING_RECORD_F_DISCARD))
			return test_fail("more than was produced");
		pcring_record_release(&s->r->c, &view);
		discarded++;
	}
	if (discarded != atomic64_read(&cancelled))
		return test_fail("discarded %llu, cancelled by producers %llu",
				 discarded, (u64)atomic64_read(&cancelled));
	if (pcring_record_count(&s->r->c))
		return test_fail("a walk finds more than there is");
	return test_ring_conserved(s->r, 0);
}

static int run(u64 start, u32 producers, u32 flags, u32 lag)
{
	bool many = producers == PCRING_PRODUCERS_SHARED;
	const struct pcring_geometry geo = {
		.entries = BYTES,
		.producers = producers,
		.flags = flags,
		.lag = lag,
		.start = start,
	};
	struct stream s = {};
	struct test_team team;
	struct test_ring r;
	int err, i;

	atomic64_set(&cancelled, 0);
	err = test_ring_make(&r, &geo);
	if (err)
		return err;
	s.r = &r;
	test_team_init(&team);
	for (i = 0; i < (many ? TEST_THREADS : 1); i++)
		test_team_add(&team, many ? shared_produce : single_produce,
			      &r);
	test_team_add(&team, consume, &s);
	err = test_team_run(&team);
	if (!err)
		err = at_rest(&s);
	test_ring_free(&r);
	return err;
}

static int single(u64 start)
{
	return run(start, PCRING_PRODUCERS_SINGLE, 0, 1);
}

static int single_time(u64 start)
{
	return run(start, PCRING_PRODUCERS_SINGLE, PCRING_RING_TIME, 1024);
}

static int shared(u64 start)
{
	int err = run(start, PCRING_PRODUCERS_SHARED, 0, 1);

	return err ? err : test_expect(atomic64_read(&cancelled));
}

static int shared_time(u64 start)
{
	return run(start, PCRING_PRODUCERS_SHARED, PCRING_RING_TIME, 1024);
}

const struct test_case record_cases[] = {
	{ "record.single_arrive_whole_and_in_order", single },
	{ "record.single_with_time_arrive_whole_and_in_order", single_time },
	{ "record.shared_arrive_whole_once_submitted", shared },
	{ "record.shared_with_time_arrive_whole_once_submitted", shared_time },
	{}
};
