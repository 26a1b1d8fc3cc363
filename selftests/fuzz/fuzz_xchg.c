// SPDX-License-Identifier: GPL-2.0-only
/* Both ends of exchange words, each against a peer that writes what it likes. */
#include "fuzz.h"

#define SLOTS 4U
#define BLOCKS 8U

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ring r, latest;
	struct script s = { data, size };
	bool one = take(&s, 1) & 1;
	struct pcring_geometry geo = {
		.entries = one ? 1 : SLOTS,
		.entry_size = 8,
		.policy = one ? PCRING_POLICY_LATEST : PCRING_POLICY_OVERWRITE,
		.lag = 1,
		.start = take_start(&s),
	};
	struct ring *ring = one ? &latest : &r;
	__u64 *words = calloc(geo.entries, sizeof(*words));
	__u64 *mine = calloc(geo.entries, sizeof(*mine));
	bool posted[BLOCKS] = { 0 };
	__u32 block, back;
	int ret;

	renew(ring, &geo, &s);
	while (s.left) {
		__u32 op = (__u32)take(&s, 1);

		switch (op & 3) {
		case 0:
			words[op >> 2 & (geo.entries - 1)] = take_value(
				&s, ring->c.cons << 32 | PCRING_XCHG_FULL);
			break;
		case 1:
			poke_prod(&s, ring);
			break;
		case 2:
			block = op >> 2 & (BLOCKS - 1);
			ret = pcring_xchg_post(&ring->p, words, mine, block,
					       &back);
			FUZZ_ASSERT(!ret || ret == -EBADFD);
			posted[block] = true;
			if (back != PCRING_BLOCK_NONE)
				FUZZ_ASSERT(back < BLOCKS && posted[back]);
			break;
		default:
			block = 0;
			ret = pcring_xchg_claim(&ring->c, words, BLOCKS,
						&block);
			fuzz_check(ret);
			FUZZ_ASSERT(ret <= 1 && block < BLOCKS);
		}
		FUZZ_ASSERT(pcring_xchg_count(words, geo.entries) <=
			    geo.entries);
	}
	free(words);
	free(mine);
	return 0;
}
