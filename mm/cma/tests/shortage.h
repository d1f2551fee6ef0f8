/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Regular memory is full of what could be in the area, and looks short: for
 * tests of what is done about it.
 */
#ifndef __MM_CMA_TESTS_SHORTAGE_H
#define __MM_CMA_TESTS_SHORTAGE_H

#include <linux/mmzone.h>

#include "../../internal.h"
#include "anon.h"
#include "model.h"

#define CMA_SHORTAGE_BLOCKS 2
/* A zone is left alone for up to two seconds, and kswapd can begin that anew. */
#define CMA_SHORTAGE_PAUSES 12

/**
 * struct cma_shortage - what a test works with
 * @model: an area, the only one with room, for more than there is to move
 * @anon: memory of a process that fills pageblocks of regular memory
 * @block: these pageblocks
 * @marks: the high watermarks as they were
 */
struct cma_shortage {
	struct cma_model *model;
	struct cma_anon *anon[CMA_SHORTAGE_BLOCKS];
	struct cma_range block[CMA_SHORTAGE_BLOCKS];
	unsigned long marks[MAX_NR_ZONES];
};

/**
 * struct cma_balance_events - what is counted
 * @moved: pages moved
 * @unmovable: pages that were not
 * @room: refused for want of room
 * @source: refused for want of pages to move
 * @quiet: refused for the sake of drivers
 */
struct cma_balance_events {
	unsigned long moved;
	unsigned long unmovable;
	unsigned long room;
	unsigned long source;
	unsigned long quiet;
};

struct cma_shortage *cma_shortage_open(struct kunit *test);
void cma_shortage_fill(struct cma_shortage *shortage);
unsigned long cma_shortage_moved(struct cma_shortage *shortage);
bool cma_shortage_is_intact(struct cma_shortage *shortage);

void cma_shortage_set_marks(struct cma_shortage *shortage, long more);
void cma_shortage_pretend(struct cma_shortage *shortage);
void cma_shortage_pause(struct cma_shortage *shortage);
void cma_shortage_end(void *shortage);

struct cma_balance_events cma_shortage_events(void);
struct cma_balance_events
cma_shortage_since(const struct cma_balance_events *before);
struct alloc_context cma_shortage_zones(void);
struct cma_balance_events cma_shortage_reclaim(unsigned int calls);
struct cma_balance_events
cma_shortage_reclaim_until_moved(struct cma_shortage *shortage,
				 unsigned int calls);

#endif /* __MM_CMA_TESTS_SHORTAGE_H */
