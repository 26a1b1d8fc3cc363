// SPDX-License-Identifier: LGPL-2.1-only OR MIT
/*
 * blocks_client NAME COUNT: sends COUNT blocks through the SQ, several at a time,
 * and checks the sum that comes back for each.
 */
#include <stdio.h>
#include <stdlib.h>
#include <pcring.h>

#define BLOCKS 8

static struct pcring_ring *sq, *cq;
static struct pcring_pool *pool;

static int fail(const char *what)
{
	fprintf(stderr, "blocks_client: %s: %s\n", what, pcring_error());
	exit(1);
}

static void send_block(struct pcring_block *block, unsigned int nr)
{
	struct pcring_sqe sqe;

	block->len = 1000 + nr % 3000;
	memset(block->data, (int)(nr & 0xff), block->len);
	pcring_sqe_init(&sqe, 1, nr);
	pcring_sqe_set_block(&sqe, block);
	/* The server's from here on, until its CQE. */
	if (pcring_ring_push_wait(sq, &sqe, 1, PCRING_NO_TIMEOUT) != 1)
		fail("push");
}

static void check_answer(const struct pcring_cqe *cqe)
{
	unsigned int nr = (unsigned int)cqe->user_data;
	struct pcring_block block;

	if (cqe->res != (__s32)((1000 + nr % 3000) * (nr & 0xff))) {
		fprintf(stderr, "blocks_client: block %u: answer %d\n", nr,
			cqe->res);
		exit(1);
	}
	if (pcring_cqe_block(pool, cqe, &block) != 1 ||
	    pcring_block_put(pool, &block))
		fail("block");
}

int main(int argc, char **argv)
{
	struct pcring_ring_desc rings[2];
	struct pcring_ctx_opts opts = {
		.size = sizeof(opts),
		.rings = rings,
		.nr_rings = 2,
		.blocks = BLOCKS,
		.block_size = 4096,
		.pool_flags = PCRING_POOL_USER,
	};
	unsigned int sent = 0, answered = 0, count;
	struct pcring_cqe cqes[BLOCKS];
	struct pcring_block block;
	struct pcring_ctx *ctx;
	int i, n;

	if (argc != 3) {
		fprintf(stderr, "usage: blocks_client NAME COUNT\n");
		return 2;
	}
	count = (unsigned int)atoi(argv[2]);
	pcring_ring_desc_init(&rings[0], PCRING_KIND_SQ, BLOCKS);
	pcring_ring_desc_init(&rings[1], PCRING_KIND_CQ, BLOCKS);
	rings[0].pool_fd = PCRING_CTX_POOL;
	rings[1].pool_fd = PCRING_CTX_POOL;
	if (pcring_ctx_open(argv[1], &opts, &ctx))
		fail("open");
	sq = pcring_ctx_ring(ctx, 0);
	cq = pcring_ctx_ring(ctx, 1);
	pool = pcring_ctx_pool(ctx);
	while (answered < count) {
		while (sent < count && !pcring_block_take(pool, &block))
			send_block(&block, sent++);
		if (pcring_ring_wait(cq, 1, PCRING_NO_TIMEOUT) < 0)
			fail("wait");
		n = pcring_ring_pop(cq, cqes, BLOCKS);
		for (i = 0; i < n; i++)
			check_answer(&cqes[i]);
		answered += n > 0 ? (unsigned int)n : 0;
	}
	printf("%u blocks answered\n", answered);
	pcring_ctx_close(ctx);
	return 0;
}
