// SPDX-License-Identifier: GPL-2.0-only
/*
 * The same as the tables, for programs; with every sample, so that nothing has
 * to be measured again to be summed up in another way.
 */
#include <errno.h>
#include <jansson.h>

#include "bench.h"

static json_t *answers;

static json_t *stat_json(const struct bench_stat *stat)
{
	return json_pack("{s:f, s:f, s:f}", "median", stat->median, "q1",
			 stat->q1, "q3", stat->q3);
}

static json_t *series_json(const struct bench_table *t, __u32 nr,
			   const struct bench_series *s)
{
	json_t *samples = json_array();
	__u32 i;

	for (i = 0; i < t->samples; i++)
		json_array_append_new(samples, json_real(s->value[i]));
	return json_pack("{s:s, s:o, s:o}", "name", t->series[nr], "stat",
			 stat_json(&s->stat), "samples", samples);
}

static json_t *cell_json(const struct bench_table *t,
			 const struct bench_cell *cell)
{
	json_t *keys = json_object();
	json_t *series = json_array();
	json_t *ratios = json_object();
	__u32 i;

	for (i = 0; t->key[i]; i++)
		json_object_set_new(keys, t->key[i],
				    json_integer((json_int_t)cell->key[i]));
	for (i = 0; t->series[i]; i++)
		if (cell->series[i].take)
			json_array_append_new(
				series, series_json(t, i, &cell->series[i]));
	for (i = 0; t->ratio[i].name; i++)
		if (cell->series[t->ratio[i].of].take &&
		    cell->series[t->ratio[i].to].take)
			json_object_set_new(ratios, t->ratio[i].name,
					    stat_json(&cell->ratio[i]));
	return json_pack("{s:o, s:o, s:o}", "keys", keys, "series", series,
			 "ratios", ratios);
}

static json_t *table_json(const struct bench_table *t)
{
	json_t *cells = json_array();
	__u32 i;

	for (i = 0; i < t->nr_cells; i++)
		json_array_append_new(cells, cell_json(t, &t->cell[i]));
	return json_pack("{s:s, s:s, s:s, s:s, s:o}", "name", t->name, "title",
			 t->title, "unit", bench_unit_name(t->unit), "better",
			 bench_unit_better(t->unit), "cells", cells);
}

int bench_json_add(const struct bench_question *q)
{
	json_t *tables = json_array();
	json_t *notes = json_array();
	__u32 i;

	if (!answers)
		answers = json_array();
	for (i = 0; i < q->nr_tables; i++)
		json_array_append_new(tables, table_json(&q->tables[i]));
	for (i = 0; i < q->nr_notes; i++)
		json_array_append_new(notes, json_string(q->notes[i]));
	return json_array_append_new(answers,
				     json_pack("{s:s, s:I, s:o, s:o}", "name",
					       q->name, "wrong_sums",
					       (json_int_t)q->wrong, "tables",
					       tables, "notes", notes))
		       ? -ENOMEM
		       : 0;
}

int bench_json_write(const char *path)
{
	json_t *head = json_object();
	const struct bench_fact *env;
	__u32 nr = bench_env(&env);
	json_t *all;
	__u32 i;
	int err;

	for (i = 0; i < nr; i++)
		json_object_set_new(head, env[i].name,
				    json_string(env[i].text));
	all = json_pack("{s:o, s:o}", "environment", head, "questions",
			answers ? answers : json_array());
	err = json_dump_file(all, path,
			     JSON_INDENT(1) | JSON_REAL_PRECISION(6));
	json_decref(all);
	answers = NULL;
	return err ? -EIO : 0;
}
