// SPDX-License-Identifier: GPL-2.0
/*
 * balance.c: each pageblock has its turn, and a node that has nothing to give
 * is left alone.
 */
#include <linux/bitmap.h>
#include <linux/jiffies.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/page-isolation.h>
#include <linux/slab.h>

#include "../../internal.h"
#include "../balance.h"
#include "../compat.h"
#include "model.h"
#include "outside.h"

/* Nothing smaller is given. */
#define UNIT min(pageblock_nr_pages, 512UL)
/* Pages that make a round a good one, and calls that end any round. */
#define WALK_MANY	1000
#define WALK_CALLS	100000

/**
 * struct balance_walk_log - a round of its own
 * @test: the test
 * @walk: where it is
 * @node: the node that it walks over
 * @seen: units of UNIT pages that it was given
 * @twice: pages that it was given again
 */
struct balance_walk_log {
	struct kunit *test;
	struct cma_walk walk;
	struct pglist_data *node;
	unsigned long *seen;
	unsigned long twice;
};

static unsigned long balance_walk_units(const struct balance_walk_log *walk)
{
	return DIV_ROUND_UP(pgdat_end_pfn(walk->node), UNIT);
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
	walk->node = NODE_DATA(0);
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

/* To the end of the round; a call before may find nothing. */
static void balance_walk_run(struct balance_walk_log *walk,
			     enum zone_type highest)
{
	unsigned int ended = cma_walk_rounds(&walk->walk);
	struct cma_range block;
	int calls = WALK_CALLS;

	bitmap_zero(walk->seen, balance_walk_units(walk));
	walk->twice = 0;
	while (cma_walk_rounds(&walk->walk) == ended && --calls)
		if (cma_walk_next(&walk->walk, walk->node, highest, &block))
			balance_walk_see(walk, block);
	KUNIT_EXPECT_GT(walk->test, calls, 0);
}

typedef bool balance_walk_suits_t(struct page *page);

static bool balance_walk_is_movable(struct page *page)
{
	return get_pageblock_migratetype(page) == MIGRATE_MOVABLE;
}

static bool balance_walk_is_regular(struct page *page)
{
	int type = get_pageblock_migratetype(page);

	return type == MIGRATE_MOVABLE || type == MIGRATE_UNMOVABLE ||
	       type == MIGRATE_RECLAIMABLE;
}

/* Exactly those that suit were given, and each of them once. */
static void balance_walk_expect(struct balance_walk_log *walk,
				balance_walk_suits_t *suits)
{
	unsigned long unit = walk->node->node_start_pfn / UNIT;
	unsigned long wrong = 0, count = 0;

	for (; unit < balance_walk_units(walk); unit++) {
		unsigned long pfn = max(unit * UNIT,
					walk->node->node_start_pfn);
		struct page *page = pfn_to_online_page(pfn);
		bool want = page && suits(page);

		wrong += want != test_bit(unit, walk->seen);
		count += want;
	}
	KUNIT_EXPECT_EQ(walk->test, 0UL, wrong);
	KUNIT_EXPECT_EQ(walk->test, 0UL, walk->twice);
	KUNIT_EXPECT_GT(walk->test, count, 10UL);
}

/* As where the memory of a node does. A step once reached into the next one. */
static void balance_walk_begins_inside_a_pageblock(struct kunit *test)
{
	struct balance_walk_log *walk = balance_walk_open(test);
	struct cma_range block;

	walk->walk.all = true;
	walk->walk.pfn = pageblock_end_pfn(walk->node->node_start_pfn +
					   walk->node->node_spanned_pages / 2) -
			 5;
	KUNIT_ASSERT_TRUE(test, cma_walk_next(&walk->walk, walk->node,
					      MAX_NR_ZONES - 1, &block));
	balance_walk_see(walk, block);
	KUNIT_EXPECT_TRUE(test, IS_ALIGNED(block.end, UNIT));
}

static void balance_walk_gives_movable_pageblocks_once(struct kunit *test)
{
	struct balance_walk_log *walk = balance_walk_open(test);

	balance_walk_run(walk, MAX_NR_ZONES - 1);
	balance_walk_expect(walk, balance_walk_is_movable);
	cma_walk_add_moved(&walk->walk, WALK_MANY);
	balance_walk_run(walk, MAX_NR_ZONES - 1);
	balance_walk_expect(walk, balance_walk_is_regular);
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
	balance_walk_run(walk, MAX_NR_ZONES - 1);
	balance_walk_expect(walk, balance_walk_is_movable);
	balance_walk_run(walk, MAX_NR_ZONES - 1);
	balance_walk_expect(walk, balance_walk_is_regular);
	isolated = balance_walk_has_seen(walk, block);
	area = balance_walk_has_seen(walk, model->area.range);
	undo_isolate_page_range(block.start, block.end, MIGRATE_MOVABLE);
	KUNIT_EXPECT_FALSE(test, isolated);
	KUNIT_EXPECT_FALSE(test, area);
	balance_walk_run(walk, MAX_NR_ZONES - 1);
	KUNIT_EXPECT_TRUE(test, balance_walk_has_seen(walk, block));
}

/**
 * struct balance_walk_turn - what a round moves, and what follows
 * @moved: pages, in two parts
 * @all: the next one is over all pageblocks
 * @deferred: the node is left alone
 */
struct balance_walk_turn {
	unsigned long moved[2];
	bool all;
	bool deferred;
};

static void balance_walk_take_turns(struct kunit *test,
				    const struct balance_walk_turn *turns,
				    unsigned int count)
{
	struct balance_walk_log *walk = balance_walk_open(test);
	unsigned int i;

	for (i = 0; i < count; i++) {
		cma_walk_add_moved(&walk->walk, turns[i].moved[0]);
		cma_walk_add_moved(&walk->walk, turns[i].moved[1]);
		balance_walk_run(walk, MAX_NR_ZONES - 1);
		KUNIT_EXPECT_EQ_MSG(test, turns[i].all, walk->walk.all,
				    "turn %u", i);
		KUNIT_EXPECT_EQ_MSG(test, turns[i].deferred,
				    cma_walk_is_deferred(&walk->walk),
				    "turn %u", i);
	}
}

static void balance_walk_over_all_comes_second(struct kunit *test)
{
	const struct balance_walk_turn turns[] = {
		{ { 1000, 0 }, false, false },
		{ { 16, 16 }, false, false },
		{ { 31, 0 }, true, false },
		{ { 31, 1 }, false, false },
		{ { 0, 0 }, true, false },
		{ { 1000, 0 }, false, false },
		{ { 0, 0 }, true, false },
	};

	balance_walk_take_turns(test, turns, ARRAY_SIZE(turns));
}

static void balance_walk_that_finds_nothing_is_deferred(struct kunit *test)
{
	const struct balance_walk_turn turns[] = {
		{ { 0, 0 }, true, false },
		{ { 0, 31 }, false, true },
	};

	balance_walk_take_turns(test, turns, ARRAY_SIZE(turns));
}

static void balance_walk_is_deferred_for_a_while(struct kunit *test)
{
	struct balance_walk_log *walk = balance_walk_open(test);

	balance_walk_run(walk, MAX_NR_ZONES - 1);
	balance_walk_run(walk, MAX_NR_ZONES - 1);
	KUNIT_ASSERT_TRUE(test, cma_walk_is_deferred(&walk->walk));
	walk->walk.deferred_since = jiffies - HZ / 10;
	KUNIT_EXPECT_TRUE(test, cma_walk_is_deferred(&walk->walk));
	walk->walk.deferred_since = jiffies - HZ;
	KUNIT_EXPECT_FALSE(test, cma_walk_is_deferred(&walk->walk));
	/* It was found out that time has passed, and jiffies may wrap now. */
	walk->walk.deferred_since = jiffies;
	KUNIT_EXPECT_FALSE(test, cma_walk_is_deferred(&walk->walk));
}

/* Who cannot do everything does not know that there is nothing to do. */
static void balance_walk_that_skips_is_not_deferred(struct kunit *test)
{
	struct balance_walk_log *walk = balance_walk_open(test);

	balance_walk_run(walk, MAX_NR_ZONES - 1);
	cma_walk_set_partial(&walk->walk);
	balance_walk_run(walk, MAX_NR_ZONES - 1);
	KUNIT_EXPECT_FALSE(test, cma_walk_is_deferred(&walk->walk));
	cma_walk_set_partial(&walk->walk);
	balance_walk_run(walk, MAX_NR_ZONES - 1);
	KUNIT_EXPECT_TRUE(test, walk->walk.all);
	balance_walk_run(walk, MAX_NR_ZONES - 1);
	KUNIT_EXPECT_TRUE(test, cma_walk_is_deferred(&walk->walk));
}

/* Whether UML, where there may be no others, has them or not. */
static void balance_walk_keeps_to_zones(struct kunit *test)
{
	struct balance_walk_log *walk = balance_walk_open(test);
	enum zone_type highest;

	for (highest = 0; highest < MAX_NR_ZONES; highest++) {
		unsigned long unit, above = 0;

		balance_walk_run(walk, highest);
		for_each_set_bit(unit, walk->seen, balance_walk_units(walk))
			above += page_zonenum(pfn_to_page(unit * UNIT)) >
				 highest;
		KUNIT_EXPECT_EQ(test, 0UL, above);
	}
}

static void balance_walk_goes_on_where_it_stopped(struct kunit *test)
{
	struct balance_walk_log *walk = balance_walk_open(test);
	struct cma_range first, second, third;

	KUNIT_ASSERT_TRUE(test, cma_walk_next(&walk->walk, walk->node,
					      MAX_NR_ZONES - 1, &first));
	KUNIT_ASSERT_TRUE(test, cma_walk_next(&walk->walk, walk->node,
					      MAX_NR_ZONES - 1, &second));
	KUNIT_EXPECT_GE(test, second.start, first.end);
	/* Else all pageblocks have their turn next. */
	cma_walk_add_moved(&walk->walk, WALK_MANY);
	balance_walk_run(walk, MAX_NR_ZONES - 1);
	KUNIT_EXPECT_FALSE(test, balance_walk_has_seen(walk, second));
	KUNIT_ASSERT_TRUE(test, cma_walk_next(&walk->walk, walk->node,
					      MAX_NR_ZONES - 1, &third));
	KUNIT_EXPECT_EQ(test, first.start, third.start);
}

/*
 * A node that says to reach where the pages of another one are gets none of
 * them, and a call ends long before all of its pageblocks are looked at.
 */
static void balance_walk_keeps_to_its_node(struct kunit *test)
{
	struct balance_walk_log *walk = balance_walk_open(test);
	struct pglist_data *other = kunit_kzalloc(test, sizeof(*other),
						  GFP_KERNEL);
	struct cma_range block;
	unsigned long half;
	int calls = 0;

	KUNIT_ASSERT_NOT_NULL(test, other);
	other->node_start_pfn = walk->node->node_start_pfn;
	other->node_spanned_pages = max(walk->node->node_spanned_pages,
					2048 * pageblock_nr_pages);
	half = other->node_start_pfn + other->node_spanned_pages / 2;
	do {
		KUNIT_ASSERT_FALSE(test, cma_walk_next(&walk->walk, other,
						       MAX_NR_ZONES - 1,
							&block));
		if (!calls++)
			KUNIT_EXPECT_LT(test, walk->walk.pfn, half);
	} while (!walk->walk.all && calls < WALK_CALLS);
	KUNIT_EXPECT_GT(test, calls, 1);
	KUNIT_EXPECT_LT(test, calls, WALK_CALLS);
}

static struct kunit_case balance_walk_tests[] = {
	KUNIT_CASE(balance_walk_begins_inside_a_pageblock),
	KUNIT_CASE(balance_walk_gives_movable_pageblocks_once),
	KUNIT_CASE(balance_walk_leaves_areas_and_isolated_alone),
	KUNIT_CASE(balance_walk_over_all_comes_second),
	KUNIT_CASE(balance_walk_that_finds_nothing_is_deferred),
	KUNIT_CASE(balance_walk_is_deferred_for_a_while),
	KUNIT_CASE(balance_walk_that_skips_is_not_deferred),
	KUNIT_CASE(balance_walk_keeps_to_zones),
	KUNIT_CASE(balance_walk_goes_on_where_it_stopped),
	KUNIT_CASE(balance_walk_keeps_to_its_node),
	{}
};

static struct kunit_suite balance_walk_suite = {
	.name = "cma_balance_walk",
	.test_cases = balance_walk_tests,
};

kunit_test_suite(balance_walk_suite);
