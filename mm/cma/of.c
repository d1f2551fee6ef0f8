// SPDX-License-Identifier: GPL-2.0
/*
 * Pools out of the device tree, and which of them is the default area.
 *
 * /reserved-memory is scanned twice. The first scan reserves the memory of the
 * nodes with "reg", then places those with "size" and sets them up at once;
 * the second one sets up the nodes with "reg". On some architectures the second
 * one comes after the default area has been chosen. Therefore
 *
 *   - each pool is judged when the first scan meets it, before anything of it
 *     is reserved; a pool that is refused is left out by both scans;
 *   - the default is chosen by the tree alone, the first node in it that claims
 *     to be it, and its area is made early if its turn has not come.
 */
#include <linux/cma.h>
#include <linux/libfdt.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/of_fdt.h>
#include <linux/string.h>

#include "bootlog.h"
#include "cma.h"
#include "of.h"

static struct cma_of_pool cma_of_pools[MAX_CMA_AREAS] __initdata;
static unsigned int cma_of_nr_pools __initdata;

static struct cma_dt_default cma_of_default_info __initdata;
static long cma_of_default_node __initdata = -1;

/**
 * cma_of_has() - does a node have a property?
 * @node: offset of the node
 * @property: name of the property
 *
 * Context: boot.
 * Return: true when it does, with or without a value.
 */
bool __init cma_of_has(unsigned long node, const char *property)
{
	return of_get_flat_dt_prop(node, property, NULL);
}

/**
 * cma_of_name() - name of a node, with its unit address
 * @node: offset of the node
 *
 * Context: boot.
 * Return: the name; data, never a format.
 */
const char *__init cma_of_name(unsigned long node)
{
	return fdt_get_name(initial_boot_params, node, NULL);
}

/**
 * cma_of_add() - remember a pool that was admitted
 * @node: offset of its node
 * @pool: what the node says
 *
 * Context: boot, when cma_of_count() is below MAX_CMA_AREAS.
 */
void __init cma_of_add(unsigned long node, const struct cma_fdt_pool *pool)
{
	cma_of_pools[cma_of_nr_pools++] = (struct cma_of_pool){
		.node = node, .pool = *pool,
	};
}

/**
 * cma_of_count() - how many pools were admitted
 *
 * Context: boot.
 * Return: 0 to MAX_CMA_AREAS.
 */
unsigned int __init cma_of_count(void)
{
	return cma_of_nr_pools;
}

/**
 * cma_of_find() - look up a pool that was admitted
 * @node: offset of its node
 *
 * Context: boot.
 * Return: the pool, or NULL.
 */
struct cma_of_pool *__init cma_of_find(unsigned long node)
{
	struct cma_of_pool *pool;

	for (pool = cma_of_pools; pool < cma_of_pools + cma_of_nr_pools; pool++)
		if (pool->node == node)
			return pool;
	return NULL;
}

/* Documentation in the field shows the default node by its name alone. */
static bool __init cma_of_is_named_default(unsigned long node)
{
	const char *name = cma_of_name(node);
	size_t len = strlen("linux,cma");

	return name && !strncmp(name, "linux,cma", len) &&
	       (!name[len] || name[len] == '@');
}

/**
 * cma_of_is_pool() - is a node a pool of ours, or meant to be one?
 * @node: offset of the node
 *
 * Context: boot.
 * Return: true for shared-dma-pool nodes that are reusable, or are to be the
 * default by their name; also with a no-map that makes no sense.
 */
bool __init cma_of_is_pool(unsigned long node)
{
	if (!of_flat_dt_is_compatible(node, "shared-dma-pool"))
		return false;
	return cma_of_has(node, "reusable") ||
	       (cma_of_is_named_default(node) && !cma_of_has(node, "no-map"));
}

/**
 * cma_of_is_enabled() - is a node in use?
 * @node: offset of the node
 *
 * Context: boot.
 * Return: false when its status says otherwise.
 */
bool __init cma_of_is_enabled(unsigned long node)
{
	const char *status = of_get_flat_dt_prop(node, "status", NULL);

	return !status || !strcmp(status, "okay") || !strcmp(status, "ok");
}

static bool __init cma_of_claims_default(unsigned long node)
{
	return cma_of_is_pool(node) && cma_of_is_enabled(node) &&
	       !cma_of_has(node, "no-map") &&
	       (cma_of_has(node, "linux,cma-default") ||
		cma_of_is_named_default(node));
}

static struct cma_fdt_prop __init cma_of_prop(unsigned long node,
					      const char *name)
{
	struct cma_fdt_prop prop = { .len = 0 };

	prop.data = of_get_flat_dt_prop(node, name, &prop.len);
	return prop;
}

/**
 * cma_of_load() - collect the properties of a node
 * @offset: the node
 * @node: receives them
 *
 * Context: boot.
 */
void __init cma_of_load(unsigned long offset, struct cma_fdt_node *node)
{
	*node = (struct cma_fdt_node){
		.reg = cma_of_prop(offset, "reg"),
		.size = cma_of_prop(offset, "size"),
		.alignment = cma_of_prop(offset, "alignment"),
		.ranges = cma_of_prop(offset, "alloc-ranges"),
		.addr_cells = dt_root_addr_cells,
		.size_cells = dt_root_size_cells,
		.addr_max = PHYS_ADDR_MAX,
		.granule = CMA_MIN_ALIGNMENT_BYTES,
		.reusable = cma_of_has(offset, "reusable"),
		.no_map = cma_of_has(offset, "no-map"),
	};
}

/* What a node asks for, for the line on who decided; 0 if it makes no sense. */
static u64 __init cma_of_asked(unsigned long offset)
{
	struct cma_fdt_error err;
	struct cma_fdt_node node;
	struct cma_fdt_pool pool;

	cma_of_load(offset, &node);
	return cma_fdt_read(&node, &pool, &err) ? 0 : pool.asked;
}

/* Find the node that is to be the default, once; later ones are named. */
static void __init cma_of_find_default(void)
{
	const void *fdt = initial_boot_params;
	int parent, node;

	if (cma_of_default_node >= 0 || !fdt)
		return;
	parent = fdt_path_offset(fdt, "/reserved-memory");
	if (parent < 0)
		return;
	fdt_for_each_subnode(node, fdt, parent) {
		if (!cma_of_claims_default(node))
			continue;
		if (cma_of_default_node >= 0) {
			cma_of_warn(cma_of_name(node),
				    "is not the default area, %s comes first",
				       cma_of_default_info.name);
			continue;
		}
		cma_of_default_node = node;
		cma_of_default_info.name = cma_of_name(node);
		cma_of_default_info.size = cma_of_asked(node);
		cma_of_default_info.is_fixed_up =
			cma_of_has(node, "reusable") || !cma_of_has(node, "reg");
	}
}

/**
 * cma_of_default_offset() - the node that is to be the default area
 *
 * Context: boot.
 * Return: its offset, -1 when no node claims to be it.
 */
long __init cma_of_default_offset(void)
{
	cma_of_find_default();
	return cma_of_default_node;
}

/**
 * cma_of_default() - what the device tree says about the default area
 *
 * Context: boot, after the first scan of /reserved-memory.
 * Return: the node and the area made from it; NULL when no node claims to be
 * the default.
 */
const struct cma_dt_default *__init cma_of_default(void)
{
	if (cma_of_default_offset() < 0)
		return NULL;
	cma_of_default_info.area = cma_of_area(cma_of_default_node);
	return &cma_of_default_info;
}
