/* SPDX-License-Identifier: LGPL-2.1-only OR MIT */
/*
 * libpcring: what its files share. Nothing here is installed.
 */
#ifndef PCRING_IMPL_H
#define PCRING_IMPL_H

#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <pcring.h>

struct sockaddr_un;

#define PCRING_MAX_SHARDS 64U
#define PCRING_MAX_PAYLOAD 65536U
/* Ends with an fd of their own; SCM_RIGHTS takes 253, two each by eventfd. */
#define PCRING_MAX_ENDS 120U
#define PCRING_MAX_POOL_BYTES (1ULL << 30)
#define NSEC 1000000000ULL

/* ---- error.c ---- */

int pcring_fail(int err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void pcring_abort(const char *fmt, ...)
	__attribute__((format(printf, 1, 2), noreturn));
int pcring_opts_copy(const char *object, void *to, size_t known,
		     const void *from);

/* ---- clock.c ---- */

__u64 pcring_now(void);
__u64 pcring_deadline(__u64 timeout_ns);
int pcring_poll_ms(__u64 deadline);

static inline void pcring_relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ __volatile__("yield");
#endif
}

/* ---- lock.c: between threads of this process ---- */

/* 0 free, 1 taken, 2 taken and waited for. */
struct pcring_lock {
	__u32 word;
};

void pcring_lock_take(struct pcring_lock *lock);
bool pcring_lock_take_until(struct pcring_lock *lock, __u64 deadline);
void pcring_lock_drop(struct pcring_lock *lock);

/* ---- futex.c ---- */

struct pcring_sleep {
	const __u32 *word;
	__u32 value;
	bool shared;
};

void pcring_futex_wake(__u32 *word, bool shared, int n);
int pcring_futex_sleep(const struct pcring_sleep *words, __u32 nr,
		       __u64 deadline);

/* ---- shm.c ---- */

/* One area mapped; @len counts a second mapping of the data. */
struct pcring_map {
	unsigned char *base;
	size_t len;
};

size_t pcring_page(void);
size_t pcring_page_up(size_t len);
int pcring_shm_create(const char *name, size_t len);
int pcring_shm_seal(int fd, bool writer_only);
int pcring_shm_check(int fd, size_t len, bool writer_only);
int pcring_map_area(struct pcring_map *map, int fd, __u64 off, size_t control,
		    size_t data, bool twice, bool writable);
void pcring_map_drop(struct pcring_map *map);

/* ---- desc.c ---- */

/* What a ctx's rings add up to; file lengths in bytes. */
struct pcring_layout {
	__u64 user_len;
	__u64 server_len;
	__u64 pool_len;
	__u64 info_offset;
	__u32 ends;
};

struct pcring_limits {
	__u32 kinds;
	__u32 max_entries;
	__u32 max_bytes;
};

/* The pool as the handshake sees it; no pool: zero blocks. */
struct pcring_pool_desc {
	__u32 block_size;
	__u32 blocks;
	__u32 flags;
	__u32 reserved;
};

bool pcring_kind_user_produces(__u32 kind);
bool pcring_kind_records(__u32 kind);
bool pcring_desc_xchg(const struct pcring_ring_desc *desc);
size_t pcring_desc_data_len(const struct pcring_ring_desc *desc);
int pcring_desc_check(struct pcring_ring_desc *descs, __u32 nr,
		      struct pcring_pool_desc *pool,
		      const struct pcring_limits *limits);
int pcring_desc_layout(struct pcring_ring_desc *descs, __u32 nr,
		       const struct pcring_pool_desc *pool,
		       struct pcring_layout *layout);

/* ---- msg.c ---- */

#define PCRING_MSG_MAGIC 0x70637267U
#define PCRING_MSG_VERSION 1U
#define PCRING_MAX_FDS 253U

enum pcring_msg_type {
	PCRING_MSG_SETUP = 1,
	PCRING_MSG_GRANT = 2,
	PCRING_MSG_ATTACH = 3,
	PCRING_MSG_READY = 4,
};

/*
 * Every message. @len counts all of it; what follows the header: SETUP:
 * @nr_rings descriptors, then @payload bytes; GRANT: the descriptors; ATTACH and
 * READY: nothing.
 */
struct pcring_msg {
	__u32 magic;
	__u16 version;
	__u16 type;
	__u32 len;
	__s32 error;
	__u32 nr_rings;
	__u32 ring_size;
	__u32 payload_size;
	__u32 wait_mode;
	struct pcring_pool_desc pool;
	__u32 ctx_id;
	__u32 reserved;
	char text[160];
};

#define PCRING_MAX_MSG                                        \
	(sizeof(struct pcring_msg) +                          \
	 PCRING_MAX_RINGS * sizeof(struct pcring_ring_desc) + \
	 PCRING_MAX_PAYLOAD)

struct pcring_fds {
	int fd[PCRING_MAX_FDS];
	__u32 nr;
};

void pcring_fds_close(struct pcring_fds *fds);
int pcring_msg_send(int sock, const struct pcring_msg *msg, const void *descs,
		    const void *payload, const struct pcring_fds *fds,
		    __u64 deadline);
int pcring_msg_recv(int sock, __u32 type, struct pcring_msg **msg,
		    struct pcring_fds *fds, __u64 deadline);

/* ---- ctx.c ---- */

struct pcring_dev;
struct pcring_transport;

enum pcring_gone {
	PCRING_GONE_NOT = 0,
	PCRING_GONE_DEAD = 1, /* hung up without a word */
};

/**
 * struct pcring_ring_impl - one end, or a sharded ring as a whole
 * @ring: what the program holds.
 * @ctx: whose.
 * @desc: granted.
 * @shards: PERCPU: its ends, else NULL.
 * @nr_shards: of those.
 * @produces: this side is the producer.
 * @prod: if so.
 * @cons: if not.
 * @own: mapping of the area this side writes.
 * @peer: mapping of the area the other side writes, read-only.
 * @fd: SOCKET, EVENTFD: what this end polls; a sharded consumer: an epoll fd.
 * @wake_fd: what wakes the other end; SOCKET: the same as @fd.
 * @lock: SHARED: around reservations.
 * @wait_lock: SHARED: one producer sleeps in the ring's name.
 * @armed: pcring_ring_arm() holds.
 * @owner: -DPCRING_DEBUG: the end's thread, 0: none yet.
 * @inside: -DPCRING_DEBUG: threads that wait in it.
 * @empty: times in a row nothing was found.
 * @looked: the producer is gone, and a look was taken after that was seen.
 * @settled: the peer is gone and the books are closed.
 * @cancelling: what is read counts as cancelled.
 * @ended: drained: gives nothing any more.
 * @lost_offers: after the producer's death: offered, never decided.
 * @words: exchange words.
 * @words_map: device: where they are mapped.
 * @mine: the producer's copies of them.
 * @next_seq: client: sequence number the next block should have.
 * @in_flight: CQ: requests taken and not answered.
 * @merge: PERCPU consumer: its shards' fronts.
 * @which: of these, the one @held is of.
 * @held: pcring_ring_next() has given @view, or an entry, to be released.
 * @view: the record held.
 * @copy: where entries, and records that may be overwritten, are copied.
 * @copy_size: bytes there.
 */
struct pcring_ring_impl {
	struct pcring_ring ring;
	struct pcring_ctx *ctx;
	struct pcring_ring_desc *desc;
	struct pcring_ring_impl *shards;
	__u32 nr_shards;
	bool produces;
	struct pcring_prod prod;
	struct pcring_cons cons;
	struct pcring_map own;
	struct pcring_map peer;
	int fd;
	int wake_fd;
	struct pcring_lock lock;
	struct pcring_lock wait_lock;
	bool armed;
	pid_t owner;
	int inside;
	__u32 empty;
	bool looked;
	bool settled;
	bool cancelling;
	bool ended;
	__s64 lost_offers;
	__u64 *words;
	struct pcring_map words_map;
	__u64 *mine;
	__u64 next_seq;
	__u32 in_flight;
	struct pcring_shard *merge;
	__u32 which;
	bool held;
	struct pcring_record_view view;
	void *copy;
	__u32 copy_size;
};

/**
 * struct pcring_ctx - one set of rings
 * @via: how the other side is reached; never NULL.
 * @server: this side plays the kernel's part.
 * @fd: memfd: the connection, which hangs up with the peer; the device's fd.
 * @wait_mode: enum pcring_wait_mode.
 * @id: number of this ctx on its device.
 * @spin_ns: how long an end looks before it sleeps.
 * @pid: of the peer as it connected.
 * @twin: -DPCRING_ONE_MAPPING: the other of a pair.
 * @device: server: who accepted it.
 * @descs: granted.
 * @rings: one a descriptor.
 * @nr_rings: how many.
 * @pool: or NULL.
 * @pool_desc: what it is to be.
 * @layout: memfd: where everything lies.
 * @payload: server: the client's own parameters.
 * @payload_size: bytes there.
 * @gone: enum pcring_gone, set once; a futex word of this process's.
 * @draining: set once, like @corrupt; read by all threads.
 * @corrupt: the peer broke its indices.
 * @watch_lock: around the start of @watcher.
 * @watcher: futex: the thread that notices the peer's death.
 * @watching: there is one.
 * @quit_fd: ends it.
 * @own_shm: while connecting: what this side writes.
 * @pool_shm: while connecting: the pool.
 * @fds: what ends wake and are woken by.
 * @dev: of a device, else NULL.
 * @enter_only: device: no worker; who waits hands over.
 */
struct pcring_ctx {
	const struct pcring_transport *via;
	bool server;
	int fd;
	__u32 wait_mode;
	__u32 id;
	__u64 spin_ns;
	pid_t pid;
	struct pcring_ctx *twin;
	struct pcring_device *device;
	struct pcring_ring_desc *descs;
	struct pcring_ring_impl *rings;
	__u32 nr_rings;
	struct pcring_pool *pool;
	struct pcring_pool_desc pool_desc;
	struct pcring_layout layout;
	void *payload;
	__u32 payload_size;
	__u32 gone;
	__u32 draining;
	__u32 corrupt;
	pthread_mutex_t watch_lock;
	pthread_t watcher;
	bool watching;
	int quit_fd;
	int own_shm;
	int pool_shm;
	struct pcring_fds fds;
	struct pcring_dev *dev;
	bool enter_only;
};

struct pcring_ctx *pcring_ctx_new(bool server, int fd);
int pcring_ctx_build(struct pcring_ctx *ctx,
		     const struct pcring_ring_desc *descs, __u32 nr);
int pcring_ctx_map_own(struct pcring_ctx *ctx);
int pcring_ctx_map_peer(struct pcring_ctx *ctx, int fd);
int pcring_ctx_map_pool(struct pcring_ctx *ctx, int fd, int info_fd);
void pcring_ctx_go(struct pcring_ctx *ctx);
void pcring_end_init(struct pcring_ring_impl *end);
void pcring_ctx_bequeath(struct pcring_ctx *ctx);
int pcring_ctx_bad(struct pcring_ctx *ctx, const char *what);
bool pcring_ctx_gone(struct pcring_ctx *ctx);
bool pcring_ctx_look(struct pcring_ctx *ctx);
__u32 pcring_ctx_worst(struct pcring_ctx *ctx);
void pcring_ctx_watch(struct pcring_ctx *ctx);
void pcring_ctx_unwatch(struct pcring_ctx *ctx);

/* Shards of a ring taken as a whole; else the ring itself. */
static inline __u32 pcring_nr_ends(const struct pcring_ring_impl *ring)
{
	return ring->shards ? ring->nr_shards : 1;
}

static inline struct pcring_ring_impl *
pcring_end_nr(struct pcring_ring_impl *ring, __u32 nr)
{
	return ring->shards ? &ring->shards[nr] : ring;
}

/* What the other end says of itself. */
static inline __u32 pcring_end_peer_state(const struct pcring_ring_impl *end)
{
	return end->produces ? pcring_prod_peer_state(&end->prod)
			     : pcring_cons_peer_state(&end->cons);
}

/* ---- transports: shm_wait.c, dev.c ---- */

/**
 * struct pcring_transport - how the other side is reached, one a wait mode
 * @no_fd: why pcring_ring_fd() has nothing to give.
 * @ctx_polls: a ring without an fd can be armed all the same.
 * @settles: when the peer is gone this side closes its books; else the kernel has.
 * @wake: wake the other end.
 * @sleep: @ring is announced, and was looked at: sleep until it is woken or until
 *	@deadline. 0: look again; 1: what there is has to do; or a negative errno,
 *	which holds if another look finds nothing.
 * @quiet_close: the other side notices by itself that this one closes.
 * @by_prod: it goes by prod to see whether there is space: who waits publishes it.
 * @clear: optional: what made the ring's fd readable was seen.
 * @arm: optional: a poll is about to be prepared.
 * @look: is the peer gone?
 * @over: an end of the peer's says @state, DRAINING or more: the errno for that.
 * @state: enum pcring_state, but for what this side itself knows.
 * @hang_up: the ctx is corrupt, and this side's ends have said so.
 * @stats: of a ring; @stats has its ring and is zero otherwise.
 * @drain: nothing new is taken any more: finish what is there.
 * @put: optional: a block given back without a FREE ring.
 * @submit: optional: see pcring_ctx_submit().
 * @close: the ends have said good-bye.
 */
struct pcring_transport {
	const char *no_fd;
	bool ctx_polls;
	bool settles;
	bool quiet_close;
	bool by_prod;
	void (*wake)(struct pcring_ring_impl *end);
	int (*sleep)(struct pcring_ring_impl *ring, __u32 want,
		     const __u32 *values, __u64 deadline);
	void (*clear)(struct pcring_ring_impl *ring);
	void (*arm)(struct pcring_ring_impl *ring);
	bool (*look)(struct pcring_ctx *ctx);
	int (*over)(struct pcring_ctx *ctx, __u32 state);
	__u32 (*state)(struct pcring_ctx *ctx);
	void (*hang_up)(struct pcring_ctx *ctx);
	int (*stats)(struct pcring_ring_impl *ring, struct pcring_stats *stats);
	int (*drain)(struct pcring_ctx *ctx, __u64 timeout_ns,
		     struct pcring_drain *drain);
	int (*put)(struct pcring_pool *pool, const struct pcring_free *entry);
	int (*submit)(struct pcring_ctx *ctx, __u32 max);
	void (*close)(struct pcring_ctx *ctx);
};

extern const struct pcring_transport pcring_shm_socket;

const struct pcring_transport *pcring_shm_transport(__u32 wait_mode);
int pcring_shm_stats(struct pcring_ring_impl *ring, struct pcring_stats *stats);
int pcring_shm_drain(struct pcring_ctx *ctx, __u64 timeout_ns,
		     struct pcring_drain *drain);

/* ---- handshake.c ---- */

int pcring_client_ask(struct pcring_ctx *ctx, struct pcring_ctx_opts *opts,
		      __u64 deadline);
int pcring_client_attach(struct pcring_ctx *ctx, struct pcring_ctx_opts *opts,
			 __u64 deadline);
int pcring_client_ready(struct pcring_ctx *ctx, __u64 deadline);
int pcring_server_grant(struct pcring_ctx *ctx,
			const struct pcring_device_opts *opts, __u64 deadline);
int pcring_server_attach(struct pcring_ctx *ctx, __u64 deadline);

/* ---- device.c ---- */

int pcring_name(const char *name, struct sockaddr_un *addr, socklen_t *len);
int pcring_device_opts_get(struct pcring_device_opts *to,
			   const struct pcring_device_opts *from);
void pcring_device_forget(struct pcring_device *device);

/* ---- dev_setup.c ---- */

int pcring_dev_open(const char *path, struct pcring_ctx_opts *opts,
		    struct pcring_ctx **ctx);

/* ---- dev.c ---- */

int pcring_dev_pool_fd(const struct pcring_ctx *ctx);

/* ---- owner.c ---- */

#ifdef PCRING_DEBUG
void pcring_end_check(struct pcring_ring_impl *ring);
void pcring_end_inside(struct pcring_ring_impl *ring, int n);
void pcring_ctx_alone(struct pcring_ctx *ctx, const char *what);
#else
static inline void pcring_end_check(struct pcring_ring_impl *ring)
{
	(void)ring;
}

static inline void pcring_end_inside(struct pcring_ring_impl *ring, int n)
{
	(void)ring;
	(void)n;
}

static inline void pcring_ctx_alone(struct pcring_ctx *ctx, const char *what)
{
	(void)ctx;
	(void)what;
}
#endif

/* ---- submit.c, wait.c, death.c ---- */

static inline bool pcring_shared(const struct pcring_ring_impl *ring)
{
	return ring->desc->producers == PCRING_PRODUCERS_SHARED;
}

static inline void pcring_ring_lock(struct pcring_ring_impl *ring)
{
	if (pcring_shared(ring))
		pcring_lock_take(&ring->lock);
}

static inline void pcring_ring_unlock(struct pcring_ring_impl *ring)
{
	if (pcring_shared(ring))
		pcring_lock_drop(&ring->lock);
}

int pcring_ring_refused(struct pcring_ring_impl *ring);
void pcring_ring_notify(struct pcring_ring_impl *ring);
void pcring_end_wake(struct pcring_ring_impl *ring);
const __u32 *pcring_end_word(const struct pcring_ring_impl *end);
__u32 *pcring_end_own_word(struct pcring_ring_impl *end);
int pcring_wait_space(struct pcring_ring_impl *ring, __u32 min, __u64 deadline);
int pcring_ring_empty(struct pcring_ring_impl *ring);
int pcring_ring_ready(struct pcring_ring_impl *ring, __u32 want);
int pcring_ring_gone(struct pcring_ring_impl *ring);
const char *pcring_over_text(int err);
void pcring_ring_settle_cons(struct pcring_ring_impl *ring);
void pcring_ring_settle_prod(struct pcring_ring_impl *ring);
__u64 pcring_ring_cancel_rest(struct pcring_ring_impl *ring);

/* ---- block.c ---- */

enum pcring_owner {
	PCRING_OWNER_FREE = 0, /* on the free list of this side */
	PCRING_OWNER_SELF = 1, /* taken, being filled */
	PCRING_OWNER_USER = 2,
	PCRING_OWNER_SQE = 3, /* came with a request not yet answered */
};

/**
 * struct pcring_pool - the blocks, and at the server their books
 * @ctx: whose.
 * @map: the blocks and the exchange words.
 * @info_map: where @info stands, at a client read-only.
 * @info: one a block.
 * @block_size: bytes.
 * @blocks: how many.
 * @flags: PCRING_POOL_*.
 * @lock: around all that follows, and the consumer's end of FREE.
 * @owner: server: enum pcring_owner of each block.
 * @generation: of each block's last hand-over, private.
 * @free: indices of free blocks, a stack.
 * @nr_free: of these.
 * @posted: server: where a block was last put by exchange: ring + 1 in the high
 *	half, the slot in the low; 0: nowhere.
 * @came_home: blocks that came home by the client's death.
 */
struct pcring_pool {
	struct pcring_ctx *ctx;
	struct pcring_map map;
	struct pcring_map info_map;
	struct pcring_block_info *info;
	__u32 block_size;
	__u32 blocks;
	__u32 flags;
	struct pcring_lock lock;
	__u8 *owner;
	__u32 *generation;
	__u32 *free;
	__u32 nr_free;
	__u64 *posted;
	__u64 came_home;
};

int pcring_pool_new(struct pcring_ctx *ctx);
void pcring_pool_drop(struct pcring_pool *pool);
bool __pcring_block_claimed(struct pcring_pool *pool, __u32 index);
void pcring_pool_stats(struct pcring_pool *pool, struct pcring_stats *stats);

#endif /* PCRING_IMPL_H */
