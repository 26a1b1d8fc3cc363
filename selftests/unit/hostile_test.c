// SPDX-License-Identifier: GPL-2.0-only
/*
 * A peer that writes garbage into every word it may write, from several threads
 * of another process, against an honest end that sees the peer's pages read-only.
 *
 * The honest end may find nothing, something, or corruption; it may not crash,
 * not read outside, not loop for ever, not change what is its own by what the
 * peer wrote.
 */
#include "record_item.h"
#include <kselftest_harness.h>

#define RUN_NS 120000000ULL
#define BLOCKS 8U
#define ATTACKERS 3U

/* What the peer may write, and what it may read to lie more cleverly. */
struct target {
	__u64 *words;
	size_t nr;
	const __u64 *hint;
};

static struct target targets[4];
static __u32 nr_targets;
static __u32 attacker_nr;

FIXTURE(hostile)
{
	struct ring ring;
	struct ring other;
	__u64 *words;
	__u64 mine[64];
	pid_t peer;
	__u64 deadline;
	__u64 good;
	__u64 corrupt;
	__u64 buf[BYTES / 8];
};

FIXTURE_VARIANT(hostile)
{
	__u32 producers;
	__u32 policy;
};

FIXTURE_VARIANT_ADD(hostile, single_block){
	.producers = PCRING_PRODUCERS_SINGLE,
	.policy = PCRING_POLICY_BLOCK,
};
FIXTURE_VARIANT_ADD(hostile, shared_drop){
	.producers = PCRING_PRODUCERS_SHARED,
	.policy = PCRING_POLICY_DROP_NEW,
};
FIXTURE_VARIANT_ADD(hostile, single_overwrite){
	.producers = PCRING_PRODUCERS_SINGLE,
	.policy = PCRING_POLICY_OVERWRITE,
};
FIXTURE_VARIANT_ADD(hostile, shared_overwrite){
	.producers = PCRING_PRODUCERS_SHARED,
	.policy = PCRING_POLICY_OVERWRITE,
};
FIXTURE_VARIANT_ADD(hostile, single_latest){
	.producers = PCRING_PRODUCERS_SINGLE,
	.policy = PCRING_POLICY_LATEST,
};

FIXTURE_SETUP(hostile)
{
	self->words = (__u64 *)mmap(NULL, UNIT_PAGE, PROT_READ | PROT_WRITE,
				    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)self->words);
	/* An honest end that loops for ever is ended by this. */
	alarm(20);
}

FIXTURE_TEARDOWN(hostile)
{
	if (self->peer) {
		kill(self->peer, SIGKILL);
		waitpid(self->peer, NULL, 0);
	}
	ring_free(&self->ring);
}

static __u64 lie(__u64 *seed, const struct target *t)
{
	__u64 r = unit_random(seed);

	switch (unit_below(seed, 8)) {
	case 0:
		return r;
	case 1:
		return r & 0xff;
	case 2:
		return 1ULL << (r & 63);
	case 3:
		return (__u64) - (__s64)(r & 0xff);
	case 4:
		return (r & 0xfff) << 32 | (r >> 52);
	case 5:
		return pcring_load(t->hint) + (r & 0x1fff) - 0x1000;
	case 6:
		return (pcring_load(t->hint) + (r & 0xfff)) & ~7ULL;
	default:
		return pcring_load(&t->words[r % t->nr]) ^ 1ULL << (r >> 58);
	}
}

static void *attack(void *arg)
{
	__u64 seed =
		unit_seed() *
		(2 * __atomic_add_fetch(&attacker_nr, 1, __ATOMIC_RELAXED) + 1);

	(void)arg;
	for (;;) {
		struct target *t = &targets[unit_below(&seed, nr_targets)];
		/* Mostly the first words, where the indices are. */
		size_t nr = unit_below(&seed, 2) && t->nr > 32 ? 32 : t->nr;

		pcring_store(&t->words[unit_random(&seed) % nr], lie(&seed, t));
	}
	return NULL;
}

static void target(void *words, size_t bytes, const void *hint)
{
	targets[nr_targets].words = (__u64 *)words;
	targets[nr_targets].nr = bytes / 8;
	targets[nr_targets++].hint = (const __u64 *)hint;
}

static void target_prod(struct ring *r)
{
	size_t bytes = (size_t)r->geo.entries *
		       (r->geo.entry_size ? r->geo.entry_size : 1);

	target(r->prod_page, sizeof(*r->prod_page), &r->cons_page->cons);
	target(r->data, bytes < UNIT_PAGE ? bytes : UNIT_PAGE,
	       &r->cons_page->cons);
}

static void target_cons(struct ring *r)
{
	target(r->cons_page, sizeof(*r->cons_page), &r->prod_page->prod);
}

static pid_t attack_from_a_process(void *(*how)(void *), void *arg, __u32 nr)
{
	pid_t pid = fork();
	pthread_t thread;

	if (pid)
		return pid;
	while (--nr)
		if (pthread_create(&thread, NULL, how, arg))
			_exit(1);
	how(arg);
	_exit(0);
}

#define ATTACK()                                                             \
	do {                                                                 \
		self->peer = attack_from_a_process(attack, NULL, ATTACKERS); \
		ASSERT_LT(0, self->peer);                                    \
		self->deadline = unit_now() + RUN_NS;                        \
	} while (0)

/* What an end may answer. */
static bool allowed(int ret)
{
	return ret >= 0 || ret == -EBADFD || ret == -EAGAIN || ret == -EMSGSIZE;
}

static void make(struct ring *r, __u32 entries, __u32 size, __u32 producers,
		 __u32 policy)
{
	struct pcring_geometry geo = {
		.entries = entries,
		.entry_size = size,
		.producers = producers,
		.policy = policy,
		.lag = entries / 4,
		.start = (1ULL << 32) - 64,
	};

	ring_make(r, &geo, 1);
}

/* After corruption a ctx is done; the test goes on with a fresh end. */
static void begin_anew(struct ring *r)
{
	r->geo.start = r->p.prod & ~7ULL;
	ring_ends(r, 1);
}

TEST_F(hostile, pitfall_03_consumer_of_entries_is_safe)
{
	struct ring *r = &self->ring;
	struct pcring_gap gap;
	__u64 seed = unit_seed();

	make(r, 16, 32, variant->producers, variant->policy);
	target_prod(r);
	ATTACK();
	while (unit_now() < self->deadline) {
		__u32 n = 1 + unit_below(&seed, 40);
		__u64 cons = r->c.cons;
		int got = pcring_cons_pop(&r->c, self->buf, n, 32), i;

		ASSERT_TRUE(allowed(got));
		ASSERT_GE((int)(n < 16 ? n : 16), got);
		ASSERT_EQ(cons, r->c.cons);
		self->corrupt += got < 0;
		self->good += got > 0;
		for (i = 0; i < got; i++) {
			bool special = PCRING_FRONT_FIRST(self->buf[i * 4]) &
				       PCRING_ENTRY_SPECIAL;

			ASSERT_FALSE(PCRING_FRONT_FIRST(self->buf[i * 4]) &
				     PCRING_ENTRY_PHASE);
			if (special)
				pcring_cons_special(&r->c, &self->buf[i * 4],
						    &gap);
			pcring_cons_release(&r->c, 1, !special);
		}
		got = pcring_cons_peek(&r->c, n);
		ASSERT_TRUE(allowed(got) && got <= (int)n && got <= 16);
		pcring_cons_skip_dead(&r->c);
		pcring_cons_count(&r->c, NULL);
		pcring_cons_publish(&r->c);
		pcring_cons_peer_state(&r->c);
		ASSERT_EQ(r->c.published, r->cons_page->cons);
		if (r->c.policy == PCRING_POLICY_BLOCK && got == -EBADFD)
			ring_ends(r, 1);
	}
}

TEST_F(hostile, pitfall_05_consumer_of_records_is_safe)
{
	struct ring *r = &self->ring;
	struct pcring_record_view view;
	bool lossy = variant->policy >= PCRING_POLICY_OVERWRITE;
	__u64 sum = 0;
	__u32 i;

	make(r, BYTES, 0, variant->producers, variant->policy);
	target_prod(r);
	ATTACK();
	while (unit_now() < self->deadline) {
		__u64 cons = r->c.cons;
		int ret =
			lossy ? pcring_record_copy(&r->c, &view, self->buf, 512)
			      : pcring_record_peek(&r->c, &view);

		ASSERT_TRUE(allowed(ret) && ret <= 1);
		ASSERT_EQ(0, r->c.cons & 7);
		if (ret == 1) {
			ASSERT_GE(lossy ? 512U : BYTES, view.len);
			for (i = 0; i < view.len; i++)
				sum += ((const unsigned char *)view.data)[i];
			pcring_record_release(&r->c, &view);
			self->good++;
		} else if (ret == -EBADFD) {
			if (!lossy)
				ASSERT_EQ(cons, r->c.cons);
			self->corrupt++;
			begin_anew(r);
		}
		pcring_record_skip_dead(&r->c);
		ASSERT_TRUE(allowed(pcring_record_count(&r->c)));
		pcring_cons_publish(&r->c);
	}
	/* So that the bytes are really read. */
	EXPECT_NE(1, sum);
}

TEST_F(hostile, pitfall_05_merger_of_shards_is_safe)
{
	struct pcring_shard shards[2] = { 0 };
	struct ring *r = &self->ring;
	__u32 which = 0;

	make(r, BYTES, 0, PCRING_PRODUCERS_PERCPU, PCRING_POLICY_DROP_NEW);
	make(&self->other, BYTES, 0, PCRING_PRODUCERS_PERCPU,
	     PCRING_POLICY_DROP_NEW);
	target_prod(r);
	target_prod(&self->other);
	shards[0].cons = &r->c;
	shards[1].cons = &self->other.c;
	ATTACK();
	while (unit_now() < self->deadline) {
		int ret = pcring_merge_peek(shards, 2, &which);

		ASSERT_TRUE(allowed(ret) && ret <= 1);
		ASSERT_GT(2, which);
		if (ret == 1) {
			pcring_merge_release(&shards[which]);
			self->good++;
		} else if (ret == -EBADFD) {
			begin_anew(which ? &self->other : r);
			shards[which].have = false;
			self->corrupt++;
		}
	}
}

TEST_F(hostile, pitfall_23_claimer_of_blocks_is_safe)
{
	struct ring *r = &self->ring;
	__u32 slots = variant->policy == PCRING_POLICY_LATEST ? 1 : 4;
	__u32 block = 0;

	make(r, slots, 8, PCRING_PRODUCERS_SINGLE, variant->policy);
	target(self->words, slots * 8, &r->cons_page->cons);
	target(r->prod_page, sizeof(*r->prod_page), &r->cons_page->cons);
	ATTACK();
	while (unit_now() < self->deadline) {
		int ret = pcring_xchg_claim(&r->c, self->words, BLOCKS, &block);

		ASSERT_TRUE(allowed(ret) && ret <= 1);
		ASSERT_GT(BLOCKS, block);
		self->good += ret == 1;
		self->corrupt += ret == -EBADFD;
		ASSERT_GE(slots, pcring_xchg_count(self->words, slots));
		ASSERT_EQ(self->good, r->cons_page->counts.consumed);
		if (ret == -EBADFD) {
			self->good = 0;
			r->cons_page->counts.consumed = 0;
			begin_anew(r);
		}
	}
}

/* ---- the other direction --------------------------------------------------- */

TEST_F(hostile, pitfall_03_producer_of_entries_is_safe)
{
	struct ring *r = &self->ring;
	__u64 seed = unit_seed(), pos = 0;

	make(r, 16, 32, variant->producers, PCRING_POLICY_BLOCK);
	target_cons(r);
	ATTACK();
	while (unit_now() < self->deadline) {
		__u32 n = 1 + unit_below(&seed, 40);
		__u64 prod = r->p.prod;
		int got = pcring_prod_push(&r->p, self->buf, n, 32);

		ASSERT_TRUE(allowed(got));
		ASSERT_GE((int)(n < 16 ? n : 16), got);
		ASSERT_GE(16, r->p.prod - r->p.cons);
		if (got < 0) {
			ASSERT_EQ(prod, r->p.prod);
			self->corrupt++;
			ring_ends(r, 1);
		}
		self->good += got > 0;
		got = pcring_prod_reserve(&r->p, 1, &pos);
		ASSERT_TRUE(allowed(got) && got <= 1);
		if (got > 0)
			pcring_prod_cancel(&r->p, pos, 1);
		pcring_prod_notify(&r->p);
		pcring_prod_prepare_wait(&r->p, n);
		pcring_prod_refresh(&r->p);
		pcring_prod_finish_wait(&r->p);
		pcring_prod_peer_state(&r->p);
		ASSERT_TRUE(ring_intact(r));
	}
}

TEST_F(hostile, pitfall_03_producer_of_records_is_safe)
{
	struct ring *r = &self->ring;
	__u64 seed = unit_seed();
	__u64 pushed = 0;

	make(r, BYTES, 0, variant->producers, variant->policy);
	target_cons(r);
	ATTACK();
	while (unit_now() < self->deadline) {
		int ret = record_put(r, unit_below(&seed, 500), 1, pushed,
				     unit_below(&seed, 2));

		ASSERT_TRUE(allowed(ret));
		if (!ret)
			pushed++;
		self->corrupt += ret == -EBADFD;
		ASSERT_GE(BYTES,
			  r->p.prod -
				  (variant->policy >= PCRING_POLICY_OVERWRITE
					   ? r->p.oldest
					   : r->p.cons));
		ASSERT_EQ(pushed, r->prod_page->counts.accepted);
		pcring_prod_notify(&r->p);
		if (!ret)
			continue;
		ASSERT_GT((__u32)PCRING_POLICY_OVERWRITE, variant->policy);
		ring_ends(r, 1);
	}
	EXPECT_LT(0, pushed);
}

TEST_F(hostile, pitfall_23_poster_of_blocks_is_safe)
{
	struct ring *r = &self->ring;
	/* Where each block is, by what the producer was told. */
	bool posted[BLOCKS] = { 0 };
	__u32 next = 0, back = 0;

	make(r, 4, 8, PCRING_PRODUCERS_SINGLE, PCRING_POLICY_OVERWRITE);
	target(self->words, 4 * 8, &r->prod_page->prod);
	target_cons(r);
	ATTACK();
	while (unit_now() < self->deadline) {
		int ret = pcring_xchg_post(&r->p, self->words, self->mine, next,
					   &back);

		ASSERT_TRUE(!ret || ret == -EBADFD);
		posted[next] = true;
		if (back != PCRING_BLOCK_NONE) {
			/* Only what it gave can come back. */
			ASSERT_GT(BLOCKS, back);
			ASSERT_TRUE(posted[back]);
			posted[back] = false;
			self->good++;
		}
		if (ret) {
			ASSERT_EQ(PCRING_BLOCK_NONE, back);
			self->corrupt++;
			memset(posted, 0, sizeof(posted));
			memset(self->mine, 0, sizeof(self->mine));
		}
		next = (next + 1) % BLOCKS;
	}
}

/* ---- pitfall 17 ------------------------------------------------------------- */

static void *push_entries(void *arg)
{
	struct ring *r = (struct ring *)arg;
	__u64 items[32 * 4];
	__u32 i;

	for (i = 0; i < 32; i++)
		memset(&items[i * 4], 0x55 & ~PCRING_ENTRY_SPECIAL, 32);
	for (;;)
		pcring_prod_push(&r->p, items, 1 + (__u32)r->p.prod % 20, 32);
	return NULL;
}

static void *push_records(void *arg)
{
	struct ring *r = (struct ring *)arg;
	__u64 nr = 0;

	for (;;)
		record_put(r, (__u32)(++nr * 37 % 400), 1, 0, false);
	return NULL;
}

TEST_F(hostile, pitfall_17_two_threads_on_a_single_ring_stay_memory_safe)
{
	struct ring *r = &self->ring;
	struct pcring_record_view view;
	__u32 records;
	int status;

	for (records = 0; records < 2; records++) {
		if (records)
			ring_free(r);
		make(r, records ? BYTES : 16, records ? 0 : 32,
		     PCRING_PRODUCERS_SINGLE, PCRING_POLICY_BLOCK);
		self->peer = attack_from_a_process(
			records ? push_records : push_entries, r, 2);
		ASSERT_LT(0, self->peer);
		self->deadline = unit_now() + RUN_NS;
		while (unit_now() < self->deadline) {
			int ret = records ? pcring_record_peek(&r->c, &view)
					  : pcring_cons_pop(&r->c, self->buf,
							    16, 32);

			ASSERT_TRUE(allowed(ret));
			if (ret == -EBADFD)
				break;
			if (ret > 0 && records)
				pcring_record_release(&r->c, &view);
			else if (ret > 0)
				pcring_cons_release(&r->c, (__u32)ret,
						    (__u32)ret);
		}
		/* The two have done nothing worse to themselves either. */
		ASSERT_EQ(0, waitpid(self->peer, &status, WNOHANG));
		kill(self->peer, SIGKILL);
		waitpid(self->peer, &status, 0);
		ASSERT_TRUE(WIFSIGNALED(status));
		ASSERT_EQ(SIGKILL, WTERMSIG(status));
		self->peer = 0;
	}
}

TEST_HARNESS_MAIN
