// SPDX-License-Identifier: GPL-2.0-only
/*
 * Nobody sleeps through what he waits for, and nobody works while there is nothing
 * to do. A lost wakeup shows as PATIENCE run out.
 */
#include <dirent.h>
#include <sys/eventfd.h>
#include "module.h"
#include "kselftest_harness.h"

/* The machine's pace sets how many there are: up to so many, so long. */
#define HAND_OVERS 1000000ULL
#define BUDGET (2 * SEC)

FIXTURE(wakeup)
{
	struct rig rig;
	unsigned int seed;
	int event;
};

FIXTURE_SETUP(wakeup)
{
	ASSERT_EQ(0, rig_loop(&self->rig, 8, 8));
	self->seed = 12;
	self->event = -1;
}

FIXTURE_TEARDOWN(wakeup)
{
	struct pcring_stats stats;

	ASSERT_EQ(0, rig_stats(&self->rig, 1, &stats));
	EXPECT_TRUE(stats_balance(&stats));
	rig_close(&self->rig);
	if (self->event >= 0)
		close(self->event);
}

/* From nothing to a few microseconds: about as long as it takes to fall asleep. */
static void dawdle(unsigned int *seed)
{
	unsigned int i = (unsigned int)rand_r(seed) % 4000;

	if (i > 2000)
		return;
	while (i--)
		pcring_barrier();
}

typedef int sleep_fn(struct rig *rig, int event);

static int sleep_enter(struct rig *rig, int event)
{
	(void)event;
	return rig_wait(rig, 1, 1, patience());
}

static int sleep_poll(struct rig *rig, int event)
{
	struct pollfd p = { .fd = rig->fd, .events = POLLIN };

	(void)event;
	return poll(&p, 1, (int)(patience() / MSEC)) == 1 ? 0 : -ETIME;
}

/* By the protocol's own words: announce, look, sleep. */
static int sleep_event(struct rig *rig, int event)
{
	struct pcring_cons *c = &rig->ends[1].cons;
	struct pollfd p = { .fd = event, .events = POLLIN };
	__u64 count;
	int err = 0;

	if (pcring_cons_publish(c))
		rig_enter(rig, 0, 0, 0, 0, 0);
	pcring_cons_prepare_wait(c, 1);
	if (!pcring_cons_ready(c, 1))
		err = poll(&p, 1, (int)(patience() / MSEC)) == 1 ? 0 : -ETIME;
	pcring_cons_finish_wait(c);
	(void)!read(event, &count, 8);
	return err;
}

/* One request after the other; the worker may sleep after each, and so do we. */
static void ping(struct __test_metadata *_metadata, FIXTURE_DATA(wakeup) * self,
		 sleep_fn *sleep)
{
	__u64 rounds = scaled(HAND_OVERS), until = now_ns() + BUDGET, i;
	struct pcring_sqe sqe;
	struct pcring_cqe cqe;

	for (i = 0; i < rounds && now_ns() < until; i++) {
		sqe = sqe_of(PCRING_LOOP_NOP, i);
		dawdle(&self->seed);
		ASSERT_EQ(1, rig_push(&self->rig, 0, &sqe, 1));
		dawdle(&self->seed);
		for (;;) {
			if (rig_pop(&self->rig, 1, &cqe, 1) == 1)
				break;
			ASSERT_EQ(0, sleep(&self->rig, self->event))
			TH_LOG("hand-over %llu", i);
		}
		ASSERT_EQ(i, cqe.user_data);
	}
	TH_LOG("%llu hand-overs", i);
}

TEST_F(wakeup, pitfall_12_none_is_lost_in_enter)
{
	ping(_metadata, self, sleep_enter);
}

TEST_F(wakeup, pitfall_12_none_is_lost_in_poll)
{
	ping(_metadata, self, sleep_poll);
}

TEST_F(wakeup, pitfall_12_none_is_lost_on_an_eventfd)
{
	struct pcring_eventfd req = { .size = sizeof(req), .ring = 1 };

	self->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	req.fd = self->event;
	ASSERT_EQ(0, call(self->rig.fd, PCRING_IOC_EVENTFD, &req));
	ping(_metadata, self, sleep_event);
}

/* ---- both directions --------------------------------------------------------- */

struct stream {
	struct rig *rig;
	__u64 rounds;
	__u64 until;
	__u64 sent;
	int err;
};

static void *stream_write(void *arg)
{
	struct stream *s = arg;
	unsigned char bytes[1100] = { 0 };
	unsigned int seed = 3;

	while (!s->err && s->sent < s->rounds && now_ns() < s->until) {
		dawdle(&seed);
		memcpy(bytes, &s->sent, 8);
		s->err = rig_write_all(s->rig, 0, bytes,
				       8 + (__u32)rand_r(&seed) % 1000, 1);
		s->sent += !s->err;
	}
	/* The last one is told from the others by its type. */
	if (!s->err)
		s->err = rig_write_all(s->rig, 0, &s->sent, 8, 2);
	return NULL;
}

/* Two rings of a page, so that each side waits for the other all the time. */
TEST(pitfall_12_none_is_lost_between_a_writer_and_a_reader)
{
	struct stream s = { .rounds = scaled(HAND_OVERS),
			    .until = now_ns() + BUDGET };
	unsigned int seed = 8;
	struct item item;
	pthread_t thread;
	struct rig rig;
	__u64 got, nr;

	ASSERT_EQ(0, rig_echo(&rig, 4096, 4096, PCRING_POLICY_BLOCK));
	s.rig = &rig;
	pthread_create(&thread, NULL, stream_write, &s);
	for (got = 0;; got++) {
		ASSERT_EQ(ITEM, rig_next_wait(&rig, 1, &item))
		TH_LOG("record %llu", got);
		memcpy(&nr, item.view.data, 8);
		ASSERT_EQ(got, nr);
		dawdle(&seed);
		rig_done(&rig, 1, &item);
		if (PCRING_RECORD_TYPE(item.view.info) == 2)
			break;
	}
	pthread_join(thread, NULL);
	EXPECT_EQ(0, s.err);
	EXPECT_EQ(s.sent, got);
	TH_LOG("%llu records", got);
	rig_close(&rig);
}

/* The converter waits for space, we for items. */
TEST(pitfall_12_none_is_lost_between_the_converter_and_a_reader)
{
	struct pcring_adc_config config = { .rate_hz = 0, .item_size = 24 };
	__u64 rounds = scaled(HAND_OVERS), until = now_ns() + BUDGET, i;
	unsigned int seed = 8;
	struct item item;
	struct rig rig;

	ASSERT_EQ(0, rig_adc_records(&rig, 4096, PCRING_POLICY_BLOCK, &config));
	for (i = 0; i < rounds && now_ns() < until; i++) {
		ASSERT_EQ(ITEM, rig_next_wait(&rig, 0, &item))
		TH_LOG("item %llu", i);
		ASSERT_EQ(i, item.view.seq);
		rig_done(&rig, 0, &item);
		dawdle(&seed);
	}
	TH_LOG("%llu items", i);
	rig_close(&rig);
}

/* ---- idle --------------------------------------------------------------------- */

struct usage {
	int threads;
	unsigned long long ticks;
	unsigned long long switches;
};

static bool is_ours(const char *pid)
{
	char path[300], comm[64];

	snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	return !file_read(path, comm, sizeof(comm)) &&
	       !strncmp(comm, "pcring", 6);
}

static void usage_add(const char *pid, struct usage *usage)
{
	unsigned long long user = 0, system = 0, n;
	char path[300], line[1024];
	const char *rest;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%s/stat", pid);
	if (file_read(path, line, sizeof(line)))
		return;
	/* Behind the name, which may hold anything: fields 3 up. */
	rest = strrchr(line, ')');
	if (!rest || sscanf(rest + 2,
			    "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu "
			    "%llu",
			    &user, &system) != 2)
		return;
	usage->threads++;
	usage->ticks += user + system;
	snprintf(path, sizeof(path), "/proc/%s/status", pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		/* Those of its own will, not those the machine forced. */
		if (sscanf(line, "voluntary_ctxt_switches: %llu", &n) == 1)
			usage->switches += n;
	if (file)
		fclose(file);
}

/* All threads of the module's. */
static struct usage usage(void)
{
	struct usage usage = { 0, 0, 0 };
	DIR *dir = opendir("/proc");
	struct dirent *entry;

	while ((entry = readdir(dir)))
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' &&
		    is_ours(entry->d_name))
			usage_add(entry->d_name, &usage);
	closedir(dir);
	return usage;
}

TEST(idle_costs_nothing)
{
	struct pcring_adc_config config = { .rate_hz = 1000, .count = 5 };
	struct pcring_sqe sqe = sqe_of(PCRING_LOOP_NOP, 1);
	struct usage before, after;
	struct rig rigs[3], adc;
	struct pcring_cqe cqe;
	int i;

	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, rig_open(&rigs[i], LOOP));
		rig_ring(&rigs[i], PCRING_KIND_SQ, 8)->spin_us = 50;
		rig_ring(&rigs[i], PCRING_KIND_CQ, 8);
		rigs[i].setup.flags = i == 2 ? PCRING_SETUP_DEDICATED : 0;
		ASSERT_EQ(0, rig_setup(&rigs[i]));
		ASSERT_EQ(0, rig_ask(&rigs[i], &sqe, &cqe));
	}
	ASSERT_EQ(0, rig_adc_blocks(&adc, 8, 8, PCRING_POLICY_BLOCK, &config));
	ASSERT_EQ(0, rig_wait(&adc, 0, 5, patience()));
	sleep_ns(300 * MSEC);
	before = usage();
	sleep_ns(SEC);
	after = usage();
	EXPECT_LE(1, before.threads);
	EXPECT_EQ(before.threads, after.threads);
	EXPECT_EQ(before.ticks, after.ticks);
	EXPECT_EQ(before.switches, after.switches);
	TH_LOG("%d threads", before.threads);
	for (i = 0; i < 3; i++)
		rig_close(&rigs[i]);
	rig_close(&adc);
}

/* Full rings and nobody to read them: waiting is no work either. */
TEST(waiting_for_a_reader_costs_nothing)
{
	struct pcring_adc_config config = { .rate_hz = 0 };
	struct pcring_sqe sqe = sqe_of(PCRING_LOOP_NOP, 1);
	struct usage before, after;
	struct rig loop, adc;
	int i;

	ASSERT_EQ(0, rig_loop(&loop, 8, 8));
	ASSERT_EQ(0, rig_adc_blocks(&adc, 8, 8, PCRING_POLICY_BLOCK, &config));
	for (i = 0; i < 50; i++) {
		while (rig_push(&loop, 0, &sqe, 1) == 1)
			;
		sleep_ns(2 * MSEC);
	}
	sleep_ns(300 * MSEC);
	before = usage();
	sleep_ns(SEC);
	after = usage();
	EXPECT_EQ(before.ticks, after.ticks);
	EXPECT_EQ(before.switches, after.switches);
	rig_close(&loop);
	rig_close(&adc);
}

TEST_HARNESS_MAIN
