/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is in a pageblock of an area, for those who want to see all of it.
 */
#ifndef __MM_CMA_SIGHT_H
#define __MM_CMA_SIGHT_H

#include "lib/range.h"

struct cma;

/**
 * struct cma_pageblock_state - what was seen, in pages; each is counted once
 * @held: given to drivers
 * @free: on the free lists
 * @idle: neither in use nor on a free list; mostly on a per-CPU list
 * @clean: can be dropped
 * @movable: has to be moved
 * @unmovable: somebody refers to them for reasons unknown
 */
struct cma_pageblock_state {
	unsigned long held;
	unsigned long free;
	unsigned long idle;
	unsigned long clean;
	unsigned long movable;
	unsigned long unmovable;
};

struct cma_pageblock_state cma_scan_pageblock(struct cma *cma, struct cma_range block);

#endif /* __MM_CMA_SIGHT_H */
