// SPDX-License-Identifier: GPL-2.0
/*
 * The pageblocks of an area: makes them MIGRATE_ISOLATE for the first evacuation
 * that works on them, or for the kept part, and MIGRATE_CMA after the last one.
 *
 * Pageblocks are isolated in groups. A group is what a free chunk of the largest
 * order can cover, one pageblock or a few. Otherwise adjacent pageblocks that
 * are isolated at different times could have a chunk in common.
 *
 * Invariant while cma->isolation is not held: the pageblocks of a group are
 * MIGRATE_ISOLATE if and only if its count in cma->evacuations is not zero.
 * Nobody else isolates pageblocks of an area: they cannot be offlined, and
 * alloc_contig_range() cannot allocate them.
 */
#include <linux/align.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/page-isolation.h>

#include "cma.h"
#include "compat.h"

static unsigned int cma_pageblock_order(void)
{
	return max_t(unsigned int, pageblock_order, MAX_PAGE_ORDER);
}

static unsigned int *cma_pageblock_count(struct cma *cma, unsigned long pfn)
{
	unsigned int order = cma_pageblock_order();

	lockdep_assert_held(&cma->isolation);
	return &cma->evacuations[(pfn >> order) - (cma->range.start >> order)];
}

static unsigned long cma_pageblock_next_pfn(struct cma *cma, unsigned long pfn)
{
	return min(cma->range.end,
		   ALIGN(pfn + 1, 1UL << cma_pageblock_order()));
}

/* The units from @pfn on whose count is @count, at most up to @end. */
static struct cma_range cma_pageblock_run(struct cma *cma, unsigned long pfn,
					  unsigned long end, unsigned int count)
{
	struct cma_range run = cma_range_of(pfn, 0);

	while (run.end < end && *cma_pageblock_count(cma, run.end) == count)
		run.end = cma_pageblock_next_pfn(cma, run.end);
	return run;
}

static void cma_pageblock_add(struct cma *cma, struct cma_range run, int add)
{
	while (run.start < run.end) {
		*cma_pageblock_count(cma, run.start) += add;
		run.start = cma_pageblock_next_pfn(cma, run.start);
	}
}

/**
 * cma_pageblock_around() - the pageblocks that are isolated for a range
 * @cma: the area
 * @range: pages of it, at least one
 *
 * Return: whole units of the area that contain @range.
 */
struct cma_range cma_pageblock_around(const struct cma *cma,
				      struct cma_range range)
{
	unsigned long unit = 1UL << cma_pageblock_order();
	struct cma_range around = {
		.start = ALIGN_DOWN(range.start, unit),
		.end = ALIGN(range.end, unit),
	};

	return cma_range_and(around, cma->range);
}

static bool cma_pageblock_all_are(struct cma_range run, int migratetype)
{
	unsigned long pfn;

	for (pfn = run.start; pfn < run.end; pfn += pageblock_nr_pages)
		if (get_pageblock_migratetype(pfn_to_page(pfn)) != migratetype)
			return false;
	return true;
}

static void cma_pageblock_unisolate_runs(struct cma *cma, struct cma_range blocks)
{
	while (blocks.start < blocks.end) {
		struct cma_range run = cma_pageblock_run(cma, blocks.start,
							 blocks.end, 1);

		if (run.start < run.end) {
			VM_WARN_ON_ONCE(!cma_pageblock_all_are(run,
							       MIGRATE_ISOLATE));
			undo_isolate_page_range(run.start, run.end,
						MIGRATE_CMA);
		} else {
			run.end = cma_pageblock_next_pfn(cma, run.end);
		}
		cma_pageblock_add(cma, run, -1);
		blocks.start = run.end;
	}
}

/*
 * Last pfn of the first pageblock that somebody else has isolated. Without one,
 * a page crosses the edge of a pageblock; then last pfn of the first pageblock.
 */
static unsigned long cma_pageblock_find_foreign(struct cma_range run)
{
	unsigned long pfn;

	for (pfn = run.start; pfn < run.end; pfn += pageblock_nr_pages)
		if (is_migrate_isolate_page(pfn_to_page(pfn)))
			return pageblock_end_pfn(pfn) - 1;
	return pageblock_end_pfn(run.start) - 1;
}

static int cma_pageblock_isolate_runs(struct cma *cma, struct cma_range blocks,
				      unsigned long *pfn, unsigned long *blocker)
{
	for (*pfn = blocks.start; *pfn < blocks.end;) {
		struct cma_range run = cma_pageblock_run(cma, *pfn, blocks.end,
							 0);
		int err = 0;

		if (run.start < run.end)
			err = start_isolate_page_range(run.start, run.end,
						       MIGRATE_CMA, 0,
						       GFP_KERNEL);
		else
			run.end = cma_pageblock_next_pfn(cma, run.end);
		if (err) {
			*blocker = cma_pageblock_find_foreign(run);
			return err;
		}
		VM_WARN_ON_ONCE(!cma_pageblock_all_are(run, MIGRATE_ISOLATE));
		cma_pageblock_add(cma, run, 1);
		*pfn = run.end;
	}
	return 0;
}

/**
 * cma_pageblock_isolate() - isolate the pageblocks around a range
 * @cma: an active area
 * @range: pages of it, at least one
 * @blocker: after -EBUSY, the last pfn of the pageblock that could not be
 *	     isolated
 *
 * Context: process context; acquires cma->isolation. No page is migrated under
 * it, so the wait is short.
 * Return: 0; -EBUSY when a page crosses the edge of a pageblock, or somebody
 * else has isolated one. After an error nothing has changed.
 */
int cma_pageblock_isolate(struct cma *cma, struct cma_range range,
			  unsigned long *blocker)
{
	struct cma_range blocks = cma_pageblock_around(cma, range);
	unsigned long reached;
	int err;

	mutex_lock(&cma->isolation);
	err = cma_pageblock_isolate_runs(cma, blocks, &reached, blocker);
	if (err) {
		blocks.end = reached;
		cma_pageblock_unisolate_runs(cma, blocks);
	}
	mutex_unlock(&cma->isolation);
	return err;
}

/**
 * cma_pageblock_unisolate() - undo one cma_pageblock_isolate()
 * @cma: the area
 * @range: the range of that call
 *
 * Context: process context; acquires cma->isolation.
 */
void cma_pageblock_unisolate(struct cma *cma, struct cma_range range)
{
	mutex_lock(&cma->isolation);
	cma_pageblock_unisolate_runs(cma, cma_pageblock_around(cma, range));
	mutex_unlock(&cma->isolation);
}
