// SPDX-License-Identifier: GPL-2.0
/*
 * The targets of migration: a stock of pages to migrate to.
 *
 * To empty an area, the stock is filled from the free lists of pageblocks
 * outside the areas, MIGRATE_MOVABLE ones first. alloc_pages() would hand out
 * pages of the areas as well, and first of all those that were just freed.
 * A zone gives pages down to its low watermark at once; with one node, also down
 * to its min watermark when the stock is used up. What it takes more comes from
 * the page allocator, which may reclaim, and may hand out pages of areas. A
 * request for pages that are not movable would keep the areas out of it, but would
 * turn pageblocks MIGRATE_UNMOVABLE that hold movable pages only.
 *
 * To fill an area, the stock comes from the free lists of the areas, and
 * nothing comes from the page allocator, which would hand out what was just
 * freed.
 */
#include <linux/cpuset.h>
#include <linux/huge_mm.h>
#include <linux/migrate.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/page_owner.h>
#include <linux/pgalloc_tag.h>
#include <linux/swap.h>
#include <linux/vmstat.h>

#include "../internal.h"
#include "engine.h"

/* Most chunks to isolate under one hold of zone->lock. */
#define CMA_TARGET_CHUNKS 32
/* How many pages are isolated at a time below the low watermark. */
#define CMA_TARGET_REFILL 32
/* Compact only if less than this part of the LRU is isolated. */
#define CMA_TARGET_ISOLATED 32

/**
 * cma_targets_open() - begin with an empty stock
 * @targets: the stock
 * @zone: of the pages that will be migrated
 * @from: where the pages are to come from
 * @gfp: flags for pages that do not come from the stock; debugging aids see them
 *	 with all pages
 */
void cma_targets_open(struct cma_targets *targets, struct zone *zone,
		      enum cma_targets_from from, gfp_t gfp)
{
	INIT_LIST_HEAD(&targets->pages);
	targets->count = 0;
	targets->zone = zone;
	targets->gfp = gfp;
	targets->from = from;
	targets->starved = false;
}

/* The highest zone that suits all pages of @zone. */
static enum zone_type cma_target_highest(const struct zone *zone)
{
	enum zone_type index = zone_idx(zone);

	if (is_highmem_idx(index) || index == ZONE_MOVABLE)
		return gfp_zone(GFP_HIGHUSER_MOVABLE);
	return gfp_zone(GFP_KERNEL);
}

/*
 * The highest zone of the stock. Anonymous memory, which is most of what is
 * migrated, suits any zone, and highmem and ZONE_MOVABLE are for such memory.
 */
static enum zone_type cma_targets_highest(const struct cma_targets *targets)
{
	return targets->from == CMA_TARGETS_AREAS ?
	       cma_target_highest(targets->zone) :
	       gfp_zone(GFP_HIGHUSER_MOVABLE);
}

/* A page cache page may have to stay in low memory. */
static bool cma_target_suits(const struct page *page, const struct folio *src)
{
	return folio_test_anon(src) ||
	       page_zonenum(page) <= cma_target_highest(folio_zone(src));
}

static void cma_targets_add(struct cma_targets *targets, struct page *page,
			    unsigned int order)
{
	unsigned int i;

	post_alloc_hook(page, order, targets->gfp);
	for (i = 0; i < 1U << order; i++) {
		set_page_private(page + i, 0);
		set_page_refcounted(page + i);
		list_add_tail(&page[i].lru, &targets->pages);
	}
	targets->count += 1UL << order;
	split_page_owner(page, order, 0);
	pgalloc_tag_split(page_folio(page), order, 0);
}

static struct page *cma_target_first(struct zone *zone, int order, int type)
{
	return list_first_entry_or_null(&zone->free_area[order].free_list[type],
					struct page, buddy_list);
}

/*
 * The next chunk to isolate. Of MIGRATE_MOVABLE the smallest, so that large
 * chunks stay whole; of other types the largest, because that makes their
 * pageblock MIGRATE_MOVABLE.
 */
static struct page *cma_target_chunk(struct zone *zone)
{
	struct page *page = NULL;
	int order;

	for (order = 0; order <= MAX_PAGE_ORDER && !page; order++)
		page = cma_target_first(zone, order, MIGRATE_MOVABLE);
	while (--order >= 0 && !page)
		page = cma_target_first(zone, order, MIGRATE_UNMOVABLE) ?:
		       cma_target_first(zone, order, MIGRATE_RECLAIMABLE);
	return page;
}

/* The smallest free chunk of @type that has at least @order. */
static struct page *cma_target_smallest(struct zone *zone, unsigned int order,
					int type)
{
	struct page *page = NULL;

	for (; order <= MAX_PAGE_ORDER && !page; order++)
		page = cma_target_first(zone, order, type);
	return page;
}

/* Isolate at most @most pages of the chunk; returns their order, or -1. */
static int cma_target_isolate(struct zone *zone, struct page *chunk,
			      unsigned long most)
	__must_hold(&zone->lock)
{
	unsigned int order = buddy_order(chunk);
	struct cma_range rest;

	lockdep_assert_held(&zone->lock);
	if (!__isolate_free_page(chunk, order))
		return -1;
	if (most >> order)
		return order;
	rest = cma_range_of(page_to_pfn(chunk), 1UL << order);
	order = ilog2(most);
	rest.start += 1UL << order;
	cma_buddy_putback_locked(zone, rest);
	return order;
}

/* Isolate up to @nr_pages under one hold of the lock; returns how many. */
static unsigned long cma_targets_isolate(struct cma_targets *targets,
					 struct zone *zone,
					 unsigned long nr_pages)
{
	struct page *chunks[CMA_TARGET_CHUNKS];
	int orders[CMA_TARGET_CHUNKS];
	unsigned long taken = 0;
	unsigned long flags;
	int count = 0;

	spin_lock_irqsave(&zone->lock, flags);
	while (taken < nr_pages && count < CMA_TARGET_CHUNKS) {
		chunks[count] = targets->from == CMA_TARGETS_AREAS ?
				cma_target_smallest(zone, 0, MIGRATE_CMA) :
				cma_target_chunk(zone);
		if (!chunks[count])
			break;
		orders[count] = cma_target_isolate(zone, chunks[count],
						   nr_pages - taken);
		if (orders[count] < 0)
			break;
		taken += 1UL << orders[count++];
	}
	spin_unlock_irqrestore(&zone->lock, flags);
	__count_zid_vm_events(PGALLOC, zone_idx(zone), taken);
	while (count--)
		cma_targets_add(targets, chunks[count], orders[count]);
	return taken;
}

/* Has @zone that many pages to spare above @mark? */
static bool cma_target_zone_has(const struct cma_targets *targets,
				struct zone *zone, unsigned long nr_pages,
				enum zone_watermarks mark)
{
	if (!populated_zone(zone))
		return false;
	if (targets->from == CMA_TARGETS_AREAS)
		return zone_page_state(zone, NR_FREE_CMA_PAGES);
	return cpuset_zone_allowed(zone, targets->gfp) &&
	       zone_watermark_ok(zone, 0, wmark_pages(zone, mark) + nr_pages,
				 cma_targets_highest(targets), 0);
}

/* Add up to @nr_pages from zones up to @index. */
static void cma_targets_fill_from(struct cma_targets *targets,
				  unsigned long nr_pages, int index,
				  enum zone_watermarks mark)
{
	struct pglist_data *node = targets->zone->zone_pgdat;

	for (; index >= 0 && nr_pages; index--) {
		struct zone *zone = &node->node_zones[index];
		unsigned long taken = 1;

		while (nr_pages && taken &&
		       cma_target_zone_has(targets, zone, nr_pages, mark)) {
			taken = cma_targets_isolate(targets, zone, nr_pages);
			nr_pages -= taken;
		}
	}
}

/* The page allocator reclaims for them. */
static void cma_targets_alloc(struct cma_targets *targets,
			      unsigned long nr_pages)
{
	struct page *page;

	while (nr_pages--) {
		page = alloc_pages_node(zone_to_nid(targets->zone),
					targets->gfp, 0);
		if (!page)
			return;
		list_add_tail(&page->lru, &targets->pages);
		targets->count++;
	}
}

/**
 * cma_targets_fill() - fill the stock
 * @targets: the stock
 * @nr_pages: how many small folios are to be migrated
 *
 * The stock may stay empty: only pages that are free at once are added, unless
 * they will be pinned.
 *
 * Context: process context; acquires zone->lock, and may sleep.
 */
void cma_targets_fill(struct cma_targets *targets, unsigned long nr_pages)
{
	nr_pages -= min(nr_pages, targets->count);
	if (targets->from == CMA_TARGETS_PINNED)
		return cma_targets_alloc(targets, nr_pages);
	cma_targets_fill_from(targets, nr_pages, cma_targets_highest(targets),
			      WMARK_LOW);
}

/**
 * cma_targets_close() - free what is left in the stock
 * @targets: the stock
 *
 * Context: any; acquires zone->lock.
 */
void cma_targets_close(struct cma_targets *targets)
{
	struct cma_range run = cma_range_of(0, 0);
	struct page *page, *next;

	list_for_each_entry_safe(page, next, &targets->pages, lru) {
		list_del(&page->lru);
		if (put_page_testzero(page))
			cma_buddy_free_next(&run, page_to_pfn(page));
	}
	cma_buddy_free(run);
	targets->count = 0;
}

/**
 * cma_target_stock() - remove a small folio from the stock
 * @targets: the stock
 * @src: the folio that is to be migrated
 *
 * Return: a folio with one reference, or NULL when the stock has none that
 * suits.
 */
struct folio *cma_target_stock(struct cma_targets *targets,
			       const struct folio *src)
{
	struct page *page;

	list_for_each_entry(page, &targets->pages, lru) {
		if (!cma_target_suits(page, src))
			continue;
		list_del(&page->lru);
		targets->count--;
		return page_folio(page);
	}
	return NULL;
}

/*
 * Compaction waits while more than a sixteenth of the LRU is isolated. So whoever has
 * isolated that much, and asks for pages to migrate it to, would wait for itself. Half
 * of that is left for others, who isolate meanwhile.
 */
static bool cma_target_may_compact(struct pglist_data *node)
{
	unsigned long isolated = node_page_state(node, NR_ISOLATED_ANON) +
				 node_page_state(node, NR_ISOLATED_FILE);
	unsigned long pages = node_page_state(node, NR_INACTIVE_ANON) +
			      node_page_state(node, NR_ACTIVE_ANON) +
			      node_page_state(node, NR_INACTIVE_FILE) +
			      node_page_state(node, NR_ACTIVE_FILE);

	return isolated < pages / CMA_TARGET_ISOLATED;
}

/*
 * From the page allocator. For a large folio that is of no pool, it only takes what is
 * free while so much is isolated that it would wait.
 */
static struct folio *cma_target_alloc(const struct cma_targets *targets,
				      struct folio *src)
{
	struct migration_target_control control = {
		.nid = folio_nid(src),
		.gfp_mask = targets->gfp,
		.reason = MR_CONTIG_RANGE,
	};
	gfp_t gfp = (targets->gfp & ~__GFP_RECLAIM) | GFP_TRANSHUGE_LIGHT;

	if (!folio_test_large(src) || folio_test_hugetlb(src) ||
	    cma_target_may_compact(folio_pgdat(src)))
		return alloc_migration_target(src, (unsigned long)&control);
	return __folio_alloc(gfp, folio_order(src), control.nid, NULL);
}

/*
 * The stock has nothing that suits: take what the zones have above their min
 * watermark. With several nodes, this one is spared: the page allocator is asked,
 * which may take pages of areas before it asks another node.
 */
static void cma_targets_refill(struct cma_targets *targets,
			       const struct folio *src)
{
	enum zone_type highest = folio_test_anon(src) ?
				 cma_targets_highest(targets) :
				 cma_target_highest(folio_zone(src));

	if (nr_online_nodes > 1)
		return;
	cma_targets_fill_from(targets, CMA_TARGET_REFILL, highest, WMARK_MIN);
	if (targets->gfp & __GFP_KSWAPD_RECLAIM)
		wakeup_kswapd(targets->zone, targets->gfp, 0, highest);
}

static struct folio *cma_target_small(struct cma_targets *targets,
				      struct folio *src)
{
	struct folio *dst = cma_target_stock(targets, src);

	if (dst || targets->from == CMA_TARGETS_AREAS)
		return dst;
	cma_targets_refill(targets, src);
	dst = cma_target_stock(targets, src) ?: cma_target_alloc(targets, src);
	targets->starved |= !dst;
	return dst;
}

/* Isolate one chunk, and make it a large folio. */
static struct folio *cma_target_isolate_folio(const struct cma_targets *targets,
					      struct zone *zone,
					      unsigned int order)
{
	bool in_areas = targets->from == CMA_TARGETS_AREAS;
	int type = in_areas ? MIGRATE_CMA : MIGRATE_MOVABLE;
	struct page *page;
	unsigned long flags;

	spin_lock_irqsave(&zone->lock, flags);
	page = cma_target_smallest(zone, order, type);
	if (page && cma_target_isolate(zone, page, 1UL << order) < 0)
		page = NULL;
	spin_unlock_irqrestore(&zone->lock, flags);
	if (!page)
		return NULL;
	cma_buddy_prepare(cma_range_of(page_to_pfn(page), 1UL << order),
			  targets->gfp | __GFP_COMP);
	return page_rmappable_folio(page);
}

static struct folio *cma_target_chunk_folio(const struct cma_targets *targets,
					    const struct folio *src)
{
	enum zone_type src_highest = cma_target_highest(folio_zone(src));
	struct pglist_data *node = targets->zone->zone_pgdat;
	int index = cma_targets_highest(targets);
	unsigned int order = folio_order(src);
	struct folio *folio = NULL;

	for (; index >= 0 && !folio; index--) {
		struct zone *zone = &node->node_zones[index];

		if ((folio_test_anon(src) || index <= src_highest) &&
		    cma_target_zone_has(targets, zone, 1UL << order, WMARK_LOW))
			folio = cma_target_isolate_folio(targets, zone, order);
	}
	return folio;
}

/*
 * A chunk that is free, or one attempt of the page allocator. If that fails, too, the
 * folio is split.
 */
static struct folio *cma_target_large(const struct cma_targets *targets,
				      struct folio *src)
{
	struct folio *dst = NULL;

	if (!folio_test_hugetlb(src))
		dst = cma_target_chunk_folio(targets, src);
	if (dst || targets->from == CMA_TARGETS_AREAS)
		return dst;
	return cma_target_alloc(targets, src);
}

/**
 * cma_target_get() - get a folio to migrate to, for migrate_pages()
 * @src: the folio that is to be migrated
 * @data: the struct cma_targets
 *
 * When all memory outside the areas is used up, the folio can be from an area.
 *
 * Context: process context; sleeps when the stock is empty.
 * Return: a folio as large as @src; NULL when there is no memory.
 */
struct folio *cma_target_get(struct folio *src, unsigned long data)
{
	struct cma_targets *targets = (struct cma_targets *)data;

	if (targets->from == CMA_TARGETS_PINNED)
		return cma_target_alloc(targets, src);
	return folio_test_large(src) ? cma_target_large(targets, src) :
				       cma_target_small(targets, src);
}

/**
 * cma_target_put() - return a folio that was not needed
 * @dst: from cma_target_get()
 * @data: the struct cma_targets
 *
 * A copy may have begun, so a small folio is prepared anew before it is used
 * again: on arm64 it can have the memory tags of what was copied.
 */
void cma_target_put(struct folio *dst, unsigned long data)
{
	struct cma_targets *targets = (struct cma_targets *)data;

	if (folio_test_large(dst))
		folio_put(dst);
	else if (folio_put_testzero(dst) && free_pages_prepare(&dst->page, 0))
		cma_targets_add(targets, &dst->page, 0);
}
