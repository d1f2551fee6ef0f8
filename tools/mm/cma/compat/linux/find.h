/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LINUX_FIND_H
#define _LINUX_FIND_H

#include <linux/bits.h>
#include <linux/compiler.h>
#include <linux/types.h>

/* What a search costs; weak, so that any number of files may include this. */
__weak unsigned long shim_bits_read;

static inline bool bit_is_set(const unsigned long *map, unsigned long bit)
{
	shim_bits_read++;
	return map[bit / BITS_PER_LONG] >> bit % BITS_PER_LONG & 1;
}

static inline unsigned long find_next_bit(const unsigned long *map,
					  unsigned long size,
					  unsigned long from)
{
	while (from < size && !bit_is_set(map, from))
		from++;
	return from < size ? from : size;
}

static inline unsigned long find_next_zero_bit(const unsigned long *map,
					       unsigned long size,
					       unsigned long from)
{
	while (from < size && bit_is_set(map, from))
		from++;
	return from < size ? from : size;
}

static inline unsigned long find_last_bit(const unsigned long *map,
					  unsigned long size)
{
	unsigned long bit = size;

	while (bit)
		if (bit_is_set(map, --bit))
			return bit;
	return size;
}

#endif
