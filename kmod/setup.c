// SPDX-License-Identifier: GPL-2.0-only
/*
 * pcring: SETUP: the rings of a ctx, once. Until the driver has started nothing of
 * it can be seen from outside, so every failure is undone.
 */
#include <linux/cpumask.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "core.h"

/* pcring_ring_desc.pool_fd of a driver's defaults. */
#define PCRING_POOL_DEFAULT (-2)

/**
 * struct pcring_plan - a SETUP on its way
 * @ctx: for whom.
 * @setup: in and out.
 * @descs: in and out, @setup->nr_rings of them.
 * @pool: that a pool_fd of PCRING_POOL_DEFAULT stands for.
 * @rw: the user's ends, if they are the kernel's; or NULL.
 * @added: pools the ctx did not hold before; by fd's pool, dropped by undo.
 * @nr_added: how many.
 * @rings: made so far.
 * @made: how many.
 * @bytes: charged.
 */
struct pcring_plan {
	struct pcring_ctx *ctx;
	struct pcring_setup *setup;
	struct pcring_ring_desc *descs;
	struct pcring_pool *pool;
	struct pcring_rw *rw;
	struct pcring_pool *added[PCRING_MAX_RINGS];
	u32 nr_added;
	struct pcring_ring **rings;
	u32 made;
	u64 bytes;
};

static int pcring_setup_check(struct pcring_ctx *ctx,
			      const struct pcring_setup *setup)
{
	u64 missing = setup->features & ~(u64)PCRING_FEAT_ZEROCOPY;
	u32 i;

	if (setup->flags & ~PCRING_SETUP_ALL)
		return pcring_ctx_refuse(ctx, -EINVAL,
					 "setup: flags %#x: unknown",
					 setup->flags);
	if ((setup->flags & PCRING_SETUP_ENTER_ONLY) &&
	    (setup->flags & ~PCRING_SETUP_ENTER_ONLY))
		return pcring_ctx_refuse(
			ctx, -EINVAL,
			"setup: flags %#x: ENTER_ONLY has no worker",
			setup->flags);
	if (missing)
		return pcring_ctx_refuse(ctx, -EOPNOTSUPP,
					 "setup: features %#llx: not to be had",
					 missing);
	if (!setup->nr_rings || setup->nr_rings > PCRING_MAX_RINGS)
		return pcring_ctx_refuse(ctx, -EINVAL,
					 "setup: nr_rings %u: not 1 to %u",
					 setup->nr_rings, PCRING_MAX_RINGS);
	if (setup->reserved0)
		return pcring_ctx_refuse(ctx, -EINVAL,
					 "setup: reserved0 %u: not zero",
					 setup->reserved0);
	for (i = 0; i < ARRAY_SIZE(setup->reserved); i++)
		if (setup->reserved[i])
			return pcring_ctx_refuse(
				ctx, -EINVAL, "setup: reserved[%u]: not zero",
				i);
	return 0;
}

/* The CPU of the worker, -1: any. */
static int pcring_setup_cpu(struct pcring_ctx *ctx,
			    const struct pcring_setup *setup, int *cpu)
{
	u32 wish = setup->worker_cpu;

	*cpu = -1;
	if (setup->flags & PCRING_SETUP_AFFINITY) {
		if (wish >= nr_cpu_ids || !cpu_online(wish) ||
		    !cpumask_test_cpu(wish, current->cpus_ptr))
			return pcring_ctx_refuse(
				ctx, -EINVAL,
				"setup: worker_cpu %u: not one the caller may run on",
				wish);
		*cpu = wish;
	} else if (wish) {
		return pcring_ctx_refuse(
			ctx, -EINVAL, "setup: worker_cpu %u: without AFFINITY",
			wish);
	} else if (!(setup->flags & PCRING_SETUP_DEDICATED)) {
		*cpu = raw_smp_processor_id();
	}
	return 0;
}

/* ---- rings ------------------------------------------------------------------------ */

/* The pool a ring names; held by the ctx. NULL: it names none. */
static int pcring_plan_pool(struct pcring_plan *plan, u32 nr,
			    struct pcring_pool **pool)
{
	int fd = plan->descs[nr].pool_fd;
	int err;

	*pool = NULL;
	if (fd == -1)
		return 0;
	if (fd == PCRING_POOL_DEFAULT && plan->pool) {
		*pool = plan->pool;
		pcring_pool_get(*pool);
	} else {
		*pool = pcring_pool_get_fd(fd);
	}
	if (!*pool || (*pool)->device != plan->ctx->device) {
		pcring_pool_put(*pool);
		return pcring_ctx_refuse(
			plan->ctx, -EINVAL,
			"ring %u: pool_fd %d: not a pool of this device", nr,
			fd);
	}
	err = pcring_ctx_hold_pool(plan->ctx, *pool);
	if (err > 0) {
		plan->added[plan->nr_added++] = *pool;
		err = 0;
	}
	pcring_pool_put(*pool);
	return err;
}

static int pcring_plan_ring(struct pcring_plan *plan, u32 nr)
{
	struct pcring_ring *ring;
	struct pcring_pool *pool;
	int err;

	err = pcring_plan_pool(plan, nr, &pool);
	if (err)
		return err;
	ring = pcring_ring_create(plan->ctx, &plan->descs[nr], pool, nr);
	if (IS_ERR(ring))
		return PTR_ERR(ring);
	plan->rings[nr] = ring;
	plan->made = nr + 1;
	return 0;
}

static int pcring_plan_charge(struct pcring_plan *plan)
{
	struct pcring_ctx *ctx = plan->ctx;
	u64 bytes = 0;
	int err;
	u32 i;

	for (i = 0; i < plan->setup->nr_rings; i++)
		bytes += pcring_ring_bytes(&plan->descs[i]);
	err = pcring_user_charge(ctx->user, bytes);
	if (err)
		return pcring_ctx_refuse(
			ctx, err,
			"setup: %llu bytes of rings: more than max_user_bytes allows",
			bytes);
	plan->bytes = bytes;
	return 0;
}

static struct pcring_ring *pcring_plan_find(struct pcring_plan *plan, u32 kind,
					    u32 queue)
{
	u32 i;

	for (i = 0; i < plan->made; i++)
		if (plan->rings[i]->kind == kind &&
		    plan->rings[i]->desc.queue == queue)
			return plan->rings[i];
	return NULL;
}

/* The FREE ring through which blocks of @pool come back. */
static struct pcring_ring *pcring_plan_free(struct pcring_plan *plan,
					    const struct pcring_pool *pool)
{
	u32 i;

	for (i = 0; i < plan->made; i++)
		if (plan->rings[i]->kind == PCRING_KIND_FREE &&
		    plan->rings[i]->pool == pool)
			return plan->rings[i];
	return NULL;
}

static int pcring_plan_link(struct pcring_plan *plan)
{
	u32 i;

	for (i = 0; i < plan->made; i++) {
		struct pcring_ring *ring = plan->rings[i];

		if (ring->kind == PCRING_KIND_SQ) {
			ring->peer = pcring_plan_find(plan, PCRING_KIND_CQ,
						      ring->desc.queue);
			ring->peer->peer = ring;
			if (pcring_flight_create(ring->peer))
				return -ENOMEM;
		}
	}
	for (i = 0; i < plan->made; i++) {
		struct pcring_ring *ring = plan->rings[i];

		if (ring->kind == PCRING_KIND_CQ && !ring->peer)
			ring->free = pcring_plan_free(plan, ring->pool);
	}
	return 0;
}

static void pcring_plan_undo(struct pcring_plan *plan)
{
	while (plan->made)
		pcring_ring_destroy(plan->rings[--plan->made]);
	while (plan->nr_added)
		pcring_ctx_drop_pool(plan->ctx, plan->added[--plan->nr_added]);
	kfree(plan->rings);
	pcring_user_uncharge(plan->ctx->user, plan->bytes);
}

static int pcring_plan_make(struct pcring_plan *plan)
{
	u32 nr = plan->setup->nr_rings;
	int err;
	u32 i;

	plan->rings = kcalloc(nr, sizeof(*plan->rings), GFP_KERNEL_ACCOUNT);
	if (!plan->rings)
		return -ENOMEM;
	err = pcring_plan_charge(plan);
	for (i = 0; i < nr && !err; i++)
		err = pcring_plan_ring(plan, i);
	if (!err)
		err = pcring_plan_link(plan);
	if (err)
		pcring_plan_undo(plan);
	return err;
}

/* ---- start -------------------------------------------------------------------------- */

static bool pcring_plan_consumes(const struct pcring_plan *plan)
{
	u32 i;

	for (i = 0; i < plan->made; i++)
		if (plan->rings[i]->kind == PCRING_KIND_SQ ||
		    plan->rings[i]->kind == PCRING_KIND_REC_IN)
			return true;
	return false;
}

static int pcring_plan_worker(struct pcring_plan *plan, int cpu)
{
	struct pcring_ctx *ctx = plan->ctx;
	u32 i;

	if (!pcring_plan_consumes(plan))
		return 0;
	ctx->batch = kmalloc(PCRING_BATCH_BYTES, GFP_KERNEL_ACCOUNT);
	if (!ctx->batch)
		return -ENOMEM;
	for (i = 0; i < plan->made; i++)
		ctx->spin_ns = max_t(u64, ctx->spin_ns,
				     plan->descs[i].spin_us * NSEC_PER_USEC);
	if (plan->setup->flags & PCRING_SETUP_ENTER_ONLY)
		return 0;
	return pcring_worker_attach(
		ctx, cpu, plan->setup->flags & PCRING_SETUP_DEDICATED);
}

static void pcring_plan_attach_pools(struct pcring_plan *plan)
{
	u32 i;

	for (i = 0; i < plan->made; i++)
		if (plan->rings[i]->kind == PCRING_KIND_CQ &&
		    !plan->rings[i]->peer)
			pcring_pool_attach(plan->rings[i]->pool,
					   plan->rings[i]);
}

static void pcring_plan_detach_pools(struct pcring_plan *plan)
{
	u32 i;

	for (i = 0; i < plan->made; i++)
		if (plan->rings[i]->pool)
			pcring_pool_detach(plan->rings[i]->pool,
					   plan->rings[i]);
}

/* The driver sees the rings, nobody else does. */
static int pcring_plan_start(struct pcring_plan *plan)
{
	struct pcring_ctx *ctx = plan->ctx;
	int err = 0;

	ctx->rings = plan->rings;
	/* Pairs with pcring_ctx_nr_rings(): the rings are whole. */
	smp_store_release(&ctx->nr_rings, plan->made);
	pcring_plan_attach_pools(plan);
	if (ctx->ops->start)
		err = ctx->ops->start(ctx);
	if (!err) {
		set_bit(PCRING_CTX_STARTED, &ctx->flags);
		return 0;
	}
	pcring_plan_detach_pools(plan);
	pcring_worker_detach(ctx);
	/* A turn that has begun looks at the state and goes. */
	mutex_lock(&ctx->consume);
	mutex_unlock(&ctx->consume);
	WRITE_ONCE(ctx->nr_rings, 0);
	ctx->rings = NULL;
	return err;
}

static void pcring_plan_tell(struct pcring_plan *plan)
{
	struct pcring_setup *setup = plan->setup;
	struct pcring_ctx *ctx = plan->ctx;
	u32 ms = setup->drain_ms ?: READ_ONCE(pcring_drain_ms);

	setup->drain_ms = min(ms, READ_ONCE(pcring_max_drain_ms));
	ctx->drain_ns = (u64)setup->drain_ms * NSEC_PER_MSEC;
	setup->ctx_id = ctx->id;
	setup->features = PCRING_FEAT_ZEROCOPY;
}

/**
 * pcring_plan_run() - all of SETUP
 * @plan: checked in so far as it does not know the rings.
 * @told: tells the program what was granted, before anything starts; or NULL.
 * @user: for @told.
 *
 * Context: ctx->lock held.
 * Return: 0; what is documented for PCRING_IOC_SETUP.
 */
static int pcring_plan_run(struct pcring_plan *plan,
			   int (*told)(struct pcring_plan *plan,
				       void __user *user),
			   void __user *user)
{
	struct pcring_ctx *ctx = plan->ctx;
	int err, cpu;

	err = pcring_setup_cpu(ctx, plan->setup, &cpu);
	if (!err)
		err = pcring_desc_check(ctx, plan->descs,
					plan->setup->nr_rings);
	if (!err && ctx->ops->setup)
		err = ctx->ops->setup(ctx, plan->descs, plan->setup->nr_rings);
	if (!err)
		err = pcring_plan_make(plan);
	if (err)
		return err;
	pcring_plan_tell(plan);
	err = pcring_plan_worker(plan, cpu);
	if (!err && told)
		err = told(plan, user);
	if (!err)
		err = pcring_plan_start(plan);
	if (err)
		goto out_undo;
	ctx->charged = plan->bytes;
	if (plan->rw)
		pcring_rw_start(ctx, plan->rw);
	pcring_ctx_set_state(ctx, PCRING_STATE_LIVE);
	pcring_ctx_tell(ctx);
	/* Who was stopped in start() was not resumed by those who kicked. */
	pcring_kick(ctx);
	/* The first announcement that the consumer sleeps. */
	mutex_lock(&ctx->consume);
	pcring_consume_unlock(ctx);
	return 0;

out_undo:
	pcring_worker_detach(ctx);
	kfree(ctx->batch);
	ctx->batch = NULL;
	pcring_plan_undo(plan);
	return err;
}

static int pcring_setup_may(struct pcring_ctx *ctx)
{
	if (READ_ONCE(ctx->device->gone))
		return -ENODEV;
	if (ctx->nr_rings || pcring_ctx_get_state(ctx) != PCRING_STATE_SETUP)
		return pcring_ctx_refuse(
			ctx, -EBUSY, "setup: the ctx has its rings already");
	return 0;
}

/* ---- the call ------------------------------------------------------------------------ */

static int pcring_descs_read(struct pcring_ctx *ctx, struct pcring_setup *setup,
			     struct pcring_ring_desc *descs)
{
	void __user *user = u64_to_user_ptr(setup->rings);
	u32 size = setup->ring_size;
	u32 i;

	if (size < sizeof(*descs))
		return pcring_ctx_refuse(ctx, -EINVAL,
					 "setup: ring_size %u: less than %zu",
					 size, sizeof(*descs));
	if (size > PAGE_SIZE)
		return pcring_ctx_refuse(
			ctx, -E2BIG, "setup: ring_size %u: more than a page",
			size);
	for (i = 0; i < setup->nr_rings; i++) {
		int err = copy_struct_from_user(&descs[i], sizeof(descs[i]),
						user + (size_t)i * size, size);

		if (err == -E2BIG)
			return pcring_ctx_refuse(
				ctx, err,
				"ring %u: ring_size %u: what is beyond is not zero",
				i, size);
		if (err)
			return err;
	}
	return 0;
}

/* What was granted; if it cannot be written nothing has begun. */
static int pcring_setup_told(struct pcring_plan *plan, void __user *user)
{
	struct pcring_setup *setup = plan->setup;
	void __user *rings = u64_to_user_ptr(setup->rings);
	u32 i;

	for (i = 0; i < setup->nr_rings; i++)
		if (copy_to_user(rings + (size_t)i * setup->ring_size,
				 &plan->descs[i], sizeof(plan->descs[i])))
			return -EFAULT;
	if (copy_to_user(user, setup, min_t(u32, setup->size, sizeof(*setup))))
		return -EFAULT;
	return 0;
}

/**
 * pcring_setup_call() - PCRING_IOC_SETUP
 * @ctx: the ctx, its lock held.
 * @setup: the kernel's copy.
 * @user: where the program has it.
 *
 * Return: 0; -EBUSY: it has rings; -EINVAL, -EOPNOTSUPP, -E2BIG: see the refusal;
 * -EMFILE: more than the user may have; -ENOMEM, -EFAULT, -EINTR, -ENODEV; what
 * the driver says.
 */
int pcring_setup_call(struct pcring_ctx *ctx, struct pcring_setup *setup,
		      void __user *user)
{
	struct pcring_plan plan = { .ctx = ctx, .setup = setup };
	int err;

	err = pcring_setup_may(ctx);
	if (!err)
		err = pcring_setup_check(ctx, setup);
	if (err)
		return err;
	plan.descs = kcalloc(setup->nr_rings, sizeof(*plan.descs),
			     GFP_KERNEL_ACCOUNT);
	if (!plan.descs)
		return -ENOMEM;
	err = pcring_descs_read(ctx, setup, plan.descs);
	if (!err)
		err = pcring_plan_run(&plan, pcring_setup_told, user);
	kfree(plan.descs);
	return err;
}

/**
 * pcring_setup_defaults() - for a ctx that is read or written without SETUP
 * @ctx: the ctx.
 *
 * Return: 0, also if another thread was faster; -EBUSY: the program has set it up;
 * -EOPNOTSUPP: the device has no defaults; else as pcring_setup_call().
 */
int pcring_setup_defaults(struct pcring_ctx *ctx)
{
	const struct pcring_ops *ops = ctx->ops;
	struct pcring_setup setup = { .nr_rings = ops->nr_defaults };
	struct pcring_plan plan = { .ctx = ctx, .setup = &setup };
	int err;

	if (!ops->defaults)
		return -EOPNOTSUPP;
	if (mutex_lock_interruptible(&ctx->lock))
		return -EINTR;
	err = ctx->rw ? 1 : pcring_setup_may(ctx);
	if (err)
		goto out_unlock;
	plan.descs = kmemdup(ops->defaults,
			     ops->nr_defaults * sizeof(*plan.descs),
			     GFP_KERNEL_ACCOUNT);
	if (!plan.descs) {
		err = -ENOMEM;
		goto out_unlock;
	}
	if (ops->default_blocks) {
		u32 size = PAGE_ALIGN(ops->default_block_size);

		plan.pool =
			pcring_pool_create(ctx, 0, size, ops->default_blocks);
		if (IS_ERR(plan.pool)) {
			err = PTR_ERR(plan.pool);
			plan.pool = NULL;
			goto out_free;
		}
	}
	plan.rw = pcring_rw_create();
	err = plan.rw ? pcring_plan_run(&plan, NULL, NULL) : -ENOMEM;
	if (err)
		kfree(plan.rw);
	pcring_pool_put(plan.pool);
out_free:
	kfree(plan.descs);
out_unlock:
	mutex_unlock(&ctx->lock);
	return err > 0 ? 0 : err;
}
