/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Empties a window of borrowed pages and takes it out of the page allocator.
 * All or nothing: after a failure each page is back where it was, free or
 * lent, and each page block is MIGRATE_CMA again.
 */
#ifndef __MM_CMA_EVACUATE_H
#define __MM_CMA_EVACUATE_H

#include <linux/gfp_types.h>

#include "range.h"

/**
 * struct cma_evacuation - one window to be emptied
 * @range: the window; claimed by the caller, inside one area
 * @gfp: as in struct cma_demand
 * @blocker: after -EBUSY, the last pfn of what stood in the way
 */
struct cma_evacuation {
	struct cma_range range;
	gfp_t gfp;
	unsigned long blocker;
};

int cma_evacuate(struct cma_evacuation *evac);

#endif /* __MM_CMA_EVACUATE_H */
