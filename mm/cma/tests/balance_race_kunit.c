// SPDX-License-Identifier: GPL-2.0
/*
 * balance.c: before the OOM killer, when there is nothing to move, and beside
 * others who do the same or the opposite.
 */
#include <linux/completion.h>
#include <linux/gfp.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/sched.h>

#include "../../internal.h"
#include "../balance.h"
#include "../cma.h"
#include "borrow.h"
#include "shortage.h"

#define BLOCKS CMA_SHORTAGE_BLOCKS
#define CALLS 300

static unsigned long balance_race_reclaim(void)
{
	struct alloc_context zones = cma_shortage_zones();

	return cma_balance_reclaim(GFP_KERNEL, &zones);
}

/* The OOM killer runs when there is no room that may be used, or little to move. */
static void balance_race_oom_killer_waits_while_pages_move(struct kunit *test)
{
	struct cma_shortage *shortage = cma_shortage_open(test);
	struct zone *zone = shortage->model->zone;
	int calls = CALLS;

	cma_shortage_fill(shortage);
	cma_shortage_pretend(shortage);
	while (cma_shortage_moved(shortage) < BLOCKS * BLOCK) {
		KUNIT_ASSERT_GT(test, calls--, 0);
		KUNIT_ASSERT_TRUE(test, cma_balance_room(zone) ||
				  cma_shortage_moved(shortage) + 32 >
				  BLOCKS * BLOCK);
		if (!balance_race_reclaim())
			cma_shortage_pause(shortage);
	}
	KUNIT_EXPECT_TRUE(test, cma_shortage_is_intact(shortage));
	cma_model_check(shortage->model);
}

static void balance_race_oom_killer_gets_its_way(struct kunit *test)
{
	struct cma_shortage *shortage = cma_shortage_open(test);
	struct zone *zone = shortage->model->zone;
	int call;

	cma_shortage_pretend(shortage);
	for (call = 0; call < CALLS && cma_balance_room(zone); call++)
		balance_race_reclaim();
	KUNIT_EXPECT_EQ(test, 0UL, cma_balance_room(zone));
}

static bool balance_race_may_compact(struct zone *zone, unsigned int alloc_flags,
				     enum migrate_mode mode)
{
	struct compact_control cc = {
		.zone = zone,
		.order = PAGE_ALLOC_COSTLY_ORDER + 1,
		.highest_zoneidx = zone_idx(zone),
		.alloc_flags = alloc_flags,
		.mode = mode,
	};

	return cma_balance_may_compact(&cc);
}

/* A large page for somebody who cannot use areas is not made in an area. */
static void balance_race_compacts_where_it_helps(struct kunit *test)
{
	struct cma_shortage *shortage = cma_shortage_open(test);
	struct zone *zone = shortage->model->zone;
	unsigned long low = zone->_watermark[WMARK_LOW];
	bool plain, movable, patient;

	KUNIT_EXPECT_TRUE(test, balance_race_may_compact(zone, 0, MIGRATE_ASYNC));
	zone->_watermark[WMARK_LOW] = zone_page_state_snapshot(zone, NR_FREE_PAGES);
	plain = balance_race_may_compact(zone, 0, MIGRATE_ASYNC);
	movable = balance_race_may_compact(zone, ALLOC_CMA, MIGRATE_ASYNC);
	patient = balance_race_may_compact(zone, 0, MIGRATE_SYNC_LIGHT);
	zone->_watermark[WMARK_LOW] = low;
	KUNIT_EXPECT_FALSE(test, plain);
	KUNIT_EXPECT_TRUE(test, movable);
	KUNIT_EXPECT_TRUE(test, patient);
}

/* An allocation that fails for other reasons than a lack of memory. */
static void balance_race_without_shortage_moves_nothing(struct kunit *test)
{
	struct cma_shortage *shortage = cma_shortage_open(test);
	struct cma_balance_events before = cma_shortage_events(), events;
	int call;

	cma_shortage_fill(shortage);
	for (call = 0; call < CALLS; call++)
		KUNIT_EXPECT_EQ(test, 0UL, balance_race_reclaim());
	events = cma_shortage_since(&before);
	KUNIT_EXPECT_EQ(test, 0UL, events.moved + events.source);
	KUNIT_EXPECT_EQ(test, 0UL, cma_shortage_moved(shortage));
}

static void balance_race_hold(struct cma_shortage *shortage, bool hold)
{
	unsigned long pfn;
	unsigned int i;

	for (i = 0; i < BLOCKS; i++)
		for (pfn = shortage->block[i].start;
		     pfn < shortage->block[i].end; pfn++)
			if (hold)
				get_page(pfn_to_page(pfn));
			else
				put_page(pfn_to_page(pfn));
}

/*
 * Nothing can be moved at first. When it can, that is found out after a while,
 * not at once. On a slow machine that may have passed; how long it is at least
 * is for another test.
 */
static void balance_race_deferred_node_is_left_alone(struct kunit *test)
{
	struct cma_shortage *shortage = cma_shortage_open(test);
	unsigned long since;

	cma_shortage_fill(shortage);
	cma_shortage_pretend(shortage);
	balance_race_hold(shortage, true);
	cma_shortage_reclaim(CALLS);
	/* Room is not what is missing. */
	cma_shortage_pause(shortage);
	cma_shortage_reclaim(CALLS);
	drain_all_pages(shortage->model->zone);
	since = jiffies;
	balance_race_hold(shortage, false);
	if (time_before(jiffies, since + HZ / 20))
		KUNIT_EXPECT_EQ(test, 0UL, cma_shortage_reclaim(100).moved);
	KUNIT_EXPECT_GT(test,
			cma_shortage_reclaim_until_moved(shortage, CALLS).moved,
			0UL);
	KUNIT_EXPECT_TRUE(test, cma_shortage_is_intact(shortage));
	cma_model_check(shortage->model);
}

/**
 * struct balance_race_thread - somebody in need of memory
 * @done: the thread has ended
 * @stop: it shall, once it has done its calls
 * @moved: pages it has moved
 */
struct balance_race_thread {
	struct completion done;
	bool stop;
	unsigned long moved;
};

#define RACE_THREADS 2

static int balance_race_run(void *data)
{
	struct balance_race_thread *thread = data;
	int call;

	for (call = 0; call < CALLS || !READ_ONCE(thread->stop); call++) {
		thread->moved += cma_balance_step(0, GFP_KERNEL, 64);
		cond_resched();
	}
	complete(&thread->done);
	return 0;
}

static void balance_race_start(struct kunit *test,
			       struct balance_race_thread *threads)
{
	struct task_struct *task;
	int i;

	for (i = 0; i < RACE_THREADS; i++) {
		init_completion(&threads[i].done);
		task = kthread_run(balance_race_run, &threads[i], "cma-race/%d",
				   i);
		if (IS_ERR(task)) {
			KUNIT_FAIL(test, "no thread");
			complete(&threads[i].done);
		}
	}
}

static unsigned long balance_race_moved(struct balance_race_thread *threads)
{
	unsigned long moved = 0;
	int i;

	for (i = 0; i < RACE_THREADS; i++)
		moved += READ_ONCE(threads[i].moved);
	return moved;
}

static unsigned long balance_race_end(struct balance_race_thread *threads)
{
	int i;

	for (i = 0; i < RACE_THREADS; i++)
		WRITE_ONCE(threads[i].stop, true);
	for (i = 0; i < RACE_THREADS; i++)
		wait_for_completion(&threads[i].done);
	return balance_race_moved(threads);
}

static void balance_race_of_two_loses_nothing(struct kunit *test)
{
	struct balance_race_thread threads[RACE_THREADS] = {};
	struct cma_shortage *shortage = cma_shortage_open(test);
	struct cma_balance_events before, events;
	unsigned long moved;

	cma_shortage_fill(shortage);
	before = cma_shortage_events();
	balance_race_start(test, threads);
	moved = balance_race_end(threads);
	events = cma_shortage_since(&before);
	KUNIT_EXPECT_EQ(test, moved, events.moved);
	KUNIT_EXPECT_EQ(test, BLOCKS * BLOCK, cma_shortage_moved(shortage));
	KUNIT_EXPECT_TRUE(test, cma_shortage_is_intact(shortage));
	cma_model_check(shortage->model);
}

#define RACE_ROUNDS	60
#define RACE_MOVES	(2 * BLOCKS * BLOCK)
#define RACE_MOST	(60 * HZ)

/*
 * What a driver has is moved out for it, and moved in again afterwards: until
 * all of it has gone back and forth, however slow the machine is.
 */
static void balance_race_beside_allocations(struct kunit *test)
{
	struct balance_race_thread threads[RACE_THREADS] = {};
	struct cma_shortage *shortage = cma_shortage_open(test);
	unsigned long pages = cma_model_pages(shortage->model);
	struct cma *area = &shortage->model->area;
	unsigned long end = jiffies + RACE_MOST;
	int round, got = 0;

	cma_shortage_fill(shortage);
	balance_race_start(test, threads);
	for (round = 0; round < RACE_ROUNDS ||
	     (balance_race_moved(threads) <= RACE_MOVES && time_before(jiffies, end));
	     round++) {
		struct page *page = cma_alloc(area, pages, 0, false);

		got += !!page;
		schedule_timeout_uninterruptible(1);
		if (page)
			KUNIT_EXPECT_TRUE(test, cma_release(area, page, pages));
		schedule_timeout_uninterruptible(1);
	}
	KUNIT_EXPECT_GT(test, balance_race_end(threads), RACE_MOVES);
	KUNIT_EXPECT_EQ(test, round, got);
	KUNIT_EXPECT_TRUE(test, cma_shortage_is_intact(shortage));
	cma_model_check(shortage->model);
}

static struct kunit_case balance_race_tests[] = {
	KUNIT_CASE(balance_race_oom_killer_waits_while_pages_move),
	KUNIT_CASE(balance_race_oom_killer_gets_its_way),
	KUNIT_CASE(balance_race_compacts_where_it_helps),
	KUNIT_CASE(balance_race_without_shortage_moves_nothing),
	KUNIT_CASE(balance_race_deferred_node_is_left_alone),
	KUNIT_CASE(balance_race_of_two_loses_nothing),
	KUNIT_CASE(balance_race_beside_allocations),
	{}
};

static struct kunit_suite balance_race_suite = {
	.name = "cma_balance_race",
	.test_cases = balance_race_tests,
};

kunit_test_suite(balance_race_suite);
