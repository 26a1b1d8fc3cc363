/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * In place of <linux/pcring_order.h>: the same words, with a peer that may
 * change what it writes between any two loads. A load from its memory gives
 * anything, every time; a barrier is nothing, since no order helps against it.
 */
#ifndef PCRING_CBMC_HOSTILE_H
#define PCRING_CBMC_HOSTILE_H

#define _UAPI_LINUX_PCRING_ORDER_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <linux/types.h>

__u64 nondet_u64(void);
__u32 nondet_u32(void);
bool nondet_bool(void);

#define assume(x) __CPROVER_assume(x)
#define check(x) __CPROVER_assert(x, #x)

/* The peer's memory; NULL where a harness wants an honest one. */
static const void *hostile_page, *hostile_data;

#define hostile(p)                                                   \
	((hostile_page && __CPROVER_same_object(p, hostile_page)) || \
	 (hostile_data && __CPROVER_same_object(p, hostile_data)))

#define PCRING_HOT static inline
#define PCRING_RACY
typedef __u64 pcring_word;
#define pcring_load(p)                                                  \
	({                                                              \
		__typeof__(*(p)) loaded = *(p);                         \
		hostile(p) ? (__typeof__(loaded))nondet_u64() : loaded; \
	})
#define pcring_store(p, v) (*(p) = (v))
#define pcring_load_acquire(p) pcring_load(p)
#define pcring_store_release(p, v) pcring_store(p, v)
#define pcring_exchange(p, v)                             \
	({                                                \
		__typeof__(*(p)) before = pcring_load(p); \
		*(p) = (v);                               \
		before;                                   \
	})
#define pcring_compare_exchange(p, old, new)         \
	({                                           \
		bool same = pcring_load(p) == (old); \
		if (same)                            \
			*(p) = (new);                \
		same;                                \
	})
#define pcring_barrier() ((void)0)
#define pcring_mb() ((void)0)
#define pcring_rmb() ((void)0)
#define pcring_wmb() ((void)0)
#define pcring_mb_clock() ((void)0)
#define pcring_likely(x) (x)
#define pcring_unlikely(x) (x)

/* A little below 2^31, 2^32, 2^63 or 2^64, where any position is too much. */
static inline __u64 near_a_wrap(void)
{
	static const __u64 wrap[] = { 1ULL << 31, 1ULL << 32, 1ULL << 63, 0 };

	return wrap[nondet_u32() % 4] - nondet_u32() % 4 * 8;
}

#endif
