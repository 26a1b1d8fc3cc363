/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pcring_ring_test: the ring's headers between kernel threads, each item checked.
 */
#ifndef PCRING_RING_TEST_H
#define PCRING_RING_TEST_H

/* Before anything that prints: how the results are found in the log. */
#undef pr_fmt
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/completion.h>
#include <linux/irq_work.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>

#include <linux/pcring_ring.h>
#include <linux/pcring_entry.h>
#include <linux/pcring_record.h>
#include <linux/pcring_merge.h>
#include <linux/pcring_xchg.h>

#define TEST_THREADS 4

/**
 * struct test_end_wait - where one end of a ring sleeps
 * @queue: its wait queue.
 * @waits: times it prepared to.
 */
struct test_end_wait {
	wait_queue_head_t queue;
	u32 waits;
};

/**
 * struct test_ring - both ends of a ring, in kernel memory
 * @geo: what it was made from.
 * @p: producer's end.
 * @c: consumer's end.
 * @lock: the producers', if there are several.
 * @prod_wait: where the producer sleeps.
 * @cons_wait: where the consumer sleeps.
 * @prod_page: producer's page.
 * @cons_page: consumer's page.
 * @data: data area; of records mapped twice in a row.
 * @pages: what @data maps.
 * @nr_pages: how many, each counted once.
 */
struct test_ring {
	struct pcring_geometry geo;
	struct pcring_prod p;
	struct pcring_cons c;
	raw_spinlock_t lock;
	struct test_end_wait prod_wait;
	struct test_end_wait cons_wait;
	struct pcring_prod_page *prod_page;
	struct pcring_cons_page *cons_page;
	void *data;
	struct page **pages;
	u32 nr_pages;
};

struct test_team;

/**
 * struct test_thread - one of a team
 * @team: the team.
 * @fn: what it does; 0 or a negative errno.
 * @arg: the test's.
 * @id: its number in the team.
 * @task: the thread, its reference ours.
 * @done: @fn has returned.
 */
struct test_thread {
	struct test_team *team;
	int (*fn)(struct test_thread *self);
	void *arg;
	u32 id;
	struct task_struct *task;
	struct completion done;
};

/**
 * struct test_team - threads that run together
 * @threads: they.
 * @nr: how many.
 * @stop: one has failed, or time is up: end soon.
 */
struct test_team {
	struct test_thread threads[TEST_THREADS + 1];
	u32 nr;
	bool stop;
};

/**
 * struct test_case - a line of the result
 * @name: behaviour.
 * @fn: 0 or a negative errno, at a position to start from.
 */
struct test_case {
	const char *name;
	int (*fn)(u64 start);
};

extern const struct test_case entry_cases[];
extern const struct test_case record_cases[];
extern const struct test_case overwrite_cases[];
extern const struct test_case xchg_cases[];
extern const struct test_case merge_cases[];
extern const struct test_case sleep_cases[];

/* Items for each thread of a test, seed of all patterns: module parameters. */
extern unsigned int test_items;
extern unsigned int test_seed;
extern unsigned int test_timeout_ms;

int test_ring_make(struct test_ring *r, const struct pcring_geometry *geo);
void test_ring_free(struct test_ring *r);

int test_ring_conserved(const struct test_ring *r, u64 in_ring);

bool test_ring_prod_wait(struct test_ring *r, struct test_team *team, u32 want,
			 int *err);
bool test_ring_cons_wait(struct test_ring *r, struct test_team *team, u32 want,
			 int *err);
void test_ring_wake_prod(struct test_ring *r, bool wake);
void test_ring_wake_cons(struct test_ring *r);

void test_team_init(struct test_team *team);
void test_team_add(struct test_team *team, int (*fn)(struct test_thread *),
		   void *arg);
int test_team_run(struct test_team *team);
bool test_team_idle(struct test_team *team);

/* A word that depends on everything that could be mixed up. */
static inline u64 test_word(u32 producer, u64 item, u32 word)
{
	u64 x = item * 0x9e3779b97f4a7c15ULL +
		producer * 0xff51afd7ed558ccdULL +
		(u64)word * 0xc4ceb9fe1a85ec53ULL + test_seed;

	x ^= x >> 29;
	x *= 0xbf58476d1ce4e5b9ULL;
	return x ^ x >> 32;
}

static inline u32 test_below(u64 *state, u32 limit)
{
	*state = test_word(1, *state, 7);
	return (u32)(*state >> 33) % limit;
}

/* Says which check failed, once a place; the errno of a wrong item. */
#define test_fail(fmt, ...)                                       \
	({                                                        \
		pr_info("# %s:%d: " fmt "\n", __func__, __LINE__, \
			##__VA_ARGS__);                           \
		-EILSEQ;                                          \
	})

#define test_expect(cond) ((cond) ? 0 : test_fail("expected " #cond))

#endif /* PCRING_RING_TEST_H */
