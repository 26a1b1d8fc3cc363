// SPDX-License-Identifier: GPL-2.0-only
/* poll(), epoll, eventfd. */
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include "module.h"
#include "kselftest_harness.h"

FIXTURE(poll)
{
	struct rig rig;
};

FIXTURE_SETUP(poll)
{
	ASSERT_EQ(0, rig_loop(&self->rig, 8, 8));
}

FIXTURE_TEARDOWN(poll)
{
	rig_close(&self->rig);
}

static short poll_fd(int fd, short events, int ms)
{
	struct pollfd p = { .fd = fd, .events = events };

	return poll(&p, 1, ms) < 0 ? -1 : p.revents;
}

static int patience_ms(void)
{
	return (int)(patience() / MSEC);
}

static int nop(struct rig *rig, __u64 user_data)
{
	struct pcring_sqe sqe = sqe_of(PCRING_LOOP_NOP, user_data);

	return rig_push_all(rig, 0, &sqe, 1);
}

static int delayed(struct rig *rig, __u64 ns)
{
	struct pcring_sqe sqe = sqe_of(PCRING_LOOP_DELAY, 1);

	sqe.args[0] = ns;
	return rig_push_all(rig, 0, &sqe, 1);
}

TEST_F(poll, pitfall_14_the_first_call_tells_the_truth)
{
	int fd = self->rig.fd;

	EXPECT_EQ(POLLOUT, poll_fd(fd, POLLIN | POLLOUT, 0));
	EXPECT_EQ(0, poll_fd(fd, POLLIN, 0));
	EXPECT_EQ(0, poll_fd(fd, POLLPRI, 0));
	EXPECT_EQ(0, poll_fd(fd, 0, 0));
	ASSERT_EQ(0, nop(&self->rig, 1));
	ASSERT_EQ(0, rig_wait(&self->rig, 1, 1, patience()));
	/* And with what there was before anybody ever polled. */
	EXPECT_EQ(POLLIN, poll_fd(fd, POLLIN, 0));
}

TEST_F(poll, pitfall_14_it_is_level_triggered)
{
	struct pcring_cqe cqe;
	int i;

	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, nop(&self->rig, 1));
	ASSERT_EQ(0, rig_wait(&self->rig, 1, 3, patience()));
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(POLLIN, poll_fd(self->rig.fd, POLLIN, 0));
		EXPECT_EQ(POLLIN, poll_fd(self->rig.fd, POLLIN, 100));
		ASSERT_EQ(1, rig_pop(&self->rig, 1, &cqe, 1));
	}
	EXPECT_EQ(0, rig_pop(&self->rig, 1, &cqe, 1)); /* publishes */
	EXPECT_EQ(0, poll_fd(self->rig.fd, POLLIN, 0));
}

TEST_F(poll, pitfall_14_a_sleeper_is_woken)
{
	struct pcring_cqe cqe;
	__u64 begin;
	int i;

	for (i = 0; i < 5; i++) {
		begin = now_ns();
		ASSERT_EQ(0, delayed(&self->rig, 40 * MSEC));
		/* Without a word in the shared page: poll() does not ask. */
		EXPECT_EQ(POLLIN, poll_fd(self->rig.fd, POLLIN, patience_ms()));
		EXPECT_LE(begin + 40 * MSEC, now_ns());
		ASSERT_EQ(1, rig_pop(&self->rig, 1, &cqe, 1));
		EXPECT_EQ(0, rig_pop(&self->rig, 1, &cqe, 1));
	}
}

TEST_F(poll, pitfall_14_a_full_ring_has_no_pollout_until_there_is_space)
{
	struct pcring_sqe sqe = sqe_of(PCRING_LOOP_NOP, 0);
	struct pcring_cqe cqe[8];
	int i;

	for (i = 0; i < 50; i++) {
		while (rig_push(&self->rig, 0, &sqe, 1) == 1)
			;
		sleep_ns(MSEC);
	}
	EXPECT_EQ(0, poll_fd(self->rig.fd, POLLOUT, 0));
	EXPECT_EQ(POLLIN, poll_fd(self->rig.fd, POLLIN | POLLOUT, 0));
	ASSERT_EQ(8, rig_pop(&self->rig, 1, cqe, 8));
	if (pcring_cons_publish(&self->rig.ends[1].cons))
		rig_enter(&self->rig, 0, 0, 0, 0, 0);
	EXPECT_EQ(POLLOUT, poll_fd(self->rig.fd, POLLOUT, patience_ms()));
}

/* It asks for more than can ever be there: the whole ring is enough. */
TEST_F(poll, pitfall_14_a_watermark_above_the_ring_is_the_ring)
{
	struct pcring_cons *c = &self->rig.ends[1].cons;
	int i;

	pcring_cons_prepare_wait(c, ~0U);
	pcring_store(&c->own->need_wakeup, PCRING_WANT(~0U, 77));
	for (i = 0; i < 8; i++)
		ASSERT_EQ(0, delayed(&self->rig, 20 * MSEC));
	EXPECT_EQ(POLLIN, poll_fd(self->rig.fd, POLLIN, patience_ms()));
	pcring_cons_finish_wait(c);
	EXPECT_EQ(0, rig_enter(&self->rig, PCRING_ENTER_WAIT, 0, 1, 8,
			       patience()));
}

/* ---- epoll ----------------------------------------------------------------- */

static int epoll_of(int fd, __u32 events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };
	int ep = epoll_create1(EPOLL_CLOEXEC);

	return epoll_ctl(ep, EPOLL_CTL_ADD, fd, &event) ? -errno : ep;
}

static __u32 epoll_next(int ep, int ms)
{
	struct epoll_event event;

	return epoll_wait(ep, &event, 1, ms) == 1 ? event.events : 0;
}

TEST_F(poll, epoll_by_level_repeats_itself)
{
	int ep = epoll_of(self->rig.fd, EPOLLIN), i;
	struct pcring_cqe cqe[8];

	ASSERT_LE(0, ep);
	EXPECT_EQ(0, epoll_next(ep, 0));
	ASSERT_EQ(0, nop(&self->rig, 1));
	for (i = 0; i < 3; i++)
		EXPECT_EQ(EPOLLIN, epoll_next(ep, patience_ms()));
	rig_pop(&self->rig, 1, cqe, 8);
	EXPECT_EQ(0, epoll_next(ep, 10));
	close(ep);
}

TEST_F(poll, pitfall_14_epoll_by_edge_reports_each_wakeup)
{
	int ep = epoll_of(self->rig.fd, EPOLLIN | EPOLLET), i;
	struct pcring_cqe cqe[8];

	ASSERT_LE(0, ep);
	for (i = 0; i < 5; i++) {
		ASSERT_EQ(0, delayed(&self->rig, 20 * MSEC));
		EXPECT_EQ(EPOLLIN, epoll_next(ep, patience_ms()))
		TH_LOG("edge %d", i);
		/* Read until it is empty: that is the contract. */
		while (rig_pop(&self->rig, 1, cqe, 8) > 0)
			;
	}
	EXPECT_EQ(0, epoll_next(ep, 20));
	close(ep);
}

TEST_F(poll, pitfall_14_an_edge_that_came_before_is_reported_at_once)
{
	int ep;

	ASSERT_EQ(0, nop(&self->rig, 1));
	ASSERT_EQ(0, rig_wait(&self->rig, 1, 1, patience()));
	ep = epoll_of(self->rig.fd, EPOLLIN | EPOLLET);
	ASSERT_LE(0, ep);
	EXPECT_EQ(EPOLLIN, epoll_next(ep, 0));
	close(ep);
}

/* ---- hang-up ---------------------------------------------------------------- */

TEST_F(poll, pitfall_14_a_dead_ctx_hangs_up_and_is_read_to_its_end)
{
	struct pcring_drain drain;
	struct pcring_cqe cqe[8];
	short both = POLLHUP | POLLERR;

	ASSERT_EQ(0, nop(&self->rig, 5));
	ASSERT_EQ(0, rig_wait(&self->rig, 1, 1, patience()));
	rig_drain(&self->rig, SEC, &drain);
	EXPECT_EQ(both | POLLIN, poll_fd(self->rig.fd, POLLIN, 0));
	EXPECT_EQ(1, rig_pop(&self->rig, 1, cqe, 8));
	EXPECT_EQ(both, poll_fd(self->rig.fd, POLLIN, 0));
	/* Not asked for, and told all the same. */
	EXPECT_EQ(both, poll_fd(self->rig.fd, 0, 0));
}

static void *corrupt_soon(void *arg)
{
	struct rig *rig = arg;

	sleep_ns(50 * MSEC);
	pcring_store(&rig->ends[1].cons.own->cons, 12345);
	/* The kernel looks when it needs space. */
	for (int i = 0; i < 64; i++)
		if (nop(rig, 1))
			break;
	return NULL;
}

TEST_F(poll, pitfall_14_a_sleeper_hears_of_the_end)
{
	pthread_t thread;
	int i;

	/* The CQ is full, the SQ too: next it looks at cons. */
	for (i = 0; i < 8; i++)
		ASSERT_EQ(0, nop(&self->rig, 1));
	ASSERT_EQ(0, rig_wait(&self->rig, 1, 8, patience()));
	pthread_create(&thread, NULL, corrupt_soon, &self->rig);
	EXPECT_EQ(POLLHUP | POLLERR, poll_fd(self->rig.fd, 0, patience_ms()));
	pthread_join(thread, NULL);
}

/* ---- eventfd ------------------------------------------------------------------ */

static int event_set(struct rig *rig, __u32 ring, int fd, __u32 flags)
{
	struct pcring_eventfd req = {
		.size = sizeof(req),
		.flags = flags,
		.ring = ring,
		.fd = fd,
	};

	return call(rig->fd, PCRING_IOC_EVENTFD, &req);
}

TEST_F(poll, eventfd_is_signalled_when_it_was_asked_for)
{
	struct pcring_cons *c = &self->rig.ends[1].cons;
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), i;
	struct pcring_cqe cqe[8];
	__u64 count;

	ASSERT_EQ(0, event_set(&self->rig, 1, fd, 0));
	for (i = 0; i < 5; i++) {
		ASSERT_EQ(0, delayed(&self->rig, 20 * MSEC));
		pcring_cons_publish(c);
		pcring_cons_prepare_wait(c, 1);
		if (!pcring_cons_ready(c, 1)) {
			EXPECT_EQ(POLLIN, poll_fd(fd, POLLIN, patience_ms()))
			TH_LOG("round %d", i);
			EXPECT_EQ(8, read(fd, &count, 8));
		}
		pcring_cons_finish_wait(c);
		(void)!read(fd, &count, 8);
		EXPECT_LE(1, rig_pop(&self->rig, 1, cqe, 8));
	}
	ASSERT_EQ(0, event_set(&self->rig, 1, -1, 0));
	pcring_cons_prepare_wait(c, 1);
	ASSERT_EQ(0, nop(&self->rig, 1));
	ASSERT_EQ(0, rig_wait(&self->rig, 1, 1, patience()));
	EXPECT_EQ(0, poll_fd(fd, POLLIN, 20));
	close(fd);
}

TEST_F(poll, eventfd_waits_for_the_amount_asked_for)
{
	struct pcring_cons *c = &self->rig.ends[1].cons;
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), i;

	ASSERT_EQ(0, event_set(&self->rig, 1, fd, 0));
	pcring_cons_prepare_wait(c, 4);
	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, nop(&self->rig, 1));
	ASSERT_EQ(0, rig_enter(&self->rig, PCRING_ENTER_WAIT, 0, 1, 3,
			       patience()));
	EXPECT_EQ(0, poll_fd(fd, POLLIN, 20));
	ASSERT_EQ(0, nop(&self->rig, 1));
	EXPECT_EQ(POLLIN, poll_fd(fd, POLLIN, patience_ms()));
	pcring_cons_finish_wait(c);
	close(fd);
}

TEST_F(poll, eventfd_tells_of_space_too)
{
	struct pcring_sqe sqe = sqe_of(PCRING_LOOP_NOP, 0);
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), i;
	struct pcring_prod *p = &self->rig.ends[0].prod;
	struct pcring_cqe cqe[8];

	ASSERT_EQ(0, event_set(&self->rig, 0, fd, PCRING_EVENTFD_SPACE));
	for (i = 0; i < 50; i++) {
		while (rig_push(&self->rig, 0, &sqe, 1) == 1)
			;
		sleep_ns(MSEC);
	}
	pcring_prod_prepare_wait(p, 1);
	ASSERT_EQ(0, pcring_prod_space(p, 1));
	ASSERT_EQ(8, rig_pop(&self->rig, 1, cqe, 8));
	if (pcring_cons_publish(&self->rig.ends[1].cons))
		rig_enter(&self->rig, 0, 0, 0, 0, 0);
	EXPECT_EQ(POLLIN, poll_fd(fd, POLLIN, patience_ms()));
	pcring_prod_finish_wait(p);
	close(fd);
}

TEST_F(poll, eventfd_refuses_what_it_cannot_understand)
{
	struct pcring_eventfd req = { .size = sizeof(req), .flags = 2 };
	int fd = eventfd(0, EFD_CLOEXEC), file = open("/dev/null", O_RDWR);
	struct rig drop;

	EXPECT_REFUSED(EINVAL, "flags", "2", self->rig.fd,
		       call(self->rig.fd, PCRING_IOC_EVENTFD, &req));
	EXPECT_REFUSED(EINVAL, "ring", "2", self->rig.fd,
		       event_set(&self->rig, 2, fd, 0));
	EXPECT_NE(0, event_set(&self->rig, 1, file, 0));
	EXPECT_NE(0, event_set(&self->rig, 1, 9999, 0));
	EXPECT_NE(0, event_set(&self->rig, 1, -2, 0));
	/* Space where one produces, items where one consumes. */
	EXPECT_EQ(-EINVAL, event_set(&self->rig, 1, fd, PCRING_EVENTFD_SPACE));
	EXPECT_EQ(-EINVAL, event_set(&self->rig, 0, fd, 0));
	ASSERT_EQ(0, rig_open(&drop, LOOP));
	rig_ring(&drop, PCRING_KIND_SQ, 8)->policy = PCRING_POLICY_DROP_NEW;
	rig_ring(&drop, PCRING_KIND_CQ, 8);
	ASSERT_EQ(0, rig_setup(&drop));
	EXPECT_EQ(-EINVAL, event_set(&drop, 0, fd, PCRING_EVENTFD_SPACE));
	rig_close(&drop);
	close(fd);
	close(file);
}

/* Nobody may be held for ever by an eventfd that is full. */
TEST_F(poll, eventfd_that_is_full_holds_nobody)
{
	struct pcring_cons *c = &self->rig.ends[1].cons;
	int fd = eventfd(0, EFD_CLOEXEC);
	__u64 full = ~0ULL - 1;
	int i;

	ASSERT_EQ(0, event_set(&self->rig, 1, fd, 0));
	ASSERT_EQ(8, write(fd, &full, 8));
	for (i = 0; i < 5; i++) {
		struct pcring_cqe cqe;

		pcring_cons_prepare_wait(c, 1);
		ASSERT_EQ(0, nop(&self->rig, 1));
		ASSERT_EQ(0, rig_wait(&self->rig, 1, 1, patience()));
		ASSERT_EQ(1, rig_pop(&self->rig, 1, &cqe, 1));
	}
	close(fd);
}

TEST_HARNESS_MAIN
