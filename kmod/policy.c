// SPDX-License-Identifier: GPL-2.0-only
/*
 * pcring: what a driver's producer does when there is no space.
 */
#include <linux/ktime.h>
#include "core.h"

static int pcring_block_full(struct pcring_ring *ring, u32 want, u64 timeout_ns)
{
	if (timeout_ns)
		return pcring_flow_wait(ring, want, timeout_ns);
	return pcring_flow_stop(ring, want, true);
}

static int pcring_drop_new_full(struct pcring_ring *ring, u32 want,
				u64 timeout_ns)
{
	pcring_prod_reject(&ring->prod, 1, PCRING_REASON_FULL, ktime_get_ns());
	/* A reader that waits for more than fits has to hear of it. */
	pcring_ring_notify(ring);
	return 0;
}

/* By enum pcring_policy; those without full() are refused by SETUP. */
const struct pcring_policy_rule pcring_policies[] = {
	[PCRING_POLICY_BLOCK] = {
		.name = "block",
		.full = pcring_block_full,
	},
	[PCRING_POLICY_DROP_NEW] = {
		.name = "drop-new",
		.full = pcring_drop_new_full,
	},
	[PCRING_POLICY_OVERWRITE] = {
		.name = "overwrite",
	},
	[PCRING_POLICY_LATEST] = {
		.name = "latest",
	},
};
