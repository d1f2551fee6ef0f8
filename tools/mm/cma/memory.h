/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory that is released all at once, up to a mark. The program ends when
 * there is none.
 */
#ifndef CMA_MEMORY_H
#define CMA_MEMORY_H

#include <stddef.h>

/**
 * struct memory_mark - a point in the order of what was allocated
 * @latest: what was the latest then
 */
struct memory_mark {
	void *latest;
};

void *memory_get(size_t count, size_t size);
void *memory_grow(void *old, size_t used, size_t *room, size_t size);
char *memory_copy(const char *text, size_t len);
struct memory_mark memory_mark(void);
void memory_release(struct memory_mark mark);

#endif /* CMA_MEMORY_H */
