// SPDX-License-Identifier: GPL-2.0
/*
 * Tables on stdout, see table.h.
 */
#include <stdio.h>
#include <string.h>

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
	if (is_right(table, column) && width < table->least)
		width = table->least;
	if (!column && table->most && width > table->most)
		width = table->most;
	return width;
}

static size_t width_of_all(const struct table *table)
{
	size_t width = width_of(table, 0), column;

	for (column = 1; column < table->nr_columns; column++)
		if (!table->is_hidden[column])
			width += 2 + width_of(table, column);
	return width;
}

/**
 * table_fit() - leave out columns until the others fit
 * @table: the table; all of its rows are there
 * @columns: how wide it may be
 * @spare: the columns that may be left out, in that order, and 0
 *
 * If that is not enough, cells of the first column are cut off.
 *
 * Context: any.
 */
void table_fit(struct table *table, size_t columns, const unsigned char *spare)
{
	size_t rest;

	for (; *spare && width_of_all(table) > columns; spare++)
		table->is_hidden[*spare] = true;
	if (width_of_all(table) <= columns)
		return;
	rest = width_of_all(table) - width_of(table, 0);
	table->most = columns > rest + 2 ? columns - rest : 2;
}

static void print_left(const char *cell, size_t width, bool is_last)
{
	size_t len = strlen(cell), used = text_width(cell);

	if (used > width) {
		len = text_fit(cell, width - 1);
		cell = text_of("%.*s~", (int)len, cell);
		used = text_width(cell);
	}
	printf("%s%*s", cell, is_last ? 0 : (int)(width - used), "");
}

static void print_cell(const struct table *table, size_t column,
		       const char *cell, size_t width)
{
	if (table->is_hidden[column])
		return;
	if (column)
		fputs("  ", stdout);
	if (is_right(table, column))
		printf("%*s%s", (int)(width - text_width(cell)), "", cell);
	else
		print_left(cell, width, column + 1 == table->nr_columns);
}

static void end_line(const struct table *table)
{
	fputs(table->end ? table->end : "\n", stdout);
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
	end_line(table);
	for (i = 0; i < table->nr; i++) {
		column = i % table->nr_columns;
		print_cell(table, column, table->cell[i], width[column]);
		if (column + 1 == table->nr_columns)
			end_line(table);
	}
}
