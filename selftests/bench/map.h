/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory for what is measured: whole pages, in place before the clock runs.
 */
#ifndef BENCH_MAP_H
#define BENCH_MAP_H

#include <stddef.h>

/* Shared pages of their own, zeroed; the program ends if there are none. */
void *map_pages(size_t size);

/* The same pages twice in a row, @size bytes each: the data of record rings. */
void *map_twice(size_t size);

void unmap_pages(void *pages, size_t size);

#endif /* BENCH_MAP_H */
