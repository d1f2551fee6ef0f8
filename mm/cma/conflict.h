/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Why a range of memory cannot become an area: it is not RAM, or somebody has
 * a part of it. Boot only, while memblock is in charge.
 */
#ifndef __MM_CMA_CONFLICT_H
#define __MM_CMA_CONFLICT_H

#include <linux/types.h>

struct seq_buf;

/**
 * enum cma_conflict_kind - what is in the way
 * @CMA_CONFLICT_NONE: nothing
 * @CMA_CONFLICT_WRAPS: base plus size passes the largest address
 * @CMA_CONFLICT_BEYOND_RAM: a part lies behind the last byte of RAM
 * @CMA_CONFLICT_NOT_RAM: a part is no RAM
 * @CMA_CONFLICT_NO_MAP: a part is withheld from the kernel
 * @CMA_CONFLICT_TAKEN: a part is reserved
 */
enum cma_conflict_kind {
	CMA_CONFLICT_NONE,
	CMA_CONFLICT_WRAPS,
	CMA_CONFLICT_BEYOND_RAM,
	CMA_CONFLICT_NOT_RAM,
	CMA_CONFLICT_NO_MAP,
	CMA_CONFLICT_TAKEN,
};

/**
 * struct cma_conflict - what is in the way, and where
 * @kind: what it is
 * @start: first address of it
 * @end: first address behind it; for %CMA_CONFLICT_BEYOND_RAM the end of RAM
 * @owner: who has it, for %CMA_CONFLICT_TAKEN
 */
struct cma_conflict {
	enum cma_conflict_kind kind;
	u64 start;
	u64 end;
	const char *owner;
};

bool cma_conflict_find(u64 base, u64 size, struct cma_conflict *conflict);
void cma_conflict_describe(const struct cma_conflict *conflict,
			   struct seq_buf *line);

#endif /* __MM_CMA_CONFLICT_H */
