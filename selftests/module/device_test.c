// SPDX-License-Identifier: GPL-2.0-only
/* The node, who may open it, and what it says of itself. */
#include <grp.h>
#include <sys/sysmacros.h>
#include "module.h"
#include "kselftest_harness.h"

#define NOBODY 65534

static int info_get(int fd, struct pcring_info *info)
{
	memset(info, 0, sizeof(*info));
	info->size = sizeof(*info);
	return call(fd, PCRING_IOC_INFO, info);
}

static bool power_of_two(__u32 n)
{
	return n && !(n & (n - 1));
}

FIXTURE(device)
{
	int fd;
	struct pcring_info info;
};

FIXTURE_VARIANT(device)
{
	const char *path;
	const char *name;
	__u32 kinds;
	__u32 config_size;
};

FIXTURE_VARIANT_ADD(device, loop0){
	.path = LOOP,
	.name = "loop0",
	.kinds = 1 << PCRING_KIND_SQ | 1 << PCRING_KIND_CQ |
		 1 << PCRING_KIND_REC_OUT | 1 << PCRING_KIND_REC_IN,
};

FIXTURE_VARIANT_ADD(device, adc0){
	.path = ADC,
	.name = "adc0",
	.kinds = 1 << PCRING_KIND_CQ | 1 << PCRING_KIND_FREE |
		 1 << PCRING_KIND_REC_OUT,
	.config_size = sizeof(struct pcring_adc_config),
};

FIXTURE_SETUP(device)
{
	self->fd = dev_open(variant->path, O_RDWR);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, info_get(self->fd, &self->info));
}

FIXTURE_TEARDOWN(device)
{
	close(self->fd);
}

TEST_F(device, info_says_name_kinds_and_limits)
{
	const struct pcring_info *info = &self->info;
	__u32 i;

	EXPECT_EQ(sizeof(*info), info->size);
	EXPECT_EQ(PCRING_ABI_VERSION, info->version);
	EXPECT_STREQ(variant->name, info->name);
	EXPECT_NE(0, info->driver[0]);
	EXPECT_TRUE(strnlen(info->driver, sizeof(info->driver)) <
		    sizeof(info->driver));
	EXPECT_EQ(variant->kinds, info->kinds);
	EXPECT_EQ(variant->config_size, info->config_size);
	EXPECT_EQ(0, info->policies >> (PCRING_POLICY_LATEST + 1));
	EXPECT_TRUE(info->policies & 1 << PCRING_POLICY_BLOCK);
	EXPECT_TRUE(info->policies & 1 << PCRING_POLICY_DROP_NEW);
	EXPECT_TRUE(info->producers & 1 << PCRING_PRODUCERS_SINGLE);
	EXPECT_EQ(0, info->producers >> (PCRING_PRODUCERS_SHARED + 1));
	for (i = 0; i < 4; i++)
		EXPECT_EQ(0, info->reserved[i]);
	EXPECT_EQ(0, info->features >> 12);
	EXPECT_TRUE(info->max_rings >= 4 &&
		    info->max_rings <= PCRING_MAX_RINGS);
	EXPECT_TRUE(power_of_two(info->max_entries));
	EXPECT_TRUE(info->max_entries <= PCRING_MAX_ENTRIES);
	EXPECT_TRUE(power_of_two(info->max_bytes));
	EXPECT_TRUE(info->max_bytes <= PCRING_MAX_BYTES);
	EXPECT_TRUE(info->max_blocks && info->max_blocks <= PCRING_MAX_BLOCKS);
	EXPECT_TRUE(info->block_align && info->block_align % PAGE == 0);
	EXPECT_TRUE(info->max_block_size >= info->block_align &&
		    info->max_block_size <= 1U << 30);
}

TEST_F(device, node_is_a_character_device_of_class_pcring)
{
	char path[128], text[64], want[64];
	struct stat st;

	ASSERT_EQ(0, fstat(self->fd, &st));
	EXPECT_TRUE(S_ISCHR(st.st_mode));
	/* For its owner and group; others get it by a udev rule. */
	EXPECT_EQ(0, st.st_mode & 07);
	snprintf(path, sizeof(path), "/sys/class/pcring/%s/dev", variant->name);
	ASSERT_EQ(0, file_read(path, text, sizeof(text)));
	snprintf(want, sizeof(want), "%u:%u", major(st.st_rdev),
		 minor(st.st_rdev));
	EXPECT_STREQ(want, text);
}

TEST_F(device, a_struct_too_short_is_refused)
{
	struct pcring_info info = { .size = 0 };
	__u32 sizes[] = { 0, 1, 3, 4, 8, sizeof(info) - 8, sizeof(info) - 1 };
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		info.size = sizes[i];
		EXPECT_REFUSED(EINVAL, "size", NULL, self->fd,
			       call(self->fd, PCRING_IOC_INFO, &info));
	}
}

TEST_F(device, a_longer_struct_is_taken_if_its_tail_is_zero)
{
	struct {
		struct pcring_info info;
		__u64 tail[2];
		__u64 canary;
	} call_of = { .info.size = sizeof(call_of.info) + 16,
		      .canary = 0x1122334455667788 };

	EXPECT_EQ(0, call(self->fd, PCRING_IOC_INFO, &call_of));
	EXPECT_STREQ(variant->name, call_of.info.name);
	EXPECT_EQ(0x1122334455667788, call_of.canary);
	call_of.info.size = sizeof(call_of.info) + 16;
	call_of.tail[1] = 1ULL << 56;
	EXPECT_REFUSED(E2BIG, "size", NULL, self->fd,
		       call(self->fd, PCRING_IOC_INFO, &call_of));
	/* Larger than anything that will ever be. */
	call_of.info.size = ~0U;
	EXPECT_EQ(-E2BIG, call(self->fd, PCRING_IOC_INFO, &call_of));
}

TEST_F(device, the_size_in_the_number_does_not_matter)
{
	struct pcring_info info = { .size = sizeof(info) };

	EXPECT_EQ(0,
		  call(self->fd, _IOWR(PCRING_IOC_MAGIC, 0, char[8]), &info));
	EXPECT_STREQ(variant->name, info.name);
}

TEST_F(device, an_unknown_call_is_none)
{
	struct pcring_info info = { .size = sizeof(info) };

	EXPECT_EQ(-ENOTTY,
		  call(self->fd, _IOWR(PCRING_IOC_MAGIC, 0x0b, info), &info));
	EXPECT_EQ(-ENOTTY,
		  call(self->fd, _IOWR(PCRING_IOC_MAGIC, 0xff, info), &info));
	EXPECT_EQ(-ENOTTY, call(self->fd, _IOWR(0xDA, 0, info), &info));
	/* A pool's, on a ctx. */
	EXPECT_NE(0, call(self->fd, PCRING_IOC_EXPORT_DMABUF, &info));
}

TEST_F(device, a_bad_address_is_efault)
{
	void *none =
		mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	__u32 nr;

	for (nr = 0; nr <= 0x0a; nr++) {
		/* A pool's call is none of a ctx's. */
		if (nr == _IOC_NR(PCRING_IOC_EXPORT_DMABUF))
			continue;
		EXPECT_EQ(-EFAULT,
			  call(self->fd, _IOWR(PCRING_IOC_MAGIC, nr, __u64),
			       none))
		TH_LOG("call %u", nr);
	}
}

TEST_F(device, a_struct_over_the_end_of_memory_is_efault)
{
	char *two = mmap(NULL, (size_t)2 * PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct pcring_info *info =
		(void *)(two + PAGE - sizeof(struct pcring_info) / 2);

	munmap(two + PAGE, PAGE);
	info->size = sizeof(*info);
	EXPECT_EQ(-EFAULT, call(self->fd, PCRING_IOC_INFO, info));
}

TEST_F(device, opened_for_reading_it_tells_and_is_not_written)
{
	struct pcring_info info;
	int fd;

	close(self->fd);
	fd = dev_open(variant->path, O_RDONLY);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, info_get(fd, &info));
	EXPECT_GT(0, write(fd, "x", 1));
	close(fd);
}

TEST(opened_for_reading_it_gives_no_end_to_write)
{
	struct rig rig;

	ASSERT_EQ(0, rig_open(&rig, LOOP));
	close(rig.fd);
	rig.fd = dev_open(LOOP, O_RDONLY);
	ASSERT_LE(0, rig.fd);
	rig_ring(&rig, PCRING_KIND_SQ, 8);
	rig_ring(&rig, PCRING_KIND_CQ, 8);
	/* Whether SETUP says no or mmap does: nothing is written. */
	if (!rig_call_setup(&rig)) {
		EXPECT_EQ(MAP_FAILED,
			  mmap(NULL, rig.rings[0].prod_len,
			       PROT_READ | PROT_WRITE, MAP_SHARED, rig.fd,
			       (off_t)rig.rings[0].prod_offset));
	}
	rig_close(&rig);
}

TEST(an_exclusive_device_has_one_holder)
{
	int first = dev_open(ADC, O_RDWR);

	ASSERT_LE(0, first);
	EXPECT_EQ(-EBUSY, dev_open(ADC, O_RDWR | O_NONBLOCK));
	/* Not even waiting helps: the holder is alive. */
	EXPECT_EQ(-EBUSY, dev_open(ADC, O_RDWR));
	EXPECT_EQ(-EBUSY, dev_open(ADC, O_RDONLY));
	close(first);
}

TEST(an_exclusive_device_is_held_by_a_fork_and_a_copy_too)
{
	int first = dev_open(ADC, O_RDWR);
	int copy = dup(first);

	ASSERT_LE(0, first);
	close(first);
	EXPECT_EQ(-EBUSY, dev_open(ADC, O_RDWR));
	close(copy);
	first = dev_open(ADC, O_RDWR);
	EXPECT_LE(0, first);
	close(first);
}

TEST(an_open_waits_for_the_ctx_that_is_dying)
{
	struct pcring_adc_config config = { .rate_hz = 2000 };
	__u64 rounds = scaled(40), i;
	struct rig rig;

	for (i = 0; i < rounds; i++) {
		ASSERT_EQ(0, rig_adc_blocks(&rig, 8, 8,
					    i % 2 ? PCRING_POLICY_BLOCK
						  : PCRING_POLICY_DROP_NEW,
					    &config))
		TH_LOG("%llu: %s", i, refusal(rig.fd));
		sleep_ns(MSEC);
		rig_close(&rig);
	}
}

TEST(a_device_that_is_not_exclusive_has_many)
{
	struct rig rigs[8];
	struct pcring_sqe sqe = sqe_of(PCRING_LOOP_NOP, 7);
	struct pcring_cqe cqe;
	int i, k;

	for (i = 0; i < 8; i++) {
		ASSERT_EQ(0, rig_loop(&rigs[i], 8, 8));
		for (k = 0; k < i; k++)
			EXPECT_NE(rigs[k].setup.ctx_id, rigs[i].setup.ctx_id);
	}
	for (i = 7; i >= 0; i--) {
		EXPECT_EQ(0, rig_ask(&rigs[i], &sqe, &cqe));
		EXPECT_EQ(7, cqe.user_data);
		rig_close(&rigs[i]);
	}
}

static int as_nobody(void)
{
	struct pcring_sqe sqe = sqe_block(PCRING_LOOP_CRC32C, 1, 0, 100);
	struct pcring_cqe cqe;
	struct rig rig;

	if (setgid(NOBODY) || setuid(NOBODY))
		return 1;
	if (rig_loop_blocks(&rig, 8, 8, 4))
		return 2;
	if (rig_ask(&rig, &sqe, &cqe))
		return 3;
	return cqe.res == 100 ? 0 : 4;
}

/* A udev rule's work: no capability is asked for. */
TEST(whoever_may_open_it_may_use_it)
{
	struct stat st;
	pid_t pid;

	ASSERT_EQ(0, stat(LOOP, &st));
	ASSERT_EQ(0, chmod(LOOP, 0666));
	pid = fork();
	if (!pid)
		_exit(as_nobody());
	EXPECT_EQ(0, child_wait(pid));
	chmod(LOOP, st.st_mode & 0777);
	pid = fork();
	if (!pid)
		_exit(setgroups(0, NULL) || setgid(NOBODY) || setuid(NOBODY) ||
		      dev_open(LOOP, O_RDWR) != -EACCES);
	EXPECT_EQ(0, child_wait(pid));
}

TEST_HARNESS_MAIN
