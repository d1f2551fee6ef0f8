// SPDX-License-Identifier: GPL-2.0
/*
 * failure.c: what is said of a failure, line by line. Before that, what is kept
 * of it.
 */
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/seq_buf.h>
#include <linux/slab.h>

#include "../failure.h"
#include "model.h"

#define TEXT_LINES 6

static struct cma_failure failure_text_example(void)
{
	return (struct cma_failure){
		.nr_pages = 20000, .align = 8, .err = -12, .held = 7,
		.asker = { "1c0e000.codec", 812, 0, "ffmpeg" },
		.gap = cma_range_of(0x1234, 99),
	};
}

static const char *failure_text_line(struct cma_model *model,
				     const struct cma_failure *failure,
				     unsigned int number)
{
	static char text[CMA_FAILURE_LINE];
	struct seq_buf line;

	seq_buf_init(&line, text, sizeof(text));
	KUNIT_EXPECT_EQ(model->test, number < TEXT_LINES,
			cma_failure_line(&model->area, failure, number, &line));
	KUNIT_EXPECT_FALSE_MSG(model->test, seq_buf_has_overflowed(&line),
			       "line %u is too long: %s", number,
			       seq_buf_str(&line));
	return seq_buf_str(&line);
}

static void failure_text_expect(struct cma_model *model,
				const struct cma_failure *failure,
				unsigned int number, const char *words)
{
	const char *line = failure_text_line(model, failure, number);

	KUNIT_EXPECT_NOT_NULL_MSG(model->test, strstr(line, words),
				  "no \"%s\" in \"%s\"", words, line);
	KUNIT_EXPECT_NULL(model->test, strchr(line, '\n'));
}

static void failure_text_is_of_the_last_ones(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 1);
	struct cma *area = &model->area;
	struct cma_failure failure = {}, got;
	unsigned int number, kept;

	area->failures = cma_failures_new();
	KUNIT_ASSERT_NOT_NULL(test, area->failures);
	KUNIT_EXPECT_FALSE(test, cma_failure_get(area, 0, &got));
	for (kept = 1; kept <= 3 * CMA_FAILURES + 1; kept++) {
		unsigned int nr = min(kept, CMA_FAILURES + 0U);

		failure.nr_pages = kept;
		cma_failure_store(area, &failure);
		for (number = 0; number < nr; number++) {
			KUNIT_ASSERT_TRUE(test, cma_failure_get(area, number,
								&got));
			KUNIT_EXPECT_EQ(test, kept - nr + number + 1UL,
					got.nr_pages);
		}
		KUNIT_EXPECT_FALSE(test, cma_failure_get(area, nr, &got));
	}
	KUNIT_EXPECT_FALSE(test, cma_failure_get(area, UINT_MAX, &got));
	KUNIT_EXPECT_EQ(test, 3 * CMA_FAILURES + 1UL, area->failures->count);
	kfree(area->failures);
	area->failures = NULL;
}

/* The words for a cause are those of the files in sysfs. */
static void failure_text_names_the_cause(struct kunit *test)
{
	static const char * const causes[CMA_NR_FAIL_CAUSES] = {
		": too big", ": full", ": fragmented", ": busy", ": no memory",
		": interrupted", ": out of reach", ": invalid",
	};
	struct cma_failure failure = failure_text_example();
	struct cma_model *model = cma_model_open_blocks(test, 1);

	for (; failure.cause < CMA_NR_FAIL_CAUSES; failure.cause++) {
		failure_text_expect(model, &failure, 0,
				    "20000 pages, align 8, ret -12");
		failure_text_expect(model, &failure, 0, causes[failure.cause]);
		failure_text_expect(model, &failure, 1,
				    "1c0e000.codec (task ffmpeg, pid 812)");
		KUNIT_EXPECT_STRNEQ(test, "",
				    failure_text_line(model, &failure, 5));
		KUNIT_EXPECT_STREQ(test, "",
				   failure_text_line(model, &failure, 6));
		KUNIT_EXPECT_STREQ(test, "", failure_text_line(model, &failure,
							       UINT_MAX));
	}
}

/* No device is known of some, but the function that asked always is. */
static void failure_text_names_the_function(struct kunit *test)
{
	struct cma_failure failure = failure_text_example();
	struct cma_model *model = cma_model_open_blocks(test, 1);

	failure.asker.device[0] = '\0';
	failure.asker.caller = (unsigned long)cma_model_pages;
	failure_text_expect(model, &failure, 1,
			    "cma_model_pages (task ffmpeg, pid 812)");
}

/* The function was in a module that is gone: its address helps attackers only. */
static void failure_text_tells_no_address(struct kunit *test)
{
	struct cma_failure failure = failure_text_example();
	struct cma_model *model = cma_model_open_blocks(test, 1);
	char address[24];
	const char *line;

	failure.asker.device[0] = '\0';
	failure.asker.caller = (unsigned long)model;
	snprintf(address, sizeof(address), "%lx", failure.asker.caller);
	line = failure_text_line(model, &failure, 1);
	KUNIT_EXPECT_NULL(test, strstr(line, address));
	failure_text_expect(model, &failure, 1, "0x0 (task ffmpeg, pid 812)");
}

/* What was not looked at is not spoken of. */
static void failure_text_of_few_facts_is_short(struct kunit *test)
{
	struct cma_failure failure = failure_text_example();
	struct cma_model *model = cma_model_open_blocks(test, 1);
	const char *line;

	failure.cause = CMA_FAIL_BUSY;
	failure_text_expect(model, &failure, 2, "held 7");
	failure_text_expect(model, &failure, 2, "99 pages at pfn 0x1234");
	line = failure_text_line(model, &failure, 2);
	KUNIT_EXPECT_NULL(test, strstr(line, "free"));
	KUNIT_EXPECT_NULL(test, strstr(line, "lent"));
	KUNIT_EXPECT_STREQ(test, "", failure_text_line(model, &failure, 3));
	KUNIT_EXPECT_STREQ(test, "", failure_text_line(model, &failure, 4));
	failure.gap = cma_range_of(0, 0);
	KUNIT_EXPECT_NULL(test,
			  strstr(failure_text_line(model, &failure, 2), "pfn"));
}

static void failure_text_of_what_was_found(struct kunit *test)
{
	struct cma_failure failure = failure_text_example();
	struct cma_model *model = cma_model_open_blocks(test, 1);
	char where[64];

	failure.is_examined = true;
	failure.free = 50;
	failure.effort = (struct cma_effort){
		.windows = 11, .busy = 9, .waits = 3, .moved = 200,
		.reclaimed = 51,
	};
	snprintf(where, sizeof(where), "held 7, lent %lu, free 50 of %lu pages",
		 cma_model_pages(model) - 57, cma_model_pages(model));
	failure_text_expect(model, &failure, 2, where);
	failure_text_expect(model, &failure, 3, "11 windows");
	failure_text_expect(model, &failure, 3, "9 of them busy");
	failure_text_expect(model, &failure, 3, "3 waits");
	failure_text_expect(model, &failure, 3, "200 pages moved");
	failure_text_expect(model, &failure, 3, "51 dropped");
}

static void failure_text_of_busy_names_the_blocker(struct kunit *test)
{
	struct cma_failure failure = failure_text_example();
	struct cma_model *model = cma_model_open_blocks(test, 1);

	failure.cause = CMA_FAIL_BUSY;
	failure.is_examined = true;
	failure.blocker = (struct cma_blocker){
		.pfn = 0x4711, .kind = CMA_PAGE_ANON, .refs = 3, .maps = 1,
	};
	failure_text_expect(model, &failure, 4,
			    "pfn 0x4711, anonymous, refs 3");
	KUNIT_EXPECT_NULL(test, strstr(failure_text_line(model, &failure, 5),
				       "pinned"));
	failure.blocker.is_pinned = true;
	failure_text_expect(model, &failure, 4, "pinned");
	failure_text_expect(model, &failure, 5, "pinned");
	failure.blocker = (struct cma_blocker){
		.pfn = 0x4711, .kind = CMA_PAGE_METADATA, .refs = 3,
		.dev = MKDEV(254, 3),
	};
	failure_text_expect(model, &failure, 5,
			    "held by a mounted file system, device 254:3");
	KUNIT_EXPECT_NULL(test, strstr(failure_text_line(model, &failure, 5),
				       "should not last"));
	failure.cause = CMA_FAIL_FULL;
	KUNIT_EXPECT_STREQ(test, "", failure_text_line(model, &failure, 4));
}

static void test_f03_failure_names_what_the_device_reaches(struct kunit *test)
{
	struct cma_failure failure = failure_text_example();
	struct cma_model *model = cma_model_open_blocks(test, 1);

	failure.cause = CMA_FAIL_OUT_OF_REACH;
	failure.reach = U32_MAX;
	failure_text_expect(model, &failure, 5, "up to 0xffffffff, the area begins at 0x");
}

/* Nobody looks for a window then, and the line said that the largest has 0 pages. */
static void test_f03_failure_out_of_reach_tells_no_window(struct kunit *test)
{
	struct cma_failure failure = failure_text_example();
	struct cma_model *model = cma_model_open_blocks(test, 1);
	char want[64];

	failure.cause = CMA_FAIL_OUT_OF_REACH;
	failure.is_examined = false;
	snprintf(want, sizeof(want), "held 7 of %lu pages",
		 cma_model_pages(model));
	KUNIT_EXPECT_STREQ(test, want, failure_text_line(model, &failure, 2));
}

static void failure_text_names_culprits(struct kunit *test)
{
	struct cma_failure failure = failure_text_example();
	struct cma_model *model = cma_model_open_blocks(test, 1);
	const char *line;

	failure.is_examined = true;
	failure.most = 4096;
	failure.holders[0] = (struct cma_holder){ "gpu", 1, 0, "weston" };
	failure.holders[1] = (struct cma_holder){ "isp", 2, 0, "camerad" };
	failure.cause = CMA_FAIL_FRAGMENTED;
	line = failure_text_line(model, &failure, 5);
	KUNIT_EXPECT_NULL(test, strstr(line, "gpu"));
	failure.nr_holders = 1;
	failure_text_expect(model, &failure, 5, "gpu (task weston, pid 1)");
	line = failure_text_line(model, &failure, 5);
	KUNIT_EXPECT_NULL(test, strstr(line, "isp"));
	failure.nr_holders = 2;
	failure_text_expect(model, &failure, 5, "gpu (task weston, pid 1)");
	failure_text_expect(model, &failure, 5, "isp (task camerad, pid 2)");
	failure.cause = CMA_FAIL_FULL;
	failure.nr_holders = 0;
	line = failure_text_line(model, &failure, 5);
	KUNIT_EXPECT_NULL(test, strstr(line, "gpu"));
	failure.nr_holders = 1;
	failure_text_expect(model, &failure, 5,
			    "4096 pages are held by gpu (task weston, pid 1)");
}

/**
 * struct failure_text_size - more than an area has
 * @name: how much
 * @nr_pages: the same
 * @align: as page order
 */
struct failure_text_size {
	const char *name;
	unsigned long nr_pages;
	unsigned int align;
};

static const struct failure_text_size failure_text_sizes[] = {
	{ "one page, aligned", 1, 14 },
	{ "some", 20000, 0 },
	{ "some, aligned", 20000, 13 },
	{ "a large area", 1UL << 20, 0 },
	{ "more than a machine has", ULONG_MAX, 0 },
	{ "more than the alignment", 1, 40 },
};

KUNIT_ARRAY_PARAM_DESC(failure_text_size, failure_text_sizes, name);

/* As large as it says, an area would do. */
static void failure_text_advises_a_size_that_does(struct kunit *test)
{
	const struct failure_text_size *param = test->param_value;
	unsigned long long needed = param->nr_pages, mib;
	struct cma_failure failure = failure_text_example();
	struct cma_model *model = cma_model_open_blocks(test, 1);
	const char *advice;
	int found;

	if (param->align < BITS_PER_LONG)
		needed = max(needed, 1ULL << param->align);
	failure.cause = CMA_FAIL_TOO_BIG;
	failure.nr_pages = param->nr_pages;
	failure.align = param->align;
	advice = strstr(failure_text_line(model, &failure, 5), "would do: ");
	KUNIT_ASSERT_NOT_NULL(test, advice);
	found = sscanf(advice, "would do: %llu MiB", &mib);
	KUNIT_ASSERT_EQ(test, 1, found);
	KUNIT_EXPECT_GE(test, mib, needed >> (20 - PAGE_SHIFT));
}

/* Whatever they are about, and however long names and numbers are. */
static void failure_text_fits_the_line(struct kunit *test)
{
	const struct cma_holder holder = {
		"1c0e000.video-codec-with-a-", INT_MAX, 0, "kworker/u257:12",
	};
	struct cma_model *model = cma_model_open_blocks(test, 1);
	struct cma_failure failure = {
		.nr_pages = ULONG_MAX, .align = UINT_MAX, .err = -ENOMEM,
		.asker = holder, .held = ULONG_MAX,
		.effort = { ULONG_MAX, ULONG_MAX, ULONG_MAX, ULONG_MAX,
			    ULONG_MAX },
		.gap = { 1UL << (BITS_PER_LONG - 1), ULONG_MAX },
		.is_examined = true, .free = 1,
		.holders = { holder, holder }, .nr_holders = 2,
		.most = ULONG_MAX,
		.blocker = { ULONG_MAX, CMA_PAGE_SHMEM, INT_MAX, INT_MAX,
			     BIT(PG_lru) | BIT(PG_dirty) | BIT(PG_uptodate) |
			     BIT(PG_active) | BIT(PG_swapbacked), true,
			     MKDEV(259, 1048575), ULONG_MAX },
	};
	unsigned int number;

	for (; failure.cause < CMA_NR_FAIL_CAUSES; failure.cause++)
		for (number = 0; number < TEXT_LINES; number++)
			failure_text_line(model, &failure, number);
}

static struct kunit_case failure_text_tests[] = {
	KUNIT_CASE(failure_text_is_of_the_last_ones),
	KUNIT_CASE(failure_text_names_the_cause),
	KUNIT_CASE(failure_text_names_the_function),
	KUNIT_CASE(failure_text_tells_no_address),
	KUNIT_CASE(failure_text_of_few_facts_is_short),
	KUNIT_CASE(failure_text_of_what_was_found),
	KUNIT_CASE(failure_text_of_busy_names_the_blocker),
	KUNIT_CASE(test_f03_failure_names_what_the_device_reaches),
	KUNIT_CASE(test_f03_failure_out_of_reach_tells_no_window),
	KUNIT_CASE(failure_text_names_culprits),
	KUNIT_CASE_PARAM(failure_text_advises_a_size_that_does,
			 failure_text_size_gen_params),
	KUNIT_CASE(failure_text_fits_the_line),
	{}
};

static struct kunit_suite failure_text_suite = {
	.name = "cma_failure_text",
	.test_cases = failure_text_tests,
};

kunit_test_suite(failure_text_suite);
