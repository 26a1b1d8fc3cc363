/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * pcring's loop driver: /dev/pcring/loop0 and following. Requests that need no
 * hardware, and records that come back as they went.
 *
 * Rings: SQ and CQ of the same queues; and, both or none, REC_IN and REC_OUT: each
 * record of REC_IN is written to REC_OUT of the same queue, type and payload.
 */
#ifndef _UAPI_LINUX_PCRING_LOOP_H
#define _UAPI_LINUX_PCRING_LOOP_H

#include <linux/types.h>

/**
 * enum pcring_loop_op - opcodes
 * @PCRING_LOOP_NOP: res 0.
 * @PCRING_LOOP_CRC32C: needs a block: res = len; driver[0] of the block's info =
 *	CRC-32C of [offset, offset + len), as iSCSI has it (start ~0, inverted at
 *	the end).
 * @PCRING_LOOP_COPY: needs a block: copies [offset, offset + len) to args[0],
 *	bytes from the block's start; they may overlap. res = len; -EINVAL: it does
 *	not fit.
 * @PCRING_LOOP_FAIL: res = -args[0], 1 to 4095; else -EINVAL.
 * @PCRING_LOOP_DELAY: res 0 after args[0] nanoseconds, at most 10 s; completed
 *	in the order of their times, whatever the order of their submission.
 *	-ECANCELED: the ctx drained for too long, or the device went.
 * @PCRING_LOOP_OPS: number of opcodes; from here on res is -EOPNOTSUPP.
 */
enum pcring_loop_op {
	PCRING_LOOP_NOP = 0,
	PCRING_LOOP_CRC32C = 1,
	PCRING_LOOP_COPY = 2,
	PCRING_LOOP_FAIL = 3,
	PCRING_LOOP_DELAY = 4,
	PCRING_LOOP_OPS = 5,
};

#endif /* _UAPI_LINUX_PCRING_LOOP_H */
