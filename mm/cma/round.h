/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Walks the page blocks of a node in rounds: where the last call ended, the
 * next one goes on, whoever it is.
 *
 * Page blocks that are MIGRATE_MOVABLE come first. Others have movable pages
 * only if somebody was in need, so they are looked at in a round of their own
 * when a round over the former brought nothing. When neither does, the node is
 * left alone for a while, the longer the more work that was.
 *
 * High memory has a walk of its own.
 *
 * Where page blocks are huge, a part of one is a step of the walk.
 */
#ifndef __MM_CMA_ROUND_H
#define __MM_CMA_ROUND_H

#include <linux/mmzone.h>
#include <linux/spinlock.h>

#include "range.h"

/**
 * struct cma_round - where the walk over a node is
 * @high: page blocks of high memory only; else none of these
 * @lock: guards the following
 * @pfn: where the next page block, or part of one, begins
 * @ended: how many rounds there were
 * @all: all page blocks of regular memory, not only MIGRATE_MOVABLE ones
 * @moved: pages that this round has moved so far
 * @partial: somebody in this round could not do all that there is to do
 * @stepped: when the last step was, in jiffies
 * @worked: how long this round has worked so far, in jiffies
 * @barren: nothing was found to move
 * @barren_since: when that was, in jiffies
 * @barren_for: how long that counts, in jiffies
 */
struct cma_round {
	bool high;
	spinlock_t lock;		/* guards the following */
	unsigned long pfn;
	unsigned int ended;
	bool all;
	unsigned long moved;
	bool partial;
	unsigned long stepped;
	unsigned long worked;
	bool barren;
	unsigned long barren_since;
	unsigned long barren_for;
};

bool cma_round_next(struct cma_round *round, struct pglist_data *node,
		    enum zone_type highest, struct cma_range *block);
void cma_round_moved(struct cma_round *round, unsigned long nr_pages);
void cma_round_skipped(struct cma_round *round);
unsigned int cma_round_ended(struct cma_round *round);
bool cma_round_is_barren(struct cma_round *round);

#endif /* __MM_CMA_ROUND_H */
