// SPDX-License-Identifier: GPL-2.0-only
/* Records that are overwritten while they are read: none torn, none uncounted. */
#include <linux/ktime.h>
#include <linux/slab.h>

#include "ring_test.h"
#include "item.h"

#define BYTES 4096U
#define LEN_MAX 600U

static atomic_t producing;

/* A record's content follows from its sequence number. */
static int put(struct test_ring *r, u32 len)
{
	struct pcring_record *rec;
	unsigned long flags;
	int err;

	preempt_disable();
	raw_spin_lock_irqsave(&r->lock, flags);
	err = pcring_record_reserve(&r->p, len, 0, &rec);
	if (err == -EAGAIN)
		pcring_prod_reject(&r->p, 1, PCRING_REASON_BUSY,
				   ktime_get_ns());
	raw_spin_unlock_irqrestore(&r->lock, flags);
	if (!err) {
		payload_make(pcring_record_data(rec), len, 0, rec->seq);
		pcring_record_submit(&r->p, rec, false);
	}
	preempt_enable();
	return err;
}

static int produce(struct test_thread *self)
{
	u64 random = test_seed + self->id, item;
	int err;

	for (item = 0; item < test_items; item++) {
		err = put(self->arg, test_below(&random, LEN_MAX));
		if (err && err != -EAGAIN)
			return err;
		/* Now and then the reader may come near. */
		if (!test_below(&random, 8) && test_team_idle(self->team))
			return -EINTR;
	}
	atomic_dec_return_release(&producing);
	return 0;
}

/**
 * struct stream - what a consumer has seen
 * @r: the ring.
 * @buf: room for a record.
 * @seq: the next sequence number.
 * @records: read whole.
 */
struct stream {
	struct test_ring *r;
	u64 *buf;
	u64 seq;
	u64 records;
};

static int stream_check(struct stream *s, const struct pcring_record_view *view)
{
	struct pcring_gap gap;

	if (view->seq != s->seq)
		return test_fail("sequence number %llu instead of %llu",
				 view->seq, s->seq);
	if (PCRING_RECORD_TYPE(view->info) == PCRING_RECORD_GAP) {
		memcpy(&gap, view->data, sizeof(gap));
		if (!gap.count || gap.first != s->seq)
			return test_fail("gap of %u at %llu", gap.count,
					 gap.first);
		s->seq += gap.count;
		return 0;
	}
	if (!payload_right(view->data, view->len, 0, view->seq))
		return test_fail("item %llu of %u bytes is torn", view->seq,
				 view->len);
	s->seq++;
	s->records++;
	return 0;
}

static int consume(struct test_thread *self)
{
	struct stream *s = self->arg;
	bool last = false;
	int ready, err;

	for (;;) {
		struct pcring_record_view view;
		bool done = !atomic_read_acquire(&producing);

		ready = pcring_record_copy(&s->r->c, &view, s->buf, LEN_MAX);
		if (ready < 0 && ready != -EAGAIN)
			return test_fail("errno %d after %llu records", -ready,
					 s->records);
		if (ready > 0) {
			err = stream_check(s, &view);
			if (err)
				return err;
			pcring_record_release(&s->r->c, &view);
			continue;
		}
		/* Empty after they had ended. */
		if (last && !ready)
			return 0;
		last = done;
		if (test_team_idle(self->team))
			return -EINTR;
	}
}

static int at_rest(struct stream *s)
{
	const struct pcring_prod *p = &s->r->p;
	u64 offered = s->r->prod_page->counts.offered;
	int err;

	if (s->seq + p->loss.count != offered)
		return test_fail("read up to %llu, lost %llu, offered %llu",
				 s->seq, p->loss.count, offered);
	if (s->r->cons_page->counts.consumed != s->records)
		return test_fail("consumed is not what was read");
	err = test_ring_conserved(s->r, 0);
	return err ? err : test_expect(s->records);
}

static int run(u64 start, u32 policy, u32 producers)
{
	const struct pcring_geometry geo = {
		.entries = BYTES,
		.policy = policy,
		.producers = producers,
		.lag = 1,
		.start = start,
	};
	int err, i, nr = producers ? TEST_THREADS : 1;
	struct stream s = {};
	struct test_team team;
	struct test_ring r;

	s.buf = kzalloc(LEN_MAX, GFP_KERNEL);
	if (!s.buf)
		return -ENOMEM;
	err = test_ring_make(&r, &geo);
	if (err)
		goto out_free_buf;
	s.r = &r;
	atomic_set(&producing, nr);
	test_team_init(&team);
	for (i = 0; i < nr; i++)
		test_team_add(&team, produce, &r);
	test_team_add(&team, consume, &s);
	err = test_team_run(&team);
	if (!err)
		err = at_rest(&s);
	test_ring_free(&r);
out_free_buf:
	kfree(s.buf);
	return err;
}

static int single(u64 start)
{
	return run(start, PCRING_POLICY_OVERWRITE, PCRING_PRODUCERS_SINGLE);
}

static int shared(u64 start)
{
	return run(start, PCRING_POLICY_OVERWRITE, PCRING_PRODUCERS_SHARED);
}

static int latest(u64 start)
{
	return run(start, PCRING_POLICY_LATEST, PCRING_PRODUCERS_SINGLE);
}

const struct test_case overwrite_cases[] = {
	{ "overwrite.single_is_never_torn_and_every_loss_located", single },
	{ "overwrite.shared_is_never_torn_and_every_loss_located", shared },
	{ "overwrite.latest_is_never_torn_and_every_loss_located", latest },
	{}
};
