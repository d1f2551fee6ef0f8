// SPDX-License-Identifier: GPL-2.0
/*
 * move.c and target.c: anonymous memory of a process in the area.
 */
#include <linux/gfp.h>
#include <linux/kthread.h>
#include <linux/migrate.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sched/mm.h>
#include <linux/swap.h>
#include <linux/uaccess.h>
#include <linux/vmstat.h>

#include "../../internal.h"
#include "../evacuate.h"
#include "cache.h"
#include "model.h"

#define BLOCK pageblock_nr_pages
#define WORDS (PAGE_SIZE / sizeof(u64))

/**
 * struct anon_loan - memory of a process with pages in the area
 * @model: the area
 * @mm: of the process
 * @addr: where the memory begins
 * @pages: how many there are
 * @next: target of the next page while they are migrated in
 * @step: from one target to the next
 * @buffer: of one page, to compare with
 */
struct anon_loan {
	struct cma_model *model;
	struct mm_struct *mm;
	unsigned long addr;
	unsigned long pages;
	unsigned long next;
	unsigned long step;
	u64 *buffer;
};

/* A page that is touched by that if it was not; with a reference. */
static struct page *anon_page(struct anon_loan *loan, unsigned long index)
{
	struct page *page = NULL;
	long got = get_user_pages_unlocked(loan->addr + index * PAGE_SIZE, 1,
					   &page, FOLL_WRITE);

	KUNIT_ASSERT_EQ(loan->model->test, 1L, got);
	return page;
}

static void anon_make_pattern(struct anon_loan *loan, unsigned long index)
{
	unsigned int i;

	for (i = 0; i < WORDS; i++)
		loan->buffer[i] = ((u64)index << 32 | i) *
				  0x9e3779b97f4a7c15ULL;
}

static void anon_write(struct anon_loan *loan, unsigned long index)
{
	u8 __user *to = (u8 __user *)(loan->addr + index * PAGE_SIZE);

	anon_make_pattern(loan, index);
	KUNIT_ASSERT_EQ(loan->model->test, 0UL,
			copy_to_user(to, loan->buffer, PAGE_SIZE));
}

static bool anon_is_right(struct anon_loan *loan, unsigned long index)
{
	u64 __user *from = (u64 __user *)(loan->addr + index * PAGE_SIZE);
	unsigned int i;
	u64 word;

	anon_make_pattern(loan, index);
	for (i = 0; i < WORDS; i += 7)
		if (copy_from_user(&word, &from[i], sizeof(word)) ||
		    word != loan->buffer[i])
			return false;
	return true;
}

static bool anon_is_intact(struct anon_loan *loan)
{
	unsigned long index = 0;

	while (index < loan->pages && anon_is_right(loan, index))
		index++;
	return index == loan->pages;
}

static unsigned long anon_inside(struct anon_loan *loan)
{
	unsigned long index, inside = 0;

	for (index = 0; index < loan->pages; index++) {
		struct page *page = anon_page(loan, index);

		inside += cma_range_contains(loan->model->area.range,
					     page_to_pfn(page), 1);
		put_page(page);
	}
	return inside;
}

/* In page blocks of whatever area, the lender's for instance. */
static unsigned long anon_inside_any_area(struct anon_loan *loan)
{
	unsigned long index, inside = 0;

	for (index = 0; index < loan->pages; index++) {
		struct page *page = anon_page(loan, index);

		inside += is_migrate_cma_page(page);
		put_page(page);
	}
	return inside;
}

static void anon_isolate(struct anon_loan *loan, struct list_head *folios)
{
	unsigned long index;

	lru_add_drain_all();
	for (index = 0; index < loan->pages; index++) {
		struct folio *folio = page_folio(anon_page(loan, index));

		KUNIT_ASSERT_FALSE(loan->model->test, folio_test_large(folio));
		KUNIT_ASSERT_TRUE(loan->model->test, folio_isolate_lru(folio));
		node_stat_add_folio(folio, NR_ISOLATED_ANON);
		list_add_tail(&folio->lru, folios);
		folio_put(folio);
	}
}

static struct folio *anon_target(struct folio *folio, unsigned long data)
{
	struct anon_loan *loan = (struct anon_loan *)data;
	struct folio *target = pfn_folio(loan->next);

	loan->next += loan->step;
	return target;
}

/* To pages of the area that the caller has taken, from @first on. */
static void anon_move_in(struct anon_loan *loan, unsigned long first)
{
	LIST_HEAD(folios);

	loan->next = first;
	anon_isolate(loan, &folios);
	KUNIT_ASSERT_EQ(loan->model->test, 0,
			migrate_pages(&folios, anon_target, NULL,
				      (unsigned long)loan, MIGRATE_SYNC,
				      MR_CONTIG_RANGE, NULL));
	lru_add_drain_all();
	KUNIT_ASSERT_EQ(loan->model->test, loan->pages, anon_inside(loan));
}

/* Runs in another thread than the test. */
static void anon_close(void *data)
{
	struct anon_loan *loan = data;

	kthread_use_mm(loan->mm);
	vm_munmap(loan->addr, loan->pages * PAGE_SIZE);
	kthread_unuse_mm(loan->mm);
	mmput(loan->mm);
	lru_add_drain_all();
}

static struct anon_loan *anon_map(struct cma_model *model, unsigned long pages,
				  unsigned long step)
{
	struct kunit *test = model->test;
	struct anon_loan *loan = kunit_kzalloc(test, sizeof(*loan),
					       GFP_KERNEL);
	unsigned long index;

	KUNIT_ASSERT_NOT_NULL(test, loan);
	*loan = (struct anon_loan){
		.model = model, .pages = pages, .step = step,
		.buffer = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL),
	};
	KUNIT_ASSERT_NOT_NULL(test, loan->buffer);
	loan->addr = kunit_vm_mmap(test, NULL, 0, pages * PAGE_SIZE,
				   PROT_READ | PROT_WRITE,
				   MAP_ANONYMOUS | MAP_PRIVATE, 0);
	KUNIT_ASSERT_NE(test, 0UL, loan->addr);
	KUNIT_ASSERT_FALSE(test, IS_ERR_VALUE(loan->addr));
	loan->mm = current->mm;
	mmget(loan->mm);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, anon_close, loan));
	for (index = 0; index < pages; index++)
		anon_write(loan, index);
	return loan;
}

/* Lent are pages on both sides of a page block's edge. */
static struct anon_loan *anon_open(struct kunit *test)
{
	struct cma_model *model = cma_model_open(test, (struct cma_geometry){
						 .blocks = 2 });
	struct anon_loan *loan = anon_map(model, BLOCK, 1);
	struct cma_evacuation evac = {
		.range = cma_range_of(cma_model_pfn(model, BLOCK / 3), BLOCK),
		.gfp = GFP_KERNEL,
	};

	model->borrowed = true;
	KUNIT_ASSERT_EQ(test, 0, cma_model_evacuate(model, &evac));
	anon_move_in(loan, evac.range.start);
	return loan;
}

static struct cma_evacuation anon_all(struct anon_loan *loan)
{
	return (struct cma_evacuation){
		.range = loan->model->area.range,
		.gfp = GFP_KERNEL,
		.thorough = true,
	};
}

static void anon_keeps_content(struct kunit *test)
{
	struct anon_loan *loan = anon_open(test);
	struct cma_model *model = loan->model;

	KUNIT_EXPECT_TRUE(test, anon_is_intact(loan));
	KUNIT_EXPECT_NOT_NULL(test, cma_model_alloc(model, 2 * BLOCK, 0));
	cma_model_check(model);
	KUNIT_EXPECT_TRUE(test, anon_is_intact(loan));
	KUNIT_EXPECT_EQ(test, 0UL, anon_inside(loan));
	model->borrowed = false;
	cma_model_check(model);
}

static void anon_leaves_other_windows_alone(struct kunit *test)
{
	struct anon_loan *loan = anon_open(test);
	struct cma_evacuation evac = {
		.range = cma_range_of(cma_model_pfn(loan->model, BLOCK - 5),
				      10),
		.gfp = GFP_KERNEL,
	};

	KUNIT_EXPECT_EQ(test, 0, cma_model_evacuate(loan->model, &evac));
	KUNIT_EXPECT_EQ(test, 10UL, evac.moved);
	cma_model_adopt(loan->model, evac.range);
	cma_model_check(loan->model);
	KUNIT_EXPECT_EQ(test, loan->pages - 10, anon_inside(loan));
	KUNIT_EXPECT_TRUE(test, anon_is_intact(loan));
}

static void anon_is_moved_out_of_all_areas(struct kunit *test)
{
	struct anon_loan *loan = anon_open(test);
	struct cma_evacuation evac = anon_all(loan);

	KUNIT_EXPECT_EQ(test, loan->pages, anon_inside_any_area(loan));
	KUNIT_ASSERT_EQ(test, 0, cma_model_evacuate(loan->model, &evac));
	cma_model_adopt(loan->model, evac.range);
	KUNIT_EXPECT_EQ(test, loan->pages, evac.moved);
	KUNIT_EXPECT_EQ(test, 0UL, evac.dropped);
	KUNIT_EXPECT_EQ(test, 0UL, anon_inside_any_area(loan));
	KUNIT_EXPECT_TRUE(test, anon_is_intact(loan));
}

static void anon_with_extra_reference_is_busy(struct kunit *test)
{
	struct anon_loan *loan = anon_open(test);
	struct cma_model *model = loan->model;
	struct cma_evacuation evac = anon_all(loan);
	struct page *pinned = anon_page(loan, 77);

	KUNIT_EXPECT_EQ(test, -EBUSY, cma_model_evacuate(model, &evac));
	KUNIT_EXPECT_EQ(test, page_to_pfn(pinned), evac.blocker);
	KUNIT_EXPECT_EQ(test, 0UL, evac.moved);
	KUNIT_EXPECT_NULL(test, cma_model_alloc(model, 2 * BLOCK, 0));
	cma_model_check(model);
	KUNIT_EXPECT_EQ(test, loan->pages, anon_inside(loan));
	KUNIT_EXPECT_TRUE(test, anon_is_intact(loan));

	put_page(pinned);
	KUNIT_EXPECT_NOT_NULL(test, cma_model_alloc(model, 2 * BLOCK, 0));
	cma_model_check(model);
	KUNIT_EXPECT_EQ(test, 0UL, anon_inside(loan));
	KUNIT_EXPECT_TRUE(test, anon_is_intact(loan));
}

/* What comes back to the page tables is as it was: the process can write. */
static void anon_can_be_written_after_the_move(struct kunit *test)
{
	struct anon_loan *loan = anon_open(test);
	unsigned long index;

	KUNIT_EXPECT_NOT_NULL(test, cma_model_alloc(loan->model, 2 * BLOCK, 0));
	loan->addr += PAGE_SIZE;
	for (index = 0; index < loan->pages - 1; index++)
		anon_write(loan, index);
	loan->pages--;
	KUNIT_EXPECT_TRUE(test, anon_is_intact(loan));
	loan->addr -= PAGE_SIZE;
	loan->pages++;
	cma_model_check(loan->model);
}

/* Every other page of the area is memory of a process, the rest page cache. */
static void anon_among_cache_is_moved(struct kunit *test)
{
	struct cma_model *model = cma_model_open(test, (struct cma_geometry){
						 .blocks = 2 });
	struct cma_cache *cache = cma_cache_open(model);
	struct anon_loan *loan = anon_map(model, BLOCK, 2);
	struct cma_evacuation evac = anon_all(loan);
	unsigned long page;

	cma_cache_take(cache, model->area.range);
	for (page = 1; page < 2 * BLOCK; page += 2)
		cma_cache_add(cache, 0, page, cma_model_pfn(model, page));
	anon_move_in(loan, cma_model_pfn(model, 0));

	KUNIT_ASSERT_EQ(test, 0, cma_model_evacuate(model, &evac));
	cma_model_adopt(model, evac.range);
	KUNIT_EXPECT_EQ(test, BLOCK, evac.dropped);
	KUNIT_EXPECT_EQ(test, BLOCK, evac.moved);
	KUNIT_EXPECT_EQ(test, 0UL, cma_cache_pages(cache));
	KUNIT_EXPECT_EQ(test, 0UL, anon_inside_any_area(loan));
	KUNIT_EXPECT_TRUE(test, anon_is_intact(loan));
	model->borrowed = false;
	cma_model_check(model);
}

static struct kunit_case anon_tests[] = {
	KUNIT_CASE(anon_keeps_content),
	KUNIT_CASE(anon_leaves_other_windows_alone),
	KUNIT_CASE(anon_is_moved_out_of_all_areas),
	KUNIT_CASE(anon_with_extra_reference_is_busy),
	KUNIT_CASE(anon_can_be_written_after_the_move),
	KUNIT_CASE(anon_among_cache_is_moved),
	{}
};

static struct kunit_suite anon_suite = {
	.name = "cma_anon",
	.test_cases = anon_tests,
};

kunit_test_suite(anon_suite);
