// SPDX-License-Identifier: GPL-2.0-only
/*
 * pcring: read(2) and write(2), for dd, Python and cat: the kernel works the user's
 * ends of the device's default rings on behalf of the calls.
 *
 * What is read is a stream of bytes: the payloads of records, or the contents of
 * blocks, one after the other. What was lost in between does not show there but in
 * STATS. What is written is one record a call.
 */
#include <linux/fs.h>
#include <linux/slab.h>
#include <linux/uio.h>
#include "core.h"

/**
 * struct pcring_rw - the user's ends
 * @read_lock: of what is read from.
 * @write_lock: of what is written to.
 * @in: REC_OUT, or a CQ that posts blocks; NULL: nothing to read.
 * @out: REC_IN; NULL: nothing to write to.
 * @free: FREE ring of @in, or NULL.
 * @cons: the end of @in.
 * @prod: the end of @out.
 * @free_prod: the end of @free.
 * @view: the record that is being read.
 * @cqe: the block that is being read.
 * @data: of it.
 * @len: bytes of it; 0: there is none.
 * @done: bytes of it that were read.
 */
struct pcring_rw {
	struct mutex read_lock; /* see above */
	struct mutex write_lock; /* see above */
	struct pcring_ring *in;
	struct pcring_ring *out;
	struct pcring_ring *free;
	struct pcring_cons cons;
	struct pcring_prod prod;
	struct pcring_prod free_prod;
	struct pcring_record_view view;
	struct pcring_cqe cqe;
	const void *data;
	u32 len;
	u32 done;
};

struct pcring_rw *pcring_rw_create(void)
{
	struct pcring_rw *rw = kzalloc(sizeof(*rw), GFP_KERNEL_ACCOUNT);

	if (!rw)
		return NULL;
	mutex_init(&rw->read_lock);
	mutex_init(&rw->write_lock);
	return rw;
}

static void pcring_rw_prod(struct pcring_ring *ring, struct pcring_prod *prod)
{
	struct pcring_geometry geo;

	pcring_ring_geometry(&ring->desc, &geo);
	geo.start = ring->start;
	pcring_prod_init(prod, pcring_ring_prod_page(ring),
			 pcring_ring_cons_page(ring),
			 ring->prod_area.addr + ring->desc.data_offset, &geo);
}

static void pcring_rw_cons(struct pcring_ring *ring, struct pcring_cons *cons)
{
	struct pcring_geometry geo;

	pcring_ring_geometry(&ring->desc, &geo);
	geo.start = ring->start;
	pcring_cons_init(cons, pcring_ring_cons_page(ring),
			 pcring_ring_prod_page(ring),
			 ring->prod_area.addr + ring->desc.data_offset, &geo);
}

/* The rings are there; ctx->lock held. */
void pcring_rw_start(struct pcring_ctx *ctx, struct pcring_rw *rw)
{
	rw->in = pcring_ctx_ring(ctx, PCRING_KIND_REC_OUT, 0);
	if (!rw->in)
		rw->in = pcring_ctx_ring(ctx, PCRING_KIND_CQ, 0);
	rw->out = pcring_ctx_ring(ctx, PCRING_KIND_REC_IN, 0);
	if (rw->in) {
		pcring_rw_cons(rw->in, &rw->cons);
		rw->free = rw->in->free;
	}
	if (rw->free)
		pcring_rw_prod(rw->free, &rw->free_prod);
	if (rw->out)
		pcring_rw_prod(rw->out, &rw->prod);
	/* Pairs with pcring_rw_get() and pcring_ctx_is_rw(): the ends are whole. */
	smp_store_release(&ctx->rw, rw);
}

static struct pcring_rw *pcring_rw_get(struct file *file)
{
	struct pcring_ctx *ctx = file->private_data;
	/* Pairs with pcring_rw_start(). */
	struct pcring_rw *rw = smp_load_acquire(&ctx->rw);
	int err;

	if (likely(rw))
		return rw;
	err = pcring_setup_defaults(ctx);
	return err ? ERR_PTR(err) : ctx->rw;
}

/* ---- reading ------------------------------------------------------------------- */

/* The next record's payload; 1, 0: none, negative: corrupt. */
static int pcring_rw_next_record(struct pcring_rw *rw)
{
	int got = pcring_record_peek(&rw->cons, &rw->view);

	if (got <= 0)
		return got;
	rw->data = rw->view.data;
	rw->len = 0;
	if (PCRING_RECORD_TYPE(rw->view.info) <= PCRING_RECORD_MAX_TYPE)
		rw->len = rw->view.len;
	return 1;
}

static int pcring_rw_next_block(struct pcring_rw *rw)
{
	const struct pcring_pool *pool = rw->in->pool;
	int got = pcring_cons_pop(&rw->cons, &rw->cqe, 1, sizeof(rw->cqe));

	if (got <= 0)
		return got;
	rw->len = 0;
	if (!(rw->cqe.ctl & PCRING_ENTRY_SPECIAL) && rw->cqe.res > 0 &&
	    rw->cqe.block < pool->blocks) {
		rw->data = pcring_block_data(pool, rw->cqe.block);
		rw->len = min_t(u32, rw->cqe.res, pool->block_size);
	}
	return 1;
}

static bool pcring_rw_is_records(const struct pcring_rw *rw)
{
	return pcring_kind_records(rw->in->kind);
}

/* The block goes home by the FREE ring, or at once if that is full or absent. */
static void pcring_rw_put_block(struct pcring_rw *rw)
{
	struct pcring_free back = {
		.block = rw->cqe.block,
		.generation = rw->cqe.generation,
	};

	if (rw->free &&
	    pcring_prod_push(&rw->free_prod, &back, 1, sizeof(back)) == 1) {
		if (pcring_prod_notify(&rw->free_prod))
			pcring_free_collect(rw->free);
		return;
	}
	if (!pcring_block_from_user(rw->in->pool, rw->in->ctx, back.block,
				    back.generation, true))
		pcring_pool_kick(rw->in->pool);
}

static void pcring_rw_finish(struct pcring_rw *rw)
{
	struct pcring_gap gap;
	bool asked;

	rw->done = 0;
	rw->data = NULL;
	if (pcring_rw_is_records(rw)) {
		asked = pcring_record_release(&rw->cons, &rw->view);
	} else if (rw->cqe.ctl & PCRING_ENTRY_SPECIAL) {
		pcring_cons_special(&rw->cons, &rw->cqe, &gap);
		asked = pcring_cons_release(&rw->cons, 1, 0);
	} else {
		asked = pcring_cons_release(&rw->cons, 1, 1);
		if (rw->cqe.ctl & PCRING_CQE_F_BLOCK)
			pcring_rw_put_block(rw);
	}
	if (asked)
		pcring_kick(rw->in->ctx);
}

/* Copy of what there is; bytes, 0: none is there; negative errno. */
static ssize_t pcring_rw_copy(struct pcring_rw *rw, struct iov_iter *to)
{
	ssize_t all = 0;

	while (iov_iter_count(to)) {
		size_t n;

		if (!rw->data) {
			int got = pcring_rw_is_records(rw)
					  ? pcring_rw_next_record(rw)
					  : pcring_rw_next_block(rw);

			if (got <= 0)
				return all ?: got;
		}
		n = min_t(size_t, rw->len - rw->done, iov_iter_count(to));
		if (n) {
			n = copy_to_iter(rw->data + rw->done, n, to);
			if (!n)
				return all ?: -EFAULT;
		}
		rw->done += n;
		all += n;
		if (rw->done == rw->len)
			pcring_rw_finish(rw);
	}
	return all;
}

static int pcring_rw_wait_items(struct pcring_rw *rw, bool nonblock)
{
	if (pcring_cons_publish(&rw->cons))
		pcring_kick(rw->in->ctx);
	if (nonblock)
		return pcring_ctx_alive(rw->in->ctx) ?: -EAGAIN;
	return pcring_wait(rw->in, 1, NULL, false);
}

ssize_t pcring_read(struct kiocb *iocb, struct iov_iter *to)
{
	bool nonblock = (iocb->ki_filp->f_flags & O_NONBLOCK) ||
			(iocb->ki_flags & IOCB_NOWAIT);
	struct pcring_rw *rw = pcring_rw_get(iocb->ki_filp);
	ssize_t got;

	if (IS_ERR(rw))
		return PTR_ERR(rw);
	if (!rw->in)
		return -EOPNOTSUPP;
	if (!iov_iter_count(to))
		return 0;
	if (mutex_lock_interruptible(&rw->read_lock))
		return -EINTR;
	for (;;) {
		got = pcring_rw_copy(rw, to);
		if (got)
			break;
		got = pcring_rw_wait_items(rw, nonblock);
		if (got)
			break;
	}
	/* What poll() tells next is what is left. */
	if (pcring_cons_publish(&rw->cons))
		pcring_kick(rw->in->ctx);
	mutex_unlock(&rw->read_lock);
	/* A ctx that was drained has an end, as a file has. */
	return got == -ECANCELED || got == -EOWNERDEAD ? 0 : got;
}

/* ---- writing -------------------------------------------------------------------- */

static int pcring_rw_reserve(struct pcring_rw *rw, u32 len, bool nonblock,
			     struct pcring_record **rec)
{
	u32 need = pcring_record_space(len, rw->prod.record_flags);
	struct pcring_ctx *ctx = rw->out->ctx;
	int err;

	for (;;) {
		err = pcring_ctx_alive(ctx);
		if (err)
			return err;
		err = pcring_record_reserve(&rw->prod, len, PCRING_RECORD_DATA,
					    rec);
		if (err != -EAGAIN || nonblock)
			return err;
		pcring_prod_prepare_wait(&rw->prod, need);
		if (pcring_prod_notify(&rw->prod))
			pcring_worker_queue(ctx);
		err = pcring_wait(rw->out, need, NULL, false);
		pcring_prod_finish_wait(&rw->prod);
		if (err)
			return err;
	}
}

ssize_t pcring_write(struct kiocb *iocb, struct iov_iter *from)
{
	bool nonblock = (iocb->ki_filp->f_flags & O_NONBLOCK) ||
			(iocb->ki_flags & IOCB_NOWAIT);
	struct pcring_rw *rw = pcring_rw_get(iocb->ki_filp);
	size_t len = iov_iter_count(from);
	struct pcring_record *rec;
	ssize_t err;

	if (IS_ERR(rw))
		return PTR_ERR(rw);
	if (!rw->out)
		return -EOPNOTSUPP;
	if (len > PCRING_MAX_BYTES)
		return -EMSGSIZE;
	if (mutex_lock_interruptible(&rw->write_lock))
		return -EINTR;
	err = pcring_rw_reserve(rw, len, nonblock, &rec);
	if (err)
		goto out_unlock;
	if (!copy_from_iter_full(pcring_record_data(rec), len, from)) {
		pcring_record_cancel(&rw->prod, rec);
		err = -EFAULT;
		goto out_unlock;
	}
	pcring_record_submit(&rw->prod, rec, false);
	if (pcring_prod_notify(&rw->prod))
		pcring_worker_queue(rw->out->ctx);
	err = len;
out_unlock:
	mutex_unlock(&rw->write_lock);
	return err;
}
