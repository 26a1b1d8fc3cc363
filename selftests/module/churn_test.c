// SPDX-License-Identifier: GPL-2.0-only
/*
 * Coming and going: programs under small limits, devices that are unbound and bound,
 * modules that are unloaded and loaded. Afterwards nobody is charged for anything.
 */
#include "after.h"
#include "kselftest_harness.h"

#define MIB (1U << 20)
#define WORKERS 4

static const char *const names[] = { "max_user_ctxs", "max_user_bytes",
				     "drain_ms" };

#define NAMES (sizeof(names) / sizeof(*names))

FIXTURE(churn)
{
	long long saved[NAMES];
	__u64 rng;
	pid_t pids[WORKERS];
};

FIXTURE_SETUP(churn)
{
	size_t i;

	for (i = 0; i < NAMES; i++)
		self->saved[i] = param_get(names[i]);
	ASSERT_EQ(0, device_ensure("loop0"));
	ASSERT_EQ(0, device_ensure("adc0"));
	ASSERT_TRUE(device_rests("loop0", patience()));
	ASSERT_TRUE(device_rests("adc0", patience()));
	self->rng = chance_seed("CHURN_SEED");
}

FIXTURE_TEARDOWN(churn)
{
	size_t i;

	for (i = 0; i < NAMES; i++)
		param_set(names[i], (unsigned long long)self->saved[i]);
	EXPECT_EQ(0, device_ensure("loop0"));
	EXPECT_EQ(0, device_ensure("adc0"));
	EXPECT_TRUE(device_rests("loop0", patience() / 2));
	EXPECT_TRUE(device_rests("adc0", patience() / 2));
	EXPECT_EQ(NULL, loop_is_well());
	EXPECT_EQ(NULL, adc_is_well());
}

/**
 * struct tally - shared by those who come and go
 * @good: times all went well.
 * @refused: times it did not.
 * @rest: nobody shall begin anything.
 * @over: nor wait until he may.
 * @going: the device comes and goes as well.
 * @sleeps: who waits for what never comes does so until it goes.
 */
struct tally {
	__u64 good;
	__u64 refused;
	bool rest;
	bool over;
	bool going;
	bool sleeps;
};

static bool flag(const bool *word)
{
	return __atomic_load_n(word, __ATOMIC_RELAXED);
}

/* What may come of a call while limits are met and devices go. */
static bool expected(int err, bool going)
{
	switch (err) {
	case 0:
	case -EMFILE:
	case -EBUSY:
		return true;
	case -ENODEV:
	case -ENOENT:
	case -ENXIO:
	case -ECANCELED:
	case -ETIME:
	case -EINTR:
		return going;
	}
	return false;
}

static int open_converter(struct rig *rig)
{
	int err = rig_open(rig, "/dev/null");

	if (err)
		return err;
	close(rig->fd);
	rig->fd = dev_open(ADC, O_RDWR | O_NONBLOCK);
	return rig->fd < 0 ? rig->fd : 0;
}

static int rings_of(struct rig *rig, bool loop, __u64 *rng)
{
	__u32 bytes = PAGE << chance_of(rng, 7);

	if (!loop) {
		rig_ring(rig, PCRING_KIND_REC_OUT, bytes);
		return rig_setup(rig);
	}
	rig_ring(rig, PCRING_KIND_SQ, 8 << chance_of(rng, 6));
	rig_ring(rig, PCRING_KIND_CQ, 8 << chance_of(rng, 6));
	rig_ring(rig, PCRING_KIND_REC_IN, bytes);
	rig_ring(rig, PCRING_KIND_REC_OUT, bytes);
	return rig_setup(rig);
}

/* For ever, or until the device goes: it does. */
static int sleep_on_it(struct rig *rig, bool loop, __u64 *rng)
{
	struct pollfd p = { .fd = rig->fd, .events = POLLERR };
	int err;

	/* A converter's ring would be full, and nobody would sleep. */
	if (!loop || chance_of(rng, 2))
		return poll(&p, 1, -1) < 0 ? -errno : 0;
	do
		err = rig_enter(rig, PCRING_ENTER_WAIT, 0, 1, 1U << 20,
				FOREVER);
	while (!err);
	return err;
}

static int some_work(struct rig *rig, bool loop, __u64 *rng)
{
	struct pcring_sqe sqe = sqe_of(PCRING_LOOP_DELAY, 1);
	struct pollfd p = { .fd = rig->fd, .events = POLLIN };
	struct item item;

	if (loop) {
		sqe.args[0] = chance_of(rng, 4 * MSEC);
		rig_push(rig, 0, &sqe, 1);
		rig_write(rig, 2, "work", 4, 1, false);
	}
	poll(&p, 1, (int)chance_of(rng, 4));
	if (rig_next(rig, loop ? 3 : 0, &item) == ITEM)
		rig_done(rig, loop ? 3 : 0, &item);
	return 0;
}

/* Open, perhaps a pool, rings, some work, and away. */
static int once(bool loop, const struct tally *tally, __u64 *rng)
{
	struct rig rig;
	int err;

	/* Of the converter there is but one: -EBUSY, not its end, is waited for. */
	err = loop ? rig_open(&rig, LOOP) : open_converter(&rig);
	if (err)
		return err;
	if (chance_of(rng, 2))
		err = rig_pool(&rig, chance_of(rng, 2), PAGE,
			       1 + chance_of(rng, 64));
	rig.setup.drain_ms = 1 + chance_of(rng, 20);
	if (!err)
		err = rings_of(&rig, loop, rng);
	if (!err && chance_of(rng, 4))
		err = tally->sleeps && !chance_of(rng, 6)
			      ? sleep_on_it(&rig, loop, rng)
			      : some_work(&rig, loop, rng);
	rig_close(&rig);
	return err;
}

static int churner(__u64 until, __u64 rng, struct tally *tally)
{
	while (now_ns() < until && !flag(&tally->over)) {
		int err = -EBUSY;

		if (!flag(&tally->rest))
			err = once(chance_of(&rng, 4) != 0, tally, &rng);
		if (!expected(err, tally->going)) {
			printf("# an unexpected error: %d\n", err);
			fflush(stdout);
			return 1;
		}
		__atomic_fetch_add(err ? &tally->refused : &tally->good, 1,
				   __ATOMIC_RELAXED);
		/* Others shall get on, too. */
		if (err)
			sleep_ns(chance_of(&rng, 2 * MSEC));
	}
	return 0;
}

static struct tally *tally_map(void)
{
	void *at = mmap(NULL, sizeof(struct tally), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return at == MAP_FAILED ? NULL : at;
}

/* A pool of that many pages, what is told of its blocks among them: its fd. */
static int pool_pages(int fd, __u32 pages)
{
	struct pool pool = { .req = { .block_size = PAGE, .dmabuf_fd = -1 } };
	int err;

	/* 64 bytes are told of each. */
	pool.req.blocks = pages - (pages + 63) / 64;
	err = pool_create(fd, &pool);
	return err ? err : pool.fd;
}

/* All that the limit allows, to the page; 0, or what was not to be had. */
static int everything(__u32 pages)
{
	int fds[3] = { -1, -1, -1 };
	struct rig rig;
	int err, i;

	err = rig_open(&rig, LOOP);
	rig_ring(&rig, PCRING_KIND_REC_IN, PAGE << 5);
	rig_ring(&rig, PCRING_KIND_REC_OUT, PAGE << 5);
	if (!err)
		err = rig_call_setup(&rig);
	/* Each ring has two pages of words. */
	fds[0] = pool_pages(rig.fd, pages / 2);
	fds[1] = pool_pages(rig.fd, pages - pages / 2 - 2 * (32 + 2));
	fds[2] = pool_pages(rig.fd, 2);
	if (!err && fds[0] < 0)
		err = fds[0];
	if (!err && fds[1] < 0)
		err = fds[1];
	if (!err && fds[2] != -EMFILE)
		err = -EEXIST;
	for (i = 0; i < 3; i++)
		close(fds[i]);
	rig_close(&rig);
	return err;
}

/* What is owed for a ctx is given back a moment after it has gone. */
static int everything_soon(__u32 pages)
{
	__u64 until = now_ns() + patience() / 4;
	int err;

	while ((err = everything(pages)) == -EMFILE && now_ns() < until)
		sleep_ns(10 * MSEC);
	return err;
}

static void start_all(pid_t *pids, __u64 until, __u64 *rng, struct tally *tally)
{
	int i;

	for (i = 0; i < WORKERS; i++) {
		__u64 seed = chance(rng);

		pids[i] = fork();
		if (!pids[i])
			_exit(churner(until, seed, tally));
	}
}

TEST_F(churn, under_small_limits_and_then_all_is_to_be_had)
{
	struct tally *tally = tally_map();
	int i, kept = account_keep();

	ASSERT_LE(0, kept);
	ASSERT_NE(NULL, tally);
	ASSERT_EQ(0, param_set("max_user_bytes", MIB));
	ASSERT_EQ(0, param_set("max_user_ctxs", 6));
	start_all(self->pids, now_ns() + 2 * SEC, &self->rng, tally);
	for (i = 0; i < WORKERS; i++)
		EXPECT_EQ(0, child_wait(self->pids[i]));
	printf("# good %llu, refused %llu\n", tally->good, tally->refused);
	EXPECT_LT(10, tally->good);
	EXPECT_LT(10, tally->refused);
	ASSERT_TRUE(device_rests("loop0", patience() / 2));
	ASSERT_TRUE(device_rests("adc0", patience() / 2));
	EXPECT_EQ(0, everything_soon(MIB / PAGE - PAGES_KEPT));
	ASSERT_TRUE(device_rests("loop0", patience() / 2));
	EXPECT_EQ(0, everything_soon(MIB / PAGE - PAGES_KEPT));
	close(kept);
}

/* How many of them have not ended; a bad end is counted in @bad. */
static int left_of(pid_t *pids, int *bad)
{
	int i, left = 0, status;

	for (i = 0; i < WORKERS; i++) {
		if (!pids[i])
			continue;
		if (waitpid(pids[i], &status, WNOHANG) != pids[i]) {
			left++;
			continue;
		}
		*bad += status != 0;
		pids[i] = 0;
	}
	return left;
}

static void end_all(const pid_t *pids)
{
	int i;

	for (i = 0; i < WORKERS; i++) {
		if (!pids[i])
			continue;
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
	}
}

/* 0, or why it failed. */
static int replug(const char *device, __u64 *rng)
{
	int err = device_plug(device, "unbind");

	sleep_ns(chance_of(rng, 3 * MSEC));
	if (!err)
		err = device_plug(device, "bind");
	sleep_ns(chance_of(rng, 10 * MSEC));
	return err;
}

TEST_F(churn, pitfall_10_devices_are_unbound_and_bound)
{
	__u64 rounds = scaled(50), i, limit = now_ns() + 6 * SEC;
	struct tally *tally = tally_map();
	int bad = 0, left = WORKERS;

	ASSERT_NE(NULL, tally);
	tally->going = true;
	tally->sleeps = true;
	start_all(self->pids, limit, &self->rng, tally);
	for (i = 0; i < rounds && now_ns() < limit; i++) {
		ASSERT_EQ(0, replug("loop0", &self->rng));
		ASSERT_EQ(0, replug("adc0", &self->rng));
	}
	/* Whoever sleeps for ever is woken by the next one. */
	tally->over = true;
	limit = now_ns() + patience() / 2;
	while (now_ns() < limit && (left = left_of(self->pids, &bad))) {
		ASSERT_EQ(0, replug("loop0", &self->rng));
		ASSERT_EQ(0, replug("adc0", &self->rng));
	}
	EXPECT_EQ(0, left)
	TH_LOG("%d sleep on, though the device has gone", left);
	end_all(self->pids);
	EXPECT_EQ(0, bad);
	printf("# %llu rounds, good %llu, refused %llu\n", i, tally->good,
	       tally->refused);
	EXPECT_LE(rounds / 4, i);
	EXPECT_LT(5, tally->good);
}

/* Of a driver's module: refused while it is used, and else it goes. */
TEST_F(churn, pitfall_10_modules_are_unloaded_and_loaded)
{
	__u64 until = now_ns() + 2 * SEC * slow(), window = 60 * MSEC * slow();
	__u64 gone = 0, refused = 0;
	struct tally *tally = tally_map();
	int err, w;

	ASSERT_NE(NULL, tally);
	ASSERT_TRUE(module_found("pcring_loop"));
	tally->going = true;
	start_all(self->pids, until, &self->rng, tally);
	while (now_ns() < until) {
		/* There are moments at which it can be had, and their edges. */
		tally->rest = now_ns() / window % 2;
		err = module_unload("pcring_loop");
		EXPECT_TRUE(!err || err == -EWOULDBLOCK || err == -EBUSY)
		TH_LOG("%d", err);
		if (err) {
			refused++;
			sleep_ns(chance_of(&self->rng, 2 * MSEC));
			continue;
		}
		gone++;
		ASSERT_EQ(0, module_load("pcring_loop"));
		sleep_ns(chance_of(&self->rng, 60 * MSEC));
	}
	for (w = 0; w < WORKERS; w++)
		EXPECT_EQ(0, child_wait(self->pids[w]));
	printf("# unloaded %llu times, refused %llu times; good %llu\n", gone,
	       refused, tally->good);
	EXPECT_LT(0, gone);
	EXPECT_LT(0, tally->good);
}

TEST_HARNESS_MAIN
