// SPDX-License-Identifier: GPL-2.0
/* Size and accounting: do all places that tell the size of areas tell the same? */
#include <dirent.h>

#include "cma_test.h"
#include "kselftest_harness.h"

/* Two files are read one after the other: a counter may change in between. */
#define TRIES	100

FIXTURE(size)
{
	struct cma_areas areas;
};

FIXTURE_SETUP(size)
{
	const char *why = cma_find(&self->areas);

	if (why)
		SKIP(return, "%s", why);
}

FIXTURE_TEARDOWN(size)
{
}

static unsigned long long pages_of(const struct cma_areas *areas)
{
	unsigned long long pages = 0;
	unsigned int i;

	for (i = 0; i < areas->count; i++)
		pages += areas->at[i].count;
	return pages;
}

static long long kb_as_pages(long long kb)
{
	return kb < 0 ? kb : kb * 1024 / (long long)cma_page_size();
}

/* Whether two fields of files become the same number of pages; @a is in kB if @kb is set. */
static bool fields_agree(const char *a[2], bool kb, const char *b[2])
{
	unsigned int i;

	for (i = 0; i < TRIES; i++) {
		long long one = cma_field(a[0], a[1]);

		cma_write("/proc/sys/vm/stat_refresh", "1");
		if (one >= 0 && (kb ? kb_as_pages(one) : one) == cma_field(b[0], b[1]))
			return true;
	}
	return false;
}

/* With stock, the later one of two areas of the same name is in no view. */
TEST_F(size, total_is_the_sum_of_all_areas)
{
	EXPECT_EQ(kb_as_pages(cma_field("/proc/meminfo", "CmaTotal:")), pages_of(&self->areas));
}

TEST_F(size, zones_have_as_much_as_the_total)
{
	EXPECT_EQ(kb_as_pages(cma_field("/proc/meminfo", "CmaTotal:")),
		  cma_field("/proc/zoneinfo", "cma"));
}

TEST_F(size, free_pages_are_nr_free_cma)
{
	const char *meminfo[2] = { "/proc/meminfo", "CmaFree:" };
	const char *vmstat[2] = { "/proc/vmstat", "nr_free_cma" };
	const char *zones[2] = { "/proc/zoneinfo", "nr_free_cma" };

	EXPECT_TRUE(fields_agree(meminfo, true, vmstat));
	EXPECT_TRUE(fields_agree(vmstat, false, zones));
}

TEST_F(size, free_pages_have_no_page_that_drivers_hold)
{
	long long left = pages_of(&self->areas) - cma_used_by_all(&self->areas);
	long long total = cma_field("/proc/zoneinfo", "cma"), free_pages;

	cma_write("/proc/sys/vm/stat_refresh", "1");
	free_pages = kb_as_pages(cma_field("/proc/meminfo", "CmaFree:"));
	if (total != pages_of(&self->areas))
		SKIP(return, "an area is in no view");
	EXPECT_LE(0, free_pages);
	EXPECT_LE(free_pages, left);
}

static bool overlap(const struct cma_area *a, const struct cma_area *b)
{
	return a->base < b->base + b->count && b->base < a->base + a->count;
}

/* The first area that overlaps with one before it, or NULL. */
static const struct cma_area *overlapping(const struct cma_areas *areas)
{
	unsigned int i, k;

	for (i = 0; i < areas->count; i++)
		for (k = 0; k < i; k++)
			if (overlap(&areas->at[i], &areas->at[k]))
				return &areas->at[i];
	return NULL;
}

TEST_F(size, areas_do_not_overlap)
{
	const struct cma_area *a = overlapping(&self->areas);

	EXPECT_FALSE(!!a) {
		TH_LOG("%s", a->name);
	}
}

/* Is all of an area in one line "<first>-<last> : System RAM" of /proc/iomem? */
static bool is_ram(const struct cma_area *a, char *iomem)
{
	unsigned long long first, last, page = cma_page_size();
	char *line, *rest = NULL;

	for (line = strtok_r(iomem, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		if (strstr(line, "System RAM") &&
		    sscanf(line, "%llx-%llx", &first, &last) == 2 &&
		    a->base * page >= first && (a->base + a->count) * page - 1 <= last)
			return true;
	return false;
}

TEST_F(size, areas_are_memory)
{
	unsigned int i;

	for (i = 0; i < self->areas.count; i++) {
		char *iomem = cma_text("/proc/iomem");

		if (!iomem || !strstr(iomem, "System RAM"))
			SKIP(return, "/proc/iomem does not tell what is memory");
		EXPECT_TRUE(is_ram(&self->areas.at[i], iomem)) {
			TH_LOG("%s: %lu pages at %#lx", self->areas.at[i].name,
			       self->areas.at[i].count, self->areas.at[i].base);
		}
		free(iomem);
	}
}

TEST_F(size, areas_are_whole_pageblocks)
{
	long long block = 0;
	unsigned int i;
	char *text = cma_text("/proc/pagetypeinfo"), *at;

	at = text ? strstr(text, "Pages per block:") : NULL;
	if (!at || sscanf(at, "Pages per block: %lld", &block) != 1 || block <= 0)
		SKIP(return, "/proc/pagetypeinfo does not tell the size of a pageblock");
	for (i = 0; i < self->areas.count; i++) {
		EXPECT_EQ(0, self->areas.at[i].base % block);
		EXPECT_EQ(0, self->areas.at[i].count % block);
	}
}

TEST_F(size, no_area_has_more_in_use_than_it_has)
{
	unsigned int i;

	for (i = 0; i < self->areas.count; i++) {
		const struct cma_area *a = &self->areas.at[i];

		EXPECT_LE(a->used, a->count);
		EXPECT_LE(0, cma_debugfs(a, "maxchunk"));
		EXPECT_LE(cma_debugfs(a, "maxchunk"), a->count - a->used);
	}
}

static unsigned int dirs_in(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	unsigned int dirs = 0;

	while (dir && (entry = readdir(dir)))
		dirs += entry->d_type == DT_DIR && entry->d_name[0] != '.';
	if (dir)
		closedir(dir);
	return dirs;
}

TEST_F(size, sysfs_has_the_same_areas)
{
	unsigned int i;

	if (access(CMA_SYSFS_DIR, F_OK))
		SKIP(return, "no " CMA_SYSFS_DIR);
	for (i = 0; i < self->areas.count; i++)
		EXPECT_TRUE(cma_sysfs_has(&self->areas.at[i], "alloc_pages_success")) {
			TH_LOG("%s", self->areas.at[i].name);
		}
	EXPECT_EQ(self->areas.count, dirs_in(CMA_SYSFS_DIR));
	EXPECT_EQ(self->areas.count, dirs_in(CMA_DEBUGFS_DIR));
}

TEST_F(size, sysfs_tells_the_size)
{
	unsigned int i;

	if (!cma_sysfs_has(&self->areas.at[0], "total_pages"))
		SKIP(return, "this kernel has no total_pages");
	for (i = 0; i < self->areas.count; i++) {
		const struct cma_area *a = &self->areas.at[i];

		EXPECT_EQ(a->count, cma_sysfs(a, "total_pages"));
		EXPECT_EQ(a->count - a->used, cma_sysfs(a, "available_pages"));
	}
}

TEST_HARNESS_MAIN
