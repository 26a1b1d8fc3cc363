// SPDX-License-Identifier: GPL-2.0-only
/* The consumer of fixed entries. */
#include "fuzz.h"

#define ENTRIES 8U
#define SIZE 32U

static void pop(struct ring *r, __u32 n)
{
	/* To the byte, so that one too many is seen. */
	__u64 *items = malloc((n < ENTRIES ? n : ENTRIES) * (size_t)SIZE);
	struct pcring_gap gap;
	int got, i;

	got = pcring_cons_pop(&r->c, items, n, SIZE);
	fuzz_check(got);
	FUZZ_ASSERT(got <= (int)n && got <= (int)ENTRIES);
	for (i = 0; i < got; i++) {
		__u32 word = PCRING_FRONT_FIRST(items[i * SIZE / 8]);

		FUZZ_ASSERT(!(word & PCRING_ENTRY_PHASE));
		if (word & PCRING_ENTRY_SPECIAL)
			pcring_cons_special(&r->c, &items[i * SIZE / 8], &gap);
		pcring_cons_release(&r->c, 1, !(word & PCRING_ENTRY_SPECIAL));
	}
	free(items);
}

static void push(struct ring *r, __u32 n)
{
	__u64 items[16 * SIZE / 8] = { 0 };

	pcring_prod_push(&r->p, items, n, SIZE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ring r;
	struct script s = { data, size };
	struct pcring_geometry geo = {
		.entries = ENTRIES,
		.entry_size = SIZE,
		.producers = take(&s, 1) & 2,
		.policy = take(&s, 1) & 1,
		.lag = 2,
		.start = take_start(&s),
	};

	renew(&r, &geo, &s);
	while (s.left) {
		__u32 op = (__u32)take(&s, 1), n = 1 + op / 8 % 16;
		int ret;

		switch (op & 7) {
		case 0:
			poke_prod(&s, &r);
			break;
		case 1:
			poke(&s, r.data, ring_bytes(&r), r.c.cons);
			break;
		case 2:
			push(&r, n);
			break;
		case 3:
			ret = pcring_cons_peek(&r.c, n);
			fuzz_check(ret);
			FUZZ_ASSERT(ret <= (int)n && ret <= (int)ENTRIES);
			break;
		case 4:
			pcring_cons_skip_dead(&r.c);
			break;
		case 5:
			FUZZ_ASSERT(pcring_cons_count(&r.c, NULL) <= ENTRIES);
			pcring_cons_publish(&r.c);
			break;
		default:
			pop(&r, n);
		}
	}
	FUZZ_ASSERT(ring_intact(&r));
	return 0;
}
