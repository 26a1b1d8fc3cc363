/* SPDX-License-Identifier: GPL-2.0-only */
/* A process that writes where it may, calls what there is, and means no good. */
#ifndef PCRING_HOSTILE_H
#define PCRING_HOSTILE_H

#include "after.h"

/**
 * struct hostile - one such process
 * @path: the device.
 * @seed: of what it does.
 * @until: when it ends, CLOCK_MONOTONIC, ns.
 * @opened: ctxs, by its end; these and those that follow tell that it was busy.
 * @set_up: of them set up.
 * @dead: of them found dead of a corrupt word.
 * @calls: ioctls.
 * @good: of them not refused.
 * @stores: words written where they do not belong.
 * @sent: entries and records written as they should be, more or less.
 * @got: entries and records read.
 * @faults: times it met a page that had gone.
 * @maps: calls that change mappings.
 */
struct hostile {
	const char *path;
	__u64 seed;
	__u64 until;
	__u64 opened;
	__u64 set_up;
	__u64 dead;
	__u64 calls;
	__u64 good;
	__u64 stores;
	__u64 sent;
	__u64 got;
	__u64 faults;
	__u64 maps;
};

/* In a child; @hostile is shared with the parent. Ends the process. */
_Noreturn void hostile_run(struct hostile *hostile);

/* ---- for its own files ------------------------------------------------------------ */

#define SLOTS 3
#define CELL (512U << 10) /* address space of an area */
#define CELLS (2 * MAX_RINGS + 2) /* of rings, then blocks and their infos */

/**
 * struct slot - a ctx of its; nothing here is locked, as nothing has to be right
 * @fd: -1: none.
 * @pool_fd: likewise.
 * @blocks: the pool was granted.
 * @nr: rings.
 * @epoch: goes up with each new ctx.
 * @wild: also words are written that kill the ctx.
 * @room: address space of its own, so that nothing else is hit by what it does.
 * @rings: as granted.
 */
struct slot {
	int fd;
	int pool_fd;
	__u32 blocks;
	__u32 nr;
	__u32 epoch;
	bool wild;
	unsigned char *room;
	struct pcring_ring_desc rings[MAX_RINGS];
};

extern struct slot slots[SLOTS];
extern struct hostile *hostile;
/* This thread goes on after a fault; else the process ends. */
extern __thread sig_atomic_t catching;

static inline unsigned char *slot_cell(const struct slot *slot, __u32 cell)
{
	return slot->room + (size_t)cell * CELL;
}

#define COUNT(what) __atomic_fetch_add(&hostile->what, 1, __ATOMIC_RELAXED)

void slot_open(struct slot *slot, __u64 *rng);
__u64 garbage(__u64 *rng); /* a word that is likely to hurt */
void hostile_call(struct slot *slot, __u64 *rng);
void hostile_map(struct slot *slot, __u64 *rng);

#endif /* PCRING_HOSTILE_H */
