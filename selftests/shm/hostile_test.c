// SPDX-License-Identifier: GPL-2.0-only
/*
 * A client that writes garbage into all it may write: its own rings' pages, the
 * blocks, the exchange words, the fds. The server survives, decides nothing from
 * it, and serves others.
 */
#include <sys/eventfd.h>
#include "pcring_impl.h"
#include "shm.h"

#define ROUNDS (SANITIZED ? 60U : 300U)
#define BLOCKS 8U

static void scribble(unsigned char *base, size_t len, unsigned int *seed)
{
	size_t at = (size_t)rand_r(seed) % (len / 8) * 8;
	__u64 value;

	switch (rand_r(seed) % 5) {
	case 0:
		value = 0;
		break;
	case 1:
		value = ~0ULL;
		break;
	case 2:
		value = (__u64)rand_r(seed) % 256;
		break;
	case 3:
		value = (__u64)rand_r(seed) << 32 | (__u32)rand_r(seed);
		break;
	default:
		/* Near what stands there. */
		value = pcring_load((__u64 *)(base + at)) +
			(__u64)(rand_r(seed) % 9) - 4;
	}
	pcring_store((__u64 *)(base + at), value);
}

/* Pages first: that is where the indices are. */
static void scribble_area(struct pcring_map *map, unsigned int *seed)
{
	if (rand_r(seed) % 2)
		scribble(map->base, 512, seed);
	else
		scribble(map->base, map->len, seed);
}

static int vandal(struct pcring_ctx *ctx, void *arg)
{
	unsigned int seed = (unsigned int)(size_t)arg;
	struct pcring_sqe sqe;
	__u32 i, turn;

	for (turn = 0; turn < 4000; turn++) {
		for (i = 0; i < ctx->nr_rings; i++) {
			struct pcring_ring *ring = pcring_ctx_ring(ctx, i);

			/* Some good work in between, so as to get further. */
			if (rand_r(&seed) % 4 == 0 &&
			    ctx->descs[i].kind == PCRING_KIND_SQ) {
				pcring_sqe_init(&sqe, 1, turn);
				sqe.ctl |= PCRING_SQE_F_BLOCK;
				sqe.block = (__u32)rand_r(&seed) % (BLOCKS + 2);
				sqe.generation = (__u32)rand_r(&seed) % 4;
				sqe.len = (__u32)rand_r(&seed);
				pcring_ring_push(ring, &sqe, 1);
			}
			if (rand_r(&seed) % 4 == 0 &&
			    ctx->descs[i].kind == PCRING_KIND_FREE) {
				struct pcring_free entry = {
					(__u32)rand_r(&seed) % (BLOCKS + 2),
					(__u32)rand_r(&seed) % 4,
				};

				pcring_ring_push(ring, &entry, 1);
			}
			if (rand_r(&seed) % 4 == 0 &&
			    ctx->descs[i].kind == PCRING_KIND_REC_IN)
				pcring_ring_write(ring, &sqe, turn % 60, 1, 0);
			if ((__u32)rand_r(&seed) % 64 == 0)
				scribble_area(&ctx->rings[i].own, &seed);
			if (ctx->rings[i].wake_fd >= 0)
				(void)!write(ctx->rings[i].wake_fd, &seed, 4);
		}
		if ((__u32)rand_r(&seed) % 64 == 0)
			scribble_area(&ctx->pool->map, &seed);
		(void)!send(ctx->fd, &seed, 4, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (pcring_ctx_look(ctx))
			break;
	}
	/* However it ends; not through the library, whose state is spoilt. */
	_exit(0);
}

static void vandal_rig(struct rig *rig, __u32 round)
{
	struct pcring_ring_desc *desc;
	__u32 policies[] = { PCRING_POLICY_BLOCK, PCRING_POLICY_DROP_NEW,
			     PCRING_POLICY_OVERWRITE };

	rig_init(rig);
	rig_ring(rig, PCRING_KIND_SQ, 16);
	desc = rig_ring(rig, PCRING_KIND_CQ, 16);
	desc->pool_fd = PCRING_CTX_POOL;
	desc = rig_ring(rig, PCRING_KIND_CQ, 2);
	desc->queue = 1;
	desc->policy = round % 2 ? PCRING_POLICY_LATEST
				 : PCRING_POLICY_OVERWRITE;
	desc->pool_held = 1;
	desc->pool_fd = PCRING_CTX_POOL;
	desc = rig_ring(rig, PCRING_KIND_FREE, 8);
	desc->pool_fd = PCRING_CTX_POOL;
	desc = rig_ring(rig, PCRING_KIND_REC_IN, 4096);
	desc->policy = policies[round % 3];
	desc->producers = round % 5 ? PCRING_PRODUCERS_SINGLE
				    : PCRING_PRODUCERS_SHARED;
	desc = rig_ring(rig, PCRING_KIND_REC_OUT, 4096);
	desc->policy = PCRING_POLICY_DROP_NEW;
	rig->opts.blocks = BLOCKS;
	rig->opts.block_size = 4096;
	rig->opts.wait_mode = round % 2;
}

static __u64 read_all;

/* Everything a server does, with every error but a crash taken in its stride. */
static int serve_vandal(struct pcring_ctx *ctx)
{
	struct pcring_pool *pool = pcring_ctx_pool(ctx);
	struct pcring_ring *cq = pcring_ctx_ring(ctx, 1);
	struct pcring_sqe sqe[8];
	struct pcring_block block;
	struct pcring_stats stats;
	struct pcring_item item;
	int i, got, err = 0;
	__u32 k;

	got = pcring_sqe_take(pcring_ctx_ring(ctx, 0), cq, sqe, 8);
	for (i = 0; i < got; i++) {
		if (pcring_sqe_block(pool, &sqe[i], &block) > 0) {
			if ((unsigned char *)block.data + block.len >
			    pool->map.base + BLOCKS * 4096U)
				abort();
			memset(block.data, 1, block.len);
		}
		pcring_sqe_complete(cq, &sqe[i], 0);
	}
	if (got == -EBADFD || got == -EOWNERDEAD)
		err = got;
	if (!pcring_block_take(pool, &block)) {
		memset(block.data, 2, block.size);
		block.len = block.size;
		if (pcring_block_post(pcring_ctx_ring(ctx, 2), &block, NULL) <
		    0)
			pcring_block_put(pool, &block);
	}
	for (i = 0; i < 8; i++) {
		got = pcring_ring_next(pcring_ctx_ring(ctx, 4), &item);
		if (got <= 0)
			break;
		for (k = 0; item.data && k < item.len; k++)
			read_all += ((const unsigned char *)item.data)[k];
	}
	if (got == -EBADFD || got == -EOWNERDEAD)
		err = got;
	pcring_ring_write(pcring_ctx_ring(ctx, 5), sqe, 64, 1, 0);
	got = pcring_ring_wait(pcring_ctx_ring(ctx, 4), 1, 20000);
	if (got == -EBADFD || got == -EOWNERDEAD)
		err = got;
	for (k = 0; k < 6; k++)
		pcring_ring_stats(pcring_ctx_ring(ctx, k), &stats);
	return err;
}

/* No block in two places: free, or held by exactly one. */
static bool blocks_are_sound(struct pcring_pool *pool)
{
	bool seen[BLOCKS] = { false };
	__u32 i, n = 0;

	for (i = 0; i < pool->nr_free; i++) {
		if (pool->free[i] >= BLOCKS || seen[pool->free[i]] ||
		    pool->owner[pool->free[i]] != PCRING_OWNER_FREE)
			return false;
		seen[pool->free[i]] = true;
	}
	for (i = 0; i < BLOCKS; i++)
		n += pool->owner[i] == PCRING_OWNER_FREE;
	return n == pool->nr_free;
}

static int good_client(struct pcring_ctx *ctx, void *arg)
{
	struct pcring_sqe sqe;
	struct pcring_cqe cqe;
	__u64 i;

	for (i = 0; i < (__u64)(size_t)arg; i++) {
		pcring_sqe_init(&sqe, 1, i);
		if (pcring_ring_push_wait(pcring_ctx_ring(ctx, 0), &sqe, 1,
					  FOREVER) != 1 ||
		    pcring_ring_wait(pcring_ctx_ring(ctx, 1), 1, 5000 * MSEC) <
			    0 ||
		    pcring_ring_pop(pcring_ctx_ring(ctx, 1), &cqe, 1) != 1 ||
		    cqe.user_data != i || cqe.res != 5)
			return 1;
	}
	return 0;
}

TEST(garbage_in_shared_memory_is_contained)
{
	struct rig good, bad;
	__u32 round, turn, corrupt = 0;
	struct pcring_sqe sqe;
	int err, got;

	rig_init(&good);
	rig_ring(&good, PCRING_KIND_SQ, 16);
	rig_ring(&good, PCRING_KIND_CQ, 16);
	ASSERT_EQ(0, rig_start(&good, good_client, (void *)(size_t)ROUNDS));
	for (round = 0; round < ROUNDS; round++) {
		vandal_rig(&bad, round);
		ASSERT_EQ(0,
			  rig_start(&bad, vandal, (void *)(size_t)(round + 1)))
		TH_LOG("%s", pcring_error());
		for (turn = 0; turn < 2000; turn++) {
			err = serve_vandal(bad.server);
			ASSERT_TRUE(blocks_are_sound(bad.server->pool));
			if (err)
				break;
		}
		corrupt += err == -EBADFD;
		rig_kill(&bad);
		pcring_pool_free(bad.server->pool);
		ASSERT_TRUE(blocks_are_sound(bad.server->pool));
		pcring_ctx_close(bad.server);
		/* The other client has its answer all the same. */
		do {
			got = pcring_ring_wait(pcring_ctx_ring(good.server, 0),
					       1, 5000 * MSEC);
			if (got > 0)
				got = pcring_sqe_take(
					pcring_ctx_ring(good.server, 0),
					pcring_ctx_ring(good.server, 1), &sqe,
					1);
		} while (got == -EAGAIN);
		ASSERT_EQ(1, got);
		ASSERT_EQ(0, pcring_sqe_complete(
				     pcring_ctx_ring(good.server, 1), &sqe, 5));
	}
	EXPECT_EQ(0, rig_join(&good));
	pcring_ctx_close(good.server);
	/* Most of them were found out by their indices. */
	EXPECT_LT(ROUNDS / 4, corrupt);
	TH_LOG("%u of %u found out", corrupt, ROUNDS);
}

/* ---- blocks by the books -------------------------------------------------- */

FIXTURE(books)
{
	struct rig rig;
	struct pcring_ctx *client;
	struct pcring_ring *cq;
	struct pcring_ring *free;
	struct pcring_pool *pool;
};

FIXTURE_SETUP(books)
{
	struct pcring_ring_desc *desc;

	rig_init(&self->rig);
	rig_ring(&self->rig, PCRING_KIND_SQ, 8);
	rig_ring(&self->rig, PCRING_KIND_CQ, 8)->pool_fd = PCRING_CTX_POOL;
	rig_ring(&self->rig, PCRING_KIND_FREE, 16)->pool_fd = PCRING_CTX_POOL;
	desc = rig_ring(&self->rig, PCRING_KIND_CQ, 1);
	desc->queue = 1;
	desc->policy = PCRING_POLICY_LATEST;
	desc->pool_fd = PCRING_CTX_POOL;
	desc->pool_held = 1;
	self->rig.opts.blocks = 4;
	self->rig.opts.block_size = 4096;
	ASSERT_EQ(0, rig_pair(&self->rig, &self->client));
	self->cq = pcring_ctx_ring(self->client, 1);
	self->free = pcring_ctx_ring(self->client, 2);
	self->pool = pcring_ctx_pool(self->rig.server);
}

FIXTURE_TEARDOWN(books)
{
	pcring_ctx_close(self->client);
	pcring_ctx_close(self->rig.server);
}

static __u64 stale(struct pcring_ctx *server)
{
	struct pcring_stats stats;

	pcring_ring_stats(pcring_ctx_ring(server, 2), &stats);
	return stats.stale;
}

TEST_F(books, a_block_comes_back_once_and_under_its_generation)
{
	struct pcring_block block, got;
	struct pcring_free entry;
	struct pcring_cqe cqe;

	ASSERT_EQ(0, pcring_block_take(self->pool, &block));
	block.len = 9;
	ASSERT_EQ(1, pcring_block_post(pcring_ctx_ring(self->rig.server, 1),
				       &block, NULL));
	/* The server does not hold it any more. */
	EXPECT_EQ(-ESTALE, pcring_block_put(self->pool, &block));
	EXPECT_EQ(-ESTALE,
		  pcring_block_post(pcring_ctx_ring(self->rig.server, 1),
				    &block, NULL));
	ASSERT_EQ(1, pcring_ring_pop(self->cq, &cqe, 1));
	ASSERT_EQ(1,
		  pcring_cqe_block(pcring_ctx_pool(self->client), &cqe, &got));
	EXPECT_EQ(9, got.len);
	/* Another generation, a block it has not, one that is not. */
	entry = (struct pcring_free){ got.index, got.generation + 1 };
	pcring_ring_push(self->free, &entry, 1);
	entry = (struct pcring_free){ (got.index + 1) % 4, 0 };
	pcring_ring_push(self->free, &entry, 1);
	entry = (struct pcring_free){ 4, 0 };
	pcring_ring_push(self->free, &entry, 1);
	EXPECT_EQ(3, pcring_pool_free(self->pool));
	EXPECT_EQ(3, stale(self->rig.server));
	ASSERT_EQ(0, pcring_block_put(pcring_ctx_pool(self->client), &got));
	ASSERT_EQ(0, pcring_block_put(pcring_ctx_pool(self->client), &got));
	EXPECT_EQ(4, pcring_pool_free(self->pool));
	EXPECT_EQ(4, stale(self->rig.server));
}

TEST_F(books, a_block_not_claimed_cannot_be_given_back)
{
	struct pcring_block block, got;
	struct pcring_free entry;

	ASSERT_EQ(0, pcring_block_take(self->pool, &block));
	ASSERT_EQ(1, pcring_block_post(pcring_ctx_ring(self->rig.server, 3),
				       &block, NULL));
	entry = (struct pcring_free){ block.index, block.generation + 1 };
	pcring_ring_push(self->free, &entry, 1);
	EXPECT_EQ(3, pcring_pool_free(self->pool));
	EXPECT_EQ(1, stale(self->rig.server));
	ASSERT_EQ(1,
		  pcring_block_claim(pcring_ctx_ring(self->client, 3), &got));
	EXPECT_EQ(block.index, got.index);
	pcring_ring_push(self->free, &entry, 1);
	EXPECT_EQ(4, pcring_pool_free(self->pool));
	EXPECT_EQ(1, stale(self->rig.server));
}

TEST_F(books, a_block_claimed_comes_back_though_a_newer_one_has_its_slot)
{
	struct pcring_ring *in = pcring_ctx_ring(self->rig.server, 3);
	struct pcring_block block, got;

	ASSERT_EQ(0, pcring_block_take(self->pool, &block));
	ASSERT_EQ(1, pcring_block_post(in, &block, NULL));
	ASSERT_EQ(1,
		  pcring_block_claim(pcring_ctx_ring(self->client, 3), &got));
	ASSERT_EQ(0, pcring_block_take(self->pool, &block));
	ASSERT_EQ(1, pcring_block_post(in, &block, NULL));
	ASSERT_EQ(0, pcring_block_put(pcring_ctx_pool(self->client), &got));
	EXPECT_EQ(3, pcring_pool_free(self->pool));
	EXPECT_EQ(0, stale(self->rig.server));
}

TEST_F(books, latest_gives_the_newest_and_says_how_many_were_passed_over)
{
	struct pcring_ring *in = pcring_ctx_ring(self->rig.server, 3);
	struct pcring_ring *out = pcring_ctx_ring(self->client, 3);
	struct pcring_stats stats;
	struct pcring_block block;
	__u32 i;

	EXPECT_EQ(-EAGAIN, pcring_block_claim(out, &block));
	for (i = 0; i < 5; i++) {
		ASSERT_EQ(0, pcring_block_take(self->pool, &block));
		block.len = i + 1;
		ASSERT_EQ(1, pcring_block_post(in, &block, NULL));
	}
	ASSERT_EQ(1, pcring_block_claim(out, &block));
	EXPECT_EQ(5, block.len);
	EXPECT_EQ(4, block.seq);
	EXPECT_EQ(4, block.gap);
	EXPECT_EQ(-EAGAIN, pcring_block_claim(out, &block));
	ASSERT_EQ(0, pcring_ring_stats(out, &stats));
	EXPECT_TRUE(stats_balance(&stats));
	EXPECT_EQ(4, stats.overwritten);
	EXPECT_EQ(3, pcring_pool_free(self->pool));
}

TEST_F(books, a_request_is_answered_once_and_its_block_checked)
{
	struct pcring_ring *sq = pcring_ctx_ring(self->client, 0);
	struct pcring_ring *take = pcring_ctx_ring(self->rig.server, 0);
	struct pcring_ring *give = pcring_ctx_ring(self->rig.server, 1);
	struct pcring_sqe sqe;
	struct pcring_cqe cqe;

	pcring_sqe_init(&sqe, 1, 77);
	sqe.ctl |= PCRING_SQE_F_BLOCK;
	sqe.block = 2;
	ASSERT_EQ(1, pcring_ring_push(sq, &sqe, 1));
	sqe.ctl = 1U << 20;
	ASSERT_EQ(1, pcring_ring_push(sq, &sqe, 1));
	EXPECT_EQ(-EAGAIN, pcring_sqe_take(take, give, &sqe, 1));
	ASSERT_EQ(1, pcring_ring_pop(self->cq, &cqe, 1));
	EXPECT_EQ(-ESTALE, cqe.res);
	EXPECT_EQ(77, cqe.user_data);
	ASSERT_EQ(1, pcring_ring_pop(self->cq, &cqe, 1));
	EXPECT_EQ(-EINVAL, cqe.res);
	pcring_sqe_init(&sqe, 1, 78);
	ASSERT_EQ(1, pcring_ring_push(sq, &sqe, 1));
	ASSERT_EQ(1, pcring_sqe_take(take, give, &sqe, 1));
	EXPECT_EQ(0, pcring_sqe_complete(give, &sqe, 0));
	EXPECT_EQ(-ESTALE, pcring_sqe_complete(give, &sqe, 0));
}

TEST_F(books, no_request_is_taken_without_room_for_its_answer)
{
	struct pcring_ring *sq = pcring_ctx_ring(self->client, 0);
	struct pcring_ring *take = pcring_ctx_ring(self->rig.server, 0);
	struct pcring_ring *give = pcring_ctx_ring(self->rig.server, 1);
	struct pcring_sqe sqe[16];
	struct pcring_cqe cqe[16];
	__u32 i;

	for (i = 0; i < 8; i++)
		pcring_sqe_init(&sqe[i], 1, i);
	ASSERT_EQ(8, pcring_ring_push(sq, sqe, 8));
	ASSERT_EQ(8, pcring_sqe_take(take, give, sqe, 16));
	/* Eight in flight: the CQ is promised. */
	ASSERT_EQ(1, pcring_ring_push(sq, sqe, 1));
	EXPECT_EQ(-EAGAIN, pcring_sqe_take(take, give, &sqe[8], 1));
	for (i = 0; i < 8; i++)
		ASSERT_EQ(0, pcring_sqe_complete(give, &sqe[i], 0));
	/* Eight unread: still. */
	EXPECT_EQ(-EAGAIN, pcring_sqe_take(take, give, &sqe[8], 1));
	EXPECT_EQ(8, pcring_ring_pop(self->cq, cqe, 8));
	EXPECT_EQ(1, pcring_sqe_take(take, give, &sqe[8], 8));
}

TEST_HARNESS_MAIN
