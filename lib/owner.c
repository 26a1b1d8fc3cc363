// SPDX-License-Identifier: LGPL-2.1-only OR MIT
/*
 * libpcring: one end, one thread: with -DPCRING_DEBUG it is looked after.
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
#endif

void pcring_ring_handover(struct pcring_ring *ring)
{
	__atomic_store_n(&ring->impl->owner, 0, __ATOMIC_RELAXED);
}
