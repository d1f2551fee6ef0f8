// SPDX-License-Identifier: GPL-2.0
/*
 * Tables on stdout, see table.h.
 */
#include <stdbool.h>
#include <stdio.h>

#include "memory.h"
#include "table.h"
#include "text.h"

/**
 * table_add() - add a cell
 * @table: the table
 * @cell: the text, safe for a terminal; must live as long as @table
 *
 * Context: any.
 */
void table_add(struct table *table, const char *cell)
{
	table->cell = memory_grow(table->cell, table->nr, &table->room,
				  sizeof(*table->cell));
	table->cell[table->nr++] = cell;
}

static bool is_right(const struct table *table, size_t column)
{
	return *table->head[column] == '>';
}

static const char *title_of(const struct table *table, size_t column)
{
	return table->head[column] + is_right(table, column);
}

static size_t width_of(const struct table *table, size_t column)
{
	size_t width = text_width(title_of(table, column));
	size_t i;

	for (i = column; i < table->nr; i += table->nr_columns)
		if (text_width(table->cell[i]) > width)
			width = text_width(table->cell[i]);
	return width;
}

static void print_cell(const struct table *table, size_t column,
		       const char *cell, size_t width)
{
	int pad = (int)(width - text_width(cell));

	if (column)
		fputs("  ", stdout);
	if (is_right(table, column))
		printf("%*s%s", pad, "", cell);
	else if (column + 1 < table->nr_columns)
		printf("%s%*s", cell, pad, "");
	else
		fputs(cell, stdout);
}

/**
 * table_print() - write a table to stdout
 * @table: the table; its last row is complete
 *
 * Context: any.
 */
void table_print(const struct table *table)
{
	size_t width[TABLE_COLUMNS_MAX];
	size_t column, i;

	for (column = 0; column < table->nr_columns; column++) {
		width[column] = width_of(table, column);
		print_cell(table, column, title_of(table, column),
			   width[column]);
	}
	putchar('\n');
	for (i = 0; i < table->nr; i++) {
		column = i % table->nr_columns;
		print_cell(table, column, table->cell[i], width[column]);
		if (column + 1 == table->nr_columns)
			putchar('\n');
	}
}
