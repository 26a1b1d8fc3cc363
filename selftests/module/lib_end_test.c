// SPDX-License-Identifier: GPL-2.0-only
/*
 * The library over the module: how a ctx ends, and that the books balance after it.
 */
#include "lib.h"

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
	struct pcring_stats s;
	__u32 answers;

	ASSERT_EQ(1, fill(self->sq));
	pcring_store_release(&in->own->prod, (__u64)12);
	pcring_ctx_submit(self->ctx, 1);
	EXPECT_EQ(-EBADFD, ask(self->sq, PCRING_LOOP_NOP, 0, 0));
	EXPECT_EQ(-EBADFD, empty(self->cq, &answers));
	EXPECT_EQ(ENTRIES, answers);
	EXPECT_EQ(-EBADFD, pcring_ring_wait(self->cq, 1, patience()));
	EXPECT_EQ(PCRING_STATE_DEAD, pcring_ctx_state(self->ctx));
	ASSERT_EQ(0, pcring_ring_stats(self->sq, &s));
	EXPECT_TRUE(stats_balance(&s));
	EXPECT_EQ(2 * ENTRIES, s.accepted);
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
	struct pcring_ctx *again;
	struct pcring_stats s;
	pthread_t sleeper;
	__u32 answers;

	ASSERT_EQ(1, fill(self->sq));
	ASSERT_EQ(0, pthread_create(&sleeper, NULL, wait_for_ever, &job));
	sleep_ns(50 * MSEC);
	ASSERT_EQ(0, file_write(UNPLUG, "pcring_loop.0"));
	pthread_join(sleeper, NULL);
	EXPECT_EQ(ENODEV, job.done);
	EXPECT_EQ(-ENODEV, ask(self->sq, PCRING_LOOP_NOP, 2, 0));
	EXPECT_NE(NULL, strstr(pcring_error(), "unplugged"));
	EXPECT_EQ(PCRING_STATE_UNPLUGGED, pcring_ctx_state(self->ctx));
	EXPECT_LE(1, pcring_ring_wait(self->cq, 1, patience()));
	EXPECT_EQ(-ENODEV, empty(self->cq, &answers));
	EXPECT_EQ(ENTRIES, answers);
	EXPECT_EQ(-ENODEV, pcring_ring_wait(self->cq, 1, patience()));
	EXPECT_EQ(-ENODEV, pcring_ctx_drain(self->ctx, patience(), NULL));
	ASSERT_EQ(0, pcring_ring_stats(self->sq, &s));
	EXPECT_TRUE(stats_balance(&s));
	EXPECT_EQ(ENTRIES, s.consumed);
	EXPECT_EQ(ENTRIES, s.cancelled);
	ASSERT_EQ(0, file_write(PLUG, "pcring_loop.0"));
	ASSERT_EQ(0, open_loop(&again, variant->wait_mode, 0, 0));
	pcring_ctx_close(again);
}

TEST_HARNESS_MAIN
