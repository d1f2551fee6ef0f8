// SPDX-License-Identifier: GPL-2.0
/* Requests that fail: are they counted, and what is said about them? */
#include "cma_test.h"
#include "kselftest_harness.h"

/* At most ten failures are logged in five seconds. */
#define LOG_PAUSE	6
#define GAPS		400
#define MANY_GAPS	1000
/* What one failure may have in the log, however many gaps the area has. */
#define REPORT_BYTES	4096

FIXTURE(failure)
{
	struct cma_areas areas;
	const struct cma_area *a;
	int log;
};

FIXTURE_SETUP(failure)
{
	const char *why = cma_find(&self->areas);

	if (why)
		SKIP(return, "%s", why);
	self->a = cma_largest(&self->areas);
	if (!self->a || cma_chunk(self->a) < 16)
		SKIP(return, "no area with slots of one page is free");
	self->log = cma_log_open();
}

FIXTURE_TEARDOWN(failure)
{
	cma_give_back(&self->areas);
}

static unsigned long too_large(const struct cma_area *a)
{
	return a->count + 1;
}

/* As many pages as the area has, while one is held. */
static unsigned long too_much(struct __test_metadata *_metadata, const struct cma_area *a)
{
	ASSERT_EQ(0, cma_put(a, "alloc", 1));
	return a->count;
}

static void check_counted(struct __test_metadata *_metadata, const struct cma_area *a,
			  unsigned long pages)
{
	long long calls = cma_field("/proc/vmstat", "cma_alloc_fail");
	long long failed = cma_sysfs(a, "alloc_pages_fail");

	ASSERT_LE(0, calls);
	ASSERT_EQ(-ENOMEM, cma_put(a, "alloc", pages));
	EXPECT_EQ(calls + 1, cma_field("/proc/vmstat", "cma_alloc_fail"));
	if (failed >= 0)
		EXPECT_EQ(failed + pages, cma_sysfs(a, "alloc_pages_fail"));
}

/* Stock does not count it. */
TEST_F(failure, more_than_the_area_is_counted)
{
	check_counted(_metadata, self->a, too_large(self->a));
}

TEST_F(failure, more_than_is_free_is_counted)
{
	check_counted(_metadata, self->a, too_much(_metadata, self->a));
}

/* What is logged of a request for @pages pages; from the line that tells of it, or NULL. */
static char *said_of(const struct cma_area *a, int log, unsigned long pages)
{
	char line[160], *text = NULL, *said = NULL;
	unsigned int tries = 2;

	snprintf(line, sizeof(line), ": %s: alloc failed, req-size: %lu pages, ret: -12\n",
		 a->said, pages);
	while (!said && tries--) {
		free(text);
		free(cma_log_read(log));
		if (!cma_put(a, "alloc", pages))
			return NULL;
		text = cma_log_read(log);
		said = text ? strstr(text, line) : NULL;
		if (!said && tries)
			sleep(LOG_PAUSE);
	}
	return said;
}

/* Stock does not log it. */
TEST_F(failure, more_than_the_area_is_logged)
{
	if (self->log < 0)
		SKIP(return, "no /dev/kmsg");
	EXPECT_TRUE(!!said_of(self->a, self->log, too_large(self->a)));
}

/* "8@0+24@100=> 32 free of 64 total pages": do the parts make the sum? */
static void check_sum(struct __test_metadata *_metadata, const struct cma_area *a, char *said)
{
	static const char words[] = "cma: number of available pages: ";
	unsigned long long sum = 0, pages, free_pages, total;
	char *at = strstr(said, words), *end;

	ASSERT_TRUE(!!at);
	at += strlen(words);
	while (*at != '=') {
		pages = strtoull(at, &end, 10);
		ASSERT_EQ('@', *end);
		ASSERT_GT(a->count, strtoull(end + 1, &at, 10));
		sum += pages;
		at += *at == '+';
	}
	ASSERT_EQ(2, sscanf(at, "=> %llu free of %llu total pages\n", &free_pages, &total));
	EXPECT_EQ(free_pages, sum);
	EXPECT_EQ(a->count, total);
	EXPECT_EQ(a->count - cma_debugfs(a, "used"), free_pages);
}

TEST_F(failure, more_than_is_free_is_logged_with_the_sum)
{
	unsigned long pages = too_much(_metadata, self->a);
	char *said;

	if (self->log < 0)
		SKIP(return, "no /dev/kmsg");
	said = said_of(self->a, self->log, pages);
	ASSERT_TRUE(!!said);
	check_sum(_metadata, self->a, said);
}

/* Stock prints each gap, with interrupts off: one failure can fill all of the log. */
TEST_F_TIMEOUT(failure, what_is_logged_has_a_limit, 120)
{
	char *said;

	if (self->log < 0)
		SKIP(return, "no /dev/kmsg");
	if (cma_make_gaps(self->a, MANY_GAPS) < MANY_GAPS)
		SKIP(return, "the area has no room for gaps");
	said = said_of(self->a, self->log, self->a->count);
	ASSERT_TRUE(!!said);
	EXPECT_GT(REPORT_BYTES, strlen(said));
	EXPECT_TRUE(!!strstr(said, " total pages\n"));
}

/* The last lines of the file "failures", from the one that has the number of pages. */
static char *words_of(const struct cma_area *a, unsigned long pages)
{
	char path[512], line[64], *text, *at = NULL, *next;

	snprintf(path, sizeof(path), CMA_DEBUGFS_DIR "/%s/failures", a->name);
	snprintf(line, sizeof(line), "] %lu pages, ", pages);
	text = cma_text(path);
	for (next = text; next && (next = strstr(next, line)); next++)
		at = next;
	return at;
}

static void check_cause(struct __test_metadata *_metadata, const struct cma_area *a,
			unsigned long pages, const char *cause)
{
	char file[64], words[64], *said;
	long long before;

	snprintf(file, sizeof(file), "alloc_fail_%s", cause);
	snprintf(words, sizeof(words), "ret -12: %s\n", strcmp(cause, "too_big") ? cause :
		 "too big");
	if (!cma_sysfs_has(a, file))
		SKIP(return, "this kernel has no %s", file);
	before = cma_sysfs(a, file);
	ASSERT_EQ(-ENOMEM, cma_put(a, "alloc", pages));
	EXPECT_EQ(before + 1, cma_sysfs(a, file));
	said = words_of(a, pages);
	ASSERT_TRUE(!!said);
	EXPECT_TRUE(!!strstr(said, words)) {
		TH_LOG("want '%s' in: %s", words, said);
	}
}

TEST_F(failure, the_cause_is_told_too_big)
{
	check_cause(_metadata, self->a, too_large(self->a), "too_big");
}

/* A part of the area is held, and a page more than the rest is wanted. */
TEST_F(failure, the_cause_is_told_full)
{
	ASSERT_EQ(0, cma_put(self->a, "alloc", cma_chunk(self->a)));
	check_cause(_metadata, self->a,
		    self->a->count - cma_debugfs(self->a, "used") + 1, "full");
}

/* Half of the rest would do, but it is not in one piece. */
TEST_F_TIMEOUT(failure, the_cause_is_told_fragmented, 120)
{
	unsigned long gaps = cma_make_gaps(self->a, GAPS), most;

	if (gaps < GAPS)
		SKIP(return, "the area has no room for gaps");
	most = cma_debugfs(self->a, "maxchunk");
	check_cause(_metadata, self->a, most + 1, "fragmented");
}

TEST_F(failure, a_failure_takes_nothing)
{
	unsigned long pages = too_much(_metadata, self->a);
	long long used = cma_debugfs(self->a, "used");
	unsigned int i;

	for (i = 0; i < 200; i++)
		ASSERT_EQ(-ENOMEM, cma_put(self->a, "alloc", i % 2 ? pages : pages + 1));
	EXPECT_EQ(used, cma_debugfs(self->a, "used"));
	EXPECT_EQ(self->a->count - used, cma_take_all(self->a));
}

TEST_HARNESS_MAIN
