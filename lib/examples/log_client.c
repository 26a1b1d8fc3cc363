// SPDX-License-Identifier: LGPL-2.1-only OR MIT
/*
 * log_client NAME COUNT [kill]: logs COUNT lines without ever waiting for the
 * file; with "kill" it then kills itself, and has lost nothing.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <pcring.h>

static int fail(const char *what)
{
	fprintf(stderr, "log_client: %s: %s\n", what, pcring_error());
	return 1;
}

int main(int argc, char **argv)
{
	struct pcring_ring_desc desc;
	struct pcring_ctx_opts opts = {
		.size = sizeof(opts),
		.rings = &desc,
		.nr_rings = 1,
	};
	struct pcring_ring *ring;
	struct pcring_ctx *ctx;
	char line[80];
	int i, n;

	if (argc < 3) {
		fprintf(stderr, "usage: log_client NAME COUNT [kill]\n");
		return 2;
	}
	pcring_ring_desc_init(&desc, PCRING_KIND_REC_IN, 1 << 16);
	desc.policy = PCRING_POLICY_DROP_NEW;
	if (pcring_ctx_open(argv[1], &opts, &ctx))
		return fail("open");
	ring = pcring_ctx_ring(ctx, 0);
	for (i = 0; i < atoi(argv[2]); i++) {
		n = snprintf(line, sizeof(line), "line %d", i);
		/* 0: no space, counted; the log will say where. */
		if (pcring_ring_write(ring, line, (__u32)n, 0, 0) < 0)
			return fail("write");
	}
	if (argc > 3)
		raise(SIGKILL);
	pcring_ctx_close(ctx);
	return 0;
}
