/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of the module share: a ctx with its rings, by raw calls. The
 * library has tests of its own; here nothing stands between test and kernel but
 * the ring's headers.
 *
 * PCRING_SLOW=n: this machine is n times slower: fewer rounds, more patience.
 */
#ifndef PCRING_MODULE_H
#define PCRING_MODULE_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <linux/pcring.h>
#include <linux/pcring_adc.h>
#include <linux/pcring_entry.h>
#include <linux/pcring_loop.h>
#include <linux/pcring_record.h>

#define LOOP "/dev/pcring/loop0"
#define ADC "/dev/pcring/adc0"
#define PAGE 4096U
#define MSEC 1000000ULL
#define SEC (1000 * MSEC)
#define FOREVER PCRING_NO_TIMEOUT
#define MAX_RINGS 8
/* What had to come and did not within this is lost. */
#define PATIENCE (10 * SEC)

/**
 * struct pool - blocks, mapped
 * @fd: the pool's.
 * @req: as granted.
 * @blocks: the bytes.
 * @info: what the kernel says of each.
 * @len: bytes mapped at @blocks.
 */
struct pool {
	int fd;
	struct pcring_pool_create req;
	unsigned char *blocks;
	const struct pcring_block_info *info;
	size_t len;
};

/**
 * struct end - the program's end of one ring
 * @prod_area: as mapped.
 * @cons_area: as mapped.
 * @prod: of SQ, FREE, REC_IN.
 * @cons: of CQ, REC_OUT.
 */
struct end {
	unsigned char *prod_area;
	unsigned char *cons_area;
	struct pcring_prod prod;
	struct pcring_cons cons;
};

/**
 * struct rig - a ctx
 * @fd: open file.
 * @setup: asked for, then granted.
 * @rings: asked for, then granted.
 * @nr: how many.
 * @ends: of each.
 * @pool: fd -1: none.
 * @enter: the last ENTER, what it wrote among it.
 * @start: position the rings begin at; 0 but in wrap_test.
 */
struct rig {
	int fd;
	struct pcring_setup setup;
	struct pcring_ring_desc rings[MAX_RINGS];
	__u32 nr;
	struct end ends[MAX_RINGS];
	struct pool pool;
	struct pcring_enter enter;
	__u64 start;
};

/**
 * struct item - what a ring gave
 * @gap: of a gap.
 * @cqe: of a CQ.
 * @view: of a record; its payload stands in the ring until rig_done().
 */
struct item {
	struct pcring_gap gap;
	struct pcring_cqe cqe;
	struct pcring_record_view view;
};

enum { NOTHING = 0, ITEM = 1, GAP = 2 };

/* ---- calls: 0 or more, or a negative errno -------------------------------- */

int dev_open(const char *path, int flags);
int call(int fd, unsigned long nr, void *arg);

/* Was the last call on @fd refused with @err, and do both words stand in why? */
bool refused(int fd, int err, const char *field, const char *value);
const char *refusal(int fd);

/* The call is refused with @err, and the refusal names the field and value. */
#define EXPECT_REFUSED(err, field, value, fd, expr)                    \
	do {                                                           \
		EXPECT_EQ(-(err), (expr))                              \
		{                                                      \
			TH_LOG("%s: refusal: %s", #expr, refusal(fd)); \
		}                                                      \
		EXPECT_TRUE(refused(fd, -(err), field, value))         \
		{                                                      \
			TH_LOG("wanted %s %s, said: %s", field,        \
			       (value) ? (const char *)(value) : "",   \
			       refusal(fd));                           \
		}                                                      \
	} while (0)

/* ---- a ctx step by step ---------------------------------------------------- */

int rig_open(struct rig *rig, const char *path);
struct pcring_ring_desc *rig_ring(struct rig *rig, __u32 kind, __u32 entries);
int rig_pool(struct rig *rig, __u32 flags, __u32 block_size, __u32 blocks);
int rig_call_setup(struct rig *rig); /* the call alone */
int rig_map(struct rig *rig); /* the areas, both of each ring */
void rig_init_ends(struct rig *rig);
int rig_setup(struct rig *rig); /* these three */
void rig_unmap(struct rig *rig);
void rig_close(struct rig *rig);
bool user_produces(__u32 kind);

int pool_create(int fd, struct pool *pool);
int pool_map(struct pool *pool);

/* ---- whole ctxs ------------------------------------------------------------- */

/* Ring 0 SQ, 1 CQ. */
int rig_loop(struct rig *rig, __u32 sq, __u32 cq);
/* The same, with a pool of the user's blocks of a page. */
int rig_loop_blocks(struct rig *rig, __u32 sq, __u32 cq, __u32 blocks);
/* Ring 0 REC_IN, 1 REC_OUT; the policy is REC_OUT's. */
int rig_echo(struct rig *rig, __u32 in, __u32 out, __u32 policy);
/* Ring 0 REC_OUT. */
int rig_adc_records(struct rig *rig, __u32 bytes, __u32 policy,
		    const struct pcring_adc_config *config);
/* Ring 0 CQ, 1 FREE; blocks of a page. */
int rig_adc_blocks(struct rig *rig, __u32 entries, __u32 blocks, __u32 policy,
		   const struct pcring_adc_config *config);
int configure(int fd, const void *payload, __u32 size);

/* ---- moving items ----------------------------------------------------------- */

int rig_enter(struct rig *rig, __u32 flags, __u32 submit, __u32 ring, __u32 min,
	      __u64 timeout_ns);
/* Push and wake; entries taken, perhaps fewer. */
int rig_push(struct rig *rig, __u32 ring, const void *items, __u32 n);
/* All of them, waiting for space. 0 or a negative errno. */
int rig_push_all(struct rig *rig, __u32 ring, const void *items, __u32 n);
/* Wait for @min items in a ring the program consumes. */
int rig_wait(struct rig *rig, __u32 ring, __u32 min, __u64 timeout_ns);
/* Pop, release, wake. Items; SPECIAL entries are accounted for, not given. */
int rig_pop(struct rig *rig, __u32 ring, void *items, __u32 n);
/* One request of ring 0, its answer of ring 1, waiting. */
int rig_ask(struct rig *rig, const struct pcring_sqe *sqe,
	    struct pcring_cqe *cqe);
int rig_write(struct rig *rig, __u32 ring, const void *data, __u32 len,
	      __u32 type, bool more);
int rig_write_all(struct rig *rig, __u32 ring, const void *data, __u32 len,
		  __u32 type);
/* ITEM, GAP, NOTHING or a negative errno; rig_done() after the first two. */
int rig_next(struct rig *rig, __u32 ring, struct item *item);
void rig_done(struct rig *rig, __u32 ring, const struct item *item);
/* The same, waiting: NOTHING after PATIENCE. */
int rig_next_wait(struct rig *rig, __u32 ring, struct item *item);
int rig_free(struct rig *rig, __u32 ring, __u32 block, __u32 generation);
int rig_put(struct rig *rig, const struct pcring_free *entries, __u32 nr,
	    __u32 *done);
int rig_drain(struct rig *rig, __u64 timeout_ns, struct pcring_drain *drain);

struct pcring_sqe sqe_of(__u32 opcode, __u64 user_data);
struct pcring_sqe sqe_block(__u32 opcode, __u32 block, __u32 generation,
			    __u32 len);

/* ---- the books --------------------------------------------------------------- */

int rig_stats(struct rig *rig, __u32 ring, struct pcring_stats *stats);
int device_stats(int fd, __u32 kind, struct pcring_stats *stats);
__u64 stats_rejected(const struct pcring_stats *stats);
/* Do the terms balance? If not, how is printed. */
bool stats_balance(const struct pcring_stats *stats);

/* ---- what the converter says of itself --------------------------------------- */

#define MAX_LOST 65536U

/**
 * struct truth - debugfs, pcring_adc/adc0/truth, of one ctx
 * @offered: items.
 * @accepted: items.
 * @rejected: by reason; FULL, NOBLOCK, TIMEOUT, SIZE.
 * @nr: runs of items refused for one reason.
 * @lost: first sequence number, how many, reason of each.
 */
struct truth {
	__u64 offered;
	__u64 accepted;
	__u64 rejected[PCRING_NR_REASONS];
	__u32 nr;
	struct {
		__u64 first;
		__u64 count;
		__u32 reason;
	} lost[MAX_LOST];
};

int truth_read(struct truth *truth, __u32 ctx_id);
/* NULL, or what is wrong with an item: every byte is looked at. */
const char *adc_item_check(const void *data, __u32 len, __u64 seq);
__u32 crc32c(__u32 crc, const void *data, size_t len);

/* ---- time and machine --------------------------------------------------------- */

__u64 now_ns(void);
void sleep_ns(__u64 ns);
__u32 slow(void);
__u64 scaled(__u64 rounds); /* at least 1 */
__u64 patience(void); /* PATIENCE on a machine like this */
/* One line of a file, without its newline: 0 or a negative errno. */
int file_read(const char *path, char *buf, size_t size);
int file_write(const char *path, const char *text);
/* A parameter of module pcring; -1 if there is none of that name. */
long long param_get(const char *name);
int param_set(const char *name, unsigned long long value);
/* Wait for a child: its exit code, 128 + its signal, -1. */
int child_wait(pid_t pid);

#endif /* PCRING_MODULE_H */
