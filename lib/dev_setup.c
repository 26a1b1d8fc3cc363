// SPDX-License-Identifier: LGPL-2.1-only OR MIT
/*
 * libpcring: setting a device's ctx up: INFO, CONFIGURE, POOL_CREATE, SETUP, and
 * the mappings.
 */
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "pcring_dev.h"

/* Is it one of ours, and of this ABI? */
static int pcring_dev_info(struct pcring_ctx *ctx)
{
	struct pcring_info info = { .size = sizeof(info) };

	if (ioctl(ctx->fd, PCRING_IOC_INFO, &info)) {
		if (errno == ENOTTY)
			return pcring_fail(-ENOTTY,
					   "device %s: no device of pcring's",
					   ctx->dev->name);
		return pcring_dev_refused(ctx, -errno, "INFO");
	}
	if (info.version != PCRING_ABI_VERSION)
		return pcring_fail(-EOPNOTSUPP,
				   "device %s: version %u: this library has %u",
				   ctx->dev->name, info.version,
				   PCRING_ABI_VERSION);
	return 0;
}

static int pcring_dev_configure(struct pcring_ctx *ctx,
				const struct pcring_ctx_opts *opts)
{
	struct pcring_configure call = {
		.size = sizeof(call),
		.payload_size = opts->payload_size,
		.payload = (__u64)(__UINTPTR_TYPE__)opts->payload,
	};

	if (!opts->payload_size)
		return 0;
	return pcring_dev_call(ctx, PCRING_IOC_CONFIGURE, &call, "CONFIGURE");
}

static int pcring_dev_pool(struct pcring_ctx *ctx, struct pcring_ctx_opts *opts)
{
	struct pcring_pool_create call = {
		.size = sizeof(call),
		.flags = opts->pool_flags,
		.block_size = opts->block_size,
		.blocks = opts->blocks,
		.dmabuf_fd = -1,
	};
	int err;

	if (!opts->blocks && !opts->block_size && !opts->pool_flags)
		return 0;
	err = pcring_dev_call(ctx, PCRING_IOC_POOL_CREATE, &call,
			      "POOL_CREATE");
	if (err)
		return err;
	ctx->dev->pool_fd = call.fd;
	ctx->pool_desc.block_size = call.block_size;
	ctx->pool_desc.blocks = call.blocks;
	ctx->pool_desc.flags = opts->pool_flags;
	opts->block_size = call.block_size;
	opts->blocks = call.blocks;
	return 0;
}

/* A descriptor's pool is the ctx's own, which has an fd here, or none. */
static int pcring_dev_descs(struct pcring_ctx *ctx,
			    const struct pcring_ctx_opts *opts,
			    struct pcring_ring_desc *descs)
{
	__u32 i;

	memcpy(descs, opts->rings, opts->nr_rings * sizeof(*descs));
	for (i = 0; i < opts->nr_rings; i++) {
		if (descs[i].pool_fd == -1)
			continue;
		if (descs[i].pool_fd != PCRING_CTX_POOL ||
		    ctx->dev->pool_fd < 0)
			return pcring_fail(-EINVAL, "ring %u: pool_fd %d: %s",
					   i, descs[i].pool_fd,
					   ctx->dev->pool_fd < 0
						   ? "the ctx has no pool"
						   : "not PCRING_CTX_POOL");
		descs[i].pool_fd = ctx->dev->pool_fd;
	}
	return 0;
}

/* What the kernel grants is believed, but it has to be a ring. */
static int pcring_dev_check(const struct pcring_ring_desc *d, __u32 nr)
{
	const struct pcring_geometry geo = {
		.entries = d->entries,
		.entry_size = d->entry_size,
		.policy = d->policy,
		.producers = d->producers,
		.flags = d->flags,
		.lag = d->lag,
	};
	bool records = !d->entry_size;

	if (!d->shards || d->shards > PCRING_MAX_SHARDS)
		return pcring_fail(-EOPNOTSUPP,
				   "ring %u: shards %u: this library has %u",
				   nr, d->shards, PCRING_MAX_SHARDS);
	if (pcring_geometry_check(&geo) || d->data_offset > d->prod_len ||
	    records != pcring_kind_records(d->kind))
		return pcring_fail(-EBADFD,
				   "ring %u: entries %u, entry_size %u, lag "
				   "%u: granted, but no ring",
				   nr, d->entries, d->entry_size, d->lag);
	return 0;
}

static int pcring_dev_rings(struct pcring_ctx *ctx,
			    struct pcring_ctx_opts *opts,
			    struct pcring_ring_desc *descs)
{
	struct pcring_setup call = {
		.size = sizeof(call),
		.flags = opts->setup_flags,
		.features = opts->features,
		.rings = (__u64)(__UINTPTR_TYPE__)descs,
		.nr_rings = opts->nr_rings,
		.ring_size = sizeof(*descs),
		.drain_ms = opts->drain_ms,
		.worker_cpu = opts->worker_cpu,
	};
	__u32 i;
	int err;

	err = pcring_dev_descs(ctx, opts, descs);
	if (!err)
		err = pcring_dev_call(ctx, PCRING_IOC_SETUP, &call, "SETUP");
	for (i = 0; !err && i < opts->nr_rings; i++) {
		if (descs[i].pool_fd != -1)
			descs[i].pool_fd = PCRING_CTX_POOL;
		err = pcring_dev_check(&descs[i], i);
	}
	if (err)
		return err;
	ctx->id = call.ctx_id;
	opts->features = call.features;
	return pcring_ctx_build(ctx, descs, opts->nr_rings);
}

/* ---- mappings ------------------------------------------------------------- */

static int pcring_dev_map(struct pcring_map *map, int fd, __u64 off, __u64 len,
			  bool writable)
{
	int prot = writable ? PROT_READ | PROT_WRITE : PROT_READ;
	void *base = mmap(NULL, len, prot, MAP_SHARED, fd, (off_t)off);

	if (base == MAP_FAILED)
		return pcring_fail(-errno, "mmap: %llu bytes at %#llx: %s",
				   (unsigned long long)len,
				   (unsigned long long)off, strerror(errno));
	map->base = base;
	map->len = len;
	return 0;
}

static int pcring_dev_map_pool(struct pcring_ctx *ctx)
{
	int fd = ctx->dev->pool_fd;
	struct pcring_pool *pool;
	size_t info;
	int err;

	if (fd < 0)
		return 0;
	err = pcring_pool_new(ctx);
	if (err)
		return err;
	pool = ctx->pool;
	info = pcring_page_up(pool->blocks * sizeof(*pool->info));
	err = pcring_dev_map(&pool->map, fd, PCRING_OFF_BLOCKS,
			     (__u64)pool->blocks * pool->block_size, true);
	if (!err)
		err = pcring_dev_map(&pool->info_map, fd, PCRING_OFF_BLOCK_INFO,
				     info, false);
	pool->info = (struct pcring_block_info *)pool->info_map.base;
	return err;
}

static int pcring_dev_map_end(struct pcring_ring_impl *end, __u32 shard)
{
	const struct pcring_ring_desc *d = end->desc;
	struct pcring_map *prod = end->produces ? &end->own : &end->peer;
	struct pcring_map *cons = end->produces ? &end->peer : &end->own;
	int fd = end->ctx->fd;
	int err;

	err = pcring_dev_map(prod, fd, d->prod_offset + shard * d->prod_len,
			     d->prod_len, end->produces);
	if (!err)
		err = pcring_dev_map(cons, fd,
				     d->cons_offset + shard * d->cons_len,
				     d->cons_len, !end->produces);
	if (!err && d->xchg_len) {
		err = pcring_dev_map(&end->words_map, fd, d->xchg_offset,
				     d->xchg_len, true);
		end->words = (__u64 *)end->words_map.base;
	}
	return err;
}

static int pcring_dev_map_ring(struct pcring_ring_impl *ring)
{
	__u32 k;
	int err = 0;

	for (k = 0; !err && k < pcring_nr_ends(ring); k++) {
		err = pcring_dev_map_end(pcring_end_nr(ring, k), k);
		if (!err)
			pcring_end_init(pcring_end_nr(ring, k));
	}
	for (k = 0; !err && ring->merge && k < ring->nr_shards; k++)
		ring->merge[k].cons = &ring->shards[k].cons;
	return err;
}

/* ---- opening -------------------------------------------------------------- */

static int pcring_dev_setup(struct pcring_ctx *ctx,
			    struct pcring_ctx_opts *opts)
{
	struct pcring_ring_desc descs[PCRING_MAX_RINGS];
	__u32 i;
	int err;

	if (opts->wait_mode == PCRING_WAIT_FUTEX)
		return pcring_fail(-EOPNOTSUPP,
				   "ctx opts: wait_mode %u: not over a device",
				   opts->wait_mode);
	err = pcring_dev_info(ctx);
	if (!err)
		err = pcring_dev_configure(ctx, opts);
	if (!err)
		err = pcring_dev_pool(ctx, opts);
	if (!err)
		err = pcring_dev_rings(ctx, opts, descs);
	if (!err)
		err = pcring_dev_map_pool(ctx);
	for (i = 0; !err && i < ctx->nr_rings; i++)
		err = pcring_dev_map_ring(&ctx->rings[i]);
	if (!err && opts->wait_mode == PCRING_WAIT_EVENTFD)
		err = pcring_dev_eventfds(ctx);
	if (!err)
		memcpy(opts->rings, ctx->descs,
		       ctx->nr_rings * sizeof(*opts->rings));
	return err;
}

int pcring_dev_open(const char *path, struct pcring_ctx_opts *opts,
		    struct pcring_ctx **ctx)
{
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY);
	struct pcring_ctx *new;
	struct pcring_dev *dev;
	int err;

	if (fd < 0)
		return pcring_fail(-errno, "device %s: open: %s", path,
				   strerror(errno));
	dev = calloc(1, sizeof(*dev));
	new = dev ? pcring_ctx_new(false, fd) : NULL;
	if (!new) {
		if (!dev)
			close(fd);
		free(dev);
		return pcring_fail(-ENOMEM, "device %s: no memory", path);
	}
	dev->pool_fd = -1;
	strncpy(dev->name, path, sizeof(dev->name) - 1);
	new->dev = dev;
	new->wait_mode = opts->wait_mode;
	new->via = opts->wait_mode == PCRING_WAIT_EVENTFD ? &pcring_dev_eventfd
							  : &pcring_dev_enter;
	new->enter_only = opts->setup_flags &PCRING_SETUP_ENTER_ONLY;
	/* With no worker there is nobody to look for. */
	new->spin_ns = new->enter_only ? 0 : opts->spin_ns;
	err = pcring_dev_setup(new, opts);
	if (err) {
		pcring_ctx_close(new);
		return err;
	}
	*ctx = new;
	return 0;
}
