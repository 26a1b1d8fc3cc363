/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pcring: where kernels differ. The code is written for the newest one; what an
 * older one has not is made up for here, and found by probe.sh.
 */
#ifndef _PCRING_COMPAT_H
#define _PCRING_COMPAT_H

#include <linux/eventfd.h>
#include <linux/mm.h>

#ifndef PCRING_HAVE_VM_FLAGS_SET /* added in 6.3 */
static inline void vm_flags_set(struct vm_area_struct *vma, vm_flags_t flags)
{
	vma->vm_flags |= flags;
}

static inline void vm_flags_clear(struct vm_area_struct *vma, vm_flags_t flags)
{
	vma->vm_flags &= ~flags;
}
#endif

#ifdef PCRING_HAVE_EVENTFD_SIGNAL_ONE /* 6.8 took the count away */
#define pcring_eventfd_signal(ctx) eventfd_signal(ctx)
#else
#define pcring_eventfd_signal(ctx) eventfd_signal(ctx, 1)
#endif

#ifdef PCRING_HAVE_DEVNODE_CONST /* since 6.2 */
#define PCRING_DEVNODE_CONST const
#else
#define PCRING_DEVNODE_CONST
#endif

#endif /* _PCRING_COMPAT_H */
