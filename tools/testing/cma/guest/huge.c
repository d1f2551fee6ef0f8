// SPDX-License-Identifier: GPL-2.0
/*
 * cma_test=huge: the area of hugetlb_cma=, hundreds of GiB of which nobody has
 * touched a byte: a huge page comes and goes, and all views can be read.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guest.h"

#define HUGE "/sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages"

static struct area hugetlb_area(void)
{
	struct area areas[MAX_AREAS];
	unsigned int i, n = areas_read(areas);

	for (i = 0; i < n; i++)
		if (!strncmp(areas[i].name, "hugetlb", 7))
			return areas[i];
	die("no area for huge pages among %u", n);
}

static void ask(unsigned int pages)
{
	double start = now();
	int ret = put(HUGE, "%u", pages);
	char key[32];

	snprintf(key, sizeof(key), "huge.%u", pages);
	fact(key, "ret=%d nr=%llu ms=%.0f", ret, number(HUGE),
	     (now() - start) * 1000);
}

/* Bytes and time of a view, which is as long as the area is large. */
static void view(const struct area *a, const char *file)
{
	char path[192], key[64], *text;
	double start = now();

	snprintf(path, sizeof(path), AREA_DIR "%s/%s", a->name, file);
	text = slurp(path);
	snprintf(key, sizeof(key), "view.%s", file);
	fact(key, "bytes=%zu ms=%.0f", text ? strlen(text) : 0,
	     (now() - start) * 1000);
	free(text);
}

void run_huge(void)
{
	static const char * const views[] = {
		"bitmap", "used", "maxchunk", "holders", "map",
	};
	struct area a = hugetlb_area();
	unsigned int i;

	ask(2);
	fact("used.2", "%llu", area_attr(&a, "used"));
	view_facts(&a, "holders", "huge");
	for (i = 0; i < ARRAY_SIZE(views); i++)
		view(&a, views[i]);
	ask(0);
	fact("used.0", "%llu", area_attr(&a, "used"));
	run_facts();
}
