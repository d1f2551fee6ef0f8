/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Nodes of /reserved-memory: what they are called, what they say, which of
 * them were admitted, and which is to be the default area. Boot only, on one
 * CPU.
 */
#ifndef __MM_CMA_OF_H
#define __MM_CMA_OF_H

#include "lib/fdt.h"

struct cma;

/**
 * struct cma_of_pool - a pool that was admitted
 * @node: offset of its node in the flat tree
 * @pool: what the node says; the base is filled in once it is placed
 * @area: its area, once there is one
 */
struct cma_of_pool {
	unsigned long node;
	struct cma_fdt_pool pool;
	struct cma *area;
};

bool cma_of_has(unsigned long node, const char *property);
const char *cma_of_name(unsigned long node);
bool cma_of_is_pool(unsigned long node);
bool cma_of_is_enabled(unsigned long node);
void cma_of_load(unsigned long offset, struct cma_fdt_node *node);
long cma_of_default_offset(void);

void cma_of_add(unsigned long node, const struct cma_fdt_pool *pool);
unsigned int cma_of_count(void);
struct cma_of_pool *cma_of_find(unsigned long node);

#endif /* __MM_CMA_OF_H */
