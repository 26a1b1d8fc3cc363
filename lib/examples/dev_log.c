// SPDX-License-Identifier: LGPL-2.1-only OR MIT
/*
 * dev_log DEVICE [COUNT]: COUNT lines as records into a loop device,
 * /dev/pcring/loop0, which hands them back. Each has to come back once, in turn,
 * as it went.
 */
#include <stdio.h>
#include <stdlib.h>
#include <pcring.h>

#define BYTES 16384

static int fail(const char *what)
{
	fprintf(stderr, "dev_log: %s: %s\n", what, pcring_error());
	exit(1);
}

static __u32 compose(char *to, size_t size, unsigned long long nr)
{
	return (__u32)snprintf(to, size, "line %llu: %.*s", nr, (int)(nr % 60),
			       "what a program has to say about itself, "
			       "at some length, now and again");
}

/* What is there, and no more: this program is its own reader. */
static unsigned long long read_back(struct pcring_ring *ring,
				    unsigned long long next)
{
	struct pcring_item item;
	char want[200];
	int got;

	while ((got = pcring_ring_next(ring, &item)) > 0) {
		__u32 len = compose(want, sizeof(want), next);

		if (item.what != PCRING_ITEM_DATA || item.len != len ||
		    item.type != next % 3 || memcmp(item.data, want, len)) {
			fprintf(stderr, "dev_log: line %llu came back wrong\n",
				next);
			exit(1);
		}
		next++;
	}
	if (got != -EAGAIN)
		fail("read");
	return next;
}

int main(int argc, char **argv)
{
	unsigned long long count, sent = 0, back = 0;
	struct pcring_ring_desc rings[2];
	struct pcring_ctx_opts opts = {
		.size = sizeof(opts),
		.rings = rings,
		.nr_rings = 2,
	};
	struct pcring_ctx *ctx;
	char text[200];
	int got;

	if (argc < 2)
		return fprintf(stderr, "usage: dev_log DEVICE [COUNT]\n"), 2;
	count = argc > 2 ? strtoull(argv[2], NULL, 0) : 10000;
	pcring_ring_desc_init(&rings[0], PCRING_KIND_REC_IN, BYTES);
	pcring_ring_desc_init(&rings[1], PCRING_KIND_REC_OUT, BYTES);
	if (pcring_ctx_open(argv[1], &opts, &ctx))
		fail("open");
	while (back < count) {
		got = -EAGAIN;
		if (sent < count)
			got = pcring_ring_write(
				pcring_ctx_ring(ctx, 0), text,
				compose(text, sizeof(text), sent),
				(__u32)(sent % 3), 0);
		if (got == 1) {
			sent++;
			continue;
		}
		if (got != -EAGAIN)
			fail("write");
		/* Full, or all sent: read until there is room again. */
		if (pcring_ring_wait(pcring_ctx_ring(ctx, 1), 1,
				     PCRING_NO_TIMEOUT) < 0)
			fail("wait");
		back = read_back(pcring_ctx_ring(ctx, 1), back);
	}
	pcring_ctx_close(ctx);
	printf("%llu lines went and came back\n", back);
	return 0;
}
