// SPDX-License-Identifier: GPL-2.0
/*
 * The plan against every address of a small world: 20 GiB in steps of 1 GiB,
 * with limits that need not be multiples of anything. An address is legal by
 * the plain words of plan.h; the attempts must cover all legal addresses and
 * no other one.
 */
#include <string.h>

#include <linux/limits.h>

#include "plan.h"
#include "tap.h"

#define GIB (1ULL << 30)
#define MIB (1ULL << 20)
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

#define SHOW "size %#llx base %#llx limit %#llx align %#llx fixed %d; " \
	     "ram_end %#llx lowmem_end %#llx dma_limit %#llx"
#define SHOWN(w, f) (w)->size, (w)->base, (w)->limit, (w)->align,	\
		    (w)->fixed, (f)->ram_end, (f)->lowmem_end, (f)->dma_limit

static bool check_coverage(const struct cma_wish *wish,
			   const struct cma_facts *facts,
			   const struct cma_plan *plan)
{
	bool any = false;
	u64 addr;

	for (addr = 0; addr <= WORLD * GIB; addr += GIB) {
		CHECK(covered(plan, addr) == legal(wish, facts, addr),
		      "address %#llx; " SHOW, addr, SHOWN(wish, facts));
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
	      "%#llx-%#llx; " SHOW, attempt->lo, attempt->hi,
	      SHOWN(wish, facts));
	CHECK(!(attempt->lo < facts->lowmem_end &&
		attempt->hi > facts->lowmem_end), "%#llx-%#llx; " SHOW,
	      attempt->lo, attempt->hi, SHOWN(wish, facts));
	CHECK(!attempt->bottom_up ||
	      (i == 0 && !plan->fixed && attempt->lo >= 4 * GIB), SHOW,
	      SHOWN(wish, facts));
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
	CHECK(plan->attempt[0].bottom_up == above, SHOW, SHOWN(wish, facts));
	if (high)
		CHECK(above || plan->attempt[0].lo >= facts->lowmem_end, SHOW,
		      SHOWN(wish, facts));
	for (i = 2; i < plan->nr_attempts; i++)
		CHECK(plan->attempt[i].lo < plan->attempt[i - 1].lo ||
		      plan->attempt[i].hi <= facts->lowmem_end, SHOW,
		      SHOWN(wish, facts));
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
	CHECK(any == (cause == CMA_PLAN_OK), "cause %d; " SHOW, (int)cause,
	      SHOWN(&wish, &facts));
	if (cause)
		return;
	CHECK(plan.align == align_of(&wish, &facts) &&
	      plan.size == rounded_up(wish.size, plan.align) &&
	      plan.fixed == wish.fixed, SHOW, SHOWN(&wish, &facts));
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

/* 1 GiB from 1 GiB on, as in input.md; 32 bit with highmem from 0x70000000. */
static const struct cma_facts arm64_1g = {
	.ram_end = 0x80000000, .lowmem_end = 0x80000000,
	.dma_limit = 4 * GIB, .granule = 2 * MIB, .addr_max = U64_MAX,
};
static const struct cma_facts arm_2g = {
	.ram_end = 0xc0000000, .lowmem_end = 0x70000000,
	.dma_limit = 0, .granule = 4 * MIB, .addr_max = U32_MAX,
};
static const struct cma_facts arm64_6g = {
	.ram_end = 7 * GIB, .lowmem_end = 7 * GIB,
	.dma_limit = 4 * GIB, .granule = 2 * MIB, .addr_max = U64_MAX,
};
static const struct cma_facts big_12g = {
	.ram_end = 12 * GIB, .lowmem_end = 12 * GIB,
	.dma_limit = 0, .granule = 2 * MIB, .addr_max = U64_MAX,
};

static const struct row {
	const char *what;
	const struct cma_facts *facts;
	struct cma_wish wish;
	enum cma_plan_cause cause;
} rows[] = {
	{ "nothing", &arm64_1g, { .size = 0 }, CMA_PLAN_NO_SIZE },
	{ "alignment 0x300000", &arm64_1g,
	  { .size = 64 * MIB, .align = 0x300000 }, CMA_PLAN_BAD_ALIGN },
	{ "alignment 0x1000 is raised", &arm64_1g,
	  { .size = 64 * MIB, .align = 0x1000 }, CMA_PLAN_OK },
	{ "alignment 1 << 40", &arm64_1g,
	  { .size = 64 * MIB, .align = 1ULL << 40 }, CMA_PLAN_BEYOND_LIMIT },
	{ "alignment 1 << 63 and a size above it", &arm64_1g,
	  { .size = (1ULL << 63) + 1, .align = 1ULL << 63 },
	  CMA_PLAN_OVERFLOW },
	{ "64M@0x50000001", &arm64_1g,
	  { .size = 64 * MIB, .base = 0x50000001, .fixed = true },
	  CMA_PLAN_BASE_UNALIGNED },
	{ "64M@0x50000000", &arm64_1g,
	  { .size = 64 * MIB, .base = 0x50000000, .fixed = true },
	  CMA_PLAN_OK },
	{ "exactly at address 0", &arm64_1g,
	  { .size = 64 * MIB, .fixed = true }, CMA_PLAN_OK },
	{ "64M@0x7e000000, past the end of RAM", &arm64_1g,
	  { .size = 64 * MIB, .base = 0x7e000000, .fixed = true },
	  CMA_PLAN_BEYOND_LIMIT },
	{ "64M@0xfffffffffc000000", &arm64_1g,
	  { .size = 64 * MIB, .base = 0xfffffffffc000000, .fixed = true },
	  CMA_PLAN_OVERFLOW },
	{ "0xfffffffffffff000", &arm64_1g,
	  { .size = 0xfffffffffffff000 }, CMA_PLAN_OVERFLOW },
	{ "a base that cannot be rounded up", &arm64_1g,
	  { .size = 1, .base = U64_MAX }, CMA_PLAN_OVERFLOW },
	{ "1E", &arm64_1g, { .size = 1ULL << 60 }, CMA_PLAN_BEYOND_LIMIT },
	{ "2G on 1 GiB at 1 GiB", &arm64_1g,
	  { .size = 2 * GIB, .base = 0x40000000 }, CMA_PLAN_BEYOND_LIMIT },
	{ "64M@0x60000000-0x63000000", &arm64_1g,
	  { .size = 64 * MIB, .base = 0x60000000, .limit = 0x63000000 },
	  CMA_PLAN_BEYOND_LIMIT },
	{ "63M in a range of 63M", &arm64_1g,
	  { .size = 63 * MIB, .base = 0x60000000, .limit = 0x63f00000 },
	  CMA_PLAN_BEYOND_LIMIT },
	{ "a limit that rounds down to nothing", &arm64_1g,
	  { .size = 1, .limit = 2 * MIB - 1 }, CMA_PLAN_BEYOND_LIMIT },
	{ "64M@5G-6G above the DMA limit", &arm64_6g,
	  { .size = 64 * MIB, .base = 5 * GIB, .limit = 6 * GIB },
	  CMA_PLAN_BEYOND_LIMIT },
	{ "4294967295 on 32 bit", &arm_2g,
	  { .size = 4294967295 }, CMA_PLAN_OVERFLOW },
	{ "64M@0x100000000 on 32 bit", &arm_2g,
	  { .size = 64 * MIB, .base = 4 * GIB, .fixed = true },
	  CMA_PLAN_OVERFLOW },
	{ "64M@0xfc000000 on 32 bit", &arm_2g,
	  { .size = 64 * MIB, .base = 0xfc000000, .fixed = true },
	  CMA_PLAN_BEYOND_LIMIT },
	{ "64M@0x6d000000 on 32 bit", &arm_2g,
	  { .size = 64 * MIB, .base = 0x6d000000, .fixed = true },
	  CMA_PLAN_CROSSES_LOWMEM },
	{ "64M up to the boundary", &arm_2g,
	  { .size = 64 * MIB, .base = 0x6c000000, .fixed = true },
	  CMA_PLAN_OK },
	{ "64M from the boundary on", &arm_2g,
	  { .size = 64 * MIB, .base = 0x70000000, .fixed = true },
	  CMA_PLAN_OK },
};

CASE(causes)
{
	enum cma_plan_cause cause;
	struct cma_plan plan;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cause = cma_plan_place(&rows[i].wish, rows[i].facts, &plan);
		CHECK(cause == rows[i].cause, "%s: cause %d, not %d",
		      rows[i].what, (int)cause, (int)rows[i].cause);
	}
}

static void check_attempts(struct cma_wish wish, const struct cma_facts *facts,
			   const struct cma_attempt *want, unsigned int nr)
{
	struct cma_plan plan;
	unsigned int i;

	CHECK(cma_plan_place(&wish, facts, &plan) == CMA_PLAN_OK &&
	      plan.nr_attempts == nr, SHOW ": %u attempts",
	      SHOWN(&wish, facts), plan.nr_attempts);
	for (i = 0; i < nr; i++)
		CHECK(plan.attempt[i].lo == want[i].lo &&
		      plan.attempt[i].hi == want[i].hi &&
		      plan.attempt[i].bottom_up == want[i].bottom_up,
		      "attempt %u: %#llx-%#llx, upwards %d", i,
		      plan.attempt[i].lo, plan.attempt[i].hi,
		      plan.attempt[i].bottom_up);
}

/* history.md C1: high memory first, and never across. */
CASE(high_memory_comes_first)
{
	static const struct cma_attempt want[] = {
		{ 0x70000000, 0xc0000000, false }, { 0, 0x70000000, false },
	};

	check_attempts((struct cma_wish){ .size = 64 * MIB }, &arm_2g, want, 2);
}

CASE(above_4_gib_comes_first)
{
	static const struct cma_attempt want[] = {
		{ 4 * GIB, 12 * GIB, true }, { 0, 12 * GIB, false },
	};

	check_attempts((struct cma_wish){ .size = 64 * MIB }, &big_12g, want,
		       2);
}

/* history.md C7: stock forgets the lower end above 4 GiB. */
CASE(lower_end_counts_above_4_gib)
{
	static const struct cma_attempt want[] = {
		{ 8 * GIB, 10 * GIB, true }, { 8 * GIB, 10 * GIB, false },
	};

	check_attempts((struct cma_wish){ .size = 64 * MIB, .base = 8 * GIB,
					  .limit = 10 * GIB }, &big_12g, want,
		       2);
}

CASE(fixed_has_one_attempt)
{
	static const struct cma_attempt want[] = {
		{ 0x50000000, 0x54000000, false },
	};

	check_attempts((struct cma_wish){ .size = 63 * MIB, .base = 0x50000000,
					  .fixed = true }, &arm64_1g, want, 1);
}

CASE(strongest_source_that_is_given_and_did_not_fail)
{
	struct cma_offer offer[CMA_NR_SOURCES];
	unsigned int bits, i, want;

	for (bits = 0; bits < 64; bits++) {
		want = CMA_NR_SOURCES;
		for (i = CMA_NR_SOURCES; i-- > 0;) {
			offer[i].given = bits >> 2 * i & 1;
			offer[i].failed = bits >> 2 * i & 2;
			if (offer[i].given && !offer[i].failed)
				want = i;
		}
		CHECK(cma_plan_source(offer) == want, "bits %#x", bits);
	}
	CHECK(CMA_SOURCE_DT < CMA_SOURCE_CMDLINE &&
	      CMA_SOURCE_CMDLINE < CMA_SOURCE_KCONFIG, "order of input.md 1.4");
}
