# SPDX-License-Identifier: GPL-2.0-only
#
# What the kernel's headers have, for drivers.h: the feature is looked for, never
# the version.

ccflags-y += $(shell grep -qw remove_new \
	$(srctree)/include/linux/platform_device.h && \
	echo -DPCRING_HAVE_REMOVE_NEW)
ccflags-y += $(shell grep -qw hrtimer_setup \
	$(srctree)/include/linux/hrtimer.h && \
	echo -DPCRING_HAVE_HRTIMER_SETUP)
ccflags-y += $(shell test -e $(srctree)/include/linux/crc32c.h && \
	echo -DPCRING_HAVE_CRC32C_H)
