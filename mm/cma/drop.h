/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Drops clean page cache in batches, and keeps the pages.
 */
#ifndef __MM_CMA_DROP_H
#define __MM_CMA_DROP_H

struct list_head;

unsigned long cma_lru_reclaim_clean(struct list_head *folios);

#endif /* __MM_CMA_DROP_H */
