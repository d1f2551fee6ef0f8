/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Keeps a part of an area free of borrowers, so that a driver who asks for as
 * much gets it without anything being moved. Off unless somebody sets it: what
 * is kept is of no use to anybody else.
 *
 * The kept part is the start of the area, because that is where the probe of
 * an allocation looks first. Its pageblocks are MIGRATE_ISOLATE for good: the
 * page allocator gives nothing out of them, what is freed into them stays
 * there, and cma_buddy_isolate() finds it. To the rest of the allocator it is as if
 * one more evacuation worked on them, see isolate.c.
 */
#ifndef __MM_CMA_KEEP_H
#define __MM_CMA_KEEP_H

struct cma;

int cma_keep_set(struct cma *cma, unsigned long nr_pages);
unsigned long cma_keep_pages(const struct cma *cma);
unsigned long cma_keep_free_pages(const struct cma *cma);

#endif /* __MM_CMA_KEEP_H */
