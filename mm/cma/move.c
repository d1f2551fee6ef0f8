// SPDX-License-Identifier: GPL-2.0
/*
 * Anonymous memory out of the way, see move.h.
 *
 *   unmap	lock the folio, put migration entries where it was mapped
 *   flush	one TLB flush for all of them
 *   copy	to the target, which takes its place in the page tables
 *   put	adjacent pages back to the free lists as one chunk
 *
 * What does not work at the first attempt is left as it was, for
 * migrate_pages() to try harder: nothing is waited for, since many folios are
 * locked at once.
 */
#include <linux/migrate.h>
#include <linux/mm.h>
#include <linux/page_owner.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>
#include <linux/swap.h>
#include <linux/vmstat.h>
#include <trace/events/migrate.h>

#include "../internal.h"
#include "move.h"
#include "engine.h"

/**
 * struct cma_migrate_batch - a batch of folios on the move
 * @unmapped: folios with migration entries, locked
 * @dst: their targets, locked, in the same order; the anon_vma that each needs
 *	 to be mapped again is in its private field meanwhile
 * @gone: where folios were that have moved
 * @targets: where the targets come from
 */
struct cma_migrate_batch {
	struct list_head unmapped;
	struct list_head dst;
	struct list_head gone;
	struct cma_targets *targets;
};

/* Back to where it was. */
static void cma_migrate_undo(struct folio *folio, struct anon_vma *anon_vma)
{
	remove_migration_ptes(folio, folio, 0);
	put_anon_vma(anon_vma);
	folio_unlock(folio);
}

/*
 * Somebody must keep the anon_vma while the folio is mapped nowhere. Folios in
 * the swap cache, or not mapped at all, are none of the common cases.
 */
static struct anon_vma *cma_migrate_lock(struct folio *folio)
{
	struct anon_vma *anon_vma = NULL;

	if (!folio_trylock(folio))
		return NULL;
	if (folio_test_anon(folio) && !folio_test_ksm(folio) &&
	    !folio_test_hwpoison(folio) &&
	    !folio_test_swapcache(folio) && !folio_test_writeback(folio) &&
	    !folio_test_mlocked(folio) && folio_mapped(folio))
		anon_vma = folio_get_anon_vma(folio);
	if (!anon_vma)
		folio_unlock(folio);
	return anon_vma;
}

static struct folio *cma_migrate_target(struct cma_targets *targets)
{
	struct folio *dst = cma_target_stock(targets);

	if (!dst || folio_trylock(dst))
		return dst;
	folio_put(dst);
	return NULL;
}

/* False when there is no target in stock. */
static bool cma_migrate_unmap(struct cma_migrate_batch *move, struct folio *folio)
{
	struct anon_vma *anon_vma = cma_migrate_lock(folio);
	struct folio *dst;

	if (!anon_vma)
		return true;
	dst = cma_migrate_target(move->targets);
	if (!dst) {
		put_anon_vma(anon_vma);
		folio_unlock(folio);
		return false;
	}
	try_to_migrate(folio, TTU_BATCH_FLUSH);
	if (folio_mapped(folio)) {
		cma_migrate_undo(folio, anon_vma);
		folio_unlock(dst);
		cma_target_put(dst, (unsigned long)move->targets);
		return true;
	}
	dst->private = anon_vma;
	list_move_tail(&folio->lru, &move->unmapped);
	list_add_tail(&dst->lru, &move->dst);
	return true;
}

/* Copy, and be mapped again; the caller has no use for @dst after this. */
static bool cma_migrate_copy(struct cma_migrate_batch *move, struct folio *folio,
			     struct folio *dst)
{
	struct anon_vma *anon_vma = dst->private;

	list_del(&dst->lru);
	dst->private = NULL;
	if (migrate_folio(NULL, dst, folio, MIGRATE_ASYNC)) {
		cma_migrate_undo(folio, anon_vma);
		folio_unlock(dst);
		cma_target_put(dst, (unsigned long)move->targets);
		return false;
	}
	flush_dcache_folio(dst);
	folio_add_lru(dst);
	remove_migration_ptes(folio, dst, 0);
	folio_unlock(dst);
	set_page_owner_migrate_reason(&dst->page, MR_CONTIG_RANGE);
	folio_put(dst);
	put_anon_vma(anon_vma);
	folio_unlock(folio);
	return true;
}

static void cma_migrate_unmap_all(struct cma_migrate_batch *move, struct list_head *folios)
{
	struct folio *folio, *next;

	list_for_each_entry_safe(folio, next, folios, lru) {
		if (!cma_migrate_unmap(move, folio))
			break;
		cond_resched();
	}
	try_to_unmap_flush();
}

static void cma_migrate_copy_all(struct cma_migrate_batch *move, struct list_head *folios)
{
	struct folio *folio, *next, *dst;

	list_for_each_entry_safe(folio, next, &move->unmapped, lru) {
		dst = list_first_entry(&move->dst, struct folio, lru);
		if (cma_migrate_copy(move, folio, dst))
			list_move_tail(&folio->lru, &move->gone);
		else
			list_move(&folio->lru, folios);
		cond_resched();
	}
}

/* The last reference to each is ours, or somebody looks at it in passing. */
static unsigned long cma_migrate_put_all(struct list_head *gone)
{
	struct cma_range run = cma_range_of(0, 0);
	struct folio *folio, *next;
	unsigned long nr = 0;

	list_for_each_entry_safe(folio, next, gone, lru) {
		list_del(&folio->lru);
		nr++;
		if (!folio_put_testzero(folio))
			continue;
		folio->mapping = NULL;
		cma_buddy_free_next(&run, folio_pfn(folio));
	}
	cma_buddy_free(run);
	return nr;
}

/**
 * cma_lru_migrate_anon() - move anonymous memory
 * @folios: small folios, from cma_lru_isolate(), all of one node; those that have
 *	    moved are no longer on it
 * @targets: where they go; the rest stays when its stock is used up
 *
 * Context: process context; sleeps.
 * Return: pages moved; where they were is free.
 */
unsigned long cma_lru_migrate_anon(struct list_head *folios,
				   struct cma_targets *targets)
{
	struct cma_migrate_batch move = { .targets = targets };
	unsigned long nr;

	INIT_LIST_HEAD(&move.unmapped);
	INIT_LIST_HEAD(&move.dst);
	INIT_LIST_HEAD(&move.gone);
	trace_mm_migrate_pages_start(MIGRATE_ASYNC, MR_CONTIG_RANGE);
	cma_migrate_unmap_all(&move, folios);
	cma_migrate_copy_all(&move, folios);
	nr = cma_migrate_put_all(&move.gone);
	trace_mm_migrate_pages(nr, 0, 0, 0, 0, 0, MIGRATE_ASYNC,
			       MR_CONTIG_RANGE);
	count_vm_events(PGMIGRATE_SUCCESS, nr);
	return nr;
}
