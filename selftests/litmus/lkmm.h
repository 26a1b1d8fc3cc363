/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a litmus file is made of, for the kernel's memory model. The accesses
 * themselves come out of the __KERNEL__ half of <linux/pcring_order.h>.
 */
#define word int
#define data int
#define ticks atomic_t

/* Weakenings that the headers have no word for. */
#define weak_exchange(p, v) xchg_relaxed(p, v)
#define weak_compare_exchange(p, old, new) \
	(cmpxchg_relaxed(p, old, new) == (old))

/* A clock: see ond-clock.litmus. */
#define clock_read(p) atomic_fetch_add_acquire(1, p)
