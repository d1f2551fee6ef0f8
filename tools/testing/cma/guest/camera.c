// SPDX-License-Identifier: GPL-2.0
/*
 * cma_test=camera: a camera starts and stops twice a second, beside a reader of files
 * that never ends. How long does it wait for its buffer?
 *   camera_mib=     of the buffer [64]
 *   camera_starts=  how often it starts [20]
 *   camera_mbs=     how fast the files are read, in MiB/s; 0 for as fast as it goes [60]
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench.h"
#include "data.h"

#define HALF_S 250000
#define SETTLE_S 10

static struct camera {
	struct area area;
	unsigned long pages;
	unsigned int starts;
	double *ms;
} c;

static void start_and_stop(unsigned int i)
{
	double begin = now();

	if (area_put(&c.area, "alloc", c.pages))
		die("start %u has no buffer", i);
	c.ms[i] = (now() - begin) * 1000;
	usleep(HALF_S);
	if (area_put(&c.area, "free", c.pages))
		die("start %u cannot give its buffer back", i);
	usleep(HALF_S);
}

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void tell_each(void)
{
	char text[800];
	unsigned int i, len = 0;

	for (i = 0; i < c.starts && len < sizeof(text) - 12; i++)
		len += snprintf(text + len, sizeof(text) - len, "%.2f ", c.ms[i]);
	fact("camera.each_ms", "%s", text);
}

static void tell(void)
{
	double first = c.ms[0];

	tell_each();
	qsort(c.ms, c.starts, sizeof(*c.ms), compare);
	fact("camera.ms", "first=%.3f p50=%.3f p75=%.3f p99=%.3f", first,
	     c.ms[c.starts / 2], c.ms[c.starts - 1 - c.starts / 4],
	     c.ms[c.starts - 1 - c.starts / 100]);
	fact("camera.counters", "refaults=%llu steal=%llu",
	     field("/proc/vmstat", "workingset_refault_file"),
	     field("/proc/vmstat", "pgsteal_kswapd") +
	     field("/proc/vmstat", "pgsteal_direct"));
}

void run_camera(void)
{
	struct hog programs = hog_take(bench_option("camera_programs", 700) * MIB, false);
	unsigned int i;
	pid_t reader;

	c.area = area_default();
	c.pages = bench_option("camera_mib", 64) * MIB / page_size();
	c.starts = bench_option("camera_starts", 20);
	c.ms = calloc(c.starts, sizeof(*c.ms));
	if (!c.ms || !c.starts)
		die("no memory for %u starts", c.starts);
	data_mount();
	for (i = 0; i < DATA_FILES; i++)
		check(data_skim(i), "file %u is not all there", i);
	reader = data_reader_start(bench_option("camera_mbs", 60));
	sleep(SETTLE_S);
	view_ready(&c.area, "camera.before");
	for (i = 0; i < c.starts; i++)
		start_and_stop(i);
	data_reader_stop(reader);
	tell();
	view_ready(&c.area, "camera.ready");
	fact("camera.bad_pages", "%lu", hog_bad_pages(programs));
	hog_drop(programs);
}
