// SPDX-License-Identifier: GPL-2.0
/*
 * cma_test=rest: a machine does what machines do, then nothing, and then a driver comes.
 * How soon does he get his buffers, then and once more, how much is cached, how much
 * was evicted for nothing, and how much has to be read again?
 *   rest_mib=      of programs [600]
 *   rest_files=    files that are read after that, of 64 MiB [8]
 *   rest_low=1     the files belong to a group with memory.low
 *   rest_held=     MiB that a driver holds all the time [0]
 *   rest_cameras=  starts of a camera before all, with 64 MiB, the files read after each [0]
 *   rest_s=        for so many seconds, nobody does anything [10]
 *   rest_rounds=   how often the files are read again after that [1]
 * With rest_mib=0 and rest_files=0, nothing is in the way.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "data.h"

#define SIZES 3
#define CAMERA_MIB 64

static struct rest {
	struct area area;
	struct hog programs;
	unsigned int files;
	unsigned int seconds;
} t;

static unsigned long long steal(void)
{
	return field("/proc/vmstat", "pgsteal_kswapd") +
	       field("/proc/vmstat", "pgsteal_direct");
}

/* In MiB; each is given back before the next one is asked for. */
static void ask(const char *when)
{
	static const unsigned int mib[SIZES] = { 1, 16, 64 };
	double ms[SIZES], begin;
	unsigned long pages;
	unsigned int i;

	for (i = 0; i < SIZES; i++) {
		pages = mib[i] * MIB / page_size();
		begin = now();
		if (area_put(&t.area, "alloc", pages))
			die("no %u MiB to be had", mib[i]);
		ms[i] = (now() - begin) * 1000;
		if (area_put(&t.area, "free", pages))
			die("cannot give back %u MiB", mib[i]);
	}
	fact(when, "1=%.3f 16=%.3f 64=%.3f", ms[0], ms[1], ms[2]);
}

static void read_files(void)
{
	unsigned int i;

	for (i = 0; i < t.files; i++)
		check(data_read(i), "what was read of file %u is not what was written", i);
}

static void start_cameras(unsigned int starts)
{
	unsigned long pages = CAMERA_MIB * MIB / page_size();

	for (; starts; starts--) {
		if (area_put(&t.area, "alloc", pages) || area_put(&t.area, "free", pages))
			die("the camera has no buffer");
		read_files();
	}
}

static void begin(void)
{
	unsigned long held = bench_option("rest_held", 0) * MIB / page_size();
	unsigned long mib = bench_option("rest_mib", 600);

	t.area = area_default();
	t.files = bench_option("rest_files", DATA_FILES);
	t.seconds = bench_option("rest_s", 10);
	data_mount();
	if (held && area_put(&t.area, "alloc", held))
		die("the driver cannot have what he is to hold");
	if (mib)
		t.programs = hog_take(mib * MIB, false);
	if (bench_option("rest_low", 0))
		group_protect();
	start_cameras(bench_option("rest_cameras", 0));
	read_files();
}

/* Rests, and counts how often the worker of CMA runs from the second after on. */
static void rest(void)
{
	const char *event = "/sys/kernel/tracing/events/workqueue/workqueue_execute_start/enable";
	unsigned int runs = 0;
	char *text, *at;

	if (!t.seconds)
		return;
	sleep(1);
	put(event, "1");
	sleep(t.seconds - 1);
	put(event, "0");
	text = slurp("/sys/kernel/tracing/trace");
	for (at = text; at && (at = strstr(at, "cma_ready_run")); at++)
		runs++;
	fact("rest.worker_runs", "%d", text ? (int)runs : -1);
	free(text);
}

static void tell_memory(void)
{
	view_ready(&t.area, "rest.ready");
	fact("rest.memory", "cached_kb=%llu free_kb=%llu cma_free_kb=%llu",
	     meminfo_kb("Cached:"), meminfo_kb("MemFree:"), cma_free_kb());
	fact("rest.counters", "steal=%llu moved=%llu", steal(),
	     field("/proc/vmstat", "pgmigrate_success"));
}

static void read_again(const char *what)
{
	unsigned long long before = field("/proc/vmstat", "workingset_refault_file");

	read_files();
	fact(what, "%llu", field("/proc/vmstat", "workingset_refault_file") - before);
}

void run_rest(void)
{
	unsigned int i;

	begin();
	rest();
	tell_memory();
	ask("rest.ms");
	view_ready(&t.area, "rest.ready_after");
	sleep(t.seconds);
	view_ready(&t.area, "rest.ready_again");
	ask("rest.again_ms");
	sleep(t.seconds);
	for (i = 0; i < bench_option("rest_rounds", 1); i++)
		read_again(i ? "rest.refaults_again" : "rest.refaults");
	view_ready(&t.area, "rest.ready_end");
	/* The files are as they were, so this is the state of the beginning, after a driver. */
	sleep(t.seconds);
	ask("rest.anew_ms");
	if (t.programs.pages)
		fact("rest.bad_pages", "%lu", hog_bad_pages(t.programs));
	hog_drop(t.programs);
}
