// SPDX-License-Identifier: GPL-2.0
/*
 * cma_test=soak: for soak_seconds= [60], all that moves pages at the same time:
 * compaction, khugepaged, a driver that wants 64 MiB, videos that want most of
 * the area, and after each a wave of demand for memory that cannot be moved;
 * beside anonymous memory that is looked at all the time. Nothing may change,
 * and the moving must not become more and more. Sizes are in MiB:
 *   soak_mib=     anonymous memory with known contents [250]
 *   soak_renew=   anonymous memory that is thrown away and taken anew [100]
 *   soak_video=   what is held while a video is shown [450]
 *   soak_wave=    what a wave takes at most [280]
 */
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "starve.h"

#define HUGE "/sys/kernel/mm/transparent_hugepage/"
#define DRIVER_BYTES (64 * MIB)
#define INTERVAL 10.0		/* seconds between two reports */
#define THIRDS 3
#define WARM_UP 0.1		/* of the time: not counted */
#define GROWTH_MOST 1.5
#define GROWTH_WAVES 30		/* of fewer, one more or less is too much */

/* Shared by all processes; each number has one writer. */
struct tally {
	unsigned long allocs;
	unsigned long refused;
	unsigned long videos;
	unsigned long waves;
	unsigned long killed;
	unsigned long long wave_bytes;
	unsigned long looks;
	unsigned long bad_pages;
	unsigned long compactions;
	unsigned long views;
	unsigned long stuck;		/* buffers that could not be released */
	sem_t releasing;
	double end;			/* when all stop */
};

static struct soak {
	struct area area;
	struct hog hog;
	struct tally *tally;
	unsigned long long free_kb;
	double start;
	double rate[THIRDS];		/* pages moved a second */
} s;

static bool running(void)
{
	return now() < s.tally->end;
}

static void compact(void)
{
	while (running()) {
		put("/proc/sys/vm/compact_memory", "1");
		s.tally->compactions++;
		usleep(200000);
	}
}

/* debugfs takes what was allocated last, in pieces; not two at a time. */
static void release(unsigned long pages)
{
	sem_wait(&s.tally->releasing);
	if (area_put(&s.area, "free", pages))
		s.tally->stuck++;
	sem_post(&s.tally->releasing);
}

static void drive(void)
{
	unsigned long pages = DRIVER_BYTES / page_size();

	while (running()) {
		if (area_put(&s.area, "alloc", pages)) {
			s.tally->refused++;
			usleep(50000);
			continue;
		}
		s.tally->allocs++;
		usleep(20000);
		release(pages);
		usleep(50000);
	}
}

static void look(void)
{
	while (running()) {
		s.tally->bad_pages += hog_bad_pages(s.hog);
		s.tally->looks++;
	}
}

/* While it is shown, memory that is taken is taken outside the area. */
static void show_video(void)
{
	unsigned long pages = bench_option("soak_video", 450) * MIB /
			      page_size();

	if (area_put(&s.area, "alloc", pages)) {
		s.tally->refused++;
		return;
	}
	s.tally->videos++;
	usleep(1500000);
	release(pages);
}

/* A wave is as much as is asked for, or ends when there is no more. */
static void wave(void)
{
	const struct demand *d = demand_named("pipe");
	struct limits l = {
		.most = bench_option("soak_wave", 280) * MIB,
	};
	struct note n;

	while (running()) {
		show_video();
		n = demand_run(d, &l);
		s.tally->waves++;
		s.tally->killed += n.killed;
		s.tally->wave_bytes += n.bytes;
	}
}

/* Eight parts, of which one after the other is thrown away. */
static void renew(void)
{
	unsigned long bytes = bench_option("soak_renew", 100) * MIB;
	unsigned long part = bytes / 8 / page_size() * page_size();
	char *addr = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned long at, i = 0;

	if (addr == MAP_FAILED)
		die("cannot map %lu bytes: %m", bytes);
	while (running()) {
		madvise(addr + i * part, part, MADV_DONTNEED);
		for (at = 0; at < part; at += page_size())
			addr[i * part + at] = 1;
		i = (i + 1) % 8;
		usleep(100000);
	}
}

/* Whoever reads what is shown may do so at any time. */
static void read_views(void)
{
	while (running())
		s.tally->views += views_read(&s.area);
}

/* Were nobody left to be killed, a lack of memory would be the end of it all. */
static const struct job {
	void (*run)(void);
	const char *oom_score_adj;
} jobs[] = {
	{ compact, "-1000" }, { drive, "-1000" }, { look, "-1000" },
	{ wave, "-1000" }, { renew, "500" },
	{ read_views, "-1000" },
};

static void start_jobs(pid_t *pids)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(jobs); i++) {
		pids[i] = fork();
		if (pids[i])
			continue;
		put("/proc/self/oom_score_adj", "%s", jobs[i].oom_score_adj);
		jobs[i].run();
		_exit(first_failure() ? 1 : 0);
	}
}

static void end_jobs(const pid_t *pids)
{
	unsigned int i;
	int status;

	for (i = 0; i < ARRAY_SIZE(jobs); i++) {
		status = -1;
		waitpid(pids[i], &status, 0);
		check(!status, "job %u ended with status 0x%x", i, status);
	}
}

/* Before its time: killed, or failed. All others stop then, too. */
static bool job_ended(void)
{
	siginfo_t info = { 0 };

	waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT);
	return info.si_pid && running();
}

static unsigned long long moved(void)
{
	return field("/proc/vmstat", "cma_balance_moved");
}

static unsigned long long migrations(void)
{
	return field("/proc/vmstat", "pgmigrate_success");
}

/* Adds what was moved to the third of the time in which it was. */
static void note_rate(unsigned long long pages)
{
	double warm = s.start + WARM_UP * (s.tally->end - s.start);
	double third = (s.tally->end - warm) / THIRDS, at = now();
	unsigned int which;

	if (at < warm)
		return;
	which = (at - warm) / third;
	s.rate[which < THIRDS ? which : THIRDS - 1] += pages / third;
}

static void tell_interval(unsigned long long balance,
			  unsigned long long migrated)
{
	fact("soak.interval",
	     "at=%.0f moved=%llu migrated=%llu allocs=%lu refused=%lu waves=%lu killed=%lu looks=%lu bad=%lu",
	     now() - s.start, balance, migrated, s.tally->allocs,
	     s.tally->refused, s.tally->waves, s.tally->killed,
	     s.tally->looks, s.tally->bad_pages);
}

static void watch(void)
{
	unsigned long long was = moved(), is, at_report = was;
	unsigned long long migrated = migrations(), now_migrated;
	double next = now() + INTERVAL;

	while (running()) {
		usleep(500000);
		if (job_ended()) {
			s.tally->end = 0;
			return;
		}
		is = moved();
		note_rate(is - was);
		was = is;
		if (now() < next)
			continue;
		now_migrated = migrations();
		tell_interval(is - at_report, now_migrated - migrated);
		at_report = is;
		migrated = now_migrated;
		next += INTERVAL;
	}
}

static void begin(void)
{
	s.area = area_default();
	s.free_kb = cma_free_kb();
	put(HUGE "enabled", "always");
	put(HUGE "khugepaged/scan_sleep_millisecs", "100");
	put(HUGE "khugepaged/alloc_sleep_millisecs", "100");
	s.tally = mmap(NULL, page_size(), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (s.tally == MAP_FAILED)
		die("cannot map a page: %m");
	sem_init(&s.tally->releasing, 1, 1);
	s.hog = hog_take(bench_option("soak_mib", 250) * MIB, false);
	s.start = now();
	s.tally->end = s.start + bench_option("soak_seconds", 60);
}

static void finish(void)
{
	struct tally *t = s.tally;
	unsigned long bad = t->bad_pages + hog_bad_pages(s.hog);

	fact("soak.rate", "first=%.0f second=%.0f last=%.0f", s.rate[0],
	     s.rate[1], s.rate[2]);
	fact("soak.sum",
	     "allocs=%lu refused=%lu videos=%lu waves=%lu killed=%lu wave_mib=%llu looks=%lu compactions=%lu views=%lu stuck=%lu bad=%lu",
	     t->allocs, t->refused, t->videos, t->waves, t->killed,
	     t->waves ? t->wave_bytes / t->waves / MIB : 0, t->looks,
	     t->compactions, t->views, t->stuck, bad);
	check(!bad, "%lu pages with other contents", bad);
	check(t->waves < GROWTH_WAVES || s.rate[2] <= GROWTH_MOST * s.rate[0],
	      "more and more pages are moved: %.0f a second, then %.0f",
	      s.rate[0], s.rate[2]);
	hog_drop(s.hog);
	put(HUGE "enabled", "never");
	settle(&s.area, s.free_kb);
	whole_area_free(&s.area);
}

void run_soak(void)
{
	pid_t pids[ARRAY_SIZE(jobs)];

	begin();
	oom_expected(true);
	start_jobs(pids);
	watch();
	end_jobs(pids);
	oom_expected(false);
	no_complaint();
	finish();
}
