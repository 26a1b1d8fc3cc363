// SPDX-License-Identifier: GPL-2.0-only
/*
 * Positions that straddle 2^31, 2^32, 2^63 and 2^64. The module's parameter "start",
 * made for this test, says where the rings of a SETUP begin.
 */
#include "module.h"
#include "kselftest_harness.h"

FIXTURE(wrap)
{
	struct rig rig;
	bool skip;
};

FIXTURE_VARIANT(wrap)
{
	__u64 at;
};

FIXTURE_VARIANT_ADD(wrap, at_2_to_the_31){
	.at = 1ULL << 31,
};

FIXTURE_VARIANT_ADD(wrap, at_2_to_the_32){
	.at = 1ULL << 32,
};

FIXTURE_VARIANT_ADD(wrap, at_2_to_the_63){
	.at = 1ULL << 63,
};

FIXTURE_VARIANT_ADD(wrap, at_2_to_the_64){
	.at = 0,
};

FIXTURE_SETUP(wrap)
{
	self->skip = param_get("start") < 0;
	if (self->skip)
		return;
	ASSERT_EQ(0, rig_open(&self->rig, LOOP));
	self->rig.start = variant->at - 64;
}

FIXTURE_TEARDOWN(wrap)
{
	struct pcring_stats stats;
	__u32 i;

	if (self->skip)
		return;
	for (i = 0; i < self->rig.nr; i++) {
		ASSERT_EQ(0, rig_stats(&self->rig, i, &stats));
		EXPECT_TRUE(stats_balance(&stats));
		EXPECT_EQ(PCRING_STATE_LIVE, stats.state);
	}
	rig_close(&self->rig);
}

/* The parameter holds for this SETUP alone. */
static int setup_there(struct rig *rig)
{
	int err = param_set("start", rig->start);

	if (!err)
		err = rig_setup(rig);
	param_set("start", 0);
	return err;
}

TEST_F(wrap, pitfall_24_requests_and_answers)
{
	struct pcring_sqe sqe[11];
	struct pcring_cqe cqe[11];
	__u64 next = 0;
	__u32 n, i;

	if (self->skip)
		SKIP(return, "the module has no parameter start");
	rig_ring(&self->rig, PCRING_KIND_SQ, 16);
	rig_ring(&self->rig, PCRING_KIND_CQ, 16);
	ASSERT_EQ(0, setup_there(&self->rig));
	/* Singly and in bursts, across it and well beyond. */
	for (n = 1; next < 300; n = n % 11 + 1) {
		for (i = 0; i < n; i++)
			sqe[i] = sqe_of(PCRING_LOOP_NOP, next + i);
		ASSERT_EQ((int)n, rig_push(&self->rig, 0, sqe, n));
		ASSERT_EQ(0, rig_wait(&self->rig, 1, n, patience()))
		TH_LOG("at %llu", next);
		ASSERT_EQ((int)n, rig_pop(&self->rig, 1, cqe, 11));
		for (i = 0; i < n; i++, next++) {
			EXPECT_EQ(next, cqe[i].user_data);
			EXPECT_EQ(next, cqe[i].seq);
		}
	}
	EXPECT_EQ(self->rig.start + next, self->rig.ends[0].prod.prod);
}

TEST_F(wrap, pitfall_24_full_rings)
{
	struct pcring_sqe sqe = sqe_of(PCRING_LOOP_NOP, 0);
	struct pcring_cqe cqe;
	__u64 sent = 0, got = 0;
	int i;

	if (self->skip)
		SKIP(return, "the module has no parameter start");
	rig_ring(&self->rig, PCRING_KIND_SQ, 8);
	rig_ring(&self->rig, PCRING_KIND_CQ, 8);
	ASSERT_EQ(0, setup_there(&self->rig));
	while (got < 200) {
		for (i = 0; i < 3; i++) {
			while (rig_push(&self->rig, 0, &sqe, 1) == 1)
				sqe.user_data = ++sent;
			sleep_ns(MSEC);
		}
		for (i = 0; i < 13; i++, got++) {
			ASSERT_EQ(0, rig_wait(&self->rig, 1, 1, patience()));
			ASSERT_EQ(1, rig_pop(&self->rig, 1, &cqe, 1));
			ASSERT_EQ(got, cqe.user_data);
		}
	}
}

TEST_F(wrap, pitfall_24_records)
{
	struct item item;
	__u64 i;

	if (self->skip)
		SKIP(return, "the module has no parameter start");
	rig_ring(&self->rig, PCRING_KIND_REC_IN, 4096);
	rig_ring(&self->rig, PCRING_KIND_REC_OUT, 4096);
	ASSERT_EQ(0, setup_there(&self->rig));
	for (i = 0; i < 300; i++) {
		ASSERT_EQ(0, rig_write_all(&self->rig, 0, &i,
					   (__u32)(i % 5 ? 8 : 0), 1));
		ASSERT_EQ(ITEM, rig_next_wait(&self->rig, 1, &item))
		TH_LOG("record %llu", i);
		if (i % 5)
			EXPECT_EQ(0, memcmp(&i, item.view.data, 8));
		EXPECT_EQ(i, item.view.seq);
		rig_done(&self->rig, 1, &item);
	}
}

TEST_F(wrap, pitfall_24_records_lost_and_found)
{
	__u64 next = 0, lost = 0, i;
	struct pcring_stats stats;
	struct item item;
	int what;

	if (self->skip)
		SKIP(return, "the module has no parameter start");
	rig_ring(&self->rig, PCRING_KIND_REC_IN, 4096);
	rig_ring(&self->rig, PCRING_KIND_REC_OUT, 4096)->policy =
		PCRING_POLICY_DROP_NEW;
	ASSERT_EQ(0, setup_there(&self->rig));
	for (i = 0; i < 1000; i++) {
		ASSERT_EQ(0, rig_write_all(&self->rig, 0, &i, 8, 1));
		if (i % 300 != 299)
			continue;
		sleep_ns(20 * MSEC);
		while ((what = rig_next(&self->rig, 1, &item)) > 0) {
			ASSERT_EQ(next, item.view.seq);
			next += what == GAP ? item.gap.count : 1;
			lost += what == GAP ? item.gap.count : 0;
			rig_done(&self->rig, 1, &item);
		}
		ASSERT_EQ(0, what);
	}
	EXPECT_LT(0, lost);
	ASSERT_EQ(0, rig_stats(&self->rig, 1, &stats));
	EXPECT_LE(lost, stats.rejected[PCRING_REASON_FULL]);
}

TEST_F(wrap, pitfall_24_blocks_and_free)
{
	struct pcring_adc_config config = { .rate_hz = 0 };
	struct pcring_cqe cqe;
	__u64 i;

	if (self->skip)
		SKIP(return, "the module has no parameter start");
	close(self->rig.fd);
	self->rig.fd = dev_open(ADC, O_RDWR);
	ASSERT_LE(0, self->rig.fd);
	ASSERT_EQ(0, rig_pool(&self->rig, 0, PAGE, 8));
	ASSERT_EQ(0, configure(self->rig.fd, &config, sizeof(config)));
	rig_ring(&self->rig, PCRING_KIND_CQ, 8);
	rig_ring(&self->rig, PCRING_KIND_FREE, 8);
	ASSERT_EQ(0, setup_there(&self->rig));
	for (i = 0; i < 300; i++) {
		ASSERT_EQ(0, rig_wait(&self->rig, 0, 1, patience()))
		TH_LOG("block %llu", i);
		ASSERT_EQ(1, rig_pop(&self->rig, 0, &cqe, 1));
		ASSERT_EQ(i, cqe.seq);
		ASSERT_EQ(0,
			  rig_free(&self->rig, 1, cqe.block, cqe.generation));
	}
	/* At rest the books are exact: the converter stops. */
	close(self->rig.fd);
	self->rig.nr = 0;
	self->rig.fd = -1;
}

TEST_HARNESS_MAIN
