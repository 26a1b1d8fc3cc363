// SPDX-License-Identifier: GPL-2.0-only
/*
 * pcring_loop: requests that are answered later.
 *
 * A request that is deferred is gone when submit() returns; the driver keeps its id
 * and what it needs, here in a tree by time. One timer a ctx answers them.
 */
#include <linux/slab.h>

#include "loop.h"

#define LOOP_MAX_DELAY_NS (10 * NSEC_PER_SEC)

/* Requests answered by one interrupt; more wait for the next, which is due. */
#define LOOP_BATCH 64U

/**
 * struct loop_delay - a deferred request: all that is kept of it
 * @node: in loop.delays.
 * @due: when to answer it.
 * @id: of the request.
 */
struct loop_delay {
	struct rb_node node;
	ktime_t due;
	u32 id;
};

static bool loop_delay_before(struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct loop_delay, node)->due <
	       rb_entry(b, struct loop_delay, node)->due;
}

static struct loop_delay *loop_first(struct loop *loop)
{
	return rb_entry_safe(rb_first_cached(&loop->delays), struct loop_delay,
			     node);
}

/* With the lock held: without it two CPUs could set the timer crosswise. */
static void loop_arm(struct loop *loop)
{
	struct loop_delay *first = loop_first(loop);

	if (first)
		hrtimer_start(&loop->timer, loop->cancelled ? 0 : first->due,
			      HRTIMER_MODE_ABS);
}

/* Takes out the first one, if it is due, and says what became of it. */
static struct loop_delay *loop_pop(struct loop *loop, int *res)
{
	struct loop_delay *first;
	unsigned long flags;

	spin_lock_irqsave(&loop->lock, flags);
	first = loop_first(loop);
	*res = loop->cancelled ? -ECANCELED : 0;
	if (first && !loop->cancelled && first->due > ktime_get())
		first = NULL;
	if (first)
		rb_erase_cached(&first->node, &loop->delays);
	spin_unlock_irqrestore(&loop->lock, flags);
	return first;
}

/*
 * In a hard interrupt: pcring_req_complete() can be called there. On PREEMPT_RT a
 * timer that is not marked HARD runs in a thread, as kfree() needs it to there.
 */
static enum hrtimer_restart loop_expire(struct hrtimer *timer)
{
	struct loop *loop = container_of(timer, struct loop, timer);
	struct loop_delay *delay;
	unsigned long flags;
	unsigned int n;
	int res;

	for (n = 0; n < LOOP_BATCH; n++) {
		delay = loop_pop(loop, &res);
		if (!delay)
			break;
		pcring_req_complete(loop->ctx, delay->id, res);
		kfree(delay);
	}
	/* release() may have come by now; it waits for this function. */
	spin_lock_irqsave(&loop->lock, flags);
	loop_arm(loop);
	spin_unlock_irqrestore(&loop->lock, flags);
	return HRTIMER_NORESTART;
}

int loop_delay(struct loop *loop, struct pcring_req *req)
{
	u64 ns = req->sqe->args[0];
	struct loop_delay *delay;
	unsigned long flags;
	int err;

	if (ns > LOOP_MAX_DELAY_NS)
		return -EINVAL;
	delay = kmalloc(sizeof(*delay), GFP_KERNEL_ACCOUNT);
	if (!delay)
		return -ENOMEM;
	err = pcring_req_defer(req);
	if (err) {
		kfree(delay);
		return err;
	}
	delay->id = req->id;
	delay->due = ktime_add_ns(ktime_get(), ns);
	/* Once the lock is given up it may have been completed and freed. */
	spin_lock_irqsave(&loop->lock, flags);
	if (rb_add_cached(&delay->node, &loop->delays, loop_delay_before))
		loop_arm(loop);
	spin_unlock_irqrestore(&loop->lock, flags);
	return -EIOCBQUEUED;
}

/* The timer answers all of them, at once. */
void loop_cancel(struct pcring_ctx *ctx)
{
	struct loop *loop = pcring_ctx_priv(ctx);
	unsigned long flags;

	spin_lock_irqsave(&loop->lock, flags);
	loop->cancelled = true;
	loop_arm(loop);
	spin_unlock_irqrestore(&loop->lock, flags);
}

void loop_delays_init(struct loop *loop)
{
	spin_lock_init(&loop->lock);
	loop->delays = RB_ROOT_CACHED;
	hrtimer_setup(&loop->timer, loop_expire, CLOCK_MONOTONIC,
		      HRTIMER_MODE_ABS);
}

/* Nothing is deferred any more, but the timer may still be on its way out. */
void loop_delays_end(struct loop *loop)
{
	hrtimer_cancel(&loop->timer);
}
