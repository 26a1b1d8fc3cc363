// SPDX-License-Identifier: LGPL-2.1-only OR MIT
/*
 * libpcring: a program that is a device: it listens, and accepts clients.
 */
#include <poll.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "pcring_impl.h"

/**
 * struct pcring_device - what listens
 * @opts: limits and policy, with the defaults filled in.
 * @path: of the socket, empty if abstract or none.
 * @sock: listening, -1: no name.
 * @refs: the device's own and one a ctx.
 * @ids: number of the last ctx.
 */
struct pcring_device {
	struct pcring_device_opts opts;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path) + 1];
	int sock;
	__u32 refs;
	__u32 ids;
};

int pcring_name(const char *name, struct sockaddr_un *addr, socklen_t *len)
{
	size_t n = strlen(name);

	memset(addr, 0, sizeof(*addr));
	addr->sun_family = AF_UNIX;
	if (!n || n >= sizeof(addr->sun_path))
		return pcring_fail(n ? -ENAMETOOLONG : -EINVAL,
				   "device %s: %zu bytes: 1 to %zu", name, n,
				   sizeof(addr->sun_path) - 1);
	memcpy(addr->sun_path, name, n);
	*len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
	if (name[0] == '@')
		addr->sun_path[0] = 0;
	else
		(*len)++;
	return 0;
}

static __u32 pcring_round_down(__u32 n)
{
	__u32 order = pcring_order(n);

	return (1U << order) > n ? 1U << (order - 1) : 1U << order;
}

int pcring_device_opts_get(struct pcring_device_opts *to,
			   const struct pcring_device_opts *from)
{
	int err = pcring_opts_copy("device opts", to, sizeof(*to), from);

	if (err)
		return err;
	if (to->flags || to->reserved)
		return pcring_fail(-EINVAL,
				   "device opts: flags %#x, reserved %u",
				   to->flags, to->reserved);
	if (!to->kinds)
		to->kinds = ~0U;
	if (!to->wait_modes)
		to->wait_modes = 1U << PCRING_WAIT_SOCKET |
				 1U << PCRING_WAIT_FUTEX;
	if (!to->max_entries || to->max_entries > PCRING_MAX_ENTRIES)
		to->max_entries = PCRING_MAX_ENTRIES;
	if (!to->max_bytes || to->max_bytes > PCRING_MAX_BYTES)
		to->max_bytes = PCRING_MAX_BYTES;
	to->max_entries = pcring_round_down(to->max_entries);
	to->max_bytes = pcring_round_down(to->max_bytes);
	if (!to->max_pool_bytes)
		to->max_pool_bytes = PCRING_MAX_POOL_BYTES;
	if (!to->max_ring_bytes)
		to->max_ring_bytes = PCRING_MAX_POOL_BYTES;
	if (!to->max_ctxs)
		to->max_ctxs = 1024;
	if (!to->handshake_ns)
		to->handshake_ns = NSEC;
	return 0;
}

int pcring_device_create(const char *name,
			 const struct pcring_device_opts *opts,
			 struct pcring_device **device)
{
	struct pcring_device *dev = calloc(1, sizeof(*dev));
	struct sockaddr_un addr;
	socklen_t len;
	int err;

	if (!dev)
		return pcring_fail(-ENOMEM, "device: no memory");
	dev->sock = -1;
	dev->refs = 1;
	err = pcring_device_opts_get(&dev->opts, opts);
	if (err || !name)
		goto out;
	err = pcring_name(name, &addr, &len);
	if (err)
		goto out;
	dev->sock = socket(AF_UNIX,
			   SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (dev->sock < 0 || bind(dev->sock, (struct sockaddr *)&addr, len)) {
		err = pcring_fail(-errno, "device %s: %s", name,
				  strerror(errno));
		goto out;
	}
	if (name[0] != '@')
		strcpy(dev->path, name);
	if (listen(dev->sock, 128))
		err = pcring_fail(-errno, "device %s: listen: %s", name,
				  strerror(errno));
out:
	if (err) {
		pcring_device_destroy(dev);
		return err;
	}
	*device = dev;
	return 0;
}

/* Somebody who held the device lets go of it. */
void pcring_device_forget(struct pcring_device *device)
{
	if (device && !__atomic_sub_fetch(&device->refs, 1, __ATOMIC_ACQ_REL))
		free(device);
}

void pcring_device_destroy(struct pcring_device *device)
{
	if (!device)
		return;
	if (device->sock >= 0)
		close(device->sock);
	if (device->path[0])
		unlink(device->path);
	pcring_device_forget(device);
}

int pcring_device_fd(const struct pcring_device *device)
{
	if (device->sock < 0)
		return pcring_fail(-EINVAL, "device: has no name");
	return device->sock;
}

static struct pcring_ctx *pcring_device_ctx(struct pcring_device *device,
					    int fd)
{
	struct pcring_ctx *ctx = pcring_ctx_new(true, fd);

	if (!ctx)
		return NULL;
	__atomic_add_fetch(&device->refs, 1, __ATOMIC_RELAXED);
	ctx->device = device;
	ctx->id = __atomic_add_fetch(&device->ids, 1, __ATOMIC_RELAXED);
	return ctx;
}

static int pcring_device_full(struct pcring_device *device,
			      struct pcring_device_opts *opts)
{
	*opts = device->opts;
	/* The device's own reference and this ctx's are among them. */
	return __atomic_load_n(&device->refs, __ATOMIC_RELAXED) - 1 >
	       opts->max_ctxs;
}

static int pcring_refuse_all(void *arg, struct pcring_request *request)
{
	(void)arg;
	strcpy(request->text, "serves as many as it may");
	return -EBUSY;
}

int pcring_device_accept_fd(struct pcring_device *device, int fd,
			    struct pcring_ctx **ctx)
{
	__u64 deadline = pcring_deadline(device->opts.handshake_ns);
	struct pcring_ctx *new = pcring_device_ctx(device, fd);
	struct pcring_device_opts opts;
	int err;

	if (!new)
		return -ENOMEM;
	if (pcring_device_full(device, &opts))
		opts.accept = pcring_refuse_all;
	err = pcring_server_grant(new, &opts, deadline);
	if (!err)
		err = pcring_server_attach(new, deadline);
	if (err) {
		pcring_ctx_close(new);
		return err;
	}
	*ctx = new;
	return 0;
}

int pcring_device_accept(struct pcring_device *device, __u64 timeout_ns,
			 struct pcring_ctx **ctx)
{
	struct pollfd pfd = { .fd = device->sock, .events = POLLIN };
	__u64 deadline = pcring_deadline(timeout_ns);
	int fd, n;

	if (device->sock < 0)
		return pcring_fail(-EINVAL, "device: has no name");
	do {
		n = poll(&pfd, 1, pcring_poll_ms(deadline));
		if (n < 0)
			return -errno;
		if (!n)
			return -ETIME;
		fd = accept4(device->sock, NULL, NULL,
			     SOCK_CLOEXEC | SOCK_NONBLOCK);
	} while (fd < 0 && (errno == EAGAIN || errno == ECONNABORTED));
	if (fd < 0)
		return pcring_fail(-errno, "device: accept: %s",
				   strerror(errno));
	return pcring_device_accept_fd(device, fd, ctx);
}
