/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What kind of page it is that would not move.
 */
#ifndef __MM_CMA_BLOCKER_H
#define __MM_CMA_BLOCKER_H

#include <linux/types.h>

struct seq_buf;

/**
 * enum cma_page_kind - what a page is used for
 * @CMA_PAGE_GONE: it is free, or was so a moment ago
 * @CMA_PAGE_ANON: anonymous memory of processes
 * @CMA_PAGE_FILE: part of a file
 * @CMA_PAGE_SHMEM: shared memory, or a file of tmpfs
 * @CMA_PAGE_HUGETLB: huge page of hugetlbfs
 * @CMA_PAGE_SLAB: an object of the kernel
 * @CMA_PAGE_TABLE: a page table
 * @CMA_PAGE_RESERVED: not of the page allocator
 * @CMA_PAGE_MOVABLE: a driver has it, and says that it can be moved
 * @CMA_PAGE_ISOLATED: its pageblock could not be isolated; the page itself was not
 *		       looked at
 * @CMA_PAGE_OTHER: in use by the kernel, for purposes unknown
 */
enum cma_page_kind {
	CMA_PAGE_GONE,
	CMA_PAGE_ANON,
	CMA_PAGE_FILE,
	CMA_PAGE_SHMEM,
	CMA_PAGE_HUGETLB,
	CMA_PAGE_SLAB,
	CMA_PAGE_TABLE,
	CMA_PAGE_RESERVED,
	CMA_PAGE_MOVABLE,
	CMA_PAGE_ISOLATED,
	CMA_PAGE_OTHER,
};

/**
 * struct cma_blocker - what was seen of a page at one moment
 * @pfn: the page
 * @kind: what it is used for
 * @refs: references
 * @maps: how many times it is mapped
 * @flags: of the page, or of the folio that it is part of
 * @is_pinned: somebody may have it pinned, for DMA mostly
 * @dev: file system of the file, for @CMA_PAGE_FILE and @CMA_PAGE_SHMEM
 * @ino: inode of the file; 0 when that is not known
 */
struct cma_blocker {
	unsigned long pfn;
	enum cma_page_kind kind;
	int refs;
	int maps;
	unsigned long flags;
	bool is_pinned;
	dev_t dev;
	unsigned long ino;
};

void cma_blocker_examine(struct cma_blocker *blocker, unsigned long pfn);
void cma_blocker_print(const struct cma_blocker *blocker,
		       struct seq_buf *line);

#endif /* __MM_CMA_BLOCKER_H */
