/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A half-open range of page frames. Pure: compiled into the kernel, the host
 * tests and the user's tool alike, so nothing here may include linux/mm.h.
 */
#ifndef __MM_CMA_RANGE_H
#define __MM_CMA_RANGE_H

#include <linux/types.h>

/**
 * struct cma_range - the page frames [@start, @end)
 * @start: first pfn of the range
 * @end: first pfn behind the range; never below @start
 */
struct cma_range {
	unsigned long start;
	unsigned long end;
};

/**
 * cma_range_of() - range of @count page frames that begins at @start
 * @start: first pfn
 * @count: number of pages; @start + @count must not wrap
 *
 * Context: any.
 * Return: the range.
 */
static inline struct cma_range cma_range_of(unsigned long start,
					    unsigned long count)
{
	return (struct cma_range){ .start = start, .end = start + count };
}

/**
 * cma_range_len() - number of pages in a range
 * @range: the range
 *
 * Context: any.
 * Return: pages, 0 for an empty range.
 */
static inline unsigned long cma_range_len(struct cma_range range)
{
	return range.end - range.start;
}

/**
 * cma_range_contains() - does a range hold all of @count pages from @pfn on?
 * @range: the range
 * @pfn: first pfn asked about
 * @count: number of pages, any value; a sum that wraps is not contained
 *
 * Context: any.
 * Return: true when every page lies inside. No pages lie inside wherever @pfn
 * itself does, or stands at the end.
 */
static inline bool cma_range_contains(struct cma_range range,
				      unsigned long pfn, unsigned long count)
{
	return pfn >= range.start && pfn <= range.end &&
	       count <= range.end - pfn;
}

/**
 * cma_range_overlaps() - do two ranges share a page?
 * @a: one range
 * @b: the other range
 *
 * Context: any.
 * Return: true when at least one page frame is in both; never for an empty
 * range.
 */
static inline bool cma_range_overlaps(struct cma_range a, struct cma_range b)
{
	unsigned long start = a.start > b.start ? a.start : b.start;
	unsigned long end = a.end < b.end ? a.end : b.end;

	return start < end;
}

#endif /* __MM_CMA_RANGE_H */
