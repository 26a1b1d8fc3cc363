// SPDX-License-Identifier: GPL-2.0-only
/* Requests and their answers. */
#include "module.h"
#include "kselftest_harness.h"

FIXTURE(sq)
{
	struct rig rig;
};

FIXTURE_SETUP(sq)
{
	ASSERT_EQ(0, rig_loop_blocks(&self->rig, 64, 64, 8));
}

FIXTURE_TEARDOWN(sq)
{
	struct pcring_stats stats;
	__u32 i;

	for (i = 0; i < self->rig.nr; i++) {
		ASSERT_EQ(0, rig_stats(&self->rig, i, &stats));
		EXPECT_TRUE(stats_balance(&stats))
		TH_LOG("ring %u", i);
	}
	rig_close(&self->rig);
}

TEST_F(sq, a_nop_is_answered)
{
	struct pcring_sqe sqe = sqe_of(PCRING_LOOP_NOP, 0xfeedfacecafebeef);
	struct pcring_cqe cqe;
	__u64 i;

	for (i = 0; i < 200; i++) {
		ASSERT_EQ(0, rig_ask(&self->rig, &sqe, &cqe));
		EXPECT_EQ(0, cqe.res);
		EXPECT_EQ(sqe.user_data, cqe.user_data);
		EXPECT_EQ(PCRING_BLOCK_NONE, cqe.block);
		EXPECT_EQ(0, cqe.ctl & PCRING_ENTRY_VALUE);
		EXPECT_EQ(i, cqe.seq);
	}
}

TEST_F(sq, bursts_of_1_to_64_arrive_whole)
{
	struct pcring_sqe sqe[64];
	struct pcring_cqe cqe[64];
	__u64 next = 0;
	__u32 n, i;

	for (n = 1; n <= 64; n++) {
		for (i = 0; i < n; i++)
			sqe[i] = sqe_of(PCRING_LOOP_NOP, next + i);
		ASSERT_EQ((int)n, rig_push(&self->rig, 0, sqe, n));
		ASSERT_EQ(0, rig_wait(&self->rig, 1, n, patience()))
		TH_LOG("burst of %u", n);
		ASSERT_EQ((int)n, rig_pop(&self->rig, 1, cqe, 64));
		/* A nop is done at once, so they come in order. */
		for (i = 0; i < n; i++, next++)
			EXPECT_EQ(next, cqe[i].user_data);
	}
}

struct refusal_case {
	struct pcring_sqe sqe;
	int res;
};

TEST_F(sq, a_bad_request_is_answered_with_its_errno)
{
	struct refusal_case cases[] = {
		{ sqe_of(PCRING_LOOP_OPS, 0), -EOPNOTSUPP },
		{ sqe_of(0xffff, 0), -EOPNOTSUPP },
		{ sqe_of(PCRING_LOOP_CRC32C, 0), -EINVAL }, /* no block */
		{ sqe_of(PCRING_LOOP_COPY, 0), -EINVAL },
		{ sqe_of(1U << 19, 0), -EINVAL },
		{ sqe_of(1U << 29, 0), -EINVAL },
		{ sqe_of(PCRING_SQE_F_LINK, 0), -EOPNOTSUPP },
		{ sqe_block(PCRING_LOOP_NOP, 8, 0, 0), -ESTALE },
		{ sqe_block(PCRING_LOOP_NOP, PCRING_BLOCK_NONE, 0, 0),
		  -ESTALE },
		{ sqe_block(PCRING_LOOP_NOP, 1U << 31, 0, 0), -ESTALE },
		{ sqe_block(PCRING_LOOP_NOP, 1, 1, 0), -ESTALE },
		{ sqe_block(PCRING_LOOP_NOP, 1, ~0U, 0), -ESTALE },
		{ sqe_block(PCRING_LOOP_NOP, 1, 0, PAGE + 1), -EINVAL },
		{ sqe_block(PCRING_LOOP_NOP, 1, 0, ~0U), -EINVAL },
	};
	struct pcring_cqe cqe;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		cases[i].sqe.user_data = i;
		ASSERT_EQ(0, rig_ask(&self->rig, &cases[i].sqe, &cqe));
		EXPECT_EQ(cases[i].res, cqe.res)
		TH_LOG("case %zu", i);
		EXPECT_EQ(i, cqe.user_data);
	}
	/* None of them moved block 1. */
	cases[0].sqe = sqe_block(PCRING_LOOP_CRC32C, 1, cqe.generation, 1);
	if (!(cqe.ctl & PCRING_CQE_F_BLOCK))
		cases[0].sqe.generation = 0;
	ASSERT_EQ(0, rig_ask(&self->rig, &cases[0].sqe, &cqe));
	EXPECT_EQ(1, cqe.res);
}

TEST_F(sq, offset_plus_len_do_not_overflow)
{
	static const __u32 pairs[][2] = {
		{ 1, PAGE },
		{ PAGE, 1 },
		{ ~0U, 1 },
		{ ~0U, ~0U },
		{ 1U << 31, 1U << 31 },
		{ PAGE - 1, 2 },
		{ ~0U - PAGE + 2, PAGE - 1 },
		{ ~0U - 10, 12 },
	};
	struct pcring_cqe cqe;
	struct pcring_sqe sqe;
	__u32 generation = 0;
	size_t i;

	for (i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		sqe = sqe_block(PCRING_LOOP_CRC32C, 2, generation, pairs[i][1]);
		sqe.offset = pairs[i][0];
		ASSERT_EQ(0, rig_ask(&self->rig, &sqe, &cqe));
		EXPECT_EQ(-EINVAL, cqe.res)
		TH_LOG("%u + %u", pairs[i][0], pairs[i][1]);
		/* Refused, it may have been handed over and back, or not. */
		if (cqe.ctl & PCRING_CQE_F_BLOCK)
			generation = cqe.generation;
	}
	sqe = sqe_block(PCRING_LOOP_CRC32C, 2, generation, 0);
	sqe.offset = PAGE;
	ASSERT_EQ(0, rig_ask(&self->rig, &sqe, &cqe));
	EXPECT_EQ(0, cqe.res);
}

TEST_F(sq, each_hand_over_has_a_generation_of_its_own)
{
	struct pcring_sqe sqe;
	struct pcring_cqe cqe;
	__u32 i;

	for (i = 0; i < 100; i++) {
		sqe = sqe_block(PCRING_LOOP_NOP, 3, i, PAGE);
		ASSERT_EQ(0, rig_ask(&self->rig, &sqe, &cqe));
		ASSERT_EQ(0, cqe.res);
		EXPECT_TRUE(cqe.ctl & PCRING_CQE_F_BLOCK);
		EXPECT_EQ(3, cqe.block);
		EXPECT_EQ(i + 1, cqe.generation);
		EXPECT_EQ(i + 1, self->rig.pool.info[3].generation);
	}
	/* The one before is stale. */
	ASSERT_EQ(0, rig_ask(&self->rig, &sqe, &cqe));
	EXPECT_EQ(-ESTALE, cqe.res);
}

TEST_F(sq, pitfall_23_a_block_twice_in_one_burst_is_taken_once)
{
	struct pcring_sqe sqe[8];
	struct pcring_cqe cqe[8];
	__u32 i, good = 0, stale = 0;

	for (i = 0; i < 8; i++) {
		sqe[i] = sqe_block(PCRING_LOOP_NOP, 4, 0, 8);
		sqe[i].user_data = i;
	}
	ASSERT_EQ(8, rig_push(&self->rig, 0, sqe, 8));
	ASSERT_EQ(0, rig_wait(&self->rig, 1, 8, patience()));
	ASSERT_EQ(8, rig_pop(&self->rig, 1, cqe, 8));
	for (i = 0; i < 8; i++) {
		good += cqe[i].res == 0;
		stale += cqe[i].res == -ESTALE;
	}
	EXPECT_EQ(1, good);
	EXPECT_EQ(7, stale);
}

TEST_F(sq, fail_fails_as_asked)
{
	static const __u64 args[] = { 1,    EIO,   4095,	  0,
				      4096, ~0ULL, 1ULL << 32 | 5 };
	static const int res[] = { -1,	    -EIO,    -4095,  -EINVAL,
				   -EINVAL, -EINVAL, -EINVAL };
	struct pcring_sqe sqe = sqe_of(PCRING_LOOP_FAIL, 0);
	struct pcring_cqe cqe;
	int i;

	for (i = 0; i < 7; i++) {
		sqe.args[0] = args[i];
		ASSERT_EQ(0, rig_ask(&self->rig, &sqe, &cqe));
		EXPECT_EQ(res[i], cqe.res);
	}
}

TEST_F(sq, quiet_speaks_of_failures_alone)
{
	struct pcring_sqe sqe[3] = {
		sqe_of(PCRING_LOOP_NOP | PCRING_SQE_F_QUIET, 1),
		sqe_of(PCRING_LOOP_FAIL | PCRING_SQE_F_QUIET, 2),
		sqe_of(PCRING_LOOP_NOP, 3),
	};
	struct pcring_cqe cqe[3];

	sqe[1].args[0] = 9;
	ASSERT_EQ(3, rig_push(&self->rig, 0, sqe, 3));
	ASSERT_EQ(0, rig_wait(&self->rig, 1, 2, patience()));
	ASSERT_EQ(2, rig_pop(&self->rig, 1, cqe, 3));
	EXPECT_EQ(2, cqe[0].user_data);
	EXPECT_EQ(-9, cqe[0].res);
	EXPECT_EQ(3, cqe[1].user_data);
}

/* Its credit comes back all the same: many more than the CQ holds. */
TEST_F(sq, quiet_successes_take_no_room_in_the_cq)
{
	struct pcring_sqe sqe = sqe_of(PCRING_LOOP_NOP | PCRING_SQE_F_QUIET, 1);
	struct pcring_cqe cqe[2];
	int i;

	for (i = 0; i < 500; i++)
		ASSERT_EQ(0, rig_push_all(&self->rig, 0, &sqe, 1));
	sqe = sqe_of(PCRING_LOOP_NOP, 5);
	ASSERT_EQ(0, rig_push_all(&self->rig, 0, &sqe, 1));
	ASSERT_EQ(0, rig_wait(&self->rig, 1, 1, patience()));
	ASSERT_EQ(1, rig_pop(&self->rig, 1, cqe, 2));
	EXPECT_EQ(5, cqe[0].user_data);
}

TEST_F(sq, delays_complete_in_the_order_of_their_times)
{
	struct pcring_sqe sqe[4];
	struct pcring_cqe cqe[4];
	__u64 begin = now_ns();
	__u32 i;

	for (i = 0; i < 4; i++) {
		sqe[i] = sqe_of(PCRING_LOOP_DELAY, i);
		sqe[i].args[0] = (4 - i) * 60 * MSEC;
	}
	ASSERT_EQ(4, rig_push(&self->rig, 0, sqe, 4));
	ASSERT_EQ(0, rig_wait(&self->rig, 1, 4, patience()));
	EXPECT_LE(begin + 240 * MSEC, now_ns());
	ASSERT_EQ(4, rig_pop(&self->rig, 1, cqe, 4));
	for (i = 0; i < 4; i++) {
		EXPECT_EQ(3 - i, cqe[i].user_data);
		EXPECT_EQ(0, cqe[i].res);
	}
}

TEST_F(sq, delays_do_not_hold_the_others_up)
{
	struct pcring_sqe sqe[2] = { sqe_of(PCRING_LOOP_DELAY, 1),
				     sqe_of(PCRING_LOOP_NOP, 2) };
	struct pcring_cqe cqe;

	sqe[0].args[0] = 300 * MSEC;
	ASSERT_EQ(2, rig_push(&self->rig, 0, sqe, 2));
	ASSERT_EQ(0, rig_wait(&self->rig, 1, 1, patience()));
	ASSERT_EQ(1, rig_pop(&self->rig, 1, &cqe, 1));
	EXPECT_EQ(2, cqe.user_data);
	ASSERT_EQ(0, rig_wait(&self->rig, 1, 1, patience()));
	ASSERT_EQ(1, rig_pop(&self->rig, 1, &cqe, 1));
	EXPECT_EQ(1, cqe.user_data);
}

TEST_F(sq, a_delay_longer_than_ten_seconds_is_refused)
{
	struct pcring_sqe sqe = sqe_of(PCRING_LOOP_DELAY, 1);
	struct pcring_cqe cqe;

	sqe.args[0] = 10 * SEC + 1;
	ASSERT_EQ(0, rig_ask(&self->rig, &sqe, &cqe));
	EXPECT_EQ(-EINVAL, cqe.res);
}

TEST_F(sq, copy_copies_and_may_overlap)
{
	unsigned char *block = self->rig.pool.blocks + (size_t)6 * PAGE;
	struct pcring_sqe sqe = sqe_block(PCRING_LOOP_COPY, 6, 0, 1000);
	struct pcring_cqe cqe;
	__u32 i;

	for (i = 0; i < PAGE; i++)
		block[i] = (unsigned char)(i * 13);
	sqe.offset = 100;
	sqe.args[0] = 600;
	ASSERT_EQ(0, rig_ask(&self->rig, &sqe, &cqe));
	EXPECT_EQ(1000, cqe.res);
	for (i = 0; i < PAGE; i++) {
		__u32 from = i < 600 || i >= 1600 ? i : i - 500;

		if (block[i] != (unsigned char)(from * 13))
			break;
	}
	EXPECT_EQ(PAGE, i);
}

TEST_F(sq, copy_that_does_not_fit_copies_nothing)
{
	static const __u64 to[] = { PAGE,	PAGE - 99,  ~0ULL,
				    ~0ULL - 99, 1ULL << 32, 1ULL << 63 };
	struct pcring_sqe sqe = sqe_block(PCRING_LOOP_COPY, 6, 0, 100);
	struct pcring_cqe cqe;
	__u32 i, k;

	memset(self->rig.pool.blocks, 0x11, self->rig.pool.len);
	memset(self->rig.pool.blocks + (size_t)6 * PAGE, 0x22, PAGE);
	for (i = 0; i < sizeof(to) / sizeof(*to); i++) {
		sqe.args[0] = to[i];
		ASSERT_EQ(0, rig_ask(&self->rig, &sqe, &cqe));
		EXPECT_EQ(-EINVAL, cqe.res)
		TH_LOG("to %llx", to[i]);
		if (cqe.ctl & PCRING_CQE_F_BLOCK)
			sqe.generation = cqe.generation;
	}
	for (i = 0, k = 0; i < self->rig.pool.len; i++)
		k += self->rig.pool.blocks[i] == (i / PAGE == 6 ? 0x22 : 0x11);
	EXPECT_EQ(self->rig.pool.len, k);
}

TEST_F(sq, crc32c_stands_beside_the_block)
{
	unsigned char *block = self->rig.pool.blocks + (size_t)5 * PAGE;
	struct pcring_sqe sqe;
	struct pcring_cqe cqe;
	__u32 len, i, generation = 0;

	/* iSCSI's own example: 32 bytes of zeroes. */
	sqe = sqe_block(PCRING_LOOP_CRC32C, 5, generation++, 32);
	ASSERT_EQ(0, rig_ask(&self->rig, &sqe, &cqe));
	EXPECT_EQ(32, cqe.res);
	EXPECT_EQ(0x8a9136aa, self->rig.pool.info[5].driver[0]);
	for (i = 0; i < PAGE; i++)
		block[i] = (unsigned char)(i * i);
	for (len = 0; len <= PAGE; len += 455) {
		sqe = sqe_block(PCRING_LOOP_CRC32C, 5, generation++, len);
		sqe.offset = PAGE - len < 9 ? PAGE - len : 9;
		ASSERT_EQ(0, rig_ask(&self->rig, &sqe, &cqe));
		EXPECT_EQ((int)len, cqe.res);
		EXPECT_EQ((__u32)~crc32c(~0U, block + sqe.offset, len),
			  self->rig.pool.info[5].driver[0]);
		EXPECT_EQ(generation, self->rig.pool.info[5].generation);
		EXPECT_EQ(0, self->rig.pool.info[5].error);
	}
}

/* ---- credit ------------------------------------------------------------------ */

FIXTURE(credit)
{
	struct rig rig;
};

FIXTURE_VARIANT(credit)
{
	__u32 sq;
	__u32 cq;
};

FIXTURE_VARIANT_ADD(credit, cq_of_2){
	.sq = 64,
	.cq = 2,
};

FIXTURE_VARIANT_ADD(credit, cq_of_8){
	.sq = 256,
	.cq = 8,
};

FIXTURE_VARIANT_ADD(credit, sq_of_2){
	.sq = 2,
	.cq = 256,
};

FIXTURE_SETUP(credit)
{
	ASSERT_EQ(0, rig_loop(&self->rig, variant->sq, variant->cq));
}

FIXTURE_TEARDOWN(credit)
{
	rig_close(&self->rig);
}

TEST_F(credit, pitfall_15_submissions_beyond_the_cq_wait_in_the_sq)
{
	__u32 sq = self->rig.rings[0].entries, cq = self->rig.rings[1].entries;
	struct pcring_sqe sqe = sqe_of(PCRING_LOOP_NOP, 0);
	struct pcring_stats stats;
	struct pcring_cqe cqe;
	__u32 i, pushed = 0;

	/* Nothing is read: what goes in is what both rings hold. */
	for (i = 0; i < 100 && pushed < sq + cq; i++) {
		while (rig_push(&self->rig, 0, &sqe, 1) == 1)
			sqe.user_data = ++pushed;
		sleep_ns(MSEC);
	}
	EXPECT_LE(pushed, sq + cq);
	EXPECT_LE(cq, pushed);
	ASSERT_EQ(0, rig_stats(&self->rig, 1, &stats));
	EXPECT_EQ(cq < pushed ? cq : pushed, stats.in_ring);
	EXPECT_TRUE(stats_balance(&stats));
	for (i = 0; i < pushed; i++) {
		ASSERT_EQ(0, rig_wait(&self->rig, 1, 1, patience()));
		ASSERT_EQ(1, rig_pop(&self->rig, 1, &cqe, 1));
		EXPECT_EQ(i, cqe.user_data);
	}
	EXPECT_EQ(0, rig_pop(&self->rig, 1, &cqe, 1));
}

TEST_F(credit, pitfall_15_what_is_in_flight_has_its_place_in_the_cq)
{
	__u32 cq = self->rig.rings[1].entries, i, sent = 0;
	struct pcring_sqe sqe = sqe_of(PCRING_LOOP_DELAY, 0);
	struct pcring_stats stats;
	struct pcring_cqe cqe;

	/* Answered when more are waiting than the CQ holds. */
	sqe.args[0] = 60 * MSEC;
	for (i = 0; i < 3 * cq && i < 40; i++) {
		sqe.user_data = i;
		if (rig_push(&self->rig, 0, &sqe, 1) == 1)
			sent++;
		rig_enter(&self->rig, 0, 1, 0, 0, 0);
	}
	sleep_ns(200 * MSEC);
	ASSERT_EQ(0, rig_stats(&self->rig, 1, &stats));
	EXPECT_EQ(PCRING_STATE_LIVE, stats.state);
	EXPECT_EQ(cq < sent ? cq : sent, stats.in_ring);
	for (i = 0; i < sent; i++) {
		ASSERT_EQ(0, rig_wait(&self->rig, 1, 1, patience()));
		ASSERT_EQ(1, rig_pop(&self->rig, 1, &cqe, 1));
	}
}

/* As liburing#1063 has it: the submitter never looks back in time. */
TEST_F(credit, pitfall_15_a_million_through_a_small_cq)
{
	__u64 rounds = scaled(1000000), sent = 0, got = 0;
	__u64 deadline = now_ns() + 2 * SEC;
	struct pcring_sqe sqe[16];
	struct pcring_stats stats;
	struct pcring_cqe cqe[16];
	int n, i;

	while (got < rounds) {
		if (now_ns() > deadline)
			rounds = sent; /* a slow machine */
		for (i = 0; i < 16; i++)
			sqe[i] = sqe_of(PCRING_LOOP_NOP, sent + (__u64)i);
		n = sent + 16 <= rounds ? 16 : (int)(rounds - sent);
		if (n > 0) {
			n = rig_push(&self->rig, 0, sqe, (__u32)n);
			ASSERT_LE(0, n);
			sent += (__u64)n;
		}
		n = rig_pop(&self->rig, 1, cqe, 16);
		ASSERT_LE(0, n);
		for (i = 0; i < n; i++, got++)
			ASSERT_EQ(got, cqe[i].user_data);
		if (!n && got < sent)
			ASSERT_EQ(0, rig_wait(&self->rig, 1, 1, patience()));
	}
	TH_LOG("%llu requests", got);
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, rig_stats(&self->rig, (__u32)i, &stats));
		EXPECT_TRUE(stats_balance(&stats));
		EXPECT_EQ(got, stats.accepted);
		EXPECT_EQ(got, stats.consumed);
	}
}

/* ---- read once -------------------------------------------------------------- */

struct flipper {
	struct rig *rig;
	int stop;
	__u32 valid;
	__u32 invalid;
};

/* Rewrites what the kernel may be reading, phase and block excepted. */
static void *flip(void *arg)
{
	struct flipper *f = arg;
	struct pcring_ring_desc *d = &f->rig->rings[0];
	struct pcring_sqe *sqe =
		(void *)(f->rig->ends[0].prod_area + d->data_offset);
	__u32 i;

	while (!pcring_load(&f->stop)) {
		for (i = 0; i < d->entries; i++) {
			pcring_store(&sqe[i].len, f->invalid);
			pcring_store(&sqe[i].offset, 0xfffff000U);
			pcring_store(&sqe[i].args[0], ~0ULL);
			pcring_store(&sqe[i].len, f->valid);
			pcring_store(&sqe[i].offset, 0U);
			pcring_store(&sqe[i].args[0], 2048ULL);
		}
	}
	return NULL;
}

TEST(pitfall_04_a_request_that_changes_under_the_kernel_is_read_once)
{
	__u64 rounds = scaled(200000), i, good = 0, bad = 0;
	struct flipper f = { .valid = 64, .invalid = 0xffffff00U };
	__u64 deadline = now_ns() + 2 * SEC;
	__u32 generation = 0;
	struct pcring_sqe sqe;
	struct pcring_cqe cqe;
	pthread_t thread;
	struct rig rig;
	__u32 k;

	ASSERT_EQ(0, rig_loop_blocks(&rig, 2, 4, 3));
	memset(rig.pool.blocks, 0x33, rig.pool.len);
	f.rig = &rig;
	pthread_create(&thread, NULL, flip, &f);
	for (i = 0; i < rounds && now_ns() < deadline; i++) {
		/* The block in the middle: beyond it are the others. */
		sqe = sqe_block(PCRING_LOOP_COPY, 1, generation, 64);
		sqe.args[0] = 2048;
		rig.pool.blocks[PAGE] = (unsigned char)i;
		ASSERT_EQ(0, rig_ask(&rig, &sqe, &cqe));
		ASSERT_TRUE(cqe.res == 64 || cqe.res == -EINVAL)
		TH_LOG("res %d", cqe.res);
		good += cqe.res == 64;
		bad += cqe.res != 64;
		if (cqe.ctl & PCRING_CQE_F_BLOCK)
			generation = cqe.generation;
	}
	pcring_store(&f.stop, 1);
	pthread_join(thread, NULL);
	for (k = 0; k < PAGE; k++) {
		ASSERT_EQ(0x33, rig.pool.blocks[k]);
		ASSERT_EQ(0x33, rig.pool.blocks[2 * PAGE + k]);
	}
	TH_LOG("%llu as valid, %llu as invalid", good, bad);
	rig_close(&rig);
}

/* Only its phase and bounds hold the kernel: opcodes and flags at random. */
static void *flip_ctl(void *arg)
{
	struct flipper *f = arg;
	struct pcring_ring_desc *d = &f->rig->rings[0];
	struct pcring_sqe *sqe =
		(void *)(f->rig->ends[0].prod_area + d->data_offset);
	unsigned int seed = 1;
	__u32 i;

	while (!pcring_load(&f->stop)) {
		for (i = 0; i < d->entries; i++) {
			__u32 old =
				__atomic_load_n(&sqe[i].ctl, __ATOMIC_RELAXED);
			__u32 new = (old & PCRING_ENTRY_PHASE) |
				    ((__u32)rand_r(&seed) % 3);

			__atomic_compare_exchange_n(&sqe[i].ctl, &old, new, 0,
						    __ATOMIC_RELAXED,
						    __ATOMIC_RELAXED);
		}
	}
	return NULL;
}

TEST(pitfall_04_a_request_whose_opcode_changes_is_answered_once)
{
	__u64 rounds = scaled(100000), deadline = now_ns() + 2 * SEC, i;
	struct flipper f = { .stop = 0 };
	struct pcring_sqe sqe;
	struct pcring_cqe cqe;
	pthread_t thread;
	struct rig rig;

	ASSERT_EQ(0, rig_loop(&rig, 2, 4));
	f.rig = &rig;
	pthread_create(&thread, NULL, flip_ctl, &f);
	for (i = 0; i < rounds && now_ns() < deadline; i++) {
		sqe = sqe_of(PCRING_LOOP_NOP, i);
		ASSERT_EQ(0, rig_ask(&rig, &sqe, &cqe));
		ASSERT_EQ(i, cqe.user_data);
		ASSERT_TRUE(cqe.res == 0 || cqe.res == -EINVAL)
		TH_LOG("res %d", cqe.res);
	}
	pcring_store(&f.stop, 1);
	pthread_join(thread, NULL);
	rig_close(&rig);
}

TEST_HARNESS_MAIN
