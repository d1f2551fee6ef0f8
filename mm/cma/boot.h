/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The private header of the boot code: the functions of reserve.c and setup.c,
 * which setup.c, of.c and mm/cma.c call, and the settings of Kconfig. All of it is
 * discarded after boot. linux/cma-boot.h has what kernel/dma and the hooks
 * call.
 */
#ifndef __MM_CMA_BOOT_H
#define __MM_CMA_BOOT_H

#include <linux/types.h>

struct cma;
struct cma_attempt;
struct cma_declaration;
struct cma_plan;
struct cma_range;
struct seq_buf;

/*
 * What Kconfig says about the default area. A symbol exists only if the choice
 * there makes use of it.
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
 * enum cma_conflict_kind - why a range cannot be reserved
 * @CMA_CONFLICT_NONE: nothing
 * @CMA_CONFLICT_WRAPS: base plus size passes the largest address
 * @CMA_CONFLICT_BEYOND_RAM: a part lies after the last byte of RAM
 * @CMA_CONFLICT_NOT_RAM: a part is not RAM
 * @CMA_CONFLICT_NO_MAP: a part is withheld from the kernel
 * @CMA_CONFLICT_NODES: its parts are in two nodes
 * @CMA_CONFLICT_LOWMEM: its parts are in low and in high memory
 * @CMA_CONFLICT_ZONES: its parts are in two zones
 * @CMA_CONFLICT_TAKEN: a part is reserved
 */
enum cma_conflict_kind {
	CMA_CONFLICT_NONE,
	CMA_CONFLICT_WRAPS,
	CMA_CONFLICT_BEYOND_RAM,
	CMA_CONFLICT_NOT_RAM,
	CMA_CONFLICT_NO_MAP,
	CMA_CONFLICT_NODES,
	CMA_CONFLICT_LOWMEM,
	CMA_CONFLICT_ZONES,
	CMA_CONFLICT_TAKEN,
};

/**
 * struct cma_conflict - why a range cannot be reserved, and which part of it
 * @kind: why
 * @start: first address of the part; the boundary between two parts
 * @end: one past its end; for %CMA_CONFLICT_BEYOND_RAM the end of RAM
 * @owner: the owner of the part, for %CMA_CONFLICT_TAKEN
 */
struct cma_conflict {
	enum cma_conflict_kind kind;
	u64 start;
	u64 end;
	const char *owner;
};

/* setup.c */
bool cma_setup_overrules(bool is_capture, bool is_default);

/* reserve.c */
u64 cma_reserve_largest(const struct cma_declaration *decl);
phys_addr_t cma_reserve_search(const struct cma_declaration *decl,
			       const struct cma_plan *plan,
			       const struct cma_attempt *attempt);
bool cma_reserve_find_conflict(u64 base, u64 size,
			       struct cma_conflict *conflict);
int cma_reserve_check(phys_addr_t base, phys_addr_t size,
		      unsigned int order_per_bit, struct cma_range *range);
int cma_reserve(const struct cma_declaration *decl, struct cma_range *range);
void cma_reserve_log(const struct cma *cma, int nid);
void cma_reserve_print_bytes(struct seq_buf *line, u64 bytes);
void cma_reserve_print_conflict(struct seq_buf *line,
				const struct cma_conflict *conflict);

#endif /* __MM_CMA_BOOT_H */
