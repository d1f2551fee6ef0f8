// SPDX-License-Identifier: GPL-2.0
/*
 * Room for areas, with what the machine needs to boot left out of account.
 */
#include <linux/align.h>
#include <linux/limits.h>
#include <linux/memblock.h>
#include <linux/minmax.h>
#include <linux/sizes.h>

#include "lib/plan.h"
#include "room.h"

/* The least that stays regular memory, whoever wants an area. */
static u64 __init cma_reserve_floor(void)
{
	return max_t(u64, SZ_32M, memblock_phys_mem_size() / 16);
}

/**
 * cma_reserve_spare() - how much may become areas in all
 *
 * Context: boot.
 * Return: bytes that are not reserved, less what must stay regular memory.
 */
u64 __init cma_reserve_spare(void)
{
	u64 free = memblock_phys_mem_size() - memblock_reserved_size();
	u64 floor = cma_reserve_floor();

	return free > floor ? free - floor : 0;
}

/* Length of the aligned part of [lo, hi), 0 when there is none. */
static u64 __init cma_reserve_aligned(u64 lo, u64 hi, u64 align)
{
	u64 start = ALIGN(lo, align);
	u64 end = ALIGN_DOWN(hi, align);

	return start >= lo && end > start ? end - start : 0;
}

/* The same with a boundary that no area may cross. */
static u64 __init cma_reserve_split(u64 lo, u64 hi, u64 align, u64 boundary)
{
	if (lo >= boundary || hi <= boundary)
		return cma_reserve_aligned(lo, hi, align);
	return max(cma_reserve_aligned(lo, boundary, align),
		   cma_reserve_aligned(boundary, hi, align));
}

static u64 __init cma_reserve_limit(const struct cma_plan_request *req,
				    const struct cma_plan_limits *limits)
{
	u64 limit = limits->ram_end;

	if (req->limit)
		limit = min(limit, req->limit);
	if (limits->dma_limit)
		limit = min(limit, limits->dma_limit);
	return limit;
}

/**
 * cma_reserve_largest() - largest size that could be had in place of a wish
 * @req: what was asked for; its size does not matter
 * @limits: what the machine allows
 * @nid: the only node that will do, or NUMA_NO_NODE
 *
 * Context: boot.
 * Return: bytes, a multiple of the alignment; 0 when there is no room at all.
 */
u64 __init cma_reserve_largest(const struct cma_plan_request *req,
			       const struct cma_plan_limits *limits, int nid)
{
	u64 align = max(req->align, limits->granule);
	u64 limit = cma_reserve_limit(req, limits);
	phys_addr_t start, end;
	u64 largest = 0;
	u64 i;

	for_each_free_mem_range(i, nid, MEMBLOCK_NONE, &start, &end, NULL)
		largest = max(largest,
			      cma_reserve_split(max_t(u64, start, req->base),
						min_t(u64, end, limit), align,
					     limits->lowmem_end));
	return min(largest, ALIGN_DOWN(cma_reserve_spare(), align));
}
