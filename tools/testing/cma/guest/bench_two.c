// SPDX-License-Identifier: GPL-2.0
/*
 * Two tasks ask at the same time, for a quarter of all the area's pages each:
 * in one area, or each in an area of its own. By the clock, so this is not for
 * a machine that counts instructions: there is only one processor at a time.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

static struct two {
	struct area area[2];
	pthread_barrier_t barrier;
	uint64_t start[2];
	uint64_t end[2];
	int ret[2];
	unsigned long pages;
} t;

static void *ask(void *arg)
{
	unsigned int me = (uintptr_t)arg;

	bench_run_on(me);
	pthread_barrier_wait(&t.barrier);
	t.start[me] = bench_ns();
	t.ret[me] = area_put(&t.area[me], "alloc", t.pages);
	t.end[me] = bench_ns();
	return NULL;
}

/* One area for both, or two that lie side by side: @all covers them. */
static struct area find_areas(void)
{
	struct area areas[MAX_AREAS], all;
	unsigned int n = areas_read(areas);

	if (!n || n > 2)
		die("%u areas, not one or two", n);
	t.area[0] = areas[0];
	t.area[1] = areas[n - 1];
	all = areas[0];
	if (n == 1)
		return all;
	if (areas[1].base < all.base)
		all = areas[1];
	all.count = areas[0].count + areas[1].count;
	if (areas[0].base + areas[0].count != areas[1].base &&
	    areas[1].base + areas[1].count != areas[0].base)
		die("the two areas are not side by side");
	return all;
}

static void tell(void)
{
	uint64_t first = t.start[0] < t.start[1] ? t.start[0] : t.start[1];
	uint64_t last = t.end[0] > t.end[1] ? t.end[0] : t.end[1];

	fact("bench.extra.both", "%llu", (unsigned long long)(last - first));
	fact("bench.extra.each", "%llu %llu",
	     (unsigned long long)(t.end[0] - t.start[0]),
	     (unsigned long long)(t.end[1] - t.start[1]));
	fact("bench.extra.refused", "%d", !!t.ret[0] + !!t.ret[1]);
}

void bench_two(void)
{
	struct area all = find_areas();
	pthread_t other;
	unsigned int i;

	bench_tune(true);
	bench_fill_anon(&all);
	bench_tune(false);
	t.pages = all.count / 4;
	pthread_barrier_init(&t.barrier, NULL, 2);
	pthread_create(&other, NULL, ask, (void *)1);
	ask((void *)0);
	pthread_join(other, NULL);
	tell();
	for (i = 0; i < 2; i++)
		if (!t.ret[i])
			area_put(&t.area[i], "free", t.pages);
	bench_drop_anon();
}
