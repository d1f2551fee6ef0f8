// SPDX-License-Identifier: GPL-2.0
/*
 * cma_alloc() of mm/cma.c.
 */
#include <linux/gfp.h>
#include <linux/mm.h>

#include "model.h"

/**
 * struct alloc_case - an area, and one allocation from it
 * @name: for the log
 * @geometry: the area
 * @count: pages
 * @align: as page order
 * @first: page expected, counted from the start of the area; -1 for failure
 */
struct alloc_case {
	const char *name;
	struct cma_geometry geometry;
	unsigned long count;
	unsigned int align;
	long first;
};

static const struct alloc_case alloc_cases[] = {
	{ "one page", { 2 }, 1, 0, 0 },
	{ "three pages", { 2 }, 3, 2, 0 },
	{ "a pageblock less one", { 2 }, BLOCK - 1, 0, 0 },
	{ "a pageblock", { 2 }, BLOCK, pageblock_order, 0 },
	{ "a pageblock and one", { 2 }, BLOCK + 1, 0, 0 },
	{ "all", { 2 }, 2 * BLOCK, 0, 0 },
	{ "more than there is", { 2 }, 2 * BLOCK + 1, 0, -1 },
	{ "no pages", { 2 }, 0, 0, -1 },
	{ "aligned to more than the area is", { 3, 0, true }, BLOCK,
	  pageblock_order + 1, BLOCK },
	{ "whole area, not aligned like that", { 3, 0, true }, 3 * BLOCK,
	  pageblock_order + 1, -1 },
	{ "the last window that is aligned", { 3, 0, true }, 2 * BLOCK,
	  pageblock_order + 1, BLOCK },
	{ "slots of four, less aligned", { 2, 2 }, 5, 1, 0 },
	{ "slots of a pageblock, one page", { 2, pageblock_order }, 1, 0,
	  0 },
	{ "slots of a pageblock, all", { 2, pageblock_order }, 2 * BLOCK,
	  0, 0 },
	{ "alignment of a word", { 2 }, 1, BITS_PER_LONG, -1 },
	{ "alignment of all that an int can say", { 2 }, 1, ~0U, -1 },
	{ "count that wraps when rounded", { 2, 2 }, ~0UL, 0, -1 },
	{ "count that is 1 when cut to 32 bit", { 2 },
	  BITS_PER_LONG > 32 ? (unsigned long)((1ULL << 32) + 1) : ~0UL, 0,
	  -1 },
};

KUNIT_ARRAY_PARAM_DESC(alloc, alloc_cases, name);

static void alloc_gives_first_fit(struct kunit *test)
{
	const struct alloc_case *this = test->param_value;
	struct cma_model *model = cma_model_open(test, this->geometry);
	struct page *page = cma_model_alloc(model, this->count, this->align);

	cma_model_check(model);
	KUNIT_ASSERT_EQ(test, this->first >= 0, !!page);
	if (page)
		KUNIT_EXPECT_EQ(test, cma_model_pfn(model, this->first),
				page_to_pfn(page));
}

static void alloc_without_area_fails(struct kunit *test)
{
	KUNIT_EXPECT_NULL(test, cma_alloc(NULL, 1, 0, true));
}

/* One page keeps the next allocation from being aligned by accident. */
static void alloc_each_alignment_is_honoured(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 4);
	unsigned int align;

	for (align = 0; align <= pageblock_order; align++) {
		KUNIT_EXPECT_NOT_NULL(test, cma_model_alloc(model, 1, 0));
		KUNIT_EXPECT_NOT_NULL(test, cma_model_alloc(model, 3, align));
	}
	cma_model_check(model);
}

static void alloc_fills_area_to_last_page(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 1);
	unsigned long page;

	for (page = 0; page < BLOCK; page++)
		KUNIT_ASSERT_NOT_NULL(test, cma_model_alloc(model, 1, 0));
	KUNIT_EXPECT_NULL(test, cma_model_alloc(model, 1, 0));
	cma_model_check(model);
}

static void alloc_failure_changes_nothing(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 3);

	cma_model_block(model, cma_model_pfn(model, BLOCK + 100));
	KUNIT_EXPECT_NULL(test, cma_model_alloc(model, 3 * BLOCK, 0));
	cma_model_check(model);
	KUNIT_EXPECT_NULL(test, cma_model_alloc(model, 2 * BLOCK, 0));
	cma_model_check(model);
}

static void alloc_goes_on_after_blocker(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 2);
	struct page *page;

	cma_model_block(model, cma_model_pfn(model, 100));
	page = cma_model_alloc(model, 200, 0);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_EQ(test, cma_model_pfn(model, 101), page_to_pfn(page));
	cma_model_check(model);

	page = cma_model_alloc(model, 100, 0);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_EQ(test, cma_model_pfn(model, 0), page_to_pfn(page));
	cma_model_check(model);
}

static void alloc_slots_of_a_blocked_window_are_unlocked(struct kunit *test)
{
	struct cma_model *model = cma_model_open(test, (struct cma_geometry){
						 .blocks = 1, .order = 3 });
	struct page *page;

	cma_model_block(model, cma_model_pfn(model, 9));
	page = cma_model_alloc(model, 20, 0);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_EQ(test, cma_model_pfn(model, 16), page_to_pfn(page));
	cma_model_check(model);
}

static void alloc_counts_pages(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 1);
	struct cma_stat *stat = &model->area.stat;
	struct page *page = cma_model_alloc(model, 7, 0);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_NULL(test, cma_model_alloc(model, BLOCK, 0));
	KUNIT_EXPECT_NULL(test, cma_model_alloc(model, 0, 0));
	KUNIT_EXPECT_EQ(test, 7LL, atomic64_read(&stat->allocated));
	KUNIT_EXPECT_EQ(test, (s64)BLOCK, atomic64_read(&stat->failed));
	KUNIT_EXPECT_EQ(test, 0LL, atomic64_read(&stat->released));
	cma_model_release(model, cma_range_of(page_to_pfn(page), 7));
	KUNIT_EXPECT_EQ(test, 7LL, atomic64_read(&stat->released));
}

static struct kunit_case alloc_tests[] = {
	KUNIT_CASE_PARAM(alloc_gives_first_fit, alloc_gen_params),
	KUNIT_CASE(alloc_without_area_fails),
	KUNIT_CASE(alloc_each_alignment_is_honoured),
	KUNIT_CASE(alloc_fills_area_to_last_page),
	KUNIT_CASE(alloc_failure_changes_nothing),
	KUNIT_CASE(alloc_goes_on_after_blocker),
	KUNIT_CASE(alloc_slots_of_a_blocked_window_are_unlocked),
	KUNIT_CASE(alloc_counts_pages),
	{}
};

static struct kunit_suite alloc_suite = {
	.name = "cma_alloc",
	.test_cases = alloc_tests,
};

kunit_test_suite(alloc_suite);
