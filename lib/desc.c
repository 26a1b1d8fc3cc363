// SPDX-License-Identifier: LGPL-2.1-only OR MIT
/*
 * libpcring: ring descriptors: what may be asked for, what is granted, and where
 * it lies. Both sides compute this and believe nobody.
 */
#include <unistd.h>
#include "pcring_impl.h"

#define PCRING_MAX_SPIN_US 1000000U

bool pcring_kind_user_produces(__u32 kind)
{
	return kind == PCRING_KIND_SQ || kind == PCRING_KIND_FREE ||
	       kind == PCRING_KIND_REC_IN;
}

bool pcring_kind_records(__u32 kind)
{
	return kind == PCRING_KIND_REC_OUT || kind == PCRING_KIND_REC_IN;
}

static bool pcring_desc_overwrites(const struct pcring_ring_desc *desc)
{
	return desc->policy == PCRING_POLICY_OVERWRITE ||
	       desc->policy == PCRING_POLICY_LATEST;
}

/* Are its entries exchange words? */
bool pcring_desc_xchg(const struct pcring_ring_desc *desc)
{
	return desc->kind == PCRING_KIND_CQ && pcring_desc_overwrites(desc);
}

size_t pcring_desc_data_len(const struct pcring_ring_desc *desc)
{
	if (pcring_kind_records(desc->kind))
		return desc->entries;
	if (pcring_desc_xchg(desc))
		return 0;
	return pcring_page_up((size_t)desc->entries * desc->entry_size);
}

static bool pcring_power_of_two(__u32 n)
{
	return n && !(n & (n - 1));
}

static __u32 pcring_round_up(__u32 n)
{
	return 1U << pcring_order(n);
}

#define REFUSE(field, why)                                       \
	pcring_fail(-EINVAL, "ring %u: " #field " %lld: %s", nr, \
		    (long long)desc->field, why)

static int pcring_check_words(const struct pcring_ring_desc *desc, __u32 nr)
{
	size_t i;

	if (desc->kind < PCRING_KIND_SQ || desc->kind > PCRING_KIND_REC_IN)
		return REFUSE(kind, "unknown");
	if (desc->flags & ~PCRING_RING_ALL)
		return REFUSE(flags, "unknown");
	if (desc->policy > PCRING_POLICY_LATEST)
		return REFUSE(policy, "unknown");
	if (desc->producers > PCRING_PRODUCERS_SHARED)
		return REFUSE(producers, "unknown");
	if (desc->partition)
		return REFUSE(partition, "rings are not partitioned");
	if (desc->spin_us > PCRING_MAX_SPIN_US)
		return REFUSE(spin_us, "more than a second");
	for (i = 0; i < sizeof(desc->reserved) / sizeof(desc->reserved[0]); i++)
		if (desc->reserved[i])
			return pcring_fail(
				-EINVAL,
				"ring %u: reserved[%zu] %llu: not zero", nr, i,
				(unsigned long long)desc->reserved[i]);
	return 0;
}

static int pcring_check_matrix(const struct pcring_ring_desc *desc, __u32 nr)
{
	bool records = pcring_kind_records(desc->kind);

	if (!records && pcring_desc_overwrites(desc) && !pcring_desc_xchg(desc))
		return REFUSE(policy, "only CQ and records can overwrite");
	if (!records && (desc->flags & PCRING_RING_TIME))
		return REFUSE(flags, "only records carry a time");
	if (desc->producers == PCRING_PRODUCERS_PERCPU && !records)
		return REFUSE(producers, "only records have shards");
	if (desc->producers == PCRING_PRODUCERS_PERCPU &&
	    pcring_desc_overwrites(desc))
		return REFUSE(policy, "shards block or drop");
	if (desc->policy == PCRING_POLICY_LATEST &&
	    desc->producers != PCRING_PRODUCERS_SINGLE)
		return REFUSE(producers, "LATEST has a single one");
	return 0;
}

static int pcring_check_fixed(struct pcring_ring_desc *desc, __u32 nr,
			      __u32 max)
{
	__u32 size = desc->entry_size;

	if (!desc->entries || desc->entries > PCRING_MAX_ENTRIES)
		return REFUSE(entries, "not 1 to 1048576");
	if (desc->entries > max)
		desc->entries = max;
	desc->entries = pcring_round_up(desc->entries);
	if (pcring_desc_xchg(desc)) {
		if (size && size != sizeof(__u64))
			return REFUSE(entry_size, "exchange words have 8");
		desc->entry_size = sizeof(__u64);
		if (desc->policy == PCRING_POLICY_LATEST)
			desc->entries = 1;
		else if (desc->entries < PCRING_MIN_ENTRIES)
			desc->entries = PCRING_MIN_ENTRIES;
		return 0;
	}
	if (desc->entries < PCRING_MIN_ENTRIES)
		desc->entries = PCRING_MIN_ENTRIES;
	if (!size)
		size = desc->kind == PCRING_KIND_SQ ? sizeof(struct pcring_sqe)
		       : desc->kind == PCRING_KIND_CQ
			       ? sizeof(struct pcring_cqe)
			       : sizeof(struct pcring_free);
	if (!pcring_power_of_two(size) || size < PCRING_MIN_ENTRY_SIZE ||
	    size > PCRING_MAX_ENTRY_SIZE)
		return REFUSE(entry_size, "not a power of two, 8 to 1024");
	if (desc->kind == PCRING_KIND_FREE &&
	    size != sizeof(struct pcring_free))
		return REFUSE(entry_size, "FREE has 8");
	if (desc->policy == PCRING_POLICY_DROP_NEW &&
	    size < PCRING_GAP_ENTRY_SIZE)
		return pcring_fail(-EINVAL,
				   "ring %u: entry_size %u: a gap needs 32", nr,
				   size);
	desc->entry_size = size;
	return 0;
}

static int pcring_check_records(struct pcring_ring_desc *desc, __u32 nr,
				__u32 max)
{
	if (!desc->entries || desc->entries > PCRING_MAX_BYTES)
		return REFUSE(entries, "not 1 to 1073741824 bytes");
	if (desc->entry_size)
		return REFUSE(entry_size, "records have none");
	if (desc->entries > max)
		desc->entries = max;
	if (desc->entries < pcring_page())
		desc->entries = (__u32)pcring_page();
	desc->entries = pcring_round_up(desc->entries);
	return 0;
}

static int pcring_check_shards(struct pcring_ring_desc *desc, __u32 nr)
{
	long cpus;

	if (desc->producers != PCRING_PRODUCERS_PERCPU) {
		if (desc->shards > 1)
			return REFUSE(shards, "not PERCPU");
		desc->shards = 1;
		return 0;
	}
	if (!desc->shards) {
		cpus = sysconf(_SC_NPROCESSORS_CONF);
		desc->shards = cpus < 1 ? 1
			       : cpus > (long)PCRING_MAX_SHARDS
				       ? PCRING_MAX_SHARDS
				       : (__u32)cpus;
	}
	if (desc->shards > PCRING_MAX_SHARDS)
		return REFUSE(shards, "more than 64");
	return 0;
}

static int pcring_check_pool(const struct pcring_ring_desc *desc, __u32 nr,
			     const struct pcring_pool_desc *pool)
{
	bool xchg = pcring_desc_xchg(desc);

	if (desc->pool_fd != -1 && desc->pool_fd != PCRING_CTX_POOL)
		return REFUSE(pool_fd, "over memfd -1 or PCRING_CTX_POOL");
	if (desc->pool_fd == PCRING_CTX_POOL && !pool->blocks)
		return REFUSE(pool_fd, "no pool was asked for");
	if (desc->pool_fd != -1 && pcring_kind_records(desc->kind))
		return REFUSE(pool_fd, "records move no blocks");
	if (desc->pool_fd == -1 && desc->kind == PCRING_KIND_FREE)
		return REFUSE(pool_fd, "FREE needs a pool");
	if (desc->pool_fd == -1 && xchg)
		return REFUSE(pool_fd, "OVERWRITE and LATEST need a pool");
	if (!xchg && desc->pool_held)
		return REFUSE(pool_held, "for OVERWRITE and LATEST");
	if (!xchg)
		return 0;
	if (!desc->pool_held)
		return REFUSE(pool_held, "at least 1");
	if ((__u64)desc->pool_held + desc->entries + 1 > pool->blocks)
		return pcring_fail(-EINVAL,
				   "ring %u: pool_held %u: with %u slots needs "
				   "%llu blocks, the pool has %u",
				   nr, desc->pool_held, desc->entries,
				   (unsigned long long)desc->pool_held +
					   desc->entries + 1,
				   pool->blocks);
	return 0;
}

static int pcring_check_quanta(const struct pcring_ring_desc *desc, __u32 nr)
{
	__u64 min = pcring_min_entries(desc->prod_quantum, desc->cons_quantum);

	if (min > desc->entries)
		return pcring_fail(
			-EINVAL,
			"ring %u: entries %u: quanta %u and %u need %llu", nr,
			desc->entries, desc->prod_quantum, desc->cons_quantum,
			(unsigned long long)min);
	return 0;
}

static int pcring_check_one(struct pcring_ring_desc *desc, __u32 nr,
			    const struct pcring_pool_desc *pool,
			    const struct pcring_limits *limits)
{
	int err = pcring_check_words(desc, nr);

	if (err)
		return err;
	if (!(limits->kinds & (1U << desc->kind)))
		return pcring_fail(-EOPNOTSUPP, "ring %u: kind %u: not served",
				   nr, desc->kind);
	err = pcring_check_matrix(desc, nr);
	if (err)
		return err;
	if (pcring_kind_records(desc->kind))
		err = pcring_check_records(desc, nr, limits->max_bytes);
	else
		err = pcring_check_fixed(desc, nr, limits->max_entries);
	if (!err)
		err = pcring_check_shards(desc, nr);
	if (!err)
		err = pcring_check_pool(desc, nr, pool);
	if (!err)
		err = pcring_check_quanta(desc, nr);
	return err;
}

static int pcring_check_pool_desc(struct pcring_pool_desc *pool)
{
	__u64 size;

	if (!pool->blocks && !pool->block_size && !pool->flags)
		return 0;
	if (pool->flags & ~PCRING_POOL_USER)
		return pcring_fail(-EINVAL, "pool: flags %#x: not over memfd",
				   pool->flags);
	if (!pool->blocks || pool->blocks > PCRING_MAX_BLOCKS)
		return pcring_fail(-EINVAL, "pool: blocks %u: not 1 to %u",
				   pool->blocks, PCRING_MAX_BLOCKS);
	if (!pool->block_size || pool->block_size > PCRING_MAX_BYTES)
		return pcring_fail(-EINVAL, "pool: block_size %u: not 1 to %u",
				   pool->block_size, PCRING_MAX_BYTES);
	size = pcring_page_up(pool->block_size);
	pool->block_size = (__u32)size;
	return 0;
}

/* Check what was asked for and write what is granted; nothing is laid out. */
int pcring_desc_check(struct pcring_ring_desc *descs, __u32 nr,
		      struct pcring_pool_desc *pool,
		      const struct pcring_limits *limits)
{
	__u32 queues[PCRING_KIND_REC_IN + 1] = { 0 };
	__u32 i;
	int err = pcring_check_pool_desc(pool);

	if (err)
		return err;
	if (!nr || nr > PCRING_MAX_RINGS)
		return pcring_fail(-EINVAL, "ctx: nr_rings %u: not 1 to %u", nr,
				   PCRING_MAX_RINGS);
	for (i = 0; i < nr; i++) {
		err = pcring_check_one(&descs[i], i, pool, limits);
		if (err)
			return err;
		if (descs[i].queue != queues[descs[i].kind]++)
			return pcring_fail(
				-EINVAL,
				"ring %u: queue %u: %u is the next of kind %u",
				i, descs[i].queue, queues[descs[i].kind] - 1,
				descs[i].kind);
	}
	return 0;
}

/* Where everything lies; the same at both sides, from the same descriptors. */
int pcring_desc_layout(struct pcring_ring_desc *descs, __u32 nr,
		       const struct pcring_pool_desc *pool,
		       struct pcring_layout *layout)
{
	__u64 control = pcring_page();
	__u32 i;

	memset(layout, 0, sizeof(*layout));
	layout->pool_len = (__u64)pool->blocks * pool->block_size;
	for (i = 0; i < nr; i++) {
		struct pcring_ring_desc *d = &descs[i];
		bool user = pcring_kind_user_produces(d->kind);
		__u64 *prod = user ? &layout->user_len : &layout->server_len;
		__u64 *cons = user ? &layout->server_len : &layout->user_len;
		__u64 data = pcring_desc_data_len(d);

		d->data_offset = (__u32)control;
		d->lag = d->entries / 4 ? d->entries / 4 : 1;
		d->prod_offset = *prod;
		d->prod_len = control + data;
		*prod += d->shards * d->prod_len;
		if (pcring_kind_records(d->kind))
			d->prod_len += data;
		d->cons_offset = *cons;
		d->cons_len = control;
		*cons += d->shards * d->cons_len;
		d->xchg_offset = 0;
		d->xchg_len = 0;
		if (pcring_desc_xchg(d)) {
			d->xchg_offset = layout->pool_len;
			d->xchg_len =
				pcring_page_up(d->entries * sizeof(__u64));
			layout->pool_len += d->xchg_len;
		}
		layout->ends += d->shards;
	}
	layout->info_offset = layout->server_len;
	layout->server_len += pcring_page_up((size_t)pool->blocks *
					     sizeof(struct pcring_block_info));
	if (layout->ends > PCRING_MAX_ENDS)
		return pcring_fail(-EINVAL,
				   "ctx: %u rings and shards: more than %u",
				   layout->ends, PCRING_MAX_ENDS);
	return 0;
}
