// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer target for pool nodes. The first bytes say how the node looks, the
 * rest goes into its properties. The sanitizers watch the memory; the checks
 * below hold for every node.
 */
#include <limits.h>

#include <linux/align.h>
#include <linux/array_size.h>
#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/limits.h>

#include "dt_node.h"

#define ABSENT 255
#define MIN_GRANULE_ORDER 12
#define NR_GRANULES 20

struct input {
	const unsigned char *data;
	size_t left;
};

static void require(bool condition)
{
	if (!condition)
		abort();
}

static unsigned int take_byte(struct input *input)
{
	if (!input->left)
		return 0;
	input->left--;
	return *input->data++;
}

static struct cma_fdt_prop take_prop(struct input *input, unsigned int len)
{
	struct cma_fdt_prop prop = { NULL, -1 };

	if (len == ABSENT)
		return prop;
	if (len > input->left)
		len = (unsigned int)input->left;
	prop = dt_copy(input->data, len);
	input->data += len;
	input->left -= len;
	return prop;
}

static void take_circumstances(struct input *input, struct cma_fdt_node *node)
{
	static const int widths[] = { 1, 2, 1, 2, 0, 3, -1, INT_MAX };
	unsigned int cells = take_byte(input), flags = take_byte(input);
	unsigned int order = MIN_GRANULE_ORDER + take_byte(input) % NR_GRANULES;

	node->addr_cells = widths[cells % ARRAY_SIZE(widths)];
	node->size_cells = widths[cells / 8 % ARRAY_SIZE(widths)];
	node->granule = BIT_ULL(order);
	node->reusable = flags & 1;
	node->no_map = flags & 2;
	node->addr_max = flags & 4 ? U32_MAX : U64_MAX;
	if (flags & 8)
		node->addr_max = BIT_ULL(40) - 1;
}

static struct cma_fdt_node take_node(struct input *input)
{
	struct cma_fdt_node node = { .addr_cells = 0 };
	unsigned int len[4], i;

	take_circumstances(input, &node);
	for (i = 0; i < ARRAY_SIZE(len); i++)
		len[i] = take_byte(input);
	node.reg = take_prop(input, len[0]);
	node.size = take_prop(input, len[1]);
	node.alignment = take_prop(input, len[2]);
	node.ranges = take_prop(input, len[3]);
	return node;
}

static void check_span(const struct cma_fdt_node *node,
		       const struct cma_fdt_span *span)
{
	require(span->size && span->size <= node->addr_max);
	require(span->base <= node->addr_max - span->size);
}

static void check_fixed(const struct cma_fdt_node *node,
			const struct cma_fdt_pool *pool)
{
	struct cma_fdt_span span;

	require(IS_ALIGNED(pool->span.base, node->granule));
	require(IS_ALIGNED(pool->span.size, node->granule));
	require(pool->asked == pool->span.size);
	require(cma_fdt_reg(node, 0, &span));
	require(span.base == pool->span.base && span.size == pool->span.size);
	require(cma_fdt_reg(node, pool->nr_more, &span));
	require(!cma_fdt_reg(node, pool->nr_more + 1, &span));
}

static void check_placed(const struct cma_fdt_node *node,
			 const struct cma_fdt_pool *pool)
{
	require(!pool->span.base && !pool->nr_more && !pool->disagrees);
	require(IS_ALIGNED(pool->span.size, node->granule));
	require(pool->asked && pool->asked <= pool->span.size &&
		pool->span.size - pool->asked < node->granule);
}

static void check_pool(const struct cma_fdt_node *node,
		       const struct cma_fdt_pool *pool)
{
	struct cma_fdt_span span;

	require(!node->no_map || !node->reusable);
	require(pool->align >= node->granule &&
		!(pool->align & (pool->align - 1)));
	require(!pool->align_raised || pool->align == node->granule);
	require(!pool->nr_ranges == !node->ranges.data);
	require(!cma_fdt_range(node, pool->nr_ranges, &span));
	check_span(node, &pool->span);
	if (pool->is_fixed)
		check_fixed(node, pool);
	else
		check_placed(node, pool);
}

static void check_error(int ret, const struct cma_fdt_error *err)
{
	require(ret == -EINVAL || ret == -ERANGE || ret == -EOVERFLOW);
	require(err->cause != CMA_FDT_OK && *err->property);
	require(!err->wanted == (err->cause != CMA_FDT_BAD_LENGTH));
	require(!err->wanted || err->found != err->wanted);
	require(*cma_fdt_cause_text(err->cause));
}

static void check_read(const struct cma_fdt_node *node)
{
	struct cma_fdt_pool pool, untouched;
	struct cma_fdt_error err;
	int ret;

	memset(&pool, 0x5a, sizeof(pool));
	memcpy(&untouched, &pool, sizeof(pool));
	ret = cma_fdt_read(node, &pool, &err);
	require(!ret == (err.cause == CMA_FDT_OK));
	if (!ret) {
		check_pool(node, &pool);
		return;
	}
	check_error(ret, &err);
	require(!memcmp(&pool, &untouched, sizeof(pool)));
}

static void check_entries(const struct cma_fdt_node *node, unsigned int odd)
{
	struct cma_fdt_span span;
	unsigned int i;

	for (i = 0; i < 64; i++) {
		if (cma_fdt_range(node, i, &span))
			check_span(node, &span);
		cma_fdt_reg(node, i, &span);
	}
	require(!cma_fdt_range(node, U32_MAX - odd, &span));
	require(!cma_fdt_reg(node, (odd + 1) << 23, &span));
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct input input = { data, size };
	struct cma_fdt_node node = take_node(&input);

	check_read(&node);
	check_entries(&node, take_byte(&input));
	dt_free(&node);
	return 0;
}
