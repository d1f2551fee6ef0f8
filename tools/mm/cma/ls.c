// SPDX-License-Identifier: GPL-2.0
/*
 * cma ls: a line an area.
 */
#include <linux/array_size.h>

#include "command.h"
#include "table.h"

static const char * const head[] = {
	"AREA", "BASE", ">SIZE", ">HELD", ">PEAK", ">LARGEST", ">READY", ">FAIL",
};

static char *base_of(const struct area *area)
{
	if (area->base_pfn == NOT_KNOWN)
		return text_of("-");
	return text_of("0x%llx", area->base_pfn * area->page_size);
}

/* Stock counts pages, not calls: the letter tells them apart. */
static char *failures_of(const struct area *area)
{
	if (area->fail_calls != NOT_KNOWN)
		return text_of("%llu", area->fail_calls);
	if (area->number[AREA_REFUSED] != NOT_KNOWN)
		return text_of("%llup", area->number[AREA_REFUSED]);
	return text_of("-");
}

static void add_row(struct table *table, const struct area *area)
{
	table_add(table, area->label);
	table_add(table, base_of(area));
	table_add(table, area_size(area, area->pages));
	table_add(table, area_size(area, area->held));
	table_add(table, area_size(area, area->peak));
	table_add(table, area_size(area, area->largest));
	table_add(table, area_size(area, area->number[AREA_READY]));
	table_add(table, failures_of(area));
}

/**
 * command_ls() - list the areas
 * @options: the command line
 *
 * Context: once.
 * Return: EXIT_GOOD; ends the program when there is no area.
 */
enum exit_code command_ls(const struct options *options)
{
	struct table table = { .head = head, .nr_columns = ARRAY_SIZE(head) };
	struct areas areas = areas_get(NULL);
	size_t i;

	(void)options;
	for (i = 0; i < areas.nr; i++)
		add_row(&table, &areas.area[i]);
	table_print(&table);
	areas_explain("bases");
	return EXIT_GOOD;
}
