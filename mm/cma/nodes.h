/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Lists of sizes for NUMA nodes: "<node>:<size>[,<node>:<size>]". Pure.
 */
#ifndef __MM_CMA_NODES_H
#define __MM_CMA_NODES_H

#include <linux/types.h>

#include "request.h"

/**
 * struct cma_parse_node - one element of a list
 * @nid: node number
 * @bytes: size
 */
struct cma_parse_node {
	unsigned int nid;
	u64 bytes;
};

const char *cma_parse_next_node(const char *text, unsigned int nr_nodes,
				struct cma_parse_node *part,
			   struct cma_parse_error *err);
bool cma_parse_check_nodes(const char *list, unsigned int nr_nodes,
			   struct cma_parse_error *err);

#endif /* __MM_CMA_NODES_H */
