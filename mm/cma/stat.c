// SPDX-License-Identifier: GPL-2.0
/*
 * The counters of an area: how they are updated, and what is derived from them.
 */
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sched/clock.h>
#include <linux/time64.h>
#include <linux/vmstat.h>

#include "stat.h"

static void cma_stat_note_peak(struct cma_stat *stat, s64 held)
{
	s64 peak = atomic64_read(&stat->peak);

	while (held > peak &&
	       !atomic64_try_cmpxchg(&stat->peak, &peak, held))
		;
}

static void cma_stat_time(struct cma_stat *stat, enum cma_phase phase, u64 ns)
{
	u64 us = div_u64(ns, NSEC_PER_USEC);
	unsigned int bucket = us ? ilog2(us) + 1 : 0;

	bucket = min(bucket, CMA_STAT_BUCKETS - 1U);
	atomic_long_inc(&stat->times[phase][bucket]);
}

static void cma_stat_allocated(struct cma_stat *stat, unsigned long nr_pages)
{
	count_vm_event(CMA_ALLOC_SUCCESS);
	atomic64_inc(&stat->allocs);
	atomic64_add(nr_pages, &stat->allocated);
	cma_stat_note_peak(stat, atomic64_add_return(nr_pages, &stat->held));
}

/**
 * cma_stat_released() - count pages that came back
 * @stat: counters of the area
 * @nr_pages: how many
 * @ns: how long that took
 *
 * The caller does this before anybody else can hold the pages.
 */
void cma_stat_released(struct cma_stat *stat, unsigned long nr_pages, u64 ns)
{
	atomic64_sub(nr_pages, &stat->held);
	atomic64_inc(&stat->releases);
	atomic64_add(nr_pages, &stat->released);
	cma_stat_time(stat, CMA_PHASE_RELEASE, ns);
}

static void cma_stat_add(atomic64_t *sum, unsigned long count)
{
	if (count)
		atomic64_add(count, sum);
}

/**
 * cma_stat_effort() - count what an allocation took, and what it got
 * @stat: counters of the area
 * @effort: what it took
 * @nr_pages: pages that it got; 0 if it failed, see failure.c
 */
void cma_stat_effort(struct cma_stat *stat, const struct cma_effort *effort,
		     unsigned long nr_pages)
{
	enum cma_phase phase;

	cma_stat_add(&stat->windows, effort->windows);
	cma_stat_add(&stat->busy, effort->busy);
	cma_stat_add(&stat->waits, effort->waits);
	cma_stat_add(&stat->moved, effort->moved);
	cma_stat_add(&stat->reclaimed, effort->reclaimed);
	cma_stat_add(&stat->ready_allocs, effort->was_ready);
	for (phase = 0; phase < CMA_PHASES; phase++)
		if (effort->ns[phase])
			cma_stat_time(stat, phase, effort->ns[phase]);
	if (nr_pages)
		cma_stat_allocated(stat, nr_pages);
}

/**
 * cma_stat_held() - how many pages are held?
 * @stat: counters of the area
 *
 * Return: pages, never below 0, although a release can be counted before its
 * allocation.
 */
u64 cma_stat_held(const struct cma_stat *stat)
{
	s64 held = atomic64_read(&stat->held);

	return max(held, 0LL);
}
