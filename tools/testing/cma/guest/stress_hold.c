// SPDX-License-Identifier: GPL-2.0
/* References of the kernel that keep pages where they are, for a while. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/io_uring.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stress.h"

#define SPAN_BYTES (8 * MIB)
#define SPLICE_BYTES 65536UL

/* A long-term pin: such pages have to leave the area first. */
const char *stress_register(unsigned long n)
{
	static int ring = -1;
	struct io_uring_params params = { 0 };
	struct span s = span_map(SPAN_BYTES);
	struct iovec buffer = { s.addr, SPAN_BYTES / 2 };
	bool good;

	if (ring < 0)
		ring = syscall(__NR_io_uring_setup, 4, &params);
	if (ring < 0)
		return access("/proc/sys/kernel/io_uring_disabled", F_OK) ?
			ABSENT : "no ring";
	span_fill(&s, n);
	if (syscall(__NR_io_uring_register, ring, IORING_REGISTER_BUFFERS,
		    &buffer, 1)) {
		span_unmap(&s);
		return "cannot register a buffer";
	}
	usleep(20000);
	good = span_good(&s);
	syscall(__NR_io_uring_register, ring, IORING_UNREGISTER_BUFFERS, NULL,
		0);
	good = good && span_good(&s);
	span_unmap(&s);
	return good ? NULL : "a registered buffer has other contents";
}

/* A short pin; the reader of the pipe sees what the writer had. */
const char *stress_splice(unsigned long n)
{
	struct span s = span_map(2 * SPLICE_BYTES);
	static unsigned char copy[SPLICE_BYTES];
	struct iovec part = { s.addr, SPLICE_BYTES };
	unsigned long got = 0;
	int ends[2];
	ssize_t ret;
	bool good;

	span_fill(&s, n);
	if (pipe(ends))
		return "no pipe";
	ret = vmsplice(ends[1], &part, 1, SPLICE_F_NONBLOCK);
	usleep(5000);
	while (ret > 0 && got < ret) {
		ssize_t now_got = read(ends[0], copy + got, ret - got);

		if (now_got <= 0)
			break;
		got += now_got;
	}
	good = ret > 0 && got == ret && !memcmp(copy, s.addr, got) &&
	       span_good(&s);
	close(ends[0]);
	close(ends[1]);
	span_unmap(&s);
	return good ? NULL : "what went through a pipe is not what went in";
}

const char *stress_mlock(unsigned long n)
{
	struct span s = span_map(SPAN_BYTES);
	unsigned long first = stress_random(s.pages / 2);
	size_t bytes = s.pages / 2 * page_size();
	bool good;

	span_fill(&s, n);
	if (mlock(span_page(&s, first), bytes)) {
		span_unmap(&s);
		return "cannot lock memory";
	}
	usleep(10000);
	good = span_good(&s);
	munlock(span_page(&s, first), bytes);
	usleep(5000);
	good = good && span_good(&s);
	span_unmap(&s);
	return good ? NULL : "locked memory has other contents";
}

/* Writes every other page, beginning with @from; all others must be as before. */
static bool write_half(struct span *s, unsigned int from, uint64_t seed)
{
	unsigned long page, wrong = 0;

	for (page = from; page < s->pages; page += 2)
		span_fill_page(s, page, seed);
	for (page = 0; page < s->pages; page++)
		wrong += !span_page_is(s, page,
				       page % 2 == from ? seed : s->seed);
	return !wrong;
}

const char *stress_fork(unsigned long n)
{
	struct span s = span_map(SPAN_BYTES / 2);
	int status = -1;
	pid_t child;
	bool good;

	span_fill(&s, n);
	child = fork();
	if (!child)
		_exit(!write_half(&s, 0, n + 1));
	good = child > 0 && write_half(&s, 1, n + 2);
	if (child > 0)
		waitpid(child, &status, 0);
	span_unmap(&s);
	return good && !status ? NULL : "parent and child see the other's pages";
}
