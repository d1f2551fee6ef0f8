// SPDX-License-Identifier: GPL-2.0
/*
 * RESERVED -> ACTIVE, or FAILED with the memory returned.
 */
#include <linux/bitmap.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/slab.h>

#include "../internal.h"
#include "activate.h"
#include "cma.h"
#include "failure.h"

/*
 * Evacuation works within one zone, so an area must not cross a boundary. Where
 * zones meet is up to firmware and DMA limits; no zone is as small as to lie
 * between the ends of a pageblock.
 */
static bool __init cma_activate_is_in_one_zone(struct cma_range range)
{
	struct zone *zone;
	unsigned long pfn;

	if (!pfn_valid(range.start))
		return false;
	zone = page_zone(pfn_to_page(range.start));
	for (pfn = range.start; pfn < range.end; pfn += pageblock_nr_pages) {
		unsigned long last = pfn + pageblock_nr_pages - 1;

		if (!pfn_valid(pfn) || page_zone(pfn_to_page(pfn)) != zone ||
		    !pfn_valid(last) || page_zone(pfn_to_page(last)) != zone)
			return false;
	}
	return true;
}

static void __init cma_activate_lend(struct cma_range range)
{
	unsigned long pfn;

	for (pfn = range.start; pfn < range.end; pfn += pageblock_nr_pages)
		init_cma_reserved_pageblock(pfn_to_page(pfn));
}

static void __init cma_activate_give_up(struct cma_range range)
{
	unsigned long pfn;

	for (pfn = range.start; pfn < range.end; pfn++)
		if (pfn_valid(pfn))
			free_reserved_page(pfn_to_page(pfn));
}

/* Without a warning: that an area is dead is said in words. */
static int __init cma_activate_maps(struct cma *cma)
{
	gfp_t gfp = GFP_KERNEL | __GFP_NOWARN;

	cma->evacuations = kvcalloc(cma_pageblock_units(cma),
				    sizeof(*cma->evacuations), gfp);
	cma->taken.bits = bitmap_zalloc(cma->taken.count, gfp);
	cma->held.bits = bitmap_zalloc(cma->held.count, gfp);
	cma->ledger.unknown = cma->held;
	cma->ledger.unknown.bits = bitmap_zalloc(cma->held.count, gfp);
	return cma->evacuations && cma->taken.bits && cma->held.bits &&
	       cma->ledger.unknown.bits ? 0 : -ENOMEM;
}

static void __init cma_activate_free_maps(struct cma *cma)
{
	kvfree(cma->evacuations);
	bitmap_free(cma->taken.bits);
	bitmap_free(cma->held.bits);
	bitmap_free(cma->ledger.unknown.bits);
	cma->evacuations = NULL;
	cma->taken.bits = NULL;
	cma->held.bits = NULL;
	cma->ledger.unknown.bits = NULL;
}

/**
 * cma_activate() - put an area into service
 * @cma: a reserved area
 *
 * After a failure the area is dead. Its memory belongs to the page allocator
 * then, unless it was to be kept.
 *
 * Context: boot, after the page allocator came up.
 * Return: 0; -ENOMEM without memory for the maps of it; -EXDEV when the area does
 * not lie in one zone as a whole.
 */
int __init cma_activate(struct cma *cma)
{
	int err = cma_activate_maps(cma);

	if (!err && !cma_activate_is_in_one_zone(cma->range))
		err = -EXDEV;
	if (!err) {
		cma_activate_lend(cma->range);
		cma->failures = cma_failures_new();
		/* Pairs with the acquire in cma_area_is_active(). */
		smp_store_release(&cma->state, CMA_ACTIVE);
		return 0;
	}

	cma_activate_free_maps(cma);
	cma->state = CMA_FAILED;
	if (!cma->keep_reserved)
		cma_activate_give_up(cma->range);
	return err;
}
