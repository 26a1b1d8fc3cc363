// SPDX-License-Identifier: GPL-2.0-only
/*
 * How long does one item take there and another one back, nothing else being
 * under way? Two rings of a kind; the far side answers each item with it. Beside
 * the least that two cores can do: one word each way, alone on its line.
 */
#include "bench.h"
#include "map.h"
#include "ring.h"
#include "spsc.h"
#include "team.h"

enum { LINES, PCRING, RTE, CK };

static const struct bench_table roundtrip = {
	.name = "roundtrip",
	.title = "one item there and back",
	.unit = BENCH_NS,
	.key = { "bytes", "ring" },
	.x = -1,
	.series = { "two lines", "pcring", "rte_ring", "ck_ring" },
	.ratio = { { "pcring/lines", PCRING, LINES },
		   { "pcring/rte", PCRING, RTE },
		   { "pcring/ck", PCRING, CK } },
};

/**
 * struct job - what the two threads share
 * @there: from the caller to the far side.
 * @back: from the far side to the caller.
 * @ping: the bare word there, a page of its own.
 * @pong: and back.
 * @which: enum ring_which.
 * @size: bytes of an item.
 * @items: round trips.
 * @sum: what the far side added up.
 * @echo: what the caller added up.
 */
struct job {
	struct ring there;
	struct ring back;
	__u64 *ping;
	__u64 *pong;
	__u32 which;
	__u32 size;
	__u64 items;
	__u64 sum BENCH_PADDED;
	__u64 echo BENCH_PADDED;
};

static struct job job BENCH_PADDED;

BENCH_HOT void wait_pop(const enum ring_which which, const struct ring *ring,
			__u64 *item, const __u32 size)
{
	__u32 spins = 0;

	while (!ring_pop(which, ring, item, 1, size))
		bench_wait(&spins, BENCH_SPINS);
}

BENCH_HOT __u64 call(const enum ring_which which, const __u32 size,
		     const struct job *j)
{
	__u64 item[BENCH_MAX_WORDS] BENCH_PADDED;
	const struct ring there = j->there;
	const struct ring back = j->back;
	const __u64 items = j->items;
	__u64 sum = 0;
	__u64 i;

	for (i = 0; i < items; i++) {
		bench_fill(item, i, 1, size / 8);
		ring_push_all(which, &there, item, 1, size);
		wait_pop(which, &back, item, size);
		sum += bench_sum(item, 1, size / 8);
	}
	return sum;
}

BENCH_HOT __u64 answer(const enum ring_which which, const __u32 size,
		       const struct job *j)
{
	__u64 item[BENCH_MAX_WORDS] BENCH_PADDED;
	const struct ring there = j->there;
	const struct ring back = j->back;
	const __u64 items = j->items;
	__u64 sum = 0;
	__u64 i;

	for (i = 0; i < items; i++) {
		wait_pop(which, &there, item, size);
		sum += bench_sum(item, 1, size / 8);
		ring_push_all(which, &back, item, 1, size);
	}
	return sum;
}

static __u64 call_bare(const struct job *j)
{
	__u64 *const ping = j->ping;
	__u64 *const pong = j->pong;
	const __u64 items = j->items;
	__u32 spins = 0;
	__u64 sum = 0;
	__u64 i;

	for (i = 1; i <= items; i++) {
		bench_store_release(ping, i);
		while (bench_load_acquire(pong) != i)
			bench_wait(&spins, BENCH_SPINS);
		sum += i;
	}
	return sum;
}

static __u64 answer_bare(const struct job *j)
{
	__u64 *const ping = j->ping;
	__u64 *const pong = j->pong;
	const __u64 items = j->items;
	__u32 spins = 0;
	__u64 sum = 0;
	__u64 i;

	for (i = 1; i <= items; i++) {
		while (bench_load_acquire(ping) != i)
			bench_wait(&spins, BENCH_SPINS);
		sum += i;
		bench_store_release(pong, i);
	}
	return sum;
}

BENCH_HOT void side(const enum ring_which which, const __u32 size, __u32 who,
		    struct job *j)
{
	if (who == TEAM_CONSUMER)
		j->sum = answer(which, size, j);
	else
		j->echo = call(which, size, j);
}

BENCH_HOT void side_size(const enum ring_which which, __u32 who, struct job *j)
{
	if (j->size == 8)
		side(which, 8, who, j);
	else
		side(which, 64, who, j);
}

static void work(__u32 who, void *arg)
{
	struct job *j = arg;

	switch (j->which) {
	case RING_PCRING:
		side_size(RING_PCRING, who, j);
		break;
	case RING_RTE:
		side_size(RING_RTE, who, j);
		break;
	case RING_CK:
		side_size(RING_CK, who, j);
		break;
	default:
		if (who == TEAM_CONSUMER)
			j->sum = answer_bare(j);
		else
			j->echo = call_bare(j);
		break;
	}
}

static void go(struct bench_sample *sample)
{
	__u32 words = job.which == SPSC_LIMIT ? 1 : job.size / 8;
	__u64 expected = bench_sum_expected(sample->items, words);

	job.items = sample->items;
	job.sum = 0;
	job.echo = 0;
	*job.ping = 0;
	*job.pong = 0;
	sample->ns = team_run(2, work, &job);
	if (job.sum != expected || job.echo != expected)
		sample->wrong = true;
}

static void take(const struct bench_params *params, struct bench_sample *sample)
{
	struct bench_sample warm = { .items = 64 };

	job.which = params->which;
	job.size = params->size;
	if (job.which != SPSC_LIMIT) {
		ring_reset(&job.there, job.which, params->entries, job.size, 1);
		ring_reset(&job.back, job.which, params->entries, job.size, 1);
	}
	go(&warm);
	go(sample);
	sample->wrong |= warm.wrong;
}

static void add(struct bench_table *t, __u32 size, __u32 entries)
{
	static const __u32 which[] = {
		[LINES] = SPSC_LIMIT,
		[PCRING] = RING_PCRING,
		[RTE] = RING_RTE,
		[CK] = RING_CK,
	};
	const __u64 key[] = { size, entries };
	struct bench_params params = { .size = size, .entries = entries };
	struct bench_cell *cell = bench_cell_add(t, key);
	__u32 i;

	for (i = 0; i < sizeof(which) / sizeof(*which); i++) {
		params.which = which[i];
		bench_series_set(cell, i, take, &params, 1);
	}
}

static int run(struct bench_question *q)
{
	struct bench_table *t = bench_table_add(q, &roundtrip);

	ring_create(&job.there, 1024 * 64);
	ring_create(&job.back, 1024 * 64);
	job.ping = map_pages(4096);
	job.pong = map_pages(4096);
	add(t, 8, 64);
	add(t, 8, 1024);
	add(t, 64, 64);
	add(t, 64, 1024);
	bench_measure(q);
	unmap_pages(job.pong, 4096);
	unmap_pages(job.ping, 4096);
	ring_destroy(&job.back);
	ring_destroy(&job.there);
	return 0;
}

struct bench_question q_roundtrip = {
	.name = "roundtrip",
	.help = "one item there and back, beside two bare line transfers",
	.run = run,
};
