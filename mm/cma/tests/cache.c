// SPDX-License-Identifier: GPL-2.0
/*
 * Page cache in the area under test, see cache.h.
 */
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/fs_context.h>
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/migrate.h>
#include <linux/mm.h>
#include <linux/mount.h>
#include <linux/pagemap.h>
#include <linux/pagevec.h>
#include <linux/pseudo_fs.h>
#include <linux/swap.h>

#include "../engine.h"
#include "cache.h"

#define CMA_CACHE_MAGIC 0x636d6174

static bool cma_cache_release_folio(struct folio *folio, gfp_t gfp)
{
	struct cma_cache *cache = folio->mapping->host->i_private;

	if (cache->keep)
		return false;
	folio_detach_private(folio);
	cache->released++;
	cache->may_reclaim |= !(current->flags & PF_MEMALLOC);
	return true;
}

static void cma_cache_invalidate_folio(struct folio *folio, size_t offset,
				       size_t length)
{
	folio_detach_private(folio);
}

static const struct address_space_operations cma_cache_aops = {
	.dirty_folio = noop_dirty_folio,
	.migrate_folio = filemap_migrate_folio,
	.release_folio = cma_cache_release_folio,
	.invalidate_folio = cma_cache_invalidate_folio,
};

/* As of a file system that has buffers in its folios. */
static int cma_cache_migrate_buffers(struct address_space *mapping, struct folio *dst,
				     struct folio *src, enum migrate_mode mode)
{
	return filemap_migrate_folio(mapping, dst, src, mode);
}

static const struct address_space_operations cma_cache_buffers_aops = {
	.dirty_folio = noop_dirty_folio,
	.migrate_folio = cma_cache_migrate_buffers,
	.release_folio = cma_cache_release_folio,
	.invalidate_folio = cma_cache_invalidate_folio,
};

static int cma_cache_init_fs(struct fs_context *fc)
{
	return init_pseudo(fc, CMA_CACHE_MAGIC) ? 0 : -ENOMEM;
}

static struct file_system_type cma_cache_fs = {
	.name = "cma-kunit",
	.init_fs_context = cma_cache_init_fs,
	.kill_sb = kill_anon_super,
};

static void cma_cache_close(void *data)
{
	struct cma_cache *cache = data;
	unsigned int i;

	for (i = 0; i < CMA_CACHE_FILES; i++)
		iput(cache->files[i]);
	kern_unmount(cache->mnt);
	lru_add_drain_all();
}

/**
 * cma_cache_open() - make empty files
 * @model: the area; it counts as borrowed from now on
 *
 * Context: a test; it fails and ends when there can be no files.
 * Return: the files; they live as long as the test runs.
 */
struct cma_cache *cma_cache_open(struct cma_model *model)
{
	struct kunit *test = model->test;
	struct cma_cache *cache = kunit_kzalloc(test, sizeof(*cache),
						GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, cache);
	cache->model = model;
	cache->mnt = kern_mount(&cma_cache_fs);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, cache->mnt);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test,
							   cma_cache_close,
							   cache));
	for (i = 0; i < CMA_CACHE_FILES; i++) {
		struct inode *inode = new_inode(cache->mnt->mnt_sb);

		KUNIT_ASSERT_NOT_NULL(test, inode);
		inode->i_private = cache;
		inode->i_mapping->a_ops = &cma_cache_aops;
		mapping_set_gfp_mask(inode->i_mapping, GFP_HIGHUSER_MOVABLE);
		cache->files[i] = inode;
	}
	model->borrowed = true;
	return cache;
}

/**
 * cma_cache_use_buffers() - from here on, private data of folios are buffers
 * @cache: the files
 *
 * Context: a test.
 */
void cma_cache_use_buffers(struct cma_cache *cache)
{
	unsigned int i;

	for (i = 0; i < CMA_CACHE_FILES; i++)
		cache->files[i]->i_mapping->a_ops = &cma_cache_buffers_aops;
}

/**
 * cma_cache_take() - get the pages that files are to have
 * @cache: the files
 * @range: free pages of the area; each has to be added to a file
 *
 * Context: a test; it fails and ends when they cannot be taken.
 */
void cma_cache_take(struct cma_cache *cache, struct cma_range range)
{
	struct cma_evacuation evac = { .range = range, .gfp = GFP_KERNEL };

	KUNIT_ASSERT_EQ(cache->model->test, 0,
			cma_model_evacuate(cache->model, &evac));
}

static u64 cma_cache_word(const struct folio *folio)
{
	const struct inode *inode = folio->mapping->host;

	return (inode->i_ino << 40 ^ folio->index) * 0x9e3779b97f4a7c15ULL;
}

/* The first and the last word of a page tell it from all others. */
static void cma_cache_write(struct folio *folio)
{
	u64 *words = kmap_local_folio(folio, 0);

	words[0] = cma_cache_word(folio);
	words[PAGE_SIZE / sizeof(*words) - 1] = ~cma_cache_word(folio);
	kunmap_local(words);
}

static bool cma_cache_is_right(struct folio *folio)
{
	u64 *words = kmap_local_folio(folio, 0);
	bool right = words[0] == cma_cache_word(folio) &&
		     words[PAGE_SIZE / sizeof(*words) - 1] ==
		     ~cma_cache_word(folio);

	kunmap_local(words);
	return right;
}

/**
 * cma_cache_add() - have a page be part of a file
 * @cache: the files
 * @file: which one of them
 * @index: where in it
 * @pfn: from cma_cache_take()
 *
 * Until lru_add_drain_all() it may wait in a batch for its LRU list.
 *
 * Context: a test.
 */
void cma_cache_add(struct cma_cache *cache, unsigned int file,
		   unsigned long index, unsigned long pfn)
{
	struct folio *folio = pfn_folio(pfn);

	KUNIT_ASSERT_EQ(cache->model->test, 0,
			filemap_add_folio(cache->files[file]->i_mapping, folio,
					  index, GFP_KERNEL));
	cma_cache_write(folio);
	folio_mark_uptodate(folio);
	folio_unlock(folio);
	folio_put(folio);
}

/**
 * cma_cache_lend() - lend pages to the first file
 * @cache: the files
 * @range: free pages of the area; their number there is that in the file
 *
 * Context: a test.
 */
void cma_cache_lend(struct cma_cache *cache, struct cma_range range)
{
	unsigned long pfn;

	cma_cache_take(cache, range);
	for (pfn = range.start; pfn < range.end; pfn++)
		cma_cache_add(cache, 0, pfn - cache->model->area.range.start,
			      pfn);
	lru_add_drain_all();
}

/**
 * cma_cache_get() - get a page of a file
 * @cache: the files
 * @file: which one of them
 * @index: where in it
 *
 * Context: a test.
 * Return: the page with a reference; NULL when it has been reclaimed.
 */
struct folio *cma_cache_get(struct cma_cache *cache, unsigned int file,
			    unsigned long index)
{
	struct folio *folio = filemap_get_folio(cache->files[file]->i_mapping,
						index);

	return IS_ERR(folio) ? NULL : folio;
}

/**
 * cma_cache_dirty() - make pages dirty
 * @cache: the files
 * @range: pages from cma_cache_lend()
 *
 * Context: a test.
 */
void cma_cache_dirty(struct cma_cache *cache, struct cma_range range)
{
	for (; range.start < range.end; range.start++) {
		struct folio *folio = pfn_folio(range.start);

		folio_lock(folio);
		folio_mark_dirty(folio);
		folio_unlock(folio);
	}
}

/**
 * cma_cache_pages() - how much of the files has not been reclaimed
 * @cache: the files
 *
 * Context: a test.
 * Return: pages.
 */
unsigned long cma_cache_pages(const struct cma_cache *cache)
{
	unsigned long pages = 0;
	unsigned int i;

	for (i = 0; i < CMA_CACHE_FILES; i++)
		pages += cache->files[i]->i_mapping->nrpages;
	return pages;
}

typedef bool cma_cache_test_t(struct cma_cache *cache, struct folio *folio);

static unsigned long cma_cache_count_in(struct cma_cache *cache,
					unsigned int file,
					cma_cache_test_t *is_counted)
{
	unsigned long count = 0;
	struct folio_batch batch;
	pgoff_t next = 0;
	unsigned int i;

	folio_batch_init(&batch);
	while (filemap_get_folios(cache->files[file]->i_mapping, &next,
				  ULONG_MAX, &batch)) {
		for (i = 0; i < folio_batch_count(&batch); i++)
			count += is_counted(cache, batch.folios[i]);
		folio_batch_release(&batch);
	}
	return count;
}

static unsigned long cma_cache_count(struct cma_cache *cache,
				     cma_cache_test_t *is_counted)
{
	unsigned long count = 0;
	unsigned int i;

	for (i = 0; i < CMA_CACHE_FILES; i++)
		count += cma_cache_count_in(cache, i, is_counted);
	return count;
}

static bool cma_cache_is_inside(struct cma_cache *cache, struct folio *folio)
{
	return cma_range_contains(cache->model->area.range, folio_pfn(folio),
				  1);
}

/**
 * cma_cache_inside() - how much of the files is in the area
 * @cache: the files
 *
 * Context: a test.
 * Return: pages.
 */
unsigned long cma_cache_inside(struct cma_cache *cache)
{
	return cma_cache_count(cache, cma_cache_is_inside);
}

static bool cma_cache_is_as_written(struct cma_cache *cache,
				    struct folio *folio)
{
	return folio_test_uptodate(folio) && cma_cache_is_right(folio);
}

/**
 * cma_cache_is_intact() - has what is left the content that was written?
 * @cache: the files
 *
 * Context: a test.
 * Return: true when each page that has not been reclaimed is right.
 */
bool cma_cache_is_intact(struct cma_cache *cache)
{
	return cma_cache_count(cache, cma_cache_is_as_written) ==
	       cma_cache_pages(cache);
}

/**
 * cma_cache_empty() - remove all pages of the files, wherever they are
 * @cache: the files, which can be filled again
 *
 * Context: a test.
 */
void cma_cache_empty(struct cma_cache *cache)
{
	unsigned int i;

	lru_add_drain_all();
	for (i = 0; i < CMA_CACHE_FILES; i++)
		truncate_inode_pages(cache->files[i]->i_mapping, 0);
}

/**
 * cma_cache_clear() - have the whole area free again
 * @cache: the files; they have no pages after this
 *
 * Context: a test.
 */
void cma_cache_clear(struct cma_cache *cache)
{
	cma_cache_empty(cache);
	cma_model_clear(cache->model);
	cache->model->borrowed = false;
	cma_model_check(cache->model);
	cache->model->borrowed = true;
}
