/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is in a page block of an area, for those who want to see all of it.
 */
#ifndef __MM_CMA_SIGHT_H
#define __MM_CMA_SIGHT_H

#include "range.h"

struct cma;

/**
 * struct cma_sight - what was seen, in pages; each is counted once
 * @held: given to drivers
 * @free: on the free lists
 * @idle: neither in use nor on a free list; mostly on a per-CPU list
 * @clean: can be dropped
 * @movable: has to be moved
 * @stuck: somebody refers to them for reasons unknown
 */
struct cma_sight {
	unsigned long held;
	unsigned long free;
	unsigned long idle;
	unsigned long clean;
	unsigned long movable;
	unsigned long stuck;
};

struct cma_sight cma_sight(struct cma *cma, struct cma_range block);

#endif /* __MM_CMA_SIGHT_H */
