// SPDX-License-Identifier: GPL-2.0
/*
 * A disk that is slow in the guest's own time: null_blk keeps what is written in
 * memory, and a timer of the guest completes each request. QEMU's limits for a
 * disk count the time of the host, of which the clock of a counted guest knows
 * nothing. How slow it is stands on the command line of the kernel, null_blk.*=
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "disk.h"

#define IMAGE "/dev/vdb"
#define DISK "/dev/nullb0"

/* All but the zeros: the disk is new, and as slow as it is. */
static void copy(int from, int to, char *chunk, const char *zeros)
{
	ssize_t got;
	off_t at;

	for (at = 0; (got = pread(from, chunk, MIB, at)) > 0; at += got)
		if (memcmp(chunk, zeros, got) &&
		    pwrite(to, chunk, got, at) != got)
			die("cannot write to " DISK ": %m");
	if (got < 0)
		die("cannot read " IMAGE ": %m");
}

/* Past the page cache, which the test wants to be that of its own files. */
static void copy_image(void)
{
	int from = open(IMAGE, O_RDONLY | O_DIRECT);
	int to = open(DISK, O_WRONLY | O_DIRECT);
	char *chunk = aligned_alloc(page_size(), MIB);
	char *zeros = calloc(1, MIB);

	if (from < 0 || to < 0 || !chunk || !zeros)
		die("no " IMAGE ", no " DISK ", or no memory: %m");
	copy(from, to, chunk, zeros);
	free(chunk);
	free(zeros);
	close(from);
	close(to);
}

/* A thread that writes zeros to the disk would only be in the way. */
void disk_mount(const char *options)
{
	char all[96];

	snprintf(all, sizeof(all), "noinit_itable%s%s", *options ? "," : "",
		 options);
	copy_image();
	mkdir(DISK_DIR, 0755);
	if (mount(DISK, DISK_DIR, "ext4", MS_NOATIME, all))
		die("cannot mount " DISK ": %m");
}

bool disk_unmount(void)
{
	return check(!umount(DISK_DIR), "cannot unmount " DISK ": %m");
}

/*
 * Memory of a program that leaves so much regular memory free. The area is held
 * meanwhile, so that none of it lies there, whenever a kernel lends.
 */
struct hog disk_ballast(const struct area *a, unsigned long long left_kb)
{
	unsigned long pages = a->count - area_attr(a, "used");
	unsigned long long regular_kb;
	struct hog hog = { 0 };

	if (area_put(a, "alloc", pages))
		die("the area is not free at the start");
	regular_kb = meminfo_kb("MemFree:") - cma_free_kb();
	if (regular_kb > left_kb)
		hog = hog_take((regular_kb - left_kb) * 1024, false);
	if (area_put(a, "free", pages))
		die("the area cannot be given back");
	return hog;
}

unsigned long disk_lent_pages(const struct area *a)
{
	unsigned char *owners = area_owners(a);
	struct range all = { 0, a->count };
	unsigned long lent = count_owner(owners, all, PAGE_LENT);

	free(owners);
	return lent;
}

static int by_value(const void *a, const void *b)
{
	double one = *(const double *)a, other = *(const double *)b;

	return (one > other) - (one < other);
}

/* How long requests took: failed ones, too, since somebody waited for them. */
void disk_tell_times(const char *key, double *ms, unsigned int n,
		     unsigned int failed)
{
	qsort(ms, n, sizeof(*ms), by_value);
	fact(key, "n=%u failed=%u p50=%.3f p95=%.3f p99=%.3f max=%.3f", n,
	     failed, ms[n / 2], ms[n * 95 / 100], ms[n * 99 / 100], ms[n - 1]);
}
