// SPDX-License-Identifier: GPL-2.0
/*
 * search.c: pages in the per-CPU batches that lead to an LRU list, or from one
 * to another. Each has one reference more, as a page has that somebody pinned.
 */
#include <kunit/static_stub.h>
#include <linux/gfp.h>
#include <linux/ktime.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/swap.h>

#include "../../internal.h"
#include "../engine.h"
#include "cache.h"
#include "model.h"

#define SEARCH_BATCH_BLOCKS 3U
#define SEARCH_BATCH_WINDOW 16UL

/* Pages on the LRU lists, the first @clean of them clean. */
static void search_batch_lend(struct cma_cache *cache, unsigned long first,
			      unsigned long clean, unsigned long dirty)
{
	struct cma_range range = cma_model_range(cache->model, first,
						 clean + dirty);

	cma_cache_lend(cache, range);
	range.start += clean;
	cma_cache_dirty(cache, range);
}

/* The page is on an LRU list, and in a batch of pages that go to its end. */
static void search_batch_deactivate(struct cma_model *model, unsigned long page)
{
	struct folio *folio = pfn_folio(cma_model_pfn(model, page));
	int refs = folio_ref_count(folio);

	deactivate_file_folio(folio);
	KUNIT_ASSERT_TRUE(model->test, folio_test_lru(folio));
	KUNIT_ASSERT_EQ(model->test, refs + 1, folio_ref_count(folio));
}

/* First page of the pageblock that a request gets, -1 for none. */
static long search_batch_alloc(struct cma_model *model)
{
	struct page *page = cma_model_alloc(model, BLOCK, pageblock_order);

	cma_model_check(model);
	return page ? page_to_pfn(page) - cma_model_pfn(model, 0) : -1;
}

/* To drain the batches of all CPUs costs more than to split a gap. */
static void search_batch_loses_to_a_free_window(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test,
							SEARCH_BATCH_BLOCKS);
	struct cma_cache *cache = cma_cache_open(model);
	unsigned long page;

	cma_cache_take(cache, cma_model_range(model, 50, 3));
	lru_add_drain_all();
	for (page = 50; page < 53; page++)
		cma_cache_add(cache, 0, page, cma_model_pfn(model, page));
	drain_all_pages(model->zone);
	KUNIT_EXPECT_EQ(test, (long)BLOCK, search_batch_alloc(model));
	KUNIT_EXPECT_EQ(test, 3UL, cma_cache_inside(cache));
}

/*
 * F8, F14 of the field: a scan ends where it costs more than the best window so
 * far. The free lists know of free pages that it did not come to.
 */
static void search_batch_f8_free_window_far_away(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test,
							SEARCH_BATCH_BLOCKS);
	struct cma_cache *cache = cma_cache_open(model);
	unsigned long lent = 2 * BLOCK + BLOCK / 2;
	struct page *page;

	search_batch_lend(cache, 0, 0, lent);
	lru_add_drain_all();
	drain_all_pages(model->zone);
	page = cma_model_alloc(model, SEARCH_BATCH_WINDOW,
			       ilog2(SEARCH_BATCH_WINDOW));
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_GE(test, page_to_pfn(page), cma_model_pfn(model, lent));
	KUNIT_EXPECT_EQ(test, lent, cma_cache_inside(cache));
	cma_model_check(model);
}

/* Each window has one such page; that says nothing about which one to take. */
static void search_batch_is_not_unmovable(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test,
							SEARCH_BATCH_BLOCKS);
	struct cma_cache *cache = cma_cache_open(model);
	unsigned long block;

	search_batch_lend(cache, 0, 0, 300);
	search_batch_lend(cache, BLOCK, 0, 300);
	search_batch_lend(cache, 2 * BLOCK, 20, 0);
	drain_all_pages(model->zone);
	for (block = 0; block < SEARCH_BATCH_BLOCKS; block++)
		search_batch_deactivate(model, block * BLOCK + 5);
	KUNIT_EXPECT_EQ(test, 2 * (long)BLOCK, search_batch_alloc(model));
	KUNIT_EXPECT_EQ(test, 600UL, cma_cache_inside(cache));
}

/* Once the batches are drained, one more reference is a pin. */
static void search_batch_that_is_a_pin_moves_nothing(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test,
							SEARCH_BATCH_BLOCKS);
	struct cma_cache *cache = cma_cache_open(model);
	struct folio *pinned;

	search_batch_lend(cache, 0, 0, 100);
	search_batch_lend(cache, BLOCK, 0, 200);
	search_batch_lend(cache, 2 * BLOCK, 0, 300);
	drain_all_pages(model->zone);
	pinned = pfn_folio(cma_model_pfn(model, 99));
	folio_get(pinned);
	search_batch_deactivate(model, BLOCK + 5);
	search_batch_deactivate(model, 2 * BLOCK + 5);
	KUNIT_EXPECT_EQ(test, (long)BLOCK, search_batch_alloc(model));
	KUNIT_EXPECT_EQ(test, 400UL, cma_cache_inside(cache));
	folio_put(pinned);
}

/* All windows have a pin, so a request tries all and moves nothing. */
static void search_batch_of_pins_alone_moves_nothing(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test,
							SEARCH_BATCH_BLOCKS);
	struct cma_cache *cache = cma_cache_open(model);
	const struct cma_demand demand = {
		.nr_pages = BLOCK,
		.gfp = GFP_KERNEL | __GFP_NORETRY,
	};
	struct folio *pinned[SEARCH_BATCH_BLOCKS];
	struct cma_search_result result = {};
	unsigned int i;

	for (i = 0; i < SEARCH_BATCH_BLOCKS; i++) {
		search_batch_lend(cache, i * BLOCK, 0, 100);
		pinned[i] = pfn_folio(cma_model_pfn(model, i * BLOCK + 99));
		folio_get(pinned[i]);
	}
	KUNIT_EXPECT_EQ(test, -EBUSY,
			cma_search_pages(&model->area, &demand, &result));
	KUNIT_EXPECT_EQ(test, 0UL, result.effort.moved);
	KUNIT_EXPECT_EQ(test, 300UL, cma_cache_inside(cache));
	for (i = 0; i < SEARCH_BATCH_BLOCKS; i++)
		folio_put(pinned[i]);
	cma_model_check(model);
}

/* A request for any of the windows, none of which can be had. */
static unsigned long search_batch_count_drains(struct cma_model *model)
{
	const struct cma_demand demand = {
		.nr_pages = SEARCH_BATCH_WINDOW,
		.align = ilog2(SEARCH_BATCH_WINDOW),
		.gfp = GFP_KERNEL | __GFP_NORETRY,
	};
	struct cma_search_result result = {};
	unsigned long drains = cma_evacuate_nr_drains();

	KUNIT_EXPECT_EQ(model->test, -EBUSY,
			cma_search_pages(&model->area, &demand, &result));
	KUNIT_EXPECT_LE(model->test, BLOCK / SEARCH_BATCH_WINDOW,
			result.effort.busy);
	return cma_evacuate_nr_drains() - drains;
}

/*
 * It asks all CPUs for help, so a request of one that has many pages pinned must
 * not do it for each.
 */
static void search_batch_is_not_drained_for_all_pins(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 1);
	struct cma_cache *cache = cma_cache_open(model);
	unsigned long page, drains;
	u64 since, ms;

	search_batch_lend(cache, 0, 0, BLOCK);
	for (page = 0; page < BLOCK; page += SEARCH_BATCH_WINDOW)
		folio_get(pfn_folio(cma_model_pfn(model, page)));
	since = ktime_get_ns();
	drains = search_batch_count_drains(model);
	ms = div_u64(ktime_get_ns() - since, NSEC_PER_MSEC);
	KUNIT_EXPECT_GE(test, drains, 1UL);
	KUNIT_EXPECT_LE(test, drains, 5 + (unsigned long)ms / 10);
	for (page = 0; page < BLOCK; page += SEARCH_BATCH_WINDOW)
		folio_ref_add(pfn_folio(cma_model_pfn(model, page)),
			      GUP_PIN_COUNTING_BIAS - 1);
	KUNIT_EXPECT_EQ(test, 0UL, search_batch_count_drains(model));
	for (page = 0; page < BLOCK; page += SEARCH_BATCH_WINDOW)
		folio_ref_sub(pfn_folio(cma_model_pfn(model, page)),
			      GUP_PIN_COUNTING_BIAS);
	KUNIT_EXPECT_EQ(test, BLOCK, cma_cache_inside(cache));
	cma_model_check(model);
}

/* How often the batches were to be drained while no CPU answered. */
static unsigned long search_batch_asked;

static bool search_batch_drain_slowly(void)
{
	search_batch_asked++;
	schedule_timeout_uninterruptible(2);
	return true;
}

static bool search_batch_drain_nothing(void)
{
	search_batch_asked++;
	return false;
}

static bool search_batch_hangs(void)
{
	return search_batch_asked;
}

/* A slow drain must not be taken for a reason for the next one. */
static void search_batch_is_drained_a_few_times(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 1);
	struct cma_cache *cache = cma_cache_open(model);
	unsigned long page;

	search_batch_lend(cache, 0, 0, BLOCK);
	for (page = 0; page < BLOCK; page += SEARCH_BATCH_WINDOW)
		folio_get(pfn_folio(cma_model_pfn(model, page)));
	search_batch_asked = 0;
	kunit_activate_static_stub(test, cma_evacuate_drain_all,
				   search_batch_drain_slowly);
	search_batch_count_drains(model);
	kunit_deactivate_static_stub(test, cma_evacuate_drain_all);
	KUNIT_EXPECT_GE(test, search_batch_asked, 1UL);
	KUNIT_EXPECT_LE(test, search_batch_asked, 16UL);
	for (page = 0; page < BLOCK; page += SEARCH_BATCH_WINDOW)
		folio_put(pfn_folio(cma_model_pfn(model, page)));
	cma_model_check(model);
}

/* Its batch keeps pages in the area, so to move what lies beside them is no use. */
static void search_batch_of_deaf_cpu_moves_nothing(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 1);
	struct cma_cache *cache = cma_cache_open(model);
	const struct cma_demand demand = {
		.nr_pages = BLOCK,
		.gfp = GFP_KERNEL | __GFP_NORETRY,
	};
	struct cma_search_result result = {};
	unsigned long page;

	search_batch_lend(cache, 0, 0, 300);
	cma_cache_take(cache, cma_model_range(model, 300, 3));
	for (page = 300; page < 303; page++)
		cma_cache_add(cache, 0, page, cma_model_pfn(model, page));
	search_batch_asked = 0;
	kunit_activate_static_stub(test, cma_evacuate_drain_all,
				   search_batch_drain_nothing);
	kunit_activate_static_stub(test, cma_evacuate_drain_hangs,
				   search_batch_hangs);
	KUNIT_EXPECT_EQ(test, -EBUSY,
			cma_search_pages(&model->area, &demand, &result));
	kunit_deactivate_static_stub(test, cma_evacuate_drain_hangs);
	kunit_deactivate_static_stub(test, cma_evacuate_drain_all);
	KUNIT_EXPECT_EQ(test, 0UL, result.effort.moved);
	KUNIT_EXPECT_EQ(test, 0UL, result.effort.reclaimed);
	KUNIT_EXPECT_EQ(test, 303UL, cma_cache_inside(cache));
	cma_model_check(model);
}

static struct kunit_case search_batch_tests[] = {
	KUNIT_CASE(search_batch_loses_to_a_free_window),
	KUNIT_CASE(search_batch_f8_free_window_far_away),
	KUNIT_CASE(search_batch_is_not_unmovable),
	KUNIT_CASE(search_batch_that_is_a_pin_moves_nothing),
	KUNIT_CASE(search_batch_of_pins_alone_moves_nothing),
	KUNIT_CASE(search_batch_is_not_drained_for_all_pins),
	KUNIT_CASE(search_batch_is_drained_a_few_times),
	KUNIT_CASE(search_batch_of_deaf_cpu_moves_nothing),
	{}
};

static struct kunit_suite search_batch_suite = {
	.name = "cma_search_batch",
	.test_cases = search_batch_tests,
};

kunit_test_suite(search_batch_suite);
