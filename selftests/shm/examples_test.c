// SPDX-License-Identifier: GPL-2.0-only
/*
 * The examples, as they are: two programs each, and what they say.
 */
#include <libgen.h>
#include "shm.h"

/* The folder this program was built into holds the library's examples. */
static const char *where(void)
{
	static char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 32);

	if (n < 0)
		abort();
	path[n] = 0;
	return strcat(dirname(path), "/lib/examples");
}

/* Start @server, give it time to listen, run @client; both on a name of ours. */
static int run(const char *server, const char *client, char *said, size_t size)
{
	char line[16384];
	size_t n;
	FILE *out;

	snprintf(line, sizeof(line),
		 "cd %s && N=@pcring-example-%d && said=$(mktemp) && "
		 "{ timeout 20 ./%s >$said & "
		 "for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.1; timeout 20 ./%s "
		 "2>/dev/null; s=$?; [ $s -eq 1 ] || break; done; "
		 "wait $! && { [ $s -eq 0 ] || [ $s -eq 137 ]; }; s=$?; cat "
		 "$said; rm $said; exit $s; } 2>&1",
		 where(), getpid(), server, client);
	out = popen(line, "r");
	n = fread(said, 1, size - 1, out);
	said[n] = 0;
	return pclose(out);
}

TEST(frames_newest_first_and_never_torn)
{
	char said[1000];

	ASSERT_EQ(0, run("frames_server $N 500", "frames_client $N", said,
			 sizeof(said)))
	TH_LOG("%s", said);
	EXPECT_NE(NULL, strstr(said, "torn 0"));
	EXPECT_NE(NULL, strstr(said, "offered 500"));
}

TEST(blocks_sent_and_answered)
{
	char said[1000];

	ASSERT_EQ(0, run("blocks_server $N", "blocks_client $N 5000", said,
			 sizeof(said)))
	TH_LOG("%s", said);
	EXPECT_NE(NULL, strstr(said, "5000 blocks answered"));
	EXPECT_NE(NULL, strstr(said, "the client is done"));
}

/* Lines in the file, and lines it says were lost. */
static unsigned int count_log(const char *path)
{
	unsigned int n = 0, lost;
	char line[200];
	FILE *file = fopen(path, "r");

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "-- %u", &lost) == 1)
			n += lost;
		else
			n++;
	if (file)
		fclose(file);
	unlink(path);
	return n;
}

TEST(a_log_of_every_line)
{
	char said[1000], server[100], path[64];

	snprintf(path, sizeof(path), "/tmp/pcring-log-%d", getpid());
	snprintf(server, sizeof(server), "log_server $N %s", path);
	ASSERT_EQ(0, run(server, "log_client $N 1000", said, sizeof(said)))
	TH_LOG("%s", said);
	EXPECT_NE(NULL, strstr(said, "closed"));
	EXPECT_EQ(1000, count_log(path));
}

TEST(a_log_of_every_line_its_writer_killed)
{
	char said[1000], server[100], path[64];

	snprintf(path, sizeof(path), "/tmp/pcring-log-%d", getpid());
	snprintf(server, sizeof(server), "log_server $N %s", path);
	ASSERT_EQ(0, run(server, "log_client $N 1000 kill", said, sizeof(said)))
	TH_LOG("%s", said);
	EXPECT_NE(NULL, strstr(said, "died"));
	EXPECT_EQ(1000, count_log(path));
}

TEST(two_threads)
{
	char line[5000];

	snprintf(line, sizeof(line), "timeout 20 %s/threads 100000 >/dev/null",
		 where());
	EXPECT_EQ(0, system(line));
}

TEST_HARNESS_MAIN
