/* SPDX-License-Identifier: LGPL-2.1-only OR MIT */
/*
 * libpcring: what the files of the device transport share. Nothing here is
 * installed.
 */
#ifndef PCRING_DEV_H
#define PCRING_DEV_H

#include "pcring_impl.h"

/**
 * struct pcring_dev - what a ctx has of its device's
 * @pool_fd: the pool's, -1: none.
 * @why: errno for a dead ctx, positive; 0: not asked yet.
 * @features: granted.
 * @name: as it was opened, for texts.
 */
struct pcring_dev {
	int pool_fd;
	__u32 why;
	__u64 features;
	char name[64];
};

extern const struct pcring_transport pcring_dev_enter;
extern const struct pcring_transport pcring_dev_eventfd;

/* ---- dev.c ---- */

int pcring_dev_refused(struct pcring_ctx *ctx, int err, const char *call);
int pcring_dev_call(struct pcring_ctx *ctx, unsigned long cmd, void *arg,
		    const char *call);

/* ---- dev_wait.c ---- */

void pcring_dev_wake(struct pcring_ring_impl *end);
int pcring_dev_sleep(struct pcring_ring_impl *ring, __u32 want,
		     const __u32 *values, __u64 deadline);
void pcring_dev_clear(struct pcring_ring_impl *ring);
int pcring_dev_eventfds(struct pcring_ctx *ctx);

#endif /* PCRING_DEV_H */
