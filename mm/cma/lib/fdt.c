// SPDX-License-Identifier: GPL-2.0
/*
 * The reader of pool nodes. It checks each length before it reads the bytes,
 * and each number before it adds it to another.
 *
 * A span ends at the largest address or below it, so that base, size and end
 * all fit phys_addr_t. This gives up the last byte of the address space, which
 * memblock does not accept as memory either.
 */
#include <linux/align.h>
#include <linux/array_size.h>
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/overflow.h>
#include <linux/unaligned.h>

#include "fdt.h"

#define CELL_BYTES 4U

struct reader {
	const struct cma_fdt_node *node;
	struct cma_fdt_error *err;
	struct cma_fdt_pool pool;
};

static bool fail(struct reader *reader, const char *property,
		 enum cma_fdt_cause cause)
{
	reader->err->property = property;
	reader->err->cause = cause;
	return false;
}

static bool fail_length(struct reader *reader, const char *property,
			unsigned int found, unsigned int wanted)
{
	reader->err->found = found;
	reader->err->wanted = wanted;
	return fail(reader, property, CMA_FDT_BAD_LENGTH);
}

/* libfdt leaves an error code in the length of an absent property. */
static unsigned int bytes_of(const struct cma_fdt_prop *prop)
{
	return prop->data && prop->len > 0 ? (unsigned int)prop->len : 0;
}

static u64 read_cells(const void *cell, unsigned int bytes)
{
	u64 value = get_unaligned_be32(cell);

	if (bytes > CELL_BYTES)
		value = value << 32 | get_unaligned_be32(cell + CELL_BYTES);
	return value;
}

static bool is_known_width(int cells)
{
	return cells == 1 || cells == 2;
}

static bool has_known_widths(const struct cma_fdt_node *node)
{
	return is_known_width(node->addr_cells) &&
	       is_known_width(node->size_cells);
}

static unsigned int addr_bytes(const struct cma_fdt_node *node)
{
	return (unsigned int)node->addr_cells * CELL_BYTES;
}

static unsigned int size_bytes(const struct cma_fdt_node *node)
{
	return (unsigned int)node->size_cells * CELL_BYTES;
}

static unsigned int entry_bytes(const struct cma_fdt_node *node)
{
	return addr_bytes(node) + size_bytes(node);
}

/* If a property ends in the middle of an entry, none of its entries counts. */
static unsigned int nr_entries(const struct cma_fdt_node *node,
			       const struct cma_fdt_prop *prop)
{
	unsigned int bytes = bytes_of(prop);

	if (!has_known_widths(node) || bytes % entry_bytes(node))
		return 0;
	return bytes / entry_bytes(node);
}

static bool read_entry(const struct cma_fdt_node *node,
		       const struct cma_fdt_prop *prop, unsigned int index,
		       struct cma_fdt_span *span)
{
	const void *entry;

	if (index >= nr_entries(node, prop))
		return false;
	entry = prop->data + index * entry_bytes(node);
	span->base = read_cells(entry, addr_bytes(node));
	span->size = read_cells(entry + addr_bytes(node), size_bytes(node));
	return true;
}

static bool check_widths(struct reader *reader)
{
	if (!is_known_width(reader->node->addr_cells))
		return fail(reader, "#address-cells", CMA_FDT_BAD_CELLS);
	if (!is_known_width(reader->node->size_cells))
		return fail(reader, "#size-cells", CMA_FDT_BAD_CELLS);
	return true;
}

static bool check_use(struct reader *reader)
{
	if (reader->node->no_map && reader->node->reusable)
		return fail(reader, "no-map", CMA_FDT_NO_MAP);
	return true;
}

/*
 * One cell or two, whatever the root says: in many trees the width differs. On
 * 32 bit, is_power_of_2() would test only half of the number.
 */
static bool read_align(struct reader *reader)
{
	const struct cma_fdt_node *node = reader->node;
	unsigned int bytes = bytes_of(&node->alignment);
	u64 align;

	reader->pool.align = node->granule;
	if (!node->alignment.data)
		return true;
	if (bytes != CELL_BYTES && bytes != 2 * CELL_BYTES)
		return fail_length(reader, "alignment", bytes,
				   addr_bytes(node));
	align = read_cells(node->alignment.data, bytes);
	if (align & (align - 1))
		return fail(reader, "alignment", CMA_FDT_NOT_POWER_OF_TWO);
	reader->pool.align_raised = align && align < node->granule;
	if (align > node->granule)
		reader->pool.align = align;
	return true;
}

/* One cell or two, whatever the root says: there is only one number. */
static bool has_size(const struct cma_fdt_node *node)
{
	unsigned int bytes = bytes_of(&node->size);

	return bytes == CELL_BYTES || bytes == 2 * CELL_BYTES;
}

static bool check_reg(struct reader *reader)
{
	const struct cma_fdt_span *span = &reader->pool.span;
	u64 granule = reader->node->granule;
	u64 end;

	if (!span->size)
		return fail(reader, "reg", CMA_FDT_ZERO);
	if (check_add_overflow(span->base, span->size, &end) ||
	    end > reader->node->addr_max)
		return fail(reader, "reg", CMA_FDT_TOO_LARGE);
	if (!IS_ALIGNED(span->base | span->size, granule))
		return fail(reader, "reg", CMA_FDT_UNALIGNED);
	return true;
}

static bool read_reg(struct reader *reader)
{
	const struct cma_fdt_node *node = reader->node;
	struct cma_fdt_pool *pool = &reader->pool;

	if (!read_entry(node, &node->reg, 0, &pool->span))
		return fail_length(reader, "reg", bytes_of(&node->reg),
				   entry_bytes(node));
	pool->is_fixed = true;
	pool->nr_more = nr_entries(node, &node->reg) - 1;
	pool->asked = pool->span.size;
	pool->disagrees = has_size(node) && pool->asked !=
		read_cells(node->size.data, bytes_of(&node->size));
	return check_reg(reader);
}

static bool round_size(struct reader *reader)
{
	struct cma_fdt_pool *pool = &reader->pool;
	u64 granule = reader->node->granule;
	u64 max = reader->node->addr_max;
	u64 padded;

	if (pool->align > max)
		return fail(reader, "alignment", CMA_FDT_TOO_LARGE);
	if (check_add_overflow(pool->asked, granule - 1, &padded) ||
	    ALIGN_DOWN(padded, granule) > max)
		return fail(reader, "size", CMA_FDT_TOO_LARGE);
	pool->span.size = ALIGN_DOWN(padded, granule);
	return true;
}

static bool read_size(struct reader *reader)
{
	const struct cma_fdt_node *node = reader->node;
	unsigned int bytes = bytes_of(&node->size);

	if (!bytes)
		return fail(reader, "size", CMA_FDT_NO_PLACE);
	if (!has_size(node))
		return fail_length(reader, "size", bytes, size_bytes(node));
	reader->pool.has_odd_size = bytes != size_bytes(node);
	reader->pool.asked = read_cells(node->size.data, bytes);
	if (!reader->pool.asked)
		return fail(reader, "size", CMA_FDT_ZERO);
	return round_size(reader);
}

static bool read_place(struct reader *reader)
{
	return bytes_of(&reader->node->reg) ? read_reg(reader) :
					      read_size(reader);
}

static bool check_ranges(struct reader *reader)
{
	const struct cma_fdt_node *node = reader->node;

	reader->pool.nr_ranges = nr_entries(node, &node->ranges);
	if (node->ranges.data && !reader->pool.nr_ranges)
		return fail_length(reader, "alloc-ranges",
				   bytes_of(&node->ranges), entry_bytes(node));
	return true;
}

static int cause_errno(enum cma_fdt_cause cause)
{
	switch (cause) {
	case CMA_FDT_TOO_LARGE:
		return -EOVERFLOW;
	case CMA_FDT_ZERO:
	case CMA_FDT_NOT_POWER_OF_TWO:
	case CMA_FDT_UNALIGNED:
		return -ERANGE;
	default:
		return -EINVAL;
	}
}

/**
 * cma_fdt_read() - check a pool node and tell what it asks for
 * @node: the node, its bytes in any state
 * @pool: what it asks for; only written on success
 * @err: cause and property of the error; %CMA_FDT_OK and an empty property on
 *	 success
 *
 * If "reg" is there and not empty, it counts, and "size" may be malformed.
 * "alignment" and "alloc-ranges" must be valid in any case. "size" and
 * "alignment" are a single number, so they may have one cell or two, whatever the
 * root says.
 *
 * Return: 0; -EINVAL when the node is malformed or contradicts itself; -ERANGE
 * when the size is 0, when the alignment is not a power of two, or when base or
 * size of "reg" is not a multiple of the granule; -EOVERFLOW when an address or
 * the rounded size is too large.
 */
int cma_fdt_read(const struct cma_fdt_node *node, struct cma_fdt_pool *pool,
		 struct cma_fdt_error *err)
{
	struct reader reader = { .node = node, .err = err };

	*err = (struct cma_fdt_error){ .cause = CMA_FDT_OK, .property = "" };
	if (!check_widths(&reader) || !check_use(&reader) ||
	    !read_align(&reader) || !read_place(&reader) ||
	    !check_ranges(&reader))
		return cause_errno(err->cause);
	*pool = reader.pool;
	return 0;
}

/**
 * cma_fdt_range() - read an entry of alloc-ranges
 * @node: the node, its bytes in any state
 * @index: which entry, any value
 * @span: receives the entry, cut at the largest address, not empty; only
 *	  written on success
 *
 * Return: true; false when there is no such entry, or nothing is left of it.
 */
bool cma_fdt_range(const struct cma_fdt_node *node, unsigned int index,
		   struct cma_fdt_span *span)
{
	struct cma_fdt_span entry;

	if (!read_entry(node, &node->ranges, index, &entry) || !entry.size ||
	    entry.base >= node->addr_max)
		return false;
	if (entry.size > node->addr_max - entry.base)
		entry.size = node->addr_max - entry.base;
	*span = entry;
	return true;
}

/**
 * cma_fdt_reg() - read a range of "reg" without a check
 * @node: the node, its bytes in any state
 * @index: which range, any value; range 0 is the one that is used
 * @span: receives the range, which may be empty or wrap; only written on
 *	  success
 *
 * Return: true; false when there is no such range.
 */
bool cma_fdt_reg(const struct cma_fdt_node *node, unsigned int index,
		 struct cma_fdt_span *span)
{
	return read_entry(node, &node->reg, index, span);
}

/**
 * cma_fdt_cause_text() - a cause in words
 * @cause: out of a struct cma_fdt_error
 *
 * Return: a few lower-case words without punctuation; never NULL.
 */
const char *cma_fdt_cause_text(enum cma_fdt_cause cause)
{
	static const char * const text[] = {
		[CMA_FDT_OK] = "no error",
		[CMA_FDT_BAD_CELLS] = "neither one cell nor two",
		[CMA_FDT_NO_PLACE] = "neither reg nor size",
		[CMA_FDT_BAD_LENGTH] = "wrong number of bytes",
		[CMA_FDT_ZERO] = "size is zero",
		[CMA_FDT_TOO_LARGE] = "beyond the largest address",
		[CMA_FDT_NOT_POWER_OF_TWO] = "not a power of two",
		[CMA_FDT_UNALIGNED] = "not a multiple of a page block",
		[CMA_FDT_NO_MAP] = "excludes reusable",
	};
	size_t index = (size_t)cause;

	return index < ARRAY_SIZE(text) ? text[index] : "unknown error";
}
