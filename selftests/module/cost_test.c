// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a ctx costs beside the pages of its rings, its worker being shared: counted
 * by a memory cgroup, and seen in what the machine has left. The latter has the page
 * tables of the kernel's mappings in it, which no cgroup counts, and everybody
 * else's noise.
 */
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/vfs.h>
#include <linux/magic.h>
#include "module.h"
#include "kselftest_harness.h"

#define CTXS 900
#define ENTRIES 64U
#define BOUND 8192

/**
 * struct cost - of a ctx, bytes
 * @rings: pages of its rings.
 * @group: what the cgroup has been charged.
 * @machine: what the machine has no more.
 * @slab: of @group, the kernel's objects.
 */
struct cost {
	long long rings;
	long long group;
	long long machine;
	long long slab;
};

FIXTURE(cost)
{
	char root[64];
	char group[96];
	bool mounted;
};

static void path_of(char *path, size_t size, const char *dir, const char *file)
{
	snprintf(path, size, "%s/%s", dir, file);
}

static int group_write(const char *dir, const char *file, const char *text)
{
	char path[192];

	path_of(path, sizeof(path), dir, file);
	return file_write(path, text);
}

FIXTURE_SETUP(cost)
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
	path_of(self->group, sizeof(self->group), self->root, "pcring-cost");
	mkdir(self->group, 0700);
}

FIXTURE_TEARDOWN_PARENT(cost)
{
	int i;

	for (i = 0; i < 100 && rmdir(self->group) && errno == EBUSY; i++)
		sleep_ns(20 * MSEC);
	if (self->mounted) {
		umount(self->root);
		rmdir(self->root);
	}
}

/* The number behind a word at the beginning of a line; -1. */
static long long word_of(const char *path, const char *word)
{
	size_t len = strlen(word);
	long long value = -1;
	char line[256];
	FILE *file = fopen(path, "re");

	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, word, len) && strchr(" :", line[len]))
			value = atoll(line + len + 1);
	if (file)
		fclose(file);
	return value;
}

/* Pages that are free but set aside for a CPU. */
static long long pages_aside(void)
{
	FILE *file = fopen("/proc/zoneinfo", "re");
	long long n, pages = 0;
	char line[256];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, " count: %lld", &n) == 1)
			pages += n;
	if (file)
		fclose(file);
	return pages;
}

static void look(const char *group, struct cost *cost)
{
	char path[192], text[64];

	path_of(path, sizeof(path), group, "memory.current");
	cost->group = file_read(path, text, sizeof(text)) ? -1 : atoll(text);
	path_of(path, sizeof(path), group, "memory.stat");
	cost->slab = word_of(path, "slab");
	file_write("/proc/sys/vm/drop_caches", "3");
	cost->machine = -1024 * word_of("/proc/meminfo", "MemFree") -
			(long long)PAGE * pages_aside();
}

/* Another ctx; left open. */
static int another(struct cost *cost)
{
	struct rig rig;
	__u32 i;
	int err = rig_open(&rig, LOOP);

	if (err)
		return err;
	rig_ring(&rig, PCRING_KIND_SQ, ENTRIES);
	rig_ring(&rig, PCRING_KIND_CQ, ENTRIES);
	err = rig_call_setup(&rig);
	for (cost->rings = 0, i = 0; i < rig.nr; i++)
		cost->rings += (long long)(rig.rings[i].prod_len +
					   rig.rings[i].cons_len);
	return err;
}

static int several(int n, struct cost *cost)
{
	int i, err = 0;

	for (i = 0; i < n && !err; i++)
		err = another(cost);
	return err;
}

static int measure(const char *group, struct cost *cost)
{
	struct rlimit files = { CTXS + 100, CTXS + 100 };
	struct cost before;
	int err;

	if (setrlimit(RLIMIT_NOFILE, &files) ||
	    group_write(group, "cgroup.procs", "0"))
		return -EPERM;
	/* The worker, and what a first one alone needs. */
	err = several(10, cost);
	look(group, &before);
	if (!err)
		err = several(CTXS, cost);
	look(group, cost);
	cost->group = (cost->group - before.group) / CTXS;
	cost->slab = (cost->slab - before.slab) / CTXS;
	cost->machine = (cost->machine - before.machine) / CTXS;
	return err;
}

TEST_F(cost, a_ctx_takes_little_beside_its_rings)
{
	pid_t pid = fork();
	struct cost cost = { 0, 0, 0, 0 };
	int err;

	if (!pid) {
		err = measure(self->group, &cost);
		printf("# a ctx: rings %lld bytes; charged %lld, slab %lld;",
		       cost.rings, cost.group, cost.slab);
		printf(" gone from the machine %lld (%d)\n", cost.machine, err);
		fflush(stdout);
		if (err || cost.rings <= 0)
			_exit(1);
		if (cost.group < cost.rings)
			_exit(2);
		/* Sanitizers pad every object. */
		_exit(slow() == 1 && cost.group > cost.rings + BOUND ? 3 : 0);
	}
	err = child_wait(pid);
	EXPECT_EQ(0, err)
	TH_LOG("1: an error, 2: not all was charged, 3: more than %d", BOUND);
}

TEST_HARNESS_MAIN
