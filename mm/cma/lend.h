/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The hook that tells when movable allocations use the areas first. It runs for
 * each page that leaves the free lists. Other hooks of the page allocator are in
 * balance.h.
 *
 * An area leaves less memory to allocations that cannot use it: slab, page
 * tables, pipes. So this keeps regular memory free for them, as much as the areas
 * can give in return, while there are free pages in the areas. Movable allocations
 * use a large area from the start, and a small one only when regular memory
 * runs low.
 */
#ifndef __MM_CMA_LEND_H
#define __MM_CMA_LEND_H

#include <linux/atomic.h>
#include <linux/mmzone.h>
#include <linux/numa.h>

#include "balance.h"

#ifdef CONFIG_CMA
extern unsigned long cma_lend_marks[MAX_NUMNODES][MAX_NR_ZONES];

void cma_lend_update(void);

/**
 * cma_lends_first() - do movable allocations use the areas of a zone first?
 * @zone: the zone
 *
 * It compares the free regular memory with what the areas of the zone can give.
 *
 * Context: any; a guess without zone->lock.
 * Return: true when the areas come first, false when they come last.
 */
static inline bool cma_lends_first(struct zone *zone)
{
	long lendable = atomic_long_read(&zone->vm_stat[NR_FREE_CMA_PAGES]);
	long regular = atomic_long_read(&zone->vm_stat[NR_FREE_PAGES]) -
		       lendable;

	return lendable > 0 &&
	       regular < (long)READ_ONCE(cma_lend_marks[zone_to_nid(zone)][zone_idx(zone)]);
}

#if IS_ENABLED(CONFIG_KUNIT)
unsigned long cma_lend_mark(enum zone_type index, unsigned long pages);
#endif
#else
static inline bool cma_lends_first(struct zone *zone)
{
	return false;
}
#endif

#endif /* __MM_CMA_LEND_H */
