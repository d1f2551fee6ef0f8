// SPDX-License-Identifier: GPL-2.0
/*
 * area.c: the table of areas as this boot filled it.
 */
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/pfn.h>

#include "model.h"

/**
 * struct area_sum - what a walk found
 * @areas: areas seen
 * @pages: pages in them
 * @stop_at: the walk ends at this area, counted from 1; 0 for never
 */
struct area_sum {
	unsigned int areas;
	unsigned long pages;
	unsigned int stop_at;
};

static int area_add_up(struct cma *cma, void *data)
{
	struct area_sum *sum = data;

	sum->areas++;
	sum->pages += cma_get_size(cma) >> PAGE_SHIFT;
	return sum->areas == sum->stop_at ? -EXDEV : 0;
}

static void area_walk_stops_at_first_result(struct kunit *test)
{
	struct area_sum all = {}, one = { .stop_at = 1 };

	cma_model_lender(test);
	KUNIT_EXPECT_EQ(test, 0, cma_for_each_area(area_add_up, &all));
	KUNIT_EXPECT_GE(test, all.areas, 1U);
	KUNIT_EXPECT_EQ(test, -EXDEV, cma_for_each_area(area_add_up, &one));
	KUNIT_EXPECT_EQ(test, 1U, one.areas);
}

static void area_every_page_is_counted_once(struct kunit *test)
{
	unsigned long in_zones = 0;
	struct area_sum all = {};
	struct zone *zone;

	cma_model_lender(test);
	cma_for_each_area(area_add_up, &all);
	for_each_populated_zone(zone)
		in_zones += zone_cma_pages(zone);
	KUNIT_EXPECT_EQ(test, all.pages, totalcma_pages);
	KUNIT_EXPECT_EQ(test, all.pages, in_zones);
}

static void area_is_where_its_getters_say(struct kunit *test)
{
	struct cma *cma = cma_model_lender(test);

	KUNIT_EXPECT_STREQ(test, "reserved", cma_get_name(cma));
	KUNIT_EXPECT_EQ(test, PFN_PHYS(cma->range.start), cma_get_base(cma));
	KUNIT_EXPECT_EQ(test, cma_range_len(cma->range) * PAGE_SIZE,
			cma_get_size(cma));
	KUNIT_EXPECT_TRUE(test, IS_ALIGNED(cma_get_base(cma) |
					   cma_get_size(cma),
					   CMA_MIN_ALIGNMENT_BYTES));
}

/**
 * struct area_valid_case - pages and whether they are the area's
 * @name: for the log
 * @first: first page, counted from the start of the area
 * @count: pages
 * @from_end: @first counts from the end of the area
 * @want: expected answer
 */
struct area_valid_case {
	const char *name;
	long first;
	unsigned long count;
	bool from_end;
	bool want;
};

static const struct area_valid_case area_valid_cases[] = {
	{ "first page", 0, 1, false, true },
	{ "page before", -1, 1, false, false },
	{ "into the area from before", -1, 2, false, false },
	{ "last page", -1, 1, true, true },
	{ "beyond the end by one", -1, 2, true, false },
	{ "page after", 0, 1, true, false },
	{ "a count that is 1 when cut to 32 bit", 0,
	  BITS_PER_LONG > 32 ? (unsigned long)((1ULL << 32) + 1) : ~0UL, false,
	  false },
	{ "so many that the end wraps", 1, ~0UL, false, false },
};

KUNIT_ARRAY_PARAM_DESC(area_valid, area_valid_cases, name);

static void area_pages_valid_sees_start_and_end(struct kunit *test)
{
	const struct area_valid_case *this = test->param_value;
	struct cma *cma = cma_model_lender(test);
	unsigned long pfn = this->from_end ? cma->range.end : cma->range.start;

	KUNIT_EXPECT_EQ(test, this->want,
			cma_pages_valid(cma, pfn_to_page(pfn + this->first),
					this->count));
}

static void area_pages_valid_takes_nothing_for_no(struct kunit *test)
{
	struct cma *cma = cma_model_lender(test);
	struct page *first = pfn_to_page(cma->range.start);

	KUNIT_EXPECT_TRUE(test, cma_pages_valid(cma, first,
						cma_range_len(cma->range)));
	KUNIT_EXPECT_FALSE(test, cma_pages_valid(NULL, first, 1));
	KUNIT_EXPECT_FALSE(test, cma_pages_valid(cma, NULL, 1));
}

/* Scripts that read dumps have these names from stock. */
static void area_is_what_debuggers_look_up(struct kunit *test)
{
	struct cma *cma = cma_model_lender(test);

	KUNIT_EXPECT_EQ(test, cma->range.start, cma->base_pfn);
	KUNIT_EXPECT_EQ(test, cma_range_len(cma->range), cma->count);
	KUNIT_EXPECT_EQ(test, cma->taken.order, cma->order_per_bit);
	KUNIT_EXPECT_PTR_EQ(test, cma->taken.bits, cma->bitmap);
}

/**
 * struct area_cut - a range beside the area, over it or in it
 * @name: for the log
 * @start: its first page, counted from the first page of the area
 * @end: the page after its last one, counted from the last page of the area
 * @err: what is to be said of it
 */
struct area_cut {
	const char *name;
	long start;
	long end;
	int err;
};

static const struct area_cut area_cuts[] = {
	{ "the area", 0, 0, 0 },
	{ "the area and what is around it", -1, 1, 0 },
	{ "all but its first page", 1, 1, -EINVAL },
	{ "all but its last page", -1, -1, -EINVAL },
	{ "inside of it", 1, -1, -EINVAL },
};

KUNIT_ARRAY_PARAM_DESC(area_cut, area_cuts, name);

static void area_check_range_finds_what_is_cut(struct kunit *test)
{
	const struct area_cut *cut = test->param_value;
	struct cma *cma = cma_model_lender(test);
	u64 start = PFN_PHYS(cma->range.start + cut->start);
	u64 end = PFN_PHYS(cma->range.end + cut->end);

	KUNIT_EXPECT_EQ(test, cut->err, cma_check_range(&start, &end));
}

static void area_check_range_allows_neighbours(struct kunit *test)
{
	struct cma *cma = cma_model_lender(test);
	u64 below = PFN_PHYS(cma->range.start - 1);
	u64 start = PFN_PHYS(cma->range.start);
	u64 end = PFN_PHYS(cma->range.end);
	u64 above = PFN_PHYS(cma->range.end + 1);

	KUNIT_EXPECT_EQ(test, 0, cma_check_range(&below, &start));
	KUNIT_EXPECT_EQ(test, 0, cma_check_range(&end, &above));
}

static struct kunit_case area_tests[] = {
	KUNIT_CASE(area_walk_stops_at_first_result),
	KUNIT_CASE(area_every_page_is_counted_once),
	KUNIT_CASE(area_is_where_its_getters_say),
	KUNIT_CASE(area_is_what_debuggers_look_up),
	KUNIT_CASE_PARAM(area_check_range_finds_what_is_cut, area_cut_gen_params),
	KUNIT_CASE(area_check_range_allows_neighbours),
	KUNIT_CASE_PARAM(area_pages_valid_sees_start_and_end,
			 area_valid_gen_params),
	KUNIT_CASE(area_pages_valid_takes_nothing_for_no),
	{}
};

static struct kunit_suite area_suite = {
	.name = "cma_area",
	.test_cases = area_tests,
};

kunit_test_suite(area_suite);
