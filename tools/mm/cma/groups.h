/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who holds how much, all pieces of one holder added up.
 */
#ifndef CMA_GROUPS_H
#define CMA_GROUPS_H

#include "detail.h"

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

void groups_collect(struct groups *groups, const struct area *area,
		    const struct detail *holders);
void groups_merge(struct groups *groups);
void groups_sort(struct groups *groups);

#endif /* CMA_GROUPS_H */
