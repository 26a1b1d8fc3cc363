// SPDX-License-Identifier: GPL-2.0-only
/* Kernel threads that run together and end together. */
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/sched/task.h>

#include "ring_test.h"

void test_team_init(struct test_team *team)
{
	memset(team, 0, sizeof(*team));
}

void test_team_add(struct test_team *team, int (*fn)(struct test_thread *),
		   void *arg)
{
	struct test_thread *t = &team->threads[team->nr];

	t->team = team;
	t->fn = fn;
	t->arg = arg;
	t->id = team->nr++;
	init_completion(&t->done);
}

static int thread_main(void *arg)
{
	struct test_thread *t = arg;
	int err = t->fn(t);

	if (err)
		WRITE_ONCE(t->team->stop, true);
	complete(&t->done);
	return err;
}

/*
 * Called by a thread that finds nothing to do. True: the team is to stop.
 */
bool test_team_idle(struct test_team *team)
{
	cpu_relax();
	cond_resched();
	return READ_ONCE(team->stop);
}

/* The first error of any of them; -ETIMEDOUT if one did not come to its end. */
int test_team_run(struct test_team *team)
{
	/* Much later than the sleeper that was not woken, which says more. */
	unsigned long left = 5 * msecs_to_jiffies(test_timeout_ms);
	struct task_struct *task;
	int first = 0;
	u32 i;
	int err;

	for (i = 0; i < team->nr; i++) {
		struct test_thread *t = &team->threads[i];

		task = kthread_create(thread_main, t, "pcring-test/%u", i);
		if (IS_ERR(task)) {
			first = PTR_ERR(task);
			WRITE_ONCE(team->stop, true);
			break;
		}
		t->task = get_task_struct(task);
	}
	for (i = 0; i < team->nr && team->threads[i].task; i++)
		wake_up_process(team->threads[i].task);
	for (i = 0; i < team->nr && team->threads[i].task; i++) {
		struct test_thread *t = &team->threads[i];

		left = wait_for_completion_timeout(&t->done, left);
		if (!left) {
			pr_info("# thread %u does not come to its end\n", i);
			WRITE_ONCE(team->stop, true);
			if (!first)
				first = -ETIMEDOUT;
			wait_for_completion(&t->done);
			left = 1;
		}
		err = kthread_stop(t->task);
		put_task_struct(t->task);
		/* The one that was only told to stop says -EINTR. */
		if (err && (!first || first == -EINTR))
			first = err;
	}
	return first;
}
