// SPDX-License-Identifier: GPL-2.0-only
/*
 * pcring: whose a block is. Owner and generation stand in memory that no user
 * reaches; each change of hands is one step under the pool's lock, refused if the
 * block is not where the step begins.
 *
 *   FREE   -> KERNEL   pcring_block_get()
 *   KERNEL -> FREE     pcring_block_to_free()
 *   KERNEL -> USER     pcring_block_to_user(), the generation goes up by one
 *   USER   -> FREE     pcring_block_from_user(), of a FREE entry or a PUT
 *   USER   -> KERNEL   pcring_block_from_user(), of an SQE
 */
#include <linux/module.h>
#include "core.h"

void *pcring_block_data(const struct pcring_pool *pool, u32 index)
{
	return pool->area.addr + (u64)index * pool->block_size;
}

/* Under the lock. */
static void __pcring_block_free(struct pcring_pool *pool, u32 index)
{
	pool->owners[index].where = PCRING_BLOCK_FREE;
	pool->owners[index].ctx = NULL;
	pool->stack[pool->free++] = index;
}

/**
 * pcring_block_from_user() - take a block that a user names
 * @pool: the pool.
 * @ctx: who names it.
 * @index: anything.
 * @generation: anything.
 * @free: put it on the stack of free blocks; else it is in the caller's hands.
 *
 * Context: any but NMI.
 * Return: 0; -ESTALE: @ctx does not hold it, or under another generation.
 */
int pcring_block_from_user(struct pcring_pool *pool, struct pcring_ctx *ctx,
			   u32 index, u32 generation, bool free)
{
	struct pcring_owner *owner;
	unsigned long flags;
	int err = -ESTALE;

	if (index >= pool->blocks)
		return -ESTALE;
	owner = &pool->owners[index];
	raw_spin_lock_irqsave(&pool->lock, flags);
	if (owner->where == PCRING_BLOCK_USER && owner->ctx == ctx &&
	    owner->generation == generation) {
		if (free)
			__pcring_block_free(pool, index);
		else
			owner->where = PCRING_BLOCK_KERNEL;
		err = 0;
	}
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	return err;
}

/**
 * pcring_block_to_user() - hand a block over
 * @pool: the pool.
 * @ctx: to whom; the block was held for it.
 * @index: which.
 * @info: what the user finds beside it; its generation is written here.
 * @generation: in: of the hand-over it is held under; out: the new one.
 *
 * The user learns of it by an entry published afterwards.
 *
 * Context: any but NMI.
 * Return: 0; -ESTALE: the kernel does not hold it for @ctx, or holds it anew.
 */
int pcring_block_to_user(struct pcring_pool *pool, struct pcring_ctx *ctx,
			 u32 index, const struct pcring_block_info *info,
			 u32 *generation)
{
	struct pcring_block_info *infos = pool->info_area.addr;
	struct pcring_owner *owner;
	unsigned long flags;
	int err = -ESTALE;

	if (index >= pool->blocks)
		return -ESTALE;
	owner = &pool->owners[index];
	raw_spin_lock_irqsave(&pool->lock, flags);
	if (owner->where == PCRING_BLOCK_KERNEL && owner->ctx == ctx &&
	    owner->generation == *generation) {
		owner->where = PCRING_BLOCK_USER;
		*generation = ++owner->generation;
		infos[index] = *info;
		infos[index].generation = *generation;
		err = 0;
	}
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	return err;
}

/**
 * pcring_block_to_free() - a block the kernel held is not needed
 * @pool: the pool.
 * @ctx: for whom it was held.
 * @index: which.
 * @generation: of the hand-over it is held under.
 *
 * Context: any but NMI.
 * Return: 0; -ESTALE: the kernel does not hold it for @ctx, or holds it anew.
 */
int pcring_block_to_free(struct pcring_pool *pool, struct pcring_ctx *ctx,
			 u32 index, u32 generation)
{
	struct pcring_owner *owner;
	unsigned long flags;
	int err = -ESTALE;

	if (index >= pool->blocks)
		return -ESTALE;
	owner = &pool->owners[index];
	raw_spin_lock_irqsave(&pool->lock, flags);
	if (owner->where == PCRING_BLOCK_KERNEL && owner->ctx == ctx &&
	    owner->generation == generation) {
		__pcring_block_free(pool, index);
		err = 0;
	}
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	return err;
}

/**
 * pcring_block_get() - take a free block
 * @pool: the pool.
 * @ctx: for whom it will be held.
 * @block: written.
 *
 * Context: any but NMI.
 * Return: true; false: none is free.
 */
bool pcring_block_get(struct pcring_pool *pool, struct pcring_ctx *ctx,
		      struct pcring_block *block)
{
	unsigned long flags;
	u32 index;

	raw_spin_lock_irqsave(&pool->lock, flags);
	if (!pool->free) {
		raw_spin_unlock_irqrestore(&pool->lock, flags);
		return false;
	}
	index = pool->stack[--pool->free];
	pool->owners[index].where = PCRING_BLOCK_KERNEL;
	pool->owners[index].ctx = ctx;
	block->generation = pool->owners[index].generation;
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	block->index = index;
	block->data = pcring_block_data(pool, index);
	block->size = pool->block_size;
	block->len = 0;
	return true;
}

/*
 * All that a dead ctx owned, and all that was held for it, comes home; with a new
 * generation, so that nobody who knew the old one can name it.
 */
void pcring_block_home(struct pcring_pool *pool, struct pcring_ctx *ctx)
{
	unsigned long flags;
	u32 i;

	for (i = 0; i < pool->blocks; i++) {
		raw_spin_lock_irqsave(&pool->lock, flags);
		if (pool->owners[i].ctx == ctx) {
			pool->owners[i].generation++;
			__pcring_block_free(pool, i);
		}
		raw_spin_unlock_irqrestore(&pool->lock, flags);
		cond_resched();
	}
}

/* How many @ctx owns, and how many are the kernel's. */
void pcring_pool_count(struct pcring_pool *pool, const struct pcring_ctx *ctx,
		       u64 *of_user, u64 *of_kernel)
{
	u32 i;

	for (i = 0; i < pool->blocks; i++) {
		const struct pcring_owner *owner = &pool->owners[i];

		/* A count of what changes: no lock makes it truer. */
		if (READ_ONCE(owner->where) != PCRING_BLOCK_USER)
			(*of_kernel)++;
		else if (READ_ONCE(owner->ctx) == ctx)
			(*of_user)++;
	}
}
