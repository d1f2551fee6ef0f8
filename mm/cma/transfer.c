// SPDX-License-Identifier: GPL-2.0
/*
 * A page block of regular memory, emptied as far as that costs little.
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
#include "move.h"
#include "pick.h"
#include "target.h"
#include "transfer.h"

/**
 * struct cma_haul - a transfer at work
 * @folios: off their LRU lists, to be moved
 * @targets: pages of the areas
 * @transfer: the result
 */
struct cma_haul {
	struct list_head folios;
	struct cma_targets targets;
	struct cma_transfer *transfer;
};

/* What was isolated is moved, or goes back to where it was. */
static void cma_transfer_list(struct cma_haul *haul)
{
	unsigned int moved = 0;
	struct folio *folio;

	if (list_empty(&haul->folios))
		return;
	cma_targets_fill(&haul->targets, list_count_nodes(&haul->folios));
	migrate_pages(&haul->folios, cma_target_get, cma_target_put,
		      (unsigned long)&haul->targets, MIGRATE_ASYNC,
		      MR_CONTIG_RANGE, &moved);
	haul->transfer->moved += moved;
	list_for_each_entry(folio, &haul->folios, lru)
		haul->transfer->stuck += folio_nr_pages(folio);
	putback_movable_pages(&haul->folios);
}

/* Returns how many pages are in use and are not of the common kind. */
static unsigned long cma_transfer_common(struct cma_haul *haul,
					 struct cma_range block)
{
	struct cma_picked picked;
	unsigned long moved;

	/* Page cache would be picked to be dropped, so none is. */
	cma_pick(&picked, block, haul->transfer->gfp & ~__GFP_FS);
	if (list_empty(&picked.anon))
		return picked.left;
	cma_targets_fill(&haul->targets, list_count_nodes(&picked.anon));
	moved = cma_move_anon(&picked.anon, &haul->targets);
	cma_pick_forget(haul->targets.zone->zone_pgdat, 0, moved);
	haul->transfer->moved += moved;
	list_splice(&picked.anon, &haul->folios);
	return picked.left;
}

/* Locked memory stays where it is for tasks that cannot take a page fault. */
static bool cma_transfer_may_disturb(const struct folio *folio)
{
	return !folio_test_unevictable(folio) ||
	       !IS_ENABLED(CONFIG_PREEMPT_RT);
}

/* Without a target for the whole of it, a large folio would be split. */
static bool cma_transfer_fits(struct cma_haul *haul, struct folio *folio)
{
	if (!folio_test_large(folio))
		return true;
	return (thp_migration_supported() || !folio_test_pmd_mappable(folio)) &&
	       cma_targets_have(&haul->targets, folio_order(folio));
}

static bool cma_transfer_suits(struct cma_haul *haul, struct folio *folio)
{
	if (folio_test_hugetlb(folio) || folio_maybe_dma_pinned(folio))
		return false;
	if (!folio_test_swapbacked(folio) && !folio_test_unevictable(folio))
		return false;
	if (!(haul->transfer->gfp & __GFP_FS) && folio_mapping(folio))
		return false;
	return cma_transfer_may_disturb(folio) && cma_transfer_fits(haul, folio);
}

static bool cma_transfer_isolate(struct cma_haul *haul, struct folio *folio)
{
	if (__folio_test_movable(folio))
		return isolate_movable_page(&folio->page, ISOLATE_UNEVICTABLE);
	if (!cma_transfer_suits(haul, folio) || !folio_isolate_lru(folio))
		return false;
	node_stat_add_folio(folio, NR_ISOLATED_ANON +
			    folio_is_file_lru(folio));
	return true;
}

/* Returns how many pages were looked at. */
static unsigned long cma_transfer_page(struct cma_haul *haul, struct page *page)
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
	if (cma_transfer_isolate(haul, folio))
		list_add_tail(&folio->lru, &haul->folios);
	/* An isolated one keeps the reference of that. */
	folio_put(folio);
	return pages;
}

static void cma_transfer_others(struct cma_haul *haul, struct cma_range block)
{
	unsigned long pfn = block.start;

	while (pfn < block.end) {
		pfn += cma_transfer_page(haul, pfn_to_page(pfn));
		cond_resched();
	}
}

/**
 * cma_transfer() - move what is in a page block into areas
 * @transfer: its gfp is set; the counters are added to
 * @block: pages of one page block of regular memory, of one zone
 *
 * As much as there are free pages in areas for.
 *
 * Context: process context, in reclaim, too; sleeps only to be preempted.
 */
void cma_transfer(struct cma_transfer *transfer, struct cma_range block)
{
	struct cma_haul haul = {
		.folios = LIST_HEAD_INIT(haul.folios),
		.transfer = transfer,
	};

	cma_targets_open_areas(&haul.targets,
			       page_zone(pfn_to_page(block.start)));
	if (cma_transfer_common(&haul, block))
		cma_transfer_others(&haul, block);
	cma_transfer_list(&haul);
	cma_targets_close(&haul.targets);
}
