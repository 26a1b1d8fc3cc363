// SPDX-License-Identifier: GPL-2.0-only
/*
 * SIGKILL at any moment, often: what was committed is read, what was not is
 * invisible, the books balance and every block comes home.
 */
#include <pthread.h>
#include "shm.h"

#define KILLS (SANITIZED ? 40U : 400U)
#define BLOCKS 8U

/* What the victim did, as it says itself, in memory that survives it. */
struct truth {
	__u64 begun;
	__u64 done;
	__u64 more[2];
	__u32 kind;
	__u32 policy;
	__u32 burst;
	__u32 threads;
	__u64 ready;
};

static void truth_set(__u64 *word, __u64 value)
{
	__atomic_store_n(word, value, __ATOMIC_SEQ_CST);
}

static __u64 truth_get(__u64 *word)
{
	return __atomic_load_n(word, __ATOMIC_SEQ_CST);
}

static unsigned int seed = 1;

/* Anything from at once to a few hundred microseconds. */
static void a_moment(void)
{
	unsigned int us = (unsigned int)rand_r(&seed) % 400;

	if (us > 20)
		usleep(us);
}

struct victim {
	struct truth *truth;
	struct pcring_ring *ring;
};

static void *victim_produces(void *arg)
{
	struct victim *v = arg;
	struct truth *t = v->truth;
	__u64 items[32][8];
	__u64 n = 0;
	__u32 i;
	int got;

	for (;;) {
		__atomic_fetch_add(&t->begun, t->burst, __ATOMIC_SEQ_CST);
		for (i = 0; i < t->burst; i++) {
			items[i][0] = (n + i) & 0xffffff;
			items[i][7] = items[i][0];
		}
		if (t->kind == PCRING_KIND_SQ) {
			got = pcring_ring_push_wait(v->ring, items, t->burst,
						    FOREVER);
		} else {
			for (i = 0, got = 0; i < t->burst; i++)
				got += pcring_ring_write(v->ring, items[i],
							 8 + i, 1, FOREVER);
		}
		if (got < 0)
			return NULL;
		__atomic_fetch_add(&t->done, (__u64)got, __ATOMIC_SEQ_CST);
		n += (__u64)got;
	}
}

static int victim(struct pcring_ctx *ctx, void *arg)
{
	struct victim v = { arg, pcring_ctx_ring(ctx, 0) };
	pthread_t thread;
	__u32 i;

	truth_set(&v.truth->ready, 1);
	for (i = 1; i < v.truth->threads; i++)
		pthread_create(&thread, NULL, victim_produces, &v);
	victim_produces(&v);
	return 0;
}

FIXTURE(dead_producer)
{
	struct truth *t;
};

FIXTURE_VARIANT(dead_producer)
{
	__u32 kind;
	__u32 policy;
	__u32 burst;
	__u32 threads;
	__u32 wait_mode;
};

FIXTURE_VARIANT_ADD(dead_producer, entries_singly){
	.kind = PCRING_KIND_SQ,
	.burst = 1,
	.threads = 1,
};

FIXTURE_VARIANT_ADD(dead_producer, entries_in_bursts_of_24_futex){
	.kind = PCRING_KIND_SQ,
	.burst = 24,
	.threads = 1,
	.wait_mode = PCRING_WAIT_FUTEX,
};

FIXTURE_VARIANT_ADD(dead_producer, entries_of_3_threads){
	.kind = PCRING_KIND_SQ,
	.burst = 3,
	.threads = 3,
};

FIXTURE_VARIANT_ADD(dead_producer, records_singly_eventfd){
	.kind = PCRING_KIND_REC_IN,
	.burst = 1,
	.threads = 1,
	.wait_mode = PCRING_WAIT_EVENTFD,
};

FIXTURE_VARIANT_ADD(dead_producer, records_of_3_threads){
	.kind = PCRING_KIND_REC_IN,
	.burst = 4,
	.threads = 3,
};

FIXTURE_VARIANT_ADD(dead_producer, records_that_overwrite){
	.kind = PCRING_KIND_REC_IN,
	.burst = 16,
	.threads = 1,
	.policy = PCRING_POLICY_OVERWRITE,
};

FIXTURE_SETUP(dead_producer)
{
	self->t = truth_new(sizeof(*self->t));
}

FIXTURE_TEARDOWN(dead_producer)
{
	munmap(self->t, sizeof(*self->t));
}

/* Read until the ring says that its producer died. */
static int read_out(struct pcring_ring *ring, __u64 *items)
{
	struct pcring_item item;
	int got;

	do {
		got = pcring_ring_wait(ring, 1, FOREVER);
		while (got > 0 && (got = pcring_ring_next(ring, &item)) > 0)
			*items += item.what == PCRING_ITEM_DATA;
	} while (got == -EAGAIN);
	return got;
}

/* One death, at a moment of its own. */
static void kill_one(struct __test_metadata *_metadata, struct truth *t,
		     __u32 wait_mode)
{
	struct pcring_ring_desc *desc;
	struct pcring_stats stats;
	__u64 items = 0;
	struct rig rig;

	rig_init(&rig);
	desc = rig_ring(&rig, t->kind, t->kind == PCRING_KIND_SQ ? 64 : 4096);
	desc->policy = t->policy;
	if (t->threads > 1)
		desc->producers = PCRING_PRODUCERS_SHARED;
	rig.opts.wait_mode = wait_mode;
	t->begun = 0;
	t->done = 0;
	t->ready = 0;
	ASSERT_EQ(0, rig_start(&rig, victim, t));
	/* Some die while we read, some before we begin. */
	if (rand_r(&seed) % 2) {
		struct pcring_item item;
		int n = 200;

		while (n-- && pcring_ring_next(pcring_ctx_ring(rig.server, 0),
					       &item) != -EBADFD)
			items += item.what == PCRING_ITEM_DATA && item.len > 0;
	}
	a_moment();
	ASSERT_EQ(128 + SIGKILL, rig_kill(&rig));
	ASSERT_EQ(-EOWNERDEAD,
		  read_out(pcring_ctx_ring(rig.server, 0), &items));
	ASSERT_EQ(0, pcring_ring_stats(pcring_ctx_ring(rig.server, 0), &stats));
	ASSERT_TRUE(stats_balance(&stats));
	ASSERT_EQ(items, stats.consumed);
	ASSERT_EQ(0, stats.in_ring);
	ASSERT_LE(items, t->begun);
	ASSERT_GE(items + stats.overwritten + (t->policy ? stats.cancelled : 0),
		  t->done);
	/* Not finished is at most what each of its threads had begun. */
	if (!t->policy)
		ASSERT_LE(stats.cancelled, t->burst * t->threads);
	pcring_ctx_close(rig.server);
}

TEST_F(dead_producer, leaves_what_it_committed_and_nothing_else)
{
	__u32 i;

	self->t->kind = variant->kind;
	self->t->policy = variant->policy;
	self->t->burst = variant->burst;
	self->t->threads = variant->threads;
	for (i = 0; i < KILLS; i++)
		kill_one(_metadata, self->t, variant->wait_mode);
}

/* ---- consumers ------------------------------------------------------------ */

/* A client that takes blocks, gives back most, and hoards the rest. */
static int hoarder(struct pcring_ctx *ctx, void *arg)
{
	struct truth *t = arg;
	struct pcring_ring *ring = pcring_ctx_ring(ctx, 0);
	struct pcring_pool *pool = pcring_ctx_pool(ctx);
	struct pcring_block block;
	struct pcring_cqe cqe;
	int got;

	truth_set(&t->ready, 1);
	for (;;) {
		if (pcring_ring_wait(ring, 1, FOREVER) < 0)
			return 0;
		if (t->policy == PCRING_POLICY_BLOCK) {
			got = pcring_ring_pop(ring, &cqe, 1);
			if (got > 0)
				got = pcring_cqe_block(pool, &cqe, &block);
		} else {
			got = pcring_block_claim(ring, &block);
		}
		if (got > 0) {
			__atomic_fetch_add(&t->done, 1, __ATOMIC_SEQ_CST);
			if (t->done % 7)
				pcring_block_put(pool, &block);
		}
	}
}

FIXTURE(dead_consumer)
{
	struct truth *t;
};

FIXTURE_VARIANT(dead_consumer)
{
	__u32 policy;
	__u32 wait_mode;
};

FIXTURE_VARIANT_ADD(dead_consumer, of_completions){
	.policy = PCRING_POLICY_BLOCK,
};

FIXTURE_VARIANT_ADD(dead_consumer, of_the_latest_block_futex){
	.policy = PCRING_POLICY_LATEST,
	.wait_mode = PCRING_WAIT_FUTEX,
};

FIXTURE_VARIANT_ADD(dead_consumer, of_blocks_that_overwrite){
	.policy = PCRING_POLICY_OVERWRITE,
};

FIXTURE_SETUP(dead_consumer)
{
	self->t = truth_new(sizeof(*self->t));
}

FIXTURE_TEARDOWN(dead_consumer)
{
	munmap(self->t, sizeof(*self->t));
}

static int feed(struct pcring_ctx *ctx, __u64 *posted)
{
	struct pcring_pool *pool = pcring_ctx_pool(ctx);
	struct pcring_block block;
	int got = pcring_block_take(pool, &block);

	if (got)
		return got;
	block.len = 1 + (__u32)(*posted % 100);
	got = pcring_block_post(pcring_ctx_ring(ctx, 0), &block, NULL);
	if (got > 0)
		(*posted)++;
	else
		pcring_block_put(pool, &block);
	return got < 0 ? got : 0;
}

TEST_F(dead_consumer, brings_every_block_home)
{
	struct truth *t = self->t;
	struct pcring_ring_desc *desc;
	struct pcring_stats stats;
	__u64 posted, until;
	struct rig rig;
	__u32 i;
	int err;

	for (i = 0; i < KILLS; i++) {
		rig_init(&rig);
		desc = rig_ring(&rig, PCRING_KIND_CQ, 4);
		desc->policy = variant->policy;
		desc->pool_fd = PCRING_CTX_POOL;
		if (variant->policy != PCRING_POLICY_BLOCK)
			desc->pool_held = 2;
		desc = rig_ring(&rig, PCRING_KIND_FREE, BLOCKS);
		desc->pool_fd = PCRING_CTX_POOL;
		rig.opts.blocks = BLOCKS;
		rig.opts.block_size = 100;
		rig.opts.wait_mode = variant->wait_mode;
		t->policy = variant->policy;
		t->done = 0;
		t->ready = 0;
		posted = 0;
		ASSERT_EQ(0, rig_start(&rig, hoarder, t));
		until = now_ns() + (__u64)rand_r(&seed) % 400000;
		do {
			err = feed(rig.server, &posted);
		} while (now_ns() < until &&
			 (!err || err == -EAGAIN || err == -ENOSPC));
		ASSERT_EQ(128 + SIGKILL, rig_kill(&rig));
		/* Collects, notices, brings home. */
		ASSERT_EQ(BLOCKS,
			  pcring_pool_free(pcring_ctx_pool(rig.server)));
		do {
			err = feed(rig.server, &posted);
		} while (!err);
		ASSERT_EQ(-EOWNERDEAD, err);
		ASSERT_EQ(BLOCKS,
			  pcring_pool_free(pcring_ctx_pool(rig.server)));
		ASSERT_EQ(0, pcring_ring_stats(pcring_ctx_ring(rig.server, 0),
					       &stats));
		ASSERT_EQ(0, stats.blocks_user);
		ASSERT_EQ(BLOCKS, stats.blocks_kernel);
		ASSERT_TRUE(stats_balance(&stats));
		ASSERT_EQ(0, stats.in_ring);
		ASSERT_EQ(posted, stats.accepted);
		ASSERT_LE(t->done, stats.consumed);
		ASSERT_LE(stats.consumed, t->done + 1);
		pcring_ctx_close(rig.server);
	}
}

/* ---- others --------------------------------------------------------------- */

static int echo_once(struct pcring_ctx *ctx, void *arg)
{
	struct pcring_sqe sqe;
	struct pcring_cqe cqe;
	__u32 i;

	for (i = 0; i < 1000; i++) {
		pcring_sqe_init(&sqe, 1, i);
		if (pcring_ring_push_wait(pcring_ctx_ring(ctx, 0), &sqe, 1,
					  FOREVER) != 1 ||
		    pcring_ring_wait(pcring_ctx_ring(ctx, 1), 1, FOREVER) < 0 ||
		    pcring_ring_pop(pcring_ctx_ring(ctx, 1), &cqe, 1) != 1 ||
		    cqe.user_data != i)
			return 1;
	}
	return 0;
}

static int serve_once(struct pcring_ctx *ctx, __u64 timeout)
{
	struct pcring_sqe sqe[16];
	int i, got;

	got = pcring_ring_wait(pcring_ctx_ring(ctx, 0), 1, timeout);
	if (got > 0)
		got = pcring_sqe_take(pcring_ctx_ring(ctx, 0),
				      pcring_ctx_ring(ctx, 1), sqe, 16);
	for (i = 0; i < got; i++)
		pcring_sqe_complete(pcring_ctx_ring(ctx, 1), &sqe[i], 0);
	return got;
}

static void echo_rig(struct rig *rig)
{
	rig_init(rig);
	rig_ring(rig, PCRING_KIND_SQ, 16);
	rig_ring(rig, PCRING_KIND_CQ, 16);
}

TEST(one_clients_death_is_nothing_to_the_others)
{
	struct rig a, b;
	int got;

	echo_rig(&a);
	echo_rig(&b);
	ASSERT_EQ(0, rig_start(&a, echo_once, NULL));
	ASSERT_EQ(0, rig_start(&b, echo_once, NULL));
	serve_once(a.server, FOREVER);
	ASSERT_EQ(128 + SIGKILL, rig_kill(&a));
	do {
		got = serve_once(b.server, FOREVER);
	} while (got > 0 || got == -EAGAIN);
	EXPECT_EQ(-ECANCELED, got);
	EXPECT_EQ(0, rig_join(&b));
	do {
		got = serve_once(a.server, FOREVER);
	} while (got > 0);
	EXPECT_EQ(-EOWNERDEAD, got);
	EXPECT_EQ(PCRING_STATE_DEAD, pcring_ctx_state(a.server));
	pcring_ctx_close(a.server);
	pcring_ctx_close(b.server);
}

static int await_death(struct pcring_ctx *ctx, void *arg)
{
	return pcring_ring_wait(pcring_ctx_ring(ctx, 1), 1, FOREVER) ==
			       -ECANCELED
		       ? 0
		       : 1;
}

TEST(a_server_that_closes_ends_its_clients_sleep)
{
	struct rig rig;
	__u32 mode;

	for (mode = 0; mode <= PCRING_WAIT_EVENTFD; mode++) {
		echo_rig(&rig);
		rig.opts.wait_mode = mode;
		ASSERT_EQ(0, rig_start(&rig, await_death, NULL));
		usleep(20000);
		pcring_ctx_close(rig.server);
		EXPECT_EQ(0, rig_join(&rig));
	}
}

static int push_some(struct pcring_ctx *ctx, void *arg)
{
	struct pcring_sqe sqe;
	struct pcring_drain drain;
	int i, err;

	for (i = 0; i < 8; i++) {
		pcring_sqe_init(&sqe, 1, (__u64)i);
		pcring_ring_push(pcring_ctx_ring(ctx, 0), &sqe, 1);
	}
	err = pcring_ctx_drain(ctx, (__u64)(size_t)arg, &drain);
	if (pcring_ring_push(pcring_ctx_ring(ctx, 0), &sqe, 1) != -ECANCELED)
		return 3;
	return err == -ETIME ? 2 : err ? 1 : drain.drained == 8 ? 0 : 4;
}

TEST(drain_waits_for_the_consumer)
{
	struct rig rig;
	int got;

	echo_rig(&rig);
	ASSERT_EQ(0, rig_start(&rig, push_some, (void *)(5000 * MSEC)));
	usleep(30000);
	EXPECT_EQ(PCRING_STATE_DRAINING, pcring_ctx_state(rig.server));
	do {
		got = serve_once(rig.server, FOREVER);
	} while (got > 0);
	EXPECT_EQ(-ECANCELED, got);
	EXPECT_EQ(0, rig_join(&rig));
	pcring_ctx_close(rig.server);
}

TEST(drain_ends_at_its_deadline)
{
	struct pcring_stats stats;
	struct pcring_drain drain;
	struct rig rig;

	echo_rig(&rig);
	ASSERT_EQ(0, rig_start(&rig, push_some, (void *)(20 * MSEC)));
	EXPECT_EQ(2, rig_join(&rig));
	/* The server's own drain: the rest is cancelled. */
	pcring_ctx_drain(rig.server, 0, &drain);
	EXPECT_EQ(0, pcring_ring_stats(pcring_ctx_ring(rig.server, 0), &stats));
	EXPECT_TRUE(stats_balance(&stats));
	pcring_ctx_close(rig.server);
}

static int push_and_linger(struct pcring_ctx *ctx, void *arg)
{
	struct pcring_sqe sqe;
	int i;

	for (i = 0; i < 8; i++) {
		pcring_sqe_init(&sqe, 1, (__u64)i);
		pcring_ring_push(pcring_ctx_ring(ctx, 0), &sqe, 1);
	}
	truth_set(&((struct truth *)arg)->ready, 1);
	pause();
	return 0;
}

TEST(drain_cancels_what_is_left_of_a_ring_consumed_here)
{
	struct truth *t = truth_new(sizeof(*t));
	struct pcring_ring *ring;
	struct pcring_stats stats;
	struct pcring_drain drain;
	struct pcring_sqe sqe;
	struct rig rig;

	echo_rig(&rig);
	ASSERT_EQ(0, rig_start(&rig, push_and_linger, t));
	while (!truth_get(&t->ready))
		usleep(100);
	/* Something of ours that the client does not take. */
	ring = pcring_ctx_ring(rig.server, 0);
	ASSERT_EQ(1, pcring_sqe_take(ring, pcring_ctx_ring(rig.server, 1), &sqe,
				     1));
	ASSERT_EQ(0,
		  pcring_sqe_complete(pcring_ctx_ring(rig.server, 1), &sqe, 0));
	EXPECT_EQ(-ETIME, pcring_ctx_drain(rig.server, 5 * MSEC, &drain));
	EXPECT_EQ(7, drain.cancelled);
	EXPECT_EQ(0, pcring_ring_stats(ring, &stats));
	EXPECT_TRUE(stats_balance(&stats));
	EXPECT_EQ(7, stats.cancelled);
	EXPECT_EQ(0, stats.in_ring);
	EXPECT_EQ(-ECANCELED, pcring_ring_pop(ring, &sqe, 1));
	rig_kill(&rig);
	pcring_ctx_close(rig.server);
}

TEST_HARNESS_MAIN
