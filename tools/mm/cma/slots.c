// SPDX-License-Identifier: GPL-2.0
/*
 * The bitmap of an area, as the kernel's own window search wants it.
 */
#include <linux/bits.h>

#include "area.h"
#include "memory.h"
#include "message.h"

#define WORD_BITS 32

static const char *misfit(const struct area *area)
{
	u64 order = area->number[AREA_ORDER];
	u64 pages = area->number[AREA_COUNT];

	if (pages == NOT_KNOWN || order == NOT_KNOWN ||
	    area->base_pfn == NOT_KNOWN)
		return "base_pfn, count or order_per_bit is missing";
	if (pages != area->pages)
		return "count and total_pages are not the same";
	if (!pages || area->base_pfn & ((1ULL << order) - 1) ||
	    pages & ((1ULL << order) - 1))
		return "the area is no whole number of slots";
	if (area->base_pfn + pages > ~0UL || pages >> order > U32_MAX)
		return "the area is too large for this program";
	return NULL;
}

/* Returns words read, or 0 when there is something that is no word. */
static size_t read_words(struct span rest, u32 *to, size_t nr)
{
	struct span word;
	size_t read;
	u64 value;

	for (read = 0; span_word(&rest, &word); read++) {
		if (read == nr || !span_number(word, &value) || value > U32_MAX)
			return 0;
		to[read] = (u32)value;
	}
	return read;
}

/* Longs differ in width and byte order; words of 32 bit do not. */
static unsigned long *bits_of(const u32 *word, size_t nr)
{
	const size_t per_long = BITS_PER_LONG / WORD_BITS;
	unsigned long *bits = memory_get(nr / per_long + 1, sizeof(*bits));
	size_t i;

	for (i = 0; i < nr; i++)
		bits[i / per_long] |= (unsigned long)word[i] <<
				      (i % per_long * WORD_BITS);
	return bits;
}

/* Two characters a word is the least; what is shorter is not worth memory. */
static bool read_bitmap(struct area *area, const struct text *text)
{
	u64 count = area->number[AREA_COUNT] >> area->number[AREA_ORDER];
	size_t nr = (size_t)((count - 1) / WORD_BITS + 1);
	struct span rest = { text->data, text->data + text->len };
	u32 *words;

	if (text->len / 2 < nr - 1)
		return false;
	words = memory_get(nr, sizeof(*words));
	if (read_words(rest, words, nr) != nr)
		return false;
	area->slots = (struct cma_bitmap){
		.base_pfn = (unsigned long)area->base_pfn,
		.count = (unsigned long)count,
		.order = (unsigned int)area->number[AREA_ORDER],
		.bits = bits_of(words, nr),
	};
	return true;
}

/* Pages of the longest run of slots that nobody holds. */
static unsigned long largest_gap(const struct cma_bitmap *slots)
{
	unsigned long largest = 0, next = 0;
	struct cma_range gap;

	while (cma_bitmap_next_clear_run(slots, &next, &gap))
		if (cma_range_len(gap) > largest)
			largest = cma_range_len(gap);
	return largest;
}

static void fill_in(struct area *area)
{
	if (area->held == NOT_KNOWN)
		area->held = cma_bitmap_set_pages(&area->slots);
	if (area->largest == NOT_KNOWN)
		area->largest = largest_gap(&area->slots);
}

/**
 * area_load_slots() - read which slots of an area are held
 * @area: the area, with its numbers
 *
 * Context: by area_load().
 */
void area_load_slots(struct area *area)
{
	struct text text = {};
	const char *why;

	if (area_read(area, "bitmap", &text))
		return;
	why = misfit(area);
	if (!why && !read_bitmap(area, &text))
		why = "it has not one 32-bit word for each 32 slots";
	if (why) {
		message("%s: %s; taken as missing",
			source_name(area_file(area, "bitmap")), why);
		return;
	}
	area->has_slots = true;
	fill_in(area);
}
