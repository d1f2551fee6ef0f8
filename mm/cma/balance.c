// SPDX-License-Identifier: GPL-2.0
/*
 * Balance: when regular memory is short, movable pages are migrated from there
 * to the areas. mm/cma/lend.h is the other half: it lets movable allocations
 * use the areas first. But pages that were allocated in regular memory while
 * drivers held the areas do not move by themselves.
 *
 *   kswapd	before it reclaims, until regular memory is no longer short
 *   reclaim	before an allocation reclaims that cannot use areas: a batch
 *
 * Memory is reclaimed when nothing is left to migrate, or no area has room, and
 * the OOM killer comes after that: cma_balance_gain() counts the room for as
 * long as a walk may still find something.
 *
 * So that pages are not migrated back and forth, kswapd leaves as many area
 * pages free as were evacuated for drivers lately: these will probably want them
 * again. Allocations ignore this limit.
 */
#include <linux/atomic.h>
#include <linux/cma.h>
#include <linux/cpuset.h>
#include <kunit/visibility.h>
#include <linux/gfp.h>
#include <linux/gfp_types.h>
#include <linux/hugetlb.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/memory-tiers.h>
#include <linux/memory_hotplug.h>
#include <linux/migrate.h>
#include <linux/mm.h>
#include <linux/mm_inline.h>
#include <linux/mmzone.h>
#include <linux/pagemap.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/compaction.h>
#include <linux/sizes.h>
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
#include "lend.h"

/* Pages of a block: 2 MiB, which is what one page table maps where pages are 4K. */
#define CMA_WALK_BLOCK		max(SZ_2M >> PAGE_SHIFT, CMA_LRU_BATCH + 0UL)
/* How long a step may take. */
#define CMA_BALANCE_TIME	(HZ / 25UL)
/* How long a walk is deferred at first. It doubles three times. */
#define CMA_BALANCE_BACKOFF	(HZ / 4UL)
/* Most pages of a zone to look at, evenly spread: all of an area of 1 GiB. */
#define CMA_BALANCE_LOOKS	(256UL << 10)

static bool cma_walk_suits(struct page *page)
{
	switch (get_pageblock_migratetype(page)) {
	case MIGRATE_MOVABLE:
	case MIGRATE_UNMOVABLE:
	case MIGRATE_RECLAIMABLE:
		return true;
	default:
		return false;
	}
}

/*
 * The block at walk->pfn, if it is suitable: who walks at the same time works on another
 * one, and mostly in another page table.
 */
static bool cma_walk_block(struct cma_walk *walk, struct cma_range *block)
{
	unsigned long pfn = walk->pfn;
	unsigned long end = min(ALIGN(pfn + 1, CMA_WALK_BLOCK), pageblock_end_pfn(pfn));
	struct page *page = pfn_to_online_page(pfn);

	end = min(end, zone_end_pfn(walk->zone));
	walk->pfn = end;
	if (!page || page_zone(page) != walk->zone || !cma_walk_suits(page) ||
	    !pageblock_pfn_to_page(pfn, end, walk->zone))
		return false;
	*block = (struct cma_range){ pfn, end };
	return true;
}

/* Like compaction, a walk that finds nothing is deferred, longer each time. */
static void cma_walk_defer(struct cma_walk *walk)
{
	walk->deferred = true;
	walk->deferred_since = jiffies;
	walk->deferred_for = clamp(2 * walk->deferred_for, CMA_BALANCE_BACKOFF,
				   CMA_BALANCE_BACKOFF << 3);
}

/*
 * A round that migrates less than reclaim frees at once does not count. The page
 * allocator gives up after MAX_RECLAIM_RETRIES; half as many of such rounds are enough,
 * whatever they left out.
 */
static void cma_walk_end_round(struct cma_walk *walk)
{
	walk->idle = walk->moved >= SWAP_CLUSTER_MAX ? 0 : walk->idle + 1;
	if (walk->idle && walk->only_cache)
		WRITE_ONCE(walk->cacheless_at, jiffies ?: 1);
	if (!walk->idle)
		walk->deferred_for = 0;
	else if (!walk->partial || walk->idle >= MAX_RECLAIM_RETRIES / 2)
		cma_walk_defer(walk);
	WRITE_ONCE(walk->ended, walk->ended + 1);
	walk->moved = 0;
	walk->partial = false;
	walk->only_cache = false;
	walk->pfn = walk->zone->zone_start_pfn;
}

/* What was seen before a pause may have changed: such a round does not count. */
static void cma_walk_go_on(struct cma_walk *walk)
{
	walk->pfn = max(walk->pfn, walk->zone->zone_start_pfn);
	if (walk->pfn > walk->zone->zone_start_pfn &&
	    jiffies - walk->stepped > CMA_BALANCE_BACKOFF)
		walk->partial = true;
	walk->stepped = jiffies;
}

/*
 * False when the pageblock is unsuitable, and at the end of the zone. Each block is to
 * be noted when it is done.
 */
VISIBLE_IF_KUNIT bool cma_walk_next(struct cma_walk *walk,
				    struct cma_range *block)
{
	bool found = false;

	spin_lock(&walk->lock);
	cma_walk_go_on(walk);
	if (walk->pfn < zone_end_pfn(walk->zone))
		found = cma_walk_block(walk, block);
	else
		cma_walk_end_round(walk);
	walk->at_work += found;
	spin_unlock(&walk->lock);
	return found;
}

/*
 * What a block has given: if anything, there may be more. The rest of it is next,
 * unless somebody else is at work, who has begun later: then it has its turn in the
 * next round.
 */
VISIBLE_IF_KUNIT void cma_walk_note(struct cma_walk *walk,
				    const struct cma_transfer *transfer,
				    struct cma_range rest)
{
	spin_lock(&walk->lock);
	walk->at_work--;
	walk->moved += transfer->moved;
	walk->partial |= transfer->partial || transfer->full;
	walk->only_cache |= transfer->only_cache;
	if (transfer->moved)
		walk->deferred = false;
	if (cma_range_len(rest) && !walk->at_work)
		walk->pfn = min(walk->pfn, rest.start);
	else if (cma_range_len(rest))
		walk->partial = true;
	spin_unlock(&walk->lock);
}

static unsigned int cma_walk_rounds(struct cma_walk *walk)
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

/* migrate_pages() frees to the lists of this CPU. */
static void cma_transfer_drain(void)
{
	migrate_disable();
	drain_local_pages(NULL);
	migrate_enable();
}

/* Migrate the isolated folios, and put back those that could not be. */
static void cma_transfer_list(struct cma_transfer_control *control)
{
	unsigned int moved = 0;
	struct folio *folio;

	if (list_empty(&control->folios))
		return;
	cma_targets_fill(&control->targets, list_count_nodes(&control->folios));
	control->transfer->full |= !control->targets.count && !control->large;
	migrate_pages(&control->folios, cma_transfer_target, cma_transfer_put,
		      (unsigned long)control, MIGRATE_ASYNC, MR_COMPACTION,
		      &moved);
	control->transfer->moved += moved;
	if (moved)
		cma_transfer_drain();
	list_for_each_entry(folio, &control->folios, lru)
		control->transfer->unmovable += folio_nr_pages(folio);
	putback_movable_pages(&control->folios);
	cma_transfer_drop_large(control);
	control->isolated = 0;
}

/*
 * Migrate the common folios; returns how many pages in use it did not try, 0 when
 * there is no page to migrate to.
 */
static unsigned long cma_transfer_common(struct cma_transfer_control *control,
					 struct cma_range part)
{
	/* Page cache would be isolated for reclaim, so leave it out. */
	gfp_t gfp = control->transfer->gfp & ~__GFP_FS;
	struct cma_isolated isolated;
	unsigned long left = 0;

	while (part.start < part.end) {
		part.start = cma_lru_isolate(&isolated, part, gfp);
		left += isolated.left;
		if (list_empty(&isolated.anon))
			continue;
		cma_targets_fill(&control->targets,
				 list_count_nodes(&isolated.anon));
		if (!control->targets.count) {
			control->transfer->full = true;
			putback_movable_pages(&isolated.anon);
			return 0;
		}
		control->transfer->moved +=
			cma_lru_migrate_anon(&isolated.anon,
					     &control->targets);
		if (control->targets.count)
			control->transfer->unmovable +=
				list_count_nodes(&isolated.anon);
		putback_movable_pages(&isolated.anon);
	}
	return left;
}

/*
 * The same rule as for compaction. On PREEMPT_RT, tasks lock memory because they
 * must not get page faults.
 */
static bool cma_transfer_may_disturb(const struct folio *folio)
{
	return !folio_test_unevictable(folio) ||
	       READ_ONCE(sysctl_compact_unevictable_allowed);
}

/* The caller has one reference. */
static bool cma_transfer_is_unshared(struct folio *folio)
{
	return folio_mapping(folio) ||
	       folio_ref_count(folio) <= 1 + folio_mapcount(folio);
}

/* It goes along with the folio; buffers do not, which a file system may pin any time. */
static bool cma_transfer_takes_private(struct folio *folio,
				       const struct address_space *mapping)
{
	return !folio_has_private(folio) ||
	       mapping->a_ops->migrate_folio == filemap_migrate_folio;
}

/*
 * Page cache that nothing but its file uses. What is written may have to wait for the
 * disk. Where a file system has buffers in a folio, these may be pinned later, for the
 * life of a mount: it must not get into an area. A block device has no buffers in what
 * was only read ahead, but may have later.
 */
static bool cma_transfer_is_plain_cache(struct folio *folio)
{
	struct address_space *mapping;
	bool is_plain;

	if (folio_test_dirty(folio) || folio_test_writeback(folio) ||
	    !folio_trylock(folio))
		return false;
	mapping = folio_mapping(folio);
	is_plain = mapping ? mapping_gfp_mask(mapping) & __GFP_MOVABLE &&
			     cma_transfer_takes_private(folio, mapping) :
			     folio_test_anon(folio) && !folio_has_private(folio);
	folio_unlock(folio);
	return is_plain;
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
	if (folio_test_hugetlb(folio) || folio_maybe_dma_pinned(folio) ||
	    !cma_transfer_is_unshared(folio) || !cma_transfer_may_disturb(folio))
		return false;
	if (folio_is_file_lru(folio) && !folio_test_unevictable(folio) &&
	    !cma_transfer_is_plain_cache(folio))
		return false;
	if (!folio_is_file_lru(folio) && control->transfer->only_cache) {
		control->transfer->partial = true;
		return false;
	}
	if (!(control->transfer->gfp & __GFP_FS) && folio_mapping(folio)) {
		control->transfer->partial = true;
		return false;
	}
	return cma_transfer_fits(control, folio);
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

/*
 * Returns how many pages were scanned. A page that is not for migration gets no
 * reference: its owner may count on being the only one.
 */
static unsigned long cma_transfer_page(struct cma_transfer_control *control, struct page *page)
{
	struct folio *folio;
	unsigned long pages;

	if (PageBuddy(page)) {
		unsigned int order = buddy_order_unsafe(page);

		return order <= MAX_PAGE_ORDER ? 1UL << order : 1;
	}
	if (!PageLRU(page) && !__PageMovable(page))
		return 1;
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

static void cma_transfer_others(struct cma_transfer_control *control, struct cma_range part)
{
	unsigned long pfn = part.start;

	while (pfn < part.end) {
		pfn += cma_transfer_page(control, pfn_to_page(pfn));
		if (control->isolated == CMA_LRU_BATCH || control->large)
			cma_transfer_list(control);
	}
	cma_transfer_list(control);
}

/* Migrates as many pages as are free in the areas. */
VISIBLE_IF_KUNIT void cma_transfer_part(struct cma_transfer *transfer,
					struct cma_range part)
{
	struct cma_transfer_control control = {
		.folios = LIST_HEAD_INIT(control.folios),
		.transfer = transfer,
	};

	cma_targets_open(&control.targets, page_zone(pfn_to_page(part.start)),
			 CMA_TARGETS_AREAS, CMA_TRANSFER_GFP);
	if (transfer->only_cache || cma_transfer_common(&control, part))
		cma_transfer_others(&control, part);
	cma_targets_close(&control.targets);
}

/**
 * struct cma_balance_moved - a sum over areas
 * @nid: those of this node
 * @moved: pages that were migrated for drivers since boot
 */
struct cma_balance_moved {
	int nid;
	u64 moved;
};

/**
 * struct cma_balance_node - what is known of a node
 * @walks: over each of its zones
 * @evacuated: what was evacuated from its areas
 */
struct cma_balance_node {
	struct cma_walk walks[MAX_NR_ZONES];
	struct cma_evacuated evacuated;
};

/* One for each node; NULL where there is no area to fill. */
static struct cma_balance_node *cma_balance_nodes __ro_after_init;

/* Regular pages that were free after the last drain of all per-CPU lists, and when. */
static unsigned long cma_balance_drained, cma_balance_drained_at;

/* How many tasks move memory out of the areas to pin it. */
static atomic_t cma_balance_pins = ATOMIC_INIT(0);

/*
 * The lowest zone that is of use. kswapd wants high memory to be there of its own:
 * without it, low memory is taken for that.
 */
static int cma_balance_lowest(enum zone_type highest)
{
	return current_is_kswapd() && is_highmem_idx(highest) ? highest : 0;
}

/*
 * The highest zone that the allocation can use and that has something to give: low
 * memory is kept for allocations that can use nothing else.
 */
static struct cma_walk *cma_balance_walk(int nid, gfp_t gfp)
{
	struct cma_walk *walks = cma_balance_nodes[nid].walks;
	int index;

	for (index = gfp_zone(gfp); index >= cma_balance_lowest(gfp_zone(gfp)); index--)
		if (populated_zone(walks[index].zone) &&
		    !cma_walk_is_deferred(&walks[index]))
			return &walks[index];
	return NULL;
}

/*
 * Is each suitable zone below its high mark, when pages of areas do not count? A boost
 * of the mark does: no allocation can get what is free below it.
 */
static bool cma_balance_is_short(int nid, enum zone_type highest)
{
	struct pglist_data *node = NODE_DATA(nid);
	int index = cma_balance_lowest(highest);
	bool is_short = false;

	for (; index <= highest; index++) {
		struct zone *zone = &node->node_zones[index];

		if (!managed_zone(zone))
			continue;
		if (zone_watermark_ok(zone, 0, high_wmark_pages(zone), highest,
				      0))
			return false;
		is_short = true;
	}
	return is_short;
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
	       cma_balance_is_short(nid, gfp_zone(gfp));
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
	unsigned long anon = node_page_state(node, NR_INACTIVE_ANON) +
			     node_page_state(node, NR_ACTIVE_ANON) +
			     node_page_state(node, NR_UNEVICTABLE);
	unsigned long file = node_page_state(node, NR_INACTIVE_FILE) +
			     node_page_state(node, NR_ACTIVE_FILE);

	return node_page_state(node, NR_ISOLATED_ANON) > anon / 2 ||
	       node_page_state(node, NR_ISOLATED_FILE) > file / 2;
}

/* A part at a time, until @nr_pages are moved. */
static struct cma_transfer cma_balance_block(struct cma_walk *walk,
					     struct cma_range block,
					     const struct cma_transfer *want,
					     unsigned long nr_pages)
{
	struct cma_transfer transfer = {
		.gfp = want->gfp,
		.only_cache = want->only_cache,
	};
	struct cma_range part = block;

	while (block.start < block.end && transfer.moved < nr_pages && !transfer.full) {
		part.start = block.start;
		part.end = min(ALIGN(part.start + 1, CMA_LRU_BATCH), block.end);
		cma_transfer_part(&transfer, part);
		if (!transfer.full)
			block.start = part.end;
		cond_resched();
	}
	cma_walk_note(walk, &transfer, block);
	return transfer;
}

/*
 * More clean page cache than the areas of the zone have: some lies outside. But what has
 * buffers is not moved: if a round has found none, the next ones take all kinds.
 */
static bool cma_balance_has_cache(const struct cma_walk *walk, gfp_t gfp)
{
	unsigned long cacheless_at = READ_ONCE(walk->cacheless_at);
	struct zone *zone = walk->zone;
	unsigned long cached = zone_page_state(zone, NR_ZONE_INACTIVE_FILE) +
			       zone_page_state(zone, NR_ZONE_ACTIVE_FILE);
	unsigned long lent = zone_cma_pages(zone) + CMA_WALK_BLOCK;

	lent -= min(lent, zone_page_state(zone, NR_FREE_CMA_PAGES));
	if (cacheless_at && jiffies - cacheless_at < CMA_BALANCE_BACKOFF << 3)
		return false;
	return gfp & __GFP_FS &&
	       cached > lent + zone_page_state(zone, NR_ZONE_WRITE_PENDING);
}

/*
 * So much, or once over the zone, but not for long: the next step goes on there. The
 * page allocator gives up after 16 steps without progress, and has to have seen all
 * of the zone by then.
 */
static void cma_balance_walk_on(struct cma_walk *walk,
				struct cma_transfer *transfer,
				unsigned long nr_pages)
{
	struct pglist_data *node = walk->zone->zone_pgdat;
	unsigned int begun = cma_walk_rounds(walk);
	unsigned long end = jiffies + CMA_BALANCE_TIME;
	struct cma_transfer done = {};
	struct cma_range block;

	while (transfer->moved < nr_pages && !done.full && !cma_balance_is_crowded(node) &&
	       cma_walk_rounds(walk) - begun < 2 && !time_after(jiffies, end)) {
		if (!cma_walk_next(walk, &block)) {
			transfer->only_cache &= cma_balance_has_cache(walk, transfer->gfp);
			cond_resched();
			continue;
		}
		done = cma_balance_block(walk, block, transfer,
					 nr_pages - transfer->moved);
		transfer->moved += done.moved;
		transfer->unmovable += done.unmovable;
	}
}

VISIBLE_IF_KUNIT unsigned long cma_balance_step(int nid, gfp_t gfp,
						unsigned long nr_pages)
{
	struct cma_walk *walk = cma_balance_walk(nid, gfp);
	struct cma_transfer transfer = { .gfp = gfp };

	nr_pages = min(nr_pages, cma_balance_lendable(nid, gfp));
	transfer.only_cache = walk && cma_balance_has_cache(walk, gfp);
	if (walk)
		cma_balance_walk_on(walk, &transfer, nr_pages);
	count_vm_events(CMA_BALANCE_MOVED, transfer.moved);
	count_vm_events(CMA_BALANCE_STUCK, transfer.unmovable);
	trace_cma_balance(nid, gfp, nr_pages, transfer.moved, transfer.unmovable);
	return transfer.moved;
}

/* Has this second ended? A driver that comes back is remembered for longer. */
static void cma_evacuated_age(struct cma_evacuated *evacuated)
	__must_hold(&evacuated->lock)
{
	unsigned long seconds = (jiffies - evacuated->since) / HZ;

	lockdep_assert_held(&evacuated->lock);
	evacuated->since += seconds * HZ;
	while (seconds-- && (evacuated->now || evacuated->before)) {
		evacuated->before = max(evacuated->before / 2, evacuated->now);
		evacuated->now = 0;
	}
}

/*
 * Adds what was evacuated since the last call: if that is long ago, so much of it as
 * falls to one second. Returns how many pages drivers will probably want again.
 */
VISIBLE_IF_KUNIT unsigned long
cma_evacuated_add(struct cma_evacuated *evacuated, unsigned long nr_pages)
{
	unsigned long pages, seconds;

	spin_lock(&evacuated->lock);
	seconds = (jiffies - evacuated->since) / HZ;
	cma_evacuated_age(evacuated);
	evacuated->now += nr_pages / max(seconds, 1UL);
	pages = max(evacuated->now, evacuated->before);
	spin_unlock(&evacuated->lock);
	return pages;
}

static int cma_balance_add_moved(struct cma *cma, void *data)
{
	struct cma_balance_moved *sum = data;

	if (cma_area_is_active(cma) &&
	    page_to_nid(pfn_to_page(cma->range.start)) == sum->nid)
		sum->moved += atomic64_read(&cma->stat.moved);
	return 0;
}

/* How many pages drivers will probably want again. */
static unsigned long cma_balance_evacuated(int nid)
{
	struct cma_evacuated *evacuated = &cma_balance_nodes[nid].evacuated;
	struct cma_balance_moved sum = { .nid = nid };
	u64 seen;

	cma_for_each_area(cma_balance_add_moved, &sum);
	spin_lock(&evacuated->lock);
	seen = evacuated->seen;
	evacuated->seen = max(seen, sum.moved);
	spin_unlock(&evacuated->lock);
	return cma_evacuated_add(evacuated, sum.moved - min(seen, sum.moved));
}

/* The event that tells why nothing can be done; else NR_VM_EVENT_ITEMS. */
static enum vm_event_item cma_balance_refusal(int nid, gfp_t gfp)
{
	unsigned long lendable = cma_balance_lendable(nid, gfp);

	if (lendable < SWAP_CLUSTER_MAX)
		return CMA_BALANCE_REFUSED_ROOM;
	if (!cma_balance_walk(nid, gfp))
		return CMA_BALANCE_REFUSED_SOURCE;
	if (current_is_kswapd() &&
	    lendable < cma_balance_evacuated(nid) + SWAP_CLUSTER_MAX)
		return CMA_BALANCE_REFUSED_QUIET;
	return NR_VM_EVENT_ITEMS;
}

static bool cma_balance_has_area(const struct pglist_data *node)
{
	int index;

	for (index = 0; cma_balance_nodes && index < MAX_NR_ZONES; index++)
		if (node->node_zones[index].cma_pages)
			return true;
	return false;
}

/*
 * How many pages to migrate at a time: a batch, and what is missing until a zone is
 * above its min mark. Refills of per-CPU lists go far below, and with less than that,
 * the allocation would drain all of them. kswapd has the time to do whole blocks.
 */
static unsigned long cma_balance_wanted(struct pglist_data *node,
					enum zone_type highest)
{
	unsigned long missing = ULONG_MAX;
	int index;

	if (current_is_kswapd())
		return CMA_WALK_BLOCK;
	for (index = 0; index <= highest; index++) {
		struct zone *zone = &node->node_zones[index];
		unsigned long wanted = min_wmark_pages(zone) +
				       zone->lowmem_reserve[highest];
		unsigned long regular =
			zone_page_state(zone, NR_FREE_PAGES) -
			zone_page_state(zone, NR_FREE_CMA_PAGES);

		if (managed_zone(zone))
			missing = min(missing, wanted - min(wanted, regular));
	}
	return SWAP_CLUSTER_MAX + missing;
}

/* So much can be migrated that kswapd is worth waking. */
static unsigned long cma_balance_node(struct pglist_data *node, gfp_t gfp)
{
	enum vm_event_item refusal;
	unsigned long moved;

	if (!cma_balance_has_area(node) ||
	    !cma_balance_is_needed(node->node_id, gfp))
		return 0;
	refusal = cma_balance_refusal(node->node_id, gfp);
	if (refusal < NR_VM_EVENT_ITEMS) {
		count_vm_event(refusal);
		return 0;
	}
	moved = cma_balance_step(node->node_id, gfp,
				 cma_balance_wanted(node, gfp_zone(gfp)));
	if (moved >= SWAP_CLUSTER_MAX)
		node->kswapd_failures = 0;
	return moved;
}

/* A large page may be all that is missing. What is ready does not help that. */
static unsigned long cma_balance_give(struct pglist_data *node, gfp_t gfp)
{
	return cma_balance_is_short(node->node_id, gfp_zone(gfp)) ?
	       cma_keep_give(node->node_id, false) : 0;
}

/**
 * cma_balance_reclaim() - migrate, so that an allocation need not reclaim
 * @gfp: of the allocation
 * @ac: the zones that it may use
 *
 * It looks at nodes of which the allocation can use the memory, and at others not.
 *
 * Context: process context, as for reclaim: with PF_MEMALLOC; sleeps.
 * Return: pages that the allocation can use now: those that were migrated to areas
 * have left their places, and what was ready for drivers is lent.
 */
unsigned long cma_balance_reclaim(gfp_t gfp, const struct alloc_context *ac)
{
	struct pglist_data *last = NULL;
	unsigned long moved = 0, given;
	struct zoneref *z;
	struct zone *zone;

	for_each_zone_zonelist_nodemask(zone, z, ac->zonelist,
					ac->highest_zoneidx, ac->nodemask) {
		if (zone->zone_pgdat == last ||
		    !cpuset_zone_allowed(zone, GFP_KERNEL | __GFP_HARDWALL))
			continue;
		last = zone->zone_pgdat;
		given = cma_balance_give(last, gfp);
		moved += gfp & __GFP_MOVABLE ? given : cma_balance_node(last, gfp);
	}
	return moved;
}

static unsigned long cma_balance_until_enough(struct pglist_data *node,
					      gfp_t gfp)
{
	unsigned long sum = 0, moved;

	do {
		moved = cma_balance_node(node, gfp);
		sum += moved;
	} while (moved);
	return sum;
}

/**
 * cma_balance_kswapd() - migrate, so that kswapd need not reclaim
 * @node: the node
 * @reclaimed: the pages that are migrated are added here, unless they are few
 *
 * High memory comes first: who finds none there takes low memory.
 *
 * Context: kswapd; sleeps.
 * Return: true when regular memory was short, and is not any more.
 */
bool cma_balance_kswapd(struct pglist_data *node, unsigned long *reclaimed)
{
	unsigned long sum = 0, given, moved;

	do {
		given = cma_balance_give(node, GFP_HIGHUSER) ?:
			cma_balance_give(node, GFP_KERNEL);
		moved = cma_balance_until_enough(node, GFP_HIGHUSER);
		moved += cma_balance_until_enough(node, GFP_KERNEL);
		sum += moved;
	} while (given && moved && cma_balance_is_needed(node->node_id, GFP_KERNEL));
	if (sum >= SWAP_CLUSTER_MAX)
		*reclaimed += sum;
	return sum && !cma_balance_is_needed(node->node_id, GFP_KERNEL);
}

/*
 * How much may be migrated for an allocation that cannot use areas, at most? What
 * somebody else is about to migrate counts, even if there is nothing else.
 */
VISIBLE_IF_KUNIT unsigned long cma_balance_room(const struct zone *zone)
{
	gfp_t gfp = is_highmem_idx(zone_idx(zone)) ? GFP_HIGHUSER : GFP_KERNEL;
	int nid = zone->zone_pgdat->node_id;
	struct cma_walk *walk;

	if (!cma_balance_has_area(zone->zone_pgdat) || cma_balance_is_pinning())
		return 0;
	walk = &cma_balance_nodes[nid].walks[zone_idx(zone)];
	if (cma_walk_is_deferred(walk) && !READ_ONCE(walk->at_work))
		return 0;
	return cma_balance_lendable(nid, gfp);
}

/**
 * struct cma_balance_count - reclaimable pages of the areas of a zone
 * @zone: the zone
 * @stride: one of so many pages is looked at
 * @anon: there is swap space for anonymous memory
 * @pages: how many, of those that were looked at
 */
struct cma_balance_count {
	struct zone *zone;
	unsigned long stride;
	bool anon;
	unsigned long pages;
};

/* A guess without a reference, so it reads the flags only once. */
static bool cma_balance_is_reclaimable(struct page *page, bool anon)
{
	unsigned long flags = READ_ONCE(compound_head(page)->flags);

	return flags & BIT(PG_lru) && !(flags & BIT(PG_unevictable)) &&
	       (anon || !(flags & BIT(PG_swapbacked)));
}

static int cma_balance_count_area(struct cma *cma, void *data)
{
	struct cma_balance_count *count = data;
	unsigned long pfn = cma->range.start;

	if (!cma_area_is_active(cma) ||
	    page_zone(pfn_to_page(pfn)) != count->zone)
		return 0;
	for (; pfn < cma->range.end; pfn += count->stride) {
		count->pages += cma_balance_is_reclaimable(pfn_to_page(pfn),
							count->anon);
		cond_resched();
	}
	return 0;
}

/*
 * As zone_reclaimable_pages(), which says that what is free can be reclaimed where
 * nothing else can.
 */
static unsigned long cma_balance_reclaimable(struct zone *zone, bool anon)
{
	unsigned long pages = zone_page_state_snapshot(zone, NR_ZONE_INACTIVE_FILE) +
			      zone_page_state_snapshot(zone, NR_ZONE_ACTIVE_FILE);

	if (anon)
		pages += zone_page_state_snapshot(zone, NR_ZONE_INACTIVE_ANON) +
			 zone_page_state_snapshot(zone, NR_ZONE_ACTIVE_ANON);
	return pages;
}

/* So much is enough for any request that a zone may serve. */
static unsigned long cma_balance_plenty(const struct zone *zone)
{
	return high_wmark_pages(zone) + zone->lowmem_reserve[MAX_NR_ZONES - 1];
}

/* Regular pages that are free, and all pages on per-CPU lists. */
static unsigned long cma_balance_left(void)
{
	unsigned long pages = 0;
	struct zone *zone;
	int cpu;

	for_each_populated_zone(zone) {
		pages += zone_page_state_snapshot(zone, NR_FREE_PAGES) -
			 zone_page_state_snapshot(zone, NR_FREE_CMA_PAGES);
		for_each_online_cpu(cpu)
			pages += READ_ONCE(per_cpu_ptr(zone->per_cpu_pageset,
						       cpu)->count);
	}
	return pages;
}

/*
 * One refill of a per-CPU list can take all that is left of a zone, and the page
 * allocator drains these lists only after reclaim with success. The next refill takes
 * it again: so, not for each page, but when memory was consumed, or some time passed.
 */
static void cma_balance_drain_all(void)
{
	unsigned long left = cma_balance_left(), last = READ_ONCE(cma_balance_drained);

	if (max(left, last) - min(left, last) < SWAP_CLUSTER_MAX &&
	    jiffies - READ_ONCE(cma_balance_drained_at) <= 1)
		return;
	drain_all_pages(NULL);
	WRITE_ONCE(cma_balance_drained_at, jiffies);
	WRITE_ONCE(cma_balance_drained, cma_balance_left());
}

/*
 * How many pages of a zone can be reclaimed that do not lie in an area? If there are more
 * than @enough, so many is enough of an answer.
 */
static unsigned long cma_balance_outside(struct zone *zone, unsigned long enough)
{
	struct cma_balance_count count = {
		.zone = zone,
		.stride = zone_cma_pages(zone) / CMA_BALANCE_LOOKS + 1,
		.anon = get_nr_swap_pages() > 0 || numa_demotion_enabled,
	};
	unsigned long listed = cma_balance_reclaimable(zone, count.anon);
	unsigned long lent = zone_cma_pages(zone);

	lent -= min(lent, zone_page_state(zone, NR_FREE_CMA_PAGES));
	if (listed > lent + enough)
		return listed - lent;
	if (lent && listed)
		cma_for_each_area(cma_balance_count_area, &count);
	return listed - min(listed, count.pages * count.stride);
}

/**
 * cma_balance_gain() - how much can an allocation get by reclaim?
 * @zone: a zone that the allocation may use
 * @alloc_flags: ALLOC_CMA if it may use areas
 *
 * If page cache in the areas counted, an allocation that cannot have its pages
 * would go on reclaiming it: for ever, when somebody reads it again meanwhile. The
 * LRU lists do not know what lies in an area, and to count each page that comes or
 * goes would cost those who never run short. As long as there is plenty even if
 * all that is not free in the areas is of no use, that is the answer. Else, the
 * pages of the areas are looked at. What can be migrated to areas counts, too, until
 * balance has found nothing: only then the OOM killer may run.
 *
 * Before it does, free pages of all CPUs' lists are made available, and what is ready
 * for drivers.
 *
 * Context: process context; sleeps.
 * Return: how many pages, at a guess, not too many; all of
 * zone_reclaimable_pages() for those who may use areas.
 */
unsigned long cma_balance_gain(struct zone *zone, unsigned int alloc_flags)
{
	unsigned long plenty = cma_balance_plenty(zone), pages, room;
	int nid = zone_to_nid(zone);

	if (!totalcma_pages)
		return zone_reclaimable_pages(zone);
	if (alloc_flags & ALLOC_CMA)
		return zone_reclaimable_pages(zone) + cma_keep_give(nid, true);
	room = cma_balance_room(zone);
	pages = cma_balance_outside(zone, plenty - min(room, plenty));
	if (pages + room < plenty) {
		cma_balance_drain_all();
		room += cma_keep_give(nid, true);
	}
	return pages + room;
}

/**
 * cma_balance_may_compact() - may compaction make a large page for an allocation?
 * @cc: what compaction is about to do
 *
 * Who wants a large page, but not at any price, and cannot use areas: regular memory
 * must be there to make it of.
 *
 * Context: any.
 * Return: false when the large page would be in an area.
 */
bool cma_balance_may_compact(const struct compact_control *cc)
{
	unsigned long mark = low_wmark_pages(cc->zone) + compact_gap(cc->order);

	return cc->alloc_flags & ALLOC_CMA || cc->mode != MIGRATE_ASYNC ||
	       cc->order <= PAGE_ALLOC_COSTLY_ORDER ||
	       zone_watermark_ok(cc->zone, 0, mark, cc->highest_zoneidx, 0);
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
	struct cma_targets targets;
	LIST_HEAD(left);
	int err = 0;

	atomic_inc(&cma_balance_pins);
	while (!list_empty(folios) &&
	       cma_balance_pin_batch(folios, &left, control->gfp_mask))
		;
	list_splice(&left, folios);
	if (!list_empty(folios)) {
		cma_targets_open(&targets, folio_zone(lru_to_folio(folios)),
				 CMA_TARGETS_PINNED, control->gfp_mask);
		err = migrate_pages(folios, cma_target_get, cma_target_put,
				    (unsigned long)&targets, MIGRATE_SYNC,
				    control->reason, NULL);
		cma_targets_close(&targets);
	}
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
	struct zone *zone;
	int nid;

	nodes = kcalloc(nr_node_ids, sizeof(*nodes), GFP_KERNEL);
	if (!nodes)
		return NULL;
	for_each_online_node(nid)
		spin_lock_init(&nodes[nid].evacuated.lock);
	for_each_zone(zone) {
		struct cma_walk *walk;

		walk = &nodes[zone_to_nid(zone)].walks[zone_idx(zone)];
		walk->zone = zone;
		spin_lock_init(&walk->lock);
	}
	return nodes;
}

static int __init cma_balance_init(void)
{
	bool any = false;

	cma_for_each_area(cma_balance_find_any, &any);
	if (!any)
		return 0;
	cma_balance_nodes = cma_balance_new_nodes();
	return cma_balance_nodes ? 0 : -ENOMEM;
}
subsys_initcall(cma_balance_init);
