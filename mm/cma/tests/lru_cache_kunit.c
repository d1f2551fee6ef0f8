// SPDX-License-Identifier: GPL-2.0
/*
 * lru.c: clean page cache goes, whatever file it is of and where in it;
 * nothing else does.
 */
#include <linux/list.h>
#include <linux/migrate.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched/clock.h>
#include <linux/swap.h>
#include <linux/vmstat.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include "../engine.h"
#include "cache.h"
#include "model.h"

#define PAGES (2 * BLOCK)

static struct cma_cache *lru_cache_open(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 2);

	return cma_cache_open(model);
}

/* The same with all of the area lent to one file. */
static struct cma_cache *lru_cache_open_full(struct kunit *test)
{
	struct cma_cache *cache = lru_cache_open(test);

	cma_cache_lend(cache, cache->model->area.range);
	return cache;
}

static struct cma_evacuation lru_cache_all(struct cma_cache *cache)
{
	return (struct cma_evacuation){
		.range = cache->model->area.range,
		.gfp = GFP_KERNEL,
		.thorough = true,
	};
}

static long lru_cache_file_pages(const struct cma_cache *cache)
{
	return cma_levels_node(cache->model->zone->zone_pgdat, NR_FILE_PAGES);
}

/**
 * struct lru_cache_order - in which order pages of memory are pages of files
 * @name: for the log
 * @files: how many files there are; neighbours are of different ones
 * @factor: neighbours are this far apart, in a row that ends in itself
 * @gap: pages of the file that are missing between two
 */
struct lru_cache_order {
	const char *name;
	unsigned int files;
	unsigned long factor;
	unsigned long gap;
};

static const struct lru_cache_order lru_cache_orders[] = {
	{ "ascending", 1, 1, 0 },
	{ "descending", 1, PAGES - 1, 0 },
	{ "ascending with gaps", 1, 1, 6 },
	{ "descending with gaps", 1, PAGES - 1, 100 },
	{ "mixed", 1, 477, 0 },
	{ "two files", 2, 1, 0 },
	{ "three files, descending", 3, PAGES - 1, 0 },
	{ "three files, mixed with gaps", 3, 477, 63 },
};

KUNIT_ARRAY_PARAM_DESC(lru_cache, lru_cache_orders, name);

static void lru_cache_fill(struct cma_cache *cache,
			   const struct lru_cache_order *order)
{
	unsigned long page;

	cma_cache_take(cache, cache->model->area.range);
	for (page = 0; page < PAGES; page++) {
		unsigned long index = page * order->factor % PAGES;

		cma_cache_add(cache, page % order->files,
			      index * (order->gap + 1),
			      cma_model_pfn(cache->model, page));
	}
	lru_add_drain_all();
}

static void lru_cache_is_reclaimed(struct kunit *test)
{
	struct cma_cache *cache = lru_cache_open(test);
	struct cma_evacuation evac = lru_cache_all(cache);
	long before = lru_cache_file_pages(cache);
	unsigned int i;

	lru_cache_fill(cache, test->param_value);
	KUNIT_EXPECT_EQ(test, PAGES, cma_cache_inside(cache));
	KUNIT_EXPECT_EQ(test, (long)PAGES,
			lru_cache_file_pages(cache) - before);

	KUNIT_ASSERT_EQ(test, 0, cma_model_evacuate(cache->model, &evac));
	cma_model_adopt(cache->model, evac.range);
	KUNIT_EXPECT_EQ(test, PAGES, evac.reclaimed);
	KUNIT_EXPECT_EQ(test, 0UL, evac.moved);
	KUNIT_EXPECT_EQ(test, before, lru_cache_file_pages(cache));
	KUNIT_EXPECT_EQ(test, 0UL, cma_cache_pages(cache));
	for (i = 0; i < CMA_CACHE_FILES; i++)
		KUNIT_EXPECT_TRUE(test,
				  mapping_empty(cache->files[i]->i_mapping));
	cache->model->borrowed = false;
	cma_model_check(cache->model);
}

static unsigned long lru_cache_shadows(struct xarray *pages)
{
	unsigned long index, shadows = 0;
	void *entry;

	xa_for_each(pages, index, entry)
		shadows += xa_is_value(entry);
	return shadows;
}

/* Page 5 was hot once, page 6 is; a writer found nothing to write in that. */
static struct cma_cache *lru_cache_open_hot(struct kunit *test)
{
	struct cma_cache *cache = lru_cache_open_full(test);
	struct folio *active = pfn_folio(cma_model_pfn(cache->model, 6));
	struct xarray *pages = &active->mapping->i_pages;

	folio_set_workingset(pfn_folio(cma_model_pfn(cache->model, 5)));
	folio_mark_accessed(active);
	folio_mark_accessed(active);
	lru_add_drain_all();
	xa_lock_irq(pages);
	__xa_set_mark(pages, 6, PAGECACHE_TAG_TOWRITE);
	xa_unlock_irq(pages);
	return cache;
}

/* As after reclaim: what was hot counts as that when it is read again. */
static void lru_cache_that_was_hot_leaves_shadow_entries(struct kunit *test)
{
	struct cma_cache *cache = lru_cache_open_hot(test);
	struct xarray *pages = &cache->files[0]->i_mapping->i_pages;
	bool was_hot = false;

	KUNIT_ASSERT_NOT_NULL(test, cma_model_alloc(cache->model, PAGES, 0));
	KUNIT_EXPECT_EQ(test, 2UL, lru_cache_shadows(pages));
	KUNIT_ASSERT_TRUE(test, xa_is_value(xa_load(pages, 5)));
	KUNIT_ASSERT_TRUE(test, xa_is_value(xa_load(pages, 6)));
	workingset_test_recent(xa_load(pages, 5), true, &was_hot, false);
	KUNIT_EXPECT_TRUE(test, was_hot);
	KUNIT_EXPECT_FALSE(test, xa_marked(pages, PAGECACHE_TAG_TOWRITE));
}

/* Nobody would remove them. */
static void lru_cache_of_dying_file_leaves_no_shadow_entries(struct kunit *test)
{
	struct cma_cache *cache = lru_cache_open_hot(test);

	mapping_set_exiting(cache->files[0]->i_mapping);
	KUNIT_ASSERT_NOT_NULL(test, cma_model_alloc(cache->model, PAGES, 0));
	KUNIT_EXPECT_TRUE(test, mapping_empty(cache->files[0]->i_mapping));
}

static void lru_cache_outside_the_window_stays(struct kunit *test)
{
	struct cma_cache *cache = lru_cache_open_full(test);

	KUNIT_EXPECT_NOT_NULL(test, cma_model_alloc(cache->model, 100, 0));
	KUNIT_EXPECT_EQ(test, PAGES - 100, cma_cache_pages(cache));
	KUNIT_EXPECT_EQ(test, PAGES - 100, cma_cache_inside(cache));
	KUNIT_EXPECT_TRUE(test, cma_cache_is_intact(cache));
	cma_model_check(cache->model);
}

static void lru_cache_that_is_dirty_is_moved(struct kunit *test)
{
	struct cma_cache *cache = lru_cache_open_full(test);
	unsigned long page, count = 0;

	for (page = 7; page < PAGES; page += 13, count++)
		cma_cache_dirty(cache, cma_model_range(cache->model, page, 1));
	KUNIT_EXPECT_NOT_NULL(test, cma_model_alloc(cache->model, PAGES, 0));
	cma_model_check(cache->model);
	KUNIT_EXPECT_EQ(test, count, cma_cache_pages(cache));
	KUNIT_EXPECT_EQ(test, 0UL, cma_cache_inside(cache));
	KUNIT_EXPECT_TRUE(test, cma_cache_is_intact(cache));
	for (page = 7; page < PAGES; page += 13) {
		struct folio *folio = cma_cache_get(cache, 0, page);

		KUNIT_ASSERT_NOT_NULL(test, folio);
		KUNIT_EXPECT_TRUE(test, folio_test_dirty(folio));
		folio_put(folio);
	}
}

/* What stands in the way is found before anything is reclaimed for nothing. */
static void lru_cache_with_extra_reference_blocks(struct kunit *test)
{
	struct cma_cache *cache = lru_cache_open_full(test);
	struct cma_evacuation evac = lru_cache_all(cache);
	struct folio *folio = cma_cache_get(cache, 0, BLOCK + 5);

	KUNIT_ASSERT_NOT_NULL(test, folio);
	KUNIT_EXPECT_EQ(test, -EBUSY, cma_model_evacuate(cache->model, &evac));
	KUNIT_EXPECT_EQ(test, folio_pfn(folio), evac.blocker);
	KUNIT_EXPECT_EQ(test, 0UL, evac.reclaimed);
	KUNIT_EXPECT_EQ(test, PAGES, cma_cache_inside(cache));
	cma_model_check(cache->model);
	KUNIT_EXPECT_NULL(test, cma_model_alloc(cache->model, PAGES, 0));
	KUNIT_EXPECT_EQ(test, PAGES, cma_cache_inside(cache));
	cma_model_check(cache->model);
	KUNIT_EXPECT_TRUE(test, cma_cache_is_intact(cache));

	folio_put(folio);
	KUNIT_EXPECT_NOT_NULL(test, cma_model_alloc(cache->model, PAGES, 0));
	KUNIT_EXPECT_EQ(test, 0UL, cma_cache_pages(cache));
	cma_model_check(cache->model);
}

/* After a failure, what stood in the way is in a batch for its LRU list. */
static void lru_cache_is_not_reclaimed_by_trying_again(struct kunit *test)
{
	struct cma_cache *cache = lru_cache_open_full(test);
	struct cma_evacuation first = lru_cache_all(cache);
	struct cma_evacuation again = lru_cache_all(cache);
	struct folio *folio = cma_cache_get(cache, 0, BLOCK + 5);

	KUNIT_ASSERT_NOT_NULL(test, folio);
	KUNIT_EXPECT_EQ(test, -EBUSY, cma_model_evacuate(cache->model, &first));
	KUNIT_EXPECT_EQ(test, -EBUSY, cma_model_evacuate(cache->model, &again));
	KUNIT_EXPECT_EQ(test, folio_pfn(folio), again.blocker);
	KUNIT_EXPECT_EQ(test, 0UL, first.reclaimed + again.reclaimed);
	KUNIT_EXPECT_EQ(test, PAGES, cma_cache_inside(cache));
	KUNIT_EXPECT_TRUE(test, cma_cache_is_intact(cache));
	cma_model_check(cache->model);
	folio_put(folio);
}

/* Also where nothing takes the slow way, which looks for signals anyway. */
static void lru_cache_stays_when_the_process_is_killed(struct kunit *test)
{
	struct cma_cache *cache = lru_cache_open_full(test);
	struct cma_evacuation evac = lru_cache_all(cache);
	int err;

	cma_model_set_killed(true);
	err = cma_model_evacuate(cache->model, &evac);
	cma_model_set_killed(false);
	KUNIT_EXPECT_EQ(test, -EINTR, err);
	KUNIT_EXPECT_EQ(test, 0UL, evac.reclaimed);
	KUNIT_EXPECT_EQ(test, PAGES, cma_cache_inside(cache));
	cma_model_check(cache->model);
}

/**
 * struct lru_cache_later - lets go of a folio after a while
 * @work: runs then
 * @folio: locked, or with a reference
 * @let_go: folio_unlock() or folio_put()
 */
struct lru_cache_later {
	struct delayed_work work;
	struct folio *folio;
	void (*let_go)(struct folio *folio);
};

static void lru_cache_later_run(struct work_struct *work)
{
	struct lru_cache_later *later = container_of(to_delayed_work(work),
						     struct lru_cache_later,
						     work);

	later->let_go(later->folio);
}

/* All of the area is served, which takes at least until then. */
static void lru_cache_expect_served(struct cma_cache *cache,
				    struct lru_cache_later *later,
				    unsigned long delay)
{
	struct cma_model *model = cache->model;
	struct page *page;

	INIT_DELAYED_WORK_ONSTACK(&later->work, lru_cache_later_run);
	schedule_delayed_work(&later->work, delay);
	page = cma_alloc(&model->area, PAGES, 0, true);
	KUNIT_EXPECT_FALSE(model->test, delayed_work_pending(&later->work));
	flush_delayed_work(&later->work);
	destroy_delayed_work_on_stack(&later->work);
	KUNIT_ASSERT_NOT_NULL(model->test, page);
	cma_model_give(model, cma_range_of(page_to_pfn(page), PAGES));
	KUNIT_EXPECT_EQ(model->test, 0UL, cma_cache_inside(cache));
	KUNIT_EXPECT_TRUE(model->test, cma_cache_is_intact(cache));
	cma_model_check(model);
}

static void lru_cache_that_is_locked_is_waited_for(struct kunit *test)
{
	struct cma_cache *cache = lru_cache_open_full(test);
	struct lru_cache_later later = {
		.folio = pfn_folio(cma_model_pfn(cache->model, 77)),
		.let_go = folio_unlock,
	};

	folio_lock(later.folio);
	lru_cache_expect_served(cache, &later, HZ / 10);
}

/* However long it stays so: a file system in user space may never answer. */
static void lru_cache_that_stays_locked_costs_a_second(struct kunit *test)
{
	struct cma_cache *cache = lru_cache_open_full(test);
	struct folio *folio = pfn_folio(cma_model_pfn(cache->model, 77));
	u64 since = local_clock();
	u64 ns;

	folio_lock(folio);
	KUNIT_EXPECT_NULL(test, cma_alloc(&cache->model->area, PAGES, 0, true));
	ns = local_clock() - since;
	folio_unlock(folio);
	KUNIT_EXPECT_GE(test, ns, (u64)NSEC_PER_SEC);
	KUNIT_EXPECT_LT(test, ns, 10 * (u64)NSEC_PER_SEC);
	/* What lies beside it was left alone. */
	KUNIT_EXPECT_EQ(test, PAGES, cma_cache_inside(cache));
	KUNIT_EXPECT_TRUE(test, cma_cache_is_intact(cache));
	cma_model_check(cache->model);
}

/* Whether a failure is to be logged does not matter. */
static void lru_cache_that_is_pinned_is_outlasted(struct kunit *test)
{
	struct cma_cache *cache = lru_cache_open_full(test);
	struct lru_cache_later later = {
		.folio = cma_cache_get(cache, 0, 77),
		.let_go = folio_put,
	};

	KUNIT_ASSERT_NOT_NULL(test, later.folio);
	lru_cache_expect_served(cache, &later, HZ / 3);
}

static void lru_cache_attach_private(struct cma_cache *cache)
{
	unsigned long page;

	for (page = 0; page < PAGES; page += 3)
		folio_attach_private(pfn_folio(cma_model_pfn(cache->model,
							     page)), cache);
}

static void lru_cache_is_released_by_file_system(struct kunit *test)
{
	struct cma_cache *cache = lru_cache_open_full(test);

	lru_cache_attach_private(cache);
	KUNIT_EXPECT_NOT_NULL(test, cma_model_alloc(cache->model, PAGES, 0));
	KUNIT_EXPECT_EQ(test, 0UL, cma_cache_pages(cache));
	KUNIT_EXPECT_EQ(test, DIV_ROUND_UP(PAGES, 3), cache->released);
	KUNIT_EXPECT_FALSE(test, cache->may_reclaim);
	cma_model_check(cache->model);
}

static void lru_cache_that_file_system_keeps_is_moved(struct kunit *test)
{
	struct cma_cache *cache = lru_cache_open_full(test);

	cache->keep = true;
	lru_cache_attach_private(cache);
	KUNIT_EXPECT_NOT_NULL(test, cma_model_alloc(cache->model, PAGES, 0));
	KUNIT_EXPECT_EQ(test, DIV_ROUND_UP(PAGES, 3), cma_cache_pages(cache));
	KUNIT_EXPECT_EQ(test, 0UL, cma_cache_inside(cache));
	KUNIT_EXPECT_TRUE(test, cma_cache_is_intact(cache));
	cma_model_check(cache->model);
}

/* munlock() of a folio that is off its LRU list leaves the mark for later. */
static void lru_cache_with_a_mark_of_mlock_stays(struct kunit *test)
{
	struct cma_cache *cache = lru_cache_open_full(test);
	struct cma_range two = cma_model_range(cache->model, 20, 2);
	struct pglist_data *node = cache->model->zone->zone_pgdat;
	struct folio *marked = pfn_folio(two.end - 1);
	struct cma_isolated isolated;

	cma_lru_isolate(&isolated, two, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, 0UL, isolated.left);
	folio_set_mlocked(marked);
	KUNIT_EXPECT_EQ(test, 1UL,
			cma_lru_reclaim_clean(node, &isolated.cache));
	KUNIT_EXPECT_TRUE(test, list_is_singular(&isolated.cache));
	folio_clear_mlocked(marked);
	putback_movable_pages(&isolated.cache);
	KUNIT_EXPECT_EQ(test, PAGES - 1, cma_cache_pages(cache));
	KUNIT_EXPECT_TRUE(test, cma_cache_is_intact(cache));
}

/* Not yet on an LRU list, and not to be found there. */
static void lru_cache_in_batch_is_evacuated(struct kunit *test)
{
	struct cma_cache *cache = lru_cache_open(test);
	unsigned long page;

	cma_cache_take(cache, cma_model_range(cache->model, 50, 3));
	lru_add_drain_all();
	for (page = 50; page < 53; page++)
		cma_cache_add(cache, 0, page,
			      cma_model_pfn(cache->model, page));
	KUNIT_EXPECT_NOT_NULL(test, cma_model_alloc(cache->model, PAGES, 0));
	KUNIT_EXPECT_EQ(test, 0UL, cma_cache_inside(cache));
	KUNIT_EXPECT_TRUE(test, cma_cache_is_intact(cache));
	cma_model_check(cache->model);
}

static struct kunit_case lru_cache_tests[] = {
	KUNIT_CASE_PARAM(lru_cache_is_reclaimed, lru_cache_gen_params),
	KUNIT_CASE(lru_cache_that_was_hot_leaves_shadow_entries),
	KUNIT_CASE(lru_cache_of_dying_file_leaves_no_shadow_entries),
	KUNIT_CASE(lru_cache_outside_the_window_stays),
	KUNIT_CASE(lru_cache_that_is_dirty_is_moved),
	KUNIT_CASE(lru_cache_with_extra_reference_blocks),
	KUNIT_CASE(lru_cache_is_not_reclaimed_by_trying_again),
	KUNIT_CASE(lru_cache_stays_when_the_process_is_killed),
	KUNIT_CASE(lru_cache_that_is_locked_is_waited_for),
	KUNIT_CASE(lru_cache_that_stays_locked_costs_a_second),
	KUNIT_CASE(lru_cache_that_is_pinned_is_outlasted),
	KUNIT_CASE(lru_cache_is_released_by_file_system),
	KUNIT_CASE(lru_cache_that_file_system_keeps_is_moved),
	KUNIT_CASE(lru_cache_with_a_mark_of_mlock_stays),
	KUNIT_CASE(lru_cache_in_batch_is_evacuated),
	{}
};

static struct kunit_suite lru_cache_suite = {
	.name = "cma_lru_cache",
	.test_cases = lru_cache_tests,
};

kunit_test_suite(lru_cache_suite);
