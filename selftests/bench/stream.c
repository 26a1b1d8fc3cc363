// SPDX-License-Identifier: GPL-2.0-only
/*
 * The limit: how fast lines go from one core to the other if nothing is said
 * about single items. A plain buffer; the producer writes one half while the
 * consumer reads the other. As many words as the rings move, but written and
 * summed up in place, without a look at where items begin.
 *
 * The buffer is as large as the ring it stands beside, because caches are faster
 * or slower for larger ones; but it is no smaller than 16 KiB, or the hand-over
 * itself would count.
 */
#include "hot.h"
#include "map.h"
#include "spsc.h"
#include "team.h"

#define MIN_HALF (8U << 10)
#define MAX_HALF (2U << 20)

/**
 * struct job - as in spsc.c
 * @buffer: both halves.
 * @filled: halves filled so far, a page of its own.
 * @emptied: halves read so far, a page of its own.
 * @half: bytes.
 * @halves: how many are to be moved.
 * @sum: what the consumer added up.
 */
struct job {
	__u64 *buffer;
	__u64 *filled;
	__u64 *emptied;
	__u32 half;
	__u64 halves;
	__u64 sum BENCH_PADDED;
};

static struct job job BENCH_PADDED;

static void produce(const struct job *j)
{
	const struct job local = *j;
	const __u32 words = local.half / 8;
	__u32 spins = 0;
	__u64 i;

	for (i = 0; i < local.halves; i++) {
		while (bench_load_acquire(local.emptied) + 2 <= i)
			bench_wait(&spins, BENCH_SPINS);
		bench_fill(local.buffer + (i & 1) * words, i * words, words, 1);
		bench_store_release(local.filled, i + 1);
	}
}

static __u64 consume(const struct job *j)
{
	const struct job local = *j;
	const __u32 words = local.half / 8;
	__u32 spins = 0;
	__u64 sum = 0;
	__u64 i;

	for (i = 0; i < local.halves; i++) {
		while (bench_load_acquire(local.filled) <= i)
			bench_wait(&spins, BENCH_SPINS);
		sum += bench_sum(local.buffer + (i & 1) * words, words, 1);
		bench_store_release(local.emptied, i + 1);
	}
	return sum;
}

static void work(__u32 who, void *arg)
{
	struct job *j = arg;

	if (who == TEAM_CONSUMER)
		j->sum = consume(j);
	else
		produce(j);
}

static __u32 half_of(const struct bench_params *params)
{
	__u32 half = params->entries * params->size / 2;

	if (half < MIN_HALF)
		return MIN_HALF;
	return half > MAX_HALF ? MAX_HALF : half;
}

/* @size: bytes of an item, as the sample counts them. */
static void run(struct bench_sample *sample, __u32 size)
{
	const __u32 items = job.half / size;

	job.halves = (sample->items + items - 1) / items;
	job.sum = 0;
	*job.filled = 0;
	*job.emptied = 0;
	sample->ns = team_run(2, work, &job);
	sample->items = job.halves * items;
	if (job.sum != bench_sum_expected(job.halves * job.half / 8, 1))
		sample->wrong = true;
}

void stream_take(const struct bench_params *params, struct bench_sample *sample)
{
	struct bench_sample warm;

	if (!job.buffer) {
		job.buffer = map_pages(2 * MAX_HALF);
		job.filled = map_pages(4096);
		job.emptied = map_pages(4096);
	}
	job.half = half_of(params);
	warm = (struct bench_sample){ .items = 4ULL * job.half / params->size };
	run(&warm, params->size);
	run(sample, params->size);
	sample->wrong |= warm.wrong;
}
