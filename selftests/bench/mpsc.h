/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Several producers and one consumer.
 */
#ifndef BENCH_MPSC_H
#define BENCH_MPSC_H

#include "bench.h"

#define MPSC_PRODUCERS 4U /* at most */

enum mpsc_which {
	MPSC_PCRING, /* SHARED: a lock around reserve */
	MPSC_RTE,
	MPSC_RTE_RTS, /* relaxed tail synchronisation */
	MPSC_RTE_HTS, /* head and tail synchronised */
	MPSC_CK,
	MPSC_OWN_PCRING, /* a ring a producer, read in turn */
	MPSC_OWN_RTE,
	MPSC_OWN_CK,
	MPSC_MERGED, /* PERCPU: records with a time, merged by it */
};

/* params: which, burst, producers. Items of 64 bytes. */
void mpsc_take(const struct bench_params *params, struct bench_sample *sample);

#endif /* BENCH_MPSC_H */
