// SPDX-License-Identifier: GPL-2.0-only
/*
 * Several threads of one process on one ring: SHARED and PERCPU, entries, records
 * and blocks; what a race detector should watch.
 */
#include <pthread.h>
#include "shm.h"

#define ITEMS (SANITIZED ? 4000U : 50000U)
#define WRITERS 4U

struct job {
	struct pcring_ring *ring;
	struct pcring_pool *pool;
	__u64 nr;
};

/* A producer that gives up must not look like a reader that loses. */
static void must(int got, int want)
{
	if (got == want)
		return;
	fprintf(stderr, "# a producer got %d: %s\n", got, pcring_error());
	abort();
}

static void *push_many(void *arg)
{
	struct job *job = arg;
	__u64 i, items[5];
	__u32 k;

	for (i = 0; i < ITEMS; i += 5) {
		for (k = 0; k < 5; k++)
			items[k] = job->nr << 20 | (i + k);
		must(pcring_ring_push_wait(job->ring, items, 5, FOREVER), 5);
	}
	return NULL;
}

static void *write_many(void *arg)
{
	struct job *job = arg;
	struct pcring_record *rec;
	__u64 i, item;

	for (i = 0; i < ITEMS; i++) {
		item = job->nr << 20 | i;
		/* One in ten is given back first. */
		if (i % 10 == 0 &&
		    pcring_ring_reserve_record(job->ring, 40, 0, FOREVER,
					       &rec) == 1)
			pcring_ring_cancel_record(job->ring, rec);
		must(pcring_ring_write(job->ring, &item, sizeof(item), 0,
				       FOREVER),
		     1);
	}
	return NULL;
}

static void start(struct job *jobs, pthread_t *threads, void *(*fn)(void *arg),
		  struct pcring_ring *ring, bool shards)
{
	__u32 i;

	for (i = 0; i < WRITERS; i++) {
		jobs[i].ring = shards ? pcring_ring_shard(ring, i) : ring;
		jobs[i].nr = i;
		pthread_create(&threads[i], NULL, fn, &jobs[i]);
	}
}

/* Who waits for whom, and was it answered? */
static void tell(const struct pcring_cons *c)
{
	if (!c)
		return;
	fprintf(stderr,
		"# consumer: cons %llu published %llu need_wakeup %llx woken "
		"%llx wake %u\n# producers: prod %llu space_wanted %llx wake "
		"%u\n",
		c->cons, pcring_load(&c->own->cons),
		pcring_load(&c->own->need_wakeup), c->woken,
		pcring_load(&c->own->wake), pcring_load(&c->peer->prod),
		pcring_load(&c->peer->space_wanted),
		pcring_load(&c->peer->wake));
}

static void read_many(struct __test_metadata *_metadata,
		      struct pcring_ring *ring)
{
	__u64 next[WRITERS] = { 0 }, item, n = 0, time = 0;
	struct pcring_item it;
	int got;

	while (n < (__u64)ITEMS * WRITERS) {
		got = pcring_ring_wait(ring, 1, 20000 * MSEC);
		if (got <= 0)
			tell(ring->cons);
		ASSERT_LT(0, got);
		while ((got = pcring_ring_next(ring, &it)) > 0) {
			ASSERT_EQ(PCRING_ITEM_DATA, it.what);
			memcpy(&item, it.data, sizeof(item));
			ASSERT_GT(WRITERS, item >> 20);
			ASSERT_EQ(next[item >> 20]++, item & 0xfffff);
			ASSERT_LE(time, it.time);
			time = it.time;
			n++;
		}
		ASSERT_EQ(-EAGAIN, got);
	}
}

FIXTURE(threads){};

FIXTURE_VARIANT(threads)
{
	__u32 kind;
	__u32 producers;
	__u32 wait_mode;
};

FIXTURE_VARIANT_ADD(threads, share_a_ring_of_entries){
	.kind = PCRING_KIND_SQ,
	.producers = PCRING_PRODUCERS_SHARED,
};

FIXTURE_VARIANT_ADD(threads, share_a_ring_of_entries_futex){
	.kind = PCRING_KIND_SQ,
	.producers = PCRING_PRODUCERS_SHARED,
	.wait_mode = PCRING_WAIT_FUTEX,
};

FIXTURE_VARIANT_ADD(threads, share_a_ring_of_records){
	.kind = PCRING_KIND_REC_IN,
	.producers = PCRING_PRODUCERS_SHARED,
};

FIXTURE_VARIANT_ADD(threads, have_a_shard_each){
	.kind = PCRING_KIND_REC_IN,
	.producers = PCRING_PRODUCERS_PERCPU,
};

FIXTURE_VARIANT_ADD(threads, have_a_shard_each_futex){
	.kind = PCRING_KIND_REC_IN,
	.producers = PCRING_PRODUCERS_PERCPU,
	.wait_mode = PCRING_WAIT_FUTEX,
};

FIXTURE_SETUP(threads)
{
}

FIXTURE_TEARDOWN(threads)
{
}

TEST_F(threads, lose_nothing_and_keep_their_order)
{
	bool entries = variant->kind == PCRING_KIND_SQ;
	struct pcring_ring_desc *desc;
	struct pcring_stats stats;
	struct pcring_ctx *client;
	pthread_t threads[WRITERS];
	struct job jobs[WRITERS];
	struct rig rig;
	__u32 i;

	rig_init(&rig);
	desc = rig_ring(&rig, variant->kind, entries ? 64 : 4096);
	desc->producers = variant->producers;
	if (entries)
		desc->entry_size = 8;
	if (variant->producers == PCRING_PRODUCERS_PERCPU)
		desc->shards = WRITERS;
	rig.opts.wait_mode = variant->wait_mode;
	ASSERT_EQ(0, rig_pair(&rig, &client));
	start(jobs, threads, entries ? push_many : write_many,
	      pcring_ctx_ring(client, 0),
	      variant->producers == PCRING_PRODUCERS_PERCPU);
	read_many(_metadata, pcring_ctx_ring(rig.server, 0));
	for (i = 0; i < WRITERS; i++)
		pthread_join(threads[i], NULL);
	EXPECT_EQ(0, pcring_ring_stats(pcring_ctx_ring(rig.server, 0), &stats));
	EXPECT_TRUE(stats_balance(&stats));
	EXPECT_EQ((__u64)ITEMS * WRITERS, stats.consumed);
	if (!entries && variant->producers == PCRING_PRODUCERS_SHARED)
		EXPECT_EQ(ITEMS / 10 * WRITERS, stats.discarded);
	pcring_ctx_close(client);
	pcring_ctx_close(rig.server);
}

#ifdef PCRING_DEBUG
static void *push_one(void *arg)
{
	__u64 item = 1;

	pcring_ring_push(arg, &item, 1);
	return NULL;
}

TEST(a_second_thread_on_a_single_end_is_found_out)
{
	struct pcring_ctx *client;
	pthread_t thread;
	struct rig rig;

	rig_init(&rig);
	rig_ring(&rig, PCRING_KIND_SQ, 64)->entry_size = 8;
	ASSERT_EQ(0, rig_pair(&rig, &client));
	rig.client = fork();
	if (!rig.client) {
		push_one(pcring_ctx_ring(client, 0));
		pthread_create(&thread, NULL, push_one,
			       pcring_ctx_ring(client, 0));
		pthread_join(thread, NULL);
		_exit(0);
	}
	EXPECT_EQ(128 + SIGABRT, rig_join(&rig));
	pcring_ctx_close(client);
	pcring_ctx_close(rig.server);
}

static void *wait_for_ever(void *arg)
{
	pcring_ring_wait(arg, 1, FOREVER);
	return NULL;
}

TEST(a_ctx_closed_while_a_thread_waits_in_it_is_found_out)
{
	struct pcring_ctx *client;
	pthread_t thread;
	struct rig rig;

	rig_init(&rig);
	rig_ring(&rig, PCRING_KIND_SQ, 64)->entry_size = 8;
	ASSERT_EQ(0, rig_pair(&rig, &client));
	rig.client = fork();
	if (!rig.client) {
		pthread_create(&thread, NULL, wait_for_ever,
			       pcring_ctx_ring(rig.server, 0));
		usleep(50000);
		pcring_ctx_close(rig.server);
		_exit(0);
	}
	EXPECT_EQ(128 + SIGABRT, rig_join(&rig));
	pcring_ctx_close(client);
	pcring_ctx_close(rig.server);
}

TEST(a_child_at_the_end_of_its_parent_is_found_out)
{
	struct pcring_ctx *client;
	struct rig rig;

	rig_init(&rig);
	rig_ring(&rig, PCRING_KIND_SQ, 64)->entry_size = 8;
	ASSERT_EQ(0, rig_pair(&rig, &client));
	push_one(pcring_ctx_ring(client, 0));
	rig.client = fork();
	if (!rig.client) {
		push_one(pcring_ctx_ring(client, 0));
		_exit(0);
	}
	EXPECT_EQ(128 + SIGABRT, rig_join(&rig));
	pcring_ctx_close(client);
	pcring_ctx_close(rig.server);
}
#endif

TEST_HARNESS_MAIN
