/* SPDX-License-Identifier: GPL-2.0-only */
/* Programs that are killed at whatever they are at. */
#ifndef PCRING_KILL_H
#define PCRING_KILL_H

#include "after.h"

#define DRAIN_MS 50U
#define BLOCKS 8U

/**
 * struct diary - what a child has done, outside the ring
 * @ready: it is where it is to be killed.
 * @begun: items it was about to write or to read, by kind.
 * @done: items it certainly had.
 * @child: its own child, that keeps something.
 */
struct diary {
	__u32 ready;
	__u64 begun[KINDS];
	__u64 done[KINDS];
	pid_t child;
};

/**
 * struct point - where a child is killed
 * @name: for people.
 * @device: which.
 * @get_there: 0; or why not.
 * @stay: until it is killed.
 * @maps: it has mapped rings.
 * @pool: it has a pool.
 */
struct point {
	const char *name;
	const char *device;
	int (*get_there)(struct rig *rig);
	void (*stay)(struct rig *rig, struct diary *diary);
	bool maps;
	bool pool;
};

#define POINTS 15

extern const struct point points[POINTS];

/* A pool, and no rings: its mapping does not hold the ctx. */
int pooled(struct rig *rig);

#endif /* PCRING_KILL_H */
