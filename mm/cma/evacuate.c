// SPDX-License-Identifier: GPL-2.0
/*
 * Evacuation of a window.
 *
 *   isolate the page blocks, so that what becomes free there stays free
 *   try to take the window: nothing was lent, or it all came back
 *   else, a few times, each with more effort than the last:
 *	 empty the per-CPU lists that keep pages from being free or movable
 *	 drop the clean cache, migrate the rest
 *	 try to take the window
 *   make the page blocks MIGRATE_CMA again
 *
 * Pages may be freed into the window at any time. Once the per-CPU lists are
 * empty, none is allocated from it while it is isolated, so the number of pages
 * to move only falls.
 */
#include <linux/hugetlb.h>
#include <linux/migrate.h>
#include <linux/mm.h>
#include <linux/page-isolation.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/swap.h>
#include <trace/events/kmem.h>
#include <trace/events/page_isolation.h>

#include "../internal.h"
#include "evacuate.h"
#include "take.h"

/* How often a window is worked on while nothing in it refuses to move. */
#define CMA_EVACUATE_PASSES 5
/* How often pages that would not move are tried again before they block. */
#define CMA_EVACUATE_TRIES 5

/* What a caller may ask for; placement flags have no meaning for a window. */
#define CMA_GFP_RECLAIM	(__GFP_IO | __GFP_FS | __GFP_RECLAIM)
#define CMA_GFP_ACTION	(__GFP_COMP | __GFP_RETRY_MAYFAIL | __GFP_NOWARN | \
			 __GFP_ZERO | __GFP_ZEROTAGS | __GFP_SKIP_ZERO | \
			 __GFP_SKIP_KASAN)
#define CMA_GFP_IGNORED	(GFP_ZONEMASK | __GFP_RECLAIMABLE | __GFP_WRITE | \
			 __GFP_HARDWALL | __GFP_THISNODE | __GFP_MOVABLE)

/**
 * struct cma_removal - pages on their way out of a window
 * @cc: what the page isolation code works with
 * @evac: the window
 * @moved: pages migrated so far
 * @dropped: clean pages dropped so far
 * @mapped: pages found mapped so far; only counted for the trace event
 */
struct cma_removal {
	struct compact_control cc;
	struct cma_evacuation *evac;
	unsigned long moved;
	unsigned long dropped;
	unsigned long mapped;
};

static bool cma_evacuate_gfp_is_valid(gfp_t gfp)
{
	return !(gfp & ~(CMA_GFP_RECLAIM | CMA_GFP_ACTION | CMA_GFP_IGNORED));
}

static gfp_t cma_evacuate_target_gfp(gfp_t gfp)
{
	return (gfp & (CMA_GFP_RECLAIM | __GFP_NOWARN)) | __GFP_RETRY_MAYFAIL |
	       __GFP_MOVABLE | __GFP_HARDWALL;
}

static unsigned long cma_evacuate_mapped(const struct list_head *pages)
{
	unsigned long mapped = 0;
	struct folio *folio;

	list_for_each_entry(folio, pages, lru)
		if (folio_mapped(folio))
			mapped += folio_nr_pages(folio);
	return mapped;
}

/* Drop or migrate the pages on the list; it is empty afterwards. */
static int cma_evacuate_list(struct cma_removal *removal)
{
	struct list_head *pages = &removal->cc.migratepages;
	struct migration_target_control target = {
		.nid = zone_to_nid(removal->cc.zone),
		.gfp_mask = removal->cc.gfp_mask,
		.reason = MR_CONTIG_RANGE,
	};
	int tries = CMA_EVACUATE_TRIES;
	unsigned int moved;
	int err = -EBUSY;

	removal->dropped += reclaim_clean_pages_from_list(removal->cc.zone,
							  pages);
	if (trace_mm_alloc_contig_migrate_range_info_enabled())
		removal->mapped += cma_evacuate_mapped(pages);

	while (!list_empty(pages) && tries-- && err != -ENOMEM) {
		moved = 0;
		err = migrate_pages(pages, alloc_migration_target, NULL,
				    (unsigned long)&target, removal->cc.mode,
				    MR_CONTIG_RANGE, &moved);
		removal->moved += moved;
	}
	removal->cc.nr_migratepages = 0;
	if (list_empty(pages))
		return 0;
	putback_movable_pages(pages);
	return err == -ENOMEM ? -ENOMEM : -EBUSY;
}

/* Get every page that can be moved out of the window. */
static int cma_evacuate_movable(struct cma_removal *removal)
{
	struct compact_control *cc = &removal->cc;
	unsigned long pfn = removal->evac->range.start;
	int err = 0;

	while (pfn < removal->evac->range.end && !err) {
		if (fatal_signal_pending(current))
			return -EINTR;
		err = isolate_migratepages_range(cc, pfn,
						 removal->evac->range.end);
		if (err == -EAGAIN)
			err = 0;
		pfn = cc->migrate_pfn;
		if (!list_empty(&cc->migratepages)) {
			int ret = cma_evacuate_list(removal);

			err = err ?: ret;
		}
		cond_resched();
	}
	return err;
}

/* Last pfn of the folio that @pfn is part of. Racy; only a hint. */
static unsigned long cma_evacuate_last_pfn(unsigned long pfn)
{
	struct folio *folio = page_folio(pfn_to_page(pfn));
	unsigned long last = pfn;

	if (!folio_try_get(folio))
		return pfn;
	if (page_folio(pfn_to_page(pfn)) == folio)
		last = folio_pfn(folio) + folio_nr_pages(folio) - 1;
	folio_put(folio);
	return last;
}

static int cma_evacuate_take(struct cma_evacuation *evac)
{
	unsigned long blocker = evac->range.end;
	int err = cma_take_free(evac->range, &blocker);

	trace_test_pages_isolated(evac->range.start, evac->range.end, blocker);
	if (err)
		evac->blocker = cma_evacuate_last_pfn(blocker);
	return err;
}

/*
 * One pass; -EAGAIN when another one may help, because no page refused to move
 * and something has changed: others free and fault pages all the time.
 */
static int cma_evacuate_pass(struct cma_removal *removal)
{
	unsigned long gone = removal->moved + removal->dropped;
	unsigned long blocker = removal->evac->blocker;
	int err;

	drain_all_pages(removal->cc.zone);
	err = cma_evacuate_movable(removal);
	if (err && err != -EBUSY)
		return err;

	wait_for_freed_hugetlb_folios();
	if (!cma_evacuate_take(removal->evac))
		return 0;
	if (err || (gone == removal->moved + removal->dropped &&
		    blocker == removal->evac->blocker))
		return -EBUSY;
	return -EAGAIN;
}

/*
 * Pages in the batches of other CPUs carry references that keep them from being
 * migrated, and the batches refill unless switched off.
 */
static int cma_evacuate_work(struct cma_removal *removal)
{
	int passes = CMA_EVACUATE_PASSES;
	int err;

	lru_cache_disable();
	do {
		err = cma_evacuate_pass(removal);
	} while (err == -EAGAIN && --passes);
	lru_cache_enable();
	return err == -EAGAIN ? -EBUSY : err;
}

static int cma_evacuate_isolated(struct cma_evacuation *evac)
{
	struct cma_removal removal = {
		.cc = {
			.order = -1,
			.zone = page_zone(pfn_to_page(evac->range.start)),
			.migrate_pfn = evac->range.start,
			.gfp_mask = cma_evacuate_target_gfp(evac->gfp),
			.mode = MIGRATE_SYNC,
			.ignore_skip_hint = true,
			.no_set_skip_hint = true,
			.alloc_contig = true,
		},
		.evac = evac,
	};
	int err = cma_evacuate_take(evac);

	INIT_LIST_HEAD(&removal.cc.migratepages);
	if (err)
		err = cma_evacuate_work(&removal);
	trace_mm_alloc_contig_migrate_range_info(evac->range.start,
						 evac->range.end,
						 removal.moved,
						 removal.dropped,
						 removal.mapped, MIGRATE_CMA);
	return err;
}

/* Somebody else isolated a page block, or a page reaches across its edge. */
static unsigned long cma_evacuate_foreign_block(struct cma_range range)
{
	unsigned long pfn;

	for (pfn = range.start; pfn < range.end; pfn = pageblock_end_pfn(pfn))
		if (is_migrate_isolate_page(pfn_to_page(pfn)))
			return pageblock_end_pfn(pfn) - 1;
	return range.start;
}

/**
 * cma_evacuate() - empty a window and take its pages
 * @evac: the window; blocker is filled in after -EBUSY
 *
 * Context: process context; sleeps. The caller has claimed the window and
 * holds cma->evacuation.
 * Return: 0 when the pages belong to the caller; -EBUSY when a page would not
 * go; -ENOMEM when there is no memory to migrate to; -EINTR after a fatal
 * signal; -EINVAL when the gfp flags make no sense here. After an error
 * nothing has changed hands.
 */
int cma_evacuate(struct cma_evacuation *evac)
{
	struct cma_range range = evac->range;
	int err;

	evac->gfp = current_gfp_context(evac->gfp);
	if (!cma_evacuate_gfp_is_valid(evac->gfp))
		return -EINVAL;

	err = start_isolate_page_range(range.start, range.end, MIGRATE_CMA, 0,
				       evac->gfp);
	if (err) {
		evac->blocker = cma_evacuate_foreign_block(range);
		return err;
	}
	err = cma_evacuate_isolated(evac);
	if (!err)
		cma_take_prepare(range, evac->gfp & ~CMA_GFP_IGNORED);
	undo_isolate_page_range(range.start, range.end, MIGRATE_CMA);
	return err;
}
