// SPDX-License-Identifier: GPL-2.0-only
/* What has to be true afterwards; see after.h. */
#include <limits.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include "after.h"

#define CLASS "/sys/class/pcring"
#define DRIVERS "/sys/bus/platform/drivers"

int device_count(const char *device, const char *what)
{
	char path[128], text[32];
	int err;

	snprintf(path, sizeof(path), CLASS "/%s/%s", device, what);
	err = file_read(path, text, sizeof(text));
	return err ? err : atoi(text);
}

bool device_rests(const char *device, __u64 ns)
{
	__u64 until = now_ns() + ns;

	/* Absent is at rest, too. */
	while (device_count(device, "open") > 0 ||
	       device_count(device, "dying") > 0) {
		if (now_ns() > until) {
			printf("# %s: open %d dying %d\n", device,
			       device_count(device, "open"),
			       device_count(device, "dying"));
			return false;
		}
		sleep_ns(2 * MSEC);
	}
	return true;
}

/* ---- the device's totals ------------------------------------------------------ */

int books_read(const char *path, struct books *books)
{
	int fd = dev_open(path, O_RDWR);
	int err = fd < 0 ? fd : 0;
	__u32 kind;

	memset(books, 0, sizeof(*books));
	for (kind = 1; kind < KINDS && !err; kind++)
		err = device_stats(fd, kind, &books->kind[kind]);
	if (fd >= 0)
		close(fd);
	return err;
}

struct books books_since(const struct books *before, const struct books *now)
{
	struct books since = *now;
	__u32 kind;
	int i;

	for (kind = 1; kind < KINDS; kind++) {
		const struct pcring_stats *old = &before->kind[kind];
		struct pcring_stats *s = &since.kind[kind];

		s->offered -= old->offered;
		for (i = 0; i < PCRING_NR_REASONS; i++)
			s->rejected[i] -= old->rejected[i];
		s->accepted -= old->accepted;
		s->consumed -= old->consumed;
		s->overwritten -= old->overwritten;
		s->discarded -= old->discarded;
		s->cancelled -= old->cancelled;
		s->stale -= old->stale;
	}
	return since;
}

bool books_balance(const struct books *books)
{
	bool good = true;
	__u32 kind;

	for (kind = 1; kind < KINDS; kind++) {
		const struct pcring_stats *s = &books->kind[kind];
		/* A difference of two terms that fits only modulo 2^64. */
		bool sane = s->accepted <= s->offered &&
			    s->consumed <= s->accepted &&
			    s->cancelled <= s->accepted &&
			    s->discarded <= s->accepted;

		if (stats_balance(s) && sane)
			continue;
		printf("# kind %u: offered %llu accepted %llu consumed %llu "
		       "discarded %llu cancelled %llu\n",
		       kind, s->offered, s->accepted, s->consumed, s->discarded,
		       s->cancelled);
		good = false;
	}
	return good;
}

/* ---- a new ctx ---------------------------------------------------------------- */

const char *well_open(struct well *well)
{
	struct rig *rig = &well->rig;

	memset(well, 0, sizeof(*well));
	if (rig_open(rig, LOOP))
		return "it cannot be opened";
	if (rig_pool(rig, PCRING_POOL_USER, PAGE, 8))
		return "it gets no blocks";
	rig_ring(rig, PCRING_KIND_SQ, 8);
	rig_ring(rig, PCRING_KIND_CQ, 8);
	rig_ring(rig, PCRING_KIND_REC_IN, 4096);
	rig_ring(rig, PCRING_KIND_REC_OUT, 4096);
	return rig_setup(rig) ? "it is not set up" : NULL;
}

static const char *block_goes_round(struct well *well, __u32 block)
{
	struct pcring_sqe sqe = sqe_block(PCRING_LOOP_CRC32C, block,
					  well->generation[block], PAGE);
	struct pcring_cqe cqe;

	if (rig_ask(&well->rig, &sqe, &cqe))
		return "a request is not answered";
	if (cqe.res != (int)PAGE || cqe.block != block)
		return "a request is answered wrongly";
	well->generation[block] = cqe.generation;
	return NULL;
}

static const char *record_comes_back(struct well *well)
{
	struct rig *rig = &well->rig;
	struct item item;

	if (rig_write_all(rig, 2, &well->seq, sizeof(well->seq), 7))
		return "a record is not taken";
	if (rig_next_wait(rig, 3, &item) != ITEM)
		return "a record does not come back";
	if (item.view.seq != well->seq || item.view.len != sizeof(well->seq) ||
	    memcmp(item.view.data, &well->seq, sizeof(well->seq)))
		return "another record comes back";
	rig_done(rig, 3, &item);
	well->seq++;
	return NULL;
}

const char *well_round(struct well *well)
{
	const char *wrong = NULL;
	__u32 i;

	for (i = 0; i < 16 && !wrong; i++)
		wrong = block_goes_round(well, i % 8);
	for (i = 0; i < 16 && !wrong; i++)
		wrong = record_comes_back(well);
	return wrong;
}

const char *well_close(struct well *well)
{
	const char *wrong = NULL;
	struct pcring_stats stats;
	__u32 i;

	for (i = 0; i < well->rig.nr; i++)
		if (rig_stats(&well->rig, i, &stats) || !stats_balance(&stats))
			wrong = "its books do not balance";
	rig_close(&well->rig);
	return wrong;
}

const char *loop_is_well(void)
{
	struct well well;
	const char *wrong = well_open(&well);

	if (!wrong)
		wrong = well_round(&well);
	if (wrong) {
		rig_close(&well.rig);
		return wrong;
	}
	return well_close(&well);
}

const char *adc_is_well(void)
{
	struct pcring_adc_config config = { .count = 64, .item_size = 64 };
	const char *wrong = NULL;
	struct item item;
	struct rig rig;
	__u64 i;

	if (rig_adc_records(&rig, 1 << 14, PCRING_POLICY_BLOCK, &config))
		wrong = "it is not set up";
	for (i = 0; i < config.count && !wrong; i++) {
		if (rig_next_wait(&rig, 0, &item) != ITEM) {
			wrong = "an item does not come";
			break;
		}
		wrong = adc_item_check(item.view.data, item.view.len, i);
		rig_done(&rig, 0, &item);
	}
	rig_close(&rig);
	return wrong;
}

static int pool_use(struct rig *rig, const char *path)
{
	struct pcring_adc_config config = { .count = 1, .rate_hz = 1 };
	bool loop = !strcmp(path, LOOP);

	rig_ring(rig, loop ? PCRING_KIND_SQ : PCRING_KIND_FREE, 8);
	rig_ring(rig, PCRING_KIND_CQ, 8);
	if (!loop)
		configure(rig->fd, &config, sizeof(config));
	return rig_setup(rig);
}

int pool_kernel_blocks(const char *path, int pool_fd, __u64 *blocks)
{
	struct pcring_stats stats;
	struct rig rig;
	int err = rig_open(&rig, path);

	if (err)
		return err;
	rig.pool.fd = pool_fd;
	err = pool_use(&rig, path);
	if (!err)
		err = rig_stats(&rig, 0, &stats);
	/* The converter may have posted one by now. */
	*blocks = err ? 0 : stats.blocks_kernel + stats.blocks_user;
	if (!err && !strcmp(path, LOOP))
		*blocks = stats.blocks_kernel;
	rig.pool.fd = -1; /* the caller's */
	rig_close(&rig);
	return err;
}

int account_keep(void)
{
	struct pool pool = {
		.req = { .block_size = PAGE, .blocks = 1, .dmabuf_fd = -1 }
	};
	int fd = dev_open(LOOP, O_RDWR);
	int err;

	if (fd < 0)
		return fd;
	err = pool_create(fd, &pool);
	close(fd);
	return err ? err : pool.fd;
}

/* ---- devices and modules -------------------------------------------------------- */

/* loop0: driver pcring_loop, device pcring_loop.0. */
int device_plug(const char *device, const char *how)
{
	size_t len = strcspn(device, "0123456789");
	char path[128], name[64];

	snprintf(path, sizeof(path), DRIVERS "/pcring_%.*s/%s", (int)len,
		 device, how);
	snprintf(name, sizeof(name), "pcring_%.*s.%s", (int)len, device,
		 device + len);
	return file_write(path, name);
}

/* One that was bound while memory was short may be without its node. */
int device_ensure(const char *device)
{
	char path[64];
	int i;

	snprintf(path, sizeof(path), "/dev/pcring/%s", device);
	if (device_count(device, "open") >= 0 && access(path, F_OK))
		device_plug(device, "unbind");
	if (device_count(device, "open") < 0)
		device_plug(device, "bind");
	for (i = 0; i < 100 && access(path, F_OK); i++)
		sleep_ns(5 * MSEC);
	return access(path, F_OK) ? -errno : 0;
}

int module_unload(const char *name)
{
	return syscall(SYS_delete_module, name, O_NONBLOCK) ? -errno : 0;
}

/* build/module/<test> is where we are; kmod/ is beside build/. */
static int module_open(const char *name)
{
	const char *below = strcmp(name, "pcring") ? "drivers/" : "";
	char exe[PATH_MAX], path[PATH_MAX + 64];
	ssize_t len = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	char *end;

	exe[len < 0 ? 0 : len] = 0;
	end = strstr(exe, "/build/");
	if (!end)
		return -ENOENT;
	*end = 0;
	snprintf(path, sizeof(path), "%s/kmod/%s%s.ko", exe, below, name);
	return dev_open(path, O_RDONLY);
}

bool module_found(const char *name)
{
	int fd = module_open(name);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

int module_load(const char *name)
{
	int fd = module_open(name);
	int err;

	if (fd < 0)
		return fd;
	err = syscall(SYS_finit_module, fd, "", 0) ? -errno : 0;
	close(fd);
	return err;
}

/* ---- file descriptors ---------------------------------------------------------- */

union fd_message {
	char bytes[CMSG_SPACE(sizeof(int))];
	struct cmsghdr align;
};

static void fd_header(struct msghdr *msg, struct iovec *iov,
		      union fd_message *control)
{
	static char byte;

	memset(msg, 0, sizeof(*msg));
	memset(control, 0, sizeof(*control));
	iov->iov_base = &byte;
	iov->iov_len = 1;
	msg->msg_iov = iov;
	msg->msg_iovlen = 1;
	msg->msg_control = control;
	msg->msg_controllen = sizeof(*control);
}

int fd_send(int socket, int fd)
{
	union fd_message control;
	struct cmsghdr *cmsg;
	struct iovec iov;
	struct msghdr msg;

	fd_header(&msg, &iov, &control);
	cmsg = CMSG_FIRSTHDR(&msg);
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(int));
	return sendmsg(socket, &msg, 0) < 0 ? -errno : 0;
}

int fd_receive(int socket)
{
	union fd_message control;
	struct cmsghdr *cmsg;
	struct iovec iov;
	struct msghdr msg;
	int fd;

	fd_header(&msg, &iov, &control);
	if (recvmsg(socket, &msg, MSG_CMSG_CLOEXEC) <= 0)
		return -EPIPE;
	cmsg = CMSG_FIRSTHDR(&msg);
	if (!cmsg || cmsg->cmsg_type != SCM_RIGHTS)
		return -ENOMSG;
	memcpy(&fd, CMSG_DATA(cmsg), sizeof(int));
	return fd;
}

/* ---- chance --------------------------------------------------------------------- */

__u64 chance_seed(const char *env)
{
	const char *text = getenv(env);
	__u64 seed = text ? strtoull(text, NULL, 0) : now_ns();

	printf("# %s=%llu\n", env, seed);
	fflush(stdout);
	return seed;
}

/* splitmix64 */
__u64 chance(__u64 *state)
{
	__u64 z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}
