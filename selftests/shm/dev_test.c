// SPDX-License-Identifier: GPL-2.0-only
/*
 * Opening a device, as far as that goes without one: what is no device of pcring's,
 * what is not there, and what only a device can do. What a device does is told by
 * selftests/module.
 */
#include <stddef.h>
#include "shm.h"

static struct pcring_ring_desc ring_desc;
static struct pcring_ctx *ctx;

/* What one opens with, all of it valid; an SQ. */
static struct pcring_ctx_opts valid(void)
{
	struct pcring_ctx_opts opts = {
		.size = sizeof(opts),
		.rings = &ring_desc,
		.nr_rings = 1,
	};

	pcring_ring_desc_init(&ring_desc, PCRING_KIND_SQ, 16);
	return opts;
}

#define EXPECT_OPEN(err, text, name, opts)                        \
	do {                                                      \
		EXPECT_EQ(err, pcring_ctx_open(name, opts, &ctx)) \
		{                                                 \
			TH_LOG("%s", pcring_error());             \
		}                                                 \
		EXPECT_NE(NULL, strstr(pcring_error(), text))     \
		{                                                 \
			TH_LOG("says: %s", pcring_error());       \
		}                                                 \
	} while (0)

TEST(a_character_device_that_is_none_of_ours)
{
	struct pcring_ctx_opts opts = valid();
	int before = count_fds();

	EXPECT_OPEN(-ENOTTY, "device /dev/null: ", "/dev/null", &opts);
	EXPECT_NE(NULL, strstr(pcring_error(), "pcring"));
	EXPECT_OPEN(-ENOTTY, "device /dev/zero: ", "/dev/zero", &opts);
	EXPECT_EQ(before, count_fds());
}

TEST(a_path_of_which_there_is_nothing)
{
	struct pcring_ctx_opts opts = valid();

	EXPECT_OPEN(-ENOENT, "/dev/pcring/no_such_device",
		    "/dev/pcring/no_such_device", &opts);
	EXPECT_OPEN(-ENOENT, "no_such_device", "no_such_device", &opts);
	EXPECT_OPEN(-ENOENT, "/no/such/folder/x", "/no/such/folder/x", &opts);
}

TEST(a_file_that_is_no_socket)
{
	struct pcring_ctx_opts opts = valid();

	EXPECT_OPEN(-ECONNREFUSED, "/proc/self/exe", "/proc/self/exe", &opts);
}

/* A bare name is a file of the current folder, if there is one of that name. */
TEST(a_bare_name_is_what_is_here)
{
	struct pcring_ctx_opts opts = valid();

	ASSERT_EQ(0, chdir("/dev"));
	EXPECT_OPEN(-ENOTTY, "device null: ", "null", &opts);
}

TEST(a_name_that_is_too_long)
{
	struct pcring_ctx_opts opts = valid();
	char name[6000];

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = 0;
	EXPECT_OPEN(-ENAMETOOLONG, "device xxx", name, &opts);
}

TEST(what_is_asked_for_is_looked_at_first)
{
	struct pcring_ctx_opts opts = valid();

	opts.flags = 1;
	EXPECT_OPEN(-EINVAL, "flags 0x1", "/dev/null", &opts);
	opts = valid();
	opts.reserved = 5;
	EXPECT_OPEN(-EINVAL, "reserved 5", "/dev/null", &opts);
	opts = valid();
	opts.rings = NULL;
	EXPECT_OPEN(-EINVAL, "no rings", "/dev/null", &opts);
	opts = valid();
	opts.nr_rings = 65;
	EXPECT_OPEN(-EINVAL, "nr_rings 65", "/dev/null", &opts);
	opts = valid();
	opts.wait_mode = 3;
	EXPECT_OPEN(-EINVAL, "wait_mode 3", "/dev/null", &opts);
	opts = valid();
	opts.payload_size = 8;
	EXPECT_OPEN(-EINVAL, "payload_size 8", "/dev/null", &opts);
	opts = valid();
	opts.wait_mode = PCRING_WAIT_FUTEX;
	EXPECT_OPEN(-EOPNOTSUPP, "wait_mode 1", "/dev/null", &opts);
}

TEST(opts_smaller_and_larger_than_known)
{
	struct {
		struct pcring_ctx_opts opts;
		__u64 tail[2];
	} more = { .opts = valid() };
	struct pcring_ctx_opts old = valid();
	struct pcring_ctx *server, *client;

	more.opts.size = sizeof(more);
	EXPECT_OPEN(-ENOTTY, "/dev/null", "/dev/null", &more.opts);
	more.tail[1] = 1;
	EXPECT_OPEN(-E2BIG, "ctx opts: size", "/dev/null", &more.opts);
	/* As it was before there were devices: what follows is not looked at. */
	old.size = offsetof(struct pcring_ctx_opts, setup_flags);
	memset(&old.setup_flags, 0xff, sizeof(old) - old.size);
	EXPECT_OPEN(-ENOTTY, "/dev/null", "/dev/null", &old);
	ASSERT_EQ(0, pcring_ctx_pair(NULL, &old, &server, &client));
	EXPECT_EQ(~0ULL, old.features);
	pcring_ctx_close(client);
	pcring_ctx_close(server);
}

TEST(over_memfd_there_is_no_worker)
{
	struct pcring_ctx_opts opts = valid();
	struct pcring_ctx *server, *client;

	opts.setup_flags = PCRING_SETUP_ENTER_ONLY;
	EXPECT_EQ(-EOPNOTSUPP, pcring_ctx_pair(NULL, &opts, &server, &client));
	EXPECT_NE(NULL, strstr(pcring_error(), "setup_flags 0x4"));
	opts = valid();
	opts.drain_ms = 7;
	EXPECT_EQ(-EOPNOTSUPP, pcring_ctx_pair(NULL, &opts, &server, &client));
	EXPECT_NE(NULL, strstr(pcring_error(), "drain_ms 7"));
	opts = valid();
	opts.features = PCRING_FEAT_DMABUF;
	EXPECT_EQ(-EOPNOTSUPP, pcring_ctx_pair(NULL, &opts, &server, &client));
	EXPECT_NE(NULL, strstr(pcring_error(), "features 0x2"));
}

TEST(over_memfd_nobody_takes_by_order)
{
	struct pcring_ctx_opts opts = valid();
	struct pcring_ctx *server, *client;

	opts.blocks = 2;
	opts.block_size = 64;
	ASSERT_EQ(0, pcring_ctx_pair(NULL, &opts, &server, &client));
	EXPECT_EQ(-EOPNOTSUPP, pcring_ctx_submit(client, 1));
	EXPECT_EQ(-EOPNOTSUPP, pcring_pool_fd(pcring_ctx_pool(client)));
	pcring_ctx_close(client);
	pcring_ctx_close(server);
}

TEST_HARNESS_MAIN
