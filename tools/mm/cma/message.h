/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tool says on stderr, and how it ends.
 */
#ifndef CMA_MESSAGE_H
#define CMA_MESSAGE_H

#include <stddef.h>
#include <stdnoreturn.h>

#include <linux/compiler.h>

/**
 * enum exit_code - how a run ended
 * @EXIT_GOOD: it did what was asked, or the answer is yes
 * @EXIT_BAD: it could not, or the answer is no
 * @EXIT_USAGE: the command line makes no sense
 */
enum exit_code {
	EXIT_GOOD,
	EXIT_BAD,
	EXIT_USAGE,
};

__printf(1, 2) void message(const char *text, ...);
void message_keep(void);
void message_show(size_t rows);
__printf(2, 3)
noreturn void message_exit(enum exit_code code, const char *text, ...);

#endif /* CMA_MESSAGE_H */
