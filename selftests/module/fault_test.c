// SPDX-License-Identifier: GPL-2.0-only
/*
 * What memory there is not, one allocation (or copy) after the other: fail-nth makes
 * the nth that a call of this thread comes by fail. Which one it was nobody can tell;
 * each has to end in an errno that says so, and the call then succeeds.
 */
#include "fault.h"
#include "kselftest_harness.h"

#define NTH "/proc/thread-self/fail-nth"
#define DEBUG "/sys/kernel/debug/"
#define MOST 3000

/* ---- failing ------------------------------------------------------------------------ */

/* The nth from now on fails; 0: none. That copies, too, and so may fail itself. */
static void nth_set(int nth, int n)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%d", n);

	while (pwrite(nth, text, (size_t)len, 0) != len)
		;
}

/* Has it come to that? */
static bool nth_hit(int nth)
{
	char text[16] = "";
	bool hit = pread(nth, text, sizeof(text) - 1, 0) > 0 && !atoi(text);

	nth_set(nth, 0);
	return hit;
}

static void fail_prepare(void)
{
	/* Also what may sleep, also single pages; and without a word. */
	file_write(DEBUG "failslab/ignore-gfp-wait", "N");
	file_write(DEBUG "fail_page_alloc/ignore-gfp-wait", "N");
	file_write(DEBUG "fail_page_alloc/min-order", "0");
	file_write(DEBUG "failslab/verbose", "0");
	file_write(DEBUG "fail_page_alloc/verbose", "0");
	file_write(DEBUG "fail_usercopy/verbose", "0");
}

/* ---- one after the other ----------------------------------------------------- */

/* -EFAULT: of copies, whose failing is an allocation's like. */
static bool clean(int err)
{
	return err == -ENOMEM || err == -EFAULT;
}

FIXTURE(fault)
{
	int nth;
	int kept;
};

/* As it was before anything: a test that died has not put it back. */
static unsigned long long bytes_at_first;

FIXTURE_SETUP(fault)
{
	fail_prepare();
	self->nth = open(NTH, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, self->nth);
	param_set("max_user_bytes", bytes_at_first);
	ASSERT_EQ(0, device_ensure("loop0"));
	ASSERT_EQ(0, device_ensure("adc0"));
	self->kept = account_keep();
	ASSERT_LE(0, self->kept);
}

/* All is back: what there may be at most is there to be had. */
static int all_to_be_had(void)
{
	struct pool pool = {
		.req = { .block_size = PAGE, .blocks = 250, .dmabuf_fd = -1 }
	};
	int fd, err;

	err = param_set("max_user_bytes", 1 << 20);
	fd = dev_open(LOOP, O_RDWR);
	if (!err && fd < 0)
		err = fd;
	/* And four pages of what is told of them, and what is kept. */
	if (!err)
		err = pool_create(fd, &pool);
	if (!err)
		close(pool.fd);
	if (fd >= 0)
		close(fd);
	return err;
}

/* A moment after the last ctx has gone, its user is charged for nothing more. */
static int all_back(void)
{
	__u64 until = now_ns() + patience() / 4;
	int err;

	while ((err = all_to_be_had()) == -EMFILE && now_ns() < until)
		sleep_ns(5 * MSEC);
	return err;
}

FIXTURE_TEARDOWN(fault)
{
	nth_set(self->nth, 0);
	close(self->nth);
	EXPECT_EQ(0, device_ensure("loop0"));
	EXPECT_EQ(0, device_ensure("adc0"));
	EXPECT_TRUE(device_rests("loop0", patience() / 2));
	EXPECT_TRUE(device_rests("adc0", patience() / 2));
	EXPECT_EQ(0, all_back());
	if (self->kept >= 0)
		close(self->kept);
	param_set("max_user_bytes", bytes_at_first);
	EXPECT_EQ(NULL, loop_is_well());
	EXPECT_EQ(NULL, adc_is_well());
}

/* NULL, or what is wrong; @more: there are more points. */
static const char *fail_one(const struct step *step, struct rig *rig, int nth,
			    int n, bool *more, int *err)
{
	nth_set(nth, n);
	*err = step->op(rig);
	*more = nth_hit(nth);
	if (*err && !*more)
		return "it fails, and nothing had failed";
	if (*err && !clean(*err))
		return "another errno";
	if (*err) {
		if (step->undo)
			step->undo(rig);
		*err = step->op(rig);
		if (*err && *err != step->again)
			return "it does not succeed the second time";
	}
	if (step->check && !step->check(rig))
		return "what came of it is wrong";
	return NULL;
}

static void sweep(struct __test_metadata *_metadata, const struct step *step,
		  int nth)
{
	const char *wrong = NULL;
	bool more = true;
	struct rig rig;
	int n, err = 0;

	for (n = 1; n < MOST && more && !wrong; n++) {
		/* What was there before has to have gone. */
		if (step->bytes &&
		    (!device_rests("loop0", patience()) || all_back()))
			wrong = "the last one has left something";
		if (step->bytes)
			param_set("max_user_bytes",
				  step->bytes + PAGES_KEPT * PAGE);
		if (wrong)
			break;
		err = step->before(&rig);
		wrong = err ? "what it needs is not to be had"
			    : fail_one(step, &rig, nth, n, &more, &err);
		rig_close(&rig);
	}
	if (step->bytes)
		param_set("max_user_bytes", bytes_at_first);
	printf("# %s: %d points\n", step->name, n - 2);
	EXPECT_EQ(NULL, wrong)
	TH_LOG("%s: at %d: %s: %d", step->name, n - 1, wrong, err);
	EXPECT_FALSE(more);
	EXPECT_LE(step->least, n - 2)
	TH_LOG("%s: only %d points", step->name, n - 2);
}

#define FAULT_TEST(test, name)                                \
	TEST_F_TIMEOUT(fault, test, 120)                      \
	{                                                     \
		ASSERT_NE(NULL, step_find(name));             \
		sweep(_metadata, step_find(name), self->nth); \
	}

FAULT_TEST(open_loop, "open loop")
FAULT_TEST(open_adc, "open adc")
FAULT_TEST(info, "INFO")
FAULT_TEST(configure, "CONFIGURE")
FAULT_TEST(pool_create, "POOL_CREATE")
FAULT_TEST(setup_loop, "SETUP loop")
FAULT_TEST(setup_dedicated, "SETUP dedicated")
FAULT_TEST(setup_adc_records, "SETUP adc records")
FAULT_TEST(setup_adc_timer, "SETUP adc timer")
FAULT_TEST(setup_adc_blocks, "SETUP adc blocks")
FAULT_TEST(mmap, "mmap")
FAULT_TEST(enter, "ENTER")
FAULT_TEST(eventfd, "EVENTFD")
FAULT_TEST(stats, "STATS")
FAULT_TEST(put, "PUT")
FAULT_TEST(drain, "DRAIN")
FAULT_TEST(write, "write")
FAULT_TEST(read, "read")
FAULT_TEST(fsync, "fsync")
FAULT_TEST(poll, "poll")
FAULT_TEST(epoll, "epoll")

FAULT_TEST(unbind, "unbind")
FAULT_TEST(bind_loop, "bind loop")
FAULT_TEST(bind_adc, "bind adc")

/* ---- modules ------------------------------------------------------------------------ */

static int modules_unload(void)
{
	__u64 until = now_ns() + patience();
	int err;

	module_unload("pcring_adc");
	module_unload("pcring_loop");
	while ((err = module_unload("pcring")) == -EWOULDBLOCK &&
	       now_ns() < until)
		sleep_ns(10 * MSEC);
	return err == -ENOENT ? 0 : err;
}

/* Points of loading a module: fails at none. */
static int load_points(int nth, const char *name)
{
	int left = MOST * 10;
	char text[16] = "";

	nth_set(nth, MOST * 10);
	if (module_load(name))
		left = -1;
	if (pread(nth, text, sizeof(text) - 1, 0) <= 0)
		left = -1;
	nth_set(nth, 0);
	return left < 0 ? left : left - atoi(text);
}

/*
 * The last of them, where the module's own init is; those before are the loader's,
 * which says a lot when it fails.
 */
static int load_sweep(struct __test_metadata *_metadata, int nth,
		      const char *name, int last)
{
	int all = load_points(nth, name);
	int n, err, failed = 0;

	EXPECT_LT(last, all);
	for (n = all - last; n <= all; n++) {
		EXPECT_EQ(0, module_unload(name));
		nth_set(nth, n);
		err = module_load(name);
		nth_hit(nth);
		EXPECT_TRUE(!err || clean(err))
		TH_LOG("%s: at %d of %d: %d", name, n, all, err);
		failed += !!err;
		if (err)
			EXPECT_EQ(0, module_load(name));
	}
	printf("# %s: %d points, of the last %d %d failed\n", name, all, last,
	       failed);
	return failed;
}

TEST_F_TIMEOUT(fault, modules, 240)
{
	close(self->kept);
	self->kept = -1;
	ASSERT_TRUE(module_found("pcring"));
	ASSERT_TRUE(device_rests("loop0", patience()));
	ASSERT_TRUE(device_rests("adc0", patience()));
	ASSERT_EQ(0, modules_unload());
	EXPECT_LE(5, load_sweep(_metadata, self->nth, "pcring", 60));
	EXPECT_LE(5, load_sweep(_metadata, self->nth, "pcring_loop", 60));
	EXPECT_LE(5, load_sweep(_metadata, self->nth, "pcring_adc", 60));
}

int main(int argc, char **argv)
{
	if (access(NTH, W_OK)) {
		printf("TAP version 13\n");
		printf("1..0 # SKIP this kernel has no %s\n", NTH);
		return KSFT_PASS;
	}
	bytes_at_first = (unsigned long long)param_get("max_user_bytes");
	return test_harness_run(argc, argv);
}
