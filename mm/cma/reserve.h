/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reservation of memory, the only user of memblock. Boot only.
 */
#ifndef __MM_CMA_RESERVE_H
#define __MM_CMA_RESERVE_H

#include <linux/types.h>

#include "lib/plan.h"
#include "lib/range.h"

struct cma_declaration;

int cma_reserve(const struct cma_declaration *decl, struct cma_range *range);
int cma_reserve_check(phys_addr_t base, phys_addr_t size,
		      unsigned int order_per_bit, struct cma_range *range);
void cma_reserve_limits(struct cma_plan_limits *limits);

#endif /* __MM_CMA_RESERVE_H */
