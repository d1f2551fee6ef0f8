// SPDX-License-Identifier: GPL-2.0
/*
 * How early movable allocations use the areas: the sysctl vm.cma_lend_percent, and
 * what becomes of it for each zone, see lend.h.
 */
#include <linux/cache.h>
#include <linux/cma.h>
#include <linux/init.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/sysctl.h>
#include <kunit/visibility.h>

#include "cma.h"
#include "lend.h"

#define CMA_LEND_PERCENT	100
#define CMA_LEND_MOST		400

/* Movable allocations use the areas first while less regular memory is free, in pages. */
unsigned long cma_lend_marks[MAX_NUMNODES][MAX_NR_ZONES] __read_mostly;

/* May locked memory be moved ahead of time? Compaction knows, unless a hook is missing. */
int __weak sysctl_compact_unevictable_allowed = IS_ENABLED(CONFIG_COMPACT_UNEVICTABLE_DEFAULT);

static unsigned int cma_lend_percent = CMA_LEND_PERCENT;
static const unsigned int cma_lend_most = CMA_LEND_MOST;

/* Of two updates, the last one has seen the newest values. */
static DEFINE_MUTEX(cma_lend_lock);

/**
 * struct cma_lend_sum - what can be borrowed in a zone
 * @zone: the zone
 * @pages: how many
 */
struct cma_lend_sum {
	struct zone *zone;
	unsigned long pages;
};

/* What drivers hold is mostly in the part that is kept for them. */
static int cma_lend_add_area(struct cma *cma, void *data)
{
	unsigned long pages = cma_range_len(cma->range);
	struct cma_lend_sum *sum = data;
	u64 gone;

	if (!cma_area_is_active(cma) ||
	    page_zone(pfn_to_page(cma->range.start)) != sum->zone)
		return 0;
	gone = max_t(u64, cma_stat_held(&cma->stat), READ_ONCE(cma->kept));
	sum->pages += pages - min_t(u64, pages, gone);
	return 0;
}

/* In ZONE_MOVABLE, nobody is there for whom regular memory would be kept. */
VISIBLE_IF_KUNIT unsigned long cma_lend_mark(enum zone_type index,
					     unsigned long pages)
{
	return index == ZONE_MOVABLE ? 0 :
	       mult_frac(pages, READ_ONCE(cma_lend_percent), 100UL);
}

/**
 * cma_lend_update() - see how much the areas can give
 *
 * What drivers hold, and what is kept for them, is not lent: regular memory that is
 * kept free for it would be of use to nobody.
 *
 * Context: process context; sleeps.
 */
void cma_lend_update(void)
{
	struct zone *zone;

	mutex_lock(&cma_lend_lock);
	for_each_populated_zone(zone) {
		struct cma_lend_sum sum = { .zone = zone };
		unsigned long *mark = &cma_lend_marks[zone_to_nid(zone)][zone_idx(zone)];

		if (zone_cma_pages(zone))
			cma_for_each_area(cma_lend_add_area, &sum);
		WRITE_ONCE(*mark, cma_lend_mark(zone_idx(zone), sum.pages));
	}
	mutex_unlock(&cma_lend_lock);
}

static int cma_lend_write(const struct ctl_table *table, int write,
			  void *buffer, size_t *lenp, loff_t *ppos)
{
	int err = proc_douintvec_minmax(table, write, buffer, lenp, ppos);

	if (!err && write)
		cma_lend_update();
	return err;
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
	cma_lend_update();
	return 0;
}
subsys_initcall(cma_lend_init);
