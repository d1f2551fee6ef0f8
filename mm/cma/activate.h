/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Activation: reserved memory becomes pageblocks of type MIGRATE_CMA that the
 * page allocator may lend to movable pages. Boot only.
 */
#ifndef __MM_CMA_ACTIVATE_H
#define __MM_CMA_ACTIVATE_H

struct cma;

int cma_activate(struct cma *cma);

#endif /* __MM_CMA_ACTIVATE_H */
