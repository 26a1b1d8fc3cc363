// SPDX-License-Identifier: GPL-2.0-only
/*
 * The library from C++17: it compiles, links, and carries an item.
 */
#include <cerrno>
#include <cstdio>
#include <pcring.h>

int main()
{
	struct pcring_ring_desc desc;
	struct pcring_ctx_opts opts = {};
	struct pcring_ctx *server = nullptr, *client = nullptr;
	__u64 out = 0, in = 42;
	bool good;

	pcring_ring_desc_init(&desc, PCRING_KIND_SQ, 16);
	desc.entry_size = 8;
	opts.size = sizeof(opts);
	opts.rings = &desc;
	opts.nr_rings = 1;
	good = !pcring_ctx_pair(nullptr, &opts, &server, &client);
	if (good) {
		struct pcring_ring *to = pcring_ctx_ring(client, 0);

		good = pcring_prod_push(pcring_ring_prod(to), &in, 1,
					sizeof(in)) == 1;
		if (pcring_prod_notify(pcring_ring_prod(to)))
			pcring_ring_wake(to);
		good = good &&
		       pcring_ring_pop(pcring_ctx_ring(server, 0), &out, 1) ==
			       1 &&
		       out == in && pcring_ctx_submit(client, 1) == -EOPNOTSUPP;
	}
	pcring_ctx_close(client);
	pcring_ctx_close(server);
	std::printf("TAP version 13\n1..1\n%sok 1 cxx.carries_an_item\n",
		    good ? "" : "not ");
	return !good;
}
