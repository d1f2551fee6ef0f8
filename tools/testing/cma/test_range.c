// SPDX-License-Identifier: GPL-2.0
/*
 * Ranges of page frames against counting, in a world of nine pfns at the start
 * and at the end of all pfns.
 */
#include "lib/range.h"
#include "tap.h"

#define WORLD 9

static bool holds(struct cma_range range, unsigned long pfn)
{
	return pfn >= range.start && pfn < range.end;
}

static unsigned long shared_pages(struct cma_range a, struct cma_range b,
				  unsigned long first)
{
	unsigned long i, shared = 0;

	for (i = 0; i < WORLD; i++)
		shared += holds(a, first + i) && holds(b, first + i);
	return shared;
}

static void check_pair(struct cma_range a, struct cma_range b,
		       unsigned long first)
{
	unsigned long shared = shared_pages(a, b, first);
	unsigned long len = cma_range_len(b);

	CHECK(cma_range_len(cma_range_and(a, b)) == shared &&
	      (!shared || (holds(a, cma_range_and(a, b).start) &&
			   holds(b, cma_range_and(a, b).start))),
	      "%#lx-%#lx %#lx-%#lx", a.start, a.end, b.start, b.end);
	if (len)
		CHECK(cma_range_contains(a, b.start, len) == (shared == len),
		      "%#lx-%#lx %#lx-%#lx", a.start, a.end, b.start, b.end);
	else
		CHECK(cma_range_contains(a, b.start, 0) ==
		      (b.start == a.end || holds(a, b.start)),
		      "%#lx-%#lx %#lx", a.start, a.end, b.start);
}

/* Calls check_pair() for every pair of ranges among WORLD pfns. */
static void check_world(unsigned long first)
{
	unsigned long i, start[2], len[2];

	for (i = 0; i < WORLD * WORLD * WORLD * WORLD; i++) {
		start[0] = i % WORLD;
		len[0] = i / WORLD % WORLD;
		start[1] = i / (WORLD * WORLD) % WORLD;
		len[1] = i / (WORLD * WORLD * WORLD);
		if (start[0] + len[0] >= WORLD || start[1] + len[1] >= WORLD)
			continue;
		check_pair(cma_range_of(first + start[0], len[0]),
			   cma_range_of(first + start[1], len[1]), first);
	}
}

/* The largest aligned chunk, by trying each order. */
static unsigned int largest_chunk(struct cma_range range, unsigned int most)
{
	unsigned int order = most;

	while (range.start & ((1UL << order) - 1) ||
	       cma_range_len(range) < 1UL << order)
		order--;
	return order;
}

CASE(chunks_are_as_large_as_can_be)
{
	struct cma_range range;
	unsigned int most;

	for (range.start = 0; range.start < 70; range.start++)
		for (range.end = range.start + 1; range.end < 140; range.end++)
			for (most = 0; most < 8; most++)
				CHECK(cma_range_order(range, most) ==
				      largest_chunk(range, most),
				      "%lu-%lu most %u", range.start,
				      range.end, most);
}

CASE(ranges_at_the_start_of_all_pfns)
{
	check_world(0);
}

CASE(ranges_at_the_end_of_all_pfns)
{
	check_world(-1UL - WORLD);
}

CASE(a_sum_that_wraps_is_not_contained)
{
	struct cma_range range = cma_range_of(16, 16);

	CHECK(!cma_range_contains(range, 16, ~0UL), "all");
	CHECK(!cma_range_contains(range, 17, ~0UL), "17 + max wraps to 16");
	CHECK(!cma_range_contains(range, 20, ~0UL - 2), "wraps to 17");
}
