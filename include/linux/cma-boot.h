/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The boot interface of contiguous memory areas, for kernel/dma and the few
 * stock files that our hooks edit. Code that owns an area, or allocates from
 * one, needs only linux/cma.h.
 *
 * All of it is called while memblock is in charge, except cma_node_area(), what
 * concerns heaps, and what tells of requests that were served elsewhere.
 */
#ifndef __CMA_BOOT_H__
#define __CMA_BOOT_H__

#include <linux/errno.h>
#include <linux/gfp_types.h>
#include <linux/types.h>

struct cma;
struct cma_demand;
struct device;
struct page;

/**
 * struct cma_dt_default - what the device tree says about the default area
 * @name: the node's name, for the boot log
 * @size: bytes that the node asks for
 * @area: the area made from it, NULL when the node is refused
 * @is_overruled: the command line does not want it
 */
struct cma_dt_default {
	const char *name;
	phys_addr_t size;
	struct cma *area;
	bool is_overruled;
};

/**
 * enum cma_node_kind - why a node has an area of its own
 * @CMA_NODE_PERNUMA: cma_pernuma= gives each node an area
 * @CMA_NODE_NUMA: numa_cma= names this node
 */
enum cma_node_kind {
	CMA_NODE_PERNUMA,
	CMA_NODE_NUMA,
};

void dma_contiguous_add_heaps(int (*add)(struct cma *cma, void *name));

void cma_setup_nodes(void);
struct cma *cma_setup_node_area(int nid, enum cma_node_kind kind);

#ifdef CONFIG_CMA

struct cma *cma_reserve_default(phys_addr_t limit,
				const struct cma_dt_default *dt);
bool cma_option_is_valid(const char *option, const char *text);
void cma_failure_settle(struct cma *cma, const struct cma_demand *demand,
			bool served);

#else /* !CONFIG_CMA */

static inline struct cma *
cma_reserve_default(phys_addr_t limit, const struct cma_dt_default *dt)
{
	return NULL;
}

#endif /* CONFIG_CMA */

static inline void cma_reserve_nodes(void)
{
	if (IS_ENABLED(CONFIG_DMA_NUMA_CMA))
		cma_setup_nodes();
}

static inline struct cma *cma_node_area(int nid, enum cma_node_kind kind)
{
	if (IS_ENABLED(CONFIG_DMA_NUMA_CMA))
		return cma_setup_node_area(nid, kind);
	return NULL;
}

#ifdef CONFIG_DMA_CMA

void dma_contiguous_settle(struct device *dev, size_t size, gfp_t gfp,
			   struct page *page);

#else /* !CONFIG_DMA_CMA */

static inline void dma_contiguous_settle(struct device *dev, size_t size,
					 gfp_t gfp, struct page *page)
{
}

#endif /* CONFIG_DMA_CMA */

#if defined(CONFIG_DMA_CMA) && defined(CONFIG_OF_RESERVED_MEM)

bool cma_of_check_node(unsigned long offset);
int cma_of_place_node(unsigned long offset, phys_addr_t *base,
		      phys_addr_t *size);
struct cma *cma_of_area(unsigned long offset);
const struct cma_dt_default *cma_of_default(phys_addr_t limit);
void dma_of_announce(void);
struct cma *dma_of_area(unsigned int number);

#else /* !CONFIG_DMA_CMA || !CONFIG_OF_RESERVED_MEM */

static inline bool cma_of_check_node(unsigned long offset)
{
	return true;
}

static inline int cma_of_place_node(unsigned long offset, phys_addr_t *base,
				    phys_addr_t *size)
{
	return -ENODEV;
}

static inline struct cma *cma_of_area(unsigned long offset)
{
	return NULL;
}

static inline const struct cma_dt_default *cma_of_default(phys_addr_t limit)
{
	return NULL;
}

static inline void dma_of_announce(void)
{
}

static inline struct cma *dma_of_area(unsigned int number)
{
	return NULL;
}

#endif

#endif /* __CMA_BOOT_H__ */
