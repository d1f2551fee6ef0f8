// SPDX-License-Identifier: GPL-2.0
/*
 * Reads the value of cma_keep=, see keep_text.h.
 */
#include <linux/errno.h>
#include <linux/string.h>

#include "keep_text.h"

static int fail(struct cma_parse_error *err, const char *text, const char *at)
{
	err->cause = CMA_PARSE_UNEXPECTED;
	err->at = (unsigned int)(at - text);
	return -EINVAL;
}

/**
 * cma_parse_keep() - read the value of the option cma_keep=
 * @text: value as the user wrote it; NULL counts as empty
 * @keep: what it says; only written when the whole text is good
 * @err: cause and position when it is not; cause %CMA_PARSE_OK when it is
 *
 * Context: any.
 * Return: 0; -EINVAL when the name in front of a colon is empty, or the rest
 * is not a size that fits 64 bit, or is more than that.
 */
int cma_parse_keep(const char *text, struct cma_keep_request *keep,
		   struct cma_parse_error *err)
{
	const char *colon = text ? strrchr(text, ':') : NULL;
	const char *size = colon ? colon + 1 : text;
	const char *end;
	u64 bytes;

	if (colon && colon == text)
		return fail(err, text, colon);
	end = cma_parse_size(size, &bytes, err);
	if (!end) {
		err->at += (unsigned int)(size - text);
		return -EINVAL;
	}
	if (*end)
		return fail(err, text, end);
	keep->name_len = colon ? (unsigned int)(colon - text) : 0;
	keep->bytes = bytes;
	return 0;
}
