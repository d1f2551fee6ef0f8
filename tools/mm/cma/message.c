// SPDX-License-Identifier: GPL-2.0
/*
 * One line a message, with the name of the tool before it.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "message.h"
#include "text.h"

static bool is_kept;
static struct text kept;

/* How long a line may be; a terminal that does not know its size says 0. */
static size_t columns(void)
{
	struct winsize size = {};

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) || !size.ws_col)
		return SIZE_MAX;
	return size.ws_col - 1U;
}

/**
 * message_show() - say what was kept
 * @rows: how many lines of a terminal there are for it
 *
 * On a terminal, the end of a line that would wrap is left out.
 *
 * Context: before memory_release() for what was read meanwhile.
 */
void message_show(size_t rows)
{
	struct span rest = { kept.data, kept.data + kept.len }, line;
	bool is_free = !isatty(STDERR_FILENO);

	kept = (struct text){};
	for (; (is_free || rows) && span_line(&rest, &line); rows--) {
		const char *text = text_of("cma: %.*s",
					   (int)(line.end - line.at), line.at);

		fprintf(stderr, "%.*s\n", (int)text_fit(text, columns()), text);
	}
}

/* What is on stdout so far belongs before the message. */
static void say(const char *text, va_list args)
{
	fflush(stdout);
	message_show(SIZE_MAX);
	fputs("cma: ", stderr);
	vfprintf(stderr, text, args);
	fputc('\n', stderr);
}

/**
 * message() - say something on stderr
 * @text: as for printf(), without the newline
 *
 * Context: any.
 */
void message(const char *text, ...)
{
	va_list args;

	va_start(args, text);
	if (is_kept) {
		text_add_args(&kept, text, args);
		text_add(&kept, "\n");
	} else {
		say(text, args);
	}
	va_end(args);
}

/**
 * message_keep() - from now on, say nothing until message_show()
 *
 * Context: any.
 */
void message_keep(void)
{
	is_kept = true;
}

/**
 * message_exit() - say something on stderr and end the program
 * @code: how it ended
 * @text: as for printf(), without the newline
 *
 * Context: any.
 */
void message_exit(enum exit_code code, const char *text, ...)
{
	va_list args;

	va_start(args, text);
	say(text, args);
	va_end(args);
	exit(code);
}
