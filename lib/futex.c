// SPDX-License-Identifier: LGPL-2.1-only OR MIT
/*
 * libpcring: futexes; several at once, so that death and a wakeup both end a
 * sleep.
 */
#include <limits.h>
#include <stdint.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "pcring_impl.h"

void pcring_futex_wake(__u32 *word, bool shared, int n)
{
	syscall(SYS_futex, word,
		shared ? FUTEX_WAKE : FUTEX_WAKE | FUTEX_PRIVATE_FLAG, n, NULL,
		NULL, 0);
}

/*
 * Sleep while every word has its value. 0: woken, or one had another value;
 * -ETIMEDOUT; -EINTR; -ENOSYS.
 */
int pcring_futex_sleep(const struct pcring_sleep *words, __u32 nr,
		       __u64 deadline)
{
	struct futex_waitv waits[PCRING_MAX_SHARDS + 1];
	struct timespec ts;
	__u32 i;

	memset(waits, 0, nr * sizeof(waits[0]));
	for (i = 0; i < nr; i++) {
		waits[i].val = words[i].value;
		waits[i].uaddr = (uintptr_t)words[i].word;
		waits[i].flags = FUTEX_32;
		if (!words[i].shared)
			waits[i].flags |= FUTEX_PRIVATE_FLAG;
	}
	ts.tv_sec = (time_t)(deadline / NSEC);
	ts.tv_nsec = (long)(deadline % NSEC);
	if (syscall(SYS_futex_waitv, waits, nr, 0,
		    deadline == PCRING_NO_TIMEOUT ? NULL : &ts,
		    CLOCK_MONOTONIC) >= 0 ||
	    errno == EAGAIN)
		return 0;
	return -errno;
}
