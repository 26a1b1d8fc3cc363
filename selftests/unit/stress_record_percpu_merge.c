// SPDX-License-Identifier: GPL-2.0-only
#define STRESS_PRODUCERS 3U
#define STRESS_CLASS PCRING_PRODUCERS_PERCPU
#define STRESS_POLICY PCRING_POLICY_DROP_NEW
#define STRESS_FLAGS 0
#include "stress_record.h"
