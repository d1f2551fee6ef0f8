/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counters of an area. They are always there; sysfs and /proc/vmstat only
 * show them. Lock free: each is a sum of its own.
 */
#ifndef __MM_CMA_STAT_H
#define __MM_CMA_STAT_H

#include <linux/atomic.h>
#include <linux/mm.h>
#include <linux/vmstat.h>

/**
 * struct cma_stat - what happened in an area since boot, in pages unless said
 * @allocated: given to drivers
 * @failed: asked for and not given
 * @released: returned by drivers
 * @waits: how often an allocation waited for busy pages, in times
 */
struct cma_stat {
	atomic64_t allocated;
	atomic64_t failed;
	atomic64_t released;
	atomic64_t waits;
};

/**
 * cma_stat_allocated() - count an allocation that succeeded
 * @stat: counters of the area
 * @nr_pages: pages that it got
 *
 * Context: any.
 */
static inline void cma_stat_allocated(struct cma_stat *stat,
				      unsigned long nr_pages)
{
	count_vm_event(CMA_ALLOC_SUCCESS);
	atomic64_add(nr_pages, &stat->allocated);
}

/**
 * cma_stat_failed() - count an allocation that failed
 * @stat: counters of the area
 * @nr_pages: pages that it wanted
 *
 * Context: any.
 */
static inline void cma_stat_failed(struct cma_stat *stat,
				   unsigned long nr_pages)
{
	count_vm_event(CMA_ALLOC_FAIL);
	atomic64_add(nr_pages, &stat->failed);
}

/**
 * cma_stat_released() - count pages that came back
 * @stat: counters of the area
 * @nr_pages: how many
 *
 * Context: any.
 */
static inline void cma_stat_released(struct cma_stat *stat,
				     unsigned long nr_pages)
{
	atomic64_add(nr_pages, &stat->released);
}

/**
 * cma_stat_waited() - count a wait for pages that were busy
 * @stat: counters of the area
 *
 * Context: any.
 */
static inline void cma_stat_waited(struct cma_stat *stat)
{
	atomic64_inc(&stat->waits);
}

#endif /* __MM_CMA_STAT_H */
