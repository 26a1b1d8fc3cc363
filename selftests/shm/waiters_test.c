// SPDX-License-Identifier: GPL-2.0-only
/*
 * Several producers wait for space: what the others do in between is put there on
 * purpose, by taking the place of syscall().
 */
#include <dlfcn.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include "shm.h"
#include "pcring_impl.h"

#define ENTRIES 16U

/* Called by this thread's futex calls, each once; then NULL. */
static __thread void (*on_wake)(void);
static __thread void (*on_sleep)(void);
static int slept; /* what the last sleep ended with: errno, 0: woken */

static struct pcring_ring *prod, *cons;

static void call_once(void (**hook)(void))
{
	void (*fn)(void) = *hook;

	*hook = NULL;
	if (fn)
		fn();
}

long syscall(long nr, ...)
{
	long (*real)(long nr, ...) =
		(long (*)(long nr, ...))dlsym(RTLD_NEXT, "syscall");
	const int args = nr == SYS_futex ? 6 : nr == SYS_futex_waitv ? 5 : 0;
	long arg[6] = { 0 }, ret;
	va_list ap;
	int i;

	va_start(ap, nr);
	for (i = 0; i < args; i++)
		arg[i] = va_arg(ap, long);
	va_end(ap);
	if (nr == SYS_futex && (arg[1] & FUTEX_CMD_MASK) == FUTEX_WAKE)
		call_once(&on_wake);
	if (nr == SYS_futex_waitv)
		call_once(&on_sleep);
	ret = real(nr, arg[0], arg[1], arg[2], arg[3], arg[4], arg[5]);
	if (nr == SYS_futex_waitv)
		slept = ret < 0 ? errno : 0;
	return ret;
}

FIXTURE(waiters)
{
	struct rig rig;
	struct pcring_ctx *client;
};

FIXTURE_SETUP(waiters)
{
	struct pcring_ring_desc *desc;
	__u64 items[ENTRIES] = { 0 };

	rig_init(&self->rig);
	desc = rig_ring(&self->rig, PCRING_KIND_SQ, ENTRIES);
	desc->entry_size = 8;
	desc->producers = PCRING_PRODUCERS_SHARED;
	self->rig.opts.wait_mode = PCRING_WAIT_FUTEX;
	ASSERT_EQ(0, rig_pair(&self->rig, &self->client));
	prod = pcring_ctx_ring(self->client, 0);
	cons = pcring_ctx_ring(self->rig.server, 0);
	ASSERT_EQ(ENTRIES, pcring_ring_push(prod, items, ENTRIES));
}

FIXTURE_TEARDOWN(waiters)
{
	pcring_ctx_close(self->client);
	pcring_ctx_close(self->rig.server);
}

static void take_four(void)
{
	__u64 items[4];

	if (pcring_ring_pop(cons, items, 4) != 4)
		abort();
}

/* The consumer answers the sleeper, and another producer takes the space. */
static void answer_and_steal(void)
{
	__u64 items[4] = { 0 };

	pcring_cons_finish_wait(cons->cons);
	take_four();
	if (pcring_ring_push(prod, items, 4) != 4)
		abort();
}

TEST_F(waiters, an_answer_that_came_before_the_look_ends_the_sleep)
{
	/* The consumer sleeps, so that whoever announces himself wakes it. */
	pcring_cons_prepare_wait(cons->cons, 1);
	on_wake = answer_and_steal;
	/* It frees more: for a sleep that it has answered already. */
	on_sleep = take_four;
	EXPECT_EQ(4, pcring_ring_wait_space(prod, 1, 1000 * MSEC));
	EXPECT_FALSE(!!on_wake);
	EXPECT_FALSE(!!on_sleep);
	EXPECT_EQ(EAGAIN, slept);
}

static void *want_all(void *arg)
{
	*(int *)arg = pcring_ring_wait_space(prod, ENTRIES, FOREVER);
	return NULL;
}

TEST_F(waiters, space_that_is_there_is_found_while_another_wants_more)
{
	pthread_t thread;
	int i, got = 0;

	pthread_create(&thread, NULL, want_all, &got);
	while (!pcring_load(&cons->cons->peer->space_wanted))
		usleep(100);
	EXPECT_EQ(-ETIME, pcring_ring_wait_space(prod, 1, MSEC));
	take_four();
	EXPECT_EQ(4, pcring_ring_wait_space(prod, 1, 0));
	EXPECT_EQ(-ETIME, pcring_ring_wait_space(prod, 5, MSEC));
	for (i = 0; i < 3; i++)
		take_four();
	pthread_join(thread, NULL);
	EXPECT_EQ(ENTRIES, got);
}

static void *take_in_time(void *lock)
{
	bool taken = pcring_lock_take_until(lock, pcring_now() + 200 * MSEC);

	return taken ? lock : NULL;
}

TEST(who_gives_up_leaves_the_lock_marked_for_those_behind)
{
	struct pcring_lock lock = { 0 };
	pthread_t thread;
	void *taken;

	pcring_lock_take(&lock);
	pthread_create(&thread, NULL, take_in_time, &lock);
	while (pcring_load(&lock.word) != 2)
		usleep(100);
	/* Dropped, and taken by another before the one woken gets to it. */
	pcring_store(&lock.word, 1U);
	pthread_join(thread, &taken);
	EXPECT_FALSE(!!taken);
	EXPECT_EQ(2, lock.word);
	pcring_lock_drop(&lock);
	EXPECT_TRUE(!!take_in_time(&lock));
}

TEST_HARNESS_MAIN
