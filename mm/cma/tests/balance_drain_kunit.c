// SPDX-License-Identifier: GPL-2.0
/*
 * balance.c: pages on per-CPU lists become free, but not for ever.
 */
#include <linux/gfp.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/vmstat.h>
#include <kunit/test.h>

#include "../balance.h"

#define WAITING 24
#define USED 64
/* More often than that is a habit. */
#define OFTEN 3

static void balance_drain_free(void *pages)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, (struct list_head *)pages, lru) {
		list_del(&page->lru);
		__free_page(page);
	}
}

static struct list_head *balance_drain_open(struct kunit *test)
{
	struct list_head *pages = kunit_kzalloc(test, sizeof(*pages),
						GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, pages);
	INIT_LIST_HEAD(pages);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, balance_drain_free,
						  pages));
	return pages;
}

static void balance_drain_use(struct kunit *test, struct list_head *pages,
			      int count)
{
	struct page *page;

	while (count--) {
		page = alloc_page(GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, page);
		list_add(&page->lru, pages);
	}
}

/* What was just freed, one by one, is on the list of a CPU. */
static void balance_drain_wait(struct kunit *test)
{
	LIST_HEAD(waiting);

	balance_drain_use(test, &waiting, WAITING);
	balance_drain_free(&waiting);
}

/* With what CPUs keep of the counter. */
static unsigned long balance_drain_free_pages(void)
{
	unsigned long pages = 0;
	struct zone *zone;

	for_each_populated_zone(zone)
		pages += zone_page_state_snapshot(zone, NR_FREE_PAGES);
	return pages;
}

static void balance_drain_frees_what_waits(struct kunit *test)
{
	struct cma_drain drain = {};
	unsigned long before;

	balance_drain_wait(test);
	before = balance_drain_free_pages();
	KUNIT_EXPECT_TRUE(test, cma_drain_and_unboost(&drain, numa_node_id()));
	KUNIT_EXPECT_GE(test, balance_drain_free_pages(), before + WAITING);
}

static void balance_drain_of_this_cpu_frees_what_waits(struct kunit *test)
{
	unsigned long before;

	migrate_disable();
	balance_drain_wait(test);
	before = balance_drain_free_pages();
	cma_drain_local();
	KUNIT_EXPECT_GE(test, balance_drain_free_pages(), before + WAITING);
	migrate_enable();
}

static void balance_drain_ends_boosts(struct kunit *test)
{
	int nid = numa_node_id();
	struct zone *zone = NODE_DATA(nid)->node_zones + gfp_zone(GFP_KERNEL);
	struct cma_drain drain = {};
	unsigned long flags;

	spin_lock_irqsave(&zone->lock, flags);
	zone->watermark_boost = 2 * pageblock_nr_pages;
	spin_unlock_irqrestore(&zone->lock, flags);
	KUNIT_EXPECT_TRUE(test, cma_drain_and_unboost(&drain, nid));
	KUNIT_EXPECT_EQ(test, 0UL, zone->watermark_boost);
}

/* The OOM killer would wait for ever. */
static void balance_drain_is_no_habit(struct kunit *test)
{
	struct cma_drain drain = {};
	int times, nid = numa_node_id();

	for (times = 0; times < OFTEN; times++)
		KUNIT_EXPECT_TRUE(test, cma_drain_and_unboost(&drain, nid));
	KUNIT_EXPECT_FALSE(test, cma_drain_and_unboost(&drain, nid));
	drain.at -= 9 * HZ;
	KUNIT_EXPECT_FALSE(test, cma_drain_and_unboost(&drain, nid));
	drain.at -= 11 * HZ;
	KUNIT_EXPECT_TRUE(test, cma_drain_and_unboost(&drain, nid));
}

/* Others free and use memory all the time: no reason to wait for ever. */
static void balance_drain_ends_however_much_is_used_up(struct kunit *test)
{
	struct list_head *used = balance_drain_open(test);
	int nid = numa_node_id();
	struct cma_drain drain = {};

	KUNIT_EXPECT_TRUE(test, cma_drain_and_unboost(&drain, nid));
	balance_drain_use(test, used, USED);
	drain.since -= 9 * HZ;
	KUNIT_EXPECT_TRUE(test, cma_drain_and_unboost(&drain, nid));
	balance_drain_use(test, used, USED);
	drain.since -= 2 * HZ;
	KUNIT_EXPECT_FALSE(test, cma_drain_and_unboost(&drain, nid));
}

/* An area once gave 305 MiB in place of 470 while thousands of pages waited. */
static void balance_drain_goes_on_while_memory_is_used(struct kunit *test)
{
	struct list_head *used = balance_drain_open(test);
	struct cma_drain drain = {};
	int times;

	for (times = 0; times < 5 * OFTEN; times++) {
		KUNIT_EXPECT_TRUE(test, cma_drain_and_unboost(&drain,
							      numa_node_id()));
		balance_drain_use(test, used, USED);
	}
}

/* What was moved away made up for it, so that it looked like a habit. */
static void balance_drain_goes_on_while_gain_is_used_up(struct kunit *test)
{
	struct cma_drain drain = {};
	int times;

	for (times = 0; times < 3 * OFTEN; times++) {
		KUNIT_EXPECT_TRUE(test, cma_drain_and_unboost(&drain,
							      numa_node_id()));
		cma_drain_note_gain(&drain, USED);
	}
}

static struct kunit_case balance_drain_tests[] = {
	KUNIT_CASE(balance_drain_frees_what_waits),
	KUNIT_CASE(balance_drain_of_this_cpu_frees_what_waits),
	KUNIT_CASE(balance_drain_ends_boosts),
	KUNIT_CASE(balance_drain_is_no_habit),
	KUNIT_CASE(balance_drain_ends_however_much_is_used_up),
	KUNIT_CASE(balance_drain_goes_on_while_memory_is_used),
	KUNIT_CASE(balance_drain_goes_on_while_gain_is_used_up),
	{}
};

static struct kunit_suite balance_drain_suite = {
	.name = "cma_balance_drain",
	.test_cases = balance_drain_tests,
};

kunit_test_suite(balance_drain_suite);
