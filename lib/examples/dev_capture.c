// SPDX-License-Identifier: LGPL-2.1-only OR MIT
/*
 * dev_capture DEVICE [COUNT [RATE]]: COUNT blocks of an adc device,
 * /dev/pcring/adc0, at RATE a second. Each is checked and given back; what was lost
 * is located; at the end the books have to agree with what was seen.
 */
#include <stdio.h>
#include <stdlib.h>
#include <pcring.h>
#include <linux/pcring_adc.h>

#define BLOCKS 16
#define BLOCK_SIZE 16384
#define SECOND 1000000000ULL

/* What this reader has seen, by itself. */
static unsigned long long seen, lost, gaps, damaged, next_seq;

static int fail(const char *what)
{
	fprintf(stderr, "dev_capture: %s: %s\n", what, pcring_error());
	return 1;
}

static int is_good(const struct pcring_block *block, __u64 seq)
{
	const struct pcring_adc_item *item = block->data;
	const __u32 *words = (const __u32 *)(item + 1);
	__u32 i, n = (block->len - (__u32)sizeof(*item)) / 4;

	if (block->len < sizeof(*item) || item->len != block->len ||
	    item->seq != seq)
		return 0;
	for (i = 0; i < n; i++)
		if (words[i] != (__u32)(seq * 0x9e3779b9 + i))
			return 0;
	return 1;
}

static int take(struct pcring_pool *pool, const struct pcring_item *item)
{
	const struct pcring_cqe *cqe = item->data;
	struct pcring_block block;

	if (item->what == PCRING_ITEM_GAP) {
		printf("gap: %u from %llu, reason %u\n", item->gap.count,
		       item->gap.first, PCRING_SPECIAL_REASON(item->gap.ctl));
		gaps++;
		lost += item->gap.count;
		damaged += item->gap.first != next_seq;
		next_seq = item->gap.first + item->gap.count;
		return 0;
	}
	if (pcring_cqe_block(pool, cqe, &block) != 1)
		return fail("no block");
	damaged += cqe->seq != next_seq || !is_good(&block, cqe->seq);
	next_seq = cqe->seq + 1;
	seen++;
	return pcring_block_put(pool, &block) ? fail("put") : 0;
}

/* Until COUNT are accounted for; the last ones lost have no gap behind them. */
static int capture(struct pcring_ctx *ctx, struct pcring_ring *cq,
		   unsigned long long count)
{
	struct pcring_item item;
	int err = 0;

	while (next_seq < count) {
		err = pcring_ring_wait(cq, 1, SECOND);
		if (err == -ETIME)
			return 0;
		while (err > 0) {
			err = pcring_ring_next(cq, &item);
			if (err > 0 && take(pcring_ctx_pool(ctx), &item))
				return 1;
		}
		if (err != -EAGAIN)
			return fail("read");
	}
	return 0;
}

static int balance(struct pcring_ring *cq, unsigned long long count)
{
	struct pcring_stats s;
	unsigned long long rejected = 0;
	int i;

	if (pcring_ring_stats(cq, &s))
		return fail("stats");
	for (i = 0; i < PCRING_NR_REASONS; i++)
		rejected += s.rejected[i];
	printf("offered %llu = rejected %llu + accepted %llu\n", s.offered,
	       rejected, s.accepted);
	printf("accepted %llu = consumed %llu + cancelled %llu + in ring "
	       "%llu\n",
	       s.accepted, s.consumed, s.cancelled, s.in_ring);
	printf("seen %llu, lost %llu in %llu gaps, damaged %llu\n", seen, lost,
	       gaps, damaged);
	lost += count - next_seq;
	return damaged || s.offered != count ||
	       s.offered != rejected + s.accepted ||
	       s.accepted != s.consumed + s.cancelled + s.in_ring ||
	       s.consumed != seen || rejected != lost || s.gaps != gaps;
}

int main(int argc, char **argv)
{
	struct pcring_adc_config config = { .rate_hz = 1000 };
	struct pcring_ring_desc rings[2];
	struct pcring_ctx_opts opts = {
		.size = sizeof(opts),
		.rings = rings,
		.nr_rings = 2,
		.payload = &config,
		.payload_size = sizeof(config),
		.blocks = BLOCKS,
		.block_size = BLOCK_SIZE,
	};
	struct pcring_ctx *ctx;
	int err;

	if (argc < 2)
		return fprintf(stderr, "usage: dev_capture DEVICE [COUNT "
				       "[RATE]]\n"),
		       2;
	config.count = argc > 2 ? strtoull(argv[2], NULL, 0) : 1000;
	if (argc > 3)
		config.rate_hz = strtoull(argv[3], NULL, 0);
	pcring_ring_desc_init(&rings[0], PCRING_KIND_CQ, BLOCKS);
	rings[0].policy = PCRING_POLICY_DROP_NEW;
	rings[0].pool_fd = PCRING_CTX_POOL;
	pcring_ring_desc_init(&rings[1], PCRING_KIND_FREE, BLOCKS);
	rings[1].pool_fd = PCRING_CTX_POOL;
	if (pcring_ctx_open(argv[1], &opts, &ctx))
		return fail("open");
	err = capture(ctx, pcring_ctx_ring(ctx, 0), config.count) ||
	      balance(pcring_ctx_ring(ctx, 0), config.count);
	pcring_ctx_close(ctx);
	return err;
}
