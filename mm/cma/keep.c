// SPDX-License-Identifier: GPL-2.0
/*
 * The kept part of an area: pages at its start that are not lent.
 *
 * cma_keep_set() first isolates the pageblocks that are new in the part, which
 * takes next to no time: from then on nobody can borrow any of it. Then it
 * migrates the borrowers out, as far as possible. A borrower that cannot be
 * migrated is not an error: like a page that a driver holds, its page stays in
 * the kept part once it is freed.
 */
#include <linux/align.h>
#include <linux/compiler.h>
#include <linux/gfp.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/time64.h>

#include "../internal.h"
#include "cma.h"
#include "engine.h"
#include "hold.h"

/* The start of the area that is to be isolated to keep so many pages. */
static struct cma_range cma_keep_part(const struct cma *cma,
				      unsigned long nr_pages)
{
	struct cma_range part = cma_range_of(cma->range.start, nr_pages);

	return nr_pages ? cma_pageblock_around(cma, part) : part;
}

/* The piece to lock at once. Small, because an allocation may want the rest. */
static struct cma_range cma_keep_piece(const struct cma *cma,
				       struct cma_range gap)
{
	unsigned long end = ALIGN(pageblock_end_pfn(gap.start),
				  1UL << cma->taken.order);

	return (struct cma_range){ gap.start, min(gap.end, end) };
}

/* Evacuate slots that were not taken a moment ago; -EAGAIN if they are now. */
static int cma_keep_empty_piece(struct cma *cma, struct cma_evacuation *evac)
{
	struct cma_scan scan;
	int err;

	cma_scan_range(&scan, evac->range, true);
	if (cma_scan_is_free(&scan))
		return 0;
	if (!cma_hold_trylock(cma, evac->range))
		return -EAGAIN;
	err = cma_evacuate(cma, evac);
	if (!err)
		cma_buddy_putback(evac->range);
	cma_hold_unlock(cma, evac->range);
	return err == -EBUSY ? 0 : err;
}

/* Evacuate all that is not taken, as far as pages can be migrated. */
static int cma_keep_empty(struct cma *cma, struct cma_range part)
{
	struct cma_evacuation evac = {
		.gfp = GFP_KERNEL | __GFP_NOWARN,
		.patience_ns = NSEC_PER_SEC,
	};
	unsigned int order = cma->taken.order;
	unsigned long next = (part.start - cma->range.start) >> order;
	struct cma_range gap;

	while (cma_hold_next_gap(cma, &next, &gap) && gap.start < part.end) {
		int err;

		if (fatal_signal_pending(current))
			return -EINTR;
		evac.range = cma_keep_piece(cma, gap);
		next = (evac.range.end - cma->range.start) >> order;
		err = cma_keep_empty_piece(cma, &evac);
		if (err == -EAGAIN)
			next = (gap.start - cma->range.start) >> order;
		else if (err)
			return err;
		cond_resched();
	}
	return 0;
}

static int cma_keep_isolate(struct cma *cma, struct cma_range part)
{
	struct cma_range kept = cma_range_of(cma->range.start, cma->kept);
	unsigned long blocker;
	int err = 0;

	if (part.end > kept.end)
		err = cma_pageblock_isolate(cma, (struct cma_range){
						kept.end, part.end }, &blocker);
	else if (part.end < kept.end)
		cma_pageblock_unisolate(cma, (struct cma_range){ part.end, kept.end });
	if (!err)
		WRITE_ONCE(cma->kept, cma_range_len(part));
	return err;
}

static int cma_keep_change(struct cma *cma, struct cma_range part)
{
	int err = cma_keep_isolate(cma, part);

	if (!err)
		err = cma_keep_empty(cma, part);
	/*
	 * -ENOMEM: some borrowers could not be migrated now. No new ones come,
	 * so the part empties as they free their pages.
	 */
	return err == -ENOMEM ? 0 : err;
}

/**
 * cma_keep_set() - set how much of an area is kept free of borrowers
 * @cma: an active area
 * @nr_pages: how much, from its start on; rounded up to what can be isolated,
 *	      at most the whole area
 *
 * Pages that drivers hold, or that cannot be migrated, stay in the kept part
 * until they are freed. cma_keep_free_pages() tells how many pages are free. To
 * set the same amount again tries again to migrate the borrowers.
 *
 * While a pageblock is evacuated, its slots are locked. An allocation that
 * needs all free slots of the area waits for that, a second at most.
 *
 * Context: process context; sleeps, does I/O, may take long.
 * Return: 0; -ERANGE when the area is smaller; -EBUSY when a pageblock could
 * not be isolated; after both nothing has changed; -EINTR after a fatal signal:
 * the part may be set, with borrowers left in it.
 */
int cma_keep_set(struct cma *cma, unsigned long nr_pages)
{
	int err;

	if (nr_pages > cma_range_len(cma->range))
		return -ERANGE;
	err = mutex_lock_killable(&cma->keeping);
	if (err)
		return err;
	err = cma_keep_change(cma, cma_keep_part(cma, nr_pages));
	mutex_unlock(&cma->keeping);
	return err;
}

/**
 * cma_keep_pages() - how much of an area is kept free of borrowers?
 * @cma: the area
 *
 * Return: pages, free or not.
 */
unsigned long cma_keep_pages(const struct cma *cma)
{
	return READ_ONCE(cma->kept);
}

/**
 * cma_keep_free_pages() - how much of the kept part is free?
 * @cma: an active area
 *
 * Context: process context; sleeps. It scans chunk by chunk, so it may take
 * long when most pages are held.
 * Return: pages; a guess while others allocate and free.
 */
unsigned long cma_keep_free_pages(const struct cma *cma)
{
	struct cma_range kept = cma_range_of(cma->range.start,
					     cma_keep_pages(cma));
	unsigned long pfn = cma_buddy_chunk_start(kept.start);
	unsigned long pages = 0;

	while (pfn < kept.end) {
		struct page *page = pfn_to_page(pfn);
		struct cma_range chunk = cma_range_of(pfn, 1);
		unsigned int order;

		if (PageBuddy(page)) {
			order = buddy_order_unsafe(page);
			chunk.end = pfn + (1UL << min(order, MAX_PAGE_ORDER));
			pages += cma_range_len(cma_range_and(chunk, kept));
		}
		pfn = chunk.end;
		if (IS_ALIGNED(pfn, pageblock_nr_pages))
			cond_resched();
	}
	return pages;
}
