// SPDX-License-Identifier: LGPL-2.1-only OR MIT
/*
 * libpcring: no more, finish what is there.
 */
#include <poll.h>
#include "pcring_impl.h"

/* A drain looks so often: the consumer owes no wakeup for being done. */
#define PCRING_DRAIN_MS 1

typedef void pcring_end_fn(struct pcring_ring_impl *end);

static void pcring_each_end(struct pcring_ctx *ctx, pcring_end_fn *fn)
{
	__u32 i, k;

	for (i = 0; i < ctx->nr_rings; i++)
		for (k = 0; k < ctx->descs[i].shards; k++)
			fn(ctx->rings[i].shards ? &ctx->rings[i].shards[k]
						: &ctx->rings[i]);
}

static void pcring_end_drain(struct pcring_ring_impl *end)
{
	if (end->produces) {
		pcring_ring_lock(end);
		pcring_prod_publish(&end->prod);
		pcring_ring_unlock(end);
		pcring_prod_end(&end->prod, PCRING_STATE_DRAINING);
	} else {
		pcring_cons_publish(&end->cons);
		pcring_cons_end(&end->cons, PCRING_STATE_DRAINING);
	}
	pcring_end_wake(end);
}

static void pcring_end_settle(struct pcring_ring_impl *end)
{
	if (end->produces)
		pcring_ring_settle_prod(end);
}

/* What the peer has not taken yet of what this end produced: entries, bytes. */
static __u64 pcring_end_left(const struct pcring_ring_impl *end)
{
	const struct pcring_prod *p = &end->prod;

	if (!end->produces)
		return 0;
	if (end->words)
		return pcring_xchg_count(end->words, p->entries);
	return p->prod - pcring_load_acquire(&p->peer->counts.position);
}

static __u64 pcring_end_taken(const struct pcring_ring_impl *end)
{
	return end->produces ? pcring_load(&end->prod.peer->counts.consumed)
			     : 0;
}

static __u64 pcring_ctx_sum(struct pcring_ctx *ctx,
			    __u64 (*term)(const struct pcring_ring_impl *end))
{
	__u64 sum = 0;
	__u32 i, k;

	for (i = 0; i < ctx->nr_rings; i++)
		for (k = 0; k < ctx->descs[i].shards; k++)
			sum += term(ctx->rings[i].shards
					    ? &ctx->rings[i].shards[k]
					    : &ctx->rings[i]);
	return sum;
}

static int pcring_drain_wait(struct pcring_ctx *ctx, __u64 deadline)
{
	struct pollfd pfd = { .fd = ctx->fd, .events = POLLRDHUP };

	while (pcring_ctx_sum(ctx, pcring_end_left)) {
		if (pcring_load(&ctx->corrupt))
			return pcring_ctx_bad(ctx, "it");
		if (pcring_ctx_look(ctx))
			return pcring_fail(-EOWNERDEAD,
					   "ctx %u: the peer is gone", ctx->id);
		if (deadline != PCRING_NO_TIMEOUT && pcring_now() >= deadline)
			return -ETIME;
		if (poll(&pfd, 1, PCRING_DRAIN_MS) < 0)
			return -errno;
	}
	return 0;
}

int pcring_shm_drain(struct pcring_ctx *ctx, __u64 timeout_ns,
		     struct pcring_drain *drain)
{
	__u64 deadline = pcring_deadline(timeout_ns);
	__u64 cancelled = 0;
	__u64 taken;
	__u32 i;
	int err;

	taken = pcring_ctx_sum(ctx, pcring_end_taken);
	pcring_each_end(ctx, pcring_end_drain);
	err = pcring_drain_wait(ctx, deadline);
	if (err == -EINTR)
		return err;
	if (err) {
		/* Blocks given back in time are given back. */
		if (ctx->server && ctx->pool)
			pcring_pool_free(ctx->pool);
		for (i = 0; i < ctx->nr_rings; i++)
			if (!ctx->rings[i].produces)
				cancelled +=
					pcring_ring_cancel_rest(&ctx->rings[i]);
		if (err != -ETIME)
			pcring_each_end(ctx, pcring_end_settle);
	}
	if (drain) {
		memset(drain, 0, sizeof(*drain));
		drain->size = sizeof(*drain);
		drain->timeout_ns = timeout_ns;
		drain->drained = pcring_ctx_sum(ctx, pcring_end_taken) - taken;
		drain->cancelled = cancelled;
	}
	return err;
}

int pcring_ctx_drain(struct pcring_ctx *ctx, __u64 timeout_ns,
		     struct pcring_drain *drain)
{
	pcring_ctx_alone(ctx, "drained");
	pcring_store_release(&ctx->draining, 1U);
	return ctx->via->drain(ctx, timeout_ns, drain);
}
