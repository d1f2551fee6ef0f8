// SPDX-License-Identifier: GPL-2.0
/*
 * keep.c: a part of the area that nobody borrows from.
 */
#include <linux/completion.h>
#include <linux/gfp.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/page-isolation.h>
#include <linux/sched.h>

#include "../../internal.h"
#include "../engine.h"
#include "../cma.h"
#include "../compat.h"
#include "../lend.h"
#include "borrow.h"
#include "model.h"

#define BLOCKS 4

/* The amounts below are those of pageblocks that are isolated one by one. */
static struct cma_model *keep_open(struct kunit *test, unsigned int order)
{
	cma_model_need_single_blocks(test);
	return cma_model_open(test, (struct cma_geometry){
			      .blocks = BLOCKS, .order = order });
}

static void keep_set(struct cma_model *model, unsigned long pages)
{
	KUNIT_ASSERT_EQ(model->test, 0, cma_keep_set(&model->area, pages));
	cma_model_check(model);
}

static void keep_expect(struct cma_model *model, unsigned long kept,
			unsigned long in_use)
{
	KUNIT_EXPECT_EQ(model->test, kept, model->area.kept);
	KUNIT_EXPECT_EQ(model->test, kept - in_use,
			cma_keep_free_pages(&model->area));
	cma_model_check(model);
}

static void keep_expect_free_cma(struct cma_model *model, unsigned long less)
{
	KUNIT_EXPECT_EQ(model->test, model->before.free_cma - less,
			zone_page_state_snapshot(model->zone,
						 NR_FREE_CMA_PAGES));
}

/**
 * struct keep_step - an amount that is set
 * @pages: the amount
 * @blocks: what is kept then
 * @err: the result
 */
struct keep_step {
	unsigned long pages;
	unsigned int blocks;
	int err;
};

static void keep_grows_and_shrinks(struct kunit *test)
{
	const struct keep_step steps[] = {
		{ 0, 0 }, { 1, 1 }, { BLOCK, 1 }, { BLOCK + 1, 2 },
		{ 2 * BLOCK, 2 }, { BLOCKS * BLOCK + 1, 2, -ERANGE },
		{ ULONG_MAX, 2, -ERANGE }, { BLOCKS * BLOCK, BLOCKS },
		{ BLOCKS * BLOCK, BLOCKS }, { BLOCK, 1 }, { 3 * BLOCK, 3 },
		{ 0, 0 }, { 0, 0 },
	};
	struct cma_model *model = keep_open(test, 0);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		KUNIT_EXPECT_EQ_MSG(test, steps[i].err,
				    cma_keep_set(&model->area, steps[i].pages),
				    "step %u", i);
		keep_expect(model, steps[i].blocks * BLOCK, 0);
		keep_expect_free_cma(model, steps[i].blocks * BLOCK);
	}
}

static void keep_cannot_isolate(struct kunit *test)
{
	struct cma_model *model = keep_open(test, 0);
	struct cma_range foreign = cma_model_range(model, 2 * BLOCK, BLOCK);

	keep_set(model, BLOCK);
	KUNIT_ASSERT_EQ(test, 0,
			start_isolate_page_range(foreign.start, foreign.end,
						 MIGRATE_CMA, 0, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, -EBUSY, cma_keep_set(&model->area, 3 * BLOCK));
	undo_isolate_page_range(foreign.start, foreign.end, MIGRATE_CMA);
	keep_expect(model, BLOCK, 0);
	keep_set(model, 3 * BLOCK);
}

/* Borrow until nothing is left, of what the watermarks allow. */
static unsigned long keep_borrow_all(struct cma_model *model,
				     struct list_head *pages)
{
	gfp_t gfp = (GFP_HIGHUSER_MOVABLE & ~__GFP_RECLAIM) | __GFP_NOWARN;
	unsigned long inside = 0;
	struct page *page;

	while (zone_page_state_snapshot(model->zone, NR_FREE_CMA_PAGES) > 64) {
		page = alloc_page(gfp);
		if (!page)
			break;
		list_add(&page->lru, pages);
		inside += cma_range_contains(model->area.range,
					     page_to_pfn(page), 1);
	}
	return inside;
}

static void keep_is_not_lent(struct kunit *test)
{
	struct cma_model *model = keep_open(test, 0);
	struct cma_range lent = cma_model_range(model, 3 * BLOCK, 100);
	struct cma_borrower *borrower = cma_borrow_open(model, lent);
	unsigned long *mark = &cma_lend_marks[zone_to_nid(model->zone)]
					     [zone_idx(model->zone)];
	struct page *page, *next;
	unsigned long inside;
	LIST_HEAD(pages);

	keep_set(model, 2 * BLOCK);
	cma_borrow_starve(borrower);
	*mark = LONG_MAX;	/* however much regular memory is free */
	inside = keep_borrow_all(model, &pages);
	cma_lend_update();
	keep_expect(model, 2 * BLOCK, 0);
	list_for_each_entry_safe(page, next, &pages, lru)
		__free_page(page);
	cma_borrow_feed(borrower);
	KUNIT_EXPECT_GT(test, inside, BLOCK / 2);
	keep_expect(model, 2 * BLOCK, 0);
}

/* There is nowhere to move to either. */
static void keep_allocation_moves_nothing(struct kunit *test)
{
	struct cma_model *model = keep_open(test, 0);
	struct cma_range lent = cma_model_range(model, 2 * BLOCK, 2 * BLOCK);
	struct cma_borrower *borrower = cma_borrow_open(model, lent);
	struct page *page;

	keep_set(model, 2 * BLOCK);
	cma_borrow_starve(borrower);
	page = cma_model_alloc(model, 2 * BLOCK, pageblock_order);
	cma_borrow_feed(borrower);
	KUNIT_ASSERT_PTR_EQ(test, pfn_to_page(model->area.range.start), page);
	KUNIT_EXPECT_EQ(test, 2 * BLOCK, cma_borrow_inside(borrower));
	keep_expect(model, 2 * BLOCK, 2 * BLOCK);
	cma_model_release(model, cma_model_range(model, 0, 2 * BLOCK));
	keep_expect(model, 2 * BLOCK, 0);
}

static void keep_moves_borrowers_out(struct kunit *test)
{
	struct cma_model *model = keep_open(test, 0);
	struct cma_range lent = cma_model_range(model, BLOCK - 100,
						BLOCK + 300);
	struct cma_borrower *borrower = cma_borrow_open(model, lent);

	keep_set(model, 1);
	keep_expect(model, BLOCK, 0);
	KUNIT_EXPECT_EQ(test, BLOCK + 200, cma_borrow_inside(borrower));
	keep_set(model, 2 * BLOCK);
	keep_expect(model, 2 * BLOCK, 0);
	KUNIT_EXPECT_EQ(test, 200UL, cma_borrow_inside(borrower));
	KUNIT_EXPECT_TRUE(test, cma_borrow_is_intact(borrower));
}

static void keep_stays_where_pages_are_pinned(struct kunit *test)
{
	struct cma_model *model = keep_open(test, 0);
	struct cma_range lent = cma_model_range(model, 0, 100);
	struct cma_borrower *borrower = cma_borrow_open(model, lent);
	struct page *pinned = cma_borrow_page(borrower, 30);

	keep_set(model, BLOCK);
	keep_expect(model, BLOCK, 1);
	KUNIT_EXPECT_EQ(test, 1UL, cma_borrow_inside(borrower));
	put_page(pinned);
	keep_set(model, BLOCK);
	keep_expect(model, BLOCK, 0);
	KUNIT_EXPECT_TRUE(test, cma_borrow_is_intact(borrower));
}

static void keep_gets_what_becomes_free(struct kunit *test)
{
	struct cma_model *model = keep_open(test, 0);

	cma_model_block(model, cma_model_pfn(model, 50));
	keep_set(model, BLOCK);
	keep_expect(model, BLOCK, 1);
	cma_model_unblock(model, cma_model_pfn(model, 50));
	keep_expect(model, BLOCK, 0);
	keep_expect_free_cma(model, BLOCK);
}

static const unsigned int keep_orders[] = { 0, 3, 10 };

static void keep_order_name(const unsigned int *order, char *text)
{
	snprintf(text, KUNIT_PARAM_DESC_SIZE, "slot order %u", *order);
}

KUNIT_ARRAY_PARAM(keep_order, keep_orders, keep_order_name);

/* Page 700 is lent, between what is held or after it. */
static void keep_leaves_held_pages_alone(struct kunit *test)
{
	const unsigned int *order = test->param_value;
	unsigned long rest = *order < pageblock_order ? 0 : 1;
	struct cma_model *model = keep_open(test, *order);
	struct cma_borrower *borrower;
	struct page *page;

	page = cma_model_alloc(model, 600, 0);
	KUNIT_ASSERT_NOT_NULL(test, page);
	borrower = cma_borrow_open(model, cma_model_range(model, 700, 1));
	keep_set(model, BLOCK);
	keep_expect(model, BLOCK, 600 + rest);
	KUNIT_EXPECT_EQ(test, rest, cma_borrow_inside(borrower));
	cma_model_release(model, cma_model_range(model, 0, 600));
	keep_expect(model, BLOCK, rest);
	keep_set(model, BLOCK);
	keep_expect(model, BLOCK, 0);
}

static void keep_lasts_beyond_an_evacuation(struct kunit *test)
{
	struct cma_model *model = keep_open(test, 0);
	struct cma_range lent = cma_model_range(model, BLOCK + 100, 300);
	struct cma_borrower *borrower = cma_borrow_open(model, lent);
	struct page *page;

	keep_set(model, BLOCK);
	page = cma_model_alloc(model, BLOCKS * BLOCK, 0);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_EQ(test, 0UL, cma_borrow_inside(borrower));
	keep_expect(model, BLOCK, BLOCK);
	keep_set(model, 3 * BLOCK);
	cma_model_release(model, model->area.range);
	keep_expect(model, 3 * BLOCK, 0);
	KUNIT_EXPECT_TRUE(test, cma_borrow_is_intact(borrower));
}

static void keep_ends_with_a_fatal_signal(struct kunit *test)
{
	struct cma_model *model = keep_open(test, 0);
	struct cma_range lent = cma_model_range(model, 0, 100);
	struct cma_borrower *borrower = cma_borrow_open(model, lent);
	int err;

	cma_model_set_killed(true);
	err = cma_keep_set(&model->area, BLOCK);
	cma_model_set_killed(false);
	KUNIT_EXPECT_EQ(test, -EINTR, err);
	keep_expect(model, BLOCK, 100);
	KUNIT_EXPECT_EQ(test, 100UL, cma_borrow_inside(borrower));
	keep_set(model, BLOCK);
	keep_expect(model, BLOCK, 0);
}

static void keep_without_memory_to_move_to(struct kunit *test)
{
	struct cma_model *model = keep_open(test, 0);
	struct cma_range lent = cma_model_range(model, 0, BLOCKS * BLOCK);
	struct cma_borrower *borrower = cma_borrow_open(model, lent);
	unsigned long inside;
	int err;

	cma_borrow_starve(borrower);
	err = cma_keep_set(&model->area, BLOCKS * BLOCK);
	cma_borrow_feed(borrower);
	KUNIT_EXPECT_EQ(test, 0, err);
	inside = cma_borrow_inside(borrower);
	KUNIT_EXPECT_GT(test, inside, 0UL);
	keep_expect(model, BLOCKS * BLOCK, inside);
	keep_set(model, BLOCKS * BLOCK);
	keep_expect(model, BLOCKS * BLOCK, 0);
	KUNIT_EXPECT_TRUE(test, cma_borrow_is_intact(borrower));
}

/**
 * struct keep_thread - sets one amount after the other
 * @model: the area
 * @done: the thread has ended
 * @stop: it shall
 * @walks: how many amounts it has set
 * @failed: how many of them it could not set
 */
struct keep_thread {
	struct cma_model *model;
	struct completion done;
	bool stop;
	unsigned int walks;
	unsigned int failed;
};

static int keep_run(void *data)
{
	struct keep_thread *thread = data;

	while (!READ_ONCE(thread->stop)) {
		unsigned long pages = thread->walks * BLOCK % (BLOCKS * BLOCK);

		thread->failed += !!cma_keep_set(&thread->model->area, pages);
		thread->walks++;
		cond_resched();
	}
	complete(&thread->done);
	return 0;
}

#define KEEP_ROUNDS 300

/* There is room for each, whichever pageblock the thread has isolated. */
static void keep_changes_beside_allocations(struct kunit *test)
{
	struct keep_thread thread = { .model = keep_open(test, 0) };
	struct cma_model *model = thread.model;
	struct cma_range lent = cma_model_range(model, 10, 2 * BLOCK);
	struct cma_borrower *borrower = cma_borrow_open(model, lent);
	int walk, got = 0;

	init_completion(&thread.done);
	KUNIT_ASSERT_FALSE(test, IS_ERR(kthread_run(keep_run, &thread,
						    "cma-keep")));
	for (walk = 0; walk < KEEP_ROUNDS; walk++) {
		struct page *page = cma_model_alloc(model, 1 + walk * 3, 0);

		/* Now and then with the pages held, so that it finds them. */
		if (walk % 8)
			cond_resched();
		else
			schedule_timeout_uninterruptible(1);
		if (page)
			cma_model_release(model, cma_range_of(page_to_pfn(page),
							      1 + walk * 3));
		got += !!page;
	}
	WRITE_ONCE(thread.stop, true);
	wait_for_completion(&thread.done);
	KUNIT_EXPECT_EQ(test, KEEP_ROUNDS, got);
	KUNIT_EXPECT_GT(test, thread.walks, 10U);
	KUNIT_EXPECT_EQ(test, 0U, thread.failed);
	KUNIT_EXPECT_TRUE(test, cma_borrow_is_intact(borrower));
	cma_model_check(model);
}

static struct kunit_case keep_tests[] = {
	KUNIT_CASE(keep_grows_and_shrinks),
	KUNIT_CASE(keep_cannot_isolate),
	KUNIT_CASE(keep_is_not_lent),
	KUNIT_CASE(keep_allocation_moves_nothing),
	KUNIT_CASE(keep_moves_borrowers_out),
	KUNIT_CASE(keep_stays_where_pages_are_pinned),
	KUNIT_CASE(keep_gets_what_becomes_free),
	KUNIT_CASE_PARAM(keep_leaves_held_pages_alone, keep_order_gen_params),
	KUNIT_CASE(keep_lasts_beyond_an_evacuation),
	KUNIT_CASE(keep_ends_with_a_fatal_signal),
	KUNIT_CASE(keep_without_memory_to_move_to),
	KUNIT_CASE(keep_changes_beside_allocations),
	{}
};

static struct kunit_suite keep_suite = {
	.name = "cma_keep",
	.test_cases = keep_tests,
};

kunit_test_suite(keep_suite);
