// SPDX-License-Identifier: GPL-2.0
/*
 * cma_test=buffers: a program has buffers of the heap of the default area, hands each to
 * another program, which reads it, and gives it back; while programs and files fill memory.
 *   buffers_rounds=  how often, as root, and as often as an ordinary user [4]
 *   buffers_mib=     how large a buffer is, in MiB [64]
 *   buffers_programs= MiB of programs [600]
 */
#include <fcntl.h>
#include <grp.h>
#include <linux/dma-heap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "data.h"

#define HEAP "/dev/dma_heap/default_cma_region"
#define STOCK_HEAP "/dev/dma_heap/reserved"	/* of an area of the command line */
#define USER 1000
#define SEQUENCE_WORDS 65536UL
#define STRIDE_WORDS 61

/* Shared with the programs. */
static struct told {
	unsigned int done;
	unsigned int failed;		/* no buffer came */
	unsigned int not_shared;	/* the other program cannot have it */
	unsigned long old;		/* pages with contents when they came */
	unsigned long bad;		/* pages that the other program saw wrong */
	double longest_ms;
} *told;

static const char *heap_path;
static unsigned long bytes;
static uint64_t sequence[SEQUENCE_WORDS];

static int buffer_new(int heap)
{
	struct dma_heap_allocation_data data = {
		.len = bytes, .fd_flags = O_RDWR | O_CLOEXEC,
	};

	return ioctl(heap, DMA_HEAP_IOCTL_ALLOC, &data) ? -1 : (int)data.fd;
}

static uint64_t *buffer_map(int fd)
{
	void *addr = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	return addr == MAP_FAILED ? NULL : addr;
}

static bool page_is_clear(const uint64_t *page)
{
	return !*page && !memcmp(page, page + 1, page_size() - sizeof(*page));
}

/* What belongs to the page at word @at in this @round; no two are equal. */
static const uint64_t *contents(unsigned int round, unsigned long at)
{
	unsigned long most = SEQUENCE_WORDS - page_size() / sizeof(*sequence);

	return sequence + (round * STRIDE_WORDS + at / STRIDE_WORDS) % most;
}

static uint64_t number_of(unsigned int round, unsigned long at)
{
	return (uint64_t)round << 32 | at;
}

static void page_write(uint64_t *page, unsigned int round, unsigned long at)
{
	memcpy(page, contents(round, at), page_size());
	*page = number_of(round, at);
}

static bool page_is_right(const uint64_t *page, unsigned int round, unsigned long at)
{
	return *page == number_of(round, at) &&
	       !memcmp(page + 1, contents(round, at) + 1, page_size() - sizeof(*page));
}

static void write_all(uint64_t *words, unsigned int round)
{
	unsigned long step = page_size() / sizeof(*words), at;

	for (at = 0; at < bytes / sizeof(*words); at += step) {
		told->old += !page_is_clear(words + at);
		page_write(words + at, round, at);
	}
}

static void hand_over(int to, int fd, unsigned int round)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .head = {
		.cmsg_len = CMSG_LEN(sizeof(int)),
		.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS,
	} };
	struct iovec text = { .iov_base = &round, .iov_len = sizeof(round) };
	struct msghdr msg = {
		.msg_iov = &text, .msg_iovlen = 1,
		.msg_control = control.room, .msg_controllen = sizeof(control.room),
	};

	memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
	if (sendmsg(to, &msg, 0) != sizeof(round))
		die("cannot hand over a buffer: %m");
}

/* Returns the descriptor, or -1 when there will be no more. */
static int receive(int from, unsigned int *round)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec text = { .iov_base = round, .iov_len = sizeof(*round) };
	struct msghdr msg = {
		.msg_iov = &text, .msg_iovlen = 1,
		.msg_control = control.room, .msg_controllen = sizeof(control.room),
	};
	int fd;

	if (recvmsg(from, &msg, 0) != sizeof(*round) || !CMSG_FIRSTHDR(&msg))
		return -1;
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
	return fd;
}

/* The other program: reads what it is given, and says when it is done. */
static void __noreturn reader(int from)
{
	unsigned int round;
	int fd;

	while ((fd = receive(from, &round)) >= 0) {
		uint64_t *words = buffer_map(fd);
		unsigned long step = page_size() / sizeof(*words), at;

		told->not_shared += !words;
		for (at = 0; words && at < bytes / sizeof(*words); at += step)
			told->bad += !page_is_right(words + at, round, at);
		if (words)
			munmap(words, bytes);
		close(fd);
		if (write(from, &round, sizeof(round)) != sizeof(round))
			break;
	}
	_exit(0);
}

static void one(int heap, int to, unsigned int round)
{
	double begin = now(), ms;
	int fd = buffer_new(heap);
	unsigned int answer;
	uint64_t *words;

	ms = (now() - begin) * 1000;
	told->longest_ms = ms > told->longest_ms ? ms : told->longest_ms;
	told->done++;
	words = fd < 0 ? NULL : buffer_map(fd);
	told->failed += !words;
	if (words) {
		write_all(words, round);
		munmap(words, bytes);
		hand_over(to, fd, round);
		if (read(to, &answer, sizeof(answer)) != sizeof(answer))
			die("the other program ended");
	}
	close(fd);
}

static void become(uid_t user)
{
	if (user && (setgroups(0, NULL) || setgid(user) || setuid(user)))
		die("cannot become user %u: %m", user);
}

static void __noreturn owner(uid_t user, int to, unsigned int rounds)
{
	unsigned int round;
	int heap;

	become(user);
	heap = open(heap_path, O_RDONLY | O_CLOEXEC);
	if (heap < 0)
		die("user %u cannot open %s: %m", user, heap_path);
	for (round = 0; round < rounds; round++)
		one(heap, to, round);
	_exit(0);
}

static pid_t start(uid_t user, int sockets[2], unsigned int rounds)
{
	pid_t pid = fork();

	if (pid < 0)
		die("no program: %m");
	if (pid)
		return pid;
	if (rounds) {
		close(sockets[1]);
		owner(user, sockets[0], rounds);
	}
	close(sockets[0]);
	become(user);
	reader(sockets[1]);
}

static void as_user(uid_t user, unsigned int rounds)
{
	int sockets[2], status[2] = { -1, -1 };
	double begin = now();
	char key[32];
	pid_t pids[2];

	memset(told, 0, sizeof(*told));
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sockets))
		die("no socket: %m");
	pids[0] = start(user, sockets, rounds);
	pids[1] = start(user, sockets, 0);
	close(sockets[0]);
	close(sockets[1]);
	waitpid(pids[0], &status[0], 0);
	waitpid(pids[1], &status[1], 0);
	check(!status[0] && !status[1], "the programs ended with 0x%x and 0x%x", status[0],
	      status[1]);
	snprintf(key, sizeof(key), "buffers.%u", user);
	fact(key, "done=%u failed=%u not_shared=%u old=%lu bad=%lu longest_ms=%.1f ms=%.1f",
	     told->done, told->failed, told->not_shared, told->old, told->bad,
	     told->longest_ms, (now() - begin) * 1000 / rounds);
}

void run_buffers(void)
{
	unsigned int rounds = bench_option("buffers_rounds", 4);
	struct area a = area_default();
	unsigned long long free_kb = cma_free_kb(), used = area_attr(&a, "used");
	struct hog programs;
	size_t i;

	for (i = 0; i < SEQUENCE_WORDS; i++)
		sequence[i] = data_word(DATA_FILES, i);
	bytes = bench_option("buffers_mib", 64) * MIB;
	told = mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		    -1, 0);
	heap_path = access(HEAP, F_OK) ? STOCK_HEAP : HEAP;
	if (told == MAP_FAILED || chmod(heap_path, 0666))
		die("not ready: %m");
	data_mount();
	programs = hog_take(bench_option("buffers_programs", 600) * MIB, false);
	for (i = 0; i < DATA_FILES; i++)
		check(data_skim(i), "a file is not all there");
	as_user(0, rounds);
	as_user(USER, rounds);
	fact("buffers.bad_pages", "%lu", hog_bad_pages(programs));
	hog_drop(programs);
	fact("buffers.used", "start=%llu now=%llu", used, area_attr(&a, "used"));
	settle(&a, free_kb);
	whole_area_free(&a);
}
