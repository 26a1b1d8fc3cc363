// SPDX-License-Identifier: GPL-2.0-only
/*
 * pcring: workers. One thread of a device and a CPU consumes what the programs of
 * many ctxs produce; the ctxs that have something, or had a moment ago, stand in its
 * ready list and are served in turn, PCRING_TURN items each. When the list is empty
 * it sleeps: an idle ring costs nothing.
 *
 *   program                                worker
 *
 *   publish                                consume, until nothing is left
 *   MB                        (G)          look on for spin_ns
 *   LOAD need_wakeup                       STORE need_wakeup
 *   if set: ENTER: put the ctx             MB                        (H)
 *     into the list, wake                  look once more
 *                                          take the ctx out of the list, sleep
 */
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/ktime.h>
#include "core.h"

/**
 * struct pcring_worker - a thread
 * @task: the thread, our reference.
 * @device: whose.
 * @cpu: where it runs, -1: a ctx's own.
 * @refs: ctxs it serves; under device->lock.
 * @lock: of @ready.
 * @ready: ctxs, by ctx->ready.
 */
struct pcring_worker {
	struct task_struct *task;
	struct pcring_device *device;
	int cpu;
	u32 refs;
	raw_spinlock_t lock;
	struct list_head ready;
};

static struct pcring_ctx *pcring_worker_next(struct pcring_worker *worker)
{
	struct pcring_ctx *ctx;
	unsigned long flags;

	raw_spin_lock_irqsave(&worker->lock, flags);
	ctx = list_first_entry_or_null(&worker->ready, struct pcring_ctx,
				       ready);
	if (ctx) {
		list_del_init(&ctx->ready);
		/* Who comes from now on puts it in again. */
		clear_bit(PCRING_CTX_QUEUED, &ctx->flags);
		kref_get(&ctx->ref);
	}
	raw_spin_unlock_irqrestore(&worker->lock, flags);
	return ctx;
}

/* Any context but NMI. */
void pcring_worker_queue(struct pcring_ctx *ctx)
{
	struct pcring_worker *worker;
	unsigned long flags;

	rcu_read_lock();
	worker = READ_ONCE(ctx->worker);
	if (worker) {
		raw_spin_lock_irqsave(&worker->lock, flags);
		/* Looked at again: it may have been taken away. */
		if (ctx->worker == worker &&
		    !test_and_set_bit(PCRING_CTX_QUEUED, &ctx->flags))
			list_add_tail(&ctx->ready, &worker->ready);
		raw_spin_unlock_irqrestore(&worker->lock, flags);
		wake_up_process(worker->task);
	}
	rcu_read_unlock();
}

/* Somebody else consumes: it finds the mark when it lets go. */
static bool pcring_worker_trylock(struct pcring_ctx *ctx)
{
	if (mutex_trylock(&ctx->consume))
		return true;
	set_bit(PCRING_CTX_MISSED, &ctx->flags);
	smp_mb__after_atomic(); /* pairs with pcring_consume_unlock() */
	return mutex_trylock(&ctx->consume);
}

/* One turn; true: the ctx is to have another. */
static bool pcring_worker_turn(struct pcring_ctx *ctx)
{
	u64 now;

	if (!pcring_worker_trylock(ctx))
		return false;
	if (pcring_consume(ctx, PCRING_TURN)) {
		if (ctx->spin_ns)
			ctx->spin_until = ktime_get_ns() + ctx->spin_ns;
		goto again;
	}
	if (ctx->spin_ns) {
		now = ktime_get_ns();
		if (now < ctx->spin_until)
			goto again;
	}
	pcring_consume_unlock(ctx);
	return false;

again:
	mutex_unlock(&ctx->consume);
	return true;
}

static int pcring_worker_thread(void *arg)
{
	struct pcring_worker *worker = arg;
	struct pcring_ctx *ctx;

	for (;;) {
		set_current_state(TASK_IDLE);
		ctx = pcring_worker_next(worker);
		if (!ctx) {
			if (kthread_should_stop())
				break;
			schedule();
			continue;
		}
		__set_current_state(TASK_RUNNING);
		if (pcring_worker_turn(ctx))
			pcring_worker_queue(ctx);
		pcring_ctx_put(ctx);
		cond_resched();
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

static struct pcring_worker *pcring_worker_create(struct pcring_device *device,
						  int cpu, u32 id)
{
	struct pcring_worker *worker;

	worker = kzalloc(sizeof(*worker), GFP_KERNEL_ACCOUNT);
	if (!worker)
		return ERR_PTR(-ENOMEM);
	worker->device = device;
	worker->cpu = cpu;
	raw_spin_lock_init(&worker->lock);
	INIT_LIST_HEAD(&worker->ready);
	worker->task = id ? kthread_create(pcring_worker_thread, worker,
					   "pcring/%s:%u", device->name, id)
			  : kthread_create(pcring_worker_thread, worker,
					   "pcring/%s/%d", device->name, cpu);
	if (IS_ERR(worker->task)) {
		void *err = worker->task;

		kfree(worker);
		return err;
	}
	if (cpu >= 0)
		kthread_bind(worker->task, cpu);
	wake_up_process(worker->task);
	return worker;
}

static void pcring_worker_destroy(struct pcring_worker *worker)
{
	kthread_stop(worker->task);
	kfree(worker);
}

/* Under device->lock: the one of @cpu, made if it is the first. */
static struct pcring_worker *pcring_worker_shared(struct pcring_device *device,
						  int cpu)
{
	struct pcring_worker *worker = xa_load(&device->workers, cpu);
	int err;

	if (worker)
		return worker;
	worker = pcring_worker_create(device, cpu, 0);
	if (IS_ERR(worker))
		return worker;
	err = xa_err(
		xa_store(&device->workers, cpu, worker, GFP_KERNEL_ACCOUNT));
	if (err) {
		pcring_worker_destroy(worker);
		return ERR_PTR(err);
	}
	return worker;
}

/**
 * pcring_worker_attach() - give a ctx a worker
 * @ctx: the ctx.
 * @cpu: where; -1 with @dedicated: anywhere.
 * @dedicated: one of its own.
 *
 * Return: 0; -ENOMEM, or what starting a thread says.
 */
int pcring_worker_attach(struct pcring_ctx *ctx, int cpu, bool dedicated)
{
	struct pcring_device *device = ctx->device;
	struct pcring_worker *worker;
	int err = 0;

	mutex_lock(&device->lock);
	if (dedicated)
		worker = pcring_worker_create(device, cpu, ctx->id);
	else
		worker = pcring_worker_shared(device, cpu);
	if (IS_ERR(worker)) {
		err = PTR_ERR(worker);
	} else {
		worker->refs++;
		ctx->dedicated = dedicated;
		WRITE_ONCE(ctx->worker, worker);
	}
	mutex_unlock(&device->lock);
	return err;
}

/**
 * pcring_worker_detach() - the worker comes no more
 * @ctx: the ctx. A turn that has begun goes on; it holds ctx->consume.
 */
void pcring_worker_detach(struct pcring_ctx *ctx)
{
	struct pcring_device *device = ctx->device;
	struct pcring_worker *worker;
	unsigned long flags;

	mutex_lock(&device->lock);
	worker = ctx->worker;
	if (!worker)
		goto out_unlock;
	raw_spin_lock_irqsave(&worker->lock, flags);
	WRITE_ONCE(ctx->worker, NULL);
	if (test_and_clear_bit(PCRING_CTX_QUEUED, &ctx->flags))
		list_del_init(&ctx->ready);
	raw_spin_unlock_irqrestore(&worker->lock, flags);
	if (--worker->refs)
		goto out_unlock;
	if (!ctx->dedicated)
		xa_erase(&device->workers, worker->cpu);
	mutex_unlock(&device->lock);
	/* Without the lock: an op that takes its time holds up nobody else. */
	synchronize_rcu(); /* pcring_worker_queue() */
	pcring_worker_destroy(worker);
	return;

out_unlock:
	mutex_unlock(&device->lock);
}
