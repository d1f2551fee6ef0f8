// SPDX-License-Identifier: GPL-2.0
/*
 * From a demand to a window that is held, see obtain.h.
 *
 *   probe	take the first window if it is free
 *   survey	look at the area, try the cheapest windows
 *   sweep	try every window, since a look can be wrong; decides between
 *		"no room" and "busy"
 *   wait	what is busy is often so for a moment only; then sweep again
 *
 * A window is claimed while it is tried, so that nobody else does.
 */
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/clock.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <trace/events/cma.h>

#include "cma.h"
#include "engine.h"
#include "hold.h"

/* Windows tried because they look good. */
#define CMA_SEARCH_TRIES 4
/* Waits before it is called busy; the first is this long, each other twice. */
#define CMA_SEARCH_WAITS 3
#define CMA_SEARCH_WAIT	msecs_to_jiffies(20)

/* What a caller may ask for; placement flags have no meaning for a window. */
#define CMA_GFP_RECLAIM	(__GFP_IO | __GFP_FS | __GFP_RECLAIM)
#define CMA_GFP_ACTION	(__GFP_COMP | __GFP_RETRY_MAYFAIL | __GFP_NORETRY | \
			 __GFP_NOWARN | __GFP_ZERO | __GFP_ZEROTAGS | \
			 __GFP_SKIP_ZERO | __GFP_SKIP_KASAN)
#define CMA_GFP_IGNORED	(GFP_ZONEMASK | __GFP_RECLAIMABLE | __GFP_WRITE | \
			 __GFP_HARDWALL | __GFP_THISNODE | __GFP_MOVABLE)

/**
 * struct cma_search - one demand on its way
 * @survey: where to look
 * @evac: what it takes to empty a window
 * @demand: what is wanted
 * @result: what comes of it. Once it is starved, only a free window will do
 */
struct cma_search {
	struct cma_survey survey;
	struct cma_evacuation evac;
	const struct cma_demand *demand;
	struct cma_search_result *result;
};

/* The time since then was spent in a phase. */
static void cma_search_account_time(struct cma_search *search, enum cma_phase phase,
				    u64 since)
{
	u64 ns = cma_stat_since(since);

	search->result->effort.ns[phase] += ns;
	trace_cma_alloc_phase(search->survey.cma->name, phase, ns);
}

/* As the trace event has them. */
static_assert(CMA_PHASE_ALLOC == 0 && CMA_PHASE_SURVEY == 1 &&
	      CMA_PHASE_EVACUATE == 2 && CMA_PHASE_WAIT == 3);

static bool cma_search_gfp_is_valid(gfp_t gfp)
{
	return !(gfp & ~(CMA_GFP_RECLAIM | CMA_GFP_ACTION | CMA_GFP_IGNORED));
}

static void cma_search_note_busy(const struct cma_search *search)
{
	const struct cma_demand *demand = search->demand;
	unsigned long pfn = search->evac.range.start;

	search->result->effort.busy++;
	search->result->blocker = search->evac.blocker;
	search->result->isolation_failed = search->evac.isolation_failed;
	trace_cma_alloc_blocker(search->survey.cma->name,
				pfn_to_page(search->evac.blocker));
	trace_cma_alloc_busy_retry(search->survey.cma->name, pfn,
				   pfn_to_page(pfn), demand->nr_pages,
				   demand->align);
}

static void cma_search_note_window(struct cma_search *search,
				   struct cma_range range, int err)
{
	search->result->effort.windows++;
	trace_cma_alloc_window(search->survey.cma->name, range.start,
			       cma_range_len(range), err);
}

/* From taken to held. */
static void cma_search_begin_hold(struct cma_search *search, struct cma_range range)
{
	gfp_t gfp = search->evac.gfp & ~CMA_GFP_IGNORED;

	cma_buddy_prepare(range, gfp);
	cma_hold_begin(search->survey.cma, range, search->result->record);
}

/* The first window, if it is free; -EAGAIN if it is not. */
static int cma_search_try_first(struct cma_search *search)
{
	struct cma_window *window = &search->survey.window;
	struct cma *cma = search->survey.cma;
	int err;

	if (!cma_hold_lock_next(cma, window))
		return -ENOMEM;
	search->evac.range = window->range;
	err = cma_buddy_isolate(window->range, &search->evac.blocker);
	cma_search_note_window(search, window->range, err);
	if (!err) {
		cma_search_begin_hold(search, window->range);
		return 0;
	}
	cma_hold_unlock(cma, window->range);
	cma_window_rewind(window);
	return -EAGAIN;
}

/*
 * To find half way that there is no memory to move to would be worse than not to
 * begin: nothing would be left for others.
 */
static int cma_search_evacuate(struct cma_search *search,
			       struct cma_range range)
{
	struct cma_search_result *result = search->result;
	u64 since = local_clock();
	int err = -ENOMEM;

	if (!result->starved && cma_targets_exist(cma_range_len(range)))
		err = cma_evacuate(search->survey.cma, &search->evac);
	result->starved |= err == -ENOMEM;
	cma_search_account_time(search, CMA_PHASE_EVACUATE, since);
	return err;
}

/* Another window may do: one that is not blocked, or one that is free. */
static bool cma_search_should_continue(int err)
{
	return err == -EBUSY || err == -ENOMEM;
}

/* A window that is claimed: held after this, or not claimed any more. */
static int cma_search_try_window(struct cma_search *search, struct cma_range range)
{
	struct cma_evacuation *evac = &search->evac;
	struct cma *cma = search->survey.cma;
	int err;

	evac->range = range;
	err = cma_buddy_isolate(range, &evac->blocker);
	if (err)
		err = cma_search_evacuate(search, range);
	cma_search_note_window(search, range, err);
	if (!err) {
		cma_search_begin_hold(search, range);
		return 0;
	}
	cma_hold_unlock(cma, range);
	if (err == -EBUSY)
		cma_search_note_busy(search);
	if (cma_search_should_continue(err))
		cma_window_skip_past(&search->survey.window, evac->blocker);
	return err;
}

/* The cheapest windows; -EAGAIN when it takes a sweep to tell. */
static int cma_search_try_cheapest(struct cma_search *search)
{
	int tries = CMA_SEARCH_TRIES;
	struct cma_range range;

	while (tries--) {
		u64 since = local_clock();
		bool found = cma_search_next_cheapest(&search->survey, &range);
		int err;

		cma_search_account_time(search, CMA_PHASE_SURVEY, since);
		if (!found)
			break;
		if (!cma_hold_trylock(search->survey.cma, range))
			continue;
		err = cma_search_try_window(search, range);
		if (!cma_search_should_continue(err))
			return err;
	}
	return -EAGAIN;
}

/* Window after window; -ENOMEM when there was none to try. */
static int cma_search_try_all(struct cma_search *search)
{
	struct cma_window *window = &search->survey.window;
	int err = -ENOMEM;

	search->evac.thorough = true;
	cma_window_rewind(window);
	while (cma_hold_lock_next(search->survey.cma, window)) {
		err = cma_search_try_window(search, window->range);
		if (!cma_search_should_continue(err))
			return err;
		if (fatal_signal_pending(current))
			return -EINTR;
	}
	return search->result->starved ? -ENOMEM : err;
}

static bool cma_search_may_wait(const struct cma_demand *demand)
{
	return (demand->gfp & __GFP_DIRECT_RECLAIM) &&
	       !(demand->gfp & (__GFP_NOWARN | __GFP_NORETRY));
}

static int cma_search_retry(struct cma_search *search)
{
	long wait = CMA_SEARCH_WAIT;
	int waits = CMA_SEARCH_WAITS;
	int err = cma_search_try_all(search);

	if (!cma_search_may_wait(search->demand))
		return err;
	for (; err == -EBUSY && waits; waits--, wait *= 2) {
		u64 since = local_clock();

		search->result->effort.waits++;
		schedule_timeout_killable(wait);
		cma_search_account_time(search, CMA_PHASE_WAIT, since);
		if (fatal_signal_pending(current))
			return -EINTR;
		err = cma_search_try_all(search);
	}
	return err;
}

static int cma_search_run(struct cma_search *search)
{
	const struct cma_demand *demand = search->demand;
	struct cma *cma = search->survey.cma;
	int err;

	if (!cma_area_is_active(cma) ||
	    !cma_search_gfp_is_valid(search->evac.gfp))
		return -EINVAL;
	err = cma_window_init(&search->survey.window, &cma->taken,
			      demand->nr_pages, demand->align);
	if (err)
		return err;
	err = cma_search_try_first(search);
	if (err == -EAGAIN)
		err = cma_search_try_cheapest(search);
	if (err == -EAGAIN)
		err = cma_search_retry(search);
	cma_search_free_costs(&search->survey);
	return err;
}

/**
 * cma_search_pages() - find pages for a demand, and have them
 * @cma: the area
 * @demand: what is wanted
 * @result: receives the pages, or what is known of the failure
 *
 * Context: process context; sleeps. Waits for pages that are busy, up to some
 * hundred milliseconds, unless the demand is not to warn, retry or reclaim.
 * Return: 0; -ENOMEM when there is no room among what drivers hold, or no
 * memory to move pages to; -EBUSY when pages would not move; -EINTR after a
 * fatal signal; -EINVAL when the demand makes no sense or the area is dead.
 */
int cma_search_pages(struct cma *cma, const struct cma_demand *demand,
		     struct cma_search_result *result)
{
	struct cma_search search = {
		.survey.cma = cma,
		.survey.gfp = current_gfp_context(demand->gfp) &
			      CMA_GFP_RECLAIM,
		.evac.gfp = current_gfp_context(demand->gfp),
		.evac.range = { ULONG_MAX, ULONG_MAX },
		.demand = demand,
		.result = result,
	};
	u64 since = local_clock();
	int err;

	*result = (struct cma_search_result){ .record = result->record };
	err = cma_search_run(&search);
	result->range = search.evac.range;
	result->effort.moved = search.evac.moved;
	result->effort.reclaimed = search.evac.reclaimed;
	cma_search_account_time(&search, CMA_PHASE_ALLOC, since);
	return err;
}

/*
 * The cheapest window, see survey.h.
 *
 * Windows smaller than a pageblock are looked at side by side, larger ones
 * from each pageblock on: what a pageblock costs is then found out once, and
 * added up for each window that contains it. A window with a page that looks
 * stuck is left out, along with all others that contain this page. What is
 * missed like that, an exhaustive search finds.
 */

/* What it costs, in looks, to begin moving pages at all. */
#define CMA_SEARCH_START 1000UL
/* What it is worth not to leave a gap on both sides of what is allocated. */
#define CMA_SEARCH_SPLIT 1000UL
/* What it costs to find the next window, and to begin looking at it. */
#define CMA_SEARCH_STEP	10UL
/* Looking may take this fraction of what the best window so far would. */
#define CMA_SEARCH_SHARE 32UL

/**
 * struct cma_search_cost - what is known of one pageblock
 * @cost: of emptying it as a whole
 * @unmovable: first pfn that looks stuck; ULONG_MAX for none
 * @seen: the rest is valid
 */
struct cma_search_cost {
	unsigned long cost;
	unsigned long unmovable;
	bool seen;
};

static struct cma_search_cost cma_search_scan_part(struct cma_survey *survey,
						   struct cma_range part)
{
	struct cma_scan scan;

	cma_scan_range(&scan, part);
	survey->looked += scan.looked;
	return (struct cma_search_cost){
		.cost = cma_scan_cost(&scan),
		.unmovable = cma_scan_has_unmovable(&scan) ? scan.unmovable_end - 1 :
						    ULONG_MAX,
		.seen = true,
	};
}

static void cma_search_alloc_costs(struct cma_survey *survey)
{
	unsigned long count = cma_range_len(survey->cma->range) >>
			      pageblock_order;

	if (!survey->blocks)
		survey->blocks = kvcalloc(count, sizeof(*survey->blocks),
					  survey->gfp | __GFP_NOWARN |
					  __GFP_NORETRY);
}

/* @part: a pageblock, or as much of one as the window has. */
static struct cma_search_cost cma_search_part_cost(struct cma_survey *survey,
						   struct cma_range part)
{
	unsigned long number = (part.start - survey->cma->range.start) >>
			       pageblock_order;
	struct cma_search_cost *known;

	if (cma_range_len(part) < pageblock_nr_pages || !survey->blocks)
		return cma_search_scan_part(survey, part);
	known = &survey->blocks[number];
	if (!known->seen)
		*known = cma_search_scan_part(survey, part);
	return *known;
}

/*
 * Cost of the window in hand, ULONG_MAX when it is stuck. Backwards, because
 * the last page that is stuck says how far the search can jump.
 */
static unsigned long cma_search_window_cost(struct cma_survey *survey)
{
	struct cma_range range = survey->window.range;
	unsigned long cost = survey->window.splits ? CMA_SEARCH_SPLIT : 0;

	survey->looked += CMA_SEARCH_STEP;
	while (range.end > range.start) {
		struct cma_range part = range;
		struct cma_search_cost seen;

		part.start = max(range.start,
				 pageblock_start_pfn(range.end - 1));
		seen = cma_search_part_cost(survey, part);
		if (seen.unmovable != ULONG_MAX) {
			cma_window_skip_past(&survey->window, seen.unmovable);
			return ULONG_MAX;
		}
		cost += seen.cost;
		range.end = part.start;
	}
	return cost;
}

static void cma_search_step(struct cma_survey *survey)
{
	struct cma_range range = survey->window.range;
	unsigned long behind = range.end;

	if (cma_range_len(range) >= pageblock_nr_pages)
		behind = pageblock_end_pfn(range.start);
	cma_window_skip_past(&survey->window, behind - 1);
}

/* Is it worth it to go on looking for a better one? */
static bool cma_search_is_worthwhile(const struct cma_survey *survey,
				     unsigned long best)
{
	return best == ULONG_MAX ||
	       survey->looked < (best + CMA_SEARCH_START) / CMA_SEARCH_SHARE;
}

/**
 * cma_search_next_cheapest() - find the cheapest window
 * @survey: the search; nothing is claimed
 * @range: receives the window
 *
 * Context: process context; sleeps.
 * Return: true when there is a window in which nothing looks stuck.
 */
bool cma_search_next_cheapest(struct cma_survey *survey, struct cma_range *range)
{
	unsigned long begin = survey->window.next;
	unsigned long best = ULONG_MAX;

	survey->looked = 0;
	while (best && cma_search_is_worthwhile(survey, best) &&
	       cma_hold_next_window(survey->cma, &survey->window)) {
		unsigned long cost = cma_search_window_cost(survey);

		if (cost < best) {
			best = cost;
			*range = survey->window.range;
		}
		if (cost && cost != ULONG_MAX)
			cma_search_step(survey);
		if (survey->window.nr_pages > pageblock_nr_pages)
			cma_search_alloc_costs(survey);
		cond_resched();
	}
	survey->window.next = begin;
	return best != ULONG_MAX;
}

/**
 * cma_search_free_costs() - forget what was seen
 * @survey: the search
 *
 * Context: process context.
 */
void cma_search_free_costs(struct cma_survey *survey)
{
	kvfree(survey->blocks);
	survey->blocks = NULL;
}
