// SPDX-License-Identifier: GPL-2.0-only
/*
 * How many items a second go from one thread to another?
 */
#include "bench.h"
#include "spsc.h"

static const __u32 sizes[] = { 8, 64 };
static const __u32 bursts[] = { 1, 8, 32, 256 };
static const __u32 orders[] = { 6, 8, 10, 12, 14, 16 };

enum { LIMIT, PCRING, RTE, CK };

static const struct bench_table throughput = {
	.name = "throughput",
	.title = "items from one thread to another",
	.unit = BENCH_MITEMS,
	.key = { "bytes", "burst", "ring" },
	.x = 2,
	.series = { "limit", "pcring", "rte_ring", "ck_ring" },
	.ratio = { { "pcring/rte", PCRING, RTE },
		   { "pcring/ck", PCRING, CK },
		   { "limit/pcring", LIMIT, PCRING } },
};

static void add(struct bench_table *t, __u32 size, __u32 burst, __u32 entries)
{
	const __u64 key[] = { size, burst, entries };
	struct bench_params params = {
		.size = size,
		.burst = burst,
		.entries = entries,
	};
	struct bench_cell *cell = bench_cell_add(t, key);

	bench_series_set(cell, LIMIT, stream_take, &params, 1);
	params.which = RING_PCRING;
	bench_series_set(cell, PCRING, spsc_take, &params, 1);
	params.which = RING_RTE;
	bench_series_set(cell, RTE, spsc_take, &params, 1);
	params.which = RING_CK;
	bench_series_set(cell, CK, spsc_take, &params, 1);
}

static int run(struct bench_question *q)
{
	struct bench_table *t = bench_table_add(q, &throughput);
	unsigned int i, k, n;

	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		for (k = 0; k < sizeof(bursts) / sizeof(*bursts); k++)
			for (n = 0; n < sizeof(orders) / sizeof(*orders); n++)
				if (2 * bursts[k] <= 1U << orders[n])
					add(t, sizes[i], bursts[k],
					    1U << orders[n]);
	bench_measure(q);
	return 0;
}

struct bench_question q_throughput = {
	.name = "throughput",
	.help = "items a second beside rte_ring, ck_ring and the limit",
	.run = run,
};
