// SPDX-License-Identifier: LGPL-2.1-only OR MIT
/*
 * libpcring: setting a ctx up, step by step.
 *
 *   client                                server
 *   SETUP: what is wanted      ------->   checks, asks the policy
 *                              <-------   GRANT: what is granted; its memfd, the
 *                                         pool's, the fds to wake and be woken by
 *   checks all of it, maps
 *   ATTACH: its memfd          ------->   checks the seals, maps
 *                              <-------   READY
 *
 * Either side may answer with an errno and a text instead, and the ctx is closed.
 */
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include "pcring_impl.h"

static void pcring_msg_init(struct pcring_msg *msg, __u32 type)
{
	memset(msg, 0, sizeof(*msg));
	msg->magic = PCRING_MSG_MAGIC;
	msg->version = PCRING_MSG_VERSION;
	msg->type = (__u16)type;
	msg->len = sizeof(*msg);
}

/* Say why not; whether the peer hears it is its own affair. */
static void pcring_refuse(struct pcring_ctx *ctx, __u32 type, int err)
{
	struct pcring_msg msg;

	pcring_msg_init(&msg, type);
	msg.error = err;
	strncpy(msg.text, pcring_error(), sizeof(msg.text) - 1);
	if (err == -EOWNERDEAD || err == -ETIME)
		return;
	pcring_msg_send(ctx->fd, &msg, NULL, NULL, NULL, 0);
	/* The text was about the cause, not about the sending. */
	pcring_fail(err, "%s", msg.text);
}

/* ---- client --------------------------------------------------------------- */

int pcring_client_ask(struct pcring_ctx *ctx, struct pcring_ctx_opts *opts,
		      __u64 deadline)
{
	struct pcring_msg msg;

	pcring_msg_init(&msg, PCRING_MSG_SETUP);
	msg.nr_rings = opts->nr_rings;
	msg.ring_size = sizeof(struct pcring_ring_desc);
	msg.payload_size = opts->payload_size;
	msg.wait_mode = opts->wait_mode;
	msg.pool.block_size = opts->block_size;
	msg.pool.blocks = opts->blocks;
	msg.pool.flags = opts->pool_flags;
	msg.len += msg.nr_rings * msg.ring_size + msg.payload_size;
	ctx->wait_mode = opts->wait_mode;
	ctx->via = pcring_shm_transport(opts->wait_mode);
	ctx->spin_ns = opts->spin_ns;
	return pcring_msg_send(ctx->fd, &msg, opts->rings, opts->payload, NULL,
			       deadline);
}

static __u32 pcring_fds_an_end(__u32 wait_mode)
{
	return wait_mode == PCRING_WAIT_FUTEX	 ? 0
	       : wait_mode == PCRING_WAIT_SOCKET ? 1
						 : 2;
}

/* Is the grant a possible answer? Nothing of the server's is believed. */
static int pcring_client_check(struct pcring_ctx *ctx,
			       const struct pcring_msg *msg,
			       const struct pcring_ctx_opts *opts)
{
	const struct pcring_limits all = { ~0U, PCRING_MAX_ENTRIES,
					   PCRING_MAX_BYTES };
	const struct pcring_ring_desc *descs =
		(const struct pcring_ring_desc *)(msg + 1);
	struct pcring_pool_desc pool = msg->pool;
	__u32 i;
	int err;

	if (msg->nr_rings != opts->nr_rings)
		return pcring_fail(-EBADFD, "grant: %u rings, not %u",
				   msg->nr_rings, opts->nr_rings);
	for (i = 0; i < msg->nr_rings; i++)
		if (descs[i].kind != opts->rings[i].kind ||
		    descs[i].policy != opts->rings[i].policy ||
		    descs[i].producers != opts->rings[i].producers ||
		    descs[i].flags != opts->rings[i].flags)
			return pcring_fail(-EBADFD,
					   "grant: ring %u: another one", i);
	ctx->pool_desc = pool;
	err = pcring_ctx_build(ctx, descs, msg->nr_rings);
	if (err)
		return err;
	err = pcring_desc_check(ctx->descs, ctx->nr_rings, &pool, &all);
	if (!err)
		err = pcring_desc_layout(ctx->descs, ctx->nr_rings, &pool,
					 &ctx->layout);
	if (!err &&
	    (memcmp(ctx->descs, descs, ctx->nr_rings * sizeof(*descs)) ||
	     memcmp(&pool, &msg->pool, sizeof(pool))))
		err = pcring_fail(-EBADFD, "grant: another layout");
	return err;
}

static int pcring_client_map(struct pcring_ctx *ctx, struct pcring_fds *fds)
{
	__u32 first = 1 + !!ctx->layout.pool_len;
	__u32 want =
		first + ctx->layout.ends * pcring_fds_an_end(ctx->wait_mode);
	int err;

	if (fds->nr != want)
		return pcring_fail(-EBADFD, "grant: %u fds, not %u", fds->nr,
				   want);
	err = pcring_shm_check(fds->fd[0], ctx->layout.server_len, true);
	if (err)
		return err;
	if (ctx->layout.pool_len) {
		err = pcring_shm_check(fds->fd[1], ctx->layout.pool_len, false);
		if (!err)
			err = pcring_ctx_map_pool(ctx, fds->fd[1], fds->fd[0]);
		if (err)
			return err;
	}
	err = pcring_ctx_map_own(ctx);
	if (!err)
		err = pcring_ctx_map_peer(ctx, fds->fd[0]);
	return err;
}

int pcring_client_attach(struct pcring_ctx *ctx, struct pcring_ctx_opts *opts,
			 __u64 deadline)
{
	struct pcring_fds own = { .nr = 1 };
	struct pcring_msg attach;
	struct pcring_msg *msg;
	struct pcring_fds fds;
	__u32 first, i;
	int err;

	err = pcring_msg_recv(ctx->fd, PCRING_MSG_GRANT, &msg, &fds, deadline);
	if (err)
		return err;
	ctx->id = msg->ctx_id;
	err = pcring_client_check(ctx, msg, opts);
	if (!err)
		err = pcring_client_map(ctx, &fds);
	if (err)
		goto out_fds;
	memcpy(opts->rings, ctx->descs, ctx->nr_rings * sizeof(*opts->rings));
	opts->block_size = ctx->pool_desc.block_size;
	opts->blocks = ctx->pool_desc.blocks;
	pcring_msg_init(&attach, PCRING_MSG_ATTACH);
	own.fd[0] = ctx->own_shm;
	err = pcring_msg_send(ctx->fd, &attach, NULL, NULL, &own, deadline);
	if (err)
		goto out_fds;
	/* The fds to wake and be woken by are the ctx's from here on. */
	first = 1 + !!ctx->layout.pool_len;
	for (i = first; i < fds.nr; i++)
		ctx->fds.fd[i - first] = fds.fd[i];
	ctx->fds.nr = fds.nr - first;
	fds.nr = first;
out_fds:
	pcring_fds_close(&fds);
	free(msg);
	return err;
}

int pcring_client_ready(struct pcring_ctx *ctx, __u64 deadline)
{
	struct pcring_msg *msg;
	struct pcring_fds fds;
	int err;

	err = pcring_msg_recv(ctx->fd, PCRING_MSG_READY, &msg, &fds, deadline);
	if (err)
		return err;
	pcring_fds_close(&fds);
	free(msg);
	pcring_ctx_go(ctx);
	return 0;
}

/* ---- server --------------------------------------------------------------- */

static int pcring_server_policy(struct pcring_ctx *ctx, struct pcring_msg *msg,
				const struct pcring_device_opts *opts)
{
	struct pcring_ring_desc *descs = (struct pcring_ring_desc *)(msg + 1);
	struct pcring_request request = { .size = sizeof(request) };
	struct ucred cred = { 0 };
	socklen_t len = sizeof(cred);
	int err;

	getsockopt(ctx->fd, SOL_SOCKET, SO_PEERCRED, &cred, &len);
	ctx->pid = cred.pid;
	if (!opts->accept)
		return 0;
	request.nr_rings = msg->nr_rings;
	request.rings = descs;
	request.payload = msg->payload_size ? descs + msg->nr_rings : NULL;
	request.payload_size = msg->payload_size;
	request.block_size = msg->pool.block_size;
	request.blocks = msg->pool.blocks;
	request.pool_flags = msg->pool.flags;
	request.wait_mode = msg->wait_mode;
	request.pid = cred.pid;
	request.uid = cred.uid;
	request.gid = cred.gid;
	err = opts->accept(opts->arg, &request);
	if (err) {
		request.text[sizeof(request.text) - 1] = 0;
		return pcring_fail(err < 0 ? err : -EINVAL, "policy: %s",
				   request.text);
	}
	msg->pool.block_size = request.block_size;
	msg->pool.blocks = request.blocks;
	return 0;
}

static int pcring_server_check(struct pcring_ctx *ctx, struct pcring_msg *msg,
			       const struct pcring_device_opts *opts)
{
	struct pcring_ring_desc *descs = (struct pcring_ring_desc *)(msg + 1);
	const struct pcring_limits limits = { opts->kinds, opts->max_entries,
					      opts->max_bytes };
	int err;

	if (msg->wait_mode > PCRING_WAIT_EVENTFD ||
	    !(opts->wait_modes & (1U << msg->wait_mode)))
		return pcring_fail(-EOPNOTSUPP, "ctx: wait_mode %u: not served",
				   msg->wait_mode);
	err = pcring_desc_check(descs, msg->nr_rings, &msg->pool, &limits);
	if (!err)
		err = pcring_server_policy(ctx, msg, opts);
	if (!err)
		err = pcring_desc_check(descs, msg->nr_rings, &msg->pool,
					&limits);
	if (!err)
		err = pcring_desc_layout(descs, msg->nr_rings, &msg->pool,
					 &ctx->layout);
	if (err)
		return err;
	if (ctx->layout.pool_len > opts->max_pool_bytes)
		return pcring_fail(-ENOSPC, "pool: %llu bytes: at most %llu",
				   (unsigned long long)ctx->layout.pool_len,
				   (unsigned long long)opts->max_pool_bytes);
	if (ctx->layout.user_len + ctx->layout.server_len >
	    opts->max_ring_bytes)
		return pcring_fail(-ENOSPC, "ctx: %llu bytes: at most %llu",
				   (unsigned long long)(ctx->layout.user_len +
							ctx->layout.server_len),
				   (unsigned long long)opts->max_ring_bytes);
	return 0;
}

/* Our ends go to ctx->fds, the client's are added to @theirs. */
static int pcring_server_fds(struct pcring_ctx *ctx, struct pcring_fds *theirs)
{
	__u32 an_end = pcring_fds_an_end(ctx->wait_mode);
	__u32 i;
	int pair[2];

	for (i = 0; i < ctx->layout.ends * an_end; i++) {
		if (ctx->wait_mode == PCRING_WAIT_SOCKET) {
			if (socketpair(AF_UNIX,
				       SOCK_STREAM | SOCK_CLOEXEC |
					       SOCK_NONBLOCK,
				       0, pair))
				goto fail;
		} else {
			pair[0] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
			if (pair[0] < 0)
				goto fail;
			pair[1] = fcntl(pair[0], F_DUPFD_CLOEXEC, 0);
			if (pair[1] < 0) {
				close(pair[0]);
				goto fail;
			}
		}
		ctx->fds.fd[ctx->fds.nr++] = pair[0];
		theirs->fd[theirs->nr++] = pair[1];
	}
	return 0;
fail:
	return pcring_fail(-errno, "ctx: fds to wake by: %s", strerror(errno));
}

static int pcring_server_answer(struct pcring_ctx *ctx,
				const struct pcring_msg *msg, __u64 deadline)
{
	struct pcring_fds fds = { .nr = 0 };
	struct pcring_msg grant;
	__u32 ours;
	int err;

	fds.fd[fds.nr++] = ctx->own_shm;
	if (ctx->pool_shm >= 0)
		fds.fd[fds.nr++] = ctx->pool_shm;
	ours = fds.nr;
	err = pcring_server_fds(ctx, &fds);
	if (!err) {
		pcring_msg_init(&grant, PCRING_MSG_GRANT);
		grant.nr_rings = ctx->nr_rings;
		grant.ring_size = sizeof(struct pcring_ring_desc);
		grant.pool = msg->pool;
		grant.wait_mode = ctx->wait_mode;
		grant.ctx_id = ctx->id;
		grant.len += grant.nr_rings * grant.ring_size;
		err = pcring_msg_send(ctx->fd, &grant, ctx->descs, NULL, &fds,
				      deadline);
	}
	while (fds.nr > ours)
		close(fds.fd[--fds.nr]);
	return err;
}

int pcring_server_grant(struct pcring_ctx *ctx,
			const struct pcring_device_opts *opts, __u64 deadline)
{
	struct pcring_ring_desc *descs;
	struct pcring_msg *msg;
	struct pcring_fds fds;
	int err;

	err = pcring_msg_recv(ctx->fd, PCRING_MSG_SETUP, &msg, &fds, deadline);
	if (err) {
		pcring_refuse(ctx, PCRING_MSG_GRANT, err);
		return err;
	}
	pcring_fds_close(&fds); /* none belong here */
	err = pcring_server_check(ctx, msg, opts);
	if (err)
		goto out;
	descs = (struct pcring_ring_desc *)(msg + 1);
	ctx->wait_mode = msg->wait_mode;
	ctx->via = pcring_shm_transport(msg->wait_mode);
	ctx->spin_ns = opts->spin_ns;
	ctx->pool_desc = msg->pool;
	err = -ENOMEM;
	if (msg->payload_size) {
		ctx->payload = malloc(msg->payload_size);
		if (!ctx->payload)
			goto out;
		memcpy(ctx->payload, descs + msg->nr_rings, msg->payload_size);
		ctx->payload_size = msg->payload_size;
	}
	err = pcring_ctx_build(ctx, descs, msg->nr_rings);
	if (!err)
		err = pcring_ctx_map_own(ctx);
	if (!err)
		err = pcring_server_answer(ctx, msg, deadline);
out:
	if (err)
		pcring_refuse(ctx, PCRING_MSG_GRANT, err);
	free(msg);
	return err;
}

int pcring_server_attach(struct pcring_ctx *ctx, __u64 deadline)
{
	struct pcring_msg *msg, ready;
	struct pcring_fds fds;
	int err;

	err = pcring_msg_recv(ctx->fd, PCRING_MSG_ATTACH, &msg, &fds, deadline);
	if (err)
		return err;
	if (fds.nr != 1)
		err = pcring_fail(-EBADFD, "attach: %u fds, not 1", fds.nr);
	if (!err)
		err = pcring_shm_check(fds.fd[0], ctx->layout.user_len, true);
	if (!err)
		err = pcring_ctx_map_peer(ctx, fds.fd[0]);
	pcring_fds_close(&fds);
	free(msg);
	if (err) {
		pcring_refuse(ctx, PCRING_MSG_READY, err);
		return err;
	}
	pcring_ctx_go(ctx);
	pcring_msg_init(&ready, PCRING_MSG_READY);
	return pcring_msg_send(ctx->fd, &ready, NULL, NULL, NULL, deadline);
}
