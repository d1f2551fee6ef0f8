// SPDX-License-Identifier: GPL-2.0
/*
 * Memory outside the area under test, see outside.h.
 */
#include <linux/gfp.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/page-isolation.h>

#include "../../internal.h"
#include "../engine.h"
#include "outside.h"

/**
 * cma_outside_take() - get a pageblock of regular memory
 * @model: the area under test
 *
 * Context: a test; it fails and ends when there is none.
 * Return: the pages, each of its own and with one reference; they are
 * MIGRATE_MOVABLE and live until the test gives them to somebody.
 */
struct cma_range cma_outside_take(struct cma_model *model)
{
	struct page *page = alloc_pages(GFP_KERNEL, pageblock_order);

	KUNIT_ASSERT_NOT_NULL(model->test, page);
	split_page(page, pageblock_order);
	/* As if somebody had asked for movable ones, but never of an area. */
	set_pageblock_migratetype(page, MIGRATE_MOVABLE);
	return cma_range_of(page_to_pfn(page), pageblock_nr_pages);
}

/**
 * cma_outside_give() - free pages
 * @model: the area under test
 * @range: pages of cma_outside_take() that nobody else has
 *
 * Context: a test.
 */
void cma_outside_give(struct cma_model *model, struct cma_range range)
{
	for (; range.start < range.end; range.start++)
		__free_page(pfn_to_page(range.start));
	drain_all_pages(model->zone);
}

/* The free chunk at @pfn, as far as it is in @range; else one page. */
static struct cma_range cma_outside_chunk(struct cma_range range,
					  unsigned long pfn, bool *is_free)
{
	struct cma_range chunk = cma_range_of(pfn, 1);
	struct page *page = pfn_to_page(pfn);

	*is_free = PageBuddy(page);
	if (*is_free)
		chunk.end = pfn + (1UL << buddy_order(page));
	return cma_range_and(chunk, range);
}

/**
 * cma_outside_free_pages() - how much of a range is free?
 * @range: pages of one zone
 *
 * Context: a test; pages in per-CPU lists do not count.
 * Return: pages.
 */
unsigned long cma_outside_free_pages(struct cma_range range)
{
	struct zone *zone = page_zone(pfn_to_page(range.start));
	unsigned long flags, pfn, pages = 0;
	struct cma_range chunk;
	bool is_free;

	spin_lock_irqsave(&zone->lock, flags);
	for (pfn = cma_buddy_chunk_start(range.start); pfn < range.end;
	     pfn = max(chunk.end, pfn + 1)) {
		chunk = cma_outside_chunk(range, pfn, &is_free);
		if (is_free)
			pages += cma_range_len(chunk);
	}
	spin_unlock_irqrestore(&zone->lock, flags);
	return pages;
}

/**
 * cma_outside_is_one_chunk() - is a range free as a whole?
 * @range: pages of one zone
 *
 * Context: a test; pages in per-CPU lists do not count.
 * Return: true when it is a free chunk, or a part of one.
 */
bool cma_outside_is_one_chunk(struct cma_range range)
{
	struct zone *zone = page_zone(pfn_to_page(range.start));
	unsigned long flags, pfn;
	bool is_free;

	spin_lock_irqsave(&zone->lock, flags);
	pfn = cma_buddy_chunk_start(range.start);
	is_free = PageBuddy(pfn_to_page(pfn)) &&
		  pfn + (1UL << buddy_order(pfn_to_page(pfn))) >= range.end;
	spin_unlock_irqrestore(&zone->lock, flags);
	return is_free;
}

/**
 * cma_outside_take_lender() - take what the lender has
 * @model: the area under test
 * @rest: receives the pages, in chunks
 *
 * Drivers may have a part of it, such as a pool for atomic DMA buffers, so not
 * all of it is whole pageblocks.
 *
 * Context: a test.
 */
void cma_outside_take_lender(struct cma_model *model, struct list_head *rest)
{
	int order = pageblock_order;
	struct page *page;

	while (order >= 0) {
		page = cma_model_try(model->lender, 1UL << order, 0);
		if (!page) {
			order--;
			continue;
		}
		set_page_private(page, order);
		list_add(&page->lru, rest);
	}
}

/**
 * cma_outside_give_lender() - undo cma_outside_take_lender()
 * @model: the area under test
 * @rest: the pages; empty after this
 *
 * Context: a test.
 */
void cma_outside_give_lender(struct cma_model *model, struct list_head *rest)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, rest, lru)
		KUNIT_EXPECT_TRUE(model->test,
				  cma_release(model->lender, page,
					      1UL << page_private(page)));
	INIT_LIST_HEAD(rest);
}

/**
 * struct cma_outside_rest - what the lender had
 * @model: the area under test
 * @pages: its pages, in chunks
 */
struct cma_outside_rest {
	struct cma_model *model;
	struct list_head pages;
};

static void cma_outside_open_lender(void *data)
{
	struct cma_outside_rest *rest = data;

	cma_outside_give_lender(rest->model, &rest->pages);
}

/**
 * cma_outside_close_lender() - leave no free page in other areas
 * @model: the area under test; it counts as borrowed from now on
 *
 * Context: a test; it lasts as long as that runs.
 */
void cma_outside_close_lender(struct cma_model *model)
{
	struct kunit *test = model->test;
	struct cma_outside_rest *rest = kunit_kzalloc(test, sizeof(*rest),
						      GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, rest);
	rest->model = model;
	INIT_LIST_HEAD(&rest->pages);
	model->borrowed = true;
	cma_outside_take_lender(model, &rest->pages);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, cma_outside_open_lender,
						  rest));
	drain_all_pages(model->zone);
	KUNIT_ASSERT_EQ(test, cma_model_pages(model),
			zone_page_state_snapshot(model->zone,
						 NR_FREE_CMA_PAGES));
}
