// SPDX-License-Identifier: GPL-2.0
/*
 * The table of areas, and the life of each: reserved, then active or failed.
 * The table grows during boot, on one CPU, and never shrinks.
 */
#define pr_fmt(fmt) "cma: " fmt

#include <kunit/visibility.h>
#include <linux/align.h>
#include <linux/bitops.h>
#include <linux/cma.h>
#include <linux/ctype.h>
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/pfn.h>
#include <linux/ratelimit.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../internal.h"
#include "cma.h"

/* Debuggers look these two up, see struct cma. */
static struct cma cma_areas[MAX_CMA_AREAS];
static unsigned int cma_area_count;
/* The default area is made last. Until then one entry is kept for it. */
static bool cma_area_keeps_entry __initdata = IS_ENABLED(CONFIG_DMA_CMA);

/**
 * cma_get_base() - where an area begins
 * @cma: the area
 *
 * Return: physical address in bytes.
 */
phys_addr_t cma_get_base(const struct cma *cma)
{
	return PFN_PHYS(cma->range.start);
}

/**
 * cma_get_size() - how large an area is
 * @cma: the area
 *
 * Return: bytes; 0 when the area could not be activated.
 */
unsigned long cma_get_size(const struct cma *cma)
{
	if (cma->state == CMA_FAILED)
		return 0;
	return cma_range_len(cma->range) << PAGE_SHIFT;
}

/**
 * cma_get_name() - what an area is called
 * @cma: the area
 *
 * Return: the name; lives as long as the kernel.
 */
const char *cma_get_name(const struct cma *cma)
{
	return cma->name;
}
EXPORT_SYMBOL_GPL(cma_get_name);

/**
 * cma_area_is_active() - does an area serve allocations?
 * @cma: the area
 *
 * Return: true once its activation succeeded.
 */
bool cma_area_is_active(const struct cma *cma)
{
	/* Pairs with the release in cma_area_activate(): the bitmaps exist. */
	return smp_load_acquire(&cma->state) == CMA_ACTIVE;
}

/**
 * cma_for_each_area() - call a function for every area
 * @it: the function; a result other than 0 ends the walk
 * @data: passed through to @it
 *
 * It skips areas that could not be activated.
 *
 * Return: the result of the last call, 0 without any.
 */
int cma_for_each_area(int (*it)(struct cma *cma, void *data), void *data)
{
	struct cma *cma;
	int ret = 0;

	for (cma = cma_areas; cma < cma_areas + cma_area_count && !ret; cma++) {
		if (cma->state != CMA_FAILED)
			ret = it(cma, data);
	}
	return ret;
}
EXPORT_SYMBOL_GPL(cma_for_each_area);

/**
 * cma_check_range() - may memory be divided at both ends of a range?
 * @start: address of its first byte
 * @end: address after its last byte
 *
 * For code that makes nodes out of memory, such as NUMA emulation: an area must
 * not lie in two nodes.
 *
 * Context: boot, once the areas are declared.
 * Return: 0; -EINVAL when an area lies inside of the range in part only.
 */
int cma_check_range(u64 *start, u64 *end)
{
	const struct cma *cma;

	for (cma = cma_areas; cma < cma_areas + cma_area_count; cma++) {
		/* An area may end where 32-bit addresses do. */
		u64 first = (u64)cma->range.start << PAGE_SHIFT;
		u64 after = (u64)cma->range.end << PAGE_SHIFT;

		if (first >= *end || after <= *start ||
		    (first >= *start && after <= *end))
			continue;
		pr_err("area %s [%llx-%llx] does not fit into [%llx-%llx] as a whole\n",
		       cma->name, first, after - 1, *start, *end - 1);
		return -EINVAL;
	}
	return 0;
}

/**
 * cma_area_overlapping() - find an area that shares memory with a range
 * @range: page frames
 *
 * Context: boot.
 * Return: the first such area, or NULL.
 */
const struct cma *__init cma_area_overlapping(struct cma_range range)
{
	const struct cma *cma;

	for (cma = cma_areas; cma < cma_areas + cma_area_count; cma++) {
		if (cma->state != CMA_FAILED &&
		    cma_range_len(cma_range_and(cma->range, range)))
			return cma;
	}
	return NULL;
}

/**
 * cma_area_end_default() - keep no entry for the default area any more
 *
 * Called when the default area has been made, or when there will not be one.
 *
 * Context: boot.
 */
void __init cma_area_end_default(void)
{
	cma_area_keeps_entry = false;
}

/**
 * cma_area_table_is_full() - is there no entry left for another area?
 * @is_default: ask for the default area, which has an entry kept for it
 *
 * Context: boot.
 * Return: true when no area can be added.
 */
bool __init cma_area_table_is_full(bool is_default)
{
	bool keeps = cma_area_keeps_entry && !is_default;

	return cma_area_count + keeps >= ARRAY_SIZE(cma_areas);
}

static bool __init cma_area_has_dir(const char *dir)
{
	const struct cma *cma;

	for (cma = cma_areas; cma < cma_areas + cma_area_count; cma++)
		if (!strcmp(cma->dir, dir))
			return true;
	return false;
}

/* A name can be any text and can occur twice; a number makes it unique. */
static void __init cma_area_set_dir(struct cma *cma)
{
	unsigned int number = cma_area_count;
	size_t len;
	char *c;

	strscpy(cma->dir, cma->name, sizeof(cma->dir));
	for (c = cma->dir; *c; c++)
		if (*c == '/' || !isprint(*c) || (c == cma->dir && *c == '.'))
			*c = '_';
	if (!*cma->dir)
		strscpy(cma->dir, "_", sizeof(cma->dir));
	len = min(strlen(cma->dir), (size_t)CMA_MAX_NAME - 8);
	for (; cma_area_has_dir(cma->dir); number++)
		snprintf(cma->dir + len, sizeof(cma->dir) - len, "-%u", number);
}

static void cma_area_set_range(struct cma *cma, struct cma_range range)
{
	cma->range = range;
	cma->base_pfn = range.start;
	cma->count = cma_range_len(range);
	cma->taken.base_pfn = range.start;
	cma->taken.count = cma_range_len(range) >> cma->order_per_bit;
	cma->taken.order = cma->order_per_bit;
	cma->held = cma->taken;
}

/* All of an area that needs no allocation. */
VISIBLE_IF_KUNIT void cma_area_init(struct cma *cma, struct cma_range range,
				    unsigned int order_per_bit)
{
	cma->order_per_bit = order_per_bit;
	cma_area_set_range(cma, range);
	spin_lock_init(&cma->lock);
	mutex_init(&cma->isolation);
	mutex_init(&cma->keeping);
	ratelimit_default_init(&cma->fail_limit);
	ratelimit_default_init(&cma->refusal_limit);
}

/**
 * cma_area_add() - put an area into the table
 * @range: its page frames, reserved for it
 * @order_per_bit: size of a slot, as page order
 * @name: copied and cut at CMA_MAX_NAME - 1 bytes; NULL to have it numbered
 *
 * Context: boot; cma_area_table_is_full() must be false.
 * Return: the area.
 */
struct cma *__init cma_area_add(struct cma_range range,
				unsigned int order_per_bit, const char *name)
{
	struct cma *cma = &cma_areas[cma_area_count];

	cma_area_init(cma, range, order_per_bit);
	if (name)
		strscpy(cma->name, name, sizeof(cma->name));
	else
		snprintf(cma->name, sizeof(cma->name), "cma%u", cma_area_count);
	cma_area_set_dir(cma);
	cma_area_count++;
	totalcma_pages += cma_range_len(range);
	return cma;
}

/**
 * cma_area_move() - give an area other memory before anything uses it
 * @cma: a reserved area
 * @range: its page frames from now on; none to end the area
 *
 * Context: boot; the caller reserved the memory.
 */
void __init cma_area_move(struct cma *cma, struct cma_range range)
{
	totalcma_pages += cma_range_len(range) - cma_range_len(cma->range);
	cma_area_set_range(cma, range);
	if (!cma_range_len(range))
		cma->state = CMA_FAILED;
}

/* The zone of a pageblock; NULL when it is not all in one. */
static struct zone *__init cma_area_zone(unsigned long pfn)
{
	unsigned long last = pfn + pageblock_nr_pages - 1;
	struct zone *zone;

	if (!pfn_valid(pfn) || !pfn_valid(last))
		return NULL;
	zone = page_zone(pfn_to_page(pfn));
	return page_zone(pfn_to_page(last)) == zone ? zone : NULL;
}

/*
 * An evacuation works within one zone, so an area must not cross the boundary
 * of zones, which depends on firmware and DMA limits. No zone lies inside a
 * single pageblock, so it is enough to check both ends of each.
 */
static struct cma_range __init cma_area_largest_part(struct cma_range range)
{
	struct cma_range largest = {}, part;

	for (part.start = range.start; part.start < range.end;
	     part.start = max(part.end, part.start + pageblock_nr_pages)) {
		struct zone *zone = cma_area_zone(part.start);

		part.end = part.start;
		while (zone && part.end < range.end &&
		       cma_area_zone(part.end) == zone)
			part.end += pageblock_nr_pages;
		if (cma_range_len(part) > cma_range_len(largest))
			largest = part;
	}
	return largest;
}

static void __init cma_area_lend(struct cma_range range)
{
	unsigned long pfn;

	for (pfn = range.start; pfn < range.end; pfn += pageblock_nr_pages)
		init_cma_reserved_pageblock(pfn_to_page(pfn));
}

static void __init cma_area_give_up(struct cma_range range)
{
	unsigned long pfn;

	for (pfn = range.start; pfn < range.end; pfn++)
		if (pfn_valid(pfn))
			free_reserved_page(pfn_to_page(pfn));
}

/*
 * On some architectures, nobody knows the zones when areas get their place. What
 * lies in the zone of the largest part is better than no area.
 */
static int __init cma_area_trim(struct cma *cma)
{
	struct cma_range whole = cma->range;
	struct cma_range part = cma_area_largest_part(whole);
	unsigned long slot = 1UL << cma->order_per_bit;

	if (cma_range_len(part) == cma_range_len(whole))
		return 0;
	part.start = ALIGN(part.start, slot);
	part.end = ALIGN_DOWN(part.end, slot);
	if (cma->keep_reserved || part.start >= part.end)
		return -EXDEV;
	cma_area_give_up((struct cma_range){ whole.start, part.start });
	cma_area_give_up((struct cma_range){ part.end, whole.end });
	cma_area_move(cma, part);
	pr_warn("area %s has %lu of its %lu pages: it crosses the boundary of zones; the others are ordinary memory now\n",
		cma->name, cma_range_len(part), cma_range_len(whole));
	return 0;
}

/* Large areas need more than the largest chunk of contiguous memory. */
static unsigned long *__init cma_area_map(const struct cma_bitmap *map, gfp_t gfp)
{
	return kvcalloc(BITS_TO_LONGS(map->count), sizeof(long), gfp);
}

/* __GFP_NOWARN: the boot log tells in words that an area is not activated. */
static int __init cma_area_maps(struct cma *cma)
{
	gfp_t gfp = GFP_KERNEL | __GFP_NOWARN;

	/* One for each unit that is isolated, which has at least a pageblock. */
	cma->evacuations = kvcalloc(cma_range_len(cma->range) /
				    pageblock_nr_pages + 2,
				    sizeof(*cma->evacuations), gfp);
	cma->taken.bits = cma_area_map(&cma->taken, gfp);
	cma->bitmap = cma->taken.bits;
	cma->held.bits = cma_area_map(&cma->held, gfp);
	cma->ledger.unknown = cma->held;
	cma->ledger.unknown.bits = cma_area_map(&cma->held, gfp);
	return cma->evacuations && cma->taken.bits && cma->held.bits &&
	       cma->ledger.unknown.bits ? 0 : -ENOMEM;
}

static void __init cma_area_free_maps(struct cma *cma)
{
	kvfree(cma->evacuations);
	kvfree(cma->taken.bits);
	kvfree(cma->held.bits);
	kvfree(cma->ledger.unknown.bits);
	cma->evacuations = NULL;
	cma->taken.bits = NULL;
	cma->bitmap = NULL;
	cma->held.bits = NULL;
	cma->ledger.unknown.bits = NULL;
}

/**
 * cma_area_activate() - put an area into service
 * @cma: a reserved area
 *
 * Of an area that crosses a boundary of zones, only the largest part is used. After
 * a failure the area is CMA_FAILED. Its memory belongs to the page
 * allocator then, unless it is to stay reserved.
 *
 * Context: boot, after the page allocator came up.
 * Return: 0; -ENOMEM without memory for its bitmaps; -EXDEV when no part of it
 * lies in one zone, or its memory has to stay as it is.
 */
int __init cma_area_activate(struct cma *cma)
{
	int err = cma_area_trim(cma) ?: cma_area_maps(cma);

	if (!err) {
		cma_area_lend(cma->range);
		/* Pairs with the acquire in cma_area_is_active(). */
		smp_store_release(&cma->state, CMA_ACTIVE);
		return 0;
	}

	cma_area_free_maps(cma);
	cma->count = 0;
	cma->state = CMA_FAILED;
	if (!cma->keep_reserved)
		cma_area_give_up(cma->range);
	return err;
}
