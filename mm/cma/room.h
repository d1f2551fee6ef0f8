/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How much memory there is room for. Boot only, while memblock is in charge.
 */
#ifndef __MM_CMA_ROOM_H
#define __MM_CMA_ROOM_H

#include <linux/types.h>

struct cma_plan_limits;
struct cma_plan_request;

u64 cma_reserve_spare(void);
u64 cma_reserve_largest(const struct cma_plan_request *req,
			const struct cma_plan_limits *limits, int nid);

#endif /* __MM_CMA_ROOM_H */
