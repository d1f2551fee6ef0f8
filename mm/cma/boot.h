/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What setup.c, of.c and mm/cma.c call of reserve.c, and what Kconfig says. All of
 * it is discarded after boot. What kernel/dma and the hooks call is in
 * linux/cma-boot.h.
 */
#ifndef __MM_CMA_BOOT_H
#define __MM_CMA_BOOT_H

#include <linux/types.h>

struct cma;
struct cma_declaration;
struct cma_plan_limits;
struct cma_plan_request;
struct cma_range;
struct seq_buf;

/*
 * What Kconfig says about the default area. The symbols exist only as far as
 * the choice between them needs them.
 */
#ifdef CONFIG_CMA_SIZE_MBYTES
#define CMA_DEFAULT_MBYTES	CONFIG_CMA_SIZE_MBYTES
#elif defined(CONFIG_CMA_KUNIT_MBYTES)
#define CMA_DEFAULT_MBYTES	CONFIG_CMA_KUNIT_MBYTES
#else
#define CMA_DEFAULT_MBYTES	0
#endif

#ifdef CONFIG_CMA_SIZE_PERCENTAGE
#define CMA_DEFAULT_PERCENT	CONFIG_CMA_SIZE_PERCENTAGE
#else
#define CMA_DEFAULT_PERCENT	0
#endif

#ifdef CONFIG_CMA_KEEP_MBYTES
#define CMA_DEFAULT_KEEP_MBYTES	CONFIG_CMA_KEEP_MBYTES
#else
#define CMA_DEFAULT_KEEP_MBYTES	0
#endif

/**
 * enum cma_conflict_kind - what is in the way
 * @CMA_CONFLICT_NONE: nothing
 * @CMA_CONFLICT_WRAPS: base plus size passes the largest address
 * @CMA_CONFLICT_BEYOND_RAM: a part lies after the last byte of RAM
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
 * @end: first address after it; for %CMA_CONFLICT_BEYOND_RAM the end of RAM
 * @owner: who has it, for %CMA_CONFLICT_TAKEN
 */
struct cma_conflict {
	enum cma_conflict_kind kind;
	u64 start;
	u64 end;
	const char *owner;
};

/* reserve.c */
void cma_reserve_limits(struct cma_plan_limits *limits);
u64 cma_reserve_spare(void);
u64 cma_reserve_largest(const struct cma_plan_request *req,
			const struct cma_plan_limits *limits, int nid);
bool cma_reserve_find_conflict(u64 base, u64 size,
			       struct cma_conflict *conflict);
int cma_reserve_check(phys_addr_t base, phys_addr_t size,
		      unsigned int order_per_bit, struct cma_range *range);
int cma_reserve(const struct cma_declaration *decl, struct cma_range *range);
void cma_reserve_log(const struct cma *cma, int nid);
void cma_reserve_print_bytes(struct seq_buf *line, u64 bytes);
void cma_reserve_print_conflict(struct seq_buf *line,
				const struct cma_conflict *conflict);

/**
 * cma_reserve_overlaps() - do two ranges of bytes overlap?
 * @base: first address of one range
 * @size: bytes, not 0
 * @other: first address of the other range
 * @len: bytes
 *
 * The overlap with a range that wraps past the largest address may be missed.
 *
 * Context: any.
 * Return: true when they do; never when @len is 0.
 */
static inline bool cma_reserve_overlaps(u64 base, u64 size, u64 other, u64 len)
{
	return len && base < other + len && other < base + size;
}

#endif /* __MM_CMA_BOOT_H */
