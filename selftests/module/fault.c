// SPDX-License-Identifier: GPL-2.0-only
/* The calls that are made to fail; see fault.h. */
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include "fault.h"

#define BLOCKS 16U

/* ---- the calls ------------------------------------------------------------------------ */

static int op_open_loop(struct rig *rig)
{
	return rig_open(rig, LOOP);
}

static int op_open_adc(struct rig *rig)
{
	return rig_open(rig, ADC);
}

static int op_info(struct rig *rig)
{
	struct pcring_info info = { .size = sizeof(info) };

	return call(rig->fd, PCRING_IOC_INFO, &info);
}

static int op_configure(struct rig *rig)
{
	struct pcring_adc_config config = { .rate_hz = 1000 };

	return configure(rig->fd, &config, sizeof(config));
}

static int op_pool(struct rig *rig)
{
	rig->pool.req = (struct pcring_pool_create){ .block_size = PAGE,
						     .blocks = BLOCKS,
						     .dmabuf_fd = -1 };
	return pool_create(rig->fd, &rig->pool);
}

static int with_loop_rings(struct rig *rig, __u32 flags)
{
	int err = rig_open(rig, LOOP);

	if (!err)
		err = rig_pool(rig, PCRING_POOL_USER, PAGE, BLOCKS);
	rig_ring(rig, PCRING_KIND_SQ, 128);
	rig_ring(rig, PCRING_KIND_CQ, 128);
	rig_ring(rig, PCRING_KIND_REC_IN, 1 << 14);
	rig_ring(rig, PCRING_KIND_REC_OUT, 1 << 14);
	rig->setup.flags = flags;
	return err;
}

static int loop_rings(struct rig *rig)
{
	return with_loop_rings(rig, 0);
}

static int loop_rings_dedicated(struct rig *rig)
{
	return with_loop_rings(rig, PCRING_SETUP_DEDICATED);
}

static int adc_records(struct rig *rig)
{
	int err = rig_open(rig, ADC);

	rig_ring(rig, PCRING_KIND_REC_OUT, 1 << 14);
	return err;
}

/* What had begun to start a thread now has none. */
static void to_timer(struct rig *rig)
{
	struct pcring_adc_config config = { .rate_hz = 1000,
					    .context = PCRING_ADC_HRTIMER };

	configure(rig->fd, &config, sizeof(config));
}

static int adc_blocks(struct rig *rig)
{
	int err = rig_open(rig, ADC);

	if (!err)
		err = rig_pool(rig, 0, PAGE, BLOCKS);
	rig_ring(rig, PCRING_KIND_CQ, 8);
	rig_ring(rig, PCRING_KIND_FREE, BLOCKS);
	return err;
}

static int op_setup(struct rig *rig)
{
	return rig_call_setup(rig);
}

static int loop_set_up(struct rig *rig)
{
	int err = loop_rings(rig);

	return err ? err : rig_setup(rig);
}

static int loop_to_map(struct rig *rig)
{
	int err = loop_rings(rig);

	if (!err)
		err = rig_call_setup(rig);
	rig_unmap(rig);
	return err;
}

static int op_map(struct rig *rig)
{
	int err = rig_map(rig);

	return err ? err : pool_map(&rig->pool);
}

/* More than a chunk of them, and nobody to take them but the caller. */
static int deferred(struct rig *rig)
{
	struct pcring_sqe sqe = sqe_of(PCRING_LOOP_DELAY, 5);
	int err = with_loop_rings(rig, PCRING_SETUP_ENTER_ONLY);
	int i;

	if (!err)
		err = rig_setup(rig);
	for (i = 0; i < 100 && !err; i++)
		err = pcring_prod_push(&rig->ends[0].prod, &sqe, 1, 64) == 1
			      ? 0
			      : -ENOSPC;
	return err;
}

static int op_enter(struct rig *rig)
{
	return rig_enter(rig, 0, 128, 0, 0, 0);
}

/* What could not be deferred is answered, too. */
static bool all_answered(struct rig *rig)
{
	struct pcring_cqe cqes[100];
	int got, i;

	rig_enter(rig, 0, 128, 0, 0, 0);
	if (rig_wait(rig, 1, 100, patience()))
		return false;
	got = rig_pop(rig, 1, cqes, 100);
	for (i = 0; i < got; i++)
		if (cqes[i].res && cqes[i].res != -ENOMEM)
			return false;
	return got == 100;
}

static int op_eventfd(struct rig *rig)
{
	struct pcring_eventfd arg = { .size = sizeof(arg), .ring = 1 };
	int err;

	arg.fd = eventfd(0, EFD_CLOEXEC);
	if (arg.fd < 0)
		return -errno;
	err = call(rig->fd, PCRING_IOC_EVENTFD, &arg);
	close(arg.fd);
	return err;
}

static int op_stats(struct rig *rig)
{
	struct pcring_stats stats;
	int err = rig_stats(rig, 0, &stats);

	return err ? err : device_stats(rig->fd, PCRING_KIND_SQ, &stats);
}

static int op_put(struct rig *rig)
{
	struct pcring_free entry = { 3, 0 };

	return rig_put(rig, &entry, 1, NULL);
}

static int op_drain(struct rig *rig)
{
	struct pcring_drain drain;

	return rig_drain(rig, SEC, &drain);
}

static int op_write(struct rig *rig)
{
	return write(rig->fd, "twelve bytes", 12) == 12 ? 0 : -errno;
}

static int op_read(struct rig *rig)
{
	char bytes[64];

	return read(rig->fd, bytes, sizeof(bytes)) > 0 ? 0 : -errno;
}

static int op_fsync(struct rig *rig)
{
	return fsync(rig->fd) ? -errno : 0;
}

static int op_poll(struct rig *rig)
{
	struct pollfd p[40];
	int i;

	for (i = 0; i < 40; i++)
		p[i] = (struct pollfd){ .fd = rig->fd, .events = POLLOUT };
	return poll(p, 40, 0) < 0 ? -errno : 0;
}

static int op_epoll(struct rig *rig)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT };
	int fd = epoll_create1(EPOLL_CLOEXEC);
	int err = 0;

	if (fd < 0)
		return -errno;
	if (epoll_ctl(fd, EPOLL_CTL_ADD, rig->fd, &event) ||
	    epoll_wait(fd, &event, 1, 0) < 0)
		err = -errno;
	close(fd);
	return err;
}

/* ---- devices ----------------------------------------------------------------------- */

static int no_rig(struct rig *rig)
{
	memset(rig, 0, sizeof(*rig));
	rig->fd = -1;
	rig->pool.fd = -1;
	return 0;
}

/* A bind that succeeded for all that was missing may lack the node. */
static int unplug(struct rig *rig, const char *device)
{
	no_rig(rig);
	if (device_count(device, "open") < 0)
		return 0;
	return device_plug(device, "unbind");
}

static int loop_unbound(struct rig *rig)
{
	return unplug(rig, "loop0");
}

static int adc_unbound(struct rig *rig)
{
	return unplug(rig, "adc0");
}

static int op_bind_loop(struct rig *rig)
{
	(void)rig;
	return device_plug("loop0", "bind");
}

static int op_bind_adc(struct rig *rig)
{
	(void)rig;
	return device_plug("adc0", "bind");
}

static int loop_bound_busy(struct rig *rig)
{
	struct pcring_sqe sqe = sqe_of(PCRING_LOOP_DELAY, 5);
	int err = device_ensure("loop0");

	if (!err)
		err = loop_set_up(rig);
	sqe.args[0] = 9 * SEC;
	return err ? err : rig_push(rig, 0, &sqe, 1) == 1 ? 0 : -EIO;
}

static int op_unbind(struct rig *rig)
{
	(void)rig;
	return device_plug("loop0", "unbind");
}

/* ---- all of them --------------------------------------------------------------------- */

#define POOL_BYTES ((BLOCKS + 1) * PAGE)
/* Eight control pages; 128 of 64, of 32, two of 16 KiB. */
#define RING_BYTES (8 * PAGE + 3 * PAGE + 2 * (1U << 14))

const struct step steps[] = {
	{ "open loop", no_rig, op_open_loop, .least = 3 },
	{ "open adc", no_rig, op_open_adc, .least = 3 },
	{ "INFO", op_open_loop, op_info, .least = 2 },
	{ "CONFIGURE", op_open_adc, op_configure, .least = 2 },
	{ "POOL_CREATE", op_open_loop, op_pool, .least = 20,
	  .bytes = POOL_BYTES },
	{ "SETUP loop", loop_rings, op_setup, .least = 30,
	  .bytes = POOL_BYTES + RING_BYTES },
	{ "SETUP dedicated", loop_rings_dedicated, op_setup, .least = 30,
	  .bytes = POOL_BYTES + RING_BYTES },
	{ "SETUP adc records", adc_records, op_setup, .least = 8 },
	{ "SETUP adc timer", adc_records, op_setup, to_timer, .least = 8 },
	{ "SETUP adc blocks", adc_blocks, op_setup, .least = 10 },
	{ "mmap", loop_to_map, op_map, rig_unmap, .least = 8 },
	{ "ENTER", deferred, op_enter, .check = all_answered, .least = 10 },
	{ "EVENTFD", loop_set_up, op_eventfd, .least = 2 },
	{ "STATS", loop_set_up, op_stats, .least = 4 },
	{ "PUT", loop_set_up, op_put, .again = -ESTALE, .least = 3 },
	{ "DRAIN", loop_set_up, op_drain, .again = -EOWNERDEAD, .least = 2 },
	{ "write", op_open_loop, op_write, .least = 10 },
	{ "read", op_open_adc, op_read, .least = 8 },
	{ "fsync", loop_set_up, op_fsync, .least = 0 },
	{ "poll", loop_set_up, op_poll, .least = 1 },
	{ "epoll", loop_set_up, op_epoll, .least = 2 },
	{ "unbind", loop_bound_busy, op_unbind, .least = 1 },
	{ "bind loop", loop_unbound, op_bind_loop, .least = 20 },
	{ "bind adc", adc_unbound, op_bind_adc, .least = 20 },
};

const struct step *step_find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(steps) / sizeof(*steps); i++)
		if (!strcmp(steps[i].name, name))
			return &steps[i];
	return NULL;
}
