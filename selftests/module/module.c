// SPDX-License-Identifier: GPL-2.0-only
/* A ctx and its rings by raw calls; see module.h. */
#include "module.h"

int dev_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int call(int fd, unsigned long nr, void *arg)
{
	int ret = ioctl(fd, nr, arg);

	return ret < 0 ? -errno : ret;
}

static int refusal_get(int fd, struct pcring_refusal *why)
{
	memset(why, 0, sizeof(*why));
	why->size = sizeof(*why);
	return call(fd, PCRING_IOC_REFUSAL, why);
}

const char *refusal(int fd)
{
	static char text[256];
	struct pcring_refusal why;

	if (refusal_get(fd, &why))
		return "(no REFUSAL)";
	snprintf(text, sizeof(text), "%d \"%.*s\"", why.error,
		 (int)sizeof(why.text), why.text);
	return text;
}

bool refused(int fd, int err, const char *field, const char *value)
{
	struct pcring_refusal why;

	return !refusal_get(fd, &why) && why.error == err &&
	       memchr(why.text, 0, sizeof(why.text)) &&
	       strstr(why.text, field) && (!value || strstr(why.text, value));
}

/* ---- a ctx step by step ---------------------------------------------------- */

int rig_open(struct rig *rig, const char *path)
{
	memset(rig, 0, sizeof(*rig));
	rig->pool.fd = -1;
	rig->setup.size = sizeof(rig->setup);
	rig->setup.ring_size = sizeof(rig->rings[0]);
	rig->fd = dev_open(path, O_RDWR);
	return rig->fd < 0 ? rig->fd : 0;
}

struct pcring_ring_desc *rig_ring(struct rig *rig, __u32 kind, __u32 entries)
{
	struct pcring_ring_desc *desc = &rig->rings[rig->nr++];

	memset(desc, 0, sizeof(*desc));
	desc->kind = kind;
	desc->entries = entries;
	desc->pool_fd = rig->pool.fd;
	if (kind == PCRING_KIND_REC_OUT || kind == PCRING_KIND_REC_IN)
		desc->pool_fd = -1;
	return desc;
}

int pool_create(int fd, struct pool *pool)
{
	int err;

	pool->fd = -1;
	pool->req.size = sizeof(pool->req);
	err = call(fd, PCRING_IOC_POOL_CREATE, &pool->req);
	if (!err)
		pool->fd = pool->req.fd;
	return err;
}

int pool_map(struct pool *pool)
{
	void *at;

	pool->len = (size_t)pool->req.block_size * pool->req.blocks;
	at = mmap(NULL, pool->len, PROT_READ | PROT_WRITE, MAP_SHARED, pool->fd,
		  PCRING_OFF_BLOCKS);
	if (at == MAP_FAILED)
		return -errno;
	pool->blocks = at;
	at = mmap(NULL, pool->req.blocks * sizeof(*pool->info), PROT_READ,
		  MAP_SHARED, pool->fd, (off_t)PCRING_OFF_BLOCK_INFO);
	if (at == MAP_FAILED)
		return -errno;
	pool->info = at;
	return 0;
}

int rig_pool(struct rig *rig, __u32 flags, __u32 block_size, __u32 blocks)
{
	int err;

	memset(&rig->pool, 0, sizeof(rig->pool));
	rig->pool.req.flags = flags;
	rig->pool.req.block_size = block_size;
	rig->pool.req.blocks = blocks;
	rig->pool.req.dmabuf_fd = -1;
	err = pool_create(rig->fd, &rig->pool);
	return err ? err : pool_map(&rig->pool);
}

int rig_call_setup(struct rig *rig)
{
	rig->setup.rings = (__u64)(unsigned long)rig->rings;
	rig->setup.nr_rings = rig->nr;
	return call(rig->fd, PCRING_IOC_SETUP, &rig->setup);
}

bool user_produces(__u32 kind)
{
	return kind == PCRING_KIND_SQ || kind == PCRING_KIND_FREE ||
	       kind == PCRING_KIND_REC_IN;
}

static int map_area(struct rig *rig, __u64 offset, __u64 len, bool own,
		    unsigned char **area)
{
	void *at = mmap(NULL, len, own ? PROT_READ | PROT_WRITE : PROT_READ,
			MAP_SHARED, rig->fd, (off_t)offset);

	if (at == MAP_FAILED)
		return -errno;
	*area = at;
	return 0;
}

int rig_map(struct rig *rig)
{
	__u32 i;

	for (i = 0; i < rig->nr; i++) {
		struct pcring_ring_desc *desc = &rig->rings[i];
		bool own = user_produces(desc->kind);
		int err;

		err = map_area(rig, desc->prod_offset, desc->prod_len, own,
			       &rig->ends[i].prod_area);
		if (!err)
			err = map_area(rig, desc->cons_offset, desc->cons_len,
				       !own, &rig->ends[i].cons_area);
		if (err)
			return err;
	}
	return 0;
}

void rig_init_ends(struct rig *rig)
{
	__u32 i;

	for (i = 0; i < rig->nr; i++) {
		struct pcring_ring_desc *desc = &rig->rings[i];
		struct end *end = &rig->ends[i];
		struct pcring_geometry geo = {
			.entries = desc->entries,
			.entry_size = desc->entry_size,
			.policy = desc->policy,
			.producers = desc->producers,
			.flags = desc->flags,
			.lag = desc->lag,
			.start = rig->start,
		};

		/* The kernel did it too; but these entries are ours to write. */
		if (geo.start && geo.entry_size && user_produces(desc->kind))
			pcring_ring_format(end->prod_area + desc->data_offset,
					   &geo);
		if (user_produces(desc->kind))
			pcring_prod_init(&end->prod, (void *)end->prod_area,
					 (void *)end->cons_area,
					 end->prod_area + desc->data_offset,
					 &geo);
		else
			pcring_cons_init(&end->cons, (void *)end->cons_area,
					 (void *)end->prod_area,
					 end->prod_area + desc->data_offset,
					 &geo);
	}
}

int rig_setup(struct rig *rig)
{
	int err = rig_call_setup(rig);

	if (!err)
		err = rig_map(rig);
	if (!err)
		rig_init_ends(rig);
	return err;
}

void rig_unmap(struct rig *rig)
{
	__u32 i;

	for (i = 0; i < rig->nr; i++) {
		struct end *end = &rig->ends[i];

		if (end->prod_area)
			munmap(end->prod_area, rig->rings[i].prod_len);
		if (end->cons_area)
			munmap(end->cons_area, rig->rings[i].cons_len);
		end->prod_area = NULL;
		end->cons_area = NULL;
	}
	if (rig->pool.blocks)
		munmap(rig->pool.blocks, rig->pool.len);
	if (rig->pool.info)
		munmap((void *)rig->pool.info,
		       rig->pool.req.blocks * sizeof(*rig->pool.info));
	rig->pool.blocks = NULL;
	rig->pool.info = NULL;
}

void rig_close(struct rig *rig)
{
	rig_unmap(rig);
	if (rig->pool.fd >= 0)
		close(rig->pool.fd);
	if (rig->fd >= 0)
		close(rig->fd);
	rig->pool.fd = -1;
	rig->fd = -1;
}

/* ---- whole ctxs ------------------------------------------------------------- */

int rig_loop(struct rig *rig, __u32 sq, __u32 cq)
{
	int err = rig_open(rig, LOOP);

	rig_ring(rig, PCRING_KIND_SQ, sq);
	rig_ring(rig, PCRING_KIND_CQ, cq);
	return err ? err : rig_setup(rig);
}

int rig_loop_blocks(struct rig *rig, __u32 sq, __u32 cq, __u32 blocks)
{
	int err = rig_open(rig, LOOP);

	if (!err)
		err = rig_pool(rig, PCRING_POOL_USER, PAGE, blocks);
	rig_ring(rig, PCRING_KIND_SQ, sq);
	rig_ring(rig, PCRING_KIND_CQ, cq);
	return err ? err : rig_setup(rig);
}

int rig_echo(struct rig *rig, __u32 in, __u32 out, __u32 policy)
{
	int err = rig_open(rig, LOOP);

	rig_ring(rig, PCRING_KIND_REC_IN, in);
	rig_ring(rig, PCRING_KIND_REC_OUT, out)->policy = policy;
	return err ? err : rig_setup(rig);
}

int configure(int fd, const void *payload, __u32 size)
{
	struct pcring_configure req = {
		.size = sizeof(req),
		.payload_size = size,
		.payload = (__u64)(unsigned long)payload,
	};

	return call(fd, PCRING_IOC_CONFIGURE, &req);
}

int rig_adc_records(struct rig *rig, __u32 bytes, __u32 policy,
		    const struct pcring_adc_config *config)
{
	int err = rig_open(rig, ADC);

	if (!err)
		err = configure(rig->fd, config, sizeof(*config));
	rig_ring(rig, PCRING_KIND_REC_OUT, bytes)->policy = policy;
	return err ? err : rig_setup(rig);
}

int rig_adc_blocks(struct rig *rig, __u32 entries, __u32 blocks, __u32 policy,
		   const struct pcring_adc_config *config)
{
	int err = rig_open(rig, ADC);

	if (!err)
		err = rig_pool(rig, 0, PAGE, blocks);
	if (!err)
		err = configure(rig->fd, config, sizeof(*config));
	rig_ring(rig, PCRING_KIND_CQ, entries)->policy = policy;
	rig_ring(rig, PCRING_KIND_FREE, blocks);
	return err ? err : rig_setup(rig);
}

/* ---- moving items ----------------------------------------------------------- */

int rig_enter(struct rig *rig, __u32 flags, __u32 submit, __u32 ring, __u32 min,
	      __u64 timeout_ns)
{
	/* Several threads may use a rig: its copy is of the last that returned. */
	struct pcring_enter enter = {
		.size = sizeof(enter),
		.flags = flags,
		.submit = submit,
		.ring = ring,
		.min = min,
		.timeout_ns = timeout_ns,
	};
	int err = call(rig->fd, PCRING_IOC_ENTER, &enter);

	rig->enter = enter;
	return err;
}

int rig_push(struct rig *rig, __u32 ring, const void *items, __u32 n)
{
	struct pcring_prod *p = &rig->ends[ring].prod;
	int got = pcring_prod_push(p, items, n, rig->rings[ring].entry_size);

	if (pcring_prod_notify(p))
		rig_enter(rig, 0, 0, ring, 0, 0);
	return got;
}

/* Wait for @want entries or bytes of space. */
static int wait_space(struct rig *rig, __u32 ring, __u32 want)
{
	struct pcring_prod *p = &rig->ends[ring].prod;
	int err = 0;

	want = pcring_prod_need(p, want);
	pcring_prod_prepare_wait(p, want);
	if (pcring_prod_notify(p))
		rig_enter(rig, 0, 0, ring, 0, 0);
	if (pcring_prod_space(p, want) < (int)want)
		err = rig_enter(rig, PCRING_ENTER_SPACE, 0, ring, want,
				patience());
	pcring_prod_finish_wait(p);
	return err;
}

int rig_push_all(struct rig *rig, __u32 ring, const void *items, __u32 n)
{
	const unsigned char *at = items;
	int got, err;

	while (n) {
		got = rig_push(rig, ring, at, n);
		if (got < 0)
			return got;
		at += (size_t)got * rig->rings[ring].entry_size;
		n -= (__u32)got;
		err = n ? wait_space(rig, ring, 1) : 0;
		if (err)
			return err;
	}
	return 0;
}

int rig_wait(struct rig *rig, __u32 ring, __u32 min, __u64 timeout_ns)
{
	struct pcring_cons *c = &rig->ends[ring].cons;
	int err;

	if (pcring_cons_publish(c))
		rig_enter(rig, 0, 0, ring, 0, 0);
	pcring_cons_prepare_wait(c, min);
	err = rig_enter(rig, PCRING_ENTER_WAIT, 0, ring, min, timeout_ns);
	pcring_cons_finish_wait(c);
	return err;
}

int rig_pop(struct rig *rig, __u32 ring, void *items, __u32 n)
{
	unsigned char *at = items;
	struct item item;
	__u32 got = 0;
	int what;

	while (got < n) {
		what = rig_next(rig, ring, &item);
		if (what < 0)
			return what;
		if (what == NOTHING)
			break;
		rig_done(rig, ring, &item);
		if (what != ITEM)
			continue;
		memcpy(at + got * sizeof(item.cqe), &item.cqe,
		       sizeof(item.cqe));
		got++;
	}
	return (int)got;
}

int rig_ask(struct rig *rig, const struct pcring_sqe *sqe,
	    struct pcring_cqe *cqe)
{
	int err = rig_push_all(rig, 0, sqe, 1);

	if (!err)
		err = rig_wait(rig, 1, 1, patience());
	if (err)
		return err;
	err = rig_pop(rig, 1, cqe, 1);
	return err == 1 ? 0 : err ? err : -ENODATA;
}

int rig_write(struct rig *rig, __u32 ring, const void *data, __u32 len,
	      __u32 type, bool more)
{
	struct pcring_prod *p = &rig->ends[ring].prod;
	struct pcring_record *rec;
	int err = pcring_record_reserve(p, len, type, &rec);

	if (!err) {
		memcpy(pcring_record_data(rec), data, len);
		pcring_record_submit(p, rec, more);
	}
	if ((!more || err) && pcring_prod_notify(p))
		rig_enter(rig, 0, 0, ring, 0, 0);
	return err;
}

int rig_write_all(struct rig *rig, __u32 ring, const void *data, __u32 len,
		  __u32 type)
{
	int err;

	for (;;) {
		err = rig_write(rig, ring, data, len, type, false);
		if (err != -EAGAIN)
			return err;
		err = wait_space(rig, ring, (__u32)pcring_record_space(len, 0));
		if (err)
			return err;
	}
}

static int next_entry(struct rig *rig, __u32 ring, struct item *item)
{
	struct pcring_cons *c = &rig->ends[ring].cons;
	__u64 entry[PCRING_MAX_ENTRY_SIZE / 8];
	int got;

	while ((got = pcring_cons_pop(c, entry, 1, c->entry_size)) == 1) {
		memcpy(&item->cqe, entry, sizeof(item->cqe));
		item->view.len = !(item->cqe.ctl & PCRING_ENTRY_SPECIAL);
		if (item->view.len)
			return ITEM;
		if (pcring_cons_special(c, entry, &item->gap))
			return GAP;
		pcring_cons_release(c, 1, 0);
	}
	return got;
}

static int next_record(struct rig *rig, __u32 ring, struct item *item)
{
	struct pcring_cons *c = &rig->ends[ring].cons;
	int got;

	while ((got = pcring_record_peek(c, &item->view)) == 1) {
		if (PCRING_RECORD_TYPE(item->view.info) == PCRING_RECORD_GAP) {
			memcpy(&item->gap, item->view.data, sizeof(item->gap));
			return GAP;
		}
		if (PCRING_RECORD_TYPE(item->view.info) <=
		    PCRING_RECORD_MAX_TYPE)
			return ITEM;
		pcring_record_release(c, &item->view);
	}
	return got;
}

int rig_next(struct rig *rig, __u32 ring, struct item *item)
{
	int got = rig->rings[ring].entry_size ? next_entry(rig, ring, item)
					      : next_record(rig, ring, item);

	if (got == NOTHING && pcring_cons_publish(&rig->ends[ring].cons))
		rig_enter(rig, 0, 0, ring, 0, 0);
	return got;
}

void rig_done(struct rig *rig, __u32 ring, const struct item *item)
{
	struct pcring_cons *c = &rig->ends[ring].cons;
	bool wake = c->entry_size ? pcring_cons_release(c, 1, item->view.len)
				  : pcring_record_release(c, &item->view);

	if (wake)
		rig_enter(rig, 0, 0, ring, 0, 0);
}

int rig_next_wait(struct rig *rig, __u32 ring, struct item *item)
{
	int got = rig_next(rig, ring, item);
	int err;

	if (got)
		return got;
	err = rig_wait(rig, ring, 1, patience());
	if (err && err != -ETIME)
		return err;
	return rig_next(rig, ring, item);
}

int rig_free(struct rig *rig, __u32 ring, __u32 block, __u32 generation)
{
	struct pcring_free entry = { block, generation };

	return rig_push_all(rig, ring, &entry, 1);
}

int rig_put(struct rig *rig, const struct pcring_free *entries, __u32 nr,
	    __u32 *done)
{
	struct pcring_put put = {
		.size = sizeof(put),
		.entries = (__u64)(unsigned long)entries,
		.nr = nr,
		.pool_fd = rig->pool.fd,
	};
	int err = call(rig->fd, PCRING_IOC_PUT, &put);

	if (done)
		*done = put.done;
	return err;
}

int rig_drain(struct rig *rig, __u64 timeout_ns, struct pcring_drain *drain)
{
	*drain = (struct pcring_drain){
		.size = sizeof(*drain),
		.timeout_ns = timeout_ns,
	};
	return call(rig->fd, PCRING_IOC_DRAIN, drain);
}

struct pcring_sqe sqe_of(__u32 opcode, __u64 user_data)
{
	struct pcring_sqe sqe = {
		.ctl = opcode,
		.block = PCRING_BLOCK_NONE,
		.user_data = user_data,
	};

	return sqe;
}

struct pcring_sqe sqe_block(__u32 opcode, __u32 block, __u32 generation,
			    __u32 len)
{
	struct pcring_sqe sqe = sqe_of(opcode | PCRING_SQE_F_BLOCK, block);

	sqe.block = block;
	sqe.generation = generation;
	sqe.len = len;
	return sqe;
}
