// SPDX-License-Identifier: GPL-2.0
/*
 * Reading: lines, words and numbers of a text; and numbers for people. See
 * text.h.
 */
#include <string.h>

#include <linux/overflow.h>

#include "text.h"

/**
 * span_line() - take the next line off a text
 * @rest: the text, moved behind the line
 * @line: the line, without its newline
 *
 * Context: any.
 * Return: true, or false when nothing is left.
 */
bool span_line(struct span *rest, struct span *line)
{
	const char *newline;

	if (rest->at == rest->end)
		return false;
	newline = memchr(rest->at, '\n', (size_t)(rest->end - rest->at));
	line->at = rest->at;
	line->end = newline ? newline : rest->end;
	rest->at = newline ? newline + 1 : rest->end;
	return true;
}

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\n';
}

/**
 * span_word() - take the next word off a line
 * @line: the line, moved behind the word
 * @word: the word, without blanks
 *
 * Context: any.
 * Return: true, or false when no word is left.
 */
bool span_word(struct span *line, struct span *word)
{
	while (line->at < line->end && is_blank(*line->at))
		line->at++;
	word->at = line->at;
	while (line->at < line->end && !is_blank(*line->at))
		line->at++;
	word->end = line->at;
	return word->at < word->end;
}

static bool add_digit(u64 *value, unsigned int radix, char digit)
{
	unsigned int weight = digit >= 'a' ? (unsigned int)(digit - 'a') + 10 :
					     (unsigned int)(digit - '0');

	return weight < radix && !check_mul_overflow(*value, radix, value) &&
	       !check_add_overflow(*value, weight, value);
}

/**
 * span_number() - read a number that is all of a text
 * @span: decimal digits, or "0x" and small hexadecimal ones
 * @value: the number; only written when it is good, never NOT_KNOWN
 *
 * Context: any.
 * Return: true, or false when it is no number or does not fit 64 bit.
 */
bool span_number(struct span span, u64 *value)
{
	unsigned int radix = span_skip(&span, "0x") ? 16 : 10;
	u64 number = 0;

	if (span.at == span.end)
		return false;
	for (; span.at < span.end; span.at++)
		if (!add_digit(&number, radix, *span.at))
			return false;
	if (number == NOT_KNOWN)
		return false;
	*value = number;
	return true;
}

/**
 * span_skip() - move behind a prefix, if it is there
 * @span: the text, moved only when it begins with @prefix
 * @prefix: the prefix
 *
 * Context: any.
 * Return: true when it was there.
 */
bool span_skip(struct span *span, const char *prefix)
{
	size_t len = strlen(prefix);

	if ((size_t)(span->end - span->at) < len ||
	    memcmp(span->at, prefix, len))
		return false;
	span->at += len;
	return true;
}

/**
 * text_pages() - a number of pages as people say it
 * @pages: how many, or NOT_KNOWN
 * @page_size: bytes of a page
 *
 * Context: any.
 * Return: "-", or bytes with the letter of a unit: in full where four digits
 * do, else rounded down to tenths.
 */
char *text_pages(u64 pages, u64 page_size)
{
	static const char units[] = "BKMGTPE";
	unsigned int full = 0, unit = 0;
	u64 bytes;

	if (pages == NOT_KNOWN)
		return text_of("-");
	if (check_mul_overflow(pages, page_size, &bytes))
		return text_of(">16E");
	if (!bytes)
		return text_of("0");
	while (full < 6 && !(bytes >> 10 * full & 1023))
		full++;
	while (unit < 6 && bytes >> 10 * (unit + 1))
		unit++;
	if (bytes >> 10 * full < 10000)
		return text_of("%llu%c", bytes >> 10 * full, units[full]);
	return text_of("%llu.%llu%c", bytes >> 10 * unit,
		       (bytes >> 10 * (unit - 1) & 1023) * 10 / 1024,
		       units[unit]);
}

/**
 * text_age() - a time as people say it
 * @age_ms: milliseconds, or NOT_KNOWN
 *
 * Context: any.
 * Return: "-", or the two largest units, rounded down.
 */
char *text_age(u64 age_ms)
{
	u64 seconds = age_ms / 1000;

	if (age_ms == NOT_KNOWN)
		return text_of("-");
	if (!seconds)
		return text_of("%llums", age_ms);
	if (seconds < 60)
		return text_of("%llus", seconds);
	if (seconds < 3600)
		return text_of("%llum%02llus", seconds / 60, seconds % 60);
	if (seconds < 86400)
		return text_of("%lluh%02llum", seconds / 3600,
			       seconds % 3600 / 60);
	return text_of("%llud%02lluh", seconds / 86400,
		       seconds % 86400 / 3600);
}
