// SPDX-License-Identifier: GPL-2.0-only
/* The merger of shards. */
#include "fuzz_records.h"

#define SHARDS 2U

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ring rings[SHARDS];
	struct pcring_shard shards[SHARDS] = { 0 };
	struct script s = { data, size };
	struct pcring_geometry geo = {
		.entries = BYTES,
		.producers = PCRING_PRODUCERS_PERCPU,
		.policy = PCRING_POLICY_DROP_NEW,
		.lag = 1024,
		.start = take_start(&s),
	};
	__u32 which, i;
	int ret;

	for (i = 0; i < SHARDS; i++) {
		renew(&rings[i], &geo, &s);
		shards[i].cons = &rings[i].c;
	}
	while (s.left) {
		__u32 op = (__u32)take(&s, 1);
		struct ring *r = &rings[op >> 7];

		switch (op & 7) {
		case 0:
			poke_prod(&s, r);
			break;
		case 1:
			poke_record(&s, r);
			break;
		case 2:
			poke_info(&s, r);
			break;
		case 3:
			put(r, (__u32)take(&s, 1) * 9, op >> 3);
			break;
		default:
			which = SHARDS;
			ret = pcring_merge_peek(shards, SHARDS, &which);
			fuzz_check(ret);
			if (ret == -EBADFD)
				FUZZ_ASSERT(which < SHARDS);
			if (ret != 1)
				break;
			FUZZ_ASSERT(which < SHARDS);
			touch(&shards[which].view);
			pcring_merge_release(&shards[which]);
		}
	}
	return 0;
}
