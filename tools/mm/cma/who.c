// SPDX-License-Identifier: GPL-2.0
/*
 * cma who: who holds how much.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/array_size.h>

#include "command.h"
#include "detail.h"
#include "memory.h"
#include "table.h"

static const char * const head_groups[] = {
	"AREA", "HOLDER", "TASK", ">PID", ">SIZE", ">PIECES", ">AGE",
};

static const char * const head_each[] = {
	"AREA", "HOLDER", "TASK", ">PID", ">SIZE", ">PFN", ">AGE",
};

/**
 * struct group - what one holder has of an area
 * @area: the area
 * @holder: who; the pages of all pieces, the age of the oldest, the first pfn
 * @pieces: how many allocations
 */
struct group {
	const struct area *area;
	struct holder holder;
	u64 pieces;
};

/**
 * struct groups - all groups
 * @group: the groups
 * @nr: how many
 * @room: how many fit
 */
struct groups {
	struct group *group;
	size_t nr;
	size_t room;
};

static void add_group(struct groups *groups, const struct area *area,
		      const struct holder *holder)
{
	groups->group = memory_grow(groups->group, groups->nr, &groups->room,
				    sizeof(*groups->group));
	groups->group[groups->nr++] = (struct group){ area, *holder, 1 };
}

static int compare(u64 a, u64 b)
{
	return (a > b) - (a < b);
}

static int by_holder(const void *first, const void *second)
{
	const struct group *a = first, *b = second;
	int order = strcmp(a->area->name, b->area->name);

	if (!order)
		order = strcmp(a->holder.name, b->holder.name);
	if (!order)
		order = compare(a->holder.pid, b->holder.pid);
	if (!order)
		order = strcmp(a->holder.task, b->holder.task);
	return order;
}

/* Largest first; what is equally large stays in one order on each run. */
static int by_size(const void *first, const void *second)
{
	const struct group *a = first, *b = second;
	int order = compare(b->holder.pages, a->holder.pages);

	if (!order)
		order = compare(a->holder.pfn, b->holder.pfn);
	return order ? order : strcmp(a->area->name, b->area->name);
}

static void merge_into(struct group *group, const struct group *more)
{
	struct holder *holder = &group->holder;
	u64 age = more->holder.age_ms;

	holder->pages += more->holder.pages;
	group->pieces += more->pieces;
	if (holder->age_ms == NOT_KNOWN ||
	    (age != NOT_KNOWN && age > holder->age_ms))
		holder->age_ms = age;
	if (more->holder.pfn < holder->pfn)
		holder->pfn = more->holder.pfn;
}

static void merge(struct groups *groups)
{
	size_t from, to = 0;

	if (!groups->nr)
		return;
	qsort(groups->group, groups->nr, sizeof(*groups->group), by_holder);
	for (from = 1; from < groups->nr; from++) {
		if (by_holder(&groups->group[to], &groups->group[from]))
			groups->group[++to] = groups->group[from];
		else
			merge_into(&groups->group[to], &groups->group[from]);
	}
	groups->nr = to + 1;
}

static char *pid_of(const struct holder *holder)
{
	return holder->pid == NOT_KNOWN ? text_of("-") :
					  text_of("%llu", holder->pid);
}

static void add_row(struct table *table, const struct group *group, bool each)
{
	const struct holder *holder = &group->holder;

	table_add(table, group->area->label);
	table_add(table, text_quote(holder->name, QUOTE_TERMINAL));
	table_add(table, text_quote(holder->task, QUOTE_TERMINAL));
	table_add(table, pid_of(holder));
	table_add(table, area_size(group->area, holder->pages));
	table_add(table, each ? text_of("0x%llx", holder->pfn) :
				text_of("%llu", group->pieces));
	table_add(table, text_age(holder->age_ms));
}

static void print(struct groups *groups, bool each)
{
	struct table table = {
		each ? head_each : head_groups, ARRAY_SIZE(head_each),
		NULL, 0, 0
	};
	size_t i;

	if (!groups->nr)
		return;
	qsort(groups->group, groups->nr, sizeof(*groups->group), by_size);
	for (i = 0; i < groups->nr; i++)
		add_row(&table, &groups->group[i], each);
	table_print(&table);
}

static bool collect(struct groups *groups, const struct area *area)
{
	struct detail holders = detail_holders(area);
	size_t i;

	for (i = 0; i < holders.nr; i++)
		add_group(groups, area, &holders.holder[i]);
	return holders.is_known;
}

static void say_unknown(const struct area *area)
{
	printf("%s: %s held, nothing tells by whom\n", area->label,
	       area_size(area, area->held));
}

/**
 * command_who() - show who holds how much
 * @options: the command line
 *
 * Context: once.
 * Return: EXIT_GOOD; EXIT_BAD when this is not known of some area; ends the
 * program when there is no area.
 */
enum exit_code command_who(const struct options *options)
{
	struct areas areas = areas_get(options->argument[0]);
	enum exit_code code = EXIT_GOOD;
	struct groups groups = {};
	size_t i;

	for (i = 0; i < areas.nr; i++) {
		if (!collect(&groups, &areas.area[i])) {
			say_unknown(&areas.area[i]);
			code = EXIT_BAD;
		}
	}
	if (!options->each)
		merge(&groups);
	print(&groups, options->each);
	if (code == EXIT_GOOD && !groups.nr)
		puts("nothing is held");
	else if (code == EXIT_BAD && !areas_explain("holders"))
		message("no file 'holders': this kernel does not tell who holds pages");
	return code;
}
