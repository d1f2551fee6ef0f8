// SPDX-License-Identifier: GPL-2.0
/*
 * cma map --json: all that is known of the areas, for scripts. Numbers are
 * pages, null where nothing is known.
 */
#include <stdio.h>

#include "picture.h"

static const char * const kinds[BLOCK_KINDS] = {
	[BLOCK_HELD] = "held",
	[BLOCK_FREE] = "free",
	[BLOCK_IDLE] = "idle",
	[BLOCK_CLEAN] = "clean",
	[BLOCK_MOVABLE] = "movable",
	[BLOCK_STUCK] = "stuck",
};

/* Every member but the last of its object. */
static void print_number(const char *name, u64 number)
{
	if (number == NOT_KNOWN)
		printf("\"%s\": null, ", name);
	else
		printf("\"%s\": %llu, ", name, number);
}

static void print_text(const char *name, const char *text)
{
	printf("\"%s\": \"%s\"", name, text_quote(text, QUOTE_JSON));
}

static void print_block(const struct block *block)
{
	int i;

	putchar('{');
	print_number("pfn", block->pfn);
	for (i = 0; i < BLOCK_KINDS; i++)
		print_number(kinds[i], block->nr[i]);
	printf("\"pages\": %llu}", block->pages);
}

static void print_holder(const struct holder *holder)
{
	putchar('{');
	print_number("pfn", holder->pfn);
	print_number("pages", holder->pages);
	print_number("align", holder->align);
	print_number("age_ms", holder->age_ms);
	print_number("pid", holder->pid);
	print_text("task", holder->task);
	fputs(", ", stdout);
	print_text("holder", holder->name);
	putchar('}');
}

/* Commas and line breaks of a list; returns false at its end. */
static bool next_item(size_t i, size_t nr)
{
	if (i < nr)
		printf("%s\n   ", i ? "," : "");
	return i < nr;
}

static void print_blocks(const struct area *area)
{
	struct detail blocks = detail_blocks(area);
	size_t i;

	if (!blocks.is_known) {
		fputs("null", stdout);
		return;
	}
	putchar('[');
	for (i = 0; next_item(i, blocks.nr); i++)
		print_block(&blocks.block[i]);
	putchar(']');
}

static void print_holders(const struct area *area)
{
	struct detail holders = detail_holders(area);
	size_t i;

	if (!holders.is_known) {
		fputs("null", stdout);
		return;
	}
	putchar('[');
	for (i = 0; next_item(i, holders.nr); i++)
		print_holder(&holders.holder[i]);
	putchar(']');
}

static void print_gaps(const struct area *area)
{
	unsigned long next = 0;
	struct cma_range gap;
	size_t i;

	if (!area->has_slots) {
		fputs("null", stdout);
		return;
	}
	putchar('[');
	for (i = 0; cma_bitmap_next_clear_run(&area->slots, &next, &gap); i++)
		printf("%s{\"pfn\": %lu, \"pages\": %lu}", i ? ", " : "",
		       gap.start, cma_range_len(gap));
	putchar(']');
}

static void print_area(const struct area *area)
{
	fputs(" {", stdout);
	print_text("name", area->name);
	fputs(",\n  ", stdout);
	print_number("base_pfn", area->base_pfn);
	print_number("pages", area->pages);
	print_number("held_pages", area->held);
	print_number("peak_pages", area->peak);
	print_number("largest_window_pages", area->largest);
	print_number("ready_pages", area->number[AREA_READY]);
	print_number("fail_calls", area->fail_calls);
	print_number("fail_pages", area->number[AREA_REFUSED]);
	fputs("\"gaps\": ", stdout);
	print_gaps(area);
	fputs(",\n  \"blocks\": ", stdout);
	print_blocks(area);
	fputs(",\n  \"holders\": ", stdout);
	print_holders(area);
	putchar('}');
}

/**
 * picture_json() - write the areas as JSON to stdout
 * @areas: the areas
 *
 * Context: any.
 */
void picture_json(const struct areas *areas)
{
	size_t i;

	printf("{\"page_size\": %llu, \"areas\": [\n",
	       areas->area[0].page_size);
	for (i = 0; i < areas->nr; i++) {
		if (i)
			fputs(",\n", stdout);
		print_area(&areas->area[i]);
	}
	fputs("\n]}\n", stdout);
}
