// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer target for the size language. The sanitizers watch the memory;
 * the checks below hold for every text.
 */
#include <stdlib.h>
#include <string.h>

#include <linux/limits.h>

#include "lib/parse.h"

#define GRANULE (2ULL << 20)

static void require(bool condition)
{
	if (!condition)
		abort();
}

static void check_term(const struct cma_amount_term *term, u64 addr_max)
{
	if (term->is_percent)
		require(term->value >= 1 && term->value <= CMA_PERCENT_MAX);
	else
		require(term->value <= addr_max);
}

static void check_good(const struct cma_request *req, u64 addr_max)
{
	u64 bytes;

	check_term(&req->amount.term[0], addr_max);
	check_term(&req->amount.term[1], addr_max);
	require(req->base <= addr_max && req->end <= addr_max);
	if (req->placement == CMA_PLACE_WITHIN)
		require(req->base < req->end && req->end - req->base >=
			cma_amount_least(&req->amount));
	if (!cma_amount_resolve(&req->amount, addr_max, GRANULE, &bytes))
		require(bytes % GRANULE == 0);
}

static void check_text(const char *text, u64 addr_max)
{
	struct cma_request req = { .base = 1, .end = 2 };
	struct cma_parse_error err;
	int ret = cma_parse_request(text, addr_max, &req, &err);

	require(!ret == (err.cause == CMA_PARSE_OK));
	require(err.at <= strlen(text));
	if (!ret)
		check_good(&req, addr_max);
	else
		require(req.base == 1 && req.end == 2);
}

static void check_size(const char *text)
{
	struct cma_parse_error err;
	u64 bytes;
	const char *rest = cma_parse_size(text, &bytes, &err);

	require(!rest == (err.cause != CMA_PARSE_OK));
	require(!rest || (rest > text && rest <= text + strlen(text)));
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	char *text = malloc(size + 1);

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = 0;
	check_text(text, U64_MAX);
	check_text(text, U32_MAX);
	check_size(text);
	free(text);
	return 0;
}
