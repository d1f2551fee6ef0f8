// SPDX-License-Identifier: GPL-2.0
/*
 * Bitmaps and windows. Slots are counted from the start of the area, alignment
 * from pfn 0; only align_slot() converts from one to the other.
 */
#include <linux/bitmap.h>
#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/find.h>
#include <linux/minmax.h>

#include "bitmap.h"

/*
 * A tight search compares the first few gaps. Of each it looks at so many slots
 * after the window, and at some more for each slot of the window up to a limit.
 * With the load of test_placement.c, first fit fails 48 times where this does not
 * fail, and 1998 times where it fails 310 times. Gaps that are farther away are
 * not compared, because the lock is held meanwhile.
 */
#define WINDOW_GAPS	   8
#define WINDOW_REST	   512UL
#define WINDOW_REST_SLOT   4UL
#define WINDOW_REST_SLOTS  896UL
#define WINDOW_REACH	   (128UL * 1024)

/* First slot from @slot on that begins at an aligned pfn; count without one. */
static unsigned long align_slot(const struct cma_window *window,
				unsigned long slot)
{
	const struct cma_bitmap *map = window->map;
	unsigned long mask = (window->align_pages >> map->order) - 1;
	unsigned long pad = -((map->base_pfn >> map->order) + slot) & mask;

	return pad < map->count - slot ? slot + pad : map->count;
}

static bool window_fits(const struct cma_window *window, unsigned long slot)
{
	return window->nr_slots <= window->map->count - slot;
}

/**
 * cma_window_init() - begin a search at the start of an area
 * @window: the iterator
 * @map: the bitmap to search; must outlive @window
 * @nr_pages: pages wanted, at least 1; the last slot may be used in part
 * @align_order: the first pfn is to be a multiple of 2^@align_order pages,
 *		 counted from pfn 0; raised to the order of a slot
 *
 * Context: any; reads no bit, so the caller needs no lock.
 * Return: 0; -EINVAL for 0 pages, or an @align_order of BITS_PER_LONG or more;
 * -ENOMEM when the pages do not fit even an empty area.
 */
int cma_window_init(struct cma_window *window, const struct cma_bitmap *map,
		    unsigned long nr_pages, unsigned int align_order)
{
	if (!nr_pages || align_order >= BITS_PER_LONG)
		return -EINVAL;
	*window = (struct cma_window){
		.map = map,
		.nr_pages = nr_pages,
		.nr_slots = ((nr_pages - 1) >> map->order) + 1,
		.align_pages = 1UL << max(align_order, map->order),
	};
	return window_fits(window, align_slot(window, 0)) ? 0 : -ENOMEM;
}

/*
 * First slot in [@from, @to] from which on all slots below @to are clear. The
 * scan goes backwards, because the last set bit tells how far the search can
 * jump. find_last_bit() can only start at a whole word.
 */
static unsigned long clear_from(const unsigned long *bitmap,
				unsigned long from, unsigned long to)
{
	unsigned long word = from / BITS_PER_LONG;
	unsigned long skipped = word * BITS_PER_LONG;
	unsigned long last = find_last_bit(bitmap + word, to - skipped);

	if (last == to - skipped || skipped + last < from)
		return from;
	return skipped + last + 1;
}

static bool window_splits(const struct cma_window *window, unsigned long slot)
{
	const struct cma_bitmap *map = window->map;
	unsigned long step = window->align_pages >> map->order;

	return slot >= step &&
	       find_next_bit(map->bits, slot, slot - step) >= slot;
}

/* First slot from @clear on at which a window begins; one where none fits without. */
static unsigned long window_first(const struct cma_window *window,
				  unsigned long clear)
{
	const struct cma_bitmap *map = window->map;
	unsigned long slot;

	clear = find_next_zero_bit(map->bits, map->count, clear);
	for (;;) {
		slot = align_slot(window, clear);
		if (!window_fits(window, slot))
			return slot;
		clear = clear_from(map->bits, slot,
				   slot + window->nr_slots);
		if (clear == slot)
			return slot;
	}
}

/*
 * How many slots are clear after a window, but no more than are of interest: to
 * find the end of a long gap would cost more than all the rest.
 */
static unsigned long window_rest(const struct cma_window *window,
				 unsigned long slot, unsigned long most)
{
	const struct cma_bitmap *map = window->map;
	unsigned long end = slot + window->nr_slots;
	unsigned long limit = end + min(map->count - end, most);

	return find_next_bit(map->bits, limit, end) - end;
}

/* The window that leaves the smallest rest of its gap, of the first few gaps. */
static unsigned long window_tightest(const struct cma_window *window)
{
	unsigned long most = WINDOW_REST + WINDOW_REST_SLOT *
			     min(window->nr_slots, WINDOW_REST_SLOTS);
	unsigned long slot = window_first(window, window->next);
	unsigned long best = slot, least = most + 1;
	struct cma_bitmap near = *window->map;
	struct cma_window others = *window;
	unsigned int gaps;

	near.count = min(near.count, slot + WINDOW_REACH);
	others.map = &near;
	for (gaps = 0; gaps < WINDOW_GAPS && least; gaps++) {
		unsigned long rest;

		if (!window_fits(&others, slot))
			break;
		rest = window_rest(window, slot, most);
		if (rest < least) {
			least = rest;
			best = slot;
		}
		if (rest == most)
			break;
		slot = window_first(&others, slot + window->nr_slots + rest);
	}
	return best;
}

/**
 * cma_window_next() - find the next window in which no bit is set
 * @window: the iterator
 *
 * Successive windows may overlap: each begins at least one alignment step after
 * the one before. A whole search reads each word of the bitmap about twice.
 *
 * Context: the lock that guards the bitmap is held.
 * Return: true with window->range and window->splits set; false when no window
 * is left.
 */
bool cma_window_next(struct cma_window *window)
{
	const struct cma_bitmap *map = window->map;
	unsigned long slot;

	slot = window->is_tight ? window_tightest(window) :
				  window_first(window, window->next);
	if (!window_fits(window, slot))
		return false;
	window->next = slot + 1;
	window->splits = window_splits(window, slot);
	window->range = cma_range_of(map->base_pfn + (slot << map->order),
				     window->nr_pages);
	return true;
}

/**
 * cma_window_skip_past() - skip all windows that contain a blocker
 * @window: the iterator
 * @pfn: the blocker; before the area it skips nothing, after the area all that
 *	 is left
 */
void cma_window_skip_past(struct cma_window *window, unsigned long pfn)
{
	const struct cma_bitmap *map = window->map;
	unsigned long slot;

	if (pfn < map->base_pfn)
		return;
	slot = (pfn - map->base_pfn) >> map->order;
	slot = min(slot, map->count - 1);
	window->next = max(window->next, slot + 1);
}

static struct cma_range area_of(const struct cma_bitmap *map)
{
	return cma_range_of(map->base_pfn, map->count << map->order);
}

/* The slots that @range touches, as a range of slots instead of pfns. */
static struct cma_range slots_of(const struct cma_bitmap *map,
				 struct cma_range range)
{
	unsigned long last = range.end - 1 - map->base_pfn;

	return (struct cma_range){
		.start = (range.start - map->base_pfn) >> map->order,
		.end = (last >> map->order) + 1,
	};
}

/**
 * cma_bitmap_all_set() - are all bits of a range set?
 * @map: the bitmap
 * @range: pfns; any values
 *
 * Context: the lock that guards the bitmap is held.
 * Return: true when @range is not empty, lies in the area and begins at a slot,
 * and the bits of all slots that it touches are set.
 */
bool cma_bitmap_all_set(const struct cma_bitmap *map, struct cma_range range)
{
	struct cma_range touched;

	if (range.end <= range.start ||
	    !cma_range_contains(area_of(map), range.start,
				cma_range_len(range)) ||
	    range.start & ((1UL << map->order) - 1))
		return false;
	touched = slots_of(map, range);
	return find_next_zero_bit(map->bits, touched.end,
				  touched.start) == touched.end;
}

/**
 * cma_bitmap_none_set() - are all bits of a range clear?
 * @map: the bitmap
 * @range: pfns; not empty, within the area
 *
 * Context: the lock that guards the bitmap is held.
 * Return: true when the bits of all slots that @range touches are clear.
 */
bool cma_bitmap_none_set(const struct cma_bitmap *map, struct cma_range range)
{
	struct cma_range touched = slots_of(map, range);

	return find_next_bit(map->bits, touched.end, touched.start) >=
	       touched.end;
}

/**
 * cma_bitmap_set() - set the bits of all slots that a range touches
 * @map: the bitmap
 * @range: pfns; not empty, within the area
 *
 * Context: the lock that guards the bitmap is held.
 */
void cma_bitmap_set(struct cma_bitmap *map, struct cma_range range)
{
	struct cma_range touched = slots_of(map, range);

	bitmap_set(map->bits, (unsigned int)touched.start,
		   (unsigned int)cma_range_len(touched));
}

/**
 * cma_bitmap_clear() - clear the bits of all slots that a range touches
 * @map: the bitmap
 * @range: pfns; not empty, within the area
 *
 * Context: the lock that guards the bitmap is held.
 */
void cma_bitmap_clear(struct cma_bitmap *map, struct cma_range range)
{
	struct cma_range touched = slots_of(map, range);

	bitmap_clear(map->bits, (unsigned int)touched.start,
		     (unsigned int)cma_range_len(touched));
}

/**
 * cma_bitmap_set_pages() - count the pages whose bits are set
 * @map: the bitmap
 *
 * Context: the lock that guards the bitmap is held, for an exact answer.
 * Return: pages, a multiple of the slot size.
 */
unsigned long cma_bitmap_set_pages(const struct cma_bitmap *map)
{
	unsigned long set = bitmap_weight(map->bits, (unsigned int)map->count);

	return set << map->order;
}

/**
 * cma_bitmap_run_end() - how far are the bits as the first one?
 * @map: the bitmap
 * @range: pages inside the area, at least one; only their bits are read
 *
 * Context: the lock that guards the bitmap is held.
 * Return: the first pfn whose bit is set where the first one is clear, or clear where it
 * is set; the end of @range without one.
 */
unsigned long cma_bitmap_run_end(const struct cma_bitmap *map, struct cma_range range)
{
	unsigned long slot = (range.start - map->base_pfn) >> map->order;
	unsigned long last = (range.end - 1 - map->base_pfn) >> map->order;
	unsigned long end = find_next_bit(map->bits, last + 1, slot);

	if (end == slot)
		end = find_next_zero_bit(map->bits, last + 1, slot);
	end = map->base_pfn + (end << map->order);
	end = min(end, range.end);
	return max(end, range.start);
}

/**
 * cma_bitmap_next_clear_run() - step through the runs of clear bits
 * @map: the bitmap
 * @next: slot at which to begin, 0 at first; moved to the end of the gap
 * @gap: receives the pfns of the gap; whole slots
 *
 * Context: the lock that guards the bitmap is held.
 * Return: true with @gap set; false when no gap is left.
 */
bool cma_bitmap_next_clear_run(const struct cma_bitmap *map, unsigned long *next,
			       struct cma_range *gap)
{
	unsigned long start, end;

	start = find_next_zero_bit(map->bits, map->count, *next);
	if (start >= map->count)
		return false;
	end = find_next_bit(map->bits, map->count, start);
	gap->start = map->base_pfn + (start << map->order);
	gap->end = map->base_pfn + (end << map->order);
	*next = end;
	return true;
}
