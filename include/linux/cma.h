/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Contiguous memory areas: they are reserved at boot, lent to movable pages,
 * and allocated to drivers in contiguous ranges. This header is for the DMA
 * layer and for subsystems that own an area. Drivers call dma_alloc_coherent()
 * instead.
 *
 * The life of an area: cma_declare_contiguous() or cma_init_reserved_mem()
 * while memblock is in charge, activation by a core_initcall, then any number
 * of cma_alloc() and cma_release(). An area is never removed.
 */
#ifndef __CMA_H__
#define __CMA_H__

#include <linux/errno.h>
#include <linux/gfp_types.h>
#include <linux/init.h>
#include <linux/numa.h>
#include <linux/types.h>

#ifdef CONFIG_CMA_AREAS
#define MAX_CMA_AREAS	CONFIG_CMA_AREAS
#endif

/* Longest area name, with its terminating NUL. */
#define CMA_MAX_NAME	64

/* Areas are whole pageblocks, because each pageblock has one migratetype. */
#define CMA_MIN_ALIGNMENT_PAGES	pageblock_nr_pages
#define CMA_MIN_ALIGNMENT_BYTES	(PAGE_SIZE * CMA_MIN_ALIGNMENT_PAGES)

struct cma;
struct device;
struct folio;
struct page;

/* Pages in all areas; lives in mm/show_mem.c. */
extern unsigned long totalcma_pages;

#ifdef CONFIG_CMA

phys_addr_t cma_get_base(const struct cma *cma);
unsigned long cma_get_size(const struct cma *cma);
const char *cma_get_name(const struct cma *cma);

int cma_declare_contiguous_nid(phys_addr_t base, phys_addr_t size,
			       phys_addr_t limit, phys_addr_t alignment,
			       unsigned int order_per_bit, bool fixed,
			       const char *name, struct cma **res_cma, int nid);
int cma_init_reserved_mem(phys_addr_t base, phys_addr_t size,
			  unsigned int order_per_bit, const char *name,
			  struct cma **res_cma);
void cma_reserve_pages_on_error(struct cma *cma);

struct page *cma_alloc(struct cma *cma, unsigned long count, unsigned int align,
		       bool no_warn);
bool cma_release(struct cma *cma, const struct page *pages,
		 unsigned long count);
struct folio *cma_alloc_folio(struct cma *cma, int order, gfp_t gfp);
bool cma_free_folio(struct cma *cma, const struct folio *folio);

bool cma_pages_valid(struct cma *cma, const struct page *pages,
		     unsigned long count);
int cma_for_each_area(int (*it)(struct cma *cma, void *data), void *data);
int cma_check_range(u64 *start, u64 *end);
unsigned long cma_keep_ready_pages(struct cma *cma);

#else /* !CONFIG_CMA */

static inline phys_addr_t cma_get_base(const struct cma *cma)
{
	return 0;
}

static inline unsigned long cma_get_size(const struct cma *cma)
{
	return 0;
}

static inline const char *cma_get_name(const struct cma *cma)
{
	return NULL;
}

static inline int
cma_declare_contiguous_nid(phys_addr_t base, phys_addr_t size,
			   phys_addr_t limit, phys_addr_t alignment,
			   unsigned int order_per_bit, bool fixed,
			   const char *name, struct cma **res_cma, int nid)
{
	return -EOPNOTSUPP;
}

static inline int
cma_init_reserved_mem(phys_addr_t base, phys_addr_t size,
		      unsigned int order_per_bit, const char *name,
		      struct cma **res_cma)
{
	return -EOPNOTSUPP;
}

static inline void cma_reserve_pages_on_error(struct cma *cma)
{
}

static inline struct page *
cma_alloc(struct cma *cma, unsigned long count, unsigned int align,
	  bool no_warn)
{
	return NULL;
}

static inline bool
cma_release(struct cma *cma, const struct page *pages, unsigned long count)
{
	return false;
}

static inline struct folio *
cma_alloc_folio(struct cma *cma, int order, gfp_t gfp)
{
	return NULL;
}

static inline bool
cma_free_folio(struct cma *cma, const struct folio *folio)
{
	return false;
}

static inline bool
cma_pages_valid(struct cma *cma, const struct page *pages, unsigned long count)
{
	return false;
}

static inline unsigned long cma_keep_ready_pages(struct cma *cma)
{
	return 0;
}

static inline int cma_check_range(u64 *start, u64 *end)
{
	return 0;
}

#endif /* CONFIG_CMA */

/**
 * cma_declare_contiguous() - reserve an area on any node
 * @base: lowest address, or the only one if @fixed; 0 for any
 * @size: bytes, rounded up to the alignment
 * @limit: one past the end of the allowed range; 0 for no limit
 * @alignment: 0 or a power of two, in bytes; at least a pageblock is used
 * @order_per_bit: smallest unit of allocation, as page order
 * @fixed: only @base will do
 * @name: name of the area, copied; NULL to have it numbered
 * @res_cma: receives the area
 *
 * Context: boot only, while memblock is in charge.
 * Return: as cma_declare_contiguous_nid().
 */
static inline int __init
cma_declare_contiguous(phys_addr_t base, phys_addr_t size, phys_addr_t limit,
		       phys_addr_t alignment, unsigned int order_per_bit,
		       bool fixed, const char *name, struct cma **res_cma)
{
	return cma_declare_contiguous_nid(base, size, limit, alignment,
					  order_per_bit, fixed, name, res_cma,
					  NUMA_NO_NODE);
}

/**
 * struct cma_demand - one allocation, as its caller asked for it
 * @nr_pages: how many pages, at least 1
 * @align: order to which the first pfn is aligned
 * @gfp: what may be done to get them; __GFP_COMP for one compound page
 * @dev: the device that they are for, or NULL; only its name is stored
 * @reach: 0; or the largest address of the device, when that is too low for the
 *	   area, and no page is to be moved for a failure
 * @caller: address in the function that asked, for the log and for debugfs
 * @has_fallback: there is another way to get pages; the log is told of a failure
 *		  only when that one failed, too, see cma_failure_settle()
 *
 * For code that allocates on behalf of a device or of another function.
 */
struct cma_demand {
	unsigned long nr_pages;
	unsigned int align;
	gfp_t gfp;
	struct device *dev;
	u64 reach;
	unsigned long caller;
	bool has_fallback;
};

#ifdef CONFIG_CMA

struct page *cma_alloc_for(struct cma *cma, const struct cma_demand *demand);

#else /* !CONFIG_CMA */

static inline struct page *
cma_alloc_for(struct cma *cma, const struct cma_demand *demand)
{
	return NULL;
}

#endif /* CONFIG_CMA */

#endif /* __CMA_H__ */
