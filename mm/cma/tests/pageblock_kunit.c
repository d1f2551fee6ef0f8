// SPDX-License-Identifier: GPL-2.0
/*
 * pageblock.c: a pageblock is isolated from the first begin to the last end.
 */
#include <linux/mm.h>
#include <linux/page-isolation.h>

#include "../engine.h"
#include "../cma.h"
#include "../compat.h"
#include "model.h"

#define BLOCKS 4

/* The counts below are of pageblocks that are isolated one by one. */
static struct cma_model *pageblock_open(struct kunit *test)
{
	cma_model_need_single_blocks(test);
	return cma_model_open_blocks(test, BLOCKS);
}

static void pageblock_isolate(struct cma_model *model, struct cma_range range)
{
	unsigned long blocker;

	KUNIT_ASSERT_EQ(model->test, 0,
			cma_pageblock_isolate(&model->area, range, &blocker));
}

/* @counts: of each pageblock, as digits. */
static void pageblock_expect(struct cma_model *model, const char *counts)
{
	unsigned int i;

	for (i = 0; i < BLOCKS; i++) {
		struct page *page = pfn_to_page(cma_model_pfn(model,
							      i * BLOCK));
		unsigned int count = counts[i] - '0';

		KUNIT_EXPECT_EQ_MSG(model->test, count,
				    model->area.evacuations[i],
				    "pageblock %u, want %s", i, counts);
		KUNIT_EXPECT_EQ_MSG(model->test,
				    count ? MIGRATE_ISOLATE : MIGRATE_CMA,
				    get_pageblock_migratetype(page),
				    "pageblock %u, want %s", i, counts);
	}
}

static void pageblock_counts_evacuations(struct kunit *test)
{
	struct cma_model *model = pageblock_open(test);
	struct cma_range a = cma_model_range(model, 10, 20);
	struct cma_range b = cma_model_range(model, 15, 30);

	pageblock_isolate(model, a);
	pageblock_expect(model, "1000");
	pageblock_isolate(model, b);
	pageblock_expect(model, "2000");
	cma_pageblock_unisolate(&model->area, a);
	pageblock_expect(model, "1000");
	pageblock_isolate(model, a);
	pageblock_expect(model, "2000");
	cma_pageblock_unisolate(&model->area, b);
	pageblock_expect(model, "1000");
	cma_pageblock_unisolate(&model->area, a);
	pageblock_expect(model, "0000");
	cma_model_check(model);
}

static void pageblock_is_isolated_where_a_range_is(struct kunit *test)
{
	struct cma_model *model = pageblock_open(test);
	struct cma_range range = cma_model_range(model, BLOCK, BLOCK);

	pageblock_isolate(model, range);
	pageblock_expect(model, "0100");
	cma_pageblock_unisolate(&model->area, range);
	range = cma_model_range(model, BLOCK - 1, BLOCK + 2);
	pageblock_isolate(model, range);
	pageblock_expect(model, "1110");
	cma_pageblock_unisolate(&model->area, range);
	range = cma_model_range(model, 0, BLOCKS * BLOCK);
	pageblock_isolate(model, range);
	pageblock_expect(model, "1111");
	cma_pageblock_unisolate(&model->area, range);
	pageblock_expect(model, "0000");
	cma_model_check(model);
}

static void pageblock_of_ranges_that_overlap(struct kunit *test)
{
	struct cma_model *model = pageblock_open(test);
	struct cma_range first = cma_model_range(model, 5, 2 * BLOCK - 5);
	struct cma_range inner = cma_model_range(model, BLOCK + 5, 10);
	struct cma_range last = cma_model_range(model, BLOCK + 1, 2 * BLOCK);

	pageblock_isolate(model, inner);
	pageblock_isolate(model, first);
	pageblock_expect(model, "1200");
	pageblock_isolate(model, last);
	pageblock_expect(model, "1311");
	cma_pageblock_unisolate(&model->area, inner);
	pageblock_expect(model, "1211");
	cma_pageblock_unisolate(&model->area, first);
	pageblock_expect(model, "0111");
	cma_pageblock_unisolate(&model->area, last);
	pageblock_expect(model, "0000");
	cma_model_check(model);
}

static void pageblock_of_all_around_what_is_isolated(struct kunit *test)
{
	struct cma_model *model = pageblock_open(test);
	struct cma_range a = cma_model_range(model, 1, 1);
	struct cma_range b = cma_model_range(model, 2 * BLOCK, 1);

	pageblock_isolate(model, a);
	pageblock_isolate(model, b);
	pageblock_expect(model, "1010");
	pageblock_isolate(model, model->area.range);
	pageblock_expect(model, "2121");
	cma_pageblock_unisolate(&model->area, model->area.range);
	pageblock_expect(model, "1010");
	cma_pageblock_unisolate(&model->area, a);
	cma_pageblock_unisolate(&model->area, b);
	pageblock_expect(model, "0000");
	cma_model_check(model);
}

/**
 * struct pageblock_case - somebody else has isolated a pageblock
 * @name: for the log
 * @foreign: the pageblock
 * @before: counts, when a part of the area is isolated by us
 * @part: first pageblock of that, -1 for none; it is one pageblock long
 */
struct pageblock_case {
	const char *name;
	unsigned int foreign;
	const char *before;
	int part;
};

static const struct pageblock_case pageblock_cases[] = {
	{ "the first", 0, "0000", -1 },
	{ "in the middle", 2, "0000", -1 },
	{ "the last", 3, "0000", -1 },
	{ "after one of ours", 2, "0100", 1 },
	{ "after a gap after one of ours", 2, "1000", 0 },
	{ "in front of one of ours", 1, "0010", 2 },
};

KUNIT_ARRAY_PARAM_DESC(pageblock, pageblock_cases, name);

/* What an error left of a pageblock is hidden while that is isolated. */
static void pageblock_expect_undone(struct cma_model *model,
				    const struct pageblock_case *this)
{
	struct cma_range foreign = cma_model_range(model, this->foreign * BLOCK,
						   BLOCK);

	KUNIT_EXPECT_TRUE(model->test,
			  is_migrate_isolate_page(pfn_to_page(foreign.start)));
	undo_isolate_page_range(foreign.start, foreign.end, MIGRATE_CMA);
	pageblock_expect(model, this->before);
}

static void pageblock_isolation_fails_without_a_trace(struct kunit *test)
{
	const struct pageblock_case *this = test->param_value;
	struct cma_model *model = pageblock_open(test);
	struct cma_range foreign = cma_model_range(model, this->foreign * BLOCK,
						   BLOCK);
	struct cma_range ours = cma_model_range(model, this->part * BLOCK,
						BLOCK);
	unsigned long blocker = 0;

	if (this->part >= 0)
		pageblock_isolate(model, ours);
	KUNIT_ASSERT_EQ(test, 0,
			start_isolate_page_range(foreign.start, foreign.end,
						 MIGRATE_CMA, 0, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, -EBUSY,
			cma_pageblock_isolate(&model->area, model->area.range,
					      &blocker));
	KUNIT_EXPECT_EQ(test, foreign.end - 1, blocker);
	pageblock_expect_undone(model, this);
	if (this->part >= 0)
		cma_pageblock_unisolate(&model->area, ours);
	pageblock_expect(model, "0000");
	cma_model_check(model);
}

static void pageblock_of_evacuation_inside_another(struct kunit *test)
{
	struct cma_model *model = pageblock_open(test);
	struct cma_range around = cma_model_range(model, 5, BLOCK);
	struct cma_evacuation first = {
		.range = cma_model_range(model, 100, 50),
		.gfp = GFP_KERNEL,
	};
	struct cma_evacuation second = {
		.range = cma_model_range(model, 150, BLOCK),
		.gfp = GFP_KERNEL,
	};

	pageblock_isolate(model, around);
	KUNIT_ASSERT_EQ(test, 0, cma_model_evacuate(model, &first));
	pageblock_expect(model, "1100");
	cma_model_adopt(model, first.range);
	KUNIT_ASSERT_EQ(test, 0, cma_model_evacuate(model, &second));
	pageblock_expect(model, "1100");
	cma_model_adopt(model, second.range);
	cma_model_release(model, first.range);
	pageblock_expect(model, "1100");
	cma_pageblock_unisolate(&model->area, around);
	pageblock_expect(model, "0000");
	cma_model_check(model);
}

/* Nobody gets what becomes free in an isolated pageblock. */
static void pageblock_keeps_what_becomes_free(struct kunit *test)
{
	struct cma_model *model = pageblock_open(test);
	struct cma_range range = cma_model_range(model, 0, BLOCK);
	unsigned long before;

	cma_model_block(model, cma_model_pfn(model, 10));
	before = zone_page_state_snapshot(model->zone, NR_FREE_CMA_PAGES);
	pageblock_isolate(model, range);
	KUNIT_EXPECT_EQ(test, before - (BLOCK - 1),
			zone_page_state_snapshot(model->zone,
						 NR_FREE_CMA_PAGES));
	cma_model_unblock(model, cma_model_pfn(model, 10));
	KUNIT_EXPECT_EQ(test, before - (BLOCK - 1),
			zone_page_state_snapshot(model->zone,
						 NR_FREE_CMA_PAGES));
	cma_pageblock_unisolate(&model->area, range);
	KUNIT_EXPECT_EQ(test, before + 1,
			zone_page_state_snapshot(model->zone,
						 NR_FREE_CMA_PAGES));
	cma_model_check(model);
}

static struct kunit_case pageblock_tests[] = {
	KUNIT_CASE(pageblock_counts_evacuations),
	KUNIT_CASE(pageblock_is_isolated_where_a_range_is),
	KUNIT_CASE(pageblock_of_ranges_that_overlap),
	KUNIT_CASE(pageblock_of_all_around_what_is_isolated),
	KUNIT_CASE_PARAM(pageblock_isolation_fails_without_a_trace,
			 pageblock_gen_params),
	KUNIT_CASE(pageblock_of_evacuation_inside_another),
	KUNIT_CASE(pageblock_keeps_what_becomes_free),
	{}
};

static struct kunit_suite pageblock_suite = {
	.name = "cma_pageblock",
	.test_cases = pageblock_tests,
};

kunit_test_suite(pageblock_suite);
