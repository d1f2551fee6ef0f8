/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An area with a second, naive record of which slots are held.
 */
#ifndef CMA_SLOTS_MODEL_H
#define CMA_SLOTS_MODEL_H

#include <stdlib.h>

#include <linux/bits.h>

#include "tap.h"
#include "lib/bitmap.h"

#define MAX_SLOTS 3000

/* The model: one byte a slot; kept apart from the bitmap on purpose. */
static unsigned char held[MAX_SLOTS];

/* Allocated to the word, so that ASan sees a read behind the last one. */
static inline struct cma_bitmap make_slots(unsigned long base_slot,
					   unsigned long count,
					  unsigned int order)
{
	size_t words = (count + sizeof(long) * 8 - 1) / (sizeof(long) * 8);

	return (struct cma_bitmap){
		.base_pfn = base_slot << order,
		.count = count,
		.order = order,
		.bits = calloc(words, sizeof(long)),
	};
}

static inline void set_slot(struct cma_bitmap *slots, unsigned long slot, bool set)
{
	unsigned long bit = 1UL << slot % BITS_PER_LONG;
	unsigned long *word = &slots->bits[slot / BITS_PER_LONG];

	held[slot] = set;
	*word = set ? *word | bit : *word & ~bit;
}

/* Bits of the last word that belong to no slot must not matter. */
static inline void set_spare_bits(struct cma_bitmap *slots)
{
	unsigned long bit;

	for (bit = slots->count; bit % BITS_PER_LONG; bit++)
		slots->bits[bit / BITS_PER_LONG] |=
			1UL << bit % BITS_PER_LONG;
}

static inline struct cma_bitmap random_slots(void)
{
	struct cma_bitmap slots = make_slots(tap_below(4096),
					    1 + tap_below(MAX_SLOTS),
					    (unsigned int)tap_below(6));
	unsigned long density = 1 + tap_below(60), i;

	for (i = 0; i < slots.count; i++)
		set_slot(&slots, i, !tap_below(density));
	set_spare_bits(&slots);
	return slots;
}

#endif /* CMA_SLOTS_MODEL_H */
