/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The plan of an area: which source sets the size of the default area, and in
 * which ranges free memory is searched for an area, in which order. Pure. All
 * sizes and addresses are bytes in 64 bit.
 */
#ifndef __MM_CMA_PLAN_H
#define __MM_CMA_PLAN_H

#include <linux/types.h>

/**
 * enum cma_source - what can set the size of the default area, strongest first
 * @CMA_SOURCE_DT: a device-tree node
 * @CMA_SOURCE_CMDLINE: the option cma=
 * @CMA_SOURCE_KCONFIG: CMA_SIZE_MBYTES and CMA_SIZE_PERCENTAGE
 * @CMA_NR_SOURCES: how many there are; as a result: no source
 */
enum cma_source {
	CMA_SOURCE_DT,
	CMA_SOURCE_CMDLINE,
	CMA_SOURCE_KCONFIG,
	CMA_NR_SOURCES,
};

/**
 * struct cma_plan_offer - what one source says
 * @given: it says something; 0 bytes, given on purpose, mean no area
 * @failed: it was tried already, and its memory could not be reserved
 */
struct cma_plan_offer {
	bool given;
	bool failed;
};

enum cma_source cma_plan_source(const struct cma_plan_offer offer[CMA_NR_SOURCES]);

/**
 * struct cma_plan_limits - what the machine allows
 * @ram_end: one past the last byte of RAM
 * @lowmem_end: first address of high memory; @ram_end or more without high
 *		memory
 * @dma_limit: first address that devices cannot reach; 0 when they reach all
 * @granule: smallest alignment of an area, the size of a pageblock
 * @addr_max: largest address that phys_addr_t can hold
 */
struct cma_plan_limits {
	u64 ram_end;
	u64 lowmem_end;
	u64 dma_limit;
	u64 granule;
	u64 addr_max;
};

/**
 * struct cma_plan_request - an area that is to be placed
 * @size: bytes, rounded up to the alignment by the plan
 * @base: lowest address, exact address when @fixed; rounded up when not fixed
 * @limit: one past the end of the allowed range, rounded down; 0 for no limit
 * @align: 0 or a power of two, raised to the granule by the plan
 * @fixed: exactly at @base
 */
struct cma_plan_request {
	u64 size;
	u64 base;
	u64 limit;
	u64 align;
	bool fixed;
};

/**
 * struct cma_attempt - one search of free memory
 * @lo: lowest address
 * @hi: one past the end of the searched range
 * @bottom_up: search upwards from @lo rather than downwards from @hi
 */
struct cma_attempt {
	u64 lo;
	u64 hi;
	bool bottom_up;
};

/* Above 4 GiB, then high memory, then the rest. */
#define CMA_PLAN_ATTEMPTS 3

/**
 * struct cma_plan - how an area is to be reserved
 * @size: bytes, a multiple of @align
 * @align: bytes, a power of two, at least a pageblock
 * @fixed: only one address will do: attempt[0].lo
 * @nr_attempts: how many of @attempt are to be tried, in order
 * @attempt: ranges that each hold at least @size bytes
 */
struct cma_plan {
	u64 size;
	u64 align;
	bool fixed;
	unsigned int nr_attempts;
	struct cma_attempt attempt[CMA_PLAN_ATTEMPTS];
};

/**
 * enum cma_plan_cause - why there is no plan
 * @CMA_PLAN_OK: there is one
 * @CMA_PLAN_NO_SIZE: the size is 0
 * @CMA_PLAN_BAD_ALIGN: the alignment is not a power of two
 * @CMA_PLAN_BASE_UNALIGNED: a fixed base is not a multiple of the alignment
 * @CMA_PLAN_OVERFLOW: rounding up, or base plus size, passes addr_max
 * @CMA_PLAN_CROSSES_LOWMEM: a fixed range lies on both sides of lowmem_end
 * @CMA_PLAN_BEYOND_LIMIT: the range does not fit below the limit
 */
enum cma_plan_cause {
	CMA_PLAN_OK,
	CMA_PLAN_NO_SIZE,
	CMA_PLAN_BAD_ALIGN,
	CMA_PLAN_BASE_UNALIGNED,
	CMA_PLAN_OVERFLOW,
	CMA_PLAN_CROSSES_LOWMEM,
	CMA_PLAN_BEYOND_LIMIT,
};

u64 cma_plan_limit(const struct cma_plan_request *req,
		   const struct cma_plan_limits *limits);
enum cma_plan_cause cma_plan_place(const struct cma_plan_request *req,
				   const struct cma_plan_limits *limits,
				   struct cma_plan *plan);

#endif /* __MM_CMA_PLAN_H */
