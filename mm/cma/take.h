/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Takes free chunks off the lists of the page allocator, prepares their pages
 * for a holder, or puts them back. A chunk is what the buddy allocator keeps
 * as one free page of some order.
 *
 * The page blocks concerned are isolated, so nobody else can take from them,
 * but pages may still be freed into them.
 */
#ifndef __MM_CMA_TAKE_H
#define __MM_CMA_TAKE_H

#include <linux/gfp_types.h>

#include "range.h"

int cma_take_free(struct cma_range range, unsigned long *blocker);
void cma_take_prepare(struct cma_range range, gfp_t gfp);

#endif /* __MM_CMA_TAKE_H */
