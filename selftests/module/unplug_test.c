// SPDX-License-Identifier: GPL-2.0-only
/* The device goes while it is used, and its module does not. */
#include <limits.h>
#include <sys/syscall.h>
#include "module.h"
#include "kselftest_harness.h"

#define CLASS "/sys/class/pcring/loop0/device"

/* The driver's folder in sysfs, and what it calls the device. */
FIXTURE(unplug)
{
	char driver[PATH_MAX];
	char name[128];
	struct rig rig;
	bool bound;
};

static int plug(const char *driver, const char *name, const char *how)
{
	char path[PATH_MAX + 16];

	snprintf(path, sizeof(path), "%s/%s", driver, how);
	return file_write(path, name);
}

FIXTURE_SETUP(unplug)
{
	char path[PATH_MAX];

	ASSERT_NE(NULL, realpath(CLASS, path));
	snprintf(self->name, sizeof(self->name), "%s", strrchr(path, '/') + 1);
	ASSERT_NE(NULL, realpath(CLASS "/driver", self->driver));
	ASSERT_EQ(0, rig_loop(&self->rig, 8, 8));
	self->bound = true;
}

/* By the parent, whatever became of the test; its files are closed by now. */
FIXTURE_TEARDOWN_PARENT(unplug)
{
	if (!self->bound)
		EXPECT_EQ(0, plug(self->driver, self->name, "bind"));
}

#define UNPLUG()                                                        \
	do {                                                            \
		ASSERT_EQ(0, plug(self->driver, self->name, "unbind")); \
		self->bound = false;                                    \
	} while (0)

static void *in_enter(void *arg)
{
	struct rig *rig = arg;
	struct pcring_enter enter = { .size = sizeof(enter),
				      .flags = PCRING_ENTER_WAIT,
				      .ring = 1,
				      .min = 1,
				      .timeout_ns = patience() };

	return (void *)(long)call(rig->fd, PCRING_IOC_ENTER, &enter);
}

static void *in_poll(void *arg)
{
	struct rig *rig = arg;
	struct pollfd p = { .fd = rig->fd, .events = POLLIN };

	return (void *)(long)(poll(&p, 1, (int)(patience() / MSEC)) == 1
				      ? p.revents
				      : -ETIME);
}

static void *in_read(void *arg)
{
	char byte;

	return (void *)(long)(read(*(int *)arg, &byte, 1) < 0 ? -errno : 1);
}

TEST_F(unplug, who_waits_is_told)
{
	int fd = dev_open(LOOP, O_RDWR);
	pthread_t threads[3];
	void *ret[3];
	int i;

	ASSERT_LE(0, fd);
	pthread_create(&threads[0], NULL, in_enter, &self->rig);
	pthread_create(&threads[1], NULL, in_poll, &self->rig);
	pthread_create(&threads[2], NULL, in_read, &fd);
	sleep_ns(100 * MSEC);
	UNPLUG();
	for (i = 0; i < 3; i++)
		pthread_join(threads[i], &ret[i]);
	EXPECT_EQ(-ENODEV, (long)ret[0]);
	EXPECT_EQ(POLLHUP | POLLERR, (long)ret[1] & (POLLHUP | POLLERR));
	EXPECT_EQ(-ENODEV, (long)ret[2]);
	close(fd);
}

TEST_F(unplug, pages_stay_and_say_so)
{
	struct pcring_sqe sqe = sqe_of(PCRING_LOOP_NOP, 4);
	struct pcring_cqe cqe;
	struct end *ends = self->rig.ends;
	struct pool pool = {
		.req = { .block_size = PAGE, .blocks = 4, .dmabuf_fd = -1 }
	};

	ASSERT_EQ(0, pool_create(self->rig.fd, &pool));
	ASSERT_EQ(0, pool_map(&pool));
	memset(pool.blocks, 0x21, pool.len);
	ASSERT_EQ(0, rig_push_all(&self->rig, 0, &sqe, 1));
	ASSERT_EQ(0, rig_wait(&self->rig, 1, 1, patience()));
	UNPLUG();
	EXPECT_EQ(PCRING_STATE_UNPLUGGED,
		  pcring_prod_peer_state(&ends[0].prod));
	EXPECT_EQ(PCRING_STATE_UNPLUGGED,
		  pcring_cons_peer_state(&ends[1].cons));
	/* What was there is still there to be read. */
	EXPECT_EQ(1, rig_pop(&self->rig, 1, &cqe, 1));
	EXPECT_EQ(4, cqe.user_data);
	EXPECT_EQ(0x21, pool.blocks[pool.len - 1]);
	memset(pool.blocks, 0x22, pool.len);
	munmap(pool.blocks, pool.len);
	close(pool.fd);
}

TEST_F(unplug, calls_say_enodev)
{
	struct pcring_drain drain;
	struct pollfd p = { .fd = self->rig.fd };
	struct pool pool = {
		.req = { .block_size = PAGE, .blocks = 4, .dmabuf_fd = -1 }
	};

	UNPLUG();
	EXPECT_EQ(-ENODEV, rig_enter(&self->rig, 0, 1, 0, 0, 0));
	EXPECT_EQ(-ENODEV,
		  rig_enter(&self->rig, PCRING_ENTER_WAIT, 0, 1, 1, FOREVER));
	EXPECT_EQ(-ENODEV, pool_create(self->rig.fd, &pool));
	EXPECT_GE(0, rig_drain(&self->rig, SEC, &drain));
	EXPECT_EQ(1, poll(&p, 1, 0));
	EXPECT_EQ(POLLHUP | POLLERR, p.revents);
	fsync(self->rig.fd);
}

TEST_F(unplug, it_cannot_be_opened_until_it_is_back)
{
	struct pcring_sqe sqe = sqe_of(PCRING_LOOP_NOP, 8);
	struct pcring_cqe cqe;
	struct rig again;
	char path[64];
	int fd = dev_open(LOOP, O_PATH);

	UNPLUG();
	EXPECT_TRUE(dev_open(LOOP, O_RDWR) == -ENOENT || errno == ENODEV ||
		    errno == ENXIO);
	/* Nor by somebody who has kept the node. */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	EXPECT_GT(0, dev_open(path, O_RDWR));
	close(fd);
	ASSERT_EQ(0, plug(self->driver, self->name, "bind"));
	self->bound = true;
	ASSERT_EQ(0, rig_loop(&again, 8, 8));
	EXPECT_EQ(0, rig_ask(&again, &sqe, &cqe));
	EXPECT_EQ(8, cqe.user_data);
	/* The old one does not come back to life. */
	EXPECT_EQ(-ENODEV, rig_enter(&self->rig, 0, 1, 0, 0, 0));
	rig_close(&again);
}

TEST_F(unplug, pitfall_10_requests_in_flight_are_cancelled)
{
	struct pcring_sqe sqe = sqe_of(PCRING_LOOP_DELAY, 3);
	__u64 begin = now_ns();
	struct pcring_cqe cqe[8];
	int n, i;

	sqe.args[0] = 9 * SEC;
	for (i = 0; i < 4; i++)
		ASSERT_EQ(0, rig_push_all(&self->rig, 0, &sqe, 1));
	sleep_ns(100 * MSEC);
	UNPLUG();
	EXPECT_GT(begin + 7 * SEC, now_ns());
	n = rig_pop(&self->rig, 1, cqe, 8);
	for (i = 0; i < n; i++)
		EXPECT_EQ(-ECANCELED, cqe[i].res);
}

TEST_F(unplug, what_is_not_set_up_hears_of_it_too)
{
	struct pcring_info info = { .size = sizeof(info) };
	struct rig rig;
	int err;

	ASSERT_EQ(0, rig_open(&rig, LOOP));
	rig_ring(&rig, PCRING_KIND_SQ, 8);
	rig_ring(&rig, PCRING_KIND_CQ, 8);
	UNPLUG();
	EXPECT_EQ(-ENODEV, rig_call_setup(&rig));
	err = call(rig.fd, PCRING_IOC_INFO, &info);
	EXPECT_TRUE(!err || err == -ENODEV);
	rig_close(&rig);
}

/* In each child: work until the device goes, then try to get it again. */
static int worker(__u64 until)
{
	struct pcring_sqe sqe = sqe_block(PCRING_LOOP_CRC32C, 0, 0, 64);
	struct pcring_cqe cqe;
	struct rig rig;

	while (now_ns() < until) {
		int err = rig_loop_blocks(&rig, 8, 8, 4);

		sqe.generation = 0;
		while (!err && now_ns() < until) {
			err = rig_ask(&rig, &sqe, &cqe);
			sqe.generation++;
			if (!err && cqe.res != 64 && cqe.res != -ECANCELED)
				return 2;
		}
		/* Gone before it began is as good. */
		if (err && err != -ENODEV && err != -ENOENT && err != -ENXIO &&
		    err != -ENODATA && err != -ECANCELED)
			return -err;
		rig_close(&rig);
	}
	return 0;
}

TEST_F(unplug, pitfall_10_again_and_again_under_load)
{
	__u64 until = now_ns() + 3 * SEC;
	pid_t pids[4];
	int i;

	for (i = 0; i < 4; i++) {
		pids[i] = fork();
		if (!pids[i])
			_exit(worker(until));
	}
	while (now_ns() < until) {
		sleep_ns(50 * MSEC);
		UNPLUG();
		sleep_ns(5 * MSEC);
		ASSERT_EQ(0, plug(self->driver, self->name, "bind"));
		self->bound = true;
	}
	for (i = 0; i < 4; i++)
		EXPECT_EQ(0, child_wait(pids[i]));
}

/* Name of the module behind a link in sysfs. */
static bool module_of(const char *driver, char name[128])
{
	char link[PATH_MAX + 16], path[PATH_MAX];

	snprintf(link, sizeof(link), "%s/module", driver);
	if (!realpath(link, path))
		return false;
	snprintf(name, 128, "%s", strrchr(path, '/') + 1);
	return true;
}

static int unload(const char *name)
{
	return syscall(SYS_delete_module, name, O_NONBLOCK) ? errno : 0;
}

TEST_F(unplug, pitfall_10_a_module_in_use_is_not_unloaded)
{
	char name[128];
	int err;

	ASSERT_TRUE(module_of(self->driver, name));
	err = unload(name);
	EXPECT_TRUE(err == EWOULDBLOCK || err == EBUSY)
	TH_LOG("%s: %d", name, err);
	err = unload("pcring");
	EXPECT_TRUE(err == EWOULDBLOCK || err == EBUSY)
	TH_LOG("pcring: %d", err);
	/* With the file closed and a mapping left it is in use still. */
	close(self->rig.fd);
	self->rig.fd = -1;
	sleep_ns(100 * MSEC);
	err = unload("pcring");
	EXPECT_TRUE(err == EWOULDBLOCK || err == EBUSY);
}

TEST_HARNESS_MAIN
