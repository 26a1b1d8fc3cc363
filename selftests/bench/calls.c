// SPDX-License-Identifier: GPL-2.0-only
/*
 * System calls of a thread, counted by the kernel: a histogram of
 * raw_syscalls:sys_enter in an instance of tracefs of our own.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "nop.h"

#define INSTANCE "/sys/kernel/tracing/instances/pcring-bench"
#define EVENT INSTANCE "/events/raw_syscalls/sys_enter/"

static int trigger(const char *sign)
{
	char text[80];
	int fd, n, err = 0;

	n = snprintf(text, sizeof(text),
		     "%shist:keys=common_pid if common_pid == %ld", sign,
		     syscall(SYS_gettid));
	fd = open(EVENT "trigger", O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, text, (size_t)n) != n)
		err = -errno;
	close(fd);
	return err;
}

int calls_open(void)
{
	return mkdir(INSTANCE, 0700) && errno != EEXIST ? -errno : 0;
}

void calls_close(void)
{
	rmdir(INSTANCE);
}

int calls_begin(void)
{
	return trigger("");
}

/* The file says "Hits: N" once, at its end. */
static __u64 hits(void)
{
	static char text[65536];
	const char *at;
	ssize_t n;
	int fd;

	fd = open(EVENT "hist", O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n < 0 ? 0 : n] = 0;
	at = strstr(text, "Hits:");
	return at ? strtoull(at + 5, NULL, 10) : 0;
}

/* The trigger's close() and this function's own are among them. */
__u64 calls_end(void)
{
	const __u64 own = 3; /* close(), open(), read() */
	__u64 all = hits();

	trigger("!");
	return all - own;
}
