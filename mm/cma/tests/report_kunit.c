// SPDX-License-Identifier: GPL-2.0
/*
 * report.c: the lines that people match on.
 */
#include <linux/console.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "../failure.h"
#include "model.h"

static char report_text[2048];
static size_t report_len;

static void report_write(struct console *con, const char *text,
			 unsigned int len)
{
	len = min_t(size_t, len, sizeof(report_text) - 1 - report_len);
	memcpy(report_text + report_len, text, len);
	report_len += len;
	report_text[report_len] = '\0';
}

static struct console report_console = {
	.name = "cmakunit",
	.write = report_write,
};

static void report_listen(void)
{
	report_console.flags = CON_ENABLED | CON_ANYTIME;
	report_console.index = -1;
	register_console(&report_console);
	console_lock();
	report_len = 0;
	report_text[0] = '\0';
	console_unlock();
}

static void report_expect(struct kunit *test, const char *line)
{
	console_lock();
	console_unlock();
	unregister_console(&report_console);
	KUNIT_EXPECT_TRUE_MSG(test, strstr(report_text, line),
			      "not in the log: %s", line);
}

/* Slots of four pages; 0 to 1 and 4 to 5 are held. */
static struct cma_model *report_open(struct kunit *test)
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

static void report_fail(struct cma_model *model, unsigned long pages, int err)
{
	const struct cma_demand demand = { .nr_pages = pages };
	const struct cma_search_result result = {};

	cma_failure_note(&model->area, &demand, err, &result);
}

static void report_gaps_are_pages_at_slots(struct kunit *test)
{
	struct cma_model *model = report_open(test);
	unsigned long pages = cma_model_pages(model);
	char line[128];

	report_listen();
	report_fail(model, pages, -EINTR);
	snprintf(line, sizeof(line),
		 "number of available pages: 8@2+%lu@6=> %lu free of %lu total pages",
		 pages - 24, pages - 16, pages);
	report_expect(test, line);
	snprintf(line, sizeof(line),
		 "cma: cma_alloc: kunit: alloc failed, req-size: %lu pages, ret: -4",
		 pages);
	KUNIT_EXPECT_NOT_NULL(test, strstr(report_text, line));
}

/* More gaps than fit a line; the sum counts those that are left out. */
static void report_of_many_gaps_stays_in_line(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 1);
	unsigned long pages = cma_model_pages(model), page;
	char line[64];

	for (page = 0; page < pages; page++)
		KUNIT_ASSERT_NOT_NULL(test, cma_model_alloc(model, 1, 0));
	for (page = 0; page < pages; page += 2)
		cma_model_release(model,
				  cma_model_range(model, page, 1));
	report_listen();
	report_fail(model, pages, -ENOMEM);
	snprintf(line, sizeof(line), "=> %lu free of %lu total pages",
		 pages / 2, pages);
	report_expect(test, line);
	KUNIT_EXPECT_NOT_NULL(test, strstr(report_text, " 1@0+1@2+1@4+"));
}

static void report_names_refused_release(struct kunit *test)
{
	const char *asked =
		"cma_release: kunit: asked by cma_model_refuse (task ";
	struct cma_model *model = report_open(test);
	char line[64];

	report_listen();
	cma_model_refuse(model, cma_model_range(model, 100, 4));
	snprintf(line, sizeof(line), "4 pages at pfn %#lx",
		 cma_model_pfn(model, 100));
	report_expect(test, line);
	KUNIT_EXPECT_NOT_NULL(test, strstr(report_text,
					   "cma_release: kunit: refused"));
	KUNIT_EXPECT_NOT_NULL(test, strstr(report_text, asked));
	KUNIT_EXPECT_NOT_NULL(test, strstr(report_text,
					   "; nobody holds any of them"));
}

/* Both sides are named, whichever is wrong. */
static void report_names_who_holds_what_is_not_released(struct kunit *test)
{
	struct cma_model *model = report_open(test);
	char line[64];

	report_listen();
	cma_model_refuse(model, cma_model_range(model, 12, 12));
	snprintf(line, sizeof(line),
		 "; pfn %#lx is held by cma_model_alloc (task ",
		 cma_model_pfn(model, 16));
	report_expect(test, line);
	KUNIT_EXPECT_NOT_NULL(test, strstr(report_text,
					   "are not held as a whole"));
}

static struct kunit_case report_tests[] = {
	KUNIT_CASE(report_gaps_are_pages_at_slots),
	KUNIT_CASE(report_of_many_gaps_stays_in_line),
	KUNIT_CASE(report_names_refused_release),
	KUNIT_CASE(report_names_who_holds_what_is_not_released),
	{}
};

static struct kunit_suite report_suite = {
	.name = "cma_report",
	.test_cases = report_tests,
};

kunit_test_suite(report_suite);
