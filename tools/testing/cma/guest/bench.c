// SPDX-License-Identifier: GPL-2.0
/*
 * cma_test=bench: what a request for the area costs, by the state that the
 * area is in. cma_bench= names the state, cma_pages= the size, cma_seed= the
 * random numbers, cma_cycles= how often a buffer is asked for and released,
 * cma_look= what is traced (enum bench_look).
 *
 * One write to a file in debugfs is one request. Facts are printed when all is
 * measured, because the console is slow.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

#define MOST_CYCLES 64
#define CALIBRATIONS 16

static struct bench {
	struct area area;
	int alloc;
	int release;
	uint64_t empty_ns;		/* of two looks at the clock */
	uint64_t empty_own_ns;		/* the same for that of the task */
	unsigned int pins;
	pid_t child;
	enum bench_look look;
	unsigned int lines;
	struct occupants occupants;	/* and free memory, before requests */
	unsigned long cma_kb;
	unsigned long outside_kb;
} b;

struct sample {
	uint64_t ns;
	uint64_t own_ns;		/* of that, spent in the caller */
	int ret;
};

static struct sample request(int fd, unsigned long pages)
{
	struct sample s = { 0 };
	uint64_t start, own;
	char text[24];
	int len = snprintf(text, sizeof(text), "%lu", pages);

	own = bench_own_ns();
	mark_begin();
	start = bench_ns();
	if (write(fd, text, len) != len)
		s.ret = -errno;
	s.ns = bench_ns() - start - b.empty_ns;
	mark_end();
	s.own_ns = bench_own_ns() - own - b.empty_own_ns;
	return s;
}

static uint64_t empty_pair(uint64_t (*clock)(void))
{
	uint64_t start, ns, best = ~0ull;
	unsigned int i;

	for (i = 0; i < CALIBRATIONS; i++) {
		start = clock();
		ns = clock() - start;
		best = ns < best ? ns : best;
	}
	return best;
}

static void calibrate(void)
{
	struct sample nothing;

	b.empty_ns = empty_pair(bench_ns);
	b.empty_own_ns = empty_pair(bench_own_ns);
	request(b.release, 0);
	nothing = request(b.release, 0);
	fact("bench.clock", "empty_ns=%llu write_ns=%llu",
	     (unsigned long long)b.empty_ns, (unsigned long long)nothing.ns);
}

/*
 * Lets what was begun come to its end, and waits for a moment that is always
 * as far from the timers that tick once a second. The seed moves it a little.
 */
static void quiet(void)
{
	struct timespec t;
	unsigned int tries;

	/* A disk takes real time, of which the guest's clock knows nothing. */
	for (tries = 0; tries < 100000; tries++)
		if (!field("/proc/vmstat", "nr_writeback"))
			break;
	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += 2;
	t.tv_nsec = 300000000 + bench_option("cma_seed", 1) * 137000;
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

static void make_free(unsigned long pages)
{
	(void)pages;
	bench_level(1);
	bench_level(0);
}

static void drop_free(void)
{
}

static void make_anon(unsigned long pages)
{
	(void)pages;
	bench_fill_anon(&b.area);
}

static void make_cache(unsigned long pages)
{
	(void)pages;
	bench_fill_cache(&b.area);
}

static void make_cachemap(unsigned long pages)
{
	(void)pages;
	bench_fill_cache(&b.area);
	bench_map_cache();
}

static void make_dirty(unsigned long pages)
{
	(void)pages;
	bench_fill_dirty(&b.area);
}

static void make_fork(unsigned long pages)
{
	(void)pages;
	bench_fill_anon(&b.area);
	b.child = fork();
	if (!b.child)
		for (;;)
			pause();
}

static void drop_fork(void)
{
	kill(b.child, SIGKILL);
	waitpid(b.child, NULL, 0);
	bench_drop_anon();
}

static void make_pins(unsigned long pages)
{
	bench_fill_anon(&b.area);
	bench_pin(&b.area, b.pins, pages);
}

static void drop_pins(void)
{
	bench_unpin();
	bench_drop_anon();
}

static void make_mixed(unsigned long pages)
{
	make_free(pages);
	bench_fragment(&b.area);
}

static const struct state {
	const char *name;
	void (*make)(unsigned long pages);
	void (*drop)(void);
	unsigned int pins;
} states[] = {
	{ "free", make_free, drop_free, 0 },
	{ "anon", make_anon, bench_drop_anon, 0 },
	{ "fork", make_fork, drop_fork, 0 },
	{ "cache", make_cache, bench_drop_cache, 0 },
	{ "cachemap", make_cachemap, bench_drop_cache, 0 },
	{ "dirty", make_dirty, bench_drop_dirty, 0 },
	{ "pin1", make_pins, drop_pins, 1 },
	{ "pin4", make_pins, drop_pins, 4 },
	{ "pin64", make_pins, drop_pins, 64 },
	{ "mixed", make_mixed, bench_defragment, 0 },
};

static void look_at_start(void)
{
	b.occupants = bench_occupants(&b.area);
	b.cma_kb = cma_free_kb();
	b.outside_kb = bench_free_kb() - b.cma_kb;
}

static void tell_start(void)
{
	struct occupants *o = &b.occupants;

	fact("bench.memory", "cma_free_kb=%lu outside_kb=%lu longest_free=%lu",
	     b.cma_kb, b.outside_kb, o->longest_free);
	fact("bench.occupants",
	     "free=%lu held=%lu anon=%lu file=%lu dirty=%lu mapped=%lu",
	     o->free, o->held, o->anon, o->file, o->dirty, o->mapped);
}

/* Our own lines must get through, the kernel's about a refusal need not. */
static void console(bool on)
{
	put("/proc/sys/kernel/printk", "%d", on ? 7 : 1);
}

static void tell(unsigned long pages, struct sample *s, const struct sights *t)
{
	char key[32];

	snprintf(key, sizeof(key), "bench.%u", b.lines);
	fact(key,
	     "pages=%lu ret=%d alloc_ns=%llu own_ns=%llu release_ret=%d release_ns=%llu",
	     pages, s[0].ret, (unsigned long long)s[0].ns,
	     (unsigned long long)s[0].own_ns, s[1].ret,
	     (unsigned long long)s[1].ns);
	snprintf(key, sizeof(key), "bench.%u.trace", b.lines++);
	fact(key,
	     "windows=%lu irqs_off_us=%lu page_drains=%lu lru_drains=%lu",
	     t->windows, t->irqs_off_us, t->page_drains, t->lru_drains);
}

/* The sum over all requests of this boot. */
static void tell_counters(const struct counters *was)
{
	struct counters is = bench_counters();

	fact("bench.sum",
	     "moved=%llu unmoved=%llu file_pages=%lld background_ns=%llu",
	     is.moved - was->moved, is.unmoved - was->unmoved,
	     (long long)(is.file_pages - was->file_pages),
	     is.background_ns - was->background_ns);
}

/* The trace ends before the release, which is not to be in it. */
static void measure(unsigned long pages, unsigned int cycles)
{
	static struct sample s[MOST_CYCLES][2];
	static struct sights t[MOST_CYCLES];
	struct counters was;
	unsigned int i;

	console(false);
	was = bench_counters();
	quiet();
	for (i = 0; i < cycles && i < MOST_CYCLES; i++) {
		bench_look_start(b.look);
		s[i][0] = request(b.alloc, pages);
		t[i] = bench_look_stop(b.look);
		if (!s[i][0].ret)
			s[i][1] = request(b.release, pages);
	}
	console(true);
	tell_start();
	tell_counters(&was);
	for (cycles = i, i = 0; i < cycles; i++)
		tell(pages, s[i], &t[i]);
}

static unsigned long read_size(void)
{
	unsigned long pages = bench_option("cma_pages", 0);

	if (!pages)
		die("no size: give cma_pages=");
	return pages;
}

static void run_state(const struct state *s)
{
	unsigned long pages = read_size();

	b.pins = s->pins;
	bench_tune(true);
	s->make(pages);
	bench_tune(false);
	look_at_start();
	measure(pages, bench_option("cma_cycles", 1));
	s->drop();
}

static int area_file(const char *name)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), AREA_DIR "%s/%s", b.area.name, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		die("cannot open %s: %m", path);
	return fd;
}

/* What would run at a time of its own is told not to. */
static void prepare(void)
{
	bench_run_on(0);
	put("/sys/kernel/mm/transparent_hugepage/khugepaged/scan_sleep_millisecs",
	    "100000000");
	put("/proc/sys/vm/compaction_proactiveness", "0");
	/* What is ours is in memory before a state is made, and stays there. */
	mlockall(MCL_CURRENT);
	munlockall();
	b.area = area_default();
	if (b.area.count > BENCH_AREA_PAGES)
		die("an area of %lu pages is too large", b.area.count);
	b.alloc = area_file("alloc");
	b.release = area_file("free");
	b.look = bench_option("cma_look", LOOK_COST);
	bench_seed(bench_option("cma_seed", 1));
	calibrate();
}

static void lives_70(void)
{
	bench_lives(70);
}

static void lives_80(void)
{
	bench_lives(80);
}

static const struct other {
	const char *name;
	void (*run)(void);
} others[] = {
	{ "cost", bench_cost },
	{ "two", bench_two },
	{ "lives70", lives_70 },
	{ "lives80", lives_80 },
};

void run_bench(void)
{
	const char *name = getenv("cma_bench");
	unsigned int i;

	prepare();
	for (i = 0; name && i < ARRAY_SIZE(others); i++) {
		if (!strcmp(others[i].name, name)) {
			others[i].run();
			return;
		}
	}
	for (i = 0; name && i < ARRAY_SIZE(states); i++) {
		if (!strcmp(states[i].name, name)) {
			run_state(&states[i]);
			return;
		}
	}
	check(false, "cma_bench=%s is no state", name ? name : "");
}
