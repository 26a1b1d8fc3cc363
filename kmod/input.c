// SPDX-License-Identifier: GPL-2.0-only
/*
 * pcring: records of the program's: REC_IN -> ops->record().
 */
#include "core.h"

/* Give the record back to its producer: taken, or lost in the driver. */
static void pcring_input_release(struct pcring_ring *ring,
				 const struct pcring_record_view *view,
				 bool taken)
{
	struct pcring_cons *cons = &ring->cons;
	bool asked;

	if (likely(taken)) {
		asked = pcring_record_release(cons, view);
	} else {
		cons->seq++;
		cons->index++;
		pcring_count_term(&cons->own->counts.cancelled, 1);
		asked = pcring_cons_release(cons, view->space, 0);
	}
	pcring_ring_released(ring, asked);
}

static int pcring_input_one(struct pcring_ring *ring,
			    const struct pcring_record_view *view)
{
	struct pcring_input input = {
		.data = view->data,
		.len = view->len,
		.type = PCRING_RECORD_TYPE(view->info),
		.seq = view->seq,
		.time = view->time,
	};

	if (input.type > PCRING_RECORD_MAX_TYPE)
		return 0; /* a gap, or not given yet */
	return ring->ctx->ops->record(ring->ctx, ring, &input);
}

/**
 * pcring_input_some() - hand records to the driver
 * @ring: REC_IN.
 * @max: at most.
 *
 * Context: ctx->consume held.
 * Return: records taken; -EBADFD: the ctx is dead.
 */
int pcring_input_some(struct pcring_ring *ring, u32 max)
{
	struct pcring_record_view view;
	u32 done = 0;
	int got = 0;

	WRITE_ONCE(ring->stuck, false);
	while (done < max) {
		int err;

		got = pcring_record_peek(&ring->cons, &view);
		if (got <= 0)
			break;
		err = pcring_input_one(ring, &view);
		if (err == -EAGAIN) {
			WRITE_ONCE(ring->stuck, true);
			break;
		}
		pcring_input_release(ring, &view, !err);
		done++;
	}
	if (done && ring->ctx->ops->batch)
		ring->ctx->ops->batch(ring->ctx);
	return got < 0 ? got : (int)done;
}

/* Under ctx->consume, armed: is there a record that the driver would take? */
bool pcring_input_ready(struct pcring_ring *ring)
{
	return !READ_ONCE(ring->stuck) && pcring_record_ready(&ring->cons, 1);
}
