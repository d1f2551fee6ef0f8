// SPDX-License-Identifier: GPL-2.0
/*
 * The plan against every address of a small world: 20 GiB in steps of 1 GiB,
 * with limits that need not be multiples of anything. An address is legal by
 * the plain words of plan.h; the attempts must cover all legal addresses and
 * no other one.
 */

#include <linux/bits.h>
#include <linux/limits.h>

#include "lib/plan.h"
#include "tap.h"

#define GIB BIT_ULL(30)
#define MIB BIT_ULL(20)
#define WORLD 20

/* ROUNDS trades time for certainty. */
#define ROUNDS 150000

static u64 min_u64(u64 a, u64 b)
{
	return a < b ? a : b;
}

static u64 rounded_up(u64 value, u64 align)
{
	return (value + align - 1) / align * align;
}

static u64 align_of(const struct cma_plan_request *req, const struct cma_plan_limits *limits)
{
	return req->align > limits->granule ? req->align : limits->granule;
}

static bool legal(const struct cma_plan_request *req, const struct cma_plan_limits *limits,
		  u64 addr)
{
	u64 align = align_of(req, limits);
	u64 end = addr + rounded_up(req->size, align);

	return addr % align == 0 && addr >= req->base &&
	       (!req->fixed || addr == req->base) &&
	       (!req->limit || end <= req->limit) &&
	       (!limits->dma_limit || end <= limits->dma_limit) &&
	       end <= limits->ram_end &&
	       !(addr < limits->lowmem_end && end > limits->lowmem_end);
}

static bool covered(const struct cma_plan *plan, u64 addr)
{
	unsigned int i;

	for (i = 0; i < plan->nr_attempts; i++)
		if (addr % plan->align == 0 && addr >= plan->attempt[i].lo &&
		    addr + plan->size <= plan->attempt[i].hi)
			return true;
	return false;
}

/* 0 to 20 GiB, at times off the grid, at times exactly at 4 GiB. */
static u64 random_addr(void)
{
	u64 addr = tap_below(WORLD + 1) * GIB;

	switch (tap_below(4)) {
	case 0:
		return addr + tap_below(1024) * MIB;
	case 1:
		return addr + tap_below(3);
	default:
		return addr;
	}
}

static struct cma_plan_limits random_limits(void)
{
	struct cma_plan_limits limits = {
		.ram_end = random_addr(),
		.granule = GIB,
		.addr_max = U64_MAX,
	};

	limits.lowmem_end = tap_below(2) ? limits.ram_end : random_addr();
	limits.dma_limit = tap_below(2) ? 0 : random_addr();
	if (!tap_below(4)) {
		limits.addr_max = U32_MAX;
		limits.ram_end = min_u64(limits.ram_end, U32_MAX);
	}
	return limits;
}

static struct cma_plan_request random_wish(void)
{
	static const u64 aligns[] = { 0, 0, 4096, GIB, 2 * GIB, 8 * GIB };

	return (struct cma_plan_request){
		.size = 1 + random_addr() / (1 + tap_below(8)),
		.base = tap_below(3) ? random_addr() : 0,
		.limit = tap_below(3) ? 0 : random_addr(),
		.align = aligns[tap_below(6)],
		.fixed = !tap_below(4),
	};
}

/* For the report of a failure; the text lives until the next call. */
static const char *show(const struct cma_plan_request *req,
			const struct cma_plan_limits *limits)
{
	static char text[256];

	snprintf(text, sizeof(text),
		 "size %#llx base %#llx limit %#llx align %#llx fixed %d; ram_end %#llx lowmem_end %#llx dma_limit %#llx",
		 req->size, req->base, req->limit, req->align, req->fixed,
		 limits->ram_end, limits->lowmem_end, limits->dma_limit);
	return text;
}

static bool check_coverage(const struct cma_plan_request *req,
			   const struct cma_plan_limits *limits,
			   const struct cma_plan *plan)
{
	bool any = false;
	u64 addr;

	for (addr = 0; addr <= WORLD * GIB; addr += GIB) {
		CHECK(covered(plan, addr) == legal(req, limits, addr),
		      "address %#llx; %s", addr, show(req, limits));
		any |= legal(req, limits, addr);
	}
	return any;
}

static void check_attempt(const struct cma_plan_request *req,
			  const struct cma_plan_limits *limits,
			  const struct cma_plan *plan, unsigned int i)
{
	const struct cma_attempt *attempt = &plan->attempt[i];

	CHECK(attempt->lo % plan->align == 0 && attempt->hi >= attempt->lo &&
	      attempt->hi - attempt->lo >= plan->size &&
	      attempt->lo >= req->base && attempt->hi <= limits->ram_end,
	      "%#llx-%#llx; %s", attempt->lo, attempt->hi,
	      show(req, limits));
	CHECK(!(attempt->lo < limits->lowmem_end &&
		attempt->hi > limits->lowmem_end), "%#llx-%#llx; %s",
	      attempt->lo, attempt->hi, show(req, limits));
	CHECK(!attempt->bottom_up ||
	      (i == 0 && !plan->fixed && attempt->lo >= 4 * GIB), "%s",
	      show(req, limits));
}

static u64 lowest_limit(const struct cma_plan_request *req,
			const struct cma_plan_limits *limits)
{
	u64 limit = limits->ram_end;

	if (req->limit)
		limit = min_u64(limit, req->limit);
	if (limits->dma_limit)
		limit = min_u64(limit, limits->dma_limit);
	return limit;
}

/*
 * Enough RAM above 4 GiB and a legal address there: upwards comes first. With
 * high memory in reach that means high memory.
 */
static void check_order(const struct cma_plan_request *req,
			const struct cma_plan_limits *limits,
			const struct cma_plan *plan)
{
	u64 lowest = lowest_limit(req, limits) / plan->align * plan->align;
	u64 from = lowest > limits->lowmem_end ? limits->lowmem_end : 0;
	bool above = false, high = false;
	unsigned int i;
	u64 addr;

	if (from < 4 * GIB)
		from = 4 * GIB;
	for (addr = 0; addr <= WORLD * GIB; addr += GIB) {
		above |= addr >= from && legal(req, limits, addr);
		high |= addr >= limits->lowmem_end && legal(req, limits, addr);
	}
	above &= limits->addr_max > U32_MAX && !plan->fixed &&
		 limits->ram_end >= 4 * GIB + plan->size;
	CHECK(plan->attempt[0].bottom_up == above, "%s", show(req, limits));
	if (high)
		CHECK(above || plan->attempt[0].lo >= limits->lowmem_end, "%s",
		      show(req, limits));
	for (i = 2; i < plan->nr_attempts; i++)
		CHECK(plan->attempt[i].lo < plan->attempt[i - 1].lo ||
		      plan->attempt[i].hi <= limits->lowmem_end, "%s",
		      show(req, limits));
}

static void check_random_plan(void)
{
	struct cma_plan_limits limits = random_limits();
	struct cma_plan_request req = random_wish();
	struct cma_plan plan;
	enum cma_plan_cause cause = cma_plan_place(&req, &limits, &plan);
	unsigned int i;
	bool any;

	if (cause)
		plan.nr_attempts = 0;
	any = check_coverage(&req, &limits, &plan);
	CHECK(any == (cause == CMA_PLAN_OK), "cause %d; %s", (int)cause,
	      show(&req, &limits));
	if (cause)
		return;
	CHECK(plan.align == align_of(&req, &limits) &&
	      plan.size == rounded_up(req.size, plan.align) &&
	      plan.fixed == req.fixed, "%s", show(&req, &limits));
	for (i = 0; i < plan.nr_attempts; i++)
		check_attempt(&req, &limits, &plan, i);
	check_order(&req, &limits, &plan);
}

CASE(attempts_cover_the_legal_addresses_and_no_other)
{
	unsigned long round;

	for (round = 0; round < ROUNDS; round++)
		check_random_plan();
}
