// SPDX-License-Identifier: GPL-2.0-only
/*
 * The library over a device that streams: every item checked, every loss located
 * where it happened, and the account held against what the driver tells beside the
 * ring.
 */
#include <pcring.h>
#include "module.h"
#include "kselftest_harness.h"

#define MAX_RUNS 4096U

/* A loss: a run of items, with the reason of the first. */
struct run {
	unsigned long long first;
	unsigned long long count;
	unsigned int reason;
};

/* What the driver tells of one ctx. */
struct told {
	unsigned long long offered, accepted;
	struct run runs[MAX_RUNS];
	__u32 nr;
};

/* What this reader has seen. */
struct seen {
	__u64 next;
	__u64 items;
	__u64 lost;
	struct run runs[MAX_RUNS];
	__u32 nr;
	const char *bad;
};

static struct told told;
static struct seen seen;

/* Losses that follow each other are one gap in the ring. */
static void told_lost(struct run *run)
{
	struct run *last = told.nr ? &told.runs[told.nr - 1] : NULL;

	if (last && last->first + last->count == run->first)
		last->count += run->count;
	else if (told.nr < MAX_RUNS)
		told.runs[told.nr++] = *run;
}

static int told_read(__u32 ctx)
{
	FILE *file = fopen("/sys/kernel/debug/pcring_adc/adc0/truth", "re");
	unsigned long long offered, accepted;
	struct run run;
	char line[400];
	unsigned int id;

	if (!file)
		return -errno;
	memset(&told, 0, sizeof(told));
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "ctx %u offered %llu accepted %llu", &id,
			   &offered, &accepted) == 3 &&
		    id == ctx) {
			told.offered = offered;
			told.accepted = accepted;
		}
		if (sscanf(line, "ctx %u lost %llu %llu %u", &id, &run.first,
			   &run.count, &run.reason) == 4 &&
		    id == ctx)
			told_lost(&run);
	}
	fclose(file);
	return 0;
}

FIXTURE(adc)
{
	struct pcring_ctx *ctx;
	struct pcring_ring *ring;
	struct pcring_pool *pool;
};

FIXTURE_VARIANT(adc)
{
	bool blocks;
	__u32 policy;
	__u32 context;
	__u32 wait_mode;
};

FIXTURE_VARIANT_ADD(adc, records_block_thread){
	.policy = PCRING_POLICY_BLOCK,
	.context = PCRING_ADC_THREAD,
};

FIXTURE_VARIANT_ADD(adc, records_block_timer_eventfd){
	.policy = PCRING_POLICY_BLOCK,
	.context = PCRING_ADC_HRTIMER,
	.wait_mode = PCRING_WAIT_EVENTFD,
};

FIXTURE_VARIANT_ADD(adc, records_drop_new_thread){
	.policy = PCRING_POLICY_DROP_NEW,
	.context = PCRING_ADC_THREAD,
	.wait_mode = PCRING_WAIT_EVENTFD,
};

FIXTURE_VARIANT_ADD(adc, records_drop_new_timer){
	.policy = PCRING_POLICY_DROP_NEW,
	.context = PCRING_ADC_HRTIMER,
};

FIXTURE_VARIANT_ADD(adc, blocks_block_thread){
	.blocks = true,
	.policy = PCRING_POLICY_BLOCK,
	.context = PCRING_ADC_THREAD,
};

FIXTURE_VARIANT_ADD(adc, blocks_drop_new_timer){
	.blocks = true,
	.policy = PCRING_POLICY_DROP_NEW,
	.context = PCRING_ADC_HRTIMER,
};

FIXTURE_VARIANT_ADD(adc, blocks_drop_new_thread_eventfd){
	.blocks = true,
	.policy = PCRING_POLICY_DROP_NEW,
	.context = PCRING_ADC_THREAD,
	.wait_mode = PCRING_WAIT_EVENTFD,
};

FIXTURE_SETUP(adc)
{
	self->ctx = NULL;
	memset(&seen, 0, sizeof(seen));
}

FIXTURE_TEARDOWN(adc)
{
	pcring_ctx_close(self->ctx);
}

static int open_adc(FIXTURE_DATA(adc) * self,
		    const FIXTURE_VARIANT(adc) * variant, __u64 rate,
		    __u64 count)
{
	struct pcring_adc_config config = {
		.rate_hz = rate,
		.count = count,
		.item_size = 256,
		.context = variant->context,
	};
	struct pcring_ring_desc rings[2];
	struct pcring_ctx_opts opts = {
		.size = sizeof(opts),
		.rings = rings,
		.nr_rings = variant->blocks ? 2 : 1,
		.payload = &config,
		.payload_size = sizeof(config),
		.wait_mode = variant->wait_mode,
	};
	int err;

	pcring_ring_desc_init(&rings[0], PCRING_KIND_REC_OUT, PAGE);
	if (variant->blocks) {
		opts.block_size = PAGE;
		opts.blocks = 12;
		pcring_ring_desc_init(&rings[0], PCRING_KIND_CQ, 8);
		pcring_ring_desc_init(&rings[1], PCRING_KIND_FREE, 16);
		rings[0].pool_fd = PCRING_CTX_POOL;
		rings[1].pool_fd = PCRING_CTX_POOL;
	}
	rings[0].policy = variant->policy;
	err = pcring_ctx_open(ADC, &opts, &self->ctx);
	if (err)
		return err;
	self->ring = pcring_ctx_ring(self->ctx, 0);
	self->pool = pcring_ctx_pool(self->ctx);
	return 0;
}

/* ---- reading -------------------------------------------------------------------- */

static void see_gap(const struct pcring_gap *gap)
{
	if (gap->first != seen.next)
		seen.bad = "a gap begins elsewhere";
	if (!gap->time_first || gap->time_first > gap->time_last ||
	    gap->time_last > now_ns())
		seen.bad = "a gap's times";
	if (seen.nr < MAX_RUNS) {
		seen.runs[seen.nr].first = gap->first;
		seen.runs[seen.nr].count = gap->count;
		seen.runs[seen.nr++].reason = PCRING_SPECIAL_REASON(gap->ctl);
	}
	seen.lost += gap->count;
	seen.next = gap->first + gap->count;
}

static void see(struct pcring_pool *pool, const struct pcring_item *item)
{
	struct pcring_block block = { 0 };
	const void *data = item->data;
	__u32 len = item->len;
	const char *bad;
	int err = 0;

	if (item->what == PCRING_ITEM_GAP) {
		see_gap(&item->gap);
		return;
	}
	if (pool) {
		if (pcring_cqe_block(pool, data, &block) != 1) {
			seen.bad = "no block";
			return;
		}
		data = block.data;
		len = block.len;
	}
	if (item->seq != seen.next)
		seen.bad = "an item out of turn";
	bad = adc_item_check(data, len, item->seq);
	if (bad)
		seen.bad = bad;
	if (pool)
		err = pcring_block_put(pool, &block);
	if (err && err != -ENODEV) /* nobody wants it back */
		seen.bad = pcring_error();
	seen.next = item->seq + 1;
	seen.items++;
}

/*
 * Read until @count are accounted for, or for half a second nothing comes; stall
 * for @stall_ns after each @every items. Return: 0, or what the ring said.
 */
static int read_all(struct pcring_ring *ring, struct pcring_pool *pool,
		    __u64 count, __u32 every, __u64 stall_ns)
{
	struct pcring_item item;
	__u64 stalled = 0;
	int err = 0;

	while (seen.next < count) {
		err = pcring_ring_wait(ring, 1, SEC / 2 * slow());
		if (err < 0)
			return err == -ETIME ? 0 : err;
		while ((err = pcring_ring_next(ring, &item)) > 0) {
			see(pool, &item);
			if (every && seen.items / every > stalled) {
				stalled = seen.items / every;
				pcring_ring_done(ring);
				sleep_ns(stall_ns);
			}
		}
		if (err != -EAGAIN)
			return err;
	}
	return 0;
}

/* ---- the account ------------------------------------------------------------------ */

static bool same_losses(void)
{
	__u32 i;

	for (i = 0; i < seen.nr; i++)
		if (i >= told.nr || told.runs[i].first != seen.runs[i].first ||
		    told.runs[i].count != seen.runs[i].count ||
		    told.runs[i].reason != seen.runs[i].reason)
			break;
	/* The last loss has no item behind it that would bring its gap. */
	if (i == seen.nr && (told.nr == i || (told.nr == i + 1 &&
					      told.runs[i].first == seen.next)))
		return true;
	printf("# gap %u of %u, told %u: %llu+%llu (%u), told %llu+%llu (%u)\n",
	       i, seen.nr, told.nr, seen.runs[i].first, seen.runs[i].count,
	       seen.runs[i].reason, told.runs[i].first, told.runs[i].count,
	       told.runs[i].reason);
	return false;
}

#define EXPECT_ACCOUNT(count)                                                 \
	do {                                                                  \
		struct pcring_stats s;                                        \
		ASSERT_EQ(0, pcring_ring_stats(self->ring, &s));              \
		ASSERT_EQ(0, told_read(pcring_ctx_id(self->ctx)));            \
		EXPECT_EQ(NULL, seen.bad)                                     \
		{                                                             \
			TH_LOG("%s, before item %llu", seen.bad, seen.next);  \
		}                                                             \
		EXPECT_TRUE(stats_balance(&s));                               \
		EXPECT_EQ(count, s.offered);                                  \
		EXPECT_EQ(s.offered, told.offered);                           \
		EXPECT_EQ(s.accepted, told.accepted);                         \
		EXPECT_EQ(s.consumed, seen.items);                            \
		EXPECT_EQ(s.accepted, seen.items);                            \
		EXPECT_EQ(s.gaps, seen.nr);                                   \
		EXPECT_EQ(0, s.in_ring);                                      \
		EXPECT_EQ(stats_rejected(&s), seen.lost + (count)-seen.next); \
		EXPECT_TRUE(same_losses());                                   \
	} while (0)

TEST_F(adc, reads_each_item_in_turn)
{
	__u64 count = scaled(2000);

	ASSERT_EQ(0, open_adc(self, variant, 2000, count))
	{
		TH_LOG("%s", pcring_error());
	}
	ASSERT_EQ(0, read_all(self->ring, self->pool, count, 0, 0))
	{
		TH_LOG("%s", pcring_error());
	}
	EXPECT_ACCOUNT(count);
}

/* A reader that stalls loses items, or holds the converter up, and knows which. */
TEST_F(adc, a_stall_costs_what_the_policy_says_and_no_more)
{
	__u64 count = scaled(4000);

	ASSERT_EQ(0, open_adc(self, variant, 10000, count))
	{
		TH_LOG("%s", pcring_error());
	}
	ASSERT_EQ(0, read_all(self->ring, self->pool, count, 100, 20 * MSEC))
	{
		TH_LOG("%s", pcring_error());
	}
	EXPECT_ACCOUNT(count);
	EXPECT_EQ(variant->policy == PCRING_POLICY_DROP_NEW, seen.nr > 0);
}

TEST_F(adc, every_block_is_somebodys)
{
	struct pcring_stats s;
	__u64 count = 100;

	if (!variant->blocks)
		return;
	ASSERT_EQ(0, open_adc(self, variant, 5000, count));
	ASSERT_EQ(0, read_all(self->ring, self->pool, count, 0, 0));
	ASSERT_EQ(0, pcring_ring_stats(self->ring, &s));
	EXPECT_EQ(12, s.blocks_user + s.blocks_kernel);
}

TEST_F(adc, a_block_is_given_back_once)
{
	struct pcring_block block;
	struct pcring_item item;
	struct pcring_stats s;

	if (!variant->blocks)
		return;
	ASSERT_EQ(0, open_adc(self, variant, 1000, 5));
	ASSERT_LT(0, pcring_ring_wait(self->ring, 1, patience()));
	ASSERT_EQ(1, pcring_ring_next(self->ring, &item));
	ASSERT_EQ(1, pcring_cqe_block(self->pool, item.data, &block));
	ASSERT_EQ(0, pcring_block_put(self->pool, &block));
	EXPECT_EQ(0, pcring_block_put(self->pool, &block));
	/* The second time is refused when it is read, and counted. */
	EXPECT_EQ(0, pcring_ctx_submit(self->ctx, 0));
	ASSERT_EQ(0, pcring_ring_stats(pcring_ctx_ring(self->ctx, 1), &s));
	EXPECT_EQ(1, s.stale);
	EXPECT_TRUE(stats_balance(&s));
}

#define UNPLUG "/sys/bus/platform/drivers/pcring_adc/unbind"
#define PLUG "/sys/bus/platform/drivers/pcring_adc/bind"

/* What was there is read to the last item; only then comes the end. */
TEST_F(adc, unplugged_in_the_middle_of_it)
{
	struct pcring_stats s;

	ASSERT_EQ(0, open_adc(self, variant, 1000, 0));
	ASSERT_EQ(0, read_all(self->ring, self->pool, 20, 0, 0));
	ASSERT_EQ(0, file_write(UNPLUG, "pcring_adc.0"));
	EXPECT_EQ(-ENODEV, read_all(self->ring, self->pool, FOREVER, 0, 0));
	EXPECT_EQ(NULL, seen.bad);
	ASSERT_EQ(0, file_write(PLUG, "pcring_adc.0"));
	ASSERT_EQ(0, pcring_ring_stats(self->ring, &s));
	EXPECT_TRUE(stats_balance(&s));
	EXPECT_EQ(s.consumed, seen.items);
	EXPECT_EQ(s.accepted, seen.items);
}

/* ---- what is refused: in the kernel's words --------------------------------------- */

TEST(a_refusal_is_told_in_the_kernels_words)
{
	struct pcring_adc_config config = { .context = 9 };
	struct pcring_ring_desc ring;
	struct pcring_ctx_opts opts = {
		.size = sizeof(opts),
		.rings = &ring,
		.nr_rings = 1,
		.payload = &config,
		.payload_size = sizeof(config),
	};
	struct pcring_ctx *ctx;

	pcring_ring_desc_init(&ring, PCRING_KIND_REC_OUT, PAGE);
	EXPECT_EQ(-EINVAL, pcring_ctx_open(ADC, &opts, &ctx));
	EXPECT_NE(NULL, strstr(pcring_error(), "CONFIGURE"));
	EXPECT_NE(NULL, strstr(pcring_error(), "context 9"));
	config.context = 0;
	ring.kind = PCRING_KIND_SQ;
	EXPECT_EQ(-EOPNOTSUPP, pcring_ctx_open(ADC, &opts, &ctx));
	EXPECT_NE(NULL, strstr(pcring_error(), "ring 0: kind 1"))
	{
		TH_LOG("%s", pcring_error());
	}
	ring.kind = PCRING_KIND_CQ;
	ring.pool_fd = PCRING_CTX_POOL;
	EXPECT_EQ(-EINVAL, pcring_ctx_open(ADC, &opts, &ctx));
	EXPECT_NE(NULL, strstr(pcring_error(), "ring 0: pool_fd -2"));
	opts.features = PCRING_FEAT_POLICY_BPF;
	ring.kind = PCRING_KIND_REC_OUT;
	ring.pool_fd = -1;
	EXPECT_EQ(-EOPNOTSUPP, pcring_ctx_open(ADC, &opts, &ctx));
	EXPECT_NE(NULL, strstr(pcring_error(), "features"))
	{
		TH_LOG("%s", pcring_error());
	}
	opts.features = 0;
	opts.setup_flags = 64;
	EXPECT_EQ(-EINVAL, pcring_ctx_open(ADC, &opts, &ctx));
	EXPECT_NE(NULL, strstr(pcring_error(), "flags 0x40"));
	opts.setup_flags = 0;
	opts.worker_cpu = 3;
	EXPECT_EQ(-EINVAL, pcring_ctx_open(ADC, &opts, &ctx));
	EXPECT_NE(NULL, strstr(pcring_error(), "worker_cpu 3"));
}

TEST(a_bare_name_stands_for_a_device)
{
	struct pcring_ring_desc ring;
	struct pcring_ctx_opts opts = {
		.size = sizeof(opts),
		.rings = &ring,
		.nr_rings = 1,
	};
	struct pcring_ctx *ctx;

	pcring_ring_desc_init(&ring, PCRING_KIND_REC_OUT, 5000);
	ASSERT_EQ(0, pcring_ctx_open("adc0", &opts, &ctx));
	EXPECT_EQ(8192, ring.entries);
	EXPECT_EQ(PCRING_FEAT_ZEROCOPY, opts.features);
	EXPECT_LT(0, pcring_ctx_id(ctx));
	pcring_ctx_close(ctx);
}

TEST_HARNESS_MAIN
