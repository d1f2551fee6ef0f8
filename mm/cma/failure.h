/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Failures: what is known of an allocation that failed, enough to tell in words
 * what helps. Each area stores the last ones.
 */
#ifndef __MM_CMA_FAILURE_H
#define __MM_CMA_FAILURE_H

#include <linux/spinlock.h>
#include <linux/types.h>

#include "engine.h"
#include "hold.h"
#include "stat.h"

struct cma;
struct cma_demand;
struct seq_buf;

/**
 * enum cma_page_kind - what a page is used for
 * @CMA_PAGE_GONE: it is free, or was so a moment ago
 * @CMA_PAGE_ANON: anonymous memory of processes
 * @CMA_PAGE_FILE: part of a file
 * @CMA_PAGE_DEVICE: content of a block device, such as metadata of a file system
 * @CMA_PAGE_METADATA: the same, and somebody has references to its buffers
 * @CMA_PAGE_SHMEM: shared memory, or a file of tmpfs
 * @CMA_PAGE_HUGETLB: huge page of hugetlbfs
 * @CMA_PAGE_SLAB: an object of the kernel
 * @CMA_PAGE_TABLE: a page table
 * @CMA_PAGE_RESERVED: not of the page allocator
 * @CMA_PAGE_MOVABLE: a driver has it, and says that it can be moved
 * @CMA_PAGE_ISOLATED: its pageblock could not be isolated; the page itself was
 *		       not examined
 * @CMA_PAGE_OTHER: in use by the kernel, for an unknown purpose
 */
enum cma_page_kind {
	CMA_PAGE_GONE,
	CMA_PAGE_ANON,
	CMA_PAGE_FILE,
	CMA_PAGE_DEVICE,
	CMA_PAGE_METADATA,
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
 * @is_pinned: it may be pinned, mostly for DMA
 * @dev: the block device, or the file system of a file; 0 when that is not known
 * @ino: inode of a file; 0 when that is not known
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

/**
 * enum cma_failure_fate - what became of a request after it failed here
 * @CMA_FATE_FAILED: it failed
 * @CMA_FATE_OPEN: the caller has another way to get pages, and has not told yet
 * @CMA_FATE_SERVED: it got them in this other way
 */
enum cma_failure_fate {
	CMA_FATE_FAILED,
	CMA_FATE_OPEN,
	CMA_FATE_SERVED,
};

/* Size of the buffer for one line of text about a failure. */
#define CMA_FAILURE_LINE 256
/* How many failures an area stores. */
#define CMA_FAILURES 16

/**
 * struct cma_failure - an allocation that failed
 * @at: when, in ns of the clock that stamps the kernel log
 * @nr_pages: how many pages were wanted
 * @align: at which alignment, as page order
 * @err: errno
 * @cause: why
 * @fate: what became of the request
 * @reach: largest address of the device, for %CMA_FAIL_OUT_OF_REACH
 * @asker: who wanted them
 * @effort: what was tried
 * @held: pages of the area that were held then
 * @gap: longest run of slots that were not taken
 * @blocker: the page that stood in the way, for %CMA_FAIL_BUSY
 * @locked_out: as in struct cma_search_result; there is no @blocker
 * @is_examined: the following members are valid
 * @free: pages that were on the free lists
 * @holders: for %CMA_FAIL_FULL who holds most, for %CMA_FAIL_FRAGMENTED those on
 *	     both sides of @gap
 * @nr_holders: how many of them are known
 * @most: pages that the holder of most has, in all
 */
struct cma_failure {
	u64 at;
	unsigned long nr_pages;
	unsigned int align;
	int err;
	enum cma_fail_cause cause;
	enum cma_failure_fate fate;
	u64 reach;
	struct cma_holder asker;
	struct cma_effort effort;
	unsigned long held;
	struct cma_range gap;
	struct cma_blocker blocker;
	bool locked_out;
	bool is_examined;
	unsigned long free;
	struct cma_holder holders[2];
	unsigned int nr_holders;
	unsigned long most;
};

/**
 * struct cma_failures - the last failures of an area
 * @lock: guards the others
 * @count: how many there were since boot
 * @last: the last ones; number n is at n modulo CMA_FAILURES
 */
struct cma_failures {
	spinlock_t lock;		/* guards the others */
	unsigned long count;
	struct cma_failure last[CMA_FAILURES];
};

void cma_failure_note(struct cma *cma, const struct cma_demand *demand,
		      int err, const struct cma_search_result *result);
void cma_failure_note_refusal(struct cma *cma, struct cma_range range,
			      enum cma_refusal refusal, unsigned long caller);
bool cma_failure_get(struct cma *cma, unsigned int number,
		     struct cma_failure *failure);
bool cma_failure_line(const struct cma *cma, const struct cma_failure *failure,
		      unsigned int number, struct seq_buf *line);

#if IS_ENABLED(CONFIG_KUNIT)
struct cma_failures *cma_failures_new(void);
enum cma_fail_cause cma_failure_cause(struct cma *cma,
				      const struct cma_demand *demand, int err,
				      const struct cma_search_result *result);
void cma_failure_fill(struct cma_failure *failure, struct cma *cma,
		      const struct cma_demand *demand,
		      const struct cma_search_result *result);
void cma_failure_count(struct cma_stat *stat, unsigned long nr_pages,
		       enum cma_fail_cause cause);
void cma_failure_examine(struct cma_failure *failure, struct cma *cma);
void cma_failure_store(struct cma *cma, const struct cma_failure *failure);
void cma_failure_print_holder(const struct cma_holder *holder,
			      struct seq_buf *line);
void cma_blocker_examine(struct cma_blocker *blocker, unsigned long pfn);
void cma_blocker_print(const struct cma_blocker *blocker,
		       struct seq_buf *line);
#endif

#endif /* __MM_CMA_FAILURE_H */
