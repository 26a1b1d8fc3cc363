// SPDX-License-Identifier: GPL-2.0-only
/*
 * pcring-bench: what the rings cost, beside their peers and beside the machine.
 */
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "team.h"

struct bench_options bench_options = {
	.seconds = 20,
	.sample_ns = 8000000,
	.min_samples = 5,
	.device = "/dev/pcring/loop0",
};

struct bench_question *const bench_questions[] = {
#ifndef BENCH_DEVICE
	&q_throughput, &q_roundtrip, &q_scale, &q_producers,
	&q_records,    &q_crossover, &q_uring,
#endif
	&q_nop,	       NULL,
};

void bench_die(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fputs("pcring-bench: ", stderr);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
	va_end(args);
	exit(1);
}

/* One table: getopt's options and the help. */
static const struct {
	struct option option;
	const char *argument;
	const char *help;
} options[] = {
	{ { "seconds", required_argument, NULL, 's' },
	  "N",
	  "spend about N seconds on a question (20)" },
	{ { "json", required_argument, NULL, 'j' },
	  "FILE",
	  "write everything, with each sample, to FILE" },
	{ { "svg", required_argument, NULL, 'p' },
	  "DIR",
	  "draw plots into DIR (needs gnuplot)" },
	{ { "markdown", no_argument, NULL, 'm' },
	  "",
	  "print medians alone, to paste" },
	{ { "cpus", required_argument, NULL, 'c' },
	  "A,B[,...]",
	  "CPUs of the consumer and of the producers" },
	{ { "device", required_argument, NULL, 'd' },
	  "PATH",
	  "of a loop device, for nop (/dev/pcring/loop0)" },
	{ { "quick", no_argument, NULL, 'q' },
	  "",
	  "only see that everything works: figures mean nothing" },
	{ { "spoil", no_argument, NULL, 'x' },
	  "",
	  "expect wrong sums: every sample must be found wrong" },
	{ { "list", no_argument, NULL, 'l' }, "", "list the questions" },
	{ { "help", no_argument, NULL, 'h' }, "", "print this" },
};

#define NR_OPTIONS (sizeof(options) / sizeof(*options))

static void list(bool help)
{
	__u32 i;

	for (i = 0; bench_questions[i]; i++)
		if (help)
			printf("  %-12s %s\n", bench_questions[i]->name,
			       bench_questions[i]->help);
		else
			puts(bench_questions[i]->name);
}

static void print_help(void)
{
	__u32 i;

	puts("Usage: pcring-bench [OPTION...] [QUESTION...]\n\n"
	     "Questions, all of them if none is named:");
	list(true);
	puts("\nOptions:");
	for (i = 0; i < NR_OPTIONS; i++)
		printf("  --%-9s %-10s %s\n", options[i].option.name,
		       options[i].argument, options[i].help);
}

static void be_quick(void)
{
	bench_options.quick = true;
	bench_options.seconds = 0;
	bench_options.sample_ns = 200000;
	bench_options.min_samples = 3;
}

static void set_seconds(const char *text)
{
	char *end;

	bench_options.seconds = strtod(text, &end);
	if (end == text || *end || !(bench_options.seconds >= 0))
		bench_die("--seconds %s: not a number of seconds", text);
}

static void parse_one(int option)
{
	switch (option) {
	case 's':
		set_seconds(optarg);
		break;
	case 'j':
		bench_options.json = optarg;
		break;
	case 'p':
		bench_options.svg = optarg;
		break;
	case 'm':
		bench_options.markdown = true;
		break;
	case 'c':
		bench_options.cpus = optarg;
		break;
	case 'd':
		bench_options.device = optarg;
		break;
	case 'q':
		be_quick();
		break;
	case 'x':
		bench_options.spoil = true;
		break;
	case 'l':
		list(false);
		exit(0);
	case 'h':
		print_help();
		exit(0);
	default:
		exit(2);
	}
}

static void parse(int argc, char **argv)
{
	struct option longs[NR_OPTIONS + 1] = { 0 };
	__u32 i;
	int option;

	for (i = 0; i < NR_OPTIONS; i++)
		longs[i] = options[i].option;
	while ((option = getopt_long(argc, argv, "", longs, NULL)) != -1)
		parse_one(option);
}

static void keep_command(int argc, char **argv)
{
	const char *name = strrchr(argv[0], '/');
	size_t at;
	int i;

	at = (size_t)snprintf(bench_options.command,
			      sizeof(bench_options.command), "%s",
			      name ? name + 1 : argv[0]);
	for (i = 1; i < argc && at < sizeof(bench_options.command); i++)
		at += (size_t)snprintf(bench_options.command + at,
				       sizeof(bench_options.command) - at,
				       " %s", argv[i]);
}

static struct bench_question *find(const char *name)
{
	__u32 i;

	for (i = 0; bench_questions[i]; i++)
		if (!strcmp(bench_questions[i]->name, name))
			return bench_questions[i];
	bench_die("%s: no such question; --list names them", name);
}

/* Return: what went wrong, 0 or -errno. */
static int ask(struct bench_question *q)
{
	int err = q->run(q);
	__u32 i;

	if (err) {
		fprintf(stderr, "pcring-bench: %s: %s\n", q->name,
			strerror(-err));
		return err;
	}
	bench_report(stdout, q);
	if (bench_options.json)
		err = bench_json_add(q);
	if (!err && bench_options.svg)
		err = bench_plot(bench_options.svg, q);
	if (err)
		fprintf(stderr, "pcring-bench: %s: writing the answer: %s\n",
			q->name, strerror(-err));
	for (i = 0; i < q->nr_tables; i++)
		bench_table_free(&q->tables[i]);
	for (i = 0; i < q->nr_notes; i++)
		free(q->notes[i]);
	q->nr_tables = 0;
	q->nr_notes = 0;
	return err ? err : q->wrong ? -EIO : 0;
}

static void set_cpus(void)
{
	if (team_configure(bench_options.cpus))
		bench_die("--cpus %s: not a list of CPUs that may be used",
			  bench_options.cpus);
	if (team_cpus() < 2)
		fputs("pcring-bench: one CPU: both sides share it, and the"
		      " figures mean little\n",
		      stderr);
}

int main(int argc, char **argv)
{
	int failed = 0;
	__u32 i;

	keep_command(argc, argv);
	parse(argc, argv);
	set_cpus();
	for (i = (__u32)optind; i < (__u32)argc; i++)
		find(argv[i]);
	bench_report_env(stdout);
	if (optind == argc)
		for (i = 0; bench_questions[i]; i++)
			failed |= ask(bench_questions[i]);
	for (; optind < argc; optind++)
		failed |= ask(find(argv[optind]));
	team_stop();
	if (bench_options.json && bench_json_write(bench_options.json)) {
		fprintf(stderr, "pcring-bench: %s: cannot be written\n",
			bench_options.json);
		failed = 1;
	}
	return failed ? 1 : 0;
}
