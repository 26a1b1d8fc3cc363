/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the fuzz targets share. An input is the beginning of the peer's memory
 * and a script of operations, the peer's writes among them; the honest end sees
 * the peer's pages read-only, between guard pages, as in the unit tests.
 */
#ifndef PCRING_FUZZ_H
#define PCRING_FUZZ_H

#include "../unit/unit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What an end may answer. */
static inline void fuzz_check(int ret)
{
	if (ret < 0 && ret != -EBADFD && ret != -EAGAIN && ret != -EMSGSIZE)
		abort();
}

#define FUZZ_ASSERT(cond)        \
	do {                     \
		if (!(cond))     \
			abort(); \
	} while (0)

struct script {
	const uint8_t *data;
	size_t left;
};

static inline __u64 take(struct script *s, size_t bytes)
{
	__u64 value = 0;

	if (bytes > s->left)
		bytes = s->left;
	memcpy(&value, s->data, bytes);
	s->data += bytes;
	s->left -= bytes;
	return value;
}

/* A value for a shared word: raw, or near what it stands beside. */
static inline __u64 take_value(struct script *s, __u64 near)
{
	switch (take(s, 1) & 3) {
	case 0:
		return take(s, 8);
	case 1:
		return near + take(s, 1) * 8;
	case 2:
		return near + take(s, 2) - 0x8000;
	default:
		return take(s, 4);
	}
}

/* The peer writes one word of what is its own. */
static inline void poke(struct script *s, void *words, size_t bytes, __u64 near)
{
	size_t at = take(s, 2) % (bytes / 8);

	((__u64 *)words)[at] = take_value(s, near);
}

/* The words that matter most are far apart: name them. */
static inline void poke_prod(struct script *s, struct ring *r)
{
	__u64 *words[] = { &r->prod_page->prod, &r->prod_page->oldest,
			   &r->prod_page->newest, &r->prod_page->space_wanted };

	*words[take(s, 1) & 3] = take_value(s, r->c.cons);
}

static inline void poke_cons(struct script *s, struct ring *r)
{
	if (take(s, 1) & 3)
		r->cons_page->cons = take_value(s, r->p.prod);
	else
		r->cons_page->need_wakeup = take_value(s, r->p.prod);
}

static inline size_t ring_bytes(const struct ring *r)
{
	return (size_t)r->geo.entries *
	       (r->geo.entry_size ? r->geo.entry_size : 1);
}

/* A ring as new, the same mappings, its data as the input wants them. */
static inline void renew(struct ring *r, const struct pcring_geometry *geo,
			 struct script *s)
{
	size_t n = take(s, 1);

	if (!r->data)
		ring_make(r, geo, 1);
	r->geo = *geo;
	memset(r->prod_page, 0, sizeof(*r->prod_page));
	memset(r->cons_page, 0, sizeof(*r->cons_page));
	memset(r->data, 0, ring_bytes(r));
	if (geo->entry_size)
		pcring_ring_format(r->data, geo);
	ring_ends(r, 1);
	if (n > s->left)
		n = s->left;
	if (n > ring_bytes(r))
		n = ring_bytes(r);
	memcpy(r->data, s->data, n);
	s->data += n;
	s->left -= n;
}

/* Where positions begin: an input's first byte says. */
static inline __u64 take_start(struct script *s)
{
	static const __u64 starts[] = { 0, (1ULL << 31) - 16, (1ULL << 32) - 16,
					(1ULL << 63) - 16, 0 - 16ULL };

	return starts[take(s, 1) % 5];
}

#endif /* PCRING_FUZZ_H */
