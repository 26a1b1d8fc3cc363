// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records: no access outside the double mapping, for anything the peer does.
 *
 * The data area is twice the ring, as it is mapped. A ring this small is below
 * PCRING_MIN_BYTES; nothing here depends on that.
 */
#include "hostile.h"
#include <linux/pcring_record.h>

#ifndef BYTES
#define BYTES 128U
#endif

static struct pcring_prod_page prod_page;
static struct pcring_cons_page cons_page;
static __u64 data[2 * BYTES / 8];

static void geometry(struct pcring_geometry *geo)
{
	geo->entries = BYTES;
	geo->entry_size = 0;
	geo->policy = nondet_u32() % 4;
	geo->producers = nondet_u32() % 3;
	geo->flags = nondet_bool() ? PCRING_RING_TIME : 0;
	geo->lag = 32;
	geo->start = nondet_u64() & ~7ULL;
}

/* A consumer with any positions it may have accepted before. */
static void any_cons(struct pcring_cons *c, bool overwrites)
{
	struct pcring_geometry geo;

	geometry(&geo);
	pcring_cons_init(c, &cons_page, &prod_page, data, &geo);
	assume(!(c->record_flags & PCRING_RECORD_F_INDEX) == !overwrites);
	c->prod = nondet_u64() & ~7ULL;
	if (overwrites)
		assume((__s64)(c->prod - c->cons) >= 0);
	else
		assume(c->prod - c->cons <= BYTES);
	hostile_page = &prod_page;
	hostile_data = data;
}

static void inside(const struct pcring_record_view *view)
{
	const unsigned char *from = view->data;
	__u32 i = nondet_u32();

	check(__CPROVER_same_object(from, data));
	assume(i < view->len);
	check(from + i >= (const unsigned char *)data);
	check(from + i < (const unsigned char *)data + sizeof(data));
}

void a_records_space_does_not_overflow(void)
{
	__u32 len = nondet_u32();
	__u32 info = nondet_u32();
	__u64 space = pcring_record_space(len, info);

	check(space >= (__u64)len + pcring_record_header(info));
	check(space <
	      (__u64)len + pcring_record_header(info) + PCRING_RECORD_ALIGN);
	check(!(space & (PCRING_RECORD_ALIGN - 1)));
	check(pcring_record_header(info) <= 32);
}

void a_checked_record_ends_within_its_limit(void)
{
	struct pcring_record_view view;
	struct pcring_cons c;
	__u32 len = nondet_u32();
	__u32 info = nondet_u32();
	__u64 limit = nondet_u64();

	any_cons(&c, nondet_bool());
	assume(limit <= PCRING_MAX_BYTES);
	if (pcring_record_check(&c, &view, len, info, limit))
		return;
	check(view.space <= limit && view.len == len && view.info == info);
	check((__u64)pcring_record_header(info) + len <= view.space);
	/* Space is never 0, so walking ends. */
	check(view.space >= sizeof(struct pcring_record));
}

void refresh_believes_nothing_impossible(void)
{
	struct pcring_cons c;
	__u64 before;
	int ready;

	any_cons(&c, nondet_bool());
	before = c.prod;
	ready = pcring_record_refresh(&c);
	check(ready == -EBADFD || ready == 0 || ready == 1);
	check((__s64)(c.prod - before) >= 0);
	check(!((c.prod - c.cons) & 7));
	if (!(c.record_flags & PCRING_RECORD_F_INDEX))
		check(c.prod - c.cons <= BYTES);
}

void a_view_lies_in_the_double_mapping(void)
{
	struct pcring_record_view view;
	struct pcring_cons c;

	any_cons(&c, false);
	if (pcring_record_peek(&c, &view) != 1)
		return;
	inside(&view);
	check(view.space <= c.prod - c.cons);
}

void a_released_view_leaves_valid_positions(void)
{
	struct pcring_record_view view;
	struct pcring_cons c;

	any_cons(&c, false);
	if (pcring_record_peek(&c, &view) != 1)
		return;
	pcring_record_release(&c, &view);
	check(c.prod - c.cons <= BYTES && !((c.prod - c.cons) & 7));
}

void seek_goes_forward_and_not_beyond_prod(void)
{
	struct pcring_cons c;
	__u64 before;

	any_cons(&c, true);
	before = c.cons;
	if (!pcring_record_seek(&c)) {
		check((__s64)(c.cons - before) >= 0);
		check((__s64)(c.prod - c.cons) >= 0);
		check(!(c.cons & 7));
	}
}

void a_copy_stays_in_the_mapping_and_in_its_buffer(void)
{
	static __u64 buf[10];
	struct pcring_record_view view;
	struct pcring_cons c;
	__u32 size = nondet_u32();
	__u32 i = nondet_u32();
	int got;

	any_cons(&c, true);
	assume(size <= 64 && i < 80 && i >= size);
	((unsigned char *)buf)[i] = 0x5a;
	got = pcring_record_try_copy(&c, &view, buf, size);
	check(((unsigned char *)buf)[i] == 0x5a);
	if (got == 1)
		check(view.space <= BYTES && view.space <= c.prod - c.cons);
}

/* Two records, the second over the end of the area, at a wrap of 32 bits. */
void giving_up_records_makes_just_enough_room(void)
{
	const __u64 start = (1ULL << 32) - 64;
	const __u32 len[2] = { nondet_u32(), nondet_u32() };
	struct pcring_geometry geo;
	struct pcring_prod p;
	__u64 need = nondet_u64();
	__u64 space[2];
	__u32 i;

	geometry(&geo);
	geo.policy = PCRING_POLICY_OVERWRITE;
	geo.producers = PCRING_PRODUCERS_SINGLE;
	geo.flags = 0;
	geo.start = start;
	pcring_prod_init(&p, &prod_page, &cons_page, data, &geo);
	for (i = 0; i < 2; i++) {
		assume(len[i] <= 32);
		pcring_record_begin(&p, len[i], p.record_flags, i);
		space[i] = pcring_record_space(len[i], p.record_flags);
		p.prod += space[i];
	}
	assume(need >= 8 && need <= BYTES && !(need & 7));
	check(pcring_record_retire(&p, need));
	check(BYTES - (p.prod - p.oldest) >= need);
	/* No record was given up in vain. */
	if (p.oldest == start + space[0])
		check(BYTES - (p.prod - start) < need);
	else if (p.oldest == p.prod)
		check(BYTES - space[1] < need);
	else
		check(p.oldest == start);
	check(prod_page.oldest == p.oldest);
	/* Nothing is given up that was not published. */
	check((__s64)(prod_page.prod - p.oldest) >= 0);
}

void a_record_reserved_lies_in_the_double_mapping(void)
{
	struct pcring_geometry geo;
	struct pcring_record *rec;
	struct pcring_prod p;
	__u32 len = nondet_u32();
	__u64 used = nondet_u64() & ~7ULL;
	unsigned char *end;
	__u64 before;

	geometry(&geo);
	geo.policy = nondet_u32() % 2;
	pcring_prod_init(&p, &prod_page, &cons_page, data, &geo);
	assume(used <= BYTES);
	p.prod = p.cons + used;
	p.loss.count = nondet_u64();
	assume(p.loss.count <= 3 * 0xffffffffULL);
	hostile_page = &cons_page;
	before = p.prod;
	if (pcring_record_reserve(&p, len, nondet_u32(), &rec))
		return;
	end = (unsigned char *)pcring_record_data(rec) + len;
	check(__CPROVER_same_object(rec, data));
	check(end <= (unsigned char *)data + sizeof(data));
	check(p.prod + (p.producers ? 0 : pcring_record_space(len, rec->info)) -
		      p.cons <=
	      BYTES);
	check((__s64)(p.prod - before) >= 0);
}

void what_is_submitted_is_read_at_any_position(void)
{
	struct pcring_record_view view;
	struct pcring_geometry geo;
	struct pcring_record *rec;
	struct pcring_prod p;
	struct pcring_cons c;
	__u32 len = nondet_u32();
	__u32 i = nondet_u32();
	unsigned char byte = nondet_u32();
	__u64 seq = nondet_u64();

	geometry(&geo);
	geo.policy = PCRING_POLICY_BLOCK;
	geo.start = near_a_wrap();
	pcring_prod_init(&p, &prod_page, &cons_page, data, &geo);
	pcring_cons_init(&c, &cons_page, &prod_page, data, &geo);
	prod_page.counts.offered = seq;
	assume(i < len && len <= 16);
	check(!pcring_record_reserve(&p, len, 7, &rec));
	((unsigned char *)pcring_record_data(rec))[i] = byte;
	if (p.producers != PCRING_PRODUCERS_SINGLE)
		check(pcring_record_peek(&c, &view) == 0);
	pcring_record_submit(&p, rec, false);
	check(pcring_record_peek(&c, &view) == 1);
	check(view.len == len && view.seq == seq);
	check(PCRING_RECORD_TYPE(view.info) == 7);
	check(((const unsigned char *)view.data)[i] == byte);
	pcring_record_release(&c, &view);
	check(pcring_record_peek(&c, &view) == 0);
}
