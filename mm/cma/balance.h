/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Balance: keeps regular memory free for allocations that cannot use an area.
 * evacuate.c tells it what it moved out of an area, and gup.c, by a hook, what is to
 * leave the areas because it will be pinned; all else is here for the KUnit suites.
 */
#ifndef __MM_CMA_BALANCE_H
#define __MM_CMA_BALANCE_H

#include <linux/atomic.h>
#include <linux/gfp_types.h>
#include <linux/migrate.h>
#include <linux/mmzone.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "../internal.h"
#include "lib/range.h"

void cma_balance_note_evacuation(int nid, unsigned long nr_pages);

#ifdef CONFIG_CMA
int cma_balance_pin(struct list_head *folios,
		    struct migration_target_control *control);
#else
static inline int cma_balance_pin(struct list_head *folios,
				  struct migration_target_control *control)
{
	return migrate_pages(folios, alloc_migration_target, NULL,
			     (unsigned long)control, MIGRATE_SYNC,
			     control->reason, NULL);
}
#endif

/**
 * struct cma_walk - a walk over the pageblocks of a node, in rounds
 * @high: true for pageblocks of high memory, false for all others
 * @lock: guards the following
 * @pfn: where the next pageblock, or part of one, begins
 * @ended: how many rounds have ended
 * @all: all pageblocks of regular memory, not only MIGRATE_MOVABLE ones
 * @moved: pages that this round has migrated so far
 * @partial: a restricted caller took part in this round
 * @stepped: when the last step was, in jiffies
 * @worked: how long this round has worked so far, in jiffies
 * @deferred: a round found nothing to migrate; the walk pauses
 * @deferred_since: since when, in jiffies
 * @deferred_for: for how long, in jiffies
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
 * @gfp: what the caller may do; no file system is entered without __GFP_FS
 * @moved: migrated to an area; the old pages are free
 * @unmovable: isolated, but could not be migrated
 */
struct cma_transfer {
	gfp_t gfp;
	unsigned long moved;
	unsigned long unmovable;
};

/**
 * struct cma_drain - the drains of all per-CPU lists, and their limits
 * @at: when the last one was asked for, in jiffies
 * @since: when the first one after a long pause was, in jiffies
 * @times: how many there were while no memory was consumed
 * @gained: regular pages that balancing has freed since the last one
 * @left: regular pages that were free after the last one
 */
struct cma_drain {
	unsigned long at;
	unsigned long since;
	unsigned int times;
	atomic_long_t gained;
	long left;
};

#if IS_ENABLED(CONFIG_KUNIT)
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
