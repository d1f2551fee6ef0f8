// SPDX-License-Identifier: GPL-2.0
/*
 * failure.c: what is said of a page in each use, and that a look leaves it as
 * it was.
 */
#include <linux/buffer_head.h>
#include <linux/fs.h>
#include <linux/kdev_t.h>
#include <linux/migrate.h>
#include <linux/mm.h>
#include <linux/mount.h>
#include <linux/pagemap.h>
#include <linux/seq_buf.h>
#include <linux/slab.h>
#include <linux/swap.h>

#include "../failure.h"
#include "anon.h"
#include "borrow.h"
#include "cache.h"
#include "model.h"

#define BLOCKER_ORDER	2
#define BLOCKER_INODE	4711

static char failure_blocker_text[256];

static const char *failure_blocker_say(const struct cma_blocker *blocker)
{
	struct seq_buf line;

	seq_buf_init(&line, failure_blocker_text, sizeof(failure_blocker_text));
	cma_blocker_print(blocker, &line);
	return seq_buf_str(&line);
}

static void failure_blocker_expect_text(struct kunit *test,
					const struct cma_blocker *blocker,
					const char *want)
{
	KUNIT_EXPECT_NOT_NULL_MSG(test,
				  strstr(failure_blocker_say(blocker), want),
				  "no \"%s\" in \"%s\"", want,
				  failure_blocker_text);
}

static struct cma_blocker failure_blocker_of(struct kunit *test,
					     struct page *page)
{
	int refs = page_count(page);
	struct cma_blocker blocker;
	char pfn[32];

	memset(&blocker, 0xff, sizeof(blocker));
	cma_blocker_examine(&blocker, page_to_pfn(page));
	KUNIT_EXPECT_EQ(test, refs, page_count(page));
	KUNIT_EXPECT_EQ(test, page_to_pfn(page), blocker.pfn);
	snprintf(pfn, sizeof(pfn), "pfn %#lx,", page_to_pfn(page));
	failure_blocker_expect_text(test, &blocker, pfn);
	return blocker;
}

static struct page *failure_blocker_alloc(void)
{
	return alloc_page(GFP_KERNEL);
}

static void failure_blocker_free(struct page *page)
{
	__free_page(page);
}

static struct page *failure_blocker_alloc_tail(void)
{
	struct page *page = alloc_pages(GFP_KERNEL | __GFP_COMP, BLOCKER_ORDER);

	return page ? page + 3 : NULL;
}

static void failure_blocker_free_tail(struct page *page)
{
	__free_pages(compound_head(page), BLOCKER_ORDER);
}

static void *failure_blocker_object;

static struct page *failure_blocker_alloc_slab(void)
{
	failure_blocker_object = kmalloc(64, GFP_KERNEL);
	return failure_blocker_object ?
		       virt_to_head_page(failure_blocker_object) :
		       NULL;
}

static void failure_blocker_free_slab(struct page *page)
{
	kfree(failure_blocker_object);
}

static struct page *failure_blocker_alloc_table(void)
{
	struct ptdesc *table = pagetable_alloc(GFP_KERNEL, 0);

	if (table && pagetable_pte_ctor(table))
		return ptdesc_page(table);
	return NULL;
}

static void failure_blocker_free_table(struct page *page)
{
	pagetable_pte_dtor(page_ptdesc(page));
	pagetable_free(page_ptdesc(page));
}

static struct page *failure_blocker_alloc_reserved(void)
{
	struct page *page = alloc_page(GFP_KERNEL);

	if (page)
		SetPageReserved(page);
	return page;
}

static void failure_blocker_free_reserved(struct page *page)
{
	ClearPageReserved(page);
	__free_page(page);
}

static const struct movable_operations failure_blocker_driver = {};

static struct page *failure_blocker_alloc_movable(void)
{
	struct page *page = alloc_page(GFP_KERNEL);

	if (page)
		page->mapping =
			(void *)((unsigned long)&failure_blocker_driver |
				 PAGE_MAPPING_MOVABLE);
	return page;
}

static void failure_blocker_free_movable(struct page *page)
{
	page->mapping = NULL;
	__free_page(page);
}

/**
 * struct failure_blocker_case - a page that the kernel uses
 * @name: as what
 * @alloc: gets it
 * @free: gives it back
 * @kind: what it is to be called
 * @refs: its references
 * @says: part of what is said of it
 */
struct failure_blocker_case {
	const char *name;
	struct page *(*alloc)(void);
	void (*free)(struct page *page);
	enum cma_page_kind kind;
	int refs;
	const char *says;
};

static const struct failure_blocker_case failure_blocker_cases[] = {
	{ "page of a driver", failure_blocker_alloc, failure_blocker_free,
	  CMA_PAGE_OTHER, 1, "in use by the kernel" },
	{ "part of a large page", failure_blocker_alloc_tail,
	  failure_blocker_free_tail, CMA_PAGE_OTHER, 1,
	  "in use by the kernel" },
	{ "slab", failure_blocker_alloc_slab, failure_blocker_free_slab,
	  CMA_PAGE_SLAB, 1, "slab" },
	{ "page table", failure_blocker_alloc_table, failure_blocker_free_table,
	  CMA_PAGE_TABLE, 1, "page table" },
	{ "reserved", failure_blocker_alloc_reserved,
	  failure_blocker_free_reserved, CMA_PAGE_RESERVED, 1, "reserved" },
	{ "movable page of a driver", failure_blocker_alloc_movable,
	  failure_blocker_free_movable, CMA_PAGE_MOVABLE, 1, "movable" },
};

KUNIT_ARRAY_PARAM_DESC(failure_blocker, failure_blocker_cases, name);

static void failure_blocker_of_the_kernel(struct kunit *test)
{
	const struct failure_blocker_case *param = test->param_value;
	struct page *page = param->alloc();
	struct cma_blocker blocker;

	KUNIT_ASSERT_NOT_NULL(test, page);
	blocker = failure_blocker_of(test, page);
	param->free(page);
	KUNIT_EXPECT_EQ(test, param->kind, blocker.kind);
	KUNIT_EXPECT_EQ(test, param->refs, blocker.refs);
	KUNIT_EXPECT_EQ(test, 0, blocker.maps);
	KUNIT_EXPECT_EQ(test, 0UL, blocker.ino);
	KUNIT_EXPECT_FALSE(test, blocker.is_pinned);
	failure_blocker_expect_text(test, &blocker, param->says);
	failure_blocker_expect_text(test, &blocker,
				    "refs 1, mapped 0, flags 0x");
	KUNIT_EXPECT_NULL(test, strstr(failure_blocker_text, "inode"));
}

/* All its pages have the references of the first one. */
static void failure_blocker_of_slab_is_so_in_each_page(struct kunit *test)
{
	void *object = kunit_kmalloc(test, 4096, GFP_KERNEL);
	struct cma_blocker blocker;
	struct page *page;

	KUNIT_ASSERT_NOT_NULL(test, object);
	page = virt_to_head_page(object);
	if (!PageCompound(page))
		kunit_skip(test, "slabs are single pages");
	blocker = failure_blocker_of(test, page + 1);
	KUNIT_EXPECT_EQ(test, CMA_PAGE_SLAB, blocker.kind);
	KUNIT_EXPECT_EQ(test, page_count(page), blocker.refs);
	KUNIT_EXPECT_EQ(test, 0, blocker.maps);
}

static void failure_blocker_that_is_gone(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 1);
	struct page *page = pfn_to_page(cma_model_pfn(model, 77));
	struct cma_blocker blocker = failure_blocker_of(test, page);

	KUNIT_EXPECT_EQ(test, CMA_PAGE_GONE, blocker.kind);
	KUNIT_EXPECT_EQ(test, 0, blocker.maps);
	KUNIT_EXPECT_EQ(test, 0UL, blocker.ino);
	KUNIT_EXPECT_FALSE(test, blocker.is_pinned);
	failure_blocker_expect_text(test, &blocker, "gone");
	cma_model_check(model);
}

static void failure_blocker_counts_references(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 1);
	struct page *page = pfn_to_page(cma_model_pfn(model, 33));
	struct cma_blocker blocker;

	cma_model_block(model, page_to_pfn(page));
	get_page(page);
	get_page(page);
	blocker = failure_blocker_of(test, page);
	put_page(page);
	put_page(page);
	KUNIT_EXPECT_EQ(test, CMA_PAGE_OTHER, blocker.kind);
	KUNIT_EXPECT_EQ(test, 3, blocker.refs);
	cma_model_check(model);
}

static void failure_blocker_of_a_process(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 1);
	struct cma_anon *anon = cma_anon_open(model, 4, 0);
	struct page *page = cma_anon_page(anon, 2);
	struct cma_blocker blocker;

	lru_add_drain_all();
	blocker = failure_blocker_of(test, page);
	put_page(page);
	KUNIT_EXPECT_EQ(test, CMA_PAGE_ANON, blocker.kind);
	KUNIT_EXPECT_EQ(test, 2, blocker.refs);
	KUNIT_EXPECT_EQ(test, 1, blocker.maps);
	KUNIT_EXPECT_EQ(test, 0UL, blocker.ino);
	KUNIT_EXPECT_FALSE(test, blocker.is_pinned);
	KUNIT_EXPECT_TRUE(test, blocker.flags & BIT(PG_swapbacked));
	failure_blocker_expect_text(test, &blocker,
				    "anonymous, refs 2, mapped 1");
	failure_blocker_expect_text(test, &blocker, "swapbacked");
	KUNIT_EXPECT_NULL(test, strstr(failure_blocker_text, "pinned"));
}

static void failure_blocker_that_is_pinned(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 1);
	struct cma_anon *anon = cma_anon_open(model, 1, 0);
	struct cma_blocker blocker;
	struct page *page;

	KUNIT_ASSERT_EQ(test, 1L,
			pin_user_pages_unlocked(anon->addr, 1, &page,
						FOLL_WRITE));
	lru_add_drain_all();
	blocker = failure_blocker_of(test, page);
	unpin_user_page(page);
	KUNIT_EXPECT_EQ(test, CMA_PAGE_ANON, blocker.kind);
	KUNIT_EXPECT_TRUE(test, blocker.is_pinned);
	KUNIT_EXPECT_EQ(test, 1, blocker.maps);
	failure_blocker_expect_text(test, &blocker, "pinned");
	blocker = failure_blocker_of(test, page);
	KUNIT_EXPECT_FALSE(test, blocker.is_pinned);
}

static void failure_blocker_expect_file(struct kunit *test,
					const struct cma_blocker *blocker,
					const struct inode *inode)
{
	dev_t dev = inode->i_sb->s_dev;
	char text[64];

	KUNIT_EXPECT_EQ(test, dev, blocker->dev);
	KUNIT_EXPECT_EQ(test, inode->i_ino, blocker->ino);
	snprintf(text, sizeof(text), "(device %u:%u, inode %lu)", MAJOR(dev),
		 MINOR(dev), inode->i_ino);
	failure_blocker_expect_text(test, blocker, text);
}

static void failure_blocker_of_shared_memory(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 1);
	struct cma_range lent = cma_model_range(model, 20, 8);
	struct cma_borrower *borrower = cma_borrow_open(model, lent);
	struct cma_blocker blocker;

	blocker = failure_blocker_of(test, pfn_to_page(lent.start + 3));
	KUNIT_EXPECT_EQ(test, CMA_PAGE_SHMEM, blocker.kind);
	KUNIT_EXPECT_EQ(test, 1, blocker.refs);
	KUNIT_EXPECT_EQ(test, 0, blocker.maps);
	failure_blocker_expect_text(test, &blocker, "shared memory");
	failure_blocker_expect_file(test, &blocker, file_inode(borrower->file));
}

static struct cma_cache *failure_blocker_open_cache(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 1);
	struct cma_cache *cache = cma_cache_open(model);
	unsigned int file;

	for (file = 0; file < CMA_CACHE_FILES; file++)
		cache->files[file]->i_ino = BLOCKER_INODE + file;
	cma_cache_take(cache, cma_model_range(model, 0, CMA_CACHE_FILES));
	for (file = 0; file < CMA_CACHE_FILES; file++)
		cma_cache_add(cache, file, 5, cma_model_pfn(model, file));
	lru_add_drain_all();
	return cache;
}

static void failure_blocker_of_a_file(struct kunit *test)
{
	struct cma_cache *cache = failure_blocker_open_cache(test);
	unsigned int file;

	for (file = 0; file < CMA_CACHE_FILES; file++) {
		struct folio *folio = cma_cache_get(cache, file, 5);
		struct cma_blocker blocker;

		KUNIT_ASSERT_NOT_NULL(test, folio);
		blocker = failure_blocker_of(test, &folio->page);
		KUNIT_EXPECT_FALSE(test, folio_test_locked(folio));
		folio_put(folio);
		KUNIT_EXPECT_EQ(test, CMA_PAGE_FILE, blocker.kind);
		KUNIT_EXPECT_EQ(test, 2, blocker.refs);
		failure_blocker_expect_text(test, &blocker, ", file");
		failure_blocker_expect_file(test, &blocker, cache->files[file]);
	}
}

/* It is not waited for: its file may hang as well. */
static void failure_blocker_of_a_file_that_is_locked(struct kunit *test)
{
	struct cma_cache *cache = failure_blocker_open_cache(test);
	struct folio *folio = cma_cache_get(cache, 0, 5);
	struct cma_blocker blocker;

	KUNIT_ASSERT_NOT_NULL(test, folio);
	folio_lock(folio);
	blocker = failure_blocker_of(test, &folio->page);
	KUNIT_EXPECT_TRUE(test, folio_test_locked(folio));
	folio_unlock(folio);
	folio_put(folio);
	KUNIT_EXPECT_EQ(test, CMA_PAGE_FILE, blocker.kind);
	KUNIT_EXPECT_EQ(test, 0UL, blocker.ino);
	KUNIT_EXPECT_TRUE(test, blocker.flags & BIT(PG_locked));
	KUNIT_EXPECT_NULL(test, strstr(failure_blocker_say(&blocker), "inode"));
	failure_blocker_expect_text(test, &blocker, "locked");
}

/* One of a block device: what it is called depends on who uses its buffer. */
static void failure_blocker_of_a_device(struct kunit *test, int users,
					const char *says)
{
	struct cma_cache *cache = failure_blocker_open_cache(test);
	struct folio *folio = cma_cache_get(cache, 0, 5);
	struct inode *inode = cache->files[0];
	struct buffer_head buffer = { .b_count = ATOMIC_INIT(users) };
	umode_t mode = inode->i_mode;
	struct cma_blocker blocker;

	if (!IS_ENABLED(CONFIG_BUFFER_HEAD))
		kunit_skip(test, "no file system has buffers");
	KUNIT_ASSERT_NOT_NULL(test, folio);
	buffer.b_this_page = &buffer;
	inode->i_mode = S_IFBLK;
	inode->i_rdev = MKDEV(254, 3);
	folio_attach_private(folio, &buffer);
	blocker = failure_blocker_of(test, &folio->page);
	folio_detach_private(folio);
	inode->i_mode = mode;
	folio_put(folio);
	KUNIT_EXPECT_EQ(test, (dev_t)MKDEV(254, 3), blocker.dev);
	failure_blocker_expect_text(test, &blocker, says);
}

static void failure_blocker_f10_names_the_block_device(struct kunit *test)
{
	failure_blocker_of_a_device(test, 0,
				    ", cache of a block device (device 254:3), refs ");
}

static void failure_blocker_f10_tells_of_a_mount(struct kunit *test)
{
	failure_blocker_of_a_device(test, 1,
				    ", buffers of a mounted file system (device 254:3)");
}

static struct kunit_case failure_blocker_tests[] = {
	KUNIT_CASE_PARAM(failure_blocker_of_the_kernel,
			 failure_blocker_gen_params),
	KUNIT_CASE(failure_blocker_of_slab_is_so_in_each_page),
	KUNIT_CASE(failure_blocker_that_is_gone),
	KUNIT_CASE(failure_blocker_counts_references),
	KUNIT_CASE(failure_blocker_of_a_process),
	KUNIT_CASE(failure_blocker_that_is_pinned),
	KUNIT_CASE(failure_blocker_of_shared_memory),
	KUNIT_CASE(failure_blocker_of_a_file),
	KUNIT_CASE(failure_blocker_of_a_file_that_is_locked),
	KUNIT_CASE(failure_blocker_f10_names_the_block_device),
	KUNIT_CASE(failure_blocker_f10_tells_of_a_mount),
	{}
};

static struct kunit_suite failure_blocker_suite = {
	.name = "cma_failure_blocker",
	.test_cases = failure_blocker_tests,
};

kunit_test_suite(failure_blocker_suite);
