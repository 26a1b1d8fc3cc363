// SPDX-License-Identifier: GPL-2.0-only
/*
 * pcring: INFO and CONFIGURE: what a device is, and the driver's own parameters.
 */
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "core.h"

#define PCRING_MAX_PAYLOAD 65536U

void pcring_info(struct pcring_ctx *ctx, struct pcring_info *info)
{
	const struct pcring_ops *ops = ctx->ops;
	u32 size = info->size;
	u32 i;

	memset(info, 0, sizeof(*info));
	info->size = size;
	info->version = PCRING_ABI_VERSION;
	info->features = PCRING_FEAT_ZEROCOPY;
	info->kinds = ops->kinds;
	for (i = 0; i < ARRAY_SIZE(pcring_policies); i++)
		if ((ops->policies & BIT(i)) && pcring_policies[i].full)
			info->policies |= BIT(i);
	info->producers = BIT(PCRING_PRODUCERS_SINGLE);
	info->config_size = ops->config_size;
	info->max_rings = PCRING_MAX_RINGS;
	info->max_entries = PCRING_MAX_ENTRIES;
	info->max_bytes = PCRING_MAX_BYTES;
	info->max_blocks = PCRING_MAX_BLOCKS;
	info->max_block_size = PCRING_MAX_BLOCK_SIZE;
	info->block_align = PAGE_SIZE;
	strscpy(info->name, ctx->device->name, sizeof(info->name));
	strscpy(info->driver, ops->driver, sizeof(info->driver));
}

static int pcring_configure_check(struct pcring_ctx *ctx,
				  const struct pcring_configure *configure)
{
	if (!ctx->ops->config_size)
		return pcring_ctx_refuse(
			ctx, -EOPNOTSUPP,
			"configure: payload_size %u: the device takes none",
			configure->payload_size);
	if (configure->flags)
		return pcring_ctx_refuse(ctx, -EINVAL,
					 "configure: flags %#x: unknown",
					 configure->flags);
	if (configure->reserved)
		return pcring_ctx_refuse(ctx, -EINVAL,
					 "configure: reserved %u: not zero",
					 configure->reserved);
	if (!configure->payload_size ||
	    configure->payload_size > PCRING_MAX_PAYLOAD)
		return pcring_ctx_refuse(
			ctx, -EINVAL, "configure: payload_size %u: not 1 to %u",
			configure->payload_size, PCRING_MAX_PAYLOAD);
	if (ctx->nr_rings)
		return pcring_ctx_refuse(ctx, -EBUSY, "configure: after SETUP");
	return 0;
}

/**
 * pcring_configure() - PCRING_IOC_CONFIGURE
 * @ctx: the ctx, its lock held.
 * @configure: the kernel's copy.
 *
 * Return: 0; -EINVAL, -E2BIG, -EBUSY, -EOPNOTSUPP, -EFAULT, -ENOMEM, -ENODEV; what
 * the driver says.
 */
int pcring_configure(struct pcring_ctx *ctx,
		     const struct pcring_configure *configure)
{
	void *payload;
	int err;

	if (READ_ONCE(ctx->device->gone))
		return -ENODEV;
	err = pcring_configure_check(ctx, configure);
	if (err)
		return err;
	payload = kzalloc(ctx->ops->config_size, GFP_KERNEL_ACCOUNT);
	if (!payload)
		return -ENOMEM;
	err = copy_struct_from_user(payload, ctx->ops->config_size,
				    u64_to_user_ptr(configure->payload),
				    configure->payload_size);
	if (err == -E2BIG)
		pcring_ctx_refuse(
			ctx, err,
			"configure: payload_size %u: more than %u, and what is beyond is not zero",
			configure->payload_size, ctx->ops->config_size);
	else if (!err)
		err = ctx->ops->configure(ctx, payload);
	kfree(payload);
	return err;
}
