/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Takes free chunks off the lists of the page allocator, and prepares their
 * pages for a holder. A chunk is what the buddy allocator keeps as one free
 * page of some order.
 *
 * Others allocate from the same lists, and free to them, at any time: what is
 * asked for is taken under zone->lock, or not at all.
 */
#ifndef __MM_CMA_TAKE_H
#define __MM_CMA_TAKE_H

#include <linux/gfp_types.h>

#include "lib/range.h"

int cma_buddy_isolate(struct cma_range range, unsigned long *blocker);
void cma_buddy_prepare(struct cma_range range, gfp_t gfp);
unsigned long cma_buddy_chunk_start(unsigned long pfn);

#endif /* __MM_CMA_TAKE_H */
