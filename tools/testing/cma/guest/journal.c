// SPDX-License-Identifier: GPL-2.0
/*
 * cma_test=journal: requests of 1 MiB while a file system whose journal commits
 * makes and removes files. Some of its metadata lies in the area.
 *   journal_requests=  how many in all [1000]
 *   journal_round=     so many are held before they are given back [48]
 *   journal_left=      regular memory to begin with, in MiB [70]
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "disk.h"

#define FILES 2000
#define LARGE_BYTES (4 * MIB)
#define CHUNK 65536
#define SETTLE_US 8000000	/* of the commits there is one each 5 s */
#define PAUSE_US 20000
/* A guest that is never idle takes the host as long as a minute for ten seconds. */
#define FILE_US 500
#define LARGE_US 500000

static struct journal {
	struct area area;
	unsigned long pages;	/* of a request */
	unsigned long lent;	/* in the middle of the rounds, at least */
	unsigned int failed;
	double *ms;
} j;

/* Without contents: the metadata is the matter, and the disk must not fill up. */
static void file(unsigned int i, const char *name, int flags)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), DISK_DIR "/d%u", i / 100);
	mkdir(path, 0755);
	snprintf(path, sizeof(path), DISK_DIR "/d%u/%s%u", i / 100, name, i);
	fd = open(path, flags, 0600);
	if (fd < 0)
		_exit(1);
	close(fd);
}

static void move_away(unsigned int i)
{
	char from[64], to[64];

	snprintf(from, sizeof(from), DISK_DIR "/d%u/a%u", i / 100, i);
	snprintf(to, sizeof(to), DISK_DIR "/d%u/b%u", i / 100, i);
	if (rename(from, to) || (i % 2 && unlink(to)))
		_exit(1);
}

static void __noreturn make_files(void)
{
	unsigned int i;

	for (;;) {
		for (i = 0; i < FILES; i++, usleep(FILE_US))
			file(i, "a", O_WRONLY | O_CREAT);
		for (i = 0; i < FILES; i++, usleep(FILE_US))
			move_away(i);
	}
}

/* In place, so that it takes no other part of the disk. */
static bool write_once(void)
{
	static char chunk[CHUNK];
	int fd = open(DISK_DIR "/large", O_WRONLY | O_CREAT, 0600);
	unsigned long at;

	for (at = 0; at < LARGE_BYTES; at += CHUNK)
		if (write(fd, chunk, CHUNK) != CHUNK)
			return false;
	return !close(fd);
}

static void __noreturn write_large(void)
{
	while (write_once())
		usleep(LARGE_US);
	_exit(1);
}

static pid_t start(void __noreturn (*run)(void))
{
	pid_t child = fork();

	if (!child)
		run();
	return child;
}

static void stop(pid_t child)
{
	int status = 0;

	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	check(WIFSIGNALED(status), "who works on the disk ended on its own");
}

static bool request(unsigned int i)
{
	double begin = now();
	int ret = area_put(&j.area, "alloc", j.pages);

	j.ms[i] = (now() - begin) * 1000;
	j.failed += !!ret;
	return !ret;
}

/* The part that is left is what a request meets last. */
static unsigned int ask_round(unsigned int first, unsigned int n)
{
	unsigned long lent = disk_lent_pages(&j.area);
	unsigned int i, got = 0;

	if (lent < j.lent)
		j.lent = lent;
	for (i = 0; i < n; i++)
		got += request(first + i);
	if (got && area_put(&j.area, "free", got * j.pages))
		die("cannot give back %u requests", got);
	usleep(PAUSE_US);
	return first + n;
}

static void ask_all(unsigned int requests, unsigned int round)
{
	unsigned int done = 0;

	j.ms = calloc(requests, sizeof(*j.ms));
	j.lent = j.area.count;
	while (done < requests)
		done = ask_round(done, round < requests - done ?
				       round : requests - done);
	fact("journal.lent_pages", "%lu", j.lent);
	disk_tell_times("journal", j.ms, requests, j.failed);
}

void run_journal(void)
{
	unsigned long long start_kb = cma_free_kb();
	pid_t files, large;
	struct hog hog;

	j.area = area_default();
	j.pages = MIB / page_size();
	disk_mount("commit=5");
	check(write_once(), "cannot write to the disk: %m");
	sync();
	put("/proc/sys/vm/drop_caches", "3");
	hog = disk_ballast(&j.area, bench_option("journal_left", 70) * 1024);
	put("/proc/sys/vm/cma_lend_percent", "400");
	files = start(make_files);
	large = start(write_large);
	usleep(SETTLE_US);
	fact("journal.start", "lent=%lu count=%lu free_kb=%llu cma_kb=%llu",
	     disk_lent_pages(&j.area), j.area.count, meminfo_kb("MemFree:"),
	     cma_free_kb());
	ask_all(bench_option("journal_requests", 1000),
		bench_option("journal_round", 48));
	request_why(&j.area, "journal");
	stop(files);
	stop(large);
	check(!hog_bad_pages(hog), "memory changed");
	hog_drop(hog);
	disk_unmount();
	settle(&j.area, start_kb);
	whole_area_free(&j.area);
}
