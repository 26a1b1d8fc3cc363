// SPDX-License-Identifier: GPL-2.0-only
/*
 * The library over the module: what works over memfd works here, in each wait mode
 * and whoever consumes; and what only a device has.
 */
#include <sys/epoll.h>
#include <sys/time.h>
#include <pcring.h>
#include "module.h"
#include "kselftest_harness.h"

enum { SQ, CQ, IN, OUT, RINGS };

#define ENTRIES 64U
#define BLOCKS 8U

static int open_loop(struct pcring_ctx **ctx, __u32 wait_mode,
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

static int ask(struct pcring_ring *sq, __u32 opcode, __u64 user_data, __u64 arg)
{
	struct pcring_sqe sqe;

	pcring_sqe_init(&sqe, opcode, user_data);
	sqe.args[0] = arg;
	return pcring_ring_push_wait(sq, &sqe, 1, patience());
}

/* One answer, waited for. */
static int answer(struct pcring_ring *cq, struct pcring_cqe *cqe)
{
	int got = pcring_ring_wait(cq, 1, patience());

	return got < 0 ? got : pcring_ring_pop(cq, cqe, 1);
}

/* A ring's books balance, at rest, and so many items went through it. */
static bool books(struct pcring_ring *ring, __u64 items)
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

/* ---- waiting ------------------------------------------------------------------ */

TEST_F(loop, a_wait_ends_when_time_is_up)
{
	__u64 start = now_ns();

	EXPECT_EQ(-ETIME, pcring_ring_wait(self->cq, 1, 0));
	EXPECT_EQ(-ETIME, pcring_ring_wait(self->cq, 1, 50 * MSEC));
	EXPECT_LE(50 * MSEC, now_ns() - start);
	EXPECT_GT(SEC * slow(), now_ns() - start);
	EXPECT_EQ(-ETIME, pcring_ring_wait(self->out, 1, 10 * MSEC));
	/* Too few are not enough, and stay. */
	ASSERT_EQ(1, ask(self->sq, PCRING_LOOP_NOP, 0, 0));
	EXPECT_EQ(-ETIME, pcring_ring_wait(self->cq, 2, 50 * MSEC));
	EXPECT_EQ(1, pcring_ring_wait(self->cq, 1, patience()));
}

TEST_F(loop, a_wait_for_many_is_one_sleep)
{
	struct pcring_stats before, after;
	__u64 start = now_ns(), i;

	ASSERT_EQ(0, pcring_ring_stats(self->cq, &before));
	for (i = 1; i <= 8; i++)
		ASSERT_EQ(1,
			  ask(self->sq, PCRING_LOOP_DELAY, i, i * 10 * MSEC));
	EXPECT_EQ(8, pcring_ring_wait(self->cq, 8, patience()));
	EXPECT_LE(80 * MSEC, now_ns() - start);
	ASSERT_EQ(0, pcring_ring_stats(self->cq, &after));
	EXPECT_EQ(1, after.sleeps - before.sleeps);
}

static void on_alarm(int nr)
{
	(void)nr;
}

TEST_F(loop, a_signal_ends_a_wait)
{
	const struct sigaction action = { .sa_handler = on_alarm };
	const struct itimerval when = { .it_value.tv_usec = 50000 };

	ASSERT_EQ(0, sigaction(SIGALRM, &action, NULL));
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &when, NULL));
	EXPECT_EQ(-EINTR, pcring_ring_wait(self->cq, 1, patience()));
}

struct job {
	struct pcring_ring *ring;
	__u64 n;
	__u64 done;
};

static void *pop_slowly(void *arg)
{
	struct pcring_cqe cqes[5];
	struct job *job = arg;
	int n = 0;

	while (n >= 0 && job->done < job->n) {
		n = pcring_ring_wait(job->ring, 1, patience());
		if (n > 0)
			n = pcring_ring_pop(job->ring, cqes, 5);
		job->done += n > 0 ? (__u64)n : 0;
		if (!(job->done % 3))
			sleep_ns(MSEC / 10);
	}
	return NULL;
}

/* A full CQ stops the SQ, and its submitter sleeps. */
TEST_F(loop, a_full_ring_is_waited_for)
{
	struct job job = { self->cq, scaled(2000), 0 };
	struct pcring_stats s;
	pthread_t reader;
	__u64 i;

	ASSERT_EQ(0, pthread_create(&reader, NULL, pop_slowly, &job));
	for (i = 0; i < job.n; i++)
		ASSERT_EQ(1, ask(self->sq, PCRING_LOOP_NOP, i, 0))
		{
			TH_LOG("request %llu: %s", i, pcring_error());
		}
	pthread_join(reader, NULL);
	EXPECT_EQ(job.n, job.done);
	EXPECT_TRUE(books(self->sq, job.n));
	ASSERT_EQ(0, pcring_ring_stats(self->sq, &s));
	EXPECT_LT(0, s.sleeps);
}

TEST_F(loop, space_is_waited_for_by_amount)
{
	__u64 i;

	/* 64 answers unread, 64 requests that get no credit: full. */
	for (i = 0; i < 2 * ENTRIES; i++)
		ASSERT_EQ(1, ask(self->sq, PCRING_LOOP_NOP, i, 0));
	EXPECT_EQ(-ETIME, pcring_ring_wait_space(self->sq, ENTRIES, 20 * MSEC));
	while (i--) {
		struct pcring_cqe cqe;

		ASSERT_EQ(1, answer(self->cq, &cqe));
	}
	EXPECT_EQ((int)ENTRIES,
		  pcring_ring_wait_space(self->sq, ENTRIES, patience()));
}

/* ---- event loops ---------------------------------------------------------------- */

/* The fd to poll for @ring, and POLLIN or what else it becomes. */
static int fd_of(struct pcring_ctx *ctx, struct pcring_ring *ring)
{
	int fd = pcring_ring_fd(ring);

	return fd < 0 ? pcring_ctx_fd(ctx) : fd;
}

TEST_F(loop, an_armed_ring_can_be_polled)
{
	struct pollfd pfd = { .events = POLLIN };
	struct pcring_cqe cqe;
	__u64 i;

	if (variant->setup_flags & PCRING_SETUP_ENTER_ONLY)
		return; /* nobody answers while this thread polls */
	pfd.fd = fd_of(self->ctx, self->cq);
	EXPECT_EQ(variant->wait_mode == PCRING_WAIT_EVENTFD,
		  pcring_ring_fd(self->cq) >= 0);
	for (i = 0; i < 20; i++) {
		ASSERT_EQ(0, pcring_ring_arm(self->cq, 1));
		ASSERT_EQ(0, poll(&pfd, 1, i ? 0 : 30));
		ASSERT_EQ(1, ask(self->sq, PCRING_LOOP_DELAY, i, MSEC));
		ASSERT_EQ(1, poll(&pfd, 1, 10000));
		EXPECT_EQ(POLLIN, pfd.revents);
		pcring_ring_disarm(self->cq);
		ASSERT_EQ(1, pcring_ring_pop(self->cq, &cqe, 1));
		ASSERT_EQ(-EAGAIN, pcring_ring_pop(self->cq, &cqe, 1));
		ASSERT_EQ(i, cqe.user_data);
	}
	/* There already: nothing to poll for. */
	ASSERT_EQ(1, ask(self->sq, PCRING_LOOP_NOP, i, 0));
	ASSERT_EQ(1, pcring_ring_wait(self->cq, 1, patience()));
	EXPECT_EQ(1, pcring_ring_arm(self->cq, 1));
}

TEST_F(loop, armed_for_many_it_is_one_event)
{
	struct epoll_event event = { .events = EPOLLIN };
	int epfd = epoll_create1(EPOLL_CLOEXEC);
	__u64 i, start = now_ns();

	ASSERT_LE(0, epfd);
	if (variant->setup_flags & PCRING_SETUP_ENTER_ONLY)
		return; /* as above */
	ASSERT_EQ(0, epoll_ctl(epfd, EPOLL_CTL_ADD, fd_of(self->ctx, self->cq),
			       &event));
	ASSERT_EQ(0, pcring_ring_arm(self->cq, 5));
	for (i = 1; i <= 5; i++)
		ASSERT_EQ(1,
			  ask(self->sq, PCRING_LOOP_DELAY, i, i * 10 * MSEC));
	ASSERT_EQ(1, epoll_wait(epfd, &event, 1, 10000));
	EXPECT_LE(50 * MSEC, now_ns() - start);
	pcring_ring_disarm(self->cq);
	EXPECT_EQ(5, pcring_ring_wait(self->cq, 5, 0));
	close(epfd);
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

/* ---- the end ----------------------------------------------------------------------- */

TEST_F(loop, drained_it_has_answered_all_and_takes_no_more)
{
	struct pcring_cqe cqes[ENTRIES];
	struct pcring_drain drain;
	struct pcring_sqe sqe;
	__u64 i;

	pcring_sqe_init(&sqe, PCRING_LOOP_NOP, 0);
	for (i = 0; i < 20; i++)
		ASSERT_EQ(1, ask(self->sq, PCRING_LOOP_DELAY, i, 5 * MSEC));
	ASSERT_EQ(0, pcring_ctx_drain(self->ctx, patience(), &drain))
	{
		TH_LOG("%s", pcring_error());
	}
	EXPECT_EQ(0, drain.cancelled);
	EXPECT_EQ(-ECANCELED, pcring_ring_push(self->sq, &sqe, 1));
	EXPECT_EQ(20, pcring_ring_pop(self->cq, cqes, ENTRIES));
	EXPECT_EQ(-ECANCELED, pcring_ring_pop(self->cq, cqes, ENTRIES));
	EXPECT_EQ(-ECANCELED, pcring_ring_wait(self->cq, 1, patience()));
	EXPECT_EQ(PCRING_STATE_DEAD, pcring_ctx_state(self->ctx));
	EXPECT_TRUE(books(self->sq, 20));
	EXPECT_TRUE(books(self->cq, 20));
}

TEST_F(loop, a_drain_without_time_cancels_and_counts)
{
	struct pcring_stats s;
	struct pcring_cqe cqe;

	ASSERT_EQ(1, ask(self->sq, PCRING_LOOP_DELAY, 7, 9 * SEC));
	EXPECT_EQ(-ETIME, pcring_ctx_drain(self->ctx, 50 * MSEC, NULL));
	ASSERT_EQ(0, pcring_ring_stats(self->sq, &s));
	EXPECT_TRUE(stats_balance(&s));
	EXPECT_EQ(1, s.accepted);
	EXPECT_EQ(1, s.consumed + s.cancelled);
	if (s.consumed) { /* taken: then it is answered */
		ASSERT_EQ(1, pcring_ring_pop(self->cq, &cqe, 1));
		EXPECT_EQ(-ECANCELED, cqe.res);
	}
	EXPECT_EQ(-ECANCELED, pcring_ring_pop(self->cq, &cqe, 1));
}

TEST_F(loop, fsync_waits_and_ends_nothing)
{
	struct pcring_cqe cqes[4];

	ASSERT_EQ(1, ask(self->sq, PCRING_LOOP_DELAY, 1, 30 * MSEC));
	ASSERT_EQ(1, ask(self->sq, PCRING_LOOP_DELAY, 2, 20 * MSEC));
	ASSERT_EQ(0, fsync(pcring_ctx_fd(self->ctx)));
	EXPECT_EQ(2, pcring_ring_pop(self->cq, cqes, 4));
	EXPECT_EQ(PCRING_STATE_LIVE, pcring_ctx_state(self->ctx));
	EXPECT_EQ(1, ask(self->sq, PCRING_LOOP_NOP, 3, 0));
	EXPECT_EQ(1, answer(self->cq, cqes));
}

/* A frontier that lies in no record: the kernel believes nothing more. */
TEST_F(loop, a_word_that_cannot_be_right_is_the_end)
{
	struct pcring_prod *in = pcring_ring_prod(self->in);
	struct pcring_cqe cqe;

	pcring_store_release(&in->own->prod, (__u64)12);
	pcring_ctx_submit(self->ctx, 1);
	EXPECT_EQ(-EBADFD, pcring_ring_wait(self->cq, 1, patience()))
	{
		TH_LOG("%s", pcring_error());
	}
	EXPECT_EQ(-EBADFD, ask(self->sq, PCRING_LOOP_NOP, 0, 0));
	EXPECT_EQ(-EBADFD, pcring_ring_pop(self->cq, &cqe, 1));
	EXPECT_EQ(PCRING_STATE_DEAD, pcring_ctx_state(self->ctx));
}

#define UNPLUG "/sys/bus/platform/drivers/pcring_loop/unbind"
#define PLUG "/sys/bus/platform/drivers/pcring_loop/bind"

static void *wait_for_ever(void *arg)
{
	struct job *job = arg;

	job->done = (__u64)-pcring_ring_wait(job->ring, 1, FOREVER);
	return NULL;
}

TEST_F(loop, unplugged_it_says_so_and_what_was_answered_stays)
{
	struct job job = { self->out, 0, 0 };
	struct pcring_cqe cqes[4];
	struct pcring_ctx *again;
	pthread_t sleeper;

	ASSERT_EQ(1, ask(self->sq, PCRING_LOOP_NOP, 1, 0));
	ASSERT_EQ(1, pcring_ring_wait(self->cq, 1, patience()));
	ASSERT_EQ(0, pthread_create(&sleeper, NULL, wait_for_ever, &job));
	sleep_ns(50 * MSEC);
	ASSERT_EQ(0, file_write(UNPLUG, "pcring_loop.0"));
	pthread_join(sleeper, NULL);
	EXPECT_EQ(ENODEV, job.done);
	EXPECT_EQ(-ENODEV, ask(self->sq, PCRING_LOOP_NOP, 2, 0));
	EXPECT_NE(NULL, strstr(pcring_error(), "unplugged"));
	EXPECT_EQ(PCRING_STATE_UNPLUGGED, pcring_ctx_state(self->ctx));
	EXPECT_EQ(1, pcring_ring_pop(self->cq, cqes, 4));
	EXPECT_EQ(-ENODEV, pcring_ring_pop(self->cq, cqes, 4));
	EXPECT_EQ(-ENODEV, pcring_ring_wait(self->cq, 1, patience()));
	ASSERT_EQ(0, file_write(PLUG, "pcring_loop.0"));
	ASSERT_EQ(0, open_loop(&again, variant->wait_mode, 0, 0));
	pcring_ctx_close(again);
}

TEST_HARNESS_MAIN
