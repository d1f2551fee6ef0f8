// SPDX-License-Identifier: GPL-2.0
/*
 * The events of include/trace/events/cma.h, and what they tell about the way
 * mm/cma.c searches.
 */
#include <linux/mm.h>
#include <linux/tracepoint.h>
#include <trace/events/cma.h>
#include <trace/events/kmem.h>

#include "model.h"

/**
 * struct trace_log - events of the area under test
 * @starts: how many allocations began
 * @available: pages that were not held when the last one began
 * @total: pages of the area, as the last start has it
 * @finishes: how many ended
 * @retries: how many windows were blocked
 * @releases: how many releases succeeded
 * @err: error of the last finish
 * @pfn: first pfn of the last finish
 */
struct trace_log {
	unsigned int starts;
	unsigned long available;
	unsigned long total;
	unsigned int finishes;
	unsigned int retries;
	unsigned int releases;
	int err;
	unsigned long pfn;
};

static bool trace_is_ours(const char *name)
{
	return !strcmp(name, "kunit");
}

static void trace_on_start(void *data, const char *name, unsigned long count,
			   unsigned int align, unsigned long available,
			   unsigned long total)
{
	struct trace_log *log = data;

	if (!trace_is_ours(name))
		return;
	log->starts++;
	log->available = available;
	log->total = total;
}

static void trace_on_retry(void *data, const char *name, unsigned long pfn,
			   const struct page *page, unsigned long count,
			   unsigned int align)
{
	struct trace_log *log = data;

	log->retries += trace_is_ours(name);
}

static void trace_on_finish(void *data, const char *name, unsigned long pfn,
			    const struct page *page, unsigned long count,
			    unsigned int align, int err)
{
	struct trace_log *log = data;

	if (!trace_is_ours(name))
		return;
	log->finishes++;
	log->err = err;
	log->pfn = pfn;
}

static void trace_on_release(void *data, const char *name, unsigned long pfn,
			     const struct page *page, unsigned long count)
{
	struct trace_log *log = data;

	log->releases += trace_is_ours(name);
}

static void trace_close(void *log)
{
	unregister_trace_cma_alloc_start(trace_on_start, log);
	unregister_trace_cma_alloc_busy_retry(trace_on_retry, log);
	unregister_trace_cma_alloc_finish(trace_on_finish, log);
	unregister_trace_cma_release(trace_on_release, log);
	tracepoint_synchronize_unregister();
}

static struct trace_log *trace_open(struct kunit *test)
{
	struct trace_log *log = kunit_kzalloc(test, sizeof(*log), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, log);
	KUNIT_ASSERT_EQ(test, 0,
			register_trace_cma_alloc_start(trace_on_start, log));
	KUNIT_ASSERT_EQ(test, 0,
			register_trace_cma_alloc_busy_retry(trace_on_retry,
							    log));
	KUNIT_ASSERT_EQ(test, 0,
			register_trace_cma_alloc_finish(trace_on_finish, log));
	KUNIT_ASSERT_EQ(test, 0,
			register_trace_cma_release(trace_on_release, log));
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, trace_close, log));
	return log;
}

/**
 * struct trace_case - a request to an area of two pageblocks
 * @name: for the log
 * @count: pages
 * @align: as page order
 * @blocker: page in use, -1 for none
 * @err: expected error
 * @retries: expected number of blocked windows
 */
struct trace_case {
	const char *name;
	unsigned long count;
	unsigned int align;
	long blocker;
	int err;
	unsigned int retries;
};

static const struct trace_case trace_cases[] = {
	{ "success", 5, 0, -1, 0, 0 },
	{ "no pages", 0, 0, -1, -EINVAL, 0 },
	{ "alignment of a word", 1, BITS_PER_LONG, -1, -EINVAL, 0 },
	{ "more than the area", 3 * BLOCK, 0, -1, -ENOMEM, 0 },
	{ "a window that looks blocked is not tried", 200, 0, 100, 0, 0 },
	{ "one try before it is busy", 2 * BLOCK, 0, 100, -EBUSY, 1 },
	{ "windows with the same blocker count as one", BLOCK + 1, 0,
	  BLOCK - 1, -EBUSY, 1 },
};

KUNIT_ARRAY_PARAM_DESC(trace, trace_cases, name);

static void trace_every_start_has_a_finish(struct kunit *test)
{
	const struct trace_case *this = test->param_value;
	struct cma_model *model = cma_model_open_blocks(test, 2);
	struct trace_log *log;
	struct page *page;

	if (this->blocker >= 0)
		cma_model_block(model, cma_model_pfn(model, this->blocker));
	log = trace_open(test);
	page = cma_model_alloc(model, this->count, this->align);
	KUNIT_EXPECT_EQ(test, 1U, log->starts);
	KUNIT_EXPECT_EQ(test, 1U, log->finishes);
	KUNIT_EXPECT_EQ(test, this->err, log->err);
	KUNIT_EXPECT_EQ(test, this->retries, log->retries);
	KUNIT_ASSERT_EQ(test, !this->err, !!page);
	if (page)
		KUNIT_EXPECT_EQ(test, page_to_pfn(page), log->pfn);
}

static void trace_start_tells_what_is_available(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 2);
	struct trace_log *log = trace_open(test);
	struct page *page = cma_model_alloc(model, 5, 0);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_EQ(test, 2 * BLOCK, log->total);
	KUNIT_EXPECT_EQ(test, 2 * BLOCK, log->available);
	KUNIT_ASSERT_NOT_NULL(test, cma_model_alloc(model, 1, 0));
	KUNIT_EXPECT_EQ(test, 2 * BLOCK - 5, log->available);
	cma_model_release(model, cma_range_of(page_to_pfn(page), 5));
	KUNIT_ASSERT_NOT_NULL(test, cma_model_alloc(model, 1, 0));
	KUNIT_EXPECT_EQ(test, 2 * BLOCK - 1, log->available);
}

static void trace_shows_releases_that_happened(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 1);
	struct trace_log *log = trace_open(test);
	struct page *page = cma_model_alloc(model, 5, 0);
	struct cma_range range;

	KUNIT_ASSERT_NOT_NULL(test, page);
	range = cma_range_of(page_to_pfn(page), 5);
	cma_model_release(model, range);
	KUNIT_EXPECT_EQ(test, 1U, log->releases);
	cma_model_refuse(model, range);
	KUNIT_EXPECT_EQ(test, 1U, log->releases);
}

/**
 * struct trace_order - what the test's task does, in order
 * @task: the task
 * @objects: how many small objects it allocated before a window was tried
 * @windows: how many windows were tried
 */
struct trace_order {
	struct task_struct *task;
	unsigned int objects;
	unsigned int windows;
};

static void trace_on_object(void *data, unsigned long caller, const void *object,
			    struct kmem_cache *cache, gfp_t gfp, int node)
{
	struct trace_order *order = data;

	if (current == order->task && !order->windows)
		order->objects++;
}

static void trace_on_window(void *data, const char *name, unsigned long pfn,
			    unsigned long count, int err)
{
	struct trace_order *order = data;

	order->windows += trace_is_ours(name);
}

static void trace_stop_order(void *order)
{
	unregister_trace_kmem_cache_alloc(trace_on_object, order);
	unregister_trace_cma_alloc_window(trace_on_window, order);
	tracepoint_synchronize_unregister();
}

/* To empty a window takes the memory that a record would have been made of. */
static void trace_record_is_made_before_a_window_is_tried(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 1);
	struct trace_order order = { .task = current };

	KUNIT_ASSERT_EQ(test, 0,
			register_trace_cma_alloc_window(trace_on_window,
							&order));
	KUNIT_ASSERT_EQ(test, 0,
			register_trace_kmem_cache_alloc(trace_on_object,
							&order));
	KUNIT_EXPECT_NOT_NULL(test, cma_model_alloc(model, 1, 0));
	trace_stop_order(&order);
	KUNIT_EXPECT_EQ(test, 1U, order.windows);
	KUNIT_EXPECT_EQ(test, 1U, order.objects);
}

static struct kunit_case trace_tests[] = {
	KUNIT_CASE_PARAM(trace_every_start_has_a_finish, trace_gen_params),
	KUNIT_CASE(trace_record_is_made_before_a_window_is_tried),
	KUNIT_CASE(trace_start_tells_what_is_available),
	KUNIT_CASE(trace_shows_releases_that_happened),
	{}
};

static struct kunit_suite trace_suite = {
	.name = "cma_trace",
	.test_cases = trace_tests,
};

kunit_test_suite(trace_suite);
