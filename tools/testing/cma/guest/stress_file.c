// SPDX-License-Identifier: GPL-2.0
/* Files that are written, cut and read, with the cache and past it. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "data.h"
#include "stress.h"

#define FILE_BYTES (4 * MIB)
#define DIRECT_BYTES MIB

/* From the end of @bytes on there are zeros, also in a page that begins before. */
static bool cut_is(const struct span *file, unsigned long bytes)
{
	unsigned long page = bytes / page_size(), at, wrong = 0;
	unsigned char *tail = span_page(file, page);
	unsigned long whole;

	for (whole = 0; whole < page; whole++)
		wrong += !span_page_is(file, whole, file->seed);
	for (at = bytes % page_size(); at < page_size(); at++)
		wrong += !!tail[at];
	for (page++; page < file->pages; page++)
		wrong += !span_page_is_zero(file, page);
	return !wrong;
}

static const char *cut_file(const char *path, unsigned long n)
{
	struct span file = { .pages = FILE_BYTES / page_size() };
	unsigned long cut = stress_random(FILE_BYTES - page_size());
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	bool good = false;

	if (fd < 0 || ftruncate(fd, FILE_BYTES))
		return "cannot make a file";
	file.addr = mmap(NULL, FILE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED,
			 fd, 0);
	if (file.addr != MAP_FAILED) {
		span_fill(&file, n);
		usleep(5000);
		good = span_good(&file) && !ftruncate(fd, cut) &&
		       !ftruncate(fd, FILE_BYTES) && cut_is(&file, cut);
		span_unmap(&file);
	}
	close(fd);
	unlink(path);
	return good ? NULL : "a file that was cut has other contents";
}

const char *stress_truncate(unsigned long n)
{
	return cut_file("/tmp/stress", n);
}

const char *stress_journal(unsigned long n)
{
	if (access(SCRATCH "/lost+found", F_OK))
		return ABSENT;
	return cut_file(SCRATCH "/cut", n);
}

/* Into memory that may lie in the area. */
const char *stress_direct_read(unsigned long n)
{
	unsigned int file = n % DATA_FILES;
	unsigned long first = stress_random(DATA_FILE_BYTES / DIRECT_BYTES) *
			      DIRECT_BYTES, i, wrong = 0;
	struct span s = span_map(DIRECT_BYTES);
	const uint64_t *words = (const uint64_t *)s.addr;
	char path[32];
	bool whole;
	int fd;

	snprintf(path, sizeof(path), "/data/data%u", file);
	fd = open(path, O_RDONLY | O_DIRECT);
	whole = fd >= 0 &&
		pread(fd, s.addr, DIRECT_BYTES, first) == DIRECT_BYTES;
	for (i = 0; i < DIRECT_BYTES / sizeof(*words); i++)
		wrong += words[i] != data_word(file, first / sizeof(*words) + i);
	if (fd >= 0)
		close(fd);
	span_unmap(&s);
	return whole && !wrong ? NULL : "what is read past the cache is wrong";
}

const char *stress_direct_write(unsigned long n)
{
	const char *path = SCRATCH "/direct";
	struct span out, in;
	bool good;
	int fd;

	if (access(SCRATCH "/lost+found", F_OK))
		return ABSENT;
	fd = open(path, O_RDWR | O_CREAT | O_DIRECT, 0600);
	if (fd < 0)
		return "cannot make a file for direct access";
	out = span_map(DIRECT_BYTES);
	in = span_map(DIRECT_BYTES);
	span_fill(&out, n);
	in.seed = n;
	good = pwrite(fd, out.addr, DIRECT_BYTES, 0) == DIRECT_BYTES &&
	       pread(fd, in.addr, DIRECT_BYTES, 0) == DIRECT_BYTES &&
	       span_good(&in) && span_good(&out);
	close(fd);
	span_unmap(&out);
	span_unmap(&in);
	return good ? NULL : "what was written past the cache is wrong";
}

const char *stress_cache(unsigned long n)
{
	return data_read(n % DATA_FILES) ? NULL : "a file has other contents";
}
