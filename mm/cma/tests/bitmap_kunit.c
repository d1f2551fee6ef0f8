// SPDX-License-Identifier: GPL-2.0
/*
 * lib/bitmap.c as compiled into this kernel: long, bit and endian operations of
 * this architecture. The host tests are exhaustive.
 */
#include <kunit/test.h>
#include <linux/bitmap.h>

#include "../lib/bitmap.h"

#define SLOTS 130

/* Slots 3, 64 and 70 to 127 are taken; a slot is four pages. */
static struct cma_bitmap bitmap_open(struct kunit *test, unsigned long base)
{
	struct cma_bitmap slots = {
		.base_pfn = base,
		.count = SLOTS,
		.order = 2,
		.bits = kunit_kcalloc(test, BITS_TO_LONGS(SLOTS),
					sizeof(long), GFP_KERNEL),
	};

	KUNIT_ASSERT_NOT_NULL(test, slots.bits);
	bitmap_set(slots.bits, 3, 1);
	bitmap_set(slots.bits, 64, 1);
	bitmap_set(slots.bits, 70, 58);
	return slots;
}

/**
 * struct bitmap_case - a request and the first window for it
 * @name: for the log
 * @base: first pfn of the area
 * @pages: pages wanted
 * @align: as page order
 * @err: expected error of cma_window_init()
 * @slot: expected slot, -1 for no window
 */
struct bitmap_case {
	const char *name;
	unsigned long base;
	unsigned long pages;
	unsigned int align;
	int err;
	long slot;
};

static const struct bitmap_case bitmap_cases[] = {
	{ "first fit", 0x1000, 12, 0, 0, 0 },
	{ "after a taken slot", 0x1000, 13, 0, 0, 4 },
	{ "aligned to less than a slot", 0x1000, 13, 1, 0, 4 },
	{ "aligned to more than a slot", 0x1000, 13, 5, 0, 8 },
	{ "alignment counts from pfn 0", 0x1004, 13, 5, 0, 7 },
	{ "the offset is not overshot", 0x101c, 4, 5, 0, 1 },
	{ "60 slots fit between", 0x1000, 240, 0, 0, 4 },
	{ "61 slots do not", 0x1000, 241, 0, 0, -1 },
	{ "count that wraps when rounded", 0x1000, ~0UL, 0, -ENOMEM },
	{ "alignment of a word", 0x1000, 1, BITS_PER_LONG, -EINVAL },
	{ "alignment of a word less one", 0x1000, 1, BITS_PER_LONG - 1,
	  -ENOMEM },
	{ "no pages", 0x1000, 0, 0, -EINVAL },
};

KUNIT_ARRAY_PARAM_DESC(bitmap, bitmap_cases, name);

static void bitmap_window_is_found(struct kunit *test)
{
	const struct bitmap_case *this = test->param_value;
	struct cma_bitmap slots = bitmap_open(test, this->base);
	struct cma_window window;

	KUNIT_ASSERT_EQ(test, this->err,
			cma_window_init(&window, &slots, this->pages,
					this->align));
	if (this->err)
		return;
	KUNIT_ASSERT_EQ(test, this->slot >= 0, cma_window_next(&window));
	if (this->slot < 0)
		return;
	KUNIT_EXPECT_EQ(test, this->base + 4 * this->slot, window.range.start);
	KUNIT_EXPECT_EQ(test, this->pages, cma_range_len(window.range));
}

static void bitmap_window_skips_past_blocker(struct kunit *test)
{
	struct cma_bitmap slots = bitmap_open(test, 0x1000);
	struct cma_window window;

	KUNIT_ASSERT_EQ(test, 0, cma_window_init(&window, &slots, 8, 0));
	KUNIT_ASSERT_TRUE(test, cma_window_next(&window));
	cma_window_skip_past(&window, 0x1000 + 4 * 10 + 3);
	KUNIT_ASSERT_TRUE(test, cma_window_next(&window));
	KUNIT_EXPECT_EQ(test, 0x1000UL + 4 * 11, window.range.start);
	cma_window_skip_past(&window, ~0UL);
	KUNIT_EXPECT_FALSE(test, cma_window_next(&window));
	window.next = 0;
	KUNIT_EXPECT_TRUE(test, cma_window_next(&window));
}

static void bitmap_largest_gap_is_in_pages(struct kunit *test)
{
	struct cma_bitmap slots = bitmap_open(test, 0x1000);

	KUNIT_EXPECT_EQ(test, 240UL, cma_bitmap_set_pages(&slots));
}

static void bitmap_sets_whole_slots(struct kunit *test)
{
	struct cma_bitmap slots = bitmap_open(test, 0x1000);

	cma_bitmap_set(&slots, cma_range_of(0x1010, 5));
	KUNIT_EXPECT_EQ(test, 248UL, cma_bitmap_set_pages(&slots));
	KUNIT_EXPECT_TRUE(test, cma_bitmap_all_set(&slots,
						   cma_range_of(0x100c, 12)));
	KUNIT_EXPECT_FALSE(test, cma_bitmap_all_set(&slots,
						    cma_range_of(0x100c, 13)));
	KUNIT_EXPECT_FALSE(test, cma_bitmap_all_set(&slots,
						    cma_range_of(0x100d, 1)));
	cma_bitmap_clear(&slots, cma_range_of(0x1010, 5));
	KUNIT_EXPECT_EQ(test, 240UL, cma_bitmap_set_pages(&slots));
}

static struct kunit_case bitmap_tests[] = {
	KUNIT_CASE_PARAM(bitmap_window_is_found, bitmap_gen_params),
	KUNIT_CASE(bitmap_window_skips_past_blocker),
	KUNIT_CASE(bitmap_largest_gap_is_in_pages),
	KUNIT_CASE(bitmap_sets_whole_slots),
	{}
};

static struct kunit_suite bitmap_suite = {
	.name = "cma_bitmap",
	.test_cases = bitmap_tests,
};

kunit_test_suite(bitmap_suite);
