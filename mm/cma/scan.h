/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A look at what lies in a range, without a lock: good enough to choose a
 * window by, not to rely on.
 */
#ifndef __MM_CMA_SCAN_H
#define __MM_CMA_SCAN_H

#include "lib/range.h"

/* What a look at a page, dropping a clean one and moving one cost, about. */
#define CMA_COST_SCAN	1UL
#define CMA_COST_RECLAIM	16UL
#define CMA_COST_MIGRATE	80UL

/**
 * struct cma_scan - what was seen, in pages
 * @looked: how many pages were looked at, one of each free chunk
 * @idle: neither in use nor on a free list; mostly on a per-CPU list
 * @clean: can be dropped
 * @moved: have to be moved
 * @batched: of @moved: not on an LRU list, mostly because a CPU has them in a
 *	     batch that will go there
 * @unmovable: first pfn of what somebody refers to for reasons unknown; the scan
 *	   ends there. ULONG_MAX for nothing
 * @unmovable_end: first pfn behind it
 */
struct cma_scan {
	unsigned long looked;
	unsigned long idle;
	unsigned long clean;
	unsigned long moved;
	unsigned long batched;
	unsigned long unmovable;
	unsigned long unmovable_end;
};

void cma_scan_range(struct cma_scan *scan, struct cma_range range);
unsigned long cma_scan_cost(const struct cma_scan *scan);

/**
 * cma_scan_has_unmovable() - was there a page that will not move?
 * @scan: a finished scan
 *
 * Context: any.
 * Return: true when there was, as far as one can tell without trying.
 */
static inline bool cma_scan_has_unmovable(const struct cma_scan *scan)
{
	return scan->unmovable < scan->unmovable_end;
}

/**
 * cma_scan_is_free() - was every page on a free list?
 * @scan: a finished scan
 *
 * Context: any.
 * Return: true when each was.
 */
static inline bool cma_scan_is_free(const struct cma_scan *scan)
{
	return !scan->idle && !scan->clean && !scan->moved &&
	       !cma_scan_has_unmovable(scan);
}

#endif /* __MM_CMA_SCAN_H */
