/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The hook that tells when movable allocations use the areas first. It runs for
 * each page that leaves the free lists. Other hooks of the page allocator are in
 * balance.h.
 *
 * An area leaves less memory to allocations that cannot use it: slab, page
 * tables, pipes. So this keeps regular memory free for them, as much as the areas
 * can give in return, while there are free pages in the areas. Movable allocations
 * use a large area from the start, and a small one only when regular memory
 * runs low.
 */
#ifndef __MM_CMA_LEND_H
#define __MM_CMA_LEND_H

#include <linux/atomic.h>
#include <linux/cleanup.h>
#include <linux/cma.h>
#include <linux/memcontrol.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/numa.h>
#include <linux/sched/mm.h>
#include <linux/sched/rt.h>
#include <linux/swap.h>
#include <linux/vmstat.h>

#include "balance.h"

extern int sysctl_compact_unevictable_allowed;

/* So many pages a memory cgroup was promised. */
#ifdef CONFIG_MEMCG
#define CMA_MEMCG_PROMISE(memcg) ({						\
	struct mem_cgroup *__memcg = (memcg);					\
	max(READ_ONCE(__memcg->memory.low), READ_ONCE(__memcg->memory.min));	\
})
#else
#define CMA_MEMCG_PROMISE(memcg) ((void)(memcg), 0UL)
#endif

#ifdef CONFIG_CMA
extern unsigned long cma_lend_marks[MAX_NUMNODES][MAX_NR_ZONES];

void cma_lend_update(void);

/**
 * cma_lends_first() - do movable allocations use the areas of a zone first?
 * @zone: the zone
 *
 * It compares the free regular memory with what the areas of the zone can give.
 *
 * Context: any; a guess without zone->lock.
 * Return: true when the areas come first, false when they come last.
 */
static inline bool cma_lends_first(struct zone *zone)
{
	long lendable = atomic_long_read(&zone->vm_stat[NR_FREE_CMA_PAGES]);
	long regular = atomic_long_read(&zone->vm_stat[NR_FREE_PAGES]) -
		       lendable;

	return lendable > 0 &&
	       regular < (long)READ_ONCE(cma_lend_marks[zone_to_nid(zone)][zone_idx(zone)]);
}

/*
 * Is there so much free regular memory, beside what the page allocator keeps back? With
 * several nodes or ZONE_MOVABLE, the sums do not tell what the task may use of it.
 */
#define CMA_LEND_HAS_REGULAR(pages)						\
	(num_online_nodes() == 1 &&						\
	 !populated_zone(&NODE_DATA(first_online_node)->node_zones[ZONE_MOVABLE]) && \
	 (pages) + totalreserve_pages + global_zone_page_state(NR_FREE_CMA_PAGES) < \
	 global_zone_page_state(NR_FREE_PAGES))

/*
 * While memory is locked for a real-time task, it does not come from areas: a driver who
 * wants its place would have it moved, and the task would wait. On PREEMPT_RT, this is
 * what memory is locked for. Nobody is to lose page cache for that, nor to meet the OOM
 * killer: what does not fit into free regular memory may come from anywhere.
 */
DEFINE_CLASS(cma_locked, unsigned int, memalloc_pin_restore(_T),
	     totalcma_pages && vma->vm_flags & VM_LOCKED &&
	     (IS_ENABLED(CONFIG_PREEMPT_RT) || rt_or_dl_task_policy(current)) &&
	     CMA_LEND_HAS_REGULAR(vma_pages(vma)) ? memalloc_pin_save() : 0,
	     struct vm_area_struct *vma)

#if IS_ENABLED(CONFIG_KUNIT)
unsigned long cma_lend_mark(enum zone_type index, unsigned long pages);
#endif
#else
static inline bool cma_lends_first(struct zone *zone)
{
	return false;
}

DEFINE_CLASS(cma_locked, unsigned int, (void)_T, 0, struct vm_area_struct *vma)
#endif

#endif /* __MM_CMA_LEND_H */
