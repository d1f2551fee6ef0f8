// SPDX-License-Identifier: GPL-2.0
/*
 * Anonymous memory where a test wants it, see anon.h.
 */
#include <linux/gfp.h>
#include <linux/kthread.h>
#include <linux/migrate.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sched/coredump.h>
#include <linux/sched/mm.h>
#include <linux/swap.h>
#include <linux/uaccess.h>
#include <linux/vmstat.h>

#include "../../internal.h"
#include "anon.h"

#define WORDS (PAGE_SIZE / sizeof(u64))

/**
 * cma_anon_page() - get a page of the memory
 * @anon: the memory
 * @index: which one; it is touched by that if it was not
 *
 * It counts as used by that, so it may have to wait for its place on the LRU
 * lists in a batch of a CPU, which has a reference as well.
 *
 * Context: a test; it fails and ends when there is no such page.
 * Return: the page with a reference, which keeps it from being moved.
 */
struct page *cma_anon_page(struct cma_anon *anon, unsigned long index)
{
	struct page *page = NULL;
	long got = get_user_pages_unlocked(anon->addr + index * PAGE_SIZE, 1,
					   &page, FOLL_WRITE);

	KUNIT_ASSERT_EQ(anon->model->test, 1L, got);
	return page;
}

static void cma_anon_make_pattern(struct cma_anon *anon, unsigned long index)
{
	unsigned int i;

	for (i = 0; i < WORDS; i++)
		anon->buffer[i] = ((u64)index << 32 | i) *
				  0x9e3779b97f4a7c15ULL;
}

/**
 * cma_anon_write() - write what tells a page from all others
 * @anon: the memory
 * @index: which page
 *
 * Context: a test.
 */
void cma_anon_write(struct cma_anon *anon, unsigned long index)
{
	u8 __user *to = (u8 __user *)(anon->addr + index * PAGE_SIZE);

	cma_anon_make_pattern(anon, index);
	KUNIT_ASSERT_EQ(anon->model->test, 0UL,
			copy_to_user(to, anon->buffer, PAGE_SIZE));
}

static bool cma_anon_is_right(struct cma_anon *anon, unsigned long index)
{
	u64 __user *from = (u64 __user *)(anon->addr + index * PAGE_SIZE);
	unsigned int i;
	u64 word;

	cma_anon_make_pattern(anon, index);
	for (i = 0; i < WORDS; i += 7)
		if (copy_from_user(&word, &from[i], sizeof(word)) ||
		    word != anon->buffer[i])
			return false;
	return true;
}

/**
 * cma_anon_is_intact() - has the memory the content that was written?
 * @anon: the memory
 *
 * Context: a test.
 * Return: true when each page is right.
 */
bool cma_anon_is_intact(struct cma_anon *anon)
{
	unsigned long index = 0;

	while (index < anon->pages && cma_anon_is_right(anon, index))
		index++;
	return index == anon->pages;
}

/**
 * cma_anon_inside() - how much of the memory is in a range?
 * @anon: the memory
 * @range: the range
 *
 * Context: a test.
 * Return: pages.
 */
unsigned long cma_anon_inside(struct cma_anon *anon, struct cma_range range)
{
	unsigned long index, inside = 0;

	for (index = 0; index < anon->pages; index++) {
		struct page *page = cma_anon_page(anon, index);

		inside += cma_range_contains(range, page_to_pfn(page), 1);
		put_page(page);
	}
	lru_add_drain_all();
	return inside;
}

/**
 * cma_anon_inside_any_area() - how much of the memory is in areas?
 * @anon: the memory
 *
 * Context: a test.
 * Return: pages that are in pageblocks of whatever area, also the lender's.
 */
unsigned long cma_anon_inside_any_area(struct cma_anon *anon)
{
	unsigned long index, inside = 0;

	for (index = 0; index < anon->pages; index++) {
		struct page *page = cma_anon_page(anon, index);

		inside += is_migrate_cma_page(page);
		put_page(page);
	}
	lru_add_drain_all();
	return inside;
}

static void cma_anon_isolate(struct cma_anon *anon, struct list_head *folios)
{
	unsigned long index;

	lru_add_drain_all();
	for (index = 0; index < anon->pages; index++) {
		struct folio *folio = page_folio(cma_anon_page(anon, index));

		KUNIT_ASSERT_FALSE(anon->model->test, folio_test_large(folio));
		KUNIT_ASSERT_TRUE(anon->model->test, folio_isolate_lru(folio));
		node_stat_add_folio(folio, NR_ISOLATED_ANON);
		list_add_tail(&folio->lru, folios);
		folio_put(folio);
	}
}

static struct folio *cma_anon_target(struct folio *folio, unsigned long data)
{
	struct cma_anon *anon = (struct cma_anon *)data;
	struct folio *target = pfn_folio(anon->next);

	anon->next += anon->step;
	return target;
}

/**
 * cma_anon_put_in() - move the memory to certain pages
 * @anon: the memory
 * @first: pfn of the first one; all are the caller's, with one reference
 * @step: from one to the next
 *
 * Context: a test; it fails and ends when something stays.
 */
void cma_anon_put_in(struct cma_anon *anon, unsigned long first,
		     unsigned long step)
{
	struct kunit *test = anon->model->test;
	struct cma_range range = cma_range_of(first, anon->pages * step);
	LIST_HEAD(folios);

	anon->next = first;
	anon->step = step;
	cma_anon_isolate(anon, &folios);
	KUNIT_ASSERT_EQ(test, 0,
			migrate_pages(&folios, cma_anon_target, NULL,
				      (unsigned long)anon, MIGRATE_SYNC,
				      MR_CONTIG_RANGE, NULL));
	lru_add_drain_all();
	KUNIT_ASSERT_EQ(test, anon->pages, cma_anon_inside(anon, range));
}

/* Runs in another thread than the test. */
static void cma_anon_close(void *data)
{
	struct cma_anon *anon = data;

	kthread_use_mm(anon->mm);
	vm_munmap(anon->addr, anon->pages * PAGE_SIZE);
	kthread_unuse_mm(anon->mm);
	mmput(anon->mm);
	lru_add_drain_all();
}

/* The first mapping brings the address space, in which no page is to be huge. */
static void cma_anon_map(struct cma_anon *anon, unsigned long flags)
{
	struct kunit *test = anon->model->test;
	unsigned long size = anon->pages * PAGE_SIZE;

	anon->addr = kunit_vm_mmap(test, NULL, 0, size, PROT_NONE,
				   MAP_ANONYMOUS | MAP_PRIVATE, 0);
	KUNIT_ASSERT_NE(test, 0UL, anon->addr);
	KUNIT_ASSERT_FALSE(test, IS_ERR_VALUE(anon->addr));
	set_bit(MMF_DISABLE_THP, &current->mm->flags);
	KUNIT_ASSERT_EQ(test, anon->addr,
			vm_mmap(NULL, anon->addr, size, PROT_READ | PROT_WRITE,
				MAP_ANONYMOUS | MAP_PRIVATE | MAP_FIXED | flags,
				0));
}

/**
 * cma_anon_open() - have memory, wherever it is
 * @model: the area under test
 * @pages: how much
 * @flags: for mmap(), beside those for private anonymous memory
 *
 * Context: a test; it fails and ends when there is none.
 * Return: the memory; it lives as long as the test runs.
 */
struct cma_anon *cma_anon_open(struct cma_model *model, unsigned long pages,
			       unsigned long flags)
{
	struct kunit *test = model->test;
	struct cma_anon *anon = kunit_kzalloc(test, sizeof(*anon), GFP_KERNEL);
	unsigned long index;

	KUNIT_ASSERT_NOT_NULL(test, anon);
	*anon = (struct cma_anon){
		.model = model, .pages = pages,
		.buffer = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL),
	};
	KUNIT_ASSERT_NOT_NULL(test, anon->buffer);
	cma_anon_map(anon, flags);
	anon->mm = current->mm;
	mmget(anon->mm);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, cma_anon_close, anon));
	for (index = 0; index < pages; index++)
		cma_anon_write(anon, index);
	return anon;
}
