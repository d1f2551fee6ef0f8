// SPDX-License-Identifier: GPL-2.0
/*
 * The pools of the device tree: from a node to memory, from memory to an area,
 * and which of the areas is the default area.
 *
 * The kernel scans /reserved-memory twice. The first scan reserves the memory
 * of the nodes with "reg", then places the nodes with "size" and sets them up
 * at once. The second scan sets up the nodes with "reg". On some architectures
 * it comes after the default area has been chosen. Therefore
 *
 *   - each pool is checked when the first scan finds it, before any of its
 *     memory is reserved. It must be valid and free, and leave enough for the
 *     kernel and for the default area. Both scans skip a pool that is refused;
 *   - the tree alone decides which node is the default: the first one that asks
 *     for it and is not refused. If the scan has not reached it, its area is
 *     made early.
 *
 * Zones and emulated nodes are known later than the first scan, but before the
 * default area is made. By then each pool has to lie in one zone of one node:
 * one with "size" is moved, one with "reg" is refused. Only now the log tells of
 * the areas, and the architecture is told where they are.
 *
 * @offset is always the offset of a node in the flat tree.
 */
#define pr_fmt(fmt) "cma: " fmt

#include <linux/cma-boot.h>
#include <linux/cma.h>
#include <linux/dma-map-ops.h>
#include <linux/kmemleak.h>
#include <linux/libfdt.h>
#include <linux/limits.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/of_fdt.h>
#include <linux/printk.h>
#include <linux/seq_buf.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <linux/stringify.h>

#include "boot.h"
#include "cma.h"
#include "lib/fdt.h"
#include "lib/plan.h"

#define CMA_OF_NO_SLOT "all " __stringify(MAX_CMA_AREAS)		\
	" slots are taken or kept for the default area, see CONFIG_CMA_AREAS"

/**
 * struct cma_of_pool - a pool that has passed the checks
 * @offset: its node
 * @node: what the node says, as raw bytes in the tree
 * @parsed: what that means; the base is filled in once the pool is placed
 * @area: its area, once there is one
 * @is_refused: its memory could not be had after all
 */
struct cma_of_pool {
	unsigned long offset;
	struct cma_fdt_node node;
	struct cma_fdt_pool parsed;
	struct cma *area;
	bool is_refused;
};

static struct cma_of_pool cma_of_pools[MAX_CMA_AREAS] __initdata;
static unsigned int cma_of_nr_pools __initdata;

static struct cma_dt_default cma_of_default_info __initdata;
/* All pools are where they will stay. */
static bool cma_of_is_settled __initdata;

/* Offset of the last pool that was checked; nodes come in this order. */
static unsigned long cma_of_check_seen __initdata;

/* The name can be any text, so it must not be used as a format. */
static const char *__init cma_of_name(unsigned long offset)
{
	return fdt_get_name(initial_boot_params, offset, NULL);
}

static __printf(2, 3) void __init cma_of_warn(unsigned long offset,
					      const char *format, ...)
{
	struct va_format remark = { .fmt = format };
	va_list args;

	va_start(args, format);
	remark.va = &args;
	pr_warn("device tree node %.80s %pV\n", cma_of_name(offset), &remark);
	va_end(args);
}

/* There can be many such nodes, so the log names only the first few. */
static void __init cma_of_warn_few(unsigned long offset, const char *why)
{
	static unsigned int left __initdata = 4;

	if (!left)
		return;
	left--;
	cma_of_warn(offset, "refused: %s%s", why,
		    left ? "" : "; further nodes are not named");
}

static bool __init cma_of_has(unsigned long offset, const char *property)
{
	return of_get_flat_dt_prop(offset, property, NULL);
}

static struct cma_fdt_prop __init cma_of_prop(unsigned long offset,
					      const char *name)
{
	struct cma_fdt_prop prop = { .len = 0 };

	prop.data = of_get_flat_dt_prop(offset, name, &prop.len);
	return prop;
}

static struct cma_fdt_node __init cma_of_load(unsigned long offset)
{
	return (struct cma_fdt_node){
		.reg = cma_of_prop(offset, "reg"),
		.size = cma_of_prop(offset, "size"),
		.alignment = cma_of_prop(offset, "alignment"),
		.ranges = cma_of_prop(offset, "alloc-ranges"),
		.addr_cells = dt_root_addr_cells,
		.size_cells = dt_root_size_cells,
		.addr_max = PHYS_ADDR_MAX,
		.granule = CMA_MIN_ALIGNMENT_BYTES,
		.reusable = cma_of_has(offset, "reusable"),
		.no_map = cma_of_has(offset, "no-map"),
	};
}

/* Reads an entry of the /memreserve/ list; false after the last one. */
static bool __init cma_of_memreserve(int index, struct cma_fdt_span *span)
{
	if (index >= fdt_num_mem_rsv(initial_boot_params))
		return false;
	fdt_get_mem_rsv(initial_boot_params, index, &span->base, &span->size);
	return true;
}

/* Documents of vendors often show a default node with its name only. */
static bool __init cma_of_is_named_default(unsigned long offset)
{
	const char *name = cma_of_name(offset);
	size_t len = strlen("linux,cma");

	return name && !strncmp(name, "linux,cma", len) &&
	       (!name[len] || name[len] == '@');
}

/* A pool of ours, also when it has reusable and, by mistake, no-map. */
static bool __init cma_of_is_pool(unsigned long offset)
{
	if (!of_flat_dt_is_compatible(offset, "shared-dma-pool"))
		return false;
	return cma_of_has(offset, "reusable") ||
	       (cma_of_is_named_default(offset) &&
		!cma_of_has(offset, "no-map"));
}

static bool __init cma_of_is_enabled(unsigned long offset)
{
	const char *status = of_get_flat_dt_prop(offset, "status", NULL);

	return !status || !strcmp(status, "okay") || !strcmp(status, "ok");
}

static struct cma_of_pool *__init cma_of_find(unsigned long offset)
{
	struct cma_of_pool *pool;

	for (pool = cma_of_pools; pool < cma_of_pools + cma_of_nr_pools; pool++)
		if (pool->offset == offset)
			return pool;
	return NULL;
}

static bool __init cma_of_wants_default(unsigned long offset)
{
	return cma_of_is_pool(offset) && cma_of_is_enabled(offset) &&
	       !cma_of_has(offset, "no-map") &&
	       (cma_of_has(offset, "linux,cma-default") ||
		cma_of_is_named_default(offset));
}

/* The kernel that saves a dump is told so here, or on the command line. */
static bool __init cma_of_is_overruled(unsigned long offset)
{
	int chosen = fdt_path_offset(initial_boot_params, "/chosen");

	return cma_setup_overrules(chosen >= 0 &&
				   cma_of_has(chosen, "linux,elfcorehdr"),
				   cma_of_wants_default(offset));
}

/* A node that is checked later is not refused yet. */
static bool __init cma_of_is_refused(unsigned long offset)
{
	const struct cma_of_pool *pool = cma_of_find(offset);

	return pool ? pool->is_refused : offset <= cma_of_check_seen;
}

/*
 * The first node that asks to be the default area and is not refused. If all
 * are, the first one; -1 when no node asks.
 */
static long __init cma_of_default_offset(void)
{
	const void *fdt = initial_boot_params;
	long first = -1;
	int parent, node;

	parent = fdt ? fdt_path_offset(fdt, "/reserved-memory") : -1;
	if (parent < 0)
		return -1;
	fdt_for_each_subnode(node, fdt, parent) {
		if (!cma_of_wants_default(node))
			continue;
		if (!cma_of_is_refused(node))
			return node;
		if (first < 0)
			first = node;
	}
	return first;
}

/* One entry is kept for the default area, whether the tree has one or not. */
static bool __init cma_of_check_has_slot(unsigned long offset)
{
	long default_node = cma_of_default_offset();
	bool is_default = (long)offset == default_node;
	bool is_pending = default_node < 0 || !cma_of_find(default_node);

	return cma_of_nr_pools + (is_pending && !is_default) < MAX_CMA_AREAS;
}

/* It may miss the overlap with a span that wraps past the largest address. */
static bool __init cma_of_overlap(const struct cma_fdt_span *span,
				  const struct cma_fdt_span *other)
{
	return other->size && span->base < other->base + other->size &&
	       other->base < span->base + span->size;
}

static bool __init cma_of_check_hits(const struct cma_fdt_span *span,
				     const struct cma_fdt_span *other,
				     const char *owner,
				     struct cma_conflict *conflict)
{
	if (!cma_of_overlap(span, other))
		return false;
	*conflict = (struct cma_conflict){
		CMA_CONFLICT_TAKEN, other->base, other->base + other->size,
		owner
	};
	return true;
}

/* The /memreserve/ list is reserved after the scan, so memblock lacks it. */
static bool __init cma_of_check_hits_memreserve(const struct cma_fdt_span *span,
						struct cma_conflict *conflict)
{
	struct cma_fdt_span entry;
	int i;

	for (i = 0; cma_of_memreserve(i, &entry); i++)
		if (cma_of_check_hits(span, &entry, "/memreserve/", conflict))
			return true;
	return false;
}

/*
 * Of two pools that overlap the first one wins, so a pool that has not passed
 * the checks is no conflict. Any other node with an address is one.
 */
static bool __init cma_of_check_hits_node(const struct cma_fdt_span *span,
					  unsigned long other,
					  struct cma_conflict *conflict)
{
	const struct cma_of_pool *pool = cma_of_find(other);
	struct cma_fdt_node node;
	struct cma_fdt_span reg;
	unsigned int i;

	if (!pool && cma_of_is_pool(other))
		return false;
	node = pool ? pool->node : cma_of_load(other);
	for (i = 0; cma_fdt_reg(&node, i, &reg); i++)
		if (cma_of_check_hits(span, &reg, cma_of_name(other), conflict))
			return true;
	return false;
}

/* memblock does not have the nodes that come later, so compare with each. */
static bool __init cma_of_check_hits_others(unsigned long offset,
					    const struct cma_fdt_span *span,
					    struct cma_conflict *conflict)
{
	const void *fdt = initial_boot_params;
	int parent = fdt_path_offset(fdt, "/reserved-memory");
	int other;

	fdt_for_each_subnode(other, fdt, parent)
		if (other != (int)offset && cma_of_is_enabled(other) &&
		    cma_of_check_hits_node(span, other, conflict))
			return true;
	return false;
}

static void __init cma_of_warn_conflict(unsigned long offset,
					const struct cma_fdt_span *span,
					const struct cma_conflict *conflict)
{
	char text[192];
	struct seq_buf line;

	seq_buf_init(&line, text, sizeof(text));
	cma_reserve_print_conflict(&line, conflict);
	cma_of_warn(offset, "refused: %#llx-%#llx %s", span->base,
		    span->base + span->size, seq_buf_str(&line));
}

static bool __init cma_of_check_is_free(unsigned long offset,
					const struct cma_fdt_span *span)
{
	struct cma_conflict conflict;

	if (!cma_of_check_hits_memreserve(span, &conflict) &&
	    !cma_of_check_hits_others(offset, span, &conflict) &&
	    !cma_reserve_find_conflict(span->base, span->size, &conflict))
		return true;

	cma_of_warn_conflict(offset, span, &conflict);
	return false;
}

static bool __init cma_of_check_is_sound(struct cma_of_pool *pool)
{
	struct cma_fdt_error err;

	if (!cma_fdt_read(&pool->node, &pool->parsed, &err))
		return true;
	if (err.cause == CMA_FDT_BAD_LENGTH)
		cma_of_warn(pool->offset,
			    "refused: %s has %u bytes, %u wanted",
			    err.property, err.found, err.wanted);
	else if (err.cause == CMA_FDT_UNALIGNED)
		cma_of_warn(pool->offset,
			    "refused: %s must be aligned to %#lx bytes",
			    err.property, CMA_MIN_ALIGNMENT_BYTES);
	else
		cma_of_warn(pool->offset, "refused: %s: %s", err.property,
			    cma_fdt_cause_text(err.cause));
	return false;
}

/* Check all its ranges, because those that are not used will be freed. */
static bool __init cma_of_check_is_free_all(const struct cma_of_pool *pool)
{
	const struct cma_fdt_span *first = &pool->parsed.span;
	struct cma_fdt_span span;
	unsigned int i;

	for (i = 0; cma_fdt_reg(&pool->node, i, &span); i++) {
		if (span.size && !cma_of_check_is_free(pool->offset, &span))
			return false;
		if (!i || !cma_of_overlap(first, &span))
			continue;
		cma_of_warn(pool->offset,
			    "refused: the ranges in its reg overlap");
		return false;
	}
	return true;
}

static u64 __init cma_of_largest_in(const struct cma_of_pool *pool, u64 base,
				    u64 limit)
{
	const struct cma_declaration decl = {
		.req = {
			.align = pool->parsed.is_fixed ? 0 : pool->parsed.align,
			.base = base, .limit = limit,
		},
		.nid = NUMA_NO_NODE,
	};

	return cma_reserve_largest(&decl);
}

/* The largest size that a pool could have where it may be. */
static u64 __init cma_of_largest(const struct cma_of_pool *pool)
{
	const struct cma_fdt_span *reg = &pool->parsed.span;
	struct cma_fdt_span span;
	u64 largest = 0;
	unsigned int i;

	if (pool->parsed.is_fixed)
		return cma_of_largest_in(pool, reg->base, reg->base + reg->size);
	if (!pool->parsed.nr_ranges)
		return cma_of_largest_in(pool, 0, 0);
	for (i = 0; i < pool->parsed.nr_ranges; i++)
		if (cma_fdt_range(&pool->node, i, &span))
			largest = max(largest,
				      cma_of_largest_in(pool, span.base,
							span.base + span.size));
	return largest;
}

static bool __init cma_of_check_has_room(const struct cma_of_pool *pool)
{
	u64 size = pool->parsed.span.size;
	u64 largest = cma_of_largest(pool);

	if (size <= largest && size <= ULONG_MAX)
		return true;
	cma_of_warn(pool->offset,
		    "refused: no room for %llu MiB%s beside what the kernel needs; at most %llu MiB would fit",
		    size >> 20,
		    pool->parsed.nr_ranges ? " in its alloc-ranges" : "",
		    largest >> 20);
	return false;
}

/* Log what is odd, but does no harm. */
static void __init cma_of_check_remark(const struct cma_of_pool *pool)
{
	unsigned long offset = pool->offset;

	if (pool->parsed.disagrees)
		cma_of_warn(offset,
			    "has 'reg' and another 'size'; 'reg' counts");
	if (pool->parsed.has_odd_size)
		cma_of_warn(offset, "has a size of %d bytes where the root says %d cells; taken as %llu KiB",
			    pool->node.size.len, pool->node.size_cells,
			    pool->parsed.asked >> 10);
	if (pool->parsed.align_raised)
		cma_of_warn(offset,
			    "alignment raised to %#llx, the page block size",
			    pool->parsed.align);
	if ((long)offset == cma_of_default_offset() &&
	    !(pool->node.reusable && cma_of_has(offset, "linux,cma-default")))
		cma_of_warn(offset,
			    "is the default area by its name; it should have the properties reusable and linux,cma-default");
}

static void __init cma_of_check_pool(unsigned long offset)
{
	struct cma_of_pool pool = {
		.offset = offset, .node = cma_of_load(offset),
	};

	if (cma_of_is_overruled(offset)) {
		if (!cma_of_wants_default(offset))
			cma_of_warn_few(offset, "cma= switches all areas off");
		return;
	}
	if (!cma_of_check_is_sound(&pool))
		return;
	if (!cma_of_check_has_slot(offset)) {
		cma_of_warn_few(offset, CMA_OF_NO_SLOT);
		return;
	}
	if (pool.parsed.is_fixed && !cma_of_check_is_free_all(&pool))
		return;
	if (!cma_of_check_has_room(&pool))
		return;
	cma_of_check_remark(&pool);
	cma_of_pools[cma_of_nr_pools++] = pool;
}

/* Not a pool of ours, but its author may want it to be the default area. */
static void __init cma_of_check_foreign(unsigned long offset)
{
	if (offset <= cma_of_check_seen ||
	    !cma_of_has(offset, "linux,cma-default") ||
	    !of_flat_dt_is_compatible(offset, "shared-dma-pool"))
		return;
	cma_of_check_seen = offset;
	cma_of_warn(offset,
		    "has no 'reusable', so its 'linux,cma-default' has no effect");
}

/**
 * cma_of_check_node() - may a node of /reserved-memory have its memory?
 * @offset: the node
 *
 * Context: boot, in the scans of /reserved-memory.
 * Return: false for a pool that is refused, and the reason is logged; true for
 * other pools, and for nodes that are not pools of ours.
 */
bool __init cma_of_check_node(unsigned long offset)
{
	if (!cma_of_is_pool(offset)) {
		cma_of_check_foreign(offset);
		return true;
	}
	if (offset > cma_of_check_seen) {
		cma_of_check_pool(offset);
		cma_of_check_seen = offset;
	}
	return !cma_of_is_refused(offset);
}

/* The /memreserve/ list is reserved after the scan; no pool may be on it. */
static void __init cma_of_place_reserve_firmware(void)
{
	static bool done __initdata;
	struct cma_fdt_span entry;
	int i;

	for (i = 0; !done && cma_of_memreserve(i, &entry); i++)
		memblock_reserve(entry.base, entry.size);
	done = true;
}

static phys_addr_t __init cma_of_place_between(const struct cma_fdt_pool *pool,
					       u64 lo, u64 hi)
{
	const struct cma_declaration decl = {
		.nid = NUMA_NO_NODE, .from = pool->span.base,
	};
	const struct cma_plan plan = {
		.size = pool->span.size, .align = pool->align,
	};

	return cma_reserve_search(&decl, &plan,
				  &(struct cma_attempt){ .lo = lo, .hi = hi });
}

/*
 * Memory that all devices reach comes first, then where the pool was before, then
 * memory that most devices reach.
 */
static phys_addr_t __init cma_of_place_near(const struct cma_fdt_pool *pool,
					    u64 reach)
{
	u64 old = pool->span.base;
	phys_addr_t base = cma_of_place_between(pool, 0, reach);

	if (!base && old)
		base = cma_of_place_between(pool, old, old + pool->span.size);
	return base ?: cma_of_place_between(pool, 0, max_t(u64, reach, SZ_4G)) ?:
		       cma_of_place_between(pool, 0, U64_MAX);
}

static phys_addr_t __init cma_of_place_search(const struct cma_of_pool *pool,
					      u64 reach)
{
	struct cma_fdt_span span;
	phys_addr_t base = 0;
	unsigned int i;

	if (!pool->parsed.nr_ranges)
		return cma_of_place_near(&pool->parsed, reach);
	for (i = 0; !base && i < pool->parsed.nr_ranges; i++)
		if (cma_fdt_range(&pool->node, i, &span))
			base = cma_of_place_between(&pool->parsed, span.base,
						    span.base + span.size);
	return base;
}

/* Reserve memory for a pool with "size". */
static bool __init cma_of_place_pool(struct cma_of_pool *pool, u64 reach)
{
	phys_addr_t base = cma_of_place_search(pool, reach);

	if (base) {
		pool->parsed.span.base = base;
		kmemleak_ignore_phys(base);
		return true;
	}
	pool->is_refused = true;
	cma_of_warn(pool->offset, "refused: no room for %llu MiB%s; at most %llu MiB would fit",
		    pool->parsed.span.size >> 20,
		    pool->parsed.nr_ranges ? " in its alloc-ranges" : "",
		    cma_of_largest(pool) >> 20);
	return false;
}

/**
 * cma_of_place_node() - find memory for a pool without an address
 * @offset: its node
 * @base: receives the address
 * @size: receives the size in bytes, rounded up to the alignment
 *
 * Context: boot, in the first scan of /reserved-memory, after all nodes with
 * an address have been reserved.
 * Return: 0 with the memory reserved; -ENOMEM, which is logged, when there is
 * not enough; -ENODEV when the node is not such a pool.
 */
int __init cma_of_place_node(unsigned long offset, phys_addr_t *base,
			     phys_addr_t *size)
{
	struct cma_of_pool *pool = cma_of_find(offset);
	u64 asked;

	if (!pool || pool->parsed.is_fixed)
		return -ENODEV;
	cma_of_place_reserve_firmware();
	if (!cma_of_place_pool(pool, SZ_4G))
		return -ENOMEM;

	*base = pool->parsed.span.base;
	*size = pool->parsed.span.size;
	asked = pool->parsed.asked;
	if (asked != *size)
		cma_of_warn(offset,
			    "%llu KiB rounded up to %llu KiB, the page block size",
			    asked >> 10, (u64)*size >> 10);
	return 0;
}

/* Only the first range of a node becomes an area. */
static void __init cma_of_area_free_rest(const struct cma_of_pool *pool)
{
	struct cma_fdt_span span;
	unsigned int i;

	for (i = 1; cma_fdt_reg(&pool->node, i, &span); i++)
		memblock_phys_free(span.base, span.size);
}

static int __init cma_of_area_make(struct cma_of_pool *pool)
{
	const struct cma_fdt_span *span = &pool->parsed.span;
	const struct cma_declaration decl = {
		.req = { .base = span->base, .size = span->size },
		.name = cma_of_name(pool->offset),
		.is_default = (long)pool->offset == cma_of_default_offset(),
	};
	int err;

	if (!pool->parsed.is_fixed && !span->base)
		return -ENOMEM;
	err = cma_adopt(&decl, &pool->area);
	if (err)
		return err;
	if (cma_of_is_settled)
		cma_reserve_log(pool->area, NUMA_NO_NODE);
	if (pool->parsed.nr_more) {
		cma_of_area_free_rest(pool);
		cma_of_warn(pool->offset,
			    "has %u ranges; only the first one is used, the others are freed",
			    pool->parsed.nr_more + 1);
	}
	return 0;
}

/**
 * cma_of_area() - the area of a pool, which the first call makes
 * @offset: its node
 *
 * After a failure the caller frees the memory of the node, of which other ranges
 * are free by then.
 *
 * Context: boot, after the memory of the node has been reserved.
 * Return: the area; NULL when the node was refused or its area cannot be made.
 */
struct cma *__init cma_of_area(unsigned long offset)
{
	struct cma_of_pool *pool = cma_of_find(offset);

	if (!pool || pool->is_refused)
		return NULL;
	if (!pool->area && cma_of_area_make(pool)) {
		pool->is_refused = true;
		cma_of_warn(offset, "refused: no area can be made of %#llx-%#llx",
			    pool->parsed.span.base,
			    pool->parsed.span.base + pool->parsed.span.size);
		cma_of_area_free_rest(pool);
	}
	return pool->area;
}

/* The memory of a pool that could not be had after all. */
static void __init cma_of_settle_drop(struct cma_of_pool *pool)
{
	pool->is_refused = true;
	if (pool->area)
		cma_area_move(pool->area, (struct cma_range){});
	else
		cma_of_area_free_rest(pool);
}

/* The pool has no memory now. It gets what it had when there is nothing better. */
static void __init cma_of_settle_move(struct cma_of_pool *pool, u64 reach)
{
	const struct cma_fdt_span *span = &pool->parsed.span;
	u64 old = span->base;

	if (!cma_of_place_pool(pool, reach)) {
		cma_of_settle_drop(pool);
		return;
	}
	if (pool->area)
		cma_area_move(pool->area, cma_range_of(PHYS_PFN(span->base),
						       PHYS_PFN(span->size)));
	if (span->base != old)
		cma_of_warn(pool->offset, "moved from %#llx to %#llx, %s", old,
			    span->base, span->base + span->size <= reach &&
			    old + span->size > reach ?
			    "to where more devices reach it" :
			    "because it has to lie in one zone of one node");
}

/* All of its memory is reserved, so it fits when nothing else is the matter. */
static void __init cma_of_settle_pool(struct cma_of_pool *pool, u64 reach)
{
	const struct cma_fdt_span *span = &pool->parsed.span;
	struct cma_conflict conflict;
	bool fits, is_far;

	cma_reserve_find_conflict(span->base, span->size, &conflict);
	fits = conflict.kind == CMA_CONFLICT_TAKEN;
	is_far = !pool->parsed.nr_ranges && span->base + span->size > reach;
	if (fits && (!is_far || pool->parsed.is_fixed))
		return;
	memblock_phys_free(span->base, span->size);
	if (!pool->parsed.is_fixed) {
		cma_of_settle_move(pool, reach);
		return;
	}
	cma_of_warn_conflict(pool->offset, span, &conflict);
	cma_of_settle_drop(pool);
}

/* Tell who has to know where a pool is. */
static void __init cma_of_settle_tell(const struct cma_of_pool *pool, u64 reach)
{
	const struct cma_fdt_span *span = &pool->parsed.span;

	if (pool->area)
		cma_reserve_log(pool->area, NUMA_NO_NODE);
	dma_contiguous_early_fixup(span->base, span->size);
	if (!pool->parsed.is_fixed && !pool->parsed.nr_ranges &&
	    span->base + span->size > reach)
		cma_of_warn(pool->offset, "lies above %#llx: not for devices that reach no further",
			    reach);
}

/*
 * What all devices reach ends at @limit, or at 4 GiB where the architecture
 * knows of no limit; at the end of RAM if there is none below.
 */
static u64 __init cma_of_settle_reach(phys_addr_t limit)
{
	/* Some architectures tell the last address that is reached. */
	u64 end = round_up((u64)limit, CMA_MIN_ALIGNMENT_BYTES);
	u64 reach = end && end < memblock_end_of_DRAM() ? end : SZ_4G;

	return reach > memblock_start_of_DRAM() ? reach : U64_MAX;
}

static void __init cma_of_settle(phys_addr_t limit)
{
	u64 reach = cma_of_settle_reach(limit);
	unsigned int i;

	for (i = 0; i < cma_of_nr_pools; i++) {
		struct cma_of_pool *pool = &cma_of_pools[i];

		if (!pool->is_refused)
			cma_of_settle_pool(pool, reach);
		if (!pool->is_refused)
			cma_of_settle_tell(pool, reach);
	}
	cma_of_is_settled = true;
}

/* The bytes that a node asks for, even if it was refused; 0 if invalid. */
static u64 __init cma_of_asked(unsigned long offset)
{
	const struct cma_of_pool *pool = cma_of_find(offset);
	struct cma_fdt_error err;
	struct cma_fdt_node node;
	struct cma_fdt_pool parsed;

	if (pool)
		return pool->parsed.asked;
	node = cma_of_load(offset);
	return cma_fdt_read(&node, &parsed, &err) ? 0 : parsed.asked;
}

/* Pools that ask to be the default area, and have come too late for that. */
static void __init cma_of_default_warn_others(unsigned long offset)
{
	unsigned int i;

	for (i = 0; i < cma_of_nr_pools; i++) {
		const struct cma_of_pool *pool = &cma_of_pools[i];

		if (pool->offset > offset && !pool->is_refused &&
		    cma_of_wants_default(pool->offset))
			cma_of_warn(pool->offset, "is not the default area, %s comes first",
				    cma_of_name(offset));
	}
}

/* The area of the first node that asks for it and can have it; or NULL. */
static struct cma *__init cma_of_default_area(long *offset)
{
	for (;;) {
		struct cma_of_pool *pool;

		*offset = cma_of_default_offset();
		pool = *offset < 0 ? NULL : cma_of_find(*offset);
		if (!pool || pool->is_refused)
			return NULL;
		if (cma_of_area(*offset))
			return pool->area;
		memblock_phys_free(pool->parsed.span.base,
				   pool->parsed.span.size);
	}
}

/**
 * cma_of_default() - what the device tree says about the default area
 * @limit: first address that devices cannot reach, 0 without a limit
 *
 * It first gives all pools their last place.
 *
 * Context: boot, once, after the first scan of /reserved-memory, and after zones
 * and nodes are known if the architecture has them so early.
 * Return: the node and the area made from it; NULL when no node asks to be the
 * default area.
 */
const struct cma_dt_default *__init cma_of_default(phys_addr_t limit)
{
	long offset;

	cma_of_settle(limit);
	cma_of_default_info.area = cma_of_default_area(&offset);
	if (offset < 0)
		return NULL;
	cma_of_default_info.name = cma_of_name(offset);
	cma_of_default_info.size = cma_of_asked(offset);
	cma_of_default_info.is_overruled = cma_of_is_overruled(offset);
	cma_of_default_warn_others(offset);
	return &cma_of_default_info;
}
