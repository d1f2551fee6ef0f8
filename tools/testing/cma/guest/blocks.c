// SPDX-License-Identifier: GPL-2.0
/*
 * cma_test=blocks: blocks of memory are switched off beside an area that is lent. One that
 * holds a part of the area stays on; the others of ZONE_MOVABLE go, and come back.
 *   blocks_mib=  of programs [560]
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

#define DIR_OF_ALL "/sys/devices/system/memory"
#define BLOCKS_MOST 128

static struct blocks {
	struct area area;
	unsigned long bytes;		/* of a block */
	unsigned int of_area[BLOCKS_MOST], of_others[BLOCKS_MOST];
	unsigned int area_count, other_count;
} b;

static char *block_text(unsigned int number, const char *file)
{
	char path[96];

	snprintf(path, sizeof(path), DIR_OF_ALL "/memory%u/%s", number, file);
	return slurp(path);
}

static int block_put(unsigned int number, const char *state)
{
	char path[96];

	snprintf(path, sizeof(path), DIR_OF_ALL "/memory%u/state", number);
	return put(path, "%s", state);
}

static bool block_is(unsigned int number, const char *file, const char *text)
{
	char *got = block_text(number, file);
	bool is = got && !strncmp(got, text, strlen(text));

	free(got);
	return is;
}

static bool holds_area(unsigned int number)
{
	unsigned long pages = b.bytes / page_size(), first = number * pages;

	return first < b.area.base + b.area.count && b.area.base < first + pages;
}

static void note(unsigned int number)
{
	if (holds_area(number) && b.area_count < BLOCKS_MOST)
		b.of_area[b.area_count++] = number;
	else if (block_is(number, "valid_zones", "Movable") && b.other_count < BLOCKS_MOST)
		b.of_others[b.other_count++] = number;
}

static void blocks_read(void)
{
	char *text = slurp(DIR_OF_ALL "/block_size_bytes");
	DIR *dir = opendir(DIR_OF_ALL);
	struct dirent *entry;
	unsigned int number;

	if (!text || !dir)
		die("memory has no blocks (CONFIG_MEMORY_HOTPLUG): %m");
	b.bytes = strtoul(text, NULL, 16);
	while ((entry = readdir(dir)))
		if (sscanf(entry->d_name, "memory%u", &number) == 1)
			note(number);
	closedir(dir);
	free(text);
}

static unsigned long inside(struct hog hog)
{
	uint64_t *pfns = pfns_of(hog.addr, hog.pages);
	unsigned long i, count = 0;

	for (i = 0; i < hog.pages; i++)
		count += bench_in_area(&b.area, pfns[i]);
	free(pfns);
	return count;
}

/* How many of the area's blocks went off; whatever the answer, they are on afterwards. */
static void refuse(void)
{
	unsigned int i, off = 0;
	double begin = now();
	int ret = 0;

	for (i = 0; i < b.area_count; i++) {
		int one = block_put(b.of_area[i], "offline");

		ret = ret ? ret : one;
		off += !block_is(b.of_area[i], "state", "online");
		block_put(b.of_area[i], "online");
	}
	fact("blocks.area", "blocks=%u off=%u ret=%d ms=%.0f", b.area_count, off, ret,
	     (now() - begin) * 1000);
}

static unsigned int others(const char *state, const char *is)
{
	unsigned int i, done = 0;

	for (i = 0; i < b.other_count; i++)
		done += !block_put(b.of_others[i], state) &&
			block_is(b.of_others[i], "state", is);
	return done;
}

static void switch_others(struct hog programs)
{
	unsigned long long total_kb = meminfo_kb("MemTotal:"), less_kb;
	unsigned int off, on;
	double begin = now();

	off = others("offline", "offline");
	less_kb = total_kb - meminfo_kb("MemTotal:");
	fact("blocks.off", "blocks=%u off=%u less_mib=%llu inside=%lu bad=%lu ms=%.0f",
	     b.other_count, off, less_kb / 1024, inside(programs), hog_bad_pages(programs),
	     (now() - begin) * 1000);
	on = others("online_movable", "online");
	fact("blocks.on", "on=%u less_kb=%lld", on,
	     (long long)(total_kb - meminfo_kb("MemTotal:")));
}

static void drive(void)
{
	unsigned long rest = b.area.count - area_attr(&b.area, "used");
	unsigned long got = area_take_rest(&b.area);

	fact("blocks.driver", "rest=%lu got=%lu", rest, got);
	check(!area_put(&b.area, "free", got), "the driver cannot give back the area");
}

void run_blocks(void)
{
	unsigned long long free_kb = cma_free_kb();
	struct hog programs;

	b.area = area_default();
	blocks_read();
	put("/proc/sys/vm/cma_lend_percent", "400");
	programs = hog_take(bench_option("blocks_mib", 560) * MIB, false);
	fact("blocks", "mib=%lu inside=%lu", b.bytes / MIB, inside(programs));
	refuse();
	switch_others(programs);
	drive();
	fact("blocks.bad_pages", "%lu", hog_bad_pages(programs));
	hog_drop(programs);
	settle(&b.area, free_kb);
	whole_area_free(&b.area);
}
