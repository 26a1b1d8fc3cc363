// SPDX-License-Identifier: LGPL-2.1-only OR MIT
/*
 * libpcring: memory written by one side and read by the other.
 *
 * One memfd a writer. It maps what it will write, then seals: no shrinking (no
 * SIGBUS for the reader), no growing, no further writable mapping by anybody, no
 * further seal. The reader looks at the seals before it maps anything.
 */
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>
#include "pcring_impl.h"

#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif

#define PCRING_SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

size_t pcring_page(void)
{
	long page = sysconf(_SC_PAGESIZE);

	return page < (long)PCRING_CONTROL_SIZE ? PCRING_CONTROL_SIZE
						: (size_t)page;
}

size_t pcring_page_up(size_t len)
{
	size_t page = pcring_page();

	return (len + page - 1) & ~(page - 1);
}

/* Return: the fd, or what the kernel says. */
int pcring_shm_create(const char *name, size_t len)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int err;

	if (fd < 0)
		return pcring_fail(-errno, "memfd %s: %s", name,
				   strerror(errno));
	if (ftruncate(fd, (off_t)len)) {
		err = pcring_fail(-errno, "memfd %s: %zu bytes: %s", name, len,
				  strerror(errno));
		close(fd);
		return err;
	}
	return fd;
}

/* After this the mappings there are stay writable, and no other will be. */
int pcring_shm_seal(int fd, bool writer_only)
{
	int seals = PCRING_SEALS | (writer_only ? F_SEAL_FUTURE_WRITE : 0);

	if (fcntl(fd, F_ADD_SEALS, seals))
		return pcring_fail(-errno, "memfd: seals %#x: %s", seals,
				   strerror(errno));
	return 0;
}

/* Is this fd of the peer's what it must be? Nothing is mapped before. */
int pcring_shm_check(int fd, size_t len, bool writer_only)
{
	int want = PCRING_SEALS | (writer_only ? F_SEAL_FUTURE_WRITE : 0);
	struct statfs fs;
	struct stat st;
	int seals;

	seals = fcntl(fd, F_GET_SEALS);
	if (seals < 0)
		return pcring_fail(-EBADFD, "peer's fd: no memfd");
	if ((seals & want) != want || (seals & F_SEAL_WRITE))
		return pcring_fail(-EBADFD, "peer's memfd: seals %#x, not %#x",
				   seals, want);
	/* Huge pages may be missing when they are touched: SIGBUS. */
	if (fstatfs(fd, &fs) || fs.f_type != TMPFS_MAGIC)
		return pcring_fail(-EBADFD,
				   "peer's memfd: of another file system");
	if (fstat(fd, &st) || st.st_size != (off_t)len)
		return pcring_fail(-EBADFD, "peer's memfd: %lld bytes, not %zu",
				   (long long)st.st_size, len);
	return 0;
}

/*
 * Map @control + @data bytes at @off, and with @twice the data once more right
 * behind. All of it is faulted in here.
 */
int pcring_map_area(struct pcring_map *map, int fd, __u64 off, size_t control,
		    size_t data, bool twice, bool writable)
{
	int prot = writable ? PROT_READ | PROT_WRITE : PROT_READ;
	int flags = MAP_SHARED | MAP_FIXED | MAP_POPULATE;
	size_t len = control + data + (twice ? data : 0);
	unsigned char *base;
	int err;

	base = mmap(NULL, len, PROT_NONE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (base == MAP_FAILED)
		return pcring_fail(-errno, "mmap: %zu bytes: %s", len,
				   strerror(errno));
	if (mmap(base, control + data, prot, flags, fd, (off_t)off) ==
		    MAP_FAILED ||
	    (twice && mmap(base + control + data, data, prot, flags, fd,
			   (off_t)(off + control)) == MAP_FAILED)) {
		err = pcring_fail(-errno, "mmap: %zu bytes at %llu: %s", len,
				  (unsigned long long)off, strerror(errno));
		munmap(base, len);
		return err;
	}
	map->base = base;
	map->len = len;
	return 0;
}

void pcring_map_drop(struct pcring_map *map)
{
	if (map->base && map->len) /* else it is another's */
		munmap(map->base, map->len);
	map->base = NULL;
	map->len = 0;
}
