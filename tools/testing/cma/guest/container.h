/* SPDX-License-Identifier: GPL-2.0 */
/* The parts of cma_test=container. */
#ifndef CMA_GUEST_CONTAINER_H
#define CMA_GUEST_CONTAINER_H

#include "guest.h"

/* tree.c: files with known contents in memory, as many as fill @bytes */
void tree_unpack(const char *dir, unsigned long bytes);
unsigned long tree_bad_files(const char *dir);

/* member.c: what one process of the container has */
#define MEMBER_SPANS 10			/* parts of its memory, 2 MiB apart */
#define MEMBER_SPAN_BYTES (128UL << 10)
#define MEMBER_PIPE_BYTES (1UL << 20)	/* that nobody has read yet */
#define MEMBER_SOCKET_BYTES (128UL << 10)

#endif /* CMA_GUEST_CONTAINER_H */
