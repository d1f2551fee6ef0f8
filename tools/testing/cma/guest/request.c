// SPDX-License-Identifier: GPL-2.0
/*
 * A request in a process of its own, which can be killed while it waits. One that
 * does not even go then is left behind, and waited for at the end.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

#define MOST_LEFT 8
#define GONE_MS 2000			/* after SIGKILL */
#define FOREVER_MS 100000

static pid_t left[MOST_LEFT];

static int ms_since(double since)
{
	return (now() - since) * 1000;
}

static bool ends_within(pid_t child, int *status, int ms)
{
	double since = now();
	pid_t ended;

	do {
		ended = waitpid(child, status, WNOHANG);
		if (!ended)
			usleep(500);
	} while (!ended && ms_since(since) < ms);
	return ended == child;
}

static void leave(pid_t child)
{
	unsigned int i = 0;

	while (i < MOST_LEFT && left[i])
		i++;
	if (i == MOST_LEFT)
		die("more than %u requests do not end", MOST_LEFT);
	left[i] = child;
}

/* Only the child knows the error, and the log why; here it is 1, 0 for success. */
static pid_t begin(const struct area *a, unsigned long pages)
{
	pid_t child = fork();

	if (child < 0)
		die("fork: %m");
	if (!child)
		_exit(!!area_put(a, "alloc", pages));
	return child;
}

/*
 * Asks for @pages, and kills the request after @kill_ms. As a fact:
 *   failed	1 if it ended by itself, without pages; else 0
 *   signal	what it was killed with; 0 if it ended by itself
 *   ms		how long it took, to its end
 *   kill_ms	how much of it after SIGKILL; -1 if it never went
 */
void request_run(const struct area *a, const char *key, unsigned long pages,
		 int kill_ms)
{
	int status = 0, kill_took = 0;
	double since = now(), killed;
	pid_t child = begin(a, pages);

	if (!ends_within(child, &status, kill_ms)) {
		killed = now();
		kill(child, SIGKILL);
		if (ends_within(child, &status, GONE_MS)) {
			kill_took = ms_since(killed);
		} else {
			kill_took = -1;
			leave(child);
		}
	}
	fact(key, "failed=%d signal=%d ms=%d kill_ms=%d",
	     WIFEXITED(status) ? WEXITSTATUS(status) : 0,
	     WIFSIGNALED(status) ? WTERMSIG(status) : 0, ms_since(since),
	     kill_took);
	if (kill_took != -1)
		area_put(a, "free", area_attr(a, "used"));
}

/* What they waited for has come: waits for those that were left behind. */
void request_end(const struct area *a)
{
	unsigned int i, late = 0;
	int status;

	for (i = 0; i < MOST_LEFT && left[i]; i++) {
		check(ends_within(left[i], &status, FOREVER_MS),
		      "a request never ends");
		left[i] = 0;
		late++;
	}
	fact("late", "%u", late);
	area_put(a, "free", area_attr(a, "used"));
}

/* Nothing was lost: all that is free at @free_kb is, and in one piece. */
void request_settle(const struct area *a, unsigned long long free_kb)
{
	unsigned long rest = a->count - area_attr(a, "used");

	settle(a, free_kb);
	whole_area_free(a);
	check(!area_put(a, "alloc", rest), "the rest is not in one piece");
	check(!area_put(a, "free", rest), "cannot free the rest");
	settle(a, free_kb);
}

/* Stock does not say why. */
void request_why(const struct area *a, const char *when)
{
	char path[192];

	snprintf(path, sizeof(path), AREA_DIR "%s/failures", a->name);
	if (!access(path, R_OK))
		view_facts(a, "failures", when);
}
