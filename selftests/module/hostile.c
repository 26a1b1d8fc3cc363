// SPDX-License-Identifier: GPL-2.0-only
/*
 * A hostile process: its ctxs, and what it writes into their pages; its calls are in
 * hostile_calls.c. Threads touch pages that other threads unmap: each has a place to
 * go on from when it is caught.
 */
#include <setjmp.h>
#include <stddef.h>
#include "hostile.h"

struct slot slots[SLOTS];
struct hostile *hostile;
static __thread sigjmp_buf caught;
__thread sig_atomic_t catching;

/* ---- a ctx --------------------------------------------------------------------- */

static void slot_close(struct slot *slot)
{
	if (slot->fd >= 0)
		close(slot->fd);
	if (slot->pool_fd >= 0)
		close(slot->pool_fd);
	slot->fd = -1;
	slot->pool_fd = -1;
	mmap(slot->room, (size_t)CELLS * CELL, PROT_NONE,
	     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
}

static void slot_pool(struct slot *slot, __u64 *rng)
{
	struct pool pool = { .req = {
				     .flags = chance_of(rng, 2),
				     .block_size = 1 + chance_of(rng, 2 * PAGE),
				     .blocks = 1 + chance_of(rng, 32),
				     .dmabuf_fd = -1,
			     } };

	slot->blocks = 0;
	if (pool_create(slot->fd, &pool))
		return;
	slot->pool_fd = pool.fd;
	slot->blocks = pool.req.blocks;
	mmap(slot_cell(slot, 2 * MAX_RINGS),
	     (size_t)pool.req.blocks * pool.req.block_size,
	     PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, pool.fd, 0);
	mmap(slot_cell(slot, 2 * MAX_RINGS + 1), PAGE, PROT_READ,
	     MAP_SHARED | MAP_FIXED, pool.fd, (off_t)PCRING_OFF_BLOCK_INFO);
}

static void slot_ring(struct slot *slot, __u32 kind, __u64 *rng)
{
	struct pcring_ring_desc *desc = &slot->rings[slot->nr++];
	bool records = kind == PCRING_KIND_REC_IN ||
		       kind == PCRING_KIND_REC_OUT;

	memset(desc, 0, sizeof(*desc));
	desc->kind = kind;
	desc->entries = records ? PAGE << chance_of(rng, 5)
				: 1U << chance_of(rng, 8);
	desc->policy = chance_of(rng, 4) ? 0 : chance_of(rng, 4);
	desc->producers = chance_of(rng, 8) ? 0 : chance_of(rng, 3);
	desc->flags = records && !chance_of(rng, 4);
	desc->pool_fd = records ? -1 : slot->pool_fd;
	desc->spin_us = chance_of(rng, 4) ? 0 : chance_of(rng, 100);
	if (kind == PCRING_KIND_SQ && !chance_of(rng, 4))
		desc->entry_size = 64U << chance_of(rng, 4);
	/* Now and then one word of it is anything. */
	if (!chance_of(rng, 40))
		((__u32 *)desc)[chance_of(rng, sizeof(*desc) / 4)] =
			(__u32)garbage(rng);
}

static void slot_rings(struct slot *slot, __u64 *rng)
{
	slot->nr = 0;
	if (strcmp(hostile->path, LOOP)) {
		slot_ring(slot,
			  chance_of(rng, 2) ? PCRING_KIND_REC_OUT
					    : PCRING_KIND_CQ,
			  rng);
		if (slot->rings[0].kind == PCRING_KIND_CQ)
			slot_ring(slot, PCRING_KIND_FREE, rng);
		return;
	}
	if (chance_of(rng, 4)) {
		slot_ring(slot, PCRING_KIND_SQ, rng);
		slot_ring(slot, PCRING_KIND_CQ, rng);
	}
	if (!slot->nr || chance_of(rng, 2)) {
		slot_ring(slot, PCRING_KIND_REC_IN, rng);
		slot_ring(slot, PCRING_KIND_REC_OUT, rng);
	}
}

static void slot_configure(struct slot *slot, __u64 *rng)
{
	struct pcring_adc_config config = {
		.rate_hz = 1000U << chance_of(rng, 6),
		.item_size = 24 + chance_of(rng, 500),
		.context = chance_of(rng, 2),
		.burst = chance_of(rng, 20),
		.timeout_ms = chance_of(rng, 2) ? 0 : chance_of(rng, 20),
	};

	if (!strcmp(hostile->path, LOOP))
		return;
	if (config.context == PCRING_ADC_HRTIMER)
		config.timeout_ms = 0;
	configure(slot->fd, &config, sizeof(config));
}

static void slot_map(struct slot *slot)
{
	__u32 i;

	for (i = 0; i < slot->nr; i++) {
		const struct pcring_ring_desc *desc = &slot->rings[i];
		bool own = user_produces(desc->kind);

		mmap(slot_cell(slot, 2 * i), desc->prod_len,
		     PROT_READ | (own ? PROT_WRITE : 0), MAP_SHARED | MAP_FIXED,
		     slot->fd, (off_t)desc->prod_offset);
		mmap(slot_cell(slot, 2 * i + 1), desc->cons_len,
		     PROT_READ | (own ? 0 : PROT_WRITE), MAP_SHARED | MAP_FIXED,
		     slot->fd, (off_t)desc->cons_offset);
	}
}

void slot_open(struct slot *slot, __u64 *rng)
{
	struct pcring_setup setup = {
		.size = sizeof(setup),
		.rings = (__u64)(unsigned long)slot->rings,
		.ring_size = sizeof(slot->rings[0]),
		.flags = chance_of(rng, 3) ? 0 : 1U << 2 * chance_of(rng, 2),
		.drain_ms = 1 + chance_of(rng, 40),
	};

	slot_close(slot);
	slot->fd = dev_open(hostile->path,
			    O_RDWR | (chance_of(rng, 2) ? O_NONBLOCK : 0));
	if (slot->fd < 0)
		return;
	COUNT(opened);
	slot_configure(slot, rng);
	slot_pool(slot, rng);
	slot_rings(slot, rng);
	slot->wild = chance_of(rng, 2);
	setup.nr_rings = slot->nr;
	if (!call(slot->fd, PCRING_IOC_SETUP, &setup)) {
		COUNT(set_up);
		slot_map(slot);
	}
	slot->epoch++;
}

/* ---- stores ---------------------------------------------------------------------- */

__u64 garbage(__u64 *rng)
{
	static const __u64 words[] = {
		0,	    1,		8,	    ~0ULL, ~7ULL, 1ULL << 31,
		1ULL << 32, 1ULL << 63, ~0ULL >> 1, 4096,  ~0U,	  0x7fffffff,
	};
	__u64 word = words[chance_of(rng, sizeof(words) / sizeof(*words))];

	switch (chance_of(rng, 4)) {
	case 0:
		return chance(rng);
	case 1:
		return chance_of(rng, 4096);
	case 2:
		return word + chance_of(rng, 16) - 8;
	}
	return word;
}

/* Offsets of words in both ends' pages; the first three of either kill. */
static const __u32 words[] = {
	offsetof(struct pcring_prod_page, prod),
	offsetof(struct pcring_cons_page, cons),
	offsetof(struct pcring_prod_page, oldest),
	offsetof(struct pcring_prod_page, space_wanted),
	offsetof(struct pcring_cons_page, need_wakeup),
	offsetof(struct pcring_prod_page, state),
	offsetof(struct pcring_cons_page, state),
	offsetof(struct pcring_prod_page, wake),
	offsetof(struct pcring_cons_page, wake),
	offsetof(struct pcring_prod_page, counts),
	offsetof(struct pcring_cons_page, counts),
	offsetof(struct pcring_cons_page, counts.consumed),
};

#define WORDS (sizeof(words) / sizeof(*words))

static __u32 store_at(const struct slot *slot, __u64 *rng)
{
	if (chance_of(rng, 2)) {
		__u32 kill = slot->wild ? 0 : 3;

		return words[kill + chance_of(rng, WORDS - kill)];
	}
	/* Entries, records, blocks; or all that a page of counters has. */
	if (slot->wild)
		return chance_of(rng, 3 * PAGE) & ~7U;
	return PAGE / 4 + (chance_of(rng, 3 * PAGE) & ~7U);
}

/* One of its own, as a rule. */
static __u32 store_cell(const struct slot *slot, __u64 *rng)
{
	__u32 ring = chance_of(rng, slot->nr + 1);

	if (!chance_of(rng, 16))
		return chance_of(rng, CELLS);
	if (ring >= slot->nr)
		return slot->blocks ? 2 * MAX_RINGS : 0;
	return 2 * ring + !user_produces(slot->rings[ring].kind);
}

static void store_garbage(struct slot *slot, __u64 *rng)
{
	unsigned char *cell = slot_cell(slot, store_cell(slot, rng));
	__u64 *at = (__u64 *)(cell + store_at(slot, rng));
	__u32 n = chance_of(rng, 8) ? 1 : 1 + chance_of(rng, 16);

	while (n--) {
		COUNT(stores);
		/* Near what is there, now and then. */
		if (chance_of(rng, 4))
			pcring_store(at, garbage(rng));
		else
			pcring_store(at,
				     pcring_load(at) + chance_of(rng, 9) - 4);
		at++;
	}
}

static void scribble(struct slot *slot, __u64 *rng)
{
	int i;

	for (i = 0; i < 20; i++)
		store_garbage(slot, rng);
	/* Not so fast that nothing else is ever written. */
	if (!chance_of(rng, 4))
		sleep_ns(chance_of(rng, 500) * 1000ULL);
}

/* ---- traffic ------------------------------------------------------------------------ */

/* The ends a thread works, of the ctx of that epoch. */
struct ends {
	__u32 epoch;
	struct pcring_prod prod[MAX_RINGS];
	struct pcring_cons cons[MAX_RINGS];
};

static void ends_init(struct ends *ends, const struct slot *slot)
{
	__u32 i;

	ends->epoch = slot->epoch;
	for (i = 0; i < slot->nr; i++) {
		const struct pcring_ring_desc *desc = &slot->rings[i];
		unsigned char *prod = slot_cell(slot, 2 * i);
		unsigned char *cons = slot_cell(slot, 2 * i + 1);
		struct pcring_geometry geo = {
			.entries = desc->entries,
			.entry_size = desc->entry_size,
			.policy = desc->policy,
			.flags = desc->flags,
			.lag = desc->lag,
		};

		if (user_produces(desc->kind))
			pcring_prod_init(&ends->prod[i], (void *)prod,
					 (void *)cons, prod + PAGE, &geo);
		else
			pcring_cons_init(&ends->cons[i], (void *)cons,
					 (void *)prod, prod + PAGE, &geo);
	}
}

static void send_entry(struct slot *slot, struct pcring_prod *p, __u64 *rng)
{
	__u64 entry[PCRING_MAX_ENTRY_SIZE / 8] = { 0 };
	struct pcring_sqe *sqe = (struct pcring_sqe *)entry;

	sqe->ctl = chance_of(rng, 6);
	sqe->block = chance_of(rng, slot->blocks + 2);
	sqe->generation = chance_of(rng, 4);
	if (chance_of(rng, 2))
		sqe->ctl |= PCRING_SQE_F_BLOCK;
	if (!chance_of(rng, 8))
		sqe->ctl |= PCRING_SQE_F_QUIET;
	sqe->len = chance_of(rng, PAGE);
	sqe->args[0] = chance_of(rng, 20) ? chance_of(rng, 2 * MSEC)
					  : 200 * MSEC;
	/* A FREE entry is the head of the same. */
	if (p->entry_size < sizeof(*sqe)) {
		entry[0] = chance_of(rng, slot->blocks + 1);
		entry[0] |= (__u64)chance_of(rng, 4) << 32;
	}
	if (!chance_of(rng, 16))
		entry[chance_of(rng, 8)] = garbage(rng);
	if (pcring_prod_push(p, entry, 1, p->entry_size) == 1)
		COUNT(sent);
}

static void send_record(struct pcring_prod *p, __u64 *rng)
{
	__u32 len = chance_of(rng, 8) ? chance_of(rng, 200)
				      : chance_of(rng, 3 * PAGE);
	struct pcring_record *rec;

	if (pcring_record_reserve(p, len, chance_of(rng, 256), &rec))
		return;
	memset(pcring_record_data(rec), 0x5a, len);
	pcring_record_submit(p, rec, !chance_of(rng, 4));
	COUNT(sent);
}

static void take(struct pcring_cons *c)
{
	__u64 entry[PCRING_MAX_ENTRY_SIZE / 8];
	struct pcring_record_view view;
	int n;

	for (n = 0; n < 8; n++) {
		if (c->entry_size) {
			if (pcring_cons_pop(c, entry, 1, c->entry_size) != 1)
				return;
			pcring_cons_release(c, 1, 1);
		} else {
			if (pcring_record_peek(c, &view) != 1)
				return;
			pcring_record_release(c, &view);
		}
		COUNT(got);
	}
}

static void traffic(struct slot *slot, __u64 *rng)
{
	static __thread struct ends all[SLOTS];
	struct ends *ends = &all[slot - slots];
	__u32 i, n;

	if (ends->epoch != slot->epoch)
		ends_init(ends, slot);
	for (i = 0; i < slot->nr; i++) {
		if (!user_produces(slot->rings[i].kind)) {
			take(&ends->cons[i]);
			continue;
		}
		for (n = chance_of(rng, 6); n; n--) {
			if (slot->rings[i].entry_size)
				send_entry(slot, &ends->prod[i], rng);
			else
				send_record(&ends->prod[i], rng);
		}
	}
}

/* ---- threads ------------------------------------------------------------------------- */

static void on_fault(int sig)
{
	if (catching)
		siglongjmp(caught, 1);
	_exit(128 + sig);
}

/* It interrupts what sleeps, no more. */
static void on_tick(int sig)
{
	(void)sig;
}

struct hostile_thread {
	void (*act)(struct slot *slot, __u64 *rng);
	__u64 rng;
	pthread_t thread;
};

/* Of the converter there is but one. */
static struct slot *slot_any(__u64 *rng)
{
	return &slots[chance_of(rng, strcmp(hostile->path, LOOP) ? 1 : SLOTS)];
}

static void *thread_run(void *arg)
{
	struct hostile_thread *self = arg;

	if (sigsetjmp(caught, 1))
		COUNT(faults);
	catching = true;
	while (now_ns() < hostile->until) {
		struct slot *slot = slot_any(&self->rng);

		if (slot->fd >= 0)
			self->act(slot, &self->rng);
		else
			sleep_ns(MSEC);
	}
	catching = false;
	return NULL;
}

static struct hostile_thread threads[] = {
	{ .act = scribble },	 { .act = traffic },
	{ .act = traffic },	 { .act = hostile_call },
	{ .act = hostile_call }, { .act = hostile_map },
};

#define THREADS (sizeof(threads) / sizeof(*threads))

/* Dead, or simply old: a new one in its place. */
static void slots_renew(__u64 *rng)
{
	struct slot *slot = slot_any(rng);
	struct pcring_stats stats = { .size = sizeof(stats) };
	bool dead = slot->fd < 0 || call(slot->fd, PCRING_IOC_STATS, &stats) ||
		    stats.state >= PCRING_STATE_DEAD;

	if (!dead && chance_of(rng, 16))
		return;
	if (slot->fd >= 0 && stats.state == PCRING_STATE_DEAD)
		COUNT(dead);
	slot_open(slot, rng);
}

static void signals(void)
{
	struct sigaction fault = { .sa_handler = on_fault,
				   .sa_flags = SA_NODEFER };
	struct sigaction tick = { .sa_handler = on_tick };

	sigaction(SIGSEGV, &fault, NULL);
	sigaction(SIGBUS, &fault, NULL);
	sigaction(SIGUSR1, &tick, NULL);
	signal(SIGPIPE, SIG_IGN);
}

void hostile_run(struct hostile *shared)
{
	__u64 rng = shared->seed;
	size_t i;

	hostile = shared;
	signals();
	for (i = 0; i < SLOTS; i++) {
		slots[i].fd = -1;
		slots[i].pool_fd = -1;
		slots[i].room = mmap(
			NULL, (size_t)CELLS * CELL, PROT_NONE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	}
	for (i = 0; i < THREADS; i++) {
		threads[i].rng = chance(&rng);
		pthread_create(&threads[i].thread, NULL, thread_run,
			       &threads[i]);
	}
	while (now_ns() < hostile->until) {
		sleep_ns(2 * MSEC);
		slots_renew(&rng);
		pthread_kill(threads[chance_of(&rng, THREADS)].thread, SIGUSR1);
	}
	/* Whatever its threads are at. */
	_exit(0);
}
