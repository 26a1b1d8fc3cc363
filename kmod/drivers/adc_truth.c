// SPDX-License-Identifier: GPL-2.0-only
/*
 * pcring_adc: what was offered and what was refused, told beside the ring: in
 * debugfs, pcring_adc/<device>/truth. Counted from what the calls return, never
 * from a counter of the ring's, so that the one can be held against the other.
 *
 *   ctx ID offered N accepted N rejected_full N rejected_noblock N
 *	rejected_timeout N rejected_size N stops N	(one line)
 *   ctx ID lost FIRST COUNT REASON	(number: enum pcring_reason)
 *   ctx ID lost-more COUNT		(items of runs that found no place)
 */
#include <linux/debugfs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "adc.h"

#define ADC_RUNS 65536U

/* Lines a truth may have: the counts, the runs, what is more; a power of two. */
#define ADC_LINES (2 * ADC_RUNS)

/**
 * struct adc_lost - items in a row that were refused for one reason
 * @first: sequence number of the first.
 * @count: how many.
 * @reason: enum pcring_reason.
 */
struct adc_lost {
	u64 first;
	u64 count : 56;
	u64 reason : 8;
};

/**
 * struct adc_counts - the counts
 * @offered: items.
 * @accepted: items.
 * @rejected: items, by enum pcring_reason.
 * @stops: times stop() was called.
 * @more: rejected items beyond the last run.
 * @runs: how many runs there are.
 */
struct adc_counts {
	u64 offered;
	u64 accepted;
	u64 rejected[PCRING_NR_REASONS];
	u64 stops;
	u64 more;
	u32 runs;
};

/**
 * struct adc_truth - of one ctx
 * @ctx: its number.
 * @lock: raw: the converter takes it in a hard interrupt, on PREEMPT_RT too.
 * @counts: the counts.
 * @lost: runs of what was refused.
 */
struct adc_truth {
	u32 ctx;
	raw_spinlock_t lock;
	struct adc_counts counts;
	struct adc_lost *lost;
};

static struct dentry *adc_debugfs;

/* ---- counting --------------------------------------------------------------- */

void adc_truth_accepted(struct adc_truth *truth)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&truth->lock, flags);
	truth->counts.offered++;
	truth->counts.accepted++;
	raw_spin_unlock_irqrestore(&truth->lock, flags);
}

/* With the lock held. Items are numbered from 0 as they are offered. */
static void adc_truth_locate(struct adc_truth *truth, u32 reason)
{
	struct adc_counts *counts = &truth->counts;
	struct adc_lost *last;

	if (counts->runs) {
		last = &truth->lost[counts->runs - 1];
		if (last->reason == reason &&
		    last->first + last->count == counts->offered) {
			last->count++;
			return;
		}
	}
	if (counts->runs == ADC_RUNS) {
		counts->more++;
		return;
	}
	last = &truth->lost[counts->runs++];
	last->first = counts->offered;
	last->count = 1;
	last->reason = reason;
}

void adc_truth_rejected(struct adc_truth *truth, u32 reason)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&truth->lock, flags);
	adc_truth_locate(truth, reason);
	truth->counts.offered++;
	truth->counts.rejected[reason]++;
	raw_spin_unlock_irqrestore(&truth->lock, flags);
}

void adc_truth_stopped(struct adc_truth *truth)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&truth->lock, flags);
	truth->counts.stops++;
	raw_spin_unlock_irqrestore(&truth->lock, flags);
}

/* ---- telling ---------------------------------------------------------------- */

static struct adc_counts adc_truth_counts(struct adc_truth *truth)
{
	struct adc_counts counts;
	unsigned long flags;

	raw_spin_lock_irqsave(&truth->lock, flags);
	counts = truth->counts;
	raw_spin_unlock_irqrestore(&truth->lock, flags);
	return counts;
}

/* The truth a position of the file is in, moved to the next line there is. */
static struct adc_truth *adc_truth_at(struct adc_device *device, loff_t *pos)
{
	for (;;) {
		u64 nr = *pos / ADC_LINES;
		struct adc_truth *truth;
		struct adc_counts counts;

		if (nr >= device->nr_truths)
			return NULL;
		truth = device->truths[nr % ADC_TRUTHS];
		if (nr + ADC_TRUTHS >= device->nr_truths) {
			counts = adc_truth_counts(truth);
			if (*pos % ADC_LINES <= counts.runs + !!counts.more)
				return truth;
		}
		*pos = (nr + 1) * ADC_LINES;
	}
}

/* The list stands still between start and stop; the counts do not. */
static void *adc_truth_seq_start(struct seq_file *file, loff_t *pos)
{
	struct adc_device *device = file->private;

	mutex_lock(&device->lock);
	return adc_truth_at(device, pos) ? pos : NULL;
}

static void *adc_truth_seq_next(struct seq_file *file, void *v, loff_t *pos)
{
	++*pos;
	return adc_truth_at(file->private, pos) ? pos : NULL;
}

static void adc_truth_seq_stop(struct seq_file *file, void *v)
{
	struct adc_device *device = file->private;

	mutex_unlock(&device->lock);
}

static void adc_truth_show_counts(struct seq_file *file, u32 ctx,
				  const struct adc_counts *counts)
{
	seq_printf(file, "ctx %u offered %llu accepted %llu", ctx,
		   counts->offered, counts->accepted);
	seq_printf(file, " rejected_full %llu rejected_noblock %llu",
		   counts->rejected[PCRING_REASON_FULL],
		   counts->rejected[PCRING_REASON_NOBLOCK]);
	seq_printf(file, " rejected_timeout %llu rejected_size %llu",
		   counts->rejected[PCRING_REASON_TIMEOUT],
		   counts->rejected[PCRING_REASON_SIZE]);
	seq_printf(file, " stops %llu\n", counts->stops);
}

static int adc_truth_seq_show(struct seq_file *file, void *v)
{
	struct adc_truth *truth = adc_truth_at(file->private, v);
	u32 line = *(loff_t *)v % ADC_LINES;
	struct adc_counts counts = adc_truth_counts(truth);
	struct adc_lost lost;
	unsigned long flags;

	if (!line) {
		adc_truth_show_counts(file, truth->ctx, &counts);
	} else if (line <= counts.runs) {
		raw_spin_lock_irqsave(&truth->lock, flags);
		lost = truth->lost[line - 1];
		raw_spin_unlock_irqrestore(&truth->lock, flags);
		seq_printf(file, "ctx %u lost %llu %llu %u\n", truth->ctx,
			   lost.first, (u64)lost.count, (u32)lost.reason);
	} else {
		seq_printf(file, "ctx %u lost-more %llu\n", truth->ctx,
			   counts.more);
	}
	return 0;
}

static const struct seq_operations adc_truth_sops = {
	.start = adc_truth_seq_start,
	.next = adc_truth_seq_next,
	.stop = adc_truth_seq_stop,
	.show = adc_truth_seq_show,
};

DEFINE_SEQ_ATTRIBUTE(adc_truth);

/* ---- keeping ---------------------------------------------------------------- */

static void adc_truth_free(struct adc_truth *truth)
{
	if (truth)
		kvfree(truth->lost);
	kfree(truth);
}

/* The oldest gives its place; it ended long ago: the device is exclusive. */
struct adc_truth *adc_truth_add(struct adc_device *device, u32 ctx)
{
	struct adc_truth *truth = kzalloc(sizeof(*truth), GFP_KERNEL_ACCOUNT);
	struct adc_truth **place;

	if (!truth)
		return NULL;
	truth->lost = kvmalloc_array(ADC_RUNS, sizeof(*truth->lost),
				     GFP_KERNEL_ACCOUNT);
	if (!truth->lost) {
		kfree(truth);
		return NULL;
	}
	truth->ctx = ctx;
	raw_spin_lock_init(&truth->lock);
	mutex_lock(&device->lock);
	place = &device->truths[device->nr_truths++ % ADC_TRUTHS];
	adc_truth_free(*place);
	*place = truth;
	mutex_unlock(&device->lock);
	return truth;
}

void adc_truths_create(struct adc_device *device)
{
	mutex_init(&device->lock);
	device->debugfs = debugfs_create_dir(device->name, adc_debugfs);
	debugfs_create_file("truth", 0400, device->debugfs, device,
			    &adc_truth_fops);
}

void adc_truths_destroy(struct adc_device *device)
{
	unsigned int i;

	debugfs_remove_recursive(device->debugfs); /* waits for readers */
	for (i = 0; i < ADC_TRUTHS; i++)
		adc_truth_free(device->truths[i]);
}

void adc_truths_init(void)
{
	adc_debugfs = debugfs_create_dir("pcring_adc", NULL);
}

void adc_truths_exit(void)
{
	debugfs_remove_recursive(adc_debugfs);
}
