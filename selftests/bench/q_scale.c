// SPDX-License-Identifier: GPL-2.0-only
/*
 * Does an item cost the same in a large ring as in a small one?
 *
 * Each ring size is sampled next to a ring of 2^10 entries, and the ratio of the
 * two is what counts. Two threads show caches and waiting as well; one thread
 * that is both sides shows the code alone, by its instructions if the machine
 * counts them.
 */
#include <string.h>

#include "bench.h"
#include "spsc.h"

#define REFERENCE 1024U
#define FLAT_FROM 256U /* entries from which on times are compared */

static const __u32 sizes[] = { 8, 64 };
static const __u32 bursts[] = { 1, 32 };

/* Each ring at the size of the cell, then at the reference. */
enum { PCRING, PCRING_REF, RTE, RTE_REF, CK, CK_REF, NR };

/* The three tables differ in their beginnings. */
static const struct bench_table scale = {
	.name = "scale",
	.title = "two threads, beside a ring of 2^10 entries",
	.unit = BENCH_NS,
	.key = { "bytes", "burst", "ring" },
	.x = 2,
	.series = { "pcring", "pcring 2^10", "rte_ring", "rte 2^10", "ck_ring",
		    "ck 2^10" },
	.ratio = { { "pcring rel", PCRING, PCRING_REF },
		   { "rte rel", RTE, RTE_REF },
		   { "ck rel", CK, CK_REF } },
};

static void add(struct bench_table *t,
		void (*take)(const struct bench_params *,
			     struct bench_sample *),
		__u32 size, __u32 burst, __u32 entries)
{
	static const __u32 which[] = { RING_PCRING, RING_RTE, RING_CK };
	const __u64 key[] = { size, burst, entries };
	struct bench_cell *cell = bench_cell_add(t, key);
	struct bench_params params = { .size = size, .burst = burst };
	__u32 i;

	for (i = 0; i < NR; i++) {
		params.which = which[i / 2];
		params.entries = i & 1 ? REFERENCE : entries;
		bench_series_set(cell, i, take, &params, 1);
	}
}

static void fill(struct bench_question *q, const char *name, const char *title,
		 enum bench_unit unit,
		 void (*take)(const struct bench_params *,
			      struct bench_sample *))
{
	struct bench_table *t = bench_table_add(q, &scale);

	__u32 i, k, order;

	t->name = name;
	t->title = title;
	t->unit = unit;
	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		for (k = 0; k < sizeof(bursts) / sizeof(*bursts); k++)
			for (order = 6; order <= 16;
			     order += bench_options.quick ? 5 : 1)
				add(t, take, sizes[i], bursts[k], 1U << order);
}

/* How far apart are the ring sizes, among cells equal but for the ring? */
static void sum_up(struct bench_question *q, const struct bench_table *t,
		   __u64 size, __u64 burst)
{
	double least = 1e9;
	double most = 0;
	__u32 i;

	for (i = 0; i < t->nr_cells; i++) {
		const struct bench_cell *cell = &t->cell[i];
		double ratio = cell->ratio[0].median;

		if (cell->key[0] != size || cell->key[1] != burst ||
		    cell->key[2] < FLAT_FROM)
			continue;
		least = ratio < least ? ratio : least;
		most = ratio > most ? ratio : most;
	}
	bench_note(q,
		   "%s: pcring, %llu bytes by %llu: rings from 2^8 to 2^16 cost"
		   " %.2f to %.2f times what one of 2^10 costs",
		   t->name, size, burst, least, most);
}

static int run(struct bench_question *q)
{
	int err = spsc_count_possible();
	__u32 i, k, n;

	fill(q, scale.name, scale.title, BENCH_NS, spsc_take);
	fill(q, "scale-alone", "one thread, beside a ring of 2^10 entries",
	     BENCH_NS, spsc_alone_take);
	if (!err)
		fill(q, "scale-count", "one thread, instructions, likewise",
		     BENCH_COUNT, spsc_count_take);
	bench_measure(q);
	for (n = 0; n < q->nr_tables; n++)
		for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
			for (k = 0; k < sizeof(bursts) / sizeof(*bursts); k++)
				sum_up(q, &q->tables[n], sizes[i], bursts[k]);
	if (err)
		bench_note(q, "instructions are not counted: perf events: %s",
			   strerror(-err));
	return 0;
}

struct bench_question q_scale = {
	.name = "scale",
	.help = "time and instructions an item over ring sizes",
	.run = run,
};
