// SPDX-License-Identifier: LGPL-2.1-only OR MIT
/*
 * libpcring: opening a ctx: what is asked for, and where.
 */
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "pcring_impl.h"

#define PCRING_OPEN_NS (5 * NSEC)

static int pcring_ctx_opts_get(struct pcring_ctx_opts *to,
			       const struct pcring_ctx_opts *from)
{
	int err = pcring_opts_copy("ctx opts", to, sizeof(*to), from);

	if (err)
		return err;
	if (to->flags || to->reserved)
		return pcring_fail(-EINVAL,
				   "ctx opts: flags %#x, reserved %u: not zero",
				   to->flags, to->reserved);
	if (!to->rings)
		return pcring_fail(-EINVAL, "ctx opts: no rings");
	if (!to->nr_rings || to->nr_rings > PCRING_MAX_RINGS)
		return pcring_fail(-EINVAL,
				   "ctx opts: nr_rings %u: not 1 to %u",
				   to->nr_rings, PCRING_MAX_RINGS);
	if (to->payload_size > PCRING_MAX_PAYLOAD ||
	    (to->payload_size && !to->payload))
		return pcring_fail(-EINVAL, "ctx opts: payload_size %u: %s",
				   to->payload_size,
				   to->payload ? "more than 65536"
					       : "no payload");
	if (to->wait_mode > PCRING_WAIT_EVENTFD)
		return pcring_fail(-EINVAL, "ctx opts: wait_mode %u: unknown",
				   to->wait_mode);
	if (!to->timeout_ns)
		to->timeout_ns = PCRING_OPEN_NS;
	return 0;
}

/* What was granted goes back into the caller's struct, as large as it is. */
static void pcring_ctx_opts_put(struct pcring_ctx_opts *to,
				const struct pcring_ctx_opts *from)
{
	to->block_size = from->block_size;
	to->blocks = from->blocks;
	if (to->size >=
	    offsetof(struct pcring_ctx_opts, features) + sizeof(to->features))
		to->features = from->features;
}

/* What only a kernel can do. */
static int pcring_shm_opts_check(const struct pcring_ctx_opts *opts)
{
	if (opts->setup_flags || opts->drain_ms || opts->worker_cpu)
		return pcring_fail(
			-EOPNOTSUPP,
			"ctx opts: setup_flags %#x, drain_ms %u, "
			"worker_cpu %u: over memfd there is no worker",
			opts->setup_flags, opts->drain_ms, opts->worker_cpu);
	if (opts->features)
		return pcring_fail(-EOPNOTSUPP,
				   "ctx opts: features %#llx: not over memfd",
				   (unsigned long long)opts->features);
	return 0;
}

int pcring_ctx_open_fd(int fd, struct pcring_ctx_opts *opts,
		       struct pcring_ctx **ctx)
{
	struct pcring_ctx_opts own;
	struct pcring_ctx *new;
	__u64 deadline;
	int err;

	err = pcring_ctx_opts_get(&own, opts);
	if (!err)
		err = pcring_shm_opts_check(&own);
	if (err) {
		close(fd);
		return err;
	}
	deadline = pcring_deadline(own.timeout_ns);
	new = pcring_ctx_new(false, fd);
	if (!new)
		return -ENOMEM;
	err = pcring_client_ask(new, &own, deadline);
	if (!err)
		err = pcring_client_attach(new, &own, deadline);
	if (!err)
		err = pcring_client_ready(new, deadline);
	if (err) {
		pcring_ctx_close(new);
		return err;
	}
	pcring_ctx_opts_put(opts, &own);
	*ctx = new;
	return 0;
}

/*
 * The character device that @name stands for, in @path; a bare name, of which there
 * is nothing here, is one of /dev/pcring.
 */
static bool pcring_ctx_is_dev(const char *name, char *path, size_t size)
{
	struct stat st;

	if (name[0] == '@' || (size_t)snprintf(path, size, "%s", name) >= size)
		return false;
	if (!stat(path, &st))
		return S_ISCHR(st.st_mode);
	if (errno != ENOENT || strchr(name, '/') ||
	    (size_t)snprintf(path, size, "/dev/pcring/%s", name) >= size)
		return false;
	return !stat(path, &st) && S_ISCHR(st.st_mode);
}

static int pcring_ctx_connect(const char *name, __u64 timeout_ns)
{
	struct sockaddr_un addr;
	struct timeval tv = { 0 };
	socklen_t len;
	int err, fd;

	err = pcring_name(name, &addr, &len);
	if (err)
		return err;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return pcring_fail(-errno, "device %s: socket: %s", name,
				   strerror(errno));
	/* Bounds connect() while the device's backlog is full. */
	tv.tv_sec = (time_t)(timeout_ns / NSEC);
	tv.tv_usec = (suseconds_t)(timeout_ns % NSEC / 1000) + !tv.tv_sec;
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
	if (!connect(fd, (struct sockaddr *)&addr, len))
		return fd;
	err = errno == EAGAIN ? -ETIME : -errno;
	pcring_fail(err, "device %s: connect: %s", name, strerror(errno));
	close(fd);
	return err;
}

int pcring_ctx_open(const char *name, struct pcring_ctx_opts *opts,
		    struct pcring_ctx **ctx)
{
	struct pcring_ctx_opts own;
	char path[4096];
	__u64 timeout;
	int err;

	if (!pcring_ctx_is_dev(name, path, sizeof(path))) {
		timeout = opts->timeout_ns ? opts->timeout_ns : PCRING_OPEN_NS;
		err = pcring_ctx_connect(name, timeout);
		return err < 0 ? err : pcring_ctx_open_fd(err, opts, ctx);
	}
	err = pcring_ctx_opts_get(&own, opts);
	if (!err)
		err = pcring_dev_open(path, &own, ctx);
	if (!err)
		pcring_ctx_opts_put(opts, &own);
	return err;
}

/* The handshake's steps in turn; its messages fit into the socket. */
static int pcring_pair_steps(struct pcring_ctx *server,
			     struct pcring_ctx *client,
			     const struct pcring_device_opts *dev,
			     struct pcring_ctx_opts *opts)
{
	__u64 deadline = pcring_deadline(opts->timeout_ns);
	int err;

	err = pcring_client_ask(client, opts, deadline);
	if (err)
		return err;
	err = pcring_server_grant(server, dev, deadline);
	if (err)
		return err;
	err = pcring_client_attach(client, opts, deadline);
	if (err)
		return err;
	err = pcring_server_attach(server, deadline);
	if (err)
		return err;
	return pcring_client_ready(client, deadline);
}

int pcring_ctx_pair(const struct pcring_device_opts *device_opts,
		    struct pcring_ctx_opts *opts, struct pcring_ctx **server,
		    struct pcring_ctx **client)
{
	struct pcring_device_opts dev;
	struct pcring_ctx_opts own;
	struct pcring_ctx *s, *c;
	int err, pair[2];

	err = pcring_device_opts_get(&dev, device_opts);
	if (!err)
		err = pcring_ctx_opts_get(&own, opts);
	if (!err)
		err = pcring_shm_opts_check(&own);
	if (err)
		return err;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return pcring_fail(-errno, "ctx: socketpair: %s",
				   strerror(errno));
	s = pcring_ctx_new(true, pair[0]);
	c = pcring_ctx_new(false, pair[1]);
#ifdef PCRING_ONE_MAPPING
	if (s && c) {
		s->twin = c;
		c->twin = s;
	}
#endif
	err = s && c ? pcring_pair_steps(s, c, &dev, &own) : -ENOMEM;
	if (err) {
		pcring_ctx_close(c);
		pcring_ctx_close(s);
		return err;
	}
	pcring_ctx_opts_put(opts, &own);
	*server = s;
	*client = c;
	return 0;
}
