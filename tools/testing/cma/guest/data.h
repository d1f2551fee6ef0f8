/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is in the data files of the guest: written by mkdata.c on the host,
 * compared by data.c in the guest. No two words of the whole set are equal,
 * so a page in the wrong place shows as well as a damaged one.
 */
#ifndef CMA_GUEST_DATA_H
#define CMA_GUEST_DATA_H

#include <stdint.h>

#define DATA_FILES 8
#define DATA_FILE_BYTES (64UL << 20)
#define DATA_WORDS (DATA_FILE_BYTES / sizeof(uint64_t))

static inline uint64_t data_word(unsigned int file, uint64_t index)
{
	uint64_t z = ((uint64_t)(file + 1) << 32 | index) *
		     0x9e3779b97f4a7c15ull;

	return z ^ z >> 31;
}

#endif /* CMA_GUEST_DATA_H */
