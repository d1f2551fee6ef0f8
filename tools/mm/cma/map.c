// SPDX-License-Identifier: GPL-2.0
/*
 * cma map: the areas as pictures in the terminal.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/minmax.h>

#include "command.h"
#include "memory.h"
#include "picture.h"

/**
 * struct look - how a cell is shown
 * @sign: as a character
 * @colour: as an ANSI colour
 */
struct look {
	char sign;
	const char *colour;
};

static const struct look looks[] = {
	[LOOK_STUCK] = { 'P', "1;31" },
	[LOOK_HELD] = { '#', "34" },
	[LOOK_PARTLY] = { '+', "36" },
	[LOOK_LENT] = { '.', "33" },
	[LOOK_FREE] = { ':', "32" },
	[LOOK_NOT_HELD] = { '-', "32" },
};

static bool in_colour(void)
{
	const char *no = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && !(no && *no);
}

static void print_sign(enum cell_look look)
{
	if (in_colour())
		printf("\033[%sm%c\033[0m", looks[look].colour,
		       looks[look].sign);
	else
		putchar(looks[look].sign);
}

/* Powers of two, so that rows begin at round addresses. */
static size_t cells_per_row(void)
{
	struct winsize size = {};

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_col)
		return 64;
	return size.ws_col >= 160 ? 128 : size.ws_col >= 80 ? 64 :
	       size.ws_col >= 48 ? 32 : 16;
}

static void print_row(const struct picture *picture, size_t from, size_t cells)
{
	size_t i;

	printf("  0x%08llx  ", picture_bytes(picture, picture->cell[from].pfn));
	for (i = from; i < from + cells && i < picture->nr; i++)
		print_sign(picture_look(&picture->cell[i]));
	putchar('\n');
}

static char *sum_of(const struct picture *picture, enum block_kind kind)
{
	return area_size(picture->area, picture->sum.nr[kind]);
}

static void print_key(enum cell_look look)
{
	fputs("  ", stdout);
	print_sign(look);
}

static void print_lent(const struct picture *picture)
{
	const u64 *nr = picture->sum.nr;

	print_key(LOOK_LENT);
	printf(" lent %s (%s movable, %s clean)",
	       area_size(picture->area, nr[BLOCK_MOVABLE] + nr[BLOCK_CLEAN]),
	       sum_of(picture, BLOCK_MOVABLE), sum_of(picture, BLOCK_CLEAN));
	print_key(LOOK_FREE);
	printf(" free %s", area_size(picture->area,
				     nr[BLOCK_FREE] + nr[BLOCK_IDLE]));
	print_key(LOOK_STUCK);
	printf(" stuck %s", sum_of(picture, BLOCK_STUCK));
}

static void print_legend(const struct picture *picture)
{
	u64 rest = block_rest(&picture->sum);

	print_key(LOOK_HELD);
	printf(" held %s", sum_of(picture, BLOCK_HELD));
	print_key(LOOK_PARTLY);
	fputs(" held in part", stdout);
	if (!picture->is_rough)
		print_lent(picture);
	if (rest) {
		print_key(LOOK_NOT_HELD);
		printf(" not held %s (free or lent)",
		       area_size(picture->area, rest));
	}
	putchar('\n');
}

static void print_scale(const struct picture *picture)
{
	const struct area *area = picture->area;

	printf("  a cell is %s%s; largest window %s",
	       area_size(area, picture->cell_pages),
	       picture->are_blocks ? ", a page block" : "",
	       area_size(area, area->largest));
	if (cma_range_len(picture->largest))
		printf(" at 0x%llx",
		       picture_bytes(picture, picture->largest.start));
	putchar('\n');
}

/**
 * picture_print() - show a picture in the terminal
 * @picture: the picture
 *
 * Context: any.
 */
void picture_print(const struct picture *picture)
{
	size_t cells = cells_per_row();
	size_t from;

	printf("%s: %s at 0x%llx\n", picture->area->label,
	       area_size(picture->area, picture->sum.pages),
	       picture_bytes(picture, picture->cell[0].pfn));
	for (from = 0; from < picture->nr; from += cells)
		print_row(picture, from, cells);
	print_legend(picture);
	print_scale(picture);
}

static void print_all(const struct picture *picture, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		if (i)
			putchar('\n');
		picture_print(&picture[i]);
	}
}

static size_t make_all(struct picture *picture, const struct areas *areas,
		       bool fine)
{
	size_t nr = 0, i;

	for (i = 0; i < areas->nr; i++)
		if (picture_make(&picture[nr], &areas->area[i], fine))
			nr++;
	return nr;
}

static enum exit_code map_html(const struct options *options)
{
	size_t nr = (size_t)options->nr_arguments;
	bool is_whole;

	if (nr)
		is_whole = picture_html((const char * const *)options->argument,
					nr, options->fine);
	else
		is_whole = picture_html(&options->from, 1, options->fine);
	return is_whole ? EXIT_GOOD : EXIT_BAD;
}

/**
 * command_map() - show what is where
 * @options: the command line
 *
 * Context: once.
 * Return: EXIT_GOOD; EXIT_BAD when this is not known of some area; ends the
 * program when there is no area.
 */
enum exit_code command_map(const struct options *options)
{
	struct picture *picture;
	struct areas areas;
	size_t nr;

	if (options->html)
		return map_html(options);
	areas = areas_get(options->argument[0]);
	if (options->json) {
		picture_json(&areas);
		return areas_explain("maps") ? EXIT_BAD : EXIT_GOOD;
	}
	picture = memory_get(areas.nr, sizeof(*picture));
	nr = make_all(picture, &areas, options->fine);
	if (nr && options->svg)
		picture_svg(picture, nr);
	else
		print_all(picture, nr);
	if (nr == areas.nr)
		return EXIT_GOOD;
	if (!areas_explain("maps"))
		message("neither 'map' nor 'bitmap' of %zu area%s can be read",
			areas.nr - nr, areas.nr - nr > 1 ? "s" : "");
	return EXIT_BAD;
}
