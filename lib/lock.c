// SPDX-License-Identifier: LGPL-2.1-only OR MIT
/*
 * libpcring: the small lock around a SHARED producer's reservation.
 *
 * Held for a few dozen instructions, so looking a little is better than sleeping;
 * never held across a call into the kernel but its own.
 */
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "pcring_impl.h"

#define PCRING_LOCK_SPINS 200

static bool pcring_lock_try(struct pcring_lock *lock)
{
	__u32 none = 0;

	return __atomic_compare_exchange_n(&lock->word, &none, 1, false,
					   __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

/* Return: false: not taken, time is up. */
bool pcring_lock_take_until(struct pcring_lock *lock, __u64 deadline)
{
	struct timespec ts = { (time_t)(deadline / NSEC),
			       (long)(deadline % NSEC) };
	int i;

	for (i = 0; i < PCRING_LOCK_SPINS; i++) {
		if (pcring_lock_try(lock))
			return true;
		pcring_relax();
	}
	while (__atomic_exchange_n(&lock->word, 2, __ATOMIC_ACQUIRE)) {
		syscall(SYS_futex, &lock->word,
			FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, 2,
			deadline == PCRING_NO_TIMEOUT ? NULL : &ts, NULL,
			FUTEX_BITSET_MATCH_ANY);
		/* Perhaps woken in the others' stead: the mark stays. */
		if (deadline != PCRING_NO_TIMEOUT && pcring_now() >= deadline)
			return !__atomic_exchange_n(&lock->word, 2,
						    __ATOMIC_ACQUIRE);
	}
	return true;
}

void pcring_lock_take(struct pcring_lock *lock)
{
	pcring_lock_take_until(lock, PCRING_NO_TIMEOUT);
}

void pcring_lock_drop(struct pcring_lock *lock)
{
	if (__atomic_exchange_n(&lock->word, 0, __ATOMIC_RELEASE) == 2)
		pcring_futex_wake(&lock->word, false, 1);
}
