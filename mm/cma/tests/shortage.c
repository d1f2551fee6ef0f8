// SPDX-License-Identifier: GPL-2.0
/*
 * A shortage of regular memory, see shortage.h.
 */
#include <linux/gfp.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/vmstat.h>

#include "../balance.h"
#include "outside.h"
#include "shortage.h"

/**
 * cma_shortage_events() - read what is counted
 *
 * Context: a test.
 * Return: the counters.
 */
struct cma_balance_events cma_shortage_events(void)
{
	static unsigned long events[NR_VM_EVENT_ITEMS];

	all_vm_events(events);
	return (struct cma_balance_events){
		.moved = events[CMA_BALANCE_MOVED],
		.unmovable = events[CMA_BALANCE_STUCK],
		.room = events[CMA_BALANCE_REFUSED_ROOM],
		.source = events[CMA_BALANCE_REFUSED_SOURCE],
		.quiet = events[CMA_BALANCE_REFUSED_QUIET],
	};
}

/**
 * cma_shortage_since() - what has been counted since
 * @before: the counters as they were
 *
 * Context: a test.
 * Return: by how much each has grown.
 */
struct cma_balance_events
cma_shortage_since(const struct cma_balance_events *before)
{
	struct cma_balance_events now = cma_shortage_events();

	return (struct cma_balance_events){
		.moved = now.moved - before->moved,
		.unmovable = now.unmovable - before->unmovable,
		.room = now.room - before->room,
		.source = now.source - before->source,
		.quiet = now.quiet - before->quiet,
	};
}

/**
 * cma_shortage_open() - have an area that is the only one with room
 * @test: the test
 *
 * Context: a test; it fails and ends when there is none.
 * Return: the shortage; it lives as long as the test runs.
 */
struct cma_shortage *cma_shortage_open(struct kunit *test)
{
	struct cma_shortage *shortage = kunit_kzalloc(test, sizeof(*shortage),
						      GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, shortage);
	shortage->model = cma_model_open_blocks(test, CMA_SHORTAGE_BLOCKS + 1);
	cma_outside_close_lender(shortage->model);
	return shortage;
}

/* A test before this one may have found nothing. */
static void cma_shortage_await_walk(struct cma_shortage *shortage)
{
	int pauses = CMA_SHORTAGE_PAUSES;

	while (!cma_balance_room(shortage->model->zone) && pauses--)
		schedule_timeout_uninterruptible(HZ / 2);
}

/**
 * cma_shortage_fill() - fill pageblocks of regular memory
 * @shortage: the shortage
 *
 * Context: a test.
 */
void cma_shortage_fill(struct cma_shortage *shortage)
{
	unsigned int i;

	for (i = 0; i < CMA_SHORTAGE_BLOCKS; i++) {
		shortage->anon[i] = cma_anon_open(shortage->model, BLOCK, 0);
		shortage->block[i] = cma_outside_take(shortage->model);
		cma_anon_put_in(shortage->anon[i], shortage->block[i].start, 1);
	}
	cma_shortage_await_walk(shortage);
	cma_model_check(shortage->model);
}

/**
 * cma_shortage_moved() - how much is in the area?
 * @shortage: the shortage
 *
 * Context: a test.
 * Return: pages of those that were filled into regular memory.
 */
unsigned long cma_shortage_moved(struct cma_shortage *shortage)
{
	unsigned long moved = 0;
	unsigned int i;

	for (i = 0; i < CMA_SHORTAGE_BLOCKS; i++)
		moved += cma_anon_inside_any_area(shortage->anon[i]);
	return moved;
}

/**
 * cma_shortage_is_intact() - has what was filled in its content?
 * @shortage: the shortage
 *
 * Context: a test.
 * Return: true when each page is right.
 */
bool cma_shortage_is_intact(struct cma_shortage *shortage)
{
	bool intact = true;
	unsigned int i;

	for (i = 0; i < CMA_SHORTAGE_BLOCKS; i++)
		intact &= cma_anon_is_intact(shortage->anon[i]);
	return intact;
}

/**
 * cma_shortage_end() - there is memory again
 * @data: the shortage
 *
 * Context: a test; done at its end unless it was done before.
 */
void cma_shortage_end(void *data)
{
	struct cma_shortage *shortage = data;
	unsigned int i;

	for (i = 0; i < MAX_NR_ZONES; i++)
		NODE_DATA(0)->node_zones[i]._watermark[WMARK_HIGH] =
			shortage->marks[i];
}

/**
 * cma_shortage_set_marks() - set the high watermarks
 * @shortage: the shortage
 * @more: pages above what is free of regular memory, or below it
 *
 * Only those who look at the high watermark get to see that: nobody but
 * reclaim, which has no reason to begin.
 *
 * Context: a test; it lasts until cma_shortage_end().
 */
void cma_shortage_set_marks(struct cma_shortage *shortage, long more)
{
	struct kunit *test = shortage->model->test;
	unsigned int i;

	for (i = 0; i < MAX_NR_ZONES; i++) {
		struct zone *zone = &NODE_DATA(0)->node_zones[i];

		shortage->marks[i] = zone->_watermark[WMARK_HIGH];
		zone->watermark_boost = 0;
		zone->_watermark[WMARK_HIGH] =
			zone_page_state_snapshot(zone, NR_FREE_PAGES) -
			zone_page_state_snapshot(zone, NR_FREE_CMA_PAGES) +
			more;
	}
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, cma_shortage_end,
						  shortage));
}

/**
 * cma_shortage_pause() - wait until a node is no longer left alone
 * @shortage: the shortage
 *
 * What failed is tried again then.
 *
 * Context: a test.
 */
void cma_shortage_pause(struct cma_shortage *shortage)
{
	schedule_timeout_uninterruptible(HZ / 2);
	drain_all_pages(shortage->model->zone);
}

/**
 * cma_shortage_pretend() - regular memory is short, whatever becomes free
 * @shortage: the shortage
 *
 * Context: a test.
 */
void cma_shortage_pretend(struct cma_shortage *shortage)
{
	cma_shortage_pause(shortage);
	cma_shortage_set_marks(shortage, totalram_pages());
}

/**
 * cma_shortage_zones() - what an unmovable allocation of node 0 may use
 *
 * Context: a test.
 * Return: the zones, for cma_balance_reclaim().
 */
struct alloc_context cma_shortage_zones(void)
{
	return (struct alloc_context){
		.zonelist = node_zonelist(0, GFP_KERNEL),
		.highest_zoneidx = gfp_zone(GFP_KERNEL),
		.migratetype = MIGRATE_UNMOVABLE,
	};
}

/**
 * cma_shortage_reclaim() - do as allocations do before they reclaim
 * @calls: how often
 *
 * Context: a test.
 * Return: what has been counted.
 */
struct cma_balance_events cma_shortage_reclaim(unsigned int calls)
{
	struct cma_balance_events before = cma_shortage_events();
	struct alloc_context zones = cma_shortage_zones();

	while (calls--)
		cma_balance_reclaim(GFP_KERNEL, &zones);
	return cma_shortage_since(&before);
}

/**
 * cma_shortage_reclaim_until_moved() - do as allocations do, until that helps
 * @shortage: the shortage
 * @calls: how often at a time
 *
 * A round that another test began may move nothing, and so may the one before
 * there was something to move.
 *
 * Context: a test.
 * Return: what has been counted.
 */
struct cma_balance_events
cma_shortage_reclaim_until_moved(struct cma_shortage *shortage,
				 unsigned int calls)
{
	struct cma_balance_events before = cma_shortage_events(), since = {};
	int pauses = CMA_SHORTAGE_PAUSES;

	while (!since.moved && pauses--) {
		cma_shortage_reclaim(calls);
		since = cma_shortage_since(&before);
		if (!since.moved)
			cma_shortage_pause(shortage);
	}
	return since;
}
