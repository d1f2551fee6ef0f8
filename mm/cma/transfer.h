/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Moves what can be moved out of a pageblock of regular memory into the areas.
 */
#ifndef __MM_CMA_TRANSFER_H
#define __MM_CMA_TRANSFER_H

#include <linux/gfp_types.h>

#include "lib/range.h"

/**
 * struct cma_transfer - what became of a pageblock, in pages
 * @gfp: what reclaim may do; file systems are for those only who may enter them
 * @moved: are in an area now; where they were is free
 * @unmovable: could be moved by the looks of them, and could not
 */
struct cma_transfer {
	gfp_t gfp;
	unsigned long moved;
	unsigned long unmovable;
};

void cma_transfer_pageblock(struct cma_transfer *transfer, struct cma_range block);

#endif /* __MM_CMA_TRANSFER_H */
