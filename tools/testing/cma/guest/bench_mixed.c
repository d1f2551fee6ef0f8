// SPDX-License-Identifier: GPL-2.0
/*
 * Buffers of the dma-buf heap, small and large: allocated and released in random
 * order until about half of the area is held, which leaves it in pieces; or each
 * for a life of its own, as cameras and players do for days.
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

/* The load of test_placement.c. */
#define LIVES 220
#define LIFE_ORDER 12
#define LIFE_STEPS 20000

static struct held {
	int fd;
	unsigned long pages;
	unsigned int end;
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

static bool take(int heap, unsigned long pages)
{
	struct dma_heap_allocation_data data = {
		.len = pages * page_size(), .fd_flags = O_RDWR | O_CLOEXEC,
	};

	if (ioctl(heap, DMA_HEAP_IOCTL_ALLOC, &data))
		return false;
	held[buffers].fd = data.fd;
	held[buffers++].pages = pages;
	total += pages;
	return true;
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

/* From 80 KiB to 8.1 MiB, and how many of 100 requests are for that. */
static const struct {
	unsigned int pages;
	unsigned int share;
} kinds[] = {
	{ 20, 40 }, { 75, 25 }, { 333, 15 }, { 768, 10 }, { 1280, 6 },
	{ 2074, 4 },
};

static unsigned int kind_pages(void)
{
	unsigned int percent = bench_random() % 100;
	unsigned int i;

	for (i = 0; percent >= kinds[i].share; i++)
		percent -= kinds[i].share;
	return kinds[i].pages;
}

static unsigned int random_life(void)
{
	unsigned int order = 1 + bench_random() % (LIFE_ORDER - 1);

	return (1U << order) + bench_random() % (1U << order);
}

static void give_ended(unsigned int now)
{
	unsigned int i = 0;

	while (i < buffers) {
		if (held[i].end <= now)
			give(i);
		else
			i++;
	}
}

/* Requests fail only because the area is in pieces: no more is held than @percent. */
void bench_lives(unsigned int percent)
{
	struct area area = area_default();
	unsigned long asked = 0, failed = 0;
	unsigned int now, pages, life;
	int heap = heap_open();

	put("/proc/sys/kernel/printk", "1");
	for (now = 1; now <= LIFE_STEPS; now++) {
		give_ended(now);
		pages = kind_pages();
		life = random_life();
		if (bench_random() % LIVES < buffers ||
		    total + pages > area.count / 100 * percent)
			continue;
		asked++;
		if (take(heap, pages))
			held[buffers - 1].end = now + life;
		else
			failed++;
	}
	put("/proc/sys/kernel/printk", "7");
	close(heap);
	bench_defragment();
	fact("bench.extra.asked", "%lu", asked);
	fact("bench.extra.failed", "%lu", failed);
}
