// SPDX-License-Identifier: GPL-2.0
/*
 * cma_test=fuse: a file system in user space answers all but READ, so page cache
 * in the area stays locked for as long as its server likes. Requests must go
 * round it, give up in time, and end when they are killed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

#define FUSE_DIR "/fuse"
#define FILE_NAME "file"
#define FILE_ID 2
#define READERS 48
#define READ_BYTES (128 * 1024UL)
/* One READ for each reader: no readahead goes from one to the next. */
#define READ_STEP MIB
#define MOST_PENDING (8 * READERS)
#define LONG_S 3600
#define KPF_LOCKED 1ull
/* What is asked for is there at once, or after a second; this is in between. */
#define KILL_EARLY_MS 300
#define KILL_LATE_MS 3000

static struct {
	struct area area;
	int dev;
	int answer[2];
	int go[2];
	pid_t server;
	pid_t reader[READERS];
} f;

/* Of the server: what it has not answered, and whether it answers now. */
static struct {
	struct { uint64_t unique, offset; uint32_t size; } read[MOST_PENDING];
	unsigned int nr;
	bool answers;
} pending;

static unsigned char contents(uint64_t offset)
{
	return offset / 4096 % 251 + 1;
}

static void reply(uint64_t unique, int error, const void *data, size_t size)
{
	struct fuse_out_header head = { sizeof(head) + size, error, unique };
	struct iovec iov[2] = { { &head, sizeof(head) }, { (void *)data, size } };

	/* -ENOENT: whoever asked is gone. */
	if (writev(f.dev, iov, 2) < 0 && errno != ENOENT)
		die("cannot answer: %m");
}

static void reply_init(uint64_t unique)
{
	const struct fuse_init_out out = {
		.major = FUSE_KERNEL_VERSION,
		.minor = FUSE_KERNEL_MINOR_VERSION,
		.max_readahead = READ_BYTES,
		.flags = FUSE_ASYNC_READ,
		.max_background = MOST_PENDING,
		.congestion_threshold = MOST_PENDING,
		.max_write = 4096,
		.time_gran = 1,
	};

	reply(unique, 0, &out, sizeof(out));
}

static struct fuse_attr attr_of(uint64_t node)
{
	bool is_file = node == FILE_ID;

	return (struct fuse_attr){
		.ino = node,
		.size = is_file ? READERS * READ_STEP : 0,
		.mode = is_file ? S_IFREG | 0444 : S_IFDIR | 0755,
		.nlink = is_file ? 1 : 2,
		.blksize = 4096,
	};
}

static void reply_lookup(uint64_t unique, const char *name)
{
	const struct fuse_entry_out out = {
		.nodeid = FILE_ID,
		.generation = 1,
		.entry_valid = LONG_S,
		.attr_valid = LONG_S,
		.attr = attr_of(FILE_ID),
	};

	if (strcmp(name, FILE_NAME))
		reply(unique, -ENOENT, NULL, 0);
	else
		reply(unique, 0, &out, sizeof(out));
}

static void reply_read(uint64_t unique, uint64_t offset, uint32_t size)
{
	static unsigned char data[READ_BYTES];
	uint32_t at;

	if (size > sizeof(data))
		die("a READ of %u bytes", size);
	for (at = 0; at < size; at += 4096)
		memset(data + at, contents(offset + at), 4096);
	reply(unique, 0, data, size);
}

static void take_read(uint64_t unique, const struct fuse_read_in *in)
{
	unsigned int i = pending.nr;

	if (pending.answers) {
		reply_read(unique, in->offset, in->size);
		return;
	}
	if (i == MOST_PENDING)
		die("more than %u READs", MOST_PENDING);
	pending.read[i].unique = unique;
	pending.read[i].offset = in->offset;
	pending.read[i].size = in->size;
	pending.nr++;
}

static void answer_reads(void)
{
	unsigned int i;

	pending.answers = true;
	for (i = 0; i < pending.nr; i++)
		reply_read(pending.read[i].unique, pending.read[i].offset,
			   pending.read[i].size);
}

static void serve_one(const struct fuse_in_header *head)
{
	const struct fuse_attr_out attr = { LONG_S, 0, 0, attr_of(head->nodeid) };
	const struct fuse_open_out opened = { .fh = 1 };

	switch (head->opcode) {
	case FUSE_INIT:
		reply_init(head->unique);
		break;
	case FUSE_LOOKUP:
		reply_lookup(head->unique, (const char *)(head + 1));
		break;
	case FUSE_GETATTR:
		reply(head->unique, 0, &attr, sizeof(attr));
		break;
	case FUSE_OPEN:
		reply(head->unique, 0, &opened, sizeof(opened));
		break;
	case FUSE_READ:
		take_read(head->unique, (const void *)(head + 1));
		break;
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		break;
	case FUSE_RELEASE:
		reply(head->unique, 0, NULL, 0);
		break;
	default:
		reply(head->unique, -EOPNOTSUPP, NULL, 0);
	}
}

/* Ends when the file system is unmounted. */
static void __noreturn serve(void)
{
	static char request[FUSE_MIN_READ_BUFFER] __attribute__((aligned(8)));
	struct pollfd fds[] = { { f.dev, POLLIN, 0 }, { f.answer[0], POLLIN, 0 } };
	char c;

	for (;;) {
		if (poll(fds, ARRAY_SIZE(fds), -1) < 0)
			die("poll: %m");
		if (fds[1].revents && read(f.answer[0], &c, 1) == 1)
			answer_reads();
		if (!fds[0].revents)
			continue;
		if (read(f.dev, request, sizeof(request)) > 0)
			serve_one((const struct fuse_in_header *)request);
		else if (errno == ENODEV)
			_exit(0);
	}
}

static void mount_it(void)
{
	char options[96];

	f.dev = open("/dev/fuse", O_RDWR);
	if (f.dev < 0 || pipe(f.answer) || pipe(f.go))
		die("/dev/fuse: %m");
	mkdir(FUSE_DIR, 0755);
	snprintf(options, sizeof(options),
		 "fd=%d,rootmode=40000,user_id=0,group_id=0", f.dev);
	if (mount("fuse", FUSE_DIR, "fuse", 0, options))
		die("cannot mount: %m");
	f.server = fork();
	if (!f.server)
		serve();
	close(f.dev);
}

/* Its buffer is there before memory is short, and what it reads is checked. */
static void __noreturn read_part(unsigned int number)
{
	static unsigned char data[READ_BYTES];
	uint64_t offset = number * READ_STEP;
	int fd = open(FUSE_DIR "/" FILE_NAME, O_RDONLY);
	unsigned long i, bad = 0;
	char c;

	memset(data, 0, sizeof(data));
	if (fd < 0 || read(f.go[0], &c, 1) != 1)
		die("cannot begin to read: %m");
	if (pread(fd, data, sizeof(data), offset) != (ssize_t)sizeof(data))
		die("cannot read: %m");
	for (i = 0; i < sizeof(data); i++)
		bad += data[i] != contents(offset + i);
	_exit(!!bad);
}

static unsigned long count_locked(void)
{
	unsigned long i, locked = 0, bytes = f.area.count * sizeof(uint64_t);
	uint64_t *flags = malloc(bytes);
	int fd = open("/proc/kpageflags", O_RDONLY);

	if (fd < 0 || !flags ||
	    pread(fd, flags, bytes, f.area.base * sizeof(uint64_t)) !=
	    (ssize_t)bytes)
		die("/proc/kpageflags: %m");
	close(fd);
	for (i = 0; i < f.area.count; i++)
		locked += flags[i] & KPF_LOCKED;
	free(flags);
	return locked;
}

static void lock_pages(void)
{
	unsigned long locked = 0, before;
	char go[READERS] = { 0 };
	struct hog hog;
	unsigned int i;

	for (i = 0; i < READERS; i++) {
		f.reader[i] = fork();
		if (!f.reader[i])
			read_part(i);
	}
	hog = hog_lend_early();
	if (write(f.go[1], go, sizeof(go)) != sizeof(go))
		die("cannot have them read: %m");
	do {
		before = locked;
		sleep(1);
		locked = count_locked();
	} while (!locked || locked != before);
	hog_drop(hog);
	/* From batches to LRU lists, where an evacuation isolates them. */
	put("/proc/sys/vm/drop_caches", "1");
	fact("fuse.locked", "%lu", locked);
}

static void unlock_pages(void)
{
	unsigned int i, good = 0;
	int status;

	if (write(f.answer[1], "a", 1) != 1)
		die("cannot have it answer: %m");
	for (i = 0; i < READERS; i++)
		good += waitpid(f.reader[i], &status, 0) == f.reader[i] &&
			!status;
	fact("fuse.readers", "of=%u good=%u", READERS, good);
	check(good == READERS, "%u readers read something else", READERS - good);
}

static void unmount_it(void)
{
	int status = 0;

	check(!umount(FUSE_DIR), "cannot unmount: %m");
	check(waitpid(f.server, &status, 0) == f.server && !status,
	      "the server ended with %#x", status);
}

void run_fuse(void)
{
	unsigned long long before = cma_free_kb();
	unsigned long all;

	f.area = area_default();
	all = f.area.count - area_attr(&f.area, "used");
	mount_it();
	lock_pages();
	request_run(&f.area, "fuse.half", f.area.count / 2, KILL_LATE_MS);
	request_run(&f.area, "fuse.killed", all, KILL_EARLY_MS);
	request_why(&f.area, "killed");
	request_run(&f.area, "fuse.all", all, KILL_LATE_MS);
	request_why(&f.area, "all");
	fact("fuse.still", "%lu", count_locked());
	unlock_pages();
	request_end(&f.area);
	unmount_it();
	request_settle(&f.area, before);
}
