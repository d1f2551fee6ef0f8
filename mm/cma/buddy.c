// SPDX-License-Identifier: GPL-2.0
/*
 * The free lists of the page allocator: isolates free pages from them, sets the
 * references of allocated pages, and puts pages back.
 *
 * A chunk is what the free lists have as one entry: 2^order pages. For isolated
 * pages it is enough to know their range: chunks are adjacent, and a range can be
 * split into chunks again at any time.
 *
 * A page on its way back is in one of three states:
 *
 *   held		has its holder's reference           cma_buddy_release()
 *   unreferenced	still has the marks of its use       cma_buddy_free()
 *   isolated		is ready for the free lists          cma_buddy_putback()
 */
#include <kunit/static_stub.h>
#include <kunit/visibility.h>
#include <linux/alloc_tag.h>
#include <linux/memcontrol.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/page_owner.h>
#include <linux/pgalloc_tag.h>
#include <linux/vmstat.h>

#include "../internal.h"
#include "engine.h"

/* How many chunks a search in the free lists looks at, all in all. */
#define CMA_BUDDY_LOOKS 64

/**
 * cma_buddy_chunk_start() - where does the free chunk of a page begin?
 * @pfn: the page
 *
 * Context: any. Without zone->lock the answer is a guess.
 * Return: first pfn of the chunk, or @pfn when the page is not free.
 */
unsigned long cma_buddy_chunk_start(unsigned long pfn)
{
	unsigned int order;

	for (order = 0; order <= MAX_PAGE_ORDER; order++) {
		unsigned long head = round_down(pfn, 1UL << order);
		struct page *page = pfn_to_page(head);

		if (PageBuddy(page))
			return buddy_order_unsafe(page) >= order ? head : pfn;
	}
	return pfn;
}

/* The first chunk of a list that lies in @range; ULONG_MAX without one. */
static unsigned long cma_buddy_find_in_list(struct list_head *list,
					    struct cma_range range,
					    unsigned int *looks)
{
	struct page *page;

	list_for_each_entry(page, list, buddy_list) {
		if (!*looks)
			break;
		--*looks;
		if (cma_range_contains(range, page_to_pfn(page),
				       1UL << buddy_order(page)))
			return page_to_pfn(page);
	}
	return ULONG_MAX;
}

/**
 * cma_buddy_find_chunk() - find a free chunk in a range
 * @range: pages of one zone and of one area
 * @order: the least order, 0 to MAX_PAGE_ORDER
 *
 * Small chunks come first, so that large ones stay whole. Other areas of the zone
 * are on the same free lists, so a chunk can be missed.
 *
 * Context: any; acquires zone->lock for a bounded time.
 * Return: first pfn of the chunk, which may be in use meanwhile; ULONG_MAX when
 * there is none among those that were looked at.
 */
unsigned long cma_buddy_find_chunk(struct cma_range range, unsigned int order)
{
	struct zone *zone = page_zone(pfn_to_page(range.start));
	unsigned int looks = CMA_BUDDY_LOOKS;
	unsigned long pfn = ULONG_MAX;
	unsigned long flags;

	spin_lock_irqsave(&zone->lock, flags);
	for (; pfn == ULONG_MAX && order < NR_PAGE_ORDERS; order++)
		pfn = cma_buddy_find_in_list(&zone->free_area[order].free_list[MIGRATE_CMA],
					     range, &looks);
	spin_unlock_irqrestore(&zone->lock, flags);
	return pfn;
}

/* Isolate the chunks that begin in [*pfn, stop); the last may end after it. */
static bool cma_buddy_isolate_chunks(struct zone *zone, unsigned long *pfn,
				     unsigned long stop)
	__must_hold(&zone->lock)
{
	lockdep_assert_held(&zone->lock);
	while (*pfn < stop) {
		struct page *page = pfn_to_page(*pfn);
		unsigned int order;

		if (!PageBuddy(page))
			return false;
		order = buddy_order(page);
		if (!__isolate_free_page(page, order))
			return false;
		*pfn += 1UL << order;
	}
	return true;
}

/*
 * Isolate [*end, stop) of @range; what lies before *end is isolated already.
 * Pages of the first and the last chunk that lie outside @range are put back
 * under the same hold of the lock: they may be in the window of another
 * allocation.
 */
static bool cma_buddy_isolate_until(struct zone *zone, struct cma_range range,
				    unsigned long *end, unsigned long stop)
{
	unsigned long first = *end;
	bool all_free;

	if (first == range.start)
		first = cma_buddy_chunk_start(first);
	*end = first;
	all_free = cma_buddy_isolate_chunks(zone, end, stop);
	if (*end > first && first < range.start)
		cma_buddy_putback_locked(zone, (struct cma_range){ first, range.start });
	if (*end > range.end)
		cma_buddy_putback_locked(zone, (struct cma_range){ range.end, *end });
	*end = clamp(*end, range.start, range.end);
	return all_free;
}

/**
 * cma_buddy_isolate() - isolate a range if all of its pages are free
 * @range: inside one zone, locked by the caller
 * @blocker: after -EBUSY, the first pfn that could not be isolated
 *
 * The min watermark of the zone is respected, except in isolated pageblocks:
 * their free pages are of no use to anybody else.
 *
 * Context: any; acquires zone->lock for one pageblock at a time, and after a
 * failure once to put all pages back.
 * Return: 0 when all pages of @range are isolated, with a reference count of 0;
 * -EBUSY when one is in use, or the zone has no page to spare; then no page is
 * isolated.
 */
int cma_buddy_isolate(struct cma_range range, unsigned long *blocker)
{
	struct zone *zone = page_zone(pfn_to_page(range.start));
	unsigned long end = range.start;
	bool all_free = true;
	unsigned long flags;

	while (all_free && end < range.end) {
		unsigned long stop = min(range.end, pageblock_end_pfn(end));

		spin_lock_irqsave(&zone->lock, flags);
		all_free = cma_buddy_isolate_until(zone, range, &end, stop);
		if (!all_free) {
			struct cma_range taken = { range.start, end };

			cma_buddy_putback_locked(zone, taken);
		}
		spin_unlock_irqrestore(&zone->lock, flags);
	}
	*blocker = end;
	return all_free ? 0 : -EBUSY;
}

static void cma_buddy_reset_tags(struct cma_range range)
{
	unsigned long pfn;

	if (!IS_ENABLED(CONFIG_KASAN_SW_TAGS) &&
	    !IS_ENABLED(CONFIG_KASAN_HW_TAGS))
		return;
	for (pfn = range.start; pfn < range.end; pfn++)
		page_kasan_tag_reset(pfn_to_page(pfn));
}

static void cma_buddy_prepare_folio(struct cma_range range, gfp_t gfp)
{
	struct page *head = pfn_to_page(range.start);
	unsigned int order = ilog2(cma_range_len(range));

	post_alloc_hook(head, order, gfp);
	set_page_refcounted(head);
	prep_compound_page(head, order);
	clear_page_pfmemalloc(head);
}

/* A former user may have left something in the private field. */
static void cma_buddy_set_refcounted(struct page *page)
{
	set_page_private(page, 0);
	set_page_refcounted(page);
}

/* Unrolled: with two stores a page, the loop would cost as much again. */
static void cma_buddy_set_refcounts(struct page *page, unsigned int order)
{
	struct page *end = page + (1UL << order);

	for (; order >= 3 && page < end; page += 8) {
		cma_buddy_set_refcounted(page);
		cma_buddy_set_refcounted(page + 1);
		cma_buddy_set_refcounted(page + 2);
		cma_buddy_set_refcounted(page + 3);
		cma_buddy_set_refcounted(page + 4);
		cma_buddy_set_refcounted(page + 5);
		cma_buddy_set_refcounted(page + 6);
		cma_buddy_set_refcounted(page + 7);
	}
	for (; page < end; page++)
		cma_buddy_set_refcounted(page);
}

static void cma_buddy_prepare_chunk(struct page *page, unsigned int order,
				    gfp_t gfp)
{
	post_alloc_hook(page, order, gfp);
	cma_buddy_set_refcounts(page, order);
	split_page_owner(page, order, 0);
	pgalloc_tag_split(page_folio(page), order, 0);
}

/**
 * cma_buddy_prepare() - make isolated pages ready for their holder
 * @range: pages from cma_buddy_isolate()
 * @gfp: with __GFP_COMP they become one compound page: @range is a power of
 *	 two long and aligned to that; else each page gets one reference
 *
 * The KASAN tags are reset, because they differ between the chunks.
 *
 * Context: process context; zeroing may take long, so it may reschedule between
 * chunks.
 */
void cma_buddy_prepare(struct cma_range range, gfp_t gfp)
{
	enum zone_type index = page_zonenum(pfn_to_page(range.start));
	struct cma_range rest = range;

	__count_zid_vm_events(PGALLOC, index, cma_range_len(range));
	if (gfp & __GFP_COMP) {
		cma_buddy_prepare_folio(range, gfp);
		rest.start = range.end;
	}
	while (rest.start < rest.end) {
		unsigned int order = cma_range_order(rest, MAX_PAGE_ORDER);

		cma_buddy_prepare_chunk(pfn_to_page(rest.start), order, gfp);
		rest.start += 1UL << order;
		cond_resched();
	}
	cma_buddy_reset_tags(range);
}

/**
 * cma_buddy_putback_locked() - put isolated pages back on the free lists
 * @zone: of the pages
 * @range: isolated pages
 *
 * A chunk ends where its pageblock ends, because the type of the next one may
 * differ. If it does not, the page allocator merges the chunks.
 *
 * Context: zone->lock is held.
 */
void cma_buddy_putback_locked(struct zone *zone, struct cma_range range)
	__must_hold(&zone->lock)
{
	lockdep_assert_held(&zone->lock);
	while (range.start < range.end) {
		struct page *page = pfn_to_page(range.start);
		unsigned int order = cma_range_order(range, pageblock_order);

		__putback_isolated_page(page, order,
					get_pageblock_migratetype(page));
		range.start += 1UL << order;
	}
}

/**
 * cma_buddy_putback() - put isolated pages back that were not used
 * @range: pages of one zone from cma_buddy_isolate(), or empty
 *
 * Context: any; acquires zone->lock once for all pages.
 */
void cma_buddy_putback(struct cma_range range)
{
	struct zone *zone;
	unsigned long flags;

	if (range.start == range.end)
		return;
	zone = page_zone(pfn_to_page(range.start));
	spin_lock_irqsave(&zone->lock, flags);
	cma_buddy_putback_locked(zone, range);
	spin_unlock_irqrestore(&zone->lock, flags);
}

/* A bad page is not freed; free_pages_prepare() has reported it. */
static void cma_buddy_free_each(struct cma_range range)
{
	for (; range.start < range.end; range.start++)
		if (free_pages_prepare(pfn_to_page(range.start), 0))
			cma_buddy_putback(cma_range_of(range.start, 1));
}

/* Unreferenced pages of one pageblock; zone->lock is acquired once for all. */
static void cma_buddy_free_pageblock(struct cma_range range)
{
	struct cma_range blank = cma_range_of(range.start, 0);

	while (blank.end < range.end) {
		struct cma_range rest = { blank.end, range.end };
		unsigned int order = cma_range_order(rest, pageblock_order);

		if (free_pages_prepare(pfn_to_page(rest.start), order)) {
			blank.end += 1UL << order;
			continue;
		}
		cma_buddy_putback(blank);
		rest.end = rest.start + (1UL << order);
		cma_buddy_free_each(rest);
		blank = cma_range_of(rest.end, 0);
	}
	cma_buddy_putback(blank);
}

/*
 * A page of the range is poisoned. The mark of the page tells, since the number
 * of poisoned pages is counted later than that is set.
 */
static bool cma_buddy_is_poisoned(struct cma_range range)
{
	unsigned long flags = 0;

	if (!IS_ENABLED(CONFIG_MEMORY_FAILURE))
		return false;
	for (; range.start < range.end; range.start++)
		flags |= pfn_to_page(range.start)->flags;
	return flags & __PG_HWPOISON;
}

/*
 * Allocation profiling and page_owner know each page by itself. A poisoned page
 * must not be freed as a part of a chunk.
 */
static bool cma_buddy_needs_each_page(struct cma_range range)
{
	return mem_alloc_profiling_enabled() || cma_buddy_tracks_owners() ||
	       cma_buddy_is_poisoned(range);
}

/**
 * cma_buddy_free() - free pages that have no reference any more
 * @range: pages of one zone, not compound
 *
 * Context: any; acquires zone->lock for one pageblock at a time.
 */
void cma_buddy_free(struct cma_range range)
{
	__count_vm_events(PGFREE, cma_range_len(range));
	if (cma_buddy_needs_each_page(range)) {
		cma_buddy_free_each(range);
		return;
	}
	while (range.start < range.end) {
		struct cma_range block = range;

		block.end = min(range.end, pageblock_end_pfn(range.start));
		cma_buddy_free_pageblock(block);
		range.start = block.end;
	}
}

/**
 * cma_buddy_free_next() - collect unreferenced pages, and free adjacent ones
 * @run: the adjacent pages before it, empty at first; the caller frees the last
 *	 run with cma_buddy_free()
 * @pfn: the next page; if it is not adjacent, the run is freed and a new one
 *	 begins
 *
 * Context: any; acquires zone->lock.
 */
void cma_buddy_free_next(struct cma_range *run, unsigned long pfn)
{
	if (pfn != run->end) {
		cma_buddy_free(*run);
		*run = cma_range_of(pfn, 0);
	}
	run->end++;
}

/*
 * Relaxed, because cma_buddy_put_references() has the barriers. Debugging aids
 * have to see each reference that is put.
 */
static bool cma_buddy_put_reference(struct page *page)
{
	if (IS_ENABLED(CONFIG_DEBUG_PAGE_REF) || IS_ENABLED(CONFIG_DEBUG_VM))
		return put_page_testzero(page);
	return !atomic_dec_return_relaxed(&page->_refcount);
}

static bool cma_buddy_put_next(struct page **page)
{
	return cma_buddy_put_reference((*page)++);
}

/* Stops at a page that stays in use; returns how many came before it. */
static unsigned long cma_buddy_put_chunk(unsigned long pfn,
					 unsigned long count)
{
	struct page *page = pfn_to_page(pfn);
	struct page *end = page + count;

	while (count >= 8 && page < end)
		if (!cma_buddy_put_next(&page) || !cma_buddy_put_next(&page) ||
		    !cma_buddy_put_next(&page) || !cma_buddy_put_next(&page) ||
		    !cma_buddy_put_next(&page) || !cma_buddy_put_next(&page) ||
		    !cma_buddy_put_next(&page) || !cma_buddy_put_next(&page))
			return page_to_pfn(page - 1) - pfn;
	while (page < end)
		if (!cma_buddy_put_next(&page))
			return page_to_pfn(page - 1) - pfn;
	return count;
}

/*
 * Put the references up to the first page that has another one. One barrier
 * before and one after serve for all pages, in place of two a page.
 */
static unsigned long cma_buddy_put_references(struct cma_range range)
{
	unsigned long count, freed;

	/* The holder's accesses come before its references are put. */
	smp_mb();
	do {
		count = 1UL << cma_range_order(range, MAX_PAGE_ORDER);
		freed = cma_buddy_put_chunk(range.start, count);
		range.start += freed;
	} while (freed == count && range.start < range.end);
	/* What others did before they put theirs is visible from here on. */
	smp_acquire__after_ctrl_dep();
	return range.start;
}

static unsigned long cma_buddy_put_pages(struct cma_range range)
{
	unsigned long in_use = 0;

	while (range.start < range.end) {
		unsigned long stop = cma_buddy_put_references(range);

		cma_buddy_free((struct cma_range){ range.start, stop });
		in_use += stop < range.end;
		range.start = stop + 1;
	}
	return in_use;
}

/*
 * The page allocator would put a small folio, or a huge one, on a per-CPU list,
 * where the next request for these pages would not find them. It knows the lists
 * that folios of programs can be on, so those are left to it.
 */
static void cma_buddy_free_folio(struct folio *folio)
{
	unsigned int order = folio_order(folio);

	if (folio_test_lru(folio) || folio_test_hugetlb(folio) ||
	    folio_test_large_rmappable(folio)) {
		__folio_put(folio);
		return;
	}
	mem_cgroup_uncharge(folio);
	__count_vm_events(PGFREE, 1UL << order);
	if (free_pages_prepare(&folio->page, order))
		cma_buddy_putback(cma_range_of(folio_pfn(folio), 1UL << order));
}

static unsigned long cma_buddy_put_folio(struct folio *folio)
{
	unsigned long nr_pages = folio_nr_pages(folio);

	if (!folio_put_testzero(folio))
		return nr_pages;
	cma_buddy_free_folio(folio);
	return 0;
}

/* A function of its own, so that a suite can replace it: a warning taints. */
VISIBLE_IF_KUNIT void cma_buddy_warn_in_use(unsigned long nr_pages)
{
	KUNIT_STATIC_STUB_REDIRECT(cma_buddy_warn_in_use, nr_pages);
	WARN(1, "%lu pages are still in use!\n", nr_pages);
}

/**
 * cma_buddy_release() - free the pages of a holder
 * @range: pages of one zone with a reference each, or one large folio
 *
 * A page that has further references, such as that of a user of a mapping, is
 * freed when the last one is put.
 *
 * Context: any; acquires zone->lock for one pageblock at a time.
 */
void cma_buddy_release(struct cma_range range)
{
	struct page *page = pfn_to_page(range.start);
	unsigned long in_use;

	if (PageHead(page))
		in_use = cma_buddy_put_folio(page_folio(page));
	else
		in_use = cma_buddy_put_pages(range);
	if (unlikely(in_use))
		cma_buddy_warn_in_use(in_use);
}
