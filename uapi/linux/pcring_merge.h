/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * pcring: reading several shards of records as one stream, in time order.
 *
 * A shard's records stay in the order of their reservation. One reserved in an
 * interrupt, between another's reservation and its stamp, has the smaller time
 * and stands behind it; it counts as being as late as its predecessor.
 *
 * A record is delivered once no shard can still bring an earlier one. That is
 * known without a clock and without waiting for silent shards: a shard that looks
 * empty after record r was seen has no reservation that r's producer could have
 * preceded (O, N, D in <linux/pcring_ring.h>).
 */
#ifndef _UAPI_LINUX_PCRING_MERGE_H
#define _UAPI_LINUX_PCRING_MERGE_H

#include <linux/pcring_record.h>

/**
 * struct pcring_shard - one of the rings merged
 * @cons: its consumer's end; policy BLOCK or DROP_NEW, records with a time.
 * @view: its front, if @have.
 * @time: CLOCK_MONOTONIC, ns: the latest time seen so far in this shard.
 * @have: @view is valid.
 */
struct pcring_shard {
	struct pcring_cons *cons;
	struct pcring_record_view view;
	__u64 time;
	bool have;
};

/*
 * Look at a shard's front. 1: it has one; 0: it is empty; -EAGAIN: its front is
 * still being written; -EBADFD.
 */
static inline int pcring_shard_look(struct pcring_shard *shard)
{
	int ready;

	if (shard->have)
		return 1;
	ready = pcring_record_peek(shard->cons, &shard->view);
	if (ready > 0) {
		shard->have = true;
		if (shard->view.time > shard->time)
			shard->time = shard->view.time;
		return 1;
	}
	if (!ready && shard->cons->cons != shard->cons->prod)
		return -EAGAIN;
	return ready;
}

/**
 * pcring_merge_peek() - the next record of all shards, in time order
 * @shards: the shards.
 * @nr: how many, 1 up.
 * @which: index of the shard whose view it is; release it with
 *	pcring_merge_release().
 *
 * Return: 1; 0: all are empty; -EAGAIN: a shard is in the middle of writing what
 * may be the next one; -EBADFD, @which says whose.
 */
static inline int pcring_merge_peek(struct pcring_shard *shards, __u32 nr,
				    __u32 *which)
{
	bool settled, busy = false;
	__u32 i, best;
	int ready;

	for (i = 0; i < nr; i++) {
		ready = pcring_shard_look(&shards[i]);
		if (ready == -EBADFD) {
			*which = i;
			return ready;
		}
		if (ready == -EAGAIN) {
			busy = true;
			*which = i;
		}
	}
	do {
		best = nr;
		for (i = 0; i < nr; i++)
			if (shards[i].have &&
			    (best == nr || shards[i].time < shards[best].time))
				best = i;
		if (best == nr)
			return busy ? -EAGAIN : 0;
		/* Its record has been seen (N); now look at the others (D). */
		settled = true;
		for (i = 0; i < nr; i++) {
			if (shards[i].have)
				continue;
			ready = pcring_shard_look(&shards[i]);
			if (ready < 0) {
				*which = i;
				return ready;
			}
			if (ready && shards[i].time < shards[best].time)
				settled = false;
		}
	} while (!settled);
	*which = best;
	return 1;
}

/**
 * pcring_merge_release() - give the record just peeked back
 * @shard: the shard whose view it was.
 *
 * Return: true if its producer sleeps and must be woken.
 */
static inline bool pcring_merge_release(struct pcring_shard *shard)
{
	shard->have = false;
	return pcring_record_release(shard->cons, &shard->view);
}

#endif /* _UAPI_LINUX_PCRING_MERGE_H */
