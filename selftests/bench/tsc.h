/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The machine's own counter: cycles of a constant clock; in QEMU with
 * -icount shift=0 and one CPU the instructions that were executed, exactly.
 */
#ifndef BENCH_TSC_H
#define BENCH_TSC_H

#include "hot.h"

BENCH_HOT __u64 tsc(void)
{
#if defined(__x86_64__) || defined(__i386__)
	return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
	__u64 ticks;

	__asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
	return ticks;
#else
	return 0;
#endif
}

/* 2 * @n instructions, on x86-64. */
BENCH_HOT void tsc_burn(__u64 n)
{
#ifdef __x86_64__
	__asm__ volatile("1: dec %0\n\tjnz 1b" : "+r"(n)::"cc");
#else
	(void)n;
#endif
}

#endif /* BENCH_TSC_H */
