/* SPDX-License-Identifier: GPL-2.0-only */
/* Fixed entries that say who made them, and are checked to the last bit. */
#ifndef PCRING_TEST_ITEM_H
#define PCRING_TEST_ITEM_H

#include "ring_test.h"

/* Words of the largest entry tested. */
#define ITEM_WORDS 8U

static inline u64 item_front(u32 producer, u64 item)
{
	u32 first = producer << 24 | (u32)(test_word(producer, item, 0) >> 40);

	return PCRING_FRONT(first, (u32)item);
}

static inline void item_make(u64 *entry, u32 size, u32 producer, u64 item)
{
	u32 w;

	entry[0] = item_front(producer, item);
	for (w = 1; w < size / sizeof(u64); w++)
		entry[w] = test_word(producer, item, w);
}

static inline u32 item_producer(const u64 *entry)
{
	return PCRING_FRONT_FIRST(*entry) >> 24;
}

static inline bool item_right(const u64 *entry, u32 size, u32 producer,
			      u64 item)
{
	u32 w;

	if (entry[0] != item_front(producer, item))
		return false;
	for (w = 1; w < size / sizeof(u64); w++)
		if (entry[w] != test_word(producer, item, w))
			return false;
	return true;
}

/* The payload of a record, whatever its length. */
static inline void payload_make(void *data, u32 len, u32 producer, u64 item)
{
	u8 *to = data;
	u32 i;

	for (i = 0; i < len; i += sizeof(u64)) {
		u64 word = test_word(producer, item, i);

		memcpy(to + i, &word, min_t(u32, len - i, sizeof(word)));
	}
}

static inline bool payload_right(const void *data, u32 len, u32 producer,
				 u64 item)
{
	const u8 *from = data;
	u32 i;

	for (i = 0; i < len; i += sizeof(u64)) {
		u64 word = test_word(producer, item, i);

		if (memcmp(from + i, &word, min_t(u32, len - i, sizeof(word))))
			return false;
	}
	return true;
}

#endif /* PCRING_TEST_ITEM_H */
