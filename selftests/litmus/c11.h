/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a litmus file is made of, for C11. The accesses themselves come out of
 * the userspace half of <linux/pcring_order.h>; this maps the compiler's
 * builtins to the functions herd7 knows, order by order.
 */
#define word atomic_int
#define data int
#define ticks atomic_int

#define __ATOMIC_RELAXED memory_order_relaxed
#define __ATOMIC_ACQUIRE memory_order_acquire
#define __ATOMIC_RELEASE memory_order_release
#define __ATOMIC_SEQ_CST memory_order_seq_cst
#define __atomic_load_n(p, order) atomic_load_explicit(p, order)
#define __atomic_store_n(p, v, order) atomic_store_explicit(p, v, order)
#define __atomic_exchange_n(p, v, order) atomic_exchange_explicit(p, v, order)
#define __atomic_thread_fence(order) atomic_thread_fence(order)

/*
 * herd7 has no statement expressions, so this one word is written anew; a file
 * that uses it has a cell named "expected" which holds @old. The orders are
 * those of the header: run defines CAS_SUCCESS and CAS_FAILURE from there.
 */
#undef pcring_compare_exchange
#define pcring_compare_exchange(p, old, new)                                   \
	atomic_compare_exchange_strong_explicit(p, expected, new, CAS_SUCCESS, \
						CAS_FAILURE)

/* Weakenings that the headers have no word for. */
#define weak_exchange(p, v) atomic_exchange_explicit(p, v, memory_order_relaxed)
#define weak_compare_exchange(p, old, new)       \
	atomic_compare_exchange_strong_explicit( \
		p, expected, new, memory_order_relaxed, memory_order_relaxed)

/* A clock: see ond-clock.litmus. */
#define clock_read(p) atomic_fetch_add_explicit(p, 1, memory_order_acquire)
