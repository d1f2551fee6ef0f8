// SPDX-License-Identifier: GPL-2.0
/*
 * One process of a container: this program again, executed with its number. It
 * takes its memory, says so with a byte to standard output, and waits for the
 * end of standard input. Its exit status tells whether all is as it was.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "container.h"

#define SPAN (2 * MIB)
#define CHUNK_BYTES 65536

enum failure { NO_MEMORY = 2, NO_PIPE, NO_SOCKET, BAD_MEMORY, BAD_PIPE,
	       BAD_SOCKET };

static unsigned char chunk[CHUNK_BYTES], got[CHUNK_BYTES];
static char *memory;
static int pipe_ends[2], socket_ends[2];
static size_t in_socket;

static void __noreturn fail(enum failure why)
{
	_exit(why);
}

static char *span(unsigned int i)
{
	return memory + i * SPAN;
}

static void take_memory(unsigned int number)
{
	unsigned int i;

	memory = mmap(NULL, MEMBER_SPANS * SPAN, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (memory == MAP_FAILED)
		fail(NO_MEMORY);
	for (i = 0; i < MEMBER_SPANS; i++)
		memset(span(i), number + i, MEMBER_SPAN_BYTES);
}

static size_t fill(int fd, size_t most)
{
	size_t done = 0;
	ssize_t n;

	while (done < most &&
	       (n = write(fd, chunk, sizeof(chunk))) > 0)
		done += n;
	return done;
}

static void take_pipe(void)
{
	if (pipe2(pipe_ends, O_NONBLOCK) ||
	    fcntl(pipe_ends[1], F_SETPIPE_SZ, MEMBER_PIPE_BYTES) < 0 ||
	    fill(pipe_ends[1], MEMBER_PIPE_BYTES) != MEMBER_PIPE_BYTES)
		fail(NO_PIPE);
}

static void take_socket(void)
{
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, socket_ends))
		fail(NO_SOCKET);
	in_socket = fill(socket_ends[1], MEMBER_SOCKET_BYTES);
	if (!in_socket)
		fail(NO_SOCKET);
}

static bool same(const char *addr, int value)
{
	return *addr == (char)value &&
	       !memcmp(addr, addr + 1, MEMBER_SPAN_BYTES - 1);
}

/* Reads @bytes, which repeat the chunk. */
static bool drain(int fd, size_t bytes)
{
	size_t done = 0, at, part;
	ssize_t n;

	while (done < bytes) {
		at = done % sizeof(chunk);
		part = sizeof(chunk) - at;
		n = read(fd, got, part < bytes - done ? part : bytes - done);
		if (n <= 0 || memcmp(got, chunk + at, n))
			return false;
		done += n;
	}
	return true;
}

void __noreturn run_member(const char *text)
{
	unsigned int number = strtoul(text, NULL, 10), i;
	char end;

	for (i = 0; i < sizeof(chunk); i++)
		chunk[i] = i * 7 + i / 256 + number;
	take_memory(number);
	take_pipe();
	take_socket();
	if (write(STDOUT_FILENO, "r", 1) != 1 || read(STDIN_FILENO, &end, 1))
		fail(NO_PIPE);
	for (i = 0; i < MEMBER_SPANS; i++)
		if (!same(span(i), number + i))
			fail(BAD_MEMORY);
	if (!drain(pipe_ends[0], MEMBER_PIPE_BYTES))
		fail(BAD_PIPE);
	_exit(drain(socket_ends[0], in_socket) ? 0 : BAD_SOCKET);
}
