// SPDX-License-Identifier: GPL-2.0
/* cma_test=dump: hold pages, tell of them, and stand still: somebody dumps us. */
#include <stdio.h>
#include <unistd.h>

#include "guest.h"

#define BY_HAND 100

static void tell(unsigned int i, const struct area *a)
{
	char key[32], path[256];

	snprintf(key, sizeof(key), "area.%u", i);
	fact(key, "%s base_pfn=%lu pages=%lu order_per_bit=%u used=%llu", a->name,
	     a->base, a->count, a->order_per_bit, area_attr(a, "used"));
	snprintf(path, sizeof(path), AREA_DIR "%.*s/holders", AREA_NAME,
		 a->name);
	snprintf(key, sizeof(key), "area%u", i);
	/* Stock has no such file. */
	if (!access(path, R_OK))
		view_facts(a, "holders", key);
}

void run_dump(void)
{
	struct area areas[MAX_AREAS];
	unsigned int i, n = areas_read(areas);
	struct buffer buffer;

	sample_need();
	check(!sample_alloc(0, MIB, &buffer), "the driver gets no buffer");
	check(!sample_alloc(3, 2 * MIB, &buffer), "the driver gets no buffer");
	for (i = 0; i < n; i++)
		check(!area_put(&areas[i], "alloc", BY_HAND), "no pages by hand");
	/* A hole between two holders, and a record that lost its first pages. */
	check(!sample_free(0), "the buffer does not go");
	check(n && !area_put(&areas[0], "free", BY_HAND / 4), "the pages do not go");
	fact("areas", "%u", n);
	for (i = 0; i < n; i++)
		tell(i, &areas[i]);
	fact("end", "%s", first_failure() ? "failed" : "ok");
	for (;;)
		pause();
}
