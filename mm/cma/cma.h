/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Private to mm/cma.c and mm/cma/: what an area is, in which states it can be,
 * and who may touch what under which lock.
 */

/**
 * DOC: glossary
 *
 * Code, log, traces and documents use these words alike:
 *
 * area
 *	one reserved stretch of memory with a name
 * slot
 *	the unit of an area, 2^order_per_bit pages; one bit of its bitmap
 * held, lent, free
 *	given to a driver; used by movable pages of somebody else; neither
 * kept, ready
 *	not lent: kept by the owner's word, ready for the driver who comes next; what
 *	is ready is lent before anybody has to do without memory
 * locked
 *	in the hands of one allocation or one release in progress
 * taken
 *	held or locked, so that no search finds it
 * window
 *	a run of slots, none of them taken, that would suit a demand
 * blocker
 *	the page that keeps a window from being emptied
 * demand
 *	one allocation, as its caller asked for it
 * holder
 *	who was given pages: a device or a function, and a task
 * record
 *	what is known of one allocation; the ledger has all of them
 * borrower
 *	who uses lent pages: page cache, programs
 * unmovable
 *	has references of unknown origin, such as a pin; debugfs says "stuck"
 * source
 *	device tree, command line or Kconfig: who sets the default size
 *
 * Ranges are half open and in pfns.
 */

/**
 * DOC: states
 *
 * ::
 *
 *	RESERVED --activation--> ACTIVE    its pageblocks are MIGRATE_CMA
 *			    \---> FAILED    its memory went to the page allocator
 *					   (or stays reserved, see keep_reserved)
 *
 * While an area is ACTIVE:
 *
 * - A held slot is taken. Only the difference between both is locked.
 * - Each pageblock of the area is MIGRATE_CMA; it is MIGRATE_ISOLATE while an
 *   evacuation works on it or while it is kept free of borrowers.
 * - A page has one owner: the page allocator, a borrower, or a holder.
 *
 * hold.c and pageblock.c check this with VM_WARN_ON_ONCE(), the KUnit suites
 * page by page.
 */

/**
 * DOC: locks
 *
 * Outermost first. No lock that an allocation acquires is held while pages are
 * migrated: what keeps others away from a window is that its slots are taken. So
 * two allocations wait for each other only where they come to the same page.
 *
 * cma->keeping
 *	A mutex. It guards how much of the area is kept free of borrowers, also
 *	while these are moved out for that, and what is ready for drivers. Who
 *	reclaims memory only tries to get it. Under it: cma->isolation.
 * cma->isolation
 *	A mutex. It guards which pageblocks of the area are isolated for how many
 *	evacuations, while that changes. Under it: zone->lock.
 * zone->lock
 *	The page allocator's, with interrupts off. What comes off the free lists
 *	or goes back does so under one hold for each pageblock.
 * cma->lock
 *	A spinlock, with interrupts off. It guards both bitmaps and the ledger.
 *	Nothing is acquired under it, nothing sleeps under it, and it is acquired
 *	under none of ours.
 * failures->lock
 *	A spinlock of process context. It guards what is stored of failures.
 *	Nothing is acquired under it.
 *
 * Two windows can meet in one pageblock: each evacuation migrates and isolates
 * what is in its own window. The pageblock stays isolated until both are done,
 * see pageblock.c. What one finds isolated by the other it may use all the same,
 * because the slots say whose it is.
 *
 * The table of areas only grows, and only during boot, on one CPU.
 */
#ifndef __MM_CMA_CMA_H
#define __MM_CMA_CMA_H

#include <linux/cma.h>
#include <linux/mutex.h>
#include <linux/ratelimit_types.h>
#include <linux/spinlock.h>

#include "hold.h"
#include "lib/bitmap.h"
#include "lib/plan.h"
#include "lib/range.h"
#include "stat.h"

struct cma_failures;

/* A name and, where that is taken, the number of the area. */
#define CMA_MAX_DIR (CMA_MAX_NAME + 4)

/**
 * enum cma_state - where an area is in its life
 * @CMA_RESERVED: memblock keeps its memory, the page allocator does not run
 * @CMA_ACTIVE: allocations are served
 * @CMA_FAILED: activation went wrong; refuses everything, shown nowhere
 */
enum cma_state {
	CMA_RESERVED,
	CMA_ACTIVE,
	CMA_FAILED,
};

/**
 * struct cma_ready - what is ready for drivers, see keep.c
 * @window: isolated pageblocks; each page is free, locked or held; changes under
 *	    cma->keeping, and is a hint for those who read it without
 * @peak: the most pages that drivers held lately
 * @peak_at: when they did, in jiffies
 * @used_at: when pages were allocated or released last, in jiffies
 * @refaults: how often memory in use had been evicted on the node, when the window
 *	      was last made smaller for that
 * @given_at: when it was last made smaller because memory was short, in jiffies; 0 for
 *	      never
 * @spent_at: when memory was short though all of it had been given, in jiffies; 0 for
 *	      never
 * @blocked: a group of pageblocks that could not be emptied
 * @blocked_at: when that was, in jiffies; 0 for never
 */
struct cma_ready {
	struct cma_range window;
	unsigned long peak;
	unsigned long peak_at;
	unsigned long used_at;
	unsigned long refaults;
	unsigned long given_at;
	unsigned long spent_at;
	unsigned long blocked;
	unsigned long blocked_at;
};

/**
 * struct cma - an area
 * @base_pfn: first pfn; for debuggers, which look up this and the next four by
 *	      their names in a dump, as in each 6.12
 * @count: pages; 0 when activation failed; for debuggers
 * @bitmap: the bits of @taken; for debuggers
 * @order_per_bit: size of a slot, as page order; for debuggers
 * @range: its page frames; whole pageblocks of one zone; fixed once declared
 * @taken: which of its slots are taken; exists from activation on
 * @held: in which of its slots pages are held; exists from activation on
 * @ledger: who holds what
 * @lock: guards the bitmaps and the ledger
 * @isolation: guards @evacuations, and the migratetypes that it stands for
 * @evacuations: how many of them work on each group of pageblocks that is
 *		 isolated as one, see pageblock.c; exists from activation on
 * @keeping: guards @kept and @ready; whoever can do with old values reads them without
 * @kept: pages from the start on that are kept free of borrowers, see keep.c
 * @ready: what is ready for drivers
 * @state: written during boot only; cma_area_is_active() reads it
 * @keep_reserved: the memory stays reserved when activation fails
 * @name: unique only by chance; data, never a format
 * @dir: name of its directory in sysfs and debugfs, unique
 * @folio_pages: pages held as large folios; while it is 0, no release has to
 *		 scan for parts of folios
 * @stat: counters, updated without a lock
 * @failures: the last ones; NULL without memory for that
 * @fail_limit: how often a failure is logged
 * @refusal_limit: how often a refused release is logged
 */
struct cma {
	unsigned long base_pfn;
	unsigned long count;
	unsigned long *bitmap;
	unsigned int order_per_bit;
	struct cma_range range;
	struct cma_bitmap taken;
	struct cma_bitmap held;
	struct cma_ledger ledger;
	spinlock_t lock;		/* guards the bitmaps and the ledger */
	struct mutex isolation;		/* guards evacuations */
	unsigned int *evacuations;
	struct mutex keeping;		/* guards kept and ready */
	unsigned long kept;
	struct cma_ready ready;
	enum cma_state state;
	bool keep_reserved;
	char name[CMA_MAX_NAME];
	char dir[CMA_MAX_DIR];
	atomic_long_t folio_pages;
	struct cma_stat stat;
	struct cma_failures *failures;
	struct ratelimit_state fail_limit;
	struct ratelimit_state refusal_limit;
};

/**
 * struct cma_declaration - an area that is to be reserved
 * @req: size and place, in bytes
 * @order_per_bit: size of a slot, as page order
 * @nid: the only node that will do, or NUMA_NO_NODE
 * @name: copied; NULL to have it numbered
 * @who: who asked, for the log; NULL when the name says it all
 * @is_default: it is to be the default area
 * @is_builtin: Kconfig asks for it, which cannot know how much RAM there is
 * @from: it had the memory there before, so that much is left; 0 if it is new
 */
struct cma_declaration {
	struct cma_plan_request req;
	unsigned int order_per_bit;
	int nid;
	const char *name;
	const char *who;
	bool is_default;
	bool is_builtin;
	u64 from;
};

/* mm/cma.c */
int cma_declare(const struct cma_declaration *decl, struct cma **res_cma);
int cma_adopt(const struct cma_declaration *decl, struct cma **res_cma);

/* area.c */
void cma_area_end_default(void);
bool cma_area_table_is_full(bool is_default);
struct cma *cma_area_add(struct cma_range range, unsigned int order_per_bit,
			 const char *name);
void cma_area_move(struct cma *cma, struct cma_range range);
int cma_area_activate(struct cma *cma);
bool cma_area_is_active(const struct cma *cma);
const struct cma *cma_area_overlapping(struct cma_range range);

/* pageblock.c */
struct cma_range cma_pageblock_around(const struct cma *cma,
				      struct cma_range range);
int cma_pageblock_isolate(struct cma *cma, struct cma_range range,
			  unsigned long *blocker);
void cma_pageblock_unisolate(struct cma *cma, struct cma_range range);

/* keep.c */
int cma_keep_set(struct cma *cma, unsigned long nr_pages);
unsigned long cma_keep_free_pages(const struct cma *cma);
void cma_keep_note(struct cma *cma, unsigned long released);
unsigned long cma_keep_give(int nid, bool urgent);

#if IS_ENABLED(CONFIG_KUNIT)
void cma_area_init(struct cma *cma, struct cma_range range,
		   unsigned int order_per_bit);

extern unsigned int cma_ready_percent;
unsigned long cma_ready_wanted(const struct cma *cma);
unsigned long cma_ready_refill(struct cma *cma);
unsigned long cma_ready_give_group(struct cma *cma);
unsigned long cma_ready_give_half(struct cma *cma);
#endif

#endif /* __MM_CMA_CMA_H */
