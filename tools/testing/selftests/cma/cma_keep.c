// SPDX-License-Identifier: GPL-2.0
/* What is kept free for drivers, always or as long as memory is not short; stock has neither. */
#include <time.h>

#include "cma_test.h"
#include "kselftest_harness.h"

#define READY_PERCENT	"/proc/sys/vm/cma_ready_percent"
/* A worker makes memory ready, a second after the machine was busy. */
#define READY_SECONDS	20
#define READY_LEAST	4

FIXTURE(keep)
{
	struct cma_areas areas;
	const struct cma_area *a;
	long long kept;
	char *percent;
};

FIXTURE_SETUP(keep)
{
	const char *why = cma_find_sysfs(&self->areas);

	if (why)
		SKIP(return, "%s", why);
	self->a = cma_largest(&self->areas);
	if (!self->a || cma_chunk(self->a) < 16)
		SKIP(return, "no area with slots of one page is free");
	if (!cma_sysfs_has(self->a, "keep_pages"))
		SKIP(return, "this kernel has no keep_pages");
	self->kept = cma_sysfs(self->a, "keep_pages");
	self->percent = cma_text(READY_PERCENT);
}

/* Returns 0 or a negative errno. */
static int keep(const struct cma_area *a, unsigned long long pages)
{
	char text[32];

	snprintf(text, sizeof(text), "%llu", pages);
	return cma_sysfs_put(a, "keep_pages", text);
}

FIXTURE_TEARDOWN(keep)
{
	keep(self->a, self->kept);
	if (self->percent)
		cma_write(READY_PERCENT, self->percent);
	cma_give_back(&self->areas);
}

TEST_F(keep, what_is_kept_is_whole_blocks_and_free)
{
	unsigned long half = self->a->count / 2;

	ASSERT_EQ(0, keep(self->a, half - 1));
	EXPECT_LE(half - 1, cma_sysfs(self->a, "keep_pages"));
	EXPECT_GE(self->a->count, cma_sysfs(self->a, "keep_pages"));
	EXPECT_LE(cma_sysfs(self->a, "keep_free_pages"), cma_sysfs(self->a, "keep_pages"));
	EXPECT_LT(0, cma_sysfs(self->a, "keep_free_pages"));
	ASSERT_EQ(0, keep(self->a, 0));
	EXPECT_EQ(0, cma_sysfs(self->a, "keep_pages"));
	EXPECT_EQ(0, cma_sysfs(self->a, "keep_free_pages"));
}

TEST_F(keep, more_than_the_area_is_refused)
{
	EXPECT_EQ(-ERANGE, keep(self->a, self->a->count + 1));
	EXPECT_EQ(-ERANGE, keep(self->a, ~0ul));
	EXPECT_EQ(-EINVAL, cma_sysfs_put(self->a, "keep_pages", "all"));
	EXPECT_EQ(-EINVAL, cma_sysfs_put(self->a, "keep_pages", "-1"));
	EXPECT_EQ(self->kept, cma_sysfs(self->a, "keep_pages"));
}

static unsigned int count_in_kept(const struct cma_area *a, const struct cma_memory *memory)
{
	struct cma_area kept = *a;

	kept.count = cma_sysfs(a, "keep_pages");
	return cma_count_inside(&kept, memory->at);
}

/* A program borrows from the area; then all of it is kept. */
TEST_F_TIMEOUT(keep, borrowers_leave_what_is_kept, 120)
{
	struct cma_memory memory;
	unsigned int tries = 20;
	const char *why;

	ASSERT_EQ(0, keep(self->a, 0));
	why = cma_borrow(self->a, &memory);
	if (why)
		SKIP(return, "%s", why);
	ASSERT_EQ(0, keep(self->a, self->a->count));
	while (count_in_kept(self->a, &memory) && tries--) {
		usleep(50000);
		EXPECT_EQ(0, keep(self->a, self->a->count));
	}
	EXPECT_EQ(0, count_in_kept(self->a, &memory));
	EXPECT_TRUE(cma_is_intact(&memory));
}

TEST_F_TIMEOUT(keep, drivers_get_what_is_kept, 120)
{
	unsigned long pages = cma_chunk(self->a);
	long long kept_free;

	ASSERT_EQ(0, keep(self->a, self->a->count));
	kept_free = cma_sysfs(self->a, "keep_free_pages");
	ASSERT_LE(pages, kept_free);
	ASSERT_EQ(0, cma_put(self->a, "alloc", pages));
	EXPECT_EQ(kept_free - (long long)pages, cma_sysfs(self->a, "keep_free_pages"));
	EXPECT_EQ(self->a->used + pages, cma_debugfs(self->a, "used"));
	ASSERT_EQ(0, cma_put(self->a, "free", pages));
	EXPECT_EQ(kept_free, cma_sysfs(self->a, "keep_free_pages"));
}

static time_t seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/* A few pages show for a moment, while the others are on their way. */
static long long wait_for_ready(const struct cma_area *a, bool some)
{
	long long ready = cma_sysfs(a, "ready_pages");
	time_t end = seconds() + READY_SECONDS;

	while ((some ? ready < READY_LEAST : ready > 0) && seconds() < end) {
		usleep(100000);
		ready = cma_sysfs(a, "ready_pages");
	}
	return ready;
}

TEST_F_TIMEOUT(keep, memory_becomes_ready_and_serves_drivers, 120)
{
	long long ready, calls, got = 0;

	if (!self->percent)
		SKIP(return, "no " READY_PERCENT);
	ASSERT_EQ(0, keep(self->a, 0));
	ASSERT_EQ(0, cma_write(READY_PERCENT, "100"));
	/* What drivers return is worth to be ready. */
	ASSERT_EQ(0, cma_put(self->a, "alloc", cma_debugfs(self->a, "maxchunk") / 2));
	ASSERT_EQ(0, cma_put(self->a, "free", self->a->count));
	ready = wait_for_ready(self->a, true);
	if (ready < READY_LEAST)
		SKIP(return, "%lld pages become ready: memory is short, or the area too small",
		     ready);
	EXPECT_GE(self->a->count, ready);
	calls = cma_sysfs(self->a, "ready_calls");
	/* Where a request is served is not said; who takes all comes to what is ready. */
	while (!cma_put(self->a, "alloc", ready / 4))
		got += ready / 4;
	EXPECT_LT(0, got);
	EXPECT_LT(calls, cma_sysfs(self->a, "ready_calls"));
}

TEST_F_TIMEOUT(keep, with_0_percent_nothing_is_ready, 120)
{
	if (!self->percent)
		SKIP(return, "no " READY_PERCENT);
	ASSERT_EQ(0, keep(self->a, 0));
	ASSERT_EQ(0, cma_write(READY_PERCENT, "0"));
	EXPECT_EQ(0, wait_for_ready(self->a, false));
	EXPECT_GT(0, cma_write(READY_PERCENT, "101"));
	EXPECT_GT(0, cma_write(READY_PERCENT, "-1"));
}

TEST_HARNESS_MAIN
