/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Picks the common cases out of a range, a pageblock at a time: small folios
 * on the LRU lists that are clean page cache, or anonymous memory. All others
 * are left to the page isolation of compaction.
 */
#ifndef __MM_CMA_PICK_H
#define __MM_CMA_PICK_H

#include <linux/gfp_types.h>
#include <linux/list.h>

#include "lib/range.h"

struct pglist_data;

/**
 * struct cma_isolated - what was found in a range
 * @cache: clean page cache; off the LRU lists, a reference each
 * @anon: anonymous memory; the same
 * @left: pages that are in use and were not picked
 */
struct cma_isolated {
	struct list_head cache;
	struct list_head anon;
	unsigned long left;
};

void cma_lru_isolate(struct cma_isolated *isolated, struct cma_range range, gfp_t gfp);
void cma_lru_unaccount(struct pglist_data *node, unsigned long nr_cache,
		       unsigned long nr_anon);

#endif /* __MM_CMA_PICK_H */
