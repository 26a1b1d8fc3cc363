/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * pcring: blocks under OVERWRITE and LATEST, handed over through exchange words.
 *
 * Both ends want the oldest unread block: the reader to read it, the producer to
 * fill it anew. So each slot is one word that both exchange atomically, and the
 * block belongs to whoever took it out. A word is EMPTY, or FULL with a block's
 * index and the low half of its position. LATEST is a ring of one slot.
 *
 * The reader only ever writes EMPTY. What the producer finds in a slot is
 * therefore EMPTY (claimed) or what it put there itself (unread: taken back,
 * counted as overwritten); anything else is a corrupt peer. Neither end waits,
 * and no block is ever written while it is read: it takes as many blocks as there
 * are slots, one to fill, and those the reader holds.
 *
 * No phase, no gap entry: positions are those of accepted items; the block's own
 * sequence number, in its struct pcring_block_info, locates what was lost.
 */
#ifndef _UAPI_LINUX_PCRING_XCHG_H
#define _UAPI_LINUX_PCRING_XCHG_H

#include <linux/pcring_ring.h>

/* A reader that lost so many races in one call comes back later. */
#define PCRING_MAX_LOST 64U

static inline __u64 pcring_xchg_word(__u64 pos, __u32 block)
{
	return (__u64)(__u32)pos << 32 | PCRING_XCHG_FULL | block;
}

/**
 * pcring_xchg_post() - put a filled block in place of the oldest
 * @p: the end; its entries are the slots.
 * @words: the exchange words, @p->entries of them.
 * @mine: the producer's private copies of what it put there, zero at first.
 * @block: index of the block, complete; the reader's from here on.
 * @back: the block taken back unread, or PCRING_BLOCK_NONE.
 *
 * Return: 0; -EBADFD: the reader wrote something else than EMPTY, and the ring is
 * of no more use; @block is the reader's all the same.
 */
static inline int pcring_xchg_post(struct pcring_prod *p, __u64 *words,
				   __u64 *mine, __u32 block, __u32 *back)
{
	__u32 slot = (__u32)p->prod & p->mask;
	__u64 word = pcring_xchg_word(p->prod, block);
	__u64 old;

	pcring_prod_account(p, 1); /* before Q: see V */
	old = pcring_exchange(&words[slot], word); /* Q, pairs with R */
	*back = PCRING_BLOCK_NONE;
	if (old != PCRING_XCHG_EMPTY) {
		if (pcring_unlikely(old != mine[slot]))
			return -EBADFD;
		*back = PCRING_XCHG_BLOCK(old);
		pcring_count_term(&p->own->counts.overwritten, 1);
	}
	mine[slot] = word;
	pcring_store(&p->prod, p->prod + 1);
	pcring_prod_publish(p); /* C */
	return 0;
}

/**
 * pcring_xchg_returned() - a block that was posted comes back: was it claimed?
 * @words: the exchange words.
 * @mine: the producer's private copies.
 * @slot: the slot the block was last posted in, from private memory.
 * @block: index of the block.
 *
 * To be asked for every block given back before it is taken; without it a reader
 * could give back what it never claimed, and own it and the slot at once.
 *
 * Return: true: it was claimed; if the slot has not been used again it is
 * forgotten, so that an old word written back is found out. False: its word still
 * stands there, refuse it (-ESTALE).
 */
static inline bool pcring_xchg_returned(const __u64 *words, __u64 *mine,
					__u32 slot, __u32 block)
{
	if (mine[slot] == PCRING_XCHG_EMPTY ||
	    PCRING_XCHG_BLOCK(mine[slot]) != block)
		return true; /* the slot is another block's by now */
	if (pcring_load(&words[slot]) == mine[slot])
		return false;
	mine[slot] = PCRING_XCHG_EMPTY;
	return true;
}

/*
 * Take @word out of its slot. 1: taken; 0: the producer was faster; -EBADFD.
 */
static inline int pcring_xchg_take(struct pcring_cons *c, __u64 *slot,
				   __u64 word, __u32 blocks, __u32 *block)
{
	if (pcring_unlikely(PCRING_XCHG_BLOCK(word) >= blocks))
		return -EBADFD;
	if (!pcring_compare_exchange(slot, word, PCRING_XCHG_EMPTY))
		return 0; /* R, pairs with Q */
	*block = PCRING_XCHG_BLOCK(word);
	c->cons += (__u32)(PCRING_XCHG_POS(word) - (__u32)c->cons) + 1ULL;
	pcring_store(&c->own->counts.position, c->cons);
	pcring_count_term(&c->own->counts.consumed, 1);
	pcring_cons_publish(c);
	return 1;
}

/**
 * pcring_xchg_claim() - take the oldest block there is (LATEST: the newest)
 * @c: the end; its entries are the slots.
 * @words: the exchange words.
 * @blocks: blocks in the pool; an index beyond is a corrupt peer.
 * @block: index of the block; the caller's until it gives it back.
 *
 * Positions passed over were overwritten; the producer has counted them. The
 * block's own sequence number tells how many and which.
 *
 * Return: 1; 0: none; -EAGAIN: lost the race for PCRING_MAX_LOST words in a row;
 * -EBADFD.
 */
static inline int pcring_xchg_claim(struct pcring_cons *c, __u64 *words,
				    __u32 blocks, __u32 *block)
{
	__u32 tries;
	int taken;

	for (tries = 0; tries < PCRING_MAX_LOST; tries++) {
		__u64 *slot = &words[(__u32)c->cons & c->mask];
		__u64 word;

		if (c->entries > 1) {
			/* Several slots: prod says which is the oldest. */
			__u64 prod =
				pcring_load_acquire(&c->peer->prod); /* D */

			if (pcring_unlikely((__s64)(prod - c->cons) < 0))
				return -EBADFD;
			if (prod == c->cons)
				return 0;
			if (prod - c->cons > c->entries) {
				c->cons = prod - c->entries;
				continue;
			}
			word = pcring_load(slot); /* no barrier: R decides */
			if (PCRING_XCHG_POS(word) != (__u32)c->cons ||
			    !(word & PCRING_XCHG_FULL)) {
				c->cons++; /* overwritten since D */
				continue;
			}
		} else {
			word = pcring_load(slot); /* no barrier: R decides */
		}
		if (!(word & PCRING_XCHG_FULL))
			return 0;
		taken = pcring_xchg_take(c, slot, word, blocks, block);
		if (taken)
			return taken;
	}
	return -EAGAIN;
}

/**
 * pcring_xchg_count() - walk the slots and count the blocks in them
 * @words: the exchange words.
 * @entries: how many.
 *
 * Return: FULL words.
 */
static inline __u32 pcring_xchg_count(const __u64 *words, __u32 entries)
{
	__u32 items = 0;
	__u32 i;

	for (i = 0; i < entries; i++)
		if (pcring_load(&words[i]) & PCRING_XCHG_FULL)
			items++;
	return items;
}

#endif /* _UAPI_LINUX_PCRING_XCHG_H */
