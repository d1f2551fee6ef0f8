/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Balance: keeps regular memory free for allocations that cannot use an area. By
 * hooks, kswapd and the page allocator call it before they reclaim, and ask it what
 * an allocation can get by reclaim at all; gup.c tells it what is to leave the areas
 * because it will be pinned. All else is here for the KUnit suites.
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

struct compact_control;

#ifdef CONFIG_CMA
unsigned long cma_balance_reclaim(gfp_t gfp, const struct alloc_context *ac);
bool cma_balance_kswapd(struct pglist_data *node, unsigned long *reclaimed);
unsigned long cma_balance_gain(struct zone *zone, unsigned int alloc_flags);
bool cma_balance_may_compact(const struct compact_control *cc);
int cma_balance_pin(struct list_head *folios,
		    struct migration_target_control *control);
#else
static inline unsigned long cma_balance_reclaim(gfp_t gfp,
						const struct alloc_context *ac)
{
	return 0;
}

static inline bool cma_balance_kswapd(struct pglist_data *node,
				      unsigned long *reclaimed)
{
	return false;
}

static inline unsigned long cma_balance_gain(struct zone *zone,
					     unsigned int alloc_flags)
{
	return zone_reclaimable_pages(zone);
}

static inline bool cma_balance_may_compact(const struct compact_control *cc)
{
	return true;
}

static inline int cma_balance_pin(struct list_head *folios,
				  struct migration_target_control *control)
{
	return migrate_pages(folios, alloc_migration_target, NULL,
			     (unsigned long)control, MIGRATE_SYNC,
			     control->reason, NULL);
}
#endif

/**
 * struct cma_walk - a walk over the pageblocks of a zone, in rounds
 * @zone: the zone
 * @lock: guards the following
 * @pfn: where the next block begins
 * @ended: how many rounds have ended
 * @moved: pages that this round has migrated so far
 * @partial: pages were left out in this round
 * @idle: how many rounds in a row found nothing to migrate
 * @only_cache: this round left out all but page cache, at least in part
 * @cacheless_at: when such a round found nothing, in jiffies; 0 for never
 * @stepped: when the last block was given, in jiffies
 * @at_work: blocks that somebody works on
 * @deferred: a round found nothing to migrate; the walk pauses
 * @deferred_since: since when, in jiffies
 * @deferred_for: for how long, in jiffies
 */
struct cma_walk {
	struct zone *zone;
	spinlock_t lock;		/* guards the following */
	unsigned long pfn;
	unsigned int ended;
	unsigned long moved;
	bool partial;
	unsigned int idle;
	bool only_cache;
	unsigned long cacheless_at;
	unsigned long stepped;
	unsigned int at_work;
	bool deferred;
	unsigned long deferred_since;
	unsigned long deferred_for;
};

/**
 * struct cma_evacuated - pages that were evacuated for drivers lately
 * @lock: guards the following
 * @seen: all that were evacuated since boot, when this was last brought up to date
 * @now: in this second
 * @before: the most in a second before; it halves each second
 * @since: when this second began, in jiffies
 */
struct cma_evacuated {
	spinlock_t lock;		/* guards the following */
	u64 seen;
	unsigned long now;
	unsigned long before;
	unsigned long since;
};

/**
 * struct cma_transfer - what became of a part of a pageblock, in pages
 * @gfp: what the caller may do; no file system is entered without __GFP_FS
 * @only_cache: page cache goes first: drivers get back at little cost what it has
 * @moved: migrated to an area; the old pages are free
 * @unmovable: isolated, but could not be migrated
 * @partial: pages were left out because of @gfp or @only_cache
 * @full: there was no page to migrate to
 */
struct cma_transfer {
	gfp_t gfp;
	bool only_cache;
	unsigned long moved;
	unsigned long unmovable;
	bool partial;
	bool full;
};

#if IS_ENABLED(CONFIG_KUNIT)
bool cma_balance_is_needed(int nid, gfp_t gfp);
unsigned long cma_balance_room(const struct zone *zone);
unsigned long cma_balance_step(int nid, gfp_t gfp, unsigned long nr_pages);

unsigned long cma_evacuated_add(struct cma_evacuated *evacuated,
				unsigned long nr_pages);

bool cma_walk_next(struct cma_walk *walk, struct cma_range *block);
void cma_walk_note(struct cma_walk *walk, const struct cma_transfer *transfer,
		   struct cma_range rest);
bool cma_walk_is_deferred(struct cma_walk *walk);

void cma_transfer_part(struct cma_transfer *transfer, struct cma_range part);
#endif

#endif /* __MM_CMA_BALANCE_H */
