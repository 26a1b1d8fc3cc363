// SPDX-License-Identifier: GPL-2.0-only
/* read(2) and write(2), as dd, echo and a script use them. */
#include "module.h"
#include "kselftest_harness.h"

FIXTURE(rw)
{
	int fd;
};

FIXTURE_SETUP(rw)
{
	self->fd = dev_open(LOOP, O_RDWR);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(rw)
{
	close(self->fd);
}

static ssize_t put(int fd, const void *data, size_t len)
{
	ssize_t n = write(fd, data, len);

	return n < 0 ? -errno : n;
}

static ssize_t get(int fd, void *data, size_t len)
{
	ssize_t n = read(fd, data, len);

	return n < 0 ? -errno : n;
}

/* Until all of it is there. */
static ssize_t get_all(int fd, void *data, size_t len)
{
	size_t got = 0;
	ssize_t n = 1;

	while (got < len && n > 0) {
		n = get(fd, (char *)data + got, len - got);
		got += n > 0 ? (size_t)n : 0;
	}
	return n < 0 ? n : (ssize_t)got;
}

static void nonblock(int fd)
{
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

static short poll_fd(int fd, short events, int ms)
{
	struct pollfd p = { .fd = fd, .events = events };

	return poll(&p, 1, ms) < 0 ? -1 : p.revents;
}

TEST_F(rw, what_is_written_is_read)
{
	char back[6];

	ASSERT_EQ(6, put(self->fd, "hello\n", 6));
	ASSERT_EQ(6, get_all(self->fd, back, 6));
	EXPECT_EQ(0, memcmp(back, "hello\n", 6));
}

TEST_F(rw, a_read_too_short_gets_a_part_and_the_next_one_goes_on)
{
	char text[] = "one two three", back[sizeof(text)];
	size_t i;

	ASSERT_EQ((ssize_t)sizeof(text), put(self->fd, text, sizeof(text)));
	for (i = 0; i < sizeof(text); i++)
		ASSERT_EQ(1, get(self->fd, back + i, 1));
	EXPECT_STREQ(text, back);
	nonblock(self->fd);
	EXPECT_EQ(-EAGAIN, get(self->fd, back, 1));
}

TEST_F(rw, nothing_to_read_is_eagain_or_a_wait)
{
	struct itimerspec in = { .it_value.tv_nsec = 50 * MSEC };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
				  .sigev_signo = SIGALRM };
	struct sigaction act = { .sa_handler = SIG_DFL };
	timer_t timer;
	pid_t pid;
	char byte;

	nonblock(self->fd);
	EXPECT_EQ(-EAGAIN, get(self->fd, &byte, 1));
	EXPECT_EQ(0, get(self->fd, &byte, 0));
	fcntl(self->fd, F_SETFL, O_RDWR);
	/* Waiting, it can be killed. */
	pid = fork();
	if (!pid) {
		sigaction(SIGALRM, &act, NULL);
		timer_create(CLOCK_MONOTONIC, &event, &timer);
		timer_settime(timer, 0, &in, NULL);
		get(self->fd, &byte, 1);
		_exit(0);
	}
	EXPECT_EQ(128 + SIGALRM, child_wait(pid));
}

TEST_F(rw, written_by_nobody_it_takes_what_the_rings_hold)
{
	char data[1000];
	ssize_t n, sent = 0, got = 0;
	int i;

	nonblock(self->fd);
	memset(data, 'x', sizeof(data));
	for (i = 0; i < 100000; i++) {
		n = put(self->fd, data, sizeof(data));
		if (n == -EAGAIN) {
			/* The worker may yet move some to the other ring. */
			if (!(poll_fd(self->fd, POLLOUT, 50) & POLLOUT))
				break;
			continue;
		}
		ASSERT_LT(0, n);
		sent += n;
	}
	EXPECT_EQ(-EAGAIN, n);
	EXPECT_LT(0, sent);
	fcntl(self->fd, F_SETFL, O_RDWR);
	while (got < sent) {
		n = get(self->fd, data, sizeof(data));
		ASSERT_LT(0, n);
		got += n;
	}
	EXPECT_EQ(sent, got);
}

struct copier {
	int fd;
	size_t len;
	unsigned char *data;
	ssize_t err;
};

static void *copier_write(void *arg)
{
	struct copier *c = arg;
	unsigned int seed = 2;
	size_t at = 0;

	while (at < c->len) {
		size_t n = 1 + (size_t)rand_r(&seed) % 3000;

		if (n > c->len - at)
			n = c->len - at;
		c->err = put(c->fd, c->data + at, n);
		if (c->err <= 0)
			break;
		at += (size_t)c->err;
	}
	return NULL;
}

TEST_F(rw, a_long_stream_comes_back_byte_by_byte)
{
	size_t len = scaled(1 << 20) + 4096, i;
	struct copier c = { self->fd, len, malloc(len), 1 };
	unsigned char *back = malloc(len);
	pthread_t thread;

	for (i = 0; i < len; i++)
		c.data[i] = (unsigned char)(i * 7 + i / 251);
	pthread_create(&thread, NULL, copier_write, &c);
	EXPECT_EQ((ssize_t)len, get_all(self->fd, back, len));
	pthread_join(thread, NULL);
	EXPECT_LT(0, c.err);
	EXPECT_EQ(0, memcmp(c.data, back, len));
	free(c.data);
	free(back);
}

TEST_F(rw, one_write_larger_than_the_ring_is_taken_or_refused_whole)
{
	size_t len = 8 << 20;
	char *data = calloc(1, len);
	ssize_t n;

	nonblock(self->fd);
	n = put(self->fd, data, len);
	EXPECT_TRUE(n == -EMSGSIZE || n == -EAGAIN || n > 0)
	TH_LOG("%zd", n);
	free(data);
}

TEST_F(rw, a_bad_address_is_efault)
{
	void *none =
		mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char back[3];

	EXPECT_EQ(-EFAULT, put(self->fd, none, 3));
	ASSERT_EQ(3, put(self->fd, "abc", 3));
	EXPECT_EQ(POLLIN, poll_fd(self->fd, POLLIN, 10000));
	EXPECT_EQ(-EFAULT, get(self->fd, none, 3));
	/* What could not be handed over is not lost. */
	ASSERT_EQ(3, get_all(self->fd, back, 3));
	EXPECT_EQ(0, memcmp(back, "abc", 3));
}

TEST_F(rw, poll_tells_when)
{
	char byte;

	ASSERT_EQ(1, put(self->fd, "x", 1));
	EXPECT_EQ(POLLIN, poll_fd(self->fd, POLLIN, 10000));
	EXPECT_EQ(POLLOUT, poll_fd(self->fd, POLLOUT, 0));
	EXPECT_EQ(1, get(self->fd, &byte, 1));
	EXPECT_EQ(0, poll_fd(self->fd, POLLIN, 20));
}

TEST_F(rw, after_read_or_write_the_rings_are_the_kernels)
{
	struct pcring_eventfd event = { .size = sizeof(event), .fd = -1 };
	struct pcring_stats stats;
	struct pcring_free entry = { 0, 0 };
	struct rig rig;

	ASSERT_EQ(1, put(self->fd, "x", 1));
	rig.fd = self->fd;
	rig.pool.fd = -1;
	rig.setup = (struct pcring_setup){ .size = sizeof(rig.setup),
					   .ring_size = sizeof(rig.rings[0]) };
	rig.nr = 0;
	rig_ring(&rig, PCRING_KIND_SQ, 8);
	rig_ring(&rig, PCRING_KIND_CQ, 8);
	EXPECT_REFUSED(EBUSY, "has its rings", NULL, self->fd,
		       rig_call_setup(&rig));
	EXPECT_EQ(-EBUSY, rig_enter(&rig, 0, 0, 0, 0, 0));
	EXPECT_EQ(-EBUSY, rig_put(&rig, &entry, 1, NULL));
	EXPECT_EQ(-EBUSY, call(self->fd, PCRING_IOC_EVENTFD, &event));
	EXPECT_EQ(MAP_FAILED,
		  mmap(NULL, PAGE, PROT_READ, MAP_SHARED, self->fd, 0));
	EXPECT_EQ(EBUSY, errno);
	EXPECT_EQ(0, rig_stats(&rig, 0, &stats));
	EXPECT_TRUE(stats_balance(&stats));
}

TEST_F(rw, after_setup_they_are_the_programs)
{
	struct rig rig;
	char byte = 1;

	ASSERT_EQ(0, rig_loop(&rig, 8, 8));
	EXPECT_EQ(-EBUSY, get(rig.fd, &byte, 1));
	EXPECT_EQ(-EBUSY, put(rig.fd, &byte, 1));
	rig_close(&rig);
}

/* dd conv=fsync: it is no end. */
TEST_F(rw, fsync_waits_and_leaves_it_live)
{
	char data[4096], back[4096];
	int i;

	for (i = 0; i < 20; i++) {
		memset(data, i, sizeof(data));
		ASSERT_EQ(4096, put(self->fd, data, sizeof(data)));
		EXPECT_EQ(0, fsync(self->fd));
		ASSERT_EQ(4096, get_all(self->fd, back, sizeof(back)));
		EXPECT_EQ(0, memcmp(data, back, sizeof(back)));
	}
}

TEST_F(rw, it_cannot_be_seeked)
{
	char byte;

	EXPECT_EQ(-1, lseek(self->fd, 0, SEEK_SET));
	EXPECT_EQ(ESPIPE, errno);
	EXPECT_EQ(-1, pread(self->fd, &byte, 1, 0));
	EXPECT_EQ(ESPIPE, errno);
}

TEST_F(rw, drained_it_is_read_to_its_end)
{
	struct pcring_drain drain;
	struct rig rig = { .fd = self->fd };
	char back[4];

	ASSERT_EQ(4, put(self->fd, "end\n", 4));
	EXPECT_EQ(0, fsync(self->fd));
	rig_drain(&rig, SEC, &drain);
	EXPECT_GT(0, put(self->fd, "x", 1));
	ASSERT_EQ(4, get_all(self->fd, back, 4));
	EXPECT_EQ(0, memcmp(back, "end\n", 4));
	EXPECT_GE(0, get(self->fd, back, 1));
}

/* dd if=/dev/pcring/adc0: items, one behind the other. */
TEST(the_converter_can_be_read)
{
	unsigned char *data = malloc(1 << 20);
	struct pcring_adc_item item;
	int fd = dev_open(ADC, O_RDONLY);
	__u64 seq;

	ASSERT_LE(0, fd);
	for (seq = 0; seq < 50; seq++) {
		ASSERT_EQ((ssize_t)sizeof(item),
			  get_all(fd, &item, sizeof(item)));
		ASSERT_LE(sizeof(item), item.len);
		ASSERT_GE(1 << 20, item.len);
		memcpy(data, &item, sizeof(item));
		ASSERT_EQ((ssize_t)(item.len - sizeof(item)),
			  get_all(fd, data + sizeof(item),
				  item.len - sizeof(item)));
		ASSERT_EQ(NULL, adc_item_check(data, item.len, seq))
		TH_LOG("item %llu", seq);
	}
	close(fd);
	free(data);
}

TEST(the_converter_is_configured_before_it_is_read)
{
	struct pcring_adc_config config = { .rate_hz = 0,
					    .count = 30,
					    .item_size = 100 };
	unsigned char data[100];
	int fd = dev_open(ADC, O_RDWR);
	__u64 seq;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, configure(fd, &config, sizeof(config)));
	for (seq = 0; seq < 30; seq++) {
		ASSERT_EQ(100, get_all(fd, data, 100));
		ASSERT_EQ(NULL, adc_item_check(data, 100, seq));
	}
	EXPECT_EQ(-EBUSY, configure(fd, &config, sizeof(config)));
	EXPECT_GT(0, put(fd, data, 1));
	close(fd);
}

TEST_HARNESS_MAIN
