/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Walks the pageblocks of a node in rounds: where the last call ended, the
 * next one goes on, whoever it is.
 *
 * Pageblocks that are MIGRATE_MOVABLE come first. Others have movable pages
 * only if somebody was in need, so they are looked at in a round of their own
 * when a round over the former brought nothing. When neither does, the node is
 * left alone for a while, the longer the more work that was.
 *
 * High memory has a walk of its own.
 *
 * Where pageblocks are huge, a part of one is a step of the walk.
 */
#ifndef __MM_CMA_ROUND_H
#define __MM_CMA_ROUND_H

#include <linux/mmzone.h>
#include <linux/spinlock.h>

#include "lib/range.h"

/**
 * struct cma_walk - where the walk over a node is
 * @high: pageblocks of high memory only; else none of these
 * @lock: guards the following
 * @pfn: where the next pageblock, or part of one, begins
 * @ended: how many rounds there were
 * @all: all pageblocks of regular memory, not only MIGRATE_MOVABLE ones
 * @moved: pages that this round has moved so far
 * @partial: somebody in this round could not do all that there is to do
 * @stepped: when the last step was, in jiffies
 * @worked: how long this round has worked so far, in jiffies
 * @deferred: nothing was found to move
 * @deferred_since: when that was, in jiffies
 * @deferred_for: how long that counts, in jiffies
 */
struct cma_walk {
	bool high;
	spinlock_t lock;		/* guards the following */
	unsigned long pfn;
	unsigned int ended;
	bool all;
	unsigned long moved;
	bool partial;
	unsigned long stepped;
	unsigned long worked;
	bool deferred;
	unsigned long deferred_since;
	unsigned long deferred_for;
};

bool cma_walk_next(struct cma_walk *walk, struct pglist_data *node,
		   enum zone_type highest, struct cma_range *block);
void cma_walk_add_moved(struct cma_walk *walk, unsigned long nr_pages);
void cma_walk_set_partial(struct cma_walk *walk);
unsigned int cma_walk_rounds(struct cma_walk *walk);
bool cma_walk_is_deferred(struct cma_walk *walk);

#endif /* __MM_CMA_ROUND_H */
