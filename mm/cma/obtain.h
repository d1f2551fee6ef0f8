/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Gets a window for a request: which one, in what order, and when to give up.
 */
#ifndef __MM_CMA_OBTAIN_H
#define __MM_CMA_OBTAIN_H

#include "range.h"

struct cma;
struct cma_demand;

int cma_obtain(struct cma *cma, const struct cma_demand *demand,
	       struct cma_range *range);

#endif /* __MM_CMA_OBTAIN_H */
