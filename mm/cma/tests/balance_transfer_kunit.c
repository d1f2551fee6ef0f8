// SPDX-License-Identifier: GPL-2.0
/*
 * balance.c: what can be moved out of a pageblock of regular memory is in the
 * area then, and all else is as it was.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/swap.h>

#include "../../internal.h"
#include "../balance.h"
#include "../lend.h"
#include "anon.h"
#include "borrow.h"
#include "cache.h"
#include "model.h"
#include "outside.h"

#define SOME 77

/**
 * enum balance_transfer_kind - who uses the pageblock
 * @TRANSFER_ANON: a process
 * @TRANSFER_LOCKED: a process, and it is mlocked
 * @TRANSFER_SHMEM: a file in shared memory
 * @TRANSFER_CLEAN: page cache
 * @TRANSFER_DIRTY: page cache that is to be written
 */
enum balance_transfer_kind {
	TRANSFER_ANON,
	TRANSFER_LOCKED,
	TRANSFER_SHMEM,
	TRANSFER_CLEAN,
	TRANSFER_DIRTY,
};

/**
 * struct balance_transfer_use - a pageblock that is full
 * @model: an area, the only one with room
 * @block: the pageblock, of regular memory
 * @kind: what it is full of
 * @anon: of a process
 * @borrower: shared memory
 * @cache: page cache
 */
struct balance_transfer_use {
	struct cma_model *model;
	struct cma_range block;
	enum balance_transfer_kind kind;
	struct cma_anon *anon;
	struct cma_borrower *borrower;
	struct cma_cache *cache;
};

/**
 * struct balance_transfer_row - one kind
 * @name: for the log
 * @kind: which one
 * @is_file: belongs to a file system
 */
struct balance_transfer_row {
	const char *name;
	enum balance_transfer_kind kind;
	bool is_file;
};

static const struct balance_transfer_row balance_transfer_rows[] = {
	{ "anonymous memory", TRANSFER_ANON, false },
	{ "mlocked memory", TRANSFER_LOCKED, false },
	{ "shared memory", TRANSFER_SHMEM, true },
	{ "clean page cache", TRANSFER_CLEAN, true },
};

KUNIT_ARRAY_PARAM_DESC(balance_transfer, balance_transfer_rows, name);

static const struct balance_transfer_row balance_transfer_dirty = {
	"dirty page cache", TRANSFER_DIRTY, true
};

static const struct balance_transfer_row balance_transfer_clean = {
	"clean page cache", TRANSFER_CLEAN, true
};

static struct cma_model *balance_transfer_model(struct kunit *test)
{
	const struct cma_geometry want = { .blocks = 2 };
	struct cma_model *model = cma_model_open(test, want);

	cma_outside_close_lender(model);
	return model;
}

static void balance_transfer_fill_cache(struct balance_transfer_use *use)
{
	unsigned long i;

	use->cache = cma_cache_open(use->model);
	for (i = 0; i < BLOCK; i++)
		cma_cache_add(use->cache, i % CMA_CACHE_FILES, i,
			      use->block.start + i);
	lru_add_drain_all();
	if (use->kind == TRANSFER_DIRTY)
		cma_cache_dirty(use->cache, use->block);
}

static void balance_transfer_fill(struct balance_transfer_use *use)
{
	unsigned long flags = use->kind == TRANSFER_LOCKED ? MAP_LOCKED : 0;

	switch (use->kind) {
	case TRANSFER_ANON:
	case TRANSFER_LOCKED:
		use->anon = cma_anon_open(use->model, BLOCK, flags);
		use->block = cma_outside_take(use->model);
		cma_anon_put_in(use->anon, use->block.start, 1);
		break;
	case TRANSFER_SHMEM:
		use->block = cma_outside_take(use->model);
		use->borrower = cma_borrow_open_in(use->model, use->block);
		break;
	default:
		use->block = cma_outside_take(use->model);
		balance_transfer_fill_cache(use);
	}
}

static struct balance_transfer_use *
balance_transfer_open_row(struct kunit *test, const struct balance_transfer_row *row)
{
	struct balance_transfer_use *use =
		kunit_kzalloc(test, sizeof(*use), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, use);
	use->model = balance_transfer_model(test);
	use->kind = row->kind;
	balance_transfer_fill(use);
	cma_model_check(use->model);
	KUNIT_ASSERT_EQ(test, 0UL, cma_outside_free_pages(use->block));
	return use;
}

static struct balance_transfer_use *balance_transfer_open(struct kunit *test)
{
	return balance_transfer_open_row(test, test->param_value);
}

static bool balance_transfer_is_intact(const struct balance_transfer_use *use)
{
	if (use->anon)
		return cma_anon_is_intact(use->anon);
	if (use->borrower)
		return cma_borrow_is_intact(use->borrower);
	return cma_cache_pages(use->cache) == BLOCK &&
	       cma_cache_is_intact(use->cache);
}

static struct cma_transfer
balance_transfer_run(struct balance_transfer_use *use, gfp_t gfp)
{
	struct cma_transfer transfer = { .gfp = gfp };

	cma_transfer_part(&transfer, use->block);
	lru_add_drain_all();
	cma_model_check(use->model);
	return transfer;
}

/* So many are in the area now, where they were is free, the rest is there. */
static void balance_transfer_expect(const struct balance_transfer_use *use,
				    const struct cma_transfer *transfer,
				    unsigned long moved)
{
	struct kunit *test = use->model->test;
	struct cma_range area = use->model->area.range;
	unsigned long used = cma_range_len(area) - use->model->held -
			     cma_outside_free_pages(area);

	KUNIT_EXPECT_EQ(test, moved, transfer->moved);
	KUNIT_EXPECT_EQ(test, moved, used);
	KUNIT_EXPECT_EQ(test, moved, cma_outside_free_pages(use->block));
	KUNIT_EXPECT_TRUE(test, balance_transfer_is_intact(use));
}

static void balance_transfer_leave_room(struct balance_transfer_use *use,
					unsigned long pages)
{
	unsigned long held = cma_model_pages(use->model) - pages;

	KUNIT_ASSERT_NOT_NULL(use->model->test,
			      cma_model_alloc(use->model, held, 0));
}

static void balance_transfer_moves(struct kunit *test)
{
	struct balance_transfer_use *use = balance_transfer_open(test);
	struct cma_transfer transfer = balance_transfer_run(use, GFP_KERNEL);

	balance_transfer_expect(use, &transfer, BLOCK);
	KUNIT_EXPECT_EQ(test, 0UL, transfer.unmovable);
	KUNIT_EXPECT_TRUE(test, cma_outside_is_one_chunk(use->block));
}

static void balance_transfer_leaves_dirty_page_cache_alone(struct kunit *test)
{
	struct balance_transfer_use *use =
		balance_transfer_open_row(test, &balance_transfer_dirty);
	struct cma_transfer transfer = balance_transfer_run(use, GFP_KERNEL);

	balance_transfer_expect(use, &transfer, 0);
	KUNIT_EXPECT_EQ(test, 0UL, transfer.unmovable);
}

/* Such as what XFS notes of a large folio. */
static void balance_transfer_takes_private_data_along(struct kunit *test)
{
	struct balance_transfer_use *use =
		balance_transfer_open_row(test, &balance_transfer_clean);
	struct cma_transfer transfer;

	folio_attach_private(page_folio(pfn_to_page(use->block.start + SOME)), use);
	transfer = balance_transfer_run(use, GFP_KERNEL);
	balance_transfer_expect(use, &transfer, BLOCK);
}

/* A file system may pin them for the life of a mount. */
static void balance_transfer_leaves_buffers_alone(struct kunit *test)
{
	struct balance_transfer_use *use =
		balance_transfer_open_row(test, &balance_transfer_clean);
	struct folio *folio = page_folio(pfn_to_page(use->block.start + SOME));
	struct cma_transfer transfer;

	cma_cache_use_buffers(use->cache);
	folio_attach_private(folio, use);
	transfer = balance_transfer_run(use, GFP_KERNEL);
	balance_transfer_expect(use, &transfer, BLOCK - 1);
	KUNIT_EXPECT_EQ(test, 0UL, transfer.unmovable);
	folio_detach_private(folio);
	transfer = balance_transfer_run(use, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, 1UL, transfer.moved);
}

static void balance_transfer_adds_up(struct kunit *test)
{
	struct balance_transfer_use *use = balance_transfer_open(test);
	struct cma_transfer transfer = {
		.gfp = GFP_KERNEL, .moved = 1000, .unmovable = 100,
	};

	cma_transfer_part(&transfer, use->block);
	KUNIT_EXPECT_EQ(test, 1000 + BLOCK, transfer.moved);
	KUNIT_EXPECT_EQ(test, 100UL, transfer.unmovable);
	cma_model_check(use->model);
}

static void balance_transfer_inside_a_file_system(struct kunit *test)
{
	const struct balance_transfer_row *row = test->param_value;
	struct balance_transfer_use *use = balance_transfer_open(test);
	struct cma_transfer nofs, noio;

	noio = balance_transfer_run(use, GFP_NOIO);
	balance_transfer_expect(use, &noio, row->is_file ? 0 : BLOCK);
	KUNIT_EXPECT_EQ(test, 0UL, noio.unmovable);
	nofs = balance_transfer_run(use, GFP_NOFS);
	KUNIT_EXPECT_EQ(test, 0UL, nofs.moved + nofs.unmovable);
	KUNIT_EXPECT_TRUE(test, balance_transfer_is_intact(use));
}

static void balance_transfer_leaves_extra_reference_alone(struct kunit *test)
{
	const struct balance_transfer_row *row = test->param_value;
	struct balance_transfer_use *use = balance_transfer_open(test);
	struct page *pinned = pfn_to_page(use->block.start + SOME);
	struct cma_transfer transfer;

	get_page(pinned);
	transfer = balance_transfer_run(use, GFP_KERNEL);
	balance_transfer_expect(use, &transfer, BLOCK - 1);
	KUNIT_EXPECT_EQ(test, row->is_file ? 1UL : 0UL, transfer.unmovable);
	/* When it looks pinned, it is not even tried. */
	page_ref_add(pinned, GUP_PIN_COUNTING_BIAS);
	transfer = balance_transfer_run(use, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, 0UL, transfer.moved + transfer.unmovable);
	page_ref_sub(pinned, GUP_PIN_COUNTING_BIAS);
	KUNIT_EXPECT_TRUE(test, PageLRU(pinned));
	put_page(pinned);
	transfer = balance_transfer_run(use, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, 1UL, transfer.moved);
	KUNIT_EXPECT_EQ(test, BLOCK, cma_outside_free_pages(use->block));
	KUNIT_EXPECT_TRUE(test, balance_transfer_is_intact(use));
}

/* Who has the lock may be waiting for memory. */
static void balance_transfer_leaves_locked_folio_alone(struct kunit *test)
{
	struct balance_transfer_use *use = balance_transfer_open(test);
	struct folio *folio = pfn_folio(use->block.start + SOME);
	struct cma_transfer transfer;

	folio_lock(folio);
	transfer = balance_transfer_run(use, GFP_KERNEL);
	folio_unlock(folio);
	balance_transfer_expect(use, &transfer, BLOCK - 1);
	/* Page cache is not even isolated then. */
	KUNIT_EXPECT_EQ(test, use->kind == TRANSFER_CLEAN ? 0UL : 1UL,
			transfer.unmovable);
	KUNIT_EXPECT_TRUE(test, folio_test_lru(folio));
}

static void balance_transfer_with_little_room(struct kunit *test)
{
	struct balance_transfer_use *use = balance_transfer_open(test);
	struct cma_transfer transfer;

	balance_transfer_leave_room(use, 300);
	transfer = balance_transfer_run(use, GFP_KERNEL);
	balance_transfer_expect(use, &transfer, 300);
	/* The fast path does not try what has no room. */
	KUNIT_EXPECT_EQ(test, use->kind == TRANSFER_ANON ? 0UL : BLOCK - 300,
			transfer.unmovable);
	transfer = balance_transfer_run(use, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, 0UL, transfer.moved);
	KUNIT_EXPECT_TRUE(test, transfer.full);
	KUNIT_EXPECT_TRUE(test, balance_transfer_is_intact(use));
}

static void balance_transfer_keeps_mlocked(struct kunit *test)
{
	struct balance_transfer_use use = {
		.model = balance_transfer_model(test), .kind = TRANSFER_LOCKED,
	};
	struct cma_transfer transfer;
	unsigned long i, locked = 0;

	balance_transfer_fill(&use);
	/* As vm.compact_unevictable_allowed has it. */
	sysctl_compact_unevictable_allowed = 0;
	transfer = balance_transfer_run(&use, GFP_KERNEL);
	sysctl_compact_unevictable_allowed = 1;
	KUNIT_EXPECT_EQ(test, 0UL, transfer.moved + transfer.unmovable);
	transfer = balance_transfer_run(&use, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, BLOCK, transfer.moved);
	for (i = 0; i < BLOCK; i++) {
		struct folio *folio = page_folio(cma_anon_page(use.anon, i));

		locked += folio_test_mlocked(folio) &&
			  folio_test_unevictable(folio);
		folio_put(folio);
	}
	KUNIT_EXPECT_EQ(test, BLOCK, locked);
}

/* Not in per-CPU lists, where others would find it page by page. */
static void balance_transfer_of_anon_frees_one_chunk(struct kunit *test)
{
	struct balance_transfer_use use = {
		.model = balance_transfer_model(test),
	};
	struct cma_transfer transfer = { .gfp = GFP_KERNEL };

	balance_transfer_fill(&use);
	cma_transfer_part(&transfer, use.block);
	KUNIT_EXPECT_TRUE(test, cma_outside_is_one_chunk(use.block));
	cma_model_check(use.model);
}

/* Of four pages: memory of a process, free, unmovable, page cache. */
static void balance_transfer_fill_mixed(struct balance_transfer_use *use)
{
	unsigned long i;

	use->anon = cma_anon_open(use->model, BLOCK / 4, 0);
	use->cache = cma_cache_open(use->model);
	use->block = cma_outside_take(use->model);
	cma_anon_put_in(use->anon, use->block.start, 4);
	for (i = 0; i < BLOCK; i += 4) {
		struct cma_range free = cma_range_of(use->block.start + i + 1,
						     1);

		cma_cache_add(use->cache, 0, i, use->block.start + i + 3);
		cma_outside_give(use->model, free);
	}
	lru_add_drain_all();
	cma_model_check(use->model);
}

static void balance_transfer_of_mixed_pageblock(struct kunit *test)
{
	struct balance_transfer_use use = {
		.model = balance_transfer_model(test),
	};
	struct cma_transfer transfer = { .gfp = GFP_KERNEL, .only_cache = true };
	unsigned long i;

	balance_transfer_fill_mixed(&use);
	cma_transfer_part(&transfer, use.block);
	KUNIT_EXPECT_EQ(test, BLOCK / 4, transfer.moved);
	KUNIT_EXPECT_TRUE(test, transfer.partial);
	transfer = balance_transfer_run(&use, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, BLOCK / 4, transfer.moved);
	KUNIT_EXPECT_FALSE(test, transfer.partial);
	KUNIT_EXPECT_EQ(test, BLOCK / 2, 2 * BLOCK -
			cma_outside_free_pages(use.model->area.range));
	KUNIT_EXPECT_EQ(test, BLOCK / 4 * 3, cma_outside_free_pages(use.block));
	KUNIT_EXPECT_TRUE(test, cma_anon_is_intact(use.anon));
	KUNIT_EXPECT_TRUE(test, cma_cache_is_intact(use.cache));
	KUNIT_EXPECT_EQ(test, BLOCK / 4, cma_cache_pages(use.cache));
	cma_cache_empty(use.cache);
	for (i = 2; i < BLOCK; i += 4) {
		struct cma_range held = cma_range_of(use.block.start + i, 1);

		KUNIT_EXPECT_EQ(test, 1, page_count(pfn_to_page(held.start)));
		cma_outside_give(use.model, held);
	}
	KUNIT_EXPECT_TRUE(test, cma_outside_is_one_chunk(use.block));
}

/* As large as a pageblock, like a huge page, but somebody's buffer. */
static void balance_transfer_leaves_large_buffer_alone(struct kunit *test)
{
	struct balance_transfer_use use = {
		.model = balance_transfer_model(test),
	};
	struct page *page = alloc_pages(GFP_KERNEL | __GFP_COMP,
					pageblock_order);
	struct cma_transfer transfer;

	KUNIT_ASSERT_NOT_NULL(test, page);
	use.block = cma_range_of(page_to_pfn(page), BLOCK);
	transfer = balance_transfer_run(&use, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, 0UL, transfer.moved + transfer.unmovable);
	KUNIT_EXPECT_EQ(test, 1, page_count(page));
	__free_pages(page, pageblock_order);
}

static struct kunit_case balance_transfer_tests[] = {
	KUNIT_CASE_PARAM(balance_transfer_moves, balance_transfer_gen_params),
	KUNIT_CASE_PARAM(balance_transfer_adds_up, balance_transfer_gen_params),
	KUNIT_CASE_PARAM(balance_transfer_inside_a_file_system,
			 balance_transfer_gen_params),
	KUNIT_CASE_PARAM(balance_transfer_leaves_extra_reference_alone,
			 balance_transfer_gen_params),
	KUNIT_CASE_PARAM(balance_transfer_leaves_locked_folio_alone,
			 balance_transfer_gen_params),
	KUNIT_CASE_PARAM(balance_transfer_with_little_room,
			 balance_transfer_gen_params),
	KUNIT_CASE(balance_transfer_leaves_dirty_page_cache_alone),
	KUNIT_CASE(balance_transfer_takes_private_data_along),
	KUNIT_CASE(balance_transfer_leaves_buffers_alone),
	KUNIT_CASE(balance_transfer_keeps_mlocked),
	KUNIT_CASE(balance_transfer_of_anon_frees_one_chunk),
	KUNIT_CASE(balance_transfer_of_mixed_pageblock),
	KUNIT_CASE(balance_transfer_leaves_large_buffer_alone),
	{}
};

static struct kunit_suite balance_transfer_suite = {
	.name = "cma_balance_transfer",
	.test_cases = balance_transfer_tests,
};

kunit_test_suite(balance_transfer_suite);
