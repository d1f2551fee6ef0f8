/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The reader of pool nodes of the device tree. Pure: raw bytes of properties go
 * in, and a checked description comes out, whatever the bytes are. Addresses
 * and sizes are 64 bit on every architecture.
 *
 * A pool is a child of /reserved-memory that is compatible with
 * "shared-dma-pool" and has either "reg" or "size".
 */
#ifndef __MM_CMA_FDT_H
#define __MM_CMA_FDT_H

#include <linux/types.h>

/**
 * struct cma_fdt_prop - one property as it stands in the flat tree
 * @data: big-endian cells, at any address; NULL when the property is absent
 * @len: bytes at @data; counts as 0 when it is negative or @data is NULL
 */
struct cma_fdt_prop {
	const void *data;
	int len;
};

/**
 * struct cma_fdt_node - what a pool node says
 * @reg: property of that name
 * @size: property of that name
 * @alignment: property of that name
 * @ranges: property alloc-ranges
 * @addr_cells: cells of an address, from the root; any value
 * @size_cells: cells of a size, from the root; any value
 * @addr_max: largest address that phys_addr_t can hold
 * @granule: size of a pageblock in bytes, a power of two
 * @reusable: the property is there
 * @no_map: the property is there
 */
struct cma_fdt_node {
	struct cma_fdt_prop reg;
	struct cma_fdt_prop size;
	struct cma_fdt_prop alignment;
	struct cma_fdt_prop ranges;
	int addr_cells;
	int size_cells;
	u64 addr_max;
	u64 granule;
	bool reusable;
	bool no_map;
};

/**
 * struct cma_fdt_span - bytes [@base, @base + @size)
 * @base: first address
 * @size: bytes
 *
 * The end is at most the largest address, unless cma_fdt_reg() read the span.
 */
struct cma_fdt_span {
	u64 base;
	u64 size;
};

/**
 * struct cma_fdt_pool - a pool node that makes sense
 * @is_fixed: "reg" gives the place; else a place is to be found
 * @span: the first range of "reg"; without "reg" only its size is valid,
 *	  rounded up to the granule
 * @asked: bytes before rounding
 * @align: a power of two, at least the granule
 * @align_raised: the node asks for a smaller alignment
 * @nr_more: further ranges in "reg", not used
 * @nr_ranges: entries in alloc-ranges, see cma_fdt_range(); 0 means anywhere
 * @disagrees: "size" is there, too, and differs from "reg"
 * @has_odd_size: "size" counts, and has not as many cells as the root says
 */
struct cma_fdt_pool {
	bool is_fixed;
	struct cma_fdt_span span;
	u64 asked;
	u64 align;
	bool align_raised;
	unsigned int nr_more;
	unsigned int nr_ranges;
	bool disagrees;
	bool has_odd_size;
};

/**
 * enum cma_fdt_cause - what is wrong with a node
 * @CMA_FDT_OK: nothing
 * @CMA_FDT_BAD_CELLS: #address-cells or #size-cells of the root is not 1 or 2
 * @CMA_FDT_NO_PLACE: neither "reg" nor "size", or they are empty
 * @CMA_FDT_BAD_LENGTH: a property has the wrong number of bytes
 * @CMA_FDT_ZERO: the size is 0
 * @CMA_FDT_TOO_LARGE: an address or a size does not fit, or base plus size
 *		       wraps
 * @CMA_FDT_NOT_POWER_OF_TWO: the alignment is not a power of two
 * @CMA_FDT_UNALIGNED: base or size of "reg" is not a multiple of the granule
 * @CMA_FDT_NO_MAP: no-map and reusable exclude each other
 */
enum cma_fdt_cause {
	CMA_FDT_OK,
	CMA_FDT_BAD_CELLS,
	CMA_FDT_NO_PLACE,
	CMA_FDT_BAD_LENGTH,
	CMA_FDT_ZERO,
	CMA_FDT_TOO_LARGE,
	CMA_FDT_NOT_POWER_OF_TWO,
	CMA_FDT_UNALIGNED,
	CMA_FDT_NO_MAP,
};

/**
 * struct cma_fdt_error - why a node is refused
 * @cause: what is wrong
 * @property: name of the property that is wrong; a constant string, empty when
 *	      no property is
 * @found: for %CMA_FDT_BAD_LENGTH: bytes that it has
 * @wanted: for %CMA_FDT_BAD_LENGTH: bytes that it should have, or a multiple
 */
struct cma_fdt_error {
	enum cma_fdt_cause cause;
	const char *property;
	unsigned int found;
	unsigned int wanted;
};

int cma_fdt_read(const struct cma_fdt_node *node, struct cma_fdt_pool *pool,
		 struct cma_fdt_error *err);
bool cma_fdt_range(const struct cma_fdt_node *node, unsigned int index,
		   struct cma_fdt_span *span);
bool cma_fdt_reg(const struct cma_fdt_node *node, unsigned int index,
		 struct cma_fdt_span *span);
const char *cma_fdt_cause_text(enum cma_fdt_cause cause);

#endif /* __MM_CMA_FDT_H */
