// SPDX-License-Identifier: GPL-2.0-only
/*
 * Both ends sleep on wait queues. Whoever is not woken sleeps until a timeout,
 * because the other end then has nothing more to do that would wake it.
 */
#include <linux/slab.h>

#include "ring_test.h"
#include "item.h"

/* Each may cost a scheduler's tick if the machine below is busy. */
#define HANDOVERS (test_items / 8)

/**
 * struct pair - two rings, there and back
 * @ping: there.
 * @pong: back.
 */
struct pair {
	struct test_ring ping;
	struct test_ring pong;
};

/* One item; asleep while there is no room. */
static int put(struct test_ring *r, struct test_team *team, u64 item)
{
	u64 entry = item_front(0, item);
	int got = 0, err = 0;

	while (!got) {
		got = pcring_prod_push(&r->p, &entry, 1, sizeof(entry));
		if (got < 0)
			return got;
		if (!got && !test_ring_prod_wait(r, team, 1, &err))
			return err;
	}
	test_ring_wake_cons(r);
	return 0;
}

/* The next item; asleep while there is none. */
static int get(struct test_ring *r, struct test_team *team, u64 item)
{
	u64 entry;
	int got = 0, err = 0;

	while (!got) {
		got = pcring_cons_pop(&r->c, &entry, 1, sizeof(entry));
		if (got < 0)
			return got;
		if (!got && !test_ring_cons_wait(r, team, 1, &err))
			return err;
	}
	test_ring_wake_prod(r, pcring_cons_release(&r->c, 1, 1));
	if (!item_right(&entry, sizeof(entry), 0, item))
		return test_fail("not item %llu", item);
	return 0;
}

static int ask(struct test_thread *self)
{
	struct pair *pair = self->arg;
	u64 item;
	int err = 0;

	for (item = 0; item < HANDOVERS && !err; item++) {
		err = put(&pair->ping, self->team, item);
		if (!err)
			err = get(&pair->pong, self->team, item);
	}
	return err;
}

static int answer(struct test_thread *self)
{
	struct pair *pair = self->arg;
	u64 item;
	int err = 0;

	for (item = 0; item < HANDOVERS && !err; item++) {
		err = get(&pair->ping, self->team, item);
		if (!err)
			err = put(&pair->pong, self->team, item);
	}
	return err;
}

static int ping_pong(u64 start)
{
	const struct pcring_geometry geo = {
		.entries = 2,
		.entry_size = 8,
		.lag = 1,
		.start = start,
	};
	struct test_team team;
	struct pair *pair;
	int err;

	pair = kzalloc(sizeof(*pair), GFP_KERNEL);
	if (!pair)
		return -ENOMEM;
	err = test_ring_make(&pair->ping, &geo);
	if (err)
		goto out_free_pair;
	err = test_ring_make(&pair->pong, &geo);
	if (err)
		goto out_free_ping;
	test_team_init(&team);
	test_team_add(&team, ask, pair);
	test_team_add(&team, answer, pair);
	err = test_team_run(&team);
	if (!err)
		err = test_expect(pair->ping.cons_wait.waits ||
				  pair->pong.cons_wait.waits);
	if (!err)
		err = test_ring_conserved(&pair->ping, 0);
	test_ring_free(&pair->pong);
out_free_ping:
	test_ring_free(&pair->ping);
out_free_pair:
	kfree(pair);
	return err;
}

/* ---- a stream, each end asleep as often as it can be ----------------------- */

#define ENTRIES 16U

static int stream_put(struct test_thread *self)
{
	struct test_ring *r = self->arg;
	u64 buf[ENTRIES], random = test_seed, item = 0;
	int got, err = 0;

	while (item < test_items) {
		u32 n = 1 + test_below(&random, ENTRIES), i;

		n = min_t(u64, n, test_items - item);
		for (i = 0; i < n; i++)
			buf[i] = item_front(0, item + i);
		got = pcring_prod_push(&r->p, buf, n, sizeof(u64));
		if (got < 0)
			return got;
		item += got;
		if (got)
			test_ring_wake_cons(r);
		if (got < (int)n &&
		    !test_ring_prod_wait(r, self->team, n - got, &err))
			return err;
	}
	return 0;
}

static int stream_get(struct test_thread *self)
{
	struct test_ring *r = self->arg;
	u64 buf[ENTRIES], random = test_seed + 1, item = 0;
	int got, i, err = 0;

	while (item < test_items) {
		u32 n = 1 + test_below(&random, ENTRIES);

		n = min_t(u64, n, test_items - item);
		if (!test_ring_cons_wait(r, self->team, n, &err))
			return err;
		got = pcring_cons_pop(&r->c, buf, n, sizeof(u64));
		if (got < 0)
			return got;
		for (i = 0; i < got; i++)
			if (buf[i] != item_front(0, item + i))
				return test_fail("not item %llu", item + i);
		item += got;
		test_ring_wake_prod(r, pcring_cons_release(&r->c, got, got));
	}
	test_ring_wake_prod(r, pcring_cons_publish(&r->c));
	return 0;
}

static int run(const struct pcring_geometry *like, u64 start,
	       int (*producer)(struct test_thread *), u32 producers,
	       int (*consumer)(struct test_thread *))
{
	struct pcring_geometry geo = *like;
	struct test_team team;
	struct test_ring r;
	int err;

	geo.start = start;
	err = test_ring_make(&r, &geo);
	if (err)
		return err;
	test_team_init(&team);
	while (producers--)
		test_team_add(&team, producer, &r);
	test_team_add(&team, consumer, &r);
	err = test_team_run(&team);
	if (!err)
		err = test_expect(r.cons_wait.waits);
	if (!err && geo.producers == PCRING_PRODUCERS_SINGLE)
		err = test_expect(r.prod_wait.waits);
	if (!err)
		err = test_ring_conserved(&r, 0);
	test_ring_free(&r);
	return err;
}

static int stream(u64 start)
{
	const struct pcring_geometry geo = {
		.entries = ENTRIES,
		.entry_size = 8,
		.lag = 1,
	};

	return run(&geo, start, stream_put, 1, stream_get);
}

static int stream_lag(u64 start)
{
	const struct pcring_geometry geo = {
		.entries = ENTRIES,
		.entry_size = 8,
		.lag = ENTRIES / 4,
	};

	return run(&geo, start, stream_put, 1, stream_get);
}

/* ---- records -------------------------------------------------------------- */

#define BYTES 4096U

static int record_put(struct test_thread *self)
{
	struct test_ring *r = self->arg;
	u64 random = test_seed, item = 0;
	struct pcring_record *rec;
	int err = 0;

	while (item < test_items) {
		u32 len = test_below(&random, 1500);

		for (;;) {
			err = pcring_record_reserve(&r->p, len, 0, &rec);
			if (err != -EAGAIN)
				break;
			if (!test_ring_prod_wait(r, self->team,
						 pcring_record_space(len, 0),
						 &err))
				return err;
		}
		if (err)
			return err;
		payload_make(pcring_record_data(rec), len, 0, item++);
		pcring_record_submit(&r->p, rec, false);
		test_ring_wake_cons(r);
	}
	return 0;
}

static int record_get(struct test_thread *self)
{
	struct test_ring *r = self->arg;
	struct pcring_record_view view;
	u64 item = 0;
	int err = 0;

	while (item < test_items) {
		int ready = pcring_record_peek(&r->c, &view);

		if (ready < 0)
			return ready;
		if (!ready) {
			if (!test_ring_cons_wait(r, self->team, 8, &err))
				return err;
			continue;
		}
		if (!payload_right(view.data, view.len, 0, item))
			return test_fail("not item %llu", item);
		item++;
		test_ring_wake_prod(r, pcring_record_release(&r->c, &view));
	}
	test_ring_wake_prod(r, pcring_cons_publish(&r->c));
	return 0;
}

static int records(u64 start)
{
	const struct pcring_geometry geo = {
		.entries = BYTES,
		.lag = BYTES / 4,
	};

	return run(&geo, start, record_put, 1, record_get);
}

/* ---- several producers ---------------------------------------------------- */

/* Items consumed of each producer: it goes on when its last one was. */
static u64 consumed[TEST_THREADS];

static int shared_put(struct test_thread *self)
{
	struct test_ring *r = self->arg;
	struct pcring_record *rec;
	unsigned long flags;
	u64 item;
	int err;

	for (item = 0; item < HANDOVERS; item++) {
		preempt_disable();
		raw_spin_lock_irqsave(&r->lock, flags);
		err = pcring_record_reserve(&r->p, 8, self->id, &rec);
		raw_spin_unlock_irqrestore(&r->lock, flags);
		if (!err) {
			payload_make(pcring_record_data(rec), 8, self->id,
				     item);
			pcring_record_submit(&r->p, rec, false);
		}
		preempt_enable();
		if (err)
			return err;
		test_ring_wake_cons(r);
		while (READ_ONCE(consumed[self->id]) <= item)
			if (test_team_idle(self->team))
				return -EINTR;
	}
	return 0;
}

static int shared_get(struct test_thread *self)
{
	struct test_ring *r = self->arg;
	u64 left = (u64)HANDOVERS * TEST_THREADS;
	struct pcring_record_view view;
	int err = 0;

	while (left) {
		int ready = pcring_record_peek(&r->c, &view);
		u32 id;

		if (ready < 0)
			return ready;
		if (!ready) {
			if (!test_ring_cons_wait(r, self->team, 8, &err))
				return err;
			continue;
		}
		id = PCRING_RECORD_TYPE(view.info) % TEST_THREADS;
		if (!payload_right(view.data, view.len, id, consumed[id]))
			return test_fail("producer %u: not item %llu", id,
					 consumed[id]);
		pcring_record_release(&r->c, &view);
		WRITE_ONCE(consumed[id], consumed[id] + 1);
		left--;
	}
	return 0;
}

static int shared(u64 start)
{
	const struct pcring_geometry geo = {
		.entries = BYTES,
		.producers = PCRING_PRODUCERS_SHARED,
		.lag = 1,
	};

	memset(consumed, 0, sizeof(consumed));
	return run(&geo, start, shared_put, TEST_THREADS, shared_get);
}

const struct test_case sleep_cases[] = {
	{ "sleep.ping_pong_wakes_each_time", ping_pong },
	{ "sleep.both_ends_of_a_stream_are_woken", stream },
	{ "sleep.both_ends_are_woken_with_a_lag", stream_lag },
	{ "sleep.both_ends_are_woken_for_bytes", records },
	{ "sleep.consumer_of_several_producers_is_woken", shared },
	{}
};
