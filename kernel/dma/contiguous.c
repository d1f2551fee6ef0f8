// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory for DMA: which area serves which device.
 *
 *   1. A device with an area of its own (memory-region in the device tree)
 *	is served from that one alone, single pages included.
 *   2. Others are served from an area on their NUMA node, then from the
 *	default area. Single pages are contiguous anyway and are left to the
 *	page allocator.
 *   3. Callers that must not sleep get nothing from any area.
 *
 * mm/cma/setup.c reserves the default area.
 */
#include <linux/align.h>
#include <linux/cma-boot.h>
#include <linux/cma.h>
#include <linux/dma-map-ops.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/iommu-dma.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/pfn.h>
#include <linux/printk.h>
#include <linux/string.h>

struct cma *dma_contiguous_default_area;
EXPORT_SYMBOL_GPL(dma_contiguous_default_area);

/**
 * dma_contiguous_early_fixup() - prepare an area before page tables exist
 * @base: physical address of the area
 * @size: bytes
 *
 * Architectures that map areas in a special way override this.
 *
 * Context: boot.
 */
void __init __weak dma_contiguous_early_fixup(phys_addr_t base,
					      unsigned long size)
{
}

/**
 * dma_contiguous_reserve_area() - reserve an area for certain devices
 * @size: bytes, rounded up to pageblocks
 * @base: lowest address, or the only one if @fixed; 0 for any
 * @limit: one past the end of the allowed range; 0 for no limit
 * @res_cma: receives the area
 * @fixed: only @base will do
 *
 * Context: boot, while memblock is in charge.
 * Return: as cma_declare_contiguous_nid().
 */
int __init dma_contiguous_reserve_area(phys_addr_t size, phys_addr_t base,
				       phys_addr_t limit, struct cma **res_cma,
				       bool fixed)
{
	int err = cma_declare_contiguous(base, size, limit, 0, 0, fixed,
					 "reserved", res_cma);

	if (!err)
		dma_contiguous_early_fixup(cma_get_base(*res_cma),
					   cma_get_size(*res_cma));
	return err;
}

/**
 * dma_contiguous_reserve() - reserve the areas of nodes and the default area
 * @limit: first address that devices cannot reach, 0 without a limit
 *
 * Context: boot, called by the architecture once it has registered its RAM
 * and reserved what it needs itself.
 */
void __init dma_contiguous_reserve(phys_addr_t limit)
{
	const struct cma_dt_default *dt;
	struct cma *area;

	cma_reserve_nodes();
	dt = cma_of_default(limit);
	dma_of_announce();
	if (dma_contiguous_default_area)
		return;

	area = cma_reserve_default(limit, dt);
	if (area && !(dt && dt->area == area))
		dma_contiguous_early_fixup(cma_get_base(area),
					   cma_get_size(area));
	dma_contiguous_default_area = area;
}

/**
 * dma_alloc_from_contiguous() - allocate from the area that serves a device
 * @dev: the device, or NULL
 * @count: number of pages
 * @align: alignment as page order; capped at CONFIG_CMA_ALIGNMENT
 * @no_warn: do not log a failure
 *
 * Context: process context, sleeps.
 * Return: the first page, or NULL.
 */
struct page *dma_alloc_from_contiguous(struct device *dev, size_t count,
				       unsigned int align, bool no_warn)
{
	const struct cma_demand demand = {
		.nr_pages = count,
		.align = min_t(unsigned int, align, CONFIG_CMA_ALIGNMENT),
		.gfp = GFP_KERNEL | (no_warn ? __GFP_NOWARN : 0),
		.dev = dev,
		.caller = _RET_IP_,
	};

	return cma_alloc_for(dev_get_cma_area(dev), &demand);
}

/**
 * dma_release_from_contiguous() - counterpart of dma_alloc_from_contiguous()
 * @dev: the same device
 * @pages: the first page
 * @count: number of pages
 *
 * Context: any.
 * Return: as cma_release().
 */
bool dma_release_from_contiguous(struct device *dev, struct page *pages,
				 int count)
{
	return count >= 0 && cma_release(dev_get_cma_area(dev), pages, count);
}

/*
 * The largest address that a device reaches when an area lies above it, else 0.
 * With an IOMMU, all memory is in reach. With an offset between the addresses of
 * CPU and device, the start of the area does not tell.
 */
static u64 dma_contiguous_too_low(struct device *dev, const struct cma *cma,
				  unsigned long nr_pages)
{
	if (!dev->coherent_dma_mask || use_dma_iommu(dev) ||
	    get_dma_ops(dev) || dev->dma_range_map ||
	    dma_coherent_ok(dev, cma_get_base(cma), nr_pages << PAGE_SHIFT))
		return 0;
	return min_not_zero(dev->coherent_dma_mask, dev->bus_dma_limit);
}

/* As far as the area can serve it when nobody holds any of it. */
static unsigned int dma_contiguous_align(const struct cma *cma,
					 const struct cma_demand *demand)
{
	unsigned long start = PHYS_PFN(cma_get_base(cma));
	unsigned long end = start + PHYS_PFN(cma_get_size(cma));
	unsigned int align = demand->align;

	if (demand->nr_pages > end - start)
		return align;
	while (ALIGN(start, 1UL << align) + demand->nr_pages > end)
		align--;
	return align;
}

static struct page *dma_contiguous_alloc_in(struct cma *cma,
					    const struct cma_demand *demand)
{
	struct cma_demand here = *demand;

	if (!cma)
		return NULL;
	here.align = dma_contiguous_align(cma, demand);
	here.reach = dma_contiguous_too_low(demand->dev, cma,
					    demand->nr_pages);
	return cma_alloc_for(cma, &here);
}

static struct page *dma_contiguous_alloc_near(const struct cma_demand *demand,
					      gfp_t gfp)
{
	int nid = dev_to_node(demand->dev);
	struct page *page;

	if (gfp & (GFP_DMA | GFP_DMA32))
		return NULL;
	page = dma_contiguous_alloc_in(cma_node_area(nid, CMA_NODE_PERNUMA),
				       demand);
	return page ?:
	       dma_contiguous_alloc_in(cma_node_area(nid, CMA_NODE_NUMA),
				       demand);
}

/*
 * The page allocator, which the DMA layer asks next, serves small requests as
 * surely. So the area need not wait for them, but for those of a device with an
 * area of its own, which may depend on it.
 */
static gfp_t dma_contiguous_effort(const struct device *dev, size_t size)
{
	if (dev->cma_area || get_order(size) > PAGE_ALLOC_COSTLY_ORDER)
		return 0;
	return __GFP_NORETRY;
}

/**
 * dma_alloc_contiguous() - allocate a DMA buffer from an area
 * @dev: the device that will access it
 * @size: bytes, more than 0
 * @gfp: only __GFP_NOWARN, __GFP_NORETRY, GFP_DMA, GFP_DMA32 and whether sleeping
 *	 is allowed matter; zeroing is left to the caller
 *
 * What the page allocator may serve instead is not logged when it fails here, see
 * dma_contiguous_settle(), unless the device has an area of its own: then it may
 * depend on that.
 *
 * Context: any; sleeps if @gfp allows it, else fails.
 * Return: the first page, aligned to the size as far as CONFIG_CMA_ALIGNMENT
 * goes and the area can serve it; NULL when no area may or can serve the device.
 */
struct page *dma_alloc_contiguous(struct device *dev, size_t size, gfp_t gfp)
{
	const struct cma_demand demand = {
		.nr_pages = PAGE_ALIGN(size) >> PAGE_SHIFT,
		.align = min_t(unsigned int, get_order(size),
			       CONFIG_CMA_ALIGNMENT),
		.gfp = GFP_KERNEL | (gfp & (__GFP_NOWARN | __GFP_NORETRY)) |
		       dma_contiguous_effort(dev, size),
		.dev = dev,
		.caller = _RET_IP_,
		.has_fallback = !dev->cma_area &&
				get_order(size) <= MAX_PAGE_ORDER,
	};
	struct page *page;

	if (!gfpflags_allow_blocking(gfp))
		return NULL;
	if (dev->cma_area)
		return dma_contiguous_alloc_in(dev->cma_area, &demand);
	if (size <= PAGE_SIZE)
		return NULL;

	page = dma_contiguous_alloc_near(&demand, gfp);
	return page ?: dma_contiguous_alloc_in(dma_contiguous_default_area,
					       &demand);
}

/* How many areas a device can be served from. */
#define DMA_CONTIGUOUS_AREAS 4

/* In the order in which they are asked; @nid: the node that counts. */
static void dma_contiguous_areas(struct device *dev, int nid, struct cma **areas)
{
	areas[0] = dev->cma_area;
	areas[1] = cma_node_area(nid, CMA_NODE_PERNUMA);
	areas[2] = cma_node_area(nid, CMA_NODE_NUMA);
	areas[3] = dma_contiguous_default_area;
}

/**
 * dma_contiguous_settle() - tell what became of a request
 * @dev: the device
 * @size: bytes, as in dma_alloc_contiguous()
 * @gfp: the same
 * @page: what the DMA layer got, of an area or from elsewhere; NULL if it got
 *	  nothing
 *
 * The areas that were asked before then know whether that did any harm.
 *
 * Context: any.
 */
void dma_contiguous_settle(struct device *dev, size_t size, gfp_t gfp,
			   struct page *page)
{
	const struct cma_demand demand = {
		.nr_pages = PAGE_ALIGN(size) >> PAGE_SHIFT,
		.gfp = gfp,
		.dev = dev,
	};
	struct cma *areas[DMA_CONTIGUOUS_AREAS];
	int i;

	if (!gfpflags_allow_blocking(gfp) ||
	    (!dev->cma_area && size <= PAGE_SIZE))
		return;
	dma_contiguous_areas(dev, dev_to_node(dev), areas);
	for (i = 0; i < ARRAY_SIZE(areas); i++) {
		if (cma_pages_valid(areas[i], page, 1))
			return;
		cma_failure_settle(areas[i], &demand, page);
	}
}

/**
 * dma_free_contiguous() - free a DMA buffer
 * @dev: the device that it was allocated for
 * @page: the first page
 * @size: bytes, as allocated
 *
 * Pages that lie in an area never go to the page allocator: if the area refuses
 * them, the caller must not free them.
 *
 * Context: any.
 */
void dma_free_contiguous(struct device *dev, struct page *page, size_t size)
{
	struct cma *areas[DMA_CONTIGUOUS_AREAS];
	int i;

	dma_contiguous_areas(dev, page_to_nid(page), areas);
	for (i = 0; i < ARRAY_SIZE(areas); i++) {
		if (cma_pages_valid(areas[i], page, 1)) {
			cma_release(areas[i], page,
				    PAGE_ALIGN(size) >> PAGE_SHIFT);
			return;
		}
	}
	__free_pages(page, get_order(size));
}

static const char dma_contiguous_heap[] = "default_cma_region";

/* Names of heaps are names of files. @number: the areas before this one count. */
static bool dma_contiguous_has_heap(const char *name, unsigned int number)
{
	struct cma *area = dma_contiguous_default_area;

	if (!strcmp(name, dma_contiguous_heap) || !strcmp(name, "system") ||
	    (area && !strcmp(name, cma_get_name(area))))
		return true;
	while (number--)
		if (!strcmp(name, cma_get_name(dma_of_area(number))))
			return true;
	return false;
}

/**
 * dma_contiguous_add_heaps() - tell which heaps there are to be
 * @add: makes a heap of an area; @name is NULL when the area's own name will do
 *
 * The default area has a heap of its own name already. It gets a second one,
 * whose name does not depend on where the size was set. Each other area of the
 * device tree gets one of its own name.
 *
 * Context: boot, once the areas are in service.
 */
void dma_contiguous_add_heaps(int (*add)(struct cma *cma, void *name))
{
	struct cma *area = dma_contiguous_default_area;
	unsigned int number;

	if (area && cma_get_size(area) &&
	    strcmp(cma_get_name(area), dma_contiguous_heap))
		add(area, (void *)dma_contiguous_heap);
	for (number = 0; dma_of_area(number); number++) {
		area = dma_of_area(number);
		if (area == dma_contiguous_default_area || !cma_get_size(area))
			continue;
		if (dma_contiguous_has_heap(cma_get_name(area), number))
			pr_warn("cma: area %s gets no heap: another one has this name\n",
				cma_get_name(area));
		else
			add(area, NULL);
	}
}
EXPORT_SYMBOL_GPL(dma_contiguous_add_heaps);
