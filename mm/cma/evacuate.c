// SPDX-License-Identifier: GPL-2.0
/*
 * The evacuation of a window.
 *
 *   isolate the pageblocks, so that pages that are freed there stay free
 *   if thorough: try the folios that seem unmovable first, one by one, so that
 *	 no other folio is migrated if one of them blocks the window
 *   empty one pageblock after the other, few folios at a time:
 *	 reclaim the clean page cache, migrate the rest
 *	 if per-CPU lists and batches have pages of it, drain them and repeat
 *   isolate the free pages of the window
 *   make the pageblocks MIGRATE_CMA again
 *
 * Pages can be freed into the window at any time. Once the per-CPU lists are
 * drained, no page is allocated from it while it is isolated, so the number of
 * pages to migrate only falls.
 *
 * Per-CPU lists and batches are drained when a page needs it: once for each
 * demand if the window was chosen for its cost, but once for each pageblock in
 * a thorough evacuation, because other CPUs free and activate pages all the
 * time. There is a limit for batches, because to drain these takes the help of
 * all CPUs, and a page that still has a reference too many is mostly pinned.
 */
#include <kunit/static_stub.h>
#include <kunit/visibility.h>
#include <linux/hrtimer.h>
#include <linux/hugetlb.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/migrate.h>
#include <linux/mm.h>
#include <linux/sched/clock.h>
#include <linux/sched/signal.h>
#include <linux/swap.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <trace/events/kmem.h>
#include <trace/events/page_isolation.h>

#include "../internal.h"
#include "cma.h"
#include "compat.h"
#include "engine.h"

/* Most passes over a part of the window, as long as they change something. */
#define CMA_EVACUATE_PASSES 5
/* The first wait for a folio, and the longest; each is twice the last. */
#define CMA_EVACUATE_WAIT_US	100UL
#define CMA_EVACUATE_WAIT_MAX_US 8000UL
/*
 * A demand may have the batches drained so often; after that, only if the last
 * drain, whoever asked for it, ended so long ago; and never more often than that.
 */
#define CMA_EVACUATE_DRAINS	4
#define CMA_EVACUATE_DRAIN_GAP_MS 10
#define CMA_EVACUATE_DRAINS_MOST 16
/* The longest wait for a drain: a CPU may be in the hands of a real-time task. */
#define CMA_EVACUATE_DRAIN_MS	100

static void cma_drain_run(struct work_struct *work);

/*
 * The drain of the batches of all CPUs, for all evacuations.
 * begun: how many have begun
 * done: how many had begun when the last one that has ended began
 * since: when it was queued, or began if that was later, in jiffies
 * ended: when the last one ended, in jiffies
 */
static struct {
	struct work_struct work;
	wait_queue_head_t wait;
	unsigned long begun;
	unsigned long done;
	unsigned long since;
	unsigned long ended;
} cma_drain = {
	.ended = INITIAL_JIFFIES,
	.work = __WORK_INITIALIZER(cma_drain.work, cma_drain_run),
	.wait = __WAIT_QUEUE_HEAD_INITIALIZER(cma_drain.wait),
};

/**
 * struct cma_migrate_control - an evacuation at work
 * @cc: for isolate_migratepages_range(), with the list of isolated folios
 * @targets: the pages to migrate to
 * @evac: the window
 * @refused: the last pfn that migrate_pages() had to leave in this pass although
 *	     nobody had locked it; 0 for none
 * @mapped: pages found mapped so far; only counted for the trace event
 */
struct cma_migrate_control {
	struct compact_control cc;
	struct cma_targets targets;
	struct cma_evacuation *evac;
	unsigned long refused;
	unsigned long mapped;
};

/* __GFP_NOWARN: failure.c reports once that there was no memory. */
static gfp_t cma_evacuate_target_gfp(gfp_t gfp)
{
	return (gfp & (__GFP_IO | __GFP_FS | __GFP_RECLAIM)) | __GFP_NOWARN |
	       __GFP_RETRY_MAYFAIL | __GFP_MOVABLE | __GFP_HARDWALL;
}

static unsigned long cma_evacuate_mapped(const struct list_head *pages)
{
	unsigned long mapped = 0;
	struct folio *folio;

	list_for_each_entry(folio, pages, lru)
		if (folio_mapped(folio))
			mapped += folio_nr_pages(folio);
	return mapped;
}

/* migrate_pages() would wait for it. */
static bool cma_evacuate_is_busy(struct folio *folio)
{
	return folio_test_locked(folio) || folio_test_writeback(folio);
}

static struct folio *cma_evacuate_first_busy(const struct list_head *pages)
{
	struct folio *folio;

	list_for_each_entry(folio, pages, lru)
		if (cma_evacuate_is_busy(folio))
			return folio;
	return NULL;
}

/*
 * Of those that refused, the last one tells best where to go on. What is only
 * busy may be gone the next moment.
 */
static void cma_evacuate_note_refused(struct cma_migrate_control *control)
{
	struct folio *folio;

	list_for_each_entry(folio, &control->cc.migratepages, lru)
		if (!cma_evacuate_is_busy(folio))
			control->refused = max(control->refused,
					       folio_pfn(folio));
}

static void cma_evacuate_sleep(unsigned long us)
{
	ktime_t length = ns_to_ktime(us * NSEC_PER_USEC);

	set_current_state(TASK_KILLABLE);
	schedule_hrtimeout_range(&length, us * NSEC_PER_USEC, HRTIMER_MODE_REL);
}

/*
 * Wait until no folio is busy. False when all the patience does not help, or
 * the task is being killed. folio_lock() would wait for as long as it takes:
 * for a file system in user space, or a disk that does not answer.
 */
static bool cma_evacuate_wait(struct cma_migrate_control *control)
{
	const struct list_head *pages = &control->cc.migratepages;
	u64 *patience_ns = &control->evac->patience_ns;
	unsigned long wait_us = CMA_EVACUATE_WAIT_US;

	while (*patience_ns && cma_evacuate_first_busy(pages)) {
		u64 since = local_clock();

		if (fatal_signal_pending(current))
			return false;
		cma_evacuate_sleep(wait_us);
		wait_us = min(2 * wait_us, CMA_EVACUATE_WAIT_MAX_US);
		*patience_ns -= min_t(u64, *patience_ns,
				      max_t(s64, local_clock() - since, 0));
	}
	return !cma_evacuate_first_busy(pages);
}

static int cma_evacuate_try(struct cma_migrate_control *control,
			    enum migrate_mode mode)
{
	unsigned int moved = 0;
	int err = migrate_pages(&control->cc.migratepages, cma_target_get,
				cma_target_put,
				(unsigned long)&control->targets, mode,
				MR_CONTIG_RANGE, &moved);

	control->evac->moved += moved;
	return err;
}

/*
 * Without blocking first. Some file systems migrate a dirty folio only if they
 * may write it, so the second attempt may block, once no folio is busy. What it
 * waits for is locked just then, or the file system's own.
 */
static int cma_evacuate_migrate(struct cma_migrate_control *control)
{
	struct list_head *pages = &control->cc.migratepages;
	bool patient = control->evac->patience_ns;
	int err;

	cma_targets_fill(&control->targets, list_count_nodes(pages));
	err = cma_evacuate_try(control, MIGRATE_ASYNC);
	/* A large folio may find no target of its size, and be locked for a split. */
	if (err == -ENOMEM && !control->targets.starved)
		err = 1;
	if (patient && err > 0 && cma_evacuate_wait(control))
		err = cma_evacuate_try(control, MIGRATE_SYNC);
	return err;
}

/* Reclaim or migrate the folios on the list; it is empty afterwards. */
static int cma_evacuate_list(struct cma_migrate_control *control)
{
	struct list_head *pages = &control->cc.migratepages;
	int err = 0;

	if (list_empty(pages))
		return 0;
	if (!control->evac->spares_cache)
		control->evac->reclaimed +=
			reclaim_clean_pages_from_list(control->cc.zone, pages);
	if (!list_empty(pages))
		err = cma_evacuate_migrate(control);
	control->cc.nr_migratepages = 0;
	if (list_empty(pages))
		return 0;
	cma_evacuate_note_refused(control);
	putback_movable_pages(pages);
	return err == -ENOMEM && control->targets.starved ? -ENOMEM : -EBUSY;
}

/* Start of the folio that @pfn is part of. Racy; only a hint. */
static unsigned long cma_evacuate_folio_start(unsigned long pfn)
{
	return page_to_pfn(compound_head(pfn_to_page(pfn)));
}

static void cma_evacuate_count_mapped(struct cma_migrate_control *control,
				      const struct list_head *pages)
{
	if (trace_mm_alloc_contig_migrate_range_info_enabled())
		control->mapped += cma_evacuate_mapped(pages);
}

/*
 * Those that lru.c isolated but could not reclaim or migrate join the list for
 * migrate_pages().
 */
static void cma_evacuate_isolated_common(struct cma_migrate_control *control,
					 struct cma_isolated *isolated)
{
	struct cma_evacuation *evac = control->evac;
	struct list_head *rest = &control->cc.migratepages;

	cma_evacuate_count_mapped(control, &isolated->cache);
	cma_evacuate_count_mapped(control, &isolated->anon);
	if (!list_empty(&isolated->cache))
		evac->reclaimed +=
			cma_lru_reclaim_clean(control->cc.zone->zone_pgdat,
					      &isolated->cache);
	if (!list_empty(&isolated->anon)) {
		cma_targets_fill(&control->targets,
				 list_count_nodes(&isolated->anon));
		evac->moved += cma_lru_migrate_anon(&isolated->anon,
						    &control->targets);
	}
	list_splice(&isolated->cache, rest);
	list_splice(&isolated->anon, rest);
}

/* The common folios, in batches; counts pages in use that are others. */
static int cma_evacuate_common(struct cma_migrate_control *control,
			       struct cma_range part, unsigned long *others)
{
	struct cma_evacuation *evac = control->evac;
	gfp_t gfp = evac->spares_cache ? evac->gfp & ~__GFP_FS : evac->gfp;
	struct cma_isolated isolated;
	int err = 0;

	*others = 0;
	while (part.start < part.end && (!err || err == -EBUSY)) {
		if (fatal_signal_pending(current))
			return -EINTR;
		part.start = cma_lru_isolate(&isolated, part, gfp);
		*others += isolated.left;
		cma_evacuate_isolated_common(control, &isolated);
		err = cma_evacuate_list(control) ?: err;
	}
	return err;
}

/* Reclaim or migrate all folios of a part of the window that can be. */
static int cma_evacuate_movable(struct cma_migrate_control *control,
				struct cma_range part)
{
	struct compact_control *cc = &control->cc;
	unsigned long pfn = cma_evacuate_folio_start(part.start);
	unsigned long left;
	int err = cma_evacuate_common(control, part, &left);

	while (left && pfn < part.end && (!err || err == -EBUSY)) {
		int isolated, emptied;

		if (fatal_signal_pending(current))
			return -EINTR;
		isolated = isolate_migratepages_range(cc, pfn, part.end);
		if (isolated == -EAGAIN)
			isolated = 0;
		/* Only a huge page of hugetlbfs found no place. */
		if (isolated == -ENOMEM)
			isolated = -EBUSY;
		pfn = cc->migrate_pfn;
		cma_evacuate_count_mapped(control, &cc->migratepages);
		emptied = cma_evacuate_list(control);
		err = isolated ?: emptied ?: err;
	}
	return err;
}

static void cma_drain_run(struct work_struct *work)
{
	WRITE_ONCE(cma_drain.since, jiffies);
	WRITE_ONCE(cma_drain.begun, cma_drain.begun + 1);
	/* Pairs with cma_evacuate_drain_all(): the drain sees what was in batches there. */
	smp_mb();
	lru_add_drain_all();
	WRITE_ONCE(cma_drain.ended, jiffies);
	WRITE_ONCE(cma_drain.done, cma_drain.begun);
	wake_up_all(&cma_drain.wait);
}

VISIBLE_IF_KUNIT unsigned long cma_evacuate_nr_drains(void)
{
	return READ_ONCE(cma_drain.begun);
}

/* A CPU does not answer, or none has time for the worker. Nobody waits again. */
VISIBLE_IF_KUNIT bool cma_evacuate_drain_hangs(void)
{
	unsigned long last = READ_ONCE(cma_drain.since) +
			     msecs_to_jiffies(CMA_EVACUATE_DRAIN_MS);

	KUNIT_STATIC_STUB_REDIRECT(cma_evacuate_drain_hangs);
	return work_busy(&cma_drain.work) && time_after_eq(jiffies, last);
}

/*
 * lru_add_drain_all() waits for all CPUs, for as long as it takes. So a worker
 * calls it, and whoever waits for the worker can be killed or give up. Pages
 * that came into a batch after it began need another one. Returns whether all
 * batches were drained.
 */
VISIBLE_IF_KUNIT bool cma_evacuate_drain_all(void)
{
	unsigned long next;

	KUNIT_STATIC_STUB_REDIRECT(cma_evacuate_drain_all);
	if (cma_evacuate_drain_hangs())
		return false;
	/* Pairs with cma_drain_run(). */
	smp_mb();
	next = cma_evacuate_nr_drains() + 1;
	if (!work_busy(&cma_drain.work))
		WRITE_ONCE(cma_drain.since, jiffies);
	queue_work(system_unbound_wq, &cma_drain.work);
	return wait_event_killable_timeout(cma_drain.wait,
			(long)(READ_ONCE(cma_drain.done) - next) >= 0,
			msecs_to_jiffies(CMA_EVACUATE_DRAIN_MS)) > 0;
}

static bool cma_evacuate_drain_batches(struct cma_evacuation *evac)
{
	evac->lru_drained = true;
	evac->drains++;
	return cma_evacuate_drain_all();
}

static bool cma_evacuate_may_drain(const struct cma_evacuation *evac)
{
	unsigned long gap = msecs_to_jiffies(CMA_EVACUATE_DRAIN_GAP_MS);

	if (evac->lru_drained || evac->drains >= CMA_EVACUATE_DRAINS_MOST)
		return false;
	return evac->drains < CMA_EVACUATE_DRAINS ||
	       time_after(jiffies, READ_ONCE(cma_drain.ended) + gap);
}

/* A drain can do nothing about a folio that is pinned for DMA, busy, in a journal. */
static bool cma_evacuate_needs_drain(const struct cma_scan *scan)
{
	return scan->batched || (cma_scan_has_unmovable(scan) &&
				 !scan->is_busy && !scan->is_pinned &&
				 !scan->in_journal);
}

/* Per-CPU lists have free pages, batches have folios of LRU lists. */
static bool cma_evacuate_drain(struct cma_migrate_control *control,
			       const struct cma_scan *scan)
{
	struct cma_evacuation *evac = control->evac;
	bool pcp = scan->idle && !evac->pcp_drained;
	bool lru = cma_evacuate_needs_drain(scan) &&
		   cma_evacuate_may_drain(evac);

	if (lru)
		lru = cma_evacuate_drain_batches(evac);
	if (pcp) {
		evac->pcp_drained = true;
		drain_all_pages(control->cc.zone);
	}
	return pcp || lru;
}

static void cma_evacuate_allow_drains(struct cma_evacuation *evac)
{
	evac->pcp_drained = false;
	evac->lru_drained = false;
}

static unsigned long cma_evacuate_first_left(struct cma_range part)
{
	struct cma_scan scan;

	for (; part.start < part.end; part.start++) {
		cma_scan_range(&scan, cma_range_of(part.start, 1), true);
		if (!cma_scan_is_free(&scan))
			break;
	}
	return part.start;
}

/* Last pfn of the folio that @pfn is part of. Racy; only a hint. */
static unsigned long cma_evacuate_last_pfn(unsigned long pfn)
{
	struct folio *folio = page_folio(pfn_to_page(pfn));
	unsigned long last = pfn;

	if (!folio_try_get(folio))
		return pfn;
	if (page_folio(pfn_to_page(pfn)) == folio)
		last = folio_pfn(folio) + folio_nr_pages(folio) - 1;
	folio_put(folio);
	return last;
}

/*
 * What kept a part from becoming empty: a page that refused to be migrated, or
 * that looks as if it could not be; else the first one that is left. part.end
 * when none is.
 */
static unsigned long
cma_evacuate_find_blocker(struct cma_migrate_control *control,
			  struct cma_range part)
{
	unsigned long left = cma_evacuate_first_left(part);
	unsigned long refused = max(control->refused, part.start);
	struct cma_scan scan;

	if (left >= part.end)
		return part.end;
	cma_scan_range(&scan, part, true);
	if (cma_scan_has_unmovable(&scan) && !scan.is_busy)
		left = max(left, scan.unmovable);
	cma_scan_range(&scan, cma_range_of(refused, 1), true);
	return cma_scan_is_free(&scan) ? left : max(left, refused);
}

static int cma_evacuate_blocked(struct cma_migrate_control *control, unsigned long pfn)
{
	control->evac->blocker = cma_evacuate_last_pfn(pfn);
	return -EBUSY;
}

/*
 * Empty a part of the window, at most a pageblock. Further passes follow as
 * long as they change something, because others free and fault pages all the
 * time.
 */
static int cma_evacuate_part(struct cma_migrate_control *control,
			     struct cma_range part)
{
	struct cma_evacuation *evac = control->evac;
	int passes = CMA_EVACUATE_PASSES;
	unsigned long blocker;
	bool drained, busy;

	if (evac->thorough)
		cma_evacuate_allow_drains(evac);
	do {
		unsigned long gone = evac->moved + evac->reclaimed;
		struct cma_scan scan;
		int err;

		control->refused = 0;
		err = cma_evacuate_movable(control, part);
		if (err && err != -EBUSY)
			return err;
		wait_for_freed_hugetlb_folios();
		cma_scan_range(&scan, part, true);
		if (cma_scan_is_free(&scan))
			return 0;
		drained = cma_evacuate_drain(control, &scan);
		busy = err || gone == evac->moved + evac->reclaimed;
	} while (--passes && (drained || !busy));
	blocker = cma_evacuate_find_blocker(control, part);
	return blocker < part.end ? cma_evacuate_blocked(control, blocker) : 0;
}

/* What is in the batch of a CPU that does not answer stays there. */
static int cma_evacuate_check_batches(struct cma_migrate_control *control)
{
	struct cma_range range = control->evac->range;
	struct cma_scan scan;

	if (!cma_evacuate_drain_hangs())
		return 0;
	for (; range.start < range.end; range.start++) {
		cma_scan_range(&scan, cma_range_of(range.start, 1), true);
		if (scan.batched)
			return cma_evacuate_blocked(control, range.start);
	}
	return 0;
}

/*
 * Only a drain tells batches from pins. What is left after it is not worth a
 * try, because there are other windows.
 */
static int cma_evacuate_batched(struct cma_migrate_control *control)
{
	struct cma_scan scan;

	cma_evacuate_drain_batches(control->evac);
	cma_scan_range(&scan, control->evac->range, true);
	if (cma_scan_has_unmovable(&scan))
		return cma_evacuate_blocked(control, scan.unmovable);
	return cma_evacuate_check_batches(control);
}

/* Try each folio that seems unmovable alone, before others are migrated. */
static int cma_evacuate_unmovable(struct cma_migrate_control *control)
{
	struct cma_range rest = control->evac->range;
	int err = cma_evacuate_check_batches(control);

	while (!err && rest.start < rest.end) {
		struct cma_range part;
		struct cma_scan scan;

		cma_scan_range(&scan, rest, true);
		if (!cma_scan_has_unmovable(&scan))
			break;
		part = (struct cma_range){ scan.unmovable, scan.unmovable_end };
		part = cma_range_and(part, rest);
		err = cma_evacuate_part(control, part);
		rest.start = part.end;
	}
	return err;
}

static int cma_evacuate_isolate_window(struct cma_migrate_control *control)
{
	struct cma_evacuation *evac = control->evac;
	unsigned long blocker = evac->range.end;
	int err = cma_buddy_isolate(evac->range, &blocker);

	return err ? cma_evacuate_blocked(control, blocker) : 0;
}

static int cma_evacuate_blocks(struct cma_migrate_control *control)
{
	struct cma_range rest = control->evac->range;

	while (rest.start < rest.end) {
		struct cma_range part = rest;
		int err;

		part.end = min(rest.end, pageblock_end_pfn(part.start));
		err = cma_evacuate_part(control, part);
		if (err)
			return err;
		rest.start = part.end;
		cond_resched();
	}
	return 0;
}

static int cma_evacuate_isolated(struct cma_evacuation *evac)
{
	struct cma_migrate_control control = {
		.cc = {
			.order = -1,
			.zone = page_zone(pfn_to_page(evac->range.start)),
			.migrate_pfn = evac->range.start,
			.gfp_mask = cma_evacuate_target_gfp(evac->gfp),
			.mode = MIGRATE_SYNC,
			.ignore_skip_hint = true,
			.no_set_skip_hint = true,
			.alloc_contig = true,
		},
		.evac = evac,
	};
	int err = 0;

	INIT_LIST_HEAD(&control.cc.migratepages);
	cma_targets_open(&control.targets, control.cc.zone,
			 CMA_TARGETS_REGULAR, control.cc.gfp_mask);
	if (evac->thorough)
		err = cma_evacuate_unmovable(&control);
	else if (evac->batched)
		err = evac->lru_drained ? cma_evacuate_check_batches(&control) :
					  cma_evacuate_batched(&control);
	if (!err)
		err = cma_evacuate_blocks(&control);
	if (!err)
		err = cma_evacuate_isolate_window(&control);
	cma_targets_close(&control.targets);
	if (!err || err == -EBUSY)
		trace_test_pages_isolated(evac->range.start, evac->range.end,
					  err ? evac->blocker :
						evac->range.end);
	trace_mm_alloc_contig_migrate_range_info(evac->range.start,
						 evac->range.end,
						 evac->moved, evac->reclaimed,
						 control.mapped, MIGRATE_CMA);
	return err;
}

/**
 * cma_evacuate() - empty a window and isolate its pages
 * @cma: the area
 * @evac: the window; receives the blocker after -EBUSY
 *
 * Context: process context; sleeps. The caller has locked the window.
 * Return: 0 when the pages are isolated for the caller, with a reference count
 * of 0; -EBUSY when a page could not be migrated or a pageblock not be
 * isolated; -ENOMEM when there is no memory to migrate to; -EINTR after a fatal
 * signal. After an error no page is isolated.
 */
int cma_evacuate(struct cma *cma, struct cma_evacuation *evac)
{
	int err = cma_pageblock_isolate(cma, evac->range, &evac->blocker);

	evac->moved = 0;
	evac->reclaimed = 0;
	evac->isolation_failed = err == -EBUSY;
	if (err)
		return err;
	err = cma_evacuate_isolated(evac);
	cma_pageblock_unisolate(cma, evac->range);
	return err;
}
