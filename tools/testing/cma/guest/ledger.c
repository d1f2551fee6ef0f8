// SPDX-License-Identifier: GPL-2.0
/* cma_test=ledger: who holds what, and what lies in between. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guest.h"

#define BY_HAND 100

/* Each line of a view as a fact of its own. */
static void view(const struct area *a, const char *file, const char *when)
{
	char path[192], key[64], *text, *line, *rest = NULL;
	unsigned int n = 0;

	snprintf(path, sizeof(path), AREA_DIR "%s/%s", a->name, file);
	text = slurp(path);
	if (!text)
		die("cannot read %s: %m", path);
	for (line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		snprintf(key, sizeof(key), "%s.%s.%u", when, file, n++);
		fact(key, "%s", line);
	}
	free(text);
}

void run_ledger(void)
{
	struct area a = area_default();
	struct buffer first, second;

	sample_need();
	fact("pid", "%d", getpid());
	fact("area", "%s base=%lu count=%lu", a.name, a.base, a.count);
	view(&a, "holders", "start");
	check(!sample_alloc(0, MIB, &first), "the driver gets no buffer");
	check(!sample_alloc(3, 2 * MIB, &second), "the driver gets no buffer");
	check(!area_put(&a, "alloc", BY_HAND), "no pages by hand");
	fact("first", "pfn=%lu pages=%lu", first.pfn.first,
	     first.pfn.end - first.pfn.first);
	fact("second", "pfn=%lu pages=%lu", second.pfn.first,
	     second.pfn.end - second.pfn.first);
	view(&a, "holders", "held");
	view(&a, "map", "held");
	check(!sample_free(0), "the buffer does not go");
	check(!area_put(&a, "free", BY_HAND / 2), "the pages do not go");
	view(&a, "holders", "less");
	check(!area_put(&a, "free", BY_HAND), "the pages do not go");
	check(!sample_free(3), "the buffer does not go");
	view(&a, "holders", "end");
}
