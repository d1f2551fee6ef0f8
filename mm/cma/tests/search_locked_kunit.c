// SPDX-License-Identifier: GPL-2.0
/*
 * search.c, failure.c: slots that another allocation or release has locked are
 * held by nobody. What comes of a request must not depend on that.
 */
#include <linux/gfp.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/seq_buf.h>
#include <linux/swap.h>
#include <linux/workqueue.h>

#include "../engine.h"
#include "../failure.h"
#include "../hold.h"
#include "cache.h"
#include "model.h"

/**
 * struct search_locked - somebody who has a window locked
 * @model: the area
 * @range: the window
 * @work: unlocks it
 */
struct search_locked {
	struct cma_model *model;
	struct cma_range range;
	struct delayed_work work;
};

static void search_locked_lock(struct cma_model *model, struct cma_range range)
{
	KUNIT_ASSERT_TRUE(model->test, cma_hold_trylock(&model->area, range));
}

static void search_locked_end(struct work_struct *work)
{
	struct search_locked *locked = container_of(to_delayed_work(work),
						    struct search_locked,
						    work);

	cma_hold_unlock(&locked->model->area, locked->range);
}

static struct cma_demand search_locked_demand(struct cma_model *model, gfp_t gfp)
{
	return (struct cma_demand){
		.nr_pages = cma_model_pages(model),
		.gfp = GFP_KERNEL | gfp,
	};
}

static void search_locked_is_busy(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 1);
	const struct cma_demand demand = search_locked_demand(model,
							      __GFP_NORETRY);
	struct cma_search_result result = {};

	search_locked_lock(model, cma_model_range(model, 100, 10));
	KUNIT_EXPECT_EQ(test, -EBUSY,
			cma_search_pages(&model->area, &demand, &result));
	KUNIT_EXPECT_TRUE(test, result.locked_out);
	KUNIT_EXPECT_EQ(test, 0UL, result.effort.waits);
	cma_hold_unlock(&model->area, cma_model_range(model, 100, 10));
	cma_model_check(model);
}

/* A request while all is locked, which ends after 50 ms. */
static struct cma_search_result
search_locked_wait(struct cma_model *model, const struct cma_demand *demand)
{
	struct search_locked locked = { model, model->area.range };
	struct cma_search_result result = {};

	search_locked_lock(model, locked.range);
	INIT_DELAYED_WORK_ONSTACK(&locked.work, search_locked_end);
	schedule_delayed_work(&locked.work, msecs_to_jiffies(50));
	KUNIT_EXPECT_EQ(model->test, 0,
			cma_search_pages(&model->area, demand, &result));
	flush_delayed_work(&locked.work);
	destroy_delayed_work_on_stack(&locked.work);
	KUNIT_EXPECT_FALSE(model->test, result.locked_out);
	KUNIT_EXPECT_GE(model->test, result.effort.waits, 1UL);
	return result;
}

/* It waits for others as it waits for pages. */
static void search_locked_is_served_after_a_wait(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 1);
	const struct cma_demand demand = search_locked_demand(model, 0);
	struct cma_search_result result = search_locked_wait(model, &demand);

	cma_model_give(model, result.range);
	cma_model_check(model);
}

/* After the wait it chooses as it does at first: not the first window, a free one. */
static void search_locked_is_chosen_well_after_a_wait(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 2);
	struct cma_cache *cache = cma_cache_open(model);
	const struct cma_demand demand = { .nr_pages = BLOCK, .gfp = GFP_KERNEL };
	struct cma_search_result result;

	cma_cache_lend(cache, cma_model_range(model, 0, 300));
	result = search_locked_wait(model, &demand);
	KUNIT_EXPECT_EQ(test, cma_model_pfn(model, BLOCK), result.range.start);
	KUNIT_EXPECT_EQ(test, 0UL, result.effort.reclaimed);
	KUNIT_EXPECT_EQ(test, 300UL, cma_cache_inside(cache));
	cma_model_give(model, result.range);
	cma_model_check(model);
}

/* Whatever becomes of the locked slots, there is no room. */
static void search_locked_beside_a_holder_is_no_room(struct kunit *test)
{
	struct cma_model *model = cma_model_open(test, (struct cma_geometry){
						 .blocks = 1, .order = 3 });
	const struct cma_demand demand = search_locked_demand(model, 0);
	struct cma_search_result result = {};

	KUNIT_ASSERT_NOT_NULL(test, cma_model_alloc(model, 4, 0));
	search_locked_lock(model, cma_model_range(model, 8, BLOCK - 8));
	KUNIT_EXPECT_EQ(test, -ENOMEM,
			cma_search_pages(&model->area, &demand, &result));
	KUNIT_EXPECT_FALSE(test, result.locked_out);
	KUNIT_EXPECT_EQ(test, 0UL, result.effort.waits);
	cma_hold_unlock(&model->area, cma_model_range(model, 8, BLOCK - 8));
	cma_model_check(model);
}

static void search_locked_expect_line(struct cma_model *model,
				      const struct cma_failure *failure,
				      unsigned int number, const char *want)
{
	char text[CMA_FAILURE_LINE];
	struct seq_buf line;

	seq_buf_init(&line, text, sizeof(text));
	KUNIT_EXPECT_TRUE(model->test, cma_failure_line(&model->area, failure,
							number, &line));
	KUNIT_EXPECT_STREQ(model->test, want, seq_buf_str(&line));
}

/* Nothing is held, so no larger area would help. */
static void search_locked_is_told_from_held(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 1);
	const struct cma_demand demand = search_locked_demand(model,
							      __GFP_NORETRY);
	struct cma_search_result result = {};
	struct cma_failure failure = {};

	search_locked_lock(model, model->area.range);
	failure.err = cma_search_pages(&model->area, &demand, &result);
	failure.cause = cma_failure_cause(&model->area, &demand, failure.err,
					  &result);
	cma_failure_fill(&failure, &model->area, &demand, &result);
	cma_failure_examine(&failure, &model->area);
	cma_hold_unlock(&model->area, model->area.range);
	KUNIT_EXPECT_EQ(test, CMA_FAIL_BUSY, failure.cause);
	search_locked_expect_line(model, &failure, 4, "");
	search_locked_expect_line(model, &failure, 5,
				  "advice: locked by another allocation or release, not held; tried again 0 times");
}

static struct kunit_case search_locked_tests[] = {
	KUNIT_CASE(search_locked_is_busy),
	KUNIT_CASE(search_locked_is_served_after_a_wait),
	KUNIT_CASE(search_locked_is_chosen_well_after_a_wait),
	KUNIT_CASE(search_locked_beside_a_holder_is_no_room),
	KUNIT_CASE(search_locked_is_told_from_held),
	{}
};

static struct kunit_suite search_locked_suite = {
	.name = "cma_search_locked",
	.test_cases = search_locked_tests,
};

kunit_test_suite(search_locked_suite);
