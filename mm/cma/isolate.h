/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Keeps what becomes free in a pageblock out of the hands of the page
 * allocator. Evacuations of different windows may work in the same pageblock:
 * the first one isolates it, the last one ends that. If it is kept free of
 * borrowers, that counts as one more evacuation, see keep.h.
 */
#ifndef __MM_CMA_ISOLATE_H
#define __MM_CMA_ISOLATE_H

#include "lib/range.h"

struct cma;

unsigned long cma_pageblock_units(const struct cma *cma);
struct cma_range cma_pageblock_around(const struct cma *cma,
				      struct cma_range range);
int cma_pageblock_isolate(struct cma *cma, struct cma_range range,
			  unsigned long *blocker);
void cma_pageblock_unisolate(struct cma *cma, struct cma_range range);

#endif /* __MM_CMA_ISOLATE_H */
