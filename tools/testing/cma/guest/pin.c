// SPDX-License-Identifier: GPL-2.0
/*
 * cma_test=pin: a page that cannot be moved, because a pipe holds it, stands
 * in the area. A request must go around it, or fail and leave no trace.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

static struct pin {
	struct area area;
	struct hog hog;
	unsigned char *page;
	uint64_t pfn;
	unsigned char copy[65536];
	int pipe[2];
} p;

/* The lowest of our pages in the area: there a search is likely to start. */
static unsigned long lowest_inside(const uint64_t *pfn, unsigned long pages)
{
	unsigned long i, best = pages;

	for (i = 0; i < pages; i++) {
		if (pfn[i] < p.area.base ||
		    pfn[i] >= p.area.base + p.area.count)
			continue;
		if (best == pages || pfn[i] < pfn[best])
			best = i;
	}
	return best;
}

static void take_memory(void)
{
	unsigned long long regular = meminfo_kb("MemFree:") - cma_free_kb();
	unsigned long long area_kb = p.area.count * page_size() / 1024;

	p.hog = hog_take((regular + area_kb / 4) * 1024, false);
}

static void pin_page(void)
{
	uint64_t *pfn = pfns_of(p.hog.addr, p.hog.pages);
	unsigned long at = lowest_inside(pfn, p.hog.pages);
	struct iovec iov;

	if (at == p.hog.pages)
		die("no page of the program is inside the area");
	p.page = (unsigned char *)p.hog.addr + at * page_size();
	p.pfn = pfn[at];
	memcpy(p.copy, p.page, page_size());
	iov.iov_base = p.page;
	iov.iov_len = page_size();
	if (pipe(p.pipe) ||
	    vmsplice(p.pipe[1], &iov, 1, 0) != (ssize_t)page_size())
		die("vmsplice: %m");
	free(pfn);
}

/* Gives back all of the program but the pinned page. */
static void keep_one_page(void)
{
	unsigned char *start = (unsigned char *)p.hog.addr;
	unsigned char *end = start + p.hog.pages * page_size();

	if (p.page > start)
		munmap(start, p.page - start);
	if (p.page + page_size() < end)
		munmap(p.page + page_size(), end - p.page - page_size());
}

static void check_in_place(const char *when)
{
	uint64_t *pfn = pfns_of(p.page, 1);
	unsigned char *owners = area_owners(&p.area);
	unsigned long i = p.pfn - p.area.base;

	check(pfn[0] == p.pfn, "%s: the pinned page moved", when);
	check(owners[i] == PAGE_LENT, "%s: the pinned page is not in use",
	      when);
	check(!memcmp(p.page, p.copy, page_size()),
	      "%s: the pinned page changed", when);
	free(owners);
	free(pfn);
}

static void go_around(void)
{
	unsigned long pages = p.area.count / 4;
	int ret;

	trace_start();
	ret = area_put(&p.area, "alloc", pages);
	fact("pin.around", "pages=%lu ret=%d", pages, ret);
	/* The page is not "held": the bitmap covers it only if it was taken. */
	check_in_place("after a request for a part");
	if (!ret)
		check(!area_put(&p.area, "free", pages), "cannot free");
}

static void ask_for_all(void)
{
	unsigned long long used = area_attr(&p.area, "used");
	int ret = area_put(&p.area, "alloc", p.area.count - used);

	fact("pin.all", "ret=%d", ret);
	check(ret, "all of the area was handed out, with a pinned page in it");
	check(area_attr(&p.area, "used") == used,
	      "a failed request left pages marked as held");
	check_in_place("after a request for all");
}

/* Killed while it waits for the page. It may be over before the signal comes. */
static bool killed(void)
{
	pid_t child = fork();
	int status = 0;

	if (!child) {
		ask_for_all();
		_exit(0);
	}
	usleep(30000);
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	return WIFSIGNALED(status);
}

static void ask_and_be_killed(void)
{
	int tries = 10;

	while (tries-- && !killed())
		;
	view_facts(&p.area, "failures", "killed");
	check_in_place("after a request that was killed");
}

static void show_trace(void)
{
	char *text = trace_stop(), *line;
	unsigned int n = 0, retries = 0;
	char key[32];

	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		if (!strstr(line, ": cma_"))
			continue;
		retries += !!strstr(line, "busy_retry");
		snprintf(key, sizeof(key), "trace.%u", n);
		if (n++ < 60)
			fact(key, "%s", strstr(line, ": cma_") + 2);
	}
	fact("pin.retries", "%u", retries);
	free(text);
}

static void unpin(void)
{
	static unsigned char got[sizeof(p.copy)];

	check(read(p.pipe[0], got, page_size()) == (ssize_t)page_size() &&
	      !memcmp(got, p.copy, page_size()),
	      "the pipe does not return what was put in");
	close(p.pipe[0]);
	close(p.pipe[1]);
	munmap(p.page, page_size());
}

void run_pin(void)
{
	unsigned long long start = cma_free_kb();

	p.area = area_default();
	take_memory();
	pin_page();
	keep_one_page();
	fact("pin", "pfn=%llu base=%lu count=%lu", (unsigned long long)p.pfn,
	     p.area.base, p.area.count);
	check_in_place("at first");
	go_around();
	ask_for_all();
	view_facts(&p.area, "failures", "pin");
	show_trace();
	ask_and_be_killed();
	unpin();
	settle(&p.area, start);
	whole_area_free(&p.area);
	settle(&p.area, start);
}
