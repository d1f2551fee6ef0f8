// SPDX-License-Identifier: GPL-2.0
/*
 * A pageblock of regular memory, emptied as far as that costs little.
 *
 *   common	small anonymous folios, in bulk
 *   others	one by one: large folios, shared and locked memory, what drivers
 *		have made movable
 *
 * Page cache that can be dropped is left to reclaim, which knows how much it is
 * worth. A large folio is moved as a whole or not at all.
 *
 * Reclaim calls this, so nothing is waited for, nothing is allocated, and no
 * folio that belongs to a file system is touched where that could be entered
 * a second time.
 */
#include <linux/hugetlb.h>
#include <linux/migrate.h>
#include <linux/mm.h>
#include <linux/mm_inline.h>

#include "../internal.h"
#include "engine.h"
#include "transfer.h"

/**
 * struct cma_transfer_control - a transfer at work
 * @folios: off their LRU lists, to be moved
 * @targets: pages of the areas
 * @transfer: the result
 */
struct cma_transfer_control {
	struct list_head folios;
	struct cma_targets targets;
	struct cma_transfer *transfer;
};

/* What was isolated is moved, or goes back to where it was. */
static void cma_transfer_list(struct cma_transfer_control *control)
{
	unsigned int moved = 0;
	struct folio *folio;

	if (list_empty(&control->folios))
		return;
	cma_targets_fill(&control->targets, list_count_nodes(&control->folios));
	migrate_pages(&control->folios, cma_target_get, cma_target_put,
		      (unsigned long)&control->targets, MIGRATE_ASYNC,
		      MR_CONTIG_RANGE, &moved);
	control->transfer->moved += moved;
	list_for_each_entry(folio, &control->folios, lru)
		control->transfer->unmovable += folio_nr_pages(folio);
	putback_movable_pages(&control->folios);
}

/* Returns how many pages are in use and are not of the common kind. */
static unsigned long cma_transfer_common(struct cma_transfer_control *control,
					 struct cma_range block)
{
	struct cma_isolated isolated;
	unsigned long moved;

	/* Page cache would be picked to be dropped, so none is. */
	cma_lru_isolate(&isolated, block, control->transfer->gfp & ~__GFP_FS);
	if (list_empty(&isolated.anon))
		return isolated.left;
	cma_targets_fill(&control->targets, list_count_nodes(&isolated.anon));
	moved = cma_lru_migrate_anon(&isolated.anon, &control->targets);
	cma_lru_unaccount(control->targets.zone->zone_pgdat, 0, moved);
	control->transfer->moved += moved;
	list_splice(&isolated.anon, &control->folios);
	return isolated.left;
}

/* Locked memory stays where it is for tasks that cannot take a page fault. */
static bool cma_transfer_may_disturb(const struct folio *folio)
{
	return !folio_test_unevictable(folio) ||
	       !IS_ENABLED(CONFIG_PREEMPT_RT);
}

/* Without a target for the whole of it, a large folio would be split. */
static bool cma_transfer_fits(struct cma_transfer_control *control, struct folio *folio)
{
	if (!folio_test_large(folio))
		return true;
	return (thp_migration_supported() || !folio_test_pmd_mappable(folio)) &&
	       cma_targets_have(&control->targets, folio_order(folio));
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
	if (!cma_transfer_suits(control, folio) || !folio_isolate_lru(folio))
		return false;
	node_stat_add_folio(folio, NR_ISOLATED_ANON +
			    folio_is_file_lru(folio));
	return true;
}

/* Returns how many pages were looked at. */
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
	if (cma_transfer_isolate(control, folio))
		list_add_tail(&folio->lru, &control->folios);
	/* An isolated one keeps the reference of that. */
	folio_put(folio);
	return pages;
}

static void cma_transfer_others(struct cma_transfer_control *control, struct cma_range block)
{
	unsigned long pfn = block.start;

	while (pfn < block.end) {
		pfn += cma_transfer_page(control, pfn_to_page(pfn));
		cond_resched();
	}
}

/**
 * cma_transfer_pageblock() - move what is in a pageblock into areas
 * @transfer: its gfp is set; the counters are added to
 * @block: pages of one pageblock of regular memory, of one zone
 *
 * As much as there are free pages in areas for.
 *
 * Context: process context, in reclaim, too; sleeps only to be preempted.
 */
void cma_transfer_pageblock(struct cma_transfer *transfer, struct cma_range block)
{
	struct cma_transfer_control control = {
		.folios = LIST_HEAD_INIT(control.folios),
		.transfer = transfer,
	};

	cma_targets_open_areas(&control.targets,
			       page_zone(pfn_to_page(block.start)));
	if (cma_transfer_common(&control, block))
		cma_transfer_others(&control, block);
	cma_transfer_list(&control);
	cma_targets_close(&control.targets);
}
