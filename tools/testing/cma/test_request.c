// SPDX-License-Identifier: GPL-2.0
/*
 * The size language: every row of input_rows that concerns text,
 * then properties. The differential test is in test_language.py.
 */
#include <string.h>

#include <linux/array_size.h>
#include <linux/errno.h>
#include <linux/limits.h>

#include "lib/parse.h"
#include "tap.h"

#define K(n) ((u64)(n) << 10)
#define M(n) ((u64)(n) << 20)
#define G(n) ((u64)(n) << 30)

#define BYTES(b) { CMA_AMOUNT_SINGLE, { { b, false }, { 0, false } } }
#define PERCENT(p) { CMA_AMOUNT_SINGLE, { { p, true }, { 0, false } } }
#define MAX_BP(b, p) { CMA_AMOUNT_MAX, { { b, false }, { p, true } } }
#define MIN_BP(b, p) { CMA_AMOUNT_MIN, { { b, false }, { p, true } } }
#define ANYWHERE(amount) { amount, CMA_PLACE_ANYWHERE, 0, 0 }
#define AT(amount, b) { amount, CMA_PLACE_FIXED, b, 0 }
#define WITHIN(amount, b, e) { amount, CMA_PLACE_WITHIN, b, e }

static const struct good_row {
	const char *text;
	u64 addr_max;
	struct cma_request want;
} good[] = {
	/* the rows of input_rows/cmdline.py */
	{ "0", U64_MAX, ANYWHERE(BYTES(0)) },
	{ "64MiB", U64_MAX, ANYWHERE(BYTES(M(64))) },
	{ "192MB", U64_MAX, ANYWHERE(BYTES(M(192))) },
	{ "192M", U64_MAX, ANYWHERE(BYTES(M(192))) },
	{ "64M@0x60000000-0x68000000", U64_MAX,
	  WITHIN(BYTES(M(64)), 0x60000000, 0x68000000) },
	{ "1E", U64_MAX, ANYWHERE(BYTES(1ULL << 60)) },
	{ "15E", U64_MAX, ANYWHERE(BYTES(15ULL << 60)) },
	{ "0xfffffffffffff000", U64_MAX,
	  ANYWHERE(BYTES(0xfffffffffffff000)) },
	{ "10%", U64_MAX, ANYWHERE(PERCENT(10)) },
	{ "1", U64_MAX, ANYWHERE(BYTES(1)) },
	{ "64K", U64_MAX, ANYWHERE(BYTES(K(64))) },
	{ "3M", U64_MAX, ANYWHERE(BYTES(M(3))) },
	{ "64M@0x50000001", U64_MAX, AT(BYTES(M(64)), 0x50000001) },
	{ "64M@0x10000000", U64_MAX, AT(BYTES(M(64)), 0x10000000) },
	{ "1000M", U64_MAX, ANYWHERE(BYTES(M(1000))) },
	{ "2G", U64_MAX, ANYWHERE(BYTES(G(2))) },
	/* what the grammar allows besides */
	{ "64m", U64_MAX, ANYWHERE(BYTES(M(64))) },
	{ "0x4000000", U64_MAX, ANYWHERE(BYTES(M(64))) },
	{ "010M", U64_MAX, ANYWHERE(BYTES(M(8))) },
	{ "0x1E", U64_MAX, ANYWHERE(BYTES(0x1e)) },
	{ "0X1fM", U64_MAX, ANYWHERE(BYTES(M(31))) },
	{ "1t", U64_MAX, ANYWHERE(BYTES(1ULL << 40)) },
	{ "2PiB", U64_MAX, ANYWHERE(BYTES(2ULL << 50)) },
	{ "1kiB", U64_MAX, ANYWHERE(BYTES(K(1))) },
	{ "0M", U64_MAX, ANYWHERE(BYTES(0)) },
	{ "1%", U64_MAX, ANYWHERE(PERCENT(1)) },
	{ "90%", U64_MAX, ANYWHERE(PERCENT(90)) },
	{ "max(256M,25%)", U64_MAX, ANYWHERE(MAX_BP(M(256), 25)) },
	{ "min(1376M,25%)", U64_MAX, ANYWHERE(MIN_BP(M(1376), 25)) },
	{ "max(256M,25%)@1G-2G", U64_MAX,
	  WITHIN(MAX_BP(M(256), 25), G(1), G(2)) },
	{ "25%@0x50000000", U64_MAX, AT(PERCENT(25), 0x50000000) },
	{ "64M@5G-6G", U64_MAX, WITHIN(BYTES(M(64)), G(5), G(6)) },
	{ "64M@0-64M", U64_MAX, WITHIN(BYTES(M(64)), 0, M(64)) },
	{ "64M@0", U64_MAX, AT(BYTES(M(64)), 0) },
	{ "64M@1G-1088M", U64_MAX, WITHIN(BYTES(M(64)), G(1), M(1088)) },
	{ "min(64M,25%)@1G-1025M", U64_MAX,
	  WITHIN(MIN_BP(M(64), 25), G(1), M(1025)) },
	{ "18446744073709551615", U64_MAX, ANYWHERE(BYTES(U64_MAX)) },
	{ "01777777777777777777777", U64_MAX, ANYWHERE(BYTES(U64_MAX)) },
	/* addresses of 32 bit */
	{ "4095M", U32_MAX, ANYWHERE(BYTES(M(4095))) },
	{ "4294967295", U32_MAX, ANYWHERE(BYTES(U32_MAX)) },
	{ "64M@0xfc000000", U32_MAX, AT(BYTES(M(64)), 0xfc000000) },
	{ "64M@0x6d000000", U32_MAX, AT(BYTES(M(64)), 0x6d000000) },
};

static const struct bad_row {
	const char *text;
	u64 addr_max;
	int ret;
	enum cma_parse_cause cause;
	unsigned int at;
} bad[] = {
	/* the rows of input_rows/cmdline.py */
	{ NULL, U64_MAX, -EINVAL, CMA_PARSE_EMPTY, 0 },
	{ "", U64_MAX, -EINVAL, CMA_PARSE_EMPTY, 0 },
	{ "abc", U64_MAX, -EINVAL, CMA_PARSE_UNEXPECTED, 0 },
	{ "+64M", U64_MAX, -EINVAL, CMA_PARSE_UNEXPECTED, 0 },
	{ " 64M", U64_MAX, -EINVAL, CMA_PARSE_UNEXPECTED, 0 },
	{ "0b101M", U64_MAX, -EINVAL, CMA_PARSE_UNEXPECTED, 1 },
	{ "-1", U64_MAX, -EINVAL, CMA_PARSE_UNEXPECTED, 0 },
	{ "192MBx", U64_MAX, -EINVAL, CMA_PARSE_UNEXPECTED, 5 },
	{ "64M,64M", U64_MAX, -EINVAL, CMA_PARSE_UNEXPECTED, 3 },
	{ "64M@0x60000000-0x68000000junk", U64_MAX, -EINVAL,
	  CMA_PARSE_UNEXPECTED, 25 },
	{ "\"64M\"", U64_MAX, -EINVAL, CMA_PARSE_UNEXPECTED, 0 },
	{ "64M@", U64_MAX, -EINVAL, CMA_PARSE_NO_BASE, 4 },
	{ "64M@1G-", U64_MAX, -EINVAL, CMA_PARSE_NO_END, 7 },
	{ "64M@2G-1G", U64_MAX, -ERANGE, CMA_PARSE_END_BEFORE_BASE, 7 },
	{ "64M@0x60000000-0x63000000", U64_MAX, -ERANGE,
	  CMA_PARSE_RANGE_TOO_SMALL, 15 },
	{ "18446744073709551616", U64_MAX, -EOVERFLOW, CMA_PARSE_OVERFLOW, 0 },
	{ "99999999999G", U64_MAX, -EOVERFLOW, CMA_PARSE_OVERFLOW, 0 },
	{ "17179869184G", U64_MAX, -EOVERFLOW, CMA_PARSE_OVERFLOW, 0 },
	{ "16E", U64_MAX, -EOVERFLOW, CMA_PARSE_OVERFLOW, 0 },
	{ "0x10000000000000000", U64_MAX, -EOVERFLOW, CMA_PARSE_OVERFLOW, 0 },
	{ "02000000000000000000000", U64_MAX, -EOVERFLOW, CMA_PARSE_OVERFLOW,
	  0 },
	{ "64M@0xfffffffffc000000", U64_MAX, -EOVERFLOW, CMA_PARSE_WRAPS, 4 },
	/* what the grammar does not allow */
	{ "64Mb", U64_MAX, -EINVAL, CMA_PARSE_UNEXPECTED, 3 },
	{ "64MIB", U64_MAX, -EINVAL, CMA_PARSE_UNEXPECTED, 3 },
	{ "64Mib", U64_MAX, -EINVAL, CMA_PARSE_UNEXPECTED, 4 },
	{ "64Mi", U64_MAX, -EINVAL, CMA_PARSE_CUT_SHORT, 4 },
	{ "64B", U64_MAX, -EINVAL, CMA_PARSE_UNEXPECTED, 2 },
	{ "64KM", U64_MAX, -EINVAL, CMA_PARSE_UNEXPECTED, 3 },
	{ "1.5G", U64_MAX, -EINVAL, CMA_PARSE_UNEXPECTED, 1 },
	{ "0x", U64_MAX, -EINVAL, CMA_PARSE_EMPTY, 2 },
	{ "0xg", U64_MAX, -EINVAL, CMA_PARSE_UNEXPECTED, 2 },
	{ "08", U64_MAX, -EINVAL, CMA_PARSE_UNEXPECTED, 1 },
	{ "018M", U64_MAX, -EINVAL, CMA_PARSE_UNEXPECTED, 2 },
	{ "0%", U64_MAX, -ERANGE, CMA_PARSE_PERCENT, 0 },
	{ "91%", U64_MAX, -ERANGE, CMA_PARSE_PERCENT, 0 },
	{ "max(1G,100%)", U64_MAX, -ERANGE, CMA_PARSE_PERCENT, 7 },
	{ "0x10%", U64_MAX, -EINVAL, CMA_PARSE_UNEXPECTED, 4 },
	{ "010%", U64_MAX, -EINVAL, CMA_PARSE_UNEXPECTED, 3 },
	{ "5K%", U64_MAX, -EINVAL, CMA_PARSE_UNEXPECTED, 2 },
	{ "5%%", U64_MAX, -EINVAL, CMA_PARSE_UNEXPECTED, 2 },
	{ "%", U64_MAX, -EINVAL, CMA_PARSE_UNEXPECTED, 0 },
	{ "64M@5%", U64_MAX, -EINVAL, CMA_PARSE_UNEXPECTED, 5 },
	{ "max", U64_MAX, -EINVAL, CMA_PARSE_CUT_SHORT, 3 },
	{ "max(", U64_MAX, -EINVAL, CMA_PARSE_EMPTY, 4 },
	{ "max(1M", U64_MAX, -EINVAL, CMA_PARSE_CUT_SHORT, 6 },
	{ "max(1M)", U64_MAX, -EINVAL, CMA_PARSE_UNEXPECTED, 6 },
	{ "max(1M,", U64_MAX, -EINVAL, CMA_PARSE_EMPTY, 7 },
	{ "max(1M,2M", U64_MAX, -EINVAL, CMA_PARSE_CUT_SHORT, 9 },
	{ "max(1M,2M,3M)", U64_MAX, -EINVAL, CMA_PARSE_UNEXPECTED, 9 },
	{ "max(1M, 2M)", U64_MAX, -EINVAL, CMA_PARSE_UNEXPECTED, 7 },
	{ "max(,2M)", U64_MAX, -EINVAL, CMA_PARSE_UNEXPECTED, 4 },
	{ "max(max(1M,2M),3M)", U64_MAX, -EINVAL, CMA_PARSE_UNEXPECTED, 4 },
	{ "MAX(1M,2M)", U64_MAX, -EINVAL, CMA_PARSE_UNEXPECTED, 0 },
	{ "(1M)", U64_MAX, -EINVAL, CMA_PARSE_UNEXPECTED, 0 },
	{ "@1G", U64_MAX, -EINVAL, CMA_PARSE_UNEXPECTED, 0 },
	{ "64M-1G", U64_MAX, -EINVAL, CMA_PARSE_UNEXPECTED, 3 },
	{ "64M@-2G", U64_MAX, -EINVAL, CMA_PARSE_NO_BASE, 4 },
	{ "64M@x", U64_MAX, -EINVAL, CMA_PARSE_UNEXPECTED, 4 },
	{ "64M@1G--", U64_MAX, -EINVAL, CMA_PARSE_NO_END, 7 },
	{ "64M@1G-2G-3G", U64_MAX, -EINVAL, CMA_PARSE_UNEXPECTED, 9 },
	{ "64M@1G@2G", U64_MAX, -EINVAL, CMA_PARSE_UNEXPECTED, 6 },
	{ "64M ", U64_MAX, -EINVAL, CMA_PARSE_UNEXPECTED, 3 },
	{ "25%@1G-1G", U64_MAX, -ERANGE, CMA_PARSE_RANGE_TOO_SMALL, 7 },
	{ "max(256M,25%)@1G-1100M", U64_MAX, -ERANGE,
	  CMA_PARSE_RANGE_TOO_SMALL, 17 },
	{ "min(2M,3M)@1G-1025M", U64_MAX, -ERANGE, CMA_PARSE_RANGE_TOO_SMALL,
	  14 },
	/* addresses of 32 bit */
	{ "4G", U32_MAX, -EOVERFLOW, CMA_PARSE_OVERFLOW, 0 },
	{ "4097M", U32_MAX, -EOVERFLOW, CMA_PARSE_OVERFLOW, 0 },
	{ "4294967296", U32_MAX, -EOVERFLOW, CMA_PARSE_OVERFLOW, 0 },
	{ "64M@0x100000000", U32_MAX, -EOVERFLOW, CMA_PARSE_OVERFLOW, 4 },
	{ "64M@3G-4G", U32_MAX, -EOVERFLOW, CMA_PARSE_OVERFLOW, 7 },
	{ "65M@0xfc000000", U32_MAX, -EOVERFLOW, CMA_PARSE_WRAPS, 4 },
};

static bool same_term(const struct cma_amount_term *a, const struct cma_amount_term *b)
{
	return a->value == b->value && a->is_percent == b->is_percent;
}

static bool same(const struct cma_request *a, const struct cma_request *b)
{
	return a->amount.op == b->amount.op &&
	       same_term(&a->amount.term[0], &b->amount.term[0]) &&
	       same_term(&a->amount.term[1], &b->amount.term[1]) &&
	       a->placement == b->placement && a->base == b->base &&
	       a->end == b->end;
}

CASE(accepted_texts)
{
	struct cma_parse_error err;
	struct cma_request req;
	size_t i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(good); i++) {
		ret = cma_parse_request(good[i].text, good[i].addr_max, &req,
					&err);
		CHECK(!ret && err.cause == CMA_PARSE_OK, "'%s': %d, '%s'",
		      good[i].text, ret, cma_parse_cause_text(err.cause));
		CHECK(ret || same(&req, &good[i].want), "'%s'", good[i].text);
	}
}

CASE(rejected_texts)
{
	struct cma_request req, before;
	struct cma_parse_error err;
	size_t i;
	int ret;

	memset(&before, 0x5a, sizeof(before));
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		req = before;
		ret = cma_parse_request(bad[i].text, bad[i].addr_max, &req,
					&err);
		CHECK(ret == bad[i].ret && err.cause == bad[i].cause &&
		      err.at == bad[i].at, "'%s': %d, '%s' at %u",
		      bad[i].text ? bad[i].text : "NULL", ret,
		      cma_parse_cause_text(err.cause), err.at);
		CHECK(!memcmp(&req, &before, sizeof(req)), "'%s' has an effect",
		      bad[i].text ? bad[i].text : "NULL");
	}
}

/* No accepted text can be followed by any of these. */
CASE(junk_behind_an_accepted_text)
{
	static const char junk[] = " !#*,()@x\n\t\x7f\xff";
	struct cma_parse_error err;
	struct cma_request req;
	char text[64];
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(good); i++)
		for (j = 0; j < sizeof(junk) - 1; j++) {
			snprintf(text, sizeof(text), "%s%c!", good[i].text,
				 junk[j]);
			CHECK(cma_parse_request(text, good[i].addr_max, &req,
						&err) == -EINVAL &&
			      err.cause == CMA_PARSE_UNEXPECTED &&
			      err.at <= strlen(text) &&
			      err.at >= strlen(good[i].text), "'%s' at %u",
			      text, err.at);
		}
}

/* The log counts from the start of the option, and from 1. */
CASE(position_in_the_message)
{
	struct cma_parse_error err;
	struct cma_request req;

	cma_parse_request("192MBx", U64_MAX, &req, &err);
	CHECK(strlen("cma=") + err.at + 1 == 10, "at %u", err.at);
}

static const struct size_row {
	const char *text;
	u64 bytes;
	const char *rest;
	enum cma_parse_cause cause;
	unsigned int at;
} sizes[] = {
	{ "64M", M(64), "", CMA_PARSE_OK, 0 },
	{ "64M,1:64M", M(64), ",1:64M", CMA_PARSE_OK, 0 },
	{ "64MiB,", M(64), ",", CMA_PARSE_OK, 0 },
	{ "5G@1G", G(5), "@1G", CMA_PARSE_OK, 0 },
	{ "10%", 10, "%", CMA_PARSE_OK, 0 },
	{ "0", 0, "", CMA_PARSE_OK, 0 },
	{ NULL, 0, NULL, CMA_PARSE_EMPTY, 0 },
	{ "", 0, NULL, CMA_PARSE_EMPTY, 0 },
	{ ",1:64M", 0, NULL, CMA_PARSE_UNEXPECTED, 0 },
	{ "=64M", 0, NULL, CMA_PARSE_UNEXPECTED, 0 },
	{ "64Mix", 0, NULL, CMA_PARSE_UNEXPECTED, 4 },
	{ "16E", 0, NULL, CMA_PARSE_OVERFLOW, 0 },
};

CASE(one_size_at_the_start_of_a_text)
{
	struct cma_parse_error err;
	const char *rest;
	size_t i;
	u64 bytes;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		bytes = 0;
		rest = cma_parse_size(sizes[i].text, &bytes, &err);
		CHECK(bytes == sizes[i].bytes && err.cause == sizes[i].cause &&
		      err.at == sizes[i].at, "row %zu: %llu, '%s' at %u", i,
		      bytes, cma_parse_cause_text(err.cause), err.at);
		CHECK(rest && sizes[i].rest ? !strcmp(rest, sizes[i].rest) :
					      rest == sizes[i].rest,
		      "row %zu: rest '%s'", i, rest ? rest : "NULL");
	}
}

static bool is_lower_words(const char *text)
{
	return *text && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789 ") ==
			strlen(text);
}

static const char *words(unsigned int cause)
{
	return cma_parse_cause_text((enum cma_parse_cause)cause);
}

CASE(every_cause_has_its_own_words)
{
	unsigned int i, j;

	for (i = 0; i <= CMA_PARSE_CUT_SHORT; i++) {
		CHECK(is_lower_words(words(i)), "'%s'", words(i));
		CHECK(strcmp(words(i), "unknown error"), "cause %u", i);
		for (j = 0; j < i; j++)
			CHECK(strcmp(words(i), words(j)), "'%s'", words(i));
	}
	CHECK(!strcmp(words(i), "unknown error"), "cause %u", i);
}
