// SPDX-License-Identifier: GPL-2.0
/*
 * Lines of text in a picture, see lines.h.
 */
#include "groups.h"
#include "lines.h"
#include "memory.h"

/* Those that hold less share a line. */
#define HOLDERS_LISTED 64

/* Between words if there are any, so that the line is at least half full. */
static size_t cut_of(const char *text, size_t columns)
{
	size_t fits = text_fit(text, columns);
	size_t at;

	if (!text[fits])
		return fits;
	for (at = fits; at > fits / 2; at--)
		if (text[at - 1] == ' ')
			return at;
	return fits;
}

/**
 * lines_wrap() - add a text, as many lines as it takes
 * @lines: the lines
 * @size: what stands before the first of them, or NULL
 * @text: the text, safe for a terminal
 * @columns: how long a line may be, at least 2
 *
 * Context: any.
 */
void lines_wrap(struct lines *lines, const char *size, const char *text,
		size_t columns)
{
	do {
		size_t len = cut_of(text, columns);

		lines->line = memory_grow(lines->line, lines->nr, &lines->room,
					  sizeof(*lines->line));
		lines->line[lines->nr++] = (struct line){
			size, memory_copy(text, len)
		};
		size = NULL;
		text += len;
	} while (*text);
}

static char *name_of(const struct holder *holder)
{
	const char *name = text_quote(holder->name, QUOTE_TERMINAL);

	if (holder->pid == NOT_KNOWN)
		return text_of("%s", name);
	return text_of("%s (%s, pid %llu)", name,
		       text_quote(holder->task, QUOTE_TERMINAL), holder->pid);
}

static void add_rest(struct lines *lines, const struct groups *groups,
		     size_t columns)
{
	const struct group *group = &groups->group[HOLDERS_LISTED];
	u64 pages = 0;
	size_t i;

	for (i = HOLDERS_LISTED; i < groups->nr; i++)
		pages += groups->group[i].holder.pages;
	lines_wrap(lines, area_size(group->area, pages),
		   text_of("%zu more", groups->nr - HOLDERS_LISTED), columns);
}

/**
 * lines_holders() - add a list of those who hold an area, largest first
 * @lines: the lines
 * @area: the area
 * @holders: who holds it
 * @columns: how long a line may be, at least 2
 *
 * Context: any.
 */
void lines_holders(struct lines *lines, const struct area *area,
		   const struct detail *holders, size_t columns)
{
	struct groups groups = {};
	size_t i;

	if (!holders->is_known)
		return lines_wrap(lines, area_size(area, area->held),
				  "held, nothing tells by whom", columns);
	groups_collect(&groups, area, holders);
	groups_merge(&groups);
	groups_sort(&groups);
	if (!groups.nr)
		lines_wrap(lines, NULL, "nothing is held", columns);
	for (i = 0; i < groups.nr && i < HOLDERS_LISTED; i++)
		lines_wrap(lines, area_size(area, groups.group[i].holder.pages),
			   name_of(&groups.group[i].holder), columns);
	if (groups.nr > HOLDERS_LISTED)
		add_rest(lines, &groups, columns);
}
