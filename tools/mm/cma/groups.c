// SPDX-License-Identifier: GPL-2.0
/*
 * Who holds how much, see groups.h.
 */
#include <stdlib.h>
#include <string.h>

#include "groups.h"
#include "memory.h"

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

/**
 * groups_merge() - add up the pieces of each holder
 * @groups: one group for each piece
 *
 * Context: any.
 */
void groups_merge(struct groups *groups)
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

/**
 * groups_sort() - put the largest first
 * @groups: the groups
 *
 * Context: any.
 */
void groups_sort(struct groups *groups)
{
	if (groups->nr)
		qsort(groups->group, groups->nr, sizeof(*groups->group), by_size);
}

/**
 * groups_collect() - add a group for each piece of an area
 * @groups: the groups
 * @area: the area
 * @holders: who holds it
 *
 * Context: any.
 */
void groups_collect(struct groups *groups, const struct area *area,
		    const struct detail *holders)
{
	size_t i;

	for (i = 0; i < holders->nr; i++)
		add_group(groups, area, &holders->holder[i]);
}
