// SPDX-License-Identifier: GPL-2.0
/*
 * Free chunks, off the lists.
 *
 * What has been taken is known by its range alone: chunks lie side by side,
 * and a range can be cut into chunks again at any time.
 */
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/page_owner.h>
#include <linux/pgalloc_tag.h>

#include "../internal.h"
#include "put.h"
#include "take.h"

/**
 * cma_buddy_chunk_start() - where does the free chunk begin that holds a page?
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

/* Take the chunks that begin in [*pfn, stop); the last may reach beyond. */
static bool cma_buddy_isolate_chunks(struct zone *zone, unsigned long *pfn,
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
 * cma_buddy_isolate() - take a range that is entirely free
 * @range: inside one zone, claimed by the caller
 * @blocker: after -EBUSY, the first pfn that could not be had
 *
 * The min watermark of the zone is respected, except in pageblocks that are
 * isolated: free pages in there help nobody else.
 *
 * zone->lock is held for one pageblock at a time on the way, and for as long
 * as it takes to put free chunks back, a pageblock a step, after a failure.
 *
 * Context: any; takes zone->lock.
 * Return: 0 when each page of @range belongs to the caller, with a reference
 * count of 0; -EBUSY when one is in use, or when the zone has no page to
 * spare, and nothing is taken then.
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

/* Two stores a page are the floor: the loop around must not cost more. */
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
 * cma_buddy_prepare() - make taken pages ready for their holder
 * @range: pages from cma_buddy_isolate()
 * @gfp: with __GFP_COMP they become one compound page: @range is a power of
 *	 two long and aligned to that; else each page gets one reference
 *
 * The KASAN tags are reset, because they differ between the chunks.
 *
 * Context: process context; zeroing may take long, so it yields between chunks.
 */
void cma_buddy_prepare(struct cma_range range, gfp_t gfp)
{
	struct cma_range rest = range;

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
