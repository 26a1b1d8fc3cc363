// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tables to read. Both forms are tables of markdown; the plain one is aligned
 * and shows quartiles, the one to paste shows medians.
 */
#include <math.h>
#include <string.h>

#include "bench.h"

#define MAX_COLUMNS (BENCH_MAX_KEYS + BENCH_MAX_SERIES + BENCH_MAX_RATIOS)
#define CELL_CHARS 48U

struct line {
	char text[MAX_COLUMNS][CELL_CHARS];
	__u32 nr;
};

static char *line_next(struct line *line)
{
	return line->text[line->nr++];
}

void bench_report_env(FILE *out)
{
	const struct bench_fact *env;
	__u32 nr = bench_env(&env);
	__u32 i;

	for (i = 0; i < nr; i++)
		fprintf(out, "%s%s: %s\n", bench_options.markdown ? "- " : "# ",
			env[i].name, env[i].text);
	fputc('\n', out);
}

/* About three digits. */
static int digits(double value)
{
	if (value >= 99.95)
		return 0;
	if (value >= 9.995)
		return 1;
	return value >= 0.0995 ? 2 : 4;
}

static void format_stat(char *text, const struct bench_stat *stat, bool there)
{
	int places = digits(stat->median);

	if (!there)
		snprintf(text, CELL_CHARS, "-");
	else if (bench_options.markdown)
		snprintf(text, CELL_CHARS, "%.*f", places, stat->median);
	else
		snprintf(text, CELL_CHARS, "%.*f (%.*f-%.*f)", places,
			 stat->median, places, stat->q1, places, stat->q3);
}

static void format_key(char *text, __u64 key)
{
	if (key >= 1024 && !(key & (key - 1)) && key >= 1U << 20)
		snprintf(text, CELL_CHARS, "%lluM", key >> 20);
	else if (key >= 1024 && !(key & 1023))
		snprintf(text, CELL_CHARS, "%lluK", key >> 10);
	else
		snprintf(text, CELL_CHARS, "%llu", key);
}

static void head_line(const struct bench_table *t, struct line *line)
{
	__u32 i;

	line->nr = 0;
	for (i = 0; t->key[i]; i++)
		snprintf(line_next(line), CELL_CHARS, "%s", t->key[i]);
	for (i = 0; t->series[i]; i++)
		snprintf(line_next(line), CELL_CHARS, "%s", t->series[i]);
	for (i = 0; t->ratio[i].name; i++)
		snprintf(line_next(line), CELL_CHARS, "%s", t->ratio[i].name);
}

static void cell_line(const struct bench_table *t,
		      const struct bench_cell *cell, struct line *line)
{
	__u32 i;

	line->nr = 0;
	for (i = 0; t->key[i]; i++)
		format_key(line_next(line), cell->key[i]);
	for (i = 0; t->series[i]; i++)
		format_stat(line_next(line), &cell->series[i].stat,
			    cell->series[i].take);
	for (i = 0; t->ratio[i].name; i++)
		format_stat(line_next(line), &cell->ratio[i],
			    cell->series[t->ratio[i].of].take &&
				    cell->series[t->ratio[i].to].take);
}

static void widen(const struct line *line, __u32 *width)
{
	__u32 i;

	for (i = 0; i < line->nr; i++)
		if (strlen(line->text[i]) > width[i])
			width[i] = (__u32)strlen(line->text[i]);
}

static void print_line(FILE *out, const struct line *line, const __u32 *width)
{
	__u32 i;

	for (i = 0; i < line->nr; i++)
		fprintf(out, "| %*s ", (int)width[i], line->text[i]);
	fputs("|\n", out);
}

static void print_rule(FILE *out, __u32 nr, const __u32 *width)
{
	__u32 i, k;

	for (i = 0; i < nr; i++) {
		fputc('|', out);
		for (k = 0; k <= width[i]; k++)
			fputc('-', out);
		fputc(':', out);
	}
	fputs("|\n", out);
}

static void report_table(FILE *out, const struct bench_table *t)
{
	__u32 width[MAX_COLUMNS] = { 0 };
	struct line line;
	__u32 i;

	fprintf(out,
		"%s: %s, %s; %s is better; medians%s of %u repetitions, ratios"
		" taken repetition by repetition\n\n",
		t->name, t->title, bench_unit_name(t->unit),
		bench_unit_better(t->unit),
		bench_options.markdown ? "" : " (and quartiles)", t->samples);
	head_line(t, &line);
	widen(&line, width);
	for (i = 0; i < t->nr_cells; i++) {
		cell_line(t, &t->cell[i], &line);
		widen(&line, width);
	}
	head_line(t, &line);
	print_line(out, &line, width);
	print_rule(out, line.nr, width);
	for (i = 0; i < t->nr_cells; i++) {
		cell_line(t, &t->cell[i], &line);
		print_line(out, &line, width);
	}
	fputc('\n', out);
}

void bench_report(FILE *out, const struct bench_question *q)
{
	__u32 i;

	for (i = 0; i < q->nr_tables; i++)
		report_table(out, &q->tables[i]);
	for (i = 0; i < q->nr_notes; i++)
		fprintf(out, "%s%s\n", bench_options.markdown ? "- " : "# ",
			q->notes[i]);
	if (q->nr_notes)
		fputc('\n', out);
	fflush(out);
}
