// SPDX-License-Identifier: GPL-2.0-only
/*
 * Waiting, in each mode: timeouts, a minimum, both directions, polling, and that
 * who sleeps costs nothing.
 */
#include <poll.h>
#include <pthread.h>
#include "shm.h"

FIXTURE(wait)
{
	struct rig rig;
	struct pcring_ctx *client;
	struct pcring_ring *prod;
	struct pcring_ring *cons;
	__u64 n;
};

FIXTURE_VARIANT(wait)
{
	__u32 mode;
	__u64 spin_ns;
};

FIXTURE_VARIANT_ADD(wait, socket){
	.mode = PCRING_WAIT_SOCKET,
};

FIXTURE_VARIANT_ADD(wait, futex){
	.mode = PCRING_WAIT_FUTEX,
};

FIXTURE_VARIANT_ADD(wait, eventfd){
	.mode = PCRING_WAIT_EVENTFD,
};

FIXTURE_VARIANT_ADD(wait, futex_after_50_us_of_spinning){
	.mode = PCRING_WAIT_FUTEX,
	.spin_ns = 50000,
};

FIXTURE_SETUP(wait)
{
	rig_init(&self->rig);
	rig_ring(&self->rig, PCRING_KIND_SQ, 16)->entry_size = 8;
	self->rig.opts.wait_mode = variant->mode;
	self->rig.opts.spin_ns = variant->spin_ns;
	self->rig.device.spin_ns = variant->spin_ns;
	self->n = 0;
	ASSERT_EQ(0, rig_pair(&self->rig, &self->client));
	self->prod = pcring_ctx_ring(self->client, 0);
	self->cons = pcring_ctx_ring(self->rig.server, 0);
}

FIXTURE_TEARDOWN(wait)
{
	pcring_ctx_close(self->client);
	pcring_ctx_close(self->rig.server);
}

struct job {
	struct pcring_ring *ring;
	__u32 n;
	__u32 every_us;
};

static void *push_slowly(void *arg)
{
	struct job *job = arg;
	__u64 i;

	for (i = 0; i < job->n; i++) {
		usleep(job->every_us);
		if (pcring_ring_push_wait(job->ring, &i, 1, FOREVER) != 1)
			abort();
	}
	return NULL;
}

static void *pop_slowly(void *arg)
{
	struct job *job = arg;
	__u64 item;
	__u32 i;

	for (i = 0; i < job->n; i++) {
		usleep(job->every_us);
		if (pcring_ring_pop(job->ring, &item, 1) != 1)
			abort();
		/* What is kept back is published when it is found empty. */
		pcring_ring_wait(job->ring, 1, 0);
	}
	return NULL;
}

TEST_F(wait, a_timeout_is_kept)
{
	__u64 start = now_ns();

	EXPECT_EQ(-ETIME, pcring_ring_wait(self->cons, 1, 30 * MSEC));
	EXPECT_LE(30 * MSEC, now_ns() - start);
	EXPECT_EQ(-ETIME, pcring_ring_wait(self->cons, 1, 0));
	EXPECT_EQ(16, pcring_ring_wait_space(self->prod, 16, 0));
}

TEST_F(wait, ends_when_the_first_item_comes)
{
	struct job job = { self->prod, 1, 20000 };
	pthread_t thread;

	pthread_create(&thread, NULL, push_slowly, &job);
	EXPECT_EQ(1, pcring_ring_wait(self->cons, 1, FOREVER));
	pthread_join(thread, NULL);
}

TEST_F(wait, ends_with_the_minimum_and_not_before)
{
	struct job job = { self->prod, 10, 2000 };
	pthread_t thread;
	__u64 items[16];

	pthread_create(&thread, NULL, push_slowly, &job);
	EXPECT_EQ(7, pcring_ring_wait(self->cons, 7, FOREVER));
	pthread_join(thread, NULL);
	EXPECT_EQ(10, pcring_ring_pop(self->cons, items, 16));
}

TEST_F(wait, a_minimum_beyond_the_ring_is_the_whole_ring)
{
	struct job job = { self->prod, 16, 500 };
	pthread_t thread;

	pthread_create(&thread, NULL, push_slowly, &job);
	EXPECT_EQ(16, pcring_ring_wait(self->cons, 1000, FOREVER));
	pthread_join(thread, NULL);
}

TEST_F(wait, a_watermark_not_reached_times_out_and_loses_nothing)
{
	__u64 items[4] = { 1, 2, 3 };

	ASSERT_EQ(3, pcring_ring_push(self->prod, items, 3));
	EXPECT_EQ(-ETIME, pcring_ring_wait(self->cons, 4, 10 * MSEC));
	EXPECT_EQ(3, pcring_ring_pop(self->cons, items, 4));
}

TEST_F(wait, a_producer_waits_for_space)
{
	struct job job = { self->cons, 12, 1000 };
	__u64 items[20] = { 0 };
	pthread_t thread;

	ASSERT_EQ(16, pcring_ring_push(self->prod, items, 20));
	ASSERT_EQ(-EAGAIN, pcring_ring_push(self->prod, items, 1));
	EXPECT_EQ(-ETIME, pcring_ring_wait_space(self->prod, 1, 10 * MSEC));
	EXPECT_EQ(-ETIME,
		  pcring_ring_push_wait(self->prod, items, 1, 5 * MSEC));
	pthread_create(&thread, NULL, pop_slowly, &job);
	EXPECT_LE(8, pcring_ring_wait_space(self->prod, 8, FOREVER));
	EXPECT_EQ(4, pcring_ring_push_wait(self->prod, items, 4, FOREVER));
	pthread_join(thread, NULL);
}

TEST_F(wait, an_idle_wait_costs_no_processor_time)
{
	struct pcring_stats stats;
	__u64 cpu = cpu_ns();

	EXPECT_EQ(-ETIME, pcring_ring_wait(self->cons, 1, 300 * MSEC));
	EXPECT_GE(30 * MSEC, cpu_ns() - cpu);
	ASSERT_EQ(0, pcring_ring_stats(self->cons, &stats));
	EXPECT_EQ(1, stats.sleeps);
}

TEST_F(wait, many_short_sleeps_lose_no_wakeup)
{
	struct job job = { self->prod, SANITIZED ? 1500 : 6000, 0 };
	__u64 item, next = 0;
	pthread_t thread;
	int got;

	pthread_create(&thread, NULL, push_slowly, &job);
	while (next < job.n) {
		/* A lost wakeup would show as a timeout. */
		got = pcring_ring_wait(self->cons, 1 + next % 3 / 2,
				       next + 2 < job.n ? 5000 * MSEC : MSEC);
		if (got == -ETIME && next + 2 < job.n)
			break;
		while (pcring_ring_pop(self->cons, &item, 1) == 1)
			if (item != next++)
				break;
	}
	EXPECT_EQ(job.n, next);
	pthread_join(thread, NULL);
}

TEST_F(wait, the_peers_end_ends_it)
{
	EXPECT_EQ(PCRING_STATE_LIVE, pcring_ctx_state(self->rig.server));
	pcring_ctx_close(self->client);
	self->client = NULL;
	EXPECT_EQ(-ECANCELED, pcring_ring_wait(self->cons, 1, FOREVER));
	EXPECT_NE(NULL, strstr(pcring_error(), "the producer ended"));
	EXPECT_EQ(PCRING_STATE_DEAD, pcring_ctx_state(self->rig.server));
}

TEST_F(wait, an_armed_fd_becomes_readable_once_a_sleep)
{
	struct pollfd pfd = { .events = POLLIN };
	__u64 item = 1;

	pfd.fd = pcring_ring_fd(self->cons);
	if (variant->mode == PCRING_WAIT_FUTEX) {
		EXPECT_EQ(-EOPNOTSUPP, pfd.fd);
		EXPECT_EQ(-EOPNOTSUPP, pcring_ring_arm(self->cons, 1));
		return;
	}
	/* Not armed: nobody is woken. */
	ASSERT_EQ(1, pcring_ring_push(self->prod, &item, 1));
	EXPECT_EQ(0, poll(&pfd, 1, 0));
	/* There already: not armed either. */
	EXPECT_EQ(1, pcring_ring_arm(self->cons, 1));
	ASSERT_EQ(1, pcring_ring_pop(self->cons, &item, 1));
	EXPECT_EQ(0, pcring_ring_arm(self->cons, 2));
	ASSERT_EQ(1, pcring_ring_push(self->prod, &item, 1));
	EXPECT_EQ(0, poll(&pfd, 1, 0));
	ASSERT_EQ(1, pcring_ring_push(self->prod, &item, 1));
	EXPECT_EQ(1, poll(&pfd, 1, 1000));
	pcring_ring_disarm(self->cons);
	EXPECT_EQ(0, poll(&pfd, 1, 0));
	EXPECT_EQ(-EINVAL, pcring_ring_arm(self->cons, 0));
}

TEST_F(wait, a_producers_fd_becomes_readable_when_there_is_space)
{
	struct pollfd pfd = { .events = POLLIN };
	__u64 items[16] = { 0 };

	if (variant->mode == PCRING_WAIT_FUTEX)
		return;
	pfd.fd = pcring_ring_fd(self->prod);
	EXPECT_EQ(1, pcring_ring_arm(self->prod, 16));
	ASSERT_EQ(16, pcring_ring_push(self->prod, items, 16));
	EXPECT_EQ(0, pcring_ring_arm(self->prod, 4));
	EXPECT_EQ(0, poll(&pfd, 1, 0));
	ASSERT_EQ(8, pcring_ring_pop(self->cons, items, 8));
	EXPECT_EQ(1, poll(&pfd, 1, 1000));
	pcring_ring_disarm(self->prod);
	EXPECT_EQ(8, pcring_ring_push(self->prod, items, 16));
}

TEST_HARNESS_MAIN
