// SPDX-License-Identifier: LGPL-2.1-only OR MIT
/*
 * dev_nop DEVICE [COUNT]: requests to a loop device, /dev/pcring/loop0: COUNT that
 * do nothing, then a block summed, a part of it copied, and delays that end in
 * another order than they began. All answers are checked.
 */
#include <stdio.h>
#include <stdlib.h>
#include <pcring.h>
#include <linux/pcring_loop.h>

#define ENTRIES 64
#define MSEC 1000000ULL

static struct pcring_ring *sq, *cq;
static struct pcring_pool *pool;

static void check(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "dev_nop: %s (last error: %s)\n", what, pcring_error());
	exit(1);
}

static __u32 crc32c(const unsigned char *bytes, __u32 len)
{
	__u32 crc = ~0U;
	int bit;

	while (len--) {
		crc ^= *bytes++;
		for (bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78U : 0);
	}
	return ~crc;
}

/* As many requests as there is space for, as many answers as there are. */
static void nops(__u64 count)
{
	struct pcring_sqe sqes[ENTRIES];
	struct pcring_cqe cqes[ENTRIES];
	__u64 sent = 0, answered = 0;
	int i, n;

	while (answered < count) {
		for (i = 0; i < ENTRIES && sent + (__u64)i < count; i++)
			pcring_sqe_init(&sqes[i], PCRING_LOOP_NOP,
					sent + (__u64)i);
		n = i ? pcring_ring_push(sq, sqes, (__u32)i) : 0;
		check(n >= 0 || n == -EAGAIN, "push");
		sent += n > 0 ? (__u64)n : 0;
		check(pcring_ring_wait(cq, 1, PCRING_NO_TIMEOUT) > 0, "wait");
		n = pcring_ring_pop(cq, cqes, ENTRIES);
		check(n > 0, "pop");
		for (i = 0; i < n; i++)
			check(!cqes[i].res && cqes[i].user_data == answered++,
			      "each NOP is answered once, in turn");
	}
}

/* One request with a block, and the block again. */
static __s32 ask(struct pcring_sqe *sqe, struct pcring_block *block)
{
	struct pcring_cqe cqe;

	check(pcring_ring_push(sq, sqe, 1) == 1, "push");
	check(pcring_ring_wait(cq, 1, PCRING_NO_TIMEOUT) > 0, "wait");
	check(pcring_ring_pop(cq, &cqe, 1) == 1, "pop");
	check(cqe.user_data == sqe->user_data, "the answer to this request");
	check(pcring_cqe_block(pool, &cqe, block) == 1, "the block comes back");
	return cqe.res;
}

static void blocks(void)
{
	struct pcring_block block;
	struct pcring_sqe sqe;
	unsigned char *bytes;
	__u32 i;

	check(!pcring_block_take(pool, &block), "take");
	bytes = block.data;
	for (i = 0; i < block.size; i++)
		bytes[i] = (unsigned char)(i * 7);
	block.len = 3000;
	pcring_sqe_init(&sqe, PCRING_LOOP_CRC32C, 1);
	pcring_sqe_set_block(&sqe, &block);
	check(ask(&sqe, &block) == 3000, "CRC32C: length");
	check(pcring_block_info(pool, block.index)->driver[0] ==
		      crc32c(bytes, 3000),
	      "CRC32C: the sum");
	block.len = 1000;
	pcring_sqe_init(&sqe, PCRING_LOOP_COPY, 2);
	pcring_sqe_set_block(&sqe, &block);
	sqe.args[0] = 2500;
	check(ask(&sqe, &block) == 1000, "COPY: length");
	check(!memcmp(bytes + 2500, bytes, 1000), "COPY: the bytes");
	check(!pcring_block_put(pool, &block), "put");
}

static void delays(void)
{
	static const __u64 ms[] = { 30, 10, 20 };
	static const __u64 order[] = { 1, 2, 0 };
	struct pcring_sqe sqe;
	struct pcring_cqe cqe;
	__u64 i;

	for (i = 0; i < 3; i++) {
		pcring_sqe_init(&sqe, PCRING_LOOP_DELAY, i);
		sqe.args[0] = ms[i] * MSEC;
		check(pcring_ring_push(sq, &sqe, 1) == 1, "push");
	}
	for (i = 0; i < 3; i++) {
		check(pcring_ring_wait(cq, 1, 1000 * MSEC) > 0, "wait");
		check(pcring_ring_pop(cq, &cqe, 1) == 1, "pop");
		check(!cqe.res && cqe.user_data == order[i],
		      "the shortest delay ends first");
	}
}

int main(int argc, char **argv)
{
	struct pcring_ring_desc rings[2];
	struct pcring_ctx_opts opts = {
		.size = sizeof(opts),
		.rings = rings,
		.nr_rings = 2,
		.blocks = 2,
		.block_size = 4096,
		.pool_flags = PCRING_POOL_USER,
	};
	struct pcring_ctx *ctx;

	if (argc < 2)
		return fprintf(stderr, "usage: dev_nop DEVICE [COUNT]\n"), 2;
	pcring_ring_desc_init(&rings[0], PCRING_KIND_SQ, ENTRIES);
	pcring_ring_desc_init(&rings[1], PCRING_KIND_CQ, ENTRIES);
	rings[0].pool_fd = PCRING_CTX_POOL;
	rings[1].pool_fd = PCRING_CTX_POOL;
	check(!pcring_ctx_open(argv[1], &opts, &ctx), "open");
	sq = pcring_ctx_ring(ctx, 0);
	cq = pcring_ctx_ring(ctx, 1);
	pool = pcring_ctx_pool(ctx);
	nops(argc > 2 ? strtoull(argv[2], NULL, 0) : 10000);
	blocks();
	delays();
	pcring_ctx_close(ctx);
	printf("every request was answered, and rightly\n");
	return 0;
}
