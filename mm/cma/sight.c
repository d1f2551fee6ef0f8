// SPDX-License-Identifier: GPL-2.0
/*
 * A look at all of a pageblock, see sight.h.
 */
#include <linux/minmax.h>

#include "cma.h"
#include "hold.h"
#include "scan.h"
#include "sight.h"

/* What is in use may change, or reach out of the range, while it is looked at. */
static void cma_scan_count(unsigned long *pages, unsigned long nr_pages,
			   unsigned long *left)
{
	nr_pages = min(nr_pages, *left);
	*pages += nr_pages;
	*left -= nr_pages;
}

/* A scan ends at what is stuck; another one goes on behind that. */
static void cma_scan_add(struct cma_pageblock_state *sight, struct cma_range range)
{
	unsigned long left = cma_range_len(range);
	struct cma_scan scan;

	while (range.start < range.end) {
		cma_scan_range(&scan, range);
		cma_scan_count(&sight->idle, scan.idle, &left);
		cma_scan_count(&sight->clean, scan.clean, &left);
		cma_scan_count(&sight->movable, scan.moved, &left);
		if (!cma_scan_has_unmovable(&scan))
			break;
		cma_scan_count(&sight->unmovable,
			       min(scan.unmovable_end, range.end) - scan.unmovable,
				&left);
		range.start = max(scan.unmovable_end, range.start + 1);
	}
	sight->free += left;
}

/**
 * cma_scan_pageblock() - look at a pageblock
 * @cma: an active area
 * @block: a pageblock of it; what is seen of it may be of the past. Of a part of
 *	   one, what is in a large folio at its end is too much
 *
 * Context: interrupts are on.
 * Return: what was seen; the sum is the number of pages.
 */
struct cma_pageblock_state cma_scan_pageblock(struct cma *cma, struct cma_range block)
{
	struct cma_held_range piece = { .range.start = block.start };
	struct cma_pageblock_state sight = {};

	while (block.start < block.end) {
		struct cma_range held = cma_range_of(block.end, 0);
		struct cma_range rest = block;

		if (cma_hold_next_held(cma, &piece) &&
		    piece.range.start < block.end)
			held = cma_range_and(piece.range, block);
		rest.end = held.start;
		cma_scan_add(&sight, rest);
		sight.held += cma_range_len(held);
		block.start = held.end;
		piece.range.start = held.end;
	}
	return sight;
}
