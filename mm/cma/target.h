/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where pages are moved to: a stock, taken in bulk. Borrowers go to pages from
 * outside every area, so that nothing has to be moved twice; what is moved out
 * of the way of unmovable allocations goes to pages of the areas.
 */
#ifndef __MM_CMA_TARGET_H
#define __MM_CMA_TARGET_H

#include <linux/list.h>
#include <linux/gfp_types.h>

struct folio;
struct zone;

/**
 * struct cma_targets - pages to move to
 * @pages: small folios in stock, each with one reference
 * @count: how many
 * @gfp: how to get further pages when there are none in stock
 * @zone: where the pages come from that are moved
 * @in_areas: the stock comes from the areas, and nothing comes from elsewhere
 */
struct cma_targets {
	struct list_head pages;
	unsigned long count;
	gfp_t gfp;
	struct zone *zone;
	bool in_areas;
};

void cma_targets_open(struct cma_targets *targets, struct zone *zone,
		      gfp_t gfp);
void cma_targets_open_areas(struct cma_targets *targets, struct zone *zone);
bool cma_targets_have(const struct cma_targets *targets, unsigned int order);
bool cma_targets_exist(unsigned long nr_pages);
void cma_targets_fill(struct cma_targets *targets, unsigned long nr_pages);
void cma_targets_close(struct cma_targets *targets);

struct folio *cma_target_stock(struct cma_targets *targets);
struct folio *cma_target_get(struct folio *src, unsigned long targets);
void cma_target_put(struct folio *dst, unsigned long targets);

#endif /* __MM_CMA_TARGET_H */
