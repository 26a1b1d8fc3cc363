// SPDX-License-Identifier: GPL-2.0-only
/*
 * What does a request to the kernel cost that does nothing? pcring.ko's loop device
 * beside io_uring's NOP, in ticks of the TSC: in a machine that executes one
 * instruction a tick (selftests/vm/bench) both sides' instructions, exactly.
 *
 * On one CPU whoever waits has to sleep, or the other side never runs; so the peers
 * that both look need two.
 */
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <time.h>

#include "bench.h"
#include "nop.h"
#include "team.h"
#include "tsc.h"

#define BATCHES 256U
/* Longer than any worker looks that has lost its ctx. */
#define SETTLE_NS 20000000L

enum part { ALL, PROGRAM, CALLS, SYSCALLS, NR_PARTS };

static const struct bench_table tables[NR_PARTS] = {
	[ALL] = { .name = "nop" },
	[PROGRAM] = { .name = "nop-program" },
	[CALLS] = { .name = "nop-kernel" },
	[SYSCALLS] = { .name = "nop-syscalls" },
};

static const char *const names[NOP_WAYS] = {
	[NOP_ENTER] = "pcring, ENTER",	   [NOP_LIB] = "libpcring, ENTER",
	[NOP_WORKER] = "pcring, worker",   [NOP_POLL] = "pcring, polling",
	[NOP_AWAKE] = "pcring, awake",	   [NOP_URING] = "io_uring, enter",
	[NOP_SQPOLL] = "io_uring, SQPOLL", [NOP_SQPOLL_AWAKE] = "SQPOLL, awake",
};

static const struct bench_ratio ratios[] = {
	{ "ENTER/enter", NOP_ENTER, NOP_URING },
	{ "libpcring/enter", NOP_LIB, NOP_URING },
	{ "polling/SQPOLL", NOP_POLL, NOP_SQPOLL },
	{ "awake", NOP_AWAKE, NOP_SQPOLL_AWAKE },
};

static const __u32 depths[] = { 1, NOP_MAX_DEPTH };

/**
 * struct task - a job, and what is to be known of it
 * @job: the requests.
 * @part: which part is the answer.
 * @ticks: what they took.
 * @syscalls: which they took, or a negative errno.
 */
struct task {
	struct nop_job job;
	enum part part;
	__u64 ticks;
	__s64 syscalls;
};

static int open_way(enum nop_way way)
{
	return nop_is_uring(way) ? nop_uring_open(way)
				 : nop_pcring_open(bench_options.device, way);
}

/* The worker, or SQPOLL's thread, must be asleep before others are measured. */
static void close_way(enum nop_way way)
{
	const struct timespec settle = { .tv_nsec = SETTLE_NS };

	if (nop_is_uring(way))
		nop_uring_close();
	else
		nop_pcring_close();
	nanosleep(&settle, NULL);
}

/*
 * On one CPU the program, woken, comes before the worker that goes on looking: it
 * always sleeps while it waits.
 */
static void come_first(void)
{
	const struct sched_param param = { .sched_priority = 1 };

	if (team_cpus() == 1)
		sched_setscheduler(0, SCHED_FIFO, &param);
}

static void run_job(struct nop_job *job)
{
	if (nop_is_uring(job->way))
		nop_uring_run(job);
	else
		nop_pcring_run(job);
}

static void work(__u32 who, void *arg)
{
	struct task *task = arg;
	__u64 begin;

	(void)who;
	come_first();
	task->syscalls = task->part == SYSCALLS ? calls_begin() : 0;
	begin = tsc();
	run_job(&task->job);
	task->ticks = tsc() - begin;
	if (task->part == SYSCALLS && !task->syscalls)
		task->syscalls = (__s64)calls_end();
}

static __u64 answer(const struct task *task)
{
	const struct nop_job *job = &task->job;

	switch (task->part) {
	case PROGRAM:
		return task->ticks - job->inside - job->extra;
	case CALLS:
		return job->inside;
	case SYSCALLS:
		return (__u64)task->syscalls;
	default:
		return task->ticks;
	}
}

static void go(struct task *task, struct bench_sample *sample)
{
	team_run(1, work, task);
	if (task->job.sum != task->job.expected || task->syscalls < 0)
		sample->wrong = true;
}

static void take(const struct bench_params *params, struct bench_sample *sample)
{
	struct task task = {
		.part = params->size,
		.job = {
			.way = params->which,
			.depth = params->burst,
			.items = NOP_ENTRIES,
		},
	};
	int err = open_way(task.job.way);

	if (err)
		bench_die("%s: %s", names[task.job.way], strerror(-err));
	go(&task, sample);
	task.job.items = (__u64)task.job.depth * BATCHES;
	task.job.apart = task.part == PROGRAM || task.part == CALLS;
	go(&task, sample);
	close_way(task.job.way);
	sample->items = task.job.items;
	sample->ns = answer(&task);
}

/* ---- what can be measured here --------------------------------------------------- */

static bool possible(struct bench_question *q, enum nop_way way)
{
	int err = -EAGAIN;

	if (nop_is_awake(way) && team_cpus() < 2) {
		bench_note(q, "skipped %s: takes two CPUs", names[way]);
		return false;
	}
	err = open_way(way);
	if (err) {
		bench_note(q, "skipped %s: %s", names[way], strerror(-err));
		return false;
	}
	close_way(way);
	return true;
}

/* The same instructions take as many ticks, but for an interrupt now and then. */
static bool exact(void)
{
	const __u64 n = 1000;
	__u32 i, hits = 0;
	__u64 ticks;

	for (i = 0; i < 20; i++) {
		ticks = tsc();
		tsc_burn(n);
		ticks = tsc() - ticks;
		hits += ticks >= 2 * n && ticks <= 2 * n + 16;
	}
	return hits >= 15;
}

static const char *title(enum part part)
{
	static const char *const ticks[NR_PARTS] = {
		[ALL] = "ticks of the TSC, program and kernel",
		[PROGRAM] = "ticks of the TSC, the program alone",
		[CALLS] = "ticks of the TSC in system calls, whoever runs",
		[SYSCALLS] = "system calls",
	};
	static const char *const instructions[NR_PARTS] = {
		[ALL] = "instructions, program and kernel",
		[PROGRAM] = "instructions, the program alone",
		[CALLS] = "instructions in system calls, whoever runs",
		[SYSCALLS] = "system calls",
	};

	return exact() ? instructions[part] : ticks[part];
}

static void add(struct bench_question *q, enum part part, const bool *there)
{
	struct bench_table *t = bench_table_add(q, &tables[part]);
	struct bench_params params = { .size = part };
	__u32 i, k;

	t->title = title(part);
	t->unit = BENCH_COUNT;
	t->key[0] = "depth";
	t->x = -1;
	memcpy(t->series, names, sizeof(names));
	if (part != SYSCALLS)
		memcpy(t->ratio, ratios, sizeof(ratios));
	for (i = 0; i < sizeof(depths) / sizeof(*depths); i++) {
		const __u64 key[] = { depths[i] };
		struct bench_cell *cell = bench_cell_add(t, key);

		params.burst = depths[i];
		for (k = 0; k < NOP_WAYS; k++) {
			params.which = k;
			/* Two that run at once: what is inside a call? */
			if (there[k] && (part == ALL || part == SYSCALLS ||
					 !nop_is_awake(k)))
				bench_series_set(cell, k, take, &params, 1);
		}
	}
}

/* What one more item in a batch costs: calls, switches, wakeups cancel out. */
static void sum_up(struct bench_question *q, const struct bench_table *t)
{
	const double n = NOP_MAX_DEPTH;
	__u32 k;

	for (k = 0; k < NOP_WAYS; k++)
		if (t->cell[0].series[k].take)
			bench_note(q, "%s: one more in a batch costs %.0f",
				   names[k],
				   (n * t->cell[1].series[k].stat.median -
				    t->cell[0].series[k].stat.median) /
					   (n - 1));
}

static int run(struct bench_question *q)
{
	bool there[NOP_WAYS];
	int err;
	__u32 i;

	for (i = 0; i < NOP_WAYS; i++)
		there[i] = possible(q, i);
	for (i = 0; i < SYSCALLS; i++)
		add(q, i, there);
	err = calls_open();
	if (err)
		bench_note(q, "system calls are not counted: tracefs: %s",
			   strerror(-err));
	else
		add(q, SYSCALLS, there);
	bench_measure(q);
	calls_close();
	sum_up(q, &q->tables[ALL]);
	return 0;
}

struct bench_question q_nop = {
	.name = "nop",
	.help = "a request to pcring.ko that does nothing, beside io_uring's",
	.run = run,
};
