// SPDX-License-Identifier: GPL-2.0-only
/*
 * What does a request cost that does nothing, there and back? Two rings and a
 * worker thread beside io_uring's NOP: with a kernel thread that looks for
 * requests (SQPOLL), and with a system call for each batch. The two threads do
 * not do what a kernel does around a request; this is what the rings cost.
 */
#include <errno.h>
#include <liburing.h>
#include <string.h>
#include <time.h>

#include "bench.h"
#include "ring.h"
#include "team.h"

#define ENTRIES 256U
#define MAX_DEPTH 32U
#define SQE_WORDS (sizeof(struct pcring_sqe) / sizeof(__u64))
#define CQE_WORDS (sizeof(struct pcring_cqe) / sizeof(__u64))
#define SUBMITTER 0U /* the thread that asks; 1 is the worker, or SQPOLL's */
#define WORKER 1U
#define SQPOLL_IDLE_MS 10U

enum { PCRING, SQPOLL, ENTER, NR };

static const struct bench_table uring = {
	.name = "uring",
	.title = "a request that does nothing, there and back",
	.unit = BENCH_NS,
	.key = { "depth" },
	.x = -1,
	.series = { "pcring, worker", "io_uring, SQPOLL", "io_uring, enter" },
	.ratio = { { "pcring/SQPOLL", PCRING, SQPOLL },
		   { "pcring/enter", PCRING, ENTER } },
};

static const __u32 depths[] = { 1, MAX_DEPTH };

/**
 * struct job - what the two threads share
 * @sq: requests.
 * @cq: completions.
 * @ring: io_uring.
 * @which: PCRING and so on.
 * @depth: requests in flight.
 * @items: requests, a multiple of @depth.
 * @sum: what the completions added up to.
 */
struct job {
	struct ring sq;
	struct ring cq;
	struct io_uring ring;
	__u32 which;
	__u32 depth;
	__u64 items;
	__u64 sum BENCH_PADDED;
};

static struct job job BENCH_PADDED;

/* The structs go through words: what is pushed is read as __u64. */
BENCH_HOT void make_sqe(__u64 *to, __u64 user_data)
{
	const struct pcring_sqe sqe = {
		.block = PCRING_BLOCK_NONE,
		.user_data = user_data,
	};

	memcpy(to, &sqe, sizeof(sqe));
}

BENCH_HOT void make_cqe(__u64 *to, const __u64 *from, __u64 seq)
{
	struct pcring_cqe cqe = { .block = PCRING_BLOCK_NONE, .seq = seq };
	struct pcring_sqe sqe;

	memcpy(&sqe, from, sizeof(sqe));
	cqe.res = PCRING_SQE_OPCODE(sqe.ctl) ? -EOPNOTSUPP : 0;
	cqe.user_data = sqe.user_data;
	memcpy(to, &cqe, sizeof(cqe));
}

BENCH_HOT __u64 sum_cqes(const __u64 *from, __u32 n)
{
	struct pcring_cqe cqe;
	__u64 sum = 0;
	__u32 i;

	for (i = 0; i < n; i++) {
		memcpy(&cqe, from + i * CQE_WORDS, sizeof(cqe));
		sum += cqe.user_data + (__u64)cqe.res;
	}
	return sum;
}

BENCH_HOT __u64 ask_pcring(__u32 depth, const struct job *j)
{
	__u64 sqes[MAX_DEPTH * SQE_WORDS] BENCH_PADDED;
	__u64 cqes[MAX_DEPTH * CQE_WORDS] BENCH_PADDED;
	const struct ring sq = j->sq;
	const struct ring cq = j->cq;
	const __u64 items = j->items;
	__u32 spins = 0;
	__u64 sum = 0;
	__u64 i;
	__u32 k;

	for (i = 0; i < items; i += depth) {
		for (k = 0; k < depth; k++)
			make_sqe(sqes + k * SQE_WORDS, i + k + 1);
		ring_push_all(RING_PCRING, &sq, sqes, depth,
			      sizeof(struct pcring_sqe));
		for (k = 0; k < depth;) {
			__u32 got = ring_pop(RING_PCRING, &cq, cqes, depth - k,
					     sizeof(struct pcring_cqe));

			if (!got)
				bench_wait(&spins, BENCH_SPINS);
			sum += sum_cqes(cqes, got);
			k += got;
		}
	}
	return sum;
}

BENCH_HOT void answer_pcring(__u32 depth, const struct job *j)
{
	__u64 sqes[MAX_DEPTH * SQE_WORDS] BENCH_PADDED;
	__u64 cqes[MAX_DEPTH * CQE_WORDS] BENCH_PADDED;
	const struct ring sq = j->sq;
	const struct ring cq = j->cq;
	const __u64 items = j->items;
	__u32 spins = 0;
	__u64 i = 0;
	__u32 k;

	while (i < items) {
		__u32 got = ring_pop(RING_PCRING, &sq, sqes, depth,
				     sizeof(struct pcring_sqe));

		if (!got) {
			bench_wait(&spins, BENCH_SPINS);
			continue;
		}
		for (k = 0; k < got; k++)
			make_cqe(cqes + k * CQE_WORDS, sqes + k * SQE_WORDS,
				 i + k);
		ring_push_all(RING_PCRING, &cq, cqes, got,
			      sizeof(struct pcring_cqe));
		i += got;
	}
}

static void submit_nops(struct io_uring *ring, __u32 depth, __u64 first,
			__u32 wait)
{
	__u32 k;
	int done;

	for (k = 0; k < depth; k++) {
		struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

		if (!sqe)
			bench_die("io_uring: no request left");
		io_uring_prep_nop(sqe);
		io_uring_sqe_set_data64(sqe, first + k + 1);
	}
	done = io_uring_submit_and_wait(ring, wait);
	if (done < 0)
		bench_die("io_uring: %s", strerror(-done));
}

static __u64 ask_uring(const struct job *j, struct io_uring *ring)
{
	struct io_uring_cqe *cqes[MAX_DEPTH];
	const __u32 wait = j->which == ENTER ? j->depth : 0;
	const __u32 depth = j->depth;
	const __u64 items = j->items;
	__u32 spins = 0;
	__u64 sum = 0;
	__u64 i;
	__u32 k, n, got;

	for (i = 0; i < items; i += depth) {
		submit_nops(ring, depth, i, wait);
		for (k = 0; k < depth; k += got) {
			got = io_uring_peek_batch_cqe(ring, cqes, depth - k);
			if (!got)
				bench_wait(&spins, BENCH_SPINS);
			for (n = 0; n < got; n++)
				sum += cqes[n]->user_data + (__u64)cqes[n]->res;
			io_uring_cq_advance(ring, got);
		}
	}
	return sum;
}

static void work(__u32 who, void *arg)
{
	struct job *j = arg;

	if (j->which != PCRING)
		j->sum = ask_uring(j, &j->ring);
	else if (who == WORKER)
		answer_pcring(j->depth, j);
	else if (j->depth == 1)
		j->sum = ask_pcring(1, j);
	else
		j->sum = ask_pcring(j->depth, j);
}

/* Made anew for each sample: SQPOLL's thread must not spin beside the others. */
static int open_uring(__u32 which)
{
	struct io_uring_params params = { 0 };

	if (which == SQPOLL) {
		params.flags = IORING_SETUP_SQPOLL | IORING_SETUP_SQ_AFF;
		params.sq_thread_cpu = team_cpu(WORKER);
		params.sq_thread_idle = SQPOLL_IDLE_MS;
	}
	return io_uring_queue_init_params(ENTRIES, &job.ring, &params);
}

/*
 * The kernel takes the ring apart later, and until then SQPOLL's thread goes on
 * looking for work, on the CPU that the next sample is measured on.
 */
static void close_uring(__u32 which)
{
	const struct timespec idle = { .tv_nsec =
					       2 * SQPOLL_IDLE_MS * 1000000L };

	io_uring_queue_exit(&job.ring);
	if (which == SQPOLL)
		nanosleep(&idle, NULL);
}

static void go(struct bench_sample *sample)
{
	__u32 depth = job.depth;

	job.items = (sample->items + depth - 1) / depth * depth;
	job.sum = 0;
	sample->ns = team_run(job.which == PCRING ? 2 : 1, work, &job);
	sample->items = job.items;
	if (job.sum != bench_sum_expected(job.items, 1))
		sample->wrong = true;
}

static void take(const struct bench_params *params, struct bench_sample *sample)
{
	struct bench_sample warm = { .items = ENTRIES };
	int err;

	job.which = params->which;
	job.depth = params->burst;
	if (job.which == PCRING) {
		ring_reset(&job.sq, RING_PCRING, ENTRIES,
			   sizeof(struct pcring_sqe), 1);
		ring_reset(&job.cq, RING_PCRING, ENTRIES,
			   sizeof(struct pcring_cqe), 1);
	} else {
		err = open_uring(job.which);
		if (err)
			bench_die("io_uring: %s", strerror(-err));
	}
	go(&warm);
	go(sample);
	sample->wrong |= warm.wrong;
	if (job.which != PCRING)
		close_uring(job.which);
}

/* Does this host let us? If not, say why, and go on without. */
static bool possible(struct bench_question *q, __u32 which)
{
	int err = open_uring(which);

	if (err) {
		bench_note(q, "skipped %s: %s", uring.series[which],
			   strerror(-err));
		return false;
	}
	close_uring(which);
	return true;
}

static int run(struct bench_question *q)
{
	struct bench_table *t = bench_table_add(q, &uring);
	const bool there[NR] = {
		[PCRING] = true,
		[SQPOLL] = possible(q, SQPOLL),
		[ENTER] = possible(q, ENTER),
	};
	__u32 i, k;

	ring_create(&job.sq, ENTRIES * sizeof(struct pcring_sqe));
	ring_create(&job.cq, ENTRIES * sizeof(struct pcring_cqe));
	for (i = 0; i < sizeof(depths) / sizeof(*depths); i++) {
		const __u64 key[] = { depths[i] };
		struct bench_cell *cell = bench_cell_add(t, key);
		struct bench_params params = { .burst = depths[i] };

		for (k = 0; k < NR; k++) {
			params.which = k;
			if (there[k])
				bench_series_set(cell, k, take, &params, 1);
		}
	}
	bench_measure(q);
	ring_destroy(&job.cq);
	ring_destroy(&job.sq);
	return 0;
}

struct bench_question q_uring = {
	.name = "uring",
	.help = "a request that does nothing, beside io_uring's NOP",
	.run = run,
};
