// SPDX-License-Identifier: GPL-2.0
/*
 * Pages of a file in the area under test, see lend.h.
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
#include "lend.h"
#include "outside.h"

/**
 * cma_loan_page() - get a page of the file
 * @loan: the loan
 * @index: which one
 *
 * Context: a test; it fails and ends when there is no such page.
 * Return: the page with a reference, which keeps it from being moved.
 */
struct page *cma_loan_page(struct cma_loan *loan, unsigned long index)
{
	struct page *page = shmem_read_mapping_page(loan->file->f_mapping,
						    index);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(loan->model->test, page);
	return page;
}

static u64 cma_loan_word(unsigned long index, unsigned int word)
{
	return ((u64)index << 32 | word) * 0x9e3779b97f4a7c15ULL;
}

static void cma_loan_write(struct cma_loan *loan, unsigned long index)
{
	struct page *page = cma_loan_page(loan, index);
	u64 *words = kmap_local_page(page);
	unsigned int i;

	for (i = 0; i < PAGE_SIZE / sizeof(*words); i++)
		words[i] = cma_loan_word(index, i);
	kunmap_local(words);
	set_page_dirty(page);
	put_page(page);
}

static bool cma_loan_is_right(struct cma_loan *loan, unsigned long index)
{
	struct page *page = cma_loan_page(loan, index);
	u64 *words = kmap_local_page(page);
	bool right = true;
	unsigned int i;

	for (i = 0; i < PAGE_SIZE / sizeof(*words); i++)
		right &= words[i] == cma_loan_word(index, i);
	kunmap_local(words);
	put_page(page);
	return right;
}

/**
 * cma_loan_is_intact() - has the file the content that was written?
 * @loan: the loan
 *
 * Context: a test.
 * Return: true when each word of it is right.
 */
bool cma_loan_is_intact(struct cma_loan *loan)
{
	unsigned long pages = cma_range_len(loan->range), index = 0;

	while (index < pages && cma_loan_is_right(loan, index))
		index++;
	return index == pages;
}

/**
 * cma_loan_inside() - how much of the file is where it was put
 * @loan: the loan
 *
 * Context: a test.
 * Return: pages.
 */
unsigned long cma_loan_inside(struct cma_loan *loan)
{
	unsigned long index, inside = 0;

	for (index = 0; index < cma_range_len(loan->range); index++) {
		struct page *page = cma_loan_page(loan, index);

		inside += page_to_pfn(page) == loan->range.start + index;
		put_page(page);
	}
	return inside;
}

/* Off the LRU lists, for migrate_pages(). */
static void cma_loan_isolate(struct cma_loan *loan, struct list_head *pages)
{
	unsigned long index;

	lru_add_drain_all();
	for (index = 0; index < cma_range_len(loan->range); index++) {
		struct folio *folio = page_folio(cma_loan_page(loan, index));

		KUNIT_ASSERT_TRUE(loan->model->test, folio_isolate_lru(folio));
		node_stat_add_folio(folio, NR_ISOLATED_ANON +
				    folio_is_file_lru(folio));
		list_add_tail(&folio->lru, pages);
		folio_put(folio);
	}
}

static struct folio *cma_loan_target(struct folio *folio, unsigned long data)
{
	struct cma_loan *loan = (struct cma_loan *)data;

	return loan->next < loan->range.end ? pfn_folio(loan->next++) : NULL;
}

static void cma_loan_move_in(struct cma_loan *loan)
{
	LIST_HEAD(pages);

	cma_loan_isolate(loan, &pages);
	loan->next = loan->range.start;
	migrate_pages(&pages, cma_loan_target, NULL, (unsigned long)loan,
		      MIGRATE_SYNC, MR_CONTIG_RANGE, NULL);
	putback_movable_pages(&pages);
	lru_add_drain_all();
	KUNIT_ASSERT_EQ(loan->model->test, cma_range_len(loan->range),
			cma_loan_inside(loan));
}

static void cma_loan_close(void *data)
{
	struct cma_loan *loan = data;

	if (!IS_ERR_OR_NULL(loan->file))
		__fput_sync(loan->file);
	lru_add_drain_all();
	cma_loan_feed(loan);
}

/**
 * cma_loan_open_in() - have a file in certain pages
 * @model: the area; it counts as borrowed from now on
 * @range: the pages, the caller's, with one reference each
 *
 * Context: a test; it fails and ends when the file does not go there.
 * Return: the loan; it ends with the test.
 */
struct cma_loan *cma_loan_open_in(struct cma_model *model,
				  struct cma_range range)
{
	struct kunit *test = model->test;
	struct cma_loan *loan = kunit_kzalloc(test, sizeof(*loan), GFP_KERNEL);
	unsigned long index;

	KUNIT_ASSERT_NOT_NULL(test, loan);
	loan->model = model;
	loan->range = range;
	INIT_LIST_HEAD(&loan->ballast);
	INIT_LIST_HEAD(&loan->rest);
	model->borrowed = true;
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, cma_loan_close, loan));

	loan->file = shmem_kernel_file_setup("cma-kunit",
					     cma_range_len(range) << PAGE_SHIFT,
					     VM_NORESERVE);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, loan->file);
	for (index = 0; index < cma_range_len(range); index++)
		cma_loan_write(loan, index);
	cma_loan_move_in(loan);
	return loan;
}

/**
 * cma_loan_open() - lend pages of the area
 * @model: the area; it counts as borrowed from now on
 * @range: free pages of it
 *
 * Context: a test; it fails and ends when they cannot be lent.
 * Return: the loan; it ends with the test.
 */
struct cma_loan *cma_loan_open(struct cma_model *model, struct cma_range range)
{
	struct cma_evacuation evac = { .range = range, .gfp = GFP_KERNEL };

	KUNIT_ASSERT_EQ(model->test, 0, cma_model_evacuate(model, &evac));
	return cma_loan_open_in(model, range);
}

/* Pages that can be allocated outside of areas without any reclaim. */
static long cma_loan_spare(struct zone *zone)
{
	return zone_page_state_snapshot(zone, NR_FREE_PAGES) -
	       zone_page_state_snapshot(zone, NR_FREE_CMA_PAGES) -
	       min_wmark_pages(zone);
}

/**
 * cma_loan_starve() - leave less memory than the file has pages
 * @loan: the loan
 *
 * First by whole chunks of the largest order, and by smaller ones when memory is
 * in pieces. That makes the page allocator raise its watermarks, which would
 * leave less than is wanted. The caller is in haste to feed others again.
 *
 * Context: a test.
 */
void cma_loan_starve(struct cma_loan *loan)
{
	long keep = cma_range_len(loan->range) / 8 + MAX_ORDER_NR_PAGES;
	struct zone *zone = loan->model->zone;
	int order = MAX_PAGE_ORDER;

	cma_outside_take_lender(loan->model, &loan->rest);
	drain_all_pages(zone);
	while (order >= 0 && cma_loan_spare(zone) >= keep) {
		struct page *page = alloc_pages(__GFP_NOWARN, order);

		if (!page) {
			order--;
			continue;
		}
		set_page_private(page, order);
		list_add(&page->lru, &loan->ballast);
	}
	zone->watermark_boost = 0;
}

/**
 * cma_loan_feed() - undo cma_loan_starve()
 * @loan: the loan
 *
 * Context: a test.
 */
void cma_loan_feed(struct cma_loan *loan)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, &loan->ballast, lru)
		__free_pages(page, page_private(page));
	INIT_LIST_HEAD(&loan->ballast);
	cma_outside_give_lender(loan->model, &loan->rest);
}
