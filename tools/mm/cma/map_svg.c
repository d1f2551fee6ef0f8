// SPDX-License-Identifier: GPL-2.0
/*
 * cma map --svg: one file that a browser shows, without scripts. Each cell is
 * a stack of what is in it, and tells more when pointed at.
 */
#include <stdio.h>
#include <string.h>

#include <linux/array_size.h>
#include <linux/minmax.h>

#include "picture.h"

/* Lengths in the units of the picture. */
enum {
	MARGIN = 16,
	LABEL_WIDTH = 116,
	GRID_WIDTH = 1024,
	GAP = 2,
	MARK = 5,
	KEY = 14,
	TITLE_HEIGHT = 30,
	NOTE_HEIGHT = 20,
	LEGEND_HEIGHT = 40,
	WIDTH = 2 * MARGIN + LABEL_WIDTH + GRID_WIDTH,
};

/* Up to so many cells are drawn large. */
#define FEW_CELLS 256

/* More than this does not fit on a screen. */
#define HOLDERS_SHOWN 8

/**
 * struct layer - pages of one kind, in a cell or in the legend
 * @kind: which; BLOCK_KINDS for those that are not held and not known further
 * @class: in the style sheet
 * @name: for the user
 */
struct layer {
	enum block_kind kind;
	const char *class;
	const char *name;
};

/* From the bottom of a cell up. */
static const struct layer layers[] = {
	{ BLOCK_HELD, "held", "held" },
	{ BLOCK_STUCK, "stuck", "stuck" },
	{ BLOCK_MOVABLE, "movable", "lent, movable" },
	{ BLOCK_CLEAN, "clean", "lent, clean" },
	{ BLOCK_IDLE, "idle", "idle" },
	{ BLOCK_FREE, "free", "free" },
	{ BLOCK_KINDS, "other", "not held" },
};

/* Colours that can be told apart by all, on either background. */
static const char style[] =
	"<style>\n"
	".paper{fill:#fff}text{fill:#222;font:13px sans-serif}\n"
	".mono{font-family:monospace;font-size:12px}.name{font-weight:bold;font-size:15px}\n"
	".held{fill:#0072b2}.stuck{fill:#d55e00}.movable{fill:#e69f00}\n"
	".clean{fill:#f0d060}.free{fill:#9fd8c0}.idle{fill:#79c4a4}.other{fill:#c3cfd6}\n"
	".window{fill:#009e73}\n"
	"g.cell:hover rect{stroke:#222;stroke-width:1.5}\n"
	"@media (prefers-color-scheme:dark){\n"
	".paper{fill:#16191d}text{fill:#ddd}\n"
	".held{fill:#4aa8e0}.clean{fill:#b89a30}.free{fill:#2f6652}.idle{fill:#3f8068}.other{fill:#4b565e}\n"
	"g.cell:hover rect{stroke:#fff}}\n"
	"</style>\n";

static u64 pages_of(const struct block *block, enum block_kind kind)
{
	return kind < BLOCK_KINDS ? block->nr[kind] : block_rest(block);
}

static size_t cells_per_row(const struct picture *picture)
{
	return picture->nr <= FEW_CELLS ? 32 : 64;
}

/* From one cell to the next, in both directions. */
static size_t pitch_of(const struct picture *picture)
{
	return GRID_WIDTH / cells_per_row(picture);
}

static size_t grid_height(const struct picture *picture)
{
	size_t cells = cells_per_row(picture);

	return (picture->nr + cells - 1) / cells * pitch_of(picture);
}

static size_t height_of(const struct picture *picture)
{
	return TITLE_HEIGHT + grid_height(picture) + LEGEND_HEIGHT +
	       NOTE_HEIGHT + MARGIN;
}

static void print_counts(const struct area *area, const struct block *cell)
{
	const char *comma = "";
	size_t i;

	for (i = 0; i < ARRAY_SIZE(layers); i++) {
		u64 pages = pages_of(cell, layers[i].kind);

		if (!pages)
			continue;
		printf("%s%s %llu", comma, layers[i].name, pages);
		comma = "; ";
	}
	printf(" of %llu pages (%s)\n", cell->pages,
	       area_size(area, cell->pages));
}

static void print_holder(const struct area *area, const struct holder *holder)
{
	printf("%s: %s at pfn 0x%llx", text_quote(holder->name, QUOTE_XML),
	       area_size(area, holder->pages), holder->pfn);
	if (holder->pid != NOT_KNOWN)
		printf(", task %s, pid %llu, %s old",
		       text_quote(holder->task, QUOTE_XML), holder->pid,
		       text_age(holder->age_ms));
	putchar('\n');
}

static void print_holders(const struct area *area, const struct block *cell,
			  const struct detail *holders)
{
	size_t shown = 0, i;

	for (i = 0; i < holders->nr; i++) {
		const struct holder *holder = &holders->holder[i];

		if (holder->pfn + holder->pages <= cell->pfn ||
		    holder->pfn >= cell->pfn + cell->pages)
			continue;
		if (shown++ < HOLDERS_SHOWN)
			print_holder(area, holder);
	}
	if (shown > HOLDERS_SHOWN)
		printf("and %zu more\n", shown - HOLDERS_SHOWN);
}

/* In thousandths, so that no number needs a decimal point of some locale. */
static void print_stack(const struct block *cell, size_t x, size_t y,
			size_t side)
{
	u64 below = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(layers); i++) {
		u64 pages = pages_of(cell, layers[i].kind);
		u64 top = (below + pages) * side * 1000 / cell->pages;
		u64 bottom = below * side * 1000 / cell->pages;
		u64 at = (y + side) * 1000 - top;

		if (!pages)
			continue;
		printf("<rect class=\"%s\" x=\"%zu\" y=\"%llu.%03llu\" ",
		       layers[i].class, x, at / 1000, at % 1000);
		printf("width=\"%zu\" height=\"%llu.%03llu\"/>", side,
		       (top - bottom) / 1000, (top - bottom) % 1000);
		below += pages;
	}
}

static void print_rect(const char *class, size_t x, size_t y, size_t width,
		       size_t height)
{
	printf("<rect class=\"%s\" x=\"%zu\" y=\"%zu\" width=\"%zu\" height=\"%zu\"/>",
	       class, x, y, width, height);
}

static bool in_window(const struct picture *picture, const struct block *cell)
{
	return cell->pfn >= picture->largest.start &&
	       cell->pfn + cell->pages <= picture->largest.end;
}

static void print_cell(const struct picture *picture, size_t i, size_t y,
		       const struct detail *holders)
{
	const struct block *cell = &picture->cell[i];
	size_t pitch = pitch_of(picture), side = pitch - GAP;
	size_t x = MARGIN + LABEL_WIDTH + i % cells_per_row(picture) * pitch;

	y += i / cells_per_row(picture) * pitch;
	printf("<g class=\"cell\"><title>pfn 0x%llx to 0x%llx\n", cell->pfn,
	       cell->pfn + cell->pages - 1);
	print_counts(picture->area, cell);
	print_holders(picture->area, cell, holders);
	fputs("</title>", stdout);
	print_stack(cell, x, y, side);
	if (cell->nr[BLOCK_STUCK])
		print_rect("stuck", x + side - MARK, y, MARK, MARK);
	if (in_window(picture, cell))
		print_rect("window", x, y + side, pitch, GAP);
	fputs("</g>\n", stdout);
}

static void print_grid(const struct picture *picture, size_t y)
{
	struct detail holders = detail_holders(picture->area);
	size_t cells = cells_per_row(picture), pitch = pitch_of(picture), i;

	for (i = 0; i < picture->nr; i += cells)
		printf("<text class=\"mono\" x=\"%d\" y=\"%zu\">0x%08llx</text>\n",
		       MARGIN, y + i / cells * pitch + pitch / 2 + 3,
		       picture_bytes(picture, picture->cell[i].pfn));
	for (i = 0; i < picture->nr; i++)
		print_cell(picture, i, y, &holders);
}

static void print_legend(const struct picture *picture, size_t y)
{
	size_t x = MARGIN + LABEL_WIDTH, i;

	for (i = 0; i < ARRAY_SIZE(layers); i++) {
		u64 pages = pages_of(&picture->sum, layers[i].kind);

		if (!pages)
			continue;
		print_rect(layers[i].class, x, y, KEY, KEY);
		printf("<text x=\"%zu\" y=\"%zu\">%s %s</text>\n",
		       x + KEY + 5, y + KEY - 3, layers[i].name,
		       area_size(picture->area, pages));
		x += KEY + 24 + 8 * (strlen(layers[i].name) + 6);
	}
}

static void print_note(const struct picture *picture, size_t y)
{
	const struct area *area = picture->area;

	printf("<text x=\"%d\" y=\"%zu\">a cell is %s%s; largest window %s",
	       MARGIN + LABEL_WIDTH, y, area_size(area, picture->cell_pages),
	       picture->are_blocks ? ", a page block" : "",
	       area_size(area, area->largest));
	if (cma_range_len(picture->largest))
		printf(" at 0x%llx (underlined)",
		       picture_bytes(picture, picture->largest.start));
	fputs("</text>\n", stdout);
}

static void print_picture(const struct picture *picture, size_t y)
{
	printf("<text class=\"name\" x=\"%d\" y=\"%zu\">%s: %s</text>\n",
	       MARGIN, y + 18, text_quote(picture->area->name, QUOTE_XML),
	       area_size(picture->area, picture->sum.pages));
	y += TITLE_HEIGHT;
	print_grid(picture, y);
	y += grid_height(picture) + 12;
	print_legend(picture, y);
	print_note(picture, y + LEGEND_HEIGHT - 6);
}

/**
 * picture_svg() - write pictures as one SVG to stdout
 * @picture: the pictures
 * @nr: how many, at least 1
 *
 * Context: any.
 */
void picture_svg(const struct picture *picture, size_t nr)
{
	size_t height = 2 * MARGIN;
	size_t y = MARGIN, i;

	for (i = 0; i < nr; i++)
		height += height_of(&picture[i]);
	printf("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %zu\" ",
	       WIDTH, height);
	printf("width=\"%d\" height=\"%zu\">\n%s", WIDTH, height, style);
	fputs("<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n", stdout);
	for (i = 0; i < nr; i++) {
		print_picture(&picture[i], y);
		y += height_of(&picture[i]);
	}
	fputs("</svg>\n", stdout);
}
