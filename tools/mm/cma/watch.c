// SPDX-License-Identifier: GPL-2.0
/*
 * cma watch: a table every few seconds, with what happened since the last one.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/array_size.h>

#include "command.h"
#include "memory.h"
#include "table.h"

#define SECONDS_MAX 86400
#define CLEAR_SCREEN "\033[H\033[J"
/* What is compared between two tables. */
#define AREAS_MAX 64

static const char * const head[] = {
	"AREA", ">SIZE", ">HELD", ">PEAK", ">LARGEST", ">GIVEN", ">RETURNED",
	">REFUSED",
};

static const enum area_number counters[] = {
	AREA_ALLOCATED, AREA_RELEASED, AREA_REFUSED,
};

/* Lives from table to table, so it has no part in memory that is released. */
static struct {
	size_t nr;
	u64 count[AREAS_MAX][ARRAY_SIZE(counters)];
} before;

/* An area does not come or go, and a counter does not run backwards. */
static u64 change_of(const struct areas *areas, size_t i, size_t counter)
{
	u64 now = areas->area[i].number[counters[counter]];
	u64 then;

	if (i >= AREAS_MAX || before.nr != areas->nr || now == NOT_KNOWN)
		return NOT_KNOWN;
	then = before.count[i][counter];
	return then == NOT_KNOWN || then > now ? NOT_KNOWN : now - then;
}

static void remember(const struct areas *areas)
{
	size_t i, counter;

	for (i = 0; i < areas->nr && i < AREAS_MAX; i++)
		for (counter = 0; counter < ARRAY_SIZE(counters); counter++)
			before.count[i][counter] =
				areas->area[i].number[counters[counter]];
	before.nr = areas->nr;
}

static void add_row(struct table *table, const struct areas *areas, size_t i)
{
	const struct area *area = &areas->area[i];
	size_t counter;

	table_add(table, area->label);
	table_add(table, area_size(area, area->pages));
	table_add(table, area_size(area, area->held));
	table_add(table, area_size(area, area->peak));
	table_add(table, area_size(area, area->largest));
	for (counter = 0; counter < ARRAY_SIZE(counters); counter++)
		table_add(table, area_size(area,
					   change_of(areas, i, counter)));
}

static void show(void)
{
	struct table table = { head, ARRAY_SIZE(head), NULL, 0, 0 };
	struct areas areas = areas_get(NULL);
	size_t i;

	for (i = 0; i < areas.nr; i++)
		add_row(&table, &areas, i);
	if (isatty(STDOUT_FILENO))
		fputs(CLEAR_SCREEN, stdout);
	table_print(&table);
	remember(&areas);
}

static u64 seconds_of(const char *text)
{
	u64 seconds = 2;

	if (!text)
		return seconds;
	if (!span_number((struct span){ text, text + strlen(text) },
			 &seconds) || !seconds || seconds > SECONDS_MAX)
		message_exit(EXIT_USAGE, "cma watch %s: not a number of seconds from 1 to %d",
			     text_quote(text, QUOTE_TERMINAL), SECONDS_MAX);
	return seconds;
}

/**
 * command_watch() - show the areas again and again
 * @options: the command line
 *
 * Context: once.
 * Return: EXIT_GOOD after as many tables as were asked for; EXIT_BAD when
 * nobody reads them any more; ends the program when there is no area.
 */
enum exit_code command_watch(const struct options *options)
{
	u64 seconds = seconds_of(options->argument[0]);
	struct memory_mark mark = memory_mark();
	u64 shown;

	for (shown = 0; shown < options->count; shown++) {
		if (shown)
			sleep((unsigned int)seconds);
		if (shown && !isatty(STDOUT_FILENO))
			putchar('\n');
		show();
		if (fflush(stdout))
			return EXIT_BAD;
		memory_release(mark);
	}
	return EXIT_GOOD;
}
