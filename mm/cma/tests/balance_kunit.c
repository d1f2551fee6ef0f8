// SPDX-License-Identifier: GPL-2.0
/*
 * balance.c: when something is done, how much, and that it counts; by direct
 * calls and by reclaim.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/swap.h>

#include "../../internal.h"
#include "../balance.h"
#include "../cma.h"
#include "shortage.h"

#define BLOCKS CMA_SHORTAGE_BLOCKS
/* Calls in which a whole round and the next one find what there is. */
#define CALLS 300

static void balance_is_needed_in_need_only(struct kunit *test)
{
	struct cma_shortage *shortage = cma_shortage_open(test);
	long room = cma_model_pages(shortage->model);

	KUNIT_EXPECT_FALSE(test, cma_balance_is_needed(0, GFP_KERNEL));
	cma_shortage_set_marks(shortage, -room / 2);
	KUNIT_EXPECT_FALSE(test, cma_balance_is_needed(0, GFP_KERNEL));
	kunit_release_action(test, cma_shortage_end, shortage);
	/* Free pages of areas are enough of them, and do not count. */
	cma_shortage_set_marks(shortage, room / 2);
	KUNIT_EXPECT_TRUE(test, cma_balance_is_needed(0, GFP_KERNEL));
	KUNIT_EXPECT_TRUE(test, cma_balance_is_needed(0, GFP_NOIO));
	KUNIT_EXPECT_TRUE(test, cma_balance_is_needed(0, GFP_HIGHUSER));
	KUNIT_EXPECT_FALSE(test,
			   cma_balance_is_needed(0, GFP_HIGHUSER_MOVABLE));
	KUNIT_EXPECT_FALSE(test, cma_balance_is_needed(0, GFP_KERNEL |
						       __GFP_MOVABLE));
}

/* Each call is bounded, and all are counted. */
static void balance_moves_a_bit_at_a_time(struct kunit *test)
{
	struct cma_shortage *shortage = cma_shortage_open(test);
	struct cma_balance_events before = cma_shortage_events(), events;
	unsigned long sum = 0, most = 0;
	int calls;

	cma_shortage_fill(shortage);
	for (calls = 0; calls < CALLS && sum < BLOCKS * BLOCK; calls++) {
		unsigned long moved = cma_balance_step(0, GFP_KERNEL, 100);

		sum += moved;
		most = max(most, moved);
	}
	events = cma_shortage_since(&before);
	KUNIT_EXPECT_EQ(test, BLOCKS * BLOCK, cma_shortage_moved(shortage));
	KUNIT_EXPECT_LE(test, most, 100UL + 32);
	KUNIT_EXPECT_EQ(test, sum, events.moved);
	KUNIT_EXPECT_EQ(test, 0UL, events.room + events.source + events.quiet);
	KUNIT_EXPECT_TRUE(test, cma_shortage_is_intact(shortage));
	cma_model_check(shortage->model);
}

static void balance_of_nothing(struct kunit *test)
{
	struct cma_shortage *shortage = cma_shortage_open(test);
	int calls;

	cma_shortage_fill(shortage);
	for (calls = 0; calls < CALLS; calls++)
		KUNIT_EXPECT_EQ(test, 0UL, cma_balance_step(0, GFP_KERNEL, 0));
	KUNIT_EXPECT_EQ(test, 0UL, cma_shortage_moved(shortage));
}

static void balance_counts_what_is_stuck(struct kunit *test)
{
	struct cma_shortage *shortage = cma_shortage_open(test);
	struct cma_balance_events before, events;
	struct folio *folio;
	int calls;

	cma_shortage_fill(shortage);
	folio = pfn_folio(shortage->block[0].start + 5);
	folio_lock(folio);
	before = cma_shortage_events();
	for (calls = 0; calls < CALLS; calls++)
		cma_balance_step(0, GFP_KERNEL, BLOCK);
	events = cma_shortage_since(&before);
	folio_unlock(folio);
	KUNIT_EXPECT_GT(test, events.unmovable, 0UL);
	KUNIT_EXPECT_EQ(test, BLOCKS * BLOCK - 1, cma_shortage_moved(shortage));
	KUNIT_EXPECT_TRUE(test, cma_shortage_is_intact(shortage));
}

/* As kswapd does it; it looks for itself whether that was enough. */
static struct cma_balance_events balance_as_kswapd(unsigned int calls)
{
	struct cma_balance_events before = cma_shortage_events();
	unsigned long reclaimed = 0;

	cma_levels_fold();
	current->flags |= PF_KSWAPD;
	while (calls--)
		cma_balance_kswapd(NODE_DATA(0), &reclaimed);
	current->flags &= ~PF_KSWAPD;
	return cma_shortage_since(&before);
}

/* As often as it takes until what other tests did is forgotten. */
static bool balance_done_as_kswapd(unsigned long *reclaimed)
{
	int seconds = 20;
	bool done = false;

	while (!done && seconds--) {
		current->flags |= PF_KSWAPD;
		done = cma_balance_kswapd(NODE_DATA(0), reclaimed);
		current->flags &= ~PF_KSWAPD;
		if (!done)
			schedule_timeout_uninterruptible(HZ);
	}
	return done;
}

/* kswapd need not reclaim any more, and knows what was moved in its place. */
static void balance_tells_kswapd(struct kunit *test)
{
	struct cma_shortage *shortage = cma_shortage_open(test);
	struct cma_balance_events before = cma_shortage_events();
	unsigned long reclaimed = 7;

	cma_shortage_fill(shortage);
	KUNIT_EXPECT_FALSE(test, cma_balance_kswapd(NODE_DATA(0), &reclaimed));
	KUNIT_EXPECT_EQ(test, 7UL, reclaimed);
	cma_levels_fold();
	cma_shortage_set_marks(shortage, 40);
	KUNIT_EXPECT_TRUE(test, balance_done_as_kswapd(&reclaimed));
	KUNIT_EXPECT_EQ(test, 7 + cma_shortage_since(&before).moved, reclaimed);
	KUNIT_EXPECT_TRUE(test, cma_shortage_is_intact(shortage));
}

/* It goes to sleep when nothing helps, and a page that was moved helped. */
static void balance_wakes_hopeless_kswapd(struct kunit *test)
{
	struct cma_shortage *shortage = cma_shortage_open(test);

	cma_shortage_fill(shortage);
	cma_shortage_pretend(shortage);
	NODE_DATA(0)->kswapd_failures = 3;
	cma_shortage_reclaim_until_moved(shortage, CALLS);
	KUNIT_EXPECT_EQ(test, 0, NODE_DATA(0)->kswapd_failures);
}

/* What is free below a boosted mark is out of reach: low memory was used up for that. */
static void balance_knows_boosts(struct kunit *test)
{
	struct cma_shortage *shortage = cma_shortage_open(test);
	struct zone *zone = shortage->model->zone;
	long room = cma_model_pages(shortage->model);
	bool needed;

	cma_shortage_set_marks(shortage, -room);
	zone->watermark_boost = 2 * room;
	current->flags |= PF_KSWAPD;
	needed = cma_balance_is_needed(0, GFP_KERNEL);
	current->flags &= ~PF_KSWAPD;
	zone->watermark_boost = 0;
	KUNIT_EXPECT_TRUE(test, needed);
	KUNIT_EXPECT_FALSE(test, cma_balance_is_needed(0, GFP_KERNEL));
}

static void balance_comes_before_reclaim(struct kunit *test)
{
	struct cma_shortage *shortage = cma_shortage_open(test);
	struct cma_balance_events events;
	unsigned int passes;

	cma_shortage_fill(shortage);
	events = cma_shortage_reclaim(CALLS);
	KUNIT_EXPECT_EQ(test, 0UL,
			events.moved + events.unmovable + events.room +
			events.source + events.quiet);
	cma_shortage_pretend(shortage);
	for (passes = 0; passes < BLOCKS * BLOCK / 32 &&
	     cma_shortage_moved(shortage) < BLOCKS * BLOCK; passes++)
		cma_shortage_reclaim_until_moved(shortage, CALLS);
	KUNIT_EXPECT_EQ(test, BLOCKS * BLOCK, cma_shortage_moved(shortage));
	KUNIT_EXPECT_TRUE(test, cma_shortage_is_intact(shortage));
	cma_model_check(shortage->model);
}

/* One batch for each call, whatever there is. */
static void balance_is_done_in_batches(struct kunit *test)
{
	struct cma_shortage *shortage = cma_shortage_open(test);
	unsigned long most = 0;
	int calls;

	cma_shortage_fill(shortage);
	cma_shortage_pretend(shortage);
	for (calls = 0; calls < CALLS; calls++) {
		most = max(most, cma_shortage_reclaim(1).moved);
		if (!most && calls % (CALLS / CMA_SHORTAGE_PAUSES) == 0)
			cma_shortage_pause(shortage);
	}
	KUNIT_EXPECT_GT(test, most, 0UL);
	KUNIT_EXPECT_LE(test, most, 32UL + 32);
}

static void balance_needs_room(struct kunit *test)
{
	struct cma_shortage *shortage = cma_shortage_open(test);
	unsigned long pages = cma_model_pages(shortage->model);
	struct cma_balance_events events;
	struct page *page = cma_model_alloc(shortage->model, pages - 31, 0);

	KUNIT_ASSERT_NOT_NULL(test, page);
	cma_shortage_fill(shortage);
	cma_shortage_pretend(shortage);
	events = cma_shortage_reclaim(CALLS);
	KUNIT_EXPECT_EQ(test, (unsigned long)CALLS, events.room);
	KUNIT_EXPECT_EQ(test, 0UL, events.moved);
	cma_model_release(shortage->model, cma_range_of(page_to_pfn(page), 1));
	events = cma_shortage_reclaim_until_moved(shortage, CALLS);
	KUNIT_EXPECT_EQ(test, 32UL, events.moved);
	KUNIT_EXPECT_GT(test, events.room, 0UL);
	KUNIT_EXPECT_TRUE(test, cma_shortage_is_intact(shortage));
}

/* Those who work ahead do not fill up again what drivers have just used. */
static void balance_keeps_room_for_drivers(struct kunit *test)
{
	unsigned long uptime = (jiffies - INITIAL_JIFFIES) / HZ;
	struct cma_shortage *shortage = cma_shortage_open(test);
	struct cma_balance_events events;

	cma_shortage_fill(shortage);
	cma_shortage_pretend(shortage);
	/* As many in each second, whenever it was that kswapd asked last. */
	atomic64_add(cma_model_pages(shortage->model) * (uptime + 1),
		     &shortage->model->lender->stat.moved);
	events = balance_as_kswapd(10);
	KUNIT_EXPECT_GE(test, events.quiet, 10UL);
	KUNIT_EXPECT_EQ(test, 0UL, events.moved + events.room + events.source);
	KUNIT_EXPECT_EQ(test, 0UL, cma_shortage_moved(shortage));
	events = cma_shortage_reclaim_until_moved(shortage, CALLS);
	KUNIT_EXPECT_EQ(test, 0UL, events.quiet);
	KUNIT_EXPECT_GT(test, events.moved, 0UL);
}

static void balance_evacuated_open(struct cma_evacuated *evacuated)
{
	*evacuated = (struct cma_evacuated){ .since = jiffies };
	spin_lock_init(&evacuated->lock);
}

/* What several buffers of a driver take in a second is wanted again. */
static void balance_adds_up_what_was_evacuated(struct kunit *test)
{
	struct cma_evacuated evacuated;

	balance_evacuated_open(&evacuated);
	cma_evacuated_add(&evacuated, 100);
	cma_evacuated_add(&evacuated, 28);
	KUNIT_EXPECT_EQ(test, 128UL, cma_evacuated_add(&evacuated, 0));
	evacuated.since -= HZ;
	KUNIT_EXPECT_EQ(test, 128UL, cma_evacuated_add(&evacuated, 0));
	evacuated.since -= HZ;
	KUNIT_EXPECT_EQ(test, 64UL, cma_evacuated_add(&evacuated, 0));
	evacuated.since -= 3 * HZ;
	KUNIT_EXPECT_EQ(test, 8UL, cma_evacuated_add(&evacuated, 0));
	evacuated.since -= 1000UL * HZ;
	KUNIT_EXPECT_EQ(test, 0UL, cma_evacuated_add(&evacuated, 0));
}

/* A driver that takes and gives back for hours: balance.md, F9. */
static void balance_forgets_the_sum_of_many_seconds(struct kunit *test)
{
	struct cma_evacuated evacuated;
	int seconds;

	balance_evacuated_open(&evacuated);
	for (seconds = 0; seconds < 10000; seconds++) {
		cma_evacuated_add(&evacuated, 100);
		evacuated.since -= HZ;
	}
	KUNIT_EXPECT_EQ(test, 100UL, cma_evacuated_add(&evacuated, 0));
	cma_evacuated_add(&evacuated, 30);
	KUNIT_EXPECT_EQ(test, 100UL, cma_evacuated_add(&evacuated, 0));
}

/* All that was evacuated since kswapd ran last once counted as of this second. */
static void balance_evacuated_long_ago_is_not_of_now(struct kunit *test)
{
	struct cma_evacuated evacuated;

	balance_evacuated_open(&evacuated);
	evacuated.since -= 10UL * HZ;
	KUNIT_EXPECT_EQ(test, 100UL, cma_evacuated_add(&evacuated, 1000));
}

static struct kunit_case balance_tests[] = {
	KUNIT_CASE(balance_is_needed_in_need_only),
	KUNIT_CASE(balance_moves_a_bit_at_a_time),
	KUNIT_CASE(balance_of_nothing),
	KUNIT_CASE(balance_counts_what_is_stuck),
	KUNIT_CASE(balance_tells_kswapd),
	KUNIT_CASE(balance_wakes_hopeless_kswapd),
	KUNIT_CASE(balance_knows_boosts),
	KUNIT_CASE(balance_comes_before_reclaim),
	KUNIT_CASE(balance_is_done_in_batches),
	KUNIT_CASE(balance_needs_room),
	KUNIT_CASE(balance_keeps_room_for_drivers),
	KUNIT_CASE(balance_adds_up_what_was_evacuated),
	KUNIT_CASE(balance_evacuated_long_ago_is_not_of_now),
	KUNIT_CASE(balance_forgets_the_sum_of_many_seconds),
	{}
};

static struct kunit_suite balance_suite = {
	.name = "cma_balance",
	.test_cases = balance_tests,
};

kunit_test_suite(balance_suite);
