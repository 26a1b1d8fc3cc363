#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# probe.sh INCLUDE: what the kernel's headers have, as -D options on stdout. By
# looking for the feature, never for a version: older kernels carry backports.

include=$1/linux

has()
{
	if grep -qE "$2" "$include/$3" 2>/dev/null; then
		echo "-DPCRING_HAVE_$1"
	fi
}

# 6.3: vma->vm_flags is written by functions alone
has VM_FLAGS_SET '^static inline void vm_flags_set\(' mm.h
# 6.8: the count is gone
has EVENTFD_SIGNAL_ONE 'eventfd_signal\(struct eventfd_ctx \*ctx\)' eventfd.h
# 6.2: const struct device
has DEVNODE_CONST '\(\*devnode\)\(const struct device' device/class.h
