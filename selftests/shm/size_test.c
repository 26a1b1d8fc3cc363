// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sizes: a simulation shows that the smallest ring never stalls and that one entry
 * less does, over all pairs of quanta up to a limit.
 */
#include "shm.h"

#define QUANTA 40U

/*
 * A producer of @p at a time, a consumer of @c at a time that publishes @lag late,
 * and whoever can act does. Stalled: neither can. @eager: who goes first.
 */
static bool stalls(__u64 entries, __u32 p, __u32 c, __u32 lag, bool eager)
{
	__u64 prod = 0, cons = 0, published = 0;
	__u32 turn;

	for (turn = 0; turn < 8 * (p + c); turn++) {
		bool space = entries - (prod - published) >= p &&
			     prod - published <= entries;
		bool avail = prod - cons >= c;

		if (!space && !avail)
			return true;
		if (space && (eager || !avail)) {
			prod += p;
			continue;
		}
		cons += c;
		if (cons - published >= lag)
			published = cons;
	}
	return false;
}

TEST(the_smallest_ring_never_stalls_and_one_less_does)
{
	__u32 p, c;

	for (p = 1; p <= QUANTA; p++)
		for (c = 1; c <= QUANTA; c++) {
			__u64 min = pcring_min_entries(p, c);

			ASSERT_FALSE(stalls(min, p, c, 1, true));
			ASSERT_FALSE(stalls(min, p, c, 1, false));
			ASSERT_TRUE(stalls(min - 1, p, c, 1, true) ||
				    stalls(min - 1, p, c, 1, false))
			TH_LOG("p %u c %u", p, c);
		}
}

TEST(a_consumer_that_publishes_late_needs_more)
{
	__u32 p, c, lag;

	for (p = 1; p <= QUANTA; p += 3)
		for (c = 1; c <= QUANTA; c++)
			for (lag = 1; lag <= QUANTA; lag++) {
				__u64 min = pcring_min_entries_lag(p, c, lag);

				ASSERT_FALSE(stalls(min, p, c, lag, true));
				ASSERT_FALSE(stalls(min, p, c, lag, false));
			}
	/* And without it that one would stall. */
	EXPECT_TRUE(stalls(pcring_min_entries(4, 4), 4, 4, 8, true));
}

TEST(no_quantum_is_no_size)
{
	EXPECT_EQ(0, pcring_min_entries(0, 4));
	EXPECT_EQ(0, pcring_min_entries(4, 0));
	EXPECT_EQ(0xfffffffeULL + 0xffffffffULL - 1,
		  pcring_min_entries(0xfffffffe, 0xffffffff));
}

TEST(a_burst_is_rate_times_stall_rounded_up)
{
	__u32 entries;

	ASSERT_EQ(0, pcring_min_burst(1000000, 1000000, &entries));
	EXPECT_EQ(1000, entries);
	ASSERT_EQ(0, pcring_min_burst(1000000, 1000001, &entries));
	EXPECT_EQ(1001, entries);
	ASSERT_EQ(0, pcring_min_burst(0, 5, &entries));
	EXPECT_EQ(1, entries);
	EXPECT_EQ(-EOVERFLOW, pcring_min_burst(~0ULL, ~0ULL, &entries));
	EXPECT_EQ(-EOVERFLOW,
		  pcring_min_burst(1ULL << 40, 1ULL << 40, &entries));
}

TEST(bytes_hold_the_records_and_a_gap)
{
	struct pcring_ctx *client;
	struct rig rig;
	__u32 bytes, i;
	char data[100] = { 0 };

	ASSERT_EQ(0, pcring_min_bytes(200, 100, 0, &bytes));
	EXPECT_EQ(32768, bytes);
	EXPECT_EQ(-EOVERFLOW, pcring_min_bytes(~0U, ~0U, 0, &bytes));
	ASSERT_EQ(0, pcring_min_bytes(30, 100, 0, &bytes));
	rig_init(&rig);
	rig_ring(&rig, PCRING_KIND_REC_IN, bytes);
	ASSERT_EQ(0, rig_pair(&rig, &client));
	for (i = 0; i < 30; i++)
		EXPECT_EQ(1, pcring_ring_write(pcring_ctx_ring(client, 0), data,
					       100, 0, 0));
	pcring_ctx_close(client);
	pcring_ctx_close(rig.server);
}

TEST_HARNESS_MAIN
