// SPDX-License-Identifier: GPL-2.0-only
/*
 * What do several producers cost? Either they share a ring, or each has its own
 * and the consumer goes round; records can be put back in order of time.
 *
 * With more producers than CPUs left for them a producer is now and then put
 * aside in the middle of an operation. What a ring makes of that is part of the
 * answer.
 */
#include "bench.h"
#include "mpsc.h"

static const __u32 bursts[] = { 1, 32 };

static const struct bench_table shared = {
	.name = "producers-shared",
	.title = "several producers, one ring of 2^10 times 64 bytes",
	.unit = BENCH_MITEMS,
	.key = { "burst", "producers" },
	.x = 1,
	.series = { "pcring", "rte mp", "rte rts", "rte hts", "ck mp" },
	.ratio = { { "pcring/mp", 0, 1 },
		   { "pcring/rts", 0, 2 },
		   { "pcring/hts", 0, 3 },
		   { "pcring/ck", 0, 4 } },
};

static const struct bench_table own = {
	.name = "producers-own",
	.title = "several producers, a ring of 2^10 times 64 bytes each",
	.unit = BENCH_MITEMS,
	.key = { "burst", "producers" },
	.x = 1,
	.series = { "pcring", "rte sp", "ck sp", "pcring merged", "rte mp" },
	.ratio = { { "pcring/sp", 0, 1 },
		   { "pcring/ck", 0, 2 },
		   { "merged/mp", 3, 4 } },
};

static const __u32 shared_which[] = { MPSC_PCRING, MPSC_RTE, MPSC_RTE_RTS,
				      MPSC_RTE_HTS, MPSC_CK };
static const __u32 own_which[] = { MPSC_OWN_PCRING, MPSC_OWN_RTE, MPSC_OWN_CK,
				   MPSC_MERGED, MPSC_RTE };

static void add(struct bench_table *t, const __u32 *which, __u32 burst,
		__u32 producers)
{
	const __u64 key[] = { burst, producers };
	struct bench_cell *cell = bench_cell_add(t, key);
	struct bench_params params = {
		.burst = burst,
		.producers = producers,
	};
	__u32 i;

	for (i = 0; t->series[i]; i++) {
		params.which = which[i];
		/* Each record has a time of its own: no bursts. */
		if (params.which == MPSC_MERGED && burst > 1)
			continue;
		bench_series_set(cell, i, mpsc_take, &params, 1);
	}
}

static int run(struct bench_question *q)
{
	struct bench_table *t = bench_table_add(q, &shared);
	struct bench_table *u = bench_table_add(q, &own);
	__u32 i, k;

	for (i = 0; i < sizeof(bursts) / sizeof(*bursts); i++)
		for (k = 1; k <= MPSC_PRODUCERS; k++) {
			add(t, shared_which, bursts[i], k);
			add(u, own_which, bursts[i], k);
		}
	bench_measure(q);
	return 0;
}

struct bench_question q_producers = {
	.name = "producers",
	.help = "one to four producers, sharing a ring or with one each",
	.run = run,
};
