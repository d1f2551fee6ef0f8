/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The bitmap of an area, and the search for a window in it. Pure. One bit
 * stands for a slot of 2^order pages. The user decides what a set bit means:
 * hold.c has bitmaps of what is taken, of what is held, and of what has no
 * record. The caller holds the lock that guards the bitmap.
 *
 * The search is first fit, upwards. When a window turns out to be blocked, the
 * search goes on after the blocker: each window in between has the same length,
 * so it would contain the blocker, too. A tight search takes the gap that the
 * window fills best, of the first few, so that long gaps stay long.
 */
#ifndef __MM_CMA_BITMAP_H
#define __MM_CMA_BITMAP_H

#include <linux/types.h>

#include "range.h"

/**
 * struct cma_bitmap - one bit for each slot of an area
 * @base_pfn: first pfn of the area, a multiple of the slot size
 * @count: number of slots; at most UINT_MAX, which linux/bitmap.h can address
 * @order: a slot is 2^order pages, 0 to 31
 * @bits: the bits
 */
struct cma_bitmap {
	unsigned long base_pfn;
	unsigned long count;
	unsigned int order;
	unsigned long *bits;
};

/**
 * struct cma_window - iterator over the windows that suit one request
 * @map: the bitmap that it searches
 * @nr_pages: pages asked for, at least 1
 * @nr_slots: slots that hold them
 * @align_pages: the first pfn is a multiple of this, a power of two
 * @is_tight: the next window is to be one that leaves little of its gap
 * @next: slot at which the search goes on
 * @range: the window found last; @nr_pages long
 * @splits: the window one alignment step lower is clear, too, so that this one
 *	    leaves a gap on both sides
 */
struct cma_window {
	const struct cma_bitmap *map;
	unsigned long nr_pages;
	unsigned long nr_slots;
	unsigned long align_pages;
	bool is_tight;
	unsigned long next;
	struct cma_range range;
	bool splits;
};

int cma_window_init(struct cma_window *window, const struct cma_bitmap *map,
		    unsigned long nr_pages, unsigned int align_order);
bool cma_window_next(struct cma_window *window);
void cma_window_skip_past(struct cma_window *window, unsigned long pfn);

bool cma_bitmap_none_set(const struct cma_bitmap *map, struct cma_range range);
bool cma_bitmap_all_set(const struct cma_bitmap *map, struct cma_range range);
void cma_bitmap_set(struct cma_bitmap *map, struct cma_range range);
void cma_bitmap_clear(struct cma_bitmap *map, struct cma_range range);
unsigned long cma_bitmap_set_pages(const struct cma_bitmap *map);
unsigned long cma_bitmap_run_end(const struct cma_bitmap *map, struct cma_range range);
bool cma_bitmap_next_clear_run(const struct cma_bitmap *map, unsigned long *next,
			       struct cma_range *gap);

#endif /* __MM_CMA_BITMAP_H */
