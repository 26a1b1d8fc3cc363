// SPDX-License-Identifier: GPL-2.0-only
/*
 * While both sides are awake nobody calls anybody: requests and answers pass through
 * the rings alone.
 */
#include <sched.h>
#include "module.h"
#include "kselftest_harness.h"

/* So long that a machine that takes a CPU away does not make the worker sleep. */
#define SPIN_US 200000U
#define ENTRIES 256U
#define BATCH 32U
#define ROUNDS 200U

FIXTURE(quiet)
{
	struct rig rig;
	long long saved;
	__u64 calls;
};

FIXTURE_SETUP(quiet)
{
	self->saved = param_get("max_spin_us");
	ASSERT_LE(0, self->saved);
	ASSERT_EQ(0, param_set("max_spin_us", SPIN_US));
	self->rig.fd = -1;
}

FIXTURE_TEARDOWN_PARENT(quiet)
{
	param_set("max_spin_us", (unsigned long long)self->saved);
}

static int loop_spins(struct rig *rig, __u32 spin_us)
{
	int err = rig_open(rig, LOOP);

	rig_ring(rig, PCRING_KIND_SQ, ENTRIES)->spin_us = spin_us;
	rig_ring(rig, PCRING_KIND_CQ, ENTRIES);
	return err ? err : rig_setup(rig);
}

/* If the other side asked for it: a call. */
static void wake_if(FIXTURE_DATA(quiet) * self, bool asked)
{
	if (!asked)
		return;
	self->calls++;
	rig_enter(&self->rig, 0, 0, 0, 0, 0);
}

static __u32 ask(FIXTURE_DATA(quiet) * self, __u64 first, __u32 n)
{
	struct pcring_prod *p = &self->rig.ends[0].prod;
	struct pcring_sqe sqes[BATCH];
	__u32 i;
	int got;

	for (i = 0; i < n; i++)
		sqes[i] = sqe_of(PCRING_LOOP_NOP, first + i);
	got = pcring_prod_push(p, sqes, n, sizeof(sqes[0]));
	wake_if(self, pcring_prod_notify(p));
	return got < 0 ? 0 : (__u32)got;
}

/* Answers taken; false: one of them is not the next one. */
static bool take(FIXTURE_DATA(quiet) * self, __u64 *next)
{
	struct pcring_cons *c = &self->rig.ends[1].cons;
	struct pcring_cqe cqes[BATCH];
	int i, got = pcring_cons_pop(c, cqes, BATCH, sizeof(cqes[0]));

	for (i = 0; i < got; i++)
		if (cqes[i].user_data != (*next)++)
			return false;
	if (got > 0)
		wake_if(self, pcring_cons_release(c, (__u32)got, (__u32)got));
	else if (!got)
		wake_if(self, pcring_cons_publish(c));
	if (!got)
		sched_yield();
	return got >= 0;
}

/* @items requests, @ahead of them unanswered at most. */
static void stream(struct __test_metadata *_metadata,
		   FIXTURE_DATA(quiet) * self, __u64 items, __u32 ahead)
{
	__u64 until = now_ns() + patience(), sent = 0, got = 0;

	while (got < items) {
		if (sent < items && sent - got < ahead)
			sent += ask(self, sent, ahead < BATCH ? ahead : BATCH);
		ASSERT_TRUE(take(self, &got))
		TH_LOG("answer %llu", got);
		ASSERT_GT(until, now_ns())
		TH_LOG("%llu of %llu answered", got, items);
	}
}

TEST_F(quiet, a_stream_takes_no_calls)
{
	__u64 items = scaled(200000) / BATCH * BATCH;

	ASSERT_EQ(0, loop_spins(&self->rig, SPIN_US));
	stream(_metadata, self, items, ENTRIES / 2);
	TH_LOG("%llu requests, %llu calls", items, self->calls);
	EXPECT_GT(items, self->calls * 100);
	rig_close(&self->rig);
}

TEST_F(quiet, nor_do_requests_one_by_one)
{
	__u64 items = scaled(20000);

	ASSERT_EQ(0, loop_spins(&self->rig, SPIN_US));
	stream(_metadata, self, items, 1);
	TH_LOG("%llu requests, %llu calls", items, self->calls);
	EXPECT_GT(items, self->calls * 100);
	rig_close(&self->rig);
}

/* And these calls are counted: a worker that does not look has to be woken. */
TEST_F(quiet, a_worker_that_sleeps_is_called_each_time)
{
	__u64 i;

	ASSERT_EQ(0, loop_spins(&self->rig, 0));
	for (i = 0; i < ROUNDS; i++) {
		sleep_ns(2 * MSEC);
		stream(_metadata, self, 1, 1);
	}
	EXPECT_LE(ROUNDS * 9 / 10, self->calls);
	rig_close(&self->rig);
}

TEST_HARNESS_MAIN
