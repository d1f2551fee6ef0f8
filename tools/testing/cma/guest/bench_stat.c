// SPDX-License-Identifier: GPL-2.0
/* What is counted around a request of the bench. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

#define KPF_DIRTY (1ull << 4)
#define KPF_BUDDY (1ull << 10)
#define KPF_MMAP (1ull << 11)
#define KPF_ANON (1ull << 12)
#define CHUNK 4096

uint64_t bench_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

uint64_t bench_own_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

void bench_run_on(unsigned int cpu)
{
	cpu_set_t only;

	CPU_ZERO(&only);
	CPU_SET(cpu, &only);
	if (sched_setaffinity(0, sizeof(only), &only))
		die("cannot run on processor %u: %m", cpu);
}

static uint64_t random_state = 1;

void bench_seed(uint64_t seed)
{
	random_state = seed * 0x9e3779b97f4a7c15ull | 1;
	bench_random();
	bench_random();
}

uint64_t bench_random(void)
{
	uint64_t x = random_state;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	random_state = x;
	return x >> 16;
}

uint64_t bench_option(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 10) : otherwise;
}

static void count_page(struct occupants *o, uint64_t flags, unsigned long i,
		       bool held)
{
	static unsigned long run;

	run = i ? run : 0;
	if (held) {
		o->held++;
		run = 0;
		return;
	}
	if (flags & KPF_BUDDY || !flags) {
		o->free++;
		if (++run > o->longest_free)
			o->longest_free = run;
		return;
	}
	run = 0;
	o->anon += !!(flags & KPF_ANON);
	o->file += !(flags & KPF_ANON);
	o->dirty += !!(flags & KPF_DIRTY) && !(flags & KPF_ANON);
	o->mapped += !!(flags & KPF_MMAP);
}

/* Pages on a per-CPU list count as free: they have no flag at all. */
struct occupants bench_occupants(const struct area *a)
{
	static uint64_t flags[CHUNK];
	unsigned char *held = area_held(a);
	struct occupants o = { 0 };
	int fd = open("/proc/kpageflags", O_RDONLY);
	unsigned long i, part, done;

	for (done = 0; done < a->count; done += part) {
		part = a->count - done < CHUNK ? a->count - done : CHUNK;
		if (pread(fd, flags, part * sizeof(*flags),
			  (off_t)(a->base + done) * sizeof(*flags)) !=
		    (ssize_t)(part * sizeof(*flags)))
			die("cannot read /proc/kpageflags: %m");
		for (i = 0; i < part; i++)
			count_page(&o, flags[i], done + i, held[done + i]);
	}
	close(fd);
	free(held);
	return o;
}

/* The run time of all other tasks, to the nanosecond. */
static unsigned long long background_ns(void)
{
	DIR *dir = opendir("/proc");
	unsigned long long sum = 0;
	struct dirent *entry;
	struct timespec t;
	clockid_t clock;
	int pid;

	while (dir && (entry = readdir(dir))) {
		pid = atoi(entry->d_name);
		if (pid <= 0 || pid == getpid() ||
		    clock_getcpuclockid(pid, &clock) ||
		    clock_gettime(clock, &t))
			continue;
		sum += t.tv_sec * 1000000000ull + t.tv_nsec;
	}
	if (dir)
		closedir(dir);
	return sum;
}

struct counters bench_counters(void)
{
	struct counters c;

	put("/proc/sys/vm/stat_refresh", "1");
	c.moved = field("/proc/vmstat", "pgmigrate_success");
	c.unmoved = field("/proc/vmstat", "pgmigrate_fail");
	c.file_pages = field("/proc/vmstat", "nr_file_pages");
	c.background_ns = background_ns();
	return c;
}
