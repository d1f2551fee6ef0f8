/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who has which pages of an area: which slots are taken, which pages are held,
 * and by whom. Whatever cma->lock guards, hold.c alone reads and writes.
 *
 *   free or lent --lock--> locked --begin--> held
 *	  ^		     |	^	      |
 *	  +------unlock------+	+-----end-----+
 *
 * A locked slot is in the hands of one allocation or one release, and nobody
 * else can lock or release it meanwhile. A search that finds one goes on
 * elsewhere, and waits only if there is nothing else.
 *
 * A record stands for an allocation as it was made; the bitmap of held slots tells
 * which of them are still held. If the last one is used in part, the record tells
 * where its pages end, and the others are lent. Pages that are released from the
 * middle of an allocation may be allocated again while the rest is held, so records
 * can lie one inside the other: a held page belongs to the newest record around it.
 *
 * A release therefore never needs memory. An allocation of whole slots succeeds
 * without memory for a record, too: a bitmap notes that the holder of its slots is
 * unknown, and this bitmap alone decides what may be released of them.
 */
#ifndef __MM_CMA_HOLD_H
#define __MM_CMA_HOLD_H

#include <linux/interval_tree.h>
#include <linux/sched.h>
#include <linux/types.h>

#include "lib/bitmap.h"
#include "lib/range.h"

struct cma;
struct cma_demand;

/* Longer names of devices are cut. */
#define CMA_HOLDER_DEVICE 28

/**
 * struct cma_holder - somebody who asked for pages
 * @device: name of the device they were for, empty when that is not known
 * @pid: process that asked
 * @caller: address in the function that asked
 * @task: name of the process
 */
struct cma_holder {
	char device[CMA_HOLDER_DEVICE];
	pid_t pid;
	unsigned long caller;
	char task[TASK_COMM_LEN];
};

/**
 * struct cma_record - one allocation
 * @pages: first and last pfn; what was released at either end is not part of it
 * @serial: number of the allocation in its area, from 1 on
 * @since: when it was made, in ns since boot
 * @left: how many pages are still held
 * @align: what was asked for, as page order
 * @holder: who has them
 */
struct cma_record {
	struct interval_tree_node pages;
	u64 serial;
	u64 since;
	unsigned long left;
	unsigned int align;
	struct cma_holder holder;
};

/**
 * struct cma_ledger - the live allocations of an area
 * @records: by their pages
 * @unknown: held slots that have no record; exists from activation on
 * @nr_unknown: pages of them; while it is 0, nobody reads the bitmap
 * @serial: number of the newest
 */
struct cma_ledger {
	struct rb_root_cached records;
	struct cma_bitmap unknown;
	unsigned long nr_unknown;
	u64 serial;
};

/**
 * struct cma_held_range - adjacent pages of one holder
 * @range: the pages
 * @is_known: @record is valid
 * @record: a copy of what is known of them
 */
struct cma_held_range {
	struct cma_range range;
	bool is_known;
	struct cma_record record;
};

/**
 * enum cma_refusal - why a release is refused
 * @CMA_REFUSAL_NONE: it is not
 * @CMA_REFUSAL_OUTSIDE: the pages are not all in the area
 * @CMA_REFUSAL_NOT_HELD: a page is not held
 * @CMA_REFUSAL_PART_OF_SLOT: a slot would stay held in part
 * @CMA_REFUSAL_PART_OF_FOLIO: the pages are not one folio as a whole
 * @CMA_REFUSAL_SEVERAL: the pages are of several allocations
 */
enum cma_refusal {
	CMA_REFUSAL_NONE,
	CMA_REFUSAL_OUTSIDE,
	CMA_REFUSAL_NOT_HELD,
	CMA_REFUSAL_PART_OF_SLOT,
	CMA_REFUSAL_PART_OF_FOLIO,
	CMA_REFUSAL_SEVERAL,
};

void cma_holder_set(struct cma_holder *holder, const struct cma_demand *demand);

bool cma_hold_next_window(struct cma *cma, struct cma_window *window,
			  bool lock);
bool cma_hold_trylock(struct cma *cma, struct cma_range range);
void cma_hold_unlock(struct cma *cma, struct cma_range range);
struct cma_record *cma_hold_new_record(const struct cma_demand *demand);
void cma_hold_begin(struct cma *cma, struct cma_range range,
		    struct cma_record *record);
enum cma_refusal cma_hold_end(struct cma *cma, struct cma_range range);
bool cma_hold_is_none_held(struct cma *cma, struct cma_range range);

bool cma_hold_next_held(struct cma *cma, struct cma_held_range *held);
bool cma_hold_next_gap(struct cma *cma, struct cma_range *rest,
		       struct cma_range *gap);
struct cma_range cma_hold_largest_gap(struct cma *cma);
int cma_hold_copy(struct cma *cma, struct cma_bitmap *copy);

#endif /* __MM_CMA_HOLD_H */
