/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * pcring: records, of variable length, in one contiguous piece each.
 *
 * The barriers are lettered in <linux/pcring_ring.h>. The data area is mapped
 * twice in a row at both ends, so nothing here knows about wrapping. Positions
 * are bytes and multiples of 8.
 *
 * A producer reads the headers of its own records again (to overwrite them): they
 * stand in memory that only it can write.
 */
#ifndef _UAPI_LINUX_PCRING_RECORD_H
#define _UAPI_LINUX_PCRING_RECORD_H

#include <linux/pcring_ring.h>

/* A gap longer than this is no gap but a corrupt sequence number. */
#define PCRING_MAX_GAP (1ULL << 48)

/* A reader that was lapped so often in one call comes back later. */
#define PCRING_MAX_TORN 64U

/**
 * struct pcring_record_view - a consumer's private copy of a record's header
 * @data: the payload: in the ring (pcring_record_peek()) or in the caller's
 *	buffer (pcring_record_copy()).
 * @seq: sequence number; of a gap, of the first item lost.
 * @time: CLOCK_MONOTONIC, ns; 0 without F_TIME.
 * @index: items accepted before it; 0 without F_INDEX.
 * @len: bytes of payload.
 * @info: type and flags.
 * @space: bytes it takes up in the ring; 0: made by the reader, not in the ring.
 */
struct pcring_record_view {
	const void *data;
	__u64 seq;
	__u64 time;
	__u64 index;
	__u32 len;
	__u32 info;
	__u32 space;
};

/* Bytes between a record's beginning and its payload. */
static inline __u32 pcring_record_header(__u32 info)
{
	__u32 size = sizeof(struct pcring_record);

	if (info & PCRING_RECORD_F_TIME)
		size += sizeof(__u64);
	if (info & PCRING_RECORD_F_INDEX)
		size += sizeof(__u64);
	return size;
}

/* Bytes a record takes up; 64 bits, so that no length overflows. */
static inline __u64 pcring_record_space(__u32 len, __u32 info)
{
	return ((__u64)pcring_record_header(info) + len + PCRING_RECORD_ALIGN -
		1) &
	       ~(__u64)(PCRING_RECORD_ALIGN - 1);
}

static inline void *pcring_record_data(struct pcring_record *rec)
{
	return (unsigned char *)rec + pcring_record_header(rec->info);
}

/* The time word, in front of everything else behind the header. */
static inline pcring_word *pcring_record_time(struct pcring_record *rec)
{
	return (pcring_word *)(rec + 1);
}

/* ---- producing ------------------------------------------------------------ */

static inline struct pcring_record *
pcring_record_at(const struct pcring_prod *p, __u64 pos)
{
	return (struct pcring_record *)(p->data + ((__u32)pos & p->mask));
}

/*
 * Make room by giving up the oldest records. One that is still being written
 * cannot be given up; then none is.
 */
static inline bool pcring_record_retire(struct pcring_prod *p, __u64 need)
{
	__u64 oldest = p->oldest;

	while (p->entries - (p->prod - oldest) < need) {
		struct pcring_record *rec = pcring_record_at(p, oldest);
		__u32 info = pcring_load_acquire(&rec->info); /* N */

		if (info & PCRING_RECORD_F_BUSY)
			return false;
		oldest += pcring_record_space(pcring_load(&rec->len), info);
	}
	if (oldest != p->oldest) {
		pcring_prod_publish(p);
		p->oldest = oldest;
		pcring_store_release(&p->own->oldest,
				     oldest); /* W, pairs with X */
	}
	pcring_wmb(); /* K, pairs with L: before what replaces it */
	return true;
}

static inline int pcring_record_room(struct pcring_prod *p, __u64 need)
{
	int space;

	if (p->policy == PCRING_POLICY_OVERWRITE ||
	    p->policy == PCRING_POLICY_LATEST) {
		if (pcring_likely(pcring_record_retire(p, need)))
			return 0;
		space = -EAGAIN;
	} else {
		space = pcring_prod_space(p, (__u32)need);
		if (pcring_likely(space >= (int)need))
			return 0;
	}
	/* What MORE kept back would never be consumed otherwise. */
	pcring_prod_publish(p);
	return space < 0 ? space : -EAGAIN;
}

/* Write a header at p->prod; the caller has made room. */
static inline struct pcring_record *
pcring_record_begin(struct pcring_prod *p, __u32 len, __u32 info, __u64 seq)
{
	struct pcring_record *rec = pcring_record_at(p, p->prod);
	pcring_word *payload = (pcring_word *)((unsigned char *)rec +
					       pcring_record_header(info));

	pcring_store(&rec->len, len);
	pcring_store(&rec->seq, seq);
	if (p->record_flags & PCRING_RECORD_F_INDEX)
		pcring_store(payload - 1,
			     pcring_load(&p->own->counts.accepted));
	pcring_store(&rec->info, info); /* published by C */
	return rec;
}

/* Write what was lost, at p->prod; the caller has made room. */
static inline void pcring_record_put_gap(struct pcring_prod *p)
{
	__u32 info = PCRING_RECORD_GAP | p->record_flags;
	struct pcring_record *rec;
	struct pcring_gap gap;

	pcring_prod_take_gap(p, &gap);
	rec = pcring_record_begin(p, sizeof(gap), info, gap.first);
	if (info & PCRING_RECORD_F_TIME)
		*pcring_record_time(rec) = gap.time_first;
	memcpy(pcring_record_data(rec), &gap, sizeof(gap));
	pcring_store(&p->prod,
		     p->prod + pcring_record_space(sizeof(gap), info));
}

/**
 * pcring_record_reserve() - get room for a record
 * @p: the end; with several producers under their lock, or on their CPU.
 * @len: bytes of payload, 0 up.
 * @type: 0 to 191, the driver's.
 * @rec: the record; write its payload at pcring_record_data().
 *
 * If items were rejected before, their gap is written first. The record belongs
 * to the caller until submitted or cancelled. SINGLE: one at a time.
 *
 * Return: 0; -EMSGSIZE: it and a gap before it are larger than the ring;
 * -EAGAIN: no space (OVERWRITE: the oldest record is still being written);
 * -EBADFD.
 */
static inline int pcring_record_reserve(struct pcring_prod *p, __u32 len,
					__u32 type, struct pcring_record **rec)
{
	__u32 info = (type & 0xffU) | p->record_flags;
	__u64 size = pcring_record_space(len, info);
	__u64 gap = pcring_record_space(sizeof(struct pcring_gap), info);
	int err;

	if (pcring_unlikely(size + gap > p->entries)) {
		pcring_prod_publish(p);
		return -EMSGSIZE;
	}
	gap *= pcring_prod_gaps(p);
	if (pcring_unlikely(size + gap > p->entries)) {
		pcring_prod_publish(p);
		return -EMSGSIZE;
	}
	err = pcring_record_room(p, size + gap);
	if (pcring_unlikely(err))
		return err;
	while (pcring_unlikely(p->loss.count))
		pcring_record_put_gap(p);
	if (p->producers == PCRING_PRODUCERS_SINGLE) {
		*rec = pcring_record_begin(p, len, info, pcring_prod_seq(p));
		return 0;
	}
	*rec = pcring_record_begin(p, len, info | PCRING_RECORD_F_BUSY,
				   pcring_prod_seq(p));
	pcring_prod_account(p, 1);
	pcring_store(&p->prod, p->prod + size);
	pcring_prod_publish(p); /* BUSY holds the consumer */
	return 0;
}

/**
 * pcring_record_stamp() - give a record of a ring with times its time
 * @p: the end.
 * @rec: a record reserved and not yet submitted.
 * @clock: reads CLOCK_MONOTONIC, ns.
 *
 * Read after the reservation became visible: that is what merging relies on.
 */
static inline void pcring_record_stamp(const struct pcring_prod *p,
				       struct pcring_record *rec,
				       __u64 (*clock)(void))
{
	if (p->producers != PCRING_PRODUCERS_SINGLE)
		pcring_mb_clock(); /* O, pairs with N, D: reserved first */
	*pcring_record_time(rec) = clock();
}

/**
 * pcring_record_trim() - make a reserved record shorter
 * @p: the end, SINGLE.
 * @rec: the record, not yet submitted.
 * @len: bytes of payload, at most those reserved.
 */
static inline void pcring_record_trim(struct pcring_prod *p,
				      struct pcring_record *rec, __u32 len)
{
	if (p->producers == PCRING_PRODUCERS_SINGLE && len < rec->len)
		rec->len = len;
}

/**
 * pcring_record_submit() - publish a record
 * @p: the end; with several producers no lock is needed, and any order will do.
 * @rec: the record; not the caller's any more.
 * @more: SINGLE: a further record follows at once, publish both then. Others
 *	publish each.
 */
static inline void pcring_record_submit(struct pcring_prod *p,
					struct pcring_record *rec, bool more)
{
	if (p->producers == PCRING_PRODUCERS_SINGLE) {
		pcring_prod_account(p, 1);
		p->newest = p->prod;
		p->prod += pcring_record_space(rec->len, rec->info);
		if (!more)
			pcring_prod_publish(p); /* C */
		return;
	}
	pcring_store_release(&rec->info, rec->info & ~PCRING_RECORD_F_BUSY);
	/* M, pairs with N */
}

/**
 * pcring_record_cancel() - give a reserved record back
 * @p: the end.
 * @rec: the record; not the caller's any more.
 *
 * SINGLE: as if it had never been. Others: the consumer skips the record and
 * counts it as discarded; it has to be notified as of any other.
 */
static inline void pcring_record_cancel(struct pcring_prod *p,
					struct pcring_record *rec)
{
	if (p->producers == PCRING_PRODUCERS_SINGLE) {
		pcring_prod_publish(p); /* what MORE kept back */
		return;
	}
	if (rec->info & PCRING_RECORD_F_TIME)
		*pcring_record_time(rec) = 0;
	pcring_store_release(&rec->info, /* M, pairs with N */
			     (rec->info & ~PCRING_RECORD_F_BUSY) |
				     PCRING_RECORD_F_DISCARD);
}

/* ---- consuming ------------------------------------------------------------ */

static inline const struct pcring_record *
pcring_record_front(const struct pcring_cons *c)
{
	return (const struct pcring_record *)(c->data +
					      ((__u32)c->cons & c->mask));
}

/*
 * Look at peer->prod if nothing is known to be there. BLOCK and DROP_NEW: it may
 * lie up to the whole ring ahead. OVERWRITE and LATEST: anywhere ahead.
 */
static inline int pcring_record_refresh(struct pcring_cons *c)
{
	__u64 prod;

	if ((__s64)(c->prod - c->cons) > 0)
		return 1;
	prod = pcring_load_acquire(&c->peer->prod); /* D, pairs with C */
	if (pcring_unlikely(prod & (PCRING_RECORD_ALIGN - 1)))
		return -EBADFD;
	if (pcring_unlikely((__s64)(prod - c->prod) < 0))
		return -EBADFD;
	if (!(c->record_flags & PCRING_RECORD_F_INDEX) &&
	    pcring_unlikely(prod - c->cons > c->entries))
		return -EBADFD;
	c->prod = prod;
	return (__s64)(prod - c->cons) > 0;
}

/* Fill @view from words loaded once; @limit: bytes the record may take up. */
static inline int pcring_record_check(const struct pcring_cons *c,
				      struct pcring_record_view *view,
				      __u32 len, __u32 info, __u64 limit)
{
	__u64 space = pcring_record_space(len, info);

	if (pcring_unlikely(space > limit))
		return -EBADFD;
	if (pcring_unlikely((info ^ c->record_flags) &
			    (PCRING_RECORD_F_TIME | PCRING_RECORD_F_INDEX |
			     PCRING_RECORD_RESERVED)))
		return -EBADFD;
	if (pcring_unlikely(
		    c->producers == PCRING_PRODUCERS_SINGLE &&
		    (info & (PCRING_RECORD_F_BUSY | PCRING_RECORD_F_DISCARD))))
		return -EBADFD;
	view->len = len;
	view->info = info;
	view->space = (__u32)space;
	return 0;
}

/**
 * pcring_record_peek() - look at the next record, in place
 * @c: the end; BLOCK or DROP_NEW.
 * @view: written if there is one. A cancelled one (F_DISCARD) and a gap come as
 *	they stand; pcring_record_release() knows them.
 *
 * Return: 1; 0: none, or the next one is still being written; -EBADFD.
 */
static inline int pcring_record_peek(struct pcring_cons *c,
				     struct pcring_record_view *view)
{
	int ready = pcring_record_refresh(c);
	const struct pcring_record *rec;
	const pcring_word *extra;
	__u32 info;
	int err;

	if (ready <= 0)
		return ready;
	rec = pcring_record_front(c);
	info = pcring_load_acquire(&rec->info); /* N, pairs with M */
	if (pcring_unlikely(info & PCRING_RECORD_F_BUSY) &&
	    c->producers != PCRING_PRODUCERS_SINGLE)
		return 0;
	err = pcring_record_check(c, view, pcring_load(&rec->len), info,
				  c->prod - c->cons);
	if (pcring_unlikely(err))
		return err;
	view->seq = pcring_load(&rec->seq);
	extra = (const pcring_word *)(rec + 1);
	view->time = info & PCRING_RECORD_F_TIME ? pcring_load(extra) : 0;
	view->index = 0;
	view->data = (const unsigned char *)rec + pcring_record_header(info);
	return 1;
}

/**
 * pcring_record_ready() - the look between preparing to wait and sleeping
 * @c: the end.
 * @want: bytes waited for.
 *
 * Return: true: do not sleep: they are there and the first record can be read, or
 * it can and the producer waits for space, or the ring is corrupt.
 */
static inline bool pcring_record_ready(struct pcring_cons *c, __u32 want)
{
	__u64 prod = pcring_load_acquire(&c->peer->prod); /* D, pairs with C */
	const struct pcring_record *rec;
	__u64 avail = prod - c->cons;
	int ready = pcring_record_refresh(c);

	if (ready <= 0)
		return ready < 0;
	rec = pcring_record_front(c);
	if (!(c->record_flags & PCRING_RECORD_F_INDEX) &&
	    (pcring_load_acquire(&rec->info) & PCRING_RECORD_F_BUSY))
		return c->producers == PCRING_PRODUCERS_SINGLE; /* N */
	if (want > c->entries)
		want = c->entries;
	return avail >= want || pcring_load(&c->peer->space_wanted);
}

/* Copy what the producer may be overwriting. */
PCRING_RACY static inline void
pcring_record_racy_copy(void *dst, const void *src, __u32 len)
{
	pcring_word *to = (pcring_word *)dst;
	const pcring_word *from = (const pcring_word *)src;
	__u32 i;

	for (i = 0; i < len / sizeof(*to); i++)
		to[i] = pcring_load(from + i);
	if (len % sizeof(*to)) {
		__u64 last = pcring_load(from + i);

		memcpy(to + i, &last, len % sizeof(*to));
	}
}

/* Go where the policy wants reading to go on; nothing is counted here. */
static inline int pcring_record_seek(struct pcring_cons *c)
{
	__u64 oldest = pcring_load_acquire(&c->peer->oldest); /* X */
	__u64 prod;

	if (c->policy == PCRING_POLICY_LATEST) {
		__u64 newest = pcring_load_acquire(&c->peer->newest); /* X */

		if ((__s64)(newest - oldest) > 0)
			oldest = newest;
	}
	if ((__s64)(oldest - c->cons) <= 0)
		return 0;
	if (pcring_unlikely(oldest & (PCRING_RECORD_ALIGN - 1)))
		return -EBADFD;
	if ((__s64)(oldest - c->prod) > 0) {
		/* Neither lies beyond the prod that is loaded after it (W). */
		prod = pcring_load_acquire(&c->peer->prod); /* D */
		if (pcring_unlikely((prod & (PCRING_RECORD_ALIGN - 1)) ||
				    (__s64)(prod - oldest) < 0))
			return -EBADFD;
		c->prod = prod;
	}
	c->cons = oldest;
	return 0;
}

/*
 * One attempt at the record at c->cons. 1: copied as far as @size allows; 0: it
 * is still being written; -EAGAIN: overwritten meanwhile; -EBADFD.
 */
PCRING_RACY static inline int
pcring_record_try_copy(struct pcring_cons *c, struct pcring_record_view *view,
		       void *buf, __u32 size)
{
	const struct pcring_record *rec = pcring_record_front(c);
	__u32 info = pcring_load_acquire(&rec->info); /* N, pairs with M */
	__u32 len = pcring_load(&rec->len);
	__u64 extra[2];
	int err;

	view->seq = pcring_load(&rec->seq);
	pcring_record_racy_copy(extra, rec + 1, sizeof(extra));
	/* A torn header is no reason to read past the mapping. */
	err = pcring_record_check(c, view, len, info, c->entries);
	if (!err && len <= size && !(info & PCRING_RECORD_F_BUSY))
		pcring_record_racy_copy(buf,
					(const unsigned char *)rec +
						pcring_record_header(info),
					len);
	pcring_rmb(); /* L, pairs with K: the copy before the check */
	if ((__s64)(pcring_load(&c->peer->oldest) - c->cons) > 0) {
		pcring_count(&c->own->counts.torn, 1);
		return -EAGAIN;
	}
	if (pcring_unlikely(err || view->space > c->prod - c->cons))
		return -EBADFD;
	view->time = info & PCRING_RECORD_F_TIME ? extra[0] : 0;
	view->index = extra[info & PCRING_RECORD_F_TIME ? 1 : 0];
	view->data = buf;
	return !(info & PCRING_RECORD_F_BUSY);
}

/*
 * The record in @view is not the one that was to come: make the gap before it.
 * Its index tells how many accepted ones are missing, its sequence number how
 * many in all.
 */
static inline int pcring_record_overwritten(struct pcring_cons *c,
					    struct pcring_record_view *view,
					    void *buf)
{
	__u32 reason = c->policy == PCRING_POLICY_LATEST
			       ? (__u32)PCRING_REASON_LATEST
			       : (__u32)PCRING_REASON_OVERWRITTEN;
	__u64 missing = view->index - c->index;
	__u64 count = view->seq - c->seq;
	struct pcring_gap gap;

	if (!missing)
		reason = PCRING_REASON_UNKNOWN;
	if ((__s64)missing < 0 || (__s64)count < (__s64)missing ||
	    count > PCRING_MAX_GAP)
		return -EBADFD;
	if (count > 0xffffffffU)
		count = 0xffffffffU;
	gap.ctl = PCRING_ENTRY_SPECIAL | reason << 8 | PCRING_SPECIAL_GAP;
	gap.count = (__u32)count;
	gap.first = c->seq;
	gap.time_first = 0;
	gap.time_last = view->time;
	pcring_count_term(&c->own->counts.overwritten, missing);
	pcring_count(&c->own->counts.gaps, 1);
	c->index = view->index;
	c->seq += count;
	memcpy(buf, &gap, sizeof(gap));
	view->seq = gap.first;
	view->len = sizeof(gap);
	view->info = PCRING_RECORD_GAP;
	view->space = 0;
	return 1;
}

/**
 * pcring_record_copy() - copy the next record out of a ring that overwrites
 * @c: the end; OVERWRITE or LATEST.
 * @view: written if there is one; its data point into @buf.
 * @buf: room for the payload, aligned to 8.
 * @size: bytes at @buf, at least sizeof(struct pcring_gap); a record that is
 *	longer is -EMSGSIZE, @view->len tells how long.
 *
 * If records were overwritten (LATEST: or passed over) since the last one, the
 * gap comes first: type GAP, @view->space 0, its count in struct pcring_gap. It
 * is accounted for here; the call after it delivers the record.
 *
 * Return: 1; 0: none, or the next one is still being written; -EMSGSIZE; -EAGAIN:
 * overwritten PCRING_MAX_TORN times in a row while it was copied; -EBADFD.
 */
static inline int pcring_record_copy(struct pcring_cons *c,
				     struct pcring_record_view *view, void *buf,
				     __u32 size)
{
	__u32 tries;
	int ready;

	for (tries = 0; tries < PCRING_MAX_TORN; tries++) {
		ready = pcring_record_refresh(c);
		if (ready <= 0)
			return ready;
		ready = pcring_record_seek(c);
		if (ready)
			return ready;
		if ((__s64)(c->prod - c->cons) <= 0)
			continue; /* all that was known is overwritten */
		ready = pcring_record_try_copy(c, view, buf, size);
		if (ready == -EAGAIN)
			continue;
		if (ready <= 0)
			return ready;
		if (view->index == c->index && view->seq == c->seq)
			return view->len <= size ? 1 : -EMSGSIZE;
		return pcring_record_overwritten(c, view, buf);
	}
	return -EAGAIN;
}

/**
 * pcring_record_release() - give a record back to the producer
 * @c: the end.
 * @view: what pcring_record_peek() or pcring_record_copy() gave; its data may not
 *	be read any more if they stand in the ring.
 *
 * Return: true if the producer sleeps and must be woken.
 */
static inline bool pcring_record_release(struct pcring_cons *c,
					 const struct pcring_record_view *view)
{
	struct pcring_gap gap;

	if (pcring_unlikely(!view->space))
		return false;
	if (pcring_unlikely(PCRING_RECORD_TYPE(view->info) ==
			    PCRING_RECORD_GAP)) {
		if (view->len >= sizeof(gap)) {
			memcpy(&gap, view->data, sizeof(gap));
			c->seq += gap.count;
		}
		pcring_count(&c->own->counts.gaps, 1);
		return pcring_cons_release(c, view->space, 0);
	}
	if (pcring_unlikely(view->info & PCRING_RECORD_F_DISCARD)) {
		c->seq++;
		c->index++;
		pcring_count_term(&c->own->counts.discarded, 1);
		return pcring_cons_release(c, view->space, 0);
	}
	if (pcring_unlikely(PCRING_RECORD_TYPE(view->info) >
			    PCRING_RECORD_MAX_TYPE))
		return pcring_cons_release(c, view->space, 0);
	c->index++;
	return pcring_cons_release(c, view->space, 1);
}

/**
 * pcring_record_skip_dead() - pass over what a dead producer never submitted
 * @c: the end, its producers dead and several of them.
 *
 * Return: true if a BUSY record was passed over and counted as cancelled; false
 * if there is none at the front; -EBADFD is false too, and peek will say it.
 */
static inline bool pcring_record_skip_dead(struct pcring_cons *c)
{
	struct pcring_record_view view;
	const struct pcring_record *rec;
	__u32 info;

	if (pcring_record_refresh(c) <= 0)
		return false;
	if ((c->record_flags & PCRING_RECORD_F_INDEX) &&
	    (pcring_record_seek(c) || c->cons == c->prod))
		return false;
	rec = pcring_record_front(c);
	info = pcring_load_acquire(&rec->info); /* N, pairs with M */
	if (!(info & PCRING_RECORD_F_BUSY) ||
	    pcring_record_check(c, &view, pcring_load(&rec->len), info,
				c->prod - c->cons))
		return false;
	c->seq++;
	c->index++;
	pcring_count_term(&c->own->counts.cancelled, 1);
	pcring_cons_release(c, view.space, 0);
	return true;
}

/**
 * pcring_record_count() - walk the ring and count the records in it
 * @c: the end; at rest, or its producer dead.
 *
 * Return: records submitted and not released, gaps and cancelled ones not
 * among them; -EBADFD.
 */
static inline int pcring_record_count(const struct pcring_cons *c)
{
	struct pcring_record_view view;
	struct pcring_cons walk = *c;
	int items = 0;

	walk.prod = pcring_load_acquire(&c->peer->prod); /* D, pairs with C */
	if (walk.record_flags & PCRING_RECORD_F_INDEX) {
		__u64 oldest = pcring_load(&c->peer->oldest);

		if ((__s64)(oldest - walk.cons) > 0)
			walk.cons = oldest;
	}
	if (((walk.prod | walk.cons) & (PCRING_RECORD_ALIGN - 1)) ||
	    walk.prod - walk.cons > walk.entries)
		return -EBADFD;
	while (walk.cons != walk.prod) {
		const struct pcring_record *rec = pcring_record_front(&walk);
		__u32 info = pcring_load_acquire(&rec->info); /* N */

		if (pcring_record_check(&walk, &view, pcring_load(&rec->len),
					info, walk.prod - walk.cons))
			return -EBADFD;
		if (!(info &
		      (PCRING_RECORD_F_BUSY | PCRING_RECORD_F_DISCARD)) &&
		    PCRING_RECORD_TYPE(info) <= PCRING_RECORD_MAX_TYPE)
			items++;
		walk.cons += view.space;
	}
	return items;
}

/**
 * pcring_record_missing() - overwritten, and the reader has not noticed yet
 * @c: the end of a ring that overwrites; at rest, or its producer dead.
 *
 * What has to be added to overwritten for the terms to balance.
 *
 * Return: accepted records that are not in the ring and not yet accounted for.
 */
static inline __u64 pcring_record_missing(const struct pcring_cons *c)
{
	__u64 prod = pcring_load_acquire(&c->peer->prod); /* D, pairs with C */
	__u64 oldest = pcring_load(&c->peer->oldest);
	struct pcring_record_view view;
	struct pcring_cons walk = *c;
	__u64 extra[2];
	__u32 info;

	if ((__s64)(oldest - c->cons) <= 0)
		return 0;
	if (((prod | oldest) & (PCRING_RECORD_ALIGN - 1)) ||
	    prod - oldest > c->entries)
		return 0;
	for (walk.cons = oldest; walk.cons != prod; walk.cons += view.space) {
		const struct pcring_record *rec = pcring_record_front(&walk);

		info = pcring_load_acquire(&rec->info); /* N, pairs with M */
		if (pcring_record_check(&walk, &view, pcring_load(&rec->len),
					info, prod - walk.cons))
			return 0;
		if (PCRING_RECORD_TYPE(info) > PCRING_RECORD_MAX_TYPE)
			continue;
		pcring_record_racy_copy(extra, rec + 1, sizeof(extra));
		return extra[info & PCRING_RECORD_F_TIME ? 1 : 0] - c->index;
	}
	return pcring_load(&c->peer->counts.accepted) - c->index;
}

#endif /* _UAPI_LINUX_PCRING_RECORD_H */
