// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench.h"
#include "map.h"

void *map_pages(size_t size)
{
	void *pages = mmap(NULL, size, PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (pages == MAP_FAILED)
		bench_die("%zu bytes: %s", size, strerror(errno));
	return pages;
}

void *map_twice(size_t size)
{
	const int prot = PROT_READ | PROT_WRITE;
	const int flags = MAP_SHARED | MAP_FIXED | MAP_POPULATE;
	int fd = memfd_create("pcring-bench", MFD_CLOEXEC);
	unsigned char *pages;

	if (fd < 0 || ftruncate(fd, (off_t)size))
		bench_die("memfd of %zu bytes: %s", size, strerror(errno));
	pages = mmap(NULL, 2 * size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		     0);
	if (pages == MAP_FAILED ||
	    mmap(pages, size, prot, flags, fd, 0) == MAP_FAILED ||
	    mmap(pages + size, size, prot, flags, fd, 0) == MAP_FAILED)
		bench_die("mapping %zu bytes twice: %s", size, strerror(errno));
	close(fd);
	return pages;
}

void unmap_pages(void *pages, size_t size)
{
	munmap(pages, size);
}
