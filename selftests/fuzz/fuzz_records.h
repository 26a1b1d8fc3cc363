/* SPDX-License-Identifier: GPL-2.0-only */
/* Operations on records that the targets share. */
#ifndef PCRING_FUZZ_RECORDS_H
#define PCRING_FUZZ_RECORDS_H

#include "fuzz.h"

#define BYTES 4096U

/* An honest record, so that valid states are found too. */
static inline void put(struct ring *r, __u32 len, __u32 how)
{
	struct pcring_record *rec;

	if (pcring_record_reserve(&r->p, len, how & 0xff, &rec))
		return;
	if ((how & 3) == 3)
		return; /* for ever BUSY, or as if it had never been */
	if (r->p.record_flags & PCRING_RECORD_F_TIME)
		*pcring_record_time(rec) = how;
	if ((how & 3) == 2)
		pcring_record_cancel(&r->p, rec);
	else
		pcring_record_submit(&r->p, rec, how & 1);
}

/* Headers are what matters in the data: write one where the reader stands. */
static inline void poke_record(struct script *s, struct ring *r)
{
	__u32 at = ((__u32)r->c.cons & r->c.mask) + (take(s, 1) & 7) * 8;

	*(__u64 *)(r->data + (at & ~7U)) = take_value(s, r->c.cons);
}

static inline void poke_info(struct script *s, struct ring *r)
{
	__u32 *word = (__u32 *)(r->data + ((__u32)r->c.cons & r->c.mask & ~7U));

	word[0] = (__u32)take(s, 2);
	/* The four flags, as the ring has them or not, and a type. */
	word[1] = r->p.record_flags ^ (__u32)(take(s, 1) & 0xf0) << 24;
	word[1] |= (__u32)take(s, 1);
}

static inline void touch(const struct pcring_record_view *view)
{
	unsigned char *copy = malloc(view->len + 1);

	memcpy(copy, view->data, view->len);
	free(copy);
}

#endif /* PCRING_FUZZ_RECORDS_H */
