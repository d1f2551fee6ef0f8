// SPDX-License-Identifier: GPL-2.0
/*
 * Pools out of the device tree, and which of them is the default area.
 *
 * /reserved-memory is scanned twice. The first scan reserves the memory of the
 * nodes with "reg", then places those with "size" and sets them up at once;
 * the second one sets up the nodes with "reg". On some architectures the second
 * one comes after the default area has been chosen. Therefore
 *
 *   - each pool is judged when the first scan meets it, before anything of it
 *     is reserved; a pool that is refused is left out by both scans;
 *   - the default is chosen by the tree alone, the first node in it that claims
 *     to be it, and its area is made early if its turn has not come.
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
#include <linux/string.h>

#include "boot.h"
#include "cma.h"
#include "lib/plan.h"

static struct cma_of_pool cma_of_pools[MAX_CMA_AREAS] __initdata;
static unsigned int cma_of_nr_pools __initdata;

static struct cma_dt_default cma_of_default_info __initdata;
static long cma_of_default_node __initdata = -1;

static __printf(2, 3) void __init
cma_of_warn(const char *node, const char *format, ...)
{
	struct va_format remark = { .fmt = format };
	va_list args;

	va_start(args, format);
	remark.va = &args;
	pr_warn("device tree node %s %pV\n", node, &remark);
	va_end(args);
}

static void __init cma_of_warn_no_slot(const char *node)
{
	static unsigned int left __initdata = 4;

	if (!left)
		return;
	left--;
	cma_of_warn(node,
		    "refused: all %d slots are taken or kept for the default area, see CONFIG_CMA_AREAS%s",
		       MAX_CMA_AREAS, left ? "" : "; further nodes are not named");
}

/**
 * cma_of_has() - does a node have a property?
 * @node: offset of the node
 * @property: name of the property
 *
 * Context: boot.
 * Return: true when it does, with or without a value.
 */
bool __init cma_of_has(unsigned long node, const char *property)
{
	return of_get_flat_dt_prop(node, property, NULL);
}

/**
 * cma_of_name() - name of a node, with its unit address
 * @node: offset of the node
 *
 * Context: boot.
 * Return: the name; data, never a format.
 */
const char *__init cma_of_name(unsigned long node)
{
	return fdt_get_name(initial_boot_params, node, NULL);
}

/**
 * cma_of_add() - remember a pool that was admitted
 * @node: offset of its node
 * @pool: what the node says
 *
 * Context: boot, when cma_of_count() is below MAX_CMA_AREAS.
 */
void __init cma_of_add(unsigned long node, const struct cma_fdt_pool *pool)
{
	cma_of_pools[cma_of_nr_pools++] = (struct cma_of_pool){
		.node = node, .pool = *pool,
	};
}

/**
 * cma_of_count() - how many pools were admitted
 *
 * Context: boot.
 * Return: 0 to MAX_CMA_AREAS.
 */
unsigned int __init cma_of_count(void)
{
	return cma_of_nr_pools;
}

/**
 * cma_of_find() - look up a pool that was admitted
 * @node: offset of its node
 *
 * Context: boot.
 * Return: the pool, or NULL.
 */
struct cma_of_pool *__init cma_of_find(unsigned long node)
{
	struct cma_of_pool *pool;

	for (pool = cma_of_pools; pool < cma_of_pools + cma_of_nr_pools; pool++)
		if (pool->node == node)
			return pool;
	return NULL;
}

/* Documentation in the field shows the default node by its name alone. */
static bool __init cma_of_is_named_default(unsigned long node)
{
	const char *name = cma_of_name(node);
	size_t len = strlen("linux,cma");

	return name && !strncmp(name, "linux,cma", len) &&
	       (!name[len] || name[len] == '@');
}

/**
 * cma_of_is_pool() - is a node a pool of ours, or meant to be one?
 * @node: offset of the node
 *
 * Context: boot.
 * Return: true for shared-dma-pool nodes that are reusable, or are to be the
 * default by their name; also with a no-map that makes no sense.
 */
bool __init cma_of_is_pool(unsigned long node)
{
	if (!of_flat_dt_is_compatible(node, "shared-dma-pool"))
		return false;
	return cma_of_has(node, "reusable") ||
	       (cma_of_is_named_default(node) && !cma_of_has(node, "no-map"));
}

/**
 * cma_of_is_enabled() - is a node in use?
 * @node: offset of the node
 *
 * Context: boot.
 * Return: false when its status says otherwise.
 */
bool __init cma_of_is_enabled(unsigned long node)
{
	const char *status = of_get_flat_dt_prop(node, "status", NULL);

	return !status || !strcmp(status, "okay") || !strcmp(status, "ok");
}

static bool __init cma_of_claims_default(unsigned long node)
{
	return cma_of_is_pool(node) && cma_of_is_enabled(node) &&
	       !cma_of_has(node, "no-map") &&
	       (cma_of_has(node, "linux,cma-default") ||
		cma_of_is_named_default(node));
}

static struct cma_fdt_prop __init cma_of_prop(unsigned long node,
					      const char *name)
{
	struct cma_fdt_prop prop = { .len = 0 };

	prop.data = of_get_flat_dt_prop(node, name, &prop.len);
	return prop;
}

/**
 * cma_of_load() - collect the properties of a node
 * @offset: the node
 * @node: receives them
 *
 * Context: boot.
 */
void __init cma_of_load(unsigned long offset, struct cma_fdt_node *node)
{
	*node = (struct cma_fdt_node){
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

/* What a node asks for, for the line on who decided; 0 if it makes no sense. */
static u64 __init cma_of_asked(unsigned long offset)
{
	struct cma_fdt_error err;
	struct cma_fdt_node node;
	struct cma_fdt_pool pool;

	cma_of_load(offset, &node);
	return cma_fdt_read(&node, &pool, &err) ? 0 : pool.asked;
}

/* Find the node that is to be the default, once; later ones are named. */
static void __init cma_of_find_default(void)
{
	const void *fdt = initial_boot_params;
	int parent, node;

	if (cma_of_default_node >= 0 || !fdt)
		return;
	parent = fdt_path_offset(fdt, "/reserved-memory");
	if (parent < 0)
		return;
	fdt_for_each_subnode(node, fdt, parent) {
		if (!cma_of_claims_default(node))
			continue;
		if (cma_of_default_node >= 0) {
			cma_of_warn(cma_of_name(node),
				    "is not the default area, %s comes first",
				       cma_of_default_info.name);
			continue;
		}
		cma_of_default_node = node;
		cma_of_default_info.name = cma_of_name(node);
		cma_of_default_info.size = cma_of_asked(node);
		cma_of_default_info.is_fixed_up =
			cma_of_has(node, "reusable") || !cma_of_has(node, "reg");
	}
}

/**
 * cma_of_default_offset() - the node that is to be the default area
 *
 * Context: boot.
 * Return: its offset, -1 when no node claims to be it.
 */
long __init cma_of_default_offset(void)
{
	cma_of_find_default();
	return cma_of_default_node;
}

/**
 * cma_of_default() - what the device tree says about the default area
 *
 * Context: boot, after the first scan of /reserved-memory.
 * Return: the node and the area made from it; NULL when no node claims to be
 * the default.
 */
const struct cma_dt_default *__init cma_of_default(void)
{
	if (cma_of_default_offset() < 0)
		return NULL;
	cma_of_default_info.area = cma_of_area(cma_of_default_node);
	return &cma_of_default_info;
}

/*
 * Judges the pools of the device tree, each once, in the order of the tree and
 * before anything of it is reserved: sound, free, and with room left for the
 * kernel and for the default area. See of.c for why then.
 */

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

/* Firmware's list is reserved after the scan, so memblock does not know it. */
static bool __init cma_of_check_hits_memreserve(const struct cma_fdt_span *span,
						struct cma_conflict *conflict)
{
	u64 base, size;
	int i;

	for (i = 0; i < fdt_num_mem_rsv(initial_boot_params); i++) {
		fdt_get_mem_rsv(initial_boot_params, i, &base, &size);
		if (!cma_reserve_overlaps(span->base, span->size, base, size))
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
		if (!cma_reserve_overlaps(span->base, span->size, reg.base, reg.size))
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
	    !cma_reserve_find_conflict(span->base, span->size, &conflict))
		return true;

	seq_buf_init(&line, text, sizeof(text));
	cma_reserve_print_conflict(&line, &conflict);
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
		if (!i || !cma_reserve_overlaps(pool->span.base, pool->span.size,
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

/*
 * Pools of the device tree: from a node to memory, from memory to an area.
 */

/* Firmware's list is reserved after the scan; nothing may land on it. */
static void __init cma_of_place_reserve_firmware(void)
{
	static bool done __initdata;
	u64 base, size;
	int i;

	for (i = 0; !done && i < fdt_num_mem_rsv(initial_boot_params); i++) {
		fdt_get_mem_rsv(initial_boot_params, i, &base, &size);
		memblock_reserve(base, size);
	}
	done = true;
}

/* Search downwards, on either side of the boundary of high memory. */
static phys_addr_t __init cma_of_place_between(const struct cma_fdt_pool *pool,
					       u64 lo, u64 hi)
{
	struct cma_plan_limits limits;
	phys_addr_t base = 0;

	cma_reserve_limits(&limits);
	hi = min(hi, limits.ram_end);
	if (lo < limits.lowmem_end && hi > limits.lowmem_end) {
		base = memblock_phys_alloc_range(pool->span.size, pool->align,
						 limits.lowmem_end, hi);
		hi = limits.lowmem_end;
	}
	if (!base && lo < hi)
		base = memblock_phys_alloc_range(pool->span.size, pool->align,
						 lo, hi);
	return base;
}

static phys_addr_t __init cma_of_place_search(const struct cma_of_pool *pool)
{
	struct cma_fdt_node node;
	struct cma_fdt_span span;
	phys_addr_t base = 0;
	unsigned int i;

	if (!pool->pool.nr_ranges)
		return cma_of_place_between(&pool->pool, 0, U64_MAX);
	cma_of_load(pool->node, &node);
	for (i = 0; !base && i < pool->pool.nr_ranges; i++)
		if (cma_fdt_range(&node, i, &span))
			base = cma_of_place_between(&pool->pool, span.base,
						    span.base + span.size);
	return base;
}

static u64 __init cma_of_place_largest_in(const struct cma_of_pool *pool,
					  u64 base, u64 limit)
{
	const struct cma_plan_request req = {
		.align = pool->pool.align, .base = base, .limit = limit,
	};
	struct cma_plan_limits limits;

	cma_reserve_limits(&limits);
	return cma_reserve_largest(&req, &limits, NUMA_NO_NODE);
}

static u64 __init cma_of_place_largest(const struct cma_of_pool *pool)
{
	struct cma_fdt_node node;
	struct cma_fdt_span span;
	u64 largest = 0;
	unsigned int i;

	if (!pool->pool.nr_ranges)
		return cma_of_place_largest_in(pool, 0, 0);
	cma_of_load(pool->node, &node);
	for (i = 0; i < pool->pool.nr_ranges; i++)
		if (cma_fdt_range(&node, i, &span))
			largest = max(largest,
				      cma_of_place_largest_in(pool, span.base,
							      span.base +
							   span.size));
	return largest;
}

static void __init cma_of_place_failed(const struct cma_of_pool *pool)
{
	cma_of_warn(cma_of_name(pool->node),
		    "refused: no room for %llu MiB%s; at most %llu MiB would fit",
		       pool->pool.span.size >> 20,
		       pool->pool.nr_ranges ? " in its alloc-ranges" : "",
		       cma_of_place_largest(pool) >> 20);
}

/**
 * cma_of_place_node() - find memory for a pool that has no address of its own
 * @node: offset of its node
 * @base: receives the address
 * @size: receives the size in bytes, rounded up to the alignment
 *
 * Context: boot, in the first scan of /reserved-memory, after all nodes with
 * an address have been reserved.
 * Return: 0 with the memory reserved; -ENOMEM, which has been logged, when
 * there is none; -ENODEV when the node is no such pool.
 */
int __init cma_of_place_node(unsigned long node, phys_addr_t *base,
			     phys_addr_t *size)
{
	struct cma_of_pool *pool = cma_of_find(node);
	u64 asked;

	if (!pool || pool->pool.is_fixed)
		return -ENODEV;
	cma_of_place_reserve_firmware();
	*base = cma_of_place_search(pool);
	if (!*base) {
		cma_of_place_failed(pool);
		return -ENOMEM;
	}

	*size = pool->pool.span.size;
	pool->pool.span.base = *base;
	asked = pool->pool.asked;
	if (asked != *size)
		cma_of_warn(cma_of_name(node),
			    "%llu KiB rounded up to %llu KiB, the page block size",
			       asked >> 10, (u64)*size >> 10);
	kmemleak_ignore_phys(*base);
	dma_contiguous_early_fixup(*base, *size);
	return 0;
}

/* Only the first range of a node becomes an area. */
static void __init cma_of_place_free_rest(const struct cma_of_pool *pool)
{
	struct cma_fdt_node node;
	struct cma_fdt_span span;
	unsigned int i;

	if (!pool->pool.nr_more)
		return;
	cma_of_load(pool->node, &node);
	for (i = 1; cma_fdt_reg(&node, i, &span); i++)
		memblock_phys_free(span.base, span.size);
	cma_of_warn(cma_of_name(pool->node),
		    "has %u ranges; only the first one is used, the others are freed",
		       pool->pool.nr_more + 1);
}

static int __init cma_of_place_make(struct cma_of_pool *pool)
{
	const struct cma_fdt_span *span = &pool->pool.span;
	const struct cma_declaration decl = {
		.req = { .base = span->base, .size = span->size },
		.name = cma_of_name(pool->node),
		.is_default = (long)pool->node == cma_of_default_offset(),
	};
	int err;

	if (!pool->pool.is_fixed && !span->base)
		return -ENOMEM;
	err = cma_adopt(&decl, &pool->area);
	if (err)
		return err;
	cma_reserve_log(pool->area, NUMA_NO_NODE);
	cma_of_place_free_rest(pool);
	return 0;
}

/**
 * cma_of_area() - the area of a pool, made when it is first asked for
 * @node: offset of the node
 *
 * Context: boot, after the memory of the node has been reserved.
 * Return: the area; NULL when the node was refused or its area cannot be made.
 */
struct cma *__init cma_of_area(unsigned long node)
{
	struct cma_of_pool *pool = cma_of_find(node);

	if (!pool)
		return NULL;
	if (!pool->area && cma_of_place_make(pool))
		return NULL;
	return pool->area;
}
