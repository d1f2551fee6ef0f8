// SPDX-License-Identifier: GPL-2.0
/*
 * Room for areas, with what the machine needs to boot left out of account.
 */
#include <linux/align.h>
#include <linux/limits.h>
#include <linux/memblock.h>
#include <linux/minmax.h>
#include <linux/sizes.h>

#include "plan.h"
#include "room.h"

/* The least that stays regular memory, whoever wants an area. */
static u64 __init cma_room_floor(void)
{
	return max_t(u64, SZ_32M, memblock_phys_mem_size() / 16);
}

/**
 * cma_room_spare() - how much may become areas in all
 *
 * Context: boot.
 * Return: bytes that are not reserved, less what must stay regular memory.
 */
u64 __init cma_room_spare(void)
{
	u64 free = memblock_phys_mem_size() - memblock_reserved_size();
	u64 floor = cma_room_floor();

	return free > floor ? free - floor : 0;
}

/* Length of the aligned part of [lo, hi), 0 when there is none. */
static u64 __init cma_room_aligned(u64 lo, u64 hi, u64 align)
{
	u64 start = ALIGN(lo, align);
	u64 end = ALIGN_DOWN(hi, align);

	return start >= lo && end > start ? end - start : 0;
}

/* The same with a boundary that no area may cross. */
static u64 __init cma_room_split(u64 lo, u64 hi, u64 align, u64 boundary)
{
	if (lo >= boundary || hi <= boundary)
		return cma_room_aligned(lo, hi, align);
	return max(cma_room_aligned(lo, boundary, align),
		   cma_room_aligned(boundary, hi, align));
}

static u64 __init cma_room_limit(const struct cma_wish *wish,
				 const struct cma_facts *facts)
{
	u64 limit = facts->ram_end;

	if (wish->limit)
		limit = min(limit, wish->limit);
	if (facts->dma_limit)
		limit = min(limit, facts->dma_limit);
	return limit;
}

/**
 * cma_room_largest() - largest size that could be had in place of a wish
 * @wish: what was asked for; its size does not matter
 * @facts: what the machine allows
 * @nid: the only node that will do, or NUMA_NO_NODE
 *
 * Context: boot.
 * Return: bytes, a multiple of the alignment; 0 when there is no room at all.
 */
u64 __init cma_room_largest(const struct cma_wish *wish,
			    const struct cma_facts *facts, int nid)
{
	u64 align = max(wish->align, facts->granule);
	u64 limit = cma_room_limit(wish, facts);
	phys_addr_t start, end;
	u64 largest = 0;
	u64 i;

	for_each_free_mem_range(i, nid, MEMBLOCK_NONE, &start, &end, NULL)
		largest = max(largest,
			      cma_room_split(max_t(u64, start, wish->base),
					     min_t(u64, end, limit), align,
					     facts->lowmem_end));
	return min(largest, ALIGN_DOWN(cma_room_spare(), align));
}
