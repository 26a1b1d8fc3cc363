// SPDX-License-Identifier: LGPL-2.1-only OR MIT
/*
 * libpcring: one end, one thread: with -DPCRING_DEBUG it is looked after; and who
 * drains or closes a ctx is alone in it.
 */
#include <sys/syscall.h>
#include <unistd.h>
#include "pcring_impl.h"

#ifdef PCRING_DEBUG
void pcring_end_check(struct pcring_ring_impl *ring)
{
	pid_t self = (pid_t)syscall(SYS_gettid);
	pid_t owner = 0;

	if (ring->produces && pcring_shared(ring))
		return;
	if (!__atomic_compare_exchange_n(&ring->owner, &owner, self, false,
					 __ATOMIC_RELAXED, __ATOMIC_RELAXED) &&
	    owner != self)
		pcring_abort("ring %ld of ctx %u: thread %d uses the end of "
			     "thread %d",
			     (long)(ring->desc - ring->ctx->descs),
			     ring->ctx->id, (int)self, (int)owner);
}

void pcring_end_inside(struct pcring_ring_impl *ring, int n)
{
	__atomic_fetch_add(&ring->inside, n, __ATOMIC_RELAXED);
}

/* The others are to be out of a ctx that is drained or closed. */
void pcring_ctx_alone(struct pcring_ctx *ctx, const char *what)
{
	__u32 i, k;
	int n;

	for (i = 0; i < ctx->nr_rings; i++) {
		n = __atomic_load_n(&ctx->rings[i].inside, __ATOMIC_RELAXED);
		for (k = 0; k < ctx->rings[i].nr_shards; k++)
			n += __atomic_load_n(&ctx->rings[i].shards[k].inside,
					     __ATOMIC_RELAXED);
		if (n)
			pcring_abort("ring %u of ctx %u: %s while %d threads "
				     "wait in it",
				     i, ctx->id, what, n);
	}
}
#endif

void pcring_ring_handover(struct pcring_ring *ring)
{
	__atomic_store_n(&ring->impl->owner, 0, __ATOMIC_RELAXED);
}
