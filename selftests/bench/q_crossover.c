// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copy or hand over? The producer makes each block, word by word, and the
 * consumer reads each, word by word. In between it is either copied (into a
 * record ring, a pipe, a socket) or changes owner: an entry of eight bytes says
 * which block, and another one gives it back.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"
#include "map.h"
#include "recring.h"
#include "ring.h"
#include "team.h"

#define MIN_ORDER 6U
#define MAX_ORDER 24U
#define RING_BYTES (1U << 20) /* of the record ring, and of the pipe */
#define CHUNK (64U << 10) /* what a consumer reads of a stream at once */
/* Blocks lie in a pool as large as the ring, but at least four. */
#define MAX_BLOCKS 256U
#define MIN_BLOCKS 4U
#define ENTRIES 1024U

enum { HANDOVER, MEMCPY, PIPE, SOCKET, NR };

static const struct bench_table crossover = {
	.name = "crossover",
	.title = "blocks copied, or handed over",
	.unit = BENCH_MBYTES,
	.key = { "bytes" },
	.x = 0,
	.series = { "hand over", "record ring", "pipe", "socket pair" },
	.ratio = { { "hand over/record ring", HANDOVER, MEMCPY },
		   { "hand over/pipe", HANDOVER, PIPE },
		   { "hand over/socket pair", HANDOVER, SOCKET } },
};

/**
 * struct job - what the two threads share
 * @there: blocks filled, to the consumer.
 * @back: blocks read, to the producer.
 * @pool: the blocks.
 * @records: the record ring.
 * @source: where the producer makes what is copied.
 * @target: where a stream is read to.
 * @fd: of a pipe or socket pair: read, write.
 * @which: HANDOVER and so on.
 * @size: bytes of a block.
 * @blocks: in the pool.
 * @items: blocks to move.
 * @sum: what the consumer added up.
 */
struct job {
	struct ring there;
	struct ring back;
	unsigned char *pool;
	struct recring records;
	__u64 *source;
	__u64 *target;
	int fd[2];
	__u32 which;
	__u32 size;
	__u32 blocks;
	__u64 items;
	__u64 sum BENCH_PADDED;
};

static struct job job BENCH_PADDED;

static void pop_one(const struct ring *ring, __u64 *entry)
{
	__u32 spins = 0;

	while (!ring_pop(RING_PCRING, ring, entry, 1, sizeof(*entry)))
		bench_wait(&spins, BENCH_SPINS);
}

static void push_one(const struct ring *ring, const __u64 *entry)
{
	ring_push_all(RING_PCRING, ring, entry, 1, sizeof(*entry));
}

static void hand_over(const struct job *j)
{
	const struct job local = *j;
	__u64 i;

	for (i = 0; i < local.items; i++) {
		__u64 entry;

		pop_one(&local.back, &entry);
		bench_fill((__u64 *)(local.pool + entry * local.size), i, 1,
			   local.size / 8);
		push_one(&local.there, &entry);
	}
}

static __u64 take_over(const struct job *j)
{
	const struct job local = *j;
	__u64 sum = 0;
	__u64 i;

	for (i = 0; i < local.items; i++) {
		__u64 entry;

		pop_one(&local.there, &entry);
		sum += bench_sum((__u64 *)(local.pool + entry * local.size),
				 local.size / 8, 1);
		push_one(&local.back, &entry);
	}
	return sum;
}

static __u32 piece_of(__u32 left, __u32 most)
{
	return left < most ? left : most;
}

static void copy_in(const struct job *j)
{
	const struct job local = *j;
	struct pcring_record *rec;
	__u32 spins = 0;
	__u32 at, piece;
	__u64 i;
	int err;

	for (i = 0; i < local.items; i++) {
		bench_fill(local.source, i, 1, local.size / 8);
		for (at = 0; at < local.size; at += piece) {
			piece = piece_of(local.size - at, RING_BYTES / 4);
			while ((err = pcring_record_reserve(local.records.prod,
							    piece, 0, &rec)) ==
			       -EAGAIN)
				bench_wait(&spins, BENCH_SPINS);
			if (err)
				bench_die("reserve: %d", err);
			memcpy(pcring_record_data(rec),
			       (unsigned char *)local.source + at, piece);
			pcring_record_submit(local.records.prod, rec, false);
		}
	}
}

static __u64 read_out(const struct job *j)
{
	const struct job local = *j;
	__u64 left = local.items * local.size;
	struct pcring_record_view view;
	__u32 spins = 0;
	__u64 sum = 0;

	while (left) {
		int ready = pcring_record_peek(local.records.cons, &view);

		if (ready < 0)
			bench_die("peek: %d", ready);
		if (!ready) {
			pcring_cons_publish(local.records.cons);
			bench_wait(&spins, BENCH_SPINS);
			continue;
		}
		sum += bench_sum(view.data, view.len / 8, 1);
		left -= view.len;
		pcring_record_release(local.records.cons, &view);
	}
	return sum;
}

static void write_all(int fd, const void *from, size_t left)
{
	while (left) {
		ssize_t done = write(fd, from, left);

		if (done < 0 && errno != EINTR)
			bench_die("write: %s", strerror(errno));
		if (done <= 0)
			continue;
		from = (const unsigned char *)from + done;
		left -= (size_t)done;
	}
}

static void read_all(int fd, void *to, size_t left)
{
	while (left) {
		ssize_t done = read(fd, to, left);

		if (!done || (done < 0 && errno != EINTR))
			bench_die("read: %s", strerror(errno));
		if (done < 0)
			continue;
		to = (unsigned char *)to + done;
		left -= (size_t)done;
	}
}

static void stream_out(const struct job *j)
{
	const struct job local = *j;
	__u64 i;

	for (i = 0; i < local.items; i++) {
		bench_fill(local.source, i, 1, local.size / 8);
		write_all(local.fd[1], local.source, local.size);
	}
}

static __u64 stream_in(const struct job *j)
{
	const struct job local = *j;
	__u32 at, piece;
	__u64 sum = 0;
	__u64 i;

	for (i = 0; i < local.items; i++)
		for (at = 0; at < local.size; at += piece) {
			piece = piece_of(local.size - at, CHUNK);
			read_all(local.fd[0], local.target, piece);
			sum += bench_sum(local.target, piece / 8, 1);
		}
	return sum;
}

static void work(__u32 who, void *arg)
{
	struct job *j = arg;

	if (who == TEAM_CONSUMER)
		j->sum = j->which == HANDOVER ? take_over(j)
			 : j->which == MEMCPY ? read_out(j)
					      : stream_in(j);
	else if (j->which == HANDOVER)
		hand_over(j);
	else if (j->which == MEMCPY)
		copy_in(j);
	else
		stream_out(j);
}

static void go(struct bench_sample *sample)
{
	job.items = sample->items;
	job.sum = 0;
	sample->ns = team_run(2, work, &job);
	if (job.sum != bench_sum_expected(job.items, job.size / 8))
		sample->wrong = true;
}

/* All blocks are the producer's at first. */
static void reset_pool(void)
{
	__u64 block;

	ring_reset(&job.there, RING_PCRING, ENTRIES, 8, 1);
	ring_reset(&job.back, RING_PCRING, ENTRIES, 8, 1);
	job.blocks = RING_BYTES / job.size;
	if (job.blocks > MAX_BLOCKS)
		job.blocks = MAX_BLOCKS;
	if (job.blocks < MIN_BLOCKS)
		job.blocks = MIN_BLOCKS;
	for (block = 0; block < job.blocks; block++)
		ring_push(RING_PCRING, &job.back, &block, 1, 8);
}

/* A stream of its own for each sample: nothing is left over from the last. */
static void open_stream(void)
{
	int err = job.which == PIPE
			  ? pipe2(job.fd, O_CLOEXEC)
			  : socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
				       job.fd);

	if (err)
		bench_die("pipe or socket pair: %s", strerror(errno));
	/* The system may allow less; then so be it. */
	if (job.which == PIPE)
		fcntl(job.fd[1], F_SETPIPE_SZ, RING_BYTES);
}

static void take(const struct bench_params *params, struct bench_sample *sample)
{
	struct bench_sample warm = { .items = 2 };
	bool stream;

	job.which = params->which;
	job.size = params->size;
	stream = job.which == PIPE || job.which == SOCKET;
	if (job.which == HANDOVER)
		reset_pool();
	else if (stream)
		open_stream();
	else
		recring_reset(&job.records, PCRING_PRODUCERS_SINGLE);
	go(&warm);
	go(sample);
	sample->wrong |= warm.wrong;
	if (stream) {
		close(job.fd[0]);
		close(job.fd[1]);
	}
}

static void add(struct bench_table *t, __u32 size)
{
	const __u64 key[] = { size };
	struct bench_cell *cell = bench_cell_add(t, key);
	struct bench_params params = { .size = size };
	__u32 i;

	for (i = 0; i < NR; i++) {
		params.which = i;
		bench_series_set(cell, i, take, &params, size);
	}
}

/*
 * The size from which on handing over is faster: where the ratio last rises
 * through 1, between two sizes on a line through the logarithms.
 */
static void find_cross(struct bench_question *q, const struct bench_table *t,
		       __u32 nr)
{
	const char *peer = t->series[t->ratio[nr].to];
	__u32 i = t->nr_cells;
	double below, above, at;

	while (i && t->cell[i - 1].ratio[nr].median >= 1)
		i--;
	if (i == t->nr_cells) {
		bench_note(q, "x*: handing over never beats the %s", peer);
		return;
	}
	if (!i) {
		bench_note(q, "x*: handing over always beats the %s", peer);
		return;
	}
	below = log(t->cell[i - 1].ratio[nr].median);
	above = log(t->cell[i].ratio[nr].median);
	at = -below / (above - below);
	bench_note(q, "x*: handing over beats the %s from %.0f bytes on", peer,
		   exp(log((double)t->cell[i - 1].key[0]) * (1 - at) +
		       log((double)t->cell[i].key[0]) * at));
}

static void create(void)
{
	const size_t most = (size_t)1 << MAX_ORDER;

	ring_create(&job.there, ENTRIES * 8);
	ring_create(&job.back, ENTRIES * 8);
	recring_create(&job.records, RING_BYTES);
	job.pool = map_pages(MIN_BLOCKS * most);
	job.source = map_pages(most);
	job.target = map_pages(CHUNK);
}

static void destroy(void)
{
	const size_t most = (size_t)1 << MAX_ORDER;

	unmap_pages(job.target, CHUNK);
	unmap_pages(job.source, most);
	unmap_pages(job.pool, MIN_BLOCKS * most);
	recring_destroy(&job.records);
	ring_destroy(&job.back);
	ring_destroy(&job.there);
}

static int run(struct bench_question *q)
{
	struct bench_table *t = bench_table_add(q, &crossover);
	__u32 order, i;

	create();
	for (order = MIN_ORDER; order <= MAX_ORDER;
	     order += bench_options.quick ? 3 : 1)
		add(t, 1U << order);
	bench_measure(q);
	for (i = 0; t->ratio[i].name; i++)
		find_cross(q, t, i);
	destroy();
	return 0;
}

struct bench_question q_crossover = {
	.name = "crossover",
	.help = "from which size on is handing a block over faster than "
		"copying?",
	.run = run,
};
