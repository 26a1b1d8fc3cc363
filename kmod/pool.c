// SPDX-License-Identifier: GPL-2.0-only
/*
 * pcring: pools: blocks of equal size, behind a file of their own.
 *
 * A pool may serve several ctxs of its device. It outlives the ctx that made it for
 * as long as its file, a mapping or another ctx holds it.
 */
#include <linux/anon_inodes.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include "core.h"

static u64 pcring_pool_info_bytes(u32 blocks)
{
	return (u64)blocks * sizeof(struct pcring_block_info);
}

/* Who owns the blocks at first; the lowest index is taken first. */
static int pcring_pool_fill(struct pcring_pool *pool, struct pcring_ctx *ctx,
			    bool users)
{
	u32 i;

	pool->owners =
		kvcalloc(pool->blocks, sizeof(*pool->owners), PCRING_GFP);
	pool->stack =
		kvmalloc_array(pool->blocks, sizeof(*pool->stack), PCRING_GFP);
	if (!pool->owners || !pool->stack)
		return -ENOMEM;
	for (i = 0; i < pool->blocks; i++) {
		if (users) {
			pool->owners[i].where = PCRING_BLOCK_USER;
			pool->owners[i].ctx = ctx;
		} else {
			pool->stack[pool->blocks - 1 - i] = i;
			pool->free++;
		}
	}
	return 0;
}

static int pcring_pool_alloc(struct pcring_pool *pool, struct pcring_ctx *ctx,
			     u32 flags)
{
	u64 bytes = (u64)pool->block_size * pool->blocks;
	u64 info = pcring_pool_info_bytes(pool->blocks);
	int err;

	err = pcring_user_charge(pool->user, bytes + PAGE_ALIGN(info));
	if (err)
		return pcring_ctx_refuse(
			ctx, err,
			"pool: blocks %u of %u bytes: more than max_user_bytes allows",
			pool->blocks, pool->block_size);
	pool->charged = bytes + PAGE_ALIGN(info);
	err = pcring_pool_fill(pool, ctx, flags & PCRING_POOL_USER);
	if (err)
		return err;
	err = pcring_area_create(&pool->area, bytes, 0);
	if (err)
		return err;
	pool->area.offset = PCRING_OFF_BLOCKS;
	pool->area.user_writes = true;
	err = pcring_area_create(&pool->info_area, info, 0);
	pool->info_area.offset = PCRING_OFF_BLOCK_INFO;
	return err;
}

static void pcring_pool_free(struct kref *ref)
{
	struct pcring_pool *pool = container_of(ref, struct pcring_pool, ref);

	pcring_area_destroy(&pool->info_area);
	pcring_area_destroy(&pool->area);
	kvfree(pool->stack);
	kvfree(pool->owners);
	pcring_user_uncharge(pool->user, pool->charged);
	pcring_user_put(pool->user);
	put_device(&pool->device->dev);
	kfree(pool);
}

/* ---- who waits for blocks ------------------------------------------------------ */

static void pcring_pool_kick_work(struct work_struct *work)
{
	struct pcring_pool *pool =
		container_of(work, struct pcring_pool, kick_work);
	struct pcring_ring *ring;

	mutex_lock(&pool->attach);
	list_for_each_entry(ring, &pool->rings, pool_node) {
		if (ring->free)
			pcring_free_collect_all(ring->free);
		pcring_flow_kick(ring);
	}
	mutex_unlock(&pool->attach);
	pcring_pool_put(pool);
}

/* Blocks have become free. Any context but NMI, no lock held that it takes. */
void pcring_pool_kick(struct pcring_pool *pool)
{
	/* Pairs with that of whoever starves: the blocks before the count. */
	smp_mb();
	if (likely(!atomic_read(&pool->starving)))
		return;
	pcring_pool_get(pool);
	if (!queue_work(pcring_kick_wq, &pool->kick_work))
		pcring_pool_put(pool);
}

void pcring_pool_attach(struct pcring_pool *pool, struct pcring_ring *ring)
{
	mutex_lock(&pool->attach);
	list_add_tail(&ring->pool_node, &pool->rings);
	mutex_unlock(&pool->attach);
}

/* After this nobody else kicks @ring. */
void pcring_pool_detach(struct pcring_pool *pool, struct pcring_ring *ring)
{
	mutex_lock(&pool->attach);
	list_del_init(&ring->pool_node);
	mutex_unlock(&pool->attach);
}

/* ---- its life --------------------------------------------------------------------- */

void pcring_pool_get(struct pcring_pool *pool)
{
	kref_get(&pool->ref);
}

void pcring_pool_put(struct pcring_pool *pool)
{
	if (pool)
		kref_put(&pool->ref, pcring_pool_free);
}

/**
 * pcring_pool_create() - blocks, zeroed and charged to the ctx's user
 * @ctx: for whom; with PCRING_POOL_USER their first owner.
 * @flags: PCRING_POOL_*, checked.
 * @block_size: bytes, whole pages.
 * @blocks: 1 to PCRING_MAX_BLOCKS.
 *
 * Return: the pool, one reference the caller's; ERR_PTR: -ENOMEM; -EMFILE: more
 * than the user may have; -EINTR.
 */
struct pcring_pool *pcring_pool_create(struct pcring_ctx *ctx, u32 flags,
				       u32 block_size, u32 blocks)
{
	struct pcring_pool *pool;
	int err;

	pool = kzalloc(sizeof(*pool), GFP_KERNEL_ACCOUNT);
	if (!pool)
		return ERR_PTR(-ENOMEM);
	kref_init(&pool->ref);
	raw_spin_lock_init(&pool->lock);
	mutex_init(&pool->attach);
	INIT_LIST_HEAD(&pool->rings);
	INIT_WORK(&pool->kick_work, pcring_pool_kick_work);
	pool->device = ctx->device;
	get_device(&pool->device->dev);
	pool->user = ctx->user;
	pcring_user_hold(pool->user);
	pool->block_size = block_size;
	pool->blocks = blocks;
	err = pcring_pool_alloc(pool, ctx, flags);
	if (err) {
		pcring_pool_put(pool);
		return ERR_PTR(err);
	}
	return pool;
}

/* ---- the file ---------------------------------------------------------------- */

static int pcring_pool_release(struct inode *inode, struct file *file)
{
	pcring_pool_put(file->private_data);
	return 0;
}

static int pcring_pool_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct pcring_pool *pool = file->private_data;
	u64 len = vma->vm_end - vma->vm_start;
	struct pcring_area *area = &pool->area;
	u64 offset = (u64)vma->vm_pgoff << PAGE_SHIFT;

	if (vma->vm_pgoff > (U64_MAX >> PAGE_SHIFT))
		return -EINVAL;
	if (offset >= pool->info_area.offset)
		area = &pool->info_area;
	offset -= area->offset;
	if (offset > pcring_area_len(area) ||
	    len > pcring_area_len(area) - offset)
		return -EINVAL;
	return pcring_area_mmap(area, vma);
}

const struct file_operations pcring_pool_fops = {
	.owner = THIS_MODULE,
	.release = pcring_pool_release,
	.mmap = pcring_pool_mmap,
	.llseek = noop_llseek,
};

/**
 * pcring_pool_fd() - a file for a pool, and a number for it
 * @pool: the pool; the file takes the caller's reference.
 * @file: written: the file. fd_install() makes it the program's; until then the
 *	caller undoes with fput() and put_unused_fd().
 *
 * Return: the number; a negative errno, and the reference is still the caller's.
 */
int pcring_pool_fd(struct pcring_pool *pool, struct file **file)
{
	struct file *made;
	int fd = get_unused_fd_flags(O_CLOEXEC);

	if (fd < 0)
		return fd;
	made = anon_inode_getfile("[pcring_pool]", &pcring_pool_fops, pool,
				  O_RDWR);
	if (IS_ERR(made)) {
		put_unused_fd(fd);
		return PTR_ERR(made);
	}
	*file = made;
	return fd;
}

/* The pool behind @fd, with a reference; NULL: it is none. */
struct pcring_pool *pcring_pool_get_fd(int fd)
{
	struct pcring_pool *pool = NULL;
	struct file *file = fget(fd);

	if (!file)
		return NULL;
	if (file->f_op == &pcring_pool_fops) {
		pool = file->private_data;
		pcring_pool_get(pool);
	}
	fput(file);
	return pool;
}
