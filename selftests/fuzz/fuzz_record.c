// SPDX-License-Identifier: GPL-2.0-only
/* The consumer of records, in place. */
#include "fuzz_records.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ring r;
	struct script s = { data, size };
	struct pcring_geometry geo = {
		.entries = BYTES,
		.producers = take(&s, 1) % 3,
		.flags = take(&s, 1) & 1,
		.lag = 1024,
		.start = take_start(&s),
	};
	struct pcring_record_view view;
	int ret;

	renew(&r, &geo, &s);
	while (s.left) {
		__u32 op = (__u32)take(&s, 1);

		switch (op & 7) {
		case 0:
			poke_prod(&s, &r);
			break;
		case 1:
			poke_record(&s, &r);
			break;
		case 2:
			poke_info(&s, &r);
			break;
		case 3:
			put(&r, (__u32)take(&s, 1) * 9, op >> 3);
			break;
		case 4:
			pcring_record_skip_dead(&r.c);
			break;
		case 5:
			fuzz_check(pcring_record_count(&r.c));
			pcring_cons_publish(&r.c);
			break;
		default:
			ret = pcring_record_peek(&r.c, &view);
			fuzz_check(ret);
			if (ret != 1)
				break;
			FUZZ_ASSERT(view.len <= BYTES && view.space <= BYTES);
			touch(&view);
			/* The peer may write between look and release. */
			if (op & 64)
				poke_info(&s, &r);
			pcring_record_release(&r.c, &view);
		}
		FUZZ_ASSERT(!(r.c.cons & 7));
	}
	return 0;
}
