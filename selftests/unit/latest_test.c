// SPDX-License-Identifier: GPL-2.0-only
/* Records under LATEST: the newest whole one, and what was passed over. */
#include "record_item.h"
#include <kselftest_harness.h>

FIXTURE(latest)
{
	struct ring ring;
	struct pcring_record_view view;
	struct pcring_gap gap;
	__u64 buf[BYTES / 8];
};

START_VARIANTS(latest);

FIXTURE_SETUP(latest)
{
	struct pcring_geometry geo = {
		.entries = BYTES,
		.policy = PCRING_POLICY_LATEST,
		.lag = 1,
		.start = variant->start,
	};

	ring_make(&self->ring, &geo, 1);
}

FIXTURE_TEARDOWN(latest)
{
	ring_free(&self->ring);
}

static int copy(struct ring *r, struct pcring_record_view *view, __u64 *buf)
{
	int ret = pcring_record_copy(&r->c, view, buf, BYTES);

	if (ret == 1)
		pcring_record_release(&r->c, view);
	return ret;
}

TEST_F(latest, the_newest_is_read_and_the_passed_over_are_told_first)
{
	struct ring *r = &self->ring;
	__u64 nr = 0, base;
	__u32 n, i;

	for (n = 2; n < 200; n += 7) {
		base = nr;
		for (i = 0; i < n; i++)
			ASSERT_EQ(0, record_put(r, 80, 0, nr++, false));
		ASSERT_EQ(1, copy(r, &self->view, self->buf));
		ASSERT_EQ(PCRING_RECORD_GAP,
			  PCRING_RECORD_TYPE(self->view.info));
		memcpy(&self->gap, self->buf, sizeof(self->gap));
		ASSERT_EQ(base, self->gap.first);
		ASSERT_EQ(n - 1, self->gap.count);
		ASSERT_EQ((__u32)PCRING_REASON_LATEST,
			  PCRING_SPECIAL_REASON(self->gap.ctl));
		ASSERT_EQ(1, copy(r, &self->view, self->buf));
		ASSERT_TRUE(record_is(&self->view, 80, nr - 1));
		ASSERT_EQ(nr - 1, self->view.seq);
		ASSERT_EQ(0, copy(r, &self->view, self->buf));
		ASSERT_EQ(nr, r->cons_page->counts.consumed +
				      r->cons_page->counts.overwritten);
	}
}

TEST_F(latest, one_at_a_time_none_is_passed_over)
{
	struct ring *r = &self->ring;
	__u64 nr;

	for (nr = 0; nr < 300; nr++) {
		ASSERT_EQ(0, record_put(r, 80, 0, nr, false));
		ASSERT_EQ(1, copy(r, &self->view, self->buf));
		ASSERT_TRUE(record_is(&self->view, 80, nr));
		ASSERT_EQ(0, copy(r, &self->view, self->buf));
	}
	EXPECT_EQ(0, r->cons_page->counts.gaps);
	EXPECT_EQ(0, r->cons_page->counts.overwritten);
}

TEST_F(latest, nothing_is_read_twice)
{
	struct ring *r = &self->ring;

	ASSERT_EQ(0, record_put(r, 80, 0, 0, false));
	ASSERT_EQ(1, copy(r, &self->view, self->buf));
	ASSERT_EQ(0, copy(r, &self->view, self->buf));
	ASSERT_EQ(0, copy(r, &self->view, self->buf));
}

TEST_F(latest, more_keeps_the_newest_back_until_published)
{
	struct ring *r = &self->ring;

	ASSERT_EQ(0, record_put(r, 80, 0, 0, false));
	ASSERT_EQ(0, record_put(r, 80, 0, 1, true));
	ASSERT_EQ(1, copy(r, &self->view, self->buf));
	ASSERT_TRUE(record_is(&self->view, 80, 0));
	ASSERT_EQ(0, copy(r, &self->view, self->buf));
	ASSERT_EQ(0, record_put(r, 80, 0, 2, false));
	ASSERT_EQ(1, copy(r, &self->view, self->buf));
	ASSERT_EQ(PCRING_RECORD_GAP, PCRING_RECORD_TYPE(self->view.info));
	ASSERT_EQ(1, copy(r, &self->view, self->buf));
	ASSERT_TRUE(record_is(&self->view, 80, 2));
}

TEST_F(latest, the_reader_between_the_position_and_newest_meets_no_corruption)
{
	struct ring *r = &self->ring;
	int ret;

	ASSERT_EQ(0, record_put(r, 80, 0, 0, false));
	ASSERT_EQ(1, copy(r, &self->view, self->buf));
	ASSERT_EQ(0, record_put(r, 80, 0, 1, false));
	ASSERT_EQ(1, pcring_record_refresh(&r->c));
	ASSERT_EQ(0, record_put(r, 80, 0, 2, true));
	ASSERT_EQ(0, record_put(r, 80, 0, 3, true));
	/* pcring_prod_publish() has done its first store, not its second. */
	r->prod_page->prod = r->p.prod;
	ret = copy(r, &self->view, self->buf);
	ASSERT_LE(0, ret);
	pcring_prod_publish(&r->p);
	do {
		ret = copy(r, &self->view, self->buf);
		ASSERT_LE(0, ret);
	} while (ret);
	EXPECT_EQ(4, r->c.seq);
	EXPECT_EQ(4, r->cons_page->counts.consumed +
			     r->cons_page->counts.overwritten);
}

TEST_F(latest, newest_lies_never_beyond_the_position)
{
	struct ring *r = &self->ring;
	__u64 nr;

	for (nr = 0; nr < 300; nr++) {
		ASSERT_EQ(0, record_put(r, 80, 0, nr, nr % 3));
		ASSERT_LE(0,
			  (__s64)(r->prod_page->prod - r->prod_page->newest));
	}
	r->prod_page->newest = r->prod_page->prod + 8;
	EXPECT_EQ(-EBADFD, copy(r, &self->view, self->buf));
}

TEST_F(latest, a_rejected_item_keeps_its_reason_if_nothing_passed_it_over)
{
	struct ring *r = &self->ring;

	ASSERT_EQ(0, record_put(r, 80, 0, 0, false));
	ASSERT_EQ(1, copy(r, &self->view, self->buf));
	pcring_prod_reject(&r->p, 2, PCRING_REASON_SIZE, 70);
	ASSERT_EQ(0, record_put(r, 80, 0, 3, false));
	ASSERT_EQ(1, copy(r, &self->view, self->buf));
	ASSERT_EQ(PCRING_RECORD_GAP, PCRING_RECORD_TYPE(self->view.info));
	memcpy(&self->gap, self->buf, sizeof(self->gap));
	EXPECT_EQ(1, self->gap.first);
	EXPECT_EQ(2, self->gap.count);
	/* Nothing accepted is missing: LATEST would be a lie. */
	EXPECT_NE((__u32)PCRING_REASON_LATEST,
		  PCRING_SPECIAL_REASON(self->gap.ctl));
	EXPECT_EQ(0, r->cons_page->counts.overwritten);
	ASSERT_EQ(1, copy(r, &self->view, self->buf));
	ASSERT_TRUE(record_is(&self->view, 80, 3));
}

TEST_F(latest, a_hostile_newest_is_contained)
{
	struct ring *r = &self->ring;
	int ret;

	ASSERT_EQ(0, record_put(r, 80, 0, 0, false));
	r->prod_page->newest = variant->start + 4;
	EXPECT_EQ(-EBADFD, copy(r, &self->view, self->buf));
	r->prod_page->newest = variant->start + (1ULL << 62);
	ret = copy(r, &self->view, self->buf);
	EXPECT_TRUE(ret == -EBADFD || ret == -EAGAIN || ret == 0);
}

TEST_HARNESS_MAIN
