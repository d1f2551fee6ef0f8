// SPDX-License-Identifier: GPL-2.0
/*
 * Areas on single NUMA nodes: cma_pernuma=<size> for each online node, and
 * numa_cma=<node>:<size>[,<node>:<size>] for chosen ones. An area is on its
 * node or does not exist.
 */
#define pr_fmt(fmt) "cma: " fmt

#include <linux/cma-boot.h>
#include <linux/cma.h>
#include <linux/init.h>
#include <linux/nodemask.h>
#include <linux/printk.h>
#include <linux/string.h>

#include "boot.h"
#include "cma.h"
#include "lib/parse.h"

static struct cma *cma_pernuma_area[MAX_NUMNODES];
static struct cma *cma_numa_area[MAX_NUMNODES];

static u64 cma_pernuma_bytes __initdata;
static u64 cma_numa_bytes[MAX_NUMNODES] __initdata;

/**
 * cma_node_area() - area on a node
 * @nid: the node, or NUMA_NO_NODE
 * @kind: from cma_pernuma= or from numa_cma=
 *
 * Context: any, after boot reserved memory.
 * Return: the area, or NULL.
 */
struct cma *cma_node_area(int nid, enum cma_node_kind kind)
{
	if (nid == NUMA_NO_NODE)
		return NULL;
	return kind == CMA_NODE_PERNUMA ? cma_pernuma_area[nid] :
					  cma_numa_area[nid];
}

static void __init cma_numa_apply(const char *list)
{
	struct cma_parse_error err;
	struct cma_parse_node part;

	while (*list) {
		list = cma_parse_next_node(list, MAX_NUMNODES, &part, &err);
		if (cma_numa_bytes[part.nid])
			pr_info("numa_cma: node %u is named twice, the last one counts\n",
				part.nid);
		cma_numa_bytes[part.nid] = part.bytes;
	}
}

static int __init cma_numa_option(char *text)
{
	struct cma_parse_error err;

	if (!text)
		cma_setup_reject_empty("numa_cma");
	else if (cma_parse_check_nodes(text, MAX_NUMNODES, &err))
		cma_numa_apply(text);
	else
		cma_setup_reject("numa_cma", text, &err);
	return 0;
}
early_param("numa_cma", cma_numa_option);

static int __init cma_pernuma_option(char *text)
{
	struct cma_parse_error err = { .cause = CMA_PARSE_UNEXPECTED };
	const char *rest;
	u64 bytes;

	if (!text) {
		cma_setup_reject_empty("cma_pernuma");
		return 0;
	}
	rest = cma_parse_size(text, &bytes, &err);
	if (rest && !*rest) {
		cma_pernuma_bytes = bytes;
		return 0;
	}
	if (rest)
		err.at = rest - text;
	cma_setup_reject("cma_pernuma", text, &err);
	return 0;
}
early_param("cma_pernuma", cma_pernuma_option);

static void __init cma_numa_declare(int nid, u64 size, const char *prefix,
				    struct cma **area)
{
	char name[CMA_MAX_NAME];
	const struct cma_declaration decl = {
		.req = { .size = size },
		.nid = nid,
		.name = name,
	};
	int err;

	if (!size)
		return;
	snprintf(name, sizeof(name), "%s%d", prefix, nid);
	err = cma_declare(&decl, area);
	if (err)
		pr_warn("dma_numa_cma_reserve: reservation failed: err %d, node %d\n",
			err, nid);
	else if (cma_get_size(*area) != size)
		cma_setup_log_rounded(name, size, cma_get_size(*area));
}

/**
 * cma_reserve_nodes() - make the areas that belong to single nodes
 *
 * Context: boot, before the default area is made, after NUMA is known.
 */
void __init cma_reserve_nodes(void)
{
	int nid;

	for (nid = 0; nid < MAX_NUMNODES; nid++) {
		if (!node_online(nid)) {
			if (cma_numa_bytes[nid] ||
			    (cma_pernuma_bytes && node_possible(nid)))
				pr_warn("invalid node %d specified\n", nid);
			continue;
		}
		cma_numa_declare(nid, cma_pernuma_bytes, "pernuma",
				 &cma_pernuma_area[nid]);
		cma_numa_declare(nid, cma_numa_bytes[nid], "numa",
				 &cma_numa_area[nid]);
	}
}
