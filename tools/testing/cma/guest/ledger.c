// SPDX-License-Identifier: GPL-2.0
/* cma_test=ledger: who holds what, and what lies in between. */
#include <unistd.h>

#include "guest.h"

#define BY_HAND 100

void run_ledger(void)
{
	struct area a = area_default();
	struct buffer first, second;

	sample_need();
	fact("pid", "%d", getpid());
	fact("area", "%s base=%lu count=%lu", a.name, a.base, a.count);
	view_facts(&a, "holders", "start");
	check(!sample_alloc(0, MIB, &first), "the driver gets no buffer");
	check(!sample_alloc(3, 2 * MIB, &second), "the driver gets no buffer");
	check(!area_put(&a, "alloc", BY_HAND), "no pages by hand");
	fact("first", "pfn=%lu pages=%lu", first.pfn.first,
	     first.pfn.end - first.pfn.first);
	fact("second", "pfn=%lu pages=%lu", second.pfn.first,
	     second.pfn.end - second.pfn.first);
	view_facts(&a, "holders", "held");
	view_facts(&a, "map", "held");
	check(!sample_free(0), "the buffer does not go");
	check(!area_put(&a, "free", BY_HAND / 2), "the pages do not go");
	view_facts(&a, "holders", "less");
	check(!area_put(&a, "free", BY_HAND), "the pages do not go");
	check(!sample_free(3), "the buffer does not go");
	view_facts(&a, "holders", "end");
}
