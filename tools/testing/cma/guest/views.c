// SPDX-License-Identifier: GPL-2.0
/* cma_test=views: each number that CMA shows, before and after a request. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "guest.h"

#define PAGES 100
#define SYSFS "/sys/kernel/mm/cma/"

static const char * const sysfs_files[] = {
	"alloc_pages_success", "alloc_pages_fail", "release_pages_success",
};

static const char * const debugfs_files[] = {
	"alloc", "free", "base_pfn", "count", "order_per_bit", "used",
	"maxchunk", "bitmap",
};

static const char * const events[] = {
	"cma_alloc_start", "cma_alloc_finish", "cma_alloc_busy_retry",
	"cma_release",
};

static void counters(const struct area *a, const char *when)
{
	static const char * const vmstat[] = { "cma_alloc_success",
					       "cma_alloc_fail" };
	char key[96], path[192];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sysfs_files); i++) {
		snprintf(path, sizeof(path), SYSFS "%s/%s", a->name,
			 sysfs_files[i]);
		snprintf(key, sizeof(key), "%s.%s", when, sysfs_files[i]);
		fact(key, "%llu", number(path));
	}
	for (i = 0; i < ARRAY_SIZE(vmstat); i++) {
		snprintf(key, sizeof(key), "%s.vmstat.%s", when, vmstat[i]);
		fact(key, "%llu", field("/proc/vmstat", vmstat[i]));
	}
	snprintf(key, sizeof(key), "%s.used", when);
	fact(key, "%llu", area_attr(a, "used"));
	snprintf(key, sizeof(key), "%s.maxchunk", when);
	fact(key, "%llu", area_attr(a, "maxchunk"));
}

static void modes(const struct area *a, const char *dir,
		  const char * const *files, unsigned int n)
{
	char path[192], key[64];
	struct stat st;
	unsigned int i;

	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s%s/%s", dir, a->name, files[i]);
		snprintf(key, sizeof(key), "mode.%s", files[i]);
		if (stat(path, &st))
			fact(key, "missing");
		else
			fact(key, "%o", st.st_mode & 0777);
	}
}

/* Newer kernels have these two once for each range of an area. */
static void ranges(const struct area *a)
{
	static const char * const files[] = { "base_pfn", "bitmap" };
	char path[256], key[64], *one, *other;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		snprintf(path, sizeof(path), AREA_DIR "%s/%s", a->name, files[i]);
		one = slurp(path);
		snprintf(path, sizeof(path), AREA_DIR "%s/ranges/0/%s", a->name,
			 files[i]);
		other = slurp(path);
		snprintf(key, sizeof(key), "ranges.%s", files[i]);
		fact(key, "%s", !other ? "missing" :
		     one && *one && !strcmp(one, other) ? "same" : "differs");
		free(one);
		free(other);
	}
}

/* The format as tools see it: what stands between the first two quotes. */
static void formats(void)
{
	char path[128], key[64], *text, *at;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(events); i++) {
		snprintf(path, sizeof(path),
			 "/sys/kernel/tracing/events/cma/%s/format", events[i]);
		text = slurp(path);
		at = text ? strstr(text, "print fmt: \"") : NULL;
		at = at ? at + strlen("print fmt: \"") : NULL;
		snprintf(key, sizeof(key), "format.%s", events[i]);
		fact(key, "%.*s", at ? (int)strcspn(at, "\"") : 7,
		     at ? at : "missing");
		free(text);
	}
}

static void show_trace(void)
{
	char *text = trace_stop();
	char *line = strtok(text, "\n");
	unsigned int n = 0;
	char key[32];

	for (; line; line = strtok(NULL, "\n")) {
		if (!strstr(line, ": cma_"))
			continue;
		snprintf(key, sizeof(key), "trace.%u", n++);
		fact(key, "%s", strstr(line, ": cma_") + 2);
	}
	free(text);
}

/* The largest number of free pages in a row, as the bitmap has it. */
static unsigned long longest_run(const struct area *a)
{
	unsigned char *held = area_held(a);
	unsigned long i, run = 0, best = 0;

	for (i = 0; i < a->count; i++) {
		run = held[i] ? 0 : run + 1;
		if (run > best)
			best = run;
	}
	free(held);
	return best;
}

void run_views(void)
{
	struct area a = area_default();
	int ret;

	modes(&a, AREA_DIR, debugfs_files, ARRAY_SIZE(debugfs_files));
	modes(&a, SYSFS, sysfs_files, ARRAY_SIZE(sysfs_files));
	formats();
	fact("area", "%s base=%lu count=%lu", a.name, a.base, a.count);
	fact("vmstat.nr_free_cma", "%llu",
	     field("/proc/vmstat", "nr_free_cma"));
	fact("zone.cma", "%llu", field("/proc/zoneinfo", "cma"));
	counters(&a, "start");
	trace_start();
	ret = area_put(&a, "alloc", PAGES);
	counters(&a, "held");
	ranges(&a);
	fact("held.longest_run", "%lu", longest_run(&a));
	fact("alloc.ret", "%d", ret);
	fact("free.ret", "%d", area_put(&a, "free", PAGES));
	counters(&a, "freed");
	/* One page too many for what is there: fails without any search. */
	fact("toobig.ret", "%d", area_put(&a, "alloc", a.count + 1));
	counters(&a, "toobig");
	/* Fits the area, but some of it is held. */
	area_put(&a, "alloc", 1);
	fact("full.ret", "%d", area_put(&a, "alloc", a.count));
	counters(&a, "full");
	area_put(&a, "free", 1);
	show_trace();
}
