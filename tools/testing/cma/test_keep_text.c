// SPDX-License-Identifier: GPL-2.0
/*
 * cma_keep=: examples by hand, and each cut of a text against a reader that
 * looks for the colon from the other end.
 */
#include <linux/array_size.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <string.h>

#include "lib/parse.h"
#include "tap.h"

#define M(n) ((u64)(n) << 20)
#define UNSET 12345

static const struct good {
	const char *text;
	unsigned int name_len;
	u64 bytes;
} good[] = {
	{ "64M", 0, M(64) },
	{ "64MiB", 0, M(64) },
	{ "64mB", 0, M(64) },
	{ "0x100000", 0, M(1) },
	{ "010M", 0, M(8) },
	{ "0", 0, 0 },
	{ "1", 0, 1 },
	{ "reserved:64M", 8, M(64) },
	{ "linux,cma:16MiB", 9, M(16) },
	{ "linux,cma@60000000:0", 18, 0 },
	{ "a:b:1K", 3, 1024 },
	{ "::1", 1, 1 },
	{ "64M:32M", 3, M(32) },
	{ "18446744073709551615", 0, U64_MAX },
};

static const struct bad {
	const char *text;
	enum cma_parse_cause cause;
	unsigned int at;
} bad[] = {
	{ NULL, CMA_PARSE_EMPTY, 0 },
	{ "", CMA_PARSE_EMPTY, 0 },
	{ "abc", CMA_PARSE_UNEXPECTED, 0 },
	{ "-1", CMA_PARSE_UNEXPECTED, 0 },
	{ "64Mx", CMA_PARSE_UNEXPECTED, 3 },
	{ "64M,32M", CMA_PARSE_UNEXPECTED, 3 },
	{ "64M@1G", CMA_PARSE_UNEXPECTED, 3 },
	{ "10%", CMA_PARSE_UNEXPECTED, 2 },
	{ "64Mi", CMA_PARSE_CUT_SHORT, 4 },
	{ "17179869184G", CMA_PARSE_OVERFLOW, 0 },
	{ ":64M", CMA_PARSE_UNEXPECTED, 0 },
	{ ":", CMA_PARSE_UNEXPECTED, 0 },
	{ "reserved:", CMA_PARSE_EMPTY, 9 },
	{ "reserved:64Q", CMA_PARSE_UNEXPECTED, 11 },
	{ "reserved:18446744073709551616", CMA_PARSE_OVERFLOW, 9 },
	{ "a:64M:", CMA_PARSE_EMPTY, 6 },
	{ "64M:reserved", CMA_PARSE_UNEXPECTED, 4 },
};

CASE(good_texts)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(good); i++) {
		struct cma_keep_request keep = { UNSET, UNSET };
		struct cma_parse_error err;
		int ret = cma_parse_keep(good[i].text, &keep, &err);

		CHECK(!ret && err.cause == CMA_PARSE_OK, "%s: %d",
		      good[i].text, ret);
		CHECK(keep.name_len == good[i].name_len &&
		      keep.bytes == good[i].bytes, "%s: %u, %#llx",
		      good[i].text, keep.name_len,
		      (unsigned long long)keep.bytes);
	}
}

CASE(bad_texts)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		struct cma_keep_request keep = { UNSET, UNSET };
		struct cma_parse_error err;
		int ret = cma_parse_keep(bad[i].text, &keep, &err);

		CHECK(ret == -EINVAL, "%s: %d", bad[i].text, ret);
		CHECK(err.cause == bad[i].cause && err.at == bad[i].at,
		      "%s: cause %d at %u", bad[i].text, (int)err.cause,
		      err.at);
		CHECK(keep.name_len == UNSET && keep.bytes == UNSET,
		      "%s: written all the same", bad[i].text);
	}
}

/* Good means: a size behind the last colon, with something in front of that. */
static bool is_good(const char *text)
{
	const char *size = text + strlen(text);
	struct cma_parse_error err;
	const char *end;
	u64 bytes;

	while (size > text && size[-1] != ':')
		size--;
	end = cma_parse_size(size, &bytes, &err);
	return end && !*end && size != text + 1;
}

CASE(random_texts)
{
	static const char letters[] = "::0189MKiBxa,@%";
	unsigned int i, accepted = 0;

	for (i = 0; i < 200000; i++) {
		size_t len = tap_below(9), j;
		struct cma_keep_request keep;
		struct cma_parse_error err;
		char text[10] = "";
		bool is;

		for (j = 0; j < len; j++)
			text[j] = letters[tap_below(sizeof(letters) - 1)];
		is = !cma_parse_keep(text, &keep, &err);
		CHECK(is == is_good(text), "'%s': %d", text, is);
		CHECK(is || err.at <= len, "'%s': at %u", text, err.at);
		CHECK(!is || keep.name_len < len, "'%s': %u", text,
		      keep.name_len);
		accepted += is;
	}
	CHECK(accepted > 1000, "only %u are good", accepted);
}
