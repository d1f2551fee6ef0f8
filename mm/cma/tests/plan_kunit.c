// SPDX-License-Identifier: GPL-2.0
/*
 * lib/plan.c as compiled into this kernel. The host tests are exhaustive.
 */
#include <kunit/test.h>
#include <linux/sizes.h>

#include "../lib/plan.h"

#define GIB(n) ((u64)(n) << 30)

/* 6 GiB of RAM, the first of which is mapped; devices reach it all. */
static const struct cma_plan_limits large = {
	.ram_end = GIB(6),
	.lowmem_end = GIB(1),
	.granule = SZ_4M,
	.addr_max = U64_MAX,
};

/**
 * struct plan_case - a wish and where it is looked for first
 * @name: for the log
 * @req: the wish
 * @cause: expected cause
 * @nr_attempts: how many attempts
 * @first: the first one
 */
struct plan_case {
	const char *name;
	struct cma_plan_request req;
	enum cma_plan_cause cause;
	unsigned int nr_attempts;
	struct cma_attempt first;
};

static const struct plan_case plan_cases[] = {
	{ "above 4 GiB first", { .size = SZ_64M }, CMA_PLAN_OK, 3,
	  { GIB(4), GIB(6), true } },
	{ "a base above 4 GiB counts", { .size = SZ_64M, .base = GIB(5) },
	  CMA_PLAN_OK, 2, { GIB(5), GIB(6), true } },
	{ "a limit of 4 GiB: high memory first",
	  { .size = SZ_64M, .limit = GIB(4) }, CMA_PLAN_OK, 2,
	  { GIB(1), GIB(4), false } },
	{ "fixed above 4 GiB",
	  { .size = SZ_64M, .base = GIB(5), .fixed = true }, CMA_PLAN_OK, 1,
	  { GIB(5), GIB(5) + SZ_64M, false } },
	{ "fixed on both sides of the low memory boundary",
	  { .size = SZ_64M, .base = GIB(1) - SZ_4M, .fixed = true },
	  CMA_PLAN_CROSSES_LOWMEM },
	{ "too large", { .size = GIB(7) }, CMA_PLAN_BEYOND_LIMIT },
	{ "base plus size wraps",
	  { .size = SZ_64M, .base = -(u64)SZ_4M, .fixed = true },
	  CMA_PLAN_OVERFLOW },
	{ "alignment of 3 MiB", { .size = SZ_64M, .align = 0x300000 },
	  CMA_PLAN_BAD_ALIGN },
	{ "nothing", { .size = 0 }, CMA_PLAN_NO_SIZE },
};

KUNIT_ARRAY_PARAM_DESC(plan, plan_cases, name);

static void plan_places(struct kunit *test)
{
	const struct plan_case *this = test->param_value;
	struct cma_plan plan;

	KUNIT_ASSERT_EQ(test, this->cause,
			cma_plan_place(&this->req, &large, &plan));
	if (this->cause)
		return;
	KUNIT_EXPECT_EQ(test, this->req.size, plan.size);
	KUNIT_EXPECT_EQ(test, this->nr_attempts, plan.nr_attempts);
	KUNIT_EXPECT_EQ(test, this->first.lo, plan.attempt[0].lo);
	KUNIT_EXPECT_EQ(test, this->first.hi, plan.attempt[0].hi);
	KUNIT_EXPECT_EQ(test, this->first.bottom_up, plan.attempt[0].bottom_up);
}

static void plan_source_is_first_that_is_given(struct kunit *test)
{
	struct cma_plan_offer offer[CMA_NR_SOURCES] = {};

	KUNIT_EXPECT_EQ(test, CMA_NR_SOURCES, cma_plan_source(offer));
	offer[CMA_SOURCE_KCONFIG].given = true;
	KUNIT_EXPECT_EQ(test, CMA_SOURCE_KCONFIG, cma_plan_source(offer));
	offer[CMA_SOURCE_CMDLINE].given = true;
	KUNIT_EXPECT_EQ(test, CMA_SOURCE_CMDLINE, cma_plan_source(offer));
	offer[CMA_SOURCE_DT].given = true;
	KUNIT_EXPECT_EQ(test, CMA_SOURCE_DT, cma_plan_source(offer));
	offer[CMA_SOURCE_DT].failed = true;
	KUNIT_EXPECT_EQ(test, CMA_SOURCE_CMDLINE, cma_plan_source(offer));
}

static struct kunit_case plan_tests[] = {
	KUNIT_CASE_PARAM(plan_places, plan_gen_params),
	KUNIT_CASE(plan_source_is_first_that_is_given),
	{}
};

static struct kunit_suite plan_suite = {
	.name = "cma_plan",
	.test_cases = plan_tests,
};

kunit_test_suite(plan_suite);
