// SPDX-License-Identifier: GPL-2.0-only
/*
 * A thermometer without hardware: ten values a second, each a record. A driver
 * outside pcring's tree; kmod/WRITING-A-DRIVER.md goes through it.
 */
#include <linux/err.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <pcring/pcring.h>

/* What is kept of an open file. */
struct thermo {
	struct pcring_ring *ring;
	struct delayed_work work;
	s32 millidegrees;
};

static void thermo_measure(struct work_struct *work)
{
	struct thermo *t = container_of(work, struct thermo, work.work);
	int ret;

	t->millidegrees = 20000 + (t->millidegrees + 7) % 1000;
	ret = pcring_ring_write(t->ring, &t->millidegrees,
				sizeof(t->millidegrees), PCRING_RECORD_DATA, 0);
	if (ret >= 0) /* taken, or lost and counted */
		schedule_delayed_work(&t->work, HZ / 10);
}

static int thermo_open(struct pcring_ctx *ctx)
{
	struct thermo *t = kzalloc(sizeof(*t), GFP_KERNEL_ACCOUNT);

	if (!t)
		return -ENOMEM;
	INIT_DELAYED_WORK(&t->work, thermo_measure);
	pcring_ctx_set_priv(ctx, t);
	return 0;
}

static int thermo_start(struct pcring_ctx *ctx)
{
	struct thermo *t = pcring_ctx_priv(ctx);

	t->ring = pcring_ctx_ring(ctx, PCRING_KIND_REC_OUT, 0);
	schedule_delayed_work(&t->work, 0);
	return 0;
}

static void thermo_shutdown(struct pcring_ctx *ctx)
{
	struct thermo *t = pcring_ctx_priv(ctx);

	cancel_delayed_work_sync(&t->work);
}

static void thermo_release(struct pcring_ctx *ctx)
{
	kfree(pcring_ctx_priv(ctx));
}

static const struct pcring_ring_desc thermo_rings[] = { {
	.kind = PCRING_KIND_REC_OUT,
	.entries = 4096, /* bytes */
	.policy = PCRING_POLICY_DROP_NEW,
	.pool_fd = -1,
} };

static const struct pcring_ops thermo_ops = {
	.version = PCRING_OPS_VERSION,
	.owner = THIS_MODULE,
	.driver = "thermo",
	.kinds = BIT(PCRING_KIND_REC_OUT),
	.policies = BIT(PCRING_POLICY_DROP_NEW),
	.defaults = thermo_rings,
	.nr_defaults = ARRAY_SIZE(thermo_rings),
	.open = thermo_open,
	.start = thermo_start,
	.shutdown = thermo_shutdown,
	.release = thermo_release,
};

static struct pcring_device *thermo;

static int __init thermo_init(void)
{
	thermo = pcring_device_register("thermo0", NULL, &thermo_ops, NULL);
	return PTR_ERR_OR_ZERO(thermo);
}

static void __exit thermo_exit(void)
{
	pcring_device_unregister(thermo);
}

module_init(thermo_init);
module_exit(thermo_exit);
MODULE_DESCRIPTION("A thermometer for pcring, without hardware");
MODULE_LICENSE("GPL");
