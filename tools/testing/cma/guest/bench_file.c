// SPDX-License-Identifier: GPL-2.0
/* The area is filled with page cache: clean, mapped by us, or dirty. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench.h"
#include "data.h"

#define FULL_KB 4096UL		/* more, and reclaim begins to take it away */
#define CHUNK 65536
#define SCRATCH "/scratch"
#define DIRTY_BYTES (448UL << 20)

static struct file {
	int fd;
	size_t bytes;		/* read or written so far */
	char *map;
} files[DATA_FILES];

static unsigned int used;
static char chunk[CHUNK];

static bool memory_full(void)
{
	return bench_free_kb() <= FULL_KB;
}

/* Until memory is full, but for a look at it each MiB. */
static void transfer(struct file *f, size_t most,
		     ssize_t (*move)(struct file *f))
{
	ssize_t got;

	while (f->bytes < most) {
		if (f->bytes % MIB == 0 && memory_full())
			return;
		got = move(f);
		if (got <= 0)
			die("the file ends after %zu bytes: %m", f->bytes);
		f->bytes += got;
	}
}

static ssize_t read_on(struct file *f)
{
	return read(f->fd, chunk, CHUNK);
}

static ssize_t write_on(struct file *f)
{
	return write(f->fd, chunk, CHUNK);
}

static void read_files(void)
{
	char path[32];

	for (used = 0; used < DATA_FILES && !memory_full(); used++) {
		struct file *f = &files[used];

		snprintf(path, sizeof(path), "/data/data%u", used);
		f->bytes = 0;
		f->fd = open(path, O_RDONLY);
		if (f->fd < 0)
			die("cannot open %s: %m", path);
		transfer(f, DATA_FILE_BYTES, read_on);
	}
}

/* MADV_RANDOM: neither reads ahead, nor makes pages active when unmapped. */
static void map(struct file *f)
{
	f->map = mmap(NULL, f->bytes, PROT_READ, MAP_SHARED, f->fd, 0);
	if (f->map == MAP_FAILED ||
	    madvise(f->map, f->bytes, MADV_RANDOM))
		die("cannot map %zu bytes of a file: %m", f->bytes);
}

static void unmap(struct file *f)
{
	if (f->map)
		munmap(f->map, f->bytes);
	f->map = NULL;
}

/* Reads a byte, and keeps the compiler from seeing that nobody wants it. */
static void touch(const char *addr)
{
	asm("" : : "r"(*addr) : "memory");
}

static void note_inside(const struct area *a, struct file *f)
{
	size_t at;

	map(f);
	for (at = 0; at < f->bytes; at += page_size())
		touch(f->map + at);
	bench_note_inside(a, (struct stretch){ f->map, f->bytes / page_size() });
}

/* Puts the pages of the file that are outside the area out of memory. */
static void forget_outside(struct file *f, const char *inside)
{
	size_t at, run, pages = f->bytes / page_size();

	for (at = 0; at < pages; at += run + 1) {
		for (run = 0; at + run < pages && !inside[at + run]; run++)
			;
		if (!run)
			continue;
		sync_file_range(f->fd, at * page_size(), run * page_size(),
				SYNC_FILE_RANGE_WRITE_AND_WAIT);
		posix_fadvise(f->fd, at * page_size(), run * page_size(),
			      POSIX_FADV_DONTNEED);
	}
}

/* A mapped page cannot be dropped, so where each page is must be known before. */
static void keep_inside(const struct area *a, struct file *f)
{
	static char inside[DIRTY_BYTES >> 12];
	unsigned long i, page;

	memset(inside, 0, sizeof(inside));
	note_inside(a, f);
	for (i = 0; i < a->count; i++) {
		if (bench_inside[i] < f->map ||
		    bench_inside[i] >= f->map + f->bytes)
			continue;
		page = (bench_inside[i] - f->map) / page_size();
		inside[page] = 1;
	}
	unmap(f);
	forget_outside(f, inside);
}

void bench_fill_cache(const struct area *a)
{
	unsigned int i;

	data_mount();
	bench_take_outside(a);
	read_files();
	for (i = 0; i < used; i++) {
		memset(bench_inside, 0, sizeof(bench_inside));
		keep_inside(a, &files[i]);
	}
	bench_drop_outside();
}

/* Maps what is in memory, page by page. */
void bench_map_cache(void)
{
	static unsigned char here[DATA_FILE_BYTES >> 12];
	struct file *f;
	size_t at;

	for (f = files; f < files + used; f++) {
		map(f);
		if (mincore(f->map, f->bytes, here))
			die("mincore: %m");
		for (at = 0; at < f->bytes; at += page_size())
			if (here[at / page_size()])
				touch(f->map + at);
	}
}

void bench_drop_cache(void)
{
	struct file *f;

	for (f = files; f < files + used; f++) {
		unmap(f);
		posix_fadvise(f->fd, 0, 0, POSIX_FADV_DONTNEED);
		close(f->fd);
	}
	put("/proc/sys/vm/drop_caches", "1");
}

static void keep_dirty(void)
{
	static const char * const off[] = {
		"dirty_writeback_centisecs", "dirty_background_bytes",
		"dirty_bytes", "dirty_expire_centisecs",
	};
	static const unsigned int value[] = { 0, 1 << 30, 1u << 31, 360000 };
	unsigned int i;
	char path[64];

	for (i = 0; i < ARRAY_SIZE(off); i++) {
		snprintf(path, sizeof(path), "/proc/sys/vm/%s", off[i]);
		put(path, "%u", value[i]);
	}
}

static void scratch_mount(void)
{
	mkdir(SCRATCH, 0755);
	if (mount("/dev/vdb", SCRATCH, "ext4", MS_NOATIME, "commit=30000"))
		die("cannot mount the scratch disk: %m");
}

/* ext4 on a disk: pages that have to be written, or moved as they are. */
void bench_fill_dirty(const struct area *a)
{
	keep_dirty();
	scratch_mount();
	used = 1;
	memset(chunk, 0x5a, sizeof(chunk));
	bench_take_outside(a);
	files[0].bytes = 0;
	files[0].fd = open(SCRATCH "/dirty", O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (files[0].fd < 0)
		die("cannot create a file on the scratch disk: %m");
	transfer(&files[0], DIRTY_BYTES, write_on);
	memset(bench_inside, 0, sizeof(bench_inside));
	keep_inside(a, &files[0]);
	bench_drop_outside();
}

void bench_drop_dirty(void)
{
	if (ftruncate(files[0].fd, 0))
		die("cannot empty the scratch file: %m");
	close(files[0].fd);
	if (umount(SCRATCH))
		die("cannot unmount the scratch disk: %m");
}
