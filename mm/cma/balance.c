// SPDX-License-Identifier: GPL-2.0
/*
 * Reclaim asks for memory that an area cannot give; what could live in an area
 * is moved there. mm/cma/lend.h is the other half: it makes movable pages go to
 * the areas to begin with, but what was allocated while drivers held them does
 * not come back by itself.
 *
 *   shrinker	called by kswapd and in direct reclaim, a batch at a time
 *   notifier	called before the OOM killer is, which gets its way only when
 *		there is nothing left to move
 *
 * Nothing is done as long as regular memory is not short: reclaim on behalf of
 * a cgroup or of drop_caches is none of our business, nor is fragmentation.
 *
 * Against moving the same pages back and forth: what was moved out of the areas
 * for drivers lately will be wanted by them again, so kswapd, which works ahead,
 * leaves that much of the areas free. Whoever needs memory at once does not.
 */
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/oom.h>
#include <linux/sched/mm.h>
#include <linux/shrinker.h>
#include <linux/slab.h>
#include <linux/swap.h>
#include <linux/vmstat.h>
#include <trace/events/cma.h>

#include "../internal.h"
#include "cma.h"
#include "drain.h"
#include "round.h"
#include "transfer.h"

/* Pages for one call of reclaim; pageblocks looked at for them. */
#define CMA_BALANCE_BATCH	512UL
#define CMA_BALANCE_BLOCKS	32
/* Fewer pages than this do not put off the OOM killer. */
#define CMA_BALANCE_LEAST	32UL
/* Rounds that the last attempt takes: one was begun by others. */
#define CMA_BALANCE_ROUNDS	3
/* So many isolated pages are no crowd, whatever else there is. */
#define CMA_BALANCE_CROWD	(4 * CMA_BALANCE_BATCH)
/* The areas are full when fewer pages than this are free in them. */
#define CMA_BALANCE_LENDABLE	64UL
/* How long an evacuation is remembered. */
#define CMA_BALANCE_MEMORY	HZ

/**
 * struct cma_balance_node - what is known of a node
 * @walks: where to look next, and whether that is in vain: low memory, high
 *	    memory
 * @drain: how often per-CPU lists were emptied for it; under oom_lock
 * @lock: guards the following
 * @evacuated: pages that were moved out of its areas lately
 * @evacuated_at: when the last ones were, in jiffies
 */
struct cma_balance_node {
	struct cma_walk walks[2];
	struct cma_drain drain;
	spinlock_t lock;	/* guards evacuated, evacuated_at */
	unsigned long evacuated;
	unsigned long evacuated_at;
};

/* One for each node; NULL where there is no area to fill. */
static struct cma_balance_node *cma_balance_nodes __ro_after_init;

/*
 * Who can use high memory gets that for as long as there is something to move
 * in it: what is free in low memory is for those who have no choice.
 */
static struct cma_walk *cma_balance_walk(int nid, gfp_t gfp)
{
	struct cma_walk *walks = cma_balance_nodes[nid].walks;
	struct zone *zone = NODE_DATA(nid)->node_zones + gfp_zone(gfp);
	bool high = is_highmem(zone) && populated_zone(zone) &&
		    !cma_walk_is_deferred(&walks[true]);

	return &walks[high];
}

/* Is each zone that will do below the mark, without its pages of areas? */
static bool cma_balance_is_below(int nid, enum zone_type highest,
				 enum zone_watermarks mark)
{
	struct pglist_data *node = NODE_DATA(nid);
	int index;

	for (index = 0; index <= highest; index++) {
		struct zone *zone = &node->node_zones[index];

		if (managed_zone(zone) &&
		    zone_watermark_ok(zone, 0, wmark_pages(zone, mark),
				      highest, 0))
			return false;
	}
	return true;
}

/**
 * cma_balance_is_needed() - is regular memory short?
 * @nid: the node
 * @gfp: what it is wanted for
 *
 * Context: any.
 * Return: true when pages of areas will not do, and there is less than the high
 * watermark without them. That is raised, as those are for an allocation, while
 * a zone gets fragmented.
 */
bool cma_balance_is_needed(int nid, gfp_t gfp)
{
	return !(gfp & __GFP_MOVABLE) &&
	       cma_balance_is_below(nid, gfp_zone(gfp), WMARK_HIGH);
}

/* What is moved stays in high memory, or out of it. */
static unsigned long cma_balance_lendable(int nid, gfp_t gfp)
{
	struct pglist_data *node = NODE_DATA(nid);
	gfp_t target = gfp & __GFP_HIGHMEM ? GFP_HIGHUSER : GFP_KERNEL;
	unsigned long room = 0;
	int index;

	for (index = 0; index <= gfp_zone(target); index++)
		room += zone_page_state(&node->node_zones[index],
					NR_FREE_CMA_PAGES);
	return room;
}

/* So many direct reclaimers at work that others would be held up by it. */
static bool cma_balance_is_crowded(struct pglist_data *node)
{
	unsigned long listed = node_page_state(node, NR_INACTIVE_ANON) +
			       node_page_state(node, NR_ACTIVE_ANON) +
			       node_page_state(node, NR_UNEVICTABLE);

	return node_page_state(node, NR_ISOLATED_ANON) >
	       max(listed / 2, CMA_BALANCE_CROWD);
}

/* Who may not do everything leaves it to others to say that it was in vain. */
static bool cma_balance_is_partial(gfp_t gfp)
{
	return !(gfp & __GFP_FS) || gfp_zone(gfp) < gfp_zone(GFP_KERNEL);
}

static void cma_balance_block(struct cma_walk *walk,
			      struct cma_transfer *transfer,
			      struct cma_range block)
{
	unsigned long moved = transfer->moved;

	cma_transfer_pageblock(transfer, block);
	cma_walk_add_moved(walk, transfer->moved - moved);
	if (cma_balance_is_partial(transfer->gfp))
		cma_walk_set_partial(walk);
}

static void cma_balance_blocks(int nid, struct cma_transfer *transfer,
			       unsigned long nr_pages, int blocks)
{
	struct cma_walk *walk = cma_balance_walk(nid, transfer->gfp);
	enum zone_type highest = gfp_zone(transfer->gfp);
	struct pglist_data *node = NODE_DATA(nid);
	struct cma_range block;

	while (transfer->moved < nr_pages && blocks-- &&
	       !cma_balance_is_crowded(node) &&
	       cma_walk_next(walk, node, highest, &block)) {
		cma_balance_block(walk, transfer, block);
		cond_resched();
	}
}

/**
 * cma_balance_pages() - move pages of regular memory into the areas
 * @nid: the node
 * @gfp: what the memory is wanted for
 * @nr_pages: how many pages; a pageblock more is possible
 *
 * Context: process context, in reclaim, too.
 * Return: how many pages became free in regular memory.
 */
unsigned long cma_balance_pages(int nid, gfp_t gfp, unsigned long nr_pages)
{
	struct cma_transfer transfer = { .gfp = gfp };

	nr_pages = min(nr_pages, cma_balance_lendable(nid, gfp));
	cma_balance_blocks(nid, &transfer, nr_pages, CMA_BALANCE_BLOCKS);
	/* It waits on lists of movable pages, where the needy do not look. */
	if (transfer.moved)
		cma_drain_local();
	cma_drain_note_gain(&cma_balance_nodes[nid].drain, transfer.moved);
	count_vm_events(CMA_BALANCE_MOVED, transfer.moved);
	count_vm_events(CMA_BALANCE_STUCK, transfer.unmovable);
	trace_cma_balance(nid, gfp, nr_pages, transfer.moved, transfer.unmovable);
	mm_account_reclaimed_pages(transfer.moved);
	return transfer.moved;
}

/* How many pages were moved out of the areas lately; @more just now. */
static unsigned long cma_balance_evacuated(struct cma_balance_node *node,
					   unsigned long more)
{
	unsigned long evacuated;

	spin_lock(&node->lock);
	if (!time_in_range(jiffies, node->evacuated_at,
			   node->evacuated_at + CMA_BALANCE_MEMORY))
		node->evacuated = 0;
	node->evacuated += more;
	if (more)
		node->evacuated_at = jiffies;
	evacuated = node->evacuated;
	spin_unlock(&node->lock);
	return evacuated;
}

/* May something be done? Counts why not. */
static bool cma_balance_is_possible(int nid, gfp_t gfp)
{
	struct cma_balance_node *node = &cma_balance_nodes[nid];
	unsigned long room = cma_balance_lendable(nid, gfp);

	if (room < CMA_BALANCE_LENDABLE)
		count_vm_event(CMA_BALANCE_REFUSED_ROOM);
	else if (cma_walk_is_deferred(cma_balance_walk(nid, gfp)))
		count_vm_event(CMA_BALANCE_REFUSED_SOURCE);
	else if (current_is_kswapd() &&
		 room < cma_balance_evacuated(node, 0) + CMA_BALANCE_LENDABLE)
		count_vm_event(CMA_BALANCE_REFUSED_QUIET);
	else
		return true;
	return false;
}

static bool cma_balance_has_area(int nid)
{
	struct pglist_data *node = NODE_DATA(nid);
	int index;

	for (index = 0; index < MAX_NR_ZONES; index++)
		if (zone_cma_pages(&node->node_zones[index]))
			return true;
	return false;
}

/* With seeks of 0, a scan is for half of what is counted: one batch. */
static unsigned long cma_balance_count(struct shrinker *shrinker,
				       struct shrink_control *sc)
{
	if (!cma_balance_has_area(sc->nid) ||
	    !cma_balance_is_needed(sc->nid, sc->gfp_mask) ||
	    !cma_balance_is_possible(sc->nid, sc->gfp_mask))
		return 0;
	return 2 * CMA_BALANCE_BATCH;
}

static unsigned long cma_balance_scan(struct shrinker *shrinker,
				      struct shrink_control *sc)
{
	unsigned long moved = cma_balance_pages(sc->nid, sc->gfp_mask,
					  sc->nr_to_scan);

	if (moved)
		return moved;
	count_vm_event(CMA_BALANCE_REFUSED_SOURCE);
	return SHRINK_STOP;
}

/*
 * What the allocation may do is not told, so no file system is entered, nor any
 * reclaim. All of the node is looked at before the OOM killer gets its way.
 */
static unsigned long cma_balance_whole_node(int nid)
{
	struct cma_walk *walk = cma_balance_walk(nid, GFP_NOIO);
	unsigned int flags = memalloc_noreclaim_save();
	unsigned int begun = cma_walk_rounds(walk);
	unsigned long freed = 0;

	while (freed < CMA_BALANCE_LEAST &&
	       cma_walk_rounds(walk) - begun < CMA_BALANCE_ROUNDS &&
	       cma_balance_lendable(nid, GFP_KERNEL) >= CMA_BALANCE_LENDABLE &&
	       !cma_balance_is_crowded(NODE_DATA(nid)))
		freed += cma_balance_pages(nid, GFP_NOIO, CMA_BALANCE_BATCH);
	memalloc_noreclaim_restore(flags);
	return freed < CMA_BALANCE_LEAST ? 0 : freed;
}

/* Reclaim without success leaves what is free but out of reach where it is. */
static bool cma_balance_is_worth_a_try(int nid)
{
	return cma_drain_all(&cma_balance_nodes[nid].drain, nid) &&
	       !cma_balance_is_below(nid, gfp_zone(GFP_KERNEL), WMARK_MIN);
}

static unsigned long cma_balance_before_oom_node(int nid)
{
	unsigned long freed = 0;

	if (cma_balance_is_needed(nid, GFP_KERNEL))
		freed = cma_balance_whole_node(nid);
	if (!freed && cma_balance_is_worth_a_try(nid))
		freed = CMA_BALANCE_LEAST;
	return freed;
}

/* Called under oom_lock. */
static int cma_balance_before_oom(struct notifier_block *block,
				  unsigned long unused, void *freed)
{
	int nid;

	for_each_online_node(nid)
		if (cma_balance_has_area(nid))
			*(unsigned long *)freed +=
				cma_balance_before_oom_node(nid);
	return NOTIFY_OK;
}

static struct notifier_block cma_balance_notifier = {
	.notifier_call = cma_balance_before_oom,
};

/**
 * cma_balance_note_evacuation() - pages were moved out of an area for a driver
 * @nid: the node
 * @nr_pages: how many
 *
 * Context: any but interrupts.
 */
void cma_balance_note_evacuation(int nid, unsigned long nr_pages)
{
	if (cma_balance_nodes && nr_pages)
		cma_balance_evacuated(&cma_balance_nodes[nid], nr_pages);
}

static int __init cma_balance_find_any(struct cma *cma, void *found)
{
	*(bool *)found |= cma_area_is_active(cma);
	return 0;
}

static struct cma_balance_node *__init cma_balance_new_nodes(void)
{
	struct cma_balance_node *nodes;
	int nid;

	nodes = kcalloc(nr_node_ids, sizeof(*nodes), GFP_KERNEL);
	for (nid = 0; nodes && nid < nr_node_ids; nid++) {
		spin_lock_init(&nodes[nid].lock);
		spin_lock_init(&nodes[nid].walks[false].lock);
		spin_lock_init(&nodes[nid].walks[true].lock);
		nodes[nid].walks[true].high = true;
	}
	return nodes;
}

static int __init cma_balance_init(void)
{
	struct cma_balance_node *nodes;
	struct shrinker *shrinker;
	bool any = false;

	cma_for_each_area(cma_balance_find_any, &any);
	if (!any)
		return 0;
	nodes = cma_balance_new_nodes();
	shrinker = shrinker_alloc(SHRINKER_NUMA_AWARE, "cma-balance");
	if (!nodes || !shrinker) {
		kfree(nodes);
		shrinker_free(shrinker);
		return -ENOMEM;
	}
	cma_balance_nodes = nodes;
	shrinker->count_objects = cma_balance_count;
	shrinker->scan_objects = cma_balance_scan;
	shrinker->batch = CMA_BALANCE_BATCH;
	shrinker->seeks = 0;
	shrinker_register(shrinker);
	return register_oom_notifier(&cma_balance_notifier);
}
subsys_initcall(cma_balance_init);
