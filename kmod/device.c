// SPDX-License-Identifier: GPL-2.0-only
/*
 * pcring: devices: what a driver registers.
 */
#include <linux/export.h>
#include <linux/fs.h>
#include <linux/idr.h>
#include <linux/module.h>
#include <linux/slab.h>
#include "core.h"

#define PCRING_MINORS 256

static dev_t pcring_first;
static DEFINE_IDA(pcring_minors);

static char *pcring_devnode(PCRING_DEVNODE_CONST struct device *dev,
			    umode_t *mode)
{
	if (mode)
		*mode = 0660;
	return kasprintf(GFP_KERNEL, "pcring/%s", dev_name(dev));
}

/* ---- what sysfs tells ----------------------------------------------------------- */

static struct pcring_device *to_pcring_device(struct device *dev)
{
	return container_of(dev, struct pcring_device, dev);
}

static ssize_t driver_name_show(struct device *dev,
				struct device_attribute *attr, char *buf)
{
	struct pcring_device *device = to_pcring_device(dev);
	ssize_t len = -ENODEV;

	mutex_lock(&device->lock);
	if (!device->gone)
		len = sysfs_emit(buf, "%s\n", device->ops->driver);
	mutex_unlock(&device->lock);
	return len;
}
static DEVICE_ATTR_RO(driver_name);

static ssize_t open_show(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	return sysfs_emit(buf, "%u\n", READ_ONCE(to_pcring_device(dev)->open));
}
static DEVICE_ATTR_RO(open);

static ssize_t dying_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	return sysfs_emit(buf, "%u\n", READ_ONCE(to_pcring_device(dev)->dying));
}
static DEVICE_ATTR_RO(dying);

static struct attribute *pcring_attrs[] = {
	&dev_attr_driver_name.attr,
	&dev_attr_open.attr,
	&dev_attr_dying.attr,
	NULL,
};
ATTRIBUTE_GROUPS(pcring);

static struct class pcring_class = {
	.name = "pcring",
	.dev_groups = pcring_groups,
	.devnode = pcring_devnode,
};

/* ---- registering ------------------------------------------------------------------ */

static void pcring_device_free(struct device *dev)
{
	struct pcring_device *device = to_pcring_device(dev);

	xa_destroy(&device->workers);
	ida_free(&pcring_minors, device->minor);
	kfree(device);
}

static int pcring_ops_check(const char *name, const struct pcring_ops *ops)
{
	const char *wrong = NULL;

	if (!name || !*name || strlen(name) > 31 || strchr(name, '/'))
		wrong = "the name";
	else if (ops->version != PCRING_OPS_VERSION)
		wrong = "ops->version";
	else if (!ops->driver || strlen(ops->driver) > 31)
		wrong = "ops->driver";
	else if (!ops->kinds ||
		 (ops->kinds & ~GENMASK(PCRING_KIND_REC_IN, PCRING_KIND_SQ)))
		wrong = "ops->kinds";
	else if ((ops->kinds & BIT(PCRING_KIND_SQ)) && !ops->submit)
		wrong = "ops->submit, missing with kind SQ,";
	else if ((ops->kinds & BIT(PCRING_KIND_REC_IN)) && !ops->record)
		wrong = "ops->record, missing with kind REC_IN,";
	else if (!ops->stop != !ops->resume)
		wrong = "ops->stop without ops->resume, or the reverse,";
	else if (!ops->config_size != !ops->configure)
		wrong = "ops->configure without ops->config_size, or the reverse,";
	else if (!ops->defaults != !ops->nr_defaults ||
		 ops->nr_defaults > PCRING_MAX_RINGS)
		wrong = "ops->nr_defaults";
	if (!wrong)
		return 0;
	pr_err("%s: %s is not what it should be\n", name ?: "(null)", wrong);
	return -EINVAL;
}

static struct pcring_device *pcring_device_alloc(const char *name,
						 struct device *parent,
						 const struct pcring_ops *ops,
						 void *priv)
{
	struct pcring_device *device = kzalloc(sizeof(*device), GFP_KERNEL);
	int minor;

	if (!device)
		return ERR_PTR(-ENOMEM);
	minor = ida_alloc_max(&pcring_minors, PCRING_MINORS - 1, GFP_KERNEL);
	if (minor < 0) {
		kfree(device);
		return ERR_PTR(minor);
	}
	device->minor = minor;
	device->ops = ops;
	device->priv = priv;
	strscpy(device->name, name, sizeof(device->name));
	mutex_init(&device->lock);
	mutex_init(&device->totals_lock);
	INIT_LIST_HEAD(&device->ctxs);
	init_waitqueue_head(&device->wait);
	xa_init(&device->workers);
	device_initialize(&device->dev);
	device->dev.class = &pcring_class;
	device->dev.parent = parent;
	device->dev.release = pcring_device_free;
	device->dev.devt = MKDEV(MAJOR(pcring_first), minor);
	cdev_init(&device->cdev, &pcring_fops);
	device->cdev.owner = THIS_MODULE;
	return device;
}

struct pcring_device *pcring_device_register(const char *name,
					     struct device *parent,
					     const struct pcring_ops *ops,
					     void *priv)
{
	struct pcring_device *device;
	int err;

	err = pcring_ops_check(name, ops);
	if (err)
		return ERR_PTR(err);
	device = pcring_device_alloc(name, parent, ops, priv);
	if (IS_ERR(device))
		return device;
	err = dev_set_name(&device->dev, "%s", name);
	if (err)
		goto out_put;
	pcring_debugfs_add(device);
	err = cdev_device_add(&device->cdev, &device->dev);
	if (err)
		goto out_debugfs;
	return device;

out_debugfs:
	pcring_debugfs_del(device);
out_put:
	put_device(&device->dev);
	return ERR_PTR(err);
}
EXPORT_SYMBOL_GPL(pcring_device_register);

/* One that the driver still knows, with a reference; NULL: none. */
static struct pcring_ctx *pcring_device_next(struct pcring_device *device)
{
	struct pcring_ctx *ctx;

	mutex_lock(&device->lock);
	list_for_each_entry(ctx, &device->ctxs, node) {
		if (test_bit(PCRING_CTX_RELEASED, &ctx->flags))
			continue;
		kref_get(&ctx->ref);
		mutex_unlock(&device->lock);
		return ctx;
	}
	mutex_unlock(&device->lock);
	return NULL;
}

void pcring_device_unregister(struct pcring_device *device)
{
	struct pcring_ctx *ctx;

	if (IS_ERR_OR_NULL(device))
		return;
	mutex_lock(&device->lock);
	device->gone = true;
	mutex_unlock(&device->lock);
	wake_up_all(&device->wait);
	cdev_device_del(&device->cdev, &device->dev);
	while ((ctx = pcring_device_next(device))) {
		pcring_ctx_unplug(ctx);
		pcring_ctx_put(ctx);
	}
	pcring_debugfs_del(device);
	put_device(&device->dev);
}
EXPORT_SYMBOL_GPL(pcring_device_unregister);

struct device *pcring_device_dev(struct pcring_device *device)
{
	return &device->dev;
}
EXPORT_SYMBOL_GPL(pcring_device_dev);

int pcring_device_init(void)
{
	int err;

	err = alloc_chrdev_region(&pcring_first, 0, PCRING_MINORS, "pcring");
	if (err)
		return err;
	err = class_register(&pcring_class);
	if (err)
		unregister_chrdev_region(pcring_first, PCRING_MINORS);
	return err;
}

void pcring_device_exit(void)
{
	class_unregister(&pcring_class);
	unregister_chrdev_region(pcring_first, PCRING_MINORS);
	ida_destroy(&pcring_minors);
}
