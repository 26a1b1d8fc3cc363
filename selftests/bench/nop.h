/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Requests to a kernel that do nothing: what q_nop.c measures, by the two peers
 * that are measured.
 */
#ifndef BENCH_NOP_H
#define BENCH_NOP_H

#include <stdbool.h>
#include <linux/types.h>

#include "hot.h"

#define NOP_ENTRIES 256U
#define NOP_MAX_DEPTH 32U

/**
 * enum nop_way - who takes a request, and how the program waits for the answer
 * @NOP_ENTER: the program's own thread, in the call in which it waits.
 * @NOP_LIB: the same, by the library's functions alone.
 * @NOP_WORKER: a worker that sleeps; one call wakes it and waits.
 * @NOP_POLL: a worker that looks; the program sleeps in a call.
 * @NOP_AWAKE: a worker that looks, and a program that does.
 * @NOP_URING: as ENTER, io_uring's.
 * @NOP_SQPOLL: as POLL, io_uring's.
 * @NOP_SQPOLL_AWAKE: as AWAKE, io_uring's.
 * @NOP_WAYS: how many.
 */
enum nop_way {
	NOP_ENTER,
	NOP_LIB,
	NOP_WORKER,
	NOP_POLL,
	NOP_AWAKE,
	NOP_URING,
	NOP_SQPOLL,
	NOP_SQPOLL_AWAKE,
	NOP_WAYS,
};

/**
 * struct nop_job - requests to be made
 * @way: enum nop_way.
 * @depth: in flight at a time.
 * @items: a multiple of @depth.
 * @apart: io_uring: the program's part is counted apart from its calls.
 * @sum: out: of every word of every completion.
 * @expected: out: what that has to be.
 * @inside: out: ticks spent in calls, or of @apart.
 * @extra: out: ticks that counting apart took from the program's part.
 */
struct nop_job {
	enum nop_way way;
	__u32 depth;
	__u64 items;
	bool apart;
	__u64 sum;
	__u64 expected;
	__u64 inside;
	__u64 extra;
};

static inline bool nop_is_uring(enum nop_way way)
{
	return way >= NOP_URING;
}

static inline bool nop_is_awake(enum nop_way way)
{
	return way == NOP_AWAKE || way == NOP_SQPOLL_AWAKE;
}

/* nop_pcring.c, nop_uring.c. Return: 0 or -errno. */
int nop_pcring_open(const char *device, enum nop_way way);
void nop_pcring_run(struct nop_job *job);
void nop_pcring_close(void);
int nop_uring_open(enum nop_way way);
void nop_uring_run(struct nop_job *job);
void nop_uring_close(void);

/*
 * calls.c: system calls of the calling thread, by tracefs: what neither peer can
 * be wrong about. Return: 0 or -errno; calls since calls_begin().
 */
int calls_open(void);
void calls_close(void);
int calls_begin(void);
__u64 calls_end(void);

/* By the linker, --wrap: see nop_pcring.c. */
int __real_ioctl(int fd, unsigned long request, ...);
int __wrap_ioctl(int fd, unsigned long request, ...);

#endif /* BENCH_NOP_H */
