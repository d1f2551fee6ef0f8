/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The engine: from a demand to pages that a holder can use.
 *
 *   search	finds a window, the cheapest first; allocations enter here
 *   evacuate	empties a window and isolates its pages
 *   scan	tells what lies in a range, without a lock
 *   lru	isolates, reclaims and migrates the common folios, in batches
 *   target	provides the pages to migrate to
 *   buddy	the free lists: isolates, prepares and puts back free pages
 *
 * Each calls only those below it. keep.c and balance.c use parts of it, too.
 */
#ifndef __MM_CMA_ENGINE_H
#define __MM_CMA_ENGINE_H

#include <linux/gfp_types.h>
#include <linux/list.h>

#include "lib/bitmap.h"
#include "lib/range.h"
#include "stat.h"

struct cma;
struct cma_demand;
struct cma_search_cost;
struct folio;
struct pglist_data;
struct zone;

/**
 * enum cma_targets_from - where pages to migrate to come from
 * @CMA_TARGETS_REGULAR: free lists outside the areas, and then the page allocator
 * @CMA_TARGETS_AREAS: free lists of the areas, and nothing else
 * @CMA_TARGETS_PINNED: the page allocator, which keeps pages that will be pinned
 *			away from those that can be moved
 */
enum cma_targets_from {
	CMA_TARGETS_REGULAR,
	CMA_TARGETS_AREAS,
	CMA_TARGETS_PINNED,
};

/**
 * struct cma_targets - pages to migrate to
 * @pages: small folios in stock, each with one reference
 * @count: how many
 * @gfp: how to get further pages when there are none in stock
 * @zone: where the pages come from that are migrated
 * @from: where they come from
 * @starved: a small folio found no page at all to migrate to
 */
struct cma_targets {
	struct list_head pages;
	unsigned long count;
	gfp_t gfp;
	struct zone *zone;
	enum cma_targets_from from;
	bool starved;
};

/**
 * struct cma_isolated - folios off the LRU lists, with a reference each
 * @cache: clean page cache
 * @anon: anonymous memory
 * @left: pages, and large folios, that are in use and were not isolated
 */
struct cma_isolated {
	struct list_head cache;
	struct list_head anon;
	unsigned long left;
};

/**
 * struct cma_scan - what was seen in a range, in pages
 * @looked: how many pages were scanned, one of each free chunk; more for those
 *	    that had to be locked
 * @idle: neither in use nor on a free list; mostly on a per-CPU list
 * @clean: can be reclaimed
 * @clean_large: of @clean: in large folios, each of which goes as a whole
 * @moved: have to be migrated
 * @batched: of @moved: mostly in a batch of a CPU, on the way to an LRU list or
 *	     from one to another; or somebody else has one reference
 * @unmovable: first pfn of a folio that cannot be migrated at this moment: it has
 *	       references of unknown origin, or is busy. The scan ends there.
 *	       ULONG_MAX for none
 * @unmovable_end: first pfn after that folio
 * @is_busy: that folio is only locked or under writeback
 * @in_journal: that folio has metadata that a journal has not yet let go of
 * @has_metadata: a folio is of a block device, and its buffers have references
 * @no_device: mapping of the last folio with buffers that is of no block device; not
 *	       to be followed, the next folio is mostly of the same file
 * @is_pinned: that folio is pinned for DMA
 * @is_drained: as the caller says, see cma_scan_range()
 */
struct cma_scan {
	unsigned long looked;
	unsigned long idle;
	unsigned long clean;
	unsigned long clean_large;
	unsigned long moved;
	unsigned long batched;
	unsigned long unmovable;
	unsigned long unmovable_end;
	bool is_busy;
	bool in_journal;
	bool has_metadata;
	unsigned long no_device;
	bool is_pinned;
	bool is_drained;
};

/**
 * struct cma_pageblock_state - what is in a pageblock, each page counted once
 * @held: given to drivers
 * @free: on the free lists
 * @idle: neither in use nor on a free list; mostly on a per-CPU list
 * @clean: can be reclaimed
 * @movable: has to be migrated
 * @unmovable: has references of unknown origin
 */
struct cma_pageblock_state {
	unsigned long held;
	unsigned long free;
	unsigned long idle;
	unsigned long clean;
	unsigned long movable;
	unsigned long unmovable;
};

/**
 * struct cma_evacuation - one window to be emptied, for one demand
 * @range: the window; locked by the caller, inside one area
 * @gfp: as in struct cma_demand
 * @thorough: the window was not chosen for its cost: try first what seems
 *	      unmovable, and spare no effort
 * @batched: it was chosen though pages of it are in batches, or have one
 *	     reference too many: tell these apart before pages are migrated
 * @spares_cache: migrate clean page cache, too, instead of reclaiming it
 * @patience_ns: how long it may wait, all in all, for folios that others have
 *		 locked or write back; 0 to skip them
 * @blocker: after -EBUSY, the last pfn of what stood in the way
 * @isolation_failed: @blocker is the last pfn of a pageblock that could not be
 *		      isolated, not a page that failed to migrate
 * @pcp_drained: the per-CPU lists of free pages have been drained; not again
 * @lru_drained: the per-CPU batches of LRU pages have been drained; not again
 * @drains: how often that was, for all windows of the demand
 * @moved: pages that this evacuation migrated
 * @reclaimed: clean pages that this evacuation reclaimed
 */
struct cma_evacuation {
	struct cma_range range;
	gfp_t gfp;
	bool thorough;
	bool batched;
	bool spares_cache;
	u64 patience_ns;
	unsigned long blocker;
	bool isolation_failed;
	bool pcp_drained;
	bool lru_drained;
	unsigned int drains;
	unsigned long moved;
	unsigned long reclaimed;
};

/**
 * struct cma_search_result - what came of a demand
 * @range: the pages, held and ready for use; after a failure the window that
 *	   was tried last, ULONG_MAX without one
 * @blocker: after -EBUSY, a pfn of what stood in the way of that
 * @isolation_failed: as in struct cma_evacuation
 * @starved: there was no memory to migrate to, or for a record that was needed
 * @locked_out: after -EBUSY: there was no window to try, because others had
 *		slots locked that nobody holds; @blocker is not set
 * @effort: what it took
 */
struct cma_search_result {
	struct cma_range range;
	unsigned long blocker;
	bool isolation_failed;
	bool starved;
	bool locked_out;
	struct cma_effort effort;
};

/**
 * struct cma_search - one demand on its way
 * @cma: the area
 * @demand: what is wanted
 * @window: the iterator; nothing before window.next is tried any more
 * @costs: what is known of whole pageblocks, by their number in the area; NULL
 *	   as long as that is of no use
 * @record: becomes the area's along with the pages; NULL when its holder stays
 *	    unknown
 * @scanned: what the scans for the current choice have cost, in pages
 * @cost: what it seems to cost to empty the cheapest window
 * @patience_ns: what is left of the time that it may spend on waits and on
 *		 windows that turn out to be busy
 * @evac: what it takes to empty a window
 * @result: what comes of it; once it is starved, only a free window will do
 */
struct cma_search {
	struct cma *cma;
	const struct cma_demand *demand;
	struct cma_window window;
	struct cma_search_cost *costs;
	struct cma_record *record;
	unsigned long scanned;
	unsigned long cost;
	u64 patience_ns;
	struct cma_evacuation evac;
	struct cma_search_result result;
};

/* search.c */
int cma_search_pages(struct cma *cma, const struct cma_demand *demand,
		     struct cma_search_result *result);

/* evacuate.c */
int cma_evacuate(struct cma *cma, struct cma_evacuation *evac);

/* scan.c */
void cma_scan_range(struct cma_scan *scan, struct cma_range range,
		    bool is_drained);
struct cma_pageblock_state cma_scan_pageblock(struct cma *cma,
					      struct cma_range block);

/**
 * cma_scan_has_unmovable() - did a scan end at a folio that seems unmovable?
 * @scan: a finished scan
 *
 * Return: true when it did, as far as one can tell without trying.
 */
static inline bool cma_scan_has_unmovable(const struct cma_scan *scan)
{
	return scan->unmovable < scan->unmovable_end;
}

/**
 * cma_scan_is_free() - was every page on a free list?
 * @scan: a finished scan
 *
 * Return: true when each was.
 */
static inline bool cma_scan_is_free(const struct cma_scan *scan)
{
	return !scan->idle && !scan->clean && !scan->moved &&
	       !cma_scan_has_unmovable(scan);
}

/* lru.c */

/* Most folios that are locked, or unmapped, at the same time. */
#define CMA_LRU_BATCH 32

unsigned long cma_lru_isolate(struct cma_isolated *isolated,
			      struct cma_range range, gfp_t gfp);
unsigned long cma_lru_reclaim_clean(struct pglist_data *node,
				    struct list_head *folios);
unsigned long cma_lru_migrate_anon(struct list_head *folios,
				   struct cma_targets *targets);

/* target.c */
void cma_targets_open(struct cma_targets *targets, struct zone *zone,
		      enum cma_targets_from from, gfp_t gfp);
void cma_targets_fill(struct cma_targets *targets, unsigned long nr_pages);
void cma_targets_close(struct cma_targets *targets);
struct folio *cma_target_stock(struct cma_targets *targets,
			       const struct folio *src);
struct folio *cma_target_get(struct folio *src, unsigned long targets);
void cma_target_put(struct folio *dst, unsigned long targets);

/* buddy.c */
int cma_buddy_isolate(struct cma_range range, unsigned long *blocker);
void cma_buddy_prepare(struct cma_range range, gfp_t gfp);
unsigned long cma_buddy_chunk_start(unsigned long pfn);
unsigned long cma_buddy_find_chunk(struct cma_range range, unsigned int order);
void cma_buddy_putback_locked(struct zone *zone, struct cma_range range);
void cma_buddy_putback(struct cma_range range);
void cma_buddy_free(struct cma_range range);
void cma_buddy_free_next(struct cma_range *run, unsigned long pfn);
void cma_buddy_release(struct cma_range range);

/*
 * With page_owner=on, page_owner wants to see each page: it counts the pages of each
 * stack, and takes those of a chunk for pages of one stack.
 */
#ifdef CONFIG_PAGE_OWNER
#define cma_buddy_tracks_owners() static_branch_unlikely(&page_owner_inited)
#else
#define cma_buddy_tracks_owners() false
#endif

#if IS_ENABLED(CONFIG_KUNIT)
unsigned long cma_evacuate_nr_drains(void);
bool cma_evacuate_drain_hangs(void);
bool cma_evacuate_drain_all(void);
bool cma_search_has_targets(unsigned long nr_pages);
unsigned long cma_search_scan_cost(const struct cma_scan *scan);
bool cma_search_next_cheapest(struct cma_search *search,
			      struct cma_range *range);
void cma_search_free_costs(struct cma_search *search);
void cma_buddy_warn_in_use(unsigned long nr_pages);
#endif

#endif /* __MM_CMA_ENGINE_H */
