// SPDX-License-Identifier: GPL-2.0-only
/*
 * pcring: the module, its parameters.
 */
#include <linux/module.h>
#include "core.h"

unsigned int pcring_max_spin_us = 1000;
module_param_named(max_spin_us, pcring_max_spin_us, uint, 0644);
MODULE_PARM_DESC(max_spin_us,
		 "microseconds a worker may look before it sleeps (1000)");

unsigned int pcring_drain_ms = 1000;
module_param_named(drain_ms, pcring_drain_ms, uint, 0644);
MODULE_PARM_DESC(drain_ms,
		 "milliseconds a dying ctx may drain that did not say (1000)");

unsigned int pcring_max_drain_ms = 60000;
module_param_named(max_drain_ms, pcring_max_drain_ms, uint, 0644);
MODULE_PARM_DESC(max_drain_ms,
		 "milliseconds a dying ctx may drain at most (60000)");

unsigned int pcring_max_user_ctxs = 1024;
module_param_named(max_user_ctxs, pcring_max_user_ctxs, uint, 0644);
MODULE_PARM_DESC(max_user_ctxs, "ctxs a user may have, open and dying (1024)");

unsigned long pcring_max_user_bytes = 1UL << 30;
module_param_named(max_user_bytes, pcring_max_user_bytes, ulong, 0644);
MODULE_PARM_DESC(max_user_bytes,
		 "bytes of rings and pools a user may have (1 GiB)");

unsigned long long pcring_start;
module_param_named(start, pcring_start, ullong, 0644);
MODULE_PARM_DESC(
	start,
	"for tests: position at which rings start, of records its multiple of 8 (0)");

struct workqueue_struct *pcring_wq;
struct workqueue_struct *pcring_kick_wq;

static int __init pcring_init(void)
{
	int err;

	/* A dying ctx sleeps in its work: none may wait for another's. */
	pcring_wq = alloc_workqueue("pcring", WQ_UNBOUND, WQ_MAX_ACTIVE);
	if (!pcring_wq)
		return -ENOMEM;
	/* And who tells of free blocks waits for none of those. */
	pcring_kick_wq = alloc_workqueue("pcring_kick", WQ_UNBOUND, 0);
	if (!pcring_kick_wq) {
		destroy_workqueue(pcring_wq);
		return -ENOMEM;
	}
	pcring_debugfs_init();
	err = pcring_device_init();
	if (err)
		goto out_destroy_wq;
	return 0;

out_destroy_wq:
	pcring_debugfs_exit();
	destroy_workqueue(pcring_kick_wq);
	destroy_workqueue(pcring_wq);
	return err;
}

static void __exit pcring_exit(void)
{
	/* Its works hold the module; the last is only still returning. */
	destroy_workqueue(pcring_wq);
	destroy_workqueue(pcring_kick_wq);
	pcring_device_exit();
	pcring_debugfs_exit();
}

module_init(pcring_init);
module_exit(pcring_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Producer-consumer rings between drivers and userspace");
