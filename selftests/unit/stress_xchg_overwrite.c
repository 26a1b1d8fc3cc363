// SPDX-License-Identifier: GPL-2.0-only
#define STRESS_POLICY PCRING_POLICY_OVERWRITE
#include "stress_xchg.h"
