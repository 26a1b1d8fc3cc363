/* SPDX-License-Identifier: LGPL-2.1-only OR MIT */
/*
 * libpcring: how large a ring must be.
 */
#ifndef PCRING_SIZE_H
#define PCRING_SIZE_H

#include <linux/types.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/**
 * pcring_min_entries() - smallest ring two fixed rates never stall on
 * @prod_quantum: entries the producer adds at a time, 1 up.
 * @cons_quantum: entries the consumer takes at a time, 1 up.
 *
 * p + c - gcd(p, c): one entry less, and a state can be reached in which there is
 * too little space for the producer and too little in the ring for the consumer.
 *
 * Context: any.
 * Return: entries; 0 if a quantum is 0.
 */
__u64 pcring_min_entries(__u32 prod_quantum, __u32 cons_quantum);

/**
 * pcring_min_entries_lag() - the same with a consumer that publishes lazily
 * @prod_quantum: entries the producer adds at a time, 1 up.
 * @cons_quantum: entries the consumer takes at a time, 1 up.
 * @lag: entries released before they are published (pcring_ring_desc.lag).
 *
 * For a consumer that never publishes early; libpcring's does when it finds the
 * ring empty, so this is on the safe side.
 *
 * Context: any.
 * Return: entries; 0 if a quantum is 0.
 */
__u64 pcring_min_entries_lag(__u32 prod_quantum, __u32 cons_quantum, __u32 lag);

/**
 * pcring_min_burst() - entries that bridge the consumer's worst stall
 * @rate: items a second.
 * @stall_ns: nanoseconds the consumer may be away.
 * @entries: written: entries, rounded up, 1 up.
 *
 * Context: any.
 * Return: 0; -EOVERFLOW if it is more than PCRING_MAX_ENTRIES.
 */
int pcring_min_burst(__u64 rate, __u64 stall_ns, __u32 *entries);

/**
 * pcring_min_bytes() - bytes of a record ring that holds so many records
 * @records: records in the ring at once, 1 up.
 * @len: bytes of payload of the longest.
 * @record_flags: PCRING_RECORD_F_TIME and _INDEX as the ring has them.
 * @bytes: written: bytes, a power of two, with room for one gap before them.
 *
 * Context: any.
 * Return: 0; -EOVERFLOW if it is more than PCRING_MAX_BYTES.
 */
int pcring_min_bytes(__u32 records, __u32 len, __u32 record_flags,
		     __u32 *bytes);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif /* PCRING_SIZE_H */
