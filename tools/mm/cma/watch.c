// SPDX-License-Identifier: GPL-2.0
/*
 * cma watch: a table every few seconds, with what happened since the last one.
 */
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/array_size.h>

#include "command.h"
#include "memory.h"
#include "table.h"

#define SECONDS_MAX 86400
/* What was there is written over, so that nothing flickers. */
#define TO_TOP "\033[H"
#define CLEAR_LINE "\033[K\n"
#define CLEAR_BELOW "\033[J"
/* What is compared between two tables. */
#define AREAS_MAX 64

static const char * const head[] = {
	"AREA", ">SIZE", ">HELD", ">PEAK", ">LARGEST", ">GIVEN", ">RETURNED",
	">REFUSED",
};

/* On a narrow screen, these columns are left out first. */
static const unsigned char spare[] = { 3, 4, 6, 1, 5, 7, 0 };
/* As wide as most sizes get, so that no column moves when one changes. */
#define SIZE_WIDTH 6

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

/* Not all terminals on a serial line know their size: then it is 0. */
static struct winsize screen_size(void)
{
	struct winsize size = {};

	ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
	return size;
}

/*
 * What is on the screen is pushed up, out of it. From then on all of a table
 * goes to the terminal at once.
 */
static void screen_begin(void)
{
	unsigned short rows = screen_size().ws_row;
	int i;

	setvbuf(stdout, NULL, _IOFBF, 1 << 16);
	message_keep();
	for (i = 0; i < (rows ? rows : 24); i++)
		putchar('\n');
}

static void print_screen(struct table *table, size_t more)
{
	struct winsize size = screen_size();

	table->least = SIZE_WIDTH;
	table->end = CLEAR_LINE;
	/* At the end of a full line, CLEAR_LINE takes its last character. */
	if (size.ws_col)
		table_fit(table, size.ws_col - 1U, spare);
	fputs(TO_TOP, stdout);
	table_print(table);
	if (more)
		printf("and %zu more" CLEAR_LINE, more);
	fputs(CLEAR_BELOW, stdout);
}

/* The head, a line for the rest of the areas, and the cursor have theirs. */
static size_t rows_of(const struct areas *areas)
{
	size_t rows = isatty(STDOUT_FILENO) ? screen_size().ws_row : 0;

	if (!rows || areas->nr + 2 <= rows)
		return areas->nr;
	return rows > 4 ? rows - 3 : 1;
}

/* Returns how many rows of the screen are left, but for that of the cursor. */
static size_t show(void)
{
	struct table table = { .head = head, .nr_columns = ARRAY_SIZE(head) };
	struct areas areas = areas_get(NULL);
	size_t rows = rows_of(&areas), i;

	for (i = 0; i < rows; i++)
		add_row(&table, &areas, i);
	if (isatty(STDOUT_FILENO))
		print_screen(&table, areas.nr - rows);
	else
		table_print(&table);
	remember(&areas);
	rows += rows < areas.nr ? 3 : 2;
	return screen_size().ws_row > rows ? screen_size().ws_row - rows : 0;
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
	size_t rest;
	u64 shown;

	if (isatty(STDOUT_FILENO))
		screen_begin();
	for (shown = 0; shown < options->count; shown++) {
		if (shown)
			sleep((unsigned int)seconds);
		if (shown && !isatty(STDOUT_FILENO))
			putchar('\n');
		rest = show();
		if (fflush(stdout))
			return EXIT_BAD;
		message_show(rest);
		memory_release(mark);
	}
	return EXIT_GOOD;
}
