// SPDX-License-Identifier: GPL-2.0
/*
 * Movable pages in the area under test, see lend.h.
 */
#include <linux/err.h>
#include <linux/file.h>
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/shmem_fs.h>
#include <linux/swap.h>
#include <linux/vmstat.h>

#include "lend.h"

/* Free pages that are in no area. */
static unsigned long cma_loan_others(struct zone *zone)
{
	return zone_page_state_snapshot(zone, NR_FREE_PAGES) -
	       zone_page_state_snapshot(zone, NR_FREE_CMA_PAGES);
}

/**
 * cma_loan_take_ballast() - make other memory scarce
 * @loan: the loan
 * @keep: pages that others may keep; they keep at least what is for atomic
 *	  allocations
 *
 * Context: a test.
 */
void cma_loan_take_ballast(struct cma_loan *loan, unsigned long keep)
{
	struct zone *zone = loan->model->zone;
	int order = MAX_PAGE_ORDER;

	while (order >= 0) {
		struct page *page = NULL;

		if (cma_loan_others(zone) > keep + (1UL << order))
			page = alloc_pages(__GFP_NOWARN, order);
		if (!page) {
			order--;
			continue;
		}
		set_page_private(page, order);
		list_add(&page->lru, &loan->ballast);
	}
}

/**
 * cma_loan_drop_ballast() - let others have memory again
 * @loan: the loan
 *
 * Context: a test.
 */
void cma_loan_drop_ballast(struct cma_loan *loan)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, &loan->ballast, lru) {
		list_del(&page->lru);
		__free_pages(page, page_private(page));
	}
}

static void cma_loan_take_rest(struct cma_loan *loan)
{
	struct page *page;

	while ((page = cma_alloc(loan->model->lender, pageblock_nr_pages, 0,
				 true)))
		list_add(&page->lru, &loan->rest);
}

static void cma_loan_drop_rest(struct cma_loan *loan)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, &loan->rest, lru) {
		list_del(&page->lru);
		KUNIT_EXPECT_TRUE(loan->model->test,
				  cma_release(loan->model->lender, page,
					      pageblock_nr_pages));
	}
}

static bool cma_loan_is_inside(const struct cma_loan *loan,
			       const struct page *page)
{
	return cma_range_contains(loan->model->area.range, page_to_pfn(page),
				  1);
}

/* A page of the file with a reference; the test ends when there is none. */
static struct page *cma_loan_get(struct cma_loan *loan, unsigned long index)
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
	struct page *page = cma_loan_get(loan, index);
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
	struct page *page = cma_loan_get(loan, index);
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
	unsigned long index = 0;

	while (index < loan->nr_pages && cma_loan_is_right(loan, index))
		index++;
	return index == loan->nr_pages;
}

/**
 * cma_loan_count() - how much of the file is in the area
 * @loan: the loan
 *
 * Context: a test.
 * Return: pages.
 */
unsigned long cma_loan_count(struct cma_loan *loan)
{
	unsigned long index, inside = 0;

	for (index = 0; index < loan->nr_pages; index++) {
		struct page *page = cma_loan_get(loan, index);

		inside += cma_loan_is_inside(loan, page);
		put_page(page);
	}
	return inside;
}

/**
 * cma_loan_page() - get hold of a page of the file that is in the area
 * @loan: the loan
 *
 * Context: a test; it fails and ends when there is no such page.
 * Return: the page with a reference, which keeps it from being moved.
 */
struct page *cma_loan_page(struct cma_loan *loan)
{
	unsigned long index;

	for (index = 0; index < loan->nr_pages; index++) {
		struct page *page = cma_loan_get(loan, index);

		if (cma_loan_is_inside(loan, page))
			return page;
		put_page(page);
	}
	KUNIT_FAIL_AND_ABORT(loan->model->test, "nothing of the file is lent");
	return NULL;
}

static void cma_loan_close(void *data)
{
	struct cma_loan *loan = data;

	if (!IS_ERR_OR_NULL(loan->file))
		__fput_sync(loan->file);
	lru_add_drain_all();
	cma_loan_drop_ballast(loan);
	cma_loan_drop_rest(loan);
}

/**
 * cma_loan_open() - have a file use pages of the area
 * @model: the area, with nothing held; taken as borrowed from now on
 *
 * Other memory stays scarce until cma_loan_drop_ballast().
 *
 * Context: a test; it fails and ends when a quarter of the area cannot be
 * lent.
 * Return: the loan; it ends with the test.
 */
struct cma_loan *cma_loan_open(struct cma_model *model)
{
	unsigned long pages = cma_model_pages(model);
	struct kunit *test = model->test;
	struct cma_loan *loan = kunit_kzalloc(test, sizeof(*loan), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, loan);
	loan->model = model;
	INIT_LIST_HEAD(&loan->ballast);
	INIT_LIST_HEAD(&loan->rest);
	model->borrowed = true;
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, cma_loan_close, loan));

	loan->file = shmem_kernel_file_setup("cma-kunit", pages << PAGE_SHIFT,
					     VM_NORESERVE);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, loan->file);
	cma_loan_take_rest(loan);
	/* Movable pages enter areas as long as less than this is free outside. */
	cma_loan_take_ballast(loan, pages / 2);
	while (loan->nr_pages < pages / 2)
		cma_loan_write(loan, loan->nr_pages++);
	KUNIT_ASSERT_GE(test, cma_loan_count(loan), pages / 4);
	return loan;
}
