// SPDX-License-Identifier: GPL-2.0
/*
 * cma_test=merge: equal pages of two programs lie in the area and become one page each
 * (KSM). Then a driver has all of the area, and at last the programs write again.
 *   merge_mib=  of each program [24]
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench.h"

#define DIR "/sys/kernel/mm/ksm/"
#define KPF_KSM (1ull << 21)
#define MERGE_SECONDS 100
#define PART 64				/* all but one of so many are merged at least */

static void merge_allow(struct hog hog)
{
	if (madvise(hog.addr, hog.pages * page_size(), MADV_MERGEABLE))
		die("pages cannot be merged (CONFIG_KSM): %m");
}

static void merge_start(void)
{
	put(DIR "pages_to_scan", "5000");
	put(DIR "sleep_millisecs", "1");
	/* It looks at all pages each time. */
	put(DIR "smart_scan", "0");
	if (put(DIR "run", "1"))
		die("this kernel merges no pages (CONFIG_KSM): %m");
}

static void merge_wait(unsigned long pages)
{
	double begin = now();

	while (number(DIR "pages_sharing") < pages - pages / PART &&
	       now() - begin < MERGE_SECONDS)
		usleep(50000);
	fact("merge.ksm", "pages=%lu shared=%llu sharing=%llu ms=%.0f", pages,
	     number(DIR "pages_shared"), number(DIR "pages_sharing"), (now() - begin) * 1000);
	/* From here on, only others move them. */
	put(DIR "run", "0");
}

/* How many pages of @hog are merged ones inside the area. */
static unsigned long merged_inside(const struct area *a, struct hog hog)
{
	int fd = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
	uint64_t *pfns = pfns_of(hog.addr, hog.pages), flags;
	unsigned long i, inside = 0;

	if (fd < 0)
		die("cannot read /proc/kpageflags: %m");
	for (i = 0; i < hog.pages; i++) {
		off_t at = (off_t)pfns[i] * sizeof(flags);

		if (!bench_in_area(a, pfns[i]))
			continue;
		if (pread(fd, &flags, sizeof(flags), at) != sizeof(flags))
			die("no flags of page %llu: %m", (unsigned long long)pfns[i]);
		inside += !!(flags & KPF_KSM);
	}
	close(fd);
	free(pfns);
	return inside;
}

static void write_again(struct hog hog)
{
	unsigned long i, words = page_size() / sizeof(*hog.addr);

	for (i = 0; i < hog.pages; i++)
		__atomic_store_n(hog.addr + i * words, i, __ATOMIC_RELAXED);
}

static void tell(const char *key, const struct area *a, struct hog one, struct hog other)
{
	fact(key, "inside=%lu bad=%lu", merged_inside(a, one),
	     hog_bad_pages(one) + hog_bad_pages(other));
}

void run_merge(void)
{
	unsigned long bytes = bench_option("merge_mib", 24) * MIB, rest, got;
	struct area a = area_default();
	unsigned long long free_kb = cma_free_kb();
	struct hog early = hog_lend_early(), one, other;
	double begin;

	one = hog_take(bytes, false);
	other = hog_take(bytes, false);
	hog_drop(early);
	merge_allow(one);
	merge_allow(other);
	merge_start();
	merge_wait(one.pages);
	tell("merge.before", &a, one, other);
	rest = a.count - area_attr(&a, "used");
	begin = now();
	got = area_take_rest(&a);
	fact("merge.driver", "rest=%lu got=%lu ms=%.0f", rest, got, (now() - begin) * 1000);
	tell("merge.held", &a, one, other);
	write_again(other);
	tell("merge.written", &a, one, other);
	check(!area_put(&a, "free", got), "the driver cannot give back the area");
	hog_drop(one);
	hog_drop(other);
	settle(&a, free_kb);
	whole_area_free(&a);
}
