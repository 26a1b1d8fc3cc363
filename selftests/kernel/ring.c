// SPDX-License-Identifier: GPL-2.0-only
/* A ring in kernel memory: its areas, its balance, and sleeping at its ends. */
#include <linux/gfp.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "ring_test.h"

static void free_pages_of(struct test_ring *r)
{
	u32 i;

	for (i = 0; i < r->nr_pages; i++)
		__free_page(r->pages[i]);
	kfree(r->pages);
}

/* Pages, mapped once or twice in a row. */
static int make_data(struct test_ring *r, u32 bytes, u32 times)
{
	u32 nr = DIV_ROUND_UP(bytes, PAGE_SIZE);
	u32 i;

	r->pages = kcalloc(nr * times, sizeof(*r->pages), GFP_KERNEL);
	if (!r->pages)
		return -ENOMEM;
	for (i = 0; i < nr; i++) {
		r->pages[i] = alloc_page(GFP_KERNEL | __GFP_ZERO);
		if (!r->pages[i])
			goto out_free_pages;
		r->nr_pages++;
	}
	for (; i < nr * times; i++)
		r->pages[i] = r->pages[i - nr];
	r->data = vmap(r->pages, nr * times, VM_MAP, PAGE_KERNEL);
	if (r->data)
		return 0;
out_free_pages:
	free_pages_of(r);
	return -ENOMEM;
}

int test_ring_make(struct test_ring *r, const struct pcring_geometry *geo)
{
	bool records = !geo->entry_size;
	int err;

	memset(r, 0, sizeof(*r));
	r->geo = *geo;
	raw_spin_lock_init(&r->lock);
	init_waitqueue_head(&r->prod_wait.queue);
	init_waitqueue_head(&r->cons_wait.queue);
	r->prod_page = (void *)get_zeroed_page(GFP_KERNEL);
	if (!r->prod_page)
		return -ENOMEM;
	r->cons_page = (void *)get_zeroed_page(GFP_KERNEL);
	err = -ENOMEM;
	if (!r->cons_page)
		goto out_free_prod;
	err = make_data(r, geo->entries * (records ? 1 : geo->entry_size),
			records ? 2 : 1);
	if (err)
		goto out_free_cons;
	if (!records)
		pcring_ring_format(r->data, geo);
	pcring_prod_init(&r->p, r->prod_page, r->cons_page, r->data, geo);
	pcring_cons_init(&r->c, r->cons_page, r->prod_page, r->data, geo);
	return 0;
out_free_cons:
	free_page((unsigned long)r->cons_page);
out_free_prod:
	free_page((unsigned long)r->prod_page);
	return err;
}

void test_ring_free(struct test_ring *r)
{
	vunmap(r->data);
	free_pages_of(r);
	free_page((unsigned long)r->cons_page);
	free_page((unsigned long)r->prod_page);
}

/* The two equations of conservation, at rest. */
int test_ring_conserved(const struct test_ring *r, u64 in_ring)
{
	const struct pcring_prod_counts *p = &r->prod_page->counts;
	const struct pcring_cons_counts *c = &r->cons_page->counts;
	u64 rejected = 0;
	u32 i;

	for (i = 0; i < PCRING_NR_REASONS; i++)
		rejected += p->rejected[i];
	if (p->offered != p->accepted + rejected)
		return test_fail("offered %llu, accepted %llu, rejected %llu",
				 p->offered, p->accepted, rejected);
	if (p->accepted != c->consumed + c->overwritten + p->overwritten +
				   c->discarded + c->cancelled + in_ring)
		return test_fail(
			"accepted %llu, consumed %llu, overwritten %llu+%llu, "
			"discarded %llu, cancelled %llu, in ring %llu",
			p->accepted, c->consumed, c->overwritten,
			p->overwritten, c->discarded, c->cancelled, in_ring);
	return 0;
}

/* ---- sleeping ------------------------------------------------------------- */

/* The look before sleeping; of the consumer the headers have their own. */
static int cons_look(struct test_ring *r, u32 want)
{
	return r->geo.entry_size ? pcring_cons_ready(&r->c, want)
				 : pcring_record_ready(&r->c, want);
}

static int prod_look(struct test_ring *r, u32 want)
{
	int space = pcring_prod_space(&r->p, want);

	return space < 0 ? space : space >= (int)want;
}

/**
 * struct sleeper - one that sleeps on a wait queue until it is woken
 * @wait: on the queue.
 * @woken: somebody did; kept, unlike the task's state, whatever else wakes it.
 */
struct sleeper {
	wait_queue_entry_t wait;
	bool woken;
};

static int sleeper_wake(wait_queue_entry_t *wait, unsigned int mode, int sync,
			void *key)
{
	struct sleeper *s = container_of(wait, struct sleeper, wait);

	WRITE_ONCE(s->woken, true);
	return default_wake_function(wait, mode, sync, key);
}

static void sleeper_begin(struct sleeper *s, struct test_end_wait *w)
{
	s->woken = false;
	init_waitqueue_func_entry(&s->wait, sleeper_wake);
	s->wait.private = current;
	add_wait_queue(&w->queue, &s->wait);
}

/* False: neither woken in time nor told to stop. It looks at nothing else. */
static bool sleeper_sleep(struct sleeper *s, struct test_team *team)
{
	long left = msecs_to_jiffies(test_timeout_ms);
	long slice = msecs_to_jiffies(100);

	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (READ_ONCE(s->woken) || READ_ONCE(team->stop) || left <= 0)
			break;
		left -= slice - schedule_timeout(slice);
	}
	__set_current_state(TASK_RUNNING);
	return READ_ONCE(s->woken) || READ_ONCE(team->stop);
}

/*
 * Sleep, unless a look says otherwise. Who was not woken until the timeout and
 * then finds what it had asked for has found a lost wakeup.
 */
static bool sleep_on(struct test_ring *r, struct test_team *team, u32 want,
		     struct sleeper *s, int (*look)(struct test_ring *, u32),
		     int *err)
{
	int ready = look(r, want);

	*err = 0;
	if (ready) {
		*err = min(ready, 0);
		return ready > 0;
	}
	if (!sleeper_sleep(s, team)) {
		*err = -ETIMEDOUT;
		if (look(r, want) > 0)
			*err = test_fail("not woken for %u: at %llx of %llx, "
					 "need_wakeup %llx answered %llx, "
					 "space_wanted %llx answered %llx",
					 want, r->c.cons, r->p.prod,
					 r->cons_page->need_wakeup, r->p.woken,
					 r->prod_page->space_wanted,
					 r->c.woken);
	} else if (!READ_ONCE(s->woken)) {
		*err = -EINTR;
	}
	return !*err;
}

/* False: @err says why it is of no use to look at the ring again. */
bool test_ring_cons_wait(struct test_ring *r, struct test_team *team, u32 want,
			 int *err)
{
	struct sleeper s;
	bool ok;

	r->cons_wait.waits++;
	test_ring_wake_prod(r, pcring_cons_publish(&r->c));
	sleeper_begin(&s, &r->cons_wait);
	pcring_cons_prepare_wait(&r->c, want);
	ok = sleep_on(r, team, want, &s, cons_look, err);
	remove_wait_queue(&r->cons_wait.queue, &s.wait);
	pcring_cons_finish_wait(&r->c);
	return ok;
}

bool test_ring_prod_wait(struct test_ring *r, struct test_team *team, u32 want,
			 int *err)
{
	struct sleeper s;
	bool ok;

	r->prod_wait.waits++;
	sleeper_begin(&s, &r->prod_wait);
	pcring_prod_prepare_wait(&r->p, want);
	test_ring_wake_cons(r);
	ok = sleep_on(r, team, want, &s, prod_look, err);
	remove_wait_queue(&r->prod_wait.queue, &s.wait);
	pcring_prod_finish_wait(&r->p);
	return ok;
}

void test_ring_wake_prod(struct test_ring *r, bool wake)
{
	if (wake)
		wake_up(&r->prod_wait.queue);
}

void test_ring_wake_cons(struct test_ring *r)
{
	if (pcring_prod_notify(&r->p))
		wake_up(&r->cons_wait.queue);
}
