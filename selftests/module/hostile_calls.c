// SPDX-License-Identifier: GPL-2.0-only
/* A hostile process: its calls, valid and not, and what it does to mappings. */
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include "hostile.h"

/* ---- ioctls ------------------------------------------------------------------------ */

/* A struct of any call: nothing is larger. */
union arg {
	struct pcring_info info;
	struct pcring_configure configure;
	struct pcring_pool_create pool;
	struct pcring_setup setup;
	struct pcring_enter enter;
	struct pcring_put put;
	struct pcring_drain drain;
	struct pcring_eventfd eventfd;
	struct pcring_stats stats;
	struct pcring_export_dmabuf export;
	struct pcring_refusal refusal;
	__u32 words[1024];
};

static const struct {
	unsigned long nr;
	__u32 size;
	__u32 often;
} calls[] = {
	{ PCRING_IOC_INFO, sizeof(struct pcring_info), 1 },
	{ PCRING_IOC_CONFIGURE, sizeof(struct pcring_configure), 2 },
	{ PCRING_IOC_POOL_CREATE, sizeof(struct pcring_pool_create), 1 },
	{ PCRING_IOC_SETUP, sizeof(struct pcring_setup), 2 },
	{ PCRING_IOC_ENTER, sizeof(struct pcring_enter), 24 },
	{ PCRING_IOC_PUT, sizeof(struct pcring_put), 6 },
	{ PCRING_IOC_DRAIN, sizeof(struct pcring_drain), 1 },
	{ PCRING_IOC_EVENTFD, sizeof(struct pcring_eventfd), 3 },
	{ PCRING_IOC_STATS, sizeof(struct pcring_stats), 6 },
	{ PCRING_IOC_EXPORT_DMABUF, sizeof(struct pcring_export_dmabuf), 1 },
	{ PCRING_IOC_REFUSAL, sizeof(struct pcring_refusal), 2 },
};

#define CALLS (sizeof(calls) / sizeof(*calls))

static __u32 call_choose(__u64 *rng)
{
	__u32 sum = 0, i, at;

	for (i = 0; i < CALLS; i++)
		sum += calls[i].often;
	at = chance_of(rng, sum);
	for (i = 0; at >= calls[i].often; i++)
		at -= calls[i].often;
	return i;
}

/* What can go wrong with a pointer. */
static __u64 pointer(const struct slot *slot, void *good, __u64 *rng)
{
	switch (chance_of(rng, 24)) {
	case 0:
		return 0;
	case 1:
		return 0xffff888000000000ULL;
	case 2: /* one's own ring, where all changes under the kernel's eyes */
		return (__u64)(unsigned long)slot_cell(slot,
						       chance_of(rng, CELLS));
	case 3:
		return garbage(rng);
	}
	return (__u64)(unsigned long)good;
}

static void fill_enter(struct slot *slot, struct pcring_enter *enter,
		       __u64 *rng)
{
	enter->flags = chance_of(rng, 3);
	enter->submit = chance_of(rng, 2) ? chance_of(rng, 64) : 0;
	enter->ring = chance_of(rng, slot->nr + 1);
	enter->min = chance_of(rng, 40);
	enter->timeout_ns = chance_of(rng, 40) ? chance_of(rng, 3 * MSEC)
					       : PCRING_NO_TIMEOUT;
}

static void fill_put(struct slot *slot, struct pcring_put *put, __u64 *rng)
{
	static __thread struct pcring_free frees[64];
	__u32 i;

	for (i = 0; i < 64; i++) {
		frees[i].block = chance_of(rng, slot->blocks + 1);
		frees[i].generation = chance_of(rng, 4);
	}
	put->entries = pointer(slot, frees, rng);
	put->nr = 1 + chance_of(rng, 64);
	put->pool_fd = chance_of(rng, 8) ? slot->pool_fd
					 : (int)chance_of(rng, 64);
}

static void fill_eventfd(struct slot *slot, struct pcring_eventfd *arg,
			 __u64 *rng)
{
	static int fd = -1;

	/* Of two threads that make one, one is never closed. */
	if (fd < 0)
		fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	arg->flags = chance_of(rng, 2);
	arg->ring = chance_of(rng, slot->nr + 1);
	arg->fd = chance_of(rng, 3) ? fd : -1 + (int)chance_of(rng, 40);
}

static void fill_setup(struct slot *slot, struct pcring_setup *setup,
		       __u64 *rng)
{
	static __thread struct pcring_ring_desc rings[MAX_RINGS];

	memcpy(rings, slot->rings, sizeof(rings));
	setup->rings = pointer(slot, rings, rng);
	setup->nr_rings = chance_of(rng, MAX_RINGS);
	setup->ring_size = sizeof(rings[0]);
	setup->drain_ms = 1 + chance_of(rng, 40);
}

static void fill(struct slot *slot, unsigned long nr, union arg *arg,
		 __u64 *rng)
{
	switch (nr) {
	case PCRING_IOC_ENTER:
		fill_enter(slot, &arg->enter, rng);
		break;
	case PCRING_IOC_PUT:
		fill_put(slot, &arg->put, rng);
		break;
	case PCRING_IOC_EVENTFD:
		fill_eventfd(slot, &arg->eventfd, rng);
		break;
	case PCRING_IOC_SETUP:
		fill_setup(slot, &arg->setup, rng);
		break;
	case PCRING_IOC_STATS:
		arg->stats.flags = chance_of(rng, 2);
		arg->stats.ring = chance_of(rng, 7);
		break;
	case PCRING_IOC_DRAIN:
		arg->drain.timeout_ns = chance_of(rng, 5 * MSEC);
		break;
	case PCRING_IOC_POOL_CREATE:
		arg->pool.block_size = 1 + chance_of(rng, 2 * PAGE);
		arg->pool.blocks = 1 + chance_of(rng, 8);
		arg->pool.dmabuf_fd = -1;
		break;
	case PCRING_IOC_CONFIGURE:
		arg->configure.payload_size = chance_of(rng, 100);
		arg->configure.payload = pointer(slot, arg->words + 64, rng);
		break;
	}
}

static void call_any(struct slot *slot, __u64 *rng)
{
	static __thread union arg arg;
	__u32 i = call_choose(rng);
	unsigned long nr = calls[i].nr;
	void *at;
	int err;

	memset(&arg, 0, sizeof(arg));
	fill(slot, nr, &arg, rng);
	arg.words[0] = calls[i].size;
	if (!chance_of(rng, 24))
		arg.words[chance_of(rng, calls[i].size / 4)] =
			(__u32)garbage(rng);
	if (!chance_of(rng, 64))
		nr ^= 1UL << chance_of(rng, 32);
	at = (void *)(unsigned long)pointer(slot, &arg, rng);
	err = call(slot->fd, nr, at);
	COUNT(calls);
	if (!err)
		COUNT(good);
	if (!err && nr == PCRING_IOC_POOL_CREATE && at == &arg)
		close(arg.pool.fd);
}

/* ---- the other calls of a file ----------------------------------------------------- */

static void wait_any(struct slot *slot, __u64 *rng)
{
	struct pollfd p = { .fd = slot->fd,
			    .events = (short)chance_of(rng, 1 << 12) };
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLET };
	int fd;

	if (chance_of(rng, 2)) {
		poll(&p, 1, (int)chance_of(rng, 4));
		return;
	}
	fd = epoll_create1(EPOLL_CLOEXEC);
	if (!epoll_ctl(fd, EPOLL_CTL_ADD, slot->fd, &event))
		epoll_wait(fd, &event, 1, (int)chance_of(rng, 4));
	close(fd);
}

static void stream_any(struct slot *slot, __u64 *rng)
{
	static __thread char bytes[3 * PAGE];
	void *at = (void *)(unsigned long)pointer(slot, bytes, rng);
	size_t len = chance_of(rng, sizeof(bytes));
	ssize_t got;

	got = chance_of(rng, 2) ? read(slot->fd, at, len)
				: write(slot->fd, at, len);
	if (got >= 0)
		COUNT(good);
	COUNT(calls);
}

void hostile_call(struct slot *slot, __u64 *rng)
{
	switch (chance_of(rng, 16)) {
	case 0:
		wait_any(slot, rng);
		break;
	case 1:
		stream_any(slot, rng);
		break;
	case 2:
		if (!chance_of(rng, 8))
			fsync(slot->fd);
		break;
	default:
		call_any(slot, rng);
	}
}

/* ---- mappings ------------------------------------------------------------------------- */

static void map_again(struct slot *slot, void *cell, __u64 *rng)
{
	__u64 offset = (__u64)chance_of(rng, 2 * MAX_RINGS) << 32;
	size_t len = PAGE * (1 + chance_of(rng, 40));
	int fd = chance_of(rng, 3) ? slot->fd : slot->pool_fd;
	int flags = chance_of(rng, 8) ? MAP_SHARED : MAP_PRIVATE;

	if (fd == slot->pool_fd)
		offset = chance_of(rng, 2) ? PCRING_OFF_BLOCK_INFO
					   : PAGE * chance_of(rng, 8);
	if (!chance_of(rng, 16))
		offset = garbage(rng) & ~(__u64)(PAGE - 1);
	mmap(cell, len, (int)chance_of(rng, 4), flags | MAP_FIXED, fd,
	     (off_t)offset);
}

static void advise(void *cell, __u64 *rng)
{
	static const int advices[] = {
		MADV_DONTNEED, MADV_REMOVE,	MADV_DONTFORK, MADV_DOFORK,
		MADV_FREE,     MADV_MERGEABLE,	MADV_HUGEPAGE, MADV_COLD,
		MADV_PAGEOUT,  MADV_WIPEONFORK, MADV_WILLNEED, MADV_DODUMP,
	};
	__u32 n = sizeof(advices) / sizeof(*advices);

	madvise(cell, PAGE * (1 + chance_of(rng, 20)),
		advices[chance_of(rng, n)]);
}

/* Into another cell of the same room, longer or shorter. */
static void move(struct slot *slot, void *cell, __u64 *rng)
{
	unsigned char *to = slot_cell(slot, chance_of(rng, CELLS));
	size_t from = PAGE * (1 + chance_of(rng, 20));
	size_t len = chance_of(rng, 2) ? from : PAGE * chance_of(rng, 40);

	if (to == cell)
		return;
	mremap(cell, from, len, MREMAP_MAYMOVE | MREMAP_FIXED, to);
}

/* The kernel writes for us: the page has to be there, and writable. */
static void copy_into(void *cell, __u64 *rng)
{
	int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
	ssize_t got = read(fd, (char *)cell + chance_of(rng, 2 * PAGE),
			   chance_of(rng, 64));

	(void)got;
	close(fd);
}

static void fork_one(struct slot *slot, __u64 *rng)
{
	pid_t pid = fork();

	if (!pid) {
		catching = false;
		alarm(2);
		if (chance_of(rng, 2))
			close(slot->fd);
		memset(slot_cell(slot, chance_of(rng, CELLS)), 0x33, PAGE);
		_exit(0);
	}
	/* Now and then it is left to live longer. */
	if (pid > 0 && chance_of(rng, 4))
		waitpid(pid, NULL, 0);
}

void hostile_map(struct slot *slot, __u64 *rng)
{
	__u32 cell = chance_of(rng, chance_of(rng, 2) ? 8 : CELLS);
	unsigned char *at = slot_cell(slot, cell);

	COUNT(maps);
	switch (chance_of(rng, 16)) {
	case 0:
		mprotect(at, PAGE * (1 + chance_of(rng, 8)),
			 (int)chance_of(rng, 8));
		break;
	case 1:
		move(slot, at, rng);
		break;
	case 2: /* a hole */
		mmap(at + PAGE * chance_of(rng, 4), PAGE, PROT_NONE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		break;
	case 3:
		fork_one(slot, rng);
		break;
	case 4:
		copy_into(at, rng);
		break;
	case 5:
	case 6:
		advise(at, rng);
		break;
	case 7:
		close(dup(slot->fd));
		break;
	case 8:
		mlock(at, PAGE);
		munlock(at, PAGE);
		break;
	case 9:
		msync(at, PAGE, MS_SYNC);
		break;
	default:
		map_again(slot, at, rng);
	}
	sleep_ns(chance_of(rng, 300) * 1000ULL);
}
