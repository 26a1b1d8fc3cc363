// SPDX-License-Identifier: LGPL-2.1-only OR MIT
/*
 * libpcring: spinning, sleeping and waking, in both directions.
 *
 * Each turn: announce, look, sleep, and the sleep is over; how one sleeps and
 * wakes is the transport's (struct pcring_transport).
 */
#include "pcring_impl.h"

/* Several producers may count at once. */
static void pcring_end_count(struct pcring_ring_impl *end, __u64 *counter)
{
	if (end->produces && pcring_shared(end))
		__atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
	else
		pcring_count(counter, 1);
}

/* What this end increments when it wakes the other one, for a futex. */
__u32 *pcring_end_own_word(struct pcring_ring_impl *end)
{
	return end->produces ? &end->prod.own->wake : &end->cons.own->wake;
}

/* The word that the other end increments when it wakes this one. */
const __u32 *pcring_end_word(const struct pcring_ring_impl *end)
{
	return end->produces ? &end->prod.peer->wake : &end->cons.peer->wake;
}

void pcring_end_wake(struct pcring_ring_impl *end)
{
	pcring_end_count(end, end->produces ? &end->prod.own->counts.wakes
					    : &end->cons.own->counts.wakes);
	end->ctx->via->wake(end);
}

void pcring_ring_wake(struct pcring_ring *ring)
{
	pcring_end_wake(ring->impl);
}

/*
 * Note what a wakeup will change, then announce the sleep. Not the other way
 * round: each sleep is answered once, and the look that follows need not show the
 * answer: another producer was faster, or there is less than was asked for.
 */
static void pcring_end_prepare(struct pcring_ring_impl *end, __u32 want,
			       __u32 *value)
{
	*value = pcring_load_acquire(pcring_end_word(end));
	if (end->produces) {
		pcring_ring_lock(end);
		pcring_prod_prepare_wait(&end->prod, want);
		if (end->ctx->via->by_prod)
			pcring_prod_publish(&end->prod);
		pcring_ring_unlock(end);
		/* Before it sleeps for space, the reader must not sleep. */
		pcring_ring_notify(end);
	} else {
		if (pcring_cons_publish(&end->cons))
			pcring_end_wake(end);
		pcring_cons_prepare_wait(&end->cons, want);
	}
}

static void pcring_end_finish(struct pcring_ring_impl *end)
{
	if (!end->produces) {
		pcring_cons_finish_wait(&end->cons);
		return;
	}
	pcring_ring_lock(end);
	pcring_prod_finish_wait(&end->prod);
	pcring_ring_unlock(end);
}

static void pcring_finish(struct pcring_ring_impl *ring)
{
	__u32 i;

	for (i = 0; i < pcring_nr_ends(ring); i++)
		pcring_end_finish(pcring_end_nr(ring, i));
}

static void pcring_prepare(struct pcring_ring_impl *ring, __u32 want,
			   __u32 *values)
{
	__u32 i;

	for (i = 0; i < pcring_nr_ends(ring); i++)
		pcring_end_prepare(pcring_end_nr(ring, i), want, &values[i]);
}

static void pcring_count_sleep(struct pcring_ring_impl *ring)
{
	struct pcring_ring_impl *end = pcring_end_nr(ring, 0);

	if (end->produces)
		pcring_end_count(end, &end->prod.own->counts.sleeps);
	else
		pcring_end_count(end, &end->cons.own->counts.sleeps);
}

/* ---- is it there? --------------------------------------------------------- */

static int pcring_space_ready(struct pcring_ring_impl *ring, __u32 want)
{
	int space;

	pcring_ring_lock(ring);
	space = pcring_prod_space(&ring->prod, want);
	pcring_ring_unlock(ring);
	if (space < 0)
		return pcring_ctx_bad(ring->ctx, "cons");
	return space;
}

/* Entries or bytes there, or free. A dead peer is somebody else's question. */
static int pcring_ready(struct pcring_ring_impl *ring, __u32 want)
{
	return ring->produces ? pcring_space_ready(ring, want)
			      : pcring_ring_ready(ring, want);
}

/* Why there will never be more; 0: there may. */
static int pcring_over(struct pcring_ring_impl *ring)
{
	return ring->produces ? pcring_ring_refused(ring)
			      : pcring_ring_gone(ring);
}

/* Does the other end wait for this one to take what there is? */
static bool pcring_starved(const struct pcring_ring_impl *ring)
{
	return !ring->produces && !ring->shards &&
	       pcring_load(&ring->cons.peer->space_wanted);
}

/*
 * One look: more than 0: what is there, enough of it, or all there will be;
 * 0: wait; else the end.
 */
static int pcring_wait_look(struct pcring_ring_impl *ring, __u32 want)
{
	int over = pcring_over(ring); /* before the look: nothing is missed */
	int ready;

	if (over && ring->produces)
		return over;
	ready = pcring_ready(ring, want);
	if (ready < 0 || ready >= (int)want)
		return ready;
	if (ready && pcring_starved(ring))
		return ready;
	if (!over)
		return 0;
	if (ready)
		return ready;
	/* Pass over what the dead left unfinished; 0: look once more. */
	over = pcring_ring_empty(ring);
	return over ? over : pcring_wait_look(ring, want);
}

static int pcring_spin(struct pcring_ring_impl *ring, __u32 want,
		       __u64 deadline)
{
	__u64 start = pcring_now();
	__u64 now = start;
	int ready;

	do {
		ready = pcring_wait_look(ring, want);
		if (ready || now >= deadline)
			break;
		pcring_relax();
		now = pcring_now();
	} while (now - start < ring->ctx->spin_ns);
	if (!ring->produces) {
		struct pcring_cons_page *own = pcring_end_nr(ring, 0)->cons.own;

		pcring_store(&own->counts.spin_ns,
			     pcring_load(&own->counts.spin_ns) + now - start);
	}
	return ready;
}

/* Was this sleep answered? Then what is there has to do. */
static bool pcring_woken(struct pcring_ring_impl *ring, const __u32 *values)
{
	__u32 i;

	for (i = 0; i < pcring_nr_ends(ring); i++)
		if (pcring_load_acquire(pcring_end_word(
			    pcring_end_nr(ring, i))) != values[i])
			return true;
	return false;
}

static int pcring_wait_turns(struct pcring_ring_impl *ring, __u32 want,
			     __u64 deadline)
{
	const struct pcring_transport *via = ring->ctx->via;
	__u32 values[PCRING_MAX_SHARDS];
	bool slept = false;
	int ready, err;

	ready = pcring_wait_look(ring, want);
	if (ready)
		return ready;
	if (ring->ctx->spin_ns) {
		ready = pcring_spin(ring, want, deadline);
		if (ready)
			return ready;
	}
	for (;;) {
		pcring_prepare(ring, want, values);
		ready = pcring_wait_look(ring, want);
		if (ready)
			break;
		if (deadline != PCRING_NO_TIMEOUT && pcring_now() >= deadline &&
		    (slept || !ring->ctx->enter_only)) {
			/* The last look at a peer that nobody polled. */
			ready = pcring_ctx_look(ring->ctx)
					? pcring_wait_look(ring, want)
					: 0;
			if (!ready)
				ready = -ETIME;
			break;
		}
		if (!slept)
			pcring_count_sleep(ring);
		slept = true;
		err = via->sleep(ring, want, values, deadline);
		if (err < 0) {
			/* What a peer left behind is still to be had. */
			ready = err == -EINTR ? 0
					      : pcring_wait_look(ring, want);
			if (!ready)
				ready = err;
			break;
		}
		pcring_finish(ring);
		if (ring->produces || !(err || pcring_woken(ring, values)))
			continue;
		ready = pcring_wait_look(ring, want);
		if (!ready)
			ready = pcring_ready(ring, want);
		if (ready)
			return ready;
	}
	pcring_finish(ring);
	return ready;
}

static int pcring_wait_for(struct pcring_ring_impl *ring, __u32 want,
			   __u64 deadline)
{
	int ready;

	pcring_end_inside(ring, 1);
	ready = pcring_wait_turns(ring, want, deadline);
	pcring_end_inside(ring, -1);
	return ready;
}

/* ---- for the program ------------------------------------------------------ */

/*
 * Several producers: one sleeps, the others sleep here until it is their turn. It
 * may want more than they do, so they look before and after.
 */
static int pcring_wait_shared(struct pcring_ring_impl *ring, __u32 min,
			      __u64 deadline)
{
	int ready = pcring_wait_look(ring, min);

	if (ready)
		return ready;
	if (!pcring_lock_take_until(&ring->wait_lock, deadline)) {
		ready = pcring_wait_look(ring, min);
		return ready ? ready : -ETIME;
	}
	ready = pcring_wait_for(ring, min, deadline);
	pcring_lock_drop(&ring->wait_lock);
	return ready;
}

int pcring_wait_space(struct pcring_ring_impl *ring, __u32 min, __u64 deadline)
{
	if (min > ring->prod.entries)
		min = ring->prod.entries;
	return pcring_shared(ring) ? pcring_wait_shared(ring, min, deadline)
				   : pcring_wait_for(ring, min, deadline);
}

int pcring_ring_wait_space(struct pcring_ring *handle, __u32 min,
			   __u64 timeout_ns)
{
	struct pcring_ring_impl *ring = handle->impl;

	if (!ring->ring.prod || !min ||
	    ring->prod.policy != PCRING_POLICY_BLOCK)
		return pcring_fail(-EINVAL, "ring: no space to wait for");
	pcring_end_check(ring);
	return pcring_wait_space(ring, min, pcring_deadline(timeout_ns));
}

static __u32 pcring_ring_want(const struct pcring_ring_impl *ring, __u32 min)
{
	if (ring->shards)
		return 1;
	return min > ring->cons.entries ? ring->cons.entries : min;
}

int pcring_ring_wait(struct pcring_ring *handle, __u32 min, __u64 timeout_ns)
{
	struct pcring_ring_impl *ring = handle->impl;

	if (ring->produces || !min)
		return pcring_fail(-EINVAL, "ring: nothing to wait for");
	pcring_end_check(ring);
	if (pcring_load(&ring->ctx->corrupt))
		return pcring_ctx_bad(ring->ctx, "it");
	pcring_ring_done(handle);
	return pcring_wait_for(ring, pcring_ring_want(ring, min),
			       pcring_deadline(timeout_ns));
}

int pcring_ring_fd(const struct pcring_ring *handle)
{
	const struct pcring_ring_impl *ring = handle->impl;

	if (ring->fd < 0)
		return pcring_fail(-EOPNOTSUPP, "ring %u: %s",
				   (__u32)(ring->desc - ring->ctx->descs),
				   ring->ctx->via->no_fd);
	return ring->fd;
}

int pcring_ring_arm(struct pcring_ring *handle, __u32 min)
{
	struct pcring_ring_impl *ring = handle->impl;
	const struct pcring_transport *via = ring->ctx->via;
	__u32 values[PCRING_MAX_SHARDS];
	int ready;

	if (ring->fd < 0 && !via->ctx_polls)
		return pcring_ring_fd(handle);
	if (!min ||
	    (ring->produces && (!ring->ring.prod || pcring_shared(ring) ||
				ring->prod.policy != PCRING_POLICY_BLOCK)))
		return pcring_fail(-EINVAL, "ring: cannot be armed for %u",
				   min);
	pcring_end_check(ring);
	if (pcring_load(&ring->ctx->corrupt))
		return pcring_ctx_bad(ring->ctx, "it");
	pcring_ring_done(handle);
	if (!ring->produces)
		min = pcring_ring_want(ring, min);
	else if (min > ring->prod.entries)
		min = ring->prod.entries;
	if (via->arm)
		via->arm(ring);
	pcring_prepare(ring, min, values);
	pcring_ctx_look(ring->ctx);
	ready = pcring_wait_look(ring, min);
	if (ready)
		pcring_finish(ring);
	else
		ring->armed = true;
	return ready > 0 ? 1 : ready;
}

void pcring_ring_disarm(struct pcring_ring *handle)
{
	struct pcring_ring_impl *ring = handle->impl;

	if (!ring->armed)
		return;
	ring->armed = false;
	pcring_finish(ring);
	if (ring->ctx->via->clear)
		ring->ctx->via->clear(ring);
}
