// SPDX-License-Identifier: GPL-2.0
/*
 * mm/cma.c for a long time: random allocations and releases against the
 * model, and two threads at once in one area.
 */
#include <linux/completion.h>
#include <linux/gfp.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/prandom.h>
#include <linux/sched.h>

#include "model.h"

#define CHURN_STEPS	3000
#define CHURN_HELD	64
#define CHURN_SEED	20241117

/**
 * struct churn - allocations that come and go
 * @model: the area
 * @rnd: where chance comes from
 * @held: what is held; empty ranges are vacant
 * @failed: allocations that got nothing
 */
struct churn {
	struct cma_model *model;
	struct rnd_state rnd;
	struct cma_range held[CHURN_HELD];
	unsigned long failed;
};

/* Small ones mostly, and now and then half of the area. */
static unsigned long churn_count(struct churn *churn)
{
	unsigned int most = ilog2(cma_model_pages(churn->model));
	unsigned int bits = cma_random_below(&churn->rnd, most + 1);

	return 1 + cma_random_below(&churn->rnd, 1U << bits);
}

static void churn_step(struct churn *churn)
{
	u32 which = cma_random_below(&churn->rnd, CHURN_HELD);
	struct cma_range *held = &churn->held[which];
	unsigned long count = churn_count(churn);
	unsigned int align = cma_random_below(&churn->rnd, pageblock_order + 1);
	struct page *page;

	if (cma_range_len(*held)) {
		cma_model_release(churn->model, *held);
		held->end = held->start;
		return;
	}
	page = cma_model_alloc(churn->model, count, align);
	if (page)
		*held = cma_range_of(page_to_pfn(page), count);
	else
		churn->failed++;
}

static const struct cma_geometry churn_geometries[] = {
	{ 3 }, { 3, 0, true }, { 2, 3 }, { 3, 5, true },
};

KUNIT_ARRAY_PARAM(churn, churn_geometries, cma_geometry_name);

static void churn_rules_hold_after_each_step(struct kunit *test)
{
	const struct cma_geometry *geometry = test->param_value;
	struct churn *churn = kunit_kzalloc(test, sizeof(*churn), GFP_KERNEL);
	int step;

	KUNIT_ASSERT_NOT_NULL(test, churn);
	churn->model = cma_model_open(test, *geometry);
	prandom_seed_state(&churn->rnd, CHURN_SEED);
	cma_model_block(churn->model, cma_model_pfn(churn->model, 700));
	for (step = 0; step < CHURN_STEPS; step++) {
		churn_step(churn);
		cma_model_check(churn->model);
	}
	KUNIT_EXPECT_GT(test, churn->failed, 0UL);
	KUNIT_EXPECT_LT(test, churn->failed, CHURN_STEPS / 4UL);
}

/**
 * struct churn_thread - one of two that share an area
 * @model: the area
 * @done: the thread has ended
 * @number: what it marks its pages with
 * @failed: allocations that got nothing
 * @shared: pages that the other one was given as well
 */
struct churn_thread {
	struct cma_model *model;
	struct completion done;
	unsigned int number;
	unsigned long failed;
	unsigned long shared;
};

#define CHURN_THREADS	2
#define CHURN_ROUNDS	300
#define CHURN_PAGES	300

static void churn_mark(struct churn_thread *thread, struct page *page,
		       unsigned int from, unsigned int to)
{
	unsigned long first =
		page_to_pfn(page) - cma_model_pfn(thread->model, 0);
	unsigned long i;

	for (i = first; i < first + CHURN_PAGES; i++)
		if (cmpxchg(&thread->model->owner[i], from, to) != from)
			thread->shared++;
}

static int churn_run(void *data)
{
	struct churn_thread *thread = data;
	struct cma *area = &thread->model->area;
	int walk;

	for (walk = 0; walk < CHURN_ROUNDS; walk++) {
		struct page *page = cma_model_try(area, CHURN_PAGES, 0);

		if (!page) {
			thread->failed++;
			continue;
		}
		churn_mark(thread, page, CMA_MODEL_FREE, thread->number);
		cond_resched();
		churn_mark(thread, page, thread->number, CMA_MODEL_FREE);
		if (!cma_release(area, page, CHURN_PAGES))
			thread->shared++;
	}
	complete(&thread->done);
	return 0;
}

/* There is room for both, whatever the other one has just isolated. */
static void churn_threads_do_not_share_or_fail(struct kunit *test)
{
	struct churn_thread threads[CHURN_THREADS] = {};
	struct cma_model *model = cma_model_open_blocks(test, 2);
	struct task_struct *task;
	int i;

	cma_model_block(model, cma_model_pfn(model, 10));
	for (i = 0; i < CHURN_THREADS; i++) {
		threads[i].model = model;
		threads[i].number = CMA_MODEL_HOLDER + i;
		init_completion(&threads[i].done);
		task = kthread_run(churn_run, &threads[i], "cma-churn/%d", i);
		if (IS_ERR(task)) {
			KUNIT_FAIL(test, "no thread");
			complete(&threads[i].done);
		}
	}
	for (i = 0; i < CHURN_THREADS; i++) {
		wait_for_completion(&threads[i].done);
		KUNIT_EXPECT_EQ(test, 0UL, threads[i].failed);
		KUNIT_EXPECT_EQ(test, 0UL, threads[i].shared);
	}
	cma_model_check(model);
}

static struct kunit_case churn_tests[] = {
	KUNIT_CASE_PARAM(churn_rules_hold_after_each_step, churn_gen_params),
	KUNIT_CASE(churn_threads_do_not_share_or_fail),
	{}
};

static struct kunit_suite churn_suite = {
	.name = "cma_churn",
	.test_cases = churn_tests,
};

kunit_test_suite(churn_suite);
