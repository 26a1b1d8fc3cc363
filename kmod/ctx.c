// SPDX-License-Identifier: GPL-2.0-only
/*
 * pcring: a ctx: what an open file stands for, its state, and what a driver may ask
 * of it. How it ends: end.c.
 */
#include <linux/export.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include "core.h"
#include "trace.h"

/**
 * pcring_ctx_create() - for a file that is being opened
 * @device: its device.
 *
 * Return: the ctx, one reference the caller's; ERR_PTR: -ENOMEM; -EMFILE: the user
 * has as many as it may.
 */
struct pcring_ctx *pcring_ctx_create(struct pcring_device *device)
{
	struct pcring_ctx *ctx = kzalloc(sizeof(*ctx), GFP_KERNEL_ACCOUNT);
	int err = -ENOMEM;

	if (!ctx)
		return ERR_PTR(-ENOMEM);
	ctx->user = pcring_user_get();
	if (!ctx->user)
		goto out_free;
	err = pcring_user_add_ctx(ctx->user);
	if (err)
		goto out_put_user;
	kref_init(&ctx->ref);
	mutex_init(&ctx->lock);
	mutex_init(&ctx->consume);
	mutex_init(&ctx->kick);
	spin_lock_init(&ctx->refusal_lock);
	init_waitqueue_head(&ctx->wait);
	INIT_LIST_HEAD(&ctx->node);
	INIT_LIST_HEAD(&ctx->ready);
	INIT_WORK(&ctx->close_work, pcring_ctx_close_work);
	xa_init_flags(&ctx->pools, XA_FLAGS_ALLOC);
	ctx->device = device;
	get_device(&device->dev);
	ctx->ops = device->ops;
	ctx->pid = task_tgid_nr(current);
	get_task_comm(ctx->comm, current);
	return ctx;

out_put_user:
	pcring_user_put(ctx->user);
out_free:
	kfree(ctx);
	return ERR_PTR(err);
}

static void pcring_ctx_free(struct kref *ref)
{
	struct pcring_ctx *ctx = container_of(ref, struct pcring_ctx, ref);
	u32 i;

	for (i = 0; i < ctx->nr_rings; i++)
		pcring_ring_destroy(ctx->rings[i]);
	kfree(ctx->rings);
	kfree(ctx->rw);
	kfree(ctx->batch);
	xa_destroy(&ctx->pools);
	pcring_user_uncharge(ctx->user, ctx->charged);
	pcring_user_del_ctx(ctx->user);
	pcring_user_put(ctx->user);
	put_device(&ctx->device->dev);
	kfree(ctx);
}

void pcring_ctx_put(struct pcring_ctx *ctx)
{
	kref_put(&ctx->ref, pcring_ctx_free);
}

/* It is used by this ctx until the ctx is closed. 1; 0: it was held already. */
int pcring_ctx_hold_pool(struct pcring_ctx *ctx, struct pcring_pool *pool)
{
	struct pcring_pool *held;
	unsigned long index;
	u32 id;
	int err;

	xa_for_each(&ctx->pools, index, held)
		if (held == pool)
			return 0;
	err = xa_alloc(&ctx->pools, &id, pool, xa_limit_31b,
		       GFP_KERNEL_ACCOUNT);
	if (err)
		return err;
	pcring_pool_get(pool);
	return 1;
}

/* It was held by pcring_ctx_hold_pool(), and is not used. */
void pcring_ctx_drop_pool(struct pcring_ctx *ctx, struct pcring_pool *pool)
{
	struct pcring_pool *held;
	unsigned long index;

	xa_for_each(&ctx->pools, index, held) {
		if (held != pool)
			continue;
		xa_erase(&ctx->pools, index);
		pcring_pool_put(pool);
	}
}

/* ---- state --------------------------------------------------------------------- */

static int pcring_ctx_errno(const struct pcring_ctx *ctx, u32 state)
{
	switch (state) {
	case PCRING_STATE_LIVE:
		return 0;
	case PCRING_STATE_SETUP:
		return -EINVAL;
	case PCRING_STATE_DEAD:
		return READ_ONCE(ctx->error) ?: -EOWNERDEAD;
	case PCRING_STATE_UNPLUGGED:
		return -ENODEV;
	default:
		return -ECANCELED;
	}
}

/* 0: LIVE, or what is said to whoever uses a ctx that is not. */
int pcring_ctx_alive(const struct pcring_ctx *ctx)
{
	return pcring_ctx_errno(ctx, pcring_ctx_get_state(ctx));
}

/* The same for whoever waits: until it is told there is something to come. */
int pcring_ctx_told(const struct pcring_ctx *ctx)
{
	return pcring_ctx_errno(ctx, READ_ONCE(ctx->told));
}

/* Raise a word that only ever increases; what it was before. */
u32 pcring_state_raise(u32 *word, u32 state)
{
	u32 old = READ_ONCE(*word);

	while (old < state) {
		/* A full barrier, so S for a word in a page. */
		u32 seen = cmpxchg(word, old, state);

		if (seen == old)
			break;
		old = seen;
	}
	return old;
}

/**
 * pcring_ctx_set_state() - a ctx goes on to @state: the kernel acts on it
 * @ctx: the ctx; its rings are whole.
 * @state: enum pcring_state; it only ever increases.
 *
 * Its program is told by pcring_ctx_tell(), when nothing more will follow.
 *
 * Context: any but NMI.
 */
void pcring_ctx_set_state(struct pcring_ctx *ctx, u32 state)
{
	u32 nr = pcring_ctx_nr_rings(ctx);
	u32 i, old;

	old = pcring_state_raise(&ctx->state, state);
	if (old >= state)
		return;
	trace_pcring_ctx_state(ctx->device->name, ctx->id, old, state,
			       ctx->error);
	for (i = 0; i < nr; i++)
		pcring_ring_wake_waiters(ctx->rings[i]);
}

/**
 * pcring_ctx_tell() - the program is told the state of its ctx
 * @ctx: the ctx; all that it will still publish in this state is published.
 *
 * Context: any but NMI.
 */
void pcring_ctx_tell(struct pcring_ctx *ctx)
{
	u32 state = pcring_ctx_get_state(ctx);
	u32 nr = pcring_ctx_nr_rings(ctx);
	u32 i;

	pcring_state_raise(&ctx->told, state);
	for (i = 0; i < nr; i++) {
		pcring_ring_end(ctx->rings[i], state);
		pcring_ring_wake_all(ctx->rings[i]);
	}
}

/**
 * pcring_ctx_kill() - the program wrote what cannot be right
 * @ctx: the ctx: dead from here on. Nothing else happens to anyone.
 * @ring: where it was found.
 *
 * Context: any but NMI.
 */
void pcring_ctx_kill(struct pcring_ctx *ctx, struct pcring_ring *ring)
{
	if (pcring_ctx_get_state(ctx) >= PCRING_STATE_DEAD)
		return;
	WRITE_ONCE(ctx->error, -EBADFD);
	dev_dbg(&ctx->device->dev, "ctx %u: ring %u: corrupt, from %s[%d]\n",
		ctx->id, ring->index, ctx->comm, ctx->pid);
	pcring_ctx_set_state(ctx, PCRING_STATE_DEAD);
	pcring_ctx_tell(ctx);
}

/* ---- for drivers ----------------------------------------------------------------- */

void pcring_ctx_set_priv(struct pcring_ctx *ctx, void *priv)
{
	ctx->priv = priv;
}
EXPORT_SYMBOL_GPL(pcring_ctx_set_priv);

void *pcring_ctx_priv(const struct pcring_ctx *ctx)
{
	return ctx->priv;
}
EXPORT_SYMBOL_GPL(pcring_ctx_priv);

void *pcring_ctx_device_priv(const struct pcring_ctx *ctx)
{
	return ctx->device->priv;
}
EXPORT_SYMBOL_GPL(pcring_ctx_device_priv);

u32 pcring_ctx_id(const struct pcring_ctx *ctx)
{
	return ctx->id;
}
EXPORT_SYMBOL_GPL(pcring_ctx_id);

u32 pcring_ctx_state(const struct pcring_ctx *ctx)
{
	return pcring_ctx_get_state(ctx);
}
EXPORT_SYMBOL_GPL(pcring_ctx_state);

struct pcring_ring *pcring_ctx_ring(struct pcring_ctx *ctx, u32 kind, u32 queue)
{
	u32 nr = pcring_ctx_nr_rings(ctx);
	u32 i;

	for (i = 0; i < nr; i++)
		if (ctx->rings[i]->kind == kind &&
		    ctx->rings[i]->desc.queue == queue)
			return ctx->rings[i];
	return NULL;
}
EXPORT_SYMBOL_GPL(pcring_ctx_ring);

void pcring_ctx_kick(struct pcring_ctx *ctx)
{
	u32 nr = pcring_ctx_nr_rings(ctx);
	u32 i;

	for (i = 0; i < nr; i++) {
		WRITE_ONCE(ctx->rings[i]->stuck, false);
		/* A drain works without a worker: it waits where all do. */
		if (pcring_ctx_get_state(ctx) != PCRING_STATE_LIVE)
			pcring_ring_wake_waiters(ctx->rings[i]);
	}
	pcring_worker_queue(ctx);
}
EXPORT_SYMBOL_GPL(pcring_ctx_kick);

int pcring_ctx_refuse(struct pcring_ctx *ctx, int err, const char *fmt, ...)
{
	va_list args;

	spin_lock(&ctx->refusal_lock);
	ctx->refusal.error = err;
	va_start(args, fmt);
	vsnprintf(ctx->refusal.text, sizeof(ctx->refusal.text), fmt, args);
	va_end(args);
	dev_dbg(&ctx->device->dev, "ctx %u: %s\n", ctx->id, ctx->refusal.text);
	spin_unlock(&ctx->refusal_lock);
	return err;
}
EXPORT_SYMBOL_GPL(pcring_ctx_refuse);
