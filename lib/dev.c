// SPDX-License-Identifier: LGPL-2.1-only OR MIT
/*
 * libpcring: a ctx of /dev/pcring/<name>: the kernel is the other side. It keeps
 * the books, and says itself why a call was refused.
 */
#include <sys/ioctl.h>
#include <unistd.h>
#include "pcring_dev.h"

/*
 * A call was refused: in the kernel's words, if they are about this one.
 * Return: @err.
 */
int pcring_dev_refused(struct pcring_ctx *ctx, int err, const char *call)
{
	struct pcring_refusal why = { .size = sizeof(why) };

	if (ioctl(ctx->fd, PCRING_IOC_REFUSAL, &why) || why.error != err)
		why.text[0] = 0;
	why.text[sizeof(why.text) - 1] = 0;
	return pcring_fail(err, "device %s: %s: %s", ctx->dev->name, call,
			   why.text[0] ? why.text : strerror(-err));
}

int pcring_dev_call(struct pcring_ctx *ctx, unsigned long cmd, void *arg,
		    const char *call)
{
	if (!ioctl(ctx->fd, cmd, arg))
		return 0;
	return pcring_dev_refused(ctx, -errno, call);
}

/* ---- the kernel's ends ---------------------------------------------------- */

/* It is dead: of what? Asked once, it does not change. */
static int pcring_dev_why(struct pcring_ctx *ctx)
{
	struct pcring_enter enter = { .size = sizeof(enter) };
	int why = -(int)pcring_load(&ctx->dev->why);

	if (why)
		return why;
	why = -EOWNERDEAD;
	if (ioctl(ctx->fd, PCRING_IOC_ENTER, &enter) &&
	    (errno == EBADFD || errno == ECANCELED))
		why = -errno;
	pcring_store(&ctx->dev->why, (__u32)-why);
	return why;
}

static int pcring_dev_over(struct pcring_ctx *ctx, __u32 state)
{
	if (state == PCRING_STATE_UNPLUGGED)
		return -ENODEV;
	if (state < PCRING_STATE_DEAD || pcring_load(&ctx->draining))
		return -ECANCELED;
	return pcring_dev_why(ctx);
}

/* Its ends say it all; nobody hangs up without a word. */
static bool pcring_dev_look(struct pcring_ctx *ctx)
{
	(void)ctx;
	return false;
}

/* This side's ends have said DEAD: nothing of it will be believed. */
static void pcring_dev_hang_up(struct pcring_ctx *ctx)
{
	(void)ctx;
}

/* ---- calls ---------------------------------------------------------------- */

static int pcring_dev_stats(struct pcring_ring_impl *ring,
			    struct pcring_stats *stats)
{
	return pcring_dev_call(ring->ctx, PCRING_IOC_STATS, stats, "STATS");
}

static void pcring_dev_publish(struct pcring_ring_impl *end)
{
	if (end->produces) {
		pcring_ring_lock(end);
		pcring_prod_publish(&end->prod);
		pcring_ring_unlock(end);
	} else {
		pcring_cons_publish(&end->cons);
	}
}

/* The kernel cancels what is left of what it was to read, and counts it. */
static int pcring_dev_drain(struct pcring_ctx *ctx, __u64 timeout_ns,
			    struct pcring_drain *drain)
{
	struct pcring_drain own = {
		.size = sizeof(own),
		.timeout_ns = timeout_ns,
	};
	__u32 i, k;
	int err;

	for (i = 0; i < ctx->nr_rings; i++)
		for (k = 0; k < pcring_nr_ends(&ctx->rings[i]); k++)
			pcring_dev_publish(pcring_end_nr(&ctx->rings[i], k));
	err = pcring_dev_call(ctx, PCRING_IOC_DRAIN, &own, "DRAIN");
	if (drain)
		*drain = own;
	return err;
}

static int pcring_dev_put(struct pcring_pool *pool,
			  const struct pcring_free *entry)
{
	struct pcring_free own = *entry;
	struct pcring_put put = {
		.size = sizeof(put),
		.entries = (__u64)(__UINTPTR_TYPE__)&own,
		.nr = 1,
		.pool_fd = pool->ctx->dev->pool_fd,
	};

	return pcring_dev_call(pool->ctx, PCRING_IOC_PUT, &put, "PUT");
}

static int pcring_dev_submit(struct pcring_ctx *ctx, __u32 max)
{
	struct pcring_enter enter = { .size = sizeof(enter), .submit = max };
	int err = pcring_dev_call(ctx, PCRING_IOC_ENTER, &enter, "ENTER");

	return enter.taken ? (int)enter.taken : err;
}

int pcring_ctx_submit(struct pcring_ctx *ctx, __u32 max)
{
	if (!ctx->via->submit)
		return pcring_fail(-EOPNOTSUPP,
				   "ctx %u: its peer takes by itself", ctx->id);
	return ctx->via->submit(ctx, max);
}

int pcring_dev_pool_fd(const struct pcring_ctx *ctx)
{
	return ctx->dev ? ctx->dev->pool_fd : -1;
}

static void pcring_dev_close(struct pcring_ctx *ctx)
{
	__u32 i;

	for (i = 0; i < ctx->nr_rings; i++) {
		if (ctx->rings[i].fd >= 0)
			close(ctx->rings[i].fd);
		ctx->rings[i].fd = -1;
	}
	if (ctx->dev->pool_fd >= 0)
		close(ctx->dev->pool_fd);
	close(ctx->fd);
	free(ctx->dev);
	ctx->dev = NULL;
}

const struct pcring_transport pcring_dev_enter = {
	.no_fd =
		"no fd: poll pcring_ctx_fd(), or open with PCRING_WAIT_EVENTFD",
	.ctx_polls = true,
	.quiet_close = true,
	.by_prod = true,
	.wake = pcring_dev_wake,
	.sleep = pcring_dev_sleep,
	.look = pcring_dev_look,
	.over = pcring_dev_over,
	.state = pcring_ctx_worst,
	.hang_up = pcring_dev_hang_up,
	.stats = pcring_dev_stats,
	.drain = pcring_dev_drain,
	.put = pcring_dev_put,
	.submit = pcring_dev_submit,
	.close = pcring_dev_close,
};

const struct pcring_transport pcring_dev_eventfd = {
	.no_fd = "no fd: nobody waits for space under its policy",
	.quiet_close = true,
	.by_prod = true,
	.wake = pcring_dev_wake,
	.sleep = pcring_dev_sleep,
	.clear = pcring_dev_clear,
	.arm = pcring_dev_clear,
	.look = pcring_dev_look,
	.over = pcring_dev_over,
	.state = pcring_ctx_worst,
	.hang_up = pcring_dev_hang_up,
	.stats = pcring_dev_stats,
	.drain = pcring_dev_drain,
	.put = pcring_dev_put,
	.submit = pcring_dev_submit,
	.close = pcring_dev_close,
};
