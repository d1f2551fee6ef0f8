// SPDX-License-Identifier: GPL-2.0
/*
 * keep.c: what is ready for the driver who comes next.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/page-isolation.h>

#include "../cma.h"
#include "../compat.h"
#include "borrow.h"
#include "model.h"

#define BLOCKS 8

static void ready_end(void *model)
{
	cma_ready_percent = 0;
	cma_keep_set(&((struct cma_model *)model)->area, 0);
}

/* At most half of the area, so that a driver's pages and some more can be ready. */
static struct cma_model *ready_open(struct kunit *test)
{
	struct cma_model *model;

	cma_model_need_single_blocks(test);
	model = cma_model_open_blocks(test, BLOCKS);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, ready_end, model));
	cma_ready_percent = 50;
	return model;
}

/* To its end: it pauses when it has had the CPU for long, as on a busy host. */
static unsigned long ready_refill(struct cma_model *model)
{
	unsigned long delay;

	do {
		mutex_lock(&model->area.keeping);
		delay = cma_ready_refill(&model->area);
		mutex_unlock(&model->area.keeping);
		cma_model_check(model);
	} while (delay && delay < HZ);
	return delay;
}

static unsigned long ready_give(struct cma_model *model)
{
	unsigned long pages;

	mutex_lock(&model->area.keeping);
	pages = cma_ready_give_group(&model->area);
	mutex_unlock(&model->area.keeping);
	cma_model_check(model);
	return pages;
}

/* The window is as many blocks from @first on, and so many pages of it are free. */
static void ready_expect(struct cma_model *model, unsigned int first,
			 unsigned int blocks, unsigned long free)
{
	struct cma_range window = model->area.ready.window;

	KUNIT_EXPECT_EQ(model->test, cma_model_pfn(model, first * BLOCK), window.start);
	KUNIT_EXPECT_EQ(model->test, blocks * BLOCK, cma_range_len(window));
	KUNIT_EXPECT_EQ(model->test, free, cma_keep_ready_pages(&model->area));
}

static struct page *ready_alloc(struct cma_model *model, unsigned long pages)
{
	struct page *page = cma_model_alloc(model, pages, 0);

	KUNIT_ASSERT_NOT_NULL(model->test, page);
	return page;
}

static void ready_is_a_quarter_at_first(struct kunit *test)
{
	struct cma_model *model = ready_open(test);

	KUNIT_EXPECT_EQ(test, 2 * BLOCK, cma_ready_wanted(&model->area));
	KUNIT_EXPECT_EQ(test, 0UL, ready_refill(model));
	ready_expect(model, 0, 2, 2 * BLOCK);
	KUNIT_EXPECT_EQ(test, 0UL, ready_refill(model));
	ready_expect(model, 0, 2, 2 * BLOCK);
}

static void ready_is_nothing_if_it_is_switched_off(struct kunit *test)
{
	struct cma_model *model = ready_open(test);

	cma_ready_percent = 0;
	KUNIT_EXPECT_EQ(test, 0UL, ready_refill(model));
	KUNIT_EXPECT_EQ(test, 0UL, cma_range_len(model->area.ready.window));
}

static void ready_pages_are_those_of_drivers(struct kunit *test)
{
	struct cma_model *model = ready_open(test);
	struct page *page;

	ready_refill(model);
	page = ready_alloc(model, BLOCK);
	KUNIT_EXPECT_EQ(test, cma_model_pfn(model, 0), page_to_pfn(page));
	KUNIT_EXPECT_EQ(test, 1LL, atomic64_read(&model->area.stat.ready_allocs));
	ready_expect(model, 0, 2, BLOCK);
	cma_model_release(model, cma_model_range(model, 0, BLOCK));
	ready_expect(model, 0, 2, 2 * BLOCK);
}

/* As much as it had, and a quarter of the rest; the last block is only begun. */
static void ready_is_what_a_driver_had(struct kunit *test)
{
	struct cma_model *model = ready_open(test);

	ready_alloc(model, 2 * BLOCK);
	KUNIT_EXPECT_EQ(test, 6 * BLOCK / 4, cma_ready_wanted(&model->area));
	cma_model_release(model, cma_model_range(model, 0, 2 * BLOCK));
	KUNIT_EXPECT_EQ(test, 2 * BLOCK + 6 * BLOCK / 4, cma_ready_wanted(&model->area));
	ready_refill(model);
	ready_expect(model, 0, 4, 4 * BLOCK);
}

static void ready_forgets_by_half(struct kunit *test)
{
	struct cma_model *model = ready_open(test);

	ready_alloc(model, 4 * BLOCK);
	cma_model_release(model, cma_model_range(model, 0, 4 * BLOCK));
	model->area.ready.peak_at -= 300UL * HZ;
	KUNIT_EXPECT_EQ(test, 2 * BLOCK + 6 * BLOCK / 4, cma_ready_wanted(&model->area));
	model->area.ready.peak_at -= 300UL * HZ * 1000;
	KUNIT_EXPECT_EQ(test, 2 * BLOCK, cma_ready_wanted(&model->area));
}

static void ready_grows_beside_what_is_held(struct kunit *test)
{
	struct cma_model *model = ready_open(test);

	ready_refill(model);
	ready_alloc(model, BLOCK);
	ready_refill(model);
	ready_expect(model, 0, 3, 2 * BLOCK);
	cma_model_release(model, cma_model_range(model, 0, BLOCK));
	ready_expect(model, 0, 3, 3 * BLOCK);
}

static void ready_is_at_most_what_is_allowed(struct kunit *test)
{
	struct cma_model *model = ready_open(test);

	cma_ready_percent = 25;
	ready_alloc(model, 6 * BLOCK);
	cma_model_release(model, cma_model_range(model, 0, 6 * BLOCK));
	ready_refill(model);
	ready_expect(model, 0, 2, 2 * BLOCK);
}

static void ready_gives_from_its_end(struct kunit *test)
{
	struct cma_model *model = ready_open(test);

	ready_alloc(model, 3 * BLOCK);
	cma_model_release(model, cma_model_range(model, 0, 3 * BLOCK));
	ready_refill(model);
	ready_expect(model, 0, 4, 4 * BLOCK);
	KUNIT_EXPECT_EQ(test, BLOCK, ready_give(model));
	ready_expect(model, 0, 3, 3 * BLOCK);
	ready_alloc(model, 3 * BLOCK);
	KUNIT_EXPECT_EQ(test, 0UL, ready_give(model));
	ready_expect(model, 0, 3, 0);
	KUNIT_EXPECT_EQ(test, (s64)BLOCK, atomic64_read(&model->area.stat.ready_given));
	cma_model_release(model, cma_model_range(model, 0, 2 * BLOCK));
	KUNIT_EXPECT_EQ(test, BLOCK, ready_give(model));
	ready_expect(model, 1, 2, BLOCK);
}

/* Who is short of memory finds some room then, not a pageblock. */
static void ready_is_given_by_halves(struct kunit *test)
{
	struct cma_model *model = ready_open(test);
	unsigned int left;

	ready_alloc(model, 4 * BLOCK);
	cma_model_release(model, cma_model_range(model, 0, 4 * BLOCK));
	ready_refill(model);
	ready_expect(model, 0, 4, 4 * BLOCK);
	mutex_lock(&model->area.keeping);
	for (left = 4; left; left -= (left + 1) / 2)
		KUNIT_EXPECT_EQ(test, (left + 1) / 2 * BLOCK,
				cma_ready_give_half(&model->area));
	KUNIT_EXPECT_EQ(test, 0UL, cma_ready_give_half(&model->area));
	mutex_unlock(&model->area.keeping);
}

static void ready_begins_after_what_is_kept(struct kunit *test)
{
	struct cma_model *model = ready_open(test);

	ready_refill(model);
	KUNIT_ASSERT_EQ(test, 0, cma_keep_set(&model->area, 1));
	cma_model_check(model);
	ready_expect(model, 0, 0, 0);
	/* What is kept is ready anyway: so much less is wanted. */
	ready_refill(model);
	ready_expect(model, 1, 1, BLOCK);
	ready_alloc(model, 2 * BLOCK);
	cma_model_release(model, cma_model_range(model, 0, 2 * BLOCK));
	ready_refill(model);
	ready_expect(model, 1, 3, 3 * BLOCK);
}

static void ready_prefers_what_is_free(struct kunit *test)
{
	struct cma_model *model = ready_open(test);
	struct cma_range lent = cma_model_range(model, BLOCK, 100);
	struct cma_borrower *borrower = cma_borrow_open(model, lent);

	ready_refill(model);
	ready_expect(model, 2, 2, 2 * BLOCK);
	model->area.ready.peak = 2 * BLOCK;
	model->area.ready.peak_at = jiffies;
	ready_refill(model);
	ready_expect(model, 2, 4, 4 * BLOCK);
	KUNIT_EXPECT_EQ(test, 100UL, cma_borrow_inside(borrower));
}

static void ready_moves_borrowers_out(struct kunit *test)
{
	struct cma_model *model = ready_open(test);
	struct cma_borrower *borrower = cma_borrow_open(model, model->area.range);

	ready_refill(model);
	ready_expect(model, 0, 2, 2 * BLOCK);
	KUNIT_EXPECT_EQ(test, (BLOCKS - 2) * BLOCK, cma_borrow_inside(borrower));
	KUNIT_EXPECT_EQ(test, (s64)(2 * BLOCK), atomic64_read(&model->area.stat.ready_moved));
	KUNIT_EXPECT_TRUE(test, cma_borrow_is_intact(borrower));
}

static void ready_goes_where_nothing_is_in_the_way(struct kunit *test)
{
	struct cma_model *model = ready_open(test);
	struct cma_borrower *borrower = cma_borrow_open(model, model->area.range);
	struct page *pinned = cma_borrow_page(borrower, BLOCK + 30);

	model->area.ready.peak = 2 * BLOCK;
	model->area.ready.peak_at = jiffies;
	ready_refill(model);
	put_page(pinned);
	ready_expect(model, 2, 4, 4 * BLOCK);
	KUNIT_EXPECT_TRUE(test, cma_borrow_is_intact(borrower));
}

static void ready_cannot_isolate(struct kunit *test)
{
	struct cma_model *model = ready_open(test);
	struct cma_range foreign = cma_model_range(model, 0, BLOCK);

	KUNIT_ASSERT_EQ(test, 0,
			start_isolate_page_range(foreign.start, foreign.end,
						 MIGRATE_CMA, 0, GFP_KERNEL));
	mutex_lock(&model->area.keeping);
	KUNIT_EXPECT_EQ(test, 0UL, cma_ready_refill(&model->area));
	mutex_unlock(&model->area.keeping);
	KUNIT_EXPECT_EQ(test, 0UL, cma_range_len(model->area.ready.window));
	undo_isolate_page_range(foreign.start, foreign.end, MIGRATE_CMA);
	ready_refill(model);
	ready_expect(model, 1, 2, 2 * BLOCK);
}

/* What a driver holds at this moment is worth as much as what is free. */
static void ready_waits_for_what_is_held(struct kunit *test)
{
	struct cma_model *model = ready_open(test);
	struct cma_borrower *borrower;
	struct page *pinned;

	ready_alloc(model, 2 * BLOCK);
	cma_model_release(model, cma_model_range(model, 0, 2 * BLOCK));
	ready_refill(model);
	ready_alloc(model, 4 * BLOCK);
	borrower = cma_borrow_open(model, cma_model_range(model, 4 * BLOCK, 1));
	pinned = cma_borrow_page(borrower, 0);
	ready_refill(model);
	ready_expect(model, 0, 4, 0);
	model->area.ready.used_at -= 10UL * HZ;
	ready_refill(model);
	put_page(pinned);
	ready_expect(model, 5, 1, BLOCK);
}

static struct kunit_case ready_cases[] = {
	KUNIT_CASE(ready_is_a_quarter_at_first),
	KUNIT_CASE(ready_is_nothing_if_it_is_switched_off),
	KUNIT_CASE(ready_pages_are_those_of_drivers),
	KUNIT_CASE(ready_is_what_a_driver_had),
	KUNIT_CASE(ready_forgets_by_half),
	KUNIT_CASE(ready_grows_beside_what_is_held),
	KUNIT_CASE(ready_is_at_most_what_is_allowed),
	KUNIT_CASE(ready_gives_from_its_end),
	KUNIT_CASE(ready_is_given_by_halves),
	KUNIT_CASE(ready_begins_after_what_is_kept),
	KUNIT_CASE(ready_prefers_what_is_free),
	KUNIT_CASE(ready_moves_borrowers_out),
	KUNIT_CASE(ready_goes_where_nothing_is_in_the_way),
	KUNIT_CASE(ready_cannot_isolate),
	KUNIT_CASE(ready_waits_for_what_is_held),
	{}
};

static struct kunit_suite ready_suite = {
	.name = "cma_ready",
	.test_cases = ready_cases,
};

kunit_test_suite(ready_suite);
