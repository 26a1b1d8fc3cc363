// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every header of the ABI in a kernel module: built with warnings and sparse on,
 * never loaded.
 */
#include <linux/pcring.h>
#include <linux/pcring_layout.h>
#include <linux/pcring_order.h>
#include <linux/pcring_ring.h>
#include <linux/pcring_entry.h>
#include <linux/pcring_record.h>
#include <linux/pcring_merge.h>
#include <linux/pcring_xchg.h>
#include <linux/module.h>
#include "uapi/abi_check.h"

/*
 * An inline function nobody calls is hardly looked at: call for each of them.
 * The list is made from the headers.
 */
static const void *const pcring_functions[] __used = {
#define PCRING_FUNCTION(name) name,
#include "pcring_functions.h"
};

#ifdef PCRING_PLANT_SPARSE
/* What the suite must hear of: only sparse knows address spaces. */
u32 pcring_planted(const u32 __user *word);

u32 pcring_planted(const u32 __user *word)
{
	return *word;
}
#endif

#ifdef PCRING_PLANT_WARNING
/* And this only with W=1: set, never used. */
int pcring_planted(int a);

int pcring_planted(int a)
{
	int b;

	b = a;
	return a;
}
#endif

MODULE_DESCRIPTION("pcring: its headers in kernel context");
MODULE_LICENSE("GPL");
