// SPDX-License-Identifier: GPL-2.0-only
/*
 * The template: produce() and consume(), inlined once for each ring and size,
 * and for bursts of one, which every ring may specialise for.
 */
#include <errno.h>
#include <linux/perf_event.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ring.h"
#include "spsc.h"
#include "team.h"

/**
 * struct job - what the two threads share, read before the loop, written after
 * @ring: the ring.
 * @which: enum ring_which.
 * @size: bytes of an item.
 * @burst: items pushed or popped at a time.
 * @items: how many, a multiple of @burst.
 * @alone: one thread is both sides.
 * @count: count its instructions.
 * @counted: how many there were.
 * @sum: what the consumer added up.
 */
struct job {
	struct ring ring;
	__u32 which;
	__u32 size;
	__u32 burst;
	__u64 items;
	bool alone;
	bool count;
	__u64 counted;
	__u64 sum BENCH_PADDED;
};

static struct job job BENCH_PADDED;

BENCH_HOT void produce(const enum ring_which which, const __u32 size,
		       __u32 burst, const struct job *j)
{
	__u64 batch[BENCH_BATCH_WORDS] BENCH_PADDED;
	const struct ring ring = j->ring;
	const __u64 items = j->items;
	__u64 i;

	for (i = 0; i < items; i += burst) {
		bench_fill(batch, i, burst, size / 8);
		ring_push_all(which, &ring, batch, burst, size);
	}
}

BENCH_HOT __u64 consume(const enum ring_which which, const __u32 size,
			__u32 burst, const struct job *j)
{
	__u64 batch[BENCH_BATCH_WORDS] BENCH_PADDED;
	const struct ring ring = j->ring;
	const __u64 items = j->items;
	__u32 spins = 0;
	__u64 sum = 0;
	__u64 i = 0;

	while (i < items) {
		__u32 got = ring_pop(which, &ring, batch, burst, size);

		if (!got) {
			bench_wait(&spins, BENCH_SPINS);
			continue;
		}
		sum += bench_sum(batch, got, size / 8);
		i += got;
	}
	return sum;
}

BENCH_HOT __u64 alternate(const enum ring_which which, const __u32 size,
			  __u32 burst, const struct job *j)
{
	__u64 batch[BENCH_BATCH_WORDS] BENCH_PADDED;
	const struct ring ring = j->ring;
	const __u64 items = j->items;
	__u64 sum = 0;
	__u64 i;

	for (i = 0; i < items; i += burst) {
		bench_fill(batch, i, burst, size / 8);
		if (ring_push(which, &ring, batch, burst, size) != burst ||
		    ring_pop(which, &ring, batch, burst, size) != burst)
			return 0; /* a wrong sum */
		sum += bench_sum(batch, burst, size / 8);
	}
	return sum;
}

BENCH_HOT void side(const enum ring_which which, const __u32 size, __u32 burst,
		    __u32 who, struct job *j)
{
	if (j->alone)
		j->sum = alternate(which, size, burst, j);
	else if (who == TEAM_CONSUMER)
		j->sum = consume(which, size, burst, j);
	else
		produce(which, size, burst, j);
}

BENCH_HOT void side_size(const enum ring_which which, __u32 who, struct job *j)
{
	const __u32 burst = j->burst;

	if (j->size == 8 && burst == 1)
		side(which, 8, 1, who, j);
	else if (j->size == 8)
		side(which, 8, burst, who, j);
	else if (burst == 1)
		side(which, 64, 1, who, j);
	else
		side(which, 64, burst, who, j);
}

static __attribute__((noinline)) void side_pcring(__u32 who, struct job *j)
{
	side_size(RING_PCRING, who, j);
}

static __attribute__((noinline)) void side_rte(__u32 who, struct job *j)
{
	side_size(RING_RTE, who, j);
}

static __attribute__((noinline)) void side_ck(__u32 who, struct job *j)
{
	side_size(RING_CK, who, j);
}

static void work_which(__u32 who, struct job *j)
{
	switch (j->which) {
	case RING_PCRING:
		side_pcring(who, j);
		break;
	case RING_RTE:
		side_rte(who, j);
		break;
	default:
		side_ck(who, j);
		break;
	}
}

/* Instructions of this thread, in user mode. */
static int counter_open(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_HARDWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_HW_INSTRUCTIONS,
		.disabled = 1,
		.exclude_kernel = 1,
		.exclude_hv = 1,
	};
	long fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0UL);

	return fd < 0 ? -errno : (int)fd;
}

static void work_counted(struct job *j)
{
	int fd = counter_open();

	if (fd < 0 || ioctl(fd, PERF_EVENT_IOC_ENABLE, 0))
		bench_die("counting instructions: %s", strerror(errno));
	work_which(TEAM_CONSUMER, j);
	ioctl(fd, PERF_EVENT_IOC_DISABLE, 0);
	if (read(fd, &j->counted, sizeof(j->counted)) != sizeof(j->counted))
		bench_die("counting instructions: %s", strerror(errno));
	close(fd);
}

static void work(__u32 who, void *arg)
{
	struct job *j = arg;

	if (j->count)
		work_counted(j);
	else
		work_which(who, j);
}

static __u64 round_up(__u64 items, __u32 burst)
{
	return (items + burst - 1) / burst * burst;
}

static void run(struct bench_sample *sample)
{
	job.items = round_up(sample->items, job.burst);
	job.sum = 0;
	sample->ns = team_run(job.alone ? 1 : 2, work, &job);
	sample->items = job.items;
	if (job.sum != bench_sum_expected(job.items, job.size / 8))
		sample->wrong = true;
}

static void prepare(const struct bench_params *params)
{
	if (!job.ring.bytes)
		ring_create(&job.ring, (size_t)64 << 16);
	ring_reset(&job.ring, params->which, params->entries, params->size, 1);
	job.which = params->which;
	job.size = params->size;
	job.burst = params->burst;
}

void spsc_take(const struct bench_params *params, struct bench_sample *sample)
{
	/* Two laps, so that each side's caches and pages are its own. */
	struct bench_sample warm = { .items = 2ULL * params->entries };

	prepare(params);
	run(&warm);
	run(sample);
	sample->wrong |= warm.wrong;
}

void spsc_alone_take(const struct bench_params *params,
		     struct bench_sample *sample)
{
	job.alone = true;
	spsc_take(params, sample);
	job.alone = false;
}

void spsc_count_take(const struct bench_params *params,
		     struct bench_sample *sample)
{
	/* Whole laps, or rings of different sizes wrap more or less often. */
	sample->items = 4ULL << 16;
	prepare(params);
	job.alone = true;
	job.count = true;
	run(sample);
	job.count = false;
	job.alone = false;
	sample->ns = job.counted;
}

int spsc_count_possible(void)
{
	int fd = counter_open();

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}
