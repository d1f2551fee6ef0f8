/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Gives pages of an area back to the page allocator: straight to the free
 * lists of their pageblocks, in the largest chunks that their alignment
 * allows. Nothing passes through the per-CPU lists, where others would find
 * it before the next request does.
 */
#ifndef __MM_CMA_PUT_H
#define __MM_CMA_PUT_H

#include <linux/page_owner.h>

#include "lib/range.h"

struct zone;

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

#endif /* __MM_CMA_PUT_H */
