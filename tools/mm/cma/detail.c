// SPDX-License-Identifier: GPL-2.0
/*
 * Reads the files with a header and a line for each holder or pageblock.
 */
#include <string.h>

#include "detail.h"
#include "memory.h"
#include "message.h"

/**
 * struct reader - a file that is being read
 * @path: its path
 * @rest: what was not read yet
 * @line: the line read last
 * @line_nr: its number, the first is 1
 * @bad: lines that make no sense
 * @first_bad: the number of the first of them
 */
struct reader {
	char *path;
	struct span rest;
	struct span line;
	size_t line_nr;
	size_t bad;
	size_t first_bad;
};

static bool open_reader(struct reader *reader, const struct area *area,
			const char *file)
{
	struct text text = {};

	if (area_read(area, file, &text))
		return false;
	*reader = (struct reader){
		.path = area_file(area, file),
		.rest = { text.data, text.data + text.len },
	};
	return true;
}

static bool next_line(struct reader *reader)
{
	reader->line_nr++;
	return span_line(&reader->rest, &reader->line);
}

/* What was cut off in the header holds nothing that could be shown. */
static bool has_header(struct reader *reader)
{
	struct span word;

	if (next_line(reader) && span_word(&reader->line, &word) &&
	    span_skip(&word, "pfn") && word.at == word.end)
		return true;
	message("%s: does not begin with its header; taken as missing",
		source_name(reader->path));
	return false;
}

static void count_bad(struct reader *reader)
{
	if (!reader->bad++)
		reader->first_bad = reader->line_nr;
}

/* One message however much is bad. */
static void close_reader(const struct reader *reader)
{
	if (reader->bad)
		message("%s: line %zu makes no sense; left out %zu line%s",
			source_name(reader->path), reader->first_bad,
			reader->bad, reader->bad > 1 ? "s" : "");
}

static bool next_number(struct span *line, u64 max, u64 *value)
{
	struct span word;

	return span_word(line, &word) && span_number(word, value) &&
	       *value <= max;
}

/* A dash stands for what the kernel does not know. */
static bool next_maybe(struct span *line, u64 *value)
{
	struct span word;

	*value = NOT_KNOWN;
	if (!span_word(line, &word))
		return false;
	return span_number(word, value) ||
	       (word.end - word.at == 1 && *word.at == '-');
}

static bool next_name(struct span *line, const char **name)
{
	struct span word;

	if (!span_word(line, &word))
		return false;
	*name = text_unescape(word);
	return true;
}

static bool at_end(struct span *line)
{
	struct span word;

	return !span_word(line, &word);
}

/* Pages from @pfn on that lie in the area, if it is known, and behind @from. */
static bool lies_in(const struct area *area, u64 from, u64 pfn, u64 pages)
{
	if (!pages || pfn < from)
		return false;
	return area->base_pfn == NOT_KNOWN || area->pages == NOT_KNOWN ||
	       (pfn >= area->base_pfn &&
		pfn + pages <= area->base_pfn + area->pages);
}

static bool parse_block(struct span line, struct block *block)
{
	u64 sum = 0;
	int i;

	if (!next_number(&line, AREA_PAGES_MAX, &block->pfn) ||
	    !next_number(&line, AREA_PAGES_MAX, &block->pages))
		return false;
	for (i = 0; i < BLOCK_KINDS; i++) {
		if (!next_number(&line, block->pages, &block->nr[i]))
			return false;
		sum += block->nr[i];
	}
	return sum <= block->pages && at_end(&line);
}

/**
 * block_rest() - pages of which it is not known what they are
 * @block: the pageblock
 *
 * The kernel looks at pages that change meanwhile, so there may be some.
 *
 * Context: any.
 * Return: pages; they are not held.
 */
u64 block_rest(const struct block *block)
{
	u64 rest = block->pages;
	int i;

	for (i = 0; i < BLOCK_KINDS; i++)
		rest -= block->nr[i];
	return rest;
}

/**
 * detail_blocks() - what is in each pageblock
 * @area: the area
 *
 * Context: any.
 * Return: the pageblocks, in ascending order, without overlap, of equal size
 * but for the first and the last.
 */
struct detail detail_blocks(const struct area *area)
{
	struct detail detail = {};
	struct reader reader;
	struct block block;
	u64 end = 0;

	if (!open_reader(&reader, area, "map") || !has_header(&reader))
		return detail;
	detail.is_known = true;
	while (next_line(&reader)) {
		if (!parse_block(reader.line, &block) ||
		    !lies_in(area, end, block.pfn, block.pages)) {
			count_bad(&reader);
			continue;
		}
		end = block.pfn + block.pages;
		detail.block = memory_grow(detail.block, detail.nr,
					   &detail.room, sizeof(block));
		detail.block[detail.nr++] = block;
	}
	close_reader(&reader);
	return detail;
}

static bool parse_holder(struct span line, struct holder *holder)
{
	return next_number(&line, AREA_PAGES_MAX, &holder->pfn) &&
	       next_number(&line, AREA_PAGES_MAX, &holder->pages) &&
	       next_maybe(&line, &holder->align) &&
	       next_maybe(&line, &holder->age_ms) &&
	       next_maybe(&line, &holder->pid) &&
	       next_name(&line, &holder->task) &&
	       next_name(&line, &holder->name) && at_end(&line);
}

/**
 * detail_holders() - who holds what
 * @area: the area
 *
 * Context: any.
 * Return: what is held, in ascending order, without overlap.
 */
struct detail detail_holders(const struct area *area)
{
	struct detail detail = {};
	struct reader reader;
	struct holder holder;
	u64 end = 0;

	if (!open_reader(&reader, area, "holders") || !has_header(&reader))
		return detail;
	detail.is_known = true;
	while (next_line(&reader)) {
		if (!parse_holder(reader.line, &holder) ||
		    !lies_in(area, end, holder.pfn, holder.pages)) {
			count_bad(&reader);
			continue;
		}
		end = holder.pfn + holder.pages;
		detail.holder = memory_grow(detail.holder, detail.nr,
					    &detail.room, sizeof(holder));
		detail.holder[detail.nr++] = holder;
	}
	close_reader(&reader);
	return detail;
}

/* The first number in @line behind the word or sign @after. */
static u64 number_after(struct span line, const char *after)
{
	struct span word;
	u64 number;

	while (line.at < line.end && !span_skip(&line, after))
		line.at++;
	if (!span_word(&line, &word))
		return NOT_KNOWN;
	if (word.end[-1] == ',')
		word.end--;
	return span_number(word, &number) && number <= AREA_PAGES_MAX ?
	       number : NOT_KNOWN;
}

static void read_failure_line(struct failure *failure, struct span line)
{
	u64 held = number_after(line, "  held ");

	failure->text.end = line.end;
	if (failure->held == NOT_KNOWN)
		failure->held = held;
}

/* The cause is what stands last in the first line. */
static enum area_number cause_of(struct span line)
{
	struct span tail = line;
	int cause;

	while (line.at < line.end)
		if (span_skip(&line, ": "))
			tail = line;
		else
			line.at++;
	for (cause = AREA_FAIL_TOO_BIG; cause <= AREA_FAIL_INVALID; cause++) {
		line = tail;
		if (span_skip(&line, area_cause(cause)) && line.at == line.end)
			return cause;
	}
	return AREA_NUMBERS;
}

static bool is_head(struct span line)
{
	return line.at < line.end && *line.at == '[';
}

/**
 * detail_failures() - what failed
 * @area: the area
 *
 * Context: any.
 * Return: failures, oldest first.
 */
struct detail detail_failures(const struct area *area)
{
	struct detail detail = {};
	struct failure *failure = NULL;
	struct reader reader;

	if (!open_reader(&reader, area, "failures"))
		return detail;
	detail.is_known = true;
	while (next_line(&reader)) {
		if (is_head(reader.line)) {
			detail.failure = memory_grow(detail.failure, detail.nr,
						     &detail.room,
						     sizeof(*failure));
			failure = &detail.failure[detail.nr++];
			*failure = (struct failure){
				.text = reader.line,
				.cause = cause_of(reader.line),
				.wanted = number_after(reader.line, "] "),
				.held = NOT_KNOWN,
			};
		} else if (failure && span_skip(&reader.line, "  ")) {
			reader.line.at -= 2;
			read_failure_line(failure, reader.line);
		} else {
			count_bad(&reader);
		}
	}
	close_reader(&reader);
	return detail;
}
