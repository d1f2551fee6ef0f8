// SPDX-License-Identifier: GPL-2.0
/*
 * cma_test=rest: programs of rest_mib= MiB [600], then all data files are read,
 * then nobody does anything. How much is cached then, how much of the area was
 * evicted for nothing, how soon a driver gets his first buffers, and how much
 * has to be read again, rest_rounds= times [1]. With rest_mib=0 and rest_files=0,
 * nothing is in the way.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "data.h"

#define REST_S 10
#define SIZES 3

static struct hog programs;

static unsigned long long steal(void)
{
	return field("/proc/vmstat", "pgsteal_kswapd") +
	       field("/proc/vmstat", "pgsteal_direct");
}

/* In MiB; each is given back before the next one is asked for. */
static void ask(struct area *area, const char *when)
{
	static const unsigned int mib[SIZES] = { 1, 16, 64 };
	double ms[SIZES], begin;
	unsigned long pages;
	unsigned int i;

	for (i = 0; i < SIZES; i++) {
		pages = mib[i] * MIB / page_size();
		begin = now();
		if (area_put(area, "alloc", pages))
			die("no %u MiB to be had", mib[i]);
		ms[i] = (now() - begin) * 1000;
		if (area_put(area, "free", pages))
			die("cannot give back %u MiB", mib[i]);
	}
	fact(when, "1=%.3f 16=%.3f 64=%.3f", ms[0], ms[1], ms[2]);
}

/* Rests, and counts how often the worker of CMA runs from the second after on. */
static void rest(void)
{
	const char *event = "/sys/kernel/tracing/events/workqueue/workqueue_execute_start/enable";
	unsigned int runs = 0;
	char *text, *at;

	sleep(1);
	put(event, "1");
	sleep(REST_S - 1);
	put(event, "0");
	text = slurp("/sys/kernel/tracing/trace");
	for (at = text; at && (at = strstr(at, "cma_ready_run")); at++)
		runs++;
	fact("rest.worker_runs", "%d", text ? (int)runs : -1);
	free(text);
}

static void read_files(void)
{
	check(data_read_all() == DATA_FILES * DATA_FILE_BYTES,
	      "what was read is not what was written");
}

void run_rest(void)
{
	struct area area = area_default();
	unsigned long long before;
	unsigned int i;

	data_mount();
	if (bench_option("rest_mib", 600))
		programs = hog_take(bench_option("rest_mib", 600) * MIB, false);
	if (bench_option("rest_files", 1))
		read_files();
	rest();
	view_ready(&area, "rest.ready");
	fact("rest.memory", "cached_kb=%llu free_kb=%llu cma_free_kb=%llu",
	     meminfo_kb("Cached:"), meminfo_kb("MemFree:"), cma_free_kb());
	fact("rest.counters", "steal=%llu moved=%llu", steal(),
	     field("/proc/vmstat", "pgmigrate_success"));
	ask(&area, "rest.ms");
	view_ready(&area, "rest.ready_after");
	sleep(REST_S);
	view_ready(&area, "rest.ready_again");
	ask(&area, "rest.again_ms");
	sleep(REST_S);
	for (i = 0; i < bench_option("rest_rounds", 1); i++) {
		before = field("/proc/vmstat", "workingset_refault_file");
		read_files();
		fact(i ? "rest.refaults_again" : "rest.refaults", "%llu",
		     field("/proc/vmstat", "workingset_refault_file") - before);
	}
	view_ready(&area, "rest.ready_end");
	if (programs.pages)
		fact("rest.bad_pages", "%lu", hog_bad_pages(programs));
	hog_drop(programs);
}
