// SPDX-License-Identifier: GPL-2.0-only
/*
 * pcring: a driver fills blocks and posts them.
 */
#include <linux/export.h>
#include <linux/ktime.h>
#include <linux/sched/signal.h>
#include "core.h"

static bool pcring_ring_posts(const struct pcring_ring *ring)
{
	return ring->kind == PCRING_KIND_CQ && !ring->peer && ring->pool;
}

/* How often a take looks at FREE again before it leaves that to others. */
#define PCRING_TAKE_ROUNDS 4U

/* Nothing is free: as struct pcring_policy_rule has it. */
static int pcring_take_full(struct pcring_ring *ring, u64 timeout_ns, u64 start,
			    u32 rounds)
{
	u64 waited;

	if (ring->desc.policy != PCRING_POLICY_BLOCK)
		return -ENOSPC;
	if (!timeout_ns)
		return pcring_flow_stop(ring, 0, rounds < PCRING_TAKE_ROUNDS);
	/* Somebody may write garbage into FREE faster than it is read. */
	cond_resched();
	if (signal_pending(current))
		return -EINTR;
	if (timeout_ns == PCRING_NO_TIMEOUT)
		return pcring_flow_wait(ring, 0, timeout_ns);
	waited = ktime_get_ns() - start;
	if (waited >= timeout_ns)
		return -ETIME;
	return pcring_flow_wait(ring, 0, timeout_ns - waited);
}

int pcring_block_take(struct pcring_ring *ring, u64 timeout_ns,
		      struct pcring_block *block)
{
	u64 start = 0;
	u32 rounds;
	int err;

	if (unlikely(!pcring_ring_posts(ring)))
		return -EINVAL;
	for (rounds = 0;; rounds++) {
		err = pcring_flow_check(ring);
		if (unlikely(err))
			return err;
		if (pcring_block_get(ring->pool, ring->ctx, block))
			return 0;
		if (ring->free && rounds < PCRING_TAKE_ROUNDS &&
		    pcring_free_collect(ring->free))
			continue;
		if (timeout_ns && !start)
			start = ktime_get_ns();
		err = pcring_take_full(ring, timeout_ns, start, rounds);
		if (err <= 0)
			return err;
		if (timeout_ns)
			rounds = 0;
	}
}
EXPORT_SYMBOL_GPL(pcring_block_take);

int pcring_block_put(struct pcring_ring *ring, const struct pcring_block *block)
{
	int err;

	if (!ring->pool)
		return -ESTALE;
	err = pcring_block_to_free(ring->pool, ring->ctx, block->index,
				   block->generation);
	if (!err)
		pcring_pool_kick(ring->pool);
	return err;
}
EXPORT_SYMBOL_GPL(pcring_block_put);

/* The entry is reserved: the block becomes the user's, and then it shows. */
static int pcring_block_publish(struct pcring_ring *ring, u64 pos,
				const struct pcring_block *block,
				const u64 *driver)
{
	struct pcring_block_info info = {
		.seq = pcring_prod_seq(&ring->prod),
		.time = ktime_get_ns(),
		.len = block->len,
	};
	struct pcring_cqe cqe = {
		.ctl = PCRING_CQE_F_POST | PCRING_CQE_F_BLOCK,
		.res = block->len,
		.block = block->index,
		.generation = block->generation,
		.seq = info.seq,
	};
	int err;

	if (driver)
		memcpy(info.driver, driver, sizeof(info.driver));
	err = pcring_block_to_user(ring->pool, ring->ctx, block->index, &info,
				   &cqe.generation);
	if (err) {
		pcring_prod_cancel(&ring->prod, pos, 1);
		return err;
	}
	pcring_cqe_write(&ring->prod, pos, &cqe);
	WRITE_ONCE(ring->pos, ring->prod.prod);
	pcring_ring_notify(ring);
	return 1;
}

/* As struct pcring_policy_rule has it; a block that is rejected is free again. */
static int pcring_post_full(struct pcring_ring *ring,
			    const struct pcring_block *block, u64 timeout_ns)
{
	u32 need = pcring_prod_need(&ring->prod, 1);
	int got =
		pcring_policies[ring->desc.policy].full(ring, need, timeout_ns);

	if (!got)
		pcring_block_put(ring, block);
	return got;
}

int pcring_block_post(struct pcring_ring *ring,
		      const struct pcring_block *block, const u64 *driver,
		      u64 timeout_ns)
{
	int err;
	u64 pos;

	if (unlikely(!pcring_ring_posts(ring) ||
		     block->len > ring->pool->block_size))
		return -EINVAL;
	do {
		err = pcring_flow_check(ring);
		if (unlikely(err))
			return err;
		err = pcring_prod_reserve(&ring->prod, 1, &pos);
		if (likely(err > 0))
			return pcring_block_publish(ring, pos, block, driver);
		if (err < 0)
			pcring_ctx_kill(ring->ctx, ring);
		else
			err = pcring_post_full(ring, block, timeout_ns);
	} while (err > 0);
	return err;
}
EXPORT_SYMBOL_GPL(pcring_block_post);
