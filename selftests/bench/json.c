// SPDX-License-Identifier: GPL-2.0-only
/*
 * The same as the tables, for programs; with every sample, so that nothing has
 * to be measured again to be summed up in another way.
 */
#include <errno.h>
#include <stdlib.h>

#include "bench.h"

static FILE *answers;
static char *text;
static size_t size;

static void put_string(FILE *out, const char *from)
{
	fputc('"', out);
	for (; *from; from++) {
		unsigned char c = (unsigned char)*from;

		if (c < ' ')
			fprintf(out, "\\u%04x", c);
		else if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else
			fputc(c, out);
	}
	fputc('"', out);
}

static void put_name(FILE *out, const char *name)
{
	put_string(out, name);
	fputs(": ", out);
}

static void put_text(FILE *out, const char *name, const char *from)
{
	put_name(out, name);
	put_string(out, from);
	fputs(",\n", out);
}

static void put_stat(FILE *out, const char *name, const struct bench_stat *stat)
{
	put_name(out, name);
	fprintf(out, "{\"median\": %.6g, \"q1\": %.6g, \"q3\": %.6g}",
		stat->median, stat->q1, stat->q3);
}

static void put_series(FILE *out, const struct bench_table *t, __u32 nr,
		       const struct bench_series *s)
{
	__u32 i;

	fputc('{', out);
	put_text(out, "name", t->series[nr]);
	put_stat(out, "stat", &s->stat);
	fputs(",\n\"samples\": [", out);
	for (i = 0; i < t->samples; i++)
		fprintf(out, "%s%.6g", i ? ", " : "", s->value[i]);
	fputs("]}", out);
}

/* Between two of a list, not before the first. */
static void put_comma(FILE *out, bool *some)
{
	fputs(*some ? ",\n" : "\n", out);
	*some = true;
}

static void put_ratios(FILE *out, const struct bench_table *t,
		       const struct bench_cell *cell)
{
	bool some = false;
	__u32 i;

	for (i = 0; t->ratio[i].name; i++)
		if (cell->series[t->ratio[i].of].take &&
		    cell->series[t->ratio[i].to].take) {
			put_comma(out, &some);
			put_stat(out, t->ratio[i].name, &cell->ratio[i]);
		}
}

static void put_cell(FILE *out, const struct bench_table *t,
		     const struct bench_cell *cell)
{
	bool some = false;
	__u32 i;

	fputs("{\"keys\": {", out);
	for (i = 0; t->key[i]; i++) {
		fputs(i ? ", " : "", out);
		put_name(out, t->key[i]);
		fprintf(out, "%llu", cell->key[i]);
	}
	fputs("}, \"series\": [", out);
	for (i = 0; t->series[i]; i++)
		if (cell->series[i].take) {
			put_comma(out, &some);
			put_series(out, t, i, &cell->series[i]);
		}
	fputs("], \"ratios\": {", out);
	put_ratios(out, t, cell);
	fputs("}}", out);
}

static void put_table(FILE *out, const struct bench_table *t)
{
	bool some = false;
	__u32 i;

	fputc('{', out);
	put_text(out, "name", t->name);
	put_text(out, "title", t->title);
	put_text(out, "unit", bench_unit_name(t->unit));
	put_text(out, "better", bench_unit_better(t->unit));
	fputs("\"cells\": [", out);
	for (i = 0; i < t->nr_cells; i++) {
		put_comma(out, &some);
		put_cell(out, t, &t->cell[i]);
	}
	fputs("]}", out);
}

static void put_question(FILE *out, const struct bench_question *q)
{
	bool some = false;
	__u32 i;

	fputc('{', out);
	put_text(out, "name", q->name);
	put_name(out, "wrong_sums");
	fprintf(out, "%llu,\n\"tables\": [", q->wrong);
	for (i = 0; i < q->nr_tables; i++) {
		put_comma(out, &some);
		put_table(out, &q->tables[i]);
	}
	fputs("],\n\"notes\": [", out);
	for (some = false, i = 0; i < q->nr_notes; i++) {
		put_comma(out, &some);
		put_string(out, q->notes[i]);
	}
	fputs("]}", out);
}

int bench_json_add(const struct bench_question *q)
{
	if (answers)
		fputs(",\n", answers);
	else
		answers = open_memstream(&text, &size);
	if (!answers)
		return -ENOMEM;
	put_question(answers, q);
	return ferror(answers) ? -ENOMEM : 0;
}

static void put_all(FILE *out)
{
	const struct bench_fact *env;
	__u32 nr = bench_env(&env);
	__u32 i;

	fputs("{\"environment\": {\n", out);
	for (i = 0; i < nr; i++) {
		put_name(out, env[i].name);
		put_string(out, env[i].text);
		fputs(i + 1 < nr ? ",\n" : "\n", out);
	}
	fputs("},\n\"questions\": [\n", out);
	fputs(text ? text : "", out);
	fputs("\n]}\n", out);
}

int bench_json_write(const char *path)
{
	FILE *out = fopen(path, "we");
	int err;

	if (answers)
		fclose(answers);
	answers = NULL;
	if (!out)
		return -EIO;
	put_all(out);
	free(text);
	text = NULL;
	err = ferror(out);
	return fclose(out) || err ? -EIO : 0;
}
