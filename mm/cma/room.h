/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How much memory there is room for. Boot only, while memblock is in charge.
 */
#ifndef __MM_CMA_ROOM_H
#define __MM_CMA_ROOM_H

#include <linux/types.h>

struct cma_facts;
struct cma_wish;

u64 cma_room_spare(void);
u64 cma_room_largest(const struct cma_wish *wish,
		     const struct cma_facts *facts, int nid);

#endif /* __MM_CMA_ROOM_H */
