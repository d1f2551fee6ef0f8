// SPDX-License-Identifier: GPL-2.0
/*
 * What everybody pays for there being an area: a page fault, a read from the
 * page cache, and the memory that the area keeps from them.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "data.h"

#define ROUNDS 15
#define CHUNK 65536
#define PART_BYTES (64UL << 20)
#define REGION_BYTES (2UL << 30)

static uint64_t fault_ns(void)
{
	char *addr = mmap(NULL, PART_BYTES, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t start, ns;
	size_t at;

	if (addr == MAP_FAILED ||
	    madvise(addr, PART_BYTES, MADV_NOHUGEPAGE))
		die("cannot map %lu bytes: %m", PART_BYTES);
	start = bench_ns();
	for (at = 0; at < PART_BYTES; at += page_size())
		addr[at] = 1;
	ns = bench_ns() - start;
	if (!addr[PART_BYTES - page_size()])
		die("memory forgot what was written");
	munmap(addr, PART_BYTES);
	return ns;
}

static int file = -1;

static void read_file(void)
{
	static char chunk[CHUNK];
	size_t at;

	for (at = 0; at < PART_BYTES; at += CHUNK)
		if (pread(file, chunk, CHUNK, at) != CHUNK)
			die("cannot read the data: %m");
}

static uint64_t read_ns(void)
{
	uint64_t start = bench_ns();

	read_file();
	return bench_ns() - start;
}

/* The time of the reader alone: how long a disk takes is up to the host. */
static uint64_t uncached_ns(void)
{
	uint64_t start;

	posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
	start = bench_own_ns();
	read_file();
	return bench_own_ns() - start;
}

/* Instructions for a thousand pages, in each round. */
static void tell_rounds(const char *what, uint64_t (*measure)(void))
{
	unsigned long pages = PART_BYTES / page_size();
	char key[32], text[400];
	unsigned int i, len = 0;

	measure();
	for (i = 0; i < ROUNDS; i++) {
		usleep(20000);
		len += snprintf(text + len, sizeof(text) - len, "%llu ",
				(unsigned long long)measure() * 1000 / pages);
	}
	snprintf(key, sizeof(key), "bench.extra.%s", what);
	fact(key, "%s", text);
}

/*
 * A child that wants all there is. It is killed when there is no more, and
 * what it got till then is what others can use.
 */
static void tell_usable(void)
{
	unsigned long *got = mmap(NULL, page_size(), PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status = 0;
	pid_t child;
	char *addr;

	/* What the kernel has to say about that is no surprise. */
	put("/proc/sys/kernel/printk", "1");
	child = fork();
	if (!child) {
		put("/proc/self/oom_score_adj", "1000");
		addr = mmap(NULL, REGION_BYTES, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		for (*got = 0; *got < REGION_BYTES / page_size(); ++*got)
			addr[*got * page_size()] = 1;
		_exit(0);
	}
	waitpid(child, &status, 0);
	check(WIFSIGNALED(status), "a child got all of %lu bytes",
	      REGION_BYTES);
	put("/proc/sys/kernel/printk", "7");
	fact("bench.extra.usable_pages", "%lu", *got);
}

void bench_cost(void)
{
	data_mount();
	tell_rounds("fault", fault_ns);
	file = open("/data/data0", O_RDONLY);
	if (file < 0)
		die("cannot open the data: %m");
	read_file();
	tell_rounds("read", read_ns);
	/* The disk interrupts the other one, and that is not our time. */
	bench_run_on(1);
	tell_rounds("uncached", uncached_ns);
	bench_run_on(0);
	close(file);
	put("/proc/sys/vm/drop_caches", "1");
	tell_usable();
}
