// SPDX-License-Identifier: GPL-2.0
/*
 * cma_test=slow: page cache in the area is on its way to a disk that takes many
 * seconds for it. Requests that have other room must not wait for the disk, and
 * those that have none must end soon, in particular when they are killed.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "data.h"
#include "disk.h"

#define PATH DISK_DIR "/file"
#define FILE_BYTES (100 * MIB)
#define CHUNK_WORDS 8192
#define ROOMY_BYTES (64 * MIB)
#define ROOMY 20
#define WHOLE 5
#define KILLED 3
#define KILL_US 50000
/* As long as the disk is at work, more than this is on its way to it. */
#define LEAST_KB 2048

static struct slow {
	struct area area;
	unsigned long whole;	/* all of it but what drivers hold from the start */
	double ms[ROOMY];
} s;

static void chunk_fill(uint64_t *chunk, unsigned long at)
{
	unsigned int i;

	for (i = 0; i < CHUNK_WORDS; i++)
		chunk[i] = data_word(DATA_FILES + 2, at + i);
}

static void write_file(void)
{
	static uint64_t chunk[CHUNK_WORDS];
	int fd = open(PATH, O_WRONLY | O_CREAT | O_EXCL, 0600);
	unsigned long at;

	for (at = 0; at < FILE_BYTES / sizeof(*chunk); at += CHUNK_WORDS) {
		chunk_fill(chunk, at);
		if (write(fd, chunk, sizeof(chunk)) != sizeof(chunk))
			die("cannot write " PATH ": %m");
	}
	close(fd);
}

static bool file_is_good(void)
{
	static uint64_t want[CHUNK_WORDS], chunk[CHUNK_WORDS];
	int fd = open(PATH, O_RDONLY);
	unsigned long at = 0;

	while (read(fd, chunk, sizeof(chunk)) == sizeof(chunk)) {
		chunk_fill(want, at);
		if (memcmp(chunk, want, sizeof(chunk)))
			break;
		at += CHUNK_WORDS;
	}
	close(fd);
	return at == FILE_BYTES / sizeof(*chunk);
}

/* Nothing is written before somebody says so, and nobody is held up for it. */
static void keep_dirty(void)
{
	put("/proc/sys/vm/dirty_writeback_centisecs", "0");
	put("/proc/sys/vm/dirty_background_bytes", "%lu", 4 * FILE_BYTES);
	put("/proc/sys/vm/dirty_bytes", "%lu", 8 * FILE_BYTES);
}

/* Returns who waits for the disk. */
static pid_t start_writing(void)
{
	pid_t child = fork();
	int tries = 100;

	if (!child) {
		sync();
		_exit(0);
	}
	while (meminfo_kb("Writeback:") < LEAST_KB && tries--)
		usleep(10000);
	return child;
}

static void tell(const char *when)
{
	fact(when, "writeback_kb=%llu dirty_kb=%llu lent=%lu count=%lu",
	     meminfo_kb("Writeback:"), meminfo_kb("Dirty:"),
	     disk_lent_pages(&s.area), s.area.count);
}

static int ask(unsigned long pages, double *ms)
{
	double begin = now();
	int ret = area_put(&s.area, "alloc", pages);

	*ms = (now() - begin) * 1000;
	if (!ret)
		check(!area_put(&s.area, "free", pages), "cannot give back");
	return ret;
}

static void ask_many(const char *key, unsigned long pages, unsigned int n)
{
	unsigned int i, failed = 0;

	for (i = 0; i < n; i++)
		failed += !!ask(pages, &s.ms[i]);
	disk_tell_times(key, s.ms, n, failed);
}

static void ask_and_be_killed(unsigned int i)
{
	pid_t child = fork();
	double begin, ms;
	char key[32];
	int status = 0;

	if (!child) {
		ask(s.whole, &ms);
		_exit(0);
	}
	usleep(KILL_US);
	begin = now();
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	snprintf(key, sizeof(key), "slow.kill.%u", i);
	fact(key, "waited=%d ms=%.3f held=%llu", WIFSIGNALED(status),
	     (now() - begin) * 1000,
	     area_attr(&s.area, "used") - (s.area.count - s.whole));
}

/* While it is mounted, the journal of ext4 may keep a page of it where it is. */
static void ask_when_done(const char *when)
{
	double ms;
	int ret = ask(s.whole, &ms);

	fact(when, "ret=%d ms=%.3f", ret, ms);
	request_why(&s.area, when);
}

/* All while the disk is at work. */
static void ask_beside_disk(void)
{
	unsigned int i;

	tell("slow.start");
	ask_many("slow.roomy", ROOMY_BYTES / page_size(), ROOMY);
	tell("slow.roomy.end");
	for (i = 0; i < KILLED; i++)
		ask_and_be_killed(i);
	request_why(&s.area, "slow.kill");
	ask_many("slow.whole", s.whole, WHOLE);
	request_why(&s.area, "slow.whole");
	tell("slow.end");
}

void run_slow(void)
{
	unsigned long long start_kb = cma_free_kb();
	pid_t writer;

	s.area = area_default();
	s.whole = s.area.count - area_attr(&s.area, "used");
	disk_mount("");
	keep_dirty();
	put("/proc/sys/vm/cma_lend_percent", "400");
	write_file();
	writer = start_writing();
	ask_beside_disk();
	waitpid(writer, NULL, 0);
	ask_when_done("slow.mounted");
	put("/proc/sys/vm/drop_caches", "1");
	check(file_is_good(), "the file has other contents");
	disk_unmount();
	ask_when_done("slow.done");
	settle(&s.area, start_kb);
	whole_area_free(&s.area);
}
