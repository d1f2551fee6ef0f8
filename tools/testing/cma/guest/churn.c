// SPDX-License-Identifier: GPL-2.0
/*
 * cma_test=churn: many requests of random sizes, while another process keeps
 * the area full of page cache. After each request the bitmap is compared with
 * the one before: exactly the requested pages changed, nothing else did.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "data.h"
#include "bench.h"

#define CYCLES 500		/* unless churn_cycles= says otherwise */
#define DEVICES 16		/* each holds one buffer */
#define DEBUGFS DEVICES		/* one more holder: a stack of requests */
#define STACK 8
#define MAX_PAGES 1024
#define ALIGNMENT_CAP 8		/* CONFIG_CMA_ALIGNMENT */

static struct churn {
	struct area area;
	unsigned char *held;		/* the bitmap after the last step */
	struct range live[DEVICES];
	struct range stack[STACK];
	unsigned int depth;
	unsigned int allocs;
	unsigned int frees;
	unsigned int missed;		/* refused though there was a gap */
	unsigned int full;		/* refused with no gap */
	unsigned long lent_most;
	uint64_t own_ns;		/* that requests took of our own time */
} c;

static unsigned int rnd(unsigned int below)
{
	static uint64_t x = 88172645463325252ull;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (x >> 32) % below;
}

static unsigned int order_of(unsigned long pages)
{
	unsigned int order = 0;

	while (1UL << order < pages)
		order++;
	return order < ALIGNMENT_CAP ? order : ALIGNMENT_CAP;
}

/* Compares the bitmap with the last one: only [r) may have changed, to @to. */
static void changed_only(struct range r, unsigned char to, const char *what)
{
	unsigned char *held = area_held(&c.area);
	unsigned long i, wrong = 0, pfn;

	for (i = 0; i < c.area.count; i++) {
		pfn = c.area.base + i;
		if (pfn >= r.first && pfn < r.end)
			wrong += held[i] != to || c.held[i] == to;
		else
			wrong += held[i] != c.held[i];
	}
	check(!wrong, "%s of pfn 0x%lx-0x%lx: %lu pages changed wrongly", what,
	      r.first, r.end, wrong);
	free(c.held);
	c.held = held;
}

static bool gap_exists(unsigned long pages, unsigned int order)
{
	unsigned long mask = (1UL << order) - 1;
	unsigned long i, first = 0, run = 0;

	for (i = 0; i < c.area.count; i++) {
		if (c.held[i])
			run = 0;
		else if (run || !((c.area.base + i) & mask))
			first = run++ ? first : i;
		if (run >= pages)
			return true;
	}
	return false;
}

static void refused(unsigned long pages, unsigned int order)
{
	if (gap_exists(pages, order))
		c.missed++;
	else
		c.full++;
	changed_only((struct range){ 0, 0 }, 0, "refusal");
}

static bool inside(struct range r)
{
	return r.first >= c.area.base && r.end <= c.area.base + c.area.count;
}

static void device_alloc(unsigned int dev)
{
	unsigned long pages = 2 + rnd(1 << (1 + rnd(10)));
	unsigned int order = order_of(pages);
	uint64_t start = bench_own_ns();
	struct buffer b;
	int ret;

	ret = sample_alloc(dev, pages * page_size(), &b);
	c.own_ns += bench_own_ns() - start;
	if (ret) {
		refused(pages, order);
		return;
	}
	/* Smaller requests fall back to the page allocator. */
	if (!inside(b.pfn)) {
		sample_free(dev);
		refused(pages, order);
		return;
	}
	check(b.contiguous && b.translated, "buffer not contiguous");
	check(b.pfn.end - b.pfn.first == pages, "buffer of a wrong size");
	check(!(b.pfn.first & ((1UL << order) - 1)),
	      "pfn 0x%lx is not aligned to order %u", b.pfn.first, order);
	c.live[dev] = b.pfn;
	c.allocs++;
	changed_only(b.pfn, 1, "allocation");
	sample_fill(dev, c.allocs);
}

static void device_free(unsigned int dev)
{
	sample_verify(dev);
	check(!sample_free(dev), "cannot free the buffer of device %u", dev);
	c.frees++;
	changed_only(c.live[dev], 0, "release");
	c.live[dev].end = 0;
}

/* debugfs does not tell where; what the bitmap gained must be in one piece. */
static struct range gained(unsigned long pages)
{
	unsigned char *held = area_held(&c.area);
	struct range r = { 0, 0 };
	unsigned long i;

	for (i = 0; i < c.area.count && held[i] == c.held[i]; i++)
		;
	r.first = c.area.base + i;
	r.end = r.first + pages;
	free(held);
	return r;
}

static void debugfs_alloc(void)
{
	unsigned long pages = 1 + rnd(MAX_PAGES);
	uint64_t start = bench_own_ns();
	int ret;

	ret = area_put(&c.area, "alloc", pages);
	c.own_ns += bench_own_ns() - start;
	if (ret) {
		refused(pages, 0);
		return;
	}
	c.stack[c.depth] = gained(pages);
	c.allocs++;
	changed_only(c.stack[c.depth++], 1, "debugfs allocation");
}

static void debugfs_free(void)
{
	struct range r = c.stack[--c.depth];

	check(!area_put(&c.area, "free", r.end - r.first),
	      "cannot free through debugfs");
	c.frees++;
	changed_only(r, 0, "debugfs release");
}

static void step(unsigned int who)
{
	if (who < DEVICES && c.live[who].end)
		device_free(who);
	else if (who < DEVICES)
		device_alloc(who);
	else if (c.depth == STACK || (c.depth && rnd(2)))
		debugfs_free();
	else
		debugfs_alloc();
}

static void note_lent(void)
{
	unsigned char *owners = area_owners(&c.area);
	struct range all = { 0, c.area.count };
	unsigned long lent = count_owner(owners, all, PAGE_LENT);

	if (lent > c.lent_most)
		c.lent_most = lent;
	free(owners);
}

static void free_all(void)
{
	unsigned int dev;

	for (dev = 0; dev < DEVICES; dev++)
		if (c.live[dev].end)
			device_free(dev);
	while (c.depth)
		debugfs_free();
}

/* Reads the data for ever; its exit status says whether a byte was wrong. */
static pid_t start_reader(void)
{
	pid_t pid = fork();
	unsigned int file;

	if (pid)
		return pid;
	for (file = 0; data_read(file % DATA_FILES); file++)
		;
	_exit(1);
}

static void stop_reader(pid_t pid)
{
	int status = 0;

	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	check(!WIFEXITED(status), "a file was read with wrong contents");
}

static unsigned int cycles(void)
{
	const char *text = getenv("churn_cycles");

	return text ? strtoul(text, NULL, 10) : CYCLES;
}

void run_churn(void)
{
	unsigned int steps = 0, most = cycles();
	unsigned long long start;
	pid_t reader;

	data_mount();
	sample_need();
	c.area = area_default();
	c.held = area_held(&c.area);
	start = cma_free_kb();
	data_read_all();
	reader = start_reader();
	while (c.allocs < most && !first_failure() && steps < 4 * most) {
		step(rnd(DEVICES + 4) < DEVICES ? rnd(DEVICES) : DEBUGFS);
		if (steps++ % 16 == 0)
			note_lent();
	}
	free_all();
	stop_reader(reader);
	fact("churn",
	     "allocs=%u frees=%u missed=%u full=%u lent_most=%lu own_ns=%llu",
	     c.allocs, c.frees, c.missed, c.full, c.lent_most,
	     (unsigned long long)c.own_ns);
	settle(&c.area, start);
	whole_area_free(&c.area);
	settle(&c.area, start);
}
