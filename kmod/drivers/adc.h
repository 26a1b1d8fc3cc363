/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pcring_adc: what its files share.
 */
#ifndef _PCRING_ADC_H
#define _PCRING_ADC_H

#include <linux/mutex.h>
#include <linux/types.h>

#include <pcring/pcring.h>
#include <linux/pcring_adc.h>

#include "../compat/drivers.h"

struct dentry;
struct task_struct;

/* Ctxs whose truth is kept. */
#define ADC_TRUTHS 16U

/* What a tick in an interrupt may fill, bytes. */
#define ADC_TICK_BYTES (1U << 20)

/**
 * struct adc_device - a converter
 * @name: its name.
 * @pcring: its device.
 * @debugfs: folder of its truth.
 * @lock: of what follows.
 * @truths: of the last ctxs, the n-th one's at n modulo ADC_TRUTHS.
 * @nr_truths: how many there have been.
 */
struct adc_device {
	char name[16];
	struct pcring_device *pcring;
	struct dentry *debugfs;
	struct mutex lock; /* of what follows */
	struct adc_truth *truths[ADC_TRUTHS];
	u64 nr_truths;
};

/**
 * struct adc - what the driver keeps of a ctx
 * @config: as configured, or the defaults.
 * @ring: what it produces into, once there are rings; and all that follows.
 * @truth: what it tells beside the ring.
 * @offered: items offered.
 * @start: when the pace began.
 * @base: items offered until then.
 * @stopped: the timer waits for resume().
 * @timer: with PCRING_ADC_HRTIMER.
 * @thread: with PCRING_ADC_THREAD.
 */
struct adc {
	struct pcring_adc_config config;
	struct pcring_ring *ring;
	struct adc_truth *truth;
	u64 offered;
	ktime_t start;
	u64 base;
	bool stopped;
	struct hrtimer timer;
	struct task_struct *thread;
};

void adc_run_init(struct adc *adc);
void adc_run_end(struct adc *adc);
int adc_run(struct adc *adc, const char *name);
void adc_rest(struct adc *adc);
void adc_stop(struct pcring_ring *ring);
void adc_resume(struct pcring_ring *ring);

void adc_truths_init(void);
void adc_truths_exit(void);
void adc_truths_create(struct adc_device *device);
void adc_truths_destroy(struct adc_device *device);
struct adc_truth *adc_truth_add(struct adc_device *device, u32 ctx);
void adc_truth_accepted(struct adc_truth *truth);
void adc_truth_rejected(struct adc_truth *truth, u32 reason);
void adc_truth_stopped(struct adc_truth *truth);

#endif /* _PCRING_ADC_H */
