// SPDX-License-Identifier: GPL-2.0
/*
 * Devices with an area of their own: nodes of /reserved-memory that devices
 * point at with memory-region. mm/cma/of.c decides which nodes become areas.
 */
#include <linux/array_size.h>
#include <linux/cma-boot.h>
#include <linux/cma.h>
#include <linux/device.h>
#include <linux/of_reserved_mem.h>
#include <linux/printk.h>

static struct cma *dma_of_areas[MAX_CMA_AREAS];
static unsigned int dma_of_nr_areas;

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

/* Nodes that are not areas are left to the handlers that follow. */
static int __init dma_of_setup(struct reserved_mem *rmem)
{
	struct cma *area = cma_of_area(rmem->fdt_node);

	if (!area)
		return -EINVAL;
	rmem->ops = &dma_of_ops;
	rmem->priv = area;
	if (dma_of_nr_areas < ARRAY_SIZE(dma_of_areas))
		dma_of_areas[dma_of_nr_areas++] = area;
	pr_info("Reserved memory: created CMA memory pool at %pa, size %llu MiB\n",
		&rmem->base, (u64)rmem->size >> 20);
	return 0;
}

RESERVEDMEM_OF_DECLARE(cma, "shared-dma-pool", dma_of_setup);
