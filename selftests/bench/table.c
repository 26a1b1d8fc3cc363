// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tables, cells and series: making them and knowing their units.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

static const char *const unit_name[] = {
	[BENCH_MITEMS] = "M items/s",
	[BENCH_MBYTES] = "MB/s",
	[BENCH_NS] = "ns",
	[BENCH_COUNT] = "an item",
};

const char *bench_unit_name(enum bench_unit unit)
{
	return unit_name[unit];
}

const char *bench_unit_better(enum bench_unit unit)
{
	return unit == BENCH_MITEMS || unit == BENCH_MBYTES ? "more" : "less";
}

struct bench_table *bench_table_add(struct bench_question *q,
				    const struct bench_table *table)
{
	struct bench_table *t;

	if (q->nr_tables == BENCH_MAX_TABLES)
		bench_die("%s: too many tables", q->name);
	t = &q->tables[q->nr_tables++];
	*t = *table;
	t->cell = calloc(BENCH_MAX_CELLS, sizeof(*t->cell));
	if (!t->cell)
		bench_die("%s: no memory for its cells", t->name);
	return t;
}

struct bench_cell *bench_cell_add(struct bench_table *t, const __u64 *key)
{
	struct bench_cell *cell;

	if (t->nr_cells == BENCH_MAX_CELLS)
		bench_die("%s: too many cells", t->name);
	cell = &t->cell[t->nr_cells++];
	memcpy(cell->key, key, bench_table_nr_keys(t) * sizeof(*key));
	return cell;
}

void bench_series_set(struct bench_cell *cell, __u32 nr,
		      void (*take)(const struct bench_params *,
				   struct bench_sample *),
		      const struct bench_params *params, double weight)
{
	struct bench_series *s = &cell->series[nr];

	s->take = take;
	s->params = *params;
	s->weight = weight;
	s->items = 1;
}

__u32 bench_table_nr_series(const struct bench_table *t)
{
	__u32 nr = 0;

	while (t->series[nr])
		nr++;
	return nr;
}

__u32 bench_table_nr_keys(const struct bench_table *t)
{
	__u32 nr = 0;

	while (t->key[nr])
		nr++;
	return nr;
}

void bench_table_free(struct bench_table *t)
{
	__u32 i, k;

	for (i = 0; i < t->nr_cells; i++)
		for (k = 0; k < BENCH_MAX_SERIES; k++)
			free(t->cell[i].series[k].value);
	free(t->cell);
	t->cell = NULL;
	t->nr_cells = 0;
}

void bench_note(struct bench_question *q, const char *fmt, ...)
{
	va_list args;

	if (q->nr_notes == BENCH_MAX_NOTES)
		bench_die("%s: too many notes", q->name);
	va_start(args, fmt);
	if (vasprintf(&q->notes[q->nr_notes], fmt, args) < 0)
		bench_die("%s: no memory for a note", q->name);
	va_end(args);
	q->nr_notes++;
}
