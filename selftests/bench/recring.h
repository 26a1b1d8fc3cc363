/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A record ring: its ends, control pages and data, pages of their own.
 */
#ifndef BENCH_RECRING_H
#define BENCH_RECRING_H

#include <linux/pcring_record.h>

#include "bench.h"

/**
 * struct recring - as struct ring
 * @bytes: of data, mapped twice.
 * @prod: the producer's end.
 * @cons: the consumer's end.
 * @prod_page: control page of the producer.
 * @cons_page: of the consumer.
 * @data: the records.
 * @lock: the producers', for SHARED.
 */
struct recring {
	__u32 bytes;
	struct pcring_prod *prod;
	struct pcring_cons *cons;
	struct pcring_prod_page *prod_page;
	struct pcring_cons_page *cons_page;
	unsigned char *data;
	__u32 *lock;
};

void recring_create(struct recring *r, __u32 bytes);
void recring_destroy(struct recring *r);

/* Empty, of a producer class (enum pcring_producers). */
void recring_reset(struct recring *r, __u32 producers);

#endif /* BENCH_RECRING_H */
