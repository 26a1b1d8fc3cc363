// SPDX-License-Identifier: GPL-2.0-only
/*
 * pcring: the calls: one table. Each is known by its number; the size that the
 * number carries grows with the struct and is not looked at.
 */
#include <linux/eventfd.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/nospec.h>
#include <linux/uaccess.h>
#include "core.h"

/* The largest struct: struct pcring_stats. */
#define PCRING_ARG_WORDS 64

/**
 * struct pcring_call_arg - a call on its way
 * @user: where the program has its struct.
 * @install: a file that becomes the program's when all has gone well.
 * @fd: its number.
 * @pool: what it stands for.
 * @words: the kernel's copy of the struct.
 */
struct pcring_call_arg {
	void __user *user;
	struct file *install;
	int fd;
	struct pcring_pool *pool;
	u64 words[PCRING_ARG_WORDS];
};

enum {
	PCRING_CALL_OUT = 1, /* the struct is written back */
	PCRING_CALL_ALWAYS = 2, /* also when the call failed */
	PCRING_CALL_LOCK = 4, /* ctx->lock is held */
	PCRING_CALL_RINGS = 8, /* not before SETUP */
	PCRING_CALL_OWN = 16, /* not on a ctx that is read and written */
};

/**
 * struct pcring_call - one of the calls
 * @name: as people call it.
 * @size: of the struct; also of its first version.
 * @flags: PCRING_CALL_*.
 * @fn: does it.
 */
struct pcring_call {
	const char *name;
	u32 size;
	u32 flags;
	int (*fn)(struct pcring_ctx *ctx, struct pcring_call_arg *arg);
};

static int pcring_call_info(struct pcring_ctx *ctx, struct pcring_call_arg *arg)
{
	pcring_info(ctx, (struct pcring_info *)arg->words);
	return 0;
}

static int pcring_call_configure(struct pcring_ctx *ctx,
				 struct pcring_call_arg *arg)
{
	return pcring_configure(ctx, (struct pcring_configure *)arg->words);
}

/* ---- pools ---------------------------------------------------------------------- */

static int pcring_pool_check(struct pcring_ctx *ctx,
			     const struct pcring_pool_create *create)
{
	u32 i;

	if (create->flags & ~PCRING_POOL_ALL)
		return pcring_ctx_refuse(ctx, -EINVAL,
					 "pool: flags %#x: unknown",
					 create->flags);
	if (create->flags & ~PCRING_POOL_USER)
		return pcring_ctx_refuse(ctx, -EOPNOTSUPP,
					 "pool: flags %#x: not in this module",
					 create->flags);
	if (!create->blocks || create->blocks > PCRING_MAX_BLOCKS)
		return pcring_ctx_refuse(ctx, -EINVAL,
					 "pool: blocks %u: not 1 to %u",
					 create->blocks, PCRING_MAX_BLOCKS);
	if (!create->block_size || create->block_size > PCRING_MAX_BLOCK_SIZE)
		return pcring_ctx_refuse(
			ctx, -EINVAL, "pool: block_size %u: not 1 to %u",
			create->block_size, PCRING_MAX_BLOCK_SIZE);
	if ((u64)create->blocks * PAGE_ALIGN(create->block_size) >
	    PCRING_OFF_BLOCK_INFO)
		return pcring_ctx_refuse(
			ctx, -EINVAL,
			"pool: blocks %u of %u bytes: more than 2^40 bytes",
			create->blocks, create->block_size);
	if (create->import_offset || create->dmabuf_fd != -1)
		return pcring_ctx_refuse(
			ctx, -EINVAL,
			"pool: dmabuf_fd %d, import_offset %llu: without IMPORT -1 and 0",
			create->dmabuf_fd, create->import_offset);
	for (i = 0; i < ARRAY_SIZE(create->reserved); i++)
		if (create->reserved[i])
			return pcring_ctx_refuse(ctx, -EINVAL,
						 "pool: reserved[%u]: not zero",
						 i);
	return 0;
}

static int pcring_call_pool_create(struct pcring_ctx *ctx,
				   struct pcring_call_arg *arg)
{
	struct pcring_pool_create *create =
		(struct pcring_pool_create *)arg->words;
	struct pcring_pool *pool;
	int err;

	if (READ_ONCE(ctx->device->gone))
		return -ENODEV;
	err = pcring_pool_check(ctx, create);
	if (err)
		return err;
	create->block_size = PAGE_ALIGN(create->block_size);
	pool = pcring_pool_create(ctx, create->flags, create->block_size,
				  create->blocks);
	if (IS_ERR(pool))
		return PTR_ERR(pool);
	/* Whose first owner is this ctx comes home when it dies. */
	if (create->flags & PCRING_POOL_USER) {
		err = pcring_ctx_hold_pool(ctx, pool);
		if (err < 0)
			goto out_put;
	}
	/* Our reference is the file's from here on. */
	arg->fd = pcring_pool_fd(pool, &arg->install);
	if (arg->fd < 0) {
		err = arg->fd;
		goto out_drop;
	}
	arg->pool = pool;
	create->fd = arg->fd;
	create->features = PCRING_FEAT_ZEROCOPY;
	return 0;

out_drop:
	pcring_ctx_drop_pool(ctx, pool);
out_put:
	pcring_pool_put(pool);
	return err;
}

/* ---- the rest -------------------------------------------------------------------- */

static int pcring_call_setup(struct pcring_ctx *ctx,
			     struct pcring_call_arg *arg)
{
	return pcring_setup_call(ctx, (struct pcring_setup *)arg->words,
				 arg->user);
}

static int pcring_call_enter(struct pcring_ctx *ctx,
			     struct pcring_call_arg *arg)
{
	return pcring_enter(ctx, (struct pcring_enter *)arg->words);
}

/* Blocks given back one after the other, until one is refused. */
static int pcring_put_some(struct pcring_ctx *ctx, struct pcring_pool *pool,
			   struct pcring_put *put)
{
	struct pcring_free __user *user = u64_to_user_ptr(put->entries);
	struct pcring_free entry;

	for (put->done = 0; put->done < put->nr; put->done++) {
		if (copy_from_user(&entry, user + put->done, sizeof(entry)))
			return -EFAULT;
		if (pcring_block_from_user(pool, ctx, entry.block,
					   entry.generation, true)) {
			pcring_free_stale(ctx, pool);
			return pcring_ctx_refuse(
				ctx, -ESTALE,
				"put: entries[%u]: block %u of generation %u: not held",
				put->done, entry.block, entry.generation);
		}
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

static int pcring_call_put(struct pcring_ctx *ctx, struct pcring_call_arg *arg)
{
	struct pcring_put *put = (struct pcring_put *)arg->words;
	struct pcring_pool *pool;
	int err;

	put->done = 0;
	if (put->flags || put->reserved)
		return pcring_ctx_refuse(
			ctx, -EINVAL, "put: flags %#x, reserved %u: not zero",
			put->flags, put->reserved);
	if (!put->nr || put->nr > PCRING_MAX_BLOCKS)
		return pcring_ctx_refuse(ctx, -EINVAL,
					 "put: nr %u: not 1 to %u", put->nr,
					 PCRING_MAX_BLOCKS);
	pool = pcring_pool_get_fd(put->pool_fd);
	if (!pool || pool->device != ctx->device) {
		pcring_pool_put(pool);
		return pcring_ctx_refuse(
			ctx, -EINVAL,
			"put: pool_fd %d: not a pool of this device",
			put->pool_fd);
	}
	err = pcring_put_some(ctx, pool, put);
	if (put->done)
		pcring_pool_kick(pool);
	pcring_pool_put(pool);
	return err;
}

static int pcring_call_drain(struct pcring_ctx *ctx,
			     struct pcring_call_arg *arg)
{
	struct pcring_drain *drain = (struct pcring_drain *)arg->words;

	drain->drained = 0;
	drain->cancelled = 0;
	if (drain->flags)
		return pcring_ctx_refuse(ctx, -EINVAL,
					 "drain: flags %#x: unknown",
					 drain->flags);
	return pcring_drain(ctx, drain);
}

static int pcring_call_eventfd(struct pcring_ctx *ctx,
			       struct pcring_call_arg *arg)
{
	struct pcring_eventfd *call = (struct pcring_eventfd *)arg->words;
	bool space = call->flags & PCRING_EVENTFD_SPACE;
	struct eventfd_ctx *eventfd = NULL, *old;
	struct pcring_ring *ring;

	if (call->flags & ~PCRING_EVENTFD_SPACE)
		return pcring_ctx_refuse(ctx, -EINVAL,
					 "eventfd: flags %#x: unknown",
					 call->flags);
	if (call->ring >= ctx->nr_rings)
		return pcring_ctx_refuse(ctx, -EINVAL,
					 "eventfd: ring %u: there are %u",
					 call->ring, ctx->nr_rings);
	ring = ctx->rings[array_index_nospec(call->ring, ctx->nr_rings)];
	if (space == ring->kernel_produces ||
	    (space && ring->desc.policy != PCRING_POLICY_BLOCK))
		return pcring_ctx_refuse(
			ctx, -EINVAL,
			"eventfd: ring %u: the program does not wait there for %s",
			call->ring, space ? "space" : "items");
	if (call->fd != -1) {
		eventfd = eventfd_ctx_fdget(call->fd);
		if (IS_ERR(eventfd))
			return pcring_ctx_refuse(
				ctx, -EINVAL, "eventfd: fd %d: not an eventfd",
				call->fd);
	}
	old = rcu_replace_pointer(ring->eventfd, eventfd,
				  lockdep_is_held(&ctx->lock));
	if (old) {
		synchronize_rcu(); /* pcring_ring_wake_now() */
		eventfd_ctx_put(old);
	}
	return 0;
}

static int pcring_call_stats(struct pcring_ctx *ctx,
			     struct pcring_call_arg *arg)
{
	return pcring_stats(ctx, (struct pcring_stats *)arg->words);
}

static int pcring_call_export(struct pcring_ctx *ctx,
			      struct pcring_call_arg *arg)
{
	return pcring_ctx_refuse(ctx, -EOPNOTSUPP,
				 "export: not in this module");
}

static int pcring_call_refusal(struct pcring_ctx *ctx,
			       struct pcring_call_arg *arg)
{
	struct pcring_refusal *refusal = (struct pcring_refusal *)arg->words;
	u32 size = refusal->size;

	spin_lock(&ctx->refusal_lock);
	*refusal = ctx->refusal;
	spin_unlock(&ctx->refusal_lock);
	refusal->size = size;
	return 0;
}

#define PCRING_CALL(nr, call, struct_name, call_flags) \
	[_IOC_NR(nr)] = {                              \
		.name = #call,                         \
		.size = sizeof(struct struct_name),    \
		.flags = call_flags,                   \
		.fn = pcring_call_##call,              \
	}

static const struct pcring_call pcring_calls[] = {
	PCRING_CALL(PCRING_IOC_INFO, info, pcring_info, PCRING_CALL_OUT),
	PCRING_CALL(PCRING_IOC_CONFIGURE, configure, pcring_configure,
		    PCRING_CALL_LOCK),
	PCRING_CALL(PCRING_IOC_POOL_CREATE, pool_create, pcring_pool_create,
		    PCRING_CALL_OUT | PCRING_CALL_LOCK),
	PCRING_CALL(PCRING_IOC_SETUP, setup, pcring_setup, PCRING_CALL_LOCK),
	PCRING_CALL(PCRING_IOC_ENTER, enter, pcring_enter,
		    PCRING_CALL_OUT | PCRING_CALL_ALWAYS | PCRING_CALL_RINGS |
			    PCRING_CALL_OWN),
	PCRING_CALL(PCRING_IOC_PUT, put, pcring_put,
		    PCRING_CALL_OUT | PCRING_CALL_ALWAYS | PCRING_CALL_RINGS |
			    PCRING_CALL_OWN),
	PCRING_CALL(PCRING_IOC_DRAIN, drain, pcring_drain,
		    PCRING_CALL_OUT | PCRING_CALL_ALWAYS | PCRING_CALL_LOCK |
			    PCRING_CALL_RINGS),
	PCRING_CALL(PCRING_IOC_EVENTFD, eventfd, pcring_eventfd,
		    PCRING_CALL_LOCK | PCRING_CALL_RINGS | PCRING_CALL_OWN),
	PCRING_CALL(PCRING_IOC_STATS, stats, pcring_stats, PCRING_CALL_OUT),
	PCRING_CALL(PCRING_IOC_EXPORT_DMABUF, export, pcring_export_dmabuf, 0),
	PCRING_CALL(PCRING_IOC_REFUSAL, refusal, pcring_refusal,
		    PCRING_CALL_OUT),
};

/* ---- how each is called ------------------------------------------------------------ */

static int pcring_call_read(struct pcring_ctx *ctx,
			    const struct pcring_call *call,
			    struct pcring_call_arg *arg, u32 *size)
{
	int err;

	if (get_user(*size, (u32 __user *)arg->user))
		return -EFAULT;
	if (*size < call->size)
		return pcring_ctx_refuse(ctx, -EINVAL,
					 "%s: size %u: less than %u",
					 call->name, *size, call->size);
	if (*size > PAGE_SIZE)
		return pcring_ctx_refuse(ctx, -E2BIG,
					 "%s: size %u: more than a page",
					 call->name, *size);
	err = copy_struct_from_user(arg->words, call->size, arg->user, *size);
	if (err == -E2BIG)
		return pcring_ctx_refuse(
			ctx, err, "%s: size %u: what is beyond is not zero",
			call->name, *size);
	/* The word may have changed since: the first look counts. */
	*(u32 *)arg->words = *size;
	return err;
}

static int pcring_call_may(struct pcring_ctx *ctx,
			   const struct pcring_call *call)
{
	if ((call->flags & PCRING_CALL_RINGS) && !pcring_ctx_is_set_up(ctx))
		return READ_ONCE(ctx->device->gone)
			       ? -ENODEV
			       : pcring_ctx_refuse(ctx, -EINVAL,
						   "%s: before SETUP",
						   call->name);
	if ((call->flags & PCRING_CALL_OWN) && pcring_ctx_is_rw(ctx))
		return pcring_ctx_refuse(ctx, -EBUSY,
					 "%s: the ctx is read and written",
					 call->name);
	return 0;
}

static int pcring_call_run(struct pcring_ctx *ctx,
			   const struct pcring_call *call,
			   struct pcring_call_arg *arg)
{
	int err;

	if (!(call->flags & PCRING_CALL_LOCK))
		return pcring_call_may(ctx, call) ?: call->fn(ctx, arg);
	if (mutex_lock_interruptible(&ctx->lock))
		return -EINTR;
	err = pcring_call_may(ctx, call) ?: call->fn(ctx, arg);
	mutex_unlock(&ctx->lock);
	return err;
}

static int pcring_call_write(const struct pcring_call *call,
			     struct pcring_call_arg *arg, int err)
{
	if (!(call->flags & PCRING_CALL_OUT) ||
	    (err && !(call->flags & PCRING_CALL_ALWAYS)))
		return err;
	return copy_to_user(arg->user, arg->words, call->size) ? -EFAULT : err;
}

long pcring_ioctl(struct file *file, unsigned int cmd, unsigned long user)
{
	struct pcring_call_arg arg = { .user = (void __user *)user };
	struct pcring_ctx *ctx = file->private_data;
	const struct pcring_call *call;
	u32 nr = _IOC_NR(cmd), size;
	int err;

	BUILD_BUG_ON(sizeof(struct pcring_stats) > sizeof(arg.words));
	if (_IOC_TYPE(cmd) != PCRING_IOC_MAGIC ||
	    nr >= ARRAY_SIZE(pcring_calls))
		return -ENOTTY;
	call = &pcring_calls[array_index_nospec(nr, ARRAY_SIZE(pcring_calls))];
	err = pcring_call_read(ctx, call, &arg, &size);
	if (err)
		return err;
	err = pcring_call_run(ctx, call, &arg);
	err = pcring_call_write(call, &arg, err);
	if (!arg.install)
		return err;
	if (err) {
		mutex_lock(&ctx->lock);
		pcring_ctx_drop_pool(ctx, arg.pool);
		mutex_unlock(&ctx->lock);
		fput(arg.install);
		put_unused_fd(arg.fd);
	} else {
		fd_install(arg.fd, arg.install);
	}
	return err;
}
