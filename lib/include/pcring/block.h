/* SPDX-License-Identifier: LGPL-2.1-only OR MIT */
/*
 * libpcring: the pool's blocks, and the entries that hand them over.
 *
 * A block is owned by one side. The server keeps the table of owners and
 * generations, in memory the client cannot reach; what a client names is looked
 * up there. The content is writable by both: who writes a block it does not own
 * spoils data, and nothing else.
 */
#ifndef PCRING_BLOCK_H
#define PCRING_BLOCK_H

#include <linux/pcring.h>
#include <pcring/ring.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

struct pcring_pool;

/**
 * struct pcring_block - a block in the hands of this side
 * @index: which.
 * @generation: of this hand-over.
 * @data: its bytes.
 * @size: bytes it can hold.
 * @len: bytes filled.
 * @seq: of its content (pcring_block_claim()).
 * @time: CLOCK_MONOTONIC, ns, of its content.
 * @gap: items lost before it, 0: none (pcring_block_claim()).
 */
struct pcring_block {
	__u32 index;
	__u32 generation;
	void *data;
	__u32 size;
	__u32 len;
	__u64 seq;
	__u64 time;
	__u64 gap;
};

/**
 * pcring_pool_blocks() - how many blocks
 * @pool: the pool.
 *
 * Context: any thread.
 * Return: blocks.
 */
__u32 pcring_pool_blocks(const struct pcring_pool *pool);

/**
 * pcring_pool_fd() - for whoever takes the memory itself: dma-buf, fixed buffers
 * @pool: the pool, of a device.
 *
 * Context: any thread.
 * Return: the fd, the pool's; -EOPNOTSUPP: over memfd.
 */
int pcring_pool_fd(const struct pcring_pool *pool);

/**
 * pcring_pool_free() - blocks this side could take now
 * @pool: the pool.
 *
 * A server collects what its client gave back first.
 *
 * Context: any thread.
 * Return: blocks; -EBADFD.
 */
int pcring_pool_free(struct pcring_pool *pool);

/**
 * pcring_block_take() - get a free block to fill
 * @pool: the pool; at a client one of PCRING_POOL_USER.
 * @block: written; the caller's until handed over or put.
 *
 * Context: any thread.
 * Return: 0; -ENOSPC: the pool is exhausted; -EINVAL: a client's pool whose
 * blocks come from the server; -EBADFD.
 */
int pcring_block_take(struct pcring_pool *pool, struct pcring_block *block);

/**
 * pcring_block_put() - give a block back
 * @pool: the pool.
 * @block: not the caller's any more.
 *
 * To where it came from: the free blocks of this side (server, or a client with
 * PCRING_POOL_USER), else through the FREE ring. A device takes it by a call where
 * there is none.
 *
 * Context: any thread at a server; at a client the thread of the FREE ring.
 * Return: 0; -ESTALE: a server's own mistake, it does not hold this block (nor does
 * a client that gives it to a device by call);
 * -EAGAIN: the FREE ring is full, try again; -EINVAL: there is none; -ECANCELED,
 * -EOWNERDEAD, -EBADFD.
 */
int pcring_block_put(struct pcring_pool *pool,
		     const struct pcring_block *block);

/**
 * pcring_block_lend() - client: give a block to the server for good
 * @pool: the pool, PCRING_POOL_USER.
 * @block: not the caller's any more.
 *
 * Through the FREE ring, whatever the pool; to a device without one, by a call.
 *
 * Context: the thread of the FREE ring.
 * Return: as pcring_block_put().
 */
int pcring_block_lend(struct pcring_pool *pool,
		      const struct pcring_block *block);

/**
 * pcring_block_post() - server: hand a filled block to the client
 * @ring: CQ with the pool. OVERWRITE, LATEST: by exchange; else by a CQE with
 *	F_POST and F_BLOCK.
 * @block: its len is what was filled; the client's from here on, also if it is
 *	taken back unread (then it is free again).
 * @driver: NULL, or four words for struct pcring_block_info.
 *
 * Context: the end's thread; SHARED: any.
 * Return: 1; 0: rejected (DROP_NEW, counted) and the block is free again;
 * -EAGAIN: no space (BLOCK), the block is still the caller's, as with all that
 * follow: -ESTALE: not the caller's; -EINVAL; -ECANCELED; -EOWNERDEAD; -EBADFD.
 */
int pcring_block_post(struct pcring_ring *ring,
		      const struct pcring_block *block, const __u64 *driver);

/**
 * pcring_block_claim() - client: take the oldest block (LATEST: the newest)
 * @ring: CQ under OVERWRITE or LATEST.
 * @block: written; the caller's until it puts it.
 *
 * Context: the end's thread.
 * Return: 1; -EAGAIN: none; -ECANCELED: none, and the server has closed;
 * -EOWNERDEAD: none, and it died; -EBADFD; -EINVAL.
 */
int pcring_block_claim(struct pcring_ring *ring, struct pcring_block *block);

/**
 * pcring_block_info() - what the server says of a block
 * @pool: the pool.
 * @index: which.
 *
 * Context: whoever owns the block.
 * Return: the info, read-only to a client; NULL: there is no such block.
 */
const struct pcring_block_info *
pcring_block_info(const struct pcring_pool *pool, __u32 index);

/**
 * pcring_sqe_init() - an SQE with everything at its default
 * @sqe: written whole.
 * @opcode: 0 to 65535, the driver's.
 * @user_data: comes back in the CQE.
 *
 * Context: any.
 */
static inline void pcring_sqe_init(struct pcring_sqe *sqe, __u32 opcode,
				   __u64 user_data)
{
	memset(sqe, 0, sizeof(*sqe));
	sqe->ctl = PCRING_SQE_OPCODE(opcode);
	sqe->block = PCRING_BLOCK_NONE;
	sqe->user_data = user_data;
}

/**
 * pcring_sqe_set_block() - hand a block over with an SQE
 * @sqe: the SQE.
 * @block: the server's once the SQE is pushed, until its CQE; its len goes along.
 *
 * Context: any.
 */
static inline void pcring_sqe_set_block(struct pcring_sqe *sqe,
					const struct pcring_block *block)
{
	sqe->ctl |= PCRING_SQE_F_BLOCK;
	sqe->block = block->index;
	sqe->generation = block->generation;
	sqe->offset = 0;
	sqe->len = block->len;
}

/**
 * pcring_cqe_block() - client: the block a CQE hands over
 * @pool: the pool.
 * @cqe: the CQE.
 * @block: written; the caller's until it puts it. Its len is the CQE's res if
 *	that is a length.
 *
 * Context: any thread.
 * Return: 1; 0: it hands none over; -EBADFD: there is no such block.
 */
int pcring_cqe_block(const struct pcring_pool *pool,
		     const struct pcring_cqe *cqe, struct pcring_block *block);

/**
 * pcring_sqe_take() - server: take requests, each with room for its completion
 * @sq: SQ with entries of struct pcring_sqe.
 * @cq: the CQ that answers it.
 * @sqes: room for @n.
 * @n: 1 up.
 *
 * Takes no more than there is room for in the CQ (in flight + unread <= its
 * entries). A request that names a block the client does not hold, or is
 * malformed, is answered here (-ESTALE, -EINVAL) and not returned. Each one
 * returned must be given to pcring_sqe_complete() once.
 *
 * Context: the thread of both ends.
 * Return: requests, 1 up; -EAGAIN: none, or no credit; -ECANCELED: none, and the
 * client has closed; -EOWNERDEAD: none, and it died; -EBADFD; -EINVAL.
 */
int pcring_sqe_take(struct pcring_ring *sq, struct pcring_ring *cq,
		    struct pcring_sqe *sqes, __u32 n);

/**
 * pcring_sqe_complete() - server: answer a request
 * @cq: the CQ it was taken for.
 * @sqe: the request, as pcring_sqe_take() gave it.
 * @res: 0 or more: success; negative: errno.
 *
 * A block it brought goes back to the client under a new generation. With
 * F_QUIET and success there is no CQE, unless a block goes back.
 *
 * Context: the end's thread; SHARED: any.
 * Return: 0; -EAGAIN: a gap takes the last entry of a DROP_NEW ring, try again
 * when the client has read; -ESTALE: its block is not with the server: completed
 * twice; -EOWNERDEAD, -ECANCELED: nobody to answer, it is done all the same;
 * -EBADFD; -EINVAL.
 */
int pcring_sqe_complete(struct pcring_ring *cq, const struct pcring_sqe *sqe,
			__s32 res);

/**
 * pcring_sqe_block() - server: the block a request brought
 * @pool: the pool.
 * @sqe: the request, as pcring_sqe_take() gave it.
 * @block: written; @block->data begin at the request's offset.
 *
 * Context: any thread.
 * Return: 1; 0: it brought none.
 */
int pcring_sqe_block(const struct pcring_pool *pool,
		     const struct pcring_sqe *sqe, struct pcring_block *block);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif /* PCRING_BLOCK_H */
