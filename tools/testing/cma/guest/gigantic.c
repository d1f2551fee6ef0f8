// SPDX-License-Identifier: GPL-2.0
/*
 * cma_test=gigantic: pages of 1 GiB come and go in the area of hugetlb_cma=, while a
 * program locks memory, looks at it and gives it back. At the end, one becomes pages
 * of 2 MiB, and these come back one part after the other.
 *   gigantic_cycles=  how often they come and go [4]
 *   gigantic_pages=   how many at once [2]
 *   gigantic_locked=  MiB that the program locks [160]
 *   gigantic_mib=     MiB of other programs [50]
 *   gigantic_look=    the contents of one are looked at every so many cycles [4]
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

#define POOL "/sys/kernel/mm/hugepages/hugepages-1048576kB/"
#define SMALL_POOL "/sys/kernel/mm/hugepages/hugepages-2048kB/"
#define NR "nr_hugepages"
#define HUGE_SHIFT 26			/* of the size in the flags of mmap() */
#define GIB_SHIFT 30
#define SMALL_SHIFT 21
#define SMALL_PAGES 512			/* of which a large one consists */
#define SMALL_LOOK 16
#define SMALL_LEFT 200			/* in the middle of the way back */
#define PORTIONS 8			/* of the locked memory */
#define STEPS 2				/* that lie between two cycles */
#define STEP_SECONDS 60
#define LOST_KB 4096			/* page tables and slabs may have grown by that */

static struct gigantic {
	struct area area;
	unsigned int cycles;
	unsigned int few;		/* cycles with fewer pages than asked for */
	unsigned int left;		/* cycles after which some did not go */
	unsigned int outside;		/* pages that are not in the area */
	unsigned long dirty;		/* parts that had contents when they came */
	unsigned long bad;		/* parts with contents that nobody wrote */
	unsigned int looks;
	unsigned long long moved;	/* pages, out of the way of the large ones */
	double up_ms, down_ms, longest_ms;
} g;

static struct locked {
	unsigned long steps;
	unsigned long bad;
} *locked;

/* One portion after the other is looked at, given back, and taken and locked again. */
static void __noreturn lock_on(unsigned long bytes)
{
	struct hog hogs[PORTIONS] = { 0 };
	unsigned int i;

	for (i = 0;; i = (i + 1) % PORTIONS) {
		locked->bad += hog_bad_pages(hogs[i]);
		hog_drop(hogs[i]);
		hogs[i] = hog_take(bytes / PORTIONS, false);
		if (mlock(hogs[i].addr, bytes / PORTIONS))
			die("cannot lock %lu bytes: %m", bytes / PORTIONS);
		__atomic_add_fetch(&locked->steps, 1, __ATOMIC_RELAXED);
	}
}

/* New memory was locked since then. */
static void locker_wait(unsigned long steps)
{
	double end = now() + STEP_SECONDS;

	while (__atomic_load_n(&locked->steps, __ATOMIC_RELAXED) < steps) {
		if (now() > end)
			die("nothing was locked in %u s", STEP_SECONDS);
		usleep(1000);
	}
}

static pid_t locker_start(unsigned long bytes)
{
	pid_t pid;

	locked = mmap(NULL, sizeof(*locked), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (locked == MAP_FAILED)
		die("no memory for the program that locks some: %m");
	pid = fork();
	if (pid < 0)
		die("no program that locks memory: %m");
	if (!pid)
		lock_on(bytes);
	return pid;
}

static void locker_stop(pid_t pid)
{
	check(!waitpid(pid, NULL, WNOHANG), "the program that locks memory ended");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	fact("gigantic.locked", "steps=%lu bad=%lu", locked->steps, locked->bad);
}

/* Writes to each part of @bytes, and reads all of it again. */
static void look_at(uint64_t *words, unsigned long bytes, uint64_t seed)
{
	unsigned long step = page_size() / sizeof(*words), at;
	unsigned long count = bytes / sizeof(*words);

	for (at = 0; at < count; at += step) {
		g.dirty += words[at] || words[at + step - 1];
		words[at] = seed + at;
		words[at + step - 1] = ~(seed + at);
	}
	for (at = 0; at < count; at += step)
		g.bad += words[at] != seed + at || words[at + step - 1] != ~(seed + at);
	g.looks++;
}

/* Maps @pages of the pool whose pages have 1 << @shift bytes. */
static void look(unsigned int pages, unsigned int shift, uint64_t seed)
{
	unsigned long bytes = (unsigned long)pages << shift;
	unsigned int i;
	char *addr;

	addr = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS |
		    MAP_HUGETLB | shift << HUGE_SHIFT, -1, 0);
	if (!check(addr != MAP_FAILED, "cannot map %u huge pages: %m", pages))
		return;
	look_at((uint64_t *)addr, bytes, seed);
	for (i = 0; i < pages; i++) {
		uint64_t *pfn = pfns_of(addr + ((unsigned long)i << shift), 1);

		g.outside += !bench_in_area(&g.area, *pfn);
		free(pfn);
	}
	munmap(addr, bytes);
}

static unsigned long long moved(void)
{
	return field("/proc/vmstat", "pgmigrate_success");
}

static void cycle(unsigned int i, unsigned int pages, bool looked_at)
{
	unsigned long long got, before = moved();
	double begin = now(), up, down;
	char key[32];

	put(POOL NR, "%u", pages);
	up = (now() - begin) * 1000;
	got = number(POOL NR);
	before = moved() - before;
	g.moved += before;
	g.few += got < pages;
	if (looked_at && got)
		look(1, GIB_SHIFT, i + 1);
	begin = now();
	put(POOL NR, "0");
	down = (now() - begin) * 1000;
	g.left += !!number(POOL NR);
	g.up_ms += up;
	g.down_ms += down;
	g.longest_ms = up > g.longest_ms ? up : g.longest_ms;
	snprintf(key, sizeof(key), "gigantic.cycle.%u", i);
	fact(key, "got=%llu up_ms=%.1f down_ms=%.1f moved=%llu", got, up, down, before);
	locker_wait(locked->steps + STEPS);
}

static unsigned long long used(void)
{
	return area_attr(&g.area, "used");
}

static void demote(void)
{
	unsigned long long base = used(), small, middle;
	int ret;

	put(POOL NR, "1");
	put(POOL "demote_size", "2048kB");
	ret = put(POOL "demote", "1");
	small = number(SMALL_POOL NR);
	if (small)
		look(SMALL_LOOK, SMALL_SHIFT, 7);
	put(SMALL_POOL NR, "%u", SMALL_LEFT);
	middle = used() - base;
	put(SMALL_POOL NR, "0");
	put(POOL NR, "0");
	fact("gigantic.demoted", "ret=%d small=%llu middle=%llu left=%llu", ret, small,
	     middle / SMALL_PAGES, used() - base);
}

static void tell(void)
{
	fact("gigantic.cycles", "done=%u few=%u left=%u moved=%llu", g.cycles, g.few, g.left,
	     g.moved);
	fact("gigantic.times", "up_ms=%.1f down_ms=%.1f longest_ms=%.1f", g.up_ms / g.cycles,
	     g.down_ms / g.cycles, g.longest_ms);
	fact("gigantic.contents", "looks=%u outside=%u dirty=%lu bad=%lu", g.looks, g.outside,
	     g.dirty, g.bad);
}

static unsigned long long free_kb(void)
{
	put("/proc/sys/vm/drop_caches", "3");
	put("/proc/sys/vm/stat_refresh", "1");
	return meminfo_kb("MemFree:") + pcp_kb();
}

/* A page that was lost, or that somebody still has, shows in one of these. */
static void compare(unsigned long long cma_kb, unsigned long long all_kb)
{
	unsigned long long all_now;

	settle(&g.area, cma_kb);
	whole_area_free(&g.area);
	all_now = free_kb();
	fact("gigantic.free_kb", "start=%llu now=%llu used=%llu", all_kb, all_now, used());
	check(all_now + LOST_KB >= all_kb, "MemFree is %llu kB, was %llu kB", all_now, all_kb);
}

void run_gigantic(void)
{
	unsigned int pages = bench_option("gigantic_pages", 2), i;
	unsigned int every = bench_option("gigantic_look", 4);
	unsigned long long cma_kb, all_kb;
	struct hog programs;
	pid_t locker;

	g.area = area_default();
	g.cycles = bench_option("gigantic_cycles", 4);
	/* What programs take comes from the area; stock does that as long as most is free there. */
	put("/proc/sys/vm/cma_lend_percent", "400");
	all_kb = free_kb();
	cma_kb = cma_free_kb();
	fact("gigantic.start", "free_kb=%llu cma_kb=%llu", all_kb, cma_kb);
	programs = hog_take(bench_option("gigantic_mib", 50) * MIB, false);
	locker = locker_start(bench_option("gigantic_locked", 160) * MIB);
	locker_wait(PORTIONS);
	for (i = 0; i < g.cycles; i++)
		cycle(i, pages, every && i % every == every - 1);
	demote();
	tell();
	locker_stop(locker);
	fact("gigantic.bad_pages", "%lu", hog_bad_pages(programs));
	hog_drop(programs);
	compare(cma_kb, all_kb);
}
