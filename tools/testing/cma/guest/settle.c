// SPDX-License-Identifier: GPL-2.0
/*
 * "Everything came back" needs care: a free page on a per-CPU list is not in
 * CmaFree, and the counters of other CPUs arrive late.
 */
#include <stdlib.h>
#include <unistd.h>

#include "guest.h"

unsigned long long cma_free_kb(void)
{
	put("/proc/sys/vm/stat_refresh", "1");
	return meminfo_kb("CmaFree:");
}

/* Free pages that wait on per-CPU lists, of all kinds. */
unsigned long long pcp_kb(void)
{
	return field("/proc/zoneinfo", "count:") * page_size() / 1024;
}

static unsigned long long lent_kb(const struct area *a)
{
	unsigned char *owners = area_owners(a);
	struct range all = { 0, a->count };
	unsigned long lent = count_owner(owners, all, PAGE_LENT);

	free(owners);
	return lent * page_size() / 1024;
}

/* What programs and file systems have at any time, wherever it lies. */
#define AT_ANY_TIME_KB 6144

/*
 * Drops the page cache and waits until CmaFree is @free_kb again. What is
 * missing may be on the per-CPU lists, or be one of the few pages that are in
 * use at any time: at most one in fifty, if that is more than the machine has.
 * All else is lost.
 */
bool settle(const struct area *a, unsigned long long free_kb)
{
	unsigned long long have = 0, pcp = 0, lent;
	unsigned long long most = a->count * page_size() / 1024 / 50;
	int tries;

	for (tries = 0; tries < 20; tries++) {
		put("/proc/sys/vm/drop_caches", "3");
		have = cma_free_kb();
		pcp = pcp_kb();
		if (have + pcp >= free_kb)
			break;
		usleep(50000);
	}
	lent = lent_kb(a);
	fact("settle", "start=%llu now=%llu pcp=%llu lent=%llu", free_kb, have,
	     pcp, lent);
	/* What waits on a per-CPU list looks lent. */
	check(lent <= pcp + (most > AT_ANY_TIME_KB ? most : AT_ANY_TIME_KB),
	      "%llu kB of the area are still lent", lent);
	return check(have + pcp + lent >= free_kb,
		     "CmaFree is %llu kB, was %llu kB", have, free_kb);
}

/* A driver takes all that is left of the area, in pieces; returns how much it got. */
unsigned long area_take_rest(const struct area *a)
{
	unsigned long rest = a->count - area_attr(a, "used");
	unsigned long chunk = 1024, got = 0, part;

	while (got < rest) {
		part = rest - got < chunk ? rest - got : chunk;
		if (!area_put(a, "alloc", part))
			got += part;
		else if (chunk > 1)
			chunk /= 2;
		else
			break;
	}
	return got;
}

/*
 * The proof that counters cannot give: a page that was lost, or that someone
 * still holds, makes an allocation of all the rest of the area fail.
 */
bool whole_area_free(const struct area *a)
{
	unsigned long long start = area_attr(a, "used");
	unsigned long rest = a->count - start, got = area_take_rest(a);

	if (got && area_put(a, "free", got))
		return check(false, "cannot free %lu pages of %s", got,
			     a->name);
	return check(got == rest && area_attr(a, "used") == start,
		     "%s: only %lu of %lu pages can be allocated", a->name,
		     got, rest);
}
