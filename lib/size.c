// SPDX-License-Identifier: LGPL-2.1-only OR MIT
/*
 * libpcring: how large a ring must be.
 */
#include "pcring_impl.h"

static __u64 pcring_gcd(__u64 a, __u64 b)
{
	while (b) {
		__u64 rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

__u64 pcring_min_entries(__u32 prod_quantum, __u32 cons_quantum)
{
	__u64 p = prod_quantum, c = cons_quantum;

	if (!p || !c)
		return 0;
	return p + c - pcring_gcd(p, c);
}

__u64 pcring_min_entries_lag(__u32 prod_quantum, __u32 cons_quantum, __u32 lag)
{
	__u64 min = pcring_min_entries(prod_quantum, cons_quantum);

	if (!min || !lag)
		return min;
	/* Released in whole quanta, kept back while fewer than @lag. */
	return min + (lag - 1) / cons_quantum * (__u64)cons_quantum;
}

int pcring_min_burst(__u64 rate, __u64 stall_ns, __u32 *entries)
{
	unsigned __int128 items = (unsigned __int128)rate * stall_ns;

	items = (items + NSEC - 1) / NSEC;
	if (items > PCRING_MAX_ENTRIES)
		return pcring_fail(
			-EOVERFLOW,
			"ring: %llu items/s for %llu ns: more than %u entries",
			(unsigned long long)rate, (unsigned long long)stall_ns,
			PCRING_MAX_ENTRIES);
	*entries = items ? (__u32)items : 1;
	return 0;
}

int pcring_min_bytes(__u32 records, __u32 len, __u32 record_flags, __u32 *bytes)
{
	__u64 gap =
		pcring_record_space(sizeof(struct pcring_gap), record_flags);
	/* At most 2^32 times 2^33: no overflow. */
	unsigned __int128 need =
		(unsigned __int128)records *
			pcring_record_space(len, record_flags) +
		gap;
	__u64 size = PCRING_MIN_BYTES;

	if (need > PCRING_MAX_BYTES)
		return pcring_fail(
			-EOVERFLOW,
			"ring: %u records of %u bytes: more than %u bytes",
			records, len, PCRING_MAX_BYTES);
	while (size < need)
		size *= 2;
	*bytes = (__u32)size;
	return 0;
}
