// SPDX-License-Identifier: GPL-2.0
/*
 * cma_test=selftests: the programs of tools/testing/selftests/cma, one after the other.
 * What they print is shown, and the sum of each one is a fact.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

#define DIR_OF_TESTS "/selftests"
#define LINE 800

struct totals {
	int pass;
	int fail;
	int skip;
};

static void __noreturn start(const char *name, int out)
{
	char path[512];

	snprintf(path, sizeof(path), DIR_OF_TESTS "/%s", name);
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	execl(path, name, NULL);
	_exit(127);
}

/* Its last line, "# Totals: pass:1 fail:0 xfail:0 xpass:0 skip:2 error:0". */
static bool read_totals(const char *line, struct totals *t)
{
	int xfail, xpass, error;

	if (sscanf(line, "# Totals: pass:%d fail:%d xfail:%d xpass:%d skip:%d error:%d",
		   &t->pass, &t->fail, &xfail, &xpass, &t->skip, &error) != 6)
		return false;
	t->pass += xfail;
	t->fail += xpass + error;
	return true;
}

static bool relay(FILE *out, struct totals *t)
{
	bool ends = false;
	char line[LINE];

	while (fgets(line, sizeof(line), out)) {
		line[strcspn(line, "\n")] = '\0';
		ends |= read_totals(line, t);
		say("%s", line);
	}
	return ends;
}

/* A program that did not come to its end has no fact, and the boot is not a good one. */
static void run_program(const char *name)
{
	struct totals t = { 0 };
	int pipes[2], status;
	char key[300];
	bool ends;
	FILE *out;

	if (pipe(pipes))
		die("no pipe: %m");
	if (!fork())
		start(name, pipes[1]);
	close(pipes[1]);
	out = fdopen(pipes[0], "r");
	if (!out)
		die("no stream: %m");
	ends = relay(out, &t);
	fclose(out);
	wait(&status);
	if (!check(ends, "%s ended with status %#x and no totals", name, status))
		return;
	snprintf(key, sizeof(key), "selftests.%s", name);
	fact(key, "pass=%d fail=%d skip=%d", t.pass, t.fail, t.skip);
}

static int is_program(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

void run_selftests(void)
{
	struct dirent **names;
	int i, n = scandir(DIR_OF_TESTS, &names, is_program, alphasort);
	const char *only = getenv("selftests_only");

	if (n <= 0)
		die("no programs in " DIR_OF_TESTS);
	for (i = 0; i < n; i++)
		if (!only || strstr(only, names[i]->d_name))
			run_program(names[i]->d_name);
}
