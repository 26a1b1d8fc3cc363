// SPDX-License-Identifier: GPL-2.0-only
/* Pools: their fd, their bytes, and whose the blocks are. */
#include <stddef.h>
#include <sys/uio.h>
#include "module.h"
#include "kselftest_harness.h"

FIXTURE(pool)
{
	int fd;
	struct pool pool;
};

FIXTURE_SETUP(pool)
{
	self->fd = dev_open(LOOP, O_RDWR);
	ASSERT_LE(0, self->fd);
	self->pool.req.flags = PCRING_POOL_USER;
	self->pool.req.block_size = PAGE;
	self->pool.req.blocks = 16;
	self->pool.req.dmabuf_fd = -1;
}

FIXTURE_TEARDOWN(pool)
{
	if (self->pool.fd > 0)
		close(self->pool.fd);
	close(self->fd);
}

static bool all_zero(const unsigned char *at, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (at[i])
			return false;
	return true;
}

TEST_F(pool, pitfall_11_blocks_are_zero_and_never_anothers)
{
	int i;

	self->pool.req.blocks = 64;
	for (i = 0; i < 8; i++) {
		ASSERT_EQ(0, pool_create(self->fd, &self->pool))
		TH_LOG("%s", refusal(self->fd));
		ASSERT_EQ(0, pool_map(&self->pool));
		EXPECT_TRUE(all_zero(self->pool.blocks, self->pool.len));
		EXPECT_TRUE(all_zero((const void *)self->pool.info,
				     64 * sizeof(*self->pool.info)));
		/* Up to the end of its page. */
		EXPECT_TRUE(all_zero((const void *)self->pool.info, PAGE));
		memset(self->pool.blocks, 0xa5, self->pool.len);
		munmap(self->pool.blocks, self->pool.len);
		munmap((void *)self->pool.info, 64 * sizeof(*self->pool.info));
		close(self->pool.fd);
		self->pool.fd = -1;
		/* Its ctx holds it as long as it lives. */
		close(self->fd);
		self->fd = dev_open(LOOP, O_RDWR);
		ASSERT_LE(0, self->fd);
	}
}

struct span {
	size_t at;
	size_t len;
};

/* Is every byte of the page zero that no span covers? */
static bool zero_but(const unsigned char *page, const struct span *spans)
{
	size_t i = 0;

	for (; spans->len; spans++) {
		if (!all_zero(page + i, spans->at - i))
			return false;
		i = spans->at + spans->len;
	}
	return all_zero(page + i, PAGE - i);
}

#define SPAN(type, member)                                 \
	{                                                  \
		offsetof(struct type, member),             \
			sizeof(((struct type *)0)->member) \
	}

static const struct span prod_words[] = { SPAN(pcring_prod_page, space_wanted),
					  SPAN(pcring_prod_page, state),
					  SPAN(pcring_prod_page, wake),
					  SPAN(pcring_prod_page, counts),
					  { 0, 0 } };
static const struct span cons_words[] = { SPAN(pcring_cons_page, need_wakeup),
					  SPAN(pcring_cons_page, state),
					  SPAN(pcring_cons_page, wake),
					  SPAN(pcring_cons_page, counts),
					  { 0, 0 } };
static const struct span no_words[] = { { 0, 0 } };

/* After SETUP nothing stands in the areas but the documented words. */
static bool areas_are_clean(struct rig *rig)
{
	bool clean = true;
	__u32 i;

	for (i = 0; i < rig->nr; i++) {
		struct pcring_ring_desc *d = &rig->rings[i];
		bool own = user_produces(d->kind);
		struct end *end = &rig->ends[i];

		clean &= zero_but(end->prod_area, own ? no_words : prod_words);
		clean &= zero_but(end->cons_area, own ? cons_words : no_words);
		clean &= all_zero(end->prod_area + PAGE, d->prod_len - PAGE);
		clean &= all_zero(end->cons_area + PAGE, d->cons_len - PAGE);
	}
	return clean;
}

static void areas_dirty(struct rig *rig)
{
	__u32 i;

	for (i = 0; i < rig->nr; i++) {
		if (user_produces(rig->rings[i].kind))
			memset(rig->ends[i].prod_area, 0x5a,
			       rig->rings[i].prod_len);
		else
			memset(rig->ends[i].cons_area, 0x5a,
			       rig->rings[i].cons_len);
	}
}

TEST(pitfall_11_rings_hold_nothing_of_what_was_there_before)
{
	struct rig rig;
	int i;

	for (i = 0; i < 8; i++) {
		ASSERT_EQ(0, rig_open(&rig, LOOP));
		rig_ring(&rig, PCRING_KIND_SQ, 2);
		rig_ring(&rig, PCRING_KIND_CQ, 2);
		rig_ring(&rig, PCRING_KIND_REC_IN, 1 << 16);
		rig_ring(&rig, PCRING_KIND_REC_OUT, 1 << 16);
		ASSERT_EQ(0, rig_call_setup(&rig));
		ASSERT_EQ(0, rig_map(&rig));
		EXPECT_TRUE(areas_are_clean(&rig));
		areas_dirty(&rig);
		rig_close(&rig);
	}
}

TEST_F(pool, sizes_are_rounded_up)
{
	struct pcring_info info = { .size = sizeof(info) };
	struct stat st;

	ASSERT_EQ(0, call(self->fd, PCRING_IOC_INFO, &info));
	self->pool.req.block_size = 1;
	self->pool.req.blocks = 3;
	ASSERT_EQ(0, pool_create(self->fd, &self->pool));
	EXPECT_EQ(info.block_align, self->pool.req.block_size);
	EXPECT_EQ(3, self->pool.req.blocks);
	EXPECT_EQ(0, self->pool.req.features & ~info.features);
	EXPECT_TRUE(fcntl(self->pool.fd, F_GETFD) & FD_CLOEXEC);
	EXPECT_EQ(0, fstat(self->pool.fd, &st));
	ASSERT_EQ(0, pool_map(&self->pool));
	memset(self->pool.blocks, 1, self->pool.len);
}

struct bad {
	const char *field;
	size_t at;
	size_t size;
	__u64 value;
	int err;
	const char *shown;
};

#define SET(member)                                  \
	offsetof(struct pcring_pool_create, member), \
		sizeof(((struct pcring_pool_create *)0)->member)

static const struct bad bads[] = {
	{ "flags", SET(flags), 1 << 4, EINVAL, "10" }, /* 0x10 or 16 */
	{ "flags", SET(flags), 1U << 31, EINVAL, NULL },
	{ "block_size", SET(block_size), 0, EINVAL, "0" },
	{ "block_size", SET(block_size), (1 << 30) + 1, EINVAL, "1073741825" },
	{ "block_size", SET(block_size), ~0U, EINVAL, "4294967295" },
	{ "blocks", SET(blocks), 0, EINVAL, "0" },
	{ "blocks", SET(blocks), (1 << 24) + 1, EINVAL, "16777217" },
	{ "blocks", SET(blocks), ~0U, EINVAL, "4294967295" },
	{ "dmabuf_fd", SET(dmabuf_fd), 0, EINVAL, "0" },
	{ "import_offset", SET(import_offset), 4096, EINVAL, NULL },
	{ "flags", SET(flags), PCRING_POOL_IMPORT, EOPNOTSUPP, NULL },
	{ "reserved", SET(reserved[0]), 1, EINVAL, NULL },
	{ "reserved", SET(reserved[3]), 1ULL << 63, EINVAL, NULL },
	{ "size", SET(size), 8, EINVAL, "8" },
	{ "size", SET(size), sizeof(struct pcring_pool_create) - 8, EINVAL,
	  NULL },
};

TEST_F(pool, each_bad_word_is_named)
{
	const struct pcring_pool_create good = self->pool.req;
	struct pcring_pool_create req;
	size_t i;

	for (i = 0; i < sizeof(bads) / sizeof(*bads); i++) {
		req = good;
		req.size = sizeof(req);
		memcpy((char *)&req + bads[i].at, &bads[i].value, bads[i].size);
		/* Flags may be shown either way. */
		EXPECT_REFUSED(bads[i].err, bads[i].field,
			       i ? bads[i].shown : NULL, self->fd,
			       call(self->fd, PCRING_IOC_POOL_CREATE, &req));
	}
	EXPECT_EQ(0, pool_create(self->fd, &self->pool));
}

TEST_F(pool, more_than_there_can_be_is_refused)
{
	struct pcring_info info = { .size = sizeof(info) };
	int err;

	ASSERT_EQ(0, call(self->fd, PCRING_IOC_INFO, &info));
	self->pool.req.block_size = info.max_block_size;
	self->pool.req.blocks = info.max_blocks;
	err = pool_create(self->fd, &self->pool);
	EXPECT_TRUE(err == -EINVAL || err == -ENOMEM || err == -EMFILE)
	TH_LOG("%d", err);
	EXPECT_TRUE(refused(self->fd, err, "", NULL));
	self->pool.req.block_size = PAGE;
	self->pool.req.blocks = info.max_blocks;
	if (info.max_blocks == PCRING_MAX_BLOCKS) {
		err = pool_create(self->fd, &self->pool);
		EXPECT_TRUE(err == -ENOMEM || err == -EMFILE)
		TH_LOG("%d", err);
	}
}

TEST_F(pool, what_the_kernel_says_of_blocks_is_read_only)
{
	size_t len = 16 * sizeof(*self->pool.info);
	off_t at = (off_t)PCRING_OFF_BLOCK_INFO;

	ASSERT_EQ(0, pool_create(self->fd, &self->pool));
	ASSERT_EQ(0, pool_map(&self->pool));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, len, PROT_READ | PROT_WRITE,
				   MAP_SHARED, self->pool.fd, at));
	EXPECT_EQ(EPERM, errno);
	EXPECT_EQ(MAP_FAILED,
		  mmap(NULL, len, PROT_READ, MAP_PRIVATE, self->pool.fd, at));
	EXPECT_EQ(EPERM, errno);
	EXPECT_EQ(-1, mprotect((void *)self->pool.info, PAGE,
			       PROT_READ | PROT_WRITE));
	EXPECT_EQ(EACCES, errno);
}

TEST_F(pool, pitfall_08_its_mappings_end_where_it_ends)
{
	static const __u64 bad[] = {
		16 * PAGE,	     1ULL << 39, 1ULL << 41,
		(1ULL << 40) + PAGE, 1ULL << 63, 0ULL - PAGE,
	};
	size_t i;

	ASSERT_EQ(0, pool_create(self->fd, &self->pool));
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		EXPECT_EQ(MAP_FAILED, mmap(NULL, PAGE, PROT_READ, MAP_SHARED,
					   self->pool.fd, (off_t)bad[i]))
	TH_LOG("%llx", bad[i]);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, 17 * PAGE, PROT_READ, MAP_SHARED,
				   self->pool.fd, 0));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, 1UL << 46, PROT_READ, MAP_SHARED,
				   self->pool.fd, 0));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE, self->pool.fd, 0));
}

TEST_F(pool, its_fd_knows_no_call_of_a_ctx)
{
	struct pcring_info info = { .size = sizeof(info) };

	ASSERT_EQ(0, pool_create(self->fd, &self->pool));
	EXPECT_EQ(-ENOTTY, call(self->pool.fd, PCRING_IOC_INFO, &info));
	EXPECT_EQ(-ENOTTY, call(self->pool.fd, PCRING_IOC_SETUP, &info));
}

TEST_F(pool, one_of_another_device_is_refused)
{
	struct rig rig;

	ASSERT_EQ(0, pool_create(self->fd, &self->pool));
	ASSERT_EQ(0, rig_open(&rig, ADC));
	rig_ring(&rig, PCRING_KIND_CQ, 8)->pool_fd = self->pool.fd;
	rig_ring(&rig, PCRING_KIND_FREE, 16)->pool_fd = self->pool.fd;
	EXPECT_REFUSED(EINVAL, "pool_fd", NULL, rig.fd, rig_call_setup(&rig));
	rig_close(&rig);
}

TEST(it_outlives_its_ctx_and_its_file)
{
	struct rig rig;
	int i;

	ASSERT_EQ(0, rig_loop_blocks(&rig, 8, 8, 8));
	memset(rig.pool.blocks, 0x77, PAGE);
	close(rig.fd);
	rig.fd = -1;
	sleep_ns(20 * MSEC);
	munmap(rig.pool.blocks, rig.pool.len);
	ASSERT_EQ(0, pool_map(&rig.pool));
	EXPECT_EQ(0x77, rig.pool.blocks[PAGE - 1]);
	close(rig.pool.fd);
	rig.pool.fd = -1;
	/* The pages go with the last mapping. */
	for (i = 0; i < 8; i++)
		rig.pool.blocks[(size_t)i * PAGE] = 1;
	EXPECT_EQ(0x77, rig.pool.blocks[1]);
	rig_close(&rig);
}

TEST(blocks_are_memory_that_other_calls_take)
{
	char copy[64];
	struct iovec to = { copy, sizeof(copy) };
	struct iovec from;
	struct rig rig;

	ASSERT_EQ(0, rig_loop_blocks(&rig, 8, 8, 8));
	from = (struct iovec){ rig.pool.blocks + PAGE, sizeof(copy) };
	memset(from.iov_base, 0x3c, sizeof(copy));
	ASSERT_EQ((ssize_t)sizeof(copy),
		  process_vm_readv(getpid(), &to, 1, &from, 1, 0));
	EXPECT_EQ(0x3c, copy[63]);
	rig_close(&rig);
}

/* A block straight to and from a file, no page cache between. */
TEST(blocks_are_taken_by_direct_io)
{
	char path[] = "./pcring-direct-XXXXXX";
	struct rig rig;
	int fd = mkstemp(path);

	ASSERT_LE(0, fd);
	close(fd);
	fd = open(path, O_RDWR | O_DIRECT | O_CLOEXEC);
	unlink(path);
	if (fd < 0)
		SKIP(return, "no direct I/O in this folder");
	ASSERT_EQ(0, rig_loop_blocks(&rig, 8, 8, 8));
	memset(rig.pool.blocks, 0x42, PAGE);
	ASSERT_EQ(PAGE, pwrite(fd, rig.pool.blocks, PAGE, 0));
	ASSERT_EQ(PAGE, pread(fd, rig.pool.blocks + PAGE, PAGE, 0));
	EXPECT_EQ(0, memcmp(rig.pool.blocks, rig.pool.blocks + PAGE, PAGE));
	close(fd);
	rig_close(&rig);
}

/* ---- whose ------------------------------------------------------------------- */

FIXTURE(shared)
{
	struct rig a;
	struct rig b;
};

/* One pool, two ctxs; all blocks are a's, who made it. */
FIXTURE_SETUP(shared)
{
	ASSERT_EQ(0, rig_loop_blocks(&self->a, 8, 8, 8));
	ASSERT_EQ(0, rig_open(&self->b, LOOP));
	self->b.pool = self->a.pool;
	rig_ring(&self->b, PCRING_KIND_SQ, 8);
	rig_ring(&self->b, PCRING_KIND_CQ, 8);
	ASSERT_EQ(0, rig_setup(&self->b))
	TH_LOG("%s", refusal(self->b.fd));
}

FIXTURE_TEARDOWN(shared)
{
	self->b.pool = (struct pool){ .fd = -1 };
	rig_close(&self->b);
	rig_close(&self->a);
}

static int ask_block(struct rig *rig, __u32 block, __u32 generation,
		     struct pcring_cqe *cqe)
{
	struct pcring_sqe sqe =
		sqe_block(PCRING_LOOP_NOP, block, generation, PAGE);
	int err = rig_ask(rig, &sqe, cqe);

	return err ? err : cqe->res;
}

TEST_F(shared, pitfall_16_what_one_ctx_owns_the_other_cannot_give_away)
{
	struct pcring_free entry = { 3, 0 };
	struct pcring_cqe cqe;
	__u32 done = 9;

	EXPECT_EQ(-ESTALE, ask_block(&self->b, 3, 0, &cqe));
	EXPECT_EQ(-ESTALE, rig_put(&self->b, &entry, 1, &done));
	EXPECT_EQ(0, done);
	EXPECT_EQ(0, ask_block(&self->a, 3, 0, &cqe));
	EXPECT_EQ(1, cqe.generation);
	/* It knows the generation and still may not. */
	entry.generation = 1;
	EXPECT_EQ(-ESTALE, ask_block(&self->b, 3, 1, &cqe));
	EXPECT_EQ(-ESTALE, rig_put(&self->b, &entry, 1, &done));
	EXPECT_EQ(0, rig_put(&self->a, &entry, 1, &done));
	EXPECT_EQ(1, done);
	EXPECT_EQ(-ESTALE, rig_put(&self->a, &entry, 1, &done));
}

TEST_F(shared, the_others_blocks_stay_when_one_ctx_goes)
{
	struct pcring_cqe cqe;

	self->b.pool = (struct pool){ .fd = -1 };
	rig_close(&self->b);
	sleep_ns(20 * MSEC);
	EXPECT_EQ(0, ask_block(&self->a, 5, 0, &cqe));
	EXPECT_EQ(1, cqe.generation);
}

struct hammer {
	struct rig *rig;
	__u32 own;
	__u64 rounds;
	__u64 stale;
	int err;
};

/* Own blocks in turn, and now and then one that is the other's. */
static void *hammer(void *arg)
{
	struct hammer *h = arg;
	__u32 generation[8] = { 0 };
	struct pcring_cqe cqe;
	__u64 i;

	for (i = 0; i < h->rounds && !h->err; i++) {
		__u32 block = (__u32)i % 8;
		int err = ask_block(h->rig, block, generation[block], &cqe);

		if (err == -ESTALE)
			h->stale++;
		else if (err)
			h->err = err;
		else if (cqe.generation != ++generation[block])
			h->err = -EIO;
	}
	return NULL;
}

TEST_F(shared, pitfall_16_two_ctxs_at_once_on_one_pool)
{
	struct hammer hammers[2] = { { &self->a, 0, scaled(20000), 0, 0 },
				     { &self->b, 0, scaled(20000), 0, 0 } };
	pthread_t threads[2];
	struct pcring_stats stats;
	int i;

	for (i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, hammer, &hammers[i]);
	for (i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	EXPECT_EQ(0, hammers[0].err);
	EXPECT_EQ(0, hammers[1].err);
	EXPECT_EQ(0, hammers[0].stale);
	EXPECT_EQ(hammers[1].rounds, hammers[1].stale);
	ASSERT_EQ(0, rig_stats(&self->a, 1, &stats));
	EXPECT_TRUE(stats_balance(&stats));
}

TEST_HARNESS_MAIN
