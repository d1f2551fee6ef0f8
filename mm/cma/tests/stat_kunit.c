// SPDX-License-Identifier: GPL-2.0
/*
 * stat.c: what is counted where, and as how long something counts.
 */
#include <kunit/test.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/prandom.h>
#include <linux/time64.h>
#include <linux/vmstat.h>

#include "../failure.h"
#include "../stat.h"
#include "model.h"

#define STAT_STEPS	2000
#define STAT_LAST	(CMA_STAT_BUCKETS - 1)

static struct cma_stat *stat_new(struct kunit *test)
{
	struct cma_stat *stat = kunit_kzalloc(test, sizeof(*stat), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, stat);
	return stat;
}

static void stat_expect(struct kunit *test, u64 want, const atomic64_t *counter)
{
	KUNIT_EXPECT_EQ(test, want, (u64)atomic64_read(counter));
}

static long stat_times(const struct cma_stat *stat, enum cma_phase phase)
{
	unsigned int bucket;
	long times = 0;

	for (bucket = 0; bucket < CMA_STAT_BUCKETS; bucket++)
		times += atomic_long_read(&stat->times[phase][bucket]);
	return times;
}

static void stat_alloc(struct cma_stat *stat, unsigned long nr_pages)
{
	static const struct cma_effort none;

	cma_stat_effort(stat, &none, nr_pages);
}

static void stat_of_allocations(struct kunit *test)
{
	struct cma_stat *stat = stat_new(test);
	struct cma_stat *want = stat_new(test);

	stat_alloc(stat, 3);
	stat_alloc(stat, 1);
	stat_alloc(stat, 512);
	atomic64_set(&want->allocated, 516);
	atomic64_set(&want->allocs, 3);
	atomic64_set(&want->held, 516);
	atomic64_set(&want->peak, 516);
	KUNIT_EXPECT_MEMEQ(test, want, stat, sizeof(*stat));
	KUNIT_EXPECT_EQ(test, 516ULL, cma_stat_held(stat));
}

static void stat_of_failures_is_by_cause(struct kunit *test)
{
	struct cma_stat *stat = stat_new(test);
	struct cma_stat *want = stat_new(test);
	enum cma_fail_cause cause;
	unsigned int calls;

	for (cause = 0; cause < CMA_NR_FAIL_CAUSES; cause++) {
		for (calls = 0; calls <= cause; calls++)
			cma_failure_count(stat, 10, cause);
		atomic64_set(&want->fails[cause], calls);
		atomic64_add(calls * 10, &want->failed);
	}
	KUNIT_EXPECT_MEMEQ(test, want, stat, sizeof(*stat));
	KUNIT_EXPECT_EQ(test, 0ULL, cma_stat_held(stat));
}

static void stat_of_releases(struct kunit *test)
{
	struct cma_stat *stat = stat_new(test);

	stat_alloc(stat, 100);
	cma_stat_released(stat, 30, 5 * NSEC_PER_USEC);
	cma_stat_released(stat, 20, 5 * NSEC_PER_USEC);
	atomic64_inc(&stat->refused);
	stat_expect(test, 50, &stat->released);
	stat_expect(test, 2, &stat->releases);
	stat_expect(test, 1, &stat->refused);
	stat_expect(test, 100, &stat->allocated);
	KUNIT_EXPECT_EQ(test, 50ULL, cma_stat_held(stat));
	KUNIT_EXPECT_EQ(test, 2L, stat_times(stat, CMA_PHASE_RELEASE));
	KUNIT_EXPECT_EQ(test, 0L, stat_times(stat, CMA_PHASE_ALLOC));
}

/* One release may be counted before the allocation it belongs to. */
static void stat_of_held_pages_does_not_wrap(struct kunit *test)
{
	struct cma_stat *stat = stat_new(test);

	cma_stat_released(stat, 7, 0);
	KUNIT_EXPECT_EQ(test, 0ULL, cma_stat_held(stat));
	stat_alloc(stat, 7);
	KUNIT_EXPECT_EQ(test, 0ULL, cma_stat_held(stat));
	stat_expect(test, 0, &stat->peak);
	stat_alloc(stat, 2);
	KUNIT_EXPECT_EQ(test, 2ULL, cma_stat_held(stat));
	stat_expect(test, 2, &stat->peak);
}

static void stat_of_peak_is_the_most_ever_held(struct kunit *test)
{
	struct cma_stat *stat = stat_new(test);
	unsigned long held = 0, peak = 0;
	struct rnd_state random;
	int step;

	prandom_seed_state(&random, 3);
	for (step = 0; step < STAT_STEPS; step++) {
		unsigned long pages = 1 + prandom_u32_state(&random) % 64;

		if (prandom_u32_state(&random) % 2) {
			stat_alloc(stat, pages);
			held += pages;
		} else if (pages <= held) {
			cma_stat_released(stat, pages, 0);
			held -= pages;
		}
		peak = max(peak, held);
		KUNIT_ASSERT_EQ(test, (u64)held, cma_stat_held(stat));
		stat_expect(test, peak, &stat->peak);
	}
	KUNIT_EXPECT_GT(test, peak, held);
}

/* Sums on 32-bit machines are as wide: 2^32 pages pass by in months. */
static void stat_of_sums_is_wide(struct kunit *test)
{
	struct cma_stat *stat = stat_new(test);

	stat_alloc(stat, U32_MAX);
	stat_alloc(stat, U32_MAX);
	cma_stat_released(stat, U32_MAX, 0);
	cma_failure_count(stat, U32_MAX, CMA_FAIL_TOO_BIG);
	cma_failure_count(stat, U32_MAX, CMA_FAIL_TOO_BIG);
	stat_expect(test, 2ULL * U32_MAX, &stat->allocated);
	stat_expect(test, 2ULL * U32_MAX, &stat->failed);
	stat_expect(test, 2ULL * U32_MAX, &stat->peak);
	KUNIT_EXPECT_EQ(test, (u64)U32_MAX, cma_stat_held(stat));
}

static void stat_of_effort_adds_up(struct kunit *test)
{
	struct cma_stat *stat = stat_new(test);
	const struct cma_effort effort = {
		.windows = 11, .busy = 7, .waits = 3, .moved = 200,
		.reclaimed = 50,
	};

	cma_stat_effort(stat, &effort, 0);
	cma_stat_effort(stat, &effort, 0);
	stat_expect(test, 22, &stat->windows);
	stat_expect(test, 14, &stat->busy);
	stat_expect(test, 6, &stat->waits);
	stat_expect(test, 400, &stat->moved);
	stat_expect(test, 100, &stat->reclaimed);
	stat_expect(test, 0, &stat->allocs);
	stat_expect(test, 0, &stat->peak);
}

/* Each phase has its own times; one that did not happen has none. */
static void stat_of_phases_is_kept_apart(struct kunit *test)
{
	struct cma_stat *stat = stat_new(test);
	enum cma_phase phase, other;

	for (phase = 0; phase < CMA_PHASES; phase++) {
		struct cma_effort effort = {};

		effort.ns[phase] = NSEC_PER_MSEC;
		cma_stat_effort(stat, &effort, 0);
		for (other = 0; other < CMA_PHASES; other++)
			KUNIT_EXPECT_EQ(test, (long)(other <= phase),
					stat_times(stat, other));
	}
}

/**
 * struct stat_time - how long something took
 * @ns: that long
 * @bucket: where it counts
 */
struct stat_time {
	u64 ns;
	unsigned int bucket;
};

static const struct stat_time stat_time_cases[] = {
	{ 0, 0 }, { 1, 0 }, { 999, 0 }, { 1000, 1 }, { 1999, 1 },
	{ 2000, 2 }, { 3999, 2 }, { 4000, 3 }, { 7999, 3 },
	{ NSEC_PER_MSEC, 10 }, { 1024 * NSEC_PER_USEC - 1, 10 },
	{ 1024 * NSEC_PER_USEC, 11 }, { NSEC_PER_SEC, 20 },
	{ 2ULL * NSEC_PER_SEC, STAT_LAST },
	{ 3600ULL * NSEC_PER_SEC, STAT_LAST }, { U64_MAX, STAT_LAST },
};

static void stat_time_name(const struct stat_time *time, char *text)
{
	snprintf(text, KUNIT_PARAM_DESC_SIZE, "%llu ns", time->ns);
}

KUNIT_ARRAY_PARAM(stat_time, stat_time_cases, stat_time_name);

static void stat_of_time_is_in_its_bucket(struct kunit *test)
{
	const struct stat_time *time = test->param_value;
	struct cma_stat *stat = stat_new(test);

	cma_stat_released(stat, 1, time->ns);
	KUNIT_EXPECT_EQ(test, 1L, stat_times(stat, CMA_PHASE_RELEASE));
	KUNIT_EXPECT_EQ(test, 1L,
			atomic_long_read(&stat->times[CMA_PHASE_RELEASE]
						     [time->bucket]));
}

/* Where one bucket ends the next one begins. */
static void stat_of_buckets_has_no_gap(struct kunit *test)
{
	struct cma_stat *stat = stat_new(test);
	atomic_long_t *times = stat->times[CMA_PHASE_WAIT];
	unsigned int bucket;

	for (bucket = 0; bucket < STAT_LAST; bucket++) {
		u64 end = (1ULL << bucket) * NSEC_PER_USEC;
		struct cma_effort effort = { .ns[CMA_PHASE_WAIT] = end - 1 };

		cma_stat_effort(stat, &effort, 0);
		KUNIT_EXPECT_EQ(test, bucket ? 2L : 1L,
				atomic_long_read(&times[bucket]));
		effort.ns[CMA_PHASE_WAIT] = end;
		cma_stat_effort(stat, &effort, 0);
		KUNIT_EXPECT_EQ(test, 1L, atomic_long_read(&times[bucket + 1]));
	}
	KUNIT_EXPECT_EQ(test, 2L * STAT_LAST, stat_times(stat, CMA_PHASE_WAIT));
}

static void stat_shows_in_vmstat(struct kunit *test)
{
	struct cma_stat *stat = stat_new(test);
	unsigned long *before = cma_levels_events(test), *after;

	if (!IS_ENABLED(CONFIG_VM_EVENT_COUNTERS))
		kunit_skip(test, "events of memory management are not counted");
	stat_alloc(stat, 10);
	stat_alloc(stat, 10);
	cma_failure_count(stat, 10, CMA_FAIL_BUSY);
	cma_stat_released(stat, 10, 0);
	after = cma_levels_events(test);
	KUNIT_EXPECT_EQ(test, 2UL, after[CMA_ALLOC_SUCCESS] -
				   before[CMA_ALLOC_SUCCESS]);
	KUNIT_EXPECT_EQ(test, 1UL, after[CMA_ALLOC_FAIL] -
				   before[CMA_ALLOC_FAIL]);
}

static struct kunit_case stat_tests[] = {
	KUNIT_CASE(stat_of_allocations),
	KUNIT_CASE(stat_of_failures_is_by_cause),
	KUNIT_CASE(stat_of_releases),
	KUNIT_CASE(stat_of_held_pages_does_not_wrap),
	KUNIT_CASE(stat_of_peak_is_the_most_ever_held),
	KUNIT_CASE(stat_of_sums_is_wide),
	KUNIT_CASE(stat_of_effort_adds_up),
	KUNIT_CASE(stat_of_phases_is_kept_apart),
	KUNIT_CASE_PARAM(stat_of_time_is_in_its_bucket, stat_time_gen_params),
	KUNIT_CASE(stat_of_buckets_has_no_gap),
	KUNIT_CASE(stat_shows_in_vmstat),
	{}
};

static struct kunit_suite stat_suite = {
	.name = "cma_stat",
	.test_cases = stat_tests,
};

kunit_test_suite(stat_suite);
