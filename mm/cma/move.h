/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Moves small anonymous folios in batches, and frees where they were in as
 * large chunks as possible. migrate_pages() does the same for whatever there
 * is, one page at a time.
 */
#ifndef __MM_CMA_MOVE_H
#define __MM_CMA_MOVE_H

struct cma_targets;
struct list_head;

unsigned long cma_lru_migrate_anon(struct list_head *folios,
				   struct cma_targets *targets);

#endif /* __MM_CMA_MOVE_H */
