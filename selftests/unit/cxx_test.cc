// SPDX-License-Identifier: GPL-2.0-only
/* The same headers in C++17: they compile, and a ring of each kind works. */
#include <linux/pcring.h>
#include "unit.h"

static unsigned int number;
static int failures;

static void result(bool ok, const char *name)
{
	printf("%s %u cxx.%s\n", ok ? "ok" : "not ok", ++number, name);
	failures += !ok;
}

static bool entries_pass()
{
	pcring_geometry geo = {};
	ring r;
	bool ok = true;

	geo.entries = 4;
	geo.entry_size = 32;
	ring_make(&r, &geo, 1);
	for (__u64 nr = 0; nr < 20; nr++) {
		__u64 in[4] = { PCRING_FRONT((__u32)nr, 1), nr, nr, nr };
		__u64 out[4];

		ok = ok && pcring_prod_push(&r.p, in, 1, 32) == 1;
		ok = ok && pcring_cons_pop(&r.c, out, 1, 32) == 1;
		ok = ok && !memcmp(in, out, sizeof(in));
		pcring_cons_release(&r.c, 1, 1);
	}
	ring_free(&r);
	return ok;
}

static bool records_pass(__u32 policy)
{
	pcring_geometry geo = {};
	pcring_record_view view;
	pcring_record *rec;
	__u64 buf[8];
	ring r;
	bool ok = true;
	int ret;

	geo.entries = 4096;
	geo.policy = policy;
	ring_make(&r, &geo, 1);
	for (__u64 nr = 0; nr < 500 && ok; nr++) {
		ok = !pcring_record_reserve(&r.p, sizeof(nr), 0, &rec);
		if (!ok)
			break;
		memcpy(pcring_record_data(rec), &nr, sizeof(nr));
		pcring_record_submit(&r.p, rec, false);
		ret = policy == PCRING_POLICY_BLOCK
			      ? pcring_record_peek(&r.c, &view)
			      : pcring_record_copy(&r.c, &view, buf,
						   sizeof(buf));
		ok = ret == 1 && !memcmp(view.data, &nr, sizeof(nr));
		pcring_record_release(&r.c, &view);
	}
	ring_free(&r);
	return ok;
}

static bool exchange_passes()
{
	pcring_geometry geo = {};
	__u64 words[2] = {}, mine[2] = {};
	__u32 block = 0, back;
	ring r;
	bool ok;

	geo.entries = 2;
	geo.entry_size = 8;
	geo.policy = PCRING_POLICY_OVERWRITE;
	ring_make(&r, &geo, 1);
	ok = !pcring_xchg_post(&r.p, words, mine, 5, &back) &&
	     pcring_xchg_claim(&r.c, words, 8, &block) == 1 && block == 5;
	ring_free(&r);
	return ok;
}

static bool shards_merge()
{
	pcring_geometry geo = {};
	pcring_shard shard = {};
	pcring_record *rec;
	__u32 which;
	ring r;
	bool ok;

	geo.entries = 4096;
	geo.producers = PCRING_PRODUCERS_PERCPU;
	ring_make(&r, &geo, 1);
	shard.cons = &r.c;
	ok = !pcring_record_reserve(&r.p, 8, 0, &rec);
	pcring_record_stamp(&r.p, rec, unit_now);
	pcring_record_submit(&r.p, rec, false);
	ok = ok && pcring_merge_peek(&shard, 1, &which) == 1;
	pcring_merge_release(&shard);
	ring_free(&r);
	return ok;
}

int main()
{
	printf("TAP version 13\n1..5\n");
	result(entries_pass(), "entries_pass");
	result(records_pass(PCRING_POLICY_BLOCK), "records_pass");
	result(records_pass(PCRING_POLICY_OVERWRITE), "overwritten_records");
	result(exchange_passes(), "exchange_passes");
	result(shards_merge(), "shards_merge");
	return failures != 0;
}
