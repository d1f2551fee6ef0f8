// SPDX-License-Identifier: GPL-2.0
/*
 * cma map --svg: one file that a browser shows, without scripts. It is as wide
 * as a phone, and grows in a larger window. Each cell is a stack of what is in
 * it, and tells more when pointed at; below is a list of who holds how much.
 */
#include <stdio.h>
#include <string.h>

#include <linux/array_size.h>

#include "lines.h"
#include "memory.h"
#include "picture.h"

/* Lengths in the units of the picture, which are pixels of a phone. */
enum {
	MARGIN = 12,
	LABEL_WIDTH = 80,
	GRID_WIDTH = 256,
	WIDTH = 2 * MARGIN + LABEL_WIDTH + GRID_WIDTH,
	KEY = 12,
	KEYS_PER_ROW = 2,
	KEY_WIDTH = (WIDTH - 2 * MARGIN) / KEYS_PER_ROW,
	LABEL_HEIGHT = 12,
	LINE_HEIGHT = 16,
	NOTE_HEIGHT = 2 * LINE_HEIGHT,
	TITLE_HEIGHT = 20,
	SPACE = 12,
	SIZE_END = MARGIN + 44,
	NAME_START = SIZE_END + 8,
	/* Of fonts whose characters are 0.61 as wide as high, or narrower. */
	TITLE_COLUMNS = (WIDTH - 2 * MARGIN) * 100 / (14 * 61),
	NAME_COLUMNS = (WIDTH - NAME_START - MARGIN) * 100 / (12 * 61),
};

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

/**
 * struct sheet - a picture, and the text around it
 * @picture: the picture
 * @title: what stands above
 * @detail: who holds what
 * @holders: who holds how much
 */
struct sheet {
	const struct picture *picture;
	struct lines title;
	struct detail detail;
	struct lines holders;
};

/* The side of the square that says "stuck", in a cell that is that large. */
#define MARK 5

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

/*
 * Colours that can be told apart by all, on either background: the test of the
 * picture looks at each two of them as people do who see fewer colours.
 */
static const char style[] =
	"<style>\n"
	"svg{width:100%;height:auto;max-width:max(540px,30vw);background:#fff}\n"
	".paper{fill:#fff}text{fill:#222;font:12px sans-serif}\n"
	"text.label{font:11px monospace}text.name{font:bold 14px monospace}\n"
	"text.holder{font:12px monospace}text.size{text-anchor:end}\n"
	".held{fill:#0072b2}.stuck{fill:#c03000}.movable{fill:#e69f00}\n"
	".clean{fill:#fadd71}.free{fill:#adffaf}.idle{fill:#48b884}.other{fill:#b9afc7}\n"
	".window{fill:#222}\n"
	"g.cell:hover rect{stroke:#222;stroke-width:1}\n"
	"@media (prefers-color-scheme:dark){\n"
	"svg{background:#16191d}.paper{fill:#16191d}text{fill:#ddd}\n"
	".held{fill:#4d80ff}.stuck{fill:#f7524b}.movable{fill:#e2a21e}\n"
	".clean{fill:#ffed9d}.free{fill:#295444}.idle{fill:#41c388}.other{fill:#77788e}\n"
	".window{fill:#ddd}\n"
	"g.cell:hover rect{stroke:#fff}}\n"
	"</style>\n";

static u64 pages_of(const struct block *block, enum block_kind kind)
{
	return kind < BLOCK_KINDS ? block->nr[kind] : block_rest(block);
}

static size_t cells_per_row(const struct picture *picture)
{
	size_t cells = 16;

	while (cells * cells < picture->nr)
		cells *= 2;
	return cells;
}

/* From one cell to the next, in both directions. */
static size_t pitch_of(const struct picture *picture)
{
	return GRID_WIDTH / cells_per_row(picture);
}

/* Between two cells, out of the pitch. */
static size_t gap_of(const struct picture *picture)
{
	return pitch_of(picture) < 16 ? 1 : 2;
}

static size_t grid_height(const struct picture *picture)
{
	size_t cells = cells_per_row(picture);

	return (picture->nr + cells - 1) / cells * pitch_of(picture);
}

static size_t legend_height(const struct picture *picture)
{
	size_t keys = 0, i;

	for (i = 0; i < ARRAY_SIZE(layers); i++)
		keys += !!pages_of(&picture->sum, layers[i].kind);
	return (keys + KEYS_PER_ROW - 1) / KEYS_PER_ROW * LINE_HEIGHT;
}

static size_t figure_height(const struct picture *picture)
{
	return grid_height(picture) + legend_height(picture) + NOTE_HEIGHT +
	       3 * SPACE;
}

static size_t height_of(const struct sheet *sheet)
{
	return sheet->title.nr * TITLE_HEIGHT + figure_height(sheet->picture) +
	       sheet->holders.nr * LINE_HEIGHT + SPACE;
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
	size_t pitch = pitch_of(picture), gap = gap_of(picture);
	size_t side = pitch - gap, mark = side < MARK ? side : MARK;
	size_t x = MARGIN + LABEL_WIDTH + i % cells_per_row(picture) * pitch;

	y += i / cells_per_row(picture) * pitch;
	printf("<g class=\"cell\"><title>pfn 0x%llx to 0x%llx\n", cell->pfn,
	       cell->pfn + cell->pages - 1);
	print_counts(picture->area, cell);
	print_holders(picture->area, cell, holders);
	fputs("</title>", stdout);
	print_stack(cell, x, y, side);
	if (cell->nr[BLOCK_STUCK])
		print_rect("stuck", x + side - mark, y, mark, mark);
	if (in_window(picture, cell))
		print_rect("window", x, y + side, pitch, gap);
	fputs("</g>\n", stdout);
}

static void print_text(const char *class, size_t x, size_t y, const char *text)
{
	printf("<text class=\"%s\" x=\"%zu\" y=\"%zu\">%s</text>\n", class, x, y,
	       text_quote(text, QUOTE_XML));
}

/* As many rows as there is room for have their address at the side. */
static void print_labels(const struct picture *picture, size_t y)
{
	size_t pitch = pitch_of(picture), cells = cells_per_row(picture), i;
	size_t rows = (LABEL_HEIGHT + pitch - 1) / pitch;

	for (i = 0; i < picture->nr; i += rows * cells) {
		u64 address = picture_bytes(picture, picture->cell[i].pfn);

		print_text("label", MARGIN, y + i / cells * pitch + 10,
			   text_of("0x%08llx", address));
	}
}

static void print_grid(const struct picture *picture, size_t y,
		       const struct detail *holders)
{
	size_t i;

	print_labels(picture, y);
	for (i = 0; i < picture->nr; i++)
		print_cell(picture, i, y, holders);
}

static void print_legend(const struct picture *picture, size_t y)
{
	size_t nr = 0, i;

	for (i = 0; i < ARRAY_SIZE(layers); i++) {
		u64 pages = pages_of(&picture->sum, layers[i].kind);
		size_t x = MARGIN + nr % KEYS_PER_ROW * KEY_WIDTH;
		size_t at = y + nr / KEYS_PER_ROW * LINE_HEIGHT;

		if (!pages)
			continue;
		print_rect(layers[i].class, x, at, KEY, KEY);
		print_text("key", x + KEY + 6, at + KEY - 2,
			   text_of("%s %s", layers[i].name,
				   area_size(picture->area, pages)));
		nr++;
	}
}

static void print_note(const struct picture *picture, size_t y)
{
	const struct area *area = picture->area;
	const char *where = "";

	if (cma_range_len(picture->largest))
		where = text_of(" at 0x%llx (underlined)",
				picture_bytes(picture, picture->largest.start));
	print_text("note", MARGIN, y,
		   text_of("a cell is %s%s", area_size(area, picture->cell_pages),
			   picture->are_blocks ? ", a page block" : ""));
	print_text("note", MARGIN, y + LINE_HEIGHT,
		   text_of("largest window %s%s", area_size(area, area->largest),
			   where));
}

static void print_list(const struct lines *lines, size_t y)
{
	size_t i;

	for (i = 0; i < lines->nr; i++, y += LINE_HEIGHT) {
		if (lines->line[i].size)
			print_text("holder size", SIZE_END, y, lines->line[i].size);
		print_text("holder", NAME_START, y, lines->line[i].text);
	}
}

static void print_figure(const struct picture *picture, size_t y,
			 const struct detail *holders)
{
	print_grid(picture, y, holders);
	y += grid_height(picture) + SPACE;
	print_legend(picture, y);
	y += legend_height(picture) + SPACE;
	print_note(picture, y + 5);
}

static void print_sheet(const struct sheet *sheet, size_t y)
{
	size_t i;

	for (i = 0; i < sheet->title.nr; i++, y += TITLE_HEIGHT)
		print_text("name", MARGIN, y + 13, sheet->title.line[i].text);
	print_figure(sheet->picture, y, &sheet->detail);
	print_list(&sheet->holders, y + figure_height(sheet->picture));
}

static void make_sheet(struct sheet *sheet, const struct picture *picture)
{
	const struct area *area = picture->area;

	*sheet = (struct sheet){ .picture = picture };
	lines_wrap(&sheet->title, NULL,
		   text_of("%s: %s", area->label,
			   area_size(area, picture->sum.pages)),
		   TITLE_COLUMNS);
	sheet->detail = detail_holders(area);
	lines_holders(&sheet->holders, area, &sheet->detail, NAME_COLUMNS);
}

/**
 * picture_svg_style() - write the style sheet of figures to stdout
 *
 * Context: any; once in a page.
 */
void picture_svg_style(void)
{
	fputs(style, stdout);
}

/**
 * picture_svg_figure() - write one picture to stdout, as a part of a page
 * @picture: the picture
 * @holders: who holds what; the page lists them
 *
 * Context: any.
 */
void picture_svg_figure(const struct picture *picture,
			const struct detail *holders)
{
	printf("<svg class=\"map\" role=\"img\" aria-label=\"cells of %s\" ",
	       text_quote(picture->area->label, QUOTE_XML));
	printf("viewBox=\"%d 0 %d %zu\">\n", MARGIN, WIDTH - 2 * MARGIN,
	       figure_height(picture));
	print_figure(picture, 0, holders);
	fputs("</svg>\n", stdout);
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
	struct sheet *sheet = memory_get(nr, sizeof(*sheet));
	size_t height = MARGIN, y = MARGIN, i;

	for (i = 0; i < nr; i++) {
		make_sheet(&sheet[i], &picture[i]);
		height += height_of(&sheet[i]);
	}
	printf("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %zu\" ",
	       WIDTH, height);
	printf("width=\"%d\" height=\"%zu\">\n%s", WIDTH, height, style);
	fputs("<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n", stdout);
	for (i = 0; i < nr; i++) {
		print_sheet(&sheet[i], y);
		y += height_of(&sheet[i]);
	}
	fputs("</svg>\n", stdout);
}
