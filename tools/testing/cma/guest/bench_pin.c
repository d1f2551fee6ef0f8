// SPDX-License-Identifier: GPL-2.0
/* Pages in the area that a pipe holds, and that nobody can move. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

#include "bench.h"

#define MOST 64
#define PIPE_PAGES 16
#define WITHIN 4096UL		/* pins are in the first 16 MiB */

static int pipes[MOST][2];
static unsigned int pinned;

static bool pin(unsigned long at)
{
	struct iovec iov = {
		.iov_base = bench_inside[at], .iov_len = page_size(),
	};
	int *ends = pipes[pinned];

	if (!bench_inside[at])
		return false;
	if (pipe(ends) || vmsplice(ends[1], &iov, 1, 0) != (ssize_t)page_size())
		die("vmsplice: %m");
	bench_inside[at] = NULL;	/* no page is pinned twice */
	pinned++;
	return true;
}

/* What the kernel itself got at boot is at the front. */
static unsigned long first_not_held(const struct area *a)
{
	unsigned char *held = area_held(a);
	unsigned long i;

	for (i = 0; i < a->count && held[i]; i++)
		;
	free(held);
	return i;
}

/* The first pin is in the first window of @window pages, the others anywhere. */
void bench_pin(const struct area *a, unsigned int pins, unsigned long window)
{
	unsigned long start = first_not_held(a);
	unsigned long first = window < WITHIN ? window : WITHIN;
	unsigned int tries;

	for (tries = 0; !pinned && tries < 1000; tries++)
		pin(start + bench_random() % first);
	if (!pinned)
		die("none of the first %lu pages of the area is ours", first);
	while (pinned < pins)
		pin(start + bench_random() % WITHIN);
}

void bench_unpin(void)
{
	for (; pinned; pinned--) {
		close(pipes[pinned - 1][0]);
		close(pipes[pinned - 1][1]);
	}
}
