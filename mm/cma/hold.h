/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who has which slots of an area. Everything that looks at the bitmaps of an
 * area goes through here, and cma->lock is acquired nowhere else.
 *
 *   free or lent --claim--> claimed --begin--> held
 *	  ^		     |	 ^		|
 *	  +-------drop-------+	 +-----end------+
 *
 * A slot that is claimed but not held is in the hands of one allocation or one
 * release, and nobody else can claim or release it meanwhile.
 */
#ifndef __MM_CMA_HOLD_H
#define __MM_CMA_HOLD_H

#include "ledger.h"
#include "lib/range.h"
#include "lib/bitmap.h"

struct cma;

/**
 * struct cma_held_range - pages side by side of one holder
 * @range: the pages
 * @is_known: @record is valid
 * @record: a copy of what is known of them
 */
struct cma_held_range {
	struct cma_range range;
	bool is_known;
	struct cma_record record;
};

bool cma_hold_next_window(struct cma *cma, struct cma_window *window);
bool cma_hold_lock_next(struct cma *cma, struct cma_window *window);
bool cma_hold_trylock(struct cma *cma, struct cma_range range);
void cma_hold_unlock(struct cma *cma, struct cma_range range);
void cma_hold_begin(struct cma *cma, struct cma_range range,
		    struct cma_record *record);
int cma_hold_end(struct cma *cma, struct cma_range range);
bool cma_hold_is_none_held(struct cma *cma, struct cma_range range);

bool cma_hold_next_held(struct cma *cma, struct cma_held_range *piece);
bool cma_hold_next_gap(struct cma *cma, unsigned long *next,
		       struct cma_range *gap);
struct cma_range cma_hold_largest_gap(struct cma *cma);
int cma_hold_copy(struct cma *cma, struct cma_bitmap *copy);

#endif /* __MM_CMA_HOLD_H */
