// SPDX-License-Identifier: GPL-2.0
/*
 * The common cases, see pick.h. A page is looked at without a lock, then again
 * with a reference, which keeps it from becoming something else.
 */
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/mm_inline.h>
#include <linux/sched.h>

#include "../internal.h"
#include "pick.h"

/* Folios taken off an LRU list, and pages looked at, with interrupts off. */
#define CMA_PICK_BATCH	32
#define CMA_PICK_LOOKS	128

#define CMA_PICK_STATES	(BIT(PG_lru) | BIT(PG_dirty) | BIT(PG_writeback) | \
			 BIT(PG_swapbacked) | BIT(PG_unevictable) | \
			 BIT(PG_mlocked))
/* Anonymous pages that are not swap backed can be dropped: not done here. */
#define CMA_PICK_PLAIN	(BIT(PG_lru) | BIT(PG_swapbacked))
#define CMA_PICK_ODD	(BIT(PG_unevictable) | BIT(PG_mlocked) | \
			 BIT(PG_writeback) | BIT(PG_swapcache))

/**
 * struct cma_picker - where a pick is
 * @picked: what it has found
 * @zone: of the pages
 * @may_cache: file systems may be entered
 * @lruvec: whose lock it holds, or NULL
 * @taken: folios that are off its lists and still counted there
 * @batch: how many folios it may take before it lets go of that
 * @nr_cache: folios of page cache
 * @nr_anon: folios of anonymous memory
 */
struct cma_picker {
	struct cma_picked *picked;
	enum zone_type zone;
	bool may_cache;
	struct lruvec *lruvec;
	int taken[NR_LRU_LISTS];
	int batch;
	unsigned long nr_cache;
	unsigned long nr_anon;
};

static bool cma_pick_is_cache(unsigned long flags, unsigned long mapping)
{
	return (flags & CMA_PICK_STATES) == BIT(PG_lru) && mapping &&
	       !(mapping & PAGE_MAPPING_FLAGS);
}

static bool cma_pick_is_anon(unsigned long flags, unsigned long mapping)
{
	return (flags & CMA_PICK_PLAIN) == CMA_PICK_PLAIN &&
	       !(flags & CMA_PICK_ODD) &&
	       (mapping & PAGE_MAPPING_FLAGS) == PAGE_MAPPING_ANON;
}

/* Each change of a list's size is work for every group above. */
static void cma_pick_count(struct cma_picker *picker)
{
	enum lru_list lru;

	for_each_lru(lru) {
		if (picker->taken[lru])
			update_lru_size(picker->lruvec, lru, picker->zone,
					-picker->taken[lru]);
		picker->taken[lru] = 0;
	}
}

/* A folio that became unevictable after the look is on a list in name only. */
static void cma_pick_del(struct cma_picker *picker, struct folio *folio)
{
	enum lru_list lru = folio_lru_list(folio);

	if (lru == LRU_UNEVICTABLE) {
		lruvec_del_folio(picker->lruvec, folio);
		return;
	}
	if (lru_gen_del_folio(picker->lruvec, folio, false))
		return;
	list_del(&folio->lru);
	picker->taken[lru]++;
}

/*
 * The lock is held from one folio to the next, which is more than sparse can
 * follow: it is told that each of these two leaves things as they were.
 */
static void cma_pick_unlock(struct cma_picker *picker)
{
	if (picker->lruvec) {
		cma_pick_count(picker);
		__acquire(&picker->lruvec->lru_lock);
		spin_unlock_irq(&picker->lruvec->lru_lock);
	}
	picker->lruvec = NULL;
	picker->batch = CMA_PICK_BATCH;
}

/* A folio that is off its LRU list belongs to one lruvec for good. */
static void cma_pick_lock(struct cma_picker *picker, struct folio *folio)
{
	struct lruvec *lruvec = folio_lruvec(folio);

	if (lruvec == picker->lruvec)
		return;
	cma_pick_unlock(picker);
	spin_lock_irq(&lruvec->lru_lock);
	__release(&lruvec->lru_lock);
	lruvec_memcg_debug(lruvec, folio);
	picker->lruvec = lruvec;
}

/* Nobody but us, the page tables and maybe the page cache refers to it. */
static bool cma_pick_is_unshared(const struct folio *folio, bool cache)
{
	return folio_ref_count(folio) == 1 + folio_mapcount(folio) + cache +
					 (cache && folio_test_private(folio));
}

/* With a reference held: of the kind it looked like, and off its LRU list. */
static bool cma_pick_folio(struct cma_picker *picker, struct folio *folio,
			   bool cache)
{
	unsigned long mapping = (unsigned long)READ_ONCE(folio->mapping);
	unsigned long flags = READ_ONCE(folio->flags);

	if (folio_test_large(folio) ||
	    !(cache ? cma_pick_is_cache(flags, mapping) :
		      cma_pick_is_anon(flags, mapping)) ||
	    !cma_pick_is_unshared(folio, cache) ||
	    !folio_test_clear_lru(folio))
		return false;

	cma_pick_lock(picker, folio);
	cma_pick_del(picker, folio);
	if (cache) {
		list_add_tail(&folio->lru, &picker->picked->cache);
		picker->nr_cache++;
	} else {
		list_add_tail(&folio->lru, &picker->picked->anon);
		picker->nr_anon++;
	}
	if (!--picker->batch)
		cma_pick_unlock(picker);
	return true;
}

/* Dropping the last reference to a folio may take the lock that is held. */
static void cma_pick_leave(struct cma_picker *picker, struct folio *folio)
{
	cma_pick_unlock(picker);
	folio_put(folio);
	picker->picked->left++;
}

static void cma_pick_page(struct cma_picker *picker, struct page *page)
{
	unsigned long mapping = (unsigned long)READ_ONCE(page->mapping);
	unsigned long flags = READ_ONCE(page->flags);
	bool cache = picker->may_cache && cma_pick_is_cache(flags, mapping);
	struct folio *folio = NULL;

	if (!PageCompound(page) && (cache || cma_pick_is_anon(flags, mapping)))
		folio = folio_get_nontail_page(page);
	if (!folio)
		picker->picked->left++;
	else if (!cma_pick_folio(picker, folio, cache))
		cma_pick_leave(picker, folio);
}

static unsigned long cma_pick_one(struct cma_picker *picker, unsigned long pfn)
{
	struct page *page = pfn_to_page(pfn);

	if (PageBuddy(page)) {
		unsigned int order = buddy_order_unsafe(page);

		return pfn + (order <= MAX_PAGE_ORDER ? 1UL << order : 1);
	}
	cma_pick_page(picker, page);
	return pfn + 1;
}

static void cma_pick_account(struct pglist_data *node, long nr_cache,
			     long nr_anon)
{
	mod_node_page_state(node, NR_ISOLATED_FILE, nr_cache);
	mod_node_page_state(node, NR_ISOLATED_ANON, nr_anon);
}

/**
 * cma_pick() - take the common cases off their LRU lists
 * @picked: receives them; its lists are empty before
 * @range: pages of one zone
 * @gfp: page cache is for those only who may enter file systems
 *
 * Context: process context; interrupts are on.
 */
void cma_pick(struct cma_picked *picked, struct cma_range range, gfp_t gfp)
{
	struct cma_picker picker = {
		.picked = picked,
		.zone = page_zonenum(pfn_to_page(range.start)),
		.may_cache = gfp & __GFP_FS,
		.batch = CMA_PICK_BATCH,
	};
	unsigned long pfn = range.start;

	INIT_LIST_HEAD(&picked->cache);
	INIT_LIST_HEAD(&picked->anon);
	picked->left = 0;
	while (pfn < range.end) {
		pfn = cma_pick_one(&picker, pfn);
		if (!(pfn % CMA_PICK_LOOKS))
			cma_pick_unlock(&picker);
		if (!picker.lruvec)
			cond_resched();
	}
	cma_pick_unlock(&picker);
	cma_pick_account(page_pgdat(pfn_to_page(range.start)),
			 picker.nr_cache, picker.nr_anon);
}

/**
 * cma_pick_forget() - folios that were picked are gone for good
 * @node: where they were
 * @nr_cache: how many of the page cache
 * @nr_anon: how many of anonymous memory
 *
 * Context: any.
 */
void cma_pick_forget(struct pglist_data *node, unsigned long nr_cache,
		     unsigned long nr_anon)
{
	cma_pick_account(node, -(long)nr_cache, -(long)nr_anon);
}
