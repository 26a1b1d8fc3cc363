// SPDX-License-Identifier: GPL-2.0-only
/* What a user may have of it, and who is charged. */
#include <sys/mount.h>
#include <sys/vfs.h>
#include <linux/magic.h>
#include "module.h"
#include "kselftest_harness.h"

#define MIB (1U << 20)

static const char *const names[] = {
	"max_user_ctxs", "max_user_bytes", "max_spin_us",
	"max_drain_ms",	 "drain_ms",
};

#define NAMES (sizeof(names) / sizeof(*names))

FIXTURE(limit)
{
	long long saved[NAMES];
};

FIXTURE_SETUP(limit)
{
	size_t i;

	for (i = 0; i < NAMES; i++) {
		self->saved[i] = param_get(names[i]);
		ASSERT_LE(0, self->saved[i])
		TH_LOG("no parameter %s", names[i]);
	}
}

/* By the parent: also of a test that ended in its middle. */
FIXTURE_TEARDOWN_PARENT(limit)
{
	size_t i;

	for (i = 0; i < NAMES; i++)
		param_set(names[i], (unsigned long long)self->saved[i]);
}

/* A ctx set up, or why not. */
static int another(struct rig *rig)
{
	int err = rig_loop(rig, 8, 8);

	if (err && rig->fd >= 0)
		rig_close(rig);
	return err;
}

/* The first one: those of the test before may be dying yet. */
static int first(struct rig *rig)
{
	__u64 until = now_ns() + patience();
	int err = another(rig);

	while (err == -EMFILE && now_ns() < until) {
		sleep_ns(20 * MSEC);
		err = another(rig);
	}
	return err;
}

TEST_F(limit, ctxs_of_a_user_are_counted)
{
	struct rig rigs[4], one_more;
	int i;

	ASSERT_EQ(0, param_set("max_user_ctxs", 1));
	ASSERT_EQ(0, first(&rigs[0]));
	ASSERT_EQ(0, param_set("max_user_ctxs", 4));
	for (i = 1; i < 4; i++)
		ASSERT_EQ(0, another(&rigs[i]));
	EXPECT_EQ(-EMFILE, another(&one_more));
	rig_close(&rigs[2]);
	EXPECT_EQ(0, first(&rigs[2]));
	EXPECT_EQ(-EMFILE, another(&one_more));
	for (i = 0; i < 4; i++)
		rig_close(&rigs[i]);
}

TEST_F(limit, each_user_has_his_own)
{
	struct stat st;
	struct rig rig;
	pid_t pid;

	ASSERT_EQ(0, param_set("max_user_ctxs", 1));
	ASSERT_EQ(0, first(&rig));
	ASSERT_EQ(0, stat(LOOP, &st));
	ASSERT_EQ(0, chmod(LOOP, 0666));
	pid = fork();
	if (!pid)
		_exit(setuid(65534) || another(&rig) ||
		      another(&rig) != -EMFILE);
	EXPECT_EQ(0, child_wait(pid));
	chmod(LOOP, st.st_mode & 0777);
	rig_close(&rig);
}

TEST_F(limit, a_dying_ctx_still_counts)
{
	struct pcring_sqe sqe = sqe_of(PCRING_LOOP_DELAY, 1);
	struct rig rig;

	ASSERT_EQ(0, param_set("max_user_ctxs", 1));
	ASSERT_EQ(0, first(&rig));
	sqe.args[0] = 800 * MSEC;
	ASSERT_EQ(0, rig_push_all(&rig, 0, &sqe, 1));
	sleep_ns(100 * MSEC);
	rig_close(&rig);
	EXPECT_EQ(-EMFILE, another(&rig));
	EXPECT_EQ(0, first(&rig));
	rig_close(&rig);
}

static int pool_of(int fd, __u32 bytes, struct pool *pool)
{
	*pool = (struct pool){ .req = { .block_size = PAGE,
					.blocks = bytes / PAGE,
					.dmabuf_fd = -1 } };
	return pool_create(fd, pool);
}

TEST_F(limit, bytes_of_a_user_are_counted)
{
	struct pool small, large;
	struct rig rig;
	int i, held;

	/* One alone is let in: those of the test before are gone. */
	ASSERT_EQ(0, param_set("max_user_ctxs", 1));
	ASSERT_EQ(0, first(&rig));
	rig_close(&rig);
	ASSERT_EQ(0, first(&rig));
	rig_close(&rig);
	ASSERT_EQ(0, param_set("max_user_ctxs",
			       (unsigned long long)self->saved[0]));
	ASSERT_EQ(0, param_set("max_user_bytes", 4 * MIB));
	/* So that the user is the same all the time, and what he owes. */
	held = dev_open(LOOP, O_RDWR);
	ASSERT_LE(0, held);
	for (i = 0; i < 5; i++) {
		ASSERT_EQ(0, rig_open(&rig, LOOP));
		EXPECT_REFUSED(EMFILE, "", NULL, rig.fd,
			       pool_of(rig.fd, 8 * MIB, &large));
		ASSERT_EQ(0, pool_of(rig.fd, 3 * MIB, &small))
		TH_LOG("round %d: %s", i, refusal(rig.fd));
		EXPECT_EQ(-EMFILE, pool_of(rig.fd, 2 * MIB, &large));
		/* Given back with its fd and the ctx that made it. */
		close(small.fd);
		rig_close(&rig);
		sleep_ns(100 * MSEC);
	}
	ASSERT_EQ(0, rig_open(&rig, LOOP));
	/* Rings are memory too. */
	rig_ring(&rig, PCRING_KIND_REC_IN, 4 * MIB);
	rig_ring(&rig, PCRING_KIND_REC_OUT, 4 * MIB);
	EXPECT_EQ(-EMFILE, rig_call_setup(&rig));
	rig.rings[0].entries = MIB;
	rig.rings[1].entries = MIB;
	EXPECT_EQ(0, rig_call_setup(&rig));
	EXPECT_EQ(-EMFILE, pool_of(rig.fd, 3 * MIB, &large));
	rig_close(&rig);
	close(held);
}

/* Until nothing of the device's is dying any more: nanoseconds. */
static __u64 dying_ns(struct rig *rig)
{
	int watch = dev_open(LOOP, O_RDWR);
	__u64 begin = now_ns();
	struct pcring_stats stats;

	rig_close(rig);
	do {
		sleep_ns(5 * MSEC);
		if (device_stats(watch, PCRING_KIND_SQ, &stats))
			break;
	} while (stats.dying && now_ns() < begin + patience());
	close(watch);
	return now_ns() - begin;
}

/* A ctx with requests that take long; drain_ms as asked for. */
static int lingering(struct rig *rig, __u32 drain_ms)
{
	struct pcring_sqe sqe = sqe_of(PCRING_LOOP_DELAY, 1);
	int err = rig_open(rig, LOOP);

	rig_ring(rig, PCRING_KIND_SQ, 8);
	rig_ring(rig, PCRING_KIND_CQ, 8);
	rig->setup.drain_ms = drain_ms;
	sqe.args[0] = 9 * SEC;
	if (!err)
		err = rig_setup(rig);
	if (!err)
		err = rig_push_all(rig, 0, &sqe, 1);
	sleep_ns(50 * MSEC);
	return err;
}

TEST_F(limit, drain_ms_is_the_default)
{
	struct rig rig;

	ASSERT_EQ(0, param_set("drain_ms", 100));
	ASSERT_EQ(0, lingering(&rig, 0));
	EXPECT_GT(5 * SEC, dying_ns(&rig));
}

TEST_F(limit, max_drain_ms_caps_what_is_asked_for)
{
	struct rig rig;

	ASSERT_EQ(0, param_set("max_drain_ms", 100));
	ASSERT_EQ(0, lingering(&rig, 60000));
	EXPECT_GT(5 * SEC, dying_ns(&rig));
}

/* ---- the memory cgroup ----------------------------------------------------------- */

FIXTURE(memcg)
{
	char root[64];
	char group[96];
	bool mounted;
};

static int group_write(const char *dir, const char *file, const char *text)
{
	char path[192];

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	return file_write(path, text);
}

static long long group_read(const char *dir, const char *file)
{
	char path[192], text[64];

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	return file_read(path, text, sizeof(text)) ? -1 : atoll(text);
}

FIXTURE_SETUP(memcg)
{
	struct statfs fs;

	snprintf(self->root, sizeof(self->root), "/sys/fs/cgroup");
	if (statfs(self->root, &fs) || fs.f_type != CGROUP2_SUPER_MAGIC) {
		snprintf(self->root, sizeof(self->root), "/tmp/pcring-cgroup");
		mkdir(self->root, 0700);
		ASSERT_EQ(0, mount("none", self->root, "cgroup2", 0, NULL));
		self->mounted = true;
	}
	ASSERT_EQ(0,
		  group_write(self->root, "cgroup.subtree_control", "+memory"));
	snprintf(self->group, sizeof(self->group), "%s/pcring-test",
		 self->root);
	mkdir(self->group, 0700);
}

FIXTURE_TEARDOWN_PARENT(memcg)
{
	int i;

	for (i = 0; i < 100 && rmdir(self->group) && errno == EBUSY; i++)
		sleep_ns(20 * MSEC);
	if (self->mounted) {
		umount(self->root);
		rmdir(self->root);
	}
}

/* In a child: into the group, then a pool of so many bytes. */
static int charged(const char *group, __u32 bytes, long long *grown)
{
	struct pool pool;
	long long before;
	int fd, err;

	if (group_write(group, "cgroup.procs", "0"))
		return -EPERM;
	fd = dev_open(LOOP, O_RDWR);
	if (fd < 0)
		return fd;
	before = group_read(group, "memory.current");
	err = pool_of(fd, bytes, &pool);
	*grown = group_read(group, "memory.current") - before;
	return err;
}

TEST_F(memcg, a_pool_is_charged_to_who_makes_it)
{
	pid_t pid = fork();
	long long grown = 0;

	if (!pid) {
		int err = charged(self->group, 2 * MIB, &grown);

		printf("# memory.current grew by %lld\n", grown);
		fflush(stdout);
		_exit(err ? 1 : grown < 2 * MIB ? 2 : grown > 3 * MIB ? 3 : 0);
	}
	EXPECT_EQ(0, child_wait(pid));
}

TEST_F(memcg, its_limit_is_enomem_and_nothing_is_leaked)
{
	pid_t pid;
	int i;

	ASSERT_EQ(0, group_write(self->group, "memory.max", "4194304"));
	for (i = 0; i < 3; i++) {
		pid = fork();
		if (!pid) {
			long long grown = 0;
			int err = charged(self->group, 64 * MIB, &grown);

			if (err != -ENOMEM && err != -EMFILE)
				_exit(1);
			_exit(grown < MIB ? 0 : 2);
		}
		EXPECT_EQ(0, child_wait(pid));
	}
	/* All is back, but for what the group itself costs. */
	sleep_ns(200 * MSEC);
	EXPECT_GT(2 * MIB, group_read(self->group, "memory.current"));
}

TEST_HARNESS_MAIN
