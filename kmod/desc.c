// SPDX-License-Identifier: GPL-2.0-only
/*
 * pcring: ring descriptors: what may be asked for. Each refusal names the ring, the
 * field and its value.
 */
#include <linux/gcd.h>
#include <linux/log2.h>
#include "core.h"

#define REFUSE(err, field, why)                                         \
	pcring_ctx_refuse(ctx, err, "ring %u: " #field " %lld: %s", nr, \
			  (long long)desc->field, why)

static int pcring_check_words(struct pcring_ctx *ctx,
			      const struct pcring_ring_desc *desc, u32 nr)
{
	u32 i;

	if (desc->kind < PCRING_KIND_SQ || desc->kind > PCRING_KIND_REC_IN)
		return REFUSE(-EINVAL, kind, "unknown");
	if (desc->flags & ~PCRING_RING_ALL)
		return REFUSE(-EINVAL, flags, "unknown");
	if (desc->policy > PCRING_POLICY_LATEST)
		return REFUSE(-EINVAL, policy, "unknown");
	if (desc->producers > PCRING_PRODUCERS_SHARED)
		return REFUSE(-EINVAL, producers, "unknown");
	if (desc->partition)
		return REFUSE(-EINVAL, partition, "rings are not partitioned");
	if (desc->shards > 1)
		return REFUSE(-EINVAL, shards, "only PERCPU has more than 1");
	for (i = 0; i < ARRAY_SIZE(desc->reserved); i++)
		if (desc->reserved[i])
			return REFUSE(-EINVAL, reserved[i], "not zero");
	return 0;
}

/* What this module, and this driver, has. */
static int pcring_check_served(struct pcring_ctx *ctx,
			       const struct pcring_ring_desc *desc, u32 nr)
{
	bool records = pcring_kind_records(desc->kind);

	if (!(ctx->ops->kinds & BIT(desc->kind)))
		return REFUSE(-EOPNOTSUPP, kind, "the device has none");
	if (!pcring_policies[desc->policy].full)
		return REFUSE(-EOPNOTSUPP, policy, "not in this module");
	if (!pcring_kind_user_produces(desc->kind) &&
	    !(ctx->ops->policies & BIT(desc->policy)))
		return REFUSE(-EOPNOTSUPP, policy, "not with this device");
	if (desc->producers != PCRING_PRODUCERS_SINGLE)
		return REFUSE(-EOPNOTSUPP, producers, "not in this module");
	if (desc->pool_held)
		return REFUSE(-EINVAL, pool_held, "for OVERWRITE and LATEST");
	if (!records && (desc->flags & PCRING_RING_TIME))
		return REFUSE(-EINVAL, flags, "only records carry a time");
	return 0;
}

static int pcring_check_entry_size(struct pcring_ctx *ctx,
				   struct pcring_ring_desc *desc, u32 nr)
{
	static const u32 own[] = {
		[PCRING_KIND_SQ] = sizeof(struct pcring_sqe),
		[PCRING_KIND_CQ] = sizeof(struct pcring_cqe),
		[PCRING_KIND_FREE] = sizeof(struct pcring_free),
	};

	if (!desc->entry_size)
		desc->entry_size = own[desc->kind];
	if (desc->kind == PCRING_KIND_FREE &&
	    desc->entry_size != own[desc->kind])
		return REFUSE(-EINVAL, entry_size, "FREE has 8");
	if (!is_power_of_2(desc->entry_size) ||
	    desc->entry_size < own[desc->kind] ||
	    desc->entry_size > PCRING_MAX_ENTRY_SIZE)
		return REFUSE(
			-EINVAL, entry_size,
			"not a power of two, or less than the kind's own struct");
	if (desc->policy == PCRING_POLICY_DROP_NEW &&
	    desc->entry_size < PCRING_GAP_ENTRY_SIZE)
		return REFUSE(-EINVAL, entry_size, "a gap needs 32");
	return 0;
}

static int pcring_check_entries(struct pcring_ctx *ctx,
				struct pcring_ring_desc *desc, u32 nr)
{
	u32 min = PCRING_MIN_ENTRIES;

	if (pcring_kind_records(desc->kind)) {
		if (!desc->entries || desc->entries > PCRING_MAX_BYTES)
			return REFUSE(-EINVAL, entries,
				      "not 1 to 1073741824 bytes");
		if (desc->entry_size)
			return REFUSE(-EINVAL, entry_size, "records have none");
		min = max_t(u32, PAGE_SIZE, PCRING_MIN_BYTES);
	} else if (!desc->entries || desc->entries > PCRING_MAX_ENTRIES) {
		return REFUSE(-EINVAL, entries, "not 1 to 1048576");
	}
	desc->entries = roundup_pow_of_two(max(desc->entries, min));
	return 0;
}

static int pcring_check_quanta(struct pcring_ctx *ctx,
			       const struct pcring_ring_desc *desc, u32 nr)
{
	u64 p = desc->prod_quantum, c = desc->cons_quantum;
	u64 need;

	if (!p || !c)
		return 0;
	need = p + c - gcd(p, c);
	if (need <= desc->entries)
		return 0;
	return pcring_ctx_refuse(
		ctx, -EINVAL,
		"ring %u: entries %u: quanta %llu and %llu need %llu", nr,
		desc->entries, p, c, need);
}

static int pcring_check_pool_fd(struct pcring_ctx *ctx,
				const struct pcring_ring_desc *desc, u32 nr)
{
	if (desc->pool_fd != -1 && pcring_kind_records(desc->kind))
		return REFUSE(-EINVAL, pool_fd, "records move no blocks");
	if (desc->pool_fd == -1 && desc->kind == PCRING_KIND_FREE)
		return REFUSE(-EINVAL, pool_fd, "FREE needs a pool");
	return 0;
}

static const struct pcring_ring_desc *
pcring_desc_find(const struct pcring_ring_desc *descs, u32 nr, u32 kind,
		 u32 queue)
{
	u32 i;

	for (i = 0; i < nr; i++)
		if (descs[i].kind == kind && descs[i].queue == queue)
			return &descs[i];
	return NULL;
}

/* How rings go together. */
static int pcring_check_pairs(struct pcring_ctx *ctx,
			      const struct pcring_ring_desc *descs, u32 all)
{
	u32 nr;

	for (nr = 0; nr < all; nr++) {
		const struct pcring_ring_desc *desc = &descs[nr];
		bool sq = pcring_desc_find(descs, all, PCRING_KIND_SQ,
					   desc->queue);
		bool cq = pcring_desc_find(descs, all, PCRING_KIND_CQ,
					   desc->queue);

		if (desc->kind == PCRING_KIND_SQ && !cq)
			return REFUSE(-EINVAL, queue,
				      "an SQ without the CQ that answers it");
		if (desc->kind != PCRING_KIND_CQ)
			continue;
		if (sq && desc->policy != PCRING_POLICY_BLOCK)
			return REFUSE(-EINVAL, policy,
				      "completions are never dropped");
		if (!sq && desc->pool_fd == -1)
			return REFUSE(-EINVAL, pool_fd,
				      "a CQ without an SQ posts blocks");
	}
	return 0;
}

static int pcring_check_one(struct pcring_ctx *ctx,
			    struct pcring_ring_desc *desc, u32 nr)
{
	int err;

	err = pcring_check_words(ctx, desc, nr);
	if (!err)
		err = pcring_check_served(ctx, desc, nr);
	if (!err)
		err = pcring_check_entries(ctx, desc, nr);
	if (!err && !pcring_kind_records(desc->kind))
		err = pcring_check_entry_size(ctx, desc, nr);
	if (!err)
		err = pcring_check_quanta(ctx, desc, nr);
	if (!err)
		err = pcring_check_pool_fd(ctx, desc, nr);
	if (err)
		return err;
	desc->shards = 1;
	desc->spin_us = min(desc->spin_us, READ_ONCE(pcring_max_spin_us));
	return 0;
}

/**
 * pcring_desc_check() - may these rings be had?
 * @ctx: who wants them; hears why not.
 * @descs: in and out: what is granted.
 * @nr: 1 to PCRING_MAX_RINGS.
 *
 * Return: 0; -EINVAL: malformed; -EOPNOTSUPP: not here.
 */
int pcring_desc_check(struct pcring_ctx *ctx, struct pcring_ring_desc *descs,
		      u32 nr)
{
	u32 queues[PCRING_NR_KINDS] = { 0 };
	u32 i;

	for (i = 0; i < nr; i++) {
		int err = pcring_check_one(ctx, &descs[i], i);

		if (err)
			return err;
		if (descs[i].queue != queues[descs[i].kind]++)
			return pcring_ctx_refuse(
				ctx, -EINVAL,
				"ring %u: queue %u: %u is the next of kind %u",
				i, descs[i].queue, queues[descs[i].kind] - 1,
				descs[i].kind);
	}
	return pcring_check_pairs(ctx, descs, nr);
}
