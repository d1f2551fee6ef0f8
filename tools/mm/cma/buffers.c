// SPDX-License-Identifier: GPL-2.0
/*
 * cma size --for: reads what buffers there will be, and adds them up.
 *
 *	spec = name ":" ( amount | picture [ "@" format ] ) [ ":" count ]
 *
 * Neither a picture nor a buffer is ever taken to be smaller than drivers make
 * them: lines, buffers and their places are rounded up as most of them do.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <linux/array_size.h>

#include "../../../mm/cma/lib/parse.h"
#include "buffers.h"
#include "fit.h"
#include "message.h"
#include "setting.h"
#include "table.h"

#define SIDE_MAX 65536
#define COUNT_MAX 65536
/* 1P, all of it together; no machine has so much. */
#define BYTES_MAX (1ULL << 50)
/* What the hardware wants a line to be a multiple of, in bytes. */
#define LINE_BYTES 64
/* What the blocks are that codecs work in, in pixels. */
#define CODEC_BLOCK 64
#define EXAMPLE "such as camera:1080p:6 or npu:64M:2"

/**
 * struct screen - a size of pictures that has a name
 * @name: its name
 * @width: pixels
 * @height: lines
 */
struct screen {
	const char *name;
	u64 width;
	u64 height;
};

static const struct screen screens[] = {
	{ "480p", 720, 480 },	 { "576p", 720, 576 },
	{ "720p", 1280, 720 },	 { "1080p", 1920, 1080 },
	{ "1440p", 2560, 1440 }, { "2160p", 3840, 2160 },
	{ "4k", 3840, 2160 },	 { "8k", 7680, 4320 },
};

/**
 * struct format - how pixels lie in memory
 * @name: its name
 * @bits: of a pixel in a line
 * @halves: how many half lines there are to a line of the picture, as planes
 *	    with the colours may follow
 */
struct format {
	const char *name;
	u64 bits;
	u64 halves;
};

static const struct format formats[] = {
	{ "nv12", 8, 3 },    { "nv21", 8, 3 },	  { "yuv420", 8, 3 },
	{ "p010", 16, 3 },   { "nv16", 8, 4 },	  { "yuyv", 16, 2 },
	{ "uyvy", 16, 2 },   { "rgb565", 16, 2 }, { "rgb24", 24, 2 },
	{ "bgr24", 24, 2 },  { "xrgb", 32, 2 },	  { "argb", 32, 2 },
	{ "grey", 8, 2 },    { "raw8", 8, 2 },	  { "raw10", 16, 2 },
	{ "raw10p", 10, 2 }, { "raw12", 16, 2 },  { "raw12p", 12, 2 },
	{ "raw14", 16, 2 },  { "raw16", 16, 2 },
};

/**
 * struct kind - what a name stands for that begins like this
 * @prefix: how it begins
 * @format: of its pictures, if none is given
 * @block: width and height are rounded up to it
 */
struct kind {
	const char *prefix;
	const char *format;
	u64 block;
};

static const struct kind kinds[] = {
	{ "camera", "nv12", 1 },
	{ "display", "xrgb", 1 },
	{ "codec", "nv12", CODEC_BLOCK },
};

/**
 * struct buffers - buffers that are alike
 * @spec: what the user wrote
 * @name: what they are for
 * @picture: the size of their pictures, or NULL
 * @format: of the pictures, or NULL
 * @bytes: of one
 * @takes: bytes of the area that one takes, with the gap after it
 * @count: how many
 */
struct buffers {
	const char *spec;
	char *name;
	char *picture;
	const struct format *format;
	u64 bytes;
	u64 takes;
	u64 count;
};

/* The names of screens, formats, ... begin an element of their table each. */
static char *list(const void *table, size_t nr, size_t size)
{
	struct text text = {};
	size_t i;

	for (i = 0; i < nr; i++)
		text_add(&text, "%s%s", i ? " " : "",
			 *(const char * const *)((const char *)table +
						 i * size));
	return text.data;
}

static noreturn void bad(const struct buffers *buffers, struct span part,
			 const char *why)
{
	char *text = text_of("%.*s", (int)(part.end - part.at), part.at);

	message_exit(EXIT_USAGE, "--for %s: '%s' %s",
		     text_quote(buffers->spec, QUOTE_TERMINAL),
		     text_quote(text, QUOTE_TERMINAL), why);
}

static noreturn void missing(const struct buffers *buffers, const char *what)
{
	message_exit(EXIT_USAGE,
		     "--for %s: %s is missing: NAME:SIZE[@FORMAT][:COUNT], "
		     EXAMPLE, text_quote(buffers->spec, QUOTE_TERMINAL), what);
}

/* Takes what is before @end off a text, and @end, or all of it. */
static bool next_part(struct span *rest, char end, struct span *part)
{
	const char *found = memchr(rest->at, end,
				   (size_t)(rest->end - rest->at));

	*part = (struct span){ rest->at, found ? found : rest->end };
	rest->at = found ? found + 1 : rest->end;
	return found;
}

static bool is_word(struct span span, const char *word)
{
	size_t len = strlen(word);

	return (size_t)(span.end - span.at) == len &&
	       !strncasecmp(span.at, word, len);
}

static bool number_of(struct span span, u64 most, u64 *number)
{
	return span.at < span.end && !span_skip(&span, "0x") &&
	       span_number(span, number) && *number && *number <= most;
}

static const struct kind *kind_of(const struct buffers *buffers)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strncasecmp(buffers->name, kinds[i].prefix,
				 strlen(kinds[i].prefix)))
			return &kinds[i];
	return NULL;
}

static const struct format *format_named(struct span name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(formats); i++)
		if (is_word(name, formats[i].name))
			return &formats[i];
	return NULL;
}

static void find_format(struct buffers *buffers, struct span name)
{
	const struct kind *kind = kind_of(buffers);
	char *all = list(formats, ARRAY_SIZE(formats), sizeof(*formats));

	if (name.at < name.end)
		buffers->format = format_named(name);
	else if (kind)
		buffers->format = format_named((struct span){
			kind->format, kind->format + strlen(kind->format)
		});
	else
		message_exit(EXIT_USAGE, "--for %s: @FORMAT is missing: %s",
			     text_quote(buffers->spec, QUOTE_TERMINAL), all);
	if (!buffers->format)
		bad(buffers, name, text_of("is no format: %s", all));
}

static u64 multiple(u64 value, u64 of)
{
	return (value + of - 1) / of * of;
}

static void set_picture(struct buffers *buffers, u64 width, u64 height)
{
	const struct format *format = buffers->format;
	const struct kind *kind = kind_of(buffers);
	u64 block = kind ? kind->block : 1;
	u64 line, lines;

	buffers->picture = text_of("%llux%llu", width, height);
	width = multiple(width, block);
	height = multiple(height, block);
	line = multiple((width * format->bits + 7) / 8, LINE_BYTES);
	lines = (height * format->halves + 1) / 2;
	buffers->bytes = line * lines;
}

/* Returns false when it is no name of a screen. */
static bool find_screen(struct span size, u64 *width, u64 *height)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(screens); i++) {
		if (!is_word(size, screens[i].name))
			continue;
		*width = screens[i].width;
		*height = screens[i].height;
		return true;
	}
	return false;
}

/* Returns false when it does not look like WIDTHxHEIGHT. */
static bool find_sides(const struct buffers *buffers, struct span size,
		       u64 *width, u64 *height)
{
	struct span rest = size, first;

	if (!isdigit(*size.at) || !next_part(&rest, 'x', &first))
		return false;
	if (!number_of(first, SIDE_MAX, width))
		bad(buffers, first, text_of("is no width from 1 to %d",
					    SIDE_MAX));
	if (!number_of(rest, SIDE_MAX, height))
		bad(buffers, rest, text_of("is no height from 1 to %d",
					   SIDE_MAX));
	return true;
}

/* Without a unit, it is not clear what was meant. */
static bool find_amount(struct span size, u64 *bytes)
{
	struct cma_parse_error error;
	char *text = text_of("%.*s", (int)(size.end - size.at), size.at);
	const char *end = cma_parse_size(text, bytes, &error);

	return end && !*end && isalpha(end[-1]) && *bytes &&
	       *bytes <= BYTES_MAX;
}

static void read_size(struct buffers *buffers, struct span part)
{
	struct span size, format = part;
	bool has_format = next_part(&format, '@', &size);
	u64 width, height;

	if (size.at == size.end)
		missing(buffers, "SIZE");
	if (has_format && format.at == format.end)
		missing(buffers, "FORMAT after @");
	if (find_screen(size, &width, &height) ||
	    find_sides(buffers, size, &width, &height)) {
		find_format(buffers, format);
		set_picture(buffers, width, height);
		return;
	}
	if (!find_amount(size, &buffers->bytes))
		bad(buffers, size,
		    text_of("is no size: %s, WIDTHxHEIGHT, or an amount such as 64M, at most 1P",
			    list(screens, ARRAY_SIZE(screens),
				 sizeof(*screens))));
	if (has_format)
		bad(buffers, format, "makes no sense: only a picture has a format");
}

static void read_count(struct buffers *buffers, struct span part)
{
	if (part.at == part.end)
		missing(buffers, "COUNT after the last colon");
	if (!number_of(part, COUNT_MAX, &buffers->count))
		bad(buffers, part, text_of("is no count from 1 to %d",
					   COUNT_MAX));
}

/* The next buffer begins at a multiple of what the DMA API aligns this one to. */
static void round_up(struct buffers *buffers)
{
	u64 page_size = source_page_size();
	u64 pages = (buffers->bytes + page_size - 1) / page_size;

	buffers->bytes = pages * page_size;
	buffers->takes = multiple(pages, 1ULL << fit_dma_order(pages)) * page_size;
}

static struct buffers read_spec(const char *spec)
{
	struct buffers buffers = { .spec = spec, .count = 1 };
	struct span rest = { spec, spec + strlen(spec) };
	struct span name, size, count;

	if (!next_part(&rest, ':', &name))
		missing(&buffers, name.at < name.end ? ":SIZE" : "NAME");
	if (name.at == name.end)
		missing(&buffers, "NAME");
	buffers.name = text_of("%.*s", (int)(name.end - name.at), name.at);
	if (next_part(&rest, ':', &size)) {
		if (next_part(&rest, ':', &count))
			bad(&buffers, rest, "is too much: COUNT comes last");
		read_count(&buffers, count);
	}
	read_size(&buffers, size);
	round_up(&buffers);
	return buffers;
}

static void add_row(struct table *table, const struct buffers *buffers)
{
	table_add(table, text_quote(buffers->name, QUOTE_TERMINAL));
	table_add(table, buffers->picture ? buffers->picture : "-");
	table_add(table, buffers->format ? buffers->format->name : "-");
	table_add(table, text_pages(buffers->bytes, 1));
	table_add(table, text_pages(buffers->takes, 1));
	table_add(table, text_of("%llu", buffers->count));
	table_add(table, text_pages(buffers->takes * buffers->count, 1));
}

static void add_total(struct table *table, u64 total)
{
	size_t column;

	table_add(table, "total");
	for (column = 1; column + 1 < table->nr_columns; column++)
		table_add(table, "");
	table_add(table, text_pages(total, 1));
}

static void print_rounding(void)
{
	u64 page_size = source_page_size();

	printf("  BUFFER: lines of a multiple of %d bytes, then whole pages of %s\n",
	       LINE_BYTES, text_pages(1, page_size));
	printf("  TAKES: a buffer is aligned to its size as a power of two, at most to %s\n",
	       text_pages(1ULL << fit_dma_order(BYTES_MAX), page_size));
}

/**
 * buffers_advise() - say how large the default area has to be for buffers
 * @specs: what buffers, at least one
 *
 * Context: after source_open(); ends the program when one makes no sense.
 */
void buffers_advise(const struct names *specs)
{
	static const char * const head[] = { "WHAT", "PICTURE", "FORMAT",
					     ">BUFFER", ">TAKES", ">COUNT",
					     ">SUM" };
	struct table table = { .head = head, .nr_columns = ARRAY_SIZE(head) };
	u64 total = 0;
	size_t i;

	for (i = 0; i < specs->nr; i++) {
		struct buffers buffers = read_spec(specs->name[i]);

		if (buffers.takes > (BYTES_MAX - total) / buffers.count)
			message_exit(EXIT_USAGE,
				     "--for %s: all together, it is more than %s",
				     text_quote(buffers.spec, QUOTE_TERMINAL),
				     text_pages(BYTES_MAX, 1));
		total += buffers.takes * buffers.count;
		add_row(&table, &buffers);
	}
	add_total(&table, total);
	table_print(&table);
	print_rounding();
	setting_print_headroom(total);
	setting_print(setting_with_headroom(total), "linux,cma");
	puts("  the device tree comes first, then cma=, then Kconfig;");
	puts("    with stock, cma= wins over the device tree");
}
