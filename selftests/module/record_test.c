// SPDX-License-Identifier: GPL-2.0-only
/* Records through the loop: each comes back as it went. */
#include <sys/prctl.h>
#include "module.h"
#include "kselftest_harness.h"

#define RING 16384U

FIXTURE(record)
{
	struct rig rig;
	unsigned char *data;
};

FIXTURE_SETUP(record)
{
	__u32 i;

	self->data = malloc(2 * RING);
	for (i = 0; i < 2 * RING; i++)
		self->data[i] = (unsigned char)(i * 31 + i / 256);
	ASSERT_EQ(0, rig_echo(&self->rig, RING, RING, PCRING_POLICY_BLOCK));
}

FIXTURE_TEARDOWN(record)
{
	rig_close(&self->rig);
	free(self->data);
}

/* The next item is this record. */
static const char *expect(struct rig *rig, const void *data, __u32 len,
			  __u32 type, __u64 seq)
{
	struct item item;
	const char *wrong = NULL;

	if (rig_next_wait(rig, 1, &item) != ITEM)
		return "none came";
	if (item.view.len != len)
		wrong = "length";
	else if (PCRING_RECORD_TYPE(item.view.info) != type)
		wrong = "type";
	else if (item.view.seq != seq)
		wrong = "sequence number";
	else if (memcmp(item.view.data, data, len))
		wrong = "bytes";
	rig_done(rig, 1, &item);
	return wrong;
}

static bool balanced(struct rig *rig)
{
	struct pcring_stats stats;
	__u32 i;

	for (i = 0; i < rig->nr; i++)
		if (rig_stats(rig, i, &stats) || !stats_balance(&stats))
			return false;
	return true;
}

TEST_F(record, every_length_comes_back)
{
	__u32 len, seq = 0;

	for (len = 0; len < RING - 100; len += len < 70 ? 1 : len / 3) {
		ASSERT_EQ(0, rig_write_all(&self->rig, 0, self->data + len % 64,
					   len, len % 192))
		TH_LOG("%u bytes", len);
		ASSERT_EQ(NULL, expect(&self->rig, self->data + len % 64, len,
				       len % 192, seq++))
		TH_LOG("%u bytes", len);
	}
	EXPECT_TRUE(balanced(&self->rig));
}

TEST_F(record, the_largest_takes_the_ring_but_a_gap)
{
	/* Itself, and the gap that might have to stand before it. */
	__u32 most = RING - 16 - (16 + sizeof(struct pcring_gap));

	EXPECT_EQ(-EMSGSIZE,
		  rig_write(&self->rig, 0, self->data, most + 1, 1, false));
	ASSERT_EQ(0, rig_write(&self->rig, 0, self->data, most, 1, false));
	EXPECT_EQ(NULL, expect(&self->rig, self->data, most, 1, 0));
}

TEST_F(record, wraps_at_every_offset)
{
	__u64 rounds = scaled(3000), i;

	for (i = 0; i < rounds; i++) {
		__u32 len = (__u32)(i * 37 % 5000);

		ASSERT_EQ(0, rig_write_all(&self->rig, 0, self->data + i % 999,
					   len, 2));
		ASSERT_EQ(NULL,
			  expect(&self->rig, self->data + i % 999, len, 2, i))
		TH_LOG("%llu", i);
	}
	EXPECT_TRUE(balanced(&self->rig));
}

TEST_F(record, more_is_published_by_the_last)
{
	struct item item;
	int i;

	for (i = 0; i < 9; i++)
		ASSERT_EQ(0, rig_write(&self->rig, 0, self->data, 10, 1, true));
	sleep_ns(20 * MSEC);
	EXPECT_EQ(NOTHING, rig_next(&self->rig, 1, &item));
	ASSERT_EQ(0, rig_write(&self->rig, 0, self->data, 10, 1, false));
	for (i = 0; i < 10; i++)
		EXPECT_EQ(NULL,
			  expect(&self->rig, self->data, 10, 1, (__u64)i));
	EXPECT_TRUE(balanced(&self->rig));
}

TEST_F(record, not_read_they_hold_the_writer_up)
{
	struct pcring_stats stats;
	__u64 sent = 0, got = 0;
	struct item item;
	int i;

	/* Both rings fill, and then no more is taken. */
	for (i = 0; i < 20; i++) {
		while (!rig_write(&self->rig, 0, self->data, 1000, 4, false))
			sent++;
		sleep_ns(2 * MSEC);
	}
	EXPECT_LE(2 * (RING / 1016) - 4, sent);
	EXPECT_GE(2 * (RING / 1016), sent);
	ASSERT_EQ(0, rig_stats(&self->rig, 1, &stats));
	EXPECT_EQ(0, stats_rejected(&stats));
	EXPECT_EQ(stats.accepted, stats.in_ring);
	while (got < sent) {
		ASSERT_EQ(ITEM, rig_next_wait(&self->rig, 1, &item));
		EXPECT_EQ(got, item.view.seq);
		rig_done(&self->rig, 1, &item);
		got++;
	}
	EXPECT_EQ(NOTHING, rig_next(&self->rig, 1, &item));
	EXPECT_TRUE(balanced(&self->rig));
}

static void *writer(void *arg)
{
	struct rig *rig = arg;
	__u64 rounds = scaled(100000), i;
	long err = 0;

	for (i = 0; i < rounds && !err; i++)
		err = rig_write_all(rig, 0, &i, (__u32)(8 + i % 50), 6);
	i = ~0ULL;
	if (!err)
		err = rig_write_all(rig, 0, &i, 8, 6);
	return (void *)err;
}

TEST_F(record, a_writer_and_a_reader_at_once_wait_for_each_other)
{
	__u64 next = 0, first;
	struct item item;
	pthread_t thread;
	void *err;

	pthread_create(&thread, NULL, writer, &self->rig);
	do {
		ASSERT_EQ(ITEM, rig_next_wait(&self->rig, 1, &item));
		memcpy(&first, item.view.data, 8);
		if (first != ~0ULL)
			ASSERT_EQ(next, first);
		ASSERT_EQ(next, item.view.seq);
		next++;
		rig_done(&self->rig, 1, &item);
	} while (first != ~0ULL);
	pthread_join(thread, &err);
	EXPECT_EQ(NULL, err);
	EXPECT_TRUE(balanced(&self->rig));
}

/* The next thing, if there is one: it continues where the last ended. */
static int take(struct rig *rig, __u64 *next, __u64 *lost)
{
	struct item item;
	int what = rig_next(rig, 1, &item);
	__u32 count = 1;

	if (what <= 0)
		return what;
	if (item.view.seq != *next)
		return -EIO;
	if (what == GAP) {
		count = item.gap.count;
		*lost += count;
		if (item.gap.first != *next || !item.gap.time_first ||
		    item.gap.time_last < item.gap.time_first ||
		    PCRING_SPECIAL_REASON(item.gap.ctl) != PCRING_REASON_FULL)
			what = -EIO;
	} else if (memcmp(next, item.view.data, 8)) {
		what = -EIO;
	}
	*next += count;
	rig_done(rig, 1, &item);
	return what;
}

/* Until the kernel has consumed so many records of REC_IN. */
static int consumed(struct rig *rig, __u64 records)
{
	struct pcring_stats stats = { .consumed = 0 };
	int i, err = 0;

	for (i = 0; i < 500 && !err && stats.consumed < records; i++) {
		sleep_ns(10 * MSEC);
		err = rig_stats(rig, 0, &stats);
	}
	return stats.consumed == records ? err : -ETIME;
}

TEST(a_reader_too_slow_loses_and_is_told_where)
{
	struct pcring_stats stats;
	__u64 next = 0, lost = 0, i;
	struct rig rig;
	int what;

	ASSERT_EQ(0, rig_echo(&rig, RING, 4096, PCRING_POLICY_DROP_NEW));
	for (i = 0; i < 1000; i++) {
		/* Now and then somebody reads a little. */
		if (i % 100 == 99)
			ASSERT_LE(0, take(&rig, &next, &lost));
		ASSERT_EQ(0, rig_write_all(&rig, 0, &i, 8, 3));
	}
	ASSERT_EQ(0, consumed(&rig, 1000));
	while ((what = take(&rig, &next, &lost)) > 0)
		;
	ASSERT_EQ(0, what);
	/* What was lost last is told before the next that is accepted. */
	ASSERT_EQ(0, rig_write_all(&rig, 0, &i, 8, 3));
	ASSERT_EQ(0, consumed(&rig, 1001));
	while ((what = take(&rig, &next, &lost)) > 0)
		;
	ASSERT_EQ(0, what);
	EXPECT_EQ(1001, next);
	ASSERT_EQ(0, rig_stats(&rig, 1, &stats));
	EXPECT_TRUE(stats_balance(&stats));
	EXPECT_EQ(lost, stats.rejected[PCRING_REASON_FULL]);
	EXPECT_EQ(lost, stats_rejected(&stats));
	EXPECT_LT(0, lost);
	rig_close(&rig);
}

/* ---- a writer that dies ------------------------------------------------------ */

/* The child writes whole records, then half of one, and is killed. */
static void half_written(struct rig *rig, __u32 whole)
{
	struct pcring_prod *p = &rig->ends[0].prod;
	struct pcring_record *rec;
	__u64 i;

	for (i = 0; i < whole; i++)
		rig_write(rig, 0, &i, 8, 1, false);
	if (!pcring_record_reserve(p, 500, 1, &rec))
		memset(pcring_record_data(rec), 0xee, 250);
	raise(SIGKILL);
}

TEST(pitfall_22_a_record_half_written_by_a_dead_producer_is_no_record)
{
	struct pcring_stats stats;
	struct item item;
	struct rig rig;
	__u32 whole;
	__u64 i;
	pid_t pid;

	for (whole = 0; whole < 40; whole += 13) {
		ASSERT_EQ(0, rig_echo(&rig, RING, RING, PCRING_POLICY_BLOCK));
		pid = fork();
		if (!pid)
			half_written(&rig, whole);
		ASSERT_EQ(128 + SIGKILL, child_wait(pid));
		for (i = 0; i < whole; i++) {
			ASSERT_EQ(ITEM, rig_next_wait(&rig, 1, &item));
			EXPECT_EQ(0, memcmp(&i, item.view.data, 8));
			rig_done(&rig, 1, &item);
		}
		EXPECT_EQ(-ETIME, rig_wait(&rig, 1, 1, 50 * MSEC));
		EXPECT_EQ(NOTHING, rig_next(&rig, 1, &item));
		ASSERT_EQ(0, rig_stats(&rig, 0, &stats));
		EXPECT_EQ(whole, stats.consumed);
		EXPECT_EQ(0, stats.cancelled);
		EXPECT_TRUE(stats_balance(&stats));
		rig_close(&rig);
	}
}

/* Killed at any moment: what it had submitted comes, whole, and nothing else. */
TEST(pitfall_22_a_writer_killed_anywhere_loses_nothing_it_had_submitted)
{
	unsigned char bytes[700];
	struct pcring_stats stats;
	struct item item;
	struct rig rig;
	__u64 next, seq;
	pid_t pid;
	int i;

	for (i = 0; i < 12; i++) {
		ASSERT_EQ(0, rig_echo(&rig, 1 << 20, 1 << 20,
				      PCRING_POLICY_BLOCK));
		pid = fork();
		if (!pid) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			for (seq = 0;; seq++) {
				memset(bytes, (int)seq, sizeof(bytes));
				memcpy(bytes, &seq, 8);
				if (rig_write(&rig, 0, bytes,
					      8 + (__u32)seq % 600, 1, false))
					pause();
			}
		}
		sleep_ns((__u64)i * 500000);
		kill(pid, SIGKILL);
		child_wait(pid);
		for (next = 0;; next++) {
			/* As far as is submitted it will come by itself. */
			int what = rig_next(&rig, 1, &item);

			if (!what && !rig_wait(&rig, 1, 1, 200 * MSEC))
				what = rig_next(&rig, 1, &item);
			if (!what)
				break;
			ASSERT_EQ(ITEM, what);
			memset(bytes, (int)next, sizeof(bytes));
			memcpy(bytes, &next, 8);
			ASSERT_EQ(8 + next % 600, item.view.len);
			ASSERT_EQ(0,
				  memcmp(bytes, item.view.data, item.view.len));
			rig_done(&rig, 1, &item);
		}
		ASSERT_EQ(0, rig_stats(&rig, 0, &stats));
		/* Counted before published: one record at the most. */
		EXPECT_TRUE(stats.accepted == next ||
			    stats.accepted == next + 1)
		TH_LOG("accepted %llu, came %llu", stats.accepted, next);
		EXPECT_EQ(next, stats.consumed);
		rig_close(&rig);
	}
}

TEST_HARNESS_MAIN
