// SPDX-License-Identifier: GPL-2.0-only
/*
 * A program killed at whatever it is at, with and without something of it left
 * behind: everything comes home, and the device's books agree with what the program
 * had counted outside the ring.
 *
 * KILL_SEED=n: the same moments again.
 */
#include <sys/prctl.h>
#include <sys/socket.h>
#include "kill.h"
#include "kselftest_harness.h"

/* ---- what is left behind ----------------------------------------------------- */

enum left {
	LEFT_NOTHING,
	LEFT_FD, /* with a child of the child */
	LEFT_MAPPING, /* likewise */
	LEFT_POOL, /* its fd, with the parent */
	LEFT_CTX, /* mapped by the parent; its fd where there is nothing to map */
};

/* What stays behind holds the file: it does not end before this does. */
static bool holds(const struct point *point, enum left left)
{
	if (left == LEFT_MAPPING)
		return point->maps && point->get_there != pooled;
	return left == LEFT_FD || left == LEFT_CTX;
}

static void leave_child(struct rig *rig, struct diary *diary, enum left left)
{
	pid_t pid = fork();

	if (pid) {
		diary->child = pid;
		return;
	}
	if (left == LEFT_MAPPING) {
		close(rig->fd);
		close(rig->pool.fd);
	}
	for (;;)
		pause();
}

/* The child of whoever runs the tests. */
_Noreturn static void child(const struct point *point, struct diary *diary,
			    enum left left, int socket)
{
	struct rig rig;
	int err;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	err = point->get_there(&rig);
	if (err) {
		printf("# %s: %d\n", point->name, err);
		fflush(stdout);
		_exit(1);
	}
	if (left == LEFT_FD || left == LEFT_MAPPING)
		leave_child(&rig, diary, left);
	if (left == LEFT_CTX)
		fd_send(socket, rig.fd);
	if (left == LEFT_POOL && point->pool)
		fd_send(socket, rig.pool.fd);
	point->stay(&rig, diary);
	/* It may have come back with an error, as the device went. */
	for (;;)
		pause();
}

FIXTURE(kill)
{
	struct diary *diary;
	__u64 rng;
};

FIXTURE_SETUP(kill)
{
	self->diary = mmap(NULL, sizeof(*self->diary), PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)self->diary);
	/* So that orphans are waited for here. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	self->rng = chance_seed("KILL_SEED");
}

FIXTURE_TEARDOWN(kill)
{
	munmap(self->diary, sizeof(*self->diary));
}

/**
 * struct victim - a child on its way
 * @point: where it is killed.
 * @left: what stays.
 * @pid: its.
 * @fd: what it has sent; -1: nothing.
 * @map: of that.
 * @sockets: ours, its.
 * @before: the device's books.
 */
struct victim {
	const struct point *point;
	enum left left;
	pid_t pid;
	int fd;
	void *map;
	int sockets[2];
	struct books before;
};

static const char *path_of(const struct point *point)
{
	return strcmp(point->device, "adc0") ? LOOP : ADC;
}

/* NULL, or what is wrong. */
static const char *victim_start(struct victim *v, struct diary *diary)
{
	memset(diary, 0, sizeof(*diary));
	v->fd = -1;
	v->map = MAP_FAILED;
	if (!device_rests(v->point->device, patience()))
		return "the device was not at rest before";
	if (books_read(path_of(v->point), &v->before))
		return "the books cannot be read";
	/* That looked for a moment, too. */
	if (!device_rests(v->point->device, patience()))
		return "the device does not rest";
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, v->sockets))
		return "no sockets";
	v->pid = fork();
	if (!v->pid)
		child(v->point, diary, v->left, v->sockets[1]);
	close(v->sockets[1]);
	return NULL;
}

static const char *victim_is_there(struct victim *v, struct diary *diary)
{
	__u64 until = now_ns() + patience();

	while (!__atomic_load_n(&diary->ready, __ATOMIC_SEQ_CST)) {
		if (now_ns() > until)
			return "it never got there";
		sleep_ns(MSEC);
	}
	if (v->left != LEFT_CTX && (v->left != LEFT_POOL || !v->point->pool))
		return NULL;
	v->fd = fd_receive(v->sockets[0]);
	if (v->fd < 0)
		return "nothing was sent";
	if (v->left == LEFT_CTX && v->point->maps) {
		/* Ring 0's producer's area; a page of what all have. */
		v->map = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, v->fd,
			      (off_t)(2ULL << 32));
		if (v->map != MAP_FAILED) {
			close(v->fd);
			v->fd = -1;
		}
	}
	return NULL;
}

static void victim_let_go(struct victim *v, struct diary *diary)
{
	if (diary->child) {
		kill(diary->child, SIGKILL);
		waitpid(diary->child, NULL, 0);
	}
	if (v->map != MAP_FAILED)
		munmap(v->map, PAGE);
	/* A pool is still to be looked at. */
	if (v->fd >= 0 && v->left != LEFT_POOL) {
		close(v->fd);
		v->fd = -1;
	}
	close(v->sockets[0]);
}

/* What has come to the books lies between what it had done and had begun. */
static const char *books_agree(const struct books *since,
			       const struct diary *diary, bool loop)
{
	const struct pcring_stats *s = since->kind;
	__u32 kind;

	for (kind = 1; kind < KINDS; kind++) {
		bool reads = !user_produces(kind);
		__u64 n = reads ? s[kind].consumed : s[kind].accepted;

		if (kind == PCRING_KIND_FREE)
			continue;
		if (n >= diary->done[kind] && n <= diary->begun[kind])
			continue;
		printf("# kind %u: %llu, done %llu, begun %llu; consumed %llu "
		       "cancelled %llu\n",
		       kind, n, diary->done[kind], diary->begun[kind],
		       s[kind].consumed, s[kind].cancelled);
		return "the books do not agree with what it did";
	}
	if (loop &&
	    (s[PCRING_KIND_CQ].offered != s[PCRING_KIND_SQ].consumed ||
	     s[PCRING_KIND_REC_OUT].offered != s[PCRING_KIND_REC_IN].consumed))
		return "what was taken was not answered";
	return NULL;
}

static const char *victim_is_gone(struct victim *v, struct diary *diary)
{
	__u64 slack = DRAIN_MS * MSEC + 2 * SEC * slow();
	const char *device = v->point->device, *wrong;
	struct books now, since;
	__u64 blocks;

	if (!device_rests(device, slack))
		return "it does not end";
	if (books_read(path_of(v->point), &now))
		return "the books cannot be read afterwards";
	since = books_since(&v->before, &now);
	if (!books_balance(&since))
		return "the books do not balance";
	wrong = books_agree(&since, diary, !strcmp(device, "loop0"));
	if (wrong)
		return wrong;
	if (v->fd >= 0) {
		if (pool_kernel_blocks(path_of(v->point), v->fd, &blocks))
			return "its pool is of no use";
		close(v->fd);
		if (blocks != BLOCKS)
			return "not all its blocks have come home";
	}
	return strcmp(device, "adc0") ? loop_is_well() : adc_is_well();
}

static const char *kill_one(struct victim *v, struct diary *diary, __u64 ns)
{
	const char *wrong = victim_start(v, diary);

	if (wrong)
		return wrong;
	if (v->left != LEFT_NOTHING || !ns)
		wrong = victim_is_there(v, diary);
	sleep_ns(ns);
	kill(v->pid, SIGKILL);
	if (child_wait(v->pid) != 128 + SIGKILL && !wrong)
		wrong = "it had ended by itself";
	if (!wrong && holds(v->point, v->left)) {
		sleep_ns(5 * MSEC);
		if (device_count(v->point->device, "open") != 1 ||
		    device_count(v->point->device, "dying"))
			wrong = "it ended before what it had left behind";
	}
	victim_let_go(v, diary);
	return wrong ? wrong : victim_is_gone(v, diary);
}

/* At each point, with that left behind. */
static void kill_all(struct __test_metadata *_metadata, struct diary *diary,
		     enum left left)
{
	struct victim victim;
	const char *wrong;
	size_t i;

	for (i = 0; i < POINTS; i++) {
		victim = (struct victim){ .point = &points[i], .left = left };
		wrong = kill_one(&victim, diary, 0);
		EXPECT_EQ(NULL, wrong)
		TH_LOG("%s, left %d: %s", points[i].name, left, wrong);
	}
}

TEST_F(kill, and_nothing_is_left)
{
	kill_all(_metadata, self->diary, LEFT_NOTHING);
}

TEST_F(kill, and_a_child_has_the_fd)
{
	kill_all(_metadata, self->diary, LEFT_FD);
}

TEST_F(kill, and_a_child_has_the_mappings)
{
	kill_all(_metadata, self->diary, LEFT_MAPPING);
}

TEST_F(kill, and_another_has_the_pool)
{
	kill_all(_metadata, self->diary, LEFT_POOL);
}

TEST_F(kill, and_another_has_mapped_a_ring)
{
	kill_all(_metadata, self->diary, LEFT_CTX);
}

TEST_F(kill, at_any_time)
{
	__u64 rounds = scaled(25), i;
	struct victim victim;
	const char *wrong;

	for (i = 0; i < rounds; i++) {
		__u32 point = chance_of(&self->rng, POINTS);
		__u64 ns = 1 + chance_of(&self->rng, 12 * MSEC);

		victim = (struct victim){ .point = &points[point] };
		wrong = kill_one(&victim, self->diary, ns);
		EXPECT_EQ(NULL, wrong)
		TH_LOG("%s, after %llu ns: %s", points[point].name, ns, wrong);
	}
}

/* The device goes, and while it does the program is killed. */
TEST_F(kill, while_the_device_goes)
{
	size_t i;

	for (i = 0; i < POINTS; i++) {
		struct victim v = { .point = &points[i] };
		const char *device = points[i].device;
		pid_t unbinder;

		ASSERT_EQ(NULL, victim_start(&v, self->diary));
		EXPECT_EQ(NULL, victim_is_there(&v, self->diary));
		unbinder = fork();
		if (!unbinder)
			_exit(device_plug(device, "unbind") ? 1 : 0);
		sleep_ns(chance_of(&self->rng, 3 * MSEC));
		kill(v.pid, SIGKILL);
		EXPECT_EQ(128 + SIGKILL, child_wait(v.pid));
		EXPECT_EQ(0, child_wait(unbinder));
		victim_let_go(&v, self->diary);
		ASSERT_EQ(0, device_ensure(device));
		EXPECT_EQ(NULL, strcmp(device, "adc0") ? loop_is_well()
						       : adc_is_well())
		TH_LOG("%s", points[i].name);
	}
}

TEST_HARNESS_MAIN
