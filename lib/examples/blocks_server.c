// SPDX-License-Identifier: LGPL-2.1-only OR MIT
/*
 * blocks_server NAME: takes blocks that blocks_client sends, adds up their bytes
 * in place, and answers with the sum.
 */
#include <stdio.h>
#include <pcring.h>

static int fail(const char *what)
{
	fprintf(stderr, "blocks_server: %s: %s\n", what, pcring_error());
	return 1;
}

/* The device takes what is sent in blocks, and nothing else. */
static int accept_blocks(void *arg, struct pcring_request *request)
{
	(void)arg;
	if (!request->blocks || request->nr_rings != 2) {
		strcpy(request->text, "wants an SQ, a CQ and a pool");
		return -EINVAL;
	}
	return 0;
}

static __s32 add_up(const struct pcring_block *block)
{
	const unsigned char *bytes = block->data;
	__u32 i, sum = 0;

	for (i = 0; i < block->len; i++)
		sum += bytes[i];
	return (__s32)(sum & 0x7fffffff);
}

static int serve(struct pcring_ctx *ctx)
{
	struct pcring_ring *sq = pcring_ctx_find(ctx, PCRING_KIND_SQ, 0);
	struct pcring_ring *cq = pcring_ctx_find(ctx, PCRING_KIND_CQ, 0);
	struct pcring_block block;
	struct pcring_sqe sqes[8];
	int err, i, n;
	__s32 res;

	for (;;) {
		err = pcring_ring_wait(sq, 1, PCRING_NO_TIMEOUT);
		if (err < 0)
			return err;
		n = pcring_sqe_take(sq, cq, sqes, 8);
		if (n == -EAGAIN) {
			/* Requests, but no room for answers: its turn. */
			pcring_ring_wait_space(cq, 1, 1000000);
			continue;
		}
		for (i = 0; i < n; i++) {
			res = pcring_sqe_block(pcring_ctx_pool(ctx), &sqes[i],
					       &block) > 0
				      ? add_up(&block)
				      : -EINVAL;
			pcring_sqe_complete(cq, &sqes[i], res);
		}
	}
}

int main(int argc, char **argv)
{
	struct pcring_device_opts opts = {
		.size = sizeof(opts),
		.accept = accept_blocks,
	};
	struct pcring_device *device;
	struct pcring_ctx *ctx;
	int err;

	if (argc != 2) {
		fprintf(stderr, "usage: blocks_server NAME\n");
		return 2;
	}
	if (pcring_device_create(argv[1], &opts, &device))
		return fail("device");
	if (pcring_device_accept(device, PCRING_NO_TIMEOUT, &ctx))
		return fail("accept");
	err = serve(ctx);
	if (err != -ECANCELED)
		return fail("serve");
	printf("the client is done\n");
	pcring_ctx_close(ctx);
	pcring_device_destroy(device);
	return 0;
}
