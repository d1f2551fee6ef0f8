// SPDX-License-Identifier: GPL-2.0
/*
 * lib/parse.c, values of cma=, as compiled into this kernel. The host tests are
 * exhaustive.
 */
#include <kunit/test.h>
#include <linux/sizes.h>

#include "../lib/parse.h"

/**
 * struct parse_request_case - a text and what it means
 * @text: value of cma=
 * @want: the request, when @cause is %CMA_PARSE_OK
 * @cause: what is wrong
 * @at: where it is wrong
 */
struct parse_request_case {
	const char *text;
	struct cma_request want;
	enum cma_parse_cause cause;
	unsigned int at;
};

static const struct parse_request_case parse_request_cases[] = {
	{ "0" },
	{ "192MB", { { .term = { { 192 * SZ_1M } } } } },
	{ "6G", { { .term = { { 6ULL << 30 } } } } },
	{ "25%", { { .term = { { 25, true } } } } },
	{ "max(64M,10%)",
	  { { CMA_AMOUNT_MAX, { { SZ_64M }, { 10, true } } } } },
	{ "64M@5G",
	  { { .term = { { SZ_64M } } }, CMA_PLACE_FIXED, 5ULL << 30 } },
	{ "64M@4G-0x200000000", { { .term = { { SZ_64M } } }, CMA_PLACE_WITHIN,
				  1ULL << 32, 1ULL << 33 } },
	{ "", .cause = CMA_PARSE_EMPTY, .at = 0 },
	{ "64X", .cause = CMA_PARSE_UNEXPECTED, .at = 2 },
	{ "64M@", .cause = CMA_PARSE_NO_BASE, .at = 4 },
	{ "16E", .cause = CMA_PARSE_OVERFLOW, .at = 0 },
	{ "91%", .cause = CMA_PARSE_PERCENT, .at = 0 },
};

KUNIT_ARRAY_PARAM_DESC(parse_request, parse_request_cases, text);

static void parse_request_parses(struct kunit *test)
{
	const struct parse_request_case *this = test->param_value;
	struct cma_parse_error err;
	struct cma_request req = {};

	KUNIT_EXPECT_EQ(test, this->cause != CMA_PARSE_OK,
			!!cma_parse_request(this->text, U64_MAX, &req, &err));
	KUNIT_EXPECT_EQ(test, this->cause, err.cause);
	KUNIT_EXPECT_EQ(test, this->at, err.at);
	KUNIT_EXPECT_EQ(test, this->want.amount.op, req.amount.op);
	KUNIT_EXPECT_EQ(test, this->want.amount.term[0].value,
			req.amount.term[0].value);
	KUNIT_EXPECT_EQ(test, this->want.amount.term[0].is_percent,
			req.amount.term[0].is_percent);
	KUNIT_EXPECT_EQ(test, this->want.amount.term[1].value,
			req.amount.term[1].value);
	KUNIT_EXPECT_EQ(test, this->want.placement, req.placement);
	KUNIT_EXPECT_EQ(test, this->want.base, req.base);
	KUNIT_EXPECT_EQ(test, this->want.end, req.end);
}

static struct kunit_case parse_request_tests[] = {
	KUNIT_CASE_PARAM(parse_request_parses, parse_request_gen_params),
	{}
};

static struct kunit_suite parse_request_suite = {
	.name = "cma_parse_request",
	.test_cases = parse_request_tests,
};

kunit_test_suite(parse_request_suite);
