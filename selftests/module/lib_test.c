// SPDX-License-Identifier: GPL-2.0-only
/*
 * The library over the module: what works over memfd works here, in each wait mode
 * and whoever consumes: requests, blocks, records, handing over.
 */
#include "lib.h"

/* ---- requests --------------------------------------------------------------- */

TEST_F(loop, answers_each_request_once_and_in_turn)
{
	struct pcring_cqe cqes[ENTRIES];
	__u64 count = scaled(20000), sent = 0, back = 0;
	struct pcring_sqe sqes[7];
	int i, n;

	while (back < count) {
		for (i = 0; i < 7 && sent + (__u64)i < count; i++)
			pcring_sqe_init(&sqes[i], PCRING_LOOP_NOP,
					sent + (__u64)i);
		n = i ? pcring_ring_push(self->sq, sqes, (__u32)i) : 0;
		ASSERT_TRUE(n >= 0 || n == -EAGAIN);
		sent += n > 0 ? (__u64)n : 0;
		ASSERT_LT(0, pcring_ring_wait(self->cq, 1, patience()));
		n = pcring_ring_pop(self->cq, cqes, ENTRIES);
		ASSERT_LT(0, n);
		for (i = 0; i < n; i++) {
			ASSERT_EQ(0, cqes[i].res);
			ASSERT_EQ(back, cqes[i].user_data);
			ASSERT_EQ(back, cqes[i].seq);
			back++;
		}
	}
	EXPECT_EQ(-EAGAIN, pcring_ring_pop(self->cq, cqes, 1));
	EXPECT_TRUE(books(self->sq, count));
	EXPECT_TRUE(books(self->cq, count));
}

TEST_F(loop, a_block_goes_and_comes_back)
{
	const struct pcring_block_info *info;
	struct pcring_block block;
	struct pcring_sqe sqe;
	struct pcring_cqe cqe;
	__u32 i, old = 0;

	ASSERT_EQ((int)BLOCKS, pcring_pool_free(self->pool));
	for (i = 0; i < scaled(100); i++) {
		ASSERT_EQ(0, pcring_block_take(self->pool, &block));
		memset(block.data, (int)i, block.size);
		block.len = 100 + i;
		pcring_sqe_init(&sqe, PCRING_LOOP_CRC32C, i);
		pcring_sqe_set_block(&sqe, &block);
		old = block.generation;
		ASSERT_EQ(1, pcring_ring_push(self->sq, &sqe, 1));
		ASSERT_EQ(1, answer(self->cq, &cqe));
		ASSERT_EQ((int)block.len, cqe.res);
		ASSERT_EQ(1, pcring_cqe_block(self->pool, &cqe, &block));
		info = pcring_block_info(self->pool, block.index);
		ASSERT_EQ(~crc32c(~0U, block.data, block.len), info->driver[0]);
		ASSERT_EQ(old + 1, block.generation);
		ASSERT_EQ(0, pcring_block_put(self->pool, &block));
	}
	EXPECT_EQ((int)BLOCKS, pcring_pool_free(self->pool));
	/* Under the generation of the time before it is not this program's. */
	sqe.generation = old;
	ASSERT_EQ(1, pcring_ring_push(self->sq, &sqe, 1));
	ASSERT_EQ(1, answer(self->cq, &cqe));
	EXPECT_EQ(-ESTALE, cqe.res);
	EXPECT_EQ(0, pcring_cqe_block(self->pool, &cqe, &block));
}

/* Without a FREE ring, by a call; and nothing is given twice. */
TEST_F(loop, a_block_is_lent_for_good)
{
	struct pcring_block block, other;
	struct pcring_stats s;

	ASSERT_EQ(0, pcring_block_take(self->pool, &block));
	ASSERT_EQ(0, pcring_block_take(self->pool, &other));
	EXPECT_EQ(0, pcring_block_lend(self->pool, &block));
	ASSERT_EQ(0, pcring_ring_stats(self->sq, &s));
	EXPECT_EQ(BLOCKS - 1, s.blocks_user);
	EXPECT_EQ(1, s.blocks_kernel);
	EXPECT_EQ(-ESTALE, pcring_block_lend(self->pool, &block));
	EXPECT_NE(NULL, strstr(pcring_error(), "not held"));
	other.generation++;
	EXPECT_EQ(-ESTALE, pcring_block_lend(self->pool, &other));
	EXPECT_LE(0, pcring_pool_fd(self->pool));
}

TEST_F(loop, delays_end_in_their_own_order)
{
	static const __u64 ms[] = { 40, 10, 30, 20 };
	static const __u64 order[] = { 1, 3, 2, 0 };
	struct pcring_cqe cqe;
	__u64 i;

	for (i = 0; i < 4; i++)
		ASSERT_EQ(1, ask(self->sq, PCRING_LOOP_DELAY, i,
				 ms[i] * slow() * MSEC));
	for (i = 0; i < 4; i++) {
		ASSERT_EQ(1, answer(self->cq, &cqe));
		EXPECT_EQ(0, cqe.res);
		EXPECT_EQ(order[i], cqe.user_data);
	}
}

/* ---- records --------------------------------------------------------------------- */

TEST_F(loop, records_come_back_as_they_went)
{
	__u64 count = scaled(3000), sent = 0, back = 0;
	unsigned char data[700];
	struct pcring_item item;
	int got;

	while (back < count) {
		__u32 len = (__u32)(sent * 37 % sizeof(data));

		memset(data, (int)sent, sizeof(data));
		got = sent == count ? -EAGAIN
				    : pcring_ring_write(self->in, data, len,
							sent % 100, 0);
		sent += got == 1;
		if (got == 1)
			continue;
		ASSERT_EQ(-EAGAIN, got);
		ASSERT_LT(0, pcring_ring_wait(self->out, 1, patience()));
		while (pcring_ring_next(self->out, &item) > 0) {
			ASSERT_EQ(PCRING_ITEM_DATA, item.what);
			ASSERT_EQ(back, item.seq);
			ASSERT_EQ(back % 100, item.type);
			ASSERT_EQ(back * 37 % sizeof(data), item.len);
			memset(data, (int)back, sizeof(data));
			ASSERT_EQ(0, memcmp(data, item.data, item.len));
			back++;
		}
	}
	EXPECT_TRUE(books(self->in, count));
	EXPECT_TRUE(books(self->out, count));
}

/* ---- handing over ------------------------------------------------------------------ */

TEST_F(loop, submit_takes_as_many_as_it_is_told)
{
	struct pcring_cqe cqes[16];
	__u64 i;

	for (i = 0; i < 10; i++)
		ASSERT_EQ(1, ask(self->sq, PCRING_LOOP_NOP, i, 0));
	if (!(variant->setup_flags & PCRING_SETUP_ENTER_ONLY)) {
		ASSERT_LE(0, pcring_ctx_submit(self->ctx, 16));
		EXPECT_EQ(10, pcring_ring_wait(self->cq, 10, patience()));
		return;
	}
	sleep_ns(20 * MSEC);
	EXPECT_EQ(-EAGAIN, pcring_ring_pop(self->cq, cqes, 16));
	EXPECT_EQ(0, pcring_ctx_submit(self->ctx, 0));
	EXPECT_EQ(4, pcring_ctx_submit(self->ctx, 4));
	EXPECT_EQ(4, pcring_ring_pop(self->cq, cqes, 16));
	/* To wait is to hand over, without a timeout too. */
	EXPECT_EQ(6, pcring_ring_wait(self->cq, 6, 0));
	EXPECT_EQ(0, pcring_ctx_submit(self->ctx, 16));
}

TEST_HARNESS_MAIN
