/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of the library over loop0 share: a ctx in each wait mode and
 * whoever consumes, and calls to fill and empty it.
 */
#ifndef PCRING_MODULE_LIB_H
#define PCRING_MODULE_LIB_H

#include <pcring.h>
#include "module.h"
#include "kselftest_harness.h"

enum { SQ, CQ, IN, OUT, RINGS };

#define ENTRIES 64U
#define BLOCKS 8U

static inline int open_loop(struct pcring_ctx **ctx, __u32 wait_mode,
			    __u32 setup_flags, __u64 spin_ns)
{
	struct pcring_ring_desc rings[RINGS];
	struct pcring_ctx_opts opts = {
		.size = sizeof(opts),
		.rings = rings,
		.nr_rings = RINGS,
		.block_size = PAGE,
		.blocks = BLOCKS,
		.pool_flags = PCRING_POOL_USER,
		.wait_mode = wait_mode,
		.spin_ns = spin_ns,
		.setup_flags = setup_flags,
	};

	pcring_ring_desc_init(&rings[SQ], PCRING_KIND_SQ, ENTRIES);
	pcring_ring_desc_init(&rings[CQ], PCRING_KIND_CQ, ENTRIES);
	pcring_ring_desc_init(&rings[IN], PCRING_KIND_REC_IN, 16384);
	pcring_ring_desc_init(&rings[OUT], PCRING_KIND_REC_OUT, 16384);
	rings[SQ].pool_fd = PCRING_CTX_POOL;
	rings[CQ].pool_fd = PCRING_CTX_POOL;
	return pcring_ctx_open(LOOP, &opts, ctx);
}

FIXTURE(loop)
{
	struct pcring_ctx *ctx;
	struct pcring_pool *pool;
	struct pcring_ring *sq, *cq, *in, *out;
};

FIXTURE_VARIANT(loop)
{
	__u32 wait_mode;
	__u32 setup_flags;
	__u64 spin_ns;
};

FIXTURE_VARIANT_ADD(loop, worker){
	.wait_mode = PCRING_WAIT_SOCKET,
};

FIXTURE_VARIANT_ADD(loop, worker_eventfd){
	.wait_mode = PCRING_WAIT_EVENTFD,
};

FIXTURE_VARIANT_ADD(loop, worker_after_20_us_of_spinning){
	.wait_mode = PCRING_WAIT_SOCKET,
	.spin_ns = 20000,
};

FIXTURE_VARIANT_ADD(loop, dedicated){
	.wait_mode = PCRING_WAIT_EVENTFD,
	.setup_flags = PCRING_SETUP_DEDICATED,
};

FIXTURE_VARIANT_ADD(loop, enter_only){
	.wait_mode = PCRING_WAIT_SOCKET,
	.setup_flags = PCRING_SETUP_ENTER_ONLY,
};

FIXTURE_SETUP(loop)
{
	ASSERT_EQ(0, open_loop(&self->ctx, variant->wait_mode,
			       variant->setup_flags, variant->spin_ns))
	{
		TH_LOG("%s", pcring_error());
	}
	self->pool = pcring_ctx_pool(self->ctx);
	self->sq = pcring_ctx_ring(self->ctx, SQ);
	self->cq = pcring_ctx_ring(self->ctx, CQ);
	self->in = pcring_ctx_ring(self->ctx, IN);
	self->out = pcring_ctx_ring(self->ctx, OUT);
}

FIXTURE_TEARDOWN(loop)
{
	pcring_ctx_close(self->ctx);
}

static inline int ask(struct pcring_ring *sq, __u32 opcode, __u64 user_data,
		      __u64 arg)
{
	struct pcring_sqe sqe;

	pcring_sqe_init(&sqe, opcode, user_data);
	sqe.args[0] = arg;
	return pcring_ring_push_wait(sq, &sqe, 1, patience());
}

/* One answer, waited for. */
static inline int answer(struct pcring_ring *cq, struct pcring_cqe *cqe)
{
	int got = pcring_ring_wait(cq, 1, patience());

	return got < 0 ? got : pcring_ring_pop(cq, cqe, 1);
}

/* A ring's books balance, at rest, and so many items went through it. */
static inline bool books(struct pcring_ring *ring, __u64 items)
{
	struct pcring_stats s;

	if (pcring_ring_stats(ring, &s))
		return false;
	if (!stats_balance(&s))
		return false;
	if (s.accepted == items && s.consumed == items && !s.in_ring)
		return true;
	printf("# accepted %llu consumed %llu in ring %llu, not %llu\n",
	       s.accepted, s.consumed, s.in_ring, items);
	return false;
}

struct job {
	struct pcring_ring *ring;
	__u64 n;
	__u64 done;
};

/* All that goes in: a ringful of answers unread, and one of requests. */
static inline int fill(struct pcring_ring *sq)
{
	__u64 i;
	int got = 1;

	for (i = 0; got == 1 && i < 2 * ENTRIES; i++)
		got = ask(sq, PCRING_LOOP_NOP, i, 0);
	return got;
}

/* Read to the end; answers in @n. Return: why there are no more. */
static inline int empty(struct pcring_ring *cq, __u32 *n)
{
	struct pcring_cqe cqes[7];
	int got;

	*n = 0;
	while ((got = pcring_ring_pop(cq, cqes, 7)) > 0)
		*n += (__u32)got;
	return got;
}

#endif /* PCRING_MODULE_LIB_H */
