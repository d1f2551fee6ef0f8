/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Keeps regular memory free for allocations that cannot use an area. All but the
 * first function is here for the suites.
 */
#ifndef __MM_CMA_BALANCE_H
#define __MM_CMA_BALANCE_H

#include <linux/atomic.h>
#include <linux/gfp_types.h>
#include <linux/mmzone.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "lib/range.h"

void cma_balance_note_evacuation(int nid, unsigned long nr_pages);

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

/**
 * struct cma_transfer - what became of a pageblock, in pages
 * @gfp: what reclaim may do; file systems are for those only who may enter them
 * @moved: are in an area now; where they were is free
 * @unmovable: could be moved by the looks of them, and could not
 */
struct cma_transfer {
	gfp_t gfp;
	unsigned long moved;
	unsigned long unmovable;
};

/**
 * struct cma_drain - how often all of these lists were emptied
 * @at: the last time that somebody wanted it, in jiffies
 * @since: the first time, with no long pause in between
 * @times: how often, with nothing being used up
 * @gained: pages that were made free by others since
 * @left: regular pages that were free after the last time
 */
struct cma_drain {
	unsigned long at;
	unsigned long since;
	unsigned int times;
	atomic_long_t gained;
	long left;
};

#if IS_ENABLED(CONFIG_CMA_KUNIT_TEST)
bool cma_balance_is_needed(int nid, gfp_t gfp);
unsigned long cma_balance_pages(int nid, gfp_t gfp, unsigned long nr_pages);

bool cma_walk_next(struct cma_walk *walk, struct pglist_data *node,
		   enum zone_type highest, struct cma_range *block);
void cma_walk_add_moved(struct cma_walk *walk, unsigned long nr_pages);
void cma_walk_set_partial(struct cma_walk *walk);
unsigned int cma_walk_rounds(struct cma_walk *walk);
bool cma_walk_is_deferred(struct cma_walk *walk);

void cma_transfer_pageblock(struct cma_transfer *transfer,
			    struct cma_range block);

void cma_drain_local(void);
void cma_drain_note_gain(struct cma_drain *drain, unsigned long nr_pages);
bool cma_drain_and_unboost(struct cma_drain *drain, int nid);
#endif

#endif /* __MM_CMA_BALANCE_H */
