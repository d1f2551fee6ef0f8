/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Text that grows, numbers that are read strictly, and both as people, JSON
 * and XML want them. What cannot be known is NOT_KNOWN everywhere.
 */
#ifndef CMA_TEXT_H
#define CMA_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include <linux/compiler.h>
#include <linux/limits.h>
#include <linux/types.h>

#define NOT_KNOWN U64_MAX

/**
 * struct text - text that grows
 * @data: the bytes and a NUL behind them; NULL while there are none
 * @len: how many bytes
 * @room: how many fit
 */
struct text {
	char *data;
	size_t len;
	size_t room;
};

/**
 * struct span - part of a text
 * @at: its first byte
 * @end: the byte behind it
 */
struct span {
	const char *at;
	const char *end;
};

/**
 * enum text_quote - what a text has to be safe for
 * @QUOTE_TERMINAL: what is no printable UTF-8 becomes an octal escape
 * @QUOTE_PATH: the same, but so that text_unescape() undoes it
 * @QUOTE_JSON: the inside of a JSON string
 * @QUOTE_XML: text or the value of an attribute
 */
enum text_quote {
	QUOTE_TERMINAL,
	QUOTE_PATH,
	QUOTE_JSON,
	QUOTE_XML,
};

void text_add_bytes(struct text *text, const char *bytes, size_t len);
__printf(2, 3) void text_add(struct text *text, const char *format, ...);
__printf(2, 0)
void text_add_args(struct text *text, const char *format, va_list args);
__printf(1, 2) char *text_of(const char *format, ...);
char *text_quote(const char *bytes, enum text_quote quote);
char *text_unescape(struct span span);

bool span_line(struct span *rest, struct span *line);
bool span_word(struct span *line, struct span *word);
bool span_number(struct span span, u64 *value);
bool span_skip(struct span *span, const char *prefix);

char *text_pages(u64 pages, u64 page_size);
char *text_age(u64 age_ms);
size_t text_width(const char *text);
size_t text_fit(const char *text, size_t columns);

#endif /* CMA_TEXT_H */
