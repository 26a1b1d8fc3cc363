/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pcring-bench: questions, and the tables that answer them.
 *
 * A question fills tables with cells; a cell has one series a peer; a series is
 * sampled again and again, all series of all cells in turn, because the speed of
 * a machine wanders and only neighbouring samples can be compared.
 */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stdbool.h>
#include <stdio.h>
#include <linux/types.h>

#define BENCH_MAX_KEYS 4U
#define BENCH_MAX_SERIES 8U
#define BENCH_MAX_RATIOS 8U
#define BENCH_MAX_CELLS 128U
#define BENCH_MAX_TABLES 4U
#define BENCH_MAX_NOTES 16U

/**
 * struct bench_options - what the command line says
 * @seconds: to spend on a question, about.
 * @sample_ns: a repetition shall take about so long.
 * @min_samples: at least so many of each series.
 * @quick: a check that everything works, not a measurement.
 * @spoil: expect wrong sums, to see that they are noticed.
 * @markdown: tables to paste.
 * @json: file to write, or NULL.
 * @svg: folder for plots, or NULL.
 * @cpus: list of CPUs, or NULL.
 * @device: of the module's loop driver.
 * @command: the command line.
 */
struct bench_options {
	double seconds;
	__u64 sample_ns;
	__u32 min_samples;
	bool quick;
	bool spoil;
	bool markdown;
	const char *json;
	const char *svg;
	const char *cpus;
	const char *device;
	char command[512];
};

extern struct bench_options bench_options;

/**
 * struct bench_params - what a sample is to do; each question uses its own part
 * @which: a ring, or a way of handing data over.
 * @size: bytes of an item.
 * @burst: items handed over at a time, or requests in flight.
 * @entries: entries of the ring; of record rings bytes.
 * @producers: how many.
 */
struct bench_params {
	__u32 which;
	__u32 size;
	__u32 burst;
	__u32 entries;
	__u32 producers;
};

/**
 * struct bench_sample - one repetition
 * @items: in: items to move; out: items moved, if that is not the same.
 * @ns: out: how long it took.
 * @wrong: out: what the consumer saw is not what was sent.
 */
struct bench_sample {
	__u64 items;
	__u64 ns;
	bool wrong;
};

struct bench_stat {
	double median;
	double q1;
	double q3;
};

/**
 * struct bench_series - one peer in one cell
 * @take: makes a sample; NULL: this peer does not exist in this cell.
 * @params: for @take.
 * @weight: units an item counts for (bytes, or 1).
 * @items: how many fill a repetition, adapted from sample to sample.
 * @value: the samples, in the table's unit.
 * @stat: of @value.
 */
struct bench_series {
	void (*take)(const struct bench_params *params,
		     struct bench_sample *sample);
	struct bench_params params;
	double weight;
	__u64 items;
	double *value;
	struct bench_stat stat;
};

struct bench_cell {
	__u64 key[BENCH_MAX_KEYS];
	struct bench_series series[BENCH_MAX_SERIES];
	struct bench_stat ratio[BENCH_MAX_RATIOS];
};

enum bench_unit {
	BENCH_MITEMS, /* million items a second */
	BENCH_MBYTES, /* million bytes a second */
	BENCH_NS, /* nanoseconds an item */
	BENCH_COUNT, /* @ns of a sample is a count, not a time; an item */
};

struct bench_ratio {
	const char *name;
	__u32 of;
	__u32 to;
};

/**
 * struct bench_table - one answer
 * @name: also of the plots, a word.
 * @title: one line.
 * @unit: of the values.
 * @key: names of the keys, NULL from the first unused on.
 * @x: key along which a plot goes, the others make a plot each; -1: bars.
 * @series: names of the peers, NULL from the first unused on.
 * @ratio: which ratios are printed, taken sample by sample.
 * @nr_cells: in @cell.
 * @cell: what is measured.
 * @samples: of each series.
 */
struct bench_table {
	const char *name;
	const char *title;
	enum bench_unit unit;
	const char *key[BENCH_MAX_KEYS + 1];
	int x;
	const char *series[BENCH_MAX_SERIES + 1];
	struct bench_ratio ratio[BENCH_MAX_RATIOS + 1];
	__u32 nr_cells;
	struct bench_cell *cell;
	__u32 samples;
};

/**
 * struct bench_question - a file each
 * @name: how it is called on the command line.
 * @help: one line.
 * @run: fills @tables and @notes. Return: 0 or -errno.
 * @tables: the answer.
 * @nr_tables: how many.
 * @notes: what is to be said beside it: skipped peers, results drawn from it.
 * @nr_notes: how many.
 * @wrong: samples whose sum was wrong.
 * @taken: samples taken.
 * @disturbed: those during which a thread lost its CPU.
 */
struct bench_question {
	const char *name;
	const char *help;
	int (*run)(struct bench_question *q);
	struct bench_table tables[BENCH_MAX_TABLES];
	__u32 nr_tables;
	char *notes[BENCH_MAX_NOTES];
	__u32 nr_notes;
	__u64 wrong;
	__u64 taken;
	__u64 disturbed;
};

/* A file each, and all of them, ending with NULL. */
extern struct bench_question q_throughput;
extern struct bench_question q_roundtrip;
extern struct bench_question q_scale;
extern struct bench_question q_producers;
extern struct bench_question q_records;
extern struct bench_question q_crossover;
extern struct bench_question q_uring;
extern struct bench_question q_nop;
extern struct bench_question *const bench_questions[];

/* table.c */
struct bench_table *bench_table_add(struct bench_question *q,
				    const struct bench_table *table);
struct bench_cell *bench_cell_add(struct bench_table *t, const __u64 *key);
void bench_series_set(struct bench_cell *cell, __u32 nr,
		      void (*take)(const struct bench_params *,
				   struct bench_sample *),
		      const struct bench_params *params, double weight);
__u32 bench_table_nr_series(const struct bench_table *t);
__u32 bench_table_nr_keys(const struct bench_table *t);
const char *bench_unit_name(enum bench_unit unit);
const char *bench_unit_better(enum bench_unit unit);
void bench_table_free(struct bench_table *t);
__attribute__((format(printf, 2, 3))) void bench_note(struct bench_question *q,
						      const char *fmt, ...);

/* measure.c */
void bench_measure(struct bench_question *q);
__u64 bench_now(void);
/* What a consumer of @items items of bench_fill() must have summed up. */
__u64 bench_sum_expected(__u64 items, __u32 words);

/* What was measured on. */
struct bench_fact {
	const char *name;
	const char *text;
};

/* env.c: how many facts there are at @facts. */
__u32 bench_env(const struct bench_fact **facts);

/* report.c, json.c, plot.c */
void bench_report_env(FILE *out);
void bench_report(FILE *out, const struct bench_question *q);
int bench_json_add(const struct bench_question *q);
int bench_json_write(const char *path);
int bench_plot(const char *folder, const struct bench_question *q);

__attribute__((noreturn, format(printf, 1, 2))) void bench_die(const char *fmt,
							       ...);

#endif /* BENCH_BENCH_H */
