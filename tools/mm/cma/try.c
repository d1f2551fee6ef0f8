// SPDX-License-Identifier: GPL-2.0
/*
 * cma try: would an allocation fit? Nothing is allocated.
 */
#include <stdio.h>

#include "../../../mm/cma/lib/parse.h"
#include "command.h"
#include "fit.h"

/**
 * enum answer - would it fit?
 * @ANSWER_NO: no
 * @ANSWER_YES: yes, or maybe
 * @ANSWER_NONE: it is not known
 * @ANSWERS: how many answers there are
 */
enum answer {
	ANSWER_NO,
	ANSWER_YES,
	ANSWER_NONE,
	ANSWERS,
};

/**
 * struct wish - what is to be tried
 * @bytes: how much
 * @align_bytes: a multiple of what it is to begin at, or NOT_KNOWN for what
 *		 the DMA API would ask for
 */
struct wish {
	u64 bytes;
	u64 align_bytes;
};

static u64 bytes_of(const char *text, const char *what)
{
	struct cma_parse_error error;
	const char *end;
	u64 bytes;

	end = cma_parse_size(text, &bytes, &error);
	if (end && !*end && bytes && bytes != NOT_KNOWN)
		return bytes;
	message_exit(EXIT_USAGE, "%s '%s': %s", what,
		     text_quote(text, QUOTE_TERMINAL),
		     end && *end ? "unexpected character behind the size" :
		     end ? "not a size above 0" :
			   cma_parse_cause_text(error.cause));
}

static struct wish wish_of(const struct options *options)
{
	struct wish wish = {
		.bytes = bytes_of(options->argument[0], "SIZE"),
		.align_bytes = NOT_KNOWN,
	};

	if (!options->align)
		return wish;
	wish.align_bytes = bytes_of(options->align, "--align");
	if (wish.align_bytes & (wish.align_bytes - 1))
		message_exit(EXIT_USAGE, "--align %s: not a power of two",
			     options->align);
	return wish;
}

static u64 pages_of(const struct area *area, u64 bytes)
{
	return (bytes - 1) / area->page_size + 1;
}

static unsigned int align_order_of(const struct area *area,
				   const struct wish *wish)
{
	if (wish->align_bytes != NOT_KNOWN)
		return fit_order(pages_of(area, wish->align_bytes));
	return fit_dma_order(pages_of(area, wish->bytes));
}

static char *wish_text(const struct area *area, const struct wish *wish)
{
	u64 align = 1ULL << align_order_of(area, wish);

	return text_of("%s aligned to %s",
		       area_size(area, pages_of(area, wish->bytes)),
		       area_size(area, align));
}

static void print_no(const struct area *area, const struct wish *wish)
{
	u64 pages = pages_of(area, wish->bytes);
	char *text = wish_text(area, wish);

	printf("%s: no: %s: ", area->label, text);
	if (area->pages != NOT_KNOWN && pages > area->pages)
		printf("the area has %s\n", area_size(area, area->pages));
	else if (pages > area->largest && area->held != NOT_KNOWN &&
		 area->pages != NOT_KNOWN && area->held <= area->pages)
		printf("%s are not held, the largest window is %s\n",
		       area_size(area, area->pages - area->held),
		       area_size(area, area->largest));
	else if (pages > area->largest)
		printf("the largest window is %s\n",
		       area_size(area, area->largest));
	else
		printf("the largest window is %s, but none is so aligned\n",
		       area_size(area, area->largest));
}

static void print_cost(const struct area *area, const struct fit *fit)
{
	const struct cost *cost = &fit->cost;

	if (!cost->is_known) {
		puts("  whether its pages would move is not known without 'map'");
		return;
	}
	if (cost->move || cost->drop)
		printf("  at most %s to be moved, %s of page cache to be dropped\n",
		       area_size(area, cost->move),
		       area_size(area, cost->drop));
	else
		puts("  nothing is to be moved");
	if (cost->stuck_most)
		printf("  even there, up to %llu page%s stuck\n",
		       cost->stuck_most,
		       cost->stuck_most == 1 ? " is" : "s are");
}

static enum answer print_fit(const struct area *area, const struct wish *wish,
			     const struct fit *fit)
{
	bool is_stuck = fit->cost.stuck_least > 0;

	printf("%s: %s: %s fit%s at 0x%llx, the best of %llu place%s\n",
	       area->label, is_stuck ? "no" : fit->cost.stuck_most ? "maybe" :
								    "yes",
	       wish_text(area, wish), is_stuck ? ", but for stuck pages," : "",
	       fit->best.start * area->page_size, fit->windows,
	       fit->windows == 1 ? "" : "s");
	print_cost(area, fit);
	return is_stuck ? ANSWER_NO : ANSWER_YES;
}

/* The length of the largest window is all that there is without debugfs. */
static enum answer judge_by_largest(const struct area *area, const struct wish *wish)
{
	u64 pages = pages_of(area, wish->bytes);
	u64 slack = (1ULL << align_order_of(area, wish)) - 1;

	if (area->largest == NOT_KNOWN) {
		printf("%s: not known: nothing tells what is held where\n",
		       area->label);
		return ANSWER_NONE;
	}
	if (pages > area->largest) {
		print_no(area, wish);
		return ANSWER_NO;
	}
	if (area->largest - pages < slack) {
		printf("%s: not known: %s: the largest window is %s, wherever it begins\n",
		       area->label, wish_text(area, wish),
		       area_size(area, area->largest));
		return ANSWER_NONE;
	}
	printf("%s: yes: %s fit: the largest window is %s\n", area->label,
	       wish_text(area, wish), area_size(area, area->largest));
	return ANSWER_YES;
}

static enum answer judge(const struct area *area, const struct wish *wish)
{
	struct fit fit;

	if (!area->has_slots)
		return judge_by_largest(area, wish);
	fit = fit_find(area, pages_of(area, wish->bytes),
		       align_order_of(area, wish));
	if (fit.windows)
		return print_fit(area, wish, &fit);
	print_no(area, wish);
	return ANSWER_NO;
}

/**
 * command_try() - say whether an allocation would fit
 * @options: the command line
 *
 * Context: once.
 * Return: EXIT_GOOD when it would fit in some area, else EXIT_BAD; ends the
 * program when there is no area.
 */
enum exit_code command_try(const struct options *options)
{
	struct wish wish = wish_of(options);
	struct areas areas = areas_get(options->argument[1]);
	bool seen[ANSWERS] = {};
	size_t i;

	for (i = 0; i < areas.nr; i++)
		seen[judge(&areas.area[i], &wish)] = true;
	if (seen[ANSWER_NONE])
		areas_explain("bitmaps");
	return seen[ANSWER_YES] ? EXIT_GOOD : EXIT_BAD;
}
