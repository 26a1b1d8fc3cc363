// SPDX-License-Identifier: GPL-2.0-only
/*
 * pcring: a driver produces records.
 */
#include <linux/export.h>
#include <linux/ktime.h>
#include "core.h"

static u64 pcring_clock(void)
{
	return ktime_get_ns();
}

/* No room for @len bytes; as struct pcring_policy_rule has it. */
static int pcring_record_full(struct pcring_ring *ring, u32 len, int err,
			      u64 timeout_ns)
{
	const struct pcring_policy_rule *policy =
		&pcring_policies[ring->desc.policy];
	u32 need;

	/* What "more" kept back was published when there was no room. */
	WRITE_ONCE(ring->pos, ring->prod.published);
	switch (err) {
	case -EAGAIN:
		need = pcring_record_space(len, ring->prod.record_flags);
		need = pcring_prod_need(&ring->prod, need);
		return policy->full(ring, need, timeout_ns);
	case -EMSGSIZE:
		pcring_prod_reject(&ring->prod, 1, PCRING_REASON_SIZE,
				   ktime_get_ns());
		pcring_ring_notify(ring);
		return err;
	default:
		pcring_ctx_kill(ring->ctx, ring);
		return err;
	}
}

int pcring_ring_reserve_record(struct pcring_ring *ring, u32 len, u32 type,
			       u64 timeout_ns, struct pcring_record **rec)
{
	int err;

	if (unlikely(ring->kind != PCRING_KIND_REC_OUT ||
		     type > PCRING_RECORD_MAX_TYPE))
		return -EINVAL;
	do {
		err = pcring_flow_check(ring);
		if (unlikely(err))
			return err;
		err = pcring_record_reserve(&ring->prod, len, type, rec);
		if (likely(!err)) {
			if (ring->prod.record_flags & PCRING_RECORD_F_TIME)
				pcring_record_stamp(&ring->prod, *rec,
						    pcring_clock);
			return 1;
		}
		err = pcring_record_full(ring, len, err, timeout_ns);
	} while (err > 0);
	return err;
}
EXPORT_SYMBOL_GPL(pcring_ring_reserve_record);

void pcring_ring_submit_record(struct pcring_ring *ring,
			       struct pcring_record *rec, bool more)
{
	pcring_record_submit(&ring->prod, rec, more);
	if (more)
		return;
	WRITE_ONCE(ring->pos, ring->prod.published);
	pcring_ring_notify(ring);
}
EXPORT_SYMBOL_GPL(pcring_ring_submit_record);

void pcring_ring_cancel_record(struct pcring_ring *ring,
			       struct pcring_record *rec)
{
	pcring_record_cancel(&ring->prod, rec);
	WRITE_ONCE(ring->pos, ring->prod.published);
	pcring_ring_notify(ring);
}
EXPORT_SYMBOL_GPL(pcring_ring_cancel_record);

int pcring_ring_write(struct pcring_ring *ring, const void *data, u32 len,
		      u32 type, u64 timeout_ns)
{
	struct pcring_record *rec;
	int got;

	got = pcring_ring_reserve_record(ring, len, type, timeout_ns, &rec);
	if (got <= 0)
		return got;
	memcpy(pcring_record_data(rec), data, len);
	pcring_ring_submit_record(ring, rec, false);
	return got;
}
EXPORT_SYMBOL_GPL(pcring_ring_write);

int pcring_ring_reject(struct pcring_ring *ring, u32 n, u32 reason)
{
	if (!ring->kernel_produces || ring->peer || !n ||
	    reason >= PCRING_NR_REASONS)
		return -EINVAL;
	pcring_prod_reject(&ring->prod, n, reason, ktime_get_ns());
	return 0;
}
EXPORT_SYMBOL_GPL(pcring_ring_reject);

u64 pcring_ring_seq(const struct pcring_ring *ring)
{
	return pcring_prod_seq(&ring->prod);
}
EXPORT_SYMBOL_GPL(pcring_ring_seq);

u32 pcring_ring_block_size(const struct pcring_ring *ring)
{
	return ring->pool ? ring->pool->block_size : 0;
}
EXPORT_SYMBOL_GPL(pcring_ring_block_size);

struct pcring_ctx *pcring_ring_ctx(const struct pcring_ring *ring)
{
	return ring->ctx;
}
EXPORT_SYMBOL_GPL(pcring_ring_ctx);

const struct pcring_ring_desc *pcring_ring_desc(const struct pcring_ring *ring)
{
	return &ring->desc;
}
EXPORT_SYMBOL_GPL(pcring_ring_desc);
