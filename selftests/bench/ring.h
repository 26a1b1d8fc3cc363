/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The rings beside one another: one set of inline functions, in which the ring
 * is a constant. Each end of a pcring ring, its two control pages, its data and
 * each peer's ring have pages of their own.
 */
#ifndef BENCH_RING_H
#define BENCH_RING_H

#include <ck_ring.h>
#include <rte_ring.h>
#include <rte_ring_elem.h>
#include <linux/pcring_entry.h>

#include "bench.h"
#include "hot.h"

enum ring_which {
	RING_PCRING,
	RING_RTE, /* the single mode, or with several producers the default */
	RING_CK,
	RING_RTE_RTS,
	RING_RTE_HTS,
};

/**
 * struct ring - memory for one ring of any kind, up to a number of bytes
 * @bytes: of data, at most.
 * @prod: pcring's producer end, private to it.
 * @cons: pcring's consumer end, private to it.
 * @prod_page: pcring's control page of the producer.
 * @cons_page: of the consumer.
 * @data: pcring's entries.
 * @rte: rte_ring, with its entries behind it.
 * @rte_bytes: bytes there.
 * @ck: ck_ring.
 * @ck_data: its entries.
 *
 * A thread copies this to its stack.
 */
struct ring {
	size_t bytes;
	struct pcring_prod *prod;
	struct pcring_cons *cons;
	struct pcring_prod_page *prod_page;
	struct pcring_cons_page *cons_page;
	unsigned char *data;
	struct rte_ring *rte;
	size_t rte_bytes;
	struct ck_ring *ck;
	void *ck_data;
};

void ring_create(struct ring *r, size_t bytes);
void ring_destroy(struct ring *r);

/**
 * ring_reset() - make a ring empty and ready
 * @r: the memory.
 * @which: what becomes of it; the others are left as they are.
 * @entries: a power of two.
 * @size: bytes of an entry.
 * @producers: 1, or several (pcring: SHARED, rte_ring: multi-producer).
 */
void ring_reset(struct ring *r, enum ring_which which, __u32 entries,
		__u32 size, __u32 producers);

struct item8 {
	__u64 word[1];
};

struct item16 {
	__u64 word[2];
};

struct item64 {
	__u64 word[8];
};

CK_RING_PROTOTYPE(item8, item8)
CK_RING_PROTOTYPE(item64, item64)

/* ck_ring knows no bursts. */
BENCH_HOT __u32 ring_ck_push(const struct ring *r, const __u64 *items, __u32 n,
			     const __u32 size)
{
	__u32 i;

	for (i = 0; i < n; i++, items += size / 8) {
		bool done = size == 8 ? ck_ring_enqueue_spsc_item8(
						r->ck, r->ck_data,
						(struct item8 *)items)
				      : ck_ring_enqueue_spsc_item64(
						r->ck, r->ck_data,
						(struct item64 *)items);

		if (!done)
			break;
	}
	return i;
}

BENCH_HOT __u32 ring_ck_pop(const struct ring *r, __u64 *items, __u32 n,
			    const __u32 size)
{
	__u32 i;

	for (i = 0; i < n; i++, items += size / 8) {
		bool done = size == 8 ? ck_ring_dequeue_spsc_item8(
						r->ck, r->ck_data,
						(struct item8 *)items)
				      : ck_ring_dequeue_spsc_item64(
						r->ck, r->ck_data,
						(struct item64 *)items);

		if (!done)
			break;
	}
	return i;
}

BENCH_HOT __u32 ring_pcring_push(const struct ring *r, const __u64 *items,
				 __u32 n, const __u32 size)
{
	int got = pcring_prod_push(r->prod, items, n, size);

	if (pcring_unlikely(got < 0))
		bench_die("push: corrupt ring");
	return (__u32)got;
}

BENCH_HOT __u32 ring_pcring_pop(const struct ring *r, __u64 *items, __u32 n,
				const __u32 size)
{
	int got = pcring_cons_pop(r->cons, items, n, size);

	if (pcring_likely(got > 0)) {
		pcring_cons_release(r->cons, (__u32)got, (__u32)got);
		return (__u32)got;
	}
	if (pcring_unlikely(got < 0))
		bench_die("pop: corrupt ring");
	pcring_cons_publish(r->cons);
	return 0;
}

/* One producer, one consumer. Items pushed, 0 to @n. */
BENCH_HOT __u32 ring_push(const enum ring_which which, const struct ring *r,
			  const __u64 *items, __u32 n, const __u32 size)
{
	switch (which) {
	case RING_PCRING:
		return ring_pcring_push(r, items, n, size);
	case RING_RTE:
		return rte_ring_sp_enqueue_burst_elem(r->rte, items, size, n,
						      NULL);
	default:
		return ring_ck_push(r, items, n, size);
	}
}

/* Items copied out and given back, 0 to @n. */
BENCH_HOT __u32 ring_pop(const enum ring_which which, const struct ring *r,
			 __u64 *items, __u32 n, const __u32 size)
{
	switch (which) {
	case RING_PCRING:
		return ring_pcring_pop(r, items, n, size);
	case RING_RTE:
		return rte_ring_sc_dequeue_burst_elem(r->rte, items, size, n,
						      NULL);
	default:
		return ring_ck_pop(r, items, n, size);
	}
}

/* Push them all. */
BENCH_HOT void ring_push_all(const enum ring_which which, const struct ring *r,
			     const __u64 *items, __u32 n, const __u32 size)
{
	__u32 spins = 0;
	__u32 done = 0;

	do {
		__u32 got = ring_push(which, r, items + done * (size / 8),
				      n - done, size);

		if (!got)
			bench_wait(&spins, BENCH_SPINS);
		done += got;
	} while (done < n);
}

#endif /* BENCH_RING_H */
