// SPDX-License-Identifier: GPL-2.0
/*
 * cma_alloc_folio() and cma_free_folio() of mm/cma.c.
 */
#include <linux/gfp.h>
#include <linux/mm.h>

#include "../engine.h"
#include "model.h"
#include "outside.h"

#define FOLIO_GFP (GFP_KERNEL | __GFP_COMP | __GFP_NOWARN)

static struct folio *folio_open(struct cma_model *model, int order)
{
	struct folio *folio = cma_alloc_folio(&model->area, order, FOLIO_GFP);

	KUNIT_ASSERT_NOT_NULL(model->test, folio);
	KUNIT_EXPECT_TRUE(model->test, folio_test_large(folio));
	KUNIT_EXPECT_EQ(model->test, order, folio_order(folio));
	KUNIT_EXPECT_EQ(model->test, 1, folio_ref_count(folio));
	KUNIT_EXPECT_TRUE(model->test, IS_ALIGNED(folio_pfn(folio),
						  1UL << order));
	cma_model_give(model, cma_range_of(folio_pfn(folio), 1UL << order));
	cma_model_check(model);
	return folio;
}

static void folio_of_each_order(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 4);
	int order;

	KUNIT_ASSERT_NOT_NULL(test, cma_model_alloc(model, 1, 0));
	for (order = 1; order < pageblock_order; order++)
		folio_open(model, order);
	folio_open(model, pageblock_order);
}

static void folio_is_freed_as_a_whole(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 2);
	struct folio *folio = folio_open(model, 9);
	struct cma_range range = cma_range_of(folio_pfn(folio), 1UL << 9);
	struct cma_range head = cma_range_of(range.start, 1);
	struct cma_range part = cma_range_of(range.start, 1UL << 8);
	struct cma_range tail = cma_range_of(range.start + (1UL << 8),
					     1UL << 8);

	cma_model_refuse(model, head);
	cma_model_refuse(model, part);
	cma_model_refuse(model, tail);
	cma_model_release(model, range);
	cma_model_check(model);
}

static void folio_is_returned_by_free_folio(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 2);
	struct folio *folio = cma_alloc_folio(&model->area, 5, FOLIO_GFP);
	struct folio *other = folio_alloc(GFP_KERNEL, 2);

	KUNIT_ASSERT_NOT_NULL(test, folio);
	KUNIT_ASSERT_NOT_NULL(test, other);
	KUNIT_EXPECT_FALSE(test, cma_free_folio(NULL, folio));
	KUNIT_EXPECT_FALSE(test, cma_free_folio(&model->area, other));
	KUNIT_EXPECT_EQ(test, 1, folio_ref_count(other));
	folio_put(other);
	KUNIT_EXPECT_TRUE(test, cma_free_folio(&model->area, folio));
	cma_model_check(model);
}

/* At once: on per-CPU lists, small ones would be in the way of large requests. */
static void folio_goes_back_to_free_lists(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 2);
	int order;

	for (order = 1; order <= pageblock_order; order++) {
		struct folio *folio = cma_alloc_folio(&model->area, order,
						      FOLIO_GFP);
		struct cma_range range;

		KUNIT_ASSERT_NOT_NULL(test, folio);
		range = cma_range_of(folio_pfn(folio), 1UL << order);
		KUNIT_EXPECT_TRUE(test, cma_free_folio(&model->area, folio));
		KUNIT_EXPECT_EQ_MSG(test, 1UL << order,
				    cma_outside_free_pages(range),
				    "order %d", order);
	}
	cma_model_check(model);
}

/* The first page decides nothing about those after it. */
static void folio_after_pages_is_not_released_with_them(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 2);
	struct page *page = cma_model_alloc(model, 16, 0);
	struct folio *folio = folio_open(model, 4);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_ASSERT_EQ(test, page_to_pfn(page) + 16, folio_pfn(folio));
	cma_model_refuse(model, cma_range_of(page_to_pfn(page), 32));
	cma_model_refuse(model, cma_range_of(page_to_pfn(page), 17));
	cma_model_refuse(model, cma_range_of(folio_pfn(folio) + 8, 8));
}

static void folio_pages_after_it_are_not_released_with_it(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 2);
	struct folio *folio = folio_open(model, 4);
	struct page *page = cma_model_alloc(model, 16, 0);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_ASSERT_EQ(test, folio_pfn(folio) + 16, page_to_pfn(page));
	cma_model_refuse(model, cma_range_of(folio_pfn(folio), 32));
}

/* Slots of eight pages; a program has a folio in what the holder leaves of one. */
static void folio_beside_held_pages_is_not_refused(struct kunit *test)
{
	struct cma_model *model = cma_model_open(test, (struct cma_geometry){
						 .blocks = 1, .order = 3 });
	struct cma_range range = cma_model_range(model, 4, 4);
	unsigned long blocker;

	KUNIT_ASSERT_NOT_NULL(test, cma_model_alloc(model, 3, 0));
	KUNIT_ASSERT_EQ(test, 0, cma_buddy_isolate(range, &blocker));
	cma_buddy_prepare(range, FOLIO_GFP);
	KUNIT_EXPECT_FALSE(test, cma_free_folio(&model->area,
						pfn_folio(range.start)));
	KUNIT_EXPECT_EQ(test, 0, atomic64_read(&model->area.stat.refused));
	folio_put(pfn_folio(range.start));
	cma_model_check(model);
}

static void folio_too_large_is_none(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 1);

	KUNIT_EXPECT_NULL(test, cma_alloc_folio(NULL, 1, FOLIO_GFP));
	KUNIT_EXPECT_NULL(test, cma_alloc_folio(&model->area,
						pageblock_order + 1,
						FOLIO_GFP));
	KUNIT_EXPECT_NULL(test, cma_alloc_folio(&model->area,
						BITS_PER_LONG - 1,
						FOLIO_GFP));
	cma_model_check(model);
}

static struct kunit_case folio_tests[] = {
	KUNIT_CASE(folio_of_each_order),
	KUNIT_CASE(folio_is_freed_as_a_whole),
	KUNIT_CASE(folio_is_returned_by_free_folio),
	KUNIT_CASE(folio_goes_back_to_free_lists),
	KUNIT_CASE(folio_after_pages_is_not_released_with_them),
	KUNIT_CASE(folio_pages_after_it_are_not_released_with_it),
	KUNIT_CASE(folio_beside_held_pages_is_not_refused),
	KUNIT_CASE(folio_too_large_is_none),
	{}
};

static struct kunit_suite folio_suite = {
	.name = "cma_folio",
	.test_cases = folio_tests,
};

kunit_test_suite(folio_suite);
