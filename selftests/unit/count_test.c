// SPDX-License-Identifier: GPL-2.0-only
/*
 * Conservation: offered = rejected + accepted; accepted = consumed + overwritten
 * + discarded + cancelled + in ring, at every step of random histories, beside a
 * reference queue. What is in the ring is counted by walking it; what is true
 * stands in struct truth, outside.
 */
#include "record_item.h"
#include <kselftest_harness.h>

#define STEPS 4000
#define PENDING 8U

enum slot_kind { ITEM, GAP, DISCARDED, RESERVED };

/* One thing in the reference queue. */
struct slot {
	enum slot_kind kind;
	__u64 seq;
	__u64 count; /* of a gap */
	__u32 reason;
	__u64 pos;
	__u32 len; /* of a record */
	__u64 index;
};

#define QUEUE (1U << 16)

/**
 * struct truth - what happened, by what the test did
 * @q: the reference queue, by @in and @out.
 * @lost: rejected since the last gap.
 */
struct truth {
	struct slot q[QUEUE];
	__u32 in, out;
	__u64 offered, accepted, rejected, consumed, discarded, cancelled;
	__u64 gaps_in, gaps_out;
	struct slot lost;
};

static struct truth truth;

static struct slot *enqueue(struct truth *t, enum slot_kind kind, __u64 seq)
{
	struct slot *s = &t->q[t->in++ % QUEUE];

	memset(s, 0, sizeof(*s));
	s->kind = kind;
	s->seq = seq;
	return s;
}

static void true_reject(struct truth *t, __u32 n, __u32 reason)
{
	if (!t->lost.count) {
		t->lost.seq = t->offered;
		t->lost.reason = reason;
	}
	t->lost.count += n;
	t->rejected += n;
	t->offered += n;
}

/* The gap that stands before what is reserved now. */
static void true_gap(struct truth *t)
{
	struct slot *s;

	if (!t->lost.count)
		return;
	s = enqueue(t, GAP, t->lost.seq);
	s->count = t->lost.count;
	s->reason = t->lost.reason;
	t->lost.count = 0;
	t->gaps_in++;
}

static __u32 in_queue(const struct truth *t, enum slot_kind kind)
{
	__u32 n = 0, i;

	for (i = t->out; i != t->in; i++)
		n += t->q[i % QUEUE].kind == kind;
	return n;
}

static __u64 all_rejected(const struct ring *r)
{
	__u64 sum = 0;
	__u32 i;

	for (i = 0; i < PCRING_NR_REASONS; i++)
		sum += r->prod_page->counts.rejected[i];
	return sum;
}

/* Every term, against the truth and against each other; NULL or what differs. */
static const char *unbalanced(const struct ring *r, const struct truth *t,
			      __u32 in_ring)
{
	const struct pcring_prod_counts *p = &r->prod_page->counts;
	const struct pcring_cons_counts *c = &r->cons_page->counts;

	if (p->offered != t->offered)
		return "offered";
	if (p->accepted != t->accepted)
		return "accepted";
	if (all_rejected(r) != t->rejected)
		return "rejected";
	if (c->consumed != t->consumed)
		return "consumed";
	if (c->discarded != t->discarded)
		return "discarded";
	if (c->cancelled != t->cancelled)
		return "cancelled";
	if (p->gaps != t->gaps_in || c->gaps != t->gaps_out)
		return "gaps";
	if (in_ring != in_queue(t, ITEM))
		return "in ring";
	if (p->offered != all_rejected(r) + p->accepted)
		return "offered = rejected + accepted";
	if (p->accepted != c->consumed + c->discarded + c->cancelled + in_ring +
				   in_queue(t, DISCARDED) +
				   in_queue(t, RESERVED))
		return "accepted = consumed + ... + in ring";
	if (c->consumed + c->discarded + c->gaps && c->position != r->c.cons)
		return "position";
	return NULL;
}

FIXTURE(count)
{
	struct ring ring;
	__u64 seed;
	__u64 first_seed;
};

START_VARIANTS(count);

FIXTURE_SETUP(count)
{
	self->first_seed = unit_seed();
	self->seed = self->first_seed;
	memset(&truth, 0, sizeof(truth));
}

FIXTURE_TEARDOWN(count)
{
	EXPECT_TRUE(ring_intact(&self->ring));
	ring_free(&self->ring);
}

#define ASSERT_OK(wrong)                                                  \
	do {                                                              \
		const char *wrong_ = (wrong);                             \
		ASSERT_EQ(NULL, wrong_)                                   \
		TH_LOG("%s; PCRING_SEED=%llu", wrong_, self->first_seed); \
	} while (0)

/* ---- fixed entries -------------------------------------------------------- */

static __u64 front_of(__u64 seq)
{
	return PCRING_FRONT((__u32)seq & PCRING_ENTRY_VALUE, (__u32)(seq * 3));
}

/* Reserve and what becomes of it; what differs, or NULL. */
static const char *entry_produce(struct ring *r, struct truth *t, __u64 *seed)
{
	__u32 n = 1 + unit_below(seed, r->geo.entries + 2), want, i, space;
	bool single = r->p.producers == PCRING_PRODUCERS_SINGLE;
	bool gap = t->lost.count && r->geo.entry_size >= 32;
	__u64 pos = 0;
	int got;

	space = r->geo.entries - (__u32)(r->p.prod - r->cons_page->cons);
	want = space > gap ? space - gap : 0;
	if (want > n)
		want = n;
	got = pcring_prod_reserve(&r->p, n, &pos);
	if (got != (int)want)
		return "entries reserved";
	if (!got) {
		if (r->geo.entry_size < 32)
			t->lost.count = 0;
		return NULL;
	}
	if (gap)
		true_gap(t);
	t->lost.count = 0;
	if (single && !unit_below(seed, 4)) {
		for (i = 1; i < want; i++)
			pcring_prod_stage(&r->p, pos + i, front_of(~0U));
		pcring_prod_cancel(&r->p, pos, want);
		return NULL;
	}
	for (i = 0; i < want; i++) {
		struct slot *s =
			enqueue(t, single ? ITEM : RESERVED, t->offered + i);

		s->pos = pos + i;
		if (i)
			pcring_prod_stage(&r->p, pos + i,
					  front_of(t->offered + i));
		/* Reservations of one entry end on their own, in any order. */
		if (!single)
			s->len = i ? 0 : want;
	}
	if (single)
		pcring_prod_submit(&r->p, pos, want, front_of(t->offered));
	t->offered += want;
	t->accepted += want;
	return NULL;
}

/* One of the open reservations ends. */
static void entry_finish(struct ring *r, struct truth *t, __u64 *seed)
{
	bool cancel = !unit_below(seed, 3);
	__u32 skip = unit_below(seed, 4), i, k;

	for (i = t->out; i != t->in; i++) {
		struct slot *s = &t->q[i % QUEUE];
		__u32 n = s->len;

		if (s->kind != RESERVED || !n || skip--)
			continue;
		if (cancel)
			pcring_prod_cancel(&r->p, s->pos, n);
		else
			pcring_prod_submit(&r->p, s->pos, n, front_of(s->seq));
		for (k = 0; k < n; k++)
			t->q[(i + k) % QUEUE].kind = cancel ? DISCARDED : ITEM;
		return;
	}
}

/* What the consumer may see: up to the first reservation still open. */
static __u32 visible(const struct truth *t)
{
	__u32 i;

	for (i = t->out; i != t->in; i++)
		if (t->q[i % QUEUE].kind == RESERVED)
			break;
	return i - t->out;
}

static const char *entry_take(struct ring *r, struct truth *t,
			      const __u64 *item)
{
	struct slot *s = &t->q[t->out++ % QUEUE];
	__u32 word = PCRING_FRONT_FIRST(item[0]);
	struct pcring_gap gap = { 0 };

	if (s->kind == ITEM) {
		if (r->geo.entry_size >= 32 && r->c.seq != s->seq)
			return "sequence number of an item";
		if (item[0] != front_of(s->seq))
			return "content of an item";
		pcring_cons_release(&r->c, 1, 1);
		t->consumed++;
		return NULL;
	}
	if (!(word & PCRING_ENTRY_SPECIAL))
		return "an item where none was submitted";
	if (pcring_cons_special(&r->c, item, &gap) != (s->kind == GAP))
		return "kind of a special entry";
	pcring_cons_release(&r->c, 1, 0);
	if (s->kind == DISCARDED) {
		t->discarded++;
		return NULL;
	}
	t->gaps_out++;
	if (gap.first != s->seq || gap.count != s->count ||
	    PCRING_SPECIAL_REASON(gap.ctl) != s->reason)
		return "a gap's content";
	return NULL;
}

static const char *entry_consume(struct ring *r, struct truth *t, __u64 *seed)
{
	static __u64 items[1024 * 16];
	__u32 n = 1 + unit_below(seed, r->geo.entries + 2);
	__u32 there = visible(t), want = there < n ? there : n, i;
	int got = pcring_cons_peek(&r->c, n);
	const char *wrong;

	if (got < 0 || (__u32)got > want || !got != !want)
		return "entries peeked";
	if (n < PCRING_BURST && (__u32)got != want)
		return "entries peeked by phase";
	got = pcring_cons_pop(&r->c, items, n, r->geo.entry_size);
	if (got < 0 || (__u32)got > want || !got != !want)
		return "entries popped";
	/* Perhaps not all of them. */
	want = got ? 1 + unit_below(seed, (__u32)got) : 0;
	for (i = 0; i < want; i++) {
		wrong = entry_take(r, t, items + i * r->geo.entry_size / 8);
		if (wrong)
			return wrong;
	}
	if (!got || !unit_below(seed, 8))
		pcring_cons_publish(&r->c);
	return NULL;
}

static const char *entry_step(struct ring *r, struct truth *t, __u64 *seed)
{
	__u32 discarded = 0, n, kind = unit_below(seed, 8);
	const char *wrong = NULL;

	if (kind < 2) {
		wrong = entry_produce(r, t, seed);
	} else if (kind < 4) {
		entry_finish(r, t, seed);
	} else if (kind < 7) {
		wrong = entry_consume(r, t, seed);
	} else if (unit_below(seed, 2)) {
		n = 1 + unit_below(seed, 5);
		pcring_prod_reject(&r->p, n, n, n);
		true_reject(t, n, n);
	}
	if (wrong)
		return wrong;
	n = pcring_cons_count(&r->c, &discarded);
	if (discarded != in_queue(t, DISCARDED))
		return "discarded in the ring";
	return unbalanced(r, t, n);
}

TEST_F(count, fixed_entries_balance_at_every_step)
{
	__u32 orders[] = { 1, 2, 3, 6, 9 };
	__u32 sizes[] = { 8, 32, 128 };
	__u32 i, k, step, class;

	for (i = 0; i < 5; i++)
		for (k = 0; k < 3; k++)
			for (class = 0; class <= 2; class += 2) {
				struct pcring_geometry geo = {
					.entries = 1U << orders[i],
					.entry_size = sizes[k],
					.producers = class,
					.policy = PCRING_POLICY_DROP_NEW,
					.lag = (1U << orders[i]) / 4,
					.start = variant->start,
				};

				if (self->ring.data)
					ring_free(&self->ring);
				memset(&truth, 0, sizeof(truth));
				ring_make(&self->ring, &geo, 1);
				for (step = 0; step < STEPS / 4; step++)
					ASSERT_OK(entry_step(&self->ring,
							     &truth,
							     &self->seed));
				ASSERT_TRUE(ring_intact(&self->ring));
				EXPECT_LT(0, truth.consumed);
			}
}

TEST_F(count, dead_shared_producers_balance_at_every_step)
{
	struct pcring_geometry geo = {
		.entries = 64,
		.entry_size = 32,
		.producers = PCRING_PRODUCERS_SHARED,
		.policy = PCRING_POLICY_DROP_NEW,
		.lag = 1,
		.start = variant->start,
	};
	struct truth *t = &truth;
	__u32 step, round;
	__u64 item[4];

	for (round = 0; round < 100; round++) {
		if (self->ring.data)
			ring_free(&self->ring);
		memset(t, 0, sizeof(*t));
		ring_make(&self->ring, &geo, 1);
		for (step = 0; step < 40 + round; step++)
			ASSERT_OK(entry_step(&self->ring, t, &self->seed));
		pcring_prod_end(&self->ring.p, PCRING_STATE_DEAD);
		for (;;) {
			if (pcring_cons_pop(&self->ring.c, item, 1, 32) == 1) {
				ASSERT_NE(t->in, t->out);
				ASSERT_OK(entry_take(&self->ring, t, item));
			} else if (pcring_cons_skip_dead(&self->ring.c)) {
				ASSERT_NE(t->in, t->out);
				ASSERT_EQ(RESERVED,
					  t->q[t->out++ % QUEUE].kind);
				t->cancelled++;
			} else {
				break;
			}
			ASSERT_OK(unbalanced(
				&self->ring, t,
				pcring_cons_count(&self->ring.c, NULL)));
		}
		ASSERT_EQ(t->in, t->out);
		geo.start += 1000003;
	}
}

/* ---- records -------------------------------------------------------------- */

#define LOSSY(r) ((r)->p.policy >= PCRING_POLICY_OVERWRITE)

static struct pcring_record *open_records[PENDING];
static struct slot *open_slots[PENDING];

static const char *record_produce(struct ring *r, struct truth *t, __u64 *seed)
{
	__u32 len = unit_below(seed, 300), flags = r->p.record_flags;
	bool single = r->p.producers == PCRING_PRODUCERS_SINGLE;
	struct pcring_record *rec;
	struct slot *s;
	__u64 need = pcring_record_space(len, flags), space;
	__u32 at = unit_below(seed, PENDING);
	int err;

	if (!single && open_slots[at])
		return NULL;
	if (t->lost.count)
		need += pcring_record_space(sizeof(struct pcring_gap), flags);
	space = r->geo.entries - (r->p.prod - r->cons_page->cons);
	err = pcring_record_reserve(&r->p, len, 1, &rec);
	if (LOSSY(r) ? err && (single || err != -EAGAIN)
		     : err != (space >= need ? 0 : -EAGAIN))
		return "what reserve says";
	if (err)
		return NULL;
	true_gap(t);
	record_fill(pcring_record_data(rec), len, t->offered);
	if (single && !unit_below(seed, 5)) {
		pcring_record_cancel(&r->p, rec);
		return NULL;
	}
	s = enqueue(t, single ? ITEM : RESERVED, t->offered);
	s->len = len;
	s->index = t->accepted;
	t->offered++;
	t->accepted++;
	if (single) {
		if (!unit_below(seed, 5)) {
			s->len = unit_below(seed, len + 1);
			pcring_record_trim(&r->p, rec, s->len);
		}
		pcring_record_submit(&r->p, rec, false);
		return NULL;
	}
	open_records[at] = rec;
	open_slots[at] = s;
	return NULL;
}

static void record_finish(struct ring *r, __u64 *seed)
{
	__u32 at = unit_below(seed, PENDING);

	if (!open_slots[at])
		return;
	if (unit_below(seed, 3)) {
		pcring_record_submit(&r->p, open_records[at], false);
		open_slots[at]->kind = ITEM;
	} else {
		pcring_record_cancel(&r->p, open_records[at]);
		open_slots[at]->kind = DISCARDED;
	}
	open_slots[at] = NULL;
}

static const char *record_take(struct ring *r, struct truth *t,
			       const struct pcring_record_view *view)
{
	struct slot *s = &t->q[t->out++ % QUEUE];
	struct pcring_gap gap = { 0 };

	if (view->seq != s->seq)
		return "sequence number of a record";
	pcring_record_release(&r->c, view);
	if (s->kind == DISCARDED) {
		t->discarded++;
		return view->info & PCRING_RECORD_F_DISCARD ? NULL
							    : "a discard";
	}
	if (s->kind == ITEM) {
		t->consumed++;
		if (r->c.seq != s->seq + 1)
			return "the consumer's sequence number";
		if (LOSSY(r) && view->index != s->index)
			return "the index of a record";
		return record_is(view, s->len, s->seq) ? NULL : "a record";
	}
	t->gaps_out++;
	memcpy(&gap, view->data, sizeof(gap));
	if (PCRING_RECORD_TYPE(view->info) != PCRING_RECORD_GAP ||
	    gap.first != s->seq || gap.count != s->count ||
	    PCRING_SPECIAL_REASON(gap.ctl) != s->reason)
		return "a gap record";
	return NULL;
}

static const char *record_step(struct ring *r, struct truth *t, __u64 *seed)
{
	struct pcring_record_view view;
	__u32 kind = unit_below(seed, 8), n;
	const char *wrong = NULL;
	int ret;

	if (kind < 3) {
		wrong = record_produce(r, t, seed);
	} else if (kind < 5) {
		record_finish(r, seed);
	} else if (kind < 7) {
		ret = pcring_record_peek(&r->c, &view);
		if (ret != !!visible(t))
			return "what peek says";
		if (ret)
			wrong = record_take(r, t, &view);
		else
			pcring_cons_publish(&r->c);
	} else if (unit_below(seed, 2)) {
		n = 1 + unit_below(seed, 5);
		pcring_prod_reject(&r->p, n, n, n);
		true_reject(t, n, n);
	}
	if (wrong)
		return wrong;
	ret = pcring_record_count(&r->c);
	/* A gap stands unpublished while the record behind it is cancelled. */
	return ret < 0 ? "corrupt" : unbalanced(r, t, (__u32)ret);
}

TEST_F(count, records_balance_at_every_step)
{
	__u32 step, class, flags;

	for (class = 0; class <= 2; class ++)
		for (flags = 0; flags <= PCRING_RING_TIME; flags++) {
			struct pcring_geometry geo = {
				.entries = BYTES,
				.producers = class,
				.flags = flags,
				.policy = PCRING_POLICY_DROP_NEW,
				.lag = BYTES / 4,
				.start = variant->start,
			};

			if (self->ring.data)
				ring_free(&self->ring);
			memset(&truth, 0, sizeof(truth));
			memset(open_slots, 0, sizeof(open_slots));
			ring_make(&self->ring, &geo, 1);
			for (step = 0; step < STEPS; step++) {
				const char *w = record_step(&self->ring, &truth,
							    &self->seed);

				/* Until the next submit the gap is hidden. */
				if (w && !strcmp(w, "what peek says") &&
				    !class &&
				    truth.q[truth.out % QUEUE].kind == GAP)
					continue;
				ASSERT_OK(w);
			}
			EXPECT_LT(100, truth.consumed);
		}
}

/* ---- what overwrites ------------------------------------------------------ */

/*
 * The reader finds any record of the queue, after a gap that counts all before
 * it. Nothing it was told is told again, and what is missing was overwritten.
 */
static const char *lossy_take(struct ring *r, struct truth *t,
			      __u64 *overwritten)
{
	struct pcring_record_view view = { 0 };
	__u64 buf[512], next = r->c.seq;
	struct pcring_gap gap = { 0 };
	int ret = pcring_record_copy(&r->c, &view, buf, sizeof(buf));

	if (ret < 0)
		return "what copy says";
	if (!ret)
		return NULL;
	if (!view.space) {
		memcpy(&gap, buf, sizeof(gap));
		if (gap.first != next || !gap.count)
			return "where a gap begins";
		while (t->out != t->in &&
		       t->q[t->out % QUEUE].seq < next + gap.count) {
			struct slot *s = &t->q[t->out++ % QUEUE];

			if (s->kind != GAP)
				++*overwritten;
			else
				t->gaps_in--; /* nobody reads it any more */
		}
		if (r->c.seq != next + gap.count)
			return "where a gap ends";
		if (r->cons_page->counts.overwritten != *overwritten)
			return "overwritten";
		return NULL;
	}
	if (t->out == t->in)
		return "a record of nobody";
	return record_take(r, t, &view);
}

static const char *lossy_step(struct ring *r, struct truth *t, __u64 *seed,
			      __u64 *overwritten)
{
	const struct pcring_cons_counts *c = &r->cons_page->counts;
	__u32 kind = unit_below(seed, 16), n;
	const char *wrong = NULL;

	if (kind < 8) {
		wrong = record_produce(r, t, seed);
	} else if (kind < 11) {
		record_finish(r, seed);
	} else if (kind < 15) {
		wrong = lossy_take(r, t, overwritten);
	} else if (unit_below(seed, 4) == 1) {
		n = 1 + unit_below(seed, 5);
		pcring_prod_reject(&r->p, n, n, n);
		true_reject(t, n, n);
	}
	if (wrong)
		return wrong;
	if (pcring_record_count(&r->c) < 0)
		return "corrupt";
	if ((__u32)pcring_record_count(&r->c) > in_queue(t, ITEM))
		return "more in the ring than were submitted";
	if (r->prod_page->counts.offered != t->offered ||
	    r->prod_page->counts.accepted != t->accepted ||
	    all_rejected(r) != t->rejected)
		return "the producer's terms";
	if (c->consumed != t->consumed || c->discarded != t->discarded ||
	    c->overwritten != *overwritten)
		return "the consumer's terms";
	return NULL;
}

TEST_F(count, records_that_overwrite_balance_at_every_step)
{
	__u32 step, k;

	for (k = 0; k < 3; k++) {
		struct pcring_geometry geo = {
			.entries = BYTES,
			.policy = k < 2 ? PCRING_POLICY_OVERWRITE
					: PCRING_POLICY_LATEST,
			.producers = k == 1 ? PCRING_PRODUCERS_SHARED
					    : PCRING_PRODUCERS_SINGLE,
			.lag = 1,
			.start = variant->start,
		};
		struct truth *t = &truth;
		__u64 overwritten = 0, before;

		if (self->ring.data)
			ring_free(&self->ring);
		memset(t, 0, sizeof(*t));
		memset(open_slots, 0, sizeof(open_slots));
		ring_make(&self->ring, &geo, 1);
		for (step = 0; step < STEPS; step++)
			ASSERT_OK(lossy_step(&self->ring, t, &self->seed,
					     &overwritten));
		for (step = 0; step < 200; step++)
			record_finish(&self->ring, &self->seed);
		pcring_prod_publish(&self->ring.p);
		do {
			before = self->ring.c.cons + self->ring.c.seq;
			ASSERT_OK(lossy_take(&self->ring, t, &overwritten));
		} while (before != self->ring.c.cons + self->ring.c.seq);
		EXPECT_EQ(t->accepted,
			  t->consumed + t->discarded + overwritten);
		EXPECT_EQ(0, pcring_record_count(&self->ring.c));
		EXPECT_LT(100, t->consumed);
		EXPECT_LT(10, overwritten);
	}
}

TEST_HARNESS_MAIN
