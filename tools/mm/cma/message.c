// SPDX-License-Identifier: GPL-2.0
/*
 * One line a message, with the name of the tool before it.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "message.h"

/* What is on stdout so far belongs before the message. */
static void say(const char *text, va_list args)
{
	fflush(stdout);
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
	say(text, args);
	va_end(args);
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
