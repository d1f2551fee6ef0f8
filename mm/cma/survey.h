/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Looks for the window that is the least work to empty. The look costs
 * something, too: it ends where it would cost more than it can save.
 */
#ifndef __MM_CMA_SURVEY_H
#define __MM_CMA_SURVEY_H

#include <linux/gfp_types.h>

#include "lib/range.h"
#include "lib/bitmap.h"

struct cma;
struct cma_search_cost;

/**
 * struct cma_survey - what one request knows of an area
 * @cma: the area
 * @window: the search; nothing before window.next is looked at any more
 * @blocks: what was seen in whole pageblocks, by their number in the area;
 *	    NULL as long as that is of no use
 * @gfp: how memory for @blocks may be had
 * @looked: pages looked at since the survey began
 */
struct cma_survey {
	struct cma *cma;
	struct cma_window window;
	struct cma_search_cost *blocks;
	gfp_t gfp;
	unsigned long looked;
};

bool cma_search_next_cheapest(struct cma_survey *survey, struct cma_range *range);
void cma_search_free_costs(struct cma_survey *survey);

#endif /* __MM_CMA_SURVEY_H */
