// SPDX-License-Identifier: GPL-2.0
/* cma_test=facts: the numbers that must agree with each other, to the page. */
#include <dirent.h>
#include <stdio.h>

#include "guest.h"

static void area_facts(unsigned int i, const struct area *a)
{
	char key[32];

	snprintf(key, sizeof(key), "area.%u", i);
	fact(key, "%s base=%lu count=%lu order_per_bit=%u used=%llu", a->name,
	     a->base, a->count, a->order_per_bit, area_attr(a, "used"));
}

/* The heap of the default area has its name. */
static void heap_facts(void)
{
	DIR *dir = opendir("/dev/dma_heap");
	struct dirent *entry;
	unsigned int n = 0;
	char key[32];

	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(key, sizeof(key), "heap.%u", n++);
		fact(key, "%s", entry->d_name);
	}
	if (dir)
		closedir(dir);
	fact("heaps", "%u", n);
}

void run_facts(void)
{
	static const char * const mem[] = { "MemTotal", "CmaTotal", "CmaFree" };
	static const char * const zone[] = { "present", "managed", "cma",
					     "nr_free_cma" };
	struct area areas[MAX_AREAS];
	unsigned int i, n = areas_read(areas);
	char key[32];

	put("/proc/sys/vm/stat_refresh", "1");
	fact("page_size", "%lu", page_size());
	for (i = 0; i < ARRAY_SIZE(mem); i++) {
		snprintf(key, sizeof(key), "%s:", mem[i]);
		fact(mem[i], "%llu", meminfo_kb(key));
	}
	for (i = 0; i < ARRAY_SIZE(zone); i++) {
		snprintf(key, sizeof(key), "zone.%s", zone[i]);
		fact(key, "%llu", field("/proc/zoneinfo", zone[i]));
	}
	fact("areas", "%u", n);
	for (i = 0; i < n; i++)
		area_facts(i, &areas[i]);
	heap_facts();
}
