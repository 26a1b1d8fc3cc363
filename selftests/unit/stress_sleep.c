// SPDX-License-Identifier: GPL-2.0-only
/*
 * Both sides sleep by futex, with watermarks and random delays; a watchdog
 * notices when nobody moves any more.
 *
 * A consumer that waits for more than one item and a producer that waits for
 * more than one entry must not wait for each other: hence the random watermarks.
 */
#include "stress.h"
#include <linux/futex.h>
#include <sys/syscall.h>

#define ENTRIES 16U

static __u64 moves; /* for the watchdog */
static __u64 sleeps, wakes;

static void futex_wait(__u32 *word, __u32 seen)
{
	syscall(SYS_futex, word, FUTEX_WAIT, seen, NULL, NULL, 0);
	__atomic_add_fetch(&sleeps, 1, __ATOMIC_RELAXED);
}

static void futex_wake(__u32 *word)
{
	__atomic_add_fetch(word, 1, __ATOMIC_RELEASE);
	syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
	__atomic_add_fetch(&wakes, 1, __ATOMIC_RELAXED);
}

static void stress_setup(struct stress *s, __u32 size)
{
	static const __u32 lags[] = { 1, ENTRIES / 4, ENTRIES / 4 };
	struct pcring_geometry geo = {
		.entries = size == 2 ? 2 : ENTRIES,
		.entry_size = 8,
		.lag = size == 2 ? 1 : lags[size],
		.start = (1ULL << 31) - 16,
	};

	ring_make(&s->ring[0], &geo, 0);
}

static void dawdle(__u64 *seed)
{
	if (!unit_below(seed, 200))
		usleep(unit_below(seed, 100));
	else if (!unit_below(seed, 10))
		sched_yield();
}

/* Sleep until @want entries are free, or the consumer has to be let run. */
static void wait_space(struct ring *r, struct tally *t, __u32 want)
{
	__u32 seen = __atomic_load_n(&r->cons_page->wake, __ATOMIC_ACQUIRE);
	int got;

	pcring_prod_prepare_wait(&r->p, pcring_prod_need(&r->p, want));
	if (pcring_prod_notify(&r->p))
		futex_wake(&r->prod_page->wake);
	got = pcring_prod_space(&r->p, want);
	if (got < 0)
		stress_wrong(t, "the producer's end says corrupt");
	else if ((__u32)got < want)
		futex_wait(&r->cons_page->wake, seen);
	pcring_prod_finish_wait(&r->p);
}

static void stress_produce(struct stress *s, struct ring *r, struct tally *t,
			   __u32 id, __u64 *seed)
{
	__u32 n = 1 + unit_below(seed, r->p.entries), i;
	__u64 items[ENTRIES];
	int got;

	for (i = 0; i < n; i++)
		items[i] = PCRING_FRONT(
			(__u32)(t->accepted + i) & PCRING_ENTRY_VALUE, 0);
	got = pcring_prod_push(&r->p, items, n, 8);
	if (got > 0) {
		t->accepted += (__u32)got;
		__atomic_add_fetch(&moves, 1, __ATOMIC_RELAXED);
		if (pcring_prod_notify(&r->p))
			futex_wake(&r->prod_page->wake);
	} else if (!got) {
		wait_space(r, t, n);
	} else {
		stress_wrong(t, "the producer's end says corrupt");
	}
	dawdle(seed);
}

static void wait_items(struct stress *s, struct ring *r, __u32 want)
{
	__u32 seen = __atomic_load_n(&r->prod_page->wake, __ATOMIC_ACQUIRE);

	pcring_cons_prepare_wait(&r->c, want);
	if (!pcring_cons_ready(&r->c, want) && !stress_over(s))
		futex_wait(&r->prod_page->wake, seen);
	pcring_cons_finish_wait(&r->c);
}

static void stress_consume(struct stress *s, struct tally *t, __u64 *seed)
{
	struct ring *r = &s->ring[0];
	__u64 items[ENTRIES];

	while (!t->error) {
		bool over = stress_over(s);
		int got = pcring_cons_pop(&r->c, items,
					  1 + unit_below(seed, ENTRIES), 8);
		int i;

		if (got < 0)
			stress_wrong(t, "the consumer's end says corrupt");
		for (i = 0; i < got; i++)
			if (PCRING_FRONT_FIRST(items[i]) !=
			    ((__u32)t->next[0]++ & PCRING_ENTRY_VALUE))
				stress_wrong(t, "an item lost or doubled");
		if (got > 0) {
			__atomic_add_fetch(&moves, 1, __ATOMIC_RELAXED);
			t->consumed += (__u32)got;
			if (pcring_cons_release(&r->c, (__u32)got, (__u32)got))
				futex_wake(&r->cons_page->wake);
		} else {
			if (pcring_cons_publish(&r->c))
				futex_wake(&r->cons_page->wake);
			if (over)
				break;
			wait_items(s, r, 1 + unit_below(seed, ENTRIES));
		}
		dawdle(seed);
	}
	__atomic_store_n(&s->stop, 1, __ATOMIC_RELEASE);
}

/* Nothing moves for a second: a wakeup was lost. */
static void *watchdog(void *arg)
{
	struct stress *s = (struct stress *)arg;
	__u64 before = ~0ULL, now;
	__u32 still = 0;

	while (!stress_stopped(s)) {
		usleep(10000);
		now = __atomic_load_n(&moves, __ATOMIC_RELAXED);
		still = now == before ? still + 1 : 0;
		before = now;
		if (still > 100) {
			fprintf(stderr, "# lost wakeup\n");
			_exit(KSFT_FAIL);
		}
	}
	/* Whoever sleeps now sleeps because the other has ended. */
	while (!stress_over(s)) {
		futex_wake(&s->ring[0].cons_page->wake);
		usleep(1000);
	}
	futex_wake(&s->ring[0].prod_page->wake);
	return NULL;
}

TEST_F(threads, pitfall_12_lost_wakeup_in_neither_direction)
{
	struct stress *s = self->s;
	const char *error;
	pthread_t dog;

	ASSERT_EQ(0, pthread_create(&dog, NULL, watchdog, s));
	error = stress_run(s);
	pthread_join(dog, NULL);
	ASSERT_EQ(NULL, error) TH_LOG("%s", error);
	EXPECT_EQ(s->tally[0].accepted, s->cons.consumed);
	EXPECT_EQ(s->tally[0].accepted, s->ring[0].prod_page->counts.accepted);
	EXPECT_LT(10, s->cons.consumed);
	TH_LOG("consumed %llu, sleeps %llu, wakes %llu", s->cons.consumed,
	       sleeps, wakes);
}

TEST_HARNESS_MAIN
