// SPDX-License-Identifier: GPL-2.0-only
/*
 * Words a program writes, set to what they cannot be: its ctx is dead with -EBADFD,
 * and nothing else is any the worse. The table is protocol.rst's "Trust".
 */
#include "module.h"
#include "kselftest_harness.h"

#define ENTRIES 8U

FIXTURE(corrupt)
{
	struct rig rig;
	struct rig other;
};

FIXTURE_SETUP(corrupt)
{
	ASSERT_EQ(0, rig_open(&self->rig, LOOP));
	rig_ring(&self->rig, PCRING_KIND_SQ, ENTRIES);
	rig_ring(&self->rig, PCRING_KIND_CQ, ENTRIES);
	rig_ring(&self->rig, PCRING_KIND_REC_IN, 4096);
	rig_ring(&self->rig, PCRING_KIND_REC_OUT, 4096);
	ASSERT_EQ(0, rig_setup(&self->rig));
	ASSERT_EQ(0, rig_loop(&self->other, 8, 8));
}

static int works(struct rig *rig)
{
	struct pcring_sqe sqe = sqe_of(PCRING_LOOP_NOP, 11);
	struct pcring_cqe cqe;
	int err = rig_ask(rig, &sqe, &cqe);

	return err ? err : cqe.user_data == 11 ? 0 : -EIO;
}

FIXTURE_TEARDOWN(corrupt)
{
	/* Whatever became of the one, the other goes on. */
	EXPECT_EQ(0, works(&self->other));
	rig_close(&self->rig);
	EXPECT_EQ(0, works(&self->other));
	rig_close(&self->other);
}

static __u32 state(struct rig *rig)
{
	struct pcring_stats stats;

	return rig_stats(rig, 0, &stats) ? ~0U : stats.state;
}

static short poll_now(struct rig *rig)
{
	struct pollfd p = { .fd = rig->fd, .events = 0 };

	return poll(&p, 1, 0) < 0 ? -1 : p.revents;
}

/* So much of everything that the kernel has to look at every word it is given. */
static void use_all(struct rig *rig, bool records)
{
	struct pcring_sqe sqe = sqe_of(PCRING_LOOP_NOP, 1);
	char bytes[600] = { 0 };
	__u32 i;

	for (i = 0; i < 2 * ENTRIES + 2; i++) {
		rig_push(rig, 0, &sqe, 1);
		rig_enter(rig, 0, 1, 0, 0, 0);
	}
	for (i = 0; records && i < 16; i++) {
		rig_write(rig, 2, bytes, sizeof(bytes), 1, false);
		rig_enter(rig, 0, 1, 0, 0, 0);
	}
}

/* It is dead, and says so wherever it is asked. */
static void is_dead(struct __test_metadata *_metadata, struct rig *rig,
		    const char *what)
{
	__u64 until = now_ns() + patience() / 4;
	int err, left = 2 * ENTRIES;
	struct pcring_cqe cqe;
	__u32 i;

	while (state(rig) != PCRING_STATE_DEAD && now_ns() < until)
		sleep_ns(5 * MSEC);
	EXPECT_EQ(PCRING_STATE_DEAD, state(rig))
	TH_LOG("%s", what);
	if (state(rig) != PCRING_STATE_DEAD)
		return;
	EXPECT_EQ(-EBADFD, rig_enter(rig, 0, 1, 0, 0, 0))
	TH_LOG("%s", what);
	/* What is left to read is there; then it says why no more will come. */
	while ((err = rig_enter(rig, PCRING_ENTER_WAIT, 0, 1, 1, FOREVER)) ==
		       0 &&
	       rig_pop(rig, 1, &cqe, 1) == 1 && left--)
		;
	EXPECT_EQ(-EBADFD, err)
	TH_LOG("%s", what);
	EXPECT_EQ(POLLHUP | POLLERR, poll_now(rig) & ~POLLIN);
	for (i = 0; i < rig->nr; i++) {
		const struct end *end = &rig->ends[i];

		EXPECT_EQ(PCRING_STATE_DEAD,
			  user_produces(rig->rings[i].kind)
				  ? pcring_prod_peer_state(&end->prod)
				  : pcring_cons_peer_state(&end->cons))
		TH_LOG("ring %u after %s", i, what);
	}
}

/* ---- positions ------------------------------------------------------------- */

FIXTURE(position){};

FIXTURE_VARIANT(position)
{
	__u32 ring;
	bool prod; /* the word is prod, else cons */
	__u64 value; /* added to the true position */
};

FIXTURE_VARIANT_ADD(position, cq_cons_one_ahead){
	.ring = 1,
	.value = ENTRIES + 1,
};

FIXTURE_VARIANT_ADD(position, cq_cons_far_ahead){
	.ring = 1,
	.value = 1ULL << 63,
};

FIXTURE_VARIANT_ADD(position, cq_cons_32_bits_ahead){
	.ring = 1,
	.value = 1ULL << 32,
};

FIXTURE_VARIANT_ADD(position, cq_cons_behind){
	.ring = 1,
	.value = 0ULL - 100,
};

FIXTURE_VARIANT_ADD(position, rec_out_cons_behind){
	.ring = 3,
	.value = 0ULL - 8192,
};

FIXTURE_VARIANT_ADD(position, rec_out_cons_beyond_prod){
	.ring = 3,
	.value = 1ULL << 40,
};

FIXTURE_VARIANT_ADD(position, rec_in_prod_odd){
	.ring = 2,
	.prod = true,
	.value = 4,
};

FIXTURE_VARIANT_ADD(position, rec_in_prod_behind){
	.ring = 2,
	.prod = true,
	.value = 0ULL - 8,
};

FIXTURE_VARIANT_ADD(position, rec_in_prod_beyond_the_ring){
	.ring = 2,
	.prod = true,
	.value = 4096 + 8,
};

FIXTURE_VARIANT_ADD(position, rec_in_prod_32_bits_ahead){
	.ring = 2,
	.prod = true,
	.value = 1ULL << 32,
};

FIXTURE_SETUP(position)
{
}

FIXTURE_TEARDOWN(position)
{
}

/* Some good traffic first: the last valid position is not 0. */
static int traffic(struct rig *rig)
{
	struct item item;
	int i, err = 0;

	for (i = 0; i < 5 && !err; i++) {
		err = works(rig);
		if (!err && rig->nr > 2) {
			err = rig_write_all(rig, 2, "traffic", 8, 1);
			if (!err && rig_next_wait(rig, 3, &item) == ITEM)
				rig_done(rig, 3, &item);
		}
	}
	pcring_cons_publish(&rig->ends[1].cons);
	if (rig->nr > 2)
		pcring_cons_publish(&rig->ends[3].cons);
	return err;
}

TEST_F(position, pitfall_03_that_cannot_be_kills_its_ctx_alone)
{
	struct rig rig, other;
	struct end *end = &rig.ends[variant->ring];
	__u64 *word;
	int i;

	ASSERT_EQ(0, rig_loop(&other, 8, 8));
	ASSERT_EQ(0, rig_open(&rig, LOOP));
	rig_ring(&rig, PCRING_KIND_SQ, ENTRIES);
	rig_ring(&rig, PCRING_KIND_CQ, ENTRIES);
	rig_ring(&rig, PCRING_KIND_REC_IN, 4096);
	rig_ring(&rig, PCRING_KIND_REC_OUT, 4096);
	ASSERT_EQ(0, rig_setup(&rig));
	ASSERT_EQ(0, traffic(&rig));
	if (variant->prod) {
		word = &end->prod.own->prod;
		pcring_store(word, end->prod.prod + variant->value);
		/* Nobody else writes it from here on. */
		end->prod.published = end->prod.prod;
	} else {
		word = &end->cons.own->cons;
		pcring_store(word, end->cons.cons + variant->value);
	}
	for (i = 0; i < 4 && state(&rig) != PCRING_STATE_DEAD; i++) {
		if (variant->prod)
			rig_enter(&rig, 0, 8, 0, 0, 0);
		else
			use_all(&rig, variant->ring == 3);
		sleep_ns(5 * MSEC);
	}
	is_dead(_metadata, &rig, "position");
	EXPECT_EQ(0, works(&other));
	rig_close(&rig);
	EXPECT_EQ(0, works(&other));
	rig_close(&other);
}

/*
 * Of requests the phases decide: prod is looked at only to save the look at each.
 * Whoever looks finds it out; who does not goes by the phases, and is right.
 */
TEST_F(corrupt,
       pitfall_03_prod_of_requests_that_cannot_be_tells_nobody_nonsense)
{
	static const __u64 values[] = { ENTRIES + 1, 1000, 1ULL << 32,
					1ULL << 62, ~0ULL };
	struct rig *rig = &self->rig;
	struct pcring_sqe sqe[ENTRIES];
	struct pcring_stats stats;
	struct pcring_cqe cqe;
	size_t i;
	__u32 k;

	for (i = 0; i < sizeof(values) / sizeof(*values); i++) {
		struct pcring_prod *p = &rig->ends[0].prod;

		for (k = 0; k < ENTRIES; k++)
			sqe[k] = sqe_of(PCRING_LOOP_NOP, k);
		pcring_prod_push(p, sqe, ENTRIES, sizeof(sqe[0]));
		pcring_store(&p->own->prod, p->prod + values[i]);
		rig_enter(rig, 0, ENTRIES, 0, 0, 0);
		rig_enter(rig, PCRING_ENTER_SPACE, 0, 0, 1, 0);
		EXPECT_GE(ENTRIES, rig->enter.ready);
		ASSERT_EQ(0, rig_stats(rig, 0, &stats));
		EXPECT_GE(ENTRIES, stats.in_ring);
		if (stats.state == PCRING_STATE_DEAD)
			break;
		for (k = 0; k < ENTRIES; k++) {
			ASSERT_EQ(0, rig_wait(rig, 1, 1, patience()))
			TH_LOG("value %zu, request %u", i, k);
			ASSERT_EQ(1, rig_pop(rig, 1, &cqe, 1));
			EXPECT_EQ(k, cqe.user_data);
		}
	}
}

/* ---- headers of records ------------------------------------------------------- */

static const struct pcring_record heads[] = {
	{ 4096, 1, 0 }, /* beyond prod */
	{ 33, 1, 0 },
	{ ~0U, 1, 0 },
	{ 0xfffffff0U, 1, 0 },
	{ 0x7fffffffU, 1, 0 },
	{ 8, 1 | 1U << 8, 0 }, /* reserved bits */
	{ 8, 1 | 1U << 27, 0 },
	{ 8, 1 | PCRING_RECORD_F_BUSY, 0 }, /* several producers' */
	{ 8, 1 | PCRING_RECORD_F_DISCARD, 0 },
	{ 8, 1 | PCRING_RECORD_F_TIME, 0 }, /* not this ring's */
	{ 8, 1 | PCRING_RECORD_F_INDEX, 0 },
};

TEST_F(corrupt, pitfall_03_a_record_header_that_cannot_be_kills_its_ctx_alone)
{
	size_t i;

	for (i = 0; i < sizeof(heads) / sizeof(*heads); i++) {
		struct pcring_prod *p = &self->rig.ends[2].prod;
		struct pcring_record *rec;
		char what[32];

		ASSERT_EQ(0, traffic(&self->rig));
		ASSERT_EQ(0, pcring_record_reserve(p, 32, 1, &rec));
		pcring_record_submit(p, rec, true);
		rec->len = heads[i].len;
		rec->info = heads[i].info;
		pcring_prod_publish(p);
		rig_enter(&self->rig, 0, 8, 0, 0, 0);
		snprintf(what, sizeof(what), "header %zu", i);
		is_dead(_metadata, &self->rig, what);
		rig_close(&self->rig);
		ASSERT_EQ(0, rig_open(&self->rig, LOOP));
		rig_ring(&self->rig, PCRING_KIND_SQ, ENTRIES);
		rig_ring(&self->rig, PCRING_KIND_CQ, ENTRIES);
		rig_ring(&self->rig, PCRING_KIND_REC_IN, 4096);
		rig_ring(&self->rig, PCRING_KIND_REC_OUT, 4096);
		ASSERT_EQ(0, rig_setup(&self->rig));
	}
}

TEST_F(corrupt, pitfall_03_a_waiter_learns_that_the_ctx_is_dead)
{
	pid_t pid = fork();

	if (!pid)
		_exit(-rig_enter(&self->rig, PCRING_ENTER_WAIT, 0, 1, 1,
				 FOREVER));
	sleep_ns(50 * MSEC);
	pcring_store(&self->rig.ends[2].prod.own->prod, 4ULL);
	rig_enter(&self->rig, 0, 1, 0, 0, 0);
	EXPECT_EQ(EBADFD, child_wait(pid));
}

/* ---- words of which nothing depends -------------------------------------------- */

TEST_F(corrupt, words_that_only_say_whether_to_wake_may_be_anything)
{
	static const __u64 values[] = { ~0ULL, 1, 1ULL << 32, 1ULL << 63,
					0xffffffffULL };
	struct item item;
	size_t i;
	__u32 k;

	for (i = 0; i < sizeof(values) / sizeof(*values); i++) {
		for (k = 0; k < 4; k++) {
			struct end *end = &self->rig.ends[k];

			if (k % 2 == 0) {
				pcring_store(&end->prod.own->space_wanted,
					     values[i]);
				memset(&end->prod.own->counts, 0xff, 8 * 8);
				pcring_store(&end->prod.own->wake, 7U);
			} else {
				pcring_store(&end->cons.own->need_wakeup,
					     values[i]);
				pcring_store(&end->cons.own->counts.consumed,
					     values[i]);
				pcring_store(&end->cons.own->wake, 7U);
			}
		}
		EXPECT_EQ(0, works(&self->rig));
		EXPECT_EQ(0, rig_write_all(&self->rig, 2, "abc", 4, 1));
		ASSERT_EQ(ITEM, rig_next_wait(&self->rig, 3, &item));
		rig_done(&self->rig, 3, &item);
	}
	EXPECT_EQ(PCRING_STATE_LIVE, state(&self->rig));
}

/* Entries published that were never written: garbage is answered, not trusted. */
TEST_F(corrupt, a_ring_full_of_garbage_is_answered_or_refused)
{
	unsigned char *data =
		self->rig.ends[0].prod_area + self->rig.rings[0].data_offset;
	struct pcring_cqe cqe[ENTRIES];
	unsigned int seed = 4;
	int round, i;

	for (round = 0; round < 50; round++) {
		for (i = 0; i < (int)ENTRIES * 64; i++)
			data[i] = (unsigned char)rand_r(&seed);
		rig_enter(&self->rig, 0, ENTRIES, 0, 0, 0);
		sleep_ns(MSEC);
		if (rig_pop(&self->rig, 1, cqe, ENTRIES) < 0)
			break;
	}
}

/* Words at random, everywhere at once. */
TEST_F(corrupt, pitfall_03_scribbled_all_over_it_harms_itself)
{
	__u64 rounds = scaled(60), round;
	unsigned int seed = 99;

	for (round = 0; round < rounds; round++) {
		struct rig rig;
		int i;

		ASSERT_EQ(0, rig_open(&rig, LOOP));
		ASSERT_EQ(0, rig_pool(&rig, PCRING_POOL_USER, PAGE, 4));
		rig_ring(&rig, PCRING_KIND_SQ, ENTRIES);
		rig_ring(&rig, PCRING_KIND_CQ, ENTRIES);
		rig_ring(&rig, PCRING_KIND_REC_IN, 4096);
		rig_ring(&rig, PCRING_KIND_REC_OUT, 4096);
		ASSERT_EQ(0, rig_setup(&rig));
		for (i = 0; i < 400; i++) {
			__u32 k = (__u32)rand_r(&seed) % 4;
			bool own = user_produces(rig.rings[k].kind);
			unsigned char *at = own ? rig.ends[k].prod_area
						: rig.ends[k].cons_area;
			size_t len = own && rand_r(&seed) % 2
					     ? rig.rings[k].prod_len
					     : 640;
			__u64 value = rand_r(&seed) % 3
					      ? (__u64)rand_r(&seed) % 64
					      : (__u64)rand_r(&seed)
							<< (rand_r(&seed) % 33);

			at += (size_t)rand_r(&seed) % (len / 8) * 8;
			if (i % 3)
				pcring_store((__u64 *)(void *)at, value);
			else
				use_all(&rig, true);
			if (i % 16 == 0)
				rig_enter(&rig, 0, 4, 0, 0, 0);
		}
		rig_close(&rig);
		ASSERT_EQ(0, works(&self->other))
		TH_LOG("round %llu", round);
	}
}

TEST_HARNESS_MAIN
