// SPDX-License-Identifier: GPL-2.0
/*
 * Makes cells of pageblocks, or of slots where pageblocks are not known.
 */
#include <linux/minmax.h>

#include "memory.h"
#include "picture.h"

/* Only for want of anything better: pageblocks mostly have so many pages. */
#define CELL_PAGES 512ULL

static void add_to(struct block *sum, const struct block *more)
{
	int i;

	sum->pages += more->pages;
	for (i = 0; i < BLOCK_KINDS; i++)
		sum->nr[i] += more->nr[i];
}

static void cells_of_blocks(struct picture *picture,
			    const struct detail *blocks, size_t most)
{
	size_t per_cell = 1, i;

	while ((blocks->nr - 1) / per_cell >= most)
		per_cell *= 2;
	picture->nr = (blocks->nr - 1) / per_cell + 1;
	picture->cell = memory_get(picture->nr, sizeof(*picture->cell));
	for (i = 0; i < blocks->nr; i++) {
		struct block *cell = &picture->cell[i / per_cell];

		if (i % per_cell == 0)
			cell->pfn = blocks->block[i].pfn;
		add_to(cell, &blocks->block[i]);
	}
	picture->cell_pages = picture->cell[0].pages;
	picture->are_blocks = per_cell == 1;
}

static u64 cell_pages_of(const struct area *area, size_t most, bool fine)
{
	u64 pages = 1ULL << area->slots.order;

	if (!fine)
		pages = max(pages, CELL_PAGES);
	while ((area->pages - 1) / pages >= most)
		pages *= 2;
	return pages;
}

static void take_gap(struct picture *picture, struct cma_range gap)
{
	u64 pages = picture->cell_pages;
	u64 at = gap.start - picture->area->base_pfn;
	u64 end = gap.end - picture->area->base_pfn;

	while (at < end) {
		u64 next = min((at / pages + 1) * pages, end);

		picture->cell[at / pages].nr[BLOCK_HELD] -= next - at;
		at = next;
	}
}

static void cells_of_slots(struct picture *picture, size_t most, bool fine)
{
	const struct area *area = picture->area;
	u64 pages = cell_pages_of(area, most, fine);
	unsigned long next = 0;
	struct cma_range gap;
	size_t i;

	picture->cell_pages = pages;
	picture->nr = (size_t)((area->pages - 1) / pages + 1);
	picture->cell = memory_get(picture->nr, sizeof(*picture->cell));
	picture->is_rough = true;
	for (i = 0; i < picture->nr; i++) {
		struct block *cell = &picture->cell[i];

		cell->pfn = area->base_pfn + i * pages;
		cell->pages = min(pages, area->pages - i * pages);
		cell->nr[BLOCK_HELD] = cell->pages;
	}
	while (cma_bitmap_next_clear_run(&area->slots, &next, &gap))
		take_gap(picture, gap);
}

static struct cma_range largest_of(const struct area *area)
{
	struct cma_range largest = {}, gap;
	unsigned long next = 0;

	while (area->has_slots &&
	       cma_bitmap_next_clear_run(&area->slots, &next, &gap))
		if (cma_range_len(gap) > cma_range_len(largest))
			largest = gap;
	return largest;
}

/**
 * picture_make() - make cells of an area
 * @picture: filled
 * @area: the area
 * @fine: cells as small as a slot, not as a pageblock
 *
 * Context: any.
 * Return: true, or false when neither pageblocks nor slots are known.
 */
bool picture_make(struct picture *picture, const struct area *area, bool fine)
{
	struct detail blocks = fine ? (struct detail){} : detail_blocks(area);
	size_t most = fine ? PICTURE_CELLS_FINE : PICTURE_CELLS;
	size_t i;

	*picture = (struct picture){ .area = area };
	if (blocks.nr)
		cells_of_blocks(picture, &blocks, most);
	else if (area->has_slots)
		cells_of_slots(picture, most, fine);
	else
		return false;
	picture->largest = largest_of(area);
	for (i = 0; i < picture->nr; i++)
		add_to(&picture->sum, &picture->cell[i]);
	return true;
}

/**
 * picture_look() - what to show a cell as
 * @cell: the cell
 *
 * Context: any.
 * Return: the look.
 */
enum cell_look picture_look(const struct block *cell)
{
	if (cell->nr[BLOCK_STUCK])
		return LOOK_STUCK;
	if (cell->nr[BLOCK_HELD] == cell->pages)
		return LOOK_HELD;
	if (cell->nr[BLOCK_HELD])
		return LOOK_PARTLY;
	if (block_rest(cell))
		return LOOK_NOT_HELD;
	return cell->nr[BLOCK_CLEAN] || cell->nr[BLOCK_MOVABLE] ? LOOK_LENT :
								  LOOK_FREE;
}

/**
 * picture_bytes() - the address of a page
 * @picture: its picture
 * @pfn: the page
 *
 * Context: any.
 * Return: physical address in bytes.
 */
u64 picture_bytes(const struct picture *picture, u64 pfn)
{
	return pfn * picture->area->page_size;
}
