// SPDX-License-Identifier: LGPL-2.1-only OR MIT
/*
 * libpcring: producing.
 */
#include "pcring_impl.h"

/* Why nothing may be produced any more; 0: it may. */
int pcring_ring_refused(struct pcring_ring_impl *ring)
{
	struct pcring_ctx *ctx = ring->ctx;
	__u32 state;
	int err;

	if (pcring_unlikely(pcring_load(&ctx->corrupt)))
		return pcring_fail(-EBADFD, "ctx %u: corrupted by the peer",
				   ctx->id);
	if (pcring_unlikely(pcring_load(&ctx->draining)))
		return pcring_fail(-ECANCELED, "ctx %u: draining", ctx->id);
	state = pcring_prod_peer_state(&ring->prod);
	if (pcring_unlikely(state > PCRING_STATE_LIVE)) {
		if (state >= PCRING_STATE_DEAD)
			pcring_ring_settle_prod(ring);
		err = ctx->via->over(ctx, state);
		return pcring_fail(err, "ctx %u: the consumer %s", ctx->id,
				   pcring_over_text(err));
	}
	if (pcring_unlikely(pcring_ctx_gone(ctx))) {
		pcring_ring_settle_prod(ring);
		return pcring_fail(-EOWNERDEAD, "ctx %u: the consumer died",
				   ctx->id);
	}
	return 0;
}

void pcring_ring_notify(struct pcring_ring_impl *ring)
{
	if (pcring_prod_notify(&ring->prod))
		pcring_end_wake(ring);
}

/* A constant size each, for the copies inside. */
static int pcring_fill(struct pcring_prod *p, __u64 pos, const void *items,
		       __u32 n)
{
	switch (p->entry_size) {
	case 8:
		pcring_prod_fill(p, pos, items, n, 8);
		break;
	case 16:
		pcring_prod_fill(p, pos, items, n, 16);
		break;
	case 32:
		pcring_prod_fill(p, pos, items, n, 32);
		break;
	case 64:
		pcring_prod_fill(p, pos, items, n, 64);
		break;
	default:
		pcring_prod_fill(p, pos, items, n, p->entry_size);
	}
	return (int)n;
}

/*
 * Reserve under the lock, fill outside it. Under DROP_NEW what finds no space is
 * rejected. Return: accepted; 0: none; -EBADFD.
 */
static int pcring_push_locked(struct pcring_ring_impl *ring, const void *items,
			      __u32 n)
{
	struct pcring_prod *p = &ring->prod;
	__u64 pos = 0;
	int got;

	pcring_ring_lock(ring);
	got = pcring_prod_reserve(p, n, &pos);
	if (p->policy == PCRING_POLICY_DROP_NEW && got >= 0 && got < (int)n &&
	    pcring_shared(ring))
		pcring_prod_reject(p, n - (__u32)got, PCRING_REASON_FULL,
				   pcring_now());
	pcring_ring_unlock(ring);
	if (got < 0)
		return pcring_ctx_bad(ring->ctx, "cons of a fixed ring");
	if (got)
		pcring_fill(p, pos, items, (__u32)got);
	/* SINGLE takes its numbers on submit: the others come after them. */
	if (p->policy == PCRING_POLICY_DROP_NEW && got < (int)n &&
	    !pcring_shared(ring))
		pcring_prod_reject(p, n - (__u32)got, PCRING_REASON_FULL,
				   pcring_now());
	/* Also if there was no space: who waits for more has to make do. */
	pcring_ring_notify(ring);
	return got;
}

static int pcring_push_check(struct pcring_ring_impl *ring, __u32 n)
{
	if (!ring->ring.prod || !ring->prod.entry_size || ring->words || !n)
		return pcring_fail(-EINVAL,
				   "ring: no fixed ring to push %u into", n);
	pcring_end_check(ring);
	return pcring_ring_refused(ring);
}

int pcring_ring_push(struct pcring_ring *handle, const void *items, __u32 n)
{
	struct pcring_ring_impl *ring = handle->impl;
	int err = pcring_push_check(ring, n);

	if (err)
		return err;
	err = pcring_push_locked(ring, items, n);
	if (!err && ring->prod.policy == PCRING_POLICY_BLOCK) {
		if (!(++ring->empty % 1024))
			pcring_ctx_look(ring->ctx);
		return -EAGAIN;
	}
	return err;
}

int pcring_ring_push_wait(struct pcring_ring *handle, const void *items,
			  __u32 n, __u64 timeout_ns)
{
	struct pcring_ring_impl *ring = handle->impl;
	const unsigned char *from = items;
	__u64 deadline = 0;
	__u32 done = 0;
	int err = pcring_push_check(ring, n);

	if (!err && ring->prod.policy != PCRING_POLICY_BLOCK)
		err = pcring_fail(-EINVAL, "ring: policy %u never waits",
				  ring->prod.policy);
	while (!err && done < n) {
		err = pcring_push_locked(
			ring, from + (size_t)done * ring->prod.entry_size,
			n - done);
		if (err > 0) {
			done += (__u32)err;
			err = 0;
			continue;
		}
		if (!err) {
			if (!deadline)
				deadline = pcring_deadline(timeout_ns);
			err = pcring_wait_space(ring, 1, deadline);
		}
		if (err > 0)
			err = pcring_ring_refused(ring);
	}
	return done ? (int)done : err;
}

int pcring_ring_reject(struct pcring_ring *handle, __u32 n, __u32 reason)
{
	struct pcring_ring_impl *ring = handle->impl;

	if (!ring->ring.prod || !n || reason >= PCRING_NR_REASONS)
		return pcring_fail(-EINVAL, "ring: reject %u for reason %u", n,
				   reason);
	pcring_end_check(ring);
	pcring_ring_lock(ring);
	pcring_prod_reject(&ring->prod, n, reason, pcring_now());
	pcring_ring_unlock(ring);
	return 0;
}

/* ---- records -------------------------------------------------------------- */

static __u32 pcring_ring_need(struct pcring_ring_impl *ring, __u32 len)
{
	struct pcring_prod *p = &ring->prod;
	__u32 need;

	/* It fits into the ring, or would have been -EMSGSIZE. */
	pcring_ring_lock(ring);
	need = pcring_prod_need(
		p, (__u32)pcring_record_space(len, p->record_flags));
	pcring_ring_unlock(ring);
	return need;
}

/* One attempt. 1, 0: rejected, -EAGAIN, -EMSGSIZE, -EBADFD. */
static int pcring_ring_try(struct pcring_ring_impl *ring, __u32 len, __u32 type,
			   struct pcring_record **rec)
{
	struct pcring_prod *p = &ring->prod;
	int err;

	pcring_ring_lock(ring);
	err = pcring_record_reserve(p, len, type, rec);
	if (err == -EMSGSIZE)
		pcring_prod_reject(p, 1, PCRING_REASON_SIZE, pcring_now());
	if (err == -EAGAIN && p->policy != PCRING_POLICY_BLOCK) {
		pcring_prod_reject(p, 1,
				   p->policy == PCRING_POLICY_DROP_NEW
					   ? PCRING_REASON_FULL
					   : PCRING_REASON_BUSY,
				   pcring_now());
		err = 1;
	}
	pcring_ring_unlock(ring);
	if (err == -EBADFD)
		return pcring_ctx_bad(ring->ctx, "cons of a record ring");
	if (err == -EMSGSIZE)
		return pcring_fail(err, "ring: record of %u bytes, ring of %u",
				   len, p->entries);
	if (err) /* no space: who waits for more has to make do */
		pcring_ring_notify(ring);
	if (err == -EAGAIN)
		return err;
	return !err;
}

int pcring_ring_reserve_record(struct pcring_ring *handle, __u32 len,
			       __u32 type, __u64 timeout_ns,
			       struct pcring_record **rec)
{
	struct pcring_ring_impl *ring = handle->impl;
	__u64 deadline = 0;
	int err;

	if (!ring->ring.prod || ring->prod.entry_size ||
	    type > PCRING_RECORD_MAX_TYPE)
		return pcring_fail(-EINVAL,
				   "ring: no record ring or shard for type %u",
				   type);
	pcring_end_check(ring);
	for (;;) {
		err = pcring_ring_refused(ring);
		if (err)
			return err;
		err = pcring_ring_try(ring, len, type, rec);
		if (err != -EAGAIN)
			return err;
		if (!timeout_ns) {
			if (!(++ring->empty % 1024))
				pcring_ctx_look(ring->ctx);
			return err;
		}
		if (!deadline)
			deadline = pcring_deadline(timeout_ns);
		err = pcring_wait_space(ring, pcring_ring_need(ring, len),
					deadline);
		if (err < 0)
			return err;
	}
}

void pcring_ring_submit_record(struct pcring_ring *handle,
			       struct pcring_record *rec, bool more)
{
	struct pcring_ring_impl *ring = handle->impl;
	struct pcring_prod *p = &ring->prod;

	if (p->record_flags & PCRING_RECORD_F_TIME)
		pcring_record_stamp(p, rec, pcring_now);
	/* Under overwriting nothing may be retired that was not published. */
	if (p->record_flags & PCRING_RECORD_F_INDEX)
		more = false;
	pcring_record_submit(p, rec, more);
	if (!more)
		pcring_ring_notify(ring);
}

void pcring_ring_cancel_record(struct pcring_ring *handle,
			       struct pcring_record *rec)
{
	struct pcring_ring_impl *ring = handle->impl;

	pcring_record_cancel(&ring->prod, rec);
	pcring_ring_notify(ring);
}

int pcring_ring_write(struct pcring_ring *handle, const void *data, __u32 len,
		      __u32 type, __u64 timeout_ns)
{
	struct pcring_record *rec;
	int got =
		pcring_ring_reserve_record(handle, len, type, timeout_ns, &rec);

	if (got <= 0)
		return got;
	if (len)
		memcpy(pcring_record_data(rec), data, len);
	pcring_ring_submit_record(handle, rec, false);
	return 1;
}
