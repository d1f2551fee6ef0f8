// SPDX-License-Identifier: GPL-2.0
/*
 * Clean page cache out of the way, see drop.h.
 *
 *   prepare	lock the folio, unmap it, have the file system let go of it
 *   flush	one TLB flush for all of them
 *   remove	from the page cache, those of one file under one hold of its lock
 *   put	adjacent pages back to the free lists as one chunk
 *
 * Locks are only tried and nothing is waited for, since many are held at once.
 * No shadow entries are left behind: that a driver wants memory says nothing
 * about how much of it the workload needs, so these pages are no refaults when
 * they return.
 */
#include <linux/dax.h>
#include <linux/fs.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/mm_inline.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>
#include <linux/shmem_fs.h>
#include <linux/vmstat.h>
#include <linux/xarray.h>
#include <trace/events/filemap.h>

#include "../internal.h"
#include "drop.h"
#include "engine.h"

/* Folios removed with interrupts off. */
#define CMA_RECLAIM_BATCH 32

/**
 * struct cma_reclaim_run - folios of one memory cgroup that left the page cache
 * @last: the last one, NULL at first
 * @nr: how many, not counted as gone so far
 */
struct cma_reclaim_run {
	struct folio *last;
	int nr;
};

static bool cma_reclaim_is_clean(struct folio *folio)
{
	return !folio_test_dirty(folio) && !folio_test_writeback(folio);
}

/* Nobody but the page cache and us refers to a folio that is ready. */
static bool cma_reclaim_is_ready(struct folio *folio)
{
	const struct address_space *mapping = folio->mapping;

	if (!mapping || folio_test_anon(folio) || mapping->a_ops->free_folio ||
	    !cma_reclaim_is_clean(folio) || folio_test_hwpoison(folio))
		return false;
	if (folio_mapped(folio))
		try_to_unmap(folio, TTU_BATCH_FLUSH);
	if (folio_mapped(folio) || !cma_reclaim_is_clean(folio) ||
	    folio_maybe_dma_pinned(folio))
		return false;
	return !folio_needs_release(folio) ||
	       filemap_release_folio(folio, GFP_NOWAIT);
}

static void cma_reclaim_prepare(struct list_head *folios,
				struct list_head *ready)
{
	struct folio *folio, *next;

	list_for_each_entry_safe(folio, next, folios, lru) {
		if (!folio_trylock(folio))
			continue;
		if (cma_reclaim_is_ready(folio))
			list_move_tail(&folio->lru, ready);
		else
			folio_unlock(folio);
	}
}

/*
 * Two references: the page cache's and ours. That they are frozen proves that
 * nobody else can still make the folio dirty, so this is where to look.
 */
static bool cma_reclaim_freeze(struct folio *folio)
{
	if (!folio_ref_freeze(folio, 2))
		return false;
	if (!folio_test_dirty(folio))
		return true;
	folio_ref_unfreeze(folio, 2);
	return false;
}

/*
 * Out of the page cache. Neighbours in memory are mostly neighbours in a file,
 * which saves looking for each from the root.
 */
static void cma_reclaim_delete(struct xa_state *xas, struct folio *folio)
{
	const void *entry = NULL;

	trace_mm_filemap_delete_from_page_cache(folio);
	if (xas->xa_index + 1 == folio->index)
		entry = xas_next(xas);
	if (entry != folio)
		xas_set(xas, folio->index);
	xas_store(xas, NULL);
	folio->mapping->nrpages--;
	folio->mapping = NULL;
}

/* Each change is work for every group above, so it is made once for many. */
static void cma_reclaim_count(struct cma_reclaim_run *run, struct folio *next)
{
	if (run->last && (!next || folio_memcg(next) != folio_memcg(run->last))) {
		__lruvec_stat_mod_folio(run->last, NR_FILE_PAGES, -run->nr);
		run->nr = 0;
	}
	run->last = next;
	run->nr++;
}

/* A batch of folios of one file: out of the page cache, or back to @kept. */
static void cma_reclaim_from_file(struct list_head *ready, struct list_head *gone,
				  struct list_head *kept)
{
	struct folio *folio = list_first_entry(ready, struct folio, lru);
	struct address_space *mapping = folio->mapping;
	struct inode *inode = mapping->host;
	XA_STATE(xas, &mapping->i_pages, folio->index);
	struct cma_reclaim_run run = {};
	int batch = CMA_RECLAIM_BATCH;

	mapping_set_update(&xas, mapping);
	spin_lock(&inode->i_lock);
	xa_lock_irq(&mapping->i_pages);
	do {
		if (cma_reclaim_freeze(folio)) {
			cma_reclaim_delete(&xas, folio);
			cma_reclaim_count(&run, folio);
			list_move_tail(&folio->lru, gone);
		} else {
			list_move(&folio->lru, kept);
		}
		folio = list_first_entry_or_null(ready, struct folio, lru);
	} while (folio && folio->mapping == mapping && --batch);
	cma_reclaim_count(&run, NULL);
	xa_unlock_irq(&mapping->i_pages);
	if (mapping_shrinkable(mapping))
		inode_add_lru(inode);
	spin_unlock(&inode->i_lock);
}

static void cma_reclaim_put(struct folio *folio, struct cma_range *run)
{
	list_del(&folio->lru);
	__folio_clear_active(folio);
	folio_unlock(folio);
	mem_cgroup_uncharge(folio);
	cma_buddy_free_next(run, folio_pfn(folio));
}

static unsigned long cma_reclaim_put_all(struct list_head *gone)
{
	struct cma_range run = cma_range_of(0, 0);
	struct folio *folio, *next;
	unsigned long nr = 0;

	list_for_each_entry_safe(folio, next, gone, lru) {
		cma_reclaim_put(folio, &run);
		nr++;
	}
	cma_buddy_free(run);
	return nr;
}

static void cma_reclaim_unlock_all(const struct list_head *kept)
{
	struct folio *folio;

	list_for_each_entry(folio, kept, lru)
		folio_unlock(folio);
}

/**
 * cma_lru_reclaim_clean() - drop the clean page cache on a list
 * @folios: small folios, from cma_lru_isolate(); those that were dropped are no
 *	    longer on it
 *
 * Leaves alone what takes more than a moment, such as folios that a file system
 * will not let go of without waiting.
 *
 * Context: process context; sleeps.
 * Return: pages dropped; they are free.
 */
unsigned long cma_lru_reclaim_clean(struct list_head *folios)
{
	LIST_HEAD(ready);
	LIST_HEAD(gone);
	LIST_HEAD(kept);

	cma_reclaim_prepare(folios, &ready);
	try_to_unmap_flush();
	while (!list_empty(&ready)) {
		cma_reclaim_from_file(&ready, &gone, &kept);
		cond_resched();
	}
	cma_reclaim_unlock_all(&kept);
	list_splice(&kept, folios);
	return cma_reclaim_put_all(&gone);
}
