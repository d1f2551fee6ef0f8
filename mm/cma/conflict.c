// SPDX-License-Identifier: GPL-2.0
/*
 * Looks for what is in the way of a range, the first thing that it meets.
 */
#include <linux/limits.h>
#include <linux/memblock.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/initrd.h>
#include <linux/pfn.h>
#include <linux/seq_buf.h>
#include <asm/sections.h>

#include "cma.h"
#include "conflict.h"

static bool __init cma_conflict_set(struct cma_conflict *conflict,
				    enum cma_conflict_kind kind, u64 start,
				    u64 end)
{
	conflict->kind = kind;
	conflict->start = start;
	conflict->end = end;
	return true;
}

/* First region of @type that ends behind @addr, or NULL. */
static const struct memblock_region *__init
cma_conflict_region(const struct memblock_type *type, u64 addr)
{
	const struct memblock_region *region = type->regions;

	for (; region < type->regions + type->cnt; region++)
		if ((u64)region->base + region->size > addr)
			return region;
	return NULL;
}

/* Walk over the RAM regions; they touch each other where their flags differ. */
static bool __init cma_conflict_in_ram(u64 base, u64 end,
				       struct cma_conflict *conflict)
{
	const struct memblock_region *region;
	u64 addr = base;

	while (addr < end) {
		region = cma_conflict_region(&memblock.memory, addr);
		if (!region)
			return cma_conflict_set(conflict,
						CMA_CONFLICT_BEYOND_RAM, addr,
						memblock_end_of_DRAM());
		if (region->base > addr)
			return cma_conflict_set(conflict, CMA_CONFLICT_NOT_RAM,
						addr,
						min_t(u64, region->base, end));
		if (region->flags & MEMBLOCK_NOMAP)
			return cma_conflict_set(conflict, CMA_CONFLICT_NO_MAP,
						region->base,
						region->base + region->size);
		addr = region->base + region->size;
	}
	return false;
}

static bool __init cma_conflict_overlaps(u64 a, u64 a_end, u64 b, u64 b_end)
{
	return a < b_end && b < a_end;
}

static bool __init cma_conflict_is_initrd(u64 start, u64 end)
{
	return IS_ENABLED(CONFIG_BLK_DEV_INITRD) && phys_initrd_size &&
	       cma_conflict_overlaps(start, end, phys_initrd_start,
				     (u64)phys_initrd_start + phys_initrd_size);
}

/* Who reserved it, as far as is known this early. */
static const char *__init cma_conflict_owner(u64 start, u64 end)
{
	const struct cma_range range = { PHYS_PFN(start), PHYS_PFN(end) };
	const struct cma *cma = cma_area_overlapping(range);

	if (cma)
		return cma->name;
	if (cma_conflict_overlaps(start, end, __pa_symbol(_stext),
				  __pa_symbol(_end)))
		return "kernel";
	return cma_conflict_is_initrd(start, end) ? "initrd" : "reserved";
}

static bool __init cma_conflict_in_reserved(u64 base, u64 end,
					    struct cma_conflict *conflict)
{
	const struct memblock_region *region;

	region = cma_conflict_region(&memblock.reserved, base);
	if (!region || region->base >= end)
		return false;
	cma_conflict_set(conflict, CMA_CONFLICT_TAKEN, region->base,
			 region->base + region->size);
	conflict->owner = cma_conflict_owner(max_t(u64, region->base, base),
					     min(conflict->end, end));
	return true;
}

/**
 * cma_conflict_find() - look for what is in the way of a range
 * @base: first address, any value
 * @size: bytes, any value but 0
 * @conflict: receives what was found, %CMA_CONFLICT_NONE when nothing
 *
 * Context: boot, while memblock is in charge.
 * Return: true when something is in the way.
 */
bool __init cma_conflict_find(u64 base, u64 size, struct cma_conflict *conflict)
{
	u64 end = base + size;

	*conflict = (struct cma_conflict){ .kind = CMA_CONFLICT_NONE };
	if (end <= base || end - 1 > PHYS_ADDR_MAX)
		return cma_conflict_set(conflict, CMA_CONFLICT_WRAPS, base, end);
	return cma_conflict_in_ram(base, end, conflict) ||
	       cma_conflict_in_reserved(base, end, conflict);
}

/**
 * cma_conflict_describe() - append a conflict to a line, in words
 * @conflict: not %CMA_CONFLICT_NONE
 * @line: where to
 *
 * Context: boot.
 */
void __init cma_conflict_describe(const struct cma_conflict *conflict,
				  struct seq_buf *line)
{
	switch (conflict->kind) {
	case CMA_CONFLICT_WRAPS:
		seq_buf_puts(line, "wraps past the largest address");
		break;
	case CMA_CONFLICT_BEYOND_RAM:
		seq_buf_printf(line, "lies beyond the end of RAM at %#llx",
			       conflict->end);
		break;
	case CMA_CONFLICT_NOT_RAM:
		seq_buf_printf(line, "is not RAM at %#llx-%#llx",
			       conflict->start, conflict->end);
		break;
	case CMA_CONFLICT_NO_MAP:
		seq_buf_printf(line, "overlaps %#llx-%#llx (no-map)",
			       conflict->start, conflict->end);
		break;
	case CMA_CONFLICT_TAKEN:
		seq_buf_printf(line, "overlaps %#llx-%#llx (%s)",
			       conflict->start, conflict->end, conflict->owner);
		break;
	case CMA_CONFLICT_NONE:
		break;
	}
}
