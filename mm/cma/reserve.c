// SPDX-License-Identifier: GPL-2.0
/*
 * The reservation of memory for areas, from memblock: how much memory may
 * become areas, which part of a range is in use, and the log lines about both.
 * All memory that this file reserves is RAM, and was free. After a refusal
 * nothing is reserved.
 */
#define pr_fmt(fmt) "cma: " fmt

#include <linux/align.h>
#include <linux/highmem.h>
#include <linux/initrd.h>
#include <linux/kmemleak.h>
#include <linux/limits.h>
#include <linux/memblock.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/pfn.h>
#include <linux/printk.h>
#include <linux/seq_buf.h>
#include <linux/sizes.h>
#include <asm/sections.h>

#include "boot.h"
#include "cma.h"
#include "lib/plan.h"
#include "lib/range.h"

/* Enough for a line with a long option in it. */
#define CMA_RESERVE_LINE 320

/* Does a zone end at 4 GiB? On 64-bit machines, ZONE_DMA alone ends there, too. */
#define CMA_HAS_DMA32_LINE						\
	(IS_ENABLED(CONFIG_ZONE_DMA32) ||				\
	 (IS_ENABLED(CONFIG_ZONE_DMA) && IS_ENABLED(CONFIG_64BIT)))

/*
 * What this machine allows. high_memory is one past the last byte of low memory,
 * and cannot be translated itself. So this translates the byte before it.
 */
static void __init cma_reserve_limits(struct cma_plan_limits *limits)
{
	limits->ram_end = memblock_end_of_DRAM();
	limits->lowmem_end = limits->ram_end;
	if (IS_ENABLED(CONFIG_HIGHMEM))
		limits->lowmem_end = (u64)__pa(high_memory - 1) + 1;
	limits->dma_limit = 0;
	limits->granule = CMA_MIN_ALIGNMENT_BYTES;
	limits->addr_max = PHYS_ADDR_MAX;
}

static u64 __init cma_reserve_lowmem_end(void)
{
	struct cma_plan_limits limits;

	cma_reserve_limits(&limits);
	return limits.lowmem_end;
}

/* How many bytes of [lo, hi) are in zones where unmovable memory lives. */
static u64 __init cma_reserve_regular(u64 lo, u64 hi)
{
	u64 end = min(hi, cma_reserve_lowmem_end());
	u64 bytes = end > lo ? end - lo : 0;
	const struct zone *zone;
	int nid;

	for_each_online_node(nid) {
		u64 from, to;

		if (!NODE_DATA(nid))
			continue;
		zone = &NODE_DATA(nid)->node_zones[ZONE_MOVABLE];
		from = max_t(u64, lo, PFN_PHYS(zone->zone_start_pfn));
		to = min_t(u64, end, PFN_PHYS(zone_end_pfn(zone)));
		if (from < to)
			bytes -= min(bytes, to - from);
	}
	return bytes;
}

/*
 * The least that must stay free of areas. An owner, unlike Kconfig, knows how
 * little will do.
 */
static u64 __init cma_reserve_floor(bool is_builtin)
{
	phys_addr_t start, end;
	u64 ram = 0;
	u64 i;

	for_each_mem_range(i, &start, &end)
		ram += cma_reserve_regular(start, end);
	return max_t(u64, ram / 16,
		     min_t(u64, ram >> (is_builtin ? 1 : 3), SZ_32M));
}

/*
 * How much of what is free now may become areas, where unmovable memory lives.
 * What is reserved need not be RAM, so its size does not matter here.
 */
static u64 __init cma_reserve_spare(bool is_builtin)
{
	u64 floor = cma_reserve_floor(is_builtin);
	phys_addr_t start, end;
	u64 free = 0;
	u64 i;

	for_each_free_mem_range(i, NUMA_NO_NODE, MEMBLOCK_NONE, &start, &end,
				NULL)
		free += cma_reserve_regular(start, end);
	return free > floor ? free - floor : 0;
}

static u64 __init cma_reserve_line_of_node(int nid, u64 addr, bool *are_known)
{
	struct zone *zone;
	u64 line = 0;

	if (!NODE_DATA(nid))
		return 0;
	zone = NODE_DATA(nid)->node_zones;
	for (; zone < NODE_DATA(nid)->node_zones + MAX_NR_ZONES; zone++) {
		u64 start = PFN_PHYS(zone->zone_start_pfn);

		if (!populated_zone(zone))
			continue;
		*are_known = true;
		if (start < addr)
			line = max(line, start);
	}
	return line;
}

/*
 * The highest boundary of zones below @addr, 0 without one. As long as nobody
 * knows the zones, 4 GiB is one. No free range of memblock crosses the boundary
 * of nodes.
 */
static u64 __init cma_reserve_line_below(u64 addr)
{
	u64 lowmem_end = cma_reserve_lowmem_end();
	u64 line = lowmem_end < addr ? lowmem_end : 0;
	bool are_known = false;
	int nid;

	for_each_online_node(nid)
		line = max(line, cma_reserve_line_of_node(nid, addr,
							  &are_known));
	if (!are_known && CMA_HAS_DMA32_LINE && addr > SZ_4G)
		line = max_t(u64, line, SZ_4G);
	return line;
}

/* Length of the aligned part of [lo, hi), maybe 0. */
static u64 __init cma_reserve_aligned(u64 lo, u64 hi, u64 align)
{
	u64 start = ALIGN(lo, align);
	u64 end = ALIGN_DOWN(hi, align);

	return start >= lo && end > start ? end - start : 0;
}

/* The same for the parts of [lo, hi) that each lie in one zone. */
static u64 __init cma_reserve_largest_in(u64 lo, u64 hi, u64 align, u64 spare)
{
	u64 largest = 0;

	while (lo < hi) {
		u64 start = max(lo, cma_reserve_line_below(hi));
		u64 size = cma_reserve_aligned(start, hi, align);

		if (cma_reserve_regular(start, hi))
			size = min(size, ALIGN_DOWN(spare, align));
		largest = max(largest, size);
		hi = start;
	}
	return largest;
}

/**
 * cma_reserve_largest() - the largest size that could be reserved instead
 * @decl: what was asked for; its size does not matter
 *
 * Context: boot.
 * Return: bytes, a multiple of the alignment; 0 when no size would do.
 */
u64 __init cma_reserve_largest(const struct cma_declaration *decl)
{
	u64 spare = cma_reserve_spare(decl->is_builtin);
	struct cma_plan_limits limits;
	u64 align, limit, i;
	phys_addr_t start, end;
	u64 largest = 0;

	cma_reserve_limits(&limits);
	align = max(decl->req.align, limits.granule);
	limit = cma_plan_limit(&decl->req, &limits);
	for_each_free_mem_range(i, decl->nid, MEMBLOCK_NONE, &start, &end, NULL)
		largest = max(largest,
			      cma_reserve_largest_in(max_t(u64, start, decl->req.base),
						     min_t(u64, end, limit),
						     align, spare));
	return largest;
}

static bool __init cma_conflict_set(struct cma_conflict *conflict,
				    enum cma_conflict_kind kind, u64 start,
				    u64 end)
{
	conflict->kind = kind;
	conflict->start = start;
	conflict->end = end;
	return true;
}

/* First region of @type that ends after @addr, or NULL. */
static const struct memblock_region *__init
cma_conflict_region(const struct memblock_type *type, u64 addr)
{
	const struct memblock_region *region = type->regions;

	for (; region < type->regions + type->cnt; region++)
		if ((u64)region->base + region->size > addr)
			return region;
	return NULL;
}

/* Walk over the RAM regions. Adjacent regions are those whose flags differ. */
static bool __init cma_conflict_in_ram(u64 base, u64 end,
				       struct cma_conflict *conflict)
{
	const struct memblock_region *region;
	int nid = NUMA_NO_NODE;
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
		if (addr > base && memblock_get_region_node(region) != nid)
			return cma_conflict_set(conflict, CMA_CONFLICT_NODES,
						addr, end);
		nid = memblock_get_region_node(region);
		addr = region->base + region->size;
	}
	return false;
}

static bool __init cma_conflict_in_zones(u64 base, u64 end,
					 struct cma_conflict *conflict)
{
	u64 line = cma_reserve_line_below(end);

	if (line <= base)
		return false;
	return cma_conflict_set(conflict, line == cma_reserve_lowmem_end() ?
				CMA_CONFLICT_LOWMEM : CMA_CONFLICT_ZONES,
				line, end);
}

/* It may miss the overlap with a range that wraps past the largest address. */
static bool __init cma_reserve_overlaps(u64 base, u64 size, u64 other, u64 len)
{
	return len && base < other + len && other < base + size;
}

static bool __init cma_conflict_is_initrd(u64 start, u64 end)
{
	return IS_ENABLED(CONFIG_BLK_DEV_INITRD) && phys_initrd_size &&
	       cma_reserve_overlaps(start, end - start, phys_initrd_start,
				    phys_initrd_size);
}

/* The owner of reserved memory, as far as it is known this early. */
static const char *__init cma_conflict_owner(u64 start, u64 end)
{
	const struct cma_range range = { PHYS_PFN(start), PHYS_PFN(end) };
	const struct cma *cma = cma_area_overlapping(range);

	if (cma)
		return cma->name;
	if (cma_reserve_overlaps(start, end - start, __pa_symbol(_stext),
				 _end - _stext))
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
 * cma_reserve_find_conflict() - find out why a range cannot be reserved
 * @base: first address, any value
 * @size: bytes, any value but 0
 * @conflict: receives the reason, or %CMA_CONFLICT_NONE
 *
 * Context: boot, while memblock is in charge.
 * Return: true when there is a reason.
 */
bool __init cma_reserve_find_conflict(u64 base, u64 size, struct cma_conflict *conflict)
{
	u64 end = base + size;

	*conflict = (struct cma_conflict){ .kind = CMA_CONFLICT_NONE };
	if (end <= base || end - 1 > PHYS_ADDR_MAX)
		return cma_conflict_set(conflict, CMA_CONFLICT_WRAPS, base, end);
	return cma_conflict_in_ram(base, end, conflict) ||
	       cma_conflict_in_zones(base, end, conflict) ||
	       cma_conflict_in_reserved(base, end, conflict);
}

/**
 * cma_reserve_print_conflict() - append a conflict to a line, in words
 * @line: the line
 * @conflict: not %CMA_CONFLICT_NONE
 *
 * Context: boot.
 */
void __init cma_reserve_print_conflict(struct seq_buf *line,
				       const struct cma_conflict *conflict)
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
	case CMA_CONFLICT_NODES:
		seq_buf_printf(line, "lies on the boundary of two nodes (%#llx)",
			       conflict->start);
		break;
	case CMA_CONFLICT_LOWMEM:
		seq_buf_printf(line, "lies on the low/high memory boundary (%#llx)",
			       conflict->start);
		break;
	case CMA_CONFLICT_ZONES:
		seq_buf_printf(line, "lies on the boundary of two zones (%#llx)",
			       conflict->start);
		break;
	case CMA_CONFLICT_TAKEN:
		seq_buf_printf(line, "overlaps %#llx-%#llx (%s)",
			       conflict->start, conflict->end, conflict->owner);
		break;
	case CMA_CONFLICT_NONE:
		break;
	}
}

/**
 * cma_reserve_print_bytes() - append an amount of memory to a line
 * @line: the line
 * @bytes: how much
 *
 * Context: boot.
 */
void __init cma_reserve_print_bytes(struct seq_buf *line, u64 bytes)
{
	if (bytes % SZ_1M == 0)
		seq_buf_printf(line, "%llu MiB", bytes >> 20);
	else if (bytes % SZ_1K == 0)
		seq_buf_printf(line, "%llu KiB", bytes >> 10);
	else
		seq_buf_printf(line, "%llu bytes", bytes);
}

/**
 * cma_reserve_log() - log that an area exists
 * @cma: the area
 * @nid: the node that was asked for, -1 for any
 *
 * Context: boot.
 */
void __init cma_reserve_log(const struct cma *cma, int nid)
{
	phys_addr_t base = cma_get_base(cma);

	pr_info("Reserved %llu MiB at %pa on node %d\n",
		(u64)cma_get_size(cma) >> 20, &base, nid);
}

/* Begin a line about a refusal; the formats of stock have no subject. */
static void __init cma_reserve_print_subject(struct seq_buf *line,
					     const struct cma_declaration *decl)
{
	if (decl->who)
		seq_buf_printf(line, "%s refused: ", decl->who);
}

static void __init cma_reserve_print_largest(struct seq_buf *line,
					     const struct cma_declaration *decl)
{
	u64 largest = cma_reserve_largest(decl);

	if (!largest) {
		seq_buf_puts(line, "there is no room at all");
		return;
	}
	seq_buf_puts(line, "at most ");
	cma_reserve_print_bytes(line, largest);
	seq_buf_puts(line, " would fit");
}

static void __init cma_reserve_print_cause(struct seq_buf *line,
					   const struct cma_plan_request *req,
					   const struct cma_plan_limits *limits,
					   enum cma_plan_cause cause)
{
	phys_addr_t align = max(req->align, limits->granule);
	phys_addr_t limit = cma_plan_limit(req, limits);
	phys_addr_t lowmem_end = limits->lowmem_end;
	phys_addr_t base = req->base;
	phys_addr_t size = req->size;

	switch (cause) {
	case CMA_PLAN_BASE_UNALIGNED:
		seq_buf_printf(line, "Region at %pa must be aligned to %pa bytes",
			       &base, &align);
		break;
	case CMA_PLAN_CROSSES_LOWMEM:
		seq_buf_printf(line, "Region at %pa defined on low/high memory boundary (%pa)",
			       &base, &lowmem_end);
		break;
	case CMA_PLAN_BEYOND_LIMIT:
		seq_buf_printf(line, "Size (%pa) of region at %pa exceeds limit (%pa)",
			       &size, &base, &limit);
		break;
	case CMA_PLAN_BAD_ALIGN:
		seq_buf_printf(line, "Alignment %#llx is not a power of two",
			       req->align);
		break;
	case CMA_PLAN_NO_SIZE:
		seq_buf_puts(line, "the size of an area must not be 0");
		break;
	case CMA_PLAN_OVERFLOW:
		seq_buf_printf(line, "Size %#llx at %#llx wraps past the largest address",
			       req->size, req->base);
		break;
	case CMA_PLAN_OK:
		break;
	}
}

static void __init cma_reserve_log_no_plan(const struct cma_declaration *decl,
					   const struct cma_plan_limits *limits,
					   enum cma_plan_cause cause)
{
	char text[CMA_RESERVE_LINE];
	struct seq_buf line;

	seq_buf_init(&line, text, sizeof(text));
	cma_reserve_print_subject(&line, decl);
	cma_reserve_print_cause(&line, &decl->req, limits, cause);
	if (cause == CMA_PLAN_BEYOND_LIMIT && !decl->req.fixed) {
		seq_buf_puts(&line, "; ");
		cma_reserve_print_largest(&line, decl);
	}
	pr_err("%s\n", seq_buf_str(&line));
}

static void __init cma_reserve_log_no_room(const struct cma_declaration *decl,
					   u64 size)
{
	char text[CMA_RESERVE_LINE];
	struct seq_buf line;

	seq_buf_init(&line, text, sizeof(text));
	cma_reserve_print_subject(&line, decl);
	seq_buf_puts(&line, "no room for ");
	cma_reserve_print_bytes(&line, size);
	seq_buf_puts(&line, " beside what the kernel needs; ");
	cma_reserve_print_largest(&line, decl);
	pr_err("%s\n", seq_buf_str(&line));
}

static void __init cma_reserve_log_conflict(const struct cma_declaration *decl,
					    u64 base, u64 size,
					    const struct cma_conflict *conflict)
{
	char text[CMA_RESERVE_LINE];
	struct seq_buf line;

	seq_buf_init(&line, text, sizeof(text));
	cma_reserve_print_subject(&line, decl);
	seq_buf_printf(&line, "%#llx-%#llx ", base, base + size);
	cma_reserve_print_conflict(&line, conflict);
	pr_err("%s\n", seq_buf_str(&line));
}

/* The conflict of a fixed range tells more than the limit that it passes. */
static void __init cma_reserve_explain(const struct cma_declaration *decl,
				       const struct cma_plan_limits *limits,
				       enum cma_plan_cause cause)
{
	const struct cma_plan_request *req = &decl->req;
	struct cma_conflict conflict;

	if (req->fixed && cause == CMA_PLAN_BEYOND_LIMIT &&
	    cma_reserve_find_conflict(req->base, req->size, &conflict))
		cma_reserve_log_conflict(decl, req->base, req->size, &conflict);
	else
		cma_reserve_log_no_plan(decl, limits, cause);
}

/* All of it is RAM that the kernel may access, and all of it is reserved. */
static bool __init cma_reserve_is_reserved_ram(phys_addr_t base,
					       phys_addr_t size)
{
	const struct memblock_region *region;
	struct cma_conflict conflict;
	phys_addr_t reserved = 0;

	if (!cma_reserve_find_conflict(base, size, &conflict) ||
	    conflict.kind != CMA_CONFLICT_TAKEN)
		return false;
	for_each_reserved_mem_region(region) {
		phys_addr_t lo = max(region->base, base);
		phys_addr_t hi = min(region->base + region->size, base + size);

		if (lo < hi)
			reserved += hi - lo;
	}
	return reserved == size;
}

/*
 * Base and size are aligned to slots, bitmap functions can count the pages, and
 * cma_get_size() can return the bytes.
 */
static bool __init cma_reserve_fits_slots(phys_addr_t base, phys_addr_t size,
					  unsigned int order_per_bit)
{
	return order_per_bit < BITS_PER_LONG &&
	       IS_ALIGNED(PHYS_PFN(base | size), 1UL << order_per_bit) &&
	       PHYS_PFN(size) <= UINT_MAX &&
	       size <= ULONG_MAX;
}

static struct cma_range __init cma_reserve_range(phys_addr_t base,
						 phys_addr_t size)
{
	return cma_range_of(PHYS_PFN(base), PHYS_PFN(size));
}

/**
 * cma_reserve_check() - can memory that the caller has reserved become an area?
 * @base: physical address
 * @size: bytes
 * @order_per_bit: size of a slot, as page order
 * @range: receives the page frames
 *
 * Context: boot.
 * Return: 0; -EINVAL when the memory is empty, wraps, is not aligned to
 * pageblocks and slots, is not RAM or not reserved as a whole; -EBUSY when it
 * overlaps an area.
 */
int __init cma_reserve_check(phys_addr_t base, phys_addr_t size,
			     unsigned int order_per_bit,
			     struct cma_range *range)
{
	if (!size || base + size - 1 < base)
		return -EINVAL;
	if (!IS_ALIGNED(base | size, CMA_MIN_ALIGNMENT_BYTES) ||
	    !cma_reserve_fits_slots(base, size, order_per_bit))
		return -EINVAL;
	if (!cma_reserve_is_reserved_ram(base, size))
		return -EINVAL;

	*range = cma_reserve_range(base, size);
	return cma_area_overlapping(*range) ? -EBUSY : 0;
}

static int __init cma_reserve_fixed(const struct cma_declaration *decl,
				    const struct cma_plan *plan)
{
	phys_addr_t base = plan->attempt[0].lo;
	struct cma_conflict conflict;

	if (cma_reserve_find_conflict(base, plan->size, &conflict)) {
		cma_reserve_log_conflict(decl, base, plan->size, &conflict);
		return -EBUSY;
	}
	accept_memory(base, plan->size);
	return memblock_reserve(base, plan->size);
}

/* The end of the part of [lo, hi) that lies in the zone of @lo. */
static u64 __init cma_reserve_zone_end(u64 lo, u64 hi)
{
	u64 line;

	while ((line = cma_reserve_line_below(hi)) > lo)
		hi = line;
	return hi;
}

/* What moves inside the memory where unmovable memory lives leaves as much there. */
static bool __init cma_reserve_was_regular(const struct cma_declaration *decl,
					   u64 size)
{
	return decl->from && cma_reserve_regular(decl->from, decl->from + size);
}

/* In a range that lies in one zone. */
static phys_addr_t __init cma_reserve_in_zone(const struct cma_declaration *decl,
					      const struct cma_plan *plan,
					      u64 lo, u64 hi)
{
	u64 base = ALIGN(lo, plan->align);

	if (base < lo || base >= hi || hi - base < plan->size)
		return 0;
	if (cma_reserve_regular(lo, hi) &&
	    !cma_reserve_was_regular(decl, plan->size) &&
	    plan->size > cma_reserve_spare(decl->is_builtin))
		return 0;
	return memblock_alloc_range_nid(plan->size, plan->align, lo, hi,
					decl->nid, true);
}

/**
 * cma_reserve_search() - reserve free memory, all of it in one zone
 * @decl: what is wanted, for its node and for how much must be left
 * @plan: size and alignment
 * @attempt: where to search
 *
 * Context: boot, while memblock is in charge.
 * Return: the address, or 0 when nothing fits.
 */
phys_addr_t __init cma_reserve_search(const struct cma_declaration *decl,
				      const struct cma_plan *plan,
				      const struct cma_attempt *attempt)
{
	u64 hi = min_t(u64, attempt->hi, memblock_end_of_DRAM());
	bool was_bottom_up = memblock_bottom_up();
	bool bottom_up = was_bottom_up || attempt->bottom_up;
	u64 lo = attempt->lo;
	phys_addr_t base = 0;

	memblock_set_bottom_up(bottom_up);
	while (!base && lo < hi) {
		u64 start = bottom_up ? lo : max(lo, cma_reserve_line_below(hi));
		u64 end = bottom_up ? cma_reserve_zone_end(lo, hi) : hi;

		base = cma_reserve_in_zone(decl, plan, start, end);
		if (bottom_up)
			lo = end;
		else
			hi = start;
	}
	memblock_set_bottom_up(was_bottom_up);
	return base;
}

/* Areas contain no kernel objects, so kmemleak need not scan them. */
static int __init cma_reserve_anywhere(const struct cma_declaration *decl,
				       const struct cma_plan *plan,
				       phys_addr_t *base)
{
	unsigned int i;

	for (i = 0; i < plan->nr_attempts; i++) {
		*base = cma_reserve_search(decl, plan, &plan->attempt[i]);
		if (*base) {
			kmemleak_ignore_phys(*base);
			return 0;
		}
	}
	return -ENOMEM;
}

static int __init cma_reserve_planned(const struct cma_declaration *decl,
				      const struct cma_plan *plan,
				      phys_addr_t *base)
{
	u64 lo = plan->attempt[0].lo;
	int err = -ENOMEM;

	*base = lo;
	if (!cma_reserve_fits_slots(*base, plan->size, decl->order_per_bit))
		return -EINVAL;
	if (!plan->fixed)
		err = cma_reserve_anywhere(decl, plan, base);
	else if (cma_reserve_regular(lo, lo + plan->size) <=
		 cma_reserve_spare(decl->is_builtin))
		return cma_reserve_fixed(decl, plan);
	if (err)
		cma_reserve_log_no_room(decl, plan->size);
	return err;
}

static int __init cma_reserve_memory(const struct cma_declaration *decl,
				     struct cma_range *range)
{
	struct cma_plan_request req = decl->req;
	enum cma_plan_cause cause;
	struct cma_plan_limits limits;
	struct cma_plan plan;
	phys_addr_t base;
	int err;

	if (decl->order_per_bit >= BITS_PER_LONG - PAGE_SHIFT)
		return -EINVAL;
	req.align = max(req.align, (u64)PAGE_SIZE << decl->order_per_bit);
	cma_reserve_limits(&limits);
	cause = cma_plan_place(&req, &limits, &plan);
	if (cause != CMA_PLAN_OK) {
		cma_reserve_explain(decl, &limits, cause);
		return -EINVAL;
	}
	err = cma_reserve_planned(decl, &plan, &base);
	if (!err)
		*range = cma_reserve_range(base, plan.size);
	return err;
}

/**
 * cma_reserve() - reserve memory for an area
 * @decl: what is wanted
 * @range: receives the page frames
 *
 * Context: boot, while memblock is in charge.
 * Return: 0; -EINVAL when no such range can exist; -EBUSY when a fixed range is
 * not free RAM; -ENOMEM when no free range is large enough, or too little
 * memory would be left. The reason is logged.
 */
int __init cma_reserve(const struct cma_declaration *decl,
		       struct cma_range *range)
{
	int err = cma_reserve_memory(decl, range);

	if (err)
		pr_err("Failed to reserve %llu MiB on node %d\n",
		       decl->req.size >> 20, decl->nid);
	return err;
}
