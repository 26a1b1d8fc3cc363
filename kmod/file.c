// SPDX-License-Identifier: GPL-2.0-only
/*
 * pcring: what may be done with an open device.
 */
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include "core.h"

/* Is there room for one more? 0; -ENODEV; -EBUSY. device->lock held. */
static int pcring_open_may(struct pcring_device *device)
{
	if (device->gone)
		return -ENODEV;
	if ((device->ops->flags & PCRING_OPS_EXCLUSIVE) &&
	    (device->open || device->dying))
		return -EBUSY;
	return 0;
}

/* A hint, without the lock: whoever goes on looks again with it. */
static bool pcring_open_may_now(struct pcring_device *device)
{
	/* One that is open may stay so for ever: no reason to wait. */
	return READ_ONCE(device->gone) || READ_ONCE(device->open) ||
	       !READ_ONCE(device->dying);
}

/* An exclusive device: wait for a dying ctx, but not for one that is open. */
static int pcring_open_wait(struct pcring_device *device, struct file *file)
{
	if (!(device->ops->flags & PCRING_OPS_EXCLUSIVE) ||
	    (file->f_flags & O_NONBLOCK))
		return 0;
	return wait_event_interruptible(device->wait,
					pcring_open_may_now(device))
		       ? -EINTR
		       : 0;
}

static int pcring_open_ctx(struct pcring_device *device, struct file *file)
{
	struct pcring_ctx *ctx;
	int err;

	err = pcring_open_may(device);
	if (err)
		return err;
	ctx = pcring_ctx_create(device);
	if (IS_ERR(ctx))
		return PTR_ERR(ctx);
	ctx->id = device->last_id + 1;
	if (device->ops->open) {
		err = device->ops->open(ctx);
		if (err) {
			pcring_ctx_put(ctx);
			return err;
		}
	}
	device->last_id++;
	device->open++;
	list_add_tail(&ctx->node, &device->ctxs);
	file->private_data = ctx;
	return 0;
}

static int pcring_open(struct inode *inode, struct file *file)
{
	struct pcring_device *device =
		container_of(inode->i_cdev, struct pcring_device, cdev);
	int err;

	err = pcring_open_wait(device, file);
	if (err)
		return err;
	mutex_lock(&device->lock);
	if (device->gone) {
		err = -ENODEV;
	} else if (!try_module_get(device->ops->owner)) {
		err = -ENODEV;
	} else {
		err = pcring_open_ctx(device, file);
		if (err)
			module_put(device->ops->owner);
	}
	mutex_unlock(&device->lock);
	return err ?: nonseekable_open(inode, file);
}

static int pcring_release(struct inode *inode, struct file *file)
{
	pcring_ctx_close(file->private_data);
	return 0;
}

static __poll_t pcring_poll(struct file *file, poll_table *table)
{
	struct pcring_ctx *ctx = file->private_data;

	poll_wait(file, &ctx->wait, table);
	if (pcring_ctx_is_set_up(ctx))
		return pcring_ctx_poll(ctx);
	if (READ_ONCE(ctx->device->gone))
		return EPOLLHUP | EPOLLERR;
	return 0;
}

/* The area at @offset, which has to be met exactly. */
static struct pcring_area *pcring_area_at(struct pcring_ctx *ctx, u64 offset)
{
	u64 slot = offset >> PCRING_AREA_SHIFT;
	struct pcring_ring *ring;

	if (!slot || offset != slot << PCRING_AREA_SHIFT ||
	    (slot - 1) / 2 >= ctx->nr_rings)
		return NULL;
	ring = ctx->rings[(slot - 1) / 2];
	return slot % 2 ? &ring->prod_area : &ring->cons_area;
}

static int pcring_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct pcring_ctx *ctx = file->private_data;
	u64 len = vma->vm_end - vma->vm_start;
	struct pcring_area *area;
	int err;

	if (!pcring_ctx_is_set_up(ctx))
		return pcring_ctx_refuse(ctx, -EINVAL, "mmap: before SETUP");
	if (pcring_ctx_is_rw(ctx))
		return pcring_ctx_refuse(ctx, -EBUSY,
					 "mmap: the ctx is read and written");
	area = vma->vm_pgoff >> (64 - PAGE_SHIFT)
		       ? NULL
		       : pcring_area_at(ctx, (u64)vma->vm_pgoff << PAGE_SHIFT);
	if (!area)
		return pcring_ctx_refuse(
			ctx, -EINVAL,
			"mmap: offset %#llx: nothing of this ctx begins there",
			(u64)vma->vm_pgoff << PAGE_SHIFT);
	if (len != pcring_area_len(area))
		return pcring_ctx_refuse(ctx, -EINVAL,
					 "mmap: length %llu: it is %llu", len,
					 pcring_area_len(area));
	err = pcring_area_mmap(area, vma);
	if (err == -EPERM)
		pcring_ctx_refuse(
			ctx, err, "mmap: offset %#llx: %s", area->offset,
			area->user_writes
				? "not to be executed"
				: "the kernel writes it: shared and read-only");
	if (err == -EINVAL)
		pcring_ctx_refuse(ctx, err, "mmap: offset %#llx: not shared",
				  area->offset);
	return err;
}

static int pcring_fsync(struct file *file, loff_t start, loff_t end,
			int datasync)
{
	struct pcring_ctx *ctx = file->private_data;

	/* Nothing was submitted, so nothing is waited for. */
	if (!pcring_ctx_is_set_up(ctx))
		return 0;
	return pcring_ctx_alive(ctx) ?: pcring_flush(ctx);
}

const struct file_operations pcring_fops = {
	.owner = THIS_MODULE,
	.open = pcring_open,
	.release = pcring_release,
	.unlocked_ioctl = pcring_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.mmap = pcring_mmap,
	.poll = pcring_poll,
	.read_iter = pcring_read,
	.write_iter = pcring_write,
	.fsync = pcring_fsync,
	.llseek = noop_llseek,
};
