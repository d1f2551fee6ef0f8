// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous Memory Allocator: the public calls.
 *
 * They declare areas, allocate memory from them, and release it. mm/cma/cma.h
 * has the glossary, the states and the locks; the parts in mm/cma/ do the work.
 */
#define pr_fmt(fmt) "cma: " fmt
#define CREATE_TRACE_POINTS

#include <linux/alloc_tag.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/memblock.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/sched/clock.h>
#include <trace/events/cma.h>

#include "cma/cma.h"
#include "cma/boot.h"
#include "cma/failure.h"
#include "cma/hold.h"
#include "cma/engine.h"

static int __init cma_check_table(const struct cma_declaration *decl)
{
	if (!cma_area_table_is_full(decl->is_default))
		return 0;
	pr_err("Not enough slots for CMA reserved regions!\n");
	return -ENOSPC;
}

static struct cma *__init cma_add(const struct cma_declaration *decl,
				  struct cma_range range)
{
	if (decl->is_default)
		cma_area_end_default();
	return cma_area_add(range, decl->order_per_bit, decl->name);
}

/**
 * cma_adopt() - make an area from memory that is reserved already
 * @decl: base and size of the memory, and what the area is to be
 * @res_cma: receives the area
 *
 * After an error the memory stays reserved, and is the caller's.
 *
 * Context: boot only, while memblock is in charge.
 * Return: 0, or the errors of cma_init_reserved_mem().
 */
int __init cma_adopt(const struct cma_declaration *decl, struct cma **res_cma)
{
	struct cma_range range;
	int err = cma_check_table(decl);

	if (err)
		return err;
	err = cma_reserve_check(decl->req.base, decl->req.size,
				decl->order_per_bit, &range);
	if (err)
		return err;
	*res_cma = cma_add(decl, range);
	return 0;
}

/**
 * cma_init_reserved_mem() - make an area from memory that is reserved already
 * @base: physical address, a multiple of CMA_MIN_ALIGNMENT_BYTES
 * @size: bytes, a multiple of CMA_MIN_ALIGNMENT_BYTES
 * @order_per_bit: smallest unit of allocation, as page order
 * @name: name of the area, copied and cut at CMA_MAX_NAME - 1 bytes; NULL to
 *	  have it numbered
 * @res_cma: receives the area
 *
 * After an error the memory stays reserved, and is the caller's.
 *
 * Context: boot only, while memblock is in charge.
 * Return: 0; -ENOSPC when the table of areas is full; -EINVAL when the range
 * is empty, not aligned, not entirely RAM, or not entirely reserved; -EBUSY
 * when another area owns a part of it.
 */
int __init cma_init_reserved_mem(phys_addr_t base, phys_addr_t size,
				 unsigned int order_per_bit, const char *name,
				 struct cma **res_cma)
{
	const struct cma_declaration decl = {
		.req = { .base = base, .size = size },
		.order_per_bit = order_per_bit,
		.name = name,
	};

	return cma_adopt(&decl, res_cma);
}

/**
 * cma_declare() - reserve memory and make an area from it
 * @decl: what is wanted
 * @res_cma: receives the area
 *
 * Context: boot only, while memblock is in charge.
 * Return: 0, or the errors of cma_declare_contiguous_nid(), which are logged;
 * after an error no memory is reserved.
 */
int __init cma_declare(const struct cma_declaration *decl, struct cma **res_cma)
{
	struct cma_range range;
	int err = cma_check_table(decl);

	if (err)
		return err;
	err = cma_reserve(decl, &range);
	if (err)
		return err;
	*res_cma = cma_add(decl, range);
	cma_reserve_log(*res_cma, decl->nid);
	return 0;
}

/**
 * cma_declare_contiguous_nid() - reserve memory for an area
 * @base: lowest address, or the only one if @fixed; 0 for any
 * @size: bytes, rounded up to the alignment
 * @limit: one past the end of the allowed range, rounded down; 0 for no limit
 * @alignment: 0 or a power of two, in bytes; at least a pageblock is used
 * @order_per_bit: smallest unit of allocation, as page order
 * @fixed: only @base will do; meaningless when @base is 0
 * @name: name of the area, copied and cut at CMA_MAX_NAME - 1 bytes; NULL to
 *	  have it numbered
 * @res_cma: receives the area
 * @nid: the only node that will do, or NUMA_NO_NODE
 *
 * Without @fixed, memory above 4 GiB is preferred, then high memory. No area
 * lies on both sides of the boundary of high memory.
 *
 * Context: boot only, while memblock is in charge.
 * Return: 0; -ENOSPC when the table of areas is full; -EINVAL when no such area
 * can exist; -EBUSY when a fixed range is in use or is not RAM; -ENOMEM when no
 * free range is large enough.
 */
int __init cma_declare_contiguous_nid(phys_addr_t base, phys_addr_t size,
				      phys_addr_t limit, phys_addr_t alignment,
				      unsigned int order_per_bit, bool fixed,
				      const char *name, struct cma **res_cma,
				      int nid)
{
	const struct cma_declaration decl = {
		.req = {
			.size = size,
			.base = base,
			.limit = limit,
			.align = alignment,
			.fixed = fixed && base,
		},
		.order_per_bit = order_per_bit,
		.nid = IS_ENABLED(CONFIG_NUMA) ? nid : NUMA_NO_NODE,
		.name = name,
	};

	return cma_declare(&decl, res_cma);
}

/**
 * cma_reserve_pages_on_error() - keep the memory if activation fails
 * @cma: the area
 *
 * For an area whose content must survive, such as a crash dump.
 *
 * Context: boot only, before core_initcall.
 */
void __init cma_reserve_pages_on_error(struct cma *cma)
{
	cma->keep_reserved = true;
}

/* Kept apart, so that nothing is counted for an event that is off. */
static void cma_trace_start(const struct cma *cma,
			    const struct cma_demand *demand)
{
	u64 total = cma_range_len(cma->range);

	if (trace_cma_alloc_start_enabled())
		trace_cma_alloc_start(cma->name, demand->nr_pages, demand->align,
				      total - min(total, cma_stat_held(&cma->stat)),
				      total);
}

static struct page *cma_serve(struct cma *cma, const struct cma_demand *demand)
{
	struct cma_search_result result;
	struct page *page = NULL;
	int err;

	cma_trace_start(cma, demand);
	err = alloc_hooks(cma_search_pages(cma, demand, &result));
	if (!err)
		page = pfn_to_page(result.range.start);
	trace_cma_alloc_finish(cma->name, result.range.start, page,
			       demand->nr_pages, demand->align, err);

	cma_stat_effort(&cma->stat, &result.effort, err ? 0 : demand->nr_pages);
	if (err) {
		cma_failure_note(cma, demand, err, &result);
		return NULL;
	}
	cma_keep_note(cma, 0);
	return page;
}

/**
 * cma_alloc() - allocate contiguous pages
 * @cma: the area, or NULL
 * @count: number of pages
 * @align: order to which the first pfn is aligned
 * @no_warn: do not log a failure
 *
 * The pages are not zeroed, may be high memory, have one reference each and are
 * not a compound page. Release them with cma_release().
 *
 * Context: process context; sleeps, does I/O, may take long if borrowed pages
 * have to be migrated.
 * Return: the first page; NULL without an area, when drivers hold too much,
 * when pages could not be migrated, without memory to migrate them to, or after
 * a fatal signal.
 */
struct page *cma_alloc(struct cma *cma, unsigned long count, unsigned int align,
		       bool no_warn)
{
	const struct cma_demand demand = {
		.nr_pages = count,
		.align = align,
		.gfp = GFP_KERNEL | (no_warn ? __GFP_NOWARN : 0),
		.caller = _RET_IP_,
	};

	return cma ? cma_serve(cma, &demand) : NULL;
}
EXPORT_SYMBOL_GPL(cma_alloc);

/**
 * cma_alloc_for() - allocate contiguous pages, and note for whom
 * @cma: the area, or NULL
 * @demand: what is wanted; no __GFP_COMP
 *
 * For code that allocates on behalf of a device. Otherwise like cma_alloc().
 *
 * Context: as cma_alloc().
 * Return: as cma_alloc().
 */
struct page *cma_alloc_for(struct cma *cma, const struct cma_demand *demand)
{
	if (WARN_ON_ONCE(demand->gfp & __GFP_COMP))
		return NULL;
	return cma ? cma_serve(cma, demand) : NULL;
}

/**
 * cma_alloc_folio() - allocate a large folio
 * @cma: the area, or NULL
 * @order: size of the folio as page order, 1 to BITS_PER_LONG - 1
 * @gfp: must contain __GFP_COMP; reclaim flags, __GFP_NOWARN and zeroing are
 *	 honoured
 *
 * Context: as cma_alloc().
 * Return: the folio with one reference, or NULL as for cma_alloc().
 */
struct folio *cma_alloc_folio(struct cma *cma, int order, gfp_t gfp)
{
	struct cma_demand demand = {
		.align = order,
		.gfp = gfp,
		.caller = _RET_IP_,
	};
	struct page *page;

	if (WARN_ON(order <= 0 || order >= BITS_PER_LONG ||
		    !(gfp & __GFP_COMP)))
		return NULL;
	demand.nr_pages = 1UL << order;
	page = cma ? cma_serve(cma, &demand) : NULL;
	if (!page)
		return NULL;
	atomic_long_add(demand.nr_pages, &cma->folio_pages);
	return page_folio(page);
}

/**
 * cma_pages_valid() - do pages lie in an area?
 * @cma: the area, or NULL
 * @pages: the first page, or NULL
 * @count: number of pages
 *
 * Return: true when all of them do.
 */
bool cma_pages_valid(struct cma *cma, const struct page *pages,
		     unsigned long count)
{
	if (!cma || !pages || !cma_area_is_active(cma))
		return false;
	return cma_range_contains(cma->range, page_to_pfn(pages), count);
}

/* A large folio must be released as a whole, and without other pages. */
static bool cma_is_whole(struct cma *cma, const struct page *pages,
			 struct cma_range range)
{
	const struct folio *folio = page_folio(pages);
	unsigned long pfn;

	if (folio_test_large(folio))
		return page_to_pfn(&folio->page) == range.start &&
		       folio_nr_pages(folio) == cma_range_len(range);
	if (!atomic_long_read(&cma->folio_pages))
		return true;
	for (pfn = range.start; pfn < range.end; pfn++)
		if (PageCompound(pfn_to_page(pfn)))
			return false;
	return true;
}

static enum cma_refusal cma_end_hold(struct cma *cma, const struct page *pages,
				     struct cma_range range)
{
	if (!cma_pages_valid(cma, pages, cma_range_len(range)))
		return CMA_REFUSAL_OUTSIDE;
	if (!cma_is_whole(cma, pages, range))
		return cma_hold_is_none_held(cma, range) ?
		       CMA_REFUSAL_NOT_HELD : CMA_REFUSAL_PART_OF_FOLIO;
	return cma_hold_end(cma, range);
}

/**
 * cma_release() - release pages to their area
 * @cma: the area, or NULL
 * @pages: the first page, or NULL
 * @count: number of pages, at least 1
 *
 * A part of an allocation may be released, in whole slots, but not pages of two
 * allocations at once. A release of pages that are not held is refused, and the
 * attempt is logged.
 *
 * Context: any, also with interrupts off.
 * Return: true when the pages are released; false when the first one is not in
 * this area, or when the release is refused.
 */
bool cma_release(struct cma *cma, const struct page *pages, unsigned long count)
{
	u64 since = local_clock();
	enum cma_refusal refusal;
	struct cma_range range;

	if (!cma_pages_valid(cma, pages, 1))
		return false;
	range = cma_range_of(page_to_pfn(pages), count);
	refusal = cma_end_hold(cma, pages, range);
	if (refusal) {
		cma_failure_note_refusal(cma, range, refusal, _RET_IP_);
		return false;
	}

	if (PageHead(pages))
		atomic_long_sub(count, &cma->folio_pages);
	cma_buddy_release(range);
	cma_stat_released(&cma->stat, count, max_t(s64, local_clock() - since, 1));
	cma_hold_unlock(cma, range);
	cma_keep_note(cma, count);
	trace_cma_release(cma->name, range.start, pages, count);
	return true;
}
EXPORT_SYMBOL_GPL(cma_release);

/**
 * cma_free_folio() - release a large folio to its area
 * @cma: the area, or NULL
 * @folio: the folio
 *
 * Callers also use it to ask whether cma_alloc_folio() allocated a folio.
 *
 * Context: any, also with interrupts off.
 * Return: as cma_release(), but without a log line when nobody holds any of
 * the folio.
 */
bool cma_free_folio(struct cma *cma, const struct folio *folio)
{
	struct cma_range range = cma_range_of(page_to_pfn(&folio->page),
					      folio_nr_pages(folio));

	if (WARN_ON(!folio_test_large(folio)))
		return false;
	if (!cma_pages_valid(cma, &folio->page, cma_range_len(range)))
		return false;
	/* Like any other page, a huge page can be borrowed from the area. */
	if (cma_hold_is_none_held(cma, range))
		return false;
	return cma_release(cma, &folio->page, cma_range_len(range));
}
