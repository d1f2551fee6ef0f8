// SPDX-License-Identifier: GPL-2.0
/*
 * buddy.c: chunks off the free lists, with the surplus given back.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/page-isolation.h>

#include "../compat.h"
#include "../engine.h"
#include "model.h"

/**
 * struct buddy_isolate_case - a range to take out of two pageblocks
 * @name: for the log
 * @first: first page, counted from the start of the area
 * @count: pages
 * @blocker: page in use, -1 for none
 * @blocked_at: where taking has to stop, -1 if it succeeds
 */
struct buddy_isolate_case {
	const char *name;
	unsigned long first;
	unsigned long count;
	long blocker;
	long blocked_at;
};

static const struct buddy_isolate_case buddy_isolate_cases[] = {
	{ "whole pageblocks", 0, 2 * BLOCK, -1, -1 },
	{ "one page at the start", 0, 1, -1, -1 },
	{ "one page at the end", 2 * BLOCK - 1, 1, -1, -1 },
	{ "the middle of a chunk", 100, 7, -1, -1 },
	{ "start in the middle of a chunk", BLOCK / 2 + 1, BLOCK / 2 - 1, -1,
	  -1 },
	{ "end in the middle of a chunk", 0, BLOCK / 2 + 1, -1, -1 },
	{ "both in the middle, two pageblocks", BLOCK - 3, 6, -1, -1 },
	{ "all but the first and last page", 1, 2 * BLOCK - 2, -1, -1 },
	{ "blocker just before", 8, 16, 7, -1 },
	{ "blocker just after", 8, 16, 24, -1 },
	{ "blocker is the first page", 8, 16, 8, 8 },
	{ "blocker is the last page", 8, 16, 23, 23 },
	{ "blocker in the second pageblock", 5, 2 * BLOCK - 9, BLOCK + 77,
	  BLOCK + 77 },
	{ "blocker is the last page of all", 0, 2 * BLOCK, 2 * BLOCK - 1,
	  2 * BLOCK - 1 },
};

KUNIT_ARRAY_PARAM_DESC(buddy_isolate, buddy_isolate_cases, name);

static void buddy_isolate_begin(struct cma_model *model)
{
	KUNIT_ASSERT_EQ(model->test, 0,
			start_isolate_page_range(model->area.range.start,
						 model->area.range.end,
						 MIGRATE_CMA, 0, GFP_KERNEL));
}

static void buddy_isolate_end(struct cma_model *model)
{
	undo_isolate_page_range(model->area.range.start, model->area.range.end,
				MIGRATE_CMA);
}

static void buddy_isolate_gives_surplus_back(struct kunit *test)
{
	const struct buddy_isolate_case *this = test->param_value;
	struct cma_model *model = cma_model_open_blocks(test, 2);
	struct cma_range range = cma_model_range(model, this->first,
						 this->count);
	unsigned long blocker = 0;
	int err;

	if (this->blocker >= 0)
		cma_model_block(model, cma_model_pfn(model, this->blocker));
	buddy_isolate_begin(model);
	err = cma_buddy_isolate(range, &blocker);
	if (!err)
		cma_buddy_prepare(range, GFP_KERNEL);
	buddy_isolate_end(model);

	KUNIT_EXPECT_EQ(test, this->blocked_at >= 0 ? -EBUSY : 0, err);
	if (err) {
		KUNIT_EXPECT_EQ(test, cma_model_pfn(model, this->blocked_at),
				blocker);
	} else {
		cma_model_adopt(model, range);
	}
	cma_model_check(model);
}

static void buddy_isolate_makes_one_compound_page(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 2);
	struct cma_range range = cma_model_range(model, 64, 64);
	struct page *head = pfn_to_page(range.start);
	unsigned long blocker;

	buddy_isolate_begin(model);
	KUNIT_ASSERT_EQ(test, 0, cma_buddy_isolate(range, &blocker));
	cma_buddy_prepare(range, GFP_KERNEL | __GFP_COMP);
	buddy_isolate_end(model);

	KUNIT_EXPECT_TRUE(test, PageHead(head));
	KUNIT_EXPECT_EQ(test, 6U, compound_order(head));
	cma_model_adopt(model, range);
	cma_model_check(model);
}

static bool buddy_isolate_is_zeroed(const struct page *page)
{
	return !memchr_inv(page_address(page), 0, PAGE_SIZE);
}

static void buddy_isolate_honours_zeroing(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 1);
	struct cma_range range = cma_model_range(model, 3, 9);
	unsigned long blocker, pfn;

	for (pfn = range.start; pfn < range.end; pfn++)
		cma_model_block(model, pfn);
	for (pfn = range.start; pfn < range.end; pfn++) {
		memset(page_address(pfn_to_page(pfn)), 0x5a, PAGE_SIZE);
		cma_model_unblock(model, pfn);
	}
	drain_all_pages(model->zone);

	buddy_isolate_begin(model);
	KUNIT_ASSERT_EQ(test, 0, cma_buddy_isolate(range, &blocker));
	cma_buddy_prepare(range, GFP_KERNEL | __GFP_ZERO);
	buddy_isolate_end(model);
	for (pfn = range.start; pfn < range.end; pfn++)
		KUNIT_EXPECT_TRUE(test,
				  buddy_isolate_is_zeroed(pfn_to_page(pfn)));
	cma_model_adopt(model, range);
	cma_model_check(model);
}

static struct kunit_case buddy_isolate_tests[] = {
	KUNIT_CASE_PARAM(buddy_isolate_gives_surplus_back,
			 buddy_isolate_gen_params),
	KUNIT_CASE(buddy_isolate_makes_one_compound_page),
	KUNIT_CASE(buddy_isolate_honours_zeroing),
	{}
};

static struct kunit_suite buddy_isolate_suite = {
	.name = "cma_buddy_isolate",
	.test_cases = buddy_isolate_tests,
};

kunit_test_suite(buddy_isolate_suite);
