/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Keeps regular memory free for allocations that cannot use an area.
 */
#ifndef __MM_CMA_BALANCE_H
#define __MM_CMA_BALANCE_H

#include <linux/gfp_types.h>

bool cma_balance_is_needed(int nid, gfp_t gfp);
unsigned long cma_balance_pages(int nid, gfp_t gfp, unsigned long nr_pages);
void cma_balance_note_evacuation(int nid, unsigned long nr_pages);

#endif /* __MM_CMA_BALANCE_H */
