// SPDX-License-Identifier: GPL-2.0-only
/* What may be called when, and what REFUSAL says. */
#include <sys/eventfd.h>
#include "module.h"
#include "kselftest_harness.h"

FIXTURE(ctx)
{
	struct rig rig;
};

FIXTURE_SETUP(ctx)
{
	ASSERT_EQ(0, rig_open(&self->rig, LOOP));
	rig_ring(&self->rig, PCRING_KIND_SQ, 8);
	rig_ring(&self->rig, PCRING_KIND_CQ, 8);
}

FIXTURE_TEARDOWN(ctx)
{
	rig_close(&self->rig);
}

static int eventfd_set(struct rig *rig, __u32 ring, int fd, __u32 flags)
{
	struct pcring_eventfd req = {
		.size = sizeof(req),
		.flags = flags,
		.ring = ring,
		.fd = fd,
	};

	return call(rig->fd, PCRING_IOC_EVENTFD, &req);
}

TEST_F(ctx, refusal_is_empty_at_first)
{
	struct pcring_refusal why = { .size = sizeof(why), .error = 5 };

	ASSERT_EQ(0, call(self->rig.fd, PCRING_IOC_REFUSAL, &why));
	EXPECT_EQ(0, why.error);
	EXPECT_STREQ("", why.text);
}

TEST_F(ctx, refusal_is_the_last_one_and_stays)
{
	struct pcring_info info = { .size = sizeof(info) };

	self->rig.rings[0].kind = 99;
	EXPECT_REFUSED(EINVAL, "kind", "99", self->rig.fd,
		       rig_call_setup(&self->rig));
	EXPECT_EQ(0, call(self->rig.fd, PCRING_IOC_INFO, &info));
	EXPECT_TRUE(refused(self->rig.fd, -EINVAL, "kind", "99"));
	self->rig.rings[0].kind = PCRING_KIND_SQ;
	self->rig.rings[1].policy = 77;
	EXPECT_REFUSED(EINVAL, "policy", "77", self->rig.fd,
		       rig_call_setup(&self->rig));
}

TEST_F(ctx, refusal_is_of_this_file_alone)
{
	struct rig other;

	ASSERT_EQ(0, rig_open(&other, LOOP));
	self->rig.rings[0].kind = 99;
	EXPECT_EQ(-EINVAL, rig_call_setup(&self->rig));
	EXPECT_TRUE(refused(other.fd, 0, "", NULL));
	rig_close(&other);
}

TEST_F(ctx, enter_before_setup_is_refused)
{
	EXPECT_REFUSED(EINVAL, "SETUP", NULL, self->rig.fd,
		       rig_enter(&self->rig, 0, 0, 0, 0, 0));
	EXPECT_REFUSED(
		EINVAL, "SETUP", NULL, self->rig.fd,
		rig_enter(&self->rig, PCRING_ENTER_WAIT, 0, 0, 1, FOREVER));
}

TEST_F(ctx, put_before_setup_is_refused)
{
	struct pcring_free entry = { 0, 0 };

	ASSERT_EQ(0, rig_pool(&self->rig, PCRING_POOL_USER, PAGE, 2));
	EXPECT_REFUSED(EINVAL, "SETUP", NULL, self->rig.fd,
		       rig_put(&self->rig, &entry, 1, NULL));
}

TEST_F(ctx, drain_before_setup_is_refused)
{
	struct pcring_drain drain;

	EXPECT_REFUSED(EINVAL, "SETUP", NULL, self->rig.fd,
		       rig_drain(&self->rig, 0, &drain));
}

TEST_F(ctx, eventfd_before_setup_is_refused)
{
	int fd = eventfd(0, EFD_CLOEXEC);

	EXPECT_REFUSED(EINVAL, "SETUP", NULL, self->rig.fd,
		       eventfd_set(&self->rig, 0, fd, 0));
	close(fd);
}

TEST_F(ctx, stats_of_a_ring_before_setup_is_refused)
{
	struct pcring_stats stats;

	EXPECT_REFUSED(EINVAL, "ring", "0", self->rig.fd,
		       rig_stats(&self->rig, 0, &stats));
}

TEST_F(ctx, mmap_before_setup_is_refused)
{
	__u64 offset;

	for (offset = 0; offset < 16 * PAGE; offset += PAGE)
		EXPECT_EQ(MAP_FAILED, mmap(NULL, PAGE, PROT_READ, MAP_SHARED,
					   self->rig.fd, (off_t)offset));
	EXPECT_EQ(EINVAL, errno);
}

/* No ring is ever replaced under its reader. */
TEST_F(ctx, pitfall_02_a_second_setup_is_refused)
{
	struct pcring_sqe sqe = sqe_of(PCRING_LOOP_NOP, 3);
	struct rig again = self->rig;
	struct pcring_cqe cqe;

	ASSERT_EQ(0, rig_setup(&self->rig));
	EXPECT_REFUSED(EBUSY, "has its rings", NULL, self->rig.fd,
		       rig_call_setup(&again));
	/* And the first is none the worse. */
	EXPECT_EQ(0, rig_ask(&self->rig, &sqe, &cqe));
	EXPECT_EQ(3, cqe.user_data);
}

TEST_F(ctx, setup_may_be_tried_until_it_succeeds)
{
	struct pcring_sqe sqe = sqe_of(PCRING_LOOP_NOP, 4);
	struct pcring_cqe cqe;
	int i;

	for (i = 0; i < 20; i++) {
		self->rig.rings[1].entry_size = 5;
		EXPECT_EQ(-EINVAL, rig_call_setup(&self->rig));
	}
	self->rig.rings[1].entry_size = 0;
	ASSERT_EQ(0, rig_setup(&self->rig));
	EXPECT_EQ(0, rig_ask(&self->rig, &sqe, &cqe));
}

TEST_F(ctx, configure_where_there_is_nothing_to_configure_is_refused)
{
	__u64 payload = 0;
	int err = configure(self->rig.fd, &payload, sizeof(payload));

	EXPECT_TRUE(err == -EOPNOTSUPP || err == -EINVAL)
	TH_LOG("%d", err);
	EXPECT_TRUE(refused(self->rig.fd, err, "", NULL));
}

struct racer {
	struct rig *rig;
	pthread_barrier_t *barrier;
	int err;
};

static void *race_setup(void *arg)
{
	struct racer *racer = arg;
	struct rig rig = *racer->rig;

	pthread_barrier_wait(racer->barrier);
	racer->err = rig_call_setup(&rig);
	return NULL;
}

static bool one_of_two_wins(struct rig *rig)
{
	pthread_barrier_t barrier;
	struct racer racers[2] = { { rig, &barrier, 0 }, { rig, &barrier, 0 } };
	pthread_t threads[2];
	int i;

	pthread_barrier_init(&barrier, NULL, 2);
	for (i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, race_setup, &racers[i]);
	for (i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_destroy(&barrier);
	return (racers[0].err == 0 && racers[1].err == -EBUSY) ||
	       (racers[1].err == 0 && racers[0].err == -EBUSY);
}

TEST_F(ctx, pitfall_19_of_two_setups_at_once_one_wins)
{
	__u64 rounds = scaled(200), i;

	for (i = 0; i < rounds; i++) {
		struct rig rig;

		ASSERT_EQ(0, rig_open(&rig, LOOP));
		rig_ring(&rig, PCRING_KIND_SQ, 8);
		rig_ring(&rig, PCRING_KIND_CQ, 8);
		ASSERT_TRUE(one_of_two_wins(&rig));
		rig_close(&rig);
	}
}

/* ---- CONFIGURE -------------------------------------------------------------- */

FIXTURE(configured)
{
	struct rig rig;
	struct pcring_adc_config config;
};

FIXTURE_SETUP(configured)
{
	ASSERT_EQ(0, rig_open(&self->rig, ADC));
	rig_ring(&self->rig, PCRING_KIND_REC_OUT, 1 << 16);
	self->config = (struct pcring_adc_config){ .rate_hz = 100 };
}

FIXTURE_TEARDOWN(configured)
{
	rig_close(&self->rig);
}

TEST_F(configured, as_often_as_liked_before_setup_and_not_after)
{
	int i;

	for (i = 0; i < 5; i++)
		EXPECT_EQ(0, configure(self->rig.fd, &self->config,
				       sizeof(self->config)));
	ASSERT_EQ(0, rig_setup(&self->rig));
	EXPECT_REFUSED(
		EBUSY, "SETUP", NULL, self->rig.fd,
		configure(self->rig.fd, &self->config, sizeof(self->config)));
}

TEST_F(configured, a_bad_request_is_refused)
{
	struct pcring_configure req = {
		.size = sizeof(req),
		.payload_size = sizeof(self->config),
		.payload = (__u64)(unsigned long)&self->config,
	};
	const struct pcring_configure good = req;

	req.flags = 4;
	EXPECT_REFUSED(EINVAL, "flags", "4", self->rig.fd,
		       call(self->rig.fd, PCRING_IOC_CONFIGURE, &req));
	req = good;
	req.reserved = 1;
	EXPECT_REFUSED(EINVAL, "reserved", NULL, self->rig.fd,
		       call(self->rig.fd, PCRING_IOC_CONFIGURE, &req));
	req = good;
	req.payload_size = 0;
	EXPECT_REFUSED(EINVAL, "payload_size", "0", self->rig.fd,
		       call(self->rig.fd, PCRING_IOC_CONFIGURE, &req));
	req.payload_size = 65537;
	EXPECT_REFUSED(EINVAL, "payload_size", "65537", self->rig.fd,
		       call(self->rig.fd, PCRING_IOC_CONFIGURE, &req));
	req = good;
	req.payload = 8;
	EXPECT_EQ(-EFAULT, call(self->rig.fd, PCRING_IOC_CONFIGURE, &req));
	req = good;
	req.size = sizeof(req) - 8;
	EXPECT_REFUSED(EINVAL, "size", NULL, self->rig.fd,
		       call(self->rig.fd, PCRING_IOC_CONFIGURE, &req));
}

TEST_F(configured, a_longer_payload_is_taken_if_its_tail_is_zero)
{
	unsigned char payload[sizeof(self->config) + 16] = { 0 };

	memcpy(payload, &self->config, sizeof(self->config));
	EXPECT_EQ(0, configure(self->rig.fd, payload, sizeof(payload)));
	payload[sizeof(payload) - 1] = 1;
	EXPECT_REFUSED(E2BIG, "payload", NULL, self->rig.fd,
		       configure(self->rig.fd, payload, sizeof(payload)));
	/* A shorter one is extended with zeroes. */
	EXPECT_EQ(0, configure(self->rig.fd, payload, 8));
}

TEST_F(configured, what_the_driver_refuses_is_told)
{
	const struct pcring_adc_config good = self->config;
	struct pcring_adc_config bad = good;

	bad.rate_hz = 1000001;
	EXPECT_REFUSED(EINVAL, "rate_hz", "1000001", self->rig.fd,
		       configure(self->rig.fd, &bad, sizeof(bad)));
	bad = good;
	bad.context = 9;
	EXPECT_REFUSED(EINVAL, "context", "9", self->rig.fd,
		       configure(self->rig.fd, &bad, sizeof(bad)));
	bad = good;
	bad.burst = 1025;
	EXPECT_REFUSED(EINVAL, "burst", "1025", self->rig.fd,
		       configure(self->rig.fd, &bad, sizeof(bad)));
	bad = good;
	bad.item_size = 8;
	EXPECT_REFUSED(EINVAL, "item_size", "8", self->rig.fd,
		       configure(self->rig.fd, &bad, sizeof(bad)));
	bad = good;
	bad.reserved[3] = 5;
	EXPECT_REFUSED(EINVAL, "reserved", NULL, self->rig.fd,
		       configure(self->rig.fd, &bad, sizeof(bad)));
	bad = good;
	bad.rate_hz = 0;
	bad.context = PCRING_ADC_HRTIMER;
	EXPECT_REFUSED(EINVAL, "rate_hz", "0", self->rig.fd,
		       configure(self->rig.fd, &bad, sizeof(bad)));
	/* And none of them stuck. */
	ASSERT_EQ(0, rig_setup(&self->rig));
}

TEST_F(configured, an_item_larger_than_a_quarter_of_the_ring_is_refused)
{
	int err;

	self->config.item_size = (1 << 14) + 8;
	err = configure(self->rig.fd, &self->config, sizeof(self->config));
	EXPECT_REFUSED(EINVAL, "item_size", "16392", self->rig.fd,
		       err ? err : rig_call_setup(&self->rig));
}

TEST_HARNESS_MAIN
