// SPDX-License-Identifier: GPL-2.0-only
/*
 * pcring_adc: the converter. It makes items in place, in a record of the ring or in
 * a block of the pool, from a thread that may wait or from an interrupt that may
 * not.
 */
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/math64.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "adc.h"

#define ADC_RECORD_SIZE 256U

/* ---- an item ---------------------------------------------------------------- */

static void adc_fill(struct pcring_adc_item *item, u64 seq, u32 len)
{
	u32 value = seq * 0x9e3779b9, samples = len - sizeof(*item), i;
	u32 *word = (u32 *)(item + 1);
	__le32 part;

	for (i = 0; i < samples / sizeof(*word); i++)
		word[i] = value + i;
	part = cpu_to_le32(value + i);
	memcpy(word + i, &part, samples % sizeof(*word));
	item->seq = seq;
	item->time = ktime_get_ns();
	item->len = len;
	item->crc = 0;
	item->crc = ~crc32c(~0U, item, len);
}

/*
 * The sequence number is asked for first: a reservation does not change it, nor
 * does another producer, since there is none.
 */
static int adc_offer_record(struct adc *adc, u64 timeout_ns)
{
	u32 len = adc->config.item_size ?: ADC_RECORD_SIZE;
	u64 seq = pcring_ring_seq(adc->ring);
	struct pcring_record *rec;
	int ret;

	ret = pcring_ring_reserve_record(adc->ring, len, PCRING_RECORD_DATA,
					 timeout_ns, &rec);
	if (ret <= 0)
		return ret;
	adc_fill(pcring_record_data(rec), seq, len);
	pcring_ring_submit_record(adc->ring, rec, false);
	return 1;
}

/* An interrupt has no time for any number of bytes. */
static u32 adc_limit(const struct adc *adc, const struct pcring_block *block)
{
	if (adc->config.context == PCRING_ADC_THREAD)
		return block->size;
	return min(block->size, ADC_TICK_BYTES / adc->config.burst);
}

/* What a call leaves with the driver, the driver gives back. */
static int adc_offer_block(struct adc *adc, u64 timeout_ns)
{
	struct pcring_block block;
	int ret;

	ret = pcring_block_take(adc->ring, timeout_ns, &block);
	if (ret)
		return ret;
	block.len = adc->config.item_size ?: block.size;
	if (block.len > adc_limit(adc, &block)) {
		ret = -EMSGSIZE;
	} else {
		adc_fill(block.data, pcring_ring_seq(adc->ring), block.len);
		ret = pcring_block_post(adc->ring, &block, NULL, timeout_ns);
	}
	if (ret < 0)
		pcring_block_put(adc->ring, &block);
	return ret;
}

/* The item is given up: the ring is told, unless it did so itself. */
static int adc_reject(struct adc *adc, u32 reason, bool tell)
{
	int err = 0;

	if (tell)
		err = pcring_ring_reject(adc->ring, 1, reason);
	if (err)
		return err;
	adc_truth_rejected(adc->truth, reason);
	adc->offered++;
	return 0;
}

/*
 * Return: 0: an item was offered; -EAGAIN: none, not before resume(); else: never
 * again.
 */
static int adc_offer(struct adc *adc, u64 timeout_ns)
{
	const struct pcring_ring_desc *desc = pcring_ring_desc(adc->ring);
	bool records = desc->kind == PCRING_KIND_REC_OUT;
	int ret;

	if (records)
		ret = adc_offer_record(adc, timeout_ns);
	else
		ret = adc_offer_block(adc, timeout_ns);
	switch (ret) {
	case 1:
		adc_truth_accepted(adc->truth);
		adc->offered++;
		return 0;
	case 0:
		return adc_reject(adc, PCRING_REASON_FULL, false);
	case -EMSGSIZE:
		return adc_reject(adc, PCRING_REASON_SIZE, !records);
	case -ETIME:
		return adc_reject(adc, PCRING_REASON_TIMEOUT, true);
	case -ENOSPC:
		return adc_reject(adc, PCRING_REASON_NOBLOCK, true);
	}
	return ret;
}

/* ---- its pace --------------------------------------------------------------- */

static bool adc_done(const struct adc *adc)
{
	return adc->config.count && adc->offered >= adc->config.count;
}

static void adc_pace(struct adc *adc)
{
	adc->start = ktime_get();
	adc->base = adc->offered;
}

/* From the start, not from the last time: late is made up for, nothing adds up. */
static ktime_t adc_due(const struct adc *adc)
{
	u64 ns = mul_u64_u32_div(adc->offered - adc->base, NSEC_PER_SEC,
				 adc->config.rate_hz);

	return ktime_add_ns(adc->start, ns);
}

static int adc_burst(struct adc *adc, u64 timeout_ns)
{
	int ret = 0;
	u32 i;

	for (i = 0; i < adc->config.burst && !ret && !adc_done(adc); i++)
		ret = adc_offer(adc, timeout_ns);
	return ret;
}

/* Idle, not interruptible: it is no load while it sleeps. */
static void adc_sleep(struct adc *adc, ktime_t *until)
{
	set_current_state(TASK_IDLE);
	if (kthread_should_stop())
		__set_current_state(TASK_RUNNING);
	else
		schedule_hrtimeout(until, HRTIMER_MODE_ABS);
}

/* A call that waits says -ECANCELED once shutdown() has begun. */
static int adc_thread(void *data)
{
	u64 timeout_ns = PCRING_NO_TIMEOUT;
	struct adc *adc = data;
	ktime_t due;

	if (adc->config.timeout_ms)
		timeout_ns = (u64)adc->config.timeout_ms * NSEC_PER_MSEC;
	while (!kthread_should_stop() && !adc_done(adc)) {
		if (adc_burst(adc, timeout_ns))
			break;
		cond_resched();
		if (!adc->config.rate_hz)
			continue;
		due = adc_due(adc);
		adc_sleep(adc, &due);
	}
	/* kthread_stop() wants to find it. */
	while (!kthread_should_stop())
		adc_sleep(adc, NULL);
	return 0;
}

static enum hrtimer_restart adc_tick(struct hrtimer *timer)
{
	struct adc *adc = container_of(timer, struct adc, timer);
	ktime_t begin = ktime_get(), end, rest;
	int ret;

	/* What a stopped converter did not see is not made up for. */
	if (adc->stopped)
		adc_pace(adc);
	ret = adc_burst(adc, 0);
	adc->stopped = ret == -EAGAIN;
	if (ret || adc_done(adc))
		return HRTIMER_NORESTART;
	/* However fast it is asked to be, half of the CPU is for others. */
	end = ktime_get();
	rest = ktime_add(end, ktime_sub(end, begin));
	hrtimer_set_expires(timer, max(adc_due(adc), rest));
	return HRTIMER_RESTART;
}

/* ---- started, stopped ------------------------------------------------------- */

/*
 * HARD: in a hard interrupt on PREEMPT_RT too, which is where a converter's would
 * be. Everything that adc_tick() calls is fit for that: pcring has raw locks
 * there, and wakes by irq_work.
 */
static void adc_run_timer(struct adc *adc)
{
	hrtimer_start(&adc->timer, 0, HRTIMER_MODE_ABS_HARD);
}

void adc_run_init(struct adc *adc)
{
	hrtimer_setup(&adc->timer, adc_tick, CLOCK_MONOTONIC,
		      HRTIMER_MODE_ABS_HARD);
}

int adc_run(struct adc *adc, const char *name)
{
	struct task_struct *thread;

	adc_pace(adc);
	if (adc->config.context == PCRING_ADC_HRTIMER) {
		adc_run_timer(adc);
		return 0;
	}
	thread = kthread_run(adc_thread, adc, "pcring_%s", name);
	if (IS_ERR(thread))
		return PTR_ERR(thread);
	adc->thread = thread;
	return 0;
}

void adc_rest(struct adc *adc)
{
	if (adc->thread)
		kthread_stop(adc->thread);
	hrtimer_cancel(&adc->timer);
}

/*
 * A resume() that was under way while shutdown() was called may have started the
 * timer once more. It found the ctx closed to producers; now it has to be gone.
 */
void adc_run_end(struct adc *adc)
{
	hrtimer_cancel(&adc->timer);
}

/* From within a call of adc_tick()'s, which then finds -EAGAIN. */
void adc_stop(struct pcring_ring *ring)
{
	struct adc *adc = pcring_ctx_priv(pcring_ring_ctx(ring));

	adc_truth_stopped(adc->truth);
}

/* Perhaps before adc_tick() has returned; the timer then runs right after. */
void adc_resume(struct pcring_ring *ring)
{
	adc_run_timer(pcring_ctx_priv(pcring_ring_ctx(ring)));
}
