// SPDX-License-Identifier: GPL-2.0
/* What the kernel does to pages of a program that does not notice. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "stress.h"

#define SPAN_BYTES (8 * MIB)
#define MERGE_BYTES (2 * MIB)
#define MERGE_RUN "/sys/kernel/mm/ksm/run"

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif
#define MOVE_OWN 2			/* MPOL_MF_MOVE */

/* A page is as it was, or gone as a whole; one that is written anew stays. */
const char *stress_lazyfree(unsigned long n)
{
	struct span s = span_map(SPAN_BYTES / 2);
	unsigned long page, wrong = 0;

	span_fill(&s, n);
	madvise(s.addr, s.pages * page_size(), MADV_FREE);
	for (page = 0; page < s.pages; page += 2)
		span_fill_page(&s, page, n + 1);
	usleep(20000);
	for (page = 0; page < s.pages; page++)
		wrong += page % 2 ? !span_page_is(&s, page, n) &&
				    !span_page_is_zero(&s, page) :
				    !span_page_is(&s, page, n + 1);
	span_unmap(&s);
	return wrong ? "memory that may be freed has other contents" : NULL;
}

/* Where there are huge pages, they lose a page each. */
const char *stress_split(unsigned long n)
{
	struct span s = span_map(SPAN_BYTES);
	unsigned long page, wrong = 0;

	madvise(s.addr, s.pages * page_size(), MADV_HUGEPAGE);
	span_fill(&s, n);
	for (page = 3; page < s.pages; page += 16)
		madvise(span_page(&s, page), page_size(), MADV_DONTNEED);
	usleep(10000);
	for (page = 0; page < s.pages; page++)
		wrong += page % 16 == 3 ? !span_page_is_zero(&s, page) :
					  !span_page_is(&s, page, n);
	span_unmap(&s);
	return wrong ? "a huge page that was split has other contents" : NULL;
}

/* Two spans are merged, then one of them is written. */
const char *stress_merge(unsigned long n)
{
	struct span one = span_map(MERGE_BYTES), two = span_map(MERGE_BYTES);
	unsigned long page, wrong = 0;

	if (put(MERGE_RUN, "1"))
		return ABSENT;
	put("/sys/kernel/mm/ksm/pages_to_scan", "2000");
	put("/sys/kernel/mm/ksm/sleep_millisecs", "10");
	span_fill(&one, n);
	span_fill(&two, n);
	madvise(one.addr, MERGE_BYTES, MADV_MERGEABLE);
	madvise(two.addr, MERGE_BYTES, MADV_MERGEABLE);
	usleep(300000);
	wrong += !span_good(&one) + !span_good(&two);
	for (page = 0; page < two.pages; page += 2)
		span_fill_page(&two, page, n + 1);
	for (page = 0; page < two.pages; page++)
		wrong += !span_page_is(&two, page, n + !(page % 2));
	wrong += !span_good(&one);
	span_unmap(&one);
	span_unmap(&two);
	return wrong ? "merged memory has other contents" : NULL;
}

const char *stress_swap(unsigned long n)
{
	struct span s = span_map(SPAN_BYTES);
	bool good;

	span_fill(&s, n);
	if (madvise(s.addr, s.pages * page_size(), MADV_PAGEOUT)) {
		span_unmap(&s);
		return ABSENT;
	}
	good = span_good(&s);
	span_unmap(&s);
	return good ? NULL : "swapped memory has other contents";
}

/* To the nodes in turn, page by page; pages that are busy stay. */
static void move_to(const struct span *s, int node)
{
	void **at = calloc(s->pages, sizeof(*at));
	int *nodes = calloc(s->pages, sizeof(*nodes));
	int *status = calloc(s->pages, sizeof(*status));
	unsigned long i;

	for (i = 0; at && nodes && status && i < s->pages; i++) {
		at[i] = span_page(s, i);
		nodes[i] = node;
	}
	if (i)
		syscall(__NR_move_pages, 0, s->pages, at, nodes, status,
			MOVE_OWN);
	free(at);
	free(nodes);
	free(status);
}

/* With one node it is compaction that moves pages. */
const char *stress_migrate(unsigned long n)
{
	bool nodes = !access("/sys/devices/system/node/node1", F_OK);
	struct span s = span_map(SPAN_BYTES);
	bool good;

	span_fill(&s, n);
	if (nodes)
		move_to(&s, n % 2);
	if (!nodes || n % 8 == 7)
		put("/proc/sys/vm/compact_memory", "1");
	good = span_good(&s);
	span_unmap(&s);
	usleep(50000);
	return good ? NULL : "memory that was moved has other contents";
}
