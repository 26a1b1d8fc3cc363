/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What runs inside the timed loops. Everything is inlined into one function a
 * thread, and constant arguments (which ring, how large an item) stay constants,
 * so that no ring pays for being chosen at run time.
 */
#ifndef BENCH_HOT_H
#define BENCH_HOT_H

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#define BENCH_HOT static inline __attribute__((__always_inline__))
/* Two lines, because the neighbour line is fetched along. */
#define BENCH_PADDED __attribute__((__aligned__(128)))

#define BENCH_MAX_BURST 256U
#define BENCH_MAX_WORDS 8U /* of a fixed item */
#define BENCH_BATCH_WORDS (BENCH_MAX_BURST * BENCH_MAX_WORDS)

/* Spins before the CPU is offered to others: the machine may be shared. */
#define BENCH_SPINS 4096U

BENCH_HOT void bench_relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield" ::: "memory");
#else
	__asm__ volatile("" ::: "memory");
#endif
}

/* One wait, with @spins counting those since the CPU was last offered. */
BENCH_HOT void bench_wait(__u32 *spins, __u32 limit)
{
	bench_relax();
	if (++*spins < limit)
		return;
	*spins = 0;
	sched_yield();
}

BENCH_HOT void bench_store_release(__u64 *word, __u64 value)
{
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
}

BENCH_HOT __u64 bench_load_acquire(const __u64 *word)
{
	return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

/*
 * Item number i consists of words i + 1. It stays below 2^30, so that the bits
 * which pcring keeps in an entry's first word are clear.
 */
#define BENCH_MAX_ITEMS (1ULL << 29)

BENCH_HOT void bench_fill(__u64 *to, __u64 first, __u32 n, const __u32 words)
{
	__u32 i, k;

	for (i = 0; i < n; i++, to += words) {
		__u64 word = first + i + 1;

		/* Item by item: compilers that interleave several are slow. */
		if (words > 1)
			__asm__("" : "+r"(word));
		for (k = 0; k < words; k++)
			to[k] = word;
	}
}

BENCH_HOT __u64 bench_sum(const __u64 *from, __u32 n, const __u32 words)
{
	__u64 sum = 0;
	__u32 i;

	for (i = 0; i < n * words; i++)
		sum += from[i];
	return sum;
}

#endif /* BENCH_HOT_H */
