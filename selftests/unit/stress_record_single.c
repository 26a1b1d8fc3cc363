// SPDX-License-Identifier: GPL-2.0-only
#define STRESS_PRODUCERS 1U
#define STRESS_CLASS PCRING_PRODUCERS_SINGLE
#define STRESS_POLICY PCRING_POLICY_BLOCK
#define STRESS_FLAGS 0
#include "stress_record.h"
