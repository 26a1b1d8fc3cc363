// SPDX-License-Identifier: GPL-2.0-only
/*
 * NOPs of io_uring, by liburing. Its calls are inlined there, so to count apart
 * what the program does, liburing is given a file that is none: it does all it has
 * to, its call fails at once, and the call is then made here. What a call that
 * fails takes is known, and taken off.
 */
#include <errno.h>
#include <liburing.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bench.h"
#include "nop.h"
#include "team.h"
#include "tsc.h"

#define SQPOLL_IDLE_MS 10U
#define CQE_WORDS (sizeof(struct io_uring_cqe) / sizeof(__u64))

static struct io_uring ring;

int nop_uring_open(enum nop_way way)
{
	struct io_uring_params params = { 0 };

	if (way != NOP_URING) {
		params.flags = IORING_SETUP_SQPOLL | IORING_SETUP_SQ_AFF;
		params.sq_thread_cpu = team_cpu(1);
		params.sq_thread_idle = SQPOLL_IDLE_MS;
	}
	return io_uring_queue_init_params(NOP_ENTRIES, &ring, &params);
}

void nop_uring_close(void)
{
	io_uring_queue_exit(&ring);
}

static int call(int fd, __u32 submit, __u32 wait)
{
	return (int)syscall(SYS_io_uring_enter, fd, submit, wait,
			    IORING_ENTER_GETEVENTS, NULL, 8);
}

/* Ticks of a call that fails as liburing's does. */
static __u64 price(void)
{
	__u64 least = ~0ULL;
	__u64 ticks;
	__u32 i;

	for (i = 0; i < 20; i++) {
		ticks = tsc();
		call(-1, 1, 1);
		ticks = tsc() - ticks;
		if (ticks < least)
			least = ticks;
	}
	return least;
}

static int submit_apart(struct nop_job *job, __u32 wait)
{
	int fd = ring.enter_ring_fd;
	__u64 begin;
	int done;

	ring.enter_ring_fd = -1;
	done = io_uring_submit_and_wait(&ring, wait);
	ring.enter_ring_fd = fd;
	if (done != -EBADF)
		return done < 0 ? done : -EIO;
	begin = tsc();
	done = call(fd, job->depth, wait);
	job->inside += tsc() - begin;
	return done < 0 ? -errno : done;
}

static void submit(struct nop_job *job, __u64 first)
{
	__u32 wait = nop_is_awake(job->way) ? 0 : job->depth;
	__u32 i;
	int done;

	for (i = 0; i < job->depth; i++) {
		struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);

		if (!sqe)
			bench_die("io_uring: no request left");
		io_uring_prep_nop(sqe);
		io_uring_sqe_set_data64(sqe, first + i + 1);
	}
	done = job->apart ? submit_apart(job, wait)
			  : io_uring_submit_and_wait(&ring, wait);
	if (done < 0)
		bench_die("io_uring: %s", strerror(-done));
}

BENCH_HOT __u64 add_up(struct io_uring_cqe **cqes, __u32 n)
{
	__u64 words[CQE_WORDS];
	__u64 sum = 0;
	__u32 i, k;

	for (i = 0; i < n; i++) {
		memcpy(words, cqes[i], sizeof(words));
		for (k = 0; k < CQE_WORDS; k++)
			sum += words[k];
	}
	return sum;
}

void nop_uring_run(struct nop_job *job)
{
	struct io_uring_cqe *cqes[NOP_MAX_DEPTH];
	const __u32 depth = job->depth;
	const __u64 items = job->items;
	__u32 spins = 0;
	__u64 i;
	__u32 k, got;

	job->inside = 0;
	job->sum = 0;
	job->extra = job->apart ? items / depth * price() : 0;
	job->expected = bench_sum_expected(items, 1);
	for (i = 0; i < items; i += depth) {
		submit(job, i);
		for (k = 0; k < depth; k += got) {
			got = io_uring_peek_batch_cqe(&ring, cqes, depth - k);
			if (!got)
				bench_wait(&spins, BENCH_SPINS);
			job->sum += add_up(cqes, got);
			io_uring_cq_advance(&ring, got);
		}
	}
}
