// SPDX-License-Identifier: GPL-2.0-only
/*
 * pcring_adc: /dev/pcring/adc0 and following. What they do is told in
 * <linux/pcring_adc.h>. A simulated converter: a model of a driver that streams,
 * records or blocks, from a thread or from an interrupt.
 *
 * Its devices are platform devices, so that one can be pulled out at any time:
 *
 *   echo pcring_adc.0 > /sys/bus/platform/drivers/pcring_adc/unbind
 */
#include <linux/err.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/slab.h>

#include "adc.h"

#define ADC_MAX_DEVICES 8U
#define ADC_MAX_RATE_HZ 1000000U
#define ADC_MAX_BURST 1024U

/* ---- what a program may ask for --------------------------------------------- */

static int adc_check_reserved(struct pcring_ctx *ctx,
			      const struct pcring_adc_config *config)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(config->reserved); i++)
		if (config->reserved[i])
			return pcring_ctx_refuse(ctx, -EINVAL,
						 "reserved[%u] %llu: not zero",
						 i, config->reserved[i]);
	return 0;
}

static int adc_check_fields(struct pcring_ctx *ctx,
			    const struct pcring_adc_config *config)
{
	if (config->rate_hz > ADC_MAX_RATE_HZ)
		return pcring_ctx_refuse(ctx, -EINVAL, "rate_hz %llu: above %u",
					 config->rate_hz, ADC_MAX_RATE_HZ);
	if (config->context > PCRING_ADC_HRTIMER)
		return pcring_ctx_refuse(ctx, -EINVAL, "context %u: unknown",
					 config->context);
	if (config->burst > ADC_MAX_BURST)
		return pcring_ctx_refuse(ctx, -EINVAL, "burst %u: above %u",
					 config->burst, ADC_MAX_BURST);
	if (config->item_size &&
	    config->item_size < sizeof(struct pcring_adc_item))
		return pcring_ctx_refuse(
			ctx, -EINVAL, "item_size %u: below %zu",
			config->item_size, sizeof(struct pcring_adc_item));
	return 0;
}

static int adc_check_timer(struct pcring_ctx *ctx,
			   const struct pcring_adc_config *config)
{
	u64 bytes = (u64)config->item_size * (config->burst ?: 1);

	if (config->context != PCRING_ADC_HRTIMER)
		return 0;
	if (!config->rate_hz)
		return pcring_ctx_refuse(ctx, -EINVAL,
					 "rate_hz 0: not with HRTIMER");
	if (config->timeout_ms)
		return pcring_ctx_refuse(ctx, -EINVAL,
					 "timeout_ms %u: HRTIMER does not wait",
					 config->timeout_ms);
	if (bytes > ADC_TICK_BYTES)
		return pcring_ctx_refuse(
			ctx, -EINVAL,
			"item_size %u: %llu bytes a tick, HRTIMER: at most %u",
			config->item_size, bytes, ADC_TICK_BYTES);
	return 0;
}

static int adc_configure(struct pcring_ctx *ctx, const void *payload)
{
	struct adc *adc = pcring_ctx_priv(ctx);
	int err;

	err = adc_check_reserved(ctx, payload);
	if (!err)
		err = adc_check_fields(ctx, payload);
	if (!err)
		err = adc_check_timer(ctx, payload);
	if (err)
		return err;
	adc->config = *(const struct pcring_adc_config *)payload;
	if (!adc->config.burst)
		adc->config.burst = 1;
	return 0;
}

static u32 adc_count(const struct pcring_ring_desc *rings, u32 nr_rings,
		     u32 kind)
{
	u32 count = 0, i;

	for (i = 0; i < nr_rings; i++)
		count += rings[i].kind == kind;
	return count;
}

/* One ring to produce into, and a FREE ring if its items are blocks. */
static int adc_setup(struct pcring_ctx *ctx, struct pcring_ring_desc *rings,
		     u32 nr_rings)
{
	u32 cqs = adc_count(rings, nr_rings, PCRING_KIND_CQ);
	u32 frees = adc_count(rings, nr_rings, PCRING_KIND_FREE);
	u32 records = adc_count(rings, nr_rings, PCRING_KIND_REC_OUT);
	const struct adc *adc = pcring_ctx_priv(ctx);
	u32 size = adc->config.item_size;

	if (cqs + records != 1)
		return pcring_ctx_refuse(ctx, -EINVAL,
					 "%u CQs and %u REC_OUTs: one in all",
					 cqs, records);
	if (frees != cqs)
		return pcring_ctx_refuse(ctx, -EINVAL,
					 "%u FREE rings: %u are wanted", frees,
					 cqs);
	if (records && size > rings[0].entries / 4)
		return pcring_ctx_refuse(ctx, -EINVAL,
					 "ring 0: item_size %u: above %u", size,
					 rings[0].entries / 4);
	return 0;
}

/* ---- a ctx ------------------------------------------------------------------ */

static const struct pcring_ring_desc adc_defaults[] = {
	{ .kind = PCRING_KIND_REC_OUT, .entries = 1 << 20, .pool_fd = -1 },
};

static int adc_open(struct pcring_ctx *ctx)
{
	struct adc *adc = kzalloc(sizeof(*adc), GFP_KERNEL_ACCOUNT);

	if (!adc)
		return -ENOMEM;
	adc->config.rate_hz = 1000;
	adc->config.burst = 1;
	adc_run_init(adc);
	pcring_ctx_set_priv(ctx, adc);
	return 0;
}

static int adc_start(struct pcring_ctx *ctx)
{
	struct adc_device *device = pcring_ctx_device_priv(ctx);
	struct adc *adc = pcring_ctx_priv(ctx);

	adc->ring = pcring_ctx_ring(ctx, PCRING_KIND_REC_OUT, 0);
	if (!adc->ring)
		adc->ring = pcring_ctx_ring(ctx, PCRING_KIND_CQ, 0);
	adc->truth = adc_truth_add(device, pcring_ctx_id(ctx));
	if (!adc->truth)
		return -ENOMEM;
	return adc_run(adc, device->name);
}

static void adc_shutdown(struct pcring_ctx *ctx)
{
	adc_rest(pcring_ctx_priv(ctx));
}

static void adc_release(struct pcring_ctx *ctx)
{
	struct adc *adc = pcring_ctx_priv(ctx);

	adc_run_end(adc);
	kfree(adc);
}

static const struct pcring_ops adc_ops = {
	.version = PCRING_OPS_VERSION,
	.flags = PCRING_OPS_EXCLUSIVE,
	.owner = THIS_MODULE,
	.driver = "pcring_adc",
	.kinds = BIT(PCRING_KIND_REC_OUT) | BIT(PCRING_KIND_CQ) |
		 BIT(PCRING_KIND_FREE),
	.policies = BIT(PCRING_POLICY_BLOCK) | BIT(PCRING_POLICY_DROP_NEW),
	.config_size = sizeof(struct pcring_adc_config),
	.defaults = adc_defaults,
	.nr_defaults = ARRAY_SIZE(adc_defaults),
	.open = adc_open,
	.configure = adc_configure,
	.setup = adc_setup,
	.start = adc_start,
	.shutdown = adc_shutdown,
	.release = adc_release,
	.stop = adc_stop,
	.resume = adc_resume,
};

/* ---- devices ---------------------------------------------------------------- */

/* Ops may be called before the registration returns: all else is there by then. */
static int adc_probe(struct platform_device *pdev)
{
	struct adc_device *device;

	device = devm_kzalloc(&pdev->dev, sizeof(*device), GFP_KERNEL);
	if (!device)
		return -ENOMEM;
	snprintf(device->name, sizeof(device->name), "adc%d", pdev->id);
	adc_truths_create(device);
	device->pcring = pcring_device_register(device->name, &pdev->dev,
						&adc_ops, device);
	if (IS_ERR(device->pcring)) {
		adc_truths_destroy(device);
		return PTR_ERR(device->pcring);
	}
	platform_set_drvdata(pdev, device);
	return 0;
}

static void adc_remove(struct platform_device *pdev)
{
	struct adc_device *device = platform_get_drvdata(pdev);

	pcring_device_unregister(device->pcring);
	adc_truths_destroy(device);
}

static struct platform_driver adc_driver = {
	.probe = adc_probe,
	.PCRING_PLATFORM_REMOVE = adc_remove,
	.driver.name = "pcring_adc",
};

static unsigned int devices = 1;
module_param(devices, uint, 0444);
MODULE_PARM_DESC(devices, "how many devices to make, 1 to 8 (1)");

static struct platform_device *adc_devices[ADC_MAX_DEVICES];

static void adc_exit(void)
{
	unsigned int i;

	for (i = 0; i < devices; i++)
		platform_device_unregister(adc_devices[i]);
	platform_driver_unregister(&adc_driver);
	adc_truths_exit();
}

static int __init adc_init(void)
{
	unsigned int i;
	int err;

	if (devices < 1 || devices > ADC_MAX_DEVICES) {
		pr_err("pcring_adc: devices=%u: 1 to %u\n", devices,
		       ADC_MAX_DEVICES);
		return -EINVAL;
	}
	adc_truths_init();
	err = platform_driver_register(&adc_driver);
	if (err) {
		adc_truths_exit();
		return err;
	}
	for (i = 0; i < devices; i++) {
		adc_devices[i] = platform_device_register_simple("pcring_adc",
								 i, NULL, 0);
		if (IS_ERR(adc_devices[i])) {
			err = PTR_ERR(adc_devices[i]);
			adc_exit();
			return err;
		}
	}
	return 0;
}

module_init(adc_init);
module_exit(adc_exit);
MODULE_ALIAS("platform:pcring_adc");
MODULE_DESCRIPTION("pcring: a simulated converter");
MODULE_LICENSE("GPL");
