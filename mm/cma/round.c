// SPDX-License-Identifier: GPL-2.0
/*
 * The pageblocks of a node, round and round, see round.h.
 */
#include <linux/jiffies.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>

#include "../internal.h"
#include "round.h"

/* A round that moves less than this was in vain. */
#define CMA_WALK_LEAST	32
/*
 * How long a node is left alone then: at least, at most, and how many times as
 * long as the round has worked.
 */
#define CMA_WALK_PAUSE		(HZ / 4UL)
#define CMA_WALK_LONG_PAUSE	(2UL * HZ)
#define CMA_WALK_REST		8
/* What is longer between two steps was no work. */
#define CMA_WALK_STEP_TIME	(HZ / 50UL + 1)

/* Pageblocks that are looked at for their type under one hold of the lock. */
#define CMA_WALK_LOOKS	512
/* Pages of one step. */
#define CMA_WALK_STEP	min(pageblock_nr_pages, 512UL)

static bool cma_walk_suits(const struct cma_walk *walk, struct page *page)
{
	int type = get_pageblock_migratetype(page);

	if (type == MIGRATE_MOVABLE)
		return true;
	return walk->all && type < MIGRATE_PCPTYPES;
}

/* Steps end where pageblocks do, wherever the node begins. */
static unsigned long cma_walk_next_pfn(unsigned long pfn)
{
	return ALIGN_DOWN(pfn, CMA_WALK_STEP) + CMA_WALK_STEP;
}

/* The pageblock at round->pfn, if it is one to look at. */
static bool cma_walk_pageblock(const struct cma_walk *walk,
			       struct pglist_data *node, enum zone_type highest,
			    struct cma_range *block)
{
	unsigned long end = cma_walk_next_pfn(walk->pfn);
	struct page *page = pfn_to_online_page(walk->pfn);
	struct zone *zone;

	if (!page)
		return false;
	zone = page_zone(page);
	end = min(end, zone_end_pfn(zone));
	if (zone->zone_pgdat != node || zone_idx(zone) > highest ||
	    walk->high != is_highmem(zone))
		return false;
	if (!pageblock_pfn_to_page(walk->pfn, end, zone) ||
	    !cma_walk_suits(walk, page))
		return false;
	*block = (struct cma_range){ walk->pfn, end };
	return true;
}

static void cma_walk_end_round(struct cma_walk *walk, struct pglist_data *node)
{
	bool unproductive = walk->moved < CMA_WALK_LEAST;

	if (unproductive && walk->all && !walk->partial) {
		walk->deferred = true;
		walk->deferred_since = jiffies;
		walk->deferred_for = clamp(walk->worked * CMA_WALK_REST,
					   CMA_WALK_PAUSE,
					  CMA_WALK_LONG_PAUSE);
	}
	walk->worked = 0;
	WRITE_ONCE(walk->ended, walk->ended + 1);
	walk->all = unproductive && !walk->all;
	walk->moved = 0;
	walk->partial = false;
	walk->pfn = node->node_start_pfn;
}

static void cma_walk_count_time(struct cma_walk *walk)
{
	unsigned long since = jiffies - walk->stepped;

	if (since <= CMA_WALK_STEP_TIME)
		walk->worked += since;
	walk->stepped = jiffies;
}

/**
 * cma_walk_next() - which pageblock is next?
 * @walk: the walk over @node
 * @node: the node
 * @highest: pageblocks of this zone and those below it
 * @block: the pageblock
 *
 * Context: any.
 * Return: true when there is one; false at the end of a round, or after
 * many that were not.
 */
bool cma_walk_next(struct cma_walk *walk, struct pglist_data *node,
		   enum zone_type highest, struct cma_range *block)
{
	int looks = CMA_WALK_LOOKS;
	bool found = false;

	spin_lock(&walk->lock);
	cma_walk_count_time(walk);
	walk->pfn = max(walk->pfn, node->node_start_pfn);
	while (!found && looks-- && walk->pfn < pgdat_end_pfn(node)) {
		found = cma_walk_pageblock(walk, node, highest, block);
		walk->pfn = cma_walk_next_pfn(walk->pfn);
	}
	if (!found && walk->pfn >= pgdat_end_pfn(node))
		cma_walk_end_round(walk, node);
	spin_unlock(&walk->lock);
	return found;
}

/**
 * cma_walk_add_moved() - tell what a pageblock was good for
 * @walk: the walk
 * @nr_pages: how many pages were moved
 *
 * Context: any.
 */
void cma_walk_add_moved(struct cma_walk *walk, unsigned long nr_pages)
{
	spin_lock(&walk->lock);
	walk->moved += nr_pages;
	spin_unlock(&walk->lock);
}

/**
 * cma_walk_set_partial() - tell that a pageblock may be good for more than it was
 * @walk: the walk
 *
 * Context: any.
 */
void cma_walk_set_partial(struct cma_walk *walk)
{
	spin_lock(&walk->lock);
	walk->partial = true;
	spin_unlock(&walk->lock);
}

/**
 * cma_walk_rounds() - how many rounds have come to their end?
 * @walk: the walk
 *
 * Context: any.
 * Return: a number that wraps.
 */
unsigned int cma_walk_rounds(struct cma_walk *walk)
{
	return READ_ONCE(walk->ended);
}

/**
 * cma_walk_is_deferred() - was there nothing to move, not long ago?
 * @walk: the walk
 *
 * Context: any.
 * Return: true when another round would most probably be in vain.
 */
bool cma_walk_is_deferred(struct cma_walk *walk)
{
	bool deferred;

	spin_lock(&walk->lock);
	if (walk->deferred)
		walk->deferred = time_in_range(jiffies, walk->deferred_since,
					       walk->deferred_since +
					      walk->deferred_for);
	deferred = walk->deferred;
	spin_unlock(&walk->lock);
	return deferred;
}
