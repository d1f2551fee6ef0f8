// SPDX-License-Identifier: GPL-2.0
/*
 * Finds what set the size of an area, see origin.h.
 */
#include <string.h>

#include <linux/array_size.h>

#include "../../../mm/cma/lib/parse.h"
#include "origin.h"

#define TREE_POOLS "proc/device-tree/reserved-memory"
/* The name of a default area that has no node. */
#define NAME_WITHOUT_NODE "reserved"

/**
 * struct family - areas that an option makes, one for each node
 * @prefix: of their names, a number follows
 * @option: what makes them
 */
struct family {
	const char *prefix;
	const char *option;
};

static const struct family families[] = {
	{ "pernuma", "cma_pernuma=" },
	{ "numa", "numa_cma=" },
	{ "hugetlb", "hugetlb_cma=" },
};

static const char *option_of(const struct area *area)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(families); i++) {
		size_t len = strlen(families[i].prefix);
		const char *number = area->name + len;

		if (!strncmp(area->name, families[i].prefix, len) && *number &&
		    !number[strspn(number, "0123456789")])
			return families[i].option;
	}
	return NULL;
}

/* Level and time come first, as in "<6>[    0.000000] cma: ". */
static void skip_to(struct span *line, char end)
{
	const char *found = memchr(line->at, end,
				   (size_t)(line->end - line->at));

	if (found)
		line->at = found + 1;
}

static bool is_announcement(struct span *line)
{
	if (span_skip(line, "<"))
		skip_to(line, '>');
	if (span_skip(line, "["))
		skip_to(line, ']');
	span_skip(line, " ");
	if (!span_skip(line, "cma: default area: "))
		return false;
	while (line->at < line->end && !span_skip(line, " from "))
		line->at++;
	return line->at < line->end;
}

/* The part of the line that begins with the source which was used. */
static bool find_announcement(struct span *line)
{
	struct text text = {};
	struct span rest;

	if (source_read_log(&text))
		return false;
	rest = (struct span){ text.data, text.data + text.len };
	while (span_line(&rest, line))
		if (is_announcement(line))
			return true;
	return false;
}

/* The name of the node ends the line, or its size or another source follows. */
static bool is_node(struct span line, const char *name)
{
	return span_skip(&line, "device tree node ") && span_skip(&line, name) &&
	       (line.at == line.end || span_skip(&line, " (") ||
		span_skip(&line, "; "));
}

static enum origin_kind announced(struct span line, const struct area *area)
{
	if (is_node(line, area->name))
		return ORIGIN_TREE;
	if (strcmp(area->name, NAME_WITHOUT_NODE))
		return ORIGIN_NODE;
	return span_skip(&line, "'cma=") ? ORIGIN_CMDLINE : ORIGIN_KCONFIG;
}

static bool has_property(const struct area *area, const char *name)
{
	struct text text = {};

	return !source_read(text_of(TREE_POOLS "/%s/%s", area->name, name),
			    &text);
}

static bool is_default_node(const struct area *area)
{
	struct span name = { area->name, area->name + strlen(area->name) };

	if (has_property(area, "linux,cma-default"))
		return true;
	return span_skip(&name, "linux,cma") &&
	       (name.at == name.end || *name.at == '@');
}

/* Ours refuses what makes no sense; stock makes something of it. */
static bool counts(struct span value, const struct area *area)
{
	struct cma_parse_error error;
	struct cma_request request;
	char *text = text_of("%.*s", (int)(value.end - value.at), value.at);

	return area->peak == NOT_KNOWN ||
	       !cma_parse_request(text, U64_MAX, &request, &error);
}

/* What follows "--" is not for the kernel. */
static enum origin_kind by_cmdline(const struct area *area)
{
	enum origin_kind kind = ORIGIN_KCONFIG;
	struct text text = {};
	struct span rest, word;

	if (source_read("proc/cmdline", &text))
		return ORIGIN_NOT_KNOWN;
	rest = (struct span){ text.data, text.data + text.len };
	while (span_word(&rest, &word)) {
		if (word.end - word.at == 2 && span_skip(&word, "--"))
			break;
		if (span_skip(&word, "cma=") && counts(word, area))
			kind = ORIGIN_CMDLINE;
	}
	return kind;
}

/**
 * origin_of() - what set the size of an area?
 * @area: the area
 *
 * Context: any.
 * Return: what, and how this is known.
 */
struct origin origin_of(const struct area *area)
{
	struct origin origin = { .option = option_of(area) };
	struct span line;

	origin.in_log = !origin.option && find_announcement(&line);
	if (origin.option)
		origin.kind = ORIGIN_OPTION;
	else if (origin.in_log)
		origin.kind = announced(line, area);
	else if (!strcmp(area->name, NAME_WITHOUT_NODE))
		origin.kind = by_cmdline(area);
	else
		origin.kind = is_default_node(area) ? ORIGIN_TREE : ORIGIN_NODE;
	return origin;
}

/**
 * origin_is_fixed() - does the node of an area say where it is?
 * @area: the area
 *
 * Context: any.
 * Return: true when "reg" of its node can be seen, which has its size, too.
 */
bool origin_is_fixed(const struct area *area)
{
	return has_property(area, "reg");
}
