// SPDX-License-Identifier: GPL-2.0
/*
 * area.c: what happens to the memory of an area when it is activated. That is
 * boot code, and this suite runs before it is discarded.
 */
#include <linux/memblock.h>
#include <linux/bitmap.h>
#include <linux/mm.h>
#include <linux/page-isolation.h>

#include "../cma.h"
#include "model.h"

static void area_activate_init_area(struct cma *area, struct cma_range range)
{
	cma_area_init(area, range, 0);
	area->state = CMA_RESERVED;
	strscpy(area->name, "activate", sizeof(area->name));
}

static void area_activate_expect_refusal(struct kunit *test, struct cma *area)
{
	struct page *page = pfn_to_page(cma_model_lender(test)->range.start);

	KUNIT_EXPECT_FALSE(test, cma_area_is_active(area));
	KUNIT_EXPECT_NULL(test, cma_alloc(area, 1, 0, true));
	KUNIT_EXPECT_NULL(test, cma_alloc_folio(area, 1,
						GFP_KERNEL | __GFP_COMP |
						__GFP_NOWARN));
	KUNIT_EXPECT_FALSE(test, cma_release(area, page, 1));
	KUNIT_EXPECT_FALSE(test, cma_pages_valid(area, page, 1));
}

static void area_activate_reserved_area_refuses(struct kunit *test)
{
	struct cma *area = kunit_kzalloc(test, sizeof(*area), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, area);
	area_activate_init_area(area, cma_model_lender(test)->range);
	area_activate_expect_refusal(test, area);
}

static void __init area_activate_failed_area_refuses(struct kunit *test)
{
	unsigned long beyond = ALIGN(max_pfn, pageblock_nr_pages);
	struct cma *area = kunit_kzalloc(test, sizeof(*area), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, area);
	area_activate_init_area(area, cma_range_of(beyond, pageblock_nr_pages));
	KUNIT_EXPECT_EQ(test, -EXDEV, cma_area_activate(area));
	KUNIT_EXPECT_EQ(test, CMA_FAILED, area->state);
	KUNIT_EXPECT_NULL(test, area->taken.bits);
	KUNIT_EXPECT_NULL(test, area->held.bits);
	KUNIT_EXPECT_NULL(test, area->ledger.unknown.bits);
	KUNIT_EXPECT_NULL(test, area->evacuations);
	area_activate_expect_refusal(test, area);
}

/* More slots than there is memory for bits; the pages stay where they are. */
static void __init area_activate_without_memory_fails(struct kunit *test)
{
	struct cma *area = kunit_kzalloc(test, sizeof(*area), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, area);
	area_activate_init_area(area, cma_model_lender(test)->range);
	area->keep_reserved = true;
	area->held.count = ULONG_MAX / 2;
	KUNIT_EXPECT_EQ(test, -ENOMEM, cma_area_activate(area));
	KUNIT_EXPECT_EQ(test, CMA_FAILED, area->state);
	KUNIT_EXPECT_NULL(test, area->taken.bits);
	KUNIT_EXPECT_NULL(test, area->held.bits);
	KUNIT_EXPECT_NULL(test, area->ledger.unknown.bits);
	area_activate_expect_refusal(test, area);
}

/* hugetlb_cma= takes slots of 2 MiB: a bit for each, and none for a page. */
static void test_issue13_maps_have_a_bit_for_each_slot(struct kunit *test)
{
	struct cma *area = kunit_kzalloc(test, sizeof(*area), GFP_KERNEL);
	unsigned long pages = min(1UL << 26, ULONG_MAX / 2 + 1);

	KUNIT_ASSERT_NOT_NULL(test, area);
	cma_area_init(area, cma_range_of(0, pages), 9);
	KUNIT_EXPECT_EQ(test, pages >> 9, area->taken.count);
	KUNIT_EXPECT_EQ(test, pages >> 9, area->held.count);
	KUNIT_EXPECT_EQ(test, 9U, area->held.order);
}

/* Undo what activation does, so that it can be done once more. */
static void area_activate_make_reserved(struct cma_range range)
{
	struct page *first = pfn_to_page(range.start);
	unsigned long pfn;

	for (pfn = range.start; pfn < range.end; pfn++)
		__SetPageReserved(pfn_to_page(pfn));
	set_pageblock_migratetype(first, MIGRATE_MOVABLE);
	adjust_managed_page_count(first, -(long)cma_range_len(range));
	page_zone(first)->cma_pages -= cma_range_len(range);
}

/* What became an area is served, and is an area no more after that. */
static void __init area_activate_serve(struct cma_model *model, struct cma *area,
				       const struct page *page)
{
	KUNIT_ASSERT_PTR_EQ(model->test, page,
			    cma_alloc(area, pageblock_nr_pages, 0, true));
	kvfree(area->evacuations);
	kvfree(area->taken.bits);
	kvfree(area->held.bits);
	kvfree(area->ledger.unknown.bits);
	cma_model_check(model);
}

static void __init area_activate_lends_whole_pageblocks(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 2);
	struct cma *area = kunit_kzalloc(test, sizeof(*area), GFP_KERNEL);
	struct page *page = cma_model_alloc(model, pageblock_nr_pages,
					    pageblock_order);
	unsigned long before = zone_page_state_snapshot(model->zone,
							NR_FREE_CMA_PAGES);

	KUNIT_ASSERT_NOT_NULL(test, area);
	KUNIT_ASSERT_NOT_NULL(test, page);
	area_activate_init_area(area, cma_range_of(page_to_pfn(page),
						   pageblock_nr_pages));
	area_activate_make_reserved(area->range);

	KUNIT_EXPECT_EQ(test, 0, cma_area_activate(area));
	/* With huge pages, a whole pageblock may be on the list of a CPU. */
	drain_all_pages(model->zone);
	KUNIT_EXPECT_TRUE(test, cma_area_is_active(area));
	KUNIT_EXPECT_EQ(test, MIGRATE_CMA, get_pageblock_migratetype(page));
	KUNIT_EXPECT_EQ(test, before + pageblock_nr_pages,
			zone_page_state_snapshot(model->zone,
						 NR_FREE_CMA_PAGES));

	area_activate_serve(model, area, page);
}

/* 256 GiB in slots of a page: more bits than one chunk of the page allocator has. */
static void __init test_f13_area_of_256_gib_is_activated(struct kunit *test)
{
	unsigned long before = PAGE_SIZE << MAX_PAGE_ORDER;
	struct cma *area = kunit_kzalloc(test, sizeof(*area), GFP_KERNEL);
	struct cma_model *model = cma_model_open_blocks(test, 2);
	struct page *page = cma_model_alloc(model, pageblock_nr_pages,
					    pageblock_order);

	KUNIT_ASSERT_NOT_NULL(test, area);
	KUNIT_ASSERT_NOT_NULL(test, page);
	area_activate_init_area(area, cma_range_of(page_to_pfn(page),
						   pageblock_nr_pages));
	area->held.count = 2 * 8 * before;
	area_activate_make_reserved(area->range);
	KUNIT_EXPECT_EQ(test, 0, cma_area_activate(area));
	KUNIT_EXPECT_TRUE(test, cma_area_is_active(area));
	area_activate_serve(model, area, page);
}

static struct kunit_case __refdata area_activate_tests[] = {
	KUNIT_CASE(area_activate_reserved_area_refuses),
	KUNIT_CASE(area_activate_failed_area_refuses),
	KUNIT_CASE(area_activate_without_memory_fails),
	KUNIT_CASE(test_issue13_maps_have_a_bit_for_each_slot),
	KUNIT_CASE(area_activate_lends_whole_pageblocks),
	KUNIT_CASE(test_f13_area_of_256_gib_is_activated),
	{}
};

static struct kunit_suite area_activate_suite = {
	.name = "cma_area_activate",
	.test_cases = area_activate_tests,
};

kunit_test_init_section_suite(area_activate_suite);
