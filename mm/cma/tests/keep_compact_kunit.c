// SPDX-License-Identifier: GPL-2.0
/*
 * keep.c: compaction moves nothing into the kept part.
 */
#include <linux/gfp.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/page-isolation.h>
#include <linux/swap.h>
#include <linux/vmstat.h>
/* It includes nothing that it needs. */
#include <linux/compaction.h>

#include "../../internal.h"
#include "../cma.h"
#include "cache.h"
#include "model.h"

#define BLOCKS 4
/* How many pageblocks compaction is to move pages out of. */
#define SOURCES 4

/* Regular memory has no whole pageblock left, whatever the watermarks say. */
static void keep_compact_take_chunks(struct list_head *chunks)
{
	gfp_t gfp = GFP_NOWAIT | __GFP_NOWARN | __GFP_MEMALLOC;
	struct page *page;

	while ((page = alloc_pages(gfp, MAX_PAGE_ORDER)))
		list_add(&page->lru, chunks);
}

static void keep_compact_give_chunks(struct list_head *chunks)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, chunks, lru)
		__free_pages(page, MAX_PAGE_ORDER);
}

/* Compaction moves pages to the end of the zone, so begin at its start. */
static struct page *keep_compact_lowest(struct cma_model *model,
					struct list_head *chunks)
{
	struct page *page, *lowest = NULL;

	list_for_each_entry(page, chunks, lru)
		if (page_zone(page) == model->zone &&
		    page_to_pfn(page) < model->area.range.start &&
		    (!lowest || page_to_pfn(page) < page_to_pfn(lowest)))
			lowest = page;
	KUNIT_ASSERT_NOT_NULL(model->test, lowest);
	list_del(&lowest->lru);
	return lowest;
}

/* All but the first page is of a file, so the pageblock never gets whole. */
static void keep_compact_fill(struct cma_cache *cache, struct page *chunk,
			      unsigned int source)
{
	unsigned long page;

	split_page(chunk, MAX_PAGE_ORDER);
	set_pageblock_migratetype(chunk, MIGRATE_MOVABLE);
	for (page = 1; page < BLOCK; page++)
		cma_cache_add(cache, 0, source * BLOCK + page,
			      page_to_pfn(chunk) + page);
}

static void keep_compact_prepare(struct cma_cache *cache,
				 struct page *sources[SOURCES])
{
	LIST_HEAD(chunks);
	unsigned int i;

	keep_compact_take_chunks(&chunks);
	for (i = 0; i < SOURCES; i++)
		sources[i] = keep_compact_lowest(cache->model, &chunks);
	keep_compact_give_chunks(&chunks);
	for (i = 0; i < SOURCES; i++)
		keep_compact_fill(cache, sources[i], i);
	lru_add_drain_all();
}

/*
 * As hard as direct compaction tries: any pageblock is good enough to move to.
 * It goes through them one by one from the end of the zone, as it does later on
 * in real life; at first it would jump.
 */
static void keep_compact(struct zone *zone)
{
	unsigned long init_free_pfn = zone->compact_init_free_pfn;
	struct alloc_context ac = {
		.zonelist = node_zonelist(0, GFP_KERNEL),
		.migratetype = MIGRATE_UNMOVABLE,
		.highest_zoneidx = gfp_zone(GFP_KERNEL),
	};
	struct page *capture = NULL;
	LIST_HEAD(chunks);

	keep_compact_take_chunks(&chunks);
	zone->compact_init_free_pfn = zone_end_pfn(zone);
	ac.preferred_zoneref = first_zones_zonelist(ac.zonelist,
						    ac.highest_zoneidx, NULL);
	try_to_compact_pages(GFP_KERNEL, MAX_PAGE_ORDER, ALLOC_WMARK_MIN, &ac,
			     MIN_COMPACT_PRIORITY, &capture);
	zone->compact_init_free_pfn = init_free_pfn;
	if (capture)
		list_add(&capture->lru, &chunks);
	keep_compact_give_chunks(&chunks);
}

/*
 * The pageblock begins with a page that is held, so it does not look like one
 * large chunk, which compaction leaves alone.
 */
static void keep_is_closed_to_compaction(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, BLOCKS);
	struct cma_cache *cache = cma_cache_open(model);
	struct page *sources[SOURCES];
	unsigned long before;
	unsigned int i;

	cma_model_need_single_blocks(test);
	if (!IS_ENABLED(CONFIG_VM_EVENT_COUNTERS))
		kunit_skip(test, "nothing tells what compaction did");
	keep_compact_prepare(cache, sources);
	KUNIT_ASSERT_NOT_NULL(test, cma_model_alloc(model, 1, 0));
	KUNIT_ASSERT_EQ(test, 0, cma_keep_set(&model->area, BLOCK));
	before = cma_levels_events(test)[COMPACTISOLATED];
	keep_compact(model->zone);
	KUNIT_EXPECT_LT(test, before, cma_levels_events(test)[COMPACTISOLATED]);
	KUNIT_EXPECT_EQ(test, BLOCK - 1, cma_keep_free_pages(&model->area));
	KUNIT_EXPECT_TRUE(test, cma_cache_is_intact(cache));
	for (i = 0; i < SOURCES; i++)
		__free_page(sources[i]);
	cma_model_check(model);
}

static struct kunit_case keep_compact_tests[] = {
	KUNIT_CASE(keep_is_closed_to_compaction),
	{}
};

static struct kunit_suite keep_compact_suite = {
	.name = "cma_keep_compact",
	.test_cases = keep_compact_tests,
};

kunit_test_suite(keep_compact_suite);
