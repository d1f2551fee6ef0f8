// SPDX-License-Identifier: GPL-2.0
/*
 * Areas out of the device tree.
 *
 * Nodes with "size" are set up while the flat tree is scanned, nodes with
 * "reg" only when it is unflattened; on some architectures that is after the
 * default area has been chosen. So the choice goes by the tree itself: the
 * first node in it that claims to be the default is, and if its turn has not
 * come yet, its area is made early.
 */
#include <linux/cma.h>
#include <linux/device.h>
#include <linux/libfdt.h>
#include <linux/mm.h>
#include <linux/of_fdt.h>
#include <linux/of_reserved_mem.h>
#include <linux/printk.h>
#include <linux/string.h>

#include "contiguous_of.h"

static struct cma_dt_default dma_of_default __initdata;
static int dma_of_default_node __initdata = -1;

static bool __init dma_of_has(unsigned long node, const char *property)
{
	return of_get_flat_dt_prop(node, property, NULL);
}

static bool __init dma_of_is_enabled(unsigned long node)
{
	const char *status = of_get_flat_dt_prop(node, "status", NULL);

	return !status || !strcmp(status, "okay") || !strcmp(status, "ok");
}

/* Documentation in the field shows the default node by its name alone. */
static bool __init dma_of_is_named_default(unsigned long node)
{
	const char *name = fdt_get_name(initial_boot_params, node, NULL);
	size_t len = strlen("linux,cma");

	return name && !strncmp(name, "linux,cma", len) &&
	       (!name[len] || name[len] == '@');
}

static bool __init dma_of_is_pool(unsigned long node)
{
	return !dma_of_has(node, "no-map") &&
	       (dma_of_has(node, "reusable") || dma_of_is_named_default(node));
}

static bool __init dma_of_claims_default(unsigned long node)
{
	return of_flat_dt_is_compatible(node, "shared-dma-pool") &&
	       dma_of_is_enabled(node) && dma_of_is_pool(node) &&
	       (dma_of_has(node, "linux,cma-default") ||
		dma_of_is_named_default(node));
}

/* First address and size of a node with "reg". */
static bool __init dma_of_reg(unsigned long node, phys_addr_t *base,
			      phys_addr_t *size)
{
	int cells = dt_root_addr_cells + dt_root_size_cells, len;
	const __be32 *reg = of_get_flat_dt_prop(node, "reg", &len);
	u64 wide_base, wide_size;

	if (!reg || len < cells * (int)sizeof(*reg))
		return false;
	wide_base = dt_mem_next_cell(dt_root_addr_cells, &reg);
	wide_size = dt_mem_next_cell(dt_root_size_cells, &reg);
	*base = wide_base;
	*size = wide_size;
	return *base == wide_base && *size == wide_size;
}

static phys_addr_t __init dma_of_size(unsigned long node)
{
	phys_addr_t base, size;
	const __be32 *prop;
	int len;

	if (dma_of_reg(node, &base, &size))
		return size;
	prop = of_get_flat_dt_prop(node, "size", &len);
	if (!prop || len < dt_root_size_cells * (int)sizeof(*prop))
		return 0;
	return dt_mem_next_cell(dt_root_size_cells, &prop);
}

/* Find the node that is to be the default, once; later ones are named. */
static void __init dma_of_find_default(void)
{
	const void *fdt = initial_boot_params;
	int parent, node;

	if (dma_of_default.name || !fdt)
		return;
	parent = fdt_path_offset(fdt, "/reserved-memory");
	if (parent < 0)
		return;
	fdt_for_each_subnode(node, fdt, parent) {
		const char *name = fdt_get_name(fdt, node, NULL);

		if (!dma_of_claims_default(node))
			continue;
		if (dma_of_default.name) {
			pr_warn("Reserved memory: %s is not the default area, %s comes first\n",
				name, dma_of_default.name);
			continue;
		}
		dma_of_default_node = node;
		dma_of_default.name = name;
		dma_of_default.size = dma_of_size(node);
		dma_of_default.is_fixed_up = dma_of_has(node, "reusable");
	}
}

/**
 * dma_contiguous_of_default() - what the device tree says about the default
 *
 * Context: boot, after the nodes of /reserved-memory have been reserved.
 * Return: the node and the area made from it, NULL when no node claims to be
 * the default.
 */
const struct cma_dt_default *__init dma_contiguous_of_default(void)
{
	phys_addr_t base, size;

	dma_of_find_default();
	if (!dma_of_default.name)
		return NULL;
	if (!dma_of_default.area &&
	    dma_of_reg(dma_of_default_node, &base, &size))
		cma_init_reserved_mem(base, size, 0, dma_of_default.name,
				      &dma_of_default.area);
	return &dma_of_default;
}

static int dma_of_device_init(struct reserved_mem *rmem, struct device *dev)
{
	dev->cma_area = rmem->priv;
	return 0;
}

static void dma_of_device_release(struct reserved_mem *rmem,
				  struct device *dev)
{
	dev->cma_area = NULL;
}

static const struct reserved_mem_ops dma_of_ops = {
	.device_init = dma_of_device_init,
	.device_release = dma_of_device_release,
};

static int __init dma_of_make_area(struct reserved_mem *rmem,
				   struct cma **area)
{
	int err;

	if (!IS_ALIGNED(rmem->base | rmem->size, CMA_MIN_ALIGNMENT_BYTES)) {
		pr_err("Reserved memory: incorrect alignment of CMA region\n");
		return -EINVAL;
	}
	err = cma_init_reserved_mem(rmem->base, rmem->size, 0, rmem->name,
				    area);
	if (err)
		pr_err("Reserved memory: unable to setup CMA region\n");
	/*
	 * The caller frees what it reserved for this node, but a part of that
	 * is another area's: keep all of it.
	 */
	if (err == -EBUSY)
		rmem->size = 0;
	return err;
}

static int __init dma_of_setup(struct reserved_mem *rmem)
{
	struct cma *area = NULL;
	bool is_default;
	int err;

	if (!dma_of_is_pool(rmem->fdt_node))
		return -EINVAL;

	dma_of_find_default();
	is_default = rmem->fdt_node == dma_of_default_node;
	if (is_default)
		area = dma_of_default.area;
	if (!area) {
		err = dma_of_make_area(rmem, &area);
		if (err)
			return err;
	}
	if (is_default)
		dma_of_default.area = area;

	rmem->ops = &dma_of_ops;
	rmem->priv = area;
	pr_info("Reserved memory: created CMA memory pool at %pa, size %llu MiB\n",
		&rmem->base, (u64)rmem->size >> 20);
	return 0;
}

RESERVEDMEM_OF_DECLARE(cma, "shared-dma-pool", dma_of_setup);
