/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * pcring's adc driver: /dev/pcring/adc0 and following. A simulated converter that
 * fills records (REC_OUT) or blocks (CQ with a pool and a FREE ring), each stamped
 * so that its reader can check it.
 *
 * Beside the ring, in debugfs, the driver tells what it offered and what was
 * refused: pcring_adc/<device>/truth.
 */
#ifndef _UAPI_LINUX_PCRING_ADC_H
#define _UAPI_LINUX_PCRING_ADC_H

#include <linux/types.h>

/**
 * enum pcring_adc_context - where the converter's items are made
 * @PCRING_ADC_THREAD: in a kernel thread: under BLOCK it waits for space.
 * @PCRING_ADC_HRTIMER: in a timer's interrupt: it never waits. Under BLOCK the
 *	converter stops until there is space; no item is offered meanwhile. It
 *	takes at most half of a CPU: a rate beyond that is not reached.
 */
enum pcring_adc_context {
	PCRING_ADC_THREAD = 0,
	PCRING_ADC_HRTIMER = 1,
};

/**
 * struct pcring_adc_config - payload of PCRING_IOC_CONFIGURE
 * @rate_hz: items a second, 1 to 1,000,000; 0: as many as go (THREAD alone).
 * @count: items to offer, then it is silent; 0: no end.
 * @item_size: bytes of an item, sizeof(struct pcring_adc_item) up to the block's
 *	size or a quarter of the ring; 0: the whole block; of records 256.
 * @context: enum pcring_adc_context.
 * @burst: items made at each tick, 1 to 1024; 0: 1.
 * @timeout_ms: THREAD, BLOCK: milliseconds it waits for space; then the item is
 *	rejected with reason TIMEOUT. 0: for ever.
 * @reserved: zero.
 *
 * Without CONFIGURE: 1000 a second, from a thread, no end.
 */
struct pcring_adc_config {
	__aligned_u64 rate_hz;
	__aligned_u64 count;
	__u32 item_size;
	__u32 context;
	__u32 burst;
	__u32 timeout_ms;
	__aligned_u64 reserved[4];
};

/**
 * struct pcring_adc_item - how each item begins
 * @seq: its sequence number in the ring.
 * @time: CLOCK_MONOTONIC, ns, when it was made.
 * @len: bytes of the item, this struct among them.
 * @crc: CRC-32C (as iSCSI has it) of the @len bytes, with this field 0.
 *
 * Then samples: 32-bit words; word i, counted from 0, is (__u32)(seq * 0x9e3779b9 +
 * i); a last part of a word is its first bytes, little end first.
 */
struct pcring_adc_item {
	__aligned_u64 seq;
	__aligned_u64 time;
	__u32 len;
	__u32 crc;
};

#endif /* _UAPI_LINUX_PCRING_ADC_H */
