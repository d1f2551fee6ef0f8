// SPDX-License-Identifier: GPL-2.0
/*
 * target.c: a stock of pages of areas, and large folios from there.
 */
#include <linux/gfp.h>
#include <linux/mm.h>

#include "../../internal.h"
#include "../engine.h"
#include "model.h"
#include "outside.h"

#define ROOM 100
#define LARGE 3

/**
 * struct target_stock - a stock that is open
 * @model: an area, the only one with room
 * @targets: the stock
 */
struct target_stock {
	struct cma_model *model;
	struct cma_targets targets;
};

static struct target_stock target_open(struct kunit *test, unsigned long room)
{
	struct target_stock stock = {
		.model = cma_model_open_blocks(test, 2),
	};
	unsigned long held = 2 * BLOCK - room;

	cma_outside_close_lender(stock.model);
	KUNIT_ASSERT_NOT_NULL(test, cma_model_alloc(stock.model, held, 0));
	return stock;
}

/* Not in the declaration of a variable, since the list points to itself. */
static void target_begin(struct target_stock *stock)
{
	cma_levels_fold();
	cma_targets_open(&stock->targets, stock->model->zone,
			 CMA_TARGETS_AREAS,
			 GFP_HIGHUSER_MOVABLE & ~__GFP_RECLAIM);
}

static unsigned long target_inside(struct target_stock *stock)
{
	struct page *page;
	unsigned long inside = 0;

	list_for_each_entry(page, &stock->targets.pages, lru)
		inside += cma_range_contains(stock->model->area.range,
					     page_to_pfn(page), 1) &&
			  page_count(page) == 1;
	return inside;
}

static void target_expect(struct target_stock *stock, unsigned long pages)
{
	KUNIT_EXPECT_EQ(stock->model->test, pages, stock->targets.count);
	KUNIT_EXPECT_EQ(stock->model->test, pages, target_inside(stock));
}

static void target_end(struct target_stock *stock)
{
	cma_targets_close(&stock->targets);
	KUNIT_EXPECT_EQ(stock->model->test, 0UL, stock->targets.count);
	cma_model_check(stock->model);
}

static void target_stock_is_of_areas(struct kunit *test)
{
	struct target_stock stock = target_open(test, ROOM);
	unsigned long free = 2 * BLOCK - stock.model->held;

	target_begin(&stock);
	cma_targets_fill(&stock.targets, 10);
	target_expect(&stock, 10);
	cma_targets_fill(&stock.targets, 10);
	target_expect(&stock, 10);
	cma_targets_fill(&stock.targets, 37);
	target_expect(&stock, 37);
	cma_targets_fill(&stock.targets, 5 * BLOCK);
	target_expect(&stock, ROOM);
	KUNIT_EXPECT_EQ(test, 0UL,
			cma_outside_free_pages(stock.model->area.range));
	target_end(&stock);
	KUNIT_EXPECT_EQ(test, free,
			cma_outside_free_pages(stock.model->area.range));
}

/* Large chunks stay whole, as long as there are small ones. */
static void target_takes_small_chunks_first(struct kunit *test)
{
	struct target_stock stock = target_open(test, BLOCK + ROOM);
	struct cma_range whole = cma_model_range(stock.model, BLOCK, BLOCK);

	target_begin(&stock);
	cma_targets_fill(&stock.targets, ROOM);
	target_expect(&stock, ROOM);
	KUNIT_EXPECT_TRUE(test, cma_outside_is_one_chunk(whole));
	cma_targets_fill(&stock.targets, ROOM + 1);
	target_expect(&stock, ROOM + 1);
	KUNIT_EXPECT_EQ(test, BLOCK - 1, cma_outside_free_pages(whole));
	target_end(&stock);
	KUNIT_EXPECT_TRUE(test, cma_outside_is_one_chunk(whole));
}

/* Not to per-CPU lists, where others would find it and areas seem full. */
static void target_goes_back_to_free_lists(struct kunit *test)
{
	struct target_stock stock = target_open(test, ROOM);

	target_begin(&stock);
	cma_targets_fill(&stock.targets, ROOM);
	cma_targets_close(&stock.targets);
	KUNIT_EXPECT_EQ(test, (unsigned long)ROOM,
			cma_outside_free_pages(stock.model->area.range));
	cma_model_check(stock.model);
}

static void target_comes_from_nowhere_else(struct kunit *test)
{
	struct page *page = alloc_page(GFP_KERNEL);
	struct target_stock stock = target_open(test, 1);
	unsigned long data = (unsigned long)&stock.targets;
	struct folio *src, *dst;

	KUNIT_ASSERT_NOT_NULL(test, page);
	src = page_folio(page);
	target_begin(&stock);
	KUNIT_EXPECT_NULL(test, cma_target_get(src, data));
	cma_targets_fill(&stock.targets, 2);
	target_expect(&stock, 1);
	dst = cma_target_get(src, data);
	target_expect(&stock, 0);
	KUNIT_EXPECT_NULL(test, cma_target_get(src, data));
	if (dst)
		cma_target_put(dst, data);
	target_expect(&stock, 1);
	target_end(&stock);
	__free_page(page);
}

static void target_check_large(struct target_stock *stock,
			       struct folio *folio)
{
	struct kunit *test = stock->model->test;

	KUNIT_EXPECT_EQ(test, (unsigned int)LARGE, folio_order(folio));
	KUNIT_EXPECT_EQ(test, 1, folio_ref_count(folio));
	/* Without huge pages there is no such flag. */
	KUNIT_EXPECT_EQ(test, IS_ENABLED(CONFIG_TRANSPARENT_HUGEPAGE),
			folio_test_large_rmappable(folio));
	KUNIT_EXPECT_TRUE(test,
			  cma_range_contains(stock->model->area.range,
					     folio_pfn(folio), 1 << LARGE));
}

/* Of what is left, eleven pages, one large folio can be made and no other. */
static void target_large_folio_is_of_areas(struct kunit *test)
{
	struct page *page = alloc_pages(GFP_KERNEL | __GFP_COMP, LARGE);
	struct target_stock stock = target_open(test, (1 << LARGE) + 3);
	unsigned long data = (unsigned long)&stock.targets;
	struct folio *src, *dst;

	KUNIT_ASSERT_NOT_NULL(test, page);
	src = page_folio(page);
	target_begin(&stock);
	dst = cma_target_get(src, data);
	KUNIT_ASSERT_NOT_NULL(test, dst);
	target_check_large(&stock, dst);
	KUNIT_EXPECT_NULL(test, cma_target_get(src, data));
	KUNIT_EXPECT_EQ(test, 3UL,
			cma_outside_free_pages(stock.model->area.range));
	cma_target_put(dst, data);
	target_expect(&stock, 0);
	target_end(&stock);
	KUNIT_EXPECT_EQ(test, (1UL << LARGE) + 3,
			cma_outside_free_pages(stock.model->area.range));
	__free_pages(page, LARGE);
}

static void target_that_is_for_drivers_is_of_no_area(struct kunit *test)
{
	struct target_stock stock = target_open(test, ROOM);
	struct page *page;
	unsigned long in_areas = 0;

	cma_targets_open(&stock.targets, stock.model->zone,
			 CMA_TARGETS_REGULAR, GFP_KERNEL);
	cma_targets_fill(&stock.targets, 500);
	KUNIT_EXPECT_EQ(test, 500UL, stock.targets.count);
	list_for_each_entry(page, &stock.targets.pages, lru)
		in_areas += is_migrate_cma_page(page);
	KUNIT_EXPECT_EQ(test, 0UL, in_areas);
	target_end(&stock);
}

/* Nothing is in stock, and zones look low: not one zone is above its mark. */
static void target_pretend_low(struct target_stock *stock, long pages)
{
	struct pglist_data *node = stock->model->zone->zone_pgdat;
	int index;

	for (index = 0; index < MAX_NR_ZONES; index++)
		node->node_zones[index]._watermark[WMARK_LOW] += pages;
}

/* Such pages would turn their pageblocks MIGRATE_UNMOVABLE. */
static void target_below_low_watermark_is_movable(struct kunit *test)
{
	struct page *page = alloc_page(GFP_HIGHUSER_MOVABLE);
	struct target_stock stock = target_open(test, ROOM);
	unsigned long data = (unsigned long)&stock.targets;
	struct cma_range block = cma_outside_take(stock.model);
	struct folio *dst;

	KUNIT_ASSERT_NOT_NULL(test, page);
	cma_outside_give(stock.model, block);
	cma_targets_open(&stock.targets, stock.model->zone,
			 CMA_TARGETS_REGULAR, GFP_HIGHUSER_MOVABLE);
	target_pretend_low(&stock, totalram_pages());
	cma_targets_fill(&stock.targets, 1);
	KUNIT_EXPECT_EQ(test, 0UL, stock.targets.count);
	dst = cma_target_get(page_folio(page), data);
	target_pretend_low(&stock, -totalram_pages());
	KUNIT_ASSERT_NOT_NULL(test, dst);
	/* It came from the free lists, and some more with it. */
	KUNIT_EXPECT_GT(test, stock.targets.count, 0UL);
	KUNIT_EXPECT_EQ(test, (int)MIGRATE_MOVABLE,
			(int)get_pageblock_migratetype(&dst->page));
	KUNIT_EXPECT_FALSE(test, stock.targets.starved);
	cma_target_put(dst, data);
	target_end(&stock);
	__free_page(page);
}

/* Where a free chunk is, no compaction is needed, and no area. */
static void target_large_folio_for_drivers_is_of_no_area(struct kunit *test)
{
	struct page *page = alloc_pages(GFP_KERNEL | __GFP_COMP, LARGE);
	struct target_stock stock = target_open(test, ROOM);
	unsigned long data = (unsigned long)&stock.targets;
	struct folio *dst;

	KUNIT_ASSERT_NOT_NULL(test, page);
	cma_targets_open(&stock.targets, stock.model->zone,
			 CMA_TARGETS_REGULAR, GFP_HIGHUSER_MOVABLE);
	dst = cma_target_get(page_folio(page), data);
	KUNIT_ASSERT_NOT_NULL(test, dst);
	KUNIT_EXPECT_EQ(test, (unsigned int)LARGE, folio_order(dst));
	KUNIT_EXPECT_EQ(test, (int)MIGRATE_MOVABLE,
			(int)get_pageblock_migratetype(&dst->page));
	cma_target_put(dst, data);
	target_end(&stock);
	__free_pages(page, LARGE);
}

/* A copy that failed has left its marks, on arm64 also its memory tags. */
static void target_that_comes_back_is_prepared_anew(struct kunit *test)
{
	struct page *page = alloc_page(GFP_HIGHUSER_MOVABLE);
	struct target_stock stock = target_open(test, 1);
	unsigned long data = (unsigned long)&stock.targets;
	struct folio *dst;

	KUNIT_ASSERT_NOT_NULL(test, page);
	target_begin(&stock);
	cma_targets_fill(&stock.targets, 1);
	dst = cma_target_get(page_folio(page), data);
	KUNIT_ASSERT_NOT_NULL(test, dst);
	set_bit(PG_arch_1, &dst->flags);
	folio_set_workingset(dst);
	cma_target_put(dst, data);
	target_expect(&stock, 1);
	dst = cma_target_get(page_folio(page), data);
	KUNIT_ASSERT_NOT_NULL(test, dst);
	KUNIT_EXPECT_FALSE(test, test_bit(PG_arch_1, &dst->flags));
	KUNIT_EXPECT_FALSE(test, folio_test_workingset(dst));
	cma_target_put(dst, data);
	target_end(&stock);
	__free_page(page);
}

/* As much as there is; how much there can be: see search_all_kunit.c. */
static void target_exists_within_reason(struct kunit *test)
{
	unsigned long free = global_zone_page_state(NR_FREE_PAGES);

	KUNIT_EXPECT_TRUE(test, cma_search_has_targets(0));
	KUNIT_EXPECT_TRUE(test, cma_search_has_targets(BLOCK));
	KUNIT_EXPECT_TRUE(test, cma_search_has_targets(free));
}

static struct kunit_case target_tests[] = {
	KUNIT_CASE(target_stock_is_of_areas),
	KUNIT_CASE(target_takes_small_chunks_first),
	KUNIT_CASE(target_goes_back_to_free_lists),
	KUNIT_CASE(target_comes_from_nowhere_else),
	KUNIT_CASE(target_large_folio_is_of_areas),
	KUNIT_CASE(target_that_is_for_drivers_is_of_no_area),
	KUNIT_CASE(target_below_low_watermark_is_movable),
	KUNIT_CASE(target_large_folio_for_drivers_is_of_no_area),
	KUNIT_CASE(target_that_comes_back_is_prepared_anew),
	KUNIT_CASE(target_exists_within_reason),
	{}
};

static struct kunit_suite target_suite = {
	.name = "cma_target",
	.test_cases = target_tests,
};

kunit_test_suite(target_suite);
