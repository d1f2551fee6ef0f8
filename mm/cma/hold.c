// SPDX-License-Identifier: GPL-2.0
/*
 * Range locks, holds and records, see hold.h. Each function that acquires
 * cma->lock is one short critical section.
 */
#include <kunit/static_stub.h>
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

/* How many bits are read at once, so that a large area keeps no lock for long. */
#define CMA_HOLD_STEP (128UL * 1024)

static struct kmem_cache *cma_records __ro_after_init;

static int __init cma_hold_init(void)
{
	cma_records = KMEM_CACHE(cma_record, 0);
	return cma_records ? 0 : -ENOMEM;
}
early_initcall(cma_hold_init);

/**
 * cma_holder_set() - note who asks
 * @holder: receives it
 * @demand: what the current task asks for
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
 * cma_hold_new_record() - make a record for pages that are to be held
 * @demand: what the current task asks for
 *
 * Call it before the search: to empty a window takes memory as well.
 *
 * Context: process context; sleeps as far as the demand allows it.
 * Return: a record for cma_hold_begin() or kfree(); NULL without memory.
 */
struct cma_record *cma_hold_new_record(const struct cma_demand *demand)
{
	gfp_t gfp = current_gfp_context(demand->gfp) & GFP_RECLAIM_MASK;
	struct cma_record *record;

	KUNIT_STATIC_STUB_REDIRECT(cma_hold_new_record, demand);
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

static unsigned long cma_hold_slot_pages(const struct cma *cma)
{
	return 1UL << cma->held.order;
}

/* Without a record, the holder of the pages is unknown; these are whole slots. */
static void cma_ledger_add(struct cma *cma, struct cma_record *record,
			   struct cma_range range)
	__must_hold(&cma->lock)
{
	struct cma_ledger *ledger = &cma->ledger;

	lockdep_assert_held(&cma->lock);
	if (!record) {
		VM_WARN_ON_ONCE(!IS_ALIGNED(range.end,
					    cma_hold_slot_pages(cma)));
		cma_bitmap_set(&ledger->unknown, range);
		ledger->nr_unknown += cma_range_len(range);
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

/*
 * The record that the first of these held slots belongs to; NULL when its holder
 * is unknown. @slots is cut to what belongs to the same holder, maybe inside of a
 * slot. Records come by their first page. Older ones can begin or reach over pages
 * that their owner gave back, so the newest counts.
 */
static struct cma_record *cma_ledger_find(struct cma *cma, struct cma_range *slots)
	__must_hold(&cma->lock)
{
	struct cma_ledger *ledger = &cma->ledger;
	unsigned long first = slots->start, last = slots->end - 1;
	struct interval_tree_node *node;
	struct cma_record *owner = NULL;

	lockdep_assert_held(&cma->lock);
	if (ledger->nr_unknown &&
	    !cma_bitmap_none_set(&ledger->unknown, cma_range_of(first, 1))) {
		slots->end = cma_bitmap_run_end(&ledger->unknown, *slots);
		return NULL;
	}
	for (node = interval_tree_iter_first(&ledger->records, first, last); node;
	     node = interval_tree_iter_next(node, first, last)) {
		struct cma_record *record = cma_ledger_record(node);

		if (owner && record->serial < owner->serial &&
		    node->start <= owner->pages.last)
			continue;
		if (node->start > first) {
			slots->end = node->start;
			break;
		}
		owner = record;
	}
	if (owner)
		slots->end = min(slots->end, owner->pages.last + 1);
	if (ledger->nr_unknown)
		slots->end = cma_bitmap_run_end(&ledger->unknown, *slots);
	return owner;
}

/* The first page from @pfn on that is not in the unused end of a held slot. */
static unsigned long cma_hold_skip_unused(struct cma *cma, unsigned long pfn)
	__must_hold(&cma->lock)
{
	unsigned long slot = ALIGN_DOWN(pfn, cma_hold_slot_pages(cma));
	struct cma_range slots = cma_range_of(slot, cma_hold_slot_pages(cma));

	lockdep_assert_held(&cma->lock);
	if (slot == pfn || cma_bitmap_none_set(&cma->held, slots))
		return pfn;
	cma_ledger_find(cma, &slots);
	return slots.end <= pfn ? slot + cma_hold_slot_pages(cma) : pfn;
}

/* Pages that were released at an end no longer belong to the record. */
static void cma_ledger_trim(struct cma *cma, struct cma_record *record,
			    struct cma_range range)
	__must_hold(&cma->lock)
{
	struct rb_root_cached *records = &cma->ledger.records;
	struct interval_tree_node *pages = &record->pages;

	if (range.start > pages->start && range.end <= pages->last)
		return;
	interval_tree_remove(pages, records);
	if (range.start <= pages->start)
		pages->start = range.end;
	else
		pages->last = range.start - 1;
	interval_tree_insert(pages, records);
}

/* Returns the record for the caller to free when nothing is left of it. */
static struct cma_record *cma_ledger_remove(struct cma *cma,
					    struct cma_record *owner,
					    struct cma_range range)
	__must_hold(&cma->lock)
{
	lockdep_assert_held(&cma->lock);
	if (!owner) {
		cma_bitmap_clear(&cma->ledger.unknown, range);
		cma->ledger.nr_unknown -= cma_range_len(range);
		return NULL;
	}
	VM_WARN_ON_ONCE(owner->left < cma_range_len(range));
	owner->left -= cma_range_len(range);
	if (!owner->left) {
		interval_tree_remove(&owner->pages, &cma->ledger.records);
		return owner;
	}
	cma_ledger_trim(cma, owner, range);
	return NULL;
}

/**
 * cma_hold_next_window() - find the next window of a search
 * @cma: an active area
 * @window: the search
 * @lock: lock the window
 *
 * Context: interrupts are on.
 * Return: true with window->range set; false when no window is left.
 */
bool cma_hold_next_window(struct cma *cma, struct cma_window *window, bool lock)
{
	bool found;

	spin_lock_irq(&cma->lock);
	found = cma_window_next(window);
	if (found && lock)
		cma_bitmap_set(&cma->taken, window->range);
	spin_unlock_irq(&cma->lock);
	return found;
}

/**
 * cma_hold_trylock() - lock a window that was found before
 * @cma: an active area
 * @range: pages of it, at least one
 *
 * Context: interrupts are on.
 * Return: true when it is locked; false when a slot of it is taken already.
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
 * cma_hold_unlock() - unlock a range
 * @cma: the area
 * @range: pages whose slots the caller has locked
 *
 * Context: any.
 */
void cma_hold_unlock(struct cma *cma, struct cma_range range)
{
	unsigned long flags;

	spin_lock_irqsave(&cma->lock, flags);
	VM_WARN_ON_ONCE(!cma_bitmap_all_set(&cma->taken, range));
	VM_WARN_ON_ONCE(!cma_bitmap_none_set(&cma->held, range));
	cma_bitmap_clear(&cma->taken, range);
	spin_unlock_irqrestore(&cma->lock, flags);
}

/**
 * cma_hold_begin() - from locked to held
 * @cma: the area
 * @range: pages whose slots the caller has locked
 * @record: of cma_hold_new_record(); NULL when the holder is unknown
 *
 * The record is the area's from here on.
 *
 * Context: interrupts are on.
 */
void cma_hold_begin(struct cma *cma, struct cma_range range,
		    struct cma_record *record)
{
	spin_lock_irq(&cma->lock);
	VM_WARN_ON_ONCE(!cma_bitmap_all_set(&cma->taken, range));
	VM_WARN_ON_ONCE(!cma_bitmap_none_set(&cma->held, range));
	cma_bitmap_set(&cma->held, range);
	cma_ledger_add(cma, record, range);
	spin_unlock_irq(&cma->lock);
}

/* The slots that @range touches. */
static struct cma_range cma_hold_slots(const struct cma *cma,
				       struct cma_range range)
{
	return (struct cma_range){
		.start = ALIGN_DOWN(range.start, cma_hold_slot_pages(cma)),
		.end = ALIGN(range.end, cma_hold_slot_pages(cma)),
	};
}

/*
 * Whole slots, of which the last one may be held in part only. Tells the owner as
 * well, so that the ledger is searched once a release.
 */
static enum cma_refusal cma_hold_check_end(struct cma *cma,
					   struct cma_range range,
					   struct cma_record **owner)
	__must_hold(&cma->lock)
{
	struct cma_range slots = cma_hold_slots(cma, range);

	lockdep_assert_held(&cma->lock);
	if (!cma_range_len(range) || !cma_bitmap_all_set(&cma->held, slots))
		return CMA_REFUSAL_NOT_HELD;
	*owner = cma_ledger_find(cma, &slots);
	if (range.start >= slots.end ||
	    (slots.end < range.end &&
	     !IS_ALIGNED(slots.end, cma_hold_slot_pages(cma))))
		return CMA_REFUSAL_NOT_HELD;
	if (range.start > slots.start || range.end < slots.end)
		return CMA_REFUSAL_PART_OF_SLOT;
	return range.end > slots.end ? CMA_REFUSAL_SEVERAL : CMA_REFUSAL_NONE;
}

/**
 * cma_hold_end() - from held to locked
 * @cma: the area
 * @range: pages inside the area
 *
 * Context: any.
 * Return: %CMA_REFUSAL_NONE, and the caller has locked the slots now; else why
 * nothing has changed.
 */
enum cma_refusal cma_hold_end(struct cma *cma, struct cma_range range)
{
	struct cma_record *owner = NULL, *gone = NULL;
	enum cma_refusal refusal;
	unsigned long flags;

	spin_lock_irqsave(&cma->lock, flags);
	refusal = cma_hold_check_end(cma, range, &owner);
	if (refusal == CMA_REFUSAL_NONE) {
		VM_WARN_ON_ONCE(!cma_bitmap_all_set(&cma->taken, range));
		cma_bitmap_clear(&cma->held, range);
		gone = cma_ledger_remove(cma, owner, range);
	}
	spin_unlock_irqrestore(&cma->lock, flags);
	kfree(gone);
	return refusal;
}

/**
 * cma_hold_is_none_held() - does nobody hold any of these pages?
 * @cma: the area
 * @range: pages inside the area, at least one
 *
 * Context: any.
 * Return: true when none of them is held.
 */
bool cma_hold_is_none_held(struct cma *cma, struct cma_range range)
{
	unsigned long flags;
	bool absent;

	spin_lock_irqsave(&cma->lock, flags);
	range.start = cma_hold_skip_unused(cma, range.start);
	absent = range.start >= range.end ||
		 cma_bitmap_none_set(&cma->held, range);
	spin_unlock_irqrestore(&cma->lock, flags);
	return absent;
}

/* No longer than its record is, so that a step does not cost more than that. */
static void cma_hold_fill_held(struct cma *cma, struct cma_held_range *held)
	__must_hold(&cma->lock)
{
	struct cma_range run = { held->range.start, cma->range.end };
	struct cma_record *record;

	lockdep_assert_held(&cma->lock);
	record = cma_ledger_find(cma, &run);
	held->range.end = cma_bitmap_run_end(&cma->held, run);
	held->is_known = record;
	if (record)
		held->record = *record;
}

/* The bits of @map before @slot and CMA_HOLD_STEP more. */
static struct cma_bitmap cma_hold_part(const struct cma_bitmap *map,
				       unsigned long slot)
{
	struct cma_bitmap part = *map;

	part.count = min(map->count, slot + CMA_HOLD_STEP);
	return part;
}

/* Looks at one step at most, and moves the start of @held past it without a find. */
static bool cma_hold_step_held(struct cma *cma, struct cma_held_range *held)
{
	unsigned long *pfn = &held->range.start;
	unsigned long slot = (*pfn - cma->held.base_pfn) >> cma->held.order;
	struct cma_bitmap part = cma_hold_part(&cma->held, slot);
	unsigned long end = part.base_pfn + (part.count << part.order);
	unsigned long flags;

	spin_lock_irqsave(&cma->lock, flags);
	*pfn = cma_hold_skip_unused(cma, *pfn);
	if (*pfn < end && cma_bitmap_none_set(&part, cma_range_of(*pfn, 1)))
		*pfn = cma_bitmap_run_end(&part, (struct cma_range){ *pfn, end });
	if (*pfn < end)
		cma_hold_fill_held(cma, held);
	spin_unlock_irqrestore(&cma->lock, flags);
	return *pfn < end;
}

/**
 * cma_hold_next_held() - step through what is held, holder by holder
 * @cma: an active area
 * @held: its range.start is where to begin; receives the next held range
 *
 * Context: any. The area may change between two steps.
 * Return: true with @held set; false when nothing more is held.
 */
bool cma_hold_next_held(struct cma *cma, struct cma_held_range *held)
{
	while (held->range.start < cma->range.end)
		if (cma_hold_step_held(cma, held))
			return true;
	return false;
}

/* Looks at one step at most, and moves the start of @rest to the end of it or of the gap. */
static bool cma_hold_step_gap(struct cma *cma, struct cma_range *rest,
			      struct cma_range *gap)
{
	struct cma_range slots = cma_hold_slots(cma, *rest);
	unsigned long next = (slots.start - cma->range.start) >> cma->taken.order;
	unsigned long end = (slots.end - cma->range.start) >> cma->taken.order;
	struct cma_bitmap part = cma_hold_part(&cma->taken, next);
	unsigned long flags;
	bool found;

	part.count = min(part.count, end);
	spin_lock_irqsave(&cma->lock, flags);
	found = cma_bitmap_next_clear_run(&part, &next, gap);
	spin_unlock_irqrestore(&cma->lock, flags);
	if (!found)
		next = part.count;
	*gap = cma_range_and(*gap, *rest);
	rest->start = min(part.base_pfn + (next << part.order), rest->end);
	return found;
}

/**
 * cma_hold_next_gap() - step through the runs of slots that are not taken
 * @cma: an active area
 * @rest: where to look; its start moves to the end of the gap
 * @gap: receives the pages of the gap that lie in @rest
 *
 * Context: any. The area may change between two steps, and while a long gap is
 * measured.
 * Return: true with @gap set; false when no gap is left.
 */
bool cma_hold_next_gap(struct cma *cma, struct cma_range *rest,
		       struct cma_range *gap)
{
	struct cma_range end, more = {};

	*gap = more;
	do {
		if (rest->start >= rest->end)
			return false;
	} while (!cma_hold_step_gap(cma, rest, gap));
	for (end = *rest; end.start < end.end; *rest = end) {
		if (!cma_hold_step_gap(cma, &end, &more) ||
		    more.start != gap->end)
			break;
		gap->end = more.end;
	}
	return true;
}

/**
 * cma_hold_largest_gap() - find the longest run of slots that are not taken
 * @cma: an active area
 *
 * Context: process context; sleeps. The area may change meanwhile.
 * Return: the pages, none when all slots are taken.
 */
struct cma_range cma_hold_largest_gap(struct cma *cma)
{
	struct cma_range largest = {}, rest = cma->range, gap;

	while (cma_hold_next_gap(cma, &rest, &gap)) {
		if (cma_range_len(gap) > cma_range_len(largest))
			largest = gap;
		cond_resched();
	}
	return largest;
}

/**
 * cma_hold_copy() - take a snapshot of which slots are taken
 * @cma: an active area
 * @copy: receives it; its bits are to be freed with kvfree()
 *
 * Context: process context; sleeps. A large area may change meanwhile.
 * Return: 0, or -ENOMEM.
 */
int cma_hold_copy(struct cma *cma, struct cma_bitmap *copy)
{
	unsigned long slot;

	*copy = cma->taken;
	copy->bits = kvmalloc_array(BITS_TO_LONGS(copy->count), sizeof(long),
				    GFP_KERNEL);
	if (!copy->bits)
		return -ENOMEM;
	for (slot = 0; slot < copy->count; slot += CMA_HOLD_STEP) {
		unsigned long bits = min(copy->count - slot, CMA_HOLD_STEP);

		spin_lock_irq(&cma->lock);
		bitmap_copy(copy->bits + BIT_WORD(slot),
			    cma->taken.bits + BIT_WORD(slot), bits);
		spin_unlock_irq(&cma->lock);
	}
	return 0;
}
