// SPDX-License-Identifier: GPL-2.0-only
/*
 * The library over the module: waiting for items and for space, by call and in an
 * event loop.
 */
#include <sys/epoll.h>
#include <sys/time.h>
#include "lib.h"

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

static __u64 cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (__u64)ts.tv_sec * SEC + (__u64)ts.tv_nsec;
}

TEST_F(loop, space_is_waited_for_by_amount)
{
	__u64 cpu = cpu_ns(), i;
	struct pcring_cqe cqe;

	ASSERT_EQ(1, fill(self->sq));
	EXPECT_EQ(-ETIME,
		  pcring_ring_wait_space(self->sq, ENTRIES, 500 * MSEC));
	/* Asleep it costs nothing. */
	EXPECT_GT(300 * MSEC, cpu_ns() - cpu);
	for (i = 0; i < 2 * ENTRIES; i++) {
		ASSERT_EQ(1, answer(self->cq, &cqe));
		ASSERT_EQ(i, cqe.user_data);
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

TEST_HARNESS_MAIN
