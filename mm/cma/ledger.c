// SPDX-License-Identifier: GPL-2.0
/*
 * Records of who holds what, see ledger.h.
 */
#include <linux/cma.h>
#include <linux/device.h>
#include <linux/init.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/mmdebug.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../internal.h"
#include "ledger.h"

static struct kmem_cache *cma_records __ro_after_init;

static int __init cma_ledger_init(void)
{
	cma_records = KMEM_CACHE(cma_record, 0);
	return cma_records ? 0 : -ENOMEM;
}
early_initcall(cma_ledger_init);

/**
 * cma_holder_set() - note who asks
 * @holder: receives it
 * @demand: what is asked for, by the current task
 *
 * Context: process context.
 */
void cma_holder_set(struct cma_holder *holder, const struct cma_demand *demand)
{
	holder->device[0] = '\0';
	/* A device may have no name yet. */
	if (demand->dev && dev_name(demand->dev))
		strscpy(holder->device, dev_name(demand->dev));
	holder->pid = task_pid_nr(current);
	holder->caller = demand->caller;
	get_task_comm(holder->task, current);
}

/**
 * cma_record_new() - write a record
 * @demand: what was asked for, by the current task
 *
 * Context: process context; sleeps as far as the demand allows it.
 * Return: the record, or NULL without memory for one.
 */
struct cma_record *cma_record_new(const struct cma_demand *demand)
{
	gfp_t gfp = current_gfp_context(demand->gfp) & GFP_RECLAIM_MASK;
	struct cma_record *record;

	if (!cma_records)
		return NULL;
	record = kmem_cache_alloc(cma_records,
				  gfp | __GFP_NOWARN | __GFP_NORETRY);
	if (!record)
		return NULL;
	record->align = demand->align;
	record->since = ktime_get_boottime_ns();
	cma_holder_set(&record->holder, demand);
	return record;
}

/**
 * cma_record_free() - throw a record away
 * @record: in no ledger, or NULL
 *
 * Context: any.
 */
void cma_record_free(struct cma_record *record)
{
	if (record)
		kmem_cache_free(cma_records, record);
}

/**
 * cma_ledger_add() - pages have got a holder
 * @ledger: of the area
 * @record: by whom; NULL when there is none, and the holder is unknown
 * @range: the pages, which nobody held before
 *
 * Context: any; the caller guards the ledger.
 */
void cma_ledger_add(struct cma_ledger *ledger, struct cma_record *record,
		    struct cma_range range)
{
	if (!record) {
		cma_bitmap_set(&ledger->unknown, range);
		return;
	}
	record->pages.start = range.start;
	record->pages.last = range.end - 1;
	record->left = cma_range_len(range);
	record->serial = ++ledger->serial;
	interval_tree_insert(&record->pages, &ledger->records);
}

static struct cma_record *cma_ledger_record(struct interval_tree_node *node)
{
	return container_of(node, struct cma_record, pages);
}

/**
 * cma_ledger_find() - to whom does a page belong?
 * @ledger: of the area
 * @pfn: a page that is held
 *
 * Context: any; the caller guards the ledger.
 * Return: the record, or NULL when that is not known.
 */
struct cma_record *cma_ledger_find(struct cma_ledger *ledger, unsigned long pfn)
{
	struct interval_tree_node *node;
	struct cma_record *newest = NULL;

	if (cma_bitmap_all_set(&ledger->unknown, cma_range_of(pfn, 1)))
		return NULL;
	for (node = interval_tree_iter_first(&ledger->records, pfn, pfn); node;
	     node = interval_tree_iter_next(node, pfn, pfn)) {
		struct cma_record *record = cma_ledger_record(node);

		if (!newest || record->serial > newest->serial)
			newest = record;
	}
	return newest;
}

/**
 * cma_ledger_run() - how far do the pages of one holder go?
 * @ledger: of the area
 * @range: pages that are all held, at least one
 *
 * Context: any; the caller guards the ledger.
 * Return: the first pfn that belongs to somebody else than the first page does;
 * the end of @range if there is none.
 */
unsigned long cma_ledger_run(struct cma_ledger *ledger, struct cma_range range)
{
	struct cma_record *owner = cma_ledger_find(ledger, range.start);
	struct interval_tree_node *node;

	if (!owner)
		return cma_bitmap_set_until(&ledger->unknown, range);
	range.end = min(range.end, owner->pages.last + 1);
	range.end = cma_bitmap_clear_until(&ledger->unknown, range);
	/* They come by their first page. */
	for (node = interval_tree_iter_first(&ledger->records, range.start,
					     range.end - 1);
	     node;
	     node = interval_tree_iter_next(node, range.start,
					    range.end - 1)) {
		struct cma_record *record = cma_ledger_record(node);

		if (record->pages.start > range.start &&
		    record->serial > owner->serial)
			return record->pages.start;
	}
	return range.end;
}

/* What was released at an end is no longer the record's. */
static void cma_ledger_trim(struct cma_ledger *ledger,
			    struct cma_record *record, struct cma_range range)
{
	struct interval_tree_node *pages = &record->pages;

	if (range.start > pages->start && range.end <= pages->last)
		return;
	interval_tree_remove(pages, &ledger->records);
	if (range.start <= pages->start)
		pages->start = range.end;
	else
		pages->last = range.start - 1;
	interval_tree_insert(pages, &ledger->records);
}

/**
 * cma_ledger_remove() - pages are held no longer
 * @ledger: of the area
 * @range: pages of one holder
 *
 * Context: any; the caller guards the ledger.
 * Return: the record, which is the caller's to free, when that was all of it;
 * NULL when some of it is left, or nothing was known.
 */
struct cma_record *cma_ledger_remove(struct cma_ledger *ledger,
				     struct cma_range range)
{
	struct cma_record *record = cma_ledger_find(ledger, range.start);

	if (!record) {
		cma_bitmap_clear(&ledger->unknown, range);
		return NULL;
	}
	VM_WARN_ON_ONCE(record->left < cma_range_len(range));
	record->left -= cma_range_len(range);
	if (!record->left) {
		interval_tree_remove(&record->pages, &ledger->records);
		return record;
	}
	cma_ledger_trim(ledger, record, range);
	return NULL;
}
