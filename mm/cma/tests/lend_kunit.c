// SPDX-License-Identifier: GPL-2.0
/*
 * lend.h: when movable pages come from the areas, by numbers and in real life; and
 * what reclaim can get there.
 */
#include <linux/cma.h>
#include <linux/gfp.h>
#include <linux/limits.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/swap.h>

#include "../../internal.h"
#include "../balance.h"
#include "../cma.h"
#include "../lend.h"
#include "cache.h"
#include "model.h"
#include "outside.h"

#define LEND_PAGES 200

/**
 * struct lend_row - a state of a zone
 * @name: for the log
 * @regular: free pages of regular memory
 * @lendable: free pages of areas
 * @mark: so much regular memory is to be free
 * @first: the result
 */
struct lend_row {
	const char *name;
	long regular;
	long lendable;
	unsigned long mark;
	bool first;
};

static const struct lend_row lend_rows[] = {
	{ "areas are used up", 0, 0, 1000, false },
	{ "areas are used up, drift", 0, -3, 1000, false },
	{ "one page left in areas", 5, 1, 1000, true },
	{ "less than the areas", 999, 100, 1000, true },
	{ "as much as the areas", 1000, 100, 1000, false },
	{ "more than the areas", 1001, 100, 1000, false },
	{ "no matter how much is lent", 999, 1000, 1000, true },
	{ "no regular memory", 0, 100, 1000, true },
	{ "no regular memory, drift", -20, 100, 1000, true },
	{ "no areas, drift", 1000, 10, 0, false },
	{ "switched off", 0, 1000, 0, false },
	{ "switched off, plenty", 5000, 1000, 0, false },
};

KUNIT_ARRAY_PARAM_DESC(lend, lend_rows, name);

static unsigned long *lend_mark_of(struct zone *zone)
{
	return &cma_lend_marks[zone_to_nid(zone)][zone_idx(zone)];
}

static void lend_reset(void *unused)
{
	cma_lend_update();
}

static void lend_set(struct kunit *test, struct zone *zone, unsigned long mark)
{
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, lend_reset, NULL));
	*lend_mark_of(zone) = mark;
}

static void lend_compares(struct kunit *test)
{
	const struct lend_row *row = test->param_value;
	struct pglist_data *node = kunit_kzalloc(test, sizeof(*node), GFP_KERNEL);
	struct zone *zone;
	bool first;

	KUNIT_ASSERT_NOT_NULL(test, node);
	zone = &node->node_zones[ZONE_NORMAL];
	zone->zone_pgdat = node;
	atomic_long_set(&zone->vm_stat[NR_FREE_CMA_PAGES], row->lendable);
	atomic_long_set(&zone->vm_stat[NR_FREE_PAGES],
			row->lendable + row->regular);
	lend_set(test, zone, row->mark);
	first = cma_lends_first(zone);
	KUNIT_EXPECT_EQ(test, row->first, first);
}

/* No unmovable allocation is ever served from ZONE_MOVABLE. */
static void lend_of_movable_zone_comes_last(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 1000UL, cma_lend_mark(ZONE_NORMAL, 1000));
	KUNIT_EXPECT_EQ(test, 0UL, cma_lend_mark(ZONE_MOVABLE, 1000));
}

static int lend_take(struct cma *cma, void *found)
{
	struct zone *zone = page_zone(pfn_to_page(cma->range.start));

	if (!cma_area_is_active(cma) || cma->kept || zone_idx(zone) == ZONE_MOVABLE)
		return 0;
	*(struct cma **)found = cma;
	return 1;
}

/* While a driver has its buffer, that much regular memory was kept for nobody. */
static void lend_of_what_is_held_is_no_aim(struct kunit *test)
{
	unsigned long nr_pages, before;
	struct cma *cma = NULL;
	struct page *pages;
	struct zone *zone;

	cma_for_each_area(lend_take, &cma);
	if (!cma)
		kunit_skip(test, "no area");
	nr_pages = cma_range_len(cma->range) / 4;
	zone = page_zone(pfn_to_page(cma->range.start));
	cma_lend_update();
	before = *lend_mark_of(zone);
	KUNIT_EXPECT_GE(test, before, nr_pages);
	pages = cma_alloc(cma, nr_pages, 0, false);
	KUNIT_ASSERT_NOT_NULL(test, pages);
	cma_lend_update();
	KUNIT_EXPECT_EQ(test, before - nr_pages, *lend_mark_of(zone));
	KUNIT_EXPECT_TRUE(test, cma_release(cma, pages, nr_pages));
	cma_lend_update();
	KUNIT_EXPECT_EQ(test, before, *lend_mark_of(zone));
}

/* Pages that the zone of the area gives first of all. */
static gfp_t lend_gfp(struct zone *zone)
{
	return is_highmem(zone) ? GFP_HIGHUSER_MOVABLE :
				  GFP_USER | __GFP_MOVABLE;
}

static unsigned long lend_count(struct kunit *test, struct cma_model *model,
				gfp_t gfp)
{
	struct page *page, *next;
	unsigned long i, inside = 0;
	LIST_HEAD(pages);

	drain_all_pages(model->zone);
	for (i = 0; i < LEND_PAGES; i++) {
		page = alloc_page(gfp);
		if (!page)
			break;
		list_add(&page->lru, &pages);
		inside += is_migrate_cma_page(page);
	}
	list_for_each_entry_safe(page, next, &pages, lru)
		__free_page(page);
	drain_all_pages(model->zone);
	KUNIT_EXPECT_EQ(test, (unsigned long)LEND_PAGES, i);
	return inside;
}

static void lend_movable_pages_come_from_areas(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 2);
	gfp_t gfp = lend_gfp(model->zone);

	lend_set(test, model->zone, LONG_MAX);
	KUNIT_EXPECT_TRUE(test, cma_lends_first(model->zone));
	KUNIT_EXPECT_EQ(test, (unsigned long)LEND_PAGES,
			lend_count(test, model, gfp));
	KUNIT_EXPECT_EQ(test, 0UL,
			lend_count(test, model, gfp & ~__GFP_MOVABLE));
	cma_model_check(model);
}

static void lend_movable_pages_stay_in_regular_memory(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 2);

	lend_set(test, model->zone, 0);
	KUNIT_EXPECT_FALSE(test, cma_lends_first(model->zone));
	KUNIT_EXPECT_EQ(test, 0UL,
			lend_count(test, model, lend_gfp(model->zone)));
	cma_model_check(model);
}

/* Where areas come first and have nothing left, regular memory serves. */
static void lend_goes_on_when_areas_are_used_up(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 1);
	gfp_t gfp = lend_gfp(model->zone);
	unsigned long inside;

	cma_outside_close_lender(model);
	KUNIT_ASSERT_NOT_NULL(test, cma_model_alloc(model,
						    pageblock_nr_pages - 50,
						    0));
	lend_set(test, model->zone, LONG_MAX);
	inside = lend_count(test, model, gfp);
	KUNIT_EXPECT_EQ(test, 50UL, inside);
	cma_model_check(model);
}

/* What those get by reclaim who may not use areas; what can be moved is no reclaim. */
static unsigned long lend_unmovable(struct cma_model *model)
{
	lru_add_drain_all();
	return cma_balance_gain(model->zone, 0) - cma_balance_room(model->zone);
}

/* An allocation reclaimed for ever what others read back into the area. */
static void lend_cache_is_of_use_to_movable_pages_only(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 2);
	struct cma_cache *cache = cma_cache_open(model);
	unsigned long before = lend_unmovable(model);

	cma_cache_lend(cache, model->area.range);
	KUNIT_EXPECT_EQ(test, before, lend_unmovable(model));
	KUNIT_EXPECT_GE(test, cma_balance_gain(model->zone, ALLOC_CMA),
			before + cma_model_pages(model));
}

/*
 * Where nothing can be reclaimed, zone_reclaimable_pages() tells of what is free, and
 * free pages of areas are that much hope for nothing.
 */
static void lend_of_free_areas_is_no_hope(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 2);

	KUNIT_EXPECT_LT(test, lend_unmovable(model),
			zone_page_state_snapshot(model->zone, NR_FREE_PAGES) / 2);
}

static struct kunit_case lend_tests[] = {
	KUNIT_CASE_PARAM(lend_compares, lend_gen_params),
	KUNIT_CASE(lend_of_movable_zone_comes_last),
	KUNIT_CASE(lend_of_what_is_held_is_no_aim),
	KUNIT_CASE(lend_movable_pages_come_from_areas),
	KUNIT_CASE(lend_movable_pages_stay_in_regular_memory),
	KUNIT_CASE(lend_goes_on_when_areas_are_used_up),
	KUNIT_CASE(lend_cache_is_of_use_to_movable_pages_only),
	KUNIT_CASE(lend_of_free_areas_is_no_hope),
	{}
};

static struct kunit_suite lend_suite = {
	.name = "cma_lend",
	.test_cases = lend_tests,
};

kunit_test_suite(lend_suite);
