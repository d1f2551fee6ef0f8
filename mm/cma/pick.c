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
#define CMA_ISOLATE_BATCH	32
#define CMA_ISOLATE_LOOKS	128

#define CMA_ISOLATE_STATES	(BIT(PG_lru) | BIT(PG_dirty) | BIT(PG_writeback) | \
			 BIT(PG_swapbacked) | BIT(PG_unevictable) | \
			 BIT(PG_mlocked))
/* Anonymous pages that are not swap backed can be dropped: not done here. */
#define CMA_ISOLATE_PLAIN	(BIT(PG_lru) | BIT(PG_swapbacked))
#define CMA_ISOLATE_ODD	(BIT(PG_unevictable) | BIT(PG_mlocked) | \
			 BIT(PG_writeback) | BIT(PG_swapcache))

/**
 * struct cma_isolate_control - where a pick is
 * @isolated: what it has found
 * @zone: of the pages
 * @may_cache: file systems may be entered
 * @lruvec: whose lock it holds, or NULL
 * @taken: folios that are off its lists and still counted there
 * @batch: how many folios it may take before it lets go of that
 * @nr_cache: folios of page cache
 * @nr_anon: folios of anonymous memory
 */
struct cma_isolate_control {
	struct cma_isolated *isolated;
	enum zone_type zone;
	bool may_cache;
	struct lruvec *lruvec;
	int taken[NR_LRU_LISTS];
	int batch;
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

/* Each change of a list's size is work for every group above. */
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

/* A folio that became unevictable after the look is on a list in name only. */
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
 * The lock is held from one folio to the next, which is more than sparse can
 * follow: it is told that each of these two leaves things as they were.
 */
static void cma_isolate_unlock(struct cma_isolate_control *control)
{
	if (control->lruvec) {
		cma_isolate_count(control);
		__acquire(&control->lruvec->lru_lock);
		spin_unlock_irq(&control->lruvec->lru_lock);
	}
	control->lruvec = NULL;
	control->batch = CMA_ISOLATE_BATCH;
}

/* A folio that is off its LRU list belongs to one lruvec for good. */
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

/* Nobody but us, the page tables and maybe the page cache refers to it. */
static bool cma_isolate_is_unshared(const struct folio *folio, bool cache)
{
	return folio_ref_count(folio) == 1 + folio_mapcount(folio) + cache +
					 (cache && folio_test_private(folio));
}

/* With a reference held: of the kind it looked like, and off its LRU list. */
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
	if (!--control->batch)
		cma_isolate_unlock(control);
	return true;
}

/* Dropping the last reference to a folio may take the lock that is held. */
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

	if (!PageCompound(page) && (cache || cma_isolate_is_anon(flags, mapping)))
		folio = folio_get_nontail_page(page);
	if (!folio)
		control->isolated->left++;
	else if (!cma_isolate_folio(control, folio, cache))
		cma_isolate_leave(control, folio);
}

static unsigned long cma_isolate_one(struct cma_isolate_control *control, unsigned long pfn)
{
	struct page *page = pfn_to_page(pfn);

	if (PageBuddy(page)) {
		unsigned int order = buddy_order_unsafe(page);

		return pfn + (order <= MAX_PAGE_ORDER ? 1UL << order : 1);
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

/**
 * cma_lru_isolate() - take the common cases off their LRU lists
 * @isolated: receives them; its lists are empty before
 * @range: pages of one zone
 * @gfp: page cache is for those only who may enter file systems
 *
 * Context: process context; interrupts are on.
 */
void cma_lru_isolate(struct cma_isolated *isolated, struct cma_range range, gfp_t gfp)
{
	struct cma_isolate_control control = {
		.isolated = isolated,
		.zone = page_zonenum(pfn_to_page(range.start)),
		.may_cache = gfp & __GFP_FS,
		.batch = CMA_ISOLATE_BATCH,
	};
	unsigned long pfn = range.start;

	INIT_LIST_HEAD(&isolated->cache);
	INIT_LIST_HEAD(&isolated->anon);
	isolated->left = 0;
	while (pfn < range.end) {
		pfn = cma_isolate_one(&control, pfn);
		if (!(pfn % CMA_ISOLATE_LOOKS))
			cma_isolate_unlock(&control);
		if (!control.lruvec)
			cond_resched();
	}
	cma_isolate_unlock(&control);
	cma_isolate_account(page_pgdat(pfn_to_page(range.start)),
			    control.nr_cache, control.nr_anon);
}

/**
 * cma_lru_unaccount() - folios that were picked are gone for good
 * @node: where they were
 * @nr_cache: how many of the page cache
 * @nr_anon: how many of anonymous memory
 *
 * Context: any.
 */
void cma_lru_unaccount(struct pglist_data *node, unsigned long nr_cache,
		       unsigned long nr_anon)
{
	cma_isolate_account(node, -(long)nr_cache, -(long)nr_anon);
}
