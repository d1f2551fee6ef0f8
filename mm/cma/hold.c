// SPDX-License-Identifier: GPL-2.0
/*
 * Range locks, holds and records, see hold.h. Each function that takes cma->lock
 * is one short critical section.
 */
#include <linux/align.h>
#include <linux/bitmap.h>
#include <linux/cma.h>
#include <linux/device.h>
#include <linux/init.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mmdebug.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "../internal.h"
#include "cma.h"
#include "hold.h"

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

/**
 * cma_hold_lock_next() - claim the next window of a search
 * @cma: an active area
 * @window: the search
 *
 * Context: interrupts are on.
 * Return: true with window->range claimed; false when no window is left.
 */
bool cma_hold_lock_next(struct cma *cma, struct cma_window *window)
{
	bool found;

	spin_lock_irq(&cma->lock);
	found = cma_window_next(window);
	if (found)
		cma_bitmap_set(&cma->taken, window->range);
	spin_unlock_irq(&cma->lock);
	return found;
}

/**
 * cma_hold_next_window() - look for the next window of a search
 * @cma: an active area
 * @window: the search
 *
 * Context: interrupts are on.
 * Return: true with window->range set, but not claimed; false when no window
 * is left.
 */
bool cma_hold_next_window(struct cma *cma, struct cma_window *window)
{
	bool found;

	spin_lock_irq(&cma->lock);
	found = cma_window_next(window);
	spin_unlock_irq(&cma->lock);
	return found;
}

/**
 * cma_hold_trylock() - claim a window that was found before
 * @cma: an active area
 * @range: pages of it, at least one
 *
 * Context: interrupts are on.
 * Return: true when it is claimed; false when somebody was faster.
 */
bool cma_hold_trylock(struct cma *cma, struct cma_range range)
{
	bool absent;

	spin_lock_irq(&cma->lock);
	absent = cma_bitmap_none_set(&cma->taken, range);
	if (absent)
		cma_bitmap_set(&cma->taken, range);
	spin_unlock_irq(&cma->lock);
	return absent;
}

/**
 * cma_hold_unlock() - give up a claim
 * @cma: the area
 * @range: pages whose slots are claimed by the caller and not held
 *
 * Context: any.
 */
void cma_hold_unlock(struct cma *cma, struct cma_range range)
{
	unsigned long flags;

	spin_lock_irqsave(&cma->lock, flags);
	cma_bitmap_clear(&cma->taken, range);
	spin_unlock_irqrestore(&cma->lock, flags);
}

/**
 * cma_hold_begin() - from claimed to held
 * @cma: the area
 * @range: pages whose slots are claimed by the caller
 * @record: of who holds them, the ledger's from now on; NULL when that is unknown
 *
 * Context: interrupts are on.
 */
void cma_hold_begin(struct cma *cma, struct cma_range range,
		    struct cma_record *record)
{
	spin_lock_irq(&cma->lock);
	cma_bitmap_set(&cma->held, range);
	cma_ledger_add(&cma->ledger, record, range);
	spin_unlock_irq(&cma->lock);
}

/* Whole slots, of which the last one may have been held in part only. */
static bool cma_hold_is_whole(const struct cma *cma, struct cma_range range)
{
	struct cma_range next = cma_range_of(range.end, 1);
	unsigned long slot_pages = 1UL << cma->taken.order;

	if (!IS_ALIGNED(range.start, slot_pages))
		return false;
	return IS_ALIGNED(range.end, slot_pages) ||
	       !cma_bitmap_all_set(&cma->held, next);
}

static int cma_hold_check_end(struct cma *cma, struct cma_range range)
{
	lockdep_assert_held(&cma->lock);
	if (!cma_bitmap_all_set(&cma->held, range))
		return -ENOENT;
	if (!cma_hold_is_whole(cma, range))
		return -EINVAL;
	return cma_ledger_run(&cma->ledger, range) < range.end ? -EXDEV : 0;
}

/**
 * cma_hold_end() - from held to claimed
 * @cma: the area
 * @range: pages inside the area
 *
 * Context: any.
 * Return: 0, and the slots are claimed by the caller now. Nothing has changed
 * after an error: -ENOENT when a page was not held, -EINVAL when a slot would
 * stay held in part, -EXDEV when pages of several allocations are among them.
 */
int cma_hold_end(struct cma *cma, struct cma_range range)
{
	struct cma_record *gone = NULL;
	unsigned long flags;
	int err;

	spin_lock_irqsave(&cma->lock, flags);
	err = cma_hold_check_end(cma, range);
	if (!err) {
		cma_bitmap_clear(&cma->held, range);
		gone = cma_ledger_remove(&cma->ledger, range);
	}
	spin_unlock_irqrestore(&cma->lock, flags);
	cma_record_free(gone);
	return err;
}

/**
 * cma_hold_is_none_held() - does nobody hold any of these pages?
 * @cma: the area
 * @range: pages inside the area, at least one
 *
 * Context: any.
 * Return: true when none of the slots is held.
 */
bool cma_hold_is_none_held(struct cma *cma, struct cma_range range)
{
	unsigned long flags;
	bool absent;

	spin_lock_irqsave(&cma->lock, flags);
	absent = cma_bitmap_none_set(&cma->held, range);
	spin_unlock_irqrestore(&cma->lock, flags);
	return absent;
}

/* No longer than its record is, so that a step does not cost more than that. */
static void cma_hold_fill_held(struct cma *cma, struct cma_held_range *piece)
{
	struct cma_range run = piece->range;
	struct cma_record *record;

	lockdep_assert_held(&cma->lock);
	record = cma_ledger_find(&cma->ledger, run.start);
	run.end = record ? record->pages.last + 1 : cma->range.end;
	run.end = cma_bitmap_set_until(&cma->held, run);
	piece->range.end = cma_ledger_run(&cma->ledger, run);
	piece->is_known = record;
	if (record)
		piece->record = *record;
}

/**
 * cma_hold_next_held() - step through what is held, holder by holder
 * @cma: an active area
 * @piece: begins where to look; receives the next one from there on
 *
 * Context: any. The area may change between two steps.
 * Return: true with @piece set; false when nothing more is held.
 */
bool cma_hold_next_held(struct cma *cma, struct cma_held_range *piece)
{
	unsigned long flags;
	bool found;

	spin_lock_irqsave(&cma->lock, flags);
	found = cma_bitmap_next_set(&cma->held, &piece->range.start);
	if (found)
		cma_hold_fill_held(cma, piece);
	spin_unlock_irqrestore(&cma->lock, flags);
	return found;
}

/**
 * cma_hold_next_gap() - step through the runs of slots that are not claimed
 * @cma: an active area
 * @next: slot at which to begin, 0 at first; moved behind the gap
 * @gap: receives the pages of the gap
 *
 * Context: interrupts are on. The area may change between two steps.
 * Return: true with @gap set; false when no gap is left.
 */
bool cma_hold_next_gap(struct cma *cma, unsigned long *next,
		       struct cma_range *gap)
{
	bool found;

	spin_lock_irq(&cma->lock);
	found = cma_bitmap_next_clear_run(&cma->taken, next, gap);
	spin_unlock_irq(&cma->lock);
	return found;
}

/**
 * cma_hold_largest_gap() - find the longest run of slots that are not claimed
 * @cma: an active area
 *
 * Context: process context; sleeps. The area may change meanwhile.
 * Return: the pages, none when all is claimed.
 */
struct cma_range cma_hold_largest_gap(struct cma *cma)
{
	struct cma_range largest = {}, gap;
	unsigned long next = 0;

	while (cma_hold_next_gap(cma, &next, &gap)) {
		if (cma_range_len(gap) > cma_range_len(largest))
			largest = gap;
		cond_resched();
	}
	return largest;
}

/**
 * cma_hold_copy() - take a snapshot of which slots are claimed
 * @cma: an active area
 * @copy: receives it; its bitmap is to be freed with kvfree()
 *
 * Context: process context; sleeps.
 * Return: 0, or -ENOMEM.
 */
int cma_hold_copy(struct cma *cma, struct cma_bitmap *copy)
{
	*copy = cma->taken;
	copy->bits = kvmalloc_array(BITS_TO_LONGS(copy->count), sizeof(long),
				    GFP_KERNEL);
	if (!copy->bits)
		return -ENOMEM;
	spin_lock_irq(&cma->lock);
	bitmap_copy(copy->bits, cma->taken.bits, copy->count);
	spin_unlock_irq(&cma->lock);
	return 0;
}
