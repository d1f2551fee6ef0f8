// SPDX-License-Identifier: GPL-2.0
/*
 * A lack of memory that is made on purpose fills the console with reports. They
 * are kept off it; all else that the kernel had to say then is looked at
 * afterwards.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>

#include "starve.h"

#define LOG_BYTES (1 << 20)

static const char * const complaints[] = {
	"BUG: ", "WARNING: ", "Bad page", "Bad rss", "Oops", "KASAN: ",
	"blocked for more than", "stall", "lockup", "corruption",
	"possible circular", "inconsistent lock", "pages are still in use",
};

/* Errors still show, and what we say ourselves; warnings do not. */
void oom_expected(bool expected)
{
	put("/proc/sys/kernel/printk", "%d", expected ? 4 : 7);
	say_loud(expected);
}

static bool complains(const char *line)
{
	unsigned int i;

	/* What we wrote to the log ourselves. */
	if (strstr(line, "] @") || strstr(line, "] > "))
		return false;
	/* A page was given up because we said so; x86 says it like that. */
	if (strstr(line, "] Memory failure: ") ||
	    strstr(line, "] MCE: Killing init"))
		return false;
	for (i = 0; i < ARRAY_SIZE(complaints); i++)
		if (strstr(line, complaints[i]))
			return true;
	return false;
}

bool no_complaint(void)
{
	char *log = malloc(LOG_BYTES), *line, *rest = NULL;
	bool good = true;
	int got;

	got = log ? klogctl(3, log, LOG_BYTES - 1) : -1;
	if (got < 0)
		die("cannot read the kernel log: %m");
	log[got] = '\0';
	for (line = strtok_r(log, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest))
		if (complains(line))
			good = check(false, "the kernel complains: %s", line);
	free(log);
	return good;
}
