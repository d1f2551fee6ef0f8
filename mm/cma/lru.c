// SPDX-License-Identifier: GPL-2.0
/*
 * The common folios, in batches: small folios on the LRU lists that are clean
 * page cache or anonymous memory. All others are left to the isolation code of
 * compaction and to migrate_pages(), which handle one folio at a time.
 *
 *   isolate	take the folios off their LRU lists
 *   reclaim	remove clean page cache
 *   migrate	move anonymous memory
 *
 * Each folio is checked twice: without a lock, then with a reference, which
 * keeps it from becoming something else.
 *
 * All folios of a batch are locked at the same time, and whoever faults on one
 * waits for all. So batches are small, and nothing is rescheduled between lock
 * and unlock.
 */
#include <linux/dax.h>
#include <linux/fs.h>
#include <linux/memcontrol.h>
#include <linux/migrate.h>
#include <linux/mm.h>
#include <linux/mm_inline.h>
#include <linux/page_owner.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/shmem_fs.h>
#include <linux/swap.h>
#include <linux/vmstat.h>
#include <linux/xarray.h>
#include <trace/events/filemap.h>
#include <trace/events/migrate.h>

#include "../internal.h"
#include "compat.h"
#include "engine.h"

/* Most pages and chunks scanned with interrupts off. */
#define CMA_ISOLATE_LOOKS	128

#define CMA_ISOLATE_STATES	(BIT(PG_lru) | BIT(PG_dirty) | BIT(PG_writeback) | \
			 BIT(PG_swapbacked) | BIT(PG_unevictable) | \
			 BIT(PG_mlocked))
/* Lazily freed pages, anonymous and not swap backed, are not handled here. */
#define CMA_ISOLATE_PLAIN	(BIT(PG_lru) | BIT(PG_swapbacked))
#define CMA_ISOLATE_ODD	(BIT(PG_unevictable) | BIT(PG_mlocked) | \
			 BIT(PG_writeback) | BIT(PG_swapcache))

/**
 * struct cma_isolate_control - an isolation at work
 * @isolated: the folios that it has isolated
 * @zone: of the pages
 * @may_cache: page cache, too, because file systems may be entered
 * @lruvec: the one whose lock is held, or NULL
 * @taken: folios, by list, that are off the lists and still counted there
 * @nr_cache: folios of page cache
 * @nr_anon: folios of anonymous memory
 */
struct cma_isolate_control {
	struct cma_isolated *isolated;
	enum zone_type zone;
	bool may_cache;
	struct lruvec *lruvec;
	int taken[NR_LRU_LISTS];
	unsigned long nr_cache;
	unsigned long nr_anon;
};

static bool cma_isolate_is_cache(unsigned long flags, unsigned long mapping)
{
	return (flags & CMA_ISOLATE_STATES) == BIT(PG_lru) && mapping &&
	       !(mapping & PAGE_MAPPING_FLAGS);
}

static bool cma_isolate_is_anon(unsigned long flags, unsigned long mapping)
{
	return (flags & CMA_ISOLATE_PLAIN) == CMA_ISOLATE_PLAIN &&
	       !(flags & CMA_ISOLATE_ODD) &&
	       (mapping & PAGE_MAPPING_FLAGS) == PAGE_MAPPING_ANON;
}

/* A change of the size is work for each parent cgroup: one for many folios. */
static void cma_isolate_count(struct cma_isolate_control *control)
{
	enum lru_list lru;

	for_each_lru(lru) {
		if (control->taken[lru])
			update_lru_size(control->lruvec, lru, control->zone,
					-control->taken[lru]);
		control->taken[lru] = 0;
	}
}

/*
 * LRU_UNEVICTABLE is not a linked list, so such a folio must not be unlinked
 * with list_del().
 */
static void cma_isolate_del(struct cma_isolate_control *control, struct folio *folio)
{
	enum lru_list lru = folio_lru_list(folio);

	if (lru == LRU_UNEVICTABLE) {
		lruvec_del_folio(control->lruvec, folio);
		return;
	}
	if (lru_gen_del_folio(control->lruvec, folio, false))
		return;
	list_del(&folio->lru);
	control->taken[lru]++;
}

/*
 * The lock stays held from one folio to the next. Sparse cannot follow that, so
 * it is told that each of the two functions leaves the lock as it was.
 */
static void cma_isolate_unlock(struct cma_isolate_control *control)
{
	if (control->lruvec) {
		cma_isolate_count(control);
		__acquire(&control->lruvec->lru_lock);
		spin_unlock_irq(&control->lruvec->lru_lock);
	}
	control->lruvec = NULL;
}

/* A folio that is off its LRU list does not change its lruvec. */
static void cma_isolate_lock(struct cma_isolate_control *control, struct folio *folio)
{
	struct lruvec *lruvec = folio_lruvec(folio);

	if (lruvec == control->lruvec)
		return;
	cma_isolate_unlock(control);
	spin_lock_irq(&lruvec->lru_lock);
	__release(&lruvec->lru_lock);
	lruvec_memcg_debug(lruvec, folio);
	control->lruvec = lruvec;
}

/* Only we, the page tables and maybe the page cache have references. */
static bool cma_isolate_is_unshared(const struct folio *folio, bool cache)
{
	return folio_ref_count(folio) == 1 + folio_mapcount(folio) + cache +
					 (cache && folio_test_private(folio));
}

/* With a reference: check the folio again, and take it off its LRU list. */
static bool cma_isolate_folio(struct cma_isolate_control *control, struct folio *folio,
			      bool cache)
{
	unsigned long mapping = (unsigned long)READ_ONCE(folio->mapping);
	unsigned long flags = READ_ONCE(folio->flags);

	if (folio_test_large(folio) ||
	    !(cache ? cma_isolate_is_cache(flags, mapping) :
		      cma_isolate_is_anon(flags, mapping)) ||
	    !cma_isolate_is_unshared(folio, cache) ||
	    !folio_test_clear_lru(folio))
		return false;

	cma_isolate_lock(control, folio);
	cma_isolate_del(control, folio);
	if (cache) {
		list_add_tail(&folio->lru, &control->isolated->cache);
		control->nr_cache++;
	} else {
		list_add_tail(&folio->lru, &control->isolated->anon);
		control->nr_anon++;
	}
	return true;
}

/* folio_put() may acquire the lock that is held, so release it first. */
static void cma_isolate_leave(struct cma_isolate_control *control, struct folio *folio)
{
	cma_isolate_unlock(control);
	folio_put(folio);
	control->isolated->left++;
}

static void cma_isolate_page(struct cma_isolate_control *control, struct page *page)
{
	unsigned long mapping = (unsigned long)READ_ONCE(page->mapping);
	unsigned long flags = READ_ONCE(page->flags);
	bool cache = control->may_cache && cma_isolate_is_cache(flags, mapping);
	struct folio *folio = NULL;

	if (cache || cma_isolate_is_anon(flags, mapping))
		folio = folio_get_nontail_page(page);
	if (!folio)
		control->isolated->left++;
	else if (!cma_isolate_folio(control, folio, cache))
		cma_isolate_leave(control, folio);
}

/* The end of the folio around @pfn. A guess, since there is no reference. */
static unsigned long cma_isolate_end(unsigned long pfn)
{
	struct page *head = compound_head(pfn_to_page(pfn));
	unsigned int order = compound_order(head);
	unsigned long end = page_to_pfn(head) + (1UL << order);

	return order <= MAX_PAGE_ORDER && end > pfn ? end : pfn + 1;
}

static unsigned long cma_isolate_one(struct cma_isolate_control *control, unsigned long pfn)
{
	struct page *page = pfn_to_page(pfn);

	if (PageBuddy(page)) {
		unsigned int order = buddy_order_unsafe(page);

		return pfn + (order <= MAX_PAGE_ORDER ? 1UL << order : 1);
	}
	if (PageCompound(page)) {
		control->isolated->left++;
		return cma_isolate_end(pfn);
	}
	cma_isolate_page(control, page);
	return pfn + 1;
}

static void cma_isolate_account(struct pglist_data *node, long nr_cache,
				long nr_anon)
{
	mod_node_page_state(node, NR_ISOLATED_FILE, nr_cache);
	mod_node_page_state(node, NR_ISOLATED_ANON, nr_anon);
}

static bool cma_isolate_may_more(const struct cma_isolate_control *control)
{
	return control->nr_cache + control->nr_anon < CMA_LRU_BATCH;
}

/**
 * cma_lru_isolate() - isolate a batch of common folios from their LRU lists
 * @isolated: receives them, at most CMA_LRU_BATCH
 * @range: pages of one zone
 * @gfp: page cache is isolated only with __GFP_FS
 *
 * Context: process context; interrupts are on.
 * Return: where to go on: the first pfn that it did not look at. It can be after
 * the end of @range.
 */
unsigned long cma_lru_isolate(struct cma_isolated *isolated,
			      struct cma_range range, gfp_t gfp)
{
	struct cma_isolate_control control = {
		.isolated = isolated,
		.zone = page_zonenum(pfn_to_page(range.start)),
		.may_cache = gfp & __GFP_FS,
	};
	unsigned long pfn = range.start;
	unsigned int looks = 0;

	INIT_LIST_HEAD(&isolated->cache);
	INIT_LIST_HEAD(&isolated->anon);
	isolated->left = 0;
	while (pfn < range.end && cma_isolate_may_more(&control)) {
		pfn = cma_isolate_one(&control, pfn);
		if (++looks % CMA_ISOLATE_LOOKS)
			continue;
		cma_isolate_unlock(&control);
		cond_resched();
	}
	cma_isolate_unlock(&control);
	cma_isolate_account(page_pgdat(pfn_to_page(range.start)),
			    control.nr_cache, control.nr_anon);
	return pfn;
}

/*
 * Reclaim of clean page cache.
 *
 *   prepare	lock the folio, unmap it, have the file system release it
 *   flush	one TLB flush for all of them
 *   remove	from the page cache; those of a file under one hold of its lock
 *   free	adjacent pages, as one chunk
 *
 * Locks are only tried, and nothing waits, because many folios are locked at
 * once. What was hot leaves a shadow entry in the page cache, as it does after
 * reclaim: it is hot again when it is read again, and counts as a refault. The
 * rest leaves none, which would cost a tenth more: the demand of a driver says
 * nothing about the working set.
 */

/**
 * struct cma_reclaim_run - folios of one memory cgroup that left the page cache
 * @last: the last one, NULL at first
 * @nr: how many of them NR_FILE_PAGES still counts
 */
struct cma_reclaim_run {
	struct folio *last;
	int nr;
};

static bool cma_reclaim_is_clean(struct folio *folio)
{
	return !folio_test_dirty(folio) && !folio_test_writeback(folio);
}

/*
 * Locked memory stays. While its folio is off the LRU list, munlock() can leave
 * the mark of it, which only the free of a single page corrects.
 */
static bool cma_reclaim_is_evictable(struct folio *folio)
{
	return folio_evictable(folio) && !folio_test_unevictable(folio);
}

/* A folio that is ready is clean, unmapped and without private data. */
static bool cma_reclaim_is_ready(struct folio *folio)
{
	const struct address_space *mapping = folio->mapping;

	if (!mapping || folio_test_anon(folio) || mapping->a_ops->free_folio ||
	    !cma_reclaim_is_clean(folio) || folio_test_hwpoison(folio))
		return false;
	if (folio_mapped(folio))
		try_to_unmap(folio, TTU_BATCH_FLUSH);
	if (folio_mapped(folio) || !cma_reclaim_is_clean(folio) ||
	    !cma_reclaim_is_evictable(folio) || folio_maybe_dma_pinned(folio))
		return false;
	return !folio_needs_release(folio) ||
	       filemap_release_folio(folio, GFP_NOWAIT);
}

/* A file system that allocates to release a folio must not reclaim for it. */
static void cma_reclaim_prepare(struct list_head *folios,
				struct list_head *ready)
{
	unsigned int noreclaim = memalloc_noreclaim_save();
	struct folio *folio, *next;

	list_for_each_entry_safe(folio, next, folios, lru) {
		if (!folio_trylock(folio))
			continue;
		if (cma_reclaim_is_ready(folio))
			list_move_tail(&folio->lru, ready);
		else
			folio_unlock(folio);
	}
	memalloc_noreclaim_restore(noreclaim);
}

/*
 * Two references: the page cache's and ours. While they are frozen, nobody else
 * can make the folio dirty, so only this check is final.
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

/* A file on its way out gets no shadows: nobody would remove them. */
static void *cma_reclaim_shadow(struct folio *folio)
{
	struct address_space *mapping = folio->mapping;

	if (!folio_test_active(folio) && !folio_test_workingset(folio))
		return NULL;
	if (mapping_exiting(mapping) || dax_mapping(mapping))
		return NULL;
	return workingset_eviction(folio, NULL);
}

/*
 * Remove a folio from the page cache. Neighbours in memory are mostly
 * neighbours in a file, so the next entry is tried before a walk from the root.
 */
static void cma_reclaim_delete(struct xa_state *xas, struct folio *folio)
{
	void *shadow = cma_reclaim_shadow(folio);
	const void *entry = NULL;

	trace_mm_filemap_delete_from_page_cache(folio);
	if (xas->xa_index + 1 == folio->index)
		entry = xas_next(xas);
	if (entry != folio)
		xas_set(xas, folio->index);
	xas_store(xas, shadow);
	if (shadow)
		xas_init_marks(xas);
	folio->mapping->nrpages--;
	folio->mapping = NULL;
}

/* A change is work for each parent cgroup: one for many folios. */
static void cma_reclaim_count(struct cma_reclaim_run *run, struct folio *next)
{
	if (run->last && (!next || folio_memcg(next) != folio_memcg(run->last))) {
		__lruvec_stat_mod_folio(run->last, NR_FILE_PAGES, -run->nr);
		run->nr = 0;
	}
	run->last = next;
	run->nr++;
}

/* Remove a batch of folios of one file; those that must stay go to @kept. */
static void cma_reclaim_from_file(struct list_head *ready, struct list_head *gone,
				  struct list_head *kept)
{
	struct folio *folio = list_first_entry(ready, struct folio, lru);
	struct address_space *mapping = folio->mapping;
	struct inode *inode = mapping->host;
	XA_STATE(xas, &mapping->i_pages, folio->index);
	struct cma_reclaim_run run = {};

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
	} while (folio && folio->mapping == mapping);
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
 * cma_lru_reclaim_clean() - reclaim the clean page cache on a list
 * @node: of the folios
 * @folios: small folios from cma_lru_isolate(); receives those that are left
 *
 * It skips folios for which it would have to wait, such as those that a file
 * system cannot release at once.
 *
 * Context: process context; sleeps.
 * Return: pages reclaimed; they are free.
 */
unsigned long cma_lru_reclaim_clean(struct pglist_data *node,
				    struct list_head *folios)
{
	unsigned long nr;
	LIST_HEAD(ready);
	LIST_HEAD(gone);
	LIST_HEAD(kept);

	cma_reclaim_prepare(folios, &ready);
	try_to_unmap_flush();
	while (!list_empty(&ready))
		cma_reclaim_from_file(&ready, &gone, &kept);
	cma_reclaim_unlock_all(&kept);
	list_splice(&kept, folios);
	nr = cma_reclaim_put_all(&gone);
	cma_isolate_account(node, -(long)nr, 0);
	return nr;
}

/*
 * Migration of anonymous memory.
 *
 *   unmap	lock the folio, put migration entries where it was mapped
 *   flush	one TLB flush for all of them
 *   copy	to the target, which replaces the folio in the page tables
 *   free	adjacent pages, as one chunk
 *
 * Nothing waits, because many folios are locked at once. A folio that cannot be
 * migrated at the first attempt stays as it was; migrate_pages() tries harder.
 */

/**
 * struct cma_migrate_batch - a batch of folios that are being migrated
 * @unmapped: folios with migration entries, locked
 * @dst: their targets, locked, in the same order; the private field of each has
 *	 the anon_vma that it takes to map the folio again
 * @gone: folios that were migrated, not yet freed
 * @targets: where the targets come from
 */
struct cma_migrate_batch {
	struct list_head unmapped;
	struct list_head dst;
	struct list_head gone;
	struct cma_targets *targets;
};

static enum migrate_reason cma_migrate_reason(const struct cma_targets *targets)
{
	switch (targets->from) {
	case CMA_TARGETS_PINNED:
		return MR_LONGTERM_PIN;
	case CMA_TARGETS_AREAS:
		return MR_COMPACTION;
	default:
		return MR_CONTIG_RANGE;
	}
}

/* Map the folio again where it was. */
static void cma_migrate_undo(struct folio *folio, struct anon_vma *anon_vma)
{
	remove_migration_ptes(folio, folio, 0);
	put_anon_vma(anon_vma);
	folio_unlock(folio);
}

/*
 * Returns a reference to the anon_vma, which must not go away while the folio
 * is unmapped. Folios in the swap cache, or not mapped at all, are not handled
 * here.
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

static struct folio *cma_migrate_target(struct cma_targets *targets,
					const struct folio *src)
{
	struct folio *dst = cma_target_stock(targets, src);

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
	dst = cma_migrate_target(move->targets, folio);
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

/* Copy the folio and map @dst in its place; consumes @dst in any case. */
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
	set_page_owner_migrate_reason(&dst->page,
				      cma_migrate_reason(move->targets));
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
	}
}

/* Ours is the last reference, unless somebody examines the page just now. */
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
 * cma_lru_migrate_anon() - migrate anonymous memory
 * @folios: small folios from cma_lru_isolate(), all of one node; receives those
 *	    that are left
 * @targets: the pages to migrate to; when the stock is used up, the rest stays
 *
 * Context: process context; sleeps.
 * Return: pages migrated; the old pages are free.
 */
unsigned long cma_lru_migrate_anon(struct list_head *folios,
				   struct cma_targets *targets)
{
	struct cma_migrate_batch move = { .targets = targets };
	enum migrate_reason reason = cma_migrate_reason(targets);
	unsigned long nr;

	INIT_LIST_HEAD(&move.unmapped);
	INIT_LIST_HEAD(&move.dst);
	INIT_LIST_HEAD(&move.gone);
	trace_mm_migrate_pages_start(MIGRATE_ASYNC, reason);
	cma_migrate_unmap_all(&move, folios);
	cma_migrate_copy_all(&move, folios);
	nr = cma_migrate_put_all(&move.gone);
	trace_mm_migrate_pages(nr, 0, 0, 0, 0, 0, MIGRATE_ASYNC, reason);
	count_vm_events(PGMIGRATE_SUCCESS, nr);
	cma_isolate_account(targets->zone->zone_pgdat, 0, -(long)nr);
	return nr;
}
