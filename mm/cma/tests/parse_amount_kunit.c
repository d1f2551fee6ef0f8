// SPDX-License-Identifier: GPL-2.0
/*
 * lib/parse.c, amounts, as compiled into this kernel. The host tests are
 * exhaustive; these cases have numbers that 32 bit would cut off.
 */
#include <kunit/test.h>
#include <linux/sizes.h>

#include "../lib/parse.h"

#define GRANULE SZ_4M

/**
 * struct parse_amount_case - an amount and what it is on a machine
 * @name: for the log
 * @amount: the amount
 * @ram: bytes of RAM
 * @bytes: result
 * @err: expected error
 */
struct parse_amount_case {
	const char *name;
	struct cma_amount amount;
	u64 ram;
	u64 bytes;
	int err;
};

static const struct parse_amount_case parse_amount_cases[] = {
	{ "bytes are rounded up",
	  { .term = { { SZ_64M + 1 } } }, SZ_1G, SZ_64M + GRANULE },
	{ "bytes above 4 GiB",
	  { .term = { { 5ULL << 30 } } }, 1ULL << 40, 5ULL << 30 },
	{ "a percentage is rounded down",
	  { .term = { { 25, true } } }, 3 * (u64)SZ_1G + SZ_8M, 0x30000000 },
	{ "a percentage of more than 4 GiB",
	  { .term = { { 90, true } } }, 1ULL << 40, 0xe666400000 },
	{ "a percentage of all that 64 bit can say",
	  { .term = { { 90, true } } }, ~0ULL, 0xe666666666400000 },
	{ "less than a pageblock",
	  { .term = { { 1, true } } }, SZ_64M, 0, -ERANGE },
	{ "no room to round up",
	  { .term = { { ~0ULL } } }, SZ_1G, 0, -EOVERFLOW },
	{ "the larger one", { CMA_AMOUNT_MAX, { { SZ_256M }, { 50, true } } },
	  1ULL << 33, 1ULL << 32 },
	{ "the smaller one", { CMA_AMOUNT_MIN, { { SZ_256M }, { 50, true } } },
	  1ULL << 33, SZ_256M },
};

KUNIT_ARRAY_PARAM_DESC(parse_amount, parse_amount_cases, name);

static void parse_amount_resolves(struct kunit *test)
{
	const struct parse_amount_case *this = test->param_value;
	u64 bytes = 0;

	KUNIT_EXPECT_EQ(test, this->err,
			cma_amount_resolve(&this->amount, this->ram, GRANULE,
					   &bytes));
	KUNIT_EXPECT_EQ(test, this->bytes, bytes);
}

static struct kunit_case parse_amount_tests[] = {
	KUNIT_CASE_PARAM(parse_amount_resolves, parse_amount_gen_params),
	{}
};

static struct kunit_suite parse_amount_suite = {
	.name = "cma_parse_amount",
	.test_cases = parse_amount_tests,
};

kunit_test_suite(parse_amount_suite);
