/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where in an area an allocation would fit, and what it would cost.
 */
#ifndef CMA_FIT_H
#define CMA_FIT_H

#include "area.h"

/**
 * struct cost - what is in the way in a window, in pages
 * @is_known: is there a map of the area?
 * @stuck_least: stuck, for sure
 * @stuck_most: stuck, at most; a pageblock may lie in the window in part
 * @move: to be moved, at most
 * @drop: to be dropped, at most
 */
struct cost {
	bool is_known;
	u64 stuck_least;
	u64 stuck_most;
	u64 move;
	u64 drop;
};

/**
 * struct fit - where an allocation would fit
 * @windows: in how many windows; they may overlap
 * @best: the one with the least in the way
 * @cost: what is in its way
 */
struct fit {
	u64 windows;
	struct cma_range best;
	struct cost cost;
};

unsigned int fit_order(u64 pages);
unsigned int fit_dma_order(u64 pages);
struct fit fit_find(const struct area *area, u64 pages,
		    unsigned int align_order);

#endif /* CMA_FIT_H */
