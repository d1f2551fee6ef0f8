// SPDX-License-Identifier: GPL-2.0
/* All files of all areas are read again and again, while areas are used. */
#include <dirent.h>
#include <sys/stat.h>
#include <time.h>

#include "cma_test.h"
#include "kselftest_harness.h"

#define READERS		3
#define WRITERS		2
#define SECONDS		3

FIXTURE(view)
{
	struct cma_areas areas;
};

FIXTURE_SETUP(view)
{
	const char *why = cma_find(&self->areas);

	if (why)
		SKIP(return, "%s", why);
}

FIXTURE_TEARDOWN(view)
{
	cma_give_back(&self->areas);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static bool complain(const struct cma_area *a, const char *what)
{
	fprintf(stderr, "# %s: %s\n", a->name, what);
	return false;
}

/* What is read at different moments need not fit together, but each number is one. */
static bool check_numbers(const struct cma_area *a)
{
	long long used = cma_debugfs(a, "used"), gap = cma_debugfs(a, "maxchunk");
	unsigned char *bits;

	if (used < 0 || used > a->count || used % (1 << a->order))
		return complain(a, "used is more than there is, or no whole slots");
	if (gap < 0 || gap > a->count || gap % (1 << a->order))
		return complain(a, "maxchunk is more than there is, or no whole slots");
	if (cma_debugfs(a, "count") != a->count || cma_debugfs(a, "base_pfn") != a->base)
		return complain(a, "base_pfn or count is another one than before");
	bits = cma_bitmap(a);
	if (!bits)
		return complain(a, "bitmap is no list of as many words as there are");
	free(bits);
	return true;
}

/* What is given back was allocated before; what counts does not go back. */
static bool check_counters(const struct cma_area *a, long long last[3])
{
	long long back = cma_sysfs(a, "release_pages_success");
	long long got = cma_sysfs(a, "alloc_pages_success");
	long long failed = cma_sysfs(a, "alloc_pages_fail");

	if (back < 0 || got < 0 || failed < 0)
		return complain(a, "a counter is not there, or no number");
	if (back > got)
		return complain(a, "more was given back than allocated");
	if (back < last[0] || got < last[1] || failed < last[2])
		return complain(a, "a counter went back");
	last[0] = back;
	last[1] = got;
	last[2] = failed;
	return true;
}

static unsigned int read_files(const char *path, unsigned int depth)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	unsigned int bad = 0;
	char inner[1024], *text;
	struct stat file;

	while (dir && (entry = readdir(dir))) {
		snprintf(inner, sizeof(inner), "%s/%s", path, entry->d_name);
		if (entry->d_name[0] == '.' || stat(inner, &file))
			continue;
		if (S_ISDIR(file.st_mode) && depth)
			bad += read_files(inner, depth - 1);
		if (!S_ISREG(file.st_mode) || !(file.st_mode & 0444))
			continue;
		text = cma_text(inner);
		if (!text || (text[0] && text[strlen(text) - 1] != '\n')) {
			fprintf(stderr, "# %s: %s\n", inner, text ? "no whole line" :
				strerror(errno));
			bad++;
		}
		free(text);
	}
	if (dir)
		closedir(dir);
	return bad;
}

static unsigned int read_area(const struct cma_area *a, long long last[3])
{
	char path[512];
	unsigned int bad;

	bad = !check_numbers(a);
	if (cma_sysfs_has(a, "release_pages_success"))
		bad += !check_counters(a, last);
	snprintf(path, sizeof(path), CMA_DEBUGFS_DIR "/%s", a->name);
	bad += read_files(path, 3);
	snprintf(path, sizeof(path), CMA_SYSFS_DIR "/%s", a->name);
	return bad + read_files(path, 1);
}

static void __attribute__((noreturn)) read_all(const struct cma_areas *areas)
{
	static long long last[CMA_MAX_AREAS][3];
	double end = now() + SECONDS;
	unsigned int i, bad = 0;

	do {
		for (i = 0; i < areas->count; i++)
			bad += read_area(&areas->at[i], last[i]);
	} while (!bad && now() < end);
	_exit(!!bad);
}

/* Returns whether it got a slot; a request that fails has more to tell. */
static bool use_area(const struct cma_area *a)
{
	unsigned long pages = 1ul << a->order;

	cma_put(a, "alloc", a->count + pages);
	return !cma_put(a, "alloc", pages) && !cma_put(a, "free", pages);
}

/* Ends with an error if it never got anything. */
static void __attribute__((noreturn)) use_all(const struct cma_areas *areas)
{
	double end = now() + SECONDS;
	unsigned int i, got = 0;

	do {
		for (i = 0; i < areas->count; i++)
			got += use_area(&areas->at[i]);
	} while (now() < end);
	_exit(!got);
}

TEST_F_TIMEOUT(view, files_are_whole_while_areas_are_used, 120)
{
	unsigned int i, bad = 0;
	int status;

	for (i = 0; i < WRITERS; i++)
		if (!fork())
			use_all(&self->areas);
	for (i = 0; i < READERS; i++)
		if (!fork())
			read_all(&self->areas);
	for (i = 0; i < READERS + WRITERS; i++)
		bad += wait(&status) < 0 || status;
	EXPECT_EQ(0, bad);
	for (i = 0; i < self->areas.count; i++)
		EXPECT_EQ(self->areas.at[i].used, cma_debugfs(&self->areas.at[i], "used"));
}

TEST_F(view, files_can_be_read_in_small_parts)
{
	unsigned int i;

	for (i = 0; i < self->areas.count; i++) {
		char path[512], *whole;
		size_t at = 0;
		FILE *file;
		int c;

		snprintf(path, sizeof(path), CMA_DEBUGFS_DIR "/%s/bitmap", self->areas.at[i].name);
		whole = cma_text(path);
		file = fopen(path, "r");
		ASSERT_TRUE(!!whole);
		ASSERT_TRUE(!!file);
		setvbuf(file, NULL, _IONBF, 0);
		while (at < strlen(whole) && (c = fgetc(file)) != EOF)
			if (c != whole[at++])
				break;
		EXPECT_EQ(strlen(whole), at);
		EXPECT_EQ(EOF, fgetc(file));
		fclose(file);
		free(whole);
	}
}

/* Names are directories: a newline or a format in one would be seen here. */
TEST_F(view, names_are_plain)
{
	unsigned int i;
	const char *c;

	for (i = 0; i < self->areas.count; i++)
		for (c = self->areas.at[i].name; *c; c++)
			EXPECT_TRUE(*c > ' ' && *c < 127 && *c != '%') {
				TH_LOG("'%s'", self->areas.at[i].name);
			}
}

TEST_HARNESS_MAIN
