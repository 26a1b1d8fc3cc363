/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rings in memory of the test, without any transport.
 *
 * Each writer's area is a memfd of its own. With @split the other end gets a
 * second, read-only mapping of it, as a transport would do: an end that writes
 * where it may not dies of SIGSEGV. Without, both ends use one mapping, because
 * the thread sanitizer knows memory by its address. Guard pages stand around
 * everything, and a fixed ring's data end at one.
 */
#ifndef PCRING_UNIT_H
#define PCRING_UNIT_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include <linux/pcring_ring.h>
#include <linux/pcring_entry.h>
#include <linux/pcring_record.h>
#include <linux/pcring_merge.h>
#include <linux/pcring_xchg.h>

#define UNIT_PAGE 4096UL
#define UNIT_CANARY 0xa5

/**
 * struct area - one writer's memory
 * @base: where the guard before it begins.
 * @len: bytes from there to the end of the guard behind it.
 * @control: its control page.
 * @data: entries or records, NULL at a consumer.
 */
struct area {
	unsigned char *base;
	size_t len;
	void *control;
	unsigned char *data;
};

/**
 * struct ring - both ends of a ring
 * @geo: what it was made from.
 * @p: producer's end.
 * @c: consumer's end.
 * @prod_page: producer's page, writable.
 * @cons_page: consumer's page, writable.
 * @data: data area, writable.
 * @slack: bytes before @data that nobody may touch.
 * @areas: the mappings.
 */
struct ring {
	struct pcring_geometry geo;
	struct pcring_prod p;
	struct pcring_cons c;
	struct pcring_prod_page *prod_page;
	struct pcring_cons_page *cons_page;
	unsigned char *data;
	size_t slack;
	struct area areas[4];
};

/*
 * The harness puts each test into a process group of its own, out of reach of a
 * timeout around the program: a test dies with its parent.
 */
static inline void unit_die_with_parent(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

__attribute__((constructor)) static inline void unit_begin(void)
{
	pthread_atfork(NULL, NULL, unit_die_with_parent);
}

static inline void unit_die(const char *what)
{
	perror(what);
	abort();
}

static inline void *unit_map(void *where, int fd, off_t offset, size_t len,
			     int prot)
{
	void *p = mmap(where, len, prot, MAP_SHARED | MAP_FIXED, fd, offset);

	if (p == MAP_FAILED)
		unit_die("mmap");
	return p;
}

/* Guard, control, guard, data, the data again if @twice, guard. */
static inline void area_map(struct area *a, int fd, size_t bytes, size_t slack,
			    int twice, int prot)
{
	size_t pages = bytes + slack;

	a->len = 4 * UNIT_PAGE + 2 * pages;
	a->base = (unsigned char *)mmap(NULL, a->len, PROT_NONE,
					MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (a->base == MAP_FAILED)
		unit_die("mmap");
	a->control = unit_map(a->base + UNIT_PAGE, fd, 0, UNIT_PAGE, prot);
	a->data = NULL;
	if (!bytes)
		return;
	a->data = a->base + 3 * UNIT_PAGE + slack;
	unit_map(a->base + 3 * UNIT_PAGE, fd, UNIT_PAGE, pages, prot);
	if (twice)
		unit_map(a->base + 3 * UNIT_PAGE + pages, fd, UNIT_PAGE, pages,
			 prot);
}

static inline int unit_memfd(size_t len)
{
	int fd = memfd_create("pcring-unit", MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, (off_t)len))
		unit_die("memfd");
	return fd;
}

static inline void ring_ends(struct ring *r, int split)
{
	const struct area *seen_prod = &r->areas[split ? 2 : 0];
	const struct area *seen_cons = &r->areas[split ? 3 : 1];

	pcring_prod_init(&r->p, r->prod_page,
			 (const struct pcring_cons_page *)seen_cons->control,
			 r->data, &r->geo);
	pcring_cons_init(&r->c, r->cons_page,
			 (const struct pcring_prod_page *)seen_prod->control,
			 seen_prod->data, &r->geo);
}

static inline void ring_make(struct ring *r, const struct pcring_geometry *geo,
			     int split)
{
	int records = !geo->entry_size;
	size_t bytes = (size_t)geo->entries * (records ? 1 : geo->entry_size);
	size_t slack = -bytes & (UNIT_PAGE - 1);
	int prod = unit_memfd(UNIT_PAGE + bytes + slack);
	int cons = unit_memfd(UNIT_PAGE);

	memset(r, 0, sizeof(*r));
	r->geo = *geo;
	r->slack = slack;
	area_map(&r->areas[0], prod, bytes, slack, records,
		 PROT_READ | PROT_WRITE);
	area_map(&r->areas[1], cons, 0, 0, 0, PROT_READ | PROT_WRITE);
	area_map(&r->areas[2], prod, bytes, slack, records, PROT_READ);
	area_map(&r->areas[3], cons, 0, 0, 0, PROT_READ);
	close(prod);
	close(cons);
	r->prod_page = (struct pcring_prod_page *)r->areas[0].control;
	r->cons_page = (struct pcring_cons_page *)r->areas[1].control;
	r->data = r->areas[0].data;
	memset(r->data - slack, UNIT_CANARY, slack);
	if (!records)
		pcring_ring_format(r->data, geo);
	ring_ends(r, split);
}

/* Nobody wrote before the data. */
static inline int ring_intact(const struct ring *r)
{
	size_t i;

	for (i = 1; i <= r->slack; i++)
		if (r->data[-(ptrdiff_t)i] != UNIT_CANARY)
			return 0;
	return 1;
}

static inline void ring_free(struct ring *r)
{
	int i;

	for (i = 0; i < 4; i++)
		munmap(r->areas[i].base, r->areas[i].len);
}

static inline __u64 unit_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (__u64)ts.tv_sec * 1000000000ULL + (__u64)ts.tv_nsec;
}

/* xorshift64*; never of state 0. */
static inline __u64 unit_random(__u64 *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 2685821657736338717ULL;
}

static inline __u32 unit_below(__u64 *state, __u32 limit)
{
	return (__u32)((unit_random(state) >> 32) % limit);
}

/* PCRING_SEED in the environment repeats a run. */
static inline __u64 unit_seed(void)
{
	const char *s = getenv("PCRING_SEED");

	return s ? strtoull(s, NULL, 0) | 1 : unit_now() | 1;
}

/* The variants every index is tried at: sixteen below each carry. */
#define START_VARIANTS(fixture)                         \
	FIXTURE_VARIANT(fixture)                        \
	{                                               \
		__u64 start;                            \
	};                                              \
	FIXTURE_VARIANT_ADD(fixture, start_at_0){};     \
	FIXTURE_VARIANT_ADD(fixture, start_below_2_31){ \
		.start = (1ULL << 31) - 16,             \
	};                                              \
	FIXTURE_VARIANT_ADD(fixture, start_below_2_32){ \
		.start = (1ULL << 32) - 16,             \
	};                                              \
	FIXTURE_VARIANT_ADD(fixture, start_below_2_63){ \
		.start = (1ULL << 63) - 16,             \
	};                                              \
	FIXTURE_VARIANT_ADD(fixture, start_below_2_64)  \
	{                                               \
		.start = 0 - 16ULL,                     \
	}

#endif /* PCRING_UNIT_H */
