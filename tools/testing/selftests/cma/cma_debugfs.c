// SPDX-License-Identifier: GPL-2.0
/* Allocation and release by hand: <debugfs>/cma/<area>/alloc and free. */
#include "cma_test.h"
#include "kselftest_harness.h"

/* What is one page, or none, for who keeps only 32 bits of a number. */
#define BEYOND_32_BITS	(1ull << 32)
/* More than any area has. */
#define ALL		0x7fffffffull
#define ROUNDS		50
#define PROCESSES	4

FIXTURE(debugfs)
{
	struct cma_areas areas;
};

FIXTURE_SETUP(debugfs)
{
	const char *why = cma_find(&self->areas);

	if (why)
		SKIP(return, "%s", why);
}

FIXTURE_TEARDOWN(debugfs)
{
	cma_give_back(&self->areas);
}

/* Calls @test for each area, and skips if no area has the slots that @test wants. */
static void for_each(struct __test_metadata *_metadata, const struct cma_areas *areas,
		     bool (*wanted)(const struct cma_area *a),
		     void (*test)(struct __test_metadata *_metadata, const struct cma_area *a))
{
	unsigned int i, done = 0;

	for (i = 0; i < areas->count; i++) {
		const struct cma_area *a = &areas->at[i];

		if (!cma_chunk(a) || (wanted && !wanted(a)))
			continue;
		test(_metadata, a);
		done++;
	}
	if (!done)
		SKIP(return, "no area has what this test wants");
}

static bool has_slots_of_one_page(const struct cma_area *a)
{
	return !a->order && cma_chunk(a) >= 16;
}

static bool has_large_slots(const struct cma_area *a)
{
	return a->order && cma_debugfs(a, "maxchunk") >= 4 << a->order;
}

static void used_follows(struct __test_metadata *_metadata, const struct cma_area *a)
{
	unsigned long pages = cma_chunk(a);

	ASSERT_EQ(0, cma_put(a, "alloc", pages));
	EXPECT_EQ(a->used + pages, cma_debugfs(a, "used"));
	EXPECT_EQ(0, cma_put(a, "free", pages));
	EXPECT_EQ(a->used, cma_debugfs(a, "used"));
}

TEST_F(debugfs, used_goes_up_and_down)
{
	for_each(_metadata, &self->areas, NULL, used_follows);
}

/* How many slots were taken since @before; -1 if one was given back, or they are apart. */
static long new_bits(const unsigned char *before, const unsigned char *now, unsigned long slots)
{
	unsigned long i, bits = 0, last = 0;

	for (i = 0; i < slots; i++) {
		if (before[i] == now[i])
			continue;
		if (before[i] || (bits && last + 1 != i))
			return -1;
		bits++;
		last = i;
	}
	return bits;
}

static void bits_follow(struct __test_metadata *_metadata, const struct cma_area *a)
{
	unsigned char *before = cma_bitmap(a), *held, *after;
	unsigned long pages = cma_chunk(a);

	ASSERT_TRUE(!!before);
	ASSERT_EQ(0, cma_put(a, "alloc", pages));
	held = cma_bitmap(a);
	ASSERT_TRUE(!!held);
	EXPECT_EQ(pages >> a->order, new_bits(before, held, cma_slots(a)));
	ASSERT_EQ(0, cma_put(a, "free", pages));
	after = cma_bitmap(a);
	ASSERT_TRUE(!!after);
	EXPECT_EQ(0, memcmp(before, after, cma_slots(a)));
}

TEST_F(debugfs, bitmap_has_exactly_the_bits)
{
	for_each(_metadata, &self->areas, NULL, bits_follow);
}

static void check_maxchunk(struct __test_metadata *_metadata, const struct cma_area *a)
{
	unsigned long slot, run = 0, best = 0, set = 0;
	unsigned char *bits = cma_bitmap(a);

	ASSERT_TRUE(!!bits);
	for (slot = 0; slot < cma_slots(a); slot++) {
		set += bits[slot];
		run = bits[slot] ? 0 : run + 1;
		best = run > best ? run : best;
	}
	EXPECT_EQ(best << a->order, cma_debugfs(a, "maxchunk"));
	EXPECT_EQ(set << a->order, cma_debugfs(a, "used"));
	free(bits);
}

static void maxchunk_follows(struct __test_metadata *_metadata, const struct cma_area *a)
{
	unsigned long pages = cma_chunk(a);

	check_maxchunk(_metadata, a);
	ASSERT_EQ(0, cma_put(a, "alloc", pages));
	ASSERT_EQ(0, cma_put(a, "alloc", 1ul << a->order));
	check_maxchunk(_metadata, a);
	EXPECT_EQ(0, cma_put(a, "free", pages + (1ul << a->order)));
	check_maxchunk(_metadata, a);
}

TEST_F(debugfs, maxchunk_is_the_longest_gap)
{
	for_each(_metadata, &self->areas, NULL, maxchunk_follows);
}

static void check_counters(struct __test_metadata *_metadata, const struct cma_area *a)
{
	long long got = cma_sysfs(a, "alloc_pages_success");
	long long back = cma_sysfs(a, "release_pages_success");
	long long failed = cma_sysfs(a, "alloc_pages_fail");
	long long calls = cma_field("/proc/vmstat", "cma_alloc_success");
	unsigned long pages = cma_chunk(a);

	ASSERT_EQ(0, cma_put(a, "alloc", pages));
	EXPECT_EQ(got + pages, cma_sysfs(a, "alloc_pages_success"));
	EXPECT_EQ(back, cma_sysfs(a, "release_pages_success"));
	ASSERT_EQ(0, cma_put(a, "free", pages));
	EXPECT_EQ(got + pages, cma_sysfs(a, "alloc_pages_success"));
	EXPECT_EQ(back + pages, cma_sysfs(a, "release_pages_success"));
	EXPECT_EQ(failed, cma_sysfs(a, "alloc_pages_fail"));
	EXPECT_EQ(calls + 1, cma_field("/proc/vmstat", "cma_alloc_success"));
}

static bool is_in_sysfs(const struct cma_area *a)
{
	return cma_sysfs_has(a, "release_pages_success");
}

TEST_F(debugfs, counters_move_by_what_was_done)
{
	for_each(_metadata, &self->areas, is_in_sysfs, check_counters);
}

static void refuse_too_large(struct __test_metadata *_metadata, const struct cma_area *a)
{
	EXPECT_EQ(-ENOMEM, cma_put(a, "alloc", a->count + (1ul << a->order)));
	EXPECT_EQ(a->used, cma_debugfs(a, "used"));
}

TEST_F(debugfs, more_than_the_area_is_refused)
{
	for_each(_metadata, &self->areas, NULL, refuse_too_large);
}

/* Stock says that there is no memory for it. */
static void refuse_nothing(struct __test_metadata *_metadata, const struct cma_area *a)
{
	EXPECT_EQ(-EINVAL, cma_put(a, "alloc", 0));
	EXPECT_EQ(a->used, cma_debugfs(a, "used"));
}

TEST_F(debugfs, a_request_for_nothing_is_refused)
{
	for_each(_metadata, &self->areas, NULL, refuse_nothing);
}

/* Stock keeps 32 bits of the number: it allocates a slot and is content. */
static void refuse_beyond(struct __test_metadata *_metadata, const struct cma_area *a)
{
	EXPECT_GT(0, cma_put(a, "alloc", BEYOND_32_BITS + (1ul << a->order)));
	EXPECT_EQ(a->used, cma_debugfs(a, "used"));
}

TEST_F(debugfs, a_large_number_is_not_cut_to_a_small_one)
{
	for_each(_metadata, &self->areas, NULL, refuse_beyond);
}

/* More than there is gives back all. Stock keeps 32 bits of the number, which are 0. */
static void free_beyond(struct __test_metadata *_metadata, const struct cma_area *a)
{
	ASSERT_EQ(0, cma_put(a, "alloc", 1ul << a->order));
	EXPECT_EQ(0, cma_put(a, "free", BEYOND_32_BITS));
	EXPECT_LE(0, cma_debugfs(a, "used"));
	EXPECT_LE(cma_debugfs(a, "used"), a->used);
}

TEST_F(debugfs, a_large_number_gives_back_all)
{
	for_each(_metadata, &self->areas, NULL, free_beyond);
}

static void refuse_words(struct __test_metadata *_metadata, const struct cma_area *a)
{
	static const char * const words[] = { "-1", "many", "1 page", "18446744073709551616" };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		EXPECT_GT(0, cma_put_text(a, "alloc", words[i])) {
			TH_LOG("%s: alloc took '%s'", a->name, words[i]);
		}
		EXPECT_GT(0, cma_put_text(a, "free", words[i])) {
			TH_LOG("%s: free took '%s'", a->name, words[i]);
		}
	}
	EXPECT_EQ(a->used, cma_debugfs(a, "used"));
}

TEST_F(debugfs, what_is_no_number_is_refused)
{
	for_each(_metadata, &self->areas, NULL, refuse_words);
}

/* The latest first; of the one before, a part. */
static void free_parts(struct __test_metadata *_metadata, const struct cma_area *a)
{
	ASSERT_EQ(0, cma_put(a, "alloc", 8));
	ASSERT_EQ(0, cma_put(a, "alloc", 4));
	EXPECT_EQ(0, cma_put(a, "free", 6));
	EXPECT_EQ(a->used + 6, cma_debugfs(a, "used"));
	EXPECT_EQ(0, cma_put(a, "free", 5));
	EXPECT_EQ(a->used + 1, cma_debugfs(a, "used"));
	EXPECT_EQ(0, cma_put(a, "free", 1));
	EXPECT_EQ(a->used, cma_debugfs(a, "used"));
}

TEST_F(debugfs, parts_are_given_back)
{
	for_each(_metadata, &self->areas, has_slots_of_one_page, free_parts);
}

/* Stock says that it has given them back. */
static void refuse_part_of_slots(struct __test_metadata *_metadata, const struct cma_area *a)
{
	unsigned long slot = 1ul << a->order;

	ASSERT_EQ(0, cma_put(a, "alloc", 2 * slot));
	EXPECT_EQ(-EINVAL, cma_put(a, "free", slot));
	EXPECT_EQ(a->used + 2 * slot, cma_debugfs(a, "used"));
	EXPECT_EQ(0, cma_put(a, "free", 2 * slot));
	EXPECT_EQ(a->used, cma_debugfs(a, "used"));
}

TEST_F(debugfs, a_part_of_large_slots_is_refused)
{
	for_each(_metadata, &self->areas, has_large_slots, refuse_part_of_slots);
}

static void free_nothing(struct __test_metadata *_metadata, const struct cma_area *a)
{
	long long used, back = cma_sysfs(a, "release_pages_success");

	ASSERT_EQ(0, cma_put(a, "alloc", 1ul << a->order));
	EXPECT_EQ(0, cma_put(a, "free", ALL));
	used = cma_debugfs(a, "used");
	EXPECT_LE(0, used);
	EXPECT_LE(used, a->used);
	EXPECT_EQ(0, cma_put(a, "free", ALL));
	EXPECT_EQ(used, cma_debugfs(a, "used"));
	if (back >= 0)
		EXPECT_EQ(back + (1 << a->order), cma_sysfs(a, "release_pages_success"));
}

TEST_F(debugfs, nothing_is_given_back_twice)
{
	for_each(_metadata, &self->areas, NULL, free_nothing);
}

/* The page allocator may have the pages on lists that CmaFree does not count. */
static long long free_and_waiting(void)
{
	long long waiting = cma_field("/proc/zoneinfo", "count:");

	cma_write("/proc/sys/vm/stat_refresh", "1");
	return cma_field("/proc/vmstat", "nr_free_cma") + (waiting > 0 ? waiting : 0);
}

static void check_free(struct __test_metadata *_metadata, const struct cma_area *a)
{
	unsigned long pages = cma_debugfs(a, "maxchunk") / 2 >> a->order << a->order;
	long long before, held, after;
	unsigned int tries = 50;

	/* Who had borrowed these pages is elsewhere after the first time. */
	ASSERT_EQ(0, cma_put(a, "alloc", pages));
	cma_write("/proc/sys/vm/stat_refresh", "1");
	held = cma_field("/proc/vmstat", "nr_free_cma");
	ASSERT_EQ(0, cma_put(a, "free", pages));
	before = held + pages;
	do {
		after = free_and_waiting();
		usleep(20000);
	} while (after < before && tries--);
	/* Others may borrow a few pages at any time. */
	ASSERT_LE(0, held);
	EXPECT_LE(before - (long long)pages / 10, after);
}

TEST_F(debugfs, free_pages_come_back)
{
	for_each(_metadata, &self->areas, NULL, check_free);
}

static void take_all(struct __test_metadata *_metadata, const struct cma_area *a)
{
	unsigned int tries = 5;
	unsigned long got;

	do
		got = cma_take_all(a);
	while (got + a->used < a->count && tries--);
	EXPECT_EQ(a->count, got + a->used);
	EXPECT_EQ(a->used, cma_debugfs(a, "used"));
}

TEST_F_TIMEOUT(debugfs, all_of_an_area_can_be_allocated, 120)
{
	for_each(_metadata, &self->areas, NULL, take_all);
}

/* Returns how many requests failed. All processes ask for as much, and return as much. */
static unsigned int take_and_free(const struct cma_area *a, unsigned long pages)
{
	unsigned int i, failed = 0;

	for (i = 0; i < ROUNDS; i++)
		if (cma_put(a, "alloc", pages) || cma_put(a, "free", pages))
			failed++;
	return failed;
}

static void take_at_once(struct __test_metadata *_metadata, const struct cma_area *a)
{
	unsigned long pages = cma_chunk(a) / PROCESSES >> a->order << a->order;
	unsigned int i, bad = 0;
	int status;

	pages = pages ? pages : 1ul << a->order;
	for (i = 0; i < PROCESSES; i++)
		if (!fork())
			_exit(!!take_and_free(a, pages));
	for (i = 0; i < PROCESSES; i++)
		bad += wait(&status) < 0 || status;
	EXPECT_EQ(0, bad);
	EXPECT_EQ(a->used, cma_debugfs(a, "used"));
}

static bool has_room_for_all(const struct cma_area *a)
{
	return cma_debugfs(a, "maxchunk") >= PROCESSES << a->order;
}

TEST_F_TIMEOUT(debugfs, several_processes_at_once, 120)
{
	for_each(_metadata, &self->areas, has_room_for_all, take_at_once);
}

TEST_HARNESS_MAIN
