// SPDX-License-Identifier: GPL-2.0
/*
 * evacuate.c again, with pages in the area that somebody uses: a file in
 * shared memory.
 */
#include <linux/completion.h>
#include <linux/gfp.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/page-isolation.h>
#include <linux/pagemap.h>
#include <linux/sched/mm.h>

#include "../engine.h"
#include "../hold.h"
#include "borrow.h"
#include "model.h"

/* Lent are pages on both sides of the middle, but not all there are. */
static struct cma_borrower *evacuate_migrate_open(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 4);

	return cma_borrow_open(model, (struct cma_range){
			       cma_model_pfn(model, BLOCK / 3),
			       cma_model_pfn(model, 4 * BLOCK - BLOCK / 3) });
}

static struct cma_evacuation evacuate_migrate_all(struct cma_borrower *borrower,
						  gfp_t gfp)
{
	return (struct cma_evacuation){
		.range = borrower->model->area.range,
		.gfp = gfp,
	};
}

/* All is as it was when the file was lent its pages. */
static void evacuate_migrate_expect_nothing_moved(struct cma_borrower *borrower)
{
	KUNIT_EXPECT_EQ(borrower->model->test, cma_range_len(borrower->range),
			cma_borrow_inside(borrower));
	KUNIT_EXPECT_TRUE(borrower->model->test,
			  cma_borrow_is_intact(borrower));
	cma_model_check(borrower->model);
}

static void evacuate_migrate_keeps_content(struct kunit *test)
{
	struct cma_borrower *borrower = evacuate_migrate_open(test);
	struct cma_model *model = borrower->model;

	KUNIT_EXPECT_NOT_NULL(test, cma_model_alloc(model, 2 * BLOCK, 0));
	cma_model_check(model);
	KUNIT_EXPECT_EQ(test, cma_range_len(borrower->range) / 2,
			cma_borrow_inside(borrower));
	KUNIT_EXPECT_NOT_NULL(test, cma_model_alloc(model, 2 * BLOCK, 0));
	cma_model_check(model);
	KUNIT_EXPECT_EQ(test, 0UL, cma_borrow_inside(borrower));
	KUNIT_EXPECT_TRUE(test, cma_borrow_is_intact(borrower));
}

static void evacuate_migrate_takes_only_the_window(struct kunit *test)
{
	struct cma_borrower *borrower = evacuate_migrate_open(test);
	struct cma_model *model = borrower->model;
	unsigned long first = borrower->range.start - model->area.range.start;

	KUNIT_EXPECT_NOT_NULL(test, cma_model_alloc(model, first, 0));
	evacuate_migrate_expect_nothing_moved(borrower);
	KUNIT_EXPECT_NOT_NULL(test, cma_model_alloc(model, 1, 0));
	KUNIT_EXPECT_EQ(test, cma_range_len(borrower->range) - 1,
			cma_borrow_inside(borrower));
	KUNIT_EXPECT_TRUE(test, cma_borrow_is_intact(borrower));
	cma_model_check(model);
}

static void evacuate_migrate_of_pinned_page_is_busy(struct kunit *test)
{
	struct cma_borrower *borrower = evacuate_migrate_open(test);
	struct cma_model *model = borrower->model;
	struct cma_evacuation evac = evacuate_migrate_all(borrower, GFP_KERNEL);
	struct page *pinned = cma_borrow_page(borrower, 5);

	KUNIT_EXPECT_EQ(test, -EBUSY,
			cma_model_evacuate(borrower->model, &evac));
	KUNIT_EXPECT_EQ(test, page_to_pfn(pinned), evac.blocker);
	cma_model_check(model);
	KUNIT_EXPECT_NULL(test, cma_model_alloc(model, 4 * BLOCK, 0));
	cma_model_check(model);
	KUNIT_EXPECT_TRUE(test, cma_borrow_is_intact(borrower));

	put_page(pinned);
	KUNIT_EXPECT_NOT_NULL(test, cma_model_alloc(model, 4 * BLOCK, 0));
	cma_model_check(model);
	KUNIT_EXPECT_TRUE(test, cma_borrow_is_intact(borrower));
}

/*
 * What is in the way for a moment only comes first; it is not to blame, and all
 * other pages of the block leave.
 */
static void evacuate_migrate_f10_names_the_page_that_refused(struct kunit *test)
{
	struct cma_borrower *borrower = evacuate_migrate_open(test);
	struct cma_model *model = borrower->model;
	unsigned long first = borrower->range.start - model->area.range.start;
	struct cma_evacuation evac = {
		.range = cma_model_range(model, 0, BLOCK), .gfp = GFP_KERNEL,
	};
	struct page *locked = cma_borrow_page(borrower, 3);
	struct page *pinned = cma_borrow_page(borrower, BLOCK / 4);
	int err;

	lock_page(locked);
	put_page(locked);
	err = cma_model_evacuate(model, &evac);
	unlock_page(locked);
	put_page(pinned);
	KUNIT_EXPECT_EQ(test, -EBUSY, err);
	KUNIT_EXPECT_EQ(test, page_to_pfn(pinned), evac.blocker);
	KUNIT_EXPECT_EQ(test,
			cma_range_len(borrower->range) - (BLOCK - first) + 2,
			cma_borrow_inside(borrower));
	KUNIT_EXPECT_TRUE(test, cma_borrow_is_intact(borrower));
	cma_model_check(model);
}

static void evacuate_migrate_without_target_is_enomem(struct kunit *test)
{
	struct cma_borrower *borrower = evacuate_migrate_open(test);
	gfp_t gfp = __GFP_IO | __GFP_FS | __GFP_NOWARN;
	struct cma_evacuation evac = evacuate_migrate_all(borrower, gfp);
	int err;

	cma_borrow_starve(borrower);
	err = cma_model_evacuate(borrower->model, &evac);
	cma_borrow_feed(borrower);
	KUNIT_EXPECT_EQ(test, -ENOMEM, err);
	KUNIT_EXPECT_GT(test, cma_borrow_inside(borrower), 0UL);
	cma_model_check(borrower->model);
	KUNIT_EXPECT_TRUE(test, cma_borrow_is_intact(borrower));
}

static void evacuate_migrate_inside_a_file_system(struct kunit *test)
{
	struct cma_borrower *borrower = evacuate_migrate_open(test);
	unsigned int flags = memalloc_nofs_save();
	struct page *page = cma_model_alloc(borrower->model, 4 * BLOCK, 0);

	memalloc_nofs_restore(flags);
	KUNIT_EXPECT_NULL(test, page);
	evacuate_migrate_expect_nothing_moved(borrower);
}

static void evacuate_migrate_ends_at_fatal_signal(struct kunit *test)
{
	struct cma_borrower *borrower = evacuate_migrate_open(test);
	struct cma_evacuation evac = evacuate_migrate_all(borrower, GFP_KERNEL);
	int err;

	cma_model_set_killed(true);
	err = cma_model_evacuate(borrower->model, &evac);
	cma_model_set_killed(false);
	KUNIT_EXPECT_EQ(test, -EINTR, err);
	evacuate_migrate_expect_nothing_moved(borrower);
}

/**
 * struct evacuate_migrate_first - an evacuation by a thread of its own
 * @model: the area
 * @evac: the window, which the test has locked
 * @err: the result
 * @done: the thread has ended
 */
struct evacuate_migrate_first {
	struct cma_model *model;
	struct cma_evacuation evac;
	int err;
	struct completion done;
};

static int evacuate_migrate_first_run(void *data)
{
	struct evacuate_migrate_first *first = data;

	first->err = cma_model_evacuate(first->model, &first->evac);
	complete_all(&first->done);
	return 0;
}

/* Returns when the thread has isolated the window, and probably sleeps. */
static void evacuate_migrate_first_start(struct evacuate_migrate_first *first)
{
	struct page *page = pfn_to_page(first->evac.range.start);
	struct kunit *test = first->model->test;
	struct task_struct *task;

	KUNIT_ASSERT_TRUE(test, cma_hold_trylock(&first->model->area,
						 first->evac.range));
	init_completion(&first->done);
	task = kthread_run(evacuate_migrate_first_run, first, "cma-first");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	while (!is_migrate_isolate_page(page))
		schedule_timeout_uninterruptible(1);
	schedule_timeout_uninterruptible(HZ / 10);
}

static void evacuate_migrate_first_finish(struct evacuate_migrate_first *first)
{
	wait_for_completion(&first->done);
	cma_hold_unlock(&first->model->area, first->evac.range);
	KUNIT_ASSERT_EQ(first->model->test, 0, first->err);
	cma_model_adopt(first->model, first->evac.range);
}

/*
 * The first window has a page that is locked, and its pageblocks stay isolated
 * while it is waited for. A request is for all the rest, and the two meet inside
 * of a pageblock, which is no reason for it to wait, too.
 */
static void evacuate_migrate_requests_share_a_pageblock(struct kunit *test)
{
	struct cma_borrower *borrower = evacuate_migrate_open(test);
	struct cma_model *model = borrower->model;
	struct page *page = cma_borrow_page(borrower, 5);
	unsigned long count = page_to_pfn(page) - cma_model_pfn(model, 0) + 1;
	struct evacuate_migrate_first first = {
		.model = model,
		.evac = {
			.range = cma_model_range(model, 0, count),
			.gfp = GFP_KERNEL,
			.patience_ns = 100 * (u64)NSEC_PER_SEC,
		},
	};

	lock_page(page);
	put_page(page);
	evacuate_migrate_first_start(&first);
	KUNIT_EXPECT_NOT_NULL(test, cma_model_alloc(model,
						    cma_model_pages(model) -
						    count, 0));
	KUNIT_EXPECT_FALSE(test, completion_done(&first.done));
	unlock_page(page);

	evacuate_migrate_first_finish(&first);
	cma_model_check(model);
	KUNIT_EXPECT_TRUE(test, cma_borrow_is_intact(borrower));
}

static struct kunit_case evacuate_migrate_tests[] = {
	KUNIT_CASE(evacuate_migrate_keeps_content),
	KUNIT_CASE(evacuate_migrate_takes_only_the_window),
	KUNIT_CASE(evacuate_migrate_of_pinned_page_is_busy),
	KUNIT_CASE(evacuate_migrate_f10_names_the_page_that_refused),
	KUNIT_CASE(evacuate_migrate_without_target_is_enomem),
	KUNIT_CASE(evacuate_migrate_inside_a_file_system),
	KUNIT_CASE(evacuate_migrate_requests_share_a_pageblock),
	KUNIT_CASE(evacuate_migrate_ends_at_fatal_signal),
	{}
};

static struct kunit_suite evacuate_migrate_suite = {
	.name = "cma_evacuate_migrate",
	.test_cases = evacuate_migrate_tests,
};

kunit_test_suite(evacuate_migrate_suite);
