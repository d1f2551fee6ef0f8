// SPDX-License-Identifier: GPL-2.0
/*
 * cma_test=rounds: the days of a small board, compressed. A driver holds most of
 * the area in buffers. Again and again it gives all of them back; then programs
 * start and end, files are made and read, and something goes through a pipe; then
 * the driver takes its buffers again.
 *   rounds=       how often [200]
 *   rounds_hold=  MiB that the driver holds, in buffers of 5.6 MiB [64]
 */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "data.h"

#define BUFFER_BYTES 5873664UL		/* 1434 pages of 4K */
#define PROGRAMS 10
#define FILES 2000
#define PIPE_BYTES 65536UL
#define PIPES 16

static struct rounds {
	struct area area;
	unsigned long pages;		/* of a buffer */
	unsigned int buffers, failed;
	uint64_t longest_ns;
	unsigned long long least_kb;	/* of regular memory that was free */
} r;

static void take_buffers(void)
{
	unsigned int i;
	uint64_t ns;

	for (i = 0; i < r.buffers; i++) {
		ns = bench_ns();
		if (area_put(&r.area, "alloc", r.pages))
			r.failed++;
		ns = bench_ns() - ns;
		if (ns > r.longest_ns)
			r.longest_ns = ns;
	}
}

static void give_back(void)
{
	unsigned int i;

	for (i = 0; i < r.buffers; i++)
		area_put(&r.area, "free", r.pages);
}

static void note_regular_memory(void)
{
	unsigned long long kb = meminfo_kb("MemFree:") - cma_free_kb();

	if (kb < r.least_kb)
		r.least_kb = kb;
}

static void __noreturn be_program(unsigned char byte)
{
	unsigned char *mem = mmap(NULL, MIB, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (mem == MAP_FAILED)
		_exit(1);
	memset(mem, byte, MIB);
	sched_yield();
	_exit(mem[0] != byte || memcmp(mem, mem + 1, MIB - 1) ? 2 : 0);
}

static void run_programs(void)
{
	pid_t pids[PROGRAMS];
	unsigned int i;
	int status;

	for (i = 0; i < PROGRAMS; i++) {
		pids[i] = fork();
		if (!pids[i])
			be_program(i + 1);
	}
	for (i = 0; i < PROGRAMS; i++) {
		status = -1;
		waitpid(pids[i], &status, 0);
		check(!status, "a program ended with status 0x%x", status);
	}
}

static void make_files(void)
{
	char path[32];
	unsigned int i;
	int fd;

	for (i = 0; i < FILES; i++) {
		snprintf(path, sizeof(path), "/tmp/round%u", i);
		fd = open(path, O_CREAT | O_WRONLY, 0600);
		check(fd >= 0, "cannot make %s: %m", path);
		close(fd);
	}
	note_regular_memory();
	for (i = 0; i < FILES; i++) {
		snprintf(path, sizeof(path), "/tmp/round%u", i);
		unlink(path);
	}
}

/* A page here and a page there, so that most of the cache is not used again soon. */
static void read_files(unsigned int round)
{
	static unsigned char page[4096];
	char path[32];
	unsigned int i;
	off_t at;
	int fd;

	for (i = 0; i < FILES; i++) {
		snprintf(path, sizeof(path), "/data/data%u", i % DATA_FILES);
		at = (round * FILES + i) * 61ul % (DATA_FILE_BYTES / 4096);
		fd = open(path, O_RDONLY);
		check(pread(fd, page, sizeof(page), at * 4096) == sizeof(page),
		      "cannot read %s: %m", path);
		close(fd);
	}
}

static void fill_pipes(void)
{
	static unsigned char bytes[PIPE_BYTES];
	int ends[PIPES][2];
	unsigned int i;

	for (i = 0; i < PIPES; i++)
		if (pipe(ends[i]) ||
		    write(ends[i][1], bytes, PIPE_BYTES) != PIPE_BYTES)
			die("cannot fill a pipe: %m");
	note_regular_memory();
	for (i = 0; i < PIPES; i++) {
		close(ends[i][0]);
		close(ends[i][1]);
	}
}

void run_rounds(void)
{
	unsigned int rounds = bench_option("rounds", 200), i;

	data_mount();
	r.area = area_default();
	r.pages = BUFFER_BYTES / page_size();
	r.buffers = bench_option("rounds_hold", 64) * MIB / BUFFER_BYTES;
	r.least_kb = ~0ull;
	take_buffers();
	for (i = 0; i < rounds; i++) {
		give_back();
		run_programs();
		make_files();
		read_files(i);
		fill_pipes();
		take_buffers();
	}
	fact("rounds", "rounds=%u buffers=%u failed=%u longest_us=%llu least_kb=%llu oom_kill=%llu",
	     rounds, r.buffers, r.failed,
	     (unsigned long long)r.longest_ns / 1000, r.least_kb,
	     field("/proc/vmstat", "oom_kill"));
}
