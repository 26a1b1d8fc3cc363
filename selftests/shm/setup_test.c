// SPDX-License-Identifier: GPL-2.0-only
/*
 * Setting up: what is granted, what is refused, with which errno and which words;
 * seals; and peers that break the handshake.
 */
#include <fcntl.h>
#include <sys/syscall.h>
#include "pcring_impl.h"
#include "shm.h"

/* One bad descriptor each: a valid SQ of 64 but for what @spoil does. */
struct bad {
	const char *text;
	int err;
	void (*spoil)(struct pcring_ring_desc *d);
};

#define BAD(name, err, text, body)                            \
	static void spoil_##name(struct pcring_ring_desc *d)  \
	{                                                     \
		body;                                         \
	}                                                     \
	TEST(refuses_##name)                                  \
	{                                                     \
		struct pcring_ctx *client;                    \
		struct rig rig;                               \
		rig_init(&rig);                               \
		rig_ring(&rig, PCRING_KIND_SQ, 64);           \
		rig.opts.blocks = 4;                          \
		rig.opts.block_size = 64;                     \
		spoil_##name(&rig.rings[0]);                  \
		ASSERT_EQ(err, rig_pair(&rig, &client))       \
		TH_LOG("%s", pcring_error());                 \
		EXPECT_NE(NULL, strstr(pcring_error(), text)) \
		TH_LOG("says: %s", pcring_error());           \
	}

BAD(an_unknown_kind, -EINVAL, "ring 0: kind 6", d->kind = 6)
BAD(kind_0, -EINVAL, "ring 0: kind 0", d->kind = 0)
BAD(an_unknown_flag, -EINVAL, "flags 2", d->flags = 2)
BAD(a_time_in_entries, -EINVAL, "flags 1", d->flags = PCRING_RING_TIME)
BAD(an_unknown_policy, -EINVAL, "policy 4", d->policy = 4)
BAD(an_unknown_producer_class, -EINVAL, "producers 3", d->producers = 3)
BAD(no_entries, -EINVAL, "entries 0", d->entries = 0)
BAD(too_many_entries, -EINVAL, "entries 1048577",
    d->entries = PCRING_MAX_ENTRIES + 1)
BAD(too_many_bytes, -EINVAL, "entries 1073741825",
    (d->kind = PCRING_KIND_REC_IN, d->entries = PCRING_MAX_BYTES + 1))
BAD(an_odd_entry_size, -EINVAL, "entry_size 24", d->entry_size = 24)
BAD(a_tiny_entry_size, -EINVAL, "entry_size 4", d->entry_size = 4)
BAD(a_huge_entry_size, -EINVAL, "entry_size 2048", d->entry_size = 2048)
BAD(records_with_an_entry_size, -EINVAL, "entry_size 8",
    (d->kind = PCRING_KIND_REC_IN, d->entry_size = 8))
BAD(drop_new_without_room_for_a_gap, -EINVAL, "entry_size 16",
    (d->policy = PCRING_POLICY_DROP_NEW, d->entry_size = 16))
BAD(an_sq_that_overwrites, -EINVAL, "policy 2",
    d->policy = PCRING_POLICY_OVERWRITE)
BAD(shards_of_entries, -EINVAL, "producers 1",
    d->producers = PCRING_PRODUCERS_PERCPU)
BAD(shards_that_overwrite, -EINVAL, "policy 2",
    (d->kind = PCRING_KIND_REC_IN, d->policy = PCRING_POLICY_OVERWRITE,
     d->producers = PCRING_PRODUCERS_PERCPU))
BAD(latest_of_many_producers, -EINVAL, "producers 2",
    (d->kind = PCRING_KIND_REC_IN, d->policy = PCRING_POLICY_LATEST,
     d->producers = PCRING_PRODUCERS_SHARED))
BAD(shards_of_one_producer, -EINVAL, "shards 2", d->shards = 2)
BAD(too_many_shards, -EINVAL, "shards 65",
    (d->kind = PCRING_KIND_REC_IN, d->producers = PCRING_PRODUCERS_PERCPU,
     d->shards = 65))
BAD(a_queue_out_of_turn, -EINVAL, "queue 1", d->queue = 1)
BAD(a_partition, -EINVAL, "partition 1", d->partition = 1)
BAD(a_pool_of_another_ctx, -EINVAL, "pool_fd 0", d->pool_fd = 0)
BAD(free_without_a_pool, -EINVAL, "pool_fd -1", d->kind = PCRING_KIND_FREE)
BAD(latest_blocks_without_a_pool, -EINVAL, "pool_fd -1",
    (d->kind = PCRING_KIND_CQ, d->policy = PCRING_POLICY_LATEST))
BAD(records_with_a_pool, -EINVAL, "pool_fd -2",
    (d->kind = PCRING_KIND_REC_IN, d->pool_fd = PCRING_CTX_POOL))
BAD(latest_that_holds_nothing, -EINVAL, "pool_held 0",
    (d->kind = PCRING_KIND_CQ, d->policy = PCRING_POLICY_LATEST,
     d->pool_fd = PCRING_CTX_POOL))
BAD(a_pool_too_small_for_what_is_held, -EINVAL, "pool_held 3",
    (d->kind = PCRING_KIND_CQ, d->policy = PCRING_POLICY_LATEST,
     d->pool_fd = PCRING_CTX_POOL, d->pool_held = 3))
BAD(held_blocks_of_an_sq, -EINVAL, "pool_held 1", d->pool_held = 1)
BAD(a_second_of_spinning, -EINVAL, "spin_us 1000001", d->spin_us = 1000001)
BAD(a_reserved_word, -EINVAL, "reserved[3] 7", d->reserved[3] = 7)
BAD(quanta_that_must_stall, -EINVAL, "entries 64",
    (d->prod_quantum = 60, d->cons_quantum = 7))

TEST(rounds_up_what_is_no_power_of_two)
{
	struct pcring_ctx *client;
	struct rig rig;

	rig_init(&rig);
	rig_ring(&rig, PCRING_KIND_SQ, 33);
	rig_ring(&rig, PCRING_KIND_CQ, 1);
	rig_ring(&rig, PCRING_KIND_REC_IN, 100);
	rig.opts.blocks = 2;
	rig.opts.block_size = 5000;
	ASSERT_EQ(0, rig_pair(&rig, &client));
	EXPECT_EQ(64, rig.rings[0].entries);
	EXPECT_EQ(64, rig.rings[0].entry_size);
	EXPECT_EQ(16, rig.rings[0].lag);
	EXPECT_EQ(2, rig.rings[1].entries);
	EXPECT_EQ(32, rig.rings[1].entry_size);
	EXPECT_EQ(4096, rig.rings[2].entries);
	EXPECT_EQ(8192, rig.opts.block_size);
	pcring_ctx_close(client);
	pcring_ctx_close(rig.server);
}

TEST(grants_no_more_than_the_device_has)
{
	struct pcring_ctx *client;
	struct rig rig;

	rig_init(&rig);
	rig_ring(&rig, PCRING_KIND_SQ, 1 << 16);
	rig_ring(&rig, PCRING_KIND_REC_IN, 1 << 20);
	rig.device.max_entries = 1000;
	rig.device.max_bytes = 1 << 16;
	ASSERT_EQ(0, rig_pair(&rig, &client));
	EXPECT_EQ(512, rig.rings[0].entries);
	EXPECT_EQ(1 << 16, rig.rings[1].entries);
	pcring_ctx_close(client);
	pcring_ctx_close(rig.server);
}

TEST(refuses_a_kind_that_is_not_served)
{
	struct pcring_ctx *client;
	struct rig rig;

	rig_init(&rig);
	rig_ring(&rig, PCRING_KIND_SQ, 2);
	rig.device.kinds = 1U << PCRING_KIND_REC_OUT;
	EXPECT_EQ(-EOPNOTSUPP, rig_pair(&rig, &client));
	EXPECT_NE(NULL, strstr(pcring_error(), "kind 1"));
}

TEST(refuses_a_pool_that_is_too_large)
{
	struct pcring_ctx *client;
	struct rig rig;

	rig_init(&rig);
	rig_ring(&rig, PCRING_KIND_SQ, 2);
	rig.opts.blocks = 100;
	rig.opts.block_size = 4096;
	rig.device.max_pool_bytes = 99 * 4096;
	EXPECT_EQ(-ENOSPC, rig_pair(&rig, &client));
	EXPECT_NE(NULL, strstr(pcring_error(), "409600 bytes"));
}

TEST(refuses_eventfd_unless_it_is_allowed)
{
	struct pcring_ctx *client;
	struct rig rig;

	rig_init(&rig);
	rig_ring(&rig, PCRING_KIND_SQ, 2);
	rig.device.wait_modes = 0;
	rig.opts.wait_mode = PCRING_WAIT_EVENTFD;
	EXPECT_EQ(-EOPNOTSUPP, rig_pair(&rig, &client));
	EXPECT_NE(NULL, strstr(pcring_error(), "wait_mode 2"));
}

TEST(takes_opts_that_grew_only_with_a_zero_tail)
{
	struct {
		struct pcring_ctx_opts opts;
		char tail[16];
	} grown;
	struct pcring_ctx *server, *client;
	struct rig rig;

	rig_init(&rig);
	rig_ring(&rig, PCRING_KIND_SQ, 2);
	memset(&grown, 0, sizeof(grown));
	grown.opts = rig.opts;
	grown.opts.size = sizeof(grown);
	grown.opts.rings = rig.rings;
	grown.opts.nr_rings = 1;
	grown.tail[15] = 1;
	EXPECT_EQ(-E2BIG, pcring_ctx_pair(NULL, &grown.opts, &server, &client));
	grown.tail[15] = 0;
	ASSERT_EQ(0, pcring_ctx_pair(NULL, &grown.opts, &server, &client));
	pcring_ctx_close(client);
	pcring_ctx_close(server);
}

static int policy(void *arg, struct pcring_request *request)
{
	if (request->payload_size != 6 ||
	    memcmp(request->payload, "hello", 6)) {
		strcpy(request->text, "say hello");
		return -EACCES;
	}
	request->rings[0].entries = 8;
	*(pid_t *)arg = request->pid;
	return 0;
}

TEST(the_policy_sees_the_payload_adjusts_and_refuses)
{
	struct pcring_ctx *client;
	struct rig rig;
	pid_t pid = 0;
	__u32 size;

	rig_init(&rig);
	rig_ring(&rig, PCRING_KIND_SQ, 64);
	rig.device.accept = policy;
	rig.device.arg = &pid;
	EXPECT_EQ(-EACCES, rig_pair(&rig, &client));
	EXPECT_NE(NULL, strstr(pcring_error(), "say hello"));
	rig.opts.payload = "hello";
	rig.opts.payload_size = 6;
	ASSERT_EQ(0, rig_pair(&rig, &client));
	EXPECT_EQ(8, rig.rings[0].entries);
	EXPECT_EQ(getpid(), pid);
	EXPECT_STREQ("hello", pcring_ctx_payload(rig.server, &size));
	pcring_ctx_close(client);
	pcring_ctx_close(rig.server);
}

/* ---- names ---------------------------------------------------------------- */

TEST(a_refusal_reaches_the_client_with_its_words)
{
	struct pcring_device *device;
	struct pcring_ctx *ctx;
	struct rig rig;
	pid_t pid;
	int status;

	rig_init(&rig);
	ASSERT_EQ(0, pcring_device_create("@pcring-setup-test", &rig.device,
					  &device));
	pid = fork();
	if (!pid) {
		rig_ring(&rig, PCRING_KIND_SQ, 64)->policy = 9;
		rig.opts.rings = rig.rings;
		rig.opts.nr_rings = rig.nr;
		if (pcring_ctx_open("@pcring-setup-test", &rig.opts, &ctx) !=
		    -EINVAL)
			_exit(1);
		_exit(!strstr(pcring_error(), "ring 0: policy 9: unknown"));
	}
	EXPECT_EQ(-EINVAL, pcring_device_accept(device, FOREVER, &ctx));
	waitpid(pid, &status, 0);
	EXPECT_EQ(0, status);
	EXPECT_EQ(-ETIME, pcring_device_accept(device, MSEC, &ctx));
	pcring_device_destroy(device);
	EXPECT_EQ(-ECONNREFUSED,
		  pcring_ctx_open("@pcring-setup-test", &rig.opts, &ctx));
}

TEST(a_path_is_removed_with_its_device)
{
	char path[64];
	struct pcring_device *device, *second;
	struct rig rig;

	rig_init(&rig);
	snprintf(path, sizeof(path), "/tmp/pcring-%d", getpid());
	ASSERT_EQ(0, pcring_device_create(path, &rig.device, &device));
	EXPECT_EQ(0, access(path, F_OK));
	EXPECT_EQ(-EADDRINUSE,
		  pcring_device_create(path, &rig.device, &second));
	pcring_device_destroy(device);
	EXPECT_NE(0, access(path, F_OK));
}

/* ---- seals ---------------------------------------------------------------- */

TEST(a_peer_never_writes_what_it_only_reads)
{
	struct pcring_ctx *client;
	struct rig rig;
	int i;

	rig_init(&rig);
	rig_ring(&rig, PCRING_KIND_SQ, 64);
	rig_ring(&rig, PCRING_KIND_REC_OUT, 4096);
	ASSERT_EQ(0, rig_pair(&rig, &client));
	for (i = 0; i < 2; i++) {
		struct pcring_map *maps[] = { &client->rings[i].peer,
					      &rig.server->rings[i].peer };
		int k;

		for (k = 0; k < 2; k++) {
			EXPECT_EQ(-1, mprotect(maps[k]->base, maps[k]->len,
					       PROT_READ | PROT_WRITE));
			EXPECT_EQ(EACCES, errno);
		}
	}
	pcring_ctx_close(client);
	pcring_ctx_close(rig.server);
}

TEST(a_sealed_memfd_stays_as_it_is)
{
	struct pcring_map map;
	char path[64];
	void *again;
	int fd, copy;

	fd = pcring_shm_create("test", 8192);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, pcring_map_area(&map, fd, 0, 4096, 4096, true, true));
	ASSERT_EQ(0, pcring_shm_seal(fd, true));
	EXPECT_EQ(0, pcring_shm_check(fd, 8192, true));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	copy = open(path, O_RDWR);
	ASSERT_LE(0, copy);
	again = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, copy, 0);
	EXPECT_EQ(MAP_FAILED, again);
	EXPECT_EQ(EPERM, errno);
	EXPECT_EQ(-1, ftruncate(copy, 0));
	EXPECT_EQ(EPERM, errno);
	EXPECT_EQ(-1, ftruncate(copy, 1 << 20));
	EXPECT_EQ(EPERM, errno);
	EXPECT_EQ(-1, write(copy, "x", 1));
	EXPECT_EQ(EPERM, errno);
	EXPECT_EQ(-1,
		  fallocate(copy, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
			    4096));
	EXPECT_EQ(-1, fcntl(copy, F_ADD_SEALS, F_SEAL_WRITE));
	/* Its owner's mapping still writes, and both copies of it show it. */
	map.base[4096] = 77;
	EXPECT_EQ(77, map.base[8192]);
	pcring_map_drop(&map);
	close(copy);
	close(fd);
}

TEST(an_unsealed_short_or_foreign_fd_is_not_mapped)
{
	int fd = pcring_shm_create("test", 4096);
	int null = open("/dev/null", O_RDWR);

	EXPECT_EQ(-EBADFD, pcring_shm_check(fd, 4096, true));
	EXPECT_EQ(0, pcring_shm_seal(fd, false));
	EXPECT_EQ(0, pcring_shm_check(fd, 4096, false));
	EXPECT_EQ(-EBADFD, pcring_shm_check(fd, 4096, true));
	EXPECT_EQ(-EBADFD, pcring_shm_check(fd, 8192, false));
	EXPECT_EQ(-EBADFD, pcring_shm_check(null, 4096, false));
	close(fd);
	close(null);
}

/* ---- broken handshakes ---------------------------------------------------- */

/* Send @len bytes and @nr fds, as the first message. */
static void send_raw(int sock, const void *data, size_t len, int nr)
{
	char control[CMSG_SPACE(sizeof(int) * 253)] = { 0 };
	struct iovec iov = { (void *)data, len };
	struct msghdr hdr = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *cmsg;
	int i;

	if (nr) {
		hdr.msg_control = control;
		hdr.msg_controllen = CMSG_SPACE(sizeof(int) * (size_t)nr);
		cmsg = CMSG_FIRSTHDR(&hdr);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(int) * (size_t)nr);
		for (i = 0; i < nr; i++)
			((int *)CMSG_DATA(cmsg))[i] = 0;
	}
	(void)!sendmsg(sock, &hdr, MSG_NOSIGNAL);
}

TEST(garbage_in_the_handshake_is_an_error_and_leaks_nothing)
{
	unsigned char junk[70000];
	struct pcring_device *device;
	struct pcring_ctx *ctx;
	struct pcring_msg *msg = (struct pcring_msg *)junk;
	struct rig rig;
	int before, round, pair[2], err;
	size_t i, len;

	rig_init(&rig);
	rig.device.handshake_ns = 20 * MSEC;
	ASSERT_EQ(0, pcring_device_create(NULL, &rig.device, &device));
	before = count_fds();
	srand(1);
	for (round = 0; round < 2000; round++) {
		len = (size_t)rand() % (round % 2 ? sizeof(junk) : 600);
		for (i = 0; i < len; i++)
			junk[i] = (unsigned char)rand();
		if (round % 4 && len >= sizeof(*msg)) {
			msg->magic = PCRING_MSG_MAGIC;
			msg->version = PCRING_MSG_VERSION;
			msg->type = (__u16)(1 + round % 5);
			msg->len = (__u32)len;
			msg->error = 0;
			msg->ring_size = sizeof(struct pcring_ring_desc);
			msg->nr_rings = (__u32)rand() % 4;
			msg->payload_size = (__u32)(len - sizeof(*msg)) -
					    msg->nr_rings * msg->ring_size;
		}
		ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC,
					0, pair));
		send_raw(pair[1], junk, len, round % 3 ? round % 253 : 0);
		err = pcring_device_accept_fd(device, pair[0], &ctx);
		ASSERT_GT(0, err);
		close(pair[1]);
		ASSERT_EQ(before, count_fds());
	}
	pcring_device_destroy(device);
}

TEST(a_silent_client_costs_the_handshakes_time_and_no_more)
{
	struct pcring_device *device;
	struct pcring_ctx *ctx;
	struct rig rig;
	__u64 start;
	int pair[2];

	rig_init(&rig);
	rig.device.handshake_ns = 50 * MSEC;
	ASSERT_EQ(0, pcring_device_create(NULL, &rig.device, &device));
	ASSERT_EQ(0,
		  socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair));
	start = now_ns();
	EXPECT_EQ(-ETIME, pcring_device_accept_fd(device, pair[0], &ctx));
	EXPECT_LE(45 * MSEC, now_ns() - start);
	EXPECT_GE(2000 * MSEC, now_ns() - start);
	close(pair[1]);
	pcring_device_destroy(device);
}

TEST(setting_up_and_tearing_down_leaks_no_fd_and_no_mapping)
{
	struct pcring_ctx *client;
	struct rig rig;
	int before, i;

	before = count_fds();
	for (i = 0; i < 300; i++) {
		rig_init(&rig);
		rig_ring(&rig, PCRING_KIND_SQ, 64);
		rig_ring(&rig, PCRING_KIND_REC_IN, 4096)->producers =
			PCRING_PRODUCERS_PERCPU;
		rig_ring(&rig, PCRING_KIND_FREE, 8)->pool_fd = PCRING_CTX_POOL;
		rig.opts.blocks = 8;
		rig.opts.block_size = 4096;
		rig.opts.wait_mode = (__u32)i % 3;
		if (i % 4 == 3)
			rig.rings[2].policy = 7;
		ASSERT_EQ(i % 4 == 3 ? -EINVAL : 0, rig_pair(&rig, &client));
		if (i % 4 == 3)
			continue;
		pcring_ring_wait(pcring_ctx_ring(rig.server, 0), 1, 1);
		pcring_ctx_close(i % 2 ? client : rig.server);
		pcring_ctx_close(i % 2 ? rig.server : client);
		ASSERT_EQ(before, count_fds());
	}
}

TEST_HARNESS_MAIN
