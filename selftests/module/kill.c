// SPDX-License-Identifier: GPL-2.0-only
/* How the programs that are killed get to where they are; see kill.h. */
#include "kill.h"

/* ---- getting there ------------------------------------------------------------- */

static int open_loop(struct rig *rig)
{
	return rig_open(rig, LOOP);
}

static int configured(struct rig *rig)
{
	struct pcring_adc_config config = { .rate_hz = 1000 };
	int err = rig_open(rig, ADC);

	return err ? err : configure(rig->fd, &config, sizeof(config));
}

int pooled(struct rig *rig)
{
	int err = rig_open(rig, LOOP);

	return err ? err : rig_pool(rig, PCRING_POOL_USER, PAGE, BLOCKS);
}

static int set_up(struct rig *rig)
{
	int err = pooled(rig);

	rig_ring(rig, PCRING_KIND_SQ, 64);
	rig_ring(rig, PCRING_KIND_CQ, 64);
	rig_ring(rig, PCRING_KIND_REC_IN, 4096);
	rig_ring(rig, PCRING_KIND_REC_OUT, 4096);
	rig->setup.drain_ms = DRAIN_MS;
	return err ? err : rig_setup(rig);
}

static int converting(struct rig *rig)
{
	struct pcring_adc_config config = { .rate_hz = 20000, .item_size = 64 };
	int err = rig_open(rig, ADC);

	if (!err)
		err = configure(rig->fd, &config, sizeof(config));
	rig_ring(rig, PCRING_KIND_REC_OUT, 1 << 14);
	rig->setup.drain_ms = DRAIN_MS;
	return err ? err : rig_setup(rig);
}

static int converting_blocks(struct rig *rig)
{
	struct pcring_adc_config config = { .rate_hz = 10000,
					    .item_size = 64,
					    .context = PCRING_ADC_HRTIMER };
	int err = rig_open(rig, ADC);

	if (!err)
		err = rig_pool(rig, 0, PAGE, BLOCKS);
	if (!err)
		err = configure(rig->fd, &config, sizeof(config));
	rig_ring(rig, PCRING_KIND_CQ, 4);
	rig_ring(rig, PCRING_KIND_FREE, BLOCKS);
	rig->setup.drain_ms = DRAIN_MS;
	return err ? err : rig_setup(rig);
}

/* ---- staying there ------------------------------------------------------------- */

/* Before and after each step, so that a kill falls between. */
static void begin(struct diary *diary, __u32 kind, __u64 n)
{
	__atomic_fetch_add(&diary->begun[kind], n, __ATOMIC_SEQ_CST);
}

static void end(struct diary *diary, __u32 kind, __u64 n, int got)
{
	__u64 good = got < 0 ? 0 : (__u64)got;

	__atomic_fetch_add(&diary->done[kind], good, __ATOMIC_SEQ_CST);
	__atomic_fetch_sub(&diary->begun[kind], n - good, __ATOMIC_SEQ_CST);
}

static void ready(struct diary *diary)
{
	__atomic_store_n(&diary->ready, 1, __ATOMIC_SEQ_CST);
}

static void submit(struct rig *rig, struct diary *diary,
		   const struct pcring_sqe *sqes, __u32 n)
{
	int got;

	begin(diary, PCRING_KIND_SQ, n);
	got = rig_push(rig, 0, sqes, n);
	end(diary, PCRING_KIND_SQ, n, got);
}

static int collect(struct rig *rig, struct diary *diary, __u32 n)
{
	struct pcring_cqe cqes[16];
	int got;

	begin(diary, PCRING_KIND_CQ, n);
	got = rig_pop(rig, 1, cqes, n);
	end(diary, PCRING_KIND_CQ, n, got);
	return got;
}

static void idle(struct rig *rig, struct diary *diary)
{
	(void)rig;
	ready(diary);
	pause();
}

static void submitting(struct rig *rig, struct diary *diary)
{
	struct pcring_sqe sqes[16];
	__u32 i;

	for (i = 0; i < 16; i++)
		sqes[i] = sqe_of(PCRING_LOOP_NOP, i);
	ready(diary);
	for (i = 0;; i++) {
		submit(rig, diary, sqes, 1 + i % 16);
		rig_enter(rig, 0, i % 3 ? 64 : 0, 0, 0, 0);
		collect(rig, diary, 16);
	}
}

static void echo(struct rig *rig, struct diary *diary, __u32 len)
{
	static const char bytes[600];
	struct item item;
	int err;

	begin(diary, PCRING_KIND_REC_IN, 1);
	err = rig_write(rig, 2, bytes, len, 1, false);
	end(diary, PCRING_KIND_REC_IN, 1, !err);
	begin(diary, PCRING_KIND_REC_OUT, 1);
	err = rig_next(rig, 3, &item);
	if (err == ITEM)
		rig_done(rig, 3, &item);
	end(diary, PCRING_KIND_REC_OUT, 1, err == ITEM);
}

static void echoing(struct rig *rig, struct diary *diary)
{
	__u32 i;

	ready(diary);
	for (i = 0;; i++)
		echo(rig, diary, i % 600);
}

/* More than there may be in flight: some stay in the SQ. */
static void delayed(struct rig *rig, struct diary *diary)
{
	struct pcring_sqe sqe = sqe_of(PCRING_LOOP_DELAY, 1);
	int i;

	for (i = 0; i < 100; i++) {
		sqe.args[0] = i % 8 ? 9 * SEC : (__u64)i * MSEC;
		submit(rig, diary, &sqe, 1);
		rig_enter(rig, 0, 1, 0, 0, 0);
	}
	ready(diary);
	for (;;)
		collect(rig, diary, 1);
}

/* Records that nobody reads: some have come back, some have not. */
static void unread(struct rig *rig, struct diary *diary)
{
	static const char bytes[200];
	int err, i;

	for (i = 0; i < 100; i++) {
		begin(diary, PCRING_KIND_REC_IN, 1);
		err = rig_write(rig, 2, bytes, sizeof(bytes), 1, false);
		end(diary, PCRING_KIND_REC_IN, 1, !err);
		rig_enter(rig, 0, 1, 0, 0, 0);
	}
	idle(rig, diary);
}

/* Blocks that the kernel has, that are on their way, and that are here. */
static void with_blocks(struct rig *rig, struct diary *diary)
{
	struct pcring_sqe sqe;
	__u32 i;

	for (i = 0; i < BLOCKS - 2; i++) {
		sqe = sqe_block(i % 2 ? PCRING_LOOP_DELAY : PCRING_LOOP_CRC32C,
				i, 0, 64);
		sqe.args[0] = 9 * SEC;
		submit(rig, diary, &sqe, 1);
	}
	rig_enter(rig, 0, 64, 0, 0, 0);
	collect(rig, diary, 1);
	idle(rig, diary);
}

static void in_enter(struct rig *rig, struct diary *diary)
{
	ready(diary);
	rig_enter(rig, PCRING_ENTER_WAIT, 0, 1, 1, FOREVER);
}

static void in_poll(struct rig *rig, struct diary *diary)
{
	struct pollfd p = { .fd = rig->fd, .events = POLLIN };

	ready(diary);
	poll(&p, 1, -1);
}

static void in_read(struct rig *rig, struct diary *diary)
{
	ssize_t got;
	char byte;

	ready(diary);
	got = read(rig->fd, &byte, 1);
	(void)got;
}

static void in_drain(struct rig *rig, struct diary *diary)
{
	struct pcring_sqe sqe = sqe_of(PCRING_LOOP_DELAY, 1);
	struct pcring_drain drain;

	sqe.args[0] = 9 * SEC;
	submit(rig, diary, &sqe, 1);
	rig_enter(rig, 0, 64, 0, 0, 0);
	ready(diary);
	rig_drain(rig, FOREVER, &drain);
}

static void taking(struct rig *rig, struct diary *diary)
{
	__u32 kind = rig->rings[0].kind;
	struct item item;
	int what;

	ready(diary);
	for (;;) {
		begin(diary, kind, 1);
		what = rig_next(rig, 0, &item);
		if (what == ITEM || what == GAP)
			rig_done(rig, 0, &item);
		end(diary, kind, 1, what == ITEM);
		if (what == ITEM && kind == PCRING_KIND_CQ &&
		    item.cqe.block % 2)
			rig_free(rig, 1, item.cqe.block, item.cqe.generation);
	}
}

const struct point points[POINTS] = {
	{ "open", "loop0", open_loop, idle, false, false },
	{ "configured", "adc0", configured, idle, false, false },
	{ "with a pool", "loop0", pooled, idle, true, true },
	{ "set up", "loop0", set_up, idle, true, true },
	{ "submitting", "loop0", set_up, submitting, true, true },
	{ "echoing", "loop0", set_up, echoing, true, true },
	{ "not reading", "loop0", set_up, unread, true, true },
	{ "requests in flight", "loop0", set_up, delayed, true, true },
	{ "holding blocks", "loop0", set_up, with_blocks, true, true },
	{ "in ENTER", "loop0", set_up, in_enter, true, true },
	{ "in poll", "loop0", set_up, in_poll, true, true },
	{ "in read", "loop0", open_loop, in_read, false, false },
	{ "in DRAIN", "loop0", set_up, in_drain, true, true },
	{ "taking records", "adc0", converting, taking, true, false },
	{ "taking blocks", "adc0", converting_blocks, taking, true, true },
};
