// SPDX-License-Identifier: GPL-2.0
/*
 * search.c: whatever its estimates say, a request for which there is a window
 * is served. Against a search of all windows in the model.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/prandom.h>
#include <linux/swap.h>
#include <linux/vmstat.h>

#include "../engine.h"
#include "borrow.h"
#include "cache.h"
#include "model.h"

#define SEARCH_ROUNDS	15
#define SEARCH_REQUESTS	12
#define SEARCH_SEED	20241119

/**
 * struct search_all_chance - an area with pages of all kinds
 * @model: the area
 * @cache: who has lent pages
 * @rnd: where chance comes from
 * @served: requests that were served
 * @refused: requests that were not
 */
struct search_all_chance {
	struct cma_model *model;
	struct cma_cache *cache;
	struct rnd_state rnd;
	unsigned long served;
	unsigned long refused;
};

/* Mostly small, and below 2^@bits. */
static unsigned long search_all_count(struct search_all_chance *chance,
				      unsigned int bits)
{
	u32 below = 1U << cma_random_below(&chance->rnd, bits);

	return 1 + cma_random_below(&chance->rnd, below);
}

static void search_all_block(struct search_all_chance *chance)
{
	unsigned int blockers = cma_random_below(&chance->rnd, 6);

	while (blockers--) {
		struct cma_model *model = chance->model;
		unsigned long page = cma_random_below(&chance->rnd,
						      cma_model_pages(model));

		if (model->owner[page] == CMA_MODEL_FREE)
			cma_model_block(model, cma_model_pfn(model, page));
	}
}

static void search_all_lend_page(struct search_all_chance *chance,
				 unsigned long page)
{
	struct cma_model *model = chance->model;
	struct cma_range range = cma_model_range(model, page, 1);

	if (model->owner[page] != CMA_MODEL_FREE)
		return;
	cma_cache_take(chance->cache, range);
	cma_cache_add(chance->cache,
		      cma_random_below(&chance->rnd, CMA_CACHE_FILES), page,
		      range.start);
	if (!cma_random_below(&chance->rnd, 4))
		cma_cache_dirty(chance->cache, range);
}

static void search_all_lend(struct search_all_chance *chance)
{
	unsigned long page = 0, end;

	while (page < cma_model_pages(chance->model)) {
		page += search_all_count(chance, 11);
		end = min(page + search_all_count(chance, 11),
			  cma_model_pages(chance->model));
		for (; page < end; page++)
			search_all_lend_page(chance, page);
	}
	lru_add_drain_all();
}

/* First page that stands in the way of the window, or its end. */
static unsigned long search_all_obstacle(const struct cma_model *model,
					 unsigned long first,
					 unsigned long count)
{
	unsigned long slot_end = ALIGN(first + count,
				       1UL << model->area.taken.order);
	unsigned long page;

	for (page = first; page < slot_end; page++)
		if (model->owner[page] >= CMA_MODEL_HOLDER ||
		    (model->owner[page] && page < first + count))
			break;
	return page;
}

static bool search_all_is_possible(const struct cma_model *model,
				   unsigned long count, unsigned int align)
{
	unsigned long slot = 1UL << model->area.taken.order;
	unsigned long step = max(1UL << align, slot);
	unsigned long base = model->area.range.start;
	unsigned long first;

	for (first = ALIGN(base, step) - base;
	     first + ALIGN(count, slot) <= cma_model_pages(model);
	     first += step)
		if (search_all_obstacle(model, first, count) >= first + count)
			return true;
	return false;
}

static void search_all_request(struct search_all_chance *chance)
{
	unsigned int align = cma_random_below(&chance->rnd, 10);
	unsigned long count = search_all_count(chance, 13);
	bool possible = search_all_is_possible(chance->model, count, align);
	struct page *page = cma_model_alloc(chance->model, count, align);

	KUNIT_EXPECT_EQ_MSG(chance->model->test, possible, !!page,
			    "%lu pages aligned to order %u", count, align);
	chance->served += !!page;
	chance->refused += !page;
}

static const struct cma_geometry search_all_geometries[] = {
	{ 2 }, { 3, 0, true }, { 2, 3 },
};

KUNIT_ARRAY_PARAM(search_all, search_all_geometries, cma_geometry_name);

static void search_all_serves_what_is_possible(struct kunit *test)
{
	const struct cma_geometry *geometry = test->param_value;
	struct search_all_chance *chance = kunit_kzalloc(test, sizeof(*chance),
							 GFP_KERNEL);
	int walk, request;

	KUNIT_ASSERT_NOT_NULL(test, chance);
	chance->model = cma_model_open(test, *geometry);
	chance->cache = cma_cache_open(chance->model);
	prandom_seed_state(&chance->rnd, SEARCH_SEED);
	for (walk = 0; walk < SEARCH_ROUNDS; walk++) {
		search_all_block(chance);
		search_all_lend(chance);
		for (request = 0; request < SEARCH_REQUESTS; request++) {
			search_all_request(chance);
			cma_model_check(chance->model);
		}
		KUNIT_EXPECT_TRUE(test, cma_cache_is_intact(chance->cache));
		cma_cache_clear(chance->cache);
	}
	KUNIT_EXPECT_GT(test, chance->served, 20UL);
	KUNIT_EXPECT_GT(test, chance->refused, 5UL);
}

/* Twice as much on the LRU lists: those that are in batches do not matter. */
static void search_all_set_shmem(long pages)
{
	mod_node_page_state(NODE_DATA(0), NR_SHMEM, pages);
	mod_node_page_state(NODE_DATA(0), NR_INACTIVE_ANON, 2 * pages);
}

/* Mapped, but on no list of anonymous memory, as after MADV_FREE. */
static void search_all_set_lazyfree(long pages)
{
	mod_node_page_state(NODE_DATA(0), NR_ANON_MAPPED, pages);
}

/* What the counter of shared memory must grow by to leave that much. */
static long search_all_but(unsigned long pages)
{
	cma_levels_fold();
	return totalram_pages() + get_nr_swap_pages() - pages -
	       global_node_page_state(NR_ANON_MAPPED) -
	       global_node_page_state(NR_SHMEM);
}

static int search_all_beside(struct cma_model *model, long shmem,
			     const struct cma_demand *demand,
			     struct cma_search_result *result)
{
	int err;

	search_all_set_shmem(shmem);
	err = cma_search_pages(&model->area, demand, result);
	search_all_set_shmem(-shmem);
	return err;
}

/* Begun and not finished, it would have used up what there is. */
static void search_all_without_memory_moves_nothing(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 3);
	struct cma_borrower *borrower =
		cma_borrow_open(model, model->area.range);
	const struct cma_demand demand = {
		.nr_pages = cma_model_pages(model), .gfp = GFP_KERNEL,
	};
	unsigned long before = cma_levels_events(test)[PGMIGRATE_SUCCESS];
	struct cma_search_result result = {};

	KUNIT_EXPECT_EQ(test, -ENOMEM,
			search_all_beside(model,
					  search_all_but(demand.nr_pages - 1),
					  &demand, &result));
	KUNIT_EXPECT_EQ(test, before, cma_levels_events(test)[PGMIGRATE_SUCCESS]);
	KUNIT_EXPECT_TRUE(test, result.starved);
	KUNIT_EXPECT_EQ(test, 0UL, result.effort.waits);
	KUNIT_EXPECT_EQ(test, demand.nr_pages, cma_borrow_inside(borrower));
	cma_model_check(model);

	KUNIT_ASSERT_EQ(test, 0,
			search_all_beside(model,
					  search_all_but(demand.nr_pages),
					  &demand, &result));
	cma_model_give(model, result.range);
	KUNIT_EXPECT_TRUE(test, cma_borrow_is_intact(borrower));
	cma_model_check(model);
}

/* It looks as if it needed a place, but reclaim drops it. */
static void search_all_counts_no_lazyfree_memory(struct kunit *test)
{
	long pages = totalram_pages() + get_nr_swap_pages();
	bool has_targets;

	cma_levels_fold();
	search_all_set_lazyfree(pages);
	has_targets = cma_search_has_targets(BLOCK);
	search_all_set_lazyfree(-pages);
	KUNIT_EXPECT_TRUE(test, has_targets);
}

/* What is free needs no memory elsewhere, however little there is. */
static void search_all_of_free_pages_needs_no_memory(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 10);
	struct cma_range lent = cma_model_range(model, 0, BLOCK);
	struct cma_borrower *borrower = cma_borrow_open(model, lent);
	const struct cma_demand demand = {
		.nr_pages = 9 * BLOCK, .gfp = GFP_KERNEL,
	};
	struct cma_search_result result = {};

	KUNIT_ASSERT_EQ(test, 0,
			search_all_beside(model, search_all_but(1),
					  &demand, &result));
	cma_model_give(model, result.range);
	KUNIT_EXPECT_EQ(test, BLOCK, cma_borrow_inside(borrower));
	cma_model_check(model);
}

static struct kunit_case search_all_tests[] = {
	KUNIT_CASE_PARAM(search_all_serves_what_is_possible,
			 search_all_gen_params),
	KUNIT_CASE(search_all_without_memory_moves_nothing),
	KUNIT_CASE(search_all_counts_no_lazyfree_memory),
	KUNIT_CASE(search_all_of_free_pages_needs_no_memory),
	{}
};

static struct kunit_suite search_all_suite = {
	.name = "cma_search_all",
	.test_cases = search_all_tests,
};

kunit_test_suite(search_all_suite);
