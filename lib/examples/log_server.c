// SPDX-License-Identifier: LGPL-2.1-only OR MIT
/*
 * log_server NAME FILE: writes what one log_client says into FILE, and where
 * something was lost, how much. What the client had submitted is written even if
 * it is killed.
 */
#include <stdio.h>
#include <pcring.h>

static int fail(const char *what)
{
	fprintf(stderr, "log_server: %s: %s\n", what, pcring_error());
	return 1;
}

static int write_line(void *arg, const struct pcring_item *item)
{
	FILE *file = arg;

	if (item->what == PCRING_ITEM_GAP)
		fprintf(file, "-- %u lines lost from %llu on\n",
			item->gap.count, item->gap.first);
	else
		fprintf(file, "%.*s\n", (int)item->len,
			(const char *)item->data);
	return ferror(file) ? -EIO : 0;
}

int main(int argc, char **argv)
{
	struct pcring_device *device;
	struct pcring_ring *ring;
	struct pcring_ctx *ctx;
	FILE *file;
	int err;

	if (argc != 3) {
		fprintf(stderr, "usage: log_server NAME FILE\n");
		return 2;
	}
	file = fopen(argv[2], "a");
	if (!file) {
		perror(argv[2]);
		return 1;
	}
	if (pcring_device_create(argv[1], NULL, &device))
		return fail("device");
	if (pcring_device_accept(device, PCRING_NO_TIMEOUT, &ctx))
		return fail("accept");
	ring = pcring_ctx_find(ctx, PCRING_KIND_REC_IN, 0);
	if (!ring)
		return fail("the client has no log");
	do {
		err = pcring_ring_wait(ring, 1, PCRING_NO_TIMEOUT);
		if (err > 0)
			err = pcring_ring_each(ring, 0, write_line, file);
		/* Nothing more for now: what is there goes to the file. */
		fflush(file);
	} while (err > 0 || err == -EAGAIN);
	printf("%s\n", err == -ECANCELED ? "closed" : pcring_error());
	fclose(file);
	pcring_ctx_close(ctx);
	pcring_device_destroy(device);
	return err != -ECANCELED && err != -EOWNERDEAD;
}
