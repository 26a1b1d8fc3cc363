/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * pcring: fixed entries: SQ, CQ, FREE, and any power of two of bytes over memfd.
 *
 * The barriers are lettered in <linux/pcring_ring.h>.
 */
#ifndef _UAPI_LINUX_PCRING_ENTRY_H
#define _UAPI_LINUX_PCRING_ENTRY_H

#include <linux/pcring_ring.h>

/* From this many entries on a burst publishes its position as well. */
#define PCRING_BURST 8U

/* Address of the entry at @pos. */
PCRING_HOT void *pcring_prod_entry(const struct pcring_prod *p, __u64 pos)
{
	return p->data + (size_t)((__u32)pos & p->mask) * p->entry_size;
}

PCRING_HOT const void *pcring_cons_entry(const struct pcring_cons *c, __u64 pos)
{
	return c->data + (size_t)((__u32)pos & c->mask) * c->entry_size;
}

/* ---- producing ------------------------------------------------------------ */

/* The front as it shows once position @pos is published. */
PCRING_HOT __u64 pcring_front_at(__u64 front, __u64 pos, __u32 order)
{
	return (front & ~PCRING_FRONT(PCRING_ENTRY_PHASE, 0)) |
	       PCRING_FRONT(pcring_phase(pos, order), 0);
}

/**
 * pcring_prod_stage() - write the front of an entry behind the first
 * @p: the end.
 * @pos: position of the entry, not the first of its reservation.
 * @front: its first eight bytes, without the phase.
 *
 * A plain store: nobody looks at it before the first entry is published. With
 * several producers somebody might (behind a dead producer's hole), so there the
 * phase waits for pcring_prod_commit().
 */
static inline void pcring_prod_stage(struct pcring_prod *p, __u64 pos,
				     __u64 front)
{
	front = pcring_front_at(front, pos, p->order);
	if (p->producers != PCRING_PRODUCERS_SINGLE)
		front ^= PCRING_FRONT(PCRING_ENTRY_PHASE, 0);
	*(pcring_word *)pcring_prod_entry(p, pos) = front;
}

/* Publish one entry; if it is the first of a reservation, with it the others. */
PCRING_HOT void pcring_prod_open(struct pcring_prod *p, __u64 pos, __u64 front)
{
	pcring_store_release((pcring_word *)pcring_prod_entry(p, pos),
			     pcring_front_at(front, pos, p->order)); /* A */
}

/* A gap takes the next entry; the caller has seen that there is space. */
static inline void pcring_prod_put_gap(struct pcring_prod *p)
{
	unsigned char *entry = (unsigned char *)pcring_prod_entry(p, p->prod);
	struct pcring_gap gap;

	pcring_prod_take_gap(p, &gap);
	memcpy(entry + sizeof(__u64),
	       (const unsigned char *)&gap + sizeof(__u64),
	       sizeof(gap) - sizeof(__u64));
	pcring_prod_open(p, p->prod, PCRING_FRONT(gap.ctl, gap.count));
	pcring_store(&p->prod, p->prod + 1);
}

/**
 * pcring_prod_reserve() - get room for up to @n entries
 * @p: the end; with several producers under their lock.
 * @n: entries wanted, 1 up.
 * @pos: where they begin; one entry each at @pos, @pos + 1, ...
 *
 * If items were rejected before, their gap is written first. The entries belong
 * to the caller until submitted or cancelled; all but their fronts may be written
 * freely.
 *
 * Return: entries reserved, 1 to @n; 0: the ring is full; -EBADFD.
 */
PCRING_HOT int pcring_prod_reserve(struct pcring_prod *p, __u32 n, __u64 *pos)
{
	__u32 gap = 0;
	int space;

	/* Whatever two threads make of a SINGLE end: never beyond the ring. */
	if (pcring_unlikely(n > p->entries))
		n = p->entries;
	if (pcring_unlikely(p->loss.count)) {
		/* Where an entry is too small for a gap: only counted. */
		if (p->entry_size >= PCRING_GAP_ENTRY_SIZE)
			gap = pcring_prod_gaps(p);
		else
			p->loss.count = 0;
	}
	space = pcring_prod_space(p, n + gap);
	if (pcring_unlikely(space <= (int)gap))
		return space < 0 ? space : 0;
	while (pcring_unlikely(gap)) {
		pcring_prod_put_gap(p);
		space--;
		gap--;
	}
	if (n > (__u32)space)
		n = (__u32)space;
	*pos = p->prod;
	pcring_store(&p->prod, p->prod + n);
	if (p->producers != PCRING_PRODUCERS_SINGLE) {
		pcring_prod_account(p, n);
		pcring_prod_publish(p);
	}
	return (int)n;
}

/* Publish a reservation that has been counted. */
PCRING_HOT void pcring_prod_commit(struct pcring_prod *p, __u64 pos, __u32 n,
				   __u64 front)
{
	if (p->producers == PCRING_PRODUCERS_SINGLE) {
		pcring_prod_open(p, pos, front); /* A, pairs with B */
		if (n >= PCRING_BURST && p->prod == pos + n)
			pcring_prod_publish(p);
		return;
	}
	while (--n)
		pcring_prod_open(p, pos + n,
				 *(pcring_word *)pcring_prod_entry(p, pos + n));
	pcring_prod_open(p, pos, front); /* A, pairs with B */
}

/**
 * pcring_prod_submit() - publish a reservation
 * @p: the end; with several producers no lock is needed, and any order will do.
 *	SINGLE: in the order of reservation.
 * @pos: where the reservation begins.
 * @n: its entries, all of them; those behind the first have had
 *	pcring_prod_stage().
 * @front: the first eight bytes of the first, without the phase.
 */
static inline void pcring_prod_submit(struct pcring_prod *p, __u64 pos, __u32 n,
				      __u64 front)
{
	if (p->producers == PCRING_PRODUCERS_SINGLE)
		pcring_prod_account(p, n); /* before A: see V */
	pcring_prod_commit(p, pos, n, front);
}

/**
 * pcring_prod_cancel() - give a reservation back
 * @p: the end.
 * @pos: where the reservation begins.
 * @n: its entries.
 *
 * SINGLE: the last reservation only; as if it had never been. SHARED: the
 * consumer skips the entries and counts them as discarded.
 */
static inline void pcring_prod_cancel(struct pcring_prod *p, __u64 pos, __u32 n)
{
	const __u64 front =
		PCRING_FRONT(PCRING_ENTRY_SPECIAL | PCRING_SPECIAL_DISCARD, 0);
	__u32 i;

	if (p->producers != PCRING_PRODUCERS_SINGLE) {
		for (i = 1; i < n; i++)
			pcring_prod_stage(p, pos + i, front);
		pcring_prod_submit(p, pos, n, front);
		return;
	}
	/* A peer that released what it never got is found out next time. */
	if (pcring_unlikely((__s64)(pos - p->cons) < 0))
		p->cons = pos;
	/* What was staged must not show when the next first entry opens. */
	for (i = 1; i < n; i++)
		*(pcring_word *)pcring_prod_entry(p, pos + i) =
			pcring_front_at(0, pos + i + p->entries, p->order);
	p->prod = pos;
}

/* Copy what follows the front of an entry. */
PCRING_HOT void pcring_entry_copy_body(pcring_word *to, const pcring_word *from,
				       const __u32 size)
{
	/* One length, so that no compiler looks at a negative one. */
	const __u32 rest = size > 2 * sizeof(*to) ? size - 2 * sizeof(*to) : 0;

	if (size > sizeof(*to))
		to[1] = from[1];
	if (rest)
		memcpy(to + 2, from + 2, rest);
}

/*
 * Copy @n entries, the phase of each cleared and @phase set. Front to back, in
 * pieces aligned to their size: pieces that straddle those in which an entry was
 * just written (or will be read) wait for the store buffer to drain, which costs
 * a third of the speed.
 */
PCRING_HOT void pcring_entry_copy(void *dst, const void *src, __u32 n,
				  const __u32 size, __u32 phase)
{
	const __u64 clear = ~PCRING_FRONT(PCRING_ENTRY_PHASE, 0);
	const __u64 set = PCRING_FRONT(phase, 0);
	const pcring_word *from = (const pcring_word *)src;
	pcring_word *to = (pcring_word *)dst;
	__u32 i;

	for (i = 0; i < n; i++) {
		to[0] = (from[0] & clear) | set;
		pcring_entry_copy_body(to, from, size);
		from += size / sizeof(*from);
		to += size / sizeof(*to);
	}
}

/* Copy what stands behind the first entry of a reservation, @phase set. */
PCRING_HOT void pcring_prod_copy_rest(struct pcring_prod *p, __u32 slot,
				      const unsigned char *src, __u32 n,
				      const __u32 size, __u32 phase)
{
	unsigned char *first = p->data + (size_t)slot * size;
	__u32 run = p->entries - slot;

	if (pcring_likely(run >= n)) {
		pcring_entry_copy(first + size, src + size, n - 1, size, phase);
		return;
	}
	pcring_entry_copy(first + size, src + size, run - 1, size, phase);
	pcring_entry_copy(p->data, src + (size_t)run * size, n - run, size,
			  phase ^ PCRING_ENTRY_PHASE);
}

/**
 * pcring_prod_fill() - copy entries into a reservation and publish it
 * @p: the end.
 * @pos: where the reservation begins.
 * @items: @n entries, aligned to 8, without the phase; still the caller's.
 * @n: how many.
 * @size: bytes of an entry, a constant where speed matters.
 *
 * The entries are counted before they are copied, not between an entry's body and
 * its front: the consumer that looks at the front would get the line in between.
 */
PCRING_HOT void pcring_prod_fill(struct pcring_prod *p, __u64 pos,
				 const void *items, __u32 n, const __u32 size)
{
	const unsigned char *src = (const unsigned char *)items;
	__u64 front = pcring_front_at(*(const pcring_word *)src, pos, p->order);
	__u32 phase = PCRING_FRONT_FIRST(front) & PCRING_ENTRY_PHASE;
	__u32 slot = (__u32)pos & p->mask;
	pcring_word *first = (pcring_word *)(p->data + (size_t)slot * size);

	if (pcring_unlikely(p->producers != PCRING_PRODUCERS_SINGLE)) {
		/* The phases behind the first wait for the commit. */
		pcring_prod_copy_rest(p, slot, src, n, size,
				      phase ^ PCRING_ENTRY_PHASE);
		pcring_entry_copy_body(first, (const pcring_word *)src, size);
		pcring_prod_commit(p, pos, n, front);
		return;
	}
	pcring_prod_account(p, n);
	if (n > 1)
		pcring_prod_copy_rest(p, slot, src, n, size, phase);
	pcring_entry_copy_body(first, (const pcring_word *)src, size);
	pcring_store_release(first, front); /* A, pairs with B */
	if (n >= PCRING_BURST && p->prod == pos + n)
		pcring_prod_publish(p);
}

/**
 * pcring_prod_push() - reserve, copy, submit
 * @p: the end; SINGLE, or with several producers under their lock.
 * @items: @n entries, aligned to 8, without the phase; still the caller's.
 * @n: how many, 1 up.
 * @size: bytes of an entry, a constant where speed matters.
 *
 * Return: entries taken, 0 to @n; -EBADFD.
 */
PCRING_HOT int pcring_prod_push(struct pcring_prod *p, const void *items,
				__u32 n, const __u32 size)
{
	__u64 pos;
	int got = pcring_prod_reserve(p, n, &pos);

	if (pcring_likely(got > 0))
		pcring_prod_fill(p, pos, items, (__u32)got, size);
	return got;
}

/* ---- consuming ------------------------------------------------------------ */

/* Front of the entry at @pos; everything behind it may be read if it shows. */
PCRING_HOT __u64 pcring_cons_front(const struct pcring_cons *c, __u64 pos)
{
	return pcring_load_acquire(
		(const pcring_word *)pcring_cons_entry(c, pos));
	/* B, pairs with A */
}

PCRING_HOT bool pcring_cons_shows(const struct pcring_cons *c, __u64 pos,
				  __u64 front)
{
	return !((PCRING_FRONT_FIRST(front) ^ pcring_phase(pos, c->order)) &
		 PCRING_ENTRY_PHASE);
}

/*
 * Entries known to be published without a look at their phases, of @n wanted;
 * peer->prod is looked at if too few are known. It may lag behind the phases
 * (then this is 0 or less), but may not be more than the ring ahead.
 */
PCRING_HOT __s64 pcring_cons_known(struct pcring_cons *c, __u32 n)
{
	__s64 known = (__s64)(c->prod - c->cons);

	if (known < (__s64)n) {
		__u64 prod = pcring_load_acquire(&c->peer->prod); /* D */
		__s64 ahead = (__s64)(prod - c->cons);

		if (pcring_unlikely(ahead > (__s64)c->entries))
			return -EBADFD;
		if (ahead > known && ahead > 0) { /* never backwards */
			c->prod = prod;
			known = ahead;
		}
	}
	return known > 0 ? known : 0;
}

/*
 * Entries whose phase may be looked at. Where a hole was passed over the phase of
 * the lap before still stands, which is that of the lap to come: there prod is the
 * end.
 */
PCRING_HOT __u32 pcring_cons_bound(const struct pcring_cons *c, __u32 n)
{
	__u64 left;

	if (n > c->entries)
		n = c->entries;
	if (pcring_likely(!c->dead))
		return n;
	left = pcring_load_acquire(&c->peer->prod) - c->cons; /* D */
	return n < left ? n : (__u32)left;
}

/**
 * pcring_cons_peek() - how many entries can be read?
 * @c: the end.
 * @n: enough, 1 up.
 *
 * The entries at c->cons, c->cons + 1, ... may be read until they are released.
 * A consumer that trusts its producer reads them in place; another takes them
 * with pcring_cons_pop(), which copies each once.
 *
 * Return: 0 to @n; -EBADFD.
 */
PCRING_HOT int pcring_cons_peek(struct pcring_cons *c, __u32 n)
{
	__u32 i = 0;

	n = pcring_cons_bound(c, n);
	if (n >= PCRING_BURST && c->producers == PCRING_PRODUCERS_SINGLE) {
		__s64 known = pcring_cons_known(c, n);

		if (known < 0 || known >= (__s64)n)
			return (int)(known < 0 ? known : (__s64)n);
		i = (__u32)known; /* behind them, by their phases */
	}
	for (; i < n; i++)
		if (!pcring_cons_shows(c, c->cons + i,
				       pcring_cons_front(c, c->cons + i)))
			break;
	return (int)i;
}

/**
 * pcring_cons_ready() - the look between preparing to wait and sleeping
 * @c: the end.
 * @want: entries waited for.
 *
 * Return: true: do not sleep: they are there, or some are and the producer waits
 * for space, or the ring is corrupt.
 */
static inline bool pcring_cons_ready(struct pcring_cons *c, __u32 want)
{
	int avail = pcring_cons_peek(c, want);

	if (want > c->entries)
		want = c->entries;
	return avail < 0 || (__u32)avail >= want ||
	       (avail && pcring_load(&c->peer->space_wanted));
}

/**
 * pcring_cons_special() - account for an entry that is no item
 * @c: the end.
 * @entry: a private copy of the entry, SPECIAL set.
 * @gap: written if it is a gap.
 *
 * A cancelled reservation counts as discarded; kinds that are not known yet count
 * for nothing and are passed over.
 *
 * Return: true if it is a gap.
 */
static inline bool pcring_cons_special(struct pcring_cons *c, const void *entry,
				       struct pcring_gap *gap)
{
	__u32 word;

	memcpy(&word, entry, sizeof(word));
	if (PCRING_SPECIAL_KIND(word) == PCRING_SPECIAL_GAP &&
	    c->entry_size >= PCRING_GAP_ENTRY_SIZE) {
		memcpy(gap, entry, sizeof(*gap));
		c->seq += gap->count;
		pcring_count(&c->own->counts.gaps, 1);
		return true;
	}
	if (PCRING_SPECIAL_KIND(word) == PCRING_SPECIAL_DISCARD) {
		c->seq++;
		pcring_count_term(&c->own->counts.discarded, 1);
	}
	return false;
}

/**
 * pcring_cons_pop() - copy up to @n entries out, each read once
 * @c: the end.
 * @items: room for @n entries, aligned to 8; they come without the phase.
 * @n: how many, 1 up.
 * @size: bytes of an entry, a constant where speed matters.
 *
 * They are still to be released and counted; SPECIAL ones are among them.
 *
 * Return: entries copied, 0 to @n; -EBADFD.
 */
PCRING_HOT int pcring_cons_pop(struct pcring_cons *c, void *items, __u32 n,
			       const __u32 size)
{
	unsigned char *dst = (unsigned char *)items;
	__u32 i;

	n = pcring_cons_bound(c, n);
	if (n >= PCRING_BURST && c->producers == PCRING_PRODUCERS_SINGLE) {
		__s64 known = pcring_cons_known(c, n);

		if (pcring_likely(known > 0)) {
			__u32 slot = (__u32)c->cons & c->mask;
			__u32 run = c->entries - slot;

			if ((__s64)n > known)
				n = (__u32)known;
			if (run > n)
				run = n;
			pcring_entry_copy(dst, c->data + (size_t)slot * size,
					  run, size, 0);
			if (pcring_unlikely(n > run))
				pcring_entry_copy(dst + (size_t)run * size,
						  c->data, n - run, size, 0);
			pcring_barrier(); /* as below */
			return (int)n;
		}
		if (pcring_unlikely(known < 0))
			return (int)known;
	}
	for (i = 0; i < n; i++) {
		__u64 front = pcring_cons_front(c, c->cons + i);
		const pcring_word *from =
			(const pcring_word *)pcring_cons_entry(c, c->cons + i);
		pcring_word *to = (pcring_word *)(dst + (size_t)i * size);

		if (!pcring_cons_shows(c, c->cons + i, front))
			break;
		to[0] = front & ~PCRING_FRONT(PCRING_ENTRY_PHASE, 0);
		pcring_entry_copy_body(to, from, size);
	}
	pcring_barrier(); /* the copy is used from here on, not the ring */
	return (int)i;
}

/**
 * pcring_cons_count() - walk the ring and count the items in it
 * @c: the end; its producer may be dead.
 * @discarded: if not NULL, entries their producer had cancelled are added.
 *
 * With one producer what does not show ends the walk: behind it stands at most a
 * burst that was never opened. With several it is one of their holes.
 *
 * Return: items published and not released.
 */
static inline __u32 pcring_cons_count(const struct pcring_cons *c,
				      __u32 *discarded)
{
	const __u32 n = pcring_cons_bound(c, c->entries);
	__u32 items = 0;
	__u32 i;

	for (i = 0; i < n; i++) {
		__u64 front = pcring_cons_front(c, c->cons + i);
		__u32 word = PCRING_FRONT_FIRST(front);

		if (!pcring_cons_shows(c, c->cons + i, front)) {
			if (c->producers == PCRING_PRODUCERS_SINGLE)
				break;
			continue;
		}
		if (!(word & PCRING_ENTRY_SPECIAL))
			items++;
		else if (discarded &&
			 PCRING_SPECIAL_KIND(word) == PCRING_SPECIAL_DISCARD)
			(*discarded)++;
	}
	return items;
}

/**
 * pcring_cons_skip_dead() - pass over what a dead producer never published
 * @c: the end, its producers dead, several of them; nothing shows at c->cons.
 *
 * Return: true if a reserved entry was passed over and counted as cancelled;
 * false if nothing more was reserved.
 */
static inline bool pcring_cons_skip_dead(struct pcring_cons *c)
{
	__u64 prod = pcring_load_acquire(&c->peer->prod); /* D, pairs with C */

	if (prod - c->cons - 1 >= c->entries)
		return false;
	c->seq++;
	c->dead = true;
	pcring_count_term(&c->own->counts.cancelled, 1);
	pcring_cons_release(c, 1, 0);
	return true;
}

#endif /* _UAPI_LINUX_PCRING_ENTRY_H */
