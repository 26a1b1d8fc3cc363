/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One producer and one consumer, any ring: what several questions ask.
 */
#ifndef BENCH_SPSC_H
#define BENCH_SPSC_H

#include "bench.h"
#include "ring.h"

/* The limit: see stream.c. Beside enum ring_which. */
#define SPSC_LIMIT 100U

/* Of samples that move params->size bytes an item by params->burst. */
void spsc_take(const struct bench_params *params, struct bench_sample *sample);

/* As spsc_take(), but of no ring: a plain buffer handed over by halves. */
void stream_take(const struct bench_params *params,
		 struct bench_sample *sample);

/* The same calls in one thread, turn by turn, nobody waiting. */
void spsc_alone_take(const struct bench_params *params,
		     struct bench_sample *sample);

/* And of those the number of instructions, as sample->ns. */
void spsc_count_take(const struct bench_params *params,
		     struct bench_sample *sample);

/* Return: 0: instructions can be counted; -errno: they cannot. */
int spsc_count_possible(void);

#endif /* BENCH_SPSC_H */
