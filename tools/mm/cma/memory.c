// SPDX-License-Identifier: GPL-2.0
/*
 * Pieces of memory in a chain, latest first, see memory.h.
 */
#include <stdlib.h>
#include <string.h>

#include <linux/overflow.h>

#include "memory.h"
#include "message.h"

/**
 * struct piece - a piece of memory
 * @before: the one that was allocated before it
 * @payload: what the user has of it
 */
struct piece {
	struct piece *before;
	max_align_t payload[];
};

static struct piece *latest;

/**
 * memory_get() - allocate zeroed memory
 * @count: number of elements, any value
 * @size: of an element, in bytes
 *
 * Context: any; ends the program when there is no memory.
 * Return: the memory; never NULL.
 */
void *memory_get(size_t count, size_t size)
{
	struct piece *piece = NULL;
	size_t bytes;

	if (!check_mul_overflow(count, size, &bytes) &&
	    !check_add_overflow(bytes, sizeof(*piece), &bytes))
		piece = calloc(1, bytes);
	if (!piece)
		message_exit(EXIT_BAD, "not enough memory");
	piece->before = latest;
	latest = piece;
	return piece->payload;
}

/**
 * memory_grow() - make room for one element more
 * @old: the elements so far; may be NULL when there are none
 * @used: how many they are
 * @room: how many fit, updated
 * @size: of an element, in bytes
 *
 * Context: any; ends the program when there is no memory.
 * Return: where the elements are now.
 */
void *memory_grow(void *old, size_t used, size_t *room, size_t size)
{
	void *grown;

	if (used < *room)
		return old;
	*room = used ? 2 * used : 16;
	grown = memory_get(*room, size);
	if (used)
		memcpy(grown, old, used * size);
	return grown;
}

/**
 * memory_copy() - copy a piece of text
 * @text: the text, any bytes
 * @len: its length in bytes
 *
 * Context: any; ends the program when there is no memory.
 * Return: the copy, with a NUL behind it.
 */
char *memory_copy(const char *text, size_t len)
{
	char *copy = memory_get(len + 1, 1);

	memcpy(copy, text, len);
	return copy;
}

/**
 * memory_mark() - note what there is
 *
 * Context: any.
 * Return: a mark for memory_release().
 */
struct memory_mark memory_mark(void)
{
	return (struct memory_mark){ latest };
}

/**
 * memory_release() - free all that was allocated after a mark
 * @mark: the mark
 *
 * Context: any.
 */
void memory_release(struct memory_mark mark)
{
	while (latest != mark.latest) {
		struct piece *before = latest->before;

		free(latest);
		latest = before;
	}
}
