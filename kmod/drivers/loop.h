/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pcring_loop: what its files share.
 */
#ifndef _PCRING_LOOP_H
#define _PCRING_LOOP_H

#include <linux/rbtree.h>
#include <linux/spinlock.h>

#include <pcring/pcring.h>

#include "../compat/drivers.h"

/**
 * struct loop - what the driver keeps of a ctx
 * @ctx: the ctx.
 * @lock: of what follows.
 * @delays: requests under way, the next one due first.
 * @cancelled: none of them is waited for any more.
 * @timer: runs while there are any.
 */
struct loop {
	struct pcring_ctx *ctx;
	spinlock_t lock; /* of what follows */
	struct rb_root_cached delays;
	bool cancelled;
	struct hrtimer timer;
};

void loop_delays_init(struct loop *loop);
void loop_delays_end(struct loop *loop);
int loop_delay(struct loop *loop, struct pcring_req *req);
void loop_cancel(struct pcring_ctx *ctx);

#endif /* _PCRING_LOOP_H */
