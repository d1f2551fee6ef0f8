// SPDX-License-Identifier: GPL-2.0
/*
 * Reads what one area shows, see area.h.
 */
#include <errno.h>
#include <string.h>

#include <linux/array_size.h>
#include <linux/bits.h>

#include "area.h"
#include "message.h"

/* Sums of a few of these still fit. */
#define COUNT_MAX BIT_ULL(60)

/**
 * struct number_file - a file that holds one number
 * @name: of the file
 * @is_debug: is it in debugfs? else it is in sysfs
 * @max: larger than this makes no sense
 * @cause: in words, where it counts failures
 */
struct number_file {
	const char *name;
	bool is_debug;
	u64 max;
	const char *cause;
};

static const struct number_file files[AREA_NUMBERS] = {
	[AREA_BASE_PFN] = { "base_pfn", true, AREA_PAGES_MAX, NULL },
	[AREA_COUNT] = { "count", true, AREA_PAGES_MAX, NULL },
	[AREA_ORDER] = { "order_per_bit", true, 30, NULL },
	[AREA_USED] = { "used", true, AREA_PAGES_MAX, NULL },
	[AREA_MAXCHUNK] = { "maxchunk", true, AREA_PAGES_MAX, NULL },
	[AREA_ALLOCATED] = { "alloc_pages_success", false, COUNT_MAX, NULL },
	[AREA_REFUSED] = { "alloc_pages_fail", false, COUNT_MAX, NULL },
	[AREA_RELEASED] = { "release_pages_success", false, COUNT_MAX, NULL },
	[AREA_TOTAL] = { "total_pages", false, AREA_PAGES_MAX, NULL },
	[AREA_HELD] = { "held_pages", false, AREA_PAGES_MAX, NULL },
	[AREA_PEAK] = { "peak_pages", false, AREA_PAGES_MAX, NULL },
	[AREA_LARGEST] = { "largest_window_pages", false, AREA_PAGES_MAX,
			   NULL },
	[AREA_READY] = { "ready_pages", false, AREA_PAGES_MAX, NULL },
	[AREA_FAIL_TOO_BIG] = { "alloc_fail_too_big", false, COUNT_MAX,
				"too big" },
	[AREA_FAIL_FULL] = { "alloc_fail_full", false, COUNT_MAX, "full" },
	[AREA_FAIL_FRAGMENTED] = { "alloc_fail_fragmented", false, COUNT_MAX,
				   "fragmented" },
	[AREA_FAIL_BUSY] = { "alloc_fail_busy", false, COUNT_MAX, "busy" },
	[AREA_FAIL_NO_MEMORY] = { "alloc_fail_no_memory", false, COUNT_MAX,
				  "no memory" },
	[AREA_FAIL_INTERRUPTED] = { "alloc_fail_interrupted", false, COUNT_MAX,
				    "interrupted" },
	[AREA_FAIL_OUT_OF_REACH] = { "alloc_fail_out_of_reach", false,
				     COUNT_MAX, "out of reach" },
	[AREA_FAIL_INVALID] = { "alloc_fail_invalid", false, COUNT_MAX,
				"invalid" },
};

/**
 * area_cause() - a cause of failures in words
 * @number: AREA_FAIL_TOO_BIG to AREA_FAIL_INVALID
 *
 * Context: any.
 * Return: the kernel's words for it.
 */
const char *area_cause(enum area_number number)
{
	return files[number].cause;
}

static char *path_of(const struct area *area, const char *file, bool is_debug)
{
	return text_of("%s/%s/%s", is_debug ? DEBUGFS_AREAS : SYSFS_AREAS,
		       area->name, file);
}

/**
 * area_file() - path of a file in an area's directory of debugfs
 * @area: the area
 * @file: name of the file
 *
 * Context: any.
 * Return: the path, for source_name() and the like.
 */
char *area_file(const struct area *area, const char *file)
{
	return path_of(area, file, true);
}

static int read_or_say(const char *path, struct text *text)
{
	int err = source_read(path, text);

	if (err && err != -ENOENT && err != -ENOTDIR && err != -EACCES)
		message("%s cannot be read: %s; taken as missing",
			source_name(path), strerror(-err));
	return err;
}

/**
 * area_read() - read a file in an area's directory of debugfs
 * @area: the area
 * @file: name of the file
 * @text: the content is appended here
 *
 * A failure that is neither a missing file nor a lack of rights is reported.
 *
 * Context: any.
 * Return: 0, or -errno as from source_read().
 */
int area_read(const struct area *area, const char *file, struct text *text)
{
	return read_or_say(area_file(area, file), text);
}

/* The start of a bad text is enough to recognise it by. */
static char *excerpt(const struct text *text)
{
	size_t len = strcspn(text->data, "\n");

	if (!text->len)
		return text_of("nothing");
	return text_of("'%s%s'",
		       text_quote(text_of("%.*s", len > 24 ? 24 : (int)len,
					  text->data), QUOTE_TERMINAL),
		       len > 24 ? "..." : "");
}

static u64 read_number(const struct area *area, const struct number_file *file)
{
	char *path = path_of(area, file->name, file->is_debug);
	struct span rest, word, more;
	struct text text = {};
	u64 number;

	if (read_or_say(path, &text))
		return NOT_KNOWN;
	rest = (struct span){ text.data, text.data + text.len };
	if (span_word(&rest, &word) && !span_word(&rest, &more) &&
	    span_number(word, &number) && number <= file->max)
		return number;
	message("%s: %s is no number that makes sense; taken as missing",
		source_name(path), excerpt(&text));
	return NOT_KNOWN;
}

static u64 either(u64 first, u64 second)
{
	return first != NOT_KNOWN ? first : second;
}

/* On stock, sysfs alone tells as much about what is held. */
static u64 held_by_sums(const struct area *area)
{
	u64 given = area->number[AREA_ALLOCATED];
	u64 back = area->number[AREA_RELEASED];

	if (given == NOT_KNOWN || back == NOT_KNOWN || back > given ||
	    given - back > AREA_PAGES_MAX)
		return NOT_KNOWN;
	return given - back;
}

static u64 sum_of_failures(const struct area *area)
{
	u64 sum = NOT_KNOWN;
	int i;

	for (i = AREA_FAIL_TOO_BIG; i <= AREA_FAIL_INVALID; i++)
		if (area->number[i] != NOT_KNOWN)
			sum = (sum == NOT_KNOWN ? 0 : sum) + area->number[i];
	return sum;
}

static void sum_up(struct area *area)
{
	const u64 *number = area->number;

	area->base_pfn = number[AREA_BASE_PFN];
	area->pages = either(number[AREA_TOTAL], number[AREA_COUNT]);
	area->held = either(either(number[AREA_HELD], number[AREA_USED]),
			    held_by_sums(area));
	area->peak = number[AREA_PEAK];
	area->largest = either(number[AREA_LARGEST], number[AREA_MAXCHUNK]);
	area->fail_calls = sum_of_failures(area);
}

/**
 * area_load() - read all numbers of an area, and its slots
 * @area: filled
 * @name: of its directories; must outlive @area
 * @page_size: bytes of a page
 *
 * Context: after source_open().
 */
void area_load(struct area *area, const char *name, u64 page_size)
{
	size_t i;

	*area = (struct area){
		.name = name,
		.label = text_quote(name, QUOTE_TERMINAL),
		.page_size = page_size,
	};
	for (i = 0; i < ARRAY_SIZE(files); i++)
		area->number[i] = read_number(area, &files[i]);
	sum_up(area);
	area_load_slots(area);
}

/**
 * area_size() - a number of pages as people say it
 * @area: where the pages are
 * @pages: how many, or NOT_KNOWN
 *
 * Context: any.
 * Return: as from text_pages().
 */
char *area_size(const struct area *area, u64 pages)
{
	return text_pages(pages, area->page_size);
}
