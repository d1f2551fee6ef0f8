// SPDX-License-Identifier: GPL-2.0
/*
 * search.c: which window is the cheapest, and that what is remembered of
 * pageblocks does not change the answer.
 */
#include <linux/gfp.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/prandom.h>

#include "../engine.h"
#include "cache.h"
#include "model.h"

#define SEARCH_BLOCKS 6
#define SEARCH_SEED 20241118

/* As in search.c. */
#define SEARCH_SPLIT 1000UL

static void search_cheapest_begin(struct cma_model *model,
				  struct cma_search *search,
				  unsigned long count, unsigned int align)
{
	*search = (struct cma_search){
		.cma = &model->area,
		.evac.gfp = GFP_KERNEL,
	};
	KUNIT_ASSERT_EQ(model->test, 0,
			cma_window_init(&search->window, &model->area.taken,
					count, align));
}

/* First page of the cheapest window, -1 for none. */
static long search_cheapest_first(struct cma_model *model, unsigned long count,
				  unsigned int align)
{
	struct cma_range range = cma_range_of(0, 0);
	struct cma_search search;
	long first = -1;

	search_cheapest_begin(model, &search, count, align);
	if (cma_search_next_cheapest(&search, &range)) {
		KUNIT_EXPECT_EQ(model->test, count, cma_range_len(range));
		first = range.start - model->area.range.start;
	}
	KUNIT_EXPECT_EQ(model->test, 0UL, search.window.next);
	cma_search_free_costs(&search);
	return first;
}

static void search_cheapest_lend(struct cma_cache *cache, unsigned long first,
				 unsigned long clean, unsigned long dirty)
{
	struct cma_range range = cma_model_range(cache->model, first,
						 clean + dirty);

	if (!cma_range_len(range))
		return;
	cma_cache_lend(cache, range);
	range.start += clean;
	cma_cache_dirty(cache, range);
}

/**
 * struct search_cheapest_case - pageblocks of which one is asked for
 * @name: for the log
 * @clean: pages of clean page cache in each
 * @dirty: pages that have to be moved in each
 * @blocked: bit mask of those whose last page is in use
 * @found: the cheapest, -1 for none
 */
struct search_cheapest_case {
	const char *name;
	unsigned long clean[SEARCH_BLOCKS];
	unsigned long dirty[SEARCH_BLOCKS];
	unsigned int blocked;
	long found;
};

static const struct search_cheapest_case search_cheapest_cases[] = {
	{ "all are free", { 0 }, { 0 }, 0, 0 },
	{ "the second is free", { 0 }, { 50, 0, 50, 50, 50, 50 }, 0, 1 },
	{ "the last is free", { 0 }, { 300 }, 0x1e, 5 },
	{ "some cache is cheaper than to split a gap", { 30 }, { 0 }, 0, 0 },
	{ "clean is cheaper than dirty", { 0, 100 },
	  { 100, 0, 100, 100, 100, 100 }, 0, 1 },
	{ "few are cheaper than many", { 0 },
	  { 6 * BLOCK / 10, 5 * BLOCK / 10, 50, 500, 500, 500 }, 0, 2 },
	{ "all but a lent one are blocked", { 0 }, { 0, 0, 0, BLOCK - 1 },
	  0x37, 3 },
	{ "the free one is blocked", { 0 }, { 50, 0, 90, 90, 90, 90 }, 0x2,
	  0 },
	{ "all are blocked", { 0 }, { 10, 10, 10, 10 }, 0x3f, -1 },
};

KUNIT_ARRAY_PARAM_DESC(search_cheapest, search_cheapest_cases, name);

static void search_cheapest_is_found(struct kunit *test)
{
	const struct search_cheapest_case *this = test->param_value;
	struct cma_model *model = cma_model_open_blocks(test, SEARCH_BLOCKS);
	struct cma_cache *cache = cma_cache_open(model);
	unsigned int i;

	for (i = 0; i < SEARCH_BLOCKS; i++) {
		if (this->blocked & BIT(i))
			cma_model_block(model, cma_model_pfn(model,
							     (i + 1) * BLOCK -
							     1));
		search_cheapest_lend(cache, i * BLOCK, this->clean[i],
				     this->dirty[i]);
	}
	drain_all_pages(model->zone);
	KUNIT_EXPECT_EQ(test, this->found < 0 ? -1 : this->found * (long)BLOCK,
			search_cheapest_first(model, BLOCK, pageblock_order));
	cma_model_check(model);
}

/**
 * struct search_cheapest_split_case - a request for 100 pages
 * @name: for the log
 * @dirty: pages that have to be moved, at the start of the area
 * @held: first of ten pages that are held, -1 for none
 * @found: first page of the window
 */
struct search_cheapest_split_case {
	const char *name;
	unsigned long dirty;
	long held;
	long found;
};

static const struct search_cheapest_split_case search_cheapest_split_cases[] = {
	{ "a gap is not split to save little", 5, -1, 0 },
	{ "a gap is split to save much", 60, -1, 100 },
	{ "the start of another gap does not split it", 5, 100, 110 },
	{ "a gap too short for two is not split", 5, 150, 160 },
};

KUNIT_ARRAY_PARAM_DESC(search_cheapest_split, search_cheapest_split_cases,
		       name);

static void search_cheapest_spares_gaps(struct kunit *test)
{
	const struct search_cheapest_split_case *this = test->param_value;
	struct cma_model *model = cma_model_open_blocks(test, SEARCH_BLOCKS);
	struct cma_cache *cache = cma_cache_open(model);
	struct cma_range held = cma_model_range(model, this->held, 10);

	if (this->held >= 0) {
		cma_cache_take(cache, held);
		cma_model_adopt(model, held);
	}
	search_cheapest_lend(cache, 0, 0, this->dirty);
	drain_all_pages(model->zone);
	KUNIT_EXPECT_EQ(test, this->found,
			search_cheapest_first(model, 100, 0));
	cma_model_check(model);
}

/**
 * struct search_cheapest_chance - an area with pages of all kinds
 * @model: the area
 * @cache: who has its pages
 * @rnd: where chance comes from
 */
struct search_cheapest_chance {
	struct cma_model *model;
	struct cma_cache *cache;
	struct rnd_state rnd;
};

/* A few lent pages somewhere in each pageblock, blockers in some. */
static void search_cheapest_shuffle(struct search_cheapest_chance *chance)
{
	struct rnd_state *rnd = &chance->rnd;
	unsigned int i;

	for (i = 0; i < SEARCH_BLOCKS; i++) {
		unsigned long first = i * BLOCK +
				      cma_random_below(rnd, BLOCK / 2);

		search_cheapest_lend(chance->cache, first,
				     cma_random_below(rnd, 100),
				     10 + cma_random_below(rnd, 100));
		if (!cma_random_below(rnd, 5))
			cma_model_block(chance->model,
					cma_model_pfn(chance->model,
						      (i + 1) * BLOCK - 1 -
						      cma_random_below(rnd,
								       100)));
	}
	drain_all_pages(chance->model->zone);
}

/* What a window costs by a scan of all of it, ULONG_MAX with a blocker. */
static unsigned long search_cheapest_cost(struct cma_model *model,
					  struct cma_range range)
{
	struct cma_scan scan;

	cma_scan_range(&scan, range, false);
	if (cma_scan_has_unmovable(&scan))
		return ULONG_MAX;
	return cma_search_scan_cost(&scan) +
	       (range.start > model->area.range.start ? SEARCH_SPLIT : 0);
}

/* The cost of the cheapest window of whole pageblocks. */
static unsigned long search_cheapest_least(struct cma_model *model,
					   unsigned long count)
{
	unsigned long first, least = ULONG_MAX;
	struct cma_range range;

	for (first = 0; first + count <= cma_model_pages(model);
	     first += BLOCK) {
		range = cma_model_range(model, first, count);
		least = min(least, search_cheapest_cost(model, range));
	}
	return least;
}

/*
 * Each search sees more pageblocks, until all are known. The first ones may
 * end early, with an answer that is good enough.
 */
static void search_cheapest_repeat(struct search_cheapest_chance *chance,
				   unsigned long count, bool found)
{
	struct kunit *test = chance->model->test;
	unsigned long least = ULONG_MAX;
	struct cma_search search;
	struct cma_range range;
	int walk;

	search_cheapest_begin(chance->model, &search, count, pageblock_order);
	for (walk = 0; walk < SEARCH_BLOCKS; walk++) {
		unsigned long cost;

		if (!cma_search_next_cheapest(&search, &range)) {
			KUNIT_EXPECT_FALSE(test, found);
			break;
		}
		cost = search_cheapest_cost(chance->model, range);
		KUNIT_EXPECT_LE(test, cost, least);
		KUNIT_EXPECT_NE(test, cost, ULONG_MAX);
		least = cost;
	}
	cma_search_free_costs(&search);
	KUNIT_EXPECT_EQ(test, search_cheapest_least(chance->model, count),
			least);
}

static const unsigned long search_cheapest_sizes[] = { 2, 3, 4 };

static void search_cheapest_size_name(const unsigned long *blocks, char *text)
{
	snprintf(text, KUNIT_PARAM_DESC_SIZE, "%lu pageblocks", *blocks);
}

KUNIT_ARRAY_PARAM(search_cheapest_size, search_cheapest_sizes,
		  search_cheapest_size_name);

static void search_cheapest_remembers_what_is_there(struct kunit *test)
{
	unsigned long count = *(const unsigned long *)test->param_value * BLOCK;
	struct search_cheapest_chance *chance =
		kunit_kzalloc(test, sizeof(*chance), GFP_KERNEL);
	unsigned int possible = 0, walk;

	KUNIT_ASSERT_NOT_NULL(test, chance);
	chance->model = cma_model_open_blocks(test, SEARCH_BLOCKS);
	chance->cache = cma_cache_open(chance->model);
	prandom_seed_state(&chance->rnd, SEARCH_SEED);
	for (walk = 0; walk < 20; walk++) {
		bool found;

		search_cheapest_shuffle(chance);
		found = search_cheapest_least(chance->model, count) !=
			ULONG_MAX;
		search_cheapest_repeat(chance, count, found);
		cma_cache_clear(chance->cache);
		possible += found;
	}
	KUNIT_EXPECT_GT(test, possible, 3U);
	KUNIT_EXPECT_LT(test, possible, 20U);
}

static struct kunit_case search_cheapest_tests[] = {
	KUNIT_CASE_PARAM(search_cheapest_is_found, search_cheapest_gen_params),
	KUNIT_CASE_PARAM(search_cheapest_spares_gaps,
			 search_cheapest_split_gen_params),
	KUNIT_CASE_PARAM(search_cheapest_remembers_what_is_there,
			 search_cheapest_size_gen_params),
	{}
};

static struct kunit_suite search_cheapest_suite = {
	.name = "cma_search_cheapest",
	.test_cases = search_cheapest_tests,
};

kunit_test_suite(search_cheapest_suite);
