// SPDX-License-Identifier: GPL-2.0
/*
 * Pages of a file in the area under test, see borrow.h.
 */
#include <linux/err.h>
#include <linux/file.h>
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/migrate.h>
#include <linux/mm.h>
#include <linux/shmem_fs.h>
#include <linux/swap.h>
#include <linux/vmstat.h>

#include "../../internal.h"
#include "../engine.h"
#include "borrow.h"
#include "outside.h"

/**
 * cma_borrow_page() - get a page of the file
 * @borrower: the borrower
 * @index: which one
 *
 * Context: a test; it fails and ends when there is no such page.
 * Return: the page with a reference, which keeps it from being moved.
 */
struct page *cma_borrow_page(struct cma_borrower *borrower, unsigned long index)
{
	struct page *page = shmem_read_mapping_page(borrower->file->f_mapping,
						    index);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(borrower->model->test, page);
	return page;
}

static u64 cma_borrow_word(unsigned long index, unsigned int word)
{
	return ((u64)index << 32 | word) * 0x9e3779b97f4a7c15ULL;
}

static void cma_borrow_write(struct cma_borrower *borrower, unsigned long index)
{
	struct page *page = cma_borrow_page(borrower, index);
	u64 *words = kmap_local_page(page);
	unsigned int i;

	for (i = 0; i < PAGE_SIZE / sizeof(*words); i++)
		words[i] = cma_borrow_word(index, i);
	kunmap_local(words);
	set_page_dirty(page);
	put_page(page);
}

static bool cma_borrow_is_right(struct cma_borrower *borrower,
				unsigned long index)
{
	struct page *page = cma_borrow_page(borrower, index);
	u64 *words = kmap_local_page(page);
	bool right = true;
	unsigned int i;

	for (i = 0; i < PAGE_SIZE / sizeof(*words); i++)
		right &= words[i] == cma_borrow_word(index, i);
	kunmap_local(words);
	put_page(page);
	return right;
}

/**
 * cma_borrow_is_intact() - has the file the content that was written?
 * @borrower: the borrower
 *
 * Context: a test.
 * Return: true when each word of it is right.
 */
bool cma_borrow_is_intact(struct cma_borrower *borrower)
{
	unsigned long pages = cma_range_len(borrower->range), index = 0;

	while (index < pages && cma_borrow_is_right(borrower, index))
		index++;
	return index == pages;
}

/**
 * cma_borrow_inside() - how much of the file is where it was put
 * @borrower: the borrower
 *
 * Context: a test.
 * Return: pages.
 */
unsigned long cma_borrow_inside(struct cma_borrower *borrower)
{
	unsigned long index, inside = 0;

	for (index = 0; index < cma_range_len(borrower->range); index++) {
		struct page *page = cma_borrow_page(borrower, index);

		inside += page_to_pfn(page) == borrower->range.start + index;
		put_page(page);
	}
	return inside;
}

/* Off the LRU lists, for migrate_pages(). */
static void cma_borrow_isolate(struct cma_borrower *borrower,
			       struct list_head *pages)
{
	unsigned long index;

	lru_add_drain_all();
	for (index = 0; index < cma_range_len(borrower->range); index++) {
		struct folio *folio =
			page_folio(cma_borrow_page(borrower, index));

		KUNIT_ASSERT_TRUE(borrower->model->test,
				  folio_isolate_lru(folio));
		node_stat_add_folio(folio, NR_ISOLATED_ANON +
				    folio_is_file_lru(folio));
		list_add_tail(&folio->lru, pages);
		folio_put(folio);
	}
}

static struct folio *cma_borrow_target(struct folio *folio, unsigned long data)
{
	struct cma_borrower *borrower = (struct cma_borrower *)data;

	if (borrower->next >= borrower->range.end)
		return NULL;
	return pfn_folio(borrower->next++);
}

static void cma_borrow_move_in(struct cma_borrower *borrower)
{
	LIST_HEAD(pages);

	cma_borrow_isolate(borrower, &pages);
	borrower->next = borrower->range.start;
	migrate_pages(&pages, cma_borrow_target, NULL, (unsigned long)borrower,
		      MIGRATE_SYNC, MR_CONTIG_RANGE, NULL);
	putback_movable_pages(&pages);
	lru_add_drain_all();
	KUNIT_ASSERT_EQ(borrower->model->test, cma_range_len(borrower->range),
			cma_borrow_inside(borrower));
}

static void cma_borrow_close(void *data)
{
	struct cma_borrower *borrower = data;

	if (!IS_ERR_OR_NULL(borrower->file))
		__fput_sync(borrower->file);
	lru_add_drain_all();
	cma_borrow_feed(borrower);
}

/**
 * cma_borrow_open_in() - have a file in certain pages
 * @model: the area; it counts as borrowed from now on
 * @range: the pages, the caller's, with one reference each
 *
 * Context: a test; it fails and ends when the file does not go there.
 * Return: the borrower; it ends with the test.
 */
struct cma_borrower *cma_borrow_open_in(struct cma_model *model,
					struct cma_range range)
{
	struct kunit *test = model->test;
	struct cma_borrower *borrower =
		kunit_kzalloc(test, sizeof(*borrower), GFP_KERNEL);
	unsigned long index, pages = cma_range_len(range);

	KUNIT_ASSERT_NOT_NULL(test, borrower);
	borrower->model = model;
	borrower->range = range;
	INIT_LIST_HEAD(&borrower->ballast);
	INIT_LIST_HEAD(&borrower->rest);
	model->borrowed = true;
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, cma_borrow_close,
						  borrower));

	borrower->file = shmem_kernel_file_setup("cma-kunit",
						 pages << PAGE_SHIFT,
						 VM_NORESERVE);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, borrower->file);
	for (index = 0; index < pages; index++)
		cma_borrow_write(borrower, index);
	cma_borrow_move_in(borrower);
	return borrower;
}

/**
 * cma_borrow_open() - lend pages of the area
 * @model: the area; it counts as borrowed from now on
 * @range: free pages of it
 *
 * Context: a test; it fails and ends when they cannot be lent.
 * Return: the borrower; it ends with the test.
 */
struct cma_borrower *cma_borrow_open(struct cma_model *model,
				     struct cma_range range)
{
	struct cma_evacuation evac = { .range = range, .gfp = GFP_KERNEL };

	KUNIT_ASSERT_EQ(model->test, 0, cma_model_evacuate(model, &evac));
	return cma_borrow_open_in(model, range);
}

/* Pages that can be allocated outside of areas without any reclaim. */
static long cma_borrow_spare(struct zone *zone)
{
	return zone_page_state_snapshot(zone, NR_FREE_PAGES) -
	       zone_page_state_snapshot(zone, NR_FREE_CMA_PAGES) -
	       min_wmark_pages(zone);
}

/**
 * cma_borrow_starve() - leave less memory than the file has pages
 * @borrower: the borrower
 *
 * First by whole chunks of the largest order, and by smaller ones when memory
 * is in pieces. That makes the page allocator raise its watermarks, which would
 * leave less than is wanted. The caller is in haste to feed others again.
 *
 * Context: a test.
 */
void cma_borrow_starve(struct cma_borrower *borrower)
{
	long keep = cma_range_len(borrower->range) / 8 + MAX_ORDER_NR_PAGES;
	struct zone *zone = borrower->model->zone;
	int order = MAX_PAGE_ORDER;

	cma_outside_take_lender(borrower->model, &borrower->rest);
	drain_all_pages(zone);
	while (order >= 0 && cma_borrow_spare(zone) >= keep) {
		struct page *page = alloc_pages(__GFP_NOWARN, order);

		if (!page) {
			order--;
			continue;
		}
		set_page_private(page, order);
		list_add(&page->lru, &borrower->ballast);
	}
	zone->watermark_boost = 0;
}

/**
 * cma_borrow_feed() - undo cma_borrow_starve()
 * @borrower: the borrower
 *
 * Context: a test.
 */
void cma_borrow_feed(struct cma_borrower *borrower)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, &borrower->ballast, lru)
		__free_pages(page, page_private(page));
	INIT_LIST_HEAD(&borrower->ballast);
	cma_outside_give_lender(borrower->model, &borrower->rest);
}
