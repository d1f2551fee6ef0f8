// SPDX-License-Identifier: GPL-2.0
/*
 * Balance: when regular memory is short, movable pages are migrated from there
 * to the areas. mm/cma/lend.h is the other half: it lets movable allocations
 * use the areas first. But pages that were allocated in regular memory while
 * drivers held the areas do not move by themselves.
 *
 *   shrinker	called by kswapd and in direct reclaim, a batch at a time
 *   notifier	called before the OOM killer, which runs only when nothing is
 *		left to migrate
 *
 * Balancing does nothing while regular memory is not short: it ignores reclaim
 * for a cgroup or for drop_caches, and fragmentation.
 *
 * So that pages are not migrated back and forth, kswapd leaves as many area
 * pages free, for one second, as were evacuated for drivers: these will
 * probably want them again. Direct reclaim and the OOM notifier ignore this
 * limit.
 */
#include <linux/atomic.h>
#include <kunit/visibility.h>
#include <linux/gfp.h>
#include <linux/gfp_types.h>
#include <linux/hugetlb.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/memory_hotplug.h>
#include <linux/migrate.h>
#include <linux/mm.h>
#include <linux/mm_inline.h>
#include <linux/mmzone.h>
#include <linux/oom.h>
#include <linux/preempt.h>
#include <linux/sched/mm.h>
#include <linux/shrinker.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/swap.h>
#include <linux/types.h>
#include <linux/vmstat.h>
#include <trace/events/cma.h>

#include "../internal.h"
#include "balance.h"
#include "cma.h"
#include "engine.h"

/* A round that migrates fewer pages than this was unproductive. */
#define CMA_WALK_LEAST	32
/*
 * For how long the walk is deferred then: at least, at most, and how many times
 * as long as the round has worked.
 */
#define CMA_WALK_PAUSE		(HZ / 4UL)
#define CMA_WALK_LONG_PAUSE	(2UL * HZ)
#define CMA_WALK_REST		8
/* More time than this between two steps does not count as work. */
#define CMA_WALK_STEP_TIME	(HZ / 50UL + 1)

/* Most pageblocks to check for their type under one hold of the lock. */
#define CMA_WALK_LOOKS	512
/* Pages of one step. */
#define CMA_WALK_STEP	min(pageblock_nr_pages, 512UL)

static bool cma_walk_suits(const struct cma_walk *walk, struct page *page)
{
	switch (get_pageblock_migratetype(page)) {
	case MIGRATE_MOVABLE:
		return true;
	case MIGRATE_UNMOVABLE:
	case MIGRATE_RECLAIMABLE:
		return walk->all;
	default:
		return false;
	}
}

/* A step ends where a pageblock ends, wherever the node begins. */
static unsigned long cma_walk_next_pfn(unsigned long pfn)
{
	return ALIGN_DOWN(pfn, CMA_WALK_STEP) + CMA_WALK_STEP;
}

/* The pageblock at walk->pfn, if it is suitable. */
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

/*
 * False at the end of the node, or after CMA_WALK_LOOKS unsuitable pageblocks
 * in a row.
 */
VISIBLE_IF_KUNIT bool
cma_walk_next(struct cma_walk *walk, struct pglist_data *node,
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

VISIBLE_IF_KUNIT void cma_walk_add_moved(struct cma_walk *walk,
					 unsigned long nr_pages)
{
	spin_lock(&walk->lock);
	walk->moved += nr_pages;
	spin_unlock(&walk->lock);
}

VISIBLE_IF_KUNIT void cma_walk_set_partial(struct cma_walk *walk)
{
	spin_lock(&walk->lock);
	walk->partial = true;
	spin_unlock(&walk->lock);
}

VISIBLE_IF_KUNIT unsigned int cma_walk_rounds(struct cma_walk *walk)
{
	return READ_ONCE(walk->ended);
}

VISIBLE_IF_KUNIT bool cma_walk_is_deferred(struct cma_walk *walk)
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

/**
 * struct cma_transfer_control - a transfer at work
 * @folios: isolated, to be migrated
 * @isolated: how many of them were isolated one by one
 * @targets: pages of the areas
 * @large: a large folio of the areas, for the last of @folios
 * @transfer: the result
 */
struct cma_transfer_control {
	struct list_head folios;
	unsigned int isolated;
	struct cma_targets targets;
	struct folio *large;
	struct cma_transfer *transfer;
};

static struct folio *cma_transfer_target(struct folio *src, unsigned long data)
{
	struct cma_transfer_control *control = (void *)data;
	struct folio *dst = control->large;

	if (!folio_test_large(src))
		return cma_target_get(src, (unsigned long)&control->targets);
	control->large = NULL;
	return dst;
}

/* Migration may ask for the same large folio again. */
static void cma_transfer_put(struct folio *dst, unsigned long data)
{
	struct cma_transfer_control *control = (void *)data;

	if (folio_test_large(dst) && !control->large)
		control->large = dst;
	else
		cma_target_put(dst, (unsigned long)&control->targets);
}

static void cma_transfer_drop_large(struct cma_transfer_control *control)
{
	if (control->large)
		folio_put(control->large);
	control->large = NULL;
}

/* Targets are free at once or not at all. */
#define CMA_TRANSFER_GFP (__GFP_NOWARN | \
			  (GFP_HIGHUSER_MOVABLE & ~__GFP_RECLAIM))

/* Migrate the isolated folios, and put back those that could not be. */
static void cma_transfer_list(struct cma_transfer_control *control)
{
	unsigned int moved = 0;
	struct folio *folio;

	if (list_empty(&control->folios))
		return;
	cma_targets_fill(&control->targets, list_count_nodes(&control->folios));
	migrate_pages(&control->folios, cma_transfer_target, cma_transfer_put,
		      (unsigned long)control, MIGRATE_ASYNC, MR_CONTIG_RANGE,
		      &moved);
	control->transfer->moved += moved;
	list_for_each_entry(folio, &control->folios, lru)
		control->transfer->unmovable += folio_nr_pages(folio);
	putback_movable_pages(&control->folios);
	cma_transfer_drop_large(control);
	control->isolated = 0;
}

/*
 * Migrate the common folios; returns how many pages in use are left, 0 when there
 * is no page to migrate to.
 */
static unsigned long cma_transfer_common(struct cma_transfer_control *control,
					 struct cma_range block)
{
	/* Page cache would be isolated for reclaim, so leave it out. */
	gfp_t gfp = control->transfer->gfp & ~__GFP_FS;
	struct cma_isolated isolated;
	unsigned long left = 0;

	while (block.start < block.end) {
		block.start = cma_lru_isolate(&isolated, block, gfp);
		left += isolated.left;
		if (list_empty(&isolated.anon))
			continue;
		cma_targets_fill(&control->targets,
				 list_count_nodes(&isolated.anon));
		if (!control->targets.count) {
			putback_movable_pages(&isolated.anon);
			return 0;
		}
		control->transfer->moved +=
			cma_lru_migrate_anon(&isolated.anon,
					     &control->targets);
		left += list_count_nodes(&isolated.anon);
		putback_movable_pages(&isolated.anon);
	}
	return left;
}

/* On PREEMPT_RT, tasks lock memory because they must not get page faults. */
static bool cma_transfer_may_disturb(const struct folio *folio)
{
	return !folio_test_unevictable(folio) ||
	       !IS_ENABLED(CONFIG_PREEMPT_RT);
}

/*
 * Without a target of the same size, migration would split a large folio. So the
 * target comes first.
 */
static bool cma_transfer_fits(struct cma_transfer_control *control, struct folio *folio)
{
	if (!folio_test_large(folio))
		return true;
	if (!thp_migration_supported() && folio_test_pmd_mappable(folio))
		return false;
	control->large = cma_target_get(folio, (unsigned long)&control->targets);
	return control->large;
}

static bool cma_transfer_suits(struct cma_transfer_control *control, struct folio *folio)
{
	if (folio_test_hugetlb(folio) || folio_maybe_dma_pinned(folio))
		return false;
	if (!folio_test_swapbacked(folio) && !folio_test_unevictable(folio))
		return false;
	if (!(control->transfer->gfp & __GFP_FS) && folio_mapping(folio))
		return false;
	return cma_transfer_may_disturb(folio) && cma_transfer_fits(control, folio);
}

static bool cma_transfer_isolate(struct cma_transfer_control *control, struct folio *folio)
{
	if (__folio_test_movable(folio))
		return isolate_movable_page(&folio->page, ISOLATE_UNEVICTABLE);
	if (!cma_transfer_suits(control, folio) || !folio_isolate_lru(folio)) {
		cma_transfer_drop_large(control);
		return false;
	}
	node_stat_add_folio(folio, NR_ISOLATED_ANON +
			    folio_is_file_lru(folio));
	return true;
}

/* Returns how many pages were scanned. */
static unsigned long cma_transfer_page(struct cma_transfer_control *control, struct page *page)
{
	struct folio *folio;
	unsigned long pages;

	if (PageBuddy(page)) {
		unsigned int order = buddy_order_unsafe(page);

		return order <= MAX_PAGE_ORDER ? 1UL << order : 1;
	}
	folio = folio_get_nontail_page(page);
	if (!folio)
		return 1;
	pages = folio_nr_pages(folio);
	if (cma_transfer_isolate(control, folio)) {
		list_add_tail(&folio->lru, &control->folios);
		control->isolated++;
	}
	/* An isolated folio has a reference of its own for that. */
	folio_put(folio);
	return pages;
}

static void cma_transfer_others(struct cma_transfer_control *control, struct cma_range block)
{
	unsigned long pfn = block.start;

	while (pfn < block.end) {
		pfn += cma_transfer_page(control, pfn_to_page(pfn));
		if (control->isolated == CMA_LRU_BATCH || control->large)
			cma_transfer_list(control);
		cond_resched();
	}
	cma_transfer_list(control);
}

/* Migrates as many pages as are free in the areas. */
VISIBLE_IF_KUNIT void cma_transfer_pageblock(struct cma_transfer *transfer,
					     struct cma_range block)
{
	struct cma_transfer_control control = {
		.folios = LIST_HEAD_INIT(control.folios),
		.transfer = transfer,
	};

	cma_targets_open(&control.targets, page_zone(pfn_to_page(block.start)),
			 CMA_TARGETS_AREAS, CMA_TRANSFER_GFP);
	if (cma_transfer_common(&control, block))
		cma_transfer_others(&control, block);
	cma_targets_close(&control.targets);
}

/*
 * Limits for draining while no memory is consumed: this many times, and for
 * this long. CPUs refill their lists at once, so without a limit it would never
 * end.
 */
#define CMA_DRAIN_TIMES	3
#define CMA_DRAIN_MOST	(10UL * HZ)
/* After a pause of this length the limits start anew. */
#define CMA_DRAIN_PAUSE	(10UL * HZ)
/* A change of fewer pages than this does not count as consumed memory. */
#define CMA_DRAIN_LEAST	32L

VISIBLE_IF_KUNIT void cma_drain_local(void)
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
 * A boosted watermark is to wake kswapd, but kswapd may have given up. Then
 * free pages below that watermark are out of reach, too.
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

/* Pages that balancing frees must not hide that memory was consumed. */
VISIBLE_IF_KUNIT void cma_drain_note_gain(struct cma_drain *drain,
					  unsigned long nr_pages)
{
	atomic_long_add(nr_pages, &drain->gained);
}

/* Returns whether memory was consumed since the last drain. */
static bool cma_drain_note_left(struct cma_drain *drain, long left)
{
	long expected = drain->left + atomic_long_xchg(&drain->gained, 0);

	drain->left = left;
	return left + CMA_DRAIN_LEAST <= expected;
}

/* Returns whether the limits allow one more drain. */
static bool cma_drain_note_call(struct cma_drain *drain)
{
	if (!time_in_range(jiffies, drain->at, drain->at + CMA_DRAIN_PAUSE)) {
		drain->times = 0;
		drain->since = jiffies;
	}
	drain->at = jiffies;
	return drain->times < CMA_DRAIN_TIMES &&
	       !time_after(jiffies, drain->since + CMA_DRAIN_MOST);
}

VISIBLE_IF_KUNIT bool cma_drain_and_unboost(struct cma_drain *drain, int nid)
{
	if (!cma_drain_note_call(drain))
		return false;
	drain_all_pages(NULL);
	cma_drain_clear_watermark_boost(NODE_DATA(nid));
	if (cma_drain_note_left(drain, cma_drain_regular_free(nid)))
		drain->times = 0;
	drain->times++;
	return true;
}

/* Pages for one call of the shrinker, and pageblocks to scan for them. */
#define CMA_BALANCE_BATCH	512UL
#define CMA_BALANCE_BLOCKS	32
/* Fewer pages than this do not stop the OOM killer. */
#define CMA_BALANCE_LEAST	32UL
/* Rounds before the OOM killer runs: others may have begun the first one. */
#define CMA_BALANCE_ROUNDS	3
/* So many pages may be isolated, whatever else there is. */
#define CMA_BALANCE_CROWD	(4 * CMA_BALANCE_BATCH)
/* The areas are full when fewer pages than this are free in them. */
#define CMA_BALANCE_LENDABLE	64UL
/* How long an evacuation is remembered. */
#define CMA_BALANCE_MEMORY	HZ

/**
 * struct cma_balance_node - what is known of a node
 * @walks: that over low memory, and that over high memory
 * @drain: the drains of per-CPU lists for it; under oom_lock
 * @lock: guards the following
 * @evacuated: pages that were evacuated from its areas lately
 * @evacuated_at: when the last evacuation was, in jiffies
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

/* How many tasks move memory out of the areas to pin it. */
static atomic_t cma_balance_pins = ATOMIC_INIT(0);

/*
 * If the allocation can use high memory, make room there first: low memory is
 * kept for allocations that cannot.
 */
static struct cma_walk *cma_balance_walk(int nid, gfp_t gfp)
{
	struct cma_walk *walks = cma_balance_nodes[nid].walks;
	struct zone *zone = NODE_DATA(nid)->node_zones + gfp_zone(gfp);
	bool high = is_highmem(zone) && populated_zone(zone) &&
		    !cma_walk_is_deferred(&walks[true]);

	return &walks[high];
}

/* Is each suitable zone below the mark, when pages of areas do not count? */
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

/*
 * What leaves the areas to be pinned is not pinned yet. It must not be moved back,
 * neither ahead of time nor for the sake of the pin.
 */
static bool cma_balance_is_pinning(void)
{
	return atomic_read(&cma_balance_pins) &&
	       (current_is_kswapd() || current->flags & PF_MEMALLOC_PIN);
}

VISIBLE_IF_KUNIT bool cma_balance_is_needed(int nid, gfp_t gfp)
{
	return !(gfp & __GFP_MOVABLE) && !cma_balance_is_pinning() &&
	       cma_balance_is_below(nid, gfp_zone(gfp), WMARK_HIGH);
}

/* Free area pages to migrate to: low memory must stay in low memory. */
static unsigned long cma_balance_lendable(int nid, gfp_t gfp)
{
	struct pglist_data *node = NODE_DATA(nid);
	gfp_t target = gfp & __GFP_HIGHMEM ? GFP_HIGHUSER : GFP_KERNEL;
	unsigned long pages = 0;
	int index;

	for (index = 0; index <= gfp_zone(target); index++)
		pages += zone_page_state(&node->node_zones[index],
					 NR_FREE_CMA_PAGES);
	return pages;
}

/* So many pages are isolated that others would have to wait in reclaim. */
static bool cma_balance_is_crowded(struct pglist_data *node)
{
	unsigned long listed = node_page_state(node, NR_INACTIVE_ANON) +
			       node_page_state(node, NR_ACTIVE_ANON) +
			       node_page_state(node, NR_UNEVICTABLE);

	return node_page_state(node, NR_ISOLATED_ANON) >
	       max(listed / 2, CMA_BALANCE_CROWD);
}

/*
 * A restricted caller (no __GFP_FS, or a DMA zone) must not defer the walk:
 * another caller may still find something to migrate.
 */
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

VISIBLE_IF_KUNIT unsigned long cma_balance_pages(int nid, gfp_t gfp,
						 unsigned long nr_pages)
{
	struct cma_transfer transfer = { .gfp = gfp };

	nr_pages = min(nr_pages, cma_balance_lendable(nid, gfp));
	cma_balance_blocks(nid, &transfer, nr_pages, CMA_BALANCE_BLOCKS);
	/*
	 * The freed pages are on this CPU's MIGRATE_MOVABLE pcp list. Unmovable
	 * allocations do not look there, so drain it.
	 */
	if (transfer.moved)
		cma_drain_local();
	cma_drain_note_gain(&cma_balance_nodes[nid].drain, transfer.moved);
	count_vm_events(CMA_BALANCE_MOVED, transfer.moved);
	count_vm_events(CMA_BALANCE_STUCK, transfer.unmovable);
	trace_cma_balance(nid, gfp, nr_pages, transfer.moved, transfer.unmovable);
	mm_account_reclaimed_pages(transfer.moved);
	return transfer.moved;
}

static bool cma_balance_has_forgotten(const struct cma_balance_node *node)
	__must_hold(&node->lock)
{
	lockdep_assert_held(&node->lock);
	return !time_in_range(jiffies, node->evacuated_at,
			      node->evacuated_at + CMA_BALANCE_MEMORY);
}

/* How many pages were evacuated from the areas lately. */
static unsigned long cma_balance_evacuated(struct cma_balance_node *node)
{
	unsigned long evacuated;

	spin_lock(&node->lock);
	evacuated = cma_balance_has_forgotten(node) ? 0 : node->evacuated;
	spin_unlock(&node->lock);
	return evacuated;
}

/* The event that tells why nothing can be done; else NR_VM_EVENT_ITEMS. */
static enum vm_event_item cma_balance_refusal(int nid, gfp_t gfp)
{
	struct cma_balance_node *node = &cma_balance_nodes[nid];
	unsigned long lendable = cma_balance_lendable(nid, gfp);

	if (lendable < CMA_BALANCE_LENDABLE)
		return CMA_BALANCE_REFUSED_ROOM;
	if (cma_walk_is_deferred(cma_balance_walk(nid, gfp)))
		return CMA_BALANCE_REFUSED_SOURCE;
	if (current_is_kswapd() &&
	    lendable < cma_balance_evacuated(node) + CMA_BALANCE_LENDABLE)
		return CMA_BALANCE_REFUSED_QUIET;
	return NR_VM_EVENT_ITEMS;
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

/* With seeks of 0, the shrinker scans half of this count: one batch. */
static unsigned long cma_balance_count(struct shrinker *shrinker,
				       struct shrink_control *sc)
{
	enum vm_event_item refusal;

	if (!cma_balance_has_area(sc->nid) ||
	    !cma_balance_is_needed(sc->nid, sc->gfp_mask))
		return 0;
	refusal = cma_balance_refusal(sc->nid, sc->gfp_mask);
	if (refusal < NR_VM_EVENT_ITEMS) {
		count_vm_event(refusal);
		return 0;
	}
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
 * The notifier is not told what the allocation may do, so it enters neither
 * file systems nor reclaim. It scans all of the node before the OOM killer
 * runs.
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

/* After reclaim without success, free pages can still be out of reach. */
static bool cma_balance_reach_free(int nid)
{
	return cma_drain_and_unboost(&cma_balance_nodes[nid].drain, nid) &&
	       !cma_balance_is_below(nid, gfp_zone(GFP_KERNEL), WMARK_MIN);
}

static unsigned long cma_balance_before_oom_node(int nid)
{
	unsigned long freed = 0;

	if (cma_balance_is_needed(nid, GFP_KERNEL))
		freed = cma_balance_whole_node(nid);
	if (!freed && cma_balance_reach_free(nid))
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
 * cma_balance_note_evacuation() - note pages that were migrated for a driver
 * @nid: the node
 * @nr_pages: how many
 *
 * Context: any but interrupts.
 */
void cma_balance_note_evacuation(int nid, unsigned long nr_pages)
{
	struct cma_balance_node *node;

	if (!cma_balance_nodes || !nr_pages)
		return;
	node = &cma_balance_nodes[nid];
	spin_lock(&node->lock);
	if (cma_balance_has_forgotten(node))
		node->evacuated = 0;
	node->evacuated += nr_pages;
	node->evacuated_at = jiffies;
	spin_unlock(&node->lock);
}

/* Moves a batch of small anonymous folios; false when there is no memory. */
static bool cma_balance_pin_batch(struct list_head *folios,
				  struct list_head *left, gfp_t gfp)
{
	struct folio *folio = list_first_entry(folios, struct folio, lru), *next;
	struct zone *zone = folio_zone(folio);
	struct cma_targets targets;
	unsigned long nr = 0;
	bool enough;
	LIST_HEAD(batch);

	list_for_each_entry_safe(folio, next, folios, lru) {
		bool plain = folio_test_anon(folio) && !folio_test_large(folio) &&
			     folio_test_swapbacked(folio);

		if (nr == CMA_LRU_BATCH || folio_zone(folio) != zone)
			break;
		list_move_tail(&folio->lru, plain ? &batch : left);
		nr += plain;
	}
	cma_targets_open(&targets, zone, CMA_TARGETS_PINNED, gfp);
	cma_targets_fill(&targets, nr);
	enough = targets.count == nr;
	cma_lru_migrate_anon(&batch, &targets);
	cma_targets_close(&targets);
	list_splice_tail(&batch, left);
	cond_resched();
	return enough;
}

/**
 * cma_balance_pin() - migrate memory that is to be pinned for long
 * @folios: isolated, in areas or other movable memory; receives those that are left
 * @control: where they are to go
 *
 * Programs' memory comes from the areas first, so a pin finds much there. Most is
 * migrated in bulk, and all the rest by migrate_pages().
 *
 * Context: process context with PF_MEMALLOC_PIN; sleeps.
 * Return: as migrate_pages().
 */
int cma_balance_pin(struct list_head *folios,
		    struct migration_target_control *control)
{
	LIST_HEAD(left);
	int err = 0;

	atomic_inc(&cma_balance_pins);
	while (!list_empty(folios) &&
	       cma_balance_pin_batch(folios, &left, control->gfp_mask))
		;
	list_splice(&left, folios);
	if (!list_empty(folios))
		err = migrate_pages(folios, alloc_migration_target, NULL,
				    (unsigned long)control, MIGRATE_SYNC,
				    control->reason, NULL);
	atomic_dec(&cma_balance_pins);
	return err;
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
