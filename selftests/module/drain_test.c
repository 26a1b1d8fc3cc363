// SPDX-License-Identifier: GPL-2.0-only
/* The end of a ctx: DRAIN, fsync, close, and the books afterwards. */
#include "module.h"
#include "kselftest_harness.h"

FIXTURE(drain)
{
	struct rig rig;
};

FIXTURE_SETUP(drain)
{
	ASSERT_EQ(0, rig_loop(&self->rig, 16, 16));
}

FIXTURE_TEARDOWN(drain)
{
	rig_close(&self->rig);
}

static int delay(struct rig *rig, __u64 ns, __u32 n)
{
	struct pcring_sqe sqe = sqe_of(PCRING_LOOP_DELAY, 9);
	int err = 0;

	sqe.args[0] = ns;
	while (n-- && !err)
		err = rig_push_all(rig, 0, &sqe, 1);
	return err;
}

static __u32 state(struct rig *rig)
{
	struct pcring_stats stats;

	return rig_stats(rig, 0, &stats) ? ~0U : stats.state;
}

TEST_F(drain, a_bad_request_is_refused)
{
	struct pcring_drain drain = { .size = sizeof(drain), .flags = 1 };

	EXPECT_REFUSED(EINVAL, "flags", "1", self->rig.fd,
		       call(self->rig.fd, PCRING_IOC_DRAIN, &drain));
	drain.flags = 0;
	drain.size = 8;
	EXPECT_REFUSED(EINVAL, "size", "8", self->rig.fd,
		       call(self->rig.fd, PCRING_IOC_DRAIN, &drain));
	EXPECT_EQ(PCRING_STATE_LIVE, state(&self->rig));
}

TEST_F(drain, of_nothing_is_done_at_once_and_is_the_end)
{
	struct pcring_sqe sqe = sqe_of(PCRING_LOOP_NOP, 1);
	struct pcring_drain drain;

	EXPECT_EQ(PCRING_STATE_LIVE, state(&self->rig));
	EXPECT_EQ(0, rig_drain(&self->rig, FOREVER, &drain));
	EXPECT_EQ(0, drain.drained);
	EXPECT_EQ(0, drain.cancelled);
	EXPECT_EQ(PCRING_STATE_DEAD, state(&self->rig));
	EXPECT_EQ(PCRING_STATE_DEAD,
		  pcring_cons_peer_state(&self->rig.ends[1].cons));
	EXPECT_EQ(PCRING_STATE_DEAD,
		  pcring_prod_peer_state(&self->rig.ends[0].prod));
	/* Nothing new is taken. */
	rig_push(&self->rig, 0, &sqe, 1);
	EXPECT_GT(0, rig_enter(&self->rig, 0, 1, 0, 0, 0));
	EXPECT_EQ(0, self->rig.enter.taken);
}

TEST_F(drain, finishes_what_was_submitted)
{
	struct pcring_drain drain;
	struct pcring_stats stats;
	struct pcring_cqe cqe[16];
	__u32 i;

	ASSERT_EQ(0, delay(&self->rig, 100 * MSEC, 7));
	EXPECT_EQ(0, rig_drain(&self->rig, FOREVER, &drain));
	EXPECT_EQ(0, drain.cancelled);
	EXPECT_LE(7, drain.drained);
	/* The answers stay to be read. */
	EXPECT_EQ(7, rig_pop(&self->rig, 1, cqe, 16));
	for (i = 0; i < 7; i++)
		EXPECT_EQ(0, cqe[i].res);
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, rig_stats(&self->rig, i, &stats));
		EXPECT_TRUE(stats_balance(&stats));
		EXPECT_EQ(7, stats.consumed);
	}
	EXPECT_EQ(-EOWNERDEAD,
		  rig_enter(&self->rig, PCRING_ENTER_WAIT, 0, 1, 1, FOREVER));
}

TEST_F(drain, cancels_the_rest_at_its_timeout)
{
	struct pcring_drain drain;
	struct pcring_stats stats;
	struct pcring_cqe cqe[16];
	__u64 begin = now_ns();
	int n, i;

	ASSERT_EQ(0, delay(&self->rig, 8 * SEC, 5));
	EXPECT_EQ(-ETIME, rig_drain(&self->rig, 100 * MSEC, &drain));
	EXPECT_LE(begin + 100 * MSEC, now_ns());
	EXPECT_GT(begin + 6 * SEC, now_ns());
	/* As answers, or, if they were never taken, as counts. */
	n = rig_pop(&self->rig, 1, cqe, 16);
	for (i = 0; i < n; i++)
		EXPECT_EQ(-ECANCELED, cqe[i].res);
	ASSERT_EQ(0, rig_stats(&self->rig, 0, &stats));
	EXPECT_TRUE(stats_balance(&stats));
	EXPECT_EQ(5, stats.consumed + stats.cancelled);
	EXPECT_EQ(n, (int)stats.consumed);
	EXPECT_EQ(PCRING_STATE_DEAD, state(&self->rig));
}

TEST_F(drain, with_no_room_for_the_answers_it_times_out)
{
	struct pcring_sqe sqe = sqe_of(PCRING_LOOP_NOP, 1);
	struct pcring_drain drain;
	struct pcring_stats stats;
	struct pcring_cqe cqe[16];
	__u64 sent = 0;
	int i;

	for (i = 0; i < 50; i++) {
		while (rig_push(&self->rig, 0, &sqe, 1) == 1)
			sent++;
		sleep_ns(MSEC);
	}
	EXPECT_EQ(-ETIME, rig_drain(&self->rig, 50 * MSEC, &drain));
	EXPECT_LE(1, drain.cancelled);
	EXPECT_EQ(16, rig_pop(&self->rig, 1, cqe, 16));
	ASSERT_EQ(0, rig_stats(&self->rig, 0, &stats));
	EXPECT_TRUE(stats_balance(&stats));
	EXPECT_EQ(sent, stats.consumed + stats.cancelled);
}

TEST_F(drain, twice_is_once)
{
	struct pcring_drain drain;
	int err;

	EXPECT_EQ(0, rig_drain(&self->rig, SEC, &drain));
	err = rig_drain(&self->rig, SEC, &drain);
	EXPECT_TRUE(!err || err == -ECANCELED || err == -EOWNERDEAD)
	TH_LOG("%d", err);
	EXPECT_EQ(PCRING_STATE_DEAD, state(&self->rig));
}

static void *waiter(void *arg)
{
	struct rig *rig = arg;
	struct pcring_enter enter = { .size = sizeof(enter),
				      .flags = PCRING_ENTER_WAIT,
				      .ring = 1,
				      .min = 1,
				      .timeout_ns = patience() };

	return (void *)(long)call(rig->fd, PCRING_IOC_ENTER, &enter);
}

TEST_F(drain, wakes_who_waits)
{
	struct pcring_drain drain;
	pthread_t thread;
	void *err;

	pthread_create(&thread, NULL, waiter, &self->rig);
	sleep_ns(50 * MSEC);
	EXPECT_EQ(0, rig_drain(&self->rig, SEC, &drain));
	pthread_join(thread, &err);
	EXPECT_TRUE((long)err == -ECANCELED || (long)err == -EOWNERDEAD)
	TH_LOG("%ld", (long)err);
}

TEST_F(drain, can_be_killed_and_interrupted)
{
	struct pcring_drain drain;
	pid_t pid;

	ASSERT_EQ(0, delay(&self->rig, 3 * SEC, 1));
	pid = fork();
	if (!pid) {
		rig_drain(&self->rig, FOREVER, &drain);
		_exit(0);
	}
	sleep_ns(100 * MSEC);
	kill(pid, SIGKILL);
	EXPECT_EQ(128 + SIGKILL, child_wait(pid));
}

/* ---- fsync ---------------------------------------------------------------------- */

TEST_F(drain, fsync_waits_for_what_was_submitted_and_is_no_end)
{
	struct pcring_sqe sqe = sqe_of(PCRING_LOOP_NOP, 1);
	struct pcring_cqe cqe[16];
	__u64 begin = now_ns();

	ASSERT_EQ(0, delay(&self->rig, 150 * MSEC, 3));
	EXPECT_EQ(0, fsync(self->rig.fd));
	EXPECT_LE(begin + 150 * MSEC, now_ns());
	EXPECT_EQ(PCRING_STATE_LIVE, state(&self->rig));
	EXPECT_EQ(3, rig_pop(&self->rig, 1, cqe, 16));
	EXPECT_EQ(0, rig_ask(&self->rig, &sqe, cqe));
	EXPECT_EQ(0, fdatasync(self->rig.fd));
}

TEST_F(drain, fsync_can_be_killed_and_cancels_nothing)
{
	struct pcring_cqe cqe;
	pid_t pid;

	ASSERT_EQ(0, delay(&self->rig, 800 * MSEC, 1));
	pid = fork();
	if (!pid) {
		fsync(self->rig.fd);
		_exit(0);
	}
	sleep_ns(100 * MSEC);
	kill(pid, SIGKILL);
	EXPECT_EQ(128 + SIGKILL, child_wait(pid));
	ASSERT_EQ(0, rig_wait(&self->rig, 1, 1, patience()));
	ASSERT_EQ(1, rig_pop(&self->rig, 1, &cqe, 1));
	EXPECT_EQ(0, cqe.res);
}

TEST(fsync_before_setup_has_nothing_to_wait_for)
{
	int fd = dev_open(LOOP, O_RDWR);

	ASSERT_LE(0, fd);
	EXPECT_EQ(0, fsync(fd))
	TH_LOG("%d", errno);
	close(fd);
}

/* ---- close ----------------------------------------------------------------------- */

static int device_dying(int fd, __u64 *dying)
{
	struct pcring_stats stats;
	int err = device_stats(fd, PCRING_KIND_SQ, &stats);

	*dying = stats.dying;
	return err;
}

static void no_dying(struct __test_metadata *_metadata, int fd)
{
	__u64 until = now_ns() + patience(), dying = 1;

	while (now_ns() < until) {
		ASSERT_EQ(0, device_dying(fd, &dying));
		if (!dying)
			break;
		sleep_ns(10 * MSEC);
	}
	EXPECT_EQ(0, dying);
}

TEST_F(drain, pitfall_10_a_ctx_closed_with_requests_in_flight_dies_in_sight)
{
	int watch = dev_open(LOOP, O_RDWR);
	__u64 begin, dying;

	ASSERT_LE(0, watch);
	no_dying(_metadata, watch);
	ASSERT_EQ(0, delay(&self->rig, 600 * MSEC, 4));
	sleep_ns(100 * MSEC); /* they are taken */
	begin = now_ns();
	rig_close(&self->rig);
	EXPECT_GT(begin + 400 * MSEC, now_ns()); /* close() returns at once */
	ASSERT_EQ(0, device_dying(watch, &dying));
	EXPECT_EQ(1, dying);
	no_dying(_metadata, watch);
	close(watch);
}

TEST_F(drain, pitfall_06_a_mapping_keeps_a_ctx_alive)
{
	int watch = dev_open(LOOP, O_RDWR);
	__u64 dying = 9;

	ASSERT_LE(0, watch);
	close(self->rig.fd);
	self->rig.fd = -1;
	sleep_ns(50 * MSEC);
	EXPECT_EQ(PCRING_STATE_LIVE,
		  pcring_cons_peer_state(&self->rig.ends[1].cons));
	rig_unmap(&self->rig);
	no_dying(_metadata, watch);
	(void)dying;
	close(watch);
}

TEST_F(drain, drain_ms_bounds_the_dying)
{
	int watch = dev_open(LOOP, O_RDWR);
	struct rig rig;
	__u64 begin;

	ASSERT_LE(0, watch);
	ASSERT_EQ(0, rig_open(&rig, LOOP));
	rig_ring(&rig, PCRING_KIND_SQ, 8);
	rig_ring(&rig, PCRING_KIND_CQ, 8);
	rig.setup.drain_ms = 200;
	ASSERT_EQ(0, rig_setup(&rig));
	ASSERT_EQ(0, delay(&rig, 9 * SEC, 2));
	sleep_ns(50 * MSEC);
	begin = now_ns();
	rig_close(&rig);
	no_dying(_metadata, watch);
	EXPECT_LE(begin + 150 * MSEC, now_ns());
	EXPECT_GT(begin + 6 * SEC, now_ns());
	close(watch);
}

/* The device's books before and after: what a ctx did, once it is gone. */
TEST(a_dead_ctx_stands_in_its_devices_totals)
{
	struct pcring_stats before[2], after[2];
	static const __u32 kinds[2] = { PCRING_KIND_SQ, PCRING_KIND_CQ };
	struct pcring_sqe sqe = sqe_of(PCRING_LOOP_NOP, 1);
	int watch = dev_open(LOOP, O_RDWR), i;
	struct pcring_cqe cqe;
	struct rig rig;

	ASSERT_LE(0, watch);
	no_dying(_metadata, watch);
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, device_stats(watch, kinds[i], &before[i]));
	ASSERT_EQ(0, rig_loop(&rig, 16, 16));
	for (i = 0; i < 100; i++)
		ASSERT_EQ(0, rig_ask(&rig, &sqe, &cqe));
	/* Three answered and not read. */
	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, rig_push_all(&rig, 0, &sqe, 1));
	ASSERT_EQ(0, rig_wait(&rig, 1, 3, patience()));
	/* And a lie, that is not to spoil what others see. */
	pcring_store(&rig.ends[0].prod.own->counts.offered, 1ULL << 60);
	pcring_store(&rig.ends[1].cons.own->counts.consumed, 1ULL << 61);
	rig_close(&rig);
	no_dying(_metadata, watch);
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, device_stats(watch, kinds[i], &after[i]));
		EXPECT_TRUE(stats_balance(&after[i]))
		TH_LOG("kind %u", kinds[i]);
		EXPECT_EQ(103, after[i].accepted - before[i].accepted);
	}
	EXPECT_EQ(103, after[0].consumed - before[0].consumed);
	EXPECT_EQ(100, after[1].consumed - before[1].consumed);
	EXPECT_EQ(3, after[1].cancelled - before[1].cancelled);
	close(watch);
}

TEST(stats_refuses_what_it_cannot_understand)
{
	struct pcring_stats stats = { .size = sizeof(stats), .ring = 2 };
	struct rig rig;

	ASSERT_EQ(0, rig_loop(&rig, 8, 8));
	EXPECT_REFUSED(EINVAL, "ring", "2", rig.fd,
		       call(rig.fd, PCRING_IOC_STATS, &stats));
	stats.ring = ~0U;
	EXPECT_REFUSED(EINVAL, "ring", NULL, rig.fd,
		       call(rig.fd, PCRING_IOC_STATS, &stats));
	stats.ring = 0;
	stats.flags = 2;
	EXPECT_REFUSED(EINVAL, "flags", "2", rig.fd,
		       call(rig.fd, PCRING_IOC_STATS, &stats));
	stats.flags = PCRING_STATS_DEVICE;
	stats.ring = 99;
	EXPECT_REFUSED(EINVAL, "ring", "99", rig.fd,
		       call(rig.fd, PCRING_IOC_STATS, &stats));
	rig_close(&rig);
}

/* Opened, used and killed, many times over: nothing is left. */
TEST(killed_at_any_moment_all_comes_home)
{
	int watch = dev_open(LOOP, O_RDWR), i;
	__u64 rounds = scaled(60), k;
	struct pcring_sqe sqe[8];
	struct rig rig;
	pid_t pid;

	ASSERT_LE(0, watch);
	for (k = 0; k < rounds; k++) {
		pid = fork();
		if (!pid) {
			if (rig_loop_blocks(&rig, 16, 16, 16))
				_exit(1);
			for (i = 0; i < 8; i++) {
				sqe[i] = sqe_block(i % 2 ? PCRING_LOOP_DELAY
							 : PCRING_LOOP_CRC32C,
						   (__u32)i, 0, 64);
				sqe[i].args[0] = 20 * MSEC;
			}
			rig_push(&rig, 0, sqe, 8);
			for (;;)
				rig_push(&rig, 0, sqe, 1);
		}
		sleep_ns((k % 30) * MSEC);
		kill(pid, SIGKILL);
		ASSERT_EQ(128 + SIGKILL, child_wait(pid));
	}
	no_dying(_metadata, watch);
	close(watch);
}

TEST_HARNESS_MAIN
