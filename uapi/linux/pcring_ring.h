/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * pcring: how a ring is written and read. One copy of the protocol for the
 * kernel, C11, C++17 and the tests.
 *
 * Trust. Each end has a page that only it can write (struct pcring_prod_page,
 * struct pcring_cons_page); entries and records are written by the producer
 * alone. Each end keeps its own positions in private memory (struct pcring_prod,
 * struct pcring_cons) and never reads them back. A word of the peer's is loaded
 * once, checked against what it may be, and the copy is used: a bad one is
 * -EBADFD and changes nothing here.
 *
 * Publication. Fixed entries carry a phase bit in their front; it flips each lap,
 * so an entry tells by itself whether it is published, and a single item costs one
 * line between two cores instead of two. A burst is written as plain data, its
 * first entry last: that entry gates the rest. A burst of PCRING_BURST or more
 * also publishes a position, which saves its reader from looking at each phase.
 * Records have no phase, because their payload could forge one: a position is
 * published, and with several producers a BUSY flag in the header that stands
 * below it. (Measurements behind this: protocol.rst, "Publication".)
 *
 *   producer                                 consumer
 *
 *   if (LOAD.acq ->cons has space)    (F)    if (LOAD.acq entry phase)     (B)
 *      STORE data                               LOAD data
 *      STORE.rel entry phase          (A)       STORE.rel ->cons           (E)
 *   a burst or a record:                     a burst or a record:
 *      STORE.rel ->prod               (C)       LOAD.acq ->prod            (D)
 *
 *   A pairs with B, C with D: who sees the publication sees the data.
 *   E pairs with F: who sees the space no longer races with the reading of what
 *   was there. F could be a control dependency where only stores follow, but the
 *   compiler may not be trusted with one.
 *   Entries behind the first of a burst need no barrier of their own: B looks at
 *   them only after it has seen the first.
 *
 *   waking the consumer                      sleeping on an empty ring
 *
 *   STORE.rel publication           (A, C)   STORE ->need_wakeup
 *   MB                                (G)    MB                            (H)
 *   LOAD ->need_wakeup                       LOAD.acq publication      (B, D)
 *
 *   waking the producer                      sleeping on a full ring
 *
 *   STORE.rel ->cons                  (E)    STORE ->space_wanted
 *   MB                                (I)    MB                            (J)
 *   LOAD ->space_wanted                      LOAD.acq ->cons               (F)
 *
 *   G pairs with H, I with J: of the two loads at least one sees the other
 *   side's store. Release and acquire do not forbid both from missing it.
 *
 *   overwriting (records)                    reading what may be overwritten
 *
 *   STORE.rel ->prod                  (C)    LOAD.acq ->oldest, ->newest   (X)
 *   STORE.rel ->oldest, ->newest      (W)    LOAD.acq ->prod               (D)
 *   WMB                               (K)    LOAD data
 *   STORE data                               RMB                           (L)
 *   STORE.rel ->prod                  (C)    LOAD ->oldest
 *
 *   W pairs with X: neither word lies beyond the ->prod that is loaded after it.
 *   K pairs with L: who read a byte of the new data sees ->oldest beyond the old
 *   record, and throws the copy away.
 *
 *   several producers (records)              their consumer
 *
 *   STORE header BUSY                        LOAD.acq ->prod               (D)
 *   STORE.rel ->prod                  (C)    LOAD.acq header               (N)
 *   STORE data                               LOAD data, if not BUSY
 *   STORE.rel header, BUSY cleared    (M)
 *
 *   M pairs with N: who sees BUSY cleared sees the data.
 *
 *   records with a time                      merging shards x and y
 *
 *   STORE.rel ->prod (reserved)       (C)    LOAD.acq header of a record of x (N)
 *   MB, for the clock too             (O)    LOAD.acq ->prod of y          (D)
 *   read the clock
 *   STORE.rel header with the time    (M)
 *
 *   O pairs with N followed by D: a record of y that the merger does not see was
 *   not reserved when x's record was stamped, so its own stamp is later.
 *
 *   exchange words (blocks)                  their consumer
 *
 *   STORE block                              CMPXCHG word to EMPTY         (R)
 *   XCHG word                         (Q)    LOAD block
 *
 *   Q pairs with R; both are full barriers: whoever takes the word owns the
 *   block.
 *
 *   ending                                   noticing
 *
 *   everything above
 *   STORE.rel ->state                 (S)    LOAD.acq ->state              (T)
 *                                            LOAD what is left         (B, D)
 *
 *   S pairs with T: who sees the end sees all that was published before it.
 *
 *   counting                                 auditing, from a third place
 *
 *   STORE ->accepted                         LOAD.acq ->consumed, ...      (V)
 *   STORE.rel publication           (A, C)   LOAD ->accepted
 *   then, at the consumer:
 *   STORE.rel ->consumed, ->discarded,
 *      ->overwritten, ->cancelled     (U)
 *
 *   U pairs with V, and with A and C before it: whoever reads the consumer's terms
 *   first and accepted after them never finds more of them than were accepted.
 */
#ifndef _UAPI_LINUX_PCRING_RING_H
#define _UAPI_LINUX_PCRING_RING_H

#include <linux/pcring_layout.h>
#include <linux/pcring_order.h>

/**
 * struct pcring_geometry - what both ends of a ring agree on
 * @entries: entries or bytes, a power of two.
 * @entry_size: bytes of a fixed entry, a power of two; 0: records.
 * @policy: enum pcring_policy.
 * @producers: enum pcring_producers.
 * @flags: PCRING_RING_*.
 * @lag: entries or bytes the consumer may keep unpublished, 1 to entries / 4.
 * @start: position of the first item, 0 but in tests; of records a multiple of 8.
 */
struct pcring_geometry {
	__u32 entries;
	__u32 entry_size;
	__u32 policy;
	__u32 producers;
	__u32 flags;
	__u32 lag;
	__u64 start;
};

/**
 * struct pcring_loss - items rejected since the last one that was accepted
 * @first: sequence number of the first.
 * @count: how many, 0: none.
 * @time_first: CLOCK_MONOTONIC, ns.
 * @time_last: CLOCK_MONOTONIC, ns.
 * @reason: enum pcring_reason of the first.
 */
struct pcring_loss {
	__u64 first;
	__u64 count;
	__u64 time_first;
	__u64 time_last;
	__u32 reason;
};

/**
 * struct pcring_prod - the producer's private end of a ring
 * @own: its page.
 * @peer: the consumer's page, read-only.
 * @data: entries or records.
 * @prod: next position to reserve.
 * @published: value of own->prod.
 * @cons: last valid copy of peer->cons.
 * @oldest: OVERWRITE and LATEST records: copy of own->oldest.
 * @newest: LATEST records: position of the last record submitted.
 * @woken: the last need_wakeup answered.
 * @loss: what the next gap will say.
 * @waiters: producers between prepare_wait and finish_wait.
 * @want: the smallest amount one of them wants.
 * @sleep_nr: number of the last sleep.
 * @starved: a producer waits, or the last look found too little space.
 * @entries: entries or bytes.
 * @mask: @entries - 1.
 * @order: log2 of @entries.
 * @entry_size: bytes, 0: records.
 * @policy: enum pcring_policy.
 * @producers: enum pcring_producers.
 * @record_flags: PCRING_RECORD_F_TIME and _INDEX as this ring has them.
 */
struct pcring_prod {
	struct pcring_prod_page *own;
	const struct pcring_cons_page *peer;
	unsigned char *data;
	__u64 prod;
	__u64 published;
	__u64 cons;
	__u64 oldest;
	__u64 newest;
	__u64 woken;
	struct pcring_loss loss;
	__u32 waiters;
	__u32 want;
	__u32 sleep_nr;
	__u32 starved;
	__u32 entries;
	__u32 mask;
	__u32 order;
	__u32 entry_size;
	__u32 policy;
	__u32 producers;
	__u32 record_flags;
};

/**
 * struct pcring_cons - the consumer's private end of a ring
 * @own: its page.
 * @peer: the producer's page, read-only.
 * @data: entries or records, read-only.
 * @cons: next position to read.
 * @published: value of own->cons.
 * @prod: last valid copy of peer->prod.
 * @seq: sequence number the next item should have.
 * @index: records with F_INDEX: items accepted before the next one.
 * @woken: the last space_wanted answered.
 * @sleep_nr: number of the last sleep.
 * @entries: entries or bytes.
 * @mask: @entries - 1.
 * @order: log2 of @entries.
 * @entry_size: bytes, 0: records.
 * @policy: enum pcring_policy.
 * @producers: enum pcring_producers.
 * @lag: entries or bytes that may stay unpublished.
 * @record_flags: PCRING_RECORD_F_TIME and _INDEX as this ring has them.
 * @dead: a hole of a dead producer was passed over.
 */
struct pcring_cons {
	struct pcring_cons_page *own;
	const struct pcring_prod_page *peer;
	const unsigned char *data;
	__u64 cons;
	__u64 published;
	__u64 prod;
	__u64 seq;
	__u64 index;
	__u64 woken;
	__u32 sleep_nr;
	__u32 entries;
	__u32 mask;
	__u32 order;
	__u32 entry_size;
	__u32 policy;
	__u32 producers;
	__u32 lag;
	__u32 record_flags;
	bool dead;
};

static inline __u32 pcring_order(__u32 entries)
{
	__u32 order = 0;

	while ((1U << order) < entries)
		order++;
	return order;
}

/* The phase an entry shows once position @pos is published in it. */
PCRING_HOT __u32 pcring_phase(__u64 pos, __u32 order)
{
	return (__u32)(~(pos >> order) & 1) << 31;
}

static inline __u32 pcring_record_flags(const struct pcring_geometry *geo)
{
	__u32 flags = 0;

	if (geo->entry_size)
		return 0;
	if ((geo->flags & PCRING_RING_TIME) ||
	    geo->producers == PCRING_PRODUCERS_PERCPU)
		flags |= PCRING_RECORD_F_TIME;
	if (geo->policy == PCRING_POLICY_OVERWRITE ||
	    geo->policy == PCRING_POLICY_LATEST)
		flags |= PCRING_RECORD_F_INDEX;
	return flags;
}

/**
 * pcring_geometry_check() - can a ring look like this at all?
 * @geo: what somebody wants.
 *
 * Kind and pool are the transport's business; this is what the functions here
 * rely on.
 *
 * Return: 0; -EINVAL.
 */
static inline int pcring_geometry_check(const struct pcring_geometry *geo)
{
	bool record = !geo->entry_size;
	__u32 min = record ? PCRING_MIN_BYTES : 1;
	__u32 max = record ? PCRING_MAX_BYTES : PCRING_MAX_ENTRIES;

	if (geo->entries < min || geo->entries > max ||
	    (geo->entries & (geo->entries - 1)))
		return -EINVAL;
	if (!record && (geo->entry_size < PCRING_MIN_ENTRY_SIZE ||
			geo->entry_size > PCRING_MAX_ENTRY_SIZE ||
			(geo->entry_size & (geo->entry_size - 1))))
		return -EINVAL;
	if (geo->policy > PCRING_POLICY_LATEST ||
	    geo->producers > PCRING_PRODUCERS_SHARED ||
	    (geo->flags & ~PCRING_RING_ALL))
		return -EINVAL;
	if (record && (geo->start & (PCRING_RECORD_ALIGN - 1)))
		return -EINVAL;
	return geo->lag > geo->entries / 4 && geo->lag > 1 ? -EINVAL : 0;
}

/**
 * pcring_ring_format() - make the data area of a fixed ring empty
 * @data: the area, @geo->entries times @geo->entry_size bytes.
 * @geo: the ring; a start of 0 needs no formatting if the area is zero.
 *
 * Context: before either end is initialised; nobody may look yet.
 */
static inline void pcring_ring_format(void *data,
				      const struct pcring_geometry *geo)
{
	__u32 order = pcring_order(geo->entries);
	__u32 i;

	for (i = 0; i < geo->entries; i++) {
		__u64 pos = geo->start + i;
		__u64 front = PCRING_FRONT(
			pcring_phase(pos, order) ^ PCRING_ENTRY_PHASE, 0);
		__u32 slot = (__u32)pos & (geo->entries - 1);

		memcpy((unsigned char *)data + (size_t)slot * geo->entry_size,
		       &front, sizeof(front));
	}
}

/**
 * pcring_prod_init() - begin to produce
 * @p: the end, written whole.
 * @own: its page, zero but for what this function writes.
 * @peer: the consumer's page.
 * @data: the data area.
 * @geo: the ring, checked by the caller.
 *
 * Context: any; before the first use. The state becomes LIVE.
 */
static inline void pcring_prod_init(struct pcring_prod *p,
				    struct pcring_prod_page *own,
				    const struct pcring_cons_page *peer,
				    void *data,
				    const struct pcring_geometry *geo)
{
	memset(p, 0, sizeof(*p));
	p->own = own;
	p->peer = peer;
	p->data = (unsigned char *)data;
	p->prod = geo->start;
	p->published = geo->start;
	p->cons = geo->start;
	p->oldest = geo->start;
	p->newest = geo->start;
	p->entries = geo->entries;
	p->mask = geo->entries - 1;
	p->order = pcring_order(geo->entries);
	p->entry_size = geo->entry_size;
	p->policy = geo->policy;
	p->producers = geo->producers;
	p->record_flags = pcring_record_flags(geo);
	pcring_store(&own->prod, geo->start);
	pcring_store(&own->oldest, geo->start);
	pcring_store(&own->newest, geo->start);
	pcring_store_release(&own->state, (__u32)PCRING_STATE_LIVE); /* S */
}

/**
 * pcring_cons_init() - begin to consume
 * @c: the end, written whole.
 * @own: its page, zero but for what this function writes.
 * @peer: the producer's page.
 * @data: the data area.
 * @geo: the ring, checked by the caller.
 *
 * Context: any; before the first use. The state becomes LIVE.
 */
static inline void pcring_cons_init(struct pcring_cons *c,
				    struct pcring_cons_page *own,
				    const struct pcring_prod_page *peer,
				    const void *data,
				    const struct pcring_geometry *geo)
{
	memset(c, 0, sizeof(*c));
	c->own = own;
	c->peer = peer;
	c->data = (const unsigned char *)data;
	c->cons = geo->start;
	c->published = geo->start;
	c->prod = geo->start;
	c->entries = geo->entries;
	c->mask = geo->entries - 1;
	c->order = pcring_order(geo->entries);
	c->entry_size = geo->entry_size;
	c->policy = geo->policy;
	c->producers = geo->producers;
	c->lag = geo->lag ? geo->lag : 1;
	c->record_flags = pcring_record_flags(geo);
	pcring_store(&own->cons, geo->start);
	pcring_store(&own->counts.position, geo->start);
	pcring_store_release(&own->state, (__u32)PCRING_STATE_LIVE); /* S */
}

/* ---- space ---------------------------------------------------------------- */

/*
 * Look at peer->cons again. It may lie between the last valid copy and the next
 * position to reserve; anything else is a corrupt peer.
 */
static inline int pcring_prod_refresh(struct pcring_prod *p)
{
	__u64 cons = pcring_load_acquire(&p->peer->cons); /* F, pairs with E */

	if (pcring_unlikely(cons - p->cons > p->prod - p->cons))
		return -EBADFD;
	p->cons = cons;
	if (p->prod - cons > pcring_load(&p->own->counts.fills))
		pcring_store(&p->own->counts.fills, p->prod - cons);
	return 0;
}

/**
 * pcring_prod_space() - entries or bytes free, of @want wanted
 * @p: the end; with several producers under their lock.
 * @want: enough; peer->cons is looked at only if less is known to be free.
 *
 * Return: entries or bytes, perhaps more than @want; -EBADFD.
 */
PCRING_HOT int pcring_prod_space(struct pcring_prod *p, __u32 want)
{
	__u32 space = p->entries - (__u32)(p->prod - p->cons);
	int err;

	if (pcring_likely(space >= want))
		return (int)space;
	err = pcring_prod_refresh(p);
	if (err)
		return err;
	space = p->entries - (__u32)(p->prod - p->cons);
	pcring_store(&p->starved, (__u32)(p->waiters || space < want));
	return (int)space;
}

/* Gaps that the loss takes: one holds a count of 32 bits. */
PCRING_HOT __u32 pcring_prod_gaps(const struct pcring_prod *p)
{
	if (pcring_likely(!p->loss.count))
		return 0;
	return (__u32)((p->loss.count + 0xfffffffeU) / 0xffffffffU);
}

/**
 * pcring_prod_need() - what to wait for, to be able to reserve @want
 * @p: the end.
 * @want: entries, or bytes of a whole record.
 *
 * Return: @want, and the gap that will have to stand before it.
 */
static inline __u32 pcring_prod_need(const struct pcring_prod *p, __u32 want)
{
	if (pcring_likely(!p->loss.count))
		return want;
	if (!p->entry_size)
		return want +
		       pcring_prod_gaps(p) *
			       (sizeof(struct pcring_record) +
				2 * sizeof(__u64) + sizeof(struct pcring_gap));
	return want + (p->entry_size >= PCRING_GAP_ENTRY_SIZE
			       ? pcring_prod_gaps(p)
			       : 0);
}

/* Publish own->prod: what it means is said in struct pcring_prod_page. */
PCRING_HOT void pcring_prod_publish(struct pcring_prod *p)
{
	if (p->published == p->prod)
		return;
	p->published = p->prod;
	pcring_store_release(&p->own->prod, p->prod); /* C, pairs with D */
	if (p->policy == PCRING_POLICY_LATEST)
		pcring_store_release(&p->own->newest,
				     p->newest); /* W, pairs with X */
}

/* ---- sleeping and waking ------------------------------------------------- */

/**
 * pcring_prod_notify() - must the consumer be woken?
 * @p: the end; call it once a batch, after the publication (cancelling is one
 *	with several producers); after a reservation that found no space; and after
 *	pcring_prod_prepare_wait().
 *
 * A consumer that waits for more than there is, while the producer has no space for
 * more, is woken as well: it has to take what there is.
 *
 * Return: true once for each sleep of the consumer's; the caller then wakes it by
 * the transport's own means.
 */
static inline bool pcring_prod_notify(struct pcring_prod *p)
{
	__u64 want, avail;

	pcring_mb(); /* G, pairs with H: publication before the flag is read */
	want = pcring_load(&p->peer->need_wakeup);
	if (pcring_likely(!want) || want == pcring_load(&p->woken))
		return false;
	/* The sleeper has published its position: no barrier, only a hint. */
	avail = pcring_load(&p->prod) - pcring_load(&p->peer->cons);
	if (avail < PCRING_WANT_AMOUNT(want) && !pcring_load(&p->starved))
		return false;
	pcring_store(&p->woken, want);
	return true;
}

/**
 * pcring_prod_prepare_wait() - announce that a producer will sleep
 * @p: the end; with several producers under their lock.
 * @want: entries or bytes needed (pcring_prod_need()), 1 up; more than the ring
 *	has counts as all.
 *
 * Load the futex word, or whatever the sleep is on, before the call: who announces
 * is woken once, and with several producers the space he was woken for may be gone
 * when he looks. Each call is a sleep of its own and ends with
 * pcring_prod_finish_wait(). In between: pcring_prod_notify(), look once more
 * (pcring_prod_space()), sleep. A wakeup is for all producers that wait; each
 * finishes, and prepares again if it has to.
 */
static inline void pcring_prod_prepare_wait(struct pcring_prod *p, __u32 want)
{
	if (want > p->entries)
		want = p->entries;
	if (!p->entry_size)
		pcring_prod_publish(p); /* what MORE kept back */
	if (p->waiters++ && p->want < want)
		want = p->want;
	p->want = want;
	pcring_store(&p->starved, 1U);
	pcring_store(&p->own->space_wanted, PCRING_WANT(want, ++p->sleep_nr));
	pcring_mb(); /* J, pairs with I: the flag before peer->cons is read */
}

/* The sleep is over, however it ended; with several producers under their lock. */
static inline void pcring_prod_finish_wait(struct pcring_prod *p)
{
	if (--p->waiters)
		return;
	pcring_store(&p->starved, 0U);
	pcring_store(&p->own->space_wanted, (__u64)0);
}

/**
 * pcring_cons_publish() - let the producer see all the space there is
 * @c: the end; call it when the ring was found empty, and before doing something
 *	else for long.
 *
 * Return: true if the producer sleeps and must be woken.
 */
static inline bool pcring_cons_publish(struct pcring_cons *c)
{
	__u64 want, used;

	if (c->published == c->cons)
		return false;
	c->published = c->cons;
	pcring_store_release(&c->own->cons, c->cons); /* E, pairs with F */
	if (c->policy != PCRING_POLICY_BLOCK)
		return false; /* such a producer never sleeps: no fence */
	pcring_mb(); /* I, pairs with J: space before the flag is read */
	want = pcring_load(&c->peer->space_wanted);
	if (pcring_likely(!want) || want == c->woken)
		return false;
	/* The sleeper has published its position: no barrier, only a hint. */
	used = pcring_load(&c->peer->prod) - c->cons;
	if (used <= c->entries && c->entries - used < PCRING_WANT_AMOUNT(want))
		return false;
	c->woken = want;
	return true;
}

/**
 * pcring_cons_prepare_wait() - announce that the consumer will sleep
 * @c: the end; pcring_cons_publish() first.
 * @want: entries or bytes needed, 1 up; more than the ring has counts as all.
 *
 * Load the futex word, or whatever the sleep is on, before the call: a wakeup for
 * less than @want may come at once, and does not come twice. Each call is a sleep of
 * its own. Afterwards look once more (pcring_cons_ready(), pcring_record_ready()),
 * sleep, pcring_cons_finish_wait(). Who was woken takes what there is, even if it is
 * less than @want.
 */
static inline void pcring_cons_prepare_wait(struct pcring_cons *c, __u32 want)
{
	if (want > c->entries)
		want = c->entries;
	pcring_store(&c->own->need_wakeup, PCRING_WANT(want, ++c->sleep_nr));
	pcring_mb(); /* H, pairs with G: the flag before the ring is read */
}

static inline void pcring_cons_finish_wait(struct pcring_cons *c)
{
	pcring_store(&c->own->need_wakeup, (__u64)0);
}

/* ---- counting ------------------------------------------------------------ */

/*
 * Counters of one's own page: one writer, so no atomic addition, and no private
 * copy: nobody else can write them.
 */
PCRING_HOT void pcring_count(__u64 *counter, __u64 items)
{
	pcring_store(counter, pcring_load(counter) + items);
}

/* The same for a term of the consumer's: after what it counts. */
PCRING_HOT void pcring_count_term(__u64 *counter, __u64 items)
{
	pcring_store_release(counter, /* U, pairs with V */
			     pcring_load(counter) + items);
}

PCRING_HOT void pcring_prod_account(struct pcring_prod *p, __u32 items)
{
	pcring_count(&p->own->counts.offered, items);
	pcring_count(&p->own->counts.accepted, items);
}

/* Sequence number of the next item offered. */
PCRING_HOT __u64 pcring_prod_seq(const struct pcring_prod *p)
{
	return pcring_load(&p->own->counts.offered);
}

/**
 * pcring_prod_reject() - offered, and not taken
 * @p: the end; with several producers under their lock.
 * @items: how many.
 * @reason: enum pcring_reason.
 * @now: CLOCK_MONOTONIC, ns.
 *
 * The items take their sequence numbers; the next reservation that finds space
 * writes the gap before its own item. A gap has the reason of its first item,
 * the counters have each one's own.
 */
static inline void pcring_prod_reject(struct pcring_prod *p, __u32 items,
				      __u32 reason, __u64 now)
{
	if (!p->loss.count) {
		p->loss.first = pcring_prod_seq(p);
		p->loss.time_first = now;
		p->loss.reason = reason;
	}
	p->loss.count += items;
	p->loss.time_last = now;
	pcring_count(&p->own->counts.offered, items);
	pcring_count(&p->own->counts.rejected[reason % PCRING_NR_REASONS],
		     items);
}

/* The gap of @p's loss, and what stays of the loss if it is a very long one. */
static inline void pcring_prod_take_gap(struct pcring_prod *p,
					struct pcring_gap *gap)
{
	__u64 count = p->loss.count;

	if (count > 0xffffffffU)
		count = 0xffffffffU;
	gap->ctl = PCRING_ENTRY_SPECIAL | p->loss.reason << 8 |
		   PCRING_SPECIAL_GAP;
	gap->count = (__u32)count;
	gap->first = p->loss.first;
	gap->time_first = p->loss.time_first;
	gap->time_last = p->loss.time_last;
	p->loss.first += count;
	p->loss.count -= count;
	pcring_count(&p->own->counts.gaps, 1);
}

/**
 * pcring_cons_release() - give entries (bytes) back to the producer
 * @c: the end.
 * @n: entries or bytes; they may not be read any more.
 * @items: how many of them were items, which now count as consumed.
 *
 * The position is published when c->lag of them have come together.
 *
 * Return: true if the producer sleeps and must be woken.
 */
PCRING_HOT bool pcring_cons_release(struct pcring_cons *c, __u32 n, __u32 items)
{
	c->cons += n;
	c->seq += items;
	pcring_store(&c->own->counts.position, c->cons);
	pcring_count_term(&c->own->counts.consumed, items);
	if (pcring_likely(c->cons - c->published < c->lag))
		return false;
	return pcring_cons_publish(c);
}

/* ---- the end -------------------------------------------------------------- */

/*
 * Say it last: everything published before is still there to be read. Then a full
 * fence (G, I), and wake the other end if it sleeps, whatever it asked for: its look
 * after the announcement includes the state.
 */
static inline void pcring_prod_end(struct pcring_prod *p, __u32 state)
{
	if (!p->entry_size)
		pcring_prod_publish(p); /* what MORE kept back */
	pcring_store_release(&p->own->state, state); /* S, pairs with T */
}

static inline void pcring_cons_end(struct pcring_cons *c, __u32 state)
{
	pcring_store_release(&c->own->state, state); /* S, pairs with T */
}

/* Look at the ring once more after this said that the peer has ended. */
static inline __u32 pcring_prod_peer_state(const struct pcring_prod *p)
{
	return pcring_load_acquire(&p->peer->state); /* T, pairs with S */
}

static inline __u32 pcring_cons_peer_state(const struct pcring_cons *c)
{
	return pcring_load_acquire(&c->peer->state); /* T, pairs with S */
}

#endif /* _UAPI_LINUX_PCRING_RING_H */
