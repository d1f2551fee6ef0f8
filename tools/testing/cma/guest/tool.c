// SPDX-License-Identifier: GPL-2.0
/*
 * cma_test=tool: an area in use, as the program "cma" shows it: buffers of
 * several devices with gaps in between, a program, page cache, and requests that
 * failed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "data.h"
#include "guest.h"

#define TOOL "/bin/cma"
#define BUFFERS 8
#define FILES 1
#define ARGS 6
#define LINE 512

static void exec_tool(int out, char *text)
{
	char *argv[ARGS + 1] = { "cma" };
	unsigned int n = 1;
	char *word;

	for (word = strtok(text, " "); word && n < ARGS;
	     word = strtok(NULL, " "))
		argv[n++] = word;
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	execv(TOOL, argv);
	_exit(127);
}

/*
 * Each line is a fact of its own. What is too long for the log goes on in the
 * next fact, after a "\\".
 */
static void tell(const char *key, FILE *in)
{
	char line[LINE], name[64];
	unsigned int n = 0;

	while (fgets(line, sizeof(line), in)) {
		size_t len = strcspn(line, "\n");
		bool ends = line[len];

		line[len] = '\0';
		snprintf(name, sizeof(name), "%s.%u", key, n++);
		fact(name, "%s%s", line, ends ? "" : "\\");
	}
	fclose(in);
}

/* What it prints, and how it ended. */
static void tool(const char *key, const char *arguments)
{
	char name[64], text[64];
	int pipes[2], status;
	pid_t child;
	FILE *out;

	snprintf(text, sizeof(text), "%s", arguments);
	if (pipe(pipes))
		die("no pipe: %m");
	child = fork();
	if (!child)
		exec_tool(pipes[1], text);
	close(pipes[1]);
	out = fdopen(pipes[0], "r");
	if (!out)
		die("no stream: %m");
	tell(key, out);
	waitpid(child, &status, 0);
	snprintf(name, sizeof(name), "%s.status", key);
	fact(name, "%d", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

/*
 * A bundle of this moment, for later: what is printed now would be in the log of
 * each bundle that follows.
 */
static void save(const char *moment)
{
	char arguments[64];

	snprintf(arguments, sizeof(arguments), "bundle /%s", moment);
	tool("save", arguments);
}

static void tell_saved(const char *moment)
{
	char path[64];
	FILE *in;

	snprintf(path, sizeof(path), "/%s", moment);
	in = fopen(path, "r");
	if (!in)
		die("no bundle %s: %m", path);
	tell(moment, in);
}

/* Of 2 to 16 MiB; every third one goes again. */
static void take_buffers(void)
{
	struct buffer buffer;
	unsigned int i;

	sample_need();
	for (i = 0; i < BUFFERS; i++)
		check(!sample_alloc(i, (2 + i % 4 * i % 15) * MIB, &buffer),
		      "no buffer %u", i);
	save("taken");
	for (i = 1; i < BUFFERS; i += 3)
		check(!sample_free(i), "buffer %u does not go", i);
}

/* As long as there is more regular memory than that, the area is left alone. */
static unsigned long into_area(const struct area *a)
{
	unsigned long long area_kb = a->count * page_size() / 1024;
	unsigned long long free_kb = cma_free_kb();
	unsigned long long regular_kb = meminfo_kb("MemFree:") - free_kb;

	if (regular_kb < area_kb)
		regular_kb = area_kb;
	return (regular_kb - area_kb + free_kb / 3) * 1024;
}

void run_tool(void)
{
	struct area a = area_default();
	struct hog hog;
	unsigned int i;

	data_mount();
	save("start");
	take_buffers();
	save("given-back");
	hog = hog_take(into_area(&a), false);
	for (i = 0; i < FILES; i++)
		data_read(i);
	area_put(&a, "alloc", a.count + 1);
	area_put(&a, "alloc", a.count * 7 / 8);
	fact("pid", "%d", getpid());
	tool("ls", "");
	tool("who", "who");
	tool("why", "why");
	tool("map", "map");
	tool("size", "size");
	tool("try", "try 1M");
	tool("bundle", "bundle");
	tell_saved("start");
	tell_saved("taken");
	tell_saved("given-back");
	check(!hog_bad_pages(hog), "memory changed");
}
