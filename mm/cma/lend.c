// SPDX-License-Identifier: GPL-2.0
/*
 * The sysctl vm.cma_lend_percent: how early movable allocations use the areas.
 * And what reclaim can get out of the areas, see lend.h.
 */
#include <linux/cache.h>
#include <linux/init.h>
#include <linux/math.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/sched.h>
#include <linux/swap.h>
#include <linux/sysctl.h>

#include "../internal.h"
#include "cma.h"
#include "lend.h"

#define CMA_LEND_PERCENT	100
#define CMA_LEND_MOST		400

/* Most pages of a zone to look at, evenly spread: all of an area of 1 GiB. */
#define CMA_LEND_LOOKS		(256UL << 10)

/* How much of regular memory to keep free, see CMA_LEND_SHIFT. */
unsigned int cma_lend_scale __read_mostly = 1U << CMA_LEND_SHIFT;

static unsigned int cma_lend_percent = CMA_LEND_PERCENT;
static const unsigned int cma_lend_most = CMA_LEND_MOST;

static int cma_lend_write(const struct ctl_table *table, int write,
			  void *buffer, size_t *lenp, loff_t *ppos)
{
	int err = proc_douintvec_minmax(table, write, buffer, lenp, ppos);

	if (!err && write)
		WRITE_ONCE(cma_lend_scale,
			   DIV_ROUND_UP(cma_lend_percent << CMA_LEND_SHIFT,
					100));
	return err;
}

/**
 * struct cma_lend_count - reclaimable pages of the areas of a zone
 * @zone: the zone
 * @stride: one of so many pages is looked at
 * @anon: there is swap space for anonymous memory
 * @pages: how many, of those that were looked at
 */
struct cma_lend_count {
	struct zone *zone;
	unsigned long stride;
	bool anon;
	unsigned long pages;
};

/* A guess without a reference, so it reads the flags only once. */
static bool cma_lend_is_reclaimable(struct page *page, bool anon)
{
	unsigned long flags = READ_ONCE(compound_head(page)->flags);

	return flags & BIT(PG_lru) && !(flags & BIT(PG_unevictable)) &&
	       (anon || !(flags & BIT(PG_swapbacked)));
}

static int cma_lend_count_area(struct cma *cma, void *data)
{
	struct cma_lend_count *count = data;
	unsigned long pfn = cma->range.start;

	if (!cma_area_is_active(cma) ||
	    page_zone(pfn_to_page(pfn)) != count->zone)
		return 0;
	for (; pfn < cma->range.end; pfn += count->stride) {
		count->pages += cma_lend_is_reclaimable(pfn_to_page(pfn),
							count->anon);
		cond_resched();
	}
	return 0;
}

/* So much is enough for any request that a zone may serve. */
static unsigned long cma_lend_plenty(const struct zone *zone)
{
	return high_wmark_pages(zone) + zone->lowmem_reserve[MAX_NR_ZONES - 1];
}

/**
 * cma_lend_usable() - how much can an allocation get by reclaim?
 * @zone: a zone that the allocation may use
 * @alloc_flags: ALLOC_CMA if it may use areas
 *
 * If page cache in the areas counted, an allocation that cannot have its pages
 * would go on reclaiming it: for ever, when somebody reads it again meanwhile. The
 * LRU lists do not know what lies in an area, and to count each page that comes or
 * goes would cost those who never run short. As long as there is plenty even if
 * all that is not free in the areas is of no use, that is the answer. Else, the
 * pages of the areas are looked at.
 *
 * Context: process context; sleeps.
 * Return: how many pages, at a guess, not too many; all of
 * zone_reclaimable_pages() for those who may use areas.
 */
unsigned long cma_lend_usable(struct zone *zone, unsigned int alloc_flags)
{
	struct cma_lend_count count = {
		.zone = zone,
		.stride = zone_cma_pages(zone) / CMA_LEND_LOOKS + 1,
		.anon = get_nr_swap_pages() > 0,
	};
	unsigned long pages = zone_reclaimable_pages(zone);
	unsigned long area_pages = zone_cma_pages(zone), rest;

	if (alloc_flags & ALLOC_CMA || !area_pages)
		return pages;
	rest = area_pages - min(area_pages, zone_page_state(zone, NR_FREE_CMA_PAGES));
	rest = pages - min(pages, rest);
	if (rest > cma_lend_plenty(zone))
		return rest;
	cma_for_each_area(cma_lend_count_area, &count);
	return pages - min(pages, count.pages * count.stride);
}

static struct ctl_table cma_lend_table[] = {
	{
		.procname = "cma_lend_percent",
		.data = &cma_lend_percent,
		.maxlen = sizeof(cma_lend_percent),
		.mode = 0644,
		.proc_handler = cma_lend_write,
		.extra2 = (void *)&cma_lend_most,
	},
};

static int __init cma_lend_init(void)
{
	register_sysctl_init("vm", cma_lend_table);
	return 0;
}
late_initcall(cma_lend_init);
