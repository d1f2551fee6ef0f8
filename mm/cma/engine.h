/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The engine: from a demand to pages that a holder can use.
 *
 *   search	finds a window, cheapest first; the only entrance
 *   scan	looks at what lies in a range, without a lock
 *   evacuate	empties a window and takes it out of the page allocator
 *   lru	isolates, reclaims and migrates the common folios, in batches
 *   target	gives the pages to migrate to
 *   buddy	the free lists: isolate, prepare, put back
 *
 * Each calls only those below it.
 */
#ifndef __MM_CMA_ENGINE_H
#define __MM_CMA_ENGINE_H

#include <linux/gfp_types.h>
#include <linux/list.h>
#include <linux/page_owner.h>

#include "lib/bitmap.h"
#include "lib/range.h"
#include "stat.h"

struct cma;
struct cma_demand;
struct cma_record;
struct cma_search_cost;
struct cma_targets;
struct folio;
struct list_head;
struct pglist_data;
struct zone;

int cma_buddy_isolate(struct cma_range range, unsigned long *blocker);
void cma_buddy_prepare(struct cma_range range, gfp_t gfp);
unsigned long cma_buddy_chunk_start(unsigned long pfn);

/**
 * cma_buddy_tracks_owners() - does page_owner want to see each page?
 *
 * It counts the pages of each stack, and takes those of a chunk for pages of
 * one stack.
 *
 * Context: any.
 * Return: true with page_owner=on.
 */
#ifdef CONFIG_PAGE_OWNER
static inline bool cma_buddy_tracks_owners(void)
{
	return static_branch_unlikely(&page_owner_inited);
}
#else
static inline bool cma_buddy_tracks_owners(void)
{
	return false;
}
#endif

void cma_buddy_putback_locked(struct zone *zone, struct cma_range range);
void cma_buddy_putback(struct cma_range range);
void cma_buddy_free(struct cma_range range);
void cma_buddy_free_next(struct cma_range *run, unsigned long pfn);
void cma_buddy_release(struct cma_range range);

/* What a look at a page, dropping a clean one and moving one cost, about. */
#define CMA_COST_SCAN	1UL
#define CMA_COST_RECLAIM	16UL
#define CMA_COST_MIGRATE	80UL

/**
 * struct cma_scan - what was seen, in pages
 * @looked: how many pages were looked at, one of each free chunk
 * @idle: neither in use nor on a free list; mostly on a per-CPU list
 * @clean: can be dropped
 * @moved: have to be moved
 * @batched: of @moved: not on an LRU list, mostly because a CPU has them in a
 *	     batch that will go there
 * @unmovable: first pfn of what somebody refers to for reasons unknown; the scan
 *	   ends there. ULONG_MAX for nothing
 * @unmovable_end: first pfn behind it
 */
struct cma_scan {
	unsigned long looked;
	unsigned long idle;
	unsigned long clean;
	unsigned long moved;
	unsigned long batched;
	unsigned long unmovable;
	unsigned long unmovable_end;
};

void cma_scan_range(struct cma_scan *scan, struct cma_range range);
unsigned long cma_scan_cost(const struct cma_scan *scan);

/**
 * cma_scan_has_unmovable() - was there a page that will not move?
 * @scan: a finished scan
 *
 * Context: any.
 * Return: true when there was, as far as one can tell without trying.
 */
static inline bool cma_scan_has_unmovable(const struct cma_scan *scan)
{
	return scan->unmovable < scan->unmovable_end;
}

/**
 * cma_scan_is_free() - was every page on a free list?
 * @scan: a finished scan
 *
 * Context: any.
 * Return: true when each was.
 */
static inline bool cma_scan_is_free(const struct cma_scan *scan)
{
	return !scan->idle && !scan->clean && !scan->moved &&
	       !cma_scan_has_unmovable(scan);
}

/**
 * struct cma_pageblock_state - what was seen, in pages; each is counted once
 * @held: given to drivers
 * @free: on the free lists
 * @idle: neither in use nor on a free list; mostly on a per-CPU list
 * @clean: can be dropped
 * @movable: has to be moved
 * @unmovable: somebody refers to them for reasons unknown
 */
struct cma_pageblock_state {
	unsigned long held;
	unsigned long free;
	unsigned long idle;
	unsigned long clean;
	unsigned long movable;
	unsigned long unmovable;
};

struct cma_pageblock_state cma_scan_pageblock(struct cma *cma, struct cma_range block);

/**
 * struct cma_targets - pages to move to
 * @pages: small folios in stock, each with one reference
 * @count: how many
 * @gfp: how to get further pages when there are none in stock
 * @zone: where the pages come from that are moved
 * @in_areas: the stock comes from the areas, and nothing comes from elsewhere
 */
struct cma_targets {
	struct list_head pages;
	unsigned long count;
	gfp_t gfp;
	struct zone *zone;
	bool in_areas;
};

void cma_targets_open(struct cma_targets *targets, struct zone *zone,
		      gfp_t gfp);
void cma_targets_open_areas(struct cma_targets *targets, struct zone *zone);
bool cma_targets_have(const struct cma_targets *targets, unsigned int order);
bool cma_targets_exist(unsigned long nr_pages);
void cma_targets_fill(struct cma_targets *targets, unsigned long nr_pages);
void cma_targets_close(struct cma_targets *targets);

struct folio *cma_target_stock(struct cma_targets *targets);
struct folio *cma_target_get(struct folio *src, unsigned long targets);
void cma_target_put(struct folio *dst, unsigned long targets);

/**
 * struct cma_isolated - what was found in a range
 * @cache: clean page cache; off the LRU lists, a reference each
 * @anon: anonymous memory; the same
 * @left: pages that are in use and were not picked
 */
struct cma_isolated {
	struct list_head cache;
	struct list_head anon;
	unsigned long left;
};

void cma_lru_isolate(struct cma_isolated *isolated, struct cma_range range, gfp_t gfp);
void cma_lru_unaccount(struct pglist_data *node, unsigned long nr_cache,
		       unsigned long nr_anon);

unsigned long cma_lru_reclaim_clean(struct list_head *folios);

unsigned long cma_lru_migrate_anon(struct list_head *folios,
				   struct cma_targets *targets);

/**
 * struct cma_evacuation - one window to be emptied, for one request
 * @range: the window; claimed by the caller, inside one area
 * @gfp: as in struct cma_demand
 * @thorough: was not chosen because it looks good: try what looks stuck first,
 *	      and spare no effort
 * @blocker: after -EBUSY, the last pfn of what stood in the way
 * @isolation_failed: that is the end of a pageblock that could not be isolated
 * @pcp_drained: the per-CPU lists of free pages have been emptied; not again
 * @lru_drained: the per-CPU batches of LRU pages have been emptied; not again
 * @moved: pages migrated so far
 * @reclaimed: clean pages dropped so far
 */
struct cma_evacuation {
	struct cma_range range;
	gfp_t gfp;
	bool thorough;
	unsigned long blocker;
	bool isolation_failed;
	bool pcp_drained;
	bool lru_drained;
	unsigned long moved;
	unsigned long reclaimed;
};

int cma_evacuate(struct cma *cma, struct cma_evacuation *evac);

/**
 * struct cma_search_result - what came of a demand
 * @record: set by the caller: of who will hold the pages, the ledger's after a
 *	    success; or NULL
 * @range: the pages, held and ready for use; after a failure the window that was
 *	   tried last, if any
 * @blocker: after -EBUSY, a pfn of what stood in the way of that
 * @isolation_failed: that is no page, but the end of a pageblock that could not be
 *		 isolated
 * @starved: there was no memory to move pages to
 * @effort: what it took
 */
struct cma_search_result {
	struct cma_record *record;
	struct cma_range range;
	unsigned long blocker;
	bool isolation_failed;
	bool starved;
	struct cma_effort effort;
};

int cma_search_pages(struct cma *cma, const struct cma_demand *demand,
		     struct cma_search_result *result);

/**
 * struct cma_survey - what one request knows of an area
 * @cma: the area
 * @window: the search; nothing before window.next is looked at any more
 * @blocks: what was seen in whole pageblocks, by their number in the area;
 *	    NULL as long as that is of no use
 * @gfp: how memory for @blocks may be had
 * @looked: pages looked at since the survey began
 */
struct cma_survey {
	struct cma *cma;
	struct cma_window window;
	struct cma_search_cost *blocks;
	gfp_t gfp;
	unsigned long looked;
};

bool cma_search_next_cheapest(struct cma_survey *survey, struct cma_range *range);
void cma_search_free_costs(struct cma_survey *survey);

#endif /* __MM_CMA_ENGINE_H */
