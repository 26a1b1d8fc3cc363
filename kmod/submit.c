// SPDX-License-Identifier: GPL-2.0-only
/*
 * pcring: requests: SQ -> ops->submit() -> CQ.
 *
 * A request is taken only with a credit: in flight + unread completions <= entries
 * of the CQ. So a completion always has a place, and a program that does not read
 * finds its SQ full.
 */
#include <linux/ktime.h>
#include "core.h"

#define PCRING_SQE_KNOWN (0xffffU | PCRING_SQE_F_ALL)

/* ---- completions ---------------------------------------------------------------- */

/* Under cq->lock. The block an answer brings back, in its CQE. */
static void pcring_answer_block(struct pcring_ring *cq,
				const struct pcring_answer *answer, u64 seq,
				struct pcring_cqe *cqe)
{
	struct pcring_block_info info = {
		.seq = seq,
		.time = ktime_get_ns(),
		.len = max(answer->res, 0),
		.error = min(answer->res, 0),
	};

	cqe->generation = answer->generation;
	memcpy(info.driver, answer->driver, sizeof(info.driver));
	if (!pcring_block_to_user(cq->peer->pool, cq->ctx, answer->block, &info,
				  &cqe->generation)) {
		cqe->ctl = PCRING_CQE_F_BLOCK;
		cqe->block = answer->block;
	} else {
		cqe->generation = 0;
	}
}

/* Under cq->lock. The CQE of an answer; false: none. */
static bool pcring_answer_cqe(struct pcring_ring *cq,
			      const struct pcring_answer *answer, u64 seq,
			      struct pcring_cqe *cqe)
{
	bool block = answer->ctl & PCRING_SQE_F_BLOCK;

	if (!block && (answer->ctl & PCRING_SQE_F_QUIET) && answer->res >= 0)
		return false;
	*cqe = (struct pcring_cqe){
		.res = answer->res,
		.user_data = answer->user_data,
		.block = PCRING_BLOCK_NONE,
		.seq = seq,
	};
	if (block)
		pcring_answer_block(cq, answer, seq, cqe);
	return true;
}

/* Into entries that may be larger than a CQE. */
void pcring_cqe_write(struct pcring_prod *prod, u64 pos,
		      const struct pcring_cqe *cqe)
{
	const pcring_word *from = (const pcring_word *)cqe;

	pcring_prod_account(prod, 1); /* before A: see V */
	pcring_entry_copy_body(pcring_prod_entry(prod, pos), from,
			       sizeof(*cqe));
	pcring_prod_commit(prod, pos, 1, *from); /* A, pairs with B */
}

/* Under cq->lock. Those pushed: all, as there is a credit for each. */
static u32 pcring_cqe_push(struct pcring_prod *prod,
			   const struct pcring_cqe *cqes, u32 n)
{
	u32 i;
	u64 pos;

	if (likely(prod->entry_size == sizeof(*cqes))) {
		int pushed = pcring_prod_push(prod, cqes, n, sizeof(*cqes));

		return max(pushed, 0);
	}
	for (i = 0; i < n; i++) {
		if (pcring_prod_reserve(prod, 1, &pos) != 1)
			break;
		pcring_cqe_write(prod, pos, &cqes[i]);
	}
	return i;
}

/* Under cq->lock. Nobody reads any more: counted, and not written. */
static void pcring_answer_dead(struct pcring_ring *cq, u32 n)
{
	pcring_prod_account(&cq->prod, n);
	pcring_count(&cq->prod.own->counts.cancelled, n);
}

/**
 * pcring_answer() - requests are done
 * @cq: where their completions go; the credits were taken.
 * @answers: @n of them, PCRING_BATCH at most.
 * @n: how many have an answer.
 * @requests: how many are in flight no more.
 *
 * Context: any but NMI.
 */
void pcring_answer(struct pcring_ring *cq, struct pcring_answer *answers, u32 n,
		   u32 requests)
{
	struct pcring_cqe cqes[PCRING_BATCH];
	bool dead = test_bit(PCRING_CTX_CLOSED, &cq->ctx->flags);
	unsigned long flags;
	u32 i, nr = 0, pushed = 0;
	bool blocked;
	u64 seq;

	raw_spin_lock_irqsave(&cq->lock, flags);
	seq = pcring_prod_seq(&cq->prod);
	for (i = 0; i < n; i++)
		nr += pcring_answer_cqe(cq, &answers[i], seq + nr, &cqes[nr]);
	if (unlikely(dead))
		pcring_answer_dead(cq, nr);
	else if (nr)
		pushed = pcring_cqe_push(&cq->prod, cqes, nr);
	cq->in_flight -= requests;
	WRITE_ONCE(cq->pos, cq->prod.prod);
	blocked = cq->blocked;
	raw_spin_unlock_irqrestore(&cq->lock, flags);

	if (unlikely(!dead && pushed != nr))
		pcring_ctx_kill(cq->ctx,
				cq); /* it took back what it had read */
	pcring_ring_notify(cq);
	if (unlikely(blocked))
		pcring_worker_queue(cq->ctx);
	if (unlikely(pcring_ctx_get_state(cq->ctx) != PCRING_STATE_LIVE))
		pcring_ring_wake_waiters(cq);
}

/* ---- credits -------------------------------------------------------------------------- */

/* Take up to @n credits. Those taken; -EBADFD. */
static int pcring_credit_take(struct pcring_ring *cq, u32 n)
{
	unsigned long flags;
	int space;

	raw_spin_lock_irqsave(&cq->lock, flags);
	if (unlikely(test_bit(PCRING_CTX_CLOSED, &cq->ctx->flags)))
		space = cq->desc.entries;
	else
		space = pcring_prod_space(&cq->prod, cq->in_flight + 1);
	if (space >= 0) {
		/* As many in flight as there are entries, whoever reads. */
		space -= min_t(u32, cq->in_flight, space);
		space = min_t(u32, space, n);
		cq->in_flight += space;
	}
	raw_spin_unlock_irqrestore(&cq->lock, flags);
	return space;
}

static void pcring_credit_give(struct pcring_ring *cq, u32 n)
{
	unsigned long flags;

	if (!n)
		return;
	raw_spin_lock_irqsave(&cq->lock, flags);
	cq->in_flight -= n;
	raw_spin_unlock_irqrestore(&cq->lock, flags);
}

/* Announce that a credit is waited for; true: there is one now. */
static bool pcring_credit_prepare_wait(struct pcring_ring *cq)
{
	unsigned long flags;
	int space;

	raw_spin_lock_irqsave(&cq->lock, flags);
	if (!cq->blocked) {
		cq->blocked = true;
		pcring_prod_prepare_wait(&cq->prod, cq->in_flight + 1); /* J */
		pcring_count(&cq->prod.own->counts.sleeps, 1);
	}
	space = cq->desc.entries;
	if (!test_bit(PCRING_CTX_CLOSED, &cq->ctx->flags))
		space = pcring_prod_space(&cq->prod, cq->in_flight + 1);
	raw_spin_unlock_irqrestore(&cq->lock, flags);
	/* A corrupt position is found by whoever takes the credit. */
	return space < 0 || space > cq->in_flight;
}

/* The consumer is awake: nothing needs to be announced. */
void pcring_submit_disarm(struct pcring_ring *sq)
{
	struct pcring_ring *cq = sq->peer;
	unsigned long flags;

	if (!READ_ONCE(cq->blocked))
		return;
	raw_spin_lock_irqsave(&cq->lock, flags);
	cq->blocked = false;
	pcring_prod_finish_wait(&cq->prod);
	raw_spin_unlock_irqrestore(&cq->lock, flags);
}

/* Under ctx->consume, armed: is there a request, and a credit for it? */
bool pcring_submit_ready(struct pcring_ring *sq)
{
	if (!pcring_cons_ready(&sq->cons, 1))
		return false;
	if (pcring_credit_prepare_wait(sq->peer))
		return true;
	/* A reader that waits for more completions takes what there is. */
	pcring_ring_notify(sq->peer);
	return false;
}

/* ---- requests -------------------------------------------------------------------------- */

/* The block a request names becomes the kernel's. */
static int pcring_req_block(struct pcring_ring *sq, struct pcring_req *req)
{
	const struct pcring_sqe *sqe = req->sqe;
	struct pcring_pool *pool = sq->pool;
	int err;

	if (!(sqe->ctl & PCRING_SQE_F_BLOCK))
		return 0;
	if (!pool || (u64)sqe->offset + sqe->len > pool->block_size)
		return -EINVAL;
	err = pcring_block_from_user(pool, sq->ctx, sqe->block, sqe->generation,
				     false);
	if (err) {
		pcring_count(&sq->cons.own->counts.stale, 1);
		return err;
	}
	req->block.index = sqe->block;
	req->block.generation = sqe->generation;
	req->block.data = pcring_block_data(pool, sqe->block) + sqe->offset;
	req->block.size = pool->block_size - sqe->offset;
	req->block.len = sqe->len;
	return 0;
}

static int pcring_req_check(const struct pcring_sqe *sqe)
{
	if (sqe->ctl & ~PCRING_SQE_KNOWN)
		return -EINVAL;
	/* PCRING_FEAT_CHAIN is not granted. */
	return sqe->ctl & PCRING_SQE_F_LINK ? -EOPNOTSUPP : 0;
}

/* True: @answer is to be sent now; false: the driver sends it later. */
static bool pcring_req_run(struct pcring_ring *sq, const struct pcring_sqe *sqe,
			   struct pcring_answer *answer)
{
	struct pcring_req req = {
		.sqe = sqe,
		.sqe_size = sq->desc.entry_size,
		.cq = sq->peer,
		.id = U32_MAX,
	};
	int res = pcring_req_check(sqe);

	*answer = (struct pcring_answer){
		.user_data = sqe->user_data,
		.ctl = sqe->ctl & PCRING_SQE_F_QUIET,
		.block = sqe->block,
		.generation = sqe->generation,
	};
	if (!res)
		res = pcring_req_block(sq, &req);
	if (!res) {
		answer->ctl = sqe->ctl;
		res = sq->ctx->ops->submit(sq->ctx, &req);
	}
	if (req.id != U32_MAX) {
		if (WARN_ON_ONCE(res != -EIOCBQUEUED))
			pcring_req_complete(sq->ctx, req.id, res);
		return false;
	}
	if (WARN_ON_ONCE(res == -EIOCBQUEUED))
		res = -EIO;
	answer->res = res;
	memcpy(answer->driver, req.driver, sizeof(answer->driver));
	return true;
}

/* A batch of @got entries; what is answered now goes in one push. */
static u32 pcring_submit_batch(struct pcring_ring *sq, u32 got)
{
	struct pcring_answer answers[PCRING_BATCH];
	u32 size = sq->desc.entry_size;
	u32 i, items = 0, done = 0;
	struct pcring_gap gap;

	for (i = 0; i < got; i++) {
		const struct pcring_sqe *sqe = sq->ctx->batch + i * size;

		if (sqe->ctl & PCRING_ENTRY_SPECIAL) {
			pcring_cons_special(&sq->cons, sqe, &gap);
			continue;
		}
		items++;
		done += pcring_req_run(sq, sqe, &answers[done]);
	}
	if (done)
		pcring_answer(sq->peer, answers, done, done);
	return items;
}

/* The entry size most rings have is a constant to the copy. */
static int pcring_submit_pop(struct pcring_ring *sq, u32 n)
{
	if (likely(sq->desc.entry_size == sizeof(struct pcring_sqe)))
		return pcring_cons_pop(&sq->cons, sq->ctx->batch, n,
				       sizeof(struct pcring_sqe));
	return pcring_cons_pop(&sq->cons, sq->ctx->batch, n,
			       sq->desc.entry_size);
}

/**
 * pcring_submit_some() - take requests and run them
 * @sq: SQ.
 * @max: at most.
 *
 * Context: ctx->consume held.
 * Return: entries taken, 0: none, or no credit; -EBADFD: the ctx is dead.
 */
int pcring_submit_some(struct pcring_ring *sq, u32 max)
{
	u32 size = sq->desc.entry_size;
	u32 batch = min(PCRING_BATCH_BYTES / size, PCRING_BATCH);
	int there, credit, got, items;
	u32 done = 0;

	while (done < max) {
		/* As many credits as requests; the pop looks for itself. */
		there = pcring_cons_peek(&sq->cons, min(max - done, batch));
		if (there <= 0)
			return there < 0 ? there : (int)done;
		credit = pcring_credit_take(sq->peer, there);
		if (credit <= 0)
			return credit < 0 ? credit : (int)done;
		got = pcring_submit_pop(sq, credit);
		if (got <= 0) {
			pcring_credit_give(sq->peer, credit);
			return got < 0 ? got : (int)done;
		}
		items = pcring_submit_batch(sq, got);
		/* Specials took credits, too. */
		pcring_credit_give(sq->peer, credit - items);
		pcring_ring_released(
			sq, pcring_cons_release(&sq->cons, got, items));
		done += got;
	}
	return done;
}
