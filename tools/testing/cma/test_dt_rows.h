/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The rows of test_dt.c. A row whose numbers do not fit a cell only runs where
 * the root gives them two. The pageblock is 2 MiB.
 */
#ifndef CMA_TEST_DT_ROWS_H
#define CMA_TEST_DT_ROWS_H

#include <linux/bits.h>
#include <linux/limits.h>

#include "lib/fdt.h"

#define M(n) ((u64)(n) << 20)
#define G(n) ((u64)(n) << 30)

/*
 * A letter a value: a(ddress) and s(ize), as wide as the root says; o, as wide
 * as a size is not; c(ell); b(yte).
 */
struct field {
	const char *layout;
	u64 value[6];
};

#define EMPTY { "" }
#define SIZE(s) { "s", { s } }
#define CELL(c) { "c", { c } }
#define TWO_CELLS(c, d) { "cc", { c, d } }
#define THREE_CELLS { "ccc", { 0, M(64), M(64) } }
#define SPAN(b, s) { "as", { b, s } }
#define SPANS(b, s, c, t) { "asas", { b, s, c, t } }

/* @wanted is the layout of the property that is named to be too short or long. */
static const struct row {
	const char *what;
	struct field reg, size, alignment, ranges;
	u64 addr_max;
	bool reusable, no_map;
	enum cma_fdt_cause cause;
	const char *property, *wanted;
	struct cma_fdt_pool pool;
} rows[] = {
	/* the order of input_rows/nodes_bad.py */
	{ "size one cell short, or long", .size = { "o", { M(64) } },
	  .pool = { .span.size = M(64), .asked = M(64), .align = M(2),
		    .has_odd_size = true } },
	{ "size with a byte too many", .size = { "sb" },
	  .cause = CMA_FDT_BAD_LENGTH, "size", "s" },
	{ "size of three cells", .size = THREE_CELLS,
	  .cause = CMA_FDT_BAD_LENGTH, "size", "s" },
	{ "size of three bytes", .size = { "bbb" },
	  .cause = CMA_FDT_BAD_LENGTH, "size", "s" },
	{ "alignment of one cell", .size = SIZE(M(64)), .alignment = CELL(M(4)),
	  .pool = { .span.size = M(64), .asked = M(64), .align = M(4) } },
	{ "alignment of two cells", .size = SIZE(M(64)),
	  .alignment = TWO_CELLS(0, M(4)),
	  .pool = { .span.size = M(64), .asked = M(64), .align = M(4) } },
	{ "alignment of three cells", .size = SIZE(M(64)), .alignment = THREE_CELLS,
	  .cause = CMA_FDT_BAD_LENGTH, "alignment", "a" },
	{ "alignment of three bytes", .size = SIZE(M(64)), .alignment = { "bbb" },
	  .cause = CMA_FDT_BAD_LENGTH, "alignment", "a" },
	{ "alignment of nine bytes", .size = SIZE(M(64)), .alignment = { "ccb" },
	  .cause = CMA_FDT_BAD_LENGTH, "alignment", "a" },
	{ "alignment that is empty", .size = SIZE(M(64)), .alignment = EMPTY,
	  .cause = CMA_FDT_BAD_LENGTH, "alignment", "a" },
	{ "reg one cell short, or long", .reg = { "ao", { G(1), M(64) } },
	  .cause = CMA_FDT_BAD_LENGTH, "reg", "as" },
	{ "reg without a size", .reg = { "a", { M(64) } },
	  .cause = CMA_FDT_BAD_LENGTH, "reg", "as" },
	{ "reg with a cell too many", .reg = { "asc", { G(1), M(64) } },
	  .cause = CMA_FDT_BAD_LENGTH, "reg", "as" },
	{ "reg with a byte too many, size beside it", .reg = { "asb", { G(1), M(64) } },
	  .size = SIZE(M(64)), .cause = CMA_FDT_BAD_LENGTH, "reg", "as" },
	{ "alloc-ranges one cell short, or long", .size = SIZE(M(64)),
	  .ranges = { "ao", { G(1), M(64) } },
	  .cause = CMA_FDT_BAD_LENGTH, "alloc-ranges", "as" },
	{ "alloc-ranges without a size", .size = SIZE(M(64)),
	  .ranges = { "a", { G(1) } },
	  .cause = CMA_FDT_BAD_LENGTH, "alloc-ranges", "as" },
	{ "alloc-ranges with a cell too many", .size = SIZE(M(64)),
	  .ranges = { "asc", { G(1), M(64) } },
	  .cause = CMA_FDT_BAD_LENGTH, "alloc-ranges", "as" },
	{ "alloc-ranges that are empty", .size = SIZE(M(64)), .ranges = EMPTY,
	  .cause = CMA_FDT_BAD_LENGTH, "alloc-ranges", "as" },
	{ "alloc-ranges beside reg", .reg = SPAN(G(1), M(64)), .ranges = { "b" },
	  .cause = CMA_FDT_BAD_LENGTH, "alloc-ranges", "as" },
	{ "reg and a size that says the same", .reg = SPAN(G(1), M(64)),
	  .size = SIZE(M(64)),
	  .pool = { .is_fixed = true, .span = { G(1), M(64) }, .asked = M(64),
		    .align = M(2) } },
	{ "reg and a size that says less", .reg = SPAN(G(1), M(64)),
	  .size = SIZE(M(62)),
	  .pool = { .is_fixed = true, .span = { G(1), M(64) }, .asked = M(64),
		    .align = M(2), .disagrees = true } },
	{ "reg and a size of zero", .reg = SPAN(G(1), M(64)), .size = SIZE(0),
	  .pool = { .is_fixed = true, .span = { G(1), M(64) }, .asked = M(64),
		    .align = M(2), .disagrees = true } },
	{ "reg and a size that is none", .reg = SPAN(G(1), M(64)), .size = THREE_CELLS,
	  .pool = { .is_fixed = true, .span = { G(1), M(64) }, .asked = M(64),
		    .align = M(2) } },
	{ "reg and a size of the other width", .reg = SPAN(G(1), M(64)),
	  .size = { "o", { M(2) } },
	  .pool = { .is_fixed = true, .span = { G(1), M(64) }, .asked = M(64),
		    .align = M(2), .disagrees = true } },
	{ "reg and an empty size", .reg = SPAN(G(1), M(64)), .size = EMPTY,
	  .pool = { .is_fixed = true, .span = { G(1), M(64) }, .asked = M(64),
		    .align = M(2) } },
	{ "empty reg and size", .reg = EMPTY, .size = EMPTY,
	  .cause = CMA_FDT_NO_PLACE, "size" },
	{ "neither reg nor size", .cause = CMA_FDT_NO_PLACE, "size" },
	{ "empty size", .size = EMPTY, .cause = CMA_FDT_NO_PLACE, "size" },
	{ "empty reg", .reg = EMPTY, .cause = CMA_FDT_NO_PLACE, "size" },
	{ "empty reg, size", .reg = EMPTY, .size = SIZE(M(64)),
	  .pool = { .span.size = M(64), .asked = M(64), .align = M(2) } },
	{ "alloc-ranges too small, for placement to find out", .size = SIZE(M(64)),
	  .ranges = SPAN(G(1), M(2)),
	  .pool = { .span.size = M(64), .asked = M(64), .align = M(2),
		    .nr_ranges = 1 } },
	{ "two alloc-ranges", .size = SIZE(M(64)),
	  .ranges = SPANS(G(1), M(2), G(2), M(64)),
	  .pool = { .span.size = M(64), .asked = M(64), .align = M(2),
		    .nr_ranges = 2 } },
	{ "reusable", .size = SIZE(M(64)), .reusable = true,
	  .pool = { .span.size = M(64), .asked = M(64), .align = M(2) } },
	{ "no-map without reusable", .size = SIZE(M(64)), .no_map = true,
	  .pool = { .span.size = M(64), .asked = M(64), .align = M(2) } },
	{ "no-map and reusable with size", .size = SIZE(M(64)), .reusable = true,
	  .no_map = true, .cause = CMA_FDT_NO_MAP, "no-map" },
	{ "no-map and reusable, and nothing else is right", .reg = { "b" },
	  .alignment = { "b" }, .reusable = true, .no_map = true,
	  .cause = CMA_FDT_NO_MAP, "no-map" },
	{ "alignment 0x300000", .size = SIZE(M(64)), .alignment = CELL(0x300000),
	  .cause = CMA_FDT_NOT_POWER_OF_TWO, "alignment" },
	{ "alignment 0x300000 beside reg", .reg = SPAN(G(1), M(64)),
	  .alignment = CELL(0x300000),
	  .cause = CMA_FDT_NOT_POWER_OF_TWO, "alignment" },
	{ "alignment 0x1000", .size = SIZE(M(64)), .alignment = CELL(0x1000),
	  .pool = { .span.size = M(64), .asked = M(64), .align = M(2),
		    .align_raised = true } },
	{ "alignment of a page block", .size = SIZE(M(64)), .alignment = CELL(M(2)),
	  .pool = { .span.size = M(64), .asked = M(64), .align = M(2) } },
	{ "alignment 0", .size = SIZE(M(64)), .alignment = TWO_CELLS(0, 0),
	  .pool = { .span.size = M(64), .asked = M(64), .align = M(2) } },
	{ "alignment 1 << 40", .size = SIZE(M(64)), .alignment = TWO_CELLS(0x100, 0),
	  .pool = { .span.size = M(64), .asked = M(64), .align = BIT_ULL(40) } },
	{ "alignment 1 << 40 where no address is as large", .size = SIZE(M(64)),
	  .alignment = TWO_CELLS(0x100, 0), .addr_max = U32_MAX,
	  .cause = CMA_FDT_TOO_LARGE, "alignment" },
	{ "size 0", .size = SIZE(0), .cause = CMA_FDT_ZERO, "size" },
	{ "reg of size 0", .reg = SPAN(G(1), 0), .cause = CMA_FDT_ZERO, "reg" },
	{ "reg of size 0, size beside it", .reg = SPAN(G(1), 0), .size = SIZE(M(64)),
	  .cause = CMA_FDT_ZERO, "reg" },
	{ "size 63 MiB", .size = SIZE(M(63)),
	  .pool = { .span.size = M(64), .asked = M(63), .align = M(2) } },
	{ "size 1", .size = SIZE(1),
	  .pool = { .span.size = M(2), .asked = 1, .align = M(2) } },
	{ "size 6 MiB, alignment 4 MiB", .size = SIZE(M(6)), .alignment = CELL(M(4)),
	  .pool = { .span.size = M(6), .asked = M(6), .align = M(4) } },
	{ "reg base off by one", .reg = SPAN(0x50000001, M(64)),
	  .cause = CMA_FDT_UNALIGNED, "reg" },
	{ "reg base off by half a page block", .reg = SPAN(G(1) + M(1), M(64)),
	  .cause = CMA_FDT_UNALIGNED, "reg" },
	{ "reg size 63 MiB", .reg = SPAN(G(1), M(63)),
	  .cause = CMA_FDT_UNALIGNED, "reg" },
	{ "reg that fits a page block, not the alignment", .reg = SPAN(M(2), M(2)),
	  .alignment = CELL(M(64)),
	  .pool = { .is_fixed = true, .span = { M(2), M(2) }, .asked = M(2),
		    .align = M(64) } },
	{ "size 4 GiB", .size = SIZE(G(4)),
	  .pool = { .span.size = G(4), .asked = G(4), .align = M(2) } },
	{ "size 4 GiB on 32 bit", .size = SIZE(G(4)), .addr_max = U32_MAX,
	  .cause = CMA_FDT_TOO_LARGE, "size" },
	{ "size 4 GiB and the lower cell says 64 MiB, on 32 bit",
	  .size = SIZE(G(4) + M(64)), .addr_max = U32_MAX,
	  .cause = CMA_FDT_TOO_LARGE, "size" },
	{ "size 4294967295 on 32 bit", .size = SIZE(U32_MAX), .addr_max = U32_MAX,
	  .cause = CMA_FDT_TOO_LARGE, "size" },
	{ "size 4294967295", .size = SIZE(U32_MAX),
	  .pool = { .span.size = G(4), .asked = U32_MAX, .align = M(2) } },
	{ "largest size on 32 bit", .size = SIZE(G(4) - M(2)), .addr_max = U32_MAX,
	  .pool = { .span.size = G(4) - M(2), .asked = G(4) - M(2), .align = M(2) } },
	{ "size 0xffffffffffe00000", .size = SIZE(0xffffffffffe00000),
	  .pool = { .span.size = 0xffffffffffe00000, .asked = 0xffffffffffe00000,
		    .align = M(2) } },
	{ "a byte more, which rounds up to 0", .size = SIZE(0xffffffffffe00001),
	  .cause = CMA_FDT_TOO_LARGE, "size" },
	{ "reg anywhere, for placement to find out", .reg = SPAN(0x10000000, M(64)),
	  .pool = { .is_fixed = true, .span = { 0x10000000, M(64) }, .asked = M(64),
		    .align = M(2) } },
	{ "reg at address 0", .reg = SPAN(0, M(2)),
	  .pool = { .is_fixed = true, .span = { 0, M(2) }, .asked = M(2),
		    .align = M(2) } },
	{ "reg that wraps to 0", .reg = SPAN(0xfffffffffc000000, M(64)),
	  .cause = CMA_FDT_TOO_LARGE, "reg" },
	{ "reg that wraps further", .reg = SPAN(0xfffffffffc000000, G(1)),
	  .cause = CMA_FDT_TOO_LARGE, "reg" },
	{ "reg in the last page block but one", .reg = SPAN(0xffffffffffc00000, M(2)),
	  .pool = { .is_fixed = true, .span = { 0xffffffffffc00000, M(2) },
		    .asked = M(2), .align = M(2) } },
	{ "reg behind the end of 32 bit", .reg = SPAN(G(4), M(64)),
	  .addr_max = U32_MAX, .cause = CMA_FDT_TOO_LARGE, "reg" },
	{ "reg across the end of 32 bit", .reg = SPAN(G(4) - M(2), M(4)),
	  .addr_max = U32_MAX, .cause = CMA_FDT_TOO_LARGE, "reg" },
	{ "reg up to the end of 32 bit, which is no address",
	  .reg = SPAN(G(4) - M(2), M(2)), .addr_max = U32_MAX,
	  .cause = CMA_FDT_TOO_LARGE, "reg" },
	{ "reg below that", .reg = SPAN(G(4) - M(4), M(2)), .addr_max = U32_MAX,
	  .pool = { .is_fixed = true, .span = { G(4) - M(4), M(2) }, .asked = M(2),
		    .align = M(2) } },
	{ "reg of 4 GiB on 32 bit", .reg = SPAN(0, G(4)), .addr_max = U32_MAX,
	  .cause = CMA_FDT_TOO_LARGE, "reg" },
	{ "reg with two ranges, the second wrong",
	  .reg = SPANS(G(1), M(64), 0x12345, 0),
	  .pool = { .is_fixed = true, .span = { G(1), M(64) }, .asked = M(64),
		    .align = M(2), .nr_more = 1 } },
	{ "reg with three ranges",
	  .reg = { "asasas", { G(1), M(64), G(2), M(2), G(3), M(2) } },
	  .pool = { .is_fixed = true, .span = { G(1), M(64) }, .asked = M(64),
		    .align = M(2), .nr_more = 2 } },
};

#endif /* CMA_TEST_DT_ROWS_H */
