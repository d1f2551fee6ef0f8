// SPDX-License-Identifier: GPL-2.0
/*
 * An area in pieces: buffers of the dma-buf heap, small and large, allocated
 * and released in random order until about half of the area is held.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/dma-heap.h>

#include "bench.h"

#define HEAP_DIR "/dev/dma_heap"
#define MOST 512
#define STEPS 1500

static struct held {
	int fd;
	unsigned long pages;
} held[MOST];

static unsigned int buffers;
static unsigned long total;

static int heap_open(void)
{
	DIR *dir = opendir(HEAP_DIR);
	struct dirent *entry;
	char path[300];
	int fd = -1;

	while (dir && fd < 0 && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), HEAP_DIR "/%s", entry->d_name);
		fd = open(path, O_RDWR | O_CLOEXEC);
	}
	if (dir)
		closedir(dir);
	if (fd < 0)
		die("cannot open a heap in " HEAP_DIR ": %m");
	return fd;
}

static void take(int heap, unsigned long pages)
{
	struct dma_heap_allocation_data data = {
		.len = pages * page_size(), .fd_flags = O_RDWR | O_CLOEXEC,
	};

	if (ioctl(heap, DMA_HEAP_IOCTL_ALLOC, &data))
		return;
	held[buffers].fd = data.fd;
	held[buffers++].pages = pages;
	total += pages;
}

static void give(unsigned int i)
{
	close(held[i].fd);
	total -= held[i].pages;
	held[i] = held[--buffers];
}

static unsigned long random_pages(void)
{
	unsigned long most = 1UL << bench_random() % 11;

	return 1 + bench_random() % most;
}

/* More requests than releases at first, as many of both when half is held. */
void bench_fragment(const struct area *a)
{
	unsigned int i;
	int heap = heap_open();

	buffers = 0;
	total = 0;
	for (i = 0; i < STEPS; i++) {
		if (buffers < MOST && bench_random() % a->count > total)
			take(heap, random_pages());
		else if (buffers)
			give(bench_random() % buffers);
	}
	close(heap);
}

void bench_defragment(void)
{
	while (buffers)
		give(buffers - 1);
}
