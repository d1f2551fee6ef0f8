// SPDX-License-Identifier: GPL-2.0
/*
 * Devices with an area of their own: nodes of /reserved-memory that devices
 * point at with memory-region. mm/cma/of.c decides which nodes become areas.
 */
#include <linux/array_size.h>
#include <linux/cma-boot.h>
#include <linux/cma.h>
#include <linux/device.h>
#include <linux/errno.h>
#include <linux/of.h>
#include <linux/of_reserved_mem.h>
#include <linux/printk.h>
#include <linux/string.h>

static struct cma *dma_of_areas[MAX_CMA_AREAS];
static unsigned int dma_of_nr_areas;

/* What the areas were made of; the place of some changes until it is settled. */
static struct reserved_mem *dma_of_regions[MAX_CMA_AREAS] __initdata;
static bool dma_of_is_settled __initdata;

/**
 * dma_of_area() - step through the areas of the device tree
 * @number: counts from 0
 *
 * Context: any, after boot.
 * Return: the area; NULL after the last one.
 */
struct cma *dma_of_area(unsigned int number)
{
	return number < dma_of_nr_areas ? dma_of_areas[number] : NULL;
}

/* An area that ended while the boot went on serves nobody. */
static int dma_of_device_init(struct reserved_mem *rmem, struct device *dev)
{
	if (!cma_get_size(rmem->priv))
		return -ENODEV;
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

static void __init dma_of_log(const struct cma *area)
{
	phys_addr_t base = cma_get_base(area);

	pr_info("Reserved memory: created CMA memory pool at %pa, size %llu MiB\n",
		&base, (u64)cma_get_size(area) >> 20);
}

/* Once the tree is unflattened, the table of regions is another one. */
static void __init dma_of_update(struct reserved_mem *rmem, phys_addr_t base)
{
	struct device_node *parent = of_find_node_by_path("/reserved-memory");
	struct device_node *node;

	rmem->base = base;
	for_each_child_of_node(parent, node) {
		struct reserved_mem *live;

		if (strcmp(kbasename(node->full_name), rmem->name))
			continue;
		live = of_reserved_mem_lookup(node);
		if (live)
			live->base = base;
	}
	of_node_put(parent);
}

/**
 * dma_of_announce() - log the areas of the device tree, which stay where they are
 *
 * Some architectures have sorted the table of regions meanwhile, so an entry can
 * be another region now. That of an area which was moved comes before them.
 *
 * Context: boot, once cma_of_default() has given them their last place.
 */
void __init dma_of_announce(void)
{
	unsigned int number;

	dma_of_is_settled = true;
	for (number = 0; number < dma_of_nr_areas; number++) {
		struct reserved_mem *rmem = dma_of_regions[number];
		struct cma *area = dma_of_areas[number];

		if (!cma_get_size(area))
			continue;
		if (rmem->priv == area && rmem->base != cma_get_base(area))
			dma_of_update(rmem, cma_get_base(area));
		dma_of_log(area);
	}
}

/* Nodes that are not areas are left to the handlers that follow. */
static int __init dma_of_setup(struct reserved_mem *rmem)
{
	struct cma *area = cma_of_area(rmem->fdt_node);

	if (!area || dma_of_nr_areas == ARRAY_SIZE(dma_of_areas))
		return -EINVAL;
	rmem->ops = &dma_of_ops;
	rmem->priv = area;
	dma_of_regions[dma_of_nr_areas] = rmem;
	dma_of_areas[dma_of_nr_areas++] = area;
	if (dma_of_is_settled)
		dma_of_log(area);
	return 0;
}

RESERVEDMEM_OF_DECLARE(cma, "shared-dma-pool", dma_of_setup);
