// SPDX-License-Identifier: GPL-2.0
/*
 * From a demand to a window that is held.
 *
 *   tightest	take the window that leaves little of its gap, if it is free
 *   ready	take one of what is ready
 *   cheapest	scan the area, try the windows that cost least to empty; but before
 *		the first one is emptied, look into the free lists for one that lies
 *		where the scan did not come to
 *   all	try every window, since a scan can be wrong; after that it is known
 *		whether there is no room or all windows are busy, or locked by
 *		others for now
 *   retry	what is busy is often so for a moment only: wait, try all again,
 *		for a second in all
 *
 * The search locks a window while it tries it, so that nobody else tries it.
 */
#include <kunit/visibility.h>
#include <linux/align.h>
#include <linux/limits.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/clock.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/swap.h>
#include <linux/vmstat.h>
#include <trace/events/cma.h>

#include "cma.h"
#include "engine.h"
#include "hold.h"

/* How many of the cheapest windows are tried. */
#define CMA_SEARCH_TRIES 4
/*
 * What a request may spend on waits, and on windows that turn out to be busy,
 * once all windows were tried; and how much of it on one window.
 */
#define CMA_SEARCH_PATIENCE_NS	NSEC_PER_SEC
#define CMA_SEARCH_WINDOW_NS	(100 * NSEC_PER_MSEC)
/* The first wait before all windows are tried again; each is twice the last. */
#define CMA_SEARCH_WAIT_MS 20

/* What it costs to scan a page, to reclaim a clean one, to migrate one. */
#define CMA_SEARCH_SCAN		1UL
#define CMA_SEARCH_RECLAIM	16UL
#define CMA_SEARCH_RECLAIM_LARGE 2UL
#define CMA_SEARCH_MIGRATE	80UL
/* In the same unit: what it costs to begin to evacuate at all. */
#define CMA_SEARCH_START 1000UL
/* The same for a window that leaves a gap on either side. */
#define CMA_SEARCH_SPLIT 1000UL
/* The same for a drain of the batches of all CPUs. */
#define CMA_SEARCH_DRAIN (1000UL * CMA_SEARCH_MIGRATE)
/* The same for finding the next window, and for beginning to scan it. */
#define CMA_SEARCH_STEP	10UL
/*
 * Scanning may cost this fraction of what the best window costs so far; and this
 * one while so much is free that a window may be.
 */
#define CMA_SEARCH_SHARE 32UL
#define CMA_SEARCH_SHARE_FREE 4UL

/* What a caller may ask for; placement flags have no meaning for a window. */
#define CMA_GFP_RECLAIM	(__GFP_IO | __GFP_FS | __GFP_RECLAIM)
#define CMA_GFP_ACTION	(__GFP_COMP | __GFP_RETRY_MAYFAIL | __GFP_NORETRY | \
			 __GFP_NOWARN | __GFP_ZERO | __GFP_ZEROTAGS | \
			 __GFP_SKIP_ZERO | __GFP_SKIP_KASAN)
#define CMA_GFP_IGNORED	(GFP_ZONEMASK | __GFP_RECLAIMABLE | __GFP_WRITE | \
			 __GFP_HARDWALL | __GFP_THISNODE | __GFP_MOVABLE)

/* The trace event has the phases as these numbers. */
static_assert(CMA_PHASE_ALLOC == 0 && CMA_PHASE_SURVEY == 1 &&
	      CMA_PHASE_EVACUATE == 2 && CMA_PHASE_WAIT == 3);

/**
 * struct cma_search_cost - what is known of one pageblock
 * @cost: of emptying it as a whole
 * @unmovable: first pfn that seems unmovable; ULONG_MAX for none
 * @batched: it has pages in batches
 * @is_known: the other members are valid
 */
struct cma_search_cost {
	unsigned long cost;
	unsigned long unmovable;
	bool batched;
	bool is_known;
};

/* At least 1, because 0 stands for a phase that did not happen. */
static u64 cma_search_ns(u64 since)
{
	return max_t(s64, local_clock() - since, 1);
}

static void cma_search_account_time(struct cma_search *search,
				    enum cma_phase phase, u64 since)
{
	u64 ns = cma_search_ns(since);

	search->result.effort.ns[phase] += ns;
	trace_cma_alloc_phase(search->cma->name, phase, ns);
}

static void cma_search_use_patience(struct cma_search *search, u64 since)
{
	search->patience_ns -= min(search->patience_ns, cma_search_ns(since));
}

/*
 * The cheapest window.
 *
 * Windows smaller than a pageblock are scanned side by side, larger ones from
 * each pageblock on: what a pageblock costs is then found out once, and added up
 * for each window that contains it. A window with a page that seems unmovable is
 * left out, along with all others that contain this page. What is missed like
 * that, the search of all windows finds.
 */
/* Up to what seems unmovable; 0 when all that is left to do is to isolate. */
VISIBLE_IF_KUNIT unsigned long cma_search_scan_cost(const struct cma_scan *scan)
{
	return scan->idle * CMA_SEARCH_SCAN +
	       (scan->clean - scan->clean_large) * CMA_SEARCH_RECLAIM +
	       scan->clean_large * CMA_SEARCH_RECLAIM_LARGE +
	       scan->moved * CMA_SEARCH_MIGRATE;
}

static struct cma_search_cost cma_search_scan_part(struct cma_search *search,
						   struct cma_range part)
{
	struct cma_search_cost cost = { .is_known = true };
	struct cma_scan scan;

	cma_scan_range(&scan, part, search->evac.lru_drained);
	search->scanned += scan.looked;
	cost.cost = cma_search_scan_cost(&scan);
	cost.batched = scan.batched;
	cost.unmovable = cma_scan_has_unmovable(&scan) ?
			 scan.unmovable_end - 1 : ULONG_MAX;
	return cost;
}

static void cma_search_alloc_costs(struct cma_search *search)
{
	unsigned long count = cma_range_len(search->cma->range) >>
			      pageblock_order;
	gfp_t gfp = search->evac.gfp & CMA_GFP_RECLAIM;

	if (!search->costs)
		search->costs = kvcalloc(count, sizeof(*search->costs),
					 gfp | __GFP_NOWARN | __GFP_NORETRY);
}

/* @part: a pageblock, or as much of one as the window has. */
static struct cma_search_cost cma_search_part_cost(struct cma_search *search,
						   struct cma_range part)
{
	unsigned long number = (part.start - search->cma->range.start) >>
			       pageblock_order;
	struct cma_search_cost *known;

	if (cma_range_len(part) < pageblock_nr_pages || !search->costs)
		return cma_search_scan_part(search, part);
	known = &search->costs[number];
	if (!known->is_known)
		*known = cma_search_scan_part(search, part);
	return *known;
}

/*
 * Cost of the current window, ULONG_MAX when a page in it seems unmovable.
 * Backwards: the last such page says how far the search can jump. A drain costs
 * the same for one page in a batch as for many.
 */
static unsigned long cma_search_window_cost(struct cma_search *search,
					    bool *batched)
{
	struct cma_range rest = search->window.range;
	unsigned long cost = search->window.splits ? CMA_SEARCH_SPLIT : 0;

	*batched = false;
	search->scanned += CMA_SEARCH_STEP;
	while (rest.end > rest.start) {
		struct cma_range part = rest;
		struct cma_search_cost known;

		part.start = max(rest.start,
				 pageblock_start_pfn(rest.end - 1));
		known = cma_search_part_cost(search, part);
		if (known.unmovable != ULONG_MAX) {
			cma_window_skip_past(&search->window, known.unmovable);
			return ULONG_MAX;
		}
		cost += known.cost;
		*batched |= known.batched;
		rest.end = part.start;
	}
	return *batched ? cost + CMA_SEARCH_DRAIN : cost;
}

static void cma_search_step(struct cma_search *search)
{
	struct cma_range range = search->window.range;
	unsigned long end = range.end;

	if (cma_range_len(range) >= pageblock_nr_pages)
		end = pageblock_end_pfn(range.start);
	cma_window_skip_past(&search->window, end - 1);
}

/* The free pages of all areas of the zone; a few left here and there do not count. */
static unsigned long cma_search_share(const struct cma_search *search)
{
	struct zone *zone = page_zone(pfn_to_page(search->cma->range.start));
	unsigned long enough = search->window.nr_pages + pageblock_nr_pages / 2;

	return zone_page_state(zone, NR_FREE_CMA_PAGES) < enough ?
	       CMA_SEARCH_SHARE : CMA_SEARCH_SHARE_FREE;
}

/* Can a better window save more than it costs to go on scanning? */
static bool cma_search_is_worthwhile(const struct cma_search *search,
				     unsigned long best, unsigned long share)
{
	return best == ULONG_MAX ||
	       search->scanned < (best + CMA_SEARCH_START) / share;
}

/* Finds the cheapest window, and locks nothing; false when there is none. */
VISIBLE_IF_KUNIT bool cma_search_next_cheapest(struct cma_search *search,
					       struct cma_range *range)
{
	unsigned long share = cma_search_share(search);
	unsigned long begin = search->window.next;
	unsigned long best = ULONG_MAX;

	search->scanned = 0;
	while (best && cma_search_is_worthwhile(search, best, share) &&
	       cma_hold_next_window(search->cma, &search->window, false)) {
		bool batched;
		unsigned long cost = cma_search_window_cost(search, &batched);

		if (cost < best) {
			best = cost;
			*range = search->window.range;
			search->evac.batched = batched;
		}
		if (cost && cost != ULONG_MAX)
			cma_search_step(search);
		if (search->window.nr_pages > pageblock_nr_pages)
			cma_search_alloc_costs(search);
		cond_resched();
	}
	search->window.next = begin;
	search->cost = best;
	return best != ULONG_MAX;
}

VISIBLE_IF_KUNIT void cma_search_free_costs(struct cma_search *search)
{
	kvfree(search->costs);
	search->costs = NULL;
}

static bool cma_search_gfp_is_valid(gfp_t gfp)
{
	return !(gfp & ~(CMA_GFP_RECLAIM | CMA_GFP_ACTION | CMA_GFP_IGNORED));
}

static void cma_search_note_window(struct cma_search *search,
				   struct cma_range range, int err)
{
	search->result.range = range;
	search->result.effort.windows++;
	trace_cma_alloc_window(search->cma->name, range.start,
			       cma_range_len(range), err);
}

static void cma_search_note_busy(struct cma_search *search,
				 unsigned long blocker)
{
	const struct cma_demand *demand = search->demand;
	unsigned long pfn = search->result.range.start;

	search->result.effort.busy++;
	search->result.blocker = blocker;
	search->result.isolation_failed = search->evac.isolation_failed;
	trace_cma_alloc_blocker(search->cma->name, pfn_to_page(blocker));
	trace_cma_alloc_busy_retry(search->cma->name, pfn, pfn_to_page(pfn),
				   demand->nr_pages, demand->align);
}

/* What is ready: it may change at any time. */
static struct cma_range cma_search_ready(const struct cma_search *search)
{
	const struct cma_range *window = &search->cma->ready.window;

	return (struct cma_range){ READ_ONCE(window->start), READ_ONCE(window->end) };
}

/* A locked window whose pages are isolated becomes held. */
static void cma_search_begin_hold(struct cma_search *search,
				  struct cma_range range)
{
	struct cma_range ready = cma_search_ready(search);

	search->result.effort.was_ready = range.start >= ready.start &&
					  range.end <= ready.end;
	cma_buddy_prepare(range, search->evac.gfp & ~CMA_GFP_IGNORED);
	cma_hold_begin(search->cma, range, search->record);
	search->record = NULL;
}

/*
 * There is no window. -EBUSY if there would be one but for slots that another
 * allocation or release has locked: that ends, and the slots may be lent again.
 */
static int cma_search_no_window(struct cma_search *search)
{
	const struct cma_demand *demand = search->demand;
	struct cma *cma = search->cma;
	struct cma_window window;
	int err = cma_window_init(&window, &cma->held, demand->nr_pages,
				  demand->align);

	search->result.locked_out = !err &&
				    cma_hold_next_window(cma, &window, false);
	return search->result.locked_out ? -EBUSY : -ENOMEM;
}

/* The caller has locked the window. -EAGAIN when it is not free, and unlocked. */
static int cma_search_try_free(struct cma_search *search, struct cma_range range)
{
	unsigned long blocker;
	int err = cma_buddy_isolate(range, &blocker);

	cma_search_note_window(search, range, err);
	if (!err) {
		cma_search_begin_hold(search, range);
		return 0;
	}
	cma_hold_unlock(search->cma, range);
	return -EAGAIN;
}

/* The window that fills its gap best, if it is free; -EAGAIN if it is not. */
static int cma_search_try_tightest(struct cma_search *search)
{
	struct cma_window *window = &search->window;
	bool found;
	int err;

	window->is_tight = true;
	found = cma_hold_next_window(search->cma, window, true);
	window->is_tight = false;
	if (!found)
		return cma_search_no_window(search);
	err = cma_search_try_free(search, window->range);
	window->next = 0;
	return err;
}

/* A window of what is ready; -EAGAIN if that is not enough. */
static int cma_search_try_ready(struct cma_search *search)
{
	struct cma_range ready = cma_search_ready(search);
	struct cma_window *window = &search->window;
	bool found;

	if (ready.start >= ready.end)
		return -EAGAIN;
	window->next = (ready.start - search->cma->range.start) >> window->map->order;
	found = cma_hold_next_window(search->cma, window, false);
	window->next = 0;
	if (!found || window->range.end > ready.end ||
	    !cma_hold_trylock(search->cma, window->range))
		return -EAGAIN;
	return cma_search_try_free(search, window->range);
}

/*
 * A window that a free chunk has room for; -EAGAIN if there is none, or if the
 * cheapest one costs no more than a gap that is split.
 */
static int cma_search_try_chunk(struct cma_search *search)
{
	const struct cma_window *window = &search->window;
	unsigned int order = order_base_2(max(window->nr_pages,
					      window->align_pages));
	struct cma_range range;

	if (order > MAX_PAGE_ORDER || search->cost <= CMA_SEARCH_SPLIT)
		return -EAGAIN;
	range = cma_range_of(cma_buddy_find_chunk(search->cma->range, order),
			     window->nr_pages);
	if (range.start == ULONG_MAX || !cma_hold_trylock(search->cma, range))
		return -EAGAIN;
	return cma_search_try_free(search, range);
}

/*
 * Memory of programs and of tmpfs. What programs have marked as free is mapped,
 * but reclaim drops it without swap. It is on the lists of page cache, so the
 * lists of anonymous memory are a bound.
 */
static long cma_search_swap_backed(void)
{
	unsigned long mapped = global_node_page_state(NR_ANON_MAPPED) +
			       global_node_page_state(NR_SHMEM);
	unsigned long listed = global_node_page_state(NR_INACTIVE_ANON) +
			       global_node_page_state(NR_ACTIVE_ANON) +
			       global_node_page_state(NR_ISOLATED_ANON) +
			       global_node_page_state(NR_UNEVICTABLE);

	return min(mapped, listed);
}

/*
 * Can there be enough memory to empty a window? What no reclaim can free has to
 * fit beside the window, as far as there is no swap. All else might go, so this
 * says no only where there is no way.
 */
VISIBLE_IF_KUNIT bool cma_search_has_targets(unsigned long nr_pages)
{
	long stays = cma_search_swap_backed() - get_nr_swap_pages() -
		     total_swapcache_pages();

	return stays <= 0 || nr_pages + stays <= totalram_pages();
}

/*
 * An evacuation that cannot finish does not start: if it ran out of migration
 * targets half way, no free memory would be left for anybody.
 */
static int cma_search_evacuate(struct cma_search *search,
			       struct cma_range range)
{
	struct cma_search_result *result = &search->result;
	struct cma_evacuation *evac = &search->evac;
	u64 since = local_clock();
	int err = -ENOMEM;

	evac->range = range;
	evac->patience_ns = min(search->patience_ns, CMA_SEARCH_WINDOW_NS);
	if (!result->starved && cma_search_has_targets(cma_range_len(range))) {
		err = cma_evacuate(search->cma, evac);
		result->effort.moved += evac->moved;
		result->effort.reclaimed += evac->reclaimed;
	}
	result->starved |= err == -ENOMEM;
	cma_search_use_patience(search, since);
	cma_search_account_time(search, CMA_PHASE_EVACUATE, since);
	return err;
}

/* Another window may do: one that is not blocked, or one that is free. */
static bool cma_search_should_continue(int err)
{
	return err == -EBUSY || err == -ENOMEM;
}

/* The caller has locked the window; it is held after this, or unlocked. */
static int cma_search_try_window(struct cma_search *search,
				 struct cma_range range)
{
	unsigned long blocker;
	int err = cma_buddy_isolate(range, &blocker);

	if (err) {
		err = cma_search_evacuate(search, range);
		if (err == -EBUSY)
			blocker = search->evac.blocker;
	}
	cma_search_note_window(search, range, err);
	if (!err) {
		cma_search_begin_hold(search, range);
		return 0;
	}
	cma_hold_unlock(search->cma, range);
	if (err == -EBUSY)
		cma_search_note_busy(search, blocker);
	if (cma_search_should_continue(err))
		cma_window_skip_past(&search->window, blocker);
	return err;
}

/*
 * The batches were drained: what seemed to be in one and was not is known to be
 * unmovable now. If that was all, windows before it may be the cheapest after
 * all, so the search goes back to @begin and has one try more.
 */
static void cma_search_choose_anew(struct cma_search *search,
				   unsigned long begin, int *tries)
{
	cma_search_free_costs(search);
	if (search->evac.moved || search->evac.reclaimed)
		return;
	search->window.next = begin;
	(*tries)++;
}

/* The cheapest windows; -EAGAIN when it takes a try of all to tell. */
static int cma_search_try_cheapest(struct cma_search *search)
{
	int tries = CMA_SEARCH_TRIES;
	struct cma_range range;

	while (tries--) {
		unsigned long begin = search->window.next;
		bool was_drained = search->evac.lru_drained;
		u64 since = local_clock();
		bool found = cma_search_next_cheapest(search, &range);
		int err;

		cma_search_account_time(search, CMA_PHASE_SURVEY, since);
		if (!found)
			break;
		if (tries == CMA_SEARCH_TRIES - 1 &&
		    !cma_search_try_chunk(search))
			return 0;
		if (!cma_hold_trylock(search->cma, range))
			continue;
		err = cma_search_try_window(search, range);
		if (!cma_search_should_continue(err))
			return err;
		if (search->evac.lru_drained != was_drained)
			cma_search_choose_anew(search, begin, &tries);
	}
	return -EAGAIN;
}

/* Window after window. */
static int cma_search_try_all(struct cma_search *search)
{
	struct cma_window *window = &search->window;
	bool was_patient = search->patience_ns;
	int err = 0;

	search->evac.thorough = true;
	search->result.locked_out = false;
	window->next = 0;
	while (cma_hold_next_window(search->cma, window, true)) {
		err = cma_search_try_window(search, window->range);
		if (!cma_search_should_continue(err))
			return err;
		if (fatal_signal_pending(current))
			return -EINTR;
		if (was_patient && !search->patience_ns)
			break;
	}
	if (search->result.starved)
		return -ENOMEM;
	return err ?: cma_search_no_window(search);
}

static bool cma_search_may_wait(const struct cma_demand *demand)
{
	return (demand->gfp & __GFP_DIRECT_RECLAIM) &&
	       !(demand->gfp & __GFP_NORETRY);
}

/* Not longer than there is patience, but for a tick. */
static void cma_search_wait(struct cma_search *search, unsigned int ms)
{
	unsigned long most = nsecs_to_jiffies(search->patience_ns) + 1;
	u64 since = local_clock();

	search->result.effort.waits++;
	schedule_timeout_killable(min(msecs_to_jiffies(ms), most));
	cma_search_use_patience(search, since);
	cma_search_account_time(search, CMA_PHASE_WAIT, since);
}

/* Free windows, then cheap ones; -EAGAIN when it takes a try of all to tell. */
static int cma_search_try_best(struct cma_search *search)
{
	int err;

	search->evac.thorough = false;
	search->window.next = 0;
	cma_search_free_costs(search);
	err = cma_search_try_tightest(search);
	if (err == -EAGAIN)
		err = cma_search_try_ready(search);
	return err == -EAGAIN ? cma_search_try_cheapest(search) : err;
}

/* What others had locked meanwhile can be the best. */
static int cma_search_try_again(struct cma_search *search)
{
	bool was_locked_out = search->result.locked_out;
	int err = -EAGAIN;

	search->result.locked_out = false;
	if (was_locked_out)
		err = cma_search_try_best(search);
	return err == -EAGAIN ? cma_search_try_all(search) : err;
}

/* First what does not block, whatever window it takes; then with patience. */
static int cma_search_retry(struct cma_search *search)
{
	unsigned int wait_ms = CMA_SEARCH_WAIT_MS;
	int err = search->result.locked_out ? -EBUSY :
		  cma_search_try_all(search);

	if (!cma_search_may_wait(search->demand))
		return err;
	search->patience_ns = CMA_SEARCH_PATIENCE_NS;
	while (err == -EBUSY && search->patience_ns) {
		cma_search_wait(search, wait_ms);
		wait_ms *= 2;
		if (fatal_signal_pending(current))
			return -EINTR;
		err = cma_search_try_again(search);
	}
	return err;
}

/* Without a record, nothing tells where pages end inside of a slot. */
static int cma_search_new_record(struct cma_search *search)
{
	const struct cma_demand *demand = search->demand;
	unsigned long slot_pages = 1UL << search->cma->taken.order;

	search->record = cma_hold_new_record(demand);
	search->result.starved = !search->record &&
				 !IS_ALIGNED(demand->nr_pages, slot_pages);
	return search->result.starved ? -ENOMEM : 0;
}

static int cma_search_run(struct cma_search *search)
{
	const struct cma_demand *demand = search->demand;
	int err;

	if (!cma_area_is_active(search->cma) ||
	    !cma_search_gfp_is_valid(search->evac.gfp))
		return -EINVAL;
	if (demand->reach)
		return -ERANGE;
	err = cma_window_init(&search->window, &search->cma->taken,
			      demand->nr_pages, demand->align);
	err = err ?: cma_search_new_record(search);
	if (err)
		return err;
	err = cma_search_try_best(search);
	if (err == -EAGAIN || err == -EBUSY)
		err = cma_search_retry(search);
	kfree(search->record);
	cma_search_free_costs(search);
	return err;
}

/**
 * cma_search_pages() - find pages for a demand, and hold them
 * @cma: the area
 * @demand: what is wanted
 * @result: receives the pages, or what is known of the failure
 *
 * Context: process context; sleeps. Waits for pages that are busy, up to a
 * second, unless the demand is not to retry or not to reclaim.
 * Return: 0; -ENOMEM when there is no room among what drivers hold, or no
 * memory to migrate to or to note the end of pages inside of a slot; -EBUSY when
 * pages would not move, or others had windows locked; -EINTR after a fatal signal;
 * -ERANGE when the device does not reach the area; -EINVAL when the demand makes
 * no sense or the area is not active.
 */
int cma_search_pages(struct cma *cma, const struct cma_demand *demand,
		     struct cma_search_result *result)
{
	struct cma_search search = {
		.cma = cma,
		.demand = demand,
		.evac.gfp = current_gfp_context(demand->gfp),
		.result.range = { ULONG_MAX, ULONG_MAX },
	};
	u64 since = local_clock();
	int err = cma_search_run(&search);

	cma_search_account_time(&search, CMA_PHASE_ALLOC, since);
	*result = search.result;
	return err;
}
