// SPDX-License-Identifier: GPL-2.0
/*
 * balance.c: each pageblock has its turn, and a zone that has nothing to give
 * is left alone.
 */
#include <linux/bitmap.h>
#include <linux/jiffies.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/page-isolation.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "../../internal.h"
#include "../balance.h"
#include "../compat.h"
#include "model.h"
#include "outside.h"

/* What is given at a time, unless the zone ends. */
#define UNIT min(pageblock_nr_pages, SZ_2M >> PAGE_SHIFT)
/* Pages that make a round a good one, and calls that end any round. */
#define WALK_MANY	1000
#define WALK_CALLS	100000

/**
 * struct balance_walk_log - a round of its own
 * @test: the test
 * @walk: where it is
 * @seen: units of UNIT pages that it was given
 * @twice: pages that it was given again
 */
struct balance_walk_log {
	struct kunit *test;
	struct cma_walk walk;
	unsigned long *seen;
	unsigned long twice;
};

static unsigned long balance_walk_units(const struct balance_walk_log *walk)
{
	return DIV_ROUND_UP(zone_end_pfn(walk->walk.zone), UNIT);
}

static void balance_walk_free(void *data)
{
	bitmap_free(data);
}

static struct balance_walk_log *balance_walk_open(struct kunit *test)
{
	struct balance_walk_log *walk = kunit_kzalloc(test, sizeof(*walk),
						      GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, walk);
	walk->test = test;
	walk->walk.zone = NODE_DATA(0)->node_zones + ZONE_NORMAL;
	spin_lock_init(&walk->walk.lock);
	walk->seen = bitmap_zalloc(balance_walk_units(walk), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, walk->seen);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, balance_walk_free,
						  walk->seen));
	return walk;
}

static void balance_walk_see(struct balance_walk_log *walk,
			     struct cma_range block)
{
	struct zone *zone = page_zone(pfn_to_page(block.start));

	KUNIT_EXPECT_LT(walk->test, block.start, block.end);
	KUNIT_EXPECT_LE(walk->test, block.end, zone_end_pfn(zone));
	KUNIT_EXPECT_LE(walk->test, block.end, pageblock_end_pfn(block.start));
	for (; block.start < block.end; block.start += UNIT)
		walk->twice += __test_and_set_bit(block.start / UNIT,
						  walk->seen);
}

static bool balance_walk_has_seen(const struct balance_walk_log *walk,
				  struct cma_range block)
{
	unsigned long end = DIV_ROUND_UP(block.end, UNIT);

	return find_next_bit(walk->seen, end, block.start / UNIT) < end;
}

static void balance_walk_note(struct balance_walk_log *walk,
			      unsigned long nr_moved, bool partial)
{
	struct cma_transfer transfer = {
		.moved = nr_moved, .partial = partial,
	};

	walk->walk.at_work += !walk->walk.at_work;
	cma_walk_note(&walk->walk, &transfer, cma_range_of(0, 0));
}

/* To the end of the round; a call before may find nothing. */
static void balance_walk_run(struct balance_walk_log *walk)
{
	unsigned int ended = walk->walk.ended;
	struct cma_range block;
	int calls = WALK_CALLS;

	bitmap_zero(walk->seen, balance_walk_units(walk));
	walk->twice = 0;
	while (walk->walk.ended == ended && --calls)
		if (cma_walk_next(&walk->walk, &block)) {
			balance_walk_see(walk, block);
			balance_walk_note(walk, 0, false);
		}
	KUNIT_EXPECT_GT(walk->test, calls, 0);
}

static bool balance_walk_is_regular(struct page *page)
{
	int type = get_pageblock_migratetype(page);

	return type == MIGRATE_MOVABLE || type == MIGRATE_UNMOVABLE ||
	       type == MIGRATE_RECLAIMABLE;
}

static struct cma_range balance_walk_first(struct balance_walk_log *walk)
{
	struct cma_range block = {};
	int calls = WALK_CALLS;

	while (calls-- && !cma_walk_next(&walk->walk, &block))
		;
	KUNIT_ASSERT_LT(walk->test, block.start, block.end);
	return block;
}

/* Exactly those that suit were given, and each of them once. */
static void balance_walk_expect(struct balance_walk_log *walk)
{
	unsigned long unit = walk->walk.zone->zone_start_pfn / UNIT;
	unsigned long wrong = 0, count = 0;

	for (; unit < balance_walk_units(walk); unit++) {
		unsigned long pfn = max(unit * UNIT,
					walk->walk.zone->zone_start_pfn);
		struct page *page = pfn_to_online_page(pfn);
		bool want = page && page_zone(page) == walk->walk.zone &&
			    balance_walk_is_regular(page);

		wrong += want != test_bit(unit, walk->seen);
		count += want;
	}
	KUNIT_EXPECT_EQ(walk->test, 0UL, wrong);
	KUNIT_EXPECT_EQ(walk->test, 0UL, walk->twice);
	KUNIT_EXPECT_GT(walk->test, count, 10UL);
}

/* As where the memory of a zone does. A step once reached into the next one. */
static void balance_walk_begins_inside_a_pageblock(struct kunit *test)
{
	struct balance_walk_log *walk = balance_walk_open(test);
	struct zone *zone = walk->walk.zone;
	struct cma_range block;
	int calls = WALK_CALLS;

	walk->walk.pfn = pageblock_end_pfn(zone->zone_start_pfn +
					   zone->spanned_pages / 2) - 5;
	while (!cma_walk_next(&walk->walk, &block))
		KUNIT_ASSERT_GT(test, calls--, 0);
	balance_walk_see(walk, block);
	KUNIT_EXPECT_TRUE(test, IS_ALIGNED(block.end, UNIT));
}

static void balance_walk_gives_pageblocks_once(struct kunit *test)
{
	struct balance_walk_log *walk = balance_walk_open(test);

	balance_walk_run(walk);
	balance_walk_expect(walk);
	balance_walk_note(walk, WALK_MANY, false);
	balance_walk_run(walk);
	balance_walk_expect(walk);
}

/* That of MIGRATE_CMA pageblocks: there is a whole area of them. */
static void balance_walk_leaves_areas_and_isolated_alone(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 2);
	struct balance_walk_log *walk = balance_walk_open(test);
	struct cma_range block = cma_outside_take(model);
	bool isolated, area;

	cma_outside_give(model, block);
	KUNIT_ASSERT_EQ(test, 0,
			start_isolate_page_range(block.start, block.end,
						 MIGRATE_MOVABLE, 0,
						 GFP_KERNEL));
	balance_walk_run(walk);
	balance_walk_expect(walk);
	isolated = balance_walk_has_seen(walk, block);
	area = balance_walk_has_seen(walk, model->area.range);
	undo_isolate_page_range(block.start, block.end, MIGRATE_MOVABLE);
	KUNIT_EXPECT_FALSE(test, isolated);
	KUNIT_EXPECT_FALSE(test, area);
	balance_walk_run(walk);
	KUNIT_EXPECT_TRUE(test, balance_walk_has_seen(walk, block));
}

/* The defers, in eighths of a second: each twice as long, up to a limit. */
static void balance_walk_that_finds_nothing_is_deferred(struct kunit *test)
{
	static const unsigned int eighths[] = { 2, 4, 8, 16, 16 };
	struct balance_walk_log *walk = balance_walk_open(test);
	unsigned int i;

	KUNIT_EXPECT_FALSE(test, cma_walk_is_deferred(&walk->walk));
	for (i = 0; i < ARRAY_SIZE(eighths); i++) {
		balance_walk_note(walk, 16, false);
		balance_walk_note(walk, 15, false);
		balance_walk_run(walk);
		KUNIT_EXPECT_TRUE(test, cma_walk_is_deferred(&walk->walk));
		KUNIT_EXPECT_EQ(test, eighths[i] * (HZ / 4UL) / 2,
				walk->walk.deferred_for);
		walk->walk.deferred_since -= walk->walk.deferred_for + 1;
	}
	balance_walk_note(walk, 16, false);
	balance_walk_note(walk, 16, false);
	balance_walk_run(walk);
	KUNIT_EXPECT_FALSE(test, cma_walk_is_deferred(&walk->walk));
	balance_walk_run(walk);
	KUNIT_EXPECT_EQ(test, HZ / 4UL, walk->walk.deferred_for);
}

/* Then all kinds of memory are moved for some time. */
static void balance_walk_notes_rounds_without_page_cache(struct kunit *test)
{
	struct balance_walk_log *walk = balance_walk_open(test);
	const struct cma_transfer little = { .only_cache = true, .moved = 31 };
	const struct cma_transfer enough = { .only_cache = true, .moved = 32 };

	cma_walk_note(&walk->walk, &enough, (struct cma_range){ });
	balance_walk_run(walk);
	KUNIT_EXPECT_EQ(test, 0UL, walk->walk.cacheless_at);
	cma_walk_note(&walk->walk, &little, (struct cma_range){ });
	balance_walk_run(walk);
	KUNIT_EXPECT_NE(test, 0UL, walk->walk.cacheless_at);
	walk->walk.cacheless_at = 0;
	balance_walk_run(walk);
	KUNIT_EXPECT_EQ(test, 0UL, walk->walk.cacheless_at);
}

static void balance_walk_is_deferred_for_a_while(struct kunit *test)
{
	struct balance_walk_log *walk = balance_walk_open(test);

	balance_walk_run(walk);
	KUNIT_ASSERT_TRUE(test, cma_walk_is_deferred(&walk->walk));
	walk->walk.deferred_since = jiffies - HZ / 10;
	KUNIT_EXPECT_TRUE(test, cma_walk_is_deferred(&walk->walk));
	walk->walk.deferred_since = jiffies - HZ;
	KUNIT_EXPECT_FALSE(test, cma_walk_is_deferred(&walk->walk));
	/* It was found out that time has passed, and jiffies may wrap now. */
	walk->walk.deferred_since = jiffies;
	KUNIT_EXPECT_FALSE(test, cma_walk_is_deferred(&walk->walk));
}

/* Somebody who leaves pages out in each round would keep all others from the OOM killer. */
static void balance_walk_that_always_skips_is_deferred(struct kunit *test)
{
	struct balance_walk_log *walk = balance_walk_open(test);
	int rounds;

	for (rounds = 1; rounds <= 8; rounds++) {
		balance_walk_note(walk, 0, true);
		balance_walk_run(walk);
		KUNIT_EXPECT_EQ(test, rounds == 8,
				cma_walk_is_deferred(&walk->walk));
	}
}

/* An allocation was once given up since a round of long ago ended, which found nothing. */
static void balance_walk_of_long_ago_does_not_count(struct kunit *test)
{
	struct balance_walk_log *walk = balance_walk_open(test);

	balance_walk_first(walk);
	balance_walk_note(walk, 0, false);
	walk->walk.stepped = jiffies - HZ;
	balance_walk_run(walk);
	KUNIT_EXPECT_FALSE(test, cma_walk_is_deferred(&walk->walk));
	balance_walk_run(walk);
	KUNIT_EXPECT_TRUE(test, cma_walk_is_deferred(&walk->walk));
}

/* What somebody else moves meanwhile ends the pause; a demand was once given up. */
static void balance_walk_goes_on_when_others_move_something(struct kunit *test)
{
	struct balance_walk_log *walk = balance_walk_open(test);

	walk->walk.at_work = 1;
	balance_walk_run(walk);
	KUNIT_EXPECT_TRUE(test, cma_walk_is_deferred(&walk->walk));
	KUNIT_EXPECT_EQ(test, 1U, walk->walk.at_work);
	balance_walk_note(walk, 1, false);
	KUNIT_EXPECT_EQ(test, 0U, walk->walk.at_work);
	KUNIT_EXPECT_FALSE(test, cma_walk_is_deferred(&walk->walk));
}

/* Who cannot do everything does not know that there is nothing to do. */
static void balance_walk_that_skips_is_not_deferred(struct kunit *test)
{
	struct balance_walk_log *walk = balance_walk_open(test);

	balance_walk_note(walk, 0, true);
	balance_walk_note(walk, 0, false);
	balance_walk_run(walk);
	KUNIT_EXPECT_FALSE(test, cma_walk_is_deferred(&walk->walk));
	balance_walk_run(walk);
	KUNIT_EXPECT_TRUE(test, cma_walk_is_deferred(&walk->walk));
}

/*
 * What is ready for drivers is given a bit at a time. A walk that had no room once counted
 * as one that finds nothing, and the OOM killer ran beside 50 MiB that could be moved.
 */
static void balance_walk_without_room_is_not_deferred(struct kunit *test)
{
	struct balance_walk_log *walk = balance_walk_open(test);
	struct cma_transfer transfer = { .full = true };

	walk->walk.at_work += !walk->walk.at_work;
	cma_walk_note(&walk->walk, &transfer, cma_range_of(0, 0));
	balance_walk_run(walk);
	KUNIT_EXPECT_FALSE(test, cma_walk_is_deferred(&walk->walk));
}

static void balance_walk_goes_on_where_it_stopped(struct kunit *test)
{
	struct balance_walk_log *walk = balance_walk_open(test);
	struct cma_range first = balance_walk_first(walk);
	struct cma_range second = balance_walk_first(walk);

	KUNIT_EXPECT_GE(test, second.start, first.end);
	balance_walk_run(walk);
	KUNIT_EXPECT_FALSE(test, balance_walk_has_seen(walk, second));
	KUNIT_EXPECT_EQ(test, first.start, balance_walk_first(walk).start);
}

/* What was not worked on comes next, unless somebody has gone on from there. */
static void balance_walk_takes_the_rest_back(struct kunit *test)
{
	struct balance_walk_log *walk = balance_walk_open(test);
	struct cma_range first = balance_walk_first(walk), rest;
	struct cma_transfer none = {};
	struct cma_range second;

	rest = (struct cma_range){ first.start + 32, first.end };
	cma_walk_note(&walk->walk, &none, rest);
	second = balance_walk_first(walk);
	KUNIT_EXPECT_EQ(test, rest.start, second.start);
	KUNIT_EXPECT_EQ(test, rest.end, second.end);
	KUNIT_EXPECT_FALSE(test, walk->walk.partial);
	balance_walk_first(walk);
	cma_walk_note(&walk->walk, &none, rest);
	KUNIT_EXPECT_TRUE(test, walk->walk.partial);
	KUNIT_EXPECT_GE(test, balance_walk_first(walk).start, first.end);
}

/* A zone that says to reach where the pages of another one are gets none. */
static void balance_walk_keeps_to_its_zone(struct kunit *test)
{
	struct balance_walk_log *walk = balance_walk_open(test);
	struct zone *other = kunit_kzalloc(test, sizeof(*other), GFP_KERNEL);
	struct cma_range block;
	int calls = 0;

	KUNIT_ASSERT_NOT_NULL(test, other);
	other->zone_start_pfn = walk->walk.zone->zone_start_pfn;
	other->spanned_pages = walk->walk.zone->spanned_pages;
	walk->walk.zone = other;
	while (!walk->walk.ended && calls++ < WALK_CALLS)
		KUNIT_ASSERT_FALSE(test, cma_walk_next(&walk->walk, &block));
	KUNIT_EXPECT_GT(test, calls, 1);
	KUNIT_EXPECT_LT(test, calls, WALK_CALLS);
}

static struct kunit_case balance_walk_tests[] = {
	KUNIT_CASE(balance_walk_begins_inside_a_pageblock),
	KUNIT_CASE(balance_walk_gives_pageblocks_once),
	KUNIT_CASE(balance_walk_leaves_areas_and_isolated_alone),
	KUNIT_CASE(balance_walk_that_finds_nothing_is_deferred),
	KUNIT_CASE(balance_walk_notes_rounds_without_page_cache),
	KUNIT_CASE(balance_walk_is_deferred_for_a_while),
	KUNIT_CASE(balance_walk_that_skips_is_not_deferred),
	KUNIT_CASE(balance_walk_that_always_skips_is_deferred),
	KUNIT_CASE(balance_walk_goes_on_when_others_move_something),
	KUNIT_CASE(balance_walk_of_long_ago_does_not_count),
	KUNIT_CASE(balance_walk_without_room_is_not_deferred),
	KUNIT_CASE(balance_walk_goes_on_where_it_stopped),
	KUNIT_CASE(balance_walk_takes_the_rest_back),
	KUNIT_CASE(balance_walk_keeps_to_its_zone),
	{}
};

static struct kunit_suite balance_walk_suite = {
	.name = "cma_balance_walk",
	.test_cases = balance_walk_tests,
};

kunit_test_suite(balance_walk_suite);
