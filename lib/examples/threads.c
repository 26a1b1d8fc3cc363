// SPDX-License-Identifier: LGPL-2.1-only OR MIT
/*
 * threads [COUNT]: a ring between two threads of one process, eight bytes an item,
 * by the inline functions: the library only sleeps and wakes.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <pcring.h>

static __u64 count = 1000000;

static void *produce(void *arg)
{
	struct pcring_ring *ring = arg;
	struct pcring_prod *prod = pcring_ring_prod(ring);
	__u64 item = 0;
	int got;

	while (item < count) {
		got = pcring_prod_push(prod, &item, 1, sizeof(item));
		if (pcring_prod_notify(prod))
			pcring_ring_wake(ring);
		if (got > 0)
			item++;
		else if (got < 0 ||
			 pcring_ring_wait_space(ring, 1, PCRING_NO_TIMEOUT) < 0)
			break;
	}
	return NULL;
}

int main(int argc, char **argv)
{
	struct pcring_ring_desc desc;
	struct pcring_ctx_opts opts = {
		.size = sizeof(opts),
		.rings = &desc,
		.nr_rings = 1,
		.wait_mode = PCRING_WAIT_FUTEX,
	};
	struct pcring_ctx *server, *client;
	struct pcring_ring *ring;
	__u64 items[64], next = 0;
	pthread_t thread;
	int i, n;

	if (argc > 1)
		count = strtoull(argv[1], NULL, 0);
	pcring_ring_desc_init(&desc, PCRING_KIND_SQ, 1024);
	desc.entry_size = sizeof(__u64);
	if (pcring_ctx_pair(NULL, &opts, &server, &client)) {
		fprintf(stderr, "threads: %s\n", pcring_error());
		return 1;
	}
	if (pthread_create(&thread, NULL, produce, pcring_ctx_ring(client, 0)))
		return 1;
	ring = pcring_ctx_ring(server, 0);
	while (next < count) {
		if (pcring_ring_wait(ring, 1, PCRING_NO_TIMEOUT) < 0)
			break;
		n = pcring_ring_pop(ring, items, 64);
		for (i = 0; i < n; i++)
			if (items[i] != next++)
				return 1;
	}
	pthread_join(thread, NULL);
	printf("%llu items in order\n", next);
	pcring_ctx_close(client);
	pcring_ctx_close(server);
	return next != count;
}
