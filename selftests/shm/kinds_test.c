// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every kind, policy and producer class between two processes: what arrives, in
 * which order, what is said of the rest, and whether the books balance.
 */
#include <pthread.h>
#include "shm.h"

#define ITEMS (SANITIZED ? 3000U : 20000U)
#define WRITERS 3U
#define STOP 0xffffffffffffffffULL

/* Counted by the test itself, in memory of its own. */
struct truth {
	__u64 tried;
	__u64 accepted;
	__u64 stopped;
	__u64 consumed;
	__u64 lost;
	__u64 sum_in;
	__u64 sum_out;
};

struct cell {
	__u32 kind;
	__u32 policy;
	__u32 producers;
	__u32 entry_size;
	__u32 wait_mode;
	__u32 flags;
	struct truth *truth;
};

/* An item: its first word small, so that the protocol's bits are free. */
struct item {
	__u64 low;
	__u64 value;
	__u64 pad[30];
};

static void truth_add(__u64 *term, __u64 n)
{
	__atomic_fetch_add(term, n, __ATOMIC_RELAXED);
}

static bool is_records(const struct cell *cell)
{
	return cell->kind == PCRING_KIND_REC_IN ||
	       cell->kind == PCRING_KIND_REC_OUT;
}

static int produce_one(const struct cell *cell, struct pcring_ring *ring,
		       __u64 value)
{
	struct item item = { .low = value & 0xffffff, .value = value };
	int got;

	truth_add(&cell->truth->tried, 1);
	if (is_records(cell))
		got = pcring_ring_write(ring, &item, 16 + value % 40, 3,
					FOREVER);
	else if (cell->policy == PCRING_POLICY_BLOCK)
		got = pcring_ring_push_wait(ring, &item, 1, FOREVER);
	else
		got = pcring_ring_push(ring, &item, 1);
	if (got > 0) {
		truth_add(&cell->truth->accepted, 1);
		if (value != STOP)
			truth_add(&cell->truth->sum_in, value);
	}
	return got;
}

struct writer {
	const struct cell *cell;
	struct pcring_ring *ring;
	__u32 nr;
	int err;
};

static void *writer(void *arg)
{
	struct writer *w = arg;
	__u32 i;
	int got = 0;

	for (i = 0; i < ITEMS; i++) {
		got = produce_one(w->cell, w->ring, (__u64)i * WRITERS + w->nr);
		if (got < 0)
			w->err = got;
	}
	/* A loss is located by the item after it: end with one. */
	while (!got)
		got = produce_one(w->cell, w->ring,
				  (__u64)ITEMS * WRITERS + w->nr);
	return NULL;
}

static int produce(const struct cell *cell, struct pcring_ctx *ctx)
{
	struct pcring_ring *ring = pcring_ctx_ring(ctx, 0);
	struct writer w[WRITERS];
	pthread_t threads[WRITERS];
	__u32 i, n = cell->producers == PCRING_PRODUCERS_SINGLE ? 1 : WRITERS;
	int got;

	for (i = 0; i < n; i++) {
		w[i] = (struct writer){ cell, ring, i, 0 };
		if (cell->producers == PCRING_PRODUCERS_PERCPU)
			w[i].ring = pcring_ring_shard(ring, i);
		pthread_create(&threads[i], NULL, writer, &w[i]);
	}
	for (i = 0; i < n; i++) {
		pthread_join(threads[i], NULL);
		if (w[i].err)
			return 1;
		pcring_ring_handover(w[i].ring);
	}
	do {
		got = produce_one(cell, w[0].ring, STOP);
	} while (!got);
	if (got < 0)
		return 2;
	/* Until it is read: a ring that overwrites has no end otherwise. */
	while (!__atomic_load_n(&cell->truth->stopped, __ATOMIC_ACQUIRE))
		usleep(100);
	return 0;
}

static int consume(const struct cell *cell, struct pcring_ctx *ctx)
{
	struct pcring_ring *ring = pcring_ctx_ring(ctx, 0);
	__u64 last[WRITERS] = { 0 }, time = 0, consumed = 0;
	struct pcring_item item;
	__u64 value;
	int got;

	for (;;) {
		got = pcring_ring_wait(ring, 1, FOREVER);
		if (got < 0)
			return 10;
		while ((got = pcring_ring_next(ring, &item)) > 0) {
			if (item.what == PCRING_ITEM_GAP) {
				truth_add(&cell->truth->lost, item.gap.count);
				continue;
			}
			consumed++;
			if (cell->entry_size == 8)
				value = *(const __u64 *)item.data;
			else
				value = ((const __u64 *)item.data)[1];
			if (is_records(cell) &&
			    (item.type != 3 || item.len != 16 + value % 40))
				return 11;
			if (cell->producers == PCRING_PRODUCERS_PERCPU &&
			    item.time < time)
				return 12;
			time = item.time;
			if (value == STOP || (cell->entry_size == 8 &&
					      value == (STOP & 0xffffff)))
				goto out;
			/* In order, writer by writer. */
			if (last[value % WRITERS] > value)
				return 13;
			last[value % WRITERS] = value + 1;
			cell->truth->sum_out += value;
		}
		if (got != -EAGAIN)
			return 14;
	}
out:
	pcring_ring_done(ring);
	cell->truth->consumed = consumed;
	__atomic_store_n(&cell->truth->stopped, 1, __ATOMIC_RELEASE);
	return 0;
}

static bool user_produces(const struct cell *cell)
{
	return cell->kind == PCRING_KIND_SQ || cell->kind == PCRING_KIND_REC_IN;
}

static int client(struct pcring_ctx *ctx, void *arg)
{
	const struct cell *cell = arg;

	return user_produces(cell) ? produce(cell, ctx) : consume(cell, ctx);
}

FIXTURE(cells)
{
	struct truth *truth;
};

FIXTURE_VARIANT(cells)
{
	__u32 kind;
	__u32 policy;
	__u32 producers;
	__u32 entry_size;
	__u32 wait_mode;
	__u32 flags;
};

FIXTURE_SETUP(cells)
{
	self->truth = truth_new(sizeof(*self->truth));
}

FIXTURE_TEARDOWN(cells)
{
	munmap(self->truth, sizeof(*self->truth));
}

FIXTURE_VARIANT_ADD(cells, sq_block_single_8_bytes_socket){
	.kind = PCRING_KIND_SQ,
	.policy = PCRING_POLICY_BLOCK,
	.producers = PCRING_PRODUCERS_SINGLE,
	.entry_size = 8,
	.wait_mode = PCRING_WAIT_SOCKET,
	.flags = 0,
};

FIXTURE_VARIANT_ADD(cells, sq_block_single_16_bytes_futex){
	.kind = PCRING_KIND_SQ,
	.policy = PCRING_POLICY_BLOCK,
	.producers = PCRING_PRODUCERS_SINGLE,
	.entry_size = 16,
	.wait_mode = PCRING_WAIT_FUTEX,
	.flags = 0,
};

FIXTURE_VARIANT_ADD(cells, sq_block_single_32_bytes_eventfd){
	.kind = PCRING_KIND_SQ,
	.policy = PCRING_POLICY_BLOCK,
	.producers = PCRING_PRODUCERS_SINGLE,
	.entry_size = 32,
	.wait_mode = PCRING_WAIT_EVENTFD,
	.flags = 0,
};

FIXTURE_VARIANT_ADD(cells, sq_block_single_64_bytes_socket){
	.kind = PCRING_KIND_SQ,
	.policy = PCRING_POLICY_BLOCK,
	.producers = PCRING_PRODUCERS_SINGLE,
	.entry_size = 64,
	.wait_mode = PCRING_WAIT_SOCKET,
	.flags = 0,
};

FIXTURE_VARIANT_ADD(cells, sq_block_single_256_bytes_futex){
	.kind = PCRING_KIND_SQ,
	.policy = PCRING_POLICY_BLOCK,
	.producers = PCRING_PRODUCERS_SINGLE,
	.entry_size = 256,
	.wait_mode = PCRING_WAIT_FUTEX,
	.flags = 0,
};

FIXTURE_VARIANT_ADD(cells, sq_drop_new_single_32_bytes_eventfd){
	.kind = PCRING_KIND_SQ,
	.policy = PCRING_POLICY_DROP_NEW,
	.producers = PCRING_PRODUCERS_SINGLE,
	.entry_size = 32,
	.wait_mode = PCRING_WAIT_EVENTFD,
	.flags = 0,
};

FIXTURE_VARIANT_ADD(cells, sq_drop_new_single_64_bytes_socket){
	.kind = PCRING_KIND_SQ,
	.policy = PCRING_POLICY_DROP_NEW,
	.producers = PCRING_PRODUCERS_SINGLE,
	.entry_size = 64,
	.wait_mode = PCRING_WAIT_SOCKET,
	.flags = 0,
};

FIXTURE_VARIANT_ADD(cells, sq_block_shared_8_bytes_futex){
	.kind = PCRING_KIND_SQ,
	.policy = PCRING_POLICY_BLOCK,
	.producers = PCRING_PRODUCERS_SHARED,
	.entry_size = 8,
	.wait_mode = PCRING_WAIT_FUTEX,
	.flags = 0,
};

FIXTURE_VARIANT_ADD(cells, sq_block_shared_16_bytes_eventfd){
	.kind = PCRING_KIND_SQ,
	.policy = PCRING_POLICY_BLOCK,
	.producers = PCRING_PRODUCERS_SHARED,
	.entry_size = 16,
	.wait_mode = PCRING_WAIT_EVENTFD,
	.flags = 0,
};

FIXTURE_VARIANT_ADD(cells, sq_block_shared_32_bytes_socket){
	.kind = PCRING_KIND_SQ,
	.policy = PCRING_POLICY_BLOCK,
	.producers = PCRING_PRODUCERS_SHARED,
	.entry_size = 32,
	.wait_mode = PCRING_WAIT_SOCKET,
	.flags = 0,
};

FIXTURE_VARIANT_ADD(cells, sq_block_shared_64_bytes_futex){
	.kind = PCRING_KIND_SQ,
	.policy = PCRING_POLICY_BLOCK,
	.producers = PCRING_PRODUCERS_SHARED,
	.entry_size = 64,
	.wait_mode = PCRING_WAIT_FUTEX,
	.flags = 0,
};

FIXTURE_VARIANT_ADD(cells, sq_block_shared_256_bytes_eventfd){
	.kind = PCRING_KIND_SQ,
	.policy = PCRING_POLICY_BLOCK,
	.producers = PCRING_PRODUCERS_SHARED,
	.entry_size = 256,
	.wait_mode = PCRING_WAIT_EVENTFD,
	.flags = 0,
};

FIXTURE_VARIANT_ADD(cells, sq_drop_new_shared_32_bytes_socket){
	.kind = PCRING_KIND_SQ,
	.policy = PCRING_POLICY_DROP_NEW,
	.producers = PCRING_PRODUCERS_SHARED,
	.entry_size = 32,
	.wait_mode = PCRING_WAIT_SOCKET,
	.flags = 0,
};

FIXTURE_VARIANT_ADD(cells, sq_drop_new_shared_64_bytes_futex){
	.kind = PCRING_KIND_SQ,
	.policy = PCRING_POLICY_DROP_NEW,
	.producers = PCRING_PRODUCERS_SHARED,
	.entry_size = 64,
	.wait_mode = PCRING_WAIT_FUTEX,
	.flags = 0,
};

FIXTURE_VARIANT_ADD(cells, cq_block_single_8_bytes_eventfd){
	.kind = PCRING_KIND_CQ,
	.policy = PCRING_POLICY_BLOCK,
	.producers = PCRING_PRODUCERS_SINGLE,
	.entry_size = 8,
	.wait_mode = PCRING_WAIT_EVENTFD,
	.flags = 0,
};

FIXTURE_VARIANT_ADD(cells, cq_block_single_16_bytes_socket){
	.kind = PCRING_KIND_CQ,
	.policy = PCRING_POLICY_BLOCK,
	.producers = PCRING_PRODUCERS_SINGLE,
	.entry_size = 16,
	.wait_mode = PCRING_WAIT_SOCKET,
	.flags = 0,
};

FIXTURE_VARIANT_ADD(cells, cq_block_single_32_bytes_futex){
	.kind = PCRING_KIND_CQ,
	.policy = PCRING_POLICY_BLOCK,
	.producers = PCRING_PRODUCERS_SINGLE,
	.entry_size = 32,
	.wait_mode = PCRING_WAIT_FUTEX,
	.flags = 0,
};

FIXTURE_VARIANT_ADD(cells, cq_block_single_64_bytes_eventfd){
	.kind = PCRING_KIND_CQ,
	.policy = PCRING_POLICY_BLOCK,
	.producers = PCRING_PRODUCERS_SINGLE,
	.entry_size = 64,
	.wait_mode = PCRING_WAIT_EVENTFD,
	.flags = 0,
};

FIXTURE_VARIANT_ADD(cells, cq_block_single_256_bytes_socket){
	.kind = PCRING_KIND_CQ,
	.policy = PCRING_POLICY_BLOCK,
	.producers = PCRING_PRODUCERS_SINGLE,
	.entry_size = 256,
	.wait_mode = PCRING_WAIT_SOCKET,
	.flags = 0,
};

FIXTURE_VARIANT_ADD(cells, cq_drop_new_single_32_bytes_futex){
	.kind = PCRING_KIND_CQ,
	.policy = PCRING_POLICY_DROP_NEW,
	.producers = PCRING_PRODUCERS_SINGLE,
	.entry_size = 32,
	.wait_mode = PCRING_WAIT_FUTEX,
	.flags = 0,
};

FIXTURE_VARIANT_ADD(cells, cq_drop_new_single_64_bytes_eventfd){
	.kind = PCRING_KIND_CQ,
	.policy = PCRING_POLICY_DROP_NEW,
	.producers = PCRING_PRODUCERS_SINGLE,
	.entry_size = 64,
	.wait_mode = PCRING_WAIT_EVENTFD,
	.flags = 0,
};

FIXTURE_VARIANT_ADD(cells, cq_block_shared_8_bytes_socket){
	.kind = PCRING_KIND_CQ,
	.policy = PCRING_POLICY_BLOCK,
	.producers = PCRING_PRODUCERS_SHARED,
	.entry_size = 8,
	.wait_mode = PCRING_WAIT_SOCKET,
	.flags = 0,
};

FIXTURE_VARIANT_ADD(cells, cq_block_shared_16_bytes_futex){
	.kind = PCRING_KIND_CQ,
	.policy = PCRING_POLICY_BLOCK,
	.producers = PCRING_PRODUCERS_SHARED,
	.entry_size = 16,
	.wait_mode = PCRING_WAIT_FUTEX,
	.flags = 0,
};

FIXTURE_VARIANT_ADD(cells, cq_block_shared_32_bytes_eventfd){
	.kind = PCRING_KIND_CQ,
	.policy = PCRING_POLICY_BLOCK,
	.producers = PCRING_PRODUCERS_SHARED,
	.entry_size = 32,
	.wait_mode = PCRING_WAIT_EVENTFD,
	.flags = 0,
};

FIXTURE_VARIANT_ADD(cells, cq_block_shared_64_bytes_socket){
	.kind = PCRING_KIND_CQ,
	.policy = PCRING_POLICY_BLOCK,
	.producers = PCRING_PRODUCERS_SHARED,
	.entry_size = 64,
	.wait_mode = PCRING_WAIT_SOCKET,
	.flags = 0,
};

FIXTURE_VARIANT_ADD(cells, cq_block_shared_256_bytes_futex){
	.kind = PCRING_KIND_CQ,
	.policy = PCRING_POLICY_BLOCK,
	.producers = PCRING_PRODUCERS_SHARED,
	.entry_size = 256,
	.wait_mode = PCRING_WAIT_FUTEX,
	.flags = 0,
};

FIXTURE_VARIANT_ADD(cells, cq_drop_new_shared_32_bytes_eventfd){
	.kind = PCRING_KIND_CQ,
	.policy = PCRING_POLICY_DROP_NEW,
	.producers = PCRING_PRODUCERS_SHARED,
	.entry_size = 32,
	.wait_mode = PCRING_WAIT_EVENTFD,
	.flags = 0,
};

FIXTURE_VARIANT_ADD(cells, cq_drop_new_shared_64_bytes_socket){
	.kind = PCRING_KIND_CQ,
	.policy = PCRING_POLICY_DROP_NEW,
	.producers = PCRING_PRODUCERS_SHARED,
	.entry_size = 64,
	.wait_mode = PCRING_WAIT_SOCKET,
	.flags = 0,
};

FIXTURE_VARIANT_ADD(cells, rec_out_block_single_futex){
	.kind = PCRING_KIND_REC_OUT,
	.policy = PCRING_POLICY_BLOCK,
	.producers = PCRING_PRODUCERS_SINGLE,
	.entry_size = 0,
	.wait_mode = PCRING_WAIT_FUTEX,
	.flags = PCRING_RING_TIME,
};

FIXTURE_VARIANT_ADD(cells, rec_out_block_shared_eventfd){
	.kind = PCRING_KIND_REC_OUT,
	.policy = PCRING_POLICY_BLOCK,
	.producers = PCRING_PRODUCERS_SHARED,
	.entry_size = 0,
	.wait_mode = PCRING_WAIT_EVENTFD,
	.flags = 0,
};

FIXTURE_VARIANT_ADD(cells, rec_out_block_percpu_socket){
	.kind = PCRING_KIND_REC_OUT,
	.policy = PCRING_POLICY_BLOCK,
	.producers = PCRING_PRODUCERS_PERCPU,
	.entry_size = 0,
	.wait_mode = PCRING_WAIT_SOCKET,
	.flags = 0,
};

FIXTURE_VARIANT_ADD(cells, rec_out_drop_new_single_futex){
	.kind = PCRING_KIND_REC_OUT,
	.policy = PCRING_POLICY_DROP_NEW,
	.producers = PCRING_PRODUCERS_SINGLE,
	.entry_size = 0,
	.wait_mode = PCRING_WAIT_FUTEX,
	.flags = 0,
};

FIXTURE_VARIANT_ADD(cells, rec_out_drop_new_shared_eventfd){
	.kind = PCRING_KIND_REC_OUT,
	.policy = PCRING_POLICY_DROP_NEW,
	.producers = PCRING_PRODUCERS_SHARED,
	.entry_size = 0,
	.wait_mode = PCRING_WAIT_EVENTFD,
	.flags = 0,
};

FIXTURE_VARIANT_ADD(cells, rec_out_drop_new_percpu_socket){
	.kind = PCRING_KIND_REC_OUT,
	.policy = PCRING_POLICY_DROP_NEW,
	.producers = PCRING_PRODUCERS_PERCPU,
	.entry_size = 0,
	.wait_mode = PCRING_WAIT_SOCKET,
	.flags = 0,
};

FIXTURE_VARIANT_ADD(cells, rec_out_overwrite_single_futex){
	.kind = PCRING_KIND_REC_OUT,
	.policy = PCRING_POLICY_OVERWRITE,
	.producers = PCRING_PRODUCERS_SINGLE,
	.entry_size = 0,
	.wait_mode = PCRING_WAIT_FUTEX,
	.flags = PCRING_RING_TIME,
};

FIXTURE_VARIANT_ADD(cells, rec_out_overwrite_shared_eventfd){
	.kind = PCRING_KIND_REC_OUT,
	.policy = PCRING_POLICY_OVERWRITE,
	.producers = PCRING_PRODUCERS_SHARED,
	.entry_size = 0,
	.wait_mode = PCRING_WAIT_EVENTFD,
	.flags = 0,
};

FIXTURE_VARIANT_ADD(cells, rec_out_latest_single_socket){
	.kind = PCRING_KIND_REC_OUT,
	.policy = PCRING_POLICY_LATEST,
	.producers = PCRING_PRODUCERS_SINGLE,
	.entry_size = 0,
	.wait_mode = PCRING_WAIT_SOCKET,
	.flags = PCRING_RING_TIME,
};

FIXTURE_VARIANT_ADD(cells, rec_in_block_single_futex){
	.kind = PCRING_KIND_REC_IN,
	.policy = PCRING_POLICY_BLOCK,
	.producers = PCRING_PRODUCERS_SINGLE,
	.entry_size = 0,
	.wait_mode = PCRING_WAIT_FUTEX,
	.flags = PCRING_RING_TIME,
};

FIXTURE_VARIANT_ADD(cells, rec_in_block_shared_eventfd){
	.kind = PCRING_KIND_REC_IN,
	.policy = PCRING_POLICY_BLOCK,
	.producers = PCRING_PRODUCERS_SHARED,
	.entry_size = 0,
	.wait_mode = PCRING_WAIT_EVENTFD,
	.flags = 0,
};

FIXTURE_VARIANT_ADD(cells, rec_in_block_percpu_socket){
	.kind = PCRING_KIND_REC_IN,
	.policy = PCRING_POLICY_BLOCK,
	.producers = PCRING_PRODUCERS_PERCPU,
	.entry_size = 0,
	.wait_mode = PCRING_WAIT_SOCKET,
	.flags = 0,
};

FIXTURE_VARIANT_ADD(cells, rec_in_drop_new_single_futex){
	.kind = PCRING_KIND_REC_IN,
	.policy = PCRING_POLICY_DROP_NEW,
	.producers = PCRING_PRODUCERS_SINGLE,
	.entry_size = 0,
	.wait_mode = PCRING_WAIT_FUTEX,
	.flags = 0,
};

FIXTURE_VARIANT_ADD(cells, rec_in_drop_new_shared_eventfd){
	.kind = PCRING_KIND_REC_IN,
	.policy = PCRING_POLICY_DROP_NEW,
	.producers = PCRING_PRODUCERS_SHARED,
	.entry_size = 0,
	.wait_mode = PCRING_WAIT_EVENTFD,
	.flags = 0,
};

FIXTURE_VARIANT_ADD(cells, rec_in_drop_new_percpu_socket){
	.kind = PCRING_KIND_REC_IN,
	.policy = PCRING_POLICY_DROP_NEW,
	.producers = PCRING_PRODUCERS_PERCPU,
	.entry_size = 0,
	.wait_mode = PCRING_WAIT_SOCKET,
	.flags = 0,
};

FIXTURE_VARIANT_ADD(cells, rec_in_overwrite_single_futex){
	.kind = PCRING_KIND_REC_IN,
	.policy = PCRING_POLICY_OVERWRITE,
	.producers = PCRING_PRODUCERS_SINGLE,
	.entry_size = 0,
	.wait_mode = PCRING_WAIT_FUTEX,
	.flags = PCRING_RING_TIME,
};

FIXTURE_VARIANT_ADD(cells, rec_in_overwrite_shared_eventfd){
	.kind = PCRING_KIND_REC_IN,
	.policy = PCRING_POLICY_OVERWRITE,
	.producers = PCRING_PRODUCERS_SHARED,
	.entry_size = 0,
	.wait_mode = PCRING_WAIT_EVENTFD,
	.flags = 0,
};

FIXTURE_VARIANT_ADD(cells, rec_in_latest_single_socket){
	.kind = PCRING_KIND_REC_IN,
	.policy = PCRING_POLICY_LATEST,
	.producers = PCRING_PRODUCERS_SINGLE,
	.entry_size = 0,
	.wait_mode = PCRING_WAIT_SOCKET,
	.flags = PCRING_RING_TIME,
};

TEST_F(cells, deliver_in_order_and_the_books_balance)
{
	struct truth *t = self->truth;
	struct cell cell = {
		.kind = variant->kind,
		.policy = variant->policy,
		.producers = variant->producers,
		.entry_size = variant->entry_size,
		.wait_mode = variant->wait_mode,
		.flags = variant->flags,
		.truth = t,
	};
	struct pcring_ring_desc *desc;
	struct pcring_stats stats;
	struct rig rig;

	rig_init(&rig);
	desc = rig_ring(&rig, cell.kind, is_records(&cell) ? 8192 : 64);
	desc->policy = cell.policy;
	desc->producers = cell.producers;
	desc->entry_size = cell.entry_size;
	desc->flags = cell.flags;
	if (cell.producers == PCRING_PRODUCERS_PERCPU)
		desc->shards = WRITERS;
	rig.opts.wait_mode = cell.wait_mode;
	ASSERT_EQ(0, rig_start(&rig, client, &cell));
	ASSERT_EQ(0, user_produces(&cell) ? consume(&cell, rig.server)
					  : produce(&cell, rig.server))
	TH_LOG("%s", pcring_error());
	ASSERT_EQ(0, rig_join(&rig));
	ASSERT_EQ(0, pcring_ring_stats(pcring_ctx_ring(rig.server, 0), &stats));
	EXPECT_TRUE(stats_balance(&stats));
	EXPECT_EQ(t->tried, stats.offered);
	EXPECT_EQ(t->accepted, stats.accepted);
	EXPECT_EQ(t->consumed, stats.consumed);
	EXPECT_EQ(0, stats.in_ring);
	EXPECT_EQ(t->tried - t->accepted, stats_rejected(&stats));
	EXPECT_EQ(0, stats.cancelled);
	/* Every loss was located in the stream. */
	EXPECT_EQ(t->tried - t->consumed, t->lost);
	if (cell.policy <= PCRING_POLICY_DROP_NEW)
		EXPECT_EQ(t->sum_in, t->sum_out);
	pcring_ctx_close(rig.server);
}

TEST_HARNESS_MAIN
