// SPDX-License-Identifier: GPL-2.0
/*
 * Empties per-CPU lists of free pages, see drain.h, and undoes what else keeps
 * free pages from those who are in need.
 */
#include <linux/gfp.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/preempt.h>
#include <linux/vmstat.h>

#include "drain.h"

/*
 * How often while nothing is used up, and for how long at all. Who allocates has
 * pages there again at once, so it could go on like this for ever.
 */
#define CMA_DRAIN_TIMES	3
#define CMA_DRAIN_MOST	(10UL * HZ)
/* After such a pause it is another matter. */
#define CMA_DRAIN_PAUSE	(10UL * HZ)
/* Fewer pages than this are a matter of chance. */
#define CMA_DRAIN_LEAST	32L

/**
 * cma_drain_local() - empty the lists of this CPU
 *
 * Context: process context.
 */
void cma_drain_local(void)
{
	migrate_disable();
	drain_local_pages(NULL);
	migrate_enable();
}

static long cma_drain_regular_free(int nid)
{
	return sum_zone_node_page_state(nid, NR_FREE_PAGES) -
	       sum_zone_node_page_state(nid, NR_FREE_CMA_PAGES);
}

/*
 * Watermarks are boosted to set kswapd to work, which may have given up. What is
 * free below them then is out of reach, too.
 */
static void cma_drain_clear_watermark_boost(struct pglist_data *node)
{
	unsigned long flags;
	struct zone *zone;

	for (zone = node->node_zones; zone < node->node_zones + MAX_NR_ZONES;
	     zone++) {
		spin_lock_irqsave(&zone->lock, flags);
		zone->watermark_boost = 0;
		spin_unlock_irqrestore(&zone->lock, flags);
	}
}

/**
 * cma_drain_note_gain() - regular pages were made free
 * @drain: the node they are of
 * @nr_pages: how many
 *
 * They do not hide that others were used up.
 *
 * Context: any.
 */
void cma_drain_note_gain(struct cma_drain *drain, unsigned long nr_pages)
{
	atomic_long_add(nr_pages, &drain->gained);
}

/* Is there less now than there would be if nobody had taken any? */
static bool cma_drain_is_used_up(struct cma_drain *drain, long left)
{
	long expected = drain->left + atomic_long_xchg(&drain->gained, 0);

	drain->left = left;
	return left + CMA_DRAIN_LEAST <= expected;
}

static bool cma_drain_is_habit(struct cma_drain *drain)
{
	if (!time_in_range(jiffies, drain->at, drain->at + CMA_DRAIN_PAUSE)) {
		drain->times = 0;
		drain->since = jiffies;
	}
	drain->at = jiffies;
	return drain->times >= CMA_DRAIN_TIMES ||
	       time_after(jiffies, drain->since + CMA_DRAIN_MOST);
}

/**
 * cma_drain_all() - empty the lists of all CPUs, unless that has become a habit
 * @drain: how often it was done; zeroed at first
 * @nid: the node that is in need of pages; its watermarks are not raised any more
 *
 * Context: process context; sleeps. The caller guards @drain.
 * Return: false when it has, and nothing was done.
 */
bool cma_drain_all(struct cma_drain *drain, int nid)
{
	if (cma_drain_is_habit(drain))
		return false;
	drain_all_pages(NULL);
	cma_drain_clear_watermark_boost(NODE_DATA(nid));
	if (cma_drain_is_used_up(drain, cma_drain_regular_free(nid)))
		drain->times = 0;
	drain->times++;
	return true;
}
