// SPDX-License-Identifier: GPL-2.0-only
/*
 * pcring: waking the program. It sleeps in its own loop after an announcement in
 * its page (need_wakeup, space_wanted), for which there is an eventfd; or in the
 * kernel, in poll() or ENTER, and then ring->poll_want says at which amount it is
 * to be woken, whatever stands in its page.
 *
 * poll_want is one more flag of the handshakes in pcring_ring.h, with the letters
 * of the word it stands beside:
 *
 *   whoever sleeps                        whoever publishes
 *
 *   on the wait queue                     STORE.rel publication   (A, C, E)
 *   STORE ->poll_want                     MB                      (G, I)
 *   MB                        (H, J)      LOAD ->poll_want
 *   look at the ring                      wake
 */
#include <linux/eventfd.h>
#include <linux/hardirq.h>
#include "core.h"

/* Entries or bytes the user can read; 0 to all of them, whatever it claims. */
u32 pcring_ring_avail(const struct pcring_ring *ring)
{
	u64 cons = READ_ONCE(pcring_ring_cons_page(ring)->cons);
	u64 avail = READ_ONCE(ring->pos) - cons;

	return avail > ring->desc.entries ? 0 : avail;
}

/*
 * Entries or bytes the user can write, likewise. Of fixed entries its prod is a
 * lower bound of what is used; how far it has come beyond, the phases tell.
 */
u32 pcring_ring_space(const struct pcring_ring *ring)
{
	u64 prod = READ_ONCE(pcring_ring_prod_page(ring)->prod);
	const struct pcring_cons *cons = &ring->cons;
	u64 from = READ_ONCE(cons->published);
	s64 used = max_t(s64, prod - from, 0);
	u32 entries = ring->desc.entries;

	if (used > entries)
		return 0;
	if (pcring_kind_records(ring->kind))
		return entries - used;
	while (used < entries &&
	       pcring_cons_shows(cons, from + used,
				 pcring_cons_front(cons, from + used)))
		used++;
	return entries - used;
}

/* Somebody is about to sleep for the user until @want are there. */
void pcring_ring_arm_user(struct pcring_ring *ring, u32 want)
{
	u32 old = READ_ONCE(ring->poll_want);

	while (old > want) {
		u32 seen = cmpxchg(&ring->poll_want, old, want);

		if (seen == old)
			break;
		old = seen;
	}
	smp_mb(); /* H, J: before the ring is looked at */
}

/* The same as a question, at the price of one look: 1 to all entries. */
bool pcring_ring_has_space(const struct pcring_ring *ring, u32 want)
{
	const struct pcring_cons *cons = &ring->cons;
	u64 pos = READ_ONCE(cons->published) + ring->desc.entries - want;

	if (pcring_kind_records(ring->kind))
		return pcring_ring_space(ring) >= want;
	/* SINGLE publishes in order: what does not show there is not used. */
	return !pcring_cons_shows(cons, pos, pcring_cons_front(cons, pos));
}

static void pcring_ring_wake_now(struct pcring_ring *ring, bool asked)
{
	__poll_t mask = ring->kernel_produces ? EPOLLIN | EPOLLRDNORM
					      : EPOLLOUT | EPOLLWRNORM;
	struct eventfd_ctx *eventfd;

	/* Who sleeps on sets it again, and looks after that. */
	WRITE_ONCE(ring->poll_want, U32_MAX);
	if (asked) {
		rcu_read_lock();
		eventfd = rcu_dereference(ring->eventfd);
		if (eventfd)
			pcring_eventfd_signal(eventfd);
		rcu_read_unlock();
	}
	/* A driver that waits for space hears of the end of the ctx. */
	if (ring->kernel_produces && pcring_ctx_alive(ring->ctx))
		wake_up(&ring->flow.wait);
	/* The end concerns whoever waits, whatever for. */
	if (pcring_ctx_get_state(ring->ctx) > PCRING_STATE_LIVE)
		mask = EPOLLIN | EPOLLRDNORM | EPOLLOUT | EPOLLWRNORM |
		       EPOLLHUP | EPOLLERR;
	wake_up_poll(&ring->ctx->wait, mask);
}

void pcring_notify_irq(struct irq_work *work)
{
	struct pcring_ring *ring =
		container_of(work, struct pcring_ring, irq_work);

	pcring_ring_wake_now(ring, xchg(&ring->asked, false));
}

/* Wait queues have sleeping locks on PREEMPT_RT. */
static bool pcring_may_wake(void)
{
	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		return preemptible();
	return !irqs_disabled() && !in_hardirq();
}

static void pcring_ring_wake_user(struct pcring_ring *ring, bool asked)
{
	if (likely(pcring_may_wake())) {
		pcring_ring_wake_now(ring, asked);
		return;
	}
	if (asked)
		xchg(&ring->asked, true);
	irq_work_queue(&ring->irq_work);
}

/* Those who wait in the kernel are to look at more than the ring. Any context. */
void pcring_ring_wake_waiters(struct pcring_ring *ring)
{
	pcring_ring_wake_user(ring, false);
}

/* The kernel's end has ended: whoever waits hears of it, asked or not. */
void pcring_ring_wake_all(struct pcring_ring *ring)
{
	smp_mb(); /* G, I: the state before what the user announced */
	pcring_ring_wake_user(ring, true);
}

static bool pcring_ring_wanted(const struct pcring_ring *ring)
{
	u32 want = READ_ONCE(ring->poll_want);

	if (likely(want == U32_MAX))
		return false;
	if (!ring->kernel_produces)
		return pcring_ring_has_space(
			ring, clamp(want, 1U, ring->desc.entries));
	/* A producer without space for more: take what there is. */
	return pcring_ring_avail(ring) >= want ||
	       pcring_load(&ring->prod.starved);
}

/**
 * pcring_ring_notify() - the kernel has published, or found no space
 * @ring: a ring it produces into.
 *
 * Context: the producer's; any but NMI; no lock held that a waker needs.
 */
void pcring_ring_notify(struct pcring_ring *ring)
{
	bool asked =
		pcring_prod_notify(&ring->prod); /* G, also for poll_want */

	if (unlikely(asked))
		pcring_count(&ring->prod.own->counts.wakes, 1);
	if (unlikely(asked || pcring_ring_wanted(ring)))
		pcring_ring_wake_user(ring, asked);
}

/**
 * pcring_ring_released() - the kernel has given space back
 * @ring: a ring it consumes.
 * @asked: what pcring_cons_release() or _publish() said.
 *
 * Context: the consumer's.
 */
void pcring_ring_released(struct pcring_ring *ring, bool asked)
{
	/* I: in pcring_cons_publish(), if there was something to publish. */
	if (unlikely(asked))
		pcring_count(&ring->cons.own->counts.wakes, 1);
	if (unlikely(asked || pcring_ring_wanted(ring)))
		pcring_ring_wake_user(ring, asked);
}

static u32 pcring_user_wants(const struct pcring_ring *ring)
{
	u64 word =
		ring->kernel_produces
			? READ_ONCE(pcring_ring_cons_page(ring)->need_wakeup)
			: READ_ONCE(pcring_ring_prod_page(ring)->space_wanted);
	u32 want = PCRING_WANT_AMOUNT(word);

	return clamp(want, 1U, ring->desc.entries);
}

static __poll_t pcring_ring_poll(struct pcring_ring *ring)
{
	u32 want = pcring_user_wants(ring);

	if (ring->kind == PCRING_KIND_FREE)
		return 0;
	pcring_ring_arm_user(ring, want);
	if (ring->kernel_produces) {
		u32 avail = pcring_ring_avail(ring);

		if (avail >= want ||
		    (avail && pcring_load(&ring->prod.starved)))
			return EPOLLIN | EPOLLRDNORM;
		return 0;
	}
	if (ring->desc.policy != PCRING_POLICY_BLOCK ||
	    pcring_ring_has_space(ring, want))
		return EPOLLOUT | EPOLLWRNORM;
	return 0;
}

/* The caller is on ctx->wait already. */
__poll_t pcring_ctx_poll(struct pcring_ctx *ctx)
{
	u32 state = READ_ONCE(ctx->told);
	u32 nr = pcring_ctx_nr_rings(ctx);
	__poll_t mask = 0;
	u32 i;

	for (i = 0; i < nr; i++)
		mask |= pcring_ring_poll(ctx->rings[i]);
	if (state >= PCRING_STATE_DRAINING)
		mask &= ~(EPOLLOUT | EPOLLWRNORM);
	if (state >= PCRING_STATE_DEAD)
		mask |= EPOLLHUP | EPOLLERR;
	return mask;
}
