// SPDX-License-Identifier: GPL-2.0
/*
 * failure.c: the lines of the log that people match on.
 */
#include <linux/console.h>
#include <linux/cma-boot.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../failure.h"
#include "model.h"

static char failure_log_text[2048];
static size_t failure_log_len;

static void failure_log_write(struct console *con, const char *text,
			      unsigned int len)
{
	len = min_t(size_t, len,
		    sizeof(failure_log_text) - 1 - failure_log_len);
	memcpy(failure_log_text + failure_log_len, text, len);
	failure_log_len += len;
	failure_log_text[failure_log_len] = '\0';
}

static struct console failure_log_console = {
	.name = "cmakunit",
	.write = failure_log_write,
};

static void failure_log_listen(void)
{
	failure_log_console.flags = CON_ENABLED | CON_ANYTIME;
	failure_log_console.index = -1;
	register_console(&failure_log_console);
	console_lock();
	failure_log_len = 0;
	failure_log_text[0] = '\0';
	console_unlock();
}

static void failure_log_expect(struct kunit *test, const char *line)
{
	console_lock();
	console_unlock();
	unregister_console(&failure_log_console);
	KUNIT_EXPECT_TRUE_MSG(test, strstr(failure_log_text, line),
			      "not in the log: %s", line);
}

/* Slots of four pages; 0 to 1 and 4 to 5 are held. */
static struct cma_model *failure_log_open(struct kunit *test)
{
	struct cma_model *model = cma_model_open(test, (struct cma_geometry){
						 .blocks = 1, .order = 2 });
	struct page *first = cma_model_alloc(model, 8, 0);
	struct page *gap = cma_model_alloc(model, 8, 0);

	KUNIT_ASSERT_NOT_NULL(test, first);
	KUNIT_ASSERT_NOT_NULL(test, gap);
	KUNIT_ASSERT_NOT_NULL(test, cma_model_alloc(model, 5, 0));
	cma_model_release(model, cma_range_of(page_to_pfn(gap), 8));
	return model;
}

static void failure_log_fail(struct cma_model *model, unsigned long pages,
			     int err)
{
	const struct cma_demand demand = { .nr_pages = pages };
	const struct cma_search_result result = {};

	cma_failure_note(&model->area, &demand, err, &result);
}

static void failure_log_gaps_are_pages_at_slots(struct kunit *test)
{
	struct cma_model *model = failure_log_open(test);
	unsigned long pages = cma_model_pages(model);
	char line[128];

	failure_log_listen();
	failure_log_fail(model, pages, -EINTR);
	snprintf(line, sizeof(line),
		 "number of available pages: 8@2+%lu@6=> %lu free of %lu total pages",
		 pages - 24, pages - 16, pages);
	failure_log_expect(test, line);
	snprintf(line, sizeof(line),
		 "cma: cma_alloc: kunit: alloc failed, req-size: %lu pages, ret: -4",
		 pages);
	KUNIT_EXPECT_NOT_NULL(test, strstr(failure_log_text, line));
}

/* More gaps than fit a line; the sum counts those that are left out. */
static void failure_log_of_many_gaps_stays_in_line(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 1);
	unsigned long pages = cma_model_pages(model), page;
	char line[64];

	for (page = 0; page < pages; page++)
		KUNIT_ASSERT_NOT_NULL(test, cma_model_alloc(model, 1, 0));
	for (page = 0; page < pages; page += 2)
		cma_model_release(model,
				  cma_model_range(model, page, 1));
	failure_log_listen();
	failure_log_fail(model, pages, -ENOMEM);
	snprintf(line, sizeof(line), "=> %lu free of %lu total pages",
		 pages / 2, pages);
	failure_log_expect(test, line);
	KUNIT_EXPECT_NOT_NULL(test, strstr(failure_log_text, " 1@0+1@2+1@4+"));
}

static void failure_log_names_refused_release(struct kunit *test)
{
	const char *asked =
		"cma_release: kunit: asked by cma_model_refuse (task ";
	struct cma_model *model = failure_log_open(test);
	char line[64];

	failure_log_listen();
	cma_model_refuse(model, cma_model_range(model, 100, 4));
	snprintf(line, sizeof(line), "4 pages at pfn %#lx",
		 cma_model_pfn(model, 100));
	failure_log_expect(test, line);
	KUNIT_EXPECT_NOT_NULL(test, strstr(failure_log_text,
					   "cma_release: kunit: refused"));
	KUNIT_EXPECT_NOT_NULL(test, strstr(failure_log_text, asked));
	KUNIT_EXPECT_NOT_NULL(test, strstr(failure_log_text,
					   "; nobody holds any of them"));
}

/* Both sides are named, whichever is wrong. */
static void failure_log_names_holder_of_refused_release(struct kunit *test)
{
	struct cma_model *model = failure_log_open(test);
	char line[64];

	failure_log_listen();
	cma_model_refuse(model, cma_model_range(model, 12, 12));
	snprintf(line, sizeof(line),
		 "; pfn %#lx is held by cma_model_alloc (task ",
		 cma_model_pfn(model, 16));
	failure_log_expect(test, line);
	KUNIT_EXPECT_NOT_NULL(test, strstr(failure_log_text,
					   "are not held as a whole"));
}

static unsigned int failure_log_count(const char *words)
{
	unsigned int count = 0;
	const char *at;

	console_lock();
	console_unlock();
	for (at = failure_log_text; (at = strstr(at, words)); at++)
		count++;
	return count;
}

static void failure_log_forget(void *data)
{
	struct cma_model *model = data;

	kfree(model->area.failures);
	model->area.failures = NULL;
}

static struct cma_model *failure_log_open_stored(struct kunit *test)
{
	struct cma_model *model = failure_log_open(test);

	model->area.failures = cma_failures_new();
	KUNIT_ASSERT_NOT_NULL(test, model->area.failures);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, failure_log_forget,
						  model));
	failure_log_listen();
	return model;
}

/* Requests that may be served elsewhere, and then are, or are not. */
static void failure_log_settle(struct cma_model *model, gfp_t gfp,
			       unsigned int calls, bool served)
{
	const struct cma_demand demand = {
		.nr_pages = 4711, .gfp = gfp, .has_fallback = true,
	};
	const struct cma_search_result result = {};

	while (calls--) {
		cma_failure_note(&model->area, &demand, -ENOMEM, &result);
		cma_failure_settle(&model->area, &demand, served);
	}
}

static void failure_log_f13_counts_what_is_served_elsewhere(struct kunit *test)
{
	struct cma_model *model = failure_log_open_stored(test);
	struct cma_failure last;

	failure_log_settle(model, GFP_KERNEL, 100, true);
	KUNIT_EXPECT_EQ(test, 0U, failure_log_count("fail"));
	KUNIT_EXPECT_LE(test, failure_log_count("cma:"), 1U);
	unregister_console(&failure_log_console);
	KUNIT_EXPECT_EQ(test, (s64)100,
			(s64)atomic64_read(&model->area.stat.elsewhere));
	KUNIT_ASSERT_TRUE(test, cma_failure_get(&model->area, 0, &last));
	KUNIT_EXPECT_EQ(test, CMA_FATE_SERVED, last.fate);
}

static void failure_log_f13_reports_what_nobody_serves(struct kunit *test)
{
	struct cma_model *model = failure_log_open_stored(test);
	struct cma_failure last;

	failure_log_settle(model, GFP_KERNEL, 1, false);
	KUNIT_EXPECT_EQ(test, 1U, failure_log_count("alloc failed, req-size: 4711 pages"));
	KUNIT_EXPECT_EQ(test, 1U, failure_log_count(": advice: "));
	failure_log_settle(model, GFP_KERNEL | __GFP_NOWARN, 1, false);
	KUNIT_EXPECT_EQ(test, 1U, failure_log_count("alloc failed"));
	unregister_console(&failure_log_console);
	KUNIT_EXPECT_EQ(test, (s64)0,
			(s64)atomic64_read(&model->area.stat.elsewhere));
	KUNIT_ASSERT_TRUE(test, cma_failure_get(&model->area, 0, &last));
	KUNIT_EXPECT_EQ(test, CMA_FATE_FAILED, last.fate);
	KUNIT_EXPECT_TRUE(test, last.is_examined);
}

/* Of others, and of an area that was not asked, nothing is told. */
static void failure_log_f13_outcome_is_of_one_request(struct kunit *test)
{
	struct cma_model *model = failure_log_open_stored(test);
	struct cma_demand demand = { .nr_pages = 8, .has_fallback = true };
	const struct cma_search_result result = {};
	struct cma_failure first;

	cma_failure_settle(&model->area, &demand, false);
	cma_failure_note(&model->area, &demand, -ENOMEM, &result);
	demand.nr_pages = 9;
	cma_failure_settle(&model->area, &demand, false);
	cma_failure_settle(NULL, &demand, false);
	KUNIT_EXPECT_EQ(test, 0U, failure_log_count("cma:"));
	unregister_console(&failure_log_console);
	KUNIT_ASSERT_TRUE(test, cma_failure_get(&model->area, 0, &first));
	KUNIT_EXPECT_EQ(test, CMA_FATE_OPEN, first.fate);
}

/* While its caller is in the page allocator, any number of others may fail. */
static void failure_log_keeps_what_is_pending(struct kunit *test)
{
	struct cma_model *model = failure_log_open_stored(test);
	const struct cma_demand demand = {
		.nr_pages = 8, .gfp = GFP_KERNEL, .has_fallback = true,
	};
	const struct cma_search_result result = {};

	cma_failure_note(&model->area, &demand, -ENOMEM, &result);
	failure_log_settle(model, GFP_KERNEL | __GFP_NOWARN, 100, true);
	KUNIT_EXPECT_EQ(test, 0U, failure_log_count("alloc failed"));
	cma_failure_settle(&model->area, &demand, false);
	KUNIT_EXPECT_EQ(test, 1U, failure_log_count("alloc failed, req-size: 8 pages"));
	unregister_console(&failure_log_console);
}

static struct kunit_case failure_log_tests[] = {
	KUNIT_CASE(failure_log_gaps_are_pages_at_slots),
	KUNIT_CASE(failure_log_of_many_gaps_stays_in_line),
	KUNIT_CASE(failure_log_f13_counts_what_is_served_elsewhere),
	KUNIT_CASE(failure_log_f13_reports_what_nobody_serves),
	KUNIT_CASE(failure_log_f13_outcome_is_of_one_request),
	KUNIT_CASE(failure_log_keeps_what_is_pending),
	KUNIT_CASE(failure_log_names_refused_release),
	KUNIT_CASE(failure_log_names_holder_of_refused_release),
	{}
};

static struct kunit_suite failure_log_suite = {
	.name = "cma_failure_log",
	.test_cases = failure_log_tests,
};

kunit_test_suite(failure_log_suite);
