/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Gives pages of an area back to the page allocator: straight to the free
 * lists of their page blocks, in the largest chunks that their alignment
 * allows. Nothing passes through the per-CPU lists, where others would find
 * it before the next request does.
 */
#ifndef __MM_CMA_PUT_H
#define __MM_CMA_PUT_H

#include "range.h"

struct zone;

void cma_put_chunks(struct zone *zone, struct cma_range range);
void cma_put_unused(struct cma_range range);
void cma_put_extend(struct cma_range *run, unsigned long pfn);
void cma_put_held(struct cma_range range);

#endif /* __MM_CMA_PUT_H */
