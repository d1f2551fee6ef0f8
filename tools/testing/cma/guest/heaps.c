// SPDX-License-Identifier: GPL-2.0
/*
 * cma_test=heaps: the heaps of contiguous memory, and who may use them once udev
 * has applied its rules.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/dma-heap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

#define HEAP_DIR "/dev/dma_heap"
#define BUFFER (4 * MIB)
#define USER 1000
/* Of /etc/group, see cmatest/guest.py. */
#define GROUP_VIDEO 44
#define GROUP_NONE 1000

static int call(const char *command)
{
	int status = system(command);

	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int start_udev(void)
{
	int err;

	mkdir("/run", 0755);
	err = call("/lib/systemd/systemd-udevd --daemon 2>/tmp/udevd");

	err = err ?: call("/bin/udevadm trigger --action=add --subsystem-match=dma_heap");
	return err ?: call("/bin/udevadm settle --timeout=30");
}

/* 0 when a buffer came that is zero, and can be written and freed. */
static int use_heap(const char *path)
{
	struct dma_heap_allocation_data data = {
		.len = BUFFER, .fd_flags = O_RDWR | O_CLOEXEC,
	};
	int heap = open(path, O_RDONLY | O_CLOEXEC);
	unsigned char *bytes;
	size_t i;

	if (heap < 0)
		return -errno;
	if (ioctl(heap, DMA_HEAP_IOCTL_ALLOC, &data))
		return -errno;
	bytes = mmap(NULL, BUFFER, PROT_READ | PROT_WRITE, MAP_SHARED, data.fd, 0);
	if (bytes == MAP_FAILED)
		return -errno;
	for (i = 0; i < BUFFER; i++)
		if (bytes[i])
			return -EILSEQ;
	memset(bytes, 0x5a, BUFFER);
	munmap(bytes, BUFFER);
	close(data.fd);
	close(heap);
	return 0;
}

static int use_heap_as(gid_t group, const char *path)
{
	pid_t child = fork();
	int status;

	if (!child) {
		if (setgroups(0, NULL) || setgid(group) || setuid(USER))
			_exit(EXDEV);
		_exit(-use_heap(path));
	}
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void heap_facts(const char *name)
{
	char path[512], key[512];
	struct stat stat_of;

	snprintf(path, sizeof(path), HEAP_DIR "/%s", name);
	if (stat(path, &stat_of))
		die("%s: %m", path);
	snprintf(key, sizeof(key), "heap.%s", name);
	fact(key, "mode=%o group=%u root=%d video=%d others=%d",
	     stat_of.st_mode & 0777, stat_of.st_gid, -use_heap(path),
	     use_heap_as(GROUP_VIDEO, path), use_heap_as(GROUP_NONE, path));
}

void run_heaps(void)
{
	DIR *dir = opendir(HEAP_DIR);
	struct dirent *entry;

	if (!dir)
		die(HEAP_DIR ": %m");
	fact("udev", "%d", start_udev());
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			heap_facts(entry->d_name);
	closedir(dir);
}
