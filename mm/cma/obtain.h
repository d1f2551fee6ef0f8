/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Gets a window for a request: which one, in what order, and when to give up.
 */
#ifndef __MM_CMA_OBTAIN_H
#define __MM_CMA_OBTAIN_H

#include "lib/range.h"
#include "stat.h"

struct cma;
struct cma_demand;
struct cma_record;

/**
 * struct cma_search_result - what came of a demand
 * @record: set by the caller: of who will hold the pages, the ledger's after a
 *	    success; or NULL
 * @range: the pages, held and ready for use; after a failure the window that was
 *	   tried last, if any
 * @blocker: after -EBUSY, a pfn of what stood in the way of that
 * @isolation_failed: that is no page, but the end of a pageblock that could not be
 *		 isolated
 * @starved: there was no memory to move pages to
 * @effort: what it took
 */
struct cma_search_result {
	struct cma_record *record;
	struct cma_range range;
	unsigned long blocker;
	bool isolation_failed;
	bool starved;
	struct cma_effort effort;
};

int cma_search_pages(struct cma *cma, const struct cma_demand *demand,
		     struct cma_search_result *result);

#endif /* __MM_CMA_OBTAIN_H */
