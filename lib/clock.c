// SPDX-License-Identifier: LGPL-2.1-only OR MIT
/*
 * libpcring: CLOCK_MONOTONIC, and times to be back.
 */
#include <limits.h>
#include <time.h>
#include "pcring_impl.h"

__u64 pcring_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (__u64)ts.tv_sec * NSEC + (__u64)ts.tv_nsec;
}

/* PCRING_NO_TIMEOUT stays itself; so does what would overflow. */
__u64 pcring_deadline(__u64 timeout_ns)
{
	__u64 now;

	if (timeout_ns == PCRING_NO_TIMEOUT)
		return timeout_ns;
	now = pcring_now();
	if (timeout_ns > PCRING_NO_TIMEOUT - now)
		return PCRING_NO_TIMEOUT;
	return now + timeout_ns;
}

/* Milliseconds until then, for poll(); rounded up, so as not to spin. */
int pcring_poll_ms(__u64 deadline)
{
	__u64 now, ms;

	if (deadline == PCRING_NO_TIMEOUT)
		return -1;
	now = pcring_now();
	if (now >= deadline)
		return 0;
	ms = (deadline - now + 999999) / 1000000;
	return ms > INT_MAX ? INT_MAX : (int)ms;
}
