// SPDX-License-Identifier: LGPL-2.1-only OR MIT
/*
 * libpcring: who owns which block.
 *
 * At the server this table decides, and the client cannot reach it. At a client
 * of PCRING_POOL_USER it only keeps the free ones.
 */
#include "pcring_impl.h"

#define PCRING_FREE_BATCH 64U

int pcring_pool_new(struct pcring_ctx *ctx)
{
	struct pcring_pool *pool = calloc(1, sizeof(*pool));
	bool mine;
	__u32 i;

	if (!pool)
		return pcring_fail(-ENOMEM, "pool: no memory");
	ctx->pool = pool;
	pool->ctx = ctx;
	pool->block_size = ctx->pool_desc.block_size;
	pool->blocks = ctx->pool_desc.blocks;
	pool->flags = ctx->pool_desc.flags;
	pool->owner = calloc(pool->blocks, sizeof(*pool->owner));
	pool->generation = calloc(pool->blocks, sizeof(*pool->generation));
	pool->free = calloc(pool->blocks, sizeof(*pool->free));
	pool->posted = calloc(pool->blocks, sizeof(*pool->posted));
	if (!pool->owner || !pool->generation || !pool->free || !pool->posted)
		return pcring_fail(-ENOMEM, "pool: %u blocks", pool->blocks);
	mine = ctx->server == !(pool->flags & PCRING_POOL_USER);
	for (i = 0; i < pool->blocks; i++)
		pool->owner[i] = mine ? PCRING_OWNER_FREE : PCRING_OWNER_USER;
	/* The lowest is taken first. */
	for (i = pool->blocks; mine && i > 0; i--)
		pool->free[pool->nr_free++] = i - 1;
	return 0;
}

void pcring_pool_drop(struct pcring_pool *pool)
{
	if (!pool)
		return;
	pcring_map_drop(&pool->map);
	pcring_map_drop(&pool->info_map);
	free(pool->owner);
	free(pool->generation);
	free(pool->free);
	free(pool->posted);
	free(pool);
}

/* Caller holds the lock. The block is on the free list from here on. */
static void __pcring_block_free(struct pcring_pool *pool, __u32 index)
{
	pool->owner[index] = PCRING_OWNER_FREE;
	pool->posted[index] = 0;
	pool->free[pool->nr_free++] = index;
}

/*
 * Caller holds the lock. A block put by exchange is the client's to give back once
 * it has taken it out of its slot; else it would own block and slot at once.
 */
bool __pcring_block_claimed(struct pcring_pool *pool, __u32 index)
{
	struct pcring_ring_impl *ring;
	__u64 posted = pool->posted[index];

	if (!posted)
		return true;
	ring = &pool->ctx->rings[(posted >> 32) - 1];
	if (!pcring_xchg_returned(ring->words, ring->mine, (__u32)posted,
				  index))
		return false;
	pool->posted[index] = 0;
	return true;
}

/* Caller holds the lock. One entry of FREE: is it the user's to give? */
static bool __pcring_block_back(struct pcring_pool *pool,
				const struct pcring_free *entry)
{
	__u32 index = entry->block & PCRING_ENTRY_VALUE;

	if (index >= pool->blocks || (entry->block & PCRING_ENTRY_SPECIAL) ||
	    pool->owner[index] != PCRING_OWNER_USER ||
	    pool->generation[index] != entry->generation ||
	    !__pcring_block_claimed(pool, index))
		return false;
	__pcring_block_free(pool, index);
	return true;
}

/* Caller holds the lock. Take what one FREE ring brings. */
static int __pcring_pool_drain(struct pcring_pool *pool,
			       struct pcring_ring_impl *ring)
{
	struct pcring_free entries[PCRING_FREE_BATCH];
	int i, got;

	if (ring->ended)
		return 0;
	/* At most what the pool has at once: a client cannot keep us here. */
	for (__u32 done = 0; done <= pool->blocks; done += (__u32)got) {
		got = pcring_cons_pop(&ring->cons, entries, PCRING_FREE_BATCH,
				      sizeof(entries[0]));
		if (got < 0)
			return pcring_ctx_bad(pool->ctx, "prod of FREE");
		for (i = 0; i < got; i++)
			if (!__pcring_block_back(pool, &entries[i]))
				pcring_count(&ring->cons.own->counts.stale, 1);
		if (got &&
		    pcring_cons_release(&ring->cons, (__u32)got, (__u32)got))
			pcring_end_wake(ring);
		if (!got)
			break;
	}
	if (pcring_cons_publish(&ring->cons))
		pcring_end_wake(ring);
	return 0;
}

/* Caller holds the lock. The client is dead: what it had comes home. */
static void __pcring_pool_home(struct pcring_pool *pool)
{
	struct pcring_ctx *ctx = pool->ctx;
	__u32 i, k;

	for (i = 0; i < ctx->nr_rings; i++) {
		struct pcring_ring_impl *ring = &ctx->rings[i];

		if (!ring->words)
			continue;
		pcring_ring_settle_prod(ring);
		for (k = 0; k < ring->prod.entries; k++)
			pcring_exchange(&ring->words[k], PCRING_XCHG_EMPTY);
	}
	for (i = 0; i < pool->blocks; i++)
		if (pool->owner[i] == PCRING_OWNER_USER) {
			__pcring_block_free(pool, i);
			pool->came_home++;
		}
}

/* Caller holds the lock. */
static int __pcring_pool_collect(struct pcring_pool *pool)
{
	struct pcring_ctx *ctx = pool->ctx;
	bool gone = pcring_ctx_look(ctx); /* before: nothing is missed */
	__u32 i;
	int err;

	if (!ctx->server)
		return 0;
	for (i = 0; i < ctx->nr_rings; i++) {
		if (ctx->descs[i].kind != PCRING_KIND_FREE ||
		    pcring_load(&ctx->corrupt))
			continue;
		err = __pcring_pool_drain(pool, &ctx->rings[i]);
		if (err && !gone)
			return err;
		if (gone && !err)
			pcring_ring_settle_cons(&ctx->rings[i]);
	}
	if (gone)
		__pcring_pool_home(pool);
	return 0;
}

int pcring_pool_free(struct pcring_pool *pool)
{
	int err;

	pcring_lock_take(&pool->lock);
	err = __pcring_pool_collect(pool);
	if (!err)
		err = (int)pool->nr_free;
	pcring_lock_drop(&pool->lock);
	return err;
}

__u32 pcring_pool_blocks(const struct pcring_pool *pool)
{
	return pool->blocks;
}

int pcring_pool_fd(const struct pcring_pool *pool)
{
	int fd = pcring_dev_pool_fd(pool->ctx);

	if (fd < 0)
		return pcring_fail(-EOPNOTSUPP,
				   "pool: only a device's has an fd");
	return fd;
}

void pcring_pool_stats(struct pcring_pool *pool, struct pcring_stats *stats)
{
	__u32 i;

	pcring_lock_take(&pool->lock);
	if (pool->ctx->server)
		__pcring_pool_collect(pool);
	for (i = 0; pool->ctx->server && i < pool->blocks; i++)
		if (pool->owner[i] == PCRING_OWNER_USER)
			stats->blocks_user++;
		else
			stats->blocks_kernel++;
	pcring_lock_drop(&pool->lock);
}

/* ---- blocks --------------------------------------------------------------- */

static void pcring_block_fill(const struct pcring_pool *pool,
			      struct pcring_block *block, __u32 index,
			      __u32 generation)
{
	memset(block, 0, sizeof(*block));
	block->index = index;
	block->generation = generation;
	block->data = pool->map.base + (size_t)index * pool->block_size;
	block->size = pool->block_size;
}

int pcring_block_take(struct pcring_pool *pool, struct pcring_block *block)
{
	__u32 index;
	int err = 0;

	if (!pool->ctx->server && !(pool->flags & PCRING_POOL_USER))
		return pcring_fail(-EINVAL,
				   "pool: its blocks are the server's");
	pcring_lock_take(&pool->lock);
	if (!pool->nr_free)
		err = __pcring_pool_collect(pool);
	if (!err && !pool->nr_free)
		err = pcring_fail(-ENOSPC, "pool: all %u blocks are in use",
				  pool->blocks);
	if (!err) {
		index = pool->free[--pool->nr_free];
		pool->owner[index] = PCRING_OWNER_SELF;
		pcring_block_fill(pool, block, index, pool->generation[index]);
	}
	pcring_lock_drop(&pool->lock);
	return err;
}

static int pcring_block_give(struct pcring_pool *pool,
			     const struct pcring_block *block)
{
	struct pcring_ring *ring =
		pcring_ctx_find(pool->ctx, PCRING_KIND_FREE, 0);
	struct pcring_free entry = { block->index, block->generation };
	int got;

	if (!ring && pool->ctx->via->put)
		return pool->ctx->via->put(pool, &entry);
	if (!ring || !ring->prod)
		return pcring_fail(-EINVAL, "pool: no FREE ring");
	got = pcring_ring_push(ring, &entry, 1);
	return got < 0 ? got : 0;
}

int pcring_block_put(struct pcring_pool *pool, const struct pcring_block *block)
{
	bool server = pool->ctx->server;
	int err = 0;

	if (block->index >= pool->blocks)
		return pcring_fail(-ESTALE, "block %u: the pool has %u",
				   block->index, pool->blocks);
	if (!server && !(pool->flags & PCRING_POOL_USER))
		return pcring_block_give(pool, block);
	pcring_lock_take(&pool->lock);
	if (pool->owner[block->index] == PCRING_OWNER_FREE ||
	    (server && (pool->owner[block->index] != PCRING_OWNER_SELF ||
			pool->generation[block->index] != block->generation))) {
		err = pcring_fail(-ESTALE, "block %u, generation %u: not held",
				  block->index, block->generation);
	} else {
		/* A client's: as the server's CQE has it. */
		pool->generation[block->index] = block->generation;
		__pcring_block_free(pool, block->index);
	}
	pcring_lock_drop(&pool->lock);
	return err;
}

int pcring_block_lend(struct pcring_pool *pool,
		      const struct pcring_block *block)
{
	int err;

	if (pool->ctx->server || !(pool->flags & PCRING_POOL_USER))
		return pcring_fail(-EINVAL,
				   "pool: its blocks are the server's");
	err = pcring_block_give(pool, block);
	if (err)
		return err;
	pcring_lock_take(&pool->lock);
	pool->owner[block->index] = PCRING_OWNER_USER;
	pcring_lock_drop(&pool->lock);
	return 0;
}

const struct pcring_block_info *
pcring_block_info(const struct pcring_pool *pool, __u32 index)
{
	return index < pool->blocks ? &pool->info[index] : NULL;
}

int pcring_cqe_block(const struct pcring_pool *pool,
		     const struct pcring_cqe *cqe, struct pcring_block *block)
{
	if (!(cqe->ctl & PCRING_CQE_F_BLOCK) ||
	    (cqe->ctl & PCRING_ENTRY_SPECIAL))
		return 0;
	if (cqe->block >= pool->blocks)
		return pcring_ctx_bad(pool->ctx, "a CQE's block");
	pcring_block_fill(pool, block, cqe->block, cqe->generation);
	if (cqe->res > 0)
		block->len = (__u32)cqe->res < pool->block_size
				     ? (__u32)cqe->res
				     : pool->block_size;
	block->seq = cqe->seq;
	return 1;
}

int pcring_sqe_block(const struct pcring_pool *pool,
		     const struct pcring_sqe *sqe, struct pcring_block *block)
{
	if (!(sqe->ctl & PCRING_SQE_F_BLOCK))
		return 0;
	pcring_block_fill(pool, block, sqe->block, sqe->generation);
	block->data = (unsigned char *)block->data + sqe->offset;
	block->size -= sqe->offset;
	block->len = sqe->len;
	return 1;
}
