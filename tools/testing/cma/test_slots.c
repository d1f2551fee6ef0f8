// SPDX-License-Identifier: GPL-2.0
/*
 * Claiming, dropping and counting slots, against the naive record.
 */
#include <stdlib.h>

#include <linux/bits.h>
#include <linux/find.h>

#include "slots_model.h"

static bool model_is_held(const struct cma_bitmap *slots,
			  struct cma_range range)
{
	unsigned long first = range.start - slots->base_pfn, page;

	if (range.start >= range.end || range.start < slots->base_pfn ||
	    first % (1UL << slots->order))
		return false;
	for (page = first; page < range.end - slots->base_pfn; page++)
		if (page >> slots->order >= slots->count ||
		    !held[page >> slots->order])
			return false;
	return true;
}

static struct cma_range random_range(const struct cma_bitmap *slots)
{
	unsigned long pages = slots->count << slots->order;
	unsigned long start = tap_below(pages);

	return cma_range_of(slots->base_pfn + start,
			    1 + tap_below(pages - start));
}

static void check_bits(const struct cma_bitmap *slots)
{
	unsigned long i, pages = 0;

	for (i = 0; i < slots->count; i++) {
		CHECK(bit_is_set(slots->bits, i) == held[i], "slot %lu", i);
		pages += held[i] ? 1UL << slots->order : 0;
	}
	for (; i % BITS_PER_LONG; i++)
		CHECK(bit_is_set(slots->bits, i), "spare bit %lu", i);
	CHECK(cma_bitmap_set_pages(slots) == pages, "%lu pages, not %lu",
	      cma_bitmap_set_pages(slots), pages);
}

static void check_claim_or_drop(struct cma_bitmap *slots)
{
	struct cma_range range = random_range(slots);
	bool claim = tap_below(2);
	unsigned long page;

	if (claim)
		cma_bitmap_set(slots, range);
	else
		cma_bitmap_clear(slots, range);
	for (page = range.start; page < range.end; page++)
		held[(page - slots->base_pfn) >> slots->order] = claim;
	check_bits(slots);
}

static void check_are_held(const struct cma_bitmap *slots)
{
	struct cma_range range = random_range(slots);

	range.end = range.start + tap_below(1 + (8UL << slots->order));
	if (!tap_below(4))
		range.start += tap_below(2 * slots->count << slots->order);
	if (!tap_below(4))
		range.start -= tap_below(slots->base_pfn + 1);
	if (tap_below(2))
		range.start &= ~0UL << slots->order;
	CHECK(cma_bitmap_all_set(slots, range) == model_is_held(slots, range),
	      "%#lx-%#lx", range.start, range.end);
}

CASE(claim_drop_and_held_agree_with_the_model)
{
	struct cma_bitmap slots;
	int round, i;

	for (round = 0; round < 60; round++) {
		slots = random_slots();
		for (i = 0; i < 10; i++)
			check_claim_or_drop(&slots);
		for (i = 0; i < 200; i++)
			check_are_held(&slots);
		free(slots.bits);
	}
}

CASE(held_wants_whole_slots_inside_the_area)
{
	struct cma_bitmap slots = make_slots(4, 4, 2);
	struct cma_range all = { 16, 32 };

	cma_bitmap_set(&slots, all);
	CHECK(cma_bitmap_all_set(&slots, all), "all");
	CHECK(cma_bitmap_all_set(&slots, (struct cma_range){ 28, 32 }), "last");
	CHECK(cma_bitmap_all_set(&slots, (struct cma_range){ 16, 17 }), "part");
	CHECK(!cma_bitmap_all_set(&slots, (struct cma_range){ 17, 20 }), "mid");
	CHECK(!cma_bitmap_all_set(&slots, (struct cma_range){ 16, 33 }), "end");
	CHECK(!cma_bitmap_all_set(&slots, (struct cma_range){ 12, 20 }), "low");
	CHECK(!cma_bitmap_all_set(&slots, (struct cma_range){ 32, 36 }), "up");
	CHECK(!cma_bitmap_all_set(&slots, (struct cma_range){ 20, 20 }), "none");
	CHECK(!cma_bitmap_all_set(&slots, (struct cma_range){ 20, 16 }), "neg");
	CHECK(!cma_bitmap_all_set(&slots, (struct cma_range){ 16, ~0UL }), "big");
	cma_bitmap_clear(&slots, (struct cma_range){ 20, 21 });
	CHECK(!cma_bitmap_all_set(&slots, all), "a hole");
	free(slots.bits);
}

static void check_gaps(const struct cma_bitmap *slots)
{
	unsigned long next = 0, slot = 0, end;
	struct cma_range gap;

	while (cma_bitmap_next_clear_run(slots, &next, &gap)) {
		while (slot < slots->count && held[slot])
			slot++;
		for (end = slot; end < slots->count && !held[end];)
			end++;
		CHECK(slot < end &&
		      gap.start == slots->base_pfn + (slot << slots->order) &&
		      gap.end == slots->base_pfn + (end << slots->order),
		      "slots %lu-%lu, found pfn %#lx-%#lx", slot, end,
		      gap.start, gap.end);
		slot = end;
	}
	for (; slot < slots->count; slot++)
		CHECK(held[slot], "slot %lu is in no gap", slot);
}

static bool next_set(const struct cma_bitmap *slots, unsigned long *pfn)
{
	unsigned long end = slots->base_pfn + (slots->count << slots->order);

	if (*pfn < end && cma_bitmap_none_set(slots, cma_range_of(*pfn, 1)))
		*pfn = cma_bitmap_run_end(slots, (struct cma_range){ *pfn, end });
	return *pfn < end;
}

static void check_runs(const struct cma_bitmap *slots)
{
	unsigned long end = slots->base_pfn + (slots->count << slots->order);
	unsigned long pfn = slots->base_pfn, slot = 0;

	while (next_set(slots, &pfn)) {
		struct cma_range run = { pfn, end };
		unsigned long first;

		while (slot < slots->count && !held[slot])
			slot++;
		first = slot;
		while (slot < slots->count && held[slot])
			slot++;
		run.end = cma_bitmap_run_end(slots, run);
		CHECK(first < slot &&
		      run.start == slots->base_pfn + (first << slots->order) &&
		      run.end == slots->base_pfn + (slot << slots->order),
		      "slots %lu-%lu, found pfn %#lx-%#lx", first, slot,
		      run.start, run.end);
		CHECK(cma_bitmap_run_end(slots, cma_range_of(pfn, 1)) ==
		      pfn + 1, "pfn %#lx and no more", pfn);
		run = (struct cma_range){ run.end, end };
		if (run.end > run.start) {
			pfn = run.start;
			CHECK(cma_bitmap_run_end(slots, run) ==
			      (next_set(slots, &pfn) ? pfn : end),
			      "free from pfn %#lx on", run.start);
		}
		pfn = run.start;
	}
	for (; slot < slots->count; slot++)
		CHECK(!held[slot], "slot %lu is in no run", slot);
}

CASE(runs_agree_with_the_model)
{
	struct cma_bitmap slots;
	int round;

	for (round = 0; round < 500; round++) {
		slots = random_slots();
		check_runs(&slots);
		free(slots.bits);
	}
}

CASE(gaps_agree_with_the_model)
{
	struct cma_bitmap slots;
	int round;

	for (round = 0; round < 500; round++) {
		slots = random_slots();
		check_gaps(&slots);
		free(slots.bits);
	}
}
