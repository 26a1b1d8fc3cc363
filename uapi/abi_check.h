/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * pcring: the ABI, proved: every size, offset and value, as it was settled.
 *
 * Nothing to run: whoever includes this and compiles has the same ABI. It says
 * the same for C11 and C++17, 64-bit and 32-bit compilers, and in the kernel.
 *
 * Each field names the one it follows, so that a field nobody listed here, or a
 * hole, breaks the chain.
 */
#ifndef _PCRING_ABI_CHECK_H
#define _PCRING_ABI_CHECK_H

#include <linux/pcring.h>
#include <linux/pcring_adc.h>
#include <linux/pcring_loop.h>

#ifdef __cplusplus
#define PCRING_ABI_ASSERT(what, text) static_assert(what, text)
#else
#define PCRING_ABI_ASSERT(what, text) _Static_assert(what, text)
#endif

#define PCRING_ABI_OFFSET(type, field) __builtin_offsetof(struct type, field)
#define PCRING_ABI_LENGTH(type, field) sizeof(((struct type *)0)->field)
#define PCRING_ABI_END(type, field) \
	(PCRING_ABI_OFFSET(type, field) + PCRING_ABI_LENGTH(type, field))

/* A struct begins with @field, @size bytes. */
#define PCRING_ABI_FIRST(type, field, size)                                 \
	PCRING_ABI_ASSERT(PCRING_ABI_OFFSET(type, field) == 0 &&            \
				  PCRING_ABI_LENGTH(type, field) == (size), \
			  #type "." #field ": moved or resized")

/* Straight after @last stands @field, at @offset, @size bytes. */
#define PCRING_ABI_NEXT(type, field, offset, size, last)                      \
	PCRING_ABI_ASSERT(PCRING_ABI_OFFSET(type, field) == (offset) &&       \
				  PCRING_ABI_LENGTH(type, field) == (size) && \
				  PCRING_ABI_END(type, last) == (offset),     \
			  #type "." #field ": moved or resized")

/* And with @last it ends. */
#define PCRING_ABI_STRUCT(type, size, align, last)                       \
	PCRING_ABI_ASSERT(sizeof(struct type) == (size) &&               \
				  __alignof__(struct type) == (align) && \
				  PCRING_ABI_END(type, last) == (size),  \
			  #type ": another size, alignment or last field")

#define PCRING_ABI_VALUE(name, value)                            \
	PCRING_ABI_ASSERT((unsigned long long)(name) == (value), \
			  #name ": another value")

/* Some architectures number directions and sizes otherwise. */
#define PCRING_ABI_IOC(name, value)                       \
	PCRING_ABI_ASSERT(_IOC_NONE || (name) == (value), \
			  #name ": another number")

/* ---- <linux/pcring_layout.h> ------------------------------------------- */

PCRING_ABI_FIRST(pcring_sqe, ctl, 4);
PCRING_ABI_NEXT(pcring_sqe, block, 4, 4, ctl);
PCRING_ABI_NEXT(pcring_sqe, generation, 8, 4, block);
PCRING_ABI_NEXT(pcring_sqe, offset, 12, 4, generation);
PCRING_ABI_NEXT(pcring_sqe, len, 16, 4, offset);
PCRING_ABI_NEXT(pcring_sqe, op_flags, 20, 4, len);
PCRING_ABI_NEXT(pcring_sqe, user_data, 24, 8, op_flags);
PCRING_ABI_NEXT(pcring_sqe, args, 32, 32, user_data);
PCRING_ABI_STRUCT(pcring_sqe, 64, 8, args);

PCRING_ABI_FIRST(pcring_cqe, ctl, 4);
PCRING_ABI_NEXT(pcring_cqe, res, 4, 4, ctl);
PCRING_ABI_NEXT(pcring_cqe, user_data, 8, 8, res);
PCRING_ABI_NEXT(pcring_cqe, block, 16, 4, user_data);
PCRING_ABI_NEXT(pcring_cqe, generation, 20, 4, block);
PCRING_ABI_NEXT(pcring_cqe, seq, 24, 8, generation);
PCRING_ABI_STRUCT(pcring_cqe, 32, 8, seq);

PCRING_ABI_FIRST(pcring_free, block, 4);
PCRING_ABI_NEXT(pcring_free, generation, 4, 4, block);
PCRING_ABI_STRUCT(pcring_free, 8, 4, generation);

PCRING_ABI_FIRST(pcring_gap, ctl, 4);
PCRING_ABI_NEXT(pcring_gap, count, 4, 4, ctl);
PCRING_ABI_NEXT(pcring_gap, first, 8, 8, count);
PCRING_ABI_NEXT(pcring_gap, time_first, 16, 8, first);
PCRING_ABI_NEXT(pcring_gap, time_last, 24, 8, time_first);
PCRING_ABI_STRUCT(pcring_gap, 32, 8, time_last);

PCRING_ABI_FIRST(pcring_record, len, 4);
PCRING_ABI_NEXT(pcring_record, info, 4, 4, len);
PCRING_ABI_NEXT(pcring_record, seq, 8, 8, info);
PCRING_ABI_STRUCT(pcring_record, 16, 8, seq);

PCRING_ABI_FIRST(pcring_block_info, seq, 8);
PCRING_ABI_NEXT(pcring_block_info, time, 8, 8, seq);
PCRING_ABI_NEXT(pcring_block_info, len, 16, 4, time);
PCRING_ABI_NEXT(pcring_block_info, generation, 20, 4, len);
PCRING_ABI_NEXT(pcring_block_info, flags, 24, 4, generation);
PCRING_ABI_NEXT(pcring_block_info, error, 28, 4, flags);
PCRING_ABI_NEXT(pcring_block_info, driver, 32, 32, error);
PCRING_ABI_STRUCT(pcring_block_info, 64, 8, driver);

PCRING_ABI_FIRST(pcring_prod_counts, offered, 8);
PCRING_ABI_NEXT(pcring_prod_counts, accepted, 8, 8, offered);
PCRING_ABI_NEXT(pcring_prod_counts, rejected, 16, 256, accepted);
PCRING_ABI_NEXT(pcring_prod_counts, overwritten, 272, 8, rejected);
PCRING_ABI_NEXT(pcring_prod_counts, cancelled, 280, 8, overwritten);
PCRING_ABI_NEXT(pcring_prod_counts, gaps, 288, 8, cancelled);
PCRING_ABI_NEXT(pcring_prod_counts, wakes, 296, 8, gaps);
PCRING_ABI_NEXT(pcring_prod_counts, sleeps, 304, 8, wakes);
PCRING_ABI_NEXT(pcring_prod_counts, fills, 312, 8, sleeps);
PCRING_ABI_NEXT(pcring_prod_counts, reserved, 320, 64, fills);
PCRING_ABI_STRUCT(pcring_prod_counts, 384, 8, reserved);

PCRING_ABI_FIRST(pcring_cons_counts, position, 8);
PCRING_ABI_NEXT(pcring_cons_counts, consumed, 8, 8, position);
PCRING_ABI_NEXT(pcring_cons_counts, discarded, 16, 8, consumed);
PCRING_ABI_NEXT(pcring_cons_counts, overwritten, 24, 8, discarded);
PCRING_ABI_NEXT(pcring_cons_counts, cancelled, 32, 8, overwritten);
PCRING_ABI_NEXT(pcring_cons_counts, stale, 40, 8, cancelled);
PCRING_ABI_NEXT(pcring_cons_counts, gaps, 48, 8, stale);
PCRING_ABI_NEXT(pcring_cons_counts, wakes, 56, 8, gaps);
PCRING_ABI_NEXT(pcring_cons_counts, sleeps, 64, 8, wakes);
PCRING_ABI_NEXT(pcring_cons_counts, spin_ns, 72, 8, sleeps);
PCRING_ABI_NEXT(pcring_cons_counts, torn, 80, 8, spin_ns);
PCRING_ABI_NEXT(pcring_cons_counts, reserved, 88, 40, torn);
PCRING_ABI_STRUCT(pcring_cons_counts, 128, 8, reserved);

PCRING_ABI_FIRST(pcring_prod_page, prod, 8);
PCRING_ABI_NEXT(pcring_prod_page, pad0, 8, 120, prod);
PCRING_ABI_NEXT(pcring_prod_page, oldest, 128, 8, pad0);
PCRING_ABI_NEXT(pcring_prod_page, newest, 136, 8, oldest);
PCRING_ABI_NEXT(pcring_prod_page, pad1, 144, 112, newest);
PCRING_ABI_NEXT(pcring_prod_page, space_wanted, 256, 8, pad1);
PCRING_ABI_NEXT(pcring_prod_page, pad2, 264, 120, space_wanted);
PCRING_ABI_NEXT(pcring_prod_page, state, 384, 4, pad2);
PCRING_ABI_NEXT(pcring_prod_page, pad3, 388, 124, state);
PCRING_ABI_NEXT(pcring_prod_page, wake, 512, 4, pad3);
PCRING_ABI_NEXT(pcring_prod_page, pad4, 516, 124, wake);
PCRING_ABI_NEXT(pcring_prod_page, counts, 640, 384, pad4);
PCRING_ABI_STRUCT(pcring_prod_page, 1024, 8, counts);

PCRING_ABI_FIRST(pcring_cons_page, cons, 8);
PCRING_ABI_NEXT(pcring_cons_page, pad0, 8, 120, cons);
PCRING_ABI_NEXT(pcring_cons_page, need_wakeup, 128, 8, pad0);
PCRING_ABI_NEXT(pcring_cons_page, pad1, 136, 120, need_wakeup);
PCRING_ABI_NEXT(pcring_cons_page, state, 256, 4, pad1);
PCRING_ABI_NEXT(pcring_cons_page, pad2, 260, 124, state);
PCRING_ABI_NEXT(pcring_cons_page, wake, 384, 4, pad2);
PCRING_ABI_NEXT(pcring_cons_page, pad3, 388, 124, wake);
PCRING_ABI_NEXT(pcring_cons_page, counts, 512, 128, pad3);
PCRING_ABI_STRUCT(pcring_cons_page, 640, 8, counts);

/* ---- <linux/pcring.h> -------------------------------------------------- */

PCRING_ABI_FIRST(pcring_info, size, 4);
PCRING_ABI_NEXT(pcring_info, version, 4, 4, size);
PCRING_ABI_NEXT(pcring_info, features, 8, 8, version);
PCRING_ABI_NEXT(pcring_info, kinds, 16, 4, features);
PCRING_ABI_NEXT(pcring_info, policies, 20, 4, kinds);
PCRING_ABI_NEXT(pcring_info, producers, 24, 4, policies);
PCRING_ABI_NEXT(pcring_info, config_size, 28, 4, producers);
PCRING_ABI_NEXT(pcring_info, max_rings, 32, 4, config_size);
PCRING_ABI_NEXT(pcring_info, max_entries, 36, 4, max_rings);
PCRING_ABI_NEXT(pcring_info, max_bytes, 40, 4, max_entries);
PCRING_ABI_NEXT(pcring_info, max_blocks, 44, 4, max_bytes);
PCRING_ABI_NEXT(pcring_info, max_block_size, 48, 4, max_blocks);
PCRING_ABI_NEXT(pcring_info, block_align, 52, 4, max_block_size);
PCRING_ABI_NEXT(pcring_info, name, 56, 32, block_align);
PCRING_ABI_NEXT(pcring_info, driver, 88, 32, name);
PCRING_ABI_NEXT(pcring_info, reserved, 120, 32, driver);
PCRING_ABI_STRUCT(pcring_info, 152, 8, reserved);

PCRING_ABI_FIRST(pcring_configure, size, 4);
PCRING_ABI_NEXT(pcring_configure, flags, 4, 4, size);
PCRING_ABI_NEXT(pcring_configure, payload_size, 8, 4, flags);
PCRING_ABI_NEXT(pcring_configure, reserved, 12, 4, payload_size);
PCRING_ABI_NEXT(pcring_configure, payload, 16, 8, reserved);
PCRING_ABI_STRUCT(pcring_configure, 24, 8, payload);

PCRING_ABI_FIRST(pcring_pool_create, size, 4);
PCRING_ABI_NEXT(pcring_pool_create, flags, 4, 4, size);
PCRING_ABI_NEXT(pcring_pool_create, block_size, 8, 4, flags);
PCRING_ABI_NEXT(pcring_pool_create, blocks, 12, 4, block_size);
PCRING_ABI_NEXT(pcring_pool_create, dmabuf_fd, 16, 4, blocks);
PCRING_ABI_NEXT(pcring_pool_create, fd, 20, 4, dmabuf_fd);
PCRING_ABI_NEXT(pcring_pool_create, import_offset, 24, 8, fd);
PCRING_ABI_NEXT(pcring_pool_create, features, 32, 8, import_offset);
PCRING_ABI_NEXT(pcring_pool_create, reserved, 40, 32, features);
PCRING_ABI_STRUCT(pcring_pool_create, 72, 8, reserved);

PCRING_ABI_FIRST(pcring_ring_desc, kind, 4);
PCRING_ABI_NEXT(pcring_ring_desc, flags, 4, 4, kind);
PCRING_ABI_NEXT(pcring_ring_desc, entries, 8, 4, flags);
PCRING_ABI_NEXT(pcring_ring_desc, entry_size, 12, 4, entries);
PCRING_ABI_NEXT(pcring_ring_desc, policy, 16, 4, entry_size);
PCRING_ABI_NEXT(pcring_ring_desc, producers, 20, 4, policy);
PCRING_ABI_NEXT(pcring_ring_desc, shards, 24, 4, producers);
PCRING_ABI_NEXT(pcring_ring_desc, queue, 28, 4, shards);
PCRING_ABI_NEXT(pcring_ring_desc, partition, 32, 4, queue);
PCRING_ABI_NEXT(pcring_ring_desc, pool_fd, 36, 4, partition);
PCRING_ABI_NEXT(pcring_ring_desc, pool_held, 40, 4, pool_fd);
PCRING_ABI_NEXT(pcring_ring_desc, spin_us, 44, 4, pool_held);
PCRING_ABI_NEXT(pcring_ring_desc, prod_quantum, 48, 4, spin_us);
PCRING_ABI_NEXT(pcring_ring_desc, cons_quantum, 52, 4, prod_quantum);
PCRING_ABI_NEXT(pcring_ring_desc, data_offset, 56, 4, cons_quantum);
PCRING_ABI_NEXT(pcring_ring_desc, lag, 60, 4, data_offset);
PCRING_ABI_NEXT(pcring_ring_desc, prod_offset, 64, 8, lag);
PCRING_ABI_NEXT(pcring_ring_desc, prod_len, 72, 8, prod_offset);
PCRING_ABI_NEXT(pcring_ring_desc, cons_offset, 80, 8, prod_len);
PCRING_ABI_NEXT(pcring_ring_desc, cons_len, 88, 8, cons_offset);
PCRING_ABI_NEXT(pcring_ring_desc, xchg_offset, 96, 8, cons_len);
PCRING_ABI_NEXT(pcring_ring_desc, xchg_len, 104, 8, xchg_offset);
PCRING_ABI_NEXT(pcring_ring_desc, reserved, 112, 32, xchg_len);
PCRING_ABI_STRUCT(pcring_ring_desc, 144, 8, reserved);

PCRING_ABI_FIRST(pcring_setup, size, 4);
PCRING_ABI_NEXT(pcring_setup, flags, 4, 4, size);
PCRING_ABI_NEXT(pcring_setup, features, 8, 8, flags);
PCRING_ABI_NEXT(pcring_setup, rings, 16, 8, features);
PCRING_ABI_NEXT(pcring_setup, nr_rings, 24, 4, rings);
PCRING_ABI_NEXT(pcring_setup, ring_size, 28, 4, nr_rings);
PCRING_ABI_NEXT(pcring_setup, drain_ms, 32, 4, ring_size);
PCRING_ABI_NEXT(pcring_setup, worker_cpu, 36, 4, drain_ms);
PCRING_ABI_NEXT(pcring_setup, ctx_id, 40, 4, worker_cpu);
PCRING_ABI_NEXT(pcring_setup, reserved0, 44, 4, ctx_id);
PCRING_ABI_NEXT(pcring_setup, reserved, 48, 32, reserved0);
PCRING_ABI_STRUCT(pcring_setup, 80, 8, reserved);

PCRING_ABI_FIRST(pcring_enter, size, 4);
PCRING_ABI_NEXT(pcring_enter, flags, 4, 4, size);
PCRING_ABI_NEXT(pcring_enter, submit, 8, 4, flags);
PCRING_ABI_NEXT(pcring_enter, ring, 12, 4, submit);
PCRING_ABI_NEXT(pcring_enter, min, 16, 4, ring);
PCRING_ABI_NEXT(pcring_enter, reserved, 20, 4, min);
PCRING_ABI_NEXT(pcring_enter, timeout_ns, 24, 8, reserved);
PCRING_ABI_NEXT(pcring_enter, taken, 32, 4, timeout_ns);
PCRING_ABI_NEXT(pcring_enter, ready, 36, 4, taken);
PCRING_ABI_STRUCT(pcring_enter, 40, 8, ready);

PCRING_ABI_FIRST(pcring_put, size, 4);
PCRING_ABI_NEXT(pcring_put, flags, 4, 4, size);
PCRING_ABI_NEXT(pcring_put, entries, 8, 8, flags);
PCRING_ABI_NEXT(pcring_put, nr, 16, 4, entries);
PCRING_ABI_NEXT(pcring_put, pool_fd, 20, 4, nr);
PCRING_ABI_NEXT(pcring_put, done, 24, 4, pool_fd);
PCRING_ABI_NEXT(pcring_put, reserved, 28, 4, done);
PCRING_ABI_STRUCT(pcring_put, 32, 8, reserved);

PCRING_ABI_FIRST(pcring_drain, size, 4);
PCRING_ABI_NEXT(pcring_drain, flags, 4, 4, size);
PCRING_ABI_NEXT(pcring_drain, timeout_ns, 8, 8, flags);
PCRING_ABI_NEXT(pcring_drain, drained, 16, 8, timeout_ns);
PCRING_ABI_NEXT(pcring_drain, cancelled, 24, 8, drained);
PCRING_ABI_STRUCT(pcring_drain, 32, 8, cancelled);

PCRING_ABI_FIRST(pcring_eventfd, size, 4);
PCRING_ABI_NEXT(pcring_eventfd, flags, 4, 4, size);
PCRING_ABI_NEXT(pcring_eventfd, ring, 8, 4, flags);
PCRING_ABI_NEXT(pcring_eventfd, fd, 12, 4, ring);
PCRING_ABI_STRUCT(pcring_eventfd, 16, 4, fd);

PCRING_ABI_FIRST(pcring_stats, size, 4);
PCRING_ABI_NEXT(pcring_stats, flags, 4, 4, size);
PCRING_ABI_NEXT(pcring_stats, ring, 8, 4, flags);
PCRING_ABI_NEXT(pcring_stats, state, 12, 4, ring);
PCRING_ABI_NEXT(pcring_stats, offered, 16, 8, state);
PCRING_ABI_NEXT(pcring_stats, rejected, 24, 256, offered);
PCRING_ABI_NEXT(pcring_stats, accepted, 280, 8, rejected);
PCRING_ABI_NEXT(pcring_stats, consumed, 288, 8, accepted);
PCRING_ABI_NEXT(pcring_stats, overwritten, 296, 8, consumed);
PCRING_ABI_NEXT(pcring_stats, discarded, 304, 8, overwritten);
PCRING_ABI_NEXT(pcring_stats, cancelled, 312, 8, discarded);
PCRING_ABI_NEXT(pcring_stats, in_ring, 320, 8, cancelled);
PCRING_ABI_NEXT(pcring_stats, gaps, 328, 8, in_ring);
PCRING_ABI_NEXT(pcring_stats, stale, 336, 8, gaps);
PCRING_ABI_NEXT(pcring_stats, wakes, 344, 8, stale);
PCRING_ABI_NEXT(pcring_stats, sleeps, 352, 8, wakes);
PCRING_ABI_NEXT(pcring_stats, blocks_user, 360, 8, sleeps);
PCRING_ABI_NEXT(pcring_stats, blocks_kernel, 368, 8, blocks_user);
PCRING_ABI_NEXT(pcring_stats, blocks_limbo, 376, 8, blocks_kernel);
PCRING_ABI_NEXT(pcring_stats, blocks_retired, 384, 8, blocks_limbo);
PCRING_ABI_NEXT(pcring_stats, high_water, 392, 8, blocks_retired);
PCRING_ABI_NEXT(pcring_stats, dying, 400, 8, high_water);
PCRING_ABI_NEXT(pcring_stats, reserved, 408, 64, dying);
PCRING_ABI_STRUCT(pcring_stats, 472, 8, reserved);

PCRING_ABI_FIRST(pcring_export_dmabuf, size, 4);
PCRING_ABI_NEXT(pcring_export_dmabuf, flags, 4, 4, size);
PCRING_ABI_NEXT(pcring_export_dmabuf, first, 8, 4, flags);
PCRING_ABI_NEXT(pcring_export_dmabuf, blocks, 12, 4, first);
PCRING_ABI_NEXT(pcring_export_dmabuf, fd, 16, 4, blocks);
PCRING_ABI_NEXT(pcring_export_dmabuf, reserved, 20, 4, fd);
PCRING_ABI_STRUCT(pcring_export_dmabuf, 24, 4, reserved);

PCRING_ABI_FIRST(pcring_refusal, size, 4);
PCRING_ABI_NEXT(pcring_refusal, error, 4, 4, size);
PCRING_ABI_NEXT(pcring_refusal, text, 8, 152, error);
PCRING_ABI_STRUCT(pcring_refusal, 160, 4, text);

PCRING_ABI_FIRST(pcring_cmd_enter, flags, 2);
PCRING_ABI_NEXT(pcring_cmd_enter, ring, 2, 2, flags);
PCRING_ABI_NEXT(pcring_cmd_enter, min, 4, 4, ring);
PCRING_ABI_NEXT(pcring_cmd_enter, timeout_ns, 8, 8, min);
PCRING_ABI_STRUCT(pcring_cmd_enter, 16, 8, timeout_ns);

PCRING_ABI_FIRST(pcring_cmd_put, entries, 8);
PCRING_ABI_NEXT(pcring_cmd_put, nr, 8, 2, entries);
PCRING_ABI_NEXT(pcring_cmd_put, flags, 10, 2, nr);
PCRING_ABI_NEXT(pcring_cmd_put, pool_fd, 12, 4, flags);
PCRING_ABI_STRUCT(pcring_cmd_put, 16, 8, pool_fd);

PCRING_ABI_FIRST(pcring_cmd_drain, timeout_ns, 8);
PCRING_ABI_NEXT(pcring_cmd_drain, flags, 8, 4, timeout_ns);
PCRING_ABI_NEXT(pcring_cmd_drain, reserved, 12, 4, flags);
PCRING_ABI_STRUCT(pcring_cmd_drain, 16, 8, reserved);

/* ---- ioctl numbers -------------------------------------------------------- */

PCRING_ABI_IOC(PCRING_IOC_INFO, 0xc098db00U);
PCRING_ABI_IOC(PCRING_IOC_CONFIGURE, 0x4018db01U);
PCRING_ABI_IOC(PCRING_IOC_POOL_CREATE, 0xc048db02U);
PCRING_ABI_IOC(PCRING_IOC_SETUP, 0xc050db03U);
PCRING_ABI_IOC(PCRING_IOC_ENTER, 0xc028db04U);
PCRING_ABI_IOC(PCRING_IOC_PUT, 0xc020db05U);
PCRING_ABI_IOC(PCRING_IOC_DRAIN, 0xc020db06U);
PCRING_ABI_IOC(PCRING_IOC_EVENTFD, 0x4010db07U);
PCRING_ABI_IOC(PCRING_IOC_STATS, 0xc1d8db08U);
PCRING_ABI_IOC(PCRING_IOC_EXPORT_DMABUF, 0xc018db09U);
PCRING_ABI_IOC(PCRING_IOC_REFUSAL, 0xc0a0db0aU);

/* ---- values of <linux/pcring_layout.h> --------------------------------- */

PCRING_ABI_VALUE(PCRING_KIND_SQ, 1U);
PCRING_ABI_VALUE(PCRING_KIND_CQ, 2U);
PCRING_ABI_VALUE(PCRING_KIND_FREE, 3U);
PCRING_ABI_VALUE(PCRING_KIND_REC_OUT, 4U);
PCRING_ABI_VALUE(PCRING_KIND_REC_IN, 5U);
PCRING_ABI_VALUE(PCRING_POLICY_BLOCK, 0U);
PCRING_ABI_VALUE(PCRING_POLICY_DROP_NEW, 1U);
PCRING_ABI_VALUE(PCRING_POLICY_OVERWRITE, 2U);
PCRING_ABI_VALUE(PCRING_POLICY_LATEST, 3U);
PCRING_ABI_VALUE(PCRING_PRODUCERS_SINGLE, 0U);
PCRING_ABI_VALUE(PCRING_PRODUCERS_PERCPU, 1U);
PCRING_ABI_VALUE(PCRING_PRODUCERS_SHARED, 2U);
PCRING_ABI_VALUE(PCRING_RING_TIME, 1U);
PCRING_ABI_VALUE(PCRING_REASON_FULL, 0U);
PCRING_ABI_VALUE(PCRING_REASON_TIMEOUT, 1U);
PCRING_ABI_VALUE(PCRING_REASON_NMI, 2U);
PCRING_ABI_VALUE(PCRING_REASON_SIZE, 3U);
PCRING_ABI_VALUE(PCRING_REASON_NOBLOCK, 4U);
PCRING_ABI_VALUE(PCRING_REASON_IO, 5U);
PCRING_ABI_VALUE(PCRING_REASON_POLICY, 6U);
PCRING_ABI_VALUE(PCRING_REASON_BUSY, 7U);
PCRING_ABI_VALUE(PCRING_REASON_OVERWRITTEN, 8U);
PCRING_ABI_VALUE(PCRING_REASON_LATEST, 9U);
PCRING_ABI_VALUE(PCRING_REASON_DEAD, 10U);
PCRING_ABI_VALUE(PCRING_REASON_UNKNOWN, 11U);
PCRING_ABI_VALUE(PCRING_NR_REASONS, 32U);
PCRING_ABI_VALUE(PCRING_STATE_SETUP, 0U);
PCRING_ABI_VALUE(PCRING_STATE_LIVE, 1U);
PCRING_ABI_VALUE(PCRING_STATE_DRAINING, 2U);
PCRING_ABI_VALUE(PCRING_STATE_DEAD, 3U);
PCRING_ABI_VALUE(PCRING_STATE_UNPLUGGED, 4U);
PCRING_ABI_VALUE(PCRING_ENTRY_PHASE, 0x80000000U);
PCRING_ABI_VALUE(PCRING_ENTRY_SPECIAL, 0x40000000U);
PCRING_ABI_VALUE(PCRING_ENTRY_VALUE, 0x3fffffffU);
PCRING_ABI_VALUE(PCRING_SPECIAL_GAP, 1U);
PCRING_ABI_VALUE(PCRING_SPECIAL_DISCARD, 2U);
PCRING_ABI_VALUE(PCRING_MIN_ENTRY_SIZE, 8U);
PCRING_ABI_VALUE(PCRING_GAP_ENTRY_SIZE, 32U);
PCRING_ABI_VALUE(PCRING_MAX_ENTRY_SIZE, 1024U);
PCRING_ABI_VALUE(PCRING_MIN_ENTRIES, 2U);
PCRING_ABI_VALUE(PCRING_MAX_ENTRIES, 0x100000U);
PCRING_ABI_VALUE(PCRING_MIN_BYTES, 4096U);
PCRING_ABI_VALUE(PCRING_MAX_BYTES, 0x40000000U);
PCRING_ABI_VALUE(PCRING_MAX_RINGS, 64U);
PCRING_ABI_VALUE(PCRING_MAX_CHAIN, 16U);
PCRING_ABI_VALUE(PCRING_BLOCK_NONE, 0xffffffffU);
PCRING_ABI_VALUE(PCRING_MAX_BLOCKS, 0x1000000U);
PCRING_ABI_VALUE(PCRING_SQE_F_LINK, 0x10000U);
PCRING_ABI_VALUE(PCRING_SQE_F_BLOCK, 0x20000U);
PCRING_ABI_VALUE(PCRING_SQE_F_QUIET, 0x40000U);
PCRING_ABI_VALUE(PCRING_CQE_F_BLOCK, 0x1U);
PCRING_ABI_VALUE(PCRING_CQE_F_MORE, 0x2U);
PCRING_ABI_VALUE(PCRING_CQE_F_POST, 0x4U);
PCRING_ABI_VALUE(PCRING_RECORD_DATA, 0U);
PCRING_ABI_VALUE(PCRING_RECORD_MAX_TYPE, 191U);
PCRING_ABI_VALUE(PCRING_RECORD_GAP, 255U);
PCRING_ABI_VALUE(PCRING_RECORD_F_BUSY, 0x80000000U);
PCRING_ABI_VALUE(PCRING_RECORD_F_DISCARD, 0x40000000U);
PCRING_ABI_VALUE(PCRING_RECORD_F_TIME, 0x20000000U);
PCRING_ABI_VALUE(PCRING_RECORD_F_INDEX, 0x10000000U);
PCRING_ABI_VALUE(PCRING_RECORD_RESERVED, 0xfffff00U);
PCRING_ABI_VALUE(PCRING_RECORD_ALIGN, 8U);
PCRING_ABI_VALUE(PCRING_XCHG_FULL, 0x80000000ULL);
PCRING_ABI_VALUE(PCRING_XCHG_EMPTY, 0ULL);
PCRING_ABI_VALUE(PCRING_LINE, 128U);
PCRING_ABI_VALUE(PCRING_CONTROL_SIZE, 4096U);

/* ---- values of <linux/pcring.h> ---------------------------------------- */

PCRING_ABI_VALUE(PCRING_ABI_VERSION, 1U);
PCRING_ABI_VALUE(PCRING_FEAT_ZEROCOPY, 1ULL);
PCRING_ABI_VALUE(PCRING_FEAT_DMABUF, 2ULL);
PCRING_ABI_VALUE(PCRING_FEAT_IMPORT, 4ULL);
PCRING_ABI_VALUE(PCRING_FEAT_URING_CMD, 8ULL);
PCRING_ABI_VALUE(PCRING_FEAT_URING_CANCEL, 16ULL);
PCRING_ABI_VALUE(PCRING_FEAT_URING_MULTI, 32ULL);
PCRING_ABI_VALUE(PCRING_FEAT_FIXED_BUF, 64ULL);
PCRING_ABI_VALUE(PCRING_FEAT_SPLICE, 128ULL);
PCRING_ABI_VALUE(PCRING_FEAT_POLICY_BPF, 256ULL);
PCRING_ABI_VALUE(PCRING_FEAT_HUGE, 512ULL);
PCRING_ABI_VALUE(PCRING_FEAT_CHAIN, 1024ULL);
PCRING_ABI_VALUE(PCRING_FEAT_PARTITION, 2048ULL);
PCRING_ABI_VALUE(PCRING_POOL_USER, 1U);
PCRING_ABI_VALUE(PCRING_POOL_IMPORT, 2U);
PCRING_ABI_VALUE(PCRING_POOL_CONTIG, 4U);
PCRING_ABI_VALUE(PCRING_POOL_HUGE, 8U);
PCRING_ABI_VALUE(PCRING_OFF_BLOCKS, 0ULL);
PCRING_ABI_VALUE(PCRING_OFF_BLOCK_INFO, 0x10000000000ULL);
PCRING_ABI_VALUE(PCRING_SETUP_DEDICATED, 1U);
PCRING_ABI_VALUE(PCRING_SETUP_AFFINITY, 2U);
PCRING_ABI_VALUE(PCRING_SETUP_ENTER_ONLY, 4U);
PCRING_ABI_VALUE(PCRING_ENTER_WAIT, 1U);
PCRING_ABI_VALUE(PCRING_ENTER_SPACE, 2U);
PCRING_ABI_VALUE(PCRING_ENTER_ABSTIME, 4U);
PCRING_ABI_VALUE(PCRING_NO_TIMEOUT, 0xffffffffffffffffULL);
PCRING_ABI_VALUE(PCRING_EVENTFD_SPACE, 1U);
PCRING_ABI_VALUE(PCRING_STATS_DEVICE, 1U);
PCRING_ABI_VALUE(PCRING_IOC_MAGIC, 0xdbU);
PCRING_ABI_VALUE(PCRING_CMD_ENTER, 1U);
PCRING_ABI_VALUE(PCRING_CMD_PUT, 2U);
PCRING_ABI_VALUE(PCRING_CMD_DRAIN, 3U);

/* ---- the drivers that come along ------------------------------------------- */

PCRING_ABI_FIRST(pcring_adc_config, rate_hz, 8);
PCRING_ABI_NEXT(pcring_adc_config, count, 8, 8, rate_hz);
PCRING_ABI_NEXT(pcring_adc_config, item_size, 16, 4, count);
PCRING_ABI_NEXT(pcring_adc_config, context, 20, 4, item_size);
PCRING_ABI_NEXT(pcring_adc_config, burst, 24, 4, context);
PCRING_ABI_NEXT(pcring_adc_config, timeout_ms, 28, 4, burst);
PCRING_ABI_NEXT(pcring_adc_config, reserved, 32, 32, timeout_ms);
PCRING_ABI_STRUCT(pcring_adc_config, 64, 8, reserved);

PCRING_ABI_FIRST(pcring_adc_item, seq, 8);
PCRING_ABI_NEXT(pcring_adc_item, time, 8, 8, seq);
PCRING_ABI_NEXT(pcring_adc_item, len, 16, 4, time);
PCRING_ABI_NEXT(pcring_adc_item, crc, 20, 4, len);
PCRING_ABI_STRUCT(pcring_adc_item, 24, 8, crc);

PCRING_ABI_VALUE(PCRING_LOOP_NOP, 0);
PCRING_ABI_VALUE(PCRING_LOOP_CRC32C, 1);
PCRING_ABI_VALUE(PCRING_LOOP_COPY, 2);
PCRING_ABI_VALUE(PCRING_LOOP_FAIL, 3);
PCRING_ABI_VALUE(PCRING_LOOP_DELAY, 4);
PCRING_ABI_VALUE(PCRING_LOOP_OPS, 5);
PCRING_ABI_VALUE(PCRING_ADC_THREAD, 0);
PCRING_ABI_VALUE(PCRING_ADC_HRTIMER, 1);

#endif /* _PCRING_ABI_CHECK_H */
