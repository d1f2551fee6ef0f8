// SPDX-License-Identifier: GPL-2.0
/*
 * buddy.c: back to the free lists.
 */
#include <kunit/static_stub.h>
#include <linux/mm.h>
#include <linux/vmstat.h>

#include "../../internal.h"
#include "../engine.h"
#include "model.h"

/* Order of the free chunk that begins with a page, -1 when none does. */
static int buddy_put_chunk_order(struct cma_model *model, unsigned long first)
{
	struct page *page = pfn_to_page(cma_model_pfn(model, first));
	unsigned long flags;
	int order = -1;

	spin_lock_irqsave(&model->zone->lock, flags);
	if (PageBuddy(page))
		order = buddy_order(page);
	spin_unlock_irqrestore(&model->zone->lock, flags);
	return order;
}

/* Pages of the area with references that have to be put. */
static struct cma_range buddy_put_evacuate(struct cma_model *model,
					   unsigned long first,
					   unsigned long count)
{
	struct cma_evacuation evac = {
		.range = cma_model_range(model, first, count),
		.gfp = GFP_KERNEL,
	};

	KUNIT_ASSERT_EQ(model->test, 0, cma_model_evacuate(model, &evac));
	return evac.range;
}

/* The same without references. */
static struct cma_range buddy_put_evacuate_unused(struct cma_model *model,
						  unsigned long first,
						  unsigned long count)
{
	struct cma_range range = buddy_put_evacuate(model, first, count);
	unsigned long pfn;

	for (pfn = range.start; pfn < range.end; pfn++)
		KUNIT_ASSERT_TRUE(model->test,
				  put_page_testzero(pfn_to_page(pfn)));
	return range;
}

static void buddy_put_expect_whole(struct cma_model *model)
{
	unsigned long page = 0;

	while (page < 2 * BLOCK) {
		int order = buddy_put_chunk_order(model, page);

		KUNIT_ASSERT_GE(model->test, order, (int)pageblock_order);
		page += 1UL << order;
	}
	cma_model_check(model);
}

/**
 * struct buddy_put_case - pages that are put
 * @name: for the log
 * @first: first of them, counted from the start of the area
 * @count: pages
 */
struct buddy_put_case {
	const char *name;
	unsigned long first;
	unsigned long count;
};

static const struct buddy_put_case buddy_put_cases[] = {
	{ "one page", 77, 1 },
	{ "none of them aligned", 3, 99 },
	{ "a whole pageblock", BLOCK, BLOCK },
	{ "across pageblocks", BLOCK - 7, 20 },
	{ "all", 0, 2 * BLOCK },
	{ "all but the first and the last", 1, 2 * BLOCK - 2 },
};

KUNIT_ARRAY_PARAM_DESC(buddy_put, buddy_put_cases, name);

/* On the free lists at once, not on the per-CPU ones, and joined. */
static void buddy_put_held_joins_chunks(struct kunit *test)
{
	const struct buddy_put_case *this = test->param_value;
	struct cma_model *model = cma_model_open_blocks(test, 2);
	struct cma_scan scan;

	cma_buddy_release(buddy_put_evacuate(model, this->first, this->count));
	cma_scan_range(&scan, model->area.range, true);
	KUNIT_EXPECT_TRUE(test, cma_scan_is_free(&scan));
	buddy_put_expect_whole(model);
}

static void buddy_put_unused_joins_chunks(struct kunit *test)
{
	const struct buddy_put_case *this = test->param_value;
	struct cma_model *model = cma_model_open_blocks(test, 2);
	struct cma_range range = buddy_put_evacuate_unused(model, this->first,
							   this->count);
	struct cma_scan scan;

	cma_buddy_free(range);
	cma_scan_range(&scan, model->area.range, true);
	KUNIT_EXPECT_TRUE(test, cma_scan_is_free(&scan));
	buddy_put_expect_whole(model);
}

/* The number of poisoned pages is counted later than the mark is set. */
static void buddy_put_leaves_poisoned_page_out(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 2);
	struct cma_range range;
	struct page *page;

	if (!IS_ENABLED(CONFIG_MEMORY_FAILURE))
		kunit_skip(test, "needs CONFIG_MEMORY_FAILURE");
	range = buddy_put_evacuate(model, 8, 64);
	page = pfn_to_page(range.start + 21);
	SetPageHWPoison(page);
	cma_buddy_release(range);
	KUNIT_EXPECT_FALSE(test, PageBuddy(page));
	KUNIT_EXPECT_EQ(test, page_to_pfn(page),
			cma_buddy_chunk_start(page_to_pfn(page)));
	ClearPageHWPoison(page);
	cma_buddy_free(cma_range_of(page_to_pfn(page), 1));
	buddy_put_expect_whole(model);
}

static void buddy_put_of_part_has_largest_chunks(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 2);

	buddy_put_evacuate(model, 0, 2 * BLOCK);
	cma_buddy_release(cma_model_range(model, 3, 29));
	KUNIT_EXPECT_EQ(test, 0, buddy_put_chunk_order(model, 3));
	KUNIT_EXPECT_EQ(test, 2, buddy_put_chunk_order(model, 4));
	KUNIT_EXPECT_EQ(test, 3, buddy_put_chunk_order(model, 8));
	KUNIT_EXPECT_EQ(test, 4, buddy_put_chunk_order(model, 16));
	cma_buddy_release(cma_model_range(model, 1, 2));
	KUNIT_EXPECT_EQ(test, 0, buddy_put_chunk_order(model, 1));
	KUNIT_EXPECT_EQ(test, 1, buddy_put_chunk_order(model, 2));
	cma_buddy_release(cma_model_range(model, 0, 1));
	KUNIT_EXPECT_EQ(test, 5, buddy_put_chunk_order(model, 0));
	cma_buddy_release(cma_model_range(model, 32, 2 * BLOCK - 32));
	buddy_put_expect_whole(model);
}

/**
 * struct buddy_put_extend_case - unused pages that come one by one
 * @name: for the log
 * @count: how many there are
 * @factor: from one to the next, in a row that ends in itself
 */
struct buddy_put_extend_case {
	const char *name;
	unsigned long count;
	unsigned long factor;
};

static const struct buddy_put_extend_case buddy_put_extend_cases[] = {
	{ "ascending", 256, 1 },
	{ "descending", 256, 255 },
	{ "every other", 257, 2 },
	{ "mixed", 256, 77 },
	{ "more than a pageblock", BLOCK + 64, 1 },
	{ "one", 1, 1 },
};

KUNIT_ARRAY_PARAM_DESC(buddy_put_extend, buddy_put_extend_cases, name);

static void buddy_put_extend_frees_in_any_order(struct kunit *test)
{
	const struct buddy_put_extend_case *this = test->param_value;
	struct cma_model *model = cma_model_open_blocks(test, 2);
	struct cma_range taken = buddy_put_evacuate_unused(model, 5,
							   this->count);
	struct cma_range run = cma_range_of(0, 0);
	unsigned long i;

	for (i = 0; i < this->count; i++)
		cma_buddy_free_next(&run, taken.start + i * this->factor %
						  this->count);
	cma_buddy_free(run);
	buddy_put_expect_whole(model);
}

/* Adjacent ones are one run; what is not adjacent puts the run before it. */
static void buddy_put_extend_collects_runs(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 2);
	struct cma_range taken = buddy_put_evacuate_unused(model, 8, 32);
	struct cma_range run = cma_range_of(0, 0);
	unsigned long pfn;

	for (pfn = taken.start; pfn < taken.start + 16; pfn++)
		cma_buddy_free_next(&run, pfn);
	KUNIT_EXPECT_EQ(test, taken.start, run.start);
	KUNIT_EXPECT_EQ(test, taken.start + 16, run.end);
	KUNIT_EXPECT_EQ(test, -1, buddy_put_chunk_order(model, 8));
	for (pfn = taken.start + 24; pfn < taken.end; pfn++)
		cma_buddy_free_next(&run, pfn);
	KUNIT_EXPECT_EQ(test, taken.start + 24, run.start);
	KUNIT_EXPECT_EQ(test, taken.end, run.end);
	KUNIT_EXPECT_EQ(test, 4, buddy_put_chunk_order(model, 0));
	KUNIT_EXPECT_EQ(test, 3, buddy_put_chunk_order(model, 16));
	KUNIT_EXPECT_EQ(test, -1, buddy_put_chunk_order(model, 32));
	cma_buddy_free(run);
	cma_buddy_free(cma_range_of(taken.start + 16, 8));
	buddy_put_expect_whole(model);
}

/* What the rest of the pages becomes does not depend on where the page is. */
static const unsigned long buddy_put_in_use_pages[] = { 0, 1,  2,  3,
							4, 50, 98, 99 };

static void buddy_put_in_use_name(const unsigned long *page, char *text)
{
	snprintf(text, KUNIT_PARAM_DESC_SIZE, "page %lu of 100", *page);
}

KUNIT_ARRAY_PARAM(buddy_put_in_use, buddy_put_in_use_pages,
		  buddy_put_in_use_name);

static unsigned long buddy_put_warned_of;

/* In place of a warning, which would hide all later ones from the tests. */
static void buddy_put_note_warning(unsigned long in_use)
{
	buddy_put_warned_of += in_use;
}

/* All references are put but one, which is left over and warned about. */
static void buddy_put_release_warns(struct cma_model *model,
				    struct cma_range range,
				    unsigned long in_use)
{
	buddy_put_warned_of = 0;
	kunit_activate_static_stub(model->test, cma_buddy_warn_in_use,
				   buddy_put_note_warning);
	cma_model_release(model, range);
	kunit_deactivate_static_stub(model->test, cma_buddy_warn_in_use);
	KUNIT_EXPECT_EQ(model->test, in_use, buddy_put_warned_of);
}

static void buddy_put_leaves_page_in_use_to_others(struct kunit *test)
{
	unsigned long in_use = *(const unsigned long *)test->param_value;
	struct cma_model *model = cma_model_open_blocks(test, 2);
	struct cma_range range;
	struct page *page;

	page = cma_model_alloc(model, 100, 0);
	KUNIT_ASSERT_NOT_NULL(test, page);
	range = cma_range_of(page_to_pfn(page), 100);
	page += in_use;
	get_page(page);
	buddy_put_release_warns(model, range, 1);
	KUNIT_EXPECT_EQ(test, 1, page_ref_count(page));
	cma_model_keep(model, page_to_pfn(page));
	cma_model_check(model);
	cma_model_unblock(model, page_to_pfn(page));
	cma_model_check(model);
	buddy_put_expect_whole(model);
}

static void buddy_put_leaves_folio_in_use_to_others(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 2);
	struct folio *folio = cma_alloc_folio(&model->area, 4, GFP_KERNEL |
					      __GFP_COMP);

	KUNIT_ASSERT_NOT_NULL(test, folio);
	cma_model_give(model, cma_range_of(folio_pfn(folio), 16));
	folio_get(folio);
	buddy_put_release_warns(model, cma_range_of(folio_pfn(folio), 16), 16);
	KUNIT_EXPECT_EQ(test, 1, folio_ref_count(folio));
	KUNIT_EXPECT_EQ(test, 16L, folio_nr_pages(folio));
	folio_put(folio);
	buddy_put_expect_whole(model);
}

/* Others allocate and free meanwhile, but not as much as that. */
static void buddy_put_and_isolation_count_in_vmstat(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 2);
	unsigned long *before, *held, *after;
	unsigned int alloc = PGALLOC_NORMAL - ZONE_NORMAL +
			     zone_idx(model->zone);

	if (!IS_ENABLED(CONFIG_VM_EVENT_COUNTERS))
		kunit_skip(test, "events of memory management are not counted");
	before = cma_levels_events(test);
	KUNIT_ASSERT_NOT_NULL(test, cma_model_alloc(model, 2 * BLOCK, 0));
	held = cma_levels_events(test);
	KUNIT_EXPECT_GE(test, held[alloc] - before[alloc], 2 * BLOCK);
	KUNIT_EXPECT_LT(test, held[alloc] - before[alloc], 3 * BLOCK);
	KUNIT_EXPECT_LT(test, held[PGFREE] - before[PGFREE], BLOCK);
	cma_model_release(model, model->area.range);
	after = cma_levels_events(test);
	KUNIT_EXPECT_GE(test, after[PGFREE] - held[PGFREE], 2 * BLOCK);
	KUNIT_EXPECT_LT(test, after[PGFREE] - held[PGFREE], 3 * BLOCK);
	KUNIT_EXPECT_LT(test, after[alloc] - held[alloc], BLOCK);
}

static struct kunit_case buddy_put_tests[] = {
	KUNIT_CASE_PARAM(buddy_put_held_joins_chunks, buddy_put_gen_params),
	KUNIT_CASE_PARAM(buddy_put_unused_joins_chunks, buddy_put_gen_params),
	KUNIT_CASE(buddy_put_leaves_poisoned_page_out),
	KUNIT_CASE(buddy_put_and_isolation_count_in_vmstat),
	KUNIT_CASE(buddy_put_of_part_has_largest_chunks),
	KUNIT_CASE_PARAM(buddy_put_extend_frees_in_any_order,
			 buddy_put_extend_gen_params),
	KUNIT_CASE(buddy_put_extend_collects_runs),
	KUNIT_CASE_PARAM(buddy_put_leaves_page_in_use_to_others,
			 buddy_put_in_use_gen_params),
	KUNIT_CASE(buddy_put_leaves_folio_in_use_to_others),
	{}
};

static struct kunit_suite buddy_put_suite = {
	.name = "cma_buddy_put",
	.test_cases = buddy_put_tests,
};

kunit_test_suite(buddy_put_suite);
