// SPDX-License-Identifier: GPL-2.0
/*
 * cma_test=overlap: two tasks ask for memory at the same moment, in one area
 * that is full of pages to be moved. A trace tells when each of them began,
 * moved its first and last pages, and was done.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bench.h"
#include "guest.h"

#define MIGRATE_EVENTS "/sys/kernel/tracing/events/migrate/enable"
#define TASKS 2

static struct overlap {
	struct area area;
	pthread_barrier_t barrier;
	struct task {
		long tid;
		int ret;
		unsigned long long start, first, last, finish;
		unsigned int moves;
	} task[TASKS];
} t;

static void *ask(void *arg)
{
	unsigned int me = (uintptr_t)arg;

	t.task[me].tid = syscall(SYS_gettid);
	bench_run_on(me);
	pthread_barrier_wait(&t.barrier);
	t.task[me].ret = area_put(&t.area, "alloc", t.area.count / 4);
	return NULL;
}

static void ask_both(void)
{
	pthread_t other;

	pthread_barrier_init(&t.barrier, NULL, TASKS);
	pthread_create(&other, NULL, ask, (void *)1);
	ask((void *)0);
	pthread_join(other, NULL);
}

/* "    init-123     [001] .....     2.345678: mm_migrate_pages: ..." */
static void read_line(const char *line)
{
	unsigned long long seconds, us, when;
	const char *dash = strchr(line, '-'), *dot = strrchr(line, ']');
	struct task *task = t.task;
	char event[64];
	long tid;

	if (!dash || !dot ||
	    sscanf(dot, "] %*s %llu.%llu: %63[^:]", &seconds, &us, event) != 3)
		return;
	tid = strtol(dash + 1, NULL, 10);
	while (task < t.task + TASKS && task->tid != tid)
		task++;
	if (task == t.task + TASKS)
		return;
	when = seconds * 1000000 + us;
	if (!strcmp(event, "cma_alloc_start"))
		task->start = when;
	else if (!strcmp(event, "cma_alloc_finish"))
		task->finish = when;
	else if (!strcmp(event, "mm_migrate_pages") && !task->moves++)
		task->first = when;
	else if (!strcmp(event, "mm_migrate_pages"))
		task->last = when;
}

static void read_trace(char *text)
{
	char *line, *rest = NULL;

	for (line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest))
		if (line[0] != '#')
			read_line(line);
	free(text);
}

static void tell(void)
{
	char key[32];
	unsigned int i;

	for (i = 0; i < TASKS; i++) {
		snprintf(key, sizeof(key), "overlap.%u", i);
		fact(key, "ret=%d start=%llu first=%llu last=%llu finish=%llu moves=%u",
		     t.task[i].ret, t.task[i].start, t.task[i].first,
		     t.task[i].last, t.task[i].finish, t.task[i].moves);
		if (!t.task[i].ret)
			check(!area_put(&t.area, "free", t.area.count / 4),
			      "cannot free what task %u got", i);
	}
}

void run_overlap(void)
{
	unsigned long long start = cma_free_kb();

	t.area = area_default();
	bench_tune(true);
	bench_fill_anon(&t.area);
	bench_tune(false);
	trace_start();
	put(MIGRATE_EVENTS, "1");
	ask_both();
	put(MIGRATE_EVENTS, "0");
	read_trace(trace_stop());
	tell();
	bench_drop_anon();
	settle(&t.area, start);
	whole_area_free(&t.area);
}
