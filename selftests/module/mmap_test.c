// SPDX-License-Identifier: GPL-2.0-only
/* Mappings: what may be mapped how, and what may be done with it later. */
#include <sys/syscall.h>
#include <sys/uio.h>
#include "module.h"
#include "kselftest_harness.h"

FIXTURE(map)
{
	struct rig rig;
};

FIXTURE_SETUP(map)
{
	ASSERT_EQ(0, rig_open(&self->rig, LOOP));
	rig_ring(&self->rig, PCRING_KIND_SQ, 64);
	rig_ring(&self->rig, PCRING_KIND_CQ, 64);
	rig_ring(&self->rig, PCRING_KIND_REC_IN, 8192);
	rig_ring(&self->rig, PCRING_KIND_REC_OUT, 8192);
	ASSERT_EQ(0, rig_setup(&self->rig));
}

FIXTURE_TEARDOWN(map)
{
	rig_close(&self->rig);
}

/* 0, or the errno of mapping it so. */
static int try_map(int fd, __u64 offset, size_t len, int prot, int flags)
{
	void *at =
		(void *)syscall(SYS_mmap, NULL, len, prot, flags, fd, offset);

	if (at == MAP_FAILED)
		return errno;
	munmap(at, len);
	return 0;
}

static int works(struct rig *rig)
{
	struct pcring_sqe sqe = sqe_of(PCRING_LOOP_NOP, 11);
	struct pcring_cqe cqe;
	int err = rig_ask(rig, &sqe, &cqe);

	return err ? err : cqe.user_data == 11 ? 0 : -EIO;
}

struct area {
	__u64 offset;
	__u64 len;
	bool own;
};

#define NR_AREAS 8

static const struct area *areas(const struct rig *rig)
{
	static struct area list[NR_AREAS];
	__u32 i;

	for (i = 0; i < NR_AREAS / 2; i++) {
		const struct pcring_ring_desc *desc = &rig->rings[i];
		bool own = user_produces(desc->kind);

		list[2 * i] =
			(struct area){ desc->prod_offset, desc->prod_len, own };
		list[2 * i + 1] = (struct area){ desc->cons_offset,
						 desc->cons_len, !own };
	}
	return list;
}

TEST_F(map, what_the_other_end_writes_is_mapped_shared_and_readable_alone)
{
	const struct area *area = areas(&self->rig);
	__u32 i;

	for (i = 0; i < NR_AREAS; i++, area++) {
		__u64 offset = area->offset, len = area->len;
		int fd = self->rig.fd;
		int rw = PROT_READ | PROT_WRITE;

		EXPECT_EQ(0, try_map(fd, offset, len, PROT_READ, MAP_SHARED));
		EXPECT_EQ(area->own ? 0 : EPERM,
			  try_map(fd, offset, len, rw, MAP_SHARED))
		TH_LOG("area %u", i);
		EXPECT_EQ(area->own ? 0 : EPERM,
			  try_map(fd, offset, len, PROT_WRITE, MAP_SHARED));
		if (!area->own) {
			EXPECT_EQ(EPERM, try_map(fd, offset, len, PROT_READ,
						 MAP_PRIVATE));
			EXPECT_TRUE(refused(fd, -EPERM, "", NULL));
		} else {
			EXPECT_NE(0, try_map(fd, offset, len, PROT_READ,
					     MAP_PRIVATE));
		}
		EXPECT_NE(0, try_map(fd, offset, len, rw, MAP_PRIVATE));
	}
}

TEST_F(map, nothing_here_is_executed)
{
	const struct area *area = areas(&self->rig);
	__u32 i;

	for (i = 0; i < NR_AREAS; i++, area++) {
		__u64 offset = area->offset, len = area->len;
		void *at;

		EXPECT_NE(0, try_map(self->rig.fd, offset, len,
				     PROT_READ | PROT_EXEC, MAP_SHARED));
		at = mmap(NULL, len, PROT_READ, MAP_SHARED, self->rig.fd,
			  (off_t)offset);
		ASSERT_NE(MAP_FAILED, at);
		EXPECT_EQ(-1, mprotect(at, len, PROT_READ | PROT_EXEC));
		munmap(at, len);
	}
}

TEST_F(map, pitfall_07_mprotect_does_not_make_it_writable)
{
	__u32 i;

	for (i = 0; i < self->rig.nr; i++) {
		const struct pcring_ring_desc *desc = &self->rig.rings[i];
		bool own = user_produces(desc->kind);
		void *at = own ? self->rig.ends[i].cons_area
			       : self->rig.ends[i].prod_area;
		size_t len = own ? desc->cons_len : desc->prod_len;

		EXPECT_EQ(-1, mprotect(at, len, PROT_READ | PROT_WRITE));
		EXPECT_EQ(EACCES, errno);
		EXPECT_EQ(-1, mprotect(at, PAGE, PROT_WRITE));
		EXPECT_EQ(EACCES, errno);
		/* Less is granted. */
		EXPECT_EQ(0, mprotect(at, len, PROT_NONE));
		EXPECT_EQ(0, mprotect(at, len, PROT_READ));
	}
	EXPECT_EQ(0, works(&self->rig));
}

TEST_F(map, pitfall_07_what_was_mapped_readable_stays_so)
{
	const struct pcring_ring_desc *desc = &self->rig.rings[1];
	void *at = mmap(NULL, desc->prod_len, PROT_NONE, MAP_SHARED,
			self->rig.fd, (off_t)desc->prod_offset);

	ASSERT_NE(MAP_FAILED, at);
	EXPECT_EQ(0, mprotect(at, PAGE, PROT_READ));
	EXPECT_EQ(-1, mprotect(at, PAGE, PROT_READ | PROT_WRITE));
	munmap(at, desc->prod_len);
}

/* A debugger's way into memory: it forces private mappings, not these. */
TEST_F(map, pitfall_07_proc_mem_cannot_write_it_either)
{
	unsigned char *at = self->rig.ends[1].prod_area;
	int mem = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	__u64 evil = ~0ULL;

	ASSERT_LE(0, mem);
	EXPECT_NE(8, pwrite(mem, &evil, 8, (off_t)(unsigned long)at));
	EXPECT_NE(~0ULL, pcring_load((__u64 *)(void *)at));
	close(mem);
	EXPECT_EQ(0, works(&self->rig));
}

TEST_F(map, pitfall_07_a_system_call_cannot_write_it_either)
{
	int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	unsigned char *at = self->rig.ends[1].prod_area;

	ASSERT_LE(0, zero);
	EXPECT_EQ(-1, read(zero, at, 64));
	EXPECT_EQ(EFAULT, errno);
	close(zero);
	EXPECT_EQ(0, works(&self->rig));
}

TEST_F(map, an_offset_that_is_no_area_is_refused)
{
	const struct area *area = areas(&self->rig);
	__u64 end = 0;
	__u32 i;

	for (i = 0; i < NR_AREAS; i++, area++) {
		__u64 offset = area->offset, len = area->len;
		if (offset + len > end)
			end = offset + len;
		/* In the middle of one. */
		if (len > PAGE)
			EXPECT_EQ(EINVAL, try_map(self->rig.fd, offset + PAGE,
						  PAGE, PROT_READ, MAP_SHARED))
		TH_LOG("area %u", i);
		EXPECT_EQ(EINVAL, try_map(self->rig.fd, offset + 1, PAGE,
					  PROT_READ, MAP_SHARED));
	}
	EXPECT_EQ(EINVAL,
		  try_map(self->rig.fd, end, PAGE, PROT_READ, MAP_SHARED));
	EXPECT_EQ(EINVAL, try_map(self->rig.fd, end + (1ULL << 30), PAGE,
				  PROT_READ, MAP_SHARED));
}

TEST_F(map, a_length_that_is_not_the_areas_is_refused)
{
	const struct area *area = areas(&self->rig);
	__u32 i;

	for (i = 0; i < NR_AREAS; i++, area++) {
		__u64 offset = area->offset, len = area->len;
		int fd = self->rig.fd;

		EXPECT_EQ(EINVAL, try_map(fd, offset, len + PAGE, PROT_READ,
					  MAP_SHARED))
		TH_LOG("area %u", i);
		EXPECT_NE(0, try_map(fd, offset, len + (1ULL << 32), PROT_READ,
				     MAP_SHARED));
		EXPECT_EQ(EINVAL,
			  try_map(fd, offset, 0, PROT_READ, MAP_SHARED));
		if (len > PAGE)
			EXPECT_EQ(EINVAL, try_map(fd, offset, len - PAGE,
						  PROT_READ, MAP_SHARED))
		TH_LOG("area %u", i);
	}
}

TEST_F(map, pitfall_08_offset_and_length_do_not_overflow)
{
	static const __u64 offsets[] = {
		1ULL << 63, 0ULL - PAGE,	 0ULL - 2 * PAGE, 1ULL << 44,
		1ULL << 40, (1ULL << 63) - PAGE, 1ULL << 62,
	};
	const __u64 good = self->rig.rings[0].prod_offset;
	size_t i;
	__u32 bit;

	for (i = 0; i < sizeof(offsets) / sizeof(*offsets); i++) {
		EXPECT_NE(0, try_map(self->rig.fd, offsets[i], PAGE, PROT_READ,
				     MAP_SHARED));
		EXPECT_NE(0, try_map(self->rig.fd, offsets[i] + good, PAGE,
				     PROT_READ, MAP_SHARED));
		EXPECT_NE(0, try_map(self->rig.fd, offsets[i], 16 * PAGE,
				     PROT_READ, MAP_SHARED));
		EXPECT_NE(0, try_map(self->rig.fd, good, offsets[i], PROT_READ,
				     MAP_SHARED));
	}
	/* A bit too many in a good offset. */
	for (bit = 45; bit < 64; bit++)
		EXPECT_NE(0, try_map(self->rig.fd, good | 1ULL << bit,
				     self->rig.rings[0].prod_len, PROT_READ,
				     MAP_SHARED));
}

TEST_F(map, pitfall_06_unmapped_in_part_the_rest_goes_on)
{
	const struct pcring_ring_desc *in = &self->rig.rings[2];
	struct end *end = &self->rig.ends[2];
	void *again;
	struct item item;

	/* The second mapping of the data, and the end of the SQ's. */
	ASSERT_EQ(0, munmap(end->prod_area + in->data_offset + 8192, 8192));
	ASSERT_EQ(0, rig_write_all(&self->rig, 2, "one", 4, 1));
	ASSERT_EQ(ITEM, rig_next_wait(&self->rig, 3, &item));
	EXPECT_STREQ("one", item.view.data);
	rig_done(&self->rig, 3, &item);
	/* A hole in the middle: two mappings of one. */
	ASSERT_EQ(0, munmap(end->prod_area + in->data_offset + PAGE, PAGE));
	ASSERT_EQ(0, rig_write_all(&self->rig, 2, "two", 4, 1));
	ASSERT_EQ(ITEM, rig_next_wait(&self->rig, 3, &item));
	EXPECT_STREQ("two", item.view.data);
	rig_done(&self->rig, 3, &item);
	/* The kernel's own eyes do not depend on ours. */
	again = mmap(NULL, in->prod_len, PROT_READ, MAP_SHARED, self->rig.fd,
		     (off_t)in->prod_offset);
	ASSERT_NE(MAP_FAILED, again);
	munmap(end->prod_area, PAGE);
	EXPECT_EQ(0, works(&self->rig));
	EXPECT_EQ(48, ((struct pcring_prod_page *)again)->prod);
	munmap(again, in->prod_len);
	close(self->rig.fd);
	self->rig.fd = -1;
}

TEST_F(map, pitfall_06_mremap_moves_and_does_not_grow)
{
	const struct pcring_ring_desc *cq = &self->rig.rings[1];
	struct end *end = &self->rig.ends[1];
	void *to;

	EXPECT_EQ(MAP_FAILED, mremap(end->prod_area, cq->prod_len,
				     cq->prod_len + PAGE, MREMAP_MAYMOVE));
	EXPECT_EQ(MAP_FAILED,
		  mremap(end->prod_area, cq->prod_len, cq->prod_len + PAGE, 0));
	/* The duplicating form: what it gives must be the ring again. */
	to = mremap(end->prod_area, 0, cq->prod_len, MREMAP_MAYMOVE);
	if (to != MAP_FAILED) {
		EXPECT_EQ(0, memcmp(to, end->prod_area, PAGE));
		EXPECT_EQ(-1, mprotect(to, PAGE, PROT_READ | PROT_WRITE));
		munmap(to, cq->prod_len);
	}
	to = mmap(NULL, cq->prod_len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
		  -1, 0);
	to = mremap(end->prod_area, cq->prod_len, cq->prod_len,
		    MREMAP_MAYMOVE | MREMAP_FIXED, to);
	ASSERT_NE(MAP_FAILED, to);
	end->prod_area = to;
	end->cons.peer = to;
	end->cons.data = end->prod_area + cq->data_offset;
	EXPECT_EQ(-1, mprotect(to, PAGE, PROT_READ | PROT_WRITE));
	EXPECT_EQ(0, works(&self->rig));
	/* Shrunk it is a partial unmapping. */
	EXPECT_EQ(to, mremap(to, cq->prod_len, PAGE, 0));
	self->rig.rings[1].prod_len = PAGE;
}

/* In a forked child: the parent's ring or nothing, by what madvise() said. */
static int child_sees(struct rig *rig, unsigned char *area)
{
	unsigned char vec;
	pid_t pid = fork();

	if (!pid) {
		if (mincore(area, PAGE, &vec))
			_exit(1);
		_exit(((struct pcring_prod_page *)area)->state ==
				      PCRING_STATE_LIVE
			      ? 0
			      : 2);
	}
	(void)rig;
	return child_wait(pid);
}

TEST_F(map, pitfall_06_fork_and_its_advice)
{
	struct end *end = &self->rig.ends[0];
	size_t len = self->rig.rings[0].prod_len;
	int i;

	EXPECT_EQ(0, child_sees(&self->rig, end->prod_area));
	EXPECT_EQ(0, madvise(end->prod_area, len, MADV_DONTFORK));
	EXPECT_EQ(1, child_sees(&self->rig, end->prod_area));
	/* Granted or refused: afterwards it is all there, or nothing. */
	for (i = 0; i < 20; i++) {
		int err = madvise(end->prod_area, len,
				  i % 2 ? MADV_DONTFORK : MADV_DOFORK);

		EXPECT_EQ(!err && i % 2 == 0 ? 0 : 1,
			  child_sees(&self->rig, end->prod_area));
	}
	EXPECT_EQ(0, works(&self->rig));
}

TEST_F(map, pitfall_06_many_forks_unmap_in_pieces)
{
	struct rig *rig = &self->rig;
	pid_t pids[8];
	int i;
	__u32 k;

	for (i = 0; i < 8; i++) {
		pids[i] = fork();
		if (pids[i])
			continue;
		for (k = 0; k < rig->nr; k++) {
			munmap(rig->ends[k].prod_area + PAGE, PAGE);
			if (i % 2)
				munmap(rig->ends[k].prod_area, PAGE);
			if (i % 3)
				close(rig->fd);
		}
		_exit(0);
	}
	for (i = 0; i < 8; i++)
		EXPECT_EQ(0, child_wait(pids[i]));
	EXPECT_EQ(0, works(rig));
}

static int advices[] = {
	MADV_DONTNEED,	MADV_FREE,     MADV_REMOVE,	MADV_COLD,
	MADV_PAGEOUT,	MADV_WILLNEED, MADV_SEQUENTIAL, MADV_RANDOM,
	MADV_MERGEABLE, MADV_HUGEPAGE, MADV_NOHUGEPAGE, MADV_DONTDUMP,
};

TEST_F(map, whatever_is_advised_it_stays_the_ring)
{
	unsigned char *data =
		self->rig.ends[2].prod_area + self->rig.rings[2].data_offset;
	size_t i, k;

	for (i = 0; i < sizeof(advices) / sizeof(*advices); i++) {
		memset(data, 0x40 + (int)i, 8192);
		madvise(data, 8192, advices[i]);
		for (k = 0; k < 2; k++)
			madvise(k ? self->rig.ends[i % 4].prod_area
				  : self->rig.ends[i % 4].cons_area,
				PAGE, advices[i]);
		/* No SIGBUS, no new page. */
		EXPECT_EQ(0x40 + i, pcring_load(data))
		TH_LOG("advice %d", advices[i]);
		EXPECT_EQ(0x40 + i, pcring_load(data + 8191));
		EXPECT_EQ(0, works(&self->rig));
	}
	EXPECT_EQ(0, mlock(data, 8192));
	EXPECT_EQ(0, munlock(data, 8192));
	EXPECT_EQ(0, works(&self->rig));
}

TEST_F(map, records_stand_twice_in_a_row)
{
	unsigned char *in =
		self->rig.ends[2].prod_area + self->rig.rings[2].data_offset;
	const unsigned char *out =
		self->rig.ends[3].prod_area + self->rig.rings[3].data_offset;
	struct item item;
	__u32 i;

	for (i = 0; i < 8192; i++)
		in[i] = (unsigned char)(i * 7);
	EXPECT_EQ(0, memcmp(in, in + 8192, 8192));
	for (i = 0; i < 8192; i++)
		in[i + 8192] = (unsigned char)(i * 11);
	EXPECT_EQ(0, memcmp(in, in + 8192, 8192));
	memset(in, 0, 8192);
	for (i = 0; i < 30; i++) {
		ASSERT_EQ(0, rig_write_all(&self->rig, 2, advices,
					   sizeof(advices), 3));
		ASSERT_EQ(ITEM, rig_next_wait(&self->rig, 3, &item));
		EXPECT_EQ(0, memcmp(advices, item.view.data, sizeof(advices)));
		rig_done(&self->rig, 3, &item);
	}
	EXPECT_EQ(0, memcmp(out, out + 8192, 8192));
}

TEST_F(map, pitfall_01_the_mapping_outlives_the_file)
{
	struct end *cq = &self->rig.ends[1];
	struct pcring_prod_page *page = (void *)cq->prod_area;
	__u64 prod;
	int i;

	for (i = 0; i < 20; i++)
		EXPECT_EQ(0, works(&self->rig));
	prod = cq->cons.cons;
	close(self->rig.fd);
	self->rig.fd = -1;
	sleep_ns(50 * MSEC);
	/* The pages are there, and ours: what was counted stands. */
	EXPECT_EQ(prod, pcring_load(&page->counts.accepted));
	memset(self->rig.ends[0].prod_area + self->rig.rings[0].data_offset,
	       0xff, 64 * 64);
	pcring_store(&cq->cons.own->cons, prod);
	munmap(self->rig.ends[0].prod_area, self->rig.rings[0].prod_len);
	self->rig.ends[0].prod_area = NULL;
	sleep_ns(50 * MSEC);
	EXPECT_EQ(prod, pcring_load(&page->counts.accepted));
}

TEST_F(map, pages_are_memory_that_other_calls_take)
{
	unsigned char *data =
		self->rig.ends[2].prod_area + self->rig.rings[2].data_offset;
	char copy[64];
	struct iovec to = { copy, sizeof(copy) };
	struct iovec from = { data, sizeof(copy) };

	memset(data, 0x5a, sizeof(copy));
	ASSERT_EQ((ssize_t)sizeof(copy),
		  process_vm_readv(getpid(), &to, 1, &from, 1, 0));
	EXPECT_EQ(0x5a, copy[63]);
	memset(data, 0, sizeof(copy));
}

TEST_HARNESS_MAIN
