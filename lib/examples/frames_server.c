// SPDX-License-Identifier: LGPL-2.1-only OR MIT
/*
 * frames_server NAME COUNT: hands COUNT frames to one client, the newest wins.
 *
 * A frame is a block; it is filled in place and changes its owner, it is never
 * copied. The client asks for the ring and the pool; see frames_client.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <pcring.h>

static int fail(const char *what)
{
	fprintf(stderr, "frames_server: %s: %s\n", what, pcring_error());
	return 1;
}

/* A picture of one colour, so that a torn one would show. */
static void paint(struct pcring_block *frame, unsigned int nr)
{
	memset(frame->data, (int)(nr & 0xff), frame->size);
	frame->len = frame->size;
}

static int produce(struct pcring_ctx *ctx, unsigned int count)
{
	struct pcring_ring *cq = pcring_ctx_find(ctx, PCRING_KIND_CQ, 0);
	struct pcring_pool *pool = pcring_ctx_pool(ctx);
	struct pcring_block frame;
	unsigned int nr;
	int err = 0;

	for (nr = 0; nr < count; nr++) {
		usleep(200);
		if (pcring_block_take(pool, &frame)) {
			/* The client holds more than it asked for. */
			pcring_ring_reject(cq, 1, PCRING_REASON_NOBLOCK);
			continue;
		}
		paint(&frame, nr);
		err = pcring_block_post(cq, &frame, NULL);
		if (err < 0)
			break;
	}
	/* Wait until the last one is taken; who closes ends the stream. */
	if (err >= 0)
		err = pcring_ctx_drain(ctx, 5000000000ULL, NULL);
	return err;
}

int main(int argc, char **argv)
{
	struct pcring_device *device;
	struct pcring_stats stats;
	struct pcring_ctx *ctx;

	if (argc != 3) {
		fprintf(stderr, "usage: frames_server NAME COUNT\n");
		return 2;
	}
	if (pcring_device_create(argv[1], NULL, &device))
		return fail("device");
	if (pcring_device_accept(device, PCRING_NO_TIMEOUT, &ctx))
		return fail("accept");
	if (!pcring_ctx_find(ctx, PCRING_KIND_CQ, 0) || !pcring_ctx_pool(ctx))
		return fail("the client wants no frames");
	if (produce(ctx, (unsigned int)atoi(argv[2])) < 0)
		return fail("post");
	pcring_ring_stats(pcring_ctx_find(ctx, PCRING_KIND_CQ, 0), &stats);
	printf("offered %llu overwritten %llu consumed %llu\n", stats.offered,
	       stats.overwritten, stats.consumed);
	pcring_ctx_close(ctx);
	pcring_device_destroy(device);
	return 0;
}
