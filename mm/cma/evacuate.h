/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Empties a window of borrowed pages and takes it out of the page allocator.
 * All or nothing: after a failure each page is back where it was, free or
 * lent, and each pageblock is MIGRATE_CMA again.
 */
#ifndef __MM_CMA_EVACUATE_H
#define __MM_CMA_EVACUATE_H

#include <linux/gfp_types.h>

#include "lib/range.h"

struct cma;

/**
 * struct cma_evacuation - one window to be emptied, for one request
 * @range: the window; claimed by the caller, inside one area
 * @gfp: as in struct cma_demand
 * @thorough: was not chosen because it looks good: try what looks stuck first,
 *	      and spare no effort
 * @blocker: after -EBUSY, the last pfn of what stood in the way
 * @isolation_failed: that is the end of a pageblock that could not be isolated
 * @pcp_drained: the per-CPU lists of free pages have been emptied; not again
 * @lru_drained: the per-CPU batches of LRU pages have been emptied; not again
 * @moved: pages migrated so far
 * @reclaimed: clean pages dropped so far
 */
struct cma_evacuation {
	struct cma_range range;
	gfp_t gfp;
	bool thorough;
	unsigned long blocker;
	bool isolation_failed;
	bool pcp_drained;
	bool lru_drained;
	unsigned long moved;
	unsigned long reclaimed;
};

int cma_evacuate(struct cma *cma, struct cma_evacuation *evac);

#endif /* __MM_CMA_EVACUATE_H */
