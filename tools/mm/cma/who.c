// SPDX-License-Identifier: GPL-2.0
/*
 * cma who: who holds how much.
 */
#include <stdio.h>

#include <linux/array_size.h>

#include "command.h"
#include "groups.h"
#include "table.h"

static const char * const head_groups[] = {
	"AREA", "HOLDER", "TASK", ">PID", ">SIZE", ">PIECES", ">AGE",
};

static const char * const head_each[] = {
	"AREA", "HOLDER", "TASK", ">PID", ">SIZE", ">PFN", ">AGE",
};

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
		.head = each ? head_each : head_groups,
		.nr_columns = ARRAY_SIZE(head_each),
	};
	size_t i;

	if (!groups->nr)
		return;
	groups_sort(groups);
	for (i = 0; i < groups->nr; i++)
		add_row(&table, &groups->group[i], each);
	table_print(&table);
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
		struct detail holders = detail_holders(&areas.area[i]);

		groups_collect(&groups, &areas.area[i], &holders);
		if (!holders.is_known) {
			say_unknown(&areas.area[i]);
			code = EXIT_BAD;
		}
	}
	if (!options->each)
		groups_merge(&groups);
	print(&groups, options->each);
	if (code == EXIT_GOOD && !groups.nr)
		puts("nothing is held");
	else if (code == EXIT_BAD && !areas_explain("holders"))
		message("no file 'holders': this kernel does not tell who holds pages");
	return code;
}
