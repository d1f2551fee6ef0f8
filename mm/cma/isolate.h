/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Keeps what becomes free in a page block out of the hands of the page
 * allocator. Evacuations of different windows may work in the same page block:
 * the first one isolates it, the last one ends that. If it is kept free of
 * borrowers, that counts as one more evacuation, see keep.h.
 */
#ifndef __MM_CMA_ISOLATE_H
#define __MM_CMA_ISOLATE_H

#include "range.h"

struct cma;

unsigned long cma_isolate_units(const struct cma *cma);
struct cma_range cma_isolate_around(const struct cma *cma,
				    struct cma_range range);
int cma_isolate_begin(struct cma *cma, struct cma_range range,
		      unsigned long *blocker);
void cma_isolate_end(struct cma *cma, struct cma_range range);

#endif /* __MM_CMA_ISOLATE_H */
