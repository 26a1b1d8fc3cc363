// SPDX-License-Identifier: GPL-2.0-only
/* Index arithmetic of both ends, at any position, for any word of the peer's. */
#include "hostile.h"
#include <linux/pcring_ring.h>

static struct pcring_prod_page prod_page;
static struct pcring_cons_page cons_page;

static void any_geometry(struct pcring_geometry *geo)
{
	__u32 order = nondet_u32();

	assume(order >= 1 && order <= 30);
	geo->entries = 1U << order;
	geo->entry_size = 8;
	geo->policy = nondet_u32() % 4;
	geo->producers = nondet_u32() % 3;
	geo->flags = 0;
	geo->lag = nondet_u32();
	assume(geo->lag >= 1 && geo->lag <= geo->entries);
	geo->start = nondet_u64();
}

/* A producer at any position, with anything from nothing to all in the ring. */
static void any_prod(struct pcring_prod *p)
{
	struct pcring_geometry geo;

	any_geometry(&geo);
	pcring_prod_init(p, &prod_page, &cons_page, NULL, &geo);
	p->prod = p->cons + nondet_u32();
	assume(p->prod - p->cons <= p->entries);
	p->published = p->cons;
	hostile_page = &cons_page;
}

static void any_cons(struct pcring_cons *c)
{
	struct pcring_geometry geo;

	any_geometry(&geo);
	pcring_cons_init(c, &cons_page, &prod_page, NULL, &geo);
	c->cons = c->published + nondet_u32();
	assume(c->cons - c->published < c->lag);
	hostile_page = &prod_page;
}

void space_is_never_more_than_the_ring_has(void)
{
	struct pcring_prod p;
	struct pcring_prod before;
	int space;

	any_prod(&p);
	before = p;
	space = pcring_prod_space(&p, nondet_u32());
	if (space < 0) {
		check(space == -EBADFD);
		check(p.cons == before.cons);
	} else {
		check((__u32)space <= p.entries);
		check(p.prod - p.cons <= p.entries);
		check((__u32)space == p.entries - (p.prod - p.cons));
	}
	/* Space only grows. */
	check(p.cons - before.cons <= p.prod - before.cons);
	check(p.prod == before.prod);
}

void a_bad_cons_is_refused_and_a_good_one_taken(void)
{
	struct pcring_prod p;
	__u64 cons = nondet_u64();
	__u64 old;
	int err;

	any_prod(&p);
	hostile_page = NULL;
	cons_page.cons = cons;
	old = p.cons;
	err = pcring_prod_refresh(&p);
	if (cons - old <= p.prod - old)
		check(!err && p.cons == cons);
	else
		check(err == -EBADFD && p.cons == old);
}

void the_phase_flips_each_lap_and_only_then(void)
{
	__u64 pos = nondet_u64();
	__u32 order = nondet_u32();
	__u32 back = nondet_u32();
	__u64 entries;

	assume(order >= 1 && order <= 20);
	entries = 1ULL << order;
	assume(back < entries);
	/* Also across 2^64: its laps are even in number. */
	check(pcring_phase(pos, order) != pcring_phase(pos + entries, order));
	check(pcring_phase(pos, order) ==
	      pcring_phase(pos + 2 * entries, order));
	/* What stands in a slot never shows for the lap to come. */
	check(pcring_phase(pos, order) == PCRING_ENTRY_PHASE ||
	      pcring_phase(pos, order) == 0);
	if ((pos & (entries - 1)) >= back)
		check(pcring_phase(pos, order) ==
		      pcring_phase(pos - back, order));
}

void a_gap_tells_all_that_was_lost(void)
{
	struct pcring_gap gap;
	struct pcring_prod p;
	__u64 first, count;

	any_prod(&p);
	hostile_page = NULL;
	p.loss.first = nondet_u64();
	p.loss.count = nondet_u64();
	p.loss.reason = nondet_u32() % PCRING_NR_REASONS;
	assume(p.loss.count);
	first = p.loss.first;
	count = p.loss.count;
	pcring_prod_take_gap(&p, &gap);
	check(gap.count >= 1 && gap.first == first);
	check(gap.count + p.loss.count == count);
	check(p.loss.first == first + gap.count);
	check(PCRING_SPECIAL_REASON(gap.ctl) == p.loss.reason);
	check(PCRING_SPECIAL_KIND(gap.ctl) == PCRING_SPECIAL_GAP);
	check(!(gap.ctl & PCRING_ENTRY_PHASE));
}

void rejected_items_keep_their_numbers(void)
{
	struct pcring_prod p;
	__u64 seq = nondet_u64();
	__u32 items = nondet_u32();
	__u32 more = nondet_u32();

	any_prod(&p);
	assume(items && more);
	prod_page.counts.offered = seq;
	p.loss.count = 0;
	pcring_prod_reject(&p, items, nondet_u32(), 1);
	pcring_prod_reject(&p, more, nondet_u32(), 2);
	check(p.loss.first == seq);
	check(p.loss.count == (__u64)items + more);
	check(pcring_prod_seq(&p) == seq + items + more);
	check(p.loss.time_first == 1 && p.loss.time_last == 2);
}

void a_sleeper_who_can_be_served_is_woken_once(void)
{
	struct pcring_prod p;
	__u64 want = nondet_u64();
	__u64 avail;

	any_prod(&p);
	hostile_page = NULL;
	assume(want >> 32 < 4 && p.entries <= 1024);
	cons_page.need_wakeup = want;
	cons_page.cons = p.cons;
	p.woken = nondet_bool() ? want : nondet_u32() % 4;
	p.starved = nondet_bool();
	avail = p.prod - p.cons;
	if (!want || want == p.woken) {
		check(!pcring_prod_notify(&p));
	} else if (avail >= PCRING_WANT_AMOUNT(want) || p.starved) {
		check(pcring_prod_notify(&p));
		check(!pcring_prod_notify(&p));
	} else {
		check(!pcring_prod_notify(&p));
	}
}

void a_producer_who_can_be_served_is_woken_once(void)
{
	struct pcring_cons c;
	__u64 want = nondet_u64();
	__u64 used = nondet_u32();
	bool woken;

	any_cons(&c);
	hostile_page = NULL;
	assume(c.cons != c.published && used <= c.entries);
	assume(PCRING_WANT_AMOUNT(want) <= c.entries);
	prod_page.space_wanted = want;
	prod_page.prod = c.cons + used;
	c.woken = nondet_u64();
	woken = want && want != c.woken && c.policy == PCRING_POLICY_BLOCK &&
		c.entries - used >= PCRING_WANT_AMOUNT(want);
	check(pcring_cons_publish(&c) == woken);
	check(cons_page.cons == c.cons);
	check(!pcring_cons_publish(&c));
}

void a_release_publishes_at_the_latest_after_its_lag(void)
{
	struct pcring_cons c;
	__u64 before;
	__u32 n = nondet_u32();

	any_cons(&c);
	assume(n <= c.entries);
	before = c.cons;
	pcring_cons_release(&c, n, nondet_u32());
	check(c.cons == before + n);
	check(c.cons - c.published < c.lag);
	check(cons_page.cons == c.published);
	check(cons_page.counts.position == c.cons);
}
