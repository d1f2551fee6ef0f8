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
		unsigned long moved = cma_balance_pages(0, GFP_KERNEL, 100);

		sum += moved;
		most = max(most, moved);
	}
	events = cma_shortage_since(&before);
	KUNIT_EXPECT_EQ(test, BLOCKS * BLOCK, cma_shortage_moved(shortage));
	KUNIT_EXPECT_LE(test, most, 100 + BLOCK);
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
		KUNIT_EXPECT_EQ(test, 0UL, cma_balance_pages(0, GFP_KERNEL, 0));
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
		cma_balance_pages(0, GFP_KERNEL, BLOCK);
	events = cma_shortage_since(&before);
	folio_unlock(folio);
	KUNIT_EXPECT_GT(test, events.unmovable, 0UL);
	KUNIT_EXPECT_EQ(test, BLOCKS * BLOCK - 1, cma_shortage_moved(shortage));
	KUNIT_EXPECT_TRUE(test, cma_shortage_is_intact(shortage));
}

/* Reclaim gets to know that there was progress. */
static void balance_tells_reclaim(struct kunit *test)
{
	struct cma_shortage *shortage = cma_shortage_open(test);
	struct reclaim_state *old = current->reclaim_state;
	struct reclaim_state state = { .reclaimed = 7 };
	unsigned long sum = 0;
	int calls;

	cma_shortage_fill(shortage);
	current->reclaim_state = &state;
	for (calls = 0; calls < CALLS; calls++)
		sum += cma_balance_pages(0, GFP_KERNEL, BLOCK);
	current->reclaim_state = old;
	KUNIT_EXPECT_GE(test, sum, BLOCKS * BLOCK);
	KUNIT_EXPECT_EQ(test, 7 + sum, state.reclaimed);
}

static struct cma_balance_events balance_shrink_as_kswapd(unsigned int calls)
{
	struct cma_balance_events events;

	cma_levels_fold();
	current->flags |= PF_KSWAPD;
	events = cma_shortage_shrink(calls);
	current->flags &= ~PF_KSWAPD;
	return events;
}

static void balance_is_driven_by_reclaim(struct kunit *test)
{
	struct cma_shortage *shortage = cma_shortage_open(test);
	struct cma_balance_events events;

	cma_shortage_fill(shortage);
	events = cma_shortage_shrink(CALLS);
	KUNIT_EXPECT_EQ(test, 0UL,
			events.moved + events.unmovable + events.room +
			events.source + events.quiet);
	cma_shortage_pretend(shortage);
	events = cma_shortage_shrink_until_moved(shortage, CALLS);
	KUNIT_EXPECT_GE(test, events.moved, BLOCKS * BLOCK);
	KUNIT_EXPECT_EQ(test, BLOCKS * BLOCK, cma_shortage_moved(shortage));
	KUNIT_EXPECT_TRUE(test, cma_shortage_is_intact(shortage));
	cma_model_check(shortage->model);
}

/* One batch for each call of reclaim, whatever there is. */
static void balance_is_done_in_batches(struct kunit *test)
{
	struct cma_shortage *shortage = cma_shortage_open(test);
	unsigned long most = 0;
	int calls;

	cma_shortage_fill(shortage);
	cma_shortage_pretend(shortage);
	for (calls = 0; calls < CALLS; calls++) {
		most = max(most, cma_shortage_shrink(1).moved);
		if (!most && calls % (CALLS / CMA_SHORTAGE_PAUSES) == 0)
			cma_shortage_pause(shortage);
	}
	KUNIT_EXPECT_GT(test, most, 0UL);
	KUNIT_EXPECT_LE(test, most, 512 + BLOCK);
}

static void balance_needs_room(struct kunit *test)
{
	struct cma_shortage *shortage = cma_shortage_open(test);
	unsigned long pages = cma_model_pages(shortage->model);
	struct cma_balance_events events;
	struct page *page = cma_model_alloc(shortage->model, pages - 63, 0);

	KUNIT_ASSERT_NOT_NULL(test, page);
	cma_shortage_fill(shortage);
	cma_shortage_pretend(shortage);
	events = cma_shortage_shrink(CALLS);
	KUNIT_EXPECT_EQ(test, (unsigned long)CALLS, events.room);
	KUNIT_EXPECT_EQ(test, 0UL, events.moved);
	cma_model_release(shortage->model, cma_range_of(page_to_pfn(page), 1));
	events = cma_shortage_shrink_until_moved(shortage, CALLS);
	KUNIT_EXPECT_EQ(test, 64UL, events.moved);
	KUNIT_EXPECT_GT(test, events.room, 0UL);
	KUNIT_EXPECT_TRUE(test, cma_shortage_is_intact(shortage));
}

/*
 * There is something to move, a need for it, and all of the area for room; what
 * tests before this one did is forgotten, on a slow machine as well.
 */
static struct cma_shortage *balance_open(struct kunit *test)
{
	struct cma_shortage *shortage = cma_shortage_open(test);

	cma_shortage_fill(shortage);
	schedule_timeout_uninterruptible(2 * HZ + 2);
	cma_shortage_pretend(shortage);
	return shortage;
}

/* Those who work ahead do not fill up again what drivers have just used. */
static void balance_keeps_room_for_drivers(struct kunit *test)
{
	struct cma_shortage *shortage = balance_open(test);
	unsigned long pages = cma_model_pages(shortage->model);
	struct cma_balance_events events;

	cma_balance_note_evacuation(0, pages - 300);
	cma_balance_note_evacuation(0, 300 - 63);
	events = balance_shrink_as_kswapd(10);
	KUNIT_EXPECT_EQ(test, 10UL, events.quiet);
	KUNIT_EXPECT_EQ(test, 0UL, events.moved + events.room + events.source);
	KUNIT_EXPECT_EQ(test, 0UL, cma_shortage_moved(shortage));
	events = cma_shortage_shrink_until_moved(shortage, CALLS);
	KUNIT_EXPECT_EQ(test, 0UL, events.quiet);
	KUNIT_EXPECT_GT(test, events.moved, 0UL);
}

static void balance_forgets_drivers(struct kunit *test)
{
	struct cma_shortage *shortage = balance_open(test);
	unsigned long pages = cma_model_pages(shortage->model);
	struct cma_balance_events events;

	cma_balance_note_evacuation(0, pages);
	events = balance_shrink_as_kswapd(1);
	KUNIT_EXPECT_EQ(test, 1UL, events.quiet);
	schedule_timeout_uninterruptible(HZ + 2);
	current->flags |= PF_KSWAPD;
	events = cma_shortage_shrink_until_moved(shortage, CALLS);
	current->flags &= ~PF_KSWAPD;
	KUNIT_EXPECT_EQ(test, 0UL, events.quiet);
	KUNIT_EXPECT_GT(test, events.moved, 0UL);
}

/* To the page, and not a page more than that. Only the second call may move. */
static void balance_keeps_no_more_room_than_that(struct kunit *test)
{
	struct cma_shortage *shortage = balance_open(test);
	unsigned long pages = cma_model_pages(shortage->model);
	struct cma_balance_events events;

	cma_balance_note_evacuation(0, pages - 63);
	events = balance_shrink_as_kswapd(1);
	KUNIT_EXPECT_EQ(test, 1UL, events.quiet);
	schedule_timeout_uninterruptible(HZ + 2);
	cma_balance_note_evacuation(0, pages - 64);
	events = balance_shrink_as_kswapd(1);
	KUNIT_EXPECT_EQ(test, 0UL, events.quiet);
	KUNIT_EXPECT_GT(test, events.moved + events.unmovable + events.source, 0UL);
}

static struct kunit_case balance_tests[] = {
	KUNIT_CASE(balance_is_needed_in_need_only),
	KUNIT_CASE(balance_moves_a_bit_at_a_time),
	KUNIT_CASE(balance_of_nothing),
	KUNIT_CASE(balance_counts_what_is_stuck),
	KUNIT_CASE(balance_tells_reclaim),
	KUNIT_CASE(balance_is_driven_by_reclaim),
	KUNIT_CASE(balance_is_done_in_batches),
	KUNIT_CASE(balance_needs_room),
	KUNIT_CASE(balance_keeps_room_for_drivers),
	KUNIT_CASE(balance_keeps_no_more_room_than_that),
	KUNIT_CASE(balance_forgets_drivers),
	{}
};

static struct kunit_suite balance_suite = {
	.name = "cma_balance",
	.test_cases = balance_tests,
};

kunit_test_suite(balance_suite);
