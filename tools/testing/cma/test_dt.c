// SPDX-License-Identifier: GPL-2.0
/*
 * Pool nodes: every row of input_rows that the bytes of the properties decide,
 * with each width of addresses and sizes. The differential test is in
 * test_dt_model.py.
 */
#include <limits.h>

#include <linux/array_size.h>
#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/limits.h>

#include "dt_node.h"
#include "tap.h"
#include "test_dt_rows.h"

#define PROP_MAX_BYTES 64

static const int widths[][2] = { { 1, 1 }, { 1, 2 }, { 2, 1 }, { 2, 2 } };

static unsigned int width_of(const struct cma_fdt_node *node, char letter)
{
	switch (letter) {
	case 'a':
		return 4U * (unsigned int)node->addr_cells;
	case 's':
		return 4U * (unsigned int)node->size_cells;
	case 'o':
		return 12 - width_of(node, 's');
	case 'c':
		return 4;
	default:
		return 1;
	}
}

static unsigned int layout_bytes(const struct cma_fdt_node *node,
				 const char *layout)
{
	unsigned int bytes = 0;

	for (; *layout; layout++)
		bytes += width_of(node, *layout);
	return bytes;
}

static void put_big_endian(unsigned char *at, unsigned int width, u64 value)
{
	for (; width; value >>= 8)
		at[--width] = (unsigned char)value;
}

/* False when a value needs more cells than this root gives it. */
static bool build(const struct cma_fdt_node *node, const struct field *field,
		  struct cma_fdt_prop *prop)
{
	unsigned char bytes[PROP_MAX_BYTES];
	unsigned int len = 0, i;

	if (!field->layout)
		return true;
	for (i = 0; field->layout[i]; i++) {
		unsigned int width = width_of(node, field->layout[i]);

		if (width < 8 && field->value[i] >> 8 * width)
			return false;
		put_big_endian(bytes + len, width, field->value[i]);
		len += width;
	}
	*prop = dt_copy(bytes, len);
	return true;
}

static struct cma_fdt_node bare_node(int addr_cells, int size_cells)
{
	return (struct cma_fdt_node){
		.addr_cells = addr_cells, .size_cells = size_cells,
		.addr_max = U64_MAX, .granule = M(2), .reusable = true,
	};
}

static bool build_row(const struct row *row, struct cma_fdt_node *node)
{
	if (row->addr_max)
		node->addr_max = row->addr_max;
	node->reusable = row->reusable;
	node->no_map = row->no_map;
	return build(node, &row->reg, &node->reg) &&
	       build(node, &row->size, &node->size) &&
	       build(node, &row->alignment, &node->alignment) &&
	       build(node, &row->ranges, &node->ranges);
}

static bool same_pool(const struct cma_fdt_pool *a, const struct cma_fdt_pool *b)
{
	return a->is_fixed == b->is_fixed && a->span.base == b->span.base &&
	       a->span.size == b->span.size && a->asked == b->asked &&
	       a->align == b->align && a->align_raised == b->align_raised &&
	       a->nr_more == b->nr_more && a->nr_ranges == b->nr_ranges &&
	       a->disagrees == b->disagrees && a->has_odd_size == b->has_odd_size;
}

static int errno_of(enum cma_fdt_cause cause)
{
	static const int ret[] = {
		[CMA_FDT_BAD_CELLS] = -EINVAL, [CMA_FDT_NO_PLACE] = -EINVAL,
		[CMA_FDT_BAD_LENGTH] = -EINVAL, [CMA_FDT_NO_MAP] = -EINVAL,
		[CMA_FDT_ZERO] = -ERANGE, [CMA_FDT_UNALIGNED] = -ERANGE,
		[CMA_FDT_NOT_POWER_OF_TWO] = -ERANGE,
		[CMA_FDT_TOO_LARGE] = -EOVERFLOW,
	};

	return ret[cause];
}

static unsigned int found_bytes(const struct cma_fdt_node *node,
				const struct row *row)
{
	const struct cma_fdt_prop *prop = &node->ranges;

	if (!row->wanted)
		return 0;
	if (!strcmp(row->property, "reg"))
		prop = &node->reg;
	else if (!strcmp(row->property, "size"))
		prop = &node->size;
	else if (!strcmp(row->property, "alignment"))
		prop = &node->alignment;
	return (unsigned int)prop->len;
}

static void check_row(const struct row *row, const struct cma_fdt_node *node)
{
	unsigned int wanted = row->wanted ? layout_bytes(node, row->wanted) : 0;
	struct cma_fdt_pool pool, untouched;
	struct cma_fdt_error err;
	int ret;

	memset(&err, 0xa5, sizeof(err));
	memset(&pool, 0x5a, sizeof(pool));
	memcpy(&untouched, &pool, sizeof(pool));
	ret = cma_fdt_read(node, &pool, &err);
	CHECK(ret == errno_of(row->cause) && err.cause == row->cause &&
	      !strcmp(err.property, row->property ? row->property : "") &&
	      err.found == found_bytes(node, row) && err.wanted == wanted,
	      "%s, %d+%d cells: %d cause %d, %s %u/%u", row->what,
	      node->addr_cells, node->size_cells, ret, (int)err.cause,
	      err.property, err.found, err.wanted);
	if (row->cause)
		CHECK(!memcmp(&pool, &untouched, sizeof(pool)),
		      "%s: the pool was written", row->what);
	else
		CHECK(same_pool(&pool, &row->pool),
		      "%s, %d+%d cells: %#llx+%#llx asked %#llx align %#llx",
		      row->what, node->addr_cells, node->size_cells,
		      pool.span.base, pool.span.size, pool.asked, pool.align);
}

CASE(each_row_is_read_as_it_says)
{
	unsigned int i, w;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		unsigned int ran = 0;

		for (w = 0; w < ARRAY_SIZE(widths); w++) {
			struct cma_fdt_node node = bare_node(widths[w][0],
							    widths[w][1]);

			if (build_row(&rows[i], &node)) {
				check_row(&rows[i], &node);
				ran++;
			}
			dt_free(&node);
		}
		CHECK(ran, "%s: fits no root", rows[i].what);
	}
}

static void check_cells(int addr_cells, int size_cells, const char *property)
{
	static const unsigned char zeros[PROP_MAX_BYTES];
	struct cma_fdt_node node = bare_node(addr_cells, size_cells);
	struct cma_fdt_span span;
	struct cma_fdt_pool pool;
	struct cma_fdt_error err;
	int ret;

	node.no_map = true;
	node.reg = dt_copy(zeros, sizeof(zeros));
	node.ranges = dt_copy(zeros, sizeof(zeros));
	ret = cma_fdt_read(&node, &pool, &err);
	CHECK(ret == -EINVAL && err.cause == CMA_FDT_BAD_CELLS &&
	      !strcmp(err.property, property) &&
	      !cma_fdt_range(&node, 0, &span) && !cma_fdt_reg(&node, 0, &span),
	      "%d+%d cells: %d %s", addr_cells, size_cells, ret, err.property);
	dt_free(&node);
}

CASE(other_widths_than_one_and_two_are_refused)
{
	static const int wrong[] = { 0, 3, 4, -1, -2, INT_MAX, INT_MIN,
				     0x40000001, 0x20000001 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		check_cells(wrong[i], 1, "#address-cells");
		check_cells(2, wrong[i], "#size-cells");
		check_cells(wrong[i], wrong[i], "#address-cells");
	}
}

static void check_alignment(u64 align, enum cma_fdt_cause cause)
{
	const struct row row = { .size = SIZE(M(2)),
				 .alignment = TWO_CELLS(align >> 32, align & U32_MAX) };
	struct cma_fdt_node node = bare_node(2, 2);
	struct cma_fdt_pool pool = { .align = 0 };
	struct cma_fdt_error err;

	build_row(&row, &node);
	cma_fdt_read(&node, &pool, &err);
	CHECK(err.cause == cause, "%#llx: cause %d", align, (int)err.cause);
	if (!cause)
		CHECK(pool.align == (align > M(2) ? align : M(2)) &&
		      pool.align_raised == (align < M(2)), "%#llx: %#llx, %d",
		      align, pool.align, pool.align_raised);
	dt_free(&node);
}

CASE(each_power_of_two_is_an_alignment_and_no_sum_of_two)
{
	int high, low;

	for (high = 0; high < 64; high++) {
		check_alignment(BIT_ULL(high), CMA_FDT_OK);
		for (low = 0; low < high; low++)
			check_alignment(BIT_ULL(high) | BIT_ULL(low),
					CMA_FDT_NOT_POWER_OF_TWO);
	}
}

static const struct range_row {
	struct cma_fdt_span entry;
	u64 addr_max, size;
} range_rows[] = {
	{ { 0x40000000, M(64) }, U64_MAX, M(64) },
	{ { 0, 0 }, U64_MAX, 0 },
	{ { M(2), 0 }, U32_MAX, 0 },
	{ { 0, U64_MAX }, U64_MAX, U64_MAX },
	{ { M(2), U64_MAX }, U64_MAX, U64_MAX - M(2) },
	{ { U64_MAX - 1, 2 }, U64_MAX, 1 },
	{ { U64_MAX, 1 }, U64_MAX, 0 },
	{ { 0, G(4) }, U32_MAX, U32_MAX },
	{ { 0xfe000000, M(64) }, U32_MAX, M(32) - 1 },
	{ { 0xfe000000, M(32) - 1 }, U32_MAX, M(32) - 1 },
	{ { 0xfe000000, U64_MAX }, U32_MAX, M(32) - 1 },
	{ { U32_MAX, 1 }, U32_MAX, 0 },
	{ { G(4), M(64) }, U32_MAX, 0 },
	{ { U64_MAX, U64_MAX }, U32_MAX, 0 },
};

static void check_range_row(const struct range_row *row)
{
	const struct row with = { .ranges = SPANS(0x1234, 1, row->entry.base,
						  row->entry.size) };
	struct cma_fdt_node node = bare_node(2, 2);
	struct cma_fdt_span span = { 1, 0 };
	bool usable;

	build_row(&with, &node);
	node.addr_max = row->addr_max;
	usable = cma_fdt_range(&node, 1, &span);
	CHECK(usable == !!row->size && span.size == row->size &&
	      span.base == (usable ? row->entry.base : 1),
	      "%#llx+%#llx: %d, %#llx+%#llx", row->entry.base, row->entry.size,
	      usable, span.base, span.size);
	CHECK(cma_fdt_range(&node, 0, &span) && span.base == 0x1234 &&
	      !cma_fdt_range(&node, 2, &span) &&
	      !cma_fdt_range(&node, 0x08000000, &span) &&
	      !cma_fdt_range(&node, U32_MAX, &span), "an index beyond the end");
	dt_free(&node);
}

CASE(ranges_end_at_the_largest_address)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(range_rows); i++)
		check_range_row(&range_rows[i]);
}

CASE(reg_is_told_as_it_stands_there)
{
	const struct row row = { .reg = SPANS(0x50000000, 0, U32_MAX, U32_MAX) };
	unsigned int w;

	for (w = 0; w < ARRAY_SIZE(widths); w++) {
		struct cma_fdt_node node = bare_node(widths[w][0], widths[w][1]);
		struct cma_fdt_span span;

		build_row(&row, &node);
		CHECK(cma_fdt_reg(&node, 0, &span) && span.base == 0x50000000 &&
		      !span.size, "%#llx+%#llx", span.base, span.size);
		CHECK(cma_fdt_reg(&node, 1, &span) && span.base == U32_MAX &&
		      span.size == U32_MAX && !cma_fdt_reg(&node, 2, &span) &&
		      !cma_fdt_reg(&node, U32_MAX, &span), "%#llx+%#llx",
		      span.base, span.size);
		node.reg.len -= 4;
		CHECK(!cma_fdt_reg(&node, 0, &span), "a cell is missing");
		dt_free(&node);
	}
}

/* libfdt leaves a code below 0 behind for an absent property. */
CASE(a_length_without_bytes_is_no_property)
{
	const struct row row = { .size = SIZE(M(64)) };
	struct cma_fdt_node node = bare_node(2, 2);
	struct cma_fdt_pool pool = { .asked = 0 };
	struct cma_fdt_error err;

	build_row(&row, &node);
	node.reg.len = 64;
	node.alignment.len = 64;
	node.ranges.len = 64;
	CHECK(!cma_fdt_read(&node, &pool, &err) && pool.asked == M(64) &&
	      !pool.nr_ranges, "cause %d, %s", (int)err.cause, err.property);
	node.reg.len = -1;
	CHECK(!cma_fdt_read(&node, &pool, &err), "cause %d, %s", (int)err.cause,
	      err.property);
	node.size.len = -1;
	CHECK(cma_fdt_read(&node, &pool, &err) == -EINVAL &&
	      err.cause == CMA_FDT_NO_PLACE, "cause %d", (int)err.cause);
	dt_free(&node);
}

CASE(each_cause_has_words_of_its_own)
{
	int a, b;

	for (a = CMA_FDT_OK; a <= CMA_FDT_NO_MAP + 1; a++)
		for (b = CMA_FDT_OK; b < a; b++)
			CHECK(strcmp(cma_fdt_cause_text((enum cma_fdt_cause)a),
				     cma_fdt_cause_text((enum cma_fdt_cause)b)),
			      "%d and %d", a, b);
	CHECK(cma_fdt_cause_text((enum cma_fdt_cause)-1), "no text");
}
