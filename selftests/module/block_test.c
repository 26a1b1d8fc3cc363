// SPDX-License-Identifier: GPL-2.0-only
/* Blocks and records of the converter: every byte, and each loss where it was. */
#include "module.h"
#include "kselftest_harness.h"

static struct truth truth;

/* What was read, beside what the converter says. */
struct tally {
	__u64 next; /* sequence number to come */
	__u64 items;
	__u64 lost;
	__u32 gaps;
};

/* A gap is the converter's next line. NULL, or what is wrong. */
static const char *gap_check(struct tally *t, const struct pcring_gap *gap,
			     struct pcring_gap *gaps)
{
	if (gap->first != t->next)
		return "gap's first";
	if (!gap->count)
		return "gap of none";
	if (gap->time_last < gap->time_first || gap->time_last > now_ns())
		return "gap's times";
	if (t->gaps < MAX_LOST)
		gaps[t->gaps] = *gap;
	t->gaps++;
	t->next += gap->count;
	t->lost += gap->count;
	return NULL;
}

static struct pcring_gap gaps[MAX_LOST];

/* The runs a gap stands for: one behind the other, the first one's reason. */
static bool gap_is_told(const struct pcring_gap *gap, __u32 *run)
{
	__u64 left = gap->count, first = gap->first;

	if (*run == truth.nr ||
	    truth.lost[*run].reason != PCRING_SPECIAL_REASON(gap->ctl))
		return false;
	for (; left && *run < truth.nr; (*run)++) {
		if (truth.lost[*run].first != first ||
		    truth.lost[*run].count > left)
			return false;
		first += truth.lost[*run].count;
		left -= truth.lost[*run].count;
	}
	return !left;
}

/* Gaps read, one by one against the runs of the truth. */
static const char *truth_check(const struct rig *rig, const struct tally *t)
{
	__u32 i, run = 0;

	if (truth_read(&truth, rig->setup.ctx_id))
		return "no truth file";
	for (i = 0; i < t->gaps; i++) {
		if (gap_is_told(&gaps[i], &run))
			continue;
		printf("# gap %u: %llu, %u; runs up to %u of %u\n", i,
		       gaps[i].first, gaps[i].count, run, truth.nr);
		return "a gap nobody knows of";
	}
	return run == truth.nr ? NULL : "a loss nobody was told of";
}

/* ---- blocks ------------------------------------------------------------------ */

/* Look at a block and give it back. NULL, or what is wrong. */
static const char *block_check(struct rig *rig, struct tally *t,
			       const struct pcring_cqe *cqe)
{
	const struct pcring_block_info *info = &rig->pool.info[cqe->block];
	const char *wrong;

	if ((cqe->ctl & PCRING_ENTRY_VALUE) !=
	    (PCRING_CQE_F_BLOCK | PCRING_CQE_F_POST))
		return "ctl";
	if (cqe->block >= rig->pool.req.blocks)
		return "block";
	if (cqe->seq != t->next || cqe->user_data)
		return "cqe's seq";
	if (info->seq != cqe->seq || info->generation != cqe->generation ||
	    info->len != (__u32)cqe->res || info->error || info->flags)
		return "block info";
	wrong = adc_item_check(rig->pool.blocks + (size_t)cqe->block * PAGE,
			       (__u32)cqe->res, t->next);
	t->next++;
	t->items++;
	return wrong;
}

/* Read until @items have come; give each back. NULL, or what is wrong. */
static const char *read_blocks(struct rig *rig, struct tally *t, __u64 items)
{
	const char *wrong = NULL;
	struct item item;
	int what;

	while (!wrong && t->items < items) {
		what = rig_next_wait(rig, 0, &item);
		if (what == NOTHING)
			return "nothing came";
		if (what < 0)
			return strerror(-what);
		wrong = what == GAP ? gap_check(t, &item.gap, gaps)
				    : block_check(rig, t, &item.cqe);
		rig_done(rig, 0, &item);
		if (!wrong && what == ITEM &&
		    rig_free(rig, 1, item.cqe.block, item.cqe.generation))
			wrong = "FREE";
	}
	return wrong;
}

TEST(block_holds_back_and_loses_nothing)
{
	struct pcring_adc_config config = { .rate_hz = 0,
					    .count = scaled(20000) };
	struct tally t = { 0 };
	struct pcring_stats stats;
	struct rig rig;

	ASSERT_EQ(0, rig_adc_blocks(&rig, 8, 16, PCRING_POLICY_BLOCK, &config))
	TH_LOG("%s", refusal(rig.fd));
	EXPECT_EQ(NULL, read_blocks(&rig, &t, config.count))
	TH_LOG("at %llu", t.next);
	EXPECT_EQ(0, t.gaps);
	EXPECT_EQ(NULL, truth_check(&rig, &t));
	EXPECT_EQ(config.count, truth.offered);
	/* And then it is silent. */
	EXPECT_EQ(-ETIME, rig_wait(&rig, 0, 1, 50 * MSEC));
	ASSERT_EQ(0, rig_stats(&rig, 0, &stats));
	EXPECT_TRUE(stats_balance(&stats));
	EXPECT_EQ(config.count, stats.offered);
	EXPECT_EQ(config.count, stats.consumed);
	EXPECT_EQ(16, stats.blocks_user + stats.blocks_kernel +
			      stats.blocks_limbo + stats.blocks_retired);
	rig_close(&rig);
}

TEST(pitfall_20_a_timer_that_must_not_wait_stops_and_goes_on)
{
	struct pcring_adc_config config = { .rate_hz = 2000,
					    .count = 300,
					    .context = PCRING_ADC_HRTIMER };
	struct tally t = { 0 };
	struct rig rig;
	int i;

	ASSERT_EQ(0, rig_adc_blocks(&rig, 8, 8, PCRING_POLICY_BLOCK, &config));
	for (i = 1; i <= 6; i++) {
		sleep_ns(30 * MSEC); /* it has filled up */
		EXPECT_EQ(NULL, read_blocks(&rig, &t, (__u64)i * 50));
	}
	EXPECT_EQ(0, t.gaps);
	EXPECT_EQ(NULL, truth_check(&rig, &t));
	EXPECT_EQ(300, truth.offered);
	rig_close(&rig);
}

/* Reads with pauses, so that much is lost, often. */
static void lossy(struct __test_metadata *_metadata, struct rig *rig,
		  __u64 items)
{
	struct tally t = { 0 };
	struct pcring_stats stats;

	while (t.items < items) {
		sleep_ns(20 * MSEC);
		ASSERT_EQ(NULL, read_blocks(rig, &t, t.items + 20))
		TH_LOG("at %llu", t.next);
	}
	ASSERT_EQ(0, rig_stats(rig, 0, &stats));
	EXPECT_LE(t.lost, stats_rejected(&stats));
	EXPECT_LT(0, t.lost);
	EXPECT_EQ(t.items, stats.consumed);
	TH_LOG("%llu items, %llu lost in %u gaps", t.items, t.lost, t.gaps);
}

TEST(drop_new_goes_on_losing_while_it_is_read)
{
	struct pcring_adc_config config = { .rate_hz = 4000,
					    .context = PCRING_ADC_HRTIMER };
	struct rig rig;

	ASSERT_EQ(0,
		  rig_adc_blocks(&rig, 8, 16, PCRING_POLICY_DROP_NEW, &config));
	lossy(_metadata, &rig, 200);
	rig_close(&rig);
}

/* What is in the ring now; each block goes back. */
static const char *read_there_is(struct rig *rig, struct tally *t)
{
	const char *wrong = NULL;
	struct item item;
	int what = 0;

	while (!wrong && (what = rig_next(rig, 0, &item)) > 0) {
		wrong = what == GAP ? gap_check(t, &item.gap, gaps)
				    : block_check(rig, t, &item.cqe);
		rig_done(rig, 0, &item);
		if (what == ITEM && !wrong &&
		    rig_free(rig, 1, item.cqe.block, item.cqe.generation))
			wrong = "FREE";
	}
	return wrong || !what ? wrong : strerror(-what);
}

/* All there was, until the converter has offered its count. */
static const char *read_until_silent(struct rig *rig, struct tally *t,
				     __u64 count)
{
	__u64 until = now_ns() + patience();
	const char *wrong = NULL;
	bool last = false;

	while (!wrong && !last) {
		if (now_ns() > until)
			return "the converter does not come to its end";
		sleep_ns(5 * MSEC);
		if (truth_read(&truth, rig->setup.ctx_id))
			return "no truth file";
		/* Looked at first: then what is in the ring is all. */
		last = truth.offered == count;
		wrong = read_there_is(rig, t);
	}
	return wrong;
}

/* What was lost last has no item behind it to be told before. */
static void lost_last(struct tally *t, __u64 count)
{
	__u32 i = 0;

	if (t->next == count)
		return;
	while (i < truth.nr && truth.lost[i].first != t->next)
		i++;
	gaps[t->gaps].first = t->next;
	gaps[t->gaps].count = (__u32)(count - t->next);
	gaps[t->gaps].ctl = i < truth.nr ? truth.lost[i].reason << 8 : ~0U;
	t->lost += count - t->next;
	t->gaps++;
}

FIXTURE(lost)
{
	struct rig rig;
};

FIXTURE_VARIANT(lost)
{
	__u32 context;
	__u32 entries;
	__u32 blocks;
};

FIXTURE_VARIANT_ADD(lost, thread_cq_full){
	.context = PCRING_ADC_THREAD,
	.entries = 4,
	.blocks = 32,
};

FIXTURE_VARIANT_ADD(lost, timer_cq_full){
	.context = PCRING_ADC_HRTIMER,
	.entries = 4,
	.blocks = 32,
};

FIXTURE_VARIANT_ADD(lost, timer_no_block){
	.context = PCRING_ADC_HRTIMER,
	.entries = 64,
	.blocks = 4,
};

FIXTURE_SETUP(lost)
{
}

FIXTURE_TEARDOWN(lost)
{
	rig_close(&self->rig);
}

TEST_F(lost, each_gap_stands_where_the_converter_says)
{
	struct pcring_adc_config config = { .rate_hz = 5000,
					    .count = 2000,
					    .burst = 5,
					    .context = variant->context };
	struct tally t = { 0 };
	struct pcring_stats stats;
	__u32 i;

	ASSERT_EQ(0,
		  rig_adc_blocks(&self->rig, variant->entries, variant->blocks,
				 PCRING_POLICY_DROP_NEW, &config));
	EXPECT_EQ(NULL, read_until_silent(&self->rig, &t, config.count))
	TH_LOG("at %llu", t.next);
	ASSERT_EQ(0, truth_read(&truth, self->rig.setup.ctx_id));
	EXPECT_EQ(config.count, truth.offered);
	lost_last(&t, config.count);
	EXPECT_EQ(NULL, truth_check(&self->rig, &t));
	EXPECT_LT(0, t.lost);
	ASSERT_EQ(0, rig_stats(&self->rig, 0, &stats));
	EXPECT_TRUE(stats_balance(&stats));
	EXPECT_EQ(config.count, stats.offered);
	EXPECT_EQ(t.lost, stats_rejected(&stats));
	for (i = 0; i < PCRING_NR_REASONS; i++)
		EXPECT_EQ(truth.rejected[i], stats.rejected[i]);
	EXPECT_EQ(truth.accepted, stats.accepted);
	EXPECT_EQ(t.items, stats.consumed);
	TH_LOG("%llu items, %llu lost in %u gaps", t.items, t.lost, t.gaps);
}

TEST(a_full_ring_times_out_where_that_is_asked_for)
{
	struct pcring_adc_config config = { .rate_hz = 0,
					    .count = 20,
					    .timeout_ms = 20 };
	struct pcring_stats stats;
	struct rig rig;
	int i;

	ASSERT_EQ(0, rig_adc_blocks(&rig, 4, 16, PCRING_POLICY_BLOCK, &config));
	for (i = 0; i < 200; i++) {
		ASSERT_EQ(0, rig_stats(&rig, 0, &stats));
		if (stats.offered == 20)
			break;
		sleep_ns(20 * MSEC);
	}
	EXPECT_EQ(20, stats.offered);
	EXPECT_EQ(4, stats.accepted);
	EXPECT_EQ(4, stats.in_ring);
	EXPECT_EQ(16, stats.rejected[PCRING_REASON_TIMEOUT]);
	EXPECT_TRUE(stats_balance(&stats));
	ASSERT_EQ(0, truth_read(&truth, rig.setup.ctx_id));
	EXPECT_EQ(20, truth.offered);
	rig_close(&rig);
}

/* ---- records ----------------------------------------------------------------- */

static const char *read_records(struct rig *rig, struct tally *t, __u64 items)
{
	const char *wrong = NULL;
	struct item item;
	int what;

	while (!wrong && t->items < items) {
		what = rig_next_wait(rig, 0, &item);
		if (what <= 0)
			return what ? strerror(-what) : "nothing came";
		if (what == GAP) {
			wrong = gap_check(t, &item.gap, gaps);
		} else {
			wrong = item.view.seq != t->next
					? "record's seq"
					: adc_item_check(item.view.data,
							 item.view.len,
							 t->next);
			t->next++;
			t->items++;
		}
		rig_done(rig, 0, &item);
	}
	return wrong;
}

FIXTURE(records)
{
	struct rig rig;
};

FIXTURE_VARIANT(records)
{
	__u32 context;
	__u32 policy;
	__u32 item_size;
};

FIXTURE_VARIANT_ADD(records, thread_block){
	.context = PCRING_ADC_THREAD,
	.policy = PCRING_POLICY_BLOCK,
};

FIXTURE_VARIANT_ADD(records, timer_block_of_25_bytes){
	.context = PCRING_ADC_HRTIMER,
	.policy = PCRING_POLICY_BLOCK,
	.item_size = 25,
};

FIXTURE_VARIANT_ADD(records, thread_drop_new_of_1001_bytes){
	.context = PCRING_ADC_THREAD,
	.policy = PCRING_POLICY_DROP_NEW,
	.item_size = 1001,
};

FIXTURE_VARIANT_ADD(records, timer_drop_new){
	.context = PCRING_ADC_HRTIMER,
	.policy = PCRING_POLICY_DROP_NEW,
};

FIXTURE_SETUP(records)
{
}

FIXTURE_TEARDOWN(records)
{
	rig_close(&self->rig);
}

TEST_F(records, come_whole_and_in_order)
{
	struct pcring_adc_config config = { .rate_hz = 4000,
					    .item_size = variant->item_size,
					    .context = variant->context };
	struct tally t = { 0 };
	struct pcring_stats stats;

	ASSERT_EQ(0, rig_adc_records(&self->rig, 1 << 14, variant->policy,
				     &config))
	TH_LOG("%s", refusal(self->rig.fd));
	while (t.items < 600) {
		/* Long enough for 16 KiB to fill. */
		sleep_ns(30 * MSEC * slow() * slow());
		ASSERT_EQ(NULL, read_records(&self->rig, &t, t.items + 60))
		TH_LOG("at %llu", t.next);
	}
	ASSERT_EQ(0, rig_stats(&self->rig, 0, &stats));
	EXPECT_EQ(t.items, stats.consumed);
	EXPECT_LE(t.lost, stats.rejected[PCRING_REASON_FULL]);
	EXPECT_EQ(variant->policy == PCRING_POLICY_BLOCK, !t.gaps);
	TH_LOG("%llu items, %llu lost in %u gaps", t.items, t.lost, t.gaps);
}

TEST_HARNESS_MAIN
