// SPDX-License-Identifier: GPL-2.0
/*
 * lru.c and target.c: anonymous memory of a process in the area.
 */
#include <linux/gfp.h>
#include <linux/mm.h>

#include "../engine.h"
#include "anon.h"
#include "cache.h"
#include "model.h"

/* Lent are pages on both sides of a pageblock's edge. */
static struct cma_anon *lru_anon_open(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 2);
	struct cma_anon *anon = cma_anon_open(model, BLOCK, 0);
	struct cma_evacuation evac = {
		.range = cma_model_range(model, BLOCK / 3, BLOCK),
		.gfp = GFP_KERNEL,
	};

	model->borrowed = true;
	KUNIT_ASSERT_EQ(test, 0, cma_model_evacuate(model, &evac));
	cma_anon_put_in(anon, evac.range.start, 1);
	return anon;
}

static unsigned long lru_anon_inside(struct cma_anon *anon)
{
	return cma_anon_inside(anon, anon->model->area.range);
}

static struct cma_evacuation lru_anon_all(struct cma_anon *anon)
{
	return (struct cma_evacuation){
		.range = anon->model->area.range,
		.gfp = GFP_KERNEL,
		.thorough = true,
	};
}

static void lru_anon_keeps_content(struct kunit *test)
{
	struct cma_anon *anon = lru_anon_open(test);
	struct cma_model *model = anon->model;

	KUNIT_EXPECT_TRUE(test, cma_anon_is_intact(anon));
	KUNIT_EXPECT_NOT_NULL(test, cma_model_alloc(model, 2 * BLOCK, 0));
	cma_model_check(model);
	KUNIT_EXPECT_TRUE(test, cma_anon_is_intact(anon));
	KUNIT_EXPECT_EQ(test, 0UL, lru_anon_inside(anon));
	model->borrowed = false;
	cma_model_check(model);
}

static void lru_anon_leaves_other_windows_alone(struct kunit *test)
{
	struct cma_anon *anon = lru_anon_open(test);
	struct cma_evacuation evac = {
		.range = cma_model_range(anon->model, BLOCK - 5, 10),
		.gfp = GFP_KERNEL,
	};

	KUNIT_EXPECT_EQ(test, 0, cma_model_evacuate(anon->model, &evac));
	KUNIT_EXPECT_EQ(test, 10UL, evac.moved);
	cma_model_adopt(anon->model, evac.range);
	cma_model_check(anon->model);
	KUNIT_EXPECT_EQ(test, anon->pages - 10, lru_anon_inside(anon));
	KUNIT_EXPECT_TRUE(test, cma_anon_is_intact(anon));
}

static void lru_anon_is_moved_out_of_all_areas(struct kunit *test)
{
	struct cma_anon *anon = lru_anon_open(test);
	struct cma_evacuation evac = lru_anon_all(anon);

	KUNIT_EXPECT_EQ(test, anon->pages, cma_anon_inside_any_area(anon));
	KUNIT_ASSERT_EQ(test, 0, cma_model_evacuate(anon->model, &evac));
	cma_model_adopt(anon->model, evac.range);
	KUNIT_EXPECT_EQ(test, anon->pages, evac.moved);
	KUNIT_EXPECT_EQ(test, 0UL, evac.reclaimed);
	KUNIT_EXPECT_EQ(test, 0UL, cma_anon_inside_any_area(anon));
	KUNIT_EXPECT_TRUE(test, cma_anon_is_intact(anon));
}

static void lru_anon_with_extra_reference_is_busy(struct kunit *test)
{
	struct cma_anon *anon = lru_anon_open(test);
	struct cma_model *model = anon->model;
	struct cma_evacuation evac = lru_anon_all(anon);
	struct page *pinned = cma_anon_page(anon, 77);

	KUNIT_EXPECT_EQ(test, -EBUSY, cma_model_evacuate(model, &evac));
	KUNIT_EXPECT_EQ(test, page_to_pfn(pinned), evac.blocker);
	KUNIT_EXPECT_EQ(test, 0UL, evac.moved);
	KUNIT_EXPECT_NULL(test, cma_model_alloc(model, 2 * BLOCK, 0));
	cma_model_check(model);
	KUNIT_EXPECT_EQ(test, anon->pages, lru_anon_inside(anon));
	KUNIT_EXPECT_TRUE(test, cma_anon_is_intact(anon));

	put_page(pinned);
	KUNIT_EXPECT_NOT_NULL(test, cma_model_alloc(model, 2 * BLOCK, 0));
	cma_model_check(model);
	KUNIT_EXPECT_EQ(test, 0UL, lru_anon_inside(anon));
	KUNIT_EXPECT_TRUE(test, cma_anon_is_intact(anon));
}

/* What comes back to the page tables is as it was: the process can write. */
static void lru_anon_can_be_written_after_the_move(struct kunit *test)
{
	struct cma_anon *anon = lru_anon_open(test);
	unsigned long index;

	KUNIT_EXPECT_NOT_NULL(test, cma_model_alloc(anon->model, 2 * BLOCK, 0));
	anon->addr += PAGE_SIZE;
	for (index = 0; index < anon->pages - 1; index++)
		cma_anon_write(anon, index);
	anon->pages--;
	KUNIT_EXPECT_TRUE(test, cma_anon_is_intact(anon));
	anon->addr -= PAGE_SIZE;
	anon->pages++;
	cma_model_check(anon->model);
}

/* Every other page of the area is memory of a process, the rest page cache. */
static void lru_anon_among_cache_is_moved(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 2);
	struct cma_cache *cache = cma_cache_open(model);
	struct cma_anon *anon = cma_anon_open(model, BLOCK, 0);
	struct cma_evacuation evac = lru_anon_all(anon);
	unsigned long page;

	cma_cache_take(cache, model->area.range);
	for (page = 1; page < 2 * BLOCK; page += 2)
		cma_cache_add(cache, 0, page, cma_model_pfn(model, page));
	cma_anon_put_in(anon, cma_model_pfn(model, 0), 2);

	KUNIT_ASSERT_EQ(test, 0, cma_model_evacuate(model, &evac));
	cma_model_adopt(model, evac.range);
	KUNIT_EXPECT_EQ(test, BLOCK, evac.reclaimed);
	KUNIT_EXPECT_EQ(test, BLOCK, evac.moved);
	KUNIT_EXPECT_EQ(test, 0UL, cma_cache_pages(cache));
	KUNIT_EXPECT_EQ(test, 0UL, cma_anon_inside_any_area(anon));
	KUNIT_EXPECT_TRUE(test, cma_anon_is_intact(anon));
	model->borrowed = false;
	cma_model_check(model);
}

static struct kunit_case lru_anon_tests[] = {
	KUNIT_CASE(lru_anon_keeps_content),
	KUNIT_CASE(lru_anon_leaves_other_windows_alone),
	KUNIT_CASE(lru_anon_is_moved_out_of_all_areas),
	KUNIT_CASE(lru_anon_with_extra_reference_is_busy),
	KUNIT_CASE(lru_anon_can_be_written_after_the_move),
	KUNIT_CASE(lru_anon_among_cache_is_moved),
	{}
};

static struct kunit_suite lru_anon_suite = {
	.name = "cma_lru_anon",
	.test_cases = lru_anon_tests,
};

kunit_test_suite(lru_anon_suite);
