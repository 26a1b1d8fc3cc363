// SPDX-License-Identifier: LGPL-2.1-only OR MIT
/*
 * libpcring: handing blocks over: by CQE, and by exchange.
 */
#include "pcring_impl.h"

/*
 * Caller holds the ring's lock. The block changes hands: from here on it is the
 * client's, under a new generation, and what is said of it does not change.
 */
static void __pcring_block_over(struct pcring_pool *pool,
				const struct pcring_block *block, __u64 seq,
				__s32 error, const __u64 *driver)
{
	struct pcring_block_info *info = &pool->info[block->index];

	info->seq = seq;
	info->time = pcring_now();
	info->len = block->len;
	info->error = error;
	if (driver)
		memcpy(info->driver, driver, sizeof(info->driver));
	pcring_lock_take(&pool->lock);
	info->generation = ++pool->generation[block->index];
	pool->owner[block->index] = PCRING_OWNER_USER;
	pcring_lock_drop(&pool->lock);
}

static bool pcring_block_held(struct pcring_pool *pool, __u32 index,
			      __u32 generation, __u8 owner)
{
	bool held;

	pcring_lock_take(&pool->lock);
	held = index < pool->blocks && pool->owner[index] == owner &&
	       pool->generation[index] == generation;
	pcring_lock_drop(&pool->lock);
	return held;
}

static void pcring_block_home(struct pcring_pool *pool, __u32 index)
{
	pcring_lock_take(&pool->lock);
	pool->owner[index] = PCRING_OWNER_FREE;
	pool->posted[index] = 0;
	pool->free[pool->nr_free++] = index;
	pcring_lock_drop(&pool->lock);
}

/* ---- exchange ------------------------------------------------------------- */

static int pcring_post_xchg(struct pcring_ring_impl *ring,
			    const struct pcring_block *block,
			    const __u64 *driver)
{
	struct pcring_pool *pool = ring->ctx->pool;
	struct pcring_prod *p = &ring->prod;
	__u32 back;
	int err;

	if (!ring->mine) {
		ring->mine = calloc(p->entries, sizeof(*ring->mine));
		if (!ring->mine)
			return pcring_fail(-ENOMEM, "ring: %u slots",
					   p->entries);
	}
	__pcring_block_over(pool, block, pcring_prod_seq(p), 0, driver);
	/* What is given back is looked up in the same books. */
	pcring_lock_take(&pool->lock);
	pool->posted[block->index] = (__u64)(ring->desc - ring->ctx->descs + 1)
					     << 32 |
				     ((__u32)p->prod & p->mask);
	err = pcring_xchg_post(p, ring->words, ring->mine, block->index, &back);
	pcring_lock_drop(&pool->lock);
	if (err)
		return pcring_ctx_bad(ring->ctx, "an exchange word");
	if (back != PCRING_BLOCK_NONE)
		pcring_block_home(pool, back);
	return 1;
}

int pcring_block_claim(struct pcring_ring *handle, struct pcring_block *block)
{
	struct pcring_ring_impl *ring = handle->impl;
	struct pcring_pool *pool = ring->ctx->pool;
	const struct pcring_block_info *info;
	__u32 index;
	int got;

	if (!handle->cons || !ring->words)
		return pcring_fail(-EINVAL, "ring: no blocks to claim from");
	pcring_end_check(ring);
	for (;;) {
		got = ring->ended ? 0
				  : pcring_xchg_claim(&ring->cons, ring->words,
						      pool->blocks, &index);
		if (got == -EAGAIN)
			return got;
		if (got < 0)
			return pcring_ctx_bad(ring->ctx, "an exchange word");
		if (got)
			break;
		got = pcring_ring_empty(ring);
		if (got)
			return got;
	}
	info = &pool->info[index];
	memset(block, 0, sizeof(*block));
	block->index = index;
	block->data = pool->map.base + (size_t)index * pool->block_size;
	block->size = pool->block_size;
	block->generation = pcring_load(&info->generation);
	block->len = pcring_load(&info->len);
	if (block->len > block->size)
		block->len = block->size;
	block->seq = pcring_load(&info->seq);
	block->time = pcring_load(&info->time);
	block->gap = block->seq - ring->next_seq;
	ring->next_seq = block->seq + 1;
	if (block->gap)
		pcring_count(&ring->cons.own->counts.gaps, 1);
	return 1;
}

/* ---- completions ---------------------------------------------------------- */

/*
 * Caller holds the ring's lock. Entries free that are not promised to requests in
 * flight; a gap that is due takes one.
 */
static int __pcring_cqe_space(struct pcring_ring_impl *ring, __u32 promised)
{
	struct pcring_prod *p = &ring->prod;
	int space = pcring_prod_space(p, p->entries);

	if (space < 0)
		return pcring_ctx_bad(ring->ctx, "cons of CQ");
	return space - (int)promised - !!p->loss.count;
}

/* Caller holds the ring's lock, and there is space. */
static void __pcring_cqe_push(struct pcring_ring_impl *ring,
			      struct pcring_cqe *cqe)
{
	cqe->seq = pcring_prod_seq(&ring->prod);
	pcring_prod_push(&ring->prod, cqe, 1, sizeof(*cqe));
}

static int pcring_post_cqe(struct pcring_ring_impl *ring,
			   const struct pcring_block *block,
			   const __u64 *driver)
{
	struct pcring_cqe cqe = {
		.ctl = PCRING_CQE_F_POST | PCRING_CQE_F_BLOCK,
		.res = (__s32)block->len,
		.block = block->index,
		.generation = block->generation + 1,
	};
	int space = __pcring_cqe_space(ring, ring->in_flight);

	if (space > 0) {
		__pcring_block_over(ring->ctx->pool, block,
				    pcring_prod_seq(&ring->prod), 0, driver);
		__pcring_cqe_push(ring, &cqe);
		return 1;
	}
	if (space < 0 && pcring_load(&ring->ctx->corrupt))
		return -EBADFD;
	if (ring->prod.policy == PCRING_POLICY_BLOCK)
		return -EAGAIN;
	pcring_prod_reject(&ring->prod, 1, PCRING_REASON_FULL, pcring_now());
	pcring_block_home(ring->ctx->pool, block->index);
	return 0;
}

int pcring_block_post(struct pcring_ring *handle,
		      const struct pcring_block *block, const __u64 *driver)
{
	struct pcring_ring_impl *ring = handle->impl;
	struct pcring_pool *pool = ring->ctx->pool;
	int err;

	if (!handle->prod || ring->desc->kind != PCRING_KIND_CQ || !pool ||
	    (!ring->words &&
	     ring->prod.entry_size != sizeof(struct pcring_cqe)))
		return pcring_fail(-EINVAL, "ring: takes no blocks");
	if (block->len > pool->block_size)
		return pcring_fail(-EINVAL, "block %u: len %u of %u",
				   block->index, block->len, pool->block_size);
	pcring_end_check(ring);
	err = pcring_ring_refused(ring);
	if (err)
		return err;
	if (!pcring_block_held(pool, block->index, block->generation,
			       PCRING_OWNER_SELF))
		return pcring_fail(-ESTALE, "block %u, generation %u: not held",
				   block->index, block->generation);
	pcring_ring_lock(ring);
	err = ring->words ? pcring_post_xchg(ring, block, driver)
			  : pcring_post_cqe(ring, block, driver);
	pcring_ring_unlock(ring);
	if (err > 0)
		pcring_ring_notify(ring);
	return err;
}

/* ---- requests ------------------------------------------------------------- */

/* 0, or the errno the request is answered with. */
static __s32 pcring_sqe_check(struct pcring_pool *pool,
			      const struct pcring_sqe *sqe)
{
	__u32 known = PCRING_SQE_F_BLOCK | PCRING_SQE_F_QUIET | 0xffffU;
	__s32 err = 0;

	if (sqe->ctl & ~known)
		return -EINVAL;
	if (!(sqe->ctl & PCRING_SQE_F_BLOCK))
		return 0;
	if (!pool || (__u64)sqe->offset + sqe->len > pool->block_size)
		return -EINVAL;
	pcring_lock_take(&pool->lock);
	if (sqe->block >= pool->blocks ||
	    pool->owner[sqe->block] != PCRING_OWNER_USER ||
	    pool->generation[sqe->block] != sqe->generation ||
	    !__pcring_block_claimed(pool, sqe->block))
		err = -ESTALE;
	else
		pool->owner[sqe->block] = PCRING_OWNER_SQE;
	pcring_lock_drop(&pool->lock);
	return err;
}

/* A request that is refused has its credit already. */
static void pcring_sqe_refuse(struct pcring_ring_impl *cq,
			      const struct pcring_sqe *sqe, __s32 err)
{
	struct pcring_cqe cqe = {
		.res = err,
		.user_data = sqe->user_data,
		.block = PCRING_BLOCK_NONE,
	};

	pcring_ring_lock(cq);
	__pcring_cqe_push(cq, &cqe);
	cq->in_flight--;
	pcring_ring_unlock(cq);
	pcring_ring_notify(cq);
}

/* Credits for up to @n requests; what is not used is given back. */
static int pcring_sqe_credit(struct pcring_ring_impl *cq, __u32 n)
{
	int space;

	pcring_ring_lock(cq);
	space = __pcring_cqe_space(cq, cq->in_flight);
	if (space > (int)n)
		space = (int)n;
	if (space > 0)
		cq->in_flight += (__u32)space;
	pcring_ring_unlock(cq);
	if (space > 0)
		return space;
	return pcring_load(&cq->ctx->corrupt) ? -EBADFD : 0;
}

static void pcring_sqe_uncredit(struct pcring_ring_impl *cq, __u32 n)
{
	pcring_ring_lock(cq);
	cq->in_flight -= n;
	pcring_ring_unlock(cq);
}

static __u32 pcring_sqe_sort(struct pcring_ring_impl *cq,
			     struct pcring_sqe *sqes, __u32 got)
{
	__u32 i, good = 0;
	__s32 err;

	for (i = 0; i < got; i++) {
		if (sqes[i].ctl & PCRING_ENTRY_SPECIAL) {
			pcring_sqe_uncredit(cq, 1);
			continue; /* a gap: counted by pcring_ring_pop() */
		}
		err = pcring_sqe_check(cq->ctx->pool, &sqes[i]);
		if (err) {
			pcring_sqe_refuse(cq, &sqes[i], err);
			continue;
		}
		if (good != i)
			sqes[good] = sqes[i];
		good++;
	}
	return good;
}

int pcring_sqe_take(struct pcring_ring *sq, struct pcring_ring *cq,
		    struct pcring_sqe *sqes, __u32 n)
{
	struct pcring_ring_impl *answers = cq->impl;
	int credit, got;
	__u32 good;

	if (!n || !sq->cons || !cq->prod || answers->words ||
	    sq->cons->entry_size != sizeof(struct pcring_sqe) ||
	    cq->prod->entry_size != sizeof(struct pcring_cqe) ||
	    sq->impl->desc->kind != PCRING_KIND_SQ)
		return pcring_fail(-EINVAL, "ring: no SQ and CQ");
	for (;;) {
		credit = pcring_sqe_credit(answers, n);
		if (credit < 0)
			return credit;
		if (!credit) {
			if (!(++answers->empty % 64))
				pcring_ctx_look(sq->impl->ctx);
			/* A dead client reads no answers: let it end. */
			if (!pcring_ring_gone(sq->impl))
				return -EAGAIN;
			return pcring_fail(pcring_ring_gone(sq->impl),
					   "ctx %u: the client is gone",
					   sq->impl->ctx->id);
		}
		got = pcring_ring_pop(sq, sqes, (__u32)credit);
		if (got < credit)
			pcring_sqe_uncredit(
				answers, (__u32)(credit - (got > 0 ? got : 0)));
		if (got <= 0)
			return got;
		good = pcring_sqe_sort(answers, sqes, (__u32)got);
		if (good)
			return (int)good;
	}
}

/* Caller holds the ring's lock. */
static int __pcring_complete(struct pcring_ring_impl *cq,
			     const struct pcring_sqe *sqe, __s32 res, int gone)
{
	struct pcring_pool *pool = cq->ctx->pool;
	struct pcring_block block = { .index = sqe->block,
				      .len = res > 0 ? (__u32)res : 0 };
	struct pcring_cqe cqe = {
		.res = res,
		.user_data = sqe->user_data,
		.block = PCRING_BLOCK_NONE,
	};
	bool brought = sqe->ctl & PCRING_SQE_F_BLOCK;
	bool quiet = !brought && res >= 0 && (sqe->ctl & PCRING_SQE_F_QUIET);

	if (!cq->in_flight ||
	    (brought && !pcring_block_held(pool, sqe->block, sqe->generation,
					   PCRING_OWNER_SQE)))
		return pcring_fail(-ESTALE,
				   "sqe: user_data %llu: completed already",
				   (unsigned long long)sqe->user_data);
	if (gone) {
		if (brought)
			pcring_block_home(pool, sqe->block);
	} else if (!quiet) {
		/* This request's own credit is not in its way. */
		if (__pcring_cqe_space(cq, 0) < 1)
			return pcring_load(&cq->ctx->corrupt) ? -EBADFD
							      : -EAGAIN;
		if (brought) {
			cqe.ctl = PCRING_CQE_F_BLOCK;
			cqe.block = sqe->block;
			cqe.generation = sqe->generation + 1;
			__pcring_block_over(pool, &block,
					    pcring_prod_seq(&cq->prod),
					    res < 0 ? res : 0, NULL);
		}
		__pcring_cqe_push(cq, &cqe);
	}
	cq->in_flight--;
	return gone;
}

int pcring_sqe_complete(struct pcring_ring *handle,
			const struct pcring_sqe *sqe, __s32 res)
{
	struct pcring_ring_impl *cq = handle->impl;
	int gone, err;

	if (!handle->prod || cq->words ||
	    cq->prod.entry_size != sizeof(struct pcring_cqe))
		return pcring_fail(-EINVAL, "ring: no CQ");
	pcring_end_check(cq);
	gone = pcring_ring_refused(cq);
	/* Draining means: finish what was submitted. */
	if (gone == -ECANCELED &&
	    pcring_prod_peer_state(&cq->prod) < PCRING_STATE_DEAD &&
	    !pcring_ctx_gone(cq->ctx))
		gone = 0;
	pcring_ring_lock(cq);
	err = __pcring_complete(cq, sqe, res, gone);
	pcring_ring_unlock(cq);
	if (!err)
		pcring_ring_notify(cq);
	return err;
}
