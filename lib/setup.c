// SPDX-License-Identifier: LGPL-2.1-only OR MIT
/*
 * libpcring: building a ctx: its rings, their memory, their ends.
 */
#include <sys/epoll.h>
#include <unistd.h>
#include "pcring_impl.h"

static int pcring_ring_build(struct pcring_ctx *ctx, __u32 nr)
{
	struct pcring_ring_impl *ring = &ctx->rings[nr];
	struct pcring_ring_desc *desc = &ctx->descs[nr];
	__u32 i;

	ring->ctx = ctx;
	ring->desc = desc;
	ring->fd = -1;
	ring->wake_fd = -1;
	ring->ring.impl = ring;
	ring->produces = pcring_kind_user_produces(desc->kind) != ctx->server;
	if (desc->producers != PCRING_PRODUCERS_PERCPU)
		return 0;
	ring->shards = calloc(desc->shards, sizeof(*ring->shards));
	if (!ring->shards)
		return -ENOMEM;
	ring->nr_shards = desc->shards;
	for (i = 0; i < desc->shards; i++) {
		struct pcring_ring_impl *shard = &ring->shards[i];

		shard->ctx = ctx;
		shard->desc = desc;
		shard->fd = -1;
		shard->wake_fd = -1;
		shard->ring.impl = shard;
		shard->produces = ring->produces;
	}
	if (ring->produces)
		return 0;
	ring->merge = calloc(desc->shards, sizeof(*ring->merge));
	return ring->merge ? 0 : -ENOMEM;
}

int pcring_ctx_build(struct pcring_ctx *ctx,
		     const struct pcring_ring_desc *descs, __u32 nr)
{
	__u32 i;
	int err;

	ctx->descs = calloc(nr, sizeof(*ctx->descs));
	ctx->rings = calloc(nr, sizeof(*ctx->rings));
	if (!ctx->descs || !ctx->rings)
		return -ENOMEM;
	memcpy(ctx->descs, descs, nr * sizeof(*descs));
	/* Whole enough to be closed, however far this gets. */
	for (i = 0; i < nr; i++) {
		ctx->rings[i].fd = -1;
		ctx->rings[i].ring.impl = &ctx->rings[i];
	}
	ctx->nr_rings = nr;
	for (i = 0; i < nr; i++) {
		/* A client's descriptors are checked after this. */
		if (ctx->descs[i].shards > PCRING_MAX_SHARDS)
			return pcring_fail(-EBADFD, "ring %u: shards %u", i,
					   ctx->descs[i].shards);
		err = pcring_ring_build(ctx, i);
		if (err)
			return err;
	}
	return 0;
}

static struct pcring_ring_impl *pcring_end(struct pcring_ring_impl *ring,
					   __u32 shard)
{
	return ring->shards ? &ring->shards[shard] : ring;
}

#ifdef PCRING_ONE_MAPPING
/*
 * Race detectors know memory by its address: there the two ends of a pair share
 * one mapping. It is the peer's until that is closed first.
 */
static bool pcring_end_borrow(struct pcring_ring_impl *end, __u32 shard)
{
	struct pcring_ctx *twin = end->ctx->twin;
	struct pcring_ring_impl *other;

	if (!twin)
		return false;
	other = pcring_end(&twin->rings[end->desc - end->ctx->descs], shard);
	end->peer.base = other->own.base;
	end->peer.len = 0;
	return true;
}
#else
static bool pcring_end_borrow(struct pcring_ring_impl *end, __u32 shard)
{
	(void)end;
	(void)shard;
	return false;
}
#endif

/* Who is closed first leaves its mappings to the other. */
void pcring_ctx_bequeath(struct pcring_ctx *ctx)
{
	struct pcring_ctx *twin = ctx->twin;
	__u32 i, k;

	if (!twin)
		return;
	twin->twin = NULL;
	for (i = 0; i < ctx->nr_rings && i < twin->nr_rings; i++)
		for (k = 0; k < ctx->descs[i].shards; k++) {
			struct pcring_ring_impl *mine =
				pcring_end(&ctx->rings[i], k);
			struct pcring_ring_impl *other =
				pcring_end(&twin->rings[i], k);

			if (!other->peer.base || other->peer.len)
				continue;
			other->peer = mine->own;
			mine->own.base = NULL;
		}
}

/* Map the area of one end's, its own or its peer's. */
static int pcring_end_map(struct pcring_ring_impl *end, __u32 shard, int fd,
			  bool own)
{
	const struct pcring_ring_desc *d = end->desc;
	size_t control = pcring_page();
	size_t data = pcring_desc_data_len(d);
	struct pcring_map *map = own ? &end->own : &end->peer;

	if (!own && pcring_end_borrow(end, shard))
		return 0;
	if (own == end->produces)
		return pcring_map_area(
			map, fd, d->prod_offset + shard * (control + data),
			control, data, pcring_kind_records(d->kind), own);
	return pcring_map_area(map, fd, d->cons_offset + shard * control,
			       control, 0, false, own);
}

static int pcring_ctx_map_ends(struct pcring_ctx *ctx, int fd, bool own)
{
	__u32 i, k;
	int err;

	for (i = 0; i < ctx->nr_rings; i++)
		for (k = 0; k < ctx->descs[i].shards; k++) {
			err = pcring_end_map(pcring_end(&ctx->rings[i], k), k,
					     fd, own);
			if (err)
				return err;
		}
	return 0;
}

/* The blocks, writable by both, and what the server says of them. */
int pcring_ctx_map_pool(struct pcring_ctx *ctx, int fd, int info_fd)
{
	int err = pcring_pool_new(ctx);

	if (!err)
		err = pcring_map_area(&ctx->pool->map, fd, 0,
				      ctx->layout.pool_len, 0, false, true);
	if (!err)
		err = pcring_map_area(
			&ctx->pool->info_map, info_fd, ctx->layout.info_offset,
			ctx->layout.server_len - ctx->layout.info_offset, 0,
			false, ctx->server);
	if (!err)
		ctx->pool->info =
			(struct pcring_block_info *)ctx->pool->info_map.base;
	return err;
}

/* Make what this side writes, map it, and let nobody else ever write it. */
int pcring_ctx_map_own(struct pcring_ctx *ctx)
{
	int err;

	ctx->own_shm =
		pcring_shm_create("pcring", ctx->server ? ctx->layout.server_len
							: ctx->layout.user_len);
	if (ctx->own_shm < 0)
		return ctx->own_shm;
	err = pcring_ctx_map_ends(ctx, ctx->own_shm, true);
	if (!err && ctx->server && ctx->layout.pool_len) {
		ctx->pool_shm =
			pcring_shm_create("pcring-pool", ctx->layout.pool_len);
		if (ctx->pool_shm < 0)
			return ctx->pool_shm;
		err = pcring_ctx_map_pool(ctx, ctx->pool_shm, ctx->own_shm);
		if (!err)
			err = pcring_shm_seal(ctx->pool_shm, false);
	}
	return err ? err : pcring_shm_seal(ctx->own_shm, true);
}

int pcring_ctx_map_peer(struct pcring_ctx *ctx, int fd)
{
	return pcring_ctx_map_ends(ctx, fd, false);
}

static void pcring_end_fds(struct pcring_ring_impl *end, __u32 *next)
{
	struct pcring_ctx *ctx = end->ctx;
	int items, space;

	if (ctx->wait_mode == PCRING_WAIT_FUTEX)
		return;
	items = ctx->fds.fd[(*next)++];
	space = items;
	if (ctx->wait_mode == PCRING_WAIT_EVENTFD)
		space = ctx->fds.fd[(*next)++];
	end->fd = end->produces ? space : items;
	end->wake_fd = end->produces ? items : space;
}

void pcring_end_init(struct pcring_ring_impl *end)
{
	const struct pcring_ring_desc *d = end->desc;
	struct pcring_geometry geo = {
		.entries = d->entries,
		.entry_size = d->entry_size,
		.policy = d->policy,
		.producers = d->producers,
		.flags = d->flags,
		.lag = d->lag,
	};

	if (pcring_desc_xchg(d) && !end->words)
		end->words =
			(__u64 *)(end->ctx->pool->map.base + d->xchg_offset);
	if (end->produces) {
		pcring_prod_init(&end->prod,
				 (struct pcring_prod_page *)end->own.base,
				 (struct pcring_cons_page *)end->peer.base,
				 end->own.base + d->data_offset, &geo);
		end->ring.prod = &end->prod;
	} else {
		pcring_cons_init(&end->cons,
				 (struct pcring_cons_page *)end->own.base,
				 (struct pcring_prod_page *)end->peer.base,
				 end->peer.base + d->data_offset, &geo);
		end->ring.cons = &end->cons;
	}
}

/* One fd for all shards; without it the ring just cannot be polled. */
static void pcring_merge_init(struct pcring_ring_impl *ring)
{
	struct epoll_event event = { .events = EPOLLIN };
	__u32 i;

	for (i = 0; i < ring->nr_shards; i++)
		ring->merge[i].cons = &ring->shards[i].cons;
	if (ring->ctx->wait_mode == PCRING_WAIT_FUTEX)
		return;
	ring->fd = epoll_create1(EPOLL_CLOEXEC);
	for (i = 0; ring->fd >= 0 && i < ring->nr_shards; i++)
		epoll_ctl(ring->fd, EPOLL_CTL_ADD, ring->shards[i].fd, &event);
}

/* Both sides' memory is there: begin. */
void pcring_ctx_go(struct pcring_ctx *ctx)
{
	__u32 next = 0;
	__u32 i, k;

	for (i = 0; i < ctx->nr_rings; i++) {
		struct pcring_ring_impl *ring = &ctx->rings[i];

		for (k = 0; k < ctx->descs[i].shards; k++) {
			pcring_end_fds(pcring_end(ring, k), &next);
			pcring_end_init(pcring_end(ring, k));
		}
		if (ring->merge)
			pcring_merge_init(ring);
	}
	if (ctx->own_shm >= 0)
		close(ctx->own_shm);
	if (ctx->pool_shm >= 0)
		close(ctx->pool_shm);
	ctx->own_shm = -1;
	ctx->pool_shm = -1;
}
