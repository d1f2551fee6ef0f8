// SPDX-License-Identifier: GPL-2.0
/*
 * An area for one test, see model.h.
 */
#include <linux/bitmap.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/prandom.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "../engine.h"
#include "../hold.h"
#include "../cma.h"
#include "model.h"

static int cma_model_see(struct cma *cma, void *data)
{
	struct cma **lender = data;

	if (!cma_area_is_active(cma) || cma->taken.order)
		return 0;
	*lender = cma;
	return 1;
}

/**
 * cma_model_lender() - find the area that the tests live on
 * @test: the test that asks; it ends as skipped when there is none
 *
 * Context: a test.
 * Return: the area.
 */
struct cma *cma_model_lender(struct kunit *test)
{
	struct cma *lender = NULL;

	cma_for_each_area(cma_model_see, &lender);
	if (!lender)
		kunit_skip(test, "no area to test with: boot with cma=64M");
	return lender;
}

/**
 * cma_model_pages() - size of the area under test
 * @model: the model
 *
 * Context: any.
 * Return: pages.
 */
unsigned long cma_model_pages(const struct cma_model *model)
{
	return cma_range_len(model->area.range);
}

/**
 * cma_model_pfn() - a page of the area under test
 * @model: the model
 * @page: counted from the start of the area
 *
 * Context: any.
 * Return: its pfn.
 */
unsigned long cma_model_pfn(const struct cma_model *model, unsigned long page)
{
	return model->area.range.start + page;
}

/**
 * cma_model_range() - pages of the area under test
 * @model: the model
 * @first: the first one, counted from the start of the area
 * @count: pages
 *
 * Context: any.
 * Return: their pfns.
 */
struct cma_range cma_model_range(const struct cma_model *model,
				 unsigned long first, unsigned long count)
{
	return cma_range_of(cma_model_pfn(model, first), count);
}

static void cma_model_set(struct cma_model *model, struct cma_range range,
			  unsigned int owner)
{
	unsigned int *at = &model->owner[range.start - model->area.range.start];
	unsigned int *end = at + cma_range_len(range);

	for (; at < end; at++) {
		model->held -= *at >= CMA_MODEL_HOLDER;
		model->blockers -= *at == CMA_MODEL_BLOCKER;
		*at = owner;
		model->held += owner >= CMA_MODEL_HOLDER;
		model->blockers += owner == CMA_MODEL_BLOCKER;
	}
}

static unsigned long cma_model_run_end(const struct cma_model *model,
				       unsigned long page)
{
	unsigned int owner = model->owner[page];

	while (page < cma_model_pages(model) && model->owner[page] == owner)
		page++;
	return page;
}

/**
 * cma_model_clear() - release what the model has, holder by holder
 * @model: the model; all of its pages are free after this, or lent
 *
 * Context: a test.
 */
void cma_model_clear(struct cma_model *model)
{
	unsigned long page, end;

	for (page = 0; page < cma_model_pages(model); page = end) {
		unsigned int owner = model->owner[page];

		end = cma_model_run_end(model, page);
		if (owner >= CMA_MODEL_HOLDER)
			cma_model_release(model, (struct cma_range){
				cma_model_pfn(model, page),
				cma_model_pfn(model, end) });
		for (; owner == CMA_MODEL_BLOCKER && page < end; page++)
			cma_model_unblock(model, cma_model_pfn(model, page));
	}
}

/* The lender gets its memory back, which shows that nothing was lost. */
static void cma_model_close(void *data)
{
	struct cma_model *model = data;
	unsigned long pages = cma_model_pages(model);
	struct page *page;

	KUNIT_EXPECT_EQ(model->test, 0, cma_keep_set(&model->area, 0));
	cma_model_clear(model);
	model->borrowed = false;
	cma_model_check(model);
	page = cma_alloc(&model->area, pages, 0, true);
	if (!page)
		KUNIT_FAIL_AND_ABORT(model->test,
				     "the area does not come back as a whole");
	KUNIT_EXPECT_EQ(model->test, page_to_pfn(page),
			model->area.range.start);
	KUNIT_EXPECT_TRUE(model->test,
			  cma_release(model->lender, page, pages));
	kfree(model->area.evacuations);
	bitmap_free(model->area.taken.bits);
	bitmap_free(model->area.held.bits);
	bitmap_free(model->area.ledger.unknown.bits);
}

static void cma_model_get_memory(struct cma_model *model,
				 struct cma_geometry want)
{
	struct cma_range *lent = &model->lent;
	unsigned long blocks = want.blocks + want.odd;
	struct page *page = cma_alloc(model->lender,
				      blocks << pageblock_order,
				      pageblock_order + want.odd, false);

	KUNIT_ASSERT_NOT_NULL_MSG(model->test, page,
				  "area %s does not give %lu pageblocks",
				  model->lender->name, blocks);
	*lent = cma_range_of(page_to_pfn(page), blocks << pageblock_order);
	if (want.odd) {
		KUNIT_ASSERT_TRUE(model->test,
				  cma_release(model->lender, page,
					      pageblock_nr_pages));
		lent->start += pageblock_nr_pages;
	}
	free_contig_range(lent->start, cma_range_len(*lent));
}

static void cma_model_make_area(struct cma_model *model, unsigned int order)
{
	struct cma *area = &model->area;

	cma_area_init(area, model->lent, order);
	area->taken.bits = bitmap_zalloc(area->taken.count, GFP_KERNEL);
	area->held.bits = bitmap_zalloc(area->held.count, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(model->test, area->taken.bits);
	KUNIT_ASSERT_NOT_NULL(model->test, area->held.bits);
	area->ledger.unknown = area->held;
	area->ledger.unknown.bits = bitmap_zalloc(area->held.count,
						  GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(model->test, area->ledger.unknown.bits);
	area->evacuations = kcalloc(cma_range_len(area->range) /
				    pageblock_nr_pages + 2,
				    sizeof(*area->evacuations), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(model->test, area->evacuations);
	area->state = CMA_ACTIVE;
	strscpy(area->name, "kunit", sizeof(area->name));
}

/**
 * cma_model_open() - get an area to test with
 * @test: the test; the area lives as long as it runs
 * @want: size, slots and place
 *
 * Context: a test; it is skipped without a lender, and fails and ends when
 * that one cannot give so much.
 * Return: the model of an area that is entirely free.
 */
struct cma_model *cma_model_open(struct kunit *test, struct cma_geometry want)
{
	struct cma_model *model = kunit_kzalloc(test, sizeof(*model),
						GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, model);
	model->test = test;
	model->lender = cma_model_lender(test);
	model->owner = kunit_kcalloc(test, want.blocks << pageblock_order,
				     sizeof(*model->owner), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, model->owner);
	model->last = CMA_MODEL_HOLDER;

	cma_model_get_memory(model, want);
	cma_model_make_area(model, want.order);
	model->zone = page_zone(pfn_to_page(model->area.range.start));
	drain_all_pages(model->zone);
	cma_levels_read(model->zone, &model->before);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test,
							   cma_model_close,
							   model));
	cma_model_check(model);
	return model;
}

/**
 * cma_model_open_blocks() - get an area to test with, with slots of one page
 * @test: the test; the area lives as long as it runs
 * @blocks: size of the area in pageblocks
 *
 * Context: a test; it ends as for cma_model_open().
 * Return: the model of an area that is entirely free.
 */
struct cma_model *cma_model_open_blocks(struct kunit *test, unsigned int blocks)
{
	return cma_model_open(test, (struct cma_geometry){ .blocks = blocks });
}

/**
 * cma_model_need_single_blocks() - skip the test on some machines
 * @test: the test; it counts pageblocks that are isolated one by one
 *
 * Where a free chunk can be larger than a pageblock, several of them are
 * isolated at once.
 *
 * Context: a test.
 */
void cma_model_need_single_blocks(struct kunit *test)
{
	if (pageblock_order < MAX_PAGE_ORDER)
		kunit_skip(test, "pageblocks are isolated in groups here");
}

/**
 * cma_model_give() - note that pages have a holder now
 * @model: the model
 * @range: the pages; each has to have been free
 *
 * Context: a test; it fails and ends when a page has an owner already.
 */
void cma_model_give(struct cma_model *model, struct cma_range range)
{
	unsigned long pfn;

	if (!cma_range_contains(model->area.range, range.start,
				cma_range_len(range)))
		KUNIT_FAIL_AND_ABORT(model->test, "pages outside the area");
	for (pfn = range.start; pfn < range.end; pfn++)
		if (model->owner[pfn - model->area.range.start])
			KUNIT_FAIL_AND_ABORT(model->test,
					     "page %lu has two owners",
					     pfn - model->area.range.start);
	cma_model_set(model, range, model->last++);
}

/**
 * cma_model_adopt() - have pages held that were not allocated from the area
 * @model: the model
 * @range: pages that a part of the allocator took, and the test has now
 *
 * Context: a test.
 */
void cma_model_adopt(struct cma_model *model, struct cma_range range)
{
	cma_bitmap_set(&model->area.taken, range);
	cma_hold_begin(&model->area, range, NULL);
	cma_model_give(model, range);
}

/**
 * cma_model_try() - allocate, but do not wait for pages that are busy
 * @cma: the area
 * @count: pages
 * @align: as page order
 *
 * What a test has blocked stays blocked, so a wait would only take time.
 *
 * Context: a test.
 * Return: the first page, or NULL.
 */
noinline struct page *
cma_model_try(struct cma *cma, unsigned long count, unsigned int align)
{
	const struct cma_demand demand = {
		.nr_pages = count,
		.align = align,
		.gfp = GFP_KERNEL | __GFP_NOWARN | __GFP_NORETRY,
		.caller = _RET_IP_,
	};

	return cma_alloc_for(cma, &demand);
}

/**
 * cma_model_alloc() - allocate from the area, and check what comes
 * @model: the model
 * @count: pages
 * @align: as page order
 *
 * Context: a test; it does not wait for pages that are busy.
 * Return: the first page, or NULL.
 */
struct page *cma_model_alloc(struct cma_model *model, unsigned long count,
			     unsigned int align)
{
	struct page *page = cma_model_try(&model->area, count, align);

	if (page) {
		KUNIT_EXPECT_TRUE(model->test,
				  IS_ALIGNED(page_to_pfn(page), 1UL << align));
		cma_model_give(model, cma_range_of(page_to_pfn(page), count));
	}
	return page;
}

/**
 * cma_model_release() - return pages to the area
 * @model: the model
 * @range: pages with a holder
 *
 * Context: a test.
 */
void cma_model_release(struct cma_model *model, struct cma_range range)
{
	cma_model_set(model, range, CMA_MODEL_FREE);
	KUNIT_EXPECT_TRUE(model->test,
			  cma_release(&model->area, pfn_to_page(range.start),
				      cma_range_len(range)));
}

/**
 * cma_model_refuse() - a release that must change nothing
 * @model: the model
 * @range: pages that may not be released like this
 *
 * Context: a test.
 */
void cma_model_refuse(struct cma_model *model, struct cma_range range)
{
	KUNIT_EXPECT_FALSE(model->test,
			   cma_release(&model->area, pfn_to_page(range.start),
				       cma_range_len(range)));
	cma_model_check(model);
}

/**
 * cma_model_evacuate() - evacuate a window, and prepare its pages
 * @model: the model, which is not told that they have an owner
 * @evac: the window
 *
 * Context: a test.
 * Return: as cma_evacuate() does.
 */
int cma_model_evacuate(struct cma_model *model, struct cma_evacuation *evac)
{
	int err = cma_evacuate(&model->area, evac);

	if (!err)
		cma_buddy_prepare(evac->range, evac->gfp);
	return err;
}

/**
 * cma_model_set_killed() - look like a process that is being killed
 * @killed: or like one that is not any more
 *
 * Nobody sends signals to the thread of a test, so this needs no lock.
 *
 * Context: a test.
 */
void cma_model_set_killed(bool killed)
{
	if (killed) {
		sigaddset(&current->pending.signal, SIGKILL);
		set_tsk_thread_flag(current, TIF_SIGPENDING);
	} else {
		sigdelset(&current->pending.signal, SIGKILL);
		clear_tsk_thread_flag(current, TIF_SIGPENDING);
	}
}

/**
 * cma_model_block() - have somebody use a page who does not let go of it
 * @model: the model
 * @pfn: a free page
 *
 * Neither on an LRU list nor otherwise known to be movable, it is what a page
 * is between its allocation and its use, or under direct I/O.
 *
 * Context: a test.
 */
void cma_model_block(struct cma_model *model, unsigned long pfn)
{
	struct cma_evacuation evac = {
		.range = cma_range_of(pfn, 1),
		.gfp = GFP_KERNEL,
	};

	KUNIT_ASSERT_EQ(model->test, cma_model_evacuate(model, &evac), 0);
	cma_model_set(model, evac.range, CMA_MODEL_BLOCKER);
}

/**
 * cma_model_unblock() - let go of a page
 * @model: the model
 * @pfn: a page that is blocked
 *
 * Context: a test.
 */
void cma_model_unblock(struct cma_model *model, unsigned long pfn)
{
	cma_model_set(model, cma_range_of(pfn, 1), CMA_MODEL_FREE);
	__free_page(pfn_to_page(pfn));
}

/**
 * cma_model_keep() - note that a page has been released, but is not free
 * @model: the model
 * @pfn: a page that somebody still refers to, until cma_model_unblock()
 *
 * Context: a test.
 */
void cma_model_keep(struct cma_model *model, unsigned long pfn)
{
	cma_model_set(model, cma_range_of(pfn, 1), CMA_MODEL_BLOCKER);
}

/**
 * cma_geometry_name() - what a parameter is called in the log
 * @geometry: the parameter
 * @text: receives the name
 *
 * Context: any.
 */
void cma_geometry_name(const struct cma_geometry *geometry, char *text)
{
	snprintf(text, KUNIT_PARAM_DESC_SIZE, "%u blocks, slot order %u%s",
		 geometry->blocks, geometry->order,
		 geometry->odd ? ", odd start" : "");
}

/**
 * cma_random_below() - a number by chance
 * @random: where it comes from
 * @end: one past the largest
 *
 * Context: any.
 * Return: the number.
 */
u32 cma_random_below(struct rnd_state *random, u32 end)
{
	return prandom_u32_state(random) % end;
}
