// SPDX-License-Identifier: GPL-2.0
/*
 * cma why: why allocations failed.
 */
#include <stdio.h>

#include "command.h"
#include "detail.h"

/* The causes that there were, each with its number of calls. */
static char *causes_of(const struct area *area)
{
	struct text text = {};
	int i;

	for (i = AREA_FAIL_TOO_BIG; i <= AREA_FAIL_INVALID; i++)
		if (area->number[i] != NOT_KNOWN && area->number[i])
			text_add(&text, "%s%s %llu", text.len ? ", " : "",
				 area_cause(i), area->number[i]);
	return text.data;
}

static void print_calls(const struct area *area)
{
	printf("%s: %llu call%s failed since boot: %s\n", area->label,
	       area->fail_calls, area->fail_calls == 1 ? "" : "s",
	       causes_of(area));
}

static void print_failure(const struct failure *failure)
{
	struct span rest = failure->text, line;

	while (span_line(&rest, &line))
		printf("  %s\n", text_quote(text_of("%.*s",
						    (int)(line.end - line.at),
						    line.at), QUOTE_TERMINAL));
}

static void print_failures(const struct area *area,
			   const struct detail *failures)
{
	size_t i = failures->nr;

	if (area->fail_calls == NOT_KNOWN)
		printf("%s: the last failures\n", area->label);
	else
		print_calls(area);
	while (i--)
		print_failure(&failures->failure[i]);
}

/* Returns false when there were failures and nothing tells why. */
static bool print_sums(const struct area *area, bool are_known)
{
	u64 refused = area->number[AREA_REFUSED];

	if (area->fail_calls != NOT_KNOWN && area->fail_calls) {
		print_calls(area);
		return true;
	}
	if (area->fail_calls == 0 || are_known || refused == 0) {
		printf("%s: no allocation has failed since boot\n",
		       area->label);
		return true;
	}
	if (refused == NOT_KNOWN)
		printf("%s: nothing tells whether allocations failed\n",
		       area->label);
	else
		printf("%s: %llu pages (%s) were refused since boot; %s\n",
		       area->label, refused, area_size(area, refused),
		       "this kernel does not tell why");
	return false;
}

static bool explain(const struct area *area)
{
	struct detail failures = detail_failures(area);

	if (!failures.nr)
		return print_sums(area, failures.is_known);
	print_failures(area, &failures);
	return true;
}

/**
 * command_why() - show why allocations failed
 * @options: the command line
 *
 * Context: once.
 * Return: EXIT_GOOD; EXIT_BAD when something failed and nothing tells why;
 * ends the program when there is no area.
 */
enum exit_code command_why(const struct options *options)
{
	struct areas areas = areas_get(options->argument[0]);
	enum exit_code code = EXIT_GOOD;
	bool some_failed = false;
	size_t i;

	for (i = 0; i < areas.nr; i++) {
		if (!explain(&areas.area[i]))
			code = EXIT_BAD;
		some_failed |= areas.area[i].number[AREA_REFUSED] > 0;
	}
	if (some_failed)
		areas_explain("single failures");
	return code;
}
