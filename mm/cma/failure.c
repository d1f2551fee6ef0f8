// SPDX-License-Identifier: GPL-2.0
/*
 * Finding out why an allocation failed, see failure.h.
 */
#include <linux/cma.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/clock.h>
#include <linux/slab.h>

#include "cma.h"
#include "failure.h"
#include "hold.h"
#include "engine.h"

/**
 * cma_failures_new() - make room for the last failures of an area
 *
 * Context: process context; sleeps.
 * Return: the room, or NULL without memory; failures are not kept then.
 */
struct cma_failures *cma_failures_new(void)
{
	struct cma_failures *failures = kzalloc(sizeof(*failures), GFP_KERNEL);

	if (failures)
		spin_lock_init(&failures->lock);
	return failures;
}

/* No window was found between what is held. */
static enum cma_fail_cause cma_failure_no_room(struct cma *cma,
					       const struct cma_demand *demand)
{
	unsigned long pages = cma_range_len(cma->range), next = 0;
	unsigned long available = 0;
	struct cma_window window;
	struct cma_range gap;

	if (cma_window_init(&window, &cma->taken, demand->nr_pages,
			    demand->align) || demand->nr_pages > pages)
		return CMA_FAIL_TOO_BIG;
	while (cma_hold_next_gap(cma, &next, &gap)) {
		available += cma_range_len(gap);
		cond_resched();
	}
	return available < demand->nr_pages ? CMA_FAIL_FULL : CMA_FAIL_FRAGMENTED;
}

/**
 * cma_failure_cause() - why did it fail?
 * @cma: the area
 * @demand: what was wanted
 * @err: errno that cma_search_pages() returned
 * @result: what it told
 *
 * Context: process context; sleeps.
 * Return: the cause.
 */
enum cma_fail_cause cma_failure_cause(struct cma *cma,
				      const struct cma_demand *demand, int err,
				 const struct cma_search_result *result)
{
	if (err == -EBUSY)
		return CMA_FAIL_BUSY;
	if (err == -EINTR)
		return CMA_FAIL_INTERRUPTED;
	if (err != -ENOMEM)
		return CMA_FAIL_INVALID;
	return result->starved ? CMA_FAIL_NO_MEMORY :
				  cma_failure_no_room(cma, demand);
}

/**
 * cma_failure_fill() - note what costs little to know
 * @failure: receives it; its err and cause are set
 * @cma: the area
 * @demand: what the current task wanted
 * @result: what came of it
 *
 * Context: process context.
 */
void cma_failure_fill(struct cma_failure *failure, struct cma *cma,
		      const struct cma_demand *demand,
		      const struct cma_search_result *result)
{
	failure->at = local_clock();
	failure->nr_pages = demand->nr_pages;
	failure->align = demand->align;
	failure->effort = result->effort;
	failure->held = cma_stat_held(&cma->stat);
	failure->is_examined = false;
	cma_holder_set(&failure->asker, demand);
	failure->gap = cma_hold_largest_gap(cma);
}

static void cma_failure_add_holder(struct cma_failure *failure,
				   const struct cma_held_range *piece)
{
	if (piece->is_known)
		failure->holders[failure->nr_holders++] =
			piece->record.holder;
}

static void cma_failure_find_largest(struct cma_failure *failure,
				     struct cma *cma)
{
	struct cma_held_range piece = { .range.start = cma->range.start };
	struct cma_held_range largest = {};

	for (; cma_hold_next_held(cma, &piece);
	     piece.range.start = piece.range.end) {
		if (cma_range_len(piece.range) > cma_range_len(largest.range))
			largest = piece;
		cond_resched();
	}
	failure->most = cma_range_len(largest.range);
	cma_failure_add_holder(failure, &largest);
}

/* The last slot before it may be held in part only. */
static void cma_failure_find_left(struct cma_failure *failure,
				  struct cma *cma)
{
	unsigned long slot_pages = 1UL << cma->taken.order;
	struct cma_held_range piece = {
		.range.start = failure->gap.start - slot_pages,
	};
	struct cma_held_range left = {};

	while (cma_hold_next_held(cma, &piece) &&
	       piece.range.start < failure->gap.start) {
		left = piece;
		piece.range.start = piece.range.end;
	}
	cma_failure_add_holder(failure, &left);
}

/* Who is on either side of the gap that was not large enough? */
static void cma_failure_find_neighbours(struct cma_failure *failure,
					struct cma *cma)
{
	struct cma_held_range right = { .range.start = failure->gap.end };

	if (!cma_range_len(failure->gap))
		return;
	if (failure->gap.start > cma->range.start)
		cma_failure_find_left(failure, cma);
	if (failure->gap.end < cma->range.end &&
	    cma_hold_next_held(cma, &right))
		cma_failure_add_holder(failure, &right);
}

static void cma_failure_find_blocker(struct cma_failure *failure,
				     const struct cma_search_result *result)
{
	if (result->isolation_failed)
		failure->blocker = (struct cma_blocker){
			.pfn = result->blocker,
			.kind = CMA_PAGE_ISOLATED,
		};
	else
		cma_blocker_examine(&failure->blocker, result->blocker);
}

static unsigned long cma_failure_free_pages(struct cma *cma)
{
	struct cma_range block = cma->range;
	unsigned long nr_free = 0;

	while (block.start < cma->range.end) {
		block.end = block.start + pageblock_nr_pages;
		nr_free += cma_scan_pageblock(cma, block).free;
		block.start = block.end;
		cond_resched();
	}
	return nr_free;
}

/**
 * cma_failure_examine() - find out what takes a look at all of the area
 * @failure: filled; receives it
 * @cma: the area
 * @result: what came of the demand
 *
 * Context: process context; sleeps.
 */
void cma_failure_examine(struct cma_failure *failure, struct cma *cma,
			 const struct cma_search_result *result)
{
	failure->nr_holders = 0;
	if (failure->cause == CMA_FAIL_FULL)
		cma_failure_find_largest(failure, cma);
	else if (failure->cause == CMA_FAIL_FRAGMENTED)
		cma_failure_find_neighbours(failure, cma);
	else if (failure->cause == CMA_FAIL_BUSY)
		cma_failure_find_blocker(failure, result);
	failure->free = cma_failure_free_pages(cma);
	failure->is_examined = true;
}

/**
 * cma_failure_keep() - keep a failure for those who ask later
 * @cma: the area
 * @failure: what is known of it; copied
 *
 * Context: interrupts are on.
 */
void cma_failure_keep(struct cma *cma, const struct cma_failure *failure)
{
	struct cma_failures *failures = cma->failures;

	if (!failures)
		return;
	spin_lock(&failures->lock);
	failures->last[failures->count++ % CMA_FAILURES] = *failure;
	spin_unlock(&failures->lock);
}

/**
 * cma_failure_get() - look at one of the last failures
 * @cma: the area
 * @number: 0 for the oldest that is kept
 * @failure: receives a copy
 *
 * Context: interrupts are on.
 * Return: true when there are as many.
 */
bool cma_failure_get(struct cma *cma, unsigned int number,
		     struct cma_failure *failure)
{
	struct cma_failures *failures = cma->failures;
	unsigned long first = 0;
	bool found;

	if (!failures)
		return false;
	spin_lock(&failures->lock);
	if (failures->count > CMA_FAILURES)
		first = failures->count - CMA_FAILURES;
	found = first + number < failures->count;
	if (found)
		*failure = failures->last[(first + number) % CMA_FAILURES];
	spin_unlock(&failures->lock);
	return found;
}
