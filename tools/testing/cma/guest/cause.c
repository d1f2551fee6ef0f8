// SPDX-License-Identifier: GPL-2.0
/*
 * cma_test=cause: requests that fail, each for another reason, and what is said
 * about them. For those that need a page in the way see pin.c.
 */
#include <stdio.h>

#include "guest.h"

#define BUFFERS 6
#define BUFFER_BYTES (8 * MIB)
#define MANY 10000

static struct cause {
	struct area area;
	unsigned long block;	/* pages of a buffer */
} c;

static void fail(const char *what, unsigned long pages)
{
	check(area_put(&c.area, "alloc", pages), "%s: %lu pages were there",
	      what, pages);
	view_facts(&c.area, "failures", what);
}

static void buffers(bool take, unsigned int first, unsigned int step)
{
	struct buffer buffer;
	unsigned int i;

	for (i = first; i < BUFFERS; i += step) {
		if (take)
			check(!sample_alloc(i, BUFFER_BYTES, &buffer),
			      "no buffer %u", i);
		else
			check(!sample_free(i), "buffer %u does not go", i);
	}
}

/* What others have of the area does not count: nobody else holds any of it. */
static void fail_for_want_of_room(void)
{
	fail("too_big", c.area.count + 1);
	buffers(true, 0, 1);
	fail("full", (c.area.count / c.block - BUFFERS + 1) * c.block);
	buffers(false, 1, 2);
	fail("fragmented", 3 * c.block);
	buffers(false, 0, 2);
}

/* As much in use as there is memory, but for what a request could be moved to. */
static void fail_for_want_of_memory(void)
{
	unsigned long long regular_kb = meminfo_kb("MemFree:") - cma_free_kb();
	unsigned long bytes = (regular_kb * 1024 +
			       c.area.count * page_size()) * 3 / 4;
	struct hog hog = hog_take(bytes, false);

	fact("lent", "cma_free_kb=%llu", cma_free_kb());
	fail("no_memory", c.area.count - area_attr(&c.area, "used"));
	check(!hog_bad_pages(hog), "memory changed");
	hog_drop(hog);
}

/* Neither may the log be flooded, nor memory be lost. */
static void fail_many_times(void)
{
	unsigned long long slab = meminfo_kb("SUnreclaim:");
	double start = now();
	unsigned int i, failed = 0;

	for (i = 0; i < MANY; i++)
		failed += !!area_put(&c.area, "alloc", c.area.count + 1);
	fact("many", "failed=%u ms=%.0f slab_kb=%lld", failed,
	     (now() - start) * 1000,
	     (long long)(meminfo_kb("SUnreclaim:") - slab));
	view_facts(&c.area, "failures", "many");
}

void run_cause(void)
{
	unsigned long long start = cma_free_kb();

	c.area = area_default();
	c.block = BUFFER_BYTES / page_size();
	sample_need();
	fact("area", "%s base=%lu count=%lu", c.area.name, c.area.base,
	     c.area.count);
	fact("views", "%u", views_read(&c.area));
	fail_for_want_of_room();
	fail_for_want_of_memory();
	fail_many_times();
	view_facts(&c.area, "latency", "end");
	settle(&c.area, start);
	whole_area_free(&c.area);
}
