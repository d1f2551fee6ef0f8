/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The counters of an area. They always exist; sysfs and /proc/vmstat only show
 * them. Each is updated by itself, without a lock.
 */
#ifndef __MM_CMA_STAT_H
#define __MM_CMA_STAT_H

#include <linux/atomic.h>
#include <linux/types.h>

/**
 * enum cma_fail_cause - why an allocation failed
 * @CMA_FAIL_TOO_BIG: the pages would not fit even an empty area
 * @CMA_FAIL_FULL: more pages are wanted than are not taken
 * @CMA_FAIL_FRAGMENTED: enough pages are not taken, but they are not contiguous
 * @CMA_FAIL_BUSY: borrowed pages could not be migrated
 * @CMA_FAIL_NO_MEMORY: there is no memory to migrate borrowed pages to
 * @CMA_FAIL_INTERRUPTED: the task was killed
 * @CMA_FAIL_OUT_OF_REACH: the device cannot address the area
 * @CMA_FAIL_INVALID: the demand makes no sense, or the area is not active
 * @CMA_NR_FAIL_CAUSES: how many there are
 */
enum cma_fail_cause {
	CMA_FAIL_TOO_BIG,
	CMA_FAIL_FULL,
	CMA_FAIL_FRAGMENTED,
	CMA_FAIL_BUSY,
	CMA_FAIL_NO_MEMORY,
	CMA_FAIL_INTERRUPTED,
	CMA_FAIL_OUT_OF_REACH,
	CMA_FAIL_INVALID,
	CMA_NR_FAIL_CAUSES,
};

/**
 * enum cma_phase - what takes time
 * @CMA_PHASE_ALLOC: an allocation as a whole
 * @CMA_PHASE_SURVEY: scanning for the cheapest window; the trace event says
 *		      "survey"
 * @CMA_PHASE_EVACUATE: evacuating windows
 * @CMA_PHASE_WAIT: waiting for busy pages
 * @CMA_PHASE_RELEASE: a release
 * @CMA_PHASES: how many there are
 */
enum cma_phase {
	CMA_PHASE_ALLOC,
	CMA_PHASE_SURVEY,
	CMA_PHASE_EVACUATE,
	CMA_PHASE_WAIT,
	CMA_PHASE_RELEASE,
	CMA_PHASES,
};

/* Bucket n counts what took less than 2^n us, the last bucket all the rest. */
#define CMA_STAT_BUCKETS 22

/**
 * struct cma_effort - what one allocation took
 * @windows: windows that were tried
 * @busy: of these, blocked by a page
 * @waits: waits for busy pages
 * @moved: pages migrated
 * @reclaimed: pages of clean page cache reclaimed
 * @was_ready: it was served from what was ready
 * @ns: time spent in each phase
 */
struct cma_effort {
	unsigned long windows;
	unsigned long busy;
	unsigned long waits;
	unsigned long moved;
	unsigned long reclaimed;
	bool was_ready;
	u64 ns[CMA_PHASES];
};

/**
 * struct cma_stat - what happened in an area since boot, in pages unless said
 * @allocated: given to drivers
 * @failed: asked for by drivers in allocations that failed
 * @released: returned by drivers
 * @allocs: allocations that succeeded, in calls
 * @fails: allocations that failed, by cause, in calls
 * @elsewhere: of these, allocations that were served elsewhere, in calls
 * @releases: releases, in calls
 * @refused: releases that were refused, in calls
 * @windows: windows tried, in times
 * @busy: windows that were blocked, in times
 * @waits: how often an allocation waited for busy pages, in times
 * @moved: borrowed pages that were migrated
 * @reclaimed: borrowed pages that were reclaimed
 * @ready_allocs: allocations that were served from what was ready, in calls
 * @ready_moved: borrowed pages that were migrated to have more ready
 * @ready_reclaimed: borrowed pages that were reclaimed for that
 * @ready_given: pages that were ready, and were lent because memory was short
 * @held: held now
 * @peak: most that was ever held
 * @times: how often a phase took how long, in calls
 */
struct cma_stat {
	atomic64_t allocated;
	atomic64_t failed;
	atomic64_t released;
	atomic64_t allocs;
	atomic64_t fails[CMA_NR_FAIL_CAUSES];
	atomic64_t elsewhere;
	atomic64_t releases;
	atomic64_t refused;
	atomic64_t windows;
	atomic64_t busy;
	atomic64_t waits;
	atomic64_t moved;
	atomic64_t reclaimed;
	atomic64_t ready_allocs;
	atomic64_t ready_moved;
	atomic64_t ready_reclaimed;
	atomic64_t ready_given;
	atomic64_t held;
	atomic64_t peak;
	atomic_long_t times[CMA_PHASES][CMA_STAT_BUCKETS];
};

void cma_stat_released(struct cma_stat *stat, unsigned long nr_pages, u64 ns);
void cma_stat_effort(struct cma_stat *stat, const struct cma_effort *effort,
		     unsigned long nr_pages);
u64 cma_stat_held(const struct cma_stat *stat);

#endif /* __MM_CMA_STAT_H */
