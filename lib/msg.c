// SPDX-License-Identifier: LGPL-2.1-only OR MIT
/*
 * libpcring: messages of the handshake. Sized, bounded, versioned; the peer may
 * send anything, at any pace.
 */
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "pcring_impl.h"

void pcring_fds_close(struct pcring_fds *fds)
{
	__u32 i;

	for (i = 0; i < fds->nr; i++)
		close(fds->fd[i]);
	fds->nr = 0;
}

static int pcring_msg_poll(int sock, short events, __u64 deadline)
{
	struct pollfd pfd = { .fd = sock, .events = events };
	int n;

	do {
		n = poll(&pfd, 1, pcring_poll_ms(deadline));
	} while (n < 0 && errno == EINTR && pcring_now() < deadline);
	if (n < 0)
		return -errno;
	if (!n)
		return pcring_fail(-ETIME, "handshake: the peer is silent");
	return 0;
}

int pcring_msg_send(int sock, const struct pcring_msg *msg, const void *descs,
		    const void *payload, const struct pcring_fds *fds,
		    __u64 deadline)
{
	char control[CMSG_SPACE(sizeof(int) * PCRING_MAX_FDS)]
		__attribute__((aligned(8)));
	size_t descs_len = descs ? msg->nr_rings * (size_t)msg->ring_size : 0;
	struct iovec iov[3] = {
		{ (void *)msg, sizeof(*msg) },
		{ (void *)descs, descs_len },
		{ (void *)payload, payload ? msg->payload_size : 0 },
	};
	struct msghdr hdr = { .msg_iov = iov, .msg_iovlen = 3 };
	struct cmsghdr *cmsg;
	ssize_t n;
	int err;

	if (fds && fds->nr) {
		memset(control, 0, sizeof(control));
		hdr.msg_control = control;
		hdr.msg_controllen = CMSG_SPACE(sizeof(int) * fds->nr);
		cmsg = CMSG_FIRSTHDR(&hdr);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(int) * fds->nr);
		memcpy(CMSG_DATA(cmsg), fds->fd, sizeof(int) * fds->nr);
	}
	do {
		n = sendmsg(sock, &hdr, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n >= 0)
			return 0;
		err = errno;
		if (err == EPIPE || err == ECONNRESET)
			return pcring_fail(-EOWNERDEAD,
					   "handshake: the peer hung up");
		if (err != EAGAIN && err != EINTR)
			return pcring_fail(-err, "handshake: sendmsg: %s",
					   strerror(err));
		err = pcring_msg_poll(sock, POLLOUT, deadline);
	} while (!err);
	return err;
}

/* Take the fds out of a message, whatever else is wrong with it. */
static bool pcring_msg_fds(struct msghdr *hdr, struct pcring_fds *fds)
{
	struct cmsghdr *cmsg;
	bool good = true;

	for (cmsg = CMSG_FIRSTHDR(hdr); cmsg; cmsg = CMSG_NXTHDR(hdr, cmsg)) {
		if (cmsg->cmsg_level != SOL_SOCKET ||
		    cmsg->cmsg_type != SCM_RIGHTS || fds->nr) {
			good = false;
			continue;
		}
		fds->nr = (__u32)((cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int));
		memcpy(fds->fd, CMSG_DATA(cmsg), sizeof(int) * fds->nr);
	}
	return good && !(hdr->msg_flags & MSG_CTRUNC);
}

static int pcring_msg_check(struct pcring_msg *msg, size_t n, __u32 type)
{
	__u64 want = sizeof(*msg);

	if (n < sizeof(*msg) || msg->magic != PCRING_MSG_MAGIC || msg->len != n)
		return pcring_fail(-EBADFD, "handshake: %zu bytes: not ours",
				   n);
	if (msg->version != PCRING_MSG_VERSION)
		return pcring_fail(-EOPNOTSUPP,
				   "handshake: version %u: this is %u",
				   msg->version, PCRING_MSG_VERSION);
	msg->text[sizeof(msg->text) - 1] = 0;
	if (msg->error)
		return 0;
	if (msg->type != type)
		return pcring_fail(-EBADFD, "handshake: message %u: not %u",
				   msg->type, type);
	if (type == PCRING_MSG_SETUP || type == PCRING_MSG_GRANT) {
		if (msg->ring_size != sizeof(struct pcring_ring_desc) ||
		    msg->nr_rings > PCRING_MAX_RINGS)
			return pcring_fail(-EBADFD,
					   "handshake: %u rings of %u bytes",
					   msg->nr_rings, msg->ring_size);
		want += (__u64)msg->nr_rings * msg->ring_size;
	}
	if (type == PCRING_MSG_SETUP) {
		if (msg->payload_size > PCRING_MAX_PAYLOAD)
			return pcring_fail(-EBADFD,
					   "handshake: payload_size %u",
					   msg->payload_size);
		want += msg->payload_size;
	}
	if (want != n)
		return pcring_fail(-EBADFD, "handshake: %zu bytes, not %llu", n,
				   (unsigned long long)want);
	return 0;
}

/*
 * Wait for one message. On success @msg (to be freed) and @fds are the caller's;
 * else every fd that came is closed. A refusal of the peer's is its errno and its
 * text.
 */
int pcring_msg_recv(int sock, __u32 type, struct pcring_msg **msg,
		    struct pcring_fds *fds, __u64 deadline)
{
	char control[CMSG_SPACE(sizeof(int) * PCRING_MAX_FDS)]
		__attribute__((aligned(8)));
	struct msghdr hdr = { 0 };
	struct iovec iov;
	ssize_t n;
	int err;

	fds->nr = 0;
	iov.iov_len = PCRING_MAX_MSG;
	iov.iov_base = malloc(iov.iov_len);
	if (!iov.iov_base)
		return -ENOMEM;
	do {
		err = pcring_msg_poll(sock, POLLIN, deadline);
		if (err)
			goto out_free;
		hdr.msg_iov = &iov;
		hdr.msg_iovlen = 1;
		hdr.msg_control = control;
		hdr.msg_controllen = sizeof(control);
		n = recvmsg(sock, &hdr, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	} while (n < 0 && (errno == EAGAIN || errno == EINTR));
	if (n < 0 && errno != ECONNRESET) {
		err = pcring_fail(-errno, "handshake: recvmsg: %s",
				  strerror(errno));
		goto out_free;
	}
	*msg = iov.iov_base;
	/* An empty message looks like a hang-up, but may bring fds. */
	if (n >= 0 && !pcring_msg_fds(&hdr, fds))
		err = pcring_fail(-EBADFD, "handshake: fds cut off");
	else if (n <= 0)
		err = pcring_fail(-EOWNERDEAD, "handshake: the peer hung up");
	else if (hdr.msg_flags & MSG_TRUNC)
		err = pcring_fail(-EBADFD, "handshake: message cut off");
	else
		err = pcring_msg_check(*msg, (size_t)n, type);
	if (!err && (*msg)->error) {
		err = (*msg)->error;
		if (err > 0 || err < -4095)
			err = -EBADFD;
		pcring_fail(err, "refused: %s", (*msg)->text);
	}
	if (!err)
		return 0;
	pcring_fds_close(fds);
out_free:
	free(iov.iov_base);
	return err;
}
