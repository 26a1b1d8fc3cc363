// SPDX-License-Identifier: GPL-2.0-only
/* The reader of records that may be overwritten. */
#include "fuzz_records.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ring r;
	struct script s = { data, size };
	__u32 kind = (__u32)take(&s, 1);
	struct pcring_geometry geo = {
		.entries = BYTES,
		.producers = kind & 2,
		.policy = kind & 1 ? PCRING_POLICY_LATEST
				   : PCRING_POLICY_OVERWRITE,
		.flags = kind >> 2 & 1,
		.lag = 1024,
		.start = take_start(&s),
	};
	struct pcring_record_view view = { 0 };
	__u32 room;
	void *buf;
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
			fuzz_check(pcring_record_count(&r.c));
			break;
		default:
			room = sizeof(struct pcring_gap) + (op >> 3) * 16;
			buf = malloc(room);
			ret = pcring_record_copy(&r.c, &view, buf, room);
			fuzz_check(ret);
			if (ret == 1) {
				FUZZ_ASSERT(view.len <= room);
				touch(&view);
				pcring_record_release(&r.c, &view);
			}
			free(buf);
		}
		FUZZ_ASSERT(!(r.c.cons & 7));
	}
	return 0;
}
