// SPDX-License-Identifier: GPL-2.0-only
/*
 * What do records of a variable length cost? The producer writes each in place
 * and the consumer sums it up in place. There is no peer of that kind: rte_ring
 * with elements as large copies in and out, and knows only one length.
 */
#include "bench.h"
#include "lock.h"
#include "recring.h"
#include "ring.h"
#include "team.h"

#define RING_BYTES (256U << 10) /* of either kind */
#define MAX_SIZE 4096U
#define BATCH_BYTES (16U << 10) /* of a burst, at most 32 */

enum { SINGLE, SINGLE_MORE, SHARED, SHARED_MORE, RTE, RTE_BURST, NR };

static const struct bench_table records = {
	.name = "records",
	.title = "records, 256 KiB of ring",
	.unit = BENCH_MITEMS,
	.key = { "bytes" },
	.x = 0,
	.series = { "single", "single more", "shared", "shared more",
		    "rte_ring", "rte by 32" },
	.ratio = { { "single/rte", SINGLE, RTE },
		   { "more/rte by 32", SINGLE_MORE, RTE_BURST },
		   { "more/single", SINGLE_MORE, SINGLE } },
};

static const __u32 sizes[] = { 16, 64, 256, 1024, 4096 };

/**
 * struct job - what the two threads share
 * @records: the record ring.
 * @ring: the peer.
 * @which: SINGLE and so on.
 * @size: bytes of payload.
 * @burst: records published together, or elements pushed at a time.
 * @items: how many.
 * @sum: what the consumer added up.
 */
struct job {
	struct recring records;
	struct ring ring;
	__u32 which;
	__u32 size;
	__u32 burst;
	__u64 items;
	__u64 sum BENCH_PADDED;
};

static struct job job BENCH_PADDED;

static __u32 burst_of(__u32 size)
{
	__u32 burst = BATCH_BYTES / size;

	return burst < 32 ? burst : 32;
}

BENCH_HOT void produce_single(const __u32 size, const bool more,
			      const struct job *j)
{
	const struct recring ring = j->records;
	const __u64 items = j->items;
	const __u32 burst = j->burst;
	struct pcring_record *rec;
	__u32 spins = 0;
	__u32 left = burst;
	__u64 i;
	int err;

	for (i = 0; i < items; i++) {
		while ((err = pcring_record_reserve(ring.prod, size, 0,
						    &rec)) == -EAGAIN)
			bench_wait(&spins, BENCH_SPINS);
		if (pcring_unlikely(err))
			bench_die("reserve: %d", err);
		bench_fill(pcring_record_data(rec), i, 1, size / 8);
		if (!--left || i + 1 == items)
			left = burst;
		pcring_record_submit(ring.prod, rec, more && left != burst);
	}
}

/* Several would do the same: only the place is got under the lock. */
BENCH_HOT void produce_shared(const __u32 size, const bool more,
			      const struct job *j)
{
	const struct recring ring = j->records;
	const __u64 items = j->items;
	struct pcring_record *rec;
	__u32 spins = 0;
	__u64 i;
	int err;

	for (i = 0; i < items; i++) {
		for (;;) {
			lock_take(ring.lock);
			err = pcring_record_reserve(ring.prod, size, 0, &rec);
			lock_give(ring.lock);
			if (err != -EAGAIN)
				break;
			bench_wait(&spins, BENCH_SPINS);
		}
		if (pcring_unlikely(err))
			bench_die("reserve: %d", err);
		bench_fill(pcring_record_data(rec), i, 1, size / 8);
		pcring_record_submit(ring.prod, rec, more && i + 1 < items);
	}
}

BENCH_HOT __u64 consume(const __u32 size, const struct job *j)
{
	const struct recring ring = j->records;
	const __u64 items = j->items;
	struct pcring_record_view view;
	__u32 spins = 0;
	__u64 sum = 0;
	__u64 i = 0;

	while (i < items) {
		int ready = pcring_record_peek(ring.cons, &view);

		if (!ready) {
			pcring_cons_publish(ring.cons);
			bench_wait(&spins, BENCH_SPINS);
			continue;
		}
		if (pcring_unlikely(ready < 0 || view.len != size))
			bench_die("peek: corrupt ring");
		sum += bench_sum(view.data, 1, size / 8);
		pcring_record_release(ring.cons, &view);
		i++;
	}
	return sum;
}

BENCH_HOT void produce_rte(const __u32 size, const struct job *j)
{
	__u64 batch[BATCH_BYTES / 8] BENCH_PADDED;
	const struct ring ring = j->ring;
	const __u64 items = j->items;
	const __u32 burst = j->burst;
	__u32 spins = 0;
	__u64 i;

	for (i = 0; i < items; i += burst) {
		__u32 done = 0;

		bench_fill(batch, i, burst, size / 8);
		do {
			__u32 got = rte_ring_sp_enqueue_burst_elem(
				ring.rte, batch + done * (size / 8), size,
				burst - done, NULL);

			if (!got)
				bench_wait(&spins, BENCH_SPINS);
			done += got;
		} while (done < burst);
	}
}

BENCH_HOT __u64 consume_rte(const __u32 size, const struct job *j)
{
	__u64 batch[BATCH_BYTES / 8] BENCH_PADDED;
	const struct ring ring = j->ring;
	const __u64 items = j->items;
	const __u32 burst = j->burst;
	__u32 spins = 0;
	__u64 sum = 0;
	__u64 i = 0;

	while (i < items) {
		__u32 got = rte_ring_sc_dequeue_burst_elem(ring.rte, batch,
							   size, burst, NULL);

		if (!got) {
			bench_wait(&spins, BENCH_SPINS);
			continue;
		}
		sum += bench_sum(batch, got, size / 8);
		i += got;
	}
	return sum;
}

BENCH_HOT void side_consume(const __u32 size, struct job *j)
{
	if (j->which == RTE || j->which == RTE_BURST)
		j->sum = consume_rte(size, j);
	else
		j->sum = consume(size, j);
}

BENCH_HOT void side_produce(const __u32 size, const struct job *j)
{
	switch (j->which) {
	case SINGLE:
		produce_single(size, false, j);
		break;
	case SINGLE_MORE:
		produce_single(size, true, j);
		break;
	case SHARED:
		produce_shared(size, false, j);
		break;
	case SHARED_MORE:
		produce_shared(size, true, j);
		break;
	default:
		produce_rte(size, j);
		break;
	}
}

BENCH_HOT void side(const __u32 size, __u32 who, struct job *j)
{
	if (who == TEAM_CONSUMER)
		side_consume(size, j);
	else
		side_produce(size, j);
}

static void work(__u32 who, void *arg)
{
	struct job *j = arg;

	switch (j->size) {
	case 16:
		side(16, who, j);
		break;
	case 64:
		side(64, who, j);
		break;
	case 256:
		side(256, who, j);
		break;
	case 1024:
		side(1024, who, j);
		break;
	default:
		side(MAX_SIZE, who, j);
		break;
	}
}

static void go(struct bench_sample *sample)
{
	job.items = (sample->items + job.burst - 1) / job.burst * job.burst;
	job.sum = 0;
	sample->ns = team_run(2, work, &job);
	sample->items = job.items;
	if (job.sum != bench_sum_expected(job.items, job.size / 8))
		sample->wrong = true;
}

static void take(const struct bench_params *params, struct bench_sample *sample)
{
	struct bench_sample warm = { .items = 2 * RING_BYTES / params->size };

	job.which = params->which;
	job.size = params->size;
	job.burst = params->burst;
	if (job.which == RTE || job.which == RTE_BURST)
		ring_reset(&job.ring, RING_RTE, RING_BYTES / job.size, job.size,
			   1);
	else
		recring_reset(&job.records, job.which >= SHARED
						    ? PCRING_PRODUCERS_SHARED
						    : PCRING_PRODUCERS_SINGLE);
	go(&warm);
	go(sample);
	sample->wrong |= warm.wrong;
}

static void add(struct bench_table *t, __u32 size)
{
	const __u64 key[] = { size };
	struct bench_cell *cell = bench_cell_add(t, key);
	struct bench_params params = { .size = size };
	__u32 i;

	for (i = 0; i < NR; i++) {
		params.which = i;
		params.burst =
			i == SINGLE_MORE || i == RTE_BURST ? burst_of(size) : 1;
		bench_series_set(cell, i, take, &params, 1);
	}
}

static int run(struct bench_question *q)
{
	struct bench_table *t = bench_table_add(q, &records);
	__u32 i;

	recring_create(&job.records, RING_BYTES);
	ring_create(&job.ring, RING_BYTES);
	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		add(t, sizes[i]);
	bench_measure(q);
	bench_note(q, "more: every 32nd record is published, of large ones as"
		      " many as make 16 KiB; rte by 32: likewise");
	bench_note(q,
		   "shared: one producer, taking the lock; MORE means nothing"
		   " there, each record is published");
	ring_destroy(&job.ring);
	recring_destroy(&job.records);
	return 0;
}

struct bench_question q_records = {
	.name = "records",
	.help = "records of 16 to 4096 bytes, published singly or together",
	.run = run,
};
