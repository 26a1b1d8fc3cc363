// SPDX-License-Identifier: GPL-2.0-only
/* SETUP: what it refuses, and what it grants. */
#include <sched.h>
#include <stddef.h>
#include "module.h"
#include "kselftest_harness.h"

/* One word of a good request made bad. */
#define SET(member) \
	offsetof(struct rig, member), sizeof(((struct rig *)0)->member)

struct bad {
	const char *field;
	size_t at;
	size_t size;
	__u64 value;
	int err;
	const char *shown; /* value as the text has it, NULL: not looked for */
};

/*
 * Of: 0 SQ, 1 CQ, 2 REC_IN, 3 REC_OUT, the fifth unused. What stands in entries is
 * overflowing, oversized, zero, unknown, reserved.
 */
static const struct bad bads[] = {
	{ "flags", SET(setup.flags), 1 << 3, EINVAL, "8" },
	{ "flags", SET(setup.flags), 1U << 31, EINVAL, NULL },
	{ "features", SET(setup.features), 1ULL << 63, EOPNOTSUPP, NULL },
	{ "features", SET(setup.features), PCRING_FEAT_CHAIN, EOPNOTSUPP,
	  NULL },
	{ "features", SET(setup.features), PCRING_FEAT_PARTITION, EOPNOTSUPP,
	  NULL },
	{ "ring_size", SET(setup.ring_size), 0, EINVAL, "0" },
	{ "ring_size", SET(setup.ring_size), 8, EINVAL, "8" },
	{ "ring_size", SET(setup.ring_size),
	  sizeof(struct pcring_ring_desc) - 8, EINVAL, NULL },
	{ "worker_cpu", SET(setup.worker_cpu), 1, EINVAL, "1" },
	{ "reserved0", SET(setup.reserved0), 1, EINVAL, NULL },
	{ "reserved", SET(setup.reserved[0]), 1, EINVAL, NULL },
	{ "reserved", SET(setup.reserved[3]), 1ULL << 63, EINVAL, NULL },
	{ "kind", SET(rings[0].kind), 0, EINVAL, "0" },
	{ "kind", SET(rings[1].kind), 6, EINVAL, "6" },
	{ "kind", SET(rings[3].kind), ~0U, EINVAL, NULL },
	{ "flags", SET(rings[2].flags), 1 << 1, EINVAL, "2" },
	{ "flags", SET(rings[0].flags), 1U << 31, EINVAL, NULL },
	{ "entries", SET(rings[0].entries), 0, EINVAL, "0" },
	{ "entries", SET(rings[1].entries), (1 << 20) + 1, EINVAL, "1048577" },
	{ "entries", SET(rings[0].entries), 1U << 31, EINVAL, "2147483648" },
	{ "entries", SET(rings[1].entries), ~0U, EINVAL, "4294967295" },
	{ "entries", SET(rings[2].entries), 0, EINVAL, "0" },
	{ "entries", SET(rings[3].entries), (1 << 30) + 1, EINVAL,
	  "1073741825" },
	{ "entries", SET(rings[3].entries), ~0U, EINVAL, "4294967295" },
	{ "entry_size", SET(rings[0].entry_size), 32, EINVAL, "32" },
	{ "entry_size", SET(rings[0].entry_size), 65, EINVAL, "65" },
	{ "entry_size", SET(rings[0].entry_size), 96, EINVAL, "96" },
	{ "entry_size", SET(rings[0].entry_size), 2048, EINVAL, "2048" },
	{ "entry_size", SET(rings[0].entry_size), 1U << 31, EINVAL, NULL },
	{ "entry_size", SET(rings[1].entry_size), 16, EINVAL, "16" },
	{ "entry_size", SET(rings[1].entry_size), ~0U, EINVAL, NULL },
	{ "entry_size", SET(rings[2].entry_size), 8, EINVAL, "8" },
	{ "entry_size", SET(rings[3].entry_size), 64, EINVAL, "64" },
	{ "policy", SET(rings[0].policy), 4, EINVAL, "4" },
	{ "policy", SET(rings[3].policy), ~0U, EINVAL, NULL },
	{ "policy", SET(rings[3].policy), PCRING_POLICY_OVERWRITE, EOPNOTSUPP,
	  NULL },
	{ "policy", SET(rings[3].policy), PCRING_POLICY_LATEST, EOPNOTSUPP,
	  NULL },
	{ "policy", SET(rings[2].policy), PCRING_POLICY_OVERWRITE, EOPNOTSUPP,
	  NULL },
	/* Completions are never dropped. */
	{ "policy", SET(rings[1].policy), PCRING_POLICY_DROP_NEW, EINVAL, "1" },
	{ "producers", SET(rings[3].producers), 3, EINVAL, "3" },
	{ "producers", SET(rings[0].producers), ~0U, EINVAL, NULL },
	{ "producers", SET(rings[3].producers), PCRING_PRODUCERS_PERCPU,
	  EOPNOTSUPP, NULL },
	{ "producers", SET(rings[3].producers), PCRING_PRODUCERS_SHARED,
	  EOPNOTSUPP, NULL },
	{ "producers", SET(rings[0].producers), PCRING_PRODUCERS_SHARED,
	  EOPNOTSUPP, NULL },
	{ "shards", SET(rings[0].shards), 2, EINVAL, "2" },
	{ "shards", SET(rings[3].shards), ~0U, EINVAL, NULL },
	{ "queue", SET(rings[0].queue), 1, EINVAL, "1" },
	{ "queue", SET(rings[1].queue), ~0U, EINVAL, NULL },
	{ "queue", SET(rings[3].queue), 1, EINVAL, "1" },
	{ "partition", SET(rings[0].partition), 1, EINVAL, "1" },
	{ "pool_fd", SET(rings[0].pool_fd), 0, EINVAL, "0" },
	{ "pool_fd", SET(rings[1].pool_fd), (__u32)-2, EINVAL, "-2" },
	{ "pool_fd", SET(rings[1].pool_fd), 9999, EINVAL, "9999" },
	{ "reserved", SET(rings[0].reserved[0]), 1, EINVAL, NULL },
	{ "reserved", SET(rings[3].reserved[3]), 1ULL << 63, EINVAL, NULL },
};

#define NR_BADS (sizeof(bads) / sizeof(*bads))

static void good_rings(struct rig *rig)
{
	rig->nr = 0;
	rig_ring(rig, PCRING_KIND_SQ, 16);
	rig_ring(rig, PCRING_KIND_CQ, 16);
	rig_ring(rig, PCRING_KIND_REC_IN, 8192);
	rig_ring(rig, PCRING_KIND_REC_OUT, 8192);
}

FIXTURE(setup)
{
	struct rig rig;
};

FIXTURE_SETUP(setup)
{
	ASSERT_EQ(0, rig_open(&self->rig, LOOP));
	good_rings(&self->rig);
}

FIXTURE_TEARDOWN(setup)
{
	rig_close(&self->rig);
}

/* A ctx works: a request and a record come back. */
static int works(struct rig *rig)
{
	struct pcring_sqe sqe = sqe_of(PCRING_LOOP_NOP, 11);
	struct pcring_cqe cqe;
	struct item item;
	int err = rig_ask(rig, &sqe, &cqe);

	if (err || cqe.user_data != 11)
		return err ? err : -EIO;
	if (rig->nr < 4)
		return 0;
	err = rig_write_all(rig, 2, "abc", 4, 5);
	if (err)
		return err;
	if (rig_next_wait(rig, 3, &item) != ITEM ||
	    strcmp(item.view.data, "abc"))
		return -EIO;
	rig_done(rig, 3, &item);
	return 0;
}

TEST_F(setup, pitfall_18_each_bad_word_is_named_and_all_is_undone)
{
	const struct pcring_setup setup = self->rig.setup;
	const struct bad *bad;

	/* The same file for all: nothing is left of what failed. */
	for (bad = bads; bad < bads + NR_BADS; bad++) {
		memcpy((char *)&self->rig + bad->at, &bad->value, bad->size);
		EXPECT_REFUSED(bad->err, bad->field, bad->shown, self->rig.fd,
			       rig_call_setup(&self->rig));
		self->rig.setup = setup;
		good_rings(&self->rig);
	}
	ASSERT_EQ(0, rig_setup(&self->rig));
	EXPECT_EQ(0, works(&self->rig));
}

TEST_F(setup, a_number_of_rings_that_cannot_be_is_refused)
{
	self->rig.nr = 0;
	EXPECT_REFUSED(EINVAL, "nr_rings", "0", self->rig.fd,
		       rig_call_setup(&self->rig));
	self->rig.nr = PCRING_MAX_RINGS + 1;
	EXPECT_REFUSED(EINVAL, "nr_rings", "65", self->rig.fd,
		       rig_call_setup(&self->rig));
	self->rig.nr = ~0U;
	EXPECT_REFUSED(EINVAL, "nr_rings", NULL, self->rig.fd,
		       rig_call_setup(&self->rig));
	self->rig.nr = 0;
}

TEST_F(setup, rings_at_a_bad_address_are_efault)
{
	self->rig.setup.nr_rings = 2;
	self->rig.setup.rings = 0;
	EXPECT_EQ(-EFAULT,
		  call(self->rig.fd, PCRING_IOC_SETUP, &self->rig.setup));
	self->rig.setup.rings = ~0ULL - 64;
	EXPECT_EQ(-EFAULT,
		  call(self->rig.fd, PCRING_IOC_SETUP, &self->rig.setup));
}

TEST_F(setup, a_struct_too_short_or_with_a_tail_is_refused)
{
	struct {
		struct pcring_setup setup;
		__u64 tail;
	} longer = { .setup = self->rig.setup, .tail = 0 };

	self->rig.setup.size = sizeof(self->rig.setup) - 8;
	EXPECT_REFUSED(EINVAL, "size", NULL, self->rig.fd,
		       rig_call_setup(&self->rig));
	self->rig.setup.size = 0;
	EXPECT_REFUSED(EINVAL, "size", NULL, self->rig.fd,
		       rig_call_setup(&self->rig));
	longer.setup.size = sizeof(longer);
	longer.setup.nr_rings = 4;
	longer.setup.rings = (__u64)(unsigned long)self->rig.rings;
	longer.tail = 1;
	EXPECT_REFUSED(E2BIG, "size", NULL, self->rig.fd,
		       call(self->rig.fd, PCRING_IOC_SETUP, &longer));
	longer.tail = 0;
	EXPECT_EQ(0, call(self->rig.fd, PCRING_IOC_SETUP, &longer));
}

TEST_F(setup, longer_descriptors_are_taken_if_their_tails_are_zero)
{
	struct {
		struct pcring_ring_desc desc;
		__u64 tail[2];
	} rings[2];
	struct pcring_setup *setup = &self->rig.setup;
	int i;

	memset(rings, 0, sizeof(rings));
	for (i = 0; i < 2; i++)
		rings[i].desc = self->rig.rings[i];
	setup->rings = (__u64)(unsigned long)rings;
	setup->nr_rings = 2;
	setup->ring_size = sizeof(rings[0]);
	rings[1].tail[1] = 1;
	EXPECT_REFUSED(E2BIG, "ring_size", NULL, self->rig.fd,
		       call(self->rig.fd, PCRING_IOC_SETUP, setup));
	rings[1].tail[1] = 0;
	ASSERT_EQ(0, call(self->rig.fd, PCRING_IOC_SETUP, setup));
	for (i = 0; i < 2; i++)
		self->rig.rings[i] = rings[i].desc;
	self->rig.nr = 2;
	ASSERT_EQ(0, rig_map(&self->rig));
	rig_init_ends(&self->rig);
	EXPECT_EQ(0, works(&self->rig));
}

TEST_F(setup, a_ring_given_twice_is_refused)
{
	rig_ring(&self->rig, PCRING_KIND_SQ, 16);
	EXPECT_REFUSED(EINVAL, "queue", "0", self->rig.fd,
		       rig_call_setup(&self->rig));
	self->rig.nr = 4;
	rig_ring(&self->rig, PCRING_KIND_REC_OUT, 4096);
	EXPECT_REFUSED(EINVAL, "queue", "0", self->rig.fd,
		       rig_call_setup(&self->rig));
}

TEST_F(setup, a_kind_the_driver_has_not_is_refused)
{
	rig_ring(&self->rig, PCRING_KIND_FREE, 16);
	/* Either there is no such kind here, or it lacks a pool. */
	EXPECT_TRUE(rig_call_setup(&self->rig) < 0);
	EXPECT_FALSE(refused(self->rig.fd, 0, "", NULL));
}

TEST_F(setup, rings_that_need_one_another_come_together)
{
	const struct pcring_ring_desc sq = self->rig.rings[0];
	const struct pcring_ring_desc in = self->rig.rings[2];
	const struct pcring_ring_desc out = self->rig.rings[3];

	self->rig.nr = 1;
	EXPECT_EQ(-EINVAL, rig_call_setup(&self->rig));
	self->rig.rings[0] = in;
	EXPECT_EQ(-EINVAL, rig_call_setup(&self->rig));
	self->rig.rings[0] = out;
	EXPECT_EQ(-EINVAL, rig_call_setup(&self->rig));
	self->rig.rings[0] = sq;
	self->rig.nr = 2;
	EXPECT_EQ(0, rig_call_setup(&self->rig));
}

TEST_F(setup, drop_new_needs_room_for_a_gap)
{
	struct rig adc;

	ASSERT_EQ(0, rig_open(&adc, ADC));
	ASSERT_EQ(0, rig_pool(&adc, 0, PAGE, 8));
	rig_ring(&adc, PCRING_KIND_CQ, 8);
	rig_ring(&adc, PCRING_KIND_FREE, 8)->policy = PCRING_POLICY_DROP_NEW;
	EXPECT_REFUSED(EINVAL, "entry_size", "8", adc.fd, rig_call_setup(&adc));
	/* From 32 bytes on there is no objection: an SQ has 64. */
	self->rig.rings[0].policy = PCRING_POLICY_DROP_NEW;
	EXPECT_EQ(0, rig_call_setup(&self->rig));
	EXPECT_EQ(1, self->rig.rings[0].lag);
	rig_close(&adc);
}

TEST_F(setup, blocks_have_no_overwriting_policy_here)
{
	struct rig adc;

	ASSERT_EQ(0, rig_open(&adc, ADC));
	ASSERT_EQ(0, rig_pool(&adc, 0, PAGE, 16));
	rig_ring(&adc, PCRING_KIND_CQ, 8)->policy = PCRING_POLICY_OVERWRITE;
	rig_ring(&adc, PCRING_KIND_FREE, 16);
	adc.rings[0].pool_held = 1;
	EXPECT_REFUSED(EOPNOTSUPP, "policy", NULL, adc.fd,
		       rig_call_setup(&adc));
	adc.rings[0].policy = PCRING_POLICY_LATEST;
	EXPECT_REFUSED(EOPNOTSUPP, "policy", NULL, adc.fd,
		       rig_call_setup(&adc));
	rig_close(&adc);
}

TEST_F(setup, a_ring_too_small_for_its_rates_is_refused)
{
	struct pcring_ring_desc *cq = &self->rig.rings[1];

	/* p + c - gcd(p, c) is what such a ring needs. */
	cq->prod_quantum = 12;
	cq->cons_quantum = 8;
	cq->entries = 8;
	EXPECT_REFUSED(EINVAL, "quanta", NULL, self->rig.fd,
		       rig_call_setup(&self->rig));
	cq->entries = 16;
	cq->cons_quantum = 7;
	EXPECT_REFUSED(EINVAL, "quanta", NULL, self->rig.fd,
		       rig_call_setup(&self->rig));
	cq->prod_quantum = ~0U;
	cq->cons_quantum = ~0U;
	EXPECT_REFUSED(EINVAL, "quanta", NULL, self->rig.fd,
		       rig_call_setup(&self->rig));
	cq->prod_quantum = 12;
	cq->cons_quantum = 8; /* 16 */
	EXPECT_EQ(0, rig_call_setup(&self->rig));
}

TEST_F(setup, one_quantum_alone_says_nothing)
{
	self->rig.rings[1].prod_quantum = 1000;
	EXPECT_EQ(0, rig_call_setup(&self->rig));
}

/* ---- what is granted -------------------------------------------------------- */

static bool overlap(__u64 a, __u64 a_len, __u64 b, __u64 b_len)
{
	return a < b + b_len && b < a + a_len;
}

static void areas(struct rig *rig, __u64 at[], __u64 len[], __u32 *nr)
{
	__u32 i;

	*nr = 0;
	for (i = 0; i < rig->nr; i++) {
		at[*nr] = rig->rings[i].prod_offset;
		len[(*nr)++] = rig->rings[i].prod_len;
		at[*nr] = rig->rings[i].cons_offset;
		len[(*nr)++] = rig->rings[i].cons_len;
	}
}

TEST_F(setup, areas_are_page_aligned_and_apart)
{
	__u64 at[2 * MAX_RINGS], len[2 * MAX_RINGS];
	__u32 nr, i, k;

	ASSERT_EQ(0, rig_call_setup(&self->rig));
	areas(&self->rig, at, len, &nr);
	for (i = 0; i < nr; i++) {
		EXPECT_EQ(0, at[i] % PAGE);
		EXPECT_EQ(0, len[i] % PAGE);
		EXPECT_LE(PCRING_CONTROL_SIZE, len[i]);
		EXPECT_GT(1ULL << 63, at[i] + len[i]);
		for (k = 0; k < i; k++)
			EXPECT_FALSE(overlap(at[i], len[i], at[k], len[k]));
	}
}

TEST_F(setup, what_is_granted_is_written)
{
	struct pcring_ring_desc *d = self->rig.rings;
	int i;

	d[0].entries = 9;
	d[1].entries = 3;
	d[1].entry_size = 64;
	d[2].entries = 1;
	d[3].entries = 8193;
	d[3].policy = PCRING_POLICY_DROP_NEW;
	for (i = 0; i < 4; i++) {
		d[i].lag = 99;
		d[i].data_offset = 77;
		d[i].xchg_len = 5;
		d[i].prod_offset = ~0ULL;
	}
	self->rig.setup.ctx_id = 0;
	ASSERT_EQ(0, rig_setup(&self->rig));
	EXPECT_EQ(16, d[0].entries);
	EXPECT_EQ(4, d[1].entries);
	EXPECT_EQ(4096, d[2].entries);
	EXPECT_EQ(16384, d[3].entries);
	EXPECT_EQ(64, d[0].entry_size);
	EXPECT_EQ(64, d[1].entry_size);
	EXPECT_EQ(0, d[2].entry_size);
	EXPECT_EQ(0, d[3].entry_size);
	EXPECT_EQ(4, d[0].lag);
	EXPECT_EQ(1, d[1].lag);
	EXPECT_EQ(1024, d[2].lag);
	EXPECT_EQ(1, d[3].lag);
	for (i = 0; i < 4; i++) {
		EXPECT_EQ(1, d[i].shards);
		EXPECT_EQ(0, d[i].xchg_len);
		EXPECT_LE(PCRING_CONTROL_SIZE, d[i].data_offset);
		EXPECT_EQ(0, d[i].data_offset % PAGE);
	}
	EXPECT_LE(d[0].data_offset + 16 * 64U, d[0].prod_len);
	EXPECT_EQ(d[2].data_offset + 2 * 4096U, d[2].prod_len);
	EXPECT_EQ(d[3].data_offset + 2 * 16384U, d[3].prod_len);
	EXPECT_NE(0, self->rig.setup.ctx_id);
	EXPECT_EQ(0, works(&self->rig));
}

TEST_F(setup, features_asked_for_are_granted_or_refused)
{
	struct pcring_info info = { .size = sizeof(info) };
	__u32 bit;

	ASSERT_EQ(0, call(self->rig.fd, PCRING_IOC_INFO, &info));
	for (bit = 0; bit < 12; bit++) {
		if (info.features & 1ULL << bit)
			continue;
		self->rig.setup.features = 1ULL << bit;
		EXPECT_EQ(-EOPNOTSUPP, rig_call_setup(&self->rig));
	}
	self->rig.setup.features = info.features;
	ASSERT_EQ(0, rig_call_setup(&self->rig));
	EXPECT_EQ(info.features, self->rig.setup.features & info.features);
	EXPECT_EQ(0, self->rig.setup.features & ~info.features);
}

TEST_F(setup, the_smallest_and_the_deepest_rings_work)
{
	struct pcring_info info = { .size = sizeof(info) };

	ASSERT_EQ(0, call(self->rig.fd, PCRING_IOC_INFO, &info));
	self->rig.nr = 2;
	self->rig.rings[0].entries = PCRING_MIN_ENTRIES;
	self->rig.rings[1].entries = PCRING_MIN_ENTRIES;
	ASSERT_EQ(0, rig_setup(&self->rig));
	EXPECT_EQ(0, works(&self->rig));
	rig_close(&self->rig);
	ASSERT_EQ(0, rig_open(&self->rig, LOOP));
	rig_ring(&self->rig, PCRING_KIND_SQ, 1 << 14);
	rig_ring(&self->rig, PCRING_KIND_CQ, 1 << 14);
	ASSERT_LE(1 << 14, info.max_entries);
	ASSERT_EQ(0, rig_setup(&self->rig));
	EXPECT_EQ(0, works(&self->rig));
}

TEST_F(setup, larger_entries_are_the_drivers)
{
	self->rig.rings[0].entry_size = 256;
	ASSERT_EQ(0, rig_setup(&self->rig));
	self->rig.nr = 2;
	{
		unsigned char big[256];
		struct pcring_sqe sqe = sqe_of(PCRING_LOOP_NOP, 21);
		struct pcring_cqe cqe;

		memset(big, 0xff, sizeof(big));
		memcpy(big, &sqe, sizeof(sqe));
		EXPECT_EQ(0, rig_ask(&self->rig, (void *)big, &cqe));
		EXPECT_EQ(21, cqe.user_data);
		EXPECT_EQ(0, cqe.res);
	}
}

TEST_F(setup, several_queues_keep_apart)
{
	struct pcring_sqe sqe;
	struct pcring_cqe cqe;
	__u32 i;

	self->rig.nr = 0;
	for (i = 0; i < 3; i++) {
		rig_ring(&self->rig, PCRING_KIND_SQ, 8)->queue = i;
		rig_ring(&self->rig, PCRING_KIND_CQ, 8)->queue = i;
	}
	ASSERT_EQ(0, rig_setup(&self->rig));
	for (i = 0; i < 3; i++) {
		sqe = sqe_of(PCRING_LOOP_NOP, i);
		ASSERT_EQ(0, rig_push_all(&self->rig, 2 * i, &sqe, 1));
	}
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, rig_wait(&self->rig, 2 * i + 1, 1, patience()));
		ASSERT_EQ(1, rig_pop(&self->rig, 2 * i + 1, &cqe, 1));
		EXPECT_EQ(i, cqe.user_data);
	}
}

/* ---- the worker ------------------------------------------------------------- */

TEST_F(setup, spinning_is_capped_and_draining_too)
{
	self->rig.rings[0].spin_us = 1000000;
	self->rig.setup.drain_ms = 100;
	ASSERT_EQ(0, rig_setup(&self->rig))
	TH_LOG("%s", refusal(self->rig.fd));
	EXPECT_EQ(0, works(&self->rig));
	rig_close(&self->rig);
	ASSERT_EQ(0, rig_open(&self->rig, LOOP));
	good_rings(&self->rig);
	self->rig.setup.drain_ms = ~0U;
	if (rig_call_setup(&self->rig))
		EXPECT_TRUE(refused(self->rig.fd, -EINVAL, "drain_ms", NULL));
}

TEST_F(setup, the_worker_runs_where_the_caller_may)
{
	cpu_set_t one, all;

	ASSERT_EQ(0, sched_getaffinity(0, sizeof(all), &all));
	if (CPU_COUNT(&all) < 2)
		SKIP(return, "one CPU");
	CPU_ZERO(&one);
	CPU_SET(0, &one);
	ASSERT_EQ(0, sched_setaffinity(0, sizeof(one), &one));
	self->rig.setup.flags = PCRING_SETUP_AFFINITY;
	self->rig.setup.worker_cpu = 1;
	EXPECT_REFUSED(EINVAL, "worker_cpu", "1", self->rig.fd,
		       rig_call_setup(&self->rig));
	self->rig.setup.worker_cpu = 100000;
	EXPECT_REFUSED(EINVAL, "worker_cpu", "100000", self->rig.fd,
		       rig_call_setup(&self->rig));
	self->rig.setup.worker_cpu = ~0U;
	EXPECT_REFUSED(EINVAL, "worker_cpu", NULL, self->rig.fd,
		       rig_call_setup(&self->rig));
	self->rig.setup.worker_cpu = 0;
	ASSERT_EQ(0, rig_setup(&self->rig));
	EXPECT_EQ(0, works(&self->rig));
}

TEST_F(setup, a_dedicated_worker_works)
{
	self->rig.setup.flags = PCRING_SETUP_DEDICATED;
	ASSERT_EQ(0, rig_setup(&self->rig));
	EXPECT_EQ(0, works(&self->rig));
}

TEST_F(setup, pitfall_18_failures_leak_nothing)
{
	__u64 rounds = scaled(2000), i;
	struct pcring_stats stats;

	for (i = 0; i < rounds; i++) {
		self->rig.nr = 4;
		self->rig.rings[2].entries = 1 << 20;
		self->rig.rings[3].kind = 17;
		ASSERT_EQ(-EINVAL, rig_call_setup(&self->rig));
		good_rings(&self->rig);
	}
	ASSERT_EQ(0, rig_setup(&self->rig));
	EXPECT_EQ(0, works(&self->rig));
	ASSERT_EQ(0, rig_stats(&self->rig, 0, &stats));
	EXPECT_TRUE(stats_balance(&stats));
}

TEST_HARNESS_MAIN
