// SPDX-License-Identifier: GPL-2.0-only
/*
 * Plots, an SVG for each combination of the keys that are not the x axis, drawn
 * by gnuplot. Medians, with quartiles as bars.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "bench.h"

#define NAME_CHARS 256U

/* Do two cells belong into one plot? */
static bool same_plot(const struct bench_table *t, const struct bench_cell *a,
		      const struct bench_cell *b)
{
	int i;

	for (i = 0; t->key[i]; i++)
		if (i != t->x && a->key[i] != b->key[i])
			return false;
	return true;
}

static void plot_name(char *name, const struct bench_table *t,
		      const struct bench_cell *cell, const char *between)
{
	size_t at = (size_t)snprintf(name, NAME_CHARS, "%s", t->name);
	int i;

	for (i = 0; t->key[i]; i++)
		if (t->x >= 0 && i != t->x)
			at += (size_t)snprintf(name + at, NAME_CHARS - at,
					       "%s%s%s%llu", between, t->key[i],
					       *between == '-' ? "" : " ",
					       cell->key[i]);
}

static void plot_series(FILE *out, const struct bench_table *t,
			const struct bench_cell *first, __u32 nr)
{
	const struct bench_cell *cell = t->cell;
	__u32 i;

	for (i = 0; i < t->nr_cells; i++, cell++) {
		const struct bench_stat *s = &cell->series[nr].stat;

		if (t->x >= 0 && !same_plot(t, first, cell))
			continue;
		if (!cell->series[nr].take)
			continue;
		fprintf(out, "%llu %g %g %g\n",
			t->x < 0 ? (unsigned long long)i : cell->key[t->x],
			s->median, s->q1, s->q3);
	}
	fputs("e\n", out);
}

/* Without an x axis: a place a cell, named by its keys. */
static void plot_places(FILE *out, const struct bench_table *t)
{
	__u32 i, k;

	fprintf(out, "set xrange [-0.5:%u.5]\nset xtics (", t->nr_cells - 1);
	for (i = 0; i < t->nr_cells; i++) {
		fputs(i ? ", \"" : "\"", out);
		for (k = 0; t->key[k]; k++)
			fprintf(out, "%s%s %llu", k ? "\\n" : "", t->key[k],
				t->cell[i].key[k]);
		fprintf(out, "\" %u", i);
	}
	fputs(")\n", out);
}

static bool series_there(const struct bench_table *t,
			 const struct bench_cell *first, __u32 nr)
{
	__u32 i;

	for (i = 0; i < t->nr_cells; i++)
		if ((t->x < 0 || same_plot(t, first, &t->cell[i])) &&
		    t->cell[i].series[nr].take)
			return true;
	return false;
}

static void plot_draw(FILE *out, const struct bench_table *t,
		      const struct bench_cell *first, const char *path)
{
	const char *between = "";
	char title[NAME_CHARS];
	__u32 i;

	plot_name(title, t, first, ", ");
	fprintf(out,
		"reset\nset terminal svg size 720,440 background 'white'\n"
		"set output '%s'\nset title '%s'\nset ylabel '%s'\n"
		"set grid\nset key outside right\nset logscale y\n",
		path, title, bench_unit_name(t->unit));
	if (t->x < 0)
		plot_places(out, t);
	else
		fprintf(out,
			"set logscale x 2\nset format x '%%.0b%%B'\n"
			"set xlabel '%s'\n",
			t->key[t->x]);
	fputs("plot ", out);
	for (i = 0; t->series[i]; i++) {
		if (!series_there(t, first, i))
			continue;
		fprintf(out, "%s'-' with yerrorlines title '%s' noenhanced",
			between, t->series[i]);
		between = ", ";
	}
	fputs("\n", out);
	for (i = 0; t->series[i]; i++)
		if (series_there(t, first, i))
			plot_series(out, t, first, i);
	fputs("set output\n", out);
}

static void plot_table(FILE *out, const char *folder,
		       const struct bench_table *t)
{
	char path[2 * NAME_CHARS];
	char name[NAME_CHARS];
	__u32 i, k;

	for (i = 0; i < t->nr_cells; i++) {
		for (k = 0; k < i; k++)
			if (t->x < 0 || same_plot(t, &t->cell[k], &t->cell[i]))
				break;
		if (k < i)
			continue; /* drawn already */
		plot_name(name, t, &t->cell[i], "-");
		snprintf(path, sizeof(path), "%s/%s.svg", folder, name);
		plot_draw(out, t, &t->cell[i], path);
	}
}

int bench_plot(const char *folder, const struct bench_question *q)
{
	FILE *out;
	__u32 i;

	if (mkdir(folder, 0777) && errno != EEXIST)
		return -errno;
	out = popen("gnuplot", "w");
	if (!out)
		return -errno;
	for (i = 0; i < q->nr_tables; i++)
		plot_table(out, folder, &q->tables[i]);
	return pclose(out) ? -EIO : 0;
}
