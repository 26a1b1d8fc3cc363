/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The stress template: producers and one consumer, every item checked.
 *
 * A thin file includes this and names its ring (STRESS_*), and the harness runs
 * one test a ring size. Items carry {producer, number of that producer}, and a
 * hash of both in every further word. The truth about what was offered and taken
 * stands in struct tally, outside the ring.
 */
#ifndef PCRING_UNIT_STRESS_H
#define PCRING_UNIT_STRESS_H

#include "unit.h"
#include <pthread.h>
#include <sched.h>
#include <kselftest_harness.h>

#define STRESS_MS 250ULL
#define MAX_PRODUCERS 4U

/**
 * struct tally - what one thread did, known to it alone until it ends
 * @offered: items tried.
 * @accepted: items submitted.
 * @cancelled: items reserved and given back (SHARED).
 * @rejected: items rejected.
 * @next: consumer: next number expected of each producer.
 * @consumed: consumer: items.
 * @discarded: consumer: cancelled reservations.
 * @missing: consumer: items that gaps said are missing.
 * @error: the first thing that was wrong, NULL: nothing.
 */
struct tally {
	__u64 offered;
	__u64 accepted;
	__u64 cancelled;
	__u64 rejected;
	__u64 next[MAX_PRODUCERS];
	__u64 consumed;
	__u64 discarded;
	__u64 missing;
	const char *error;
};

/**
 * struct stress - one run
 * @ring: the rings, one a shard.
 * @rings: how many.
 * @producers: threads.
 * @lock: what reserve wants with several producers.
 * @stop: producers end.
 * @ended: producers that have.
 * @tally: of the producers.
 * @cons: of the consumer.
 * @words: exchange words.
 */
struct stress {
	struct ring ring[MAX_PRODUCERS];
	__u32 rings;
	__u32 producers;
	pthread_spinlock_t lock;
	__u32 stop;
	__u32 ended;
	struct tally tally[MAX_PRODUCERS];
	struct tally cons;
	__u64 words[64];
};

struct stress_thread {
	struct stress *s;
	__u32 id;
};

static inline __u64 stress_hash(__u64 producer, __u64 nr, __u32 word)
{
	__u64 x = (producer << 56) ^ nr ^ ((__u64)word << 48);

	x *= 0x9e3779b97f4a7c15ULL;
	return x ^ (x >> 29);
}

static inline bool stress_stopped(struct stress *s)
{
	return __atomic_load_n(&s->stop, __ATOMIC_ACQUIRE);
}

/* A second look is worth it only after all producers have ended. */
static inline bool stress_over(struct stress *s)
{
	return __atomic_load_n(&s->ended, __ATOMIC_ACQUIRE) == s->producers;
}

static inline void stress_wrong(struct tally *t, const char *what)
{
	if (!t->error)
		t->error = what;
}

/* Yield now and then, so that neither side always waits for the other. */
static inline void stress_pause(__u64 *seed)
{
	if (!unit_below(seed, 64))
		sched_yield();
}

/* What the thin file gives. */
static void stress_produce(struct stress *s, struct ring *r, struct tally *t,
			   __u32 id, __u64 *seed);
static void stress_consume(struct stress *s, struct tally *t, __u64 *seed);
static void stress_setup(struct stress *s, __u32 size);

static void *stress_producer(void *arg)
{
	struct stress_thread *self = (struct stress_thread *)arg;
	struct stress *s = self->s;
	struct ring *r = &s->ring[s->rings > 1 ? self->id : 0];
	__u64 seed = unit_seed() + self->id * 2;

	while (!stress_stopped(s) && !s->tally[self->id].error) {
		stress_produce(s, r, &s->tally[self->id], self->id, &seed);
		stress_pause(&seed);
	}
	__atomic_add_fetch(&s->ended, 1, __ATOMIC_ACQ_REL);
	return NULL;
}

static void *stress_consumer(void *arg)
{
	struct stress *s = ((struct stress_thread *)arg)->s;
	__u64 seed = unit_seed() + 1000;

	stress_consume(s, &s->cons, &seed);
	return NULL;
}

/* Run it; @return what went wrong, or NULL. */
static const char *stress_run(struct stress *s)
{
	struct stress_thread id[MAX_PRODUCERS + 1];
	pthread_t thread[MAX_PRODUCERS + 1];
	const char *error;
	__u32 i;

	pthread_spin_init(&s->lock, PTHREAD_PROCESS_PRIVATE);
	for (i = 0; i <= s->producers; i++) {
		id[i].s = s;
		id[i].id = i;
		if (pthread_create(&thread[i], NULL,
				   i < s->producers ? stress_producer
						    : stress_consumer,
				   &id[i]))
			unit_die("pthread_create");
	}
	usleep(STRESS_MS * 1000);
	__atomic_store_n(&s->stop, 1, __ATOMIC_RELEASE);
	for (i = 0; i <= s->producers; i++)
		pthread_join(thread[i], NULL);
	error = s->cons.error;
	for (i = 0; i < s->producers; i++)
		if (s->tally[i].error)
			error = s->tally[i].error;
	for (i = 0; i < s->rings; i++)
		if (!ring_intact(&s->ring[i]))
			error = "somebody wrote before the data";
	return error;
}

static void stress_free(struct stress *s)
{
	__u32 i;

	for (i = 0; i < s->rings; i++)
		ring_free(&s->ring[i]);
}

/* The terms of the balance, of all rings and of all producers. */
static inline __u64 stress_offered(struct stress *s)
{
	__u64 sum = 0;
	__u32 i;

	for (i = 0; i < s->producers; i++)
		sum += s->tally[i].offered;
	return sum;
}

static inline __u64 stress_accepted(struct stress *s)
{
	__u64 sum = 0;
	__u32 i;

	for (i = 0; i < s->producers; i++)
		sum += s->tally[i].accepted;
	return sum;
}

#define COUNT_SUM(s, page, field)                                 \
	({                                                        \
		__u64 sum_ = 0;                                   \
		__u32 i_;                                         \
		for (i_ = 0; i_ < (s)->rings; i_++)               \
			sum_ += (s)->ring[i_].page->counts.field; \
		sum_;                                             \
	})

FIXTURE(threads)
{
	struct stress *s;
};

FIXTURE_VARIANT(threads)
{
	__u32 size;
};

FIXTURE_VARIANT_ADD(threads, size_small){
	.size = 0,
};
FIXTURE_VARIANT_ADD(threads, size_middle){
	.size = 1,
};
FIXTURE_VARIANT_ADD(threads, size_large){
	.size = 2,
};

FIXTURE_SETUP(threads)
{
	self->s = (struct stress *)calloc(1, sizeof(*self->s));
	ASSERT_NE(NULL, self->s);
	self->s->producers = 1;
	self->s->rings = 1;
	stress_setup(self->s, variant->size);
}

FIXTURE_TEARDOWN(threads)
{
	stress_free(self->s);
	free(self->s);
}

#endif /* PCRING_UNIT_STRESS_H */
