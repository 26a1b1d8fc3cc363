// SPDX-License-Identifier: GPL-2.0-only
/* The books, the converter's truth, the machine; see module.h. */
#include "module.h"

int rig_stats(struct rig *rig, __u32 ring, struct pcring_stats *stats)
{
	memset(stats, 0, sizeof(*stats));
	stats->size = sizeof(*stats);
	stats->ring = ring;
	return call(rig->fd, PCRING_IOC_STATS, stats);
}

int device_stats(int fd, __u32 kind, struct pcring_stats *stats)
{
	memset(stats, 0, sizeof(*stats));
	stats->size = sizeof(*stats);
	stats->flags = PCRING_STATS_DEVICE;
	stats->ring = kind;
	return call(fd, PCRING_IOC_STATS, stats);
}

__u64 stats_rejected(const struct pcring_stats *stats)
{
	__u64 sum = 0;
	int i;

	for (i = 0; i < PCRING_NR_REASONS; i++)
		sum += stats->rejected[i];
	return sum;
}

bool stats_balance(const struct pcring_stats *s)
{
	bool good = s->offered == stats_rejected(s) + s->accepted &&
		    s->accepted == s->consumed + s->overwritten + s->discarded +
					   s->cancelled + s->in_ring;

	if (!good)
		printf("# offered %llu rejected %llu accepted %llu consumed "
		       "%llu overwritten %llu discarded %llu cancelled %llu in "
		       "ring %llu\n",
		       s->offered, stats_rejected(s), s->accepted, s->consumed,
		       s->overwritten, s->discarded, s->cancelled, s->in_ring);
	return good;
}

/* ---- the converter ---------------------------------------------------------- */

#define TRUTH "/sys/kernel/debug/pcring_adc/adc0/truth"

static void truth_run(struct truth *truth, const char *line)
{
	unsigned long long first, count;
	unsigned int reason;

	if (truth->nr == MAX_LOST ||
	    sscanf(line, "lost %llu %llu %u", &first, &count, &reason) != 3)
		return;
	truth->lost[truth->nr].first = first;
	truth->lost[truth->nr].count = count;
	truth->lost[truth->nr].reason = reason;
	truth->nr++;
}

static void truth_line(struct truth *truth, const char *line)
{
	unsigned long long full, noblock, late, size, offered, accepted;

	truth_run(truth, line);
	if (sscanf(line,
		   "offered %llu accepted %llu rejected_full %llu "
		   "rejected_noblock %llu rejected_timeout %llu "
		   "rejected_size %llu",
		   &offered, &accepted, &full, &noblock, &late, &size) != 6)
		return;
	truth->offered = offered;
	truth->accepted = accepted;
	truth->rejected[PCRING_REASON_FULL] = full;
	truth->rejected[PCRING_REASON_NOBLOCK] = noblock;
	truth->rejected[PCRING_REASON_TIMEOUT] = late;
	truth->rejected[PCRING_REASON_SIZE] = size;
}

int truth_read(struct truth *truth, __u32 ctx_id)
{
	FILE *file = fopen(TRUTH, "re");
	unsigned int id;
	char line[256];
	int at;

	memset(truth, 0, sizeof(*truth));
	if (!file)
		return -errno;
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "ctx %u %n", &id, &at) == 1 && id == ctx_id)
			truth_line(truth, line + at);
	fclose(file);
	return 0;
}

__u32 crc32c(__u32 crc, const void *data, size_t len)
{
	static __u32 table[256];
	const unsigned char *at = data;
	__u32 i, bit, word;

	/* Down to table[1]; table[0] is 0. */
	for (i = 0; !table[1]; i++) {
		word = 255 - i;
		for (bit = 0; bit < 8; bit++)
			word = word >> 1 ^ (word & 1 ? 0x82f63b78U : 0);
		table[255 - i] = word;
	}
	while (len--)
		crc = crc >> 8 ^ table[(crc ^ *at++) & 255];
	return crc;
}

const char *adc_item_check(const void *data, __u32 len, __u64 seq)
{
	const unsigned char *at = (const unsigned char *)data + 24;
	struct pcring_adc_item head;
	__u32 crc, i, word;

	_Static_assert(sizeof(head) == 24, "samples begin behind the head");
	if (len < sizeof(head))
		return "shorter than its head";
	memcpy(&head, data, sizeof(head));
	if (head.seq != seq)
		return "seq";
	if (head.len != len)
		return "len";
	if (!head.time || head.time > now_ns())
		return "time";
	word = head.crc;
	head.crc = 0;
	crc = crc32c(~0U, &head, sizeof(head));
	crc = ~crc32c(crc, at, len - sizeof(head));
	if (crc != word)
		return "crc";
	for (i = 0; i < (len - sizeof(head)) / 4; i++) {
		memcpy(&word, at + (size_t)i * 4, 4);
		if (word != (__u32)(seq * 0x9e3779b9U + i))
			return "samples";
	}
	return NULL;
}

/* ---- time and machine ------------------------------------------------------- */

__u64 now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (__u64)ts.tv_sec * SEC + (__u64)ts.tv_nsec;
}

void sleep_ns(__u64 ns)
{
	struct timespec ts = { (time_t)(ns / SEC), (long)(ns % SEC) };

	while (nanosleep(&ts, &ts) && errno == EINTR)
		;
}

__u32 slow(void)
{
	const char *text = getenv("PCRING_SLOW");
	int factor = text ? atoi(text) : 1;

	return factor < 1 ? 1 : (__u32)factor;
}

__u64 scaled(__u64 rounds)
{
	return rounds / slow() ? rounds / slow() : 1;
}

/* The harness ends a test after 30 s. */
__u64 patience(void)
{
	__u64 ns = PATIENCE * slow();

	return ns < 25 * SEC ? ns : 25 * SEC;
}

int file_read(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (fd < 0)
		return -errno;
	got = read(fd, buf, size - 1);
	close(fd);
	if (got < 0)
		return -errno;
	buf[got] = 0;
	buf[strcspn(buf, "\n")] = 0;
	return 0;
}

int file_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t put;
	int err;

	if (fd < 0)
		return -errno;
	put = write(fd, text, strlen(text));
	err = put < 0 ? -errno : 0;
	close(fd);
	return err;
}

static void param_path(const char *name, char path[128])
{
	snprintf(path, 128, "/sys/module/pcring/parameters/%s", name);
}

long long param_get(const char *name)
{
	char path[128], text[64];

	param_path(name, path);
	return file_read(path, text, sizeof(text)) ? -1 : atoll(text);
}

int param_set(const char *name, unsigned long long value)
{
	char path[128], text[64];

	param_path(name, path);
	snprintf(text, sizeof(text), "%llu\n", value);
	return file_write(path, text);
}

int child_wait(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
