// SPDX-License-Identifier: GPL-2.0
/*
 * How a load of mixed sizes and life times breaks up an idle area, by the way in
 * which windows are chosen. A report from the field: after hours of playback and
 * of camera mode switches no buffer of 8 MiB was left.
 */
#include <stdlib.h>
#include <string.h>

#include <linux/bits.h>
#include <linux/find.h>

#include "tap.h"
#include "lib/bitmap.h"

#define AREA_PAGES 65536
/* Bits of the host are read one by one: fewer of them take less time. */
#define SLOT_ORDER 2
#define AREA_SLOTS (AREA_PAGES >> SLOT_ORDER)
#define AREA_LONGS (AREA_SLOTS / BITS_PER_LONG)
#define BUFFERS 220
#define STEPS 60000
#define SEEDS 10
/* The largest life of a buffer is 2 to the power of this, in steps. */
#define LIFE_ORDER 12
#define ALIGN_ORDER 8

/* From 80 KiB to 8.1 MiB, and how many of 100 requests are for that. */
static const struct {
	unsigned long nr_pages;
	unsigned int share;
} kinds[] = {
	{ 20, 40 }, { 75, 25 }, { 333, 15 }, { 768, 10 }, { 1280, 6 },
	{ 2074, 4 },
};

struct buffer {
	struct cma_range range;
	unsigned long end;
};

struct load {
	struct cma_bitmap map;
	unsigned long bits[AREA_LONGS];
	struct buffer buffers[BUFFERS];
	unsigned long nr_held, limit, next_end;
	unsigned long asked, failed;
	bool is_tight;
};

static unsigned long pick_pages(void)
{
	unsigned long percent = tap_below(100);
	unsigned int i;

	for (i = 0; percent >= kinds[i].share; i++)
		percent -= kinds[i].share;
	return kinds[i].nr_pages;
}

/* As many short lives as long ones, in each order of magnitude. */
static unsigned long pick_life(void)
{
	unsigned long order = 1 + tap_below(LIFE_ORDER - 1);

	return (1UL << order) + tap_below(1UL << order);
}

static unsigned int order_of(unsigned long nr_pages)
{
	unsigned int order = 0;

	while (1UL << order < nr_pages && order < ALIGN_ORDER)
		order++;
	return order;
}

static void release_ended(struct load *load, unsigned long now)
{
	unsigned long next_end = ~0UL;
	struct buffer *buffer;

	if (now < load->next_end)
		return;
	for (buffer = load->buffers; buffer < load->buffers + BUFFERS; buffer++) {
		if (buffer->end && buffer->end <= now) {
			cma_bitmap_clear(&load->map, buffer->range);
			load->nr_held -= cma_range_len(buffer->range);
			buffer->end = 0;
		}
		if (buffer->end && buffer->end < next_end)
			next_end = buffer->end;
	}
	load->next_end = next_end;
}

static void allocate(struct load *load, unsigned long now)
{
	struct buffer *buffer = &load->buffers[tap_below(BUFFERS)];
	unsigned long nr_pages = pick_pages(), life = pick_life();
	struct cma_window window;

	if (buffer->end || load->nr_held + nr_pages > load->limit)
		return;
	load->asked++;
	CHECK(!cma_window_init(&window, &load->map, nr_pages,
			       order_of(nr_pages)), "%lu pages", nr_pages);
	window.is_tight = load->is_tight;
	if (!cma_window_next(&window)) {
		load->failed++;
		return;
	}
	cma_bitmap_set(&load->map, window.range);
	load->nr_held += nr_pages;
	*buffer = (struct buffer){ window.range, now + life };
	if (buffer->end < load->next_end)
		load->next_end = buffer->end;
}

/* Returns how many of @asked requests failed, over all seeds. */
static unsigned long run(bool is_tight, unsigned int percent,
			 unsigned long *asked)
{
	struct load *load = malloc(sizeof(*load));
	unsigned long failed = 0;
	unsigned int seed;

	*asked = 0;
	for (seed = 1; seed <= SEEDS; seed++) {
		unsigned long now;

		*load = (struct load){
			.map.count = AREA_SLOTS,
			.map.order = SLOT_ORDER,
			.limit = AREA_PAGES * percent / 100,
			.is_tight = is_tight,
		};
		load->map.bits = load->bits;
		tap_state = seed;
		for (now = 1; now <= STEPS; now++) {
			release_ended(load, now);
			allocate(load, now);
		}
		failed += load->failed;
		*asked += load->asked;
	}
	free(load);
	return failed;
}

CASE(sizes_for_days_with_70_percent_held)
{
	unsigned long asked, first = run(false, 70, &asked);
	unsigned long tight = run(true, 70, &asked);

	printf("# of %lu requests, first fit fails %lu, tight %lu\n", asked,
	       first, tight);
	CHECK(first >= 10, "the load is too easy: first fit fails %lu of %lu",
	      first, asked);
	CHECK(10 * tight <= first, "tight fails %lu, first fit %lu of %lu",
	      tight, first, asked);
}

static void clear_run(struct cma_bitmap *map, unsigned long start,
		      unsigned long count)
{
	cma_bitmap_clear(map, cma_range_of(start, count));
}

static unsigned long tight_start(const struct cma_bitmap *map)
{
	struct cma_window window;

	CHECK(!cma_window_init(&window, map, 4, 0), "init");
	window.is_tight = true;
	CHECK(cma_window_next(&window), "there is room");
	return window.range.start;
}

/* The lock is held meanwhile, so a huge area is not compared as a whole. */
CASE(gaps_far_away_are_not_compared)
{
	struct cma_bitmap map = { .count = 1UL << 20 };

	map.bits = malloc(map.count / 8);
	memset(map.bits, 0xff, map.count / 8);
	clear_run(&map, 100, 10);
	clear_run(&map, 200UL * 1024, 4);
	shim_bits_read = 0;
	CHECK(tight_start(&map) == 100, "the near one");
	CHECK(shim_bits_read < 150UL * 1024, "%lu bits", shim_bits_read);
	clear_run(&map, 100UL * 1024, 4);
	CHECK(tight_start(&map) == 100UL * 1024, "the one that fits");
	memset(map.bits, 0xff, map.count / 8);
	clear_run(&map, map.count - 4, 4);
	CHECK(tight_start(&map) == map.count - 4, "the only one");
	free(map.bits);
}

CASE(sizes_for_days_with_80_percent_held)
{
	unsigned long asked, first = run(false, 80, &asked);
	unsigned long tight = run(true, 80, &asked);

	printf("# of %lu requests, first fit fails %lu, tight %lu\n", asked,
	       first, tight);
	CHECK(2 * tight <= first, "tight fails %lu, first fit %lu of %lu",
	      tight, first, asked);
}
