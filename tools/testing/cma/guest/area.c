// SPDX-License-Identifier: GPL-2.0
/* The areas of the running kernel, and who has each page of one. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guest.h"

#define KPF_BUDDY 0x400ull
/* Pages on a per-CPU list are free, and have no flag that says so. */
#define KPF_NOTHING 0ull

static void area_path(char *path, size_t len, const char *name,
		      const char *file)
{
	snprintf(path, len, AREA_DIR "%s/%s", name, file);
}

unsigned long long area_attr(const struct area *a, const char *file)
{
	char path[256];

	area_path(path, sizeof(path), a->name, file);
	return number(path);
}

/* For "alloc" and "free". Returns 0 or a negative errno. */
int area_put(const struct area *a, const char *file, unsigned long pages)
{
	char path[256];

	area_path(path, sizeof(path), a->name, file);
	return put(path, "%lu", pages);
}

static struct area area_named(const char *name)
{
	struct area a = { 0 };

	snprintf(a.name, sizeof(a.name), "%.*s", AREA_NAME - 1, name);
	a.base = area_attr(&a, "base_pfn");
	a.count = area_attr(&a, "count");
	a.order_per_bit = area_attr(&a, "order_per_bit");
	return a;
}

unsigned int areas_read(struct area *areas)
{
	DIR *dir = opendir(AREA_DIR);
	struct dirent *entry;
	unsigned int n = 0;

	while (dir && (entry = readdir(dir)) && n < MAX_AREAS)
		if (entry->d_name[0] != '.')
			areas[n++] = area_named(entry->d_name);
	if (dir)
		closedir(dir);
	return n;
}

/*
 * The area that devices without one of their own use. Only the kernel log
 * tells which it is; with one area there is nothing to ask.
 */
struct area area_default(void)
{
	struct area areas[MAX_AREAS];
	unsigned int n = areas_read(areas);

	if (!n)
		die("this kernel has no contiguous area");
	return areas[0];
}

/* One byte a page: 1 for a page that is allocated to a driver. */
unsigned char *area_held(const struct area *a)
{
	unsigned char *held = calloc(a->count, 1);
	unsigned long bit, bits = a->count >> a->order_per_bit;
	unsigned long slot_pages = 1UL << a->order_per_bit;
	char path[256], *text, *at;
	unsigned long word = 0;

	area_path(path, sizeof(path), a->name, "bitmap");
	text = slurp(path);
	if (!text || !held)
		die("cannot read %s: %m", path);
	for (at = text, bit = 0; bit < bits; bit++) {
		if (bit % 32 == 0)
			word = strtoul(at, &at, 10);
		if (word >> bit % 32 & 1)
			memset(held + bit * slot_pages, 1, slot_pages);
	}
	free(text);
	return held;
}

static uint64_t *page_flags(const struct area *a)
{
	size_t bytes = a->count * sizeof(uint64_t);
	uint64_t *flags = malloc(bytes);
	int fd = open("/proc/kpageflags", O_RDONLY);
	off_t at = (off_t)a->base * sizeof(uint64_t);

	if (fd < 0 || !flags || pread(fd, flags, bytes, at) != (ssize_t)bytes)
		die("cannot read /proc/kpageflags: %m");
	close(fd);
	return flags;
}

/* One enum owner a page. */
unsigned char *area_owners(const struct area *a)
{
	unsigned char *owners = area_held(a);
	uint64_t *flags = page_flags(a);
	unsigned long i;

	for (i = 0; i < a->count; i++) {
		if (owners[i])
			owners[i] = PAGE_HELD;
		else if (flags[i] & KPF_BUDDY || flags[i] == KPF_NOTHING)
			owners[i] = PAGE_FREE;
		else
			owners[i] = PAGE_LENT;
	}
	free(flags);
	return owners;
}

unsigned long count_owner(const unsigned char *owners, struct range r,
			  enum owner who)
{
	unsigned long i, n = 0;

	for (i = r.first; i < r.end; i++)
		n += owners[i] == who;
	return n;
}

/* Where mapped pages of this process are: one pfn a page, 0 for "nowhere". */
uint64_t *pfns_of(const void *addr, unsigned long pages)
{
	size_t bytes = pages * sizeof(uint64_t);
	uint64_t *pfn = malloc(bytes);
	int fd = open("/proc/self/pagemap", O_RDONLY);
	off_t at = (off_t)((uintptr_t)addr / page_size()) * sizeof(uint64_t);
	unsigned long i;

	if (fd < 0 || !pfn || pread(fd, pfn, bytes, at) != (ssize_t)bytes)
		die("cannot read /proc/self/pagemap: %m");
	close(fd);
	for (i = 0; i < pages; i++)
		pfn[i] = pfn[i] >> 63 ? pfn[i] & ((1ull << 55) - 1) : 0;
	return pfn;
}
