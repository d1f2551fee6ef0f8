/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Free pages that wait on per-CPU lists are not free for everybody: they are of
 * order 0, of one type, and there are thousands of them.
 */
#ifndef __MM_CMA_DRAIN_H
#define __MM_CMA_DRAIN_H

#include <linux/atomic.h>
#include <linux/types.h>

/**
 * struct cma_drain - how often all of these lists were emptied
 * @at: the last time that somebody wanted it, in jiffies
 * @since: the first time, with no long pause in between
 * @times: how often, with nothing being used up
 * @gained: pages that were made free by others since
 * @left: regular pages that were free after the last time
 */
struct cma_drain {
	unsigned long at;
	unsigned long since;
	unsigned int times;
	atomic_long_t gained;
	long left;
};

void cma_drain_local(void);
void cma_drain_note_gain(struct cma_drain *drain, unsigned long nr_pages);
bool cma_drain_all(struct cma_drain *drain, int nid);

#endif /* __MM_CMA_DRAIN_H */
