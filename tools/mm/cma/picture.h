/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An area as cells of equal size, for the pictures of cma map.
 */
#ifndef CMA_PICTURE_H
#define CMA_PICTURE_H

#include "detail.h"

/**
 * enum cell_look - what a cell is shown as, the most important that is true
 * @LOOK_STUCK: some of it is stuck
 * @LOOK_HELD: all of it is held
 * @LOOK_PARTLY: some of it is held
 * @LOOK_LENT: some of it is lent
 * @LOOK_FREE: all of it is free
 * @LOOK_NOT_HELD: it is free or lent, nothing tells which
 */
enum cell_look {
	LOOK_STUCK,
	LOOK_HELD,
	LOOK_PARTLY,
	LOOK_LENT,
	LOOK_FREE,
	LOOK_NOT_HELD,
};

/**
 * struct picture - an area in cells
 * @area: the area
 * @cell: the cells
 * @nr: how many
 * @cell_pages: pages of each, but for the last
 * @is_rough: is it not known what the pages are that are not held?
 * @are_blocks: is each cell one pageblock?
 * @sum: all cells together
 * @largest: the largest window; empty when it is not known where it is
 */
struct picture {
	const struct area *area;
	struct block *cell;
	size_t nr;
	u64 cell_pages;
	bool is_rough;
	bool are_blocks;
	struct block sum;
	struct cma_range largest;
};

/* How many cells a picture has at most. */
#define PICTURE_CELLS 1024
#define PICTURE_CELLS_FINE 4096

bool picture_make(struct picture *picture, const struct area *area, bool fine);
enum cell_look picture_look(const struct block *cell);
u64 picture_bytes(const struct picture *picture, u64 pfn);

void picture_print(const struct picture *picture);
void picture_svg(const struct picture *picture, size_t nr);
void picture_svg_style(void);
void picture_svg_figure(const struct picture *picture,
			const struct detail *holders);
bool picture_html(const char * const *place, size_t nr, bool fine);
void picture_json(const struct areas *areas);

#endif /* CMA_PICTURE_H */
