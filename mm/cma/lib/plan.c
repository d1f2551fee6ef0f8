// SPDX-License-Identifier: GPL-2.0
/*
 * Plans: which source decides, and where free memory is searched for its area.
 * All addresses of a plan are multiples of the alignment, so a range that is
 * long enough does contain an aligned area.
 */
#include <linux/align.h>
#include <linux/bits.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/overflow.h>

#include "plan.h"

/* Devices with 32 address bits need the memory below. */
#define DMA32_END BIT_ULL(32)

/**
 * cma_plan_source() - which source decides on the default area?
 * @offer: what each source says, indexed by enum cma_source
 *
 * Return: the strongest source that says something and has not failed yet;
 * %CMA_NR_SOURCES when there is no such source.
 */
enum cma_source cma_plan_source(const struct cma_plan_offer offer[CMA_NR_SOURCES])
{
	unsigned int source;

	for (source = 0; source < CMA_NR_SOURCES; source++)
		if (offer[source].given && !offer[source].failed)
			break;
	return (enum cma_source)source;
}

static bool round_up_within(u64 *value, u64 align, u64 max)
{
	u64 padded;

	if (check_add_overflow(*value, align - 1, &padded))
		return false;
	*value = ALIGN_DOWN(padded, align);
	return *value <= max;
}

/**
 * cma_plan_limit() - where the allowed range ends, by the lowest of all limits
 * @req: what is wanted
 * @limits: what the machine allows
 *
 * Context: any.
 * Return: first address after the allowed range.
 */
u64 cma_plan_limit(const struct cma_plan_request *req,
		   const struct cma_plan_limits *limits)
{
	u64 limit = limits->ram_end;

	if (req->limit)
		limit = min(limit, req->limit);
	if (limits->dma_limit)
		limit = min(limit, limits->dma_limit);
	return limit;
}

static void add_attempt(struct cma_plan *plan, struct cma_attempt attempt)
{
	if (!round_up_within(&attempt.lo, plan->align, U64_MAX))
		return;
	attempt.hi = ALIGN_DOWN(attempt.hi, plan->align);
	if (attempt.hi < attempt.lo || attempt.hi - attempt.lo < plan->size)
		return;
	plan->attempt[plan->nr_attempts++] = attempt;
}

static bool has_room_above_dma32(const struct cma_plan_limits *limits, u64 size)
{
	return limits->ram_end >= DMA32_END &&
	       limits->ram_end - DMA32_END >= size;
}

/* Upwards: compaction fills the upper end of a zone and empties the lower. */
static void add_above_dma32(struct cma_plan *plan,
			    const struct cma_plan_limits *limits, u64 base, u64 limit)
{
	u64 lo = max(base, DMA32_END);

	if (!has_room_above_dma32(limits, plan->size))
		return;
	if (limit > limits->lowmem_end)
		lo = max(lo, limits->lowmem_end);
	add_attempt(plan, (struct cma_attempt){ lo, limit, true });
}

static enum cma_plan_cause place_anywhere(struct cma_plan *plan,
					  const struct cma_plan_limits *limits,
					  u64 base, u64 limit)
{
	u64 low_limit = min(limit, limits->lowmem_end);

	add_above_dma32(plan, limits, base, limit);
	if (limit > limits->lowmem_end)
		add_attempt(plan, (struct cma_attempt){
			max(base, limits->lowmem_end), limit, false });
	add_attempt(plan, (struct cma_attempt){ base, low_limit, false });
	return plan->nr_attempts ? CMA_PLAN_OK : CMA_PLAN_BEYOND_LIMIT;
}

static enum cma_plan_cause place_fixed(struct cma_plan *plan,
				       const struct cma_plan_limits *limits, u64 base)
{
	u64 end = base + plan->size;

	if (base < limits->lowmem_end && end > limits->lowmem_end)
		return CMA_PLAN_CROSSES_LOWMEM;
	plan->fixed = true;
	add_attempt(plan, (struct cma_attempt){ base, end, false });
	return CMA_PLAN_OK;
}

/* Rounds size and base to the alignment, and checks the sum for overflow. */
static enum cma_plan_cause round_request(const struct cma_plan_request *req,
					 const struct cma_plan_limits *limits,
					 struct cma_plan *plan, u64 *base)
{
	u64 end;

	*base = req->base;
	if (req->fixed && !IS_ALIGNED(*base, plan->align))
		return CMA_PLAN_BASE_UNALIGNED;
	if (!round_up_within(&plan->size, plan->align, limits->addr_max) ||
	    !round_up_within(base, plan->align, limits->addr_max) ||
	    check_add_overflow(*base, plan->size, &end) ||
	    end - 1 > limits->addr_max)
		return CMA_PLAN_OVERFLOW;
	return CMA_PLAN_OK;
}

/**
 * cma_plan_place() - where to search free memory for an area, in which order
 * @req: what is wanted
 * @limits: what the machine allows
 * @plan: receives the plan; valid only with %CMA_PLAN_OK
 *
 * The first attempt goes upwards from 4 GiB, if there is that much RAM. The
 * next two go downwards, in high memory and in the rest. No attempt leaves
 * [base, limit) of the request, or crosses the end of low memory.
 *
 * Return: %CMA_PLAN_OK, or the first reason why there is no plan.
 */
enum cma_plan_cause cma_plan_place(const struct cma_plan_request *req,
				   const struct cma_plan_limits *limits,
				   struct cma_plan *plan)
{
	enum cma_plan_cause cause;
	u64 base, limit;

	*plan = (struct cma_plan){ .size = req->size };
	if (!req->size)
		return CMA_PLAN_NO_SIZE;
	if (req->align & (req->align - 1))
		return CMA_PLAN_BAD_ALIGN;
	plan->align = max(req->align, limits->granule);
	cause = round_request(req, limits, plan, &base);
	if (cause)
		return cause;
	/* A limit that is given and rounds to 0 forbids all. */
	limit = ALIGN_DOWN(cma_plan_limit(req, limits), plan->align);
	if (base > limit || limit - base < plan->size)
		return CMA_PLAN_BEYOND_LIMIT;
	return req->fixed ? place_fixed(plan, limits, base) :
			     place_anywhere(plan, limits, base, limit);
}
