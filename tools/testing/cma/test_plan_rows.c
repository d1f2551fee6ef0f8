// SPDX-License-Identifier: GPL-2.0
/*
 * The plan on the machines that input_rows has, row by row.
 */
#include <linux/array_size.h>
#include <linux/bits.h>
#include <linux/limits.h>

#include "lib/plan.h"
#include "tap.h"

#define GIB BIT_ULL(30)
#define MIB BIT_ULL(20)

/* The boots: 1 GiB from 1 GiB on; 32 bit with highmem from 0x70000000. */
static const struct cma_plan_limits arm64_1g = {
	.ram_end = 0x80000000, .lowmem_end = 0x80000000,
	.dma_limit = 4 * GIB, .granule = 2 * MIB, .addr_max = U64_MAX,
};

static const struct cma_plan_limits arm_2g = {
	.ram_end = 0xc0000000, .lowmem_end = 0x70000000,
	.dma_limit = 0, .granule = 4 * MIB, .addr_max = U32_MAX,
};

static const struct cma_plan_limits arm64_6g = {
	.ram_end = 7 * GIB, .lowmem_end = 7 * GIB,
	.dma_limit = 4 * GIB, .granule = 2 * MIB, .addr_max = U64_MAX,
};

static const struct cma_plan_limits big_12g = {
	.ram_end = 12 * GIB, .lowmem_end = 12 * GIB,
	.dma_limit = 0, .granule = 2 * MIB, .addr_max = U64_MAX,
};

static const struct row {
	const char *what;
	const struct cma_plan_limits *limits;
	struct cma_plan_request req;
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

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		cause = cma_plan_place(&rows[i].req, rows[i].limits, &plan);
		CHECK(cause == rows[i].cause, "%s: cause %d, not %d",
		      rows[i].what, (int)cause, (int)rows[i].cause);
	}
}

static void check_attempts(struct cma_plan_request req, const struct cma_plan_limits *limits,
			   const struct cma_attempt *want, unsigned int nr)
{
	struct cma_plan plan;
	unsigned int i;

	CHECK(cma_plan_place(&req, limits, &plan) == CMA_PLAN_OK &&
	      plan.nr_attempts == nr, "%#llx bytes: %u attempts", req.size,
	      plan.nr_attempts);
	for (i = 0; i < nr; i++)
		CHECK(plan.attempt[i].lo == want[i].lo &&
		      plan.attempt[i].hi == want[i].hi &&
		      plan.attempt[i].bottom_up == want[i].bottom_up,
		      "attempt %u: %#llx-%#llx, upwards %d", i,
		      plan.attempt[i].lo, plan.attempt[i].hi,
		      plan.attempt[i].bottom_up);
}

/* One zone: high memory first, and never across. */
CASE(high_memory_comes_first)
{
	static const struct cma_attempt want[] = {
		{ 0x70000000, 0xc0000000, false }, { 0, 0x70000000, false },
	};

	check_attempts((struct cma_plan_request){ .size = 64 * MIB }, &arm_2g, want, 2);
}

CASE(above_4_gib_comes_first)
{
	static const struct cma_attempt want[] = {
		{ 4 * GIB, 12 * GIB, true }, { 0, 12 * GIB, false },
	};

	check_attempts((struct cma_plan_request){ .size = 64 * MIB }, &big_12g, want,
		       2);
}

/* Stock forgets the lower end above 4 GiB. */
CASE(lower_end_counts_above_4_gib)
{
	static const struct cma_attempt want[] = {
		{ 8 * GIB, 10 * GIB, true }, { 8 * GIB, 10 * GIB, false },
	};

	static const struct cma_plan_request req = {
		.size = 64 * MIB, .base = 8 * GIB, .limit = 10 * GIB,
	};

	check_attempts(req, &big_12g, want, 2);
}

CASE(fixed_has_one_attempt)
{
	static const struct cma_attempt want[] = {
		{ 0x50000000, 0x54000000, false },
	};

	static const struct cma_plan_request req = {
		.size = 63 * MIB, .base = 0x50000000, .fixed = true,
	};

	check_attempts(req, &arm64_1g, want, 1);
}

CASE(strongest_source_that_is_given_and_did_not_fail)
{
	struct cma_plan_offer offer[CMA_NR_SOURCES];
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
	want = CMA_SOURCE_DT;
	CHECK(want < CMA_SOURCE_CMDLINE, "device tree over command line");
	want = CMA_SOURCE_CMDLINE;
	CHECK(want < CMA_SOURCE_KCONFIG, "command line over Kconfig");
}
