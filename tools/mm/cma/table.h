/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tables in columns as wide as they have to be.
 */
#ifndef CMA_TABLE_H
#define CMA_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#define TABLE_COLUMNS_MAX 8

/**
 * struct table - cells, row after row
 * @head: what stands over the columns; '>' in front: aligned to the right
 * @nr_columns: how many columns, at most TABLE_COLUMNS_MAX
 * @cell: the cells
 * @nr: how many cells
 * @room: how many cells fit
 * @least: how wide a column that is aligned to the right is at least
 * @most: how wide the first column is at most, 0 for no limit
 * @is_hidden: the columns that are left out
 * @end: what ends a line, NULL for a newline
 */
struct table {
	const char * const *head;
	size_t nr_columns;
	const char **cell;
	size_t nr;
	size_t room;
	size_t least;
	size_t most;
	bool is_hidden[TABLE_COLUMNS_MAX];
	const char *end;
};

void table_add(struct table *table, const char *cell);
void table_fit(struct table *table, size_t columns, const unsigned char *spare);
void table_print(const struct table *table);

#endif /* CMA_TABLE_H */
