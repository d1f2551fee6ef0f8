// SPDX-License-Identifier: GPL-2.0
/*
 * The border of an area: what of it is not lent, in two degrees.
 *
 *   kept	pages at its start, by the word of the owner: nobody ever borrows them
 *   ready	a window after these that is free for the driver who comes next, as
 *		large as drivers are likely to want; it is lent before anybody has to
 *		do without memory
 *
 * Both are isolated pageblocks, so that nobody can borrow any of them.
 *
 * cma_keep_set() first isolates the pageblocks that are new in the kept part, which
 * takes next to no time. Then it migrates the borrowers out, as far as possible. A
 * borrower that cannot be migrated is not an error: like a page that a driver holds,
 * its page stays in the kept part once it is freed.
 *
 * A group of pageblocks joins what is ready only when it is empty. So each page of
 * the ready window is free, or a driver has it, and then it will be ready again once
 * it is released. A worker lets the window grow by one group after the other, a second
 * after a driver or kswapd was at work; once there is enough, it sleeps. kswapd and the
 * page allocator take a group away where they would have to stall somebody, to swap, or
 * to evict page cache that is in use.
 */
#include <linux/align.h>
#include <linux/cma.h>
#include <linux/compiler.h>
#include <linux/gfp.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/math.h>
#include <linux/memcontrol.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/sysctl.h>
#include <linux/time64.h>
#include <linux/vmstat.h>
#include <linux/workqueue.h>
#include <kunit/visibility.h>
#include <trace/events/cma.h>

#include "../internal.h"
#include "cma.h"
#include "engine.h"
#include "hold.h"
#include "lend.h"

/* The most of an area that is made ready, in percent, and what was set. */
#define CMA_READY_PERCENT	25
/* As long as no driver came: this part of what is not held, while memory is free. */
#define CMA_READY_SHARE		4
/* Where page cache is evicted in any case: this part of the page cache. */
#define CMA_READY_UNASKED	64
/* So many times as much page cache is enough to evict some, and not to go back and forth. */
#define CMA_READY_SURE		2
/* What drivers had at most is forgotten by half in this time. */
#define CMA_READY_HALF_LIFE	(300UL * HZ)
/* The worker waits until kswapd and drivers have done nothing for so long. */
#define CMA_READY_QUIET		HZ
/*
 * Where the window was made smaller, nothing is moved or evicted for so long, but for
 * what drivers had lately.
 */
#define CMA_READY_CALM		(5UL * HZ)
/* It does not take the CPU for longer than that, and pauses as long. */
#define CMA_READY_PAUSE		(HZ / 50UL)
/* The most that is given at a time, in pages. */
#define CMA_READY_GIFT		(SZ_64M >> PAGE_SHIFT)
/* A driver that has come or gone so lately may want more: the CPU is his. */
#define CMA_READY_BUSY		(HZ / 10UL)
/* Drivers that have come or gone so lately come again. */
#define CMA_READY_TURN		(10UL * HZ)
/* It does not try again for so long what could not be emptied. */
#define CMA_READY_BLOCKED	(10UL * HZ)
/* How often somebody who has no other way tries to get a group, a jiffy each. */
#define CMA_READY_TRIES		5
/* How many groups are looked at for a place to go to. */
#define CMA_READY_LOOKS		256

/* The start of the area that is to be isolated to keep so many pages. */
static struct cma_range cma_keep_part(const struct cma *cma,
				      unsigned long nr_pages)
{
	struct cma_range part = cma_range_of(cma->range.start, nr_pages);

	return nr_pages ? cma_pageblock_around(cma, part) : part;
}

/* The piece to lock at once. Small, because an allocation may want the rest. */
static struct cma_range cma_keep_piece(const struct cma *cma,
				       struct cma_range gap)
{
	unsigned long end = ALIGN(pageblock_end_pfn(gap.start),
				  1UL << cma->taken.order);

	return (struct cma_range){ gap.start, min(gap.end, end) };
}

/* Evacuate slots that were not taken a moment ago; -EAGAIN if they are now. */
static int cma_keep_empty_piece(struct cma *cma, struct cma_evacuation *evac)
{
	struct cma_scan scan;
	int err;

	cma_scan_range(&scan, evac->range, true);
	if (cma_scan_is_free(&scan))
		return 0;
	if (!cma_hold_trylock(cma, evac->range))
		return -EAGAIN;
	err = cma_evacuate(cma, evac);
	if (!err)
		cma_buddy_putback(evac->range);
	cma_hold_unlock(cma, evac->range);
	return err;
}

/* Evacuate all that is not taken, as far as pages can be migrated. */
static int cma_keep_empty(struct cma *cma, struct cma_range part)
{
	struct cma_evacuation evac = {
		.gfp = GFP_KERNEL | __GFP_NOWARN,
		.patience_ns = NSEC_PER_SEC,
	};
	struct cma_range rest = {
		.start = part.start,
		.end = ALIGN(part.end, 1UL << cma->taken.order),
	};
	struct cma_range gap;

	rest = cma_range_and(rest, cma->range);
	while (cma_hold_next_gap(cma, &rest, &gap)) {
		int err;

		if (fatal_signal_pending(current))
			return -EINTR;
		evac.range = cma_keep_piece(cma, gap);
		rest.start = evac.range.end;
		err = cma_keep_empty_piece(cma, &evac);
		if (err == -EAGAIN)
			rest.start = gap.start;
		else if (err && err != -EBUSY)
			return err;
		cond_resched();
	}
	return 0;
}

/**
 * struct cma_ready_view - what is free of a part of an area
 * @free: pages
 * @piece: the longest run of them
 */
struct cma_ready_view {
	unsigned long free;
	struct cma_range piece;
};

/* See CMA_READY_PERCENT; 0 for nothing. */
VISIBLE_IF_KUNIT unsigned int cma_ready_percent = CMA_READY_PERCENT;

static void cma_ready_run(struct work_struct *work);
static DECLARE_DELAYED_WORK(cma_ready_work, cma_ready_run);
static struct workqueue_struct *cma_ready_queue __ro_after_init;

/* In so many jiffies, and not before: whatever happens meanwhile. */
static void cma_ready_wake(unsigned long delay)
{
	if (cma_ready_queue)
		mod_delayed_work(cma_ready_queue, &cma_ready_work, delay);
}

static struct cma_ready_view cma_ready_look(struct cma *cma, struct cma_range part)
{
	struct cma_ready_view view = { .piece = cma_range_of(part.end, 0) };
	struct cma_range gap;

	while (cma_hold_next_gap(cma, &part, &gap)) {
		view.free += cma_range_len(gap);
		if (cma_range_len(gap) > cma_range_len(view.piece))
			view.piece = gap;
	}
	return view;
}

/* The most that drivers had lately, as far as it is not forgotten. */
static unsigned long cma_ready_peak(const struct cma *cma, unsigned long held)
{
	unsigned long peak = READ_ONCE(cma->ready.peak);
	unsigned long lives = (jiffies - READ_ONCE(cma->ready.peak_at)) /
			      CMA_READY_HALF_LIFE;

	if (peak <= held)
		return held;
	return held + (lives < BITS_PER_LONG ? (peak - held) >> lives : 0);
}

static unsigned long cma_ready_held(const struct cma *cma)
{
	return min_t(u64, cma_stat_held(&cma->stat), cma_range_len(cma->range));
}

/* What drivers had lately, and do not have now. */
static unsigned long cma_ready_due(const struct cma *cma)
{
	unsigned long held = cma_ready_held(cma);

	return cma_ready_peak(cma, held) - held;
}

/* What drivers are likely to want next; what is kept is theirs already. */
VISIBLE_IF_KUNIT unsigned long cma_ready_wanted(const struct cma *cma)
{
	unsigned long held = cma_ready_held(cma);
	unsigned long peak = cma_ready_peak(cma, held);
	unsigned long wanted = peak - held +
			       (cma_range_len(cma->range) - peak) / CMA_READY_SHARE;

	return wanted - min(wanted, READ_ONCE(cma->kept));
}

/* As much of it as the owner allows. */
static unsigned long cma_ready_most(const struct cma *cma)
{
	unsigned long most = mult_frac(cma_range_len(cma->range),
				       READ_ONCE(cma_ready_percent), 100UL);

	return most - min(most, READ_ONCE(cma->kept));
}

static struct cma_range cma_ready_group(const struct cma *cma, unsigned long pfn)
{
	return cma_pageblock_around(cma, cma_range_of(pfn, 1));
}

/* What is not in the window any more can be borrowed. */
static void cma_ready_cut(struct cma *cma, struct cma_range window)
{
	struct cma_range old = cma->ready.window;

	lockdep_assert_held(&cma->keeping);
	if (old.start < window.start)
		cma_pageblock_unisolate(cma, (struct cma_range){
						old.start, window.start });
	if (window.end < old.end)
		cma_pageblock_unisolate(cma, (struct cma_range){ window.end, old.end });
	WRITE_ONCE(cma->ready.window.start, window.start);
	WRITE_ONCE(cma->ready.window.end, window.end);
}

static void cma_ready_drop(struct cma *cma)
{
	cma_ready_cut(cma, cma_range_of(cma->ready.window.start, 0));
}

static unsigned long cma_ready_free_pages(struct cma *cma, struct cma_range part)
{
	return cma_ready_look(cma, part).free;
}

/*
 * Takes a group from the window, at an end that has free pages: what is held will be
 * ready again. Returns how many were free.
 */
VISIBLE_IF_KUNIT unsigned long cma_ready_give_group(struct cma *cma)
{
	struct cma_range window = cma->ready.window, first, last;
	unsigned long given = 0;

	while (!given && cma_ready_free_pages(cma, window)) {
		first = cma_range_and(cma_ready_group(cma, window.start), window);
		last = cma_range_and(cma_ready_group(cma, window.end - 1), window);
		given = cma_ready_free_pages(cma, last);
		if (!given)
			given = cma_ready_free_pages(cma, first);
		if (cma_ready_free_pages(cma, last) || !given)
			window.end = last.start;
		else
			window.start = first.end;
	}
	if (!given)
		return 0;
	cma_ready_cut(cma, window);
	cma->ready.given_at = jiffies;
	atomic64_add(given, &cma->stat.ready_given);
	trace_cma_ready(cma->name, window.start, cma_range_len(window), 0, 0, given);
	return given;
}

static struct pglist_data *cma_ready_node(const struct cma *cma)
{
	return page_pgdat(pfn_to_page(cma->range.start));
}

/* Without NUMA, node_page_state() is a macro that looks at no node. */
static unsigned long cma_ready_state(const struct cma *cma, enum node_stat_item item)
{
	return node_page_state(cma_ready_node(cma), item);
}

/* How often page cache or programs' memory came back that was in use when it went. */
static unsigned long cma_ready_refaults(const struct cma *cma)
{
	return cma_ready_state(cma, WORKINGSET_ACTIVATE_ANON) +
	       cma_ready_state(cma, WORKINGSET_ACTIVATE_FILE);
}

/*
 * Has so much come back since this was asked last that somebody uses more memory than
 * there is? Then it notes that this was seen.
 */
static bool cma_ready_see_refaults(struct cma *cma)
{
	unsigned long refaults = cma_ready_refaults(cma);

	if (refaults - cma->ready.refaults < pageblock_nr_pages)
		return false;
	cma->ready.refaults = refaults;
	return true;
}

/* Drivers come and go: what is ready was theirs a moment ago, and nobody has lost it. */
static bool cma_ready_is_in_turn(const struct cma *cma)
{
	return jiffies - READ_ONCE(cma->ready.used_at) < CMA_READY_TURN;
}

static void cma_ready_note_spent(struct cma *cma)
{
	unsigned long now = jiffies ?: 1;

	/* Many may find the same. */
	if (READ_ONCE(cma->ready.spent_at) != now)
		WRITE_ONCE(cma->ready.spent_at, now);
}

/*
 * All of it was lent a moment ago, and memory was short even so: there is more page cache
 * than fits, and some is evicted in any case.
 */
static bool cma_ready_is_spent(const struct cma *cma)
{
	unsigned long spent_at = READ_ONCE(cma->ready.spent_at);

	return spent_at && jiffies - spent_at < CMA_READY_TURN;
}

/* What drivers had lately, in whole groups. */
static unsigned long cma_ready_owed(const struct cma *cma)
{
	return roundup(cma_ready_due(cma),
		       cma_range_len(cma_ready_group(cma, cma->range.start)));
}

/* For so much of it, page cache may go. What nobody has asked for is worth hardly any. */
static unsigned long cma_ready_worth_cache(const struct cma *cma, unsigned long cached)
{
	if (cma_ready_is_spent(cma))
		return cma_ready_owed(cma) + cached / CMA_READY_UNASKED;
	return cma_ready_is_in_turn(cma) ? cma_ready_owed(cma) : 0;
}

/*
 * Is there so much page cache that nobody would miss these pages? They may take the place
 * of cache that nobody has used twice, if there is @times as much. Who needs dirty pages
 * to go would have to wait.
 */
static bool cma_ready_has_cold(const struct cma *cma, unsigned long nr_pages,
			       unsigned int times)
{
	unsigned long dirty = cma_ready_state(cma, NR_FILE_DIRTY) +
			      cma_ready_state(cma, NR_WRITEBACK);
	unsigned long inactive = cma_ready_state(cma, NR_INACTIVE_FILE);
	unsigned long cached = inactive + cma_ready_state(cma, NR_ACTIVE_FILE);

	inactive -= min(inactive, dirty);
	return inactive / times >= nr_pages &&
	       cma_ready_worth_cache(cma, cached / times) >= nr_pages;
}

/*
 * Is the window to be kept from those who are short of memory? There is page cache that
 * can go instead, and drivers will want it. What is read again once it was evicted would
 * have fit into memory.
 */
static bool cma_ready_spare(struct cma *cma)
{
	unsigned long free = cma_ready_free_pages(cma, cma->ready.window);

	if (!free || !cma_ready_has_cold(cma, free, 1))
		return false;
	if (!cma_ready_is_in_turn(cma) && cma_ready_see_refaults(cma)) {
		WRITE_ONCE(cma->ready.spent_at, 0);
		return false;
	}
	if (cma_ready_is_spent(cma))
		cma_ready_note_spent(cma);
	return true;
}

/**
 * struct cma_ready_request - somebody is short of memory
 * @nid: where
 * @urgent: he cannot get it by other means
 * @given: pages that he gets
 */
struct cma_ready_request {
	int nid;
	bool urgent;
	unsigned long given;
};

/*
 * The lock may be held by whoever is in reclaim himself. Who has no other way lets the
 * worker run, which mostly has it.
 */
static bool cma_ready_trylock(struct cma *cma, bool urgent)
{
	unsigned int tries = urgent ? CMA_READY_TRIES : 1;

	while (!mutex_trylock(&cma->keeping)) {
		if (!--tries)
			return false;
		schedule_timeout_uninterruptible(1);
	}
	return true;
}

/*
 * Half of what is free, unless that is much, so that borrowers find some room: what they
 * take of regular memory in its place would have to be moved.
 */
VISIBLE_IF_KUNIT unsigned long cma_ready_give_half(struct cma *cma)
{
	unsigned long free = cma_ready_free_pages(cma, cma->ready.window);
	unsigned long half = min(free / 2, CMA_READY_GIFT + 0UL);
	unsigned long given = 0, more;

	do {
		more = cma_ready_give_group(cma);
		given += more;
	} while (more && given < half);
	return given;
}

static int cma_ready_give_area(struct cma *cma, void *data)
{
	struct cma_ready_request *request = data;
	unsigned long given = 0;
	bool spared = false;

	if (!cma_area_is_active(cma) || cma_ready_node(cma)->node_id != request->nid)
		return 0;
	if (cma_range_len(cma->ready.window)) {
		if (!cma_ready_trylock(cma, request->urgent))
			return 0;
		spared = !request->urgent && cma_ready_spare(cma);
		if (!spared)
			given = cma_ready_give_half(cma);
		mutex_unlock(&cma->keeping);
	}
	if (!spared && !given)
		cma_ready_note_spent(cma);
	request->given += given;
	return 0;
}

/**
 * cma_keep_give() - let memory be borrowed that is ready for drivers
 * @nid: the node that is short of memory
 * @urgent: even if there is page cache that could be evicted instead
 *
 * It gives a group of pageblocks, and if that is not enough, another one when it is
 * called again.
 *
 * Context: process context, as for reclaim; sleeps for a short time.
 * Return: pages.
 */
unsigned long cma_keep_give(int nid, bool urgent)
{
	struct cma_ready_request request = { .nid = nid, .urgent = urgent };

	/* The worker reclaims, too, where it has to move pages. */
	if (!totalcma_pages || !READ_ONCE(cma_ready_percent) ||
	    current_work() == &cma_ready_work.work)
		return 0;
	cma_for_each_area(cma_ready_give_area, &request);
	cma_ready_wake(CMA_READY_QUIET);
	return request.given;
}

/**
 * cma_keep_note() - note that pages were allocated or released
 * @cma: an active area
 * @released: how many pages were released
 *
 * A worker sees to it, a second later, that there is as much ready as before, and that
 * no regular memory is kept free for what drivers hold. If so much is released that it
 * might be ready at once, it does not wait.
 *
 * Context: any, also with interrupts off.
 */
void cma_keep_note(struct cma *cma, unsigned long released)
{
	unsigned long held = cma_ready_held(cma);

	if (held >= cma_ready_peak(cma, held)) {
		WRITE_ONCE(cma->ready.peak, held);
		WRITE_ONCE(cma->ready.peak_at, jiffies);
	}
	WRITE_ONCE(cma->ready.used_at, jiffies);
	if (released >= pageblock_nr_pages)
		cma_ready_wake(0);
	else if (!delayed_work_pending(&cma_ready_work))
		cma_ready_wake(CMA_READY_QUIET);
}

static int cma_ready_add_free(struct cma *cma, void *pages)
{
	*(unsigned long *)pages += cma_ready_free_pages(cma, cma->ready.window);
	return 0;
}

/**
 * cma_keep_ready_pages() - how much is free, and ready for drivers?
 * @cma: an active area; NULL for all areas
 *
 * Context: process context.
 * Return: pages; the page allocator does not count them as free.
 */
unsigned long cma_keep_ready_pages(struct cma *cma)
{
	unsigned long pages = 0;

	if (cma)
		cma_ready_add_free(cma, &pages);
	else
		cma_for_each_area(cma_ready_add_free, &pages);
	return pages;
}

/* May there be a group more, and somebody's page cache go for it? */
static bool cma_ready_may_grow(struct cma *cma, unsigned int times)
{
	unsigned long free = cma_ready_free_pages(cma, cma->ready.window);
	unsigned long group = cma_range_len(cma_ready_group(cma, cma->range.start));

	return cma_ready_has_cold(cma, free + group, times);
}

/* Regular pages that nobody would miss: what borrowers use may be in any zone. */
static unsigned long cma_ready_room(const struct cma *cma)
{
	struct zone *zones = cma_ready_node(cma)->node_zones;
	unsigned long room = 0;
	int index;

	for (index = 0; index < MAX_NR_ZONES; index++) {
		struct zone *zone = &zones[index];
		unsigned long free = zone_page_state(zone, NR_FREE_PAGES) -
				     zone_page_state(zone, NR_FREE_CMA_PAGES);

		room += free - min(free, high_wmark_pages(zone));
	}
	return room;
}

static bool cma_ready_is_cache(struct page *page)
{
	unsigned long flags = READ_ONCE(compound_head(page)->flags);

	return flags & BIT(PG_lru) && !(flags & BIT(PG_swapbacked));
}

/*
 * Its cgroup, or one around it, has no more than memory.low or memory.min promises. A
 * guess without a reference.
 */
static bool cma_ready_is_promised(struct page *page)
{
	struct mem_cgroup *memcg;

	guard(rcu)();
	for (memcg = folio_memcg_check(page_folio(page));
	     memcg && !mem_cgroup_is_root(memcg); memcg = parent_mem_cgroup(memcg))
		if (mem_cgroup_size(memcg) <= CMA_MEMCG_PROMISE(memcg))
			return true;
	return false;
}

/* Programs map it, or it was read twice: both kinds of LRU lists mark it so. */
static bool cma_ready_is_in_use(struct page *page)
{
	unsigned long flags = READ_ONCE(compound_head(page)->flags);

	return flags & (BIT(PG_active) | BIT(PG_workingset)) ||
	       atomic_read(&page->_mapcount) >= 0;
}

/* Hardly any of its page cache is in use, and nobody was promised to keep any. */
static bool cma_ready_is_cold(struct cma_range group)
{
	unsigned long used = 0, pfn;

	for (pfn = group.start; pfn < group.end; pfn++) {
		struct page *page = pfn_to_page(pfn);

		if (!cma_ready_is_cache(page))
			continue;
		if (cma_ready_is_promised(page))
			return false;
		used += cma_ready_is_in_use(page);
	}
	return used < cma_range_len(group) / 16;
}

/*
 * The same rule as for compaction. On PREEMPT_RT, tasks lock memory because they must
 * not get page faults; a driver may have to disturb them, but not this.
 */
static bool cma_ready_may_disturb(struct cma_range group)
{
	unsigned long pfn = group.start;

	if (READ_ONCE(sysctl_compact_unevictable_allowed))
		return true;
	while (pfn < group.end &&
	       !folio_test_unevictable(page_folio(pfn_to_page(pfn))))
		pfn++;
	return pfn == group.end;
}

/* A guess without a lock. */
static bool cma_ready_is_free(struct cma_range group)
{
	unsigned long pfn = cma_buddy_chunk_start(group.start);

	while (pfn < group.end) {
		struct page *page = pfn_to_page(pfn);

		if (!PageBuddy(page))
			return false;
		pfn += 1UL << min(buddy_order_unsafe(page), MAX_PAGE_ORDER + 0UL);
	}
	return true;
}

/* Not long ago, it could not be emptied. */
static bool cma_ready_is_blocked(const struct cma *cma, struct cma_range group)
{
	const struct cma_ready *ready = &cma->ready;

	return ready->blocked_at && group.start == ready->blocked &&
	       jiffies - ready->blocked_at < CMA_READY_BLOCKED;
}

/*
 * Can a group be emptied, at nobody's cost? To migrate its pages costs nothing as long
 * as regular memory is free; else page cache is evicted, which nobody has used twice.
 * What is in the batch of a CPU is left alone: a drain takes the help of all CPUs, also of
 * those that are kept free for one task.
 */
static bool cma_ready_suits(struct cma *cma, struct cma_evacuation *evac)
{
	struct cma_range group = evac->range;
	struct cma_scan scan;
	unsigned long used;

	if (cma_ready_is_blocked(cma, group) ||
	    cma_ready_free_pages(cma, group) < cma_range_len(group))
		return false;
	cma_scan_range(&scan, group, true);
	if (cma_scan_has_unmovable(&scan) || !cma_ready_may_disturb(group))
		return false;
	used = scan.clean + scan.moved;
	evac->spares_cache = true;
	if (cma_ready_room(cma) >= used + pageblock_nr_pages)
		return true;
	evac->spares_cache = !cma_ready_is_cold(group);
	return cma_ready_may_grow(cma, CMA_READY_SURE);
}

/* Isolate a group and empty it; -EBUSY when somebody has come first. */
static int cma_ready_empty(struct cma *cma, struct cma_evacuation *evac)
{
	unsigned long blocker;
	int err = cma_pageblock_isolate(cma, evac->range, &blocker);

	if (err)
		return err;
	err = cma_keep_empty_piece(cma, evac);
	atomic64_add(evac->moved, &cma->stat.ready_moved);
	atomic64_add(evac->reclaimed, &cma->stat.ready_reclaimed);
	if (err)
		cma_pageblock_unisolate(cma, evac->range);
	return err;
}

/*
 * A group that was emptied joins the window, unless things have changed meanwhile. If it
 * is not beside the window, a new one begins with it.
 */
static int cma_ready_join(struct cma *cma, const struct cma_evacuation *evac,
			  struct cma_range before)
{
	struct cma_range window = cma->ready.window, group = evac->range;

	if (!READ_ONCE(cma_ready_percent) || window.start != before.start ||
	    window.end != before.end || group.start < cma->range.start + cma->kept) {
		cma_pageblock_unisolate(cma, group);
		return -EBUSY;
	}
	if (group.start != window.end && group.end != window.start) {
		cma_ready_drop(cma);
		window = group;
	}
	WRITE_ONCE(cma->ready.window.start, min(window.start, group.start));
	WRITE_ONCE(cma->ready.window.end, max(window.end, group.end));
	trace_cma_ready(cma->name, cma->ready.window.start,
			cma_range_len(cma->ready.window), evac->moved,
			evac->reclaimed, 0);
	return 0;
}

/* -EAGAIN if the group is not to be tried; then, or after an error, nothing has changed. */
static int cma_ready_grow(struct cma *cma, struct cma_range group)
{
	struct cma_range before = cma->ready.window;
	struct cma_evacuation evac = {
		.range = group,
		.gfp = GFP_KERNEL | __GFP_NOWARN,
		.lru_drained = true,
	};
	int err;

	lockdep_assert_held(&cma->keeping);
	if (!cma_ready_suits(cma, &evac))
		return -EAGAIN;
	mutex_unlock(&cma->keeping);
	err = cma_ready_empty(cma, &evac);
	mutex_lock(&cma->keeping);
	if (!err)
		return cma_ready_join(cma, &evac, before);
	cma->ready.blocked = group.start;
	cma->ready.blocked_at = jiffies;
	return err;
}

/**
 * struct cma_ready_search - a search for a group that what is ready can grow by
 * @cma: the area
 * @piece: of the window, the longest part that is free
 * @evicts: a group may be emptied; else it has to be free
 */
struct cma_ready_search {
	struct cma *cma;
	struct cma_range piece;
	bool evicts;
};

static bool cma_ready_is_candidate(const struct cma_ready_search *search,
				   struct cma_range group)
{
	struct cma_evacuation evac = { .range = group };

	if (search->evicts)
		return cma_ready_suits(search->cma, &evac);
	return cma_ready_is_free(group) && !cma_ready_is_blocked(search->cma, group);
}

/* The longest run of groups that could be made ready, among the first of the area. */
static struct cma_range cma_ready_find(const struct cma_ready_search *search,
				       unsigned long nr_pages)
{
	const struct cma *cma = search->cma;
	struct cma_range run = cma_range_of(cma->range.start + cma->kept, 0);
	struct cma_range longest = run;
	unsigned int looks = CMA_READY_LOOKS;

	while (run.end < cma->range.end && looks-- &&
	       cma_range_len(longest) < nr_pages) {
		struct cma_range group = cma_ready_group(cma, run.end);

		run.end = group.end;
		if (!cma_ready_is_candidate(search, group))
			run.start = group.end;
		if (cma_range_len(run) > cma_range_len(longest))
			longest = run;
		cond_resched();
	}
	return longest;
}

/* A group after the window or before it; -EAGAIN if neither can be had. */
static int cma_ready_extend(const struct cma_ready_search *search)
{
	struct cma *cma = search->cma;
	struct cma_range window = cma->ready.window, group;

	if (search->piece.end == window.end && window.end < cma->range.end) {
		group = cma_ready_group(cma, window.end);
		if (cma_ready_is_candidate(search, group))
			return cma_ready_grow(cma, group);
	}
	if (search->piece.start == window.start &&
	    window.start > cma->range.start + cma->kept) {
		group = cma_ready_group(cma, window.start - 1);
		if (cma_ready_is_candidate(search, group))
			return cma_ready_grow(cma, group);
	}
	return -EAGAIN;
}

/*
 * What a place elsewhere has to be better than: what is held now may come back soon. A
 * place that has to be emptied is not worth it once half of what is wanted is there.
 */
static unsigned long cma_ready_worth(const struct cma_ready_search *search)
{
	return cma_ready_is_in_turn(search->cma) ?
	       cma_range_len(search->cma->ready.window) : cma_range_len(search->piece);
}

/* A group more; if there is none beside the window, where there is more room. */
static int cma_ready_step(const struct cma_ready_search *search,
			  unsigned long nr_pages)
{
	unsigned long worth = cma_ready_worth(search);
	struct cma *cma = search->cma;
	int err = -EAGAIN;
	struct cma_range run;

	if (search->evicts && cma_ready_room(cma) < pageblock_nr_pages &&
	    !cma_ready_may_grow(cma, CMA_READY_SURE))
		return err;
	if (cma_range_len(cma->ready.window))
		err = cma_ready_extend(search);
	if (err != -EAGAIN || worth >= (search->evicts ? nr_pages / 2 : nr_pages))
		return err;
	run = cma_ready_find(search, nr_pages);
	if (cma_range_len(run) <= worth ||
	    (search->evicts && cma_range_len(run) < nr_pages))
		return err;
	return cma_ready_grow(cma, cma_ready_group(cma, run.start));
}

/* Is it too early to move or evict anything for so many pages? */
static bool cma_ready_is_early(const struct cma *cma, unsigned long nr_pages)
{
	return cma->ready.given_at && nr_pages > cma_ready_owed(cma) &&
	       jiffies - cma->ready.given_at < CMA_READY_CALM;
}

/* When something may be moved or evicted for so many pages, in jiffies; 0 for now. */
static unsigned long cma_ready_delay(const struct cma *cma, unsigned long nr_pages,
				     bool is_missed)
{
	if (is_missed || cma_ready_is_early(cma, nr_pages))
		return CMA_READY_QUIET;
	return jiffies - READ_ONCE(cma->ready.used_at) < CMA_READY_BUSY ? CMA_READY_BUSY : 0;
}

/*
 * For as long as a worker may have the CPU. Returns when to go on, in jiffies; 0 when
 * there is enough, or no way to get it.
 */
VISIBLE_IF_KUNIT unsigned long cma_ready_refill(struct cma *cma)
{
	unsigned long group = cma_range_len(cma_ready_group(cma, cma->range.start));
	unsigned long most = cma_ready_most(cma);
	unsigned long wanted = min(cma_ready_wanted(cma), most);
	bool is_missed = cma_ready_see_refaults(cma);
	unsigned long end = jiffies + 1;

	while (cma_ready_room(cma) >= pageblock_nr_pages || cma_ready_may_grow(cma, 1)) {
		struct cma_ready_view view = cma_ready_look(cma, cma->ready.window);
		struct cma_ready_search search = { .cma = cma, .piece = view.piece };
		unsigned long delay = cma_ready_delay(cma, view.free + group, is_missed);
		int err;

		if (cma_range_len(view.piece) >= wanted || view.free + group > most)
			return 0;
		err = cma_ready_step(&search, wanted);
		if (err == -EAGAIN && delay)
			return delay;
		search.evicts = true;
		if (err == -EAGAIN)
			err = cma_ready_step(&search, wanted);
		if (err)
			return 0;
		if (time_after(jiffies, end))
			return CMA_READY_PAUSE;
		cond_resched();
	}
	return 0;
}

static int cma_ready_refill_area(struct cma *cma, void *data)
{
	unsigned long *delay = data, more;

	if (!cma_area_is_active(cma))
		return 0;
	mutex_lock(&cma->keeping);
	more = cma_ready_refill(cma);
	mutex_unlock(&cma->keeping);
	if (more)
		*delay = min(*delay, more);
	return 0;
}

/* Not before user space runs: until then, sysctl.vm.cma_ready_percent= is not known. */
static void cma_ready_run(struct work_struct *work)
{
	unsigned long delay = ULONG_MAX;

	if (system_state < SYSTEM_RUNNING) {
		delay = CMA_READY_PAUSE;
	} else {
		cma_lend_update();
		cma_for_each_area(cma_ready_refill_area, &delay);
	}
	if (delay < ULONG_MAX)
		queue_delayed_work(cma_ready_queue, &cma_ready_work, delay);
}

static int cma_ready_reset(struct cma *cma, void *unused)
{
	mutex_lock(&cma->keeping);
	cma_ready_drop(cma);
	mutex_unlock(&cma->keeping);
	return 0;
}

static int cma_ready_write(const struct ctl_table *table, int write,
			   void *buffer, size_t *lenp, loff_t *ppos)
{
	int err = proc_douintvec_minmax(table, write, buffer, lenp, ppos);

	if (err || !write)
		return err;
	cma_for_each_area(cma_ready_reset, NULL);
	cma_ready_wake(0);
	return 0;
}

static struct ctl_table cma_ready_table[] = {
	{
		.procname = "cma_ready_percent",
		.data = &cma_ready_percent,
		.maxlen = sizeof(cma_ready_percent),
		.mode = 0644,
		.proc_handler = cma_ready_write,
		.extra2 = SYSCTL_ONE_HUNDRED,
	},
};

/* The worker is to have the CPU only when nobody else wants it. */
static int __init cma_ready_init(void)
{
	struct workqueue_attrs *attrs = alloc_workqueue_attrs();

	register_sysctl_init("vm", cma_ready_table);
	cma_ready_queue = alloc_workqueue("cma_ready", WQ_UNBOUND | WQ_FREEZABLE, 1);
	if (cma_ready_queue && attrs) {
		attrs->nice = MAX_NICE;
		apply_workqueue_attrs(cma_ready_queue, attrs);
	}
	free_workqueue_attrs(attrs);
	cma_ready_wake(0);
	return cma_ready_queue ? 0 : -ENOMEM;
}
late_initcall(cma_ready_init);

static int cma_keep_isolate(struct cma *cma, struct cma_range part)
{
	struct cma_range kept = cma_range_of(cma->range.start, cma->kept);
	unsigned long blocker;
	int err = 0;

	cma_ready_drop(cma);
	if (part.end > kept.end)
		err = cma_pageblock_isolate(cma, (struct cma_range){
						kept.end, part.end }, &blocker);
	else if (part.end < kept.end)
		cma_pageblock_unisolate(cma, (struct cma_range){ part.end, kept.end });
	if (!err)
		WRITE_ONCE(cma->kept, cma_range_len(part));
	return err;
}

static int cma_keep_change(struct cma *cma, struct cma_range part)
{
	int err = cma_keep_isolate(cma, part);

	if (!err)
		err = cma_keep_empty(cma, part);
	/*
	 * -ENOMEM: some borrowers could not be migrated now. No new ones come,
	 * so the part empties as they free their pages.
	 */
	return err == -ENOMEM ? 0 : err;
}

/**
 * cma_keep_set() - set how much of an area is kept free of borrowers
 * @cma: an active area
 * @nr_pages: how much, from its start on; rounded up to what can be isolated,
 *	      at most the whole area
 *
 * Pages that drivers hold, or that cannot be migrated, stay in the kept part
 * until they are freed. cma_keep_free_pages() tells how many pages are free. To
 * set the same amount again tries again to migrate the borrowers.
 *
 * While a pageblock is evacuated, its slots are locked. An allocation that
 * needs all free slots of the area waits for that, a second at most.
 *
 * Context: process context; sleeps, does I/O, may take long.
 * Return: 0; -ERANGE when the area is smaller; -EBUSY when a pageblock could
 * not be isolated; after both nothing has changed; -EINTR after a fatal signal:
 * the part may be set, with borrowers left in it.
 */
int cma_keep_set(struct cma *cma, unsigned long nr_pages)
{
	int err;

	if (nr_pages > cma_range_len(cma->range))
		return -ERANGE;
	err = mutex_lock_killable(&cma->keeping);
	if (err)
		return err;
	err = cma_keep_change(cma, cma_keep_part(cma, nr_pages));
	mutex_unlock(&cma->keeping);
	cma_ready_wake(0);
	return err;
}

/**
 * cma_keep_free_pages() - how much of the kept part is free?
 * @cma: an active area
 *
 * Context: process context; sleeps. It scans chunk by chunk, so it may take
 * long when most pages are held.
 * Return: pages; a guess while others allocate and free.
 */
unsigned long cma_keep_free_pages(const struct cma *cma)
{
	struct cma_range kept = cma_range_of(cma->range.start, READ_ONCE(cma->kept));
	unsigned long pfn = cma_buddy_chunk_start(kept.start);
	unsigned long pages = 0;

	while (pfn < kept.end) {
		struct page *page = pfn_to_page(pfn);
		struct cma_range chunk = cma_range_of(pfn, 1);
		unsigned int order;

		if (PageBuddy(page)) {
			order = buddy_order_unsafe(page);
			chunk.end = pfn + (1UL << min(order, MAX_PAGE_ORDER));
			pages += cma_range_len(cma_range_and(chunk, kept));
		}
		pfn = chunk.end;
		if (IS_ALIGNED(pfn, pageblock_nr_pages))
			cond_resched();
	}
	return pages;
}
