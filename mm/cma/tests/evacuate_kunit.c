// SPDX-License-Identifier: GPL-2.0
/*
 * evacuate.c: who stands in the way, and that nothing changes when somebody
 * does.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/page-isolation.h>

#include "../compat.h"
#include "../engine.h"
#include "model.h"

/**
 * struct evacuate_case - a window, two blockers and who of them is found
 * @name: for the log
 * @first: first page of the window, counted from the start of the area
 * @count: pages
 * @blocker: pages in use, -1 for none
 * @found: the page to be named, -1 when the window can be evacuated
 */
struct evacuate_case {
	const char *name;
	unsigned long first;
	unsigned long count;
	long blocker[2];
	long found;
};

static const struct evacuate_case evacuate_cases[] = {
	{ "nobody", 3, 100, { -1, -1 }, -1 },
	{ "outside on both sides", 3, 100, { 2, 103 }, -1 },
	{ "on the first page", 3, 100, { 3, -1 }, 3 },
	{ "on the last page", 3, 100, { 102, -1 }, 102 },
	{ "the first of two", 3, 100, { 50, 51 }, 50 },
	{ "on the first page of the second pageblock", 3, 2 * BLOCK - 3,
	  { BLOCK, -1 }, BLOCK },
	{ "on the last page of the first pageblock", 3, 2 * BLOCK - 3,
	  { BLOCK - 1, -1 }, BLOCK - 1 },
};

KUNIT_ARRAY_PARAM_DESC(evacuate, evacuate_cases, name);

static void evacuate_names_blocker(struct kunit *test)
{
	const struct evacuate_case *this = test->param_value;
	struct cma_model *model = cma_model_open_blocks(test, 2);
	struct cma_evacuation evac = {
		.range = cma_model_range(model, this->first, this->count),
		.gfp = GFP_KERNEL,
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(this->blocker); i++)
		if (this->blocker[i] >= 0)
			cma_model_block(model,
					cma_model_pfn(model, this->blocker[i]));

	KUNIT_EXPECT_EQ(test, this->found >= 0 ? -EBUSY : 0,
			cma_model_evacuate(model, &evac));
	if (this->found >= 0) {
		KUNIT_EXPECT_EQ(test, cma_model_pfn(model, this->found),
				evac.blocker);
	} else {
		cma_model_adopt(model, evac.range);
	}
	cma_model_check(model);
}

static void evacuate_names_last_page_of_compound_blocker(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 1);
	struct cma_evacuation compound = {
		.range = cma_model_range(model, 16, 16),
		.gfp = GFP_KERNEL | __GFP_COMP,
	};
	struct cma_evacuation evac = {
		.range = cma_model_range(model, 0, 64),
		.gfp = GFP_KERNEL,
	};

	KUNIT_ASSERT_EQ(test, 0, cma_model_evacuate(model, &compound));
	KUNIT_EXPECT_EQ(test, -EBUSY, cma_model_evacuate(model, &evac));
	KUNIT_EXPECT_EQ(test, compound.range.end - 1, evac.blocker);
	folio_put(pfn_folio(compound.range.start));
	cma_model_check(model);
}

static void evacuate_keeps_out_of_foreign_isolation(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 3);
	unsigned long start = cma_model_pfn(model, BLOCK);
	unsigned long end = start + BLOCK;
	struct cma_evacuation evac = {
		.range = cma_model_range(model, 5, 3 * BLOCK - 10),
		.gfp = GFP_KERNEL,
	};

	KUNIT_ASSERT_EQ(test, 0, start_isolate_page_range(start, end,
							  MIGRATE_CMA, 0,
							  GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, -EBUSY, cma_model_evacuate(model, &evac));
	KUNIT_EXPECT_EQ(test, end - 1, evac.blocker);
	KUNIT_EXPECT_TRUE(test, is_migrate_isolate_page(pfn_to_page(start)));
	KUNIT_EXPECT_EQ(test, MIGRATE_CMA,
			get_pageblock_migratetype(pfn_to_page(start - 1)));
	KUNIT_EXPECT_EQ(test, MIGRATE_CMA,
			get_pageblock_migratetype(pfn_to_page(end)));
	undo_isolate_page_range(start, end, MIGRATE_CMA);
	cma_model_check(model);
}

static struct kunit_case evacuate_tests[] = {
	KUNIT_CASE_PARAM(evacuate_names_blocker, evacuate_gen_params),
	KUNIT_CASE(evacuate_names_last_page_of_compound_blocker),
	KUNIT_CASE(evacuate_keeps_out_of_foreign_isolation),
	{}
};

static struct kunit_suite evacuate_suite = {
	.name = "cma_evacuate",
	.test_cases = evacuate_tests,
};

kunit_test_suite(evacuate_suite);
