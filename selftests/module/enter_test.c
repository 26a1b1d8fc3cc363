// SPDX-License-Identifier: GPL-2.0-only
/* ENTER: handing over and waiting. */
#include <sys/time.h>
#include "module.h"
#include "kselftest_harness.h"

#define WAIT PCRING_ENTER_WAIT
#define SPACE PCRING_ENTER_SPACE

FIXTURE(enter)
{
	struct rig rig;
};

FIXTURE_SETUP(enter)
{
	ASSERT_EQ(0, rig_loop(&self->rig, 16, 16));
}

FIXTURE_TEARDOWN(enter)
{
	rig_close(&self->rig);
}

/* Push without a word to the kernel. */
static int push_silently(struct rig *rig, __u32 opcode, __u64 arg, __u32 n)
{
	struct pcring_sqe sqe = sqe_of(opcode, 1);
	__u32 i;

	sqe.args[0] = arg;
	for (i = 0; i < n; i++)
		if (pcring_prod_push(&rig->ends[0].prod, &sqe, 1,
				     sizeof(sqe)) != 1)
			return -EAGAIN;
	return 0;
}

TEST_F(enter, a_bad_request_is_refused)
{
	struct pcring_enter good = { .size = sizeof(good) };
	struct pcring_enter enter = good;
	int fd = self->rig.fd;

	EXPECT_REFUSED(EINVAL, "flags", NULL, fd,
		       rig_enter(&self->rig, WAIT | SPACE, 0, 1, 1, 0));
	EXPECT_REFUSED(EINVAL, "flags", "8", fd,
		       rig_enter(&self->rig, 8, 0, 1, 1, 0));
	EXPECT_REFUSED(EINVAL, "ring", "2", fd,
		       rig_enter(&self->rig, WAIT, 0, 2, 1, 0));
	EXPECT_REFUSED(EINVAL, "ring", "4294967295", fd,
		       rig_enter(&self->rig, WAIT, 0, ~0U, 1, 0));
	enter.reserved = 1;
	EXPECT_REFUSED(EINVAL, "reserved", NULL, fd,
		       call(fd, PCRING_IOC_ENTER, &enter));
	enter = good;
	enter.size = 8;
	EXPECT_REFUSED(EINVAL, "size", "8", fd,
		       call(fd, PCRING_IOC_ENTER, &enter));
	enter.size = sizeof(enter) - 4;
	EXPECT_REFUSED(EINVAL, "size", NULL, fd,
		       call(fd, PCRING_IOC_ENTER, &enter));
}

TEST_F(enter, one_waits_for_what_one_consumes_and_for_space_to_produce)
{
	int fd = self->rig.fd;

	EXPECT_REFUSED(EINVAL, "ring", "0", fd,
		       rig_enter(&self->rig, WAIT, 0, 0, 1, 0));
	EXPECT_REFUSED(EINVAL, "ring", "1", fd,
		       rig_enter(&self->rig, SPACE, 0, 1, 1, 0));
}

TEST_F(enter, with_no_flag_it_returns_at_once)
{
	EXPECT_EQ(0, rig_enter(&self->rig, 0, 0, 0, 0, 0));
	EXPECT_EQ(0, self->rig.enter.taken);
	EXPECT_EQ(0, rig_enter(&self->rig, 0, 0, 0, 0, FOREVER));
}

TEST_F(enter, timeout_0_looks_once)
{
	__u64 begin = now_ns();

	EXPECT_EQ(-ETIME, rig_enter(&self->rig, WAIT, 0, 1, 1, 0));
	EXPECT_GT(begin + SEC, now_ns());
	EXPECT_EQ(0, self->rig.enter.ready);
	ASSERT_EQ(0, push_silently(&self->rig, PCRING_LOOP_NOP, 0, 3));
	ASSERT_EQ(0, rig_enter(&self->rig, WAIT, 16, 1, 3, patience()));
	EXPECT_EQ(0, rig_enter(&self->rig, WAIT, 0, 1, 1, 0));
	EXPECT_EQ(3, self->rig.enter.ready);
	EXPECT_EQ(-ETIME, rig_enter(&self->rig, WAIT, 0, 1, 4, 0));
	EXPECT_EQ(3, self->rig.enter.ready);
}

TEST_F(enter, a_timeout_ends_it_not_early)
{
	__u64 begin = now_ns();

	EXPECT_EQ(-ETIME, rig_enter(&self->rig, WAIT, 0, 1, 1, 80 * MSEC));
	EXPECT_LE(begin + 80 * MSEC, now_ns());
	EXPECT_GT(begin + patience(), now_ns());
}

TEST_F(enter, a_timeout_may_be_a_moment)
{
	__u32 flags = WAIT | PCRING_ENTER_ABSTIME;
	__u64 at = now_ns() + 80 * MSEC;

	EXPECT_EQ(-ETIME, rig_enter(&self->rig, flags, 0, 1, 1, at));
	EXPECT_LE(at, now_ns());
	EXPECT_GT(at + patience(), now_ns());
	/* One that has passed. */
	EXPECT_EQ(-ETIME, rig_enter(&self->rig, flags, 0, 1, 1, 1));
	EXPECT_EQ(-ETIME, rig_enter(&self->rig, flags, 0, 1, 1, 0));
}

TEST_F(enter, the_longest_timeouts_do_not_overflow)
{
	static const __u64 long_ones[] = { ~0ULL - 1, 1ULL << 63,
					   (1ULL << 63) - 1, ~0ULL };
	size_t i;

	for (i = 0; i < 4; i++) {
		ASSERT_EQ(0, push_silently(&self->rig, PCRING_LOOP_DELAY,
					   30 * MSEC, 1));
		EXPECT_EQ(0, rig_enter(&self->rig, WAIT, 1, 1, (__u32)i + 1,
				       long_ones[i]))
		TH_LOG("%llx", long_ones[i]);
	}
}

TEST_F(enter, min_is_what_it_waits_for)
{
	struct pcring_sqe sqe = sqe_of(PCRING_LOOP_DELAY, 0);
	__u64 begin = now_ns();
	__u32 i;

	for (i = 1; i <= 4; i++) {
		sqe.args[0] = i * 50 * MSEC;
		ASSERT_EQ(1, rig_push(&self->rig, 0, &sqe, 1));
	}
	EXPECT_EQ(0, rig_enter(&self->rig, WAIT, 0, 1, 2, patience()));
	EXPECT_LE(begin + 100 * MSEC, now_ns());
	EXPECT_LE(2, self->rig.enter.ready);
	EXPECT_EQ(0, rig_enter(&self->rig, WAIT, 0, 1, 4, patience()));
	EXPECT_LE(begin + 200 * MSEC, now_ns());
	EXPECT_EQ(4, self->rig.enter.ready);
}

TEST_F(enter, more_than_the_ring_holds_counts_as_all_of_it)
{
	ASSERT_EQ(0, push_silently(&self->rig, PCRING_LOOP_NOP, 0, 16));
	EXPECT_EQ(0, rig_enter(&self->rig, WAIT, 16, 1, 17, patience()));
	EXPECT_EQ(16, self->rig.enter.ready);
	EXPECT_EQ(0, rig_enter(&self->rig, WAIT, 0, 1, ~0U, patience()));
	EXPECT_EQ(16, self->rig.enter.ready);
	EXPECT_EQ(0, rig_enter(&self->rig, SPACE, 0, 0, ~0U, patience()));
	EXPECT_EQ(16, self->rig.enter.ready);
}

TEST_F(enter, space_is_waited_for)
{
	struct pcring_sqe sqe = sqe_of(PCRING_LOOP_NOP, 0);
	struct pcring_cqe cqe[16];
	__u32 n = 0;
	int i;

	/* Both rings full: nothing is read. */
	for (i = 0; i < 50; i++) {
		while (rig_push(&self->rig, 0, &sqe, 1) == 1)
			n++;
		sleep_ns(MSEC);
	}
	ASSERT_LE(16, n);
	EXPECT_EQ(-ETIME, rig_enter(&self->rig, SPACE, 0, 0, 16, 30 * MSEC));
	EXPECT_EQ(16, rig_pop(&self->rig, 1, cqe, 16));
	EXPECT_EQ(NOTHING, rig_pop(&self->rig, 1, cqe, 0));
	/* Read and published, the rest is taken in, and there is space. */
	if (pcring_cons_publish(&self->rig.ends[1].cons))
		rig_enter(&self->rig, 0, 0, 0, 0, 0);
	EXPECT_EQ(0, rig_enter(&self->rig, SPACE, 0, 0, 16, patience()));
	EXPECT_EQ(16, self->rig.enter.ready);
}

TEST_F(enter, a_ring_that_drops_has_no_space_to_wait_for)
{
	struct rig rig;

	ASSERT_EQ(0, rig_open(&rig, LOOP));
	rig_ring(&rig, PCRING_KIND_SQ, 8)->policy = PCRING_POLICY_DROP_NEW;
	rig_ring(&rig, PCRING_KIND_CQ, 8);
	ASSERT_EQ(0, rig_setup(&rig));
	EXPECT_REFUSED(EINVAL, "ring", "0", rig.fd,
		       rig_enter(&rig, SPACE, 0, 0, 1, FOREVER));
	rig_close(&rig);
}

/* ---- signals ----------------------------------------------------------------- */

static void on_alarm(int signal)
{
	(void)signal;
}

static void alarm_in(__u64 ns, int flags)
{
	struct sigaction act = { .sa_handler = on_alarm, .sa_flags = flags };
	struct itimerval timer = { .it_value.tv_usec = (long)(ns / 1000) };

	sigaction(SIGALRM, &act, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
}

TEST_F(enter, a_signal_interrupts_it)
{
	__u64 begin = now_ns();

	alarm_in(50 * MSEC, 0);
	EXPECT_EQ(-EINTR, rig_enter(&self->rig, WAIT, 0, 1, 1, FOREVER));
	EXPECT_LE(begin + 50 * MSEC, now_ns());
	alarm_in(50 * MSEC, 0);
	ASSERT_EQ(0, push_silently(&self->rig, PCRING_LOOP_DELAY, 5 * SEC, 1));
	EXPECT_EQ(-EINTR, rig_enter(&self->rig, WAIT, 1, 1, 1, FOREVER));
	/* What was handed over before is told. */
	EXPECT_GE(1, self->rig.enter.taken);
}

/* SA_RESTART would begin a relative timeout anew: it does not. */
TEST_F(enter, a_signal_with_restart_interrupts_it_too)
{
	alarm_in(50 * MSEC, SA_RESTART);
	EXPECT_EQ(-EINTR, rig_enter(&self->rig, WAIT, 0, 1, 1, patience() / 2));
}

TEST_F(enter, a_waiter_can_be_killed)
{
	pid_t pid = fork();

	if (!pid) {
		rig_enter(&self->rig, WAIT, 0, 1, 1, FOREVER);
		_exit(0);
	}
	sleep_ns(50 * MSEC);
	kill(pid, SIGKILL);
	EXPECT_EQ(128 + SIGKILL, child_wait(pid));
}

/* ---- without a worker ---------------------------------------------------------- */

FIXTURE(alone)
{
	struct rig rig;
};

FIXTURE_SETUP(alone)
{
	ASSERT_EQ(0, rig_open(&self->rig, LOOP));
	rig_ring(&self->rig, PCRING_KIND_SQ, 16);
	rig_ring(&self->rig, PCRING_KIND_CQ, 16);
	self->rig.setup.flags = PCRING_SETUP_ENTER_ONLY;
	ASSERT_EQ(0, rig_setup(&self->rig))
	TH_LOG("%s", refusal(self->rig.fd));
}

FIXTURE_TEARDOWN(alone)
{
	rig_close(&self->rig);
}

TEST_F(alone, only_enter_takes)
{
	struct pcring_stats stats;

	ASSERT_EQ(0, push_silently(&self->rig, PCRING_LOOP_NOP, 0, 5));
	EXPECT_EQ(0, rig_enter(&self->rig, 0, 0, 0, 0, 0));
	EXPECT_EQ(-ETIME, rig_enter(&self->rig, WAIT, 0, 1, 1, 50 * MSEC));
	ASSERT_EQ(0, rig_stats(&self->rig, 0, &stats));
	EXPECT_EQ(5, stats.in_ring);
	EXPECT_EQ(0, rig_enter(&self->rig, 0, 3, 0, 0, 0));
	EXPECT_EQ(3, self->rig.enter.taken);
	EXPECT_EQ(0, rig_enter(&self->rig, WAIT, 0, 1, 3, 0));
	EXPECT_EQ(3, self->rig.enter.ready);
	ASSERT_EQ(0, rig_stats(&self->rig, 0, &stats));
	EXPECT_EQ(2, stats.in_ring);
	EXPECT_EQ(3, stats.consumed);
	EXPECT_TRUE(stats_balance(&stats));
	EXPECT_EQ(0, rig_enter(&self->rig, 0, ~0U, 0, 0, 0));
	EXPECT_EQ(2, self->rig.enter.taken);
}

TEST_F(alone, it_takes_and_waits_in_one_call)
{
	struct pcring_cqe cqe;
	__u64 i;

	for (i = 0; i < 100; i++) {
		struct pcring_sqe sqe = sqe_of(PCRING_LOOP_NOP, i);

		ASSERT_EQ(1, pcring_prod_push(&self->rig.ends[0].prod, &sqe, 1,
					      sizeof(sqe)));
		ASSERT_EQ(0, rig_enter(&self->rig, WAIT, 1, 1, 1, patience()));
		EXPECT_EQ(1, self->rig.enter.taken);
		ASSERT_EQ(1, rig_pop(&self->rig, 1, &cqe, 1));
		EXPECT_EQ(i, cqe.user_data);
	}
}

TEST_F(alone, what_was_taken_is_told_though_the_wait_failed)
{
	ASSERT_EQ(0, push_silently(&self->rig, PCRING_LOOP_DELAY, SEC, 2));
	EXPECT_EQ(-ETIME, rig_enter(&self->rig, WAIT, 9, 1, 2, 30 * MSEC));
	EXPECT_EQ(2, self->rig.enter.taken);
	EXPECT_EQ(0, rig_enter(&self->rig, WAIT, 0, 1, 2, patience()));
}

TEST_F(alone, more_requests_than_credit_stay_in_the_ring)
{
	struct pcring_cqe cqe[16];

	ASSERT_EQ(0, push_silently(&self->rig, PCRING_LOOP_NOP, 0, 16));
	EXPECT_EQ(0, rig_enter(&self->rig, 0, 16, 0, 0, 0));
	EXPECT_EQ(16, self->rig.enter.taken);
	ASSERT_EQ(0, push_silently(&self->rig, PCRING_LOOP_NOP, 0, 4));
	EXPECT_EQ(0, rig_enter(&self->rig, 0, 16, 0, 0, 0));
	EXPECT_EQ(0, self->rig.enter.taken);
	EXPECT_EQ(16, rig_pop(&self->rig, 1, cqe, 16));
	EXPECT_EQ(0, rig_enter(&self->rig, WAIT, 16, 1, 4, patience()));
	EXPECT_EQ(4, self->rig.enter.taken);
}

TEST_F(alone, it_takes_records_too)
{
	struct item item;
	struct rig rig;

	ASSERT_EQ(0, rig_open(&rig, LOOP));
	rig_ring(&rig, PCRING_KIND_REC_IN, 4096);
	rig_ring(&rig, PCRING_KIND_REC_OUT, 4096);
	rig.setup.flags = PCRING_SETUP_ENTER_ONLY;
	ASSERT_EQ(0, rig_setup(&rig));
	ASSERT_EQ(0, rig_write(&rig, 0, "one", 4, 1, false));
	ASSERT_EQ(0, rig_write(&rig, 0, "two", 4, 1, false));
	EXPECT_EQ(NOTHING, rig_next(&rig, 1, &item));
	EXPECT_EQ(0, rig_enter(&rig, WAIT, 1, 1, 1, patience()));
	EXPECT_EQ(1, rig.enter.taken);
	ASSERT_EQ(ITEM, rig_next(&rig, 1, &item));
	EXPECT_STREQ("one", item.view.data);
	rig_done(&rig, 1, &item);
	EXPECT_EQ(NOTHING, rig_next(&rig, 1, &item));
	EXPECT_EQ(0, rig_enter(&rig, WAIT, 5, 1, 1, patience()));
	ASSERT_EQ(ITEM, rig_next(&rig, 1, &item));
	EXPECT_STREQ("two", item.view.data);
	rig_close(&rig);
}

/* Both consume, one at a time: nothing twice, nothing in between lost. */
TEST_F(enter, a_worker_and_many_callers_take_each_request_once)
{
	__u64 rounds = scaled(30000), sent = 0, got = 0;
	struct pcring_sqe sqe[8];
	struct pcring_cqe cqe[16];
	int i, n;

	while (got < rounds) {
		for (i = 0; i < 8; i++)
			sqe[i] = sqe_of(PCRING_LOOP_NOP, sent + (__u64)i);
		n = rig_push(&self->rig, 0, sqe, 8);
		ASSERT_LE(0, n);
		sent += (__u64)n;
		ASSERT_EQ(0, rig_enter(&self->rig, 0, 3, 0, 0, 0));
		n = rig_pop(&self->rig, 1, cqe, 16);
		ASSERT_LE(0, n);
		for (i = 0; i < n; i++, got++)
			ASSERT_EQ(got, cqe[i].user_data);
	}
}

TEST_HARNESS_MAIN
