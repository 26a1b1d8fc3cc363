// SPDX-License-Identifier: LGPL-2.1-only OR MIT
/*
 * libpcring: sleeping and waking over a device: ENTER does both. The kernel wakes
 * who sleeps in it whatever the words say, and looks itself before it sleeps.
 */
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "pcring_dev.h"

/* One ENTER wakes all that sleeps of this ctx; who is gone needs no waking. */
void pcring_dev_wake(struct pcring_ring_impl *end)
{
	struct pcring_enter enter = { .size = sizeof(enter) };

	(void)ioctl(end->ctx->fd, PCRING_IOC_ENTER, &enter);
}

int pcring_dev_sleep(struct pcring_ring_impl *ring, __u32 want,
		     const __u32 *values, __u64 deadline)
{
	struct pcring_ctx *ctx = ring->ctx;
	struct pcring_enter enter = {
		.size = sizeof(enter),
		.flags = ring->produces ? PCRING_ENTER_SPACE
					: PCRING_ENTER_WAIT,
		.submit = ctx->enter_only ? ~0U : 0,
		.ring = (__u32)(ring->desc - ctx->descs),
		.min = want,
		.timeout_ns = deadline,
	};

	(void)values;
	if (deadline != PCRING_NO_TIMEOUT)
		enter.flags |= PCRING_ENTER_ABSTIME;
	if (!ioctl(ctx->fd, PCRING_IOC_ENTER, &enter))
		return 1;
	if (errno == ETIME)
		return 0;
	if (errno == EINTR)
		return -EINTR;
	return pcring_dev_refused(ctx, -errno, "ENTER");
}

/* A signal left over is of no harm: who polls looks, and arms again. */
void pcring_dev_clear(struct pcring_ring_impl *ring)
{
	__u64 count;

	if (ring->fd >= 0)
		(void)!read(ring->fd, &count, sizeof(count));
}

/* One a ring, for items; for space only where somebody may wait for it. */
int pcring_dev_eventfds(struct pcring_ctx *ctx)
{
	__u32 i;
	int err;

	for (i = 0; i < ctx->nr_rings; i++) {
		struct pcring_ring_impl *ring = &ctx->rings[i];
		struct pcring_eventfd call = {
			.size = sizeof(call),
			.flags = ring->produces ? PCRING_EVENTFD_SPACE : 0,
			.ring = i,
		};

		if (ring->produces && ring->desc->policy != PCRING_POLICY_BLOCK)
			continue;
		ring->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (ring->fd < 0)
			return pcring_fail(-errno, "ring %u: eventfd: %s", i,
					   strerror(errno));
		call.fd = ring->fd;
		err = pcring_dev_call(ctx, PCRING_IOC_EVENTFD, &call,
				      "EVENTFD");
		if (err)
			return err;
	}
	return 0;
}
