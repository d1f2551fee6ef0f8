// SPDX-License-Identifier: GPL-2.0
/*
 * The window search against a model that looks at every slot one by one:
 * exhaustive for small areas, random for large ones.
 */
#include <stdlib.h>
#include <string.h>

#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/find.h>

#include "slots_model.h"

/* Areas up to this size are tried with every bitmap. */
#define EXHAUSTIVE_SLOTS 12

struct ask {
	unsigned long nr_pages;
	unsigned int align_order;
};

static bool model_suits(const struct cma_bitmap *slots, struct ask ask,
			unsigned long slot)
{
	unsigned long pfn = slots->base_pfn + (slot << slots->order);
	unsigned long pages, i;

	if (pfn % (1UL << ask.align_order))
		return false;
	for (i = slot, pages = 0; pages < ask.nr_pages; i++) {
		if (i >= slots->count || held[i])
			return false;
		pages += 1UL << slots->order;
	}
	return true;
}

/* Is there room for a gap on the left of @slot, up to the window before? */
static bool model_splits(const struct cma_bitmap *slots, struct ask ask,
			 unsigned long slot)
{
	unsigned long step = 1UL << ask.align_order >> slots->order;
	unsigned long i;

	step = step ? step : 1;
	for (i = 1; i <= step; i++)
		if (slot < i || held[slot - i])
			return false;
	return true;
}

/* First window of the model at or behind @slot; count when there is none. */
static unsigned long model_next(const struct cma_bitmap *slots, struct ask ask,
				unsigned long slot)
{
	while (slot < slots->count && !model_suits(slots, ask, slot))
		slot++;
	return slot;
}

/* Could an area without any held slot do it? */
static bool model_possible(const struct cma_bitmap *slots, struct ask ask)
{
	unsigned char saved[MAX_SLOTS];
	bool possible;

	memcpy(saved, held, slots->count);
	memset(held, 0, slots->count);
	possible = model_next(slots, ask, 0) < slots->count;
	memcpy(held, saved, slots->count);
	return possible;
}

static void check_same(const struct cma_bitmap *slots, struct ask ask,
		       struct cma_window *window, unsigned long want)
{
	bool found = cma_window_next(window);

	CHECK(found == (want < slots->count),
	      "%lu pages, align %u, %lu slots of order %u from pfn %#lx: model slot %lu, found %d",
	      ask.nr_pages, ask.align_order, slots->count, slots->order,
	      slots->base_pfn, want, found);
	if (!found || want >= slots->count)
		return;
	CHECK(window->range.start ==
	      slots->base_pfn + (want << slots->order) &&
	      window->splits == model_splits(slots, ask, want) &&
	      window->range.end == window->range.start + ask.nr_pages,
	      "%lu pages, align %u: model slot %lu, found pfn %#lx-%#lx from base %#lx",
	      ask.nr_pages, ask.align_order, want, window->range.start,
	      window->range.end, slots->base_pfn);
}

/* Every window, in order, and then none, twice. */
static void check_walk(const struct cma_bitmap *slots, struct ask ask)
{
	struct cma_window window;
	unsigned long want = 0;
	int ret = cma_window_init(&window, slots, ask.nr_pages,
				  ask.align_order);

	CHECK(ret == (model_possible(slots, ask) ? 0 : -ENOMEM),
	      "%lu pages, align %u in %lu slots of order %u: %d", ask.nr_pages,
	      ask.align_order, slots->count, slots->order, ret);
	if (ret)
		return;
	for (; want < slots->count; want++) {
		want = model_next(slots, ask, want);
		check_same(slots, ask, &window, want);
	}
	check_same(slots, ask, &window, slots->count);
}

/* Slots of the gap that are left after the window at @slot. */
static unsigned long model_rest(const struct cma_bitmap *slots, struct ask ask,
				unsigned long slot)
{
	unsigned long nr_slots = ((ask.nr_pages - 1) >> slots->order) + 1;
	unsigned long end = slot + nr_slots;

	while (end < slots->count && !held[end])
		end++;
	return end - slot - nr_slots;
}

/* All of the area is compared as long as there are no more gaps than that. */
static unsigned long model_tightest(const struct cma_bitmap *slots,
				    struct ask ask)
{
	unsigned long best = slots->count, least = slots->count, slot;

	for (slot = 0; slot < slots->count; slot++) {
		slot = model_next(slots, ask, slot);
		if (slot < slots->count && model_rest(slots, ask, slot) < least) {
			best = slot;
			least = model_rest(slots, ask, slot);
		}
		while (slot < slots->count && !held[slot])
			slot++;
	}
	return best;
}

static void check_tight(const struct cma_bitmap *slots, struct ask ask)
{
	struct cma_window window;

	if (cma_window_init(&window, slots, ask.nr_pages, ask.align_order))
		return;
	window.is_tight = true;
	check_same(slots, ask, &window, model_tightest(slots, ask));
}

static void check_pattern(struct cma_bitmap *slots, unsigned int pattern)
{
	unsigned long max_pages = (slots->count << slots->order) + 1;
	struct ask ask;
	unsigned long i;

	for (i = 0; i < slots->count; i++)
		set_slot(slots, i, pattern >> i & 1);
	set_spare_bits(slots);
	for (ask.align_order = 0; ask.align_order <= 4; ask.align_order++)
		for (ask.nr_pages = 1; ask.nr_pages <= max_pages;
		     ask.nr_pages++) {
			check_walk(slots, ask);
			check_tight(slots, ask);
		}
}

static void check_all_patterns(unsigned int order, unsigned long base_slot)
{
	struct cma_bitmap slots;
	unsigned long count;
	unsigned int pattern;

	for (count = 1; count <= EXHAUSTIVE_SLOTS; count++) {
		slots = make_slots(base_slot, count, order);
		for (pattern = 0; pattern < 1U << count; pattern++)
			check_pattern(&slots, pattern);
		free(slots.bits);
	}
}

CASE(all_small_areas_slot_of_1_page)
{
	check_all_patterns(0, 0);
	check_all_patterns(0, 3);
	check_all_patterns(0, 0x1006);
}

CASE(all_small_areas_slot_of_2_pages)
{
	check_all_patterns(1, 0);
	check_all_patterns(1, 7);
}

CASE(all_small_areas_slot_of_4_pages)
{
	check_all_patterns(2, 0);
	check_all_patterns(2, 3);
}

static struct ask random_ask(const struct cma_bitmap *slots)
{
	unsigned long bound = slots->count << slots->order;

	return (struct ask){
		.nr_pages = 1 + tap_below(1 + (bound >> tap_below(10))),
		.align_order = (unsigned int)tap_below(10),
	};
}

/* Skips sometimes: behind the start of the window, inside, anywhere at all. */
static void check_random_search(const struct cma_bitmap *slots, struct ask ask)
{
	struct cma_window window;
	unsigned long from = 0, want, pfn;

	if (cma_window_init(&window, slots, ask.nr_pages, ask.align_order))
		return;
	do {
		want = model_next(slots, ask, from);
		check_same(slots, ask, &window, want);
		from = want + 1;
		if (want >= slots->count || tap_below(2))
			continue;
		pfn = slots->base_pfn + tap_below(slots->count << slots->order);
		if (tap_below(2))
			pfn = window.range.start + tap_below(ask.nr_pages);
		cma_window_skip_past(&window, pfn);
		while (slots->base_pfn + (from << slots->order) <= pfn)
			from++;
	} while (want < slots->count);
}

CASE(random_large_areas_with_skips)
{
	struct cma_bitmap slots;
	int round, i;

	for (round = 0; round < 300; round++) {
		slots = random_slots();
		for (i = 0; i < 10; i++)
			check_random_search(&slots, random_ask(&slots));
		free(slots.bits);
	}
}

CASE(skip_past_pfns_outside_the_area)
{
	struct cma_bitmap slots = make_slots(100, 8, 2);
	struct cma_window window;

	memset(held, 0, sizeof(held));
	CHECK(!cma_window_init(&window, &slots, 4, 0), "init");
	cma_window_skip_past(&window, 0);
	cma_window_skip_past(&window, slots.base_pfn - 1);
	check_same(&slots, (struct ask){ 4, 0 }, &window, 0);
	cma_window_skip_past(&window, slots.base_pfn + 9);
	check_same(&slots, (struct ask){ 4, 0 }, &window, 3);
	cma_window_skip_past(&window, slots.base_pfn);
	check_same(&slots, (struct ask){ 4, 0 }, &window, 4);
	cma_window_skip_past(&window, ~0UL);
	check_same(&slots, (struct ask){ 4, 0 }, &window, 8);
	window.next = 0;
	check_same(&slots, (struct ask){ 4, 0 }, &window, 0);
	cma_window_skip_past(&window, slots.base_pfn + 32);
	check_same(&slots, (struct ask){ 4, 0 }, &window, 8);
	free(slots.bits);
}

/* Sums do not wrap: alignment and count are bounded before any shift. */
CASE(init_refuses_what_cannot_be)
{
	struct cma_bitmap slots = make_slots(3, 70, 1);
	struct cma_window window;
	const unsigned long all = 140;

	CHECK(cma_window_init(&window, &slots, 0, 0) == -EINVAL, "no pages");
	CHECK(cma_window_init(&window, &slots, 1, BITS_PER_LONG) == -EINVAL,
	      "align");
	CHECK(cma_window_init(&window, &slots, 1, ~0U) == -EINVAL, "align");
	CHECK(cma_window_init(&window, &slots, 1, BITS_PER_LONG - 1) == -ENOMEM,
	      "largest alignment, not met");
	CHECK(cma_window_init(&window, &slots, all, 1) == 0, "all of it");
	CHECK(cma_window_init(&window, &slots, all - 1, 1) == 0, "half a slot");
	CHECK(cma_window_init(&window, &slots, all + 1, 1) == -ENOMEM, "more");
	CHECK(cma_window_init(&window, &slots, ~0UL, 1) == -ENOMEM, "wraps");
	CHECK(cma_window_init(&window, &slots, all, 3) == -ENOMEM,
	      "fits, but not aligned");
	free(slots.bits);
}

CASE(alignment_of_the_highest_pfns)
{
	struct cma_bitmap slots = make_slots(0, 64, 0);
	struct cma_window window;

	slots.base_pfn = ~0UL - 100;
	CHECK(cma_window_init(&window, &slots, 1, BITS_PER_LONG - 1) == -ENOMEM,
	      "the next multiple is behind the last pfn");
	CHECK(!cma_window_init(&window, &slots, 4, 5), "init");
	CHECK(cma_window_next(&window), "there is one");
	CHECK(!(window.range.start & 31) &&
	      window.range.start - slots.base_pfn < 32, "pfn %#lx",
	      window.range.start);
	free(slots.bits);
}

/* Of nine gaps the last one fits best, but eight are enough to decide. */
CASE(tight_search_compares_a_few_gaps)
{
	struct cma_bitmap slots = make_slots(0, MAX_SLOTS, 0);
	struct cma_window window;
	unsigned long gap;

	memset(held, 1, sizeof(held));
	memset(slots.bits, 0xff, MAX_SLOTS / 8);
	for (gap = 0; gap < 9; gap++)
		for (unsigned long i = 0; i < 13 - gap; i++)
			set_slot(&slots, 100 * gap + i, false);
	CHECK(!cma_window_init(&window, &slots, 4, 0), "init");
	window.is_tight = true;
	check_same(&slots, (struct ask){ 4, 0 }, &window, 700);
	window.next = 0;
	set_slot(&slots, 0, true);
	check_same(&slots, (struct ask){ 4, 0 }, &window, 700);
	for (unsigned long i = 0; i < 13; i++)
		set_slot(&slots, i, true);
	window.next = 0;
	check_same(&slots, (struct ask){ 4, 0 }, &window, 800);
	free(slots.bits);
}

/* However long it is: an area that is idle costs next to nothing. */
CASE(tight_search_does_not_measure_a_long_gap)
{
	struct cma_bitmap slots = make_slots(0, MAX_SLOTS, 0);
	struct cma_window window;

	memset(held, 0, sizeof(held));
	set_slot(&slots, MAX_SLOTS - 3, true);
	CHECK(!cma_window_init(&window, &slots, 2, 0), "init");
	window.is_tight = true;
	shim_bits_read = 0;
	check_same(&slots, (struct ask){ 2, 0 }, &window, 0);
	CHECK(shim_bits_read < 530, "%lu bits", shim_bits_read);
	free(slots.bits);
}

static unsigned long cost_of_search(unsigned long stride, unsigned long pages)
{
	struct cma_bitmap slots = make_slots(0, MAX_SLOTS, 0);
	struct cma_window window;
	unsigned long i;

	for (i = 0; i < MAX_SLOTS; i += stride)
		set_slot(&slots, i, true);
	CHECK(!cma_window_init(&window, &slots, pages, 0), "init");
	shim_bits_read = 0;
	CHECK(!cma_window_next(&window), "stride %lu has room for %lu pages",
	      stride, pages);
	free(slots.bits);
	return shim_bits_read;
}

/* Linear in the area, however the held slots lie. */
CASE(search_looks_at_few_bits)
{
	unsigned long stride, pages, cost;

	for (stride = 1; stride <= 1000; stride += 1 + stride / 4)
		for (pages = stride; pages < MAX_SLOTS; pages += pages) {
			cost = cost_of_search(stride, pages);
			CHECK(cost <= 2 * (MAX_SLOTS + BITS_PER_LONG),
			      "stride %lu, %lu pages: %lu bits", stride, pages,
			      cost);
		}
}
