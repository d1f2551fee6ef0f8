// SPDX-License-Identifier: GPL-2.0
/*
 * cma_test=pair: two threads ask for buffers at the same moment, small enough
 * to meet in one pageblock. Both must get theirs, and nobody else's.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "guest.h"

#define ROUNDS 100
#define MAX_PAGES 300

static struct pair {
	struct area area;
	pthread_barrier_t barrier;
	struct buffer buffer[2];
	unsigned long long used;
	unsigned int refused[2];
} t;

static bool inside(struct range r)
{
	return r.first >= t.area.base && r.end <= t.area.base + t.area.count;
}

static void compare(void)
{
	struct range a = t.buffer[0].pfn, b = t.buffer[1].pfn;
	unsigned long long pages = 0;

	pages += inside(a) ? a.end - a.first : 0;
	pages += inside(b) ? b.end - b.first : 0;
	check(a.end <= b.first || b.end <= a.first,
	      "both got pfn 0x%lx-0x%lx and 0x%lx-0x%lx", a.first, a.end,
	      b.first, b.end);
	check(area_attr(&t.area, "used") == t.used + pages,
	      "the bitmap does not hold exactly the two buffers");
}

static void one_round(unsigned int me, unsigned long pages)
{
	pthread_barrier_wait(&t.barrier);
	if (sample_alloc(me, pages * page_size(), &t.buffer[me]))
		check(false, "no buffer for thread %u", me);
	t.refused[me] += !inside(t.buffer[me].pfn);
	pthread_barrier_wait(&t.barrier);
	if (!me)
		compare();
	pthread_barrier_wait(&t.barrier);
	check(!sample_fill(me, me + 1), "cannot write buffer %u", me);
	pthread_barrier_wait(&t.barrier);
	sample_verify(me);
	check(!sample_free(me), "cannot free buffer %u", me);
}

static void *thread(void *arg)
{
	unsigned int me = (uintptr_t)arg, seed = me + 1, i;

	for (i = 0; i < ROUNDS; i++)
		one_round(me, 2 + rand_r(&seed) % MAX_PAGES);
	return NULL;
}

void run_pair(void)
{
	unsigned long long start = cma_free_kb();
	pthread_t other;

	data_mount();
	sample_need();
	t.area = area_default();
	t.used = area_attr(&t.area, "used");
	data_read_all();
	fact("pair.free_filled_kb", "%llu", cma_free_kb());
	pthread_barrier_init(&t.barrier, NULL, 2);
	pthread_create(&other, NULL, thread, (void *)1);
	thread((void *)0);
	pthread_join(other, NULL);
	fact("pair", "rounds=%u refused=%u", ROUNDS,
	     t.refused[0] + t.refused[1]);
	check(area_attr(&t.area, "used") == t.used, "pages stayed held");
	settle(&t.area, start);
	whole_area_free(&t.area);
}
