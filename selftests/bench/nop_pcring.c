// SPDX-License-Identifier: GPL-2.0-only
/*
 * NOPs of a loop device. The rings by the header's inline functions and one ENTER
 * for a batch, as a program would that counts every instruction; or by the
 * library's functions alone.
 */
#include <errno.h>
#include <pcring.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <linux/pcring_loop.h>

#include "bench.h"
#include "nop.h"
#include "team.h"
#include "tsc.h"

#define CQE_WORDS (sizeof(struct pcring_cqe) / sizeof(__u64))
#define MAX_SPIN_US 1000U

static struct pcring_ctx *ctx;
static struct pcring_ring *sq, *cq;
static __u64 *inside; /* of the job, while there is one */

/* The linker hands every ioctl() of this program, the library's too, to this. */
int __wrap_ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	void *arg;
	__u64 begin;
	int ret;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	begin = tsc();
	ret = __real_ioctl(fd, request, arg);
	if (inside)
		*inside += tsc() - begin;
	return ret;
}

int nop_pcring_open(const char *device, enum nop_way way)
{
	bool looks = way == NOP_POLL || way == NOP_AWAKE;
	struct pcring_ring_desc rings[2];
	struct pcring_ctx_opts opts = {
		.size = sizeof(opts),
		.rings = rings,
		.nr_rings = 2,
	};
	int err;

	pcring_ring_desc_init(&rings[0], PCRING_KIND_SQ, NOP_ENTRIES);
	pcring_ring_desc_init(&rings[1], PCRING_KIND_CQ, NOP_ENTRIES);
	if (looks)
		rings[0].spin_us = MAX_SPIN_US;
	if (way == NOP_ENTER || way == NOP_LIB) {
		opts.setup_flags = PCRING_SETUP_ENTER_ONLY;
	} else {
		opts.setup_flags = PCRING_SETUP_AFFINITY;
		opts.worker_cpu = team_cpu(1);
	}
	err = pcring_ctx_open(device, &opts, &ctx);
	if (err)
		return err;
	sq = pcring_ctx_ring(ctx, 0);
	cq = pcring_ctx_ring(ctx, 1);
	return 0;
}

void nop_pcring_close(void)
{
	pcring_ctx_close(ctx);
	ctx = NULL;
}

static void call(__u32 submit, __u32 wait)
{
	struct pcring_enter enter = {
		.size = sizeof(enter),
		.flags = wait ? PCRING_ENTER_WAIT : 0,
		.submit = submit,
		.ring = 1,
		.min = wait,
		.timeout_ns = PCRING_NO_TIMEOUT,
	};

	if (ioctl(pcring_ctx_fd(ctx), PCRING_IOC_ENTER, &enter))
		bench_die("ENTER: %s", strerror(errno));
}

BENCH_HOT void make(struct pcring_sqe *sqes, __u64 first, __u32 n)
{
	__u32 i;

	for (i = 0; i < n; i++)
		pcring_sqe_init(&sqes[i], PCRING_LOOP_NOP, first + i + 1);
}

/* Every byte is looked at. */
BENCH_HOT __u64 add_up(const struct pcring_cqe *cqes, __u32 n)
{
	__u64 words[CQE_WORDS];
	__u64 sum = 0;
	__u32 i, k;

	for (i = 0; i < n; i++) {
		memcpy(words, &cqes[i], sizeof(words));
		for (k = 0; k < CQE_WORDS; k++)
			sum += words[k];
	}
	return sum;
}

BENCH_HOT void hand_over(const struct pcring_sqe *sqes, enum nop_way way,
			 __u32 depth)
{
	struct pcring_prod *p = pcring_ring_prod(sq);

	if (pcring_prod_push(p, sqes, depth, sizeof(*sqes)) != (int)depth)
		bench_die("the SQ is full");
	if (way == NOP_AWAKE) {
		if (pcring_prod_notify(p))
			call(0, 0);
		return;
	}
	/* The kernel waits for as many as there are beyond this. */
	pcring_cons_publish(pcring_ring_cons(cq));
	call(way == NOP_ENTER ? depth : 0, depth);
}

BENCH_HOT __u32 take(struct pcring_cqe *cqes, __u32 n)
{
	struct pcring_cons *c = pcring_ring_cons(cq);
	int got = pcring_cons_pop(c, cqes, n, sizeof(*cqes));

	if (got < 0)
		bench_die("the CQ is corrupt");
	if (got && pcring_cons_release(c, (__u32)got, (__u32)got))
		call(0, 0);
	return (__u32)got;
}

BENCH_HOT __u64 ask(enum nop_way way, __u32 depth, __u64 items)
{
	struct pcring_sqe sqes[NOP_MAX_DEPTH] BENCH_PADDED;
	struct pcring_cqe cqes[NOP_MAX_DEPTH] BENCH_PADDED;
	__u32 spins = 0;
	__u64 sum = 0;
	__u64 i;
	__u32 k, got;

	for (i = 0; i < items; i += depth) {
		make(sqes, i, depth);
		hand_over(sqes, way, depth);
		for (k = 0; k < depth; k += got) {
			got = take(cqes, depth - k);
			if (!got)
				bench_wait(&spins, BENCH_SPINS);
			sum += add_up(cqes, got);
		}
	}
	return sum;
}

static __u64 ask_lib(__u32 depth, __u64 items)
{
	struct pcring_sqe sqes[NOP_MAX_DEPTH] BENCH_PADDED;
	struct pcring_cqe cqes[NOP_MAX_DEPTH] BENCH_PADDED;
	__u64 sum = 0;
	__u64 i;

	for (i = 0; i < items; i += depth) {
		make(sqes, i, depth);
		if (pcring_ring_push(sq, sqes, depth) != (int)depth ||
		    pcring_ring_wait(cq, depth, PCRING_NO_TIMEOUT) < 0 ||
		    pcring_ring_pop(cq, cqes, depth) != (int)depth)
			bench_die("libpcring: %s", pcring_error());
		sum += add_up(cqes, depth);
	}
	return sum;
}

/* No block, a number of its own, what was sent along; res and ctl are 0. */
static __u64 expect(__u64 seq, __u64 items)
{
	return items * PCRING_BLOCK_NONE + items * seq +
	       items * (items - 1) / 2 + bench_sum_expected(items, 1);
}

void nop_pcring_run(struct nop_job *job)
{
	job->expected = expect(pcring_ring_cons(cq)->seq, job->items);
	job->inside = 0;
	inside = &job->inside;
	if (job->way == NOP_LIB)
		job->sum = ask_lib(job->depth, job->items);
	else if (job->depth == 1)
		job->sum = ask(job->way, 1, job->items);
	else
		job->sum = ask(job->way, job->depth, job->items);
	inside = NULL;
	job->extra = 0;
}
