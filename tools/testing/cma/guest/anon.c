// SPDX-License-Identifier: GPL-2.0
/*
 * cma_test=anon: memory of a program is moved out of the area, and every byte
 * of it is what it was.
 */
#include <stdio.h>
#include <stdlib.h>

#include "guest.h"

static unsigned long inside(const struct area *a, const uint64_t *pfn,
			    unsigned long pages)
{
	unsigned long i, n = 0;

	for (i = 0; i < pages; i++)
		n += pfn[i] >= a->base && pfn[i] < a->base + a->count;
	return n;
}

static unsigned long differing(const uint64_t *a, const uint64_t *b,
			       unsigned long pages)
{
	unsigned long i, n = 0;

	for (i = 0; i < pages; i++)
		n += a[i] != b[i];
	return n;
}

/* All regular memory and a part of the area, with room to move that part. */
static unsigned long hog_bytes(const struct area *a)
{
	unsigned long long regular = meminfo_kb("MemFree:") - cma_free_kb();
	unsigned long long area_kb = a->count * page_size() / 1024;

	return (regular + area_kb / 4) * 1024;
}

static void take_half(const struct area *a, struct hog hog)
{
	unsigned long bytes = a->count * page_size() / 2;
	uint64_t *before = pfns_of(hog.addr, hog.pages), *after;
	struct buffer b = { 0 };
	int ret = sample_alloc(0, bytes, &b);

	after = pfns_of(hog.addr, hog.pages);
	fact("anon", "pages=%lu inside=%lu moved=%lu ret=%d", hog.pages,
	     inside(a, before, hog.pages),
	     differing(before, after, hog.pages), ret);
	if (check(!ret, "no buffer of %lu bytes: error %d", bytes, ret)) {
		check(b.contiguous && b.pfn.first >= a->base &&
		      b.pfn.end <= a->base + a->count, "buffer not in area");
		check(!sample_fill(0, 77), "cannot write the buffer");
		sample_verify(0);
	}
	free(before);
	free(after);
}

void run_anon(void)
{
	struct area a = area_default();
	unsigned long long start = cma_free_kb();
	struct hog hog;

	sample_need();
	hog = hog_take(hog_bytes(&a), false);
	take_half(&a, hog);
	fact("anon.bad_pages", "%lu", hog_bad_pages(hog));
	/* Had the buffer shared a page with the program, it would show here. */
	check(!sample_free(0), "cannot free the buffer");
	hog_drop(hog);
	settle(&a, start);
	whole_area_free(&a);
}
