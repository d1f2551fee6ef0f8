/* SPDX-License-Identifier: GPL-2.0 */
/*
 * When movable allocations are served from the areas first. The page allocator
 * asks for each page that it takes off the free lists.
 *
 * What an area takes away from regular memory is missed by those allocations
 * that have no choice: slab, page tables, pipes. So that much of regular memory
 * is kept free for them, as long as there are free pages in the areas: with a
 * large area these are used from the start, a small one comes late.
 */
#ifndef __MM_CMA_LEND_H
#define __MM_CMA_LEND_H

#include <linux/atomic.h>
#include <linux/mmzone.h>

/* The unit of cma_lend_scale: 1/128 of the size of the areas. */
#define CMA_LEND_SHIFT 7

#ifdef CONFIG_CMA
extern unsigned int cma_lend_scale;

/**
 * cma_lends_first() - do movable pages go to the areas of a zone?
 * @zone: the zone
 *
 * Regular memory that is free is compared with the size of the areas in the
 * zone, used or not.
 *
 * Context: any. A guess without zone->lock.
 * Return: true when they are to be looked for there, and then elsewhere.
 */
static inline bool cma_lends_first(const struct zone *zone)
{
	long lendable = atomic_long_read(&zone->vm_stat[NR_FREE_CMA_PAGES]);
	long regular = atomic_long_read(&zone->vm_stat[NR_FREE_PAGES]) -
		       lendable;

	return lendable > 0 && regular << CMA_LEND_SHIFT <
			       (long)(zone->cma_pages * cma_lend_scale);
}
#else
static inline bool cma_lends_first(const struct zone *zone)
{
	return false;
}
#endif

#endif /* __MM_CMA_LEND_H */
