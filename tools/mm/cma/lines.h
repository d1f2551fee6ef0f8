/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Lines of text in a picture, none longer than it is wide.
 */
#ifndef CMA_LINES_H
#define CMA_LINES_H

#include "detail.h"

/**
 * struct line - a line
 * @size: what stands before it in a column of its own, or NULL
 * @text: the line, safe for a terminal
 */
struct line {
	const char *size;
	const char *text;
};

/**
 * struct lines - lines from top to bottom
 * @line: the lines
 * @nr: how many
 * @room: how many fit
 */
struct lines {
	struct line *line;
	size_t nr;
	size_t room;
};

void lines_wrap(struct lines *lines, const char *size, const char *text,
		size_t columns);
void lines_holders(struct lines *lines, const struct area *area,
		   const struct detail *holders, size_t columns);

#endif /* CMA_LINES_H */
