/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A half-open range of page frames. Pure: compiled into the kernel, the host
 * tests and the user's tool alike, so nothing here may include linux/mm.h.
 */
#ifndef __MM_CMA_RANGE_H
#define __MM_CMA_RANGE_H

#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/types.h>

/**
 * struct cma_range - the page frames [@start, @end)
 * @start: first pfn of the range
 * @end: one past the last pfn; never below @start
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
 * Return: pages, 0 for an empty range.
 */
static inline unsigned long cma_range_len(struct cma_range range)
{
	return range.end - range.start;
}

/**
 * cma_range_contains() - does a range contain @count pages from @pfn on?
 * @range: the range
 * @pfn: the first page
 * @count: number of pages, any value; a sum that wraps is not contained
 *
 * Return: true when each page lies inside. 0 pages lie inside when @pfn is in
 * the range or at its end.
 */
static inline bool cma_range_contains(struct cma_range range,
				      unsigned long pfn, unsigned long count)
{
	return pfn >= range.start && pfn <= range.end &&
	       count <= range.end - pfn;
}

/**
 * cma_range_and() - what two ranges have in common
 * @a: one range
 * @b: the other range
 *
 * Return: the pages that are in both, maybe an empty range.
 */
static inline struct cma_range cma_range_and(struct cma_range a,
					     struct cma_range b)
{
	unsigned long start = max(a.start, b.start);
	unsigned long end = min(a.end, b.end);

	return (struct cma_range){ .start = start, .end = max(start, end) };
}

/**
 * cma_range_order() - order of the largest chunk that a range begins with
 * @range: not empty
 * @most: largest order allowed
 *
 * To cut off such a chunk again and again splits a range into the fewest
 * naturally aligned chunks.
 *
 * Return: a page order; the chunk is aligned to it and within @range.
 */
static inline unsigned int cma_range_order(struct cma_range range,
					   unsigned int most)
{
	unsigned long aligned = range.start & -range.start;
	unsigned long pages = cma_range_len(range);
	unsigned int order;

	if (aligned)
		pages = min(pages, aligned);
	order = ilog2(pages);
	return min(order, most);
}

#endif /* __MM_CMA_RANGE_H */
