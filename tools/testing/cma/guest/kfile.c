// SPDX-License-Identifier: GPL-2.0
/* Reading and writing the files in which the kernel shows itself. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "guest.h"

/* The whole file as a string for the caller to free, or NULL with errno. */
char *slurp(const char *path)
{
	size_t have = 0, room = 1 << 16;
	char *text = malloc(room);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = -1;

	while (fd >= 0 && text &&
	       (got = read(fd, text + have, room - have - 1)) > 0) {
		have += got;
		if (have == room - 1)
			text = realloc(text, room *= 2);
	}
	if (fd >= 0)
		close(fd);
	if (fd < 0 || got < 0 || !text) {
		free(text);
		return NULL;
	}
	text[have] = '\0';
	return text;
}

/* Returns 0 or the negative errno that the write got. */
int put(const char *path, const char *fmt, ...)
{
	char text[256];
	va_list args;
	int ret = 0;
	int fd;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

/* The number that a file starts with; a file that is not there ends the run. */
unsigned long long number(const char *path)
{
	char *text = slurp(path);
	unsigned long long n;

	if (!text)
		die("cannot read %s: %m", path);
	n = strtoull(text, NULL, 0);
	free(text);
	return n;
}

/* The sum of the numbers behind a word, over all lines that start with it. */
unsigned long long field(const char *path, const char *key)
{
	unsigned long long sum = 0, n;
	char *text = slurp(path);
	char *line, *next, name[64];

	if (!text)
		die("cannot read %s: %m", path);
	for (line = text; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		if (sscanf(line, " %63s %llu", name, &n) == 2 &&
		    !strcmp(name, key))
			sum += n;
	}
	free(text);
	return sum;
}

/* A value of /proc/meminfo; the key includes the colon. */
unsigned long long meminfo_kb(const char *key)
{
	return field("/proc/meminfo", key);
}

unsigned long page_size(void)
{
	return sysconf(_SC_PAGESIZE);
}

/* Seconds since the kernel started. */
double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}
