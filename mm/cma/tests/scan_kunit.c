// SPDX-License-Identifier: GPL-2.0
/*
 * scan.c: what a page in each state counts as.
 */
#include <linux/buffer_head.h>
#include <linux/fs.h>
#include <linux/jbd2.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched.h>
#include <linux/swap.h>

#include "../../internal.h"
#include "../engine.h"
#include "borrow.h"
#include "cache.h"
#include "model.h"

static struct cma_scan scan_of(struct cma_model *model, unsigned long first,
			       unsigned long count)
{
	struct cma_scan scan;

	cma_scan_range(&scan, cma_model_range(model, first, count), true);
	return scan;
}

static void scan_expect(struct kunit *test, const struct cma_scan *scan,
			struct cma_scan want)
{
	KUNIT_EXPECT_EQ(test, want.idle, scan->idle);
	KUNIT_EXPECT_EQ(test, want.clean, scan->clean);
	KUNIT_EXPECT_EQ(test, want.moved, scan->moved);
	KUNIT_EXPECT_EQ(test, want.batched, scan->batched);
	KUNIT_EXPECT_FALSE(test, cma_scan_has_unmovable(scan));
	KUNIT_EXPECT_EQ(test, want.idle * 1 +
			want.clean * 16 + want.moved * 80,
			cma_search_scan_cost(scan));
	KUNIT_EXPECT_EQ(test, !cma_search_scan_cost(scan),
			cma_scan_is_free(scan));
}

static void scan_expect_stuck(struct cma_model *model,
			      const struct cma_scan *scan, unsigned long first,
			      unsigned long count)
{
	KUNIT_EXPECT_TRUE(model->test, cma_scan_has_unmovable(scan));
	KUNIT_EXPECT_FALSE(model->test, cma_scan_is_free(scan));
	KUNIT_EXPECT_EQ(model->test, cma_model_pfn(model, first),
			scan->unmovable);
	KUNIT_EXPECT_EQ(model->test, cma_model_pfn(model, first + count),
			scan->unmovable_end);
}

static void scan_of_free_chunks(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 2);
	struct cma_scan scan = scan_of(model, 0, 2 * BLOCK);

	scan_expect(test, &scan, (struct cma_scan){ 0 });
	KUNIT_EXPECT_GE(test, scan.looked, 1UL);
	KUNIT_EXPECT_LE(test, scan.looked, 2UL);
	scan = scan_of(model, 100, 7);
	scan_expect(test, &scan, (struct cma_scan){ 0 });
	KUNIT_EXPECT_EQ(test, 1UL, scan.looked);
	scan = scan_of(model, BLOCK - 1, 2);
	scan_expect(test, &scan, (struct cma_scan){ 0 });
	KUNIT_EXPECT_LE(test, scan.looked, 2UL);
	scan = scan_of(model, 100, 0);
	scan_expect(test, &scan, (struct cma_scan){ 0 });
}

static void scan_of_per_cpu_list_is_idle(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 2);
	struct cma_scan scan;
	unsigned long page;

	for (page = 10; page < 13; page++)
		cma_model_block(model, cma_model_pfn(model, page));
	for (page = 10; page < 13; page++)
		cma_model_unblock(model, cma_model_pfn(model, page));
	scan = scan_of(model, 0, BLOCK);
	scan_expect(test, &scan, (struct cma_scan){ .idle = 3 });
	drain_all_pages(model->zone);
	scan = scan_of(model, 0, BLOCK);
	scan_expect(test, &scan, (struct cma_scan){ 0 });
}

static void scan_ends_at_blocker(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 2);
	struct cma_scan scan;

	cma_model_block(model, cma_model_pfn(model, 10));
	cma_model_block(model, cma_model_pfn(model, 20));
	scan = scan_of(model, 0, BLOCK);
	scan_expect_stuck(model, &scan, 10, 1);
	scan = scan_of(model, 11, BLOCK);
	scan_expect_stuck(model, &scan, 20, 1);
	scan = scan_of(model, 20, 1);
	scan_expect_stuck(model, &scan, 20, 1);
	KUNIT_EXPECT_EQ(test, 1UL, scan.looked);
	scan = scan_of(model, 11, 9);
	scan_expect(test, &scan, (struct cma_scan){ 0 });
	scan = scan_of(model, 21, BLOCK);
	scan_expect(test, &scan, (struct cma_scan){ 0 });
}

static void scan_of_compound_blocker_has_its_end(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 2);
	struct cma_evacuation compound = {
		.range = cma_model_range(model, 16, 16),
		.gfp = GFP_KERNEL | __GFP_COMP,
	};
	struct cma_scan scan;

	KUNIT_ASSERT_EQ(test, 0, cma_model_evacuate(model, &compound));
	scan = scan_of(model, 0, BLOCK);
	scan_expect_stuck(model, &scan, 16, 16);
	scan = scan_of(model, 20, BLOCK);
	scan_expect_stuck(model, &scan, 20, 12);
	scan = scan_of(model, 0, 17);
	scan_expect_stuck(model, &scan, 16, 16);
	scan = scan_of(model, 32, BLOCK);
	scan_expect(test, &scan, (struct cma_scan){ 0 });
	KUNIT_EXPECT_EQ(test, 1,
			folio_ref_count(pfn_folio(compound.range.start)));
	folio_put(pfn_folio(compound.range.start));
}

static void scan_of_shared_memory_is_moved(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 2);
	struct cma_range lent = cma_model_range(model, 50, 40);
	struct cma_borrower *borrower = cma_borrow_open(model, lent);
	struct cma_scan scan = scan_of(model, 0, BLOCK);
	struct page *pinned;

	scan_expect(test, &scan, (struct cma_scan){ .moved = 40 });
	pinned = cma_borrow_page(borrower, 5);
	scan = scan_of(model, 0, BLOCK);
	scan_expect_stuck(model, &scan, 55, 1);
	KUNIT_EXPECT_EQ(test, 5UL, scan.moved);
	put_page(pinned);
	scan = scan_of(model, 60, 10);
	scan_expect(test, &scan, (struct cma_scan){ .moved = 10 });
}

static void scan_of_cache_is_clean_or_moved(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 2);
	struct cma_cache *cache = cma_cache_open(model);
	struct folio *folio;
	struct cma_scan scan;

	cma_cache_lend(cache, cma_model_range(model, 50, 40));
	scan = scan_of(model, 0, BLOCK);
	scan_expect(test, &scan, (struct cma_scan){ .clean = 40 });
	cma_cache_dirty(cache, cma_model_range(model, 60, 10));
	scan = scan_of(model, 0, BLOCK);
	scan_expect(test, &scan, (struct cma_scan){ .clean = 30, .moved = 10 });

	folio = cma_cache_get(cache, 0, 70);
	KUNIT_ASSERT_NOT_NULL(test, folio);
	scan = scan_of(model, 0, BLOCK);
	scan_expect_stuck(model, &scan, 70, 1);
	folio_attach_private(folio, cache);
	folio_put(folio);
	scan = scan_of(model, 0, BLOCK);
	scan_expect(test, &scan, (struct cma_scan){ .clean = 30, .moved = 10 });
}

/* To wait for it is for those that found nothing else; no view calls it pinned. */
static void scan_of_busy_page_ends_there(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 2);
	struct cma_cache *cache = cma_cache_open(model);
	struct cma_pageblock_state state;
	struct folio *folio;
	struct cma_scan scan;

	cma_cache_lend(cache, cma_model_range(model, 50, 40));
	folio = pfn_folio(cma_model_pfn(model, 60));
	folio_lock(folio);
	scan = scan_of(model, 0, BLOCK);
	scan_expect_stuck(model, &scan, 60, 1);
	KUNIT_EXPECT_TRUE(test, scan.is_busy);
	state = cma_scan_pageblock(&model->area,
				   cma_model_range(model, 0, BLOCK));
	KUNIT_EXPECT_EQ(test, 0UL, state.unmovable);
	KUNIT_EXPECT_EQ(test, 1UL, state.movable);
	KUNIT_EXPECT_EQ(test, 39UL, state.clean);
	folio_unlock(folio);
	scan = scan_of(model, 0, BLOCK);
	scan_expect(test, &scan, (struct cma_scan){ .clean = 40 });
	KUNIT_EXPECT_FALSE(test, scan.is_busy);
}

/* Fewer than a batch takes, so they stay in there. */
static void scan_of_batch_is_batched(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 2);
	struct cma_cache *cache = cma_cache_open(model);
	struct cma_scan scan;
	unsigned long page;

	cma_cache_take(cache, cma_model_range(model, 50, 3));
	lru_add_drain_all();
	for (page = 50; page < 53; page++)
		cma_cache_add(cache, 0, page, cma_model_pfn(model, page));
	scan = scan_of(model, 0, BLOCK);
	scan_expect(test, &scan, (struct cma_scan){ .moved = 3, .batched = 3 });
	lru_add_drain_all();
	scan = scan_of(model, 0, BLOCK);
	scan_expect(test, &scan, (struct cma_scan){ .clean = 3 });
}

/* It looks clean, but no attempt would move it before the journal lets go. */
static void scan_f09_of_journal_ends_there(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 1);
	struct cma_cache *cache = cma_cache_open(model);
	struct folio *folio = pfn_folio(cma_model_pfn(model, 20));
	struct buffer_head buffers[2] = {};
	struct cma_scan scan;

	if (!IS_ENABLED(CONFIG_BUFFER_HEAD))
		kunit_skip(test, "no file system has buffers");
	cma_cache_lend(cache, cma_model_range(model, 16, 9));
	lru_add_drain_all();
	buffers[0].b_this_page = &buffers[1];
	buffers[1].b_this_page = &buffers[0];
	folio_attach_private(folio, buffers);
	scan = scan_of(model, 0, BLOCK);
	scan_expect(test, &scan, (struct cma_scan){ .clean = 9 });
	atomic_set(&buffers[1].b_count, 1);
	scan = scan_of(model, 0, BLOCK);
	scan_expect(test, &scan, (struct cma_scan){ .clean = 9 });
	KUNIT_EXPECT_FALSE(test, scan.has_metadata);
	folio->mapping->host->i_mode = S_IFBLK;
	scan = scan_of(model, 0, BLOCK);
	scan_expect(test, &scan, (struct cma_scan){ .clean = 9 });
	KUNIT_EXPECT_TRUE(test, scan.has_metadata);
	set_buffer_jbd(&buffers[1]);
	scan = scan_of(model, 0, BLOCK);
	scan_expect_stuck(model, &scan, 20, 1);
	KUNIT_EXPECT_TRUE(test, scan.in_journal);
	atomic_set(&buffers[1].b_count, 0);
	scan = scan_of(model, 0, BLOCK);
	scan_expect(test, &scan, (struct cma_scan){ .clean = 9 });
	folio->mapping->host->i_mode = 0;
	folio_detach_private(folio);
	KUNIT_EXPECT_FALSE(test, folio_test_locked(folio));
	KUNIT_EXPECT_EQ(test, 1, folio_ref_count(folio));
	cma_model_check(model);
}

/* A migration that failed has put it into a batch, with one more reference. */
static void scan_f08_of_journal_in_batch_is_no_batched_page(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 1);
	struct cma_cache *cache = cma_cache_open(model);
	struct folio *folio = pfn_folio(cma_model_pfn(model, 20));
	struct buffer_head buffer = { .b_this_page = &buffer };
	struct cma_scan scan;

	if (!IS_ENABLED(CONFIG_BUFFER_HEAD))
		kunit_skip(test, "no file system has buffers");
	cma_cache_take(cache, cma_model_range(model, 20, 1));
	lru_add_drain_all();
	cma_cache_add(cache, 0, 20, cma_model_pfn(model, 20));
	KUNIT_ASSERT_FALSE(test, folio_test_lru(folio));
	folio_attach_private(folio, &buffer);
	folio->mapping->host->i_mode = S_IFBLK;
	atomic_set(&buffer.b_count, 1);
	set_buffer_jbd(&buffer);
	scan = scan_of(model, 0, BLOCK);
	scan_expect_stuck(model, &scan, 20, 1);
	KUNIT_EXPECT_TRUE(test, scan.in_journal);
	KUNIT_EXPECT_TRUE(test, scan.has_metadata);
	folio->mapping->host->i_mode = 0;
	folio_detach_private(folio);
	lru_add_drain_all();
	cma_model_check(model);
}

/* The batch of those that go to the end of a list has them beside the list. */
static void scan_of_batch_on_lru_is_batched(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 2);
	struct cma_cache *cache = cma_cache_open(model);
	struct folio *folio = pfn_folio(cma_model_pfn(model, 60));
	struct cma_scan scan;

	cma_cache_lend(cache, cma_model_range(model, 50, 40));
	deactivate_file_folio(folio);
	KUNIT_EXPECT_TRUE(test, folio_test_lru(folio));
	cma_scan_range(&scan, cma_model_range(model, 0, BLOCK), false);
	scan_expect(test, &scan,
		    (struct cma_scan){ .clean = 39, .moved = 1, .batched = 1 });
	scan = scan_of(model, 0, BLOCK);
	scan_expect_stuck(model, &scan, 60, 1);

	/* Of two references, one at least is of somebody else. */
	folio_get(folio);
	cma_scan_range(&scan, cma_model_range(model, 0, BLOCK), false);
	scan_expect_stuck(model, &scan, 60, 1);
	folio_put(folio);
	lru_add_drain_all();
	scan = scan_of(model, 0, BLOCK);
	scan_expect(test, &scan, (struct cma_scan){ .clean = 40 });
}

/* No drain helps against what is pinned for DMA. */
static void scan_of_dma_pin_is_told(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 2);
	struct cma_cache *cache = cma_cache_open(model);
	struct folio *folio = pfn_folio(cma_model_pfn(model, 60));
	struct cma_scan scan;

	cma_cache_lend(cache, cma_model_range(model, 50, 40));
	folio_get(folio);
	scan = scan_of(model, 0, BLOCK);
	scan_expect_stuck(model, &scan, 60, 1);
	KUNIT_EXPECT_FALSE(test, scan.is_pinned);
	folio_ref_add(folio, GUP_PIN_COUNTING_BIAS);
	scan = scan_of(model, 0, BLOCK);
	scan_expect_stuck(model, &scan, 60, 1);
	KUNIT_EXPECT_TRUE(test, scan.is_pinned);
	folio_ref_sub(folio, GUP_PIN_COUNTING_BIAS + 1);
}

/* XFS: a window was scanned for 0.7 ms in which 64 MiB go in 1.3. */
static void scan_of_clean_large_folios_costs_less(struct kunit *test)
{
	const struct cma_scan small = { .clean = 40 };
	const struct cma_scan large = { .clean = 40, .clean_large = 32 };

	KUNIT_EXPECT_EQ(test, 40UL * 16, cma_search_scan_cost(&small));
	KUNIT_EXPECT_EQ(test, 8UL * 16 + 32UL * 2, cma_search_scan_cost(&large));
}

/* A window of huge pages is scanned in one go, without locks. */
static void scan_of_large_window_lets_others_run(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 4);

	KUNIT_ASSERT_NOT_NULL(test, cma_model_alloc(model, 4 * BLOCK, 0));
	set_tsk_need_resched(current);
	set_preempt_need_resched();
	scan_of(model, 0, 4 * BLOCK);
	KUNIT_EXPECT_FALSE(test, need_resched());
}

static struct kunit_case scan_tests[] = {
	KUNIT_CASE(scan_of_free_chunks),
	KUNIT_CASE(scan_of_per_cpu_list_is_idle),
	KUNIT_CASE(scan_ends_at_blocker),
	KUNIT_CASE(scan_of_compound_blocker_has_its_end),
	KUNIT_CASE(scan_of_shared_memory_is_moved),
	KUNIT_CASE(scan_of_cache_is_clean_or_moved),
	KUNIT_CASE(scan_of_busy_page_ends_there),
	KUNIT_CASE(scan_f09_of_journal_ends_there),
	KUNIT_CASE(scan_f08_of_journal_in_batch_is_no_batched_page),
	KUNIT_CASE(scan_of_batch_is_batched),
	KUNIT_CASE(scan_of_batch_on_lru_is_batched),
	KUNIT_CASE(scan_of_dma_pin_is_told),
	KUNIT_CASE(scan_of_clean_large_folios_costs_less),
	KUNIT_CASE(scan_of_large_window_lets_others_run),
	{}
};

static struct kunit_suite scan_suite = {
	.name = "cma_scan",
	.test_cases = scan_tests,
};

kunit_test_suite(scan_suite);
