// SPDX-License-Identifier: GPL-2.0-only
/*
 * A sample ends by the clock, not after a number of items: if a producer is put
 * aside at the wrong moment, some rings make all others wait a whole time slice.
 */
#include <linux/pcring_merge.h>

#include "lock.h"
#include "map.h"
#include "mpsc.h"
#include "recring.h"
#include "ring.h"
#include "team.h"

#define SIZE 64U
#define WORDS (SIZE / 8)
#define ENTRIES 1024U
#define RECORD_BYTES (ENTRIES * SIZE)
/* Producers may share a CPU: who waits lets others go on. */
#define SPINS 256U

/**
 * struct job - what the threads share
 * @ring: one for each producer, or the first for all.
 * @records: likewise.
 * @lock: around reserve, a page of its own.
 * @which: enum mpsc_which.
 * @burst: items at a time.
 * @producers: how many.
 * @stop: 1: the producers push no more, a page of its own.
 * @finished: producers that have, a page of its own.
 * @pushed: items of each producer, written before it has finished.
 * @sum: what the consumer added up.
 * @popped: items it got.
 * @disorder: times went backwards.
 */
struct job {
	struct ring ring[MPSC_PRODUCERS];
	struct recring records[MPSC_PRODUCERS];
	__u32 *lock;
	__u32 which;
	__u32 burst;
	__u32 producers;
	__u32 *stop;
	__u64 *finished;
	struct {
		__u64 items BENCH_PADDED;
	} pushed[MPSC_PRODUCERS];
	__u64 sum BENCH_PADDED;
	__u64 popped;
	bool disorder;
};

static struct job job BENCH_PADDED;

BENCH_HOT bool go_on(const __u32 *stop)
{
	return !__atomic_load_n(stop, __ATOMIC_RELAXED);
}

static void finish(struct job *j, __u32 who, __u64 items)
{
	j->pushed[who - 1].items = items;
	__atomic_add_fetch(j->finished, 1, __ATOMIC_RELEASE);
}

/* How many items were pushed; more than that while somebody still pushes. */
static __u64 pushed(const struct job *j)
{
	__u64 items = 0;
	__u32 i;

	if (bench_load_acquire(j->finished) < j->producers)
		return ~0ULL;
	for (i = 0; i < j->producers; i++)
		items += j->pushed[i].items;
	return items;
}

/* Only the place is got under the lock; it is filled and published without. */
BENCH_HOT __u32 push_locked(const struct ring *r, __u32 *lock,
			    const __u64 *items, __u32 n)
{
	__u64 pos;
	int got;

	lock_take(lock);
	got = pcring_prod_reserve(r->prod, n, &pos);
	lock_give(lock);
	if (pcring_unlikely(got < 0))
		bench_die("reserve: corrupt ring");
	if (got)
		pcring_prod_fill(r->prod, pos, items, (__u32)got, SIZE);
	return (__u32)got;
}

BENCH_HOT __u32 push_ck(const struct ring *r, const __u64 *items, __u32 n)
{
	__u32 i;

	for (i = 0; i < n; i++)
		if (!ck_ring_enqueue_mpsc_item64(
			    r->ck, r->ck_data,
			    (struct item64 *)(items + i * WORDS)))
			break;
	return i;
}

BENCH_HOT __u32 pop_ck(const struct ring *r, __u64 *items, __u32 n)
{
	__u32 i;

	for (i = 0; i < n; i++)
		if (!ck_ring_dequeue_mpsc_item64(
			    r->ck, r->ck_data,
			    (struct item64 *)(items + i * WORDS)))
			break;
	return i;
}

BENCH_HOT __u32 push(const enum mpsc_which which, const struct ring *r,
		     __u32 *lock, const __u64 *items, __u32 n)
{
	switch (which) {
	case MPSC_PCRING:
		return push_locked(r, lock, items, n);
	case MPSC_RTE:
		return rte_ring_mp_enqueue_burst_elem(r->rte, items, SIZE, n,
						      NULL);
	case MPSC_RTE_RTS:
		return rte_ring_mp_rts_enqueue_burst_elem(r->rte, items, SIZE,
							  n, NULL);
	case MPSC_RTE_HTS:
		return rte_ring_mp_hts_enqueue_burst_elem(r->rte, items, SIZE,
							  n, NULL);
	case MPSC_CK:
		return push_ck(r, items, n);
	case MPSC_OWN_PCRING:
		return ring_push(RING_PCRING, r, items, n, SIZE);
	case MPSC_OWN_RTE:
		return ring_push(RING_RTE, r, items, n, SIZE);
	default:
		return ring_push(RING_CK, r, items, n, SIZE);
	}
}

BENCH_HOT __u32 pop(const enum mpsc_which which, const struct ring *r,
		    __u64 *items, __u32 n)
{
	switch (which) {
	case MPSC_PCRING:
	case MPSC_OWN_PCRING:
		return ring_pop(RING_PCRING, r, items, n, SIZE);
	case MPSC_CK:
		return pop_ck(r, items, n);
	case MPSC_OWN_CK:
		return ring_pop(RING_CK, r, items, n, SIZE);
	default:
		return ring_pop(RING_RTE, r, items, n, SIZE);
	}
}

BENCH_HOT void produce(const enum mpsc_which which, const struct ring *shared,
		       __u32 burst, __u32 who, struct job *j)
{
	__u64 batch[BENCH_BATCH_WORDS] BENCH_PADDED;
	const struct ring ring = *shared;
	const __u32 *const stop = j->stop;
	__u32 *const lock = j->lock;
	__u32 spins = 0;
	__u64 i;

	for (i = 0; go_on(stop); i += burst) {
		__u32 done = 0;

		bench_fill(batch, i, burst, WORDS);
		do {
			__u32 got = push(which, &ring, lock,
					 batch + done * WORDS, burst - done);

			if (!got)
				bench_wait(&spins, SPINS);
			done += got;
		} while (done < burst);
	}
	finish(j, who, i);
}

/* @rings: how many there are to go round. */
BENCH_HOT __u64 consume(const enum mpsc_which which, __u32 rings, __u32 burst,
			struct job *j)
{
	__u64 batch[BENCH_BATCH_WORDS] BENCH_PADDED;
	struct ring ring[MPSC_PRODUCERS];
	__u32 at, empty = 0, spins = 0;
	__u64 sum = 0;
	__u64 i = 0;

	for (at = 0; at < rings; at++)
		ring[at] = j->ring[at];
	at = 0;
	for (;;) {
		__u32 got = pop(which, &ring[at], batch, burst);

		at = at + 1 < rings ? at + 1 : 0;
		if (got) {
			sum += bench_sum(batch, got, WORDS);
			i += got;
			empty = 0;
		} else if (++empty >= rings) {
			if (i >= pushed(j))
				break;
			empty = 0;
			bench_wait(&spins, SPINS);
		}
	}
	j->popped = i;
	return sum;
}

BENCH_HOT void side(const enum mpsc_which which, __u32 who, struct job *j)
{
	const bool shared = which < MPSC_OWN_PCRING;
	const struct ring *ring = &j->ring[shared ? 0 : who - 1];
	__u32 rings = shared ? 1 : j->producers;

	if (who == TEAM_CONSUMER)
		j->sum = consume(which, rings, j->burst, j);
	else if (j->burst == 1)
		produce(which, ring, 1, who, j);
	else
		produce(which, ring, j->burst, who, j);
}

static void produce_stamped(__u32 who, struct job *j)
{
	const struct recring ring = j->records[who - 1];
	const __u32 *const stop = j->stop;
	struct pcring_record *rec;
	__u32 spins = 0;
	__u64 i;
	int err;

	for (i = 0; go_on(stop); i++) {
		while ((err = pcring_record_reserve(ring.prod, SIZE, 0,
						    &rec)) == -EAGAIN)
			bench_wait(&spins, SPINS);
		if (err)
			bench_die("reserve: %d", err);
		pcring_record_stamp(ring.prod, rec, bench_now);
		bench_fill(pcring_record_data(rec), i, 1, WORDS);
		pcring_record_submit(ring.prod, rec, false);
	}
	finish(j, who, i);
}

static __u64 consume_merged(struct job *j)
{
	struct pcring_shard shard[MPSC_PRODUCERS] = { 0 };
	const __u32 rings = j->producers;
	__u32 spins = 0;
	__u64 last = 0;
	__u64 sum = 0;
	__u64 i = 0;
	__u32 at;

	for (at = 0; at < rings; at++)
		shard[at].cons = j->records[at].cons;
	for (;;) {
		int ready = pcring_merge_peek(shard, rings, &at);

		if (ready == -EBADFD)
			bench_die("merge: corrupt ring");
		if (ready <= 0) {
			if (i >= pushed(j))
				break;
			for (at = 0; at < rings; at++)
				pcring_cons_publish(shard[at].cons);
			bench_wait(&spins, SPINS);
			continue;
		}
		if (shard[at].time < last)
			j->disorder = true;
		last = shard[at].time;
		sum += bench_sum(shard[at].view.data, 1, WORDS);
		pcring_merge_release(&shard[at]);
		i++;
	}
	j->popped = i;
	return sum;
}

static void side_merged(__u32 who, struct job *j)
{
	if (who == TEAM_CONSUMER)
		j->sum = consume_merged(j);
	else
		produce_stamped(who, j);
}

static void work(__u32 who, void *arg)
{
	struct job *j = arg;

	switch (j->which) {
	case MPSC_PCRING:
		side(MPSC_PCRING, who, j);
		break;
	case MPSC_RTE:
		side(MPSC_RTE, who, j);
		break;
	case MPSC_RTE_RTS:
		side(MPSC_RTE_RTS, who, j);
		break;
	case MPSC_RTE_HTS:
		side(MPSC_RTE_HTS, who, j);
		break;
	case MPSC_CK:
		side(MPSC_CK, who, j);
		break;
	case MPSC_OWN_PCRING:
		side(MPSC_OWN_PCRING, who, j);
		break;
	case MPSC_OWN_RTE:
		side(MPSC_OWN_RTE, who, j);
		break;
	case MPSC_OWN_CK:
		side(MPSC_OWN_CK, who, j);
		break;
	default:
		side_merged(who, j);
		break;
	}
}

static enum ring_which ring_of(enum mpsc_which which)
{
	switch (which) {
	case MPSC_PCRING:
	case MPSC_OWN_PCRING:
		return RING_PCRING;
	case MPSC_RTE:
	case MPSC_OWN_RTE:
		return RING_RTE;
	case MPSC_RTE_RTS:
		return RING_RTE_RTS;
	case MPSC_RTE_HTS:
		return RING_RTE_HTS;
	default:
		return RING_CK;
	}
}

static void create(void)
{
	__u32 i;

	for (i = 0; i < MPSC_PRODUCERS; i++) {
		ring_create(&job.ring[i], (size_t)ENTRIES * SIZE);
		recring_create(&job.records[i], RECORD_BYTES);
	}
	job.stop = map_pages(4096);
	job.finished = map_pages(4096);
	job.lock = map_pages(4096);
}

/* A shared ring is one for several producers even if only one comes. */
static void reset(const struct bench_params *params)
{
	const bool shared = params->which < MPSC_OWN_PCRING;
	__u32 i;

	for (i = 0; i < MPSC_PRODUCERS; i++)
		if (params->which == MPSC_MERGED)
			recring_reset(&job.records[i], PCRING_PRODUCERS_PERCPU);
		else
			ring_reset(&job.ring[i], ring_of(params->which),
				   ENTRIES, SIZE, shared ? 2 : 1);
}

static void run(struct bench_sample *sample, __u64 ns)
{
	__u64 expected = 0;
	__u64 items = 0;
	__u32 i;

	*job.finished = 0;
	job.sum = 0;
	job.popped = 0;
	job.disorder = false;
	sample->ns = team_run_for(1 + job.producers, work, &job, ns, job.stop);
	for (i = 0; i < job.producers; i++) {
		items += job.pushed[i].items;
		expected += bench_sum_expected(job.pushed[i].items, WORDS);
	}
	sample->items = items ? items : 1;
	if (job.sum != expected || job.popped != items || job.disorder)
		sample->wrong = true;
}

void mpsc_take(const struct bench_params *params, struct bench_sample *sample)
{
	struct bench_sample warm = { 0 };

	if (!job.lock)
		create();
	reset(params);
	job.which = params->which;
	job.burst = params->burst;
	job.producers = params->producers;
	run(&warm, 50000);
	/* Several time slices: producers may have to share a CPU. */
	run(sample, 3 * bench_options.sample_ns);
	sample->wrong |= warm.wrong;
}
