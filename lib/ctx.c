// SPDX-License-Identifier: LGPL-2.1-only OR MIT
/*
 * libpcring: a ctx's life, and what can be asked of it.
 */
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "pcring_impl.h"

struct pcring_ctx *pcring_ctx_new(bool server, int fd)
{
	struct pcring_ctx *ctx = calloc(1, sizeof(*ctx));

	if (!ctx) {
		close(fd);
		pcring_fail(-ENOMEM, "ctx: no memory");
		return NULL;
	}
	ctx->server = server;
	ctx->fd = fd;
	ctx->via = &pcring_shm_socket;
	ctx->own_shm = -1;
	ctx->pool_shm = -1;
	ctx->quit_fd = -1;
	pthread_mutex_init(&ctx->watch_lock, NULL);
	return ctx;
}

static void pcring_end_close(struct pcring_ring_impl *end)
{
	if (end->ring.prod) {
		pcring_ring_lock(end);
		pcring_prod_publish(&end->prod);
		pcring_ring_unlock(end);
		pcring_prod_end(&end->prod, PCRING_STATE_DEAD);
	}
	if (end->ring.cons) {
		pcring_cons_publish(&end->cons);
		pcring_cons_end(&end->cons, PCRING_STATE_DEAD);
	}
	if ((end->ring.prod || end->ring.cons) && !end->ctx->via->quiet_close)
		pcring_end_wake(end);
}

static void pcring_end_free(struct pcring_ring_impl *end)
{
	pcring_map_drop(&end->own);
	pcring_map_drop(&end->peer);
	pcring_map_drop(&end->words_map);
	free(end->mine);
	free(end->copy);
}

void pcring_ctx_close(struct pcring_ctx *ctx)
{
	__u32 i, k;

	if (!ctx)
		return;
	pcring_ctx_alone(ctx, "closed");
	pcring_ctx_unwatch(ctx);
	for (i = 0; i < ctx->nr_rings; i++) {
		struct pcring_ring_impl *ring = &ctx->rings[i];

		pcring_ring_done(&ring->ring);
		for (k = 0; k < ring->nr_shards; k++)
			pcring_end_close(&ring->shards[k]);
		if (!ring->shards)
			pcring_end_close(ring);
	}
	ctx->via->close(ctx);
	pcring_ctx_bequeath(ctx);
	for (i = 0; i < ctx->nr_rings; i++) {
		struct pcring_ring_impl *ring = &ctx->rings[i];

		for (k = 0; k < ring->nr_shards; k++)
			pcring_end_free(&ring->shards[k]);
		if (ring->merge && ring->fd >= 0)
			close(ring->fd);
		pcring_end_free(ring);
		free(ring->shards);
		free(ring->merge);
	}
	pcring_fds_close(&ctx->fds);
	if (ctx->own_shm >= 0)
		close(ctx->own_shm);
	if (ctx->pool_shm >= 0)
		close(ctx->pool_shm);
	pcring_pool_drop(ctx->pool);
	pcring_device_forget(ctx->device);
	pthread_mutex_destroy(&ctx->watch_lock);
	free(ctx->rings);
	free(ctx->descs);
	free(ctx->payload);
	free(ctx);
}

/* ---- the peer ------------------------------------------------------------- */

bool pcring_ctx_gone(struct pcring_ctx *ctx)
{
	return pcring_load_acquire(&ctx->gone);
}

/* Ask the kernel whether the peer has gone. */
bool pcring_ctx_look(struct pcring_ctx *ctx)
{
	if (pcring_ctx_gone(ctx))
		return true;
	if (!ctx->via->look(ctx))
		return false;
	pcring_store_release(&ctx->gone, (__u32)PCRING_GONE_DEAD);
	return true;
}

/* The peer broke its indices: this ctx is of no more use, the others are. */
int pcring_ctx_bad(struct pcring_ctx *ctx, const char *what)
{
	__u32 i, k;

	if (!__atomic_exchange_n(&ctx->corrupt, 1, __ATOMIC_ACQ_REL)) {
		for (i = 0; i < ctx->nr_rings; i++) {
			struct pcring_ring_impl *ring = &ctx->rings[i];

			for (k = 0; k < ctx->descs[i].shards; k++) {
				struct pcring_ring_impl *end =
					ring->shards ? &ring->shards[k] : ring;

				if (end->ring.prod)
					pcring_prod_end(&end->prod,
							PCRING_STATE_DEAD);
				if (end->ring.cons)
					pcring_cons_end(&end->cons,
							PCRING_STATE_DEAD);
			}
		}
		ctx->via->hang_up(ctx);
	}
	return pcring_fail(-EBADFD, "ctx %u: the peer corrupted %s", ctx->id,
			   what);
}

/* ---- death ends a futex sleep --------------------------------------------- */

static void *pcring_ctx_watcher(void *arg)
{
	struct pcring_ctx *ctx = arg;
	struct pollfd pfd[2] = {
		{ .fd = ctx->fd, .events = POLLRDHUP },
		{ .fd = ctx->quit_fd, .events = POLLIN },
	};

	while (poll(pfd, 2, -1) < 0)
		;
	if (pfd[0].revents) {
		pcring_store_release(&ctx->gone, (__u32)PCRING_GONE_DEAD);
		pcring_futex_wake(&ctx->gone, false, 1 << 20);
	}
	return NULL;
}

void pcring_ctx_watch(struct pcring_ctx *ctx)
{
	pthread_mutex_lock(&ctx->watch_lock);
	if (!ctx->watching) {
		ctx->quit_fd = eventfd(0, EFD_CLOEXEC);
		if (ctx->quit_fd >= 0 &&
		    !pthread_create(&ctx->watcher, NULL, pcring_ctx_watcher,
				    ctx))
			ctx->watching = true;
	}
	pthread_mutex_unlock(&ctx->watch_lock);
}

void pcring_ctx_unwatch(struct pcring_ctx *ctx)
{
	const __u64 one = 1;

	if (ctx->watching) {
		while (write(ctx->quit_fd, &one, sizeof(one)) < 0)
			;
		pthread_join(ctx->watcher, NULL);
		ctx->watching = false;
	}
	if (ctx->quit_fd >= 0)
		close(ctx->quit_fd);
	ctx->quit_fd = -1;
}

/* ---- what can be asked ---------------------------------------------------- */

/* The most that an end of the peer's says. */
__u32 pcring_ctx_worst(struct pcring_ctx *ctx)
{
	__u32 worst = PCRING_STATE_LIVE;
	__u32 i, state;

	for (i = 0; i < ctx->nr_rings; i++) {
		state = pcring_end_peer_state(pcring_end_nr(&ctx->rings[i], 0));
		if (state > worst)
			worst = state;
	}
	return worst;
}

__u32 pcring_ctx_state(struct pcring_ctx *ctx)
{
	__u32 state;

	if (pcring_load(&ctx->corrupt) || pcring_ctx_look(ctx))
		return PCRING_STATE_DEAD;
	state = ctx->via->state(ctx);
	if (state < PCRING_STATE_DRAINING && pcring_load(&ctx->draining))
		return PCRING_STATE_DRAINING;
	return state;
}

int pcring_ctx_fd(const struct pcring_ctx *ctx)
{
	return ctx->fd;
}

__u32 pcring_ctx_id(const struct pcring_ctx *ctx)
{
	return ctx->id;
}

pid_t pcring_ctx_pid(const struct pcring_ctx *ctx)
{
	return ctx->pid;
}

const void *pcring_ctx_payload(const struct pcring_ctx *ctx, __u32 *size)
{
	*size = ctx->payload_size;
	return ctx->payload;
}

__u32 pcring_ctx_nr_rings(const struct pcring_ctx *ctx)
{
	return ctx->nr_rings;
}

struct pcring_ring *pcring_ctx_ring(const struct pcring_ctx *ctx, __u32 index)
{
	return index < ctx->nr_rings ? &ctx->rings[index].ring : NULL;
}

struct pcring_ring *pcring_ctx_find(const struct pcring_ctx *ctx, __u32 kind,
				    __u32 queue)
{
	__u32 i;

	for (i = 0; i < ctx->nr_rings; i++)
		if (ctx->descs[i].kind == kind && ctx->descs[i].queue == queue)
			return &ctx->rings[i].ring;
	return NULL;
}

struct pcring_pool *pcring_ctx_pool(const struct pcring_ctx *ctx)
{
	return ctx->pool;
}
