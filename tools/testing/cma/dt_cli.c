// SPDX-License-Identifier: GPL-2.0
/*
 * The reader of pool nodes as a filter, for test_dt_model.py. Reads lines
 * "ADDR_CELLS SIZE_CELLS ADDR_MAX GRANULE REUSABLE NO_MAP REG SIZE ALIGNMENT
 * RANGES", the properties in hex with a leading '.', '-' when absent. Answers
 * each with "bad ERRNO CAUSE PROPERTY FOUND WANTED" or "good FIXED BASE SIZE
 * ASKED ALIGN RAISED MORE RANGES DISAGREES", then the first entries of reg and
 * of alloc-ranges as "BASE+SIZE", '-' where there is none.
 */
#include <stdio.h>

#include "dt_node.h"

#define HEX_MAX 255
#define HEX "%255s"
#define NR_ENTRIES 4

typedef bool entry_fn(const struct cma_fdt_node *node, unsigned int index,
		      struct cma_fdt_span *span);

static struct cma_fdt_prop decode(const char *hex)
{
	unsigned char bytes[HEX_MAX / 2];
	unsigned int len = (unsigned int)(strlen(hex) - 1) / 2, i;

	if (hex[0] == '-')
		return (struct cma_fdt_prop){ NULL, -1 };
	for (i = 0; i < len; i++) {
		char byte[3] = { hex[1 + 2 * i], hex[2 + 2 * i], 0 };

		bytes[i] = (unsigned char)strtoul(byte, NULL, 16);
	}
	return dt_copy(bytes, len);
}

static bool read_node(struct cma_fdt_node *node)
{
	char reg[HEX_MAX + 1], size[HEX_MAX + 1], alignment[HEX_MAX + 1];
	char ranges[HEX_MAX + 1];
	int reusable, no_map;

	if (scanf("%d %d %llu %llu %d %d " HEX " " HEX " " HEX " " HEX,
		  &node->addr_cells, &node->size_cells, &node->addr_max,
		  &node->granule, &reusable, &no_map, reg, size, alignment,
		  ranges) != 10)
		return false;
	node->reusable = reusable;
	node->no_map = no_map;
	node->reg = decode(reg);
	node->size = decode(size);
	node->alignment = decode(alignment);
	node->ranges = decode(ranges);
	return true;
}

static void print_pool(const struct cma_fdt_pool *pool)
{
	printf("good %d %llu %llu %llu %llu %d %u %u %d", pool->is_fixed,
	       pool->span.base, pool->span.size, pool->asked, pool->align,
	       pool->align_raised, pool->nr_more, pool->nr_ranges,
	       pool->disagrees);
}

static void print_entries(const struct cma_fdt_node *node, entry_fn *entry)
{
	struct cma_fdt_span span;
	unsigned int i;

	for (i = 0; i < NR_ENTRIES; i++)
		if (entry(node, i, &span))
			printf(" %llu+%llu", span.base, span.size);
		else
			printf(" -");
}

static void answer(const struct cma_fdt_node *node)
{
	struct cma_fdt_error err;
	struct cma_fdt_pool pool;
	int ret = cma_fdt_read(node, &pool, &err);

	if (ret)
		printf("bad %d %d %s %u %u", ret, (int)err.cause, err.property,
		       err.found, err.wanted);
	else
		print_pool(&pool);
	print_entries(node, cma_fdt_reg);
	print_entries(node, cma_fdt_range);
	printf("\n");
}

int main(void)
{
	struct cma_fdt_node node;

	while (read_node(&node)) {
		answer(&node);
		dt_free(&node);
	}
	return feof(stdin) ? 0 : 2;
}
