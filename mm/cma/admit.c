// SPDX-License-Identifier: GPL-2.0
/*
 * Judges the pools of the device tree, each once, in the order of the tree and
 * before anything of it is reserved: sound, free, and with room left for the
 * kernel and for the default area. See of.c for why then.
 */
#include <linux/cma.h>
#include <linux/libfdt.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/of_fdt.h>
#include <linux/seq_buf.h>

#include "bootlog.h"
#include "boot.h"
#include "of.h"
#include "lib/plan.h"

/* Offset of the last pool that was judged; nodes come in this order. */
static unsigned long cma_of_check_seen __initdata;

/* One area is kept for the default, whether it comes from this tree or not. */
static bool __init cma_of_check_has_slot(unsigned long node)
{
	long default_node = cma_of_default_offset();
	bool is_default = (long)node == default_node;
	bool is_pending = default_node < 0 || !cma_of_find(default_node);

	return cma_of_count() + (is_pending && !is_default) < MAX_CMA_AREAS;
}

static bool __init cma_of_check_overlap(u64 base, u64 size, u64 other, u64 len)
{
	return len && base < other + len && other < base + size;
}

/* Firmware's list is reserved after the scan, so memblock does not know it. */
static bool __init cma_of_check_hits_memreserve(const struct cma_fdt_span *span,
						struct cma_conflict *conflict)
{
	u64 base, size;
	int i;

	for (i = 0; i < fdt_num_mem_rsv(initial_boot_params); i++) {
		fdt_get_mem_rsv(initial_boot_params, i, &base, &size);
		if (!cma_of_check_overlap(span->base, span->size, base, size))
			continue;
		*conflict = (struct cma_conflict){
			CMA_CONFLICT_TAKEN, base, base + size, "/memreserve/"
		};
		return true;
	}
	return false;
}

static bool __init cma_of_check_hits_node(const struct cma_fdt_span *span,
					  unsigned long other,
				       struct cma_conflict *conflict)
{
	struct cma_fdt_span reg;
	struct cma_fdt_node node;
	unsigned int i;

	cma_of_load(other, &node);
	for (i = 0; cma_fdt_reg(&node, i, &reg); i++) {
		if (!cma_of_check_overlap(span->base, span->size, reg.base, reg.size))
			continue;
		*conflict = (struct cma_conflict){
			CMA_CONFLICT_TAKEN, reg.base, reg.base + reg.size,
			cma_of_name(other)
		};
		return true;
	}
	return false;
}

/*
 * Nodes that come later are not reserved yet. Of two pools the first one
 * lives; anything else that has an address of its own is stronger.
 */
static bool __init cma_of_check_hits_others(unsigned long node,
					    const struct cma_fdt_span *span,
					 struct cma_conflict *conflict)
{
	const void *fdt = initial_boot_params;
	int other;

	fdt_for_each_subnode(other, fdt, fdt_path_offset(fdt,
							 "/reserved-memory")) {
		if (other == (int)node || !cma_of_is_enabled(other))
			continue;
		if (cma_of_is_pool(other) && !cma_of_find(other))
			continue;
		if (cma_of_check_hits_node(span, other, conflict))
			return true;
	}
	return false;
}

static bool __init cma_of_check_is_free(unsigned long node,
					const struct cma_fdt_span *span)
{
	struct cma_conflict conflict;
	char text[192];
	struct seq_buf line;

	if (!cma_of_check_hits_memreserve(span, &conflict) &&
	    !cma_of_check_hits_others(node, span, &conflict) &&
	    !cma_conflict_find(span->base, span->size, &conflict))
		return true;

	seq_buf_init(&line, text, sizeof(text));
	cma_conflict_describe(&conflict, &line);
	cma_of_warn(cma_of_name(node), "refused: %#llx-%#llx %s",
		    span->base, span->base + span->size, seq_buf_str(&line));
	return false;
}

static bool __init cma_of_check_is_sound(unsigned long offset,
					 struct cma_fdt_pool *pool)
{
	struct cma_fdt_error err;
	struct cma_fdt_node node;

	cma_of_load(offset, &node);
	if (!cma_fdt_read(&node, pool, &err))
		return true;
	if (err.cause == CMA_FDT_BAD_LENGTH)
		cma_of_warn(cma_of_name(offset),
			    "refused: %s has %u bytes, %u wanted",
			       err.property, err.found, err.wanted);
	else if (err.cause == CMA_FDT_UNALIGNED)
		cma_of_warn(cma_of_name(offset),
			    "refused: %s must be aligned to %#lx bytes",
			       err.property, CMA_MIN_ALIGNMENT_BYTES);
	else
		cma_of_warn(cma_of_name(offset), "refused: %s: %s",
			    err.property, cma_fdt_cause_text(err.cause));
	return false;
}

/* All its ranges, because those that are not used are going to be freed. */
static bool __init cma_of_check_is_free_all(unsigned long offset,
					    const struct cma_fdt_pool *pool)
{
	struct cma_fdt_node node;
	struct cma_fdt_span span;
	unsigned int i;

	cma_of_load(offset, &node);
	for (i = 0; pool->is_fixed && cma_fdt_reg(&node, i, &span); i++) {
		if (span.size && !cma_of_check_is_free(offset, &span))
			return false;
		if (!i || !cma_of_check_overlap(pool->span.base, pool->span.size,
						span.base, span.size))
			continue;
		cma_of_warn(cma_of_name(offset),
			    "refused: the ranges in its reg overlap");
		return false;
	}
	return true;
}

static bool __init cma_of_check_is_on_one_side(unsigned long node,
					       const struct cma_fdt_span *span)
{
	struct cma_plan_limits limits;

	cma_reserve_limits(&limits);
	if (span->base >= limits.lowmem_end ||
	    span->base + span->size <= limits.lowmem_end)
		return true;
	cma_of_warn(cma_of_name(node),
		    "refused: %#llx-%#llx lies on the low/high memory boundary (%#llx)",
		       span->base, span->base + span->size, limits.lowmem_end);
	return false;
}

static bool __init cma_of_check_has_room(unsigned long node, u64 size)
{
	u64 spare = cma_reserve_spare();

	if (size <= spare && size <= ULONG_MAX)
		return true;
	cma_of_warn(cma_of_name(node),
		    "refused: no room for %llu MiB beside what the kernel needs; at most %llu MiB would fit",
		       size >> 20, spare >> 20);
	return false;
}

/* Things that are odd, but do no harm. */
static void __init cma_of_check_remark(unsigned long node,
				       const struct cma_fdt_pool *pool)
{
	const char *name = cma_of_name(node);

	if (pool->disagrees)
		cma_of_warn(name, "has 'reg' and another 'size'; 'reg' counts");
	if (pool->align_raised)
		cma_of_warn(name, "alignment raised to %#llx, the page block size",
			    pool->align);
	if ((long)node == cma_of_default_offset() &&
	    !(cma_of_has(node, "reusable") &&
	      cma_of_has(node, "linux,cma-default")))
		cma_of_warn(name,
			    "is the default area by its name; it should have the properties reusable and linux,cma-default");
}

static bool __init cma_of_check_pool(unsigned long node)
{
	struct cma_fdt_pool pool;

	if (!cma_of_check_is_sound(node, &pool))
		return false;
	if (!cma_of_check_has_slot(node)) {
		cma_of_warn_no_slot(cma_of_name(node));
		return false;
	}
	if (!cma_of_check_is_free_all(node, &pool) ||
	    (pool.is_fixed && !cma_of_check_is_on_one_side(node, &pool.span)) ||
	    !cma_of_check_has_room(node, pool.span.size))
		return false;
	cma_of_check_remark(node, &pool);
	cma_of_add(node, &pool);
	return true;
}

/* Not ours; but its author may have thought that it would be the default. */
static void __init cma_of_check_foreign(unsigned long node)
{
	if (node <= cma_of_check_seen || !cma_of_has(node, "linux,cma-default") ||
	    !of_flat_dt_is_compatible(node, "shared-dma-pool"))
		return;
	cma_of_check_seen = node;
	cma_of_warn(cma_of_name(node),
		    "has no 'reusable', so its 'linux,cma-default' has no effect");
}

/**
 * cma_of_check_node() - may a node of /reserved-memory have its memory?
 * @node: offset of the node in the flat tree
 *
 * Context: boot, in the scans of /reserved-memory.
 * Return: false for a pool that cannot be honoured, which has been logged;
 * true for other pools, and for nodes that are none of ours.
 */
bool __init cma_of_check_node(unsigned long node)
{
	if (!cma_of_is_pool(node)) {
		cma_of_check_foreign(node);
		return true;
	}
	if (node <= cma_of_check_seen)
		return cma_of_find(node);
	cma_of_check_seen = node;
	return cma_of_check_pool(node);
}
