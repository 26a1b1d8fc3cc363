// SPDX-License-Identifier: LGPL-2.1-only OR MIT
/*
 * frames_client NAME: shows what frames_server hands over, always the newest.
 */
#include <stdio.h>
#include <pcring.h>

#define FRAME_SIZE (640 * 480)

static int fail(const char *what)
{
	fprintf(stderr, "frames_client: %s: %s\n", what, pcring_error());
	return 1;
}

/* Every byte is read, and none may be of another frame. */
static int torn(const struct pcring_block *frame)
{
	const unsigned char *bytes = frame->data;
	__u32 i;

	for (i = 0; i < frame->len; i++)
		if (bytes[i] != (unsigned char)frame->seq)
			return 1;
	return 0;
}

int main(int argc, char **argv)
{
	struct pcring_ring_desc rings[2];
	struct pcring_ctx_opts opts = {
		.size = sizeof(opts),
		.rings = rings,
		.nr_rings = 2,
		/* One in the slot, one being filled, one held, one to spare. */
		.blocks = 4,
		.block_size = FRAME_SIZE,
	};
	unsigned long long shown = 0, lost = 0, damaged = 0;
	struct pcring_block frame;
	struct pcring_ring *cq;
	struct pcring_ctx *ctx;
	int err;

	if (argc != 2) {
		fprintf(stderr, "usage: frames_client NAME\n");
		return 2;
	}
	pcring_ring_desc_init(&rings[0], PCRING_KIND_CQ, 1);
	rings[0].policy = PCRING_POLICY_LATEST;
	rings[0].pool_fd = PCRING_CTX_POOL;
	rings[0].pool_held = 1;
	pcring_ring_desc_init(&rings[1], PCRING_KIND_FREE, 4);
	rings[1].pool_fd = PCRING_CTX_POOL;
	if (pcring_ctx_open(argv[1], &opts, &ctx))
		return fail("open");
	cq = pcring_ctx_ring(ctx, 0);
	for (;;) {
		err = pcring_ring_wait(cq, 1, PCRING_NO_TIMEOUT);
		if (err > 0)
			err = pcring_block_claim(cq, &frame);
		if (err == -EAGAIN)
			continue;
		if (err < 0)
			break;
		shown++;
		lost += frame.gap;
		damaged += (unsigned long long)torn(&frame);
		/* A server that has ended does not want it back. */
		err = pcring_block_put(pcring_ctx_pool(ctx), &frame);
		if (err && err != -ECANCELED && err != -EOWNERDEAD)
			return fail("put");
	}
	/* -ECANCELED is the server's "that was all". */
	if (err != -ECANCELED)
		return fail("wait");
	printf("shown %llu passed over %llu torn %llu\n", shown, lost, damaged);
	pcring_ctx_close(ctx);
	return damaged != 0;
}
