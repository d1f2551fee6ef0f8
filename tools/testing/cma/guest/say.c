// SPDX-License-Identifier: GPL-2.0
/* Output, one line a write, and the first check that failed. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

#include "guest.h"

/* The kernel cuts a line at 1 KiB, which includes what it puts in front. */
#define LINE_BYTES 900
#define MARK_BYTES 4		/* "<14>" */

static int kmsg = -1;
static int priority = 14;	/* of a user's: 8, and the level, see syslog() */
static char failure[256];
static pthread_mutex_t failure_lock = PTHREAD_MUTEX_INITIALIZER;

void say_open(void)
{
	kmsg = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
}

/* As errors, our lines get through where the kernel's own are kept off. */
void say_loud(bool loud)
{
	priority = loud ? 11 : 14;
}

/* Without its end, a line is not shown before the next one: it may go on. */
static void __printf(2, 0) emit(const char *mark, const char *fmt, va_list args)
{
	char line[LINE_BYTES];
	int n = snprintf(line, sizeof(line), "<%d>%s", priority, mark);

	vsnprintf(line + n, sizeof(line) - n - 1, fmt, args);
	strcat(line, "\n");
	if (write(kmsg, line, strlen(line)) < 0)
		dprintf(STDERR_FILENO, "%s", line + MARK_BYTES);
}

void say(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	emit("> ", fmt, args);
	va_end(args);
}

void fact(const char *key, const char *fmt, ...)
{
	char mark[96];
	va_list args;

	snprintf(mark, sizeof(mark), "@%s=", key);
	va_start(args, fmt);
	emit(mark, fmt, args);
	va_end(args);
}

/* Remembers the first failure: later ones mostly follow from it. */
bool check(bool good, const char *fmt, ...)
{
	char text[sizeof(failure)];
	va_list args;

	if (good)
		return true;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	fact("failed", "%s", text);
	pthread_mutex_lock(&failure_lock);
	if (!failure[0])
		memcpy(failure, text, sizeof(failure));
	pthread_mutex_unlock(&failure_lock);
	return false;
}

/* NULL when every check was good. */
const char *first_failure(void)
{
	return failure[0] ? failure : NULL;
}

/* For what makes all further checks pointless; errno is in the text as %m. */
void die(const char *fmt, ...)
{
	char text[sizeof(failure)];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	fact("failed", "%s", text);
	fact("end", "died");
	if (getpid() == 1)
		reboot(RB_AUTOBOOT);
	exit(1);
}
