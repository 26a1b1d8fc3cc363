// SPDX-License-Identifier: LGPL-2.1-only OR MIT
/*
 * libpcring: sleeping and waking over memfd: by a socket pair, a futex or an
 * eventfd an end. A wakeup that comes between the last look and the sleep is found
 * by poll() in the fd, by the futex in the changed word.
 */
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "pcring_impl.h"

#define PCRING_MAX_POLL (PCRING_MAX_SHARDS + 1)

/* ---- waking: full means it is readable already, gone that nobody sleeps ---- */

static __u32 *pcring_wake_word(struct pcring_ring_impl *end)
{
	__u32 *word = pcring_end_own_word(end);

	__atomic_fetch_add(word, 1, __ATOMIC_RELEASE);
	return word;
}

static void pcring_wake_futex(struct pcring_ring_impl *end)
{
	pcring_futex_wake(pcring_wake_word(end), true, 1 << 20);
}

static void pcring_wake_socket(struct pcring_ring_impl *end)
{
	const char one = 1;

	pcring_wake_word(end);
	(void)!send(end->wake_fd, &one, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void pcring_wake_eventfd(struct pcring_ring_impl *end)
{
	const __u64 one = 1;

	pcring_wake_word(end);
	(void)!write(end->wake_fd, &one, sizeof(one));
}

/* ---- sleeping ------------------------------------------------------------- */

static void pcring_end_clear(struct pcring_ring_impl *end)
{
	char junk[256];

	if (end->ctx->wait_mode == PCRING_WAIT_SOCKET)
		(void)!recv(end->fd, junk, sizeof(junk), MSG_DONTWAIT);
	else
		(void)!read(end->fd, junk, sizeof(__u64));
}

static void pcring_clear_poll(struct pcring_ring_impl *ring)
{
	__u32 i;

	for (i = 0; i < pcring_nr_ends(ring); i++)
		pcring_end_clear(pcring_end_nr(ring, i));
}

static int pcring_sleep_poll(struct pcring_ring_impl *ring, __u32 want,
			     const __u32 *values, __u64 deadline)
{
	struct pollfd pfd[PCRING_MAX_POLL];
	__u32 n = pcring_nr_ends(ring);
	__u32 i;
	int got;

	(void)want;
	(void)values;
	for (i = 0; i < n; i++) {
		pfd[i].fd = pcring_end_nr(ring, i)->fd;
		pfd[i].events = POLLIN;
	}
	pfd[n].fd = ring->ctx->fd;
	pfd[n].events = POLLRDHUP;
	got = poll(pfd, n + 1, pcring_poll_ms(deadline));
	if (got < 0)
		return -errno;
	if (!got)
		return 0;
	for (i = 0; i < n; i++)
		if (pfd[i].revents)
			pcring_end_clear(pcring_end_nr(ring, i));
	if (pfd[n].revents)
		pcring_store_release(&ring->ctx->gone, (__u32)PCRING_GONE_DEAD);
	return 0;
}

static int pcring_sleep_futex(struct pcring_ring_impl *ring, __u32 want,
			      const __u32 *values, __u64 deadline)
{
	struct pcring_sleep words[PCRING_MAX_POLL];
	__u32 n = pcring_nr_ends(ring);
	__u32 i;
	int err;

	(void)want;
	pcring_ctx_watch(ring->ctx);
	for (i = 0; i < n; i++) {
		words[i].word = pcring_end_word(pcring_end_nr(ring, i));
		words[i].value = values[i];
		words[i].shared = true;
	}
	words[n].word = &ring->ctx->gone;
	words[n].value = PCRING_GONE_NOT;
	words[n].shared = false;
	err = pcring_futex_sleep(words, n + 1, deadline);
	return err == -ETIMEDOUT ? 0 : err;
}

/* ---- the peer ------------------------------------------------------------- */

static bool pcring_shm_look(struct pcring_ctx *ctx)
{
	struct pollfd pfd = { .fd = ctx->fd, .events = POLLRDHUP };

	return poll(&pfd, 1, 0) > 0;
}

/* Whatever it says: it has closed. */
static int pcring_shm_over(struct pcring_ctx *ctx, __u32 state)
{
	(void)ctx;
	(void)state;
	return -ECANCELED;
}

/* A peer that has closed hangs up next. */
static __u32 pcring_shm_state(struct pcring_ctx *ctx)
{
	return pcring_ctx_worst(ctx) > PCRING_STATE_LIVE ? PCRING_STATE_DRAINING
							 : PCRING_STATE_LIVE;
}

static void pcring_shm_hang_up(struct pcring_ctx *ctx)
{
	shutdown(ctx->fd, SHUT_RDWR);
	pcring_store_release(&ctx->gone, (__u32)PCRING_GONE_DEAD);
}

static void pcring_shm_close(struct pcring_ctx *ctx)
{
	close(ctx->fd);
}

const struct pcring_transport pcring_shm_socket = {
	.no_fd = "no fd: each of its shards has one",
	.wake = pcring_wake_socket,
	.sleep = pcring_sleep_poll,
	.clear = pcring_clear_poll,
	.settles = true,
	.look = pcring_shm_look,
	.over = pcring_shm_over,
	.state = pcring_shm_state,
	.hang_up = pcring_shm_hang_up,
	.stats = pcring_shm_stats,
	.drain = pcring_shm_drain,
	.close = pcring_shm_close,
};

static const struct pcring_transport pcring_shm_futex = {
	.no_fd = "no fd: the ctx waits by futex",
	.wake = pcring_wake_futex,
	.sleep = pcring_sleep_futex,
	.settles = true,
	.look = pcring_shm_look,
	.over = pcring_shm_over,
	.state = pcring_shm_state,
	.hang_up = pcring_shm_hang_up,
	.stats = pcring_shm_stats,
	.drain = pcring_shm_drain,
	.close = pcring_shm_close,
};

static const struct pcring_transport pcring_shm_eventfd = {
	.no_fd = "no fd: each of its shards has one",
	.wake = pcring_wake_eventfd,
	.sleep = pcring_sleep_poll,
	.clear = pcring_clear_poll,
	.settles = true,
	.look = pcring_shm_look,
	.over = pcring_shm_over,
	.state = pcring_shm_state,
	.hang_up = pcring_shm_hang_up,
	.stats = pcring_shm_stats,
	.drain = pcring_shm_drain,
	.close = pcring_shm_close,
};

const struct pcring_transport *pcring_shm_transport(__u32 wait_mode)
{
	switch (wait_mode) {
	case PCRING_WAIT_FUTEX:
		return &pcring_shm_futex;
	case PCRING_WAIT_EVENTFD:
		return &pcring_shm_eventfd;
	default:
		return &pcring_shm_socket;
	}
}
