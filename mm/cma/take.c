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
	for (order = 0; order <= pageblock_order; order++) {
		unsigned long head = round_down(pfn, 1UL << order);
		struct page *page = pfn_to_page(head);

		if (PageBuddy(page))
			return head + (1UL << buddy_order(page)) > pfn ?
			       head : pfn;
	}
	return pfn;
}

static void cma_take_putback(struct zone *zone, unsigned long pfn,
			     unsigned long end)
{
	lockdep_assert_held(&zone->lock);
	while (pfn < end) {
		struct page *page = pfn_to_page(pfn);
		unsigned int order = cma_take_order(pfn, end);

		__putback_isolated_page(page, order,
					get_pageblock_migratetype(page));
		pfn += 1UL << order;
	}
}

/* Take the chunks that begin in [taken->end, end); they may reach beyond. */
static bool cma_take_chunks(struct zone *zone, struct cma_range *taken,
			    unsigned long end)
{
	lockdep_assert_held(&zone->lock);
	while (taken->end < end) {
		struct page *page = pfn_to_page(taken->end);
		unsigned int order;

		if (!PageBuddy(page))
			return false;
		order = buddy_order(page);
		if (!__isolate_free_page(page, order))
			return false;
		taken->end += 1UL << order;
	}
	return true;
}

/**
 * cma_take_free() - take a range that is entirely free
 * @range: inside one zone; its page blocks are isolated
 * @blocker: after -EBUSY, the first pfn that is not free
 *
 * zone->lock is held for one page block at a time.
 *
 * Context: any; takes zone->lock.
 * Return: 0 when each page of @range belongs to the caller, with a reference
 * count of 0; -EBUSY when one is in use, and nothing is taken then.
 */
int cma_take_free(struct cma_range range, unsigned long *blocker)
{
	struct zone *zone = page_zone(pfn_to_page(range.start));
	struct cma_range taken;
	unsigned long flags;
	bool all_free;

	spin_lock_irqsave(&zone->lock, flags);
	taken.start = cma_take_chunk_start(zone, range.start);
	taken.end = taken.start;
	for (;;) {
		unsigned long stop = min(range.end,
					 pageblock_end_pfn(taken.end));

		all_free = cma_take_chunks(zone, &taken, stop);
		if (!all_free || taken.end >= range.end)
			break;
		spin_unlock_irqrestore(&zone->lock, flags);
		spin_lock_irqsave(&zone->lock, flags);
	}

	if (all_free) {
		cma_take_putback(zone, taken.start, range.start);
		cma_take_putback(zone, range.end, taken.end);
	} else {
		*blocker = max(taken.end, range.start);
		cma_take_putback(zone, taken.start, taken.end);
	}
	spin_unlock_irqrestore(&zone->lock, flags);
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
 * Context: any.
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
	}
	cma_take_reset_tags(range);
}
