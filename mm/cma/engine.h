/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The engine: from a demand to pages that a holder can use.
 *
 *   search	finds a window, cheapest first; the only entrance
 *   scan	looks at what lies in a range, without a lock
 *   evacuate	empties a window and takes it out of the page allocator
 *   lru	isolates, reclaims and migrates the common folios, in batches
 *   target	gives the pages to migrate to
 *   buddy	the free lists: isolate, prepare, put back
 *
 * Each calls only those below it.
 */
#ifndef __MM_CMA_ENGINE_H
#define __MM_CMA_ENGINE_H

#include <linux/gfp_types.h>
#include <linux/page_owner.h>

#include "lib/range.h"

struct zone;

int cma_buddy_isolate(struct cma_range range, unsigned long *blocker);
void cma_buddy_prepare(struct cma_range range, gfp_t gfp);
unsigned long cma_buddy_chunk_start(unsigned long pfn);

/**
 * cma_buddy_tracks_owners() - does page_owner want to see each page?
 *
 * It counts the pages of each stack, and takes those of a chunk for pages of
 * one stack.
 *
 * Context: any.
 * Return: true with page_owner=on.
 */
#ifdef CONFIG_PAGE_OWNER
static inline bool cma_buddy_tracks_owners(void)
{
	return static_branch_unlikely(&page_owner_inited);
}
#else
static inline bool cma_buddy_tracks_owners(void)
{
	return false;
}
#endif

void cma_buddy_putback_locked(struct zone *zone, struct cma_range range);
void cma_buddy_putback(struct cma_range range);
void cma_buddy_free(struct cma_range range);
void cma_buddy_free_next(struct cma_range *run, unsigned long pfn);
void cma_buddy_release(struct cma_range range);

#endif /* __MM_CMA_ENGINE_H */
