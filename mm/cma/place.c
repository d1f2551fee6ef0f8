// SPDX-License-Identifier: GPL-2.0
/*
 * Pools of the device tree: from a node to memory, from memory to an area.
 */
#include <linux/cma.h>
#include <linux/dma-map-ops.h>
#include <linux/kmemleak.h>
#include <linux/libfdt.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/of_fdt.h>

#include "bootlog.h"
#include "cma.h"
#include "of.h"
#include "boot.h"

/* Firmware's list is reserved after the scan; nothing may land on it. */
static void __init cma_of_place_reserve_firmware(void)
{
	static bool done __initdata;
	u64 base, size;
	int i;

	for (i = 0; !done && i < fdt_num_mem_rsv(initial_boot_params); i++) {
		fdt_get_mem_rsv(initial_boot_params, i, &base, &size);
		memblock_reserve(base, size);
	}
	done = true;
}

/* Search downwards, on either side of the boundary of high memory. */
static phys_addr_t __init cma_of_place_between(const struct cma_fdt_pool *pool,
					       u64 lo, u64 hi)
{
	struct cma_plan_limits limits;
	phys_addr_t base = 0;

	cma_reserve_limits(&limits);
	hi = min(hi, limits.ram_end);
	if (lo < limits.lowmem_end && hi > limits.lowmem_end) {
		base = memblock_phys_alloc_range(pool->span.size, pool->align,
						 limits.lowmem_end, hi);
		hi = limits.lowmem_end;
	}
	if (!base && lo < hi)
		base = memblock_phys_alloc_range(pool->span.size, pool->align,
						 lo, hi);
	return base;
}

static phys_addr_t __init cma_of_place_search(const struct cma_of_pool *pool)
{
	struct cma_fdt_node node;
	struct cma_fdt_span span;
	phys_addr_t base = 0;
	unsigned int i;

	if (!pool->pool.nr_ranges)
		return cma_of_place_between(&pool->pool, 0, U64_MAX);
	cma_of_load(pool->node, &node);
	for (i = 0; !base && i < pool->pool.nr_ranges; i++)
		if (cma_fdt_range(&node, i, &span))
			base = cma_of_place_between(&pool->pool, span.base,
						    span.base + span.size);
	return base;
}

static u64 __init cma_of_place_largest_in(const struct cma_of_pool *pool,
					  u64 base, u64 limit)
{
	const struct cma_plan_request req = {
		.align = pool->pool.align, .base = base, .limit = limit,
	};
	struct cma_plan_limits limits;

	cma_reserve_limits(&limits);
	return cma_reserve_largest(&req, &limits, NUMA_NO_NODE);
}

static u64 __init cma_of_place_largest(const struct cma_of_pool *pool)
{
	struct cma_fdt_node node;
	struct cma_fdt_span span;
	u64 largest = 0;
	unsigned int i;

	if (!pool->pool.nr_ranges)
		return cma_of_place_largest_in(pool, 0, 0);
	cma_of_load(pool->node, &node);
	for (i = 0; i < pool->pool.nr_ranges; i++)
		if (cma_fdt_range(&node, i, &span))
			largest = max(largest,
				      cma_of_place_largest_in(pool, span.base,
							      span.base +
							   span.size));
	return largest;
}

static void __init cma_of_place_failed(const struct cma_of_pool *pool)
{
	cma_of_warn(cma_of_name(pool->node),
		    "refused: no room for %llu MiB%s; at most %llu MiB would fit",
		       pool->pool.span.size >> 20,
		       pool->pool.nr_ranges ? " in its alloc-ranges" : "",
		       cma_of_place_largest(pool) >> 20);
}

/**
 * cma_of_place_node() - find memory for a pool that has no address of its own
 * @node: offset of its node
 * @base: receives the address
 * @size: receives the size in bytes, rounded up to the alignment
 *
 * Context: boot, in the first scan of /reserved-memory, after all nodes with
 * an address have been reserved.
 * Return: 0 with the memory reserved; -ENOMEM, which has been logged, when
 * there is none; -ENODEV when the node is no such pool.
 */
int __init cma_of_place_node(unsigned long node, phys_addr_t *base,
			     phys_addr_t *size)
{
	struct cma_of_pool *pool = cma_of_find(node);
	u64 asked;

	if (!pool || pool->pool.is_fixed)
		return -ENODEV;
	cma_of_place_reserve_firmware();
	*base = cma_of_place_search(pool);
	if (!*base) {
		cma_of_place_failed(pool);
		return -ENOMEM;
	}

	*size = pool->pool.span.size;
	pool->pool.span.base = *base;
	asked = pool->pool.asked;
	if (asked != *size)
		cma_of_warn(cma_of_name(node),
			    "%llu KiB rounded up to %llu KiB, the page block size",
			       asked >> 10, (u64)*size >> 10);
	kmemleak_ignore_phys(*base);
	dma_contiguous_early_fixup(*base, *size);
	return 0;
}

/* Only the first range of a node becomes an area. */
static void __init cma_of_place_free_rest(const struct cma_of_pool *pool)
{
	struct cma_fdt_node node;
	struct cma_fdt_span span;
	unsigned int i;

	if (!pool->pool.nr_more)
		return;
	cma_of_load(pool->node, &node);
	for (i = 1; cma_fdt_reg(&node, i, &span); i++)
		memblock_phys_free(span.base, span.size);
	cma_of_warn(cma_of_name(pool->node),
		    "has %u ranges; only the first one is used, the others are freed",
		       pool->pool.nr_more + 1);
}

static int __init cma_of_place_make(struct cma_of_pool *pool)
{
	const struct cma_fdt_span *span = &pool->pool.span;
	const struct cma_declaration decl = {
		.req = { .base = span->base, .size = span->size },
		.name = cma_of_name(pool->node),
		.is_default = (long)pool->node == cma_of_default_offset(),
	};
	int err;

	if (!pool->pool.is_fixed && !span->base)
		return -ENOMEM;
	err = cma_adopt(&decl, &pool->area);
	if (err)
		return err;
	cma_bootlog_reserved(pool->area, NUMA_NO_NODE);
	cma_of_place_free_rest(pool);
	return 0;
}

/**
 * cma_of_area() - the area of a pool, made when it is first asked for
 * @node: offset of the node
 *
 * Context: boot, after the memory of the node has been reserved.
 * Return: the area; NULL when the node was refused or its area cannot be made.
 */
struct cma *__init cma_of_area(unsigned long node)
{
	struct cma_of_pool *pool = cma_of_find(node);

	if (!pool)
		return NULL;
	if (!pool->area && cma_of_place_make(pool))
		return NULL;
	return pool->area;
}
