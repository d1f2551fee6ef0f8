// SPDX-License-Identifier: GPL-2.0
/*
 * Text that grows, and what is quoted in it, see text.h.
 */
#include <stdio.h>
#include <string.h>

#include "memory.h"
#include "text.h"

static void make_room(struct text *text, size_t len)
{
	char *old = text->data;

	if (old && text->room - text->len > len)
		return;
	text->room = 2 * text->len + len + 64;
	text->data = memory_get(text->room, 1);
	if (old)
		memcpy(text->data, old, text->len);
}

/**
 * text_add_bytes() - append bytes
 * @text: the text
 * @bytes: what to append, any bytes
 * @len: how many
 *
 * Context: any.
 */
void text_add_bytes(struct text *text, const char *bytes, size_t len)
{
	make_room(text, len);
	memcpy(text->data + text->len, bytes, len);
	text->len += len;
	text->data[text->len] = '\0';
}

/**
 * text_add_args() - append formatted text
 * @text: the text
 * @format: as for vprintf()
 * @args: likewise
 *
 * Context: any.
 */
void text_add_args(struct text *text, const char *format, va_list args)
{
	va_list again;
	int len;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (len < 0)
		return;
	make_room(text, (size_t)len);
	vsnprintf(text->data + text->len, (size_t)len + 1, format, args);
	text->len += (size_t)len;
}

/**
 * text_add() - append formatted text
 * @text: the text
 * @format: as for printf()
 *
 * Context: any.
 */
void text_add(struct text *text, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	text_add_args(text, format, args);
	va_end(args);
}

/**
 * text_of() - formatted text
 * @format: as for printf()
 *
 * Context: any.
 * Return: the text.
 */
char *text_of(const char *format, ...)
{
	struct text text = {};
	va_list args;

	va_start(args, format);
	text_add_args(&text, format, args);
	va_end(args);
	return text.data;
}

/*
 * How long the UTF-8 character at the start of @bytes is; 0 if it is none, or
 * one of the controls that take two bytes.
 */
static size_t utf8_len(const unsigned char *bytes)
{
	size_t len = *bytes < 0x80 ? 1 : *bytes < 0xc2 ? 0 : *bytes < 0xe0 ? 2 :
		     *bytes < 0xf0 ? 3 : *bytes < 0xf5 ? 4 : 0;
	size_t i;

	for (i = 1; i < len; i++)
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
	if (len < 3)
		return len == 2 && bytes[0] == 0xc2 && bytes[1] < 0xa0 ? 0 : len;
	if ((bytes[0] == 0xe0 && bytes[1] < 0xa0) ||
	    (bytes[0] == 0xed && bytes[1] > 0x9f) ||
	    (bytes[0] == 0xef && bytes[1] == 0xbf && bytes[2] > 0xbd) ||
	    (bytes[0] == 0xf0 && bytes[1] < 0x90) ||
	    (bytes[0] == 0xf4 && bytes[1] > 0x8f))
		return 0;
	return len;
}

static bool is_control(unsigned char byte)
{
	return byte < ' ' || byte == 0x7f;
}

static const char *xml_entity(char byte)
{
	switch (byte) {
	case '"':
		return "&quot;";
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	default:
		return NULL;
	}
}

/* XML cannot hold a control at all, not even escaped. */
static void quote_odd(struct text *text, unsigned char byte,
		      enum text_quote quote)
{
	if (byte >= 0x80 && (quote == QUOTE_JSON || quote == QUOTE_XML))
		text_add(text, "\xef\xbf\xbd");
	else if (quote == QUOTE_JSON)
		text_add(text, "\\u%04x", byte);
	else
		text_add(text, "\\%03o", byte);
}

static void quote_plain(struct text *text, const char *at, size_t len,
			enum text_quote quote)
{
	const char *entity = xml_entity(*at);

	if (quote == QUOTE_XML && entity)
		text_add(text, "%s", entity);
	else if (quote == QUOTE_JSON && (*at == '"' || *at == '\\'))
		text_add(text, "\\%c", *at);
	else if (quote == QUOTE_PATH && *at == '\\')
		text_add(text, "\\134");
	else
		text_add_bytes(text, at, len);
}

/**
 * text_quote() - make a text safe to show
 * @bytes: any bytes, NUL behind them
 * @quote: what it is to be safe for
 *
 * Context: any.
 * Return: the text in valid UTF-8, without controls.
 */
char *text_quote(const char *bytes, enum text_quote quote)
{
	struct text text = {};

	text_add_bytes(&text, "", 0);
	while (*bytes) {
		size_t len = utf8_len((const unsigned char *)bytes);

		if (!len || is_control((unsigned char)*bytes))
			quote_odd(&text, (unsigned char)*bytes, quote);
		else
			quote_plain(&text, bytes, len, quote);
		bytes += len ? len : 1;
	}
	return text.data;
}

static bool is_octal(const char *at)
{
	return *at >= '0' && *at <= '7';
}

/**
 * text_unescape() - undo the kernel's octal escapes
 * @span: text such as "my\040task"
 *
 * Context: any.
 * Return: what it stands for; an escape for NUL stays as it is.
 */
char *text_unescape(struct span span)
{
	char *result = memory_get((size_t)(span.end - span.at) + 1, 1);
	char *to = result;

	while (span.at < span.end) {
		const char *at = span.at;
		int byte = 0;

		if (span.end - at > 3 && *at == '\\' && is_octal(at + 1) &&
		    is_octal(at + 2) && is_octal(at + 3))
			byte = ((at[1] - '0') << 6 | (at[2] - '0') << 3 |
				(at[3] - '0')) & 0xff;
		*to++ = byte ? (char)byte : *at;
		span.at += byte ? 4 : 1;
	}
	return result;
}

/**
 * text_width() - how many columns a text takes on a terminal
 * @text: UTF-8
 *
 * Context: any.
 * Return: the number of characters, each taken to be one column wide.
 */
size_t text_width(const char *text)
{
	size_t width = 0;

	for (; *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

/* From U+1100 on, where East Asian characters begin. */
static bool is_wide(const unsigned char *at)
{
	return at[0] > 0xe1 || (at[0] == 0xe1 && at[1] >= 0x84);
}

/**
 * text_fit() - how much of a text fits into some columns
 * @text: valid UTF-8
 * @columns: how many; characters that may be wide take two
 *
 * Context: any.
 * Return: the number of bytes, which ends with a whole character.
 */
size_t text_fit(const char *text, size_t columns)
{
	const char *at = text;

	while (*at) {
		const unsigned char *bytes = (const unsigned char *)at;
		size_t width = is_wide(bytes) ? 2 : 1;

		if (width > columns)
			break;
		columns -= width;
		at += utf8_len(bytes) ? utf8_len(bytes) : 1;
	}
	return (size_t)(at - text);
}
