// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sampling: repetitions outermost, then cells, then peers, so that peers are
 * neighbours in time and every cell is spread over the whole run.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench.h"
#include "hot.h"
#include "team.h"

#define MAX_SAMPLES 999U
/* Warming up: how often a series may be lengthened before it counts. */
#define MAX_STEPS 12U
#define MAX_COMPLAINTS 20U

__u64 bench_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (__u64)t.tv_sec * 1000000000ULL + (__u64)t.tv_nsec;
}

__u64 bench_sum_expected(__u64 items, __u32 words)
{
	return items * (items + 1) / 2 * words + bench_options.spoil;
}

/* How many items fill a repetition, if @items took @ns. */
static __u64 items_for(__u64 items, __u64 ns, double most)
{
	double scale = (double)bench_options.sample_ns / (double)(ns ? ns : 1);
	double want;

	if (scale > most)
		scale = most;
	if (scale < 1 / most)
		scale = 1 / most;
	want = (double)items * scale;
	if (want < 1)
		want = 1;
	if (want > (double)BENCH_MAX_ITEMS)
		want = (double)BENCH_MAX_ITEMS;
	return (__u64)want;
}

static double sample_value(const struct bench_table *t,
			   const struct bench_series *s,
			   const struct bench_sample *sample)
{
	double items = (double)sample->items * s->weight;
	double ns = (double)(sample->ns ? sample->ns : 1);

	if (t->unit == BENCH_NS || t->unit == BENCH_COUNT)
		return ns / items;
	return items / ns * 1e3;
}

/* Say where, but do not fill the screen. */
static void complain(struct bench_question *q, const struct bench_table *t,
		     const struct bench_cell *cell,
		     const struct bench_series *s)
{
	__u32 i;

	if (q->wrong++ > MAX_COMPLAINTS)
		return;
	fprintf(stderr, "pcring-bench: %s", t->name);
	for (i = 0; t->key[i]; i++)
		fprintf(stderr, ", %s %llu", t->key[i], cell->key[i]);
	fprintf(stderr, ": %s: the sum is wrong\n",
		t->series[s - cell->series]);
}

static double take(struct bench_question *q, const struct bench_table *t,
		   const struct bench_cell *cell, struct bench_series *s,
		   double most)
{
	struct bench_sample sample = { .items = s->items };

	s->take(&s->params, &sample);
	q->taken++;
	q->disturbed += team_preempted() > 0;
	if (sample.wrong)
		complain(q, t, cell, s);
	if (t->unit != BENCH_COUNT)
		s->items = items_for(sample.items, sample.ns, most);
	return sample_value(t, s, &sample);
}

/* Find how many items fill a repetition. */
static void settle(struct bench_question *q, const struct bench_table *t,
		   const struct bench_cell *cell, struct bench_series *s)
{
	__u64 before;
	__u32 i;

	for (i = 0; i < MAX_STEPS; i++) {
		before = s->items;
		take(q, t, cell, s, 64);
		if (s->items < before * 2)
			return;
	}
}

static void settle_all(struct bench_question *q)
{
	__u32 i, k, n;

	for (i = 0; i < q->nr_tables; i++) {
		struct bench_table *t = &q->tables[i];

		for (k = 0; k < t->nr_cells; k++)
			for (n = 0; n < BENCH_MAX_SERIES; n++)
				if (t->cell[k].series[n].take)
					settle(q, t, &t->cell[k],
					       &t->cell[k].series[n]);
	}
}

static void round_cell(struct bench_question *q, const struct bench_table *t,
		       struct bench_cell *cell, __u32 round)
{
	__u32 nr = bench_table_nr_series(t);
	__u32 n;

	for (n = 0; n < nr; n++) {
		/* Nobody is always first, or always after the same. */
		__u32 turn = round & 1 ? nr - 1 - n : n;
		struct bench_series *s = &cell->series[turn];

		if (s->take)
			s->value[round] = take(q, t, cell, s, 2);
	}
}

static void round_table(struct bench_question *q, struct bench_table *t,
			__u32 round)
{
	__u32 k;

	for (k = 0; k < t->nr_cells; k++)
		round_cell(q, t, &t->cell[k], round);
}

static void alloc_values(struct bench_table *t)
{
	__u32 k, n;

	for (k = 0; k < t->nr_cells; k++)
		for (n = 0; n < BENCH_MAX_SERIES; n++) {
			struct bench_series *s = &t->cell[k].series[n];

			if (!s->take)
				continue;
			s->value = calloc(MAX_SAMPLES, sizeof(double));
			if (!s->value)
				bench_die("%s: no memory for samples", t->name);
		}
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return (x > y) - (x < y);
}

/* @at: 0 to 1, between the two nearest. @value is sorted. */
static double quantile(const double *value, __u32 nr, double at)
{
	double place = at * (nr - 1);
	__u32 below = (__u32)place;

	if (below + 1 >= nr)
		return value[nr - 1];
	return value[below] +
	       (place - below) * (value[below + 1] - value[below]);
}

static void stat_of(struct bench_stat *stat, const double *value, __u32 nr)
{
	double sorted[MAX_SAMPLES];

	memcpy(sorted, value, nr * sizeof(*value));
	qsort(sorted, nr, sizeof(*sorted), compare);
	stat->median = quantile(sorted, nr, 0.5);
	stat->q1 = quantile(sorted, nr, 0.25);
	stat->q3 = quantile(sorted, nr, 0.75);
}

static void stat_cell(const struct bench_table *t, struct bench_cell *cell)
{
	double ratio[MAX_SAMPLES];
	__u32 i, n;

	for (n = 0; n < BENCH_MAX_SERIES; n++)
		if (cell->series[n].take)
			stat_of(&cell->series[n].stat, cell->series[n].value,
				t->samples);
	for (n = 0; t->ratio[n].name; n++) {
		const struct bench_series *of = &cell->series[t->ratio[n].of];
		const struct bench_series *to = &cell->series[t->ratio[n].to];

		if (!of->take || !to->take)
			continue;
		for (i = 0; i < t->samples; i++)
			ratio[i] = of->value[i] / to->value[i];
		stat_of(&cell->ratio[n], ratio, t->samples);
	}
}

void bench_measure(struct bench_question *q)
{
	__u64 begin, spent;
	__u32 round = 0;
	__u32 i, k;

	settle_all(q);
	for (i = 0; i < q->nr_tables; i++)
		alloc_values(&q->tables[i]);
	begin = bench_now();
	do {
		for (i = 0; i < q->nr_tables; i++)
			round_table(q, &q->tables[i], round);
		round++;
		spent = bench_now() - begin;
	} while (round < MAX_SAMPLES && (round < bench_options.min_samples ||
					 (double)spent / round * (round + 1) <
						 bench_options.seconds * 1e9));
	for (i = 0; i < q->nr_tables; i++) {
		q->tables[i].samples = round;
		for (k = 0; k < q->tables[i].nr_cells; k++)
			stat_cell(&q->tables[i], &q->tables[i].cell[k]);
	}
	bench_note(
		q,
		"%s: in %llu of %llu samples a thread lost its CPU for a while",
		q->name, q->disturbed, q->taken);
}
