// SPDX-License-Identifier: GPL-2.0
/*
 * scan.c: each page of a pageblock is counted once, and as what it is.
 */
#include <linux/mm.h>
#include <linux/prandom.h>
#include <linux/swap.h>

#include "../engine.h"
#include "borrow.h"
#include "cache.h"
#include "model.h"

#define SCAN_LOOKS	300

static struct cma_pageblock_state scan_pageblock_at(struct cma_model *model,
						    unsigned long first,
						    unsigned long count)
{
	return cma_scan_pageblock(&model->area,
				  cma_model_range(model, first, count));
}

static struct cma_pageblock_state scan_pageblock_of(struct cma_model *model,
						    unsigned int block)
{
	return scan_pageblock_at(model, block * BLOCK, BLOCK);
}

static unsigned long scan_pageblock_sum(const struct cma_pageblock_state *state)
{
	return state->held + state->free + state->idle + state->clean +
	       state->movable + state->unmovable;
}

/* What is not told to be anything else is to be free. */
static void scan_pageblock_expect(struct kunit *test,
				  struct cma_pageblock_state want,
				  const struct cma_pageblock_state *state)
{
	want.free = BLOCK - scan_pageblock_sum(&want);
	KUNIT_EXPECT_EQ(test, want.held, state->held);
	KUNIT_EXPECT_EQ(test, want.free, state->free);
	KUNIT_EXPECT_EQ(test, want.idle, state->idle);
	KUNIT_EXPECT_EQ(test, want.clean, state->clean);
	KUNIT_EXPECT_EQ(test, want.movable, state->movable);
	KUNIT_EXPECT_EQ(test, want.unmovable, state->unmovable);
	KUNIT_EXPECT_EQ(test, BLOCK, scan_pageblock_sum(state));
}

static void scan_pageblock_leave(struct cma_model *model)
{
}

static void scan_pageblock_hold(struct cma_model *model)
{
	KUNIT_ASSERT_NOT_NULL(model->test, cma_model_alloc(model, 10, 0));
}

/* One after the other, and a gap. */
static void scan_pageblock_hold_pieces(struct cma_model *model)
{
	KUNIT_ASSERT_NOT_NULL(model->test, cma_model_alloc(model, 10, 0));
	KUNIT_ASSERT_NOT_NULL(model->test, cma_model_alloc(model, 7, 0));
	KUNIT_ASSERT_NOT_NULL(model->test, cma_model_alloc(model, 20, 0));
	cma_model_release(model, cma_model_range(model, 10, 7));
}

static void scan_pageblock_block(struct cma_model *model)
{
	cma_model_block(model, cma_model_pfn(model, 0));
	cma_model_block(model, cma_model_pfn(model, 17));
	cma_model_block(model, cma_model_pfn(model, 18));
	cma_model_block(model, cma_model_pfn(model, BLOCK - 1));
}

static void scan_pageblock_lend_clean(struct cma_model *model)
{
	struct cma_cache *cache = cma_cache_open(model);

	cma_cache_lend(cache, cma_model_range(model, 50, 40));
}

static void scan_pageblock_lend_dirty(struct cma_model *model)
{
	struct cma_cache *cache = cma_cache_open(model);

	cma_cache_lend(cache, cma_model_range(model, 50, 40));
	cma_cache_dirty(cache, cma_model_range(model, 60, 10));
}

static void scan_pageblock_lend_shmem(struct cma_model *model)
{
	cma_borrow_open(model, cma_model_range(model, 50, 40));
}

/* On a per-CPU list. */
static void scan_pageblock_free_idle(struct cma_model *model)
{
	unsigned long page;

	for (page = 10; page < 13; page++)
		cma_model_block(model, cma_model_pfn(model, page));
	for (page = 10; page < 13; page++)
		cma_model_unblock(model, cma_model_pfn(model, page));
}

static void scan_pageblock_mix(struct cma_model *model)
{
	struct cma_cache *cache = cma_cache_open(model);

	KUNIT_ASSERT_NOT_NULL(model->test, cma_model_alloc(model, 20, 0));
	cma_model_release(model, cma_model_range(model, 5, 3));
	cma_cache_lend(cache, cma_model_range(model, 30, 40));
	cma_cache_dirty(cache, cma_model_range(model, 40, 5));
	cma_model_block(model, cma_model_pfn(model, 6));
	cma_model_block(model, cma_model_pfn(model, 100));
	cma_borrow_open(model, cma_model_range(model, 101, 9));
	cma_model_block(model, cma_model_pfn(model, 120));
	drain_all_pages(model->zone);
	cma_model_unblock(model, cma_model_pfn(model, 120));
}

/**
 * struct scan_pageblock_case - a pageblock
 * @name: what is in it
 * @fill: puts it there
 * @want: what is to be seen, but what is free
 */
struct scan_pageblock_case {
	const char *name;
	void (*fill)(struct cma_model *model);
	struct cma_pageblock_state want;
};

static const struct scan_pageblock_case scan_pageblock_cases[] = {
	{ "nothing", scan_pageblock_leave, {} },
	{ "held", scan_pageblock_hold, { .held = 10 } },
	{ "held in pieces", scan_pageblock_hold_pieces, { .held = 30 } },
	{ "blocked", scan_pageblock_block, { .unmovable = 4 } },
	{ "clean cache", scan_pageblock_lend_clean, { .clean = 40 } },
	{ "cache", scan_pageblock_lend_dirty, { .clean = 30, .movable = 10 } },
	{ "shared memory", scan_pageblock_lend_shmem, { .movable = 40 } },
	{ "per-CPU list", scan_pageblock_free_idle, { .idle = 3 } },
	{ "all of it", scan_pageblock_mix, { .held = 17, .idle = 1, .clean = 35,
				    .movable = 14, .unmovable = 2 } },
};

KUNIT_ARRAY_PARAM_DESC(scan_pageblock, scan_pageblock_cases, name);

/* In the first of two pageblocks; the second one is empty. */
static void scan_pageblock_counts_what_is_there(struct kunit *test)
{
	const struct scan_pageblock_case *param = test->param_value;
	struct cma_model *model = cma_model_open_blocks(test, 2);
	struct cma_pageblock_state first, second;

	param->fill(model);
	first = scan_pageblock_of(model, 0);
	second = scan_pageblock_of(model, 1);
	scan_pageblock_expect(test, param->want, &first);
	scan_pageblock_expect(test, (struct cma_pageblock_state){}, &second);
}

static void scan_pageblock_of_pinned_page(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 1);
	struct cma_range lent = cma_model_range(model, 50, 40);
	struct cma_borrower *borrower = cma_borrow_open(model, lent);
	struct page *pinned = cma_borrow_page(borrower, 5);
	struct cma_pageblock_state state = scan_pageblock_of(model, 0);

	scan_pageblock_expect(test, (struct cma_pageblock_state){
			      .movable = 39, .unmovable = 1 }, &state);
	put_page(pinned);
	state = scan_pageblock_of(model, 0);
	scan_pageblock_expect(test, (struct cma_pageblock_state){
			      .movable = 40 }, &state);
}

static struct cma_model *scan_pageblock_open_large(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 1);
	struct cma_evacuation compound = {
		.range = cma_model_range(model, 16, 16),
		.gfp = GFP_KERNEL | __GFP_COMP,
	};

	KUNIT_ASSERT_EQ(test, 0, cma_model_evacuate(model, &compound));
	return model;
}

static void scan_pageblock_close_large(struct cma_model *model)
{
	folio_put(pfn_folio(cma_model_pfn(model, 16)));
}

static void scan_pageblock_of_large_folio(struct kunit *test)
{
	struct cma_model *model = scan_pageblock_open_large(test);
	struct cma_pageblock_state state = scan_pageblock_of(model, 0);

	scan_pageblock_expect(test, (struct cma_pageblock_state){
			      .unmovable = 16 }, &state);
	state = scan_pageblock_at(model, 20, BLOCK - 20);
	KUNIT_EXPECT_EQ(test, 12UL, state.unmovable);
	KUNIT_EXPECT_EQ(test, BLOCK - 32, state.free);
	scan_pageblock_close_large(model);
}

/* What lies beyond is nothing that was asked for. */
static void scan_pageblock_that_ends_in_large_folio(struct kunit *test)
{
	struct cma_model *model = scan_pageblock_open_large(test);
	struct cma_pageblock_state state = scan_pageblock_at(model, 0, 20);

	KUNIT_EXPECT_EQ(test, 4UL, state.unmovable);
	KUNIT_EXPECT_EQ(test, 16UL, state.free);
	scan_pageblock_close_large(model);
}

/* The rest of a slot is nobody's. */
static void scan_pageblock_of_slot_held_in_part(struct kunit *test)
{
	struct cma_model *model = cma_model_open(test, (struct cma_geometry){
						 .blocks = 1, .order = 3 });
	struct cma_pageblock_state state;

	KUNIT_ASSERT_NOT_NULL(test, cma_model_alloc(model, 11, 0));
	KUNIT_ASSERT_NOT_NULL(test, cma_model_alloc(model, 1, 0));
	state = scan_pageblock_of(model, 0);
	scan_pageblock_expect(test, (struct cma_pageblock_state){ .held = 12 },
			      &state);
}

static void scan_pageblock_of_piece_across_several(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 3);
	struct cma_pageblock_state state;
	unsigned int block;

	KUNIT_ASSERT_NOT_NULL(test, cma_model_alloc(model, 2 * BLOCK + 9, 0));
	cma_model_release(model, cma_model_range(model, 0, BLOCK - 5));
	for (block = 0; block < 3; block++) {
		const unsigned long held[] = { 5, BLOCK, 9 };

		state = scan_pageblock_of(model, block);
		scan_pageblock_expect(test, (struct cma_pageblock_state){
				      .held = held[block] }, &state);
	}
}

/* Holders, blockers and free pages by chance. */
static void scan_pageblock_scatter(struct cma_model *model,
				   struct rnd_state *random)
{
	unsigned long page;

	while (model->held < cma_model_pages(model) / 2)
		if (!cma_model_alloc(model, 1 + cma_random_below(random, 40),
				     cma_random_below(random, 7)))
			break;
	for (page = 0; page < cma_model_pages(model);
	     page += 1 + cma_random_below(random, 30))
		if (model->owner[page] == CMA_MODEL_FREE)
			cma_model_block(model, cma_model_pfn(model, page));
	drain_all_pages(model->zone);
}

static void scan_pageblock_compare(struct cma_model *model, unsigned long first,
				   unsigned long count)
{
	struct cma_pageblock_state state = scan_pageblock_at(model, first,
							     count);
	unsigned long page, held = 0, unmovable = 0;

	for (page = first; page < first + count; page++) {
		held += model->owner[page] >= CMA_MODEL_HOLDER;
		unmovable += model->owner[page] == CMA_MODEL_BLOCKER;
	}
	KUNIT_ASSERT_EQ_MSG(model->test, held, state.held, "%lu pages at %lu",
			    count, first);
	KUNIT_ASSERT_EQ(model->test, unmovable, state.unmovable);
	KUNIT_ASSERT_EQ(model->test, count - held - unmovable, state.free);
	KUNIT_ASSERT_EQ(model->test, count, scan_pageblock_sum(&state));
}

static void scan_pageblock_is_as_the_model(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 2);
	unsigned long pages = cma_model_pages(model);
	struct rnd_state random;
	int look;

	prandom_seed_state(&random, 11);
	scan_pageblock_scatter(model, &random);
	KUNIT_EXPECT_GT(test, model->held, BLOCK / 2);
	KUNIT_EXPECT_GT(test, model->blockers, 10UL);
	scan_pageblock_compare(model, 0, BLOCK);
	scan_pageblock_compare(model, BLOCK, BLOCK);
	for (look = 0; look < SCAN_LOOKS; look++) {
		unsigned long first = cma_random_below(&random, pages);
		unsigned long count = prandom_u32_state(&random) %
				      (pages - first + 1);

		scan_pageblock_compare(model, first, count);
	}
	cma_model_check(model);
}

static struct kunit_case scan_pageblock_tests[] = {
	KUNIT_CASE_PARAM(scan_pageblock_counts_what_is_there,
			 scan_pageblock_gen_params),
	KUNIT_CASE(scan_pageblock_of_pinned_page),
	KUNIT_CASE(scan_pageblock_of_large_folio),
	KUNIT_CASE(scan_pageblock_that_ends_in_large_folio),
	KUNIT_CASE(scan_pageblock_of_slot_held_in_part),
	KUNIT_CASE(scan_pageblock_of_piece_across_several),
	KUNIT_CASE(scan_pageblock_is_as_the_model),
	{}
};

static struct kunit_suite scan_pageblock_suite = {
	.name = "cma_scan_pageblock",
	.test_cases = scan_pageblock_tests,
};

kunit_test_suite(scan_pageblock_suite);
