// SPDX-License-Identifier: GPL-2.0
/*
 * What the memory of a machine is used for: all of it could be moved, and each
 * page has contents that can be told from all others.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "data.h"
#include "starve.h"

#define CHILDREN 2
#define GROUPS 200
#define GROUPS_DIR "/sys/fs/cgroup/many"
#define TMPFS_FILE "/tmp/load"
#define CHUNK_WORDS 8192
#define READ_BYTES (1 << 20)

static struct hog hog;
static pid_t children[CHILDREN];
static unsigned int files;
static unsigned long tmpfs_words;

static void anon_take(unsigned long bytes)
{
	hog = hog_take(bytes, false);
}

static unsigned long anon_bad(void)
{
	return hog_bad_pages(hog);
}

static void anon_drop(void)
{
	hog_drop(hog);
}

static void mlock_take(unsigned long bytes)
{
	anon_take(bytes);
	if (mlock(hog.addr, bytes))
		die("cannot lock %lu bytes: %m", bytes);
}

/* For swap in compressed memory, in which random contents would not shrink. */
static void squeeze_take(unsigned long bytes)
{
	hog_repeat(true);
	anon_take(bytes);
}

static void fork_take(unsigned long bytes)
{
	unsigned int i;

	anon_take(bytes);
	for (i = 0; i < CHILDREN; i++) {
		children[i] = fork();
		if (children[i])
			continue;
		put("/proc/self/oom_score_adj", "-1000");
		for (;;)
			pause();
	}
}

static void fork_drop(void)
{
	unsigned int i;

	for (i = 0; i < CHILDREN; i++) {
		kill(children[i], SIGKILL);
		waitpid(children[i], NULL, 0);
	}
	anon_drop();
}

static void cache_take(unsigned long bytes)
{
	unsigned long most = bytes / DATA_FILE_BYTES;

	data_mount();
	for (files = 0; files < DATA_FILES && files < most; files++)
		if (!data_read(files))
			die("file %u cannot be read", files);
}

/* One that reads its share of the files, and leaves it to a group that stays. */
static void read_as_group(unsigned int group, unsigned long bytes)
{
	unsigned long at = group * bytes, end = at + bytes;
	static char part[READ_BYTES];
	char path[64];
	int fd;

	snprintf(path, sizeof(path), GROUPS_DIR "/%u", group);
	if (mkdir(path, 0755))
		die("cannot make group %u: %m", group);
	strcat(path, "/cgroup.procs");
	if (put(path, "%d", getpid()))
		die("cannot join group %u: %m", group);
	while (at < end) {
		unsigned long most = end - at < READ_BYTES ? end - at : READ_BYTES;
		ssize_t got;

		snprintf(path, sizeof(path), "/data/data%lu", at / DATA_FILE_BYTES);
		fd = open(path, O_RDONLY);
		got = pread(fd, part, most, at % DATA_FILE_BYTES);
		close(fd);
		if (got <= 0)
			die("%s cannot be read: %m", path);
		at += got;
	}
}

/* As many containers, each with some cache of its own. */
static void groups_take(unsigned long bytes)
{
	unsigned long share = bytes / GROUPS & ~(page_size() - 1);
	int status = 1;
	unsigned int i;
	pid_t child;

	data_mount();
	put("/sys/fs/cgroup/cgroup.subtree_control", "+memory");
	if (mkdir(GROUPS_DIR, 0755) || put(GROUPS_DIR "/cgroup.subtree_control", "+memory"))
		die("cannot make groups: %m");
	for (i = 0; i < GROUPS; i++) {
		child = fork();
		if (!child) {
			read_as_group(i, share);
			_exit(0);
		}
		if (child < 0 || waitpid(child, &status, 0) != child || status)
			die("group %u has not read its share", i);
	}
	files = bytes / DATA_FILE_BYTES;
}

static unsigned long cache_bad(void)
{
	unsigned long bad = 0;
	unsigned int i;

	for (i = 0; i < files; i++)
		bad += !data_read(i);
	return bad;
}

static void cache_drop(void)
{
	put("/proc/sys/vm/drop_caches", "1");
}

static void read_quickly(unsigned int file)
{
	static char part[READ_BYTES];
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/data/data%u", file);
	fd = open(path, O_RDONLY);
	while (read(fd, part, sizeof(part)) > 0)
		;
	close(fd);
}

/* Page cache that somebody reads again and again. */
static void reader_take(unsigned long bytes)
{
	unsigned int i;

	cache_take(bytes);
	children[0] = fork();
	if (children[0])
		return;
	put("/proc/self/oom_score_adj", "-1000");
	for (i = 0;; i = (i + 1) % files)
		read_quickly(i);
}

static void reader_drop(void)
{
	kill(children[0], SIGKILL);
	waitpid(children[0], NULL, 0);
	cache_drop();
}

static void tmpfs_take(unsigned long bytes)
{
	static uint64_t chunk[CHUNK_WORDS];
	int fd = open(TMPFS_FILE, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	unsigned long i;

	/* Half of the memory is what it may have otherwise. */
	if (mount("tmpfs", "/tmp", NULL, MS_REMOUNT, "size=90%"))
		die("cannot let tmpfs grow: %m");
	for (tmpfs_words = 0; tmpfs_words < bytes / sizeof(*chunk);) {
		for (i = 0; i < CHUNK_WORDS; i++)
			chunk[i] = data_word(DATA_FILES + 1, tmpfs_words++);
		if (write(fd, chunk, sizeof(chunk)) != sizeof(chunk))
			die("cannot write to tmpfs: %m");
	}
	close(fd);
}

/* In units of what is read at once. */
static unsigned long tmpfs_bad(void)
{
	static uint64_t chunk[CHUNK_WORDS];
	int fd = open(TMPFS_FILE, O_RDONLY);
	unsigned long at = 0, i, wrong, bad = 0;

	while (read(fd, chunk, sizeof(chunk)) == sizeof(chunk)) {
		for (i = 0, wrong = 0; i < CHUNK_WORDS; i++)
			wrong += chunk[i] != data_word(DATA_FILES + 1, at++);
		bad += !!wrong;
	}
	close(fd);
	return bad + (at != tmpfs_words);
}

static void tmpfs_drop(void)
{
	unlink(TMPFS_FILE);
}

/* Half of it of a program, the rest file systems'. */
static void mixed_take(unsigned long bytes)
{
	cache_take(bytes / 4);
	tmpfs_take(bytes / 4);
	anon_take(bytes / 2);
}

static unsigned long mixed_bad(void)
{
	return cache_bad() + tmpfs_bad() + anon_bad();
}

static void mixed_drop(void)
{
	anon_drop();
	tmpfs_drop();
	cache_drop();
}

static const struct load loads[] = {
	{ "anon", anon_take, anon_bad, anon_drop },
	{ "squeeze", squeeze_take, anon_bad, anon_drop },
	{ "mlock", mlock_take, anon_bad, anon_drop },
	{ "fork", fork_take, anon_bad, fork_drop },
	{ "cache", cache_take, cache_bad, cache_drop },
	{ "groups", groups_take, cache_bad, cache_drop },
	{ "reader", reader_take, cache_bad, reader_drop },
	{ "tmpfs", tmpfs_take, tmpfs_bad, tmpfs_drop },
	{ "mixed", mixed_take, mixed_bad, mixed_drop },
};

const struct load *load_named(const char *name)
{
	const struct load *l;

	for (l = loads; l < loads + ARRAY_SIZE(loads); l++)
		if (!strcmp(l->name, name))
			return l;
	die("no load named '%s'", name);
}
