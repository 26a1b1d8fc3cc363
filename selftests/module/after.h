/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests that try to break the module share: what has to be true when the
 * worst is over, and the ways of getting there.
 */
#ifndef PCRING_AFTER_H
#define PCRING_AFTER_H

#include "module.h"

/* Of a well-behaved ctx, or a number that a child has counted for its parent. */
#define KINDS (PCRING_KIND_REC_IN + 1)

/**
 * struct books - a device's totals, by kind
 * @kind: index 0 is unused.
 */
struct books {
	struct pcring_stats kind[KINDS];
};

/* A number in /sys/class/pcring/<device>/<what>: open, dying; or negative. */
int device_count(const char *device, const char *what);
/* Until no ctx of the device is open or dying: true if that came in time. */
bool device_rests(const char *device, __u64 ns);

/* ---- the device's totals; each opens it for a moment ------------------------- */

int books_read(const char *path, struct books *books);
/* after - before; NULL: @now alone. */
struct books books_since(const struct books *before, const struct books *now);
/* Do they balance, without a term that has run below zero? If not, printed. */
bool books_balance(const struct books *books);

/* ---- a new ctx gets all there is --------------------------------------------- */

/**
 * struct well - a ctx of loop0 that does what a program should
 * @rig: rings 0 SQ, 1 CQ, 2 REC_IN, 3 REC_OUT; blocks.
 * @generation: of each block.
 * @seq: records so far.
 */
struct well {
	struct rig rig;
	__u32 generation[8];
	__u64 seq;
};

/* Of each: NULL, or what went wrong. A round: requests with blocks, and records. */
const char *well_open(struct well *well);
const char *well_round(struct well *well);
const char *well_close(struct well *well); /* the books, too */
const char *loop_is_well(void); /* a new one */
const char *adc_is_well(void);
/* How many blocks of a pool belong to the kernel, or to the new ctx that looks. */
int pool_kernel_blocks(const char *path, int pool_fd, __u64 *blocks);

/*
 * A pool of one block, its ctx closed: while there is its fd the user's account is
 * kept, and what was never uncharged is missed. PAGES_KEPT are its own.
 */
int account_keep(void);
#define PAGES_KEPT 2U

/* ---- devices and modules come and go ------------------------------------------- */

/* "unbind" or "bind" of loop0 or adc0, by its platform driver. */
int device_plug(const char *device, const char *how);
/* Bound and to be opened; binds it if it is not. */
int device_ensure(const char *device);
int module_unload(const char *name);
/* Built beside the test: pcring, pcring_loop, pcring_adc. */
int module_load(const char *name);
bool module_found(const char *name);

/* ---- file descriptors -------------------------------------------------------------- */

int fd_send(int socket, int fd);
int fd_receive(int socket);

/* ---- chance ---------------------------------------------------------------------- */

/* Numbers from a seed; the seed itself may be given by the environment. */
__u64 chance_seed(const char *env);
__u64 chance(__u64 *state);
static inline __u32 chance_of(__u64 *state, __u32 n)
{
	return (__u32)(chance(state) >> 32) % n;
}

#endif /* PCRING_AFTER_H */
