// SPDX-License-Identifier: GPL-2.0
/*
 * Memory for areas, from memblock. What comes out of here is entirely RAM and
 * belongs to nobody else; a refusal has reserved nothing.
 */
#include <linux/highmem.h>
#include <linux/kmemleak.h>
#include <linux/limits.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/pfn.h>

#include "bootlog.h"
#include "cma.h"
#include "conflict.h"
#include "reserve.h"
#include "room.h"

/**
 * cma_reserve_limits() - what this machine allows
 * @limits: filled in
 *
 * high_memory is one past the last directly mapped byte and no address of its
 * own, hence the detour over the byte before it.
 *
 * Context: boot, after the architecture registered its RAM.
 */
void __init cma_reserve_limits(struct cma_plan_limits *limits)
{
	limits->ram_end = memblock_end_of_DRAM();
	limits->lowmem_end = limits->ram_end;
	if (IS_ENABLED(CONFIG_HIGHMEM))
		limits->lowmem_end = (u64)__pa(high_memory - 1) + 1;
	limits->dma_limit = 0;
	limits->granule = CMA_MIN_ALIGNMENT_BYTES;
	limits->addr_max = PHYS_ADDR_MAX;
}

/* RAM that the kernel may touch, and reserved, both from end to end. */
static bool __init cma_reserve_is_reserved_ram(phys_addr_t base,
					       phys_addr_t size)
{
	const struct memblock_region *region;
	struct cma_conflict conflict;
	phys_addr_t reserved = 0;

	if (!cma_conflict_find(base, size, &conflict) ||
	    conflict.kind != CMA_CONFLICT_TAKEN)
		return false;
	for_each_reserved_mem_region(region) {
		phys_addr_t lo = max(region->base, base);
		phys_addr_t hi = min(region->base + region->size, base + size);

		if (lo < hi)
			reserved += hi - lo;
	}
	return reserved == size;
}

/*
 * Whole slots from an aligned one on, no more pages than bitmap functions can
 * count, and no more bytes than cma_get_size() can return.
 */
static bool __init cma_reserve_fits_slots(phys_addr_t base, phys_addr_t size,
					  unsigned int order_per_bit)
{
	return order_per_bit < BITS_PER_LONG &&
	       IS_ALIGNED(PHYS_PFN(base | size), 1UL << order_per_bit) &&
	       PHYS_PFN(size) <= UINT_MAX &&
	       size <= ULONG_MAX;
}

static struct cma_range __init cma_reserve_range(phys_addr_t base,
						 phys_addr_t size)
{
	return cma_range_of(PHYS_PFN(base), PHYS_PFN(size));
}

/**
 * cma_reserve_check() - can memory that a caller reserved become an area?
 * @base: physical address
 * @size: bytes
 * @order_per_bit: size of a slot, as page order
 * @range: receives the page frames
 *
 * Context: boot.
 * Return: 0; -EINVAL when the memory is empty, wraps, is not aligned to pageblocks
 *  and slots, not entirely RAM or not entirely reserved; -EBUSY when an
 * area has a part of it.
 */
int __init cma_reserve_check(phys_addr_t base, phys_addr_t size,
			     unsigned int order_per_bit,
			     struct cma_range *range)
{
	if (!size || base + size - 1 < base)
		return -EINVAL;
	if (!IS_ALIGNED(base | size, CMA_MIN_ALIGNMENT_BYTES) ||
	    !cma_reserve_fits_slots(base, size, order_per_bit))
		return -EINVAL;
	if (!cma_reserve_is_reserved_ram(base, size))
		return -EINVAL;

	*range = cma_reserve_range(base, size);
	return cma_area_overlapping(*range) ? -EBUSY : 0;
}

static int __init cma_reserve_fixed(const struct cma_declaration *decl,
				    const struct cma_plan *plan)
{
	phys_addr_t base = plan->attempt[0].lo;
	struct cma_conflict conflict;

	if (cma_conflict_find(base, plan->size, &conflict)) {
		cma_bootlog_conflict(decl, base, plan->size, &conflict);
		return -EBUSY;
	}
	accept_memory(base, plan->size);
	return memblock_reserve(base, plan->size);
}

static phys_addr_t __init cma_reserve_search(const struct cma_plan *plan,
					     const struct cma_attempt *attempt,
					     int nid)
{
	bool bottom_up = memblock_bottom_up();
	phys_addr_t base;

	memblock_set_bottom_up(bottom_up || attempt->bottom_up);
	base = memblock_alloc_range_nid(plan->size, plan->align, attempt->lo,
					attempt->hi, nid, true);
	memblock_set_bottom_up(bottom_up);
	return base;
}

/* No kernel objects live in an area, so kmemleak has no business there. */
static int __init cma_reserve_anywhere(const struct cma_plan *plan, int nid,
				       phys_addr_t *base)
{
	unsigned int i;

	for (i = 0; i < plan->nr_attempts; i++) {
		*base = cma_reserve_search(plan, &plan->attempt[i], nid);
		if (*base) {
			kmemleak_ignore_phys(*base);
			return 0;
		}
	}
	return -ENOMEM;
}

/* No plan: say why, and prefer to say what is in the way over what limit is. */
static void __init cma_reserve_explain(const struct cma_declaration *decl,
				       const struct cma_plan_limits *limits,
				       enum cma_plan_cause cause)
{
	const struct cma_plan_request *req = &decl->req;
	struct cma_conflict conflict;

	if (req->fixed && cause == CMA_PLAN_BEYOND_LIMIT &&
	    cma_conflict_find(req->base, req->size, &conflict))
		cma_bootlog_conflict(decl, req->base, req->size, &conflict);
	else
		cma_bootlog_no_plan(decl, limits, cause);
}

static int __init cma_reserve_planned(const struct cma_declaration *decl,
				      const struct cma_plan_limits *limits,
				      const struct cma_plan *plan,
				      phys_addr_t *base)
{
	int err = -ENOMEM;

	*base = plan->attempt[0].lo;
	if (!cma_reserve_fits_slots(*base, plan->size, decl->order_per_bit))
		return -EINVAL;
	if (plan->fixed && plan->size <= cma_reserve_spare())
		return cma_reserve_fixed(decl, plan);
	if (plan->size <= cma_reserve_spare())
		err = cma_reserve_anywhere(plan, decl->nid, base);
	if (err)
		cma_bootlog_no_room(decl, plan->size,
				    cma_reserve_largest(&decl->req, limits,
							decl->nid));
	return err;
}

/**
 * cma_reserve() - reserve memory for an area
 * @decl: what is wanted
 * @range: receives the page frames
 *
 * Context: boot, while memblock is in charge.
 * Return: 0; -EINVAL when no such range can exist; -EBUSY when a fixed range
 * is not free RAM; -ENOMEM when nothing large enough is free, or too little
 * would be left. The reason has been logged.
 */
int __init cma_reserve(const struct cma_declaration *decl,
		       struct cma_range *range)
{
	struct cma_plan_request req = decl->req;
	enum cma_plan_cause cause;
	struct cma_plan_limits limits;
	struct cma_plan plan;
	phys_addr_t base;
	int err;

	if (decl->order_per_bit >= BITS_PER_LONG - PAGE_SHIFT)
		return -EINVAL;
	req.align = max(req.align, (u64)PAGE_SIZE << decl->order_per_bit);
	cma_reserve_limits(&limits);
	cause = cma_plan_place(&req, &limits, &plan);
	if (cause != CMA_PLAN_OK) {
		cma_reserve_explain(decl, &limits, cause);
		return -EINVAL;
	}
	err = cma_reserve_planned(decl, &limits, &plan, &base);
	if (!err)
		*range = cma_reserve_range(base, plan.size);
	return err;
}
