/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pcring: where kernels differ for the drivers. They are written for the newest
 * kernel; what an older one has not is made up for here, and found by drivers.mk.
 */
#ifndef _PCRING_COMPAT_DRIVERS_H
#define _PCRING_COMPAT_DRIVERS_H

#include <linux/hrtimer.h>

#ifdef PCRING_HAVE_CRC32C_H
#include <linux/crc32c.h>
#else /* one header for both once the library had its last change */
#include <linux/crc32.h>
#endif

/* Until 6.10 .remove returned an int; .remove_new, like it now, is gone again. */
#ifdef PCRING_HAVE_REMOVE_NEW
#define PCRING_PLATFORM_REMOVE remove_new
#else
#define PCRING_PLATFORM_REMOVE remove
#endif

#ifndef PCRING_HAVE_HRTIMER_SETUP /* added in 6.13 */
static inline void
hrtimer_setup(struct hrtimer *timer,
	      enum hrtimer_restart (*function)(struct hrtimer *),
	      clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = function;
}
#endif

#endif /* _PCRING_COMPAT_DRIVERS_H */
