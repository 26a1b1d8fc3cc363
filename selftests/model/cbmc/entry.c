// SPDX-License-Identifier: GPL-2.0-only
/* Fixed entries: no access outside the data, for anything the peer does. */
#include "hostile.h"
#include <linux/pcring_entry.h>

#define ENTRIES 8U
#ifndef SIZE
#define SIZE 32U
#endif
#define WORDS (SIZE / 8)
/* More than a burst and more than the ring. */
#define MOST 9U

static struct pcring_prod_page prod_page;
static struct pcring_cons_page cons_page;
static __u64 data[ENTRIES * WORDS];

static void geometry(struct pcring_geometry *geo)
{
	geo->entries = ENTRIES;
	geo->entry_size = SIZE;
	geo->policy = PCRING_POLICY_DROP_NEW;
	geo->producers = nondet_bool() ? PCRING_PRODUCERS_SHARED
				       : PCRING_PRODUCERS_SINGLE;
	geo->flags = 0;
	geo->lag = 2;
	geo->start = nondet_u64();
}

static void any_prod(struct pcring_prod *p)
{
	struct pcring_geometry geo;
	__u32 used = nondet_u32();

	geometry(&geo);
	pcring_prod_init(p, &prod_page, &cons_page, data, &geo);
	assume(used <= ENTRIES);
	p->prod = p->cons + used;
	/* Up to three gaps. */
	p->loss.count = nondet_u64();
	assume(p->loss.count <= 3 * 0xffffffffULL);
	hostile_page = &cons_page;
}

/* A consumer with any position it may have accepted before. */
static void any_cons(struct pcring_cons *c)
{
	struct pcring_geometry geo;

	geometry(&geo);
	pcring_cons_init(c, &cons_page, &prod_page, data, &geo);
	c->prod = nondet_u64();
	assume((__s64)(c->prod - c->cons) <= (__s64)ENTRIES);
	hostile_page = &prod_page;
	hostile_data = data;
}

void no_more_is_known_than_the_ring_holds(void)
{
	struct pcring_cons c;
	__s64 known;

	any_cons(&c);
	known = pcring_cons_known(&c, nondet_u32() % (2 * ENTRIES) + 1);
	check(known == -EBADFD || (known >= 0 && known <= (__s64)ENTRIES));
	/* And what was accepted stays acceptable. */
	check((__s64)(c.prod - c.cons) <= (__s64)ENTRIES);
}

void peek_promises_no_more_than_asked_for(void)
{
	struct pcring_cons c;
	__u32 n = nondet_u32();
	int got;

	any_cons(&c);
	assume(n >= 1);
	got = pcring_cons_peek(&c, n);
	check(got == -EBADFD ||
	      (got >= 0 && (__u32)got <= n && (__u32)got <= ENTRIES));
}

void pop_stays_in_the_ring_and_in_its_buffer(void)
{
	struct pcring_cons c;
	static __u64 items[(MOST + 1) * WORDS];
	__u32 n = nondet_u32();
	__u32 i = nondet_u32();
	int got;

	any_cons(&c);
	assume(n >= 1 && n <= MOST && i >= n * WORDS && i < (MOST + 1) * WORDS);
	items[i] = 0x5a;
	got = pcring_cons_pop(&c, items, n, SIZE);
	check(items[i] == 0x5a);
	check(got == -EBADFD ||
	      (got >= 0 && (__u32)got <= n && (__u32)got <= ENTRIES));
	if (got > 0)
		check(!(PCRING_FRONT_FIRST(items[(got - 1) * WORDS]) &
			PCRING_ENTRY_PHASE));
}

void reserve_gives_no_more_than_is_free(void)
{
	struct pcring_prod p;
	__u32 n = nondet_u32();
	__u64 pos, before, used, cons;
	int got;

	any_prod(&p);
	assume(n >= 1);
	before = p.prod;
	cons = p.cons;
	got = pcring_prod_reserve(&p, n, &pos);
	used = p.prod - p.cons;
	check(got == -EBADFD || (got >= 0 && (__u32)got <= n));
	check(used <= ENTRIES && p.cons - cons <= before - cons);
	if (got > 0) {
		check(pos + got == p.prod);
		check(pos - before <= 3);
	} else {
		check(p.prod == before);
	}
}

void cancel_stays_in_the_ring_and_shows_nothing(void)
{
	struct pcring_prod p;
	struct pcring_cons c;
	struct pcring_geometry geo;
	__u32 n = nondet_u32();
	__u32 i = nondet_u32();
	__u64 pos;
	int got, k;

	geometry(&geo);
	geo.producers = PCRING_PRODUCERS_SINGLE;
	pcring_ring_format(data, &geo);
	pcring_prod_init(&p, &prod_page, &cons_page, data, &geo);
	pcring_cons_init(&c, &cons_page, &prod_page, data, &geo);
	assume(n >= 1 && n <= ENTRIES);
	got = pcring_prod_reserve(&p, n, &pos);
	check(got == (int)n);
	for (k = 1; k < got; k++)
		pcring_prod_stage(&p, pos + k, 0);
	pcring_prod_cancel(&p, pos, n);
	check(p.prod == pos);
	assume(i < ENTRIES);
	check(!pcring_cons_shows(&c, pos + i, pcring_cons_front(&c, pos + i)));
}

void counting_ends_and_stays_in_the_ring(void)
{
	struct pcring_cons c;
	__u32 discarded = 0;

	any_cons(&c);
	check(pcring_cons_count(&c, &discarded) + discarded <= ENTRIES);
}

void a_special_entry_is_read_no_further_than_it_is_long(void)
{
	struct pcring_cons c;
	struct pcring_gap gap;
	__u64 *entry;

	any_cons(&c);
	c.entry_size = nondet_bool() ? 8 : 32;
	entry = malloc(c.entry_size);
	assume(entry);
	pcring_cons_special(&c, entry, &gap);
}

void dead_entries_are_passed_over_up_to_prod(void)
{
	struct pcring_cons c;
	__u64 before;
	__u64 prod = nondet_u64();

	any_cons(&c);
	hostile_page = NULL;
	prod_page.prod = prod;
	before = c.cons;
	if (pcring_cons_skip_dead(&c))
		check(c.cons == before + 1 && prod - c.cons < ENTRIES);
	else
		check(c.cons == before &&
		      (prod == before || prod - before > ENTRIES));
}

/* A burst over the end of a small ring, wherever its positions wrap. */
void a_burst_is_read_as_it_was_written(void)
{
	static __u64 in[4], out[4], area[4];
	struct pcring_geometry geo;
	struct pcring_prod p;
	struct pcring_cons c;
	__u32 n = nondet_u32();
	__u32 i = nondet_u32();

	geometry(&geo);
	geo.entries = 4;
	geo.entry_size = 8;
	geo.start = near_a_wrap() + nondet_u32() % 4;
	pcring_ring_format(area, &geo);
	pcring_prod_init(&p, &prod_page, &cons_page, area, &geo);
	pcring_cons_init(&c, &cons_page, &prod_page, area, &geo);
	assume(n >= 1 && n <= 4 && i < n);
	in[i] = nondet_u32() & PCRING_ENTRY_VALUE;
	check(pcring_prod_push(&p, in, n, 8) == (int)n);
	check(pcring_cons_pop(&c, out, 4, 8) == (int)n);
	check(out[i] == in[i]);
}
