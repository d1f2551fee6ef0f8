/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tables in columns as wide as they have to be.
 */
#ifndef CMA_TABLE_H
#define CMA_TABLE_H

#include <stddef.h>

#define TABLE_COLUMNS_MAX 8

/**
 * struct table - cells, row after row
 * @head: what stands over the columns; '>' in front: aligned to the right
 * @nr_columns: how many columns, at most TABLE_COLUMNS_MAX
 * @cell: the cells
 * @nr: how many cells
 * @room: how many cells fit
 */
struct table {
	const char * const *head;
	size_t nr_columns;
	const char **cell;
	size_t nr;
	size_t room;
};

void table_add(struct table *table, const char *cell);
void table_print(const struct table *table);

#endif /* CMA_TABLE_H */
