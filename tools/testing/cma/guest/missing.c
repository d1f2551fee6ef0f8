// SPDX-License-Identifier: GPL-2.0
/*
 * cma_test=missing: a program provides the pages of a region itself when they are missed
 * (userfaultfd). They lie in the area, and a driver takes all of it while some of
 * them are missed anew.
 *   missing_mib=     how large the region is [16]
 *   missing_rounds=  how often the driver comes [4]
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bench.h"

#define MISSED 8			/* pages, of which one is missed in each round */

static struct missing {
	struct area area;
	struct hog source;		/* what belongs into the region */
	unsigned char *region;
	unsigned long bytes;
	int fd;
	unsigned long faults;
	unsigned long rest;		/* of the area: what the driver wants, */
	unsigned long got;		/* and gets */
	unsigned int served;		/* rounds in which that is all */
	unsigned long inside_held;	/* pages in there beside the driver */
	unsigned long bad;
	double longest_ms;		/* that the driver waits */
} m;

static void copy(int fd, unsigned long at, unsigned long bytes)
{
	struct uffdio_copy copy = {
		.dst = (uintptr_t)m.region + at,
		.src = (uintptr_t)m.source.addr + at,
		.len = bytes,
	};

	while (ioctl(fd, UFFDIO_COPY, &copy) && errno == EAGAIN)
		copy.copy = 0;
}

static void *provide(void *arg)
{
	const int *fd = arg;
	struct uffd_msg msg;

	while (read(*fd, &msg, sizeof(msg)) == sizeof(msg)) {
		unsigned long at = msg.arg.pagefault.address - (uintptr_t)m.region;

		copy(*fd, at - at % page_size(), page_size());
		__atomic_add_fetch(&m.faults, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static void *drive(void *arg)
{
	const struct area *a = arg;
	double begin = now(), ms;

	m.rest = a->count - area_attr(a, "used");
	m.got = area_take_rest(a);
	ms = (now() - begin) * 1000;
	m.longest_ms = ms > m.longest_ms ? ms : m.longest_ms;
	return NULL;
}

static void region_make(void)
{
	struct uffdio_register region = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	struct uffdio_api api = { .api = UFFD_API };

	m.bytes = m.source.pages * page_size();
	m.region = mmap(NULL, m.bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			-1, 0);
	m.fd = syscall(__NR_userfaultfd, O_CLOEXEC);
	region.range.start = (uintptr_t)m.region;
	region.range.len = m.bytes;
	if (m.region == MAP_FAILED || m.fd < 0 || ioctl(m.fd, UFFDIO_API, &api) ||
	    ioctl(m.fd, UFFDIO_REGISTER, &region))
		die("no region whose pages are provided (CONFIG_USERFAULTFD): %m");
}

/* A page that is not there waits for the one who provides it. */
static unsigned long bad_pages(void)
{
	const unsigned char *source = (const unsigned char *)m.source.addr;
	unsigned long at, bad = 0;

	for (at = 0; at < m.bytes; at += page_size())
		bad += !!memcmp(m.region + at, source + at, page_size());
	return bad;
}

static unsigned long inside(void)
{
	uint64_t *pfns = pfns_of(m.region, m.source.pages);
	unsigned long i, count = 0;

	for (i = 0; i < m.source.pages; i++)
		count += bench_in_area(&m.area, pfns[i]);
	free(pfns);
	return count;
}

static void one_round(void)
{
	pthread_t driver;
	unsigned long at;

	for (at = 0; at < m.bytes; at += MISSED * page_size())
		madvise(m.region + at, page_size(), MADV_DONTNEED);
	if (pthread_create(&driver, NULL, drive, &m.area))
		die("no driver: %m");
	m.bad += bad_pages();
	pthread_join(driver, NULL);
	m.served += m.got == m.rest;
	m.inside_held += inside();
	m.bad += bad_pages();
	check(!area_put(&m.area, "free", m.got), "the driver cannot give back the area");
}

void run_missing(void)
{
	unsigned int rounds = bench_option("missing_rounds", 4), i;
	unsigned long long free_kb = cma_free_kb();
	unsigned long was_inside;
	struct hog early;
	pthread_t provider;

	m.area = area_default();
	m.source = hog_take(bench_option("missing_mib", 16) * MIB, false);
	region_make();
	if (pthread_create(&provider, NULL, provide, &m.fd))
		die("nobody provides pages: %m");
	early = hog_lend_early();
	copy(m.fd, 0, m.bytes);
	m.bad += bad_pages();
	hog_drop(early);
	was_inside = inside();
	for (i = 0; i < rounds; i++)
		one_round();
	fact("missing", "pages=%lu inside=%lu inside_held=%lu", m.source.pages, was_inside,
	     m.inside_held);
	fact("missing.rounds", "done=%u served=%u faults=%lu bad=%lu longest_ms=%.0f", rounds,
	     m.served, m.faults, m.bad, m.longest_ms);
	pthread_cancel(provider);
	pthread_join(provider, NULL);
	close(m.fd);
	munmap(m.region, m.bytes);
	hog_drop(m.source);
	settle(&m.area, free_kb);
	whole_area_free(&m.area);
}
