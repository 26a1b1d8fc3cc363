// SPDX-License-Identifier: GPL-2.0-only
/*
 * A hostile process at work on a device that another one uses, too: the other one
 * loses nothing, and nothing is left behind.
 *
 * HOSTILE_SEED=n: what was done is done again, but for the order of the threads.
 * HOSTILE_MS=n: it takes that long; less than the half of a minute.
 */
#include "hostile.h"
#include "kselftest_harness.h"

FIXTURE(hostile)
{
	struct hostile *shared;
};

FIXTURE_VARIANT(hostile)
{
	const char *path;
	const char *name;
};

FIXTURE_VARIANT_ADD(hostile, loop){
	.path = LOOP,
	.name = "loop0",
};

/* One opener at a time: nobody else is there to be harmed. */
FIXTURE_VARIANT_ADD(hostile, adc){
	.path = ADC,
	.name = "adc0",
};

FIXTURE_SETUP(hostile)
{
	self->shared = mmap(NULL, sizeof(*self->shared), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)self->shared);
	self->shared->path = variant->path;
	self->shared->seed = chance_seed("HOSTILE_SEED");
	ASSERT_TRUE(device_rests(variant->name, patience()));
}

FIXTURE_TEARDOWN(hostile)
{
	munmap(self->shared, sizeof(*self->shared));
}

static __u64 run_ns(void)
{
	const char *text = getenv("HOSTILE_MS");

	return (text ? strtoull(text, NULL, 0) : 2000 * slow()) * MSEC;
}

static pid_t hostile_start(struct hostile *shared)
{
	pid_t pid;

	shared->until = now_ns() + run_ns();
	pid = fork();
	if (!pid)
		hostile_run(shared);
	return pid;
}

/* In a child: a program as it should be, until the time is over. */
static int behave(__u64 until)
{
	struct well well;
	const char *wrong = well_open(&well);

	while (!wrong && (now_ns() < until || !well.seq))
		wrong = well_round(&well);
	if (!wrong)
		wrong = well_close(&well);
	printf("# well-behaved: %llu records, %s\n", well.seq,
	       wrong ? wrong : "all is well");
	fflush(stdout);
	return wrong ? 1 : 0;
}

static void tell(const struct hostile *h)
{
	printf("# opened %llu set up %llu dead %llu calls %llu good %llu "
	       "stores %llu sent %llu got %llu faults %llu maps %llu\n",
	       h->opened, h->set_up, h->dead, h->calls, h->good, h->stores,
	       h->sent, h->got, h->faults, h->maps);
	fflush(stdout);
}

/* Modules that only their own devices and files would keep. */
static long refcount(const char *module)
{
	char path[128], text[32];

	snprintf(path, sizeof(path), "/sys/module/%s/refcnt", module);
	return file_read(path, text, sizeof(text)) ? -1 : atol(text);
}

TEST_F(hostile, nobody_else_is_harmed_and_nothing_is_left)
{
	struct books before, after, since;
	pid_t good = 0, bad;

	ASSERT_EQ(0, books_read(variant->path, &before));
	bad = hostile_start(self->shared);
	if (!strcmp(variant->path, LOOP)) {
		good = fork();
		if (!good)
			_exit(behave(now_ns() + run_ns()));
	}
	EXPECT_EQ(0, child_wait(bad));
	if (good)
		EXPECT_EQ(0, child_wait(good));
	tell(self->shared);
	/* Its forked children live for two seconds at most. */
	ASSERT_TRUE(device_rests(variant->name, patience() / 2));
	ASSERT_EQ(0, books_read(variant->path, &after));
	since = books_since(&before, &after);
	EXPECT_TRUE(books_balance(&since));
	EXPECT_EQ(NULL, loop_is_well());
	EXPECT_EQ(NULL, adc_is_well());
	ASSERT_TRUE(device_rests("loop0", patience() / 2));
	ASSERT_TRUE(device_rests("adc0", patience() / 2));
	EXPECT_EQ(0, refcount("pcring_loop"));
	EXPECT_EQ(0, refcount("pcring_adc"));
	/* It did try. */
	EXPECT_LT(0, self->shared->set_up);
	EXPECT_LT(20, self->shared->calls);
	EXPECT_LT(20, self->shared->stores);
}

/* How far it has read is what it says itself: here, into the middle of a record. */
static int claim(__u64 position)
{
	static const char zeroes[2000];
	struct rig rig;
	int err = rig_echo(&rig, 4096, 4096, PCRING_POLICY_BLOCK);

	if (!err)
		err = rig_write_all(&rig, 0, zeroes, sizeof(zeroes), 1);
	if (!err)
		err = rig_wait(&rig, 1, 1, patience());
	if (!err)
		pcring_store(&rig.ends[1].cons.own->counts.position, position);
	rig_close(&rig);
	return err;
}

TEST(a_false_position_spoils_no_books)
{
	static const __u64 positions[] = { 0,	 8,    16,   20,
					   1000, 2008, 2016, 1ULL << 40 };
	struct books before, after, since;
	size_t i;

	for (i = 0; i < sizeof(positions) / sizeof(*positions); i++) {
		ASSERT_EQ(0, books_read(LOOP, &before));
		ASSERT_EQ(0, claim(positions[i]));
		ASSERT_TRUE(device_rests("loop0", patience() / 2));
		ASSERT_EQ(0, books_read(LOOP, &after));
		since = books_since(&before, &after);
		EXPECT_TRUE(books_balance(&since))
		TH_LOG("position %llu", positions[i]);
		EXPECT_EQ(1, since.kind[PCRING_KIND_REC_OUT].accepted);
	}
}

TEST_HARNESS_MAIN
