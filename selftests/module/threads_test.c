// SPDX-License-Identifier: GPL-2.0-only
/* Two threads on an end that is made for one: what they break is their own. */
#include "module.h"
#include "kselftest_harness.h"

#define THREADS 4

struct crowd {
	struct rig *rig;
	__u64 until;
	__u32 ring;
	unsigned int seed;
};

static __u32 state(struct rig *rig)
{
	struct pcring_stats stats;

	return rig_stats(rig, 0, &stats) ? ~0U : stats.state;
}

/* One producer's private end, used by all of them without a lock. */
static void *crowd_push(void *arg)
{
	struct crowd *c = arg;
	struct pcring_sqe sqe[9];
	struct pcring_enter enter = { .size = sizeof(enter), .submit = 4 };
	int i;

	for (i = 0; i < 9; i++) {
		sqe[i] = sqe_block((__u32)i % 5, (__u32)i % 4, (__u32)i, 64);
		sqe[i].args[0] = 1000;
	}
	while (now_ns() < c->until) {
		pcring_prod_push(&c->rig->ends[0].prod, sqe,
				 1 + (__u32)rand_r(&c->seed) % 9, 64);
		if (call(c->rig->fd, PCRING_IOC_ENTER, &enter) == -EBADFD)
			break;
	}
	return NULL;
}

static void *crowd_pop(void *arg)
{
	struct crowd *c = arg;
	struct pcring_cons *cons = &c->rig->ends[c->ring].cons;
	__u64 items[16][4];
	int n;

	while (now_ns() < c->until) {
		n = pcring_cons_pop(cons, items, 16, 32);
		if (n > 0)
			pcring_cons_release(cons, (__u32)n, (__u32)n);
		pcring_cons_publish(cons);
		if (!n && state(c->rig) == PCRING_STATE_DEAD)
			break;
	}
	return NULL;
}

static void *crowd_write(void *arg)
{
	struct crowd *c = arg;
	struct pcring_prod *p = &c->rig->ends[0].prod;
	struct pcring_enter enter = { .size = sizeof(enter), .submit = 4 };
	struct pcring_record *rec;

	while (now_ns() < c->until) {
		__u32 len = (__u32)rand_r(&c->seed) % 700;

		if (!pcring_record_reserve(p, len, 1, &rec)) {
			memset(pcring_record_data(rec), 0xab, len);
			pcring_record_submit(p, rec, rand_r(&c->seed) % 2);
		}
		if (call(c->rig->fd, PCRING_IOC_ENTER, &enter) == -EBADFD)
			break;
	}
	return NULL;
}

static void *crowd_read(void *arg)
{
	struct crowd *c = arg;
	struct pcring_cons *cons = &c->rig->ends[1].cons;
	struct pcring_record_view view;

	while (now_ns() < c->until) {
		if (pcring_record_peek(cons, &view) == 1 && view.space < 4096)
			pcring_record_release(cons, &view);
		pcring_cons_publish(cons);
	}
	return NULL;
}

static void crowd(struct rig *rig, void *(*produce)(void *),
		  void *(*consume)(void *))
{
	struct crowd crowds[THREADS];
	pthread_t threads[THREADS];
	unsigned int i;

	for (i = 0; i < THREADS; i++) {
		crowds[i] = (struct crowd){ rig, now_ns() + SEC, 1, i + 1 };
		pthread_create(&threads[i], NULL, i % 2 ? produce : consume,
			       &crowds[i]);
	}
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

FIXTURE(threads)
{
	struct rig other;
};

FIXTURE_SETUP(threads)
{
	ASSERT_EQ(0, rig_loop(&self->other, 8, 8));
}

FIXTURE_TEARDOWN(threads)
{
	struct pcring_sqe sqe = sqe_of(PCRING_LOOP_NOP, 6);
	struct pcring_cqe cqe;

	EXPECT_EQ(0, rig_ask(&self->other, &sqe, &cqe));
	EXPECT_EQ(6, cqe.user_data);
	rig_close(&self->other);
}

TEST_F(threads, pitfall_17_two_on_one_sq_and_two_on_its_cq)
{
	struct rig rig;

	ASSERT_EQ(0, rig_loop_blocks(&rig, 16, 16, 4));
	crowd(&rig, crowd_push, crowd_pop);
	EXPECT_TRUE(state(&rig) == PCRING_STATE_LIVE ||
		    state(&rig) == PCRING_STATE_DEAD);
	TH_LOG("state %u", state(&rig));
	rig_close(&rig);
}

TEST_F(threads, pitfall_17_two_writers_and_two_readers_of_records)
{
	struct rig rig;

	ASSERT_EQ(0, rig_echo(&rig, 4096, 4096, PCRING_POLICY_BLOCK));
	crowd(&rig, crowd_write, crowd_read);
	EXPECT_TRUE(state(&rig) == PCRING_STATE_LIVE ||
		    state(&rig) == PCRING_STATE_DEAD);
	TH_LOG("state %u", state(&rig));
	rig_close(&rig);
}

/* ---- calls at once: these the kernel has to bear without any harm --------------- */

static void *crowd_enter(void *arg)
{
	struct crowd *c = arg;
	struct pcring_enter enter;

	while (now_ns() < c->until) {
		enter = (struct pcring_enter){
			.size = sizeof(enter),
			.flags = PCRING_ENTER_WAIT,
			.submit = (__u32)rand_r(&c->seed) % 8,
			.ring = 1,
			.min = 1,
			.timeout_ns = (__u64)rand_r(&c->seed) % MSEC,
		};
		call(c->rig->fd, PCRING_IOC_ENTER, &enter);
	}
	return NULL;
}

static void *crowd_stats(void *arg)
{
	struct crowd *c = arg;
	struct pcring_stats stats;

	while (now_ns() < c->until) {
		rig_stats(c->rig, 1, &stats);
		rig_stats(c->rig, 0, &stats);
		if (stats.consumed > stats.accepted)
			return (void *)1;
	}
	return NULL;
}

TEST_F(threads, calls_of_many_threads_do_not_disturb_the_one_that_works)
{
	void *(*const work[THREADS])(void *) = { crowd_enter, crowd_enter,
						 crowd_stats, crowd_stats };
	__u64 until = now_ns() + 2 * SEC, n = 0;
	struct crowd crowds[THREADS];
	pthread_t threads[THREADS];
	struct pcring_stats stats;
	struct pcring_sqe sqe;
	struct pcring_cqe cqe;
	struct rig rig;
	unsigned int i;
	void *wrong;

	ASSERT_EQ(0, rig_loop(&rig, 8, 8));
	for (i = 0; i < THREADS; i++) {
		crowds[i] = (struct crowd){ &rig, until, 1, i + 1 };
		pthread_create(&threads[i], NULL, work[i], &crowds[i]);
	}
	for (; now_ns() < until; n++) {
		sqe = sqe_of(PCRING_LOOP_NOP, n);
		ASSERT_EQ(0, rig_ask(&rig, &sqe, &cqe));
		ASSERT_EQ(n, cqe.user_data);
	}
	for (i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &wrong);
		EXPECT_EQ(NULL, wrong);
	}
	ASSERT_EQ(0, rig_stats(&rig, 0, &stats));
	EXPECT_EQ(n, stats.consumed);
	EXPECT_TRUE(stats_balance(&stats));
	rig_close(&rig);
}

/* SETUP, CONFIGURE, I/O, mmap, close and fork, all at once. */
static void *crowd_setup(void *arg)
{
	struct crowd *c = arg;
	struct rig rig = *c->rig;
	struct pcring_cqe cqe = { 0 };

	switch (c->seed % 4) {
	case 0:
		rig_setup(&rig);
		break;
	case 1:
		rig_enter(&rig, 0, 1, 0, 0, 0);
		(void)!read(rig.fd, &cqe, 1);
		break;
	case 2:
		rig_call_setup(&rig);
		mmap(NULL, PAGE, PROT_READ, MAP_SHARED, rig.fd, 0);
		break;
	default:
		configure(rig.fd, &cqe, 8);
		(void)!write(rig.fd, "x", 1);
	}
	return NULL;
}

TEST_F(threads, pitfall_19_setup_raced_against_all_other_calls)
{
	__u64 rounds = scaled(150), k;
	struct crowd crowds[THREADS];
	pthread_t threads[THREADS];
	struct rig rig;
	unsigned int i;

	for (k = 0; k < rounds; k++) {
		ASSERT_EQ(0, rig_open(&rig, LOOP));
		fcntl(rig.fd, F_SETFL, O_RDWR | O_NONBLOCK);
		rig_ring(&rig, PCRING_KIND_SQ, 8);
		rig_ring(&rig, PCRING_KIND_CQ, 8);
		for (i = 0; i < THREADS; i++) {
			crowds[i] = (struct crowd){ &rig, 0, 0,
						    i + (unsigned int)k };
			pthread_create(&threads[i], NULL, crowd_setup,
				       &crowds[i]);
		}
		for (i = 0; i < THREADS; i++)
			pthread_join(threads[i], NULL);
		close(rig.fd);
	}
}

TEST_HARNESS_MAIN
