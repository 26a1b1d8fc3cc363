// SPDX-License-Identifier: GPL-2.0-only
/*
 * pcring_ring_test: loading it runs the tests, its log is KTAP. It loads if all
 * of them passed, and says -EIO if not.
 */
#include "ring_test.h"

#include <linux/module.h>
#include <linux/sched.h>

unsigned int test_items = 1200;
module_param_named(items, test_items, uint, 0444);
MODULE_PARM_DESC(items, "items each thread of a test handles");

unsigned int test_seed = 1;
module_param_named(seed, test_seed, uint, 0444);
MODULE_PARM_DESC(seed, "seed of all patterns");

unsigned int test_timeout_ms = 5000;
module_param_named(timeout_ms, test_timeout_ms, uint, 0444);
MODULE_PARM_DESC(timeout_ms, "after that a sleep counts as never woken, ms");

static char *only = "";
module_param(only, charp, 0444);
MODULE_PARM_DESC(only, "run the tests whose name holds this");

static const struct test_case *const objects[] = {
	entry_cases, record_cases, overwrite_cases,
	xchg_cases,  merge_cases,  sleep_cases,
};

/* Sixteen records or so below each carry. */
static const struct {
	const char *name;
	u64 position;
} starts[] = {
	{ "start_at_0", 0 },
	{ "start_below_2_31", (1ULL << 31) - 128 },
	{ "start_below_2_32", (1ULL << 32) - 128 },
	{ "start_below_2_63", (1ULL << 63) - 128 },
	{ "start_below_2_64", 0 - 128ULL },
};

static unsigned int planned(void)
{
	const struct test_case *t;
	unsigned int nr = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(objects); i++)
		for (t = objects[i]; t->name; t++)
			if (strstr(t->name, only))
				nr += ARRAY_SIZE(starts);
	return nr;
}

static int run_case(const struct test_case *t, unsigned int *nr)
{
	int failed = 0;
	size_t i;
	int err;

	for (i = 0; i < ARRAY_SIZE(starts); i++) {
		err = t->fn(starts[i].position);
		if (err) {
			pr_info("# errno %d\n", -err);
			failed++;
		}
		pr_info("%sok %u %s.%s\n", err ? "not " : "", ++*nr, t->name,
			starts[i].name);
		cond_resched();
	}
	return failed;
}

static int __init ring_test_init(void)
{
	const struct test_case *t;
	unsigned int nr = 0;
	int failed = 0;
	size_t i;

	pr_info("KTAP version 1\n");
	pr_info("1..%u\n", planned());
	for (i = 0; i < ARRAY_SIZE(objects); i++)
		for (t = objects[i]; t->name; t++)
			if (strstr(t->name, only))
				failed += run_case(t, &nr);
	return failed ? -EIO : 0;
}
module_init(ring_test_init);

static void __exit ring_test_exit(void)
{
}
module_exit(ring_test_exit);

MODULE_DESCRIPTION("pcring: test of the ring protocol in the kernel");
MODULE_LICENSE("GPL");
