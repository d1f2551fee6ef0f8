// SPDX-License-Identifier: GPL-2.0
/*
 * cma_test=reach: a device asks for memory that the default area could empty for
 * it, but that it does not reach.
 */
#include <stdio.h>
#include <stdlib.h>

#include "guest.h"

#define REQUESTS 5
#define BYTES (2 * MIB)

static unsigned long long counter(const struct area *a, const char *file)
{
	char path[192];

	snprintf(path, sizeof(path), SYSFS_DIR "%s/%s", a->name, file);
	return number(path);
}

static void effort_fact(const struct area *a, const char *when)
{
	fact(when, "moved=%llu dropped=%llu windows=%llu out_of_reach=%llu",
	     counter(a, "moved_pages"), counter(a, "dropped_pages"),
	     counter(a, "windows_tried"),
	     counter(a, "alloc_fail_out_of_reach"));
}

static void ask(unsigned int i)
{
	struct buffer b = { 0 };
	char key[32];
	int ret = sample_alloc(0, BYTES, &b);

	snprintf(key, sizeof(key), "reach.%u", i);
	fact(key, "ret=%d first=%lu end=%lu", ret, b.pfn.first, b.pfn.end);
	sample_free(0);
}

/* How much of a program's memory lies in the area. */
static void lent_fact(const char *when, const struct area *a, struct hog hog)
{
	uint64_t *pfn = pfns_of(hog.addr, hog.pages);
	unsigned long i, n = 0;

	for (i = 0; i < hog.pages; i++)
		n += pfn[i] >= a->base && pfn[i] < a->base + a->count;
	fact(when, "%lu", n);
	free(pfn);
}

void run_reach(void)
{
	struct area a = area_default();
	struct hog hog;
	unsigned int i;

	sample_need();
	check(!put("/proc/sys/vm/cma_lend_percent", "400"),
	      "areas cannot be used early");
	hog = hog_take(a.count * page_size() / 4, false);
	lent_fact("lent.before", &a, hog);
	effort_fact(&a, "effort.before");
	for (i = 0; i < REQUESTS; i++)
		ask(i);
	lent_fact("lent.after", &a, hog);
	effort_fact(&a, "effort.after");
	view_facts(&a, "failures", "reach");
	check(!hog_bad_pages(hog), "memory changed");
	hog_drop(hog);
	run_facts();
}
