/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Lists of sizes for NUMA nodes: "<node>:<size>[,<node>:<size>]". Pure.
 */
#ifndef __MM_CMA_NODES_H
#define __MM_CMA_NODES_H

#include <linux/types.h>

#include "request.h"

/**
 * struct cma_nodes_part - one element of a list
 * @nid: node number
 * @bytes: size
 */
struct cma_nodes_part {
	unsigned int nid;
	u64 bytes;
};

const char *cma_nodes_next(const char *text, unsigned int nr_nodes,
			   struct cma_nodes_part *part,
			   struct cma_parse_error *err);
bool cma_nodes_check(const char *list, unsigned int nr_nodes,
		     struct cma_parse_error *err);

#endif /* __MM_CMA_NODES_H */
