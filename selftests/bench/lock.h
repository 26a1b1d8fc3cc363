/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The producers' lock that the header asks SHARED rings for: spins for a while,
 * then offers the CPU to whoever may hold it.
 */
#ifndef BENCH_LOCK_H
#define BENCH_LOCK_H

#include "hot.h"

#define LOCK_SPINS 128U

BENCH_HOT void lock_take(__u32 *lock)
{
	__u32 spins = 0;

	while (__atomic_exchange_n(lock, 1U, __ATOMIC_ACQUIRE))
		while (__atomic_load_n(lock, __ATOMIC_RELAXED))
			bench_wait(&spins, LOCK_SPINS);
}

BENCH_HOT void lock_give(__u32 *lock)
{
	__atomic_store_n(lock, 0U, __ATOMIC_RELEASE);
}

#endif /* BENCH_LOCK_H */
