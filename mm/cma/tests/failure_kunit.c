// SPDX-License-Identifier: GPL-2.0
/*
 * failure.c: why does an allocation fail, and who is to blame?
 */
#include <linux/device.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/sched/clock.h>
#include <linux/slab.h>
#include <linux/swap.h>
#include <linux/vmstat.h>

#include "../failure.h"
#include "borrow.h"
#include "model.h"

#define FAILURE_PARTS	5
#define FAILURE_REST	ULONG_MAX
#define FAILURE_LOOPS	1002
#define FAILURE_HOLDERS	25

/**
 * struct failure_part - what lies in an area, side by side
 * @pages: how many, or FAILURE_REST
 * @device: who holds them; NULL when nobody does
 */
struct failure_part {
	unsigned long pages;
	const char *device;
};

/**
 * struct failure_case - an allocation that fails
 * @name: why
 * @cause: the same
 * @err: errno
 * @order: size of a slot, as page order
 * @parts: who holds what; the rest is nobody's
 * @blocked: number of a page that does not move, 0 for none
 * @poor: all of the area is lent, and there is no memory elsewhere
 * @killed: the task is being killed
 * @blocks: what is wanted, in pageblocks
 * @pages: what is wanted beyond, or short of, that
 * @align: as page order
 * @holders: devices to blame
 * @most: pages that the first of them holds, in all
 */
struct failure_case {
	const char *name;
	enum cma_fail_cause cause;
	int err;
	unsigned int order;
	struct failure_part parts[FAILURE_PARTS];
	unsigned long blocked;
	bool poor, killed;
	unsigned long blocks;
	long pages;
	unsigned int align;
	const char *holders[2];
	unsigned long most;
};

static const struct failure_case failure_cases[] = {
	{ "too big", CMA_FAIL_TOO_BIG, -ENOMEM, .blocks = 1, .pages = 1 },
	{ "too big, aligned", CMA_FAIL_TOO_BIG, -ENOMEM, .pages = 1,
	  .align = 30 },
	{ "full", CMA_FAIL_FULL, -ENOMEM, 0,
	  { { 60, "gpu" }, { 200, "camera" }, { 180, "codec" } },
	  .blocks = 1, .pages = -439, .holders = { "camera" }, .most = 200 },
	{ "full, of pieces", CMA_FAIL_FULL, -ENOMEM, 0,
	  { { 60, "camera" }, { 110, "gpu" }, { 70, "camera" } },
	  .blocks = 1, .pages = -239, .holders = { "camera" }, .most = 130 },
	{ "fragmented", CMA_FAIL_FRAGMENTED, -ENOMEM, 0,
	  { { 40, "gpu" }, { 300, NULL }, { 20, "codec" }, { 60, NULL },
	    { FAILURE_REST, "isp" } },
	  .pages = 310, .holders = { "gpu", "codec" } },
	{ "fragmented, begins with the gap", CMA_FAIL_FRAGMENTED, -ENOMEM, 0,
	  { { 300, NULL }, { 20, "codec" }, { 60, NULL },
	    { FAILURE_REST, "isp" } },
	  .pages = 310, .holders = { "codec" } },
	{ "fragmented, ends with the gap", CMA_FAIL_FRAGMENTED, -ENOMEM, 0,
	  { { 50, NULL }, { 20, "codec" } },
	  .blocks = 1, .pages = -40, .holders = { "codec" } },
	{ "fragmented, slots used in part", CMA_FAIL_FRAGMENTED, -ENOMEM, 2,
	  { { 41, "gpu" }, { 300, NULL }, { 18, "codec" }, { 60, NULL },
	    { FAILURE_REST, "isp" } },
	  .pages = 310, .holders = { "gpu", "codec" } },
	{ "fragmented, aligned", CMA_FAIL_FRAGMENTED, -ENOMEM, 0,
	  { { 1, "gpu" } },
	  .blocks = 1, .pages = -128, .align = 8, .holders = { "gpu" } },
	{ "busy", CMA_FAIL_BUSY, -EBUSY, .blocked = 300, .blocks = 1 },
	{ "busy beside a holder", CMA_FAIL_BUSY, -EBUSY, 0, { { 100, "gpu" } },
	  .blocked = 300, .blocks = 1, .pages = -110 },
	{ "interrupted", CMA_FAIL_INTERRUPTED, -EINTR, .blocked = 300,
	  .killed = true, .blocks = 1 },
	{ "no memory", CMA_FAIL_NO_MEMORY, -ENOMEM, .poor = true, .blocks = 1 },
	{ "no pages", CMA_FAIL_INVALID, -EINVAL },
	{ "odd alignment", CMA_FAIL_INVALID, -EINVAL, .pages = 1,
	  .align = BITS_PER_LONG },
};

KUNIT_ARRAY_PARAM_DESC(failure, failure_cases, name);

static unsigned long failure_wanted(const struct failure_case *param)
{
	return param->blocks * BLOCK + param->pages;
}

static void failure_close(void *data)
{
	struct cma_model *model = data;

	kfree(model->area.failures);
	model->area.failures = NULL;
}

static struct cma_model *failure_open(struct kunit *test, unsigned int order)
{
	struct cma_model *model = cma_model_open(test, (struct cma_geometry){
						 .blocks = 1, .order = order });

	model->area.failures = cma_failures_new();
	KUNIT_ASSERT_NOT_NULL(test, model->area.failures);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, failure_close,
							   model));
	return model;
}

static struct cma_range failure_hold(struct cma_model *model,
				     const struct failure_part *part)
{
	struct device dev = { .init_name = part->device };
	const struct cma_demand demand = {
		.nr_pages = part->pages, .gfp = GFP_KERNEL,
		.dev = part->device ? &dev : NULL,
	};
	struct page *page = cma_alloc_for(&model->area, &demand);
	struct cma_range range;

	KUNIT_ASSERT_NOT_NULL(model->test, page);
	range = cma_range_of(page_to_pfn(page), part->pages);
	cma_model_give(model, range);
	return range;
}

/* What is a gap in the end has to be held until the rest is. */
static unsigned int failure_hold_parts(struct cma_model *model,
				       const struct failure_case *param,
				       struct cma_range *gaps)
{
	unsigned long at = 0, slot = 1UL << param->order;
	unsigned int i, nr_gaps = 0;

	for (i = 0; at < cma_model_pages(model); i++) {
		struct failure_part part = { FAILURE_REST, NULL };
		struct cma_range range;

		if (i < FAILURE_PARTS && param->parts[i].pages)
			part = param->parts[i];
		part.pages = min(part.pages, cma_model_pages(model) - at);
		range = failure_hold(model, &part);
		at = ALIGN(at + part.pages, slot);
		if (!part.device)
			gaps[nr_gaps++] = range;
	}
	return nr_gaps;
}

/* Returns the longest gap. */
static struct cma_range failure_stage(struct cma_model *model,
				      const struct failure_case *param)
{
	struct cma_range gaps[FAILURE_PARTS + 1], longest = {};
	unsigned int nr_gaps = failure_hold_parts(model, param, gaps);

	while (nr_gaps--) {
		cma_model_release(model, gaps[nr_gaps]);
		if (cma_range_len(gaps[nr_gaps]) > cma_range_len(longest))
			longest = gaps[nr_gaps];
	}
	if (param->blocked)
		cma_model_block(model, cma_model_pfn(model, param->blocked));
	if (param->poor)
		cma_borrow_open(model, model->area.range);
	return longest;
}

/* Twice as much on the LRU lists: those that are in batches do not matter. */
static void failure_pretend_shmem(long pages)
{
	mod_node_page_state(NODE_DATA(0), NR_SHMEM, pages);
	mod_node_page_state(NODE_DATA(0), NR_INACTIVE_ANON, 2 * pages);
}

/* All memory but what is just too little counts as shared: nobody gets it. */
static long failure_hinder(const struct failure_case *param)
{
	long shmem = 0;

	cma_levels_fold();
	cma_model_set_killed(param->killed);
	if (param->poor)
		shmem = totalram_pages() + get_nr_swap_pages() -
			(failure_wanted(param) - 1) -
			global_node_page_state(NR_ANON_MAPPED) -
			global_node_page_state(NR_SHMEM);
	failure_pretend_shmem(shmem);
	return shmem;
}

static void failure_unhinder(long shmem)
{
	failure_pretend_shmem(-shmem);
	cma_model_set_killed(false);
}

static void failure_provoke(struct cma_model *model,
			    const struct failure_case *param)
{
	long shmem = failure_hinder(param);
	struct page *page = cma_model_try(&model->area, failure_wanted(param),
					  param->align);

	failure_unhinder(shmem);
	KUNIT_EXPECT_NULL(model->test, page);
}

static void failure_expect_counted(struct cma_model *model,
				   const struct failure_case *param)
{
	const struct cma_stat *stat = &model->area.stat;
	enum cma_fail_cause cause;

	for (cause = 0; cause < CMA_NR_FAIL_CAUSES; cause++)
		KUNIT_EXPECT_EQ(model->test, (s64)(cause == param->cause),
				(s64)atomic64_read(&stat->fails[cause]));
	KUNIT_EXPECT_EQ(model->test, (s64)failure_wanted(param),
			(s64)atomic64_read(&stat->failed));
	KUNIT_EXPECT_EQ(model->test, (u64)model->held, cma_stat_held(stat));
}

static void failure_expect_filled(struct cma_model *model,
				  const struct failure_case *param,
				  const struct cma_failure *failure,
				  struct cma_range gap)
{
	struct kunit *test = model->test;

	KUNIT_EXPECT_EQ(test, param->cause, failure->cause);
	KUNIT_EXPECT_EQ(test, param->err, failure->err);
	KUNIT_EXPECT_EQ(test, failure_wanted(param), failure->nr_pages);
	KUNIT_EXPECT_EQ(test, param->align, failure->align);
	KUNIT_EXPECT_STREQ(test, current->comm, failure->asker.task);
	KUNIT_EXPECT_EQ(test, task_pid_nr(current), failure->asker.pid);
	KUNIT_EXPECT_STREQ(test, "", failure->asker.device);
	KUNIT_EXPECT_EQ(test, model->held, failure->held);
	KUNIT_EXPECT_EQ(test, gap.start, failure->gap.start);
	KUNIT_EXPECT_EQ(test, gap.end, failure->gap.end);
	if (param->cause == CMA_FAIL_BUSY)
		KUNIT_EXPECT_GT(test, failure->effort.busy, 0UL);
}

static void failure_is_counted_and_kept(struct kunit *test)
{
	const struct failure_case *param = test->param_value;
	struct cma_model *model = failure_open(test, param->order);
	struct cma_range gap = failure_stage(model, param);
	u64 before = local_clock();
	struct cma_failure failure;

	KUNIT_EXPECT_FALSE(test, cma_failure_get(&model->area, 0, &failure));
	failure_provoke(model, param);
	failure_expect_counted(model, param);
	KUNIT_ASSERT_TRUE(test, cma_failure_get(&model->area, 0, &failure));
	failure_expect_filled(model, param, &failure, gap);
	KUNIT_EXPECT_GE(test, failure.at, before);
	KUNIT_EXPECT_LE(test, failure.at, local_clock());
	KUNIT_EXPECT_FALSE(test, cma_failure_get(&model->area, 1, &failure));
	cma_model_check(model);
}

static void failure_expect_examined(struct cma_model *model,
				    const struct failure_case *param,
				    const struct cma_failure *failure)
{
	struct kunit *test = model->test;
	unsigned int i, known = 0;

	for (i = 0; i < ARRAY_SIZE(param->holders); i++)
		known += !!param->holders[i];
	KUNIT_ASSERT_EQ(test, known, failure->nr_holders);
	for (i = 0; i < known; i++)
		KUNIT_EXPECT_STREQ(test, param->holders[i],
				   failure->holders[i].device);
	if (param->cause == CMA_FAIL_FULL)
		KUNIT_EXPECT_EQ(test, param->most, failure->most);
	KUNIT_EXPECT_EQ(test, param->poor ? 0 : cma_model_pages(model) -
			model->held - model->blockers, failure->free);
	if (param->cause != CMA_FAIL_BUSY)
		return;
	KUNIT_EXPECT_EQ(test, cma_model_pfn(model, param->blocked),
			failure->blocker.pfn);
	KUNIT_EXPECT_EQ(test, CMA_PAGE_OTHER, failure->blocker.kind);
	KUNIT_EXPECT_EQ(test, 1, failure->blocker.refs);
}

static void failure_is_examined(struct kunit *test)
{
	const struct failure_case *param = test->param_value;
	struct cma_model *model = failure_open(test, param->order);
	struct cma_range gap = failure_stage(model, param);
	const struct cma_demand demand = {
		.nr_pages = failure_wanted(param), .align = param->align,
		.gfp = GFP_KERNEL | __GFP_NOWARN | __GFP_NORETRY,
	};
	long shmem = failure_hinder(param);
	struct cma_search_result result = {};
	struct cma_failure failure = {
		.err = cma_search_pages(&model->area, &demand, &result),
	};

	failure_unhinder(shmem);
	failure.cause = cma_failure_cause(&model->area, &demand, failure.err,
					  &result);
	cma_failure_fill(&failure, &model->area, &demand, &result);
	KUNIT_EXPECT_FALSE(test, failure.is_examined);
	cma_failure_examine(&failure, &model->area);
	KUNIT_EXPECT_TRUE(test, failure.is_examined);
	failure_expect_filled(model, param, &failure, gap);
	KUNIT_EXPECT_MEMEQ(test, &result.effort, &failure.effort,
			   sizeof(result.effort));
	failure_expect_examined(model, param, &failure);
	cma_model_check(model);
}

/* More than can be told apart at one time; the largest one is found all the same. */
static void failure_f30_sums_the_pieces_of_many_holders(struct kunit *test)
{
	struct cma_model *model = failure_open(test, 0);
	struct cma_failure failure = { .cause = CMA_FAIL_FULL };
	char name[16];
	int i;

	for (i = 0; i < FAILURE_HOLDERS; i++) {
		snprintf(name, sizeof(name), "device%d", i);
		failure_hold(model, &(struct failure_part){ 10, name });
		failure_hold(model, &(struct failure_part){ 4, "nvme" });
	}
	cma_failure_examine(&failure, &model->area);
	KUNIT_ASSERT_EQ(test, 1U, failure.nr_holders);
	KUNIT_EXPECT_STREQ(test, "nvme", failure.holders[0].device);
	KUNIT_EXPECT_EQ(test, 4UL * FAILURE_HOLDERS, failure.most);
	cma_model_check(model);
}

static void failure_does_without_room(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 1);
	struct cma_failure failure = {};

	KUNIT_ASSERT_NULL(test, model->area.failures);
	failure_provoke(model, &failure_cases[0]);
	failure_expect_counted(model, &failure_cases[0]);
	cma_failure_store(&model->area, &failure);
	KUNIT_EXPECT_FALSE(test, cma_failure_get(&model->area, 0, &failure));
}

/* Nothing is asked of it that it does not have. */
static void failure_of_dead_area_is_invalid(struct kunit *test)
{
	const struct failure_case want = { .cause = CMA_FAIL_INVALID,
					   .pages = 8 };
	struct cma_model *model = failure_open(test, 0);

	model->area.state = CMA_FAILED;
	failure_provoke(model, &want);
	model->area.state = CMA_ACTIVE;
	failure_expect_counted(model, &want);
}

static void failure_in_large_numbers_costs_nothing(struct kunit *test)
{
	static const struct failure_case mix = {
		.parts = { { 100, "gpu" }, { 100, NULL }, { 10, "codec" } },
		.blocked = 300,
	};
	static const struct failure_case wants[] = {
		{ .cause = CMA_FAIL_TOO_BIG, .blocks = 1, .pages = 1 },
		{ .cause = CMA_FAIL_FULL, .blocks = 1, .pages = -100 },
		{ .cause = CMA_FAIL_FRAGMENTED, .blocks = 1, .pages = -150 },
		{ .cause = CMA_FAIL_BUSY, .blocks = 1, .pages = -210 },
		{ .cause = CMA_FAIL_INTERRUPTED, .blocks = 1, .pages = -210,
		  .killed = true },
		{ .cause = CMA_FAIL_INVALID },
	};
	struct cma_model *model = failure_open(test, 0);
	const struct cma_stat *stat = &model->area.stat;
	unsigned int i, each = FAILURE_LOOPS / ARRAY_SIZE(wants);

	failure_stage(model, &mix);
	cma_model_check(model);
	for (i = 0; i < FAILURE_LOOPS; i++) {
		failure_provoke(model, &wants[i % ARRAY_SIZE(wants)]);
		if (i % 50 < ARRAY_SIZE(wants))
			cma_model_check(model);
	}
	cma_model_check(model);
	for (i = 0; i < ARRAY_SIZE(wants); i++) {
		s64 fails = atomic64_read(&stat->fails[wants[i].cause]);

		KUNIT_EXPECT_EQ(test, (s64)each, fails);
	}
	KUNIT_EXPECT_EQ(test, (unsigned long)FAILURE_LOOPS,
			model->area.failures->count);
}

static struct kunit_case failure_tests[] = {
	KUNIT_CASE_PARAM(failure_is_counted_and_kept, failure_gen_params),
	KUNIT_CASE_PARAM(failure_is_examined, failure_gen_params),
	KUNIT_CASE(failure_f30_sums_the_pieces_of_many_holders),
	KUNIT_CASE(failure_does_without_room),
	KUNIT_CASE(failure_of_dead_area_is_invalid),
	KUNIT_CASE(failure_in_large_numbers_costs_nothing),
	{}
};

static struct kunit_suite failure_suite = {
	.name = "cma_failure",
	.test_cases = failure_tests,
};

kunit_test_suite(failure_suite);
