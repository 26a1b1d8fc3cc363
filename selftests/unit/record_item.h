/* SPDX-License-Identifier: GPL-2.0-only */
/* Records whose every byte is known from their number. */
#ifndef PCRING_UNIT_RECORD_ITEM_H
#define PCRING_UNIT_RECORD_ITEM_H

#include "unit.h"

#define BYTES 4096U

static inline unsigned char record_byte(__u64 nr, __u32 i)
{
	return (unsigned char)(nr * 7 + i * 13 + (nr >> 8));
}

static inline void record_fill(void *data, __u32 len, __u64 nr)
{
	unsigned char *to = (unsigned char *)data;
	__u32 i;

	for (i = 0; i < len; i++)
		to[i] = record_byte(nr, i);
}

static inline int record_is(const struct pcring_record_view *view, __u32 len,
			    __u64 nr)
{
	const unsigned char *from = (const unsigned char *)view->data;
	__u32 i;

	if (view->len != len)
		return 0;
	for (i = 0; i < len; i++)
		if (from[i] != record_byte(nr, i))
			return 0;
	return 1;
}

/* Reserve, fill, submit; what reserve said. */
static inline int record_put(struct ring *r, __u32 len, __u32 type, __u64 nr,
			     bool more)
{
	struct pcring_record *rec;
	int err = pcring_record_reserve(&r->p, len, type, &rec);

	if (err)
		return err;
	record_fill(pcring_record_data(rec), len, nr);
	if (r->p.record_flags & PCRING_RECORD_F_TIME)
		pcring_record_stamp(&r->p, rec, unit_now);
	pcring_record_submit(&r->p, rec, more);
	return 0;
}

static inline __u32 record_space(const struct ring *r, __u32 len)
{
	return (__u32)pcring_record_space(len, r->p.record_flags);
}

#endif /* PCRING_UNIT_RECORD_ITEM_H */
