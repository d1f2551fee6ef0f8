// SPDX-License-Identifier: GPL-2.0
/*
 * Model against reality: what always holds of an area at rest, see
 * Documentation/mm/cma-rules.rst.
 */
#include <linux/debug_locks.h>
#include <linux/gfp.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/panic.h>
#include <linux/percpu.h>
#include <linux/swap.h>
#include <linux/vmstat.h>
#include <linux/workqueue.h>

#include "../../internal.h"
#include "model.h"

/**
 * cma_levels_read() - read the numbers that must come back
 * @zone: where
 * @levels: filled in
 *
 * Context: any; exact once the per-CPU lists are drained.
 */
void cma_levels_read(struct zone *zone, struct cma_levels *levels)
{
	levels->free_cma = zone_page_state_snapshot(zone, NR_FREE_CMA_PAGES);
	levels->cma = zone_cma_pages(zone);
	levels->managed = zone_managed_pages(zone);
	levels->total = totalcma_pages;
	levels->complaints = test_taint(TAINT_WARN) +
			     test_taint(TAINT_BAD_PAGE) + !debug_locks;
}

/**
 * cma_levels_node() - read a counter of a node, with what CPUs keep of it
 * @node: the node
 * @item: the counter
 *
 * Context: any; exact while nobody changes it.
 * Return: its value.
 */
long cma_levels_node(struct pglist_data *node, enum node_stat_item item)
{
	long pages = atomic_long_read(&node->vm_stat[item]);
	int cpu;

	for_each_online_cpu(cpu)
		pages += per_cpu_ptr(node->per_cpu_nodestats,
				     cpu)->vm_node_stat_diff[item];
	return pages;
}

static void cma_levels_fold_here(struct work_struct *unused)
{
	unsigned long flags;

	local_irq_save(flags);
	cpu_vm_stats_fold(smp_processor_id());
	local_irq_restore(flags);
}

/**
 * cma_levels_fold() - have CPUs keep nothing of the counters to themselves
 *
 * What is counted from then on is exact but for what is counted meanwhile, also
 * to those who look at the sums only.
 *
 * Context: a test.
 */
void cma_levels_fold(void)
{
	schedule_on_each_cpu(cma_levels_fold_here);
}

/**
 * cma_levels_events() - read the counters of /proc/vmstat that only grow
 * @test: the test
 *
 * Context: a test.
 * Return: NR_VM_EVENT_ITEMS counters, for as long as the test lasts.
 */
unsigned long *cma_levels_events(struct kunit *test)
{
	unsigned long *events = kunit_kcalloc(test, NR_VM_EVENT_ITEMS,
					      sizeof(*events), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, events);
	all_vm_events(events);
	return events;
}

/* Pages on the free lists for MIGRATE_CMA. */
static unsigned long cma_model_listed(struct zone *zone)
{
	unsigned long pages = 0;
	unsigned int order;

	for (order = 0; order < NR_PAGE_ORDERS; order++) {
		struct free_area *area = &zone->free_area[order];

		pages += list_count_nodes(&area->free_list[MIGRATE_CMA])
			 << order;
	}
	return pages;
}

/* Is a page kept, or in the window of what is ready? */
static bool cma_model_is_kept(const struct cma_model *model, unsigned long page)
{
	return page < model->area.kept ||
	       cma_range_contains(model->area.ready.window,
				  cma_model_pfn(model, page), 1);
}

/* Free pages of these, which nobody counts as free. */
static unsigned long cma_model_kept(struct cma_model *model)
{
	unsigned long page, pages = 0;

	for (page = 0; page < cma_model_pages(model); page++)
		pages += cma_model_is_kept(model, page) &&
			 model->owner[page] == CMA_MODEL_FREE;
	return pages;
}

/* The free count is exact, totals agree, nothing leaks. */
static const char *cma_model_levels_fault(struct cma_model *model)
{
	struct cma_levels now;
	unsigned long flags, listed;

	spin_lock_irqsave(&model->zone->lock, flags);
	cma_levels_read(model->zone, &now);
	listed = cma_model_listed(model->zone);
	spin_unlock_irqrestore(&model->zone->lock, flags);

	if (listed != now.free_cma)
		return "free count is not exact: the free lists differ";
	if (now.cma != model->before.cma ||
	    now.managed != model->before.managed)
		return "totals do not agree: a zone changed its size";
	if (now.complaints != model->before.complaints)
		return "the kernel complained, see its log";
	if (now.total != model->before.total)
		return "totals do not agree: totalcma_pages changed";
	if (!model->borrowed &&
	    now.free_cma + model->held + model->blockers +
	    cma_model_kept(model) != model->before.free_cma)
		return "pages leaked: free plus used is not constant";
	return NULL;
}

/* A page has one owner, and the model knows which. */
static const char *cma_model_page_fault(struct cma_model *model,
					unsigned long page, bool is_free)
{
	struct page *it = pfn_to_page(cma_model_pfn(model, page));
	unsigned int owner = model->owner[page];

	if (PageReserved(it))
		return "a page is reserved";
	if (owner == CMA_MODEL_FREE)
		return is_free || model->borrowed ? NULL :
		       "a page leaked: it is neither free nor anybody's";
	if (is_free)
		return "a page has two owners: it is free and somebody's";
	if (owner == CMA_MODEL_BLOCKER)
		return NULL;
	if (PageLRU(it))
		return "a page has two owners: it is held and on an LRU list";
	if (page_ref_count(it) != !PageTail(it))
		return "a held page has not one reference";
	return NULL;
}

/* First pfn after the free chunk that begins at @pfn, or @pfn itself. */
static unsigned long cma_model_chunk_end(unsigned long pfn)
{
	struct page *page = pfn_to_page(pfn);

	return PageBuddy(page) ? pfn + (1UL << buddy_order(page)) : pfn;
}

/* The same for a chunk that may begin outside the area. */
static unsigned long cma_model_first_chunk_end(unsigned long pfn)
{
	unsigned long end = pfn;
	unsigned int order;

	for (order = 1; order < NR_PAGE_ORDERS; order++)
		end = max(end, cma_model_chunk_end(round_down(pfn,
							      1UL << order)));
	return end;
}

static const char *cma_model_pages_fault(struct cma_model *model,
					 unsigned long *page)
{
	unsigned long pfn = model->area.range.start, free_end;
	const char *fault = NULL;
	unsigned long flags;

	spin_lock_irqsave(&model->zone->lock, flags);
	free_end = cma_model_first_chunk_end(pfn);
	for (*page = 0; *page < cma_model_pages(model) && !fault; ++*page) {
		pfn = cma_model_pfn(model, *page);
		free_end = max(free_end, cma_model_chunk_end(pfn));
		fault = cma_model_page_fault(model, *page, pfn < free_end);
	}
	spin_unlock_irqrestore(&model->zone->lock, flags);
	return fault;
}

/*
 * Bitmaps and records tell the truth: a page is held exactly while it has a
 * holder, whatever the size of a slot.
 */
static const char *cma_model_held_fault(struct cma_model *model,
					unsigned long *page)
{
	for (*page = 0; *page < cma_model_pages(model); (*page)++) {
		bool has_holder = model->owner[*page] >= CMA_MODEL_HOLDER;
		struct cma_range it = cma_model_range(model, *page, 1);

		if (has_holder == cma_hold_is_none_held(&model->area, it))
			return has_holder ?
			       "a page with a holder counts as not held" :
			       "a page without a holder counts as held";
	}
	return NULL;
}

/* A slot is taken exactly while one of its pages has a holder. */
static const char *cma_model_slots_fault(struct cma_model *model,
					 unsigned long *page)
{
	const struct cma_bitmap *slots = &model->area.taken;
	unsigned long slot, i;

	for (slot = 0; slot < slots->count; slot++) {
		bool held = false;

		*page = slot << slots->order;
		for (i = 0; i < 1UL << slots->order; i++)
			held |= model->owner[*page + i] >= CMA_MODEL_HOLDER;
		if (held != test_bit(slot, slots->bits))
			return held ? "a held slot is not taken" :
				      "a slot without a holder is taken";
	}
	return cma_model_held_fault(model, page);
}

/* Pageblocks come back: they are MIGRATE_CMA, but for what is kept or ready. */
static const char *cma_model_blocks_fault(struct cma_model *model,
					  unsigned long *page)
{
	for (*page = 0; *page < cma_model_pages(model);
	     *page += pageblock_nr_pages) {
		struct page *it = pfn_to_page(cma_model_pfn(model, *page));
		bool kept = cma_model_is_kept(model, *page);

		if (get_pageblock_migratetype(it) !=
		    (kept ? MIGRATE_ISOLATE : MIGRATE_CMA))
			return kept ? "a kept pageblock is not isolated" :
				      "a pageblock is not MIGRATE_CMA";
	}
	return NULL;
}

/* Nothing that an evacuation switches off stays off. */
static const char *cma_model_calm_fault(struct pglist_data *node)
{
	if (lru_cache_disabled())
		return "LRU batching stayed off";
	if (cma_levels_node(node, NR_ISOLATED_ANON) ||
	    cma_levels_node(node, NR_ISOLATED_FILE))
		return "pages are still isolated from the LRU lists";
	return NULL;
}

/**
 * cma_model_check() - compare the area with what the test knows about it
 * @model: the model; no allocation from it is in progress
 *
 * Context: a test; it fails and ends at the first difference.
 */
void cma_model_check(struct cma_model *model)
{
	unsigned long page = 0;
	const char *fault;

	drain_all_pages(model->zone);
	fault = cma_model_blocks_fault(model, &page) ?:
		cma_model_pages_fault(model, &page) ?:
		cma_model_slots_fault(model, &page) ?:
		cma_model_levels_fault(model) ?:
		cma_model_calm_fault(model->zone->zone_pgdat);
	if (fault)
		KUNIT_FAIL_AND_ABORT(model->test,
				     "%s (page %lu of %lu; %lu held, %lu blocked)",
				     fault, page, cma_model_pages(model),
				     model->held, model->blockers);
}
