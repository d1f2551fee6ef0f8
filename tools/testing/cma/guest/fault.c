// SPDX-License-Identifier: GPL-2.0
/*
 * cma_test=fault: a driver takes the whole area, which is lent to a program that
 * goes on using its pages. How long does it wait for one page at most?
 *
 * The program is a real-time task that looks at some pages and sleeps, so that
 * one processor is enough, and its time is that of the fault alone.
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

#define NAP_NS 20000
#define TOUCHES 64			/* between two naps */
#define STRIDE 7919			/* a prime, so that all pages have a turn */
#define SLOW_NS 10000			/* no touch of a page that is there */
#define LONGEST 4			/* of which three may be those of interrupts */

/* Shared with the program. */
static struct probe {
	bool ready, end;
	unsigned long touches, slow;
	unsigned long inside;		/* pages in the area */
	uint64_t longest_ns[LONGEST];	/* the first one is the longest */
	unsigned long bad;
} *probe;

/* The pages of the program that are in the area, by number. */
static unsigned long *inside;

/* All others are given back, so that there is room outside. */
static void keep_inside(const struct area *a, struct hog h)
{
	uint64_t *pfns = pfns_of(h.addr, h.pages);
	unsigned long i;

	inside = calloc(h.pages, sizeof(*inside));
	if (!inside)
		die("no memory for %lu numbers", h.pages);
	for (i = 0; i < h.pages; i++) {
		if (bench_in_area(a, pfns[i]))
			inside[probe->inside++] = i;
		else
			madvise((char *)h.addr + i * page_size(), page_size(),
				MADV_DONTNEED);
	}
	free(pfns);
	if (!probe->inside)
		die("the program has no page in the area");
}

static void note_slow(uint64_t ns)
{
	unsigned int i;
	uint64_t shorter;

	probe->slow++;
	for (i = 0; i < LONGEST; i++) {
		if (ns <= probe->longest_ns[i])
			continue;
		shorter = probe->longest_ns[i];
		probe->longest_ns[i] = ns;
		ns = shorter;
	}
}

static void touch(struct hog h, unsigned long i)
{
	uint64_t *word = h.addr + i * (page_size() / sizeof(*word));
	uint64_t start = bench_ns(), ns;

	*word = i;
	ns = bench_ns() - start;
	probe->touches++;
	if (ns > SLOW_NS)
		note_slow(ns);
}

static void __noreturn use_pages(struct hog h)
{
	struct timespec nap = { .tv_nsec = NAP_NS };
	unsigned long i = 0;
	unsigned int n;

	probe->ready = true;
	while (!probe->end) {
		for (n = 0; n < TOUCHES; n++, i = (i + STRIDE) % probe->inside)
			touch(h, inside[i]);
		clock_nanosleep(CLOCK_MONOTONIC, 0, &nap, NULL);
	}
	for (i = 0; i < probe->inside; i++)
		probe->bad += hog_page_is_bad(h, inside[i]);
	_exit(0);
}

static unsigned long long spare_kb(void)
{
	unsigned long long area = cma_free_kb() / 3;
	unsigned long long marks = 3 * number("/proc/sys/vm/min_free_kbytes");

	return area > marks ? area : marks;
}

/*
 * It takes what there is, and so all of the area. A huge page, of which it would give
 * back a part, would be split.
 */
static void __noreturn program(const struct area *a)
{
	struct sched_param first = { .sched_priority = 1 };
	struct hog h;

	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	h = hog_take((meminfo_kb("MemFree:") - spare_kb()) * 1024, false);
	keep_inside(a, h);
	if (sched_setscheduler(0, SCHED_FIFO, &first))
		die("cannot be a real-time task: %m");
	use_pages(h);
}

static pid_t start_program(const struct area *a)
{
	pid_t pid;

	*probe = (struct probe){ 0 };
	pid = fork();
	if (!pid)
		program(a);
	while (!probe->ready) {
		if (waitpid(pid, NULL, WNOHANG))
			die("the program ended before it began");
		usleep(10000);
	}
	return pid;
}

void run_fault(void)
{
	struct area a = area_default();
	unsigned long pages = a.count - area_attr(&a, "used");
	int ret, status = -1;
	uint64_t ns;
	pid_t pid;

	probe = mmap(NULL, sizeof(*probe), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (probe == MAP_FAILED)
		die("cannot map the probe: %m");
	pid = start_program(&a);
	ns = bench_ns();
	ret = area_put(&a, "alloc", pages);
	ns = bench_ns() - ns;
	probe->end = true;
	waitpid(pid, &status, 0);
	check(!ret && !status, "no %lu pages to be had, or no program: %d, 0x%x",
	      pages, ret, status);
	check(!probe->bad, "%lu pages have other contents", probe->bad);
	fact("fault",
	     "inside=%lu touches=%lu slow=%lu most_ns=%llu longest_ns=%llu request_ns=%llu",
	     probe->inside, probe->touches, probe->slow,
	     (unsigned long long)probe->longest_ns[0],
	     (unsigned long long)probe->longest_ns[LONGEST - 1],
	     (unsigned long long)ns);
}
