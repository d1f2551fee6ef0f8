// SPDX-License-Identifier: GPL-2.0
/*
 * Slots and windows, see window.h. Slots are counted from the start of the
 * area, alignment from pfn 0: the two meet in align_slot() only.
 */
#include <linux/bitmap.h>
#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/find.h>
#include <linux/minmax.h>

#include "window.h"

/* First slot from @slot on that begins at an aligned pfn; count for none. */
static unsigned long align_slot(const struct cma_window *window,
				unsigned long slot)
{
	const struct cma_slots *slots = window->slots;
	unsigned long mask = (window->align_pages >> slots->order) - 1;
	unsigned long pad = -((slots->base_pfn >> slots->order) + slot) & mask;

	return pad < slots->count - slot ? slot + pad : slots->count;
}

static bool window_fits(const struct cma_window *window, unsigned long slot)
{
	return window->nr_slots <= window->slots->count - slot;
}

/**
 * cma_window_init() - begin a search at the start of an area
 * @window: the iterator
 * @slots: slots to search; must outlive @window
 * @nr_pages: pages wanted, at least 1; the last slot may be used in part
 * @align_order: the first pfn is to be a multiple of 2^@align_order pages,
 *		 counted from pfn 0; raised to the order of a slot
 *
 * Context: any; the bitmap is not read, so no lock is needed.
 * Return: 0; -EINVAL for no pages or an alignment of more than a word; -ENOMEM
 * when even an empty area would not do.
 */
int cma_window_init(struct cma_window *window, const struct cma_slots *slots,
		    unsigned long nr_pages, unsigned int align_order)
{
	if (!nr_pages || align_order >= BITS_PER_LONG)
		return -EINVAL;
	*window = (struct cma_window){
		.slots = slots,
		.nr_pages = nr_pages,
		.nr_slots = ((nr_pages - 1) >> slots->order) + 1,
		.align_pages = 1UL << max(align_order, slots->order),
	};
	return window_fits(window, align_slot(window, 0)) ? 0 : -ENOMEM;
}

/*
 * First slot in [@from, @to] from which on all slots below @to are clear. It
 * looks backwards, which shows how far the search can jump; find_last_bit()
 * wants to start at a whole word.
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
	const struct cma_slots *slots = window->slots;
	unsigned long step = window->align_pages >> slots->order;

	return slot >= step &&
	       find_next_bit(slots->bitmap, slot, slot - step) >= slot;
}

/**
 * cma_window_next() - go to the next window without a held slot
 * @window: the iterator
 *
 * Successive windows may overlap: each begins at least one alignment step
 * behind the one before. Each bitmap word is looked at about twice in a whole
 * search.
 *
 * Context: the lock that guards the bitmap is held.
 * Return: true with @range and @splits set, or false when no window is left.
 */
bool cma_window_next(struct cma_window *window)
{
	const struct cma_slots *slots = window->slots;
	unsigned long clear = find_next_zero_bit(slots->bitmap, slots->count,
						 window->next);
	unsigned long slot = align_slot(window, clear);

	while (window_fits(window, slot)) {
		clear = clear_from(slots->bitmap, slot,
				   slot + window->nr_slots);
		if (clear == slot) {
			window->next = slot + 1;
			window->splits = window_splits(window, slot);
			window->range = cma_range_of(slots->base_pfn +
						     (slot << slots->order),
						     window->nr_pages);
			return true;
		}
		slot = align_slot(window, clear);
	}
	return false;
}

/**
 * cma_window_skip_past() - leave out all windows that contain a blocker
 * @window: the iterator
 * @pfn: page that cannot be had; outside the area it counts as the nearest end
 *
 * Context: any; the iterator belongs to the caller.
 */
void cma_window_skip_past(struct cma_window *window, unsigned long pfn)
{
	const struct cma_slots *slots = window->slots;
	unsigned long slot;

	if (pfn < slots->base_pfn)
		return;
	slot = (pfn - slots->base_pfn) >> slots->order;
	slot = min(slot, slots->count - 1);
	window->next = max(window->next, slot + 1);
}

/**
 * cma_window_rewind() - search once more from the start of the area
 * @window: the iterator
 *
 * Context: any; the iterator belongs to the caller.
 */
void cma_window_rewind(struct cma_window *window)
{
	window->next = 0;
}

static struct cma_range area_of(const struct cma_slots *slots)
{
	return cma_range_of(slots->base_pfn, slots->count << slots->order);
}

/* The slots that @range touches, as a range of slots instead of pfns. */
static struct cma_range slots_of(const struct cma_slots *slots,
				 struct cma_range range)
{
	unsigned long last = range.end - 1 - slots->base_pfn;

	return (struct cma_range){
		.start = (range.start - slots->base_pfn) >> slots->order,
		.end = (last >> slots->order) + 1,
	};
}

/**
 * cma_slots_are_held() - is every slot of a range held?
 * @slots: slots of the area
 * @range: pfns; any values
 *
 * Context: the lock that guards the bitmap is held.
 * Return: true when @range lies in the area, begins with a slot, is not empty,
 * and all slots that it touches are set.
 */
bool cma_slots_are_held(const struct cma_slots *slots, struct cma_range range)
{
	struct cma_range touched;

	if (range.end <= range.start ||
	    !cma_range_contains(area_of(slots), range.start,
				cma_range_len(range)) ||
	    range.start & ((1UL << slots->order) - 1))
		return false;
	touched = slots_of(slots, range);
	return find_next_zero_bit(slots->bitmap, touched.end,
				  touched.start) == touched.end;
}

/**
 * cma_slots_none_held() - is no slot of a range held?
 * @slots: slots of the area
 * @range: pfns; not empty, within the area
 *
 * Context: the lock that guards the bitmap is held.
 * Return: true when none of the slots that @range touches is set.
 */
bool cma_slots_none_held(const struct cma_slots *slots, struct cma_range range)
{
	struct cma_range touched = slots_of(slots, range);

	return find_next_bit(slots->bitmap, touched.end, touched.start) >=
	       touched.end;
}

/**
 * cma_slots_claim() - mark all slots that a range touches as held
 * @slots: slots of the area
 * @range: pfns; not empty, within the area
 *
 * Context: the lock that guards the bitmap is held.
 */
void cma_slots_claim(struct cma_slots *slots, struct cma_range range)
{
	struct cma_range touched = slots_of(slots, range);

	bitmap_set(slots->bitmap, (unsigned int)touched.start,
		   (unsigned int)cma_range_len(touched));
}

/**
 * cma_slots_drop() - mark all slots that a range touches as lent again
 * @slots: slots of the area
 * @range: pfns; not empty, within the area
 *
 * Context: the lock that guards the bitmap is held.
 */
void cma_slots_drop(struct cma_slots *slots, struct cma_range range)
{
	struct cma_range touched = slots_of(slots, range);

	bitmap_clear(slots->bitmap, (unsigned int)touched.start,
		     (unsigned int)cma_range_len(touched));
}

/**
 * cma_slots_held_pages() - how much of the area is held
 * @slots: slots of the area
 *
 * Context: the lock that guards the bitmap is held, for an exact answer.
 * Return: pages, a multiple of the slot size.
 */
unsigned long cma_slots_held_pages(const struct cma_slots *slots)
{
	unsigned long held = bitmap_weight(slots->bitmap,
					   (unsigned int)slots->count);

	return held << slots->order;
}

/**
 * cma_slots_next_held() - find the next page that is held
 * @slots: slots of the area
 * @pfn: where to begin, in the area or at its end; moved to the page
 *
 * Context: the lock that guards the bitmap is held.
 * Return: true with @pfn set, or false when nothing more is held.
 */
bool cma_slots_next_held(const struct cma_slots *slots, unsigned long *pfn)
{
	unsigned long slot = (*pfn - slots->base_pfn) >> slots->order;
	unsigned long held = find_next_bit(slots->bitmap, slots->count, slot);

	if (held >= slots->count)
		return false;
	if (held > slot)
		*pfn = slots->base_pfn + (held << slots->order);
	return true;
}

/**
 * cma_slots_held_until() - how far are pages held?
 * @slots: slots of the area
 * @range: pages inside the area, at least one; no others are looked at
 *
 * Context: the lock that guards the bitmap is held.
 * Return: the first pfn that is not held; the end of @range when all are.
 */
unsigned long cma_slots_held_until(const struct cma_slots *slots,
				   struct cma_range range)
{
	unsigned long slot = (range.start - slots->base_pfn) >> slots->order;
	unsigned long last = (range.end - 1 - slots->base_pfn) >> slots->order;
	unsigned long end = find_next_zero_bit(slots->bitmap, last + 1, slot);

	end = slots->base_pfn + (end << slots->order);
	end = min(end, range.end);
	return max(end, range.start);
}

/**
 * cma_slots_free_until() - how far are pages not held?
 * @slots: slots of the area
 * @range: pages inside the area, at least one; no others are looked at
 *
 * Context: the lock that guards the bitmap is held.
 * Return: the first pfn that is held; the end of @range when none is.
 */
unsigned long cma_slots_free_until(const struct cma_slots *slots,
				   struct cma_range range)
{
	unsigned long slot = (range.start - slots->base_pfn) >> slots->order;
	unsigned long last = (range.end - 1 - slots->base_pfn) >> slots->order;
	unsigned long end = find_next_bit(slots->bitmap, last + 1, slot);

	end = slots->base_pfn + (end << slots->order);
	end = min(end, range.end);
	return max(end, range.start);
}

/**
 * cma_slots_next_gap() - step through the runs of slots that are not held
 * @slots: slots of the area
 * @next: slot at which to begin, 0 at first; moved behind the gap
 * @gap: the pfns of the gap; whole slots
 *
 * Context: the lock that guards the bitmap is held.
 * Return: true with @gap set, or false when no gap is left.
 */
bool cma_slots_next_gap(const struct cma_slots *slots, unsigned long *next,
			struct cma_range *gap)
{
	unsigned long start, end;

	start = find_next_zero_bit(slots->bitmap, slots->count, *next);
	if (start >= slots->count)
		return false;
	end = find_next_bit(slots->bitmap, slots->count, start);
	gap->start = slots->base_pfn + (start << slots->order);
	gap->end = slots->base_pfn + (end << slots->order);
	*next = end;
	return true;
}

/**
 * cma_slots_largest_gap() - longest run of slots that are not held
 * @slots: slots of the area
 *
 * Context: the lock that guards the bitmap is held.
 * Return: pages, 0 when all is held.
 */
unsigned long cma_slots_largest_gap(const struct cma_slots *slots)
{
	unsigned long largest = 0, next = 0;
	struct cma_range gap;

	while (cma_slots_next_gap(slots, &next, &gap))
		largest = max(largest, cma_range_len(gap));
	return largest;
}
