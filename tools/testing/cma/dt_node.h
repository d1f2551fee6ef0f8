/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Properties for dt.c. Each is a copy that ends where its block of memory ends,
 * at an odd address: ASan sees a byte too many, UBSan a load of a whole cell.
 */
#ifndef CMA_FDT_NODE_H
#define CMA_FDT_NODE_H

#include <stdlib.h>
#include <string.h>

#include "lib/fdt.h"

static inline struct cma_fdt_prop dt_copy(const void *bytes, unsigned int len)
{
	char *block = malloc(len + 1);

	if (!block)
		abort();
	if (len)
		memcpy(block + 1, bytes, len);
	return (struct cma_fdt_prop){ block + 1, (int)len };
}

static inline void dt_free_prop(struct cma_fdt_prop *prop)
{
	if (prop->data)
		free((char *)prop->data - 1);
}

static inline void dt_free(struct cma_fdt_node *node)
{
	dt_free_prop(&node->reg);
	dt_free_prop(&node->size);
	dt_free_prop(&node->alignment);
	dt_free_prop(&node->ranges);
}

#endif /* CMA_FDT_NODE_H */
