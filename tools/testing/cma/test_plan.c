// SPDX-License-Identifier: GPL-2.0
/*
 * The plan against every address of a small world: 20 GiB in steps of 1 GiB,
 * with limits that need not be multiples of anything. An address is legal by
 * the plain words of plan.h; the attempts must cover all legal addresses and
 * no other one.
 */

#include <linux/bits.h>
#include <linux/limits.h>

#include "plan.h"
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

static u64 align_of(const struct cma_wish *wish, const struct cma_facts *facts)
{
	return wish->align > facts->granule ? wish->align : facts->granule;
}

static bool legal(const struct cma_wish *wish, const struct cma_facts *facts,
		  u64 addr)
{
	u64 align = align_of(wish, facts);
	u64 end = addr + rounded_up(wish->size, align);

	return addr % align == 0 && addr >= wish->base &&
	       (!wish->fixed || addr == wish->base) &&
	       (!wish->limit || end <= wish->limit) &&
	       (!facts->dma_limit || end <= facts->dma_limit) &&
	       end <= facts->ram_end &&
	       !(addr < facts->lowmem_end && end > facts->lowmem_end);
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

static struct cma_facts random_facts(void)
{
	struct cma_facts facts = {
		.ram_end = random_addr(),
		.granule = GIB,
		.addr_max = U64_MAX,
	};

	facts.lowmem_end = tap_below(2) ? facts.ram_end : random_addr();
	facts.dma_limit = tap_below(2) ? 0 : random_addr();
	if (!tap_below(4)) {
		facts.addr_max = U32_MAX;
		facts.ram_end = min_u64(facts.ram_end, U32_MAX);
	}
	return facts;
}

static struct cma_wish random_wish(void)
{
	static const u64 aligns[] = { 0, 0, 4096, GIB, 2 * GIB, 8 * GIB };

	return (struct cma_wish){
		.size = 1 + random_addr() / (1 + tap_below(8)),
		.base = tap_below(3) ? random_addr() : 0,
		.limit = tap_below(3) ? 0 : random_addr(),
		.align = aligns[tap_below(6)],
		.fixed = !tap_below(4),
	};
}

/* For the report of a failure; the text lives until the next call. */
static const char *show(const struct cma_wish *wish,
			const struct cma_facts *facts)
{
	static char text[256];

	snprintf(text, sizeof(text),
		 "size %#llx base %#llx limit %#llx align %#llx fixed %d; ram_end %#llx lowmem_end %#llx dma_limit %#llx",
		 wish->size, wish->base, wish->limit, wish->align, wish->fixed,
		 facts->ram_end, facts->lowmem_end, facts->dma_limit);
	return text;
}

static bool check_coverage(const struct cma_wish *wish,
			   const struct cma_facts *facts,
			   const struct cma_plan *plan)
{
	bool any = false;
	u64 addr;

	for (addr = 0; addr <= WORLD * GIB; addr += GIB) {
		CHECK(covered(plan, addr) == legal(wish, facts, addr),
		      "address %#llx; %s", addr, show(wish, facts));
		any |= legal(wish, facts, addr);
	}
	return any;
}

static void check_attempt(const struct cma_wish *wish,
			  const struct cma_facts *facts,
			  const struct cma_plan *plan, unsigned int i)
{
	const struct cma_attempt *attempt = &plan->attempt[i];

	CHECK(attempt->lo % plan->align == 0 && attempt->hi >= attempt->lo &&
	      attempt->hi - attempt->lo >= plan->size &&
	      attempt->lo >= wish->base && attempt->hi <= facts->ram_end,
	      "%#llx-%#llx; %s", attempt->lo, attempt->hi,
	      show(wish, facts));
	CHECK(!(attempt->lo < facts->lowmem_end &&
		attempt->hi > facts->lowmem_end), "%#llx-%#llx; %s",
	      attempt->lo, attempt->hi, show(wish, facts));
	CHECK(!attempt->bottom_up ||
	      (i == 0 && !plan->fixed && attempt->lo >= 4 * GIB), "%s",
	      show(wish, facts));
}

static u64 lowest_limit(const struct cma_wish *wish,
			const struct cma_facts *facts)
{
	u64 limit = facts->ram_end;

	if (wish->limit)
		limit = min_u64(limit, wish->limit);
	if (facts->dma_limit)
		limit = min_u64(limit, facts->dma_limit);
	return limit;
}

/*
 * Enough RAM above 4 GiB and a legal address there: upwards comes first. With
 * high memory in reach that means high memory.
 */
static void check_order(const struct cma_wish *wish,
			const struct cma_facts *facts,
			const struct cma_plan *plan)
{
	u64 lowest = lowest_limit(wish, facts) / plan->align * plan->align;
	u64 from = lowest > facts->lowmem_end ? facts->lowmem_end : 0;
	bool above = false, high = false;
	unsigned int i;
	u64 addr;

	if (from < 4 * GIB)
		from = 4 * GIB;
	for (addr = 0; addr <= WORLD * GIB; addr += GIB) {
		above |= addr >= from && legal(wish, facts, addr);
		high |= addr >= facts->lowmem_end && legal(wish, facts, addr);
	}
	above &= facts->addr_max > U32_MAX && !plan->fixed &&
		 facts->ram_end >= 4 * GIB + plan->size;
	CHECK(plan->attempt[0].bottom_up == above, "%s", show(wish, facts));
	if (high)
		CHECK(above || plan->attempt[0].lo >= facts->lowmem_end, "%s",
		      show(wish, facts));
	for (i = 2; i < plan->nr_attempts; i++)
		CHECK(plan->attempt[i].lo < plan->attempt[i - 1].lo ||
		      plan->attempt[i].hi <= facts->lowmem_end, "%s",
		      show(wish, facts));
}

static void check_random_plan(void)
{
	struct cma_facts facts = random_facts();
	struct cma_wish wish = random_wish();
	struct cma_plan plan;
	enum cma_plan_cause cause = cma_plan_place(&wish, &facts, &plan);
	unsigned int i;
	bool any;

	if (cause)
		plan.nr_attempts = 0;
	any = check_coverage(&wish, &facts, &plan);
	CHECK(any == (cause == CMA_PLAN_OK), "cause %d; %s", (int)cause,
	      show(&wish, &facts));
	if (cause)
		return;
	CHECK(plan.align == align_of(&wish, &facts) &&
	      plan.size == rounded_up(wish.size, plan.align) &&
	      plan.fixed == wish.fixed, "%s", show(&wish, &facts));
	for (i = 0; i < plan.nr_attempts; i++)
		check_attempt(&wish, &facts, &plan, i);
	check_order(&wish, &facts, &plan);
}

CASE(attempts_cover_the_legal_addresses_and_no_other)
{
	unsigned long round;

	for (round = 0; round < ROUNDS; round++)
		check_random_plan();
}
