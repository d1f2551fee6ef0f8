// SPDX-License-Identifier: GPL-2.0
/*
 * Free chunks: off the lists, and back on them.
 *
 * What has been taken is known by its range alone: chunks lie side by side,
 * and a range can be cut into chunks again at any time, in the largest orders
 * that its alignment allows.
 */
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mmzone.h>

#include "../internal.h"
#include "take.h"

static unsigned int cma_take_order(unsigned long pfn, unsigned long end)
{
	unsigned int order = min_t(unsigned int, MAX_PAGE_ORDER,
				   ilog2(end - pfn));

	return pfn ? min_t(unsigned int, order, __ffs(pfn)) : order;
}

/* Start of the free chunk that holds @pfn, or @pfn when it is not free. */
static unsigned long cma_take_chunk_start(struct zone *zone, unsigned long pfn)
{
	unsigned int order;

	lockdep_assert_held(&zone->lock);
	for (order = 0; order <= MAX_PAGE_ORDER; order++) {
		unsigned long head = round_down(pfn, 1UL << order);
		struct page *page = pfn_to_page(head);

		if (PageBuddy(page))
			return head + (1UL << buddy_order(page)) > pfn ?
			       head : pfn;
	}
	return pfn;
}

/* Page block by page block, because their types may differ by now. */
static void cma_take_putback(struct zone *zone, unsigned long pfn,
			     unsigned long end)
{
	lockdep_assert_held(&zone->lock);
	while (pfn < end) {
		struct page *page = pfn_to_page(pfn);
		unsigned int order = min_t(unsigned int, pageblock_order,
					   cma_take_order(pfn, end));

		__putback_isolated_page(page, order,
					get_pageblock_migratetype(page));
		pfn += 1UL << order;
	}
}

/* Take the chunks that begin in [*pfn, stop); the last may reach beyond. */
static bool cma_take_chunks(struct zone *zone, unsigned long *pfn,
			    unsigned long stop)
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
 * Take [*end, stop) of @range, where *end is what has been taken up to. What
 * the first or the last chunk has outside @range goes back under the same hold
 * of the lock: it may belong to a neighbour's window.
 */
static bool cma_take_until(struct zone *zone, struct cma_range range,
			   unsigned long *end, unsigned long stop)
{
	unsigned long first = *end;
	bool all_free;

	if (first == range.start)
		first = cma_take_chunk_start(zone, first);
	*end = first;
	all_free = cma_take_chunks(zone, end, stop);
	if (*end > first)
		cma_take_putback(zone, first, range.start);
	if (*end > range.end)
		cma_take_putback(zone, range.end, *end);
	*end = clamp(*end, range.start, range.end);
	return all_free;
}

/**
 * cma_take_free() - take a range that is entirely free
 * @range: inside one zone; its page blocks are isolated
 * @blocker: after -EBUSY, the first pfn that is not free
 *
 * zone->lock is held for one page block at a time on the way, and for as long
 * as it takes to put free chunks back, a page block a step, after a failure.
 *
 * Context: any; takes zone->lock.
 * Return: 0 when each page of @range belongs to the caller, with a reference
 * count of 0; -EBUSY when one is in use, and nothing is taken then.
 */
int cma_take_free(struct cma_range range, unsigned long *blocker)
{
	struct zone *zone = page_zone(pfn_to_page(range.start));
	unsigned long end = range.start;
	bool all_free = true;
	unsigned long flags;

	while (all_free && end < range.end) {
		unsigned long stop = min(range.end, pageblock_end_pfn(end));

		spin_lock_irqsave(&zone->lock, flags);
		all_free = cma_take_until(zone, range, &end, stop);
		if (!all_free)
			cma_take_putback(zone, range.start, end);
		spin_unlock_irqrestore(&zone->lock, flags);
	}
	*blocker = end;
	return all_free ? 0 : -EBUSY;
}

static void cma_take_reset_tags(struct cma_range range)
{
	unsigned long pfn;

	if (!IS_ENABLED(CONFIG_KASAN_SW_TAGS) &&
	    !IS_ENABLED(CONFIG_KASAN_HW_TAGS))
		return;
	for (pfn = range.start; pfn < range.end; pfn++)
		page_kasan_tag_reset(pfn_to_page(pfn));
}

static void cma_take_prepare_folio(struct cma_range range, gfp_t gfp)
{
	struct page *head = pfn_to_page(range.start);
	unsigned int order = ilog2(cma_range_len(range));

	post_alloc_hook(head, order, gfp);
	set_page_refcounted(head);
	prep_compound_page(head, order);
	clear_page_pfmemalloc(head);
}

/**
 * cma_take_prepare() - make taken pages ready for their holder
 * @range: pages from cma_take_free()
 * @gfp: with __GFP_COMP they become one compound page: @range is a power of
 *	 two long and aligned to that; else each page gets one reference
 *
 * The KASAN tags are reset, because they differ between the chunks.
 *
 * Context: process context; zeroing may take long, so it yields between chunks.
 */
void cma_take_prepare(struct cma_range range, gfp_t gfp)
{
	unsigned long pfn = range.start;

	if (gfp & __GFP_COMP) {
		cma_take_prepare_folio(range, gfp);
		pfn = range.end;
	}
	while (pfn < range.end) {
		struct page *page = pfn_to_page(pfn);
		unsigned int order = cma_take_order(pfn, range.end);

		post_alloc_hook(page, order, gfp);
		set_page_refcounted(page);
		split_page(page, order);
		pfn += 1UL << order;
		cond_resched();
	}
	cma_take_reset_tags(range);
}
