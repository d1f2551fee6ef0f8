// SPDX-License-Identifier: GPL-2.0
/*
 * Checks the value of an option that is parsed elsewhere, by code that stops
 * at the first thing that it does not know and keeps the rest.
 */
#include <linux/cma.h>
#include <linux/limits.h>
#include <linux/nodemask.h>
#include <linux/string.h>

#include "bootlog.h"
#include "lib/parse.h"

/* The units B and iB are ours; memparse() would end at them. */
static bool __init cma_option_is_plain(const char *text,
				       struct cma_parse_error *err)
{
	const char *unit = strpbrk(text, "Bi");

	if (!unit)
		return true;
	err->cause = CMA_PARSE_UNEXPECTED;
	err->at = unit - text;
	return false;
}

static bool __init cma_option_is_size(const char *text,
				      struct cma_parse_error *err)
{
	const char *end;
	u64 bytes;

	end = cma_parse_size(text, &bytes, err);
	if (!end)
		return false;
	err->at = end - text;
	err->cause = *end ? CMA_PARSE_UNEXPECTED : CMA_PARSE_OVERFLOW;
	return !*end && bytes <= ULONG_MAX;
}

/**
 * cma_option_is_valid() - is the value a size, or a list of sizes by node?
 * @option: name of the option, for the log
 * @text: its value, NULL when it has none
 *
 * Context: boot, while options are parsed.
 * Return: true when all of it makes sense; else false, which has been logged.
 */
bool __init cma_option_is_valid(const char *option, const char *text)
{
	struct cma_parse_error err;
	bool valid;

	if (!text) {
		cma_bootlog_no_text(option);
		return false;
	}
	valid = strchr(text, ':') ? cma_parse_check_nodes(text, MAX_NUMNODES, &err) :
				    cma_option_is_size(text, &err);
	valid = valid && cma_option_is_plain(text, &err);
	if (!valid)
		cma_bootlog_bad_text(option, text, &err);
	return valid;
}
