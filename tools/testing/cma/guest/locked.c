// SPDX-License-Identifier: GPL-2.0
/*
 * cma_test=locked: a program locks memory while movable pages come from the area; once
 * as a common task, and once as a real-time task. How much of it lies in the area?
 */
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

#define LOCKED_BYTES (32 * MIB)

static unsigned long *inside;		/* shared with the program */

static void __noreturn program(const struct area *a, bool realtime)
{
	struct sched_param first = { .sched_priority = realtime };
	unsigned long i, pages = LOCKED_BYTES / page_size();
	uint64_t *pfns;
	void *addr;

	if (realtime && sched_setscheduler(0, SCHED_FIFO, &first))
		die("cannot be a real-time task: %m");
	addr = mmap(NULL, LOCKED_BYTES, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (addr == MAP_FAILED || mlock(addr, LOCKED_BYTES))
		die("cannot lock %lu bytes: %m", LOCKED_BYTES);
	pfns = pfns_of(addr, pages);
	*inside = 0;
	for (i = 0; i < pages; i++)
		*inside += bench_in_area(a, pfns[i]);
	_exit(0);
}

static unsigned long count_inside(const struct area *a, bool realtime)
{
	int status = -1;
	pid_t pid = fork();

	if (!pid)
		program(a, realtime);
	waitpid(pid, &status, 0);
	check(!status, "the program ended with 0x%x", status);
	return *inside;
}

void run_locked(void)
{
	struct area a = area_default();
	struct hog hog = hog_lend_early();
	unsigned long common, realtime;

	inside = mmap(NULL, sizeof(*inside), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (inside == MAP_FAILED)
		die("cannot map a number: %m");
	common = count_inside(&a, false);
	realtime = count_inside(&a, true);
	hog_drop(hog);
	fact("locked", "pages=%lu common=%lu realtime=%lu",
	     LOCKED_BYTES / page_size(), common, realtime);
}
