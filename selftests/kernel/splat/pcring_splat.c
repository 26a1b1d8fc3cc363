// SPDX-License-Identifier: GPL-2.0-only
/*
 * pcring_splat: does one thing wrong when it is loaded, the one its parameter
 * "bug" names. What watches the kernel in the tests must complain of each.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bug.h>
#include <linux/gfp.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

static char *bug = "";
module_param(bug, charp, 0444);
MODULE_PARM_DESC(bug, "what to do wrong: see the table in pcring_splat.c");

static DEFINE_MUTEX(lock_a);
static DEFINE_MUTEX(lock_b);
static DEFINE_SPINLOCK(lock_spin);

/* Nobody may know at compile time what is wrong. */
static unsigned int hidden(unsigned int value)
{
	OPTIMIZER_HIDE_VAR(value);
	return value;
}

static int splat_warn(void)
{
	WARN(1, "bug=warn\n");
	return 0;
}

/* One byte behind 24 is still in the slot of 32 the slab gives. */
static int splat_slab(void)
{
	char *p = kzalloc(24, GFP_KERNEL);

	if (!p)
		return -ENOMEM;
	pr_info("behind the end: %d\n", READ_ONCE(p[hidden(24)]));
	kfree(p);
	return 0;
}

static int splat_shift(void)
{
	pr_info("shifted out: %u\n", hidden(1) << hidden(40));
	return 0;
}

/* No two threads are needed: the order is wrong, whoever takes it. */
static int splat_abba(void)
{
	mutex_lock(&lock_a);
	mutex_lock(&lock_b);
	mutex_unlock(&lock_b);
	mutex_unlock(&lock_a);
	mutex_lock(&lock_b);
	mutex_lock(&lock_a);
	mutex_unlock(&lock_a);
	mutex_unlock(&lock_b);
	return 0;
}

static int splat_atomic(void)
{
	spin_lock(&lock_spin);
	might_sleep();
	spin_unlock(&lock_spin);
	return 0;
}

/* Many: a stale pointer to one of them may still lie on some stack. */
static int splat_leak(void)
{
	unsigned int i;

	for (i = 0; i < 64; i++)
		if (!kzalloc(hidden(96), GFP_KERNEL))
			return -ENOMEM;
	return 0;
}

static int splat_pages(void)
{
	return alloc_pages(GFP_KERNEL, hidden(0)) ? 0 : -ENOMEM;
}

static const struct {
	const char *name;
	int (*fn)(void);
} bugs[] = {
	{ "warn", splat_warn },	    { "slab", splat_slab },
	{ "shift", splat_shift },   { "abba", splat_abba },
	{ "atomic", splat_atomic }, { "leak", splat_leak },
	{ "pages", splat_pages },
};

static int __init splat_init(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bugs); i++)
		if (!strcmp(bugs[i].name, bug))
			return bugs[i].fn();
	pr_err("bug=%s is not known\n", bug);
	return -EINVAL;
}
module_init(splat_init);

static void __exit splat_exit(void)
{
}
module_exit(splat_exit);

MODULE_DESCRIPTION("pcring: bugs on demand, for tests of the tests");
MODULE_LICENSE("GPL");
