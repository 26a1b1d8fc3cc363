// SPDX-License-Identifier: GPL-2.0-only
/* The producer, fed by a hostile consumer's page. */
#include "fuzz_records.h"

#define ENTRIES 8U
#define SIZE 32U

static void entries(struct ring *r, struct script *s, __u32 op)
{
	__u64 items[16 * SIZE / 8] = { 0 }, prod = r->p.prod, pos = 0;
	__u32 n = 1 + (op >> 3) % 16, i;
	int got;

	if (op & 128) {
		got = pcring_prod_push(&r->p, items, n, SIZE);
	} else {
		got = pcring_prod_reserve(&r->p, n, &pos);
		for (i = 1; got > 0 && i < (__u32)got; i++)
			pcring_prod_stage(&r->p, pos + i, take(s, 4));
		if (got > 0 && op & 64)
			pcring_prod_cancel(&r->p, pos, (__u32)got);
		else if (got > 0)
			pcring_prod_submit(&r->p, pos, (__u32)got, 0);
	}
	fuzz_check(got);
	FUZZ_ASSERT(got <= (int)n && got <= (int)ENTRIES);
	if (got < 0)
		FUZZ_ASSERT(prod == r->p.prod);
	FUZZ_ASSERT(r->p.prod - r->p.cons <= ENTRIES);
}

static void records(struct ring *r, struct script *s, __u32 op)
{
	bool lossy = r->p.policy >= PCRING_POLICY_OVERWRITE;

	put(r, (__u32)take(s, 1) * 16, op >> 3);
	FUZZ_ASSERT(r->p.prod - (lossy ? r->p.oldest : r->p.cons) <= BYTES);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ring fixed, bytes;
	struct script s = { data, size };
	__u32 kind = (__u32)take(&s, 1);
	struct pcring_geometry geo = {
		.entries = kind & 1 ? BYTES : ENTRIES,
		.entry_size = kind & 1 ? 0 : SIZE,
		.policy = kind >> 1 & 3,
		.producers = kind >> 2 & 2,
		.flags = kind >> 4 & 1,
		.lag = 1,
		.start = take_start(&s),
	};
	struct ring *r = kind & 1 ? &bytes : &fixed;

	if (!geo.producers && geo.policy == PCRING_POLICY_LATEST && !(kind & 1))
		geo.policy = PCRING_POLICY_BLOCK;
	renew(r, &geo, &s);
	/* What the producer wrote itself it may trust. */
	if (kind & 1)
		memset(r->data, 0, BYTES);
	while (s.left) {
		__u32 op = (__u32)take(&s, 1);

		switch (op & 7) {
		case 0:
		case 1:
			poke_cons(&s, r);
			break;
		case 2:
			pcring_prod_reject(&r->p, 1 + op / 8, op / 8, op);
			break;
		case 3:
			pcring_prod_notify(&r->p);
			pcring_prod_prepare_wait(&r->p, op * 4);
			fuzz_check(pcring_prod_refresh(&r->p));
			pcring_prod_finish_wait(&r->p);
			break;
		default:
			if (kind & 1)
				records(r, &s, op);
			else
				entries(r, &s, op);
		}
	}
	FUZZ_ASSERT(ring_intact(r));
	return 0;
}
