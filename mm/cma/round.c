// SPDX-License-Identifier: GPL-2.0
/*
 * The page blocks of a node, round and round, see round.h.
 */
#include <linux/jiffies.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>

#include "../internal.h"
#include "round.h"

/* A round that moves less than this was in vain. */
#define CMA_ROUND_LEAST	32
/*
 * How long a node is left alone then: at least, at most, and how many times as
 * long as the round has worked.
 */
#define CMA_ROUND_PAUSE		(HZ / 4UL)
#define CMA_ROUND_LONG_PAUSE	(2UL * HZ)
#define CMA_ROUND_REST		8
/* What is longer between two steps was no work. */
#define CMA_ROUND_STEP_TIME	(HZ / 50UL + 1)

/* Page blocks that are looked at for their type under one hold of the lock. */
#define CMA_ROUND_LOOKS	512
/* Pages of one step. */
#define CMA_ROUND_STEP	min(pageblock_nr_pages, 512UL)

static bool cma_round_suits(const struct cma_round *round, struct page *page)
{
	int type = get_pageblock_migratetype(page);

	if (type == MIGRATE_MOVABLE)
		return true;
	return round->all && type < MIGRATE_PCPTYPES;
}

/* Steps end where page blocks do, wherever the node begins. */
static unsigned long cma_round_behind(unsigned long pfn)
{
	return ALIGN_DOWN(pfn, CMA_ROUND_STEP) + CMA_ROUND_STEP;
}

/* The page block at round->pfn, if it is one to look at. */
static bool cma_round_block(const struct cma_round *round,
			    struct pglist_data *node, enum zone_type highest,
			    struct cma_range *block)
{
	unsigned long end = cma_round_behind(round->pfn);
	struct page *page = pfn_to_online_page(round->pfn);
	struct zone *zone;

	if (!page)
		return false;
	zone = page_zone(page);
	end = min(end, zone_end_pfn(zone));
	if (zone->zone_pgdat != node || zone_idx(zone) > highest ||
	    round->high != is_highmem(zone))
		return false;
	if (!pageblock_pfn_to_page(round->pfn, end, zone) ||
	    !cma_round_suits(round, page))
		return false;
	*block = (struct cma_range){ round->pfn, end };
	return true;
}

static void cma_round_end(struct cma_round *round, struct pglist_data *node)
{
	bool in_vain = round->moved < CMA_ROUND_LEAST;

	if (in_vain && round->all && !round->partial) {
		round->barren = true;
		round->barren_since = jiffies;
		round->barren_for = clamp(round->worked * CMA_ROUND_REST,
					  CMA_ROUND_PAUSE,
					  CMA_ROUND_LONG_PAUSE);
	}
	round->worked = 0;
	WRITE_ONCE(round->ended, round->ended + 1);
	round->all = in_vain && !round->all;
	round->moved = 0;
	round->partial = false;
	round->pfn = node->node_start_pfn;
}

static void cma_round_count_time(struct cma_round *round)
{
	unsigned long since = jiffies - round->stepped;

	if (since <= CMA_ROUND_STEP_TIME)
		round->worked += since;
	round->stepped = jiffies;
}

/**
 * cma_round_next() - which page block is next?
 * @round: the walk over @node
 * @node: the node
 * @highest: page blocks of this zone and those below it
 * @block: the page block
 *
 * Context: any.
 * Return: true when there is one; false at the end of a round, or after
 * many that were not.
 */
bool cma_round_next(struct cma_round *round, struct pglist_data *node,
		    enum zone_type highest, struct cma_range *block)
{
	int looks = CMA_ROUND_LOOKS;
	bool found = false;

	spin_lock(&round->lock);
	cma_round_count_time(round);
	round->pfn = max(round->pfn, node->node_start_pfn);
	while (!found && looks-- && round->pfn < pgdat_end_pfn(node)) {
		found = cma_round_block(round, node, highest, block);
		round->pfn = cma_round_behind(round->pfn);
	}
	if (!found && round->pfn >= pgdat_end_pfn(node))
		cma_round_end(round, node);
	spin_unlock(&round->lock);
	return found;
}

/**
 * cma_round_moved() - tell what a page block was good for
 * @round: the walk
 * @nr_pages: how many pages were moved
 *
 * Context: any.
 */
void cma_round_moved(struct cma_round *round, unsigned long nr_pages)
{
	spin_lock(&round->lock);
	round->moved += nr_pages;
	spin_unlock(&round->lock);
}

/**
 * cma_round_skipped() - tell that a page block may be good for more than it was
 * @round: the walk
 *
 * Context: any.
 */
void cma_round_skipped(struct cma_round *round)
{
	spin_lock(&round->lock);
	round->partial = true;
	spin_unlock(&round->lock);
}

/**
 * cma_round_ended() - how many rounds have come to their end?
 * @round: the walk
 *
 * Context: any.
 * Return: a number that wraps.
 */
unsigned int cma_round_ended(struct cma_round *round)
{
	return READ_ONCE(round->ended);
}

/**
 * cma_round_is_barren() - was there nothing to move, not long ago?
 * @round: the walk
 *
 * Context: any.
 * Return: true when another round would most probably be in vain.
 */
bool cma_round_is_barren(struct cma_round *round)
{
	bool barren;

	spin_lock(&round->lock);
	if (round->barren)
		round->barren = time_in_range(jiffies, round->barren_since,
					      round->barren_since +
					      round->barren_for);
	barren = round->barren;
	spin_unlock(&round->lock);
	return barren;
}
