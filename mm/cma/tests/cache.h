/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Lends memory of the area under test to the page cache of files that have
 * nothing but that, so what becomes of each page is for the test to decide:
 * clean ones can be reclaimed, and which page is of which file is as it likes.
 */
#ifndef __MM_CMA_TESTS_CACHE_H
#define __MM_CMA_TESTS_CACHE_H

#include "model.h"

#define CMA_CACHE_FILES 3

struct folio;
struct inode;
struct vfsmount;

/**
 * struct cma_cache - files with pages in the area
 * @model: the area
 * @mnt: the file system that the files are in
 * @files: the files
 * @keep: the file system does not let go of pages with private data
 * @released: pages with private data that it let go of
 * @may_reclaim: it could have reclaimed memory to do so
 */
struct cma_cache {
	struct cma_model *model;
	struct vfsmount *mnt;
	struct inode *files[CMA_CACHE_FILES];
	bool keep;
	unsigned long released;
	bool may_reclaim;
};

struct cma_cache *cma_cache_open(struct cma_model *model);
void cma_cache_use_buffers(struct cma_cache *cache);
void cma_cache_take(struct cma_cache *cache, struct cma_range range);
void cma_cache_add(struct cma_cache *cache, unsigned int file,
		   unsigned long index, unsigned long pfn);
void cma_cache_lend(struct cma_cache *cache, struct cma_range range);
struct folio *cma_cache_get(struct cma_cache *cache, unsigned int file,
			    unsigned long index);
void cma_cache_dirty(struct cma_cache *cache, struct cma_range range);
unsigned long cma_cache_pages(const struct cma_cache *cache);
unsigned long cma_cache_inside(struct cma_cache *cache);
bool cma_cache_is_intact(struct cma_cache *cache);
void cma_cache_empty(struct cma_cache *cache);
void cma_cache_clear(struct cma_cache *cache);

#endif /* __MM_CMA_TESTS_CACHE_H */
