/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * pcring: the few memory accesses the protocol is made of.
 *
 * In the kernel they are the Linux kernel memory model's own; elsewhere the
 * compiler's __atomic builtins, which C11 and C++17 share. Which access needs
 * which of them, and why, is written in <linux/pcring_ring.h>.
 */
#ifndef _UAPI_LINUX_PCRING_ORDER_H
#define _UAPI_LINUX_PCRING_ORDER_H

#include <linux/types.h>

/* Where a constant argument must stay one, and on the hot path. */
#define PCRING_HOT static inline __attribute__((__always_inline__))

/* Entries are copied by words, whatever struct they are to the caller. */
typedef __u64 __attribute__((__may_alias__)) pcring_word;

#ifdef __KERNEL__

#include <linux/compiler.h>
#include <linux/atomic.h>
#include <linux/errno.h>
#include <linux/string.h>
#include <asm/barrier.h>

#define pcring_load(p) READ_ONCE(*(p))
#define pcring_store(p, v) WRITE_ONCE(*(p), v)
#define pcring_load_acquire(p) smp_load_acquire(p)
#define pcring_store_release(p, v) smp_store_release(p, v)
#define pcring_exchange(p, v) xchg(p, v)
#define pcring_compare_exchange(p, old, new) (cmpxchg(p, old, new) == (old))
#define pcring_barrier() barrier()
#define pcring_mb() smp_mb()
#define pcring_rmb() smp_rmb()
#define pcring_wmb() smp_wmb()
#define pcring_likely(x) likely(x)
#define pcring_unlikely(x) unlikely(x)
#define PCRING_RACY __no_kcsan

#else

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define pcring_load(p) __atomic_load_n(p, __ATOMIC_RELAXED)
#define pcring_store(p, v) __atomic_store_n(p, v, __ATOMIC_RELAXED)
#define pcring_load_acquire(p) __atomic_load_n(p, __ATOMIC_ACQUIRE)
#define pcring_store_release(p, v) __atomic_store_n(p, v, __ATOMIC_RELEASE)
#define pcring_exchange(p, v) __atomic_exchange_n(p, v, __ATOMIC_SEQ_CST)
#define pcring_compare_exchange(p, old, new)                        \
	__extension__({                                             \
		__typeof__(*(p)) pcring_old = (old);                \
		__atomic_compare_exchange_n(p, &pcring_old, new, 0, \
					    __ATOMIC_SEQ_CST,       \
					    __ATOMIC_SEQ_CST);      \
	})
#define pcring_barrier() __asm__ __volatile__("" ::: "memory")
#define pcring_mb() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define pcring_rmb() __atomic_thread_fence(__ATOMIC_ACQUIRE)
#define pcring_wmb() __atomic_thread_fence(__ATOMIC_RELEASE)
#define pcring_likely(x) __builtin_expect(!!(x), 1)
#define pcring_unlikely(x) __builtin_expect(!!(x), 0)
/*
 * For the one copy that races on purpose and is thrown away if it lost (L):
 * the sanitizer cannot know that it is checked afterwards.
 */
#define PCRING_RACY __attribute__((no_sanitize("thread")))

#endif /* __KERNEL__ */

/*
 * A full fence that also orders a clock read behind it. Elsewhere reading
 * CLOCK_MONOTONIC waits for what stands before it; on arm64 the counter is not
 * memory, and only a DSB makes it wait for a store to be seen.
 */
#ifdef __aarch64__
#define pcring_mb_clock() __asm__ __volatile__("dsb ish" ::: "memory")
#else
#define pcring_mb_clock() pcring_mb()
#endif

#endif /* _UAPI_LINUX_PCRING_ORDER_H */
