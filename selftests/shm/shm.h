/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of the memfd transport share: a server in the test's process, a
 * client in a forked one, and the books.
 */
#ifndef PCRING_SHM_H
#define PCRING_SHM_H

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <pcring.h>
#include "kselftest_harness.h"

#define MSEC 1000000ULL
#define FOREVER PCRING_NO_TIMEOUT

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

/**
 * struct rig - two processes and a ctx
 * @rings: asked for, then granted.
 * @nr: how many.
 * @opts: the client's; its rings are @rings.
 * @device: NULL: defaults, all wait modes.
 * @server: this process's end.
 * @client: the child, 0: none.
 */
struct rig {
	struct pcring_ring_desc rings[PCRING_MAX_RINGS];
	__u32 nr;
	struct pcring_ctx_opts opts;
	struct pcring_device_opts device;
	struct pcring_ctx *server;
	pid_t client;
};

static inline struct pcring_ring_desc *rig_ring(struct rig *rig, __u32 kind,
						__u32 entries)
{
	struct pcring_ring_desc *desc = &rig->rings[rig->nr++];

	pcring_ring_desc_init(desc, kind, entries);
	return desc;
}

static inline void rig_init(struct rig *rig)
{
	memset(rig, 0, sizeof(*rig));
	rig->opts.size = sizeof(rig->opts);
	rig->device.size = sizeof(rig->device);
	rig->device.wait_modes = 7;
}

typedef int rig_client(struct pcring_ctx *ctx, void *arg);

/*
 * Fork a client that runs @client and exits with what it returns. The server's
 * end is rig->server. Return: 0 or the server's errno.
 */
static inline int rig_start(struct rig *rig, rig_client *client, void *arg)
{
	struct pcring_device *device;
	struct pcring_ctx *ctx;
	int err, pair[2];

	rig->opts.rings = rig->rings;
	rig->opts.nr_rings = rig->nr;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return -errno;
	rig->client = fork();
	if (!rig->client) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(pair[0]);
		err = pcring_ctx_open_fd(pair[1], &rig->opts, &ctx);
		if (err) {
			fprintf(stderr, "# client: %d %s\n", err,
				pcring_error());
			_exit(99);
		}
		err = client(ctx, arg);
		if (err)
			fprintf(stderr, "# client: returns %d, last error %s\n",
				err, pcring_error());
		pcring_ctx_close(ctx);
		_exit(err);
	}
	close(pair[1]);
	err = pcring_device_create(NULL, &rig->device, &device);
	if (err) {
		close(pair[0]);
		return err;
	}
	err = pcring_device_accept_fd(device, pair[0], &rig->server);
	pcring_device_destroy(device);
	return err;
}

/* Wait for the client: its exit code, 128 and its signal, -1. */
static inline int rig_join(struct rig *rig)
{
	int status;

	if (waitpid(rig->client, &status, 0) != rig->client)
		return -1;
	rig->client = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static inline int rig_kill(struct rig *rig)
{
	kill(rig->client, SIGKILL);
	return rig_join(rig);
}

static inline __u64 stats_rejected(const struct pcring_stats *s)
{
	__u64 sum = 0;
	int i;

	for (i = 0; i < PCRING_NR_REASONS; i++)
		sum += s->rejected[i];
	return sum;
}

/* Do the books balance? If not, say how. */
static inline bool stats_balance(const struct pcring_stats *s)
{
	bool good = s->offered == stats_rejected(s) + s->accepted &&
		    s->accepted == s->consumed + s->overwritten + s->discarded +
					   s->cancelled + s->in_ring;

	if (!good)
		printf("# offered %llu rejected %llu accepted %llu consumed "
		       "%llu overwritten %llu discarded %llu cancelled %llu in "
		       "ring %llu\n",
		       s->offered, stats_rejected(s), s->accepted, s->consumed,
		       s->overwritten, s->discarded, s->cancelled, s->in_ring);
	return good;
}

/* Memory both processes see, that is no part of what is tested. */
static inline void *truth_new(size_t size)
{
	void *truth = mmap(NULL, size, PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (truth == MAP_FAILED)
		abort();
	return truth;
}

static inline int count_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

static inline __u64 now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (__u64)ts.tv_sec * 1000000000ULL + (__u64)ts.tv_nsec;
}

static inline __u64 cpu_ns(void)
{
	struct rusage ru;

	getrusage(RUSAGE_SELF, &ru);
	return (__u64)(ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) *
		       1000000000ULL +
	       (__u64)(ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) * 1000ULL;
}

/* Both ends in this process. */
static inline int rig_pair(struct rig *rig, struct pcring_ctx **client)
{
	rig->opts.rings = rig->rings;
	rig->opts.nr_rings = rig->nr;
	return pcring_ctx_pair(&rig->device, &rig->opts, &rig->server, client);
}

#endif /* PCRING_SHM_H */
