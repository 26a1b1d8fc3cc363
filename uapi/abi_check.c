// SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note
/* The ABI check as a translation unit: it compiles, or the ABI is another. */
#include "abi_check.h"
