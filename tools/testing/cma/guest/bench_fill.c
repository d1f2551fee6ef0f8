// SPDX-License-Identifier: GPL-2.0
/*
 * The area is filled in a way that does not depend on where a kernel puts
 * pages first: all memory outside is taken in huge pages; pages of the kind
 * that is wanted then fill what is left; then all that is outside is given
 * back.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench.h"

#define HUGE_PAGES 512UL
#define REGION_PAGES (262144UL * 2)	/* more than there is RAM */
#define OUTSIDE_LEFT_KB (24UL << 10)	/* for the kernel, while we fill */
#define FULL_KB 1024UL			/* free memory when we stop filling */
#define CHURN_PAGES 4096UL
#define LISTED 128UL			/* on each processor's list of free pages */

char *bench_inside[BENCH_AREA_PAGES];

static struct stretch outside, anon;

/*
 * While memory is filled to the brim: short per-CPU lists, a low watermark, and
 * nothing that raises it.
 */
static struct tuning {
	const char *file;
	unsigned int while_filling;
	unsigned long long normal;
} tunings[] = {
	{ "/proc/sys/vm/percpu_pagelist_high_fraction", 100000, 0 },
	{ "/proc/sys/vm/watermark_boost_factor", 0, 0 },
	{ "/proc/sys/vm/min_free_kbytes", 256, 0 },
};

/* Until bench_tune(false): the state is made. */
void bench_tune(bool filling)
{
	struct tuning *t;

	for (t = tunings; t < tunings + ARRAY_SIZE(tunings); t++) {
		if (filling)
			t->normal = number(t->file);
		if (put(t->file, "%llu", filling ? t->while_filling :
			t->normal))
			die("cannot write %s: %m", t->file);
	}
}

bool bench_in_area(const struct area *a, uint64_t pfn)
{
	return pfn >= a->base && pfn < a->base + a->count;
}

void bench_pfns(const void *addr, unsigned long pages, uint64_t *pfn)
{
	static int fd = -1;
	size_t bytes = pages * sizeof(*pfn);
	unsigned long i;

	if (fd < 0)
		fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	if (pread(fd, pfn, bytes, (off_t)((uintptr_t)addr / page_size()) *
		  sizeof(*pfn)) != (ssize_t)bytes)
		die("cannot read /proc/self/pagemap: %m");
	for (i = 0; i < pages; i++)
		pfn[i] = pfn[i] >> 63 ? pfn[i] & ((1ull << 55) - 1) : 0;
}

unsigned long bench_free_kb(void)
{
	put("/proc/sys/vm/stat_refresh", "1");
	return meminfo_kb("MemFree:");
}

static unsigned long outside_free_kb(void)
{
	unsigned long cma = cma_free_kb();

	return meminfo_kb("MemFree:") - cma;
}

static struct stretch reserve(int advice)
{
	struct stretch s = { .pages = REGION_PAGES };
	size_t align = HUGE_PAGES * page_size();

	s.addr = mmap(NULL, s.pages * page_size() + align,
		      PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS |
		      MAP_NORESERVE, -1, 0);
	if (s.addr == MAP_FAILED)
		die("cannot map %lu pages: %m", s.pages);
	s.addr = (char *)(((uintptr_t)s.addr + align - 1) & ~(align - 1));
	if (madvise(s.addr, s.pages * page_size(), advice))
		die("madvise: %m");
	return s;
}

/* Gives back the pages of @s that are @in the area, or those that are not. */
static void give_back(const struct area *a, struct stretch s, bool in)
{
	static uint64_t pfn[HUGE_PAGES];
	unsigned long i, run, at, part;

	for (at = 0; at < s.pages; at += part) {
		part = s.pages - at < HUGE_PAGES ? s.pages - at : HUGE_PAGES;
		bench_pfns(s.addr + at * page_size(), part, pfn);
		for (i = 0; i < part; i += run + 1) {
			for (run = 0; i + run < part && pfn[i + run] &&
			     bench_in_area(a, pfn[i + run]) == in; run++)
				;
			if (run)
				madvise(s.addr + (at + i) * page_size(),
					run * page_size(), MADV_DONTNEED);
		}
	}
}

/* Takes the memory outside the area, but for a rest, and nothing inside. */
void bench_take_outside(const struct area *a)
{
	unsigned long at;

	outside = reserve(MADV_HUGEPAGE);
	for (at = 0; at + HUGE_PAGES < outside.pages &&
	     outside_free_kb() > OUTSIDE_LEFT_KB; at += HUGE_PAGES)
		outside.addr[at * page_size()] = 1;
	outside.pages = at;
	give_back(a, outside, true);
}

void bench_drop_outside(void)
{
	munmap(outside.addr, REGION_PAGES * page_size());
}

/* Returns how many pages of @s are in the area. */
unsigned long bench_note_inside(const struct area *a, struct stretch s)
{
	static uint64_t pfn[HUGE_PAGES];
	unsigned long i, at, part, n = 0;

	for (at = 0; at < s.pages; at += part) {
		part = s.pages - at < HUGE_PAGES ? s.pages - at : HUGE_PAGES;
		bench_pfns(s.addr + at * page_size(), part, pfn);
		for (i = 0; i < part; i++) {
			if (!bench_in_area(a, pfn[i]))
				continue;
			bench_inside[pfn[i] - a->base] =
				s.addr + (at + i) * page_size();
			n++;
		}
	}
	return n;
}

/* How many pages can be taken before it is time to look again. */
static unsigned long step_pages(void)
{
	unsigned long kb = bench_free_kb();

	if (kb <= FULL_KB)
		return 0;
	return (kb - FULL_KB) / 8 + 16;
}

static void touch_until_full(struct stretch *s)
{
	unsigned long at = 0, step;

	while ((step = step_pages()) && at + step < s->pages)
		for (; step; step--, at++)
			s->addr[at * page_size()] = 1;
	s->pages = at;
}

void bench_fill_anon(const struct area *a)
{
	memset(bench_inside, 0, sizeof(bench_inside));
	bench_take_outside(a);
	anon = reserve(MADV_NOHUGEPAGE);
	touch_until_full(&anon);
	give_back(a, anon, false);
	bench_drop_outside();
	bench_note_inside(a, anon);
}

/* Free pages that wait on the list of processor @cpu. */
static unsigned long listed(unsigned int cpu)
{
	char *text = slurp("/proc/zoneinfo"), *at, *save;
	unsigned long sum = 0, n;
	unsigned int where = ~0u;

	if (!text)
		die("cannot read /proc/zoneinfo: %m");
	for (at = strtok_r(text, "\n", &save); at;
	     at = strtok_r(NULL, "\n", &save)) {
		if (sscanf(at, " cpu: %u", &where) == 1)
			continue;
		if (where == cpu && sscanf(at, " count: %lu", &n) == 1)
			sum += n;
	}
	free(text);
	return sum;
}

/*
 * What a request that drains has to do depends on how many pages are on the
 * lists, and that on all that came before. So their number is made the same.
 */
void bench_level(unsigned int cpu)
{
	struct stretch s = reserve(MADV_NOHUGEPAGE);
	unsigned long at, have, tries;

	bench_run_on(cpu);
	for (at = 0; at < CHURN_PAGES; at++)
		s.addr[at * page_size()] = 1;
	madvise(s.addr, CHURN_PAGES / 2 * page_size(), MADV_DONTNEED);
	for (tries = 0; tries < CHURN_PAGES / 2; tries++) {
		have = listed(cpu);
		if (have == LISTED)
			break;
		if (have > LISTED)
			s.addr[at++ * page_size()] = 1;
		else
			madvise(s.addr + (CHURN_PAGES / 2 + tries) * page_size(),
				page_size(), MADV_DONTNEED);
	}
	bench_run_on(0);
}

void bench_drop_anon(void)
{
	munmap(anon.addr, REGION_PAGES * page_size());
}
