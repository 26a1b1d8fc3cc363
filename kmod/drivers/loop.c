// SPDX-License-Identifier: GPL-2.0-only
/*
 * pcring_loop: /dev/pcring/loop0 and following. What they do is told in
 * <linux/pcring_loop.h>. No hardware: a model of a driver that answers requests,
 * at once or later, and turns records around.
 *
 * Its devices are platform devices, so that one can be pulled out at any time:
 *
 *   echo pcring_loop.0 > /sys/bus/platform/drivers/pcring_loop/unbind
 */
#include <linux/err.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <linux/pcring_loop.h>

#include "loop.h"

#define LOOP_MAX_DEVICES 8U

/* ---- requests answered at once ----------------------------------------------- */

static int loop_crc32c(struct pcring_req *req)
{
	const struct pcring_block *block = &req->block;

	if (!block->data)
		return -EINVAL;
	req->driver[0] = ~crc32c(~0U, block->data, block->len);
	return block->len;
}

/* A request's block begins at its offset: the whole one, before it too. */
static int loop_copy(struct pcring_req *req)
{
	const struct pcring_block *block = &req->block;
	u32 offset = req->sqe->offset;
	u32 size = block->size + offset;
	u64 to = req->sqe->args[0];

	if (!block->data || to > size || block->len > size - to)
		return -EINVAL;
	memmove(block->data - offset + to, block->data, block->len);
	return block->len;
}

static int loop_fail(struct pcring_ctx *ctx, struct pcring_req *req)
{
	u64 error = req->sqe->args[0];
	int err;

	if (error < 1 || error > MAX_ERRNO)
		return -EINVAL;
	if (error != EIOCBQUEUED)
		return -(int)error;
	/* Returned, this one would say that the request was deferred. */
	err = pcring_req_defer(req);
	if (err)
		return err;
	pcring_req_complete(ctx, req->id, -EIOCBQUEUED);
	return -EIOCBQUEUED;
}

static int loop_submit(struct pcring_ctx *ctx, struct pcring_req *req)
{
	switch (PCRING_SQE_OPCODE(req->sqe->ctl)) {
	case PCRING_LOOP_NOP:
		return 0;
	case PCRING_LOOP_CRC32C:
		return loop_crc32c(req);
	case PCRING_LOOP_COPY:
		return loop_copy(req);
	case PCRING_LOOP_FAIL:
		return loop_fail(ctx, req);
	case PCRING_LOOP_DELAY:
		return loop_delay(pcring_ctx_priv(ctx), req);
	}
	return -EOPNOTSUPP;
}

/* ---- records ------------------------------------------------------------------- */

static int loop_record(struct pcring_ctx *ctx, struct pcring_ring *ring,
		       const struct pcring_input *input)
{
	u32 queue = pcring_ring_desc(ring)->queue;
	struct pcring_ring *out;
	int ret;

	out = pcring_ctx_ring(ctx, PCRING_KIND_REC_OUT, queue);
	ret = pcring_ring_write(out, input->data, input->len, input->type, 0);
	/* What REC_OUT rejected was counted and located there. */
	if (ret == 1 || ret == 0 || ret == -EMSGSIZE)
		return 0;
	return ret;
}

/* Nothing more is written when record() says -EAGAIN, and it has. */
static void loop_stop(struct pcring_ring *ring)
{
}

static void loop_resume(struct pcring_ring *ring)
{
	pcring_ctx_kick(pcring_ring_ctx(ring));
}

/* ---- a ctx ----------------------------------------------------------------------- */

static const struct {
	const char *name;
	u32 peer;
} loop_kinds[] = {
	[PCRING_KIND_SQ] = { "SQ", PCRING_KIND_CQ },
	[PCRING_KIND_CQ] = { "CQ", PCRING_KIND_SQ },
	[PCRING_KIND_REC_OUT] = { "REC_OUT", PCRING_KIND_REC_IN },
	[PCRING_KIND_REC_IN] = { "REC_IN", PCRING_KIND_REC_OUT },
};

static const struct pcring_ring_desc loop_defaults[] = {
	{ .kind = PCRING_KIND_REC_IN, .entries = 65536, .pool_fd = -1 },
	{ .kind = PCRING_KIND_REC_OUT, .entries = 65536, .pool_fd = -1 },
};

static int loop_open(struct pcring_ctx *ctx)
{
	struct loop *loop = kzalloc(sizeof(*loop), GFP_KERNEL_ACCOUNT);

	if (!loop)
		return -ENOMEM;
	loop->ctx = ctx;
	loop_delays_init(loop);
	pcring_ctx_set_priv(ctx, loop);
	return 0;
}

static bool loop_has(const struct pcring_ring_desc *rings, u32 nr_rings,
		     u32 kind, u32 queue)
{
	u32 i;

	for (i = 0; i < nr_rings; i++)
		if (rings[i].kind == kind && rings[i].queue == queue)
			return true;
	return false;
}

static int loop_setup(struct pcring_ctx *ctx, struct pcring_ring_desc *rings,
		      u32 nr_rings)
{
	u32 i;

	for (i = 0; i < nr_rings; i++) {
		u32 kind = rings[i].kind, queue = rings[i].queue;
		u32 peer = loop_kinds[kind].peer;

		if (!loop_has(rings, nr_rings, peer, queue))
			return pcring_ctx_refuse(
				ctx, -EINVAL,
				"ring %u: %s without a %s, queue %u", i,
				loop_kinds[kind].name, loop_kinds[peer].name,
				queue);
	}
	return 0;
}

static void loop_release(struct pcring_ctx *ctx)
{
	struct loop *loop = pcring_ctx_priv(ctx);

	loop_delays_end(loop);
	kfree(loop);
}

static const struct pcring_ops loop_ops = {
	.version = PCRING_OPS_VERSION,
	.owner = THIS_MODULE,
	.driver = "pcring_loop",
	.kinds = BIT(PCRING_KIND_SQ) | BIT(PCRING_KIND_CQ) |
		 BIT(PCRING_KIND_REC_IN) | BIT(PCRING_KIND_REC_OUT),
	.policies = BIT(PCRING_POLICY_BLOCK) | BIT(PCRING_POLICY_DROP_NEW),
	.defaults = loop_defaults,
	.nr_defaults = ARRAY_SIZE(loop_defaults),
	.open = loop_open,
	.setup = loop_setup,
	.release = loop_release,
	.submit = loop_submit,
	.cancel = loop_cancel,
	.record = loop_record,
	.stop = loop_stop,
	.resume = loop_resume,
};

/* ---- devices ------------------------------------------------------------------------ */

static int loop_probe(struct platform_device *pdev)
{
	struct pcring_device *device;
	char name[16];

	snprintf(name, sizeof(name), "loop%d", pdev->id);
	device = pcring_device_register(name, &pdev->dev, &loop_ops, NULL);
	if (IS_ERR(device))
		return PTR_ERR(device);
	platform_set_drvdata(pdev, device);
	return 0;
}

static void loop_remove(struct platform_device *pdev)
{
	pcring_device_unregister(platform_get_drvdata(pdev));
}

static struct platform_driver loop_driver = {
	.probe = loop_probe,
	.PCRING_PLATFORM_REMOVE = loop_remove,
	.driver.name = "pcring_loop",
};

static unsigned int devices = 1;
module_param(devices, uint, 0444);
MODULE_PARM_DESC(devices, "how many devices to make, 1 to 8 (1)");

static struct platform_device *loop_devices[LOOP_MAX_DEVICES];

static void loop_exit(void)
{
	unsigned int i;

	for (i = 0; i < devices; i++)
		platform_device_unregister(loop_devices[i]);
	platform_driver_unregister(&loop_driver);
}

static int __init loop_init(void)
{
	unsigned int i;
	int err;

	if (devices < 1 || devices > LOOP_MAX_DEVICES) {
		pr_err("pcring_loop: devices=%u: 1 to %u\n", devices,
		       LOOP_MAX_DEVICES);
		return -EINVAL;
	}
	err = platform_driver_register(&loop_driver);
	if (err)
		return err;
	for (i = 0; i < devices; i++) {
		loop_devices[i] = platform_device_register_simple("pcring_loop",
								  i, NULL, 0);
		if (IS_ERR(loop_devices[i])) {
			err = PTR_ERR(loop_devices[i]);
			loop_exit();
			return err;
		}
	}
	return 0;
}

module_init(loop_init);
module_exit(loop_exit);
MODULE_ALIAS("platform:pcring_loop");
MODULE_DESCRIPTION("pcring: requests and records that come back");
MODULE_LICENSE("GPL");
